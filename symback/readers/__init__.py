"""Source text in, networks out: plain NumPy and PyTorch forward code is read by its syntax tree and never executed."""

from __future__ import annotations

from symback.readers.source import parse, read

__all__ = ["parse", "read"]
