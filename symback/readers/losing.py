"""Objects of which it is not known any more what they hold: entries of an array, items, attributes, where an iterator stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from symback.core.errors import SymbackError
from symback.library.values import Poison, Prepared
from symback.readers import memory
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated
from symback.readers.names import Refused, refused
from symback.readers.plain_values import VIEWS
from symback.readers.slots import CONTAINERS
from symback.readers.values import Applied, Array, Bound, Definition, Helper, Instance, Method

Near = tuple[Any, ...]
"""Objects that a value which is not known may show or hold."""

_NEAR = (Array, list, dict, set, tuple, Instance, Definition, Iterated, Helper, Bound, Method, Applied, *VIEWS)


def near_of(values: Iterable[Any]) -> Near:
    """Return the objects among values that can be changed or called, each once; those near a value that is not known."""
    kept: dict[int, Any] = {}
    for value in values:
        for one in value.near if isinstance(value, Poison) else (value,):
            if isinstance(one, _NEAR):
                kept[id(one)] = one
    return tuple(kept.values())


def poison_object(reader: Reader, value: Any, error: SymbackError, near: Near = ()) -> None:
    """Give up what an object holds, under all its names: entries of an array, items, attributes."""
    for held in list(memory.reachable([value], _parts)):
        if isinstance(held, Prepared):  # one object under any number of names, which cannot be given up alone
            raise refused(error)
        if isinstance(held, Array):
            poison_array(reader, held, error)
        elif isinstance(held, (list, dict, set, Iterated)):
            lose(reader, held, error, near)
        elif isinstance(held, Instance):
            _poison_instance(reader, held, error, near)


def poison_array(reader: Reader, array: Array, error: SymbackError) -> None:
    """Give up the entries of an array, in its memory and in what may be the same."""
    for cell in (array.cell, *array.cell.suspects):
        if not isinstance(cell.content, Poison):
            reader.remember(cell)
            cell.content = Poison(error)
            cell.version += 1


def _poison_instance(reader: Reader, held: Instance, error: SymbackError, near: Near) -> None:
    if held.layer is not None or (held.definition and held.definition.is_module):
        held.attributes["forward"] = Poison(error, near)  # a hook, or another way to compute
    for label, value in held.attributes.items():
        if not isinstance(value, (list, dict, set, Array, Instance, Helper)):
            held.attributes[label] = Poison(error, near_of([*near, value]))
    if held.kind in CONTAINERS and held.definition is None:
        reader.lost[id(held)] = (held, error)
    reader.altered[id(held)] = (held, error)
    reader.writes += 1


def lose(reader: Reader, held: Any, error: SymbackError, near: Near = ()) -> None:
    """Give up a container or an iterator: its length, its keys, its truth and its items, under all its names.

    ``near`` are objects that it may hold from there on.
    """
    reader.writes += 1
    first = id(held) not in reader.lost
    reader.lost.setdefault(id(held), (held, error))
    if isinstance(held, Iterated):
        reader.abandon(held, error)
        return
    kept = near_of([*near, *held, *(held.values() if isinstance(held, dict) else ())])
    unknown = Poison(error, kept)
    if isinstance(held, list):  # an iterator that walks along it meets what is not known
        held[:] = [unknown] * (len(held) + 1 if first else max(len(held), 1))
    elif isinstance(held, set):
        held.clear()
        held.add(unknown)
    else:
        if isinstance(held, defaultdict):
            held.default_factory = None
        held.clear()
        held[unknown] = unknown


def is_lost(reader: Reader, value: Any) -> SymbackError | None:
    """Return why it is not known what a container or an iterator holds; None where it is known."""
    if isinstance(value, VIEWS):
        key = next(iter(value.mapping), None)
        return key.error if isinstance(key, Poison) else None
    found = reader.lost.get(id(value))
    return found[1] if found is not None and found[0] is value else None


def refuse_lost(reader: Reader, values: Iterable[Any], whole: bool = True) -> None:
    """Raise where one of some values is, or with ``whole`` holds, a container of which it is not known what it holds."""
    for held in memory.reachable(list(values), _contents) if whole else values:
        error = is_lost(reader, held)
        if error is not None:
            raise error


def _contents(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else []


def _parts(value: Any) -> list[Any]:
    if isinstance(value, (Method, Poison)):
        return (
            [value.value]
            if isinstance(value, Method)
            else [v for v in value.near if not isinstance(v, (Helper, Bound))]
        )
    if isinstance(value, Instance):
        return list(value.attributes.values())
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, Iterated):
        return [p for p in value.near if not isinstance(p, (Helper, Bound, Definition))]
    if isinstance(value, VIEWS):
        return list(value.mapping.values())
    return list(value) if isinstance(value, (list, tuple, set)) else []


__all__ = ["Near", "Refused", "is_lost", "lose", "near_of", "poison_array", "poison_object", "refuse_lost"]
