"""Python's iterators: what ``iter``, ``map``, ``zip`` and their like give, one item at a time when it is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, cast

from symback.core.errors import ReadError
from symback.core.forms import Form
from symback.readers.asking import Reader
from symback.readers.comprehensions import method, next_of_object
from symback.readers.iterators import Iterated
from symback.readers.loaders import Loader
from symback.readers.plain_operations import plain_compare
from symback.readers.plain_values import (
    VIEWS,
    PythonError,
    counted,
    is_plain,
    iterate,
    listed,
    plain_truth,
    resolved,
    truth,
    type_name,
    whole,
)
from symback.readers.values import Array, Instance, Raised, Rows

_NOTHING = object()


def made_iterator(reader: Reader, value: Any, *sentinel: Any) -> Any:
    """Return ``iter(value)`` or ``iter(function, last)``."""
    if sentinel:
        return Iterated(_until(reader, value, sentinel[0]), "callable_iterator", near=[value])
    value = resolved(reader, value)
    if isinstance(value, Iterated):
        return value
    if isinstance(value, Instance) and method(value, "__iter__") is not None:
        given = reader.call(reader.attribute(value, "__iter__"), [], {})
        if isinstance(given, Instance) and method(given, "__next__") is None:
            raise PythonError(TypeError, "iter() returned what is no iterator", reader.line)
        return given
    return Iterated(iterate(reader, value), "iterator", _is_data(value), near=[value])


def _until(reader: Reader, function: Any, last: Any) -> Iterator[Any]:
    while True:
        found = reader.call(function, [], {})
        same = plain_compare(ast.Eq(), resolved(reader, found), resolved(reader, last), reader.line)
        if same is NotImplemented:
            raise ReadError("where iter(function, last) ends depends on values of the network", reader.line)
        if same:
            return
        yield found


def next_item(reader: Reader, items: Any, *default: Any) -> Any:
    """Return ``next(items)`` or ``next(items, default)``."""
    if isinstance(items, Instance) and method(items, "__next__") is not None:
        try:
            return next_of_object(reader, items)
        except Raised as error:
            if default and error.kind == "StopIteration":
                return default[0]
            raise
    if not isinstance(items, Iterated):
        if not is_plain(items):
            raise ReadError("next needs an iterator: iter(...)", reader.line)
        raise PythonError(TypeError, f"'{type_name(items)}' object is not an iterator", reader.line)
    found = next(counted(reader, items), _NOTHING)
    if found is not _NOTHING:
        return found
    if default:
        return default[0]
    raise PythonError(StopIteration, "", reader.line)


def _is_data(*values: Any) -> bool:
    return any(
        isinstance(v, (range, Rows, Form, Array, Loader)) or (isinstance(v, Iterated) and v.data) for v in values
    )


def enumerated(reader: Reader, items: Any, start: Any) -> Iterated:
    """Return ``enumerate(items, start)``."""
    first = whole(reader, start, "start")
    source = counted(reader, items)

    def walk() -> Iterator[Any]:
        at = first
        for item in source:
            yield (at, item)
            at += 1

    return Iterated(walk(), "enumerate", _is_data(items), isinstance(items, Iterated) and items.endless, [items])


def zipped(reader: Reader, arguments: Sequence[Any], strict: bool) -> Iterated:
    """Return ``zip(*arguments, strict=strict)``."""
    # what a zip takes from each argument matters where one of them is an iterator that others use as well
    sources = [counted(reader, a) for a in arguments]

    def walk() -> Iterator[Any]:
        while sources:
            found: list[Any] = []
            for k, source in enumerate(sources):
                item = next(source, _NOTHING)
                if item is _NOTHING:
                    if strict:
                        _check_ended(reader, sources, k)
                    return
                found.append(item)
            yield tuple(found)

    endless = bool(arguments) and all(isinstance(a, Iterated) and a.endless for a in arguments)
    return Iterated(walk(), "zip", True, endless, arguments)


def _check_ended(reader: Reader, sources: Sequence[Iterator[Any]], place: int) -> None:
    ends = "argument 1" if place == 1 else f"arguments 1-{place}"
    if place:
        raise PythonError(ValueError, f"zip() argument {place + 1} is shorter than {ends}", reader.line)
    for k, source in enumerate(sources[1:], 1):
        if next(source, _NOTHING) is not _NOTHING:
            ends = "argument 1" if k == 1 else f"arguments 1-{k}"
            raise PythonError(ValueError, f"zip() argument {k + 1} is longer than {ends}", reader.line)


def mapped(reader: Reader, function: Any, arguments: Sequence[Any]) -> Iterated:
    """Return ``map(function, *arguments)``: the function is called when an item is asked for."""
    rows = zipped(reader, arguments, False)
    source = (reader.call(function, list(row), {}) for row in counted(reader, rows))
    return Iterated(source, "map", _is_data(*arguments), rows.endless, [function, rows])


def filtered(reader: Reader, function: Any, items: Any, wanted: bool = True) -> Iterated:
    """Return ``filter(function, items)``; without a function what is true itself stays."""
    source = counted(reader, items)

    def keeps(item: Any) -> bool:
        return truth(reader, item if function is None else reader.call(function, [item], {})) is wanted

    endless = isinstance(items, Iterated) and items.endless
    return Iterated((item for item in source if keeps(item)), "filter", _is_data(items), endless, [function, items])


def backwards(reader: Reader, items: Any) -> Iterated:
    """Return ``reversed(items)``."""
    value = resolved(reader, items)
    if isinstance(value, range):
        return Iterated(iter(reversed(value)), "range_iterator", True)
    if isinstance(value, (str, list, tuple, dict, *VIEWS)):
        return Iterated(reversed(cast("Any", value)), "reversed", near=[value])
    if isinstance(value, (set, frozenset, Iterated)) or plain_truth(value) is not NotImplemented:
        raise PythonError(TypeError, f"'{type_name(value)}' object is not reversible", reader.line)
    if isinstance(value, Instance) and value.definition is not None:
        raise ReadError("reversed is not followed for objects of the text; write a loop over range", reader.line)
    return Iterated(iter(listed(reader, value)[::-1]), "reversed", True, near=[value])
