"""What code that was not followed names and may call: functions of the text, theirs, and what all of them name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from symback.core.errors import SymbackError
from symback.core.forms import Form
from symback.library.values import Poison, Prepared
from symback.readers import memory
from symback.readers.asking import Reader
from symback.readers.generators import read_by
from symback.readers.iterators import Iterated
from symback.readers.pieces import Piece, Shape, is_argument, is_fresh, shape_of_function, shape_of_statement
from symback.readers.plain_values import VIEWS
from symback.readers.values import (
    Applied,
    Array,
    Bound,
    Definition,
    Factory,
    Helper,
    Instance,
    Method,
    Optimizer,
    Scope,
)

_CALLED_TO_MAKE = frozenset(("__init__", "__new__", "__post_init__"))
_OF_ARITHMETIC = frozenset(
    f"__{prefix}{name}__"
    for prefix in ("", "r", "i")
    for name in (
        *("add", "sub", "mul", "truediv", "pow", "matmul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift"),
        *("neg", "pos", "invert", "divmod"),
    )
)
_OF_COMPARISON = frozenset(("__eq__", "__ne__", "__lt__", "__gt__", "__le__", "__ge__"))
_ORDERING = frozenset(
    ("sum", "sorted", "min", "max", "reduce", "accumulate", "prod", "sort", "index", "count", "remove")
)

Mutable = (Array, list, dict, set, tuple, Instance, Definition, Iterated, Poison, Prepared, Optimizer, *VIEWS)


def held_by(value: Any) -> list[Any]:
    """Return what an object holds: items, attributes, what a function was given beforehand."""
    if isinstance(value, Poison):
        return list(value.near)
    if isinstance(value, Instance):
        return list(value.attributes.values())
    if isinstance(value, Definition):
        return [*value.attributes.values(), *(b for b in value.bases if isinstance(b, Definition))]
    if isinstance(value, dict):
        return [*value.values(), *value, *made_by(value)]
    if isinstance(value, (Method, Bound)):
        return [value.value] if isinstance(value, Method) else [value.instance, value.helper]
    if isinstance(value, Applied):
        return list(value.parts)
    if isinstance(value, Iterated):  # what it gives, and what its code may change
        return [*value.near, *(read_by(*value.body) if value.body is not None else ())]
    if isinstance(value, VIEWS):
        return [*value.mapping.values(), *value.mapping]
    if isinstance(value, Helper):
        return list(value.defaults.values())
    if not isinstance(value, (list, tuple, set, frozenset)) or all(
        issubclass(kind, _PLAIN) for kind in set(map(type, value))
    ):
        return []
    return list(value)


def made_by(value: Any) -> list[Any]:
    """Return what a container calls for a key that it has not, an iterator for its next item, and what is near the unknown."""
    if isinstance(value, Iterated):
        return [v for v in held_by(value) if isinstance(v, (Helper, Bound, Method)) or _is_of_text(v)]
    if isinstance(value, Poison):
        return [v for v in value.near if isinstance(v, (Helper, Bound))]
    factory = value.default_factory if isinstance(value, defaultdict) else None
    return [factory.function] if isinstance(factory, Factory) else []


def _is_of_text(value: Any) -> bool:
    """Return whether a value is an object whose class stands in the text."""
    return isinstance(value, Instance) and value.definition is not None


_PLAIN = (Form, int, float, str, type(None))
"""Types of values that hold nothing that can be changed."""


class Reach:
    """The pieces of code that a statement executes or may execute, and all objects that they name."""

    def __init__(self, reader: Reader, node: ast.AST, scope: Scope) -> None:
        self.reader = reader
        self.pieces: list[Piece] = []
        self.named: dict[int, Any] = {}
        self.attributes: set[str] = set()
        self.loose: set[str] = set()
        """Attributes that are read and not called at once."""
        self.sites: dict[str, list[tuple[Piece, ast.Call]]] = {}
        """Calls of a method, by its name."""
        self.unknown = False
        """True where something is called of which it is not known what it is."""
        self.operates = self.compares = self.opens = False
        self.functions: dict[int, Piece] = {}
        self._objects: tuple[int, list[Any]] | None = None
        self.statement = Piece(_shape_of(reader, node), scope)
        self._enter(self.statement)
        self._spread()
        self.own_functions = frozenset(p.helper.name for p in self.pieces if p.helper is not None)

    # --- what is reached ----------------------------------------------------------------------------------------------

    def objects(self) -> list[Any]:
        """Return everything within reach of what is named."""
        key = len(self.named)
        if self._objects is None or self._objects[0] != key:
            self._objects = key, list(memory.reachable(list(self.named.values()), held_by))
        return self._objects[1]

    def everything(self) -> list[Any]:
        """Return the objects that are named and can be changed."""
        return [v for v in self.named.values() if isinstance(v, Mutable)]

    def _enter(self, piece: Piece) -> None:
        """Look at what a piece names and calls."""
        self.pieces.append(piece)
        shape = piece.shape
        for node in shape.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self._name(piece, node)
            elif isinstance(node, ast.Attribute):
                self.attributes.add(node.attr)
                if id(node) not in shape.called:
                    self.loose.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                if shape_has_names(shape, _BY_NAME):
                    self.attributes.add(node.value)
                    self.loose.add(node.value)
            elif isinstance(node, ast.Call):
                self._call(piece, node)
            elif isinstance(node, (ast.BinOp, ast.AugAssign, ast.UnaryOp)):
                self.operates = True
            elif isinstance(node, ast.Compare):
                self.compares = True
            elif isinstance(node, ast.withitem):
                self.opens = True
        for value in piece.helper.defaults.values() if piece.helper is not None else ():
            self._add(value)

    def _name(self, piece: Piece, node: ast.Name) -> None:
        if node.id in _ORDERING:
            self.operates = self.compares = True
        value = self.lookup(piece, node.id)
        if value is None:
            return
        self._add(value)
        if id(node) not in piece.shape.called and id(node) not in piece.shape.inner:
            self._passed(value)

    def _add(self, value: Any) -> None:
        self.named.setdefault(id(value), value)

    def _passed(self, value: Any) -> None:
        """Look at a function that is handed on: it may be called with anything."""
        if isinstance(value, Helper):
            self._function(value, None, None)
        elif isinstance(value, Bound):
            self._function(value.helper, value.definition, None)
        elif isinstance(value, (Method, Poison)):
            for part in held_by(value):
                if isinstance(part, (Helper, Bound, Applied)) or (isinstance(value, Method) and part is not value):
                    self._passed(part)
        elif isinstance(value, Applied):
            for part in value.parts:
                self._passed(part)

    def _call(self, piece: Piece, node: ast.Call) -> None:
        function = self.callee(piece, node.func)
        if isinstance(node.func, ast.Attribute):
            self.sites.setdefault(node.func.attr, []).append((piece, node))
        if isinstance(function, Helper):
            self._function(function, None, (piece, node))
        elif isinstance(function, Bound):
            self._function(function.helper, function.definition, (piece, node))
        elif isinstance(function, Method) and isinstance(function.value, Applied):
            self.unknown = True
        elif isinstance(function, Instance) and function.definition is not None:
            self.attributes.update(("__call__", "forward"))
            self.loose.update(("__call__", "forward"))
        elif function is None and not isinstance(node.func, ast.Attribute):
            self.unknown = self.unknown or not (isinstance(node.func, ast.Name) and self._is_library(piece, node.func))
        elif isinstance(function, Poison):
            self._passed(function)
            self.unknown = self.unknown or not isinstance(node.func, ast.Attribute)

    def _is_library(self, piece: Piece, node: ast.Name) -> bool:
        """Return whether a name that holds nothing is a function of Python or of a library."""
        return node.id not in piece.shape.own and piece.scope.find(node.id) is None

    def _function(self, helper: Helper, owner: Definition | None, call: tuple[Piece, ast.Call] | None) -> None:
        """Look at the body of a function of the text."""
        piece = self.functions.get(id(helper.body))
        if piece is None:
            shape = _shape_of(self.reader, helper)
            piece = self.functions[id(helper.body)] = Piece(shape, helper.scope, helper, owner)
            self._enter(piece)
        if call is None:
            piece.anyhow = True
        elif all(node is not call[1] for _, node in piece.calls):
            piece.calls.append(call)

    def _spread(self) -> None:
        """Look at methods and held functions until nothing new is found."""
        before = (-1, -1, False)
        while before != (now := (len(self.pieces), len(self.named) + len(self.attributes), self.unknown)):
            before = now
            for value in self.objects():
                if isinstance(value, Instance) and value.definition is not None:
                    self._methods(value.definition, False)
                    for label, held in value.attributes.items():
                        if label in self.attributes:
                            self._passed(held)
                elif isinstance(value, Definition):
                    self._methods(value, True)
                elif isinstance(value, (defaultdict, Iterated, Poison)):
                    for held in made_by(value):
                        self._passed(held)
                elif self.unknown and isinstance(value, (Helper, Bound)):
                    self._passed(value)

    def _methods(self, definition: Definition, makes: bool) -> None:
        for one in _lineage(definition):
            for label, helper in list(one.methods.items()):
                name = label.partition(".")[0]
                if name not in self.attributes and not self._is_implied(name, makes):
                    continue
                if name in self.loose or self._is_implied(name, makes) or "." in label:
                    self._function(helper, one, None)
                for site in self.sites.get(name, ()):
                    self._function(helper, one, site)

    def _is_implied(self, name: str, makes: bool) -> bool:
        """Return whether a method may be called without being named."""
        if not (name.startswith("__") and name.endswith("__")):
            return self.unknown and name == "forward"
        if name in _CALLED_TO_MAKE:
            return makes
        if name == "__call__":
            return self.unknown or makes
        if name in ("__enter__", "__exit__"):
            return self.opens
        if name in _OF_ARITHMETIC:
            return self.operates
        return self.compares if name in _OF_COMPARISON else True

    # --- what names and expressions are -------------------------------------------------------------------------------

    def lookup(self, piece: Piece, name: str) -> Any:
        """Return what a name of a piece holds where that is known; a name of a function's own holds nothing yet."""
        if name in piece.shape.own and not piece.is_statement:
            return None
        return found(self.reader, name, piece.scope)

    def is_free(self, piece: Piece, node: ast.AST) -> bool:
        """Return whether an expression names nothing of the piece's own."""
        return not any(isinstance(n, ast.Name) and n.id in piece.shape.own for n in ast.walk(node))

    def callee(self, piece: Piece, node: ast.expr) -> Any:
        """Return what a call calls; None where that is not known."""
        if any(isinstance(n, (ast.Call, ast.NamedExpr)) for n in ast.walk(node)):
            return None
        if not self.is_free(piece, node):
            return None
        try:
            return self.reader.value(node, piece.scope)
        except SymbackError:
            root = node
            while isinstance(root, (ast.Attribute, ast.Subscript)):
                root = root.value
            held = found(self.reader, root.id, piece.scope) if isinstance(root, ast.Name) else None
            return held if not isinstance(held, (Array, Instance, list, dict, set, tuple)) else None

    def sources(
        self, piece: Piece, node: ast.AST | None, deep: bool = True, seen: frozenset[Any] = frozenset()
    ) -> list[Any]:
        """Return the objects that the value of an expression may be, show or hold."""
        if node is None or isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await)):
            return self.everything()
        if is_argument(node):  # type: ignore[arg-type]
            return self._handed(piece, seen)
        if isinstance(node, ast.Name):
            return self._sources_of_name(piece, node.id, deep, seen)
        if isinstance(node, ast.Call):
            results = self._results(piece, node, deep, seen)
            if results is not None:
                return results
        if isinstance(node, ast.expr) and is_fresh(node, deep, self.own_functions):
            return []
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            return self.sources(piece, node.value, True, seen)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            parts: list[ast.AST] = [*(g.iter for g in node.generators)]
            parts += [node.value] if isinstance(node, ast.DictComp) else [node.elt]
        else:
            parts = [n for n in ast.iter_child_nodes(node) if isinstance(n, (ast.expr, ast.keyword))]
        return [v for part in parts for v in self.sources(piece, part, deep, seen)]

    def _sources_of_name(self, piece: Piece, name: str, deep: bool, seen: frozenset[Any]) -> list[Any]:
        value = self.lookup(piece, name)
        known = [] if value is None else [value]
        if name not in piece.shape.own:
            return known
        key = (id(piece), name, deep)
        if key in seen:
            return known
        return known + [v for s in piece.shape.own[name] for v in self.sources(piece, s, deep, seen | {key})]

    def _handed(self, piece: Piece, seen: frozenset[Any]) -> list[Any]:
        """Return what a function may have been called with."""
        key = id(piece)
        if piece.anyhow or not piece.calls:
            return self.everything()
        if key in seen or piece.helper is None:
            return []
        given: list[Any] = list(piece.helper.defaults.values())
        for caller, call in piece.calls:
            receiver = [call.func.value] if isinstance(call.func, ast.Attribute) else []
            for part in (*call.args, *(k.value for k in call.keywords), *receiver):
                given += self.sources(caller, part, True, seen | {key})
        return given

    def _results(self, piece: Piece, node: ast.Call, deep: bool, seen: frozenset[Any]) -> list[Any] | None:
        """Return what a function of the text may answer with; None where the call is none of one."""
        function = self.callee(piece, node.func)
        if isinstance(function, Definition):
            return self.everything()
        helpers = (
            [function] if isinstance(function, Helper) else [function.helper] if isinstance(function, Bound) else []
        )
        if not helpers and isinstance(node.func, ast.Attribute) and function is None:
            name = node.func.attr
            helpers = [p.helper for p in self.pieces if p.helper is not None and p.helper.name == name]
        if not helpers:
            return None
        made: list[Any] = []
        for helper in helpers:
            inner = self.functions.get(id(helper.body))
            if inner is None or helper.generates:
                return self.everything()
            key = (id(inner), "results", deep)
            if key in seen:
                continue
            returns = [n.value for n in inner.shape.nodes if isinstance(n, ast.Return) and n.value is not None]
            for value in returns if isinstance(helper.body, list) else [helper.body]:
                made += self.sources(inner, value, deep, seen | {key})
        return made


_BY_NAME = frozenset(("getattr", "hasattr", "methodcaller", "attrgetter", "setattr", "vars", "operator"))


def shape_has_names(shape: Shape, names: frozenset[str]) -> bool:
    """Return whether a piece speaks of one of some names."""
    return any(getattr(n, "id", getattr(n, "attr", "")) in names for n in shape.nodes)


def found(reader: Reader, name: str, scope: Scope) -> Any:
    """Return what a name holds in a scope; None where it holds nothing."""
    holder = scope.holder(name, reader.globals)
    return holder.names[name] if holder is not None else None


def _lineage(definition: Definition) -> Iterator[Definition]:
    try:
        yield from definition.lineage()
    except SymbackError:
        yield definition


def _shape_of(reader: Reader, node: Any) -> Shape:
    """Return the shape of a statement or a function, looked at once per text."""
    key = node.body if isinstance(node, Helper) else node
    kept = reader.shapes_of_code.get(id(key))
    if kept is None or kept[0] is not key:
        made = shape_of_function(node) if isinstance(node, Helper) else shape_of_statement(node)
        kept = reader.shapes_of_code[id(key)] = (key, made)
    return kept[1]
