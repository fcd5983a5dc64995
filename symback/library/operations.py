"""Array operations as Forms, by the last part of the names that code uses.

Each takes the caller, the call bound to its library's signature, the operands, and after ``/`` the options it honours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.errors import ReadError, ShapeError
from symback.core.forms import Form, Name, apply, number, shape_text
from symback.core.operations import ELEMENTARY
from symback.functions import ROWS
from symback.library import kinds
from symback.library.contract import Caller
from symback.library.kinds import as_condition, as_truth, is_condition
from symback.library.limits import LARGEST_LIST, LARGEST_STACK
from symback.library.linear_algebra import LINEAR_ALGEBRA, LINEAR_ALGEBRA_BY_PATH
from symback.library.parameters import axes_of, plain, shown, switch
from symback.library.paths import kind_of_type, type_name
from symback.library.reductions import (
    array,
    average,
    deviation,
    extreme,
    norm,
    norm_of_matrices,
    norm_of_vectors,
    reduction,
    variance,
)
from symback.library.row_calls import method_rows
from symback.library.signatures import Call, is_type
from symback.library.values import Count, Exact, formula_of, listed

# --- entry by entry ---------------------------------------------------------------------------------------------------


def _of_library(call: Call, value: Any) -> Any:
    """Return a number that NumPy answers with: it has NumPy's type, which divides, and is written, in another way than Python's."""
    return kinds.typed(formula_of(value), "f") if call.path.startswith("numpy.") else value


_TYPED = 6
"""Characters of a decimal that a person types, as 0.25: its logarithm is kept as it is written, but not √0.25 = 0.5."""


def _entrywise(op: str) -> Callable[..., Any]:
    compute = getattr(math, op)

    def build(caller: Caller, call: Call, x: Any, /) -> Any:
        if isinstance(x, (int, float)) and not isinstance(x, Form):
            try:
                result = compute(x)
            except (ValueError, OverflowError) as error:
                raise ReadError(f"{op}({x}): {error}", caller.line) from None
            typed = isinstance(x, (int, Exact)) or len(repr(x)) <= _TYPED
            exact = math.isfinite(result) and typed and len(repr(result)) > _TYPED
            return _of_library(call, Exact(result, apply(op, formula_of(x))) if exact else result)
        return apply(op, array(caller, call, x))

    return build


def _unary(compute: Callable[[Form], Form]) -> Callable[..., Any]:
    def build(caller: Caller, call: Call, x: Any, /) -> Form:
        return compute(array(caller, call, x))

    return build


def _reciprocal(caller: Caller, call: Call, x: Any, /) -> Form:
    form = array(caller, call, x)
    if kinds.kind_of(caller, form) != "f" and not call.torch:
        raise ReadError(f"{call.written} of whole numbers is cut to whole numbers; write 1 / x", caller.line)
    return 1 / form


def _binary(compute: Callable[[Form, Form], Form]) -> Callable[..., Any]:
    def build(caller: Caller, call: Call, a: Any, b: Any, /) -> Form:
        return compute(array(caller, call, a), array(caller, call, b))

    return build


def _scaled(sign: int) -> Callable[..., Any]:
    """Return the meaning of add or subtract: PyTorch's ``alpha`` multiplies what comes second."""

    def build(caller: Caller, call: Call, a: Any, b: Any, /, alpha: Any = 1) -> Form:
        first, second = array(caller, call, a), array(caller, call, b)
        factor = caller.form(alpha)
        second = second if factor is number(1) else factor * second
        return first + second if sign > 0 else first - second

    return build


def _logarithm(caller: Caller, call: Call, x: Any, base: Any = None, /) -> Any:
    """Read ``math.log``, with its base."""
    if base is None:
        return _entrywise("log")(caller, call, x)
    if isinstance(x, (int, float)) and isinstance(base, (int, float)):
        try:
            return math.log(x, base)
        except (ValueError, ZeroDivisionError) as error:
            raise ReadError(f"log({x}, {base}): {error}", caller.line) from None
    return apply("log", caller.form(x)) / apply("log", caller.form(base))


def _logaddexp(a: Form, b: Form) -> Form:
    if a is number(0):
        return ROWS["softplus"](b)
    return ROWS["softplus"](a) if b is number(0) else ROWS["logaddexp"](a, b)


# --- products ---------------------------------------------------------------------------------------------------------


def _inner(a: Form, b: Form) -> Form:
    return forms.dot(a, b.T if b.ndim == 2 else b)


def _flat(a: Form) -> Form:
    """Return an array with its entries along one axis."""
    return a if a.ndim == 1 else forms.reshape(a, [-1]) if a.ndim else forms.expand(a, [0])


def _diagonal(a: Form) -> Form:
    """Return the matrix with a vector on its diagonal, or the diagonal of a matrix, as ``np.diag`` does."""
    if a.ndim == 1:
        return forms.expand(a, [1]) * forms.eye(a.shape[0])
    if a.ndim == 2 and a.shape[0] == a.shape[1]:
        return forms.einsum([(0, 0)], (0,), [a])
    raise ShapeError(f"diag takes a vector or a square matrix, not an array of shape {forms.shape_text(a.shape)}")


