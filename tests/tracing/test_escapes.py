"""The escapes run, have derivatives, and keep them with a second path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tracing.escapes import ESCAPES, LEGIT, Escape, W, X, derivative, loaded, script

CLOSED = {
    "nditer_write": 2 * W * X,
    "vectorize_math": (1 - np.tanh(W) ** 2) * X,
    "pickled_dictionary": np.exp(W) * X,
    "math_prod": np.prod(W) / W * X[0],
    "masked": np.where(W > 0, 2 * W * X, 0),
    "branch": 2 * W * X,
    "cut_to_tenths": np.array([0, 2 * W[1], 0]),
    "rounded": np.array([2 * W[0], 0, 0]),
    "cache_by_value": np.array([3 * W[0] ** 2 * X[0], 0, 0]),
    "as_loop_count": np.array([2 * W[0] * W[1], W[0] ** 2, 0]) * X[0],
}
"""Derivatives of some escapes, by hand."""


def test_the_table_has_every_function_once() -> None:
    names = [e.name for e in ESCAPES]
    assert len(set(names)) == len(names) > 100
    assert set(LEGIT) <= set(names) and set(CLOSED) <= set(names)


@pytest.mark.parametrize("escape", ESCAPES, ids=lambda e: e.name)
def test_an_escape_has_derivatives_by_one_path_and_by_two(escape: Escape, tmp_path: Path) -> None:
    one, two = derivative(escape), derivative(escape, second=True)
    assert np.allclose(two, one + 2 * W, rtol=1e-7, atol=1e-8)
    assert np.allclose(one, CLOSED.get(escape.name, one), rtol=1e-7, atol=1e-8)
    for second, added in ((False, 0.0), (True, np.sum(W**2))):
        function = loaded(escape, tmp_path, second)
        assert np.isclose(float(function(W.copy(), X.copy())), float(escape.function(W.copy(), X.copy())) + added)
    names = {"__name__": "__main__"}
    exec(compile(script(escape, second=True), "script.py", "exec"), names)
    assert np.isclose(float(names["loss"]), float(escape.function(W.copy(), X.copy())) + np.sum(W**2))  # type: ignore[arg-type]


def test_an_escape_leaves_its_parameter_as_it_was() -> None:
    for escape in ESCAPES:
        given = W.copy()
        escape.function(given, X.copy())
        assert np.array_equal(given, W), escape.name
