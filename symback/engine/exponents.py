"""Exponentials put together by algebra, before floating point sees any of them alone.

A formula is read as a quotient of sums of terms ``c · F · e^a``: products add exponents, so that what cancels cancels
in the exponents, and a positive sum below (or in a logarithm) becomes e^ℓ, where ℓ is its own log-sum-exp. Then
``e^a / (e^a + e^b)`` is evaluated as ``σ(a − b)`` and ``log(p / (1 − p))`` of a sigmoid as its argument: no exponential
overflows unless the value itself does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import cast

from symback.core.errors import ShapeError
from symback.core.forms import (
    Apply,
    Broadcast,
    Constant,
    Expand,
    Form,
    Function,
    Get,
    Matmul,
    Name,
    Number,
    Reduce,
    Transpose,
    apply,
    broadcast_to,
    number,
    product_of,
    rebuild,
    reduce_over,
    signed_sum,
    substitute,
    walk,
)
from symback.core.forms import (
    name as make_name,
)
from symback.functions import ROWS

Exponent = frozenset[tuple[Form, Constant]]
"""A linear combination Σ k·a; a number stands as k · 1."""
Key = tuple[tuple[Form, ...], Exponent]
"""What a term holds besides its number: factors that are no exponentials, and its exponent."""
Terms = dict[Key, Constant]
LookThrough = Callable[[Form], Form]

_MOST_TERMS = 24
_ONE: Key = ((), frozenset())
_DEPTH = 40
_MOST_NODES = 400
"""A formula in which no exponential was found among so many operations is left alone."""


@dataclass(frozen=True)
class Quotient:
    """A sum of terms over powers of sums; ``mixed`` is True where exponents were added or a sum came below."""

    above: Terms
    below: tuple[tuple[frozenset[tuple[Key, Constant]], int], ...] = ()
    mixed: bool = False

    @property
    def has_exponentials(self) -> bool:
        return any(exponent for _, exponent in self.above) or bool(self.below)


def _exponent(terms: Mapping[Form, Constant]) -> Exponent:
    return frozenset((form, k) for form, k in terms.items() if k != 0)


def _plus(a: Exponent, b: Exponent, times: Constant = 1) -> Exponent:
    result: dict[Form, Constant] = dict(a)
    for form, k in b:
        result[form] = result.get(form, 0) + k * times
    return _exponent(result)


def _ordered(exponent: Exponent) -> list[tuple[Form, Constant]]:
    return sorted(exponent, key=lambda part: (isinstance(part[0], Number), str(part[0])))


def _multiplied(form: Form, k: Constant) -> Form:
    if isinstance(form, Number):
        return number(float(form.value) * float(k) if isinstance(k, float) else form.value * k)
    if isinstance(k, Fraction) and k.denominator != 1:
        above = form if k.numerator == 1 else apply("multiply", number(k.numerator), form)
        return apply("divide", above, number(k.denominator))
    k = int(k) if isinstance(k, Fraction) else k
    return form if k == 1 else apply("multiply", number(k), form)


def exponent_form(exponent: Exponent) -> Form:
    """Return Σ k·a as a Form, what is added first; 0 where there is nothing."""
    if not exponent:
        return number(0)
    signed = [(1, _multiplied(form, k)) if k > 0 else (-1, _multiplied(form, -k)) for form, k in _ordered(exponent)]
    return signed_sum(sorted(signed, key=lambda part: -part[0]))


# --- the algebra of quotients -----------------------------------------------------------------------------------------


def _sum(a: Terms, b: Terms) -> Terms:
    result = dict(a)
    for key, c in b.items():
        result[key] = result.get(key, 0) + c
    return {key: c for key, c in result.items() if c != 0}


def _product(a: Terms, b: Terms) -> Terms | None:
    if len(a) * len(b) > _MOST_TERMS:
        return None
    result: Terms = {}
    for (f, e), c in a.items():
        for (g, h), d in b.items():
            key = (tuple(sorted((*f, *g), key=str)), _plus(e, h))
            result[key] = result.get(key, 0) + c * d
    return {key: c for key, c in result.items() if c != 0}


def _power(terms: Terms, count: int) -> Terms | None:
    result: Terms | None = {_ONE: 1}
    for _ in range(count):
        result = None if result is None else _product(result, terms)
    return result


def _monic(terms: Terms) -> tuple[Terms, Key, Constant]:
    """Return a sum divided by one of its terms, chosen alike for all sums that differ by a term only; and that term."""

    def by(key: Key, c: Constant) -> Terms:
        return {(f, _plus(e, key[1], -1)): (Fraction(d) / c if _whole(d, c) else d / c) for (f, e), d in terms.items()}

    candidates = [(by(key, c), key, c) for key, c in terms.items() if not key[0]]
    if not candidates:
        return terms, _ONE, 1
    made, key, c = min(candidates, key=lambda found: sorted(_spelled(k, d) for k, d in found[0].items()))
    return made, key, c


def _whole(*numbers: Constant) -> bool:
    return not any(isinstance(n, float) for n in numbers)


def _spelled(key: Key, c: Constant) -> str:
    return f"{[str(f) for f in key[0]]} {[(str(f), str(k)) for f, k in _ordered(key[1])]} {c}"


def _inverse(q: Quotient) -> Quotient | None:
    """Return 1 / q."""
    below: Terms | None = {_ONE: 1}
    for terms, count in q.below:
        grown = _power(dict(terms), count)
        below = None if grown is None or below is None else _product(below, grown)
    if below is None or not q.above:
        return None
    made, (_, exponent), c = _monic(q.above)
    scale: Constant = Fraction(1) / c if _whole(c) else 1 / c
    above = {(f, _plus(e, exponent, -1)): d * scale for (f, e), d in below.items()}
    if made == {_ONE: 1}:
        return Quotient(above, (), q.mixed)
    if len(made) == 1:
        [(f, e)] = made
        under = tuple(number(1) / factor for factor in f)
        return Quotient({((*g, *under), _plus(h, e, -1)): _ratio(d, made[(f, e)]) for (g, h), d in above.items()})
    return Quotient(above, ((frozenset(made.items()), 1),), True)


def _times(a: Quotient, b: Quotient) -> Quotient | None:
    above = _product(a.above, b.above)
    if above is None:
        return None
    counts: dict[frozenset[tuple[Key, Constant]], int] = dict(a.below)
    for terms, count in b.below:
        counts[terms] = counts.get(terms, 0) + count
    mixed = a.mixed or b.mixed or (a.has_exponentials and b.has_exponentials)
    return _cancelled(Quotient(above, tuple(counts.items()), mixed))


def _cancelled(q: Quotient) -> Quotient:
    """Return a quotient without a sum that stands above as a whole and below."""
    if len(q.above) < 2 or not q.below:
        return q
    made, key, c = _monic(q.above)
    whole = frozenset(made.items())
    counts = dict(q.below)
    if whole not in counts:
        return q
    counts[whole] -= 1
    return Quotient({key: c}, tuple((t, n) for t, n in counts.items() if n), q.mixed)


def _added(a: Quotient, b: Quotient) -> Quotient | None:
    left, right = dict(a.below), dict(b.below)
    common = {t: max(left.get(t, 0), right.get(t, 0)) for t in (*left, *right)}
    sides: list[Terms] = []
    for q, own in ((a, left), (b, right)):
        above: Terms | None = q.above
        for terms, count in common.items():
            grown = _power(dict(terms), count - own.get(terms, 0))
            above = None if grown is None or above is None else _product(above, grown)
        if above is None:
            return None
        sides.append(above)
    return _cancelled(Quotient(_sum(*sides), tuple(common.items()), a.mixed or b.mixed))


def _raised(q: Quotient, count: int) -> Quotient | None:
    result: Quotient | None = Quotient({_ONE: 1})
    base = q if count >= 0 else _inverse(q)
    if base is None or abs(count) > 8:
        return None
    for _ in range(abs(count)):
        result = None if result is None else _times(result, base)
    return result


# --- reading Forms ----------------------------------------------------------------------------------------------------


def _linear(form: Form) -> tuple[Exponent, list[tuple[Form, int]]]:
    """Return an exponent as a linear combination, and the logarithms in it with whole multiples."""
    found: dict[Form, Constant] = {}
    logarithms: list[tuple[Form, int]] = []

    def visit(node: Form, k: Constant) -> None:
        if isinstance(node, Number):
            one = number(1)
            found[one] = found.get(one, 0) + k * node.value
            return
        op = node.op if isinstance(node, Apply) else None
        if op in ("add", "subtract"):
            visit(node.args[0], k)
            visit(node.args[1], k if op == "add" else -k)
        elif op == "negative":
            visit(node.args[0], -k)
        elif op == "multiply" and any(isinstance(a, Number) for a in node.args):
            at = 0 if isinstance(node.args[0], Number) else 1
            visit(node.args[1 - at], k * node.args[at].value)  # type: ignore[attr-defined]
        elif op == "divide" and isinstance(node.args[1], Number) and isinstance(node.args[1].value, (int, Fraction)):
            visit(node.args[0], Fraction(1) / node.args[1].value * k if _whole(k) else k / node.args[1].value)
        elif _log_argument(node) is not None and _whole(k) and k == int(k):
            logarithms.append((cast(Form, _log_argument(node)), int(k)))
        else:
            found[node] = found.get(node, 0) + k

    visit(form, 1)
    return _exponent(found), logarithms


def squashed(node: Form) -> Form | None:
    """Return σ(a − b) for e^a / (e^a + e^b), None for any other form."""
    if not (
        isinstance(node, Apply) and node.op == "divide" and _reaches_exponential(node.args, lambda n: n, rows=False)
    ):
        return None
    read = _Reader(lambda n: n, False, lambda n: n).read(node)
    if read is None or [*read.above.values()] != [1] or any(c != 1 for t, _ in read.below for _, c in t):
        return None
    made = _sigmoid(read)
    return made if made is not None and made.shape == node.shape else None


def grows(form: Form, definitions: Mapping[Form, Form]) -> bool:
    """Return True for a formula in which a bare exponential stands, names looked through, that may overflow.

    One whose largest exponent was subtracted, as in e^(z − max z), does not.
    """

    def known(node: Form) -> Form:
        return definitions.get(node, node)

    def shifted(exponent: Form) -> bool:
        exponent = known(exponent)
        if not (isinstance(exponent, Apply) and exponent.op == "subtract"):
            return False
        largest = known(exponent.args[1])
        while largest.is_view:
            largest = known(largest.args[0])
        return isinstance(largest, Reduce) and largest.kind == "max"

    def change(node: Form) -> Form | None:
        return number(0) if isinstance(node, Apply) and node.op == "exp" and shifted(node.args[0]) else None

    def meant(node: Form) -> Form:
        return substitute(known(node), change)

    return form.args != () and _reaches_exponential((meant(form),), meant, rows=False)


def is_exponential_sum(form: Form) -> bool:
    """Return True for a sum or a mean along axes of a formula in which an exponential stands."""
    return (
        isinstance(form, Reduce)
        and form.kind in ("sum", "mean")
        and _reaches_exponential(form.args, lambda node: node, rows=False)
    )


_THROUGH = frozenset({"add", "subtract", "multiply", "divide", "negative", "power", "sqrt", "exp"})


@lru_cache(maxsize=512)
def _is_exponential(row: Function) -> bool:
    """Return True for a row whose definition is built of exponentials by arithmetic, sums and roots alone."""
    if row.definition is None or row.elementary:
        return False
    for shape in ((), (3,)):
        try:
            body = row.definition(*[make_name(f"_{k}", shape) for k in range(row.arguments)], **row.parameters)
        except Exception:  # a row along an axis has no meaning for a number; what it then does is its own affair
            continue
        calls = [n for n in walk(body) if isinstance(n, Apply)]
        return any(n.op == "exp" for n in calls) and all(isinstance(n.op, str) and n.op in _THROUGH for n in calls)
    return False


def _log_argument(node: Form) -> Form | None:
    """Return u for log u, and for a row of the tables that is defined as log u."""
    if not isinstance(node, Apply):
        return None
    if isinstance(node.op, Function) and node.op.elementary and node.op.definition is not None:
        meant = node.op.definition(*node.args, **node.parameters)
        node = meant if isinstance(meant, Apply) else node
    return node.args[0] if node.op == "log" else None


def _inverse_number(node: Number) -> Quotient | None:
    if node.value == 0:
        return None
    return Quotient({_ONE: 1 / node.value if isinstance(node.value, float) else Fraction(1) / node.value})


class _Reader:
    """Reads Forms as quotients; ``rows`` tells whether the table's functions are opened, ``known`` what names stand for."""

    def __init__(self, known: LookThrough, rows: bool, safe: LookThrough) -> None:
        self.known = known
        self.rows = rows
        self.safe = safe
        self.memo: dict[Form, Quotient | None] = {}
        self.depth = 0

    def read(self, node: Form) -> Quotient | None:
        if node not in self.memo:
            if self.depth > _DEPTH:
                return _atom(self.safe(node))
            self.depth += 1
            try:
                self.memo[node] = self._read(node)
            finally:
                self.depth -= 1
        return self.memo[node]

    def _read(self, node: Form) -> Quotient | None:
        if isinstance(node, Number):
            return Quotient({_ONE: node.value} if node.value != 0 else {})
        if isinstance(node, Name):
            meant = self.known(node)
            return self._known(node, meant) if meant is not node else _atom(node)
        if isinstance(node, Reduce):
            return self._reduced(node)
        if isinstance(node, (Expand, Get, Transpose, Broadcast)):
            return self._view(node)
        if isinstance(node, Matmul) and all(a.ndim == 1 for a in node.args):
            return self.read(reduce_over("sum", node.args[0] * node.args[1]))
        return self._operation(node) if isinstance(node, Apply) else _atom(node)

    def _known(self, node: Form, meant: Form) -> Quotient | None:
        read = self.read(meant)
        return read if read is not None and read.has_exponentials else _atom(node)

    def _operation(self, node: Apply) -> Quotient | None:
        op = node.op
        if op == "exp":
            return self._exponential(node)
        if op in ("add", "subtract", "multiply", "divide", "negative"):
            return self._arithmetic(node)
        exponent = node.args[-1]
        if op == "power" and isinstance(exponent, Number) and exponent.value == int(exponent.value):
            base = self.read(node.args[0])
            return None if base is None else _raised(base, int(exponent.value))
        if op == "sqrt":
            return self._root(node)
        if self.rows and isinstance(op, Function) and _is_exponential(op):
            assert op.definition is not None
            opened = self.read(op.definition(*node.args, **node.parameters))
            return opened if opened is not None and opened.has_exponentials else _atom(self.safe(node))
        return _atom(self.safe(node))

    def _exponential(self, node: Apply) -> Quotient | None:
        exponent, logarithms = _linear(node.args[0])
        result: Quotient | None = Quotient({((), _plus(frozenset(), exponent)): 1})
        for inside, count in logarithms:
            base = self.read(inside)
            raised = None if base is None else _raised(base, count)
            result = None if raised is None or result is None else _times(result, raised)
        return result

    def _arithmetic(self, node: Apply) -> Quotient | None:
        read = [self.read(a) for a in node.args]
        if any(q is None for q in read):
            return None
        first, last = read[0], read[-1]
        assert first is not None and last is not None
        minus = Quotient({_ONE: -1})
        if node.op == "negative":
            return _times(first, minus)
        if node.op == "multiply":
            return _times(first, last)
        if node.op == "divide":
            inverse = self._reciprocal(node.args[1])
            return None if inverse is None else _times(first, inverse)
        other = last if node.op == "add" else _times(last, minus)
        return None if other is None else _added(first, other)

    def _reciprocal(self, node: Form) -> Quotient | None:
        """Return 1 / node, factor by factor, so that a power of a sum stays a power."""
        op = node.op if isinstance(node, Apply) else None
        if op == "multiply":
            parts = [self._reciprocal(a) for a in node.args]
            return None if parts[0] is None or parts[1] is None else _times(parts[0], parts[1])
        if op == "power" and isinstance(node.args[1], Number) and node.args[1].value == int(node.args[1].value):
            base = self._reciprocal(node.args[0])
            return None if base is None else _raised(base, int(node.args[1].value))
        read = self.read(node)
        if read is None or not read.has_exponentials:
            return _atom(number(1) / self.safe(node)) if not isinstance(node, Number) else _inverse_number(node)
        return _inverse(read)

    def _root(self, node: Apply) -> Quotient | None:
        """Return the square root of a quotient that is positive: half of its logarithm in the exponent."""
        inside = self.read(node.args[0])
        if inside is None or not inside.has_exponentials:
            return _atom(self.safe(node))
        half = logarithm(inside)
        if half is None:
            return _atom(self.safe(node))
        return Quotient({((), frozenset({(half, Fraction(1, 2))})): 1}, (), inside.mixed)

    def _view(self, node: Form) -> Quotient | None:
        inside = self.read(node.args[0])
        if inside is None or not inside.has_exponentials:
            return _atom(self.safe(node))
        shape = node.args[0].shape

        def viewed(form: Form) -> Form:
            if isinstance(form, Number):
                return form
            return rebuild(node, (form if form.shape == shape else broadcast_to(form, shape),))

        def terms(found: Iterable[tuple[Key, Constant]]) -> Terms:
            return {(tuple(map(viewed, f)), _exponent({viewed(form): k for form, k in e})): c for (f, e), c in found}

        below = tuple((frozenset(terms(t).items()), n) for t, n in inside.below)
        return Quotient(terms(inside.above.items()), below, inside.mixed)

    def _reduced(self, node: Reduce) -> Quotient | None:
        if node.kind not in ("sum", "mean"):
            return _atom(self.safe(node))
        inside = _Reader(self.known, False, self.safe).read(node.args[0])
        flat = None if inside is None or not inside.has_exponentials else _flat(inside)
        if flat is None:
            return _atom(self.safe(node))
        above: Terms = {}
        for key, c in flat.items():
            made = _term_reduced(key, node)
            if made is None:
                return _atom(self.safe(node))
            above = _sum(above, {made[0]: c * made[1]})
        return Quotient(above, (), True)


