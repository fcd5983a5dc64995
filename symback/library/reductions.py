"""Sums, means, extremes, variances and norms, with the options of both libraries."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from symback.core import forms
from symback.core.errors import NetworkError, ReadError
from symback.core.forms import Form, apply, number, reduce_over
from symback.functions import ROWS
from symback.functions.matrices import norm_of
from symback.library import kinds
from symback.library.contract import Caller
from symback.library.kinds import as_condition
from symback.library.limits import LARGEST_STACK
from symback.library.parameters import axes_of, plain, switch
from symback.library.signatures import Call
from symback.library.values import Poison


class Extremes(NamedTuple):
    """What PyTorch's ``max(dim)`` gives: the values, and where they stand, which no formula says."""

    values: Form
    indices: Any


def array(caller: Caller, call: Call, value: Any) -> Form:
    """Return an operand as a Form; NumPy takes a list of arrays for one array."""
    if isinstance(value, (list, tuple)) and not call.torch and any(holds_forms(v) for v in value):
        if len(value) > LARGEST_STACK:
            raise ReadError(f"an array of {len(value)} formulas is too large", caller.line)
        return forms.stack([array(caller, call, v) for v in value])
    return caller.form(value)


def holds_forms(value: Any, depth: int = 0) -> bool:
    """Return whether a value is a Form or a list that holds one."""
    return isinstance(value, Form) or (
        depth < 16 and isinstance(value, (list, tuple)) and any(holds_forms(v, depth + 1) for v in value)
    )


def _axes(caller: Caller, call: Call, value: Any) -> Any:
    """Return the axes of a reduction; PyTorch takes none of them for all."""
    found = axes_of(caller, value)
    return None if call.torch and found == () else found


def _masked(caller: Caller, call: Call, form: Form, where: Any, filling: float) -> Form:
    """Return an array with ``filling`` where the option ``where`` leaves entries out."""
    if where is True:
        return form
    mask = as_condition(caller.form(where))
    return forms.where(mask, form, number(filling))


def reduction(kind: str) -> Callable[..., Any]:
    """Return the meaning of sum or mean."""

    def build(
        caller: Caller,
        call: Call,
        x: Any,
        /,
        axis: Any = None,
        keepdims: Any = False,
        where: Any = True,
        initial: Any = 0,
    ) -> Any:
        keep = switch(caller, call, "keepdims", keepdims)
        start = plain(caller, call, "initial", initial)
        axes = _axes(caller, call, axis)
        entries = _entries(caller, call, x, axes, keep) if where is True and not start else None
        if entries is not None:
            return _of_entries(caller, kind, entries)
        form = array(caller, call, x)
        kept = _masked(caller, call, form, where, 0)
        if kind == "mean" and caller.trying and call.torch and kinds.kind_of(caller, form) != "f":
            raise ReadError("PyTorch has no mean of whole numbers, and an except depends on it", caller.line)
        if kind == "mean" and where is not True:
            count = _masked(caller, call, forms.broadcast_to(number(1), form.shape), where, 0)
            return reduce_over("sum", kept, axes, keep) / reduce_over("sum", count, axes, keep)
        result = reduce_over(kind, kept, axes, keep)
        result = kinds.real(caller, result) if kind == "mean" else result
        return result + number(start) if start else result

    return build


def extreme(kind: str) -> Callable[..., Any]:
    """Return the meaning of max or min: of all entries, along axes, or PyTorch's pair along one axis."""

    def build(
        caller: Caller,
        call: Call,
        x: Any,
        /,
        axis: Any = None,
        keepdims: Any = False,
        where: Any = True,
        initial: Any = None,
        other: Any = None,
    ) -> Any:
        pick = ROWS["maximum" if kind == "max" else "minimum"]
        if other is not None:
            return pick(caller.form(x), caller.form(other))
        keep = switch(caller, call, "keepdims", keepdims)
        axes = _axes(caller, call, axis)
        entries = _entries(caller, call, x, axes, keep) if where is True and initial is None else None
        if entries is not None:
            return _of_entries(caller, kind, entries)
        form = array(caller, call, x)
        if where is not True and initial is None:
            raise ReadError(f"{call.written} with where= needs initial=", caller.line)
        start = None if initial is None else plain(caller, call, "initial", initial)
        kept = form if start is None else _masked(caller, call, form, where, start)
        result = reduce_over(kind, kept, axes, keep)
        if start is not None:
            result = pick(result, number(start))
        if call.torch and axis is not None and call.name == kind:
            problem = ReadError(f"where a {kind} stands is not part of a formula; argmax is not read here", caller.line)
            return Extremes(caller.made(result), Poison(problem))
        return result

    return build


