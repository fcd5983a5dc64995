"""PNG: plots in pixels, for slides and for programs that know no other."""

from __future__ import annotations

from symback.documents.format import Format
from symback.documents.plots import Plot


def plot(drawn: Plot) -> bytes:
    """Return a plot as a PNG that does not say what made it."""
    return drawn.saved("png", {"Software": None})


FORMAT = Format("png", "a picture in pixels", {"plot": plot}, ("png",))
