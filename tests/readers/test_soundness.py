"""Kinds of texts that are easily misread in silence: each is right, as CPython says, or refused."""

from __future__ import annotations

import pytest

from symback.core.errors import ReadError
from symback.readers import parse
from tests.support import (
    needs,
    soundness_arrays,
    soundness_classes,
    soundness_effects,
    soundness_iterators,
    soundness_loops,
    soundness_memory,
    soundness_numbers,
    soundness_objects,
    soundness_protocols,
    soundness_python,
    soundness_tensors,
    soundness_torch,
)
from tests.support.programs import Program, judged
from tests.support.soundness import Kind

W = [[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]]


MODULES = (
    soundness_arrays,
    soundness_classes,
    soundness_effects,
    soundness_iterators,
    soundness_loops,
    soundness_memory,
    soundness_numbers,
    soundness_objects,
    soundness_protocols,
    soundness_python,
    soundness_tensors,
    soundness_torch,
)
KINDS = [kind for module in MODULES for kind in module.KINDS]

CASES = [
    pytest.param(kind, library, text, id=f"{kind.name}-{library}-{k}")
    for kind in KINDS
    for k, (library, text) in enumerate(kind.texts())
]


@pytest.mark.parametrize(("kind", "library", "text"), CASES)
def test_a_text_is_read_right_or_refused(kind: Kind, library: str, text: str) -> None:
    if library == "torch":
        needs.package("torch")
    verdict = judged(Program(library, {"W": W}, (text,)))
    assert verdict.kind in ({"right"} if kind.must_read else {"right", "refused"}), f"{verdict}\n{text}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_has_several_spellings(kind: Kind) -> None:
    assert len(kind.texts()) >= 4


def test_a_leaf_of_pytorch_that_is_used_before_and_after_a_change_without_gradients_is_refused() -> None:
    text = """
import torch
W = torch.tensor([[0.5, -0.3], [0.1, 0.7]], requires_grad=True)
a = torch.sum(W * 2)
with torch.no_grad():
    W[0, 0] = 5.0
loss = a + torch.sum(W ** 3)
"""
    with pytest.raises(ReadError, match="line 6: W is changed in place without gradients"):
        parse(text)


@pytest.mark.parametrize(
    "change",
    ["np.tanh = np.sin", "setattr(np, 'tanh', np.sin)", "math.pi = 3.0", "del np.tanh", "np.linalg.norm = abs"],
)
def test_nothing_is_read_after_a_library_was_changed(change: str) -> None:
    # read only: to execute it would change the library for all that follows
    with pytest.raises(ReadError, match="line 4"):
        parse(
            f"import math\nimport numpy as np\nW = np.ones((2, 3))\n{change}\nloss = np.sum(np.tanh(W) ** 2) * math.pi\n"
        )


@pytest.mark.parametrize(
    "hook",
    [
        "W.register_hook(lambda g: g * 2)",
        "h = x.register_hook(lambda g: g * 2)",
        "torch.Tensor.register_hook(x, lambda g: g * 2)",
        "h = torch.nn.modules.module.register_module_forward_hook(lambda m, i, o: o * 2)",
        "torch.nn.modules.module.register_module_full_backward_hook(lambda m, i, o: None)",
    ],
)
def test_a_hook_that_changes_gradients_is_refused(hook: str) -> None:
    text = f"import torch\nW = torch.ones(2, 3, requires_grad=True)\nx = W * 2\n{hook}\nloss = x.pow(2).sum()\n"
    with pytest.raises(ReadError, match="line 4"):
        parse(text)
