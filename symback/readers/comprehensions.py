"""Comprehensions and generators: all rows of an array at once where that has a formula, else written out one by one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form, Name, Shape, get, shape_text, substitute
from symback.core.forms import name as make_name
from symback.readers import memory
from symback.readers.asking import Reader
from symback.readers.limits import LARGEST_STACK, UNROLLED
from symback.readers.loaders import Loader
from symback.readers.values import (
    Array,
    Binding,
    Counting,
    Generated,
    Instance,
    Listed,
    RowNumber,
    Rows,
    Scope,
    Zipped,
)
from symback.readers.vectorize import over_rows

# --- what is looped over ----------------------------------------------------------------------------------------------


def items_of(reader: Reader, value: Any) -> Any:
    """Return what a loop runs over as a sequence."""
    if isinstance(value, (Form, Array)):
        return _rows_of(reader, value)
    if isinstance(value, Loader):
        return value.begun(reader)
    if isinstance(value, Zipped) and not value and value.arrays:
        raise ReadError("a loop over an axis of symbolic size cannot be written out", reader.line)
    if isinstance(value, Listed) and value.form is not None:
        return Rows(value)
    if isinstance(value, Generated):
        return value.rest(reader)
    if isinstance(value, (range, list, tuple, str)):
        return value
    if isinstance(value, (dict, set, frozenset)):
        return list(value)
    if isinstance(value, Instance):
        return reader.items_of_object(value)
    if hasattr(value, "__next__"):
        return _drawn_out(reader, value)
    raise ReadError("a loop can run over range(...), a list, or the rows of an array", reader.line)


def _drawn_out(reader: Reader, iterator: Any) -> list[Any]:
    found: list[Any] = []
    for item in iterator:
        found.append(item)
        if len(found) > UNROLLED * 16:
            raise ReadError(f"an iterator of more than {UNROLLED * 16} items is not written out", reader.line)
    return found


def _rows_of(reader: Reader, value: Form | Array) -> Rows:
    form = reader.form(value)
    if not form.shape:
        raise ReadError(f"{form} is a single number and cannot be looped over", reader.line)
    length = form.shape[0]
    if not isinstance(length, int):
        raise ReadError(f"a loop over an axis of symbolic size {length} cannot be written out", reader.line)
    return Rows(reader.item(value, k) for k in range(min(length, UNROLLED + 1)))


def numbered(reader: Reader, array: Any) -> Rows:
    """Return ``enumerate(array)``; a comprehension can take all rows at once."""
    form = reader.form(array)
    length = form.shape[0]
    rows = Zipped(enumerate(_rows_of(reader, array))) if isinstance(length, int) else Zipped()
    rows.arrays = (RowNumber(length), form)
    return rows


def zipped(reader: Reader, arguments: Sequence[Any]) -> Rows:
    """Return ``zip(...)``; the arrays are remembered, so that a comprehension can take all rows at once."""
    forms = [_array_of(reader, a) for a in arguments]
    if arguments and all(f is not None and f.shape for f in forms):
        lengths = {f.shape[0] for f in forms if f is not None}
        if len(lengths) == 1:
            known = all(isinstance(n, int) for n in lengths)
            rows = Zipped(zip(*(items_of(reader, a) for a in arguments), strict=True)) if known else Zipped()
            rows.arrays = tuple(f for f in forms if f is not None)
            return rows
    return Rows(zip(*(items_of(reader, a) for a in arguments), strict=False))


def _array_of(reader: Reader, value: Any) -> Form | None:
    if isinstance(value, (Form, Array)):
        return reader.form(value)
    return value.form if isinstance(value, Listed) else None


# --- comprehensions ---------------------------------------------------------------------------------------------------


def listed(reader: Reader, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Any:
    """Return a list comprehension, as one array over all rows where it has a formula."""
    if len(node.generators) == 1 and not node.generators[0].ifs:
        generator = node.generators[0]
        source = reader.value(generator.iter, scope)
        arrays: list[Form | RowNumber] = []
        plain = _array_of(reader, source)
        if plain is not None and plain.shape:
            arrays = [plain]
        elif isinstance(source, Zipped):
            arrays = list(source.arrays)
        elif isinstance(source, Counting):
            arrays = [RowNumber(source.length)]
        if arrays and not _stores(node.elt):
            try:
                made = _vectorized(reader, node.elt, generator.target, arrays, scope)
                if not _shows_rows(reader, made, arrays):
                    return _as_list(reader, made)
            except ReadError:
                if isinstance(source, Counting):
                    raise
        return _unrolled(reader, lambda inner: reader.value(node.elt, inner), node.generators, scope, source)
    return _unrolled(reader, lambda inner: reader.value(node.elt, inner), node.generators, scope)


def _shows_rows(reader: Reader, made: Form, arrays: Sequence[Form | RowNumber]) -> bool:
    """Return whether the items are parts of the memory that is looped over; they are then objects of their own."""
    if not made.shape[1:] and not reader.is_torch(made):
        return False
    known = [*arrays, *(f for a in arrays if isinstance(a, RowNumber) for f in a.rows.values())]
    return any(isinstance(a, Form) and memory.path_between(made, a) is not None for a in known)


def _stores(node: ast.AST) -> bool:
    """Return whether reading an expression may change something: it is then read once for every row."""
    return any(isinstance(n, (ast.NamedExpr, ast.Lambda, ast.Yield, ast.YieldFrom)) for n in ast.walk(node))


def _as_list(reader: Reader, form: Form) -> Any:
    """Return the list that an array stands for; one of symbolic length stays the array."""
    length = form.shape[0]
    if not isinstance(length, int) or length > 16 * LARGEST_STACK:
        return form
    made = Listed([None] * length)
    made.stands_for(form, get)
    return made


def generated(reader: Reader, node: ast.GeneratorExp, scope: Scope) -> Any:
    """Return a generator expression: its items, and what they were read from."""
    with nullcontext() if reader.draws.whole is node else reader.draws.lazily():
        found = listed(reader, node, scope)
    return (
        Generated(found, reader.fingerprint(scope))
        if isinstance(found, list) and not isinstance(found, Rows)
        else found
    )


def collected(reader: Reader, node: ast.SetComp, scope: Scope) -> set[Any]:
    """Return a set comprehension."""
    return {
        reader.hashable(v)
        for v in _unrolled(reader, lambda inner: reader.value(node.elt, inner), node.generators, scope)
    }


def mapped(reader: Reader, node: ast.DictComp, scope: Scope) -> dict[Any, Any]:
    """Return a dictionary comprehension."""

    def pair(inner: Scope) -> Any:
        key = reader.hashable(reader.value(node.key, inner))
        value = reader.value(node.value, inner)
        return key, reader.named_item(key, value, scope) if isinstance(key, str) else value

    return {k: reader.held(v) for k, v in _unrolled(reader, pair, node.generators, scope)}


def _unrolled(
    reader: Reader,
    element: Callable[[Scope], Any],
    generators: Sequence[ast.comprehension],
    scope: Scope,
    first: Any = None,
) -> Listed:
    """Return the items of a comprehension one by one; its names live in one scope, so that functions in it bind late."""
    found = Listed()
    inner = Scope({}, scope.around(), comprehension=True)

    def descend(level: int) -> None:
        if level == len(generators):
            found.append(reader.held(element(inner)))
            return
        source = (
            first
            if level == 0 and first is not None
            else reader.value(generators[level].iter, inner if level else scope)
        )
        items = items_of(reader, source)
        if len(items) > 16 * UNROLLED or len(found) > UNROLLED**2:
            raise ReadError(
                f"a comprehension over {len(items)} items; at most {16 * UNROLLED} are written out", reader.line
            )
        for item in items:
            reader.tick()
            reader.bind_target(generators[level].target, item, inner)
            if all(reader.truth(reader.value(test, inner)) for test in generators[level].ifs):
                descend(level + 1)

    descend(0)
    return found


def _vectorized(
    reader: Reader, element: ast.expr, target: ast.expr, arrays: list[Form | RowNumber], scope: Scope
) -> Form:
    """Return ``[element for row in array]`` for all rows at once."""
    placeholders = [a if isinstance(a, RowNumber) else _placeholder(reader, a.shape[1:]) for a in arrays]
    inner = Scope({}, scope.around(), comprehension=True)
    given = placeholders[0] if isinstance(target, ast.Name) else tuple(placeholders)
    reader.bind_target(target, given, inner)
    first = len(reader.bindings)
    before, reader.journal = reader.journal, []
    reader.rows_alone += 1
    reader.draws.together += 1
    try:
        form = reader.form(reader.value(element, inner))
        if reader.journal or inner.changed:
            raise ReadError("what is computed for one row changes something", reader.line)
    finally:
        for cell, held, version in reversed(reader.journal or []):
            cell.content, cell.version = held, version
        reader.journal = before
        reader.rows_alone -= 1
        reader.draws.together -= 1
    # equations that a function made for one row are written out again: every one of them stands for many
    made = [b for b in list(reader.bindings.values())[first:] if b.form is not None]
    for b in reversed(made):
        name, meaning = make_name(b.key, b.shape), b.form
        form = substitute(form, lambda node, name=name, meaning=meaning: meaning if node is name else None)  # type: ignore[misc]
        del reader.bindings[b.key]
    rows: dict[Form, Form] = {}
    for placeholder, array in zip(placeholders, arrays, strict=True):
        if isinstance(array, RowNumber):
            rows.update(array.rows)
        elif isinstance(placeholder, Form):
            rows[placeholder] = array
    return reader.made(over_rows(form, rows))


def row_of(reader: Reader, form: Form, number: RowNumber, rest: tuple[Any, ...]) -> Form:
    """Return ``form[i]`` for the number ``i`` of the row that stands for all."""
    if not form.shape or form.shape[0] != number.length:
        raise ReadError(
            f"{form} of shape {shape_text(form.shape)} has not one entry for each of {number.length} rows",
            reader.line,
        )
    row = next((r for r, array in number.rows.items() if array is form), None)
    if row is None:
        row = _placeholder(reader, form.shape[1:])
        number.rows[row] = form
    return reader.form(reader.item(row, rest)) if rest else row


def _placeholder(reader: Reader, shape: Shape) -> Name:
    key = reader.new_key("row")
    reader.bindings[key] = Binding(key, "row", shape, reader.line, leaves=frozenset([key]), local=True)
    return make_name(key, shape)


# --- what a generator was read from -----------------------------------------------------------------------------------


def fingerprint(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return what mutable objects within reach hold at the moment, by identity and version."""

    def parts(value: Any) -> list[Any]:
        held = value.attributes if isinstance(value, Instance) else value
        if isinstance(held, dict):
            return list(held.values())
        return list(held) if isinstance(held, (list, tuple)) else []

    found: list[Any] = []
    for value in memory.reachable(values, parts):
        if isinstance(value, Array):
            found.append((id(value.cell), value.cell.version))
        elif isinstance(value, (list, dict, Instance)):
            held = value.attributes if isinstance(value, Instance) else value
            keys = tuple(held) if isinstance(held, dict) else ()
            found.append((id(value), keys, tuple(map(id, parts(value)))))
    return tuple(found)