def _diagonal_of(caller: Caller, call: Call, a: Any, /) -> Form:
    form = array(caller, call, a)
    made = _diagonal(_flat(form) if call.name == "diagflat" else form)
    kind = kinds.kind_of(caller, form)
    return made if kind == "f" else kinds.typed(made, kind)


# --- axes -------------------------------------------------------------------------------------------------------------


def _ints(values: Any) -> list[Any]:
    """Return numbers that are given one by one or as one sequence."""
    given = values if isinstance(values, (tuple, list)) else (values,)
    return list(given[0]) if len(given) == 1 and isinstance(given[0], (tuple, list)) else list(given)


def _sizes(caller: Caller, values: Any) -> list[Any]:
    return [v.size if isinstance(v, forms.SizeOf) else caller.integer(v, "a size") for v in _ints(values)]


def _transpose(caller: Caller, call: Call, x: Any, axes: Any = None, /) -> Form:
    form = array(caller, call, x)
    given = [] if axes is None else _ints(axes)
    if not given or given == [None]:
        return form.T
    return forms.transpose(form, [caller.integer(a, "an axis") for a in given])


def _matrix_transpose(caller: Caller, call: Call, x: Any, /) -> Form:
    """Read ``t``, which PyTorch has for at most two axes."""
    form = caller.form(x)
    if form.ndim > 2:
        raise ReadError(f"t() of an array with {form.ndim} axes", caller.line)
    return form.T


def swapped(form: Form, a: int, b: int) -> Form:
    """Return an array with two axes exchanged."""
    order = list(range(form.ndim))
    try:
        order[a], order[b] = order[b], order[a]
    except IndexError:
        raise ReadError(f"axes {a} and {b} of an array with {form.ndim} axes cannot be swapped") from None
    return forms.transpose(form, order)


def _swapaxes(caller: Caller, call: Call, x: Any, a: Any, b: Any, /) -> Form:
    return swapped(array(caller, call, x), caller.integer(a, "an axis"), caller.integer(b, "an axis"))


def _permute(caller: Caller, call: Call, x: Any, axes: Any, /) -> Form:
    return forms.transpose(caller.form(x), [caller.integer(a, "an axis") for a in _ints(axes)])


def _sliding_windows(
    caller: Caller,
    call: Call,
    x: Any,
    window_shape: Any,
    axis: Any = None,
    /,
    *,
    subok: Any = False,
    writeable: Any = False,
) -> Form:
    """Read ``sliding_window_view``: the offsets within a window are axes at the end, in the order of ``axis``."""
    form = array(caller, call, x)
    if switch(caller, call, "writeable", writeable) or switch(caller, call, "subok", subok):
        raise ReadError(f"{call.written} cannot be read with writeable or subok; leave both out", caller.line)
    sizes = [caller.integer(n, "the size of a window") for n in _ints(window_shape)]
    places = list(range(form.ndim)) if axis is None else [caller.integer(k, "an axis") for k in _ints(axis)]
    if len(sizes) != len(places) or any(not -form.ndim <= k < form.ndim for k in places):
        raise ReadError(
            f"{call.written}: windows of {sizes} along the axes {places} do not fit an array with {form.ndim} axes",
            caller.line,
        )
    for place, length in zip(places, sizes, strict=True):
        form = _windows_at_the_end(form, place % form.ndim, length, 1)
    return form


def _unfold(caller: Caller, call: Call, x: Any, dimension: Any, size: Any, step: Any, /) -> Form:
    """Read the method ``unfold`` of a tensor: windows along one axis, the offsets within them at the end."""
    form = caller.form(x)
    axis = caller.integer(dimension, "an axis")
    if not -form.ndim <= axis < form.ndim:
        raise ReadError(
            f"{call.written}: an array of shape {forms.shape_text(form.shape)} has no axis {axis}", caller.line
        )
    length, stride = caller.integer(size, "the size of a window"), caller.integer(step, "the step of windows")
    return _windows_at_the_end(form, axis % form.ndim, length, stride)


def _windows_at_the_end(form: Form, axis: int, length: int, stride: int) -> Form:
    made = forms.windows(form, axis, length, stride)
    return forms.transpose(made, [*(k for k in range(made.ndim) if k != axis + 1), axis + 1])


def _expand_dims(caller: Caller, call: Call, x: Any, axis: Any, /) -> Form:
    form = array(caller, call, x)
    given = axes_of(caller, axis)
    places = given if isinstance(given, tuple) else (given,)
    rank = form.ndim + len(places)
    if any(not -rank <= k < rank for k in places) or len({k % rank for k in places}) != len(places):
        raise ReadError(f"{call.written}: axis {axis} is out of range for a result with {rank} axes", caller.line)
    return forms.expand(form, sorted(k % rank for k in places))


