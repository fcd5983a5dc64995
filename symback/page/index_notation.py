"""Index notation: the entry of a form at given places."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from fractions import Fraction as Rational
from typing import Protocol

from symback.core import forms
from symback.core.display import COMMA, SPACE, Fence, Grid, Infix, Node, Script, Symbol, Word, row, separated
from symback.core.errors import PrintError
from symback.core.forms import Form, Size
from symback.page.context import Context
from symback.page.pieces import (
    AT_LEAST,
    ATOM,
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
    reduced,
    running,
    sum_over,
    times,
)
from symback.page.places import Digit, Place, Places, aligned, combined, computed, subscript, subscripted, symbol_of


class Setter(Protocol):
    """What index notation asks of the typesetter."""

    @property
    def context(self) -> Context: ...

    def form(self, form: Form, side: str | None = None) -> Piece: ...

    def entry(self, form: Form, at: Places) -> Piece: ...

    def leaf(self, form: Form) -> Piece | None: ...

    def operation(self, form: forms.Apply, at: Places | None, side: str | None) -> Piece: ...

    def indices(self, sizes: Sequence[Size]) -> AbstractContextManager[Places]: ...


_MOVES = (forms.Reshape, forms.Concatenate, forms.Gather, forms.Scatter, forms.Windows, forms.Overlap)
"""Operations that only move entries."""


def entry(setter: Setter, form: Form, at: Places) -> Piece:
    """Return the entry of a form at the places given, one per axis (None for an axis of length 1)."""
    if setter.context.numbers is not None and any(p is not None for p in at):
        raise NoMatrixNotation
    if isinstance(form, forms.Name):
        return name_piece(subscripted(setter.context.name(form.name), at))
    if isinstance(form, forms.Adjoint):
        node = setter.context.adjoint(form.of, at)
        named = form.of in setter.context.adjoints
        return Piece(node) if named else Piece(node, POWER, "adjoint", "adjoint")
    leaf = setter.leaf(form)
    if leaf is not None:
        return leaf
    if isinstance(form, forms.Apply):
        return setter.operation(form, at, None)
    if isinstance(form, forms.Filled):
        return number_piece(form.value)
    if isinstance(form, forms.Reduce):
        return _reduced_entry(setter, form, at)
    if isinstance(form, forms.Expand):
        return setter.entry(form.args[0], tuple(p for k, p in enumerate(at) if k not in form.axes))
    if isinstance(form, forms.Broadcast):
        return setter.entry(form.args[0], aligned(at, form.args[0]))
    if isinstance(form, forms.Transpose):
        inner: list[Place | None] = [None] * form.ndim
        for k, axis in enumerate(form.axes):
            inner[axis] = at[k]
        return setter.entry(form.args[0], tuple(inner))
    if isinstance(form, forms.Outer):
        a, b = form.args
        return times(
            setter.entry(a, at[:1]), setter.entry(b, at[1:]), "dotted" if setter.context.scalar else "juxtaposed"
        )
    if isinstance(form, forms.Matmul):
        return _product_entry(setter, form, at)
    if isinstance(form, forms.Einsum):
        return _einsum_entry(setter, form, at)
    if isinstance(form, forms.Get):
        return _get_entry(setter, form, at)
    if isinstance(form, forms.Put):
        return _put_entry(setter, form, at)
    if isinstance(form, forms.OneHot):
        if form.ndim > 2:  # class indices without matrix notation: one of them has one row
            inside, places = setter.entry(form.args[0], at[:-1]), at[-1:]
        else:
            inside, places = setter.form(form.args[0]), at
        below = subscript([p for p in places if p is not None])
        head = Symbol(r"\mathrm{onehot}", "onehot")
        return Piece(row(head, Script(Fence(inside.whole()), below)), ATOM, "function", "bracket")
    if isinstance(form, _MOVES):
        return _moved_entry(setter, form, at)
    if isinstance(form, forms.Eye):
        return _unit_matrix_entry(setter, at)
    raise PrintError(f"no notation for {type(form).__name__} in {form}")


def _unit_matrix_entry(setter: Setter, at: Places) -> Piece:
    row_, column = at
    if row_ is None or column is None:
        return number_piece(1)
    if setter.context.kronecker:
        return Piece(Script(Symbol(r"\delta", "δ"), row(row_.node(), column.node())))
    return indicator(row(row_.node(), RELATIONS["equal"], column.node()))


def _moved_entry(setter: Setter, form: Form, at: Places) -> Piece:
    """Return the entry of an operation that only moves entries: the operand's, where it came from."""
    if isinstance(form, forms.Windows):
        place = combined([(at[form.axis], form.stride), (at[form.axis + 1], form.dilation)])
        return setter.entry(form.args[0], (*at[: form.axis], place, *at[form.axis + 2 :]))
    if isinstance(form, forms.Reshape):
        return setter.entry(form.args[0], _reshaped_places(form, at))
    if isinstance(form, forms.Concatenate):
        return _joined_entry(setter, form, at)
    values = form.args[0]
    if isinstance(form, forms.Gather):
        end = form.axis + form.args[1].ndim
        place = computed(setter.entry(form.args[1], at[form.axis : end]).whole())
        kept = None if values.shape[form.axis] == 1 else place
        return setter.entry(values, (*at[: form.axis], kept, *at[end:]))
    assert isinstance(form, (forms.Scatter, forms.Overlap))
    width = form.args[1].ndim if isinstance(form, forms.Scatter) else 2
    sizes = values.shape[form.axis : form.axis + width]
    with setter.indices(sizes) as bound:
        body = setter.entry(values, (*at[: form.axis], *bound, *at[form.axis + 1 :]))
        if isinstance(form, forms.Scatter):
            source = setter.entry(form.args[1], bound).whole()
        else:
            sliding = combined([(bound[0], form.stride), (bound[1], form.dilation)]) or Place(None)
            source = sliding.node()
        here = at[form.axis]
        if here is not None:
            body = times(closed(body, PRODUCT), indicator(row(source, RELATIONS["equal"], here.node())))
        letters = running(bound, list(sizes), form)
        return sum_over(letters, body) if letters else body


