"""Texts with iterators, generators, views, remembered results and defaults: what runs when, and how often."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "an object with iteration of its own",
        True,
        numpy="""
class P:
    n = 0
    def __iter__(self):
        P.n += 1
        yield W[0]
        P.n += 10
        yield W[1]
a, b = P()
for x in P(): break
loss = np.sum(a * b) * P.n

class R:
    def __init__(self): self.i = 0
    def __iter__(self): return self
    def __next__(self):
        self.i += 1
        if self.i > 3: raise StopIteration
        return float(self.i)
r = R()
a = next(r)
b = list(r)
c = next(r, 7.0)
loss = np.sum(W ** 2) * (a + sum(b) * 10 + c + r.i)

class S:
    def __init__(self, xs): self.xs = xs
    def __iter__(self):
        for x in self.xs:
            yield x * 2
s = S([1.0, 2.0])
it = iter(s)
a = next(it)
loss = np.sum(W ** 2) * (a + sum(it) + sum(s) + len([*s]) + max(s))

class S:
    def __init__(self): self.i = 0
    def __iter__(self): return self
    def __next__(self):
        if self.i >= 3: raise StopIteration
        self.i += 1
        return self.i
t = 0
s = S()
for x in s:
    if x == 2: break
    t += x
for x in s: t += 10 * x
for x in s: t += 100 * x
loss = np.sum(W ** 2) * t
""",
    ),
    Kind(
        "an iterator stands where NumPy takes a list",
        False,
        numpy="""
a = np.array(map(np.sum, W))
loss = np.sum(W ** 2)

a = np.stack([r for r in W])
loss = np.sum(a ** 2) + np.sum(np.array(list(zip([1.0], [2.0]))))

d = {'a': 1.0}
a = np.asarray(d.values())
loss = np.sum(W ** 2) * (1 + a.ndim)

a = np.asarray(r for r in [1.0])
loss = np.sum(W ** 2) * (1 + a.ndim)
""",
    ),
    Kind(
        "a yield whose value is taken up",
        False,
        numpy="""
def gen():
    x = yield 1.0
    y = yield x * 2
    yield y
g = gen()
a = next(g)
b = g.send(4.0)
c = g.send(7.0)
loss = np.sum(W ** 2) * (a + b + c)

def gen():
    got = []
    got.append((yield 1.0))
    yield len(got)
g = gen()
x = next(g) + next(g)
loss = np.sum(W ** 2) * x

def gen():
    x = 0.0
    while True:
        y = yield x
        x = x + (y or 1.0)
g = gen()
next(g)
a = g.send(5.0)
loss = np.sum(W ** 2) * (a + next(g))

def gen():
    yield 1.0
    yield 2.0
g = gen()
a = next(g)
g.close()
loss = np.sum(W ** 2) * (a + sum(g))
""",
    ),
    Kind(
        "what is not followed takes items of an iterator",
        False,
        numpy="""
it = iter([1.0, 2.0, 3.0])
y = np.histogram([next(it)])
loss = np.sum(W ** 2) * sum(it)

it = iter([1.0, 2.0, 3.0])
def g():
    return np.histogram([next(it)])
y = g()
loss = np.sum(W ** 2) * sum(it)

class H:
    def __init__(self): self.it = iter([1.0, 2.0, 3.0])
    def go(self): return np.histogram([next(self.it)])
h = H()
y = h.go()
loss = np.sum(W ** 2) * sum(h.it)

xs = [[1.0], [2.0]]
m = map(lambda v: v, xs)
y = np.histogram(list(m))
loss = np.sum(W ** 2) * (1 + len(list(m)))

k = []
m = map(k.append, [1.0, 2.0])
y = np.histogram([1.0 for _ in m])
loss = np.sum(W ** 2) * (1 + len(k))

k = []
def gen():
    k.append(1)
    yield 1.0
    k.append(1)
g = gen()
y = np.histogram(np.array([2.0]), bins=len([v for v in g]))
loss = np.sum(W ** 2) * (1 + len(k))

d = {"it": iter([1.0, 2.0])}
y = np.histogram([next(d["it"])])
loss = np.sum(W ** 2) * sum(d["it"])

it = iter([1.0, 2.0, 3.0])
ok = np.histogram([1.0])
if ok[0][0] > -5:
    next(it)
loss = np.sum(W ** 2) * sum(it)