def _entries(caller: Caller, call: Call, x: Any, axes: Any, keep: bool) -> list[Form] | None:
    """Return the items of a list that is reduced along its own axis alone, else None."""
    if call.torch or keep or not isinstance(x, (list, tuple)) or not any(holds_forms(v) for v in x):
        return None
    built = [array(caller, call, v) for v in x]
    if len({f.shape for f in built}) != 1:
        raise ReadError(f"{call.written} of a list needs items of one shape", caller.line)
    return built if axes in (0, (0,)) or (axes is None and not built[0].shape) else None


def _of_entries(caller: Caller, kind: str, items: Sequence[Form]) -> Form:
    total = items[0]
    for item in items[1:]:
        total = (
            total + item if kind in ("sum", "mean") else ROWS["maximum" if kind == "max" else "minimum"](total, item)
        )
    return total / number(len(items)) if kind == "mean" else total


def average(
    caller: Caller, call: Call, x: Any, /, axis: Any = None, keepdims: Any = False, weights: Any = None
) -> Form:
    """Read ``np.average``: with weights Σ w x / Σ w."""
    keep = switch(caller, call, "keepdims", keepdims)
    axes = axes_of(caller, axis)
    form = array(caller, call, x)
    if weights is None:
        return kinds.real(caller, reduce_over("mean", form, axes, keep))
    shares = array(caller, call, weights)
    if shares.shape != form.shape:
        if not isinstance(axes, int) or shares.shape != (form.shape[axes],):
            raise ReadError(
                f"{call.written} takes weights of the array's shape, or one for each entry of axis", caller.line
            )
        at = axes % form.ndim
        shares = forms.expand(shares, range(1, form.ndim - at)) if form.ndim - at > 1 else shares
        shares = forms.broadcast_to(shares, form.shape) if shares.shape != form.shape else shares
    return reduce_over("sum", shares * form, axes, keep) / reduce_over("sum", shares, axes, keep)


# --- variances --------------------------------------------------------------------------------------------------------


def variance(
    caller: Caller,
    call: Call,
    x: Any,
    /,
    axis: Any = None,
    keepdims: Any = False,
    ddof: Any = None,
    correction: Any = None,
    unbiased: Any = None,
) -> Form:
    """Read ``var``: Σ (x − mean)² / (n − c), where c is 0 in NumPy and 1 in PyTorch unless the call says otherwise."""
    form = array(caller, call, x)
    keep = switch(caller, call, "keepdims", keepdims)
    less = _correction(caller, call, ddof, correction, unbiased)
    axes = _axes(caller, call, axis)
    mean = kinds.real(caller, reduce_over("mean", form, axes, True))
    if less == 0:
        return reduce_over("mean", (form - mean) ** 2, axes, keep)
    whole = range(form.ndim) if axes is None else axes if isinstance(axes, tuple) else (axes,)
    sizes = [form.shape[k] for k in whole]
    total = reduce_over("sum", (form - mean) ** 2, axes, keep)
    if all(isinstance(s, int) for s in sizes):
        count = math.prod(int(s) for s in sizes) - less
        if count <= 0:
            raise ReadError(
                f"{call.written} of {math.prod(int(s) for s in sizes)} entries divides by zero", caller.line
            )
        return total / number(count)
    product = forms.size_of(sizes[0])
    for size in sizes[1:]:
        product = product * forms.size_of(size)
    return total / (product - number(less))


def _correction(caller: Caller, call: Call, ddof: Any, correction: Any, unbiased: Any) -> Any:
    """Return what is taken off the number of entries."""
    ddof, correction = (int(v) if isinstance(v, bool) else v for v in (ddof, correction))
    if unbiased is not None:
        return 1 if switch(caller, call, "unbiased", unbiased) else 0
    if call.torch:
        return 1 if correction is None else plain(caller, call, "correction", correction)
    given = [(n, v) for n, v in (("ddof", ddof), ("correction", correction)) if v is not None]
    if len(given) > 1 and plain(caller, call, *given[0]) != 0:
        raise ReadError(f"{call.written} takes ddof or correction, not both", caller.line)
    return plain(caller, call, *given[-1]) if given else 0


def deviation(
    caller: Caller,
    call: Call,
    x: Any,
    /,
    axis: Any = None,
    keepdims: Any = False,
    ddof: Any = None,
    correction: Any = None,
    unbiased: Any = None,
) -> Form:
    """Read ``std``: the root of ``var``."""
    return apply("sqrt", variance(caller, call, x, axis, keepdims, ddof, correction, unbiased))


# --- norms ------------------------------------------------------------------------------------------------------------


