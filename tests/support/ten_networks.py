"""Ten networks as people write them, one of each kind that textbooks derive."""

from __future__ import annotations

from typing import NamedTuple


class Written(NamedTuple):
    """A text, and what is differentiated by where the text does not say it."""

    text: str
    wrt: tuple[str, ...] = ()


NETWORKS: dict[str, Written] = {
    "logistic regression with a ridge": Written("""
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
"""),
    "two layers, softmax and cross-entropy": Written("""
import numpy as np
X = np.random.randn(32, 4)
Y = np.eye(3)[np.random.randint(0, 3, 32)]
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
loss = -np.sum(Y * np.log(P)) / len(X) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
"""),
    "three layers of columns": Written("""
import numpy as np
m = 16
X = np.random.randn(5, m)
Y = np.random.rand(1, m)
W1 = np.random.randn(6, 5)
b1 = np.zeros((6, 1))
W2 = np.random.randn(4, 6)
b2 = np.zeros((4, 1))
W3 = np.random.randn(1, 4)
b3 = np.zeros((1, 1))
Z1 = W1 @ X + b1
A1 = np.maximum(0, Z1)
Z2 = W2 @ A1 + b2
A2 = np.maximum(0, Z2)
Z3 = W3 @ A2 + b3
A3 = 1 / (1 + np.exp(-Z3))
loss = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / m
"""),
    "batch normalization": Written(
        """
import numpy as np
n, d = 16, 4
x = np.random.randn(n, d)
t = np.random.randn(n, d)
gamma = np.ones(d)
beta = np.zeros(d)
eps = 1e-5
mu = x.mean(axis=0)
var = ((x - mu)**2).mean(axis=0)
x_hat = (x - mu) / np.sqrt(var + eps)
y = gamma * x_hat + beta
loss = 0.5 * np.sum((y - t)**2)
""",
        ("x", "gamma", "beta"),
    ),
    "layer normalization": Written("""
import numpy as np
x = np.random.randn(16, 4)
W = np.random.randn(4, 4)
t = np.random.randn(16, 4)
gamma = np.ones(4)
beta = np.zeros(4)
eps = 1e-5
a = x @ W
mu = a.mean(axis=-1, keepdims=True)
sigma = np.sqrt(((a - mu)**2).mean(axis=-1, keepdims=True) + eps)
a_hat = (a - mu) / sigma
y = gamma * a_hat + beta
loss = np.mean((y - t)**2)
"""),
    "attention": Written("""
import numpy as np
X = np.random.randn(5, 4)
T = np.random.randn(5, 3)
WQ = np.random.randn(4, 2)
WK = np.random.randn(4, 2)
WV = np.random.randn(4, 3)
dk = 2
Q = X @ WQ
K = X @ WK
V = X @ WV
S = Q @ K.T / np.sqrt(dk)
E = np.exp(S)
A = E / E.sum(axis=1, keepdims=True)
O = A @ V
loss = 0.5 * np.sum((O - T)**2)
"""),
    "two steps of an LSTM": Written("""
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
loss = 0.5 * np.sum((h - y)**2)
"""),
    "convolution and pooling": Written("""
import torch
import torch.nn.functional as F
x = torch.randn(2, 1, 8, 8)
t = torch.randn(2, 10)
w = torch.randn(3, 1, 3, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
V = torch.randn(27, 10, requires_grad=True)
z = F.conv2d(x, w, b)
a = F.relu(z)
p = F.max_pool2d(a, 2)
o = p.flatten(1) @ V
loss = F.mse_loss(o, t)
"""),
    "tied autoencoder": Written("""
import numpy as np
X = np.random.randn(16, 6)
W = np.random.randn(6, 3)
b = np.zeros(3)
c = np.zeros(6)
H = 1 / (1 + np.exp(-(X @ W + b)))
X_hat = H @ W.T + c
loss = np.sum((X_hat - X)**2) / (2 * len(X))
"""),
    "residual connection": Written("""
import numpy as np
n, d = 16, 4
X = np.random.randn(n, d)
T = np.random.randn(n, d)
W1 = np.random.randn(d, d)
W2 = np.random.randn(d, d)
H = np.tanh(X @ W1)
Y = X + H @ W2
loss = 0.5 * np.mean((Y - T)**2)
"""),
}
