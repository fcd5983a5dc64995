"""Arrays as Python holds them: memory with versions, and objects that show the whole of it, a part, or its axes in another order.

A cell is a piece of memory; its content is the Form it has now. An ``Array`` is an object of the text that shows a cell
through a path of nodes that share memory (slices, transposes, reshapes). Names, items of lists, attributes, arguments and
loop variables hold the objects, so that a change through any of them is seen by all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symback.core.arrays import Reshape
from symback.core.errors import ReadError, ShapeError
from symback.core.forms import (
    Apply,
    Concatenate,
    Expand,
    Filled,
    Form,
    Get,
    Name,
    Reduce,
    Transpose,
    element_count,
    expand,
    get,
    names_in,
    shape_text,
    where,
)
from symback.core.nodes import Matmul, numpy_index
from symback.library import indexing, kinds
from symback.library.kinds import as_condition
from symback.library.values import Listed, Poison, Record, RowPick
from symback.readers import recording
from symback.readers.asking import Reader
from symback.readers.values import Array, Cell

# --- what an object shows ---------------------------------------------------------------------------------------------


def content(array: Array) -> Form:
    """Return the Form that an array has now."""
    held = array.cell.content
    if isinstance(held, Poison):
        raise held.error
    if array.shown is not None and array.shown[0] == array.cell.version:
        return array.shown[1]
    return steps(array)[-1]


def steps(array: Array) -> list[Form]:
    """Return the content of the cell, and what each node of the path makes of it."""
    held = array.cell.content
    if isinstance(held, Poison):
        raise held.error
    found = [held]
    for node in array.path:
        found.append(node.remade((found[-1],)))
    return found


def shown(value: Any) -> Any:
    """Return a value with the arrays in it as Forms, or as the reason why what they hold is not known."""
    if isinstance(value, Array):
        return value.cell.content if isinstance(value.cell.content, Poison) else content(value)
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items()}
    if isinstance(value, Listed) and value.form is not None:
        return value
    if isinstance(value, list):
        return [shown(v) for v in value]
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(map(shown, value))
    return value


# --- what functions answer with ---------------------------------------------------------------------------------------

ALWAYS = frozenset(
    (
        "cpu",
        *("T", "mT", "H", "mH", "transpose", "permute", "swapaxes", "swapdims", "moveaxis", "movedim", "rollaxis"),
        *("t", "squeeze", "unsqueeze", "expand_dims", "view", "view_as", "expand", "expand_as", "broadcast_to"),
        *("atleast_1d", "atleast_2d", "atleast_3d", "diagonal", "split", "chunk", "array_split", "hsplit"),
        *("vsplit", "dsplit", "tensor_split", "unbind", "narrow", "select", "unflatten", "unfold", "asarray"),
        *("sliding_window_view",),
        *("asanyarray", "as_tensor", "from_numpy", "requires_grad_", "Variable", "real", "Identity", "dropout"),
        *("dropout1d", "dropout2d", "dropout3d", "flip", "flipud", "fliplr", "rot90", "__getitem__"),
    )
)
"""Functions and methods whose result shows the memory of their first operand, wherever it is the same entries."""

WHERE_IN_ORDER = frozenset((*("reshape", "ravel", "flatten", "contiguous", "ascontiguousarray", "Flatten"),))
"""Those that answer with a view where the entries lie in order, and with a copy where they do not."""

PERHAPS = frozenset(
    (
        *("diagonal", "to", "cuda", "float", "double", "half", "type", "type_as", "astype", "asfarray"),
        *("diag", "einsum", "matrix_power", "detach", "numpy", "require", "data", "float32", "float64"),
        *("Parameter",),
    )
)
"""Those of which it depends on types, devices or options whether the result is the operand itself."""

COPIES = frozenset(
    (
        *("copy", "clone", "array", "tensor", "tolist", "item", "deepcopy", "Tensor", "FloatTensor"),
        *("DoubleTensor",),
    )
)
"""Those whose result has memory of its own, though it has the same entries."""

SAME_OBJECT = frozenset(
    (
        *("asarray", "asanyarray", "as_tensor", "requires_grad_", "Variable", "Identity", "cpu", "contiguous"),
        *("dropout", "dropout1d", "dropout2d", "dropout3d", "ascontiguousarray", "real"),
    )
)
"""Functions that answer with the operand itself where nothing has to be done; all others make an object of their own."""

_TORCH_COPIES = frozenset((*("flip", "fliplr", "flipud", "rot90"),))
_NUMPY_COPIES = frozenset((*("flatten",),))


_ITSELF = frozenset(("requires_grad_", "contiguous", "cpu", "cuda", "to"))
"""Methods of PyTorch that answer with the array itself where nothing is to be done."""


def answered(reader: Reader, name: str, operand: Any, result: Any, torch: bool) -> Any:
    """Return the result of a call as an object: the operand itself, a view of it, or memory of its own."""
    made = _answered(reader, name, operand, result, torch)
    if not reader.without_gradients or not isinstance(made, Array) or (made is operand and name in _ITSELF):
        return made
    if made.cell is operand.cell:
        return replace(made, unrecorded=True)
    made.cell.unrecorded = True
    return made


def _answered(reader: Reader, name: str, operand: Any, result: Any, torch: bool) -> Any:
    if isinstance(result, (list, tuple)):
        kind: Any = type(result)
        parts = [answered(reader, name, operand, part, torch) for part in result]
        if isinstance(result, Record):
            return Record.of(result.title, result._fields, parts)
        return kind(*parts) if hasattr(result, "_fields") else kind(parts)
    if not isinstance(result, Form) or not isinstance(operand, Array) or name in COPIES:
        return result
    if name in (_TORCH_COPIES if torch else _NUMPY_COPIES) or name not in ALWAYS | WHERE_IN_ORDER | PERHAPS:
        return result
    inner = _inside(reader, result)
    base = steps(operand)[0]
    path = indexing.path_between(inner, base)
    if path is None:
        path = indexing.path_between(inner, content(operand))
        path = None if path is None else (*operand.path, *path)
    if path is None and (operand.unrecorded or operand.cell.unrecorded):
        path = indexing.path_between(inner, reader.form(operand))
        path = None if path is None else (*operand.path, *path)
    if path is None:
        return _apart(operand, result) if result.shape else result
    if name in ("detach", "data"):
        return Array(operand.cell, path, (operand.cell.version, result), True, operand.unrecorded)
    if name in PERHAPS or inner is not result:
        return _apart(operand, result)
    whole = name in ("contiguous", "ascontiguousarray", "ravel")
    if path == operand.path and not whole and name in SAME_OBJECT:
        return operand
    lies = True if name in ALWAYS else in_order(reader, operand, path, whole)
    if lies and path == operand.path and name in SAME_OBJECT:
        return operand
    if not lies:
        return _apart(operand, result) if lies is None else result
    perhaps = operand.identity if path == operand.path and name not in ("__getitem__", "T") else None
    return Array(operand.cell, path, None, operand.detached, operand.unrecorded, perhaps=perhaps)


def _inside(reader: Reader, form: Form) -> Form:
    """Return what a copy that gradients do not pass, or that belongs to the other library, is a copy of."""
    if isinstance(form, Name):
        binding = reader.bindings[form.name]
        if binding.form is not None and (binding.detached or binding.copy):
            return binding.form
    return form


def _apart(operand: Array, result: Form) -> Any:
    """Return an object of its own of which it is not known whether it shows the memory of the operand."""
    made = Array(Cell(result))
    suspect(operand.cell, made.cell)
    return made


def give_memory(reader: Reader, array: Array, given: Any, form: Form, label: str) -> None:
    """Do ``x.data = y``: the tensor shows the memory of ``y`` from here on, which what showed its old memory does not."""
    if any(other.path or other.detached for other in array.cell.shown_by if other is not array):
        raise ReadError(
            "data of a tensor is replaced while another array shows its memory; write x.data.copy_(…) where the memory stays",
            reader.line,
        )
    reader.change(replace(array, detached=True), form, label)
    if isinstance(given, Array):
        suspect(array.cell, given.cell)


def refuse_overlap(reader: Reader, target: Any, sources: Sequence[Any]) -> None:
    """Refuse an operation of PyTorch in place that reads another part of the memory it writes: it does not read a copy."""
    if not isinstance(target, Array) or isinstance(target.cell.content, Poison):
        return
    near = [s for s in sources if isinstance(s, Array) and s.cell is target.cell and s.path != target.path]
    if near and reader.is_torch(target.cell.content) and any(_overlap(target, s) for s in near):
        raise ReadError(
            "a tensor is changed in place by another part of itself that it overlaps; write .clone() around what is read",
            reader.line,
        )


def _overlap(one: Array, other: Array) -> bool:
    """Return whether two views of one cell share entries, or may do so."""
    base = steps(one)[0]
    if any(not isinstance(s, int) for s in base.shape):
        return True
    mine, its = (_spots(base, array.path) for array in (one, other))
    if mine is None or its is None:
        return True
    same = mine.shape == its.shape and np.array_equal(mine, its)
    return not same and bool(np.intersect1d(mine, its).size)


def _spots(base: Form, path: Sequence[Form]) -> np.ndarray[Any, Any] | None:
    """Return the places in memory of the entries that a path shows, None where they are not known."""
    shown: Any = np.arange(int(element_count(base.shape))).reshape(tuple(int(s) for s in base.shape))
    for node in path:
        if isinstance(node, Reshape) and all(isinstance(s, int) for s in node.shape):
            shown = shown.reshape(node.shape)
        elif isinstance(node, Get):
            shown = shown[(*numpy_index(node.index), ...)]
        elif isinstance(node, (Transpose, Expand)):
            shown = node.evaluated([shown], None)  # type: ignore[arg-type]
        else:
            return None
    return np.asarray(shown)


def lose_statistics(reader: Reader, array: Any, what: str) -> None:
    """Give up running statistics after a call in training mode, which moves them on."""
    if not isinstance(array, Array):
        return
    error = ReadError(
        f"the running statistics of {what} are changed by its call in training mode on line {reader.line}, which is not "
        "followed; call eval() before it",
        reader.line,
    )
    for cell in (array.cell, *array.cell.suspects):
        reader.remember(cell)
        cell.content = Poison(error)
        cell.version += 1


def suspect(one: Cell, other: Cell) -> None:
    """Remember that two cells may be the same memory: neither can be changed any more."""
    for near, far in ((one, other), (other, one)):
        for known in [near, *near.suspects]:
            if known is not far:
                known.suspects.add(far)
                far.suspects.add(known)


def either(result: Form, ways: Sequence[Any]) -> Any:
    """Return the choice between two ways; which array's memory it shows is not known."""
    shown = [way for way in ways if isinstance(way, Array)]
    if not shown:
        return result
    made = Array(Cell(result))
    for way in shown:
        suspect(way.cell, made.cell)
    return made


