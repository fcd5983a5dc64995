"""Index notation: ``lower`` means what the interpreter of Forms means, and its sums are hygienic."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import strategies as st

from symback.core.errors import DerivationError
from symback.core.forms import (
    Form,
    apply,
    broadcast_to,
    einsum,
    expand,
    get,
    name,
    one_hot,
    outer,
    put,
    reduce_over,
    size,
    substitute,
    transpose,
    undefined,
    where,
)
from symback.engine.elements import (
    Access,
    Index,
    Indicator,
    Literal,
    Peak,
    Select,
    Total,
    evaluate_element,
    fresh,
    literal,
    lower,
    opened,
    ordinary,
    peak,
    to_sympy,
    total,
)
from symback.functions import ROWS
from tests.support.campaigns import tried
from tests.support.plain import SPOKEN
from tests.support.random_forms import SIZES, Growth, N, length


def call(op: Any, args: tuple[Any, ...]) -> Any:
    """Evaluate a table function in NumPy, with no definition of symback's."""
    return SPOKEN[op.name](*args)


def entries(form: Form, environment: dict[str, Any]) -> np.ndarray:
    at = [fresh(s) for s in form.shape]
    return evaluate_element(lower(form, at), at, environment, SIZES, call)


# --- the meaning of an element ----------------------------------------------------------------------------------------


@tried(150, 10_000, st.integers(0, 10**6), st.integers(1, 12))
def test_the_element_of_a_random_form_has_its_value(seed: int, steps: int) -> None:
    growth = Growth(seed)
    growth.STEPS = Growth.EVERY
    form, value = growth.grow(steps)
    np.testing.assert_allclose(entries(form, growth.environment), value, rtol=1e-9, atol=1e-9)


