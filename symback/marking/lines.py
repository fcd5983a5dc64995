"""Mark the gradient lines of a text that stand with the forward pass they belong to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeVar

from symback.core.errors import ReadError, SymbackError
from symback.library.notebooks import placed_error
from symback.marking.asked import Asked
from symback.marking.judging import mark
from symback.marking.objects import completed
from symback.marking.reading import Source
from symback.marking.report import Report
from symback.marking.wording import report_of

_Result = TypeVar("_Result")
_MOST_ASSIGNMENTS = 1000


def check_lines(source: Source, asked: Asked) -> Report:
    """Return the report on a text."""
    source = completed(source)

    def read() -> Report:
        marked = mark(source, asked.values, asked.shapes, asked.loss, asked.claims, asked.seed)
        return report_of(source, marked, asked.language, asked.title)

    return placed(source, read)


def within_limits(source: Source) -> Source:
    """Refuse a text that only a machine would write: every assignment is compared with all others."""
    count = sum(
        isinstance(n, (ast.Assign, ast.AugAssign, ast.AnnAssign))
        for t in (*source.before, *source.parts)
        for n in ast.walk(t)
    )
    if count > _MOST_ASSIGNMENTS:
        raise ReadError(
            f"the text has {count} assignments; at most {_MOST_ASSIGNMENTS} are marked (--cell chooses cells of a notebook)"
        )
    return source


def placed(source: Source, work: Callable[[], _Result]) -> _Result:
    """Let errors in a notebook name the cell."""
    try:
        return work()
    except SymbackError as error:
        if source.cells:
            raise placed_error(error, source.cells) from None
        raise
