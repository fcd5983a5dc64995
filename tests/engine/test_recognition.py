"""Recognition finds array formulas for elements, and proves each one: against brute force, ``np.einsum`` and planted errors."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import strategies as st

from symback.core.errors import DerivationError
from symback.core.forms import (
    Broadcast,
    Einsum,
    Form,
    Matmul,
    adjoint,
    apply,
    broadcast_to,
    expand,
    name,
    names_in,
    number,
    outer,
    reduce_over,
    size,
    size_of,
    transpose,
    walk,
)
from symback.engine.calculus import Term, target_axes
from symback.engine.elements import Access, Indicator, Literal, Opaque, Select, fresh, lower, total
from symback.engine.interpreter import evaluate
from symback.engine.recognition import agrees, leaves_of_forms, recognize
from symback.functions import ROWS
from tests.support.campaigns import tried
from tests.support.random_forms import SIZES, Growth, N, length

ROUND_TRIP = tuple(step for step in Growth.STEPS if step not in ("put", "one_hot"))
"""Steps whose elements recognition has to know again; put and one-hot are written by the calculus, never found."""


def found(form: Form) -> Form:
    """Lower a Form and recognize its element."""
    axes = target_axes(form.shape)
    return recognize([Term(lower(form, axes), (), axes)], axes, form.shape, leaves_of_forms([form]), "in a test")


@tried(200, 10_000, st.integers(0, 10**6), st.integers(1, 8))
def test_random_sums_quotients_and_functions_are_found_again(seed: int, steps: int) -> None:
    growth = Growth(seed)
    growth.STEPS = ROUND_TRIP
    form, value = growth.grow(steps)
    again = found(form)
    assert again.shape == form.shape
    np.testing.assert_allclose(evaluate(again, growth.environment, SIZES), value, rtol=1e-9, atol=1e-9)


# --- contractions against np.einsum -----------------------------------------------------------------------------------


def contraction(seed: int, lengths: tuple[Any, ...]) -> tuple[list[Form], list[tuple[int, ...]], tuple[int, ...]]:
    """Return random operands, their labels, and the labels kept."""
    draw = random.Random(seed)
    labels = [tuple(draw.sample(range(len(lengths)), draw.randint(1, 3))) for _ in range(draw.randint(1, 4))]
    used = sorted({k for mine in labels for k in mine})
    kept = tuple(draw.sample(used, draw.randint(0, min(3, len(used)))))
    operands: list[Form] = [name(f"T{p}", tuple(lengths[k] for k in mine)) for p, mine in enumerate(labels)]
    return operands, labels, kept


def check_contraction(seed: int, lengths: tuple[Any, ...]) -> Form:
    operands, labels, kept = contraction(seed, lengths)
    letters = {k: fresh(lengths[k]) for mine in labels for k in mine}
    body = sp.Mul(*[Access(o.name, *[letters[k] for k in mine]) for o, mine in zip(operands, labels, strict=True)])  # type: ignore[attr-defined]
    axes = tuple(letters[k] for k in kept)
    summed = tuple(i for k, i in letters.items() if k not in kept)
    shape = tuple(lengths[k] for k in kept)
    form = recognize([Term(body, summed, axes)], axes, shape, {o.name: o for o in operands}, "in a test")  # type: ignore[attr-defined]
    rng = np.random.default_rng(seed)
    values = [rng.standard_normal(tuple(map(length, o.shape))) for o in operands]
    arguments: list[Any] = []
    for value, mine in zip(values, labels, strict=True):
        arguments += [value, list(mine)]
    have = evaluate(form, {o.name: v for o, v in zip(operands, values, strict=True)}, SIZES)  # type: ignore[attr-defined]
    assert form.shape == shape
    np.testing.assert_allclose(have, np.einsum(*arguments, list(kept)), rtol=1e-9, atol=1e-9)
    return form


LENGTHS = {
    "pairwise distinct": (2, 3, 4, 5, 6),
    "size one": (1, 3, 1, 4, 2),
    "square": (3, 3, 3, 3, 3),
    "mixed": (1, 3, 3, 1, 2),
    "symbolic": (N, 3, 2, size("m"), 1),
}


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_random_contractions_equal_einsum(lengths: tuple[Any, ...]) -> None:
    kinds = {"matmul": 0, "einsum": 0}
    for seed in range(120):
        nodes = walk(check_contraction(seed, lengths))
        kinds["matmul"] += any(isinstance(n, Matmul) for n in nodes)
        kinds["einsum"] += any(isinstance(n, Einsum) for n in nodes)
    # matrix notation is the rule, an Einstein sum the way out
    assert kinds["einsum"] < 30 and kinds["matmul"] > 20


# --- the notation that textbooks use ----------------------------------------------------------------------------------


def backward(form: Form, of: str) -> str:
    """Return the text of ∂L/∂of for one equation."""
    from symback.engine.calculus import contribution_terms, partials

    out = target_axes(form.shape)
    target = next(n for n in names_in(form) if n.name == of)
    axes = target_axes(target.shape)
    terms = contribution_terms(partials(lower(form, out), of), out, Access("∂z", *out), axes, "in a test")
    leaves = {"∂z": adjoint("z", form.shape), **leaves_of_forms([form])}
    return str(recognize(terms, axes, target.shape, leaves, "in a test"))


x, X, W, V = name("x", (3,)), name("X", (N, 3)), name("W", (3, 2)), name("V", (2, 3))
b1, b2, row, column = name("b", (2,)), name("b", (1, 2)), name("r", (1, 3)), name("c", (3, 1))


@pytest.mark.parametrize(
    ("form", "of", "text"),
    [
        (X @ W + b1, "W", "X.T @ dz"),
        (X @ W + b1, "X", "dz @ W.T"),
        (X @ W + b1, "b", "dz.sum(axis=0)"),
        (X @ W + b2, "b", "dz.sum(axis=0, keepdims=True)"),
        (X @ V.T + b1, "V", "dz.T @ X"),
        (X @ V.T + b1, "X", "dz @ V"),
        (V @ name("Y", (3, N)) + name("b", (2, 1)), "V", "dz @ Y.T"),
        (V @ name("Y", (3, N)) + name("b", (2, 1)), "Y", "V.T @ dz"),
        (V @ name("Y", (3, N)) + name("b", (2, 1)), "b", "dz.sum(axis=1, keepdims=True)"),
        (x @ W + b1, "W", "np.outer(x, dz)"),
        (x @ W + b1, "x", "W @ dz"),
        (x @ W + b1, "b", "dz"),
        (V @ x + b1, "V", "np.outer(dz, x)"),
        (V @ x + b1, "x", "dz @ V"),
        (row @ W, "W", "r.T @ dz"),
        (row @ W, "r", "dz @ W.T"),
        (V @ column, "V", "dz @ c.T"),
        (V @ column, "c", "V.T @ dz"),
        (x @ x, "x", "2 * (dz * x)"),
        (X * row, "r", "(dz * X).sum(axis=0, keepdims=True)"),
        (name("S", (3, 3)) @ name("S", (3, 3)), "S", "S.T @ dz + dz @ S.T"),
        (X.T, "X", "dz.T"),
        (X.sum(), "X", "np.broadcast_to(dz, (n, 3))"),
        (x[1:], "x", "put(dz, (3,), np.s_[1:3])"),
        (x[0], "x", "put(dz, (3,), np.s_[0])"),
    ],
)
def test_the_adjoint_of_an_operation(form: Form, of: str, text: str) -> None:
    assert backward(form, of) == text


# --- proof ------------------------------------------------------------------------------------------------------------


def planted(form: Form, wrong: Form) -> bool:
    """Return True where ``wrong`` passes as the element of ``form``."""
    axes = target_axes(form.shape)
    return agrees(wrong, [Term(lower(form, axes), (), axes)], axes, form.shape, leaves_of_forms([form, wrong]))


S, D = name("S", (3, 3)), adjoint("z", (3, 3))


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        (S.T @ name("R", (3, 3)), S @ name("R", (3, 3))),
        (S @ S.T, S.T @ S),
        (S, S.T),
        (outer(x, x * x), outer(x * x, x)),
        (broadcast_to(X.sum(axis=0), (N, 3)), X),
        (X.sum(axis=0), X[0]),
        (X.mean(axis=0), X.sum(axis=0)),
        (X.mean(axis=0), X.sum(axis=0) / 3),
        (S.sum(axis=0), S.sum(axis=1)),
        (expand(x, [0]) * S, expand(x, [1]) * S),
        (S * 2, S * 2.002),
        (S * 2, S * (2 + 1e-7)),
        (S, -S),
        (S / (1 + S.sum()), S / (1 + S.sum(axis=0))),
        (ROWS["tanh"](S), ROWS["sigmoid"](S)),
        (size_of(N) * X.sum(), number(5) * X.sum()),
        (S[::-1], S),
        (S[1:, 0], S[:2, 0]),
    ],
    ids=lambda form: str(form),
)
def test_a_planted_error_is_rejected(form: Form, wrong: Form) -> None:
    assert planted(form, form)
    assert not planted(form, wrong)


def test_every_lost_transpose_of_a_square_product_is_rejected() -> None:
    A, B, C = (name(k, (3, 3)) for k in "ABC")
    right = A @ B.T @ C
    for flips in itertools.product([False, True], repeat=3):
        parts = [transpose(p) if f else p for p, f in zip((A, B, C), flips, strict=True)]
        assert planted(right, parts[0] @ parts[1] @ parts[2]) == (flips == (False, True, False))


def test_an_element_that_is_never_finite_is_not_proved() -> None:
    i = fresh(3)
    with pytest.raises(DerivationError, match="no array formula could be proved"):
        recognize([Term(sp.log(-(Access("x", i) ** 2)), (), (i,))], (i,), (3,), {"x": x}, "in a test")


@pytest.mark.parametrize("bound", [-6, -1, 0, 1, 2, 6])
def test_a_domain_away_from_the_usual_is_looked_for(bound: int) -> None:
    i = fresh(3)
    above = sp.sqrt(Access("x", i) - bound)
    assert recognize([Term(above, (), (i,))], (i,), (3,), {"x": x}, "in a test").shape == (3,)
    axes = target_axes((3,))
    term = [Term(above.xreplace({i: axes[0]}), (), axes)]
    assert not agrees(apply("sqrt", x - (bound + 0.001)), term, axes, (3,), {"x": x})


def test_what_has_no_array_operation_is_refused() -> None:
    i = fresh(3)
    with pytest.raises(DerivationError, match="no array operation for"):
        recognize([Term(sp.zeta(Access("x", i)), (), (i,))], (i,), (3,), {"x": x}, "in a test")


# --- pieces -----------------------------------------------------------------------------------------------------------


def entry(form: Form, expression: Any, axes: tuple[Any, ...], shape: tuple[Any, ...]) -> str:
    return str(recognize([Term(expression, (), axes)], axes, shape, leaves_of_forms([form]), "in a test"))


def test_numbers_stand_in_front_and_sizes_behind() -> None:
    i = fresh(3)
    a = Access("x", i)
    assert entry(x, 2 * a / 3, (i,), (3,)) == "2 * x / 3"
    assert entry(x, -a, (i,), (3,)) == "-x"
    assert entry(x, a / 2, (i,), (3,)) == "0.5 * x"
    assert entry(x, Literal(0.1) * a, (i,), (3,)) == "0.1 * x"
    assert entry(x, a / N, (i,), (3,)) == "x / n"
    assert entry(x, N * a, (i,), (3,)) == "n * x"
    assert entry(x, 1 - a, (i,), (3,)) == "1 - x"
    assert entry(x, 1 / (1 + a), (i,), (3,)) == "1 / (x + 1)"


def test_choices_and_functions_are_found() -> None:
    from symback.engine.elements import Mark

    i = fresh(3)
    a = Access("x", i)
    positive = Indicator("greater", a, 0)
    assert entry(x, Select(positive, 1, 0), (i,), (3,)) == "x > 0"
    assert entry(x, Select(positive, a, 2 * a), (i,), (3,)) == "np.where(x > 0, x, 2 * x)"
    assert entry(x, Opaque(Mark(ROWS["tanh"]), a), (i,), (3,)) == "tanh(x)"
    assert entry(x, sp.sqrt(a), (i,), (3,)) == "np.sqrt(x)"
    assert entry(x, total(a, i), (), ()) == "x.sum()"


def test_an_axis_of_length_one_is_kept() -> None:
    one = name("u", (1, 3))
    assert found(reduce_over("mean", name("w", (2, 1, 3))[0], 1, True)).shape == (1, 1)
    assert str(found(one + x)) in ("u + x", "x + u")
    assert found(one).shape == (1, 3) and found(one.T).shape == (3, 1)
    assert not any(isinstance(n, Broadcast) for n in walk(found(one.T @ one)))
