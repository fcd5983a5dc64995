"""The same two layers trained for ten epochs: the loop is read once, its count and rate become the defaults."""

import numpy as np


def relu(z):
    return np.maximum(0, z)


x = np.array([[0.5, 0.8, 0.2]])
y = np.array([[1.0]])
w1, b1 = np.array([[1.0, -1.0], [0.0, 2.0], [1.0, 0.5]]), np.array([[0.1, 0.2]])
w2, b2 = np.array([[2.0], [-1.0]]), np.array([[0.5]])
lr = 0.1
epochs = 10

for epoch in range(1, epochs + 1):
    z1 = x @ w1 + b1
    a1 = relu(z1)
    z2 = a1 @ w2 + b2
    y_pred = relu(z2)
    loss = 0.5 * (y_pred - y) ** 2

    dz2 = (y_pred - y) * (z2 > 0)
    dz1 = dz2 @ w2.T * (z1 > 0)
    w1 -= lr * x.T @ dz1
    b1 -= lr * dz1
    w2 -= lr * a1.T @ dz2
    b2 -= lr * dz2
    print(epoch, y_pred.item(), loss.item())