def _atom(form: Form) -> Quotient:
    return Quotient({((form,), frozenset()): 1})


def _positive(terms: Iterable[tuple[Key, Constant]]) -> bool:
    return all(not factors and c > 0 for (factors, _), c in terms)


def _flat(q: Quotient) -> Terms | None:
    """Return a quotient as one sum, where every sum below is positive: 1 / D is e^−ℓ."""
    shift: Exponent = frozenset()
    for terms, count in q.below:
        if not _positive(terms):
            return None
        shift = _plus(shift, frozenset({(log_sum(dict(terms)), 1)}), -count)
    return {(f, _plus(e, shift)): c for (f, e), c in q.above.items()}


def _term_reduced(key: Key, node: Reduce) -> tuple[Key, Constant] | None:
    """Return Σ F·e^a over the axes of ``node`` as e^ℓ, or as (Σ F·e^(a − m)) e^m with the largest exponent m."""
    inner = node.args[0]
    factors, exponent = key
    count: Constant = 1
    if node.kind == "mean":
        sizes = [inner.shape[k] for k in node.axes]
        if not all(isinstance(s, int) for s in sizes):
            return None
        count = Fraction(1, math.prod(int(s) for s in sizes))
    inside = exponent_form(exponent)
    if inside.shape != inner.shape:
        inside = broadcast_to(inside, inner.shape)
    if not factors:
        return ((), frozenset({(_log_sum_over(inside, node), 1)})), count
    largest = reduce_over("max", inside, node.axes, True)
    weighted = apply("exp", inside - largest)
    for factor in factors:
        weighted = apply("multiply", factor, weighted)
    total = reduce_over("sum", weighted, node.axes, node.keepdims)
    peak = reduce_over("max", inside, node.axes, node.keepdims)
    return ((total,), frozenset({(peak, 1)})), count


