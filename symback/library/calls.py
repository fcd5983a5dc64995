"""Calls of the array functions and methods of NumPy and PyTorch: which row, operation or maker a path means."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form
from symback.functions import ALIASES, ROWS, edition
from symback.library.contract import Caller
from symback.library.making import MAKERS, uninitialised
from symback.library.operations import FUNCTIONS, meaning_of, methods
from symback.library.parameters import apply_meaning
from symback.library.paths import ARRAY_MODULES, written
from symback.library.row_calls import call_bound_row, call_row, class_rows, method_rows, prepared, row_of
from symback.library.signatures import bind, fits, paths, signatures

_ONE_PATH = {"torch.nn.parameter.Parameter": "torch.nn.Parameter"}
"""Paths of one function that is found at two."""


def is_known(path: str) -> bool:
    """Return whether ``path`` is a function of arrays that has a meaning here, and a signature."""
    return (row_of(path) is not None or path.rpartition(".")[2] in FUNCTIONS or path in MAKERS) and bool(
        signatures(path)
    )


def call_function(caller: Caller, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a function that makes arrays, or computes with them.

    Raises ReadError where the function is not known, or is called as its library does not have it.
    """
    path = _ONE_PATH.get(path, path)
    module, _, name = path.rpartition(".")
    if path in ("numpy.empty", "numpy.empty_like"):
        return uninitialised(caller, bind(caller, path, args, keywords))
    if path in MAKERS and signatures(path):
        return MAKERS[path](caller, bind(caller, path, args, keywords))
    if module == "torch.nn" and name.lower() in class_rows():
        return prepared(caller, name, args, keywords)
    row = row_of(path)
    if row is not None:
        return (
            call_bound_row(caller, row, bind(caller, path, args, keywords))
            if signatures(path)
            else call_row(caller, row, args, keywords)
        )
    meaning = meaning_of(path) if module in ARRAY_MODULES and signatures(path) else None
    if meaning is not None:
        return apply_meaning(caller, bind(caller, path, args, keywords), meaning)
    known = (
        {written(p) for p in known_paths() if not p.startswith(("numpy.ndarray.", "torch.Tensor."))}
        | {a for a in ALIASES if a.count(".") == 1}
        | set(ROWS)
    )
    raise ReadError(f"the function {written(path)} is not known{nearest(written(path), known)}", caller.line)


def call_method(caller: Caller, value: Form, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of calling a method of an array.

    Raises ReadError where the method is not known, or is called as its library does not have it.
    """
    row = method_rows().get(name)
    order = ("torch.Tensor", "numpy.ndarray") if caller.is_torch(value) else ("numpy.ndarray", "torch.Tensor")
    paths_ = [f"{holder}.{name}" for holder in order]
    known = [p for p in paths_ if signatures(p) and (row is not None or meaning_of(p) is not None)]
    if not known:
        if row is not None and not any(map(signatures, paths_)):
            return call_row(caller, row, [value, *args], keywords)
        raise ReadError(f"the method {name} is not known{nearest(name, methods())}", caller.line)
    # where it cannot be called as the one library has it, the array is the other's
    path = next((p for p in known if fits(caller, p, [value, *args], keywords)), known[0])
    bound = bind(caller, path, [value, *args], keywords)
    meaning = meaning_of(path)
    if meaning is not None:
        return apply_meaning(caller, bound, meaning)
    assert row is not None
    return call_bound_row(caller, row, bound)


_HOLDERS = ("numpy.ndarray", "torch.Tensor")


@lru_cache(maxsize=1)
def _known_paths(_edition: int) -> frozenset[str]:
    found = {p for p in MAKERS if signatures(p)}
    for path in paths():
        module, _, name = path.rpartition(".")
        if module == "torch.nn":
            if name.lower() in class_rows():
                found.add(path)
        elif module in (*ARRAY_MODULES, *_HOLDERS):
            row = method_rows().get(name) if module in _HOLDERS else row_of(path)
            if row is not None or meaning_of(path) is not None:
                found.add(path)
    return frozenset(found)


def known_paths() -> frozenset[str]:
    """Return the paths of all functions, methods and rows as classes that have a meaning here."""
    return _known_paths(edition())
