"""NumPy, PyTorch and math as Forms: a table from the names code uses to what they mean.

Functions of ``symback.functions`` are found through their aliases; array operations, the making of arrays and Python's own
functions have tables of their own. Here it is decided which of them a call means.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from symback.core import forms
from symback.core.errors import ReadError, nearest
from symback.core.forms import Form, Name, filled, shape_text
from symback.functions import ALIASES, ROWS
from symback.readers import containers, modules, optimizers
from symback.readers.asking import Reader
from symback.readers.builtin_functions import BUILTINS
from symback.readers.making import MAKERS, TORCH_RANDOM, batches, drawn, random_array
from symback.readers.operations import ARRAY_METHODS, FUNCTIONS, methods, torch_pad
from symback.readers.paths import ENVIRONMENT, IGNORED, NUMPY_LIKE, written
from symback.readers.row_calls import call_row, class_rows, method_rows, prepared_options, row_of
from symback.readers.values import Method, Prepared, RandomSource


def bare(name: str, starred: set[str]) -> str | None:
    """Return the path a bare name stands for: a builtin, a starred import, or a row of the tables."""
    for module in sorted(starred):
        path = f"{module}.{name}"
        if row_of(path) is not None or name in FUNCTIONS or name in MAKERS:
            return path
    if name in BUILTINS:
        return f"builtins.{name}"
    if name in ROWS:
        return f"tables.{name}"
    return None


def _spelled(keywords: dict[str, Any]) -> dict[str, Any]:
    """Return keywords in NumPy's spelling, without those that change no number."""
    names = {"dim": "axis", "keepdim": "keepdims", "dims": "axes"}
    return {names.get(k, k): v for k, v in keywords.items() if k not in IGNORED}


def call(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of calling the library function ``path``."""
    module, _, name = path.rpartition(".")
    if module in ("torch.nn", "torch.nn.modules") and modules.is_layer(name):
        return modules.make_layer(reader, name, args, keywords)
    if path in ENVIRONMENT:
        return ENVIRONMENT[path]
    if path == "collections.OrderedDict":
        return dict(reader.items_of(v) for v in reader.items_of(args[0])) if args else {}
    if module == "object":
        return None
    if module.startswith("torch.utils.data") and name in ("TensorDataset", "DataLoader"):
        return batches(reader, name, args, keywords)
    row = row_of(path)
    weighted = row is not None and "weight" in (*row.argument_names, *row.keywords, *row.parameters)
    if "out" in keywords or ("weight" in keywords and module.startswith("torch") and not weighted):
        raise ReadError(f"{written(path)} with out= or weight= cannot be read", reader.line)
    if (module == "builtins" or module.split(".")[0] == "tqdm") and name in BUILTINS:
        special = BUILTINS[name]
        if special is not None:
            return special(reader, *args, **keywords)
    if module in ("numpy.random", "torch.random") or (module == "torch" and name in TORCH_RANDOM):
        return random_array(reader, name, args, keywords, torch=module.startswith("torch"))
    if optimizers.is_optimizer(path):
        return optimizers.read_optimizer(reader, name, args, keywords)
    if optimizers.is_schedule(path):
        return optimizers.read_schedule(reader, name, args, keywords)
    if optimizers.is_clipping(path):
        optimizers.read_clipping(reader, path, args, keywords)
        raise ReadError("the norm of the gradients is not part of a forward pass", reader.line)
    if name in MAKERS and module in ("numpy", "torch", "torch.nn", "torch.nn.parameter", "torch.autograd"):
        return MAKERS[name](reader, name, module.startswith("torch"), args, keywords)
    if module == "torch.nn" and name.lower() in class_rows():
        return Prepared(
            path=f"tables.{class_rows()[name.lower()].name}", keywords=prepared_options(name, args, keywords)
        )
    if row is not None:
        return call_row(reader, row, args, keywords)
    if name == "pad" and module == "torch.nn.functional":
        return torch_pad(reader, *args, **keywords)
    if name in FUNCTIONS and module in NUMPY_LIKE:
        return FUNCTIONS[name](reader, *args, **_spelled(keywords))
    if module.split(".")[0] in ("sympy", "symback"):
        raise ReadError(
            f"{written(path)} builds its network by running, and code is only read here; run the file, and write the page "
            f"from it: sb.derive(net).handout().save('lesson.html')",
            reader.line,
        )
    known = {written(f"numpy.{n}") for n in FUNCTIONS} | {a for a in ALIASES if a.count(".") == 1} | set(ROWS)
    raise ReadError(f"the function {written(path)} is not known{nearest(written(path), known)}", reader.line)


def call_method(reader: Reader, value: Any, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of calling a method of an array, a list, a dictionary or a source of random numbers."""
    if isinstance(value, RandomSource):
        return random_array(reader, name, args, keywords, torch=False)
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
    if name in ARRAY_METHODS:
        return ARRAY_METHODS[name](reader, value, args, _spelled(keywords))
    if name in FUNCTIONS:
        return FUNCTIONS[name](reader, value, *args, **_spelled(keywords))
    row = method_rows().get(name)
    if row is None:
        raise ReadError(f"the method {name} is not known{nearest(name, methods())}", reader.line)
    return call_row(reader, row, [value, *args], keywords)


def changed(reader: Reader, function: Any, args: list[Any], keywords: dict[str, Any]) -> Form:
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
        return drawn(reader, "normal", 0, 1, value.shape, reader.is_torch(value), False)
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


def _added_at(reader: Reader, value: Form, index: Form, rows: Form, plus: bool) -> Form:
    """Return ``np.add.at(value, index, rows)``: rows added at their indices, as often as an index occurs."""
    if value.shape[1:] != rows.shape[1:] or index.ndim != 1 or rows.shape[:1] != index.shape:
        raise ReadError("np.add.at is read for one index per row", reader.line)
    added = forms.scatter(rows, index, 0, value.shape)
    if not plus:
        return value - added
    known = reader.known(value) if not isinstance(value, Name) or reader.bindings[value.name].form is None else None
    return added if known is not None and not np.any(np.asarray(known)) else value + added


def known_functions() -> set[str]:
    """Return the bare names that can be called."""
    return {*BUILTINS, *ROWS}
