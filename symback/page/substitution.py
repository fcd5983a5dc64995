"""Numbers put into formulas, stage by stage, with honest rounding.

Values are carried in float64. The operands of a printed line have the fewest digits, at least ``digits`` significant
ones, for which computing the line again gives the printed result; ``=`` is printed where the line is exact, ``≈``
where it is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from symback.core.errors import PrintError
from symback.core.forms import (
    Adjoint,
    Apply,
    Filled,
    Form,
    Function,
    Implicit,
    Index,
    Name,
    Number,
    Prime,
    Rounded,
    Size,
    apply,
    name,
    number,
    product_of,
    rebuild,
    size_of,
    substitute,
    walk,
)
from symback.core.operations import ARITHMETIC, CHOICES, ELEMENTARY
from symback.engine.interpreter import FLOATS, Arithmetic, evaluate
from symback.engine.textbook import prime_form

_NOISE = 8
"""Below this many roundings of its terms a sum is 0."""
_EXACT_DIGITS = 12
"""A value that agrees with its rounding to so many digits is that number, but for the rounding of float64."""
_TYPED = 8
"""A value that was typed with at most this many digits is printed as typed."""


@dataclass(frozen=True)
class NumberLine:
    """One formula with numbers in it: ``substituted``, ``simplified`` where zeros vanish, and the result."""

    substituted: Form
    simplified: Form | None
    exact: bool
    result: float


def rounded(value: float, digits: int) -> float:
    """Return a number rounded to ``digits`` significant digits; it knows that where it is another one than the value.

    >>> rounded(0.65654, 4), rounded(-12345.6, 3)
    (0.6565, -12300.0)
    >>> [type(rounded(v, 4)).__name__ for v in (0.21196, 0.5, 0.1 + 0.2)]
    ['Rounded', 'float', 'float']
    """
    if not math.isfinite(value):
        return value
    found = float(f"{value:.{digits - 1}e}")
    same = abs(found - value) <= 10.0 ** -max(_EXACT_DIGITS, digits + 2) * abs(value)
    return found if same else Rounded(found, digits)


def rounded_array(value: Any, digits: int) -> np.ndarray:
    """Return an array with its entries rounded, to compute with."""
    return np.asarray(np.vectorize(lambda v: rounded(float(v), digits), otypes=[float])(value))


def rounded_entries(value: Any, digits: int) -> np.ndarray:
    """Return an array with its entries rounded, to print: each knows whether it is."""
    return np.asarray(np.vectorize(lambda v: rounded(float(v), digits), otypes=[object])(value))


def scalar_form(form: Form) -> Form:
    """Return a formula of arrays with one element each as a formula of numbers; primes in terms of outputs stay."""

    return _Single({}).entry(form, ())


@dataclass(frozen=True, eq=False)
class _Single:
    """The algebra of arrays with one element: their only entry is a Form of numbers, and a place a whole number."""

    made: dict[Form, Form]
    zero: int = 0

    def entry(self, form: Form, at: Sequence[int]) -> Form:
        if form not in self.made:
            self.made[form] = form.entry((0,) * form.ndim, self)
        return self.made[form]

    def named(self, form: Name | Adjoint | Implicit, at: Sequence[int]) -> Form:
        return form

    def number(self, form: Number | Filled) -> Form:
        return number(form.value) if isinstance(form, Filled) else form

    def size(self, size: sp.Symbol) -> Form:
        return size_of(size)

    def operation(self, form: Apply, at: Sequence[int]) -> Form:
        return rebuild(form, tuple(self.entry(a, ()) for a in form.args))

    def product(self, form: Form, factors: Sequence[Form]) -> Form:
        return product_of(factors)

    def reduced(self, form: Form, kind: str, sizes: Sequence[Size], body: Callable[[Sequence[int]], Form]) -> Form:
        return body((0,) * len(sizes))

    def compared(self, relation: str, left: int, right: int) -> Form:
        held = FLOATS.functions["equal" if relation == "delta" else relation](left, right)
        return number(int(held))

    def where_compared(self, body: Form, source: int, here: int, relation: str = "equal") -> Form:
        held = self.compared(relation, source, here)
        return body if held is number(1) else held

    def chosen(
        self,
        form: Form,
        at: Sequence[int],
        parts: Sequence[tuple[Index, Callable[[Sequence[int]], Form]]],
        otherwise: float | None,
    ) -> Form:
        for index, value in parts:
            if all(item is None or (item if isinstance(item, int) else item.start) == 0 for item in index):
                return value(tuple(0 for item in index if not isinstance(item, int)))
        return number(otherwise or 0)

    def affine(self, terms: Sequence[tuple[int, int]], start: int, length: Size) -> int:
        return start + sum(step * place for place, step in terms)

    def digit(self, place: int, stride: int, length: int, slowest: bool) -> int:
        return place // stride % length

    def looked_up(self, index: Form, at: Sequence[int], length: Size) -> int:
        return 0

    def counted(self, place: int, start: int) -> Form:
        return number(place + start)


def unfolded(form: Form, outputs: Mapping[Form, Form], calls: bool = True) -> Form:
    """Return a formula with derivatives of smooth functions in their outputs, and with ``calls`` their definitions."""

    def change(node: Form) -> Form | None:
        if not isinstance(node, Apply) or isinstance(node.op, str):
            return None
        function = node.op.function if isinstance(node.op, Prime) else node.op
        if function.definition is None:
            raise PrintError(f"{function.name} is an undefined function; its values are not known")
        if not function.entrywise:
            return None
        args = tuple(unfolded(a, outputs, calls) for a in node.args)
        if not is_smooth(function):
            return apply(node.op, *args)
        if isinstance(node.op, Prime):
            return prime_form(node.op, args, outputs.get(apply(function, *node.args)))
        return function.definition(*args, **node.parameters) if calls else apply(function, *args)

    return substitute(form, change)


def is_smooth(function: Function) -> bool:
    """Say whether a function is one formula, without cases."""
    if function.definition is None or not function.entrywise:
        return False
    body = function.definition(*[name(f"_{k}") for k in range(function.arguments)])
    return not any(isinstance(n, Apply) and n.op == "where" for n in walk(body))


def number_line(form: Form, values: Mapping[str, float], typed: frozenset[str], digits: int = 4) -> NumberLine:
    """Return ``form`` with its names' values put in; the adjoint of ``z`` has its value under ``∂z``.

    ``typed`` names values that a person wrote: they are printed in full where they are short.
    """
    leaves = dict.fromkeys(
        n.name if isinstance(n, Name) else "∂" + n.of for n in walk(form) if isinstance(n, (Name, Adjoint))
    )
    with np.errstate(all="ignore"):
        true = float(np.asarray(evaluate(form, values)).item()) + 0.0  # the sign of a zero says nothing on a page
        if abs(true) < _NOISE * np.finfo(float).eps * _size_of_terms(form, values):
            true = 0.0  # terms that cancel but for rounding
        result = rounded(true, digits)
        shown: dict[str, float] = {}
        for precision in range(digits, 18):
            shown = {n: shown_value(values[n], n in typed, precision) for n in leaves}
            if rounded(float(np.asarray(evaluate(form, shown)).item()), digits) == result:
                break
    substituted = put_in(form, shown)
    exact = _exact(substituted)
    simplified, changed = _simplified(substituted)
    same = exact is not None and exact == Fraction(repr(result))
    return NumberLine(substituted, simplified if changed else None, same, result)


def _size_of_terms(form: Form, values: Mapping[str, float]) -> float:
    """Return the sum of the sizes of the terms of a sum; 0 for another formula."""
    if isinstance(form, Apply) and form.op in ("add", "subtract"):
        terms = [_size_of_terms(a, values) or abs(float(np.asarray(evaluate(a, values)).item())) for a in form.args]
        return sum(terms)
    return _size_of_terms(form.args[0], values) if isinstance(form, Apply) and form.op == "negative" else 0.0


def shown_value(value: float, typed: bool, precision: int) -> float:
    """Return a value as a line prints it: as typed where it is short, else rounded; whole numbers stay whole."""
    if not math.isfinite(value):
        raise PrintError(f"a line of numbers cannot show {value}")
    if (typed and len(Decimal(repr(value)).as_tuple().digits) <= _TYPED) or (
        value == int(value) and abs(value) < 10**6
    ):
        return value
    return rounded(value, precision)


def put_in(form: Form, shown: Mapping[str, float]) -> Form:
    """Return a formula with numbers in the place of its names."""

    def change(node: Form) -> Form | None:
        key = node.name if isinstance(node, Name) else "∂" + node.of if isinstance(node, Adjoint) else None
        if key is None:
            return None
        value = shown[key]
        if isinstance(value, Rounded):
            return number(value)
        return number(int(value) if value == int(value) and abs(value) < 1e15 else value)

    return substitute(form, change)


_EXACT = Arithmetic(
    lambda value: Fraction(repr(value)) if isinstance(value, float) else Fraction(value),
    {k: FLOATS.functions[k] for k in (*ARITHMETIC, *CHOICES)}
    | {"power": lambda a, b: _exact_power(a, b), "sqrt": lambda a: _exact_root(a)},
)


class _Irrational(Exception):
    """A line holds a function or a power whose value is no fraction."""


def _exact_power(a: Any, b: Any) -> Any:
    exponents = np.asarray(b, dtype=object).reshape(-1)
    if any(k.denominator > 2 or abs(k) > 64 for k in map(Fraction, exponents)):
        raise _Irrational
    if any(Fraction(k).denominator == 2 for k in exponents):
        a, b = _exact_root(a), np.asarray(b, dtype=object)[()] * 2
    return a ** (np.asarray(b, dtype=object) if np.ndim(b) else int(b))


def _exact_root(a: Any) -> Any:
    """Return the square root of fractions that have one."""
    found = np.empty(np.shape(a), dtype=object)
    for index, value in np.ndenumerate(np.asarray(a, dtype=object)):
        root = Fraction(math.isqrt(max(value.numerator, 0)), math.isqrt(value.denominator))
        if root**2 != value:
            raise _Irrational
        found[index] = root
    return found[()]


def exact_value(form: Form, environment: Mapping[str, Any] | None = None) -> Any:
    """Return the value of a line in exact fractions, or None where a function makes it irrational."""
    try:
        return evaluate(form, environment or {}, None, _EXACT)
    except (_Irrational, KeyError, ZeroDivisionError, TypeError, ValueError, OverflowError):
        return None


def _exact(form: Form) -> Fraction | None:
    value = exact_value(form)
    if value is None or np.size(value) != 1:
        return None
    found = Fraction(np.asarray(value, dtype=object).item())
    return Fraction(int(found.numerator), int(found.denominator))  # a condition gives NumPy's integers


def _simplified(form: Form) -> tuple[Form, bool]:
    """Return the line with zero and unit factors removed and arguments of functions folded, and whether it is worth it."""
    if not form.args:
        return form, False
    parts = [_simplified(a) for a in form.args]
    args = [p for p, _ in parts]
    changed = any(c for _, c in parts)
    if not isinstance(form, Apply) or not isinstance(form.op, str):
        if isinstance(form, Apply):
            args, folded = _folded(args)
            made = rebuild(form, tuple(args))
            if isinstance(form.op, Prime):
                made, known = _fold(made)
                return made, changed or folded or known
            return made, changed or folded
        return rebuild(form, tuple(args)), changed
    if form.op in CHOICES:
        return _decided(form, args, changed)
    if form.op in ELEMENTARY:
        args, folded = _folded(args)
        return rebuild(form, tuple(args)), changed or folded
    zero = [_is(a, 0) for a in args]
    one = [_is(a, 1) for a in args]
    if form.op == "multiply":
        if any(zero) or any(map(_cancels, args)):
            return number(0), True
        if any(one):
            return args[1] if one[0] else args[0], changed
    elif form.op == "add" and any(zero):
        return args[1] if zero[0] else args[0], True
    elif form.op == "subtract":
        if zero[1]:
            return args[0], True
        if zero[0]:
            return apply("negative", args[1]), True
    elif (form.op == "divide" and one[1]) or (form.op == "power" and one[1]):
        return args[0], changed
    elif form.op == "negative" and zero[0]:
        return number(0), True
    elif form.op == "negative" and isinstance(args[0], Apply) and args[0].op == "negative":
        return args[0].args[0], True
    return rebuild(form, tuple(args)), changed


def _decided(form: Apply, args: list[Form], changed: bool) -> tuple[Form, bool]:
    """Return a condition between numbers as 1 or 0, and a case as the branch it takes."""
    if form.op == "where":
        held = _exact(args[0])
        return (rebuild(form, tuple(args)), changed) if held is None else (args[1] if held else args[2], True)
    made, folded = _fold(rebuild(form, tuple(args)))
    return made, changed or folded


def _folded(args: list[Form]) -> tuple[list[Form], bool]:
    found = [_fold(a) for a in args]
    return [f for f, _ in found], any(c for _, c in found)


def _fold(form: Form) -> tuple[Form, bool]:
    if isinstance(form, Number) or (
        isinstance(form, Apply) and form.op == "negative" and isinstance(form.args[0], Number)
    ):
        return form, False
    value = _exact(form)
    if value is None:
        return form, False
    short = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(short) != value or len(short.as_tuple().digits) > 12:
        return form, False
    return number(int(value) if value.denominator == 1 else float(short)), True


def _cancels(form: Form) -> bool:
    """Say whether a factor is the difference of a number and itself, as 1 − y is for y = 1; a rounded one may hide a rest."""
    if not (isinstance(form, Apply) and form.op == "subtract"):
        return False
    first, second = form.args
    whole = isinstance(first, Number) and not isinstance(first.value, Rounded)
    return whole and first is second


def _is(form: Form, value: int) -> bool:
    return isinstance(form, Number) and form.value == value and not isinstance(form.value, Rounded)
