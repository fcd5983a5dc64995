"""What instrumented code says of names and places: which values they are given, and by which steps."""

from __future__ import annotations

import collections
import contextlib
import inspect
import itertools
import math
import re
import sys
import types
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.library.name_words import is_loss_like, is_parameter_name
from symback.tracer.calls import node_behind, recorded
from symback.tracer.instrument import Text
from symback.tracer.log import CACHED, OWN, PASSING, Change, Held, Log, Node
from symback.tracer.objects import SCALARS, Array, Int, plain, scalar
from symback.tracer.stated import WRITTEN, is_stated
from symback.tracer.steps import STEPS, ancestors, is_update, rests_on_loss

Scope = tuple[str, bool]
"""The function of the text, and whether it is a small helper whose names stay inside."""

_UNNAMED = frozenset(
    (str, type(None), bool, bytes, complex, range, slice, types.ModuleType, types.BuiltinFunctionType, type)
)
_NUMBER_OF = ("data", "value", "val")
"""Attributes in which an object keeps the number that it stands for."""
_MAKING = re.compile(r"__init__|__post_init__|init|build|reset|set|make|create|fit$|add", re.IGNORECASE)
"""What functions are called that make parameters: what they store is not kept in passing."""
MOST_LOOKED_AT = 64
"""Most items of a container of objects that are looked at for what is recorded in them."""
_MOST_NUMBERS = 20_000
"""Most items of a container of numbers that are recorded, one by one."""
_HOLDERS = (dict, list, collections.deque)
"""Containers that hold whatever they are given."""
REALS = (np.ndarray, float, np.float64, np.float32)
"""Types of what is recorded where a name, an item or an attribute holds it."""


