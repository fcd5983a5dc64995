"""PyTorch's random functions, its fillings of arrays, and what its layers start from.

Numbers are drawn by PyTorch itself where the text seeds it and it is installed; shapes are told without it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError, nearest
from symback.core.forms import Apply, Broadcast, Expand, Form, Get, Name, Shape, Transpose, walk
from symback.library.limits import LARGEST_ARRAY
from symback.library.making import sizes_of
from symback.library.values import Library
from symback.readers import torch_draws
from symback.readers.asking import Reader
from symback.readers.drawn_values import (
    Unknown,
    attempt,
    bound,
    check_alone,
    foreign,
    is_known,
    plain,
    small,
    used,
)
from symback.readers.slots import leaf_name
from symback.readers.streams import TORCH, Stream
from symback.readers.values import Instance

_TYPED = " * generator=None out=None dtype=None layout=None device=None requires_grad=False pin_memory=False"
_LIKE = " * generator=None dtype=None layout=None device=None requires_grad=False memory_format=None"

FUNCTIONS = {
    "randn": "size=()" + _TYPED,
    "rand": "size=()" + _TYPED,
    "empty": "size=()" + _TYPED + " memory_format=None",
    "randint": "low= high= size=" + _TYPED,
    "randperm": "n" + _TYPED,
    "normal": "mean=0 std=1 size=None" + _TYPED,
    "randn_like": "input" + _LIKE,
    "rand_like": "input" + _LIKE,
    "randint_like": "input low= high=" + _LIKE,
    "bernoulli": "input p=None * generator=None out=None",
    "poisson": "input generator=None",
    "multinomial": "input num_samples replacement=False * generator=None out=None",
}
"""Functions that draw, by PyTorch's signatures; ``empty`` has numbers that no code knows."""

FILLINGS = {
    "normal_": "mean=0 std=1 * generator=None",
    "uniform_": "from=0 to=1 * generator=None",
    "random_": "from= to= * generator=None",
    "exponential_": "lambd=1 * generator=None",
    "bernoulli_": "p=0.5 * generator=None",
    "cauchy_": "median=0 sigma=1 * generator=None",
    "geometric_": "p * generator=None",
    "log_normal_": "mean=1 std=2 * generator=None",
}
"""Methods that fill an array at random."""

INITS = {
    "normal_": "mean=0 std=1 generator=None",
    "uniform_": "a=0 b=1 generator=None",
    "trunc_normal_": "mean=0 std=1 a=-2 b=2 generator=None",
    "xavier_uniform_": "gain=1 generator=None",
    "xavier_normal_": "gain=1 generator=None",
    "kaiming_uniform_": "a=0 mode='fan_in' nonlinearity='leaky_relu' generator=None",
    "kaiming_normal_": "a=0 mode='fan_in' nonlinearity='leaky_relu' generator=None",
    "orthogonal_": "gain=1 generator=None",
    "sparse_": "sparsity std=0.01 generator=None",
    "constant_": "val",
    "zeros_": "",
    "ones_": "",
    "eye_": "",
    "dirac_": "groups=1",
}
"""Functions of ``torch.nn.init`` after their array."""

_SAME = ("layout", "pin_memory", "memory_format")
_NOTHING = (
    "torch.cuda.manual_seed",
    "torch.cuda.manual_seed_all",
    "torch.mps.manual_seed",
    "torch.xpu.manual_seed",
    "torch.xpu.manual_seed_all",
)
"""Functions that change no number drawn on the processor."""

STATE = (
    "torch.manual_seed",
    "torch.random.manual_seed",
    "torch.default_generator.manual_seed",
    "torch.seed",
    "torch.random.seed",
    "torch.Generator",
    "torch.set_default_dtype",
    "torch.set_default_tensor_type",
    "torch.nn.init.calculate_gain",
    *_NOTHING,
)
"""Functions that change or make a generator, or the type of what is drawn."""


def is_random(path: str) -> bool:
    """Return whether a function of PyTorch draws, seeds, or fills."""
    module, _, name = path.rpartition(".")
    return (
        path in STATE
        or (module == "torch" and name in FUNCTIONS)
        or module == "torch.random"
        or (module == "torch.nn.init")
    )


