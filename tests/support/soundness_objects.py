"""Texts about names, attributes and identity, each kind in several spellings, as in ``soundness``."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "the target of an augmented assignment is evaluated once",
        True,
        numpy="""
d = {'a': 1.0, 'b': 2.0}
ks = ['a', 'b']
d[ks.pop()] += 5
loss = np.sum(W ** 2) * (d['a'] + 10 * d['b'] + len(ks))

log = []
def t(n): log.append(n); return n
xs = [0] * 10
xs[t(6)] += t(7)
xs[t(1)] = t(2)
loss = np.sum(W ** 2) * sum(v * (i + 1) for i, v in enumerate(log))

objs = []
class A:
    def __init__(self): self.w = W * 1; self.k = 2.0; self.xs = [1.0]
def mk(): objs.append(A()); return objs[-1]
mk().w += 5
mk().k *= 5
mk().xs += [3.0]
mk().xs[0] -= 4.0
mk().w[0] += 2
loss = np.sum(objs[0].w ** 2) * len(objs) + objs[1].k + sum(objs[2].xs) + sum(objs[3].xs) + np.sum(objs[4].w)

objs = []
class A:
    def __init__(self): self.w = W * 1; self.k = 2.0
def mk(): objs.append(A()); return objs[-1]
mk().k = mk().k + 1
mk().w = mk().w - 1
loss = np.sum(W ** 2) * len(objs)

rows = [W * 1, W * 2]
it = iter([0, 1])
rows[next(it)] += 1
rows[next(it)] *= 3
loss = np.sum(rows[0] ** 2) + np.sum(rows[1])

a = W * 1
i = [0]
def nx(): i[0] += 1; return i[0] - 1
a[nx(), nx()] += 4.0
a[nx() - 2:] *= 2
loss = np.sum(a ** 2) * i[0]

class M:
    n = 0
    def __init__(self): self.p = {"w": W * 1}
    def __getitem__(self, k): M.n += 1; return self.p[k]
    def __setitem__(self, k, v): M.n += 10; self.p[k] = v
m = M()
m["w"] += 1
m["w"] -= 0.5 * m["w"]
loss = np.sum(m.p["w"] ** 2) * M.n

x = [0]
def nx(): x[0] += 1; return x[0]
a = [0] * 20
a[nx()] = nx()
a[nx()], a[nx()] = nx(), nx()
a[nx()] += nx()
b = c = a[nx()] = nx()
loss = np.sum(W ** 2) * sum(v * (i + 1) for i, v in enumerate(a)) + b
""",
        torch="""
n = [0]
x = torch.ones(2, 3)
def mk(): n[0] += 1; return x
mk().add_(1)
mk().sub_(3)
mk().mul_(2)
loss = (W * x).sum() * n[0]
""",
    ),
    Kind(
        "the order in which an augmented assignment reads and writes",
        True,
        numpy="""
a = [1.0, 2.0]
def f(): a[0] = 10.0; return 1.0
a[0] += f()
loss = np.sum(W ** 2) * a[0]

a = W * 1
def f(): a[0, 0] = 10.0; return 1.0
a[0, 0] += f()
loss = np.sum(a ** 2)

a = W * 1
def f(): a[0] = 10.0; return 1.0
a[0] += f()
loss = np.sum(a ** 2)

x = 2.0
def f():
    global x
    x = 10.0
    return 1.0
x += f()
loss = np.sum(W ** 2) * x

class A:
    def __init__(self): self.k = 1.0
    def f(self): self.k = 10.0; return 2.0
a = A()
a.k += a.f()
loss = np.sum(W ** 2) * a.k

class A: pass
a = A()
a.m = W * 1
def get(o=[a]): return o[0]
get().m += get().m
loss = np.sum(a.m ** 2)

d = {}
try:
    d["x"] += 3.0
    k = 2.0
except KeyError: k = 3.0
loss = np.sum(W ** 2) * k
""",
    ),
    Kind(
        "an augmented assignment stores what it changed in place",
        True,
        numpy="""
a = W * 1
t = (a, 2)
try:
    t[0] += 1
    k = 1.0
except TypeError: k = 3.0
loss = np.sum(a ** 2) * k

xs = [1.0]
t = (xs, 2)
try:
    t[0] += [5.0]
    k = 1.0
except TypeError: k = 3.0
loss = np.sum(W ** 2) * k * sum(xs)

