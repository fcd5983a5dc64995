"""Operators and comparisons of objects of the text, in the order in which Python asks their classes."""

from __future__ import annotations

import ast
from typing import Any

from symback.core.errors import ReadError
from symback.library.values import Library
from symback.readers import data_classes, modules
from symback.readers.asking import Reader
from symback.readers.plain_values import OPERATOR_SIGNS, PythonError, is_plain, resolved, type_name
from symback.readers.values import Bound, Definition, Instance

METHODS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.Gt: "gt",
    ast.LtE: "le",
    ast.GtE: "ge",
}

_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}
"""The comparison that holds with its sides exchanged."""


def own_method(reader: Reader, holder: Any, name: str) -> Bound | None:
    """Return a method that an object's class of the text defines, bound to it; None where it does not."""
    definition = holder.definition if isinstance(holder, Instance) else None
    one = definition.having(name) if definition is not None else None
    if one is None:
        return None
    if one.markers.get(name) or name not in one.methods:
        if name in one.attributes and one.attributes[name] is None:
            raise ReadError(f"{holder.kind} says that it has no {name}", reader.line)
        raise ReadError(f"{name} of the class {one.name} is no plain method, which is not followed", reader.line)
    return Bound(holder, one.methods[name], one)


def _class_of(value: Any) -> Definition | None:
    return value.definition if isinstance(value, Instance) else None


def _descends(value: Any, other: Any) -> bool:
    """Return whether the class of a value is derived from that of another one, and is not the same."""
    own, theirs = _class_of(value), _class_of(other)
    return own is not None and theirs is not None and own is not theirs and theirs in own.lineage()


def _same_class(value: Any, other: Any) -> bool:
    return _class_of(value) is not None and _class_of(value) is _class_of(other)


def _declines(result: Any) -> bool:
    return isinstance(result, Library) and result.path.endswith("NotImplemented")


# --- arithmetic -------------------------------------------------------------------------------------------------------


def operator_method(reader: Reader, op: ast.operator, left: Any, right: Any) -> Any:
    """Return what objects of the text make of an operator; NotImplemented where they define nothing."""
    if not isinstance(left, Instance) and not isinstance(right, Instance):
        return NotImplemented
    name = METHODS[type(op)]
    first = own_method(reader, left, f"__{name}__")
    second = None if _same_class(left, right) else own_method(reader, right, f"__r{name}__")
    if second is not None and reader.is_array(left):
        _check_array(reader, left, right)
    tries = [(first, right), (second, left)]
    if second is not None and _descends(right, left):
        theirs = own_method(reader, left, f"__r{name}__")
        if theirs is None or theirs.helper is not second.helper:
            tries.reverse()
    for method, other in tries:
        if method is not None:
            result = modules.call_bound(reader, method, [other], {})
            if not _declines(result):
                return result
    if first is not None or second is not None:
        if reader.is_array(left) or reader.is_array(right):
            raise ReadError(
                "an array is asked to take part in an operator of an object, which is not followed", reader.line
            )
        raise _unsupported(op, left, right, reader.line)
    return NotImplemented


def _unsupported(op: ast.operator, left: Any, right: Any, line: int | None) -> PythonError:
    kinds = [v.kind if isinstance(v, Instance) else type_name(v) for v in (left, right)]
    return PythonError(
        TypeError, f"unsupported operand type(s) for {OPERATOR_SIGNS[type(op)]}: '{kinds[0]}' and '{kinds[1]}'", line
    )


def _check_array(reader: Reader, left: Any, right: Any) -> None:
    """Refuse an object at the right of an array of NumPy, which asks it once for every entry unless its class says no."""
    form = reader.form(left)
    if not form.shape or reader.is_torch(form):
        return
    if any(right.definition.having(n) is not None for n in ("__array_ufunc__", "__array_priority__")):
        return
    raise ReadError(
        f"NumPy asks an object of {right.kind} once for every entry of the array at its left, which is not followed; "
        f"write {right.kind} at the left, or __array_ufunc__ = None in its class",
        reader.line,
    )


