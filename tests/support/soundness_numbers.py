"""Texts about the kinds of numbers in arrays, about whose memory is whose, and about numbers that options take."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS = [
    Kind(
        "truth values are no numbers",
        False,
        """
k = (W > 0) + (W > 0.3)
loss = $np.sum(W * k)

k = W > 0
loss = $np.sum(W * (k + k)) + $np.sum(W)

loss = $np.sum(W * ((W[0, 0] > 0) + (W[0, 2] > 0)))

m = $np.where(W > 0, W > 0.3, W > 0.1)
loss = $np.sum(W * (m + m)) + $np.sum(W)

m = $np.stack([W[0] > 0, W[1] > 0])
loss = $np.sum(W * (m + m)) + $np.sum(W)
""",
        numpy="""
k = np.full(3, True)
loss = np.sum(W * (k + k))

m = np.maximum(W > 0, W > 1)
loss = np.sum(W * (m + m))

m = (W > 0) @ np.array([True, True, False])
loss = np.sum(W[:, 0] * m)

k = np.add(W > 0, W > 0.3)
loss = np.sum(W * k)

k = np.array([True, True, False])
loss = np.sum(W * np.dot(k, k))

i = np.array([True, False])[0]
loss = np.sum(W[i] ** 2)
""",
    ),
    Kind(
        "truth values that a cast made numbers",
        True,
        numpy="""
m = (W > 0).astype(float)
loss = np.sum(W * (m + m))

m = (W > 0).astype(int) + (W > 0.3).astype(int)
loss = np.sum(W * m)

k = ((W > 0) * 1.0) + (W > 0.3)
loss = np.sum(W * k)

m = np.where(W > 0, 1, 0)
loss = np.sum(W * (m + m))

n = np.sum(W > 0)
loss = np.sum(W) * n + np.mean(W > 0) * np.sum(W)

y = (np.array([0.2, 0.8]) > 0.5).astype(int)
loss = np.sum(np.eye(2)[y] * W[:, :2])

a = W * 2
m = 1 - np.array([True, False])
loss = np.sum(a[m] ** 2)

a = W * 1
a[(a > 0) & ~(a > 0.3)] = 0
loss = np.sum(a ** 2)

a = W * 1
a[(a > 0) ^ (a > 0.3)] = 0
loss = np.sum(a ** 2)

a = W * 1
a[(a < 0) | ((a > 0.15) & ~(a > 0.3))] = 0
loss = np.sum(a ** 2)
""",
        torch="""
m = (W > 0).float()
loss = torch.sum(W * (m + m))

m = (W > 0).long() + (W > 0.3).long()
loss = torch.sum(W * m)

m = (W > 0).to(torch.float32) + (W > 0.3).type(torch.float32)
loss = torch.sum(W * m)
""",
    ),
    Kind(
        "whole numbers of few bits wrap around",
        False,
        numpy="""
k = np.array([200, 100, 250], dtype=np.uint8)
loss = np.sum(W * (k + k))

k = np.array([200, 100, 250], dtype="uint8")
loss = np.sum(W * -k)

k = np.array([100, 2, 3]).astype(np.int8)
loss = np.sum(W * (k * 2))

k = np.array([200, 100, 250], dtype=np.uint8)
k += 100
loss = np.sum(W * k)

k = np.array([300, -1, 2]).astype(np.uint8)
loss = np.sum(W * k.astype(float))

k = np.array([200, 100, 250], dtype=np.uint8)
loss = np.sum(W * (k.astype(float) + k))

k = np.array([200, 100, 250], dtype=np.uint8)
loss = np.sum(W * k / 255)

loss = np.sum(np.reciprocal(np.array([2, 3, 4])) * W) + np.sum(W)
""",
        torch="""
k = torch.tensor([200, 100, 250], dtype=torch.uint8)
loss = torch.sum(W * (k + k))

k = torch.tensor([200, 100, 250], dtype=torch.uint8)
loss = torch.sum(W * (k - 1))

