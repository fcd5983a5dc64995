"""Correct backward passes in forms that differ from what is derived; none of them may be marked wrong."""

from __future__ import annotations

_DATA = """
import numpy as np
X = np.random.randn(4, 3)
Y = np.random.randn(4, 2)
W = np.random.randn(3, 2)
b = np.zeros(2)
"""

UNUSUAL: dict[str, str] = {
    "descent directions": """
import numpy as np
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T
syn0 = 2 * np.random.random((3, 4)) - 1
syn1 = 2 * np.random.random((4, 1)) - 1
l1 = 1 / (1 + np.exp(-(np.dot(X, syn0))))
l2 = 1 / (1 + np.exp(-(np.dot(l1, syn1))))
loss = 0.5 * np.sum((y - l2)**2)
l2_delta = (y - l2) * (l2 * (1 - l2))
l1_delta = l2_delta.dot(syn1.T) * (l1 * (1 - l1))
syn1 += l1.T.dot(l2_delta)
syn0 += X.T.dot(l1_delta)
""",
    "negative gradients added": _DATA
    + """
z = X @ W + b
a = np.tanh(z)
loss = 0.5 * np.sum((a - Y)**2)
dz = (Y - a) * (1 - a**2)
dW = X.T @ dz
db = dz.sum(axis=0)
W += 0.1 * dW
b += 0.1 * db
""",
    "epsilon inside the logarithm": """
import numpy as np
X = np.random.randn(5, 3)
y = np.random.rand(5, 1)
w = np.random.randn(3, 1)
p = 1 / (1 + np.exp(-(X @ w)))
loss = -np.mean(y * np.log(p + 1e-5) + (1 - y) * np.log(1 - p + 1e-5))
dz = (p - y) / len(X)
dw = X.T @ dz
""",
    "epsilon below the fraction": """
import numpy as np
X = np.random.randn(5, 3)
y = np.random.rand(5, 1)
w = np.random.randn(3, 1)
z = X @ w
p = 1 / (1 + np.exp(-z))
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
dp = (p - y) / (p * (1 - p) + 1e-5) / len(X)
dz = dp * p * (1 - p)
dw = X.T @ dz
""",
    "clipped probabilities": """
import numpy as np
X = np.random.randn(5, 3)
y = np.random.rand(5, 1)
w = np.random.randn(3, 1)
z = X @ w
p = 1 / (1 + np.exp(-z))
pc = np.clip(p, 1e-12, 1 - 1e-12)
loss = -np.mean(y * np.log(pc) + (1 - y) * np.log(1 - pc))
dz = (p - y) / y.size
dw = X.T @ dz
""",
    "another subgradient at the kink": """
import numpy as np
x = np.array([[0.0, 1.0, -2.0]])
W = np.array([[1.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
t = np.array([[1.0, 1.0]])
z = x @ W
a = np.maximum(0, z)
loss = np.sum((a - t)**2)
da = 2 * (a - t)
dz = np.where(z >= 0, 1.0, 0.0) * da
dW = x.T @ dz
""",
    "einsum": _DATA
    + """
z = np.einsum('ni,io->no', X, W) + b
loss = np.sum((z - Y)**2) / 4
dz = 2 * (z - Y) / 4
dW = np.einsum('ni,no->io', X, dz)
db = np.einsum('no->o', dz)
dX = np.einsum('no,io->ni', dz, W)
""",
    "functions instead of operators": _DATA
    + """
z = np.add(np.matmul(X, W), b)
loss = np.sum(np.square(np.subtract(z, Y)))
dz = np.multiply(2, np.subtract(z, Y))
dW = np.dot(np.transpose(X), dz)
db = np.sum(dz, 0)
""",
    "a loop over the rows": _DATA
    + """
z = X @ W + b
loss = np.mean(np.sum((z - Y)**2, axis=1))
dW = np.zeros((3, 2))
db = np.zeros(2)
for i in range(len(X)):
    dz_i = 2 * (z[i] - Y[i])
    dW += np.outer(X[i], dz_i)
    db += dz_i
dW /= len(X)
db /= len(X)
""",
    "a loop over entries": """
import numpy as np
X = np.random.randn(3, 2)
y = np.random.randn(3)
w = np.random.randn(2)
r = X @ w - y
loss = 0.5 * np.sum(r**2)
dw = np.array([np.sum(X[:, j] * r) for j in range(2)])
""",
    "comprehension": """
import numpy as np
X = np.random.randn(3, 2)
y = np.random.randn(3)
w = np.random.randn(2)
r = X @ w - y
loss = 0.5 * np.mean(r**2)
dw = sum([r[i] * X[i] for i in range(3)]) / 3
""",
    "the number of rows as a literal": _DATA
    + """
z = X @ W + b
loss = np.mean((z - Y)**2)
dz = (z - Y) / 4
dW = X.T @ dz
db = dz.sum(0)
""",
    "a count as a variable": _DATA
    + """
m = 4
z = X @ W + b
loss = np.sum((z - Y)**2) / (2 * m)
dz = z - Y
dW = (1 / m) * X.T @ dz
db = (1 / m) * np.sum(dz, axis=0)
""",
    "terms that are zero": _DATA
    + """
z = X @ W + b
loss = np.sum((z - Y)**2)
dz = 2 * (z - Y) + 0 * z
dW = X.T @ dz + 0.0 * W
db = dz.sum(axis=0) - 0 * b
""",
    "an unused gradient": _DATA
    + """
z = X @ W + b
s = 1 / (1 + np.exp(-z))
loss = np.sum((s - Y)**2)
ds = 2 * (s - Y)
dz = 2 * (s - Y) * s * (1 - s)
dX = dz @ W.T
dW = X.T @ dz
db = np.ones(4) @ dz
""",
    "tanh' as a product": _DATA
    + """
z = X @ W + b
a = np.tanh(z)
loss = 0.5 * np.sum((a - Y)**2)
dz = (a - Y) * (1 - a) * (1 + a)
dW = (dz.T @ X).T
db = dz.sum(axis=0)
""",
    "sigma' in exponentials": _DATA
    + """
z = X @ W + b
a = 1 / (1 + np.exp(-z))
loss = 0.5 * np.sum((a - Y)**2)
dz = (a - Y) * np.exp(-z) / (1 + np.exp(-z))**2
dW = X.T @ dz
db = dz.sum(axis=0)
""",
    "log-softmax": """
import numpy as np
X = np.random.randn(5, 3)
T = np.eye(3)[[0, 1, 2, 1, 0]]
W = np.random.randn(3, 3)
z = X @ W
logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
loss = -np.sum(T * logp) / len(X)
dz = (np.exp(logp) - T) / len(X)
dW = X.T @ dz
""",
    "labels without values": """
import numpy as np
X = np.random.randn(5, 3)
Y = np.random.rand(5, 3)
W = np.random.randn(3, 3)
e = np.exp(X @ W)
p = e / e.sum(axis=1, keepdims=True)
loss = -np.mean(np.sum(Y * np.log(p), axis=1))
dz = (p - Y) / 5
dW = X.T @ dz
""",
    "staged and canceled BCE": """
import numpy as np
X = np.random.randn(5, 3)
y = np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])
w = np.random.randn(3, 1)
z = X @ w
a = 1 / (1 + np.exp(-z))
loss = -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / 5
da = -(y / a - (1 - y) / (1 - a)) / 5
dz = da * a * (1 - a)
dw = X.T @ dz
""",
    "huber": """
import numpy as np
X = np.random.randn(6, 2)
y = np.random.randn(6)
w = np.random.randn(2)
r = X @ w - y
loss = np.mean(np.where(np.abs(r) <= 1, 0.5 * r**2, np.abs(r) - 0.5))
dr = np.clip(r, -1, 1) / len(r)
dw = X.T @ dr
""",
    "a column of ones for the bias": """
import numpy as np
X = np.random.randn(5, 2)
y = np.random.randn(5, 1)
theta = np.random.randn(3, 1)
A = np.hstack([np.ones((5, 1)), X])
h = A @ theta
J = np.sum((h - y)**2) / (2 * 5)
grad_theta = A.T @ (h - y) / 5
""",
    "lambdas": _DATA
    + """
f = lambda z: np.maximum(0.01 * z, z)
df = lambda z: np.where(z > 0, 1, 0.01)
z = X @ W + b
a = f(z)
loss = np.sum((a - Y)**2)
dz = 2 * (a - Y) * df(z)
dW = X.T @ dz
db = dz.sum(axis=0)
""",
    "with a numerical check": _DATA
    + """
def forward(W):
    return np.sum((X @ W + b - Y)**2)

z = X @ W + b
loss = np.sum((z - Y)**2)
dz = 2 * (z - Y)
dW = X.T @ dz
db = dz.sum(axis=0)
dW_num = np.zeros_like(W)
for i in range(3):
    for j in range(2):
        Wp = W.copy()
        Wp[i, j] += 1e-5
        dW_num[i, j] = (forward(Wp) - forward(W)) / 1e-5
print(np.abs(dW - dW_num).max())
""",
    "dropout with a mask": _DATA
    + """
keep = 0.8
mask = (np.random.rand(4, 2) < keep) / keep
z = X @ W + b
a = np.maximum(z, 0) * mask
loss = np.mean((a - Y)**2)
da = 2 * (a - Y) / a.size
dz = da * mask * (z > 0)
dW = X.T @ dz
db = dz.sum(axis=0)
""",
    "a dictionary of gradients": """
import numpy as np
params = {"W": np.random.randn(3, 2), "b": np.zeros(2)}
X = np.random.randn(4, 3)
Y = np.random.randn(4, 2)
z = X @ params["W"] + params["b"]
loss = np.mean((z - Y)**2)
grads = {}
dz = 2 * (z - Y) / z.size
grads["W"] = X.T @ dz
grads["b"] = dz.sum(axis=0)
for k in params:
    params[k] -= 0.1 * grads[k]
""",
    "a training loop": """
import numpy as np
X = np.random.randn(4, 3)
Y = np.random.randn(4, 1)
W = np.zeros((3, 1))
for epoch in range(100):
    y_pred = X @ W
    error = y_pred - Y
    loss = np.mean(error**2)
    gradient = 2 * X.T @ error / len(X)
    W = W - 0.01 * gradient
""",
    "one step of a gate": """
import numpy as np
x = np.random.randn(3)
c0 = np.random.randn(2)
t = np.random.randn(2)
Wf = np.random.randn(2, 3)
Wg = np.random.randn(2, 3)
zf = Wf @ x
zg = Wg @ x
f = 1 / (1 + np.exp(-zf))
g = np.tanh(zg)
c = f * c0 + (1 - f) * g
loss = 0.5 * np.sum((c - t)**2)
dc = c - t
df = dc * (c0 - g)
dg = dc * (1 - f)
dzf = df * f * (1 - f)
dzg = dg * (1 - g**2)
dWf = np.outer(dzf, x)
dWg = np.outer(dzg, x)
""",
    "scalars": """
x, y = 1.5, 0.3
w1, w2 = 0.4, -0.7
h = max(0.0, w1 * x)
p = w2 * h
loss = (p - y)**2
dp = 2 * (p - y)
dw2 = dp * h
dh = dp * w2
dw1 = dh * (1 if h > 0 else 0) * x
""",
    "batched products": """
import numpy as np
x = np.random.randn(2, 4, 3)
t = np.random.randn(2, 4, 5)
W = np.random.randn(3, 5)
out = x @ W
loss = 0.5 * np.sum((out - t)**2)
dout = out - t
dW = np.tensordot(x, dout, axes=([0, 1], [0, 1])) if False else x.reshape(-1, 3).T @ dout.reshape(-1, 5)
dx = dout @ W.T
""",
    "a local derivative under the name of a gradient": """
import numpy as np
x = np.random.randn(5, 3)
t = np.random.randn(5, 2)
W1 = np.random.randn(3, 4)
W2 = np.random.randn(4, 2)
z1 = x @ W1
a1 = np.tanh(z1)
z2 = a1 @ W2
a2 = 1 / (1 + np.exp(-z2))
loss = 0.5 * np.sum((a2 - t)**2)
d2 = a2 * (1 - a2)
da1 = 1 - a1**2
error = (a2 - t) * d2
dW2 = a1.T @ error
dW1 = x.T @ (error @ W2.T * da1)
""",
    "symmetric weights": """
import numpy as np
x = np.array([[1.0, 2.0]])
t = np.array([[0.5, 0.5]])
W1 = np.array([[1.0, 0.5], [0.5, 1.0]])
W2 = np.array([[0.2, 0.3], [0.3, 0.2]])
h = x @ W1
out = h @ W2
loss = 0.5 * np.sum((out - t)**2)
dout = out - t
dW2 = h.T @ dout
dh = dout @ W2.T
dW1 = x.T @ dh
""",
}
"""Correct code by what is unusual in it."""

