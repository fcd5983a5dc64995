"""Matrices, index notation and names as SymPy users write them: value and gradients are those of SymPy's own terms, written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import NetworkError
from symback.networks.symbol_names import identifier
from tests.support.sympy_values import number, slopes

n, d, k, m = sp.symbols("n d k m", integer=True, positive=True)
i, j, p = sp.symbols("i j p", integer=True)
E, b, lam, w, w1, w2 = sp.symbols("E b lambda w w1 w2")
x, y, A, W = map(sp.IndexedBase, "xyAW")
SIZES = {"n": 4, "d": 3, "k": 2, "m": 3}


def matrix(label: str, *shape: Any) -> Any:
    return sp.MatrixSymbol(label, *shape)


X, v, t = matrix("X", n, d), matrix("v", n, 1), matrix("t", d, 1)
U, V, Q, S = matrix("U", n, k), matrix("V", k, m), matrix("Q", n, m), matrix("S", n, n)
B, M, c, r = matrix("B", 3, 3), matrix("M", 3, 3), matrix("c", 3, 1), matrix("r", 1, k)
W1, W2, Y = matrix("W1", d, k), matrix("W2", k, m), matrix("Y", n, m)


def agrees(e: Any, shapes: dict[str, Any], origins: dict[str, int], given: Any = None) -> None:
    """Compare loss and gradients with SymPy's terms written out, and with differences of them."""
    generator = np.random.default_rng(0)
    values: dict[str, Any] = {}
    for label, shape in shapes.items():
        lengths = tuple(SIZES.get(str(s), s) for s in shape)
        values[label] = generator.standard_normal(lengths)
    net = sb.network([(E, e)], shapes=given)
    derived = sb.derive(net, wrt=list(shapes))
    found = derived.evaluate(values)
    everything = {**values, **SIZES}
    assert found.loss == pytest.approx(number(e, everything, origins), rel=1e-9)
    for label in shapes:
        want = slopes(e, everything, label, origins, 1e-5)
        np.testing.assert_allclose(derived_of(found, net, label), want, rtol=1e-4, atol=1e-6)


def derived_of(found: Any, net: Any, label: str) -> Any:
    return found.gradients[net.aliases.get(label, label)]


# --- index notation -----------------------------------------------------------------------------------------------------

