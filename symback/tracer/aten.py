"""What PyTorch's basic operations mean, by their names in its dispatcher: parts of an operation that was taken apart."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.core.forms import (
    Form,
    apply,
    concatenate,
    expand,
    filled,
    gather,
    number,
    reduce_over,
    reshape,
    stack,
    transpose,
    where,
)
from symback.functions import ROWS
from symback.library import calls, indexing
from symback.library.kinds import as_condition
from symback.tracer.formulas import Formulas
from symback.tracer.log import Node


def row_name(path: str) -> str:
    """Return the name of an operation without its namespace and its overload: ``aten.mul.Tensor`` is ``mul``."""
    parts = path.removeprefix("torch.ops.").split(".")
    return parts[1] if len(parts) > 1 else parts[0]


Row = Callable[[Formulas, Node, list[Any], dict[str, Any]], Any]


def lowered(lowering: Formulas, node: Node) -> Any:
    """Return the formula of a basic operation."""
    name = row_name(node.path)
    args, options = list(lowering.operand(node.args)), lowering.operand(node.options)
    row = ATEN.get(name)
    if row is not None:
        return row(lowering, node, args, options)
    options = {k: v for k, v in options.items() if k not in _OF_MEMORY}
    return calls.call_function(lowering, f"torch.{name}", args, options)


_OF_MEMORY = ("dtype", "layout", "device", "pin_memory", "memory_format", "implicit", "non_blocking")


def _shape(lowering: Formulas, node: Node) -> tuple[int, ...]:
    return tuple(int(s) for s in np.shape(lowering.values[node]))


def _form(lowering: Formulas, value: Any) -> Form:
    return lowering.form(value)


def _same(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return _form(lowering, args[0])


def _reshaped(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    form, shape = _form(lowering, args[0]), _shape(lowering, node)
    if form.shape == shape:
        return form
    return reshape(form, shape) if shape else form[(0,) * form.ndim]


def _overwritten(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return indexing.fitted(_form(lowering, args[1]), filled(0, _shape(lowering, node)))


def _expanded(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return indexing.fitted(_form(lowering, args[0]), filled(0, _shape(lowering, node)))


def _transposed(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    form = _form(lowering, args[0])
    order = list(range(form.ndim))
    if row_name(node.path) == "permute":
        return transpose(form, tuple(int(k) % form.ndim for k in args[1]))
    first, second = (args[1] % form.ndim, args[2] % form.ndim) if len(args) > 1 else (0, form.ndim - 1)
    if form.ndim < 2:
        return form
    order[first], order[second] = order[second], order[first]
    return transpose(form, tuple(order))


def _sliced(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    form = _form(lowering, args[0])
    axis, start, stop, step = ([*args[1:], *(None,) * 4])[:4]
    axis = (axis or 0) % form.ndim
    length = int(form.shape[axis])
    chosen = slice(start or 0, length if stop is None else min(stop, length), step or 1)
    return form[(*(slice(None),) * axis, slice(*chosen.indices(length)))]


def _selected(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    form = _form(lowering, args[0])
    axis = args[1] % form.ndim
    return form[(*(slice(None),) * axis, int(args[2]) % int(form.shape[axis]))]


def _concatenated(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    forms = [_form(lowering, a) for a in args[0]]
    forms = [f for f in forms if f.shape != (0,)]
    axis = args[1] if len(args) > 1 else options.get("dim", 0)
    return concatenate(forms, axis % forms[0].ndim) if len(forms) > 1 else forms[0]


def _stacked(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    axis = args[1] if len(args) > 1 else options.get("dim", 0)
    return stack([_form(lowering, a) for a in args[0]], axis % len(_shape(lowering, node)))


def _split(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    form, sizes = _form(lowering, args[0]), args[1]
    axis = (args[2] if len(args) > 2 else options.get("dim", 0)) % form.ndim
    length = int(form.shape[axis])
    if isinstance(sizes, int):
        sizes = [min(sizes, length - k) for k in range(0, length, sizes)]
    starts = np.cumsum([0, *sizes])
    return tuple(form[(*(slice(None),) * axis, slice(int(a), int(b)))] for a, b in pairwise(starts))


def _axes(form: Form, said: Any) -> tuple[int, ...] | None:
    if said is None or (isinstance(said, (list, tuple)) and not said):
        return None
    return tuple(int(k) % form.ndim for k in (said if isinstance(said, (list, tuple)) else [said]))


def _reduced(kind: str) -> Row:
    def run(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
        form = _form(lowering, args[0])
        axes = _axes(form, args[1] if len(args) > 1 else options.get("dim"))
        keeps = bool(args[2] if len(args) > 2 else options.get("keepdim", False))
        if not form.ndim:
            return form
        return reduce_over(kind, form, axes, keepdims=keeps)

    return run


def _extreme(kind: str) -> Row:
    """Return ``max.dim``, whose second result is an index, or ``amax``."""

    def run(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
        name = node.path.removeprefix("torch.ops.aten.")
        if name in ("max.dim", "min.dim"):
            return calls.call_function(lowering, f"torch.{kind}", args, options)
        return calls.call_function(
            lowering, f"torch.a{kind}" if len(args) > 1 or options else f"torch.{kind}", args, options
        )

    return run


def _variance(lowering: Formulas, form: Form, args: list[Any], options: dict[str, Any]) -> tuple[Form, Form]:
    axes = _axes(form, args[1] if len(args) > 1 else options.get("dim"))
    keeps = bool(options.get("keepdim", args[3] if len(args) > 3 else False))
    correction = options.get("correction", args[2] if len(args) > 2 else 1)
    if isinstance(correction, bool):
        correction = int(correction)
    correction = 1 if correction is None else correction
    over = axes if axes is not None else tuple(range(form.ndim))
    count = int(np.prod([int(form.shape[k]) for k in over])) if over else 1
    mean = reduce_over("mean", form, over, keepdims=True)
    if correction == 0:
        spread = reduce_over("mean", (form - mean) ** 2, over, keepdims=keeps)
    else:
        spread = reduce_over("sum", (form - mean) ** 2, over, keepdims=keeps) / number(count - correction)
    return spread, mean if keeps else reduce_over("mean", form, over)


def _var(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return _variance(lowering, _form(lowering, args[0]), args, options)[0]


def _var_mean(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return _variance(lowering, _form(lowering, args[0]), args, options)


def _where(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    mask, a, b = (_form(lowering, v) for v in args)
    return where(as_condition(mask), a, b)


def _added(sign: int) -> Row:
    def run(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
        a, b = (_form(lowering, v) for v in args[:2])
        alpha = options.get("alpha", args[2] if len(args) > 2 else 1)
        b = b if alpha == 1 else number(alpha) * b
        return a + b if sign > 0 else a - b

    return run


def _rsub(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    a, b = (_form(lowering, v) for v in args[:2])
    alpha = options.get("alpha", args[2] if len(args) > 2 else 1)
    return b - (a if alpha == 1 else number(alpha) * a)


def _addmm(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    c, a, b = (_form(lowering, v) for v in args[:3])
    beta, alpha = options.get("beta", 1), options.get("alpha", 1)
    product = a @ b if alpha == 1 else number(alpha) * (a @ b)
    return product + c if beta == 1 else product if beta == 0 else product + number(beta) * c


def _matmul(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    a, b = (_form(lowering, v) for v in args[:2])
    return a @ b


def _softmax(name: str) -> Row:
    def run(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
        form = _form(lowering, args[0])
        return ROWS[name](form, axis=args[1] % form.ndim)

    return run


def _full(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    name = row_name(node.path)
    value = number(0) if name.startswith(("zeros", "new_zeros")) else number(1) if "ones" in name else args[1]
    if name in ("new_full",):
        value = args[2]
    return indexing.fitted(_form(lowering, value), filled(0, _shape(lowering, node)))


def _padded(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    value = args[2] if len(args) > 2 else options.get("value", 0)
    form, widths = _form(lowering, args[0]), list(args[1])
    for k in range(len(widths) // 2):
        axis, cut = form.ndim - 1 - k, [max(-w, 0) for w in widths[2 * k : 2 * k + 2]]
        if any(cut):
            form = form[(*(slice(None),) * axis, slice(cut[0], int(form.shape[axis]) - cut[1]))]
    widths = [max(w, 0) for w in widths]
    if not any(widths):
        return form
    return calls.call_function(lowering, "torch.nn.functional.pad", [form, widths, "constant", value], {})


def _index(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    form = _form(lowering, args[0])
    items = [slice(None) if i is None else i for i in args[1]]
    return indexing.part(lowering, form, items)


def _embedding(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return gather(_form(lowering, args[0]), _form(lowering, args[1]))


def _convolution(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    x, weight, bias, stride, padding, dilation, transposed, output_padding, groups = args
    form = _form(lowering, x)
    rank, more = len(stride), {"output_padding": tuple(output_padding)} if transposed else {}
    return ROWS[f"conv{'_transpose' if transposed else ''}{rank}d"](
        form,
        _form(lowering, weight),
        None if bias is None else _form(lowering, bias),
        stride=tuple(stride),
        padding=tuple(padding),
        dilation=tuple(dilation),
        groups=groups,
        **more,
    )


def _power(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    a, b = (_form(lowering, v) for v in args[:2])
    return a**b


def _clamped(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    low = args[1] if len(args) > 1 else options.get("min")
    high = args[2] if len(args) > 2 else options.get("max")
    name = row_name(node.path)
    if name == "clamp_max":
        low, high = None, args[1]
    given = {k: v for k, v in (("min", low), ("max", high)) if v is not None}
    return calls.call_function(lowering, "torch.clamp", [args[0]], given)


def _pooled(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    made = calls.call_function(lowering, "torch.nn.functional.max_pool2d", args, options)
    return made, None


def _bool_and(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    a, b = (as_condition(_form(lowering, v)) for v in args[:2])
    return a * b


def _not(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return 1 - as_condition(_form(lowering, args[0]))


def _squared(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return _form(lowering, args[0]) ** 2


def _divided(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    if options.get("rounding_mode") is not None:
        raise ReadError("a division that is rounded", lowering.line)
    a, b = (_form(lowering, v) for v in args[:2])
    return a / b


def _put(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    """Return an array of which a slice or a row has new entries."""
    held, source = _form(lowering, args[0]), _form(lowering, args[1])
    name = row_name(node.path)
    axis = (args[2] if len(args) > 2 else 0) % held.ndim
    if name == "select_scatter":
        key: Any = int(args[3]) % int(held.shape[axis])
    else:
        start, stop, step = ([*args[3:], *(None,) * 3])[:3]
        length = int(held.shape[axis])
        key = slice(*slice(start or 0, length if stop is None else min(stop, length), step or 1).indices(length))
    return indexing.stored(lowering, held, (*(slice(None),) * axis, key), source)


def _logistic(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return ROWS["sigmoid"](_form(lowering, args[0]))


def _sign(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    return apply("sign", _form(lowering, args[0]))


def _unsqueezed(lowering: Formulas, node: Node, args: list[Any], options: dict[str, Any]) -> Any:
    form = _form(lowering, args[0])
    return expand(form, [args[1] % (form.ndim + 1)])


ATEN: dict[str, Row] = {
    **dict.fromkeys(
        ("clone", "alias", "_to_copy", "detach", "lift_fresh_copy", "contiguous", "_conj", "copy_same"), _same
    ),
    **dict.fromkeys(
        ("view", "_unsafe_view", "_reshape_alias", "reshape", "squeeze", "view_copy", "flatten"), _reshaped
    ),
    "unsqueeze": _unsqueezed,
    **dict.fromkeys(("expand", "broadcast_to"), _expanded),
    **dict.fromkeys(("copy", "copy_"), _overwritten),
    **dict.fromkeys(("permute", "transpose", "t"), _transposed),
    "slice": _sliced,
    "select": _selected,
    "cat": _concatenated,
    "stack": _stacked,
    **dict.fromkeys(("split", "split_with_sizes"), _split),
    "sum": _reduced("sum"),
    "mean": _reduced("mean"),
    **dict.fromkeys(("max", "amax"), _extreme("max")),
    **dict.fromkeys(("min", "amin"), _extreme("min")),
    "var": _var,
    "var_mean": _var_mean,
    "where": _where,
    "add": _added(1),
    "sub": _added(-1),
    "rsub": _rsub,
    "mul": lambda lowering, node, args, options: _form(lowering, args[0]) * _form(lowering, args[1]),
    "div": _divided,
    "pow": _power,
    "square": _squared,
    **dict.fromkeys(("addmm", "baddbmm", "addbmm"), _addmm),
    **dict.fromkeys(("mm", "bmm", "mv", "dot", "matmul"), _matmul),
    "_softmax": _softmax("softmax"),
    "_log_softmax": _softmax("log_softmax"),
    **dict.fromkeys(
        (
            "full",
            "full_like",
            "zeros",
            "zeros_like",
            "ones",
            "ones_like",
            "new_zeros",
            "new_full",
            "new_ones",
            "scalar_tensor",
        ),
        _full,
    ),
    "constant_pad_nd": _padded,
    **dict.fromkeys(("index", "_unsafe_index"), _index),
    "embedding": _embedding,
    "convolution": _convolution,
    **dict.fromkeys(("clamp", "clamp_min", "clamp_max"), _clamped),
    "max_pool2d_with_indices": _pooled,
    **dict.fromkeys(("logical_and", "bitwise_and"), _bool_and),
    **dict.fromkeys(("logical_not", "bitwise_not"), _not),
    **dict.fromkeys(("slice_scatter", "select_scatter"), _put),
    "sigmoid": _logistic,
    "sign": _sign,
    "neg": lambda lowering, node, args, options: -_form(lowering, args[0]),
    "reciprocal": lambda lowering, node, args, options: 1 / _form(lowering, args[0]),
    "rsqrt": lambda lowering, node, args, options: 1 / apply("sqrt", _form(lowering, args[0])),
}
"""By the name of an operation, its formula from the operands and options of a call."""
