"""Where things stand: the project, its examples, and what the tests read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
TESTS = ROOT / "tests"
SEEDS = TESTS / "seeds"
"""The code cells of the lecture notes, word for word."""
GOLDENS = TESTS / "goldens"
CORPUS = TESTS / "corpus"
NETWORKS = TESTS / "lessons"
"""Networks as users write them, whose lessons are kept whole."""
