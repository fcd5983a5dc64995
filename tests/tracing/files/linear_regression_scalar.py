# Simple linear regression by gradient descent, in plain numbers
import numpy as np

np.random.seed(100)
x = np.arange(1, 11) / 10
y = 3 * x + 2 + np.random.randn(10) * 0.1
n = float(len(x))

m = 0
c = 0
L = 0.1  # learning rate

for epoch in range(200):
    Y_pred = m * x + c
    J = (1 / n) * sum((y - Y_pred) ** 2)
    D_m = (-2 / n) * sum(x * (y - Y_pred))
    D_c = (-2 / n) * sum(y - Y_pred)
    m = m - L * D_m
    c = c - L * D_c

print(f"y = {m:.3f} x + {c:.3f}, J = {J:.5f}")
assert abs(m - 3) < 0.5 and abs(c - 2) < 0.5