it = iter([1.0, 2.0, 3.0])
g = (v for v in it)
y = np.histogram([next(g)])
loss = np.sum(W ** 2) * sum(it)

it = iter([1.0, 2.0, 3.0])
f = lambda: next(it)
y = np.histogram([f()])
loss = np.sum(W ** 2) * sum(it)
""",
    ),
    Kind(
        "a generator runs when items are asked for",
        True,
        numpy="""
k = 2.0
g = (k * r for r in W)
k = 10.0
loss = sum(np.sum(r ** 2) for r in g)

k = []
def gen():
    k.append(5.0)
    yield 1.0
gen()
loss = np.sum(W ** 2) * (1 + len(k))

k = []
def gen():
    k.append(5.0)
    yield 1.0
    k.append(6.0)
    yield 2.0
t = 0.0
for x in gen():
    t += x * len(k)
loss = np.sum(W ** 2) * (1 + t)

def gen(rows):
    tot = np.zeros(3)
    for r in rows:
        tot += r
        yield tot
a, b = gen(W)
loss = np.sum(a * b)

def gen(rows):
    tot = np.zeros(3)
    for r in rows:
        tot += r
        yield tot
loss = sum(np.sum(t ** 2) for t in gen(W))

gs = [(x * i for x in (1, 2)) for i in range(3)]
loss = np.sum(W ** 2) * sum(sum(g) for g in gs)

log = []
f = all(log.append(i) or i < 1 for i in range(5))
loss = np.sum(W ** 2) * (1 + len(log))

n = 0
def gen():
    global n
    n += 1
    yield n
    n += 10
    yield n
t = 0
for x in gen():
    t += x * n
loss = np.sum(W ** 2) * (t + n)

def count():
    i = 0
    while True:
        yield i
        i += 1
t = 0
for x in count():
    if x > 5: break
    t += x
loss = np.sum(W ** 2) * t

def inner():
    yield 1.0
    yield 2.0
    return 5.0
def outer():
    r = yield from inner()
    yield r * 10
loss = np.sum(W ** 2) * sum(outer())
""",
    ),
    Kind(
        "a generator and what it shares with its surroundings",
        True,
        numpy="""
log = []
def gen():
    for i in range(3):
        log.append(i)
        yield i * 1.0
g = gen()
next(g)
if np.sum(W) > 100:
    next(g)
loss = np.sum(W ** 2) * (len(log) + sum(g))

def pairs(xs):
    it = iter(xs)
    for a in it:
        yield a, next(it, None)
loss = np.sum(W ** 2) * sum(a * (b or 1) for a, b in pairs([1.0, 2.0, 3.0]))

def chunks(xs, n):
    for i in range(0, len(xs), n):
        yield xs[i:i + n]
loss = sum(np.sum(c ** 2) * (i + 1) for i, c in enumerate(chunks(W, 1)))

def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
import itertools
loss = np.sum(W ** 2) * sum(itertools.islice(fib(), 8))

def walk(t):
    if isinstance(t, list):
        for x in t:
            yield from walk(x)
    else:
        yield t
loss = np.sum(W ** 2) * sum(walk([1.0, [2.0, [3.0]], 4.0]))

x = 5.0
g = (x * i for i in (1, 2))
def f():
    x = 100.0
    return sum(g)
loss = np.sum(W ** 2) * f()

gs = []
for i in range(3):
    gs.append(i * r for r in (1.0, 2.0))
loss = np.sum(W ** 2) * sum(sum(g) for g in gs)

def gen():
    yield 1
    raise ValueError
t = 0
try:
    for v in gen():
        t += v
except ValueError:
    t += 10
loss = np.sum(W ** 2) * t

def gen(n):
    if n == 0: return
    yield n
    yield from gen(n - 1)
loss = np.sum(W ** 2) * sum(gen(5))

def gen():
    for i in range(3):
        if i == 1: continue
        yield i
    else:
        yield 10
    while True:
        yield 5
        break
    else:
        yield 100
loss = np.sum(W ** 2) * sum(gen())

def gen(x):
    y = x * 2
    yield np.sum(y)
    y = y + 1
    yield np.sum(y)
a = W * 1.0
g = gen(a)
s = next(g)
a *= 3
s = s + next(g)
loss = s

def gen(x):
    while np.sum(x) < 10:
        yield x
        x = x * 2
