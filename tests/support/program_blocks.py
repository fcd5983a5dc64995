"""Pieces of random programs that hold statements: functions, classes, loops, branches, comprehensions.

The holes are those of ``program_rows``; ``binds`` says what a local name stands for while its body is made.
"""

from __future__ import annotations

import re

from tests.support.program_rows import Row, rows


def blocks(family: str, text: str) -> list[Row]:
    """Make a row of each paragraph; a line ``# name: expression`` above it binds a local name."""
    made = []
    for part in text.split("\n\n"):
        if part.strip():
            bound = dict(re.findall(r"^# (\S+): (.+)$", part, re.MULTILINE))
            made.append(Row(family, re.sub(r"^# \S+: .+\n", "", part.strip("\n"), flags=re.MULTILINE), "", bound))
    return made


FUNCTIONS = blocks(
    "functions",
    """
# $p: $A
def $f($p):
    $BODY
    return $RET
$t = $f($A)

# $p: $M
# $p2: $A
def $f($p, $p2):
    $BODY
    return $RET
$t = $f($M, $A)

# $p: $M
# $p2: $K
def $f($p, $p2=$K):
    $BODY
    return $RET
$t = $f($M)
$t2 = $f($A, $p2=$K2)

# $p: $M
# $p2: $K
def $f($p, *, $p2=$K):
    $BODY
    return $RET
$t = $f($M, $p2=$K2)

# $p: $M
# $p2: $A
def $f($p, $p2):
    $BODY
    return $p2, $RET
$t, $t2 = $f($M, $p2=$A)

# $p: [$M, $A]
def $f(*$p):
    $BODY
    return $p[0] * $K + len($p)
$t = $f($M, $A)

# $p: {'k': $M, 'm': $A}
def $f(**$p):
    $BODY
    return $p['k']
$t = $f(k=$M, m=$A)

# $p: $M
def $f($p, *args, **kwargs):
    $BODY
    return $p * args[0] + kwargs.get('shift', 0)
$t = $f($M, $K, shift=$K2)
$t2 = $f(*[$A, 2.0], **{'shift': 1.0})

# $p: $M
def $f($p):
    $BODY
$f($M)

# $p: [$M, $A]
def $f($p):
    $BODY
$l = [$M, $A]
$f($l)

# $p: {'k': $M, 'm': $A}
def $f($p):
    $BODY
    return $p
$d = {'k': $M, 'm': $A}
$d = $f($d)

# $p: $M
def $f($p):
    def inner($p2):
        return $p2 * $K + $p
    $BODY
    return inner($RET)
$t = $f($M)

# $p: $A
def $f($p):
    if $Y:
        return $p * $K
    $BODY
    return $RET
$t = $f($A)

# $p: $A
def $f($p, kind='relu'):
    if kind == 'relu':
        return $p * ($p > 0)
    elif kind == 'scale':
        $BODY
        return $RET
    return $p
$t = $f($A) + $f($A, 'scale')
$t2 = $f($A, kind='other')

# $p: $A
$f = lambda $p: $RET
$t = $f($A)

# $p: $A
$f = lambda $p, k=$K: $p * k
$t = $f($A) + $f($A, 2)

def $f(scale):
    def inner(x):
        return x * scale
    return inner
$t = $f($K)($A)

def $f():
    count = 0
    def step(x):
        nonlocal count
        count += 1
        return x * count
    return step
stepper = $f()
$t = stepper($A)
$t2 = stepper($A)

counter_one = 0
def $f(x):
    global counter_one
    counter_one += 1
    return x + counter_one
$t = $f($A)
$t2 = $f($A)

def $f(x, n):
    if n == 0:
        return x
    return $f(x * $K + 1, n - 1)
$t = $f($A, 3)

def $f(n):
    return 1 if n < 2 else n * $f(n - 1)
$n = $f(4)

def $f(x):
    for k in range(5):
        if k == 2:
            return x * k
        x = x + 1
    return x * 100
$t = $f($A)

def $f(x):
    try:
        return x * 2
    finally:
        x += 1
$t = $f($M)

def $f(x):
    x += 1
    return x
def $f2(g, x):
    return g(g(x))
$t = $f2($f, $M)

def $f(x, f=$np.tanh, scale=$K):
    return f(x) * scale
$t = $f($A)
$t2 = $f($A, $np.sin)

def $f(items):
    total = 0
    for x in items:
        total += x.sum()
    return total
$t = $f([$A, $A2])

def $f(items):
    total = 0
    for x in items:
        total = total + x
    return total
$t = $f([$A, $B])

def $f(items):
    total = items[0]
    for x in items[1:]:
        total += x
    return total
$t = $f([$M, $X])

def $f(x, n):
    out = []
    for k in range(n):
        x = $np.tanh(x * $K)
        out.append(x)
    return out
$l = $f($A, 3)

def $f(x):
    out = $np.zeros(x.shape)
    for k in range(len(x)):
        out[k] = x[k] * (k + 1)
    return out
$t = $f($A)

def $f(x):
    out = $np.zeros((2, 3))
    for r in range(2):
        for q in range(3):
            out[r, q] = x[0] * r + q
    return out
$t = $f($V)

def $f(out, x):
    out[0] = x.sum()
    out[-1] += 1
$t = $np.zeros(3)
$f($t, $A)

def $f(x, y=None):
    if y is None:
        y = x
    y *= 2
    return x + y
$t = $f($M)
$t2 = $f($M, $X)

def $f(x, y=None):
    y = y or []
    y.append(x)
    return y
$l = $f($A)
$l = $f($A, $l)

def $f(x, /, y, *, z=1.0):
    return x * y + z
$t = $f($A, $K)
$t2 = $f($A, y=$K, z=$K2)

def $f(a=1, b=2, *rest, c=3, **more):
    return a + 10 * b + 100 * c + len(rest) + 1000 * len(more)
$n = $f()
$n2 = $f(5, 6, 7, 8, c=9, d=1)

def $f(*shape, scale=1.0):
    return $np.ones(shape) * scale
$t = $f(2, 3, scale=$K) * $Z

def $f(x):
    'Scale.'
    scale = 2 if x.ndim == 2 else 3
    return x * scale
$t = $f($A)

def $f(k):
    return lambda x: x * k
$l = [$f(k)($A) for k in (1, 2)]

def $f(x):
    s = $np.exp(x)
    return s / s.sum()
$t = $f($A)

def $f(x, y):
    return x - y
$t = $f(y=$A, x=$K)

def $f(x, y):
    return x - y
pair = ($A, $K)
$t = $f(*pair)

def $f(x, y):
    return x - 2 * y
options = {'y': $A, 'x': $K}
$t = $f(**options)

from functools import partial
def $f(x, scale, shift=0):
    return x * scale + shift
$f2 = partial($f, scale=$K)
$t = $f2($A, shift=1)

from functools import reduce
$t = reduce(lambda x, y: x + 2 * y, [$A, $B, $B2])

import operator
$t = operator.mul($A, $K)

$t = $C($C2($A))

$f = $C
$t = $f($A)

$l = [f($A) for f in ($C, $C2)]

$d = {'act': $C, 'id': lambda z: z}
$t = $d['act']($A) + $d['id']($A)

$f = $C if $Y else (lambda z: z * 3)
$t = $f($A)
""",
)

