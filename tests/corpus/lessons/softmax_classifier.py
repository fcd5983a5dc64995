"""2-3-2, ReLU, softmax, cross-entropy, four rows."""

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


X = np.array([[0.5, -0.2], [1.0, 0.3], [-0.4, 0.8], [0.2, 0.6]])
Y = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
W1 = np.array([[0.1, -0.3, 0.5], [0.4, 0.2, -0.6]])
b1 = np.array([0.1, 0.2, 0.0])
W2 = np.array([[0.3, -0.1], [0.7, 0.2], [-0.5, 0.4]])
b2 = np.array([0.0, 0.1])

Z1 = X @ W1 + b1
A1 = np.maximum(0, Z1)
Z2 = A1 @ W2 + b2
P = softmax(Z2)
loss = -np.sum(Y * np.log(P)) / len(X)
