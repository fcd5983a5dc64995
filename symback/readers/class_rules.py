"""What the class of an object says of its attributes: slots, properties, frozen fields, abstract methods."""

from __future__ import annotations

import ast
import builtins
from dataclasses import FrozenInstanceError
from typing import Any

from symback.core.errors import ReadError
from symback.library.values import Library, Poison
from symback.readers import data_classes
from symback.readers.asking import Reader
from symback.readers.names import Refused, described
from symback.readers.plain_values import PythonError
from symback.readers.slots import CONTAINERS
from symback.readers.values import Bound, Definition, Helper, Instance


def dictionary(reader: Reader, holder: Instance) -> dict[str, Any]:
    """Return ``holder.__dict__``, through which the attributes of a plain object can be changed."""
    if not has_dictionary(holder):
        raise ReadError(f"__dict__ of {described(holder)} is not followed", reader.line)
    return holder.attributes


def has_dictionary(holder: Instance) -> bool:
    """Return whether ``holder.__dict__`` holds its attributes as they are: a layer keeps its parameters elsewhere."""
    definition = holder.definition
    if definition is None:
        return holder.layer is None and holder.kind not in CONTAINERS
    strange = definition.is_module or definition.members is not None or slots_of(definition) is not None
    return not strange and not any(isinstance(b, Poison) for d in definition.lineage() for b in d.bases)


def slots_of(definition: Definition) -> set[str] | None:
    """Return the names that the objects of a class can be given; None where they can be given any."""
    found: set[str] = set()
    for one in definition.lineage():
        if "__slots__" not in one.attributes or any(
            not isinstance(b, Definition) and not (isinstance(b, Library) and b.path == "builtins.object")
            for b in one.bases
        ):
            return None
        said = one.attributes["__slots__"]
        if not isinstance(said, (str, list, tuple)) or not all(isinstance(s, str) for s in said):
            raise ReadError(f"the __slots__ of {one.name} are not known from the code", one.line)
        found |= {said} if isinstance(said, str) else set(said)
    return None if "__dict__" in found else found


ABSTRACT = "__abstractmethods__"
"""The attribute of a class that holds the names of its abstract methods, as Python calls it."""


def abstract_names(definition: Definition) -> list[str]:
    """Return the methods that a class leaves to those derived from it, where it is derived from ``abc.ABC``."""
    order = definition.lineage()
    if not any(isinstance(b, Library) and b.path == "abc.ABC" for d in order for b in d.bases):
        return []
    said = {n: d for d in reversed(order) for n in d.attributes.get(ABSTRACT, ())}
    return [n for n, one in said.items() if n in one.methods and definition.having(n) is one]


def check_assignment(reader: Reader, holder: Instance, definition: Definition, name: str, fresh: bool) -> None:
    """Raise where an object cannot be given an attribute, or where that changes what the object is."""
    if name in ("__class__", "__dict__"):
        raise Refused(f"{name} of {described(holder)} is given a value, which is not followed", reader.line)
    if not fresh and data_classes.is_frozen(definition):
        raise PythonError(FrozenInstanceError, f"cannot assign to field '{name}'", reader.line)
    if definition.members is not None and name in ("name", "value", "_name_", "_value_"):
        raise ReadError(f"the {name} of a member of an enumeration cannot be changed here", reader.line)
    slots = slots_of(definition)
    if slots is not None and name not in slots and definition.having(name) is None:
        raise PythonError(AttributeError, f"'{holder.kind}' object has no attribute '{name}'", reader.line)


def setter_of(reader: Reader, holder: Instance, definition: Definition, name: str) -> Bound | None:
    """Return the setter of a property that takes an assignment: the first class that has the name decides."""
    one = definition.having(name)
    if one is None:
        return None
    if one.markers.get(name) == "property":
        if f"{name}.setter" not in one.methods:
            raise PythonError(AttributeError, f"property '{name}' of '{holder.kind}' object has no setter", reader.line)
        return Bound(holder, one.methods[f"{name}.setter"], one)
    given = one.attributes.get(name)
    if isinstance(given, Poison):
        raise given.error  # it may be a descriptor, which takes the assignment itself
    return None


def check_length_methods(reader: Reader, holder: Instance) -> None:
    """Refuse to walk an object whose ``__len__`` does something: Python asks it how much room a list of its items needs."""
    for one in holder.definition.lineage() if holder.definition else ():
        for name in ("__len__", "__length_hint__"):
            if name in one.methods and not _only_answers(one.methods[name]):
                raise ReadError(
                    f"{name} of {holder.kind} may be asked while its items are taken, and does more than answer, which is "
                    "not followed",
                    reader.line,
                )


_SIMPLE = (ast.Return, ast.Expr, ast.Assign, ast.AnnAssign, ast.If, ast.Pass)


def _only_answers(helper: Helper) -> bool:
    """Return whether a method computes its answer from what is there, and cannot raise by its own words."""
    nodes = [n for s in (helper.body if isinstance(helper.body, list) else [helper.body]) for n in ast.walk(s)]
    return all(_is_simple(helper, n) for n in nodes)


def _is_simple(helper: Helper, node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        root = node.func
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return False
        home = helper.scope.find(root.id)
        held = home.names[root.id] if home is not None else None
        return isinstance(held, Library) or (held is None and hasattr(builtins, root.id) and root is node.func)
    if isinstance(node, ast.stmt):
        return isinstance(node, _SIMPLE)
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return isinstance(node.ctx, ast.Load)
    return not isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.USub))
