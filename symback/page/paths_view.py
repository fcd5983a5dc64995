"""A gradient that comes along several paths: what comes along each, in formulas and in numbers, under a brace with its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from symback.core.display import (
    EMPTY,
    EQUALS,
    MINUS,
    NEGATIVE,
    PLUS,
    Grid,
    Node,
    Underbrace,
    Word,
    row,
    to_latex,
    width,
)
from symback.core.errors import PrintError, SymbackError
from symback.core.forms import Apply, Form
from symback.derivation.record import Contribution, Step
from symback.engine.interpreter import evaluate
from symback.page.context import Context
from symback.page.numerals import APPROXIMATELY, Numerals, settled
from symback.page.pieces import BIG, SUM, NoMatrixNotation, Piece, decimal_piece, fenced
from symback.page.records import sentence
from symback.page.sheet import Sheet
from symback.page.substitution import rounded_array, rounded_entries
from symback.page.typesetting import Typesetter

_PATHS = 4
"""Up to this many paths stand beside each other."""
_WIDEST = 60.0
"""The widest sum of arrays, in em; a page breaks it at a sign."""

Rows = tuple[tuple[Node, ...], ...]


def path_rows(sheet: Sheet, context: Context, step: Step, rows: Rows, inline: Callable[[Form], Form]) -> Rows:
    """Return the rows of a gradient with its terms under braces, one for each path, and their numbers.

    The rows stay as they are for one path, on a brief page, and where a term has no notation of matrices.
    """
    if not sheet.paths or sheet.base.scalar or not 2 <= len(step.contributions) <= _PATHS:
        return rows
    order = {e.name: k for k, e in enumerate(sheet.network.equations)}
    # a parameter's places in the order of the forward pass, other paths from the loss inwards
    sign = 1 if step.of in sheet.network.variables else -1
    parts = sorted(step.contributions, key=lambda c: sign * order[c.through])
    if len({c.through for c in parts}) < len(parts):
        return rows
    found = _formula(sheet, context, parts, step, inline)
    if found is None:
        return rows
    braced, same = found
    left, right = rows[0]
    merged: Rows = () if same else ((EMPTY, right),)
    numbers = rows[1:] if sheet.numerals is None else _numbers(sheet, sheet.numerals, parts, step) or rows[1:]
    return ((left, row(EQUALS, braced)), *merged, *numbers)


def _formula(
    sheet: Sheet, context: Context, parts: Sequence[Contribution], step: Step, inline: Callable[[Form], Form]
) -> tuple[Node, bool] | None:
    """Return the sum of the terms, each under its brace, and whether it is the sum that the gradient prints anyway."""
    try:
        pieces = [_term(context, inline(c.form)) for c in parts]
        whole = {
            _printed(piece): piece for t, turns in terms_of(inline(step.form)) for piece in [_turned(context, t, turns)]
        }
    except (NoMatrixNotation, PrintError):
        return None
    own = [k for k, piece in enumerate(pieces) if _printed(piece) not in whole]
    left = [piece for text, piece in whole.items() if text not in map(_printed, pieces)]
    same = len(whole) == len(pieces) and len(own) == len(left) <= 1
    for k, piece in zip(own, left if same else (), strict=False):
        pieces[k] = piece  # all other terms are the same, so these have one value
    nodes: list[Node] = []
    for k, (piece, contribution) in enumerate(zip(pieces, parts, strict=True)):
        nodes.append((NEGATIVE if piece.negative else EMPTY) if not k else MINUS if piece.negative else PLUS)
        nodes.append(_under(sheet, replace(piece, negative=False).node, contribution.through))
    return row(*nodes), same


def _under(sheet: Sheet, body: Node, through: str) -> Node:
    words = sentence(sheet.words["through"], name=sheet.base.name(through))
    return Underbrace(body, row(*(Word(p) if isinstance(p, str) else p for p in words)))


def _term(context: Context, form: Form) -> Piece:
    piece = Typesetter(replace(context, shapes=False)).whole(form)
    return fenced(piece) if piece.level <= SUM and piece.level != BIG else piece


def _turned(context: Context, form: Form, turns: bool) -> Piece:
    piece = _term(context, form)
    return replace(piece, negative=piece.negative != turns)


def _printed(piece: Piece) -> str:
    return to_latex(piece.whole())


def terms_of(form: Form, turns: bool = False) -> list[tuple[Form, bool]]:
    """Return the terms of a sum, and whether each is subtracted."""
    if isinstance(form, Apply) and form.op in ("add", "subtract"):
        return [*terms_of(form.args[0], turns), *terms_of(form.args[1], turns != (form.op == "subtract"))]
    if isinstance(form, Apply) and form.op == "negative":
        return terms_of(form.args[0], not turns)
    return [(form, turns)]


def _numbers(sheet: Sheet, numerals: Numerals, parts: Sequence[Contribution], step: Step) -> Rows:
    """Return the numbers of every path and their sum; none where they are too many, or would need too many digits."""
    known = numerals.values
    try:
        with np.errstate(all="ignore"):
            values = [settled(c.form, evaluate(c.form, known, numerals.sizes), known) for c in parts]
    except SymbackError:
        return ()
    true = np.asarray(known["∂" + step.of], float)
    if true.ndim > 2 or any(v.shape != true.shape or not np.all(np.isfinite(v)) for v in (*values, true)):
        return ()
    result = rounded_array(true, numerals.digits)
    for precision in (numerals.digits, numerals.digits + 1, numerals.digits + 2):
        shown = [rounded_array(v, precision) for v in values]
        again = np.sum(shown, axis=0)
        small = np.abs(again - result) <= 1e-14 * np.abs(shown).max(axis=0)
        if np.array_equal(np.where(small, result, rounded_array(again, numerals.digits)), result):
            break
    else:
        return ()
    entries = [rounded_entries(v, precision) for v in values]
    grids = [_under(sheet, _grid(v, sheet.base.rows), c.through) for v, c in zip(entries, parts, strict=True)]
    sum_of = row(grids[0], *(node for grid in grids[1:] for node in (PLUS, grid)))
    last = _grid(rounded_entries(true, numerals.digits), sheet.base.rows)
    if true.size > 36 or width(sum_of) > _WIDEST:
        return ((EMPTY, row(APPROXIMATELY, last)),)
    exact = all(np.array_equal(a, b) for a, b in zip(shown, values, strict=True))
    return (
        (EMPTY, row(EQUALS if exact else APPROXIMATELY, sum_of)),
        (EMPTY, row(EQUALS if bool(np.all(small)) else APPROXIMATELY, last)),
    )


def _grid(value: np.ndarray, rows: bool) -> Node:
    def number(v: float) -> Node:
        found = decimal_piece(v)
        return (fenced(found) if value.size == 1 and found.negative else found).whole()

    if value.size == 1:
        return number(value.item())
    lines = value if value.ndim == 2 else value[None, :] if rows else value[:, None]
    return Grid(tuple(tuple(number(v) for v in line) for line in lines))