class Names:
    """The part of what instrumented code knows that names entries; ``loss`` is a name that is the loss, where it was given."""

    def __init__(self, log: Log, texts: dict[str, Text], modules: set[str], loss: str | None = None) -> None:
        self.log = log
        self.texts = texts
        self.modules = modules
        """Names of the modules that are one's own."""
        self.loss = loss
        self.counters: set[str] = set()
        self._first: dict[tuple[str, str, int], _Seen] = {}
        self._in_containers: dict[str, dict[Any, Node]] = {}
        """What containers of a name held last, by their places."""

    def bind(self, name: str, value: Any, scope: Scope, place: bool = False) -> Any:
        """Note ``name = value``, and return the value as one that is recorded."""
        kind = type(value)
        if kind in _UNNAMED or self.log.ended:
            return value
        if kind is int:
            if name not in self.counters:
                return value
            value = self._counter(value)
        elif kind in REALS:
            value = self._stated(recorded(value))
            self._explained(value)
        elif isinstance(value, tuple) and any(type(item) in REALS for item in value):
            value = self._recorded_tuple(value)
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
            node.name, node.strength = name, PASSING
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

    def _explained(self, value: Any) -> None:
        """Note a single number that is new to the run although its line computes it."""
        node = node_behind(self.log, value)
        if node is None or node.run is not None or node.shape:
            return
        text = self.texts.get(node.site.file)
        if text is not None and text.statements.get(node.site.line, (0, 0))[0] in text.computed:
            self.log.computed.add(node)

    def _recorded_tuple(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a tuple, also one whose places have names, with its numbers as ones that are recorded."""
        items = [self._stated(recorded(item)) if type(item) in REALS else item for item in value]
        if type(value) is tuple:
            return tuple(items)
        make = getattr(type(value), "_make", None)
        return make(items) if make is not None else value

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
            node.name, node.strength = name if index is None else f"{name}[{index}]", strength
        node.own = node.own or strength > PASSING
        node.place = node.place or (place and index is None and bool(scope[0]) and strength == OWN)
        if node.path in STEPS and rebinds:
            for old in node.args[: 1 if "sub" in node.path else 2]:
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
        later = self.log.changes[seen.changes :]
        seen.updated = seen.updated or any(c.before in needed and self._is_updated(c, needed) for c in later)
        seen.changes = len(self.log.changes)
        if seen.updated and first not in ancestors(node, after=first.number):
            self.log.end()

    @staticmethod
    def _is_updated(change: Change, needed: set[Node]) -> bool:
        """Return whether a parameter was updated: by what a loss computed, or, by its name, by a forward pass of its own."""
        name = change.before.name.partition("[")[0]
        spelled = is_parameter_name(name, array=bool(change.before.shape))
        return rests_on_loss(change, needed) or (spelled and is_update(change, needed))

    def _name_parts(self, name: str, value: Any, scope: Scope, place: bool = False) -> None:
        """Name what a list, a dictionary, a tuple or an object of one's own holds."""
        kind = type(value)
        if kind in (list, tuple, collections.deque):
            for k in range(min(len(value), _most_of(value[0]) if value else 0)):
                self._name_item(value, k, name, value[k], scope)
            self._held(name, value)
        elif isinstance(value, tuple):
            for label, item in zip(getattr(value, "_fields", ()), value, strict=False):
                node = node_behind(self.log, item)
                if node is not None:
                    self._name(node, label, scope, place=True)
            self._held(name, value)
        elif isinstance(value, dict):
            for key in list(value)[: _most_of(next(iter(value.values()), None))]:
                self._name_item(value, key, name, value[key], scope)
            self._held(name, value)
        elif "_parameters" in getattr(value, "__dict__", ()) and "_modules" in value.__dict__:
            return  # a module of PyTorch says the names of its parameters itself
        elif (kind is types.SimpleNamespace or kind.__module__ in self.modules) and hasattr(value, "__dict__"):
            inner = self._inner(value)
            if inner is not None:
                self._name(inner, name, scope, place=place)
                return
            for label, item in list(vars(value).items()):
                if type(item) in REALS:
                    item = vars(value)[label] = self._stated(recorded(item))
                elif isinstance(item, tuple) and any(type(i) in REALS for i in item):
                    item = vars(value)[label] = self._recorded_tuple(item)
                if isinstance(item, (list, dict, tuple, collections.deque)):
                    self._name_parts(label, item, ("__init__", True), place=True)
                    continue
                node = node_behind(self.log, item)
                if node is not None:
                    self._put(value, "", label, node)
                    if not node.name:
                        self._name(node, label, ("__init__", True), place=True)

    def _held(self, name: str, value: Any) -> None:
        """Note what a container holds now, and the steps that led there from what one of the same name held at the same places."""
        items = value.items() if isinstance(value, dict) else enumerate(value)
        most = _most_of(value[0] if len(value) and not isinstance(value, dict) else None)
        now = {
            key: node
            for key, item in itertools.islice(items, most)
            if (node := node_behind(self.log, item)) is not None
        }
        before = self._in_containers.get(name, {})
        for key, node in now.items():
            old = before.get(key)
            if old is not None and old is not node and node.path in STEPS and old in node.args:
                self.log.changes.append(Change(old, node, node.site))
        if now:
            self._in_containers[name] = now

    def _put(self, holder: Any, label: str, key: Any, node: Node) -> None:
        """Note what a container, or an object without a label, was given at a place."""
        key = plain(key)
        if isinstance(key, (str, int, np.integer)) and not self.log.ended:
            self.log.held.append(Held(id(holder), label, key, node))

    def _inner(self, value: Any) -> Node | None:
        """Return the number of an object that stands for one, as ``Value(2.0).data``; None for other objects."""
        known = getattr(value, "__dict__", {})
        held = [n for n in (node_behind(self.log, known.get(k)) for k in _NUMBER_OF) if n is not None]
        return held[0] if len(held) == 1 else None

    def _name_item(self, holder: Any, key: Any, name: str, item: Any, scope: Scope) -> None:
        kind = type(item)
        if kind in REALS and not isinstance(holder, tuple):
            item = holder[key] = self._stated(recorded(item))
        elif kind is int and name in self.counters and not isinstance(holder, tuple):
            item = holder[key] = self._counter(item)
        elif kind in (list, dict) or isinstance(item, tuple):
            if kind not in (list, dict) and not isinstance(holder, tuple) and any(type(i) in REALS for i in item):
                item = holder[key] = self._recorded_tuple(item)
            inside = f"{name}{key}" if not isinstance(key, str) else key
            if kind is tuple:  # what unpacks it has the better names
                self._held(inside, item)
            else:
                self._name_parts(inside, item, scope)
            return
        node = node_behind(self.log, item)
        if node is None and kind.__module__ in self.modules:
            node = self._inner(item)
        if node is not None:
            self._put(holder, name, key, node)
        if node is not None and isinstance(holder, tuple):
            self.argument(f"{name}[{key}]", item, scope)
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
        if after is None or after.path not in STEPS or before is after:
            return
        if (
            before is None
            and type(old) in (int, float, np.float64)
            and any(type(a) is type(old) and a == old for a in after.args)
        ):
            self.log.unseen.append(after.site)
        if before is not None and before in after.args:
            self.log.changes.append(Change(before, after, after.site))

    def gave(self, value: Any, scope: Scope) -> Any:
        """Note what a function returns."""
        node = node_behind(self.log, value)
        if node is not None and math.prod(node.shape) == 1 and not self.log.ended:
            self.log.returned.setdefault(scope[0], []).append(node)
            if self.loss in (scope[0], f"{scope[0]}()") or (self.loss is None and is_loss_like(scope[0])):
                self._seen(f"{scope[0]}()", node)
        return value


@dataclass
class _Seen:
    """A number that may be the loss, the first time that a line computed it, and what happened since."""

    node: Node
    changes: int
    """How many changes have been looked at."""
    needed: set[Node] | None = None
    updated: bool = False
    """True where something that it depends on was updated by what follows from it."""


class _Item:
    """The place ``holder[key]``; its entry 0 is what is there."""

    __slots__ = ("holder", "key", "label", "recorder", "scope")

    def __init__(self, recorder: Names, holder: Any, key: Any, label: str, scope: Scope) -> None:
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
        if isinstance(holder, _HOLDERS) and not recorder.log.ended and type(value) is not int:
            old = _held_at(holder, key)
            name, scope, index = recorder._item_name(self.label, key, self.scope)
            value = recorder._stated(recorded(value)) if type(value) in REALS else value
            node = node_behind(recorder.log, value)
            holder[key] = value
            if node is not None:
                recorder._name(node, name, scope, index, place=True, rebinds=False)
                recorder._put(holder, self.label, key, node)
                recorder.changed(old, value)
            return
        if type(holder).__module__ in sys.stdlib_module_names:  # reading it changes nothing
            with contextlib.suppress(LookupError, TypeError):
                recorder.changed(holder[key], value)
        holder[key] = value
        if not isinstance(holder, _HOLDERS) and type(holder).__module__ not in recorder.modules:
            self._leaves(value)

    def _leaves(self, value: Any) -> None:
        """Note that a value was stored into something that takes its number alone."""
        node = node_behind(self.recorder.log, value)
        if node is not None:
            self.recorder.log.leaked((node,), f"an object of {type(self.holder).__name__}")


def _most_of(first: Any) -> int:
    """Return how many items of a container are looked at that begins with this one."""
    return _MOST_NUMBERS if type(first) in (*REALS, *SCALARS, int, list) else MOST_LOOKED_AT


def _held_at(holder: Any, key: Any) -> Any:
    """Return what a dictionary or a sequence holds at a place; None where it holds nothing."""
    if isinstance(holder, dict):
        return holder.get(key)
    return holder[key] if isinstance(key, int) and -len(holder) <= key < len(holder) else None


def _attribute_of(holder: Any, name: str) -> Any:
    """Return what an attribute of an object holds without calling anything of its class; None where it holds nothing."""
    if name in getattr(holder, "__dict__", ()):
        return holder.__dict__[name]
    slot = inspect.getattr_static(type(holder), name, None)
    return getattr(holder, name, None) if isinstance(slot, types.MemberDescriptorType) else None


class _Attribute(_Item):
    """The place ``holder.key``."""

    __slots__ = ()

    def __getitem__(self, at: int) -> Any:
        return getattr(self.holder, self.key)

    def __setitem__(self, at: int, value: Any) -> None:
        recorder, holder = self.recorder, self.holder
        old = _attribute_of(holder, self.key)
        value = recorder.bind(self.key, value, self.scope, place=True)
        setattr(holder, self.key, value)
        node = node_behind(recorder.log, value)
        if node is not None:
            recorder._put(holder, "", self.key, node)
        recorder.changed(old, value)
