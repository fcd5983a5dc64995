"""Texts of networks whose lessons several tests read."""

from __future__ import annotations

CLASSES = """
import numpy as np
X = np.array([[0.0, 0.1], [0.3, -0.2], [1.5, 1.1], [1.2, 1.9], [-0.4, 0.4], [1.9, 0.8]])
y = np.array([[0.0], [0.0], [1.0], [1.0], [0.0], [1.0]])
W = np.array([[0.1], [-0.2]])
b = np.array([0.0])
for step in range(300):
    p = 1 / (1 + np.exp(-(X @ W + b)))
    L = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    W -= 1.0 * X.T @ (p - y) / 6
    b -= 1.0 * np.mean(p - y, axis=0)
"""
"""Code that trains: the curve of its loss, the plane of its classes and the loss over two weights are drawn."""
NORMALIZED = """
import numpy as np
X = np.array([[-1.], [1.], [2.], [3.], [5.]])
t = np.array([[-3.], [1.], [-1.], [2.], [3.]])
W = np.array([[1.]])
gamma = np.array([2.])
beta = np.array([1.])
x = X @ W
mu = x.mean(axis=0)
var = ((x - mu) ** 2).mean(axis=0)
x_hat = (x - mu) / np.sqrt(var)
y = gamma * x_hat + beta
L = 0.5 * np.sum((y - t) ** 2)
"""
"""One column that is normalized over its rows."""
