"""Lines that fit the page: long rows of displays broken before relations and signs, for every format with a width."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from symback.core.display import (
    EMPTY,
    MINUS,
    PLUS,
    QUAD,
    Blank,
    Colored,
    Fence,
    Infix,
    Node,
    Row,
    Symbol,
    Under,
    is_tall,
    row,
    width,
)

Line = tuple[Node, ...]
"""The cells of one line: sides alternate between right-aligned and left-aligned."""


def broken_lines(rows: Sequence[Line], room: float) -> list[Line]:
    """Return the rows of a display so that they fit into ``room`` em where breaking can do it.

    Equations that share a line are set below each other; a long right side is broken before its relations, then before
    its signs, and inside brackets that are longer than a line.

    >>> from symback.core.display import EQUALS, to_latex
    >>> letter = Symbol("a", "a")
    >>> rows = [(letter, row(EQUALS, *[letter] * 9, EQUALS, *[letter] * 9))]
    >>> [to_latex(row(*line)) for line in broken_lines(rows, 10)]
    ['a = aaaaaaaaa', ' = aaaaaaaaa']
    """
    found = list(rows)
    if max(len(cells) for cells in found) > 2 and total_width(found) > room:
        found = [pair for cells in found for pair in _pairs(cells)]
    if max(len(cells) for cells in found) <= 2:
        left = max(width(cells[0]) for cells in found)
        found = [line for cells in found for line in _broken(cells, room - left)]
    return found


def total_width(rows: Sequence[Sequence[Node]]) -> float:
    """Return an estimate, rather too wide, of the width of aligned rows in em."""
    columns = max(len(cells) for cells in rows)
    return sum(
        max((width(cells[k]) for cells in rows if k < len(cells)), default=0.0) + (1.0 if k % 2 == 0 and k else 0.0)
        for k in range(columns)
    )


def _pairs(cells: Sequence[Node]) -> list[tuple[Node, ...]]:
    """Return equations that share a line one by one; the reason beside an equation goes below it, set in."""
    found = [tuple(cells[k : k + 2]) for k in range(0, len(cells), 2)]
    return [(EMPTY, row(QUAD, *pair[1:])) if k and pair[0] == EMPTY else pair for k, pair in enumerate(found)]


def _broken(cells: Sequence[Node], room: float) -> list[tuple[Node, ...]]:
    """Return a line as several, broken before relations and signs where it is too wide."""
    if len(cells) < 2 or width(cells[1]) <= room:
        return [tuple(cells)]
    lines: list[Node] = []
    whole = row(*(q for p in (cells[1].parts if isinstance(cells[1], Row) else (cells[1],)) for q in _spread(p, room)))
    for group in _before(whole, lambda node: isinstance(node, Infix) and node.relation):
        part = row(*group)
        if width(part) <= room:
            lines.append(part)
        else:
            lines.extend(_filled(part, room))
    lines = [_with_shorter_blank(line, room) for line in lines]
    return [(cells[0], lines[0]), *((EMPTY, line) for line in lines[1:])]


def _spread(part: Node, room: float) -> list[Node]:
    """Return an answer in color that is longer than a line as its parts, so that a line can end in it; the label is the last's."""
    if isinstance(part, Under) and isinstance(part.body, Colored) and width(part) > room - 2:
        *parts, last = _spread(part.body, room)
        return [*parts, replace(part, body=last)]
    if isinstance(part, Colored) and width(part) > room - 2:
        inner = part.body.parts if isinstance(part.body, Row) else (part.body,)
        runs = _before(row(*(p for q in inner for p in _opened(q, room))), lambda p: isinstance(p, Infix))
        found: list[Node] = []
        for run in runs:
            sign = run[:1] if isinstance(run[0], Infix) else []
            found += [*sign, *([replace(part, body=row(*run[len(sign) :]))] if len(run) > len(sign) else [])]
        return found
    return [part]


def _with_shorter_blank(line: Node, room: float) -> Node:
    """Return a line whose blank is as long as the line allows."""
    parts = list(line.parts) if isinstance(line, Row) else [line]
    for k, part in enumerate(parts):
        excess = width(row(*parts)) - room
        if excess > 0 and isinstance(part, Under) and isinstance(part.body, Blank):
            shorter = max(1, math.floor(part.body.width - excess / 2))
            parts[k] = replace(part, body=replace(part.body, width=shorter))
    return row(*parts)


def _before(node: Node, is_break: Callable[[Node], bool]) -> list[list[Node]]:
    """Return the parts of a row in groups, a new one before each part where a line may break."""
    found: list[list[Node]] = [[]]
    for part in node.parts if isinstance(node, Row) else (node,):
        if is_break(part) and found[-1]:
            found.append([])
        found[-1].append(part)
    return found


def _filled(node: Node, room: float) -> list[Node]:
    """Return a long side as lines filled up to the room there is, broken before + and −, else before any sign.

    Brackets longer than a line are opened, so that a line can end inside them.
    """
    parts = [q for p in (node.parts if isinstance(node, Row) else (node,)) for q in _opened(p, room)]
    lines: list[list[Node]] = [[]]

    def add(group: list[Node]) -> None:
        if lines[-1] and width(row(*lines[-1])) + width(row(*group)) > room - 2:
            # A sign at the start of a line keeps the space of a sign between two things.
            lines.append([QUAD, Symbol("{}", "")])
        lines[-1].extend(group)

    for term in _before(row(*parts), lambda part: part in (PLUS, MINUS)):
        if width(row(*term)) <= room - 2:
            add(term)
        else:
            for factor in _before(row(*term), lambda part: isinstance(part, Infix)):
                add(factor)
    return [row(*line) for line in lines]


def _opened(part: Node, room: float) -> list[Node]:
    if isinstance(part, Fence) and part.kind == "(" and width(part) > room - 3:
        left, right = (r"\bigl(", r"\bigr)") if is_tall(part.body) else ("(", ")")
        inner = list(part.body.parts if isinstance(part.body, Row) else (part.body,))
        return [Symbol(left, "("), *(q for p in inner for q in _opened(p, room)), Symbol(right, ")")]
    return [part]
