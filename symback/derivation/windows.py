"""A derivation without the helper arrays that hold the entries in each place of a sliding window.

Nothing is computed in them. What reads them reads the array under the windows at moved places; its gradient comes back from
there at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from symback.core.forms import Adjoint, Form, Name, Windows, relabel, substitute
from symback.derivation.record import Contribution, Record, Step


def without_windows(record: Record) -> Record:
    """Return a derivation in which windows that got a name for the derivation alone stand where they are read."""
    steps = record.by_name()
    windows: dict[str, Form] = {}
    for equation in record.network.equations:
        step = steps.get(equation.name)
        plain = step is None or len(step.contributions) == len(step.literal) == 1
        if plain and equation.invented and isinstance(equation.form, Windows) and equation.name not in record.wrt:
            windows[equation.name] = equation.form
    if not windows:
        return record
    left = [e.name for e in record.network.equations if e.invented and e.name not in {*windows, *record.wrt}]
    opened = _Opened(windows, steps, _numbered_anew(left, windows))
    equations = tuple(
        replace(e, name=opened.name(e.name), form=opened(e.form), written=opened(e.written))
        for e in record.network.equations
        if e.name not in windows
    )
    return replace(
        record,
        network=replace(record.network, equations=equations),
        steps=tuple(opened.step(s) for s in record.steps if s.of not in windows),
    )


def _numbered_anew(invented: list[str], gone: Collection[str]) -> dict[str, str]:
    """Return new names for invented ones, where those before them in the same numbering are gone: u for u4."""
    free = list(gone)
    found: dict[str, str] = {}
    for label in invented:
        stem = label.rstrip("0123456789")
        lower = [g for g in free if g.rstrip("0123456789") == stem and _number(g) < _number(label)]
        if lower:
            found[label] = min(lower, key=_number)
            free.remove(found[label])
    return found


def _number(label: str) -> int:
    digits = label[len(label.rstrip("0123456789")) :]
    return int(digits) if digits else 0


class _Opened:
    """Puts windows, and what comes back to them, in the place of their names, and gives what is left its ``names``."""

    def __init__(self, windows: Mapping[str, Form], steps: Mapping[str, Step], names: Mapping[str, str]) -> None:
        self.windows, self.steps, self.names = windows, steps, names

    def __call__(self, form: Form) -> Form:
        return relabel(self._opened(form), self.names, {})

    def _opened(self, form: Form) -> Form:
        return substitute(form, self._put_back)

    def name(self, label: str) -> str:
        """Return the name of an array that is not gone."""
        return self.names.get(label, label)

    def _put_back(self, node: Form) -> Form | None:
        if isinstance(node, Name) and node.name in self.windows:
            return self._opened(self.windows[node.name])
        if isinstance(node, Adjoint) and node.of in self.windows:
            return self._opened(self.steps[node.of].form)
        return None

    def step(self, step: Step) -> Step:
        """Return a step whose contributions come through what reads the windows."""
        return replace(
            step,
            of=self.name(step.of),
            form=self(step.form),
            contributions=tuple(map(self._contribution, step.contributions)),
            literal=tuple(map(self._contribution, step.literal)),
        )

    def _contribution(self, contribution: Contribution) -> Contribution:
        through = contribution.through
        while through in self.windows:
            through = self.steps[through].contributions[0].through
        moved = through != contribution.through
        return replace(
            contribution,
            through=self.name(through),
            of=self.name(contribution.of),
            upstream=self(contribution.upstream),
            local=None if moved or contribution.local is None else self(contribution.local),
            form=self(contribution.form),
        )
