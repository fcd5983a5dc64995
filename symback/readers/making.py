"""The making of arrays: of the numbers and formulas of a text, filled, counted, and drawn at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.errors import ReadError
from symback.core.forms import Form, Name, filled, shape_text
from symback.readers.asking import Reader
from symback.readers.limits import LARGEST_ARRAY, LARGEST_LIST, LARGEST_STACK
from symback.readers.paths import is_integer_type
from symback.readers.plain_numbers import numbers
from symback.readers.values import Counting, RandomSource, Rows


def _sizes(reader: Reader, values: Sequence[Any]) -> tuple[Any, ...]:
    """Return a shape from arguments: ``(2, 3)`` or ``2, 3``; a symbolic size stays one."""
    given = values[0] if len(values) == 1 and isinstance(values[0], (tuple, list)) else values
    found: list[Any] = []
    for value in given:
        if isinstance(value, forms.SizeOf):
            found.append(value.size)
            continue
        length = reader.integer(value, "a size")
        if length < 0:
            raise ReadError(f"a size cannot be {length}", reader.line)
        found.append(length)
    count = math.prod(s for s in found if isinstance(s, int))
    if count > LARGEST_ARRAY:
        raise ReadError(f"an array of shape {shape_text(tuple(found))} is too large", reader.line)
    return tuple(found)


def _array(reader: Reader, name: str, torch: bool, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Read np.array, torch.tensor, nn.Parameter and their like."""
    if not args:
        raise ReadError(f"{name} without data cannot be read", reader.line)
    value = args[0]
    integer = any(is_integer_type(v) for v in (*args[1:], *keywords.values()))
    trainable = keywords.get("requires_grad") is True or (
        name == "Parameter" and keywords.get("requires_grad") is not False
    )
    if isinstance(value, Name) and not reader.bindings[value.name].anonymous:
        binding = reader.bindings[value.name]
        if binding.sequence and binding.form is not None:  # from here on it has arithmetic
            return reader.equation(binding.base, value, local=True, passing=True)
        if binding.form is None and (
            name in ("tensor", "from_numpy", "as_tensor", "Tensor", "FloatTensor", "Parameter", "Variable")
            or binding.sequence
        ):
            return reader.literal(binding.value, shape=value.shape, torch=torch, trainable=trainable)
        return reader.detached(value) if name == "tensor" and reader.is_torch(value) else value
    if isinstance(value, Form):
        binding_ = reader.bindings[value.name] if isinstance(value, Name) else None
        if binding_ is not None:
            binding_.trainable |= trainable
            binding_.torch |= torch
            return value
        if reader.is_literal(value):
            return reader.literal(reader.known(value), shape=value.shape, torch=torch, trainable=trainable)
        return value
    if name in ("Tensor", "FloatTensor", "DoubleTensor") and all(
        isinstance(a, int) and not isinstance(a, bool) for a in args
    ):
        return reader.literal(None, shape=_sizes(reader, args), torch=torch)
    if isinstance(value, (list, tuple)) and _holds_forms(value):
        return _array_of_forms(reader, value, torch, trainable)
    if isinstance(value, range):
        value = list(short_items(reader, value))
    if isinstance(value, (bool, int, float)) or hasattr(value, "numerator"):
        array: Any = np.array(float(value) if not isinstance(value, (bool, int)) else value)
    else:
        array = numbers(list(value)) if isinstance(value, (list, tuple)) else None
        if array is None:
            raise ReadError(f"{name} needs rows of numbers of equal length", reader.line)
    if integer:
        array = array.astype(np.int64)
    return reader.literal(array, torch=torch, trainable=trainable)


def _holds_forms(values: Sequence[Any], depth: int = 0) -> bool:
    return depth < 16 and any(
        isinstance(v, Form) or (isinstance(v, (list, tuple)) and _holds_forms(v, depth + 1)) for v in values
    )


def _array_of_forms(reader: Reader, values: Sequence[Any], torch: bool, trainable: bool) -> Form:
    """Read ``np.array([x, y])`` of named numbers or rows."""

    def nested(value: Any) -> Form:
        return forms.stack([nested(v) for v in value]) if isinstance(value, (list, tuple)) else reader.form(value)

    if len(values) > LARGEST_STACK:
        raise ReadError(f"an array of {len(values)} formulas is too large", reader.line)
    made = nested(values)
    if reader.is_literal(made):
        return reader.literal(reader.known(made), shape=made.shape, torch=torch, trainable=trainable)
    return reader.detached(made) if torch and reader.is_torch(made) else made


