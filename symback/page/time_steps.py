"""Which equations belong to which time step: those that use the same weight one after the other, each on a new input."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from symback.core import forms
from symback.core.forms import Apply, Form, Matmul, names_in, walk
from symback.networks.network import NamedNetwork


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
    return TimeSteps(steps, _initial(steps, uses, equations), _places(network, affine, steps, parallel, above))


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


def _initial(
    steps: Mapping[str, int],
    uses: Mapping[str, Mapping[tuple[str, bool], frozenset[str]]],
    computed: Collection[str],
) -> frozenset[str]:
    """Return the variables that stand at the first step where a later one has what the step before computed."""
    found: set[str] = set()
    for name, step in steps.items():
        for weight, names in uses[name].items() if step == 1 else ():
            later = [uses[n][weight] for n, s in steps.items() if s == 2 and weight in uses[n]]
            if later and not names & set(computed) and all(other and other <= set(computed) for other in later):
                found |= names
    return frozenset(found)


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
