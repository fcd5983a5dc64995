"""The errors that symback raises on purpose; each carries one clear message."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SymbackError(Exception):
    """Base of every error raised on purpose."""


class ShapeError(SymbackError):
    """Two shapes do not fit together."""


class ReadError(SymbackError):
    """Source text cannot be read as a forward pass.

    ``line`` is the 1-based line of the text, or of the notebook's ``cell``; None where no line is to blame.
    """

    def __init__(self, message: str, line: int | None = None, cell: int | None = None) -> None:
        self.line = line
        self.cell = cell
        where = "" if cell is None else f"cell {cell}, "
        super().__init__(message if line is None else f"{where}line {line}: {message}")


class NetworkError(SymbackError):
    """Equations do not form a network: a name is unknown, defined twice, or there is no loss."""


class DerivationError(SymbackError):
    """A derivative, or its matrix notation, cannot be found."""


class PrintError(SymbackError):
    """Something cannot be printed in the notation asked for."""


class ValueProblem(SymbackError):
    """Values are missing, unknown, of the wrong shape, or outside what a formula allows."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the known word closest to ``word``, else an empty string."""
    names = sorted(known)
    same = [name for name in names if name.lower() == word.lower()]
    found = same or difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f" (did you mean {found[0]!r}?)" if found else ""