def _log_sum_over(inside: Form, node: Reduce) -> Form:
    """Return log Σ e^a over the axes of ``node``, one axis after the other, the last first."""
    result = inside
    for axis in sorted(node.axes, reverse=True):
        result = apply(ROWS["logsumexp"], result, axis=axis, keepdims=node.keepdims)
    return result


# --- writing them again -----------------------------------------------------------------------------------------------


def _with_logarithm(inside: Form, c: Constant) -> Form:
    """Return a + log c; a − log 2 for c = 1/2."""
    if c == 1:
        return inside
    logged = apply("log", number(c if c > 1 else _ratio(1, c)))
    if inside is number(0):
        return logged if c > 1 else apply("negative", logged)
    return inside + logged if c > 1 else inside - logged


def _raised_by(exponent: Exponent, c: Constant) -> Form:
    """Return the exponent of c·e^a."""
    return _with_logarithm(exponent_form(exponent), c)


def log_sum(terms: Terms) -> Form:
    """Return log Σ c·e^a for positive c: a softplus where one term is 1, else log(e^a + e^b + …), from left to right."""
    shared = {*terms.values()}
    common = shared.pop() if len(shared) == 1 and len(terms) > 1 else 1
    if common != 1:
        # c e^a + c e^b is c (e^a + e^b)
        return _with_logarithm(log_sum(dict.fromkeys(terms, 1)), common)
    parts = [_raised_by(exponent, c) for (_, exponent), c in sorted(terms.items(), key=lambda t: _spelled(*t))]
    parts.sort(key=lambda part: part is not number(0))
    result = parts[0]
    for part in parts[1:]:
        result = ROWS["softplus"](part) if result is number(0) else ROWS["logaddexp"](result, part)
    return result