a, A, B, C = name("a", (3,)), name("A", (3, 3)), name("B", (1, 3)), name("C", (2, 3, 3))
VALUES = {form.name: np.random.default_rng(k).uniform(0.2, 0.9, form.shape) for k, form in enumerate((a, A, B, C))}  # type: ignore[misc]
VALUES["t"] = np.array([2, 0, 1])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (A @ A.T, lambda v: v["A"] @ v["A"].T),
        (A.T @ a, lambda v: v["A"].T @ v["a"]),
        (a @ A, lambda v: v["a"] @ v["A"]),
        (a @ a, lambda v: v["a"] @ v["a"]),
        (C @ A, lambda v: v["C"] @ v["A"]),
        (C @ a, lambda v: v["C"] @ v["a"]),
        (a @ C, lambda v: v["a"] @ v["C"]),
        (A + B, lambda v: v["A"] + v["B"]),
        (B * B.T, lambda v: v["B"] * v["B"].T),
        (A[:, 0] * A[2, ::-1], lambda v: v["A"][:, 0] * v["A"][2, ::-1]),
        (
            put(get(A, (slice(2, 0, -1), 1)), (None, 2), (2, 3)),
            lambda v: np.stack([0 * v["a"][:2], 0 * v["a"][:2], v["A"][2:0:-1, 1]], 1),
        ),
        (put(a, (None,), (3,)), lambda v: v["a"]),
        (broadcast_to(a, (2, 3)), lambda v: np.broadcast_to(v["a"], (2, 3))),
        (broadcast_to(B, (3, 3)), lambda v: np.broadcast_to(v["B"], (3, 3))),
        (broadcast_to(B, (1, 3), (0,)), lambda v: v["B"]),
        (expand(a, [1]) - a, lambda v: v["a"][:, None] - v["a"]),
        (einsum([(0, 1), (1, 0)], (), [A, A]), lambda v: np.trace(v["A"] @ v["A"])),
        (einsum([(0, 0)], (0,), [A]), lambda v: np.diag(v["A"])),
        (einsum([(0, 1), (0,), (1,)], (1, 0), [A, a, a]), lambda v: np.einsum("ij,i,j->ji", v["A"], v["a"], v["a"])),
        (one_hot(name("t", (3,)), 4), lambda v: np.eye(4)[v["t"]]),
        (C.max(axis=(0, 2)), lambda v: v["C"].max(axis=(0, 2))),
        (C.min(axis=1, keepdims=True), lambda v: v["C"].min(axis=1, keepdims=True)),
        (C.mean(axis=(1, 2)), lambda v: v["C"].mean(axis=(1, 2))),
        (transpose(C, (1, 2, 0)), lambda v: v["C"].transpose(1, 2, 0)),
        (outer(a, A[0]), lambda v: np.outer(v["a"], v["A"][0])),
        (where(A > 0.5, A, B), lambda v: np.where(v["A"] > 0.5, v["A"], v["B"])),
        (B.sum(axis=0), lambda v: v["B"].sum(axis=0)),
        (reduce_over("sum", broadcast_to(B, (4, 3)), 0), lambda v: 4 * v["B"][0]),
        (ROWS["softmax"](C, axis=1), lambda v: SPOKEN["softmax"](v["C"], 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_element_of_a_form_has_its_value(form: Form, expected: Any) -> None:
    np.testing.assert_allclose(entries(form, VALUES), expected(VALUES), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    "change",
    [
        lambda form: A.T if form is A else None,
        lambda form: A * 1.001 if form is A else None,
        lambda form: form.args[0][0] if form is A.sum(axis=0) else None,
    ],
    ids=["transpose", "0.1 percent", "lost sum"],
)
def test_the_comparison_sees_a_planted_error(change: Any) -> None:
    form = A @ a + A.sum(axis=0)
    assert not np.allclose(
        entries(substitute(form, change), VALUES), VALUES["A"] @ VALUES["a"] + VALUES["A"].sum(axis=0), rtol=1e-5
    )


# --- hygiene ----------------------------------------------------------------------------------------------------------


def test_equal_sums_are_one_object() -> None:
    i, j, k, m = (fresh(3) for _ in range(4))
    first = total(Access("W", k, i), k)
    second = total(Access("W", m, i), m)
    assert first == second and first / second == 1 and first - second == 0
    assert first != total(Access("W", k, j), k)
    nested = total(total(Access("W", i, j), i) * Access("v", j), j)
    other = total(total(Access("W", m, k), m) * Access("v", k), k)
    assert nested == other


def test_no_substitution_captures_an_index() -> None:
    j, k = fresh(3), fresh(3)
    row = total(Access("W", k, j), k)
    # the same with SymPy's own Sum gives the trace, silently
    moved = row.xreplace({j: k})
    body, index = opened(moved)
    assert body == Access("W", index, k)
    W = np.random.default_rng(0).uniform(size=(3, 3))
    np.testing.assert_allclose(evaluate_element(moved, [k], {"W": W}, {}, call), W.sum(axis=0))


def test_factors_free_of_the_index_stand_outside() -> None:
    i, k = fresh(N), fresh(3)
    assert total(2 * Access("a", i) * Access("b", k), k) == 2 * Access("a", i) * total(Access("b", k), k)
    assert total(Access("a", i), k) == 3 * Access("a", i)
    assert total(sp.S.One, i) == N
    assert peak(Access("a", i), k) == Access("a", i)
    assert isinstance(total(Access("b", k), k), Total) and isinstance(peak(Access("b", k), k), Peak)


def test_the_size_is_part_of_an_index() -> None:
    assert Index(7, 3) == Index(7, 3) and Index(7, 3) != Index(7, 4)
    assert Index(7, N) != Index(7, size("m"))
    assert Access("x", Index(7, 3)) != Access("x", Index(7, 4))


def test_nodes_can_be_copied() -> None:
    i = fresh(3)
    node = total(Access("a", i) * Literal(0.1), i)
    assert copy.deepcopy(node) == node and pickle.loads(pickle.dumps(node)) == node


def test_decimals_are_opaque() -> None:
    v = Access("v")
    kept = sp.factor(v + literal(1e-5))
    assert kept == v + Literal(1e-5)
    assert literal(0.5) == sp.Rational(1, 2) and literal(3) == 3 and literal(-0.1) == -Literal(0.1)
    assert Literal(0.1).diff(sp.Symbol("x")) == 0
    assert Literal(0.1) != Literal(0.2)


def test_a_choice_between_equals_is_none() -> None:
    x = Access("x")
    condition = Indicator("greater", x, 0)
    assert Select(condition, x, x) == x
    assert Select(condition, 1, 0) != Select(condition, 0, 1)


def test_a_form_without_index_notation_is_refused() -> None:
    with pytest.raises(DerivationError, match="second derivative"):
        from symback.core.forms import Prime
        from symback.engine.elements import Mark, Opaque

        x = sp.Symbol("x", real=True)
        Opaque(Mark(Prime(undefined("f"), 0)), x).diff(x)


# --- ordinary SymPy ---------------------------------------------------------------------------------------------------


def test_scalars_become_symbols() -> None:
    x, w = name("x"), name("w")
    assert to_sympy(x * w + 2) == sp.Symbol("x") * sp.Symbol("w") + 2
    f = undefined("f")
    assert to_sympy(apply(f, x * w)) == sp.Function("f")(sp.Symbol("x") * sp.Symbol("w"))
    z = sp.Symbol("z")
    assert sp.simplify(to_sympy(ROWS["sigmoid"](name("z"))) - 1 / (1 + sp.exp(-z))) == 0
    assert to_sympy(ROWS["relu"](name("z"))) == sp.Piecewise((z, z > 0), (0, True))


def test_arrays_become_indexed_and_sum() -> None:
    x, W = name("x", (N, 3)), name("W", (3, 2))
    i, j, k = sp.symbols("i j k", integer=True)
    expected = sp.Sum(sp.IndexedBase("x")[i, k] * sp.IndexedBase("W")[k, j], (k, 0, 2))
    assert to_sympy(x @ W) == expected
    assert to_sympy(x.sum()).has(sp.Sum)


def test_the_callers_own_symbols_come_back() -> None:
    own = {"x": sp.Symbol("x", positive=True), "A": sp.MatrixSymbol("A", 2, 2)}
    form = name("x") * name("A", (2, 2))[0, 1]
    assert to_sympy(form, own) == own["x"] * own["A"][0, 1]


def test_an_element_is_a_sympy_value() -> None:
    x = name("x", (3,))
    element = to_sympy((x * x).sum())
    base = sp.IndexedBase("x")
    value = element.doit().subs({base[k]: k + 1 for k in range(3)})
    assert value == 14
    assert ordinary(Literal(0.25)) == sp.Float(0.25)
    assert length(N) == 4