k = torch.tensor([300, 2, 3]).to(torch.uint8)
loss = torch.sum(W * k)

k = torch.tensor([200, 100, 250], dtype=torch.uint8)
loss = torch.sum(W * k.float() / 255)
""",
    ),
    Kind(
        "an array cuts what is put into it by the kind it has",
        False,
        numpy="""
k = np.array([1, 2, 3]) ** 2
k[0] = 0.5
loss = np.sum(W * k)

k = np.abs(np.array([-1, 2, 3]))
k[0] = 0.5
loss = np.sum(W * k)

k = np.array([1, 2, 3]) * (4 / 2)
k[0] = 0.5
loss = np.sum(W * k)

k = np.array([1, 2, 3]) * np.float64(2)
k[0] = 0.5
loss = np.sum(W * k)

k = np.zeros(3, dtype="int32")
k[0] = 0.5
loss = np.sum(W * k) + np.sum(W)

m = (W > 0).sum(0)
m[0] = 5
loss = np.sum(W * m)

k = np.heaviside(W, 1)
k[0, 0] = 0.5
loss = np.sum(W * k)

k = np.full(3, 2)
k[0] = 0.5
loss = np.sum(W * k)

k = np.array([[1, 2, 3], [4, 5, 6]])
k[:] = W * 10
loss = np.sum(W * k)

k = np.diag([1, 2, 3])
k[0, 1] = 0.5
loss = np.sum(W @ k)
""",
    ),
    Kind(
        "a tuple beside an array is an array",
        False,
        numpy="""
k = np.array([1, 2, 3]) == (1, 0, 3)
loss = np.sum(W * k) + np.sum(W)

k = np.array([1, 2, 3]) != (1, 0, 3)
loss = np.sum(W * k) + np.sum(W)

k = (1, 0, 3) == np.array([1, 2, 3])
loss = np.sum(W * k) + np.sum(W)

k = np.array([1, 2, 3]) > (1, 0, 3)
loss = np.sum(W * k) + np.sum(W)
""",
    ),
    Kind(
        "an array made of the rows of a named array is computed from it",
        True,
        numpy="""
a = np.array([r * 2 for r in W])
loss = np.sum(a * W)

a = np.array([np.sum(r) for r in W])
loss = np.sum(a[:, None] * W)

a = np.array([x * x for x in W[0]])
loss = np.sum(a * W)

a = np.asarray([[x * 2 for x in r] for r in W])
loss = np.sum(a * W)

X = np.ones((4, 3))
a = np.array([np.tanh(W @ x).sum() for x in X])
loss = np.sum(a)

a = np.full(3, W.mean())
loss = np.sum(a * W)

a = np.full_like(W, np.sum(W))
loss = np.sum(a * W)
""",
    ),
    Kind(
        "an option that takes a number of the network",
        False,
        numpy="""
a = np.linspace(0, W[0, 0], 3)
loss = np.sum(a * W)

a = np.arange(W[0, 2], 3, 1)
loss = np.sum(a * W)

a = np.pad(W, 1, constant_values=W[0, 0])
loss = np.sum(a ** 2)

loss = np.sum(np.sum(W, axis=0, initial=W[0, 0]) ** 2)

loss = np.max(W, initial=W[1, 1] * 2) + np.sum(W)

rng = np.random.default_rng(0)
a = rng.normal(W[0, 0], 1.0, 3)
loss = np.sum(a * W)

rng = np.random.default_rng(0)
a = rng.uniform(0, W[0, 0], 3)
loss = np.sum(a * W)

np.random.seed(1)
a = np.random.normal(W[0], 0.1)
loss = np.sum(a * W)
""",
    ),
    Kind(
        "memory that a call may or may not share",
        False,
        numpy="""
k = np.array([1, 2, 3])
f = np.asarray(k, dtype=float)
f[0] = 9
loss = np.sum(W * k)

a = W * 2
f = np.asarray(a, dtype=np.float32)
f[0] = 9
loss = np.sum(a ** 2)

a = W * 2
f = np.array(a, copy=None)
f[0] = 9
loss = np.sum(a ** 2)

