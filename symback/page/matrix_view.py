"""The adjoints of arrays, nothing abbreviated; and with errors δ, each beside the gradients it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from symback.core import forms
from symback.core.display import EMPTY, EQUALS, Node, Script, Symbol, row
from symback.core.forms import Adjoint, Apply, Form, Number
from symback.derivation.closed import with_numbers_first
from symback.derivation.compact import taken_away
from symback.derivation.guards import unguarded_step
from symback.derivation.record import Step
from symback.page import implicit_view
from symback.page.closed_view import with_closed_form
from symback.page.collapse_numbers import collapse_numbers, mean_displays
from symback.page.collapse_view import collapse_displays
from symback.page.compact_view import compact_displays, short_rows
from symback.page.context import Context
from symback.page.notation import with_layer
from symback.page.numerals import APPROXIMATELY
from symback.page.paths_view import path_rows
from symback.page.pieces import NoMatrixNotation
from symback.page.records import Display, Sentence, sentence, side_by_side
from symback.page.sheet import Sheet
from symback.page.ties_view import with_named_ties
from symback.page.typesetting import Typesetter


def adjoint_step(sheet: Sheet, of: str) -> Display:
    """Return ∂L/∂(of) from the adjoints nearer the loss, nothing abbreviated."""
    return _closed(sheet, sheet.base, of, _staged_step(sheet, of))


def _staged_step(sheet: Sheet, of: str, short: bool = False) -> Display:
    rows = sheet.numbered(
        _adjoint_cells(sheet, sheet.base, of, short=short), sheet.steps[of].form, whole=sheet.base.adjoint(of)
    )
    rows = short_rows(sheet, of, rows)
    return Display(rows, (of,), sheet.sentences(sheet.steps[of]))


def adjoints(sheet: Sheet, closes: bool = True) -> list[Display]:
    """Return every adjoint from those nearer the loss, gradients without their closed forms where ``closes`` is False."""
    found: list[Display] = []
    for step in sheet.record.steps:
        if not (step.needed or sheet.is_shown_anyway(step.of)) or step.of == sheet.network.loss:
            continue
        lines = collapse_displays(sheet, sheet.base, step)
        staged = _staged_step(sheet, step.of, bool(lines))
        staged = replace(staged, rows=path_rows(sheet, sheet.base, step, staged.rows, lambda form: form))
        last = _closed(sheet, sheet.base, step.of, staged) if closes else staged
        found += below_lines(lines, last)
        numbers = collapse_numbers(sheet, sheet.base, step) or _one_entry(sheet, sheet.base, step.of, step.form)
        found += [*numbers, *mean_displays(sheet, sheet.base, step), *compact_displays(sheet, sheet.base, step.of)]
    return found


def below_lines(lines: list[Display], last: Display) -> list[Display]:
    """Return the lines of a collapse with what is said of it, then the display they lead to."""
    if not lines:
        return [last]
    lines = [replace(lines[0], words=last.words), *lines[1:]]
    if not _ends_in(lines, last.rows[0][0]):
        return [*lines, replace(last, words=())]
    # the lines speak of the array itself: the last of them is the formula
    *rows, (*_, reason) = lines[-1].rows
    (_, right), *numbers = last.rows
    return [*lines[:-1], replace(lines[-1], rows=(*rows, (EMPTY, right, EMPTY, reason), *numbers))]


def _ends_in(lines: list[Display], left: Node) -> bool:
    """Say whether the lines of a collapse have the left side of the formula they lead to, without an index."""
    return bool(lines) and lines[-1].rows[0][0] == left


def _adjoint_cells(
    sheet: Sheet, context: Context, of: str, inlined: Mapping[str, Form] | None = None, short: bool = False
) -> tuple[Node, Node]:
    """Return both sides of ∂L/∂(of); with the product that a collapse replaces, where its lines do not stand above."""
    step = sheet.steps[of]
    form = step.form if inlined is None else _inline(step.form, inlined)
    if not any(isinstance(node, Adjoint) for node in forms.walk(form)):
        form = with_numbers_first(sheet.network, form)
    sides = [form]
    if not short and any(c.collapsed for c in step.contributions) and all(not c.collapsed for c in step.literal):
        total = step.literal[0].form
        for contribution in step.literal[1:]:
            total = total + contribution.form
        # A pre-activation's own collapse prints the product that it replaces.
        sides = [total, form] if total is not form else sides
    if _is_taken_away(sheet, of):
        sides = [*sides, forms.filled(0, form.shape)]
    return sheet.equation(context, partial(context.adjoint, of), sides)


def _is_taken_away(sheet: Sheet, of: str) -> bool:
    return taken_away(sheet.record, of, sheet.short) is not None


def written_inside(sheet: Sheet) -> dict[str, Form]:
    """Return the adjoints ∂L/∂a that the matrix view writes inside the one error that reads them, once."""
    found: dict[str, Form] = {}
    for step in sheet.record.steps:
        if not step.needed or step.of in sheet.affine or step.of in sheet.record.wrt or step.of == sheet.network.loss:
            continue
        readers = sheet.readers.get(step.of, [])
        if (
            len(readers) == 1
            and readers[0].of in sheet.affine
            and _occurrences(readers[0].form, step.of) == 1
            and not _numbers_meet(readers[0].form, step)
            and _is_matrix_notation(sheet, step.form)
            and _is_matrix_notation(sheet, readers[0].form)
        ):
            found[step.of] = _inline(step.form, found)
    return found


def _is_matrix_notation(sheet: Sheet, form: Form) -> bool:
    try:
        Typesetter(sheet.with_errors).form(form)
    except NoMatrixNotation:
        return False
    return True


def matrix_step(sheet: Sheet, of: str) -> Display:
    """Return one line of the matrix view."""
    step = sheet.steps[of]
    inlined = written_inside(sheet)
    cells = _adjoint_cells(sheet, sheet.with_errors, of, inlined)
    shown = Display(
        sheet.numbered(cells, _inline(step.form, inlined), context=sheet.with_errors), (of,), sheet.sentences(step)
    )
    return _closed(sheet, sheet.with_errors, of, shown)


def _closed(sheet: Sheet, context: Context, of: str, shown: Display) -> Display:
    if _is_taken_away(sheet, of):
        return replace(shown, rows=shown.rows[:1])  # the first row ends in 0
    return with_closed_form(sheet, context, shown, sheet.steps[of].form)


def matrix(sheet: Sheet) -> list[Display]:
    """Return the legend of δ, then the errors from the loss inwards, each with the gradients it gives."""
    inlined = written_inside(sheet)
    found = _legend(sheet)
    used: set[str] = set()
    explained: set[tuple[object, ...]] = set()
    for step in sheet.record.steps:
        of = step.of
        hidden = of in inlined or of == sheet.network.loss or of in used
        if hidden or (not step.needed and not sheet.is_shown_anyway(of)):
            continue
        written_in = any(c.through in inlined for c in step.contributions)
        lines = [] if written_in else collapse_displays(sheet, sheet.with_errors, step)
        cells = [(of, _adjoint_cells(sheet, sheet.with_errors, of, inlined, bool(lines)))]
        for other in sheet.record.steps:
            if (
                of in sheet.affine
                and other.of in sheet.record.wrt
                and set(other.through) == {of}
                and other.of not in sheet.affine
                and not _is_taken_away(sheet, other.of)
            ):
                cells.append((other.of, _adjoint_cells(sheet, sheet.with_errors, other.of, inlined)))
        for through in dict.fromkeys(c.through for name, _ in cells for c in sheet.steps[name].contributions):
            found += implicit_view.implicit_displays(sheet, through, explained)
        used.update(name for name, _ in cells)
        sentences = tuple(s for name, _ in cells for s in sheet.sentences(sheet.steps[name]))
        if lines:
            # the first formula stands in the lines where they speak of the array itself
            first = Display(
                sheet.numbered(cells[0][1], _inline(step.form, inlined), context=sheet.with_errors), (of,), sentences
            )
            merged = _ends_in(lines, cells[0][1][0])
            found += below_lines(lines, first) if merged else [replace(lines[0], words=sentences), *lines[1:]]
            if merged:
                found += collapse_numbers(sheet, sheet.with_errors, step)
            cells, sentences = cells[merged:], ()
        if sheet.numerals is None:
            found += _in_formulas_past_statistics(sheet, cells, sentences, inlined)
            found += _up_to_guard(sheet, of)
            continue
        for k, (name, pair) in enumerate(cells):
            inside = _inline(sheet.steps[name].form, inlined)
            whole = sheet.with_errors.adjoint(name)
            rows = short_rows(sheet, name, sheet.numbered(pair, inside, context=sheet.with_errors, whole=whole))
            rows = path_rows(sheet, sheet.with_errors, sheet.steps[name], rows, partial(_inline, inlined=inlined))
            rows = rows[:1] if _is_taken_away(sheet, name) else rows
            words = () if k else sentences
            ties = with_named_ties(sheet, sheet.with_errors, name, pair, inside) if len(rows) == 1 else []
            found += [replace(d, words=(*words, *d.words)) for d in ties] or [Display(rows, (name,), words)]
            numbers = []
            if lines and name == of:
                numbers = [
                    *collapse_numbers(sheet, sheet.with_errors, step),
                    *mean_displays(sheet, sheet.with_errors, step),
                ]
            found += numbers or _one_entry(sheet, sheet.with_errors, name, inside)
            found += compact_displays(sheet, sheet.with_errors, name)
        found += _up_to_guard(sheet, of)
    return found


def _one_entry(sheet: Sheet, context: Context, of: str, form: Form) -> list[Display]:
    """Return one entry of a gradient in numbers, where its line keeps the names of arrays."""
    found = None if sheet.numerals is None or sheet.brief else sheet.numerals.one_entry(form)
    if found is None:
        return []
    entry, sides = found
    left = context.adjoint(of, sheet.places(of, entry))
    return [Display(((left, row(*sides)),), (of,), ((sheet.words["one entry"],),))]


def _up_to_guard(sheet: Sheet, of: str) -> list[Display]:
    """Return what an error is but for the tiny number that guards a logarithm, where it collapses without that."""
    if sheet.brief:
        return []
    found = unguarded_step(sheet.record, of)
    if found is None:
        return []
    guard, step = found
    setter = Typesetter(sheet.with_errors)
    try:
        side = row(APPROXIMATELY, setter.whole(step.form).whole())
    except NoMatrixNotation:
        return []
    said = sentence(sheet.words["guard"], guard=setter.whole(guard).whole())
    facts = tuple(sheet.assumed(a) for a in step.contributions[0].assumptions)
    return [Display(((sheet.with_errors.adjoint(of), side),), (of,), (said, *facts))]


def _in_formulas_past_statistics(
    sheet: Sheet,
    cells: list[tuple[str, tuple[Node, Node]]],
    sentences: tuple[Sentence, ...],
    inlined: Mapping[str, Form],
) -> list[Display]:
    """Return equations without numbers, the lines to a short form right behind the first of them."""
    if not cells:
        return []
    short = compact_displays(sheet, sheet.with_errors, cells[0][0])
    if not short:
        return _in_formulas(sheet, cells, sentences, inlined)
    rest = _in_formulas(sheet, cells[1:], (), inlined) if cells[1:] else []
    return [*_in_formulas(sheet, cells[:1], sentences, inlined), *short, *rest]


def _in_formulas(
    sheet: Sheet,
    cells: list[tuple[str, tuple[Node, Node]]],
    sentences: tuple[Sentence, ...],
    inlined: Mapping[str, Form],
) -> list[Display]:
    """Return equations without numbers: those of several paths alone, the others beside each other."""
    apart: list[Display] = []
    for name, pair in list(cells):
        ties = with_named_ties(sheet, sheet.with_errors, name, pair, _inline(sheet.steps[name].form, inlined))
        if ties:
            apart += ties
            continue
        rows = path_rows(sheet, sheet.with_errors, sheet.steps[name], (pair,), partial(_inline, inlined=inlined))
        if rows != (pair,):
            apart.append(_closed(sheet, sheet.with_errors, name, Display(rows, (name,))))
    beside = [pair for pair in cells if pair[0] not in {name for d in apart for name in d.of}]
    if not beside:
        return [replace(apart[0], words=tuple(dict.fromkeys((*sentences, *apart[0].words)))), *apart[1:]]
    if apart and apart[0].of[0] == cells[0][0]:
        apart[0] = replace(apart[0], words=tuple(dict.fromkeys((*sentences, *apart[0].words))))
        return [apart[0], *_side_by_side(sheet, beside, ()), *apart[1:]]
    return [*_side_by_side(sheet, beside, sentences), *apart]


def _side_by_side(
    sheet: Sheet, cells: list[tuple[str, tuple[Node, Node]]], sentences: tuple[Sentence, ...]
) -> list[Display]:
    """Return equations beside each other; a gradient that ends in its closed form stands alone."""
    alone = []
    beside = []
    for name, pair in cells:
        shown = Display((pair,), (name,))
        closed = _closed(sheet, sheet.with_errors, name, shown)
        if closed is shown:
            beside.append((name, pair))
        else:
            alone.append(closed)
    found = [replace(side_by_side(beside), words=sentences)] if beside else []
    if not beside:
        alone[0] = replace(alone[0], words=tuple(dict.fromkeys((*sentences, *alone[0].words))))
    return [*found, *alone]


def _legend(sheet: Sheet) -> list[Display]:
    if not sheet.errors:
        return []
    stems = {re.sub(r"\d+$", "", name) for name in sheet.errors}
    symbols = [sheet.base.name(n) for n in sheet.errors]
    layer = sheet.base.names.free([Symbol("l", "l"), Symbol("k", "k"), Symbol("m", "m")])
    if (
        len(sheet.errors) > 1
        and len(stems) == 1
        and all(isinstance(s, Script) for s in symbols)
        and all(re.search(r"\d+$", n) for n in sheet.errors)
    ):
        first = symbols[0]
        assert isinstance(first, Script)
        layers = sheet.base.notation.layers
        left: Node = with_layer(Symbol(r"\delta", "δ"), layer, layers)
        name = next(iter(sheet.errors))
        right = sheet.base.derivative(sheet.base.loss, name, with_layer(first.base, layer, layers))
        return [Display(((left, row(EQUALS, right)),))]
    cells = [(n, (sheet.errors[n], row(EQUALS, sheet.base.derivative(sheet.base.loss, n)))) for n in sheet.errors]
    return [replace(side_by_side(cells), of=())]


def _occurrences(form: Form, of: str) -> int:
    """Return how often an adjoint is written in a form."""
    if isinstance(form, Adjoint):
        return int(form.of == of)
    return sum(_occurrences(a, of) for a in form.args)


def _numbers_meet(form: Form, step: Step) -> bool:
    """Return whether a number in front of a step's form would stand behind a number in ``form``, as 2 · ½."""

    def has_number(node: Form) -> bool:
        return isinstance(node, Apply) and node.op == "multiply" and any(isinstance(a, Number) for a in node.args)

    return has_number(step.form) and any(has_number(node) and _occurrences(node, step.of) for node in forms.walk(form))


def _inline(form: Form, inlined: Mapping[str, Form]) -> Form:
    return forms.substitute(form, lambda node: inlined.get(node.of) if isinstance(node, Adjoint) else None)
