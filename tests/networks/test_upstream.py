"""Losses of which only a derivative is known: a given upstream gradient, and an unknown function of arrays."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import DerivationError, NetworkError, ValueProblem
from symback.core.forms import Form, Implicit, name, substitute
from symback.engine.interpreter import evaluate

n, k, m = sp.symbols("n k m")
X, W, Z = sp.MatrixSymbol("X", n, k), sp.MatrixSymbol("W", k, m), sp.MatrixSymbol("Z", n, m)
A, b = sp.MatrixSymbol("A", n, m), sp.MatrixSymbol("b", m, 1)
L, lam = sp.symbols("L lambda")
f, phi = sp.Function("f"), sp.Function("phi")
SHAPES = {"X": (4, 3), "W": (3, 2), "b": (2, 1), "lambda_": ()}


def drawn(*names: str) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(3)
    return {label: generator.normal(size=SHAPES[label]) for label in names}


def curved(z: np.ndarray) -> tuple[float, np.ndarray]:
    """Return a function of an array and its gradient: the product of one entry with a function of all of them."""
    weights = np.arange(1, z.size + 1).reshape(z.shape) / z.size
    inner = float((weights * np.sin(z)).sum())
    return inner**2, 2 * inner * weights * np.cos(z)


def central(function: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    found = np.zeros(at.shape)
    for place in np.ndindex(*at.shape):
        move = np.zeros(at.shape)
        move[place] = step
        found[place] = (function(at + move) - function(at - move)) / (2 * step)
    return found


def layer() -> sb.Network:
    net = sb.Network()
    x, w, c = net.input("X", ("n", "k")), net.parameter("W", ("k", "m")), net.parameter("c", ("m",))
    net.define("Z", x @ w + c)
    net.define("A", sb.tanh(net["Z"]))
    return net


def test_a_given_adjoint_is_carried_back_as_that_of_any_loss() -> None:
    d = sb.derive(layer(), upstream={"A": "G"})
    values = drawn("X", "W") | {"c": np.array([0.3, -0.2])}
    above = curved(np.tanh(values["X"] @ values["W"] + values["c"]))[1]
    gradients = d.evaluate(values | {"G": above}).gradients

    def loss(W: np.ndarray, c: np.ndarray) -> float:
        return curved(np.tanh(values["X"] @ W + c))[0]

    for label in ("W", "c"):
        at = values[label]

        def moved(array: np.ndarray, label: str = label) -> float:
            return loss(**{"W": values["W"], "c": values["c"], label: array})

        np.testing.assert_allclose(gradients[label], central(moved, at), rtol=1e-6, atol=1e-8)


def test_several_outputs_have_a_gradient_each() -> None:
    d = sb.derive(layer(), upstream={"A": "G", "Z": "H"})
    assert str(d.gradient("Z")) == "G * tanh'(Z) + H" or str(d.gradient("Z")) == "H + G * tanh'(Z)"
    assert "Given: ∂L/∂A = G, ∂L/∂Z = H. The loss L stands for every loss with this derivative." in d.text()
    assert "주어진 값: ∂L/∂A = G" in d.text(language="ko")


def test_the_page_of_a_given_adjoint_reads_like_that_of_a_loss() -> None:
    d = sb.derive([(Z, X * W)], ["X", "W"], upstream={Z: sp.MatrixSymbol(r"\bar{Z}", n, m)})
    assert r"\frac{\partial L}{\partial W} &= X^\top \delta" in d.latex()
    assert r"\delta &= \bar{Z}" in d.latex()


def test_a_given_adjoint_may_be_an_input_and_the_network_stays_as_it_is() -> None:
    net = layer()
    net.input("G", ("n", "m"))
    before = repr(net)
    d = sb.derive(net, upstream={net["A"]: net["G"]})
    assert str(d.gradient("Z")) == "G * tanh'(Z)"
    assert (repr(net), net.upstream, d.loss) == (before, {}, "L")


def test_a_number_above_a_number() -> None:
    x, w = sp.symbols("x w")
    y = sp.Symbol("y")
    d = sb.derive([(y, sb.sigmoid(x * w))], [w], upstream={"y": "g"})
    assert str(d.gradient("w")) == "g * sigmoid'(x * w) * x"


@pytest.mark.parametrize(
    ("upstream", "said"),
    [
        ({"B": "G"}, "upstream: there is no B"),
        ({"A": "Z"}, "upstream: Z is computed by the network; a gradient that is given is an input"),
        ({"A": "X"}, "upstream: X has shape (n, k), A has shape (n, m)"),
        ({"A": 3}, "upstream: the gradient of A is a name"),
        ({}, "upstream= takes the gradient of each output by its name"),
        ("A", "upstream= takes the gradient of each output by its name"),
        ({"A": "G-1"}, "'G-1' cannot be a name"),
    ],
)
def test_what_is_no_upstream_gradient_is_refused(upstream: Any, said: str) -> None:
    with pytest.raises(NetworkError) as caught:
        sb.derive(layer(), upstream=upstream)
    assert said in str(caught.value)


def test_a_loss_and_a_given_adjoint_exclude_each_other() -> None:
    with pytest.raises(NetworkError, match="not both"):
        sb.derive(layer(), loss="A", upstream={"A": "G"})


@pytest.mark.parametrize(
    ("equations", "wrt", "gradient", "whole"),
    [
        ([sp.Eq(L, f(W))], "W", r"\nabla f(W)", lambda W: curved(W)[0]),
        ([sp.Eq(Z, X * W), sp.Eq(L, f(Z))], "W", r"X^\top \nabla f(Z)", lambda X, W: curved(X @ W)[0]),
        (
            [sp.Eq(L, f(X * W) + lam * sp.Trace(W.T * W))],
            "W",
            r"2 \lambda W + X^\top \nabla f(z_1)",
            lambda X, W, lambda_: curved(X @ W)[0] + lambda_ * (W**2).sum(),
        ),
        (
            f(X * W * b),
            "W",
            r"X^\top \nabla f(z_2)\, b^\top",
            lambda X, W, b: curved(X @ W @ b)[0],
        ),
        (f(X * W) ** 2, "W", None, lambda X, W: curved(X @ W)[0] ** 2),
        ([sp.Eq(A, sb.tanh(X * W)), sp.Eq(L, lam * f(A))], "X", None, None),
    ],
)
def test_an_unknown_function_of_an_array_is_one_number(
    equations: Any, wrt: str, gradient: str | None, whole: Callable[..., float] | None
) -> None:
    d = sb.derive(equations, [wrt])
    form = d.gradient(wrt)
    if gradient is not None:
        assert form.latex() == gradient
    if whole is None:
        whole = lambda X, W, lambda_: lambda_ * curved(np.tanh(X @ W))[0]  # noqa: E731
    values = drawn(*(v for v in d.network.variables))
    reached = dict(values)
    for equation in d.network.equations:
        if equation.name != d.loss:
            reached[equation.name] = np.asarray(evaluate(equation.form, reached))

    def known(node: Form) -> Form | None:
        """Put numbers of one function in for the unknown one."""
        if not isinstance(node, Implicit):
            return None
        at = curved(np.asarray(evaluate(node.args[0], reached)))
        label = node.function.name
        reached[label] = np.asarray(at[node.function.name.startswith("gradient")])
        return name(label, node.shape)

    sizes = {"n": 4, "k": 3, "m": 2}
    have = evaluate(substitute(form, known), reached, {sp.Symbol(s): v for s, v in sizes.items()})

    def moved(array: np.ndarray) -> float:
        assert whole is not None
        return whole(**{**values, wrt: array})

    np.testing.assert_allclose(have, central(moved, values[wrt]), rtol=1e-6, atol=1e-8)


def test_an_unknown_function_of_several_arrays_has_a_gradient_in_each() -> None:
    d = sb.derive(phi(X * W, W) ** 2, [W])
    assert "2 ∇₂ϕ(z₁, W) ϕ(z₁, W) + Xᵀ δ₁" in d.text()
    assert pickle.loads(pickle.dumps(d.gradient("W"))) == d.gradient("W")


def test_an_entrywise_function_stays_one() -> None:
    d = sb.derive([sp.Eq(L, sp.Trace((X * W).applyfunc(f).T * A))], [W])
    assert "f'" in str(d.gradient("W"))
    assert "gradient_of" not in str(d.gradient("W"))
    with_array = sb.network([sp.Eq(Z, X * W), (A, f(Z)), sp.Eq(L, sp.Trace(A.T * A))])
    assert [e.form.shape != () for e in with_array.equations] == [True, True, False]


def test_what_is_read_as_one_number_is_said() -> None:
    d = sb.derive([sp.Eq(L, f(X * W))], [W])
    assert "f(X*W) is one number, as L is; an entrywise function stands in applyfunc" in d.choices


def test_an_unknown_function_has_no_values_and_no_second_derivative() -> None:
    d = sb.derive(f(W), [W])
    with pytest.raises(ValueProblem, match="f is an unknown function of arrays, so it has no values"):
        d.code()
    with pytest.raises(ValueProblem, match="upstream="):
        evaluate(d.gradient("W"), {"W": np.ones((3, 2))})
    w = sp.Symbol("w")
    with pytest.raises(DerivationError, match="its second derivative has no name here"):
        sb.derive([sp.Eq(L, f(w * X))], [w]).hessian()
