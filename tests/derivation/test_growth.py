"""What is looked at grows linearly: in the terms of a sum, in the arrays side by side, in the equations of a chain."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.forms import Form, walk
from symback.derivation import record
from symback.derivation.summands import summands_by_name
from symback.run.codegen import arrays

HEAD = "import numpy as np\n"


def leaves(count: int) -> str:
    return HEAD + "".join(f"W{k} = np.array([1.0, {k}.5])\n" for k in range(count))


def summed(count: int) -> str:
    return leaves(count) + "L = np.sum(" + " + ".join(f"W{k}" for k in range(count)) + ")\n"


def scaled(count: int) -> str:
    return leaves(count) + "L = np.sum(" + " - ".join(f"W{k} * {k}.5" for k in range(1, count)) + ")\n"


def squared(count: int) -> str:
    return leaves(count) + "L = " + " + ".join(f"np.sum(W{k}**2)" for k in range(count)) + "\n"


def beside(count: int) -> str:
    return leaves(count) + "L = np.sum(np.concatenate([" + ", ".join(f"W{k}" for k in range(count)) + "])**2)\n"


def chain(count: int) -> str:
    steps = "".join(f"h{k + 1} = np.tanh(h{k} * W{k})\n" for k in range(count))
    return leaves(count) + "h0 = np.array([0.5, 0.25])\n" + steps + f"L = np.sum(h{count})\n"


def rows(count: int) -> str:
    inside = ", ".join(f"W[{k}]" for k in range(count))
    return HEAD + f"W = np.ones(({count}, 2))\nL = np.sum(np.concatenate([{inside}])**2)\n"


def computed(count: int) -> str:
    return HEAD + f"W = np.ones(({count}, 2))\nL = np.sum(np.stack([W[k]*2 for k in range({count})])**2)\n"


KINDS = [summed, scaled, squared, beside, chain, rows, computed]


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, label: str) -> list[int]:
    """Count the nodes of the forms that a function of a module is handed."""
    seen = [0]
    original = getattr(module, label)

    def counting(form: Form, *more: Any) -> Any:
        seen[0] += len(walk(form))
        return original(form, *more)

    monkeypatch.setattr(module, label, counting)
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_derivation_and_code_grow_linearly(kind: Callable[[int], str], monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[tuple[int, int]] = []
    for count in (30, 60):
        record.clear_templates()
        with monkeypatch.context() as patch:
            templates = counted(patch, record, "_derive_template")
            walked = counted(patch, arrays, "walk")
            sb.derive(sb.parse(kind(count))).code()
        work.append((templates[0], walked[0]))
    (few, less), (many, more) = work
    assert many <= 2.2 * few + 20 and more <= 2.2 * less + 20, work


def calls(work: Callable[[], Any]) -> int:
    """Count the calls of Python and of C that some work makes."""
    seen = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_all_work_grows_linearly(kind: Callable[[int], str]) -> None:
    def work(count: int) -> None:
        record.clear_templates()
        sb.derive(sb.parse(kind(count))).code()

    work(40)  # what is made once is made before
    few, some, many = found = [calls(functools.partial(work, count)) for count in (40, 80, 160)]
    assert many - some <= 2.5 * (some - few), found


@pytest.mark.parametrize("kind", KINDS)
def test_long_formulas_are_derived_rightly(kind: Callable[[int], str]) -> None:
    assert sb.check_gradients(sb.derive(sb.parse(kind(12)))).ok


MIXED = """
A, B = np.array([[1.0, 2.0, -0.5]]), np.array([[0.5], [0.25]])
loss_terms = A*2 - B + W0 - W1/4 - (W2 + W3*W4) + -(W5 - W6*W6) + np.sum(W7*W8) + np.mean(W9 + W10) + W0*W1
L = np.mean(-3*loss_terms + np.concatenate([W11[:, None], W12[:, None], W0.T[:, None]], axis=1)[:1, :1] + A)
"""


def test_terms_of_all_kinds_that_broadcast_are_derived_rightly() -> None:
    head = leaves(0) + "".join(f"W{k} = np.array([0.{k + 1}])\n" for k in range(13))
    derived = sb.derive(sb.parse(head + MIXED), wrt=[f"W{k}" for k in range(13)])
    assert sb.check_gradients(derived).ok
    assert all(derived.gradient(f"W{k}").shape == (1,) for k in range(13))


@pytest.mark.parametrize(
    "term", ["np.exp(W0[0])", "np.max(W0)", "np.min(W0 * 2)", "np.sqrt(np.sum(W0**2))", "np.log(np.sum(np.exp(W0)))"]
)
def test_a_term_that_is_written_in_its_output_is_not_written_in_the_sum(term: str) -> None:
    text = leaves(12) + f"L = {term} + " + " + ".join(f"np.sum(W{k}**2)" for k in range(1, 12)) + "\n"
    derived = sb.derive(sb.parse(text))
    found = derived.evaluate()
    alone = sb.derive(sb.parse(leaves(1) + f"L = {term}\n")).evaluate()
    np.testing.assert_allclose(found.gradients["W0"], alone.gradients["W0"], rtol=1e-12)
    assert sb.check_gradients(derived).ok


def test_each_name_is_alone_in_its_terms() -> None:
    net = sb.Network()
    names = [net.parameter(f"w{k}", (2,)) for k in range(10)]
    total = names[0]
    for leaf in names[1:]:
        total = total - 2 * leaf
    found = summands_by_name(sb.sum(total))
    assert found is not None
    assert {label: str(form) for label, form in found.items()}["w3"] == "-(2 * w3).sum()"
    assert summands_by_name(sb.sum(names[0] + names[1])) is None
    values = {f"w{k}": np.full(2, k / 4) for k in range(10)}
    net.define("L", sb.sum(total))
    gradients = sb.derive(net).evaluate(values).gradients
    np.testing.assert_array_equal(gradients["w0"], [1, 1])
    np.testing.assert_array_equal(gradients["w9"], [-2, -2])