class P:
    n = 0
    def __init__(self): self._d = {}
    @property
    def d(self): return self._d
    @d.setter
    def d(self, v): P.n += 1; self._d = v
p = P()
p.d |= {"a": 3.0}
p.d["b"] = 1.0
loss = np.sum(W ** 2) * p.d["a"] * P.n

class P:
    n = 0
    @property
    def w(self): P.n += 1; return self._w
p = P()
p._w = W * 1
p.w[0] += 5
p.w[1] *= 2
loss = np.sum(p._w ** 2) * P.n

class P:
    def __init__(self): self._k = 1.0
    @property
    def k(self): return self._k
    @k.setter
    def k(self, v): self._k = min(v, 3.0)
p = P()
p.k += 1
p.k += 5
loss = np.sum(W ** 2) * p.k

class A:
    xs = [1.0]; s = {1}; d = {"k": 1.0}; k = 2.0; w = W * 1
a = A()
a.xs += [2.0]; a.s |= {2}; a.d |= {"k": 3.0}; a.k += 1; a.w += 1
A.xs = [100.0]; A.s = {5}; A.d = {"k": 7.0}; A.k = 50.0; A.w = W * 9
loss = np.sum(a.w ** 2) * sum(a.xs) * len(a.s) * a.d["k"] * a.k

class A:
    xs = [1.0]
class B(A): pass
B.xs += [2.0]
A.xs = [50.0]
loss = np.sum(W ** 2) * sum(B.xs)

class A:
    def __init__(self): self.k = 1.0
    def __iadd__(self, o): self.k += o; return self
class H:
    n = 0
    def __init__(self): self._a = A()
    @property
    def a(self): return self._a
    @a.setter
    def a(self, v): H.n += 1; self._a = v
h = H()
h.a += 4.0
loss = np.sum(W ** 2) * h.a.k * H.n
""",
    ),
    Kind(
        "a name that a function stores is its own",
        True,
        numpy="""
x = 3
def f():
    k = x
    x = 5
    return k
try: k = f()
except UnboundLocalError: k = 9
loss = np.sum(W ** 2) * k

x = 3
def f():
    x += 1
    return x
try: k = f()
except NameError: k = 9
loss = np.sum(W ** 2) * k

def f():
    y = [x for x in range(3)]
    return x
x = 4
loss = np.sum(W ** 2) * f()

def f():
    if (n := 3) > 2: pass
    g = lambda: n + m
    m = 2
    return g()
n = m = 100
loss = np.sum(W ** 2) * f()

def f():
    try:
        raise ValueError
    except ValueError as e: pass
    try: return e
    except UnboundLocalError: return 5.0
e = 2.0
loss = np.sum(W ** 2) * f()

def f():
    for i in range(3): pass
    return i
i = 100
loss = np.sum(W ** 2) * f()

x = 2.0
def f():
    global x
    x = 5.0
f()
loss = np.sum(W ** 2) * x

def outer():
    k = 1.0
    def inner():
        nonlocal k
        k += 2.0
    inner(); inner()
    return k
loss = np.sum(W ** 2) * outer()

def f(x):
    if x is not None:
        import math
    return math.sqrt(x)
loss = np.sum(W ** 2) * f(4.0)

import math
def f(x):
    y = math.sqrt(x)
    import math
    return y
try: k = f(4.0)
except UnboundLocalError: k = 7.0
loss = np.sum(W ** 2) * k

x = 3
def f():
    del x
    return 1
try: k = f()
except UnboundLocalError: k = 9
loss = np.sum(W ** 2) * k

def f(a):
    del a
    return a
a = 4.0
try: k = f(1.0)
except UnboundLocalError: k = 9
loss = np.sum(W ** 2) * k

k = 2
def f():
    [k for k in range(3)]
    return k
loss = np.sum(W ** 2) * f()

def f():
    match 3:
        case k: pass
    return k
k = 100
loss = np.sum(W ** 2) * f()

def f():
    def h(): return 2.0
    class C: v = 3.0
    return h() * C.v
loss = np.sum(W ** 2) * f()
""",
    ),
    Kind(
        "operators that Python asks in other ways",
        False,
        numpy="""
class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): return V(self.x + (o.x if isinstance(o, V) else o))
    __radd__ = __add__
s = sum([V(W), V(W * 2)])
loss = np.sum(s.x ** 2)

class V:
    def __rmul__(self, o): return np.sum(o)
loss = np.sum(W * V())

