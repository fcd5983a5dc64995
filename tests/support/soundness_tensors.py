"""Small texts of PyTorch that are easily misread in silence: infinite entries, types of numbers, and how methods are named."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "a part of what was filled without recording is a view like any other",
        True,
        torch="""
a = W * 1.0
nn.init.zeros_(a)
c = a[0]
e = c[0]
e += 0.5
loss = (a * a).mean() + W[1, 0]

a = W * 1.0
b = a.T[0]
nn.init.zeros_(a)
items = list(b)
items[0] += 0.5
loss = (b * b).mean() + W[1, 0]

a = W * 1.0
b = a[0]
nn.init.ones_(a)
for c in b:
    c += 0.5
loss = (a * a).mean() + W[1, 0]

a = W * 1.0
b = a[0]
nn.init.constant_(a, 2.0)
for i, c in enumerate(b):
    c += i
loss = (b * b).mean() + W[1, 0]

a = W * 1.0
b = a.T
nn.init.zeros_(a)
items = list(b)
items[0] += 0.5
loss = (b * b).mean() + W[1, 0]

a = W * 1.0
b = a[0]
nn.init.zeros_(a)
c, d, e = b.unbind(0)
c += 0.5
loss = (a * W).mean()
""",
    ),
    Kind(
        "scores behind a mask are minus infinity",
        True,
        torch="""
mask = torch.tensor([[True, False, False], [False, False, True]])
a = F.softmax(W.masked_fill(mask, float("-inf")), 1)
loss = (a * W).sum()

mask = torch.tensor([[True, False, False], [False, False, True]])
a = W.masked_fill(mask, float("-inf"))
e = torch.exp(a)
loss = ((e / e.sum(1, keepdim=True)) * W).sum()

mask = torch.tensor([[True, True, True], [False, False, True]])
e = torch.exp(W.masked_fill(mask, float("-inf")))
loss = ((e * W).sum(1) / (1 + e.sum(1))).pow(2).sum() + W.sum()

mask = torch.tensor([[True, False, False], [False, False, True]])
a = F.log_softmax(W.masked_fill(mask, float("-inf")), 1)
loss = a[:, 1].sum()

mask = torch.tensor([[True, False, False], [False, False, True]])
a = torch.where(mask, torch.tensor(-torch.inf), W)
loss = a.logsumexp(1).sum()

mask = torch.tensor([[True, False, False], [False, False, True]])
a = torch.where(mask, torch.tensor(-torch.inf), W)
loss = F.cross_entropy(a, torch.tensor([1, 0]), weight=torch.tensor([1.0, 2.0, 3.0]))

a = W + torch.tensor([0.0, 0.0, -torch.inf])
loss = nn.CrossEntropyLoss(ignore_index=1)(a, torch.tensor([1, 0]))

a = W + torch.tensor([0.0, 0.0, -torch.inf])
loss = -F.log_softmax(a, 1)[torch.arange(2), torch.tensor([1, 0])].mean()

q, k, v = W, W * 2, W + 1
m = torch.triu(torch.full((2, 2), float("-inf")), 1)
loss = (F.softmax(q @ k.T / 3 ** 0.5 + m, -1) @ v).pow(2).sum()

q, k, v = W, W * 2, W + 1
s = (q @ k.T).masked_fill(torch.tril(torch.ones(2, 2)) == 0, float("-inf"))
loss = (F.softmax(s, -1) @ v).pow(2).sum()

loss = F.scaled_dot_product_attention(W, W * 2, W + 1, is_causal=True).pow(2).sum()

a = torch.cat([W, torch.full((2, 3), -torch.inf)], 0)
loss = a.exp().mean() * W.sum() + torch.log(1 + a.exp().sum(1)).sum()
""",
        numpy="""
a = W + np.array([0.0, 0.0, -np.inf])
e = np.exp(a - a.max(axis=1, keepdims=True))
loss = np.sum(e / e.sum(axis=1, keepdims=True) * W)

a = np.where(np.array([True, False, True]), W, -np.inf)
loss = np.sum(np.log(np.exp(a).sum(axis=1)) ** 2)

