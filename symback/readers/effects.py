"""What a statement that could not be followed may have changed: it is given up, and only that."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.readers import memory, unfollowed
from symback.readers.altering import Changes
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated
from symback.readers.losing import Near, near_of
from symback.readers.reach import Reach, held_by
from symback.readers.syntax import stored_names
from symback.readers.values import Bound, Helper, Scope


def give_up(reader: Reader, node: ast.AST, error: SymbackError, scope: Scope) -> None:
    """Poison everything that a statement which could not be followed may have changed.

    Raises ``Refused`` where that is a function or constant of a library: nothing after it is known.
    """
    reach = handed_over(reader, node, error, scope)
    held = {name: _near(reach, node, name) for name in stored_names(node)}
    for name, objects in held.items():
        reader.poison([name], error, scope, objects)


def handed_over(reader: Reader, node: ast.AST, error: SymbackError, scope: Scope) -> Reach:
    """Poison what code that was not followed may have changed, but for the names that it binds itself."""
    unfollowed.skipped(reader, node, scope, error)
    reach = Reach(reader, node, scope)
    walks = any(isinstance(v, Iterated) for v in reach.objects())
    for changes in [Changes(reader, reach, piece, error, node) for piece in reach.pieces]:
        if walks:
            changes.lose_iterators()
        changes.give_up()
    for value in [*reach.objects(), *(p.helper for p in reach.pieces)]:
        if isinstance(value, Helper) and value.cache is not None:
            value.cache.broken = error  # it may remember a result that was computed here
    return reach


def near(reach: Reach, node: ast.expr) -> Near:
    """Return the objects that the value of an expression which was not followed may be, show or hold."""
    return near_of(reach.sources(reach.statement, node))


def handed_outside(reader: Reader, path: str, values: Sequence[Any]) -> None:
    """Poison what functions of the text may change that a library which is not executed was given: it may call them."""
    error = ReadError(f"{path} may call a function of the text at any time", reader.line)
    functions = [v for v in memory.reachable(list(values), held_by) if isinstance(v, (Helper, Bound))]
    if functions:
        called(reader, functions, error)


def called(reader: Reader, functions: Sequence[Any], error: SymbackError) -> None:
    """Poison what functions of the text, and objects with methods that are called unnamed, may change when they are called."""
    names = {f"_{k}": f for k, f in enumerate(functions)}
    given: list[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
    handed_over(reader, ast.Tuple(given, ast.Load()), error, Scope(dict(names)))


def _near(reach: Reach, node: ast.AST, name: str) -> Near:
    """Return the objects that a name may show, hold or call after a statement that was not followed."""
    piece = reach.statement
    if isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets):
        return near_of(reach.sources(piece, node.value))
    if name in piece.shape.own:
        return near_of(reach.sources(piece, ast.Name(name, ast.Load())))
    return near_of(reach.everything())
