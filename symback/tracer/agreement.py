"""What autograd said of a run: its gradients along one direction are compared with differences of the formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError, SymbackError
from symback.networks.network import Network, list_names
from symback.tracer.log import Node
from symback.tracer.verifying import derived_loss, derived_result

_STEPS = (1e-6, 1e-4)
"""How far parameters are moved, relative to their largest entry, where they have 64 bits and where they have fewer."""
_SMALL = 1e-6
"""A gradient of which nothing is said."""
_NEAR = (1e-5, 2e-2)
"""How far a derivative may be from the difference, relative to the sum of the sizes of what it is made of."""


def check(torch: Any, net: Network, loss: Node, names: Mapping[str, Node]) -> bool:
    """Refuse where the file's own gradients are not those of the formulas, by differences along a random direction.

    What changes a gradient on its way (a hook, a function that states its own backward) is found by this, and what changed
    numbers of tensors without PyTorch's knowing. Nothing is compared, and False returned, where the run called no
    ``backward()``.
    """
    backward = torch.backward_of(loss) if torch is not None else None
    if backward is None:
        return False
    if backward.unexplained:
        unseen = backward.unexplained[0]
        name = torch.log.titles.get(unseen) or unseen.name or "w"
        raise ReadError(
            f"backward() left a gradient in {name} that no recorded operation explains: a function that states its own "
            "backward, compiled code, or another thread"
        )
    few = any(np.asarray(v).dtype.itemsize < 8 for v in net.values.values() if np.asarray(v).dtype.kind == "f")
    way = _Way(net, backward, names, _STEPS[few])
    if not way.moves or not np.isfinite(way.told):
        return False
    try:
        found = way.differences(_NEAR[few])
    except SymbackError:
        return False
    if found is not None:
        raise ReadError(
            f"the gradients that backward() left in {list_names(list(way.moves))} are not those of the formulas: along one "
            f"direction {way.told:.6g} and {found:.6g}; a hook, a function that states its own backward, or numbers that were "
            "changed by something that is not recorded"
        )
    return True


class _Way:
    """A random direction of all parameters at once, and what the gradients of a run say of the loss along it."""

    def __init__(self, net: Network, backward: Any, names: Mapping[str, Node], step: float) -> None:
        self.net, self.weights = net, backward.weights
        self.values = {k: _wide(v) for k, v in net.values.items()}
        self.moves: dict[str, np.ndarray] = {}
        self.told, self.size = 0.0, 0.0
        draw = np.random.default_rng(0)
        for variable in net.variables.values():
            node = names.get(variable.name)
            gradient = None if node is None else backward.gradients.get(node)
            if variable.role != "parameter" or gradient is None:
                continue
            value = np.asarray(net.values[variable.name], dtype=np.float64)
            move = draw.choice([-1.0, 1.0], value.shape) * (step * max(float(np.max(np.abs(value), initial=0.0)), 1e-2))
            part = np.asarray(gradient, dtype=np.float64) * move
            self.told += float(part.sum())
            self.size += float(np.abs(part).sum()) + _SMALL * float(np.abs(move).sum())
            self.moves[variable.name] = move

    def differences(self, near: float) -> float | None:
        """Return the difference of the loss along the direction where no step gives what the gradients say; else None.

        Where the loss bends much, or a kink is near, a shorter step tells; too short a one tells nothing.
        """
        first = None
        for shorter in (1.0, 1e-2, 1e-4):
            ends = [self._at(sign * shorter) for sign in (1, -1)]
            found = (ends[0] - ends[1]) / 2 / shorter
            if not np.isfinite(found):  # at the end of what a function is defined on
                continue
            rounding = 1e-13 * max(abs(e) for e in ends) / shorter
            if first is not None and rounding > near * self.size:
                break
            if abs(found - self.told) <= near * self.size + rounding:
                return None
            first = found if first is None else first
        return first

    def _at(self, by: float) -> float:
        moved = {k: np.asarray(self.values[k], dtype=np.float64) + by * move for k, move in self.moves.items()}
        return _weighted(self.net, {**self.values, **moved}, self.weights)


def _weighted(net: Network, values: dict[str, Any], weights: np.ndarray | None) -> float:
    if weights is None:
        return derived_loss(net, values)
    return float(np.sum(np.asarray(derived_result(net, values)) * weights))


def _wide(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(np.float64) if array.dtype.kind == "f" else value
