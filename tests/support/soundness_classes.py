"""Small texts about classes, each kind in several spellings."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
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
