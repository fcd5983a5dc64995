import numpy as np

X = np.random.randn(4, 3)
T = np.eye(3)[[0, 1, 2, 1]]
W = np.random.randn(3, 3)
z = X @ W
s = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
loss = 0.5 * np.sum((s - T)**2)

ds = s - T
dz = s * (ds - np.sum(ds * s, axis=1, keepdims=True))
dW = X.T @ dz
