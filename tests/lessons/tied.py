import numpy as np

X = np.random.randn(16, 6)
W = np.random.randn(6, 3)
b = np.zeros(3)
c = np.zeros(6)
H = 1 / (1 + np.exp(-(X @ W + b)))
X_hat = H @ W.T + c
loss = np.sum((X_hat - X) ** 2) / (2 * len(X))