def norm(
    caller: Caller,
    call: Call,
    x: Any,
    /,
    ord: Any = None,
    axis: Any = None,
    keepdims: Any = False,
    p: Any = None,
) -> Form:
    """Read the norms of vectors, and the norms of matrices that are sums of entries."""
    form = kinds.real(caller, array(caller, call, x))
    keep = switch(caller, call, "keepdims", keepdims)
    axes = _axes(caller, call, axis)
    if call.path in ("torch.norm", "torch.Tensor.norm"):  # of vectors, whatever the axes
        power = "fro" if p is None else p if isinstance(p, str) else plain(caller, call, "p", p)
        if power == "nuc":
            return _singular_norm(caller, call, form, power, axes or (0, 1), keep)
        return vector_norm(caller, call, form, 2 if power == "fro" else power, axes, keep)
    power = ord if ord is None or isinstance(ord, str) else plain(caller, call, "ord", ord)
    if axes is None and power is not None and form.ndim != 1:
        if form.ndim != 2:
            raise ReadError(f"{call.written} with ord= takes a vector or a matrix", caller.line)
        axes = (0, 1)
    if isinstance(axes, tuple) and len(axes) == 1:
        axes = axes[0]
    if power is None:
        return vector_norm(caller, call, form, 2, axes, keep)
    if isinstance(axes, tuple):
        return _matrix_norm(caller, call, form, power, axes, keep)
    if isinstance(power, str):
        raise ReadError(f"{call.written} of a vector has no ord={power!r}", caller.line)
    return vector_norm(caller, call, form, power, axes, keep)


def vector_norm(caller: Caller, call: Call, form: Form, power: Any, axes: Any, keep: bool) -> Form:
    """Return (Σ |x|^p)^(1/p) over axes; the largest or smallest |x| for p = ±∞."""
    if isinstance(power, str) or power == 0:
        raise ReadError(f"a norm of order {power!r} cannot be read", caller.line)
    if math.isinf(power):
        return reduce_over("max" if power > 0 else "min", abs(form), axes, keep)
    if power == 1:
        return reduce_over("sum", abs(form), axes, keep)
    if power == 2:
        return apply("sqrt", reduce_over("sum", form**2, axes, keep))
    return reduce_over("sum", abs(form) ** number(power), axes, keep) ** number(1 / power)


def _matrix_norm(caller: Caller, call: Call, form: Form, power: Any, axes: tuple[int, ...], keep: bool) -> Form:
    """Return the Frobenius norm, or the largest or smallest sum over columns (±1) or rows (±∞)."""
    if len(axes) != 2:
        raise ReadError(f"{call.written} takes one axis or two", caller.line)
    if power == "fro":
        return vector_norm(caller, call, form, 2, axes, keep)
    if power not in (1, -1, math.inf, -math.inf):
        return _singular_norm(caller, call, form, power, axes, keep)
    row, column = (k % form.ndim for k in axes)
    inner, outer = (row, column) if abs(power) == 1 else (column, row)
    sums = reduce_over("sum", abs(form), inner, True)
    result = reduce_over("max" if power > 0 else "min", sums, outer, True)
    if keep:
        return result
    return forms.get(result, tuple(0 if k in (row, column) else slice(None) for k in range(form.ndim)))


def _singular_norm(caller: Caller, call: Call, form: Form, power: Any, axes: tuple[int, ...], keep: bool) -> Form:
    """Return a norm that is made of the singular values of a matrix: 2, −2 or "nuc"."""
    name = "p" if call.path in ("torch.norm", "torch.Tensor.norm") else "ord"
    if form.ndim != 2 or sorted(k % 2 for k in axes) != [0, 1]:
        raise ReadError(
            f"{call.written} with {name}={power!r} is made of singular values, which are read of one matrix",
            caller.line,
        )
    try:
        found = norm_of(form, power)
    except NetworkError as error:
        raise ReadError(f"{call.written} with {name}={power!r}: {error}", caller.line) from None
    return forms.expand(found, [0, 1]) if keep else found


def norm_of_vectors(
    caller: Caller, call: Call, x: Any, /, ord: Any = 2, axis: Any = None, keepdims: Any = False
) -> Form:
    """Read ``vector_norm``, which takes all entries of an array for one vector where no axis is said."""
    power = plain(caller, call, "ord", ord)
    keep = switch(caller, call, "keepdims", keepdims)
    return vector_norm(caller, call, array(caller, call, x), power, _axes(caller, call, axis), keep)


def norm_of_matrices(
    caller: Caller, call: Call, x: Any, /, ord: Any = "fro", axis: Any = (-2, -1), keepdims: Any = False
) -> Form:
    """Read ``matrix_norm``, of the last two axes where no others are said."""
    form = array(caller, call, x)
    keep = switch(caller, call, "keepdims", keepdims)
    axes = axes_of(caller, axis)
    power = ord if isinstance(ord, str) else plain(caller, call, "ord", ord)
    if form.ndim < 2 or not isinstance(axes, tuple) or any(not -form.ndim <= k < form.ndim for k in axes):
        raise ReadError(
            f"{call.written} takes a matrix, and two of its axes as {'dim' if call.torch else 'axis'}", caller.line
        )
    return _matrix_norm(caller, call, form, power, axes, keep)
