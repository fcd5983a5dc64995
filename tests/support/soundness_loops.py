"""Small texts about loops over what changes, and about results that are kept, each kind in several spellings."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "a function that remembers its results",
        True,
        numpy="""
import functools
n = []
@functools.lru_cache(maxsize=None)
def f(x):
    n.append(x)
    return x * 2
a = f(2); b = f(2)
loss = np.sum(W ** 2) * (a + b + len(n))

from functools import lru_cache
@lru_cache
def f(x):
    return W * x
a = f(2); b = f(2)
a += 1
loss = np.sum(b ** 2)

from functools import cache
k = 2.0
@cache
def f(x):
    return k * x
a = f(2.0)
k = 5.0
b = f(2.0)
loss = np.sum(W ** 2) * (a + 10 * b)

from functools import lru_cache
@lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
loss = np.sum(W ** 2) * fib(10)

from functools import lru_cache
c = []
@lru_cache(maxsize=2)
def f(x, y=1):
    c.append(x)
    return x + y
f(1); f(2); f(3); f(1); f(1, y=1); f(1, 1); f(1.0); f(True)
loss = np.sum(W ** 2) * len(c)

import functools
k = 1.0
@functools.cache
def f():
    return k
a = f()
k = 2.0
loss = np.sum(W ** 2) * (f() + a)

import functools
@functools.lru_cache(maxsize=1)
def f(x):
    return [x]
a = f(1); a.append(5)
b = f(1); f(2); c = f(1)
loss = np.sum(W ** 2) * (len(b) + 10 * len(c))

import functools
calls = []
class A:
    @functools.lru_cache(maxsize=None)
    def go(self, x):
        calls.append(x)
        return x * 2
a, b = A(), A()
a.go(1); a.go(1); b.go(1)
loss = np.sum(W ** 2) * len(calls)

import functools
calls = []
class A:
    @property
    @functools.lru_cache()
    def v(self):
        calls.append(1)
        return 2.0
a = A()
loss = np.sum(W ** 2) * (a.v + a.v) * len(calls)

import functools
calls = []
f = functools.lru_cache(lambda x: calls.append(x) or x)
g = functools.lru_cache(maxsize=None)(lambda x: calls.append(x) or x)
f(1), f(1), g(2), g(2)
loss = np.sum(W ** 2) * len(calls)

import functools
calls = []
@functools.cache
def f(x):
    calls.append(x)
    return x * 2.0
loss = np.sum(W ** 2) * sum(f(k) for k in (1, 1, 2)) * len(calls)

import functools
calls = []
@functools.cache
def f(x):
    calls.append(x)
    return x * 2.0
loss = sum(np.sum(r ** 2) * f(3) for r in W) * len(calls)
""",
    ),
    Kind(
        "a dictionary with a default",
        True,
        numpy="""
from collections import defaultdict
d = defaultdict(list)
d['q'].append(1)
d['z']
loss = np.sum(W ** 2) * len(d)

from collections import defaultdict
d = defaultdict(lambda: defaultdict(int))
d['q']['a'] += 1
d['q']['b'] += 2
x = d.get('r')
loss = np.sum(W ** 2) * (len(d) + sum(d['q'].values()) + ('z' in d) + (x is None))

from collections import defaultdict
def make(): return 3.0
d = defaultdict(make)
e = defaultdict(float, a=2.0)
for w in ["a", "b", "a"]:
    d[w] += 1
    e[w] += 1
loss = np.sum(W ** 2) * (d["a"] + d["zz"] * len(d) + e["a"])

from collections import defaultdict
d = defaultdict(lambda: 0)
for r in W:
    d['s'] = d['s'] + np.sum(r ** 2)
loss = d['s']

from collections import defaultdict
d = defaultdict(list)
for r in W:
    d[0].append(r)
loss = np.sum(d[0][0] * d[0][1]) + len(d[5])

from collections import defaultdict
d = defaultdict(int)
try:
    x = d.pop("a")
except KeyError:
    x = 5
d["b"]
e = d.copy()
e["c"]
e2 = dict(d)
try:
    e2["zz"]
except KeyError:
    x += 1
loss = np.sum(W ** 2) * (x + len(d) * 10 + len(e) * 100)

from collections import defaultdict
d = defaultdict(set)
for k, v in [("a", 1), ("b", 2), ("a", 3)]:
    d[k].add(v)
s = [k for k, v in d.items() if len(v) > 1]
loss = np.sum(W ** 2) * (len(s) + len(d))

from collections import defaultdict
d = defaultdict(lambda: np.zeros(3))
for i, r in enumerate(W):
    d["s"] += r
    d["t"] = d["t"] + r * i
loss = np.sum(d["s"] ** 2) + np.sum(d["t"] ** 2) + np.sum(d["u"])

from collections import defaultdict
d = defaultdict(list)
d.setdefault("a", []).append(1)
d["b"] += [1, 2]
x = "c" in d
y = d.get("c", 3)
loss = np.sum(W ** 2) * (len(d) + y + len(d["b"]))

from collections import defaultdict
d = defaultdict(None, {"a": 1.0})
e = defaultdict(list, [("a", [1.0])])
try:
    d["q"]
    k = 1
except KeyError:
    k = 2
loss = np.sum(W ** 2) * (k + len(e["a"]) + len(e["z"]))
""",
    ),
    Kind(
        "a loop over a list that changes",
        True,
        numpy="""
xs = [3.0]
for x in xs:
    if len(xs) < 3: xs.append(x - 1)
loss = np.sum(W ** 2) * (1 + sum(xs)) * len(xs)

xs = [3.0, 2.0, 1.0]
t = 0.0
for x in xs:
    t += x
    if x == 3.0: xs.remove(2.0)
