"""What the numbers of a lesson say: the steepest entry, units that pass nothing or little, and the effect of one update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symback.core.display import COMMA, EQUALS, SPACE, Node, row, separated
from symback.core.errors import SymbackError
from symback.core.forms import Apply, Function, Name, Prime
from symback.derivation.record import Record
from symback.engine.interpreter import evaluate as evaluate_form
from symback.engine.textbook import prime_form
from symback.networks.network import Equation
from symback.page.numerals import APPROXIMATELY
from symback.page.pieces import decimal_piece
from symback.page.records import Sentence, sentence
from symback.page.sheet import Sheet
from symback.page.substitution import rounded
from symback.page.updates_view import rate_symbol, trained
from symback.run.check import losses_at
from symback.run.numeric import Evaluation

_STEP = 0.01
"""By how much the steepest entry is raised."""
_FLAT = 0.05
"""A slope below this is that of a saturated unit."""
_NOISE = 1e-14
"""A value that differs from its printed digits by no more than this share of it differs by the rounding of sums alone."""
_ALIKE = 1e-9
"""Slopes that differ by no more than this share are of one size."""
_UNITS = 2
"""So many units are named that pass nothing."""


class Interpretations:
    """Sentences on the values of one run, each with numbers that the network gives again."""

    def __init__(self, record: Record, page: Sheet, run: Evaluation, digits: int) -> None:
        self.record = record
        self.page = page
        self.run = run
        self.digits = digits
        self.loss = page.base.name(page.network.loss)

    def all(self) -> list[Sentence]:
        """Return everything that can be said, the steepest entry first."""
        return [
            *self.steepest(),
            *self.silent(),
            *self.behind_silent(),
            *self.off(),
            *self.unmoved(),
            *self.saturated(),
            *self.update(),
        ]

    def number(self, value: float) -> Node:
        return decimal_piece(rounded(float(value), self.digits)).whole()

    def _sign(self, value: float) -> Node:
        """Return the sign between a name and its printed value."""
        shown = float(rounded(float(value), self.digits))
        return EQUALS if abs(shown - float(value)) <= _NOISE * abs(shown) else APPROXIMATELY

    def _said(self, key: str, **parts: str | Node) -> Sentence:
        return sentence(self.page.words[key], **parts)

    def steepest(self) -> list[Sentence]:
        """Say which entry of all parameters has the largest slope, and what raising it does to the loss."""
        gradients = {
            n: np.asarray(g, float) for n, g in self.run.gradients.items() if n in self.record.network.variables
        }
        name = max(gradients, key=lambda n: float(np.max(np.abs(gradients[n]), initial=0.0)), default=None)
        if name is None or not np.any(gradients[name]):
            return []
        gradient = gradients[name]
        entry = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.abs(gradient))), gradient.shape))
        slope = float(gradient[entry])
        found = {
            "derivative": row(self.page.entry_derivative(name, entry), self._sign(slope), self.number(slope)),
            "count": str(sum(g.size for g in gradients.values())),
            "entry": self.page.entry_symbol(name, entry),
            "step": decimal_piece(_STEP).whole(),
            "loss": self.loss,
            "change": self.number(abs(slope) * _STEP),
        }
        moved = np.array(self.run.values[name], float)
        moved[entry] += _STEP
        after = self._loss_with({name: moved})
        falls = slope < 0
        if after is None:
            return []
        found["again"] = self.number(self.run.loss - after if falls else after - self.run.loss)
        sizes = np.concatenate([np.abs(g).ravel() for g in gradients.values()])
        alone = np.sum(sizes >= abs(slope) * (1 - _ALIKE)) == 1
        kind = "slope" if found["count"] == "1" else "steepest" if alone else "steepest tied"
        return [self._said(f"{kind} falls" if falls else f"{kind} rises", **found)]

    def silent(self) -> list[Sentence]:
        """Name units that are off for all samples: nothing passes through them."""
        found: list[Sentence] = []
        for equation, slopes in self._slopes():
            across = self._across(equation, slopes.ndim)
            off = np.all(slopes == 0, axis=across) if slopes.size else np.zeros(())
            units = [int(unit) for unit in np.flatnonzero(off)]
            if len(units) > _UNITS:
                parts = {"off": str(len(units)), "units": str(off.size), "name": self.page.base.name(equation.name)}
                found.append(self._said("silent many", count=_count(slopes.shape, across), **parts))
                continue
            found += [self._silent_unit(equation, slopes.shape, across, unit) for unit in units]
        return found[:_UNITS]

    def off(self) -> list[Sentence]:
        """Name units that are off in one sample, of those that pass something in others."""
        found: list[Sentence] = []
        if self.page.entries is not None:
            return found  # each entry is a name of its own there
        for equation, slopes in self._slopes():
            axes = self.page.letters.axes.of(equation.name)
            samples = [axis in self.page.letters.samples for axis in axes]
            if slopes.ndim != 2 or sum(samples) != 1:
                continue
            along = samples.index(True)
            shut = (slopes == 0) & ~np.all(slopes == 0, axis=along, keepdims=True)
            places = [(int(i), int(j)) for i, j in np.argwhere(shut)]
            if not 1 <= len(places) <= _UNITS:
                continue
            argument = _argument(equation)
            for entry in places:
                value = float(np.asarray(self.run.values[argument])[entry])
                inside = row(self.page.entry_symbol(argument, entry), self._sign(value), self.number(value))
                parts = {"sample": str(entry[along] + 1), "unit": str(entry[1 - along] + 1)}
                found.append(self._said("off", name=self.page.base.name(equation.name), argument=inside, **parts))
        return found[:_UNITS]

    def behind_silent(self) -> list[Sentence]:
        """Name the columns of gradients that are 0 since the unit that they belong to is off for all samples."""
        found: list[Sentence] = []
        if self.page.entries is not None:
            return found  # each entry is a name of its own there
        steps = self.record.by_name()
        for equation, slopes in self._slopes():
            argument = _argument(equation)
            across = self._across(equation, slopes.ndim)
            if slopes.ndim != 2 or across != (0,) or argument not in self.run.adjoints:
                continue
            units = np.flatnonzero(np.all(slopes == 0, axis=across))
            readers = [n for n in self.record.wrt if steps[n].through == (argument,) and self._has_units(n, slopes)]
            if not 1 <= len(units) <= _UNITS or not readers or np.any(self.run.adjoints[argument][:, units]):
                continue
            names = separated([self.page.base.adjoint(n) for n in readers], row(COMMA, SPACE))
            key, part = ("silent columns", "unit") if len(units) == 1 else ("silent columns several", "units")
            found.append(self._said(key, names=names, **{part: ", ".join(str(u + 1) for u in units)}))
        return found[:_UNITS]

    def _has_units(self, name: str, slopes: np.ndarray) -> bool:
        """Say whether a parameter is a matrix with a column of its own for each unit, all of whose gradient is 0 where that is."""
        gradient = np.asarray(self.run.gradients[name], float)
        units = np.all(slopes == 0, axis=0)
        if name not in self.record.network.variables or gradient.ndim != 2 or gradient.shape[1] != slopes.shape[1]:
            return False
        return gradient.shape[0] > 1 and not np.any(gradient[:, units])

    def _silent_unit(self, equation: Equation, shape: tuple[int, ...], across: tuple[int, ...], unit: int) -> Sentence:
        argument = _argument(equation)
        entry = tuple(0 if k in across else unit for k in range(len(shape)))
        if all(shape[k] == 1 for k in across):
            value = np.asarray(self.run.values[argument], float)[entry]
            inside = row(self.page.entry_symbol(argument, entry), self._sign(value), self.number(value))
            return self._said("silent one", unit=self.page.entry_symbol(equation.name, entry), argument=inside)
        name = self.page.base.name(equation.name)
        return self._said("silent", unit=str(unit + 1), name=name, count=_count(shape, across))

    def unmoved(self) -> list[Sentence]:
        """Say which single parameters have gradient 0, and why: a unit behind them is off, or what they multiply is 0."""
        record = self.record
        if not np.any([np.any(g) for g in self.run.gradients.values()]):
            return []
        behind: dict[str, list[Node]] = {}
        beside: dict[str, list[Node]] = {}
        steps = record.by_name()
        for name in record.wrt:
            contributions = steps[name].contributions
            if (
                name not in record.network.variables
                or len(contributions) != 1
                or np.size(self.run.gradients[name]) != 1
            ):
                continue
            (only,) = contributions
            if np.any(self.run.gradients[name]):
                continue
            if not np.any(self.run.adjoints.get(only.through, 1)):
                unit = self._blocked(only.through)
                if unit is not None:
                    behind.setdefault(unit, []).append(self.page.base.name(name))
            elif isinstance(only.local, Name) and not np.any(self.run.values[only.local.name]):
                beside.setdefault(only.local.name, []).append(self.page.base.name(name))
        said = []
        for key, found in (("unmoved behind", behind), ("unmoved beside", beside)):
            for cause, names in found.items():
                listed = separated(names, row(COMMA, SPACE))
                said.append(self._said(key, names=listed, cause=self.page.base.name(cause)))
        return said

    def _blocked(self, name: str) -> str | None:
        """Return the unit nearest the loss that stops what comes back to a name."""
        steps = self.record.by_name()
        for _ in range(len(steps)):
            through = steps[name].through if name in steps else ()
            if len(through) != 1:
                return None
            if np.any(self.run.adjoints.get(through[0], 1)):
                return through[0] if through[0] != self.page.network.loss else None
            name = through[0]
        return None

    def saturated(self) -> list[Sentence]:
        """Name the entry whose activation function is flattest, where its slope is small but not 0."""
        best: tuple[float, Equation, tuple[int, ...]] | None = None
        for equation, slopes in self._slopes():
            small = np.where((slopes != 0) & (np.abs(slopes) < _FLAT), np.abs(slopes), np.inf)
            if small.size and np.isfinite(small).any():
                entry = tuple(int(k) for k in np.unravel_index(int(np.argmin(small)), small.shape))
                if best is None or small[entry] < best[0]:
                    best = (float(small[entry]), equation, entry)
        if best is None:
            return []
        slope, equation, entry = best
        argument = _argument(equation)
        value = np.asarray(self.run.values[argument], float)[entry]
        return [
            self._said(
                "saturated",
                unit=self.page.entry_symbol(equation.name, entry),
                argument=row(self.page.entry_symbol(argument, entry), APPROXIMATELY, self.number(value)),
                slope=self.number(slope),
            )
        ]

    def update(self) -> list[Sentence]:
        """Say what one step of gradient descent does to the loss, and what its slope foretold."""
        rate = self.page.network.learning_rate
        names = [
            n for n in self.record.wrt if n in self.record.network.variables and n not in self.record.network.untrained
        ]
        plain = self.page.optimizer is None or self.page.optimizer.plain
        if rate is None or not plain or not trained(self.page) or not names:
            return []
        gradients = {name: np.asarray(self.run.gradients[name], float) for name in names}
        after = self._loss_with({n: np.asarray(self.run.values[n], float) - rate * g for n, g in gradients.items()})
        if after is None:
            return []
        forecast = rate * sum(float(np.sum(g**2)) for g in gradients.values())
        before, now = self._apart(self.run.loss, after)
        parts = {
            "rate": row(rate_symbol(self.page), EQUALS, decimal_piece(rate).whole()),
            "loss": self.loss,
            "before": before,
            "after": now,
            "forecast": self.number(forecast),
        }
        if after > self.run.loss:
            return [self._said("update rises", **parts)]
        return [self._said("update falls", fall=self.number(self.run.loss - after), **parts)]

    def _apart(self, first: float, second: float) -> tuple[Node, Node]:
        """Return two numbers with so many digits that their difference is the one that is printed."""
        wanted = rounded(first - second, self.digits)
        for digits in range(self.digits, 16):
            shown = rounded(first, digits), rounded(second, digits)
            if rounded(shown[0] - shown[1], self.digits) == wanted:
                break
        return decimal_piece(shown[0]).whole(), decimal_piece(shown[1]).whole()

    # --- what is computed ---

    def _loss_with(self, change: Mapping[str, Any]) -> float | None:
        given = {n: v for n, v in self.run.values.items() if n in self.record.network.variables}
        try:
            (after,) = losses_at(self.record, [change], given)
        except SymbackError:  # a fact of the network does not hold there
            return None
        return after if np.isfinite(after) else None

    def _slopes(self) -> list[tuple[Equation, np.ndarray]]:
        """Return the derivative of every entrywise activation at its argument."""
        found = []
        for equation in self.record.network.equations:
            form = equation.form
            if equation.name == self.record.network.loss or len(form.args) != 1 or not isinstance(form.args[0], Name):
                continue
            if not isinstance(form, Apply) or not isinstance(form.op, Function) or not form.op.entrywise:
                continue
            if form.op.elementary or form.op.definition is None:
                continue
            slope = prime_form(Prime(form.op, form.op.variable), form.args, form)
            with np.errstate(all="ignore"):
                values = np.asarray(evaluate_form(slope, self.run.values), float)
            found.append((equation, np.broadcast_to(values, np.shape(self.run.values[equation.name]))))
        return found

    def _across(self, equation: Equation, rank: int) -> tuple[int, ...]:
        """Return the axes of the samples: all but that of the units."""
        if rank < 2:
            return ()
        if self.page.entries is None and rank == 2:
            axes = self.page.letters.axes.of(equation.name)
            if axes[1] in self.page.letters.samples:
                return (1,)
        return tuple(range(rank - 1))


def _count(shape: tuple[int, ...], across: tuple[int, ...]) -> str:
    return str(int(np.prod([shape[k] for k in across])))


def _argument(equation: Equation) -> str:
    (inner,) = equation.form.args
    assert isinstance(inner, Name)
    return inner.name
