"""Names, attributes, operators and classes: each text is right, as CPython says, or refused."""

from __future__ import annotations

import contextlib
import time

import pytest

from symback.core.errors import ReadError
from symback.readers import parse
from tests.support import needs
from tests.support.programs import Program, judged
from tests.support.soundness_objects import KINDS
from tests.support.soundness_texts import Kind

W = [[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]]

CASES = [
    pytest.param(kind, library, text, id=f"{kind.name}-{library}-{k}")
    for kind in KINDS
    for k, (library, text) in enumerate(kind.texts())
]


@pytest.mark.parametrize(("kind", "library", "text"), CASES)
def test_a_text_is_read_right_or_refused(kind: Kind, library: str, text: str) -> None:
    if library == "torch":
        needs.package("torch")
    verdict = judged(Program(library, {"W": W}, (text,)))
    assert verdict.kind in ({"right"} if kind.must_read else {"right", "refused"}), f"{verdict}\n{text}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_has_several_spellings(kind: Kind) -> None:
    assert len(kind.texts()) >= 4


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
    began = time.process_time()
    with contextlib.suppress(ReadError):
        parse(text)
    assert time.process_time() - began < 2


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
