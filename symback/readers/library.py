"""NumPy, PyTorch and math as Forms: a table from the names code uses to what they mean.

Functions of ``symback.functions`` are found through their aliases; this module holds array operations, the making
of arrays, and the spelling of arguments (``dim`` and ``axis``, ``keepdim`` and ``keepdims``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from symback.core import forms
from symback.core.errors import NetworkError, ReadError, ShapeError, nearest
from symback.core.forms import Form, Function, Name, apply, filled, number, reduce_over, shape_text
from symback.functions import ALIASES, ROWS
from symback.readers import containers, modules, optimizers
from symback.readers.values import (
    Count,
    Counting,
    Definition,
    Instance,
    Library,
    Method,
    Prepared,
    RandomSource,
    Rows,
)

if TYPE_CHECKING:
    from symback.readers.tracer import Tracer

LARGEST_ARRAY = 10_000_000
"""Most entries of one array."""
LARGEST_STACK = 256
"""Most formulas in one array."""
LARGEST_LIST = 100_000
"""Most entries of one Python list."""

PREDEFINED = {
    "np": "numpy",
    "numpy": "numpy",
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "math": "math",
}
"""Modules a single cell uses without importing them."""

_SAME_MODULE = {
    "autograd.numpy": "numpy",
    "jax.numpy": "numpy",
    "cupy": "numpy",
    "cmath": "math",
    "scipy.special": "scipy.special",
}
_NUMPY_LIKE = (
    "numpy",
    "torch",
    "math",
    "torch.nn.functional",
    "scipy.special",
    "numpy.linalg",
    "torch.linalg",
    "torch.special",
    "builtins",
    "torch.nn.parameter",
    "torch.autograd",
)
_ENVIRONMENT = {
    "torch.cuda.is_available": False,
    "torch.backends.mps.is_available": False,
    "torch.cuda.device_count": 0,
    "torch.device": "cpu",
}
"""What code asks of the machine it runs on: nothing of it changes a formula."""
_IGNORED = {
    "dtype",
    "device",
    "requires_grad",
    "inplace",
    "copy",
    "order",
    "layout",
    "pin_memory",
    "non_blocking",
    "like",
    "subok",
    "ndmin",
    "memory_format",
    "casting",
    "generator",
    "endpoint",
}

CONSTANTS: dict[str, Any] = {
    **{f"{m}.pi": math.pi for m in ("numpy", "math", "torch")},
    **{f"{m}.e": math.e for m in ("numpy", "math", "torch")},
    **{f"{m}.inf": math.inf for m in ("numpy", "math", "torch")},
    "numpy.newaxis": None,
}


def module_path(name: str) -> str:
    """Return the canonical path of an imported module."""
    return _SAME_MODULE.get(name, name)


def written(path: str) -> str:
    """Return a path as people write it."""
    for full, short in (("torch.nn.functional.", "F."), ("torch.nn.", "nn."), ("numpy.", "np."), ("builtins.", "")):
        if path.startswith(full):
            return short + path[len(full) :]
    return path


def _row(path: str) -> Function | None:
    """Return the row of the tables that a path names."""
    module, _, name = path.rpartition(".")
    if module == "tables":
        return ROWS[name]
    if module == "builtins":
        return ALIASES.get(name)
    if module == "torch.nn":
        return _classes().get(name.lower())
    if module == "method":
        return _METHOD_ROWS.get(name)
    return ALIASES.get(path) or ALIASES.get(written(path)) or ALIASES.get("np." + name if module == "numpy" else path)


def _classes() -> dict[str, Function]:
    """Return the rows by the name of their class in torch.nn: ``BCEWithLogitsLoss`` is bce_with_logits.

    A class whose objects hold a weight is not its function.
    """
    found: dict[str, Function] = {}
    for name, row in ROWS.items():
        if "weight" in row.argument_names or "weight" in row.keywords:
            continue
        plain = name.replace("_", "")
        found[plain] = row
        found[plain + "loss"] = row
    return found


ACTIVATION_NAMES = {n for n, r in ROWS.items() if not r.elementary} | {
    a.rpartition(".")[2] for a, r in ALIASES.items() if not r.elementary
}
_METHOD_ROWS: dict[str, Function] = {
    a.rpartition(".")[2]: r for a, r in ALIASES.items() if a.startswith(("torch.", "np."))
}
_METHOD_ROWS |= {n: ROWS[n] for n in ("sigmoid", "tanh", "relu", "softmax", "log_softmax") if n in ROWS}


def bare(name: str, starred: set[str]) -> str | None:
    """Return the path a bare name stands for: a builtin, a starred import, or a row of the tables."""
    for module in sorted(starred):
        path = f"{module}.{name}"
        if _row(path) is not None or name in FUNCTIONS or name in MAKERS:
            return path
    if name in BUILTINS:
        return f"builtins.{name}"
    if name in ROWS:
        return f"tables.{name}"
    return None


# --- arguments --------------------------------------------------------------------------------------------------------


def _axes(reader: Tracer, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, (tuple, list)):
        return tuple(reader.integer(v, "an axis") for v in value)
    return reader.integer(value, "an axis")


def _sizes(reader: Tracer, values: Sequence[Any]) -> tuple[Any, ...]:
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


def _spelled(keywords: dict[str, Any]) -> dict[str, Any]:
    """Return keywords in NumPy's spelling, without those that change no number."""
    names = {"dim": "axis", "keepdim": "keepdims", "dims": "axes"}
    return {names.get(k, k): v for k, v in keywords.items() if k not in _IGNORED}