DECORATORS = blocks(
    "decorators",
    """
def $f(fn):
    def wrapper(x):
        return fn(x) * $K
    return wrapper
@$f
def $f2(x):
    return x + 1
$t = $f2($A)

def $f(fn):
    def wrapper(*args, **kwargs):
        return 2 * fn(*args, **kwargs)
    return wrapper
@$f
def $f2(x, k=$K):
    return x * k
$t = $f2($A) + $f2($A, k=1)

def $f(scale):
    def decorate(fn):
        def wrapper(x):
            return fn(x) * scale
        return wrapper
    return decorate
@$f($K)
@$f(2)
def $f2(x):
    return x - 1
$t = $f2($A)

import functools
def $f(fn):
    @functools.wraps(fn)
    def wrapper(x):
        return fn(x) + $K
    return wrapper
@$f
def $f2(x):
    return x * x
$t = $f2($A)

import functools
@functools.lru_cache(maxsize=None)
def $f(n):
    return n if n < 2 else $f(n - 1) + $f(n - 2)
$n = $f(7)

def $f(fn):
    return lambda x: x
@$f
def $f2(x):
    return x * 100
$t = $f2($A)

registered_ones = []
def $f(fn):
    registered_ones.append(fn)
    return fn
@$f
def $f2(x):
    return x * $K
$t = registered_ones[0]($A)

def $f(cls):
    cls.scale = $K
    return cls
@$f
class $c:
    scale = 1.0
    def __call__(self, x):
        return x * self.scale
$t = $c()($A)
""",
)

