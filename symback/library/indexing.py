"""Parts of arrays: what an index picks, and what an array becomes where a part of it is given new entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symback.core.arrays import Broadcast, Reshape
from symback.core.errors import ReadError, ShapeError
from symback.core.forms import (
    Apply,
    Concatenate,
    Expand,
    Filled,
    Form,
    Get,
    Name,
    Number,
    Transpose,
    broadcast_to,
    concatenate,
    element_count,
    equal,
    expand,
    filled,
    gather,
    get,
    names_in,
    one_hot,
    reshape,
    shape_text,
    transpose,
    where,
)
from symback.core.shapes import Span
from symback.library import kinds
from symback.library.contract import Caller
from symback.library.kinds import as_condition
from symback.library.limits import UNROLLED
from symback.library.values import Counting, RowPick

# --- what an index picks ------------------------------------------------------------------------------------------------


def part(caller: Caller, form: Form, items: list[Any]) -> Form:
    """Return ``form[items]``: constants and slices, rows picked by class indices, entries picked by known conditions."""
    plain = index_items(caller, items)
    if any(isinstance(i, (Form, range, Counting)) for i in plain):
        if caller.is_torch(form):
            refuse_bytes(caller, form, plain)
            first, plain = selected_first(plain)
            form = form if first is None else get(form, first)
        return caller.made(_picked(caller, form, plain))
    form, plain = _one_of_stack(caller, form, plain)
    return caller.made(get(form, tuple(plain)))


def index_items(caller: Caller, items: Sequence[Any]) -> list[Any]:
    """Return the items of an index: integers, slices, arrays of indices or truth values as Forms."""
    found: list[Any] = []
    for entry in items:
        if entry is None or entry is Ellipsis or isinstance(entry, (slice, range, Counting)):
            found.append(entry)
        elif isinstance(entry, bool):
            raise ReadError("True and False as an index cannot be read", caller.line)
        elif caller.is_array(entry) and caller.form(entry).shape:
            found.append(caller.form(entry))
        elif isinstance(entry, (list, tuple)):
            found.append(caller.form(entry) if entry else caller.literal(np.zeros(0, dtype=np.int64)))
        elif caller.is_array(entry) and kinds.is_condition(caller, caller.form(entry)):
            raise ReadError("a single truth value as an index cannot be read", caller.line)
        else:
            found.append(caller.integer(entry, "an index"))
    return found


def row_pick(caller: Caller, form: Form, items: Sequence[Any]) -> RowPick | None:
    """Return the index ``[np.arange(n), y]`` of one entry per row of a matrix, where it is one."""
    if (
        len(items) == 2
        and form.ndim == 2
        and isinstance(items[1], Form)
        and items[1].ndim == 1
        and kinds.kind_of(caller, items[1]) != "b"
        and counts_rows(caller, items[0], form)
    ):
        return RowPick(items[1])
    return None


def _picked(caller: Caller, form: Form, items: list[Any]) -> Form:
    """Return rows, or one entry per row, picked by an integer array."""
    arrays = [k for k, i in enumerate(items) if isinstance(i, (Form, range, Counting))]
    if any(is_truth(caller, items[k]) for k in arrays):
        return _chosen(caller, form, items, arrays)
    pick = row_pick(caller, form, items)
    if pick is not None:
        return pick.taken(form)
    if len(arrays) == 1 and all(i == slice(None) for k, i in enumerate(items) if k not in arrays):
        axis = arrays[0]
        index = _whole_index(caller, items[axis])
        if isinstance(index, Counting):
            raise ReadError("this index counts an axis of symbolic size", caller.line)
        index = caller.literal(np.asarray(index)) if isinstance(index, range) else index
        turned = axis == 1 and index.ndim == 1
        known = caller.known(form) if caller.is_literal(form) and (axis == 0 or turned) else None
        if known is not None and np.ndim(known) == 2 and np.array_equal(known, np.eye(len(known))):
            rows = one_hot(index, form.shape[1])
            return transpose(rows) if turned else rows
        _check_range(caller, index, form.shape[axis])
        return gather(form, index, axis)
    return _spots(caller, form, items)


def _spots(caller: Caller, form: Form, items: list[Any]) -> Form:
    """Return entries at places that are all known, as NumPy's rules for arrays of indices pick them."""
    if any(not isinstance(s, int) for s in form.shape):
        raise ReadError(
            "this indexing by arrays needs known sizes; use class indices as y_hat[np.arange(n), y]", caller.line
        )
    plain = [
        np.asarray(caller.constant(i)) if isinstance(i, Form) else np.asarray(i) if isinstance(i, range) else i
        for i in items
    ]
    if any(isinstance(i, np.ndarray) and i.dtype == object for i in plain) or any(
        isinstance(i, Counting) for i in plain
    ):
        raise ReadError(
            "this indexing by arrays cannot be read; use class indices as y_hat[np.arange(n), y]", caller.line
        )
    shape = tuple(int(s) for s in form.shape)
    try:
        places = np.arange(int(np.prod(shape))).reshape(shape)[tuple(plain)]
    except IndexError as error:
        raise ReadError(f"an index is out of range: {error}", caller.line) from None
    flat = reshape(form, [-1]) if form.ndim != 1 else form
    return gather(flat, caller.literal(places), 0)