a = np.concatenate([W, np.full((2, 1), -np.inf)], axis=1)
loss = np.sum(np.exp(a).sum(axis=1) ** 2)
""",
    ),
    Kind(
        "entries that are infinite",
        True,
        torch="""
a = torch.full((2, 3), float("inf"))
loss = torch.exp(-a).sum() * W.sum() + W.sum()

a = torch.full((2, 3), float("inf"))
loss = (W / a).sum() + torch.exp(-a * 1).sum() * W.sum() + W.sum()

s = (W[0] + torch.tensor([-torch.inf] * 3)).exp().sum()
loss = s * W.sum() + W.pow(2).sum()

a = W[:1].expand(2, 3)
loss = (torch.exp(a - float("inf")).sum() + 1) * W.sum()

a = torch.tensor([torch.inf, 0.0])
loss = torch.logaddexp(a[:1] * -1, W).sum()

a = torch.full((2, 3), float("inf"))
loss = torch.sigmoid(-a).sum() * W.sum() + F.softplus(-a).sum() * W.sum() + torch.tanh(a).sum() * W[0, 0]
""",
    ),
    Kind(
        "a method of a tensor that is picked by its name",
        True,
        torch="""
a = W * 1
getattr(a, "mul_")(3)
loss = a.pow(2).sum()

a = W * 1
for op in ("add_", "mul_"):
    getattr(a, op)(2)
loss = a.pow(2).sum()

a = W * 1
change = getattr(a, "mul_")
change(3)
loss = a.pow(2).sum()

a = W * 1
b = getattr(a, "T")
b[0] = 0.0
loss = a.pow(2).sum()

a = W * 1
(lambda: a)().mul_(3)
loss = a.pow(2).sum()

a = W * 1
(a.mul_ if True else a.add_)(3)
loss = a.pow(2).sum()

a = W * 1
[a.mul_][0](3)
{"x": a.add_}["x"](1)
loss = a.pow(2).sum()

import functools
a = W * 1
functools.partial(torch.Tensor.mul_, a)(3)
functools.partial(a.add_, 1)()
loss = a.pow(2).sum()
""",
    ),
    Kind(
        "a method of a tensor that is reached in other ways",
        False,
        torch="""
a = W * 1
getattr(a, "mul_", None)(3)
loss = a.pow(2).sum()

a = W * 1
[getattr(a, "mul_", None)][0](3)
loss = a.pow(2).sum()

a = W * 1
{"x": getattr(a, "mul_", None)}["x"](3)
loss = a.pow(2).sum()

a = W * 1
type(a).mul_(a, 3)
loss = a.pow(2).sum()

a = W * 1
a.__class__.mul_(a, 3)
loss = a.pow(2).sum()

import operator
a = W * 1
operator.imul(a, 3)
loss = a.pow(2).sum()

a = W * 1
a.__imul__(3)
loss = a.pow(2).sum()

import operator
a = W * 1
operator.attrgetter("mul_")(a)(3)
loss = a.pow(2).sum()

a = W * 1
vars()["a"].mul_(3)
loss = a.pow(2).sum()

a = W * 1
d = vars()
d["a"].mul_(3)
loss = a.pow(2).sum()

import operator
a = W * 1
operator.iadd(a[0], 3.0)
loss = a.pow(2).sum()
""",
    ),
    Kind(
        "types that PyTorch does not take",
        False,
        torch="""
n = torch.tensor([True, False, True])
try:
    k = 1 - n
except RuntimeError:
    k = 5
loss = (W * k).sum()

n = torch.tensor([True, False, True])
try:
    k = -n
except RuntimeError:
    k = 5
loss = (W * k).sum()

n = torch.tensor([1, 2, 3])
try:
    k = n.mean()
except RuntimeError:
    k = 7
loss = (W * k).sum()

n = torch.tensor([1, 2, 3])
try:
    k = torch.mean(n)
except (RuntimeError, TypeError):
    k = 7
loss = (W * k).sum()

n = torch.tensor([1, 2, 3])
try:
    k = n @ torch.ones(3)
except RuntimeError:
    k = 7
loss = (W * k).sum()

