"""One neuron, its gradient by hand, one step of gradient descent."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


X = np.array([0.5, 0.8])
y = np.array([1])
W = np.array([0.2, 0.4])

z = np.dot(X, W)
r = sigmoid(z)
loss = 0.5 * (y - r)**2

delta = (r - y) * r * (1 - r)
W -= 0.1 * delta * X
print(W)