def _is_integer_type(value: Any) -> bool:
    path = getattr(value, "path", "")
    return path.rpartition(".")[2] in ("long", "int64", "int32", "int", "int8", "int16", "uint8", "LongTensor", "intp")


# --- calls ------------------------------------------------------------------------------------------------------------


def call(reader: Tracer, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of calling the library function ``path``."""
    module, _, name = path.rpartition(".")
    if module in ("torch.nn", "torch.nn.modules") and modules.is_layer(name):
        return modules.make_layer(reader, name, args, keywords)
    if path in _ENVIRONMENT:
        return _ENVIRONMENT[path]
    if path == "collections.OrderedDict":
        return dict(reader.items_of(v) for v in reader.items_of(args[0])) if args else {}
    if module == "object":
        return None
    if module.startswith("torch.utils.data") and name in ("TensorDataset", "DataLoader"):
        return _batches(reader, name, args, keywords)
    row = _row(path)
    weighted = row is not None and "weight" in (*row.argument_names, *row.keywords, *row.parameters)
    if "out" in keywords or ("weight" in keywords and module.startswith("torch") and not weighted):
        raise ReadError(f"{written(path)} with out= or weight= cannot be read", reader.line)
    if (module == "builtins" or module.split(".")[0] == "tqdm") and name in BUILTINS:
        special = BUILTINS[name]
        if special is not None:
            return special(reader, *args, **keywords)
    if module in ("numpy.random", "torch.random") or (module == "torch" and name in _TORCH_RANDOM):
        return _random(reader, name, args, keywords, torch=module.startswith("torch"))
    if optimizers.is_optimizer(path):
        return optimizers.read_optimizer(reader, name, args, keywords)
    if optimizers.is_schedule(path):
        return optimizers.read_schedule(reader, name, args, keywords)
    if optimizers.is_clipping(path):
        optimizers.read_clipping(reader, path, args, keywords)
        raise ReadError("the norm of the gradients is not part of a forward pass", reader.line)
    if name in MAKERS and module in ("numpy", "torch", "torch.nn", "torch.nn.parameter", "torch.autograd"):
        return MAKERS[name](reader, name, module.startswith("torch"), args, keywords)
    if module == "torch.nn" and name.lower() in _classes():
        return Prepared(path=f"tables.{_classes()[name.lower()].name}", keywords=_prepared(name, args, keywords))
    if row is not None:
        return _call_row(reader, row, args, keywords)
    if name == "pad" and module == "torch.nn.functional":
        return _torch_pad(reader, *args, **keywords)
    if name in FUNCTIONS and module in _NUMPY_LIKE:
        return FUNCTIONS[name](reader, *args, **_spelled(keywords))
    if module.split(".")[0] in ("sympy", "symback"):
        raise ReadError(
            f"{written(path)} builds its network by running, and code is only read here; run the file, and write the page "
            f"from it: sb.derive(net).handout().save('lesson.html')",
            reader.line,
        )
    known = {written(f"numpy.{n}") for n in FUNCTIONS} | {a for a in ALIASES if a.count(".") == 1} | set(ROWS)
    raise ReadError(f"the function {written(path)} is not known{nearest(written(path), known)}", reader.line)


def prepared_class(reader: Tracer, name: str, held: dict[str, Any]) -> Prepared:
    """Return a live object of ``torch.nn`` that is a row of the tables, with the options it holds."""
    row = _classes().get(name.lower())
    if row is None:
        raise ReadError(f"nn.{name} is not known{nearest(name, modules.LAYERS)}")
    known = {*row.parameters, *row.argument_names, *row.keywords, *_ALIASES}
    options = {k: v for k, v in held.items() if k in known and not isinstance(v, dict) and v is not None}
    for label, usual in (
        ("return_indices", False),
        ("label_smoothing", 0.0),
        ("ignore_index", -100),
        ("beta", 1),
        ("threshold", 20),
    ):
        if held.get(label, usual) != usual and label not in known:
            raise ReadError(f"nn.{name} with {label}={held[label]} cannot be read")
    if options.get("ignore_index") == -100:  # what every such object holds
        del options["ignore_index"]
    for label, buffer in held.get("_buffers", {}).items():
        if buffer is not None and label not in row.parameters:
            raise ReadError(f"nn.{name} with a {label} cannot be read")
        if buffer is not None:
            options[label] = reader.literal(np.asarray(buffer.detach()), torch=True)
    return Prepared(f"tables.{row.name}", options)


def _prepared(name: str, args: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    if args:
        row = _classes()[name.lower()]
        first = {"Softmax": "dim", "LogSoftmax": "dim", "LeakyReLU": "negative_slope"}.get(name)
        pools = "Pool" in name or name == "Flatten"
        labels = [first] if first else list(row.parameters) if pools else []
        if row.inline and row.signature:
            labels = list(row.signature[row.arguments :])
        elif not labels and "reduction" not in row.parameters:
            labels = [*row.argument_names[1:], *row.parameters]
        if len(args) > len(labels) and isinstance(args[-1], bool):
            args = args[:-1]  # inplace
        if len(args) > len(labels):
            raise ReadError(f"nn.{name} takes its options by name")
        return {**dict(zip(labels, args, strict=False)), **keywords}
    return dict(keywords)


def call_method(reader: Tracer, value: Any, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of calling a method of an array, a list, a dictionary or a source of random numbers."""
    if isinstance(value, RandomSource):
        return _random(reader, name, args, keywords, torch=False)
    if isinstance(value, Prepared):
        if name in ("to", "cuda", "cpu", "train", "eval", "double", "float"):
            return value
        if name == "forward":
            return reader.call(value, args, keywords)
        raise ReadError(f"the method {name} of {written(value.path)} cannot be read", reader.line)
    if isinstance(value, (list, dict)):
        return containers.call(reader, value, name, args, keywords)
    if not isinstance(value, Form):
        raise ReadError(f"the method {name} cannot be read here", reader.line)
    if name == "size" and args:
        return reader.shape_value(value)[reader.integer(args[0], "an axis")]
    if name in _ARRAY_METHODS:
        return _ARRAY_METHODS[name](reader, value, args, _spelled(keywords))
    if name in FUNCTIONS:
        return FUNCTIONS[name](reader, value, *args, **_spelled(keywords))
    row = _METHOD_ROWS.get(name)
    if row is None:
        raise ReadError(f"the method {name} is not known{nearest(name, METHODS)}", reader.line)
    return _call_row(reader, row, [value, *args], keywords)


_ALIASES = {
    "dim": "axis",
    "keepdim": "keepdims",
    "negative_slope": "alpha",
    "min": "low",
    "max": "high",
    "a_min": "low",
    "a_max": "high",
}
"""What PyTorch calls an option, and what the tables call it."""


_WEIGHTS = ("weight", "pos_weight")
"""Options of losses that are arrays."""


_IGNORED_CLASS = -100
"""The class index that PyTorch leaves out of a loss unless told otherwise; a formula speaks of it where the data have it.
https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"""


def _call_row(reader: Tracer, row: Function, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Apply a row of the tables to arguments spelled as NumPy or PyTorch spell them."""
    aliases = {**_ALIASES, **row.keywords, "input": row.argument_names[0], "other": row.argument_names[-1]}
    given: dict[str, Any] = {}
    for key, value in keywords.items():
        label = key if key in row.parameters else aliases.get(key, key)
        if key in _IGNORED:
            continue
        given[label] = value
    names = [*row.argument_names]
    order = row.signature or (*names[: row.arguments], *row.parameters)
    if len(args) > len(order):
        raise ReadError(f"{row.name} takes {row.arguments} argument(s), {len(args)} given", reader.line)
    twice = [label for label, _ in zip(order, args, strict=False) if label in given]
    if twice:
        raise ReadError(f"{row.name} is given {twice[0]} twice", reader.line)
    given.update(zip(order, args, strict=False))
    operands: list[Any] = []
    optional = row.arguments - sum(default is None for default in row.defaults)
    for position, label in enumerate(names[: row.arguments]):
        if label in given:
            operands.append(given.pop(label))
        elif row.name == "clip" or position >= optional:
            operands.append(None)
    if "reduction" in row.parameters:
        _put_reduction(reader, given)
    unknown = [k for k, v in given.items() if k not in names and k not in row.parameters and v is not None]
    if unknown:
        hint = nearest(unknown[0], [*row.parameters, *names])
        raise ReadError(f"{row.name} has no parameter {', '.join(unknown)}{hint}", reader.line)
    parameters = {
        k: reader.form(v) if k in _WEIGHTS and v is not None else _parameter(reader, k, v)
        for k, v in given.items()
        if k not in names
    }
    left_over = [k for k in given if k in names]
    if left_over:
        raise ReadError(f"{row.name} is given {left_over[0]} twice", reader.line)
    if row.name == "clip" and None in operands:
        return _one_sided(reader, operands)
    built = [None if v is None and k >= optional else reader.form(v) for k, v in enumerate(operands)]
    if (
        row.name in ("cross_entropy", "bce_with_logits", "multilabel_soft_margin", "nll", "kl_div")
        and built
        and (built[0] is not None)
    ):
        reader.logits.append((reader.line, built[0], row.name))
    if (
        row.name in ("softmax", "log_softmax")
        and built[0] is not None
        and built[0].ndim == 3
        and "axis" not in parameters
        and (reader.is_torch(built[0]))
    ):
        raise ReadError(f"{row.name} of an array with three axes needs dim=", reader.line)
    if parameters.get("ignore_index") is None and "ignore_index" in row.parameters and built[-1] is not None:
        indices = reader.known(built[-1])
        if indices is not None and np.any(np.asarray(indices) == _IGNORED_CLASS):
            parameters["ignore_index"] = _IGNORED_CLASS
    if row.name == "prelu" and built[0] is not None and built[1] is not None:
        built[1] = modules.per_channel(built[1], built[0])
    try:
        made = (
            row(**dict(zip(names, built, strict=False)), **parameters) if row.signature else row(*built, **parameters)
        )
    except NetworkError as error:
        raise ReadError(str(error), reader.line) from None
    plain, required = forms.without_requirements(made)
    if required:
        reader.requirements.append((plain, required))
    return plain


def _put_reduction(reader: Tracer, given: dict[str, Any]) -> None:
    """Write PyTorch's two old options of a loss as its reduction."""
    old = {k: given.pop(k) for k in ("size_average", "reduce") if k in given}
    chosen = {k: reader.constant(v) for k, v in old.items() if v is not None}
    if chosen:
        mean, one = bool(chosen.get("size_average", True)), bool(chosen.get("reduce", True))
        given["reduction"] = "none" if not one else "mean" if mean else "sum"


def _one_sided(reader: Tracer, operands: list[Any]) -> Form:
    x, low, high = operands
    if low is not None and high is None:
        return ROWS["maximum"](reader.form(x), reader.form(low))
    if high is not None and low is None:
        return ROWS["minimum"](reader.form(x), reader.form(high))
    raise ReadError("clip needs a bound", reader.line)


def _parameter(reader: Tracer, name: str, value: Any) -> Any:
    if name == "axis":
        return reader.integer(value, "an axis")
    if name == "keepdims":
        return bool(value)
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, (tuple, list)):
        return tuple(_parameter(reader, name, v) for v in value)
    found = reader.constant(value)
    if isinstance(found, (bool, int, float)):
        return found
    if found is None or not hasattr(found, "numerator"):
        raise ReadError(f"{name} has to be known from the code", reader.line)
    return float(found)


# --- array operations -------------------------------------------------------------------------------------------------


def _entrywise(op: str) -> Callable[..., Any]:
    plain = getattr(math, op)

    def build(reader: Tracer, x: Any) -> Any:
        if isinstance(x, (int, float)) and not isinstance(x, Form):
            try:
                return plain(x)
            except (ValueError, OverflowError) as error:
                raise ReadError(f"{op}({x}): {error}", reader.line) from None
        return apply(op, reader.form(x))

    return build


def _formula(compute: Callable[..., Any]) -> Callable[..., Any]:
    def build(reader: Tracer, *args: Any, **keywords: Any) -> Form:
        labels = {"input": 0, "other": 1, "x1": 0, "x2": 1, "exponent": 1}
        given = list(args) + [None] * (len(keywords))
        for key, value in keywords.items():
            if key not in labels:
                raise ReadError(f"the option {key}= cannot be read here", reader.line)
            given[labels[key]] = value
        result: Form = compute(*(reader.form(a) for a in given))
        return result

    return build


def _exp(x: Form) -> Form:
    return apply("exp", x)


def _log(x: Form) -> Form:
    return apply("log", x)


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
    return ROWS["softplus"](a) if b is number(0) else _log(_exp(a) + _exp(b))


def _reduction(kind: str) -> Callable[..., Any]:
    def build(reader: Tracer, x: Any, axis: Any = None, keepdims: Any = False, *more: Any, **extra: Any) -> Any:
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


def _reduce_list(reader: Tracer, kind: str, items: Sequence[Any]) -> Form:
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


def _variance(reader: Tracer, x: Any, axis: Any = None, keepdims: Any = False, **extra: Any) -> Form:
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


def _deviation(reader: Tracer, x: Any, axis: Any = None, keepdims: Any = False, **extra: Any) -> Form:
    return apply("sqrt", _variance(reader, x, axis, keepdims, **extra))


def _norm(reader: Tracer, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, **extra: Any) -> Form:
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


def _transpose(reader: Tracer, x: Any, *axes: Any, **extra: Any) -> Form:
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


def _swapaxes(reader: Tracer, x: Any, a: Any, b: Any) -> Form:
    return swapped(reader.form(x), reader.integer(a, "an axis"), reader.integer(b, "an axis"))


def _permute(reader: Tracer, x: Any, *axes: Any) -> Form:
    given = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes
    return forms.transpose(reader.form(x), [reader.integer(a, "an axis") for a in given])


def _expand_dims(reader: Tracer, x: Any, axis: Any) -> Form:
    form = reader.form(x)
    at = reader.integer(axis, "an axis")
    return forms.expand(form, [at % (form.ndim + 1)])


def _squeeze(reader: Tracer, x: Any, axis: Any = None) -> Form:
    form = reader.form(x)
    axes = _axes(reader, axis)
    chosen = (
        range(form.ndim) if axes is None else [k % form.ndim for k in (axes if isinstance(axes, tuple) else (axes,))]
    )
    gone = {k for k in chosen if form.shape[k] == 1}
    if not gone:
        return form
    return forms.get(form, tuple(0 if k in gone else slice(None) for k in range(form.ndim)))


def _reshape(reader: Tracer, x: Any, *shape: Any, **extra: Any) -> Form:
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


def _flatten(reader: Tracer, x: Any, *args: Any, **extra: Any) -> Form:
    form = reader.form(x)
    given = dict(zip(("start_dim", "end_dim"), args, strict=False)) | extra
    if not set(given) <= {"start_dim", "end_dim"}:
        raise ReadError("this flatten cannot be read", reader.line)
    first, last = (reader.integer(given.get(k, d), "an axis") for k, d in (("start_dim", 0), ("end_dim", -1)))
    if not (-form.ndim <= first < form.ndim and -form.ndim <= last < form.ndim):
        raise ReadError(f"flatten of axes {first} to {last}: {form} has {form.ndim} axes", reader.line)
    first, last = first % form.ndim, last % form.ndim
    return form if first >= last else reshaped(form, [*form.shape[:first], -1, *form.shape[last + 1 :]])


def _split(reader: Tracer, x: Any, parts: Any = None, axis: Any = 0, **extra: Any) -> tuple[Form, ...]:
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


def _chunk(reader: Tracer, x: Any, chunks: Any, axis: Any = 0) -> tuple[Form, ...]:
    form = reader.form(x)
    at, count = reader.integer(axis, "an axis"), reader.integer(chunks, "a number of chunks")
    length = _length_of(reader, form, at)
    if count < 1:
        raise ReadError(f"{count} chunks cannot be made", reader.line)
    width = -(-length // count)
    return _between(form, at, [min(k, length) for k in range(width, length + width, width)])


def _unbind(reader: Tracer, x: Any, axis: Any = 0) -> tuple[Form, ...]:
    form = reader.form(x)
    at = reader.integer(axis, "an axis")
    length = _length_of(reader, form, at)
    before = (slice(None),) * (at % form.ndim)
    return tuple(forms.get(form, (*before, k)) for k in range(length))


def _length_of(reader: Tracer, form: Form, axis: int) -> int:
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

    def build(reader: Tracer, x: Any, k: Any = 0, **extra: Any) -> Form:
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


def _masked_fill(reader: Tracer, x: Any, mask: Any, value: Any) -> Form:
    return forms.where(as_condition(reader.form(mask)), reader.form(value), reader.form(x))


def _dropout(reader: Tracer, x: Any, p: Any = 0.5, training: Any = True, inplace: Any = False) -> Form:
    if reader.constant(training) and reader.constant(p) != 0:
        raise ReadError(
            "F.dropout zeroes entries at random in training, which has no formula; say training=False, or use p=0",
            reader.line,
        )
    return reader.form(x)


def _attention(
    reader: Tracer,
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


def is_condition(reader: Tracer, form: Form) -> bool:
    """Return whether an array holds truth values: a comparison, or data of that type."""
    if isinstance(form, Name):
        binding = reader.bindings[form.name]
        if binding.form is not None:
            return is_condition(reader, binding.form)
        return binding.value is not None and np.asarray(binding.value).dtype == bool
    if isinstance(form, (forms.Transpose, forms.Get, forms.Expand, forms.Broadcast, forms.Reshape)):
        return is_condition(reader, form.args[0])
    if not isinstance(form, forms.Apply):
        return False
    if form.op == "multiply":  # both
        return all(is_condition(reader, a) for a in form.args)
    if form.op == "subtract":  # not
        return form.args[0] is number(1) and is_condition(reader, form.args[1])
    return form.op in ("greater", "less", "equal", "greater_equal", "less_equal", "not_equal")


def as_condition(form: Form) -> Form:
    """Return a condition for ``where``: data says yes where it is not zero."""
    inner = form
    while isinstance(inner, (forms.Transpose, forms.Get, forms.Expand, forms.Broadcast, forms.Reshape)):
        inner = inner.args[0]
    return apply("not_equal", form, number(0)) if isinstance(inner, Name) else form


def _as_truth(reader: Tracer, form: Form) -> Form:
    """Read ``mask.bool()``."""
    if reader.is_literal(form):
        return reader.literal(np.asarray(reader.known(form)).astype(bool), torch=reader.is_torch(form))
    return form if is_condition(reader, form) else apply("not_equal", form, number(0))


def _joined(compute: Callable[[list[Form], int], Form]) -> Callable[..., Any]:
    def build(reader: Tracer, parts: Any, axis: Any = 0, **extra: Any) -> Form:
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


def _pad(reader: Tracer, x: Any, widths: Any, mode: Any = "constant", constant_values: Any = 0) -> Form:
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


def _torch_pad(reader: Tracer, x: Any, pad: Any, mode: Any = "constant", value: Any = None) -> Form:
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


def _where(reader: Tracer, condition: Any, *ways: Any) -> Form:
    if len(ways) != 2:
        raise ReadError("where needs a condition and two values", reader.line)
    return forms.where(as_condition(reader.form(condition)), reader.form(ways[0]), reader.form(ways[1]))


def _einsum(reader: Tracer, spec: Any, *operands: Any, **extra: Any) -> Form:
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


def _with_ellipsis(reader: Tracer, spec: str, parts: list[str], built: list[Form]) -> tuple[list[str], str]:
    """Return the parts of an einsum with letters in the place of ``...``, and the letters it stands for."""
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in spec]
    ranks = [f.ndim - len(p.replace("...", "")) for p, f in zip(parts, built, strict=False) if "..." in p]
    if len(parts) != len(built) or len(set(ranks)) != 1 or not 0 <= ranks[0] <= len(free):
        raise ReadError(f"einsum {spec!r} does not fit its operands", reader.line)
    more = "".join(free[: ranks[0]])
    return [p.replace("...", more) for p in parts], more


def _one_hot(reader: Tracer, index: Any, num_classes: Any = None) -> Form:
    form = reader.form(index)
    if num_classes is None or reader.constant(num_classes) == -1:
        known = reader.constant(form)
        if known is None:
            raise ReadError("one_hot needs num_classes", reader.line)
        num_classes = int(np.max(known)) + 1
    return forms.one_hot(form, reader.integer(num_classes, "the number of classes"))


def _broadcast_to(reader: Tracer, x: Any, *shape: Any) -> Form:
    form = reader.form(x)
    given = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    sizes = [v.size if isinstance(v, forms.SizeOf) else reader.integer(v, "a size") for v in given]
    offset = len(sizes) - form.ndim
    return forms.broadcast_to(form, tuple(form.shape[k - offset] if s == -1 else s for k, s in enumerate(sizes)))


def _same(reader: Tracer, x: Any, *args: Any, **extra: Any) -> Any:
    return x if isinstance(x, (int, float)) else reader.form(x)


def _cast(reader: Tracer, x: Any, *args: Any, **extra: Any) -> Form:
    """Read ``astype`` and ``to``: a cast to integers is read where it changes nothing."""
    form = reader.form(x)
    if any(_is_integer_type(a) for a in (*args, *extra.values())):
        return _to_integer(reader, form)
    return form


def _to_integer(reader: Tracer, x: Any) -> Form:
    form = reader.form(x)
    if (
        isinstance(form, forms.Apply)
        and isinstance(form.op, str)
        and form.op in ("greater", "less", "equal", "greater_equal", "less_equal")
    ):
        return form
    known = None if any(reader.bindings[n.name].form is not None for n in forms.names_in(form)) else reader.known(form)
    if known is not None and np.all(np.asarray(known) == np.round(known)):
        return form
    raise ReadError("a cast to whole numbers has no derivative", reader.line)


def _detach(reader: Tracer, x: Any) -> Form:
    return reader.detached(reader.form(x))


def _trainable(reader: Tracer, x: Form) -> Form:
    """Mark a leaf as wanting gradients."""
    found = (
        x if isinstance(x, Name) else reader.literal(reader.known(x), shape=x.shape) if reader.is_literal(x) else None
    )
    if found is None:
        raise ReadError("requires_grad_() is read for data only", reader.line)
    reader.bindings[found.name].trainable = True
    return found


def _item(reader: Tracer, x: Any, *index: Any) -> Form:
    form = reader.form(x)
    if forms.element_count(form.shape) != 1:
        raise ReadError(f"item() of shape {shape_text(form.shape)}: it has more than one element", reader.line)
    return reader.detached(forms.get(form, (0,) * form.ndim) if form.shape else form)


def _length(reader: Tracer, x: Any) -> Any:
    if isinstance(x, Form):
        if not x.shape:
            raise ReadError("a number has no len()", reader.line)
        return reader.shape_value(x)[0]
    if isinstance(x, Instance):
        return Count(len(reader.items_of(x)))
    return Count(len(x))


def _numel(reader: Tracer, x: Any, *axis: Any) -> Any:
    form = reader.form(x)
    return reader.shape_value(form)[reader.integer(axis[0], "an axis")] if axis else reader.count_value(form)


def _shape(reader: Tracer, x: Any) -> Any:
    return reader.shape_value(reader.form(x))


def _whole(reader: Tracer, x: Any) -> Any:
    return math.floor(reader.constant(x))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{op: _entrywise(op) for op in ("exp", "log", "sqrt", "sin", "cos")},
    "copy": lambda reader, x, **extra: reader.form(x),
    "log1p": _formula(lambda x: _log(1 + x)),
    "expm1": _formula(lambda x: _exp(x) - 1),
    "log2": _formula(lambda x: _log(x) / math.log(2)),
    "log10": _formula(lambda x: _log(x) / math.log(10)),
    "exp2": _formula(lambda x: number(2) ** x),
    "square": _formula(lambda x: x**2),
    "reciprocal": _formula(lambda x: 1 / x),
    "rsqrt": _formula(lambda x: 1 / apply("sqrt", x)),
    "tan": _formula(lambda x: apply("sin", x) / apply("cos", x)),
    "sinh": _formula(lambda x: (_exp(x) - _exp(-x)) / 2),
    "cosh": _formula(lambda x: (_exp(x) + _exp(-x)) / 2),
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

_ARRAY_METHODS: dict[str, Callable[[Any, Form, list[Any], dict[str, Any]], Any]] = {
    "bool": lambda reader, form, args, keywords: _as_truth(reader, form),
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
    "item": lambda reader, x, args, keywords: _item(reader, x, *args),
    "size": lambda reader, x, args, keywords: reader.shape_value(x),
    "dim": lambda reader, x, args, keywords: Count(x.ndim),
    **{n: (lambda reader, x, args, keywords: _broadcast_to(reader, x, *args)) for n in ("expand",)},
    "expand_as": lambda reader, x, args, keywords: forms.broadcast_to(x, reader.form(args[0]).shape),
    "view_as": lambda reader, x, args, keywords: reshaped(x, list(reader.form(args[0]).shape)),
}

METHODS: set[str] = {
    *_ARRAY_METHODS,
    *_METHOD_ROWS,
    *(n for n in FUNCTIONS if n not in ("where", "einsum", "one_hot", "shape", "float32", "float64", "cat", "stack")),
}


# --- making arrays ----------------------------------------------------------------------------------------------------


def _array(reader: Tracer, name: str, torch: bool, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Read np.array, torch.tensor, nn.Parameter and their like."""
    if not args:
        raise ReadError(f"{name} without data cannot be read", reader.line)
    value = args[0]
    integer = any(_is_integer_type(v) for v in (*args[1:], *keywords.values()))
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
        value = list(_short_items(reader, value))
    if isinstance(value, (bool, int, float)) or hasattr(value, "numerator"):
        array: Any = np.array(float(value) if not isinstance(value, (bool, int)) else value)
    else:
        from symback.readers.tracer import numbers

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


def _array_of_forms(reader: Tracer, values: Sequence[Any], torch: bool, trainable: bool) -> Form:
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
    def build(reader: Tracer, name: str, torch: bool, args: list[Any], keywords: dict[str, Any]) -> Form:
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


def _plain_array(reader: Tracer, name: str, torch: bool, args: list[Any], keywords: dict[str, Any]) -> Any:
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


def _class_indices(reader: Tracer, name: str, torch: bool, args: list[Any], keywords: dict[str, Any]) -> Any:
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

_TORCH_RANDOM = {"randn", "rand", "randn_like", "rand_like", "normal", "randint", "empty"}


def _random(reader: Tracer, name: str, args: list[Any], keywords: dict[str, Any], torch: bool) -> Any:
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
    return _drawn(reader, kind, low, high, shape, torch, trainable)


def _drawn(reader: Tracer, kind: str, low: Any, high: Any, shape: Any, torch: bool, trainable: bool) -> Form:
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


def _batches(reader: Tracer, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
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


_MUTATORS = {
    "sort",
    "fill",
    "partition",
    "put",
    "itemset",
    "resize",
    "shuffle",
    "fill_diagonal",
    "copyto",
    "place",
    "putmask",
}


def changes_in_place(path: str) -> bool:
    """Return whether a method or function changes its array: PyTorch's names with a final underscore, and a few more."""
    name = path.rpartition(".")[2]
    if name == "at" and path.rpartition(".")[0].rpartition(".")[2] in (
        "add",
        "subtract",
        "multiply",
        "divide",
        "maximum",
        "minimum",
    ):
        return True
    return name in _MUTATORS or (name.endswith("_") and not name.endswith("__") and name != "requires_grad_")


def changed(reader: Tracer, function: Any, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Return the new value of an array that a call changes in place; raises ReadError where it cannot be said."""
    path = function.name if isinstance(function, Method) else function.path
    name = path.rpartition(".")[2]
    value = reader.form(
        function.value if isinstance(function, Method) else keywords["out"] if "out" in keywords else args[0]
    )
    rest = args if isinstance(function, Method) else args[1:]
    if name in ("zero_", "zeros_", "ones_", "fill_", "fill", "constant_"):
        number_ = {"zero_": 0, "zeros_": 0, "ones_": 1}.get(name, rest[0] if rest else 0)
        return filled(reader.constant(number_), value.shape)
    if "init" in path or name in ("normal_", "uniform_", "random_", "exponential_"):
        return _drawn(reader, "normal", 0, 1, value.shape, reader.is_torch(value), False)
    if path in ("numpy.add.at", "numpy.subtract.at") and len(rest) == 2 and isinstance(rest[0], (Form, list)):
        return _added_at(reader, value, reader.form(rest[0]), reader.form(rest[1]), path == "numpy.add.at")
    if "out" in keywords:
        plain = {k: v for k, v in keywords.items() if k != "out"}
        result = reader.form(reader.call(function, args, plain))
    elif isinstance(function, Method) and name.endswith("_"):
        result = reader.form(call_method(reader, value, name.rstrip("_"), rest, keywords))
    else:
        raise ReadError(f"{written(path)} changes its array in a way that cannot be read", reader.line)
    if result.shape != value.shape:
        raise ReadError(
            f"{written(path)} gives shape {shape_text(result.shape)} to an array of {shape_text(value.shape)}",
            reader.line,
        )
    return result


def _added_at(reader: Tracer, value: Form, index: Form, rows: Form, plus: bool) -> Form:
    """Return ``np.add.at(value, index, rows)``: rows added at their indices, as often as an index occurs."""
    if value.shape[1:] != rows.shape[1:] or index.ndim != 1 or rows.shape[:1] != index.shape:
        raise ReadError("np.add.at is read for one index per row", reader.line)
    added = forms.scatter(rows, index, 0, value.shape)
    if not plus:
        return value - added
    known = reader.known(value) if not isinstance(value, Name) or reader.bindings[value.name].form is None else None
    return added if known is not None and not np.any(np.asarray(known)) else value + added


# --- builtins ---------------------------------------------------------------------------------------------------------


def _range(reader: Tracer, *ends: Any) -> Any:
    if len(ends) == 1 and isinstance(ends[0], forms.SizeOf):
        return Counting(ends[0].size)
    return range(*(reader.integer(e, "an end of range") for e in ends))


def _enumerate(reader: Tracer, items: Any, start: Any = 0) -> list[Any]:
    if isinstance(items, Form) and items.shape and start == 0:
        return reader.numbered(items)
    found = reader.items_of(items)
    kind: Any = Rows if isinstance(found, (Rows, range)) else list
    first = reader.integer(start, "start")
    return kind((k + first, v) for k, v in enumerate(found[:LARGEST_LIST]))  # type: ignore[no-any-return]


def _extreme(name: str) -> Callable[..., Any]:
    def build(reader: Tracer, *args: Any, **extra: Any) -> Any:
        items = list(_short_items(reader, args[0])) if len(args) == 1 else list(args)
        if items and all(isinstance(v, (int, float)) for v in items):
            return (max if name == "maximum" else min)(items)
        total = reader.form(items[0])
        for item in items[1:]:
            total = ROWS[name](total, reader.form(item))
        return total

    return build


def _builtin_sum(reader: Tracer, items: Any, start: Any = 0) -> Any:
    if isinstance(items, Form):
        return reduce_over("sum", items, 0)
    values = list(_short_items(reader, items))
    if start == 0 and values:
        total = values[0]
        rest = values[1:]
    else:
        total, rest = start, values
    for item in rest:
        plain = isinstance(total, (int, float)) and isinstance(item, (int, float))
        total = total + item if plain else reader.made(reader.form(total) + reader.form(item))
    return total


def _round(reader: Tracer, x: Any, digits: Any = None) -> Any:
    """Round a number; what is computed from arrays is refused, since its derivative is 0 wherever it has one."""
    if isinstance(x, Form) and forms.names_in(x):
        raise ReadError("round is a step function; nothing can be learned through it", reader.line)
    try:
        value = float(reader.constant(x))
    except (TypeError, ValueError):
        raise ReadError("round takes a number", reader.line) from None
    return round(value) if digits is None else round(value, int(reader.constant(digits)))


def _float(reader: Tracer, x: Any) -> Any:
    if isinstance(x, str) and x.strip().lower().lstrip("+-") in ("inf", "infinity"):
        return -math.inf if x.strip()[0] == "-" else math.inf
    if isinstance(x, (int, float)):
        return float(x)
    return _item(reader, x)


def _short_items(reader: Tracer, items: Any) -> Any:
    found = reader.items_of(items)
    if len(found) > LARGEST_LIST:
        raise ReadError(f"a list of {len(found)} entries is too long", reader.line)
    return found


def _isinstance(reader: Tracer, value: Any, kind: Any) -> bool:
    kinds = kind if isinstance(kind, (tuple, list)) else [kind]
    if isinstance(value, (Instance, Prepared)) and all(isinstance(k, (Library, Definition)) for k in kinds):
        own = value.definition.lineage() if isinstance(value, Instance) and value.definition else []
        label = value.kind if isinstance(value, Instance) else value.path.rpartition(".")[2].replace("_", "")
        return any(
            k in own
            if isinstance(k, Definition)
            else k.path.startswith("torch.nn.")
            and not own
            and k.path.rpartition(".")[2].lower() in (label.lower(), "module")
            for k in kinds
        )
    raise ReadError("isinstance cannot be decided here", reader.line)


def _set_attribute(reader: Tracer, holder: Any, name: Any, value: Any) -> None:
    if not isinstance(holder, Instance) or not isinstance(name, str) or not name.isidentifier():
        raise ReadError("setattr is read for objects of the text and plain names", reader.line)
    modules.assign(reader, holder, name, value)


def _get_attribute(reader: Tracer, holder: Any, name: Any) -> Any:
    if not isinstance(holder, Instance) or not isinstance(name, str) or not name.isidentifier():
        raise ReadError("getattr is read for objects of the text and plain names", reader.line)
    return modules.attribute(reader, holder, name)


def _next(reader: Tracer, items: Any) -> Any:
    """Return the first of the items that an iterator has left, which it then has no more."""
    if not isinstance(items, list) or not items:
        raise ReadError("next is read for iter(...) of what the code lists", reader.line)
    return items.pop(0)


BUILTINS: dict[str, Callable[..., Any] | None] = {
    "slice": lambda reader, *ends: slice(
        *(None if e is None else reader.integer(e, "an end of a slice") for e in ends)
    ),
    "range": _range,
    "len": _length,
    "enumerate": _enumerate,
    "zip": lambda reader, *args, **extra: reader.zipped(args),
    "max": _extreme("maximum"),
    "min": _extreme("minimum"),
    "sum": _builtin_sum,
    "abs": None,
    "float": _float,
    "int": _whole,
    "list": lambda reader, *x: list(_short_items(reader, x[0])) if x else [],
    "tuple": lambda reader, *x: tuple(_short_items(reader, x[0])) if x else (),
    "reversed": lambda reader, x: _short_items(reader, x)[::-1],
    "pow": lambda reader, a, b: reader.form(a) ** reader.form(b),
    "dict": lambda reader, **items: dict(items),
    "tqdm": lambda reader, x, **extra: x,
    "trange": _range,
    "print": lambda reader, *x, **extra: None,
    "isinstance": _isinstance,
    "iter": lambda reader, x: list(_short_items(reader, x)),
    "next": lambda reader, x, *more: _next(reader, x),
    "setattr": lambda reader, holder, name, value: _set_attribute(reader, holder, name, value),
    "getattr": lambda reader, holder, name, *default: _get_attribute(reader, holder, name),
    "bool": lambda reader, x: bool(reader.constant(x)),
    "round": _round,
}
"""Python's own functions; None stands for a row of the tables."""

KNOWN_FUNCTIONS = set(BUILTINS) | set(ROWS)
"""Bare names that can be called."""

__all__ = [
    "ACTIVATION_NAMES",
    "BUILTINS",
    "CONSTANTS",
    "FUNCTIONS",
    "KNOWN_FUNCTIONS",
    "LARGEST_ARRAY",
    "LARGEST_LIST",
    "METHODS",
    "PREDEFINED",
    "bare",
    "call",
    "call_method",
    "module_path",
    "written",
]
