"""The chain rule in scalar networks: local derivatives multiplied from the loss inwards, in full and step by step."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

from symback.core import forms
from symback.core.display import (
    COMMA,
    DOT,
    EMPTY,
    EQUALS,
    MINUS,
    PLUS,
    SPACE,
    Fence,
    Fraction,
    Node,
    Symbol,
    row,
    separated,
)
from symback.core.forms import Adjoint, Apply, Form, Number, Prime, names_in
from symback.derivation.record import Contribution
from symback.engine.textbook import prime_form
from symback.page.closed_view import with_closed_form
from symback.page.pieces import SUM, Piece, closed
from symback.page.records import Display, once, side_by_side
from symback.page.sheet import Sheet
from symback.page.substitution import scalar_form, unfolded
from symback.page.typesetting import Typesetter

_SHORT = 7
"""A stage spells its value out up to this number of factors."""
_LONG = 24
"""A product of more factors than this uses gradients already stated."""


def _stops(sheet: Sheet) -> set[str]:
    """Return the names whose adjoints are stated on their own: read twice, wanted, sums, or pre-activations."""
    found = set(sheet.affine) | set(sheet.record.wrt)
    for step in sheet.record.steps:
        if len(sheet.readers.get(step.of, [])) > 1 or len(step.contributions) > 1:
            found.add(step.of)
    return found


def _count(sheet: Sheet, of: str, stops: set[str], memo: dict[str, int]) -> int:
    if of in memo:
        return memo[of]
    if of == sheet.network.loss:
        return 0
    memo[of] = 1
    if of not in stops:
        memo[of] = sum(1 + _count(sheet, c.through, stops, memo) for c in sheet.steps[of].contributions)
    return memo[of]


def _full_stops(sheet: Sheet, of: str) -> set[str]:
    """Return where a full product has to stop: where adjoints are stated, once it would grow too long."""
    return set() if _count(sheet, of, set(), {}) <= _LONG else _stops(sheet)


def _links(sheet: Sheet, contribution: Contribution) -> list[tuple[str, str]]:
    """Return the pairs (equation, argument) along a contribution, from the loss inwards."""
    order = {e.name: k for k, e in enumerate(sheet.network.equations)}
    middle = sorted(contribution.collapsed, key=lambda n: -order.get(n, 0))
    names = [contribution.through, *middle, contribution.of]
    return list(itertools.pairwise(names))


def _local_symbol(sheet: Sheet, of: str, by: str) -> Node:
    """Return ∂(of)/∂(by) of one equation; with its arguments where ``by`` reaches ``of`` by another path as well.

    In L = z a with a = σ(z), ∂L(z, a)/∂z is a, while dL/dz is the sum over both paths.
    """
    read = [n.name for n in names_in(sheet.network.equation(of).form)]
    if not any(by in sheet.ancestors.get(n, ()) for n in read if n != by):
        return sheet.base.derivative(of, by)
    mark = Symbol(r"\partial ", "∂")
    arguments = Fence(separated((sheet.base.name(n) for n in read), row(COMMA, SPACE)))
    return Fraction(row(mark, sheet.base.name(of), arguments), row(mark, sheet.base.name(by)))


def _fractions(sheet: Sheet, of: str, stops: set[str], first: bool = True) -> list[Node]:
    if of == sheet.network.loss:
        return []
    if of in stops and not first:
        return [sheet.base.adjoint(of)]
    found = []
    for contribution in sheet.steps[of].contributions:
        own = [_local_symbol(sheet, y, a) for y, a in _links(sheet, contribution)]
        found.append(_fractions(sheet, contribution.through, stops, False) + own)
    if not found:
        return [sheet.base.adjoint(of)]
    if len(found) == 1:
        return found[0]
    total = separated((separated(f, DOT) for f in found), PLUS)
    return [total] if first else [Fence(total)]


def _product(sheet: Sheet, of: str, stops: set[str], first: bool = True) -> Form:
    """Return the values along the chain as one formula."""
    if of == sheet.network.loss:
        return forms.number(1)
    if of in stops and not first:
        return forms.adjoint(of, sheet.network.shape_of(of))
    total: Form | None = None
    for contribution in sheet.steps[of].contributions:
        term = contribution.local
        if term is None:
            term = _whole(sheet, contribution, stops)
        else:
            nearer = _product(sheet, contribution.through, stops, False)
            term = term if _is_one(nearer) else nearer if _is_one(term) else forms.apply("multiply", nearer, term)
        total = term if total is None else forms.apply("add", total, term)
    assert total is not None
    return total


def _whole(sheet: Sheet, contribution: Contribution, stops: set[str]) -> Form:
    """Return a contribution that holds what comes from nearer the loss, as the one over a collapse does."""

    def change(node: Form) -> Form | None:
        return _product(sheet, node.of, stops, False) if isinstance(node, Adjoint) else None

    return forms.substitute(contribution.form, change)


def _values(
    sheet: Sheet, of: str, stops: set[str], first: bool = True, literal: bool = False, outputs: bool = False
) -> list[Piece]:
    """Return the values along the chain.

    ``literal`` steps over no collapse; it prints derivatives of functions in their outputs, as ``outputs`` does.
    """
    if of == sheet.network.loss:
        return []
    if of in stops and not first:
        return [Piece(sheet.base.adjoint(of), starts="adjoint", ends="adjoint")]
    found = []
    step = sheet.steps[of]
    for contribution in step.literal if literal else step.contributions:
        local = contribution.local
        if local is None:
            factors, local = [], _whole(sheet, contribution, stops)
        else:
            factors = _values(sheet, contribution.through, stops, False, literal, outputs)
        if literal:
            local = next(iter(_own_output(sheet, contribution)), local)
        if outputs or sheet.spelled:
            local = unfolded(scalar_form(local), sheet.outputs)
        if not _is_one(local):
            factors = [*factors, Typesetter(sheet.base).form(local)]
        found.append(factors)
    if not found:
        return [Typesetter(sheet.base).form(forms.number(0))]
    if len(found) == 1:
        return found[0]
    node = _chained(found[0])
    for factors in found[1:]:
        other = _chained(factors)
        node = replace(
            node, node=row(node.whole(), MINUS if other.negative else PLUS, other.node), level=SUM, negative=False
        )
    return [node]


def full_step(sheet: Sheet, of: str) -> Display:
    """Return the full product from the loss, first as derivatives, then as their values."""
    stops = _full_stops(sheet, of)
    left = sheet.base.adjoint(of)
    if of == sheet.network.loss:
        return Display(((left, row(EQUALS, Symbol("1", "1"))),), (of,))
    fractions = separated(_fractions(sheet, of, stops), DOT)
    values = [row(EQUALS, _chained(_values(sheet, of, stops)).whole())]
    on_the_way = _chain(sheet, of, stops)
    if any(c.collapsed for name in on_the_way for c in sheet.steps[name].contributions):
        values.insert(0, row(EQUALS, _chained(_values(sheet, of, stops, literal=True)).whole()))
    sentences = tuple(dict.fromkeys(s for name in on_the_way for s in sheet.sentences(sheet.steps[name])))
    right = values if fractions == left else [row(EQUALS, fractions), *values]
    if sheet.numerals is not None:
        spelled = row(EQUALS, _chained(_values(sheet, of, stops, outputs=True)).whole())
        right += [node for node in (spelled,) if node not in right]
        right += sheet.numerals.stages(_product(sheet, of, stops))
    shown = Display(tuple((EMPTY if k else left, cell) for k, cell in enumerate(right)), (of,), sentences)
    form = _product(sheet, of, stops) if sheet.steps[of].contributions else forms.number(0)
    return with_closed_form(sheet, sheet.base, shown, form)


def _chain(sheet: Sheet, of: str, stops: set[str]) -> list[str]:
    """Return the names whose steps a full product multiplies, nearest the loss first."""
    found: dict[str, None] = {of: None}
    stack = [of]
    while stack:
        for contribution in sheet.steps[stack.pop()].contributions:
            nearer = contribution.through
            if nearer != sheet.network.loss and nearer not in stops and nearer not in found:
                found[nearer] = None
                stack.append(nearer)
    return list(reversed(found))


def full(sheet: Sheet) -> list[Display]:
    """Return the full products of every gradient that is wanted, nearest the loss first."""
    return once(full_step(sheet, s.of) for s in sheet.record.steps if s.of in sheet.record.wrt)


def staged_step(sheet: Sheet, of: str) -> Display:
    """Return one stage: the last adjoint stated, times the derivatives from there."""
    stops = _stops(sheet)
    left = sheet.base.adjoint(of)
    fractions = separated(_fractions(sheet, of, stops), DOT)
    short = _count(sheet, of, set(), {}) <= _SHORT and sheet.numerals is None
    through = {n for n in stops if len(sheet.steps[n].contributions) > 1} if short else stops
    values = _chained(_values(sheet, of, through)).whole()
    shown = [] if fractions == left else [fractions]
    right = row(*(row(EQUALS, part) for part in (*shown, values)))
    if sheet.numerals is not None:
        spelled = _chained(_values(sheet, of, through, outputs=True)).whole()
        extra = [] if spelled == values else [row(EQUALS, spelled)]
        right = row(right, *extra, *sheet.numerals.stages(_product(sheet, of, through)))
    return Display(((left, right),), (of,), sheet.sentences(sheet.steps[of]))


def staged(sheet: Sheet) -> list[Display]:
    """Return the adjoints one after the other, each from those already found."""
    stops = _stops(sheet)
    return [
        staged_step(sheet, s.of)
        for s in sheet.record.steps
        if s.needed and s.of in stops and s.of != sheet.network.loss
    ]


def local_derivatives(sheet: Sheet) -> list[Display]:
    """Return ∂Y/∂A for every equation Y and every A it reads that a gradient goes through."""
    found: dict[str, list[tuple[Node, ...]]] = {}
    seen: set[tuple[str, str]] = set()
    for step in sheet.record.steps:
        for contribution in (*step.literal, *step.contributions):
            pair = (contribution.through, contribution.of)
            if pair in seen or contribution.local is None or contribution.collapsed:
                continue
            seen.add(pair)
            sides = [contribution.local, *_own_output(sheet, contribution)]
            if sheet.spelled:
                sides = [unfolded(scalar_form(contribution.local), sheet.outputs)]
            pieces = [Typesetter(sheet.base).form(side).whole() for side in sides]
            right = row(*(row(EQUALS, p) for p in pieces))
            found.setdefault(contribution.through, []).append((_local_symbol(sheet, *pair), right))
    order = [e.name for e in reversed(sheet.network.equations)]
    return [
        side_by_side([(name, (cells[0], cells[1])) for cells in found[name]], stacked=True)
        for name in order
        if name in found
    ]


def _own_output(sheet: Sheet, contribution: Contribution) -> list[Form]:
    """Return the local derivative in the equation's own output, as ŷ(1 − ŷ) for σ'(z)."""
    local = contribution.local
    if isinstance(local, Apply) and isinstance(local.op, Prime):
        equation = sheet.network.equation(contribution.through)
        if (
            local.op.function.definition is not None
            and isinstance(equation.form, Apply)
            and equation.form.op is local.op.function
            and equation.form.args == local.args
        ):
            out = forms.name(equation.name, equation.shape)
            body = prime_form(local.op, local.args, out)
            if out in names_in(body):
                return [body]
    return []


def _is_one(form: Form) -> bool:
    """Say whether a local derivative is the number 1."""
    while isinstance(form, (forms.Expand, forms.Broadcast)):
        form = form.args[0]
    return isinstance(form, (Number, forms.Filled)) and form.value == 1


def _chained(factors: Iterable[Piece]) -> Piece:
    """Return local derivatives joined by dots, each one a group of its own."""
    pieces = list(factors)
    if not pieces:
        return Piece(Symbol("1", "1"), starts="number", ends="number")
    if len(pieces) == 1:
        return pieces[0]
    first, *rest = pieces
    negative = first.negative and first.level > SUM
    head = closed(replace(first, negative=False) if negative else first, SUM + 1)
    # A sum sign would reach over the next group.
    nodes = [closed(head, SUM + 2).node, *(closed(p, SUM + 2).node for p in rest)]
    return Piece(separated(nodes, DOT), SUM + 3, head.starts, rest[-1].ends, negative)
