"""Operations on tensors that are no layers are traced one by one, and what is derived is compared with autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError
from tests.support import needs

torch = needs.package("torch")

OPERATIONS = """
x.prod()
x.prod(1)
x.prod(0, keepdim=True)
(x * torch.tensor([0.0, 1, 1, 1])).prod(1)
x.cumprod(1)
torch.cumprod(x, 0)
x.cumsum(1)
x.logcumsumexp(1)
torch.cov(x)
torch.hypot(x, y)
torch.fmax(x, y)
torch.fmin(x, y)
torch.frac(x * 3)
torch.fmod(x - 0.7, 0.3)
torch.remainder(y, x)
(x - 0.7) % 0.3
torch.xlogy(y.detach() * mask, x)
torch.xlogy(x, y)
torch.floor(3 * x) * x
torch.round(3 * x) * x
torch.trunc(3 * x) * x
torch.sign(x - 0.7) * x
torch.sgn(x - 0.7) * x
x.index_add(0, torch.tensor([0, 2]), x[:2])
x.index_add(1, torch.tensor([1, 1]), x[:, :2], alpha=-2)
x.clone().index_add_(0, torch.tensor([0]), x[:1])
x.index_fill(1, torch.tensor([1]), 2.0)
x.index_put((torch.tensor([0, 0]), torch.tensor([1, 1])), v[:2], accumulate=True)
x.index_put((torch.tensor([0, 1]), torch.tensor([1, 2])), v[:2])
x.scatter(0, index[:1], x[:1] * 3)
x.scatter(0, index, 1.5)
x.clone().scatter_(0, index, 2.0)
x.scatter_add(0, index, x)
x.scatter_reduce(0, index, y, "sum")
x.scatter_reduce(0, index, y, "mean")
x.scatter_reduce(0, index, y, "amax")
x.scatter_reduce(0, index, y, "amin", include_self=False)
torch.zeros(3, 4, dtype=x.dtype).scatter_reduce(0, index, y, "mean", include_self=False)
torch.linalg.vander(v)
torch.bernoulli(x / 2) * x
torch.normal(x, y) * x
torch.distributions.Poisson(x).log_prob(torch.ones(3, 4))
""".strip().splitlines()
"""Expressions of x and y of 3 rows and 4 columns, v of 4 entries, and an index."""


def values() -> dict[str, Any]:
    """Return what the expressions read; x, y and v require gradients."""
    torch.manual_seed(0)
    x, y, v = (torch.rand(shape, dtype=torch.float64) + 0.2 for shape in ((3, 4), (3, 4), (4,)))
    return {
        **{name: held.requires_grad_() for name, held in (("x", x), ("y", y), ("v", v))},
        "index": torch.tensor([[0, 2, 1, 0], [2, 2, 0, 1], [1, 0, 0, 2]]),
        "mask": torch.tensor([1.0, 0.0, 1.0, 1.0], dtype=torch.float64),
        "torch": torch,
    }


@pytest.mark.parametrize("text", OPERATIONS)
def test_an_operation_gives_the_gradients_of_autograd(text: str) -> None:
    given = values()
    weights = torch.randn(eval(text, dict(given)).shape, dtype=torch.float64)

    def loss() -> Any:
        torch.manual_seed(1)
        return (eval(text, dict(given)) * weights).sum()

    leaves = [given[n] for n in "xyv"]
    wanted = torch.autograd.grad(loss(), leaves, allow_unused=True)
    net = sb.trace(loss)
    found = sb.derive(net).evaluate().gradients
    for leaf, gradient in zip(leaves, wanted, strict=True):
        same = [n for n in found if np.array_equal(net.values[n], leaf.detach().numpy())]
        if gradient is None or not same:
            assert gradient is None or not gradient.any()
            continue
        assert np.allclose(found[same[0]], gradient.numpy(), rtol=1e-9, atol=1e-12)


def test_equal_entries_that_meet_are_refused() -> None:
    x, index = torch.ones(2, 2, dtype=torch.float64, requires_grad=True), torch.zeros(2, 2, dtype=torch.int64)
    with pytest.raises(ReadError, match="PyTorch shares the gradient"):
        sb.trace(lambda: x.scatter_reduce(0, index, x * 1.0, "amax").sum())
