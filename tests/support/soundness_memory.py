"""Small texts about memory that several names show, each kind in several spellings."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "an indexed assignment through an alias",
        True,
        """
a = W * 2
b = a
b[0] = 0
loss = $np.sum(a * a)

a = W * 2
b = a
a[0] = 0
loss = $np.sum(b * b)

a = W * 2
b = c = a
b[1, 2] = 5.0
loss = $np.sum(c * a)

a, b = W * 2, W * 3
a, b = b, a
b[0, 0] = 1.0
loss = $np.sum(a * a) + 3 * $np.sum(b * b)

a = W * 2
b = a
b[:, 1] += 1
b = b * 2
b[0] = 9.0
loss = $np.sum(a * a) + $np.sum(b)

a = W * 2
b = a
b += 1
loss = $np.sum(a * a)

a = W * 2
b = a
b = b + 1
loss = $np.sum(a * a) + $np.sum(b ** 3)
""",
    ),
    Kind(
        "a change through a view",
        True,
        """
a = W * 2
b = a[0]
b += 1
loss = $np.sum(a * a)

a = W * 2
b = a.T
b[0] = 0
loss = $np.sum(a ** 3)

a = W * 2
b = a.reshape(-1)
b[4] = 0
loss = $np.sum(a * a)

a = W * 2
b = a[:, 1:]
b[0, 0] = 3.0
a[1, 2] = 4.0
loss = $np.sum(a * a) + 2 * $np.sum(b ** 3)

a = W * 2
b = a[None, :, ::2]
b *= 3
loss = $np.sum(a * a)

a = W * 2
b = a[..., -1]
b[:] = 0
loss = $np.sum(a * a)

a = W * 2
a.T[1] += 4
loss = $np.sum(a * a)

a = W * 2
b = a[0][1:]
a[0] = 1.0
loss = $np.sum(b * b) + $np.sum(a ** 3)
""",
        """
a = W * 2
b = a[::-1]
b[0] = 0
loss = np.sum(a * a)

a = W * 2
b = a.ravel()
b[1] = 0
loss = np.sum(a * a)

a = W * 2
b = a.T.ravel()
b[1] = 0
loss = np.sum(a * a)

a = W * 2
b = a.flatten()
b[1] = 0
loss = np.sum(a * a) + np.sum(b ** 3)

a = W * 2
b, c = np.split(a, 2)
c += 1
loss = np.sum(a * a) + np.sum(b)

a = W * 2
b = np.asarray(a)
b += 1
loss = np.sum(a * a)

a = W * 2
b = np.array(a)
b += 1
loss = np.sum(a * a) + np.sum(b ** 3)

a = W * 2
b = a[[0]]
b += 1
loss = np.sum(a * a) + np.sum(b ** 3)
""",
        """
a = W * 2
b = a.view(3, 2)
b[2] = 0
loss = (a * a).sum()

a = W * 2
b = a.permute(1, 0)
b[0].mul_(4)
loss = (a * a).sum()

a = W * 2
b, c = a.unbind(0)
c.add_(1)
loss = (a * a).sum() + b.sum()

a = W * 2
b, c = a.chunk(2)
b.zero_()
loss = (a * a).sum() + c.sum()

a = W * 2
b = a.clone()
b.zero_()
loss = (a * a).sum() + b.sum()

a = W * 2
b = a.unsqueeze(0).squeeze()
b.fill_(0.5)
loss = (a * a * W).sum()
""",
    ),
    Kind(
        "rows changed in a loop",
        True,
        """
a = W * 1.
for r in a:
    r += 1
loss = $np.sum(a**2)

a = W * 1.
for r in a:
    r *= 2
loss = $np.sum(a**2)

a = W * 1.
for i, r in enumerate(a):
    r[i] = 0
loss = $np.sum(a**2)

a = W * 1.
for r, k in zip(a, (2.0, 3.0)):
    r *= k
loss = $np.sum(a**2)

a = W * 1.
for c in a.T:
    c[0] = 2.0
loss = $np.sum(a**2)

a = W * 1.
for r in a:
    r = r * 2
loss = $np.sum(a**2)

a = W * 1.
for i in range(len(a)):
    r = a[i]
    r -= i
loss = $np.sum(a**2)

a = W * 1.
rows = [r for r in a]
rows[1] += 1
loss = $np.sum(a**2)
""",
    ),
    Kind(
        "an alias through what hands a value on",
        True,
        """
def f(z):
    return z
a = W * 1.
b = f(a)
b += 1
loss = $np.sum(a**2)

