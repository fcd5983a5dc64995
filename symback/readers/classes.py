"""Classes of the text: what their bodies define, the members of enumerations, and what decides an attribute."""

from __future__ import annotations

import ast
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.library.values import Library, Poison
from symback.readers import class_rules, modules, unfollowed
from symback.readers.asking import Reader
from symback.readers.names import Refused
from symback.readers.plain_values import is_plain, resolved
from symback.readers.syntax import innermost, stored_names, title
from symback.readers.values import Bound, Definition, Helper, Instance, Scope

_MARKERS = ("property", "staticmethod", "classmethod")

_COUNTED = ("enum.IntEnum", "enum.StrEnum", "enum.ReprEnum", "builtins.int", "builtins.str", "builtins.float")
"""What makes the members of an enumeration numbers or texts, which are read as their values."""

_UNREAD_OF_ENUMERATIONS = ("__init__", "__new__", "_missing_", "_generate_next_value_")


def _leaves_classes(reader: Reader, node: ast.expr, scope: Scope) -> bool:
    """Return whether a metaclass makes classes as ``type`` does: its ``__new__`` hands on what it is given and looks at none of it."""
    if ast.unparse(node) in ("ABCMeta", "abc.ABCMeta"):
        return True
    made = reader.value(node, scope)
    if not isinstance(made, Definition) or set(made.methods) - {"__new__"} or made.attributes:
        return False
    if not all(isinstance(b, Library) and b.path == "builtins.type" for b in made.bases):
        return False
    for helper in made.methods.values():
        *before, last = helper.body if isinstance(helper.body, list) else [helper.body]
        used = {n.id for s in before for n in ast.walk(s) if isinstance(n, ast.Name)}
        given = ast.unparse(helper.arguments)
        if (
            used & {a.arg for a in ast.walk(helper.arguments) if isinstance(a, ast.arg)}
            or ast.unparse(last) != f"return super().__new__({given})"
        ):
            return False
    return True


