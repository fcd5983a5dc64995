"""A recurrent network over three steps; the loss is at the last step."""

import numpy as np

x = np.array([[0.5, 0.1], [0.2, -0.4], [0.9, 0.3]])
y = np.array([1.0])
Wx = np.array([[0.2, -0.3], [0.4, 0.1]])
Wh = np.array([[0.5, 0.2], [-0.1, 0.3]])
b = np.array([0.0, 0.1])
V = np.array([[0.7], [-0.5]])
c = np.array([0.2])

h = np.zeros(2)
for t in range(3):
    h = np.tanh(x[t] @ Wx + h @ Wh + b)
y_hat = h @ V + c
loss = 0.5 * np.sum((y_hat - y) ** 2)
