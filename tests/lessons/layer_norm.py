import numpy as np

x = np.random.randn(16, 4)
W = np.random.randn(4, 4)
t = np.random.randn(16, 4)
gamma = np.ones(4)
beta = np.zeros(4)
eps = 1e-5
a = x @ W
mu = a.mean(axis=-1, keepdims=True)
sigma = np.sqrt(((a - mu) ** 2).mean(axis=-1, keepdims=True) + eps)
a_hat = (a - mu) / sigma
y = gamma * a_hat + beta
loss = np.mean((y - t) ** 2)
