"""LaTeX of formulas alone: what stands between ``$$`` and ``$$``, to be put into a text of one's own."""

from __future__ import annotations

from collections.abc import Iterable

from symback.documents.format import Format
from symback.documents.formats.latex import body
from symback.page.records import Display


def render(displays: Iterable[Display]) -> str:
    """Return displays as one formula without delimiters, on lines of its own."""
    return body(displays) + "\n"


FORMAT = Format("latex", "a LaTeX formula without delimiters", {"formula": render}, (), comment="% ")
