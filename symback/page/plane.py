"""A plane with axes: curves, points and shaded cells over two quantities, as marks of a picture that any format draws."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from symback.core.display import Node
from symback.page.picture import Box, Circle, Edge, Label, Mark, Picture
from symback.page.pieces import decimal_piece

_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 14.0, 12.0, 44.0
_TICKS = 5
"""About so many numbers stand along an axis."""
_WIDE_SPAN = 100.0
"""Positive values that span more than this factor are drawn on a logarithmic scale."""


@dataclass
class Plane:
    """A frame of ``width`` by ``height`` points over ranges of x and y; marks are added in the units of the axes.

    >>> plane = Plane((0, 10), (0.0, 1.0), "updates", "L")
    >>> plane.curve([(0, 1.0), (10, 0.25)], "curve")
    >>> plane.picture("A falling line.").width
    372.0
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_title: Node | str
    y_title: Node | str
    width: float = 300.0
    height: float = 190.0
    logarithmic: bool = False
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.x_range = _widened(self.x_range)
        self.y_range = _widened(self.y_range)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the plane lies in the picture."""
        across = (x - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        low, high, value = (math.log10(v) if self.logarithmic else v for v in (*self.y_range, y))
        up = (value - low) / (high - low)
        return round(_LEFT + across * self.width, 2), round(_TOP + (1 - up) * self.height, 2)

    def curve(self, points: Iterable[tuple[float, float]], kind: str, arrow: bool = False) -> None:
        """Add a line through points; those outside the frame end it."""
        run: list[tuple[float, float]] = []
        for x, y in [*points, (math.nan, math.nan)]:
            inside = self.x_range[0] <= x <= self.x_range[1] and self.y_range[0] <= y <= self.y_range[1]
            if inside:
                run.append(self.at(x, y))
                continue
            if len(run) > 1:
                self.marks.append(Edge(tuple(run), arrow, kind))
            run = []

    def dot(self, x: float, y: float, kind: str, radius: float = 3.0) -> None:
        """Add a point, where it lies inside the frame."""
        if self.x_range[0] <= x <= self.x_range[1] and self.y_range[0] <= y <= self.y_range[1]:
            self.marks.append(Circle(*self.at(x, y), radius, kind))

    def cells(self, shades: np.ndarray, kinds: Sequence[Sequence[str]] | None = None) -> None:
        """Add a grid of cells over the whole plane, the first row at the bottom: how strongly each is filled, and its kind."""
        rows, columns = shades.shape
        wide, high = self.width / columns, self.height / rows
        for i in range(rows):
            for j in range(columns):
                x, y = _LEFT + (j + 0.5) * wide, _TOP + self.height - (i + 0.5) * high
                kind = "level" if kinds is None else kinds[i][j]
                self.marks.append(Box(round(x, 2), round(y, 2), wide, high, kind, round(float(shades[i, j]), 3)))

    def centers(self, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of the middles of the cells of a grid."""
        (left, right), (bottom, top) = self.x_range, self.y_range
        x = left + (np.arange(columns) + 0.5) * (right - left) / columns
        return x, bottom + (np.arange(rows) + 0.5) * (top - bottom) / rows

    def picture(self, description: str) -> Picture:
        """Return the picture with its axes, their numbers and titles."""
        right, bottom = _LEFT + self.width, _TOP + self.height
        frame = ((_LEFT, _TOP), (right, _TOP), (right, bottom), (_LEFT, bottom), (_LEFT, _TOP))
        found: list[Mark] = [*self.marks, Edge(frame, kind="axis")]
        for value in _ticks(self.x_range):
            x, _ = self.at(value, self.y_range[0])
            found += [Edge(((x, bottom), (x, bottom + 4.0)), kind="axis"), _number(x, bottom + 12.0, value, "middle")]
        for value in _decades(self.y_range) if self.logarithmic else _ticks(self.y_range):
            _, y = self.at(self.x_range[0], value)
            found += [Edge(((_LEFT - 4.0, y), (_LEFT, y)), kind="axis"), _number(_LEFT - 7.0, y, value, "end")]
        found.append(Label(_LEFT + self.width / 2, bottom + 30.0, self.x_title, size=10.0, kind="caption"))
        found.append(Label(_LEFT - 50.0, _TOP + 6.0, self.y_title, "start", 10.0, kind="caption"))
        return Picture(right + _RIGHT, bottom + _BOTTOM, tuple(found), description)


def spans_decades(values: Sequence[float]) -> bool:
    """Return whether positive values are better seen on a logarithmic scale."""
    return bool(values) and min(values) > 0 and max(values) / min(values) > _WIDE_SPAN


def around(values: Iterable[float], margin: float = 0.08) -> tuple[float, float]:
    """Return a range around values, with some room at both ends."""
    given = [float(v) for v in values]
    low, high = min(given), max(given)
    room = margin * (high - low) or 0.5 * abs(high) or 1.0
    return low - room, high + room


def _widened(bounds: tuple[float, float]) -> tuple[float, float]:
    low, high = map(float, bounds)
    return (low, high) if high > low else (low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0))


def _ticks(bounds: tuple[float, float]) -> list[float]:
    """Return round numbers inside a range, at distances of 1, 2 or 5 times a power of ten."""
    low, high = bounds
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _decades(bounds: tuple[float, float]) -> list[float]:
    low, high = (math.log10(v) for v in bounds)
    found = list(range(math.ceil(low), math.floor(high) + 1))
    return [10.0**k for k in found[:: -(-len(found) // _TICKS)]]


def _number(x: float, y: float, value: float, anchor: str) -> Label:
    return Label(x, y, decimal_piece(float(f"{value:.4g}") + 0.0).whole(), anchor, 8.5, kind="caption")
