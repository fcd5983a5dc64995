"""What a run computed, at other values: the programs of a log are carried out again operation by operation, without its file."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.tracer.log import Decision, Log, Node
from symback.tracer.steps import ancestors

_SCALES = (1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4)
"""How far points are from the run's own, from far to near: the run's decisions have to hold there."""
_TRIES = 4


class Replay:
    """The programs of a log that end in ``wanted``; real numbers have 64 bits, whatever they had in the run."""

    def __init__(self, log: Log, wanted: Collection[Node]) -> None:
        self.log = log
        self.order = sorted(ancestors(*wanted), key=lambda n: n.number)
        self.inside = set(self.order)
        last = self.order[-1].number if self.order else 0
        self.decisions = [d for d in log.decisions if d.node in self.inside and d.moment <= last + 1]

    def values(self, given: Mapping[Node, Any] | None = None) -> dict[Node, Any]:
        """Return what all entries are where some are ``given`` other values.

        Raises what the operations raise.
        """
        found: dict[Node, Any] = {}
        given = given or {}
        with np.errstate(all="ignore"):
            for node in self.order:
                if node in given:
                    found[node] = given[node]
                elif node.run is None:
                    found[node] = _wide(node.value)
                else:
                    found[node] = node.run(*_valued(node.args, found), **_valued(node.options, found))
                    if node.number in self.log.shifts:
                        found[node] = found[node] + self.log.shifts[node.number]
        return found

    def holds(self, values: Mapping[Node, Any]) -> bool:
        """Return whether all decisions of the run are taken the same way at these values."""
        return all(_same_way(d, values) for d in self.decisions)


def _same_way(decision: Decision, values: Mapping[Node, Any]) -> bool:
    if decision.test is None:
        return True
    run, args, result = decision.test
    try:
        return bool(run(*_valued(args, values)) == result)
    except (KeyError, TypeError, ValueError, OverflowError):
        return not isinstance(result, bool)


def _wide(value: Any) -> Any:
    """Return a value with 64 bits for its real numbers, a copy where it is an array."""
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype.kind == "f" else value.copy()
    return np.float64(value) if isinstance(value, (np.float32, np.float16)) else value


def _valued(value: Any, found: Mapping[Node, Any]) -> Any:
    if isinstance(value, Node):
        held = found[value]
        return held.copy() if isinstance(held, np.ndarray) else held
    if type(value) in (tuple, list):
        return type(value)(_valued(v, found) for v in value)
    if type(value) is dict:
        return {k: _valued(v, found) for k, v in value.items()}
    if isinstance(value, slice):
        return slice(_valued(value.start, found), _valued(value.stop, found), _valued(value.step, found))
    return value


# --- points -------------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Place:
    """One choice of values: ``given`` those that were replaced, ``values`` what everything is there."""

    given: dict[Node, Any]
    values: dict[Node, Any]
    own: bool = False


def movable(
    replay: Replay, own: Mapping[Node, Any], parameters: Sequence[Node], needed: Collection[Node]
) -> list[list[Node]]:
    """Return the groups of entries that are given other values together: parameters, and data that a loss needs.

    Data that is held twice is one group. What says classes or shares, and what is constant all over, stays.
    """
    groups: dict[Any, list[Node]] = {n: [n] for n in parameters if n in replay.inside}
    before = ancestors(*groups) if groups else set()
    alike: dict[Any, list[Node]] = {}
    for node in replay.order:
        if node.run is not None or node.kind != "f" or not node.shape or node in before:
            continue
        value = np.asarray(own[node])
        if _is_free(value):
            alike.setdefault((np.sort(value, axis=None).tobytes()), []).append(node)
    for key, nodes in alike.items():
        if any(n in needed for n in nodes):
            groups[key] = nodes
    return list(groups.values())


def _is_free(value: np.ndarray) -> bool:
    """Return whether data are measured numbers, which may as well be others."""
    if not value.size or not np.all(np.isfinite(value)) or np.all(value == np.round(value)):
        return False
    if np.ptp(value) == 0:
        return False
    shares = [np.allclose(value.sum(axis=k), 1) for k in range(value.ndim) if value.shape[k] > 1]
    return not (np.all(value >= 0) and any(shares))


def points(
    replay: Replay,
    groups: Iterable[Sequence[Node]],
    parameters: Collection[Node],
    count: int,
    accepts: Callable[[Place], bool],
) -> list[Place]:
    """Return the run's own point, and up to ``count`` others that ``accepts`` takes and where its decisions are taken the same way."""
    own = replay.values()
    found = [Place({}, own, True)]
    draw = np.random.default_rng(0)
    groups = list(groups)
    for scale in _SCALES:
        for _ in range(_TRIES):
            if len(found) > count:
                return found
            given: dict[Node, Any] = {}
            for nodes in groups:
                given.update(_moved(nodes, own, nodes[0] in parameters, scale, draw))
            try:
                values = replay.values(given)
            except Exception:  # whatever the operations of a library raise at values that nobody meant
                continue
            place = Place(given, values)
            if replay.holds(values) and accepts(place):
                found.append(place)
    return found


def _moved(
    nodes: Sequence[Node], own: Mapping[Node, Any], is_parameter: bool, scale: float, draw: np.random.Generator
) -> dict[Node, Any]:
    """Return other values for entries that hold the same numbers, in whatever order they hold them."""
    first = np.asarray(own[nodes[0]], dtype=np.float64)
    if is_parameter:
        size = max(float(np.sqrt(np.mean(np.square(first)))) if first.size else 0.0, 0.1)
        made = first + 0.5 * scale * size * draw.standard_normal(first.shape)
        return {nodes[0]: made if made.ndim else np.float64(made)}
    # numbers that are alike move alike, so that an array in another order moves with this one
    distinct, places = np.unique(first, return_inverse=True)
    factors = 1 - 0.4 * scale * draw.uniform(size=distinct.shape)
    found = {nodes[0]: (distinct * factors)[places].reshape(first.shape)}
    for node in nodes[1:]:
        value = np.asarray(own[node], dtype=np.float64)
        found[node] = (distinct * factors)[np.searchsorted(distinct, value)].reshape(value.shape)
    return found


def shifts_of(place: Place, own: Mapping[Node, Any]) -> dict[int, Any]:
    """Return what a second run adds to entries so that it is at another point."""
    found: dict[int, Any] = {}
    for node, value in place.given.items():
        shift = np.asarray(value, dtype=np.float64) - np.asarray(own[node], dtype=np.float64)
        dtype = np.asarray(node.value).dtype if node.run is None else np.dtype(np.float64)
        if shift.ndim:
            found[node.number] = shift.astype(dtype) if dtype.kind == "f" else shift
        else:
            found[node.number] = float(shift)
    return found


def is_coarse(nodes: Iterable[Node]) -> bool:
    """Return whether a run computed with fewer than 64 bits somewhere."""
    return any(
        n.run is None
        and n.kind == "f"
        and np.asarray(n.value).dtype.itemsize < 8
        and np.asarray(n.value).dtype.kind == "f"
        for n in nodes
        if n.value is not None
    )


def single(value: Any) -> float:
    """Return a result as a number of Python, NaN where it is none."""
    array = np.asarray(value)
    return float(array.reshape(())) if array.size == 1 and array.dtype.kind in "fiub" else math.nan
