"""The second run: the code with its parameters shifted a little has to give the loss that the formulas give."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.engine.interpreter import evaluate
from symback.networks.network import Network
from symback.tracer.log import Node
from symback.tracer.lowering import Lowering
from symback.tracer.running import Run
from symback.tracer.steps import ancestors

_STEP = 1e-3
"""How far parameters are shifted, relative to their largest entry."""
_AGREES = 1e-6


def shift_of(value: Any, seed: int) -> Any:
    """Return what is added to a parameter: random signs, small beside its entries."""
    array = np.asarray(value, dtype=np.float64)
    step = _STEP * max(float(np.max(np.abs(array), initial=0.0)), 0.1)
    found = step * np.random.default_rng(seed).uniform(0.5, 1.0, array.shape)
    return found if array.ndim else float(found)


def derived_loss(net: Network, shifted: dict[str, Any]) -> float:
    """Return the loss of a network's equations where parameters have other values."""
    return float(np.asarray(derived_result(net, shifted)).reshape(()))


def derived_result(net: Network, shifted: dict[str, Any]) -> Any:
    """Return what the last equation of a network, or its loss, gives where parameters have other values."""
    values: dict[str, Any] = {**net.values, **shifted}
    leaves = [(v.shape, np.shape(values[v.name])) for v in net.variables.values()]
    sizes = {size: length for shape, held in leaves for size, length in zip(shape, held, strict=True)}
    for equation in net.equations:
        values[equation.name] = evaluate(equation.form, values, sizes=sizes)
    return values[net.loss or net.equations[-1].name]


def verify_file(
    net: Network, lowering: Lowering, loss: Node, names: Mapping[str, Node], again: Callable[[dict[int, Any]], Run]
) -> None:
    """Run a file again with shifted parameters, and refuse where its loss is not that of the formulas.

    ``names`` says which entry each name of the network is. What the file prints the second time is not shown.
    """
    parameters = parameters_of(net, names)
    shifts = {n.number: shift_of(lowering.values[n], k) for k, n in enumerate(parameters.values())}
    with contextlib.redirect_stdout(io.StringIO()):
        run = again(shifts)
    found = _same_entry(run, loss)
    shifted = {k: np.asarray(lowering.values[n], dtype=np.float64) + shifts[n.number] for k, n in parameters.items()}
    check(float(np.asarray(found.value).reshape(())), derived_loss(net, shifted), net.loss or "the loss")


def moves_with_parameters(lowering: Lowering) -> bool:
    """Return whether something that the code makes constant, as by ``detach()``, is computed from parameters all the same.

    Then the loss of a second run is not that of the formulas, and nothing is wrong.
    """
    cut = [n for n in lowering.needed if n in lowering.log.without_gradient]
    return bool(lowering.padded) or any(not lowering.parameters.isdisjoint(ancestors(n)) for n in cut)


def parameters_of(net: Network, names: Mapping[str, Node]) -> dict[str, Node]:
    """Return what each parameter of a network is in the log."""
    return {v.name: names[v.name] for v in net.variables.values() if v.role == "parameter"}


def _same_entry(run: Run, loss: Node) -> Node:
    nodes = run.log.nodes
    if loss.number >= len(nodes) or nodes[loss.number].path != loss.path:
        raise ReadError(
            "the second run took another way, so that its loss cannot be compared; the formulas are not verified"
        )
    return nodes[loss.number]


def check(run: float, derived: float, name: str) -> None:
    """Refuse where the loss of the code and that of the formulas differ at the same parameters."""
    if not abs(run - derived) <= _AGREES * max(abs(run), abs(derived), 1e-12):
        raise ReadError(
            f"with its parameters shifted a little, the code gives {name} = {run:.10g} and the formulas {derived:.10g}: "
            "a value that depends on a parameter leaves the log and comes back as a plain number"
        )
