"""What instrumented code calls: names and places that are given values, functions that are called, values that are returned."""

from __future__ import annotations

import builtins
import collections
import itertools
import math
import random
import re
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.library.name_words import is_loss_like
from symback.tracer.calls import about_to_change, call, node_behind, recorded, written
from symback.tracer.instrument import Text
from symback.tracer.log import CACHED, OWN, PASSING, Change, Log, Node
from symback.tracer.methods import path_of_ufunc
from symback.tracer.objects import PLAIN_TYPES, SCALARS, Array, Int, plain, scalar
from symback.tracer.stated import WRITTEN, all_stated, is_stated
from symback.tracer.steps import STEPS, ancestors, is_update

Scope = tuple[str, bool]
"""The function of the text, and whether it is a small helper whose names stay inside."""

_UNNAMED = frozenset(
    (str, type(None), bool, bytes, complex, range, slice, types.ModuleType, types.BuiltinFunctionType, type)
)
_NUMBER_OF = ("data", "value", "val")
"""Attributes in which an object keeps the number that it stands for."""
_MAKING = re.compile(r"__init__|__post_init__|init|build|reset|set|make|create|fit$|add", re.IGNORECASE)
"""What functions are called that make parameters: what they store is not kept in passing."""
_DISPATCHED = (np.ufunc, type(np.dot))
_CONTAINERS = (list, dict, set, frozenset, tuple, str, bytes, collections.deque)
_MOST_COMPARED = 10_000_000
"""Most entries of an array that is compared with itself after a library had it."""
_MOST_TIMES = 400
"""How often the loss is computed before the run is ended, though only differences of it may be taken."""
_MOST_LOOKED_AT = 64
"""Most items of a container that are looked at for what is recorded in them."""


