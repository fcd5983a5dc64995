"""Assignments: names, items, attributes, parts of arrays, and changes in place."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ShapeError
from symback.core.forms import Form, Name, element_count, shape_text
from symback.library import indexing
from symback.library.limits import LARGEST_LIST
from symback.library.plain_numbers import is_number
from symback.library.values import Listed
from symback.readers import (
    calling,
    class_rules,
    containers,
    data_classes,
    memory,
    modules,
    operators,
    recording,
    updating,
)
from symback.readers.asking import Reader
from symback.readers.names import Refused, describe
from symback.readers.plain_operations import plain_delete_item, plain_set_item
from symback.readers.plain_values import PythonError, check_length, is_plain, resolved, type_name
from symback.readers.syntax import as_load, title
from symback.readers.values import Array, Bound, Definition, Helper, Instance, Leave, Outside, Returned, Scope

Signal = Returned | Leave | None


def assignment(reader: Reader, node: ast.Assign, scope: Scope) -> Signal:
    """Follow ``target = value``, also an update of a parameter written so."""
    target = node.targets[0]
    for one in node.targets:
        _check_target(reader, one, scope)
    pairs: list[tuple[ast.expr, ast.expr]] = [(target, node.value)]
    if (
        isinstance(target, (ast.Tuple, ast.List))
        and isinstance(node.value, (ast.Tuple, ast.List))
        and len(target.elts) == len(node.value.elts)
    ):
        pairs = list(zip(target.elts, node.value.elts, strict=True))
    if len(node.targets) == 1:
        updates = [updating.update_of(reader, t, v, scope) for t, v in pairs]
        if any(updates):
            for (part, value), found in zip(pairs, updates, strict=True):
                if found is None:
                    reader.assign(part, reader.value(value, scope), scope)
                else:
                    updating.updated(reader, found[0], updating.rate_of(reader, found[1], scope), part, scope)
            return None
    value = _accumulating(reader, node, scope)
    for target in node.targets:
        reader.assign(target, value, scope)
        if len(node.targets) > 1 and isinstance(target, ast.Name):  # a = b = np.zeros(3)
            held = scope.holder(target.id, reader.globals)
            value = (
                held.names[target.id]
                if held is not None and isinstance(held.names[target.id], (Array, Listed))
                else value
            )
    return None


def _accumulating(reader: Reader, node: ast.Assign, scope: Scope) -> Any:
    """Return the value of an assignment; ``total = total + x`` does not show a first 0."""
    whole, target = node.value, node.targets[0]
    left = whole.left if isinstance(whole, ast.BinOp) else None
    if (
        isinstance(whole, ast.BinOp)
        and isinstance(left, ast.Name)
        and isinstance(target, ast.Name)
        and left.id == target.id
        and scope.find(left.id)
    ):
        return accumulated(reader, whole.op, reader.value(left, scope), reader.value(whole.right, scope))
    return reader.value(whole, scope)


def annotated(reader: Reader, node: ast.AnnAssign, scope: Scope) -> Signal:
    """Follow ``target: kind = value``."""
    if node.value is not None:
        reader.assign(node.target, reader.value(node.value, scope), scope)
    return None


@dataclass(frozen=True)
class _Spot:
    """A target whose object and key were evaluated, once, as Python does for ``target op= value``."""

    node: ast.expr
    holder: Any = None
    key: Any = None


def _spot(reader: Reader, target: ast.expr, scope: Scope) -> _Spot:
    """Return where a target lies: ``W``, an attribute or an item of an object."""
    if isinstance(target, ast.Attribute):
        return _Spot(target, reader.value(target.value, scope))
    if isinstance(target, ast.Subscript):
        held = reader.value(target.value, scope)
        return _Spot(target, held, reader.value(target.slice, scope))
    return _Spot(target)


def _held_at(reader: Reader, spot: _Spot, scope: Scope) -> Any:
    """Return what a spot holds now."""
    if isinstance(spot.node, ast.Attribute):
        return reader.attribute(spot.holder, spot.node.attr)
    if isinstance(spot.node, ast.Subscript):
        return reader.item(spot.holder, spot.key)
    return reader.value(as_load(spot.node), scope)


def _put_back(reader: Reader, spot: _Spot, left: Any, value: Any, scope: Scope) -> None:
    """Assign the result of an operator to the spot it was read from, also where it is the same object, changed."""
    if isinstance(spot.node, ast.Attribute):
        if value is not left or not _holds_itself(spot.holder, spot.node.attr, value):
            _give_attribute(reader, spot.node, spot.holder, value)
    elif isinstance(spot.node, ast.Subscript):
        if value is not left or not _has_item(spot.holder, spot.key, value):
            put_item(reader, spot.holder, spot.key, value, spot.node, scope)
    elif value is not left:
        reader.assign(spot.node, value, scope)
    elif isinstance(spot.node, ast.Name):
        _keep_name(reader, spot.node.id, value, scope)


def _holds_itself(holder: Any, name: str, value: Any) -> bool:
    """Return whether to assign an attribute the object it holds changes nothing."""
    if isinstance(holder, Instance):
        one = holder.definition.having(name) if holder.definition is not None else None
        if one is not None and one.markers.get(name) == "property":
            return False
        if holder.definition is not None and data_classes.is_frozen(holder.definition):
            return False
        return holder.attributes.get(name) is value
    if isinstance(holder, Definition):
        return holder.attributes.get(name) is value
    return name == "data"


def _has_item(holder: Any, key: Any, value: Any) -> bool:
    """Return whether to assign an item the object it holds changes nothing."""
    if isinstance(holder, list) and isinstance(key, int):
        return -len(holder) <= key < len(holder) and holder[key] is value
    if isinstance(holder, dict) and isinstance(key, (str, int)):
        return holder.get(key) is value
    return False


def _keep_name(reader: Reader, name: str, value: Any, scope: Scope) -> None:
    """Let a name hold an object that it already showed: in a class body it may have been a name of the text around."""
    if scope.class_body and name not in scope.names:
        scope.names[name] = value


def augmented(reader: Reader, node: ast.AugAssign, scope: Scope) -> Signal:
    """Follow ``target += value``: an update, a change in place, or a new value."""
    target = node.target
    spot = _spot(reader, target, scope)
    if isinstance(node.op, (ast.Sub, ast.Add)):
        place = updating.leaf_at(reader, target, spot.holder, lambda: _held_at(reader, spot, scope), scope)
        if place is not None and reader.is_update(place.binding, node.value, scope, isinstance(node.op, ast.Sub)):
            updating.updated(reader, place, updating.rate_of(reader, node.value, scope), None, scope)
            return None
    if isinstance(target, ast.Subscript) and isinstance(spot.holder, Array):
        _augmented_part(reader, node, target, spot, scope)
        return None
    left = _held_at(reader, spot, scope)
    right = reader.value(node.value, scope)
    label = _key_label(spot.key) if isinstance(target, ast.Subscript) else _label(target)
    _put_back(reader, spot, left, _operated(reader, node.op, left, right, label), scope)
    return None


def _operated(reader: Reader, op: ast.operator, left: Any, right: Any, label: str) -> Any:
    """Return what ``left op= right`` gives: the object itself where that changes in place."""
    if isinstance(left, (list, set, dict)):
        _extended(reader, op, left, right)
        return left
    if isinstance(left, Array):
        if isinstance(right, Instance):
            raise ReadError("an array is changed in place by an object, which is not followed", reader.line)
        memory.refuse_overlap(reader, left, [right])
        reader.change(left, reader.form(accumulated(reader, op, left, right)), label)
        return left
    if isinstance(left, Instance):
        made = operators.inplace_method(reader, op, left, right)
        if made is not NotImplemented:
            return made
    return accumulated(reader, op, left, right)


def _extended(reader: Reader, op: ast.operator, left: Any, right: Any) -> None:
    """Change a list, set or dictionary in place."""
    reader.writes += 1
    if isinstance(left, list) and isinstance(op, ast.Add):
        more = [reader.held(v) for v in reader.items_of(right)]
        check_length(len(left) + len(more), reader.line)
        left.extend(more)
    elif isinstance(left, list) and isinstance(op, ast.Mult):
        left[:] = reader.binary(op, left, right)
    elif isinstance(left, dict) and isinstance(right, dict) and isinstance(op, ast.BitOr):
        left.update(right)
    elif isinstance(left, set) and isinstance(right, (set, frozenset)):
        kept = reader.binary(op, left, right)
        left.clear()
        left.update(kept)
    else:
        raise ReadError(f"{describe(left)} cannot be changed in place by this", reader.line)
    if len(left) > LARGEST_LIST:
        raise ReadError(f"a list of more than {LARGEST_LIST} entries is too long", reader.line)


def _augmented_part(reader: Reader, node: ast.AugAssign, target: ast.Subscript, spot: _Spot, scope: Scope) -> None:
    """Do ``array[key] op= value``."""
    held, key = spot.holder, _array_key(reader, spot.holder, spot.key)
    chosen = key[0] if isinstance(key, tuple) and len(key) == 1 else key
    if isinstance(chosen, Form) and indexing.is_truth(reader, chosen) and reader.constant(chosen) is None:
        right = reader.value(node.value, scope)
        whole = reader.form(reader.binary(node.op, held, right))
        form = reader.form(held)
        if reader.form(right).shape:
            raise ReadError("entries chosen by a condition are changed by an array; use np.where", reader.line)
        reader.store_condition(held, chosen, whole, form, _label(target))
        return
    part = reader.item(held, key)
    right = reader.value(node.value, scope)
    memory.refuse_overlap(reader, part, [right])
    _store(reader, held, key, reader.form(accumulated(reader, node.op, reader.form(part), right)), _label(target))


def accumulated(reader: Reader, op: ast.operator, left: Any, right: Any) -> Any:
    """Return ``left op right`` where the result takes the place of ``left``; a sum does not show its first 0."""
    if isinstance(op, ast.Add) and reader.is_array(right) and _starts_at_zero(reader, left):
        form = reader.form(right)
        if not isinstance(left, Array) or form.shape == reader.form(left).shape:
            return form
    return reader.binary(op, left, right)


def _starts_at_zero(reader: Reader, value: Any) -> bool:
    """Return whether this is the 0 an accumulation starts from."""
    if isinstance(value, Array):
        value = reader.form(value)
    if isinstance(value, Name):
        binding = reader.bindings[value.name]
        return binding.form is None and not value.shape and is_number(binding.value) and binding.value == 0
    return is_number(value) and value == 0


def _label(target: ast.expr) -> str:
    """Return what an array is called that a statement changes in place."""
    while isinstance(target, ast.Subscript) or (isinstance(target, ast.Attribute) and target.attr == "data"):
        if (
            isinstance(target, ast.Subscript)
            and isinstance(target.slice, ast.Constant)
            and isinstance(target.slice.value, str)
        ):
            return target.slice.value if target.slice.value.isidentifier() else ""
        target = target.value
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def _key_label(key: Any) -> str:
    return key if isinstance(key, str) and key.isidentifier() else ""


# --- targets ----------------------------------------------------------------------------------------------------------


def assign(reader: Reader, target: ast.expr, value: Any, scope: Scope) -> None:
    """Give ``value`` to a target."""
    if isinstance(target, ast.Name):
        reader.bind(target.id, value, scope)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(reader, target, value, scope)
    elif isinstance(target, ast.Subscript):
        reader.assign_item(target, value, scope)
    elif isinstance(target, ast.Attribute):
        _assign_attribute(reader, target, value, scope)
    elif isinstance(target, ast.Starred):
        reader.assign(target.value, Listed(reader.held(v) for v in value), scope)
    else:
        raise ReadError(f"nothing can be assigned to a {title(target)}", reader.line)


def _unpack(reader: Reader, target: ast.Tuple | ast.List, value: Any, scope: Scope) -> None:
    if isinstance(value, Outside):
        for part in target.elts:
            reader.assign(part.value if isinstance(part, ast.Starred) else part, value, scope)
        return
    parts = list(reader.items_of(value))
    starred = [k for k, t in enumerate(target.elts) if isinstance(t, ast.Starred)]
    count = len(target.elts)
    if starred and len(parts) >= count - 1:
        at = starred[0]
        last = len(parts) - (count - at - 1)
        parts = [*parts[:at], parts[at:last], *parts[last:]]
    if len(parts) != count:
        raise ReadError(f"{len(parts)} values cannot be given to {count} names", reader.line)
    for part, item in zip(target.elts, parts, strict=True):
        reader.assign(part, item, scope)


def bind_target(reader: Reader, target: ast.expr, item: Any, scope: Scope) -> None:
    """Give the variables of a loop or comprehension their next values."""
    if isinstance(target, ast.Name):
        holder = scope
        if target.id in scope.global_names:
            holder = reader.globals
        holder.names[target.id] = reader.held(item)
    elif isinstance(target, (ast.Tuple, ast.List)):
        parts = list(reader.items_of(item))
        starred = [k for k, t in enumerate(target.elts) if isinstance(t, ast.Starred)]
        if starred and len(parts) >= len(target.elts) - 1:
            at = starred[0]
            last = len(parts) - (len(target.elts) - at - 1)
            parts = [*parts[:at], Listed(map(reader.held, parts[at:last])), *parts[last:]]
        if len(parts) != len(target.elts):
            raise ReadError(f"{len(parts)} values cannot be given to {len(target.elts)} names", reader.line)
        for part, value in zip(target.elts, parts, strict=True):
            bind_target(reader, part.value if isinstance(part, ast.Starred) else part, value, scope)
    else:
        reader.assign(target, item, scope)


def _assign_attribute(reader: Reader, target: ast.Attribute, value: Any, scope: Scope) -> None:
    if target.attr == "data":
        _assign_data(reader, target, value, scope)
        return
    _give_attribute(reader, target, reader.value(target.value, scope), value)


_OF_FUNCTIONS = ("__defaults__", "__kwdefaults__", "__code__", "__globals__", "__closure__", "__class__", "__dict__")
"""Attributes of a function that decide what it does."""


def _check_target(reader: Reader, target: ast.expr, scope: Scope) -> None:
    """Refuse an assignment to what decides what a function or a layer is, before its value is looked at."""
    if isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            _check_target(reader, part, scope)
    elif (
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Attribute)
        and target.value.attr == "__dict__"
    ):
        held = updating.place_of(reader, target.value.value, scope)
        if isinstance(held, Instance) and not class_rules.has_dictionary(held):
            raise Refused(f"__dict__ of {describe(held)} is changed, which is not followed", reader.line)
    elif isinstance(target, ast.Attribute) and target.attr in _OF_FUNCTIONS:
        held = updating.place_of(reader, target.value, scope)
        if isinstance(held, (Helper, Bound)):
            raise Refused(f"{target.attr} of {describe(held)} is given a value, which is not followed", reader.line)


def _give_attribute(reader: Reader, target: ast.Attribute, holder: Any, value: Any) -> None:
    """Do ``holder.name = value``."""
    reader.writes += 1
    if isinstance(holder, Instance):
        modules.assign(reader, holder, target.attr, reader.held(value))
    elif isinstance(holder, (Helper, Bound)) and target.attr in _OF_FUNCTIONS:
        raise Refused(f"{target.attr} of {describe(holder)} is given a value, which is not followed", reader.line)
    elif target.attr == "requires_grad" and reader.is_array(holder) and isinstance(value, bool):
        form = reader.form(holder)
        if not isinstance(form, Name):
            raise ReadError("requires_grad is set for data only", reader.line)
        recording.want(reader, reader.bindings[form.name], value)
    elif target.attr in ("grad", "gradient") and reader.is_array(holder):
        return
    elif isinstance(holder, Definition):
        modules.assign_to_class(reader, holder, target.attr, value)
    elif isinstance(holder, Outside):
        return
    elif isinstance(holder, Array) and target.attr in ("shape",):
        raise ReadError("an array is reshaped in place; write a = a.reshape(…)", reader.line)
    elif is_plain(resolved(reader, holder)):
        raise PythonError(
            AttributeError,
            f"'{type_name(resolved(reader, holder))}' object has no attribute '{target.attr}'",
            reader.line,
        )
    else:
        raise ReadError(f"{describe(holder)} cannot be given a {target.attr}", reader.line)


def _assign_data(reader: Reader, target: ast.Attribute, value: Any, scope: Scope) -> None:
    """Do ``p.data = value``: the object stays, its entries are new; an object of the text is given an attribute."""
    inner = target.value
    if isinstance(inner, ast.Attribute):
        holder = reader.value(inner.value, scope)
        held = holder.attributes.get(inner.attr) if isinstance(holder, (Instance, Definition)) else None
        if isinstance(holder, Instance) and not isinstance(held, (Instance, Definition)):
            modules.set_value(reader, holder, inner.attr, value)
            return
        held = reader.attribute(holder, inner.attr) if held is None else held
    else:
        held = reader.value(inner, scope)
    if isinstance(held, (Instance, Definition)):
        _give_attribute(reader, target, held, value)
        return
    if not isinstance(held, Array):
        raise ReadError(f"{describe(held)} has no data that can be given a value", reader.line)
    form = reader.form(value)
    if form.shape != reader.form(held).shape:
        raise ShapeError(
            f"data of shape {shape_text(form.shape)} cannot take the place of {shape_text(reader.form(held).shape)}"
        )
    memory.give_memory(reader, held, value, form, _label(inner))


# --- items ------------------------------------------------------------------------------------------------------------


def assign_item(reader: Reader, target: ast.Subscript, value: Any, scope: Scope) -> None:
    """Do ``holder[key] = value``."""
    held = reader.value(target.value, scope)
    key = reader.value(target.slice, scope)
    put_item(reader, held, key, value, target, scope)


def put_item(reader: Reader, held: Any, key: Any, value: Any, target: ast.Subscript, scope: Scope) -> None:
    """Give an item of a dictionary, a list, an array or an object a new value."""
    reader.writes += 1
    if isinstance(held, dict):
        label = reader.hashable(key)
        item = reader.named_item(label, value, scope) if isinstance(label, str) else value
        held[label] = reader.held(item)
    elif isinstance(held, list):
        if isinstance(key, slice):
            plain_set_item(held, key, [reader.held(v) for v in reader.items_of(value)], reader.line)
        else:
            containers.call(reader, held, "__setitem__", [reader.plain(key), reader.held(value)], {})
        if len(held) > LARGEST_LIST:
            raise ReadError(f"a list of more than {LARGEST_LIST} entries is too long", reader.line)
    elif isinstance(held, Array):
        key = _array_key(reader, held, key)
        if isinstance(value, Array) and value.cell is held.cell:
            memory.refuse_overlap(reader, reader.item(held, key), [value])
        _store(reader, held, key, reader.form(value), _label(target))
    elif isinstance(held, Instance):
        modules.put_item(reader, held, key, value)
    elif isinstance(held, Outside):
        return
    elif is_plain(held):
        raise PythonError(TypeError, f"'{type_name(held)}' object does not support item assignment", reader.line)
    else:
        raise ReadError(f"an item of {describe(held)} cannot be given a value", reader.line)


def _array_key(reader: Reader, held: Array, key: Any) -> Any:
    """Return an index of an array as constants, slices and Forms, or as one entry of every row."""
    items = list(key) if isinstance(key, tuple) else [key]
    if not items:
        return (Ellipsis,)
    if isinstance(key, Form) and element_count(key.shape) == 0:
        return (reader.literal([]),)
    plain = indexing.index_items(reader, items)
    pick = indexing.row_pick(reader, reader.form(held), plain)
    if pick is not None:
        return pick
    return tuple(reader.literal(np.asarray(i)) if isinstance(i, range) else i for i in plain)


def _store(reader: Reader, held: Array, key: Any, value: Form, label: str) -> None:
    reader.store(held, key, reader.made(value), label)


def delete_item(reader: Reader, target: ast.Subscript, scope: Scope) -> None:
    """Do ``del holder[key]``."""
    held, key = reader.value(target.value, scope), reader.value(target.slice, scope)
    reader.writes += 1
    if isinstance(held, dict):
        label = reader.hashable(key)
        if label not in held:
            raise calling.raised(reader, "KeyError", f"there is no {label!r} in this dictionary")
        del held[label]
    elif isinstance(held, list):
        if isinstance(key, slice):
            plain_delete_item(held, key, reader.line)
        else:
            containers.call(reader, held, "__delitem__", [reader.plain(key)], {})
    elif isinstance(held, Instance) and operators.own_method(reader, held, "__delitem__") is not None:
        reader.call(operators.own_method(reader, held, "__delitem__"), [key], {})
    else:
        raise ReadError("this cannot be deleted", reader.line)