def _chosen(caller: Caller, form: Form, items: list[Any], arrays: list[int]) -> Form:
    """Return entries chosen by a condition whose truth values are known; of any other the number is not."""
    masks = [k for k in arrays if is_truth(caller, items[k])]
    known = caller.constant(items[masks[0]]) if len(masks) == len(arrays) == 1 else None
    if known is None or masks[0] != 0:
        raise ReadError("entries picked by a condition have no fixed number; use np.where", caller.line)
    return _spots(caller, form, [np.asarray(known, dtype=bool), *items[1:]])


def _one_of_stack(caller: Caller, form: Form, items: list[Any]) -> tuple[Form, list[Any]]:
    """Return the part that an index picks from stacked arrays, as the last output of an LSTM."""
    stacked = caller.bindings[form.name].form if isinstance(form, Name) else form
    if not isinstance(stacked, Concatenate) or any(i is None or i is Ellipsis for i in items):
        return form, items
    axis = stacked.axis
    at = items[axis] if axis < len(items) else None
    if isinstance(at, bool) or not isinstance(at, int) or not -len(stacked.args) <= at < len(stacked.args):
        return form, items
    if not all(isinstance(part, Expand) and part.axes == (axis,) for part in stacked.args):
        return form, items
    return stacked.args[at].args[0], [*items[:axis], *items[axis + 1 :]] or [Ellipsis]


def _is_looked_at(caller: Caller, form: Form) -> bool:
    """Return whether a Form is data, or a part of data."""
    while form.shares_memory or isinstance(form, Name):
        meant = caller.bindings[form.name].form if isinstance(form, Name) else form.args[0]
        if meant is None:
            return True
        form = meant
    return False


def _whole_index(caller: Caller, index: Any) -> Any:
    """Return an index as data: what is computed is its number, since a step has no derivative."""
    if not isinstance(index, Form) or _is_looked_at(caller, index):
        return index
    if kinds.kind_of(caller, index) == "f":
        raise ReadError("an index is computed as real numbers", caller.line)
    known = caller.constant(index)
    if known is None:
        raise ReadError("an index is computed by the network; give its numbers as data", caller.line)
    return caller.literal(np.asarray(known, dtype=np.int64))


def _check_range(caller: Caller, index: Form, length: Any) -> None:
    """Raise where indices that are known lie outside an axis of known length."""
    known = caller.constant(index) if caller.is_literal(index) and isinstance(length, int) else None
    places = None if known is None else np.asarray(known)
    if (
        places is not None
        and places.size
        and places.dtype.kind in "iu"
        and not (-length <= places.min() <= places.max() < length)
    ):
        raise ReadError(f"an index is out of range for an axis of {length}", caller.line)