def logarithm(q: Quotient) -> Form | None:
    """Return the logarithm of a quotient that is positive as a whole, its largest exponents outside; None for 0."""
    if not q.above:
        return None
    below = list(q.below)
    result: Form | None = None
    if len(q.above) == 1 and _positive(q.above.items()) and below and below[0][1] == 1 and _positive(below[0][0]):
        # log(e^a / Σ e^b) is −log Σ e^(b − a), which loses nothing where the quotient is near 1
        [((_, exponent), c)] = q.above.items()
        terms = {(f, _plus(e, exponent, -1)): _ratio(d, c) for (f, e), d in below.pop(0)[0]}
        result = _negative_log(terms)
    else:
        result = _log_of_sum(q.above)
    for sums, count in below:
        result = result - _multiplied(_log_of_sum(dict(sums)), count)
    return result


def _negative_log(terms: Terms) -> Form:
    """Return −log Σ c·e^a for positive c."""
    if len(terms) > 1:
        return apply("negative", log_sum(terms))
    [((_, exponent), c)] = terms.items()
    return _raised_by(_plus(frozenset(), exponent, -1), _ratio(1, c))


def _log_of_sum(terms: Terms) -> Form:
    """Return log Σ c·F·e^a of a positive sum: by its largest exponent where the signs are not known."""
    if _positive(terms.items()):
        return log_sum(terms)
    largest, rest = _scaled(terms)
    return apply("log", rest) + exponent_form(largest) if largest else apply("log", rest)


