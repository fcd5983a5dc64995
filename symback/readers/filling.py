"""Numbers by the caller's seed for what a text leaves open: every variable whose shape is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symback.core.forms import Gather, OneHot, names_in, walk
from symback.engine.interpreter import evaluate
from symback.networks.network import Network, Variable, as_value


def fill(network: Network, generator: np.random.Generator) -> list[str]:
    """Give values to the variables that have none, and return their names.

    They are normal; where a formula is not finite for those, they lie between 0.1 and 0.9.
    """

    def shape_of(variable: Variable) -> tuple[Any, ...]:
        return tuple(s if isinstance(s, int) else network.sizes.get(str(s), s) for s in variable.shape)

    open_ = [
        v
        for v in network.variables.values()
        if v.name not in network.values and all(isinstance(s, int) for s in shape_of(v))
    ]
    if not open_:
        return []
    classes = _classes(network)
    indices = {v.name: generator.integers(0, classes.get(v.name, 2), shape_of(v)) for v in open_ if v.integer}
    others = [v for v in open_ if not v.integer]
    normal = {v.name: generator.standard_normal(shape_of(v)) for v in others}
    between = {v.name: generator.uniform(0.1, 0.9, shape_of(v)) for v in others}
    chosen = next((t for t in (normal, between) if _is_finite(network, {**indices, **t})), normal)
    for v in open_:
        network.values[v.name] = as_value({**indices, **chosen}[v.name], v.integer)
    return [v.name for v in open_]


def _classes(network: Network) -> Mapping[str, int]:
    """Return how many classes each array of class indices counts."""
    found: dict[str, int] = {}
    sources: dict[str, set[str]] = {n: {n} for n in network.variables}
    for equation in network.equations:
        below: set[str] = set()
        sources[equation.name] = below.union(*(sources.get(n.name, set()) for n in names_in(equation.form)))
        for node in walk(equation.form):
            if not isinstance(node, (OneHot, Gather)):
                continue
            count = node.classes if isinstance(node, OneHot) else node.args[0].shape[node.axis]
            for name in below.union(*(sources.get(n.name, set()) for n in names_in(node.args[-1]))):
                if isinstance(count, int):
                    found[name] = min(count, found.get(name, count))
    return found


def _is_finite(network: Network, values: Mapping[str, Any]) -> bool:
    """Return whether all equations are finite at these values; True where that cannot be computed yet."""
    known: dict[str, Any] = {**network.values, **values}
    for equation in network.equations:
        if any(n.name not in known for n in names_in(equation.form)):
            return True
        with np.errstate(all="ignore"):
            try:
                known[equation.name] = evaluate(equation.form, {n.name: known[n.name] for n in names_in(equation.form)})
            except (ArithmeticError, ValueError, TypeError):
                return False
        if not np.all(np.isfinite(known[equation.name])):
            return False
    return True
