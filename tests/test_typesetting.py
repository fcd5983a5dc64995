"""Formulas read back: what is printed for a Form means what the Form means."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symback import forms
from symback.display import Symbol, to_latex
from symback.errors import ShapeError
from symback.forms import Form, Prime, apply, name, number, size, where
from symback.functions import ROWS
from symback.interpreter import evaluate
from symback.typesetting import Typesetter, context_of, subscripted
from tests.latex_reader import Reader

LEFT = Symbol(r"\mathit{left}", "left")


def softmax(z: np.ndarray) -> np.ndarray:
    axis = None if z.ndim < 2 or 1 in z.shape else 1
    e = np.exp(z - z.max())
    return e / e.sum(axis=axis, keepdims=axis is not None)


FUNCTIONS = {
    r"\sigma": lambda z: 1 / (1 + np.exp(-z)),
    r"\mathrm{ReLU}": lambda z: np.where(z > 0, z, 0.0),
    r"\tanh": np.tanh,
    r"\mathrm{softplus}": lambda z: np.log(1 + np.exp(z)),
    r"\mathrm{softmax}": softmax,
    r"\mathrm{LeakyReLU}": lambda z, slope: np.where(z > 0, z, slope * z),
    r"\max": np.maximum,
}
PRIMES = {r"\sigma": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2, r"\tanh": lambda z: 1 - np.tanh(z) ** 2}


def printed(form: Form, rows: bool | None = None) -> tuple[str, str, bool]:
    """Return the LaTeX of a form, the index letters of its entries (none: matrix notation), and rows or columns."""
    context = context_of(form)
    if rows is not None:
        context = context.__class__(context.names, context.notation, context.scalar, rows, context.loss)
    left, piece = Typesetter(context).equation(lambda places: subscripted(LEFT, places), form)
    letters = to_latex(left).removeprefix(to_latex(LEFT)).strip("_{}").replace(",", "")
    return to_latex(piece.whole()), letters, context.rows


def read_back(form: Form, values: dict[str, np.ndarray], rows: bool | None = None, sizes: dict[str, int] | None = None):
    """Return the value of the printed formula, in the shape of the form's value."""
    latex, letters, as_rows = printed(form, rows)
    names = context_of(form).names
    arrays = {
        to_latex(names[key]): (v.reshape(1, -1) if as_rows else v.reshape(-1, 1)) if v.ndim == 1 else v
        for key, v in values.items() if key in names.symbols
    }
    reader = Reader(arrays, FUNCTIONS, PRIMES, sizes, scalar=context_of(form).scalar)
    expected = evaluate(form, values, {size(k): v for k, v in (sizes or {}).items()})
    expected = np.asarray(expected, float)
    if letters:
        long = tuple(s for s in expected.shape if s != 1)
        return reader.entries(letters, long, latex).reshape(expected.shape), expected, latex
    found = np.asarray(reader.value(latex), float)
    if expected.ndim == 2:
        found = np.broadcast_to(found, expected.shape)
    return np.broadcast_to(found.reshape(-1) if found.size > 1 else np.squeeze(found), expected.reshape(-1).shape
                           ).reshape(expected.shape) if expected.ndim < 2 else found, expected, latex


def agree(form: Form, values: dict[str, np.ndarray], rows: bool | None = None, sizes: dict[str, int] | None = None) -> str:
    found, expected, latex = read_back(form, values, rows, sizes)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=f"{form!r} printed as {latex}")
    return latex


# --- random forms -----------------------------------------------------------------------------------------------------

SHAPES = {
    "x": (2, 3), "W1": (3, 4), "b1": (4,), "A": (2, 4), "y_hat": (2, 3), "S": (3, 3), "T": (3, 3), "c": (2, 1),
    "r": (1, 4), "u": (3,), "v": (3,), "alpha": (), "beta": (), "k": (1, 1),
}
SCALARS = {"x": (), "w1": (), "w2": (), "h": (1,), "y_hat": (1, 1), "b": ()}
ENTRYWISE = ["add", "subtract", "multiply", "divide"]


