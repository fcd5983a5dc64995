"""How NumPy code is spelled: levels of binding, numbers, indices, and what a spelling leaves to the caller."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import sympy as sp

from symback.core.shapes import Constant, Index, Shape, Size

INFIX: Mapping[str, tuple[str, int]] = {
    "greater": (">", 1),
    "less": ("<", 1),
    "greater_equal": (">=", 1),
    "less_equal": ("<=", 1),
    "equal": ("==", 1),
    "not_equal": ("!=", 1),
    "add": ("+", 3),
    "subtract": ("-", 3),
    "multiply": ("*", 4),
    "divide": ("/", 4),
    "power": ("**", 6),
}
"""The operators of Python, with the level at which they bind."""
CHOICE, SUM, PRODUCT, UNARY, POWER, ATOM = 0, 3, 4, 5, 6, 9
Spelled: TypeAlias = "tuple[str, int]"


@dataclass(frozen=True)
class Spelling:
    """How leaves and calls are spelled; the tree's own operators are NumPy's.

    ``own`` may spell a node itself: it gets the node and its spelled operands, each a text with the level at which
    it binds, and returns such a pair, or None for NumPy's spelling.
    """

    name: Callable[[str], str] = str
    adjoint: Callable[[str], str] = lambda of: f"d{of}"
    size: Callable[[sp.Symbol], str] = str
    own: Callable[[Any, Sequence[Spelled]], Spelled | None] = lambda form, args: None
    module: str = "np"
    pi: str = "np.pi"

    def length(self, value: Size) -> str:
        """Return a size as the code says it."""
        return str(value) if isinstance(value, int) else self.size(value)

    def lengths(self, shape: Shape) -> str:
        """Return a shape as the code says it."""
        inside = ", ".join(map(self.length, shape))
        return f"({inside},)" if len(shape) == 1 else f"({inside})"


PLAIN = Spelling()


def number_text(value: Constant) -> str:
    """Return a number as Python spells it."""
    if isinstance(value, Fraction):
        return f"{value.numerator} / {value.denominator}"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def parenthesize(spelled: Spelled, least: int) -> str:
    """Return the text, in parentheses where it binds less tightly than ``least``."""
    return spelled[0] if spelled[1] >= least else f"({spelled[0]})"


def index_text(index: Index) -> str:
    """Return an index as Python spells it, without brackets; trailing whole axes are left out."""
    items = list(index)
    while len(items) > 1 and items[-1] is None:
        items.pop()
    texts = []
    for item in items:
        if item is None:
            texts.append(":")
        elif isinstance(item, int):
            texts.append(str(item))
        else:
            stop = str(item.stop) if item.stop >= 0 else ""
            texts.append(f"{item.start}:{stop}" + (f":{item.step}" if item.step != 1 else ""))
    return ", ".join(texts)
