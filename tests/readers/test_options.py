"""Options of library functions in the spellings people use: read as the library computes them, or refused by name."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import symback as sb
from tests.support import needs
from tests.support.parameter_sweep import same_versions

HEAD = """import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
W = np.array([[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]])
V = np.array([0.4, 0.6])
T = torch.tensor([[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]], requires_grad=True)
"""

NUMPY = [
    # a list of arrays is one array
    "np.sum(np.sum([W, 2 * W], axis=0) ** 2)",
    "np.sum(np.max([W[0], W[1]], axis=0) ** 2)",
    "np.sum(np.min((W[0], W[1]), 0) ** 2)",
    "np.sum(np.mean([W[0], W[1]], axis=1) ** 2)",
    "np.sum(np.mean([W, 2 * W], axis=(0, 2), keepdims=True) ** 2)",
    "np.max([W[0], W[1]])",
    "np.mean([W[0, 0], W[1, 1], 2.0]) ** 2",
    "np.sum(np.var([W[0], W[1]], axis=0) ** 2)",
    "np.sum(np.std([W[0], W[1]], axis=1, ddof=1))",
    "np.linalg.norm([W[0, 0], W[1, 1]])",
    "np.sum(np.transpose([W[0], W[1]]) @ W)",
    # what a correction is taken off
    "W.var(ddof=2)",
    "np.var(W, None, None, None, 1)",
    "np.sum(np.var(W, axis=0, ddof=0.5))",
    "np.sum(np.std(W, axis=1, correction=1))",
    "np.sum(W.std(0, ddof=1, keepdims=True) * W)",
    # types of numbers
    "np.sum(np.array([1.7, 2.2, -1.5], dtype=int) * W)",
    "np.sum(np.array([1.7, 0.0, -1.5], bool) * W)",
    "np.sum(np.full((2, 3), 1.9, dtype='int') * W)",
    "np.sum(np.full(3, -1.9, np.int64) * W)",
    "np.sum(np.full_like(np.array([1, 2, 3]), 1.9) * W)",
    "np.sum(np.full_like(np.array([1, 2, 3]), 1.9, dtype=float) * W)",
    "np.sum(np.arange(3, dtype='float32') * W)",
    "np.sum(np.ones(3, dtype=bool) * W)",
    "np.sum(np.linspace(0, 5, 3, dtype=int) * W)",
    "np.sum(np.array([1, 2, 3], ndmin=2) * W)",
    # where they lie
    "np.sum(np.linspace(0, 1, 3, endpoint=False) * W)",
    "np.sum(np.linspace(0, 1, 3, False) * W)",
    "np.sum(np.eye(2, 3, k=1) * W)",
    "np.sum(np.eye(2, 3, -1) * W)",
    "np.sum(np.eye(2, M=3) * W)",
    # norms
    "np.linalg.norm(W)",
    "np.linalg.norm(W, 1)",
    "np.linalg.norm(W, np.inf)",
    "np.linalg.norm(W, -1)",
    "np.linalg.norm(W, 'fro')",
    "np.linalg.norm(W, ord=2)",
    "np.linalg.norm(W, 'nuc')",
    "np.linalg.norm(W[0], 2.5)",
    "np.linalg.norm(W[0], np.inf)",
    "np.sum(np.linalg.norm(W, 3, axis=1))",
    "np.sum(np.linalg.norm(W, axis=0, keepdims=True) * W)",
    # the order of entries
    "np.sum(W.ravel(order='F') * np.arange(6))",
    "np.sum(W.flatten('F') * np.arange(6))",
    "np.sum(W.reshape(6, order='F') * np.arange(6))",
    "np.sum(np.reshape(W, (3, -1), 'F') * np.arange(6).reshape(3, 2))",
    "np.sum(np.array(W, order='F') * 2)",
    # and others
    "np.average(W, weights=[[1, 2, 3], [3, 2, 1]])",
    "np.sum(np.average(W, axis=1, weights=[1, 2, 3]) ** 2)",
    "np.sum(np.average(W, axis=0, weights=V) ** 2)",
    "np.sum(np.concatenate([W, 2 * W], axis=None) * np.arange(12))",
    "np.sum(np.concatenate([W, 2 * W], 1) ** 2)",
    "np.sum(np.stack([W, 2 * W], axis=-1)[0, 1] ** 2)",
    "np.sum(np.clip(W, None, 0.3))",
    "np.sum(np.clip(W, a_min=-0.2, a_max=None) ** 2)",
    "np.sum(np.clip(W, max=0.3))",
    "np.sum(np.sum(W, axis=0, where=W > 0) ** 2)",
    "np.mean(W, where=[[True, False, True], [False, True, True]])",
    "np.sum(np.max(W, axis=0, initial=0.3) ** 2)",
    "np.sum(W.sum(0, initial=2.0) ** 2)",
    "np.sum(np.expand_dims(W, (0, 2))[0, 1] ** 2)",
    "np.sum(np.transpose(W, (1, 0))[0] ** 2)",
    "np.sum(np.vdot(W, W))",
    "np.sum(np.diagflat(W)[1] ** 2)",
    "np.sum(np.pad(W, ((0, 1), (2, 0)), constant_values=1.5) ** 2)",
    "np.sum(np.pad(W, 1)[0] + W[0, 0] ** 2)",
    "np.sum(np.max(W, axis=NAMED, keepdims=True) * W)",
    "np.sum(np.var(W, ddof=NAMED))",
]

TORCH = [
    "T.var(0, False).sum()",
    "T.var(0, unbiased=False).sum()",
    "torch.var(T, dim=1, correction=0).sum()",
    "torch.var(T, False)",
    "T.std(1, keepdim=True).sum()",
    "T.std(1, False, True).sum()",
    "T.std((0, 1), correction=2)",
    "T.max(1)[0].sum()",
    "T.max(1).values.sum()",
    "torch.min(T, dim=1, keepdim=True)[0].sum()",
    "(T.amax(dim=1)[0] ** 2).sum()",
    "torch.max(T, 2 * T).sum()",
    "torch.max(T)",
    "T.norm()",
    "T.norm(1)",
    "T.norm(dim=1).sum()",
    "T.norm(3, 1).sum()",
    "torch.norm(T, p=float('inf'), dim=1).sum()",
    "torch.linalg.norm(T)",
    "torch.linalg.norm(T, dim=1).sum()",
    "torch.linalg.norm(T, ord=1)",
    "torch.linalg.norm(T, 2)",
    "torch.norm(T, p='nuc')",
    "torch.add(T, T ** 2, alpha=0.3).sum()",
    "T.sub(T ** 2, alpha=2).sum()",
    "torch.clamp(T, min=0.15).sum()",
    "T.clamp(-0.2, 0.3).sum()",
    "T.clip(max=0.3).sum()",
    "F.softplus(T, threshold=0.2).sum()",
    "F.softplus(T, 2).sum()",
    "F.hardtanh(T, max_val=0.3).sum()",
    "F.leaky_relu(T, 0.2).sum()",
    "F.softmax(T, 1)[0, 0]",
    "nn.Softmax(dim=1)(T)[0, 0]",
    "F.softmax(T.reshape(1, 2, 3, 1), dim=None).pow(2).sum()",
    "F.mse_loss(T, 2 * T, size_average=False)",
    "F.mse_loss(T, 2 * T, None, False).sum()",
    "F.cross_entropy(T, torch.tensor([0, 2]), None, None, 2)",
    "F.cross_entropy(T, torch.tensor([0, 2]), label_smoothing=0.3)",
    "F.pad(T, (1, 1), value=2.0).pow(2).sum()",
    "torch.sum(T, axis=0)[1]",
    "T.sum(axis=1, keepdims=True)[0, 0]",
    "T.sum((0, 1))",
    "torch.full((2,), 2.7, dtype=torch.long).sum() * T.sum()",
    "torch.full_like(torch.tensor([1, 2]), 2.7).sum() * T.sum()",
    "torch.tensor([1.7, -2.2, 0.4], dtype=torch.int32).sum() * T.sum()",
    "torch.as_tensor(T).pow(2).sum()",
    "torch.flatten(T, 0).pow(2).sum()",
    "T.flatten(start_dim=0, end_dim=1)[1]",
    "T.squeeze(0).pow(2).sum()",
    "T.transpose(0, 1)[0].sum()",
    "T.view(3, -1)[0].sum()",
    "T.view(-1)[2]",
    "T.reshape([3, 2])[0, 1]",
    "T.permute([1, 0])[0].sum()",
    "T.expand(2, 2, 3).pow(2).sum()",
    "T.where(T > 0, 0.5 * T).sum()",
    "T.split(1, 1)[1].sum()",
    "nn.AvgPool2d(2, 1, 1, False, False)(T[None, None]).pow(2).sum()",
    "nn.Softplus(threshold=0.2)(T).sum()",
    "nn.HuberLoss(delta=0.3)(T, 2 * T)",
]

REFUSED = {
    "np.sum(np.reshape(W, (3, 2), order='A'))": "order='A'",
    "np.sum(W.ravel('K'))": "order='K'",
    "np.sum(np.squeeze(W, axis=0))": "axis 0",
    "np.sum(np.add(W, W, where=W > 0))": "where=",
    "np.sum(np.pad(W, 1, 'edge'))": "mode='edge'",
    "np.sum(np.diag(W[0], k=1))": "k=1",
    "np.sum(W, dtype=int)": "dtype=int",
    "np.linspace(0, 1, 3, retstep=True)[0].sum() * W.sum()": "retstep=True",
    "np.average(W, returned=True)[0]": "returned=True",
    "np.array(W, dtype=np.complex128).sum()": "dtype=numpy.complex128",
    "torch.div(T, 2, rounding_mode='floor').sum()": "rounding_mode='floor'",
    "F.pad(T, (1, 1), 'reflect').sum()": "mode='reflect'",
    "nn.MaxPool2d(2, 2, 0, 1, True)(T[None, None])[0].sum()": "return_indices=True",
    "nn.Conv2d(1, 1, 1, padding_mode='circular')(T[None, None]).sum()": "padding_mode=circular",
    "F.avg_pool2d(T[None, None], 2, divisor_override=3).sum()": "divisor_override=3",
    "F.softmax(T[None], dim=None).sum()": "dim=",
    "(T.max(1)[1] * T[:, 0]).sum()": "where a max stands",
    "torch.Tensor.sum(T, keepdims=5)": "sum",
}


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    torch = needs.package("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def executed(text: str, name: str) -> tuple[float, Any]:
    """Return the loss of an executed text and its gradient: by autograd, or by central differences."""
    space: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(text, space)
        loss = space["loss"]
        if name == "T":
            loss.backward()
            return float(loss), space["T"].grad.numpy()
        start, body = space["W"], text.partition("T = ")[2].partition("\n")[2]
        gradient = np.zeros(start.shape)
        for at in np.ndindex(start.shape):
            for step in (1e-6, -1e-6):
                moved = start.copy()
                moved[at] += step
                again = {**space, "W": moved}
                exec(body, again)
                gradient[at] += float(again["loss"]) / (2 * step)
    return float(loss), gradient


@pytest.mark.parametrize("call", [*NUMPY, *TORCH])
def test_an_option_is_read_as_the_library_computes_it(call: str) -> None:
    name = "T" if call in TORCH else "W"
    text = f"{HEAD}NAMED = 1\nloss = {call}\n"
    try:
        loss, gradient = executed(text, name)
    except TypeError:
        assert not same_versions()  # an older library does not have the option yet
        return
    found = sb.derive(sb.parse(text, wrt=[name])).evaluate()
    assert found.loss == pytest.approx(loss, rel=1e-9)
    np.testing.assert_allclose(found.gradients[name], gradient, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("call", REFUSED)
def test_an_option_that_is_not_understood_is_refused_by_its_name(call: str) -> None:
    with pytest.raises(sb.SymbackError) as caught:
        sb.parse(f"{HEAD}loss = {call}\n", loss="loss")
    assert REFUSED[call] in str(caught.value)
    assert "line 8" in str(caught.value)
