"""A linear layer, softmax and cross-entropy with a class index."""

import numpy as np


def softmax(z, axis=1):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


X = np.array([[2.0, -1.0]])
y = np.array([0])  # the class of each row
W = np.array([[0.1, 0.3], [0.2, -0.2], [-0.1, 0.4]])
b = np.array([0.0, 0.0, 0.0])

z = X @ W.T + b
y_hat = softmax(z)
loss = -np.mean(np.log(y_hat[np.arange(len(X)), y]))
