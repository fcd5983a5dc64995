"""Small texts in which a statement that is not followed changes something, or a handler decides what happens next.

They are written as those of ``soundness``: below the leaf ``W`` of two rows and three columns, ending in ``loss``.
"""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "a try goes to its handler where the reader would go on",
        False,
        both="""
try:
    W @ W
    scale = 1.0
except Exception:
    scale = 2.0
loss = $np.sum(W ** 2) * scale

scale = 4.0
try:
    undefined
    scale = 1.0
except NameError:
    pass
loss = $np.sum(W ** 2) * scale

def fits(x):
    try:
        x @ x
    except Exception:
        return False
    return True
loss = $np.sum(W ** 2) * (1.0 if fits(W) else 3.0)

def deep(n):
    return deep(n + 1)
try:
    deep(0)
    scale = 1.0
except RecursionError:
    scale = 5.0
loss = $np.sum(W ** 2) * scale

try:
    import a_module_that_is_nowhere
    found = True
except ImportError:
    found = False
loss = $np.sum(W ** 2) * (2.0 if found else 3.0)

try:
    from math import not_a_function
    scale = 1.0
except ImportError:
    scale = 6.0
loss = $np.sum(W ** 2) * scale

import sys
scale = 1.0
try:
    sys.exit()
    scale = 2.0
except SystemExit:
    scale = 3.0
loss = $np.sum(W ** 2) * scale

try:
    with open("a file that is nowhere") as f:
        pass
    scale = 1.0
except OSError:
    scale = 3.0
loss = $np.sum(W ** 2) * scale

from contextlib import suppress
scale = 1.0
with suppress(Exception):
    W @ W
    scale = 2.0
loss = $np.sum(W ** 2) * scale

class Quiet:
    def __enter__(self):
        return self
    def __exit__(self, *rest):
        return True
scale = 1.0
with Quiet():
    W @ W
    scale = 2.0
loss = $np.sum(W ** 2) * scale
""",
        numpy="""
try:
    W.reshape(4)
    scale = 1.0
except ValueError:
    scale = 2.0
loss = np.sum(W ** 2) * scale

try:
    if W > 0:
        pass
    scale = 1.0
except ValueError:
    scale = 2.0
loss = np.sum(W ** 2) * scale

try:
    assert np.all(W > 0)
    scale = 1.0
except AssertionError:
    scale = 2.0
loss = np.sum(W ** 2) * scale

try:
    W[[0, 7]]
    scale = 1.0
except IndexError:
    scale = 2.0
loss = np.sum(W ** 2) * scale

from dataclasses import dataclass
@dataclass(frozen=True)
class Point:
    x: float = 1.0
scale = 1.0
try:
    Point().x = 2.0
    scale = 2.0
except Exception:
    scale = 3.0
loss = np.sum(W ** 2) * scale

class Point:
    @property
    def x(self):
        return 1.0
try:
    Point().x = 2.0
    scale = 1.0
except AttributeError:
    scale = 2.0
loss = np.sum(W ** 2) * scale

width = 3
def f():
    try:
        return width
    except UnboundLocalError:
        return 7
    width = 2
loss = np.sum(W ** 2) * f()
""",
    ),
    Kind(
        "what is raised in else and ended in finally",
        False,
        both="""
k = 1.0
def f():
    global k
    try:
        pass
    except ValueError:
        k = 2.0
    else:
        raise ValueError
try:
    f()
except ValueError:
    k = k * 5
loss = $np.sum(W ** 2) * k

def f():
    try:
        raise ValueError
    finally:
        return 3.0
loss = $np.sum(W ** 2) * f()

k = 0.0
for i in range(3):
    try:
        raise ValueError
    finally:
        k += 1
        continue
loss = $np.sum(W ** 2) * k

k = 0.0
while True:
    try:
        k += 2
        1 / 0
    finally:
        break
loss = $np.sum(W ** 2) * k

try:
    k = 2.0
except ValueError:
    k = 3.0
else:
    k = k * 5
finally:
    k = k + 1
loss = $np.sum(W ** 2) * k
""",
    ),
    Kind(
        "a container that an unread statement changes keeps nothing",
        False,
        numpy="""
seen = []
seen.append(np.median(W))
loss = np.sum(W) * len(seen)

seen = [1.0]
seen.extend(np.median(r) for r in W)
loss = np.sum(W) * len(seen)

seen = []
if np.any(W > 0):
    seen.append(5.0)
loss = np.sum(W) * (2 if seen else 3)

table = {}
table.update(m=np.median(W))
loss = np.sum(W) * (2 if "m" in table else 3)

table = {"a": 1.0}
if np.any(W > 0):
    table["b"] = 2.0
loss = np.sum(W) * len(table)

table = {"a": 1.0}
if np.any(W > 0):
    table["b"] = 2.0
loss = np.sum(W) * table.get("b", 3.0)

seen = {1}
seen.add(np.argmax(W))
loss = np.sum(W) * len(seen)

seen = [5.0, 6.0]
del seen[np.argmin([1, 0])]
loss = np.sum(W) * len(seen)

from collections import deque
seen = deque(maxlen=4)
seen.append(np.median(W))
loss = np.sum(W) * (1 + len(seen))

import operator
seen = [1]
operator.iadd(seen, [np.argmax(W)])
loss = np.sum(W) * len(seen)

class Log:
    def __init__(self):
        self.lines = []
    def write(self, x):
        self.lines.append(np.median(x))
log = Log()
log.write(W)
loss = np.sum(W) * (1 + len(log.lines))

seen = []
while len(seen) < 3:
    seen.append(np.median(W))
loss = np.sum(W) * len(seen)

seen = []
for u in np.unique(W):
    seen.append(u)
loss = np.sum(W) * (1 + len(seen))

seen = []
seen.append(np.median(W))
loss = np.sum(W)
for one in seen:
    loss = loss * 2

class Thing:
    pass
thing = Thing()
if np.any(W > 0):
    thing.k = 3.0
loss = np.sum(W) * (3 if hasattr(thing, "k") else 2)
""",
    ),
    Kind(
        "a function of the text is called in an unread statement",
        False,
        numpy="""
a = W * 2
def touch():
    a[0] = 1
    return 3
t = np.argmax(W) + touch()
loss = np.sum(a ** 2)

a = W * 2
def touch():
    np.exp(a, out=a)
    return 3
print(f"{np.median(W)} {touch()}")
loss = np.sum(a ** 2)

n = 1.0
def touch():
    global n
    n = 5.0
    return 0
x = np.unique(W)[touch()]
loss = np.sum(W ** 2) * n

def counter():
    n = 1.0
    def up():
        nonlocal n
        n += 5.0
        return 0
    return up, lambda: n
up, get = counter()
if np.any(W > 0):
    up()
loss = np.sum(W ** 2) * get()

def push(x, kept=[1.0]):
    kept.append(x)
    return sum(kept)
if np.any(W > 0):
    push(5.0)
loss = np.sum(W ** 2) * push(0.0)

class Box:
    n = 1.0
    def step(self):
        self.n += 1
        return self.n
box = Box()
t = np.argmax(W) + box.step()
loss = np.sum(W) * box.n

class Box:
    n = 1.0
    def __init__(self):
        Box.n += 5
if np.any(W > 0):
    Box()
loss = np.sum(W) * Box.n

class Box:
    n = 1.0
    @classmethod
    def up(cls):
        cls.n = 7.0
if np.any(W > 0):
    Box.up()
loss = np.sum(W) * Box.n

class Box:
    n = 1.0
    @property
    def p(self):
        Box.n = 5.0
        return 2
box = Box()
if np.any(W > 0):
    box.p
loss = np.sum(W) * Box.n

class Box:
    n = 1.0
    def __enter__(self):
        Box.n = 5.0
    def __exit__(self, *rest):
        pass
if np.any(W > 0):
    with Box():
        pass
loss = np.sum(W) * Box.n

state = {"k": 1.0}
hooks = [lambda: state.update(k=5.0)]
if np.any(W > 0):
    for hook in hooks:
        hook()
loss = np.sum(W) * state["k"]

state = {"k": 1.0}
def bump():
    state["k"] = 5.0
table = {"b": bump}
if np.any(W > 0):
    table["b"]()
loss = np.sum(W) * state["k"]

kept = [1.0]
def inner():
    kept.append(2.0)
def outer():
    inner()
x = np.unique(W) if outer() else None
loss = np.sum(W) * len(kept)

it = iter([1.0, 5.0, 9.0])
if np.any(W > 0):
    next(it)
loss = np.sum(W) * next(it)

import functools
a = W * 2
def fill(x, v):
    x[:] = v
clear = functools.partial(fill, a)
if np.any(W > 0):
    clear(3.0)
loss = np.sum(a ** 2) + np.sum(W)

import threading
k = [1.0]
def bump():
    k[0] = 5.0
threading.Thread(target=bump).start()
loss = np.sum(W) * k[0]
""",
    ),
    Kind(
        "methods that operators, items and texts call",
        False,
        both="""
class Pipe:
    def __init__(self):
        self.steps = []
    def __rshift__(self, step):
        self.steps.append(step)
        return self
    def run(self, x):
        for step in self.steps:
            x = step(x)
        return x
pipe = Pipe()
pipe >> (lambda x: x * 2) >> (lambda x: x + 1)
loss = $np.sum(pipe.run(W) ** 2)

class Log:
    def __init__(self):
        self.n = 1.0
    def __lshift__(self, x):
        self.n *= x
        return self
log = Log()
log << 3.0
loss = $np.sum(W ** 2) * log.n

k = {"n": 1.0}
class Item:
    def __getitem__(self, n):
        k["n"] = n
        return self
Item()[4.0]
loss = $np.sum(W ** 2) * k["n"]

class Any:
    n = 1.0
    def __getattr__(self, name):
        Any.n = 5.0
        return 2.0
Any().anything
loss = $np.sum(W ** 2) * Any.n

n = [1.0]
class Shown:
    def __str__(self):
        n[0] = 3.0
        return "x"
print(Shown())
loss = $np.sum(W ** 2) * n[0]

n = [1.0]
class Shown:
    def __repr__(self):
        n[0] = 3.0
        return "x"
print([Shown()])
loss = $np.sum(W ** 2) * n[0]

n = [1.0]
class Shown:
    def __format__(self, spec):
        n[0] = 3.0
        return "x"
f"{Shown()}"
loss = $np.sum(W ** 2) * n[0]

n = [1.0]
class Key:
    def __hash__(self):
        n[0] = 3.0
        return 1
{Key(): 1}
loss = $np.sum(W ** 2) * n[0]
""",
    ),
    Kind(
        "variables of comprehensions, lambdas and loops show what is looped over",
        False,
        numpy="""
a = W * 2
_ = [r.sort() for r in a]
loss = np.sum(a * W)

a = W * 2
_ = [np.cumsum(r, out=r) for r in a]
loss = np.sum(a ** 2)

a = W * 2
_ = {i: np.cumsum(r, out=r) for i, r in enumerate(a)}
loss = np.sum(a ** 2)

a = W * 2
_ = list(map(lambda r: np.cumsum(r, out=r), a))
loss = np.sum(a ** 2)

a = W * 2
def run(r):
    return np.cumsum(r, out=r)
_ = [run(r) for r in a]
loss = np.sum(a ** 2)

import operator
from functools import reduce
a = W * 2
_ = reduce(operator.iadd, a)
loss = np.sum(a ** 2)

a = W * 2
_ = sorted(a, key=lambda r: r.__iadd__(1)[0])
loss = np.sum(a ** 2)

a = W * 2
for part in np.array_split(a, 2):
    part *= 2
loss = np.sum(a ** 2)

a = W * 2
for part in np.hsplit(a, 3):
    part.fill(3)
loss = np.sum(a ** 2) + np.sum(W)

a = W * 2
for i, part in enumerate(np.array_split(a, 2)):
    y = part[0]
    y += i
loss = np.sum(a ** 2)

a = W * 2
for x in np.nditer(a, op_flags=["readwrite"]):
    np.square(x, out=x)
loss = np.sum(a ** 2)

a = W * 2
b = np.flip(a)
for x in b:
    x += 1
loss = np.sum(a ** 2)

class Box:
    def __init__(self, x):
        self.x = np.flip(x)
a = W * 2
box = Box(a)
box.x += 1
loss = np.sum(a ** 2)
""",
        torch="""
a = W * 2
_ = [r.cumsum_(0) for r in a]
loss = torch.sum(a ** 2)

a = W * 2
for part in torch.tensor_split(a, 2):
    part *= 2
loss = torch.sum(a ** 2)

a = W * 2
torch.Tensor.__iadd__(a, 1)
loss = torch.sum(a ** 2)

a = W * 2
torch.Tensor.fill_(a, 1.0)
loss = torch.sum(a ** 2) + torch.sum(W)
""",
    ),
    Kind(
        "what is read before stays read",
        True,
        numpy="""
total = 0.0
for r in W:
    total += np.median(r)
loss = np.sum(W ** 2)

history = {"loss": [], "best": 1.0}
history["loss"].append(np.median(W))
history["loss"].append(np.median(W))
loss = np.sum(W ** 2) * history["best"]

def accuracy(x):
    found = np.zeros(3)
    found[0] = 1
    return np.median(x * found)
print(accuracy(W), np.median(W))
loss = np.sum(W ** 2)

try:
    scale = 2.0
except ValueError:
    scale = 3.0
loss = np.sum(W ** 2) * scale

try:
    from tqdm import tqdm
except ImportError:
    tqdm = lambda x: x
loss = sum(np.sum(r ** 2) for r in tqdm(W))

def first(x):
    try:
        return x[0]
    except IndexError:
        return 0.0
loss = np.sum(first([W, W]) ** 2)
""",
    ),
]