a = W * 1.
b = [a][0]
b += 1
loss = $np.sum(a**2)

a = W * 1.
b, c = (a, 2)
b += c
loss = $np.sum(a**2)

a = W * 1.
b = {'k': a}['k']
b += 1
loss = $np.sum(a**2)

a = W * 1.
b = a if len(W) == 2 else W
b += 1
loss = $np.sum(a**2)

class Box:
    pass
a = W * 1.
box = Box()
box.w = a
box.w += 1
loss = $np.sum(a**2)

a = W * 1.
def f(z=a):
    z += 1
    return z
b = f()
loss = $np.sum(a**2)

a = W * 1.
f = lambda: a
b = f()
b += 1
loss = $np.sum(a**2)

a = W * 1.
items = []
items.append(a)
for x in items:
    x += 1
loss = $np.sum(a**2)

a = W * 1.
d = dict(k=a)
d['k'] += 1
loss = $np.sum(a**2)

a = W * 1.
b, *rest = a, a
rest[0] += 1
loss = $np.sum(b**2)

a = W * 1.
def f(*args, **kwargs):
    return args[0], kwargs['x']
b, c = f(a, x=a)
b += 1
c *= 2
loss = $np.sum(a**2)

a = W * 1.
b = (c := a)
c += 1
loss = $np.sum(b**2)

a = W * 1.
b = None or a
b += 1
loss = $np.sum(a**2)
""",
    ),
    Kind(
        "a number taken out of an array",
        True,
        """
a = W * 1
b = a[0, 1]
b += 1
loss = $np.sum(a ** 2) + b

a = W * 1
b = a[0]
c = b[1]
c *= 3
loss = $np.sum(a ** 2) + c

a = W[0] * 1
for x in a:
    x += 1
loss = $np.sum(a ** 2)

a = W[0] * 1
b, c, d = a
b += 1
loss = $np.sum(a ** 2) + b * c

a = $np.sum(W)
b = a
b += 1
loss = a * b

a = $np.sum(W)
a += 1
b = a
a = a * 2
loss = a * b

def f(x):
    x += 1
    return x
a = $np.sum(W)
b = f(a)
loss = a * b

a = W[1] * 1
b = [x for x in a]
b[0] += 1
loss = $np.sum(a ** 2) + b[0]

total = 0.0
start = total
for x in W[0]:
    total += x ** 2
loss = total + start
""",
    ),
    Kind(
        "a list or dictionary under two names",
        True,
        """
a = [W, W * 2]
b = a
b.append(W * 3)
loss = $np.sum(a[-1] ** 2) * len(a)

a = [W, W * 2]
b = a[:]
b.append(W * 3)
loss = $np.sum(a[-1] ** 2) * len(a)

a = {'k': W}
b = a
b['k'] = W * 3
loss = $np.sum(a['k'] ** 2)

a = {'k': W}
b = dict(a)
b['k'] = W * 3
loss = $np.sum(a['k'] ** 2)

def f(x, acc=[]):
    acc.append(x)
    return acc
f(W)
loss = $np.sum(f(W * 2)[0] ** 2) * len(f(W))

rows = [[W]] * 2
rows[0].append(W * 2)
loss = $np.sum(rows[1][-1] ** 2) * len(rows[1])

def f(items):
    items[0] = items[0] * 3
items = [W]
f(items)
loss = $np.sum(items[0] ** 2)
""",
    ),
    Kind(
        "an array changed inside a function or method",
        True,
        """
def f(s):
    m = s * 1.0
    m[0, 1] = 0
    return $np.sum(m ** 2)
loss = f(W)

def f(s):
    s[0, 0] = 0
    return $np.sum(s ** 2)
loss = f(W * 2.0)

def f(s):
    s[0, 0] = 0
a = W * 2.0
f(a)
loss = $np.sum(a ** 2)

def f(s):
    s += 1
    return s * 2
a = W * 2.0
b = f(a)
loss = $np.sum(a ** 2) + $np.sum(b)

class Net:
    def forward(self, x):
        self.mask = (x <= 0)
        out = x * 1.0
        out[self.mask] = 0
        return out
loss = $np.sum(Net().forward(W) ** 2)

class Net:
    def __init__(self, w):
        self.w = w
    def shift(self):
        self.w[0] = 1.0
        return self
a = W * 2
net = Net(a).shift()
loss = $np.sum(a ** 2)

z = W * 2
mask = (z <= 0)
z[mask] = 0
loss = $np.sum(z ** 2)