def _ratio(a: Constant, b: Constant) -> Constant:
    return a if b == 1 else Fraction(a) / Fraction(b) if _whole(a, b) else a / b


def written(q: Quotient) -> Form:
    """Return a quotient as a Form in which every exponential is put together with what divides it."""
    squashed = _sigmoid(q)
    if squashed is not None:
        return squashed
    shift: Exponent = frozenset()
    divisors: list[Form] = []
    for terms, count in q.below:
        if _positive(terms):
            shift = _plus(shift, frozenset({(log_sum(dict(terms)), 1)}), -count)
            continue
        largest, rest = _scaled(dict(terms))
        shift = _plus(shift, largest, -count)
        divisors.append(rest if count == 1 else rest ** number(count))
    parts = [_term((f, _plus(e, shift)), c) for (f, e), c in q.above.items()]
    result = signed_sum(sorted(parts, key=lambda part: -part[0])) if parts else number(0)
    for divisor in divisors:
        result = result / divisor
    return result


def _sigmoid(q: Quotient) -> Form | None:
    """Return c·F·σ(a − b) for c·F·e^a / (e^a + e^b)."""
    if len(q.above) != 1 or len(q.below) != 1 or q.below[0][1] != 1 or len(q.below[0][0]) != 2:
        return None
    terms = dict(q.below[0][0])
    [((factors, exponent), c)] = q.above.items()
    if not _positive(terms.items()) or ((), exponent) not in terms:
        return None
    own = terms.pop(((), exponent))
    [((_, other), d)] = terms.items()
    made = ROWS["sigmoid"](_raised_by(_plus(exponent, other, -1), _ratio(own, d)))
    sign, front = _term((factors, frozenset()), _ratio(c, own))
    made = made if front is number(1) else front * made
    return made if sign > 0 else apply("negative", made)


