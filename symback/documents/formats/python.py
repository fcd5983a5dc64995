"""Python source: the code that a derivation runs."""

from __future__ import annotations

from symback.documents.format import Format


def render(source: str) -> str:
    """Return source text as it is."""
    return source


FORMAT = Format("py", "Python source", {"source": render}, ("py",), comment="# ")
