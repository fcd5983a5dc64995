"""Hand-written backward passes, right and wrong, as students write them.

``FORWARDS`` holds forward pass and right backward pass; each wrong one replaces lines of it. A case names the gradient
whose own line is wrong and the slip. What is right and wrong is decided by running the text, in the tests, not here.
"""

from __future__ import annotations

from typing import NamedTuple

HEAD = "import numpy as np\nrng = np.random.default_rng(0)\n"

FORWARDS: dict[str, str] = {
    "row": """
X = np.array([[0.5, -0.8, 0.3], [0.1, 0.9, -0.4], [-0.7, 0.2, 0.6], [0.4, -0.1, -0.9]])
Y = np.array([[1.0, 0.2], [0.0, -0.3], [0.5, 0.8], [-0.2, 0.1]])
W1 = np.array([[0.1, -0.3, 0.5, 0.2], [0.2, 0.4, -0.6, 0.7], [-0.5, 0.3, 0.1, 0.8]])
b1 = np.array([0.1, -0.2, 0.3, 0.05])
W2 = np.array([[0.5, -0.1], [0.6, 0.3], [-0.2, 0.4], [0.7, -0.9]])
b2 = np.array([0.3, -0.4])
z1 = X @ W1 + b1
a1 = 1 / (1 + np.exp(-z1))
z2 = a1 @ W2 + b2
y_hat = np.tanh(z2)
loss = np.mean((y_hat - Y)**2)

dy_hat = 2 * (y_hat - Y) / Y.size
dz2 = dy_hat * (1 - y_hat**2)
dW2 = a1.T @ dz2
db2 = dz2.sum(axis=0)
da1 = dz2 @ W2.T
dz1 = da1 * a1 * (1 - a1)
dW1 = X.T @ dz1
db1 = dz1.sum(axis=0)
""",
    "column": """
x = np.array([[0.5, 0.1, -0.7], [-0.8, 0.9, 0.2]])
y = np.array([[1.0, 0.0, 0.5]])
W1 = np.array([[0.1, -0.3], [0.2, 0.4], [-0.5, 0.3]])
b1 = np.array([[0.1], [-0.2], [0.3]])
W2 = np.array([[0.5, -0.1, 0.6]])
b2 = np.array([[0.3]])
z1 = W1 @ x + b1
a1 = np.maximum(0, z1)
z2 = W2 @ a1 + b2
a2 = 1 / (1 + np.exp(-z2))
n = x.shape[1]
loss = -np.sum(y * np.log(a2) + (1 - y) * np.log(1 - a2)) / n

delta2 = (a2 - y) / n
dW2 = delta2 @ a1.T
db2 = np.sum(delta2, axis=1, keepdims=True)
da1 = W2.T @ delta2
delta1 = da1 * (z1 > 0)
dW1 = delta1 @ x.T
db1 = np.sum(delta1, axis=1, keepdims=True)
""",
    "torch": """
X = np.array([[0.5, -0.8], [0.1, 0.9], [-0.7, 0.2]])
Y = np.array([[1.0], [0.0], [0.5]])
W1 = np.array([[0.1, -0.3], [0.2, 0.4], [-0.5, 0.3], [0.7, 0.6]])
b1 = np.array([0.1, -0.2, 0.3, 0.05])
W2 = np.array([[0.5, -0.1, 0.6, 0.2]])
b2 = np.array([0.3])
def relu(v):
    return np.where(v > 0, v, 0)
z1 = X @ W1.T + b1
h = relu(z1)
out = h @ W2.T + b2
loss = 0.5 * np.sum((out - Y)**2) / X.shape[0]

d_out = (out - Y) / X.shape[0]
grad_W2 = d_out.T @ h
grad_b2 = d_out.sum(axis=0)
d_h = d_out @ W2
d_z1 = d_h * (z1 > 0)
grad_W1 = d_z1.T @ X
grad_b1 = d_z1.sum(axis=0)
""",
    "softmax": """
X = np.array([[0.5, -0.8], [0.1, 0.9], [-0.7, 0.2], [0.3, 0.3]])
Y = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
W = np.array([[0.1, -0.3, 0.5], [0.2, 0.4, -0.6]])
b = np.array([0.1, -0.2, 0.3])
z = X @ W + b
e = np.exp(z - z.max(axis=1, keepdims=True))
s = e / e.sum(axis=1, keepdims=True)
loss = -np.mean(np.sum(Y * np.log(s), axis=1))

dz = (s - Y) / X.shape[0]
dW = X.T @ dz
db = dz.sum(axis=0)
""",
    "jacobian": """
x = np.array([0.5, -0.8])
y = np.array([1.0, 0.0, 0.5])
W = np.array([[0.1, -0.3, 0.5], [0.2, 0.4, -0.6]])
z = x @ W
s = np.exp(z) / np.sum(np.exp(z))
loss = 0.5 * np.sum((s - y)**2)

ds = s - y
J = np.diag(s) - np.outer(s, s)
dz = J @ ds
dW = np.outer(x, dz)
""",
    "batchnorm": """
X = np.array([[0.5, -0.8], [0.1, 0.9], [-0.7, 0.2], [0.9, 0.4]])
T = np.array([[1.0, 0.2], [0.0, -0.3], [0.5, 0.8], [-0.2, 0.1]])
gamma = np.array([1.2, 0.7])
beta = np.array([0.1, -0.2])
n = X.shape[0]
mu = X.mean(axis=0)
xc = X - mu
var = np.mean(xc**2, axis=0)
std = np.sqrt(var + 1e-5)
xhat = xc / std
out = gamma * xhat + beta
loss = np.sum((out - T)**2)

dout = 2 * (out - T)
dgamma = np.sum(dout * xhat, axis=0)
dbeta = np.sum(dout, axis=0)
dxhat = dout * gamma
dX = (n * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (n * std)
""",
    "layernorm": """
X = np.array([[0.5, -0.8, 0.3], [0.1, 0.9, -0.4]])
T = np.array([[1.0, 0.2, 0.1], [0.0, -0.3, 0.6]])
g = np.array([1.2, 0.7, -0.5])
b = np.array([0.1, -0.2, 0.3])
d = X.shape[1]
mu = X.mean(axis=1, keepdims=True)
var = X.var(axis=1, keepdims=True)
xhat = (X - mu) / np.sqrt(var + 1e-5)
out = xhat * g + b
loss = 0.5 * np.sum((out - T)**2)

dout = out - T
dg = np.sum(dout * xhat, axis=0)
db = np.sum(dout, axis=0)
dxhat = dout * g
dX = (dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * np.mean(dxhat * xhat, axis=1, keepdims=True)) / np.sqrt(var + 1e-5)
""",
    "conv": """
x = np.array([0.5, -0.8, 0.3, 0.1, 0.9, -0.4])
t = np.array([0.2, -0.1, 0.4, 0.3])
w = np.array([0.2, -0.5, 0.7])
b = 0.1
y = np.zeros(4)
for i in range(4):
    y[i] = np.sum(x[i:i + 3] * w) + b
loss = 0.5 * np.sum((y - t)**2)

dy = y - t
dw = np.zeros(3)
dx = np.zeros(6)
for i in range(4):
    dw += dy[i] * x[i:i + 3]
    dx[i:i + 3] += dy[i] * w
db = np.sum(dy)
""",
    "rnn": """
x1 = np.array([[0.5, -0.8]])
x2 = np.array([[0.1, 0.9]])
x3 = np.array([[-0.7, 0.2]])
t = np.array([[0.3, -0.6]])
Wx = np.array([[0.1, -0.3], [0.2, 0.4]])
Wh = np.array([[0.5, -0.1], [0.3, 0.6]])
b = np.array([0.1, -0.2])
h0 = np.zeros((1, 2))
h1 = np.tanh(x1 @ Wx + h0 @ Wh + b)
h2 = np.tanh(x2 @ Wx + h1 @ Wh + b)
h3 = np.tanh(x3 @ Wx + h2 @ Wh + b)
loss = 0.5 * np.sum((h3 - t)**2)

dh3 = h3 - t
da3 = dh3 * (1 - h3**2)
dh2 = da3 @ Wh.T
da2 = dh2 * (1 - h2**2)
dh1 = da2 @ Wh.T
da1 = dh1 * (1 - h1**2)
dWx = x3.T @ da3 + x2.T @ da2 + x1.T @ da1
dWh = h2.T @ da3 + h1.T @ da2 + h0.T @ da1
db = (da3 + da2 + da1).sum(axis=0)
""",
    "attention": """
X = np.array([[0.5, -0.8], [0.1, 0.9], [-0.7, 0.2]])
T = np.array([[0.2, -0.1], [0.4, 0.3], [0.6, -0.5]])
Wq = np.array([[0.1, -0.3], [0.2, 0.4]])
Wk = np.array([[0.5, -0.1], [0.3, 0.6]])
Wv = np.array([[-0.4, 0.7], [0.8, 0.2]])
Q = X @ Wq
K = X @ Wk
V = X @ Wv
S = Q @ K.T / np.sqrt(2)
E = np.exp(S)
A = E / E.sum(axis=1, keepdims=True)
O = A @ V
loss = 0.5 * np.sum((O - T)**2)

dO = O - T
dV = A.T @ dO
dA = dO @ V.T
dS = A * (dA - np.sum(dA * A, axis=1, keepdims=True))
dQ = dS @ K / np.sqrt(2)
dK = dS.T @ Q / np.sqrt(2)
dWq = X.T @ dQ
dWk = X.T @ dK
dWv = X.T @ dV
""",
    "residual": """
X = np.array([[0.5, -0.8], [0.1, 0.9], [-0.7, 0.2]])
T = np.array([[0.2, -0.1], [0.4, 0.3], [0.6, -0.5]])
W0 = np.array([[0.6, -0.2], [0.3, 0.5]])
W1 = np.array([[0.1, -0.3], [0.2, 0.4]])
W2 = np.array([[0.5, -0.1], [0.3, 0.6]])
h = X @ W0
u = h @ W1
v = np.tanh(u)
r = v @ W2
out = h + r
loss = 0.5 * np.sum((out - T)**2)

dout = out - T
dr = dout
dW2 = v.T @ dr
dv = dr @ W2.T
du = dv * (1 - v**2)
dW1 = h.T @ du
dh = dout + du @ W1.T
dW0 = X.T @ dh
""",
    "scalar": """
x = 1.5
t = 0.4
w1 = 0.7
b1 = -0.2
w2 = 1.3
b2 = 0.6
z1 = w1 * x + b1
h = 1 / (1 + np.exp(-z1))
z2 = w2 * h + b2
y = 1 / (1 + np.exp(-z2))
loss = -(t * np.log(y) + (1 - t) * np.log(1 - y))

dz2 = y - t
dw2 = dz2 * h
db2 = dz2
dh = dz2 * w2
dz1 = dh * h * (1 - h)
dw1 = dz1 * x
db1 = dz1
""",
    "decay": """
X = np.array([[0.5, -0.8], [0.1, 0.9], [-0.7, 0.2]])
y = np.array([1.0, 0.0, 0.5])
w = np.array([0.3, -0.6])
lam = 0.1
p = X @ w
loss = np.mean((p - y)**2) + lam * np.sum(w**2)

dp = 2 * (p - y) / 3
dw = X.T @ dp + 2 * lam * w
""",
}