n = torch.tensor([[1, 2, 3]])
try:
    k = (W @ n.T).sum()
except RuntimeError:
    k = 7
loss = W.sum() * k
""",
    ),
    Kind(
        "an array made like another one has its kind of numbers",
        False,
        torch="""
n = torch.tensor([1, 2, 3])
loss = (W * torch.zeros_like(n).fill_(2.7)).sum()

n = torch.tensor([1, 2, 3])
a = torch.ones_like(n)
a[0] = 2.7
loss = (W * a).sum()

n = torch.tensor([1, 2, 3])
a = torch.zeros_like(n, dtype=torch.float)
a[0] = 2.7
loss = (W * a).sum()

n = torch.tensor([True, False, True])
a = torch.zeros_like(n)
a[1] = 2.7
loss = (W * a).sum()

n = torch.tensor([1, 2, 3])
a = torch.full_like(n, 2)
a[1] = 2.7
loss = (W * a).sum()

n = torch.tensor([True, False, True])
a = n.new_zeros(3)
a[1] = 2.7
loss = (W * a).sum()
""",
        numpy="""
n = np.array([1, 2, 3])
a = np.zeros_like(n)
a[1] = 2.7
loss = np.sum(W * a)

n = np.array([1, 2, 3])
a = np.full_like(n, 2.7)
loss = np.sum(W * a)

n = np.array([1, 2, 3])
a = np.ones_like(n, dtype=float)
a[1] = 2.7
loss = np.sum(W * a)
""",
    ),
    Kind(
        "whole numbers of 32 bits wrap around",
        False,
        torch="""
n = torch.tensor([2000000000], dtype=torch.int32) * 2
loss = W.sum() * n[0] * 1e-9

n = torch.tensor([50000], dtype=torch.int32)
loss = W.sum() * (n * n)[0] * 1e-9

n = torch.tensor([2000000000], dtype=torch.int)
loss = W.sum() * (n + n)[0] * 1e-9

n = torch.tensor([50000]).int()
loss = W.sum() * (n ** 2)[0] * 1e-9

n = torch.tensor([50000]).to(torch.int32)
loss = W.sum() * n.square()[0] * 1e-9

n = torch.full((1,), 50000, dtype=torch.int32)
loss = W.sum() * n.dot(n) * 1e-9

from torch import int32
n = torch.tensor([50000], dtype=int32)
loss = W.sum() * torch.mul(n, n)[0] * 1e-9

n = torch.tensor([50000]).type(torch.int32)
n *= n
loss = W.sum() * n[0] * 1e-9

n = torch.tensor([3000000000])
loss = W.sum() * n.int()[0] * 1e-9
""",
        numpy="""
n = np.array([50000], dtype=np.int32)
loss = np.sum(W) * (n * n)[0] * 1e-9

n = np.array([50000], dtype="int32")
loss = np.sum(W) * (n ** 2)[0] * 1e-9

n = np.array([2000000000]).astype("i4")
loss = np.sum(W) * (n + n)[0] * 1e-9

n = np.array([-2147483648], dtype=np.intc)
loss = np.sum(W) * (-n)[0] * 1e-9
""",
    ),
    Kind(
        "whole numbers of 32 bits that stay small",
        True,
        torch="""
n = torch.tensor([1, 2, 3], dtype=torch.int32)
loss = (W * n * (n + n)).sum()

n = torch.tensor([50000]).int()
loss = W.sum() * (n.double() ** 2)[0] * 1e-9

n = torch.tensor([5000000000])
loss = W.sum() * (n.double() ** 2)[0] * 1e-19 + (W * torch.tensor([1, 2, 3]).float()).sum()
""",
        numpy="""
n = np.array([1, 2, 3], dtype=np.int32)
loss = np.sum(W * n * (n + n))

n = np.array([50000], dtype=np.int32)
loss = np.sum(W) * (n.astype(float) ** 2)[0] * 1e-9
""",
    ),
    Kind(
        "a cast to few digits that overflows or miscounts",
        False,
        torch="""
n = torch.tensor(2049.0, dtype=torch.float16).item()
loss = W.sum() * n

