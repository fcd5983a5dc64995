"""Python's iterators: what ``iter``, ``map``, ``zip`` and their like give, one item at a time when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form
from symback.readers.asking import Reader
from symback.readers.loaders import Loader
from symback.readers.plain_values import (
    VIEWS,
    Iterated,
    PythonError,
    counted,
    iterate,
    listed,
    plain_truth,
    resolved,
    truth,
    type_name,
    whole,
)
from symback.readers.values import Generated, Rows

_NOTHING = object()


def made_iterator(reader: Reader, value: Any, *sentinel: Any) -> Iterated:
    """Return ``iter(value)``; ``iter(function, last)`` is refused."""
    if sentinel:
        raise ReadError("iter(function, last) is not followed; write a loop over range", reader.line)
    value = resolved(reader, value)
    if isinstance(value, Iterated):
        return value
    return Iterated(iterate(reader, value), "iterator", _is_data(value), parts=(value,))


def next_item(reader: Reader, items: Any, *default: Any) -> Any:
    """Return ``next(items)`` or ``next(items, default)``."""
    if isinstance(items, Generated):
        try:
            return items.take(reader)
        except StopIteration:
            if default:
                return default[0]
            raise PythonError(StopIteration, "", reader.line) from None
    if not isinstance(items, Iterated):
        if isinstance(items, Form):
            raise ReadError("next needs an iterator: iter(...)", reader.line)
        raise PythonError(TypeError, f"'{type_name(items)}' object is not an iterator", reader.line)
    try:
        return next(items)
    except StopIteration:
        if default:
            return default[0]
        raise PythonError(StopIteration, "", reader.line) from None
    except RuntimeError as error:
        raise PythonError(RuntimeError, str(error), reader.line) from None


def _is_data(*values: Any) -> bool:
    return any(isinstance(v, (range, Rows, Form, Loader)) or (isinstance(v, Iterated) and v.data) for v in values)


def enumerated(reader: Reader, items: Any, start: Any) -> Iterated:
    """Return ``enumerate(items, start)``."""
    first = whole(reader, start, "start")
    source = counted(reader, items)

    def walk() -> Iterator[Any]:
        at = first
        for item in source:
            yield (at, item)
            at += 1

    return Iterated(walk(), "enumerate", _is_data(items), isinstance(items, Iterated) and items.endless, (items,))


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
    return Iterated(walk(), "zip", True, endless, tuple(arguments))


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
    source = (reader.call(function, list(row), {}) for row in rows)
    return Iterated(source, "map", _is_data(*arguments), rows.endless, (function, *arguments))


def filtered(reader: Reader, function: Any, items: Any, wanted: bool = True) -> Iterated:
    """Return ``filter(function, items)``; without a function what is true itself stays."""
    source = counted(reader, items)

    def keeps(item: Any) -> bool:
        return truth(reader, item if function is None else reader.call(function, [item], {})) is wanted

    endless = isinstance(items, Iterated) and items.endless
    return Iterated((item for item in source if keeps(item)), "filter", _is_data(items), endless, (function, items))


def backwards(reader: Reader, items: Any) -> Iterated:
    """Return ``reversed(items)``."""
    value = resolved(reader, items)
    if isinstance(value, (str, list, tuple, range, dict)) or type_name(value).startswith("dict_"):
        if isinstance(value, range):
            return Iterated(iter(reversed(value)), "range_iterator", True)
        return Iterated(iter(reversed(value)), "reversed", parts=(value,))
    if isinstance(value, (set, frozenset, Iterated)) or plain_truth(value) is not NotImplemented:
        raise PythonError(TypeError, f"'{type_name(value)}' object is not reversible", reader.line)
    return Iterated(iter(listed(reader, value)[::-1]), "reversed", True)


def at_once(reader: Reader, value: Any) -> Any:
    """Return what a view, or a finite iterator, has left as a list; ``iter`` and an endless one stay as they are."""
    if isinstance(value, VIEWS):
        return listed(reader, value)
    if not isinstance(value, Iterated) or value.endless or value.kind == "iterator":
        return value
    return (Rows if value.data else list)(listed(reader, value))
