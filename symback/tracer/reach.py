"""What one's own functions and objects hold: the places of arrays and numbers, and a state that can be put back."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.tracer.objects import PLAIN_TYPES, Array, plain, root_of
from symback.tracer.running import is_installed

_DEEPEST = 8
"""How deep objects are looked through."""
_MOST = 10_000
"""Most items of one container that are looked at."""


@dataclass(frozen=True)
class Place:
    """Where a value is held: an item of a dictionary or a list, an attribute, or a variable of an enclosing function."""

    holder: Any
    key: Any
    kind: str

    def get(self) -> Any:
        """Return what is held."""
        if self.kind == "attribute":
            return self.holder.__dict__[self.key]
        return self.holder.cell_contents if self.kind == "cell" else self.holder[self.key]

    def set(self, value: Any) -> None:
        """Hold another value."""
        if self.kind == "attribute":
            self.holder.__dict__[self.key] = value
        elif self.kind == "cell":
            self.holder.cell_contents = value
        else:
            self.holder[self.key] = value

    @property
    def label(self) -> str:
        """What the place is called."""
        return self.key if isinstance(self.key, str) else ""


def is_own(value: Any) -> bool:
    """Return whether a function, a class or an object's class is one's own: its file belongs to no installed package."""
    if isinstance(value, types.FunctionType):
        file = value.__code__.co_filename
        return not is_installed(file) and not file.startswith(_HERE)
    kind = value if isinstance(value, type) else type(value)
    if kind.__module__ == "__main__":
        return True
    try:
        path = inspect.getfile(kind)
    except (TypeError, OSError):  # a class of Python itself, or one without a file
        return False
    return not is_installed(path) and not path.startswith(_HERE)


_HERE = __file__.rpartition("tracer")[0]


def places(*roots: Any) -> Iterator[Place]:
    """Yield the places of all values that are reached from roots through one's own functions, objects and containers."""
    seen: set[int] = set()
    stack: list[tuple[Any, int]] = [(r, 0) for r in roots]
    while stack:
        value, depth = stack.pop()
        if id(value) in seen or depth > _DEEPEST:
            continue
        seen.add(id(value))
        for place in _places_of(value):
            yield place
            stack.append((place.get(), depth + 1))
        stack += [(inner, depth + 1) for inner in _inside(value)]


def _places_of(value: Any) -> list[Place]:
    if isinstance(value, dict):
        return [Place(value, k, "item") for k in list(value)[:_MOST]]
    if isinstance(value, list):
        return [Place(value, k, "item") for k in range(min(len(value), _MOST))]
    if isinstance(value, types.FunctionType) and is_own(value):
        names = [n for n in _names_read(value.__code__) if n in value.__globals__]
        cells = [
            Place(c, n, "cell")
            for n, c in zip(value.__code__.co_freevars, value.__closure__ or (), strict=False)
            if _is_full(c)
        ]
        return [*(Place(value.__globals__, n, "item") for n in names), *cells]
    if (
        hasattr(value, "__dict__")
        and not isinstance(value, (type, types.ModuleType, types.FunctionType))
        and is_own(value)
    ):
        return [Place(value, k, "attribute") for k in list(vars(value))[:_MOST]]
    return []


def _inside(value: Any) -> Iterable[Any]:
    """Return what is reached through a value that is no place of its own."""
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)[:_MOST]
    if isinstance(value, types.MethodType):
        return (value.__self__, value.__func__)
    if isinstance(value, functools.partial):
        return (value.func, value.args, value.keywords)
    if isinstance(value, types.FunctionType) and is_own(value):
        return (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
    if isinstance(value, type) and is_own(value):
        return [v for v in vars(value).values() if isinstance(v, types.FunctionType)]
    if hasattr(type(value), "__mro__") and is_own(value) and not isinstance(value, types.ModuleType):
        return [
            v for c in type(value).__mro__ if is_own(c) for v in vars(c).values() if isinstance(v, types.FunctionType)
        ]
    return ()


def _names_read(code: types.CodeType) -> tuple[str, ...]:
    """Return the names of its module that a function reads, also in functions inside it."""
    names = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= dict.fromkeys(_names_read(constant))
    return tuple(names)


def _is_full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


class State:
    """What is reached from roots, as it is now: arrays by their entries, containers and objects by what they hold."""

    def __init__(self, *roots: Any) -> None:
        self._held: list[tuple[Place, Any]] = []
        self._arrays: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._lists: dict[int, tuple[list[Any], list[Any]]] = {}
        self._dicts: dict[int, tuple[dict[Any, Any], dict[Any, Any]]] = {}
        for value in roots:
            self._note(value)
        for place in places(*roots):
            value = place.get()
            self._held.append((place, value))
            self._note(value)
            holder = place.holder.__dict__ if place.kind == "attribute" else place.holder
            if isinstance(holder, dict) and not _is_module(holder):
                self._dicts.setdefault(id(holder), (holder, dict(holder)))
            elif isinstance(holder, list):
                self._lists.setdefault(id(holder), (holder, list(holder)))

    def _note(self, value: Any) -> None:
        if isinstance(value, np.ndarray):
            root = root_of(value)
            self._arrays.setdefault(id(root), (root, root.copy()))
        elif isinstance(value, (list, tuple)):
            for item in value[:_MOST]:
                if isinstance(item, np.ndarray):
                    self._note(item)

    def put_back(self) -> None:
        """Make everything hold again what it held."""
        for holder, kept in self._dicts.values():
            for key in [k for k in holder if k not in kept]:
                del holder[key]
            holder.update(kept)
        for items, before in self._lists.values():
            items[:] = before
        for place, value in self._held:
            place.set(value)
        for array, entries in self._arrays.values():
            if array.flags.writeable and not np.array_equal(array, entries, equal_nan=array.dtype.kind == "f"):
                array[...] = entries


def _is_module(names: dict[Any, Any]) -> bool:
    return "__name__" in names and "__builtins__" in names


class Recording:
    """The arrays and numbers that are reached from roots, recorded in their places until they are put back."""

    def __init__(self, record: Callable[[Any], Any], named: Callable[[str, Any], None], *roots: Any) -> None:
        self.roots = roots
        self._before: list[tuple[Place, Any, Any]] = []
        for place in list(places(*roots)):
            value = place.get()
            if type(value) is np.ndarray or type(value) in (float, np.float64, np.float32):
                made = record(value)
                if made is not value:
                    place.set(made)
                    self._before.append((place, value, made))
                    named(place.label, made)

    def sources(self) -> Iterator[tuple[Any, Place, Any]]:
        """Yield each recorded object with its place and what was there before."""
        for place, value, made in self._before:
            yield made, place, value

    def put_back(self, *more: Any) -> None:
        """Put plain objects in all places, those that were there before where they were not replaced."""
        for place, value, made in self._before:
            try:
                if place.get() is made:
                    place.set(value)
            except (KeyError, IndexError, AttributeError, ValueError):
                continue
        for place in list(places(*self.roots, *more)):
            value = place.get()
            if type(value) in PLAIN_TYPES:
                place.set(self._original(value))
            elif type(value) is tuple and any(type(v) in PLAIN_TYPES for v in value):
                place.set(plain(value))

    def _original(self, value: Any) -> Any:
        if type(value) is Array:
            for _, before, made in self._before:
                if made is value:
                    return before
        return plain(value)
