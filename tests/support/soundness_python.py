"""Small texts about Python's statements, exceptions and scopes, each kind in several spellings."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
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
]