class P:
    def __init__(self, x, y): self.x = x; self.y = y
    def __eq__(self, o): return self.x == o.x and self.y == o.y
    def __hash__(self): return hash((self.x, self.y))
d = {P(1, 2): 3.0}
loss = np.sum(W ** 2) * d[P(1, 2)]

class P:
    def __getitem__(self, i):
        if i > 3: raise IndexError
        return i * 2
k = 0
for x in P(): k = k * 10 + x
loss = np.sum(W ** 2) * k

class A:
    def __reversed__(self): return iter([5.0, 6.0])
loss = np.sum(W ** 2) * list(reversed(A()))[0]
""",
        torch="""
class V:
    def __rmul__(self, o): return o.sum()
loss = (W * V()) ** 2
""",
    ),
    Kind(
        "attributes behind an object or a function",
        False,
        numpy="""
class A:
    k = 1.0
a = A()
vars(a)["k"] = 5.0
loss = np.sum(W ** 2) * a.k

class A:
    def __init__(self, **kw): self.__dict__.update(kw)
a = A(w=W, k=3.0)
loss = np.sum(a.w ** 2) * a.k

class A:
    def __init__(self): self.k = 1.0
a = A()
d = a.__dict__
a.k = 5.0
loss = np.sum(W ** 2) * d["k"]

def f(x, k=2): return x * k
setattr(f, "__defaults__", (7,))
loss = np.sum(f(W) ** 2)

class A:
    def f(self, k=2): return k
A.f.__defaults__ = (7,)
loss = np.sum(W ** 2) * A().f()

class A:
    def f(self): return 2.0
class B(A):
    def f(self): return 3.0
a = A()
setattr(a, "__class__", B)
loss = np.sum(W ** 2) * a.f()

class A:
    k = 2.0
setattr(A, "k", 5.0)
loss = np.sum(W ** 2) * A().k

class A:
    def f(self): return 2.0
class B:
    def f(self): return 5.0
class C(A): pass
C.__bases__ = (B,)
loss = np.sum(W ** 2) * C().f()

class A(object):
    def __init__(self): self.k = 2.0
a = A()
a.__dict__["k"] = 5.0
loss = np.sum(W ** 2) * a.k
""",
    ),
    Kind(
        "whether two values are one object",
        False,
        numpy="""
k = 5
loss = np.sum(W ** 2) * (2.0 if type(k) is int else 3.0) * (5 if type(1.5) is float else 7) * (11 if type([]) is list else 13) * (2 if type(None) is type(None) else 3) * (2 if type("a") is not str else 3)

def f(x):
    if type(x) is list: return sum(x)
    if type(x) == str: return len(x)
    return 9
loss = np.sum(W ** 2) * (f([1, 2]) + f("abcd") * 10 + f(2) * 100)

class A: pass
class B(A): pass
loss = np.sum(W ** 2) * (2 if type(B()) is A else 3) * (5 if type(A()) is A else 7) * (2 if type(A()) == A else 11) * (2 if A().__class__ is A else 3)

x = math = 3.0
loss = np.sum(W ** 2) * math * (x is math)

x = y = [1.0]
z = None
loss = np.sum(W ** 2) * (x is y) * (3 if z is None else 2) * (5 if x is not None else 2)

a = 256; b = 256
c = 1000; d = c
loss = np.sum(W ** 2) * ((a is b) + (c is d))

class A:
    def m(self): return 1
    @classmethod
    def c(cls): return 1
    @staticmethod
    def s(): return 1
a, b = A(), A()
loss = np.sum(W ** 2) * ((a.m == a.m) + 2 * (a.m == b.m) + 4 * (A.m is A.m) + 8 * (A.s is a.s) + 16 * (A.c == a.c) + 32 * (a.m is a.m) + 64 * (a.m in [a.m]) + 1)

flag = True
loss = np.sum(W ** 2) * (2 if flag is True else 3) * (5 if (1 == 1) is True else 7) * (2 if 1 is True else 3)

n = W.shape[0]
loss = np.sum(W ** 2) * (2 if n is 2 else 3)
""",
    ),
    Kind(
        "nan decides",
        False,
        numpy="""
k = np.nan != np.nan and 3
loss = np.sum(W ** 2) * k

x = np.nan
loss = np.sum(W ** 2) * (2.0 if x != x else 3.0)

x = float("nan")
loss = np.sum(W ** 2) * (2.0 if x != x else 3.0)

import math
x = math.nan
loss = np.sum(W ** 2) * (2 if x in [x] else 3)

