"""Two layers in matrix form, ReLU on both, half squared error."""

import numpy as np


def relu(z):
    return np.maximum(0, z)


x = np.array([[0.5, 0.8, 0.2]])
y = np.array([[1.0]])
w1, b1 = np.array([[1.0, -1.0], [0.0, 2.0], [1.0, 0.5]]), np.array([[0.1, 0.2]])
w2, b2 = np.array([[2.0], [-1.0]]), np.array([[0.5]])

z1 = x @ w1 + b1
a1 = relu(z1)
z2 = a1 @ w2 + b2
y_pred = relu(z2)
loss = 0.5 * (y_pred - y)**2
