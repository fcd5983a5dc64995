"""The lines in which two local derivatives collapse into one short form, each beside its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import sympy as sp

from symback.core.display import COMMA, DOT, EMPTY, EQUALS, MINUS, SPACE, Fraction, Node, Word, row, separated
from symback.core.errors import PrintError
from symback.derivation.collapses import Collapse, Line, collapse
from symback.derivation.record import Step
from symback.engine.elements import Access, Index, Indicator
from symback.networks.network import NamedNetwork
from symback.page.context import Context
from symback.page.indexing import Elements, renamed
from symback.page.pieces import PRODUCT, NoMatrixNotation, Piece, closed, fenced, negated, times
from symback.page.places import symbol_of
from symback.page.records import Display, sentence
from symback.page.sheet import Sheet
from symback.page.typesetting import Typesetter

_OUTER = ("i", "j", "l", "q")
_SUMMED = ("k", "m", "r", "v")


def collapse_displays(sheet: Sheet, context: Context, step: Step) -> list[Display]:
    """Return the lines to a step that is one collapse, or goes through a function of whole rows: the local derivative, then
    the product.

    Nothing on a brief page, where a step adds up several paths, or where its entries have no words in index notation.
    """
    if sheet.brief or len(step.contributions) != 1:
        return []
    found = collapse(sheet.record, step.contributions[0])
    if found is None:
        return []
    try:
        return _displays(sheet, context, found)
    except (NoMatrixNotation, PrintError):
        return []


def _displays(sheet: Sheet, context: Context, found: Collapse) -> list[Display]:
    network = sheet.network
    setter = _setter(context, network, found, found.summed)
    shape, middle_shape = network.shape_of(found.of), network.shape_of(found.middle)
    local = with_middle(setter, context, network, found)
    displays = []
    if found.summed:
        short = row(EQUALS, setter.piece(found.inner).whole())
        first = _by_quotient_rule(sheet, setter, found)
        lines = ((local, short),) if first is None else ((local, *first), (EMPTY, short))
        displays.append(Display(lines, (found.of,)))
    error = context.adjoint(found.middle, setter.places(found.inside, middle_shape))
    rule = setter.summed(_letters(setter, found.summed), Piece(row(error, DOT, local), PRODUCT)).whole()
    rows: list[tuple[Node, ...]] = [
        (
            context.adjoint(found.of, setter.places(found.at, shape)),
            row(EQUALS, rule),
            EMPTY,
            _reason(sheet, "collapse chain"),
        )
    ]
    for line in found.lines:
        # once a sum is done its letter is free for the sums inside
        chosen = setter if line.summed else _setter(context, network, found, ())
        side = _put_in(sheet, setter, found) if line is found.lines[0] else _side(chosen, line)
        rows.append((EMPTY, row(EQUALS, side.whole()), EMPTY, _because(sheet, setter, found, line)))
    displays.append(Display(tuple(rows), (found.of,)))
    return displays


def _by_quotient_rule(sheet: Sheet, setter: Elements, found: Collapse) -> tuple[Node, ...] | None:
    """Return ∂S/∂Z by the quotient rule and the name of the rule; None where S is no quotient of what reads Z."""
    if found.quotient is None:
        return None
    above, below = found.quotient
    terms = sorted(sp.Add.make_args(above), key=lambda term: bool(term.could_extract_minus_sign()))
    pieces = [_deltas_first(setter, -term if term.could_extract_minus_sign() else term) for term in terms]
    if len(pieces) != 2 or terms[0].could_extract_minus_sign() or not terms[1].could_extract_minus_sign():
        return None
    difference = row(pieces[0].node, MINUS, pieces[1].node)
    square = element_setter(setter.context, setter.network, found).piece(below).whole()
    return row(EQUALS, Fraction(difference, square)), EMPTY, _reason(sheet, "collapse quotient")


def _deltas_first(setter: Elements, term: Any) -> Piece:
    """Return a product with its Kronecker deltas in front."""
    factors = sp.Mul.make_args(term)
    deltas = [f for f in factors if isinstance(f, Indicator)]
    rest = setter.piece(sp.Mul(*(f for f in factors if f not in deltas)))
    return reduce(lambda found, delta: times(setter.piece(delta), found), deltas, rest)


def with_middle(setter: Elements, context: Context, network: NamedNetwork, found: Collapse) -> Node:
    """Return ∂S/∂Z of the entries that the rule reads."""
    shape, middle_shape = network.shape_of(found.of), network.shape_of(found.middle)
    middle = context.entry(found.middle, setter.places(found.inside, middle_shape))
    slope = context.derivative(found.middle, found.of, context.entry(found.of, setter.places(found.at, shape)))
    assert isinstance(slope, Fraction)
    return Fraction(renamed(slope.above, context.name(found.middle), middle), slope.below)


def element_setter(context: Context, network: NamedNetwork, found: Collapse) -> Elements:
    """Return what prints elements: i and j for the entry, k for the sum over the classes."""
    return _setter(context, network, found, found.summed)


def setter_of_sums(context: Context, network: NamedNetwork, found: Collapse) -> Elements:
    """Return what prints elements once the sum of the rule is done: k is free for the sums inside."""
    return _setter(context, network, found, ())


def _setter(context: Context, network: NamedNetwork, found: Collapse, summed: tuple[Index, ...]) -> Elements:
    """Return what prints elements: i and j for the entry, k for the sum over the classes."""
    setter = Elements(context, network, found.leaves)
    long = tuple(i for i in found.at if i.size != 1)
    shared = any(i in found.inside for i in long)
    setter.assign(long, _OUTER if len(long) != 1 or shared else _OUTER[1:])
    setter.assign(summed, _SUMMED)
    setter.inner = (*_SUMMED, *setter.inner)
    return setter


def _letters(setter: Elements, summed: Sequence[Index]) -> tuple[str, ...]:
    return tuple(setter.letters[i] for i in summed if i in setter.letters)


def _reason(sheet: Sheet, key: str, **parts: Node) -> Node:
    words = sentence(sheet.words[key], **parts)
    return row(*(Word(p) if isinstance(p, str) else p for p in words))


def _because(sheet: Sheet, setter: Elements, found: Collapse, line: Line) -> Node:
    """Return why a line equals the one before it."""
    if line.ones:
        shown = [
            row(_setter(setter.context, setter.network, found, ()).piece(one).whole(), EQUALS, symbol_of("1"))
            for one in line.ones
        ]
        return separated(shown, row(COMMA, SPACE))
    if line.reason == "collapse only":
        summed, last = _letters(setter, found.summed), _letters(setter, found.at)
        if len(summed) != 1 or not last:
            return _reason(sheet, "collapse sums")
        return _reason(sheet, line.reason, summed=symbol_of(summed[0]), kept=symbol_of(last[-1]))
    return _reason(sheet, line.reason)


def _put_in(sheet: Sheet, setter: Elements, found: Collapse) -> Piece:
    """Return the sum over the product of both derivatives, ∂L/∂S as the page has it above."""
    step = sheet.steps[found.middle]
    places = setter.places(found.inside, sheet.network.shape_of(found.middle))
    typesetter = Typesetter(setter.context)
    typesetter.hold(setter.letters.values())
    stated = found.middle != found.through and len(step.contributions) == 1
    outer = typesetter.entry(step.form, places) if stated else setter.piece(found.outer)
    inner = setter.piece(found.inner)
    if found.summed:
        outer = fenced(outer) if outer.negative or outer.level < PRODUCT else outer
        return setter.summed(_letters(setter, found.summed), times(outer, inner))
    product = _dotted(replace(outer, negative=False), inner)
    return negated(product) if outer.negative else product


def _side(setter: Elements, line: Line) -> Piece:
    """Return the right side of a line: a number, then a sum over indices of a product, its sign in front."""
    number = sp.S.One
    pieces: list[Piece] = []
    for factor in line.factors:
        sign, content, rest = _apart(factor)
        number *= sign * content
        if rest != 1:
            pieces.append(setter.piece(rest))
    joined = _dotted if line.reason == "collapse one denominator" else times
    whole = reduce(joined, pieces) if pieces else setter.piece(sp.S.One)
    whole = setter.summed(_letters(setter, line.summed), whole)
    negative = number.could_extract_minus_sign()
    if abs(number) != 1:
        whole = times(setter.piece(-number if negative else number), whole)
    return negated(whole) if negative else whole


def _apart(factor: Any) -> tuple[int, Any, Any]:
    """Return the sign of a factor, the number and sizes in front of it, and what is left."""
    if isinstance(factor, sp.Add):
        minus = sum(t.could_extract_minus_sign() for t in factor.args)
        turned = 2 * minus > len(factor.args)
        return (-1, sp.S.One, sp.Add(*(-t for t in factor.args))) if turned else (1, sp.S.One, factor)
    # not as_independent: a sum whose sign is taken out would be multiplied out again
    parts = sp.Mul.make_args(factor)
    front = sp.Mul(*(p for p in parts if not p.atoms(Access)))
    sign = -1 if front.could_extract_minus_sign() else 1
    return sign, sign * front, sp.Mul(*(p for p in parts if p.atoms(Access)))


def _dotted(a: Piece, b: Piece) -> Piece:
    a, b = (closed(p, PRODUCT) for p in (a, b))
    return Piece(row(a.node, DOT, b.node), PRODUCT, a.starts, b.ends)