loss = sum(np.sum(v) for v in gen(np.abs(W)))

def gen():
    x = W * 1.0
    yield x
    yield np.sum(x)
g = gen()
a = next(g)
a *= 3
loss = next(g)

x = W * 1.0
def gen(q):
    yield np.sum(q)
    q += 1
    yield np.sum(q ** 2)
g = gen(x)
s = next(g)
t = np.sum(x)
u = next(g)
loss = s + t + u + np.sum(x)
""",
    ),
    Kind(
        "an iterator is taken from item by item",
        True,
        numpy="""
it = iter([1.0, 2.0, 3.0])
for x in it: break
loss = np.sum(W ** 2) * (1 + sum(it))

it = iter([1.0, 2.0, 3.0, 4.0])
a = next(x for x in it if x > 1)
loss = np.sum(W ** 2) * (a + 10 * sum(it))

it = iter([1.0, 3.0, 4.0])
f = 3 in it
loss = np.sum(W ** 2) * (f + 10 * sum(it))

g = (x for x in [1.0, 0.0, 4.0])
f = any(g)
loss = np.sum(W ** 2) * (f + 10 * sum(g))

g = (x for x in [1.0, 2.0, 4.0])
t = 0.0
for a in g:
    for b in g:
        t += a * b
loss = np.sum(W ** 2) * t

it = iter([1.0, 2.0, 4.0])
t = 0.0
for a in it:
    b = next(it, 0)
    t += a - b
loss = np.sum(W ** 2) * t

it = iter(W)
a = next(it)
b = next(it)
loss = np.sum(a * b)

xs = [1.0, 2.0, 3.0]
it = iter(xs)
ps = list(zip(it, it))
loss = np.sum(W ** 2) * (len(ps) + sum(a * b for a, b in ps))

import itertools
it = iter([1.0, 2.0, 3.0, 4.0])
a = list(itertools.islice(it, 2))
loss = np.sum(W ** 2) * (sum(a) + 10 * sum(it))

import itertools
it = iter([1.0, 2.0, 3.0, 4.0])
a = list(itertools.takewhile(lambda x: x < 2, it))
loss = np.sum(W ** 2) * (sum(a) + 10 * sum(it))

xs = [1.0, 2.0, 9.0]
p = iter(lambda: xs.pop(0), 9.0)
loss = np.sum(W ** 2) * (sum(p) + len(xs))

it = iter([1.0, 2.0, 3.0])
for x in it:
    if x > 1: break
else:
    x = 100.0
y = list(it)
for z in it:
    pass
else:
    x = x + 50
loss = np.sum(W ** 2) * (x + len(y))

it = iter([1.0, 2.0, 3.0])
a, *b = it
c = [*it]
loss = np.sum(W ** 2) * (a + sum(b) + len(c))

it = iter([1, 2, 3])
try:
    while True:
        x = next(it)
except StopIteration:
    x = x + 10
loss = np.sum(W ** 2) * x

import itertools
xs = [1.0, 2.0, 3.0]
p = itertools.pairwise(xs)
xs.append(9.0)
ch = itertools.chain.from_iterable([xs, [1.0]])
tw = itertools.takewhile(lambda v: v < 7, xs)
xs.append(5.0)
xs[0] = 4.0
loss = np.sum(W ** 2) * (sum(a * b for a, b in p) + len(list(ch)) + sum(tw))
""",
    ),
    Kind(
        "an iterator computes late and gives each item once",
        True,
        numpy="""
m = zip([1, 2, 3], [4, 5, 6])
a = list(m)
b = list(m)
loss = np.sum(W ** 2) * (1 + len(a) + 10 * len(b))

k = 2.0
m = map(lambda r: k * r, W)
k = 10.0
loss = sum(np.sum(r ** 2) for r in m)

m = map(lambda x: x * 2, [1.0, 2.0, 3.0])
for x in m: break
loss = np.sum(W ** 2) * (1 + sum(m))

m = filter(lambda x: x > 1, [1.0, 2.0, 3.0])
any(m)
loss = np.sum(W ** 2) * (1 + sum(m))

xs = [1.0, 2.0]
z = zip(xs, xs)
xs.append(5.0)
loss = np.sum(W ** 2) * sum(a * b for a, b in z)

log = []
xs = [1.0, 2.0]
map(log.append, xs)
loss = np.sum(W ** 2) * (1 + len(log))

