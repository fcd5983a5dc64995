"""Work counted in calls of functions: the same on every machine, and as long as a clock is not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

QUICK = 5_000_000
"""Calls that Python makes in about a second."""


def counted(run: Callable[[], T]) -> tuple[T, int]:
    """Return the result of a function, and how many calls of functions it took.

    >>> counted(lambda: [abs(k) for k in range(1000)])[1] >= 1000
    True
    """
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        return run(), count
    finally:
        sys.setprofile(before)


def within(most: int, run: Callable[[], T]) -> T:
    """Return the result of a function, and assert that it took no more calls than these."""
    result, count = counted(run)
    assert count <= most, f"{count} calls, of {most} allowed"
    return result
