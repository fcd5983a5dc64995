import numpy as np

x = np.random.randn(6, 3)
y = np.random.randn(6, 3)
gamma = np.random.randn(3)
beta = np.random.randn(3)
N = x.shape[0]

mu = np.mean(x, axis=0)
xmu = x - mu
sq = xmu**2
var = np.mean(sq, axis=0)
std = np.sqrt(var + 1e-5)
inv = 1 / std
xhat = xmu * inv
out = gamma * xhat + beta
loss = np.sum((out - y)**2)

dout = 2 * (out - y)
dbeta = np.sum(dout, axis=0)
dgamma = np.sum(dout * xhat, axis=0)
dxhat = dout * gamma
dinv = np.sum(dxhat * xmu, axis=0)
dstd = -dinv / std**2
dvar = 0.5 * dstd / std
dsq = np.ones((N, 3)) * dvar / N
dxmu = dxhat * inv + 2 * xmu * dsq
dmu = -np.sum(dxmu, axis=0)
dx = dxmu + np.ones((N, 3)) * dmu / N