KINDS = (
    *ENTRYWISE, *ENTRYWISE, "negative", "power", "matmul", "matmul", "matmul", "T", "sum", "sum", "mean", "max",
    "sigmoid", "relu", "tanh", "exp", "log", "sqrt", "abs", "where", "softmax", "leaky_relu", "prime", "step",
    "maximum", "expand", "get", "outer",
)


def random_form(rng: Random, shapes: dict[str, tuple[int, ...]]) -> Form:
    """Return a form of a few operations, each one on what was made before."""
    leaves: list[Form] = [name(k, s) for k, s in shapes.items()]
    leaves += [number(2), number(0.5), number(-1), number(Fraction(1, 3)), number(0.025)]
    made: list[Form] = [rng.choice(leaves[: len(shapes)])]
    for _ in range(rng.randint(2, 8)):
        for _ in range(20):
            a = made[-1] if rng.random() < 0.7 else rng.choice(made + leaves)
            b = rng.choice(made + leaves)
            if rng.random() < 0.5:
                a, b = b, a
            try:
                form = _made(rng, rng.choice(KINDS), a, b)
            except ShapeError:
                continue
            if form is not None and form.ndim <= 2 and len(forms.walk(form)) < 30:
                made.append(form)
                break
    return made[-1]


def _made(rng: Random, kind: str, a: Form, b: Form) -> Form | None:
    if kind in ENTRYWISE:
        # A quotient needs a denominator away from zero.
        return apply(kind, a, apply("exp", 0.1 * b) if kind == "divide" and b.args else b)
    if kind == "negative":
        return -a
    if kind == "power":
        return a ** rng.choice([2, 3])
    if kind in ("matmul", "outer"):
        return a @ b if kind == "matmul" and a.ndim and b.ndim else forms.outer(a, b)
    if kind == "T":
        return a.T
    if kind in ("sum", "mean", "max"):
        axis = rng.choice([None, 0, 1])
        if axis is not None and axis >= a.ndim:
            return None
        return forms.reduce_over(kind, a, axis, rng.random() < 0.5)
    if kind == "exp":
        return apply("exp", 0.1 * a)
    if kind in ("log", "sqrt"):
        return apply(kind, a if isinstance(a, forms.Name) else apply("exp", 0.1 * a))
    if kind == "abs":
        return abs(a)
    if kind == "where":
        return where(a > b, a, number(0))
    if kind == "step":
        return (a > 1) * b
    if kind == "prime":
        return apply(Prime(ROWS["sigmoid"], 0), a)
    if kind == "softmax":
        return ROWS["softmax"](a, axis=a.ndim - 1) if a.ndim and 1 not in a.shape else None
    if kind == "maximum":
        return ROWS["maximum"](a, b)
    if kind == "expand":
        return (a[:, None] if rng.random() < 0.5 else a[None, :]) if a.ndim == 1 else None
    if kind == "get":
        return a[rng.randrange(a.shape[0])] if a.ndim and isinstance(a, forms.Name) else None
    return ROWS[kind](a)


def values_of(shapes: dict[str, tuple[int, ...]], seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {k: rng.uniform(0.4, 1.6, s) for k, s in shapes.items()}


@settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(0, 5), st.booleans())
def test_arrays_read_back(rng: Random, seed: int, rows: bool) -> None:
    form = random_form(rng, SHAPES)
    with np.errstate(all="ignore"):
        if not np.isfinite(np.asarray(evaluate(form, values_of(SHAPES, seed)), float)).all():
            return
        agree(form, values_of(SHAPES, seed), rows)


@settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(0, 5))
def test_numbers_read_back(rng: Random, seed: int) -> None:
    form = random_form(rng, SCALARS)
    with np.errstate(all="ignore"):
        if not np.isfinite(np.asarray(evaluate(form, values_of(SCALARS, seed)), float)).all():
            return
        agree(form, values_of(SCALARS, seed))