def call(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a function of PyTorch that draws, seeds or fills."""
    module, _, name = path.rpartition(".")
    if path in STATE:
        return _of_state(reader, path, args, keywords)
    if module == "torch.nn.init":
        if not args and "tensor" not in keywords:
            raise ReadError(f"nn.init.{name} needs its tensor", reader.line)
        array = reader.form(args[0] if args else keywords["tensor"])
        rest = {k: v for k, v in keywords.items() if args or k != "tensor"}
        return filled(reader, f"init.{name}", array, list(args[1:]), rest)
    if name not in FUNCTIONS:
        raise ReadError(f"the random function {path} is not known{nearest(name, FUNCTIONS)}", reader.line)
    return _drawn(reader, name, args, keywords)


def method(reader: Reader, stream: Stream, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a method of ``torch.Generator()``."""
    if name == "manual_seed":
        return seed(reader, stream, args, keywords)
    if name == "seed" and not args and not keywords:
        stream.seed(None)
        return reader.literal(None, shape=())
    raise ReadError(f"the method {name} of a torch.Generator cannot be read", reader.line)


def seed(reader: Reader, stream: Stream, args: list[Any], keywords: dict[str, Any]) -> Stream:
    """Seed a generator of PyTorch, which is given back."""
    check_alone(reader)
    given = plain(reader, bound(reader, "torch.manual_seed", "seed", args, keywords)["seed"])
    if not isinstance(given, int) or isinstance(given, bool):
        stream.seed(None, f"the seed on line {reader.line} is not known")
        return stream
    state = attempt(reader, "torch.manual_seed", lambda: torch_draws.seeded(given))
    stream.seed(state, "" if state is not None else torch_draws.NOT_INSTALLED)
    return stream


def _of_state(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    draws, name = reader.draws, path.rpartition(".")[2]
    if path in _NOTHING:
        return None
    if name == "manual_seed":
        return seed(reader, draws.torch, args, keywords)
    if name == "seed":
        draws.torch.seed(None)
        return reader.literal(None, shape=())
    if name == "Generator":
        bound(reader, "torch.Generator", "device=None", args, keywords)
        # a generator that no one seeds has one seed of its own, which PyTorch fixes
        state = torch_draws.seeded(_UNSEEDED)
        return draws.new(TORCH, state, "" if state is not None else torch_draws.NOT_INSTALLED)
    if name == "calculate_gain":
        return _gain(reader, args, keywords)
    given = args[0] if len(args) == 1 and not keywords else None
    label = given.path.rpartition(".")[2] if isinstance(given, Library) else ""
    if label not in _PRECISIONS:
        raise ReadError(f"{path} is read for types of real numbers", reader.line)
    draws.precision = _PRECISIONS[label]
    return None


_UNSEEDED = 67280421310721
"""The seed of a new ``torch.Generator()``: ``default_rng_seed_val`` of c10/core/GeneratorImpl.h."""

_PRECISIONS = {
    "float32": "float32",
    "float": "float32",
    "FloatTensor": "float32",
    "float64": "float64",
    "double": "float64",
    "DoubleTensor": "float64",
    "float16": "float16",
    "half": "float16",
    "bfloat16": "bfloat16",
}

_GAINS = {"tanh": 5 / 3, "relu": math.sqrt(2.0), "selu": 3 / 4}
_LINEAR = ("linear", "sigmoid", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)))


def _gain(reader: Reader, args: list[Any], keywords: dict[str, Any]) -> float:
    """Return ``nn.init.calculate_gain``; torch/nn/init.py."""
    given = bound(reader, "nn.init.calculate_gain", "nonlinearity param=None", args, keywords)
    name, slope = given["nonlinearity"], plain(reader, given.get("param"))
    if name == "leaky_relu" and (slope is None or isinstance(slope, (int, float))):
        return math.sqrt(2.0 / (1 + (0.01 if slope is None else slope) ** 2))
    if name in _GAINS or name in _LINEAR:
        return _GAINS.get(name, 1.0)
    raise ReadError(f"nn.init.calculate_gain does not know {name!r}", reader.line)


# --- drawing -----------------------------------------------------------------------------------------------------------


