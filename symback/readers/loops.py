"""Loops: those that train are followed once, all others are written out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import Form
from symback.library.limits import LARGEST_LIST, ROUNDS, UNROLLED
from symback.library.values import Listed, Prepared
from symback.readers import effects
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated
from symback.readers.loaders import Loader
from symback.readers.names import Refused, located
from symback.readers.plain_values import SIZED, counted, is_longer
from symback.readers.syntax import stored_names
from symback.readers.values import Array, Instance, Leave, Returned, Rows, Scope

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


@dataclass(frozen=True)
class Source:
    """What a for loop runs over: its items, and what is known of them without taking one."""

    value: Any
    items: Iterator[Any]
    total: int | None
    """How many items there are at the start; None where that is not known."""
    parts: bool
    """True where the items are parts of data."""

    def is_single(self) -> bool:
        """Return whether the one item that was taken is the only one."""
        return next(self.items, _END) is _END if self.total is None else self.total == 1


_END = object()


def _source(reader: Reader, value: Any) -> Source:
    parts = isinstance(value, (Form, Array, Loader, Rows)) or (isinstance(value, Listed) and value.form is not None)
    total = value.batches if isinstance(value, Loader) else None
    if reader.is_array(value):
        shape = reader.form(value).shape
        total = shape[0] if shape and isinstance(shape[0], int) else None
    elif isinstance(value, SIZED):
        total = LARGEST_LIST if is_longer(value, LARGEST_LIST) else len(value)
    return Source(value, counted(reader, value), total, parts or (isinstance(value, Iterated) and value.data))


def for_loop(reader: Reader, node: ast.For, scope: Scope) -> Signal:
    """Follow a for loop."""
    updates = len(reader.updates)
    try:
        source = _source(reader, reader.value(node.iter, scope))
        first = next(source.items, _END)
    except Refused:
        raise
    except SymbackError as problem:
        if reader.trying:
            raise
        error = located(problem, reader.line)
        reach = effects.handed_over(reader, node.iter, error, scope)
        reader.poison(stored_names(node.target), error, scope, effects.near(reach, node.iter))
        before = len(reader.updates)
        signal = _training_body(reader, node, scope, None, before)
        if len(reader.updates) == before:
            raise error from None
        return signal
    if first is _END:
        return reader.run(node.orelse, scope)
    over_layers = any(isinstance(i, (Instance, Prepared)) for i in (first if isinstance(first, tuple) else [first]))
    reader.time_loops += not over_layers
    try:
        return _rounds(reader, node, source, first, updates, scope)
    finally:
        reader.time_loops -= not over_layers


def _rounds(reader: Reader, node: ast.For, source: Source, first: Any, updates: int, scope: Scope) -> Signal:
    trains = isinstance(source.value, range) or source.parts or reader.trains(node) or len(reader.updates) > updates
    reader.bind_target(node.target, first, scope)
    if trains:
        signal = _training_body(reader, node, scope, source, updates)
        if len(reader.updates) > updates:
            if isinstance(source.value, Iterated):
                reader.abandon(source.value, _after_training(node))
            return signal if isinstance(signal, Returned) else None
    else:
        _check_total(source, reader.line)
        signal = reader.run(node.body, scope)
    for count, item in enumerate(_after(signal, source.items), 1):
        tick(reader)
        if count > UNROLLED:
            raise ReadError(f"a loop without updates is written out at most {UNROLLED} times", reader.line)
        if count == 1:
            _check_total(source, reader.line)
        reader.bind_target(node.target, item, scope)
        signal = reader.run(node.body, scope)
        if isinstance(signal, Returned) or (isinstance(signal, Leave) and signal.loop):
            break
    if isinstance(signal, Returned):
        return signal
    return None if isinstance(signal, Leave) and signal.loop else reader.run(node.orelse, scope)


def _after(signal: Signal, items: Iterator[Any]) -> Iterator[Any]:
    """Return the items after the first round, none where that left the loop."""
    return iter(()) if isinstance(signal, Returned) or (isinstance(signal, Leave) and signal.loop) else items


def _check_total(source: Source, line: int | None) -> None:
    if source.total is not None and source.total > UNROLLED:
        raise ReadError(
            f"the loop runs {source.total} times; a loop without updates is written out at most {UNROLLED} times", line
        )


def _after_training(node: ast.For) -> ReadError:
    return ReadError(
        f"the loop on line {node.lineno} trains and is read once: what it takes of its iterator is not known",
        node.lineno,
    )


def _training_body(reader: Reader, node: ast.For, scope: Scope, source: Source | None, before: int) -> Signal:
    """Follow the body once; where it updates parameters it is a training loop, and once is enough."""
    undecided, mark = len(reader.undecided), reader.draws.mark()
    reader.loops += 1
    try:
        signal = reader.run(node.body, scope)
    finally:
        reader.loops -= 1
    if source is None or (len(reader.updates) > before and not source.is_single()):
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
    if (source is not None and source.parts) or picked:
        reader.notes.append(
            f"the loop on line {node.lineno} takes one part of the data per update; its first pass is read"
        )
        reader.steps, reader.in_parts = None, True
    elif before == 0 and not reader.in_parts:
        counts = source is not None and isinstance(source.value, range)
        reader.steps = len(source.value) * (reader.steps or 1) if counts and source is not None else None
    return signal
