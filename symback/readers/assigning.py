"""Assignments: names, items, attributes, parts of arrays, and changes in place."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ShapeError
from symback.core.forms import Form, Name, element_count, shape_text
from symback.readers import calling, containers, expressions, memory, modules, recording, updating
from symback.readers.asking import Reader
from symback.readers.limits import LARGEST_LIST
from symback.readers.names import describe
from symback.readers.plain_numbers import is_number
from symback.readers.plain_values import check_length
from symback.readers.syntax import as_load, title
from symback.readers.values import Array, Definition, Instance, Leave, Listed, Outside, Returned, Scope

Signal = Returned | Leave | None


def assignment(reader: Reader, node: ast.Assign, scope: Scope) -> Signal:
    """Follow ``target = value``, also an update of a parameter written so."""
    target = node.targets[0]
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


def augmented(reader: Reader, node: ast.AugAssign, scope: Scope) -> Signal:
    """Follow ``target += value``: an update, a change in place, or a new value."""
    if isinstance(node.op, (ast.Sub, ast.Add)):
        place = updating.leaf_of(reader, node.target, scope)
        if place is not None and reader.is_update(place.binding, node.value, scope, isinstance(node.op, ast.Sub)):
            updating.updated(reader, place, updating.rate_of(reader, node.value, scope), None, scope)
            return None
    if isinstance(node.target, ast.Subscript):
        return _augmented_item(reader, node, node.target, scope)
    left = reader.value(as_load(node.target), scope)
    right = reader.value(node.value, scope)
    if isinstance(left, (list, set, dict)):
        _extended(reader, node.op, left, right)
        return None
    if isinstance(left, Array):
        memory.refuse_overlap(reader, left, [right])
        reader.change(left, reader.form(accumulated(reader, node.op, left, right)), _label(node.target))
        return None
    inplace = calling.own_method(reader, left, f"__i{calling.METHODS.get(type(node.op), '')}__")
    value = (
        modules.call_bound(reader, inplace, [right], {})
        if inplace is not None
        else accumulated(reader, node.op, left, right)
    )
    reader.assign(node.target, value, scope)
    return None


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


def _augmented_item(reader: Reader, node: ast.AugAssign, target: ast.Subscript, scope: Scope) -> Signal:
    held, key = reader.value(target.value, scope), reader.value(target.slice, scope)
    right = None
    if isinstance(held, Array):
        key = _array_key(reader, held, key)
        right = reader.value(node.value, scope)
        chosen = key[0] if isinstance(key, tuple) and len(key) == 1 else key
        if isinstance(chosen, Form) and memory.is_truth(reader, chosen) and reader.constant(chosen) is None:
            whole = reader.form(reader.binary(node.op, held, right))
            form = reader.form(held)
            if reader.form(right).shape:
                raise ReadError("entries chosen by a condition are changed by an array; use np.where", reader.line)
            reader.store_condition(held, chosen, whole, form, _label(target))
            return None
        shown = reader.item(held, key)
        memory.refuse_overlap(reader, shown, [right])
        part = reader.form(shown)
        _store(reader, held, key, reader.form(accumulated(reader, node.op, part, right)), _label(target))
        return None
    left = reader.item(held, key)
    right = reader.value(node.value, scope)
    if isinstance(left, Array):
        reader.change(left, reader.form(accumulated(reader, node.op, left, right)), _key_label(key))
    elif isinstance(left, (list, set, dict)):
        _extended(reader, node.op, left, right)
    else:
        put_item(reader, held, key, accumulated(reader, node.op, left, right), target, scope)
    return None


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
        _assign_data(reader, target.value, value, scope)
        return
    holder = reader.value(target.value, scope)
    reader.writes += 1
    if isinstance(holder, Instance):
        modules.assign(reader, holder, target.attr, reader.held(value))
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
    else:
        raise ReadError(f"{describe(holder)} cannot be given a {target.attr}", reader.line)


def _assign_data(reader: Reader, target: ast.expr, value: Any, scope: Scope) -> None:
    """Do ``p.data = value``: the object stays, its entries are new."""
    if isinstance(target, ast.Attribute):
        holder = reader.value(target.value, scope)
        if isinstance(holder, Instance):
            modules.set_value(reader, holder, target.attr, value)
            return
    held = reader.value(target, scope)
    if not isinstance(held, Array):
        raise ReadError(f"{describe(held)} has no data that can be given a value", reader.line)
    form = reader.form(value)
    if form.shape != reader.form(held).shape:
        raise ShapeError(
            f"data of shape {shape_text(form.shape)} cannot take the place of {shape_text(reader.form(held).shape)}"
        )
    memory.give_memory(reader, held, value, form, _label(target))


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
            held[key] = [reader.held(v) for v in reader.items_of(value)]
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
        own = calling.own_method(reader, held, "__setitem__")
        if own is not None:
            modules.call_bound(reader, own, [key, value], {})
        else:
            modules.put_item(reader, held, key, value)
    elif isinstance(held, Outside):
        return
    else:
        raise ReadError(f"an item of {describe(held)} cannot be given a value", reader.line)


def _array_key(reader: Reader, held: Array, key: Any) -> Any:
    """Return an index of an array as constants, slices and Forms, or as one entry of every row."""
    items = list(key) if isinstance(key, tuple) else [key]
    if isinstance(key, Form) and element_count(key.shape) == 0:
        return (reader.literal([]),)
    plain = expressions.index_items(reader, items)
    pick = expressions.row_pick(reader, reader.form(held), plain)
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
            del held[key]
        else:
            containers.call(reader, held, "__delitem__", [reader.plain(key)], {})
    else:
        raise ReadError("this cannot be deleted", reader.line)