def define(reader: Reader, node: ast.ClassDef, scope: Scope) -> Definition:
    """Return the class of a ``class`` statement."""
    options: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None or (keyword.arg == "metaclass" and not _leaves_classes(reader, keyword.value, scope)):
            raise ReadError(
                f"the class {node.name} is made with {keyword.arg or '**'}, which is not followed", node.lineno
            )
        if keyword.arg != "metaclass":
            options[keyword.arg] = reader.value(keyword.value, scope)
    bases: list[Any] = []
    for base in node.bases:
        try:
            bases.append(reader.value(base, scope))
        except Exception as error:  # what it is derived from matters only where a method is missing
            bases.append(Poison(ReadError(str(error))))
    made = Definition(node.name, tuple(bases), node.lineno, private=_private_names(node))
    _check_private(made)
    inside = Scope({}, scope.around(), class_body=True)
    kept: dict[str, Poison] = {}
    """What the names of properties and of class and static methods hold while the body is followed."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            _define_method(reader, made, statement, inside, kept)
        elif not isinstance(statement, ast.ClassDef) and any(
            isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) for n in ast.walk(statement)
        ):
            unread = Poison(ReadError(f"a {title(statement)} around methods cannot be read", statement.lineno))
            unfollowed.skipped(reader, statement, inside)
            inside.names.update(dict.fromkeys(stored_names(statement), unread))
        elif not _numbered(reader, statement, inside):
            reader.run([statement], inside)
    _settle(made, inside, kept)
    _check_final(made)
    if _is_enumeration(made):
        _make_members(reader, made, inside)
    _announce(reader, made, options)
    return made


def _private_names(node: ast.ClassDef) -> frozenset[str]:
    """Return the names in the body of a class that Python mangles."""
    found = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    found |= {n.name for n in ast.walk(node) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    return frozenset(n for n in found if n.startswith("__") and not n.endswith("__"))


def _check_private(made: Definition) -> None:
    """Refuse a private name that several classes of one object have: it is another attribute in each of them."""
    seen: dict[str, Definition] = {}
    for one in made.lineage():
        for name in sorted(one.private):
            if name in seen:
                raise ReadError(
                    f"{seen[name].name} and {one.name} both have a private {name}, which Python keeps apart; "
                    "give them names of their own",
                    made.line,
                )
            seen[name] = one


def _settle(made: Definition, inside: Scope, kept: dict[str, Poison]) -> None:
    """Give a class what its body defined: functions are methods, whatever statement gave them their names."""
    for name, value in inside.names.items():
        if name in kept and value is kept[name]:
            continue
        for label in (name, f"{name}.setter"):
            made.methods.pop(label, None)
            made.markers.pop(label, None)
        if isinstance(value, Helper):
            made.methods[name] = value
        else:
            made.attributes[name] = value


def _define_method(
    reader: Reader, made: Definition, node: ast.FunctionDef, inside: Scope, kept: dict[str, Poison]
) -> None:
    label, marker = node.name, ""
    helper: Any = reader.helper(node.name, node.args, node.body, inside, node.lineno)
    for decorator in reversed(node.decorator_list):
        text = ast.unparse(decorator)
        if text in ("abstractmethod", "abc.abstractmethod"):
            inside.names[class_rules.ABSTRACT] = (*inside.names.get(class_rules.ABSTRACT, ()), label)
        if text in _MARKERS:
            marker = text
        elif text in ("functools.cached_property", "cached_property"):
            marker = "cached_property"
        elif text == f"{node.name}.setter" and made.markers.get(node.name) == "property":
            label = f"{node.name}.setter"
        else:
            try:
                helper = reader.decorated(helper, [decorator], inside)
            except Refused:
                raise
            except SymbackError as error:
                inside.names[label] = Poison(error)
                return
            if not isinstance(helper, Helper):
                inside.names[label] = Poison(
                    ReadError(f"what the decorator {text} makes of {node.name} cannot be read", node.lineno)
                )
                return
    if label != node.name:
        made.methods[label] = helper
        return
    for name in (label, f"{label}.setter"):
        made.methods.pop(name, None)
        made.markers.pop(name, None)
    if not marker:
        inside.names[label] = helper
        return
    made.methods[label], made.markers[label] = helper, marker
    kept[label] = inside.names[label] = Poison(
        ReadError(f"the {marker} {label} is used in the body of its class, which cannot be read", node.lineno)
    )


def _check_final(made: Definition) -> None:
    """End the reading at a class whose ``__del__`` may change something, at a time that no text says."""
    last = made.methods.get("__del__")
    if last is not None and not _only_prints(last):
        raise Refused(f"the class {made.name} has its own __del__, which Python calls when it likes", last.line)


def _only_prints(helper: Helper) -> bool:
    """Return whether a method does nothing but print, or write into files."""
    body = helper.body if isinstance(helper.body, list) else [ast.Expr(helper.body)]
    if not all(isinstance(s, (ast.Pass, ast.Expr)) for s in body):
        return False
    calls = [n for s in body for n in ast.walk(s) if isinstance(n, ast.Call)]
    roots = [r.func if isinstance(r, ast.Call) else r for r in (innermost(c.func) for c in calls)]
    changes = any(isinstance(n, ast.NamedExpr) for s in body for n in ast.walk(s))
    return not changes and all(isinstance(r, ast.Name) and r.id in ("print", "open") for r in roots)


def _announce(reader: Reader, made: Definition, options: dict[str, Any]) -> None:
    """Tell the class that a new one is derived from, where it wants to know."""
    for one in made.lineage()[1:]:
        if "__init_subclass__" in one.methods:
            bound = Bound(made, one.methods["__init_subclass__"], one)
            modules.call_bound(reader, bound, [], options)
            return
    if options:
        raise ReadError(f"the class {made.name} is made with {next(iter(options))}, which is not followed", made.line)


# --- enumerations -----------------------------------------------------------------------------------------------------


def _outer_bases(made: Definition) -> set[str]:
    return {b.path for d in made.lineage() for b in d.bases if isinstance(b, Library)}


def _is_enumeration(made: Definition) -> bool:
    return any(path.startswith("enum.") for path in _outer_bases(made))


def _numbered(reader: Reader, statement: ast.stmt, inside: Scope) -> bool:
    """Do ``NAME = auto()`` in the body of an enumeration; False for any other statement."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return False
    target, call = statement.targets[0], statement.value
    if len(statement.targets) > 1 or not isinstance(target, ast.Name) or call.args or call.keywords:
        return False
    if not isinstance(call.func, (ast.Name, ast.Attribute)) or ast.unparse(call.func) not in ("auto", "enum.auto"):
        return False
    function = reader.value(call.func, inside)
    if not isinstance(function, Library) or function.path != "enum.auto":
        return False
    known = [resolved(reader, v) for v in inside.names.values() if not isinstance(v, (Helper, Poison))]
    if not all(isinstance(v, int) for v in known):
        return False
    inside.names[target.id] = 1 + max([0, *known])
    return True


def _make_members(reader: Reader, made: Definition, inside: Scope) -> None:
    """Make the plain attributes of an enumeration its members; equal values are one member of several names."""
    paths = _outer_bases(made)
    made.members = {}
    if paths & set(_COUNTED):
        return
    plain = paths <= {"enum.Enum", "builtins.object"} and not any(
        m in d.methods for d in made.lineage() for m in _UNREAD_OF_ENUMERATIONS
    )
    for name, given in list(made.attributes.items()):
        if name.startswith("_") and name.endswith("_"):
            continue
        value = given if isinstance(given, Poison) else resolved(reader, given)
        if not plain or not is_plain(value):
            made.attributes[name] = (
                value
                if isinstance(value, Poison)
                else Poison(ReadError(f"the member {name} of the enumeration {made.name} cannot be read", made.line))
            )
            continue
        same = next((m for m in made.members.values() if m.attributes["value"] == value), None)
        if same is None:
            same = Instance(made.name, made, {"name": name, "value": value, "_name_": name, "_value_": value})
            made.members[name] = same
        made.attributes[name] = same