z = W * 2
mask = (z <= 0)
z += 1
z[mask] = 0
loss = $np.sum(z ** 2)

def hinge(s, y):
    m = $np.maximum(s, s * 0.1) if hasattr(s, 'shape') else s
    m[[0, 1], y] = 0
    return $np.sum(m ** 2)
loss = hinge(W, [2, 0])
""",
        """
def hinge(s, y):
    m = np.maximum(0, s - s[np.arange(2), y][:, None] + 1.0)
    m[np.arange(2), y] = 0
    return np.sum(m) / 3
loss = hinge(W, np.array([0, 2]))

def f(s):
    s[s < 0] = 0
    return s
a = W * 2.0
loss = np.sum(f(a) ** 2) + np.sum(a)

def f(p, y):
    p = p.copy()
    p[range(2), y] -= 1
    return p
loss = np.sum(f(W, [1, 2]) ** 2)
""",
        """
def f(s):
    s.clamp_(min=0)
    return s
a = W * 2.0
loss = (f(a) ** 2).sum() + a.sum()
""",
    ),
    Kind(
        "an array filled item by item",
        True,
        """
def unroll(x):
    a = $np.zeros((2, 4))
    h = $np.zeros(2)
    for t in range(3):
        h = $np.tanh(x[:, t] + 0.5 * h)
        a[:, t] = h
    return a
loss = $np.sum((unroll(W) - 1) ** 2)

out = $np.zeros((2, 2))
for i in range(2):
    out[i] = $np.tanh(W[i, :2])
loss = $np.sum(out ** 2)

out = $np.zeros((3, 2))
for i in range(3):
    for j in range(2):
        out[i, j] = W[j, i] ** 2
loss = $np.sum(out[0]) + $np.sum(out ** 2)

out = $np.ones(3)
out[0] = W[0, 0]
out[1] = out[0] * W[0, 1]
loss = $np.sum(out ** 2)

out = $np.zeros(3)
for i in range(6):
    out[i % 3] += W[0, i % 3] * i
loss = $np.sum(out ** 2)

out = $np.zeros((2, 3))
out[0] = W[1]
out[0, 0] = 7.0
loss = $np.sum(out ** 2)
""",
        """
out = np.empty(2)
for i, r in enumerate(W):
    out[i] = r @ r
loss = np.sum(out ** 2)

out = np.zeros_like(W)
out[:, 0] = W[:, 1]
out += W
loss = np.sum(out ** 2)
""",
        """
out = torch.empty(2)
for i, r in enumerate(W):
    out[i] = r @ r
loss = (out ** 2).sum()

out = torch.zeros_like(W)
out[:, 0] = W[:, 1]
out += W
loss = out.pow(2).sum()
""",
    ),
    Kind(
        "a layer that works in place",
        True,
        torch="""
relu = nn.ReLU(inplace=True)
a = W * 2
b = relu(a) + a
loss = (b**2).sum()

a = W * 2
b = F.relu(a, inplace=True)
loss = (a**2).sum() + b.sum()

a = W * 2
b = F.relu_(a)
loss = (a**2).sum() + b.sum()

a = W * 2
torch.relu_(a)
loss = (a**2).sum()

a = W * 2
b = nn.Sequential(nn.ReLU(inplace=True), nn.Tanh())(a)
loss = (b + a).pow(2).sum()

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.ReLU(inplace=True)
    def forward(self, x):
        return self.act(x) + x
loss = (Block()(W * 2) ** 2).sum()

a = W * 2
a.add_(1).mul_(3)
loss = (a**2).sum()

a = W * 2
b = nn.LeakyReLU(0.1, True)(a)
loss = (a**2).sum() + b.sum()

a = W * 2
b = nn.ReLU()(a)
loss = (a**2).sum() + b.sum()
""",
    ),
    Kind(
        "out=",
        True,
        numpy="""
a = W * 2
np.add(a, 1, out=a)
loss = np.sum(a ** 2)

a = W * 2
np.maximum(a, 0, out=a)
loss = np.sum(a ** 2)

a = W * 2
b = np.clip(a, -0.5, 0.5, out=a)
loss = np.sum(a ** 2) + np.sum(b)

a = W * 2
np.exp(W, a)
loss = np.sum(a ** 2)

a = np.zeros((2, 3))
np.multiply(W, 3, out=a)
loss = np.sum(a ** 2)

a = W * 2
np.fill_diagonal(a, 0)
loss = np.sum(a ** 2)

a = W * 2
a.fill(3.0)
loss = np.sum(a * W)