loss = np.sum(W ** 2) * (1 + t)

xs = [3.0, 2.0, 1.0]
t = 0.0
for x in xs:
    t += x
    xs[-1] = 10.0
loss = np.sum(W ** 2) * (1 + t)

xs = [3.0, 2.0, 1.0]
t = 0.0
for i, x in enumerate(xs):
    t += x * i
    if i == 0: del xs[1]
loss = np.sum(W ** 2) * (1 + t)

xs = [3.0, 2.0, 1.0]
t = 0.0
for x in xs:
    t += x
    if len(xs) < 5: xs.insert(0, 9.0)
    if len(xs) > 4: break
loss = np.sum(W ** 2) * (1 + t)

xs = [1.0, 2.0]
for x in xs:
    xs = [5.0]
loss = np.sum(W ** 2) * x

xs = [W[0], W[1]]
t = 0
for x in xs:
    if len(xs) < 4: xs.append(x * 2)
    t = t + np.sum(x ** 2)
loss = t

xs = [4.0, 5.0, 6.0]
for i, x in enumerate(xs):
    xs[i] = x * 2
    if i + 1 < len(xs): xs[i + 1] += 1
loss = np.sum(W ** 2) * sum(xs)

xs = [4.0, 5.0, 6.0]
for x in xs:
    xs.clear()
loss = np.sum(W ** 2) * x

xs = [4.0, 5.0, 6.0]
for x in xs:
    xs.sort(reverse=True)
loss = np.sum(W ** 2) * x

w = [0.5, 1.0]
for x in w:
    w[0] = w[0] * 2
loss = np.sum(W ** 2) * w[0]

rows = [[1.0, 2.0], [3.0, 4.0]]
for row in rows:
    for j, v in enumerate(row):
        row[j] = v * 2
    if len(rows) < 3: rows.append([1.0, 1.0])
loss = np.sum(W ** 2) * sum(sum(r) for r in rows)

def f():
    xs = [1.0, 2.0, 3.0]
    for x in xs:
        if len(xs) < 6: xs.append(x)
    return sum(xs)
loss = np.sum(W ** 2) * f()
""",
    ),
    Kind(
        "a comprehension over a list that changes",
        True,
        numpy="""
xs = [1.0, 2.0, 3.0]
ys = [x for x in xs if len(xs) < 9 and not xs.append(0.0)]
loss = np.sum(W ** 2) * (1 + len(ys))

xs = [1.0, 2.0, 3.0]
ys = [xs.pop() + x for x in xs]
loss = np.sum(W ** 2) * sum(ys)

xs = [1.0, 2.0, 3.0]
out = [xs.pop() * np.sum(r ** 2) for r in W]
loss = sum(out) * len(xs)

xs = [2.0, 3.0]
ys = {x: xs.append(x) for x in xs if len(xs) < 5}
loss = np.sum(W ** 2) * (len(xs) + len(ys))
""",
    ),
    Kind(
        "a loop over a dictionary or a set that changes",
        True,
        numpy="""
d = {"a": 1.0, "b": 2.0}
t = 0.0
for k, v in d.items():
    t += v
    d["b"] = 10
loss = np.sum(W ** 2) * (1 + t)

d = {"a": 1.0, "b": 2.0}
t = 0.0
try:
    for k in d:
        t += d[k]
        d["c"] = 10
except RuntimeError:
    t += 100
loss = np.sum(W ** 2) * (1 + t)

s = set([1.0, 2.0])
t = 0
try:
    for x in s:
        s.add(x + 10)
except RuntimeError:
    t = 5
loss = np.sum(W ** 2) * t

d = {'a': 1.0, 'b': 2.0}
n = 0
try:
    for v in d.values():
        d.pop('a')
except RuntimeError:
    n = 3
loss = np.sum(W ** 2) * n
""",
    ),
    Kind(
        "a view of a dictionary is live",
        True,
        numpy="""
d = {'a': 1.0}
v = d.values()
d['b'] = 4.0
loss = np.sum(W ** 2) * sum(v)

d = {"a": 1.0, "b": 2.0}
ks = d.keys()
d["c"] = 3.0
del d["a"]
loss = np.sum(W ** 2) * (len(ks) + ("c" in ks) + ("a" in ks) + len(d.keys() & {"b", "z"}))

d = {"w": W, "v": W * 2}
loss = np.sum(np.stack(list(d.values())) ** 2) + sum(np.sum(v) for k, v in d.items())

d = {'a': 1.0}
v = d.items()
d['a'] = 5.0
loss = np.sum(W ** 2) * sum(b for a, b in v)

d = {'a': W * 1.0}
v = d.values()
d['b'] = W * 2
loss = sum(np.sum(r ** 2) for r in v)
""",
    ),
    Kind(
        "a row that changes something for the next row",
        True,
        numpy="""
it = iter([1.0, 2.0])
rows = [next(it) * r for r in W]
loss = np.sum(rows[0] + rows[1])

log = []
rows = [log.append(1.0) or r * 2 for r in W]
loss = np.sum(rows[0] + rows[1]) * len(log)

n = 0
def f(r):
    global n
    n += 1
    return np.sum(r ** 2) * n
loss = sum(f(r) for r in W) * n

class C:
    def __init__(self): self.n = 0
    def __call__(self, r):
        self.n += 1
        return np.sum(r ** 2) * self.n
c = C()
loss = sum(c(r) for r in W) * c.n

acc = np.zeros(3)
def f(r):
    acc[:] += r
    return np.sum(acc ** 2)
loss = sum(f(r) for r in W)

def make():
    n = 0
    def f(r):
        nonlocal n
        n += 1
        return np.sum(r ** 2) * n
    return f
f = make()
loss = sum([f(r) for r in W])
""",
    ),
]
