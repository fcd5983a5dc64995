"""Which equations belong to which time step: those that use the same weight one after the other, each on a new input."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from symback.core import forms
from symback.core.forms import Apply, Form, Matmul, Name, names_in, relabel, walk
from symback.networks.network import NamedNetwork

_PLACE = re.compile(r"\[-?\d+\]")


@dataclass(frozen=True)
class Place:
    """Where an equation stands: its layer, counted along one time step, and its time step; 0 for none."""

    layer: int
    step: int


@dataclass(frozen=True)
class TimeSteps:
    """The time steps of a network: ``steps`` has the affine maps that a state comes through, ``initial`` its first values."""

    steps: Mapping[str, int]
    initial: frozenset[str]
    places: Mapping[str, Place]

    def between(self, name: str, reader: str) -> bool:
        """Say whether what is computed at a step is read by an affine map of the next one."""
        return reader in self.steps and self.places[name].step == self.steps[reader] - 1 > 0


def time_steps(network: NamedNetwork, affine: Sequence[str]) -> TimeSteps:
    """Return the time steps of a network; a layer that is used again on its own output alone is none."""
    equations = {e.name: e.form for e in network.equations}
    above = _ancestors(network)
    uses = {n: _uses(equations[n], network) for n in affine}
    steps: dict[str, int] = {}
    shared: dict[tuple[str, bool], list[str]] = {}
    for name in affine:
        for weight in uses[name]:
            shared.setdefault(weight, []).append(name)
    for weight, users in shared.items():
        pairs = list(itertools.pairwise(users))
        follows = all(a in above[b] for a, b in pairs)
        fresh = all(not any(n == a or a in above.get(n, ()) for n in uses[b][weight]) for a, b in pairs)
        if pairs and follows and fresh:
            for count, name in enumerate(users, 1):
                steps[name] = max(count, steps.get(name, 0))
    parallel = {n for users in shared.values() if len(users) > 1 for n in users} - steps.keys() if steps else set()
    places = _places(network, affine, steps, parallel, above)
    return TimeSteps(steps, _initial(network, steps, places), places)


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


def _initial(network: NamedNetwork, steps: Mapping[str, int], places: Mapping[str, Place]) -> frozenset[str]:
    """Return the variables that stand at the first step where the next one has what was computed: h before, and c of a cell."""
    trained = {n for n, v in network.variables.items() if n in network.parameters or v.role == "parameter"}
    found: set[str] = set()
    alike: dict[tuple[str, int], dict[int, list[Form]]] = {}
    for equation in network.equations if steps else ():
        place = places[equation.name]
        alike.setdefault((_pattern(equation.form, trained), place.layer), {}).setdefault(place.step, []).append(
            equation.form
        )
    for forms_of in alike.values():
        for first, second in zip(forms_of.get(1, ()), forms_of.get(2, ()), strict=False):
            pairs = zip(_others(first, trained), _others(second, trained), strict=True)
            found |= {a for a, b in pairs if a in network.variables and b in places}
    return frozenset(found)


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