def _constant_array(value: float | None) -> Callable[..., Any]:
    def build(reader: Reader, name: str, torch: bool, args: list[Any], keywords: dict[str, Any]) -> Form:
        if "like" in name:
            shape: Any = reader.form(args[0]).shape
            args = args[1:]
        elif name == "full":
            shape = _sizes(reader, [keywords.get("shape", keywords.get("size", args[0] if args else ()))])
            args = args[1:]
        else:
            given = [a for a in args if not hasattr(a, "path")] or [keywords.get("shape", keywords.get("size", ()))]
            shape = _sizes(reader, given)
        fill: Any = value
        if name.startswith("full"):
            fill = reader.constant(keywords.get("fill_value", args[0] if args else None), data=False)
            if not isinstance(fill, (int, float)):
                raise ReadError(f"{name} needs a number known from the code", reader.line)
        trainable = keywords.get("requires_grad") is True
        if all(isinstance(s, int) for s in shape) and (trainable or torch):
            made = np.full(shape, float(fill or 0))
            truth = getattr(keywords.get("dtype"), "path", "").rpartition(".")[2] in ("bool", "bool_")
            return reader.literal(made.astype(bool) if truth else made, torch=torch, trainable=trainable)
        return filled(float(fill or 0) if isinstance(fill, float) and fill % 1 else int(fill or 0), shape)

    return build