def in_order(reader: Reader, array: Array, path: Sequence[Form], whole: bool = False) -> bool | None:
    """Return whether reshaping an array along ``path`` needs no copy, as NumPy decides it by strides; None: not known.

    With ``whole`` the entries also have to lie side by side, row by row.
    """
    base = steps(array)[0]
    if not is_laid_out(reader, array.cell):
        return None
    nodes = list(path)
    if all(isinstance(n, (Reshape, Expand)) for n in nodes):
        return True
    if any(not isinstance(s, int) for n in (base, *nodes) for s in n.shape):
        return None
    memory: Any = np.empty(tuple(int(s) for s in base.shape), dtype=bool)
    shown = memory
    for node in nodes:
        if isinstance(node, Reshape):
            shown = shown.reshape(node.shape)
        elif isinstance(node, Get):  # with an ellipsis a single entry stays a view
            shown = shown[(*numpy_index(node.index), ...)]
        elif isinstance(node, (Transpose, Expand)):
            shown = node.evaluated([shown], None)  # type: ignore[arg-type]
        else:
            return None
    if not shown.size or (whole and not shown.flags.c_contiguous):
        return False if shown.size else None
    return bool(np.may_share_memory(shown, memory))


_KEEPING_ORDER = (Apply, Reduce, Get, Expand, Matmul, Reshape, Concatenate, kinds.Typed)
"""Nodes whose result lies row by row where their operands do."""


