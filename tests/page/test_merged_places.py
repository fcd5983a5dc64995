"""An index out of a merged one reads the entry that NumPy's reshape puts there."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest

import symback as sb

SHAPES = [
    ((3, 8), (4, 3, 2)),
    ((4, 6), (8, 3)),
    ((2, 3, 4), (4, 6)),
    ((6, 4), (3, 8)),
    ((2, 6), (3, 4)),
    ((12,), (3, 4)),
]


def subscripts(text: str, rank: int) -> list[str]:
    """Return the places of W in the formula for its entries, as Python, one per axis."""
    found = re.search(r"tanh²?\(W_\{?([^}\s]*(?: [^}]*)?)\}?\)", text)
    assert found is not None, text
    places = found.group(1).split(",")
    assert len(places) == rank
    return [as_python(place) for place in places]


def as_python(place: str) -> str:
    spelled = place.replace("−", "-").replace(" mod ", " % ")
    spelled = re.sub(r"(\d)([a-z(])", r"\1*\2", spelled)
    spelled = spelled.replace("⌈", "math.ceil(").replace("⌉", ")").replace("⌊", "math.floor(").replace("⌋", ")")
    return spelled


@pytest.mark.parametrize(("before", "after"), SHAPES, ids=str)
def test_a_reshaped_entry_is_the_one_that_is_printed(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    entries = np.arange(math.prod(before), dtype=float).reshape(before)
    source = f"import numpy as np\nW = np.array({entries.tolist()})\nL = np.sum(np.tanh(W.reshape({after}))**2)\n"
    line = next(k for k in sb.derive(sb.parse(source)).text(view="index").splitlines() if "L = " in k)
    places = subscripts(line, len(before))
    reshaped = entries.reshape(after)
    for at in itertools.product(*map(range, after)):
        letters = {letter: k + 1 for letter, k in zip("ijk", at, strict=False)}
        where = tuple(int(eval(place, {"math": math}, letters)) - 1 for place in places)
        assert min(where) >= 0 and entries[where] == reshaped[at], (line, at)
