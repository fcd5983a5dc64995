"""The log of one run: every operation on an array or a number, in the order in which they were carried out.

Nothing is judged while the run goes on: an entry is appended, and all that can fail comes afterwards, on the part of the log
that the loss needs.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.core.errors import ReadError

MOST_NODES = 2_000_000
"""Most operations that are recorded; after them the run is ended."""


class Ended(BaseException):
    """The first step of the run is over: nothing that follows is needed. Not an Exception, so that ``except`` lets it pass."""


Place = tuple[str, int, str, int]
"""Where an entry is made: file, line, operation, and how many such entries came before it."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the text: the file and the line."""

    file: str
    line: int


NOWHERE = Site("", 0)


PASSING, CACHED, OWN = 1, 2, 3
"""How much a name says: that of a local of a small helper, an argument or a loop; that of an attribute in which a method
keeps something; that of a variable of the text."""


class Node:
    """One entry of the log: an operation and its operands, or a leaf, which has a value and no operation."""

    __slots__ = (
        *(
            "args",
            "fixed",
            "kind",
            "name",
            "number",
            "options",
            "own",
            "path",
            "place",
            "run",
            "shape",
            "site",
            "value",
            "strength",
        ),
    )

    def __init__(
        self,
        number: int,
        path: str,
        run: Callable[..., Any] | None,
        args: tuple[Any, ...],
        options: dict[str, Any],
        shape: tuple[int, ...],
        kind: str,
        site: Site,
        value: Any = None,
    ) -> None:
        self.number = number
        """Its place in the log."""
        self.path = path
        """What the operation is called, as ``numpy.add``; empty for a leaf."""
        self.run = run
        """What computes it from plain operands; None for a leaf."""
        self.args = args
        self.options = options
        self.shape = shape
        self.kind = kind
        """The kind of its numbers: ``f``, ``i`` or ``b``; ``?`` for what is not a real number."""
        self.site = site
        self.value = value
        """What it was, where that is kept: of leaves, of whole numbers and truth values, of single numbers."""
        self.name = ""
        self.strength = 0
        """How much its name says: see the constants above; a stronger one replaces it."""
        self.place = False
        """True where a method that makes an object stored it in an attribute, as a parameter is."""
        self.own = False
        """True where it was given a name outside of small helpers: it is a variable of the page."""
        self.fixed = 0
        """For a leaf, how well the text states its value, by ``symback.tracer.stated``: nothing can have come back in it."""

    def __repr__(self) -> str:
        return f"<{self.name or self.path or 'leaf'} {self.number} of line {self.site.line}>"


def nodes_in(value: Any) -> Iterator[Node]:
    """Return the nodes in the operands of a node, also those inside lists, dictionaries and slices."""
    if isinstance(value, Node):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from nodes_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from nodes_in(item)
    elif isinstance(value, slice):
        yield from nodes_in((value.start, value.stop, value.step))


def operands(node: Node) -> list[Node]:
    """Return the nodes that a node reads."""
    return [*nodes_in(node.args), *nodes_in(node.options)] if node.options else list(nodes_in(node.args))


@dataclass(frozen=True, slots=True)
class Change:
    """Memory was given new entries, or a name a new value: what it held before, and what it holds now."""

    before: Node
    after: Node
    site: Site


Test = tuple[Callable[..., Any], tuple[Any, ...], Any]
"""A function, its operands with nodes inside, and what it gave."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A recorded value decided which way the run took, or became a whole number of the run."""

    node: Node
    said: str
    site: Site
    moment: int
    """How many nodes there were."""
    test: Test | None = None
    """What decided, so that it can be asked again of other values."""


@dataclass(frozen=True, slots=True)
class Held:
    """A container or an object was given a value: ``label`` is what a container is called, empty for an object."""

    holder: int
    """The number of Python of the container or the object."""
    label: str
    key: Any
    node: Node


@dataclass(frozen=True, slots=True)
class Leak:
    """A value left the log: ``what`` got it and gave back something that is not recorded, or is a text."""

    nodes: tuple[Node, ...]
    what: str
    site: Site
    moment: int
    text: bool = False