HIDDEN: dict[str, tuple[str, str, str]] = {
    "gamma is 1": (
        """
import numpy as np
x = np.random.randn(4, 3)
t = np.random.randn(4, 3)
gamma = np.ones(3)
beta = np.zeros(3)
y = gamma * x + beta
loss = np.sum((y - t)**2)
dy = 2 * (y - t)
dgamma = (dy * x).sum(0)
dbeta = dy.sum(0)
dx = dy
""",
        "dx",
        "missing_factor",
    ),
    "one row": (
        """
import numpy as np
x = np.array([[0.5, 0.8]])
t = np.array([[1.0]])
W = np.array([[0.1], [0.2]])
b = np.array([[0.3]])
z = x @ W + b
loss = np.mean((z - t)**2)
dz = 2 * (z - t)
dW = x.T @ dz
db = dz.sum(axis=0, keepdims=True)
""",
        "dz",
        "missing_mean",
    ),
    "one row, the sum": (
        """
import numpy as np
x = np.array([[0.5, 0.8]])
t = np.array([[1.0]])
W = np.array([[0.1], [0.2]])
b = np.array([[0.3]])
z = x @ W + b
loss = 0.5 * np.sum((z - t)**2)
dz = z - t
dW = x.T @ dz
db = dz
""",
        "db",
        "missing_batch_sum",
    ),
    "symmetric weights": (
        """
import numpy as np
x = np.array([[1.0, 2.0]])
t = np.array([[0.5, 0.5]])
W1 = np.array([[1.0, 0.5], [0.5, 1.0]])
W2 = np.array([[0.2, 0.3], [0.3, 0.2]])
h = x @ W1
out = h @ W2
loss = 0.5 * np.sum((out - t)**2)
dout = out - t
dW2 = h.T @ dout
dh = dout @ W2
dW1 = x.T @ dh
""",
        "dh",
        "missing_transpose",
    ),
    "zero biases": (
        """
import numpy as np
x = np.random.randn(5, 3)
t = np.random.randn(5, 2)
W = np.random.randn(3, 2)
b = np.zeros(2)
z = x @ W
u = z + b
loss = 0.5 * np.sum((u**2 - t)**2)
du = 2 * z * (u**2 - t)
dW = x.T @ du
db = du.sum(axis=0)
""",
        "du",
        "wrong_variable",
    ),
    "as many rows as columns": (
        """
import numpy as np
x = np.random.randn(3, 3)
t = np.random.randn(3, 3)
W = np.random.randn(3, 3)
z = x @ W
loss = np.sum((z - t)**2) / x.shape[0]
dz = 2 * (z - t) / x.shape[1]
dW = x.T @ dz
""",
        "dz",
        "",
    ),
}
"""Errors that do not show at the values and sizes of the code."""
