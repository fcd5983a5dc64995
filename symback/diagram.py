"""Pictures: of a network and of its computational graph, laid out once, drawn by any format.

A ``Picture`` is a list of marks in a plane, x to the right and y downwards, in points. Its writers are
``symback.formats.svg`` and ``symback.formats.tikz``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from symback.display import Node


@dataclass(frozen=True)
class Circle:
    """A circle around a neuron or a node of a graph; ``kind`` names its style: "input", "hidden", "output", "loss"."""

    x: float
    y: float
    radius: float
    kind: str = "hidden"


@dataclass(frozen=True)
class Box:
    """A rectangle with rounded corners, given by its center."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "hidden"


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
