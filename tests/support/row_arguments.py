"""Arguments at which the rows of the tables are tried: numbers of their domains, and orders."""

from __future__ import annotations

from typing import Any

import numpy as np

from symback.core.forms import Function


def within(row: Function, x: Any) -> Any:
    """Return numbers between -3 and 3 moved into the row's domain; they stay as they are where that is the domain."""
    low, high = row.domain
    return x if row.domain == (-3.0, 3.0) else low + (np.asarray(x) + 3) / 6 * (high - low)


def arguments_at(row: Function, x: Any, rest: list[float], order: int = 0) -> list[Any]:
    """Return the row's arguments in order: ``x``, which is a number, an array or a Form, with an order before it or the rest after it."""
    return [row.orders[order % len(row.orders)], x] if row.orders else [x, *rest[: row.arguments - 1]]
