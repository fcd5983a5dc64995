"""Comprehensions and generators: all rows of an array at once where that has a formula, else written out one by one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form, Name, Shape, Size, get, number, shape_text, substitute
from symback.core.forms import name as make_name
from symback.library.indexing import path_between
from symback.library.limits import LARGEST_STACK, UNROLLED
from symback.library.values import Binding, Counting, Library, Listed
from symback.readers import memory
from symback.readers.asking import Reader
from symback.readers.class_rules import check_length_methods
from symback.readers.iterators import Iterated, Place, about_to_take, later, rest
from symback.readers.loaders import Loader
from symback.readers.names import Refused
from symback.readers.plain_values import SIZED, PythonError, as_walked, counted, is_longer
from symback.readers.values import Array, Bound, Cell, Helper, Instance, Method, Raised, RowNumber, Rows, Scope
from symback.readers.vectorize import over_rows

# --- what is looped over ----------------------------------------------------------------------------------------------


def items_of(reader: Reader, value: Any) -> Any:
    """Return what a loop runs over as a sequence; an iterator gives all that it has left."""
    if isinstance(value, (range, list, tuple, str)):
        return value
    if isinstance(value, Iterated):
        found = rest(reader, value)
        return found if isinstance(found, list) else list(walk(reader, found))
    if isinstance(value, Loader):
        return value.begun(reader)
    kind = Rows if isinstance(value, (Form, Array)) else list
    found = kind(counted(reader, value))
    if len(found) > UNROLLED * 16:
        raise ReadError(f"an iterator of more than {UNROLLED * 16} items is not written out", reader.line)
    return found


def walk(reader: Reader, value: Any) -> Iterator[Any]:
    """Return an iterator over an array, a loader or an object."""
    if isinstance(value, (Form, Array)):
        return _rows_of(reader, value)
    if isinstance(value, Loader):
        return iter(value.begun(reader))
    if isinstance(value, Instance):
        return _object_walked(reader, value)
    raise ReadError("a loop can run over range(...), a list, or the rows of an array", reader.line)


def _rows_of(reader: Reader, value: Form | Array) -> Iterator[Any]:
    form = reader.form(value)
    if not form.shape:
        raise PythonError(TypeError, f"{form} is a single number and cannot be looped over", reader.line)
    return _rows(reader, value, form.shape[0])


def _rows(reader: Reader, value: Form | Array, length: Size) -> Iterator[Any]:
    if not isinstance(length, int):
        raise ReadError(f"a loop over an axis of symbolic size {length} cannot be written out", reader.line)
    yield from (reader.item(value, k) for k in range(length))


def _object_walked(reader: Reader, value: Instance) -> Iterator[Any]:
    """Return an iterator over an object: what its class says, or what it contains."""
    if method(value, "__iter__") is None:
        return iter(reader.items_of_object(value))
    check_length_methods(reader, value)
    given = reader.call(reader.attribute(value, "__iter__"), [], {})
    if isinstance(given, Instance) and method(given, "__next__") is not None:
        return _asked(reader, given)
    if not isinstance(given, Iterated):
        raise PythonError(TypeError, "iter() returned what is no iterator", reader.line)
    return counted(reader, given)


def _asked(reader: Reader, value: Instance) -> Iterator[Any]:
    while True:
        try:
            item = next_of_object(reader, value)
        except Raised as error:
            if error.kind == "StopIteration":
                return
            raise
        yield item


def next_of_object(reader: Reader, value: Instance) -> Any:
    """Return what ``__next__`` of an object of the text gives."""
    if reader.rows_alone:
        raise ReadError("each row takes an item of its own, so the rows cannot be read together", reader.line)
    return reader.call(reader.attribute(value, "__next__"), [], {})


def method(value: Instance, name: str) -> Any:
    """Return the method that the class of an object defines under a name; None where it defines none."""
    own = value.definition.lineage() if value.definition else ()
    return next((one.methods[name] for one in own if name in one.methods), None)


def numbered(reader: Reader, array: Any) -> Iterated:
    """Return ``enumerate(array)``; a comprehension can take all rows at once."""

    def arrays() -> Sequence[Form | RowNumber] | None:
        form = _array_of(reader, array)
        return None if form is None or not form.shape else (RowNumber(form.shape[0]), form)

    made = Iterated(_numbered(reader, array), "enumerate", True, near=[array])
    made.arrays = arrays
    return made


def _numbered(reader: Reader, array: Any) -> Iterator[Any]:
    yield from enumerate(counted(reader, array))


def zipped(reader: Reader, arguments: Sequence[Any]) -> Callable[[], Sequence[Form] | None]:
    """Return a question for the arrays that ``zip(...)`` walks along, where they have one length together."""

    def arrays() -> Sequence[Form] | None:
        forms = [_array_of(reader, a) for a in arguments]
        known = [f for f in forms if f is not None and f.shape]
        return known if len(known) == len(forms) and len({f.shape[0] for f in known}) == 1 else None

    return arrays


def _array_of(reader: Reader, value: Any) -> Form | None:
    if isinstance(value, (Form, Array)):
        return reader.form(value)
    return value.form if isinstance(value, Listed) else None


# --- comprehensions ---------------------------------------------------------------------------------------------------


def listed(reader: Reader, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Any:
    """Return a list comprehension, as one array over all rows where it has a formula."""
    return _together(reader, node, reader.value(node.generators[0].iter, scope), scope)


def _together(reader: Reader, node: ast.ListComp | ast.GeneratorExp, source: Any, scope: Scope) -> Any:
    arrays = _side_by_side(reader, source) if len(node.generators) == 1 and not node.generators[0].ifs else []
    if arrays and not _stores(node.elt):
        try:
            made = _vectorized(reader, node.elt, node.generators[0].target, arrays, scope)
            if not _shows_rows(reader, made, arrays):
                if isinstance(source, Iterated):
                    source.close()
                return _as_list(reader, made)
        except ReadError as error:
            if isinstance(source, Counting) or isinstance(error, Refused):
                raise
    return Listed(_unrolled(reader, lambda inner: reader.value(node.elt, inner), node.generators, scope, source))


def _side_by_side(reader: Reader, source: Any) -> list[Form | RowNumber]:
    """Return the arrays whose rows a comprehension walks along side by side, none where it walks along something else."""
    plain = _array_of(reader, source)
    if plain is not None and plain.shape:
        return [plain]
    if isinstance(source, Counting):
        return [RowNumber(source.length)]
    if isinstance(source, Iterated) and source.fresh and source.broken is None and source.arrays is not None:
        about_to_take(reader, source)
        return list(source.arrays() or ())
    return []


def _shows_rows(reader: Reader, made: Form, arrays: Sequence[Form | RowNumber]) -> bool:
    """Return whether the items are parts of the memory that is looped over; they are then objects of their own."""
    if not made.shape[1:] and not reader.is_torch(made):
        return False
    known = [*arrays, *(f for a in arrays if isinstance(a, RowNumber) for f in a.rows.values())]
    return any(isinstance(a, Form) and path_between(made, a) is not None for a in known)


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


def generated(reader: Reader, node: ast.GeneratorExp, scope: Scope) -> Iterated:
    """Return a generator expression: its first source is read now, all else when items are asked for."""
    source = as_walked(reader, reader.value(node.generators[0].iter, scope))
    if not isinstance(source, (Form, Array, range, str, list, tuple, Counting, Iterated)):
        source = Iterated(counted(reader, source), "iterator", near=[source])
    place = Place(reader, scope)
    items = _unrolled(reader, lambda inner: reader.value(node.elt, inner), node.generators, scope, source)

    def whole() -> Any:
        with place.entered():
            return _together(reader, node, source, scope)

    made = Iterated(later(place, items), "generator", near=[source])
    made.whole = whole
    made.body = ([ast.copy_location(ast.Expr(node), node)], scope)
    return made


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
) -> Iterator[Any]:
    """Return the items of a comprehension one by one; its names live in one scope, so that functions in it bind late."""
    inner = Scope({}, scope.around(), comprehension=True)

    def descend(level: int) -> Iterator[Any]:
        if level == len(generators):
            yield reader.held(element(inner))
            return
        given = first is not None and level == 0
        source = first if given else reader.value(generators[level].iter, inner if level else scope)
        if isinstance(source, SIZED) and is_longer(source, 16 * UNROLLED):
            raise ReadError(f"a comprehension over so many items; at most {16 * UNROLLED} are written out", reader.line)
        for item in counted(reader, source):
            reader.tick()
            reader.bind_target(generators[level].target, item, inner)
            if all(reader.truth(reader.value(test, inner)) for test in generators[level].ifs):
                yield from descend(level + 1)

    for count, item in enumerate(descend(0)):
        if count > UNROLLED**2:
            raise ReadError(f"a comprehension of more than {UNROLLED**2} items is not written out", reader.line)
        yield item


def _vectorized(
    reader: Reader, element: ast.expr, target: ast.expr, arrays: list[Form | RowNumber], scope: Scope
) -> Form:
    """Return ``[element for row in array]`` for all rows at once."""
    placeholders = [a if isinstance(a, RowNumber) else _placeholder(reader, a.shape[1:]) for a in arrays]
    inner = Scope({}, scope.around(), comprehension=True)
    given = placeholders[0] if isinstance(target, ast.Name) else tuple(placeholders)
    reader.bind_target(target, given, inner)
    first, writes, restore = len(reader.bindings), reader.writes, _restorer(reader, element, scope)
    before, reader.journal = reader.journal, []
    born, reader.rows_born = reader.rows_born, Cell(number(0)).born
    reader.rows_alone += 1
    reader.draws.together += 1
    try:
        form = reader.form(reader.value(element, inner))
        if any(cell.kind != "iterator" for cell, _, _ in reader.journal) or inner.changed:
            raise ReadError("what is computed for one row changes something", reader.line)
        if reader.writes != writes and restore():
            raise ReadError("what is computed for one row changes a list or an object", reader.line)
    except ReadError:
        if reader.writes != writes:
            restore()
        raise
    finally:
        for cell, held, version in reversed(reader.journal or []):
            cell.content, cell.version = held, version
        reader.journal = before
        reader.rows_alone -= 1
        reader.rows_born = born
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


def _restorer(reader: Reader, element: ast.expr, scope: Scope) -> Callable[[], bool]:
    """Return what gives names, lists and objects their contents back after one row was tried; it tells whether it had to."""
    calls = [n.func for n in ast.walk(element) if isinstance(n, ast.Call)]
    if all(_is_of_library(c, scope) for c in calls):
        return lambda: False
    scopes = list(dict.fromkeys([*scope.chain(), reader.globals]))
    held = list(memory.reachable([v for s in scopes for v in s.names.values()], _parts))
    around = [s for v in held if isinstance(v, Helper) for s in v.scope.chain()]
    names = [(s, dict(s.names)) for s in dict.fromkeys([*scopes, *around])]
    contents = [(v, copy(_content(v))) for v in held if _content(v) is not None]

    def restore() -> bool:
        found = False
        for one, before in names:
            if not _same(one.names, before):
                found = True
                one.names.clear()
                one.names.update(before)
        for value, before in contents:
            now = _content(value)
            if not _same(now, before):
                found = True
                now.clear()
                now.extend(before) if isinstance(now, list) else now.update(before)
        return found

    return restore


def _is_of_library(node: ast.expr, scope: Scope) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    holder = scope.find(node.id)
    return isinstance(holder.names[node.id], (Library, Form, Array)) if holder is not None else node.id not in ("next",)


def _content(value: Any) -> Any:
    held = value.attributes if isinstance(value, Instance) else value
    return held if isinstance(held, (list, dict, set)) else None


def _same(now: Any, before: Any) -> bool:
    if isinstance(now, dict):
        return list(now) == list(before) and all(now[k] is before[k] for k in now)
    if isinstance(now, set):
        return bool(now == before)
    return len(now) == len(before) and all(a is b for a, b in zip(now, before, strict=True))


def _parts(value: Any) -> list[Any]:
    held = _content(value)
    if isinstance(held, dict):
        return list(held.values())
    if isinstance(value, Helper):
        return [v for s in value.scope.chain()[:-1] for v in s.names.values()]
    if isinstance(value, (Bound, Method)):
        return [value.instance] if isinstance(value, Bound) else [value.value]
    return list(held) if held is not None else list(value) if isinstance(value, tuple) else []


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
