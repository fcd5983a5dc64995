"""How much of a text is followed, and how large what it makes may be."""

from __future__ import annotations

LARGEST_ARRAY = 10_000_000
"""Most entries of one array."""

LARGEST_STACK = 256
"""Most formulas in one array."""

LARGEST_LIST = 100_000
"""Most entries of one Python list."""

LARGEST_LAYER = 100_000_000
"""Most entries of one parameter of a layer."""

LONGEST_STEP = 40
"""Most nodes of a layer's result that is written into the next formula instead of being a step of its own."""

UNROLLED = 256
"""Most iterations of a loop that are written out."""

ROUNDS = 4096
"""Most iterations of loops inside loops together, for one statement of the text."""

DEEPEST = 120
"""Deepest nesting of expressions and calls."""

EFFORT = 100_000
"""Most nodes followed for one statement of the text."""

LARGEST_FORM = 20_000
"""Most nodes of one formula, written out."""

DEEPEST_FORM = 320
"""Deepest nesting of one formula: a sum of as many terms as a loop is written out for, and some more."""
