"""What a statement that could not be followed may have changed: it is given up, and only that."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any, cast

from symback.core.errors import SymbackError
from symback.readers import containers, memory, outside, unfollowed
from symback.readers.asking import Reader
from symback.readers.expressions import place
from symback.readers.iterators import Iterated
from symback.readers.paths import changes_in_place
from symback.readers.plain_values import VIEWS
from symback.readers.syntax import as_load, executed, stored_names
from symback.readers.values import (
    Array,
    Bound,
    Definition,
    Helper,
    Instance,
    Library,
    Method,
    Optimizer,
    Outside,
    Poison,
    Prepared,
    Scheduler,
    Scope,
)

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
        ),
        *("ipow", "iand", "ior", "ixor", "ilshift", "irshift", "iconcat"),
    )
)
"""Functions of Python and of its module ``operator`` that change their first argument."""

_LEAVE_MODULES = tuple(f"torch.nn.utils.{n}" for n in ("clip_grad", "get_total_norm", "parameters_to_vector", "rnn."))
"""Tools of PyTorch for modules that leave what a module computes; all others change it."""

_RUNS_TEXT = frozenset(("builtins.exec", "builtins.eval", "builtins.globals", "builtins.locals"))
"""Functions by which a text may change any name."""

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

_ENTRIES = ("data", "shape", "dtype", "strides", "flat", "real", "imag")
"""Attributes of an array that are given values to change it."""


def give_up(reader: Reader, node: ast.stmt, error: SymbackError, scope: Scope) -> None:
    """Poison everything that a statement which could not be followed may have changed.

    Raises the error itself where that is a function or constant of a library: nothing after it is known.
    """
    near = _near(node, scope)
    unclear = False
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        for child in executed(node):
            if isinstance(child, ast.AugAssign):
                poison_object(reader, _object(reader, child.target, scope), error)
            if isinstance(child, (ast.Subscript, ast.Attribute)) and isinstance(child.ctx, (ast.Store, ast.Del)):
                unclear |= _poison_target(reader, child, error, scope)
        handed_over(reader, node, error, scope)
    else:
        unfollowed.skipped(reader, node, scope, error)
    if unclear:  # something may now hold what the statement read, and change it later
        for value in near:
            poison_object(reader, value, error)
    reader.poison(stored_names(node), error, scope, near)


def _near(node: ast.AST, scope: Scope) -> tuple[Any, ...]:
    """Return the objects that a statement reads and that can be changed."""
    names = dict.fromkeys(n.id for n in executed(node) if isinstance(n, ast.Name))
    found: dict[int, Any] = {}
    for value in [_found(name, scope) for name in names]:
        for held in value.near if isinstance(value, Poison) else (value,):
            if isinstance(held, (Array, list, dict, set, tuple, Instance, Iterated)):
                found[id(held)] = held
    return tuple(found.values())


def _found(name: str, scope: Scope) -> Any:
    holder = scope.find(name)
    return holder.names[name] if holder is not None else None


def _object(reader: Reader, node: ast.expr, scope: Scope) -> Any:
    """Return the object that a target names; where that is not known, what its chain of attributes and items starts from."""
    held = place(reader, as_load(node), scope)
    if held is not None:
        return held
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return _found(node.id, scope) if isinstance(node, ast.Name) else None


def _poison_target(reader: Reader, target: ast.Subscript | ast.Attribute, error: SymbackError, scope: Scope) -> bool:
    """Poison what an assignment may have changed; return whether the object that was changed is not known."""
    held = place(reader, as_load(target.value), scope)
    if held is None or isinstance(held, Method):
        root = _object(reader, target.value, scope) if held is None else held.value
        poison_object(reader, root, error)
        for part in _roots(target.value):
            poison_object(reader, _object(reader, part, scope), error)
        return root is None or isinstance(root, Poison)
    if isinstance(target, ast.Attribute):
        _refuse_library(held, error)
        if isinstance(held, Instance) and target.attr not in ("grad", "requires_grad", "data"):
            held.attributes[target.attr] = Poison(error)
        elif isinstance(held, Definition):
            held.methods.pop(target.attr, None)
            held.attributes[target.attr] = Poison(error)
        elif isinstance(held, Array) and target.attr in _ENTRIES:
            poison_object(reader, held, error)
        return False
    key = place(reader, as_load(target.slice), scope) if not isinstance(target.slice, ast.Slice) else None
    plain: Any = reader.plain(key) if reader.is_array(key) or isinstance(key, (str, int)) else None
    known = isinstance(plain, int) and isinstance(held, list) and -len(held) <= plain < len(held)
    if known or (isinstance(held, dict) and isinstance(plain, (str, int))):
        held[plain] = Poison(error)
    else:
        poison_object(reader, held, error)
    return False


def poison_object(reader: Reader, value: Any, error: SymbackError) -> None:
    """Give up what an object holds, under all its names: entries of an array, items, attributes."""
    for held in list(memory.reachable([value], _parts)):
        if isinstance(held, Prepared):  # one object under any number of names, which cannot be given up alone
            raise error
        if isinstance(held, Array):
            for cell in (held.cell, *held.cell.suspects):
                if not isinstance(cell.content, Poison):
                    reader.remember(cell)
                    cell.content = Poison(error)
                    cell.version += 1
        elif isinstance(held, list):
            held[:] = [v if isinstance(v, (list, dict, Array, Instance)) else Poison(error) for v in held]
        elif isinstance(held, (dict, Instance)):
            entries = held.attributes if isinstance(held, Instance) else held
            if isinstance(held, Instance) and (
                held.layer is not None or (held.definition and held.definition.is_module)
            ):
                held.attributes["forward"] = Poison(error)  # a hook, or another way to compute
            for key in entries:
                if not isinstance(entries[key], (list, dict, Array, Instance, Helper)):
                    entries[key] = Poison(error)


def _parts(value: Any) -> list[Any]:
    held = value.attributes if isinstance(value, Instance) else value.near if isinstance(value, Poison) else value
    if isinstance(held, dict):
        return list(held.values())
    if isinstance(held, Iterated):
        return list(held.near)
    if isinstance(held, VIEWS):
        return list(cast("Any", held))
    return list(held) if isinstance(held, (list, tuple)) else []


def handed_over(reader: Reader, node: ast.AST, error: SymbackError, scope: Scope) -> None:
    """Poison what calls in code that was not followed may have changed: objects that unknown functions were handed."""
    unfollowed.skipped(reader, node, scope, error)
    for call in [n for n in executed(node) if isinstance(n, ast.Call)]:
        function = _callee(reader, call.func, scope)
        targets: list[ast.expr] = [k.value for k in call.keywords if k.arg == "out"]
        if isinstance(call.func, ast.Call):
            targets.append(call.func)
        if isinstance(call.func, ast.Attribute) and call.func.attr.startswith("register_"):
            if isinstance(_object(reader, call.func.value, scope), Array):
                raise error  # a hook on a tensor changes gradients, also of what was computed before
            targets.append(call.func.value)
        if isinstance(function, Library):
            if function.path in _RUNS_TEXT:
                _give_up_names(reader, call, error, scope)
            if changes_in_place(function.path) or function.path.rpartition(".")[2] in _CHANGES_ITS_FIRST:
                targets += call.args[:1]
        if isinstance(call.func, ast.Attribute):
            method = call.func.attr
            if changes_in_place(method) or method in containers.CHANGES:
                first = call.args[:1] if isinstance(function, Library) else [call.func.value]
                targets += first
        if not is_harmless(function):
            targets += [a.value if isinstance(a, ast.Starred) else a for a in call.args]
            targets += [k.value for k in call.keywords]
            if isinstance(call.func, ast.Attribute) and not isinstance(function, Library):
                targets.append(call.func.value)
        for target in targets:
            for root in _roots(target):
                held = _object(reader, root, scope)
                if isinstance(function, Library) and function.path in ("builtins.setattr", "builtins.delattr"):
                    _refuse_library(held, error)
                    named = call.args[1] if len(call.args) > 1 else None
                    if isinstance(held, Instance) and isinstance(named, ast.Constant):
                        held.attributes[str(named.value)] = Poison(error)
                        continue
                poison_object(reader, held, error)


def _refuse_library(held: Any, error: SymbackError) -> None:
    """Raise where a function or constant of a library, or a layer that is one, is given another meaning."""
    if isinstance(held, Prepared):
        raise error
    if isinstance(held, Library):
        root, *rest = held.path.split(".")
        if root in _CALCULATES and not (rest and (rest[0] in _SETTINGS or rest[0].startswith("_"))):
            raise error


def _give_up_names(reader: Reader, call: ast.Call, error: SymbackError, scope: Scope) -> None:
    """Give up what names of a scope and of those around it hold: all, or those in the text that is run where it is known."""
    only = _names_in_text(call.args[0]) if call.args else None
    if only is not None and any(isinstance(_found(name, scope), (Helper, Bound, Instance)) for name in only):
        only = None  # what it calls may change other names
    within: Scope | None = scope
    while within is not None:
        for name, value in list(within.names.items()):
            if only is not None and name not in only:
                continue
            if not isinstance(value, (Library, Outside, Definition, Poison)):
                poison_object(reader, value, error)
                reader.poison([name], error, within)
        within = within.parent


def _names_in_text(node: ast.expr) -> set[str] | None:
    """Return the names that a text of code which is written out speaks of; None where it may reach others."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    try:
        tree = ast.parse(node.value.strip())
    except (SyntaxError, ValueError, RecursionError):
        return None
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | set(stored_names(tree))
    reaching = {path.rpartition(".")[2] for path in _RUNS_TEXT} | {"vars", "getattr", "__import__"}
    return None if names & reaching else names


