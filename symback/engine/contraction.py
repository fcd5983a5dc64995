"""Labelled forms: laid out so that they broadcast, and contracted over indices into products, sums and Einstein sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from symback.core.forms import (
    Form,
    Reduce,
    Shape,
    broadcast_to,
    einsum,
    expand,
    get,
    matmul,
    number,
    outer,
    reduce_over,
    transpose,
)
from symback.engine.coefficients import Coefficient, times_all
from symback.engine.elements import Index

Axis = Index | None


@dataclass(frozen=True)
class Labelled:
    """A Form with an Index, or None for an axis of length 1, per axis."""

    form: Form
    axes: tuple[Axis, ...]

    @property
    def indices(self) -> frozenset[Index]:
        return frozenset(a for a in self.axes if a is not None)


class Layout:
    """The order in which the target wants its axes, and what is laid out and contracted by it."""

    def __init__(self, want: Sequence[Axis]) -> None:
        self.want = [a for a in want if a is not None]

    def position(self, index: Index) -> int:
        return self.want.index(index) if index in self.want else len(self.want)

    def align(self, parts: Sequence[Labelled]) -> tuple[list[Form], tuple[Axis, ...]]:
        """Return the operands broadcastable against each other, and the axes of the result."""
        if len(parts) == 1:
            return [parts[0].form], parts[0].axes
        first = parts[0].axes
        if all(p.axes == first or not p.axes for p in parts) and None not in first:
            return [p.form for p in parts], next((p.axes for p in parts if p.axes), ())
        every: dict[Index, None] = {}
        largest = max(parts, key=lambda p: len(p.indices))
        for part in [largest, *parts]:
            for axis in part.axes:
                if axis is not None:
                    every.setdefault(axis)
        union = list(every)
        if all(i in self.want for i in union):
            union.sort(key=self.position)
        units = self._unit_layout(parts, union)
        layout: list[Axis] = units if units is not None else list(union)
        return [_laid_out(p, layout) for p in parts], tuple(layout)

    def _unit_layout(self, parts: Sequence[Labelled], union: list[Index]) -> list[Axis] | None:
        """Return a layout that keeps the unit axes of an operand which has all indices, in its own order."""
        for part in parts:
            if [a for a in part.axes if a is not None] == union and None in part.axes:
                return list(part.axes)
        return None

    def fit(self, part: Labelled, axes: Sequence[Axis], shape: Shape) -> Form:
        """Return the form with exactly the axes and the shape of the target."""
        if part.axes == tuple(axes) and part.form.shape == shape:
            return part.form
        real = [a for a in axes if a is not None and a in part.indices]
        form = part.form
        have = list(part.axes)
        if len(have) == len(axes) and all(mine is None or mine == a for mine, a in zip(have, axes, strict=True)):
            if form.shape == shape:
                return form
        elif None in have or [a for a in have if a is not None] != real:
            form = only(part, real)
        inserted = [k for k, a in enumerate(axes) if a is None or a not in part.indices]
        if (
            inserted == list(range(len(inserted)))
            and shape != form.shape
            and any(axes[k] is not None and shape[k] != 1 for k in inserted)
        ):
            return broadcast_to(form, shape)
        if len(inserted) + form.ndim == len(axes):
            form = _with_units(form, inserted)
        return form if form.shape == shape else broadcast_to(form, shape)

    def contract(self, parts: list[Labelled], over: Sequence[Index]) -> tuple[Labelled, Coefficient]:
        parts = self._merge_equal(parts)
        left = list(over)
        repeated = Coefficient()
        while left:
            holders = {i: [k for k, p in enumerate(parts) if i in p.indices] for i in left}
            index = min(left, key=lambda i: (len(holders[i]), i.number))
            count = len(holders[index])
            if count == 0:
                left.remove(index)
                repeated = repeated.times(
                    Coefficient(Fraction(index.size))
                    if isinstance(index.size, int)
                    else Coefficient(sizes=(index.size,))
                )
            elif count == 1:
                at = holders[index][0]
                alone = [i for i in left if holders[i] == [at]]
                parts[at] = _sum_axes(parts[at], alone)
                left = [i for i in left if i not in alone]
                parts = self._merge_equal(parts)
            else:
                nested = self._nested(parts, holders[index])
                if nested is not None:
                    inner, outer_part = nested
                    forms, axes = self.align([parts[min(inner, outer_part)], parts[max(inner, outer_part)]])
                    merged = Labelled(times_all(forms), axes)
                    parts = _replaced(parts, (inner, outer_part), merged)
                elif count == 2:
                    a, b = holders[index]
                    shared = [i for i in left if holders[i] == [a, b]]
                    parts = _replaced(parts, (a, b), self._multiply(parts[a], parts[b], shared))
                    left = [i for i in left if i not in shared]
                    parts = self._merge_equal(parts)
                else:
                    involved = holders[index]
                    done = [i for i in left if set(holders[i]) <= set(involved)]
                    merged = self._einsum([parts[k] for k in involved], done)
                    parts = _replaced(parts, tuple(involved), merged)
                    left = [i for i in left if i not in done]
        if not parts:
            return Labelled(number(1), ()), repeated
        vectors = [k for k, p in enumerate(parts) if p.axes]
        if len(vectors) == 2 and all(len(parts[k].axes) == 1 and parts[k].indices for k in vectors):
            first, second = (parts[k] for k in vectors)
            if self.position(next(iter(second.indices))) < self.position(next(iter(first.indices))):
                first, second = second, first
            product = Labelled(outer(first.form, second.form), (*first.axes, *second.axes))
            parts = _replaced(parts, tuple(vectors), product)
        forms, axes = self.align(parts)
        return Labelled(times_all(forms), axes), repeated

    def _merge_equal(self, parts: list[Labelled]) -> list[Labelled]:
        merged: list[Labelled] = []
        for part in parts:
            for k, other in enumerate(merged):
                if other.indices == part.indices and len(part.indices) > 0:
                    forms, axes = self.align([other, part])
                    merged[k] = Labelled(times_all(forms), axes)
                    break
            else:
                merged.append(part)
        return merged

    def _nested(self, parts: list[Labelled], holders: list[int]) -> tuple[int, int] | None:
        for a in holders:
            for b in holders:
                if a != b and parts[a].indices < parts[b].indices and (len(holders) > 2 or len(parts[a].indices) > 1):
                    return a, b
        return None

    def _multiply(self, a: Labelled, b: Labelled, shared: list[Index]) -> Labelled:
        """Contract two operands over the indices that only they hold."""
        kept = [i for i in a.axes if i is not None and i in b.indices and i not in shared]
        free_a = [i for i in a.axes if i is not None and i not in b.indices]
        free_b = [i for i in b.axes if i is not None and i not in a.indices]
        if not free_a and not free_b and not kept:
            if len(shared) == 1:
                return Labelled(matmul(only(a, shared), only(b, shared)), ())
            forms, axes = self.align([a, b])
            return _sum_axes(Labelled(times_all(forms), axes), shared)
        if (not free_a and not free_b) or (kept and (not free_a or not free_b)):
            forms, axes = self.align([a, b])
            return _sum_axes(Labelled(times_all(forms), axes), shared)
        if len(shared) == 1 and len(free_a) <= 1 and len(free_b) <= 1:
            return self._matmul(a, b, shared[0], free_a, free_b, kept)
        if len(shared) == 1 and not kept:
            first, second, free = (a, b, free_a) if len(free_a) > 1 else (b, a, free_b)
            other = free_b if first is a else free_a
            if len(other) <= 1:
                left = only(first, [*free, shared[0]])
                right = only(second, [shared[0], *other])
                return Labelled(matmul(left, right), (*free, *other))
        return self._einsum([a, b], shared)

    def _matmul(
        self, a: Labelled, b: Labelled, k: Index, free_a: list[Index], free_b: list[Index], kept: list[Index]
    ) -> Labelled:
        if kept:
            swap = self.position(free_b[0]) < self.position(free_a[0])
            if swap:
                a, b, free_a, free_b = b, a, free_b, free_a
            return Labelled(
                matmul(only(a, [*kept, *free_a, k]), only(b, [*kept, k, *free_b])), (*kept, *free_a, *free_b)
            )
        if free_a and free_b:
            if self.position(free_b[0]) < self.position(free_a[0]):
                a, b, free_a, free_b = b, a, free_b, free_a
            return Labelled(matmul(only(a, [*free_a, k]), only(b, [k, *free_b])), (*free_a, *free_b))
        vector, matrix, free = (b, a, free_a) if free_a else (a, b, free_b)
        row = [i for i in matrix.axes if i is not None] == [k, *free]
        if row:
            return Labelled(matmul(only(vector, [k]), only(matrix, [k, *free])), tuple(free))
        return Labelled(matmul(only(matrix, [*free, k]), only(vector, [k])), tuple(free))

    def _einsum(self, parts: Sequence[Labelled], summed: Sequence[Index]) -> Labelled:
        letters: dict[Index, int] = {}
        labels = []
        for part in parts:
            labels.append(tuple(letters.setdefault(i, len(letters)) for i in part.axes if i is not None))
        kept = [i for i in letters if i not in summed]
        kept.sort(key=self.position)
        operands = [only(p, [i for i in p.axes if i is not None]) for p in parts]
        return Labelled(einsum(labels, tuple(letters[i] for i in kept), operands), tuple(kept))


def only(part: Labelled, order: Sequence[Index]) -> Form:
    """Return the form with the axes in ``order`` and every unit axis taken away."""
    form = part.form
    axes = list(part.axes)
    if None in axes:
        form = get(form, tuple(0 if a is None else slice(None) for a in axes))
        axes = [a for a in axes if a is not None]
    if axes == list(order):
        return form
    return transpose(form, [axes.index(i) for i in order])


def _laid_out(part: Labelled, layout: Sequence[Axis]) -> Form:
    """Return the form transposed and given unit axes so that it broadcasts in ``layout``."""
    if not part.axes:
        return part.form
    if list(part.axes) == list(layout):
        return part.form
    kept = [a for a in layout if a is not None and a in part.indices]
    if len(part.axes) == len(layout) and all(
        mine is None or mine == other for mine, other in zip(part.axes, layout, strict=True)
    ):
        return part.form
    if tuple(layout[len(layout) - len(part.axes) :]) == part.axes:
        return part.form
    form = only(part, kept)
    if not kept:
        return form
    first = next(k for k, a in enumerate(layout) if a is not None and a in part.indices)
    inserted = [k - first for k, a in enumerate(layout) if k > first and (a is None or a not in part.indices)]
    return _with_units(form, inserted)


def _with_units(form: Form, inserted: Sequence[int]) -> Form:
    """Insert unit axes; a sum over just those axes keeps its dimensions instead."""
    if not inserted:
        return form
    if isinstance(form, Reduce) and not form.keepdims and list(form.axes) == list(inserted):
        return reduce_over(form.kind, form.args[0], form.axes, True)
    return expand(form, inserted)


def _sum_axes(part: Labelled, over: Sequence[Index]) -> Labelled:
    axes = [k for k, a in enumerate(part.axes) if a in over]
    form, kept = part.form, tuple(a for a in part.axes if a not in over)
    return Labelled(reduce_over("sum", form, axes), kept)


def _replaced(parts: list[Labelled], taken: Sequence[int], merged: Labelled) -> list[Labelled]:
    first = min(taken)
    return [merged if k == first else p for k, p in enumerate(parts) if k == first or k not in taken]
