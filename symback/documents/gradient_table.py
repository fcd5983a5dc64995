"""The gradient check as a table: some entries of each parameter beside the central difference of the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symback.core.display import Symbol, row
from symback.derivation.record import Record
from symback.page.pieces import decimal_piece
from symback.page.records import Sentence
from symback.page.sheet import Sheet
from symback.page.substitution import rounded
from symback.run.check import EntryCheck, check_entries

_ROWS = 12
"""Lines of the table; where there were more, first entries are left out, then parameters at the end."""
_DIGITS = 6
"""As many as a telephone shows side by side."""
_ROUNDING = 1e-15
SMALLEST = 1e-8
"""A relative error below this is that of the difference."""


def compared_entries(
    record: Record, gradients: Mapping[str, Any], values: Mapping[str, Any] | None, hidden: frozenset[str]
) -> tuple[str, tuple[EntryCheck, ...]]:
    """Return the first entry of each parameter and the one of largest slope, compared with differences.

    Where those are too many, there are fewer; a key of the words says which ones they are.
    """
    chosen: list[tuple[str, tuple[int, ...]]] = []
    largest: list[tuple[str, tuple[int, ...]]] = []
    for name in record.wrt:
        gradient = np.asarray(gradients[name], float)
        if name in hidden or not gradient.size:
            continue
        steep = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.abs(gradient))), gradient.shape))
        largest.append((name, steep))
        chosen += dict.fromkeys([(name, (0,) * gradient.ndim), (name, steep)])
    for key, entries in (("entries first and largest", chosen), ("entries largest", largest)):
        if len(entries) <= _ROWS:
            return key, check_entries(record, entries, values)
    return "entries some", check_entries(record, largest[:_ROWS], values)


def table_rows(page: Sheet, checks: Sequence[EntryCheck]) -> list[tuple[Sentence, ...]]:
    """Return the cells: entry, derived, difference, relative error; a difference across a kink has no line.

    A gradient that is nothing but rounding beside the others is 0, and its error is one of the largest of them.
    """
    largest = max((abs(check.gradient) for check in checks), default=0.0)
    found: list[tuple[Sentence, ...]] = []
    for check in checks:
        if check.crosses:
            continue
        nothing = abs(check.gradient) < _ROUNDING * largest
        error = abs(check.difference) / largest if nothing else check.error
        found.append(
            (
                (page.entry_symbol(check.name, check.entry),),
                (decimal_piece(0 if nothing else rounded(check.gradient, _DIGITS)).whole(),),
                (decimal_piece(rounded(check.difference, _DIGITS)).whole(),),
                (_error(error),),
            )
        )
    return found


def _error(error: float) -> Any:
    if error < SMALLEST:
        return row(Symbol("<", "< "), decimal_piece(SMALLEST).whole())
    return decimal_piece(rounded(error, 2)).whole()
