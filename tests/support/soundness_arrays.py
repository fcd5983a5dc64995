"""Small texts about functions of arrays and their options, each kind in several spellings."""

from __future__ import annotations

from tests.support.soundness import Kind

KINDS: list[Kind] = [
    Kind(
        "order of entries",
        True,
        numpy="""
d = np.array([1., 2., 3., 4., 5., 6.])
loss = np.sum(W.reshape(6, order='F') * d)

d = np.array([1., 2., 3., 4., 5., 6.])
loss = np.sum(W.ravel(order='F') * d)

d = np.array([1., 2., 3., 4., 5., 6.])
loss = np.sum(W.flatten('F') * d)

d = np.array([[1., 2.], [3., 4.], [5., 6.]])
loss = np.sum(np.reshape(W, (3, 2), order='F') * d)

d = np.array([1., 2., 3., 4., 5., 6.])
loss = np.sum(np.ravel(W, 'F') * d)

d = np.array([[1., 2.], [3., 4.], [5., 6.]])
loss = np.sum(np.reshape(W, (3, 2), 'C') * d)

d = np.array([[1., 2.], [3., 4.], [5., 6.]])
loss = np.sum(W.reshape((3, 2), order='F') * d)
""",
    ),
    Kind(
        "a reduction over a list of arrays",
        True,
        numpy="""
loss = np.sum(np.mean([W[0], W[1]], axis=0)**2)

loss = np.sum(np.sum([W[0], W[1]], axis=0)**2)

loss = np.sum(np.sum([W[0], W[1]], axis=1)**2)

loss = np.sum(np.sum([W, W * 2], axis=(0, 2), keepdims=True)**2)

loss = np.sum(np.max([W, -W], axis=0)**2)

loss = np.sum([W[0], W[1]]) ** 2

loss = np.sum(sum([W[0], W[1]]) ** 2)

loss = np.sum(np.mean((W[0], W[1]), 0)**2)

loss = np.sum(np.array([W[0], W[1] * 2]).sum(axis=0)**2)
""",
        torch="""
loss = (torch.stack([W[0], W[1]]).mean(0)**2).sum()

loss = (sum([W[0], W[1]])**2).sum()
""",
    ),
    Kind(
        "the variance's divisor",
        True,
        numpy="""
loss = W.var(ddof=2)

loss = np.var(W, ddof=3)

loss = np.sum(W.std(axis=1, ddof=2) ** 2)

loss = np.sum(np.var(W, 1, ddof=1) * np.array([1., 2.]))

loss = np.sum(W.var(0) * np.array([1., 2., 3.]))

loss = np.std(W, ddof=1.5)

loss = np.sum(np.var(W, axis=1, ddof=1, keepdims=True) * W)

loss = np.sum(np.var(W, axis=0, ddof=True) * np.array([1., 2., 3.]))
""",
        torch="""
loss = (W.var(0, False) * torch.tensor([1., 2., 3.])).sum()

loss = (W.std(1, False) * torch.tensor([1., 2.])).sum()

loss = torch.var(W, unbiased=False)

loss = W.var(False)

loss = (W.var(1, True, True) * W).sum()

loss = (torch.var(W, 0, False, True) * W).sum()

loss = (W.var(dim=1, correction=2) * torch.tensor([1., 2.])).sum()

loss = W.std(correction=0)

loss = W.var() + 2 * W.std(unbiased=True)

loss = (torch.std(W, dim=1) * torch.tensor([1., 2.])).sum()
""",
    ),
    Kind(
        "norms of a matrix",
        False,
        numpy="""
loss = np.linalg.norm(W, 2)

loss = np.linalg.norm(W, 1)

loss = np.linalg.norm(W, 'nuc')

loss = np.linalg.norm(W, 2, axis=(0, 1))

loss = np.linalg.norm(W, np.inf)

loss = np.linalg.norm(W[0], 1)

loss = np.linalg.norm(W[0], np.inf)

loss = np.linalg.norm(W[0], 3)
""",
        torch="""
loss = torch.linalg.norm(W, 2)

loss = torch.linalg.norm(W, 1)

loss = torch.linalg.norm(W, ord='nuc')

loss = torch.linalg.matrix_norm(W, 2)

loss = torch.linalg.vector_norm(W, 3)

loss = torch.norm(W, 1)

loss = W.norm(p=3)

loss = torch.norm(W, p='nuc')
""",
    ),
    Kind(
        "norms that are lengths",
        True,
        numpy="""
loss = np.linalg.norm(W)

loss = np.sum(np.linalg.norm(W, axis=1) * np.array([1., 2.]))

loss = np.linalg.norm(W, 'fro')

loss = np.sum(np.linalg.norm(W, axis=0, keepdims=True) * W)
""",
        torch="""
loss = torch.norm(W)

loss = (torch.linalg.norm(W, dim=1) * torch.tensor([1., 2.])).sum()

loss = (W.norm(dim=0, keepdim=True) * W).sum()

loss = torch.norm(W, p=2)
""",
    ),
    Kind(
        "the largest entries",
        True,
        numpy="""
loss = np.sum(np.amax(W, axis=1)[0]**2)

loss = np.sum(np.amin(W, axis=0)[1]**2)

loss = np.sum(W.max(axis=1)[0]**2)

loss = np.sum(np.max(W, axis=0, keepdims=True)[0] * np.array([1., 2., 3.]))

a, b = W.max(axis=1)
loss = a + 2 * b

loss = np.sum(np.amax(W, 1) * np.array([1., 2.]))
""",
        torch="""
loss = (W.amax(dim=1)[0]**2).sum()

loss = (W.amax(dim=1) * torch.tensor([1., 2.])).sum()

loss = (torch.amin(W, 0)[1]**2).sum()

loss = (W.max(dim=1)[0] * torch.tensor([1., 2.])).sum()

loss = (W.max(1).values * torch.tensor([1., 2.])).sum()

values, places = torch.max(W, dim=0)
loss = (values * torch.tensor([1., 2., 3.])).sum()

loss = (torch.min(W, 1, keepdim=True)[0] * W).sum()

loss = W.amax() + 2 * W.max()

loss = (W.max(dim=1)[0][1]**2).sum()
""",
    ),
    Kind(
        "kinds of numbers",
        True,
        numpy="""
k = np.full(3, 2.7, dtype=int)
loss = np.sum(W * k)

k = np.full_like(np.array([1, 2, 3]), 2.7)
loss = np.sum(W * k)

k = np.arange(0.5, 3.5, dtype=float)
loss = np.sum(W * k)

k = np.linspace(0, 2.5, 3, dtype=int)
loss = np.sum(W * k)

k = np.array([0.0, 2.0, 3.0], dtype=bool)
loss = np.sum(W * k)

k = np.array([1.9, -1.9, 2.5], dtype=int)
loss = np.sum(W * k)

k = np.array([1.9, -1.9, 2.5]).astype(int)
loss = np.sum(W * k)

k = np.array([1, 2, 3])
k[0] = 2.9
loss = np.sum(W * k)

k = np.ones(3, dtype=int) / 2
loss = np.sum(W * k)

k = np.array([5, -5, 7]) // 2
loss = np.sum(W * k)

k = np.zeros(3, int)
k[1] = 1.5
loss = np.sum((W + k) ** 2)
""",
        torch="""
k = torch.full((3,), 2.7, dtype=torch.int64)
loss = (W * k).sum()

k = torch.tensor([1.9, -1.9, 2.5]).long()
loss = (W * k).sum()

k = torch.tensor([1.9, -1.9, 2.5], dtype=torch.int32)
loss = (W * k).sum()

k = torch.tensor([0.0, 2.0, 3.0]).bool()
loss = (W * k).sum()

k = torch.tensor([1, 2, 3])
k[0] = 2.9
loss = (W * k).sum()

k = torch.tensor([5, -5, 7]) // 2
loss = (W * k).sum()

k = torch.full_like(W, 2, dtype=torch.long) / 4
loss = (W * k).sum()
""",
    ),
    Kind(
        "options of functions",
        True,
        numpy="""
k = np.linspace(0, 3, 3, endpoint=False)
loss = np.sum(W * k)

k = np.eye(2, 3, k=1)
loss = np.sum(W * k)

k = np.eye(3, k=-1)[:2]
loss = np.sum(W * k)

loss = np.sum(np.tril(W, -1) + 2 * np.triu(W, 1))

loss = np.sum(W, axis=0, initial=2.0)[1]

loss = np.sum(W ** 2, where=np.array([True, False, True]))

loss = np.max(W, initial=2.0) * np.sum(W)

loss = np.sum(np.concatenate([W, W * 2], axis=None) * np.arange(12))

loss = np.sum(np.pad(W, 1, constant_values=2.0) ** 2)

loss = np.sum(np.stack([W, W * 2], axis=-1) * np.array([1.0, 2.0]))

loss = np.sum(np.add(W, 1, where=np.array([True, False, True]), out=W * 3))
""",
        torch="""
loss = F.softplus(W * 30, threshold=2).sum()

loss = F.softplus(W, beta=2).sum()

loss = torch.add(W, W, alpha=3).pow(2).sum()

loss = torch.sub(W, W ** 2, alpha=3).pow(2).sum()

loss = F.cross_entropy(W, torch.tensor([0, 2]), reduction='sum')

loss = F.cross_entropy(W, torch.tensor([0, 2]), weight=torch.tensor([1., 2., 3.]))

loss = F.cross_entropy(W, torch.tensor([0, 2]), label_smoothing=0.1)

loss = F.smooth_l1_loss(W, W * 0 + 1, beta=0.5)

loss = F.elu(W, alpha=0.5).sum()

loss = F.gelu(W, approximate='tanh').sum()

loss = F.leaky_relu(W, 0.3).sum()

loss = torch.clamp(W, max=0.3).sum() + torch.clamp(W, min=0.15).pow(2).sum()

loss = (torch.tril(W, -1) + 2 * torch.triu(W, 1)).sum()
""",
    ),
    Kind(
        "options of functions that are rare",
        False,
        both="""
def g(items):
    for x in items:
        x += 1
        yield x
a = W * 2
for b in g([a]):
    b *= 3
loss = $np.sum(a ** 2)
""",
        numpy="""
loss = np.sum(np.round(1.25, 1) * W)

loss = np.sum(np.clip(W, a_min=-0.2, a_max=None) ** 2)

loss = np.trapezoid(W[0], dx=2.0)

loss = np.average(W[0], weights=[1.0, 2.0, 5.0])

loss = np.sum(np.roll(W, 1) * np.array([1., 2., 3.]))

loss = np.sum(np.diff(W, n=2) ** 2)

loss = np.sum(np.sort(W, axis=0) * np.array([1., 2., 3.]))

loss = np.sum(np.cumsum(W, axis=1) * np.array([1., 2., 3.]))

loss = np.quantile(W, 0.3, method='lower')

loss = np.median(W)

loss = np.sum(np.repeat(W, 2, axis=1) * np.arange(6))
""",
        torch="""
loss = (torch.sort(W, dim=1, descending=True)[0] * torch.tensor([1., 2., 3.])).sum()

loss = F.binary_cross_entropy_with_logits(W, W * 0 + 1, pos_weight=torch.tensor([1., 2., 3.]))

loss = F.nll_loss(F.log_softmax(W, 1), torch.tensor([0, 2]), ignore_index=2)

loss = F.kl_div(W, W.exp() * 0 + 0.3, reduction='batchmean')

loss = F.normalize(W, p=1, dim=1).pow(2).sum()

loss = (torch.topk(W, 2, largest=False)[0] * torch.tensor([1., 2.])).sum()

loss = F.huber_loss(W, W * 0, delta=0.3)

loss = torch.median(W)

loss = (torch.roll(W, 1) * torch.tensor([1., 2., 3.])).sum()

loss = F.layer_norm(W, (3,), eps=0.1).pow(3).sum()
""",
    ),
    Kind(
        "large numbers",
        True,
        numpy="""
z = W * 1000
loss = np.sum(np.logaddexp(z, np.array([1., 2., 3.])))

z = W * 1000
loss = np.sum(np.logaddexp(0, z))

z = W * 1000
loss = np.sum(np.logaddexp(z[0], z[1]))

z = W * 1000
loss = np.sum(np.logaddexp(z, -z))
""",
        torch="""
z = W * 1000
loss = torch.logaddexp(z[0], z[1]).sum()

z = W + 1000
loss = (torch.softmax(z / 3 ** 0.5, dim=-1) * torch.tensor([1., 2., 3.])).sum()

z = W * 1000
loss = (torch.softmax(z / 3 ** 0.5, dim=-1) * torch.tensor([1., 2., 3.])).sum() + W.sum()

z = W + 100
loss = (F.softmax(z / 0.07, dim=-1) * torch.tensor([1., 2., 3.])).sum()

z = W * 1000
loss = (F.log_softmax(z / 2 ** 0.5, dim=1) * torch.tensor([1., 2., 3.])).sum()

z = W + 100
loss = F.cross_entropy(z / 0.07, torch.tensor([0, 2]))

z = W * 1000
loss = torch.logsumexp(z / 3 ** 0.5, dim=1).sum()

import math
z = W + 1000
loss = (torch.softmax(z / math.sqrt(3), dim=-1) * torch.tensor([1., 2., 3.])).sum()

z = W - 1000
loss = F.softmax(z / 1.7, dim=1)[0, 1] + F.log_softmax(z / 0.3, dim=0)[1, 2]
""",
    ),
]
