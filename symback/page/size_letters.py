"""Letters for the sizes of a network, so that two lengths that happen to be equal prove nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symback.core.display import COMMA, EQUALS, SPACE, TIMES, Node, Script, Symbol, row, separated, to_latex
from symback.core.forms import Form, Get, Name, OneHot, names_in, walk
from symback.networks.axes import Axes, Axis
from symback.networks.network import NamedNetwork
from symback.page.notation import Names, size_symbol
from symback.page.time_steps import TimeSteps

_TIMES = ("T", "n", "m")
"""Letters for the number of time steps."""
_SAMPLES, _FEATURES, _OUTPUTS, _HIDDEN = ("n", "m", "q"), ("d", "p", "r"), ("c", "q", "s"), ("h", "p", "r", "u")
"""Letters to choose from, the usual one first: rows of the data, their features, the target's columns, what is between."""


@dataclass(frozen=True)
class SizeLetters:
    """A letter for each class of axes; ``samples`` are those along which nothing is multiplied or mixed."""

    axes: Axes
    letters: Mapping[Axis, Node]
    samples: frozenset[Axis]
    rows: bool = False

    def shape(self, axes: Sequence[Axis | None], sizes: Sequence[object]) -> Node | None:
        """Return a shape in letters, a one-dimensional one as a row or column; None where an axis has no letter."""
        found: list[Node] = []
        for axis, size in zip(axes, sizes, strict=True):
            if size == 1:
                found.append(_ONE)
            elif axis is None or axis not in self.letters:
                return None
            else:
                found.append(self.letters[axis])
        if len(found) == 1:
            found = [_ONE, *found] if self.rows else [*found, _ONE]
        return separated(found, TIMES) if len(found) == 2 else None

    def of_name(self, name: str, shape: Sequence[object]) -> tuple[Node | None, tuple[Node, ...]]:
        """Return the shape of a name in letters, and the letters in it; None where an axis has none."""
        axes = self.axes.of(name)
        used = tuple(self.letters[a] for a in axes if a is not None and a in self.letters)
        return self.shape(axes, shape), used

    def of(self, form: Form) -> Node | None:
        """Return the shape of a form in letters; None where that of an axis is not known, and for more than two."""
        return self.shape(self.axes.of_form(form), form.shape)

    def legend(self, used: Sequence[Node]) -> Node | None:
        """Return ``n = 4, h = 3`` for the letters that stand for numbers; None where there are none."""
        known = {letter: self.axes.sizes[axis] for axis, letter in self.letters.items()}
        found = [
            row(letter, EQUALS, Symbol(str(known[letter]), str(known[letter])))
            for letter in known
            if letter in used and isinstance(known[letter], int)
        ]
        return separated(found, row(COMMA, SPACE)) if found else None


_ONE = Symbol("1", "1")


def size_letters(network: NamedNetwork, names: Names, rows: bool, time: TimeSteps) -> SizeLetters:
    """Return the letters of the sizes of a network: its own symbols, else n, d, h and c where they are free."""
    axes = Axes(network)
    members = axes.members()
    trained = {n for n, v in network.variables.items() if v.role == "parameter"} | set(network.parameters)
    encoded = {e.name for e in network.equations if isinstance(e.form, OneHot)}
    given = (set(network.variables) - trained - time.initial) | encoded
    near = {n.name for n in names_in(network.equation(network.loss).form)}
    read = {n.name for e in network.equations if e.name != network.loss for n in names_in(e.form)}
    targets = {name for name in near & given - read if network.shape_of(name)}
    near = targets or near
    sequences = _sequences(network)
    kinds: dict[tuple[str, ...], list[Axis]] = {_TIMES: [], _SAMPLES: [], _FEATURES: [], _OUTPUTS: [], _HIDDEN: []}
    letters: dict[Axis, Node] = {}
    samples: set[Axis] = set()
    for axis, places in members.items():
        owners = {name for name, _ in places}
        computed = owners - set(network.variables)
        alone = len(owners) == len(places) and not axes.is_contracted(axis)
        if owners & given and computed and alone and not owners & trained:
            samples.add(axis)
        size = axes.sizes[axis]
        if not isinstance(size, int):
            letters[axis] = size_symbol(size)
        elif min(len(network.shape_of(name)) for name in owners) > 2:
            continue  # no formula of matrices speaks of it
        elif time.steps and owners <= sequences and all(position == 0 for _, position in places):
            kinds[_TIMES].append(axis)
        elif not owners & trained:
            kinds[_SAMPLES].append(axis)
        elif owners & (given - targets) and (not computed or owners & near):
            kinds[_FEATURES].append(axis)
        else:
            kinds[_OUTPUTS if owners & near else _HIDDEN].append(axis)
    taken = {*names.taken, *(to_latex(letter) for letter in letters.values())}
    for candidates, found in kinds.items():
        _give(found, candidates, taken, letters)
    return SizeLetters(axes, {axis: letters[axis] for axis in members if axis in letters}, frozenset(samples), rows)


def _sequences(network: NamedNetwork) -> frozenset[str]:
    """Return the variables of which single parts along their first axis are read, and nothing else."""
    forms = [e.form for e in network.equations]
    parts = [n for f in forms for n in walk(f) if isinstance(n, Get) and isinstance(n.index[0], int)]
    taken = Counter(n.args[0].name for n in parts if isinstance(n.args[0], Name))
    read = Counter(a.name for f in forms for n in walk(f) for a in n.args if isinstance(a, Name))
    return frozenset(name for name in network.variables if read[name] == taken[name] > 0)


def _give(axes: Sequence[Axis], candidates: Sequence[str], taken: set[str], letters: dict[Axis, Node]) -> None:
    """Give one axis a letter, several of them one letter with numbers."""
    free = [c for c in candidates if not any(t == c or t.startswith((f"{c}_", f"{c}^")) for t in taken)]
    base = (free or [f"{candidates[0]}'"])[0]
    symbol = Symbol(base, base.replace("'", "′"))
    if axes:
        taken.add(base)
    for number, axis in enumerate(axes, start=1):
        digits = str(number)
        letters[axis] = symbol if len(axes) == 1 else Script(symbol, Symbol(digits, digits))
