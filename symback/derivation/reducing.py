"""Sums over axes of collected terms: what does not vary leaves a sum, and some sums are numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol

from symback.core.forms import (
    Apply,
    Expand,
    Eye,
    Form,
    Name,
    Reduce,
    Shape,
    broadcast_shapes,
    filled,
    names_in,
    reduce_over,
    substitute,
)
from symback.derivation.axes import is_ones, squeezed, varies, with_axes
from symback.derivation.shares import is_share
from symback.derivation.terms import ONE, Term, Terms, added, count, factor, is_sum, left_sum, on_diagonal, weight

_SMALL = 20
"""Sums of formulas of so many nodes are looked at for being a number."""


class Collecting(Protocol):
    """What sums over axes ask of the collector."""

    definitions: Mapping[Any, Form]
    ones: Mapping[str, int]
    sums: dict[Form, Fraction]
    multiplies_out: bool

    def terms(self, form: Form) -> Terms: ...

    def single(self, form: Form) -> Term: ...

    def as_one(self, terms: Terms, shape: Shape) -> Term: ...

    def form(self, terms: Terms, shape: Shape) -> Form: ...

    def power(self, base: Form, exponent: Fraction = ONE) -> Term: ...

    def multiplying_out(self) -> Collecting: ...


def reduced(worker: Collecting, form: Reduce) -> Terms:
    """Return a sum or a mean over axes: what does not vary leaves it, and an axis along which nothing varies counts."""
    operand = form.args[0]
    share = Term()
    if form.kind == "mean":
        for axis in form.axes:
            share = share.times(count(operand.shape[axis]).to_power(Fraction(-1)))
    terms = worker.terms(operand)
    if worker.multiplies_out:
        return added(share.times(_reduced_term(worker, t, form)) for t in _multiplied_out(worker, terms, form))
    if len(terms) > 1:
        terms = (worker.as_one(terms, operand.shape),)
    return tuple(share.times(_reduced_term(worker, t, form)) for t in terms if t.number)


def _multiplied_out(worker: Collecting, terms: Terms, form: Reduce) -> Iterator[Term]:
    """Yield terms with the sums in them that vary along the axes of a sum multiplied out."""
    rank = form.args[0].ndim
    for term in terms:
        opened = next(
            (
                base
                for base, e in term.arrays
                if e == 1 and is_sum(base) and any(varies(base, axis, rank) for axis in form.axes)
            ),
            None,
        )
        if opened is None:
            yield term
        else:
            rest = term.times(factor(opened, Fraction(-1)))
            yield from _multiplied_out(worker, tuple(rest.times(t) for t in worker.terms(opened)), form)


def _reduced_term(worker: Collecting, term: Term, form: Reduce) -> Term:
    """Return Σ of a term: what does not vary along the axes leaves the sum, an axis along which nothing varies counts."""
    operand = form.args[0]
    rank, axes = operand.ndim, form.axes
    result = Term(term.number, term.scalars)
    if rank == 2 and len(axes) == 1 and any(isinstance(b, Eye) and e > 0 for b, e in term.arrays):
        entries = tuple(p for p in on_diagonal(term).arrays if not isinstance(p[0], Eye))
        if form.keepdims and axes == (1,):
            entries = tuple((with_axes(base, [1]), e) for base, e in entries)
        return result.times(Term(ONE, (), entries))
    shares = _shares_added(worker, term, form)
    if shares is not None:
        return result.times(shares)
    inside, outside = [], []
    for base, exponent in term.arrays:
        if base.ndim and any(varies(base, axis, rank) for axis in axes):
            inside.append((base, exponent))
        else:
            outside.append((base, exponent))
    for axis in axes:
        if not any(varies(base, axis, rank) for base, _ in inside):
            result = result.times(count(operand.shape[axis]))
    result = result.times(left_sum(tuple(outside), form))
    if not inside:
        return result
    body = worker.form((Term(ONE, (), tuple(inside)),), broadcast_shapes([b.shape for b, _ in inside]))
    missing = rank - body.ndim
    over = tuple(axis - missing for axis in axes if axis >= missing)
    unit: tuple[int, ...] = ()
    if isinstance(body, Expand):
        unit = tuple(k for k in over if body.shape[k] == 1)
        over = tuple(k for k in over if k not in unit)
    if isinstance(body, Reduce) and body.kind == "sum" and not body.keepdims and not form.keepdims:
        left = [k for k in range(body.args[0].ndim) if k not in body.axes]
        summed = reduce_over("sum", body.args[0], (*body.axes, *(left[k] for k in over)))
        unit = tuple(k - sum(o < k for o in over) for k in unit)
    else:
        summed = reduce_over("sum", body, over, keepdims=form.keepdims)
        unit = () if form.keepdims else tuple(k - sum(o < k for o in over) for k in unit)
    known = _known_sum(worker, body, over, inside)
    if known is not None:
        worker.sums[summed if not form.keepdims else reduce_over("sum", body, over)] = known
        return result.scaled(known)
    return result.times(worker.power(squeezed(summed, unit)))


def _shares_added(worker: Collecting, term: Term, form: Reduce) -> Term | None:
    """Return what the arrays of a term add up to where they are shares along the last axis: ones; None for other arrays."""
    shape, axes, arrays = form.args[0].shape, form.axes, term.arrays
    summed = next((b for b, e in arrays if len(shape) == e == 1 and _sums_columns(b)), None)
    if summed is not None:  # Σ_j π_j Σ_i x_ij is one sum
        inner = worker.single(summed.args[0])
        shape, axes = summed.args[0].shape, (0, 1)
        term = term.times(factor(summed, Fraction(-1))).times(Term(inner.number, inner.scalars, inner.arrays))
        if term.number != 1 or term.scalars:
            return None
        arrays = term.arrays
    if len(shape) != 2 or axes[-1] != 1 or not any(_is_exponential(base) for base, _ in arrays):
        return None
    whole = worker.form((Term(ONE, (), arrays),), shape)
    if not is_share(whole):
        return None
    worker.sums[reduce_over("sum", whole, 1)] = ONE
    rows = count(shape[0]) if 0 in axes else Term()
    return rows.times(factor(filled(1, form.shape)) if form.shape else Term())


def _known_sum(
    worker: Collecting, body: Form, axes: tuple[int, ...], inside: Sequence[tuple[Form, Fraction]]
) -> Fraction | None:
    """Return the number that a sum is by the definitions of its names, or by a fact about them; else None."""
    if worker.multiplies_out or weight(body) > _SMALL:
        return None
    if isinstance(body, Name) and body.name in worker.ones:
        return ONE if axes == (body.ndim + worker.ones[body.name],) else None
    opened = body
    for _ in range(3):
        used = {n for n in names_in(opened) if n in worker.definitions}
        if not used or weight(opened) > 10 * _SMALL:
            return None
        opened = substitute(opened, lambda node, used=used: worker.definitions[node] if node in used else None)  # type: ignore[misc]
        total = worker.multiplying_out().terms(reduce_over("sum", opened, axes))
        if not total:
            return Fraction(0)
        if len(total) == 1 and not total[0].scalars and all(is_ones(b) for b, _ in total[0].arrays):
            return total[0].number
    return None


def _is_exponential(form: Form) -> bool:
    return any(isinstance(n, Apply) and n.op == "exp" for n in (form, *form.args))


def _sums_columns(form: Form) -> bool:
    return isinstance(form, Reduce) and form.kind == "sum" and form.axes == (0,) and form.args[0].ndim == 2