GENERATORS = blocks(
    "generators",
    """
def $f(x):
    for k in range(3):
        yield x * k
$l = list($f($A))

def $f(items):
    for x in items:
        x += 1
        yield x
for $t in $f([$M, $M2]):
    $t *= 2

def $f(n):
    k = 0
    while k < n:
        yield k
        k += 1
$n = sum($f(4))

def $f(x):
    yield x
    x = x + 1
    yield x
$t, $t2 = $f($A)

def $f(x):
    for row in x:
        yield row.sum()
$t = sum($f($R))

def $f():
    yield 1
    yield from [2, 3]
$n = sum($f())

def $f(x):
    for start in range(0, len(x), 1):
        yield x[start:start + 1]
$l = [piece * 2 for piece in $f($A)]

g_made = (x * $K for x in [$A, $A2])
$t = next(g_made)
$t2 = next(g_made)

$t = sum(x.sum() for x in [$A, $A2])

$t = sum(k * $A for k in range(3))

def $f():
    yield $M
$t = next($f())
$t += $K
""",
)

CLASSES = blocks(
    "classes",
    """
# self: SimpleNamespace(w=$M)
# $p: $A
class $c:
    def __init__(self, w):
        self.w = w
    def forward(self, $p):
        $BODY
        return $RET
$o = $c($M)
$t = $o.forward($A)

# self: SimpleNamespace(w=$M, k=$K)
class $c:
    def __init__(self, w, k=$K):
        self.w = w
        self.k = k
    def step(self):
        $BODY
        return self
$o = $c($M)
$o.step()
$t = $o.w

# self: SimpleNamespace(items=[$M], total=0)
# $p: $A
class $c:
    def __init__(self):
        self.items = []
        self.total = 0
    def add(self, $p):
        self.items.append($p)
        self.total += 1
        $BODY
        return self
$o = $c()
$o.add($M).add($A)
$n = $o.total
$t = $o.items[-1]

# self: SimpleNamespace(cache={'x': $M})
class $c:
    def __init__(self):
        self.cache = {}
    def __call__(self, x):
        self.cache['x'] = x
        $BODY
        return self.cache['x'] * $K
$o = $c()
$t = $o($M)
$t2 = $o.cache['x']

class $c:
    def forward(self, x):
        self.mask = x <= 0
        out = x * 1.0
        out[self.mask] = 0
        return out
$o = $c()
$t = $o.forward($A)

class $c:
    def __init__(self, w):
        self.w = w
    def apply(self, x):
        return x * self.w
class $c2($c):
    def apply(self, x):
        return super().apply(x) + 1
$o = $c2($K)
$t = $o.apply($A)

class $c:
    scale = $K
    def __call__(self, x):
        return x * self.scale
$o = $c()
$t = $o($A)
$c.scale = 3.0
$t2 = $o($A)

class $c:
    count = 0
    def __init__(self):
        $c.count += 1
        self.rank = $c.count
$o = $c()
$o2 = $c()
$n = $o.rank * 10 + $o2.rank

class $c:
    items = []
    def add(self, x):
        self.items.append(x)
$o = $c()
$o.add($A)
$o2 = $c()
$o2.add($M)
$n = len($o.items)
$t = $o2.items[0]

class $c:
    def __init__(self, w):
        self._w = w
    @property
    def w(self):
        return self._w * 2
$o = $c($M)
$t = $o.w
$o._w += $K
$t2 = $o.w

class $c:
    def __init__(self, w):
        self._w = w
    @property
    def w(self):
        return self._w
    @w.setter
    def w(self, value):
        self._w = value * 2
$o = $c($A)
$o.w = $A
$t = $o.w

class $c:
    @staticmethod
    def act(x):
        return $np.tanh(x)
    @classmethod
    def make(cls, k):
        made = cls()
        made.k = k
        return made
$o = $c.make($K)
$t = $c.act($A) * $o.k

class $c:
    def __init__(self, w):
        self.w = w
    def scaled(self, k):
        self.w *= k
        return self
$t = $M
$o = $c($t)
$o.scaled($K).scaled(2)

class $c:
    def __init__(self, w):
        self.w = w
    def __add__(self, other):
        return $c(self.w + other.w)
    def __len__(self):
        return 3
    def __getitem__(self, k):
        return self.w[k]
$o = $c($A) + $c($A)
$t = $o.w
$t2 = $o[0] * len($o)

class $c:
    def __init__(self, *sizes, scale=1.0):
        self.layers = []
        for k in range(len(sizes) - 1):
            self.layers.append($np.ones((sizes[k], sizes[k + 1])) * scale)
$o = $c(2, 3, 2, scale=$K)
$t = $o.layers[0] * $Z

from dataclasses import dataclass
@dataclass
class $c:
    w: object
    k: float = $K
    def out(self):
        return self.w * self.k
$o = $c($A)
$t = $o.out()
$t2 = $c($M, k=2.0).w

from dataclasses import dataclass, field
@dataclass
class $c:
    items: list = field(default_factory=list)
    lr: float = 0.5
$o = $c()
$o.items.append($A)
$o2 = $c(lr=2)
$n = len($o2.items) + $o2.lr

class $c:
    def __init__(self):
        self.layers = [$M, $A]
    def __iter__(self):
        return iter(self.layers)
for $t in $c():
    $t = $t * 2

class $c:
    def __init__(self, child, k):
        self.child = child
        self.k = k
class $c2:
    def __init__(self, x):
        self.x = x
$o = $c($c2($M), $K)
$o.child.x += 1
$t = $o.child.x * $o.k

class $c:
    pass
$o = $c()
$o.x = $M
$o.y = $o.x
$o.y += $K

class $c:
    def __init__(self, x):
        self.x = x
$o = $c($M)
$o2 = $o
$o2.x = $A
$t = $o.x

class $c:
    def __init__(self, x):
        self.x = x
    def run(self):
        for name in ['x']:
            setattr(self, name, getattr(self, name) * 2)
        return self.x
$t = $c($A).run()

class $c:
    def f(self, x):
        return self.g(x) + 1
    def g(self, x):
        return x
class $c2($c):
    def g(self, x):
        return x * $K
$t = $c2().f($A)

class $c:
    def __init__(self, x):
        self.x = x
        self.update()
    def update(self):
        self.y = self.x * 2
$o = $c($A)
$o.x = $o.x + 1
$t = $o.y

class $c:
    def __init__(self, layers):
        self.layers = layers
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
$t = $c([$np.tanh, lambda z: z * $K]).forward($A)

class $c:
    def __enter__(self):
        return self
    def __exit__(self, *args):
        return False
with $c() as $o:
    $t = $A * $K

class $c:
    def f(self, x):
        return x * $K
$f = $c().f
$t = $f($A)
""",
)

