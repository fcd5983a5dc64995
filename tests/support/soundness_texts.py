"""Small texts of the kinds that a reader misreads in silence, each kind in several spellings.

Every text stands below the leaf ``W`` of two rows and three columns and ends in ``loss``; texts are separated by an
empty line. ``$np`` is the library, and such a text is meant in both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of text: whether it must be read and not only be right or refused, and its texts by library."""

    name: str
    must_read: bool
    both: str = ""
    numpy: str = ""
    torch: str = ""

    def texts(self) -> list[tuple[str, str]]:
        """Return every text with its library."""
        made = [(library, text.replace("$np", short)) for library, short in SHORT.items() for text in split(self.both)]
        return made + [("numpy", text) for text in split(self.numpy)] + [("torch", text) for text in split(self.torch)]


SHORT = {"numpy": "np", "torch": "torch"}


def split(text: str) -> list[str]:
    return [part.strip("\n") + "\n" for part in text.split("\n\n") if part.strip()]


KINDS = [
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
        "order of entries",
        True,
        numpy="""
d = np.array([1., 2., 3., 4., 5., 6.])
loss = np.sum(W.reshape(6, order='F') * d)

d = np.array([1., 2., 3., 4., 5., 6.])
loss = np.sum(W.ravel(order='F') * d)

d = np.array([1., 2., 3., 4., 5., 6.])
loss = np.sum(W.flatten('F') * d)

d = np.array([[1., 2.], [3., 4.], [5., 6.]])
loss = np.sum(np.reshape(W, (3, 2), order='F') * d)

d = np.array([1., 2., 3., 4., 5., 6.])
loss = np.sum(np.ravel(W, 'F') * d)

d = np.array([[1., 2.], [3., 4.], [5., 6.]])
loss = np.sum(np.reshape(W, (3, 2), 'C') * d)

d = np.array([[1., 2.], [3., 4.], [5., 6.]])
loss = np.sum(W.reshape((3, 2), order='F') * d)
""",
    ),
    Kind(
        "a reduction over a list of arrays",
        True,
        numpy="""
loss = np.sum(np.mean([W[0], W[1]], axis=0)**2)

loss = np.sum(np.sum([W[0], W[1]], axis=0)**2)

loss = np.sum(np.sum([W[0], W[1]], axis=1)**2)

loss = np.sum(np.sum([W, W * 2], axis=(0, 2), keepdims=True)**2)

loss = np.sum(np.max([W, -W], axis=0)**2)

loss = np.sum([W[0], W[1]]) ** 2

loss = np.sum(sum([W[0], W[1]]) ** 2)

loss = np.sum(np.mean((W[0], W[1]), 0)**2)

loss = np.sum(np.array([W[0], W[1] * 2]).sum(axis=0)**2)
""",
        torch="""
loss = (torch.stack([W[0], W[1]]).mean(0)**2).sum()

loss = (sum([W[0], W[1]])**2).sum()
""",
    ),
    Kind(
        "the variance's divisor",
        True,
        numpy="""
loss = W.var(ddof=2)

loss = np.var(W, ddof=3)

loss = np.sum(W.std(axis=1, ddof=2) ** 2)

loss = np.sum(np.var(W, 1, ddof=1) * np.array([1., 2.]))

loss = np.sum(W.var(0) * np.array([1., 2., 3.]))

loss = np.std(W, ddof=1.5)

loss = np.sum(np.var(W, axis=1, ddof=1, keepdims=True) * W)

loss = np.sum(np.var(W, axis=0, ddof=True) * np.array([1., 2., 3.]))
""",
        torch="""
loss = (W.var(0, False) * torch.tensor([1., 2., 3.])).sum()

loss = (W.std(1, False) * torch.tensor([1., 2.])).sum()

loss = torch.var(W, unbiased=False)

loss = W.var(False)

loss = (W.var(1, True, True) * W).sum()

loss = (torch.var(W, 0, False, True) * W).sum()

loss = (W.var(dim=1, correction=2) * torch.tensor([1., 2.])).sum()

loss = W.std(correction=0)

loss = W.var() + 2 * W.std(unbiased=True)

loss = (torch.std(W, dim=1) * torch.tensor([1., 2.])).sum()
""",
    ),
    Kind(
        "norms of a matrix",
        False,
        numpy="""
loss = np.linalg.norm(W, 2)

loss = np.linalg.norm(W, 1)

loss = np.linalg.norm(W, 'nuc')

loss = np.linalg.norm(W, 2, axis=(0, 1))

loss = np.linalg.norm(W, np.inf)

loss = np.linalg.norm(W[0], 1)

loss = np.linalg.norm(W[0], np.inf)

loss = np.linalg.norm(W[0], 3)
""",
        torch="""
loss = torch.linalg.norm(W, 2)

loss = torch.linalg.norm(W, 1)

loss = torch.linalg.norm(W, ord='nuc')

loss = torch.linalg.matrix_norm(W, 2)

loss = torch.linalg.vector_norm(W, 3)

loss = torch.norm(W, 1)

loss = W.norm(p=3)

loss = torch.norm(W, p='nuc')
""",
    ),
    Kind(
        "norms that are lengths",
        True,
        numpy="""
loss = np.linalg.norm(W)

loss = np.sum(np.linalg.norm(W, axis=1) * np.array([1., 2.]))

loss = np.linalg.norm(W, 'fro')

loss = np.sum(np.linalg.norm(W, axis=0, keepdims=True) * W)
""",
        torch="""
loss = torch.norm(W)

loss = (torch.linalg.norm(W, dim=1) * torch.tensor([1., 2.])).sum()

loss = (W.norm(dim=0, keepdim=True) * W).sum()

loss = torch.norm(W, p=2)
""",
    ),
    Kind(
        "the largest entries",
        True,
        numpy="""
loss = np.sum(np.amax(W, axis=1)[0]**2)

loss = np.sum(np.amin(W, axis=0)[1]**2)

loss = np.sum(W.max(axis=1)[0]**2)

loss = np.sum(np.max(W, axis=0, keepdims=True)[0] * np.array([1., 2., 3.]))

a, b = W.max(axis=1)
loss = a + 2 * b

loss = np.sum(np.amax(W, 1) * np.array([1., 2.]))
""",
        torch="""
loss = (W.amax(dim=1)[0]**2).sum()

loss = (W.amax(dim=1) * torch.tensor([1., 2.])).sum()

loss = (torch.amin(W, 0)[1]**2).sum()

loss = (W.max(dim=1)[0] * torch.tensor([1., 2.])).sum()

loss = (W.max(1).values * torch.tensor([1., 2.])).sum()

values, places = torch.max(W, dim=0)
loss = (values * torch.tensor([1., 2., 3.])).sum()

loss = (torch.min(W, 1, keepdim=True)[0] * W).sum()

loss = W.amax() + 2 * W.max()

loss = (W.max(dim=1)[0][1]**2).sum()
""",
    ),
    Kind(
        "kinds of numbers",
        True,
        numpy="""
k = np.full(3, 2.7, dtype=int)
loss = np.sum(W * k)

k = np.full_like(np.array([1, 2, 3]), 2.7)
loss = np.sum(W * k)

k = np.arange(0.5, 3.5, dtype=float)
loss = np.sum(W * k)

k = np.linspace(0, 2.5, 3, dtype=int)
loss = np.sum(W * k)

k = np.array([0.0, 2.0, 3.0], dtype=bool)
loss = np.sum(W * k)

k = np.array([1.9, -1.9, 2.5], dtype=int)
loss = np.sum(W * k)

k = np.array([1.9, -1.9, 2.5]).astype(int)
loss = np.sum(W * k)

k = np.array([1, 2, 3])
k[0] = 2.9
loss = np.sum(W * k)

k = np.ones(3, dtype=int) / 2
loss = np.sum(W * k)

k = np.array([5, -5, 7]) // 2
loss = np.sum(W * k)

k = np.zeros(3, int)
k[1] = 1.5
loss = np.sum((W + k) ** 2)
""",
        torch="""
k = torch.full((3,), 2.7, dtype=torch.int64)
loss = (W * k).sum()

k = torch.tensor([1.9, -1.9, 2.5]).long()
loss = (W * k).sum()

k = torch.tensor([1.9, -1.9, 2.5], dtype=torch.int32)
loss = (W * k).sum()

k = torch.tensor([0.0, 2.0, 3.0]).bool()
loss = (W * k).sum()

k = torch.tensor([1, 2, 3])
k[0] = 2.9
loss = (W * k).sum()

k = torch.tensor([5, -5, 7]) // 2
loss = (W * k).sum()

k = torch.full_like(W, 2, dtype=torch.long) / 4
loss = (W * k).sum()
""",
    ),
    Kind(
        "decorators",
        True,
        """
def dbl(fn):
    def g(z):
        return fn(z) * 2
    return g
@dbl
def f(z):
    return z + 1
loss = $np.sum(f(W)**2)

def times(k):
    def decorate(fn):
        def g(*args, **kwargs):
            return fn(*args, **kwargs) * k
        return g
    return decorate
@times(3)
@times(0.5)
def f(z, shift=1):
    return z + shift
loss = $np.sum(f(W, shift=2)**2)

def nothing(fn):
    return fn
@nothing
def f(z):
    return z + 1
loss = $np.sum(f(W)**2)

def instead(fn):
    return lambda z: z * 5
@instead
def f(z):
    return z + 1
loss = $np.sum(f(W)**2)

import functools
def dbl(fn):
    @functools.wraps(fn)
    def g(z):
        return fn(z) * 2
    return g
@dbl
def f(z):
    return z + 1
loss = $np.sum(f(W)**2)

def scaled(cls):
    cls.scale = 4.0
    return cls
@scaled
class Layer:
    scale = 1.0
    def __call__(self, x):
        return x * self.scale
loss = $np.sum(Layer()(W) ** 2)

class Layer:
    def __init__(self, k):
        self._k = k
    @property
    def k(self):
        return self._k + 1
    @staticmethod
    def act(x):
        return $np.tanh(x)
    @classmethod
    def make(cls):
        return cls(2.0)
loss = $np.sum(Layer.act(W) * Layer.make().k)
""",
    ),
    Kind(
        "else of a loop",
        True,
        """
a = W
for i in range(3):
    a = a * 2
else:
    a = a + 1
loss = $np.sum(a**2)

a = W
for i in range(3):
    if i == 1:
        break
    a = a * 2
else:
    a = a + 1
loss = $np.sum(a**2)

a = W
for i in []:
    a = a * 2
else:
    a = a + 1
loss = $np.sum(a**2)

a = W
n = 0
while n < 2:
    n += 1
    a = a * 2
else:
    a = a + 1
loss = $np.sum(a**2)

a = W
for i in range(3):
    for j in range(3):
        if j > i:
            break
        a = a * 1.5
    else:
        a = a + 1
loss = $np.sum(a**2)

a = W
for i in range(4):
    if i % 2:
        continue
    a = a + i
loss = $np.sum(a**2)
""",
    ),
    Kind(
        "late binding",
        True,
        """
fs = [lambda z: z * i for i in range(3)]
loss = $np.sum(fs[0](W)**2)

fs = []
for i in range(3):
    fs.append(lambda z: z * i)
loss = $np.sum(fs[0](W)**2)

fs = [lambda z, i=i: z * (i + 2) for i in range(3)]
loss = $np.sum(fs[0](W)**2)

k = 2
f = lambda z: z * k
k = 5
loss = $np.sum(f(W)**2)

k = 2
def f(z):
    return z * k
k = 5
loss = $np.sum(f(W)**2)

def make():
    made = {}
    for name in ('a', 'b'):
        def g(z):
            return z * (2 if name == 'a' else 3)
        made[name] = g
    return made
loss = $np.sum(make()['a'](W)**2)

a = W * 1
def f(z, y=a):
    return z + y
a = W * 100
loss = $np.sum(f(W)**2)

def f(z):
    return g(z) + 1
def g(z):
    return z * 2
loss = $np.sum(f(W)**2)

def outer():
    k = 1
    def inner(z):
        return z * k
    k = 4
    return inner
loss = $np.sum(outer()(W)**2)
""",
    ),
    Kind(
        "exceptions",
        True,
        """
try:
    raise ValueError
    a = W
except ValueError:
    a = W * 3
loss = $np.sum(a**2)

def f(z, n):
    if n > 1:
        raise ValueError('large')
    return z
try:
    a = f(W, 2)
except ValueError:
    a = W * 3
loss = $np.sum(a**2)

try:
    a = W * 2
except ValueError:
    a = W * 3
else:
    a = a + 1
loss = $np.sum(a**2)

a = W
try:
    a = a * 2
finally:
    a = a + 1
loss = $np.sum(a**2)

try:
    k = {'a': 1}['b']
except KeyError:
    k = 3
loss = $np.sum((W * k)**2)

try:
    k = [1][3]
except (KeyError, IndexError):
    k = 3
loss = $np.sum((W * k)**2)

try:
    k = int('x')
except Exception as error:
    k = 3
loss = $np.sum((W * k)**2)

def f(z):
    try:
        return z * 2
    finally:
        z = z * 100
loss = $np.sum(f(W)**2)

a = W
for i in range(3):
    try:
        if i == 1:
            raise RuntimeError
        a = a * 2
    except RuntimeError:
        a = a + 1
loss = $np.sum(a**2)
""",
    ),
    Kind(
        "texts",
        True,
        """
m = 're' + 'lu'
a = W * 2 if m == 'relu' else $np.tanh(W)
loss = $np.sum(a**2)

m = 'a' * 3
a = W * 2 if m == 'aaa' else $np.tanh(W)
loss = $np.sum(a**2)

m = '_'.join(['a', 'b'])
a = W * 2 if m == 'a_b' else $np.tanh(W)
loss = $np.sum(a**2)

p = {}
for i in range(2):
    p['W' + str(i)] = W * (i + 1)
loss = $np.sum(p['W1']**2)

p = {}
for i in range(2):
    p[f'W{i}'] = W * (i + 1)
loss = $np.sum(p['W1']**2)

m = 'relu-tanh'.split('-')[1]
a = W * 2 if m == 'tanh' else $np.exp(W)
loss = $np.sum(a**2)

m = 'ReLU'.lower()[:2]
a = W * 2 if m == 're' else $np.exp(W)
loss = $np.sum(a**2)

k = len('abc' + 'de')
loss = $np.sum((W * k)**2)

m = '%s%d' % ('w', 3)
a = W * 2 if m == 'w3' else $np.exp(W)
loss = $np.sum(a**2)

m = 'abc'
k = 2 if 'b' in m and m.endswith('c') else 3
loss = $np.sum((W * k)**2)

k = 2 if 'abc' < 'abd' else 3
loss = $np.sum((W * k)**2)

k = sum(int(c) for c in '123')
loss = $np.sum((W * k)**2)
""",
    ),
    Kind(
        "or and and",
        True,
        """
k = 0 or 3
loss = $np.sum((W * k)**2)

k = 2 and 5
loss = $np.sum((W * k)**2)

k = '' or 2
loss = $np.sum((W * k)**2)

k = None or [] or 4
loss = $np.sum((W * k)**2)

def f(z, k=None):
    k = k or 3
    return z * k
loss = $np.sum(f(W)**2) + $np.sum(f(W, 2))

k = 0 and undefined
loss = $np.sum((W + k)**2)

k = (1 and 0) or 7
loss = $np.sum((W * k)**2)

k = not 0
loss = $np.sum((W * (k + 1))**2)

a = None or W * 2
loss = $np.sum(a**2)

k = 3 if 1 < 2 < 3 and not 3 < 2 else 5
loss = $np.sum((W * k)**2)
""",
    ),
    Kind(
        "whole numbers",
        True,
        """
k = int(-2.7)
loss = $np.sum((W * k)**2) + k * $np.sum(W)

k = int(2.7) + int('3')
loss = $np.sum((W * k)**2)

k = -7 // 2
loss = k * $np.sum(W)

k = -7 % 3
loss = k * $np.sum(W)

k = round(2.5) + round(-1.5) * 10
loss = k * $np.sum(W)

q, r = divmod(-7, 2)
loss = (q + 10 * r) * $np.sum(W)

k = 7 % -3 + 2 ** -1
loss = k * $np.sum(W)

k = True + (3 > 2) * 2
loss = k * $np.sum(W)

import math
k = math.floor(-1.5) + 10 * math.ceil(-1.5) + 100 * math.trunc(-1.5)
loss = k * $np.sum(W)

k = 10 / 4 + 7 // 2.0
loss = k * $np.sum(W)

k = -2 ** 2
loss = k * $np.sum(W)

k = 1 << 3 | 5 & 6 ^ 1
loss = k * $np.sum(W)
""",
    ),
    Kind(
        "Python's own functions",
        True,
        """
loss = $np.sum(sum(W) ** 2)

def normal(Z):
    return $np.exp(Z) / sum($np.exp(Z))
loss = $np.sum(normal(W) ** 2)

k = max(['a', 'bbb', 'cc'], key=len)
loss = $np.sum((W * len(k))**2)

k = min([3, -4, 2], key=abs)
loss = $np.sum((W * k)**2)

k = max([1, -5], key=lambda n: n * n)
loss = k * $np.sum(W)

k = sorted([3, 1, 2], key=lambda n: -n)[0]
loss = k * $np.sum(W)

k = sum([1, 2], 10)
loss = k * $np.sum(W)

k = max([], default=4)
loss = k * $np.sum(W)

k = list(map(lambda n: n * 2, filter(lambda n: n > 1, [1, 2, 3])))[-1]
loss = k * $np.sum(W)

k = list(zip([1, 2, 3], 'ab'))
loss = len(k) * $np.sum(W)

k = list(enumerate('ab', 5))[1][0]
loss = k * $np.sum(W)

k = any([0, '']) + 2 * all([]) + 3
loss = k * $np.sum(W)

k = len({1, 2, 2}) + len(set('banana'))
loss = k * $np.sum(W)

k = {n: n * n for n in range(4)}[3] + list(reversed(range(3)))[0]
loss = k * $np.sum(W)

k = list(range(10, 0, -3))[-1] + [1, 2, 3, 4][::-2][1]
loss = k * $np.sum(W)
""",
    ),
    Kind(
        "generators and comprehensions",
        True,
        """
def g(x):
    for k in range(3):
        yield x * k
loss = $np.sum(sum(g(W)) ** 2)

it = (x * 2 for x in [W, W * 3])
a = next(it)
b = next(it)
loss = $np.sum(a ** 2) + $np.sum(b)

i = 5
a = [W * i for i in range(3)]
loss = $np.sum(a[2] ** 2) * i

a = [x for x in [W * 1] for _ in range(2)]
a[0] += 1
loss = $np.sum(a[1] ** 2)

a = {k: v * 2 for k, v in {'a': W, 'b': W * 3}.items() if k != 'a'}
loss = $np.sum(a['b'] ** 2) * len(a)

a = [[W[i, j] for i in range(2)] for j in range(3)]
loss = a[2][0] ** 2 + a[0][1]
""",
    ),
    Kind(
        "scopes",
        True,
        """
def f():
    count = 0
    def step(x):
        nonlocal count
        count += 1
        return x * count
    return step
step = f()
a = step(W)
loss = $np.sum(a * step(W) ** 2)

count = 1
def f(x):
    global count
    count += 1
    return x * count
a = f(W)
loss = $np.sum(a * f(W) ** 2) * count

def f(W):
    W = W * 2
    return W
a = f(W)
loss = $np.sum(a * W)

k = 3
def f(x):
    k = 5
    return x * k
loss = $np.sum(f(W) ** 2) * k

class C:
    n = 0
    def __init__(self):
        C.n += 1
a, b = C(), C()
loss = $np.sum(W ** 2) * a.n

class C:
    items = []
C().items.append(W)
C().items.append(W * 2)
loss = $np.sum(C.items[1] ** 2) * len(C.items)

class A:
    def f(self, x):
        return self.g(x) + 1
    def g(self, x):
        return x
class B(A):
    def g(self, x):
        return super().g(x) * 3
loss = $np.sum(B().f(W) ** 2)

from dataclasses import dataclass
@dataclass
class Config:
    n: int = 3
    k: float = 0.5
config = Config(k=2.0)
loss = $np.sum((W * config.n) ** config.k)
""",
    ),
    Kind(
        "options of functions",
        True,
        numpy="""
k = np.linspace(0, 3, 3, endpoint=False)
loss = np.sum(W * k)

k = np.eye(2, 3, k=1)
loss = np.sum(W * k)

k = np.eye(3, k=-1)[:2]
loss = np.sum(W * k)

loss = np.sum(np.tril(W, -1) + 2 * np.triu(W, 1))

loss = np.sum(W, axis=0, initial=2.0)[1]

loss = np.sum(W ** 2, where=np.array([True, False, True]))

loss = np.max(W, initial=2.0) * np.sum(W)

loss = np.sum(np.concatenate([W, W * 2], axis=None) * np.arange(12))

loss = np.sum(np.pad(W, 1, constant_values=2.0) ** 2)

loss = np.sum(np.stack([W, W * 2], axis=-1) * np.array([1.0, 2.0]))

loss = np.sum(np.add(W, 1, where=np.array([True, False, True]), out=W * 3))
""",
        torch="""
loss = F.softplus(W * 30, threshold=2).sum()

loss = F.softplus(W, beta=2).sum()

loss = torch.add(W, W, alpha=3).pow(2).sum()

loss = torch.sub(W, W ** 2, alpha=3).pow(2).sum()

loss = F.cross_entropy(W, torch.tensor([0, 2]), reduction='sum')

loss = F.cross_entropy(W, torch.tensor([0, 2]), weight=torch.tensor([1., 2., 3.]))

loss = F.cross_entropy(W, torch.tensor([0, 2]), label_smoothing=0.1)

loss = F.smooth_l1_loss(W, W * 0 + 1, beta=0.5)

loss = F.elu(W, alpha=0.5).sum()

loss = F.gelu(W, approximate='tanh').sum()

loss = F.leaky_relu(W, 0.3).sum()

loss = torch.clamp(W, max=0.3).sum() + torch.clamp(W, min=0.15).pow(2).sum()

loss = (torch.tril(W, -1) + 2 * torch.triu(W, 1)).sum()
""",
    ),
    Kind(
        "options of functions that are rare",
        False,
        both="""
def g(items):
    for x in items:
        x += 1
        yield x
a = W * 2
for b in g([a]):
    b *= 3
loss = $np.sum(a ** 2)
""",
        numpy="""
loss = np.sum(np.round(1.25, 1) * W)

loss = np.sum(np.clip(W, a_min=-0.2, a_max=None) ** 2)

loss = np.trapezoid(W[0], dx=2.0)

loss = np.average(W[0], weights=[1.0, 2.0, 5.0])

loss = np.sum(np.roll(W, 1) * np.array([1., 2., 3.]))

loss = np.sum(np.diff(W, n=2) ** 2)

loss = np.sum(np.sort(W, axis=0) * np.array([1., 2., 3.]))

loss = np.sum(np.cumsum(W, axis=1) * np.array([1., 2., 3.]))

loss = np.quantile(W, 0.3, method='lower')

loss = np.median(W)

loss = np.sum(np.repeat(W, 2, axis=1) * np.arange(6))
""",
        torch="""
loss = (torch.sort(W, dim=1, descending=True)[0] * torch.tensor([1., 2., 3.])).sum()

loss = F.binary_cross_entropy_with_logits(W, W * 0 + 1, pos_weight=torch.tensor([1., 2., 3.]))

loss = F.nll_loss(F.log_softmax(W, 1), torch.tensor([0, 2]), ignore_index=2)

loss = F.kl_div(W, W.exp() * 0 + 0.3, reduction='batchmean')

loss = F.normalize(W, p=1, dim=1).pow(2).sum()

loss = (torch.topk(W, 2, largest=False)[0] * torch.tensor([1., 2.])).sum()

loss = F.huber_loss(W, W * 0, delta=0.3)

loss = torch.median(W)

loss = (torch.roll(W, 1) * torch.tensor([1., 2., 3.])).sum()

loss = F.layer_norm(W, (3,), eps=0.1).pow(3).sum()
""",
    ),
    Kind(
        "large numbers",
        True,
        numpy="""
z = W * 1000
loss = np.sum(np.logaddexp(z, np.array([1., 2., 3.])))

z = W * 1000
loss = np.sum(np.logaddexp(0, z))

z = W * 1000
loss = np.sum(np.logaddexp(z[0], z[1]))

z = W * 1000
loss = np.sum(np.logaddexp(z, -z))
""",
        torch="""
z = W * 1000
loss = torch.logaddexp(z[0], z[1]).sum()

z = W + 1000
loss = (torch.softmax(z / 3 ** 0.5, dim=-1) * torch.tensor([1., 2., 3.])).sum()

z = W * 1000
loss = (torch.softmax(z / 3 ** 0.5, dim=-1) * torch.tensor([1., 2., 3.])).sum() + W.sum()

z = W + 100
loss = (F.softmax(z / 0.07, dim=-1) * torch.tensor([1., 2., 3.])).sum()

z = W * 1000
loss = (F.log_softmax(z / 2 ** 0.5, dim=1) * torch.tensor([1., 2., 3.])).sum()

z = W + 100
loss = F.cross_entropy(z / 0.07, torch.tensor([0, 2]))

z = W * 1000
loss = torch.logsumexp(z / 3 ** 0.5, dim=1).sum()

import math
z = W + 1000
loss = (torch.softmax(z / math.sqrt(3), dim=-1) * torch.tensor([1., 2., 3.])).sum()

z = W - 1000
loss = F.softmax(z / 1.7, dim=1)[0, 1] + F.log_softmax(z / 0.3, dim=0)[1, 2]
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
    Kind(
        "a class as Python has it",
        False,
        both="""
class A:
    def f(self): return 1
class B(A): pass
class C(A):
    def f(self): return 5
class D(B, C): pass
loss = $np.sum(W ** 2) * D().f()

class C:
    k = 1
    k += 4
    for i in range(3): k = k * 2
    if k > 3: j = 7
    else: j = 1
loss = $np.sum(W ** 2) * C.k * C().j

class C:
    f = lambda self, x=3: x * 2
loss = $np.sum(W ** 2) * C().f() + C().f(2) + C.f(None, 4)

class C:
    def f(self): return 2
    g = f
loss = $np.sum(W ** 2) * C().g()

class C:
    def f(self): return 2
c = C()
c.f = lambda: 7
loss = $np.sum(W ** 2) * c.f()

class C:
    def f(self): return 2
C.f = lambda self: 9
def g(self, x): return x + 1
C.g = g
loss = $np.sum(W ** 2) * C().f() * C().g(2)

class C:
    def __call__(self, x): return x * 2
c = C()
c.__call__ = lambda x: x * 5
loss = $np.sum(c(W) ** 2)

class Q:
    def __getattr__(self, k): return 3.0
q = Q()
loss = $np.sum(W ** 2) * getattr(q, "zz", 1.0)

class Q:
    def __new__(cls): return 5.0
loss = $np.sum(W ** 2) * Q()

class M(type):
    def __call__(cls, *a): return 4.0
class Q(metaclass=M): pass
loss = $np.sum(W ** 2) * Q()

class L(list):
    def total(self): return sum(self)
l = L([1, 2]); l.append(5)
loss = $np.sum(W ** 2) * l.total()

class L(dict):
    __getattr__ = dict.__getitem__
d = L(w=3.0)
loss = $np.sum(W ** 2) * d.w

from enum import Enum
class E(Enum):
    A = 2
    B = 3
loss = $np.sum(W ** 2) * E.B.value * len(E)

from typing import NamedTuple
class P(NamedTuple):
    w: object
    k: int = 3
p = P(W)
p = p._replace(k=4)
loss = $np.sum(p.w ** 2) * p[1]

class C:
    if True:
        def f(self): return 3
    else:
        def f(self): return 4
loss = $np.sum(W ** 2) * C().f()

class C:
    def f(self): return 3
    try:
        pass
    finally:
        k = 2
    del f
loss = $np.sum(W ** 2) * C.k * hasattr(C, "f") + $np.sum(W)

class C:
    x = [1]
    def add(self): self.x.append(2); return self
a, b = C().add(), C().add()
b.x = [7, 8]
loss = $np.sum(W ** 2) * len(a.x) + len(b.x) * $np.sum(W)

class C:
    n = 0
    def __init__(self): C.n += 1; self.n += 10
a, b = C(), C()
loss = $np.sum(W ** 2) * a.n + b.n * $np.sum(W) * C.n

from functools import cached_property
class Q:
    @cached_property
    def h(self): return W * 2
q = Q(); q.h[0] += 1
loss = $np.sum(q.h ** 2)

class Base:
    def run(self, x): return self.act(x) + type(self).__name__.count("e")
    def act(self, x): return x
class Derived(Base):
    def act(self, x): return super().act(x) ** 2
loss = $np.sum(Derived().run(W))

class R:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return self.v == o.v
    def __lt__(self, o): return self.v < o.v
    def __hash__(self): return 1
    def __contains__(self, k): return k == 3
    def __bool__(self): return False
    def __neg__(self): return R(-self.v)
    def __len__(self): return 4
a = sorted([R(3), R(1), R(2)])
k = a[0].v + 10 * (R(1) in a) + 100 * (3 in R(1)) + (1000 if R(5) else 0) + (-a[2]).v + len({R(1), R(1)})
loss = $np.sum(W ** 2) * k
""",
    ),
    Kind(
        "a module that is changed",
        False,
        torch="""
m = nn.Tanh()
m.register_forward_hook(lambda mod, i, o: o * 2)
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Tanh())
m[0].register_forward_pre_hook(lambda mod, i: (i[0] * 2,))
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh())
for p in m: p.register_full_backward_hook(lambda m, a, b: (a[0] * 2,))
loss = m(W).pow(2).sum()

