"""Numbers that a text states, or that follow from whole numbers: nothing that was computed can have come back in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symback.tracer.instrument import Text
from symback.tracer.log import Site

_LARGEST_DENOMINATOR = 100_000
_MOST = 10_000
"""Most numbers of one list that are looked at."""
_CONSTANTS = (1.0, math.pi, 1 / math.pi, math.e, math.tau, math.log(2), math.sqrt(2))


SIMPLE, WRITTEN = 1, 2
"""A number follows from small whole numbers, π or e; it stands in the statement itself."""


def is_stated(value: Any, site: Site, texts: Mapping[str, Text]) -> int:
    """Return WRITTEN for a number that stands in the statement of its line, SIMPLE for one that follows from whole numbers.

    Any other number may have been computed: 0 is returned.
    """
    if isinstance(value, (bool, int, np.integer, np.bool_)):
        return WRITTEN
    number = abs(float(value))
    if not math.isfinite(number) or number == 0:
        return WRITTEN
    text = texts.get(site.file)
    if text is not None:
        first, last = text.statements.get(site.line, (site.line, site.line))
        if any(number in text.constants.get(k, ()) for k in range(first, last + 1)):
            return WRITTEN
    return SIMPLE if any(is_simple(number / c) for c in _CONSTANTS) else 0


def is_simple(number: float) -> bool:
    """Return whether a number is a quotient of whole numbers of which one is small, up to rounding.

    A number that was computed from others is so by chance once in some ten thousand times.
    """
    for one in (number, 1 / number):
        near = Fraction(one).limit_denominator(_LARGEST_DENOMINATOR)
        if near.numerator and abs(float(near) - one) <= 4e-16 * one and near.numerator * near.denominator < 10**10:
            return True
    return False


def all_stated(values: Iterable[Any], site: Site, texts: Mapping[str, Text]) -> int:
    """Return how well all numbers among values, also in lists among them, are stated; texts and options are no numbers."""
    least = WRITTEN
    for value in values:
        if isinstance(value, (float, np.floating)):
            least = min(least, is_stated(value, site, texts))
        elif isinstance(value, (list, tuple)):
            least = min(least, all_stated(value, site, texts) if len(value) <= _MOST else 0)
        elif isinstance(value, dict):
            least = min(least, all_stated(value.values(), site, texts))
        elif not isinstance(value, (bool, int, str, type(None), np.integer, np.bool_, type, np.dtype, slice)):
            return 0
        if not least:
            return 0
    return least
