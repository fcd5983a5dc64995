"""Results go through a pickle and through a copy, and are then what they were."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb

TEXT = """
import numpy as np
X = np.array([[1.0, 2.0], [3.0, 4.0], [0.5, -1.0]])
W = np.array([[0.5, 0.2], [0.1, 0.9]])
b = np.zeros(2)
y = np.array([0, 1, 1])
z = X @ W + b
p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
L = -np.mean(np.log(p[np.arange(3), y]))
"""
ROUND_TRIPS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda made: pickle.loads(pickle.dumps(made)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.fixture(params=ROUND_TRIPS, ids=str)
def again(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    return ROUND_TRIPS[request.param]


def classifier() -> sb.Derivation:
    return sb.derive(sb.parse(TEXT))


def test_a_derivation_says_and_gives_the_same(again: Callable[[Any], Any]) -> None:
    made = classifier()
    found = again(made)
    assert found.text() == made.text() and found.latex() == made.latex() and found.code() == made.code()
    assert found.gradient("W") is made.gradient("W")
    np.testing.assert_array_equal(found.evaluate().gradients["W"], made.evaluate().gradients["W"])


def test_networks_are_derived_alike(again: Callable[[Any], Any]) -> None:
    net = sb.parse(TEXT)
    assert sb.derive(again(net)).text() == sb.derive(net).text()
    named = classifier().network
    assert [e.form for e in again(named).equations] == [e.form for e in named.equations]


def test_undefined_functions_stay_undefined(again: Callable[[Any], Any]) -> None:
    x, t, w, y, E = sp.symbols("x t w y E")
    made = sb.derive(sb.network([sp.Eq(y, sp.Function("f")(x * w)), sp.Eq(E, (t - y) ** 2 / 2)]), wrt=[w])
    assert again(made).latex() == made.latex()


@pytest.mark.parametrize("target", [None, "numpy"])
def test_functions_compute_the_same(again: Callable[[Any], Any], target: str | None) -> None:
    made = classifier()
    values = {"W": np.array([[0.3, -0.2], [0.4, 1.0]]), "b": np.array([0.1, -0.1])}
    by_name = made.lambdify(target=target)
    loss, gradients = by_name(**values)
    for function in (by_name, again(by_name)):
        found, entries = function(**values)
        assert found == loss and function.source == by_name.source and function.args == by_name.args
        np.testing.assert_array_equal(entries["W"], gradients["W"])
    in_order = made.lambdify(args=["W", "b"], target=target)
    copied = again(in_order)
    assert copied.source == in_order.source and copied.args == ("W", "b")
    for one, other in zip(in_order(*values.values()), copied(*values.values()), strict=True):
        np.testing.assert_array_equal(one, other)


def test_scalar_functions_compute_the_same(again: Callable[[Any], Any]) -> None:
    made = sb.derive(sb.parse("w = 2.0\nL = (w - 1) ** 2")).lambdify(args=["w"])
    assert again(made)(3.0) == made(3.0) == (4.0, 4.0)


def test_values_and_histories_stay(again: Callable[[Any], Any]) -> None:
    made = classifier()
    evaluation, history, report = made.evaluate(), made.run(3, 0.1), sb.check_gradients(made)
    assert again(evaluation).loss == evaluation.loss
    assert list(again(evaluation).values) == list(evaluation.values)
    with pytest.raises(TypeError):
        again(evaluation).gradients["W"] = 0
    assert again(history).losses == history.losses
    assert str(again(report)) == str(report)