def _squeeze(caller: Caller, call: Call, x: Any, axis: Any = None, /) -> Form:
    form = array(caller, call, x)
    axes = axes_of(caller, axis)
    chosen = range(form.ndim) if axes is None else axes if isinstance(axes, tuple) else (axes,)
    if any(not -form.ndim <= k < max(form.ndim, 1) for k in chosen):
        raise ReadError(f"{call.written}: axis {axes} is out of range for an array with {form.ndim} axes", caller.line)
    places = {k % form.ndim for k in chosen} if form.ndim else set()
    gone = {k for k in places if form.shape[k] == 1}
    if axes is not None and not call.torch and gone != places:
        raise ReadError(
            f"{call.written}: axis {axes} of an array of shape {shape_text(form.shape)} has more than one entry",
            caller.line,
        )
    return forms.get(form, tuple(0 if k in gone else slice(None) for k in range(form.ndim))) if gone else form


def _in_order(caller: Caller, call: Call, form: Form, order: Any, change: Callable[[Form], Form]) -> Form:
    """Return a rearrangement that walks through the entries in NumPy's order C or F."""
    if order == "C":
        return change(form)
    if order == "F":
        return change(form.T)
    raise ReadError(
        f"{call.written} with order={shown(order)} depends on where entries lie in memory; say order='C' or 'F'",
        caller.line,
    )


def _reshape(caller: Caller, call: Call, x: Any, shape: Any, /, order: Any = "C") -> Form:
    if any(map(is_type, _ints(shape))):
        raise ReadError(
            f"{call.written} with dtype={shown(_ints(shape)[0])} reads the same memory as other numbers", caller.line
        )
    sizes = _sizes(caller, shape)
    form = array(caller, call, x)
    if order == "F":
        return _in_order(caller, call, form, order, lambda f: reshaped(f, sizes[::-1])).T
    return _in_order(caller, call, form, order, lambda f: reshaped(f, sizes))


def reshaped(form: Form, sizes: list[Any]) -> Form:
    """Return an array with other axes; where only axes of length 1 come or go, it is indexing."""
    result = forms.reshape(form, sizes)
    target = result.shape
    if target != form.shape and [s for s in target if s != 1] == [s for s in form.shape if s != 1]:
        plain = forms.get(form, tuple(0 if s == 1 else slice(None) for s in form.shape)) if 1 in form.shape else form
        return forms.expand(plain, [k for k, s in enumerate(target) if s == 1])
    return result


def _flatten(caller: Caller, call: Call, x: Any, /, start_dim: Any = 0, end_dim: Any = -1, order: Any = "C") -> Form:
    form = array(caller, call, x)
    first, last = (caller.integer(k, "an axis") for k in (start_dim, end_dim))
    if not form.ndim:
        return forms.expand(form, [0])
    if not (-form.ndim <= first < form.ndim and -form.ndim <= last < form.ndim):
        raise ReadError(f"flatten of axes {first} to {last}: {form} has {form.ndim} axes", caller.line)
    first, last = first % form.ndim, last % form.ndim
    if first > last:
        raise ReadError(f"flatten from axis {first} to axis {last}", caller.line)
    return _in_order(
        caller,
        call,
        form,
        order,
        lambda f: f if first == last else reshaped(f, [*f.shape[:first], -1, *f.shape[last + 1 :]]),
    )


def _broadcast_to(caller: Caller, call: Call, x: Any, shape: Any, /) -> Form:
    form = array(caller, call, x)
    sizes = _sizes(caller, shape)
    offset = len(sizes) - form.ndim
    if -1 in sizes and (not call.torch or offset < 0 or -1 in sizes[:offset]):
        raise ReadError(f"{call.written} to {tuple(sizes)}: -1 stands for an axis that is there", caller.line)
    return forms.broadcast_to(form, tuple(form.shape[k - offset] if s == -1 else s for k, s in enumerate(sizes)))


def _as_other(caller: Caller, call: Call, x: Any, other: Any, /) -> Form:
    form, like = caller.form(x), caller.form(other)
    return forms.broadcast_to(form, like.shape) if call.name == "expand_as" else reshaped(form, list(like.shape))


# --- parts ------------------------------------------------------------------------------------------------------------


def _split(caller: Caller, call: Call, x: Any, parts: Any, /, axis: Any = 0) -> tuple[Form, ...]:
    """Read ``split``: PyTorch gives the length of a part, NumPy the number of parts or where to cut."""
    form = array(caller, call, x)
    at = caller.integer(axis, "an axis")
    length = _length_of(caller, form, at)
    if isinstance(parts, (tuple, list)):
        numbers = [caller.integer(v, "a part of a split") for v in parts]
        ends = list(np.cumsum(numbers)) if call.torch else [*numbers, length]
    else:
        count = caller.integer(parts, "a part of a split")
        if count < 1 or (not call.torch and length % count):
            raise ReadError(f"an axis of length {length} cannot be split by {count}", caller.line)
        width = count if call.torch else length // count
        ends = [min(k, length) for k in range(width, length + width, width)]
    if ends[-1] != length:
        raise ReadError(f"the parts of a split make {ends[-1]}, the axis has length {length}", caller.line)
    return _between(form, at, [int(e) for e in ends])


