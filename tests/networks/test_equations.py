"""SymPy in: Symbols, MatrixSymbols, Indexed and Sum, undefined functions; data, weight, bias in print; own symbols back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.api import derive
from symback.core.errors import NetworkError, SymbackError
from symback.networks.equations import looks_like_parameter, network
from symback.networks.network import Network
from tests.support.small_networks import differences

x, t, w, w1, w2, b, h, y, z, E = sp.symbols("x t w w1 w2 b h y z E")
f, g = sp.Function("f"), sp.Function("g")
n = sp.Symbol("n", integer=True, positive=True)
X, W, T, Z, A = (
    sp.MatrixSymbol(k, r, c) for k, r, c in [("X", n, 3), ("W", 3, 2), ("T", n, 2), ("Z", n, 2), ("A", n, 2)]
)
B = sp.MatrixSymbol("b", 1, 2)


def written(net: Network) -> list[str]:
    return [f"{e.name} = {e.written}" for e in net.equations]


def agrees_with_differences(net: Network, code: Callable[..., float], values: dict[str, Any]) -> None:
    d = derive(net)
    loss, gradients = d.lambdify()(**values)
    assert loss == pytest.approx(code(**values), rel=1e-12)
    want = differences(code, values, d.wrt)
    for label in d.wrt:
        np.testing.assert_allclose(gradients[label], want[label], rtol=1e-6, atol=1e-7)


# --- Symbols ------------------------------------------------------------------------------------------------------------


def test_the_chain_of_undefined_functions() -> None:
    net = network([sp.Eq(h, f(x * w1)), sp.Eq(y, f(h * w2)), sp.Eq(E, (t - y) ** 2 / 2)])
    assert written(net) == ["h = f(x * w1)", "y = f(h * w2)", "E = 0.5 * (t - y)**2"]
    d = derive(net, wrt=[w1, w2])
    assert {s.of: str(s.form) for s in d.steps} == {
        "y": "y - t",
        "w2": "dy * f'(h * w2) * h",
        "h": "dy * f'(h * w2) * w2",
        "w1": "dh * f'(x * w1) * x",
    }
    # the element is ordinary SymPy in the caller's symbols: insert a function and compare with SymPy's own derivative
    loss = (t - sp.tanh(sp.tanh(x * w1) * w2)) ** 2 / 2
    at = {x: 0.3, w1: -0.7, w2: 1.1, t: 0.2}
    for symbol in (w1, w2):
        element = (
            d.gradient(symbol).element.subs(f, sp.tanh).doit().subs(y, sp.tanh(h * w2)).subs(h, sp.tanh(x * w1)).doit()
        )
        assert float(element.subs(at)) == pytest.approx(float(sp.diff(loss, symbol).subs(at)), rel=1e-12)


@pytest.mark.parametrize(
    ("right", "text"),
    [
        (b + w * x, "x * w + b"),
        (w * x + b + w2 * h, "h * w2 + x * w + b"),
        (1 - y, "1 - y"),
        (t - y, "t - y"),
        (-(t - y), "y - t"),
        (-t - y, "-(t + y)"),
        (w**2 * sp.Rational(1, 3), "w**2 / 3"),
        (w / 2, "0.5 * w"),
        (x / w, "x / w"),
        (1 / (1 + sp.exp(-x)), "1 / (1 + np.exp(-x))"),
        (sp.sqrt(w), "np.sqrt(w)"),
        (sp.Max(0, w), "maximum(0, w)"),
        (sp.Abs(w), "absolute(w)"),
        (sp.tanh(w * x), "tanh(x * w)"),
        (sp.Piecewise((w, w > 0), (sp.Rational(1, 2) * w, True)), "np.where(w > 0, w, 0.5 * w)"),
        (sp.Float("0.1") * w, "0.1 * w"),
        (3 * w, "3 * w"),
    ],
    ids=str,
)
def test_the_order_of_printing_is_data_weight_bias(right: Any, text: str) -> None:
    assert written(network([sp.Eq(E, right)]))[0] == f"E = {text}"


@pytest.mark.parametrize(
    "expression",
    [
        sp.exp(-w * x) / (1 + w**2),
        sp.log(1 + w**2) * sp.sin(x * w),
        sp.cos(w) * sp.tanh(b * x),
        sp.sqrt(1 + w * w + b * b),
        w**3 - 2 * w * b + sp.Rational(1, 3) * b,
        sp.sinh(w) * sp.cosh(b),
        (w + b) ** 4 / (1 + sp.exp(-x * w)),
        sp.pi * w + sp.E * b,
        sp.Piecewise((w * x, w * x > 0), (0, True)) + b**2,
        sp.Max(0, w * x + b) ** 2,
        sp.Max(w, b) - sp.Min(w, b),
        sp.Abs(w - b),
        sp.Heaviside(w) * w + b,
        w**x,
        sp.sign(w) * w + b**2,
        sp.Pow(w**2, sp.Rational(3, 2)) + b,
    ],
    ids=str,
)
def test_a_scalar_formula_agrees_with_sympy(expression: Any) -> None:
    d = derive(network([sp.Eq(E, expression)]))
    for values in ({x: 0.7, w: 1.3, b: -0.4}, {x: 1.5, w: 0.2, b: 0.9}):
        used = {str(s): v for s, v in values.items() if s in expression.free_symbols}
        loss, gradients = d.lambdify()(**used)
        assert loss == pytest.approx(float(expression.subs(values)), rel=1e-12)
        for symbol in d.wrt:
            own = sp.Symbol(symbol, real=True)
            slope = expression.subs(sp.Symbol(symbol), own).diff(own).subs(own, values[sp.Symbol(symbol)]).subs(values)
            assert gradients[symbol] == pytest.approx(float(slope), rel=1e-12)


def test_the_callers_symbols_come_back() -> None:
    own_x, own_w = sp.Symbol("x", positive=True), sp.Symbol("w", real=True)
    d = derive(network([sp.Eq(E, own_w * own_x**2 + sp.sin(own_w))]))
    assert d.gradient(own_w).element == own_x**2 + sp.cos(own_w)
    assert d.gradient("w").element.free_symbols == {own_x, own_w}


def test_identified_definitions_collapse() -> None:
    net = network(
        [sp.Eq(z, w * x + b), sp.Eq(y, 1 / (1 + sp.exp(-z))), sp.Eq(E, -(t * sp.log(y) + (1 - t) * sp.log(1 - y)))]
    )
    d = derive(net)
    assert str(d.step("z").form) == "y - t" and str(d.gradient("w")) == "(y - t) * x"
    assert d.gradient("w").element == x * (y - t)
    assert net.choices == ("parameters: w, b (by their names)",)


# --- MatrixSymbols ----------------------------------------------------------------------------------------------------------


def matrix_values(**shapes: tuple[int, ...]) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {k: rng.standard_normal(s) if s else float(rng.standard_normal()) for k, s in shapes.items()}


def test_a_layer_of_matrix_symbols() -> None:
    v = sp.Symbol("v")
    net = network(
        [
            sp.Eq(Z, X * W + sp.OneMatrix(n, 1) * B),
            sp.Eq(A, Z.applyfunc(sp.Lambda(v, sp.tanh(v)))),
            sp.Eq(E, sp.Trace((A - T) * (A - T).T) / 2),
        ]
    )
    assert [str(s) for s in net["Z"].shape] == ["n", "2"]
    d = derive(net)
    assert str(d.step("W").form) == "X.T @ dZ" and d.step("b").shape == (1, 2)

    def code(X: Any, W: Any, b: Any, T: Any) -> float:
        return float(((np.tanh(X @ W + b) - T) ** 2).sum() / 2)

    agrees_with_differences(net, code, matrix_values(X=(4, 3), W=(3, 2), b=(1, 2), T=(4, 2)))


def test_hadamard_transpose_and_trace() -> None:
    lam = sp.Symbol("lam")
    net = network(
        [
            sp.Eq(A, sp.HadamardProduct(X * W, X * W)),
            sp.Eq(E, sp.Trace((A - T).T * (A - T)) + lam * sp.Trace(W.T * W)),
        ]
    )

    def code(X: Any, W: Any, T: Any, lam: float) -> float:
        return float(((((X @ W) ** 2) - T) ** 2).sum() + lam * (W**2).sum())

    agrees_with_differences(net, code, matrix_values(X=(4, 3), W=(3, 2), T=(4, 2), lam=()))
    assert "lam" in str(derive(net).gradient("W"))


def test_a_trace_of_square_matrices_keeps_its_transposes() -> None:
    S, R = sp.MatrixSymbol("W", 3, 3), sp.MatrixSymbol("R", 3, 3)

    def code(W: Any, R: Any) -> float:
        return float(np.trace(W @ R @ W))

    agrees_with_differences(network([sp.Eq(E, sp.Trace(S * R * S))]), code, matrix_values(W=(3, 3), R=(3, 3)))


def test_functions_of_the_table_apply_to_matrices() -> None:
    net = network([(A, sb.sigmoid(X * W)), (E, sp.Trace(A * T.T))])
    assert written(net)[0] == "A = sigmoid(X @ W)"

    def code(X: Any, W: Any, T: Any) -> float:
        return float((T / (1 + np.exp(-(X @ W)))).sum())

    agrees_with_differences(net, code, matrix_values(X=(4, 3), W=(3, 2), T=(4, 2)))


def test_an_undefined_function_of_a_matrix() -> None:
    d = derive(network([(A, (X * W).applyfunc(f)), (E, sp.Trace(A * T.T))]))
    assert "f'(" in str(d.gradient("W")) and d.gradient("W").shape == (3, 2)


def test_an_entry_of_a_matrix() -> None:
    def code(W: Any) -> float:
        return float(W[0, 1] ** 2 * W[2, 0])

    agrees_with_differences(network([sp.Eq(E, W[0, 1] ** 2 * W[2, 0])]), code, matrix_values(W=(3, 2)))


# --- index notation -------------------------------------------------------------------------------------------------------------


def test_indexed_equations_become_matrix_products() -> None:
    i, j = sp.symbols("i j", integer=True)
    xs, Ws, zs, ts = (sp.IndexedBase(k, shape=s) for k, s in [("x", (4,)), ("W", (3, 4)), ("z", (3,)), ("t", (3,))])
    net = network(
        [
            sp.Eq(zs[i], sp.Sum(Ws[i, j] * xs[j], (j, 0, 3))),
            sp.Eq(E, sp.Sum((zs[i] - ts[i]) ** 2, (i, 0, 2)) / 2),
        ]
    )
    assert written(net)[0] == "z = W @ x"
    d = derive(net)
    assert str(d.step("W").form) == "np.outer(dz, x)"

    def code(W: Any, x: Any, t: Any) -> float:
        return float(((W @ x - t) ** 2).sum() / 2)

    agrees_with_differences(net, code, matrix_values(W=(3, 4), x=(4,), t=(3,)))
    p, q = sp.symbols("i j", integer=True)
    assert d.gradient("W").element == (zs[p] - ts[p]) * xs[q]


def test_indexed_bases_with_shapes_given() -> None:
    i, j, k = sp.symbols("i j k", integer=True)
    Xs, Ws, Zs = (sp.IndexedBase(m) for m in ("X", "W", "Z"))
    net = network(
        [
            sp.Eq(Zs[i, j], sp.Sum(Xs[i, k] * Ws[k, j], (k, 0, 2))),
            sp.Eq(E, sp.Sum(Zs[i, j] ** 2, (i, 0, n - 1), (j, 0, 1))),
        ],
        shapes={"X": ("n", 3), "W": (3, 2)},
    )
    assert written(net)[0] == "Z = X @ W"
    assert str(derive(net).step("W").form) == "X.T @ dZ"


# --- what is inferred, and what is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("w", True),
        ("W1", True),
        ("b", True),
        ("b_2", True),
        ("beta", True),
        ("gamma", True),
        ("theta_1", True),
        ("B1", True),
        ("x", False),
        ("batch", False),
        ("y", False),
        ("target", False),
        ("base", False),
    ],
)
def test_names_that_parameters_have(label: str, expected: bool) -> None:
    assert looks_like_parameter(label) is expected


def test_parameters_and_values_can_be_given() -> None:
    net = network([sp.Eq(E, (w * x + b) ** 2)], parameters=[x], values={"w": 2, b: 1})
    assert {k: v.role for k, v in net.variables.items()} == {"x": "parameter", "w": "input", "b": "input"}
    assert net.choices == () and set(net.values) == {"w", "b"}
    loss, gradients = derive(net).lambdify()(x=3.0)
    assert loss == 49.0 and gradients == {"x": 28.0}


BAD: list[tuple[Any, dict[str, Any], str]] = [
    ([], {}, "at least one equation"),
    ([w * x, sp.Eq(E, w)], {}, r"w\*x is not an equation; use sympy.Eq"),
    ([sp.Eq(w * x, y)], {}, r"the left side of an equation is a symbol, not w\*x"),
    ([sp.Eq(E, y), sp.Eq(y, w)], {}, "in E = y: y is used before its equation; order the equations"),
    ([sp.Eq(E, w), sp.Eq(E, x)], {}, "E is defined twice"),
    ([sp.Eq(E, sp.zeta(w))], {}, r"in E = zeta\(w\): the function zeta is not known"),
    ([sp.Eq(E, w * x)], {"values": {"q": 3}}, "values for q, which no equation reads"),
    ([sp.Eq(E, sp.Piecewise((w, w > 0)))], {}, "the last case of a Piecewise must hold otherwise"),
    (
        [sp.Eq(E, sp.Sum(sp.IndexedBase("x")[sp.Symbol("i", integer=True)], (sp.Symbol("i", integer=True), 2, 4)))],
        {},
        "the shape of x is unknown",
    ),
    ([sp.Eq(sp.Symbol("a b"), w)], {}, "'a b' cannot be a name"),
    ([sp.Eq(E, sp.Symbol("x;y") * w)], {}, "cannot be a name"),
    ([sp.Eq(E, sp.Integral(w, (w, 0, 1)))], {}, "Integral"),
    ([sp.Eq(E, sp.I * w)], {}, "no array operation"),
]


@pytest.mark.parametrize(("equations", "options", "message"), BAD, ids=[m for _, _, m in BAD])
def test_what_cannot_be_read_is_named(equations: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        network(equations, **options)


def test_a_loss_of_many_elements_is_refused() -> None:
    with pytest.raises(SymbackError, match="more than one element"):
        derive(network([sp.Eq(Z, X * W)]))
