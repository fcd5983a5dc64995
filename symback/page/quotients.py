"""The number in front of a product: one quotient where it is made of several, ½ · (1/n) Σ as 1/(2n) Σ.

What divides a sum, or a derivative of the loss, stands in that quotient as well: −(1/m) Σ …, and 1/(2σ) ⊙ ∂L/∂σ. A name over
a norm is one quotient, x/‖x‖.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction as Rational
from typing import Protocol

from symback.core import forms
from symback.core.display import SPACE, Fraction, row
from symback.core.forms import Form
from symback.page import index_notation, norms
from symback.page.context import Context
from symback.page.pieces import (
    BIG,
    ENTRYWISE,
    POWER,
    NoMatrixNotation,
    Piece,
    has_arrays,
    is_count,
    number_piece,
    one_element,
    repeats,
    times,
)
from symback.page.places import Places, aligned

_MOST_DIGITS = 8
"""A literal with a denominator up to this is a fraction on the page, as 0.5 is ½."""


class Setter(index_notation.Setter, Protocol):
    """What quotients ask of the typesetter."""

    def _spread(self, operand: Form, target: Form, side: str | None, implicit: bool = False) -> Piece: ...


@dataclass(frozen=True)
class _Front:
    """A number: ``exact`` · ``decimal`` · ``above`` / ``below``; ``parts`` counts the factors that it is written with."""

    exact: Rational = Rational(1)
    decimal: float | None = None
    above: tuple[Form, ...] = ()
    below: tuple[Form, ...] = ()
    parts: int = 0

    def times(self, other: _Front) -> _Front:
        both = self.decimal is not None and other.decimal is not None
        return _Front(
            self.exact * other.exact,
            self.decimal if other.decimal is None else other.decimal,
            self.above + other.above,
            self.below + other.below,
            self.parts + other.parts + 1000 * both,
        )

    @property
    def is_fraction(self) -> bool:
        return self.exact.denominator != 1 or bool(self.below)


def quotient(setter: Setter, form: forms.Apply, at: Places | None, side: str | None) -> Piece | None:
    """Return a product or a quotient with its number in one quotient in front; None where there is nothing to put together."""
    context = setter.context
    if context.numbers is not None or context.shapes:
        return None
    front, below, rest, averages = _taken_apart(form)
    by_entries = at is not None
    if not by_entries and (
        any(repeats(a, form) for a in form.args) or (rest.shape != form.shape and not _is_one(rest))
    ):
        return None
    if below is not None and not by_entries and not one_element(below) and prints_with_ones(rest):
        raise NoMatrixNotation  # −(1/σᵢ) Σⱼ … is plainer than a product with a vector of ones
    if below is not None and norms.rooted(below) is not None and isinstance(rest, (forms.Name, forms.Adjoint)):
        return _direction(setter, front, below, rest, at, side)
    if below is None and (front.parts < 2 or not front.is_fraction):
        return None
    if below is not None and not (_is_one(rest) or _stands_behind(context, rest, by_entries)):
        return None
    if (
        below is not None
        and any(isinstance(node, forms.Reduce) for node in forms.walk(below))
        and _sums(rest, by_entries)
    ):
        # one sum over another is a fraction
        return None
    if _is_one(rest) and front.exact.denominator == 1:
        return None  # 1/√s is a fraction already
    sums = one_element(rest) and has_arrays(rest)
    if front.above and not (sums or _sums(rest, by_entries) or (_is_one(rest) and below is not None)):
        return None
    if below is None and not (sums or _is_one(rest) or _sums(rest, by_entries) or not one_element(form)):
        return None
    if front.parts >= 1000 or (front.decimal is not None and front.exact.numerator not in (1, -1)):
        return None
    share = _share(setter, front, below, at, side)
    if _is_one(rest):
        return share
    if averages and one_element(rest):
        # what was written as a mean stays a sum over entries
        piece = index_notation.entry(setter, rest, (None,) * rest.ndim)
    else:
        piece = setter._spread(rest, form, side) if at is None else setter.entry(rest, aligned(at, rest))
    if below is not None and not by_entries and not one_element(below):
        share, negative = replace(share, negative=False), share.negative
        # a number is read first; without one, what is nearer the loss is
        found = times(share, piece, "entrywise") if front.parts else times(piece, share, "entrywise")
        return replace(found, negative=negative)
    if piece.level == ENTRYWISE:
        return Piece(row(share.node, SPACE, piece.node), ENTRYWISE, "fraction", piece.ends, share.negative)
    found = times(share, piece)
    if below is None or found.level != BIG:
        return found
    above, under = _sides(setter, front, below, at, side)
    return replace(found, barred=Fraction(times(above, piece).whole(), under.whole()))


def _direction(
    setter: Setter, front: _Front, below: Form, rest: Form, at: Places | None, side: str | None
) -> Piece | None:
    """Return a multiple of x/‖x‖."""
    bars = norms.norm(setter, below)
    if bars is None:
        return None
    turned = side if rest.ndim == 1 else None
    one = setter.form(rest, turned) if at is None else setter.entry(rest, aligned(at, rest))
    found = Piece(Fraction(one.whole(), bars.whole()), POWER, "fraction", "fraction")
    if not front.parts and front.exact == 1:
        return found
    if front.below or front.is_fraction:
        return times(_share(setter, front, None, at, side), found)
    return times(_product(setter, front.exact, front, front.above, at, side), found)


def _taken_apart(form: Form) -> tuple[_Front, Form | None, Form, bool]:
    """Return the number in front of a form, what divides it beside numbers, and the rest; and whether that was a mean."""
    front, below, node = _Front(), None, form
    while True:
        if isinstance(node, forms.Reduce) and node.kind == "mean":
            count = _count(node)
            return front.times(count), below, forms.reduce_over("sum", node.args[0], node.axes, node.keepdims), True
        if below is not None:
            known = _coefficient(node)
            if known is not None and known != _Front():
                return front.times(known), below, forms.number(1), False
        if not isinstance(node, forms.Apply):
            return front, below, node, False
        if node.op == "negative":
            front, node = front.times(_Front(Rational(-1))), node.args[0]
            continue
        if node.op == "multiply":
            coefficient = _coefficient(node.args[0])
            if coefficient is not None:
                front, node = front.times(coefficient), node.args[1]
                continue
            left = node.args[0]
            if below is None and isinstance(left, forms.Apply) and left.op == "divide" and one_element(left):
                above = _coefficient(left.args[0])
                if above is not None and norms.rooted(left.args[1]) is not None:
                    front, below, node = front.times(above), left.args[1], node.args[1]
                    continue
        if node.op == "divide":
            divisor = _coefficient(node.args[1]) if is_count(node.args[1]) else None
            if divisor is not None and divisor.decimal is None:
                inverse = _Front(1 / divisor.exact, None, divisor.below, divisor.above, divisor.parts)
                front, node = front.times(inverse), node.args[0]
                continue
            if below is None and not is_count(node.args[1]):
                below, node = node.args[1], node.args[0]
                continue
        return front, below, node, False


def _coefficient(form: Form) -> _Front | None:
    """Return what is made of numbers, sizes and names of numbers as a number in front; None for another form."""
    if isinstance(form, forms.Number):
        return _number(form.value)
    if isinstance(form, forms.SizeOf) or (isinstance(form, forms.Name) and not form.shape):
        return _Front(above=(form,), parts=1)
    if not isinstance(form, forms.Apply) or form.op not in ("multiply", "divide", "negative"):
        return None
    found = [_coefficient(a) for a in form.args]
    first = found[0]
    if first is None or None in found:
        return None
    if form.op == "negative":
        return first.times(_Front(Rational(-1)))
    second = found[1]
    assert second is not None
    if form.op == "multiply":
        return first.times(second)
    if not is_count(form.args[1]) or second.decimal is not None or not second.exact:
        return None
    return first.times(_Front(1 / second.exact, None, second.below, second.above, 0))


def _number(value: forms.Constant) -> _Front | None:
    exact = (
        Rational(value) if isinstance(value, (int, Rational)) else Rational(repr(value)) if _is_short(value) else None
    )
    if exact is not None and exact.denominator <= _MOST_DIGITS and exact.denominator != 5:
        return _Front(exact, parts=int(abs(exact) != 1)) if exact else None
    if not isinstance(value, float) or not _is_short(value) or "e" in repr(value):
        return None
    return _Front(Rational(1 if value > 0 else -1), abs(value), parts=1)


def _is_short(value: forms.Constant) -> bool:
    return isinstance(value, float) and abs(value) < float("inf") and len(repr(value)) <= 10


def _count(form: forms.Reduce) -> _Front:
    """Return one over the number of elements that a mean runs over."""
    exact, below = Rational(1), []
    for axis in form.axes:
        size = form.args[0].shape[axis]
        if isinstance(size, int):
            exact /= size
        else:
            below.append(forms.size_of(size))
    return _Front(exact, None, (), tuple(below), 1)


def _is_one(form: Form) -> bool:
    return isinstance(form, forms.Number) and form.value == 1


def _sums(form: Form, by_entries: bool) -> bool:
    """Say whether a form prints as a sum over indices."""
    if not isinstance(form, forms.Reduce) or form.kind != "sum":
        return False
    if norms.squared(form) is not None:
        return True
    return any(form.args[0].shape[k] != 1 for k in form.axes) and (by_entries or one_element(form))


def prints_with_ones(form: Form) -> bool:
    """Say whether a form is a sum over one axis of a matrix, which prints as a product with a vector of ones."""
    return (
        isinstance(form, forms.Reduce)
        and form.kind == "sum"
        and form.args[0].ndim == 2
        and len(form.axes) == 1
        and not one_element(form)
    )


def _stands_behind(context: Context, form: Form, by_entries: bool) -> bool:
    """Say whether a form stands behind what divides it: a sum, or what begins with a derivative ∂L/∂A as a fraction."""
    if _sums(form, by_entries):
        return True
    if isinstance(form, forms.Apply) and form.op in ("add", "subtract"):
        return any(_stands_behind(context, a, by_entries) for a in form.args)
    while not isinstance(form, forms.Adjoint):
        if not form.args or not (
            isinstance(form, (forms.Matmul, forms.Outer))
            or (isinstance(form, forms.Apply) and form.op == "multiply")
            or (not by_entries and isinstance(form, forms.Reduce) and form.axes == (1,) and form.args[0].ndim == 2)
        ):
            return False
        form = form.args[0]
    return isinstance(context.adjoint(form.of), Fraction)


def _share(setter: Setter, front: _Front, below: Form | None, at: Places | None, side: str | None) -> Piece:
    """Return the quotient in front."""
    above, under = _sides(setter, front, below, at, side)
    if under.node == number_piece(1).node:
        return replace(above, negative=front.exact < 0)
    return Piece(Fraction(above.whole(), under.whole()), POWER, "fraction", "fraction", front.exact < 0)


def _sides(
    setter: Setter, front: _Front, below: Form | None, at: Places | None, side: str | None
) -> tuple[Piece, Piece]:
    """Return what stands above the bar of the quotient in front, without its sign, and below it."""
    above = _product(setter, Rational(abs(front.exact.numerator)), front, front.above, at, side)
    divisors = front.below if below is None else (*front.below, below)
    return above, _product(setter, Rational(front.exact.denominator), None, divisors, at, side)


def _product(
    setter: Setter,
    exact: Rational,
    front: _Front | None,
    others: tuple[Form, ...],
    at: Places | None,
    side: str | None,
) -> Piece:
    value = front.decimal if front is not None and front.decimal is not None else int(exact)
    found = number_piece(value)
    for other in others:
        turned = side if other.ndim == 1 else None
        piece = setter.form(other, turned) if at is None else setter.entry(other, aligned(at, other))
        found = piece if found == number_piece(1) else times(found, piece)
    return found
