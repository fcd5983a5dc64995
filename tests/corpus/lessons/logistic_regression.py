"""Logistic regression on four students: hours studied, hours slept -> passed."""

import numpy as np

X = np.array([[1.0, 6.0], [2.0, 5.0], [3.0, 7.0], [4.0, 8.0]])
y = np.array([0.0, 0.0, 1.0, 1.0])
w = np.array([0.3, -0.1])
b = 0.1

z = X @ w + b
p = 1 / (1 + np.exp(-z))
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
