"""Names, attributes, operators and classes: each text is right, as CPython says, or refused."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import pytest

from symback.core.errors import ReadError
from symback.readers import parse

W = [[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]]


@pytest.mark.parametrize("deepest", [18, 22, 40])
def test_a_nest_that_holds_the_same_values_many_times_is_compared_at_once(deepest: int) -> None:
    text = f"""
import numpy as np
W = np.ones((2, 3))
d = (1,)
for i in range({deepest}):
    d = (d, d)
loss = np.sum(W) * (3 if d in [d] else 2) * (5 if d == (d, d) else 7)
"""
    seen = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal seen
        seen += event == "call"

    sys.setprofile(count)
    try:
        with contextlib.suppress(ReadError):
            parse(text)
    finally:
        sys.setprofile(None)
    assert seen < 300_000


@pytest.mark.parametrize(
    "change",
    ["f.__defaults__ = (7,)", "f.__code__ = g.__code__", "f.__kwdefaults__ = {'k': 3}", "C.__bases__ = (B,)"],
)
def test_nothing_is_read_after_a_function_or_class_was_made_another(change: str) -> None:
    text = f"""import numpy as np
W = np.ones((2, 3))
def f(x, k=2): return x * k
def g(x, k=3): return x + k
class B: pass
class C: pass
{change}
loss = np.sum(f(W))
"""
    with pytest.raises(ReadError, match="line 7"):
        parse(text)
