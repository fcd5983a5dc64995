"""Texts about the kinds of numbers in arrays, about whose memory is whose, and about numbers that options take."""

from __future__ import annotations

from tests.support.soundness_texts import Kind

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
]