ONE, ROW, SQUARE = {"x": 1, "y": 1}, {"x": ("n",), "y": ("n",)}, {"A": ("n", "n")}
SUMS: dict[str, tuple[Any, dict[str, Any], dict[str, int]]] = {
    "from 1 to n": (sp.Sum((w * x[i] + b - y[i]) ** 2, (i, 1, n)) / n, {**ROW, "w": (), "b": ()}, ONE),
    "from 0 to n − 1": (sp.Sum((w * x[i] + b - y[i]) ** 2, (i, 0, n - 1)) / n, {**ROW, "w": (), "b": ()}, {}),
    "two letters": (
        sp.Sum(W[i, j] * x[j] * y[i], (i, 1, n), (j, 1, d)),
        {"W": ("n", "d"), "x": ("d",), "y": ("n",)},
        {"W": 1, **ONE},
    ),
    "j above i": (sp.Sum((x[i] - x[j]) ** 2, (j, i + 1, n), (i, 1, n)), {"x": ("n",)}, ONE),
    "j above i, a sum in a sum": (sp.Sum(sp.Sum((x[i] - x[j]) ** 2, (j, i + 1, n)), (i, 1, n)), {"x": ("n",)}, ONE),
    "j above i, from 0": (sp.Sum((x[i] - x[j]) ** 2, (j, i + 1, n - 1), (i, 0, n - 2)), {"x": ("n",)}, {}),
    "j up to i": (sp.Sum(A[i, j] * x[j] ** 2, (j, 1, i), (i, 1, n)), {**SQUARE, "x": ("n",)}, {"A": 1, **ONE}),
    "a function of entries": (sp.Sum(sp.Max(0, x[i]) * sp.tanh(y[i]), (i, 1, n)), ROW, ONE),
    "cases": (sp.Sum(sp.Piecewise((x[i], x[i] > 0), (y[i] ** 2, True)), (i, 1, n)), ROW, ONE),
    "Kronecker's delta": (sp.Sum(sp.KroneckerDelta(i, j) * A[i, j] ** 2, (i, 1, n), (j, 1, n)), SQUARE, {"A": 1}),
    "a diagonal": (sp.Sum(A[i, i] ** 2, (i, 1, n)), SQUARE, {"A": 1}),
    "a trace of three": (
        sp.Sum(A[i, j] * A[j, p] * A[p, i], (i, 1, n), (j, 1, n), (p, 1, n)),
        SQUARE,
        {"A": 1},
    ),
    "softmax by hand": (
        sp.Sum(sp.exp(x[i]) / sp.Sum(sp.exp(x[j]), (j, 1, n)) * y[i], (i, 1, n)),
        ROW,
        ONE,
    ),
    "a quotient of sums": (sp.Sum(x[i], (i, 1, n)) ** 2 / sp.Sum(x[i] ** 2, (i, 1, n)), {"x": ("n",)}, ONE),
    "entries of a matrix": (sp.Sum((Q[i, j] - 1) ** 2, (i, 0, n - 1), (j, 0, m - 1)), {"Q": ("n", "m")}, {}),
    "entries of a matrix from 1": (sp.Sum((Q[i, j] - 1) ** 2, (i, 1, n), (j, 1, m)), {"Q": ("n", "m")}, {"Q": 1}),
    "the entry of a product": (
        ((X * t - v).T * (X * t - v))[0, 0] / n,
        {"X": ("n", "d"), "t": ("d", 1), "v": ("n", 1)},
        {},
    ),
    "a letter as a number": (sp.Sum(i * x[i] ** 2 + i, (i, 1, n)), {"x": ("n",)}, ONE),
    "a letter as a number from 0": (sp.Sum(b * x[i] + i, (i, 0, n - 1)), {"x": ("n",), "b": ()}, {}),
    "a function of a letter": (sp.Sum(sp.exp(-b * i) * x[i] ** 2 / (i + 1), (i, 1, n)), {"x": ("n",), "b": ()}, ONE),
    "a letter as a power": (sp.Sum(sp.Rational(1, 2) ** i * x[i] ** 2, (i, 1, n)), {"x": ("n",)}, ONE),
    "a letter below a size": (sp.Sum((n - i) * x[i] ** 2, (i, 1, n)), {"x": ("n",)}, ONE),
    "the distance of letters": (
        sp.Sum((i - j) ** 2 * A[i, j] ** 2 + sp.Max(i - j, 0) * A[i, j], (i, 1, n), (j, 1, n)),
        SQUARE,
        {"A": 1},
    ),
    "a letter in the limits and as a number": (
        sp.Sum((j - i) * x[i] * x[j], (j, i + 1, n), (i, 1, n)),
        {"x": ("n",)},
        ONE,
    ),
    "a letter without an entry": (sp.Sum(i, (i, 1, 4)) * b**2, {"b": ()}, {}),
    "matrices and bases": (
        sp.Sum(sp.log(1 + sp.exp(-y[i] * sp.Sum(X[i, j] * t[j, 0], (j, 0, d - 1)))), (i, 0, n - 1)),
        {"X": ("n", "d"), "t": ("d", 1), "y": ("n",)},
        {},
    ),
}


@pytest.mark.parametrize("kind", SUMS)
def test_sums_are_read_as_they_are_written(kind: str) -> None:
    e, shapes, origins = SUMS[kind]
    agrees(e, shapes, origins)


@pytest.mark.parametrize(
    ("e", "shape", "origin"),
    [
        (sp.Sum(x[i] ** 2, (i, 1, 5)), 5, 1),
        (sp.Sum(x[i] ** 2, (i, 2, 5)), 5, 1),
        (sp.Sum(x[i] ** 2, (i, 1, 3)), 5, 0),
        (sp.Sum((x[i + 1] - x[i]) ** 2, (i, 0, 3)), 5, 0),
        (sp.Sum((x[i + 1] - x[i]) ** 2, (i, 1, 4)), 5, 1),
        (x[0] ** 2 + x[1] * x[2], 3, 0),
    ],
    ids=str,
)
def test_sums_over_numbers_of_entries(e: Any, shape: int, origin: int) -> None:
    agrees(e, {"x": (shape,)}, {"x": origin}, given={"x": (shape,)})