def inplace_method(reader: Reader, op: ast.operator, left: Any, right: Any) -> Any:
    """Return what an object of the text makes of ``left op= right``; NotImplemented where it defines nothing for it."""
    method = own_method(reader, left, f"__i{METHODS[type(op)]}__")
    if method is None:
        return NotImplemented
    result = modules.call_bound(reader, method, [right], {})
    return NotImplemented if _declines(result) else result


def unary_method(reader: Reader, op: ast.unaryop, value: Any) -> Any:
    """Return what an object of the text makes of ``-value``, ``+value`` or ``~value``; NotImplemented where it defines nothing."""
    label = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}[type(op)]
    method = own_method(reader, value, label)
    return NotImplemented if method is None else modules.call_bound(reader, method, [], {})


# --- comparisons ------------------------------------------------------------------------------------------------------


def comparison_method(reader: Reader, op: ast.cmpop, left: Any, right: Any) -> Any:
    """Return what objects of the text make of a comparison, whatever it is; NotImplemented where they define nothing."""
    if isinstance(op, (ast.In, ast.NotIn)):
        return _membership(reader, op, left, right)
    if type(op) not in _MIRRORED or not (isinstance(left, Instance) or isinstance(right, Instance)):
        return NotImplemented
    if all(isinstance(v, Instance) and v.kind in ("SimpleNamespace", "Namespace") for v in (left, right)):
        raise ReadError("namespaces are compared by what they hold, which is not followed", reader.line)
    asked = [(left, right, op), (right, left, _MIRRORED[type(op)]())]
    if _descends(right, left):
        asked.reverse()
    known = False
    for holder, other, sign in asked:
        result = _asked(reader, sign, holder, other)
        if result is not NotImplemented and not _declines(result):
            return result
        known = known or result is not NotImplemented
    plain = all(isinstance(v, (Instance, Definition)) or is_plain(resolved(reader, v)) for v in (left, right))
    if isinstance(op, (ast.Eq, ast.NotEq)) and plain:
        return (left is right) is isinstance(op, ast.Eq)
    if known and plain:
        sign_ = OPERATOR_SIGNS[type(op)]
        kinds = [v.kind if isinstance(v, Instance) else type_name(v) for v in (left, right)]
        message = f"'{sign_}' not supported between instances of '{kinds[0]}' and '{kinds[1]}'"
        raise PythonError(TypeError, message, reader.line)
    return NotImplemented


def _asked(reader: Reader, op: ast.cmpop, holder: Any, other: Any) -> Any:
    """Return what one side says; NotImplemented where its class says nothing, or the text's own where it declines."""
    method = own_method(reader, holder, f"__{METHODS[type(op)]}__")
    generated = data_classes.comparing(holder) if isinstance(op, (ast.Eq, ast.NotEq)) else None
    equal = own_method(reader, holder, "__eq__") if isinstance(op, ast.NotEq) and method is None else method
    if generated is not None and (equal is None or _comes_first(holder, generated, equal.definition)):
        same = data_classes.compared(reader, generated, holder, other)
        return NotImplemented if same is NotImplemented else same is isinstance(op, ast.Eq)
    if method is not None:
        return modules.call_bound(reader, method, [other], {})
    if equal is None:
        return NotImplemented
    result = modules.call_bound(reader, equal, [other], {})
    return result if _declines(result) else not reader.truth(result)


def _comes_first(holder: Instance, one: Definition, other: Definition) -> bool:
    assert holder.definition is not None
    order = holder.definition.lineage()
    return order.index(one) < order.index(other)


def _membership(reader: Reader, op: ast.In | ast.NotIn, left: Any, right: Any) -> Any:
    if not isinstance(right, Instance):
        return NotImplemented
    inside = own_method(reader, right, "__contains__")
    if inside is None:
        return NotImplemented
    found = reader.truth(modules.call_bound(reader, inside, [left], {}))
    return found if isinstance(op, ast.In) else not found
