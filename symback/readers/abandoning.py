"""Iterators that a statement which was not followed may have taken items of: what they give, and do, is not known."""

from __future__ import annotations

from typing import Any

from symback.core.errors import SymbackError
from symback.readers import effects
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated
from symback.readers.losing import poison_object
from symback.readers.values import Applied, Bound, Helper, Instance, Method


def abandon(reader: Reader, iterator: Iterated, error: SymbackError) -> None:
    """Give up an iterator, and everything that the code which it runs may change."""
    iterator.broken = iterator.broken or error
    outermost = reader.abandoned is None
    seen: dict[int, Any] = {} if reader.abandoned is None else reader.abandoned
    reader.abandoned = seen
    try:
        if id(iterator) not in seen:
            seen[id(iterator)] = iterator
            _give_up_code(reader, iterator, error)
    finally:
        if outermost:
            reader.abandoned = None


def _give_up_code(reader: Reader, iterator: Iterated, error: SymbackError) -> None:
    if iterator.body is not None:
        body, scope = iterator.body
        for statement in body:
            effects.give_up(reader, statement, error, scope)
    for value in iterator.near:
        _give_up_called(reader, value, error)


def _give_up_called(reader: Reader, value: Any, error: SymbackError) -> None:
    if isinstance(value, Iterated):
        abandon(reader, value, error)
    elif isinstance(value, Method) and not isinstance(value.value, Applied):
        poison_object(reader, value.value, error)
    elif isinstance(value, (Helper, Bound, Method)) or _walks(value):
        effects.called(reader, [value], error)


def _walks(value: Any) -> bool:
    """Return whether an object of the text runs code of its own to give an item."""
    return isinstance(value, Instance) and value.definition is not None
