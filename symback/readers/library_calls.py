"""NumPy, PyTorch and math as Forms: a table from the names code uses to what they mean.

Functions of ``symback.functions`` are found through their aliases; array operations, the making of arrays and Python's own
functions have tables of their own. Here it is decided which of them a call means.
"""

from __future__ import annotations

from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form
from symback.functions import ROWS
from symback.library import calls
from symback.library.parameters import pass_over
from symback.library.paths import ENVIRONMENT, written
from symback.library.signatures import Call, bind, paths
from symback.library.values import Exact, Prepared, formula_of
from symback.readers import drawing, modules, optimizers, standard_library
from symback.readers.asking import Reader
from symback.readers.builtin_functions import BUILTINS, call_unbound, plain_method
from symback.readers.loaders import batches
from symback.readers.plain_values import is_plain
from symback.readers.streams import Stream
from symback.readers.torch_layers import LAYERS
from symback.readers.values import Applied, Instance


def bare(name: str, starred: set[str]) -> str | None:
    """Return the path a bare name stands for: a builtin, a starred import, or a row of the tables."""
    for module in sorted(starred):
        path = f"{module}.{name}"
        if calls.is_known(path):
            return path
    if name in BUILTINS:
        return f"builtins.{name}"
    if name in ROWS:
        return f"tables.{name}"
    return None


_TAKES_ANYTHING = ("Identity", "NonDynamicallyQuantizableLinear")
"""Layers whose signature says nothing."""


def _layer_options(reader: Reader, call: Call) -> dict[str, Any]:
    """Return the options of a layer; those that say where and how its numbers are kept are the usual ones."""
    for name in ("device", "dtype"):
        if name in call.given:
            pass_over(reader, call, name, call.given[name])
    return dict(call.given)


def call(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of calling the library function ``path``."""
    module, _, name = path.rpartition(".")
    if module.startswith("torch"):
        drawing.noticed(reader, name, keywords)
    if drawing.is_random(path):
        return drawing.call(reader, path, args, keywords)
    if module in ("torch.nn", "torch.nn.modules") and modules.is_layer(name):
        if name in LAYERS and name not in _TAKES_ANYTHING:
            args, keywords = [], _layer_options(reader, bind(reader, f"torch.nn.{name}", args, keywords))
        return modules.make_layer(reader, name, args, keywords)
    if path in ENVIRONMENT:
        return ENVIRONMENT[path]
    found = standard_library.call(reader, path, args, keywords)
    if found is not NotImplemented:
        return formula_of(found) if isinstance(found, Exact) else found
    path = path.removeprefix("builtins.") if path.startswith("builtins.object.") else path
    if path == "object.__setattr__" and len(args) == 3 and isinstance(args[0], Instance) and isinstance(args[1], str):
        modules.assign(reader, args[0], args[1], args[2], fresh=True)
        return None
    if path in ("object.__init__", "object.__init_subclass__"):
        return None
    if path.startswith("object."):
        raise ReadError(f"{name} is not in the text and is not followed", reader.line)
    if module.startswith("torch.utils.data") and name in ("TensorDataset", "DataLoader"):
        return batches(reader, name, args, keywords)
    special = BUILTINS.get(name) if module == "builtins" or module.split(".")[0] == "tqdm" else None
    if special is not None:
        return special(reader, *args, **keywords)
    if module.startswith("builtins."):
        return call_unbound(reader, path.removeprefix("builtins."), args, keywords)
    if optimizers.is_optimizer(path):
        return optimizers.read_optimizer(reader, name, args, keywords)
    if optimizers.is_schedule(path):
        return optimizers.read_schedule(reader, name, args, keywords)
    if module.split(".")[0] in ("sympy", "symback"):
        raise ReadError(
            f"{written(path)} builds its network by running, and code is only read here; run the file, and write the page "
            f"from it: sb.derive(net).handout().save('lesson.html')",
            reader.line,
        )
    return calls.call_function(reader, path, args, keywords)


def call_method(reader: Reader, value: Any, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of calling a method of an array, a list, a dictionary or a source of random numbers."""
    if isinstance(value, Stream):
        return drawing.call_method(reader, value, name, args, keywords)
    if isinstance(value, Prepared):
        if name in ("to", "cuda", "cpu", "train", "eval", "double", "float"):
            return value
        if name == "forward":
            return reader.call(value, args, keywords)
        raise ReadError(f"the method {name} of {written(value.path)} cannot be read", reader.line)
    if isinstance(value, Applied):
        return value.run(reader, args, keywords)
    if is_plain(value):
        return plain_method(reader, value, name, args, keywords)
    if not isinstance(value, Form):
        raise ReadError(f"the method {name} cannot be read here", reader.line)
    drawing.noticed(reader, name, keywords)
    return calls.call_method(reader, value, name, args, keywords)


def known_paths() -> frozenset[str]:
    """Return the paths of all functions, methods and classes of libraries that can be read, by which their signatures are kept."""
    layers = {
        p for p in paths() if p.startswith("torch.nn.") and p.count(".") == 2 and modules.is_layer(p.rpartition(".")[2])
    }
    return calls.known_paths() | layers


def known_functions() -> set[str]:
    """Return the bare names that can be called."""
    return {*BUILTINS, *ROWS}