def _drawn(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Return what a function draws."""
    what = f"torch.{name}"
    if name in ("randn", "rand", "empty") and args:
        keywords, args = {"size": args[0] if len(args) == 1 else tuple(args), **keywords}, []
    elif name == "randint" and len(args) + ("size" in keywords) + ("high" in keywords) == 2 and "low" not in keywords:
        args = [0, *args]  # torch.randint(high, size)
    elif name == "randint_like" and len(args) + ("high" in keywords) == 2 and "low" not in keywords:
        args = [args[0], 0, *args[1:]]
    given = bound(reader, what, FUNCTIONS[name], args, keywords)
    if given.get("out") is not None:
        raise ReadError(f"{what} with out= cannot be read", reader.line)
    stream = _stream(reader, what, given)
    shape, values = _shape_of(reader, name, given)
    trainable = given.get("requires_grad") is True
    small(reader, what, shape)
    if name == "empty":
        value = (
            reader.draws.spare.standard_normal(shape) if reader.draws.spare is not None and _is_fixed(shape) else None
        )
        return reader.literal(value, shape=shape, torch=True, trainable=trainable, random=True)
    used(reader, stream)
    type_ = _type(reader, what, given)
    problem = _problem(reader, name, given, values, shape)
    if problem:
        stream.lose(f"{problem} on line {reader.line}")
    elsewhere = "another device has a generator of its own" if _elsewhere(given) else ""
    if stream.state is None or elsewhere or problem:
        foreign(reader, stream, elsewhere)
        value = _spare_numbers(reader, name, values, shape)
    else:
        path, positional, more = _real(name, values, shape)
        value = attempt(
            reader,
            what,
            lambda: torch_draws.called(stream.state, reader.draws.precision, path, positional, more, type_),
        )
        shape = value.shape
    return reader.literal(value, shape=shape, torch=True, trainable=trainable, random=True)


def _stream(reader: Reader, what: str, given: dict[str, Any]) -> Stream:
    own = given.pop("generator", None)
    if own is None:
        return reader.draws.torch
    if not isinstance(own, Stream) or own.kind != TORCH:
        raise ReadError(f"{what}: generator= has to be a torch.Generator", reader.line)
    return own


def _is_fixed(shape: Shape) -> bool:
    return all(isinstance(s, int) for s in shape)


def _elsewhere(given: Mapping[str, Any]) -> bool:
    """Return whether numbers are drawn on another device, by a generator of its own."""
    device = given.get("device")
    return isinstance(device, str) and not device.startswith("cpu")


def _type(reader: Reader, what: str, given: Mapping[str, Any]) -> str | None:
    type_ = given.get("dtype")
    if not isinstance(type_, Library):
        return None
    label = type_.path.rpartition(".")[2]
    whole = {
        "long": "int64",
        "int64": "int64",
        "int": "int32",
        "int32": "int32",
        "int16": "int16",
        "int8": "int8",
        "uint8": "uint8",
    }
    found = _PRECISIONS.get(label) or whole.get(label)
    if found is None:
        raise ReadError(f"{what} with dtype={label} cannot be read", reader.line)
    return found


def _shape_of(reader: Reader, name: str, given: Mapping[str, Any]) -> tuple[Shape, dict[str, Any]]:
    """Return the shape of what is drawn, and the numbers that say how."""
    labels = ("low", "high", "mean", "std", "n", "p", "num_samples", "replacement")
    values = {k: plain(reader, given[k]) for k in labels if k in given}
    if name == "randint_like" or name == "randint":
        for needed in ("high",) if name == "randint_like" else ("high", "size"):
            if needed not in given:
                raise ReadError(f"torch.{name} needs {needed}", reader.line)
    if name == "randperm":
        if not isinstance(values["n"], int):
            raise ReadError("torch.randperm needs a whole number known from the code", reader.line)
        return (values["n"],), values
    if "input" in given:
        form = reader.form(given["input"])
        if name in ("bernoulli", "poisson", "multinomial"):
            values["input"] = plain(reader, form)
            values["input"] = np.asarray(values["input"]) if is_known(values["input"]) else values["input"]
        if name == "multinomial":
            return (*form.shape[:-1], reader.integer(given["num_samples"], "num_samples")), values
        return form.shape, values
    if name == "normal" and given.get("size") is None:
        found = [
            v.shape if isinstance(v, Unknown) else np.shape(v) for v in (values.get("mean", 0), values.get("std", 1))
        ]
        return attempt(reader, "torch.normal", lambda: np.broadcast_shapes(*found)), values
    return tuple(sizes_of(reader, [given.get("size", ())])), values


def _problem(reader: Reader, name: str, given: Mapping[str, Any], values: Mapping[str, Any], shape: Shape) -> str:
    """Return why PyTorch's own draw is not known, empty where it is."""
    if not _is_fixed(shape):
        return "an array of symbolic size is drawn"
    if not all(map(is_known, values.values())):
        return f"torch.{name} draws by numbers that are not known"
    if name.endswith("_like"):
        if reader.draws.mixed and not isinstance(given.get("dtype"), Library):
            return f"the type of the array that torch.{name} takes after is not known"
        if not lies_in_order(reader, reader.form(given["input"])):
            return f"the order in memory of the array that torch.{name} takes after is not known"
    return ""


def lies_in_order(reader: Reader, form: Form) -> bool:
    """Return whether an array surely lies in memory row by row, as a new one does."""
    seen: set[Form] = set()
    pending = [form]
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, Name):
            binding = reader.bindings[node.name]
            pending += [] if binding.form is None else [binding.form]
        elif isinstance(node, (Transpose, Get, Expand, Broadcast)) and node.ndim > 1:
            return False
        elif isinstance(node, Apply):
            pending += [a for a in node.args if a.ndim == node.ndim]
    return True