def _chunk(caller: Caller, call: Call, x: Any, chunks: Any, /, axis: Any = 0) -> tuple[Form, ...]:
    form = caller.form(x)
    at, count = caller.integer(axis, "an axis"), caller.integer(chunks, "a number of chunks")
    length = _length_of(caller, form, at)
    if count < 1:
        raise ReadError(f"{count} chunks cannot be made", caller.line)
    width = -(-length // count)
    return _between(form, at, [min(k, length) for k in range(width, length + width, width)])


def _unbind(caller: Caller, call: Call, x: Any, /, axis: Any = 0) -> tuple[Form, ...]:
    form = caller.form(x)
    at = caller.integer(axis, "an axis")
    length = _length_of(caller, form, at)
    before = (slice(None),) * (at % form.ndim)
    return tuple(forms.get(form, (*before, k)) for k in range(length))


def _length_of(caller: Caller, form: Form, axis: int) -> int:
    if not -form.ndim <= axis < form.ndim:
        raise ReadError(f"axis {axis} is out of range for an array with {form.ndim} axes", caller.line)
    length = form.shape[axis]
    if not isinstance(length, int) or length > LARGEST_STACK**2:
        raise ReadError(f"an axis of length {length} cannot be cut into parts", caller.line)
    return length


def _between(form: Form, axis: int, ends: Sequence[int]) -> tuple[Form, ...]:
    before = (slice(None),) * (axis % form.ndim)
    return tuple(forms.get(form, (*before, slice(a, b))) for a, b in zip([0, *ends], ends, strict=False))


def _triangle(keep: Callable[..., Any]) -> Callable[..., Any]:
    """Read tril and triu: of known numbers they are known, of others a product with a mask."""

    def build(caller: Caller, call: Call, x: Any, k: Any = 0, /) -> Form:
        form = array(caller, call, x)
        offset = caller.integer(k, "a diagonal")
        if form.ndim < 2 or not all(isinstance(s, int) for s in form.shape[-2:]):
            raise ReadError(f"{form} of shape {shape_text(form.shape)} has no triangle that can be read", caller.line)
        known = caller.known(form) if caller.is_literal(form) else None
        if known is not None:
            return caller.literal(keep(known, offset), torch=call.torch)
        return form * caller.literal(keep(np.ones([int(s) for s in form.shape[-2:]]), offset), torch=call.torch)

    return build


def _masked_fill(caller: Caller, call: Call, x: Any, mask: Any, value: Any, /) -> Form:
    return forms.where(as_condition(caller.form(mask)), caller.form(value), caller.form(x))


def _dropout(caller: Caller, call: Call, x: Any, /, p: Any = 0.5, training: Any = True) -> Form:
    if caller.constant(training) and caller.constant(p) != 0:
        raise ReadError(
            "F.dropout zeroes entries at random in training, which has no formula; say training=False, or use p=0",
            caller.line,
        )
    return caller.form(x)


def _attention(
    caller: Caller,
    call: Call,
    query: Any,
    key: Any,
    value: Any,
    /,
    attn_mask: Any = None,
    dropout_p: Any = 0.0,
    is_causal: Any = False,
    scale: Any = None,
) -> Form:
    """Read ``F.scaled_dot_product_attention`` by its definition."""
    q, k, v = (caller.form(a) for a in (query, key, value))
    if caller.constant(dropout_p) != 0:
        raise ReadError("attention with dropout_p zeroes entries at random, which has no formula", caller.line)
    causal = switch(caller, call, "is_causal", is_causal)
    if causal and attn_mask is not None:
        raise ReadError("attention takes attn_mask or is_causal, not both", caller.line)
    if scale is None and not isinstance(q.shape[-1], int):
        raise ReadError("attention needs a known width", caller.line)
    scores = q @ swapped(k, -1, -2)
    scores = scores / math.sqrt(int(q.shape[-1])) if scale is None else scores * caller.form(scale)
    if causal:
        rows, columns = scores.shape[-2:]
        if not (isinstance(rows, int) and isinstance(columns, int)):
            raise ReadError("a causal mask needs known lengths", caller.line)
        seen = caller.literal(np.tril(np.ones((rows, columns))), torch=True)
        scores = forms.where(forms.equal(seen, 1), scores, number(-math.inf))
    if attn_mask is not None:
        mask = caller.form(attn_mask)
        if is_condition(caller, mask):
            scores = forms.where(as_condition(mask), scores, number(-math.inf))
        else:
            scores = scores + mask
    return ROWS["softmax"](scores, axis=-1) @ v


def _parts(caller: Caller, call: Call, parts: Any) -> list[Form]:
    return [array(caller, call, p) for p in caller.items_of(parts)]


def _concatenate(caller: Caller, call: Call, parts: Any, /, axis: Any = 0) -> Form:
    built = _parts(caller, call, parts)
    if axis is None:
        return forms.concatenate([_flat(f) for f in built], 0)
    return forms.concatenate(built, caller.integer(axis, "an axis"))


def _stack(caller: Caller, call: Call, parts: Any, /, axis: Any = 0) -> Form:
    return forms.stack(_parts(caller, call, parts), caller.integer(axis, "an axis"))


def _joined(compute: Callable[[list[Form]], Form]) -> Callable[..., Any]:
    def build(caller: Caller, call: Call, parts: Any, /) -> Form:
        return compute([f if f.ndim else forms.expand(f, [0]) for f in _parts(caller, call, parts)])

    return build


def _stacked_rows(parts: list[Form]) -> Form:
    return forms.concatenate([forms.expand(p, [0]) if p.ndim == 1 else p for p in parts], 0)


def _side_by_side(parts: list[Form]) -> Form:
    return forms.concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1)


