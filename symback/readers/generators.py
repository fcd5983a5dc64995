"""Generator functions: their code is followed up to the next ``yield`` when an item is asked for."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from symback.core.errors import ReadError
from symback.readers import recording
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated, Place
from symback.readers.plain_values import counted
from symback.readers.values import Array, Bound, Helper, Instance, Leave, Method, Returned, Scope

Signal = Returned | Leave | None
Steps = Generator[Any, Any, Signal]

ADVICE = "write it as a statement of its own: yield x, or name = yield x"


def yields(body: Sequence[ast.AST]) -> bool:
    """Return whether code has a ``yield`` of its own."""
    stack = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack += ast.iter_child_nodes(node)
    return False


def begun(reader: Reader, helper: Helper, scope: Scope) -> Iterated:
    """Return what a call of a generator function gives: nothing of its code has run yet."""
    if not isinstance(helper.body, list):
        raise ReadError("a lambda with a yield cannot be read", reader.line)
    made = Iterated(iter(()), "generator", near=read_by(helper.body, scope))
    made.body = (helper.body, scope)
    made.source = _resumed(Place(reader, scope, helper), helper.body, made)
    return made


def read_by(body: Sequence[ast.AST], scope: Scope) -> list[Any]:
    """Return the objects that code reads from its own names and from those around it."""
    names = dict.fromkeys(n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name))
    found = [holder.names[name] for name in names if (holder := scope.find(name)) is not None]
    kinds = (Array, list, dict, set, tuple, Instance, Iterated, Helper, Bound, Method)
    return [value for value in found if isinstance(value, kinds)]


def _resumed(place: Place, body: list[ast.stmt], made: Iterated) -> Iterator[Any]:
    steps, sent = _followed(place.reader, body, place.scope), None
    while True:
        with place.entered():
            born = recording.fresh()
            try:
                item = steps.send(sent)
                item = recording.escaped(place.reader, item, born) if place.reader.without_gradients else item
            except StopIteration as end:
                made.result = end.value.value if isinstance(end.value, Returned) else None
                return
        sent = yield item


def _followed(reader: Reader, body: Sequence[ast.stmt], scope: Scope) -> Steps:
    for statement in body:
        reader.line = getattr(statement, "lineno", reader.line)
        if yields([statement]):
            step = _STEPS.get(type(statement))
            if step is None:
                raise ReadError("a yield inside this statement cannot be read", reader.line)
            signal: Signal = yield from step(reader, statement, scope)
        else:
            signal = reader.run([statement], scope)
        if signal is not None:
            return signal
    return None


def _answer(reader: Reader, node: ast.expr | None, scope: Scope) -> Generator[Any, Any, Any]:
    """Give what an expression yields; return its value, which is what the generator is sent."""
    if isinstance(node, ast.YieldFrom):
        if yields([node.value]):
            raise ReadError(f"a yield inside a larger expression cannot be read; {ADVICE}", reader.line)
        source = reader.value(node.value, scope)
        line = reader.line
        for item in counted(reader, source):
            if (yield reader.held(item)) is not None:
                raise ReadError("what is sent into a yield from cannot be read", line)
        return source.result if isinstance(source, Iterated) else None
    if isinstance(node, ast.Yield):
        if node.value is not None and yields([node.value]):
            raise ReadError(f"a yield inside a larger expression cannot be read; {ADVICE}", reader.line)
        return (yield None if node.value is None else reader.held(reader.value(node.value, scope)))
    if node is None or not yields([node]):
        return None if node is None else reader.value(node, scope)
    raise ReadError(f"a yield inside a larger expression cannot be read; {ADVICE}", reader.line)


def _expression(reader: Reader, node: ast.Expr, scope: Scope) -> Steps:
    yield from _answer(reader, node.value, scope)
    return None


def _assignment(reader: Reader, node: ast.Assign, scope: Scope) -> Steps:
    if any(yields([t]) for t in node.targets):
        raise ReadError("a yield inside a target cannot be read", reader.line)
    value = yield from _answer(reader, node.value, scope)
    for target in node.targets:
        reader.assign(target, value, scope)
    return None


def _return(reader: Reader, node: ast.Return, scope: Scope) -> Steps:
    return Returned((yield from _answer(reader, node.value, scope)))


def _if(reader: Reader, node: ast.If, scope: Scope) -> Steps:
    _refuse_inside(reader, node.test)
    holds = reader.truth(reader.value(node.test, scope))
    signal: Signal = yield from _followed(reader, node.body if holds else node.orelse, scope)
    return signal


def _while(reader: Reader, node: ast.While, scope: Scope) -> Steps:
    _refuse_inside(reader, node.test)
    while reader.truth(reader.value(node.test, scope)):
        signal = yield from _round(reader, node, scope)
        if isinstance(signal, Returned):
            return signal
        if isinstance(signal, Leave) and signal.loop:
            return None
        reader.tick()
        reader.line = node.lineno
    return (yield from _followed(reader, node.orelse, scope))


def _for(reader: Reader, node: ast.For, scope: Scope) -> Steps:
    _refuse_inside(reader, node.iter)
    for item in counted(reader, reader.value(node.iter, scope)):
        reader.bind_target(node.target, item, scope)
        signal = yield from _round(reader, node, scope)
        if isinstance(signal, Returned):
            return signal
        if isinstance(signal, Leave) and signal.loop:
            return None
        reader.tick()
        reader.line = node.lineno
    return (yield from _followed(reader, node.orelse, scope))


def _round(reader: Reader, node: ast.For | ast.While, scope: Scope) -> Steps:
    """Follow one round of a loop; in one that trains, the values after its first round are not known."""
    before = len(reader.updates)
    signal = yield from _followed(reader, node.body, scope)
    if len(reader.updates) > before:
        raise ReadError("a loop that yields and updates parameters is read for its first round only", node.lineno)
    return signal


def _refuse_inside(reader: Reader, node: ast.expr) -> None:
    if yields([node]):
        raise ReadError(f"a yield inside a larger expression cannot be read; {ADVICE}", reader.line)


_STEPS: dict[type[ast.AST], Any] = {
    ast.Expr: _expression,
    ast.Assign: _assignment,
    ast.Return: _return,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
}
"""Statements that a generator may be left in, and taken up again."""