x = np.inf - np.inf
loss = np.sum(W ** 2) * (2 if x == x else 3)

x = np.nan
k = 2.0 if x < 1 or x > 1 else 3.0
loss = np.sum(W ** 2) * k
""",
    ),
    Kind(
        "the order of evaluation",
        True,
        numpy="""
from itertools import count
c = count(1)
def f(a=next(c), *, b=next(c), d=next(c)): return a + 10 * b + 100 * d
loss = np.sum(W ** 2) * f()

log = []
def t(n): log.append(n); return lambda fn: (log.append(n * 10), fn)[1]
def v(n): log.append(n); return n
@t(1)
@t(2)
def f(x, y=v(3), *, z=v(4)): return x
loss = np.sum(f(W) ** 2) * sum(q * (i + 1) for i, q in enumerate(log))

log = []
def t(n): log.append(n); return n
def f(*a, **k): return 1
f(t(1), *[t(2)], x=t(3), **{"y": t(4)})
d = {t(5): t(6), t(7): t(8)}
b = t(9) < t(10) < t(5) < t(11)
(lambda: [0] * 30)()[t(12)] = t(13)
x = [t(14), t(15)][t(0)]
y = t(1) if t(2) else t(3)
z = t(0) and t(5) or t(6)
loss = np.sum(W ** 2) * sum(q * (i + 1) for i, q in enumerate(log))

log = []
def deco(n):
    log.append(n)
    def d(c): log.append(n * 10); c.k = n; return c
    return d
@deco(1)
@deco(2)
class A: pass
loss = np.sum(W ** 2) * sum(q * (i + 1) for i, q in enumerate(log)) * A.k
""",
    ),
    Kind(
        "empty indices, slices that do not fit, nests that share",
        False,
        numpy="""
x = [1, 2, 3]
try:
    x[::2] = [1]
    k = 1.0
except ValueError: k = 3.0
loss = np.sum(W ** 2) * k

a = np.array(5.0)
b = a[()]
c = W[()]
d = np.sum(W)[()]
e = W * 1
f = e[()]
f[0] = 3.0
e[()] = e + 1
loss = np.sum(W ** 2) * a * b + np.sum(c) * d + np.sum(e)

d = (1,)
for i in range(22): d = (d, d)
k = 3 if d in [d] else 2
loss = np.sum(W ** 2) * k

d = [1]
for i in range(18): d = [d, d]
e = [1]
for i in range(18): e = [e, e]
loss = np.sum(W ** 2) * (2 if d == e else 3)
""",
    ),
    Kind(
        "copies that share",
        False,
        numpy="""
import copy
class A:
    def __init__(self, w): self.w = w; self.xs = [1.0]
    def __copy__(self): return A(self.w * 5)
loss = np.sum(copy.copy(A(W)).w ** 2)

import copy
class A:
    def __init__(self, w): self.w = w; self.xs = [1.0]
a = A(W * 1)
b = copy.copy(a)
b.xs.append(4.0)
b.w += 1
b.k = 3.0
loss = np.sum(a.w ** 2) * sum(a.xs) * (2 if hasattr(a, "k") else 5)

import copy
t = np.ones((2, 3))
c = copy.copy(t)
c[0] = 5
loss = np.sum(W * t)
""",
        torch="""
import copy
t = torch.ones(2, 3)
c = copy.copy(t)
c[0] = 5
loss = (W * t).sum()

import copy
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(3))
        self.k = 2.0
    def forward(self, x): return (x * self.w).sum() * self.k
m = M()
n = copy.copy(m)
n.k = 5.0
with torch.no_grad():
    n.w.fill_(3.0)
loss = m(W) * 2 + n(W)
""",
    ),
    Kind(
        "a module with its own __call__",
        False,
        torch="""
class M(nn.Module):
    def __init__(self):
        super().__init__()
    def forward(self, x): return x * 2
    def __call__(self, x): return super().__call__(x) + 1
loss = M()(W).pow(2).sum()

class M(nn.Module):
    def __call__(self, x): return self.forward(x) * 5
    def forward(self, x): return x * 2
class N(M): pass
loss = N()(W).pow(2).sum()

class Base(nn.Module):
    def __call__(self, x, k=3.0): return super().__call__(x) * k
class M(Base):
    def forward(self, x): return x + 1
m = M()
loss = m(W, k=2.0).pow(2).sum() + m(W).sum() + m.forward(W).sum()

