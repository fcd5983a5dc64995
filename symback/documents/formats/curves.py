"""Curves of training as a picture, drawn by matplotlib (extra ``plot``); the same numbers give the same bytes."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from symback.core.errors import SymbackError, nearest

FORMATS = ("svg", "png", "pdf")
SILENT: Mapping[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
"""No date, no version, no random ids: the same numbers give the same bytes."""
_WIDE = 100.0
"""Positive values that span more than this factor are drawn on a logarithmic scale."""
_LARGEST = 1e200
"""Values beyond this, and positive ones below its inverse, are left out: axes around them would overflow."""
_MARKED = 40
"""Up to this number of points each is marked."""


def curve_format(path: str) -> str:
    """Return the format that the ending of a path names; raises SymbackError for an unknown one, or without matplotlib.

    >>> curve_format("loss.sgv")
    Traceback (most recent call last):
    symback.core.errors.SymbackError: loss.sgv: a plot is .svg, .png or .pdf, not .sgv (did you mean 'svg'?)
    """
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise SymbackError(
            f"{path}: a plot is .svg, .png or .pdf, not {'.' + kind if kind else 'without an ending'}{nearest(kind, FORMATS)}"
        )
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise SymbackError("a plot needs matplotlib: pip install 'symback[plot]'") from None
    return kind


def curves(series: Mapping[str, Sequence[float]], kind: str = "svg", label: str = "updates") -> bytes:
    """Return a picture of series of numbers over 0, 1, 2, …; values that are not finite leave a gap."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "svg.hashsalt": "symback", "backend": "agg"}):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        drawn = {name: [v if abs(v) < _LARGEST else math.nan for v in values] for name, values in series.items()}
        finite = [v for values in drawn.values() for v in values if not math.isnan(v)]
        positive = [v for v in finite if v > 1 / _LARGEST]
        logarithmic = bool(positive) and min(finite) >= 0 and max(positive) / min(positive) > _WIDE
        for name, values in drawn.items():
            shown = [v if v > 1 / _LARGEST or not logarithmic else math.nan for v in values]
            axes.plot(
                range(len(shown)),
                shown,
                label=name,
                linewidth=1.6,
                marker="o" if len(shown) <= _MARKED else "",
                markersize=3.5,
            )
        if logarithmic:
            axes.set_yscale("log")
        axes.set_xlabel(label)
        if len(series) == 1:
            axes.set_ylabel(next(iter(series)))
        else:
            axes.legend()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        stream = io.BytesIO()
        figure.savefig(stream, format=kind, dpi=150, metadata=SILENT[kind])
    return stream.getvalue()