def is_laid_out(reader: Reader, cell: Cell) -> bool:
    """Return whether memory is known to lie row by row: results of arithmetic keep the order of their operands."""
    first = cell.made_of
    if isinstance(first, Poison):
        return False
    if isinstance(first, Filled):
        return cell.in_rows
    waiting, seen = [first], set[Form]()
    while waiting:
        node = waiting.pop()
        if node in seen or node.ndim < 2 or (isinstance(node, Matmul) and node.ndim == 2):
            continue
        seen.add(node)
        if isinstance(node, Name):
            inner = reader.bindings[node.name].form
            waiting += [] if inner is None else [inner]
        elif isinstance(node, _KEEPING_ORDER) and len(seen) < _MOST_LOOKED_AT:
            waiting += node.args
        else:
            return False  # also a constant array inside a formula, which may be the transpose of one
    return True


# --- changes ----------------------------------------------------------------------------------------------------------


def change(reader: Reader, array: Array, value: Form, label: str = "") -> None:
    """Give an array its new entries in place, in the memory that others show too.

    The new version is an equation of ``label``, where there is one, or of what the cell is called.
    """
    _changed(reader, array, _as_written(reader, array, value), label)


def _as_written(reader: Reader, array: Array, value: Form) -> Form:
    """Return what is written through ``x.data`` or ``x.detach()``: no gradient passes it."""
    if not array.detached or reader.is_literal(value):
        return value
    bindings = [reader.bindings[n.name] for n in names_in(value)]
    stays = all(b.detached or b.anonymous or b.updates is not None for b in bindings)
    return value if stays else reader.detached(value)


