"""The code cells of the lecture notes, word for word, as the files in ``tests/seeds`` hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parents[1] / "seeds"
NAMES = sorted(path.stem for path in DIRECTORY.glob("*.py"))

START_OF_GUESS = -0.7580416795667344
OPTIONS: dict[str, dict[str, Any]] = {
    "hidden_relu": {"loss": "0.5*(y - r2)**2"},
    "outer_dot": {"loss": "e", "wrt": ["a"]},
    "guess": {"values": {"guess": START_OF_GUESS}},
}
"""What has to be said about a cell that does not say it itself."""


def cell(name: str) -> str:
    """Return the text of a cell."""
    return (DIRECTORY / f"{name}.py").read_text(encoding="utf-8")
