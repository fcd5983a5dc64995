"""Numbers in front of what is recognized: exact fractions, decimals as typed, and symbolic sizes above and below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sympy as sp

from symback.core.forms import Apply, Form, Get, Number, apply, number, size_of
from symback.engine.elements import Literal


@dataclass(frozen=True)
class Coefficient:
    """A number in front: exact part, decimals the user typed, symbolic sizes above and below."""

    exact: Fraction = Fraction(1)
    decimals: tuple[float, ...] = ()
    sizes: tuple[sp.Symbol, ...] = ()
    below: tuple[Any, ...] = ()

    @property
    def plain(self) -> bool:
        return self == Coefficient()

    def times(self, other: Coefficient) -> Coefficient:
        sizes, below = list(self.sizes), list(self.below)
        for s in other.sizes:
            if s in below:
                below.remove(s)
            else:
                sizes.append(s)
        for s in other.below:
            if s in sizes:
                sizes.remove(s)
            else:
                below.append(s)
        return Coefficient(self.exact * other.exact, self.decimals + other.decimals, tuple(sizes), tuple(below))


def coefficient_of(factor: Any) -> Coefficient | None:
    """Return a factor that is a number or a power of a size as a coefficient, else None."""
    if isinstance(factor, sp.Rational):
        return Coefficient(Fraction(int(factor.p), int(factor.q)))
    if isinstance(factor, Literal):
        return Coefficient(decimals=(factor.value,))
    base, power = factor.as_base_exp()
    if isinstance(base, sp.Symbol) and isinstance(power, sp.Integer):
        count = int(power)
        return Coefficient(sizes=(base,) * count) if count > 0 else Coefficient(below=(base,) * -count)
    if isinstance(base, Literal) and power == -1:
        return Coefficient(below=(base.value,))
    return None


def split(expression: Any) -> tuple[Coefficient, list[Any]]:
    """Return a product as the number in front and the other factors."""
    coefficient, rest = Coefficient(), []
    for factor in sp.Mul.make_args(expression):
        found = coefficient_of(factor)
        if found is None:
            rest.append(factor)
        else:
            coefficient = coefficient.times(found)
    return coefficient, rest


def scaled(form: Form, c: Coefficient) -> Form:
    """Return the Form times a coefficient: a number in front, sizes and denominators behind."""
    exact, below = c.exact, list(c.below)
    front: Form | None = None
    if c.decimals:
        value = Decimal(exact.numerator)
        for d in c.decimals:
            value *= Decimal(repr(d))
        if exact.denominator != 1:
            below.insert(0, exact.denominator)
        front = number(float(value))
    elif exact.denominator == 1 or (exact.denominator == 2 and abs(exact) < 1 and not below):
        front = number(exact.numerator) if exact.denominator == 1 else number(float(exact))
    else:
        front = number(exact.numerator)
        below.insert(0, exact.denominator)
    result = form
    one = isinstance(form, Number) and form.value == 1
    for s in c.sizes:
        result = size_of(s) if one else apply("multiply", size_of(s), result)
        one = False
    if isinstance(front, Number) and front.value == -1:
        result = number(-1) if one else negated(result)
    elif not (isinstance(front, Number) and front.value == 1):
        result = front if one else apply("multiply", front, result)
    if below:
        result = apply(
            "divide", result, times_all([number(b) if isinstance(b, (int, float)) else size_of(b) for b in below])
        )
    return result


def negated(form: Form) -> Form:
    """Return minus the Form, with the sign taken in where that is shorter: -(t - y) is y - t, -(-y + t) as well."""
    if isinstance(form, Apply) and form.op == "negative":
        return form.args[0]
    if isinstance(form, Apply) and form.op == "subtract" and all(_simple(a) for a in form.args):
        return apply("subtract", form.args[1], form.args[0])
    if isinstance(form, Apply) and form.op == "add":
        first = form.args[0]
        if isinstance(first, Apply) and first.op == "negative":
            return apply("subtract", first.args[0], form.args[1])
    return apply("negative", form)


def _simple(form: Form) -> bool:
    return not form.args or (
        isinstance(form, (Get, Apply))
        and not (isinstance(form, Apply) and form.op in ("divide", "add", "subtract", "power"))
    )


def content_of(coefficients: Sequence[Coefficient]) -> Coefficient:
    """Return what all coefficients share: their common rational part, and their common sizes."""
    first = coefficients[0]
    sizes = [s for s in first.sizes if all(s in c.sizes for c in coefficients[1:])]
    below = [s for s in first.below if all(s in c.below for c in coefficients[1:])]
    decimals = first.decimals if all(c.decimals == first.decimals for c in coefficients) else ()
    exact = Fraction(1)
    magnitudes = {abs(c.exact) for c in coefficients}
    numerators = math.gcd(*[m.numerator for m in magnitudes])
    denominators = {m.denominator for m in magnitudes}
    if len(magnitudes) == 1:
        exact = magnitudes.pop()
    else:
        exact = Fraction(numerators, denominators.pop() if len(denominators) == 1 else 1)
    if all(c.exact < 0 for c in coefficients):
        exact = -exact
    return Coefficient(exact, decimals, tuple(dict.fromkeys(sizes)), tuple(dict.fromkeys(below)))


def divided(c: Coefficient, content: Coefficient) -> Coefficient:
    """Return a coefficient without the content that it shares with others."""
    sizes, below = list(c.sizes), list(c.below)
    for s in content.sizes:
        sizes.remove(s)
    for b in content.below:
        below.remove(b)
    return Coefficient(c.exact / content.exact, () if content.decimals else c.decimals, tuple(sizes), tuple(below))


def primitive(node: Any) -> tuple[Coefficient, Any]:
    """Return a sum as a common number times the rest; a sum of one sign only gives up its sign."""
    terms = sp.Add.make_args(node)
    content = content_of([split(t)[0] for t in terms])
    if content.plain:
        return content, node
    inverse = inverse_of(content)
    return content, sp.Add(*[t * inverse for t in terms])


def inverse_of(c: Coefficient) -> Any:
    """Return 1 / coefficient as an expression."""
    result = sp.Rational(c.exact.denominator, c.exact.numerator)
    for s in c.sizes:
        result = result / s
    for b in c.below:
        result = result * (sp.Symbol(b) if isinstance(b, str) else Literal(b) if isinstance(b, float) else b)
    for d in c.decimals:
        result = result / Literal(d)
    return result


def times_all(forms: Sequence[Form]) -> Form:
    """Return the product of forms; a factor 1 is left out, and 1 / b divides what stands before it."""
    result = forms[0]
    for form in forms[1:]:
        if isinstance(result, Number) and result.value == 1:
            result = form
        elif (
            isinstance(form, Apply)
            and form.op == "divide"
            and isinstance(form.args[0], Number)
            and form.args[0].value == 1
        ):
            result = apply("divide", result, form.args[1])
        else:
            result = apply("multiply", result, form)
    return result
