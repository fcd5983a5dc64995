"""The short form of what is normalized: its paths put together, line by line, and the terms in numbers."""

from __future__ import annotations

from functools import partial

import numpy as np

from symback.core.display import (
    COMMA,
    EMPTY,
    EQUALS,
    MINUS,
    NEGATIVE,
    PLUS,
    SPACE,
    Fence,
    Grid,
    Node,
    Word,
    row,
    separated,
    width,
)
from symback.core.errors import PrintError, SymbackError
from symback.core.forms import Apply, Form, name, substitute, walk
from symback.derivation.compact import Compact, compact
from symback.engine.interpreter import evaluate
from symback.page.context import Context
from symback.page.numerals import APPROXIMATELY, Numerals
from symback.page.paths_view import terms_of
from symback.page.pieces import NoMatrixNotation, decimal_piece, fenced
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet
from symback.page.substitution import rounded, rounded_array, rounded_entries
from symback.page.typesetting import Typesetter

_WIDEST = 40.0
"""The widest line of numbers, in em."""
_MOST = 36
"""So many entries stand in a line of arrays."""


def compact_displays(sheet: Sheet, context: Context, of: str) -> list[Display]:
    """Return the lines from the paths of a gradient to its short form, then its terms in numbers.

    Nothing on a page that does not tell paths apart, and where there is no short form past statistics.
    """
    if not sheet.paths or sheet.base.scalar or sheet.entries is not None:
        return []
    found = compact(sheet.record, of)
    if found is None:
        return []
    try:
        lines = _lines(sheet, context, found)
    except (NoMatrixNotation, PrintError):
        return []
    numbers = _numbers(sheet, context, of, found.short, sheet.numerals) if sheet.numerals is not None else None
    if numbers is None:
        return [Display(lines, (of,), (*_intro(sheet, found), *_meaning(sheet, context, found)))]
    rows, words = numbers
    return [
        Display(lines, (of,), _intro(sheet, found)),
        Display(rows, (of,), (*_meaning(sheet, context, found), *words)),
    ]


def short_rows(sheet: Sheet, of: str, rows: tuple[tuple[Node, ...], ...]) -> tuple[tuple[Node, ...], ...]:
    """Return the rows of a gradient whose form is a short form, with its terms in numbers; without them, with its value."""
    if of not in sheet.short or sheet.numerals is None or len(rows) < 2:
        return rows
    found = _numbers(sheet, sheet.base, of, sheet.steps[of].form, sheet.numerals)
    if found is None or found[1]:
        return (rows[0], rows[-1])
    return (rows[0], *((EMPTY, *cells[1:]) for cells in found[0]))


def _lines(sheet: Sheet, context: Context, found: Compact) -> tuple[tuple[Node, ...], ...]:
    rows: list[tuple[Node, ...]] = []
    before: Node | None = None
    for form, key in ((found.named, "compact put in"), (found.short, "compact out")):
        left, piece = Typesetter(context).equation(partial(context.adjoint, found.of), form)
        rows.append((EMPTY if left == before else left, row(EQUALS, piece.whole()), EMPTY, Word(sheet.words[key])))
        before = left
    return tuple(rows)


def _intro(sheet: Sheet, found: Compact) -> tuple[Sentence, ...]:
    adjoints = separated([sheet.base.adjoint(label) for label in found.statistics], row(COMMA, SPACE))
    if len(found.products) != 1:
        return (sentence(sheet.words["compact"], adjoints=adjoints),)
    (product,) = found.products
    definition = sheet.said_equation(sheet.base, product, sheet.network.equation(product.name).form)
    return (sentence(sheet.words["compact named"], adjoints=adjoints, definition=definition),)


def _meaning(sheet: Sheet, context: Context, found: Compact) -> tuple[Sentence, ...]:
    """Return what the short form adds up to along the axis of the statistics, and why."""
    if not found.level or not found.products or len(sheet.network.shape_of(found.of)) != 2:
        return ()
    parts = {"error": context.adjoint(found.of), "of": context.name(found.of)}
    parts["product"] = context.name(found.products[0].name)
    said = [sentence(sheet.words["compact rows" if found.axis else "compact columns"], **parts)]
    if found.straight:
        said.append(sentence(sheet.words["compact straight"], **parts))
    return tuple(said)