log = []
list(map(log.append, [1.0, 2.0]))
loss = np.sum(W ** 2) * (1 + len(log))

a = W * 1.0
m = map(np.sum, a)
a *= 2
loss = sum(m)

xs = [1.0, 2.0, 3.0]
r = reversed(xs)
xs[0] = 10.0
loss = np.sum(W ** 2) * sum(i * x for i, x in enumerate(r))

xs = [1.0, 2.0, 3.0]
i, x = next(enumerate(xs))
y = next(map(lambda v: v + 1, xs))
z = next(reversed(xs))
loss = np.sum(W ** 2) * (i + x + y * 10 + z * 100)

g = (x for x in [1.0, 2.0, 4.0])
p = list(zip(g, [1]))
loss = np.sum(W ** 2) * (len(p) + 10 * sum(g))

d = {"a": W * 1.0, "b": W * 2}
s = sum(np.sum(v) for v in d.values())
for k in reversed(d):
    s = s * 2 + np.sum(d[k] ** 2)
loss = s + np.sum(sum(d.values()) ** 2)

s = 0.0
for i, (r, q) in enumerate(zip(W, W * 2)):
    s += np.sum(r * q) * (i + 1)
loss = s

loss = sum(i * np.sum(r ** 2) for i, r in enumerate(W)) + max(np.sum(r) for r in W)

xs = [1.0, 2.0, 3.0]
m = map(lambda x: x + 1, xs)
k = {}
v = list(m) + list(m)
loss = np.sum(W ** 2) * sum(v)

xs = [1.0, 2.0, 3.0]
m = map(lambda x: x * 2, xs)
def first(it):
    for v in it:
        return v
a = first(m)
b = first(m)
loss = np.sum(W ** 2) * (a + 10 * b)

ws = [W * 1.0, W * 2.0]
for w, k in zip(ws, (3.0, 4.0)):
    w *= k
loss = np.sum(ws[0] * ws[1])

a = W * 1.0
for i, r in enumerate(a):
    a[1] = a[1] * 3
    r += i
loss = np.sum(a ** 2)

a = W * 1.0
b = W * 2.0
z = zip(a, b)
a *= 3
loss = sum(np.sum(x * y) for x, y in z) + len(list(z))

a = W * 1.0
e = enumerate(a)
a *= 3
loss = sum(i * np.sum(x ** 2) for i, x in e) + len(list(e))

z = zip(W, W)
next(z)
loss = sum(np.sum(x * y) for x, y in z)

xs = [1.0, 2.0, 3.0]
e = enumerate(xs, 1)
next(e)
loss = np.sum(W ** 2) * sum(i * x for i, x in e)

xs = [3.0, 1.0, 2.0]
s = sorted(x for x in xs)
t = tuple(map(lambda v: v * 2, reversed(s)))
u = set(map(int, s))
w = dict(zip("abc", s))
j = ",".join(k for k in w)
loss = np.sum(W ** 2) * (s[0] + t[0] * 10 + len(u) + w["c"] + len(j))

m = map(lambda a, b: a * b, [1.0, 2.0], [3.0, 4.0, 5.0])
loss = np.sum(W ** 2) * sum(m)

rows = list(map(lambda r: r * 2, W))
rows[0] += 1
loss = np.sum(np.stack(rows) ** 2)

a = np.array(list(map(np.sum, W)))
loss = np.sum(a ** 2)

import functools
loss = functools.reduce(lambda a, b: a + b, (np.sum(r ** 2) for r in W)) + functools.reduce(lambda a, b: a * b, map(np.sum, W))

print(*map(np.sum, W))
k = [*map(float, (1, 2))]
a, b = map(float, (3, 4))
(c, d), e = zip((1.0, 2.0), (3.0, 4.0))
loss = np.sum(W ** 2) * (sum(k) + a + b + c + d + e[1])

t = 0.0
for a in map(lambda v: v * 2, filter(None, [0.0, 1.0, 2.0])):
    t += a
else:
    t += 100
loss = np.sum(W ** 2) * t

log = []
def f(x):
    log.append(x)
    return x
m = map(f, [1.0, 2.0, 3.0])
x = next(m)
loss = np.sum(W ** 2) * (len(log) + x)

log = []
def f(x):
    log.append(x)
    return x > 1
