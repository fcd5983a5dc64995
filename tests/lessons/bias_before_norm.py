import numpy as np

X = np.random.randn(16, 3)
W = np.random.randn(3, 4)
b = np.zeros(4)
t = np.random.randn(16, 4)
gamma = np.ones(4)
beta = np.zeros(4)
eps = 1e-5
z = X @ W + b
mu = z.mean(axis=0)
var = z.var(axis=0)
z_hat = (z - mu) / np.sqrt(var + eps)
y = gamma * z_hat + beta
loss = 0.5 * np.sum((y - t) ** 2)
