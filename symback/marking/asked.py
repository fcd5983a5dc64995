"""What a caller says of a text to be marked, and of the report that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symback.page.words import DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Asked:
    """Values and shapes of names, what is the loss and what other names mean, and how the report is written."""

    values: Mapping[str, Any] | None = None
    shapes: Mapping[str, Any] | None = None
    loss: str | None = None
    claims: Mapping[str, str] | None = None
    seed: int | None = None
    language: str = DEFAULT_LANGUAGE
    title: str = ""
