"""CSV: rows of cells for spreadsheets, none of which can be taken for a formula.

See https://owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from symback.documents.format import Format

_FORMULA = ("=", "+", "-", "@", "|", "%")


def render(rows: Iterable[Sequence[str]]) -> str:
    """Return rows of texts as CSV; a cell that a spreadsheet would compute gets an apostrophe.

    >>> print(render([("name", "value"), ("a, b", "=1+1")]), end="")
    name,value
    "a, b",'=1+1
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return stream.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell


FORMAT = Format("csv", "a table for spreadsheets", {"rows": render}, ("csv",))
