"""The functions users write formulas with: Forms give Forms, SymPy gives SymPy, and every one says what it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import NetworkError
from symback.core.forms import Form, apply, name
from symback.core.operations import STATED
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from symback.networks.operators import operator
from tests.support.plain import SPOKEN

x = name("x", (2, 3))
VALUE = np.random.default_rng(0).uniform(-2, 2, (2, 3))
ENTRYWISE = [r.name for r in ROWS.values() if r.entrywise and not r.inline]


@pytest.mark.parametrize("label", ENTRYWISE)
def test_a_row_is_a_public_name_for_forms(label: str) -> None:
    row = ROWS[label]
    arguments = [x] + [0.5 + k for k in range(row.arguments - 1)]
    made = getattr(sb, label)(*arguments)
    assert made is row(*arguments) and made.shape == (2, 3)


@pytest.mark.parametrize("label", ENTRYWISE)
def test_a_row_takes_sympy_and_is_read_back(label: str) -> None:
    row = ROWS[label]
    symbols = [sp.Symbol(k) for k in ("w", "u", "v")][: row.arguments]
    made = getattr(sb, label)(*symbols)
    assert isinstance(made, sp.Basic)
    net = sb.network([sp.Eq(sp.Symbol("E"), made)])
    values = {"w": 0.3, "u": 0.2, "v": 0.9}
    if row.name in STATED:
        values[str(symbols[-1])] = row.domain[0] + 0.6 * (row.domain[1] - row.domain[0])
    want = evaluate(row(*[name(str(s)) for s in symbols]), values)
    assert evaluate(net.equations[-1].form, values) == pytest.approx(float(want))


@pytest.mark.parametrize("label", ["exp", "log", "sqrt", "sin", "cos"])
def test_elementary_functions(label: str) -> None:
    function = getattr(sb, label)
    assert function(x) is apply(label, x)
    assert function(sp.Symbol("w")) == getattr(sp, label)(sp.Symbol("w"))
    np.testing.assert_allclose(evaluate(function(x * x + 1), {"x": VALUE}), getattr(np, label)(VALUE**2 + 1))


@pytest.mark.parametrize("kind", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize("options", [{}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)}], ids=str)
def test_reductions_are_numpys(kind: str, options: dict[str, Any]) -> None:
    made = getattr(sb, kind)(x, **options)
    assert made is getattr(x, kind)(**options)
    np.testing.assert_allclose(evaluate(made, {"x": VALUE}), getattr(np, kind)(VALUE, **options))


def test_products_and_choices() -> None:
    a, b = name("a", (3,)), name("b", (3,))
    values = {"a": VALUE[0], "b": VALUE[1], "x": VALUE}
    cases: list[tuple[Form, Any]] = [
        (sb.dot(a, b), VALUE[0] @ VALUE[1]),
        (sb.outer(a, b), np.outer(VALUE[0], VALUE[1])),
        (sb.matmul(x, a), VALUE @ VALUE[0]),
        (sb.transpose(x), VALUE.T),
        (sb.where(x > 0, x, -1), np.where(VALUE > 0, VALUE, -1)),
        (sb.equal(a, a), np.ones(3)),
        (sb.maximum(a, b), np.maximum(VALUE[0], VALUE[1])),
        (sb.abs(x), np.abs(VALUE)),
        (sb.softmax(x, axis=0), SPOKEN["softmax"](VALUE, 0)),
    ]
    for form, expected in cases:
        np.testing.assert_allclose(evaluate(form, values), expected)


def test_a_matrix_expression_is_taken_entry_by_entry() -> None:
    A = sp.MatrixSymbol("A", 2, 2)
    made = sb.sigmoid(A)
    assert made.shape == (2, 2)
    assert made[0, 1].args[0] == A[0, 1] or made[0, 1].has(A[0, 1])


def test_numbers_become_forms() -> None:
    assert evaluate(sb.sigmoid(0.0), {}) == 0.5
    assert isinstance(sb.relu(1), Form)


@pytest.mark.parametrize("label", [*ROWS, "exp", "log", "sqrt", "sin", "cos", "abs"])
def test_every_function_says_what_it_is(label: str) -> None:
    function = operator(label)
    row = ROWS.get(label)
    assert callable(function) and function.__doc__ and function.__doc__.startswith("Return ")
    if row is not None and row.kinks:
        assert row.kinks in function.__doc__
    if row is not None and row.source:
        assert row.source in function.__doc__
    assert label in dir(sb)


def test_an_unknown_function_names_the_nearest() -> None:
    with pytest.raises(NetworkError, match=r"there is no function sigmoidd \(did you mean 'sigmoid'\?\)"):
        operator("sigmoidd")
    with pytest.raises(AttributeError, match="did you mean 'softmax'"):
        _ = sb.sofmax


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sb.sigmoid(x, x), "sigmoid takes 1 argument"),
        (lambda: sb.softmax(x, axis=7), "axis 7 is out of range"),
        (lambda: sb.clip(x), "clip takes 3 argument"),
        (lambda: sb.mean(x, axis=2), "axis 2 is out of range"),
    ],
)
def test_a_wrong_call_is_named(call: Any, message: str) -> None:
    with pytest.raises(sb.SymbackError, match=message):
        call()


@pytest.mark.parametrize(
    ("called", "row"),
    [
        ("logsigmoid", "log_sigmoid"),
        ("mse_loss", "mse"),
        ("binary_cross_entropy", "bce"),
        ("expit", "sigmoid"),
        ("nll_loss", "nll"),
    ],
)
def test_functions_are_found_by_their_names_in_pytorch(called: str, row: str) -> None:
    given = [name("u", (3, 2)), name("v", (3,) if row == "nll" else (3, 2))][: ROWS[row].arguments]
    assert getattr(sb, called)(*given) is getattr(sb, row)(*given)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"there is no function sigmod \(did you mean 'sigmoid'"):
        sb.sigmod  # noqa: B018