def _plain_array(reader: Reader, name: str, torch: bool, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Read arange, linspace, eye."""
    if name == "arange" and len(args) == 1 and isinstance(args[0], forms.SizeOf):
        return Counting(args[0].size)
    plain = [reader.constant(a) for a in args if not hasattr(a, "path")]
    options = {
        k: reader.constant(v)
        for k, v in keywords.items()
        if k in ("start", "stop", "step", "num", "end", "steps", "N", "M", "n", "m")
    }
    options = {{"end": "stop", "steps": "num", "n": "N", "m": "M"}.get(k, k): v for k, v in options.items()}
    if any(
        isinstance(p, np.ndarray) or not isinstance(p, (int, float)) or isinstance(p, bool)
        for p in (*plain, *options.values())
    ):
        raise ReadError(f"{name} needs numbers known from the code", reader.line)
    if name in ("eye", "identity"):
        sizes = [int(p) for p in plain] or [int(options.get("N", 0))]
        if len(sizes) > 2 or math.prod(sizes if len(sizes) == 2 else sizes * 2) > LARGEST_ARRAY:
            raise ReadError(f"{name} of this size is too large", reader.line)
        return reader.literal(np.eye(sizes[0], sizes[-1]), torch=torch)
    if name == "arange":
        start, stop, step = _range_ends(plain, options)
        length = math.ceil((stop - start) / step) if step else LARGEST_ARRAY + 1
    else:
        length = int(plain[2] if len(plain) > 2 else options.get("num", 50))
    if length > LARGEST_ARRAY:
        raise ReadError(f"{name} of {length} entries is too large", reader.line)
    made = np.arange(start, stop, step) if name == "arange" else np.linspace(plain[0], plain[1], length)
    return reader.literal(made, torch=torch, trainable=keywords.get("requires_grad") is True)


def _range_ends(plain: list[Any], options: dict[str, Any]) -> tuple[Any, Any, Any]:
    if len(plain) == 1:
        plain = [0, *plain]
    ends = dict(zip(("start", "stop", "step"), plain, strict=False)) | options
    return ends.get("start", 0), ends.get("stop", 0), ends.get("step", 1)


def _class_indices(reader: Reader, name: str, torch: bool, args: list[Any], keywords: dict[str, Any]) -> Any:
    made = _array(reader, name, torch, args, keywords)
    binding = reader.bindings[made.name]
    if binding.value is not None:
        binding.value = np.asarray(binding.value).astype(np.int64)
    return made


MAKERS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(
        (
            "array",
            "asarray",
            "asfarray",
            "atleast_1d_",
            "tensor",
            "as_tensor",
            "from_numpy",
            "Tensor",
            "FloatTensor",
            "DoubleTensor",
            "Parameter",
            "Variable",
        ),
        _array,
    ),
    "LongTensor": _class_indices,
    **dict.fromkeys(("zeros", "zeros_like"), _constant_array(0.0)),
    **dict.fromkeys(("ones", "ones_like"), _constant_array(1.0)),
    **dict.fromkeys(("full", "full_like"), _constant_array(None)),
    **dict.fromkeys(("arange", "linspace", "eye", "identity"), _plain_array),
}

TORCH_RANDOM = {"randn", "rand", "randn_like", "rand_like", "normal", "randint", "empty"}


def random_array(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any], torch: bool) -> Any:
    """Read random arrays: shapes only, or values drawn from the seed the caller gave."""
    if name in ("default_rng", "RandomState", "Generator"):
        return RandomSource()
    trainable = keywords.get("requires_grad") is True
    plain = [a for a in args if not hasattr(a, "path")]
    low: Any = 0
    high: Any = 1
    kind = "normal"
    if name in ("randn", "rand", "empty") and (plain or not keywords):
        shape = _sizes(reader, plain) if plain else ()
        kind = "uniform" if name == "rand" else "normal"
    elif name in ("randn_like", "rand_like"):
        shape = reader.form(plain[0]).shape
        kind = "uniform" if name == "rand_like" else "normal"
    elif name in ("standard_normal", "random", "random_sample", "ranf", "randn", "rand"):
        given = plain[0] if plain else keywords.get("size")
        shape = () if given is None else _sizes(reader, [given])
        kind = "normal" if name in ("standard_normal", "randn") else "uniform"
    elif name in ("normal", "uniform", "randint", "integers"):
        options = dict(zip(("low", "high", "size"), plain, strict=False))
        options |= {
            {"loc": "low", "mean": "low", "scale": "high", "std": "high"}.get(k, k): v for k, v in keywords.items()
        }
        shape = () if options.get("size") is None else _sizes(reader, [options["size"]])
        low, high = options.get("low", 0), options.get("high", 1 if name in ("normal", "uniform") else None)
        if name in ("randint", "integers"):
            kind = "integer"
            low, high = (0, low) if high is None else (low, high)
        else:
            kind = name
    else:
        raise ReadError(f"the random function {name} is not known", reader.line)
    return drawn(reader, kind, low, high, shape, torch, trainable)


def drawn(reader: Reader, kind: str, low: Any, high: Any, shape: Any, torch: bool, trainable: bool) -> Form:
    """Return an array of random numbers: its shape alone, or values where the caller gave a seed."""
    value = None
    if reader.generator is not None and all(isinstance(s, int) for s in shape):
        generator = reader.generator
        a, b = reader.constant(low), reader.constant(high)
        if kind == "normal":
            value = a + b * generator.standard_normal(shape)
        elif kind == "uniform":
            value = a + (b - a) * generator.random(shape)
        else:
            value = generator.integers(a, b, shape)
    made = reader.literal(value, shape=shape, torch=torch, trainable=trainable)
    return made


def batches(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Read TensorDataset as its arrays, and DataLoader as its first batch: the first rows of them."""
    if name == "TensorDataset":
        return tuple(reader.form(a) for a in args)
    given = args[0] if args else keywords.get("dataset")
    if not isinstance(given, tuple) or not given:
        raise ReadError("a DataLoader is read over a TensorDataset", reader.line)
    width = reader.integer(args[1] if len(args) > 1 else keywords.get("batch_size", 1), "batch_size")
    if keywords.get("shuffle") is True:
        reader.notes.append(
            f"the loader of line {reader.line} shuffles; its first batch is read as the first {width} rows"
        )
    parts = [
        a if not isinstance(a.shape[0], int) or a.shape[0] <= width else forms.get(a, slice(0, width)) for a in given
    ]
    return Rows([tuple(parts)])


def short_items(reader: Reader, items: Any) -> Any:
    """Return what a loop over ``items`` runs over, where it is not too long."""
    found = reader.items_of(items)
    if len(found) > LARGEST_LIST:
        raise ReadError(f"a list of {len(found)} entries is too long", reader.line)
    return found