n = torch.tensor(257.0).bfloat16()
loss = W.sum() * n

n = torch.tensor([70000.0, 1.0]).half()
loss = W.sum() * torch.sigmoid(n).sum() + W.sum() / n[0]

n = torch.full((3,), 70000.0).to(torch.float16)
loss = (W * (1 / n)).sum() + W.sum()

n = torch.arange(2050, dtype=torch.float16)
loss = W.sum() * n[-1]

n = torch.tensor([2049.0]).type(torch.half)
loss = (W * n.double()).sum()
""",
    ),
    Kind(
        "an index of whole numbers of few bits",
        False,
        torch="""
n = torch.tensor([1, 0], dtype=torch.uint8)
loss = W[n].pow(2).sum()

n = torch.tensor([1, 0]).to(torch.uint8)
a = W * 1
a[n, :] = torch.zeros(1, 3)
loss = a.pow(2).sum()

n = torch.tensor([1, 0]).byte()
loss = W[n].pow(2).sum()

n = torch.tensor([0, 1, 1]).type(torch.uint8)
loss = W[:, n].pow(2).sum()

n = torch.tensor([1, 0], dtype=torch.uint8)
a = W * 1
a[n] += 1.0
loss = a.pow(2).sum()
""",
    ),
    Kind(
        "a layer that is given other parameters",
        False,
        torch="""
m = nn.LayerNorm(3)
m.weight.data.fill_(2.0)
m.reset_parameters()
loss = (m(W) ** 3).sum()

m = nn.LayerNorm(3)
m.weight.data.fill_(2.0)
getattr(m, "reset_parameters")()
loss = (m(W) ** 3).sum()

m = nn.Sequential(nn.LayerNorm(3))
m[0].weight.data.fill_(2.0)
for part in m.children():
    part.reset_parameters()
loss = (m(W) ** 3).sum()

m = nn.Sequential(nn.LayerNorm(3))
m[0].weight.data.fill_(2.0)
def again(part):
    if hasattr(part, "reset_parameters"):
        part.reset_parameters()
m.apply(again)
loss = (m(W) ** 3).sum()

m = nn.LayerNorm(3)
m.weight.data.fill_(2.0)
nn.LayerNorm.reset_parameters(m)
loss = (m(W) ** 3).sum()

m = nn.LayerNorm(3)
m.weight.data.fill_(2.0)
m._apply(lambda t: t * 2)
loss = (m(W) ** 3).sum()
""",
    ),
    Kind(
        "a part of an array that is a loop variable and is added to",
        False,
        torch="""
a = W * 1
b = a[0]
for b, c in zip([b], [b]):
    b += c
loss = a.pow(2).sum()

a = W * 1
for r in [a[0], a[1]]:
    r += r
loss = a.pow(2).sum()

a = W * 1
for r in (a[0], a[:, 1]):
    r -= 0.1
    r *= 2
loss = a.pow(2).sum() + (a * W).sum()

a = W * 1
b = a[0]
b[0], b[1] = 0.1, -1.0
for b, c in zip([b], [b]):
    b += c
d, a = a
loss = torch.sum(b ** 2) + a.sum() + c.sum()

parts = [(W * 1)[0], (W * 1)[1]]
for p in parts:
    p -= 0.1 * p
loss = sum(p.pow(2).sum() for p in parts)
""",
    ),
    Kind(
        "probabilities of 0 and 1 in a loss that clamps logarithms",
        False,
        torch="""
loss = F.binary_cross_entropy(torch.clamp(W, 0, 1), torch.full((2, 3), 0.3))

loss = nn.BCELoss()(torch.relu(W), torch.full((2, 3), 0.3))

p = torch.where(W > 0, torch.sigmoid(W), torch.zeros(2, 3))
loss = F.binary_cross_entropy(p, torch.ones(2, 3)) + W.sum()

p = F.softmax(W * 2000, 1)
loss = F.binary_cross_entropy(p, torch.ones(2, 3), reduction="sum") + (W ** 2).sum()

loss = F.binary_cross_entropy(F.hardtanh(W, 0, 1), torch.zeros(2, 3)) + W.sum()
""",
    ),
]
