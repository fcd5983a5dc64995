"""Printed lines of numbers, computed again from their text."""

from __future__ import annotations

import itertools

import numpy as np

from symback.core.display import to_latex
from symback.page.records import Display, Section
from symback.page.substitution import rounded
from tests.support.latex_reader import FUNCTIONS, PRIMES, ReadBackError, Reader


def sides_of(text: str) -> list[tuple[str, str]]:
    """Return the sides of ``a = b \\approx c`` outside of brackets, each with the relation before it."""
    found, depth, start, sign = [], 0, 0, ""
    position = 0
    while position < len(text):
        char = text[position]
        depth += (char in "{([") - (char in "})]")
        relation = next((r for r in ("=", r"\approx", r"\leftarrow") if text.startswith(r, position)), "")
        if relation and depth == 0 and r"\begin{cases}" not in text[:position]:
            found.append((sign, text[start:position]))
            sign, start, position = relation, position + len(relation), position + len(relation)
            continue
        position += 1
    return [(s, t.strip()) for s, t in [*found, (sign, text[start:])] if t.strip()]


NUMBERS = Reader(
    {}, {**FUNCTIONS, r"\mathrm{softmax}": lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)}, PRIMES
)


def value_of(text: str) -> np.ndarray | None:
    """Return the value of a side that holds numbers only, else None."""
    try:
        return np.asarray(NUMBERS.value(text), float)
    except ReadBackError:
        return None


def equations(sections: tuple[Section, ...] | list[Display]) -> list[str]:
    """Return every equation on the page as one line of LaTeX; stages below each other are joined."""
    found: list[str] = []
    displays = [d for s in sections for d in (s.displays if isinstance(s, Section) else [s])]
    for display in displays:
        for cells in display.rows:
            texts = [to_latex(c).strip() for c in cells]
            if texts[0]:
                found.append(" ".join(texts))
            else:
                found[-1] += " " + " ".join(texts[1:])
    return found


def check(line: str, digits: int) -> int:
    """Compute a line of numbers again; return how many sides were compared."""
    known = [(sign, value_of(text), text) for sign, text in sides_of(line)]
    numeric = [(s, v, t) for s, v, t in known if v is not None]
    for (_, before, text), (sign, after, printed) in itertools.pairwise(numeric):
        assert before is not None and after is not None
        before, after = np.broadcast_arrays(np.squeeze(before), np.squeeze(after))
        if sign == "=":
            np.testing.assert_allclose(after, before, rtol=1e-13, atol=1e-15, err_msg=line)
        else:
            assert sign == r"\approx", line
            again = np.vectorize(lambda v: rounded(float(v), digits), otypes=[float])(before)
            np.testing.assert_allclose(
                again, after, rtol=1e-14, err_msg=f"{line}\n{text} rounds to {again}, not {printed}"
            )
            assert not np.allclose(before, after, rtol=1e-14, atol=0), f"{line} is exact"
    return max(0, len(numeric) - 1)