a = W * 2
np.copyto(a, W ** 2)
loss = np.sum(a)
""",
        torch="""
a = W * 2
torch.add(a, 1, out=a)
loss = (a ** 2).sum()

a = torch.zeros(2, 3)
torch.mul(W, 3, out=a)
loss = (a ** 2).sum()

a = W * 2
a.copy_(W ** 2)
loss = a.sum()

a = W * 2
a.fill_(3.0)
loss = (a * W).sum()
""",
    ),
    Kind(
        "a leaf used before and after a change in place",
        True,
        both="""
a = $np.zeros((2, 3))
a[:] = W
a[:, 1] = W[:, 0]
loss = $np.sum(a ** 2 * W)

a = $np.zeros((2, 3))
a[...] = W
a[0] *= 2
loss = $np.sum(a ** 2 * W)

b = $np.ones((2, 3))
s = $np.sum(b * W)
b[0, 0] = 2.0
loss = s + $np.sum(b * W ** 2)
""",
        numpy="""
a = np.sum(W ** 2)
W[0, 0] = 5.0
loss = a + np.sum(W ** 3)

items = [W * 2]
W[0, 0] = 5.0
loss = np.sum(items[0]) + np.sum(W ** 3)

d = {"a": np.sum(W ** 2)}
W[1] *= 3
loss = d["a"] + np.sum(W ** 3)

loss = 0
for k in range(3):
    loss = loss + np.sum(W ** 2)
    W += 1.0

def f(v):
    v[0, 0] = 5.0
    return np.sum(v ** 2)
loss = np.sum(W ** 2) + f(W)

a = np.sum(W ** 2)
V = W[0]
V[1] = 2.0
V *= 3
loss = a + np.sum(W ** 3) * np.sum(V)

a = np.sum(W) * np.sum(W ** 2)
W[:] = 3.0
loss = a + np.sum(W ** 2)
""",
        torch="""
a = torch.zeros(2, 3)
a.copy_(W)
a[0] *= 2
loss = torch.sum(a ** 2 * W)
""",
    ),
    Kind(
        "a change that is not followed",
        False,
        both="""
k = 2.0
exec("k = 3.0")
loss = $np.sum(W ** 2) * k

k = [2.0]
eval("k.append(3.0)")
loss = $np.sum(W ** 2) * sum(k)

k = 2.0
globals().update(k=3.0)
loss = $np.sum(W ** 2) * k

k = 2.0
def f():
    global k
    k = 3.0
exec("f()")
loss = $np.sum(W ** 2) * k

k = 2.0
exec("exec('k = 3.0')")
loss = $np.sum(W ** 2) * k

a = W * 1.
exec("a[0] = 3")
loss = $np.sum(a ** 2)

import operator
a = W * 1.
operator.setitem(a, 0, 1.0)
loss = $np.sum(a ** 2)

import operator
k = [2.0, 1.0]
operator.delitem(k, 0)
loss = $np.sum(W ** 2) * k[0]

import operator
k = [2.0, 1.0]
operator.iconcat(k, [4.0])
loss = $np.sum(W ** 2) * k[-1]

import functools
k = [2.0, 1.0]
functools.partial(list.append, k)(3.0)
loss = $np.sum(W ** 2) * k[-1]

k = [2.0]
try:
    list.append(k, 5.0)
except TypeError:
    pass
loss = $np.sum(W ** 2) * k[-1]

a = W * 1.
b = $np.einsum("ij->ji", a)
b[0, 0] = 3.0
loss = $np.sum(a * W)

a = W * 1.
$np.einsum("ij->ij", a)[0] = 1
loss = $np.sum(a ** 2 * W)
""",
        numpy="""
a = W * 1.
np.lib.stride_tricks.as_strided(a)[0] = 3
loss = np.sum(a ** 2 * W)

a = W * 1.
np.add.at(a, (np.array([0, 0]), np.array([1, 1])), 2.0)
loss = np.sum(a ** 2)

a = W * 1.
x = np.multiply.at(a, [0], 2.0)
loss = np.sum(a ** 2)

a = W * 1.
f = np.divide.at
f(a, [0], 2.0)
loss = np.sum(a ** 2)

a = W * 1.
a.shape = 3, 2
loss = np.sum(a[0] ** 2)

a = W * 1.
setattr(a, "shape", (-1,))
loss = np.sum(a[0] ** 2)

class M: pass
m = M()
m.k = 2.0
setattr(m, "k", np.nditer(W).itersize)
loss = np.sum(W ** 2) * m.k
""",
    ),
]