def counts_rows(caller: Caller, entry: Any, form: Form) -> bool:
    """Return whether an index counts the rows of an array from the first to the last."""
    if isinstance(entry, Counting):
        return entry.length == form.shape[0]
    if isinstance(entry, range):
        return entry == range(form.shape[0]) if isinstance(form.shape[0], int) else False
    if not isinstance(entry, Form) or not isinstance(form.shape[0], int):
        return False
    found = caller.constant(entry)
    return found is not None and np.array_equal(found, np.arange(form.shape[0]))


def is_truth(caller: Caller, form: Any) -> bool:
    """Return whether an index is an array of truth values."""
    return isinstance(form, Form) and kinds.is_condition(caller, form)


def selected_first(items: Sequence[Any]) -> tuple[tuple[Any, ...] | None, list[Any]]:
    """Return the whole numbers of an index, as an index of their own, and the rest of it.

    PyTorch selects by whole numbers before it picks by arrays; to NumPy a number beside an array is one more array.
    """
    if not any(isinstance(i, int) for i in items):
        return None, list(items)
    first: list[Any] = []
    for item in items:
        if isinstance(item, int) or item is Ellipsis:
            first.append(item)
        elif item is not None:
            truth = isinstance(item, np.ndarray) and item.dtype == bool
            first += [slice(None)] * (item.ndim if truth else 1)
    return tuple(first), [i for i in items if not isinstance(i, int)]


def refuse_bytes(caller: Caller, form: Form, items: Sequence[Any]) -> None:
    """Refuse whole numbers of few bits as an index of a tensor: to PyTorch those of 8 bits are a condition."""
    if caller.is_torch(form) and any(isinstance(i, Form) and kinds.kind_of(caller, i) == "n" for i in items):
        raise ReadError(
            "a tensor is indexed by whole numbers of few bits, which are a condition to PyTorch, or no index; write .long() "
            "or .bool()",
            caller.line,
        )


# --- what is given new entries -------------------------------------------------------------------------------------------


def stored(caller: Caller, held: Form, key: Any, value: Form) -> Form:
    """Return what an array is after ``held[key] = value``: ``key`` holds constants and slices, a condition, or indices."""
    items = list(key) if isinstance(key, tuple) else [key]
    if isinstance(key, RowPick):
        return _with_picked(caller, held, key, value)
    if any(isinstance(i, Form) for i in items):
        return _with_indexed(caller, held, items, value)
    shown = get(held, tuple(items))
    path = path_between(shown, held)
    assert path is not None
    return put_back(caller, path, [held, *path[:-1]], fitted(value, shown)) if path else fitted(value, shown)


def put_back(caller: Caller, path: Sequence[Form], below: Sequence[Form], value: Form) -> Form:
    """Return what an array becomes where what the last view of ``path`` shows of it becomes ``value``.

    ``below`` has what each view is a view of, the array itself first.
    """
    for node, under in zip(reversed(path), reversed(below), strict=True):
        value = _put_back(caller, node, under, value)
    return value


def path_between(result: Form, start: Form) -> tuple[Form, ...] | None:
    """Return the nodes that share memory from ``start`` to ``result``, the first one first; None where there is no such path."""
    found: list[Form] = []
    node = result
    while node is not start:
        if not node.shares_memory:
            return None
        found.append(node)
        node = node.args[0]
    return tuple(reversed(found))


def _put_back(caller: Caller, node: Form, below: Form, value: Form) -> Form:
    """Return what ``below`` becomes where what ``node`` shows of it becomes ``value``."""
    if isinstance(node, Transpose):
        return transpose(value, [node.axes.index(k) for k in range(node.ndim)])
    if isinstance(node, Reshape):
        return reshape(value, below.shape)
    if isinstance(node, Expand):
        return get(value, tuple(0 if k in node.axes else slice(None) for k in range(node.ndim)))
    if isinstance(node, Get):
        return replaced(caller, below, node.index, value)
    if isinstance(node, Broadcast) and node.shape == below.shape:
        return value
    raise ReadError("entries that stand several times in one view cannot be changed in place", caller.line)