def _as_columns(parts: list[Form]) -> Form:
    return forms.concatenate([forms.expand(p, [1]) if p.ndim == 1 else p for p in parts], 1)


def _pad(caller: Caller, call: Call, x: Any, widths: Any, mode: Any = "constant", /, constant_values: Any = 0) -> Form:
    form = array(caller, call, x)
    if mode != "constant":
        raise ReadError(
            f"{call.written} with mode={shown(mode)} cannot be read; it is read with mode='constant'", caller.line
        )
    if isinstance(constant_values, (list, tuple)):
        raise ReadError(f"{call.written} is read with one number for constant_values", caller.line)
    value = plain(caller, call, "constant_values", constant_values)
    given = (
        [axes_of(caller, w) for w in widths]
        if isinstance(widths, (list, tuple))
        else [caller.integer(widths, "a width")]
    )
    if isinstance(widths, (list, tuple)) and all(isinstance(w, int) for w in given):
        pairs = [tuple(given) if len(given) == 2 else (given[0], given[0])]
    else:
        pairs = [w if isinstance(w, tuple) else (w, w) for w in given]
    if any(len(w) != 2 for w in pairs) or len(pairs) not in (1, form.ndim) or len(given) > max(2, form.ndim):
        raise ReadError(f"{call.written} takes a width, a pair, or one pair per axis", caller.line)
    widened = pairs * form.ndim if len(pairs) == 1 else pairs
    return forms.pad(form, [(before, after) for before, after in widened], float(value))


def _torch_pad(caller: Caller, call: Call, x: Any, pad: Any, /, mode: Any = "constant", value: Any = None) -> Form:
    """Read ``F.pad``: widths in pairs, the last axis first."""
    form = caller.form(x)
    filling = 0 if value is None else plain(caller, call, "value", value)
    widths = [caller.integer(w, "a width") for w in pad] if isinstance(pad, (tuple, list)) else []
    if mode != "constant":
        raise ReadError(
            f"{call.written} with mode={shown(mode)} cannot be read; it is read with mode='constant'", caller.line
        )
    if len(widths) % 2 or not 0 < len(widths) <= 2 * form.ndim:
        raise ReadError("F.pad takes pairs of widths, the last axis first", caller.line)
    if min(widths) < 0:
        raise ReadError("F.pad with a negative width is read only as a slice", caller.line)
    pairs = [(widths[k], widths[k + 1]) for k in range(0, len(widths), 2)]
    return forms.pad(form, [(0, 0)] * (form.ndim - len(pairs)) + pairs[::-1], float(filling))


def _where(caller: Caller, call: Call, condition: Any, a: Any = None, b: Any = None, /) -> Form:
    if a is None or b is None:
        raise ReadError(f"{call.written} needs a condition and two values", caller.line)
    return forms.where(as_condition(array(caller, call, condition)), array(caller, call, a), array(caller, call, b))


def _where_method(caller: Caller, call: Call, a: Any, condition: Any, b: Any, /) -> Form:
    return _where(caller, call, condition, a, b)


def _einsum(caller: Caller, call: Call, given: Any, /) -> Form:
    spec, operands = (given[0], list(given[1:])) if given else (None, [])
    if not isinstance(spec, str):
        raise ReadError("einsum is read with its letters as a text first", caller.line)
    if call.torch and len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = list(operands[0])
    left, arrow, right = spec.replace(" ", "").partition("->")
    parts = left.split(",")
    built = [array(caller, call, o) for o in operands]
    if "..." in spec:
        parts, more = _with_ellipsis(caller, spec, parts, built)
        right = right.replace("...", more)
        if not arrow or "." in right:
            raise ReadError(f"einsum {spec!r} needs '->' and at most one '...' each", caller.line)
    if not arrow:
        letters = "".join(parts)
        right = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    if len(parts) != len(built) or any(
        len(p) != f.ndim or len(set(p)) != len(p) for p, f in zip(parts, built, strict=False)
    ):
        raise ReadError(f"einsum {spec!r} does not fit its operands", caller.line)
    sizes: dict[str, Any] = {}
    for part, form in zip(parts, built, strict=True):
        for letter, length in zip(part, form.shape, strict=True):
            if sizes.setdefault(letter, length) != length:
                raise ReadError(f"in einsum {spec!r}: {letter} is {sizes[letter]} and {length}", caller.line)
    if any(c not in sizes for c in right) or len(set(right)) != len(right):
        raise ReadError(f"einsum {spec!r} asks for an index no operand has, or for one twice", caller.line)
    code = {letter: k for k, letter in enumerate(sizes)}
    return forms.einsum([tuple(code[c] for c in p) for p in parts], tuple(code[c] for c in right), built)


