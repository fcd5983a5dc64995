import numpy as np

x = np.random.randn(4, 3)
t = np.random.randn(4, 3)
Wq = np.random.randn(3, 3)
Wk = np.random.randn(3, 3)
Wv = np.random.randn(3, 3)

Q = x @ Wq
K = x @ Wk
V = x @ Wv
S = Q @ K.T / np.sqrt(3)
E_ = np.exp(S - S.max(axis=1, keepdims=True))
A = E_ / E_.sum(axis=1, keepdims=True)
H = A @ V
loss = 0.5 * np.sum((H - t)**2)

dH = H - t
dV = A.T @ dH
dA = dH @ V.T
dS = A * (dA - np.sum(dA * A, axis=1, keepdims=True))
dQ = dS @ K / np.sqrt(3)
dK = dS.T @ Q / np.sqrt(3)
dWq = x.T @ dQ
dWk = x.T @ dK
dWv = x.T @ dV
dx = dQ @ Wq.T + dK @ Wk.T + dV @ Wv.T
