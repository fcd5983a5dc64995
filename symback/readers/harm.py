"""Which functions of libraries change what they are given, and what of a library a text may not change."""

from __future__ import annotations

from typing import Any

from symback.core.errors import SymbackError
from symback.library.paths import changes_in_place
from symback.library.values import Library, Prepared
from symback.readers import containers, module_walks, outside
from symback.readers.names import refused
from symback.readers.values import Applied, Bound, Definition, Helper, Instance, Method, Optimizer, Outside, Scheduler

_KNOWN_ROOTS = (
    "numpy",
    "torch",
    "math",
    "scipy",
    "builtins",
    "tables",
    "cmath",
    "random",
    "copy",
    "itertools",
    "functools",
    "collections",
    "operator",
    "tqdm",
    "argparse",
    "dataclasses",
    "types",
    "object",
    "string",
    "re",
    "numba",
    "jax",
)
"""Libraries whose functions change no argument, but for those that say so by their names or by ``out=``."""


_CHANGES_ITS_FIRST = frozenset(
    (
        *(
            "setattr",
            "delattr",
            "setitem",
            "delitem",
            "iadd",
            "isub",
            "imul",
            "imatmul",
            "itruediv",
            "ifloordiv",
            "imod",
            "reset_parameters",
        ),
        *("ipow", "iand", "ior", "ixor", "ilshift", "irshift", "iconcat"),
    )
)
"""Functions of Python and of its module ``operator`` that change their first argument."""

_LEAVE_MODULES = tuple(f"torch.nn.utils.{n}" for n in ("clip_grad", "get_total_norm", "parameters_to_vector", "rnn."))
"""Tools of PyTorch for modules that leave what a module computes; all others change it."""

_SETTINGS = ("backends", "cuda", "utils", "multiprocessing", "distributed", "jit", "onnx", "hub")
"""Parts of PyTorch with attributes that are settings and change no value."""

_CALCULATES = (
    "numpy",
    "torch",
    "math",
    "cmath",
    "random",
    "builtins",
    "operator",
    "itertools",
    "functools",
    "copy",
    "tables",
)
"""Libraries whose functions and constants the reader knows."""

_OF_OBJECTS = ("torch.nn.Module.", "torch.nn.modules.", "torch.Tensor.", "numpy.ndarray.", "builtins.object.")
"""Classes of libraries whose methods are called with the object itself as first argument."""

_LEAVING_THEIRS = frozenset(("__init__", "__new__"))


def is_harmless(function: Any) -> bool:
    """Return whether a function of a library is known to change nothing that it is handed; those of the text are looked into."""
    if isinstance(function, Library):
        path = function.path
        if path.startswith("torch.nn.utils.") and not path.startswith(_LEAVE_MODULES):
            return False
        if path.startswith(_OF_OBJECTS) and path.rpartition(".")[2] not in _LEAVING_THEIRS:
            return False
        root = path.split(".")[0]
        return root in _KNOWN_ROOTS or root in outside.HARMLESS
    if isinstance(function, Method) and isinstance(function.value, Applied):
        return False
    if isinstance(function, Method) and isinstance(function.value, Instance) and function.value.definition is None:
        return function.name in module_walks.ONLY_TELL
    known = (Prepared, Definition, Optimizer, Scheduler, Outside, Method, Instance, Bound, Helper)
    return isinstance(function, known)


def changes_its_first(path: str) -> bool:
    """Return whether a function of a library changes its first argument."""
    return changes_in_place(path) or path.rpartition(".")[2] in _CHANGES_ITS_FIRST


_IN_PLACE = frozenset(
    (
        *(f"__i{name}__" for name in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow")),
        *(f"__i{name}__" for name in ("and", "or", "xor", "lshift", "rshift")),
        *("__setitem__", "__delitem__", "__setattr__", "__delattr__", "__setstate__", "setflags", "setfield"),
    )
)
"""Methods by which Python itself changes an object."""


def changes_its_object(name: str) -> bool:
    """Return whether a method of this name changes its object: an array, a container, or any other."""
    return changes_in_place(name) or name in containers.CHANGES or name in _IN_PLACE


def refuse_library(held: Any, error: SymbackError) -> None:
    """Raise where a function or constant of a library, or a layer that is one, is given another meaning."""
    if isinstance(held, Prepared):
        raise refused(error)
    if isinstance(held, Library):
        root, *rest = held.path.split(".")
        if root in _CALCULATES and not (rest and (rest[0] in _SETTINGS or rest[0].startswith("_"))):
            raise refused(error)
