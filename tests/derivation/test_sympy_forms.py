"""The way back to SymPy: matrix expressions in the caller's symbols, evaluated explicitly beside the forms they came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.forms import Name, apply, eye, filled, name, reduce_over, reshape, size, walk
from symback.derivation.terms import weight
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from symback.networks.network import Network
from tests.support.random_forms import SIZES, Growth

LENGTHS = {"n": 4, "m": 3, "k": 2}
n, m, k = sp.symbols("n m k", integer=True, positive=True)


def explicit(expression: Any, values: dict[str, Any], lengths: dict[str, int] = LENGTHS) -> Any:
    """Return the value of an expression of SymPy, its matrices put in one by one."""
    expression = sp.sympify(expression)
    found = expression.subs({s: lengths[s.name] for s in expression.free_symbols if str(s) in lengths})
    matrices = {s: sp.Matrix(np.atleast_2d(np.asarray(values[s.name]).T).T) for s in found.atoms(sp.MatrixSymbol)}
    numbers = {
        s: float(values[s.name]) for s in found.atoms(sp.Symbol) if s.name in values and np.ndim(values[s.name]) == 0
    }
    matrices |= {ones: ones.as_explicit() for ones in found.atoms(sp.OneMatrix)}
    found = found.subs(numbers).subs(matrices).doit()
    found = found.replace(sp.Trace, lambda operand: sp.Matrix(operand.as_explicit()).trace())
    found = found.replace(sp.Determinant, lambda operand: sp.Matrix(operand.as_explicit()).det())
    if getattr(found, "is_Matrix", False):
        return np.array(sp.Matrix(found.as_explicit()).evalf().tolist(), dtype=float)
    return float(found)


def drawn(shapes: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
    generator = np.random.default_rng(len(shapes))
    return {
        label: generator.uniform(0.2, 0.9, tuple(LENGTHS.get(str(s), s) for s in shape))
        for label, shape in shapes.items()
    }


SHAPES: dict[str, tuple[Any, ...]] = {
    "A": ("n", "m"),
    "B": ("n", "m"),
    "S": ("n", "n"),
    "C": ("m", "k"),
    "u": ("n",),
    "v": ("m",),
    "column": ("n", 1),
    "c": (),
    "d": (),
    "one": (1, 1),
    "square": (4, 4),
}
A, B, S, C, u, v, column, c, d, one, square = (
    name(label, tuple(s if isinstance(s, int) else size(s) for s in shape)) for label, shape in SHAPES.items()
)

FORMS: dict[str, Any] = {
    "a product": A @ C,
    "a product with a vector": A @ v,
    "a vector times a matrix": u @ A,
    "an inner product": (A @ v) @ u * c,
    "an outer product": sb.outer(u, v) / c,
    "a transpose": (A.T - B.T) * 2,
    "numbers added": A + c,
    "a row added": A + v,
    "a column added": A - column,
    "columns multiplied": column * A * B,
    "a quotient": A / column,
    "a quotient of numbers": c / d + c**d,
    "a number divided": 1 / (A * A),
    "a root": apply("sqrt", A) * B,
    "powers": A**2 - B**3,
    "an exponential": apply("exp", A @ C) * c,
    "tanh": ROWS["tanh"](A @ v - c),
    "the derivative of tanh": ROWS["softplus"](A @ v),
    "a maximum with 0": ROWS["relu"](A - 0.5),
    "two arrays in a function": ROWS["maximum"](A, B),
    "a sum of all": reduce_over("sum", A),
    "a sum of products": reduce_over("sum", A * B) + reduce_over("mean", A**2),
    "a sum of rows": reduce_over("sum", A, (0,)),
    "a sum of columns": reduce_over("mean", A, (1,), True) * A,
    "an identity matrix": S @ eye(size("n")) - eye(size("n")),
    "ones": A - filled(1, A.shape),
    "zeros": filled(0, A.shape) + A,
    "softmax": ROWS["softmax"](A, axis=1),
    "a part": A[0] * v,
    "an axis more": u[:, None] * A + v[None, :],
    "a choice": sb.where(A > B, A, 0 * B),
    "entries in another order": reshape(square, (2, 8))[:, 1] * one[0],
    "an inverse": sb.inv(S + eye(size("n"))) @ A,
    "a solution": sb.solve(S + eye(size("n")), A),
    "a determinant": sb.det(S) * sb.inv(S.T),
    "logarithms of determinants": sb.logdet(S @ S.T + eye(size("n"))) + sb.slogdet(S)[1] * sb.slogdet(S)[0],
    "an entry of an inverse": sb.inv(S)[0] * u,
    "a function of one entry": A * ROWS["relu"](one - 0.5),
}


@pytest.mark.parametrize("case", FORMS, ids=str)
def test_a_form_and_its_expression_have_one_value(case: str) -> None:
    form = FORMS[case]
    values = drawn(SHAPES)
    have = explicit(form.to_sympy(), values)
    want = np.asarray(evaluate(form, values, {size(s): length for s, length in LENGTHS.items()}))
    np.testing.assert_allclose(have, want.reshape(np.shape(have)), rtol=1e-9)
    assert want.ndim < 2 or np.shape(have) == want.shape


@pytest.mark.parametrize("part", range(4))
def test_random_forms_and_their_expressions_have_one_value(part: int) -> None:
    seen = 0
    for seed in range(part, 480, 4):
        growth = Growth(seed, smooth=True)
        growth.STEPS = tuple(step for step in Growth.STEPS if step not in ("one_hot", "choice"))
        form, want = growth.grow(2 + seed % 4)
        leaves = [n for n in walk(form) if isinstance(n, Name)]
        if max(n.ndim for n in (form, *leaves)) > 2 or np.size(want) > 30 or weight(form) > 25:
            continue
        have = explicit(form.to_sympy(), growth.environment, {str(s): length for s, length in SIZES.items()})
        np.testing.assert_allclose(have, np.reshape(want, np.shape(have)), rtol=1e-7, atol=1e-9, err_msg=str(seed))
        seen += 1
    assert seen > 60


def matrix_factorization() -> tuple[Any, list[Any], str]:
    Y, U, V = sp.MatrixSymbol("Y", n, m), sp.MatrixSymbol("U", n, k), sp.MatrixSymbol("V", k, m)
    lam = sp.Symbol("lambda")
    R = Y - U * V
    return sp.Trace(R.T * R) / 2 + lam * sp.Trace(U.T * U) / 2, [U, V], "lambda*U + (U*V - Y)*V.T"


def tied() -> tuple[Any, list[Any], str]:
    W, x = sp.MatrixSymbol("W", m, n), sp.MatrixSymbol("x", n, 1)
    r = W.T * W * x - x
    return sp.Trace(r.T * r) / 2, [W], "W*((-x + W.T*W*x)*x.T + x*(-x.T + x.T*W.T*W))"


def ridge_determinant() -> tuple[Any, list[Any], str]:
    X = sp.MatrixSymbol("X", m, n)
    loss = sp.log(sp.Determinant(X.T * X + sp.Symbol("lambda") * sp.Identity(n)))
    return loss, [X], "2*X*(lambda*I + X.T*X)**(-1)"


def own_determinant() -> tuple[Any, list[Any], str]:
    A = sp.MatrixSymbol("A", n, n)
    return sp.Determinant(A), [A], "Determinant(A)*A.T**(-1)"


GIVEN = {
    "an inverse": ridge_determinant,
    "a loss without a name": own_determinant,
    "matrix factorization": matrix_factorization,
    "a tied autoencoder": tied,
}


@pytest.mark.parametrize("case", GIVEN, ids=str)
def test_gradients_come_back_in_the_symbols_that_were_given(case: str) -> None:
    loss, variables, expected = GIVEN[case]()
    derived = sb.derive(loss, wrt=variables)
    generator = np.random.default_rng(1)
    symbols = sorted(loss.atoms(sp.MatrixSymbol), key=str)
    values: dict[str, Any] = {
        s.name: generator.uniform(-1, 1, [LENGTHS[str(x)] if x != 1 else 1 for x in s.shape]) for s in symbols
    }
    values |= {"lambda": 0.3} if loss.has(sp.Symbol("lambda")) else {}
    first = derived.gradient(variables[0]).to_sympy()
    assert str(first) == expected
    for variable in variables:
        found = derived.gradient(variable).to_sympy()
        assert found.shape == variable.shape and found.free_symbols <= loss.free_symbols
        have = explicit(found, values)
        want = np.zeros_like(have)
        for place in np.ndindex(*want.shape):
            step = np.zeros_like(want)
            step[place] = 1e-6
            ends = [explicit(loss, {**values, variable.name: values[variable.name] + s * step}) for s in (1, -1)]
            want[place] = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(have, want, rtol=1e-6, atol=1e-7)


def test_scalar_networks_come_back_as_expressions() -> None:
    x, t, w, b, h, E = sp.symbols("x t w b h E")
    derived = sb.derive([sp.Eq(h, sp.tanh(w * x + b)), sp.Eq(E, (h - t) ** 2 / 2)], wrt=[w, b])
    found = derived.gradient(w).to_sympy()
    assert found.free_symbols == {h, t, x}
    assert sp.simplify(found.subs(h, sp.tanh(w * x + b)) - ((sp.tanh(w * x + b) - t) ** 2 / 2).diff(w)) == 0
    nested = sb.derive((sp.tanh(sp.tanh(w * x) * b) - t) ** 2, wrt=[w])
    own = nested.gradient(w).to_sympy()
    assert own.free_symbols == {w, x, b, t} and own.has(sp.tanh) and not own.has(sp.exp)
    assert sp.simplify(own - ((sp.tanh(sp.tanh(w * x) * b) - t) ** 2).diff(w)) == 0
    assert nested.gradient(w).element == own and sp.sympify(nested.gradient(w)) == own


def test_undefined_functions_come_back_as_the_callers_own() -> None:
    x, w, t = sp.symbols("x w t")
    f = sp.Function("f")
    found = sb.derive((f(w * x) - t) ** 2, wrt=[w]).gradient(w).to_sympy()
    assert sp.simplify(found.subs(f, sp.sin).doit() - ((sp.sin(w * x) - t) ** 2).diff(w)) == 0


def test_the_gradient_of_an_unknown_function_of_arrays_is_refused() -> None:
    W = sp.MatrixSymbol("W", n, m)
    g = sb.derive(sp.Function("f")(2 * W), wrt=[W]).gradient(W)
    with pytest.raises(sb.DerivationError, match=r"the unknown function f, gradient_of_f\(2 \* W\), has no expression"):
        g.to_sympy()


def test_indexed_symbols_come_back_indexed() -> None:
    i = sp.Symbol("i", integer=True)
    x, y, w = sp.IndexedBase("x"), sp.IndexedBase("y"), sp.Symbol("w")
    derived = sb.derive(sp.Sum((w * x[i] - y[i]) ** 2, (i, 0, n - 1)), wrt=[w, "x"])
    by_x = derived.gradient("x").to_sympy()
    j = next(iter(by_x.free_symbols - {w, x, y, *x.free_symbols, *y.free_symbols} & by_x.atoms(sp.Symbol)))
    assert sp.expand(by_x - 2 * w * (w * x[j] - y[j])) == 0
    assert derived.gradient(w).to_sympy().has(sp.Sum)


def test_an_index_is_no_name_that_stands_for_something_else() -> None:
    i, p, q = sp.symbols("i p q", integer=True, positive=True)
    X, Y = sp.MatrixSymbol("X", i, p), sp.MatrixSymbol("Y", p, q)
    found = sb.derive(sp.Trace((X * Y).T * (X * Y)), wrt=[X]).gradient(X).element
    bound = [limit[0] for total in found.atoms(sp.Sum) for limit in total.limits]
    assert bound and not {str(s) for s in bound} & {"i", "p", "q"}


def test_more_than_two_axes_come_back_as_an_entry() -> None:
    net = Network()
    T, x = net.parameter("T", (2, 3, 4)), net.input("x", (4,))
    net.define("L", sb.sum((T @ x) ** 2))
    found = sb.derive(net).gradient("T").to_sympy()
    assert not getattr(found, "is_Matrix", False) and {str(s) for s in found.free_symbols} >= {"i", "j", "k"}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (reduce_over("max", A, (1,)), r"the maximum over an axis, A\.max\(axis=1\), has no expression in SymPy"),
        (
            sb.cholesky(S) @ A,
            r"the Cholesky factor, np\.linalg\.cholesky\(symmetric\(S\)\), has no expression in SymPy",
        ),
        (reduce_over("min", A) * c, r"the minimum over an axis, A\.min\(\), has no expression in SymPy"),
    ],
    ids=str,
)
def test_what_cannot_go_back_is_refused_by_name(form: Any, said: str) -> None:
    with pytest.raises(sb.DerivationError, match=said):
        form.to_sympy()


def residual_layers(depth: int) -> Any:
    x, t = sp.symbols("x t")
    weights = sp.symbols(f"w1:{depth + 1}")
    for w in weights:
        x += sp.tanh(w * x)
    return sb.derive((x - t) ** 2, wrt=list(weights)).gradient("w1")


def test_what_is_too_long_in_the_given_names_is_refused() -> None:
    assert {str(s) for s in residual_layers(4).element.free_symbols} == {"x", "t", "w1", "w2", "w3", "w4"}
    long = residual_layers(8)
    for asked in (lambda: long.element, long.to_sympy):
        with pytest.raises(
            sb.DerivationError, match=r"has [\d,]+ operations, too many for one expression; .* a1, a2, a3 … stand"
        ):
            asked()
    assert long.latex()


def test_sympy_prints_a_form_as_it_prints_itself() -> None:
    W = sp.MatrixSymbol("W", n, m)
    derived = sb.derive(sp.Trace(W.T * W), wrt=[W])
    assert sp.latex(derived.gradient(W)) == derived.gradient(W).latex() == "2 W"
    assert sp.latex([A @ C]) == r"\left[ A C\right]"


def layouts() -> dict[str, Callable[[], tuple[sb.Derivation, str, str]]]:
    def columns() -> tuple[sb.Derivation, str, str]:
        net = Network()
        X, y, w = net.input("X", ("n", 3)), net.input("y", ("n",)), net.parameter("w", (3,))
        net.define("L", sb.sum((X @ w - y) ** 2))
        return sb.derive(net), "w", r"2 X^\top(z_1 - y)"

    def rows() -> tuple[sb.Derivation, str, str]:
        net = Network()
        x, t, W = net.input("x", (3,)), net.input("t", (2,)), net.parameter("W", (3, 2))
        net.define("L", sb.sum((x @ W - t) ** 2))
        return sb.derive(net), "W", r"2 x^\top(z_1 - t)"

    return {"columns": columns, "rows": rows}


@pytest.mark.parametrize("layout", layouts(), ids=str)
def test_a_form_prints_in_the_layout_of_its_network(layout: str) -> None:
    derived, label, expected = layouts()[layout]()
    assert derived.gradient(label).latex() == expected
    assert derived.gradient(label, closed=True).latex() != expected
    assert derived.gradient(label) is derived.gradient(label)


def test_two_networks_may_derive_one_form_in_two_layouts() -> None:
    def network(row: bool) -> sb.Derivation:
        net = Network()
        r, X = net.parameter("r", (3,)), net.input("X", (3, 4))
        net.define("L", sb.sum(r @ X) if row else sb.sum(X.T @ r))
        net.define("M", sb.sum(net["L"] * (net.input("s", (4,)) * (r @ X if row else X.T @ r))))
        return sb.derive(net, loss="M", wrt=["s"])

    first, second = network(True).gradient("s"), network(False).gradient("s")
    assert first.latex() != "" and second.latex() != ""


def test_a_derived_form_is_what_it_is_without_its_origin() -> None:
    net = Network()
    x, w = net.input("x", ("n",)), net.parameter("w", ("n",))
    net.define("L", sb.sum(x * w))
    g = sb.derive(net).gradient("w")
    assert str(g) == "x" and g.shape == (size("n"),) and g is not x
    more = Network()
    y, s = more.input("x", ("n",)), more.parameter("s")
    more.define("L", sb.sum(s * g))
    assert sb.derive(more).gradient("s").latex() == r"\sum_i x_i" and y is x
