"""The implicit step: the equation of what has no formula, its differential, and what the differential of the output is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symback.core import forms
from symback.core.display import COMMA, EQUALS, SPACE, Node, Symbol, row, separated
from symback.core.forms import Form, Implicit, names_in
from symback.engine.implicit import ImplicitStep, implicit_step
from symback.functions.unknown import UnknownFunction
from symback.page.context import Context
from symback.page.notation import Names
from symback.page.pieces import NoMatrixNotation, Piece, name_piece, transposed
from symback.page.places import subscripted
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet
from symback.page.typesetting import Typesetter

_D = Symbol("d", "d")


def implicit_displays(sheet: Sheet, through: str, explained: set[tuple[object, ...]]) -> list[Display]:
    """Return what makes an equation differentiable whose right side is a call of linear algebra; nothing for another one.

    ``explained`` holds what was shown before: equations of several outputs stand once, each output on its own.
    """
    call = sheet.network.equation(through).form
    if not isinstance(call, Implicit) or isinstance(call.function, UnknownFunction) or (through,) in explained:
        return []
    explained.add((through,))
    moved = {n.name: f"d{n.name}" for n in names_in(call) if n.name in sheet.steps}
    outputs: dict[Form, Form] = {
        e.form: forms.name(e.name, e.shape) for e in sheet.network.equations if isinstance(e.form, Implicit)
    }
    step = implicit_step(call, moved, outputs)
    context = _context(sheet.base, step, moved)
    rows: list[tuple[Node, ...]] = []
    known = (call.function.system, *call.args) in explained
    explained.add((call.function.system, *call.args))
    for form, differential in () if known else zip(step.equations, step.differentials, strict=True):
        rows.append(_row(context, form, forms.filled(0, form.shape)))
        rows.append(_row(context, differential, forms.filled(0, form.shape)))
    symbol = sheet.base.name(through)
    if step.solved is not None:
        setter = Typesetter(context)
        left, piece = setter.equation(lambda at: row(_D, subscripted(symbol, at)), step.solved)
        rows.append((left, row(EQUALS, piece.whole())))
    found = Display(tuple(rows), (through,), _sentences(sheet, context, step, symbol, known))
    return [found] if rows else [replace(found, rows=(sheet.formula(through),))]


def _context(base: Context, step: ImplicitStep, moved: Mapping[str, str]) -> Context:
    """Return the context with symbols for differentials, and for outputs that have no name."""
    symbols = dict(base.names.symbols)
    for name, call in step.outputs:
        if str(name) not in symbols:
            symbols[str(name)] = Typesetter(base).form(call).whole()
        symbols[f"d{name}"] = row(_D, symbols[str(name)])
    for label, tangent in moved.items():
        symbols[tangent] = row(_D, base.name(label))
    return replace(base, names=Names(symbols, base.names.notes, base.names.taken), shapes=False)


def _row(context: Context, left: Form, right: Form) -> tuple[Node, ...]:
    setter = Typesetter(context)
    try:
        pieces = [setter.form(side) for side in (left, right)]
    except NoMatrixNotation:
        with setter.indices(left.shape) as places:
            pieces = [setter.entry(side, places) for side in (left, right)]
    return pieces[0].whole(), row(EQUALS, pieces[1].whole())


def _sentences(sheet: Sheet, context: Context, step: ImplicitStep, symbol: Node, known: bool) -> tuple[Sentence, ...]:
    words, function = sheet.words, step.call.function
    found: list[Sentence] = []
    if step.equations and known:
        pass
    elif step.equations:
        names = [context.name(str(n)) for n, _ in step.outputs]
        together = separated(names, row(COMMA, SPACE)) if len(names) > 1 else symbol
        found = [sentence(words["implicit"], name=together, differential=row(_D, symbol))]
    elif function.along is not None:
        turned = transposed(Typesetter(sheet.base).form(step.call.args[0])).whole()
        found = [sentence(words["implicit along"], name=symbol, source=function.source, transposed=turned)]
    elif function.differential is None:
        found = [sentence(words["implicit constant"], name=symbol)]
    else:
        found = [sentence(words["implicit stated"], name=symbol, source=function.source)]
    if function.system is not None and function.system.symmetric and not known:
        operand = _whole(sheet.base, step.call.args[0])
        found.append(sentence(words["implicit symmetric"], operand=operand.whole(), turned=transposed(operand).whole()))
    condition = words.get(f"condition {function.name}")
    for call in _gaps(step.solved):
        gaps, values = (Typesetter(context).form(f).whole() for f in (call, call.args[0]))
        found.append(sentence(words["implicit gaps"], gaps=gaps, values=values))
    return (*found, (condition,)) if condition else tuple(found)


def _whole(context: Context, form: Form) -> Piece:
    """Return a form in matrix notation, a stack of matrices by its name."""
    return name_piece(context.name(form.name)) if isinstance(form, forms.Name) else Typesetter(context).form(form)


def _gaps(form: Form | None) -> list[Form]:
    nodes = [] if form is None else forms.walk(form)
    return [n for n in nodes if isinstance(n, Implicit) and n.function.name == "reciprocal_gaps"]
