"""The one rule: ∂L/∂A[p] = Σ over equations that read A, Σ over their entries, adjoint · local derivative.

``partials`` differentiates one entry of an equation with respect to every access to an array; each access ``A[e]``
carries a Kronecker delta δ(e, p). ``contribution_terms`` eliminates a delta only where the access reads a whole axis, by
one index or by the digits of a merged one; every other one (a constant, a slice, a window, an entry of an integer array)
stays and is put back by the adjoint of its own move.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import sympy as sp

from symback.core.errors import DerivationError
from symback.core.forms import WHOLE, Form, Implicit, Item, Name, Shape, Span, names_in
from symback.core.forms import name as make_name
from symback.core.hooks import Hook
from symback.engine.elements import (
    STATED_KINDS,
    Access,
    Bound,
    Digit,
    Held,
    Index,
    Indicator,
    Peak,
    Total,
    fresh,
    lower,
    mixed_radix,
    opened,
    total,
)
from symback.functions import ROWS


@dataclass(frozen=True)
class Partial:
    """One term of ∂Y[out]/∂A: a coefficient, the indices it is summed over, and the entry of A it reads."""

    coefficient: Any
    summed: tuple[Index, ...]
    reads: tuple[Any, ...]


@lru_cache(maxsize=4096)
def _diff(expression: Any, symbol: Any) -> Any:
    for node in expression.atoms(*STATED_KINDS):
        row = ROWS[STATED_KINDS[type(node)]]
        if row.orders and node.args[0].has(symbol):
            order = row.argument_names[0]
            raise DerivationError(
                f"no formula has the derivative of {row.name}({', '.join(row.argument_names)}) with respect to {order}: "
                f"differentiate with respect to the others, with {order} a constant or an input"
            )
    found = _implicitly(expression, symbol) if expression.has(sp.LambertW) else sp.diff(expression, symbol)
    return found.rewrite(sp.exp) if found.has(sp.sinh, sp.cosh) else found


def _implicitly(expression: Any, symbol: Any) -> Any:
    """Return the derivative with that of y = W(u) by y e^y = u, which holds at u = 0 as well: SymPy divides by u."""
    found = sorted(expression.atoms(sp.LambertW), key=sp.default_sort_key)
    held = {node: sp.Dummy() for node in found}
    back = {mark: node for node, mark in held.items()}
    outside = expression.xreplace(held)
    terms = [sp.diff(outside, symbol)]
    for node, mark in held.items():
        y = sp.Dummy()
        slope = 1 / sp.diff(y * sp.exp(y), y)
        terms.append(sp.diff(outside, mark) * sp.factor(slope).subs(y, node) * _diff(node.args[0], symbol))
    return sp.Add(*terms).xreplace(back)


@lru_cache(maxsize=4096)
def placeholder(position: int) -> sp.Symbol:
    """Return the real symbol that stands for the leaf at ``position``; an equal one every time, so results are cached."""
    return sp.Symbol(f"_leaf{position}", real=True)


def leaves_of(expression: Any, kinds: tuple[type, ...]) -> list[Any]:
    """Return the distinct outermost nodes of the given kinds, in order of appearance."""
    found: dict[Any, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, kinds):
            found.setdefault(node)
            return
        for child in node.args:
            if isinstance(child, sp.Basic):
                visit(child)

    visit(expression)
    return list(found)


def hide(expression: Any, kinds: tuple[type, ...] = (Access, Total, Peak)) -> tuple[Any, dict[Any, Any]]:
    """Return the expression over placeholders, and the map from placeholders back to the leaves they hide."""
    leaves = leaves_of(expression, kinds)
    there = {leaf: placeholder(k) for k, leaf in enumerate(leaves)}
    back = {symbol: leaf for leaf, symbol in there.items()}
    return expression.xreplace(there), back


def reads(expression: Any, array: str) -> bool:
    """Return True where the expression has an access to ``array``."""
    if not isinstance(expression, sp.Basic):
        return False
    return any(
        a.array == array or (isinstance(a.args[0], Held) and a.args[0].reads(array)) for a in expression.atoms(Access)
    )


def partials(expression: Any, array: str, known: Mapping[Any, Any] = MappingProxyType({})) -> list[Partial]:
    """Return ∂(expression)/∂(entries of array), one Partial per distinct access.

    ``known`` maps maxima to the entry of an array that holds them: the derivative is 1[x = m] over the number of ties.
    """
    hidden, back = hide(expression)
    summands: dict[Any, list[Any]] = {}
    for summand in sp.Add.make_args(hidden):
        for symbol in summand.free_symbols:
            summands.setdefault(symbol, []).append(summand)
    found: list[Partial] = []
    for symbol, leaf in back.items():
        if not reads(leaf, array):
            continue
        coefficient = sp.Add(*(_diff(summand, symbol) for summand in summands.get(symbol, ()))).xreplace(back)
        if coefficient == 0:
            continue
        if isinstance(leaf, Access):
            for inner in _of_entry(leaf, array):
                found.append(Partial(coefficient * inner.coefficient, inner.summed, inner.reads))
            continue
        body, index = opened(leaf)
        over = [index]
        if isinstance(leaf, Peak):
            # a maximum over several axes is one maximum: all entries that attain it share alike
            while isinstance(body, Peak):
                body, index = opened(body)
                over.append(index)
            hit = _attained(body, known.get(leaf, leaf))
            ties = hit
            for index in over:
                ties = total(ties, index)
            coefficient = coefficient * hit / ties
        for inner in partials(body, array):
            found.append(Partial(coefficient * inner.coefficient, (*over, *inner.summed), inner.reads))
    return found


proved_differential: Hook[[Implicit, int, Form], Form | None] = Hook("proved_differential")
"""The differential of a call in one of its arguments, put back into its equations; None where the call is constant."""


def _of_entry(leaf: Access, array: str) -> list[Partial]:
    """Return ∂(one entry)/∂(entries of array): 1 for an entry of the array itself, the chain rule through a call.

    A call has no entrywise formula: its derivative is the coefficient of dA in its differential, which is linear in it.
    """
    if not isinstance(leaf.args[0], Held):
        return [Partial(sp.S.One, (), leaf.indices)]
    call: Implicit = leaf.args[0].form
    out = target_axes(call.shape)
    at = dict(zip(out, leaf.indices, strict=True))
    found: list[Partial] = []
    for position, operand in enumerate(call.args):
        if not any(n.name == array for n in names_in(operand)):
            continue
        differential = proved_differential(call, position, make_name(_MOVED, operand.shape))
        if differential is None:
            continue
        for outer in partials(lower(differential, out), _MOVED):
            coefficient, reads = outer.coefficient.xreplace(at), tuple(r.xreplace(at) for r in outer.reads)
            if isinstance(operand, Name):
                found.append(Partial(coefficient, outer.summed, reads))
                continue
            for inner in partials(lower(operand, reads), array):
                found.append(Partial(coefficient * inner.coefficient, (*outer.summed, *inner.summed), inner.reads))
    return found


_MOVED = "§d"
"""The name of the differential of an argument."""


def _attained(entry: Any, largest: Any) -> Any:
    """Return 1[entry = largest], where both are negative without their signs."""
    if entry.could_extract_minus_sign() and largest.could_extract_minus_sign():
        entry, largest = -entry, -largest
    return Indicator("equal", entry, largest)


@dataclass(frozen=True)
class Sliding:
    """Where a window reads: entry ``stride * position + dilation * offset``."""

    stride: int
    dilation: int


@dataclass(frozen=True)
class Lookup:
    """Where an integer array says: the element ``place`` over ``count`` axes."""

    place: Any
    count: int


@dataclass(frozen=True)
class Term:
    """Σ over ``summed`` of ``expression``, an array over ``axes``; where ``index`` is set, put there into zeros.

    ``index`` has one entry per axis of the target: the whole axis, a constant, a Span, a Sliding window (which takes
    two of the ``axes``) or a Lookup. ``axes`` holds an Index or None (an axis of length 1).
    """

    expression: Any
    summed: tuple[Index, ...]
    axes: tuple[Index | None, ...]
    index: tuple[Any, ...] | None = None


def target_axes(shape: Shape) -> tuple[Index, ...]:
    """Return fresh indices p, one per axis."""
    return tuple(fresh(s) for s in shape)


def contribution_terms(
    found: Sequence[Partial], out: Sequence[Index], upstream: Any, target: Sequence[Index], what: str
) -> list[Term]:
    """Apply the rule: sum upstream · coefficient · δ(reads, target) over ``out`` and the inner sums.

    Raises DerivationError for an access whose index is neither a whole axis (also as a digit of a merged one), a
    constant, a slice, a window, nor an entry of an integer array.
    """
    return [_one_term(part, tuple(out), upstream, target, what) for partial in found for part in _apart(partial)]


def _has_delta(node: Any) -> bool:
    return any(n.relation == "delta" for n in node.atoms(Indicator))


def _apart(partial: Partial) -> list[Partial]:
    """Return one Partial per product of Kronecker deltas, none inside a sum: an array may stand twice in a row."""
    coefficient, summed, reads = partial.coefficient, partial.summed, partial.reads
    if not _has_delta(coefficient):
        return [partial]
    if isinstance(coefficient, sp.Add):
        return [part for term in coefficient.args for part in _apart(Partial(term, summed, reads))]
    for factor in sp.Mul.make_args(coefficient):
        if not isinstance(factor, (sp.Add, Total)) or not _has_delta(factor):
            continue
        rest = sp.Mul(*[f for f in sp.Mul.make_args(coefficient) if f is not factor])
        if isinstance(factor, Total):
            body, index = opened(factor)
            return _apart(Partial(rest * body, (*summed, index), reads))
        return [part for term in factor.args for part in _apart(Partial(rest * term, summed, reads))]
    return [partial]


def _one_term(partial: Partial, out: tuple[Index, ...], upstream: Any, target: Sequence[Index], what: str) -> Term:
    indices, expression, reads = _without_deltas((*out, *partial.summed), upstream * partial.coefficient, partial.reads)
    swap = _digit_swaps(reads, target)
    axes: list[Index | None] = []
    items: list[Item | Sliding | Lookup] = []
    kept: list[Index] = []

    def keep(index: Index) -> None:
        if index in swap or index in kept:
            raise DerivationError(f"{what}: an index is read twice, along a diagonal, which has no slice")
        kept.append(index)
        axes.append(index)

    for place, read in zip(target, reads, strict=True):
        if isinstance(read, Index) and isinstance(swap.get(read), Index) and read.size == place.size:
            # a diagonal: the index is this axis and another one, where the two are equal
            expression = expression * Indicator("delta", swap[read], place)
            axes.append(place)
            items.append(WHOLE)
            continue
        whole = _whole_axis(read, place, swap)
        if whole is not None:
            swap.update(whole)
            axes.append(place)
            items.append(WHOLE)
        elif read == 0 and place.size == 1:
            axes.append(None)
            items.append(WHOLE)
        elif isinstance(read, sp.Integer):
            items.append(int(read))
        elif read.has(Access):
            free = [i for i in sp.ordered(read.atoms(Index)) if not isinstance(i, Bound)]
            free.sort(key=lambda i: i.number)
            for index in free:
                keep(index)
            items.append(Lookup(read, len(free)))
        else:
            items.append(_affine(read, keep, what))
    summed = tuple(i for i in indices if i not in swap and i not in kept)
    placed = any(item is not WHOLE for item in items)
    return Term(expression.xreplace(swap), summed, tuple(axes), tuple(items) if placed else None)


def _without_deltas(
    indices: tuple[Index, ...], expression: Any, reads: tuple[Any, ...]
) -> tuple[tuple[Index, ...], Any, tuple[Any, ...]]:
    """Sum over every index that a Kronecker delta pins to an expression: Σ_i f(i) δ(e, i) = f(e)."""
    while True:
        for factor in sp.Mul.make_args(expression):
            if isinstance(factor, Indicator) and factor.relation == "delta":
                value, index = factor.args[1:]
                if index in indices and not value.has(index):
                    break
        else:
            return indices, expression, reads
        rest = sp.Mul(*[f for f in sp.Mul.make_args(expression) if f is not factor])
        expression = rest.xreplace({index: value})
        reads = tuple(r.xreplace({index: value}) for r in reads)
        indices = tuple(i for i in indices if i != index)


def _digit_swaps(reads: Sequence[Any], target: Sequence[Index]) -> dict[Any, Any]:
    """Return the indices whose digits, alone or merged, read whole axes, each as what the target's indices make it."""
    digits: dict[Any, list[tuple[Digit, Index]]] = {}
    for read, place in zip(reads, target, strict=True):
        if isinstance(read, Digit) and mixed_radix(read.args[0]) is not None and read.args[2] == place.size:
            digits.setdefault(read.args[0], []).append((read, place))
    swap: dict[Any, Any] = {}
    for merged, found in digits.items():
        flat = sp.Add(*[read.args[1] * place for read, place in found])
        counts, parts = mixed_radix(flat), mixed_radix(merged)
        assert parts is not None
        used = sum(any(read.has(index) for index, _ in parts) for read in reads)
        whole = math.prod(int(index.size) for index, _ in parts)
        if counts is not None and math.prod(int(i.size) for i, _ in counts) == whole and used == len(found):
            swap.update((index, Digit(flat, stride, index.size)) for index, stride in parts)
    return swap


