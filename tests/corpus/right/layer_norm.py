import numpy as np

x = np.random.randn(4, 5)
t = np.random.randn(4, 5)
gamma = np.ones(5)
beta = np.zeros(5)

mean = x.mean(axis=-1, keepdims=True)
var = x.var(axis=-1, keepdims=True)
inv_std = 1 / np.sqrt(var + 1e-5)
norm = (x - mean) * inv_std
out = gamma * norm + beta
loss = ((out - t)**2).mean()

dout = 2 * (out - t) / out.size
dgamma = (dout * norm).sum(axis=0)
dbeta = dout.sum(axis=0)
dnorm = dout * gamma
dx = inv_std * (dnorm - dnorm.mean(axis=-1, keepdims=True) - norm * (dnorm * norm).mean(axis=-1, keepdims=True))