class Wrong(NamedTuple):
    """A slip: in ``base`` the line ``old`` is written as ``new``; ``blamed`` is the name the line assigns."""

    base: str
    old: str
    new: str
    slip: str
    blamed: str


WRONG: tuple[Wrong, ...] = (
    # sign
    Wrong("row", "dy_hat = 2 * (y_hat - Y) / Y.size", "dy_hat = 2 * (Y - y_hat) / Y.size", "sign", "dy_hat"),
    Wrong("column", "delta2 = (a2 - y) / n", "delta2 = (y - a2) / n", "sign", "delta2"),
    Wrong("softmax", "dz = (s - Y) / X.shape[0]", "dz = (Y - s) / X.shape[0]", "sign", "dz"),
    Wrong("scalar", "dz2 = y - t", "dz2 = t - y", "sign", "dz2"),
    Wrong("attention", "dO = O - T", "dO = T - O", "sign", "dO"),
    # a missing 1/n
    Wrong("row", "dy_hat = 2 * (y_hat - Y) / Y.size", "dy_hat = 2 * (y_hat - Y)", "missing_mean", "dy_hat"),
    Wrong("column", "delta2 = (a2 - y) / n", "delta2 = a2 - y", "missing_mean", "delta2"),
    Wrong("softmax", "dz = (s - Y) / X.shape[0]", "dz = s - Y", "missing_mean", "dz"),
    Wrong("torch", "d_out = (out - Y) / X.shape[0]", "d_out = out - Y", "missing_mean", "d_out"),
    # 1/n too much
    Wrong("row", "dW2 = a1.T @ dz2", "dW2 = a1.T @ dz2 / len(X)", "extra_mean", "dW2"),
    Wrong("batchnorm", "dbeta = np.sum(dout, axis=0)", "dbeta = np.mean(dout, axis=0)", "extra_mean", "dbeta"),
    Wrong(
        "column",
        "db1 = np.sum(delta1, axis=1, keepdims=True)",
        "db1 = np.mean(delta1, axis=1, keepdims=True)",
        "extra_mean",
        "db1",
    ),
    Wrong("layernorm", "db = np.sum(dout, axis=0)", "db = np.mean(dout, axis=0)", "extra_mean", "db"),
    # factors 2 and ½
    Wrong("row", "dy_hat = 2 * (y_hat - Y) / Y.size", "dy_hat = (y_hat - Y) / Y.size", "missing_two", "dy_hat"),
    Wrong("batchnorm", "dout = 2 * (out - T)", "dout = out - T", "missing_two", "dout"),
    Wrong("decay", "dp = 2 * (p - y) / 3", "dp = (p - y) / 3", "missing_two", "dp"),
    Wrong("layernorm", "dout = out - T", "dout = 2 * (out - T)", "missing_half", "dout"),
    Wrong("conv", "dy = y - t", "dy = 2 * (y - t)", "missing_half", "dy"),
    Wrong("rnn", "dh3 = h3 - t", "dh3 = 2 * (h3 - t)", "missing_half", "dh3"),
    # missing derivative of the activation
    Wrong("row", "dz1 = da1 * a1 * (1 - a1)", "dz1 = da1", "missing_activation", "dz1"),
    Wrong("row", "dz2 = dy_hat * (1 - y_hat**2)", "dz2 = dy_hat", "missing_activation", "dz2"),
    Wrong("column", "delta1 = da1 * (z1 > 0)", "delta1 = da1", "missing_activation", "delta1"),
    Wrong("rnn", "da2 = dh2 * (1 - h2**2)", "da2 = dh2", "missing_activation", "da2"),
    Wrong("residual", "du = dv * (1 - v**2)", "du = dv", "missing_activation", "du"),
    Wrong("scalar", "dz1 = dh * h * (1 - h)", "dz1 = dh", "missing_activation", "dz1"),
    # derivative at the wrong variable
    Wrong("row", "dz1 = da1 * a1 * (1 - a1)", "dz1 = da1 * z1 * (1 - z1)", "wrong_variable", "dz1"),
    Wrong("row", "dz2 = dy_hat * (1 - y_hat**2)", "dz2 = dy_hat * (1 - z2**2)", "wrong_variable", "dz2"),
    Wrong("rnn", "da1 = dh1 * (1 - h1**2)", "da1 = dh1 * (1 - h2**2)", "wrong_variable", "da1"),
    Wrong("scalar", "dz1 = dh * h * (1 - h)", "dz1 = dh * z1 * (1 - z1)", "wrong_variable", "dz1"),
    Wrong("residual", "du = dv * (1 - v**2)", "du = dv * (1 - u**2)", "wrong_variable", "du"),
    # transposes
    Wrong("attention", "dK = dS.T @ Q / np.sqrt(2)", "dK = dS @ Q / np.sqrt(2)", "missing_transpose", "dK"),
    Wrong("attention", "dV = A.T @ dO", "dV = A @ dO", "missing_transpose", "dV"),
    Wrong("rnn", "dh2 = da3 @ Wh.T", "dh2 = da3 @ Wh", "missing_transpose", "dh2"),
    Wrong("residual", "dv = dr @ W2.T", "dv = dr @ W2", "missing_transpose", "dv"),
    Wrong("attention", "dQ = dS @ K / np.sqrt(2)", "dQ = dS.T @ K / np.sqrt(2)", "extra_transpose", "dQ"),
    # missing sum over the batch
    Wrong("row", "db1 = dz1.sum(axis=0)", "db1 = dz1[0]", "missing_batch_sum", "db1"),
    Wrong("column", "db1 = np.sum(delta1, axis=1, keepdims=True)", "db1 = delta1", "missing_batch_sum", "db1"),
    Wrong("softmax", "db = dz.sum(axis=0)", "db = dz", "missing_batch_sum", "db"),
    Wrong("batchnorm", "dgamma = np.sum(dout * xhat, axis=0)", "dgamma = dout * xhat", "missing_batch_sum", "dgamma"),
    # a bias in the wrong shape
    Wrong("row", "db2 = dz2.sum(axis=0)", "db2 = dz2.sum(axis=0, keepdims=True)", "bias_shape", "db2"),
    Wrong("column", "db2 = np.sum(delta2, axis=1, keepdims=True)", "db2 = np.sum(delta2, axis=1)", "bias_shape", "db2"),
    # the wrong axis
    Wrong("torch", "grad_b1 = d_z1.sum(axis=0)", "grad_b1 = d_z1.sum(axis=1)", "wrong_axis", "grad_b1"),
    Wrong("softmax", "db = dz.sum(axis=0)", "db = dz.sum(axis=1)", "wrong_axis", "db"),
    Wrong(
        "attention",
        "dS = A * (dA - np.sum(dA * A, axis=1, keepdims=True))",
        "dS = A * (dA - np.sum(dA * A, axis=0, keepdims=True))",
        "wrong_axis",
        "dS",
    ),
    # the Jacobian of softmax
    Wrong("jacobian", "J = np.diag(s) - np.outer(s, s)", "J = np.diag(s * (1 - s))", "softmax_diagonal", "dz"),
    Wrong(
        "attention",
        "dS = A * (dA - np.sum(dA * A, axis=1, keepdims=True))",
        "dS = dA * A * (1 - A)",
        "softmax_diagonal",
        "dS",
    ),
    # a forgotten path
    Wrong("residual", "dh = dout + du @ W1.T", "dh = du @ W1.T", "forgotten_path", "dh"),
    Wrong("residual", "dh = dout + du @ W1.T", "dh = dout", "forgotten_path", "dh"),
    Wrong("rnn", "dWh = h2.T @ da3 + h1.T @ da2 + h0.T @ da1", "dWh = h2.T @ da3", "forgotten_path", "dWh"),
    Wrong(
        "rnn", "dWx = x3.T @ da3 + x2.T @ da2 + x1.T @ da1", "dWx = x3.T @ da3 + x1.T @ da1", "forgotten_path", "dWx"
    ),
    Wrong("conv", "    dw += dy[i] * x[i:i + 3]", "    dw = dy[i] * x[i:i + 3]", "forgotten_path", "dw"),
    Wrong("decay", "dw = X.T @ dp + 2 * lam * w", "dw = X.T @ dp", "forgotten_path", "dw"),
    Wrong(
        "layernorm",
        "dX = (dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * np.mean(dxhat * xhat, axis=1, keepdims=True)) / np.sqrt(var + 1e-5)",
        "dX = dxhat / np.sqrt(var + 1e-5)",
        "forgotten_path",
        "dX",
    ),
    # a matrix product for a product, and the reverse; swapped operands
    Wrong("scalar", "dw2 = dz2 * h", "dw2 = dz2 * w2", "swapped", "dw2"),
    Wrong("scalar", "dh = dz2 * w2", "dh = dz2 * h", "swapped", "dh"),
    Wrong("jacobian", "dW = np.outer(x, dz)", "dW = np.outer(dz, x)", "swapped", "dW"),
    Wrong("softmax", "dW = X.T @ dz", "dW = dz.T @ X", "swapped", "dW"),
    # the sides of a kink
    Wrong("column", "delta1 = da1 * (z1 > 0)", "delta1 = da1 * (z1 < 0)", "wrong_side", "delta1"),
    Wrong("torch", "d_z1 = d_h * (z1 > 0)", "d_z1 = d_h * (z1 <= 0)", "wrong_side", "d_z1"),
    # numbers
    Wrong("attention", "dQ = dS @ K / np.sqrt(2)", "dQ = dS @ K", "constant_factor", "dQ"),
    Wrong("decay", "dw = X.T @ dp + 2 * lam * w", "dw = X.T @ dp + lam * w", "missing_two", "dw"),
    Wrong("row", "dW1 = X.T @ dz1", "dW1 = 1.00001 * X.T @ dz1", "constant_factor", "dW1"),
    # a factor that is missing
    Wrong("layernorm", "dxhat = dout * g", "dxhat = dout", "missing_factor", "dxhat"),
    Wrong("batchnorm", "dxhat = dout * gamma", "dxhat = dout", "missing_factor", "dxhat"),
    Wrong("scalar", "dw1 = dz1 * x", "dw1 = dz1", "missing_factor", "dw1"),
    # values from the wrong moment
    Wrong("row", "da1 = dz2 @ W2.T", "W2 = W2 - 0.1 * dW2\nda1 = dz2 @ W2.T", "updated", "da1"),
    Wrong("scalar", "dh = dz2 * w2", "w2 -= 0.1 * dw2\ndh = dz2 * w2", "updated", "dh"),
    Wrong("residual", "dh = dout + du @ W1.T", "W1 -= 0.1 * dW1\ndh = dout + du @ W1.T", "updated", "dh"),
)

