"""Axes of one entry or none, powers of powers, and functions that SymPy knows by others."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

import symback as sb

HEAD = "import numpy as np\n"
OF_ONE_ENTRY = [
    "W = np.array([0.5])\nL = np.max(W)**2",
    "W = np.array([0.5])\nL = np.sum(np.tanh(W) - np.min(W))",
    "W = np.array([[0.5, 0.2, 0.1, 0.9]])\nL = np.sum((W - np.max(W, axis=0, keepdims=True))**2)",
    "W = np.array([[0.5], [0.2]])\nL = np.sum(np.max(W, axis=1)**2)",
    "W = np.array([[0.5], [0.2]])\nL = np.sum(np.min(W, axis=1, keepdims=True)**2 * W)",
    "W = np.array([[0.5]])\nL = np.sum(np.exp(W - np.max(W, axis=1, keepdims=True)) * W)",
    "W = np.array([[0.5, 0.2, 0.1]])\nb = np.array([0.1])\nL = np.max(W @ W.T + b)**2",
    "W = np.array([[[0.5, 0.3]], [[0.2, 0.1]]])\nL = np.sum(np.max(W, axis=(1, 2))**2)",
]


@pytest.mark.parametrize("text", OF_ONE_ENTRY)
@pytest.mark.parametrize("view", ["chain", "matrix", "index"])
def test_an_extreme_over_one_entry_is_that_entry(text: str, view: str) -> None:
    derived = sb.derive(sb.parse(HEAD + text))
    assert sb.check_gradients(derived).ok
    assert derived.latex(view=view) and derived.text(view=view)


@pytest.mark.parametrize(
    "loss", ["np.mean(W**2)", "np.max(W)", "np.sum(np.mean(W, axis=0))", "np.sum(np.min(W, axis=0))"]
)
def test_what_has_no_entry_is_refused_with_its_shape(loss: str) -> None:
    with pytest.raises(sb.SymbackError, match=r"over an empty axis of W.*shape \(0, 3\)"):
        sb.derive(sb.parse(f"{HEAD}W = np.zeros((0, 3))\nL = {loss}"))


@pytest.mark.parametrize(
    "text",
    [
        "v = (np.abs(W) + 0.5)**W\nL = np.sum(np.tanh(2.0**v))",
        "L = np.sum(np.sin(np.exp(np.exp(np.abs(W)))))",
        "L = np.sum(2.0**(3.0**(W * np.abs(W))))",
        "L = np.sum(np.maximum(np.exp(np.exp(W)), 2.0)**W)",
    ],
)
def test_powers_of_powers_are_derived(text: str) -> None:
    derived = sb.derive(sb.parse(f"{HEAD}W = np.array([[0.5, 0.2], [0.1, 0.9]])\n{text}"))
    assert sb.check_gradients(derived).ok


x, w, E = sp.symbols("x w E")
IN_SYMPY: list[Any] = [sp.tan(w * x), sp.cot(w * x), sp.sec(w * x), sp.csc(w * x), sp.tan(w) ** 2 * sp.cosh(x * w)]


@pytest.mark.parametrize("expression", IN_SYMPY, ids=str)
def test_trigonometric_functions_are_known_by_sine_and_cosine(expression: Any) -> None:
    derived = sb.derive(sb.network([sp.Eq(E, expression)]), wrt=[w])
    found = derived.evaluate({"x": 0.75, "w": 0.5}) if expression.has(x) else derived.evaluate({"w": 0.5})
    exact = sp.diff(expression, w).subs({x: sp.Rational(3, 4), w: sp.Rational(1, 2)})
    assert float(found.gradients["w"]) == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("function", [sp.zeta, sp.dirichlet_eta, sp.riemann_xi])
def test_an_unknown_function_is_named(function: Any) -> None:
    with pytest.raises(sb.SymbackError, match=f"the function {function.__name__} is not known"):
        sb.derive(sb.network([sp.Eq(E, function(w * x))]))
