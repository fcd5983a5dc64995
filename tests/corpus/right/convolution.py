import numpy as np

x = np.random.randn(5, 5)
k = np.random.randn(3, 3)
t = np.random.randn(3, 3)

rows = []
for i in range(3):
    for j in range(3):
        rows.append(np.sum(x[i:i + 3, j:j + 3] * k))
out = np.array(rows).reshape(3, 3)
loss = 0.5 * np.sum((out - t)**2)

dout = out - t
dk = np.zeros((3, 3))
dx = np.zeros((5, 5))
for i in range(3):
    for j in range(3):
        dk += dout[i, j] * x[i:i + 3, j:j + 3]
        dx[i:i + 3, j:j + 3] += dout[i, j] * k
