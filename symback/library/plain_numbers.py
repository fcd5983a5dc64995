"""Plain Python numbers, and arithmetic with them as Python does it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.library.limits import LARGEST_VALUE

PLAIN = (bool, int, float, Fraction)
"""Types of plain numbers, truth values included."""


def is_number(value: Any) -> bool:
    """Return whether ``value`` is a plain Python number."""
    return isinstance(value, PLAIN) and not isinstance(value, bool)


def folded(op: ast.operator, sign: str, compute: Callable[[Any, Any], Any], left: Any, right: Any, line: int) -> Any:
    """Compute with plain numbers as Python does; a quotient of small integers stays a fraction."""
    if isinstance(op, (ast.MatMult, ast.BitAnd)):
        raise ReadError(f"{sign} is not read for plain numbers", line)
    try:
        if isinstance(op, ast.Pow) and not _is_small_power(left, right):
            raise ReadError(f"the power {short(left)}{sign}{short(right)} is too large", line)
        if (
            isinstance(op, ast.Div)
            and isinstance(left, int)
            and isinstance(right, int)
            and max(abs(left), abs(right)) < 10**6
        ):
            return Fraction(left, right)
        result = compute(left, right)
    except ZeroDivisionError:
        raise ReadError("division by zero", line) from None
    except OverflowError:
        raise ReadError(f"{short(left)} {sign} {short(right)} is too large", line) from None
    if isinstance(result, complex) or (isinstance(result, int) and result.bit_length() > 4096):
        raise ReadError(f"{short(left)} {sign} {short(right)} is not a number that can be used", line)
    return result


def _is_small_power(base: Any, exponent: Any) -> bool:
    if isinstance(base, float) or isinstance(exponent, float):
        return True
    bits = max(int(base).bit_length(), Fraction(base).denominator.bit_length(), 1)
    return abs(exponent) * bits <= 4096 if Fraction(exponent).denominator == 1 else True


def short(value: Any) -> str:
    """Return a number as a message writes it: a very large one by its length."""
    if isinstance(value, int) and value.bit_length() > 100:
        return f"(a number of {value.bit_length()} bits)"
    return str(value)


def numbers(values: list[Any]) -> np.ndarray | None:
    """Return a nested list of plain numbers as an array, or None where it is something else, or too large."""
    left = [LARGEST_VALUE]

    def regular(value: Any, depth: int) -> bool:
        left[0] -= 1
        if isinstance(value, (list, tuple)):
            return depth < 16 and left[0] > len(value) and all(regular(v, depth + 1) for v in value)
        return isinstance(value, PLAIN)

    def plain(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [plain(v) for v in value]
        return float(value) if isinstance(value, Fraction) else value

    if not regular(values, 0):
        return None
    try:
        array = np.array(plain(values))
    except (ValueError, OverflowError):
        return None
    return array if array.dtype.kind in "iufb" else None