any(map(f, [1.0, 2.0, 3.0]))
loss = np.sum(W ** 2) * len(log)
""",
    ),
    Kind(
        "parameters and modules are given one by one",
        True,
        torch="""
m = nn.Linear(3, 2)
ps = m.parameters()
n = len(list(ps))
for p in ps:
    n = n + 100
loss = torch.sum(W ** 2) * n

m = nn.Linear(3, 2)
ps = m.parameters()
opt = torch.optim.SGD(ps, lr=0.1)
n = 1
for p in ps: n += 1
loss = torch.sum(W ** 2) * n

m = nn.Linear(3, 2)
ps = m.named_parameters()
a = dict(ps)
b = dict(ps)
loss = torch.sum(W ** 2) * (len(a) + 10 * len(b))

m = nn.Linear(3, 2)
p = next(m.parameters())
loss = torch.sum(W ** 2) * p.shape[0]

m = nn.Linear(3, 2)
ok = 1
try:
    p = m.parameters()[0]
except TypeError:
    ok = 2
try:
    n = len(m.parameters())
except TypeError:
    ok = ok + 10
loss = torch.sum(W ** 2) * ok

m = nn.Linear(3, 2)
loss = torch.sum(W ** 2) * (1 + isinstance(m.parameters(), list))

m = nn.ModuleDict({"a": nn.Linear(3, 2)})
k = m.keys()
v = m.values()
i = m.items()
m["b"] = nn.Linear(2, 2)
loss = torch.sum(W ** 2) * (len(k) + len(v) + len(list(i)))

m = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
c = m.children()
n = sum(1 for _ in c) + 10 * sum(1 for _ in c)
q = m.modules()
n += 100 * len(list(q)) + 1000 * len(list(q)) + len(list(m.named_modules())) + len(list(m.named_children()))
loss = torch.sum(W ** 2) * n

m = nn.Linear(3, 2)
n = sum(p.numel() for p in m.parameters())
loss = torch.sum(W ** 2) * n

m = nn.Linear(3, 2)
with torch.no_grad():
    for p in m.parameters():
        p.fill_(0.5)
loss = torch.sum(m(W) ** 2)

m = nn.Linear(3, 2)
with torch.no_grad():
    [p.fill_(0.5) for p in m.parameters()]
loss = torch.sum(m(W) ** 2)

m = nn.Linear(3, 2)
with torch.no_grad():
    map(lambda p: p.fill_(0.25), m.parameters())
    for n, p in m.named_parameters():
        p.copy_(torch.ones_like(p))
loss = torch.sum(m(W) ** 2) + sum((p ** 2).sum() for p in m.parameters())

import itertools
a, b = nn.Linear(3, 2), nn.Linear(2, 1)
opt = torch.optim.Adam(itertools.chain(a.parameters(), b.parameters()), lr=0.1)
opt2 = torch.optim.Adam(list(a.parameters()) + list(b.parameters()), lr=0.1)
opt3 = torch.optim.SGD([{"params": a.parameters()}, {"params": b.parameters(), "lr": 0.2}], lr=0.1)
with torch.no_grad():
    for p in itertools.chain(a.parameters(), b.parameters()): p.fill_(0.1)
loss = torch.sum(b(a(W)) ** 2)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(3, 3) for _ in range(2))
    def forward(self, x):
        for i, l in enumerate(self.layers):
            x = torch.tanh(l(x)) * (i + 1)
        return x
net = Net()
with torch.no_grad():
    for p in net.parameters(): p.fill_(0.1)
loss = torch.sum(net(W) ** 2)
""",
    ),
    Kind(
        "late and once, in PyTorch",
        True,
        torch="""
t = torch.zeros(3)
map(lambda k: t.add_(k), [1, 2])
loss = torch.sum(W ** 2) + torch.sum(t)

rows = [r * 2 for r in W]
a = torch.stack(rows)
b = torch.stack([r * 3 for r in W])
c = torch.stack(tuple(r for r in W))
loss = torch.sum(a * b * c)

loss = sum(torch.sum(a * b) for a, b in zip(W, W * 2)) + sum(map(torch.sum, W))

def gen(rows):
    for r in rows:
        yield r * 2
loss = torch.sum(torch.stack(list(gen(W))) ** 2)

from functools import lru_cache
class A(nn.Module):
    @lru_cache(maxsize=None)
    def scale(self, k):
        return k * 2.0
    def forward(self, x):
        return x * self.scale(3)
