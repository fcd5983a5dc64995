"""One neuron with a sigmoid and binary cross-entropy."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


x = 3.5  # input
y = 0  # target
w = 2.0
b = 1.0

z = w * x + b
y_hat = sigmoid(z)
loss = -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
