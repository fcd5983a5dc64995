"""Graphs of functions and their derivatives, drawn by matplotlib (extra ``plot``); the same numbers give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from symback.documents.formats.curves import SILENT


@dataclass(frozen=True)
class Branch:
    """A stretch without a kink: abscissas, values and slopes."""

    x: tuple[float, ...]
    values: tuple[float, ...]
    slopes: tuple[float, ...]


@dataclass(frozen=True)
class Kink:
    """A place where slope or value jumps: what is chosen there, and the limits from the left and from the right."""

    x: float
    value: float
    slope: float
    values: tuple[float, float]
    slopes: tuple[float, float]


@dataclass(frozen=True)
class Graph:
    """A function of one number and its derivative, in branches between its kinks."""

    title: str
    variable: str
    branches: tuple[Branch, ...]
    kinks: tuple[Kink, ...] = ()


def graphs(found: Sequence[Graph], kind: str = "svg") -> bytes:
    """Return a picture of graphs side by side: the function drawn through, its derivative dashed.

    At a kink a full dot is the value chosen, an empty one a limit that is not attained; no line joins the branches.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(4, len(found))
    rows = -(-len(found) // columns)
    with matplotlib.rc_context(
        {**matplotlib.rcParamsDefault, "svg.hashsalt": "symback", "backend": "agg", "font.size": 9}
    ):
        figure = Figure(figsize=(max(3.0 * columns, 4.2), max(2.4 * rows, 3.0)), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(rows, columns, squeeze=False)
        for k, axes in enumerate(panels.flat):
            if k >= len(found):
                axes.set_visible(False)
                continue
            _draw(axes, found[k], k == 0)
        stream = io.BytesIO()
        figure.savefig(stream, format=kind, dpi=150, metadata=SILENT[kind])
    return stream.getvalue()


def _draw(axes: object, graph: Graph, legend: bool) -> None:
    draw = axes.plot  # type: ignore[attr-defined]
    for k, branch in enumerate(graph.branches):
        first = legend and k == 0
        draw(branch.x, branch.values, color="C0", linewidth=1.6, label="f" if first else None)
        draw(branch.x, branch.slopes, color="C3", linewidth=1.4, linestyle=(0, (4, 2)), label="f ′" if first else None)
    for kink in graph.kinks:
        for chosen, limits, color in ((kink.value, kink.values, "C0"), (kink.slope, kink.slopes, "C3")):
            if abs(limits[0] - limits[1]) < 1e-6:
                continue
            for limit in limits:
                if abs(limit - chosen) > 1e-6:
                    draw([kink.x], [limit], marker="o", markersize=4, markerfacecolor="white", color=color)
            draw([kink.x], [chosen], marker="o", markersize=4, color=color)
    axes.set_title(graph.title)  # type: ignore[attr-defined]
    axes.set_xlabel(graph.variable)  # type: ignore[attr-defined]
    axes.grid(alpha=0.3)  # type: ignore[attr-defined]
    if legend:
        axes.legend()  # type: ignore[attr-defined]