def _changed(reader: Reader, array: Array, value: Form, label: str) -> None:
    forms = steps(array)
    rewritten = recording.check_change(reader, array, value)
    if value.shape != forms[-1].shape:
        raise ShapeError(
            f"an array of shape {shape_text(forms[-1].shape)} cannot take a result of shape {shape_text(value.shape)} in place"
        )
    value = as_kind(reader, array.cell, forms[0], value)
    shown: Form = value
    if array.path and label:
        shown = value = reader.version(array.cell, value, label)
    value = indexing.put_back(reader, array.path, forms[:-1], value)
    if rewritten is not None:
        reader.wishes.rewritten.append((rewritten, value if array.detached else None, reader.line))
    whole = not array.path
    put_content(reader, array.cell, value, label if whole else "")
    if not whole and label:
        array.shown = (array.cell.version, shown)


def put_content(reader: Reader, cell: Cell, form: Form, label: str = "") -> None:
    """Give a cell its next version."""
    if len(cell.suspects):
        raise ReadError(
            "an array is changed in place of which it cannot be said whether another one is the same memory; write .copy() "
            "where a copy is meant",
            reader.line,
        )
    cell_label = label or cell.label
    reader.remember(cell)
    cell.content = reader.version(cell, form, cell_label) if cell_label else form
    cell.version += 1
    renewed = cell_label and isinstance(cell.content, Name) and reader.bindings[cell.content.name].form is None
    if reader.without_gradients and not renewed:
        cell.unrecorded = True


def changed_before(reader: Reader, mark: int) -> bool:
    """Return whether one of the cells in the journal is older than ``mark``: something outside was changed."""
    return any(cell.born < mark for cell, _, _ in reader.journal or ())


# --- whole numbers ----------------------------------------------------------------------------------------------------


def as_kind(reader: Reader, cell: Cell, held: Form, value: Form) -> Form:
    """Return numbers as an array takes them: whole numbers and truth values are cut where they are known, else refused."""
    mine = cell.kind or kinds.kind_of(reader, held)
    if mine == "f":
        return value
    its = kinds.kind_of(reader, value)
    if its == mine or (mine == "i" and its == "b"):
        return value
    known = reader.known(value) if reader.is_literal(value) else None
    if known is None:
        what = "whole numbers" if mine == "i" else "truth values"
        raise ReadError(
            f"an array of {what} is given other numbers in place, which it would cut; make it an array of floats",
            reader.line,
        )
    cut = np.trunc(np.asarray(known)).astype(np.int64) if mine == "i" else np.asarray(known) != 0
    return reader.literal(cut, torch=reader.is_torch(held)) if cut.ndim else reader.form(cut.item())


# --- items ------------------------------------------------------------------------------------------------------------


def store_item(reader: Reader, array: Array, key: Any, value: Form, label: str = "") -> None:
    """Do ``array[key] = value``: ``key`` holds constants and slices, a condition, or class indices of the rows."""
    held = content(array)
    value = _as_written(reader, array, value)
    items = list(key) if isinstance(key, tuple) else [key]
    if isinstance(key, RowPick) or any(isinstance(i, Form) for i in items):
        _changed(reader, array, indexing.stored(reader, held, key, value), label)
        return
    part = get(held, tuple(items))
    path = indexing.path_between(part, held)
    assert path is not None
    new = indexing.fitted(value, part)
    if not path:
        _changed(reader, array, new, label)
        return
    new = as_kind(reader, array.cell, held, new)
    _changed(reader, array, indexing.put_back(reader, path, [held, *path[:-1]], new), label)


def store_where(reader: Reader, array: Array, condition: Form, whole: Form, held: Form, label: str) -> None:
    """Do ``array[condition] = whole[condition]`` for an array ``whole`` of the same shape."""
    rest = held.ndim - condition.ndim
    wide = expand(condition, [condition.ndim + k for k in range(rest)]) if rest else condition
    _changed(reader, array, where(as_condition(wide), _as_written(reader, array, whole), held), label)


_MOST_LOOKED_AT = 200


# --- what may have been changed ---------------------------------------------------------------------------------------


def reachable(values: Sequence[Any], parts: Callable[[Any], Sequence[Any]]) -> Iterator[Any]:
    """Return everything that values hold, themselves included, each object once."""
    seen: dict[int, Any] = {}
    stack = list(values)
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        yield value
        stack += [part for part in parts(value) if id(part) not in seen]
