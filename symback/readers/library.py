"""NumPy, PyTorch and math as Forms: a table from the names code uses to what they mean.

Functions of ``symback.functions`` are found through their aliases; array operations, the making of arrays and Python's own
functions have tables of their own. Here it is decided which of them a call means.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form
from symback.functions import ALIASES, ROWS, edition
from symback.readers import drawing, modules, optimizers, standard_library
from symback.readers.asking import Reader
from symback.readers.builtin_functions import BUILTINS, call_unbound, plain_method
from symback.readers.loaders import batches
from symback.readers.making import MAKERS, uninitialised
from symback.readers.operations import FUNCTIONS, meaning_of, methods
from symback.readers.parameters import apply_meaning, pass_over
from symback.readers.paths import ARRAY_MODULES, ENVIRONMENT, written
from symback.readers.plain_values import Exact, formula_of, is_plain
from symback.readers.row_calls import call_bound_row, call_row, class_rows, method_rows, prepared, row_of
from symback.readers.signatures import Call, bind, fits, paths, signatures
from symback.readers.streams import Stream
from symback.readers.torch_layers import LAYERS
from symback.readers.values import Applied, Instance, Prepared

_ONE_PATH = {"torch.nn.parameter.Parameter": "torch.nn.Parameter"}
"""Paths of one function that is found at two."""


def bare(name: str, starred: set[str]) -> str | None:
    """Return the path a bare name stands for: a builtin, a starred import, or a row of the tables."""
    for module in sorted(starred):
        path = f"{module}.{name}"
        known = row_of(path) is not None or name in FUNCTIONS or path in MAKERS
        if known and signatures(path):
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
    return _of_arrays(reader, _ONE_PATH.get(path, path), args, keywords)


def _of_arrays(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a function that makes arrays, or computes with them."""
    module, _, name = path.rpartition(".")
    if path in ("numpy.empty", "numpy.empty_like"):
        return uninitialised(reader, bind(reader, path, args, keywords))
    if path in MAKERS and signatures(path):
        return MAKERS[path](reader, bind(reader, path, args, keywords))
    if module == "torch.nn" and name.lower() in class_rows():
        return prepared(reader, name, args, keywords)
    row = row_of(path)
    if row is not None:
        return (
            call_bound_row(reader, row, bind(reader, path, args, keywords))
            if signatures(path)
            else call_row(reader, row, args, keywords)
        )
    meaning = meaning_of(path) if module in ARRAY_MODULES and signatures(path) else None
    if meaning is not None:
        return apply_meaning(reader, bind(reader, path, args, keywords), meaning)
    if module.split(".")[0] in ("sympy", "symback"):
        raise ReadError(
            f"{written(path)} builds its network by running, and code is only read here; run the file, and write the page "
            f"from it: sb.derive(net).handout().save('lesson.html')",
            reader.line,
        )
    known = (
        {written(p) for p in known_paths() if not p.startswith(("numpy.ndarray.", "torch.Tensor."))}
        | {a for a in ALIASES if a.count(".") == 1}
        | set(ROWS)
    )
    raise ReadError(f"the function {written(path)} is not known{nearest(written(path), known)}", reader.line)


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
    row = method_rows().get(name)
    order = ("torch.Tensor", "numpy.ndarray") if reader.is_torch(value) else ("numpy.ndarray", "torch.Tensor")
    paths_ = [f"{holder}.{name}" for holder in order]
    known = [p for p in paths_ if signatures(p) and (row is not None or meaning_of(p) is not None)]
    if not known:
        if row is not None and not any(map(signatures, paths_)):
            return call_row(reader, row, [value, *args], keywords)
        raise ReadError(f"the method {name} is not known{nearest(name, methods())}", reader.line)
    # where it cannot be called as the one library has it, the array is the other's
    path = next((p for p in known if fits(reader, p, [value, *args], keywords)), known[0])
    bound = bind(reader, path, [value, *args], keywords)
    meaning = meaning_of(path)
    if meaning is not None:
        return apply_meaning(reader, bound, meaning)
    assert row is not None
    return call_bound_row(reader, row, bound)


@lru_cache(maxsize=1)
def _known_paths(_edition: int) -> frozenset[str]:
    found = {p for p in MAKERS if signatures(p)}
    for path in paths():
        module, _, name = path.rpartition(".")
        if module == "torch.nn":
            if modules.is_layer(name) or name.lower() in class_rows():
                found.add(path)
        elif module in (*ARRAY_MODULES, "numpy.ndarray", "torch.Tensor"):
            row = method_rows().get(name) if module.endswith(("ndarray", "Tensor")) else row_of(path)
            if row is not None or meaning_of(path) is not None:
                found.add(path)
    return frozenset(found)


def known_paths() -> frozenset[str]:
    """Return the paths of all functions, methods and classes of libraries that can be read, by which their signatures are kept."""
    return _known_paths(edition())


def known_functions() -> set[str]:
    """Return the bare names that can be called."""
    return {*BUILTINS, *ROWS}
