"""Terms of a sum: a number, powers of single numbers, and powers of arrays that are multiplied entry by entry."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from symback.core.forms import (
    Apply,
    Broadcast,
    Expand,
    Eye,
    Filled,
    Form,
    Reduce,
    Shape,
    Size,
    Transpose,
    broadcast_shapes,
    filled,
    size_of,
    walk,
)
from symback.derivation.axes import diagonal_of, is_ones, squeezed, turned

Powers = tuple[tuple[Form, Fraction], ...]
ONE = Fraction(1)


@dataclass(frozen=True)
class Term:
    """``number`` times powers of single numbers times powers of arrays, which broadcast against each other."""

    number: Fraction = ONE
    scalars: Powers = ()
    arrays: Powers = ()

    @property
    def key(self) -> tuple[frozenset[tuple[Form, Fraction]], frozenset[tuple[Form, Fraction]]]:
        """What terms that can be added up have in common."""
        return frozenset(self.scalars), frozenset(self.arrays)

    @property
    def shape(self) -> Shape:
        return broadcast_shapes([base.shape for base, _ in self.arrays])

    def scaled(self, factor: Fraction) -> Term:
        return Term(self.number * factor, self.scalars, self.arrays)

    def times(self, other: Term) -> Term:
        scalars = multiplied(self.scalars, other.scalars)
        return Term(self.number * other.number, scalars, multiplied(self.arrays, other.arrays))

    def to_power(self, exponent: Fraction) -> Term:
        raised = [
            tuple((base, e if is_ones(base) else e * exponent) for base, e in part)
            for part in (self.scalars, self.arrays)
        ]
        return Term(Fraction(self.number**exponent), *raised)


Terms = tuple[Term, ...]


def factor(base: Form, exponent: Fraction = ONE) -> Term:
    """Return a power of one form as a term."""
    powers = ((base, exponent),)
    return Term(ONE, (), powers) if base.shape else Term(ONE, powers)


def multiplied(a: Powers, b: Powers) -> Powers:
    """Return the product of powers; equal bases are one, and what cancels is gone."""
    found = dict(a)
    for base, exponent in b:
        found[base] = ONE if is_ones(base) else found.get(base, Fraction(0)) + exponent
    return tuple((base, exponent) for base, exponent in found.items() if exponent)


def added(terms: Iterable[Term]) -> Terms:
    """Return terms with equal ones added up, in order of first appearance."""
    found: dict[object, Term] = {}
    for term in terms:
        before = found.get(term.key)
        found[term.key] = term if before is None else Term(before.number + term.number, before.scalars, before.arrays)
    return tuple(term for term in found.values() if term.number)


def taken_out(terms: Terms) -> tuple[Term, Terms]:
    """Return what all terms have in common (a number, powers of single numbers and of arrays), and what is left of them."""
    content = Fraction(
        math.gcd(*(abs(t.number.numerator) for t in terms)), math.gcd(*(t.number.denominator for t in terms))
    )
    found = [_shared([t.scalars for t in terms]), _shared([t.arrays for t in terms])]
    outside = Term(content, *found)
    inverse = outside.to_power(Fraction(-1))
    return outside, tuple(t.times(inverse) for t in terms)


def _shared(powers: Sequence[Powers]) -> Powers:
    tables = [dict(p) for p in powers]
    found = []
    for base in tables[0]:
        exponents = [t.get(base, Fraction(0)) for t in tables]
        if all(e > 0 for e in exponents):
            found.append((base, min(exponents)))
        elif all(e < 0 for e in exponents):
            found.append((base, max(exponents)))
    return tuple((base, e) for base, e in found if not is_ones(base))


def without_ones(term: Term, shape: Shape) -> Term:
    """Return a term without arrays of ones that change nothing in an array of that shape."""
    rest = tuple(p for p in term.arrays if not is_ones(p[0]))
    if len(rest) == len(term.arrays) or broadcast_shapes([b.shape for b, _ in rest]) != term.shape:
        return term
    return Term(term.number, term.scalars, rest)


def product(a: Term, b: Term, shape: Shape) -> Term:
    """Return the entrywise product of two terms, which has that shape."""
    return on_diagonal(without_ones(a.times(b), shape))


def moved(term: Term, move: Callable[[Form], Form]) -> Term:
    """Return a term whose arrays were moved along axes."""
    arrays = multiplied((), tuple((move(base), e) for base, e in term.arrays))
    return Term(term.number, term.scalars, arrays)


def turned_terms(terms: Terms, form: Form) -> Terms:
    """Return the terms of a transpose."""
    axes = form.axes if isinstance(form, Transpose) else (1, 0)
    found = []
    for term in terms:
        moved = [(turned(base, axes, form.ndim), e) for base, e in term.arrays]
        found.append(Term(term.number, term.scalars, multiplied((), tuple(moved))))
    return tuple(found)


def count(size: Size) -> Term:
    """Return the length of an axis as a term."""
    return Term(Fraction(size)) if isinstance(size, int) else factor(size_of(size))


def left_sum(powers: Powers, form: Reduce) -> Term:
    """Return factors that left a sum over axes, without these axes."""
    rank = form.args[0].ndim
    found = Term()
    for base, exponent in powers:
        if isinstance(base, Filled):
            kept = tuple(s for k, s in enumerate(base.shape) if k + rank - base.ndim not in form.axes)
            base = filled(1, kept) if not form.keepdims else base
            found = found.times(factor(base) if base.shape else Term())
            continue
        gone = [a - (rank - base.ndim) for a in form.axes if a >= rank - base.ndim]
        moved = base if form.keepdims else squeezed(base, tuple(gone))
        found = found.times(factor(moved, exponent))
    return found


def on_diagonal(term: Term) -> Term:
    """Return a term with an identity matrix as factor by the diagonals of its other factors, which are 1-D arrays."""
    if not any(isinstance(base, Eye) and e > 0 for base, e in term.arrays) or len(term.arrays) == 1:
        return term
    identity = next(base for base, _ in term.arrays if isinstance(base, Eye))
    if len(term.shape) != 2:
        return term
    found: Powers = ((identity, ONE),)
    for base, exponent in term.arrays:
        if isinstance(base, Eye) or is_ones(base):
            continue
        entries = base
        if base.ndim == 2:
            short = next((k for k in (1, 0) if base.shape[k] == 1), None)
            entries = diagonal_of(base) if short is None else squeezed(base, (short,))
        found = multiplied(found, ((entries, exponent),))
    return Term(term.number, term.scalars, found)


def weight(form: Form) -> int:
    """Return how many nodes a form has as a tree: how long it is on a line."""
    sizes: dict[Form, int] = {}
    for node in walk(form):
        inner = sum(sizes[a] for a in node.args)
        sizes[node] = inner if isinstance(node, (Expand, Broadcast)) and node.args else 1 + inner
    return sizes[form]


def is_sum(form: Form) -> bool:
    """Return True for a sum or difference."""
    return isinstance(form, Apply) and form.op in ("add", "subtract")
