"""The kinds of numbers in arrays, whose memory is whose, and numbers that options take: right, as CPython says, or refused."""

from __future__ import annotations

import pytest

import symback as sb
from symback.core.errors import NetworkError, ValueProblem

FIXED = """
import numpy as np
w, top = 2.0, 4.0
x = np.linspace(0, top, 5)
loss = np.sum(w * x) + top
"""


def test_a_number_that_stands_in_the_formulas_is_no_variable() -> None:
    assert sb.derive(sb.parse(FIXED, wrt=["w"])).evaluate({"w": 3.0}).loss == 34.0
    with pytest.raises(NetworkError, match=r"line 4: np\.linspace takes top as a plain number"):
        sb.derive(sb.parse(FIXED, wrt=["w"]), wrt=["top"])
    with pytest.raises(ValueProblem, match=r"line 4: np\.linspace takes top as a plain number, and another value"):
        sb.derive(sb.parse(FIXED, wrt=["w"])).evaluate({"top": 5.0})