def _whole_axis(read: Any, place: Index, swap: dict[Any, Any]) -> dict[Any, Any] | None:
    """Return the replacements that make ``read`` run through the whole axis of ``place``, or None."""
    if isinstance(read, Index):
        return {read: place} if read.size == place.size and read not in swap else None
    if isinstance(read, Digit):
        return {} if read.args[0].atoms(Index) <= swap.keys() else None
    parts = mixed_radix(read)
    if parts is None or math.prod(int(i.size) for i, _ in parts) != place.size or any(i in swap for i, _ in parts):
        return None
    return {index: Digit(place, stride, index.size) for index, stride in parts}


def _affine(read: Any, keep: Callable[[Index], None], what: str) -> Item | Sliding:
    indices = sorted(read.atoms(Index), key=lambda i: i.number)
    zero = dict.fromkeys(indices, sp.S.Zero)
    start = read.xreplace(zero)
    steps = [read.xreplace({**zero, i: sp.S.One}) - start for i in indices]
    flat = start + sum(step * i for step, i in zip(steps, indices, strict=True))
    integers = start.is_Integer and all(s.is_Integer for s in steps)
    if integers and 1 <= len(indices) <= 2 and sp.expand(flat - read) == 0:
        for index in indices:
            keep(index)
        if len(indices) == 2 and start == 0:
            return Sliding(int(steps[0]), int(steps[1]))
        count = indices[0].size
        if len(indices) == 1 and isinstance(count, int):
            return Span(int(start), int(start) + int(steps[0]) * count, int(steps[0]))
    raise DerivationError(f"{what}: the entry at {read} is neither a whole axis, a constant, a slice nor a window")
