"""Sizes, shapes and indices of arrays: what they are, how they are spelled, and how they fit together."""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from keyword import iskeyword
from typing import Any, NamedTuple, TypeAlias

import sympy as sp

from symback.core.errors import ShapeError

Size: TypeAlias = "int | sp.Symbol"
Shape: TypeAlias = "tuple[Size, ...]"
Constant: TypeAlias = "int | float | Fraction"


class Span(NamedTuple):
    """A slice with resolved ends, as in ``start:stop:step``; ``stop`` is exclusive and ``step`` not zero."""

    start: int
    stop: int
    step: int

    @property
    def length(self) -> int:
        return len(range(self.start, self.stop, self.step))


WHOLE = None
Item: TypeAlias = "int | Span | None"
Index: TypeAlias = "tuple[Item, ...]"


def size(value: int | str | sp.Symbol) -> Size:
    """Return a size: an int of at least 0, or the positive integer symbol of that name.

    >>> size(3), size("n")
    (3, n)
    """
    if isinstance(value, str):
        if not value.isidentifier() or iskeyword(value):
            raise ShapeError(f"{value!r} is neither a size nor the name of one")
        return sp.Symbol(value, integer=True, positive=True)
    if isinstance(value, sp.Symbol):
        return value
    number = int(value)
    if number != value:
        raise ShapeError(f"a size is a whole number, got {value}")
    if number < 0:
        raise ShapeError(f"a size cannot be negative, got {number}")
    return number


def make_shape(values: Iterable[int | str | sp.Symbol] | int | str | sp.Symbol) -> Shape:
    """Return the shape made of ``values``, each an int, a name or a symbol."""
    if isinstance(values, (int, str, sp.Symbol)):
        return (size(values),)
    return tuple(size(value) for value in values)


def shape_text(shape: Shape) -> str:
    """Return the shape as Python spells it: ``(n, 3)``, ``(2,)``, ``()``."""
    inside = ", ".join(str(s) for s in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def element_count(shape: Shape) -> Any:
    """Return the number of elements, an int or a SymPy product of sizes."""
    count: Any = 1
    for s in shape:
        count = count * s
    return count


@lru_cache(maxsize=1024)
def numbered_size(position: int) -> Size:
    """Return the symbolic size that stands for the one at ``position``; the same one every time."""
    return size(f"size{position}")


def broadcast_shapes(shapes: Sequence[Shape], doing: str = "broadcasting") -> Shape:
    """Return the common shape of ``shapes`` by NumPy's broadcasting rule.

    Raises ShapeError where two sizes differ and neither is 1; a symbolic size is never 1.
    """
    rank = builtins.max((len(s) for s in shapes), default=0)
    result: list[Size] = []
    for position in range(rank):
        found: Size = 1
        for shape in shapes:
            offset = position - (rank - len(shape))
            if offset < 0 or shape[offset] == 1:
                continue
            if found == 1:
                found = shape[offset]
            elif found != shape[offset]:
                raise ShapeError(
                    f"{doing}: shapes {' and '.join(shape_text(s) for s in shapes)} do not fit together "
                    f"({found} against {shape[offset]})"
                )
        result.append(found)
    return tuple(result)


def axis_within(axis: int, rank: int, doing: str) -> int:
    """Return an axis counted from the first; raises ShapeError where there is none of that number."""
    if not -rank <= axis < rank:
        raise ShapeError(f"{doing}: axis {axis} is out of range for an array with {rank} axes")
    return axis % rank


def radix_groups(old: Shape, new: Shape, text: str = "an array") -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the smallest groups of axes with equal numbers of entries: which old axes become which new ones."""
    groups: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    i = j = 0
    while i < len(old) or j < len(new):
        left, right = [i] if i < len(old) else [], [j] if j < len(new) else []
        i, j = i + len(left), j + len(right)
        while True:
            a, b = [old[k] for k in left], [new[k] for k in right]
            if a == b or (all(isinstance(s, int) for s in a + b) and math.prod(map(int, a)) == math.prod(map(int, b))):
                break
            short = all(isinstance(s, int) for s in a + b) and math.prod(map(int, a)) < math.prod(map(int, b))
            if (short or j >= len(new)) and i < len(old):
                left.append(i)
                i += 1
            elif j < len(new):
                right.append(j)
                j += 1
            else:
                raise ShapeError(
                    f"reshape of {text} from {shape_text(old)} to {shape_text(new)} mixes a symbolic size with others"
                )
        groups.append((tuple(left), tuple(right)))
    return groups


def aligned(shape: Shape, out: Shape, at: Sequence[Any], zero: Any) -> list[Any]:
    """Return the places of a result's axes as they fall on the axes of an operand, by NumPy's rule.

    An axis of length 1 that is repeated is read at ``zero``.
    """
    start = len(out) - len(shape)
    return [
        zero if have == 1 and want != 1 else place
        for have, want, place in zip(shape, out[start:], list(at)[len(at) - len(shape) :], strict=True)
    ]