def _with_ellipsis(caller: Caller, spec: str, parts: list[str], built: list[Form]) -> tuple[list[str], str]:
    """Return the parts of an einsum with letters in the place of ``...``, and the letters it stands for."""
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in spec]
    ranks = [f.ndim - len(p.replace("...", "")) for p, f in zip(parts, built, strict=False) if "..." in p]
    if len(parts) != len(built) or len(set(ranks)) != 1 or not 0 <= ranks[0] <= len(free):
        raise ReadError(f"einsum {spec!r} does not fit its operands", caller.line)
    more = "".join(free[: ranks[0]])
    return [p.replace("...", more) for p in parts], more


def _one_hot(caller: Caller, call: Call, index: Any, /, num_classes: Any = -1) -> Form:
    form = caller.form(index)
    count = caller.constant(num_classes)
    if count == -1:
        known = caller.constant(form)
        if known is None:
            raise ReadError("one_hot needs num_classes", caller.line)
        count = int(np.max(known)) + 1
    return forms.one_hot(form, caller.integer(count, "the number of classes"))


# --- types, copies, sizes ---------------------------------------------------------------------------------------------


_REALS = ("float", "double", "half", "bfloat16", "float32", "float64")


def _same(caller: Caller, call: Call, x: Any, /) -> Any:
    if isinstance(x, (int, float)) and not isinstance(x, Form):
        return _of_library(call, float(x) if isinstance(x, int) and call.name in _REALS else x)
    form = array(caller, call, x)
    return kinds.real(caller, form) if call.name in _REALS else form


def _from_torch(caller: Caller, call: Call, x: Any, /) -> Form:
    """Read ``numpy()``: from here on the array is NumPy's, whose methods differ here and there."""
    form = caller.form(x)
    if not isinstance(form, Name) or not caller.bindings[form.name].torch:
        return form
    known = caller.bindings[form.name]
    if known.anonymous:
        return caller.literal(known.value, shape=known.shape, trainable=known.trainable)
    made = caller.equation(known.base, form, local=True, copy=True)
    caller.bindings[made.name].torch = False
    return made


def _cast(caller: Caller, call: Call, x: Any, /, dtype: Any = None, other: Any = None) -> Form:
    """Read ``astype`` and ``to``: a cast to whole numbers is read where it changes nothing."""
    form = caller.form(x)
    if other is not None and type_kind(caller, caller.form(other)) != "float":
        raise ReadError(
            f"{call.written} of the type of another array is read where that holds real numbers", caller.line
        )
    kind = kind_of_type(dtype)
    if not kind:
        raise ReadError(f"{call.written} with dtype={shown(dtype)}: this type is not known", caller.line)
    if kind == "bool":
        return as_truth(caller, form)
    if kind == "float":
        return kinds.real(caller, form)
    try:
        return _to_integer(caller, form, type_name(dtype))
    except ReadError as problem:
        raise ReadError(f"{call.written} with dtype={shown(dtype)}: {problem}", caller.line) from None


def _truth(caller: Caller, call: Call, x: Any, /) -> Form:
    return as_truth(caller, caller.form(x))


def _whole(caller: Caller, call: Call, x: Any, /) -> Form:
    return _to_integer(caller, caller.form(x), "int32" if call.name == "int" else "int64")


def _to_integer(caller: Caller, form: Form, dtype: str) -> Form:
    target = np.dtype({"long": "int64", "short": "int16"}.get(dtype, dtype))
    kind = kinds.kind_of(caller, form)
    wanted = kinds.kind_of_numbers(np.zeros(1, target))
    if kind == wanted == "i" and not (target.itemsize < 8 and caller.is_literal(form)):
        _check_fits(caller, form, target)
        return form
    known = None if any(caller.bindings[n.name].form is not None for n in forms.names_in(form)) else caller.known(form)
    if kind == "b" and not caller.is_literal(form):
        return kinds.typed(form, wanted)
    if known is not None and (caller.is_literal(form) or not form.shape):
        with np.errstate(all="ignore"):
            return caller.literal(np.trunc(np.asarray(known)).astype(target), torch=caller.is_torch(form))
    if known is not None and wanted == "i" and np.all(np.asarray(known) == np.round(known)):
        return kinds.typed(form, "i") if kind == "n" else form
    raise ReadError("a cast to whole numbers has no derivative", caller.line)


