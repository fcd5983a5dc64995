"""Texts about attributes and methods that Python asks for on its own: data, lengths, additions, equality, formatting."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "an attribute that is called data",
        True,
        numpy="""
class L:
    def __init__(self, data):
        self.data = data
a = L(W)
loss = np.sum(a.data ** 2)

class L:
    def __init__(self, data):
        self.data = data
a = L([W])
loss = np.sum(a.data[0] ** 2)

class L:
    def __init__(self, data):
        self.data = data
a = L([1.0, 2.0])
a.data.append(3.0)
loss = np.sum(W ** 2) * sum(a.data)

class L:
    def __init__(self, data):
        self.data = data
        self.n = len(self.data)
a = L([1.0, 2.0])
loss = np.sum(W ** 2) * a.n

class V:
    def __init__(self, data):
        self.data = data
    def __add__(self, o):
        return V(self.data + o.data)
    def __mul__(self, o):
        return V(self.data * o.data)
loss = (V(W[0, 0]) * V(W[0, 1]) + V(W[1, 0])).data ** 2

class V:
    def __init__(self, data):
        self.data = data
v = V(W * 1)
v.data[0] = 5
v.data += 1
loss = np.sum(v.data ** 2)

class V:
    def __init__(self, data):
        self.data = data
v = V(W)
u = v.data
v.data = v.data * 2
loss = np.sum(v.data * u)

class V:
    data = 3.0
v = V()
v.data = 2.0
V.data = 4.0
loss = np.sum(W ** 2) * (v.data + V.data)

class V:
    __slots__ = ("data", "other")
    def __init__(self, d):
        self.data, self.other = d, d
v = V(W * 1)
v.data += 1
loss = np.sum(v.data * v.other)

class V:
    @property
    def data(self):
        return self.w * 2
    @data.setter
    def data(self, x):
        self.w = x + 1
v = V()
v.data = W
loss = np.sum(v.data ** 2)

from dataclasses import dataclass
@dataclass
class V:
    data: object
    grad: float = 0.0
v = V(W)
v.grad = 5.0
v.data = v.data ** 2
loss = np.sum(v.data) * v.grad

class V:
    def __init__(self, data):
        self.data = data
        self.grad = 0.0
a, b = V(W[0, 0]), V(W[0, 1])
for v in (a, b):
    v.data = v.data * 3
    v.grad += 1
loss = a.data ** 2 * b.data * a.grad + b.grad

class V:
    def __init__(self, data):
        self.data = data
a = V(W)
for k in range(3):
    a.data = a.data - 0.1 * a.data
loss = np.sum(a.data ** 2)
""",
    ),
    Kind(
        "an object asked for its length while its items are taken",
        False,
        numpy="""
log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
list(A())
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
[*A()]
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
tuple(A())
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
x = [0]
x.extend(A())
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
x = [0]
x += A()
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
a, = A()
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
x = sorted(A())
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
x = sum(A()) + max(A()) + len(set(A()))
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
x = dict.fromkeys(A())
y = ",".join(map(str, A()))
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
for a in A(): pass
def f(*b): return len(b)
f(*A())
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class A:
    def __length_hint__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
list(A())
loss = np.sum(W ** 2) * (sum(log) + 1)

log = []
class I:
    n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
    def __len__(self): log.append(1); return 3
x = list(I())
loss = np.sum(W ** 2) * (sum(log) + sum(x))

log = []
class A:
    def __len__(self): log.append(1); return 3
    def __iter__(self): log.append(10); return iter([1])
x = list(reversed(list(A())))
if A(): log.append(100)
y = bool(A())
loss = np.sum(W ** 2) * (sum(log) + 1)

class A:
    def __len__(self): raise ValueError("no")
    def __iter__(self): return iter([1])
try:
    x = list(A())
except ValueError:
    x = [5]
loss = np.sum(W ** 2) * sum(x)

class A:
    def __len__(self): return -1
    def __iter__(self): return iter([1])
try:
    x = list(A())
except ValueError:
    x = [5]
loss = np.sum(W ** 2) * sum(x)
""",
    ),
    Kind(
        "an object with a length that is walked",
        True,
        numpy="""
import math
class L:
    def __init__(self, items, b): self.items, self.b = items, b
    def __len__(self): return math.ceil(len(self.items) / self.b)
    def __iter__(self):
        for k in range(0, len(self.items), self.b): yield self.items[k:k + self.b]
loss = np.sum(W ** 2)
for x in L([1.0, 2.0, 3.0], 2): loss = loss * len(x)

class L:
    def __init__(self, items): self.items = items
    def __len__(self): return len(self.items)
    def __iter__(self): return iter(self.items)
loss = np.sum(W ** 2)
for x in L([1.0, 2.0, 3.0]): loss = loss * x

class L:
    n = 3
    def __len__(self):
        k = self.n * 2
        return k // 2
    def __iter__(self):
        return iter(range(1, 4))
loss = np.sum(W ** 2) * sum(list(L())) * len(L())

class L(list):
    pass
loss = np.sum(W ** 2) * sum([1, 2])

class L:
    def __init__(self, *w): self.w = w
    def __len__(self): return len(self.w)
    def __getitem__(self, k): return self.w[k]
    def __iter__(self): return (x * 2 for x in self.w)
loss = np.sum([*L(W[0, 0], W[0, 1])][1] ** 2) + max(L(1, 2))
""",
    ),
    Kind(
        "objects that are summed",
        True,
        numpy="""
class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): return V(self.x + (o.x if isinstance(o, V) else o))
    def __radd__(self, o): return self + o
loss = sum([V(W[0, 0]), V(W[0, 1]), V(W[1, 0])]).x ** 2

class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): return V(self.x + o.x)
loss = sum([V(W[0, 0]), V(W[0, 1])], V(0.0)).x ** 2

class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): return V(self.x + o.x)
    def __radd__(self, o): return self if o == 0 else NotImplemented
loss = sum(V(w) for w in W[0]).x ** 2

class V:
    def __init__(self, x): self.x = x
    def __radd__(self, o): return o + self.x
loss = sum([V(W[0, 0]), V(W[0, 1])]) ** 2

log = []
class V:
    def __init__(self, x): self.x = x
    def __add__(self, o):
        log.append(2)
        return V(self.x + o.x)
def g():
    for w in W[0]:
        log.append(3)
        yield V(w)
loss = sum(g(), V(0.0)).x ** 2 * sum(v * 10 ** k for k, v in enumerate(log))

log = []
class V:
    def __init__(self, x): self.x = x
    def __add__(self, o):
        log.append(2)
        return V(self.x + o.x)
def g():
    for w in W[0]:
        log.append(3)
        yield V(w)
t = V(0.0)
for v in g():
    t = t + v
loss = t.x ** 2 * sum(v * 10 ** k for k, v in enumerate(log))

class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): return self.x + o
loss = sum([W[0, 1], 2.0], V(W[0, 0])) ** 2

class V:
    def __init__(self, x): self.x = x
    def __radd__(self, o): return o + self.x
loss = sum([W[0, 1], V(W[0, 0]), 3.0]) ** 2
""",
    ),
]
