"""Marks of pictures, drawn by any format, and what room they take.

A ``Picture`` is a list of marks in a plane, x to the right and y downwards, in points. Its writers are
``symback.documents.formats.svg`` and ``symback.documents.formats.tikz``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from symback.core.display import Node, Word, width

MARGIN = 12.0
"""Free space around what is drawn, in points."""


@dataclass(frozen=True)
class Circle:
    """A circle around a neuron or a node of a graph; ``kind`` names its style: "input", "hidden", "output", "loss"."""

    x: float
    y: float
    radius: float
    kind: str = "hidden"


@dataclass(frozen=True)
class Box:
    """A rectangle with rounded corners, given by its center; with a ``shade`` from 0 to 1, a cell of a map."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "hidden"
    shade: float | None = None
    """How strongly the color of its kind in ``SHADES`` fills a cell, which has square corners."""


SHADES = {"cell": "#3566a8", "level": "#3566a8", "first side": "#3566a8", "second side": "#c2671a"}
"""The colors of shaded boxes; a "cell" has a border, the others join without one."""

CURVES = {"curve": "#3566a8", "path": "#b3261e", "before": "#9a9a9a", "axis": "#777777"}
"""The colors of curves in a plane."""

POINTS = {
    "before": "#c4c4c4",
    "after": "#3566a8",
    "wanted": "#ffffff",
    "first class": "#3566a8",
    "second class": "#c2671a",
    "last": "#b3261e",
}
"""The colors of points in a plane."""


def color_parts(color: str) -> tuple[int, int, int]:
    """Return red, green and blue of a color, from 0 to 255.

    >>> color_parts("#3566a8")
    (53, 102, 168)
    """
    red, green, blue = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return red, green, blue


@dataclass(frozen=True)
class Edge:
    """A straight line through ``points``, with an arrow head at its end where ``arrow``."""

    points: tuple[tuple[float, float], ...]
    arrow: bool = False
    kind: str = "edge"


@dataclass(frozen=True)
class Label:
    """A formula or words at a point; ``halo`` keeps lines behind it off the letters."""

    x: float
    y: float
    body: Node | str
    anchor: str = "middle"
    """"start", "middle" or "end": which part of the label stands at x."""
    size: float = 10.0
    halo: bool = False
    kind: str = "label"


Mark: TypeAlias = "Circle | Box | Edge | Label"


@dataclass(frozen=True)
class Picture:
    """Marks in drawing order inside a box of ``width`` by ``height`` points; ``description`` says what is seen."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    description: str = ""


def box_of(label: Mark) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of a label, rather too large."""
    assert isinstance(label, Label)
    body = Word(label.body) if isinstance(label.body, str) else label.body
    wide = width(body) * label.size * (0.85 if isinstance(label.body, str) else 0.8)
    left = label.x - {"start": 0.0, "middle": wide / 2, "end": wide}[label.anchor]
    return left, label.y - 0.62 * label.size, left + wide, label.y + 0.62 * label.size


def overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Return the area that two rectangles share."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def moved(mark: Mark, dx: float, dy: float) -> Mark:
    """Return a mark that stands elsewhere."""
    if isinstance(mark, Edge):
        return replace(mark, points=tuple((x + dx, y + dy) for x, y in mark.points))
    return replace(mark, x=mark.x + dx, y=mark.y + dy)
