import numpy as np

x1 = np.array([[1.0, 0.0]])
x2 = np.array([[0.0, 1.0]])
y = np.array([[1.0]])
U = np.array([[0.5, -0.2], [0.1, 0.3]])
W = np.array([[0.2, 0.4], [-0.1, 0.3]])
V = np.array([[0.7], [-0.5]])
h1 = np.tanh(x1 @ U)
h2 = np.tanh(x2 @ U + h1 @ W)
y_hat = h2 @ V
loss = 0.5 * np.sum((y_hat - y) ** 2)
