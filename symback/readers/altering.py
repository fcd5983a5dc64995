"""What a piece of code that was not followed may change: objects, attributes, names of other scopes, and iterators."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import Any

from symback.core.errors import SymbackError
from symback.library.paths import changes_in_place
from symback.library.values import Library, Poison
from symback.readers import memory
from symback.readers.asking import Reader
from symback.readers.expressions import place
from symback.readers.harm import changes_its_first, changes_its_object, is_harmless, refuse_library
from symback.readers.iterators import Iterated
from symback.readers.losing import Near, lose, near_of, poison_object
from symback.readers.names import refused
from symback.readers.pieces import Piece
from symback.readers.reach import Reach, found, held_by, made_by
from symback.readers.syntax import as_load, stored_names
from symback.readers.values import Array, Bound, Definition, Helper, Instance, Method, Outside, Scope

_RUNS_TEXT = frozenset(("builtins.exec", "builtins.eval", "builtins.globals", "builtins.locals"))
"""Functions by which a text may change any name."""

_ENTRIES = ("data", "shape", "dtype", "strides", "flat", "real", "imag")
"""Attributes of an array that are given values to change it."""

_SWITCHES = frozenset(
    f"torch.{module}{name}"
    for module in ("", "autograd.", "autograd.grad_mode.")
    for name in ("set_grad_enabled", "no_grad", "enable_grad", "inference_mode", "_force_original_view_tracking")
)
"""Functions of PyTorch that switch gradients on or off for all that follows, where no ``with`` ends it."""

_SWITCHING = frozenset(path.rpartition(".")[2] for path in _SWITCHES)


class Changes:
    """What one piece of code may change."""

    def __init__(self, reader: Reader, reach: Reach, piece: Piece, error: SymbackError, statement: ast.AST) -> None:
        self.reader, self.reach, self.piece, self.error = reader, reach, piece, error
        simple = (ast.Assign, ast.AnnAssign, ast.AugAssign)
        self.certain = piece.is_statement and isinstance(statement, simple)
        nodes = piece.shape.nodes
        self.values = {id(t): n.value for n in nodes if isinstance(n, ast.Assign) for t in n.targets}
        self.values |= {id(n.target): n.value for n in nodes if isinstance(n, ast.AugAssign)}
        self.augmented = {id(n.target) for n in nodes if isinstance(n, ast.AugAssign)}

    def give_up(self) -> None:
        """Poison what the piece may change."""
        for node in self.piece.shape.nodes:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                self._poison(self._objects(as_load(node.target)), self._sources(node.value))
            elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
                self._stored(node)
            elif isinstance(node, ast.Subscript):
                self._asked(node)
            elif isinstance(node, ast.Call):
                self._called(node)
            elif isinstance(node, (ast.Global, ast.Nonlocal)):
                self._outer(node)
            if isinstance(node, (ast.Name, ast.Attribute)):
                self._refuse_switch(node)

    # --- objects ------------------------------------------------------------------------------------------------------

    def _sources(self, node: ast.AST | None) -> Near:
        return near_of(self.reach.sources(self.piece, node))

    def _objects(self, node: ast.expr) -> list[Any]:
        """Return the objects that an expression may be: one where that is known, else all that it may come from."""
        own = self._of_itself(node)
        if own is not None:
            return own
        if self.reach.is_free(self.piece, node) or (self.piece.is_statement and isinstance(node, ast.Name)):
            held = self._held(as_load(node))
            if held is not None and self.reach.is_free(self.piece, node):
                return [held.value if isinstance(held, Method) else held]
        return self.reach.sources(self.piece, node, not isinstance(node, ast.Name))

    def _held(self, node: ast.expr) -> Any:
        """Return what an expression holds, also where it is not known what that holds in turn; None where it is not known."""
        found_ = place(self.reader, node, self.piece.scope)
        if found_ is not None:
            return found_
        if isinstance(node, ast.Name):
            return self.reach.lookup(self.piece, node.id)
        holder = self._held(node.value) if isinstance(node, (ast.Attribute, ast.Subscript)) else None
        if isinstance(node, ast.Attribute) and isinstance(holder, Instance):
            return holder.attributes.get(node.attr)
        if (
            not isinstance(node, ast.Subscript)
            or not isinstance(holder, (list, dict))
            or id(holder) in self.reader.lost
        ):
            return None
        key: Any = self.reader.plain(place(self.reader, node.slice, self.piece.scope))
        if isinstance(holder, dict):
            return holder.get(key) if isinstance(key, (str, int)) else None
        return holder[key] if type(key) is int and -len(holder) <= key < len(holder) else None

    def _of_itself(self, node: ast.expr) -> list[Any] | None:
        """Return what ``self.name`` holds in every object whose method this may be; None for other expressions."""
        chain: list[ast.Attribute | ast.Subscript] = []
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            chain.insert(0, node)
            node = node.value
        if not (isinstance(node, ast.Name) and self.piece.itself and node.id == self.piece.itself):
            return None
        holders = self._holders()
        if not chain or not isinstance(chain[0], ast.Attribute) or chain[0].attr.startswith("__"):
            return holders
        held: list[Any] = []
        for holder in holders:
            held += _attributes(holder, chain[0].attr)
        return held

    def _holders(self) -> list[Any]:
        """Return the objects whose method a piece may be."""
        owner = self.piece.owner
        found_: list[Any] = []
        for value in self.reach.objects():
            if isinstance(value, Instance) and value.definition is not None and owner in value.definition.lineage():
                found_.append(value)
                value = value.definition
                if (
                    self.piece.helper is None
                    or owner is None
                    or owner.markers.get(self.piece.helper.name) != "classmethod"
                ):
                    continue
            if isinstance(value, Definition) and owner in value.lineage():
                found_.append(value)
        return found_

    def _poison(self, objects: list[Any], near: Near = ()) -> None:
        if any(made_by(value) for value in memory.reachable(objects, _walked)):
            objects = [*objects, *self.reach.everything()]  # what a function gives may be anything that it names
        for value in objects:
            if isinstance(value, Definition):
                for label in value.attributes:
                    value.attributes[label] = Poison(self.error, near)
            poison_object(self.reader, value, self.error, near)

    # --- what is stored -----------------------------------------------------------------------------------------------

    def _stored(self, target: ast.Subscript | ast.Attribute) -> None:
        """Give up what an assignment to an item or an attribute may change."""
        near = self._sources(self.values[id(target)]) if id(target) in self.values else near_of(self.reach.everything())
        if id(target) in self.augmented:
            self._poison(self._objects(as_load(target)), near)
        owners = self._of_itself(target.value)
        if owners is None and self.reach.is_free(self.piece, target.value):
            held = self._held(as_load(target.value))
            known = held is not None and not isinstance(held, Poison)
            owners = [held.value if isinstance(held, Method) else held] if known else None
        if owners is None:
            objects = self._objects(as_load(target.value))
            self._poison(objects, near)
            if self.piece.is_statement and not [v for v in objects if not isinstance(v, Poison)]:
                self._poison(self.reach.everything(), near)  # something may now hold what was read, and change it later
            return
        for held in owners:
            if isinstance(target, ast.Attribute):
                self._attribute(held, target, near)
            else:
                self._item(held, target, near)

    def _attribute(self, held: Any, target: ast.Attribute, near: Near) -> None:
        refuse_library(held, self.error)
        if isinstance(held, Instance) and target.attr in ("__dict__", "__class__"):
            poison_object(self.reader, held, self.error, near)
        elif isinstance(held, Instance) and (
            target.attr not in ("grad", "requires_grad") or target.attr in held.attributes or held.layer is None
        ):
            _set_attribute(self.reader, held, target.attr, Poison(self.error, near))
        elif isinstance(held, Definition):
            held.methods.pop(target.attr, None)
            held.attributes[target.attr] = Poison(self.error, near)
        elif isinstance(held, (Helper, Bound)) and target.attr.startswith("__"):
            raise refused(self.error)  # another function under all its names
        elif isinstance(held, Array) and target.attr in _ENTRIES:
            poison_object(self.reader, held, self.error)
        elif isinstance(held, Poison):
            poison_object(self.reader, held, self.error, near)

    def _item(self, held: Any, target: ast.Subscript, near: Near) -> None:
        known = self.reach.is_free(self.piece, target.slice) and not isinstance(target.slice, ast.Slice)
        key = place(self.reader, as_load(target.slice), self.piece.scope) if known else None
        plain: Any = self.reader.plain(key) if self.reader.is_array(key) or isinstance(key, (str, int)) else None
        kept = isinstance(target.ctx, ast.Store) and id(held) not in self.reader.lost
        if kept and type(plain) is int and isinstance(held, list) and -len(held) <= plain < len(held):
            self.reader.writes += 1
            held[plain] = Poison(self.error, near_of([*near, held[plain]]))
        elif kept and isinstance(held, dict) and isinstance(plain, (str, int)) and (self.certain or plain in held):
            self.reader.writes += 1
            held[plain] = Poison(self.error, near_of([*near, held.get(plain)]))
        elif isinstance(held, (list, dict)) and held is not None:
            lose(self.reader, held, self.error, near)
        else:
            self._poison([held], near)

    def _asked(self, node: ast.Subscript) -> None:
        """Give up a container that may have made an item for a key that it had not."""
        for held in self._objects(node.value):
            if isinstance(held, defaultdict) and held.default_factory is not None:
                lose(self.reader, held, self.error, near_of(made_by(held)))

    def _outer(self, node: ast.Global | ast.Nonlocal) -> None:
        """Give up the names of another scope that the piece may give a value."""
        stored = {n.id for n in self.piece.shape.nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        stored |= {n.name for n in self.piece.shape.nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        near = near_of(self.reach.everything())
        for name in stored.intersection(node.names):
            inside = self.reader.globals if isinstance(node, ast.Global) else self.piece.scope.find(name)
            if inside is not None:
                self.reader.poison([name], self.error, inside, near)
                self.reader.writes += 1

    # --- what is called -----------------------------------------------------------------------------------------------

    def _called(self, call: ast.Call) -> None:
        """Give up what a call may change: receivers, ``out=``, first arguments, and what unknown functions are handed."""
        function = self.reach.callee(self.piece, call.func)
        own_names = (
            isinstance(function, Library) and function.path == "builtins.vars" and not (call.args or call.keywords)
        )
        if isinstance(function, Library) and (function.path in _RUNS_TEXT or own_names):
            give_up_names(self.reader, call, self.error, self.piece.scope)
        if isinstance(function, Library) and function.path.rpartition(".")[2].startswith("register_"):
            raise refused(self.error)  # hooks on all modules, or on a tensor that is handed over
        values = [a.value if isinstance(a, ast.Starred) else a for a in call.args]
        values += [k.value for k in call.keywords]
        near = near_of([v for part in values for v in self.reach.sources(self.piece, part)])
        if isinstance(function, Library) and function.path in ("builtins.setattr", "builtins.delattr"):
            self._set_by_name(values, near)
            return
        for target in self._targets(call, function, values):
            self._poison(self._objects(target), near)

    def _set_by_name(self, values: list[ast.expr], near: Near) -> None:
        """Give up what ``setattr(x, name, value)`` may change."""
        named = values[1].value if len(values) > 1 and isinstance(values[1], ast.Constant) else None
        for held in self._objects(values[0]) if values else ():
            refuse_library(held, self.error)
            if isinstance(held, (Helper, Bound)):
                raise refused(self.error)
            if isinstance(held, Instance) and isinstance(named, str):
                _set_attribute(self.reader, held, named, Poison(self.error, near))
            elif isinstance(held, Definition) and isinstance(named, str):
                held.methods.pop(named, None)
                held.attributes[named] = Poison(self.error, near)
            else:
                self._poison([held], near)

    def _targets(self, call: ast.Call, function: Any, values: list[ast.expr]) -> list[ast.expr]:
        """Return the expressions whose objects a call may change."""
        receiver = (
            [call.func.value] if isinstance(call.func, ast.Attribute) and not isinstance(function, Library) else []
        )
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        targets: list[ast.expr] = [k.value for k in call.keywords if k.arg == "out"]
        if method.startswith("register_") and receiver:
            if any(isinstance(v, Array) for v in self._objects(receiver[0])):
                raise refused(self.error)  # a hook on a tensor changes gradients, also of what was computed before
            targets += receiver
        if not isinstance(call.func, (ast.Name, ast.Attribute)):  # what is called may be a method of what it is made of
            targets += [n for n in ast.walk(call.func) if isinstance(n, (ast.Name, ast.Attribute, ast.Subscript))]
        if any(self._changes(v) for v in values):
            return [*targets, *receiver, *values, *(v.value for v in values if isinstance(v, ast.Attribute))]
        if isinstance(function, Library):
            targets += values[:1] if changes_its_first(function.path) else []
            return targets if is_harmless(function) else [*targets, *values]
        if changes_its_object(method):
            targets += [*receiver, *values] if changes_in_place(method) and function is None else receiver
        if (
            isinstance(function, Poison)
            or (function is None and self._is_strange(call))
            or (not is_harmless(function) and function is not None)
        ):
            targets += [*receiver, *values]
        return targets

    def _is_strange(self, call: ast.Call) -> bool:
        """Return whether nothing is known of what is called: it is neither of the text nor a method that changes nothing."""
        if isinstance(call.func, ast.Attribute):
            return False
        name = call.func.id if isinstance(call.func, ast.Name) else None
        return name is None or name in self.piece.shape.own or found(self.reader, name, self.piece.scope) is not None

    def _changes(self, node: ast.expr) -> bool:
        """Return whether an argument is a function that changes what it is given, or a method that changes its object."""
        if isinstance(node, ast.Call):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            inner = name in ("partial", "methodcaller")
            return (inner and any(map(changes_its_object, texts))) or (
                inner and any(self._changes(a) for a in node.args)
            )
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return False
        function = self.reach.callee(self.piece, node)
        if isinstance(function, Library):
            return changes_its_first(function.path) or not is_harmless(function)
        return isinstance(node, ast.Attribute) and changes_its_object(node.attr)

    def _refuse_switch(self, node: ast.Name | ast.Attribute) -> None:
        """Raise where the piece switches gradients on or off for what follows."""
        shape = self.piece.shape
        if id(node) in shape.contexts or id(node) in shape.inner or not self.reach.is_free(self.piece, node):
            return
        function = self.reach.callee(self.piece, node) if _last(node) in _SWITCHING else None
        if isinstance(function, (Library, Outside)) and function.path in _SWITCHES:
            raise refused(self.error)

    def lose_iterators(self) -> None:
        """Give up where the iterators stand that the piece names: it may take items from them."""
        for node in self.piece.shape.nodes:
            if not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) or id(node) in self.piece.shape.inner:
                continue
            own = self._of_itself(node)
            if own is None and self.reach.is_free(self.piece, node):
                own = [place(self.reader, as_load(node), self.piece.scope)]
            elif own is None and self.piece.is_statement and isinstance(node, ast.Name):
                own = [self.reach.lookup(self.piece, node.id)]
            for held in memory.reachable(own or [], _walked):
                if isinstance(held, Iterated):
                    lose(self.reader, held, self.error)


def _walked(value: Any) -> list[Any]:
    """Return the iterators that an object holds or takes its items from."""
    return [] if isinstance(value, (Instance, Helper, Definition)) else held_by(value)


def _last(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _attributes(holder: Any, name: str) -> list[Any]:
    """Return what an attribute of an object or a class may hold."""
    if isinstance(holder, Instance) and name in holder.attributes:
        return [holder.attributes[name]]
    definition = holder.definition if isinstance(holder, Instance) else holder
    found_: list[Any] = []
    for one in definition.lineage() if definition is not None else ():
        if name in one.methods:
            return [holder]
        if name in one.attributes:
            found_.append(one.attributes[name])
    return found_


def _set_attribute(reader: Reader, held: Instance, name: str, value: Poison) -> None:
    """Give up an attribute of an object; where it may be deleted or set by a method of its own, the whole object."""
    own = held.definition.lineage() if held.definition is not None else []
    if any(name in one.methods or f"{name}.setter" in one.methods for one in own):
        poison_object(reader, held, value.error, value.near)
    old = held.attributes.get(name)
    held.attributes[name] = Poison(value.error, near_of([*value.near, old]))
    reader.writes += 1


def give_up_names(reader: Reader, call: ast.Call, error: SymbackError, scope: Scope) -> None:
    """Give up what names of a scope and of those around it hold: all, or those in the text that is run where it is known."""
    only = _names_in_text(call.args[0]) if call.args else None
    if only is not None and any(isinstance(found(reader, name, scope), (Helper, Bound, Instance)) for name in only):
        only = None  # what it calls may change other names
    within: Scope | None = scope
    while within is not None:
        for name, value in list(within.names.items()):
            if only is not None and name not in only:
                continue
            if not isinstance(value, (Library, Outside, Definition, Poison)):
                poison_object(reader, value, error)
                reader.poison([name], error, within)
        within = within.parent


def _names_in_text(node: ast.expr) -> set[str] | None:
    """Return the names that a text of code which is written out speaks of; None where it may reach others."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    try:
        tree = ast.parse(node.value.strip())
    except (SyntaxError, ValueError, RecursionError):
        return None
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | set(stored_names(tree))
    reaching = {path.rpartition(".")[2] for path in _RUNS_TEXT} | {"vars", "getattr", "__import__"}
    return None if names & reaching else names
