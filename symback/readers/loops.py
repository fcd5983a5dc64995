"""Loops: those that train are followed once, all others are written out."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.readers import effects
from symback.readers.asking import Reader
from symback.readers.limits import ROUNDS, UNROLLED
from symback.readers.losing import refuse_lost
from symback.readers.names import Refused, located
from symback.readers.syntax import stored_names
from symback.readers.values import Instance, Leave, Prepared, Returned, Rows, Scope

Signal = Returned | Leave | None


def while_loop(reader: Reader, node: ast.While, scope: Scope) -> Signal:
    """Follow a while loop: once where it updates parameters, else as long as its condition is known to hold."""
    first, mark = len(reader.updates), reader.draws.mark()
    for turn in range(UNROLLED + 1):
        try:
            going = reader.truth(reader.value(node.test, scope))
        except SymbackError as error:
            if turn or reader.trying or isinstance(error, Refused):
                raise
            effects.give_up(reader, node.test, located(error, reader.line), scope)
            going = True  # how long it trains does not matter
        if not going:
            return reader.run(node.orelse, scope)
        undecided = len(reader.undecided)
        reader.loops += 1
        try:
            signal = reader.run(node.body, scope)
        finally:
            reader.loops -= 1
        if len(reader.updates) == first and len(reader.undecided) > undecided:
            raise reader.undecided.pop()
        if len(reader.updates) > first:
            reader.draws.lose_since(mark, _read_once(node))
            if first == 0:
                reader.steps = None
            return signal if isinstance(signal, Returned) else None
        if isinstance(signal, Returned):
            return signal
        if isinstance(signal, Leave) and signal.loop:
            return None
        tick(reader)
    raise ReadError(f"a while loop without updates is written out at most {UNROLLED} times", reader.line)


def _read_once(node: ast.For | ast.While) -> str:
    return f"the loop on line {node.lineno} draws, and is read once"


def tick(reader: Reader) -> None:
    """Count one more round of a loop; raises ReadError where there are too many."""
    reader.rounds += 1
    if reader.rounds > ROUNDS:
        raise ReadError(
            f"loops inside loops run more than {ROUNDS} times together; that is not written out", reader.line
        )


def for_loop(reader: Reader, node: ast.For, scope: Scope) -> Signal:
    """Follow a for loop."""
    walked: Any = None
    try:
        walked = reader.value(node.iter, scope)
        items = reader.items_of(walked)
    except Refused:
        raise
    except SymbackError as problem:
        if reader.trying:
            raise
        error = located(problem, reader.line)
        reach = effects.handed_over(reader, node.iter, error, scope)
        reader.poison(stored_names(node.target), error, scope, effects.near(reach, node.iter))
        before = len(reader.updates)
        signal = _training_body(reader, node, scope, None)
        if len(reader.updates) == before:
            raise error from None
        return signal
    if len(items) == 0:
        return reader.run(node.orelse, scope)
    first = items[0] if isinstance(items[0], tuple) else [items[0]]
    over_layers = any(isinstance(i, (Instance, Prepared)) for i in first)
    reader.time_loops += not over_layers
    try:
        return _rounds(reader, node, items, walked, scope)
    finally:
        reader.time_loops -= not over_layers


def _rounds(reader: Reader, node: ast.For, items: Any, walked: Any, scope: Scope) -> Signal:
    total = len(items)
    trains = isinstance(items, (range, Rows)) or reader.trains(node)
    position = 0
    if trains:
        reader.bind_target(node.target, items[0], scope)
        before = len(reader.updates)
        signal = _training_body(reader, node, scope, items)
        if len(reader.updates) > before or isinstance(signal, Returned):
            return signal if isinstance(signal, Returned) else None
        if isinstance(signal, Leave) and signal.loop:
            return None
        position = 1
    if total > UNROLLED:
        raise ReadError(
            f"the loop runs {total} times; a loop without updates is written out at most {UNROLLED} times", reader.line
        )
    while position < len(items):
        tick(reader)
        reader.bind_target(node.target, items[position], scope)
        signal = reader.run(node.body, scope)
        if isinstance(signal, Returned):
            return signal
        if isinstance(signal, Leave) and signal.loop:
            return None
        refuse_lost(reader, [items, walked], whole=False)
        position += 1
        if position > UNROLLED:
            raise ReadError(f"a loop over a list that grows is written out at most {UNROLLED} times", reader.line)
    return reader.run(node.orelse, scope)


def _training_body(reader: Reader, node: ast.For, scope: Scope, items: Sequence[Any] | None) -> Signal:
    """Follow the body once; where it updates parameters it is a training loop, and once is enough."""
    before, undecided, mark = len(reader.updates), len(reader.undecided), reader.draws.mark()
    reader.loops += 1
    try:
        signal = reader.run(node.body, scope)
    finally:
        reader.loops -= 1
    if items is None or (len(reader.updates) > before and len(items) != 1):
        reader.draws.lose_since(mark, _read_once(node))
    if len(reader.updates) == before:
        if len(reader.undecided) > undecided:
            raise reader.undecided.pop()
        return signal
    names = stored_names(node.target)
    picked = [
        inner
        for child in node.body
        for outer in ast.walk(child)
        if isinstance(outer, ast.Subscript)
        for inner in ast.walk(outer.slice)
        if isinstance(inner, ast.Name) and inner.id in names
    ]
    if isinstance(items, Rows) or picked:
        reader.notes.append(
            f"the loop on line {node.lineno} takes one part of the data per update; its first pass is read"
        )
        reader.steps, reader.in_parts = None, True
    elif before == 0 and not reader.in_parts:
        reader.steps = len(items) * (reader.steps or 1) if isinstance(items, range) else None
    return signal