def _real(name: str, values: dict[str, Any], shape: Shape) -> tuple[str, list[Any], dict[str, Any]]:
    """Return the call of PyTorch that draws the same: an array is only needed where its numbers are."""
    if name in ("randn", "rand", "randn_like", "rand_like"):
        return name.removesuffix("_like"), [tuple(shape)], {}
    if name in ("randint", "randint_like"):
        return "randint", [values.get("low", 0), values["high"], tuple(shape)], {}
    if name == "randperm":
        return name, [values["n"]], {}
    if name == "normal":
        mean, std = values.get("mean", 0), values.get("std", 1)
        if np.ndim(mean) or np.ndim(std):
            return name, [mean, std], {}
        return name, [float(mean), float(std), tuple(shape)], {}
    more = {k: v for k, v in values.items() if k != "input" and v is not None}
    return name, [values["input"]], more


def _spare_numbers(reader: Reader, name: str, values: Mapping[str, Any], shape: Shape) -> Any:
    """Return numbers of the kind by the caller's seed; None without one."""
    spare = reader.draws.spare
    if spare is None or not _is_fixed(shape):
        return None
    known = {k: v for k, v in values.items() if is_known(v) and v is not None}
    if name.startswith("randint"):
        return attempt(reader, f"torch.{name}", lambda: spare.integers(known.get("low", 0), known["high"], shape))
    if name == "randperm":
        return spare.permutation(known["n"])
    if name in ("rand", "rand_like"):
        return spare.random(shape)
    if name == "bernoulli":
        return (spare.random(shape) < known.get("p", known.get("input", 0.5))).astype(float)
    if name in ("poisson", "multinomial"):
        return None
    return known.get("mean", 0) + known.get("std", 1) * spare.standard_normal(shape)


# --- filling -----------------------------------------------------------------------------------------------------------


