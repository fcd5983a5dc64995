"""How much of a text is followed, and how large what it makes may be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from symback.core.errors import ReadError

LARGEST_ARRAY = 10_000_000
"""Most entries of one array."""

LARGEST_STACK = 256
"""Most formulas in one array."""

LARGEST_LIST = 100_000
"""Most entries of one Python list."""

LARGEST_LAYER = 100_000_000
"""Most entries of one parameter of a layer."""

LONGEST_STEP = 40
"""Most nodes of a layer's result that is written into the next formula instead of being a step of its own."""

UNROLLED = 256
"""Most iterations of a loop that are written out."""

ROUNDS = 4096
"""Most iterations of loops inside loops together, for one statement of the text."""

DEEPEST = 120
"""Deepest nesting of expressions and calls."""

EFFORT = 100_000
"""Most nodes followed for one statement of the text."""

LARGEST_CHANGES = 400_000
"""Most parts of formulas that the changes in place of one statement of the text go through."""

LARGEST_FORM = 20_000
"""Most nodes of one formula, written out."""

DEEPEST_FORM = 320
"""Deepest nesting of one formula: a sum of as many terms as a loop is written out for, and some more."""

DEEPEST_CALLS = 24
"""Most functions of the text that call each other at one time."""

LARGEST_TEXT = 1_000_000
"""Most characters of one string."""

LARGEST_INTEGER = 4096
"""Most bits of one whole number."""

DEEPEST_VALUE = 100
"""Deepest nesting of lists, tuples and dictionaries that are compared, written out or copied."""

LARGEST_VALUE = 1_000_000
"""Most values in one nest of containers that is compared, written out or copied."""

LONGEST_WALK = 200_000
"""Most steps along one iterator."""

MEMORY = 6_000_000
"""Most entries that the containers and strings of one text hold together, eight characters counted as one."""

WORK = 30_000_000
"""Most comparisons, copies and visits of entries that one text may ask for."""


class Allowance:
    """What one text may still use: entries of containers, and steps of work on them."""

    def __init__(self, memory: int = MEMORY, work: int = WORK) -> None:
        self.memory = memory
        self.work = work


_ALLOWANCE: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def allowance(memory: int = MEMORY, work: int = WORK) -> Iterator[Allowance]:
    """Count what is used inside against one allowance; without one, only the limits of single values hold."""
    made = Allowance(memory, work)
    token = _ALLOWANCE.set(made)
    try:
        yield made
    finally:
        _ALLOWANCE.reset(token)


def use(line: int | None, *, memory: int = 0, work: int = 0) -> None:
    """Count what an operation uses; raises ReadError where the text has used too much."""
    left = _ALLOWANCE.get()
    if left is None:
        return
    left.memory -= memory
    left.work -= work + memory
    if left.memory < 0:
        raise ReadError("the lists and texts of this code are too large together", line)
    if left.work < 0:
        raise ReadError("this code takes too many steps to follow", line)
