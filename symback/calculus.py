"""The one rule: ∂L/∂A[p] = Σ over equations that read A, Σ over their entries, adjoint · local derivative.

``partials`` differentiates one entry of an equation with respect to every access to an array; each access ``A[e]``
carries a Kronecker delta δ(e, p). ``contribution_terms`` eliminates a delta only where the access reads a whole axis
by one index alone; every other one (a constant, a slice) stays and becomes ``put``, the adjoint of ``get``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from symback.elements import Access, Index, Indicator, Peak, Total, fresh, opened, total
from symback.errors import DerivationError
from symback.forms import WHOLE, Item, Shape, Span


@dataclass(frozen=True)
class Partial:
    """One term of ∂Y[out]/∂A: a coefficient, the indices it is summed over, and the entry of A it reads."""

    coefficient: Any
    summed: tuple[Index, ...]
    reads: tuple[Any, ...]


@lru_cache(maxsize=4096)
def _diff(expression: Any, symbol: Any) -> Any:
    return sp.diff(expression, symbol)


_pool: list[sp.Symbol] = []


def placeholder(position: int) -> sp.Symbol:
    """Return the real symbol that stands for the leaf at ``position``; the same one every time, so results are cached."""
    while len(_pool) <= position:
        _pool.append(sp.Symbol(f"_leaf{len(_pool)}", real=True))
    return _pool[position]


def leaves_of(expression: Any, kinds: tuple[type, ...]) -> list[Any]:
    """Return the distinct outermost nodes of the given kinds, in order of appearance."""
    found: dict[Any, None] = {}

    def visit(node: Any) -> None:
        if isinstance(node, kinds):
            found.setdefault(node)
            return
        for child in node.args:
            if isinstance(child, sp.Basic):
                visit(child)

    visit(expression)
    return list(found)


def hide(expression: Any, kinds: tuple[type, ...] = (Access, Total, Peak)) -> tuple[Any, dict[Any, Any]]:
    """Return the expression over placeholders, and the map from placeholders back to the leaves they hide."""
    leaves = leaves_of(expression, kinds)
    there = {leaf: placeholder(k) for k, leaf in enumerate(leaves)}
    back = {symbol: leaf for leaf, symbol in there.items()}
    return expression.xreplace(there), back


def reads(expression: Any, array: str) -> bool:
    """Return True where the expression has an access to ``array``."""
    return any(a.array == array for a in expression.atoms(Access)) if isinstance(expression, sp.Basic) else False


def partials(expression: Any, array: str) -> list[Partial]:
    """Return ∂(expression)/∂(entries of array), one Partial per distinct access."""
    hidden, back = hide(expression)
    found: list[Partial] = []
    for symbol, leaf in back.items():
        if not reads(leaf, array):
            continue
        coefficient = _diff(hidden, symbol).xreplace(back)
        if coefficient == 0:
            continue
        if isinstance(leaf, Access):
            found.append(Partial(coefficient, (), leaf.indices))
            continue
        body, index = opened(leaf)
        if isinstance(leaf, Peak):
            hit = Indicator("equal", body, leaf)
            coefficient = coefficient * hit / total(hit, index)
        for inner in partials(body, array):
            found.append(Partial(coefficient * inner.coefficient, (index, *inner.summed), inner.reads))
    return found


@dataclass(frozen=True)
class Term:
    """Σ over ``summed`` of ``expression``, an array over ``axes``; where ``index`` is set, put there into zeros.

    ``axes`` has one Index or None (an axis of length 1) per axis of the target, or of the part that is put.
    """

    expression: Any
    summed: tuple[Index, ...]
    axes: tuple[Index | None, ...]
    index: tuple[Item, ...] | None = None


def target_axes(shape: Shape) -> tuple[Index, ...]:
    """Return fresh indices p, one per axis."""
    return tuple(fresh(s) for s in shape)


def contribution_terms(
    found: Sequence[Partial], out: Sequence[Index], upstream: Any, target: Sequence[Index], what: str
) -> list[Term]:
    """Apply the rule: sum upstream · coefficient · δ(reads, target) over ``out`` and the inner sums.

    Raises DerivationError for an access whose index is neither a whole axis, a constant nor a slice.
    """
    terms: list[Term] = []
    for partial in found:
        swap: dict[Any, Any] = {}
        axes: list[Index | None] = []
        items: list[Item] = []
        needs_put = False
        kept: list[Index] = []
        for place, read in zip(target, partial.reads, strict=True):
            if isinstance(read, Index) and read.size == place.size and read not in swap:
                swap[read] = place
                axes.append(place)
                items.append(WHOLE)
            elif read == 0 and place.size == 1:
                axes.append(None)
                items.append(WHOLE)
            elif isinstance(read, sp.Integer):
                needs_put = True
                items.append(int(read))
            else:
                start, step, index = _affine(read, what)
                if index in swap or index in kept:
                    raise DerivationError(f"{what}: the entry {read} is read along a diagonal, which has no slice")
                needs_put = True
                kept.append(index)
                axes.append(index)
                count = index.size
                if not isinstance(count, int):
                    raise DerivationError(f"{what}: a slice of symbolic length {count}")
                items.append(Span(start, start + step * count, step))
        summed = tuple(i for i in (*out, *partial.summed) if i not in swap and i not in kept)
        expression = (upstream * partial.coefficient).xreplace(swap)
        terms.append(Term(expression, summed, tuple(axes), tuple(items) if needs_put else None))
    return terms


def _affine(read: Any, what: str) -> tuple[int, int, Index]:
    indices = list(read.atoms(Index))
    if len(indices) == 1:
        index = indices[0]
        start = read.xreplace({index: sp.S.Zero})
        step = read.xreplace({index: sp.S.One}) - start
        if start.is_Integer and step.is_Integer and sp.expand(start + step * index - read) == 0:
            return int(start), int(step), index
    raise DerivationError(f"{what}: the entry at {read} is neither a whole axis, a constant nor a slice")