class M(nn.Module):
    def forward(self, x): return x * 2
M.forward = lambda self, x: x * 3
loss = M()(W).pow(2).sum()

class M(nn.Module):
    def forward(self, x): return x * 2
m = M()
m.forward = lambda x: x * 3
loss = m(W).pow(2).sum()

m = nn.Tanh()
m.forward = lambda x: x * 3
loss = m(W).pow(2).sum()

class M(nn.Module):
    def forward(self, x): return x * 2
m = M()
m.register_forward_hook(lambda mod, i, o: o * 2)
loss = m(W).pow(2).sum()

m = nn.Tanh()
m = nn.Linear(3, 3)
torch.nn.utils.weight_norm(m)
loss = (m(W) * 0 + W).pow(2).sum()

from torch.nn.utils import spectral_norm as sn
m = nn.Linear(3, 3)
nn.init.eye_(m.weight); nn.init.zeros_(m.bias)
sn(m)
loss = (m(W)).pow(2).sum()

class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Tanh()
        self.register_forward_hook(self.hook)
    def hook(self, m, i, o): return o * 2
    def forward(self, x): return self.a(x)
loss = M()(W).pow(2).sum()

class M(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.forward = f
loss = M(lambda x: x * 3)(W).pow(2).sum()

class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.forward = self.two
    def one(self, x): return x
    def two(self, x): return x * 2
loss = M()(W).pow(2).sum()

m = nn.Tanh()
torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0)
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Sigmoid())
del m[0]
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Sigmoid())
m.pop(0) if hasattr(m, "pop") else None
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Sigmoid())
m.insert(0, nn.ReLU())
m._modules["1"] = nn.Identity()
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Sigmoid())
setattr(m, "0", nn.ReLU())
loss = m(W).pow(2).sum()

m = nn.Sequential(nn.Tanh(), nn.Dropout(0.5))
m[1].p = 0.0
loss = m(W).pow(2).sum()

m = nn.LeakyReLU(0.1)
m.negative_slope = 0.5
loss = m(W).pow(2).sum()

m = nn.LeakyReLU(0.1)
m.__dict__["negative_slope"] = 0.5
loss = m(W).pow(2).sum()

m = nn.Softmax(dim=0)
m.dim = 1
loss = m(W).pow(2).sum()
""",
    ),
]
