import numpy as np

np.random.seed(0)
T = 3
x = np.random.randn(T, 2)
y = np.random.randn(4)
Wx = np.random.randn(2, 4)
Wh = np.random.randn(4, 4)
b = np.zeros(4)
h0 = np.zeros(4)

hs = [h0]
for step in range(T):
    hs.append(np.tanh(x[step] @ Wx + hs[step] @ Wh + b))
loss = 0.5 * np.sum((hs[T] - y)**2)

dWx = np.zeros_like(Wx)
dWh = np.zeros_like(Wh)
db = np.zeros_like(b)
dh = hs[T] - y
for step in reversed(range(T)):
    da = dh * (1 - hs[step + 1]**2)
    dWx += np.outer(x[step], da)
    dWh += np.outer(hs[step], da)
    db += da
    dh = Wh @ da
