"""Iterators of a text: each item is computed when it is asked for, and given once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import number
from symback.library.limits import DEEPEST_CALLS, LARGEST_LIST
from symback.readers.asking import Reader
from symback.readers.values import Cell, Helper, Scope


class Iterated:
    """An iterator of Python: each of its items is given once, at the time when it is asked for.

    ``data`` says that it walks along data or numbers, ``endless`` that it never ends, and ``near`` is what it walks along
    and what it calls.
    """

    def __init__(
        self, source: Iterator[Any], kind: str, data: bool = False, endless: bool = False, near: Sequence[Any] = ()
    ) -> None:
        self.source = source
        self.kind = kind
        self.data = data
        self.endless = endless
        self.near = tuple(near)
        self.fresh = True
        """True as long as no item was asked for."""
        self.broken: SymbackError | None = None
        """Why it is not known what it gives next."""
        self.cell = Cell(number(0), kind="iterator")
        """Its place in the order in which objects were made, and in the journal."""
        self.whole: Callable[[], Any] | None = None
        """Returns all items at once, where they may have one formula together."""
        self.arrays: Callable[[], Sequence[Any] | None] | None = None
        """Returns the arrays whose rows it gives side by side, where it does."""
        self.body: tuple[Sequence[Any], Scope] | None = None
        """The code that it runs and the names of that code, for a generator."""
        self.result: Any = None
        """What a generator function returns, at its end."""

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self.broken is not None:
            raise self.broken
        self.fresh = False
        try:
            return next(self.source)
        except SymbackError as error:
            self.broken = error
            raise

    def send(self, value: Any) -> Any:
        """Give a generator what its ``yield`` answers, and return the next item."""
        if self.broken is not None:
            raise self.broken
        self.fresh = False
        try:
            return self.source.send(value)  # type: ignore[attr-defined]
        except SymbackError as error:
            self.broken = error
            raise

    def close(self) -> None:
        """Give no item any more."""
        self.source, self.fresh = iter(()), False


def about_to_take(reader: Reader, iterator: Iterated) -> None:
    """Note that an item is taken; refuse it where one row is read for all rows, each of which takes an item."""
    if reader.rows_alone and iterator.cell.born < reader.rows_born:
        raise ReadError("each row takes an item of its own, so the rows cannot be read together", reader.line)
    reader.remember(iterator.cell)


def rest(reader: Reader, iterator: Iterated) -> Any:
    """Return all items that an iterator has left, and take them."""
    about_to_take(reader, iterator)
    if iterator.fresh and iterator.whole is not None and iterator.broken is None:
        iterator.fresh = False
        try:
            found = iterator.whole()
        except SymbackError as error:
            iterator.broken = error
            raise
        iterator.source = iter(())
        return found
    if iterator.endless:
        raise ReadError(f"{iterator.kind} never ends, and cannot be written out", reader.line)
    items: list[Any] = []
    for item in iterator:
        reader.tick()
        items.append(reader.held(item))
        if len(items) > LARGEST_LIST:
            raise ReadError(f"an iterator of more than {LARGEST_LIST} items is not written out", reader.line)
    return items


class Place:
    """Where code stands that runs later: its names, its line, and the methods around it."""

    def __init__(self, reader: Reader, scope: Scope, helper: Helper | None = None) -> None:
        self.reader, self.scope, self.helper = reader, scope, helper
        self.frames, self.line = list(reader.frames), reader.line

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Follow what stands inside with the names and the line of this place."""
        reader, helper = self.reader, self.helper
        if len(reader.active) >= DEEPEST_CALLS:
            raise ReadError("generators take from each other too deeply to be read", reader.line)
        outer = reader.scope, reader.frames, reader.line
        without = reader.without_gradients
        reader.scope, reader.frames, reader.line = self.scope, self.frames, self.line
        if helper is not None:
            reader.active.append(helper)
            if helper.without_gradients is not None:
                reader.without_gradients = int(helper.without_gradients)
        try:
            yield
        finally:
            self.line = reader.line
            reader.scope, reader.frames, reader.line = outer
            if helper is not None:
                reader.active.pop()
                if helper.without_gradients is not None:
                    reader.without_gradients = without


def later(place: Place, items: Iterator[Any]) -> Iterator[Any]:
    """Return items that are computed at their place when they are asked for."""
    while True:
        with place.entered():
            try:
                item = next(items)
            except StopIteration:
                return
        yield item