RIGHT: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    # name: (base, replacements)
    "einsum": ("row", (("dW2 = a1.T @ dz2", "dW2 = np.einsum('ij,ik->jk', a1, dz2)"),)),
    "dot": (
        "row",
        (
            ("dW2 = a1.T @ dz2", "dW2 = np.dot(np.transpose(a1), dz2)"),
            ("da1 = dz2 @ W2.T", "da1 = np.matmul(dz2, np.transpose(W2))"),
        ),
    ),
    "sigma of z": ("row", (("dz1 = da1 * a1 * (1 - a1)", "dz1 = da1 * np.exp(-z1) / (1 + np.exp(-z1))**2"),)),
    "cosh": ("row", (("dz2 = dy_hat * (1 - y_hat**2)", "dz2 = dy_hat / np.cosh(z2)**2"),)),
    "a minus a squared": ("row", (("dz1 = da1 * a1 * (1 - a1)", "dz1 = da1 * (a1 - a1**2)"),)),
    "ones": ("row", (("db1 = dz1.sum(axis=0)", "db1 = np.ones(4) @ dz1"),)),
    "loop over rows": (
        "row",
        (("dW1 = X.T @ dz1", "dW1 = np.zeros((3, 4))\nfor i in range(4):\n    dW1 += np.outer(X[i], dz1[i])"),),
    ),
    "loop over entries": (
        "jacobian",
        (
            (
                "dW = np.outer(x, dz)",
                "dW = np.zeros((2, 3))\nfor i in range(2):\n    for j in range(3):\n        dW[i, j] = x[i] * dz[j]",
            ),
        ),
    ),
    "helper": (
        "row",
        (
            (
                "dz1 = da1 * a1 * (1 - a1)",
                "def sigmoid_prime(v):\n    s = 1 / (1 + np.exp(-v))\n    return s * (1 - s)\ndz1 = da1 * sigmoid_prime(z1)",
            ),
        ),
    ),
    "lambda": (
        "row",
        (("dz2 = dy_hat * (1 - y_hat**2)", "tanh_d = lambda v: 1 - np.tanh(v)**2\ndz2 = dy_hat * tanh_d(z2)"),),
    ),
    "all in one": (
        "row",
        (("dW1 = X.T @ dz1", "dW1 = X.T @ (((2 * (y_hat - Y) / Y.size * (1 - y_hat**2)) @ W2.T) * a1 * (1 - a1))"),),
    ),
    "mean spelled out": (
        "row",
        (("dy_hat = 2 * (y_hat - Y) / Y.size", "n, m = Y.shape\ndy_hat = (y_hat - Y) * (2.0 / (n * m))"),),
    ),
    "multiply": ("row", (("dz2 = dy_hat * (1 - y_hat**2)", "dz2 = np.multiply(dy_hat, 1 - np.square(y_hat))"),)),
    "relu by where": ("column", (("delta1 = da1 * (z1 > 0)", "delta1 = np.where(z1 > 0, da1, 0)"),)),
    "relu by sign": ("column", (("delta1 = da1 * (z1 > 0)", "delta1 = da1 * (1 + np.sign(z1)) / 2"),)),
    "relu by mask": ("column", (("delta1 = da1 * (z1 > 0)", "delta1 = da1.copy()\ndelta1[z1 <= 0] = 0"),)),
    "relu at a": ("column", (("delta1 = da1 * (z1 > 0)", "delta1 = da1 * (a1 > 0)"),)),
    "kink the other way": ("column", (("delta1 = da1 * (z1 > 0)", "delta1 = da1 * (z1 >= 0)"),)),
    "astype": ("column", (("delta1 = da1 * (z1 > 0)", "delta1 = da1 * (z1 > 0).astype(float)"),)),
    "bce in full": (
        "column",
        (("delta2 = (a2 - y) / n", "da2 = -(y / a2 - (1 - y) / (1 - a2)) / n\ndelta2 = da2 * a2 * (1 - a2)"),),
    ),
    "bce over one fraction": (
        "column",
        (("delta2 = (a2 - y) / n", "da2 = (a2 - y) / (a2 * (1 - a2)) / n\ndelta2 = da2 * a2 * (1 - a2)"),),
    ),
    "jacobian of the loss": (
        "softmax",
        (("dz = (s - Y) / X.shape[0]", "ds = -Y / s / 4\ndz = s * (ds - np.sum(ds * s, axis=1, keepdims=True))"),),
    ),
    "minus at the target": ("softmax", (("dz = (s - Y) / X.shape[0]", "dz = s.copy()\ndz -= Y\ndz /= len(X)"),)),
    "softmax by loops": (
        "jacobian",
        (
            (
                "J = np.diag(s) - np.outer(s, s)",
                "J = np.zeros((3, 3))\nfor i in range(3):\n    for j in range(3):\n        J[i, j] = s[i] * ((1.0 if i == j else 0.0) - s[j])",
            ),
        ),
    ),
    "softmax without a Jacobian": (
        "jacobian",
        (("J = np.diag(s) - np.outer(s, s)\ndz = J @ ds", "dz = s * (ds - np.dot(s, ds))"),),
    ),
    "batch norm in steps": (
        "batchnorm",
        (
            (
                "dX = (n * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (n * std)",
                "dvar = np.sum(dxhat * xc, axis=0) * -0.5 * (var + 1e-5)**-1.5\ndmu = np.sum(dxhat * -1 / std, axis=0) + dvar * np.mean(-2 * xc, axis=0)\n"
                "dX = dxhat / std + dvar * 2 * xc / n + dmu / n",
            ),
        ),
    ),
    "layer norm with sums": (
        "layernorm",
        (
            (
                "dX = (dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * np.mean(dxhat * xhat, axis=1, keepdims=True)) / np.sqrt(var + 1e-5)",
                "dX = (d * dxhat - dxhat.sum(axis=1, keepdims=True) - xhat * (dxhat * xhat).sum(axis=1, keepdims=True)) / d / np.sqrt(var + 1e-5)",
            ),
        ),
    ),
    "convolution by comprehension": (
        "conv",
        (
            ("dw = np.zeros(3)\n", ""),
            ("    dw += dy[i] * x[i:i + 3]\n", ""),
            ("db = np.sum(dy)", "dw = np.array([np.sum(dy * x[k:k + 4]) for k in range(3)])\ndb = dy.sum()"),
        ),
    ),
    "collected over time": (
        "rnn",
        (
            (
                "dWx = x3.T @ da3 + x2.T @ da2 + x1.T @ da1",
                "dWx = np.zeros_like(Wx)\ndWx += x3.T @ da3\ndWx += x2.T @ da2\ndWx += x1.T @ da1",
            ),
        ),
    ),
    "zero term left out": ("rnn", (("dWh = h2.T @ da3 + h1.T @ da2 + h0.T @ da1", "dWh = h2.T @ da3 + h1.T @ da2"),)),
    "scale first": (
        "attention",
        (("dS = A * (dA - np.sum(dA * A, axis=1, keepdims=True))", "dS = A * (dA - (dA * A).sum(1)[:, None])"),),
    ),
    "residual with +=": ("residual", (("dh = dout + du @ W1.T", "dh = dout.copy()\ndh += du @ W1.T"),)),
    "fused": ("scalar", (("dz1 = dh * h * (1 - h)", "dz1 = (y - t) * w2 * h * (1 - h)"),)),
    "unused gradient": ("scalar", (("db1 = dz1", "db1 = dz1\ndx = dz1 * w1"),)),
    "decay in two lines": ("decay", (("dw = X.T @ dp + 2 * lam * w", "dw = X.T @ dp\ndw = dw + lam * (w + w)"),)),
    "epsilon in the logarithm": (
        "column",
        (
            (
                "loss = -np.sum(y * np.log(a2) + (1 - y) * np.log(1 - a2)) / n",
                "loss = -np.sum(y * np.log(a2 + 1e-12) + (1 - y) * np.log(1 - a2 + 1e-12)) / n",
            ),
        ),
    ),
}


def text_of(base: str, replacements: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a text with lines replaced; each must be there once."""
    text = HEAD + FORWARDS[base].lstrip("\n")
    for old, new in replacements:
        assert text.count(old) == 1, (base, old)
        text = text.replace(old, new)
    return text


def wrong_text(case: Wrong) -> str:
    """Return the text of a wrong backward pass."""
    return text_of(case.base, ((case.old, case.new),))
