"""Heat maps of arrays of numbers: the darker a cell, the larger the number that stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symback.core.display import Node, to_text, width
from symback.page.picture import MARGIN, Box, Label, Mark, Picture, moved
from symback.page.pieces import decimal_piece
from symback.page.substitution import rounded

_CELL = 26.0
"""The height of a cell, in points; its width is that of the longest number."""
_DARKEST = 0.7
"""How strongly the largest number fills its cell: the number in it has to be read."""
_LARGEST = 12
"""Most rows and columns of a map that can be read."""
_SIDE_BY_SIDE = 4
"""Most maps in one picture, as of several heads."""


def heat_map(values: Any, rows: str, columns: str, digits: int = 4, titles: Sequence[Node] = ()) -> Picture | None:
    """Return a picture of a matrix, or of a stack of matrices side by side, of numbers from 0 to 1.

    ``rows`` and ``columns`` say what the lines are, with a place for their number: "query {}". None where the matrices are
    too large to read.

    >>> heat_map([[0.25, 0.75], [1.0, 0.0]], "query {}", "key {}").description
    'query 1: 0.25, 0.75. query 2: 1, 0.'
    """
    stack = np.asarray(values, dtype=float)
    stack = stack.reshape(-1, *stack.shape[-2:])
    if len(stack) > _SIDE_BY_SIDE or max(stack.shape[1:]) > _LARGEST:
        return None
    marks: list[Mark] = []
    left, said = MARGIN, []
    for k, matrix in enumerate(stack):
        title = titles[k] if titles else None
        drawn, right = _one(matrix, rows, columns, digits, title)
        marks += [moved(mark, left, MARGIN) for mark in drawn]
        left += right + 2 * MARGIN
        shown = [", ".join(_text(v, digits) for v in line) for line in matrix]
        said += [f"{rows.format(i + 1)}: {line}." for i, line in enumerate(shown)]
    height = 2 * MARGIN + _CELL * (stack.shape[1] + 1 + bool(titles))
    return Picture(round(left - MARGIN, 2), round(height, 2), tuple(marks), " ".join(said))


def _text(value: float, digits: int) -> str:
    return to_text(decimal_piece(rounded(float(value), digits)).whole())


def _one(matrix: np.ndarray, rows: str, columns: str, digits: int, title: Node | None) -> tuple[list[Mark], float]:
    """Return the marks of one map, and its width."""
    numbers = [[decimal_piece(rounded(float(v), digits)).whole() for v in line] for line in matrix]
    longest = max(width(node) for line in numbers for node in line)
    names = [columns.format(j + 1) for j in range(matrix.shape[1])]
    wide = max(40.0, 7.6 * longest + 10.0, 5.6 * max(map(len, names)) + 8.0)
    side = 5.6 * max(len(rows.format(i + 1)) for i in range(len(matrix))) + 10.0
    top = _CELL * (title is not None)
    marks: list[Mark] = []
    if title is not None:
        marks.append(Label(side + wide * len(names) / 2, _CELL / 2, title, size=11.0, kind="unit"))
    for j, name in enumerate(names):
        marks.append(Label(side + (j + 0.5) * wide, top + _CELL / 2 + 4.0, name, size=9.0, kind="caption"))
    most = float(np.abs(matrix).max()) or 1.0
    for i, line in enumerate(numbers):
        y = top + (i + 1.5) * _CELL
        marks.append(Label(side - 6.0, y, rows.format(i + 1), "end", 9.0, kind="caption"))
        for j, node in enumerate(line):
            x = side + (j + 0.5) * wide
            shade = _DARKEST * float(abs(matrix[i, j])) / most
            marks += [Box(x, y, wide, _CELL, "cell", round(shade, 3)), Label(x, y, node, size=9.5, kind="unit")]
    return marks, side + wide * len(names)