def _scaled(terms: Terms) -> tuple[Exponent, Form]:
    """Return a sum of any signs as e^m, with its largest exponent m, times a sum in which no exponential is above 1."""
    exponents = list(dict.fromkeys(e for _, e in terms))
    largest = exponent_form(exponents[0])
    for e in exponents[1:]:
        largest = ROWS["maximum"](largest, exponent_form(e))
    m: Exponent = frozenset({(largest, 1)}) if len(exponents) > 1 else exponents[0]
    parts = [_term((f, _plus(e, m, -1)), c) for (f, e), c in terms.items()]
    return m, signed_sum(sorted(parts, key=lambda part: -part[0]))


def _softmax(exponent: Exponent) -> Form | None:
    """Return softmax(a) for e^(a − log Σ e^a), None for another exponential."""
    for form, k in exponent:
        inside, axes = (form.args[0], form.axes) if isinstance(form, Expand) else (form, None)
        if not (k == -1 and isinstance(inside, Apply) and inside.op is ROWS["logsumexp"]):
            continue
        score, axis = inside.args[0], inside.parameters["axis"] % inside.args[0].ndim
        kept = inside.parameters["keepdims"] if axes is None else axes == (axis,)
        if (kept or score.ndim == 1) and _plus(exponent, _linear(score)[0], -1) == frozenset({(form, -1)}):
            return apply(ROWS["softmax"], score, axis=axis)
    return None


