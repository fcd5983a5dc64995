"""From index notation back to Forms: find matrix products, sums and broadcasts in an element, and prove them.

A *labelled* form is a Form with one Index (or None for an axis of length 1) per axis. Products under sums are
contracted one index at a time into matrix products where both operands have a free side, else into sums, batched
products or an Einstein sum. Every result is proved: Form and element are evaluated by two independent evaluators at
random entries, with pairwise distinct sizes, and must agree; a lost transpose or sum cannot pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from symback.core.errors import DerivationError
from symback.core.forms import (
    WHOLE,
    Form,
    Function,
    Item,
    Prime,
    Shape,
    Size,
    Span,
    apply,
    counting,
    einsum,
    eye,
    filled,
    gather,
    get,
    names_in,
    number,
    overlap,
    prime_value,
    put,
    reduce_over,
    reshape,
    scatter,
    transpose,
    triangle,
    windows,
)
from symback.engine.calculus import Lookup, Sliding, Term
from symback.engine.coefficients import (
    Coefficient,
    coefficient_of,
    content_of,
    divided,
    inverse_of,
    negated,
    primitive,
    scaled,
    split,
    times_all,
)
from symback.engine.contraction import Axis, Labelled, Layout, only
from symback.engine.elements import (
    STATED_KINDS,
    Access,
    Digit,
    Index,
    Indicator,
    Literal,
    Opaque,
    Peak,
    Select,
    Total,
    held_forms,
    mixed_radix,
    opened,
    total,
)
from symback.engine.proving import NOTHING, Leaves, agrees
from symback.functions import ROWS


class _Recognizer:
    def __init__(self, leaves: Leaves, want: Sequence[Axis]) -> None:
        self.leaves = leaves
        self.layout = Layout(want)
        self.order = {name: k for k, name in enumerate(leaves)}

    # --- ordering ---

    def _rank(self, factor: Any) -> tuple[Any, ...]:
        """Order of factors: the adjoint, then indices as numbers, then plain names in order of appearance, then compound ones."""
        if isinstance(factor, Access):
            if factor.array.startswith("∂"):
                return (0, self.order.get(factor.array, 0))
            return (1, self.order.get(factor.array, 0))
        base, power = factor.as_base_exp()
        if isinstance(base, Index) or _shifted(base) is not None:
            return (0.5, 0)
        if isinstance(base, Access) and power != -1:
            return (1, self.order.get(base.array, 0), 1)
        if isinstance(factor, Opaque) and isinstance(factor.op, Prime) and not factor.op.function.elementary:
            return (1, -1)
        adjoint = any(a.array.startswith("∂") for a in factor.atoms(Access))
        first = min((self.order.get(a.array, 0) for a in factor.atoms(Access)), default=0)
        kind = 2 if isinstance(factor, (Opaque, Select, Indicator)) or power != -1 else 3
        return (0 if adjoint else kind, first + 0.5, _complexity(factor), str(_canonical(factor)))

    def _term_rank(self, term: Any) -> tuple[Any, ...]:
        coefficient, rest = split(term)
        negative = coefficient.exact < 0
        if not rest:
            return (negative, 2 if not negative else 1, 0)
        first = min((self.order.get(a.array, 0) for a in term.atoms(Access)), default=0)
        return (negative, 1, first, _complexity(term), str(_canonical(term)))

    # --- labelling ---

    def label(self, node: Any) -> Labelled:
        if isinstance(node, Access):
            return self._access(node)
        if isinstance(node, (Index, sp.Add)) and (place := _shifted(node)) is not None:
            return Labelled(counting(place[0].size, place[1]), (place[0],))
        if isinstance(node, sp.Add) and any(_is_number_of_place(a) for a in node.args):
            return self._counted(node)
        if isinstance(node, (sp.Rational, Literal, sp.Symbol)):
            c = coefficient_of(node)
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
            return self._indicator(node)
        if isinstance(node, Select):
            return self._select(node)
        if isinstance(node, Opaque):
            return self._call(node)
        if isinstance(node, sp.Abs):
            return self._entrywise(ROWS["absolute"], list(node.args))
        if isinstance(node, sp.sign):
            return self._entrywise(ROWS["sign"], list(node.args))
        if type(node) in STATED_KINDS:
            return self._entrywise(ROWS[STATED_KINDS[type(node)]], list(node.args))
        if node == sp.pi:
            return Labelled(number(math.pi), ())
        if node is sp.E:
            return Labelled(apply("exp", number(1)), ())
        plain = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos"}.get(type(node))
        if plain is not None:
            return self._entrywise(plain, list(node.args))
        raise DerivationError(f"no array operation for {type(node).__name__} in {node}")

    def _counted(self, node: sp.Add) -> Labelled:
        """Label a sum in which indices stand as numbers: counted from 1, as they are printed, so that n - 1 - i is n - i."""
        terms: list[Any] = []
        leaves = dict(self.leaves)
        for term in node.args:
            if _is_number_of_place(term):
                factor, index = term.as_coeff_Mul()
                leaves[f"§{index.size}"] = counting(index.size, 1)
                terms += [factor * Access(f"§{index.size}", index), -factor]
            else:
                terms.append(term)
        return _Recognizer(leaves, self.layout.want).label(sp.Add(*terms))

    def _indicator(self, node: Indicator) -> Labelled:
        """Label a comparison: of entries, or of two indices, which makes an identity matrix or a triangle of ones."""
        sides = [_shifted(side) for side in node.args[1:]]
        if None in sides and any(map(_speaks_of_places, node.args[1:])):
            raise DerivationError(f"no array operation compares the indices in {node}")
        if None in sides:
            return self._entrywise(node.relation, list(node.args[1:]))
        (row, up), (column, across) = sides  # type: ignore[misc]
        if node.relation in ("equal", "delta") and row.size == column.size and up == across:
            return Labelled(eye(row.size), (row, column))
        if node.relation in ("greater", "greater_equal"):
            (row, up), (column, across) = (column, across), (row, up)
        if node.relation not in ("less", "less_equal", "greater", "greater_equal"):
            raise DerivationError(f"no array operation compares the indices in {node}")
        strict = int(node.relation in ("less", "greater"))
        return Labelled(triangle(column.size, row.size, across - up - strict), (column, row))

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
        worker = _Recognizer({**self.leaves, "_inner": leaf}, self.layout.want)
        return worker._access(Access("_inner", *reads))

    def _gathered(self, node: Access, leaf: Form, reads: list[Any], position: int) -> Labelled:
        place = self.label(reads[position])
        indices = [a for a in place.axes if a is not None]
        made = gather(leaf, only(place, indices), position)
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
        forms, axes = self.layout.align([self.label(n) for n in nodes])
        return Labelled(apply(op, *forms, **parameters), axes)

    def _call(self, node: Opaque) -> Labelled:
        op = node.op
        function = op.function if isinstance(op, Prime) else op
        forms, axes = self.layout.align([self.label(n) for n in node.args[1:]])
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
        broken = _is_broken(power)
        if isinstance(power, sp.Rational) and power < 0 and not broken:
            below = self.label(base ** (-power))
            forms, axes = self.layout.align([Labelled(number(1), ()), below])
            return Labelled(apply("divide", *forms), axes)
        if isinstance(power, sp.Rational) and not isinstance(power, sp.Integer):
            inner = self.label(base)
            exponent = Fraction(int(power.p), int(power.q)) if broken else float(power)
            return Labelled(apply("power", inner.form, number(exponent)), inner.axes)
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
        splits = [split(t) for t in terms]
        common = [f for f in splits[0][1] if all(f in rest for _, rest in splits[1:])]
        coefficients = [c for c, _ in splits]
        content = content_of(coefficients)
        if content.plain and not common:
            return self._plain_add(terms)
        inner = []
        for c, rest in splits:
            remaining = list(rest)
            for f in common:
                remaining.remove(f)
            inner.append((divided(c, content), remaining))
        # what is left may be sums inside the sum, whose terms cancel or combine: (1 - y) - y is 1 - 2y
        flat = sp.Add(*[sp.Mul(1 / inverse_of(c), *rest) for c, rest in inner])
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
        forms, axes = self.layout.align([p for _, p in parts])
        return Labelled(scaled(times_all(forms), content), axes)

    def _plain_add(self, terms: Sequence[Any]) -> Labelled:
        return self._sum_of([self._scaled_product(*split(t)) for t in terms])

    def _scaled_product(self, c: Coefficient, rest: list[Any]) -> tuple[bool, Labelled]:
        negative = c.exact < 0
        if negative:
            c = Coefficient(-c.exact, c.decimals, c.sizes, c.below)
        if not rest:
            return negative, Labelled(scaled(number(1), c), ())
        if any(map(_is_root, rest)):
            return negative, self.product([1 / inverse_of(c), *rest], [])
        inner = self.product(rest, []) if len(rest) > 1 else self.label(rest[0])
        return negative, Labelled(scaled(inner.form, c), inner.axes)

    def _sum_of(self, terms: Sequence[tuple[bool, Labelled]]) -> Labelled:
        forms, axes = self.layout.align([t for _, t in terms])
        result: Form | None = None
        for (negative, _), form in zip(terms, forms, strict=True):
            if result is None:
                result = negated(form) if negative else form
            else:
                result = apply("subtract" if negative else "add", result, form)
        assert result is not None
        return Labelled(result, axes)

    # --- products under sums ---

    def product(self, factors: Sequence[Any], summed: Sequence[Index]) -> Labelled:
        """Recognize the product of ``factors`` summed over ``summed``."""
        coefficient = Coefficient()
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
            found = coefficient_of(factor)
            if found is not None:
                coefficient = coefficient.times(found)
                continue
            base, power = factor.as_base_exp()
            negative = isinstance(power, sp.Rational) and power < 0 and not _is_broken(power)
            if negative and not isinstance(factor, sp.exp):
                below.append(base ** (-power))
            elif isinstance(factor, sp.Add):
                content, inner = primitive(factor)
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
        result, repeated = self.layout.contract(parts, over)
        coefficient = coefficient.times(repeated)
        if outside_below or root:
            denominators = [*root, *(self.label(b) for b in sorted(outside_below, key=self._rank))]
            forms, axes = self.layout.align([result, *denominators])
            form = forms[0]
            if len(forms) > 2:
                form = apply("divide", form, times_all(forms[1:]))
            else:
                form = apply("divide", form, forms[1])
            result = Labelled(form, axes)
        return Labelled(scaled(result.form, coefficient), result.axes)

    def _sum_over_add(self, node: Any, over: list[Index], coefficient: Coefficient) -> Labelled:
        inner = self.label(node)
        result, repeated = self.layout.contract([inner], over)
        return Labelled(scaled(result.form, coefficient.times(repeated)), result.axes)

    def _divide_inside(self, parts: list[Labelled], below: list[Labelled], over: Sequence[Index]) -> list[Labelled]:
        for denominator in below:
            hosts = [k for k, p in enumerate(parts) if p.indices >= denominator.indices]
            if hosts:
                at = hosts[-1]
                forms, axes = self.layout.align([parts[at], denominator])
                parts[at] = Labelled(apply("divide", *forms), axes)
            else:
                forms, axes = self.layout.align([Labelled(number(1), ()), denominator])
                parts.append(Labelled(apply("divide", *forms), axes))
        return parts

    # --- alignment ---

    # --- the whole ---


def _shifted(place: Any) -> tuple[Index, int] | None:
    """Return the index and the whole number that a place is the sum of, or None."""
    start, index = place.as_coeff_Add()
    return (index, int(start)) if isinstance(index, Index) and start.is_Integer else None


def _is_number_of_place(term: Any) -> bool:
    """Return whether a term is a number times an index."""
    return isinstance(term.as_coeff_Mul()[1], Index)


def _speaks_of_places(side: Any) -> bool:
    """Return whether an index stands in an expression as a number, and not only as a place of an entry."""
    return isinstance(side, (Index, Digit)) or (
        isinstance(side, (sp.Add, sp.Mul, sp.Pow)) and any(map(_speaks_of_places, side.args))
    )


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


def _complexity(node: Any) -> int:
    return sum(1 for _ in sp.preorder_traversal(node))


def _canonical(node: Any) -> Any:
    """Return the node with its free indices numbered by first appearance, so that text does not depend on counters."""
    seen: dict[Any, Any] = {}
    for part in sp.preorder_traversal(node):
        if type(part) is Index and part not in seen:
            seen[part] = Index(len(seen), part.size)
    return node.xreplace(seen)


def _is_broken(power: Any) -> bool:
    """Return True for an exponent as 2/3, which stays one: nobody writes it as a root, and no decimal is it."""
    return isinstance(power, sp.Rational) and power.q not in (1, 2, 4, 8, 16)


def _is_root(factor: Any) -> bool:
    return isinstance(factor, sp.Pow) and factor.base.is_Integer and factor.exp == sp.Rational(1, 2)


def _root_below(c: Coefficient, factors: list[Any]) -> tuple[Coefficient, list[Labelled]]:
    """Take √2/4 together as 1/√8, the way it was written before SymPy made the denominator rational."""
    roots = [f for f in factors if _is_root(f)]
    if len(roots) != 1 or len(factors) == 1:
        return c, []
    square = c.exact**2 * int(roots[0].base)
    if square.numerator != 1:
        return c, []
    factors.remove(roots[0])
    sign = Fraction(1 if c.exact > 0 else -1)
    return Coefficient(sign, c.decimals, c.sizes, c.below), [Labelled(apply("sqrt", number(square.denominator)), ())]


def recognize(
    terms: Sequence[Term],
    axes: Sequence[Index],
    shape: Shape,
    leaves: Leaves,
    what: str,
    minus: bool = False,
    held: Leaves = NOTHING,
) -> Form:
    """Return the Form of Σ terms over ``axes`` (of minus that, where ``minus`` is set), of the given shape, and prove it.

    ``leaves`` maps the names in the terms (adjoints as ``∂name``) to Forms, in order of appearance; ``held`` says
    which Form a leaf holds, where the proof needs it. Raises
    DerivationError where neither matrix notation nor an Einstein sum can be proved.
    """
    leaves = {**leaves, **held_forms([t.expression for t in terms])}
    plain = [t for t in terms if t.index is None]
    placed = [t for t in terms if t.index is not None]
    closed = [_closed(t) for t in plain]
    content = _shared_content(closed, placed) if plain and placed else Coefficient()
    result = _recognized_sum(plain, closed, axes, shape, leaves, content) if plain else None
    for term in placed:
        is_negative, made = _recognized_placed(term, shape, leaves, content)
        if result is None:
            result = negated(made) if is_negative else made
        else:
            result = apply("subtract" if is_negative else "add", result, made)
    if result is None:
        return filled(0, shape)
    if not content.plain:
        result = scaled(result, content)
    if minus:
        result = negated(result)
        terms = [Term(-t.expression, t.summed, t.axes, t.index) for t in terms]
    if not agrees(result, terms, axes, shape, leaves, held):
        raise DerivationError(
            f"{what}: the derivative was found in index notation but no array formula could be proved equal to it; "
            f"the nearest was {result}"
        )
    return result


def _closed(term: Term) -> Any:
    """Return the expression of a term with its sums."""
    body = term.expression
    for index in term.summed:
        body = total(body, index)
    return body


def _shared_content(closed: Sequence[Any], placed: Sequence[Term]) -> Coefficient:
    """Return the number that all terms share, those that are put somewhere included."""
    return content_of([split(e)[0] for e in (*closed, *(t.expression for t in placed))])


def _recognized_sum(
    plain: Sequence[Term],
    closed: Sequence[Any],
    axes: Sequence[Index],
    shape: Shape,
    leaves: Leaves,
    content: Coefficient,
) -> Form:
    """Return the Form of the terms that are not put anywhere, without the number ``content``."""
    target: list[Axis] = [None if all(t.axes[k] is None for t in plain) else a for k, a in enumerate(axes)]
    worker = _Recognizer(leaves, target)
    if not content.plain:
        inverse = inverse_of(content)
        part = worker.label(sp.Add(*[sp.Mul(inverse, c) for c in closed]))
    elif len(plain) == 1:
        # one term keeps its sums open, so that the contraction sees all factors at once
        part = worker.product([plain[0].expression], list(plain[0].summed))
    else:
        part = worker.label(sp.Add(*closed))
    return worker.layout.fit(part, target, shape)


def _recognized_placed(term: Term, shape: Shape, leaves: Leaves, content: Coefficient) -> tuple[bool, Form]:
    """Return whether a term that is put somewhere is negative, and its Form without the sign and ``content``."""
    assert term.index is not None
    coefficient, rest = split(term.expression)
    coefficient = divided(coefficient, content)
    is_negative = coefficient.exact < 0
    if is_negative:
        coefficient = replace(coefficient, exact=-coefficient.exact)
    worker = _Recognizer(leaves, term.axes)
    part = worker.product(rest, list(term.summed)) if rest or term.summed else Labelled(number(1), ())
    part = Labelled(scaled(part.form, coefficient), part.axes)
    inner_shape = tuple(1 if a is None else a.size for a in term.axes)
    simple = not any(isinstance(i, (Sliding, Lookup)) for i in term.index)
    inner = part.form if simple and not part.axes else worker.layout.fit(part, term.axes, inner_shape)
    return is_negative, _placed(inner, term.index, shape, worker)


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
            inner = scatter(inner, only(place, [a for a in place.axes if a is not None]), axis, full)
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