REFUSED = {
    "no shape": (sp.Sum(x[i], (i, 2, n)), "the shape of x is unknown"),
    "nothing": (sp.Sum(x[i] + x[0], (i, 3, 2)), "over nothing"),
    "outside": (sp.Sum(M[i, i + 1], (i, 0, 2)), "outside its axis"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_has_no_array_formula_is_refused_with_its_reason(kind: str) -> None:
    e, message = REFUSED[kind]
    with pytest.raises(NetworkError, match=message):
        sb.network([(E, e)])


# --- matrices -----------------------------------------------------------------------------------------------------------

NET = (X * W1).applyfunc(sp.tanh) * W2 - Y
MATRICES = {
    "least squares": ((X * t - v).T * (X * t - v), "X t v"),
    "a trace of squares": (sp.Trace((Q - U * V).T * (Q - U * V)) / 2 + lam * sp.Trace(U.T * U) / 2, "Q U V lambda"),
    "a network in a trace": (sp.Trace(NET.T * NET) / 2, "X W1 W2 Y"),
    "an affine layer": (sp.Trace((X * W1 + sp.OneMatrix(n, 1) * r).applyfunc(sp.tanh) * (X * W1).T), "X W1 r"),
    "a quadratic form": ((c.T * B * c)[0, 0], "c B"),
    "trace": (sp.Trace(M), "M"),
    "trace of a power": (sp.Trace(M**3 * B), "M B"),
    "identity": (sp.Trace((M + sp.Identity(3)) * M), "M"),
    "an explicit identity": (sp.Trace((M + sp.eye(3)) * M), "M"),
    "sums of traces": (sp.Trace(2 * M * B - 3 * M.T), "M B"),
    "functions of traces": (sp.tanh(sp.Trace(M * B)) + sp.Trace(M) ** 2, "M B"),
    "a diagonal matrix": (v.T * sp.DiagMatrix(v) * v, "v"),
    "rows scaled": (sp.Trace(sp.DiagMatrix(v) * S * sp.DiagMatrix(v)), "v S"),
    "the diagonal alone": (sp.Trace(sp.DiagonalMatrix(M) * B), "M B"),
    "a diagonal as a vector": (c.T * sp.DiagonalOf(M), "c M"),
    "Kronecker": (sp.Trace(sp.KroneckerProduct(M, B) * sp.KroneckerProduct(B, M)), "M B"),
    "the trace of Kronecker": (sp.Trace(sp.KroneckerProduct(S, B)), "S B"),
    "blocks": (sp.Trace(sp.BlockMatrix([[M, B], [B, M]]) ** 2), "M B"),
    "parts": (sp.Trace((M[0:2, :] * B) * M[:, 1:3]), "M B"),
    "Hadamard": (sp.Trace(sp.HadamardProduct(M, B) * M.T) + sp.Trace(sp.HadamardPower(M, 3) * B), "M B"),
    "ones": (sp.Trace(sp.OneMatrix(3, 3) * M * M), "M"),
    "an explicit matrix": (c.T * sp.Matrix([[1, 2, 3], [4, 5, 6], [7, 8, 10]]) * c, "c"),
    "an explicit matrix of symbols": (sp.Trace(sp.Matrix([[w1, w2, 0], [w2, 1, w1], [1, 2, 3]]) * M), "w1 w2 M"),
    "entries": (M[0, 0] * M[1, 2] + sp.Trace(B), "M B"),
}
SHAPES = {s.name: tuple(map(str, s.shape)) for s in (X, v, t, U, V, Q, S, B, M, c, r, W1, W2, Y)}


@pytest.mark.parametrize("kind", MATRICES)
def test_matrix_expressions_are_read_as_sympy_means_them(kind: str) -> None:
    e, labels = MATRICES[kind]
    shapes = {label: tuple(int(s) if s.isdigit() else s for s in SHAPES.get(label, ())) for label in labels.split()}
    agrees(e, shapes, {})


def test_what_is_equal_up_to_a_transpose_is_one_equation() -> None:
    net = sb.network([(E, (X * t - v).T * (X * t - v))])
    assert str(net) == "Network(E = (X @ t - v).T @ (X @ t - v))"
    net = sb.network([(E, sp.Trace((Q - U * V).T * (Q - U * V)))])
    assert str(net) == "Network(E = np.sqrt(((Q - U @ V)**2).sum())**2)"
    derived = sb.derive(sb.network([(E, sp.Trace(NET.T * NET) / 2)]), wrt=["W1", "W2"])
    assert derived.code().count("np.tanh(") == 1


def test_matrices_that_are_written_out_are_equations_of_their_entries() -> None:
    z1, z2 = sp.symbols("z1 z2")
    net = sb.network([sp.Eq(sp.Matrix([z1, z2]), sp.Matrix([w1 * 2, w1 * w2])), (E, z1 * z2)])
    assert [e.name for e in net.equations] == ["z1", "z2", "E"]
    with pytest.raises(NetworkError, match="not matrices of one shape"):
        sb.network([sp.Eq(sp.Matrix([z1, z2]), sp.Matrix([w1 * 2, w1 * w2]), evaluate=False), (sp.Matrix([z1]), c)])


def test_powers_that_are_no_products_are_refused() -> None:
    with pytest.raises(NetworkError, match=r"the matrix power .* cannot be read"):
        sb.network([(E, sp.Trace(sp.MatPow(M, n)))])


# --- functions on columns -----------------------------------------------------------------------------------------------


def test_a_function_of_vectors_works_along_a_column() -> None:
    z, y_ = matrix("z", 3, 1), matrix("y", 3, 1)
    net = sb.network([(E, y_.T * sb.softmax(z))])
    assert str(net) == "Network(E = y.T @ softmax(z, axis=0))"
    values = {"z": np.array([[0.5], [-1.0], [2.0]]), "y": np.array([[1.0], [2.0], [0.5]])}
    found = sb.derive(net, wrt=[z, y_]).evaluate(values)
    s = np.exp(values["z"]) / np.exp(values["z"]).sum()
    assert found.loss == pytest.approx(float((values["y"] * s).sum()))
    np.testing.assert_allclose(found.gradients["z"], s * (values["y"] - (values["y"] * s).sum()))
    assert sb.network([(E, (y_.T * sb.softmax(z))[0, 0])]).equations[0].shape == ()


def test_a_function_along_an_axis_of_one_entry_is_refused() -> None:
    with pytest.raises(NetworkError, match=r"softmax runs along axis 1 of an array of shape .3, 1., over one entry"):
        sb.network([(E, c.T * sb.softmax(c, axis=1))])
    with pytest.raises(NetworkError, match="over one entry"):
        sb.network([(E, sp.Trace(sb.softmax(matrix("q", 1, 1))))])


# --- names, and what may be given --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (r"\hat{y}", "y_hat"),
        (r"\hat y", "y_hat"),
        ("W^{[1]}", "W_1"),
        (r"\theta_1", "theta_1"),
        ("z^1", "z_1"),
        (r"\mathbf{x}_{i}", "x_i"),
        (r"\bar{\mu}", "mu_bar"),
        (r"W^{(1)}_{ij}", "W_1_ij"),
        ("가중치", "가중치"),
    ],
)
def test_names_in_latex_get_names_that_code_can_have(name: str, label: str) -> None:
    assert identifier(name) == label


