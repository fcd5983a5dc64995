"""Layers that work along axes (convolution, pooling, normalization, embedding): a row is a definition in plain Forms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from symback.core.errors import NetworkError, ShapeError
from symback.core.forms import (
    Form,
    Function,
    Number,
    apply,
    as_form,
    einsum,
    expand,
    filled,
    gather,
    matmul,
    numpy_text,
    one_hot,
    overlap,
    pad,
    reduce_over,
    reshape,
    shape_text,
    transpose,
    windows,
)

_TORCH = "https://pytorch.org/docs/stable/generated/torch.nn.functional.{}.html"


# --- options, one number per axis of space ----------------------------------------------------------------------------


def _per_axis(value: Any, rank: int, what: str, least: int) -> tuple[int, ...]:
    """Return ``rank`` integers from one integer, or from a sequence of that many."""
    given = list(value) if isinstance(value, (tuple, list)) else [value] * rank
    numbers = [int(v) for v in given if not isinstance(v, (bool, str)) and v is not None and v == int(v)]
    if len(numbers) != rank or len(given) != rank or min(numbers) < least:
        count = "an integer" if rank == 1 else f"an integer or {rank} of them"
        raise NetworkError(f"{what} is {count}, at least {least}; got {value!r}")
    return tuple(numbers)


def _layout(what: str, x: Form, rank: int) -> None:
    if x.ndim != rank + 2:
        axes = ", ".join(
            ("batch", "channel", "row", "column")[: rank + 2] if rank > 1 else ("batch", "channel", "place")
        )
        raise ShapeError(f"in {what}: {x} has shape {shape_text(x.shape)}; the axes are ({axes})")


def _padded(x: Form, widths: Sequence[tuple[int, int]], value: float = 0.0) -> Form:
    return pad(x, [(0, 0), (0, 0), *widths], value)


def _windowed(what: str, x: Form, sizes: Sequence[int], strides: Sequence[int], dilations: Sequence[int]) -> Form:
    """Return windows over the axes of space: (batch, channel, position, offset, position, offset, …)."""
    found = x
    for k, (size, stride, dilation) in enumerate(zip(sizes, strides, dilations, strict=True)):
        length = x.shape[2 + k]
        if isinstance(length, int) and dilation * (size - 1) + 1 > length:
            raise ShapeError(
                f"in {what}: a window of {size} entries{f' with dilation {dilation}' if dilation > 1 else ''} is longer "
                f"than the axis of {length} (padding included) of {numpy_text(x)}"
            )
        found = windows(found, 2 + 2 * k, size, stride, dilation)
    return found


# --- convolution ------------------------------------------------------------------------------------------------------


def _borders(
    what: str, padding: Any, sizes: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> list[tuple[int, int]]:
    """Return the zeros before and after each axis."""
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    if padding == "same":
        if any(s != 1 for s in strides):
            raise NetworkError(f"{what}: padding='same' needs stride 1, got {tuple(strides)}")
        totals = [d * (k - 1) for k, d in zip(sizes, dilations, strict=True)]
        return [(t // 2, t - t // 2) for t in totals]
    if isinstance(padding, str):
        raise NetworkError(f"{what}: padding is 'same', 'valid' or a number, not {padding!r}")
    return [(p, p) for p in _per_axis(padding, len(sizes), f"{what}: padding", 0)]


def _convolution(rank: int) -> Callable[..., Form]:
    what = f"conv{rank}d"

    def definition(
        input: Form,
        weight: Form,
        bias: Form | None = None,
        stride: int | Sequence[int] = 1,
        padding: int | str | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
    ) -> Form:
        _layout(what, input, rank)
        if weight.ndim != rank + 2:
            raise ShapeError(
                f"in {what}: the weight {weight} has shape {shape_text(weight.shape)}, expected {rank + 2} axes: "
                "(channels out, channels in, window)"
            )
        strides = _per_axis(stride, rank, f"{what}: stride", 1)
        dilations = _per_axis(dilation, rank, f"{what}: dilation", 1)
        [count] = _per_axis(groups, 1, f"{what}: groups", 1)
        out, inner, *sizes = weight.shape
        channels = input.shape[1]
        if not all(isinstance(s, int) for s in sizes):
            raise ShapeError(
                f"in {what}: the window of the weight {weight} has the symbolic shape {shape_text(weight.shape)}"
            )
        grouped = count == 1 or all(isinstance(s, int) and s % count == 0 for s in (out, channels))
        if not grouped or inner != (channels if count == 1 else int(channels) // count):
            raise ShapeError(
                f"in {what}: {input} of shape {shape_text(input.shape)} and the weight {weight} of shape "
                f"{shape_text(weight.shape)} do not fit together with groups={count}"
            )
        lengths = [int(s) for s in sizes]
        borders = _borders(what, padding, lengths, strides, dilations)
        seen = _windowed(what, _padded(input, borders), lengths, strides, dilations)
        # labels: 0 batch, 1 channel in, 2 channel out, 3 group, then a position and an offset per axis of space
        places = [4 + 2 * k for k in range(rank)]
        spread = [label for p in places for label in (p, p + 1)]
        offsets = [p + 1 for p in places]
        if count == 1:
            result = einsum([(0, 1, *spread), (2, 1, *offsets)], (0, 2, *places), [seen, weight])
        else:
            parted = reshape(seen, (seen.shape[0], count, inner, *seen.shape[2:]))
            kernels = reshape(weight, (count, int(out) // count, *weight.shape[1:]))
            result = einsum([(0, 3, 1, *spread), (3, 2, 1, *offsets)], (0, 3, 2, *places), [parted, kernels])
            result = reshape(result, (result.shape[0], out, *result.shape[3:]))
        return result if bias is None else result + _along_channels(what, bias, out, rank)

    return definition


def _transposed_convolution(rank: int) -> Callable[..., Form]:
    what = f"conv_transpose{rank}d"

    def definition(
        input: Form,
        weight: Form,
        bias: Form | None = None,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        dilation: int | Sequence[int] = 1,
    ) -> Form:
        _layout(what, input, rank)
        if weight.ndim != rank + 2:
            raise ShapeError(
                f"in {what}: the weight {weight} has shape {shape_text(weight.shape)}, expected {rank + 2} axes: "
                "(channels in, channels out, window)"
            )
        strides = _per_axis(stride, rank, f"{what}: stride", 1)
        dilations = _per_axis(dilation, rank, f"{what}: dilation", 1)
        borders = _per_axis(padding, rank, f"{what}: padding", 0)
        more = _per_axis(output_padding, rank, f"{what}: output_padding", 0)
        [count] = _per_axis(groups, 1, f"{what}: groups", 1)
        channels, inner, *sizes = weight.shape
        if input.shape[1] != channels or (count > 1 and int(channels) % count):
            raise ShapeError(
                f"in {what}: {input} of shape {shape_text(input.shape)} and the weight {weight} of shape "
                f"{shape_text(weight.shape)} do not fit together with groups={count}"
            )
        # labels: 0 batch, 1 channel in, 2 channel out, 3 group, then a position and an offset per axis of space
        places = [4 + 2 * k for k in range(rank)]
        offsets = [p + 1 for p in places]
        spread = [label for p in places for label in (p, p + 1)]
        if count == 1:
            shares = einsum([(0, 1, *places), (1, 2, *offsets)], (0, 2, *spread), [input, weight])
        else:
            each = int(channels) // count
            parted = reshape(input, (input.shape[0], count, each, *input.shape[2:]))
            kernels = reshape(weight, (count, each, *weight.shape[1:]))
            shares = einsum([(0, 3, 1, *places), (3, 1, 2, *offsets)], (0, 3, 2, *spread), [parted, kernels])
            shares = reshape(shares, (shares.shape[0], count * int(inner), *shares.shape[3:]))
        for k in range(rank):  # every entry of the input leaves its window at its place; what overlaps adds up
            positions, size = int(input.shape[2 + k]), int(sizes[k])
            length = (positions - 1) * strides[k] + dilations[k] * (size - 1) + 1
            shares = overlap(shares, 2 + k, length, strides[k], dilations[k])
            if more[k]:
                shares = pad(shares, [(0, more[k] if axis == 2 + k else 0) for axis in range(shares.ndim)], 0.0)
            if borders[k]:
                kept = slice(borders[k], length + more[k] - borders[k])
                shares = shares[(*(slice(None),) * (2 + k), kept)]
        return shares if bias is None else shares + _along_channels(what, bias, count * inner, rank)

    return definition


def _bilinear(input1: Form, input2: Form, weight: Form, bias: Form | None = None) -> Form:
    if weight.ndim != 3 or input1.shape[:-1] != input2.shape[:-1] or not input1.ndim:
        raise ShapeError(
            f"in bilinear: {input1} of shape {shape_text(input1.shape)}, {input2} of shape {shape_text(input2.shape)} and "
            f"the weight {weight} of shape {shape_text(weight.shape)} do not fit together"
        )
    before = tuple(range(3, input1.ndim + 2))
    made = einsum([(*before, 0), (2, 0, 1), (*before, 1)], (*before, 2), [input1, weight, input2])
    return made if bias is None else made + bias


def _along_channels(what: str, values: Form, channels: Any, rank: int) -> Form:
    """Return one value per channel so that it broadcasts over the axes of space."""
    if values.shape != (channels,):
        raise ShapeError(
            f"in {what}: {values} has shape {shape_text(values.shape)}, expected one value per channel, "
            f"{shape_text((channels,))}"
        )
    return expand(values, range(1, rank + 1))


# --- pooling ----------------------------------------------------------------------------------------------------------


def _pooling(
    what: str, rank: int, x: Form, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[tuple[int, ...], tuple[int, ...], list[tuple[int, int]], tuple[int, ...]]:
    _layout(what, x, rank)
    if ceil_mode:
        raise NetworkError(f"{what}: ceil_mode=True is not supported; windows lie wholly inside the padded array")
    sizes = _per_axis(kernel_size, rank, f"{what}: kernel_size", 1)
    strides = sizes if stride is None else _per_axis(stride, rank, f"{what}: stride", 1)
    borders = [(p, p) for p in _per_axis(padding, rank, f"{what}: padding", 0)]
    if any(2 * before > size for (before, _), size in zip(borders, sizes, strict=True)):
        raise NetworkError(f"{what}: padding {padding} is more than half of the kernel_size {kernel_size}")
    return sizes, strides, borders, _per_axis(dilation, rank, f"{what}: dilation", 1)


def _offsets(rank: int) -> tuple[int, ...]:
    return tuple(3 + 2 * k for k in range(rank))


def _max_pool(rank: int) -> Callable[..., Form]:
    what = f"max_pool{rank}d"

    def definition(
        input: Form,
        kernel_size: int | Sequence[int] | None = None,
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool = False,
    ) -> Form:
        sizes, strides, borders, dilations = _pooling(
            what, rank, input, kernel_size, stride, padding, dilation, ceil_mode
        )
        around = _padded(input, borders, -math.inf)  # so that padding is never the largest
        return reduce_over("max", _windowed(what, around, sizes, strides, dilations), _offsets(rank))

    return definition


def _average_pool(rank: int) -> Callable[..., Form]:
    what = f"avg_pool{rank}d"

    def definition(
        input: Form,
        kernel_size: int | Sequence[int] | None = None,
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> Form:
        sizes, strides, borders, ones = _pooling(what, rank, input, kernel_size, stride, padding, 1, ceil_mode)
        seen = _windowed(what, _padded(input, borders), sizes, strides, ones)
        if count_include_pad or not any(before for before, _ in borders):
            return reduce_over("mean", seen, _offsets(rank))
        inside = _padded(filled(1, (1, 1, *input.shape[2:])), borders)
        count = reduce_over("sum", _windowed(what, inside, sizes, strides, ones), _offsets(rank))
        return reduce_over("sum", seen, _offsets(rank)) / count

    return definition


# --- affine maps and normalization ------------------------------------------------------------------------------------


def _linear(input: Form, weight: Form, bias: Form | None = None) -> Form:
    product = matmul(input, transpose(weight))
    return product if bias is None else product + bias


def _normalized(x: Form, axes: Sequence[int], eps: float) -> Form:
    """Return ``x`` minus its mean, over the root of its variance (divided by n) plus eps."""
    centered = x - reduce_over("mean", x, tuple(axes), True)
    variance = reduce_over("mean", centered**2, tuple(axes), True)
    return centered / apply("sqrt", variance + as_form(eps))


def _layer_norm(
    input: Form,
    weight: Form | None = None,
    bias: Form | None = None,
    normalized_shape: int | Sequence[int] | None = None,
    eps: float = 1e-5,
) -> Form:
    given = normalized_shape if normalized_shape is not None else input.shape[-1:]
    shape = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    if not shape or input.shape[-len(shape) :] != shape:
        raise ShapeError(
            f"in layer_norm: normalized_shape {shape_text(shape)} is not the end of the shape of {input}, "
            f"{shape_text(input.shape)}"
        )
    for values in (weight, bias):
        if values is not None and values.shape != shape:
            raise ShapeError(
                f"in layer_norm: {values} has shape {shape_text(values.shape)}, expected {shape_text(shape)}"
            )
    result = _normalized(input, range(input.ndim - len(shape), input.ndim), eps)
    result = result if weight is None else result * weight
    return result if bias is None else result + bias


def _batch_norm(
    input: Form,
    running_mean: Form | None = None,
    running_var: Form | None = None,
    weight: Form | None = None,
    bias: Form | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Form:
    if input.ndim < 2:
        raise ShapeError(
            f"in batch_norm: {input} has shape {shape_text(input.shape)}; the axes are (batch, channel, …)"
        )
    rank, channels = input.ndim - 2, input.shape[1]

    def spread(values: Form) -> Form:
        return _along_channels("batch_norm", values, channels, rank)

    if training:
        result = _normalized(input, (0, *range(2, input.ndim)), eps)
    elif running_mean is None or running_var is None:
        raise NetworkError("batch_norm outside training needs running_mean and running_var; say training=True")
    else:
        result = (input - spread(running_mean)) / apply("sqrt", spread(running_var) + as_form(eps))
    result = result if weight is None else result * spread(weight)
    return result if bias is None else result + spread(bias)


# --- picking and rearranging ------------------------------------------------------------------------------------------


def _embedding(input: Form, weight: Form) -> Form:
    if weight.ndim != 2:
        raise ShapeError(
            f"in embedding: the table {weight} has shape {shape_text(weight.shape)}, expected (rows, width)"
        )
    return gather(weight, input)


def _pick(x: Form, index: Form) -> Form:
    if index.shape not in (x.shape[:-1], ()) or not x.shape:
        raise ShapeError(
            f"in pick: the index {index} of shape {shape_text(index.shape)} does not choose one entry per row of {x} of "
            f"shape {shape_text(x.shape)}"
        )
    return reduce_over("sum", x * one_hot(index, x.shape[-1]), -1)


def _flatten(x: Form, start_dim: int = 0, end_dim: int = -1) -> Form:
    if isinstance(x, Number) or not x.shape:
        return reshape(x, (1,))
    first, last = int(start_dim), int(end_dim)
    if not (-x.ndim <= first < x.ndim and -x.ndim <= last < x.ndim and first % x.ndim <= last % x.ndim):
        raise ShapeError(f"in flatten: axes {start_dim} to {end_dim} are not in {x} of shape {shape_text(x.shape)}")
    first, last = first % x.ndim, last % x.ndim
    if first == last:
        return x
    return reshape(x, (*x.shape[:first], -1, *x.shape[last + 1 :]))


def _row(name: str, definition: Callable[..., Form], title: str, names: tuple[str, ...], **more: Any) -> Function:
    aliases = () if more.pop("plain", False) else (f"F.{name}", f"torch.nn.functional.{name}")
    return Function(
        name,
        definition,
        latex=rf"\mathrm{{{name}}}".replace("_", r"\_"),
        text=name,
        title=title,
        entrywise=False,
        inline=True,
        arguments=len(names),
        argument_names=names,
        aliases=aliases,
        source=_TORCH.format(name) if aliases else "",
        **more,
    )


_CONVOLUTION = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
_TRANSPOSED = {"stride": 1, "padding": 0, "output_padding": 0, "groups": 1, "dilation": 1}
_MAXIMUM = {"kernel_size": None, "stride": None, "padding": 0, "dilation": 1, "ceil_mode": False}
_AVERAGE = {"kernel_size": None, "stride": None, "padding": 0, "ceil_mode": False, "count_include_pad": True}
_TIES = "the derivative of a maximum is shared evenly among ties"

ARRAYS: tuple[Function, ...] = (
    *(
        _row(
            f"conv{rank}d",
            _convolution(rank),
            f"{rank}-D convolution",
            ("input", "weight", "bias"),
            defaults=(None,),
            parameters=_CONVOLUTION,
        )
        for rank in (1, 2, 3)
    ),
    *(
        _row(
            f"conv_transpose{rank}d",
            _transposed_convolution(rank),
            f"{rank}-D transposed convolution",
            ("input", "weight", "bias"),
            defaults=(None,),
            parameters=_TRANSPOSED,
        )
        for rank in (1, 2, 3)
    ),
    *(
        _row(f"max_pool{rank}d", _max_pool(rank), f"{rank}-D max pooling", ("input",), parameters=_MAXIMUM, kinks=_TIES)
        for rank in (1, 2, 3)
    ),
    *(
        _row(f"avg_pool{rank}d", _average_pool(rank), f"{rank}-D average pooling", ("input",), parameters=_AVERAGE)
        for rank in (1, 2, 3)
    ),
    _row("bilinear", _bilinear, "bilinear map", ("input1", "input2", "weight", "bias"), defaults=(None,)),
    _row("linear", _linear, "affine map", ("input", "weight", "bias"), defaults=(None,)),
    _row(
        "layer_norm",
        _layer_norm,
        "layer normalization",
        ("input", "weight", "bias"),
        defaults=(None, None),
        parameters={"normalized_shape": None, "eps": 1e-5},
        signature=("input", "normalized_shape", "weight", "bias", "eps"),
    ),
    _row(
        "batch_norm",
        _batch_norm,
        "batch normalization",
        ("input", "running_mean", "running_var", "weight", "bias"),
        defaults=(None,) * 4,
        parameters={"training": False, "momentum": 0.1, "eps": 1e-5},
    ),
    _row("embedding", _embedding, "embedding", ("input", "weight")),
    _row("pick", _pick, "the entry of each row at a class index", ("x", "index"), plain=True),
    _row("flatten", _flatten, "axes merged into one", ("x",), parameters={"start_dim": 0, "end_dim": -1}, plain=True),
)
