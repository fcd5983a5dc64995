import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


x = np.random.randn(2, 3)
h = np.zeros(4)
c = np.zeros(4)
y = np.random.randn(4)
Wf = np.random.randn(3, 4)
Wi = np.random.randn(3, 4)
Wo = np.random.randn(3, 4)
Wg = np.random.randn(3, 4)
Uf = np.random.randn(4, 4)
Ui = np.random.randn(4, 4)
Uo = np.random.randn(4, 4)
Ug = np.random.randn(4, 4)
for t in range(2):
    f = sigmoid(x[t] @ Wf + h @ Uf)
    i = sigmoid(x[t] @ Wi + h @ Ui)
    o = sigmoid(x[t] @ Wo + h @ Uo)
    g = np.tanh(x[t] @ Wg + h @ Ug)
    c = f * c + i * g
    h = o * np.tanh(c)
loss = 0.5 * np.sum((h - y) ** 2)
