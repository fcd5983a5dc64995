import numpy as np

idx = np.array([0, 2, 2, 1])
E_table = np.random.randn(4, 3)
W = np.random.randn(3, 2)
y = np.random.randn(4, 2)
e = E_table[idx]
out = e @ W
loss = np.sum((out - y)**2)

dout = 2 * (out - y)
dW = e.T @ dout
de = dout @ W.T
dE_table = np.zeros_like(E_table)
for i in range(4):
    dE_table[idx[i]] += de[i]
