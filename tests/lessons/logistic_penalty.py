import numpy as np

n, d = 8, 3
X = np.random.randn(n, d)
y = np.random.rand(n, 1)
w = np.random.randn(d, 1)
b = np.zeros(1)
lam = 0.1
z = X @ w + b
p = 1 / (1 + np.exp(-z))
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + 0.5 * lam * np.sum(w**2)