def _term(key: Key, c: Constant) -> tuple[int, Form]:
    """Return the sign of a term and the term without it."""
    factors, exponent = _without_peaks(key)
    squashed = _softmax(exponent)
    grown = apply("exp", exponent_form(exponent)) if squashed is None else squashed
    above = [*(f for f in factors if not _is_reciprocal(f)), *([grown] if exponent else [])]
    below = [f.args[1] for f in factors if _is_reciprocal(f)]
    value = abs(c)
    if isinstance(value, Fraction):
        below = [*([number(value.denominator)] if value.denominator != 1 else []), *below]
        value = value.numerator
    above = [*([number(value)] if value != 1 or not above else []), *above]
    result = product_of(above)
    return (1 if c > 0 else -1), apply("divide", result, product_of(below)) if below else result


def _is_reciprocal(form: Form) -> bool:
    return isinstance(form, Apply) and form.op == "divide" and form.args[0] is number(1)


def _without_peaks(key: Key) -> Key:
    """Return a term with e^(max a − log Σ e^a) as 1 / Σ e^(a − max a), which has no large numbers to subtract."""
    factors, exponent = key
    held = dict(exponent)
    for form, k in exponent:
        if not (isinstance(form, Reduce) and form.kind == "max" and k == 1 and len(form.axes) == 1):
            continue
        score, axis = form.args[0], form.axes[0]
        total = apply(ROWS["logsumexp"], score, axis=axis, keepdims=form.keepdims)
        if held.get(total, 0) >= 0:
            continue
        sums = reduce_over("sum", apply("exp", score - reduce_over("max", score, axis, True)), axis, form.keepdims)
        factors = (*factors, number(1) / sums)
        held[form] = 0
        held[total] = held[total] + 1
    return factors, _exponent(held)


