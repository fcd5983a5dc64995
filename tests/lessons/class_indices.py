import numpy as np

X = np.random.randn(32, 4)
y = np.random.randint(0, 3, 32)
W1 = np.random.randn(4, 8)
b1 = np.zeros(8)
W2 = np.random.randn(8, 3)
b2 = np.zeros(3)
lam = 1e-3
Z1 = X @ W1 + b1
A1 = np.maximum(0, Z1)
Z2 = A1 @ W2 + b2
E = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
P = E / E.sum(axis=1, keepdims=True)
loss = -np.mean(np.log(P[np.arange(32), y])) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
