"""Data classes: fields with their defaults, and what ``@dataclass`` makes of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.library.values import Library, Listed, Poison
from symback.readers.asking import Reader
from symback.readers.plain_values import PythonError, resolved, truth
from symback.readers.values import Definition, Instance, Scope

FIELDS = "__dataclass_fields__"
"""The attribute of a class that holds its fields, as Python calls it."""
OPTIONS = "__dataclass_params__"
"""The attribute of a class that holds what ``@dataclass(...)`` was given, as Python calls it."""
_ABSENT = object()


@dataclass(frozen=True, eq=False)
class FieldOptions:
    """``field(...)`` as the text writes it."""

    default: Any = _ABSENT
    factory: Any = _ABSENT
    init: bool = True
    compare: bool = True
    keyword: bool = False


@dataclass(frozen=True, eq=False)
class DataField:
    """One field of a data class; ``passed`` is given to ``__post_init__`` alone (``InitVar``)."""

    name: str
    options: FieldOptions
    passed: bool = False

    @property
    def optional(self) -> bool:
        """True where a call may leave it out."""
        return self.options.default is not _ABSENT or self.options.factory is not _ABSENT


def read_field(reader: Reader, **options: Any) -> FieldOptions:
    """Return what ``dataclasses.field(...)`` gives."""
    known = {"default", "default_factory", "init", "repr", "hash", "compare", "metadata", "kw_only"}
    unknown = [k for k in options if k not in known]
    if unknown:
        raise PythonError(TypeError, f"field() got an unexpected keyword argument '{unknown[0]}'", reader.line)
    if "default" in options and "default_factory" in options:
        raise PythonError(ValueError, "cannot specify both default and default_factory", reader.line)
    return FieldOptions(
        options.get("default", _ABSENT),
        options.get("default_factory", _ABSENT),
        truth(reader, options.get("init", True)),
        truth(reader, options.get("compare", True)),
        truth(reader, options.get("kw_only", False)),
    )


def is_data_class(decorators: Sequence[Any]) -> bool:
    """Return whether one of the decorators, as values or calls of one, is ``dataclass``."""
    return any(isinstance(d, Library) and d.path == "dataclasses.dataclass" for d in decorators)


def check_options(options: Mapping[str, Any], line: int | None) -> None:
    """Raise ReadError for an option of ``@dataclass(...)`` that is not followed."""
    known = {"init", "repr", "eq", "order", "unsafe_hash", "frozen", "match_args", "kw_only", "slots", "weakref_slot"}
    for name, value in options.items():
        if name not in known:
            raise PythonError(TypeError, f"dataclass() got an unexpected keyword argument '{name}'", line)
        if (name == "init" and value is False) or (name in ("order", "kw_only", "unsafe_hash") and value is True):
            raise ReadError(f"@dataclass({name}={value}) is not followed", line)


def fields_of(reader: Reader, node: ast.ClassDef, bases: Sequence[Any], scope: Scope) -> dict[str, DataField]:
    """Return the fields of a class statement, those of its data classes first, in the order of a call."""
    found: dict[str, DataField] = {}
    for base in reversed(bases):
        if isinstance(base, Definition):
            found.update(own_fields(base))
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        kind = ast.unparse(statement.annotation).strip("'\"")
        if kind.split("[")[0].rpartition(".")[2] == "ClassVar":
            continue
        given = _ABSENT if statement.value is None else scope.names.get(statement.target.id, _ABSENT)
        if isinstance(given, Poison):
            raise given.error
        options = given if isinstance(given, FieldOptions) else FieldOptions(given)
        if isinstance(options.default, (list, dict, set)):
            message = f"mutable default for field {statement.target.id} is not allowed: use default_factory"
            raise PythonError(ValueError, message, statement.lineno)
        passed = kind.split("[")[0].rpartition(".")[2] == "InitVar"
        found[statement.target.id] = DataField(statement.target.id, options, passed)
    _check_order(found, node.lineno)
    return found


def set_defaults(made: Definition) -> None:
    """Leave the defaults of fields as attributes of their class, and nothing where there is none."""
    for one in made.attributes[FIELDS].values():
        if isinstance(made.attributes.get(one.name), FieldOptions):
            del made.attributes[one.name]
            if one.options.default is not _ABSENT:
                made.attributes[one.name] = one.options.default


def _check_order(fields: Mapping[str, DataField], line: int | None) -> None:
    seen = ""
    for one in fields.values():
        if not one.options.init or one.options.keyword:
            continue
        if seen and not one.optional:
            raise PythonError(TypeError, f"non-default argument '{one.name}' follows default argument '{seen}'", line)
        seen = one.name if one.optional else ""


def own_fields(definition: Definition) -> dict[str, DataField]:
    """Return the fields of a data class in the order of a call; none where it is not one."""
    for one in definition.lineage():
        if FIELDS in one.attributes:
            return dict(one.attributes[FIELDS])
    return {}


def is_frozen(definition: Definition) -> bool:
    """Return whether objects of a class cannot be given attributes."""
    return any(d.attributes[OPTIONS].get("frozen") is True for d in definition.lineage() if OPTIONS in d.attributes)


def makes_init(definition: Definition) -> bool:
    """Return whether the first class of the lineage that says how objects are made is a data class without ``__init__``."""
    for one in definition.lineage():
        if "__init__" in one.methods:
            return False
        if FIELDS in one.attributes:
            return True
    return False


def comparing(value: Any) -> Definition | None:
    """Return the data class whose ``==`` an object has; None where it has none."""
    for one in value.definition.lineage() if isinstance(value, Instance) and value.definition else ():
        if FIELDS in one.attributes and one.attributes[OPTIONS].get("eq", True) is True and "__eq__" not in one.methods:
            return one
    return None


def compared(reader: Reader, kind: Definition, left: Any, right: Any) -> Any:
    """Return ``left == right`` as a data class compares: objects of one class by their fields; NotImplemented for others."""
    if not isinstance(right, Instance) or right.definition is not left.definition:
        return NotImplemented
    names = [f.name for f in kind.attributes[FIELDS].values() if f.options.compare and not f.passed]
    if any(n not in one.attributes for one in (left, right) for n in names):
        raise ReadError("a field of a data class is compared that has no value of its own", reader.line)
    sides = [tuple(reader.attribute(one, n) for n in names) for one in (left, right)]
    for one, other in zip(*sides, strict=True):
        if one is other and not reader.is_array(one):
            continue
        if reader.is_array(one) or reader.is_array(other):
            one, other = resolved(reader, one), resolved(reader, other)
            if reader.is_array(one) or reader.is_array(other):
                raise ReadError("fields that hold arrays are compared, which has no single truth", reader.line)
        if not reader.truth(reader.compared(ast.Eq(), one, other)):
            return False
    return True


def arguments_of(
    reader: Reader, definition: Definition, args: Sequence[Any], keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Return the attributes of a new object of a data class, and the arguments of its ``__post_init__``."""
    fields = own_fields(definition)
    taken = [f for f in fields.values() if f.options.init]
    ordered = [f.name for f in taken if not f.options.keyword]
    if len(args) > len(ordered):
        message = f"{definition.name}() takes {len(ordered)} positional arguments but {len(args)} were given"
        raise PythonError(TypeError, message, reader.line)
    given = dict(zip(ordered, args, strict=False))
    for name, value in keywords.items():
        if name in given:
            raise PythonError(TypeError, f"{definition.name}() got multiple values for argument '{name}'", reader.line)
        if name not in {f.name for f in taken}:
            hint = nearest(name, fields)
            message = f"{definition.name}() got an unexpected keyword argument '{name}'{hint}"
            raise PythonError(TypeError, message, reader.line)
        given[name] = value
    attributes: dict[str, Any] = {}
    passed: list[Any] = []
    for one in fields.values():
        if one.name in given:
            value = given[one.name]
        elif one.options.factory is not _ABSENT:
            value = reader.call(one.options.factory, [], {})
        elif one.options.default is not _ABSENT:
            value = one.options.default
        elif one.options.init:
            raise PythonError(TypeError, f"{definition.name}() missing required argument: '{one.name}'", reader.line)
        else:
            continue
        if one.passed:
            passed.append(value)
        else:
            attributes[one.name] = value
    return attributes, passed


