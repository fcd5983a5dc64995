"""The part of a log that a loss needs: its entries in order, which of them depend on a parameter, and their numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.library.paths import written
from symback.tracer.log import Log, Node, operands

_STEPWISE = frozenset(
    f"numpy.{name}"
    for name in ("round", "rint", "floor", "ceil", "trunc", "fix", "floor_divide", "ndarray.round", "around")
)
"""Functions that are constant near almost every point."""
_ARITHMETIC = frozenset(
    (
        *(f"numpy.{n}" for n in ("add", "subtract", "multiply", "negative", "square", "power", "matmul", "dot", "sum")),
        *(f"numpy.{n}" for n in ("transpose", "reshape", "absolute", "array", "asarray", "concatenate", "stack")),
        *(f"numpy.ndarray.{n}" for n in ("dot", "sum", "T", "reshape", "transpose", "copy", "ravel", "flatten")),
        *("getitem", "put", "setitem"),
    )
)
"""Operations that go through whole numbers as through others."""


class Slice:
    """What a loss is computed from, up to its parameters; the numbers are computed again, operation by operation."""

    def __init__(self, log: Log, loss: Node, parameters: Sequence[Node]) -> None:
        self.log = log
        self.parameters = set(parameters)
        self.constant_here: list[Node] = []
        """Entries that are computed from parameters and are constant near this point."""
        self.loss = loss
        self.needed = self._needed(loss)
        self.dependent = self._dependent()
        self._leave_out_unreached()
        self._refuse_lost()
        self._readers = Counter(o for n in self.needed for o in operands(n))
        self.values: dict[Node, Any] = {}
        self.forms: dict[Node, Any] = {}
        """The formula of each entry that depends on a parameter."""
        self.selected: list[Node] = []
        """Operations whose entries were picked by this run's numbers."""

    def _needed(self, loss: Node) -> list[Node]:
        """Return what the loss is computed from, in the order of the run; nothing that a parameter was computed from."""
        found = {loss}
        stack_ = [loss]
        while stack_:
            node = stack_.pop()
            if node in self.parameters:
                continue
            for other in operands(node):
                if other not in found:
                    found.add(other)
                    stack_.append(other)
        return sorted(found, key=lambda n: n.number)

    def _dependent(self) -> set[Node]:
        """Return the entries that depend on a parameter; whole numbers and what is rounded are constant near this point."""
        found = set(self.parameters)
        for node in self.needed:
            if node not in found and node not in self.log.without_gradient and any(o in found for o in operands(node)):
                counted = node.kind == "i" and not self._is_of_whole_numbers(node, found)
                if counted or node.path in _STEPWISE:
                    self.constant_here.append(node)
                else:
                    found.add(node)
        return found

    @staticmethod
    def _is_of_whole_numbers(node: Node, dependent: set[Node]) -> bool:
        """Return whether an entry is arithmetic with parameters that happen to be whole numbers, as ``np.array([1, 2])``."""
        return node.path in _ARITHMETIC and all(o.kind == "i" for o in operands(node) if o in dependent)

    def _leave_out_unreached(self) -> None:
        """Keep as parameters those only that a gradient reaches: not by whole numbers or what is rounded."""
        reached = {self.loss} & self.dependent
        stack = list(reached)
        while stack:
            for other in operands(stack.pop()):
                if other in self.dependent and other not in reached:
                    reached.add(other)
                    if other not in self.parameters:
                        stack.append(other)
        if not reached & self.parameters:
            raise ReadError("no gradient of the loss reaches any of its parameters", self.loss.site.line or None)
        if self.parameters - reached:
            self.parameters &= reached
            self.constant_here = []
            self.needed = self._needed(self.loss)
            self.dependent = self._dependent()

    def _refuse_lost(self) -> None:
        """Refuse what was computed by something that is not recorded, where gradients would pass it."""
        if not self.log.lost:
            return
        seen, stack = {self.loss}, [self.loss]
        while stack:
            node = stack.pop()
            if node in self.log.lost:
                raise self.log.lost[node]
            if node not in self.parameters and node not in self.log.without_gradient:
                stack += [o for o in operands(node) if o not in seen]
                seen.update(operands(node))

    def value_of(self, node: Node) -> Any:
        """Return the number or array that an entry was: kept, or computed again from its operands."""
        if node.run is None or (node.value is not None and node.kind != "f"):
            return node.value
        if node in self.parameters and any(o not in self.values for o in operands(node)):
            return self._alone(node)
        value = self._written_on(node)
        if value is None:
            value = self.again(node)
        if node.value is not None and np.shape(value) == () and isinstance(value, (float, np.floating)):
            kept = float(node.value)
            if not (
                math.isclose(float(value), kept, rel_tol=_near(node.value), abs_tol=1e-12)
                or (math.isnan(kept) and math.isnan(float(value)))
            ):
                if self.log.rounds:
                    raise ReadError(
                        "numbers are rounded to 16 bits on the way (autocast); switch it off (enabled=False) to derive what is "
                        "computed",
                        node.site.line,
                    )
                raise ReadError(
                    f"{title(node)} was {kept:.9g} in the run, and is {float(value):.9g} when it is computed again: "
                    "something changed its numbers that is not recorded",
                    node.site.line,
                )
        return value

    def _written_on(self, node: Node) -> Any:
        """Return data that is filled part by part, written on in the same memory: nothing else reads what it was before."""
        held = node.args[0] if node.path == "setitem" else None
        if not isinstance(held, Node) or held.path != "setitem" or held in self.dependent or node in self.dependent:
            return None
        if self._readers.get(held) != 1 or held in self.parameters:
            return None
        array, self.values[held] = self.values[held], None
        array[self.valued(node.args[1])] = self.valued(node.args[2])
        return array

    def again(self, node: Node) -> Any:
        """Return what the operation of an entry gives for the values of its operands."""
        assert node.run is not None
        args, options = self.valued(node.args), self.valued(node.options)
        with np.errstate(all="ignore"):
            return node.run(*args, **options)

    def _alone(self, node: Node) -> Any:
        """Return the value of a node whose operands are no part of the slice."""
        order: dict[Node, None] = {}
        stack_ = [(node, False)]
        while stack_:
            at, done = stack_.pop()
            if at in self.values or at in order:
                continue
            if done:
                order[at] = None
            else:
                stack_.append((at, True))
                stack_ += [(o, False) for o in operands(at)]
        extra = [n for n in order if n is not node]
        for other in extra:
            self.values[other] = (
                other.value
                if other.run is None or (other.value is not None and other.kind != "f")
                else self.again(other)
            )
        return node.value if node.run is None else self.again(node)

    def valued(self, value: Any) -> Any:
        if isinstance(value, Node):
            return self.values[value]
        if type(value) in (tuple, list):
            return type(value)(self.valued(v) for v in value)
        if type(value) is dict:
            return {k: self.valued(v) for k, v in value.items()}
        if isinstance(value, slice):
            return slice(self.valued(value.start), self.valued(value.stop), self.valued(value.step))
        return value


def _near(value: Any) -> float:
    """Return how far a number that is computed again may be from what it was, relative to it."""
    return 1e-4 if isinstance(value, np.floating) and value.dtype.itemsize < 8 else 1e-6


_TITLES = {
    "getitem": "a part of an array",
    "item": "a part of a result",
    "setitem": "storing into a part of an array",
    "put": "storing into a part of an array",
    "positions": "storing into a part of an array",
}
"""What operations are called that have no name of a function."""


def title(node: Node) -> str:
    """Return what an operation is called in a message."""
    path = node.path
    if path.startswith(("numpy.ndarray.", "torch.Tensor.")):
        return f"the method {path.rpartition('.')[2]}"
    if path in _TITLES:
        return _TITLES[path]
    return written(path) if path else base_of(node) or "a number"


def base_of(node: Node) -> str:
    """Return the name of an entry without the number of an item: ``hs[2]`` is called ``hs``."""
    return node.name.partition("[")[0]
