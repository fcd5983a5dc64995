"""Homework in styles that the reader does not follow: each right, with single mistakes that a student makes."""

from __future__ import annotations

from dataclasses import dataclass

DATA = """\
import numpy as np

rng = np.random.default_rng(3)
X = rng.normal(size=(6, 3))
Y = rng.normal(size=(6, 2))
"""
CLASSES = """\
import numpy as np

rng = np.random.default_rng(3)
X = rng.normal(size=(6, 3))
labels = np.array([0, 2, 1, 1, 0, 2])
"""


@dataclass(frozen=True)
class Homework:
    """A file that is right, and what to put in place of what to make it wrong; ``beside`` are files that lie beside it."""

    text: str
    mistakes: tuple[tuple[str, str], ...]
    beside: tuple[tuple[str, str], ...] = ()
    needs: str = ""


HOMEWORK: dict[str, Homework] = {}


def _add(
    name: str, text: str, *mistakes: tuple[str, str], beside: tuple[tuple[str, str], ...] = (), needs: str = ""
) -> None:
    for old, _ in mistakes:
        assert text.count(old) == 1, (name, old)
    HOMEWORK[name] = Homework(text, mistakes, beside, needs)


_add(
    "dictionary of gradients, keys made while it runs",
    DATA
    + """
params = {}
for i, (a, b) in enumerate([(3, 4), (4, 2)], 1):
    params["W" + str(i)] = rng.normal(size=(a, b))
    params["b" + str(i)] = np.zeros((1, b))


def forward(x):
    z1 = x @ params["W1"] + params["b1"]
    a1 = np.maximum(z1, 0)
    return z1, a1, a1 @ params["W2"] + params["b2"]


def backward(cache):
    z1, a1, out = cache
    grads = {}
    delta = 2 * (out - Y) / out.size
    for i, below in ((2, a1), (1, X)):
        grads[f"W{i}"] = below.T @ delta
        grads[f"b{i}"] = delta.sum(axis=0, keepdims=True)
        if i == 2:
            delta = delta @ params["W2"].T
            delta[z1 <= 0] = 0
    return grads


for epoch in range(3):
    cache = forward(X)
    loss = np.mean((cache[-1] - Y) ** 2)
    grads = backward(cache)
    for key in params:
        params[key] -= 0.1 * grads[key]
""",
    ("/ out.size", "/ 1"),
    ("delta[z1 <= 0] = 0", "pass"),
    ("delta[z1 <= 0] = 0", "delta[z1 > 0] = 0"),
    ("= 2 * (out - Y)", "= 2 * (Y - out)"),
    ("delta.sum(axis=0, keepdims=True)", "delta.mean(axis=0, keepdims=True)"),
    ("delta.sum(axis=0, keepdims=True)", "delta[:1]"),
)
_add(
    "layers in a list, found by getattr",
    DATA
    + """

class Layer:
    def __init__(self, n_in, n_out):
        self.W = rng.normal(size=(n_in, n_out))
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.dW = self.x.T @ g
        self.db = g.sum(0)
        return g @ self.W.T


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, g):
        return g * (1 - self.out**2)


net = [Layer(3, 4), Tanh(), Layer(4, 2)]
for step in range(2):
    h = X
    for layer in net:
        h = getattr(layer, "forward")(h)
    loss = ((h - Y) ** 2).mean()
    g = 2 * (h - Y) / Y.size
    for layer in reversed(net):
        g = getattr(layer, "backward")(g)
    for layer in net:
        for name in ("W", "b"):
            if hasattr(layer, name):
                setattr(layer, name, getattr(layer, name) - 0.1 * getattr(layer, "d" + name))
""",
    ("g * (1 - self.out**2)", "g * (1 - self.out)"),
    ("g * (1 - self.out**2)", "g"),
    ("g.sum(0)", "g[0]"),
    ("/ Y.size", "/ 2"),
    ("self.x.T @ g", "-self.x.T @ g"),
    ("self.x.T @ g", "self.x.T @ g / len(g)"),
)
_add(
    "dictionary of lambdas",
    DATA
    + """
act = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "id": lambda z: z}
slope = {"sigmoid": lambda a: a * (1 - a), "id": lambda a: np.ones_like(a)}
kinds = ["sigmoid", "id"]
weights = [rng.normal(size=(3, 4)), rng.normal(size=(4, 2))]
for _ in range(2):
    acts = [X]
    for w, kind in zip(weights, kinds):
        acts.append(act[kind](acts[-1] @ w))
    loss = 0.5 * np.sum((acts[-1] - Y) ** 2) / len(X)
    delta = (acts[-1] - Y) / len(X)
    grads = [None, None]
    for i in (1, 0):
        delta = delta * slope[kinds[i]](acts[i + 1])
        grads[i] = acts[i].T @ delta
        delta = delta @ weights[i].T
    weights = [w - 0.1 * g for w, g in zip(weights, grads)]
""",
    ("a * (1 - a)", "a * (1 + a)"),
    ("a * (1 - a)", "1 - a"),
    ("(acts[-1] - Y) / len(X)\n    grads", "(acts[-1] - Y)\n    grads"),
    ("grads[i] = acts[i].T @ delta", "grads[i] = -(acts[i].T @ delta)"),
)
_add(
    "properties, a decorator and a metaclass",
    CLASSES
    + """
import functools


class Registry(type):
    layers = {}

    def __new__(meta, name, bases, space):
        made = super().__new__(meta, name, bases, space)
        if name != "Base":
            Registry.layers[name.lower()] = made
        return made


class Base(metaclass=Registry):
    pass


def remembered(f):
    @functools.wraps(f)
    def inner(self, x):
        self._seen = x
        return f(self, x)

    return inner


class Dense(Base):
    def __init__(self, shape):
        self._w = rng.normal(size=shape)
        self._dw = None

    @property
    def weight(self):
        return self._w

    @weight.setter
    def weight(self, value):
        self._w = value

    @remembered
    def forward(self, x):
        return x @ self.weight

    def backward(self, up):
        self._dw = self._seen.T @ up
        return up @ self.weight.T


class Relu(Base):
    @remembered
    def forward(self, x):
        return np.where(x > 0, x, 0)

    def backward(self, up):
        return np.where(self._seen > 0, up, 0)


one, two, act = Registry.layers["dense"]((3, 5)), Registry.layers["dense"]((5, 3)), Registry.layers["relu"]()
for _ in range(2):
    scores = two.forward(act.forward(one.forward(X)))
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(6), labels]).mean()
    d = p.copy()
    d[np.arange(6), labels] -= 1
    d /= 6
    one.backward(act.backward(two.backward(d)))
    one.weight = one.weight - 0.1 * one._dw
    two.weight = two.weight - 0.1 * two._dw
""",
    ("    d /= 6\n", ""),
    ("labels] -= 1", "labels] += 1"),
    ("np.where(self._seen > 0, up, 0)", "np.where(self._seen < 0, up, 0)"),
    ("np.where(self._seen > 0, up, 0)", "np.where(up > 0, up, 0)"),
)
_add(
    "a dataclass and functools.reduce",
    DATA
    + """
from dataclasses import dataclass, field
from functools import reduce


@dataclass
class Linear:
    W: np.ndarray
    b: np.ndarray
    grad: dict = field(default_factory=dict)
    x: np.ndarray = None

    def __call__(self, x):
        self.x = x
        return np.tanh(x @ self.W + self.b)

    def pull(self, up):
        z = np.tanh(self.x @ self.W + self.b)
        dz = up * (1 - z * z)
        self.grad["W"] = self.x.T @ dz
        self.grad["b"] = np.sum(dz, axis=0)
        return dz @ self.W.T


layers = [Linear(rng.normal(size=(3, 4)), np.zeros(4)), Linear(rng.normal(size=(4, 2)), np.zeros(2))]
for _ in range(2):
    out = reduce(lambda h, layer: layer(h), layers, X)
    loss = np.sum((out - Y) ** 2) / 12
    reduce(lambda up, layer: layer.pull(up), reversed(layers), (out - Y) / 6)
    for layer in layers:
        layer.W -= 0.2 * layer.grad["W"]
        layer.b -= 0.2 * layer.grad["b"]
""",
    ("(out - Y) / 6)", "(out - Y))"),
    ("(1 - z * z)", "(1 - z)"),
    ("np.sum(dz, axis=0)", "np.mean(dz, axis=0)"),
    ("self.x.T @ dz", "-self.x.T @ dz"),
)
_add(
    "einsum strings made while it runs",
    DATA
    + """
letters = "bio"
W = rng.normal(size=(3, 2))
c = np.zeros(2)


def product(first, second, result, a, b):
    return np.einsum(f"{first},{second}->{result}", a, b)


for _ in range(2):
    z = product(letters[:2], letters[1:], letters[0] + letters[2], X, W) + c
    loss = np.mean((z - Y) ** 2)
    dz = 2 * (z - Y) / z.size
    dW = product(letters[:2], letters[0] + letters[2], letters[1:], X, dz)
    dc = np.einsum(letters[0] + letters[2] + "->" + letters[2], dz)
    W, c = W - 0.1 * dW, c - 0.1 * dc
""",
    ("2 * (z - Y) / z.size", "2 * (z - Y) / len(z)"),
    ("2 * (z - Y) / z.size", "(z - Y) / z.size"),
    ('(letters[0] + letters[2] + "->" + letters[2], dz)', '(letters[0] + letters[2] + "->" + letters[2], dz) / 6'),
    ("2 * (z - Y)", "2 * (Y - z)"),
)
_add(
    "data read from a file beside it, with csv",
    """\
import csv

import numpy as np

with open("points.csv", newline="") as stream:
    table = [[float(v) for v in row] for row in csv.reader(stream)]
table = np.array(table)
X, y = table[:, :2], table[:, 2:]
w = np.array([[0.3], [-0.2]])
b = 0.1
for _ in range(2):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    error = p - y
    dw = X.T @ error / len(X)
    db = error.mean()
    w -= 0.5 * dw
    b -= 0.5 * db
""",
    ("X.T @ error / len(X)", "X.T @ error"),
    ("error.mean()", "error.sum()"),
    ("p - y", "y - p"),
    ("p - y", "(p - y) * p * (1 - p)"),
    beside=(("points.csv", "0.5,1.5,1\n-1.2,0.3,0\n0.7,-0.4,1\n2.1,0.2,0\n-0.6,-1.1,1\n"),),
)
_add(
    "generators that hand on gradients",
    DATA
    + """

def passes(ws):
    h = X
    for w in ws:
        z = h @ w
        yield h, z
        h = z * (z > 0)


def pulls(ws, seen, up):
    for k in reversed(range(len(ws))):
        h, z = seen[k]
        if k < len(ws) - 1:
            up = up * (z > 0)
        yield k, h.T @ up
        up = up @ ws[k].T


ws = [rng.normal(size=s) for s in ((3, 4), (4, 4), (4, 2))]
for _ in range(2):
    seen = list(passes(ws))
    diff = seen[-1][1] - Y
    loss = (diff * diff).sum() / len(Y)
    grads = dict(pulls(ws, seen, 2 * diff / len(Y)))
    for k, g in grads.items():
        ws[k] -= 0.01 * g
""",
    ("2 * diff / len(Y)", "2 * diff"),
    ("2 * diff / len(Y)", "diff / len(Y)"),
    ("up = up * (z > 0)", "up = up * z"),
    ("yield k, h.T @ up", "yield k, -h.T @ up"),
)
_add(
    "string-keyed dispatch of operations on a tape",
    DATA
    + """
tape = []
OPS = {
    "mm": (lambda a, b: a @ b, lambda g, a, b: (g @ b.T, a.T @ g)),
    "add": (lambda a, b: a + b, lambda g, a, b: (g, g.sum(0))),
    "tanh": (lambda a: np.tanh(a), lambda g, a: (g * (1 - np.tanh(a) ** 2),)),
}


def do(op, *names):
    out = f"t{len(tape)}"
    values[out] = OPS[op][0](*(values[n] for n in names))
    tape.append((op, names, out))
    return out


W = {"w0": rng.normal(size=(3, 4)), "c0": np.zeros(4), "w1": rng.normal(size=(4, 2)), "c1": np.zeros(2)}
for _ in range(2):
    tape.clear()
    values = {"x": X, **W}
    last = do("add", do("mm", do("tanh", do("add", do("mm", "x", "w0"), "c0")), "w1"), "c1")
    loss = np.square(values[last] - Y).mean()
    grads = {last: 2 * (values[last] - Y) / Y.size}
    for op, names, out in reversed(tape):
        for name, g in zip(names, OPS[op][1](grads[out], *(values[n] for n in names))):
            grads[name] = grads.get(name, 0) + g
    for name in W:
        W[name] = W[name] - 0.1 * grads[name]
""",
    ("(g, g.sum(0))", "(g, g.mean(0))"),
    ("(g @ b.T, a.T @ g)", "(g @ b.T, a.T @ g / len(g))"),
    ("g * (1 - np.tanh(a) ** 2)", "g * (1 - np.tanh(a))"),
    ("2 * (values[last] - Y) / Y.size", "2 * (values[last] - Y)"),
)
_add(
    "one vector of all parameters, taken apart by slices",
    DATA
    + """
shapes = [(3, 4), (4,), (4, 2), (2,)]
bounds = np.cumsum([0] + [int(np.prod(s)) for s in shapes])
theta = rng.normal(size=bounds[-1]) * 0.5


def parts(vector):
    return [vector[a:b].reshape(s) for a, b, s in zip(bounds[:-1], bounds[1:], shapes)]


def cost(theta):
    W1, b1, W2, b2 = parts(theta)
    h = np.tanh(X @ W1 + b1)
    out = h @ W2 + b2
    return h, out, np.mean((out - Y) ** 2)


for _ in range(2):
    h, out, loss = cost(theta)
    up = 2 * (out - Y) / out.size
    dh = (up @ parts(theta)[2].T) * (1 - h**2)
    dtheta = np.concatenate([g.ravel() for g in (X.T @ dh, dh.sum(0), h.T @ up, up.sum(0))])
    theta -= 0.1 * dtheta
""",
    ("dh.sum(0), h.T", "dh.mean(0), h.T"),
    ("(1 - h**2)", "(1 - h)"),
    ("/ out.size", "/ len(out)"),
    ("h.T @ up, up.sum(0)", "h.T @ up, -up.sum(0)"),
)
_add(
    "PyTorch tensors with gradients by hand",
    """\
import torch

torch.manual_seed(1)
X, Y = torch.randn(6, 3), torch.randn(6, 2)
net = {"W1": torch.randn(3, 4), "b1": torch.zeros(4), "W2": torch.randn(4, 2), "b2": torch.zeros(2)}
for _ in range(2):
    z = X @ net["W1"] + net["b1"]
    a = torch.relu(z)
    out = a @ net["W2"] + net["b2"]
    loss = ((out - Y) ** 2).mean()
    d = 2 * (out - Y) / out.numel()
    grads = {"W2": a.t() @ d, "b2": d.sum(0)}
    d = d @ net["W2"].t()
    d = d * (z > 0).float()
    grads.update(W1=X.t() @ d, b1=d.sum(0))
    for k in net:
        net[k] = net[k] - 0.1 * grads[k]
""",
    ("/ out.numel()", "/ len(out)"),
    ("* (z > 0).float()", "* z"),
    ("b1=d.sum(0)", "b1=d.mean(0)"),
    ("2 * (out - Y)", "2 * (Y - out)"),
    needs="torch",
)
_add(
    "PyTorch: a module whose gradients are compared with autograd's",
    """\
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.one = torch.nn.Linear(3, 4)
        self.two = torch.nn.Linear(4, 1)

    def forward(self, x):
        self.z = self.one(x)
        self.h = torch.sigmoid(self.z)
        return self.two(self.h)


torch.manual_seed(0)
net = Net()
x, t = torch.randn(5, 3), torch.randn(5, 1)
out = net(x)
loss = 0.5 * ((out - t) ** 2).sum()
loss.backward()
with torch.no_grad():
    d_out = out - t
    dW2 = d_out.T @ net.h
    db2 = d_out.sum(0)
    d_z = (d_out @ net.two.weight) * net.h * (1 - net.h)
    dW1 = d_z.T @ x
    db1 = d_z.sum(0)
print((dW1 - net.one.weight.grad).abs().max())
""",
    ("d_out = out - t", "d_out = t - out"),
    ("* net.h * (1 - net.h)", "* net.h"),
    ("d_z.T @ x", "d_z.T @ x / 5"),
    ("db2 = d_out.sum(0)", "db2 = d_out.mean(0)"),
    needs="torch",
)
_add(
    "im2col by strides",
    """\
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(0)
images = rng.normal(size=(2, 5, 5))
kernel = rng.normal(size=(3, 3))
target = rng.normal(size=(2, 3, 3))
for _ in range(2):
    patches = sliding_window_view(images, (3, 3), axis=(1, 2))
    out = np.tensordot(patches, kernel, axes=([3, 4], [0, 1]))
    loss = 0.5 * np.sum((out - target) ** 2) / 2
    d_out = (out - target) / 2
    d_kernel = np.tensordot(d_out, patches, axes=([0, 1, 2], [0, 1, 2]))
    kernel = kernel - 0.01 * d_kernel
""",
    ("d_out = (out - target) / 2", "d_out = out - target"),
    ("axes=([0, 1, 2], [0, 1, 2]))", "axes=([0, 1, 2], [0, 2, 1]))"),
    ("patches, axes=([0, 1, 2], [0, 1, 2]))", "patches[..., ::-1], axes=([0, 1, 2], [0, 1, 2]))"),
)
_add(
    "a recurrent network with states in a dictionary",
    """\
import numpy as np

rng = np.random.default_rng(2)
xs = rng.normal(size=(4, 3))
ts = rng.normal(size=(4, 2))
P = dict(Wx=rng.normal(size=(5, 3)) * 0.4, Wh=rng.normal(size=(5, 5)) * 0.4, Wy=rng.normal(size=(2, 5)), bh=np.zeros(5))
mem = {k: np.zeros_like(v) for k, v in P.items()}
for _ in range(2):
    hs, ys = {-1: np.zeros(5)}, {}
    loss = 0
    for t in range(len(xs)):
        hs[t] = np.tanh(P["Wx"] @ xs[t] + P["Wh"] @ hs[t - 1] + P["bh"])
        ys[t] = P["Wy"] @ hs[t]
        loss += 0.5 * np.sum((ys[t] - ts[t]) ** 2)
    G = {k: np.zeros_like(v) for k, v in P.items()}
    following = np.zeros(5)
    for t in reversed(range(len(xs))):
        dy = ys[t] - ts[t]
        G["Wy"] += np.outer(dy, hs[t])
        dh = P["Wy"].T @ dy + following
        raw = (1 - hs[t] * hs[t]) * dh
        G["bh"] += raw
        G["Wx"] += np.outer(raw, xs[t])
        G["Wh"] += np.outer(raw, hs[t - 1])
        following = P["Wh"].T @ raw
    for k in P:
        G[k] = np.clip(G[k], -5, 5)
        mem[k] += G[k] ** 2
        P[k] -= 0.1 * G[k] / np.sqrt(mem[k] + 1e-8)
""",
    ("+ following", ""),
    ("np.outer(raw, hs[t - 1])", "np.outer(raw, hs[t])"),
    ("(1 - hs[t] * hs[t]) * dh", "dh"),
    ('following = P["Wh"].T @ raw', 'following = P["Wh"] @ raw'),
    ("dy = ys[t] - ts[t]", "dy = ts[t] - ys[t]"),
)
_add(
    "a value engine on plain numbers",
    """\
import math


class Value:
    def __init__(self, data, parents=(), pull=None):
        self.data, self.grad, self.parents, self.pull = data, 0.0, parents, pull

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), lambda g: (g, g))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), lambda g: (g * other.data, g * self.data))

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, (self,), lambda g: (g * (1 - t * t),))

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if id(v) not in seen:
                seen.add(id(v))
                for p in v.parents:
                    visit(p)
                order.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            if v.pull is not None:
                for p, g in zip(v.parents, v.pull(v.grad)):
                    p.grad += g


w = [Value(0.3), Value(-0.7), Value(0.2)]
for _ in range(2):
    for v in w:
        v.grad = 0.0
    total = Value(0.0)
    for a, b, t in ((0.5, -1.2, 0.3), (1.1, 0.4, -0.6), (-0.3, 0.9, 0.8)):
        out = (w[0] * a + w[1] * b + w[2]).tanh()
        miss = out + (-t)
        total = total + miss * miss
    loss = total.data
    total.backward()
    for v in w:
        v.data -= 0.05 * v.grad
""",
    ("(1 - t * t)", "(1 - t)"),
    ("(g * other.data, g * self.data)", "(g * self.data, g * other.data)"),
    ("p.grad += g", "p.grad = g"),
)
_add(
    "masks by np.select and in place, with a closure for each layer",
    CLASSES
    + """
cache = {}


def make(index, shape):
    weight = rng.normal(size=shape)

    def forward(x):
        cache[index] = x
        z = x @ weight
        cache["z", index] = z
        return np.select([z > 0], [z], 0.1 * z)

    def backward(up):
        z = cache["z", index]
        scale = np.full_like(z, 0.1)
        scale[z > 0] = 1.0
        up = up * scale
        grad = cache[index].T @ up
        return grad, up @ weight.T

    return forward, backward, weight


f1, g1, W1 = make(1, (3, 6))
f2, g2, W2 = make(2, (6, 3))
for _ in range(2):
    scores = f2(f1(X))
    e = np.exp(scores)
    p = e / np.sum(e, axis=1, keepdims=True)
    onehot = np.eye(3)[labels]
    loss = -np.sum(onehot * np.log(p)) / 6
    up = (p - onehot) / 6
    dW2, up = g2(up)
    dW1, up = g1(up)
    W2 -= 0.1 * dW2
    W1 -= 0.1 * dW1
""",
    ("scale[z > 0] = 1.0", "scale[z < 0] = 1.0"),
    ("up = (p - onehot) / 6", "up = p - onehot"),
    ("up = (p - onehot) / 6", "up = (p - onehot) * p * (1 - p) / 6"),
    ("np.full_like(z, 0.1)", "np.full_like(z, 0.0)"),
)
_add(
    "batch norm in objects with slots",
    DATA
    + """

class Norm:
    __slots__ = ("gamma", "beta", "saved", "dgamma", "dbeta")

    def __init__(self, width):
        self.gamma, self.beta = rng.uniform(0.5, 1.5, width), rng.normal(size=width)

    def forward(self, x):
        mu, var = x.mean(0), x.var(0)
        std = np.sqrt(var + 1e-5)
        hat = (x - mu) / std
        self.saved = hat, std
        return self.gamma * hat + self.beta

    def backward(self, up):
        hat, std = self.saved
        self.dgamma = (up * hat).sum(0)
        self.dbeta = up.sum(0)
        d = up * self.gamma
        return (d - d.mean(0) - hat * (d * hat).mean(0)) / std


W = rng.normal(size=(3, 2))
norm = Norm(2)
for _ in range(2):
    out = norm.forward(X @ W)
    loss = np.mean((out - Y) ** 2)
    dW = X.T @ norm.backward(2 * (out - Y) / out.size)
    W -= 0.1 * dW
    norm.gamma = norm.gamma - 0.1 * norm.dgamma
    norm.beta = norm.beta - 0.1 * norm.dbeta
""",
    ("(up * hat).sum(0)", "up.sum(0)"),
    ("(d - d.mean(0) - hat * (d * hat).mean(0)) / std", "d / std"),
    ("- hat * (d * hat).mean(0)", "+ hat * (d * hat).mean(0)"),
    ("self.dbeta = up.sum(0)", "self.dbeta = up.mean(0)"),
)
_add(
    "attention, with heads taken apart by reshape and swapaxes",
    """\
import numpy as np

rng = np.random.default_rng(5)
x = rng.normal(size=(4, 6))
goal = rng.normal(size=(4, 6))
net = {name: rng.normal(size=(6, 6)) * 0.5 for name in "qkv"}
split = lambda m: m.reshape(4, 2, 3).swapaxes(0, 1)
merge = lambda m: m.swapaxes(0, 1).reshape(4, 6)
for _ in range(2):
    q, k, v = (split(x @ net[n]) for n in "qkv")
    s = q @ k.swapaxes(1, 2) / np.sqrt(3)
    a = np.exp(s - s.max(-1, keepdims=True))
    a = a / a.sum(-1, keepdims=True)
    o = merge(a @ v)
    loss = 0.5 * np.sum((o - goal) ** 2)
    do = split(o - goal)
    da = do @ v.swapaxes(1, 2)
    dv = a.swapaxes(1, 2) @ do
    ds = a * (da - (a * da).sum(-1, keepdims=True)) / np.sqrt(3)
    steps = dict(q=ds @ k, k=ds.swapaxes(1, 2) @ q, v=dv)
    grads = {n: x.T @ merge(m) for n, m in steps.items()}
    net = {n: w - 0.1 * grads[n] for n, w in net.items()}
""",
    ("- (a * da).sum(-1, keepdims=True)", ""),
    ("k=ds.swapaxes(1, 2) @ q", "k=ds @ q"),
    (".sum(-1, keepdims=True)) / np.sqrt(3)", ".sum(-1, keepdims=True))"),
    ("dv = a.swapaxes(1, 2) @ do", "dv = a @ do"),
)
_add(
    "samples one by one, with entries in loops",
    """\
import numpy as np

rng = np.random.default_rng(4)
X = rng.normal(size=(5, 3))
y = rng.normal(size=5)
w = rng.normal(size=3)
for epoch in range(2):
    loss = 0.0
    gradient = np.zeros(3)
    for xi, yi in zip(X, y):
        s = 0.0
        for j in range(3):
            s += w[j] * xi[j]
        h = s if s > 0 else 0.2 * s
        loss += (h - yi) ** 2 / len(X)
        slope = 1.0 if s > 0 else 0.2
        for j in range(3):
            gradient[j] += 2 * (h - yi) * slope * xi[j] / len(X)
    w -= 0.1 * gradient
""",
    ("slope = 1.0 if s > 0 else 0.2", "slope = 1.0 if s > 0 else 0.0"),
    ("xi[j] / len(X)", "xi[j]"),
    ("2 * (h - yi) * slope", "2 * (yi - h) * slope"),
    ("gradient[j] += 2", "gradient[j] = 2"),
)
_add(
    "an optimizer class with momentum, and layers made by name",
    DATA
    + """

class Momentum:
    def __init__(self, holders, rate=0.05, keep=0.9):
        self.holders, self.rate, self.keep = holders, rate, keep
        self.speed = [{} for _ in holders]

    def step(self):
        for holder, speed in zip(self.holders, self.speed):
            for key in vars(holder)["trained"]:
                speed[key] = self.keep * speed.get(key, 0) - self.rate * holder.grads[key]
                setattr(holder, key, getattr(holder, key) + speed[key])


class Affine:
    trained = ()

    def __init__(self, a, b):
        self.kernel, self.bias = rng.normal(size=(a, b)), np.zeros(b)
        self.trained, self.grads = ("kernel", "bias"), {}

    def __call__(self, x):
        self.x = x
        return x @ self.kernel + self.bias

    def pull(self, up):
        self.grads.update(kernel=self.x.T @ up, bias=up.sum(axis=0))
        return up @ self.kernel.T


net = [globals()[name](*args) for name, args in (("Affine", (3, 4)), ("Affine", (4, 2)))]
optimizer = Momentum(net)
for _ in range(3):
    hidden = net[0](X)
    out = net[1](np.sin(hidden))
    loss = np.mean(np.sum((out - Y) ** 2, axis=1))
    net[0].pull(net[1].pull(2 * (out - Y) / 6) * np.cos(hidden))
    optimizer.step()
""",
    ("* np.cos(hidden)", "* np.sin(hidden)"),
    ("2 * (out - Y) / 6", "2 * (out - Y)"),
    ("bias=up.sum(axis=0)", "bias=up.mean(axis=0)"),
    ("kernel=self.x.T @ up", "kernel=-self.x.T @ up"),
)
_add(
    "functions only, called at the end by name, with no update",
    DATA
    + """

def init(sizes):
    return [dict(W=rng.normal(size=s), b=rng.normal(size=s[1])) for s in zip(sizes, sizes[1:])]


def run(layers, x):
    steps = [x]
    for k, layer in enumerate(layers):
        z = steps[-1] @ layer["W"] + layer["b"]
        steps.append(np.tanh(z) if k + 1 < len(layers) else z)
    return steps


def cost_and_gradients(layers, x, y):
    steps = run(layers, x)
    loss = 0.5 * np.mean(np.sum((steps[-1] - y) ** 2, axis=1))
    up = (steps[-1] - y) / len(x)
    grads = []
    for k in range(len(layers) - 1, -1, -1):
        grads.insert(0, dict(dW=steps[k].T @ up, db=up.sum(axis=0)))
        up = (up @ layers[k]["W"].T) * (1 - steps[k] ** 2)
    return loss, grads


layers = init([3, 4, 2])
loss, grads = globals()["cost_and_gradients"](layers, X, Y)
print(loss, [sorted(g) for g in grads])
""",
    ("up = (steps[-1] - y) / len(x)", "up = steps[-1] - y"),
    ("db=up.sum(axis=0)", "db=up.mean(axis=0)"),
    ("(1 - steps[k] ** 2)", "steps[k]"),
    ("dW=steps[k].T @ up", "dW=-steps[k].T @ up"),
)
_add(
    "two losses added, with weight decay in the loss",
    DATA
    + """
from types import SimpleNamespace

net = SimpleNamespace(W=rng.normal(size=(3, 2)), b=np.zeros(2))
lam = 0.05
for _ in range(2):
    p = X @ net.W + net.b
    data_loss = np.mean(np.abs(p - Y))
    reg_loss = 0.5 * lam * np.sum(net.W * net.W)
    loss = data_loss + reg_loss
    dp = np.sign(p - Y) / p.size
    for key, g in (("W", X.T @ dp + lam * net.W), ("b", dp.sum(0))):
        setattr(net, "d" + key, g)
    for key in ("W", "b"):
        setattr(net, key, getattr(net, key) - 0.01 * getattr(net, "d" + key))
""",
    ('+ lam * net.W), ("b"', '), ("b"'),
    ("np.sign(p - Y) / p.size", "np.sign(p - Y)"),
    ("X.T @ dp + lam * net.W", "X.T @ dp + 2 * lam * net.W"),
    ("np.sign(p - Y)", "(p - Y)"),
)
_add(
    "an embedding with np.add.at and a while loop",
    """\
import numpy as np

rng = np.random.default_rng(8)
words = np.array([[0, 2], [1, 2], [3, 0]])
goal = rng.normal(size=(3, 2))
table = rng.normal(size=(4, 3))
out_w = rng.normal(size=(3, 2))
turn = 0
while turn < 2:
    vectors = table[words]
    h = vectors.mean(axis=1)
    y = h @ out_w
    loss = np.mean((y - goal) ** 2)
    dy = 2 * (y - goal) / y.size
    d_out_w = h.T @ dy
    dh = dy @ out_w.T
    d_table = np.zeros_like(table)
    np.add.at(d_table, words, np.repeat(dh[:, None, :], 2, axis=1) / 2)
    out_w -= 0.1 * d_out_w
    table -= 0.1 * d_table
    turn += 1
""",
    ("axis=1) / 2)", "axis=1))"),
    ("/ y.size", "/ 2"),
    ("h.T @ dy", "h.T @ dy * 2"),
    ("np.add.at(d_table, words, ", "d_table.__setitem__(words, "),
)
_add(
    "layers made by type(), with names from a table",
    DATA
    + """
spec = {"Square": (lambda z: z**2, lambda z: 2 * z), "Soft": (lambda z: np.log1p(np.exp(z)), lambda z: 1 / (1 + np.exp(-z)))}


def act(name):
    f, df = spec[name]

    def fwd(self, z):
        self.z = z
        return f(z)

    return type(name, (), {"fwd": fwd, "bwd": lambda self, up: up * df(self.z)})


Acts = {name: act(name) for name in spec}
soft, square = Acts["Soft"](), Acts["Square"]()
theta1, theta2 = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
for _ in range(2):
    h = soft.fwd(X @ theta1)
    out = square.fwd(h @ theta2)
    loss = np.sum((out - Y) ** 2) / (2 * len(X))
    up = square.bwd((out - Y) / len(X))
    grad_theta2 = h.T @ up
    grad_theta1 = X.T @ soft.bwd(up @ theta2.T)
    theta2 = theta2 - 0.01 * grad_theta2
    theta1 = theta1 - 0.01 * grad_theta1
""",
    ("lambda z: 2 * z)", "lambda z: z)"),
    ("lambda z: 1 / (1 + np.exp(-z)))", "lambda z: 1 / (1 + np.exp(z)))"),
    ("square.bwd((out - Y) / len(X))", "square.bwd(out - Y)"),
    ("grad_theta2 = h.T @ up", "grad_theta2 = -h.T @ up"),
)
_add(
    "a class that is its own dictionary, and operators overloaded",
    DATA
    + """
class Params(dict):
    def __sub__(self, other):
        return Params({k: v - other[k] for k, v in self.items()})

    def __rmul__(self, rate):
        return Params({k: rate * v for k, v in self.items()})

    def __getattr__(self, name):
        return self[name]


class Model:
    def __init__(self):
        self.params = Params(U=rng.normal(size=(3, 5)), V=rng.normal(size=(5, 2)))

    def __matmul__(self, x):
        self.x, self.s = x, x @ self.params.U
        self.h = np.exp(-self.s**2)
        return self.h @ self.params.V

    def gradients(self, up):
        back = up @ self.params.V.T
        return Params(V=self.h.T @ up, U=self.x.T @ (back * self.h * (-2 * self.s)))


model = Model()
lr = 0.1
for _ in range(2):
    guess = model @ X
    loss = np.mean(np.power(guess - Y, 2))
    model.params = model.params - lr * model.gradients(2 * (guess - Y) / guess.size)
""",
    ("(-2 * self.s)", "(2 * self.s)"),
    ("2 * (guess - Y) / guess.size", "2 * (guess - Y)"),
    ("back * self.h * (-2 * self.s)", "back * self.h"),
    ("V=self.h.T @ up", "V=self.h.T @ up / 6"),
)
_add(
    "contexts, exceptions and a queue",
    DATA
    + """
import contextlib
from collections import deque


class Tape(contextlib.AbstractContextManager):
    def __enter__(self):
        self.todo = deque()
        return self

    def __exit__(self, *problem):
        up = None
        while self.todo:
            up = self.todo.pop()(up)
        return False


store = {}
W = rng.normal(size=(3, 2))
gain = rng.uniform(0.5, 1.5, size=2)
for _ in range(2):
    with Tape() as tape:
        z = X @ W
        tape.todo.append(lambda up: store.update(dW=X.T @ up))
        try:
            y = np.arctan(z) * store["missing"]
        except KeyError:
            y = np.arctan(z) * gain
        tape.todo.append(lambda up: (store.update(dgain=(up * np.arctan(z)).sum(0)), up * gain / (1 + z**2))[1])
        loss = np.mean((y - Y) ** 2)
        tape.todo.append(lambda up: 2 * (y - Y) / y.size)
    W, gain = W - 0.1 * store["dW"], gain - 0.1 * store["dgain"]
""",
    ("/ (1 + z**2)", "/ (1 + z)"),
    ("dgain=(up * np.arctan(z)).sum(0)", "dgain=(up * z).sum(0)"),
    ("up * gain / (1 + z**2)", "up / (1 + z**2)"),
    ("2 * (y - Y) / y.size", "2 * (Y - y) / y.size"),
)
_add(
    "columns as samples, with whitening before",
    """\
import numpy as np

np.random.seed(7)
raw = np.random.randn(2, 8) * 3 + 1
Xc = (raw - raw.mean(axis=1, keepdims=True)) / raw.std(axis=1, keepdims=True)
labels = (raw[0] * raw[1] > 0).astype(int).reshape(1, -1)
m = Xc.shape[1]
sizes = (2, 4, 1)
theta = {f"{kind}{l}": (np.random.randn(sizes[l], sizes[l - 1]) if kind == "W" else np.zeros((sizes[l], 1)))
         for l in (1, 2) for kind in "Wb"}
for i in range(2):
    store = {"A0": Xc}
    for l, f in ((1, np.tanh), (2, lambda z: 1 / (1 + np.exp(-z)))):
        store[f"Z{l}"] = theta[f"W{l}"] @ store[f"A{l - 1}"] + theta[f"b{l}"]
        store[f"A{l}"] = f(store[f"Z{l}"])
    A2 = store["A2"]
    cost = -np.sum(labels * np.log(A2) + (1 - labels) * np.log(1 - A2)) / m
    grads = {}
    dZ = A2 - labels
    for l in (2, 1):
        grads[f"dW{l}"] = dZ @ store[f"A{l - 1}"].T / m
        grads[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dZ = (theta[f"W{l}"].T @ dZ) * (1 - np.power(store[f"A{l - 1}"], 2))
    theta = {k: v - 1.2 * grads["d" + k] for k, v in theta.items()}
""",
    ('dZ @ store[f"A{l - 1}"].T / m', 'dZ @ store[f"A{l - 1}"].T'),
    ("np.sum(dZ, axis=1, keepdims=True) / m", "np.sum(dZ, keepdims=True) / m"),
    ('(1 - np.power(store[f"A{l - 1}"], 2))', '(1 - store[f"A{l - 1}"])'),
    ("dZ = A2 - labels", "dZ = labels - A2"),
    ("dZ = A2 - labels", "dZ = (A2 - labels) * A2 * (1 - A2)"),
)
_add(
    "PyTorch: an LSTM cell by hand with unbind, chunk and in-place sums",
    """\
import torch

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
x, h0, c0 = torch.randn(4, 3), torch.zeros(4, 2), torch.randn(4, 2)
goal = torch.randn(4, 2)
W = torch.randn(3, 8) * 0.5
b = torch.zeros(8)
for _ in range(2):
    i, f, g, o = (x @ W + b).chunk(4, dim=1)
    i, f, o, g = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o), torch.tanh(g)
    c = f * c0 + i * g
    h = o * torch.tanh(c)
    loss = (h - goal).pow(2).sum() / 4
    dh = (h - goal) / 2
    do = dh * torch.tanh(c) * o * (1 - o)
    dc = dh * o * (1 - torch.tanh(c) ** 2)
    parts = [dc * g * i * (1 - i), dc * c0 * f * (1 - f), dc * i * (1 - g * g), do]
    dz = torch.cat(parts, dim=1)
    dW = x.T @ dz
    db = dz.sum(dim=0)
    W = W - 0.1 * dW
    b = b - 0.1 * db
""",
    ("dc * c0 * f * (1 - f)", "dc * c * f * (1 - f)"),
    ("(1 - torch.tanh(c) ** 2)", "(1 - torch.tanh(c))"),
    ("dh = (h - goal) / 2", "dh = (h - goal)"),
    ("db = dz.sum(dim=0)", "db = dz.mean(dim=0)"),
    ("dc * i * (1 - g * g)", "dc * f * (1 - g * g)"),
    needs="torch",
)
_add(
    "max pooling by argmax, and a gradient check by differences beside",
    """\
import numpy as np

rng = np.random.default_rng(11)
signal = rng.normal(size=(3, 8))
kernel = rng.normal(size=3)
want = rng.normal(size=(3, 3))


def forward(kernel):
    conv = np.stack([signal[:, i : i + 6] @ np.eye(6)[:, :0].sum(1) if False else
                     sum(kernel[j] * signal[:, i + j] for j in range(3)) for i in range(6)], axis=1)
    pairs = conv.reshape(3, 3, 2)
    best = pairs.argmax(axis=2)
    pooled = np.take_along_axis(pairs, best[..., None], axis=2)[..., 0]
    return pooled, best, np.mean((pooled - want) ** 2)


pooled, best, loss = forward(kernel)
d_pairs = np.zeros((3, 3, 2))
np.put_along_axis(d_pairs, best[..., None], (2 * (pooled - want) / want.size)[..., None], axis=2)
d_conv = d_pairs.reshape(3, 6)
d_kernel = np.array([np.vdot(d_conv, signal[:, j : j + 6]) for j in range(3)])
numeric = np.zeros(3)
for j in range(3):
    nearby = kernel.copy()
    nearby[j] += 1e-6
    numeric[j] = (forward(nearby)[2] - loss) / 1e-6
assert np.abs(numeric).max() < 100
kernel = kernel - 0.1 * d_kernel
""",
    ("2 * (pooled - want) / want.size", "2 * (pooled - want)"),
    ("2 * (pooled - want) / want.size", "(pooled - want) / want.size"),
    ("signal[:, j : j + 6]) for", "signal[:, 2 - j : 8 - j]) for"),
)
_add(
    "a module beside it, imported by name, and a namedtuple of gradients",
    """\
import importlib
from collections import namedtuple

import numpy as np

ops = importlib.import_module("my_ops")
Grads = namedtuple("Grads", "dA dB")
rng = np.random.default_rng(21)
data = rng.normal(size=(7, 2))
target = rng.normal(size=(7, 1))
A, B = rng.normal(size=(2, 3)), rng.normal(size=(3, 1))
for _ in range(2):
    hidden = ops.swish(data @ A)
    guess = hidden @ B
    loss = ops.mse(guess, target)
    up = ops.mse_slope(guess, target)
    grads = Grads(dA=data.T @ (up @ B.T * ops.swish_slope(data @ A)), dB=hidden.T @ up)
    A, B = A - 0.1 * grads.dA, B - 0.1 * grads.dB
""",
    ("dB=hidden.T @ up", "dB=-hidden.T @ up"),
    ("* ops.swish_slope(data @ A)", "* ops.swish(data @ A)"),
    ("data.T @ (up @ B.T *", "data.T / 7 @ (up @ B.T *"),
    beside=(
        (
            "my_ops.py",
            "import numpy as np\n\n\ndef _gate(z):\n    return 1 / (1 + np.exp(-z))\n\n\ndef swish(z):\n    return z * _gate(z)\n\n\n"
            "def swish_slope(z):\n    s = _gate(z)\n    return s + z * s * (1 - s)\n\n\ndef mse(a, b):\n    return ((a - b) ** 2).mean()\n\n\n"
            "def mse_slope(a, b):\n    return 2 * (a - b) / a.size\n",
        ),
    ),
)
_add(
    "layers that register themselves, with descriptors",
    DATA
    + """

class Stored:
    def __set_name__(self, owner, name):
        self.key = "_" + name

    def __get__(self, holder, owner=None):
        return self if holder is None else holder.__dict__[self.key]

    def __set__(self, holder, value):
        holder.__dict__[self.key] = value


class Node:
    kinds = []
    W = Stored()

    def __init_subclass__(cls, **options):
        Node.kinds.append((options.pop("order"), cls))


class First(Node, order=1):
    def __call__(self, x):
        self.x, self.z = x, x @ self.W
        return np.sin(self.z)

    def pull(self, up):
        up = up * np.cos(self.z)
        self.dW = self.x.T @ up
        return up @ self.W.T


class Second(Node, order=2):
    def __call__(self, x):
        self.x = x
        return x @ self.W

    def pull(self, up):
        self.dW = self.x.T @ up
        return up @ self.W.T


net = [cls() for _, cls in sorted(Node.kinds, key=lambda pair: pair[0])]
for node, shape in zip(net, ((3, 4), (4, 2))):
    node.W = rng.normal(size=shape)
for _ in range(2):
    h = X
    for node in net:
        h = node(h)
    loss = np.mean((h - Y) ** 2)
    up = 2 * (h - Y) / h.size
    for node in net[::-1]:
        up = node.pull(up)
    for node in net:
        node.W = node.W - 0.1 * node.dW
""",
    ("up * np.cos(self.z)", "up * np.sin(self.z)"),
    ("2 * (h - Y) / h.size", "2 * (h - Y)"),
    ("2 * (h - Y) / h.size", "2 * (Y - h) / h.size"),
    ("        up = up * np.cos(self.z)\n", ""),
)
_add(
    "weights from a json file, dispatched on types by singledispatch",
    """\
import json
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path

import numpy as np

config = json.loads(Path("net.json").read_text())
X, y = np.array(config["inputs"]), np.array(config["targets"])


@dataclass
class Dense:
    w: np.ndarray
    b: np.ndarray


@dataclass
class Sigmoid:
    pass


@singledispatch
def forward(layer, x):
    raise NotImplementedError


@forward.register
def _(layer: Dense, x):
    return x @ layer.w + layer.b


@forward.register
def _(layer: Sigmoid, x):
    return 1 / (1 + np.exp(-x))


@singledispatch
def backward(layer, x, up):
    raise NotImplementedError


@backward.register
def _(layer: Dense, x, up):
    layer.dw, layer.db = x.T @ up, up.sum(axis=0)
    return up @ layer.w.T


@backward.register
def _(layer: Sigmoid, x, up):
    s = forward(layer, x)
    return up * s * (1 - s)


net = [Dense(np.array(c["w"]), np.array(c["b"])) if c["kind"] == "dense" else Sigmoid() for c in config["layers"]]
for _ in range(2):
    seen = [X]
    for layer in net:
        seen.append(forward(layer, seen[-1]))
    loss = float(np.sum((seen[-1] - y) ** 2) / 2 / len(X))
    up = (seen[-1] - y) / len(X)
    for layer, x in zip(reversed(net), reversed(seen[:-1])):
        up = backward(layer, x, up)
    for layer in net:
        if isinstance(layer, Dense):
            layer.w, layer.b = layer.w - 0.5 * layer.dw, layer.b - 0.5 * layer.db
""",
    ("up * s * (1 - s)", "up * s"),
    ("up = (seen[-1] - y) / len(X)", "up = seen[-1] - y"),
    ("up.sum(axis=0)", "up.mean(axis=0)"),
    ("x.T @ up, up", "-x.T @ up, up"),
    ("up @ layer.w.T", "up @ layer.w.T * 2"),
    beside=(
        (
            "net.json",
            '{"inputs": [[0.5, -1.2], [1.1, 0.3], [-0.7, 0.9]], "targets": [[1.0], [0.0], [1.0]], "layers": ['
            '{"kind": "dense", "w": [[0.3, -0.5, 0.8], [0.2, 0.7, -0.4]], "b": [0.1, -0.2, 0.05]}, {"kind": "sigmoid"}, '
            '{"kind": "dense", "w": [[0.6], [-0.9], [0.4]], "b": [0.0]}, {"kind": "sigmoid"}]}',
        ),
    ),
)
_add(
    "pullbacks as nested closures, composed by reduce",
    DATA
    + """
from functools import partial, reduce


def linear(weights, key):
    def apply(x):
        def pull(up, out):
            out[key] = x.T @ up
            return up @ weights[key].T

        return x @ weights[key], pull

    return apply


def elementwise(f, df):
    def apply(x):
        return f(x), lambda up, out: up * df(x)

    return apply


def compose(state, layer):
    x, pulls = state
    y, pull = layer(x)
    return y, (*pulls, pull)


weights = {0: rng.normal(size=(3, 4)), 1: rng.normal(size=(4, 2))}
layers = (linear(weights, 0), elementwise(np.tanh, lambda x: np.cosh(x) ** -2.0), linear(weights, 1))
for _ in range(2):
    y, pulls = reduce(compose, layers, (X, ()))
    loss = np.linalg.norm(y - Y) ** 2 / 6
    collected = {}
    reduce(lambda up, pull: pull(up, collected), reversed(pulls), (y - Y) / 3)
    for key, gradient in collected.items():
        weights[key] = weights[key] - 0.05 * gradient
""",
    ("np.cosh(x) ** -2.0", "np.cosh(x) ** -1.0"),
    ("(y - Y) / 3)", "(y - Y) / 6)"),
    ("(y - Y) / 3)", "(Y - y) / 3)"),
    ("out[key] = x.T @ up", "out[key] = x.T @ up * len(x)"),
)
_add(
    "coroutines that wait for the upstream gradient",
    DATA
    + """

def affine(box, name):
    x = yield
    up = yield x @ box[name] + box["bias_" + name]
    box["d", name] = x.T @ up
    box["d", "bias_" + name] = np.add.reduce(up, axis=0)
    yield up @ box[name].T


def softplus():
    x = yield
    up = yield np.logaddexp(0, x)
    yield up / (1 + np.exp(-x))


box = {"one": rng.normal(size=(3, 4)), "bias_one": np.zeros(4), "two": rng.normal(size=(4, 2)), "bias_two": np.zeros(2)}
for _ in range(2):
    stages = [affine(box, "one"), softplus(), affine(box, "two")]
    h = X
    for stage in stages:
        next(stage)
        h = stage.send(h)
    loss = np.mean((h - Y) ** 2)
    up = (h - Y) * 2 / h.size
    while stages:
        up = stages.pop().send(up)
    for name in ("one", "bias_one", "two", "bias_two"):
        box[name] = box[name] - 0.1 * box["d", name]
""",
    ("up / (1 + np.exp(-x))", "up / (1 + np.exp(x))"),
    ("np.add.reduce(up, axis=0)", "np.add.reduce(up, axis=0) / 6"),
    ("(h - Y) * 2 / h.size", "(h - Y) * 2"),
    ("= x.T @ up", "= -(x.T @ up)"),
)
_add(
    "a structured array of parameters and an npz-free text file",
    """\
import numpy as np

points = np.genfromtxt("points.txt", delimiter=";", skip_header=1)
inputs, outputs = points[:, 1:], points[:, 0]
slots = {"centre": slice(0, 2), "width": slice(2, 3), "scale": slice(3, 4)}
theta = np.array([0.2, -0.1, 0.8, 1.3])


def read(vector, name):
    return vector[slots[name]]


for turn in range(2):
    off = inputs - read(theta, "centre")
    square = np.square(off).sum(axis=1)
    bell = np.exp(-square * read(theta, "width"))
    guess = bell * read(theta, "scale")
    loss = np.mean((guess - outputs) ** 2)
    error = 2 * (guess - outputs) / len(outputs)
    d_theta = np.empty(4)
    d_theta[slots["scale"]] = error @ bell
    d_bell = error * read(theta, "scale")
    d_theta[slots["width"]] = -(d_bell * bell * square).sum()
    d_square = -d_bell * bell * read(theta, "width")
    d_theta[slots["centre"]] = (-2 * off * d_square[:, None]).sum(axis=0)
    theta = theta - 0.1 * d_theta
""",
    ("(-2 * off * d_square[:, None])", "(2 * off * d_square[:, None])"),
    ("= error @ bell", "= (error * bell).mean()"),
    ('d_bell = error * read(theta, "scale")', "d_bell = error"),
    ("/ len(outputs)", "/ 1"),
    beside=(("points.txt", "y;a;b\n0.4;0.5;-0.3\n0.9;0.1;0.2\n0.2;-1.1;0.7\n0.7;0.4;0.6\n"),),
)
_add(
    "operators found by name, with a graph sorted before it is pulled back",
    DATA
    + """
import operator
from graphlib import TopologicalSorter

graph = {"z": ("matmul", "x", "W"), "s": ("add", "z", "c"), "r": ("sub", "s", "y"), "q": ("mul", "r", "r")}
RULES = {
    "matmul": lambda g, a, b: (g @ b.T, a.T @ g),
    "add": lambda g, a, b: (g, g.sum(axis=tuple(range(g.ndim - b.ndim)))),
    "sub": lambda g, a, b: (g, -g),
    "mul": lambda g, a, b: (g * b, g * a),
}
value = {"x": X, "y": Y, "W": rng.normal(size=(3, 2)), "c": np.zeros(2)}
for _ in range(2):
    order = [n for n in TopologicalSorter({k: v[1:] for k, v in graph.items()}).static_order() if n in graph]
    for name in order:
        kind, *args = graph[name]
        value[name] = getattr(operator, kind)(*map(value.get, args))
    loss = value["q"].mean()
    bar = dict.fromkeys(value, 0)
    bar["q"] = np.full(value["q"].shape, 1 / value["q"].size)
    for name in reversed(order):
        kind, *args = graph[name]
        for arg, part in zip(args, RULES[kind](bar[name], *map(value.get, args))):
            bar[arg] = bar[arg] + part
    for name in "Wc":
        value[name] = value[name] - 0.1 * bar[name]
""",
    ("(g, g.sum(axis=tuple(range(g.ndim - b.ndim))))", "(g, g.mean(axis=tuple(range(g.ndim - b.ndim))))"),
    ("(g * b, g * a)", "(g * b, 0)"),
    ('1 / value["q"].size', "1.0"),
    ("a.T @ g)", "a.T @ (-g))"),
)
_add(
    "a convolution by Fourier-free loops over views, in a class with __getattr__",
    """\
import numpy as np


class Bag:
    def __init__(self, **items):
        object.__setattr__(self, "items", dict(items))

    def __getattr__(self, name):
        try:
            return object.__getattribute__(self, "items")[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self.items[name] = value


rng = np.random.default_rng(13)
net = Bag(K=rng.normal(size=(2, 2)), bias=np.array(0.1), v=rng.normal(size=4))
images, goals = rng.normal(size=(3, 3, 3)), rng.normal(size=3)
for _ in range(2):
    maps = sum(net.K[a, b] * images[:, a : a + 2, b : b + 2] for a, b in np.ndindex(2, 2)) + net.bias
    flat = np.abs(maps).reshape(3, -1)
    out = flat @ net.v
    loss = 0.5 * ((out - goals) ** 2).mean()
    net.dout = (out - goals) / 3
    net.dv = flat.T @ net.dout
    back = np.outer(net.dout, net.v).reshape(maps.shape) * np.sign(maps)
    net.dK = np.array([[np.sum(back * images[:, a : a + 2, b : b + 2]) for b in (0, 1)] for a in (0, 1)])
    net.dbias = back.sum()
    for name in ("K", "bias", "v"):
        setattr(net, name, getattr(net, name) - 0.1 * getattr(net, "d" + name))
""",
    ("* np.sign(maps)", "* maps"),
    ("net.dout = (out - goals) / 3", "net.dout = out - goals"),
    ("for b in (0, 1)] for a in (0, 1)]", "for b in (1, 0)] for a in (0, 1)]"),
    ("back.sum()", "back.mean()"),
)
_add(
    "recursion over a tree of named tuples",
    """\
from typing import NamedTuple, Optional

import numpy as np

rng = np.random.default_rng(17)


class Tree(NamedTuple):
    word: Optional[int] = None
    left: Optional["Tree"] = None
    right: Optional["Tree"] = None


sentence = Tree(left=Tree(left=Tree(word=0), right=Tree(word=1)), right=Tree(word=2))
P = {"E": rng.normal(size=(3, 4)), "L": rng.normal(size=(4, 4)) * 0.5, "R": rng.normal(size=(4, 4)) * 0.5, "o": rng.normal(size=4)}


def encode(tree):
    if tree.word is not None:
        return P["E"][tree.word], None
    (a, ca), (b, cb) = encode(tree.left), encode(tree.right)
    h = np.tanh(P["L"] @ a + P["R"] @ b)
    return h, (a, ca, b, cb, h)


def decode(tree, cache, up, dP):
    if tree.word is not None:
        dP["E"][tree.word] += up
        return
    a, ca, b, cb, h = cache
    d = up * (1 - h * h)
    dP["L"] += np.outer(d, a)
    dP["R"] += np.outer(d, b)
    decode(tree.left, ca, P["L"].T @ d, dP)
    decode(tree.right, cb, P["R"].T @ d, dP)


for _ in range(2):
    top, cache = encode(sentence)
    score = P["o"] @ top
    loss = np.log1p(np.exp(-score))
    slope = -1 / (1 + np.exp(score))
    dP = {k: np.zeros_like(v) for k, v in P.items()}
    dP["o"] += slope * top
    decode(sentence, cache, slope * P["o"], dP)
    for k in P:
        P[k] -= 0.1 * dP[k]
""",
    ("-1 / (1 + np.exp(score))", "1 / (1 + np.exp(score))"),
    ("-1 / (1 + np.exp(score))", "-1 / (1 + np.exp(-score))"),
    ("up * (1 - h * h)", "up * (1 - h)"),
    ("np.outer(d, a)", "np.outer(a, d)"),
    ('P["R"].T @ d, dP)', 'P["R"] @ d, dP)'),
)
_add(
    "PyTorch: gradients kept by hooks of one's own class, in a ModuleDict",
    """\
import torch

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)


class Hand:
    registry = {}

    def __init__(self, name, *shape):
        self.name, self.p = name, torch.randn(*shape)
        Hand.registry[name] = self

    def __getattr__(self, key):
        return getattr(self.p, key)

    def step(self, g, lr=0.1):
        self.grad = g
        self.p = self.p - lr * g


x, y = torch.randn(5, 3), torch.tensor([0, 1, 1, 0, 1])
Hand("W", 3, 2), Hand("b", 2)
for _ in range(2):
    W, b = (Hand.registry[n].p for n in "Wb")
    logits = torch.einsum("ni,io->no", x, W) + b
    loss = torch.nn.functional.cross_entropy(logits, y)
    g = torch.softmax(logits, dim=1)
    g[torch.arange(5), y] -= 1
    g /= 5
    for name, grad in {"W": torch.einsum("ni,no->io", x, g), "b": torch.einsum("no->o", g)}.items():
        Hand.registry[name].step(grad)
""",
    ("    g /= 5\n", ""),
    ("y] -= 1", "y] += 1"),
    ('torch.einsum("no->o", g)}', 'torch.einsum("no->o", g) / 5}'),
    ('torch.einsum("ni,no->io", x, g)', '-torch.einsum("ni,no->io", x, g)'),
    needs="torch",
)
_add(
    "PyTorch: an optimizer by hand over a list of closures",
    """\
import torch

gen = torch.Generator().manual_seed(2)
xs = torch.randn(8, 2, generator=gen, dtype=torch.float64)
ts = (xs[:, :1] * xs[:, 1:]).sin()
store = [torch.randn(s, generator=gen, dtype=torch.float64) for s in ((2, 5), (5,), (5, 1))]
names = ["U", "c", "V"]
ops = {"U": lambda h, p: h.matmul(p), "c": lambda h, p: (h + p).clamp(min=0), "V": lambda h, p: h.mm(p)}
momenta = [torch.zeros_like(p) for p in store]
for _ in range(2):
    trail = [xs]
    for name, p in zip(names, store):
        trail.append(ops[name](trail[-1], p))
    loss = (trail[-1] - ts).square().mean()
    up = (trail[-1] - ts).mul(2).div(8)
    grads = {}
    grads["V"] = trail[2].t().mm(up)
    up = up.mm(store[2].t()).masked_fill(trail[2] <= 0, 0.0)
    grads["c"] = up.sum(dim=0)
    grads["U"] = xs.t().mm(up)
    momenta = [m.mul(0.9).add(grads[n]) for m, n in zip(momenta, names)]
    store = [p - 0.05 * m for p, m in zip(store, momenta)]
""",
    (".masked_fill(trail[2] <= 0, 0.0)", ""),
    (".masked_fill(trail[2] <= 0, 0.0)", ".masked_fill(trail[2] > 0, 0.0)"),
    (".mul(2).div(8)", ".mul(2)"),
    ("up.sum(dim=0)", "up.mean(dim=0)"),
    needs="torch",
)
