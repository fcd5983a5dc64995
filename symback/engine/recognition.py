"""From index notation back to Forms: find matrix products, sums and broadcasts in an element, and prove them.

A *labelled* form is a Form with one Index (or None for an axis of length 1) per axis. Products under sums are
contracted one index at a time into matrix products where both operands have a free side, else into sums, batched
products or an Einstein sum. Every result is proved: Form and element are evaluated by two independent evaluators at
random entries, with pairwise distinct sizes, and must agree; a lost transpose or sum cannot pass.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp

from symback.core.errors import DerivationError
from symback.core.forms import (
    WHOLE,
    Apply,
    Form,
    Function,
    Gather,
    Get,
    Item,
    Name,
    Number,
    Prime,
    Reduce,
    Scatter,
    Shape,
    Size,
    SizeOf,
    Span,
    apply,
    broadcast_to,
    einsum,
    expand,
    eye,
    gather,
    get,
    matmul,
    names_in,
    number,
    outer,
    overlap,
    prime_value,
    put,
    reduce_over,
    reshape,
    scatter,
    size_of,
    transpose,
    walk,
    windows,
)
from symback.engine.calculus import Lookup, Sliding, Term
from symback.engine.elements import (
    Access,
    Digit,
    Index,
    Indicator,
    Literal,
    Opaque,
    Peak,
    Select,
    Total,
    evaluate_element,
    mixed_radix,
    opened,
)
from symback.engine.interpreter import evaluate
from symback.functions import ROWS

Axis = Index | None
Leaves = Mapping[str, Form]
_NOTHING: Leaves = MappingProxyType({})


@dataclass(frozen=True)
class Labelled:
    """A Form with an Index, or None for an axis of length 1, per axis."""

    form: Form
    axes: tuple[Axis, ...]

    @property
    def indices(self) -> frozenset[Index]:
        return frozenset(a for a in self.axes if a is not None)


@dataclass(frozen=True)
class _Coefficient:
    """A number in front: exact part, decimals the user typed, symbolic sizes above and below."""

    exact: Fraction = Fraction(1)
    decimals: tuple[float, ...] = ()
    sizes: tuple[sp.Symbol, ...] = ()
    below: tuple[Any, ...] = ()

    @property
    def plain(self) -> bool:
        return self == _Coefficient()

    def times(self, other: _Coefficient) -> _Coefficient:
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
        return _Coefficient(self.exact * other.exact, self.decimals + other.decimals, tuple(sizes), tuple(below))


def _coefficient_of(factor: Any) -> _Coefficient | None:
    """Return a factor that is a number or a power of a size as a coefficient, else None."""
    if isinstance(factor, sp.Rational):
        return _Coefficient(Fraction(int(factor.p), int(factor.q)))
    if isinstance(factor, Literal):
        return _Coefficient(decimals=(factor.value,))
    base, power = factor.as_base_exp()
    if isinstance(base, sp.Symbol) and isinstance(power, sp.Integer):
        count = int(power)
        return _Coefficient(sizes=(base,) * count) if count > 0 else _Coefficient(below=(base,) * -count)
    if isinstance(base, Literal) and power == -1:
        return _Coefficient(below=(base.value,))
    return None


def _split(expression: Any) -> tuple[_Coefficient, list[Any]]:
    coefficient, rest = _Coefficient(), []
    for factor in sp.Mul.make_args(expression):
        found = _coefficient_of(factor)
        if found is None:
            rest.append(factor)
        else:
            coefficient = coefficient.times(found)
    return coefficient, rest


def scaled(form: Form, c: _Coefficient) -> Form:
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
        result = number(-1) if one else _negative(result)
    elif not (isinstance(front, Number) and front.value == 1):
        result = front if one else apply("multiply", front, result)
    if below:
        result = apply(
            "divide", result, _times([number(b) if isinstance(b, (int, float)) else size_of(b) for b in below])
        )
    return result


def _negative(form: Form) -> Form:
    """Return minus the Form, with the sign taken in where that is shorter: -(t - y) is y - t."""
    if isinstance(form, Apply) and form.op == "negative":
        return form.args[0]
    if isinstance(form, Apply) and form.op == "subtract" and all(_simple(a) for a in form.args):
        return apply("subtract", form.args[1], form.args[0])
    return apply("negative", form)


def _simple(form: Form) -> bool:
    return not form.args or (
        isinstance(form, (Get, Apply))
        and not (isinstance(form, Apply) and form.op in ("divide", "add", "subtract", "power"))
    )


class _Recognizer:
    def __init__(self, leaves: Leaves, want: Sequence[Axis]) -> None:
        self.leaves = leaves
        self.want = [a for a in want if a is not None]
        self.order = {name: k for k, name in enumerate(leaves)}

    # --- ordering ---

    def _rank(self, factor: Any) -> tuple[Any, ...]:
        """Order of factors: the adjoint, then plain names in order of appearance, then compound ones."""
        if isinstance(factor, Access):
            if factor.array.startswith("∂"):
                return (0, self.order.get(factor.array, 0))
            return (1, self.order.get(factor.array, 0))
        base, power = factor.as_base_exp()
        if isinstance(base, Access) and power != -1:
            return (1, self.order.get(base.array, 0), 1)
        if isinstance(factor, Opaque) and isinstance(factor.op, Prime) and not factor.op.function.elementary:
            return (1, -1)
        adjoint = any(a.array.startswith("∂") for a in factor.atoms(Access))
        first = min((self.order.get(a.array, 0) for a in factor.atoms(Access)), default=0)
        kind = 2 if isinstance(factor, (Opaque, Select, Indicator)) or power != -1 else 3
        return (0 if adjoint else kind, first + 0.5, _complexity(factor), str(_canonical(factor)))

    def _term_rank(self, term: Any) -> tuple[Any, ...]:
        coefficient, rest = _split(term)
        negative = coefficient.exact < 0
        if not rest:
            return (negative, 2 if not negative else 1, 0)
        first = min((self.order.get(a.array, 0) for a in term.atoms(Access)), default=0)
        return (negative, 1, first, _complexity(term), str(_canonical(term)))

    # --- labelling ---

    def label(self, node: Any) -> Labelled:
        if isinstance(node, Access):
            return self._access(node)
        if isinstance(node, (sp.Rational, Literal, sp.Symbol)):
            c = _coefficient_of(node)
            assert c is not None
            return Labelled(scaled(number(1), c), ())
        if isinstance(node, sp.Add):
            return self._add(node)
        if isinstance(node, (sp.Mul, Total)):
            return self.product([node], [])
        if isinstance(node, sp.Pow):
            return self._power(node)
        if isinstance(node, Peak):
            body, index = opened(node)
            return self._peak(body, [index])
        if isinstance(node, Indicator):
            row, column = node.args[1:]
            if isinstance(row, Index) and isinstance(column, Index):
                if row.size != column.size or node.relation not in ("equal", "delta"):
                    raise DerivationError(f"no array operation compares the indices in {node}")
                return Labelled(eye(row.size), (row, column))
            return self._entrywise(node.relation, [node.args[1], node.args[2]])
        if isinstance(node, Select):
            return self._select(node)
        if isinstance(node, Opaque):
            return self._call(node)
        if isinstance(node, sp.Abs):
            return self._entrywise(ROWS["absolute"], list(node.args))
        if isinstance(node, sp.sign):
            return self._entrywise(ROWS["sign"], list(node.args))
        if isinstance(node, sp.erf):
            return self._entrywise(ROWS["erf"], list(node.args))
        if node == sp.pi:
            return Labelled(number(math.pi), ())
        plain = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos"}.get(type(node))
        if plain is not None:
            return self._entrywise(plain, list(node.args))
        raise DerivationError(f"no array operation for {type(node).__name__} in {node}")

    def _access(self, node: Access) -> Labelled:
        leaf, reads = _regrouped(self.leaves[node.array], list(node.indices))
        items: list[Any] = []
        axes: list[Axis] = []
        for position, (read, length) in enumerate(zip(reads, leaf.shape, strict=True)):
            if isinstance(read, Index) and read.size == length:
                items.append(slice(None))
                axes.append(read)
            elif read == 0 and length == 1:
                items.append(slice(None))
                axes.append(None)
            elif isinstance(read, sp.Integer):
                items.append(int(read))
            elif read.has(Access):
                return self._gathered(node, leaf, reads, position)
            else:
                start, steps = _affine_steps(read)
                if len(steps) == 2:
                    return self._window(node, leaf, reads, position, start, steps)
                [(index, step)] = steps
                assert isinstance(index.size, int)
                stop = start + step * index.size
                items.append(slice(start, stop if stop >= 0 else None, step))
                axes.append(index)
        real = [a for a in axes if a is not None]
        if len(set(real)) != len(real):
            return self._diagonal(leaf, axes)
        return Labelled(get(leaf, tuple(items)) if items else leaf, tuple(axes))

    def _inner(self, leaf: Form, reads: Sequence[Any]) -> Labelled:
        """Label an access to ``leaf``, a form made on the way, at ``reads``."""
        worker = _Recognizer({**self.leaves, "_inner": leaf}, self.want)
        return worker._access(Access("_inner", *reads))

    def _gathered(self, node: Access, leaf: Form, reads: list[Any], position: int) -> Labelled:
        place = self.label(reads[position])
        indices = [a for a in place.axes if a is not None]
        made = gather(leaf, _only(place, indices), position)
        return self._inner(made, [*reads[:position], *indices, *reads[position + 1 :]])

    def _window(
        self, node: Access, leaf: Form, reads: list[Any], position: int, start: int, steps: list[tuple[Index, int]]
    ) -> Labelled:
        (index, stride), (offset, dilation) = steps
        length = leaf.shape[position]
        if start or not isinstance(length, int) or not isinstance(index.size, int) or not isinstance(offset.size, int):
            raise DerivationError(f"no array operation reads {node} at {reads[position]}")
        made = windows(leaf, position, offset.size, stride, dilation)
        if made.shape[position] != index.size:
            made = get(made, (*[slice(None)] * position, slice(0, index.size)))
        return self._inner(made, [*reads[:position], index, offset, *reads[position + 1 :]])

    def _diagonal(self, leaf: Form, axes: Sequence[Axis]) -> Labelled:
        letters: dict[Axis, int] = {}
        labels = tuple(letters.setdefault(a, len(letters)) for a in axes)
        kept = tuple(dict.fromkeys(labels))
        unique = tuple(a for a in letters)
        return Labelled(einsum([labels], kept, [leaf]), unique)

    def _entrywise(self, op: Any, nodes: Sequence[Any], **parameters: Any) -> Labelled:
        forms, axes = self.align([self.label(n) for n in nodes])
        return Labelled(apply(op, *forms, **parameters), axes)

    def _call(self, node: Opaque) -> Labelled:
        op = node.op
        function = op.function if isinstance(op, Prime) else op
        forms, axes = self.align([self.label(n) for n in node.args[1:]])
        if isinstance(op, Prime) and isinstance(function, Function) and function.elementary:
            return Labelled(prime_value(op, tuple(forms), None), axes)
        return Labelled(apply(op, *forms), axes)

    def _select(self, node: Select) -> Labelled:
        condition, a, b = node.args
        if a == 1 and b == 0:
            return self.label(condition)
        return self._entrywise("where", [condition, a, b])

    def _power(self, node: Any) -> Labelled:
        base, power = node.as_base_exp()
        if power == sp.Rational(1, 2):
            return self._entrywise("sqrt", [base])
        if isinstance(power, sp.Rational) and power < 0:
            below = self.label(base ** (-power))
            forms, axes = self.align([Labelled(number(1), ()), below])
            return Labelled(apply("divide", *forms), axes)
        if isinstance(power, sp.Rational) and not isinstance(power, sp.Integer):
            inner = self.label(base)
            return Labelled(apply("power", inner.form, number(float(power))), inner.axes)
        return self._entrywise("power", [base, power])

    def _peak(self, body: Any, over: list[Index]) -> Labelled:
        while isinstance(body, Peak):
            body, index = opened(body)
            over.append(index)
        inner = self.label(body)
        axes = [k for k, a in enumerate(inner.axes) if a in over]
        kept = tuple(a for a in inner.axes if a not in over)
        return Labelled(reduce_over("max", inner.form, axes), kept)

    # --- sums ---

    def _add(self, node: Any) -> Labelled:
        terms = sorted(sp.Add.make_args(node), key=self._term_rank)
        splits = [_split(t) for t in terms]
        common = [f for f in splits[0][1] if all(f in rest for _, rest in splits[1:])]
        coefficients = [c for c, _ in splits]
        content = _content(coefficients)
        if content.plain and not common:
            return self._plain_add(terms)
        inner = []
        for c, rest in splits:
            remaining = list(rest)
            for f in common:
                remaining.remove(f)
            inner.append((_divided(c, content), remaining))
        # what is left may be sums inside the sum, whose terms cancel or combine: (1 - y) - y is 1 - 2y
        flat = sp.Add(*[sp.Mul(1 / _inverse(c), *rest) for c, rest in inner])
        if common and any(len(rest) == 1 and isinstance(rest[0], sp.Add) for _, rest in inner):
            total_form = self.label(flat)
        else:
            total_form = self._sum_of([self._scaled_product(c, rest) for c, rest in inner])
        if not common:
            return Labelled(scaled(total_form.form, content), total_form.axes)
        factors = [(self._rank(f), self.label(f)) for f in common]
        has_adjoint = any(a.array.startswith("∂") for _, rest in inner for f in rest for a in f.atoms(Access))
        parts = [((0, 0) if has_adjoint else (2, 0), total_form), *factors]
        parts.sort(key=lambda part: part[0][:2])
        forms, axes = self.align([p for _, p in parts])
        return Labelled(scaled(_times(forms), content), axes)

    def _plain_add(self, terms: Sequence[Any]) -> Labelled:
        return self._sum_of([self._scaled_product(*_split(t)) for t in terms])

    def _scaled_product(self, c: _Coefficient, rest: list[Any]) -> tuple[bool, Labelled]:
        negative = c.exact < 0
        if negative:
            c = _Coefficient(-c.exact, c.decimals, c.sizes, c.below)
        if not rest:
            return negative, Labelled(scaled(number(1), c), ())
        if any(map(_is_root, rest)):
            return negative, self.product([1 / _inverse(c), *rest], [])
        inner = self.product(rest, []) if len(rest) > 1 else self.label(rest[0])
        return negative, Labelled(scaled(inner.form, c), inner.axes)

    def _sum_of(self, terms: Sequence[tuple[bool, Labelled]]) -> Labelled:
        forms, axes = self.align([t for _, t in terms])
        result: Form | None = None
        for (negative, _), form in zip(terms, forms, strict=True):
            if result is None:
                result = _negative(form) if negative else form
            else:
                result = apply("subtract" if negative else "add", result, form)
        assert result is not None
        return Labelled(result, axes)

    # --- products under sums ---

    def product(self, factors: Sequence[Any], summed: Sequence[Index]) -> Labelled:
        """Recognize the product of ``factors`` summed over ``summed``."""
        coefficient = _Coefficient()
        flat: list[Any] = []
        below: list[Any] = []
        over = list(summed)
        stack = list(factors)
        while stack:
            factor = stack.pop(0)
            if isinstance(factor, sp.Mul):
                stack = [*factor.args, *stack]
                continue
            if isinstance(factor, Total):
                body, index = opened(factor)
                over.append(index)
                stack.insert(0, body)
                continue
            found = _coefficient_of(factor)
            if found is not None:
                coefficient = coefficient.times(found)
                continue
            base, power = factor.as_base_exp()
            if isinstance(power, sp.Rational) and power < 0 and not isinstance(factor, sp.exp):
                below.append(base ** (-power))
            elif isinstance(factor, sp.Add):
                content, inner = _primitive(factor)
                coefficient = coefficient.times(content)
                flat.append(inner)
            else:
                flat.append(factor)
        # a sum distributes over the terms of an Add only where nothing else shares the index: kept whole
        if len(flat) == 1 and isinstance(flat[0], sp.Add) and not below and over:
            return self._sum_over_add(flat[0], over, coefficient)
        coefficient, root = _root_below(coefficient, flat)
        inside_below = [b for b in below if any(b.has(i) for i in over)]
        outside_below = [b for b in below if b not in inside_below]
        flat.sort(key=self._rank)
        parts = [self.label(f) for f in flat]
        if inside_below:
            parts = self._divide_inside(parts, [self.label(b) for b in sorted(inside_below, key=self._rank)], over)
        result, repeated = self._contract(parts, over)
        coefficient = coefficient.times(repeated)
        if outside_below or root:
            denominators = [*root, *(self.label(b) for b in sorted(outside_below, key=self._rank))]
            forms, axes = self.align([result, *denominators])
            form = forms[0]
            if len(forms) > 2:
                form = apply("divide", form, _times(forms[1:]))
            else:
                form = apply("divide", form, forms[1])
            result = Labelled(form, axes)
        return Labelled(scaled(result.form, coefficient), result.axes)

    def _sum_over_add(self, node: Any, over: list[Index], coefficient: _Coefficient) -> Labelled:
        inner = self.label(node)
        result, repeated = self._contract([inner], over)
        return Labelled(scaled(result.form, coefficient.times(repeated)), result.axes)

    def _divide_inside(self, parts: list[Labelled], below: list[Labelled], over: Sequence[Index]) -> list[Labelled]:
        for denominator in below:
            hosts = [k for k, p in enumerate(parts) if p.indices >= denominator.indices]
            if hosts:
                at = hosts[-1]
                forms, axes = self.align([parts[at], denominator])
                parts[at] = Labelled(apply("divide", *forms), axes)
            else:
                forms, axes = self.align([Labelled(number(1), ()), denominator])
                parts.append(Labelled(apply("divide", *forms), axes))
        return parts

    def _contract(self, parts: list[Labelled], over: Sequence[Index]) -> tuple[Labelled, _Coefficient]:
        parts = self._merge_equal(parts)
        left = list(over)
        repeated = _Coefficient()
        while left:
            holders = {i: [k for k, p in enumerate(parts) if i in p.indices] for i in left}
            index = min(left, key=lambda i: (len(holders[i]), i.number))
            count = len(holders[index])
            if count == 0:
                left.remove(index)
                repeated = repeated.times(
                    _Coefficient(Fraction(index.size))
                    if isinstance(index.size, int)
                    else _Coefficient(sizes=(index.size,))
                )
            elif count == 1:
                at = holders[index][0]
                alone = [i for i in left if holders[i] == [at]]
                parts[at] = _sum_axes(parts[at], alone)
                left = [i for i in left if i not in alone]
                parts = self._merge_equal(parts)
            else:
                nested = self._nested(parts, holders[index])
                if nested is not None:
                    inner, outer_part = nested
                    forms, axes = self.align([parts[min(inner, outer_part)], parts[max(inner, outer_part)]])
                    merged = Labelled(_times(forms), axes)
                    parts = _replaced(parts, (inner, outer_part), merged)
                elif count == 2:
                    a, b = holders[index]
                    shared = [i for i in left if holders[i] == [a, b]]
                    parts = _replaced(parts, (a, b), self._multiply(parts[a], parts[b], shared))
                    left = [i for i in left if i not in shared]
                    parts = self._merge_equal(parts)
                else:
                    involved = holders[index]
                    done = [i for i in left if set(holders[i]) <= set(involved)]
                    merged = self._einsum([parts[k] for k in involved], done)
                    parts = _replaced(parts, tuple(involved), merged)
                    left = [i for i in left if i not in done]
        if not parts:
            return Labelled(number(1), ()), repeated
        vectors = [k for k, p in enumerate(parts) if p.axes]
        if len(vectors) == 2 and all(len(parts[k].axes) == 1 and parts[k].indices for k in vectors):
            first, second = (parts[k] for k in vectors)
            if self._position(next(iter(second.indices))) < self._position(next(iter(first.indices))):
                first, second = second, first
            product = Labelled(outer(first.form, second.form), (*first.axes, *second.axes))
            parts = _replaced(parts, tuple(vectors), product)
        forms, axes = self.align(parts)
        return Labelled(_times(forms), axes), repeated

    def _merge_equal(self, parts: list[Labelled]) -> list[Labelled]:
        merged: list[Labelled] = []
        for part in parts:
            for k, other in enumerate(merged):
                if other.indices == part.indices and len(part.indices) > 0:
                    forms, axes = self.align([other, part])
                    merged[k] = Labelled(_times(forms), axes)
                    break
            else:
                merged.append(part)
        return merged

    def _nested(self, parts: list[Labelled], holders: list[int]) -> tuple[int, int] | None:
        for a in holders:
            for b in holders:
                if a != b and parts[a].indices < parts[b].indices and (len(holders) > 2 or len(parts[a].indices) > 1):
                    return a, b
        return None

    def _multiply(self, a: Labelled, b: Labelled, shared: list[Index]) -> Labelled:
        """Contract two operands over the indices that only they hold."""
        kept = [i for i in a.axes if i is not None and i in b.indices and i not in shared]
        free_a = [i for i in a.axes if i is not None and i not in b.indices]
        free_b = [i for i in b.axes if i is not None and i not in a.indices]
        if not free_a and not free_b and not kept:
            if len(shared) == 1:
                return Labelled(matmul(_only(a, shared), _only(b, shared)), ())
            forms, axes = self.align([a, b])
            return _sum_axes(Labelled(_times(forms), axes), shared)
        if (not free_a and not free_b) or (kept and (not free_a or not free_b)):
            forms, axes = self.align([a, b])
            return _sum_axes(Labelled(_times(forms), axes), shared)
        if len(shared) == 1 and len(free_a) <= 1 and len(free_b) <= 1:
            return self._matmul(a, b, shared[0], free_a, free_b, kept)
        if len(shared) == 1 and not kept:
            first, second, free = (a, b, free_a) if len(free_a) > 1 else (b, a, free_b)
            other = free_b if first is a else free_a
            if len(other) <= 1:
                left = _only(first, [*free, shared[0]])
                right = _only(second, [shared[0], *other])
                return Labelled(matmul(left, right), (*free, *other))
        return self._einsum([a, b], shared)

    def _matmul(
        self, a: Labelled, b: Labelled, k: Index, free_a: list[Index], free_b: list[Index], kept: list[Index]
    ) -> Labelled:
        if kept:
            swap = self._position(free_b[0]) < self._position(free_a[0])
            if swap:
                a, b, free_a, free_b = b, a, free_b, free_a
            return Labelled(
                matmul(_only(a, [*kept, *free_a, k]), _only(b, [*kept, k, *free_b])), (*kept, *free_a, *free_b)
            )
        if free_a and free_b:
            if self._position(free_b[0]) < self._position(free_a[0]):
                a, b, free_a, free_b = b, a, free_b, free_a
            return Labelled(matmul(_only(a, [*free_a, k]), _only(b, [k, *free_b])), (*free_a, *free_b))
        vector, matrix, free = (b, a, free_a) if free_a else (a, b, free_b)
        row = [i for i in matrix.axes if i is not None] == [k, *free]
        if row:
            return Labelled(matmul(_only(vector, [k]), _only(matrix, [k, *free])), tuple(free))
        return Labelled(matmul(_only(matrix, [*free, k]), _only(vector, [k])), tuple(free))

    def _einsum(self, parts: Sequence[Labelled], summed: Sequence[Index]) -> Labelled:
        letters: dict[Index, int] = {}
        labels = []
        for part in parts:
            labels.append(tuple(letters.setdefault(i, len(letters)) for i in part.axes if i is not None))
        kept = [i for i in letters if i not in summed]
        kept.sort(key=self._position)
        operands = [_only(p, [i for i in p.axes if i is not None]) for p in parts]
        return Labelled(einsum(labels, tuple(letters[i] for i in kept), operands), tuple(kept))

    def _position(self, index: Index) -> int:
        return self.want.index(index) if index in self.want else len(self.want)

    # --- alignment ---

    def align(self, parts: Sequence[Labelled]) -> tuple[list[Form], tuple[Axis, ...]]:
        """Return the operands broadcastable against each other, and the axes of the result."""
        if len(parts) == 1:
            return [parts[0].form], parts[0].axes
        first = parts[0].axes
        if all(p.axes == first or not p.axes for p in parts) and None not in first:
            return [p.form for p in parts], next((p.axes for p in parts if p.axes), ())
        every: dict[Index, None] = {}
        largest = max(parts, key=lambda p: len(p.indices))
        for part in [largest, *parts]:
            for axis in part.axes:
                if axis is not None:
                    every.setdefault(axis)
        union = list(every)
        if all(i in self.want for i in union):
            union.sort(key=self._position)
        units = self._unit_layout(parts, union)
        layout: list[Axis] = units if units is not None else list(union)
        return [_laid_out(p, layout) for p in parts], tuple(layout)

    def _unit_layout(self, parts: Sequence[Labelled], union: list[Index]) -> list[Axis] | None:
        """Return a layout that keeps the unit axes of an operand which has all indices, in its own order."""
        for part in parts:
            if [a for a in part.axes if a is not None] == union and None in part.axes:
                return list(part.axes)
        return None

    # --- the whole ---

    def fit(self, part: Labelled, axes: Sequence[Axis], shape: Shape) -> Form:
        """Return the form with exactly the axes and the shape of the target."""
        if part.axes == tuple(axes) and part.form.shape == shape:
            return part.form
        real = [a for a in axes if a is not None and a in part.indices]
        form = part.form
        have = list(part.axes)
        if len(have) == len(axes) and all(mine is None or mine == a for mine, a in zip(have, axes, strict=True)):
            if form.shape == shape:
                return form
        elif None in have or [a for a in have if a is not None] != real:
            form = _only(part, real)
        inserted = [k for k, a in enumerate(axes) if a is None or a not in part.indices]
        if (
            inserted == list(range(len(inserted)))
            and shape != form.shape
            and any(axes[k] is not None and shape[k] != 1 for k in inserted)
        ):
            return broadcast_to(form, shape)
        if len(inserted) + form.ndim == len(axes):
            form = _with_units(form, inserted)
        return form if form.shape == shape else broadcast_to(form, shape)


def _affine_steps(read: Any) -> tuple[int, list[tuple[Index, int]]]:
    indices = sorted(read.atoms(Index), key=lambda i: i.number)
    zero = dict.fromkeys(indices, sp.S.Zero)
    start = read.xreplace(zero)
    steps = [(i, read.xreplace({**zero, i: sp.S.One}) - start) for i in indices]
    if not 1 <= len(steps) <= 2 or not all(step.is_Integer for _, step in steps):
        raise DerivationError(f"no array operation reads an axis at {read}")
    return int(start), [(i, int(step)) for i, step in steps]


def _digits_in_order(leaf: Form, reads: list[Any]) -> tuple[Form, list[Any]]:
    """Return the leaf transposed so that the digits of one index follow each other, the slowest first."""
    groups: dict[Any, list[int]] = {}
    for position, read in enumerate(reads):
        if isinstance(read, Digit):
            groups.setdefault(read.args[0], []).append(position)
    order: list[int] = []
    for position, read in enumerate(reads):
        group = groups.get(read.args[0], []) if isinstance(read, Digit) else [position]
        if position != group[0]:
            continue
        sorted_ = sorted(group, key=lambda k: -int(reads[k].args[1])) if len(group) > 1 else group
        between = [
            k for k in range(group[0], group[-1]) if k not in group and not (reads[k] == 0 and leaf.shape[k] == 1)
        ]
        order.extend(sorted_ if sorted_ != group or between else range(group[0], group[-1] + 1))
    order = list(dict.fromkeys(order))
    order += [k for k in range(len(reads)) if k not in order]
    return transpose(leaf, order), [reads[k] for k in order]


def _regrouped(leaf: Form, reads: list[Any]) -> tuple[Form, list[Any]]:
    """Return the leaf reshaped so that digits of one index are one axis, and a mixed-radix sum is several."""
    leaf, reads = _digits_in_order(leaf, reads)
    shape: list[Size] = []
    places: list[Any] = []
    position = 0
    while position < len(reads):
        read, length = reads[position], leaf.shape[position]
        merged = mixed_radix(read.args[0]) if isinstance(read, Digit) else None
        if isinstance(read, Digit) and merged is not None:
            group: list[tuple[int, int]] = []
            end = position
            for k in range(position, len(reads)):
                if isinstance(reads[k], Digit) and reads[k].args[0] == read.args[0]:
                    group.append((int(reads[k].args[1]), int(reads[k].args[2])))
                    end = k + 1
                elif not (reads[k] == 0 and leaf.shape[k] == 1):  # axes of length 1 may stand in between
                    break
            strides = [math.prod(n for _, n in group[k + 1 :]) for k in range(len(group))]
            whole = math.prod(int(index.size) for index, _ in merged)
            if [stride for stride, _ in group] != strides or math.prod(n for _, n in group) != whole:
                raise DerivationError(f"no array operation reads {leaf} at {read}")
            shape.extend(index.size for index, _ in merged)
            places.extend(index for index, _ in merged)
            position = end
            continue
        parts = mixed_radix(read) if isinstance(read, sp.Add) else None
        if parts is not None and math.prod(int(i.size) for i, _ in parts) == length:
            shape.extend(i.size for i, _ in parts)
            places.extend(i for i, _ in parts)
        else:
            shape.append(length)
            places.append(read)
        position += 1
    return reshape(leaf, shape), places


def _times(forms: Sequence[Form]) -> Form:
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


def _only(part: Labelled, order: Sequence[Index]) -> Form:
    """Return the form with the axes in ``order`` and every unit axis taken away."""
    form = part.form
    axes = list(part.axes)
    if None in axes:
        form = get(form, tuple(0 if a is None else slice(None) for a in axes))
        axes = [a for a in axes if a is not None]
    if axes == list(order):
        return form
    return transpose(form, [axes.index(i) for i in order])


def _laid_out(part: Labelled, layout: Sequence[Axis]) -> Form:
    """Return the form transposed and given unit axes so that it broadcasts in ``layout``."""
    if not part.axes:
        return part.form
    if list(part.axes) == list(layout):
        return part.form
    kept = [a for a in layout if a is not None and a in part.indices]
    if len(part.axes) == len(layout) and all(
        mine is None or mine == other for mine, other in zip(part.axes, layout, strict=True)
    ):
        return part.form
    if tuple(layout[len(layout) - len(part.axes) :]) == part.axes:
        return part.form
    form = _only(part, kept)
    if not kept:
        return form
    first = next(k for k, a in enumerate(layout) if a is not None and a in part.indices)
    inserted = [k - first for k, a in enumerate(layout) if k > first and (a is None or a not in part.indices)]
    return _with_units(form, inserted)


def _with_units(form: Form, inserted: Sequence[int]) -> Form:
    """Insert unit axes; a sum over just those axes keeps its dimensions instead."""
    if not inserted:
        return form
    if isinstance(form, Reduce) and not form.keepdims and list(form.axes) == list(inserted):
        return reduce_over(form.kind, form.args[0], form.axes, True)
    return expand(form, inserted)


def _sum_axes(part: Labelled, over: Sequence[Index]) -> Labelled:
    axes = [k for k, a in enumerate(part.axes) if a in over]
    form, kept = part.form, tuple(a for a in part.axes if a not in over)
    return Labelled(reduce_over("sum", form, axes), kept)


def _replaced(parts: list[Labelled], taken: Sequence[int], merged: Labelled) -> list[Labelled]:
    first = min(taken)
    return [merged if k == first else p for k, p in enumerate(parts) if k == first or k not in taken]


def _complexity(node: Any) -> int:
    return sum(1 for _ in sp.preorder_traversal(node))


def _canonical(node: Any) -> Any:
    """Return the node with its free indices numbered by first appearance, so that text does not depend on counters."""
    seen: dict[Any, Any] = {}
    for part in sp.preorder_traversal(node):
        if type(part) is Index and part not in seen:
            seen[part] = Index(len(seen), part.size)
    return node.xreplace(seen)


def _is_root(factor: Any) -> bool:
    return isinstance(factor, sp.Pow) and factor.base.is_Integer and factor.exp == sp.Rational(1, 2)


def _root_below(c: _Coefficient, factors: list[Any]) -> tuple[_Coefficient, list[Labelled]]:
    """Take √2/4 together as 1/√8, the way it was written before SymPy made the denominator rational."""
    roots = [f for f in factors if _is_root(f)]
    if len(roots) != 1 or len(factors) == 1:
        return c, []
    square = c.exact**2 * int(roots[0].base)
    if square.numerator != 1:
        return c, []
    factors.remove(roots[0])
    sign = Fraction(1 if c.exact > 0 else -1)
    return _Coefficient(sign, c.decimals, c.sizes, c.below), [Labelled(apply("sqrt", number(square.denominator)), ())]


def _content(coefficients: Sequence[_Coefficient]) -> _Coefficient:
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
    return _Coefficient(exact, decimals, tuple(dict.fromkeys(sizes)), tuple(dict.fromkeys(below)))


def _divided(c: _Coefficient, content: _Coefficient) -> _Coefficient:
    sizes, below = list(c.sizes), list(c.below)
    for s in content.sizes:
        sizes.remove(s)
    for b in content.below:
        below.remove(b)
    return _Coefficient(c.exact / content.exact, () if content.decimals else c.decimals, tuple(sizes), tuple(below))


def _primitive(node: Any) -> tuple[_Coefficient, Any]:
    """Return a sum as a common number times the rest; a sum of one sign only gives up its sign."""
    terms = sp.Add.make_args(node)
    content = _content([_split(t)[0] for t in terms])
    if content.plain:
        return content, node
    inverse = _inverse(content)
    return content, sp.Add(*[t * inverse for t in terms])


def _inverse(c: _Coefficient) -> Any:
    """Return 1 / coefficient as an expression."""
    result = sp.Rational(c.exact.denominator, c.exact.numerator)
    for s in c.sizes:
        result = result / s
    for b in c.below:
        result = result * (sp.Symbol(b) if isinstance(b, str) else Literal(b) if isinstance(b, float) else b)
    for d in c.decimals:
        result = result / Literal(d)
    return result


# --- proof ------------------------------------------------------------------------------------------------------------

_PRIMES = (5, 3, 7, 4, 6, 8, 9, 11, 13)


def sizes_for_proof(shapes: Sequence[Shape]) -> dict[Any, int]:
    """Return distinct small numbers for the symbolic sizes in ``shapes``, different from the literal sizes."""
    literal = {s for shape in shapes for s in shape if isinstance(s, int)}
    free = [p for p in (2, *_PRIMES) if p not in literal]
    symbols: dict[Any, None] = {}
    for shape in shapes:
        for s in shape:
            if not isinstance(s, int):
                symbols.setdefault(s)
    return {s: free[k] if k < len(free) else 17 + k for k, s in enumerate(symbols)}


_RANGES = (
    (0.2, 0.9),
    (-0.9, -0.2),
    (1.1, 2.9),
    (4.0, 9.0),
    (-9.0, -4.0),
    (20.0, 90.0),
    (-90.0, -20.0),
    (2e4, 9e4),
    (-9e4, -2e4),
)
_TRIES = 80


def random_values(leaves: Leaves, sizes: Mapping[Any, int], seed: int) -> dict[str, np.ndarray]:
    """Return random entries for every leaf: in (0.2, 0.9) for the first seeds, later each leaf in a range of its own."""
    generator = np.random.default_rng(seed)
    found = {}
    for name, form in leaves.items():
        low, high = _RANGES[0] if seed <= 2 else _RANGES[generator.integers(len(_RANGES))]
        found[name] = generator.uniform(low, high, tuple(s if isinstance(s, int) else sizes[s] for s in form.shape))
    return found


def undefined_value(name: str, positions: tuple[int, ...], args: tuple[Any, ...]) -> Any:
    """Return the value of a smooth stand-in for an undefined function; each derivative gets another one."""
    phase = sum(ord(c) for c in name) % 7 + 1 + 3 * len(positions) + sum(positions)
    return np.sin(phase + sum((k + 1.3) * np.asarray(a) for k, a in enumerate(args)))


def _call_value(op: Any, args: tuple[Any, ...]) -> Any:
    function = op.function if isinstance(op, Prime) else op
    if function.definition is None or (isinstance(op, Prime) and not function.elementary):
        return undefined_value(function.name, (op.position,) if isinstance(op, Prime) else (), args)
    from symback.core.forms import name

    leaves = [name(f"_{k}", np.shape(a)) for k, a in enumerate(args)]
    body = apply(op, *leaves)
    if isinstance(op, Prime):
        body = prime_value(op, tuple(leaves), None)
    else:
        body = op.definition(*leaves)
    return evaluate(body, {leaf.name: a for leaf, a in zip(leaves, args, strict=True)})


def _masked_primes(form: Form) -> Form:
    """Return the form with derivatives of table functions undefined: the proof is about indices, not about them."""
    from symback.core.forms import substitute, undefined

    def change(node: Form) -> Form | None:
        if isinstance(node, Apply) and isinstance(node.op, Prime) and not node.op.function.elementary:
            stand_in = Prime(undefined(node.op.function.name, node.op.function.arguments), node.op.position)
            return apply(stand_in, *(substitute(a, change) for a in node.args))
        return None

    return substitute(form, change)


def agrees(
    form: Form, terms: Sequence[Term], axes: Sequence[Index], shape: Shape, leaves: Leaves, held: Leaves = _NOTHING
) -> bool:
    """Return True where the form equals the element at two sets of random entries (distinct sizes).

    The leaves in ``held`` have the values of the Forms there instead.
    Entries outside the domain of a logarithm or a root prove nothing: others are drawn, from other ranges.
    """
    shapes = [f.shape for f in leaves.values()] + [shape]
    for node in walk(form):
        shapes.append(node.shape)
        if isinstance(node, SizeOf):
            shapes.append((node.size,))
    sizes = sizes_for_proof(shapes)
    masked = _masked_primes(form)
    looked_up = _looked_up(
        [t.expression for t in terms] + [i.place for t in terms for i in t.index or () if isinstance(i, Lookup)],
        terms,
        shape,
        leaves,
        sizes,
    )
    for node in walk(form):
        # an entry of a slice is looked up in the slice, which is shorter than the axis
        if isinstance(node, (Gather, Scatter)) and isinstance(node.args[1], Name):
            length = (node.args[0] if isinstance(node, Gather) else node).shape[node.axis]
            bound = length if isinstance(length, int) else sizes[length]
            looked_up[node.args[1].name] = min(bound, looked_up.get(node.args[1].name, bound))
    agreed = 0
    for seed in range(1, _TRIES):
        values = random_values(leaves, sizes, seed)
        for label, bound in looked_up.items():
            values[label] = np.random.default_rng(seed).integers(0, bound, values[label].shape)
        with np.errstate(all="ignore"):
            for label, definition in held.items():
                values[label] = np.asarray(evaluate(definition, values, sizes, undefined=undefined_value))
            have = np.asarray(evaluate(masked, values, sizes, undefined=undefined_value), dtype=float)
            want = _value_of_terms(terms, axes, shape, values, sizes)
        if have.shape != want.shape:
            return False
        if not np.isfinite(want).all():
            continue
        if not np.allclose(have, want, rtol=1e-9, atol=1e-9 * (1 + np.abs(want).max(initial=0))):
            return False
        agreed += 1
        if agreed == 2:
            return True
    return False


def _looked_up(
    expressions: Sequence[Any], terms: Sequence[Term], shape: Shape, leaves: Leaves, sizes: Mapping[Any, int]
) -> dict[str, int]:
    """Return the integer arrays among the leaves: those read inside an index, with the length of the axis they index."""

    def length(s: Size) -> int:
        return s if isinstance(s, int) else sizes[s]

    found: dict[str, int] = {}

    def note(place: Any, bound: int) -> None:
        for access in place.atoms(Access):
            start = place.xreplace({access: sp.S.Zero})
            step = place.xreplace({access: sp.S.One}) - start
            room = bound
            if start.is_Integer and step.is_Integer and step != 0:
                room = int((bound - 1 - start) // step if step > 0 else start // -step) + 1
            found[access.array] = min(room, found.get(access.array, room))

    for expression in expressions:
        for access in expression.atoms(Access):
            for place, size in zip(access.indices, leaves[access.array].shape, strict=True):
                if place.has(Access):
                    note(place, length(size))
    for term in terms:
        for item, size in zip(term.index or (), shape, strict=False):
            if isinstance(item, Lookup):
                note(item.place, length(size))
    return found


def _value_of_terms(
    terms: Sequence[Term],
    axes: Sequence[Index],
    shape: Shape,
    values: Mapping[str, np.ndarray],
    sizes: Mapping[Any, int],
) -> np.ndarray:
    from symback.engine.elements import total

    def length(s: Size) -> int:
        return s if isinstance(s, int) else sizes[s]

    full = tuple(length(s) for s in shape)
    result = np.zeros(full)
    for term in terms:
        body = term.expression
        for index in term.summed:
            body = total(body, index)
        inner = [a for a in term.axes if a is not None]
        part = evaluate_element(body, inner, values, sizes, _call_value)
        part = part.reshape(tuple(1 if a is None else length(a.size) for a in term.axes))
        if term.index is None:
            result = result + part
        else:
            into = np.zeros(full)
            place, part = _numbers_of(term, part, values, sizes)
            np.add.at(into, place, part)
            result = result + into
    return result


def _numbers_of(
    term: Term, part: np.ndarray, values: Mapping[str, np.ndarray], sizes: Mapping[Any, int]
) -> tuple[tuple[Any, ...], np.ndarray]:
    """Return the index arrays at which the entries of ``part`` are added, all broadcast against each other."""
    assert term.index is not None
    rank = len(term.axes)
    grids = [np.arange(n).reshape((n,) + (1,) * (rank - 1 - k)) for k, n in enumerate(part.shape)]
    at: list[Any] = []
    axis = 0
    for item in term.index:
        if isinstance(item, int):
            at.append(np.asarray(item))
        elif isinstance(item, Sliding):
            at.append(item.stride * grids[axis] + item.dilation * grids[axis + 1])
            axis += 2
        elif isinstance(item, Lookup):
            free = [a for a in term.axes[axis : axis + item.count] if a is not None]
            found = evaluate_element(item.place, free, values, sizes, _call_value).astype(int)
            at.append(found.reshape(found.shape + (1,) * (rank - axis - item.count)))
            axis += item.count
        else:
            at.append(item.start + item.step * grids[axis] if isinstance(item, Span) else grids[axis])
            axis += 1
    return tuple(at), part


def recognize(
    terms: Sequence[Term],
    axes: Sequence[Index],
    shape: Shape,
    leaves: Leaves,
    what: str,
    minus: bool = False,
    held: Leaves = _NOTHING,
) -> Form:
    """Return the Form of Σ terms over ``axes`` (of minus that, where ``minus`` is set), of the given shape, and prove it.

    ``leaves`` maps the names in the terms (adjoints as ``∂name``) to Forms, in order of appearance; ``held`` says
    which Form a leaf holds, where the proof needs it. Raises
    DerivationError where neither matrix notation nor an Einstein sum can be proved.
    """
    from symback.engine.elements import total

    plain = [t for t in terms if t.index is None]
    result: Form | None = None
    closed: list[Any] = []
    if plain:
        target: list[Axis] = [None if all(t.axes[k] is None for t in plain) else a for k, a in enumerate(axes)]
        for term in plain:
            body = term.expression
            for index in term.summed:
                body = total(body, index)
            closed.append(body)
        worker = _Recognizer(leaves, target)
        # one term keeps its sums open, so that the contraction sees all factors at once
        if len(plain) == 1:
            part = worker.product([plain[0].expression], list(plain[0].summed))
        else:
            part = worker.label(sp.Add(*closed))
        result = worker.fit(part, target, shape)
    placed = [t for t in terms if t.index is not None]
    content = _Coefficient()
    if placed and plain:
        splits = [_split(p) for p in closed] + [_split(t.expression) for t in placed]
        content = _content([c for c, _ in splits])
        if not content.plain and result is not None:
            result = None
            inverse = _inverse(content)
            worker = _Recognizer(leaves, target)
            part = worker.label(sp.Add(*[sp.Mul(inverse, c) for c in closed]))
            result = worker.fit(part, target, shape)
    for term in placed:
        assert term.index is not None
        coefficient, rest = _split(term.expression)
        coefficient = _divided(coefficient, content)
        negative = coefficient.exact < 0
        if negative:
            coefficient = _Coefficient(-coefficient.exact, coefficient.decimals, coefficient.sizes, coefficient.below)
        worker = _Recognizer(leaves, term.axes)
        part = worker.product(rest, list(term.summed)) if rest or term.summed else Labelled(number(1), ())
        part = Labelled(scaled(part.form, coefficient), part.axes)
        inner_shape = tuple(1 if a is None else a.size for a in term.axes)
        simple = not any(isinstance(i, (Sliding, Lookup)) for i in term.index)
        inner = part.form if simple and not part.axes else worker.fit(part, term.axes, inner_shape)
        put_form = _placed(inner, term.index, shape, worker)
        if result is None:
            result = _negative(put_form) if negative else put_form
        else:
            result = apply("subtract" if negative else "add", result, put_form)
    if result is not None and not content.plain:
        result = scaled(result, content)
    if result is None:
        from symback.core.forms import filled

        return filled(0, shape)
    if minus:
        result = _negative(result)
        terms = [Term(-t.expression, t.summed, t.axes, t.index) for t in terms]
    if not agrees(result, terms, axes, shape, leaves, held):
        raise DerivationError(
            f"{what}: the derivative was found in index notation but no array formula could be proved equal to it; "
            f"the nearest was {result}"
        )
    return result


def _placed(inner: Form, index: Sequence[Any], shape: Shape, worker: _Recognizer) -> Form:
    """Return zeros of ``shape`` with ``inner`` added where ``index`` says: windows, looked-up rows, then slices."""
    items: list[Item] = []
    axis = 0
    for item, length in zip(index, shape, strict=True):
        if isinstance(item, int):
            items.append(item)
            continue
        if isinstance(item, Sliding):
            assert isinstance(length, int)
            inner = overlap(inner, axis, length, item.stride, item.dilation)
        elif isinstance(item, Lookup):
            place = worker.label(item.place)
            full = (*inner.shape[:axis], length, *inner.shape[axis + item.count :])
            inner = scatter(inner, _only(place, [a for a in place.axes if a is not None]), axis, full)
        items.append(item if isinstance(item, Span) else WHOLE)
        axis += 1
    return inner if all(i is WHOLE for i in items) else put(inner, tuple(items), shape)


def ordered_factors(factors: Sequence[Any], names: Sequence[str]) -> list[Any]:
    """Return factors in the order formulas have them: the adjoint, names in order of appearance, compound factors."""
    worker = _Recognizer({n: number(0) for n in names}, ())
    return sorted(factors, key=lambda f: (isinstance(f, Indicator), worker._rank(f)))


def ordered_terms(terms: Sequence[Any], names: Sequence[str]) -> list[Any]:
    """Return the terms of a sum in the order formulas have them: positive ones first."""
    worker = _Recognizer({n: number(0) for n in names}, ())
    return sorted(terms, key=worker._term_rank)


def leaves_of_forms(forms: Sequence[Form]) -> dict[str, Form]:
    """Return the names in the forms with their leaves, in order of first appearance."""
    found: dict[str, Form] = {}
    for form in forms:
        for leaf in names_in(form):
            found.setdefault(leaf.name, leaf)
    return found