def _check_fits(caller: Caller, form: Form, target: np.dtype[Any]) -> None:
    known = caller.constant(form) if target.itemsize < 8 else None
    if known is not None and not kinds.fits(known, target):
        raise ReadError(f"these whole numbers are beyond {target} and wrap around", caller.line)


def type_kind(caller: Caller, form: Form) -> str:
    """Return "int" or "bool" for an array that surely holds whole numbers or truth values, else "float"."""
    return {"b": "bool", "f": "float"}.get(kinds.kind_of(caller, form), "int")


def _as_list(caller: Caller, call: Call, x: Any, /) -> Any:
    form = array(caller, call, x)
    form = caller.detached(form) if call.torch else caller.retagged(form, False)
    if not form.shape:
        return form
    if any(not isinstance(s, int) for s in form.shape) or math.prod(int(s) for s in form.shape) > LARGEST_LIST:
        raise ReadError(f"{call.written} of shape {shape_text(form.shape)} is too long a list", caller.line)
    if caller.is_literal(form):
        return listed(np.asarray(caller.known(form)).tolist())
    made = listed(np.zeros([int(s) for s in form.shape]).tolist())
    made.stands_for(form, forms.get)
    return made


def _detach(caller: Caller, call: Call, x: Any, /) -> Form:
    return caller.detached(caller.form(x))


def _trainable(caller: Caller, call: Call, x: Any, wanted: Any = True, /) -> Form:
    """Mark a leaf as wanting gradients."""
    form = caller.form(x)
    found = (
        form
        if isinstance(form, Name)
        else caller.literal(caller.known(form), shape=form.shape)
        if caller.is_literal(form)
        else None
    )
    if found is None:
        raise ReadError("requires_grad_() is read for data only", caller.line)
    caller.want_gradient(found, switch(caller, call, "requires_grad", wanted))
    return found


def _item(caller: Caller, call: Call, x: Any, index: Any = (), /) -> Form:
    if index:
        raise ReadError("item() is read without an index; write x[i].item()", caller.line)
    return single_item(caller, x)


def single_item(caller: Caller, x: Any) -> Form:
    """Return the entry of an array that has only one; gradients do not pass it."""
    form = caller.form(x)
    if forms.element_count(form.shape) != 1:
        raise ReadError(f"item() of shape {shape_text(form.shape)}: it has more than one element", caller.line)
    return caller.detached(forms.get(form, (0,) * form.ndim) if form.shape else form)


def _numel(caller: Caller, call: Call, x: Any, axis: Any = None, /) -> Any:
    form = array(caller, call, x)
    shape = caller.shape_value(form)
    if axis is None:
        return caller.count_value(form)
    return shape[_within(caller, axis, len(shape))]


def _size(caller: Caller, call: Call, x: Any, axis: Any = None, /) -> Any:
    shape = caller.shape_value(caller.form(x))
    return shape if axis is None else shape[_within(caller, axis, len(shape))]


def _within(caller: Caller, axis: Any, rank: int) -> int:
    at = caller.integer(axis, "an axis")
    if not -rank <= at < rank:
        raise ReadError(f"axis {at} is out of range for an array with {rank} axes", caller.line)
    return at


def _shape(caller: Caller, call: Call, x: Any, /) -> Any:
    return caller.shape_value(array(caller, call, x))


