"""The code cells of the lecture notes, word for word, as the files in ``tests/seeds`` hold them."""

from __future__ import annotations

from functools import cache
from typing import Any

import symback as sb
from tests.support.places import SEEDS

NAMES = sorted(path.stem for path in SEEDS.glob("*.py"))

START_OF_GUESS = -0.7580416795667344
OPTIONS: dict[str, dict[str, Any]] = {
    "hidden_relu": {"loss": "0.5*(y - r2)**2"},
    "outer_dot": {"loss": "e", "wrt": ["a"]},
    "guess": {"values": {"guess": START_OF_GUESS}},
}
"""What has to be said about a cell that does not say it itself."""


def cell(name: str) -> str:
    """Return the text of a cell."""
    return (SEEDS / f"{name}.py").read_text(encoding="utf-8")


@cache
def derivation(name: str) -> sb.Derivation:
    """Return the derivation of a seed's cell."""
    return sb.derive(sb.parse(cell(name), **OPTIONS.get(name, {})))
