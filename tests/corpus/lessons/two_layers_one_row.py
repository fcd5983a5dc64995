"""Two layers in matrix form, sigmoid on both, half squared error."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


x = np.array([[0.5, 0.8]])
y = np.array([[1.0]])
W1 = np.array([[0.1, 0.3], [0.2, 0.4]])
b1 = np.array([0.1, 0.2])
W2 = np.array([[0.5], [0.6]])
b2 = np.array([0.3])

z1 = x @ W1 + b1
a1 = sigmoid(z1)
z2 = a1 @ W2 + b2
a2 = sigmoid(z2)
loss = 0.5 * (y - a2) ** 2
