"""Array operations as Forms, by the last part of the names that code uses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.errors import ReadError, ShapeError
from symback.core.forms import Form, Name, apply, number, reduce_over, shape_text
from symback.core.operations import ELEMENTARY, ORDERINGS
from symback.functions import ROWS
from symback.readers.asking import Reader
from symback.readers.conditions import as_condition, as_truth, is_condition
from symback.readers.limits import LARGEST_STACK
from symback.readers.paths import is_integer_type
from symback.readers.row_calls import method_rows
from symback.readers.values import Count


def _axes(reader: Reader, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, (tuple, list)):
        return tuple(reader.integer(v, "an axis") for v in value)
    return reader.integer(value, "an axis")


def _entrywise(op: str) -> Callable[..., Any]:
    plain = getattr(math, op)

    def build(reader: Reader, x: Any) -> Any:
        if isinstance(x, (int, float)) and not isinstance(x, Form):
            try:
                return plain(x)
            except (ValueError, OverflowError) as error:
                raise ReadError(f"{op}({x}): {error}", reader.line) from None
        return apply(op, reader.form(x))

    return build


def _formula(compute: Callable[..., Any]) -> Callable[..., Any]:
    def build(reader: Reader, *args: Any, **keywords: Any) -> Form:
        labels = {"input": 0, "other": 1, "x1": 0, "x2": 1, "exponent": 1}
        given = list(args) + [None] * (len(keywords))
        for key, value in keywords.items():
            if key not in labels:
                raise ReadError(f"the option {key}= cannot be read here", reader.line)
            given[labels[key]] = value
        result: Form = compute(*(reader.form(a) for a in given))
        return result

    return build


def _dot(a: Form, b: Form) -> Form:
    return forms.dot(a, b)


def _inner(a: Form, b: Form) -> Form:
    return forms.dot(a, b.T if b.ndim == 2 else b)


def _outer(a: Form, b: Form) -> Form:
    return forms.outer(_flat(a), _flat(b))


def _diagonal(a: Form) -> Form:
    """Return the matrix with a vector on its diagonal, or the diagonal of a matrix, as ``np.diag`` does."""
    if a.ndim == 1:
        return forms.expand(a, [1]) * forms.eye(a.shape[0])
    if a.ndim == 2 and a.shape[0] == a.shape[1]:
        return forms.einsum([(0, 0)], (0,), [a])
    raise ShapeError(f"diag takes a vector or a square matrix, not an array of shape {forms.shape_text(a.shape)}")


def _flat(a: Form) -> Form:
    """Return an array with its entries along one axis."""
    return a if a.ndim <= 1 else forms.reshape(a, [-1])


def _logaddexp(a: Form, b: Form) -> Form:
    if a is number(0):
        return ROWS["softplus"](b)
    return ROWS["softplus"](a) if b is number(0) else ROWS["logaddexp"](a, b)


def _reduction(kind: str) -> Callable[..., Any]:
    def build(reader: Reader, x: Any, axis: Any = None, keepdims: Any = False, *more: Any, **extra: Any) -> Any:
        if extra or more:
            raise ReadError(f"{kind} with {', '.join(extra) or 'more arguments'} cannot be read", reader.line)
        if isinstance(x, (list, tuple)) and any(isinstance(v, Form) for v in x):
            return _reduce_list(reader, kind, x)
        form = reader.form(x)
        if kind in ("max", "min") and isinstance(axis, Form) and axis.shape == form.shape:
            return ROWS["maximum" if kind == "max" else "minimum"](form, axis)
        axes = _axes(reader, axis)
        reduced = reduce_over(kind, form, axes, bool(keepdims))
        if kind in ("max", "min") and axes is not None and reader.is_torch(form):
            return (reduced, None)
        return reduced

    return build


def _reduce_list(reader: Reader, kind: str, items: Sequence[Any]) -> Form:
    """Reduce a list of single numbers that are Forms."""
    built = [reader.form(v) for v in items]
    if any(f.shape for f in built) and kind in ("max", "min"):
        raise ReadError(f"{kind} over a list of arrays cannot be read", reader.line)
    total = built[0]
    for item in built[1:]:
        if kind in ("sum", "mean"):
            total = total + item
        else:
            total = ROWS["maximum" if kind == "max" else "minimum"](total, item)
    total = reduce_over("sum", total) if total.shape else total
    if kind == "mean":
        count = len(built) * forms.element_count(built[0].shape)
        return total / (number(count) if isinstance(count, int) else reader.form(count))
    return total


def _variance(reader: Reader, x: Any, axis: Any = None, keepdims: Any = False, **extra: Any) -> Form:
    form = reader.form(x)
    unbiased = reader.is_torch(form)
    for key in ("unbiased", "correction", "ddof"):
        if key in extra:
            unbiased = bool(extra.pop(key))
    if extra or isinstance(axis, bool):
        raise ReadError("these options of a variance cannot be read", reader.line)
    axes = _axes(reader, axis)
    mean = reduce_over("mean", form, axes, True)
    if not unbiased:
        return reduce_over("mean", (form - mean) ** 2, axes, bool(keepdims))
    whole = range(form.ndim) if axes is None else axes if isinstance(axes, tuple) else (axes,)
    count: Any = 1
    for k in whole:
        count = count * form.shape[k]
    lengths = number(count) if isinstance(count, int) else _size_product(form, whole)
    return reduce_over("sum", (form - mean) ** 2, axes, bool(keepdims)) / (
        number(count - 1) if isinstance(count, int) else lengths - 1
    )


def _size_product(form: Form, axes: Any) -> Form:
    total = number(1) * 1
    for position, k in enumerate(axes):
        total = forms.size_of(form.shape[k]) if position == 0 else total * forms.size_of(form.shape[k])
    return total


def _deviation(reader: Reader, x: Any, axis: Any = None, keepdims: Any = False, **extra: Any) -> Form:
    return apply("sqrt", _variance(reader, x, axis, keepdims, **extra))


def _norm(reader: Reader, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, **extra: Any) -> Form:
    power = extra.pop("p", ord)
    form = reader.form(x)
    if (
        extra
        or power not in (None, 1, 2, "fro")
        or (power in (1, 2) and form.ndim > 1 and axis is None and not reader.is_torch(form))
    ):
        raise ReadError("this norm cannot be read; write it out", reader.line)
    axes = _axes(reader, axis)
    if power == 1:
        return reduce_over("sum", abs(form), axes, bool(keepdims))
    return apply("sqrt", reduce_over("sum", form**2, axes, bool(keepdims)))


def _transpose(reader: Reader, x: Any, *axes: Any, **extra: Any) -> Form:
    form = reader.form(x)
    given = [*axes, *extra.values()]
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = list(given[0])
    if not given or given == [None]:
        return form.T
    order = [reader.integer(a, "an axis") for a in given]
    if len(order) == 2 and (reader.is_torch(form) or form.ndim > 2):  # NumPy would need all axes
        return swapped(form, *order)
    return forms.transpose(form, order)


def swapped(form: Form, a: int, b: int) -> Form:
    """Return an array with two axes exchanged."""
    order = list(range(form.ndim))
    try:
        order[a], order[b] = order[b], order[a]
    except IndexError:
        raise ReadError(f"axes {a} and {b} of an array with {form.ndim} axes cannot be swapped") from None
    return forms.transpose(form, order)


def _swapaxes(reader: Reader, x: Any, a: Any, b: Any) -> Form:
    return swapped(reader.form(x), reader.integer(a, "an axis"), reader.integer(b, "an axis"))


def _permute(reader: Reader, x: Any, *axes: Any) -> Form:
    given = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes
    return forms.transpose(reader.form(x), [reader.integer(a, "an axis") for a in given])


def _expand_dims(reader: Reader, x: Any, axis: Any) -> Form:
    form = reader.form(x)
    at = reader.integer(axis, "an axis")
    return forms.expand(form, [at % (form.ndim + 1)])


def _squeeze(reader: Reader, x: Any, axis: Any = None) -> Form:
    form = reader.form(x)
    axes = _axes(reader, axis)
    chosen = (
        range(form.ndim) if axes is None else [k % form.ndim for k in (axes if isinstance(axes, tuple) else (axes,))]
    )
    gone = {k for k in chosen if form.shape[k] == 1}
    if not gone:
        return form
    return forms.get(form, tuple(0 if k in gone else slice(None) for k in range(form.ndim)))


def _reshape(reader: Reader, x: Any, *shape: Any, **extra: Any) -> Form:
    form = reader.form(x)
    given = list(shape) or list(extra.values())
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = list(given[0])
    sizes = [v.size if isinstance(v, forms.SizeOf) else reader.integer(v, "a size") for v in given]
    return reshaped(form, sizes)


def reshaped(form: Form, sizes: list[Any]) -> Form:
    """Return an array with other axes; where only axes of length 1 come or go, it is indexing."""
    result = forms.reshape(form, sizes)
    target = result.shape
    if target != form.shape and [s for s in target if s != 1] == [s for s in form.shape if s != 1]:
        plain = forms.get(form, tuple(0 if s == 1 else slice(None) for s in form.shape)) if 1 in form.shape else form
        return forms.expand(plain, [k for k, s in enumerate(target) if s == 1])
    return result


def _flatten(reader: Reader, x: Any, *args: Any, **extra: Any) -> Form:
    form = reader.form(x)
    given = dict(zip(("start_dim", "end_dim"), args, strict=False)) | extra
    if not set(given) <= {"start_dim", "end_dim"}:
        raise ReadError("this flatten cannot be read", reader.line)
    first, last = (reader.integer(given.get(k, d), "an axis") for k, d in (("start_dim", 0), ("end_dim", -1)))
    if not (-form.ndim <= first < form.ndim and -form.ndim <= last < form.ndim):
        raise ReadError(f"flatten of axes {first} to {last}: {form} has {form.ndim} axes", reader.line)
    first, last = first % form.ndim, last % form.ndim
    return form if first >= last else reshaped(form, [*form.shape[:first], -1, *form.shape[last + 1 :]])


def _split(reader: Reader, x: Any, parts: Any = None, axis: Any = 0, **extra: Any) -> tuple[Form, ...]:
    """Read ``split``: PyTorch gives the length of a part, NumPy the number of parts or where to cut."""
    form = reader.form(x)
    given = extra.pop("split_size_or_sections", extra.pop("indices_or_sections", extra.pop("split_size", parts)))
    if extra or given is None:
        raise ReadError("this split cannot be read", reader.line)
    at = reader.integer(axis, "an axis")
    length = _length_of(reader, form, at)
    torch = reader.is_torch(form)
    if isinstance(given, (tuple, list)):
        numbers = [reader.integer(v, "a part of a split") for v in given]
        ends = list(np.cumsum(numbers)) if torch else [*numbers, length]
    else:
        count = reader.integer(given, "a part of a split")
        if count < 1 or (not torch and length % count):
            raise ReadError(f"an axis of length {length} cannot be split by {count}", reader.line)
        width = count if torch else length // count
        ends = [min(k, length) for k in range(width, length + width, width)]
    if ends[-1] != length:
        raise ReadError(f"the parts of a split make {ends[-1]}, the axis has length {length}", reader.line)
    return _between(form, at, [int(e) for e in ends])


def _chunk(reader: Reader, x: Any, chunks: Any, axis: Any = 0) -> tuple[Form, ...]:
    form = reader.form(x)
    at, count = reader.integer(axis, "an axis"), reader.integer(chunks, "a number of chunks")
    length = _length_of(reader, form, at)
    if count < 1:
        raise ReadError(f"{count} chunks cannot be made", reader.line)
    width = -(-length // count)
    return _between(form, at, [min(k, length) for k in range(width, length + width, width)])


def _unbind(reader: Reader, x: Any, axis: Any = 0) -> tuple[Form, ...]:
    form = reader.form(x)
    at = reader.integer(axis, "an axis")
    length = _length_of(reader, form, at)
    before = (slice(None),) * (at % form.ndim)
    return tuple(forms.get(form, (*before, k)) for k in range(length))


def _length_of(reader: Reader, form: Form, axis: int) -> int:
    if not -form.ndim <= axis < form.ndim:
        raise ReadError(f"axis {axis} is out of range for an array with {form.ndim} axes", reader.line)
    length = form.shape[axis]
    if not isinstance(length, int) or length > LARGEST_STACK**2:
        raise ReadError(f"an axis of length {length} cannot be cut into parts", reader.line)
    return length


def _between(form: Form, axis: int, ends: Sequence[int]) -> tuple[Form, ...]:
    before = (slice(None),) * (axis % form.ndim)
    return tuple(forms.get(form, (*before, slice(a, b))) for a, b in zip([0, *ends], ends, strict=False))


def _triangle(keep: Callable[..., Any]) -> Callable[..., Any]:
    """Read tril and triu: of known numbers they are known, of others a product with a mask."""

    def build(reader: Reader, x: Any, k: Any = 0, **extra: Any) -> Form:
        form = reader.form(x)
        offset = reader.integer(extra.pop("diagonal", k), "a diagonal")
        if extra or form.ndim < 2 or not all(isinstance(s, int) for s in form.shape[-2:]):
            raise ReadError(f"{form} of shape {shape_text(form.shape)} has no triangle that can be read", reader.line)
        known = reader.known(form) if reader.is_literal(form) else None
        torch = reader.is_torch(form)
        if known is not None:
            return reader.literal(keep(known, offset), torch=torch)
        return form * reader.literal(keep(np.ones([int(s) for s in form.shape[-2:]]), offset), torch=torch)

    return build


def _masked_fill(reader: Reader, x: Any, mask: Any, value: Any) -> Form:
    return forms.where(as_condition(reader.form(mask)), reader.form(value), reader.form(x))


def _dropout(reader: Reader, x: Any, p: Any = 0.5, training: Any = True, inplace: Any = False) -> Form:
    if reader.constant(training) and reader.constant(p) != 0:
        raise ReadError(
            "F.dropout zeroes entries at random in training, which has no formula; say training=False, or use p=0",
            reader.line,
        )
    return reader.form(x)


def _attention(
    reader: Reader,
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: Any = 0.0,
    is_causal: Any = False,
    **extra: Any,
) -> Form:
    """Read ``F.scaled_dot_product_attention`` by its definition."""
    q, k, v = (reader.form(a) for a in (query, key, value))
    if extra.get("scale") is not None or extra.get("enable_gqa") or reader.constant(dropout_p) != 0:
        raise ReadError("attention with dropout or its own scale is read only where it is written out", reader.line)
    if not isinstance(q.shape[-1], int):
        raise ReadError("attention needs a known width", reader.line)
    scores = q @ swapped(k, -1, -2) / math.sqrt(q.shape[-1])
    if is_causal:
        rows, columns = scores.shape[-2:]
        if not (isinstance(rows, int) and isinstance(columns, int)):
            raise ReadError("a causal mask needs known lengths", reader.line)
        seen = reader.literal(np.tril(np.ones((rows, columns))), torch=True)
        scores = forms.where(forms.equal(seen, 1), scores, number(-math.inf))
    if attn_mask is not None:
        mask = reader.form(attn_mask)
        if is_condition(reader, mask):
            scores = forms.where(as_condition(mask), scores, number(-math.inf))
        else:
            scores = scores + mask
    return ROWS["softmax"](scores, axis=-1) @ v


def _joined(compute: Callable[[list[Form], int], Form]) -> Callable[..., Any]:
    def build(reader: Reader, parts: Any, axis: Any = 0, **extra: Any) -> Form:
        if extra:
            raise ReadError(f"the option {next(iter(extra))}= cannot be read here", reader.line)
        return compute([reader.form(p) for p in reader.items_of(parts)], reader.integer(axis, "an axis"))

    return build


def _stacked_rows(parts: list[Form], axis: int) -> Form:
    return forms.concatenate([forms.expand(p, [0]) if p.ndim == 1 else p for p in parts], 0)


def _side_by_side(parts: list[Form], axis: int) -> Form:
    return forms.concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1)


def _as_columns(parts: list[Form], axis: int) -> Form:
    return forms.concatenate([forms.expand(p, [1]) if p.ndim == 1 else p for p in parts], 1)


def _pad(reader: Reader, x: Any, widths: Any, mode: Any = "constant", constant_values: Any = 0) -> Form:
    form = reader.form(x)
    value = reader.constant(constant_values, data=False)
    if mode != "constant" or not isinstance(value, (int, float)):
        raise ReadError("padding is read with a constant only", reader.line)
    plain = (
        [_axes(reader, w) for w in widths] if isinstance(widths, (list, tuple)) else [reader.integer(widths, "a width")]
    )
    pairs = [w if isinstance(w, tuple) else (w, w) for w in plain]
    if isinstance(widths, (list, tuple)) and all(isinstance(w, int) for w in plain):
        pairs = [tuple(plain)]
    return forms.pad(form, pairs * form.ndim if len(pairs) == 1 else pairs, float(value))


def torch_pad(reader: Reader, x: Any, pad: Any, mode: Any = "constant", value: Any = None) -> Form:
    """Read ``F.pad``: widths in pairs, the last axis first."""
    form = reader.form(x)
    filling = 0 if value is None else reader.constant(value, data=False)
    widths = [reader.integer(w, "a width") for w in pad] if isinstance(pad, (tuple, list)) else []
    if (
        mode != "constant"
        or not isinstance(filling, (int, float))
        or len(widths) % 2
        or not 0 < len(widths) <= 2 * form.ndim
    ):
        raise ReadError("F.pad is read with a constant and pairs of widths, the last axis first", reader.line)
    if min(widths) < 0:
        raise ReadError("F.pad with a negative width is read only as a slice", reader.line)
    pairs = [(widths[k], widths[k + 1]) for k in range(0, len(widths), 2)]
    return forms.pad(form, [(0, 0)] * (form.ndim - len(pairs)) + pairs[::-1], float(filling))


def _where(reader: Reader, condition: Any, *ways: Any) -> Form:
    if len(ways) != 2:
        raise ReadError("where needs a condition and two values", reader.line)
    return forms.where(as_condition(reader.form(condition)), reader.form(ways[0]), reader.form(ways[1]))


def _einsum(reader: Reader, spec: Any, *operands: Any, **extra: Any) -> Form:
    if not isinstance(spec, str):
        raise ReadError("this einsum cannot be read", reader.line)
    left, arrow, right = spec.replace(" ", "").partition("->")
    parts = left.split(",")
    built = [reader.form(o) for o in operands]
    if "..." in spec:
        parts, more = _with_ellipsis(reader, spec, parts, built)
        right = right.replace("...", more)
        if not arrow or "." in right:
            raise ReadError(f"einsum {spec!r} needs '->' and at most one '...' each", reader.line)
    if not arrow:
        letters = "".join(parts)
        right = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    if len(parts) != len(built) or any(
        len(p) != f.ndim or len(set(p)) != len(p) for p, f in zip(parts, built, strict=False)
    ):
        raise ReadError(f"einsum {spec!r} does not fit its operands", reader.line)
    sizes: dict[str, Any] = {}
    for part, form in zip(parts, built, strict=True):
        for letter, length in zip(part, form.shape, strict=True):
            if sizes.setdefault(letter, length) != length:
                raise ReadError(f"in einsum {spec!r}: {letter} is {sizes[letter]} and {length}", reader.line)
    if any(c not in sizes for c in right):
        raise ReadError(f"einsum {spec!r} asks for an index no operand has", reader.line)
    code = {letter: k for k, letter in enumerate(sizes)}
    return forms.einsum([tuple(code[c] for c in p) for p in parts], tuple(code[c] for c in right), built)


def _with_ellipsis(reader: Reader, spec: str, parts: list[str], built: list[Form]) -> tuple[list[str], str]:
    """Return the parts of an einsum with letters in the place of ``...``, and the letters it stands for."""
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in spec]
    ranks = [f.ndim - len(p.replace("...", "")) for p, f in zip(parts, built, strict=False) if "..." in p]
    if len(parts) != len(built) or len(set(ranks)) != 1 or not 0 <= ranks[0] <= len(free):
        raise ReadError(f"einsum {spec!r} does not fit its operands", reader.line)
    more = "".join(free[: ranks[0]])
    return [p.replace("...", more) for p in parts], more


def _one_hot(reader: Reader, index: Any, num_classes: Any = None) -> Form:
    form = reader.form(index)
    if num_classes is None or reader.constant(num_classes) == -1:
        known = reader.constant(form)
        if known is None:
            raise ReadError("one_hot needs num_classes", reader.line)
        num_classes = int(np.max(known)) + 1
    return forms.one_hot(form, reader.integer(num_classes, "the number of classes"))


def _broadcast_to(reader: Reader, x: Any, *shape: Any) -> Form:
    form = reader.form(x)
    given = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    sizes = [v.size if isinstance(v, forms.SizeOf) else reader.integer(v, "a size") for v in given]
    offset = len(sizes) - form.ndim
    return forms.broadcast_to(form, tuple(form.shape[k - offset] if s == -1 else s for k, s in enumerate(sizes)))


def _same(reader: Reader, x: Any, *args: Any, **extra: Any) -> Any:
    return x if isinstance(x, (int, float)) else reader.form(x)


def _cast(reader: Reader, x: Any, *args: Any, **extra: Any) -> Form:
    """Read ``astype`` and ``to``: a cast to integers is read where it changes nothing."""
    form = reader.form(x)
    if any(is_integer_type(a) for a in (*args, *extra.values())):
        return _to_integer(reader, form)
    return form


def _to_integer(reader: Reader, x: Any) -> Form:
    form = reader.form(x)
    if isinstance(form, forms.Apply) and isinstance(form.op, str) and form.op in (*ORDERINGS, "equal"):
        return form
    known = None if any(reader.bindings[n.name].form is not None for n in forms.names_in(form)) else reader.known(form)
    if known is not None and np.all(np.asarray(known) == np.round(known)):
        return form
    raise ReadError("a cast to whole numbers has no derivative", reader.line)


def _detach(reader: Reader, x: Any) -> Form:
    return reader.detached(reader.form(x))


def _trainable(reader: Reader, x: Form) -> Form:
    """Mark a leaf as wanting gradients."""
    found = (
        x if isinstance(x, Name) else reader.literal(reader.known(x), shape=x.shape) if reader.is_literal(x) else None
    )
    if found is None:
        raise ReadError("requires_grad_() is read for data only", reader.line)
    reader.bindings[found.name].trainable = True
    return found


def single_item(reader: Reader, x: Any, *index: Any) -> Form:
    """Return the entry of an array that has only one; gradients do not pass it."""
    form = reader.form(x)
    if forms.element_count(form.shape) != 1:
        raise ReadError(f"item() of shape {shape_text(form.shape)}: it has more than one element", reader.line)
    return reader.detached(forms.get(form, (0,) * form.ndim) if form.shape else form)


def _numel(reader: Reader, x: Any, *axis: Any) -> Any:
    form = reader.form(x)
    return reader.shape_value(form)[reader.integer(axis[0], "an axis")] if axis else reader.count_value(form)


def _shape(reader: Reader, x: Any) -> Any:
    return reader.shape_value(reader.form(x))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{op: _entrywise(op) for op in ELEMENTARY},
    "copy": lambda reader, x, **extra: reader.form(x),
    "log1p": _formula(lambda x: apply("log", 1 + x)),
    "expm1": _formula(lambda x: apply("exp", x) - 1),
    "log2": _formula(lambda x: apply("log", x) / math.log(2)),
    "log10": _formula(lambda x: apply("log", x) / math.log(10)),
    "exp2": _formula(lambda x: number(2) ** x),
    "square": _formula(lambda x: x**2),
    "reciprocal": _formula(lambda x: 1 / x),
    "rsqrt": _formula(lambda x: 1 / apply("sqrt", x)),
    "tan": _formula(lambda x: apply("sin", x) / apply("cos", x)),
    "sinh": _formula(lambda x: (apply("exp", x) - apply("exp", -x)) / 2),
    "cosh": _formula(lambda x: (apply("exp", x) + apply("exp", -x)) / 2),
    "negative": _formula(lambda x: -x),
    "neg": _formula(lambda x: -x),
    "positive": _formula(lambda x: x),
    **dict.fromkeys(("add",), _formula(lambda a, b: a + b)),
    **dict.fromkeys(("subtract", "sub"), _formula(lambda a, b: a - b)),
    **dict.fromkeys(("multiply", "mul"), _formula(lambda a, b: a * b)),
    **dict.fromkeys(("divide", "div", "true_divide"), _formula(lambda a, b: a / b)),
    **dict.fromkeys(("power", "pow", "float_power"), _formula(lambda a, b: a**b)),
    **dict.fromkeys(("matmul", "mm", "mv", "bmm"), _formula(forms.matmul)),
    **dict.fromkeys(("dot", "vdot"), _formula(_dot)),
    "inner": _formula(_inner),
    **dict.fromkeys(("outer", "ger"), _formula(_outer)),
    **dict.fromkeys(("diag", "diagflat"), _formula(_diagonal)),
    "logaddexp": _formula(_logaddexp),
    "greater": _formula(lambda a, b: a > b),
    "gt": _formula(lambda a, b: a > b),
    "less": _formula(lambda a, b: a < b),
    "lt": _formula(lambda a, b: a < b),
    "ge": _formula(lambda a, b: a >= b),
    "le": _formula(lambda a, b: a <= b),
    "heaviside": _formula(lambda a, b: forms.where(a > 0, number(1), forms.where(a < 0, number(0), b))),
    "equal": _formula(forms.equal),
    "eq": _formula(forms.equal),
    "sum": _reduction("sum"),
    **dict.fromkeys(("mean", "average"), _reduction("mean")),
    **dict.fromkeys(("max", "amax"), _reduction("max")),
    **dict.fromkeys(("min", "amin"), _reduction("min")),
    "var": _variance,
    "std": _deviation,
    "norm": _norm,
    "transpose": _transpose,
    "permute": _permute,
    "swapaxes": _swapaxes,
    "t": _transpose,
    **dict.fromkeys(("expand_dims", "unsqueeze"), _expand_dims),
    "squeeze": _squeeze,
    **dict.fromkeys(("reshape", "view"), _reshape),
    **dict.fromkeys(("flatten", "ravel"), _flatten),
    **dict.fromkeys(("concatenate", "cat"), _joined(forms.concatenate)),
    "stack": _joined(forms.stack),
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
    "broadcast_to": _broadcast_to,
    "size": _numel,
    "numel": _numel,
    "shape": _shape,
    "ndim": lambda reader, x: Count(reader.form(x).ndim),
    **dict.fromkeys(("float32", "float64", "squeeze_"), _same),
    "clone": _same,
    "ascontiguousarray": _same,
    "detach": _detach,
}
"""Array operations by their last name; most are functions of a module and methods of an array alike."""

ARRAY_METHODS: dict[str, Callable[[Any, Form, list[Any], dict[str, Any]], Any]] = {
    "bool": lambda reader, form, args, keywords: as_truth(reader, form),
    **{
        n: (lambda reader, x, args, keywords: x)
        for n in (
            "float",
            "double",
            "half",
            "copy",
            "clone",
            "contiguous",
            "cpu",
            "cuda",
            "numpy",
            "tolist",
            "retain_grad",
            "zero_grad",
        )
    },
    **{n: (lambda reader, x, args, keywords: _cast(reader, x, *args, **keywords)) for n in ("astype", "to", "type")},
    **{n: (lambda reader, x, args, keywords: _to_integer(reader, x)) for n in ("long", "int")},
    "requires_grad_": lambda reader, x, args, keywords: _trainable(reader, x),
    "detach": lambda reader, x, args, keywords: _detach(reader, x),
    "item": lambda reader, x, args, keywords: single_item(reader, x, *args),
    "size": lambda reader, x, args, keywords: reader.shape_value(x),
    "dim": lambda reader, x, args, keywords: Count(x.ndim),
    **{n: (lambda reader, x, args, keywords: _broadcast_to(reader, x, *args)) for n in ("expand",)},
    "expand_as": lambda reader, x, args, keywords: forms.broadcast_to(x, reader.form(args[0]).shape),
    "view_as": lambda reader, x, args, keywords: reshaped(x, list(reader.form(args[0]).shape)),
}

_METHODS = {
    *ARRAY_METHODS,
    *(n for n in FUNCTIONS if n not in ("where", "einsum", "one_hot", "shape", "float32", "float64", "cat", "stack")),
}


def methods() -> set[str]:
    """Return the names of all methods of arrays that can be read."""
    return _METHODS | method_rows().keys()