MODULES = [
    Row(row.family, row.text, "torch")
    for row in rows(
        "modules",
        """
class $c(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
    def forward(self, x):
        return self.relu(x) + x
$t = $c()($M)

class $c(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.k = k
    def forward(self, x):
        h = x * self.k
        h[0] = 0
        return torch.tanh(h)
$o = $c($K)
$t = $o($A)

$t = nn.Sequential(nn.ReLU(inplace=True), nn.Tanh())($M)

class $c(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.acts = nn.ModuleList([nn.Tanh() for _ in range(depth)])
    def forward(self, x):
        for k, act in enumerate(self.acts):
            x = act(x) * (k + 1)
        return x
$t = $c(2)($A)

class $c(nn.Module):
    def forward(self, x):
        x += 1
        return x
$t = $c()($M)

$o = nn.ReLU(inplace=True)
$t = $o($M)
$t2 = $o($A * 2)
""",
    )
]

CONTROL = blocks(
    "control",
    """
if $Y:
    $BODY
else:
    $BODY

if $Y:
    $BODY

if $Y:
    $BODY
elif $Y2:
    $BODY
else:
    $BODY

# $i: 0
for $i in range(2):
    $BODY

# $i: 1
for $i in range(1, 4):
    $BODY

# $i: 3
for $i in range(3, 0, -1):
    $BODY

# $i: 0
for $i in range(0, 5, 2):
    $BODY

# $t: $M
for $t in [$M, $A]:
    $BODY

# $i: 0
# $t: $M
for $i, $t in enumerate([$M, $M2]):
    $BODY

# $t: $M
# $t2: $A
for $t, $t2 in zip([$M, $M2], [$A, $A2]):
    $BODY

# $t: $Q[0]
for $t in $Q:
    $BODY

# $t: $Q[0]
for $t in $Q.T:
    $t += $K
    $BODY

for $t in $Q:
    $t *= $K

for $t in $Q:
    $t[0] = $K

for $t in $Q:
    $t = $t * 2

for $i, $t in enumerate($Q):
    $t += $i

for $i, $t in enumerate($Q):
    $Q[$i] = $t * 2

for $t, $t2 in zip($Q, $R):
    $t -= $K * $t2[0]

for $i in range(len($M)):
    $M[$i] += $i

for $i in range(len($M)):
    $M[$i] = $M[$i] * $K

for $i in range(1, len($M)):
    $M[$i] += $M[$i - 1]

for $i in range($Q.shape[0]):
    for $i2 in range($Q.shape[1]):
        $Q[$i, $i2] *= $i + $i2

for $i in range($Q.shape[1]):
    $Q[:, $i] += $i * $K

for $i in range(len($M) - 1, -1, -1):
    $M[$i] -= $K

$t = $np.zeros((2, 2))
for $i in range(2):
    for $i2 in range(2):
        $t[$i, $i2] = $V[0] * $i + $V[-1] * $i2

$t = $np.zeros(($R.shape[0], 2))
for $i, $t2 in enumerate($R):
    $t[$i, 0] = $t2.sum()
    $t[$i][1] = $t2[0]

$t = $np.zeros(4)
for $i in range(4):
    $t[$i] = $V[$i % 2] * $i

$t = $np.ones(3)
$t[1:] = $V[0]
$t[0] += $V[-1]

$t = $np.empty(2)
$t[0] = $V[0]
$t[1] = $t[0] * 2

$t = $np.zeros_like($A)
$t[0] = $A[0]
$t[-1] += $A[-1]

$t = $np.zeros_like($A)
for $i in range(len($A)):
    $t[$i] += $A[$i] * 2

$t = $np.zeros((2, 3, 2))
for $i in range(2):
    $t[:, :, $i] = $V[0] * ($i + 1)

# $i: 0
for $i in range(4):
    if $i == 2:
        break
    $BODY
else:
    $BODY

# $i: 0
for $i in range(3):
    if $i == 1:
        continue
    $BODY

# $i: 0
for $i in range(2):
    $BODY
else:
    $BODY

# $n: 0
$n = 0
while $n < 2:
    $BODY
    $n += 1

# $n: 0
$n = 0
while True:
    $n += 1
    if $n == 2:
        break
    $BODY

# $n: 3
$n = 3
while $n:
    $n -= 1
    if $n == 1:
        continue
    $BODY
else:
    $BODY

try:
    $BODY
except ValueError:
    $t = $A

try:
    raise ValueError('no')
    $t = $A
except ValueError:
    $BODY

try:
    $BODY
    raise KeyError('k')
except (KeyError, IndexError) as error:
    $BODY
else:
    $t = $A * 100

try:
    $BODY
except Exception:
    $t = $A * 100
else:
    $BODY
finally:
    $BODY

try:
    $n = [1, 2][5]
except IndexError:
    $n = 7

try:
    $t = {'a': $A}['b']
except KeyError:
    $t = $A * 3

try:
    $n = 1 / 0
except ZeroDivisionError:
    $n = 4
finally:
    $n2 = 5

try:
    $n = int('x')
except ValueError:
    $n = 2

try:
    assert $N > 100
    $t = $A
except AssertionError:
    $t = $A * 2

try:
    $n = undefined_name
except NameError:
    $n = 3

try:
    $t = $A @ $np.ones((7, 7))
except (ValueError, RuntimeError):
    $t = $A * 2

def $f(x):
    if $N > -100:
        raise ValueError('stop')
    return x
try:
    $t = $f($A)
except ValueError:
    $t = $A * 5

class $c(Exception):
    pass
try:
    raise $c('own')
except $c as error:
    $t = $A * len(str(error))

# $t: $M
$t = $M
while len($t) > 1:
    $t = $t[1:]
    $BODY

for $t in $L:
    $t = $t * 2

$t = 0
for $t2 in $L:
    $t = $t + $t2.sum()

$t = 0
for $i, $t2 in enumerate($L, 1):
    $t += $i * $t2.sum()

for $i in range(3):
    $t = $A * $i

$t = $A
for $i in range(2):
    $t = $np.tanh($t) + $A

$t = $A
for $i in range(3):
    $t = $t * $K
else:
    $t = $t + 1

$t = $A
for $n in [2, 3]:
    $t = $t * $n

$t = $A
for $n, $n2 in [(1, 2), (3, 4)]:
    $t = $t * $n - $n2

$t = $A
for ($i, $n) in zip(range(2), (5, 6)):
    $t = $t + $i * $n

$t = $A
for $s in ['tanh', 'double']:
    if $s == 'tanh':
        $t = $np.tanh($t)
    else:
        $t = $t * 2

$t = 0.0
for $t2 in $R:
    $t += $t2.sum() ** 2

$t = 0.0
for $t2 in $V:
    $t += $t2 ** 2

for $i in range(2): pass
$t = $A * $i

for $i in reversed(range(3)):
    $M[0] += $i
    $M[0] *= 2

for $i in range(10):
    $M[0] += 1
    if $i >= 2: break

$M[0] = $K
if $Y: $M[-1] = $K2

$t = $A if $Y else $A2

$t = ($A, $A2)[$I]

$t = [$A, $A2][$Y]

pass
$t = $A; $t2 = $t * 2
""",
)