# --- the door ---------------------------------------------------------------------------------------------------------


def together(node: Form, known: LookThrough, safe: LookThrough) -> Form | None:
    """Return a logarithm, product or quotient with its exponentials put together; None where there is nothing to do.

    ``known`` returns what a name stands for (or the name itself), ``safe`` the safe form of an operand that is no
    exponential.
    """
    if not isinstance(node, Apply) or node.op not in _DOORS:
        return None
    if not _reaches_exponential(node.args, known, node.op == "log"):
        return None
    if node.op == "multiply" and not all(_reaches_exponential((a,), known, False) for a in node.args):
        return None  # a factor without exponents leaves those of the other one as they are
    # what is read here has no safe form yet: this is where it is made
    reader = _Reader(known, node.op == "log", lambda form: form if form is node else safe(form))
    try:
        read = reader.read(node.args[0] if node.op == "log" else node)
        if read is None or not (read.mixed or (node.op == "log" and read.has_exponentials)):
            return None
        if node.op in ("add", "subtract") and (len(read.above) > 1 or not read.below):
            return None  # its terms are put together one by one, where they do not become one
        if node.op == "log" and _is_bounded(read) and not _reaches_exponential(node.args, known, False):
            return None
        made = logarithm(read) if node.op == "log" else written(read)
        if made is None or made is node:
            return None
        return made if made.shape == node.shape else broadcast_to(made, node.shape)
    except ShapeError:
        return None


def _is_bounded(q: Quotient) -> bool:
    """Return True for a quotient that has above whatever exponents it has below, so that it neither vanishes nor grows."""
    below: Terms | None = {_ONE: 1}
    for terms, count in q.below:
        grown = _power(dict(terms), count)
        below = None if grown is None or below is None else _product(below, grown)
    return below is not None and {e for _, e in below} <= {e for _, e in q.above}


_DOORS = frozenset({"log", "divide", "multiply", "power", "sqrt", "add", "subtract"})


def _reaches_exponential(forms: Sequence[Form], known: LookThrough, rows: bool) -> bool:
    """Return True where an exponential stands in some formulas at a place that their value can be read through."""
    seen: set[Form] = set()
    stack: list[Form] = list(forms)
    while stack and len(seen) < _MOST_NODES:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, Apply):
            if node.op == "exp" or (rows and isinstance(node.op, Function) and _is_exponential(node.op)):
                return True
            stack.extend(node.args if node.op in _THROUGH else ())
        elif isinstance(node, Name):
            meant = known(node)
            stack.extend((meant,) if meant is not node else ())
        elif isinstance(node, (Reduce, Expand, Get, Transpose, Broadcast, Matmul)):
            stack.extend(node.args)
    return False


__all__ = [
    "Quotient",
    "exponent_form",
    "grows",
    "is_exponential_sum",
    "log_sum",
    "logarithm",
    "squashed",
    "together",
    "written",
]
