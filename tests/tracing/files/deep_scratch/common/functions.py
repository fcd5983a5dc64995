import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(a):
    # works on one example and on a batch
    if a.ndim == 1:
        return softmax(a[np.newaxis])[0]
    a = a.T - a.max(axis=1)
    e = np.exp(a)
    return (e / np.sum(e, axis=0)).T


def cross_entropy(y, t):
    if y.ndim == 1:
        y, t = y.reshape(1, y.size), t.reshape(1, t.size)
    n = y.shape[0]
    # one-hot labels become indices
    if t.size == y.size:
        t = t.argmax(axis=1)
    return -np.sum(np.log(y[np.arange(n), t] + 1e-7)) / n
