"""Find the hand-written gradients in the log of a run: by names, places in dictionaries, lists and objects, and by updates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.core.errors import ReadError, nearest
from symback.library.name_words import LOSS_NAMES, is_rate_name
from symback.marking.claims import APPROXIMATE, HOLDER, LOSSES, folded, spelled_parts, spelled_quotients
from symback.tracer.log import Held, Log, Node, operands
from symback.tracer.sliced import base_of
from symback.tracer.steps import added_to, ancestors, is_step, origin

_TIMES = ("numpy.multiply", "torch.Tensor.mul", "torch.mul")
_OVER = ("numpy.divide", "numpy.true_divide", "torch.Tensor.div", "torch.div")
_MINUS = ("numpy.negative", "torch.Tensor.neg", "torch.neg")
_WORD = re.compile(r"^(grads?|gradients?|nabla|slopes?)$", re.IGNORECASE)
"""Names that say that something is a gradient, but not of what."""
_SHAPED = tuple(f"{kind}.{n}" for kind in ("numpy.ndarray", "torch.Tensor") for n in ("reshape", "T", "copy", "t"))
"""Operations by which a gradient becomes the step of an update."""


@dataclass(eq=False)
class Step:
    """The first update of a parameter, by what it was divided to be the gradient again: the rate."""

    before: Node
    after: Node
    rates: tuple[Node | float, ...] = ()
    """Numbers one of which may be the rate; none where there is no number."""
    is_rated: bool = False
    """True where a number is called a rate."""
    is_plain: bool = False
    """True where numbers alone stand between a product of arrays and the step: no momentum, no root of squares."""


@dataclass(eq=False)
class LoggedClaim:
    """A hand-written gradient of a run: what it is called, and what it was when the parameter was updated."""

    variable: str
    target: Node
    name: str
    node: Node | None
    """None where nothing is called the gradient; the step of the update stands for it."""
    step: Step | None = None
    is_inner: bool = False
    """True for the gradient of a step on the way, which is told of for the sake of those of the parameters."""

    @property
    def shown(self) -> Node:
        """The entry whose line is shown."""
        if self.node is not None:
            return self.node
        assert self.step is not None
        return self.step.after


class Gradients:
    """What of a log is spelled as a gradient, and of what; ``targets`` are what gradients may be of, by their names."""

    def __init__(self, log: Log, loss: Node, targets: Mapping[str, Node], parameters: Sequence[Node]) -> None:
        self.log = log
        self.targets = dict(targets)
        self.parameters = list(parameters)
        self.needed = ancestors(loss)
        self.names: dict[Node, list[str]] = {}
        for name, nodes in log.named.items():
            for node in nodes:
                self.names.setdefault(node, []).append(name)
        self.held: dict[Node, list[Held]] = {}
        for held in log.held:
            self.held.setdefault(held.node, []).append(held)
        self.next: dict[Node, list[Node]] = {}
        for change in log.changes:
            if "clip" not in change.after.path:
                self.next.setdefault(change.before, []).append(change.after)
        self.steps = {p: self._step(p) for p in self.parameters}
        self.spelled = set(self._spelled())

    def find(self, given: Mapping[str, str] | None = None) -> list[LoggedClaim]:
        """Return the claims of a run; ``given`` says what names mean, by names of the targets."""
        mine = {variable: name for name, variable in (given or {}).items()}
        for variable, name in mine.items():
            if variable not in self.targets:
                raise ReadError(
                    f"--claim {name}={variable}: there is no {variable} in the forward pass{nearest(variable, self.targets)}"
                )
            if name not in self.log.named:
                raise ReadError(
                    f"--claim {name}={variable}: there is no {name} in the code{nearest(name, self.log.named)}"
                )
        found = [self._of(variable, node, mine.get(variable)) for variable, node in self.targets.items()]
        return [c for c in found if c is not None]

    def _of(self, variable: str, node: Node, asked: str | None) -> LoggedClaim | None:
        step = self.steps.get(node)
        inner = node not in self.parameters
        limit = self._limit(step)
        if asked is not None:
            latest = self._latest(self.log.named[asked], limit)
            return LoggedClaim(variable, node, asked, latest, step, inner)
        by_place, by_name = self._by_places(node, limit), self._by_names(variable, node, limit)
        updating = ancestors(step.after) - self.needed if step is not None else set()
        for name, found in (*by_place, *by_name):
            if found in updating:
                return LoggedClaim(variable, node, name, found, step, inner)
        nearest_one = self._in_update(step)
        if nearest_one is not None:
            return LoggedClaim(variable, node, self._title(nearest_one), nearest_one, step, inner)
        for name, found in (*by_place, *by_name, *([] if inner else self._by_keys(node, limit))):
            return LoggedClaim(variable, node, name, found, step, inner)
        if step is None or inner:
            return None
        return LoggedClaim(variable, node, f"∂L/∂{variable}", None, step)

    def _limit(self, step: Step | None) -> int:
        """Return the entry at which the first update of a parameter is, or of any where it is no parameter."""
        if step is not None:
            return step.after.number
        return min((s.after.number for s in self.steps.values() if s is not None), default=len(self.log.nodes))

    # --- updates --------------------------------------------------------------------------------------------------------

    def _step(self, parameter: Node) -> Step | None:
        """Return the first change of a parameter that adds something to it which rests on the forward pass."""
        for change in self.log.changes:
            if (
                parameter not in (change.before, origin(change.before))
                or change.after in self.needed
                or not is_step(change)
            ):
                continue
            added = added_to(change) or []
            if any(n.run is not None and n in self.needed for one in added for n in ancestors(one)):
                return self._rated(Step(change.before, change.after), added)
        return None

    def _rated(self, step: Step, added: Sequence[Node]) -> Step:
        if len(added) != 1:
            return step
        numbers: list[Node | float] = []
        node = added[0]
        while node not in self.needed and node.path in (*_TIMES, *_OVER, *_MINUS, *_SHAPED):
            arrays = [a for a in node.args if isinstance(a, Node) and (a.shape or not node.shape)]
            if node.path in (*_TIMES, *_OVER) and len(arrays) != 1:
                break
            if node.path in _TIMES:
                numbers += [a for a in node.args if a is not arrays[0]]
            node = arrays[0]
        below = [n for n in ancestors(added[0]) if n not in self.needed]
        called = [n for n in below if not n.shape and n.run is None and any(map(is_rate_name, self._called(n)))]
        step.is_rated = bool(called)
        step.rates = tuple(called[:1]) or tuple(numbers) or tuple(self._numbers_in(node))
        step.is_plain = not any("sqrt" in n.path or "power" in n.path for n in below if n.shape)
        return step

    def _numbers_in(self, node: Node) -> Iterator[Node | float]:
        """Return the numbers by which parts of a product are multiplied: ``0.1 * X.T @ d``."""
        stack = [node]
        while stack:
            at = stack.pop()
            if at in self.needed:
                continue
            if at.path in _TIMES:
                yield from (a for a in at.args if not (isinstance(a, Node) and a.shape) and at.shape)
            if at.path in (*_TIMES, *_OVER, *_MINUS, *_SHAPED) or at.path.endswith(("matmul", "dot", "outer", "sum")):
                stack += [o for o in operands(at) if o.shape]

    def _called(self, node: Node) -> list[str]:
        return [*self.names.get(node, ()), base_of(node)]

    def _in_update(self, step: Step | None) -> Node | None:
        """Return the only thing spelled as a gradient that an update is made of, as far as it is not made of others."""
        if step is None:
            return None
        found: dict[Node, None] = {}
        stack, seen = list(operands(step.after)), {step.before}
        while stack:
            node = stack.pop()
            if node in seen or node in self.needed:
                continue
            seen.add(node)
            if node in self.spelled and math_size(node) == math_size(step.before):
                found[node] = None
            else:
                stack += operands(node)
        return next(iter(found)) if len(found) == 1 else None

    # --- names and places -----------------------------------------------------------------------------------------------

    def _spelled(self) -> Iterator[Node]:
        """Return the entries that are spelled as gradients of anything."""
        labels = {folded(m) for n in self.parameters for m in self._labels(n)}
        for name, nodes in self.log.named.items():
            if not APPROXIMATE.search(name) and any(folded(p) in labels for p in variables_of(name)):
                yield from (n for n in nodes if n not in self.needed)
        for held in self.log.held:
            if held.label and HOLDER.search(_numbered(held.label)[0]) and held.node not in self.needed:
                yield held.node
        yield from filter(self._is_gradient_word, self.log.nodes)

    def _is_gradient_word(self, node: Node) -> bool:
        return bool(node.name) and bool(_WORD.match(base_of(node))) and node not in self.needed

    def _labels(self, node: Node) -> list[str]:
        """Return what an entry is called: by names and by keys and attributes under which it is held."""
        held = [h.key for h in self.held.get(node, ()) if isinstance(h.key, str)]
        return list(dict.fromkeys([*self.names.get(node, ()), *held, *([base_of(node)] if node.name else [])]))

    def _by_names(self, variable: str, target: Node, limit: int) -> list[tuple[str, Node]]:
        labels = {folded(variable)} | {folded(n) for n in self._labels(target)}
        found = []
        for name in self.log.named:
            if APPROXIMATE.search(name) or not any(folded(p) in labels for p in variables_of(name)):
                continue
            latest = self._latest(self.log.named[name], limit)
            if latest is not None and self._is_alone(target, labels):
                found.append((name, latest))
        return sorted(found, key=lambda item: -item[1].number)

    def _is_alone(self, target: Node, labels: set[str]) -> bool:
        """Return whether no other target is called the same, as the weights of another layer are."""
        others = [n for n in self.targets.values() if n is not target]
        return not any(folded(label) in labels for n in others for label in self._labels(n))

    def _by_places(self, target: Node, limit: int) -> list[tuple[str, Node]]:
        """Return what stands beside an entry: ``grads["W1"]``, ``nabla_w[0]``, ``layer.dW``."""
        mine = self.held.get(target, ())
        keys = {(h.label, h.key) for h in mine if h.label}
        labels = {folded(n) for n in self._labels(target)}
        places: dict[tuple[int, str, Any], list[Node]] = {}
        objects = {h.holder: h.key for h in mine if not h.label}
        for held in self.log.held:
            if held.node in self.needed or APPROXIMATE.search(held.label or str(held.key)):
                continue
            if held.label:
                base, number = _numbered(held.label)
                fits = HOLDER.search(base) and self._fits(held.key, number, keys, labels)
                fits = fits or any((p, held.key) in keys for p in variables_of(held.label))
            else:
                own = objects.get(held.holder)
                fits = own is not None and any(folded(p) == folded(str(own)) for p in variables_of(str(held.key)))
            if fits:
                places.setdefault((0 if held.label else held.holder, held.label, held.key), []).append(held.node)
        found = []
        for (_, label, key), nodes in places.items():
            latest = self._latest(nodes, limit)
            if latest is not None:
                found.append((f"{label}[{_quoted(key)}]" if label else str(key), latest))
        return sorted(found, key=lambda item: -item[1].number)

    def _by_keys(self, target: Node, limit: int) -> list[tuple[str, Node]]:
        """Return what a container of any name holds under the keys of the parameters: what others are computed from."""
        mine = {(h.label, h.key) for h in self.held.get(target, ()) if h.label and isinstance(h.key, str)}
        keys = {key for _, key in mine}
        places: dict[tuple[str, Any], list[Node]] = {}
        for held in self.log.held:
            if held.label and held.key in keys and (held.label, held.key) not in mine:
                places.setdefault((held.label, held.key), []).append(held.node)
        found: dict[Node, str] = {}
        for (label, key), nodes in places.items():
            latest = self._latest(nodes, limit)
            if latest is not None and any(n.run is not None and n in self.needed for n in ancestors(latest)):
                found[latest] = f"{label}[{_quoted(key)}]"
        first = [n for n in found if not any(o in ancestors(n) for o in found if o is not n)]
        return [(found[n], n) for n in first] if len(first) == 1 else []

    def _fits(self, key: Any, number: str, keys: set[tuple[str, Any]], labels: set[str]) -> bool:
        """Return whether a key of a container of gradients is that of the parameter, or its name.

        ``number`` is that of the container in a list of containers, as the parameter has to be in one too.
        """
        if isinstance(key, str) and number:
            spelled = {folded(p) for p in (key, *variables_of(key))}
            return any(_numbered(label)[1] == number and folded(str(k)) in spelled for label, k in keys)
        if isinstance(key, str):
            return folded(key) in labels or any(folded(p) in labels for p in variables_of(key))
        return any(key == k for _, k in keys) and len({label for label, _ in keys}) == 1 and self._one_container()

    def _one_container(self) -> bool:
        """Return whether all parameters are held in containers of one name, so that numbers alone tell them apart."""
        labels = {h.label for p in self.parameters for h in self.held.get(p, ()) if h.label}
        return len(labels) == 1

    def _title(self, node: Node) -> str:
        for held in reversed(self.held.get(node, ())):
            if held.label and HOLDER.search(_numbered(held.label)[0]):
                return f"{held.label}[{_quoted(held.key)}]"
        return self.names[node][0] if node in self.names else base_of(node) or "gradient"

    def _latest(self, nodes: Iterable[Node], limit: int) -> Node | None:
        """Return the last version of what a name held before an update, also where it was changed in place."""
        found: Node | None = None
        for node in nodes:
            at: Node | None = node
            while at is not None and at.number < limit:
                if at not in self.needed and (found is None or at.number > found.number) and "clip" not in at.path:
                    found = at
                later = [n for n in self.next.get(at, ()) if n.number < limit and n.number > at.number]
                at = later[-1] if later else None
        return found


def math_size(node: Node) -> int:
    """Return how many entries an array has."""
    return int(np.prod(node.shape, dtype=int))


def variables_of(name: str) -> Iterator[str]:
    """Return what a name may be the gradient of, as it is spelled."""
    name = name.lstrip("_")
    yield from spelled_parts(name)
    for top, bottom in spelled_quotients(name):
        if folded(top) in LOSSES or top in LOSS_NAMES:
            yield bottom


def _numbered(label: str) -> tuple[str, str]:
    """Return the name of a container and its number in a list: ``grads2`` is the third of ``grads``."""
    base = label.rstrip("0123456789")
    return base, label[len(base) :]


def _quoted(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) else str(key)
