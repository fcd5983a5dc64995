"""The updates of the parameters: gradient descent, or the lines of an optimizer."""

from __future__ import annotations

from symback.core import forms
from symback.core.display import (
    ARROW,
    COMMA,
    EMPTY,
    EQUALS,
    MINUS,
    QUAD,
    SPACE,
    THIN,
    Fence,
    Node,
    Symbol,
    row,
    separated,
)
from symback.core.forms import names_in
from symback.page.notation import letter, upright
from symback.page.optimizer_view import optimizer_context, settings, update_lines
from symback.page.pieces import decimal_piece
from symback.page.records import Display, sentence
from symback.page.sheet import Sheet
from symback.run.optimization import COUNT, GRADIENT, NORM, PARAMETER, Optimizer

_RATE = "η·"
"""The leaf of the learning rate in a line of numbers: no name of a network has a dot."""
_SETTINGS = 4
"""Hyperparameters on one line."""


def updates(sheet: Sheet) -> list[Display]:
    """Return one gradient-descent update per parameter whose gradient is wanted, or the lines of the optimizer for all."""
    if sheet.optimizer is not None and not sheet.optimizer.plain:
        return _optimized(sheet, sheet.optimizer)
    rate = rate_symbol(sheet)
    found = []
    for name in trained(sheet):
        if sheet.numerals is not None and sheet.network.learning_rate is not None:
            found.append(Display(_update_in_numbers(sheet, name, rate), (name,)))
            continue
        found.append(Display((_update(sheet, name, rate, sheet.base.notation.time),), (name,)))
    return found


def trained(sheet: Sheet) -> list[str]:
    """Return what an update changes: parameters, or all whose gradient is wanted where a page is told to say so.

    A gradient with respect to an input is asked for as such, and so is one by a name that the code does not train and that
    is not spelled as a parameter; a given adjoint comes from elsewhere.
    """
    network = sheet.network
    if network.upstream or sheet.update is False:
        return []
    wanted = [name for name in sheet.record.wrt if name in network.variables]
    if sheet.update:
        return wanted
    return [n for n in wanted if network.variables[n].role == "parameter" and n not in network.untrained]


def _optimized(sheet: Sheet, chosen: Optimizer) -> list[Display]:
    """Return the lines of an optimizer, once for every parameter, and its settings."""
    names = trained(sheet)
    if not names:
        return []
    context = optimizer_context(chosen, sheet.base.notation, sheet.base.names.taken, sheet.language)
    symbol = context.name
    parameter = symbol(PARAMETER)
    says = [
        sentence(
            sheet.words["update rule"],
            parameter=parameter,
            gradient=symbol(GRADIENT),
            names=separated([sheet.base.name(n) for n in names], row(COMMA, SPACE)),
            derivative=sheet.base.derivative(sheet.base.loss, names[0], parameter),
        )
    ]
    read = {leaf.name for a in chosen.assignments for leaf in names_in(a.form)}
    for label, key in ((COUNT, "update count"), (NORM, "update norm")):
        if label in read:
            says.append(sentence(sheet.words[key], name=symbol(label)))
    for start in sorted(set(chosen.state.values())):
        kept = [symbol(label) for label, value in chosen.state.items() if value == start]
        says.append(
            sentence(sheet.words["update start"], values=separated([*kept, decimal_piece(start).whole()], row(EQUALS)))
        )
    lines = Display(update_lines(chosen, context), tuple(names), tuple(says))
    cells = [row(left, EQUALS, right) for left, right in settings(chosen, context)]
    several = [cells[k : k + _SETTINGS] for k in range(0, len(cells), _SETTINGS)]
    rows = tuple((EMPTY, separated(some, row(COMMA, QUAD))) for some in several)
    return [lines, Display(rows, (), (sentence(sheet.words["update settings"]),))]


def _update(sheet: Sheet, name: str, rate: Node, time: bool) -> tuple[Node, Node]:
    symbol = sheet.base.name(name)
    if not time:
        gap = THIN if name in sheet.base.adjoints else SPACE
        return symbol, row(ARROW, symbol, MINUS, rate, gap, sheet.base.adjoint(name))
    now, then = _at_time(sheet, symbol, ""), _at_time(sheet, symbol, " + 1")
    gradient = sheet.base.derivative(sheet.base.loss, name, now)
    return then, row(EQUALS, now, MINUS, rate, SPACE, gradient)


def _update_in_numbers(sheet: Sheet, name: str, rate: Node) -> tuple[tuple[Node, ...], ...]:
    """Return one update with its numbers; the new value is one of a later time, so the time is printed."""
    assert sheet.numerals is not None and sheet.network.learning_rate is not None
    shape = sheet.network.shape_of(name)
    # a leaf, not a number: a rate of 1 is put in like any other, in front of a matrix too
    step = forms.apply("multiply", sheet.numerals.given(_RATE, sheet.network.learning_rate), forms.adjoint(name, shape))
    stages = sheet.numerals.stages(forms.apply("subtract", forms.name(name, shape), step))
    left, right = _update(sheet, name, rate, True)
    if sheet.base.scalar:
        return ((left, row(right, *stages)),)
    return ((left, right), *((EMPTY, stage) for stage in stages))


def rate_symbol(sheet: Sheet) -> Node:
    """Return the symbol of the learning rate."""
    options = [letter(sheet.base.notation.learning_rate) or upright(sheet.base.notation.learning_rate)]
    options += [n for n in map(letter, ("eta", "alpha", "lambda", "gamma")) if n is not None]
    return sheet.base.names.free([*options, upright("rate")])


def _at_time(sheet: Sheet, symbol: Node, later: str) -> Node:
    time = sheet.base.names.free([Symbol(t, t) for t in ("t", "k", "s")])
    return row(symbol, Fence(row(time, Symbol(later, later)) if later else time))