class Recorder:
    """The object that instrumented code knows; ``loss`` is a name that is the loss, where it was given."""

    def __init__(self, log: Log, texts: dict[str, Text], modules: set[str], loss: str | None = None) -> None:
        self.log = log
        self.texts = texts
        self.modules = modules
        """Names of the modules that are one's own."""
        self.loss = loss
        self.counters: set[str] = set()
        self.adopt: Callable[[Any], bool] = lambda function: False
        """What instruments a function that was not: where no file as a whole is executed."""
        self._first: dict[tuple[str, str, int], _Seen] = {}
        self._wrappers: dict[int, tuple[Any, Callable[..., Any]]] = {}
        self._borders = {id(k): v for k, v in self._made_borders().items()}
        self.slice = builtins.slice

    # --- names ----------------------------------------------------------------------------------------------------------

    def bind(self, name: str, value: Any, scope: Scope, place: bool = False) -> Any:
        """Note ``name = value``, and return the value as one that is recorded."""
        kind = type(value)
        if kind in _UNNAMED or self.log.ended:
            return value
        if kind is int:
            if name not in self.counters:
                return value
            value = self._counter(value)
        elif kind is np.ndarray or kind is float or kind is np.float64 or kind is np.float32:
            value = self._stated(recorded(value))
        node = node_behind(self.log, value)
        if node is None:
            self._name_parts(name, value, scope, place)
        else:
            self._name(node, name, scope, place=place, rebinds=not place)
        return value

    def argument(self, name: str, value: Any, scope: Scope) -> Any:
        """Note that a function was given ``value`` as ``name``; what has a name keeps it."""
        kind = type(value)
        if kind in _UNNAMED or kind is int or self.log.ended:
            return value
        if kind is np.ndarray or kind is np.float64:
            value = recorded(value)
        node = node_behind(self.log, value)
        if node is not None and not node.name:
            node.name, node.scope, node.strength = name, scope[0], PASSING
        return value

    def _counter(self, value: int) -> Any:
        node = self.log.add("", None, (), {}, value)
        node.fixed = WRITTEN
        if node.number in self.log.shifts:
            node.value = float(value) + self.log.shifts[node.number]
            return scalar(node.value, node)
        made = Int(value)
        made._node = node
        return made

    def _stated(self, value: Any) -> Any:
        """Return a value that was just made known; a number that its line states cannot have come back from anywhere."""
        node = node_behind(self.log, value)
        if node is not None and node.run is None and not node.shape and not node.fixed:
            node.fixed = is_stated(plain(value), node.site, self.texts)
        return value

    def _name(
        self, node: Node, name: str, scope: Scope, index: Any = None, place: bool = False, rebinds: bool = True
    ) -> None:
        """Give an entry a name; a ``place`` is an attribute or an item, which outlives the function that it is stored in."""
        log = self.log
        log.stored[name] = None
        held = log.named.setdefault(name, [])
        if not held or held[-1] is not node:
            held.append(node)
        strength = self._strength(name, scope, place, index is not None)
        if strength > node.strength:
            node.name, node.scope, node.strength = name if index is None else f"{name}[{index}]", scope[0], strength
        node.own = node.own or strength > PASSING
        node.place = node.place or (place and index is None and bool(scope[0]) and strength == OWN)
        if node.path in STEPS and rebinds:
            for old in node.args[: 1 if node.path == "numpy.subtract" else 2]:
                if isinstance(old, Node) and old.name.partition("[")[0] == name and old is not node:
                    log.changes.append(Change(old, node, node.site))
        says = name == self.loss if self.loss is not None else is_loss_like(name) or name in ("L", "E", "J")
        if says and math.prod(node.shape) == 1:
            self._seen(name, node)

    @staticmethod
    def _strength(name: str, scope: Scope, place: bool, indexed: bool) -> int:
        """Return how much a name says."""
        if place and name in _NUMBER_OF:
            return PASSING
        if not scope[0] and not indexed:
            return OWN
        if indexed:
            return PASSING if scope[1] else CACHED
        if place:
            return OWN if _MAKING.match(scope[0]) else CACHED
        return PASSING if scope[1] else OWN

    def _seen(self, name: str, node: Node) -> None:
        """End the run where the loss is computed for the second time, after an update."""
        site = self.log.site()
        seen = self._first.get((name, site.file, site.line))
        if seen is None:
            self._first[name, site.file, site.line] = _Seen(node, len(self.log.changes))
            return
        first = seen.node
        if first.number >= node.number:
            return
        needed = seen.needed = seen.needed or ancestors(first)
        for change in self.log.changes[seen.changes :]:
            label = change.after.name.partition("[")[0]
            total = change.before is first or label == name or is_loss_like(label)
            if change.before in needed and not total:
                seen.changed = True
                seen.updated = seen.updated or is_update(change, needed)
        seen.changes = len(self.log.changes)
        seen.times += 1
        if seen.changed and seen.times > _MOST_TIMES:
            self.log.end()
        if seen.updated and first not in ancestors(node, after=first.number):
            self.log.end()

    def _name_parts(self, name: str, value: Any, scope: Scope, place: bool = False) -> None:
        """Name what a list, a dictionary or an object of one's own holds."""
        kind = type(value)
        if kind in (list, tuple):
            for k, item in enumerate(value[:_MOST_LOOKED_AT]):
                self._name_item(value, k, name, item, scope)
        elif isinstance(value, dict):
            for key in list(value)[:_MOST_LOOKED_AT]:
                self._name_item(value, key, name, value[key], scope)
        elif kind.__module__ in self.modules and hasattr(value, "__dict__"):
            inner = self._inner(value)
            if inner is not None:
                self._name(inner, name, scope, place=place)
                return
            for label, item in vars(value).items():
                node = node_behind(self.log, item)
                if node is not None and not node.name:
                    self._name(node, label, ("__init__", True), place=True)

    def _inner(self, value: Any) -> Node | None:
        """Return the number of an object that stands for one, as ``Value(2.0).data``; None for other objects."""
        known = getattr(value, "__dict__", {})
        held = [n for n in (node_behind(self.log, known.get(k)) for k in _NUMBER_OF) if n is not None]
        return held[0] if len(held) == 1 else None

    def _name_item(self, holder: Any, key: Any, name: str, item: Any, scope: Scope) -> None:
        kind = type(item)
        if kind is np.ndarray and not isinstance(holder, tuple):
            item = holder[key] = recorded(item)
        elif kind in (list, dict):
            self._name_parts(f"{name}{key}" if not isinstance(key, str) else key, item, scope)
            return
        node = node_behind(self.log, item)
        if node is None and kind.__module__ in self.modules:
            node = self._inner(item)
        if node is not None and isinstance(holder, tuple):
            self.argument(name, item, scope)
        elif node is not None:
            self._name(node, *self._item_name(name, key, scope), place=True)

    @staticmethod
    def _item_name(name: str, key: Any, scope: Scope) -> tuple[str, Scope, Any]:
        key = plain(key)
        if isinstance(key, str):
            return (key if key.isidentifier() else f"{name}_{key}"), scope, None
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            return name, scope, int(key)
        return name, scope, None

    # --- places ---------------------------------------------------------------------------------------------------------

    def item(self, holder: Any, key: Any, label: str, scope: Scope) -> _Item:
        """Return the place ``holder[key]`` as something whose entry 0 is read and written."""
        return _Item(self, holder, key, label, scope)

    def attribute(self, holder: Any, name: str, scope: Scope) -> _Attribute:
        """Return the place ``holder.name`` as something whose entry 0 is read and written."""
        return _Attribute(self, holder, name, "", scope)

    def changed(self, old: Any, new: Any) -> None:
        """Note that a place held one value and now holds another that was computed from it by a step."""
        before, after = node_behind(self.log, old), node_behind(self.log, new)
        if before is None or after is None or after.path not in STEPS or before is after:
            return
        if before in after.args:
            self.log.changes.append(Change(before, after, after.site))

    # --- functions ------------------------------------------------------------------------------------------------------

    def gave(self, value: Any, scope: Scope) -> Any:
        """Note what a function returns."""
        node = node_behind(self.log, value)
        if node is not None and math.prod(node.shape) == 1 and not self.log.ended:
            self.log.returned.setdefault(scope[0], []).append(node)
            if self.loss in (scope[0], f"{scope[0]}()") or (self.loss is None and is_loss_like(scope[0])):
                self._seen(f"{scope[0]}()", node)
        return value

    def items(self, iterable: Any) -> Any:
        """Return what a comprehension runs over, its arrays recorded."""
        kind = type(iterable)
        return iterable if kind is range or kind is Array or kind is str else map(recorded, iterable)

    def callee(self, function: Any) -> Any:
        """Return what stands for a function that is called."""
        kind = type(function)
        if kind is types.FunctionType:
            if function.__code__.co_filename in self.log.files or self.adopt(function):
                return function
        elif kind is types.MethodType:
            inner = getattr(function.__func__, "__code__", None)
            if type(function.__self__) in PLAIN_TYPES or (inner is not None and inner.co_filename in self.log.files):
                return function
            if self.adopt(function):
                return function
        elif isinstance(function, type) and (
            function.__module__ in self.modules or issubclass(function, _CONTAINERS) or self.adopt(function)
        ):
            return function
        border = self._borders.get(id(function))
        if border is not None:
            return border
        if kind is types.BuiltinMethodType or kind is types.BuiltinFunctionType:
            holder = function.__self__
            if isinstance(holder, (*_CONTAINERS, np.ufunc)) or type(holder) in PLAIN_TYPES:
                return function
            if type(holder) is np.ndarray and holder.dtype.kind in "fiub":
                return getattr(recorded(holder), function.__name__)
            if function in _HARMLESS:
                return function
        elif kind.__module__ in self.modules or (kind not in _DISPATCHED and self.adopt(function)):
            return function
        return self._wrapper(function, kind)

    def _wrapper(self, function: Any, kind: type) -> Callable[..., Any]:
        known = self._wrappers.get(id(function))
        if known is not None and known[0] is function:
            return known[1]
        if kind in _DISPATCHED:
            made = self._dispatched(function)
        else:
            made = self._watched(function)
        if kind is not types.MethodType and kind is not types.BuiltinMethodType:
            self._wrappers[id(function)] = (function, made)
        return made

    def _dispatched(self, function: Any) -> Callable[..., Any]:
        """Return a function of NumPy as one whose results are recorded, whatever it is given."""
        is_ufunc = isinstance(function, np.ufunc)
        if function in _LEAVING:
            return self._watched(function)

        def run(*args: Any, **options: Any) -> Any:
            if self.log.ended:
                self.log.check()
            if _has_recorded(args) or _has_recorded(options.values()):
                return function(*args, **options)
            if any(isinstance(a, np.ndarray) for a in args):
                if is_ufunc:
                    return call(path_of_ufunc(function), function, args, options)
                given = [recorded(a) for a in args]
                return function(*given, **options)
            return self._came(function, args, options, function(*args, **options))

        return run

    def _watched(self, function: Any) -> Callable[..., Any]:
        """Return a function that is not one's own as one that is seen to be given what is recorded, and to give back what is not."""

        def run(*args: Any, **options: Any) -> Any:
            log = self.log
            if log.ended:
                log.check()
            given = list(_recorded_in((*args, *options.values())))
            arrays = [
                (a, plain(a).copy(), node_behind(log, a))
                for a in given
                if type(a) is Array and a.size <= _MOST_COMPARED
            ]
            result = function(*args, **options)
            for array, before, node in arrays:
                if node is node_behind(log, array) and not np.array_equal(
                    plain(array), before, equal_nan=before.dtype.kind == "f"
                ):
                    self._changed_outside(array, before, function)
            nodes = tuple(n for n in (node_behind(log, v) for v in given) if n is not None)
            if nodes and not isinstance(result, (bool, int)) and not _has_recorded([result]):
                log.leaked(nodes, _title(function), text=isinstance(result, str))
            return self._came(function, args, options, result, bool(nodes))

        return run

    def _changed_outside(self, array: Array, before: np.ndarray, function: Any) -> None:
        """Note that a library changed an array in place: what it holds now is a new leaf."""
        log = self.log
        now = plain(array).copy()
        plain(array)[...] = before
        node = node_behind(log, array)
        target = about_to_change(log, array)
        plain(array)[...] = now
        if node is not None:
            log.leaked((node,), _title(function))
        fresh = log.add("", None, (), {}, now)
        fresh.value = now
        draws = isinstance(
            getattr(function, "__self__", None), (np.random.Generator, np.random.RandomState, random.Random)
        )
        fresh.fixed = WRITTEN if draws else 0
        written(log, target, fresh)

    def _came(self, function: Any, args: Sequence[Any], options: Any, result: Any, given: bool = False) -> Any:
        """Return what came from a library, its arrays and numbers recorded."""
        start = len(self.log.nodes)
        made = self._deep(result)
        if not given and len(self.log.nodes) > start:
            stated = self._source(function, args, options)
            for node in self.log.nodes[start:]:
                node.fixed = stated if node.run is None else 0
        return made

    def _deep(self, value: Any, depth: int = 2) -> Any:
        kind = type(value)
        if kind is np.ndarray or kind is float or kind is np.float64 or kind is np.float32:
            return recorded(value)
        if depth and kind is list:
            for k, item in enumerate(value):
                if type(item) in (np.ndarray, list, tuple):
                    value[k] = self._deep(item, depth - 1)
        elif depth and kind is tuple:
            return tuple(self._deep(v, depth - 1) for v in value)
        elif depth and isinstance(value, dict):
            for key, item in list(value.items()):
                if type(item) in (np.ndarray, list, tuple):
                    value[key] = self._deep(item, depth - 1)
        return value

    # --- borders --------------------------------------------------------------------------------------------------------

    def _made_borders(self) -> dict[Any, Callable[..., Any]]:
        """Return what stands for functions that would take the log off what they are given."""
        borders: dict[Any, Callable[..., Any]] = {
            np.array: self._array("numpy.array", np.array),
            np.full: self._full,
            np.asarray: self._same(np.asarray),
            np.asanyarray: self._same(np.asanyarray),
            np.ascontiguousarray: self._array("numpy.ascontiguousarray", np.ascontiguousarray),
            np.asfortranarray: self._array("numpy.asfortranarray", np.asfortranarray),
            float: self._number(float, "float"),
            np.float64: self._number(np.float64, "numpy.float64"),
            type: self._type,
            setattr: self._set,
            sum: self._sum,
            divmod: lambda a, b: (a // b, a % b) if _has_recorded([a, b]) else divmod(a, b),
        }
        for name in (
            "exp",
            "log",
            "sqrt",
            "sin",
            "cos",
            "tan",
            "tanh",
            "sinh",
            "cosh",
            "log2",
            "log10",
            "log1p",
            "expm1",
            "pow",
            "fabs",
            "atan",
            "asin",
            "acos",
            "atan2",
            "erf",
            "erfc",
            "hypot",
            "lgamma",
            "gamma",
            "copysign",
            "fsum",
            "prod",
            "dist",
            "asinh",
            "acosh",
            "atanh",
            "cbrt",
            "exp2",
        ):
            function = getattr(math, name, None)
            if function is not None:
                borders[function] = self._of_math(name, function)
        return borders

    def _of_math(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            if name in ("fsum", "prod") and args and not isinstance(args[0], (list, tuple)):
                args = (list(args[0]), *args[1:])
            if _has_recorded(args):
                return call(f"math.{name}", function, args, options)
            return self._came(function, args, options, function(*args, **options))

        return run

    def _same(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``np.asarray``, which gives back an array of NumPy itself."""
        other = self._array("numpy.asarray", function)

        def run(a: Any, dtype: Any = None, *args: Any, **options: Any) -> Any:
            if type(a) is Array and (dtype is None or np.dtype(dtype) == a.dtype) and not args and not options:
                return a
            return other(a, *([dtype] if dtype is not None else []), *args, **options)

        return run

    def _array(self, path: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            if args and _has_recorded(args[:1]):
                return call(path, function, args, options)
            if args and type(args[0]) is np.ndarray:
                return call(path, function, (recorded(args[0]), *args[1:]), options)
            made = recorded(function(*args, **options))
            node = node_behind(self.log, made)
            if node is not None and node.run is None:
                node.fixed = all_stated(args[:1], node.site, self.texts)
            return made

        return run

    def _source(self, function: Any, args: Sequence[Any], options: Any) -> int:
        """Return how well it is stated what a function makes its numbers of; one that draws them takes them from nowhere."""
        holder = getattr(function, "__self__", None)
        if not (
            isinstance(holder, (np.random.Generator, np.random.RandomState, random.Random, np.ufunc))
            or isinstance(function, _DISPATCHED)
            or (_is_hashable(function) and (function in _CREATING or function.__module__ == "math"))
        ):
            return 0
        return all_stated((*args, *options.values()), self.log.site(), self.texts)

    def _number(self, kind: type, path: str) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            if args and type(args[0]) in PLAIN_TYPES:
                return call(path, kind, args, {})
            made = kind(*args)
            if args and isinstance(args[0], (str, bytes)):
                node = self.log.add("text", None, (), {}, made)
                return scalar(made, node)
            return made if args and isinstance(args[0], (int, float)) and type(args[0]) is not float else recorded(made)

        return run

    def _sum(self, values: Any, *start: Any, **options: Any) -> Any:
        """Do Python's ``sum``: of an array it is one operation."""
        if type(values) is not Array or not values.ndim or start or options:
            return sum(values, *start, **options)
        return call("numpy.sum", lambda a, axis: sum(a), (values, 0), {})

    def _full(self, shape: Any, fill_value: Any, *args: Any, **options: Any) -> Any:
        if _has_recorded([fill_value]):
            return call("numpy.full", np.full, (plain(shape), fill_value, *args), options)
        made = np.full(plain(shape), fill_value, *args, **options)
        return self._came(np.full, (shape, fill_value), options, made)

    def _set(self, holder: Any, name: str, value: Any) -> None:
        _Attribute(self, holder, name, "", ("", False))[0] = value

    @staticmethod
    def _type(*args: Any) -> Any:
        return PLAIN_TYPES.get(type(args[0]), type(args[0])) if len(args) == 1 else type(*args)


@dataclass
class _Seen:
    """A number that may be the loss, the first time that a line computed it, and what happened since."""

    node: Node
    changes: int
    """How many changes have been looked at."""
    needed: set[Node] | None = None
    changed: bool = False
    """True where something that it depends on was changed."""
    updated: bool = False
    times: int = 0


class _Item:
    """The place ``holder[key]``; its entry 0 is what is there."""

    __slots__ = ("holder", "key", "label", "recorder", "scope")

    def __init__(self, recorder: Recorder, holder: Any, key: Any, label: str, scope: Scope) -> None:
        self.recorder, self.holder, self.key, self.label, self.scope = recorder, holder, key, label, scope

    def __getitem__(self, at: int) -> Any:
        return self.holder[self.key]

    def __setitem__(self, at: int, value: Any) -> None:
        recorder, holder, key = self.recorder, self.holder, self.key
        if type(holder) is np.ndarray and holder.dtype.kind in "fiub" and not recorder.log.ended:
            holder = recorded(holder)
        if isinstance(holder, np.ndarray):
            holder[key] = value
            if type(holder) is not Array:
                self._leaves(value)
            return
        if isinstance(holder, (dict, list)) and not recorder.log.ended and type(value) is not int:
            old = _held_at(holder, key)
            name, scope, index = recorder._item_name(self.label, key, self.scope)
            value = (
                recorder._stated(recorded(value))
                if type(value) in (np.ndarray, float, np.float64, np.float32)
                else value
            )
            node = node_behind(recorder.log, value)
            holder[key] = value
            if node is not None:
                recorder._name(node, name, scope, index, place=True, rebinds=False)
                recorder.changed(old, value)
            return
        holder[key] = value
        if not isinstance(holder, (dict, list)) and type(holder).__module__ not in recorder.modules:
            self._leaves(value)

    def _leaves(self, value: Any) -> None:
        """Note that a value was stored into something that takes its number alone."""
        node = node_behind(self.recorder.log, value)
        if node is not None:
            self.recorder.log.leaked((node,), f"an object of {type(self.holder).__name__}")


def _held_at(holder: Any, key: Any) -> Any:
    """Return what a dictionary or a list holds at a place; None where it holds nothing."""
    if isinstance(holder, dict):
        return holder.get(key)
    return holder[key] if isinstance(key, int) and -len(holder) <= key < len(holder) else None


class _Attribute(_Item):
    """The place ``holder.key``."""

    __slots__ = ()

    def __getitem__(self, at: int) -> Any:
        return getattr(self.holder, self.key)

    def __setitem__(self, at: int, value: Any) -> None:
        recorder, holder = self.recorder, self.holder
        old = getattr(holder, "__dict__", {}).get(self.key)
        value = recorder.bind(self.key, value, self.scope, place=True)
        setattr(holder, self.key, value)
        recorder.changed(old, value)


_HARMLESS: frozenset[Any] = frozenset(
    (
        *(print, len, isinstance, issubclass, iter, next, hasattr, getattr, delattr, id, callable, sorted, any, all),
        *(abs, max, min, sum, pow, hash, open, input, round, repr, format, chr, ord, __build_class__),
    )
)
_LEAVING: frozenset[Any] = frozenset(
    (np.save, np.savez, np.savez_compressed, np.savetxt, np.array2string, np.array_str, np.array_repr)
)
_CREATING: frozenset[Any] = frozenset(
    (np.zeros, np.ones, np.empty, np.arange, np.eye, np.identity, np.linspace, np.tri)
)


def _is_hashable(value: Any) -> bool:
    return type(value).__hash__ is not None and isinstance(
        value, (types.BuiltinFunctionType, *_DISPATCHED, types.FunctionType)
    )


def _title(function: Any) -> str:
    """Return what a function is called in a message."""
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None) or type(function).__name__
    module = getattr(function, "__module__", None)
    return f"{module}.{name}" if isinstance(module, str) and module not in ("builtins", "__main__") else str(name)


def _has_recorded(values: Iterable[Any], depth: int = 3) -> bool:
    """Return whether something among values, or in lists among them, is recorded."""
    for value in values:
        kind = type(value)
        if kind is Array or kind in SCALARS:
            return True
        if depth and kind in (list, tuple) and _has_recorded(value, depth - 1):
            return True
        if depth and kind is dict and _has_recorded(value.values(), depth - 1):
            return True
    return False


def _recorded_in(values: Iterable[Any], depth: int = 2) -> Iterator[Any]:
    for value in values:
        kind = type(value)
        if kind is Array or kind in SCALARS:
            yield value
        elif depth and kind in (list, tuple, set):
            yield from _recorded_in(itertools.islice(value, _MOST_LOOKED_AT), depth - 1)
        elif depth and kind is dict:
            yield from _recorded_in(itertools.islice(value.values(), _MOST_LOOKED_AT), depth - 1)
