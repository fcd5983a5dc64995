import numpy as np

x = np.random.randn(6, 3)
y = np.random.randn(6, 3)
gamma = np.ones(3)
beta = np.zeros(3)
eps = 1e-5
N = x.shape[0]

mu = x.mean(axis=0)
xmu = x - mu
var = np.mean(xmu**2, axis=0)
std = np.sqrt(var + eps)
xhat = xmu / std
out = gamma * xhat + beta
loss = np.mean((out - y)**2)

dout = 2 * (out - y) / y.size
dbeta = dout.sum(axis=0)
dgamma = np.sum(dout * xhat, axis=0)
dxhat = dout * gamma
dx = (N * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (N * std)
