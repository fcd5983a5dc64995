"""Forms: shapes as NumPy has them, identity by what is written, and text that Python reads back."""

from __future__ import annotations

import copy
import importlib
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symback.core.errors import NetworkError, ShapeError
from symback.core.forms import (
    Form,
    Get,
    Number,
    adjoint,
    apply,
    as_form,
    broadcast_shapes,
    broadcast_to,
    dot,
    einsum,
    equal,
    filled,
    get,
    matmul,
    name,
    names_in,
    number,
    numpy_text,
    one_hot,
    outer,
    put,
    rebuild,
    reduce_over,
    relabel,
    size,
    size_of,
    substitute,
    transpose,
    undefined,
    walk,
    where,
)
from symback.engine.interpreter import evaluate
from symback.functions import ALIASES, ROWS, register
from symback.functions.activations import ACTIVATIONS
from tests.support.campaigns import tried
from tests.support.plain import SPOKEN
from tests.support.random_forms import SIZES, Growth, N, length

# --- random Forms against NumPy ---------------------------------------------------------------------------------------


def spoken(text: str, environment: dict[str, Any]) -> Any:
    """Evaluate a Form's text as the NumPy code it is."""
    return eval(text, {"np": np, **SPOKEN, **environment, **{str(s): k for s, k in SIZES.items()}})


@tried(150, 20_000, st.integers(0, 10**6), st.integers(1, 12))
def test_shape_interpreter_and_text_agree_with_numpy(seed: int, steps: int) -> None:
    growth = Growth(seed)
    growth.STEPS = Growth.EVERY
    form, value = growth.grow(steps)
    assert tuple(map(length, form.shape)) == np.shape(value)
    np.testing.assert_allclose(evaluate(form, growth.environment, SIZES), value, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(spoken(numpy_text(form), growth.environment), value, rtol=1e-11, atol=1e-11)


small_shapes = st.lists(st.sampled_from([1, 1, 2, 3]), max_size=4).map(tuple)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(small_shapes, small_shapes)
def test_broadcasting_is_numpys(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(ShapeError):
            broadcast_shapes([a, b])
    else:
        assert broadcast_shapes([a, b]) == expected


@settings(max_examples=200, deadline=None, derandomize=True)
@given(small_shapes.filter(bool), small_shapes.filter(bool))
def test_matrix_products_are_numpys(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    try:
        expected = (np.zeros(a) @ np.zeros(b)).shape
    except ValueError:
        with pytest.raises(ShapeError):
            matmul(name("a", a), name("b", b))
    else:
        assert matmul(name("a", a), name("b", b)).shape == expected


@pytest.mark.parametrize(
    "index",
    [
        0,
        -1,
        slice(1, None),
        slice(None, None, -1),
        slice(-2, None),
        slice(3, 0, -2),
        slice(0, 0),
        ...,
        None,
        (..., 0),
        (0, ...),
        (slice(None), 1),
        (slice(None), slice(None, None, 2)),
        (1, slice(None), 2),
        (None, 0, ..., None),
        (..., None, 1),
        np.int64(2),
    ],
    ids=str,
)
def test_indexing_is_numpys(index: Any) -> None:
    value = np.arange(4 * 3 * 5.0).reshape(4, 3, 5)
    form = name("a", (4, 3, 5))[index]
    assert form.shape == value[index].shape
    np.testing.assert_array_equal(evaluate(form, {"a": value}), value[index])


# --- identity ---------------------------------------------------------------------------------------------------------


def test_equal_writing_is_the_same_object() -> None:
    def written() -> Form:
        x, W, b = name("x", (N, 3)), name("W", (3, 2)), name("b", (2,))
        return ROWS["tanh"](x @ W + b) * 0.5

    assert written() is written()
    assert pickle.loads(pickle.dumps(written())) is written()
    assert copy.deepcopy(written()) is written() is copy.copy(written())


def test_different_writing_is_different() -> None:
    x = name("x", (3,))
    assert number(1) is not number(1.0)
    assert number(0.0) is not number(-0.0)
    assert number(True) is number(1) and number(Fraction(4, 2)) is number(2)
    assert x + 1 is not 1 + x
    assert name("x", (3,)) is not name("x", (4,))
    assert name("x", (size("n"),)) is name("x", (sp.Symbol("n", integer=True, positive=True),))
    assert name("x") is not adjoint("x")


def test_a_literal_keeps_its_spelling() -> None:
    assert [str(number(v)) for v in (0.5, 1, 1e-5, -2, Fraction(1, 3))] == ["0.5", "1", "1e-05", "-2", "1 / 3"]
    assert isinstance(as_form(np.float32(0.5)), Number) and as_form(sp.Rational(1, 3)) is number(Fraction(1, 3))


def test_forms_are_closed() -> None:
    x = name("x", (3,))
    with pytest.raises(TypeError, match="made by functions"):
        Number()
    with pytest.raises(TypeError, match="use where"):
        bool(x > 0)
    with pytest.raises(TypeError, match="looped"):
        list(x)
    with pytest.raises(TypeError):
        np.ones(3) + x
    with pytest.raises(TypeError):
        x + np.ones(3)
    with pytest.raises(TypeError, match=r"net\.input"):
        as_form(np.ones(3))
    with pytest.raises(TypeError):
        x + "1"
    assert sp.sympify(x) == sp.MatrixSymbol("x", *x.shape, 1)
    assert sp.sympify(name("a") * 2) == 2 * sp.Symbol("a")


def test_operators_from_both_sides() -> None:
    x = name("x", ())
    assert [str(f) for f in (2 + x, 2 - x, 2 * x, 2 / x, 2**x, -x, +x, x**2, abs(x), x < 2, x >= 2, x <= 2)] == [
        "2 + x",
        "2 - x",
        "2 * x",
        "2 / x",
        "2**x",
        "-x",
        "x",
        "x**2",
        "absolute(x)",
        "x < 2",
        "x >= 2",
        "x <= 2",
    ]
    assert str(equal(x, 1)) == "x == 1"


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda A, B, C, D: A * ((B @ D) * C), "A * (B @ D * C)"),
        (lambda A, B, C, D: (A * B) @ D, "A * B @ D"),
        (lambda A, B, C, D: A @ (B @ D), "A @ (B @ D)"),
        (lambda A, B, C, D: A - (B - C), "A - (B - C)"),
        (lambda A, B, C, D: A / (B * C), "A / (B * C)"),
        (lambda A, B, C, D: -(A**2), "-A**2"),
        (lambda A, B, C, D: (-A) ** 2, "(-A)**2"),
        (lambda A, B, C, D: A ** (-B), "A**-B"),
        (lambda A, B, C, D: (A**B) ** C, "(A**B)**C"),
        (lambda A, B, C, D: (A + B).T @ C, "(A + B).T @ C"),
        (lambda A, B, C, D: (A > B) * C, "(A > B) * C"),
        (lambda A, B, C, D: A * number(-2), "A * -2"),
        (lambda A, B, C, D: (A * B).sum(axis=0)[1:], "(A * B).sum(axis=0)[1:3]"),
    ],
)
def test_text_has_the_parentheses_python_needs(build: Any, text: str) -> None:
    values = {k: np.random.default_rng(ord(k)).uniform(0.5, 1.5, (3, 3)) for k in "ABCD"}
    form = build(*[name(k, (3, 3)) for k in "ABCD"])
    assert numpy_text(form) == text
    np.testing.assert_allclose(spoken(text, values), evaluate(form, values), rtol=1e-13)


