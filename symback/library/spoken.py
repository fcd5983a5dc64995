"""Words by which names say what they hold, in languages other than English: one file each, found by being there.

A file is ``words/CODE.json``; its keys are ``KINDS``, its values lists of words.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

KINDS = (
    "loss",
    "weak loss",
    "loss words",
    "loss endings",
    "gradient",
    "rate",
    "data",
    "weight",
    "greek",
    "forward",
    "not forward",
)


@cache
def spoken(kind: str) -> tuple[str, ...]:
    """Return the words of all languages for a kind of name."""
    found: dict[str, None] = {}
    for path in sorted(Path(__file__).with_name("words").glob("*.json")):
        found.update(dict.fromkeys(json.loads(path.read_text(encoding="utf-8"))[kind]))
    return tuple(found)


def any_of(kind: str) -> str:
    """Return the words for a kind of name as alternatives of a regular expression, one that never matches where there are none."""
    return "|".join(map(re.escape, spoken(kind))) or r"(?!)"
