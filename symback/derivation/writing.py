"""Terms written as forms: numbers first, then single numbers, then arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from symback.core.forms import Form, Number, Reduce, SizeOf, apply, broadcast_to, number, product_of, walk
from symback.derivation.axes import is_ones
from symback.derivation.terms import Term

_FINEST = 1_000_000
"""A literal of more digits after the point than this is a number of its own, as √2 is."""


def written(term: Term, decimal: bool) -> Form:
    """Return a term without its sign; with ``decimal``, numbers that have few digits are written so."""
    size = abs(term.number)
    exact = _literal(size, decimal)
    scalars = sorted(term.scalars, key=lambda power: not isinstance(power[0], SizeOf))  # sizes come first: n(s + ε)
    above = [_raised(base, e) for base, e in scalars if e > 0]
    below = [_raised(base, -e) for base, e in scalars if e < 0]
    if below and size.denominator != 1 and not isinstance(exact.value, float):
        below.insert(0, number(size.denominator))
        exact = number(size.numerator)
    # what is one number but made of arrays, as an inner product, stands next to the array that it multiplies
    long = [f for f in above if term.arrays and not below and any(n.shape for n in walk(f))]
    front = ([exact] if exact.value != 1 else []) + [f for f in above if f not in long]
    coefficient = product_of(front) if front else None
    if below:
        coefficient = apply("divide", number(1) if coefficient is None else coefficient, product_of(below))
    if not term.arrays:
        return number(1) if coefficient is None else coefficient
    powers = [p for p in term.arrays if not is_ones(p[0])]
    if any(isinstance(base, Reduce) for base, _ in powers[:-1]):
        # a sum reaches to the right: as the last factor it needs no brackets
        powers.sort(key=lambda power: isinstance(power[0], Reduce))
    arrays = _entrywise(powers)
    if arrays.shape != term.shape:
        arrays = broadcast_to(arrays, term.shape)
    if long:
        arrays = apply("multiply", product_of(long), arrays)
    return arrays if coefficient is None else apply("multiply", coefficient, arrays)


def exact_value(value: float | Fraction) -> Fraction | None:
    """Return a number as the fraction that it is written as; None for one of many digits, as √2 is."""
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    exact = Fraction(repr(value)) if math.isfinite(value) else None
    return exact if exact is not None and is_short(exact) else None


def is_short(value: Fraction) -> bool:
    """Return True for a number that has few digits as a decimal."""
    return _FINEST % value.denominator == 0


def _literal(value: Fraction, decimal: bool) -> Number:
    return number(float(value) if decimal and is_short(value) and value.denominator % 5 == 0 else value)


def _entrywise(powers: Sequence[tuple[Form, Fraction]]) -> Form:
    above = [_raised(base, e) for base, e in powers if e > 0]
    below = [_raised(base, -e) for base, e in powers if e < 0]
    top = product_of(above) if above else number(1)
    return apply("divide", top, product_of(below)) if below else top


def _raised(base: Form, exponent: Fraction) -> Form:
    if exponent == 1:
        return base
    if exponent == Fraction(1, 2):
        return apply("sqrt", base)
    return apply("power", base, number(int(exponent) if exponent.denominator == 1 else float(exponent)))