NUMBERS_OF_A_KIND = [
    *rows(
        "kinds",
        """
$t = np.array([1, 2, 3])
$t[0] = 2.9
$t2 = $t * $Z

$t = np.array([1, 2, 3])
$t2 = $t / 2 * $Z

$t = np.array([5, -5, 7]) // 2 * $Z

$t = np.array([5, -5, 7]) % 3 * $Z

$t = np.zeros(2, dtype=int)
$t[1] = $K
$t2 = $t + $Z

$t = np.full(3, 2.7, dtype=int) * $Z

$t = np.array([1.9, -1.9], dtype=int) * $Z

$t = np.array([1.9, -1.9]).astype(int) * $Z

$t = np.array([0.0, 2.0], dtype=bool) * $Z

$t = np.arange(3)
$t += 1
$t2 = $t * $Z

$t = np.arange(1, 8, 3) * $Z

$t = np.zeros_like(np.array([1, 2]))
$t[0] = 0.7
$t2 = $t * $Z

$t = ($V > 0) * 2.0

$n = int(np.array([1, 5, 2]).argmax())

$n = np.array([[1, 2], [3, 4]]).shape[0]

$n = np.array([1, 2, 3]).sum()

$l = np.array([1, 2, 3]).tolist()
$n = $l[1]

$t = np.array([1, 0, 1]) == 1
$t2 = $t * $Z

$t = $R[np.array([1, 0])] * $K

$t = $R[np.arange(2), np.array([0, 1])]

$t = np.array([2, 0, 1])
$t2 = np.eye(3)[$t] * $Z

$t = $V.astype(int) * $Z

$t = $A.dtype == float
""",
        "numpy",
    ),
    *rows(
        "kinds",
        """
$t = torch.tensor([1, 2, 3])
$t[0] = 2.9
$t2 = $t * $Z

$t = torch.tensor([1, 2, 3]) / 2 * $Z

$t = torch.tensor([5, -5, 7]) // 2 * $Z

$t = torch.tensor([5, -5, 7]) % 3 * $Z

$t = torch.zeros(2, dtype=torch.long)
$t[1] = $K
$t2 = $t + $Z

$t = torch.full((3,), 2.7, dtype=torch.int64) * $Z

$t = torch.full((3,), 2) * $Z

$t = torch.tensor([1.9, -1.9]).long() * $Z

$t = torch.tensor([1.9, -1.9]).int() * $Z

$t = torch.tensor([0.0, 2.0]).bool() * $Z

$t = torch.arange(3)
$t += 1
$t2 = $t * $Z

$t = torch.arange(1, 8, 3) * $Z

$t = ($V > 0) * 2.0

$t = ($V > 0).float() * $Z

$n = torch.tensor([1, 5, 2]).argmax().item()

$n = torch.tensor([[1, 2], [3, 4]]).size(0)

$n = torch.tensor([1, 2, 3]).sum().item()

$l = torch.tensor([1, 2, 3]).tolist()
$n = $l[1]

$t = $R[torch.tensor([1, 0])] * $K

$t = $R[torch.arange(2), torch.tensor([0, 1])]

$t = F.one_hot(torch.tensor([2, 0, 1])) * $Z

$t = $R.gather(1, torch.tensor([[0], [1]]))

$t = $A.numel() * $A

$n = $A.dim() + $A.numel()
""",
        "torch",
    ),
]

