"""Stable forms equal the forms they replace, and hold where those overflow."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symback.core.forms import Form, broadcast_to, equal, expand, name, number, one_hot, reduce_over, transpose, where
from symback.derivation.stabilize import stable, stable_forms
from symback.engine.interpreter import EXACT, evaluate
from symback.functions import ROWS
from tests.support.small_networks import exp, layers, log, record_of

z = name("z", (3, 4))
s = name("s", (3, 4))
v = name("v", (4,))
sigmoid, softmax = ROWS["sigmoid"], ROWS["softmax"]


PAIRS = [
    (log(sigmoid(z)), ROWS["log_sigmoid"](z)),
    (log(1 - sigmoid(z)), ROWS["log_sigmoid"](-z)),
    (log(softmax(z)), ROWS["log_softmax"](z)),
    (log(softmax(z, axis=0)), ROWS["log_softmax"](z, axis=0)),
    (log(softmax(z)[1, 2]), ROWS["log_softmax"](z)[1, 2]),
    (log(softmax(z)[1:, ::2]), ROWS["log_softmax"](z)[1:, ::2]),
    (log(transpose(softmax(z))), transpose(ROWS["log_softmax"](z))),
    (log(expand(sigmoid(v), [0])), expand(ROWS["log_sigmoid"](v), [0])),
    (log(1 - sigmoid(z)[0]), ROWS["log_sigmoid"](-z)[0]),
    (log(reduce_over("sum", exp(z), 1)), ROWS["logsumexp"](z, axis=1)),
    (log(reduce_over("sum", exp(z), 0, True)), ROWS["logsumexp"](z, axis=0, keepdims=True)),
    (log(reduce_over("sum", exp(v))), ROWS["logsumexp"](v, axis=0)),
    (log(1 - ROWS["tanh"](z)), -(ROWS["softplus"](2 * z) - log(number(2)))),
    (log(reduce_over("sum", exp(z))), ROWS["logsumexp"](ROWS["logsumexp"](z, axis=1), axis=0)),
    (log(reduce_over("mean", exp(z), 1)), ROWS["logsumexp"](z, axis=1) - log(number(4))),
    (log(sigmoid(z) / (1 - sigmoid(z))), z),
    (exp(z) / (exp(z) + exp(-z)), sigmoid(2 * z)),
    (exp(z) / reduce_over("sum", exp(z), 1, True), softmax(z)),
    (exp(z) * exp(-z), broadcast_to(number(1), (3, 4))),
    (2 * log(sigmoid(z)) - log(1 - sigmoid(z)), 2 * ROWS["log_sigmoid"](z) - ROWS["log_sigmoid"](-z)),
]


@pytest.mark.parametrize(("literal", "safe"), PAIRS, ids=lambda form: str(form))
def test_identity_is_found_and_true(literal: Form, safe: Form) -> None:
    assert stable(literal) is safe
    rng = np.random.default_rng(0)
    lift = np.vectorize(mpmath.mpf, otypes=[object])
    environment = {"z": lift(rng.uniform(-30, 30, (3, 4))), "v": lift(rng.uniform(-30, 30, 4))}
    with mpmath.workdps(80):
        first = evaluate(literal, environment, arithmetic=EXACT)
        second = evaluate(safe, environment, arithmetic=EXACT)
        assert np.max(np.abs(first - second)) < mpmath.mpf(10) ** -40


@pytest.mark.parametrize(
    "form",
    [
        log(z),
        log(1 - z),
        log(2 - sigmoid(z)),
        log(sigmoid(z) + 1e-9),
        log(1 + sigmoid(z)),
        exp(sigmoid(z)),
        log(1 - softmax(z)),
        log(reduce_over("sum", softmax(z), 1)),
        log(ROWS["tanh"](z)),
    ],
    ids=str,
)
def test_what_no_row_states_stays(form: Form) -> None:
    assert stable(form) is form


def test_names_are_looked_through() -> None:
    known = {"s": sigmoid(z), "q": 1 - s, "h": name("s", (3, 4))}
    assert stable(log(s), known) is ROWS["log_sigmoid"](z)
    assert stable(log(1 - s), known) is ROWS["log_sigmoid"](-z)
    assert stable(log(name("q", (3, 4))), known) is ROWS["log_sigmoid"](-z)
    assert stable(log(name("h", (3, 4))), known) is ROWS["log_sigmoid"](z)
    assert stable(log(s) + s, known) is ROWS["log_sigmoid"](z) + s
    total, grown = name("T", (3,)), name("E", (3, 4))
    known = {"E": exp(z), "T": reduce_over("sum", grown, 1)}
    assert stable(log(total), known) is ROWS["logsumexp"](z, axis=1)


def test_a_record_lists_what_is_evaluated_otherwise() -> None:
    record = record_of(layers([2, 3, 1], loss="bce"))
    changed = stable_forms(record)
    assert set(changed) == {"L"}
    assert "log_sigmoid(z2)" in str(changed["L"])
    assert "log_sigmoid(-z2)" in str(changed["L"])
    assert stable_forms(record_of(layers([2, 3, 1], loss="bce"), collapse=False)) == {}
    assert stable_forms(record_of(layers([2, 3, 1]))) == {}


def test_every_reflected_row_is_its_own_complement() -> None:
    points = np.array([-2.5, -0.3, 0.0, 0.7, 3.1])
    for row in [r for r in ROWS.values() if r.reflected]:
        x = name("x", (5,))
        np.testing.assert_allclose(evaluate(row(x) + row(-x), {"x": points}), np.ones(5), rtol=0, atol=1e-15)


def test_where_entries_may_be_infinite_exponents_stay_apart_and_rows_of_ones_choose() -> None:
    w, index = name("w", (3, 4)), name("t", (3,))
    ratio = exp(z) / exp(w)
    assert stable(ratio) is not ratio and stable(ratio, finite=False) is ratio
    rows = one_hot(index, 4)
    assert stable(rows * log(softmax(z)), finite=False) is where(equal(rows, 1), ROWS["log_softmax"](z), number(0))
    assert stable(rows * log(softmax(z))) is rows * ROWS["log_softmax"](z)
