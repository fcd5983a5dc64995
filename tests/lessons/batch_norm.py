import numpy as np

x = np.random.randn(16, 4)
t = np.random.randn(16, 4)
gamma = np.ones(4)
beta = np.zeros(4)
eps = 1e-5
mu = x.mean(axis=0)
var = ((x - mu) ** 2).mean(axis=0)
x_hat = (x - mu) / np.sqrt(var + eps)
y = gamma * x_hat + beta
loss = 0.5 * np.sum((y - t) ** 2)