# --- functions of the module ------------------------------------------------------------------------------------------


def _fields(reader: Reader, holder: Any) -> dict[str, DataField]:
    definition = holder.definition if isinstance(holder, Instance) else holder
    if not isinstance(definition, Definition) or not own_fields(definition):
        raise PythonError(TypeError, "this is called on objects of data classes", reader.line)
    return {k: f for k, f in own_fields(definition).items() if not f.passed}


def _plain(reader: Reader, value: Any, made: Any) -> Any:
    if isinstance(value, Instance) and value.definition is not None and own_fields(value.definition):
        return made(reader, value)
    if type(value) is tuple:
        return tuple(_plain(reader, v, made) for v in value)
    if isinstance(value, Listed):
        return Listed(_plain(reader, v, made) for v in value)
    if type(value) is dict:
        return {_plain(reader, k, made): _plain(reader, v, made) for k, v in value.items()}
    return reader.call(Library("copy.deepcopy"), [value], {})


def as_dict(reader: Reader, obj: Any) -> dict[str, Any]:
    """Return ``dataclasses.asdict(obj)``."""
    return {k: _plain(reader, obj.attributes[k], as_dict) for k in _fields(reader, obj)}


def as_tuple(reader: Reader, obj: Any) -> tuple[Any, ...]:
    """Return ``dataclasses.astuple(obj)``."""
    return tuple(_plain(reader, obj.attributes[k], as_tuple) for k in _fields(reader, obj))


def replaced(reader: Reader, obj: Any, /, **changes: Any) -> Any:
    """Return ``dataclasses.replace(obj, ...)``: a new object, whose ``__post_init__`` is called."""
    fields = _fields(reader, obj)
    return reader.call(
        obj.definition, [], {**{k: obj.attributes[k] for k, f in fields.items() if f.options.init}, **changes}
    )


def is_data_object(value: Any) -> bool:
    """Return ``dataclasses.is_dataclass(value)``."""
    definition = value.definition if isinstance(value, Instance) else value
    return isinstance(definition, Definition) and bool(own_fields(definition))


FUNCTIONS: dict[str, Any] = {
    "dataclasses.field": read_field,
    "dataclasses.asdict": as_dict,
    "dataclasses.astuple": as_tuple,
    "dataclasses.replace": replaced,
    "dataclasses.is_dataclass": lambda reader, obj: is_data_object(obj),
}
"""Functions of ``dataclasses``, by their paths."""
