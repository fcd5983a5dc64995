"""Two layers of one neuron each, ReLU between them, squared error."""

import numpy as np


def relu(z):
    return np.maximum(0, z)


x = np.array([3.5])
y = np.array([10.0])
w1, b1 = np.array([2.0]), np.array([1.0])
w2, b2 = np.array([1.5]), np.array([0.5])

z1 = w1 * x + b1
h = relu(z1)
y_hat = w2 * h + b2
loss = np.mean((y_hat - y)**2)