def _rank(caller: Caller, call: Call, x: Any, /) -> Any:
    return Count(array(caller, call, x).ndim)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{op: _entrywise(op) for op in ELEMENTARY},
    "log1p": _unary(lambda x: apply("log", 1 + x)),
    "expm1": _unary(lambda x: apply("exp", x) - 1),
    "log2": _unary(lambda x: apply("log", x) / math.log(2)),
    "log10": _unary(lambda x: apply("log", x) / math.log(10)),
    "exp2": _unary(lambda x: number(2) ** x),
    "square": _unary(lambda x: x**2),
    "reciprocal": _reciprocal,
    "rsqrt": _unary(lambda x: 1 / apply("sqrt", x)),
    "tan": _unary(lambda x: apply("sin", x) / apply("cos", x)),
    "sinh": _unary(lambda x: (apply("exp", x) - apply("exp", -x)) / 2),
    "cosh": _unary(lambda x: (apply("exp", x) + apply("exp", -x)) / 2),
    **dict.fromkeys(("negative", "neg"), _unary(lambda x: -x)),
    "positive": _unary(lambda x: x),
    "add": _scaled(1),
    **dict.fromkeys(("subtract", "sub"), _scaled(-1)),
    **dict.fromkeys(("multiply", "mul"), _binary(lambda a, b: a * b)),
    **dict.fromkeys(("divide", "div", "true_divide"), _binary(lambda a, b: a / b)),
    **dict.fromkeys(("power", "pow", "float_power"), _binary(lambda a, b: a**b)),
    **dict.fromkeys(("matmul", "mm", "mv", "bmm"), _binary(forms.matmul)),
    "dot": _binary(forms.dot),
    "vdot": _binary(lambda a, b: forms.dot(_flat(a), _flat(b))),
    "inner": _binary(_inner),
    **dict.fromkeys(("outer", "ger"), _binary(lambda a, b: forms.outer(_flat(a), _flat(b)))),
    "diag": _diagonal_of,
    "diagflat": _diagonal_of,
    "logaddexp": _binary(_logaddexp),
    **dict.fromkeys(("greater", "gt"), _binary(lambda a, b: a > b)),
    **dict.fromkeys(("less", "lt"), _binary(lambda a, b: a < b)),
    **dict.fromkeys(("greater_equal", "ge"), _binary(lambda a, b: a >= b)),
    **dict.fromkeys(("less_equal", "le"), _binary(lambda a, b: a <= b)),
    "heaviside": _binary(
        lambda a, b: kinds.typed(forms.where(a > 0, number(1), forms.where(a < 0, number(0), b)), "f")
    ),
    **dict.fromkeys(("equal", "eq"), _binary(forms.equal)),
    "sum": reduction("sum"),
    "mean": reduction("mean"),
    "average": average,
    **dict.fromkeys(("max", "amax"), extreme("max")),
    **dict.fromkeys(("min", "amin"), extreme("min")),
    "var": variance,
    "std": deviation,
    "norm": norm,
    "vector_norm": norm_of_vectors,
    "matrix_norm": norm_of_matrices,
    "transpose": _transpose,
    "permute": _permute,
    "swapaxes": _swapaxes,
    "t": _matrix_transpose,
    **dict.fromkeys(("expand_dims", "unsqueeze"), _expand_dims),
    "squeeze": _squeeze,
    **dict.fromkeys(("reshape", "view"), _reshape),
    **dict.fromkeys(("flatten", "ravel"), _flatten),
    **dict.fromkeys(("broadcast_to", "expand"), _broadcast_to),
    **dict.fromkeys(("expand_as", "view_as", "reshape_as"), _as_other),
    **dict.fromkeys(("concatenate", "cat"), _concatenate),
    "stack": _stack,
    "vstack": _joined(_stacked_rows),
    "hstack": _joined(_side_by_side),
    "column_stack": _joined(_as_columns),
    "pad": _pad,
    "split": _split,
    "chunk": _chunk,
    "unbind": _unbind,
    "tril": _triangle(np.tril),
    "triu": _triangle(np.triu),
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d"), _dropout),
    "masked_fill": _masked_fill,
    "scaled_dot_product_attention": _attention,
    "where": _where,
    "einsum": _einsum,
    "one_hot": _one_hot,
    **dict.fromkeys(("size", "numel", "nelement"), _numel),
    "shape": _shape,
    **dict.fromkeys(("ndim", "dim", "ndimension"), _rank),
    **dict.fromkeys(
        (
            "copy",
            "clone",
            "ascontiguousarray",
            "contiguous",
            "float",
            "double",
            "half",
            "bfloat16",
            "cpu",
            "cuda",
            "float32",
            "float64",
        ),
        _same,
    ),
    "detach": _detach,
    "tolist": _as_list,
    "numpy": _from_torch,
    "bool": _truth,
    **dict.fromkeys(("astype", "to", "type"), _cast),
    **dict.fromkeys(("long", "int"), _whole),
    **LINEAR_ALGEBRA,
    "retain_grad": lambda caller, call, x, /: None,
    "requires_grad_": _trainable,
    "item": _item,
}
"""Array operations by their last name; most are functions of a module and methods of an array alike."""

BY_PATH: dict[str, Callable[..., Any] | None] = {
    **LINEAR_ALGEBRA_BY_PATH,
    "math.log": _logarithm,
    "torch.transpose": _swapaxes,
    "torch.Tensor.transpose": _swapaxes,
    "torch.Tensor.size": _size,
    "torch.Tensor.where": _where_method,
    "torch.nn.functional.pad": _torch_pad,
    "numpy.lib.stride_tricks.sliding_window_view": _sliding_windows,
    "torch.Tensor.unfold": _unfold,
    "numpy.ndarray.view": None,  # another type for the same memory
    "torch.equal": None,  # one truth value
    "torch.Tensor.equal": None,
}
"""What functions mean that share their last name with another of another meaning; None for one that cannot be read."""


def meaning_of(path: str) -> Callable[..., Any] | None:
    """Return what a function or method means, or None where it is not an operation on arrays."""
    return BY_PATH[path] if path in BY_PATH else FUNCTIONS.get(path.rpartition(".")[2])


def methods() -> set[str]:
    """Return the names of all methods of arrays that can be read."""
    own = {
        path.rpartition(".")[2] for path, meaning in BY_PATH.items() if _IS_METHOD.match(path) and meaning is not None
    }
    return set(FUNCTIONS) - _NO_METHODS | set(method_rows()) | own


_IS_METHOD = re.compile(r"torch\.Tensor\.|numpy\.ndarray\.")


_NO_METHODS = {"einsum", "one_hot", "shape", "float32", "float64", "cat", "stack"}