def _joined_entry(setter: Setter, form: forms.Concatenate, at: Places) -> Piece:
    here = at[form.axis]
    lines: list[tuple[Node, ...]] = []
    start = 0
    for part in form.args:
        length = part.shape[form.axis]
        assert isinstance(length, int) and here is not None
        place = None if length == 1 else here.within(start, 1)
        value = setter.entry(part, (*at[: form.axis], place, *at[form.axis + 1 :]))
        lines.append((value.whole(), within_range(here, range(start, start + length))))
        start += length
    return Piece(Grid(tuple(lines), "cases"), CASES, "bracket", "bracket")


def _reduced_entry(setter: Setter, form: forms.Reduce, at: Places) -> Piece:
    operand = form.args[0]
    sizes = [operand.shape[k] for k in form.axes]
    with setter.indices(sizes) as bound:
        kept = list(at)
        if form.keepdims:
            kept = [p for k, p in enumerate(at) if k not in form.axes]
        new = iter(bound)
        old = iter(kept)
        places = tuple(next(new) if k in form.axes else next(old) for k in range(operand.ndim))
        body = setter.entry(operand, places)
        return body if all(p is None for p in bound) else reduced(form, body, bound, sizes)


def _product_entry(setter: Setter, form: forms.Matmul, at: Places) -> Piece:
    a, b = form.args
    if a.ndim <= 2 and b.ndim <= 2:
        try:
            whole = setter.form(form)
        except NoMatrixNotation:
            pass
        else:
            return Piece(subscripted(Fence(whole.whole()), at), ATOM, "bracket", "name")
    with setter.indices([a.shape[-1]]) as (inner,):
        first = at[len(at) - (b.ndim > 1) - 1 : len(at) - (b.ndim > 1)] if a.ndim > 1 else ()
        last = at[-1:] if b.ndim > 1 else ()
        batch = at[: len(at) - len(first) - len(last)]
        left_batch = aligned(batch, a, a.ndim - 2) if a.ndim > 2 else ()
        right_batch = aligned(batch, b, b.ndim - 2) if b.ndim > 2 else ()
        left = setter.entry(a, (*left_batch, *first, inner))
        right = setter.entry(b, (*right_batch, inner, *last) if b.ndim > 1 else (inner,))
        body = times(left, right)
        if inner is None or inner.letter is None:
            return body
        return sum_over(running([inner], [a.shape[-1]], form), body)


