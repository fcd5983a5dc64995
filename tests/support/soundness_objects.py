"""Texts about names, attributes, operators and classes, each kind in several spellings, as in ``soundness_texts``."""

from __future__ import annotations

from tests.support.soundness_texts import Kind

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
        "super() follows the class of the object",
        True,
        numpy="""
class A:
    def f(self): return 1
class B(A):
    def f(self): return super().f() * 2 + 1
class C(A):
    def f(self): return super().f() * 3 + 2
class D(B, C):
    def f(self): return super().f() * 5 + 3
loss = np.sum(W ** 2) * D().f()

class A:
    k = 2.0
    xs = [1.0]
class B(A):
    k = 3.0
    def f(self): return super().k + super().xs[0]
loss = np.sum(W ** 2) * B().f()

class A:
    @classmethod
    def make(cls, x): o = cls(); o.x = x * cls.k; return o
    k = 2
class B(A):
    k = 3
    @classmethod
    def make(cls, x): return super().make(x * 2)
loss = np.sum(B.make(W).x ** 2) + np.sum(A.make(W).x) + np.sum(B().make(W).x)

class A:
    @property
    def v(self): return 2.0
class B(A):
    @property
    def v(self): return super().v * 3
loss = np.sum(W ** 2) * B().v

class A:
    @staticmethod
    def f(x): return x * 2
class B(A):
    @staticmethod
    def f(x): return A.f(x) + 1
    def g(self, x): return super().f(x) + self.f(x)
loss = np.sum(B().g(W) ** 2)

class A:
    def __init__(self, **kw): self.a = 1.0; super().__init__(**kw)
class B(A):
    def __init__(self, b, **kw): self.b = b; super().__init__(**kw)
class C(A):
    def __init__(self, c, **kw): self.c = c; super().__init__(**kw)
class D(B, C):
    def __init__(self): super().__init__(b=2.0, c=3.0)
d = D()
loss = np.sum(W ** 2) * d.a * d.b * d.c

class A:
    def f(self): return 2.0
class B(A):
    def f(self): return super(B, self).f() * 3
class C(B):
    def f(self): return super(B, self).f() * 7
loss = np.sum(W ** 2) * C().f() * B().f()

class A:
    def g(self): return self.h() * 2
    def h(self): return 1.0
class B(A):
    def h(self): return 5.0
    def g(self): return super().g() + 1
loss = np.sum(W ** 2) * B().g()
""",
        torch="""
class Base(nn.Module):
    def __init__(self): super().__init__(); self.k = 2.0
    def forward(self, x): return x * self.k
class Mix:
    def forward(self, x): return super().forward(x) + 1
class M(Mix, Base): pass
loss = M()(W).pow(2).sum()

class M(nn.Module):
    def __init__(self): super().__init__(); self.d = nn.Dropout(0.5); self.flag = 1.0
    def train(self, mode=True): super().train(mode); self.flag = 3.0; return self
    def forward(self, x): return self.d(x) * self.flag
m = M()
m.train(False)
loss = m(W).pow(2).sum()
""",
    ),
    Kind(
        "the names of a class body",
        True,
        numpy="""
x = 1
class A:
    x = 5
    def f(self, k=x): return x + k
    g = lambda self: x
    ys = [x * i for i in range(3)]
    class B:
        y = x
loss = np.sum(W ** 2) * (A().f() + 10 * A().g() + 100 * A.B.y + sum(A.ys))

n = 3
class A:
    n = 5
    xs = [i * n for i in range(n)]
    d = {i: n for i in range(2)}
    t = tuple(n for _ in range(2))
loss = np.sum(W ** 2) * (sum(A.xs) + A.d[1] + A.t[0])

def f():
    n = 4
    class A:
        n = 5
        k = [n for _ in range(2)]
        def g(self): return n
    return A
loss = np.sum(W ** 2) * (sum(f().k) + f()().g())

xs = [1.0]
class A:
    xs += [2.0]
loss = np.sum(W ** 2) * sum(A.xs) * len(xs)

class A:
    f = lambda self, x: x * 2
    act = np.tanh
    g = staticmethod(lambda x: x * 3)
a = A()
loss = np.sum(a.f(W) ** 2) + np.sum(a.act(W))

def helper(self, x): return x * self.k
class A:
    k = 3.0
    f = helper
    def h(self, x): return x + 1
    both = h
loss = np.sum(A().f(W) ** 2) + np.sum(A().both(W))

class A:
    def f(self): return 1.0
    f = 5.0
    g = 3.0
    def g(self): return 7.0
loss = np.sum(W ** 2) * A().f * A().g()

class A:
    @property
    def v(self): return 1.0
    def v(self): return 5.0
loss = np.sum(W ** 2) * A().v()
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
        "operators of classes of the text",
        True,
        numpy="""
class V:
    def __init__(self, x): self.x = x
    def __mul__(self, k): return V(self.x * k)
    __rmul__ = __mul__
    def __add__(self, o): return V(self.x + o.x) if isinstance(o, V) else V(self.x + o)
    __radd__ = __add__
v = 3 * V(W) * 2 + 1
loss = np.sum(v.x ** 2)

class V:
    def __mul__(self, o): return NotImplemented
class U:
    def __rmul__(self, o): return 5.0
loss = np.sum(W ** 2) * (V() * U())

class V:
    def __add__(self, o): return NotImplemented
try:
    V() + 1
    k = 2.0
except TypeError: k = 3.0
loss = np.sum(W ** 2) * k

class A:
    def __gt__(self, o): return 2
class B(A):
    def __lt__(self, o): return 5
loss = np.sum(W ** 2) * (A() > B())

class P:
    def __init__(self, xs): self.xs = xs
    def __len__(self): return len(self.xs)
    def __getitem__(self, i): return self.xs[i]
    def __setitem__(self, i, v): self.xs[i] = v
    def __contains__(self, v): return v == 3
    def __delitem__(self, i): del self.xs[i]
p = P([1.0, 2.0])
p[0] = 4.0
p[1] += 5.0
del p[0]
loss = np.sum(W ** 2) * p[0] * len(p) * (2 if p else 3) * (2 if 3 in p else 7)

class P:
    def __getitem__(self, k): return k
p = P()
loss = np.sum(W ** 2) * p[1:3].stop * p[1, 2][0] * len(p[::2, "a"])

class A:
    def __bool__(self): return False
loss = np.sum(W ** 2) * (2 if A() else 3) * (5 if not A() else 7) * (A() and 5 or 11)

class A:
    def __neg__(self): return 3.0
    def __abs__(self): return 5.0
    def __invert__(self): return 2.0
loss = np.sum(W ** 2) * -A() * ~A()

class A:
    def __call__(self, x, k=2): return x * k
    def __matmul__(self, o): return 7.0
    def __pow__(self, o): return o
    def __floordiv__(self, o): return 3.0
    def __xor__(self, o): return 2.0
a = A()
loss = np.sum(a(W) ** 2) * (a @ 1) * (a ** 2) * (a // 2) * (a ^ 1)

class A:
    def __init__(self): self.k = 1.0
    def __iadd__(self, o): self.k += o; return self
    def __imul__(self, o): return 5.0
a = A()
b = a
a += 3.0
k = b.k
a *= 2
loss = np.sum(W ** 2) * k * a

class A:
    def __add__(self, o): return 1.0
    def __radd__(self, o): return 2.0
class B(A): pass
loss = np.sum(W ** 2) * (A() + B()) * (B() + A())

class A:
    def __radd__(self, o): return 2.0
class B(A):
    def __add__(self, o): return 3.0
loss = np.sum(W ** 2) * (1 + B()) * (A() + B() if False else 2)

class Matrix:
    def __init__(self, w): self.w = w
    def __getitem__(self, k): return self.w[k]
    @property
    def T(self): return Matrix(self.w.T)
    def __matmul__(self, o): return Matrix(self.w @ o.w)
m = Matrix(W)
loss = np.sum((m @ m.T)[0] ** 2) + m[1, 2] + np.sum(m[:, 0])

class Log:
    n = 0
    def __getitem__(self, k): Log.n += k; return k
x = Log()
x[3]
loss = np.sum(W ** 2) * Log.n

class V:
    __array_ufunc__ = None
    def __rmul__(self, o): return np.sum(o)
x = W * V()
loss = x ** 2
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
        "what comparisons of own classes give",
        True,
        numpy="""
class V:
    def __eq__(self, o): return "yes"
v = V()
loss = np.sum(W ** 2) * len(v == 1) * len(1 == v) * (2 if v == v == v else 3)

class V:
    def __lt__(self, o): return 7
loss = np.sum(W ** 2) * (V() < 1) * (2 > V())

class A: pass
a, b = A(), A()
loss = np.sum(W ** 2) * (2 if a == b else 3) * (5 if a != b else 7) * (11 if a == a else 13) * (2 if a == 1 else 5) * (2 if a == None else 3)

class A:
    __hash__ = None
try:
    d = {A(): 1}
    k = 2.0
except TypeError: k = 3.0
loss = np.sum(W ** 2) * k

class A:
    def __eq__(self, o): return True
try:
    d = {A(): 1}
    k = 2.0
except TypeError: k = 3.0
loss = np.sum(W ** 2) * k

from dataclasses import dataclass
@dataclass
class P:
    a: float
    def __eq__(self, o): return True
loss = np.sum(W ** 2) * (2 if P(1.0) == P(2.0) else 3)
""",
    ),
    Kind(
        "what a class says of its subclasses and objects",
        False,
        numpy="""
class A:
    reg = []
    def __init_subclass__(cls, **kw): super().__init_subclass__(); A.reg.append(cls.__name__); cls.tag = kw.get("tag", 1.0)
class B(A, tag=5.0): pass
class C(B): pass
loss = np.sum(W ** 2) * len(A.reg) * B.tag * C.tag

class A:
    n = 0
    def __del__(self): A.n += 1
a = A()
del a
loss = np.sum(W ** 2) * (A.n + 1)

log = []
class A:
    def __del__(self): log.append(1)
a = A()
a = None
loss = np.sum(W ** 2) * (len(log) + 1)

class A:
    __slots__ = ("x",)
    def __init__(self, x): self.x = x
a = A(W)
try:
    a.y = 3
    k = 1.0
except AttributeError:
    k = 2.0
loss = np.sum(a.x ** 2) * k

class A:
    __slots__ = ["x"]
class B(A): pass
b = B()
b.y = 3.0
loss = np.sum(W ** 2) * b.y

class D:
    def __get__(self, o, t=None): return 5.0
class M:
    w = D()
loss = np.sum(W ** 2) * M().w

class D:
    def __get__(self, o, t=None): return 5.0
    def __set__(self, o, v): pass
class M:
    w = D()
m = M()
try: m.w = 2.0
except Exception: pass
loss = np.sum(W ** 2) * m.w

class A:
    def get(self): return self._v * 2
    def put(self, v): self._v = v + 1
    v = property(get, put)
a = A()
a.v = 3.0
loss = np.sum(W ** 2) * a.v
""",
    ),
    Kind(
        "properties by the first class that has them",
        False,
        numpy="""
class A:
    @property
    def v(self): return 2.0
class B(A):
    v = 5.0
b = B()
k = b.v
b.v = 7.0
loss = np.sum(W ** 2) * b.v * k

class A:
    @property
    def v(self): return self._v
    @v.setter
    def v(self, x): self._v = x
class B(A):
    @A.v.getter
    def v(self): return 11.0
b = B()
b.v = 3.0
loss = np.sum(W ** 2) * b.v

class A:
    @property
    def v(self): return 2.0
a = A()
try:
    setattr(a, "v", 5.0)
    k = 3.0
except AttributeError: k = 7.0
loss = np.sum(W ** 2) * k * a.v

from functools import cached_property
class A:
    n = 0
    @cached_property
    def v(self): A.n += 1; return W * 2
a = A()
x = np.sum(a.v ** 2) + np.sum(a.v)
a.v = W * 5
loss = x * A.n + np.sum(a.v)

class A:
    def f(self): return 2.0
a = A()
a.f = lambda: 5.0
loss = np.sum(W ** 2) * a.f() * A().f()
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
        "members of enumerations",
        False,
        numpy="""
from enum import Enum
class E(Enum):
    A = 1
    B = 2
k = 0
for e in E: k = k * 10 + e.value
loss = np.sum(W ** 2) * k * len(E.A.name) * E(2).value * E["B"].value * len(E) * (3 if E.A is E(1) else 2) * (2 if E.A in (E.A,) else 3)

from enum import Enum, auto
class E(Enum):
    A = auto()
    B = auto()
    def twice(self): return self.value * 2
x = E.B
if x is E.A: k = 1
elif x == E.B: k = 3
loss = np.sum(W ** 2) * k * E.B.twice()

from enum import IntEnum
class E(IntEnum):
    A = 0
    B = 2
loss = np.sum(W ** 2) * (3 if E.B == 2 else 5) * (2 if E.A else 7) * (E.B + 1)

from enum import IntEnum
class E(IntEnum):
    A = 0
    B = 2
loss = np.sum(W ** 2) * (3 if isinstance(E.B, E) else 5)

from enum import Enum
class E(Enum):
    A = "a"
    B = "b"
def f(e):
    match e:
        case E.A: return 2.0
        case E.B: return 3.0
loss = np.sum(W ** 2) * f(E.B)

from enum import Enum
class E(Enum):
    A = 1
    ALSO = 1
d = {E.A: 2.0}
loss = np.sum(W ** 2) * d[E.ALSO] * len(list(E))

from enum import Enum
class E(str, Enum):
    A = "a"
loss = np.sum(W ** 2) * (2 if E.A == "a" else 3)

from enum import Flag
class E(Flag):
    A = 1
    B = 2
loss = np.sum(W ** 2) * (2 if (E.A | E.B) == 3 else 5)

from enum import Enum
class E(Enum):
    A = W * 2
    B = 3
loss = np.sum(E.A.value ** 2)

from enum import Enum
class E(Enum):
    A = 1
try:
    E(7)
    k = 2.0
except ValueError: k = 3.0
try:
    E.A = 5
except AttributeError: k = k * 5
loss = np.sum(W ** 2) * k
""",
    ),
    Kind(
        "data classes that compare, copy and freeze",
        False,
        numpy="""
from dataclasses import dataclass, field
@dataclass(frozen=True)
class C:
    lr: float = 0.1
c = C()
k = 1.0
try:
    c.lr = 5.0
    k = 7.0
except AttributeError: k = 3.0
loss = np.sum(W ** 2) * c.lr * k

from dataclasses import dataclass, FrozenInstanceError
@dataclass(frozen=True)
class C:
    lr: float = 0.1
    def __post_init__(self): object.__setattr__(self, "twice", self.lr * 2)
c = C(0.5)
try:
    c.lr = 5.0
    k = 7.0
except FrozenInstanceError: k = 3.0
loss = np.sum(W ** 2) * c.lr * k * c.twice

from dataclasses import dataclass, replace
@dataclass(frozen=True)
class C:
    lr: float = 0.1
    n: int = 2
c = replace(C(), lr=0.5)
loss = np.sum(W ** 2) * c.lr * c.n

from dataclasses import dataclass
@dataclass
class P:
    a: int = 1
class Q(P): pass
loss = np.sum(W ** 2) * ((P(1) == Q(1)) + 2 * (Q(1) == Q(1)) + 1)

from dataclasses import dataclass, field
@dataclass
class P:
    a: int = 1
    b: int = field(default=2, compare=False)
loss = np.sum(W ** 2) * ((P(1, 3) == P(1, 4)) + 2 * (P(1) == P(2)) + 1)

from dataclasses import dataclass
@dataclass
class P:
    a: float
    b: float = 3.0
@dataclass
class Q(P):
    c: float = 5.0
q = Q(2.0, c=7.0)
loss = np.sum(W ** 2) * q.a * q.b * q.c

from dataclasses import dataclass
@dataclass
class P:
    a: float = 2.0
    def __init__(self, z): self.a = z * 3
@dataclass
class Q(P):
    b: float = 5.0
q = Q(7.0)
loss = np.sum(W ** 2) * q.a * q.b

from dataclasses import dataclass
@dataclass(order=True)
class P:
    a: float
loss = np.sum(W ** 2) * (2 if P(1.0) < P(2.0) else 3)

from dataclasses import dataclass
@dataclass(eq=False)
class P:
    a: float
loss = np.sum(W ** 2) * (2 if P(1.0) == P(1.0) else 3)

from dataclasses import dataclass
@dataclass
class P:
    a: float
p = P(1.0)
loss = np.sum(W ** 2) * (2 if p in [P(1.0)] else 3)

from dataclasses import dataclass
@dataclass
class P:
    xs: list
    q: object = None
loss = np.sum(W ** 2) * (2 if P([1], P([2])) == P([1], P([2])) else 3) * (5 if P([1]) != P([2]) else 7)

from dataclasses import dataclass, asdict
@dataclass
class I:
    w: object
@dataclass
class O:
    i: I
    xs: list
o = O(I(W * 1), [[1.0]])
d = asdict(o)
d["i"]["w"] += 5
d["xs"][0].append(4.0)
loss = np.sum(o.i.w ** 2) * len(o.xs[0]) + np.sum(d["i"]["w"])

from dataclasses import dataclass, field
n = [0]
def mk(): n[0] += 1; return n[0]
@dataclass
class P:
    a: int = mk()
    b: int = field(default_factory=mk)
p, q = P(), P()
loss = np.sum(W ** 2) * (p.a + 10 * p.b + 100 * q.a + 1000 * q.b)

from dataclasses import dataclass, field
@dataclass
class P:
    a: int = 1
    b: list = field(default_factory=list)
p, q = P(), P()
p.b.append(1)
loss = np.sum(W ** 2) * (len(p.b) + 10 * len(q.b)) * P.a

from dataclasses import dataclass
@dataclass
class P:
    a: float = 1.0
d = {}
try:
    d[P()] = 1
    k = 2.0
except TypeError: k = 3.0
loss = np.sum(W ** 2) * k

class Outer:
    from dataclasses import dataclass
    @dataclass
    class In:
        a: float = 2.0
loss = np.sum(W ** 2) * Outer.In(5.0).a
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
        "private names of several classes",
        False,
        numpy="""
class A:
    def __init__(self): self.__k = 2.0
    def get(self): return self.__k
class B(A):
    def __init__(self): super().__init__(); self.__k = 5.0
loss = np.sum(W ** 2) * B().get()

class A:
    def __part(self): return 2.0
    def get(self): return self.__part()
class B(A):
    def __part(self): return 5.0
loss = np.sum(W ** 2) * B().get()

class A:
    def __init__(self): self.__k = 2.0
    def get(self): return self.__k
class B(A): pass
loss = np.sum(W ** 2) * B().get()

class A:
    def __init__(self): self.__k = 2.0
class B(A):
    def get(self): return self.__k
try: k = B().get()
except AttributeError: k = 3.0
loss = np.sum(W ** 2) * k

class A:
    __k = 2.0
a = A()
a.__k = 5.0
loss = np.sum(W ** 2) * a._A__k
""",
    ),
    Kind(
        "classes as they are written",
        False,
        numpy="""
class A:
    def __init__(self): self.w = W * 1
    def step(self):
        self.w -= 0.1 * self.w
        return self
a = A().step().step()
loss = np.sum(a.w ** 2)

class Counter:
    total = 0
    def __init__(self): type(self).total += 1; self.__class__.total += 10
class Sub(Counter): pass
Counter(); Sub(); Sub()
loss = np.sum(W ** 2) * Counter.total + Sub.total

class A:
    x = 1.0
a = A()
a.x += 1
del a.x
loss = np.sum(W ** 2) * a.x

class Base:
    scale = 2.0
    def __init__(self): self.setup()
    def setup(self): self.k = self.scale
class Sub(Base):
    scale = 5.0
    def setup(self):
        super().setup()
        self.k *= 3
loss = np.sum(W ** 2) * Sub().k

class A:
    def __init__(self): self.xs = []
    def __iadd__(self, o): self.xs.append(o); return self
    def __len__(self): return len(self.xs)
a = A()
for i in range(3): a += i
loss = np.sum(W ** 2) * len(a)

class A:
    __match_args__ = ("x",)
    def __init__(self, x): self.x = x
def f(a):
    match a:
        case A(x=3.0): return 2.0
        case A(y): return y
loss = np.sum(W ** 2) * f(A(5.0))

class S:
    _inst = None
    def __new__(cls):
        if cls._inst is None: cls._inst = super().__new__(cls); cls._inst.k = 3.0
        return cls._inst
a = S(); b = S()
a.k = 5.0
loss = np.sum(W ** 2) * b.k

class A:
    def __class_getitem__(cls, k): return k
loss = np.sum(W ** 2) * A[3]

class A:
    def __hash__(self): return 1
    def __eq__(self, o): return isinstance(o, A)
loss = np.sum(W ** 2) * len({A(), A()}) * (2 if A() in [A()] else 3)

class A:
    def __index__(self): return 1
    def __int__(self): return 2
    def __float__(self): return 3.0
loss = np.sum(W ** 2) * [5, 7][A()] * int(A()) * float(A())

def outer():
    x = 1.0
    class A:
        x = 5.0
        def f(self): return x
    x = 3.0
    return A
loss = np.sum(W ** 2) * outer()().f()

class A:
    vals = [1.0, 2.0]
    n = len(vals)
    if n > 1:
        flag = 3.0
    else:
        flag = 4.0
    for i in range(3):
        vals.append(i)
loss = np.sum(W ** 2) * A.flag * sum(A.vals) * A.i

class A:
    k = 2.0
    f = lambda self, x, s=k: x * s
loss = np.sum(A().f(W) ** 2)

class Vec:
    def __init__(self, d): self.d = d
    def __add__(self, o): return Vec(self.d + o.d)
    def __sub__(self, o): return Vec(self.d - o.d)
    def __rmul__(self, s): return Vec(s * self.d)
    def dot(self, o): return np.sum(self.d * o.d)
u, v = Vec(W), Vec(W * 2)
loss = (2.0 * u + v - 0.5 * v).dot(u)

class Vec:
    def __init__(self, d): self.d = d
    def __iter__(self): return iter(self.d)
a, b = Vec([W * 1, W * 2])
loss = np.sum(a ** 2) + np.sum(b)
""",
        torch="""
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(2, 3))
        self.register_buffer("n", torch.zeros(1))
    def forward(self, x):
        self.n += 1
        return (x * self.w).sum() * self.n.sum()
m = M()
y = m(W)
loss = m(W) * 2 + y
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
        "data classes that others are derived from",
        True,
        numpy="""
from dataclasses import dataclass
@dataclass
class D:
    a: int = 1
    b: int = 2
class E(D):
    def __init__(self): super().__init__(5)
e = E()
loss = np.sum(W ** 2) * (e.a + e.b * 10)

from dataclasses import dataclass
@dataclass
class D:
    a: int = 1
    b: int = 2
loss = np.sum(W ** 2) * ((D(1, 2) == D(1, 2)) + 1)

from dataclasses import dataclass
@dataclass
class D:
    a: float = 1.0
    xs: list = None
class E(D):
    def __init__(self, w): super().__init__(5.0, [w]); self.xs.append(w * 2)
e = E(W)
loss = np.sum(e.xs[0] ** 2) * e.a + np.sum(e.xs[1])

from dataclasses import dataclass
@dataclass
class D:
    a: float = 1.0
    def __post_init__(self): self.b = self.a * 2
@dataclass
class E(D):
    c: float = 3.0
    def __post_init__(self): super().__post_init__(); self.d = self.b + self.c
e = E(5.0)
loss = np.sum(W ** 2) * e.d

from dataclasses import dataclass
@dataclass
class D:
    a: float = 1.0
class E(D):
    def __init__(self): D.__init__(self, 5.0)
loss = np.sum(W ** 2) * E().a
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
    Kind(
        "attributes that __getattr__ gives",
        False,
        numpy="""
class A:
    def __getattr__(self, name): return len(name) * 1.0
a = A()
loss = np.sum(W ** 2) * a.abc * (2 if hasattr(a, "zz") else 3)

class A:
    def __getattr__(self, name): raise AttributeError(name)
a = A()
loss = np.sum(W ** 2) * (2 if hasattr(a, "zz") else 3) * getattr(a, "y", 5.0)

f = 3
try:
    f.attr = 4
    k = 2.0
except AttributeError: k = 3.0
loss = np.sum(W ** 2) * k
""",
        torch="""
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 2)
    def __getattr__(self, name):
        try: return super().__getattr__(name)
        except AttributeError: return 2.0
m = M()
with torch.no_grad():
    m.lin.weight.fill_(0.5); m.lin.bias.fill_(0.1)
loss = (m.lin(W) ** 2).sum() * m.foo
""",
    ),
]
