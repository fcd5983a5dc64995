"""Factors moved along axes: turned, given axes of length 1, or freed of them, as little as broadcasting allows."""

from __future__ import annotations

from collections.abc import Sequence

from symback.core.errors import ShapeError
from symback.core.forms import (
    Expand,
    Filled,
    Form,
    Get,
    Reduce,
    Shape,
    broadcast_to,
    einsum,
    expand,
    filled,
    get,
    reduce_over,
    transpose,
)
from symback.derivation.chains import built, chain, flipped, mirrored


def is_ones(form: Form) -> bool:
    """Return True for an array of ones."""
    return isinstance(form, Filled) and form.value == 1


def varies(base: Form, axis: int, rank: int) -> bool:
    """Return True where an array has more than one entry along an axis of what it broadcasts to."""
    at = axis - (rank - base.ndim)
    return at >= 0 and base.shape[at] != 1


def squeezed(form: Form, axes: tuple[int, ...]) -> Form:
    """Return a form without some of its axes of length 1."""
    if not axes:
        return form
    if isinstance(form, Expand):
        kept = [k for k in range(form.ndim) if k not in form.axes]
        inner = tuple(kept.index(k) for k in axes if k not in form.axes)
        left = [k for k in range(form.ndim) if k not in axes]
        made = squeezed(form.args[0], inner)
        return expand(made, [left.index(k) for k in form.axes if k not in axes])
    if isinstance(form, Reduce) and form.keepdims and set(axes) == set(form.axes):
        return reduce_over(form.kind, form.args[0], form.axes)
    return get(form, tuple(0 if k in axes else slice(None) for k in range(form.ndim)))


def lifted(form: Form, rank: int, axes: Sequence[int]) -> Form:
    """Return a factor of an array of ``rank`` axes as a factor of it with axes of length 1 inserted.

    Leading axes of length 1 are left to broadcasting.
    """
    places = [k for k in range(rank + len(axes)) if k not in axes][rank - form.ndim :]
    if not places:
        return form
    start = places[0]
    return with_axes(form, [k - start for k in range(start, rank + len(axes)) if k not in places])


def with_axes(form: Form, axes: Sequence[int]) -> Form:
    """Return a form with axes of length 1 inserted, those that were taken away given back."""
    if not axes:
        return form
    if isinstance(form, Expand):
        outer = [k for k in range(form.ndim + len(axes)) if k not in axes]
        return expand(form.args[0], sorted([*axes, *(outer[k] for k in form.axes)]))
    if isinstance(form, Get) and form.args[0].ndim == form.ndim + len(axes):
        gone = [k for k, item in enumerate(form.index) if item == 0 and form.args[0].shape[k] == 1]
        if gone == sorted(axes) and all(item is None or k in gone for k, item in enumerate(form.index)):
            return form.args[0]
    return expand(form, axes)


def turned(form: Form, axes: Sequence[int], rank: int) -> Form:
    """Return a factor of an array of ``rank`` axes as a factor of its transpose."""
    if is_ones(form):
        return filled(1, tuple(((1,) * (rank - form.ndim) + form.shape)[k] for k in axes))
    if rank == 2 and form.ndim == 2:
        factors = chain(form)
        if len(factors) > 1 or factors[0][0] != "M":
            return _factor_of(built(flipped(factors), form.shape[::-1]))
    whole = form if form.ndim == rank else expand(form, range(rank - form.ndim))
    if isinstance(whole, Expand):
        kept = [k for k in range(rank) if k not in whole.axes]
        moved = [kept.index(k) for k in axes if k in kept]
        inner = transpose(whole.args[0], moved) if moved != sorted(moved) else whole.args[0]
        return _factor_of(expand(inner, [k for k in range(rank) if axes[k] not in kept]))
    return mirrored(whole) if rank == 2 and tuple(axes) == (1, 0) else transpose(whole, axes)


def _factor_of(form: Form) -> Form:
    """Return a form without leading axes of length 1 that broadcasting gives back."""
    if isinstance(form, Expand):
        leading = 0
        while leading in form.axes:
            leading += 1
        return expand(form.args[0], [k - leading for k in form.axes if k >= leading])
    return form


def diagonal_of(form: Form) -> Form:
    """Return the diagonal of a square matrix."""
    return einsum([(0, 0)], (0,), [form])


def fitted(form: Form, shape: Shape) -> Form:
    """Return a form in a shape that it broadcasts to."""
    if form.shape == shape:
        return form
    if form.ndim > len(shape):
        raise ShapeError(f"{form} does not fit the shape {shape}")
    missing = len(shape) - form.ndim
    if all(s == 1 for s in shape[:missing]) and shape[missing:] == form.shape and form.ndim:
        return expand(form, range(missing))
    return broadcast_to(form, shape)