def replaced(caller: Caller, form: Form, index: Sequence[Any], value: Form) -> Form:
    """Return ``form`` with ``value`` in the place of ``form[index]``; ``index`` has one item per axis, None for the whole."""
    axis = next((k for k, item in enumerate(index) if item is not None), None)
    if axis is None:
        return value
    item = index[axis]
    if isinstance(item, int):
        inner = [None if k == axis else i for k, i in enumerate(index)]
        row = part_at(caller, form, axis, item, item + 1)
        rest = [i for k, i in enumerate(inner) if k != axis]
        new = value if all(i is None for i in rest) else replaced(caller, _without_axis(row, axis), rest, value)
        return _spliced(caller, form, axis, item, item + 1, expand(new, [axis]))
    assert isinstance(item, Span)
    rest = [None if k == axis else i for k, i in enumerate(index)]
    place = sum(not isinstance(i, int) for i in index[:axis])
    if item.step == 1:
        start, stop = item.start, item.start + item.length
        part = part_at(caller, form, axis, start, stop)
        return _spliced(caller, form, axis, start, stop, replaced(caller, part, rest, value))
    if item.length > UNROLLED:
        raise ReadError(
            f"{item.length} separate parts of an array are changed in place; at most {UNROLLED}", caller.line
        )
    for k in range(item.length):
        one = [item.start + k * item.step if n == axis else i for n, i in enumerate(index)]
        form = replaced(caller, form, one, get(value, (slice(None),) * place + (k,)))
    return form


def _without_axis(form: Form, axis: int) -> Form:
    if isinstance(form, Expand) and form.axes == (axis,):
        return form.args[0]
    return get(form, (slice(None),) * axis + (0,))


def _pieces(caller: Caller, form: Form, axis: int) -> list[Form]:
    """Return an array as what it was joined from along an axis."""
    looked = form
    if isinstance(looked, Name):
        meaning = caller.bindings[looked.name].form
        looked = meaning if isinstance(meaning, Concatenate) else looked
    return list(looked.args) if isinstance(looked, Concatenate) and looked.axis == axis else [form]


def part_at(caller: Caller, form: Form, axis: int, start: int, stop: int) -> Form:
    """Return the entries from ``start`` to ``stop`` along an axis, taken out of the piece that holds them where one does."""
    at = 0
    for piece in _pieces(caller, form, axis):
        length = _length(caller, piece, axis)
        if at <= start and stop <= at + length:
            return _cut(piece, axis, start - at, stop - at)
        at += length
    return _cut(form, axis, start, stop)


def _cut(form: Form, axis: int, start: int, stop: int) -> Form:
    if start == 0 and stop == form.shape[axis]:
        return form
    if isinstance(form, Filled):
        return filled(form.value, (*form.shape[:axis], stop - start, *form.shape[axis + 1 :]))
    return get(form, (slice(None),) * axis + (slice(start, stop),))


def _length(caller: Caller, form: Form, axis: int) -> int:
    length = form.shape[axis]
    if not isinstance(length, int):
        raise ReadError(
            f"a part of an axis of symbolic size {length} is changed in place; give its length", caller.line
        )
    return length


def _spliced(caller: Caller, form: Form, axis: int, start: int, stop: int, new: Form) -> Form:
    """Return an array with the entries from ``start`` to ``stop`` along an axis exchanged for others."""
    found: list[Form] = []
    at, placed = 0, False
    for piece in _pieces(caller, form, axis):
        length = _length(caller, piece, axis)
        first, last = max(start, at), min(stop, at + length)
        if first >= last:
            found.append(piece)
        else:
            if at < first:
                found.append(_cut(piece, axis, 0, first - at))
            if not placed:
                found.append(new)
                placed = True
            if last < at + length:
                found.append(_cut(piece, axis, last - at, length))
        at += length
    if len(found) > 2 * UNROLLED:
        raise ReadError(f"an array is put together from more than {UNROLLED} parts", caller.line)
    return concatenate(found, axis) if placed else form


