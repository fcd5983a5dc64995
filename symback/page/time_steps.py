"""The steps of a recurrent network: equations that are alike but for their states, each computed from the one before."""

from __future__ import annotations

import re
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from symback.core.forms import Form, Matmul, Name, Outer, names_in, relabel, walk
from symback.networks.network import NamedNetwork

_PLACE = re.compile(r"\[-?\d+\]")


@dataclass(frozen=True)
class TimeSteps:
    """``numbers`` has the step of each equation with shared parameters, from 1; ``starts`` are the states before the first."""

    numbers: Mapping[str, int]
    starts: frozenset[str]


_known: weakref.WeakKeyDictionary[NamedNetwork, TimeSteps] = weakref.WeakKeyDictionary()


def time_steps(network: NamedNetwork) -> TimeSteps:
    """Return the steps of a network in which weights are used again behind themselves; none in another one."""
    found = _known.get(network)
    if found is None:
        found = _known[network] = _time_steps(network)
    return found


def _time_steps(network: NamedNetwork) -> TimeSteps:
    trained = {n for n, v in network.variables.items() if n in network.parameters or v.role == "parameter"}
    ancestors: dict[str, frozenset[str]] = {}
    groups: dict[str, list[str]] = {}
    for equation in network.equations:
        read = {n.name for n in names_in(equation.form)}
        ancestors[equation.name] = frozenset(read).union(*(ancestors.get(n, frozenset()) for n in read))
        if equation.name != network.loss:
            groups.setdefault(_pattern(equation.form, trained), []).append(equation.name)
    chains = [g for g in groups.values() if len(g) > 1 and all(a in ancestors[b] for a, b in pairwise(g))]
    numbers: dict[str, int] = {}
    for chain in chains:
        products = [n for n in walk(network.equation(chain[0]).form) if isinstance(n, (Matmul, Outer))]
        if any(n.name in trained for product in products for n in names_in(product)):
            numbers |= {name: k for k, name in enumerate(chain, start=1)}
    starts: set[str] = set()
    for chain in (c for c in chains if numbers and len(c) == max(numbers.values())):
        first, second = (_others(network, name, trained) for name in chain[:2])
        pairs = zip(first, second, strict=True)
        starts |= {a for a, b in pairs if a in network.variables and b not in network.variables}
    return TimeSteps(numbers, frozenset(starts))


def _others(network: NamedNetwork, name: str, trained: set[str]) -> list[str]:
    """Return the names in an equation beside the parameters, as they stand in it."""
    found: list[str] = []
    stack = [network.equation(name).form]
    while stack:
        node = stack.pop()
        if isinstance(node, Name):
            found += [] if node.name in trained else [node.name]
        stack.extend(node.args)
    return found


def _pattern(form: Form, trained: set[str]) -> str:
    """Return a form with one letter for all its names but the parameters, and no places in sequences."""
    names = {n.name: "s" for n in names_in(form) if n.name not in trained}
    return _PLACE.sub("[]", str(relabel(form, names, {})))
