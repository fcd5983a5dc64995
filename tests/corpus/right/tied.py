import numpy as np

x = np.random.randn(6, 3)
W = np.random.randn(3, 2)
h = np.tanh(x @ W)
r = h @ W.T
loss = 0.5 * np.mean(np.sum((r - x)**2, axis=1))

n = len(x)
dr = (r - x) / n
dh = dr @ W
dpre = dh * (1 - h * h)
dW = dr.T @ h
dW += x.T @ dpre