def fitted(value: Form, part: Form) -> Form:
    """Return ``value`` stretched to the shape of the part that takes it, as an assignment does."""
    if value.shape == part.shape:
        return value
    inner = value
    while inner.ndim > part.ndim and inner.shape[0] == 1:
        inner = get(inner, 0)
    try:
        if isinstance(inner, Number):
            return filled(inner.value, part.shape)
        return broadcast_to(inner, part.shape)
    except ShapeError:
        raise ShapeError(
            f"a part of shape {shape_text(part.shape)} cannot take values of shape {shape_text(value.shape)}"
        ) from None


def _with_picked(caller: Caller, held: Form, key: RowPick, value: Form) -> Form:
    """Return an array in which one entry of every row, picked by its class index, becomes ``value``."""
    if value.ndim > 1 or (value.shape and value.shape != key.index.shape):
        raise ShapeError(
            f"entries of shape {shape_text(key.index.shape)} cannot take values of shape {shape_text(value.shape)}"
        )
    hot = one_hot(key.index, held.shape[1])
    kept = key.taken(held)
    if isinstance(value, Apply) and value.op in ("add", "subtract") and value.args[0] is kept:
        step = value.args[1]
        column = expand(step, [1]) if step.ndim == 1 else step
        product = hot if column is caller.form(1) else hot * column
        return held + product if value.op == "add" else held - product
    if caller.constant(value) == 1 and _is_zero(caller, held):
        return hot
    column = expand(value, [1]) if value.ndim == 1 else value
    return where(equal(hot, 1), column, held)


def _is_zero(caller: Caller, held: Form) -> bool:
    """Return whether an array is known to be data of zeros; a value that takes their place would change nothing else."""
    if any(caller.bindings[n.name].trainable or caller.bindings[n.name].form is not None for n in names_in(held)):
        return False
    known = caller.known(held)
    if known is None or np.any(known):
        return False
    caller.fix(held, "an entry of each row set to 1 among zeros")
    return True


def _with_indexed(caller: Caller, held: Form, items: list[Any], value: Form) -> Form:
    """Return an array after an assignment by a condition, or by integer arrays whose numbers are known."""
    refuse_bytes(caller, held, items)
    if len(items) == 1 and is_truth(caller, items[0]):
        return _with_condition(caller, held, items[0], value)
    places = [np.asarray(caller.constant(i)) if isinstance(i, Form) else i for i in items]
    if any(isinstance(i, Form) and caller.constant(i) is None for i in items):
        raise ReadError(
            "entries picked by indices that are not known are changed in place; give the indices a value", caller.line
        )
    if any(not isinstance(s, int) for s in held.shape):
        raise ReadError("entries of an array of symbolic size are changed in place by indices", caller.line)
    spots = np.arange(int(element_count(held.shape))).reshape(tuple(int(s) for s in held.shape))
    first, places = selected_first(places) if caller.is_torch(held) else (None, places)
    try:
        chosen = (spots if first is None else spots[first])[tuple(places)]
    except IndexError as error:
        raise ReadError(f"an index is out of range: {error}", caller.line) from None
    if chosen.size > UNROLLED:
        raise ReadError(f"{chosen.size} entries are changed in place by indices; at most {UNROLLED}", caller.line)
    taken = fitted(value, filled(0, chosen.shape))
    if caller.is_torch(held) and np.unique(chosen).size < chosen.size and not caller.is_literal(taken):
        raise ReadError(
            "an entry of a tensor is given several values by one index; PyTorch does not say which of them stays",
            caller.line,
        )
    for where_, spot in np.ndenumerate(chosen):
        index = [int(k) for k in np.unravel_index(int(spot), spots.shape)]
        held = replaced(caller, held, index, get(taken, where_) if where_ else taken)
    return held


def _with_condition(caller: Caller, held: Form, condition: Form, value: Form) -> Form:
    if condition.shape != held.shape[: condition.ndim]:
        raise ShapeError(
            f"a condition of shape {shape_text(condition.shape)} cannot choose in an array of shape {shape_text(held.shape)}"
        )
    rest = held.ndim - condition.ndim
    if value.ndim > rest:
        raise ReadError("entries chosen by a condition take one value for all, or np.where", caller.line)
    wide = expand(condition, [condition.ndim + k for k in range(rest)]) if rest else as_condition(condition)
    return where(as_condition(wide) if rest else wide, value, held)