a = W * 2
f = np.ascontiguousarray(a, dtype=float)
f[0] = 9
loss = np.sum(a ** 2)

a = W * 2
f = np.asarray(a, copy=True)
f[0] = 9
loss = np.sum(a ** 2)

a = W * 2
f = a.astype(float)
f[0] = 9
loss = np.sum(a ** 2) + np.sum(f)

a = np.array(W, order="F")
b = a.ravel()
b[0] = 7
loss = np.sum(a ** 2)

a = np.concatenate([W.T, W.T])
b = a.ravel()
b[0] = 7
loss = np.sum(a ** 2)

x = np.stack([W, W * 2, W * 3, W])
a = x.transpose(2, 0, 1).reshape(3, 8) * 1
b = a.ravel()
b[0] = 7
loss = np.sum(a ** 2)

m = (W[:, 0] > 0.3).astype(int)
loss = np.sum(W[m] ** 2)
""",
        torch="""
a = W * 2
f = torch.as_tensor(a, dtype=torch.float32)
f[0] = 9
loss = torch.sum(a ** 2)

a = W * 2
f = torch.asarray(a, copy=True)
f[0] = 9
loss = torch.sum(a ** 2)
""",
    ),
    Kind(
        "which names are one object",
        False,
        """
a = W * 2
b = a[:]
if b is a:
    a = a * 3
loss = $np.sum(a ** 2)

a = W * 2
b = a.T.T
if b is a:
    a = a * 3
loss = $np.sum(a ** 2)

a = W * 2
b = a
if b is a:
    a = a * 3
loss = $np.sum(a ** 2)

a = W * 2
k = 2.0 if a[0, 0] is a[0, 0] else 3.0
loss = $np.sum(a ** 2) * k
""",
    ),
    Kind(
        "tolist() gives a list",
        True,
        numpy="""
k = np.array([5, 2, 3]).tolist()
j = k[:]
j[0] = 9
loss = np.sum(W * np.array(k))

k = np.array([5, 2, 3]).tolist()
loss = np.sum(W) * len(k + k) * len(k * 2)

a = W[0].tolist() + W[1].tolist()
loss = np.sum(np.array(a) ** 2) * len(a)

r = W.tolist()
loss = sum(r[0]) + r[1][2] ** 2
""",
    ),
    Kind(
        "an array to write into that is given by its place",
        True,
        numpy="""
a = W * 2
b = W[0] * 1
a.sum(0, None, b)
loss = np.sum(b ** 2)

c = W @ W.T
W.dot(W.T * 2, c)
loss = np.sum(c ** 2)

c = np.zeros((4, 3))
np.concatenate([W, W], 0, c)
loss = np.sum(c ** 2) + np.sum(W)

b = W[0] * 1
W.mean(0, None, b)
loss = np.sum(b ** 2)
""",
    ),
    Kind(
        "a lower bound above the upper one",
        True,
        numpy="""
loss = np.sum(np.clip(W, W[1], 0.3)) + np.sum(W)

loss = np.sum(np.clip(W, 0.4, 0.1) * W)

loss = np.sum(np.clip(W, W[0], W[1] * 2)) + np.sum(W ** 2)

loss = np.sum(np.minimum(np.maximum(W, W[1] + 0.05), 0.3)) + np.sum(W)
""",
    ),
    Kind(
        "numbers of Python raise where those of NumPy answer with inf",
        False,
        numpy="""
try:
    x = 1.0 / np.float64(0)
except ZeroDivisionError:
    x = 2.0
loss = np.sum(W) * (1 if x > 3 else 2)

try:
    x = np.float64(1) / 0
except ZeroDivisionError:
    x = 2.0
loss = np.sum(W) * (1 if x > 3 else 2)

try:
    x = 1.0 / np.zeros(3).mean().item()
except ZeroDivisionError:
    x = 2.0
loss = np.sum(W) * (1 if x > 3 else 2)

x = W.tolist()[0][0] * 0
try:
    k = 1 / x
