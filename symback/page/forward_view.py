"""The forward pass up to the loss, and the loss."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from symback.core.display import COMMA, EQUALS, SPACE, Node, row, separated
from symback.core.forms import Apply, names_in, walk
from symback.derivation.stabilize import stable_forms
from symback.page.notation import upright
from symback.page.records import Display, Sentence, sentence, side_by_side
from symback.page.sheet import Sheet
from symback.page.typesetting import Typesetter, row_of_sequence


def forward(sheet: Sheet) -> list[Display]:
    """Return the equations up to the loss; an activation stands beside its pre-activation."""
    equations = [e for e in sheet.network.equations if e.name != sheet.network.loss]
    found: list[Display] = []
    pending: list[tuple[str, tuple[Node, Node]]] = []
    for equation in equations:
        cells = sheet.formula(equation.name)
        if sheet.numerals is not None:
            rows = sheet.numbered(cells, equation.form, whole=sheet.base.name(equation.name))
            found.append(Display(rows, (equation.name,)))
            continue
        follows = (
            pending
            and {n.name for n in names_in(equation.form)} == {pending[-1][0]}
            and isinstance(equation.form, Apply)
        )
        if pending and not (follows and len(pending) == 1):
            found.append(side_by_side(pending))
            pending = []
        pending.append((equation.name, cells))
    if pending:
        found.append(side_by_side(pending))
    invented = [sheet.base.name(e.name) for e in equations if e.invented]
    sentences: list[Sentence] = list(sheet.remarks)
    if invented:
        sentences.append(sentence(sheet.words["invented"], names=separated(invented, row(COMMA, SPACE))))
    sentences += [*_rows(sheet), *_arrangements(sheet)]
    for name, symbol, owner in sheet.base.names.notes:
        sentences.append(sentence(sheet.words["spelled"], name=upright(name), symbol=symbol, owner=owner))
    if found and sentences:
        found[0] = replace(found[0], words=tuple(sentences))
    return found


def _rows(sheet: Sheet) -> list[Sentence]:
    """Return which symbols stand for rows of an array that is given, as x_1 for the first row of x."""
    rows: dict[str, dict[int, Node]] = {}
    setter = Typesetter(replace(sheet.base, shapes=False))
    for equation in sheet.network.equations:
        for node in walk(equation.form):
            found = row_of_sequence(node, sheet.base)
            if found is not None and found[0] in sheet.network.variables:
                rows.setdefault(found[0], {})[found[1]] = setter.form(node).whole()
    return [
        sentence(
            sheet.words["rows of"],
            name=sheet.base.name(name),
            names=separated([parts[k] for k in sorted(parts)], row(COMMA, SPACE)),
        )
        for name, parts in rows.items()
    ]


def _arrangements(sheet: Sheet) -> list[Sentence]:
    """Return what is said of invented names whose entries are those of another array, in other places."""
    groups: dict[tuple[str, str], list[Node]] = {}
    for name, arrangement in sheet.arranged.items():
        if sheet.network.equation(name).invented:
            groups.setdefault(arrangement, []).append(sheet.base.name(name))
    return [
        sentence(sheet.words[f"{kind} of"], names=separated(names, row(COMMA, SPACE)), source=sheet.base.name(source))
        for (kind, source), names in groups.items()
    ]


def given(sheet: Sheet) -> tuple[Sentence, ...]:
    """Return what is said of a loss that stands for any other with the same given adjoints; nothing for another loss."""
    base, network = sheet.base, sheet.network
    rows = [
        row(base.with_adjoints({}).adjoint(of), EQUALS, base.name(gradient))
        for of, gradient in network.upstream.items()
    ]
    if not rows:
        return ()
    together = separated(rows, row(COMMA, SPACE))
    return (sentence(sheet.words["given upstream"], gradients=together, loss=base.name(network.loss)),)


def loss(sheet: Sheet) -> list[Display]:
    """Return the loss; and below it every formula that code evaluates in another, equal form."""
    equation = sheet.network.equation(sheet.network.loss)
    found = [
        Display(
            sheet.numbered(sheet.formula(equation.name), equation.form),
            (equation.name,),
            (*sheet.declared(), *given(sheet)),
        )
    ]
    for name, form in stable_forms(sheet.record).items():
        cells = sheet.equation(sheet.base, partial(sheet.base.entry, name), [form])
        found.append(Display((cells,), (name,), ((sheet.words["evaluated"],),)))
    return found
