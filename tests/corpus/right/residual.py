import numpy as np

x = np.random.randn(5, 4)
y = np.random.randn(5, 4)
W1 = np.random.randn(4, 4)
W2 = np.random.randn(4, 4)

z1 = x @ W1
a1 = np.maximum(z1, 0)
z2 = a1 @ W2
r = x + z2
loss = np.mean((r - y)**2)

dr = 2 * (r - y) / r.size
dz2 = dr
dW2 = a1.T @ dz2
da1 = dz2 @ W2.T
dz1 = da1 * (z1 > 0)
dW1 = x.T @ dz1
dx = dr + dz1 @ W1.T