COMPREHENSIONS = rows(
    "comprehensions",
    """
$l = [x * 2 for x in [$A, $A2]]

$l = [$A * k for k in range(3)]

$l = [$A * k for k in range(5) if k % 2]

$l = [row * (k + 1) for k, row in enumerate($R)]

$l = [row for row in $Q]
$l[0] += $K

$l = [x for x in ($M, $M2)]
$l[1] *= 2

$l = [x + y for x in [$A, $A2] for y in (1.0, 2.0)]

$l = [[$A * (r + q) for q in range(2)] for r in range(2)]

$l = [lambda x: x * k for k in range(3)]
$t = $l[0]($A)

$l = [lambda x, k=k: x * k for k in range(3)]
$t = $l[1]($A)

$l = []
for $i in range(3):
    $l.append(lambda x: x + $i)
$t = $l[0]($A)

$d = {name: $A * k for k, name in enumerate(['p', 'q'], 1)}
$t = $d['q']

$d = {k: v * 2 for k, v in $D.items()}

$d = {k: v for k, v in $D.items()}
$d['k'] += $K

$t = sum([x.sum() for x in [$A, $A2]])

$t = sum(x ** 2 for x in $V)

$t = sum(x * y for x, y in zip($V, [1.0, 2.0, 3.0]))

$t = sum(x for row in $R for x in row)

$n = sum(k for k in {1, 2, 2})

$n = len({k % 3 for k in range(10)})

$n = [k for k in range(10) if k > 2 if k % 2][1]

$n = sum(a * b for a, b in [(1, 2), (3, 4)])

$n = max(k * k % 7 for k in range(6))

$n = {k: k * k for k in range(4)}[3]

$n = [y for x in [1, 2] if (y := x * 3) > 4][0]

$n = sum(len(w) for w in 'the quick fox'.split())

$l = list(map(lambda x: x * $K, [$A, $A2]))

$l = [f(x) for f, x in zip([$np.tanh, $np.sin], [$A, $A2])]

$l = [*$L, $A]

$l = [x for x in $L if len(x) > 1]

$l = [x * s for x, s in zip($L, [1.0, -2.0, 3.0])]

$l = [$R[k, 0] for k in range($R.shape[0])]

$l = [$R[:, k] for k in range($R.shape[1])][::-1]
$t = $l[0]

$l = [x if k else x * 2 for k, x in enumerate([$A, $A2])]

$f = lambda xs: [x * $K for x in xs]
$l = $f([$A, $A2])

$t = $np.stack([row * k for k, row in enumerate($R)])

$l = tuple($A * k for k in (1, 2))
$t = $l[1]

k = 5
$l = [k for k in range(3)]
$n = k

$l = [(x, x * 2) for x in [$A]]
$t = $l[0][1]

$l = [x.sum() for x in [$A, $A2]]
$t = $np.stack($l) if False else $l[0]
""",
)