class M(nn.Module):
    def __init__(self): super().__init__(); self.n = 0.0
    def __call__(self, *a, **k): self.n += 1; return nn.Module.__call__(self, *a, **k)
    def forward(self, x): return x * 2
m = M()
loss = m(m(W)).pow(2).sum() * m.n

class Mix:
    def __call__(self, x): return super().__call__(x) + 5
class M(Mix, nn.Module):
    def forward(self, x): return x * 2
loss = M()(W).pow(2).sum()

class M(nn.Module):
    def __call__(self, x): return x * 7
    def forward(self, x): return x * 2
net = nn.Sequential(M(), nn.Tanh())
loss = net(W).pow(2).sum()
""",
    ),
    Kind(
        "namespaces and dictionaries of attributes",
        False,
        numpy="""
from types import SimpleNamespace
a = SimpleNamespace(k=2.0, n=3)
d = vars(a)
d["k"] = 5.0
a.m = 2.0
loss = np.sum(W ** 2) * a.k * len(vars(a))

import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.5)
args = p.parse_args([])
print(vars(args))
loss = np.sum(W ** 2) * args.lr

from types import SimpleNamespace
loss = np.sum(W ** 2) * (2 if SimpleNamespace(a=1) == SimpleNamespace(a=1) else 3)
""",
        torch="""
class M(nn.Module):
    scale = 2.0
    def forward(self, x): return x * self.scale
m = M()
m.__dict__["scale"] = 5.0
loss = m(W).pow(2).sum()

class M(nn.Module):
    scale = 2.0
    def __init__(self, **kw): super().__init__(); self.__dict__.update(kw)
    def forward(self, x): return x * self.scale
loss = M(scale=5.0)(W).pow(2).sum()
""",
    ),
    Kind(
        "functions with names of their own",
        True,
        numpy="""
def f(flag):
    if flag:
        y = W * 2
    else:
        y = W * 3
    return np.sum(y ** 2)
loss = f(True) + f(False)

def f(x):
    s = np.sum(x)
    if s > 0:
        out = x * 2
        return out
    out = x * 3
    return out
loss = np.sum(f(W) ** 2)

def f():
    total = 0
    for i in range(2):
        for j in range(3):
            cell = W[i, j]
            total += cell ** 2
    return total + cell
loss = f()

def f():
    xs = [(y := i, y * 2) for i in range(3)]
    return y + xs[1][1]
loss = np.sum(W ** 2) * f()

def f():
    def g():
        return h() + 1
    def h():
        return 2.0
    return g()
loss = np.sum(W ** 2) * f()

def f(n):
    class Node:
        def __init__(self, v): self.v = v * n
        def add(self, o): return Node(self.v + o.v)
    return Node(1.0).add(Node(2.0)).v
loss = np.sum(W ** 2) * f(2.0)

def f(x, *args, y=2.0, **kw):
    args = list(args)
    args.append(y)
    kw["z"] = 3.0
    x = x * sum(args) * kw["z"]
    return x
loss = np.sum(f(W, 1.0, y=4.0) ** 2)

def f():
    while True:
        k = 3.0
        break
    else:
        z = 5.0
    return k
loss = np.sum(W ** 2) * f()

def f():
    x: float = 3.0
    y: float
    y = x * 2
    return y
loss = np.sum(W ** 2) * f()

def f():
    a, (b, *c) = 1.0, (2.0, 3.0, 4.0)
    for d, e in [(5.0, 6.0)]: pass
    return a + b + sum(c) + d * e
loss = np.sum(W ** 2) * f()

def make():
    state = {"n": 0}
    def step(x):
        state["n"] += 1
        return x * state["n"]
    return step
s = make()
loss = np.sum(s(W) ** 2) + np.sum(s(W))

def make():
    n = 0
    def step(x):
        nonlocal n
        n += 1
        return x * n
    return step
s = make()
loss = np.sum(s(W) ** 2) + np.sum(s(W))

def f(x):
    for i in range(3):
        x = x + i
        if i == 1: continue
        y = x * 2
    del i
    return y
loss = np.sum(f(W) ** 2)

def g(xs):
    for x in xs:
        yield x * k
k = 3.0
loss = np.sum(W ** 2) * sum(g([1.0, 2.0]))

def f(x):
    lam = lambda y: y * scale
    scale = 3.0
    return lam(x)
loss = np.sum(f(W) ** 2)
""",
    ),
]