except ZeroDivisionError:
    k = 3
loss = np.sum(W**2) * (2 if k > 100 else 5)

x = np.float64(0)
try:
    k = 5 // x
except ZeroDivisionError:
    k = 3
loss = np.sum(W**2) * (2 if k > 100 else 5)

x = float(np.array([0.0, 1.0]).min())
try:
    k = 1 / x
except ZeroDivisionError:
    k = 3
loss = np.sum(W**2) * k

x = 0.0
y = x * 2
try:
    k = 1 / y
except ZeroDivisionError:
    k = 3
loss = np.sum(W**2) * k

x = 0.0
x /= 5
try:
    k = 2.0
    k /= x
except ZeroDivisionError:
    k = 3
loss = np.sum(W**2) * k

import math
def safe(v):
    try:
        return math.sqrt(v)
    except ValueError:
        return v ** 2
loss = sum(safe(v) for v in W.ravel())
""",
    ),
    Kind(
        "named numbers raise inside a try as Python's do",
        True,
        numpy="""
x = 0.0
try:
    k = 1 / x
except ZeroDivisionError:
    k = 3
loss = np.sum(W**2) * k

x = 0.0
def f(x):
    try:
        return 1 / x
    except ZeroDivisionError:
        return 3
loss = np.sum(W**2) * f(x)

x = {"a": 0.0}
try:
    k = 1 / x["a"]
except ZeroDivisionError:
    k = 3
loss = np.sum(W**2) * k

x = 0.0
try:
    k = x ** -1
except ZeroDivisionError:
    k = 3
loss = np.sum(W**2) * k

x = 10.0
try:
    k = x ** 400
except OverflowError:
    k = 3
loss = np.sum(W**2) * k

def f():
    x = 0.0
    try:
        return 1 / x
    finally:
        return 3
loss = np.sum(W**2) * f()

import math
x = -1.0
try:
    k = math.sqrt(x)
except ValueError:
    k = 3
loss = np.sum(W**2) * (3 if k == 3 else 2)

import math
x = 1000.0
try:
    k = math.exp(x)
except OverflowError:
    k = 3
loss = np.sum(W**2) * k

