"""Kinds of texts of PyTorch that are easily misread in silence: each is right, as CPython and autograd say, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError, SymbackError
from symback.readers import parse
from tests.support import needs
from tests.support.programs import Program, compiled, fresh_names, number, quietly, reading
from tests.support.soundness import split
from tests.support.soundness_torch import CUT, FLOWING

W = [[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]]


def graded(text: str) -> tuple[str, float, Any]:
    """Return a text with its leaf, and the loss and gradient of autograd."""
    program = Program("torch", {"W": W}, (text,), graded=True)
    names = fresh_names()
    with quietly("torch"):
        exec(compiled(program.text.replace(text, f"_leaf = W\n{text}")), names)
        names["loss"].backward()
    return program.text, number(names["loss"]), names["_leaf"].grad.numpy()


@pytest.mark.parametrize("text", split(CUT))
def test_what_no_gradient_passes_is_refused_or_as_autograd_has_it(text: str) -> None:
    needs.package("torch")
    whole, loss, gradient = graded(text)
    try:
        with quietly("torch"):
            found, gradients = reading(whole, ["W"])
    except SymbackError:
        return
    assert np.isclose(found, loss) and np.allclose(gradients["W"], gradient), text


@pytest.mark.parametrize("text", split(FLOWING))
def test_a_gradient_that_passes_is_read(text: str) -> None:
    needs.package("torch")
    whole, loss, gradient = graded(text)
    with quietly("torch"):
        found, gradients = reading(whole, ["W"])
    assert np.isclose(found, loss) and np.allclose(gradients["W"], gradient), text


def test_a_parameter_that_wants_no_gradient_is_refused() -> None:
    text = "import torch\nW = torch.ones(2, 3, requires_grad=True)\nW.requires_grad_(False)\nloss = (W * W).sum()\n"
    with pytest.raises(ReadError, match="W has requires_grad=False"):
        parse(text, wrt=["W"])


def test_a_custom_function_of_autograd_says_why_it_is_refused() -> None:
    text = """
import torch
W = torch.ones(2, 3, requires_grad=True)
class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.sign()
loss = Sign.apply(W).sum()
"""
    with pytest.raises(ReadError, match=r"Sign is a torch\.autograd\.Function"):
        parse(text)


def test_a_text_under_no_grad_as_a_whole_is_read() -> None:
    text = """
import torch
X = torch.ones(4, 3)
W = torch.tensor([0.1, 0.2, 0.3])
def score(x, w):
    return torch.sigmoid(x @ w)
with torch.no_grad():
    parts = [score(X, W), X.T[0]]
    loss = (parts[0] * parts[1]).mean()
"""
    found = sb.derive(parse(text, wrt=["W"])).evaluate()
    s = 1 / (1 + np.exp(-0.6))
    assert np.allclose(found.gradients["W"], s * (1 - s))


@pytest.mark.parametrize(
    "change",
    [
        "for p in kept: p.data.mul_(3)",
        "with torch.no_grad(): kept[0].mul_(3)",
        "kept[0].data[0] = 3.0",
        "kept[0].detach().add_(1)",
    ],
)
def test_a_parameter_without_a_name_that_is_changed_is_refused_or_right(change: str) -> None:
    needs.package("torch")
    text = f"""
import torch
import torch.nn as nn
x = torch.tensor([0.5, -0.3, 0.2])
kept = nn.ParameterList([nn.Parameter(torch.ones(3))])
{change}
loss = (x * kept[0]).pow(2).sum()
loss.backward()
"""
    names = fresh_names()
    exec(compiled(text), names)
    try:
        found = sb.derive(parse(text)).evaluate().gradients
    except SymbackError as problem:
        assert "line 6" in str(problem)
        return
    (gradient,) = found.values()
    assert np.allclose(gradient, names["kept"][0].grad.numpy())


HEADER = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nW = torch.tensor([[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]])\n"


@pytest.mark.parametrize(
    "text",
    [
        "p = torch.sigmoid(W * 1000)\nloss = F.binary_cross_entropy(p, torch.ones(2, 3))",
        "p = nn.Sigmoid()(W * 1000).T\nloss = nn.BCELoss()(p, torch.zeros(3, 2))",
    ],
)
def test_a_saturated_sigmoid_before_a_clamped_logarithm_is_a_finding(text: str) -> None:
    (found,) = parse(HEADER + text).findings
    assert found.line == 6 and "takes no logarithm for less than −100" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "p = torch.sigmoid(W)\nloss = F.binary_cross_entropy(p, torch.ones(2, 3))",
        "p = torch.sigmoid(W.abs() * 1000)\nloss = F.binary_cross_entropy(p, torch.ones(2, 3))",
        "loss = F.binary_cross_entropy_with_logits(W * 1000, torch.ones(2, 3))",
    ],
)
def test_logarithms_that_are_not_clamped_are_no_finding(text: str) -> None:
    assert parse(HEADER + text).findings == ()
