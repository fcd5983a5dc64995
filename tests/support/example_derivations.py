"""The derivation of every example: files of forward code are read, the one that builds its network is run."""

from __future__ import annotations

import runpy
from typing import Any

import symback as sb
from tests.support.places import EXAMPLES

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))
OPTIONS: dict[str, dict[str, Any]] = {"outer_dot": {"loss": "e", "wrt": ["a"]}}
"""What has to be said about an example that does not say it itself."""


def derivation(name: str) -> sb.Derivation:
    """Return the derivation of an example."""
    path = EXAMPLES / f"{name}.py"
    if "import symback" in path.read_text(encoding="utf-8"):
        return runpy.run_path(str(path))["d"]
    return sb.derive(sb.read(path, **OPTIONS.get(name, {})))
