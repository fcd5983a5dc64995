"""Plots drawn by matplotlib (extra ``plot``): curves of training, graphs of functions and their derivatives.

A plot is drawn when an output format writes it; the same numbers give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symback.core.errors import SymbackError

_WIDE = 100.0
"""Positive values that span more than this factor are drawn on a logarithmic scale."""
_LARGEST = 1e200
"""Values beyond this, and positive ones below its inverse, are left out: axes around them would overflow."""
_MARKED = 40
"""Up to this number of points each is marked."""


@dataclass(frozen=True)
class Plot:
    """A picture that matplotlib is to draw: ``draw`` returns its figure, ``settings`` are matplotlib's."""

    draw: Callable[[], Any]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def saved(self, to: str, metadata: Mapping[str, None]) -> bytes:
        """Return the picture in a format of matplotlib; ``metadata`` names what is not to be said in it."""
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        fixed: Any = dict(matplotlib.rcParamsDefault)
        fixed.update({"svg.hashsalt": "symback", "backend": "agg", **self.settings})
        with matplotlib.rc_context(fixed):
            figure = self.draw()
            FigureCanvasAgg(figure)
            stream = io.BytesIO()
            figure.savefig(stream, format=to, dpi=150, metadata=metadata)
        return stream.getvalue()


def require_matplotlib() -> None:
    """Raise SymbackError where matplotlib is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise SymbackError("a plot needs matplotlib: pip install 'symback[plot]'") from None


# --- curves -----------------------------------------------------------------------------------------------------------


def curves(series: Mapping[str, Sequence[float]], label: str = "updates") -> Plot:
    """Return a plot of series of numbers over 0, 1, 2, …; values that are not finite leave a gap."""

    def draw() -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        _curves(figure.subplots(), series, label)
        return figure

    return Plot(draw)


def _curves(axes: Any, series: Mapping[str, Sequence[float]], label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    drawn = {name: [v if abs(v) < _LARGEST else math.nan for v in values] for name, values in series.items()}
    finite = [v for values in drawn.values() for v in values if not math.isnan(v)]
    positive = [v for v in finite if v > 1 / _LARGEST]
    logarithmic = bool(positive) and min(finite) >= 0 and max(positive) / min(positive) > _WIDE
    for name, values in drawn.items():
        shown = [v if v > 1 / _LARGEST or not logarithmic else math.nan for v in values]
        marker = "o" if len(shown) <= _MARKED else ""
        axes.plot(range(len(shown)), shown, label=name, linewidth=1.6, marker=marker, markersize=3.5)
    if logarithmic:
        axes.set_yscale("log")
    axes.set_xlabel(label)
    if len(series) == 1:
        axes.set_ylabel(next(iter(series)))
    else:
        axes.legend()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)


# --- graphs -----------------------------------------------------------------------------------------------------------


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


def graphs(found: Sequence[Graph]) -> Plot:
    """Return a plot of graphs side by side: the function drawn through, its derivative dashed.

    At a kink a full dot is the value chosen, an empty one a limit that is not attained; no line joins the branches.
    """
    columns = min(4, len(found))
    rows = -(-len(found) // columns)

    def draw() -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(max(3.0 * columns, 4.2), max(2.4 * rows, 3.0)), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False)
        for k, axes in enumerate(panels.flat):
            if k >= len(found):
                axes.set_visible(False)
                continue
            _graph(axes, found[k], k == 0)
        return figure

    return Plot(draw, {"font.size": 9})


def _graph(axes: Any, graph: Graph, legend: bool) -> None:
    for k, branch in enumerate(graph.branches):
        first = legend and k == 0
        axes.plot(branch.x, branch.values, color="C0", linewidth=1.6, label="f" if first else None)
        dashed = {"color": "C3", "linewidth": 1.4, "linestyle": (0, (4, 2))}
        axes.plot(branch.x, branch.slopes, label="f ′" if first else None, **dashed)
    for kink in graph.kinks:
        for chosen, limits, color in ((kink.value, kink.values, "C0"), (kink.slope, kink.slopes, "C3")):
            if abs(limits[0] - limits[1]) < 1e-6:
                continue
            for limit in limits:
                if abs(limit - chosen) > 1e-6:
                    axes.plot([kink.x], [limit], marker="o", markersize=4, markerfacecolor="white", color=color)
            axes.plot([kink.x], [chosen], marker="o", markersize=4, color=color)
    axes.set_title(graph.title)
    axes.set_xlabel(graph.variable)
    axes.grid(alpha=0.3)
    if legend:
        axes.legend()
