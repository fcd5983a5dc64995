"""Two layers with ReLU; the biases are held fixed, because only the weights are updated."""

import numpy as np


def relu(z):
    return np.maximum(0, z)


X = np.array([0.5, 0.8])
y = np.array([1])
W1, b1 = np.array([[0.2, 0.4], [0.1, 0.3]]), np.array([0.1, 0.2])
W2, b2 = np.array([[0.5], [0.6]]), np.array([0.3])

z1 = np.dot(X, W1) + b1
r1 = relu(z1)
z2 = np.dot(r1, W2) + b2
r2 = relu(z2)
loss = 0.5 * (y - r2)**2

delta2 = (r2 - y) * (z2 > 0)
delta1 = np.dot(W2, delta2) * (z1 > 0)
learning_rate = 0.01
W2 -= learning_rate * np.outer(r1, delta2)
W1 -= learning_rate * np.outer(X, delta1)
