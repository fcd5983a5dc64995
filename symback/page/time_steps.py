"""Which equations belong to which time step: those that use the same weight one after the other, each on a new input."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from symback.core import forms
from symback.core.forms import Apply, Form, Get, Matmul, Name, names_in, relabel, walk
from symback.networks.network import NamedNetwork

_PLACE = re.compile(r"\[-?\d+\]")


@dataclass(frozen=True)
class Place:
    """Where an equation stands: its layer, counted along one time step, and its time step; 0 for none."""

    layer: int
    step: int


@dataclass(frozen=True)
class TimeSteps:
    """The time steps of a network: ``steps`` has the affine maps that a state comes through, ``initial`` its first values.

    ``states`` are what one step hands to the next, and what the last one computes like it.
    """

    steps: Mapping[str, int]
    initial: frozenset[str]
    states: frozenset[str]
    places: Mapping[str, Place]

    def between(self, name: str, reader: str) -> bool:
        """Say whether what is computed at a step is read by an affine map of the next one."""
        return reader in self.steps and self.places[name].step == self.steps[reader] - 1 > 0


def time_steps(network: NamedNetwork, affine: Sequence[str]) -> TimeSteps:
    """Return the time steps of a network; a layer that is used again on its own output alone is none."""
    equations = {e.name: e.form for e in network.equations}
    above = _ancestors(network)
    uses = {n: _uses(equations[n], network) for n in affine}
    parts = {n: _parts_of_data(equations[n], network) for n in affine}
    steps: dict[str, int] = {}
    shared: dict[tuple[str, bool], list[str]] = {}
    for name in affine:
        for weight in uses[name]:
            shared.setdefault(weight, []).append(name)
    for weight, users in shared.items():
        pairs = list(itertools.pairwise(users))
        follows = all(a in above[b] for a, b in pairs)
        fresh = all(not any(n == a or a in above.get(n, ()) for n in uses[b][weight]) for a, b in pairs)
        if pairs and follows and (fresh or all(parts[b] - parts[a] for a, b in pairs)):
            for count, name in enumerate(users, 1):
                steps[name] = max(count, steps.get(name, 0))
    parallel = {n for users in shared.values() if len(users) > 1 for n in users} - steps.keys() if steps else set()
    places = _places(network, affine, steps, parallel, above)
    return TimeSteps(steps, _initial(network, steps, places), _states(network, steps, places), places)


def _ancestors(network: NamedNetwork) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for equation in network.equations:
        read = [n.name for n in names_in(equation.form)]
        found[equation.name] = frozenset(read).union(*(found.get(n, frozenset()) for n in read))
    return found


def _uses(form: Form, network: NamedNetwork) -> dict[tuple[str, bool], frozenset[str]]:
    """Return what each variable is multiplied with, whether it is transposed or not; parts of data are no weights."""
    found: dict[tuple[str, bool], frozenset[str]] = {}
    for node in walk(form):
        if isinstance(node, (Matmul, forms.Outer)) or (isinstance(node, Apply) and node.op == "multiply"):
            for one, other in (node.args, tuple(reversed(node.args))):
                bare = one.args[0] if isinstance(one, forms.Transpose) else one
                if isinstance(bare, forms.Name) and bare.name in network.variables:
                    found[bare.name, bare is not one] = frozenset(n.name for n in names_in(other))
    return found


def _parts_of_data(form: Form, network: NamedNetwork) -> set[str]:
    """Return which data an equation reads, and which parts of them: x[1] of a sequence."""
    given = network.variables.keys() - _trained(network)
    parts = [n for n in walk(form) if isinstance(n, Get)]
    inside = Counter(a for n in parts for a in n.args)
    whole = Counter(a for n in walk(form) for a in n.args if isinstance(a, Name))
    return {
        str(n) for n in [*parts, *(a for a in whole if whole[a] > inside[a])] if given & {m.name for m in names_in(n)}
    }


def _initial(network: NamedNetwork, steps: Mapping[str, int], places: Mapping[str, Place]) -> frozenset[str]:
    """Return the variables that stand at the first step where the next one has what was computed: h before, and c of a cell."""
    trained = _trained(network)
    found: set[str] = set()
    for named in _alike(network, places) if steps else ():
        for first, second in zip(named.get(1, ()), named.get(2, ()), strict=False):
            one, other = (_others(network.equation(name).form, trained) for name in (first, second))
            found |= {a for a, b in zip(one, other, strict=True) if a in network.variables and b in places}
    return frozenset(found)


def _states(network: NamedNetwork, steps: Mapping[str, int], places: Mapping[str, Place]) -> frozenset[str]:
    handed = {
        n.name
        for e in network.equations
        if steps and e.name != network.loss
        for n in names_in(e.form)
        if n.name in places and n.shape and places[n.name].step == places[e.name].step - 1 > 0
    }
    alike = (names for named in _alike(network, places) for names in [{n for names in named.values() for n in names}])
    return frozenset(handed.union(*(names for names in alike if names & handed)))


def _alike(network: NamedNetwork, places: Mapping[str, Place]) -> Iterator[dict[int, list[str]]]:
    """Yield the names of equations of one layer that are alike but for their states, by their steps."""
    found: dict[tuple[str, int], dict[int, list[str]]] = {}
    trained = _trained(network)
    for equation in network.equations:
        place = places[equation.name]
        if place.step:
            group = found.setdefault((_pattern(equation.form, trained), place.layer), {})
            group.setdefault(place.step, []).append(equation.name)
    yield from found.values()


def _trained(network: NamedNetwork) -> set[str]:
    return {n for n, v in network.variables.items() if n in network.parameters or v.role == "parameter"}


def _pattern(form: Form, trained: Collection[str]) -> str:
    """Return a form with one letter for all its names but the parameters, and no places in sequences."""
    names = {n.name: "s" for n in names_in(form) if n.name not in trained}
    return _PLACE.sub("[]", str(relabel(form, names, {})))


def _others(form: Form, trained: Collection[str]) -> list[str]:
    """Return the names in a form beside the parameters, as they stand in it."""
    found: list[str] = []
    stack = [form]
    while stack:
        node = stack.pop()
        if isinstance(node, Name) and node.name not in trained:
            found.append(node.name)
        stack.extend(node.args)
    return found


def _places(
    network: NamedNetwork,
    affine: Sequence[str],
    steps: Mapping[str, int],
    parallel: set[str],
    above: Mapping[str, frozenset[str]],
) -> dict[str, Place]:
    """Return the place of every equation: a state of an earlier step lies no layer below."""
    found: dict[str, Place] = {}
    for equation in network.equations:
        read = [found[n.name] for n in names_in(equation.form) if n.name in found]
        step = max((place.step for place in read), default=0)
        if equation.name in steps:
            now = steps[equation.name]
            below = max((place.layer for place in read if place.step in (0, now)), default=0)
            found[equation.name] = Place(below + 1, now)
            continue
        below = max((place.layer for place in read), default=0)
        if equation.name in affine:
            found[equation.name] = Place(below + 1, step if equation.name in parallel else 0)
        else:
            deepest = [place.step for place in read if place.layer == below]
            found[equation.name] = Place(below, max(deepest, default=0))
    return found