class Log:
    """What one run did; ``files`` are the texts whose lines are named."""

    def __init__(self, files: set[str] | None = None) -> None:
        self.nodes: list[Node] = []
        self.files = files if files is not None else set()
        self.changes: list[Change] = []
        self.decisions: list[Decision] = []
        self.leaks: list[Leak] = []
        self.returned: dict[str, list[Node]] = {}
        """What functions of the text returned, by their names, where it is a single number."""
        self.named: dict[str, list[Node]] = {}
        """What names held, in the order in which they were given it."""
        self.held: list[Held] = []
        """What dictionaries, lists and objects of one's own were given, in order."""
        self.stored: dict[str, None] = {}
        """All names that were given a value."""
        self.unseen: list[Site] = []
        """Where a number is updated that was not recorded, as one of too many in a list."""
        self.computed: set[Node] = set()
        """Single numbers that a name was given by operations on numbers that are not recorded."""
        self.cut = ""
        """After what the run was ended before its code ended or the loss was computed again; empty where it was not."""
        self.ended = False
        self.to_end = False
        """True where the run goes on to the end of the code, whatever was computed."""
        self.most = MOST_NODES
        self.shifts: dict[int, Any] = {}
        """What is added to entries as they are made, by their numbers: parameters of a second run."""
        self.repeats: Mapping[Place, int] = {}
        """Entries whose rows are repeated as they are made, and the axis of these: data of a second run."""
        self.repeated: dict[int, Any] = {}
        """The arrays with repeated rows that their makers have yet to take, by the numbers of their entries."""
        self.rounds = False
        """True where numbers were computed with fewer bits than their operands have, as PyTorch's autocast does."""
        self.trained: set[Node] = set()
        """Leaves that require gradients, as the code says of them."""
        self.titles: dict[Node, str] = {}
        """The places of parameters in their model, as PyTorch spells them."""
        self.without_gradient: set[Node] = set()
        """Entries that gradients do not pass, as the code says of them by ``detach()`` or ``no_grad()``."""
        self.lost: dict[Node, ReadError] = {}
        """Entries that a derivation cannot go through, and why."""
        self._met: Counter[tuple[str, int, str]] = Counter()

    def site(self) -> Site:
        """Return the line of the text that is being carried out."""
        frame = sys._getframe(1)
        files = self.files
        while frame is not None:
            if frame.f_code.co_filename in files:
                return Site(frame.f_code.co_filename, frame.f_lineno)
            frame = frame.f_back  # type: ignore[assignment]
        return NOWHERE

    def check(self) -> None:
        """End the run again where the text swallowed its end."""
        if self.ended:
            raise Ended

    def end(self) -> None:
        """End the run, unless it is to go on to its end."""
        if self.to_end:
            return
        self.ended = True
        raise Ended

    def add(
        self,
        path: str,
        run: Callable[..., Any] | None,
        args: tuple[Any, ...],
        options: dict[str, Any],
        result: Any,
        site: Site | None = None,
    ) -> Node:
        """Append an entry for an operation with this result."""
        if self.ended:
            raise Ended
        nodes = self.nodes
        if len(nodes) >= self.most:
            self.cut = f"{self.most} operations"
            self.ended = True
            raise Ended
        dtype = getattr(result, "dtype", None)
        kind = kind_of(dtype) if dtype is not None else plain_kind(result)
        shape = getattr(result, "shape", ())
        node = Node(len(nodes), path, run, args, options, shape, kind, site or self.site())
        if not shape:
            node.value = result
        nodes.append(node)
        if self.repeats:
            self.repeat(node, result)
        return node

    def repeat(self, node: Node, result: Any) -> None:
        """Repeat the rows of what an entry is, where that is asked for."""
        at = node.site.file, node.site.line, node.path
        axis = self.repeats.get((*at, self._met[at]))
        self._met[at] += 1
        if axis is None:
            return
        self.repeated[node.number] = made = twice(np.asarray(result), axis)
        node.shape, run = made.shape, node.run
        if run is not None:
            node.run = lambda *args, **options: twice(np.asarray(run(*args, **options)), axis)

    def decided(self, node: Node, said: str, test: Test | None = None) -> None:
        """Note that a value decided something here."""
        self.decisions.append(Decision(node, said, self.site(), len(self.nodes), test))

    def leaked(self, nodes: tuple[Node, ...], what: str, text: bool = False) -> None:
        """Note that values left the log."""
        if nodes:
            self.leaks.append(Leak(nodes, what, self.site(), len(self.nodes), text))


_KINDS = {"f": "f", "i": "i", "u": "i", "b": "b"}


def kind_of(dtype: np.dtype[Any]) -> str:
    """Return the kind of numbers of a type: ``f``, ``i`` or ``b``, ``?`` for others."""
    return _KINDS.get(dtype.kind, "?")


def plain_kind(value: Any) -> str:
    """Return the kind of a number of Python."""
    return (
        "b" if isinstance(value, bool) else "i" if isinstance(value, int) else "f" if isinstance(value, float) else "?"
    )


def twice(array: np.ndarray, axis: int) -> np.ndarray:
    """Return an array with its rows repeated."""
    return np.concatenate([array, array], axis)


class _Current:
    """The log that is being written; None between runs."""

    log: Log | None = None
    tensors: Any = None
    """The ``TorchRun`` of the run, where its code uses PyTorch."""


CURRENT = _Current()