def filled(reader: Reader, name: str, array: Form, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Return an array after a method (``normal_``) or a function of ``nn.init`` (``init.normal_``) has filled it."""
    init = name.startswith("init.")
    label = name.removeprefix("init.")
    table, what = (INITS, f"nn.init.{label}") if init else (FILLINGS, f"the method {label}")
    if label not in table:
        raise ReadError(f"{what} is not known{nearest(label, table)}", reader.line)
    given = bound(reader, what, table[label], args, keywords)
    stream = _stream(reader, what, given)
    values = {k: plain(reader, v) for k, v in given.items()}
    trainable = any(reader.bindings[n.name].trainable for n in walk(array) if isinstance(n, Name))
    shape = array.shape
    if init and label in ("constant_", "zeros_", "ones_", "eye_", "dirac_"):
        value = _constant(reader, what, label, shape, values)
        return reader.literal(value, shape=shape, torch=True, trainable=trainable)
    used(reader, stream)
    if not _is_fixed(shape) or not all(map(is_known, values.values())):
        stream.lose(f"{what} draws by numbers that are not known on line {reader.line}")
    elif reader.draws.mixed or not lies_in_order(reader, array):
        stream.lose(f"the type, or the order in memory, of what {what} fills on line {reader.line} is not known")
    if stream.state is not None:
        size = tuple(int(s) for s in shape)
        positional, more = ([values.pop("from")], values) if "from" in values and not init else ([], values)
        value = attempt(
            reader,
            what,
            lambda: torch_draws.filled(stream.state, reader.draws.precision, name, size, positional, more),
        )
        return reader.literal(value, shape=shape, torch=True, trainable=trainable, random=True)
    foreign(reader, stream)
    value = _spare_filling(reader, label, values, shape)
    return reader.literal(value, shape=shape, torch=True, trainable=trainable, random=True)


def _spare_filling(reader: Reader, label: str, values: Mapping[str, Any], shape: Shape) -> Any:
    spare = reader.draws.spare
    if spare is None or not _is_fixed(shape):
        return None
    numbers = {k: v for k, v in values.items() if isinstance(v, (int, float))}
    if label == "uniform_":
        low, high = numbers.get("from", numbers.get("a", 0)), numbers.get("to", numbers.get("b", 1))
        return low + (high - low) * spare.random(shape)
    return numbers.get("mean", 0) + numbers.get("std", 1) * spare.standard_normal(shape)


def _constant(reader: Reader, what: str, label: str, shape: Shape, values: Mapping[str, Any]) -> Any:
    """Return what the functions of ``nn.init`` that draw nothing fill an array with."""
    if not _is_fixed(shape):
        raise ReadError(f"{what} needs an array whose shape is known", reader.line)
    if label in ("zeros_", "ones_"):
        return np.full(shape, 0.0 if label == "zeros_" else 1.0)
    if label == "constant_":
        if not isinstance(values["val"], (int, float)):
            raise ReadError(f"{what} needs a number known from the code", reader.line)
        return np.full(shape, float(values["val"]))
    if label == "eye_":
        if len(shape) != 2:
            raise ReadError(f"{what} is for matrices", reader.line)
        return np.eye(*shape)
    groups = values.get("groups", 1)
    if len(shape) not in (3, 4, 5) or not isinstance(groups, int) or shape[0] % groups:
        raise ReadError(f"{what} is for weights of convolutions", reader.line)
    made, per_group = np.zeros(shape), shape[0] // groups
    middle = tuple(s // 2 for s in shape[2:])
    for group in range(groups):
        for k in range(min(per_group, shape[1])):
            made[(group * per_group + k, k, *middle)] = 1.0
    return made


# --- layers ------------------------------------------------------------------------------------------------------------


def fill_layer(reader: Reader, made: Instance, options: Mapping[str, Any], keywords: Mapping[str, Any]) -> None:
    """Give a new layer of ``torch.nn`` the parameters that PyTorch draws for it."""
    stream, layer = reader.draws.torch, made.layer
    slots = {} if layer is None else layer.slots(options)
    if made.kind == INNER or all(filling is not None for _, filling in slots.values()):
        return
    used(reader, stream)
    count = sum(math.prod(shape) for shape, _ in slots.values())
    if count > LARGEST_ARRAY:
        stream.lose(f"nn.{made.kind} on line {reader.line} has {count} numbers, which are not drawn")
    elif _elsewhere(keywords):
        stream.lose(f"nn.{made.kind} on line {reader.line} is drawn on another device")
    if stream.state is None:
        foreign(reader, stream)
        return
    type_ = _type(reader, f"nn.{made.kind}", keywords)
    found = attempt(
        reader,
        f"nn.{made.kind}",
        lambda: torch_draws.layer(stream.state, type_ or reader.draws.precision, made.kind, options),
    )
    for place, array in found.items():
        *path, slot = place.split(".")
        holder: Any = made
        for part in path:
            holder = holder.attributes.get(part) if isinstance(holder, Instance) else None
        leaf = leaf_name(holder.attributes.get(slot)) if isinstance(holder, Instance) else None
        if leaf is not None:
            reader.bindings[leaf.name].value = array


INNER = "NonDynamicallyQuantizableLinear"
"""A layer inside another, whose parameters are drawn with those of the outer one."""


def noticed(reader: Reader, name: str, keywords: Mapping[str, Any]) -> None:
    """Remember that arrays of PyTorch may have a type that is not the usual one."""
    type_ = keywords.get("dtype")
    label = type_.path.rpartition(".")[2] if isinstance(type_, Library) else ""
    reader.draws.mixed |= name in ("from_numpy", "double", "half", "DoubleTensor") or (
        label in _PRECISIONS and _PRECISIONS[label] != reader.draws.precision
    )
