"""What a lesson shows: one record of options, for the API, the command line and worksheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from symback.page.notation import Notation
from symback.page.words import DEFAULT_LANGUAGE
from symback.run.optimization import Optimizer


@dataclass(frozen=True)
class Plan:
    """What a lesson shows.

    ``level`` is "brief" (formulas only), "standard", or "full" (also every proof in index notation, and the code);
    ``numbers`` puts values into the formulas, by default where every value is known and fits on a page; ``whole``
    prints every layer of a deep network; ``graph`` says what the nodes of the computational graph with numbers are: "names",
    "operations" (+, ×, exp as gates with their local derivatives), or "none" for no graph; by default operations where all are
    single numbers of more names than a small graph has; ``numbered`` gives the formulas of the forward pass, the loss and the
    backward pass numbers to speak of. The others are those of the views.
    """

    level: str = "standard"
    language: str = DEFAULT_LANGUAGE
    view: str = "auto"
    notation: Notation | str | None = None
    style: str = "auto"
    numbers: bool | None = None
    digits: int = 4
    numbering: str = "running"
    shapes: bool = False
    values: Mapping[str, Any] | None = None
    whole: bool = False
    optimizer: Optimizer | None = None
    numbered: bool = False
    graph: str = "auto"


class PlanOptions(TypedDict, total=False):
    """The fields of a Plan that are given by name only, for the signatures that take them."""

    view: str
    notation: Notation | str | None
    style: str
    numbers: bool | None
    digits: int
    numbering: str
    shapes: bool
    values: Mapping[str, Any] | None
    whole: bool
    optimizer: Optimizer | None
    numbered: bool
    graph: str
