"""The number of rows as a letter: a file is executed a second time with the rows of its data repeated, and what moved is a size.

Only what both runs prove stays: every formula has to give the numbers of the first run with as many rows as it has, and
those of the second with twice as many.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import Form, Shape, Size, number, size_of
from symback.core.shapes import size as size_named
from symback.library.values import Counting
from symback.networks.network import Finding
from symback.tracer.log import Log, Node, Place, operands
from symback.tracer.sliced import Slice, title
from symback.tracer.steps import ancestors

Plan = Mapping[Place, int]
"""The entries whose rows are repeated, and the axis of these."""


class _Moved:
    """A number in the text of an operation that changes with the number of rows."""

    form: Form


class MovedCount(_Moved, int):
    """A whole number that does."""


class MovedNumber(_Moved, float):
    """Any other that does, as ``1 / len(X)``."""


_MOST_RUNS = 6
"""Most ways to repeat rows that are tried, each of which executes the file."""


@dataclass
class Rows:
    """What two runs tell of the size of a batch: the letter, how many rows the first run had, and its entries in the second."""

    size: Size
    count: int
    second: Slice
    """The slice of the second run, its values known."""
    pairs: Mapping[Node, Node]
    """What each entry of the first run is in the second."""
    dependent: Collection[Node]
    """The entries of the first run that depend on a parameter."""
    unmoved: list[Node] = field(default_factory=list)
    """Operations that have the number of rows as a written number, which does not move."""

    def other(self, node: Node) -> Any:
        """Return the value of an entry in the second run."""
        return self.second.values[self.pairs[node]]

    def shape(self, node: Node, value: Any) -> Shape:
        """Return the shape of data with the letter where it moved."""
        one, two = np.shape(value), np.shape(self.other(node))
        if len(one) != len(two):
            raise ReadError(f"{title(node)} has other axes where there are more rows", node.site.line or None)
        return tuple(self._length(a, b, node) for a, b in zip(one, two, strict=True))

    def _length(self, one: int, two: int, node: Node) -> Size:
        if one == two:
            return int(one)
        if one == self.count and two == 2 * self.count:
            return self.size
        raise ReadError(
            f"an axis of {title(node)} is {one} with {self.count} rows and {two} with {2 * self.count}",
            node.site.line or None,
        )

    def moved(self, node: Node) -> bool:
        """Return whether the shape of an entry, or of what it reads, depends on the number of rows."""
        return any(n in self.pairs and n.shape != self.pairs[n].shape for n in (node, *operands(node)))

    def constant(self, node: Node, value: Any) -> Any:
        """Return data that depend on the number of rows alone: a size, or ``np.arange`` of it; None for others."""
        other = self.other(node)
        if np.ndim(value) == 0:
            if _same(value, other) or any(n.shape for n in ancestors(node)):
                return None
            return formula_of_count(_plain(value), _plain(other), self)
        array, more = np.asarray(value), np.asarray(other)
        if array.ndim == 1 and array.dtype.kind in "iu" and len(array) == self.count and len(more) == 2 * self.count:
            counts = all(np.array_equal(a, np.arange(len(a))) for a in (array, more))
            return Counting(self.size) if counts else None
        return None


def _same(one: Any, two: Any) -> bool:
    return bool(one == two) or (one != one and two != two) or math.isclose(one, two, rel_tol=1e-12)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def formula_of_count(one: Any, two: Any, rows: Rows) -> Form | None:
    """Return a number by the number of rows n, of which two values are known: k n, k n², k / n, k / n², n + k, 1 / (n + k)."""
    n, rank = size_of(rows.size), rows.count
    if not one or not two or not all(math.isfinite(v) for v in (one, two)):
        return n + number(-rank) if not one and two == rank else None
    for power in (1, 2):
        factor, many = one / rank**power, n if power == 1 else n**power
        if two == 2**power * one and float(factor).is_integer():
            return many if factor == 1 else number(int(factor)) * many
        if math.isclose(one, 2**power * two, rel_tol=1e-12) and _is_whole(one * rank**power):
            return number(round(one * rank**power)) / many
    over = round(1 / one), round(1 / two)
    if two - one == rank and float(one).is_integer():
        return n + number(int(one) - rank)
    if over[1] - over[0] == rank and _is_whole(1 / one) and _is_whole(1 / two):
        return number(1) / (n + number(over[0] - rank))
    return None


def _is_whole(value: float) -> bool:
    return math.isclose(value, round(value), rel_tol=1e-12) and round(value) != 0


# --- which rows are repeated ------------------------------------------------------------------------------------------------


def places(log: Log) -> dict[Node, Place]:
    """Return where each entry of a log is made."""
    met: Counter[tuple[str, int, str]] = Counter()
    found = {}
    for node in log.nodes:
        at = node.site.file, node.site.line, node.path
        found[node] = (*at, met[at])
        met[at] += 1
    return found


@dataclass(frozen=True)
class Axis:
    """Where data have their rows: the axis, how many there are, and the entries that have them, in the order of the run."""

    axis: int
    count: int
    read: tuple[Node, ...]
    """The data that the formulas read."""
    sources: tuple[Node, ...]
    """The leaves that these come from."""

    def plan(self, chosen: Iterable[Node], at: Mapping[Node, Place]) -> Plan:
        """Return which entries have their rows repeated, so that each of some has; what comes from another of them follows."""
        nodes = list(chosen)
        return {at[n]: self.axis for n in nodes if not any(o in ancestors(n) for o in nodes if o is not n)}


def axis_of(data: Sequence[Node], first: Slice) -> Axis:
    """Return the axis, the first or the last, along which most of the data have the same length, and no parameter has it."""
    arrays = [n for n in data if n.shape]
    counts = Counter((axis, n.shape[axis]) for n in arrays for axis in (0, -1))
    if not counts:
        raise ReadError("--batch: the data of this code have no axes, so that there are no rows")
    bound = {s for p in first.parameters for s in p.shape}
    axis, length = max(counts, key=lambda k: (counts[k], k[1] > 1, k[1] not in bound, k[0], k[1]))
    inside = set(first.needed)
    read = [n for n in arrays if n.shape[axis] == length]
    sources = [n for n in ancestors(*read) & inside if n.run is None and n.shape and n.shape[axis] == length]
    return Axis(axis, int(length), tuple(sorted(read, key=_number)), tuple(sorted(sources, key=_number)))


def _number(node: Node) -> int:
    return node.number


# --- the second run -------------------------------------------------------------------------------------------------------


def with_rows(
    size: str, log: Log, first: Slice, data: Sequence[Node], again: Callable[[Plan], tuple[Log, SymbackError | None]]
) -> Rows:
    """Return what a second run with repeated rows tells; ``again`` executes the code so, and returns its log and how it failed.

    ``data`` are the entries that the formulas read. What the code does behind its loss is nothing that matters. Raises
    ReadError where no way to repeat rows leads to the same loss.
    """
    at = places(log)
    tried: list[Plan] = []
    problem: SymbackError | None = None
    rows = axis_of(data, first)
    for chosen in (rows.read, rows.sources, rows.sources[:1]):
        waiting = list(chosen)
        while waiting:
            plan = rows.plan(waiting, at)
            if plan in tried or len(tried) == _MOST_RUNS:
                break
            tried.append(plan)
            with contextlib.redirect_stdout(io.StringIO()):
                second, failed = again(plan)
            try:
                return _paired(size_named(size), rows.count, log, first, second, failed)
            except SymbackError as error:
                problem = problem or error
            # what was not drawn anew for the rows before it has to be repeated as well
            made = {place: node for node, place in places(second).items()}
            left = [n for n in rows.sources if n not in waiting and at[n] in made and made[at[n]].shape == n.shape]
            waiting = [*waiting, *left[:1]] if left and chosen == rows.sources[:1] else []
    raise ReadError(f"--batch: the data have {rows.count} rows, and cannot have more: {problem}")


def _paired(size: Size, count: int, log: Log, first: Slice, second: Log, failed: SymbackError | None) -> Rows:
    """Pair the entries that the loss needs in both runs, one by one."""
    at = {place: node for node, place in places(second).items()}
    places_of = places(log)
    if second.repeated:
        raise ReadError("what is written in place cannot have its rows repeated")
    loss, parameters = at.get(places_of[first.loss]), [at.get(places_of[p]) for p in first.parameters]
    if loss is None or None in parameters:
        raise failed or ReadError("with more rows the code takes other steps", first.loss.site.line or None)
    other = Slice(second, loss, [p for p in parameters if p is not None])
    pairs = dict(zip(first.needed, other.needed, strict=False))
    for one, two in pairs.items():
        read = one not in first.parameters and [pairs.get(o) for o in operands(one)] != operands(two)
        if one.path != two.path or one.kind != two.kind or read:
            raise ReadError("with more rows the code takes other steps", one.site.line or None)
    if len(first.needed) != len(other.needed):
        raise ReadError("with more rows the code takes more steps, one after the other", first.loss.site.line or None)
    if any(p not in pairs or pairs[p] not in other.parameters for p in first.parameters):
        raise ReadError("with more rows the loss depends on other parameters", first.loss.site.line or None)
    for node in other.needed:
        other.values[node] = other.value_of(node)
    rows = Rows(size, count, other, pairs, first.dependent)
    marked: dict[Node, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    for one, two in pairs.items():
        if one in first.parameters and one.shape != two.shape:
            raise ReadError(
                f"{title(one)}, a parameter, changes its shape with the number of rows", one.site.line or None
            )
        if one in first.parameters:  # how it was made is no part of the formulas
            continue
        args = tuple(_marked(a, b, rows, one) for a, b in zip(one.args, two.args, strict=True))
        marked[one] = args, {k: _marked(v, two.options[k], rows, one) for k, v in one.options.items()}
    for one, (args, options) in marked.items():  # where all of them are understood, so that another way begins anew
        one.args, one.options = args, options
    return rows


_SCALING = frozenset(("numpy.divide", "numpy.true_divide", "numpy.multiply"))


def _marked(one: Any, two: Any, rows: Rows, node: Node) -> Any:
    """Return a plain operand of the first run with the numbers marked that are others in the second."""
    if type(one) in (tuple, list) and type(two) is type(one) and len(one) == len(two):
        return type(one)(_marked(a, b, rows, node) for a, b in zip(one, two, strict=True))
    if isinstance(one, slice) and isinstance(two, slice):
        parts = zip((one.start, one.stop, one.step), (two.start, two.stop, two.step), strict=True)
        return slice(*(_marked(a, b, rows, node) for a, b in parts))
    if isinstance(one, bool) or not isinstance(one, (int, float, np.integer, np.floating)):
        return one
    if _same(one, two):
        if rows.count > 1 and node in rows.dependent and node.path in _SCALING and _same(float(one), rows.count):
            rows.unmoved.append(node)
        return one
    form = formula_of_count(_plain(one), _plain(two), rows)
    if form is None:
        raise ReadError(
            f"a number is {one:g} with {rows.count} rows and {two:g} with {2 * rows.count}", node.site.line or None
        )
    made: Any = MovedCount(one) if isinstance(one, (int, np.integer)) else MovedNumber(one)
    made.form = form
    return made


def findings(rows: Rows) -> list[Finding]:
    """Return what is to be said of numbers that equal the number of rows and do not move with it."""
    told = dict.fromkeys(n.site.line for n in rows.unmoved)
    said = f"the number {rows.count} is written here and does not move with the rows, although there are {rows.count}"
    return [Finding(line or None, (), said) for line in told]
