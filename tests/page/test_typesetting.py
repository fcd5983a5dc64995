"""Formulas read back: what is printed for a Form means what the Form means."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from symback.core import forms
from symback.core.display import Symbol, to_latex
from symback.core.errors import PrintError, ShapeError
from symback.core.forms import Form, Prime, Span, adjoint, apply, name, number, outer, size, size_of, undefined, where
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from symback.page.context import context_of
from symback.page.form_view import text_of
from symback.page.pieces import readable
from symback.page.places import subscripted
from symback.page.typesetting import Typesetter
from tests.support.campaigns import tried
from tests.support.latex_reader import FUNCTIONS, PRIMES, ReadBackError, Reader

LEFT = Symbol(r"\mathit{left}", "left")


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
        for key, v in values.items()
        if key in names.symbols
    }
    arrays.setdefault(r"\pi", np.asarray(math.pi))
    reader = Reader(arrays, FUNCTIONS, PRIMES, sizes, scalar=context_of(form).scalar)
    expected = evaluate(form, values, {size(k): v for k, v in (sizes or {}).items()})
    expected = np.asarray(expected, float)
    if letters:
        long = tuple(s for s in expected.shape if s != 1)
        return reader.entries(letters, long, latex).reshape(expected.shape), expected, latex
    found = np.asarray(reader.value(latex), float)
    if expected.ndim == 2:
        found = np.broadcast_to(found, expected.shape)
    return (
        np.broadcast_to(found.reshape(-1) if found.size > 1 else np.squeeze(found), expected.reshape(-1).shape).reshape(
            expected.shape
        )
        if expected.ndim < 2
        else found,
        expected,
        latex,
    )


def agree(
    form: Form, values: dict[str, np.ndarray], rows: bool | None = None, sizes: dict[str, int] | None = None
) -> str:
    found, expected, latex = read_back(form, values, rows, sizes)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=f"{form!r} printed as {latex}")
    return latex


# --- random forms -----------------------------------------------------------------------------------------------------

SHAPES = {
    "x": (2, 3),
    "W1": (3, 4),
    "b1": (4,),
    "A": (2, 4),
    "y_hat": (2, 3),
    "S": (3, 3),
    "T": (3, 3),
    "c": (2, 1),
    "r": (1, 4),
    "u": (3,),
    "v": (3,),
    "alpha": (),
    "beta": (),
    "k": (1, 1),
}
SCALARS = {"x": (), "w1": (), "w2": (), "h": (1,), "y_hat": (1, 1), "b": ()}
ENTRYWISE = ["add", "subtract", "multiply", "divide"]


KINDS = (
    *ENTRYWISE,
    *ENTRYWISE,
    "negative",
    "power",
    "matmul",
    "matmul",
    "matmul",
    "T",
    "sum",
    "sum",
    "mean",
    "max",
    "sigmoid",
    "relu",
    "tanh",
    "exp",
    "log",
    "sqrt",
    "abs",
    "where",
    "softmax",
    "leaky_relu",
    "prime",
    "step",
    "maximum",
    "expand",
    "get",
    "outer",
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


@tried(300, 20_000, st.randoms(use_true_random=False), st.integers(0, 5), st.booleans())
def test_arrays_read_back(rng: Random, seed: int, rows: bool) -> None:
    form = random_form(rng, SHAPES)
    with np.errstate(all="ignore"):
        assume(np.isfinite(np.asarray(evaluate(form, values_of(SHAPES, seed)), float)).all())
        agree(form, values_of(SHAPES, seed), rows)


@tried(300, 20_000, st.randoms(use_true_random=False), st.integers(0, 5))
def test_numbers_read_back(rng: Random, seed: int) -> None:
    form = random_form(rng, SCALARS)
    with np.errstate(all="ignore"):
        assume(np.isfinite(np.asarray(evaluate(form, values_of(SCALARS, seed)), float)).all())
        agree(form, values_of(SCALARS, seed))


# --- places and slices ------------------------------------------------------------------------------------------------

A = name("A", (4, 5))
V = name("v", (6,))


@pytest.mark.parametrize(
    "form",
    [
        A[1],
        A[:, 2],
        A[1, 2],
        A[1:3],
        A[:, 1:4] * 2,
        V[1:5],
        V[::2],
        V[5:1:-2],
        A[1:3, 2:4] @ A[1:3, 2:4].T,
        (A[1:3] * A[0:2]).sum(),
        V[1:4].sum(),
        (A[:, 0] * A[:, 1]).sum(),
        A[2:3],
        A[:, 1:2] * A,
    ],
)
def test_slices_read_back(form: Form) -> None:
    agree(form, {"A": np.random.default_rng(0).normal(size=(4, 5)), "v": np.arange(6.0) ** 2})


PUT_CASES = [
    forms.put(name("g"), (2,), (5,)),
    forms.put(name("g", (5,)), (1, None), (4, 5)),
    forms.put(name("g", (4,)), (None, 0), (4, 5)),
    forms.put(name("g"), (1, 3), (4, 5)),
]


@pytest.mark.parametrize(
    ("form", "latex"),
    list(
        zip(
            PUT_CASES,
            [
                r"g \mathbf{e}_3",
                r"\mathbf{e}_2 g^\top",
                r"g \mathbf{e}_1^\top",
                r"\mathbf{e}_2 g \mathbf{e}_4^\top",
            ],
            strict=True,
        )
    ),
)
def test_put_with_basis_vectors(form: Form, latex: str) -> None:
    assert printed(form)[0] == latex


@pytest.mark.parametrize(
    ("span", "size_", "condition"),
    [
        (Span(1, 4, 1), 6, r"2 \leq i \leq 4"),
        (Span(0, 6, 2), 6, r"i \in \{1, 3, 5\}"),
        (Span(2, 3, 1), 6, "i = 3"),
    ],
)
def test_put_of_a_slice_prints_cases(span: Span, size_: int, condition: str) -> None:
    latex, letters, _ = printed(forms.put(name("g", (span.count,)), (span,), (size_,)))
    assert letters == "i"
    assert condition in latex
    assert latex.startswith(r"\begin{cases} g") or latex.startswith(r"\begin{cases} (g)")


def test_a_put_slice_reads_back() -> None:
    agree(forms.put(name("g", (3,)), (Span(1, 4, 1),), (6,)), {"g": np.array([1.0, 2.0, 3.0])})


# --- arrays of more axes, and what has no matrix notation --------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        name("B", (2, 3, 4)) @ name("C", (4, 5)),
        name("B", (2, 3, 4)).sum(axis=1),
        name("B", (2, 3, 4)) * 2 + 1,
        name("B", (2, 3, 4)).max(axis=2),
        forms.transpose(name("B", (2, 3, 4)), (2, 0, 1)) * 3,
        forms.einsum([(0, 1), (1, 2), (0, 2)], (0, 2), [name("P", (2, 3)), name("Q", (3, 4)), name("R", (2, 4))]),
        ROWS["softmax"](name("P", (2, 3)), axis=0),
        name("P", (2, 3)) / name("P", (2, 3)).sum(axis=1, keepdims=True),
        name("P", (2, 3)).max(axis=1),
        (name("P", (2, 3)) - name("P", (2, 3)).mean(axis=0)) ** 2,
    ],
)
def test_index_notation_reads_back(form: Form) -> None:
    rng = np.random.default_rng(3)
    values = {n.name: rng.uniform(0.5, 1.5, n.shape) for n in forms.names_in(form)}
    assert printed(form)[1]
    agree(form, values)


def test_symbolic_sizes_read_back() -> None:
    X, Y = name("X", (size("n"), 3)), name("Y", (size("n"), 3))
    values = {k: np.random.default_rng(1).normal(size=(5, 3)) for k in "XY"}
    for form in (((X - Y) ** 2).mean(), 2 * (X - Y) / size_of(size("n")), (X * Y).sum(axis=0) / size_of(size("n"))):
        agree(form, values, sizes={"n": 5})


# --- the tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [r for r in ROWS.values() if r.entrywise and not r.inline], ids=lambda r: r.name)
def test_every_row_of_the_tables_prints(row: forms.Function) -> None:
    arguments = [name(n) for n in row.argument_names]
    call = apply(row, *arguments)
    latex = printed(call)[0]
    assert latex.count("(") == latex.count(")")
    assert text_of(call)
    assert row.definition is not None
    values = {n: np.asarray(v) for n, v in zip(row.argument_names, (0.7, 0.3, 0.9), strict=False)}
    # long decimals, as the constants of SELU, are printed with four digits
    body = forms.substitute(
        row.definition(*arguments), lambda n: number(readable(n.value)) if isinstance(n, forms.Number) else None
    )
    if row.stated[0]:
        assert all(row.stated)
    else:
        agree(body, values)


def test_powers_of_functions_read_back() -> None:
    z = name("z", (2, 3))
    values = {"z": np.random.default_rng(5).normal(size=(2, 3))}
    w = name("w")
    assert agree(1 - ROWS["tanh"](w) ** 2, {"w": np.asarray(0.3)}) == r"1 - \tanh^2(w)"
    assert agree(ROWS["tanh"](w) ** -1, {"w": np.asarray(0.3)}) == r"\tanh(w)^{-1}"
    assert r"\tanh^{\odot 2}" not in agree((1 - ROWS["tanh"](z)) * z, values)


def test_derivatives_of_functions_print_primes() -> None:
    assert printed(apply(Prime(ROWS["relu"], 0), name("z")))[0] == r"\mathrm{ReLU}'(z)"
    assert printed(apply(Prime(ROWS["leaky_relu"], 0), name("z"), number(0.01)))[0] == r"\mathrm{LeakyReLU}_{0.01}'(z)"
    assert printed(apply(Prime(undefined("g", 2), 0), name("x"), name("y")))[0] == r"\partial_1 g(x, y)"


# --- the reader and the comparison themselves are tested: they reject what is wrong --------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"X Y^\top", r"X Y"),
        (r"X - (Y - X)", r"X - Y - X"),
        (r"(X - Y) \odot X", r"X - Y \odot X"),
        (r"\frac{1}{3}(X + Y)", r"\frac{1}{3} X + Y"),
        (r"\sum_{i,j} (X_{ij} + Y_{ij})", r"\sum_{i,j} X_{ij} + Y_{11}"),
        (r"\mathbf{1}^\top X", r"X \mathbf{1}"),
        (r"\log X", r"\log Y"),
    ],
)
def test_the_reader_tells_formulas_apart(right: str, wrong: str) -> None:
    rng = np.random.default_rng(0)
    reader = Reader({"X": rng.uniform(1, 2, (3, 3)), "Y": rng.uniform(1, 2, (3, 3))})
    first = reader.value(right)
    try:
        second = reader.value(wrong)
    except ReadBackError:
        return
    assert np.shape(first) != np.shape(second) or not np.allclose(first, second)


@pytest.mark.parametrize("latex", [r"\frac{1}{", "a +", r"\sigma", "q", r"\sum_i 3", "(a", r"\foo{a}"])
def test_the_reader_refuses_what_is_no_formula(latex: str) -> None:
    with pytest.raises(ReadBackError):
        Reader({"a": 1.0}, FUNCTIONS).value(latex)


def test_a_planted_error_in_a_form_is_seen() -> None:
    x, W = name("x", (2, 3)), name("W", (3, 3))
    values = {"x": np.random.default_rng(0).normal(size=(2, 3)), "W": np.random.default_rng(1).normal(size=(3, 3))}
    found, _, _ = read_back(x @ W.T, values)
    assert not np.allclose(found, evaluate(x @ W, values))


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (name("x", (2, 3)) @ name("W1", (3, 4)) + name("b1", (4,)), "x W₁ + b₁"),
        (apply("divide", name("a") - name("b"), 2 * name("c")), "(a − b)/(2 c)"),
        (((name("a2", (4,)) - name("y", (4,))) ** 2).mean(), "¼ Σᵢ (a_{2,i} − yᵢ)²"),
        (1 / (1 + apply("exp", -name("x"))), "1/(1 + e⁻ˣ)"),
        (where(name("x") > 0, name("x"), 0), "{x, x > 0; 0, otherwise}"),
        (adjoint("z2", (2, 3)) @ name("W2", (4, 3)).T, "∂L/∂z₂ W₂ᵀ"),
    ],
)
def test_text(form: Form, text: str) -> None:
    assert text_of(form) == text


def test_text_is_never_empty_or_multiline() -> None:
    for seed in range(200):
        text = text_of(random_form(Random(seed), SHAPES))
        assert text.strip() and "\n" not in text and "\\" not in text


def test_letters_run_out_with_a_clear_error() -> None:
    shape = (2,) * 12
    with pytest.raises(PrintError, match="index letter"):
        printed(name("B", shape).sum() * 1)


@pytest.mark.parametrize("rows", [False, True])
def test_a_quotient_stands_as_the_row_or_column_that_is_asked_for(rows: bool) -> None:
    u, T = name("u", (3,)), name("T", (2, 3))
    turned = ROWS["relu"](0.5 * 0.5 / u)
    for form in (
        u @ turned,
        turned @ u,
        outer(1 / number(3) / u, u),
        T + 1 / number(3) / apply("exp", 0.1 * (0.025 - u)),
    ):
        agree(form, {"u": np.array([0.5, 0.8, 1.1]), "T": np.arange(6.0).reshape(2, 3)}, rows)
