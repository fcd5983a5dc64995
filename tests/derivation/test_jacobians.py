"""Jacobians and Hessians against central differences, complex steps and SymPy's own second derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import DerivationError
from symback.engine.interpreter import evaluate


def _forward(net: sb.Network, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Evaluate the equations in named form; those that have a value keep it."""
    known = dict(values)
    for equation in sb.derive(net).network.equations:
        if equation.name not in known:
            known[equation.name] = np.asarray(evaluate(equation.form, known))
    return known


def _differences(net: sb.Network, values: dict[str, np.ndarray], of: str, wrt: str) -> np.ndarray:
    base = _forward(net, values)
    order = [e.name for e in sb.derive(net).network.equations]
    fixed = {k: v for k, v in base.items() if k in net.variables or k == wrt}
    if wrt in order:
        fixed |= {k: base[k] for k in order[: order.index(wrt)]}
    result = np.zeros((*base[of].shape, *base[wrt].shape))
    for index in np.ndindex(*base[wrt].shape):
        sides = []
        for step in (1e-6, -1e-6):
            moved = {k: np.array(v, dtype=float) for k, v in fixed.items()}
            moved[wrt][index] += step
            sides.append(_forward(net, moved)[of])
        result[(..., *index)] = (sides[0] - sides[1]) / 2e-6
    return result


def _network(axis: int = 0) -> tuple[sb.Network, dict[str, np.ndarray]]:
    net = sb.Network()
    x, W, b = net.input("x", (3,)), net.parameter("W", (3, 4)), net.parameter("b", (4,))
    z = net.define("z", x @ W + b)
    s = net.define("s", sb.softmax(z, axis=axis))
    h = net.define("h", sb.tanh(s) * z)
    net.define("L", sb.sum(h**2))
    random = np.random.default_rng(3)
    return net, {"x": random.normal(size=3), "W": random.normal(size=(3, 4)), "b": random.normal(size=4)}


@pytest.mark.parametrize(("of", "wrt"), [("s", "z"), ("h", "s"), ("z", "W"), ("z", "b"), ("s", "b"), ("L", "W")])
def test_a_jacobian_against_differences(of: str, wrt: str) -> None:
    net, values = _network()
    d = sb.derive(net)
    form = d.jacobian(of, wrt)
    found = evaluate(form, _forward(net, values))
    wanted = _differences(net, values, of, wrt)
    assert form.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


def test_both_paths_count() -> None:
    net, values = _network()
    d = sb.derive(net)
    found = evaluate(d.jacobian("h", "z"), _forward(net, values))
    np.testing.assert_allclose(found, _differences(net, values, "h", "z"), rtol=1e-6, atol=1e-8)


def test_the_softmax_jacobian_is_the_textbook_one() -> None:
    net, _ = _network()
    assert str(sb.derive(net).jacobian("s", "z")) == "s[:, None] * (np.eye(4) - s)"


def test_the_differences_reject_a_planted_error() -> None:
    net, values = _network()
    found = evaluate(sb.derive(net).jacobian("s", "z"), _forward(net, values))
    wanted = _differences(net, values, "s", "z")
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(found * 1.001, wanted, rtol=1e-6, atol=1e-8)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(np.diag(np.diag(found)), wanted, rtol=1e-6, atol=1e-8)


def test_names_that_are_not_there() -> None:
    net, _ = _network()
    d = sb.derive(net)
    with pytest.raises(DerivationError, match="no such equation"):
        d.jacobian("x", "z")
    with pytest.raises(DerivationError, match="does not depend on"):
        d.jacobian("z", "s")


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus", "exp"])
def test_a_hessian_against_sympy(activation: str) -> None:
    x, t, w1, w2, b, h, y, E = sp.symbols("x t w1 w2 b h y E")
    plain = {
        "sigmoid": lambda u: 1 / (1 + sp.exp(-u)),
        "tanh": sp.tanh,
        "softplus": lambda u: sp.log(1 + sp.exp(u)),
        "exp": sp.exp,
    }[activation]
    f = getattr(sb, activation)
    net = sb.network([(h, f(x * w1 + b)), (y, f(h * w2)), (E, (t - y) ** 2 / 2)])
    d = sb.derive(net, wrt=["w1", "b", "w2"])
    values = {"x": 0.5, "t": 0.3, "w1": 0.7, "w2": -0.4, "b": 0.1}
    loss = (t - plain(plain(x * w1 + b) * w2)) ** 2 / 2
    wanted = np.array(sp.hessian(loss, (w1, b, w2)).subs(values), dtype=float)
    found = d.hessian().evaluate(values)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found, found.T, rtol=1e-10, atol=1e-12)


def test_a_hessian_with_an_unknown_function_prints_its_second_derivative() -> None:
    x, t, w, y, E = sp.symbols("x t w y E")
    f = sp.Function("f")
    d = sb.derive(sb.network([(y, f(x * w)), (E, (t - y) ** 2 / 2)]), wrt=["w"])
    form = d.hessian().forms["w", "w"]
    assert "f''(x * w)" in str(form)


def test_a_hessian_of_arrays_is_refused() -> None:
    net, _ = _network()
    with pytest.raises(DerivationError, match="scalar parameters"):
        sb.derive(net).hessian()


@pytest.mark.parametrize("of", ["x", "z", "s", "h", "W"])
def test_gradients_of_inputs_and_intermediates(of: str) -> None:
    net, values = _network()
    d = sb.derive(net)
    form = d.gradient(of)
    base = _forward(net, values)
    found = evaluate(form, base)
    np.testing.assert_allclose(found, _differences(net, values, "L", of).reshape(base[of].shape), rtol=1e-6, atol=1e-8)
    assert form.shape == base[of].shape and form.latex() and form.element is not None


def test_a_second_derivative_prints_in_first_ones() -> None:
    x, t, w1, w2, h, y, E = sp.symbols("x t w1 w2 h y E")
    f = sp.Function("f")
    d = sb.derive(sb.network([(h, f(x * w1)), (y, f(h * w2)), (E, (t - y) ** 2 / 2)]), wrt=[w1, w2])
    forms = d.hessian().forms
    latex = d.hessian().latex("w2", "w2")
    assert latex == (
        r"\frac{\partial^2 E}{\partial w_2^2} = "
        r"f'(h \cdot w_2)\, h f'(h \cdot w_2)\, h + \frac{\partial E}{\partial y} \cdot h f''(h \cdot w_2)\, h"
    )
    assert d.hessian().latex("w1", "w2").startswith(r"\frac{\partial^2 E}{\partial w_1 \partial w_2} = ")
    assert "dL_dy" in {str(s) for s in forms["w2", "w2"].element.free_symbols}