def safe(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return 0.0
loss = safe(np.sum(W**2), np.sum(np.abs(W))) + safe(W[0, 0], 2.0) + safe(1.0, 0.0)
""",
    ),
    Kind(
        "numbers of NumPy are written with their type",
        False,
        numpy="""
x = np.float64(1.5)
loss = np.sum(W**2) * len(repr(x))

x = np.sqrt(2.25)
loss = np.sum(W**2) * len(repr(x))

x = (np.float64(2), 1)
loss = np.sum(W**2) * len(f"{x}")

x = np.float64(2)
loss = np.sum(W**2) * len("%r" % x)

loss = np.sum(W**2) * len("{!r}".format(np.float64(2)))

loss = np.sum(W**2) * (2 if type(np.float64(2)) is float else 3)

loss = np.sum(W**2) * (2 if type(np.sqrt(2.0)) is float else 3)

x = np.float32(2.5)
loss = np.sum(W**2) * (2 if isinstance(x, float) else 3)

x = sum([np.float64(2.5), 1.0])
loss = np.sum(W**2) * (x + len(repr(x)))
""",
    ),
    Kind(
        "arrays that are said to hold real numbers take them",
        True,
        numpy="""
k = np.array([1, 2, 3], dtype=float) * np.array([1, 2, 3])
k[0] = 0.5
loss = np.sum(W * k)

k = np.asarray([1, 2, 3], float) + 1
k[0] = 0.5
loss = np.sum(W * k)

k = np.float64([1, 2, 3]) + 1
k[0] = 0.5
loss = np.sum(W * k)

k = np.array([1, 2, 3], dtype=float)
m = np.zeros_like(k)
m[0] = 0.5
loss = np.sum(W * m)

k = np.array([1, 2, 3], dtype=float)
loss = np.sum(W * np.full_like(k, 0.5))

k = np.array([1, 2, 3], dtype=float) ** -1
loss = np.sum(W * k)

k = np.array([1, 2, 3])
k = k.astype(np.float32)
loss = np.sum(W * k ** -1)

k = np.array([1, 2, 3])
m = np.float64(k) * 3
m[0] = 0.5
loss = np.sum(W * m)

k = np.arange(3, dtype=float) + np.arange(3)
k[0] = 0.7
loss = np.sum(W * (k + 1))

k = np.array([1, 2, 3]) * np.full((), 2.0)
k[0] = 0.5
loss = np.sum(W * k)

k = np.array([1, 2, 3]) + np.zeros(())
k[0] = 0.5
loss = np.sum(W * k)

k = np.sum(np.array([[1, 2, 3]]), axis=0, dtype=float)
k[0] = 0.5
loss = np.sum(W * k)

k = np.mean(np.array([[1, 2, 3]]), axis=0)
k[0] = 0.5
loss = np.sum(W * k)

k = np.average(np.array([[1, 2, 3]]), axis=0)
k[0] = 0.5
loss = np.sum(W * k)

k = np.add(np.array([1, 2, 3]), 1, dtype=float)
k[0] = 0.5
loss = np.sum(W * k)

k = np.linalg.norm(np.array([[1, 2, 3]]), 1, axis=0)
k[0] = 0.5
loss = np.sum(W * k)
""",
        torch="""
k = torch.tensor([1, 2, 3], dtype=torch.float32) * torch.tensor([1, 2, 3])
k[0] = 0.5
loss = torch.sum(W * k)

k = torch.tensor([1, 2, 3]).float() + 1
k[0] = 0.5
loss = torch.sum(W * k)
""",
    ),
    Kind(
        "whole numbers of 32 bits, and of 64 without a sign, wrap around",
        False,
        numpy="""
k = np.array([2 ** 31 - 1, 1, 2], dtype=np.int32) + 1
loss = np.sum(W * k) / 1e9

k = np.array([2 ** 31 - 1, 1, 2], dtype=np.int32) * np.array([2, 3, 4], dtype=np.int32)
loss = np.sum(W * k) / 1e9

k = np.array([100000, 1, 2], dtype="int32")
k *= k
loss = np.sum(W * k) / 1e9

k = np.array([100000, 1, 2]).astype(np.int32) ** 2
loss = np.sum(W * k) / 1e9

k = np.array([2 ** 31, 1, 2]).astype(np.int32)
loss = np.sum(W * k) / 1e9

k = np.array([1, 2, 3], dtype=np.uint64) - 2
loss = np.sum(W * k) / 1e18

k = np.array([1, 2, 3], dtype=np.uint64) - np.array([2, 1, 1], dtype=np.uint64)
loss = np.sum(W * k) / 1e18
""",
    ),
    Kind(
        "entries that a condition picks are added to once each",
        False,
        numpy="""
p = W * 1
np.add.at(p, np.array([True, False]), 1)
loss = np.sum(p ** 2)

k = np.zeros(3)
np.add.at(k, [True, False, True], 1)
loss = np.sum(W * k)

p = W * 1
np.subtract.at(p, p[:, 0] > 0.3, 1)
loss = np.sum(p ** 2)

k = np.zeros(3)
np.add.at(k, np.array([0, 2, 0]) > 1, 5)
loss = np.sum(W * k)
""",
    ),
    Kind(
        "parts of an array without a name are changed",
        True,
        numpy="""
a = np.split(W * 1, 3, axis=1)
a[0][:] = 1
loss = sum(np.sum(x ** 2) for x in a)

a, b, c = np.split(W * 1, 3, axis=1)
a[:] = 1
loss = np.sum(a ** 2) + np.sum(b * c)

a = np.split(np.tanh(W), 2)
for x in a:
    x += 1
loss = np.sum(a[0] * a[1])

a = list(np.split(W + 0, [1], axis=1))
a[1] *= 4
loss = np.sum(a[1] ** 2) + np.sum(a[0])
""",
    ),
]