loss = torch.sum(A()(W) ** 2)

from functools import lru_cache
@lru_cache()
def mask(n):
    return torch.tril(torch.ones(n, n))
a = mask(3)
a[0, 0] = 7.0
loss = torch.sum((W @ mask(3)) ** 2)

it = iter(W)
a = next(it)
loss = torch.sum(a ** 2) + sum(torch.sum(r) for r in it)

a = W * 1.0
g = (r for r in a)
a *= 2
loss = sum(torch.sum(r ** 2) for r in g)

a = W * 1.0
it = iter(a)
next(it)
a.mul_(2)
loss = torch.sum(next(it) ** 2)
""",
    ),
    Kind(
        "what unread code may take, remember or make",
        False,
        numpy="""
import json
from functools import lru_cache
c = 0
@lru_cache
def g(x):
    return x + c
q = [float(json.loads("3")), g(1)]
c = 5
a = g(1)
loss = np.sum(W) * a

import json
from functools import cache
c = 0
class A:
    @cache
    def g(self, x):
        return x + c
k = A()
q = [float(json.loads("3")), k.g(1)]
c = 5
a = k.g(1)
loss = np.sum(W) * a

import json
from collections import defaultdict
log = []
def f():
    log.append(1)
    return 1.0
d = defaultdict(f)
q = [float(json.loads("3.0")), d[1]]
loss = np.sum(W) * (1 + len(log))

import json
from collections import defaultdict
d = defaultdict(lambda: 1.0)
v = d.values()
q = [float(json.loads("3.0")), d[1]]
loss = np.sum(W) * (1 + len(v))

import json
from collections import defaultdict
d = defaultdict(lambda: 1.0)
def f():
    return d[1]
q = [float(json.loads("3.0")), f()]
loss = np.sum(W) * (1 + len(d))

import json
from collections import defaultdict
x = W * 1.0
d = defaultdict(lambda: x)
q = [float(json.loads("3.0")), d[1]]
q[1][:] = 0.0
loss = np.sum(W) + np.sum(x)

import json
x = W * 1.0
it = iter([x, W * 2.0])
next(it)[:] = json.loads("3.0")
loss = np.sum(x) + np.sum(W)

import json
x = W * 1.0
it = map(lambda k: x, [1, 2])
next(it)[:] = json.loads("3.0")
loss = np.sum(x) + np.sum(W)

import json
x = W * 1.0
def gen():
    yield x
it = gen()
y = next(it)
it = gen()
next(it)[:] = json.loads("3.0")
loss = np.sum(x) + np.sum(W)

import json
x = W * 1.0
it = (x for _ in range(2))
for q in it:
    q[:] = json.loads("3.0")
loss = np.sum(x) + np.sum(W)

import json
log = []
def f(x):
    log.append(x)
    return x
m = map(f, [1, 2, 3])
q = [float(json.loads("3.0")), next(m)]
log = []
q = [float(json.loads("3.0")), next(m)]
loss = np.sum(W) * (1 + len(log))

import json
log = []
def f():
    for k in range(3):
        log.append(k)
        yield k
m = f()
q = [float(json.loads("3.0")), next(m)]
log = []
q = [float(json.loads("3.0")), next(m)]
loss = np.sum(W) * (1 + len(log))

import json
log = []
def f(x):
    log.append(x)
    return x
m = map(f, range(90))
m = zip(m, m)
m = zip(m, m)
m = zip(m, m)
m = zip(m, m)
m = zip(m, m)
m = zip(m, m)
q = [float(json.loads("3.0")), next(m)]
loss = np.sum(W) * (1 + len(log))

import json
x = W * 1.0
d = {"a": x}
v = d.values()
def f(z):
    for q in z:
        q *= 2.0
r = [float(json.loads("3.0")), f(v)]
loss = np.sum(x) + np.sum(W)

import json
x = W * 1.0
class A:
    def __iter__(self):
        return self
    def __next__(self):
        return x
it = zip(A(), [1, 2])
q = next(it)[0]
z = [float(json.loads("3.0")), 2]
next(it)[0][:] = json.loads("3.0")
loss = np.sum(x) + np.sum(W)

import json
x = W * 1.0
def gen():
    yield x
it = gen()
next(it)[:] = json.loads("3.0")
loss = np.sum(x) + np.sum(W)
""",
    ),
]