def _einsum_entry(setter: Setter, form: forms.Einsum, at: Places) -> Piece:
    sizes: dict[int, Size] = {}
    for labels, operand in zip(form.labels, form.args, strict=True):
        for label, s in zip(labels, operand.shape, strict=True):
            sizes[label] = s if sizes.get(label, 1) == 1 else sizes[label]
    summed = [label for label in sizes if label not in form.result]
    with setter.indices([sizes[label] for label in summed]) as bound:
        where: dict[int, Place | None] = dict(zip(form.result, at, strict=True))
        where.update(zip(summed, bound, strict=True))
        body: Piece | None = None
        for labels, operand in zip(form.labels, form.args, strict=True):
            places = tuple(where[k] if s != 1 else None for k, s in zip(labels, operand.shape, strict=True))
            factor = setter.entry(operand, places)
            body = factor if body is None else times(body, factor)
        assert body is not None
        letters = running(bound, [sizes[label] for label in summed], form)
        if not letters:
            return body
        return replace(sum_over(letters, replace(body, negative=False)), negative=body.negative)


def _get_entry(setter: Setter, form: forms.Get, at: Places) -> Piece:
    rest = iter(at)
    places: list[Place | None] = []
    for item, s in zip(form.index, form.args[0].shape, strict=True):
        if isinstance(item, int):
            places.append(None if s == 1 else Place(None, Rational(0), Rational(item)))
            continue
        place = next(rest)
        if item is None:
            places.append(place)
        elif place is None:
            # The slice has one element, so its place is its start.
            places.append(None if s == 1 else Place(None, Rational(0), Rational(item.start)))
        else:
            places.append(place.shifted(item.start, item.step))
    return setter.entry(form.args[0], tuple(places))


def _put_entry(setter: Setter, form: forms.Put, at: Places) -> Piece:
    inner: list[Place | None] = []
    conditions: list[Node] = []
    for item, place, s in zip(form.index, at, form.shape, strict=True):
        if item is None:
            inner.append(place)
            continue
        if place is None:
            if not isinstance(item, int):
                inner.append(None)
            continue
        if isinstance(item, int):
            conditions.append(row(place.node(), RELATIONS["equal"], symbol_of(str(item + 1))))
            continue
        found = range(item.start, item.stop, item.step)
        if not found:
            return number_piece(form.value or 0)
        inner.append(None if len(found) == 1 else place.within(item.start, item.step))
        if isinstance(s, int) and sorted(found) == list(range(s)):
            continue
        conditions.append(within_range(place, found))
    value = setter.entry(form.args[0], tuple(inner))
    if not conditions:
        return value
    condition = separated(conditions, row(COMMA, SPACE))
    if not form.value and all(isinstance(item, int) or item is None for item in form.index):
        return times(closed(value, PRODUCT), indicator(condition))
    return Piece(
        Grid(
            ((value.whole(), condition), (number_piece(form.value or 0).whole(), Word(setter.context.otherwise))),
            "cases",
        ),
        CASES,
        "bracket",
        "bracket",
    )


def _reshaped_places(form: forms.Reshape, at: Places) -> Places:
    """Return the places of the operand's axes: a split axis reads a sum of letters, a merged one its quotient or rest."""
    old, new = form.args[0].shape, form.shape
    inner: list[Place | None] = [None] * len(old)
    for before, after in forms.radix_groups(old, new):
        if len(before) == len(after) == 1:
            inner[before[0]] = at[after[0]]
            continue
        parts, stride = [], 1
        for axis in reversed(after):
            parts.append((at[axis], stride))
            stride *= int(new[axis])
        flat = combined(parts[::-1])
        stride = 1
        for axis in reversed(before):
            length = int(old[axis])
            if length != 1 and flat is not None:
                whole = stride == 1 and all(old[k] == 1 for k in before if k != axis)
                last = all(old[k] == 1 for k in before if k < axis)
                digit = Digit(flat, stride, length, last)
                inner[axis] = flat if whole else computed(_digit_node(digit), digit)
            stride *= length
    return tuple(inner)


def _digit_node(digit: Digit) -> Node:
    """Return one position out of a merged one: both count from 1."""
    position = digit.merged.node()
    if digit.stride != 1:
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