def test_the_value_of_a_text_tells_a_lost_parenthesis() -> None:
    values = {k: np.random.default_rng(ord(k)).uniform(0.5, 1.5, (3, 3)) for k in "ABCD"}
    A, B, C, D = (name(k, (3, 3)) for k in "ABCD")
    assert not np.allclose(spoken("A * B @ D * C", values), evaluate(A * ((B @ D) * C), values))


# --- errors -----------------------------------------------------------------------------------------------------------


X, W = name("X", (N, 3)), name("W", (2, 3))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: X @ W,
            r"in X @ W: shapes \(n, 3\) and \(2, 3\) do not fit \(3 against 2\); the transpose of the second",
        ),
        (lambda: X + name("y", (N, 2)), r"in X \+ y: shapes \(n, 3\) and \(n, 2\) do not fit together \(3 against 2\)"),
        (lambda: X + name("y", (4, 3)), r"in X \+ y: .*\(n against 4\)"),
        (lambda: X @ number(2), "use \\* for a number"),
        (lambda: where(X, name("y", (5,)), 0), r"in where\(X, y, 0\)"),
        (lambda: X.sum(axis=2), "axis 2 is out of range for an array with 2 axes"),
        (lambda: reduce_over("sum", X, (0, -2)), "named twice"),
        (lambda: reduce_over("max", name("e", (0,)), 0), "empty axis"),
        (lambda: X[:, 3], r"in X\[:, 3\]: index 3 is out of range for an axis of length 3"),
        (lambda: X[-1], "a negative index needs a known length"),
        (lambda: X[1:], "symbolic size n"),
        (lambda: X[0, 0, 0], r"3 indices for an array of shape \(n, 3\)"),
        (lambda: X[..., ...], "at most one"),
        (lambda: X[1.5], "only constant integers"),
        (lambda: X[True], "only constant integers"),
        (lambda: outer(X, X), "two 1-D arrays"),
        (lambda: dot(name("a", (2, 2, 2)), name("b", (2,))), "at most 2 axes"),
        (lambda: transpose(X, (0, 0)), "each of the 2 axes once"),
        (lambda: broadcast_to(X, (3,)), "cannot be repeated"),
        (lambda: size(-1), "negative"),
        (lambda: ROWS["softmax"](X, axis=5), "axis 5 is out of range"),
        (lambda: ROWS["bce"](X, W), r"in bce: prediction X has shape \(n, 3\) and target W has \(2, 3\)"),
        (lambda: ROWS["cross_entropy"](name("z"), name("t")), "class scores"),
    ],
)
def test_a_misfit_is_named_with_its_shapes(build: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        build()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ROWS["sigmoid"](X, X), "sigmoid takes 1 argument"),
        (lambda: ROWS["clip"](X, 0), "clip takes 3"),
        (lambda: ROWS["softmax"](X, axes=1), "softmax has no parameter axes"),
        (lambda: ROWS["mse"](X, X, reduction="median"), "'mean', 'sum' or 'none'"),
        (lambda: register(ACTIVATIONS[0]), "a function called 'sigmoid' already"),
    ],
)
def test_a_wrong_call_is_named(build: Any, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        build()


# --- calls, walking, rebuilding ---------------------------------------------------------------------------------------


def test_defaults_and_aliases() -> None:
    assert str(ROWS["leaky_relu"](X)) == "leaky_relu(X, 0.01)"
    assert ROWS["leaky_relu"](X, alpha=0.2) is ROWS["leaky_relu"](X, 0.2)
    assert ROWS["softmax"](X, axis=-1) is ROWS["softmax"](X, axis=1) is ROWS["softmax"](X)
    assert ALIASES["torch.sigmoid"] is ROWS["sigmoid"]
    assert undefined("f") is undefined("f") and undefined("f") is not undefined("f", 2)


def test_names_come_in_order_of_appearance() -> None:
    form = name("b") * name("a") + name("b") - name("c")
    assert [n.name for n in names_in(form)] == ["b", "a", "c"]
    assert walk(form)[-1] is form


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_rebuilding_from_the_parts_gives_the_same_object(seed: int) -> None:
    form, _ = Growth(seed).grow(8)
    for node in walk(form):
        assert rebuild(node, node.args) is node
        fresh_names = {n.name: name(f"y_{n.name}", n.shape) for n in names_in(node)}
        there = substitute(node, lambda n: fresh_names.get(n.name) if n in names_in(form) else None)  # type: ignore[attr-defined] # noqa: B023
        back = substitute(
            there, lambda n: next((m for m in names_in(form) if f"y_{m.name}" == getattr(n, "name", None)), None)
        )
        assert back is node and there.shape == node.shape
        assert relabel(relabel(node, {"x0": "x9"}, {}), {"x9": "x0"}, {}) is node


def test_relabelling_a_size_folds_it_as_a_number() -> None:
    n = size("n")
    mean = 2 * name("e", (n,)) / size_of(n)
    assert str(mean) == "2 * e / n"
    assert str(relabel(mean, {"e": "r"}, {n: 4})) == "r / 2"
    assert str(relabel(mean, {}, {n: 2})) == "e"
    assert relabel(mean, {}, {n: 4}).shape == (4,)


def test_put_is_the_adjoint_of_get() -> None:
    rng = np.random.default_rng(0)
    a = name("a", (5, 4))
    for index in [(slice(4, 0, -2), 1), (slice(None), slice(1, 3)), (-1,)]:
        read = get(a, index)
        assert isinstance(read, Get)
        u, v = rng.standard_normal((5, 4)), rng.standard_normal(read.shape)
        placed = put(name("v", read.shape), read.index, a.shape)
        left = np.vdot(evaluate(read, {"a": u}), v)
        assert left == pytest.approx(np.vdot(u, evaluate(placed, {"v": v})))
    assert get(a, (slice(0, 5), slice(0, 4))) is a


def test_small_makers() -> None:
    assert filled(0, ()) is number(0) and str(filled(0, (N, 2))) == "np.zeros((n, 2))"
    assert size_of(3) is number(3)
    assert transpose(transpose(X)) is X and X.T.shape == (3, N)
    assert transpose(name("v", (3,))) is name("v", (3,))
    assert dot(2, X) is apply("multiply", number(2), X)
    assert one_hot(name("t", (N,)), 3).shape == (N, 3)
    assert einsum([(0, 1), (1, 2)], (0, 2), [X, name("V", (3, 4))]).shape == (N, 4)
    assert size("n") == size(sp.Symbol("n", integer=True, positive=True)) and size(3) == 3


def test_one_path_leads_to_all_parts_of_forms() -> None:
    public = importlib.import_module("symback.forms")
    for part in ("shapes", "spelling", "nodes", "arrays", "walking", "rows"):
        module = importlib.import_module(f"symback.core.{part}")
        own = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__ and n[0] != "_"]
        assert own, part
        assert [n for n in own if getattr(public, n, None) is not getattr(module, n)] == []
