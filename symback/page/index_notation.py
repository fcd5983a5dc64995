"""Index notation: the entry of a form at given places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from fractions import Fraction as Rational
from typing import Protocol

import sympy as sp

from symback.core import forms
from symback.core.display import COMMA, SPACE, Fence, Grid, Infix, Node, Script, Symbol, Word, row, separated
from symback.core.forms import Form, Index, Shape, Size
from symback.page import matrix_calls
from symback.page.context import Context
from symback.page.notation import size_symbol
from symback.page.pieces import (
    AT_LEAST,
    ATOM,
    BIG,
    CASES,
    POWER,
    PRODUCT,
    RELATIONS,
    NoMatrixNotation,
    Piece,
    closed,
    indicator,
    name_piece,
    number_piece,
    plus,
    reduced,
    running,
    sum_over,
    times,
)
from symback.page.places import Digit, Place, Places, combined, computed, subscript, subscripted, symbol_of


class Setter(Protocol):
    """What index notation asks of the typesetter."""

    @property
    def context(self) -> Context: ...

    def form(self, form: Form, side: str | None = None) -> Piece: ...

    def entry(self, form: Form, at: Places) -> Piece: ...

    def leaf(self, form: Form) -> Piece | None: ...

    def operation(self, form: forms.Apply, at: Places | None, side: str | None) -> Piece: ...

    def indices(self, sizes: Sequence[Size]) -> AbstractContextManager[Places]: ...


def entry(setter: Setter, form: Form, at: Places) -> Piece:
    """Return the entry of a form at the places given, one per axis (None for an axis of length 1)."""
    if setter.context.numbers is not None and any(p is not None for p in at):
        raise NoMatrixNotation
    whole = _whole_product(setter, form, at) if isinstance(form, forms.Matmul) else by_name(setter, form, at)
    return form.entry(at, _IndexNotation(setter)) if whole is None else whole


def _whole_product(setter: Setter, form: forms.Matmul, at: Places) -> Piece | None:
    """Return a subscripted product; None where it has no matrix notation."""
    if any(a.ndim > 2 or _is_exponential(a) for a in form.args):
        return None  # Σ_k π_k e^{q_ik} is what a mixture divides by; a product of matrices hides it
    try:
        whole = setter.form(form)
    except NoMatrixNotation:
        return None
    return Piece(subscripted(Fence(whole.whole()), at), ATOM, "bracket", "name")


def _is_exponential(form: Form) -> bool:
    return isinstance(form, forms.Apply) and form.op == "exp"


def by_name(setter: Setter, form: Form, at: Places | None) -> Piece | None:
    """Return an operation under its own name, in matrix notation or (with ``at``) its entry; None where it has none."""
    if form.called is None:
        return None
    places = [p for p in at or () if p is not None]
    first = form.args[0]
    try:
        if at is not None and form.ndim > 2 and first.ndim < form.ndim and form.shape[: first.ndim] == first.shape:
            # axes behind those of the operand: each of its entries has them
            inside = setter.entry(first, at[: first.ndim]).whole()
            places = [p for p in at[first.ndim :] if p is not None]
        else:
            inside = separated((setter.form(a).whole() for a in form.args), row(COMMA, SPACE))
    except NoMatrixNotation:
        if at is None:
            raise
        return None
    held: Node = Script(Fence(inside), subscript(places)) if places else Fence(inside)
    return Piece(row(Symbol(*form.called), held), ATOM, "function", "bracket")


@dataclass(frozen=True, eq=False)
class _IndexNotation:
    """The algebra of the page: an entry is a piece, a place a position along an axis, None where it has length 1."""

    setter: Setter
    zero: None = None

    def entry(self, form: Form, at: Sequence[Place | None]) -> Piece:
        return self.setter.entry(form, tuple(at))

    def named(self, form: forms.Name | forms.Adjoint | forms.Implicit, at: Sequence[Place | None]) -> Piece:
        context = self.setter.context
        if isinstance(form, forms.Implicit):
            return matrix_calls.entry(self.setter, form, tuple(at))
        if isinstance(form, forms.Name):
            return name_piece(context.entry(form.name, at))
        node = context.adjoint(form.of, tuple(at))
        return Piece(node) if form.of in context.adjoints else Piece(node, POWER, "adjoint", "adjoint")

    def number(self, form: forms.Number | forms.Filled) -> Piece:
        return self.setter.leaf(form) or number_piece(form.value)

    def size(self, size: sp.Symbol) -> Piece:
        return Piece(size_symbol(size))

    def operation(self, form: forms.Apply, at: Sequence[Place | None]) -> Piece:
        return self.setter.operation(form, tuple(at), None)

    def product(self, form: Form, factors: Sequence[Piece]) -> Piece:
        how = "dotted" if self.setter.context.scalar and isinstance(form, forms.Outer) else "juxtaposed"
        # entries are numbers: a sum, which reaches to the right, stands last
        ordered = sorted(factors, key=lambda factor: factor.level == BIG and not factor.negative)
        found = ordered[0]
        for factor in ordered[1:]:
            found = times(found, factor, how)
        return found

    def reduced(
        self, form: Form, kind: str, sizes: Sequence[Size], body: Callable[[Sequence[Place | None]], Piece]
    ) -> Piece:
        with self.setter.indices(sizes) as bound:
            piece = body(bound)
            if all(p is None for p in bound):
                return piece
            if isinstance(form, forms.Reduce):
                return reduced(form, piece, bound, sizes)
            found = sum_over(running(bound, sizes, form), replace(piece, negative=False))
            return replace(found, negative=piece.negative)

    def compared(self, relation: str, left: Place | None, right: Place | None) -> Piece:
        if left is None and right is None:  # one entry, the first in both
            return number_piece(int(relation in ("equal", "less_equal", "greater_equal")))
        sides = [(p or FIRST).node() for p in (left, right)]
        if relation == "equal" and self.setter.context.kronecker:
            return Piece(Script(Symbol(r"\delta", "δ"), row(*sides)))
        return indicator(row(sides[0], RELATIONS[relation], sides[1]))

    def where_compared(self, body: Piece, source: Place | None, here: Place | None, relation: str = "equal") -> Piece:
        if here is None:
            return body
        sign = RELATIONS["equal" if relation == "delta" else relation]
        return times(closed(body, PRODUCT), indicator(row((source or FIRST).node(), sign, here.node())))

    def chosen(
        self,
        form: Form,
        at: Sequence[Place | None],
        parts: Sequence[tuple[Index, Callable[[Sequence[Place | None]], Piece]]],
        otherwise: float | None,
    ) -> Piece:
        lines: list[tuple[Node, ...]] = []
        for index, value in parts:
            if any(isinstance(item, forms.Span) and not item.length for item in index):
                continue  # nothing lies in an empty slice
            inside, conditions = _inside(index, at, form.shape)
            piece, condition = value(inside), separated(conditions, row(COMMA, SPACE))
            if otherwise is not None and not conditions:
                return piece
            if otherwise == 0 and all(isinstance(item, int) or item is None for item in index):
                return times(closed(piece, PRODUCT), indicator(condition))
            lines.append((piece.whole(), condition))
        if otherwise is not None and not lines:
            return number_piece(otherwise or 0)
        if otherwise is not None:
            lines.append((number_piece(otherwise or 0).whole(), Word(self.setter.context.otherwise)))
        return Piece(Grid(tuple(lines), "cases"), CASES, "bracket", "bracket")

    def affine(self, terms: Sequence[tuple[Place | None, int]], start: int, length: Size) -> Place | None:
        if all(place is None for place, _ in terms):
            return None if length == 1 and not start else Place(None, Rational(0), Rational(start))
        if len(terms) == 1 and terms[0][0] is not None:
            return terms[0][0].shifted(start, terms[0][1])
        found = combined(terms)
        return replace(found, offset=found.offset + start) if found is not None and start else found

    def digit(self, place: Place | None, stride: int, length: int, slowest: bool) -> Place | None:
        if place is None or (stride == 1 and slowest):
            return place
        digit = Digit(place, stride, length, slowest)
        return computed(_digit_node(digit), digit)

    def looked_up(self, index: Form, at: Sequence[Place | None], length: Size) -> Place | None:
        return None if length == 1 else computed(self.entry(index, at).whole())

    def counted(self, place: Place | None, start: int) -> Piece:
        if place is None:
            return number_piece(start)
        shown = Piece(place.node()) if place.short else Piece(Fence(place.node()), ATOM, "bracket", "bracket")
        # a place prints counted from 1
        return shown if start == 1 else plus(shown, number_piece(abs(start - 1)), 1 if start > 1 else -1)


FIRST = Place(None)
"""The first position along an axis."""


def _inside(index: Index, at: Sequence[Place | None], shape: Shape) -> tuple[Places, list[Node]]:
    """Return the places inside an index, and the conditions under which ``at`` lies there."""
    inner: list[Place | None] = []
    conditions: list[Node] = []
    for item, place, s in zip(index, at, shape, strict=True):
        if item is None:
            inner.append(place)
        elif place is None:
            if not isinstance(item, int):
                inner.append(None)
        elif isinstance(item, int):
            conditions.append(row(place.node(), RELATIONS["equal"], symbol_of(str(item + 1))))
        else:
            found = range(item.start, item.stop, item.step)
            inner.append(None if len(found) == 1 else place.within(item.start, item.step))
            if not isinstance(s, int) or sorted(found) != list(range(s)):
                conditions.append(within_range(place, found))
    return tuple(inner), conditions


def _digit_node(digit: Digit) -> Node:
    """Return one position out of a merged one: both count from 1."""
    position = digit.merged.node()
    if digit.stride != 1:
        if not (digit.merged.plain or isinstance(position, Script)):
            position = Fence(position)
        ends = Symbol(r"\lceil ", "⌈"), Symbol(r"\rceil ", "⌉")
        quotient = row(ends[0], position, Symbol("/", "/"), symbol_of(str(digit.stride)), ends[1])
        if digit.slowest:
            return quotient
        position = quotient
    inside = row(position, symbol_of(" - 1"))
    return row(
        Symbol("(", "("), inside, Symbol(")", ")"), Infix(r"\bmod", "mod", True), symbol_of(f"{digit.length} + 1")
    )


def within_range(place: Place, found: range) -> Node:
    """Return the condition that a place is one of those found, counted from 1."""
    if len(found) == 1:
        return row(place.node(), RELATIONS["equal"], symbol_of(str(found[0] + 1)))
    if abs(found.step) == 1:
        low, high = min(found) + 1, max(found) + 1
        return row(symbol_of(str(low)), AT_LEAST, place.node(), AT_LEAST, symbol_of(str(high)))
    members = separated((symbol_of(str(k + 1)) for k in sorted(found)), row(COMMA, SPACE))
    return row(place.node(), Infix(r"\in", "∈", True), Symbol(r"\{", "{"), members, Symbol(r"\}", "}"))
