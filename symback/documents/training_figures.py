"""Pictures of training: the loss, predictions before and after, the decision boundary, and the loss over two weights.

They are drawn where the code that was read trains, by making its updates; nothing is drawn that was not computed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from symback.core.display import Node, to_text
from symback.core.errors import SymbackError
from symback.core.forms import names_in
from symback.derivation.record import Record
from symback.documents.document import Figure
from symback.engine import interpreter
from symback.networks.network import fit_shape
from symback.page import symbols_view
from symback.page.diagram import entry_symbol
from symback.page.pieces import decimal_piece
from symback.page.plane import Plane, around, spans_decades
from symback.page.records import sentence
from symback.page.sheet import Sheet
from symback.page.substitution import rounded
from symback.run.check import work_of
from symback.run.numeric import check_values, lambdify
from symback.run.training import History, default_optimizer, train

_UPDATES, _WORK = 2_000, 40_000_000
"""Most updates that are made for pictures, and most products of numbers in them."""
_POINTS = 200
"""Most points of a curve of losses."""
_SAMPLES = 60
"""Most predictions that stand beside each other."""
_CELLS = 28
"""Rows and columns of a map of a plane."""
_DARKEST = 0.75


def training_figures(record: Record, page: Sheet, values: Mapping[str, Any] | None) -> list[Figure]:
    """Return what training looks like; nothing where the code does not train, or its updates lead nowhere."""
    try:
        found = _Training(record, page, values)
    except SymbackError:
        return []
    return found.figures() if found.worth_drawing else []


def _text(value: float) -> str:
    """Return a number in a sentence, with four significant digits."""
    return to_text(decimal_piece(rounded(float(value), 4)).whole())


class _Training:
    def __init__(self, record: Record, page: Sheet, values: Mapping[str, Any] | None) -> None:
        self.record, self.page, self.words = record, page, page.words
        self.network = record.network
        self.start = check_values(record, values)
        wanted = self.network.steps or 0
        self.history: History | None = None
        trained = [n for n in record.wrt if n in self.network.variables]
        kept = sum(np.size(self.start[n]) for n in trained)  # every update keeps its own
        most = min(_UPDATES, max(1, _WORK // (3 * max(work_of(record, values), 10 * kept, 100))))
        if wanted > 1 and trained:
            chosen = default_optimizer(record)
            self.history = train(record, self.start, chosen, min(wanted, most), watch=trained)

    @property
    def worth_drawing(self) -> bool:
        history = self.history
        return (
            history is not None
            and history.steps > 1
            and not history.stopped
            and all(map(math.isfinite, history.losses))
        )

    def figures(self) -> list[Figure]:
        assert self.history is not None
        self.end = {**self.start, **self.history.parameters}
        if self.history.losses[-1] > self.history.losses[0]:
            return [self._losses()]  # updates that are too long: the curve says it
        drawn = (self._losses(), self._predictions(), self._boundary(), self._surface())
        return [figure for figure in drawn if figure is not None]

    def _figure(self, key: str, plane: Plane, said: str, /, **parts: str | Node) -> Figure:
        assert self.history is not None
        caption = sentence(self.words[key], count=str(self.history.steps), **parts)
        return Figure(plane.picture(said), caption, said)

    # --- the loss ---

    def _losses(self) -> Figure:
        assert self.history is not None
        losses = self.history.losses
        kept = _spread(len(losses))
        shown = [losses[k] for k in kept]
        logarithmic = spans_decades(shown)
        y_range = (
            (min(shown) * 0.8, max(shown) * 1.25)
            if logarithmic
            else around([0.0, *shown] if min(shown) >= 0 else shown, 0.04)
        )
        symbol = self.page.base.name(self.network.loss)
        plane = Plane((0, len(losses) - 1), y_range, self.words["updates axis"], symbol, logarithmic=logarithmic)
        plane.curve(zip(map(float, kept), shown, strict=True), "curve")
        first, last = map(_text, (losses[0], losses[-1]))
        said = self.words["losses said"].format(first=first, last=last, count=self.history.steps)
        return self._figure("losses caption", plane, said, loss=symbol, first=first, last=last)

    # --- predictions ---

    @cached_property
    def _compared(self) -> tuple[str, str] | None:
        """Return the prediction and the target that it is compared with: arrays of one shape that the loss reads."""
        targets = [n for n in self.network.variables if symbols_view.meaning(self.page, n) == "target"]
        for equation in reversed(self.network.equations):
            read = [n.name for n in names_in(equation.form)]
            for target in (t for t in targets if t in read):
                for name in read:
                    alike = np.shape(self.start[target]) == tuple(np.shape(self._forward(self.start, name)))
                    if name != target and name not in self.network.variables and alike:
                        return name, target
        return None

    def _forward(self, values: Mapping[str, Any], name: str) -> Any:
        """Return the value that a name has for values of the variables."""
        sizes: dict[str, int] = {}
        for label, variable in self.network.variables.items():
            fit_shape(label, np.asarray(values[label]), variable.shape, sizes)
        by_size = {s: sizes[str(s)] for e in self.network.equations for s in e.shape if str(s) in sizes}
        known: dict[str, Any] = dict(values)
        for equation in self.network.equations:
            if name in known:
                break
            with np.errstate(all="ignore"):
                known[equation.name] = interpreter.evaluate(equation.form, known, by_size)
        return known[name]

    def _predictions(self) -> Figure | None:
        found = self._compared
        if found is None:
            return None
        name, target = found
        before, after, wanted = (
            np.ravel(v) for v in (self._forward(self.start, name), self._forward(self.end, name), self.start[target])
        )
        if not 1 < wanted.size <= _SAMPLES or not all(np.isfinite(v).all() for v in (before, after, wanted)):
            return None
        inputs = self._line_of_inputs(wanted.size)
        x = np.arange(1.0, wanted.size + 1) if inputs is None else inputs[1]
        title = self.words["entries axis"] if inputs is None else self.page.base.name(inputs[0])
        plane = Plane(around(x), around([*before, *after, *wanted]), title, self.page.base.name(target))
        order = np.argsort(x, kind="stable")
        if inputs is not None:
            plane.curve(zip(x[order], before[order], strict=True), "before")
            plane.curve(zip(x[order], after[order], strict=True), "curve")
        for k in range(wanted.size):
            plane.dot(x[k], wanted[k], "wanted", 4.5)
            plane.dot(x[k], before[k], "before", 2.5)
            plane.dot(x[k], after[k], "after", 2.5)
        far = [_text(np.abs(v - wanted).mean()) for v in (before, after)]
        said = self.words["predictions said"].format(before=far[0], after=far[1])
        parts = {"name": self.page.base.name(name), "target": self.page.base.name(target)}
        return self._figure("predictions caption", plane, said, **parts)

    def _line_of_inputs(self, count: int) -> tuple[str, np.ndarray] | None:
        """Return the data where they are one number for each prediction."""
        data = [n for n in self.network.variables if symbols_view.meaning(self.page, n) == "data"]
        lines = [n for n in data if np.size(self.start[n]) == count]
        return (lines[0], np.ravel(self.start[lines[0]])) if len(data) == len(lines) == 1 else None

    # --- the decision boundary ---

    def _boundary(self) -> Figure | None:
        """Return the plane of data with two features, colored by the class that is predicted after training."""
        found = self._compared
        data = [n for n in self.network.variables if symbols_view.meaning(self.page, n) == "data"]
        if found is None or len(data) != 1 or np.ndim(self.start[data[0]]) != 2:
            return None
        name, target = found
        wanted, points = np.asarray(self.start[target]), np.asarray(self.start[data[0]])
        by_columns = points.shape[0] == 2 and points.shape[1] != 2
        rows = points.T if by_columns else points
        classes = self._classes(wanted, len(rows), by_columns)
        if rows.shape[1] != 2 or classes is None or len(rows) > 4 * _SAMPLES:
            return None
        plane = Plane(
            around(rows[:, 0], 0.25),
            around(rows[:, 1], 0.25),
            *self._features(data[0], by_columns),
            width=230.0,
            height=230.0,
        )
        x, y = plane.centers(_CELLS, _CELLS)
        grid = np.stack([g.ravel() for g in np.meshgrid(x, y)], axis=1)
        made = self._over(grid, data[0], name, by_columns)
        if made is None or not np.isfinite(made).all():
            return None
        picked = self._classes(made, len(grid), by_columns, certain=False)
        assert picked is not None
        shades, kinds = _colored(made, picked, len(grid), by_columns)
        plane.cells(shades.reshape(_CELLS, _CELLS), np.array(kinds).reshape(_CELLS, _CELLS).tolist())
        for point, number in zip(rows, classes, strict=True):
            plane.dot(point[0], point[1], "first class" if number == 0 else "second class", 3.6)
        own = self._classes(np.asarray(self._forward(self.end, name)), len(rows), by_columns, certain=False)
        right = int(np.sum(own == classes))
        said = self.words["boundary said"].format(right=right, all=len(rows))
        return self._figure(
            "boundary caption", plane, said, name=self.page.base.name(name), right=str(right), all=str(len(rows))
        )

    def _features(self, data: str, by_columns: bool) -> tuple[Node, Node]:
        """Return the two features of sample i."""
        shape = np.shape(self.start[data])
        places = [(k, 0) if by_columns else (0, k) for k in (0, 1)]
        one, other = (entry_symbol(self.page, data, at, shape, rows={int(by_columns): "i"}) for at in places)
        return one, other

    @staticmethod
    def _classes(array: np.ndarray, count: int, by_columns: bool, certain: bool = True) -> np.ndarray | None:
        """Return the class of each sample: one of two by a number, or the largest of two; None for other targets."""
        lines = array.reshape(count, -1) if not by_columns else array.reshape(-1, count).T
        if lines.shape[1] == 1:
            if certain and not set(np.unique(lines)) <= {0.0, 1.0}:
                return None
            return np.asarray(lines[:, 0] > 0.5, dtype=int)
        if lines.shape[1] != 2 or (certain and not set(np.unique(lines)) <= {0.0, 1.0}):
            return None
        return np.asarray(lines.argmax(axis=1))

    def _over(self, grid: np.ndarray, data: str, name: str, by_columns: bool) -> np.ndarray | None:
        """Return predictions over a grid, in batches of the size of the data; None where samples change each other."""
        points = np.asarray(self.end[data], dtype=float)
        size = points.shape[1 if by_columns else 0]
        found = []
        for first in range(0, len(grid), size):
            part = np.resize(grid[first : first + size], (size, 2))
            made = np.asarray(self._forward({**self.end, data: part.T if by_columns else part}, name))
            found.append(made.reshape(-1, size).T if by_columns else made.reshape(size, -1))
        whole = np.concatenate(found)[: len(grid)]
        turned = np.resize(np.roll(grid, 7, axis=0)[:size], (size, 2))
        turned[0] = grid[0]
        again = np.asarray(self._forward({**self.end, data: turned.T if by_columns else turned}, name))
        again = again.reshape(-1, size).T if by_columns else again.reshape(size, -1)
        if not np.allclose(again[0], whole[0], rtol=1e-9, atol=1e-12):
            return None
        return whole.T if by_columns else whole

    # --- the loss over two weights ---

    def _surface(self) -> Figure | None:
        """Return the loss over the two weights that moved most, with the way that the updates took."""
        assert self.history is not None
        watched = self.history.watched
        moved: list[tuple[float, str, tuple[int, ...]]] = []
        for label, path in watched.items():
            distance = np.abs(np.asarray(path[-1], dtype=float) - np.asarray(path[0], dtype=float))
            farthest = np.argsort(-distance, axis=None, kind="stable")[:2]
            moved += [(float(distance.flat[k]), label, _place(k, distance.shape)) for k in farthest]
        if len(moved) < 2:
            return None
        chosen = [(label, at) for _, label, at in sorted(moved, key=lambda m: -m[0])[:2]]
        ways = [np.array([float(np.asarray(v)[at]) for v in watched[label]]) for label, at in chosen]
        titles = [self._entry(label, at) for label, at in chosen]
        plane = Plane(around(ways[0], 0.35), around(ways[1], 0.35), titles[0], titles[1], 230.0, 230.0)
        x, y = plane.centers(_CELLS, _CELLS)
        loss = self._loss_over(chosen, x, y)
        if loss is None:
            return None
        low, high = float(np.nanmin(loss)), float(np.nanpercentile(loss, 95))
        scaled = np.clip((loss - low) / (high - low or 1.0), 0.0, 1.0)
        plane.cells(_DARKEST * np.sqrt(np.nan_to_num(scaled, nan=1.0)))
        plane.curve([(ways[0][k], ways[1][k]) for k in _spread(len(ways[0]))], "path")
        plane.dot(ways[0][0], ways[1][0], "before", 3.5)
        plane.dot(ways[0][-1], ways[1][-1], "last", 3.5)
        said = self.words["surface said"].format(
            **{f"{n}{k}": _text(w[p]) for n, p in (("from", 0), ("to", -1)) for k, w in enumerate(ways)}
        )
        only = sum(np.size(path[0]) for path in watched.values()) == 2
        key = "surface caption" if only else "surface section"
        return self._figure(key, plane, said, one=titles[0], other=titles[1])

    def _entry(self, label: str, at: Sequence[int]) -> Node:
        return entry_symbol(self.page, label, tuple(at), np.shape(self.start[label]))

    def _loss_over(self, weights: Sequence[Any], x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
        names = list(self.network.variables)
        run = lambdify(self.record, names)
        found = np.empty((len(y), len(x)))
        values = {n: np.array(v, copy=True) if np.ndim(v) else v for n, v in self.end.items()}
        with np.errstate(all="ignore"):
            for i, second in enumerate(y):
                for j, first in enumerate(x):
                    for (label, at), number in zip(weights, (first, second), strict=True):
                        if at:
                            values[label][at] = number
                        else:
                            values[label] = float(number)
                    found[i, j] = run(*(values[n] for n in names))[0]
        return found if np.isfinite(found).mean() > 0.5 else None


def _spread(count: int) -> list[int]:
    """Return at most ``_POINTS`` of so many places, the first and the last among them."""
    return sorted({*np.linspace(0, count - 1, min(_POINTS, count)).astype(int).tolist()})


def _place(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(k) for k in np.unravel_index(number, shape)) if shape else ()


def _colored(made: np.ndarray, picked: np.ndarray, count: int, by_columns: bool) -> tuple[np.ndarray, list[str]]:
    """Return how strongly cells are filled, by how sure the prediction is, and with the color of which class."""
    lines = made.reshape(count, -1) if not by_columns else made.reshape(-1, count).T
    sure = np.abs(lines[:, 0] - 0.5) * 2 if lines.shape[1] == 1 else np.abs(lines[:, 1] - lines[:, 0])
    shades = 0.1 + 0.5 * np.clip(sure, 0.0, 1.0)
    return shades, ["first side" if number == 0 else "second side" for number in picked]
