"""Plain text on its way to a terminal or a page: what of it is shown, and how wide it is."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Return text as one line without characters that act on a terminal; each becomes a space.

    >>> printable("a\\x1b[31mb\\nc")
    'a [31mb c'
    """
    return "".join(c if c.isprintable() else " " for c in text)


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    >>> columns_of("W₁"), columns_of("오차"), columns_of("y\\u0302")
    (2, 4, 1)
    """
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