def test_symbols_keep_their_latex_and_are_taken_wherever_a_name_is() -> None:
    y_hat, weight = sp.Symbol(r"\hat{y}"), sp.Symbol("W^{[1]}")
    net = sb.network([(E, (y_hat * weight - lam) ** 2)], values={y_hat: 2, "lambda": 1})
    derived = sb.derive(net, wrt=[weight])
    assert r"W^{[1]}" in derived.latex() and r"\hat{y}" in derived.latex() and "lambda_" not in derived.latex()
    assert derived.evaluate({weight: 3.0}).gradients == {"W_1": 20.0}
    assert derived.evaluate({"W^{[1]}": 3.0}).gradients == {"W_1": 20.0}
    assert derived.lambdify(args=[y_hat, weight, lam])(2.0, 3.0, 1.0) == (25.0, 20.0)
    assert str(derived.gradient(weight)) == str(derived.gradient("W^{[1]}"))
    two = sb.network([(E, sp.Symbol("z^1") * sp.Symbol("z^{1}"))])
    assert sorted(two.variables) == ["z_1", "z_1_2"]


def test_an_expression_or_an_equation_alone_is_a_network() -> None:
    assert str(sb.network(sp.Eq(E, w * b))) == "Network(E = b * w)" or str(sb.network(sp.Eq(E, w * b)))
    derived = sb.derive((w * 2 + b - 1) ** 2, [w])
    assert derived.loss == "L" and derived.evaluate({"w": 1.0, b: 0.5}).gradients == {"w": 6.0}
    assert sb.derive([sp.Eq(E, w**2), E * sp.Symbol("L")], [w]).loss == "J"
    assert sb.derive(c.T * c, [c]).gradient(c).shape == (3, 1)
    with pytest.raises(NetworkError, match="is not an equation"):
        sb.network([w * b, sp.Eq(E, w)])
