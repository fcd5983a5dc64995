"""Forms collected: numbers in front, products merged, equal terms added up, common factors taken out.

Numbers, sizes and signs come to the front of every product; transposes go in where they get fewer; products of matrices
are chains in which 1-D arrays are columns. Nothing goes through elements, and a product is multiplied out only where
that is shorter, so that a factored residual stays one. A node of a kind that is not known here is a factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from symback.core.forms import (
    Apply,
    Broadcast,
    Einsum,
    Expand,
    Eye,
    Filled,
    Form,
    Gather,
    Get,
    Matmul,
    Name,
    Number,
    Outer,
    Overlap,
    Put,
    Reduce,
    Reshape,
    Scatter,
    Shape,
    Transpose,
    Windows,
    apply,
    broadcast_shapes,
    filled,
    matmul,
    number,
    rebuild,
    transpose,
    walk,
)
from symback.core.operations import ORDERINGS
from symback.derivation.axes import fitted, is_ones, lifted, turned
from symback.derivation.chains import (
    Factor,
    built,
    chain,
    chain_shape,
    column,
    flipped,
    inner_products,
    is_inverse,
    mirrored,
    shared_first,
    stacked,
    transposes,
)
from symback.derivation.gates import absorbed
from symback.derivation.reducing import reduced
from symback.derivation.terms import (
    ONE,
    Powers,
    Term,
    Terms,
    added,
    factor,
    is_sum,
    moved,
    multiplied,
    product,
    taken_out,
    turned_terms,
    weight,
    without_ones,
)
from symback.derivation.writing import exact_value, written

_LINEAR_MOVES = (Get, Put, Reshape, Gather, Scatter, Windows, Overlap, Einsum)


class Collector:
    """Collects forms into terms; equal sums get one form, whatever the order and the sign they came in.

    ``swaps`` are definitions ``name = form``: where the form is a product, its sum (or the name that is divided) is
    written by the name. ``definitions`` are looked at only to prove that a sum is a number, as Σ (x − μ) is 0 where μ is
    the mean of x; ``ones`` are names with the axis (from the last, −1) along which they sum to 1. ``sums`` keeps the
    sums that were replaced by a number so.
    """

    def __init__(
        self,
        swaps: Mapping[Name, Form] | None = None,
        definitions: Mapping[Name, Form] | None = None,
        ones: Mapping[str, int] | None = None,
        multiplies_out: bool = False,
    ) -> None:
        self.definitions: Mapping[Any, Form] = definitions or {}
        self.ones: Mapping[str, int] = ones or {}
        self.sums: dict[Form, Fraction] = {}
        self.decimal = False
        self.multiplies_out = multiplies_out
        self._held: set[Form] = set()
        self._memo: dict[Form, Terms] = {}
        self._sums: dict[tuple[object, Shape], tuple[Form, Fraction]] = {}
        self._swaps: dict[Form, Term] = {}
        for name, form in (swaps or {}).items():
            self._note_swap(name, form)

    def multiplying_out(self) -> Collector:
        """Return a collector that multiplies sums out, to see what they add up to."""
        return Collector(multiplies_out=True)

    # --- forms to terms ---

    def terms(self, form: Form) -> Terms:
        """Return a form as a sum of terms."""
        found = self._memo.get(form)
        if found is None:
            found = self._memo[form] = self._collected(form)
        return found

    def closed(self, form: Form) -> Form:
        """Return a form with its numbers collected, its products merged, and common factors taken out of its sums."""
        return self.form(self.terms(form), form.shape)

    def single(self, form: Form) -> Term:
        """Return a form as one term: a sum is a factor of it."""
        return self.as_one(self.terms(form), form.shape)

    def as_one(self, terms: Terms, shape: Shape) -> Term:
        if not terms:
            return Term(Fraction(0))
        if len(terms) == 1:
            return terms[0]
        outside, rest = taken_out(terms)
        rest = self._flat(rest, shape)
        if len(rest) < 2:
            return outside.times(rest[0]) if rest else Term(Fraction(0))
        product = self._chained(rest)
        if product is not None:
            return outside.times(product)
        found, sign = self._sum(rest, shape)
        return outside.scaled(sign).times(self.power(found))

    def top(self, form: Form) -> Form:
        """Return a form as it stands on a line: a sum of terms that share more than a number is a product."""
        terms = self.terms(form)
        if len(terms) > 1:
            outside, rest = taken_out(terms)
            if outside.scalars or outside.arrays or self._chained(rest) is not None:
                terms = (self.as_one(terms, form.shape),)
        cases = self._cases(terms, form.shape)
        if cases is not None:
            return cases
        found = self.form(terms, form.shape)
        whole = self._turned_whole(terms, found)
        return found if whole is None else whole

    def _cases(self, terms: Terms, shape: Shape) -> Form | None:
        """Return a product with a condition on one number by its cases: 2 (n − p) where L > 0, else 0."""
        conditions = [p for p in terms[0].scalars if p[1] > 0 and _is_condition(p[0])] if len(terms) == 1 else []
        if len(conditions) != 1:
            return None
        rest = Term(terms[0].number, tuple(p for p in terms[0].scalars if p is not conditions[0]), terms[0].arrays)
        return apply("where", conditions[0][0], self.form((self._sign_inside(rest),), shape), number(0))

    def _sign_inside(self, term: Term) -> Term:
        """Return a negative product with its sign taken into a difference: 2 (a − n) for −2 (n − a)."""
        for base, exponent in term.arrays if term.number < 0 else ():
            inner = self.terms(base) if exponent == 1 and is_sum(base) else ()
            if any(t.number < 0 for t in inner):
                turned = self._added([t.scaled(Fraction(-1)) for t in inner], base.shape)
                return Term(-term.number, term.scalars, tuple((turned if b is base else b, e) for b, e in term.arrays))
        return term

    def _turned_whole(self, terms: Terms, form: Form) -> Form | None:
        """Return a sum of matrices as a transpose, where no other is left then: Xᵀ Bᵀ + Bᵀ Xᵀ as (B X + X B)ᵀ."""
        if len(terms) < 2 or form.ndim != 2 or transposes(form) < 2:
            return None
        turned_back = turned_terms(terms, transpose(form))
        inside = self.form(turned_back, form.shape[::-1])
        return None if transposes(inside) else transpose(inside)

    def _chained(self, terms: Terms) -> Term | None:
        """Return a sum of products of matrices with its common first, or last, matrices taken out; None without such.

        A matrix is taken out where all terms hold a sum, or none does: 2 λ U Vᵀ V + 2 Xᵀ (X U Vᵀ − Y) V stays.
        """
        chains = _products_of(terms)
        if chains is None:
            return None
        shape = terms[0].shape
        first = shared_first(chains)
        last = shared_first([c[first:][::-1] for c in chains])
        if not first and not last:
            return None
        middle = [c[first : len(c) - last] for c in chains]
        inner = tuple(
            Term(t.number, (), ((built(m, chain_shape(m)), ONE),)) for t, m in zip(terms, middle, strict=True)
        )
        if any(t.shape != inner[0].shape for t in inner):
            return None
        whole = self.as_one(added(inner), inner[0].shape)
        if not whole.number:
            return whole
        front = Term(whole.number, whole.scalars)
        rest = self._arrays(whole, inner[0].shape)
        kind = "c" if rest.ndim == 1 and middle[0][-1][0] == "c" else "r" if rest.ndim == 1 else "M"
        factors = [*chains[0][:first], *([(kind, rest)] if kind != "M" else chain(rest))]
        factors += chains[0][len(chains[0]) - last :] if last else []
        return front.times(self.power(built(factors, shape)))

    def _sum(self, terms: Terms, shape: Shape) -> tuple[Form, Fraction]:
        """Return the form of a sum and the sign before it; one that is met again, or its negative, is the same form."""
        key: tuple[object, Shape] = (frozenset((t.key, t.number) for t in terms), shape)
        negative: tuple[object, Shape] = (frozenset((t.key, -t.number) for t in terms), shape)
        for known, sign in ((key, ONE), (negative, -ONE)):
            if known in self._sums:
                return self._sums[known][0], sign * self._sums[known][1]
        numbers = [t.number for t in terms if not t.scalars and not t.arrays]
        leading = numbers[0] if numbers else max(t.number for t in terms)
        sign = -ONE if leading < 0 else ONE
        found = self._added([t.scaled(sign) for t in terms], shape)
        self._sums[key] = (found, sign)
        return found, sign

    def power(self, base: Form, exponent: Fraction = ONE) -> Term:
        """Return a factor as a term."""
        swapped = self._swaps.get(base)
        if swapped is not None:
            return swapped.to_power(exponent) if exponent.denominator == 1 else factor(base, exponent)
        return factor(base, exponent)

    def _note_swap(self, name: Name, form: Form) -> None:
        terms = self.terms(form)
        if len(terms) != 1 or terms[0].shape != form.shape:
            return
        term = terms[0]
        bases = [b for b, e in (*term.arrays, *term.scalars) if e == 1 and b.shape == form.shape]
        divided = any(e < 0 for _, e in (*term.arrays, *term.scalars))
        chosen = [b for b in bases if is_sum(b)] or [b for b in bases if isinstance(b, Name) and divided]
        if len(chosen) == 1 and len(term.arrays) + len(term.scalars) > 1:
            rest = term.times(factor(chosen[0], Fraction(-1)))
            self._held |= {base for base, _ in (*rest.scalars, *rest.arrays) if chosen[0] in walk(base)}
            self._memo.clear()
            self._swaps[chosen[0]] = factor(name).times(rest.to_power(Fraction(-1)))

    def _collected(self, form: Form) -> Terms:
        if form in self._held:
            return (factor(form),)
        if isinstance(form, (Number, Filled)):
            return self._number(form)
        if isinstance(form, Apply):
            return self._operation(form)
        if isinstance(form, (Matmul, Outer)):
            return self._product(form)
        if isinstance(form, Transpose):
            return self._turned(form)
        if isinstance(form, Reduce) and form.kind in ("sum", "mean"):
            return reduced(self, form)
        if isinstance(form, Expand):
            one = self.single(form.args[0])
            return (moved(one, lambda b: lifted(b, form.args[0].ndim, form.axes)),) if one.number else ()
        if isinstance(form, Broadcast):
            inner = self.terms(form.args[0])
            if form.shape == form.args[0].shape or not inner:
                return inner
            return (self.as_one(inner, form.args[0].shape).times(factor(filled(1, form.shape))),)
        if is_inverse(form):
            return (self._inverted(form),)
        if isinstance(form, _LINEAR_MOVES) and not (isinstance(form, Put) and form.value):
            return self._move(form)
        return self._single_power(rebuild(form, tuple(self.closed(a) for a in form.args)))

    def _single_power(self, form: Form, exponent: Fraction = ONE) -> Terms:
        return (self.power(form, exponent),)

    def _number(self, form: Number | Filled) -> Terms:
        value = form.value
        exact = exact_value(value)
        if isinstance(value, float) and exact is not None and (exact.denominator > 8 or exact.denominator % 5 == 0):
            self.decimal = True
        ones = factor(filled(1, form.shape)) if form.shape else Term()
        if exact is None:
            return (ones.times(factor(number(value))),)
        return (ones.scaled(exact),) if exact else ()

    def _operation(self, form: Apply) -> Terms:
        op, args = form.op, form.args
        if op == "negative":
            return tuple(t.scaled(Fraction(-1)) for t in self.terms(args[0]))
        if op in ("add", "subtract"):
            sign = Fraction(1 if op == "add" else -1)
            return self._flat([*self.terms(args[0]), *(t.scaled(sign) for t in self.terms(args[1]))], form.shape)
        if op == "multiply":
            return self._times(self.terms(args[0]), self.terms(args[1]), args[0].shape, args[1].shape)
        if op == "divide":
            below = self.single(args[1])
            if below.number:
                return self._times(self.terms(args[0]), (below.to_power(Fraction(-1)),), args[0].shape, args[1].shape)
        if op == "sqrt":
            return self._raised(form, Fraction(1, 2))
        if op == "power" and isinstance(args[1], Number):
            exponent = Fraction(repr(args[1].value)) if isinstance(args[1].value, float) else Fraction(args[1].value)
            if exponent.denominator in (1, 2) and exponent:
                return self._raised(form, exponent)
        return self._single_power(rebuild(form, tuple(self.closed(a) for a in args)))

    def _raised(self, form: Apply, exponent: Fraction) -> Terms:
        """Return a power; a root is taken of one factor only: √(x²) is not x."""
        base = self.single(form.args[0])
        powers = (*base.scalars, *base.arrays)
        if not base.number:
            return () if exponent > 0 else self._single_power(form)
        if exponent.denominator == 1 or (base.number == 1 and len(powers) == 1 and powers[0][1] == 1):
            return (base.to_power(exponent),)
        return self._single_power(self.form((base,), form.args[0].shape), exponent)

    def _times(self, a: Terms, b: Terms, left: Shape, right: Shape) -> Terms:
        if not a or not b:
            return ()
        whole = absorbed(product(self.as_one(a, left), self.as_one(b, right), broadcast_shapes([left, right])))
        if len(a) == len(b) == 1:
            return (whole,)
        factor = a if len(a) == 1 else b
        if len(factor) > 1 or not (factor[0].arrays or factor[0].scalars):
            return (whole,)
        # a product with a sum is multiplied out where that is shorter: (u/p − v) p is u − v p
        shape = broadcast_shapes([left, right])
        out = added(product(x, y, shape) for x in a for y in b)
        length = weight(self.form((whole,), shape))
        if not out or weight(self.form(out, shape)) < length:
            return out
        one = self.as_one(out, shape)
        return (one,) if weight(self.form((one,), shape)) < length else (whole,)

    def _flat(self, terms: Sequence[Term], shape: Shape) -> Terms:
        """Return a sum with the sums in it opened: those with a plain sign, and those in which something then merges."""
        found = added(terms)
        for term in found:
            powers = (*term.scalars, *term.arrays)
            if len(powers) == 1 and powers[0][1] == 1 and is_sum(powers[0][0]):
                inner = [t.scaled(term.number) for t in self.terms(powers[0][0])]
                rest = [t for t in found if t is not term]
                if abs(term.number) == 1 or {t.key for t in inner} & {t.key for t in rest}:
                    at = found.index(term)
                    return self._flat([*found[:at], *inner, *found[at + 1 :]], shape)
        return self._reflected(found) or self._opened(found, shape) or found

    def _opened(self, terms: Terms, shape: Shape) -> Terms | None:
        """Return a sum of multiples of sums with all of them opened, where something cancels and it is shorter; else None."""
        inner: list[Term] = []
        for term in terms:
            powers = (*term.scalars, *term.arrays)
            plain = len(powers) == 1 and powers[0][1] == 1 and is_sum(powers[0][0])
            inner += [t.scaled(term.number) for t in self.terms(powers[0][0])] if plain else [term]
        merged = added(inner)
        if len(merged) == len(inner) or len(inner) == len(terms):
            return None
        return merged if weight(self._added(merged, shape)) < weight(self._added(terms, shape)) else None

    def _reflected(self, terms: Terms) -> Terms | None:
        """Return 1 − s(−x) as s(x) for a function of which the tables state that; None for another sum."""
        if len(terms) != 2:
            return None
        for one, other in (terms, terms[::-1]):
            powers = (*other.scalars, *other.arrays)
            if one.scalars or any(not is_ones(b) for b, _ in one.arrays) or len(powers) != 1 or powers[0][1] != 1:
                continue
            call = powers[0][0]
            if other.number == -one.number and isinstance(call, Apply) and getattr(call.op, "reflected", False):
                inner = self.terms(call.args[0])
                if inner and all(t.number < 0 for t in inner):
                    return (factor(apply(call.op, *(self.closed(-a) for a in call.args))).scaled(one.number),)
        return None

    # --- products of matrices ---

    def _inverted(self, form: Form) -> Term:
        """Return an inverse; numbers come before it, a transpose behind it, and that of an inverse is what was inverted."""
        operand = form.args[0]
        term = self.single(operand)
        front = Term(term.number, term.scalars)
        if not front.number:
            return factor(form)
        matrix = self._arrays(term, operand.shape)
        turned_back = isinstance(matrix, Transpose)
        inner = matrix.args[0] if turned_back else matrix
        inverse = inner.args[0] if is_inverse(inner) else inner if isinstance(inner, Eye) else form.remade((inner,))
        return front.to_power(Fraction(-1)).times(self.power(mirrored(inverse) if turned_back else inverse))

    def _product(self, form: Matmul | Outer) -> Terms:
        left, right = form.args
        a, b = self.single(left), self.single(right)
        if not a.number or not b.number:
            return ()
        front = Term(a.number * b.number, multiplied(a.scalars, b.scalars))
        arrays = [self._arrays(t, f.shape) for t, f in ((a, left), (b, right))]
        if max(left.ndim, right.ndim) > 2:
            return (front.times(self._stack_product(form, a, arrays)),)
        if isinstance(form, Outer):
            factors = [*column(arrays[0]), *flipped(column(arrays[1]))]
        else:
            first = flipped(column(arrays[0])) if left.ndim == 1 else chain(arrays[0])
            factors = [*first, *(column(arrays[1]) if right.ndim == 1 else chain(arrays[1]))]
        inner, factors = inner_products(factors)
        for scalar in inner:
            front = front.times(self.power(built(scalar)))
        if not factors:
            return (front.times(factor(filled(1, form.shape)) if form.shape else Term()),)
        return (front.times(self.power(built(factors, form.shape))),)

    def _stack_product(self, form: Form, a: Term, arrays: Sequence[Form]) -> Term:
        """Return a product with a stack of matrices; what is one number for each row stays outside."""
        left, right = form.args
        rows: Powers = ()
        if right.ndim == 2 and left.ndim > 2:
            rows = tuple((base, e) for base, e in a.arrays if base.shape[-1] == 1)
        rest = Term(ONE, (), tuple(p for p in a.arrays if p not in rows))
        if not rows or rest.shape != left.shape:
            return self.power(rebuild(form, tuple(arrays)))
        return Term(ONE, (), rows).times(self.power(matmul(self._arrays(rest, left.shape), arrays[1])))

    def _arrays(self, term: Term, shape: Shape) -> Form:
        """Return the arrays of a term, in the shape that they have in it."""
        return self.form((Term(ONE, (), term.arrays),), shape)

    def _turned(self, form: Transpose) -> Terms:
        operand = form.args[0]
        term = self.single(operand)
        if not term.number:
            return ()
        front = Term(term.number, term.scalars)
        inside = [(turned(base, form.axes, operand.ndim), e) for base, e in term.arrays]
        pushed = Term(ONE, (), multiplied((), tuple(inside)))
        if len(term.arrays) == 1 and term.arrays[0][1] == 1:
            return (front.times(self._sum_turned(form, term.arrays[0][0]) or pushed),)
        outside = transpose(self._arrays(term, operand.shape), form.axes)
        shorter = transposes(self._arrays(pushed, form.shape)) < transposes(outside)
        return (front.times(pushed if shorter else self.power(outside)),)

    def _sum_turned(self, form: Transpose, whole: Form) -> Term | None:
        """Return the transpose of a sum, inside it where that takes fewer transposes."""
        if not is_sum(whole) or whole.ndim != form.ndim:
            return None
        outside = transpose(whole, form.axes)
        terms = turned_terms(self.terms(whole), form)
        inside, sign = self._sum(terms, form.shape)
        return self.power(inside).scaled(sign) if transposes(inside) < transposes(outside) else self.power(outside)

    def _move(self, form: Form) -> Terms:
        """Return an operation that is linear in its first operand (an Einstein sum in each of them), numbers before it."""
        linear = len(form.args) if isinstance(form, Einsum) else 1
        front = Term()
        args = []
        for operand in form.args[:linear]:
            term = self.single(operand)
            if not term.number:
                return ()
            front = front.times(Term(term.number, term.scalars))
            args.append(self._arrays(term, operand.shape))
        rest = tuple(self.closed(a) for a in form.args[linear:])
        return (front.times(self.power(rebuild(form, (*args, *rest)))),)

    # --- terms to forms ---

    def form(self, terms: Terms, shape: Shape) -> Form:
        """Return the form of a sum of terms."""
        if not terms:
            return filled(0, shape) if shape else number(0)
        if len(terms) == 1 and terms[0].number < 0:
            terms = (self._upright(terms[0]),)
        return fitted(self._added(terms, shape), shape)

    def _upright(self, term: Term) -> Term:
        """Return a negative product with the sign taken into a factor like 1 − a, which becomes a − 1."""
        for base, exponent in (*term.scalars, *term.arrays):
            flipped = self._flipped(base) if exponent == 1 else None
            if flipped is not None:
                swapped = [tuple((flipped if b is base else b, e) for b, e in p) for p in (term.scalars, term.arrays)]
                return Term(-term.number, *swapped)
        return term

    def _flipped(self, base: Form) -> Form | None:
        """Return a − 1 for 1 − a, also inside a product of matrices or a transpose; None for another form."""
        if isinstance(base, (Matmul, Outer, Transpose)):
            for k, operand in enumerate(base.args):
                if (inner := self._flipped(operand)) is not None:
                    return rebuild(base, (*base.args[:k], inner, *base.args[k + 1 :]))
            return None
        terms = self.terms(base) if is_sum(base) else ()
        mixed = len(terms) == 2 and sum(t.number < 0 for t in terms) == 1
        mixed = mixed and any(t.key == Term().key for t in terms)
        return self._added([t.scaled(Fraction(-1)) for t in terms], base.shape) if mixed else None

    def _added(self, terms: Sequence[Term], shape: Shape) -> Form:
        whole = [without_ones(t, shape) for t in terms]
        if len(whole) > 1:
            whole = [self._upright(t) if t.number < 0 and len(t.scalars) + len(t.arrays) == 1 else t for t in whole]
        if len(whole) > 1 and any(t.shape == shape for t in whole):
            whole = [Term(t.number, t.scalars, tuple(p for p in t.arrays if not is_ones(p[0]))) for t in whole]
        # a sum starts with a term that is added, where there is one
        first = next((k for k, t in enumerate(whole) if t.number > 0), None)
        if first is None and len(whole) > 1:
            return apply("negative", self._added([t.scaled(Fraction(-1)) for t in whole], shape))
        first = first or 0
        ordered = [whole[first], *whole[:first], *whole[first + 1 :]]
        result = written(ordered[0], self.decimal)
        if ordered[0].number < 0:
            result = apply("negative", result)
        for term in ordered[1:]:
            result = apply("add" if term.number > 0 else "subtract", result, written(term, self.decimal))
        return result


def _is_condition(form: Form) -> bool:
    """Return whether a form is a comparison of numbers by size."""
    return isinstance(form, Apply) and form.op in ORDERINGS


def _products_of(terms: Terms) -> list[list[Factor]] | None:
    """Return the factors of each term where all are products of matrices, of which all hold a sum or none does; else None."""
    if any(t.scalars or len(t.arrays) != 1 or t.arrays[0][1] != 1 for t in terms):
        return None
    forms = [t.arrays[0][0] for t in terms]
    shape = forms[0].shape
    if not shape or any(f.shape != shape for f in forms):
        return None
    chains = [(column, chain)[len(shape) - 1](f) if len(shape) < 3 else stacked(f) for f in forms]
    mixed = len({any(is_sum(n) for n in walk(f)) for f in forms}) > 1
    return None if mixed or min(map(len, chains)) < 2 else chains