def _numbers(
    sheet: Sheet, context: Context, of: str, short: Form, numerals: Numerals
) -> tuple[tuple[tuple[Node, ...], ...], tuple[Sentence, ...]] | None:
    """Return the common factor times the terms, as arrays where the factor is one number, else for the largest entry."""
    inner = _sum_in(short)
    if inner is None:
        return None
    shape = numerals.values["∂" + of].shape
    ones = name("terms", inner.shape)
    factor = substitute(short, lambda node: ones if node is inner else None)
    parts = terms_of(inner)
    known = {**numerals.values, "terms": np.ones(_shape(inner, numerals))}
    try:
        with np.errstate(all="ignore"):
            front = np.asarray(evaluate(factor, known, numerals.sizes), float)
            values = [np.broadcast_to(evaluate(t, known, numerals.sizes), shape) for t, _ in parts]
            front = np.broadcast_to(front, shape)
    except (SymbackError, ValueError):
        return None
    if not all(np.all(np.isfinite(v)) for v in (front, *values)):
        return None
    turns = [turned for _, turned in parts]
    left = context.adjoint(of)
    if len(shape) <= 2 and np.size(front) <= _MOST and np.all(front == front.flat[0]):
        rows = _line(left, float(front.flat[0]), values, turns, numerals.digits, sheet.base.rows)
        if rows is not None:
            return rows, ()
    true = numerals.values["∂" + of]
    entry = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.abs(true))), shape))
    left = context.adjoint(of, sheet.places(of, entry))
    rows = _line(left, float(front[entry]), [v[entry] for v in values], turns, numerals.digits, sheet.base.rows)
    return None if rows is None else (rows, ((sheet.words["one entry"],),))


def _shape(form: Form, numerals: Numerals) -> tuple[int, ...]:
    """Return the shape of a form, in numbers."""
    return tuple(int(s) if isinstance(s, int) else numerals.sizes[s] for s in form.shape)


def _sum_in(form: Form) -> Form | None:
    """Return the sum that a short form has a factor in front of."""
    while isinstance(form, Apply) and form.op in ("multiply", "divide", "negative"):
        sums = [a for a in form.args if _is_sum(a)]
        if sums:
            return sums[0] if len(sums) == 1 else None
        longer = [a for a in form.args if any(map(_is_sum, walk(a)))]
        if not longer:
            return None
        form = longer[0]
    return None


def _is_sum(form: Form) -> bool:
    return isinstance(form, Apply) and form.op in ("add", "subtract")


def _line(
    left: Node, front: float, values: list[np.ndarray], turns: list[bool], digits: int, rows: bool
) -> tuple[tuple[Node, ...], ...] | None:
    """Return ``front (a - b - c)`` with the fewest digits of which the result is that of what is printed, and the result."""
    signs = [-1 if turned else 1 for turned in turns]
    true = front * np.sum([s * v for s, v in zip(signs, values, strict=True)], axis=0)
    bound = 1e-14 * abs(front) * np.sum([np.abs(v) for v in values], axis=0)
    true = np.where(np.abs(true) <= bound, 0.0, true)
    result = rounded_array(true, digits)
    for precision in range(digits, digits + 4):
        factor, shown = rounded(front, precision), [rounded_array(v, precision) for v in values]
        again = factor * np.sum([s * v for s, v in zip(signs, shown, strict=True)], axis=0)
        small = np.abs(again - result) <= bound
        if np.array_equal(np.where(small, result, rounded_array(again, digits)), result):
            break
    else:
        return None
    nodes: list[Node] = []
    entries = [rounded_entries(v, precision) for v in values]
    for k, (value, turned) in enumerate(zip(entries, turns, strict=True)):
        nodes.append((NEGATIVE if turned else EMPTY) if not k else MINUS if turned else PLUS)
        nodes.append(_grid(value, rows, bool(k) or turned))
    side = row(decimal_piece(factor).whole(), Fence(row(*nodes)))
    if width(side) > _WIDEST:
        return None
    exact = np.allclose(factor, front, 1e-14, 0) and all(
        np.allclose(*v, 1e-14, 0) for v in zip(shown, values, strict=True)
    )
    signs_of = EQUALS if exact else APPROXIMATELY, EQUALS if bool(np.all(small)) else APPROXIMATELY
    return (
        (left, row(signs_of[0], side)),
        (EMPTY, row(signs_of[1], _grid(rounded_entries(true, digits), rows, False))),
    )


def _grid(value: np.ndarray, rows: bool, inside: bool) -> Node:
    """Return numbers as an array; a single negative one in parentheses where it stands ``inside`` a sum."""
    if value.size == 1:
        piece = decimal_piece(value.item())
        return (fenced(piece) if inside and piece.negative else piece).whole()
    lines = value if value.ndim == 2 else value[None, :] if rows else value[:, None]
    return Grid(tuple(tuple(decimal_piece(v).whole() for v in line) for line in lines))