def _roots(node: ast.expr) -> Iterator[ast.expr]:
    """Return the names and attributes whose objects an argument hands over."""
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
        yield node
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        if isinstance(node, ast.Call):
            yield from _roots(node)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for item in node.elts:
            yield from _roots(item)
    elif isinstance(node, ast.Dict):
        for item in node.values:
            yield from _roots(item)
    elif isinstance(node, ast.Starred):
        yield from _roots(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _roots(node.body)
        yield from _roots(node.orelse)
    elif isinstance(node, ast.Call):
        for item in node.args:
            yield from _roots(item)
        if isinstance(node.func, ast.Attribute):
            yield from _roots(node.func.value)


def _callee(reader: Reader, node: ast.expr, scope: Scope) -> Any:
    """Return what a call that was not followed calls; None where that is not known."""
    if any(isinstance(n, ast.Call) for n in ast.walk(node)):
        return None
    try:
        return reader.value(node, scope)
    except SymbackError:
        root = node
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            root = root.value
        held = _found(root.id, scope) if isinstance(root, ast.Name) else None
        return held if isinstance(held, (Library, Outside)) else None


def is_harmless(function: Any) -> bool:
    """Return whether a function is known to change nothing that it is handed."""
    if isinstance(function, (Prepared, Definition, Optimizer, Scheduler, Outside, Method)):
        return True
    if isinstance(function, Library):
        if function.path.startswith("torch.nn.utils.") and not function.path.startswith(_LEAVE_MODULES):
            return False
        root = function.path.split(".")[0]
        return root in _KNOWN_ROOTS or root in outside.HARMLESS
    if isinstance(function, Instance):
        return function.definition is None
    if isinstance(function, Bound):
        function = function.helper
    return isinstance(function, Helper) and not _changes(function)


def _changes(helper: Helper, seen: frozenset[Helper] = frozenset()) -> bool:
    """Return whether the text of a function has anything that changes an object it did not make."""
    body: Iterable[ast.AST] = helper.body if isinstance(helper.body, list) else [helper.body]
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, (ast.AugAssign, ast.Global, ast.Nonlocal, ast.Delete)):
                return True
            if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
                return True
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                if changes_in_place(name) or name in containers.CHANGES or any(k.arg == "out" for k in node.keywords):
                    return True
                if isinstance(node.func, ast.Name) and helper.scope.find(node.func.id) is not None:
                    inner = helper.scope.find(node.func.id)
                    held = inner.names[node.func.id] if inner is not None else None
                    if isinstance(held, Helper) and held not in seen and _changes(held, seen | {helper}):
                        return True
    return False
