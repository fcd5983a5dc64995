"""What is known of the operations on numbers, one place per fact."""

from __future__ import annotations

from collections.abc import Mapping

ORDERINGS = ("greater", "less", "greater_equal", "less_equal")
"""Comparisons by size."""
RELATIONS = (*ORDERINGS, "equal", "not_equal")
"""Comparisons: 1 where they hold, else 0."""
CHOICES = frozenset({"where", *RELATIONS})
"""Operations that jump where a condition changes."""
LINEAR = ("add", "subtract", "negative")
"""Operations that are linear in all their operands together."""
ARITHMETIC = (*LINEAR, "multiply", "divide")
"""The four operations and the sign."""
ELEMENTARY = ("exp", "log", "sqrt", "sin", "cos")
"""Functions of one number that NumPy and SymPy have under these names."""

FAMILIES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(ARITHMETIC, frozenset({"arithmetic"})),
    **{op: frozenset({op}) for op in (*ELEMENTARY, "erf")},
    **dict.fromkeys(("power", "sqrt"), frozenset({"powers"})),
    **dict.fromkeys(("where", *ORDERINGS), frozenset({"choices"})),
    **dict.fromkeys(("equal", "not_equal"), frozenset({"equalities"})),
}
"""Operations that can stand for each other, as a root for a power and a comparison for a choice."""
