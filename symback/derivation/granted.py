"""Facts that were granted, put to use in closed forms: Pᵀ is P, Qᵀ Q is I, |x| is x for a positive x.

Only what stands in a form is looked at, so a gradient is the one by free entries, written for entries that have the fact.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from symback.core.forms import (
    Apply,
    Filled,
    Form,
    Function,
    Implicit,
    Matmul,
    Name,
    Number,
    Outer,
    Prime,
    Reduce,
    Transpose,
    apply,
    broadcast_to,
    number,
    reduce_over,
    substitute,
    transpose,
)
from symback.core.operations import ORDERINGS
from symback.derivation.chains import Factor, built, chain, column, flipped, is_inverse
from symback.derivation.terms import weight
from symback.engine.textbook import definition_of, prime_form
from symback.networks.facts import SYMMETRIC
from symback.networks.network import Assumption

_ROUNDS = 4


class Granted:
    """What facts make of a form; ``used`` are those that it then rests on."""

    def __init__(self, assumptions: Iterable[Assumption]) -> None:
        facts = tuple(assumptions)
        self.symmetric = {a.name: a for a in facts if a.kind in SYMMETRIC}
        self.orthogonal = {a.name: a for a in facts if a.kind == "orthogonal"}
        self.positive = {a.name: a for a in facts if a.kind == "positive"}
        self.used: dict[Assumption, None] = {}

    def __bool__(self) -> bool:
        return bool(self.symmetric or self.orthogonal or self.positive)

    def simplified(self, form: Form) -> Form:
        """Return an equal form, where the facts hold."""
        for _ in range(_ROUNDS):
            before = form
            for rule in (self._untransposed, self._orthonormal, self._of_positive):
                form = substitute(form, rule)
            if form is before:
                break
        return form

    # --- symmetric matrices ---

    def _untransposed(self, node: Form) -> Form | None:
        if not isinstance(node, Transpose) or node.ndim != 2:
            return None
        inner = innermost = node.args[0]
        while is_inverse(innermost):
            innermost = innermost.args[0]
        if not isinstance(innermost, Name) or innermost.name not in self.symmetric:
            return None
        self.used[self.symmetric[innermost.name]] = None
        return inner

    # --- orthogonal matrices ---

    def _orthonormal(self, node: Form) -> Form | None:
        if not self.orthogonal:
            return None
        if isinstance(node, Implicit):
            return self._inverse(node)
        if isinstance(node, Reduce):
            return self._same_length(node)
        if not isinstance(node, (Matmul, Outer)) or max(a.ndim for a in node.args) > 2:
            return None
        factors = _factors(node)
        kept = self._distributed(self._cancelled(factors))
        return built(kept, node.shape) if kept != factors else None

    def _inverse(self, node: Implicit) -> Form | None:
        """Return the transpose in the place of an inverse of a square matrix, and of a pseudo-inverse of any."""
        of = node.args[0] if node.args else None
        if node.function.notation not in ("inverse", "pseudo-inverse") or not isinstance(of, Name):
            return None
        fact = self.orthogonal.get(of.name)
        if fact is None:
            return None
        self.used[fact] = None
        return transpose(of)

    def _cancelled(self, factors: list[Factor]) -> list[Factor]:
        kept: list[Factor] = []
        for kind, f in factors:
            fact = self._identity(kept[-1][1], f) if kept and kind == kept[-1][0] == "M" else None
            if fact is None:
                kept.append((kind, f))
            else:
                del kept[-1]
                self.used[fact] = None
        return kept

    def _identity(self, a: Form, b: Form) -> Assumption | None:
        """Return the fact by which a product is the identity: Qᵀ Q, and Q Qᵀ for a square Q."""
        turned, plain = (a, b) if isinstance(a, Transpose) else (b, a)
        if not isinstance(turned, Transpose) or turned.args[0] is not plain or not isinstance(plain, Name):
            return None
        return self.orthogonal.get(plain.name) if turned is a or _is_square(plain) else None

    def _distributed(self, factors: list[Factor]) -> list[Factor]:
        """Return Qᵀ (Q x − y) as x − Qᵀ y, where that is shorter."""
        for k, pair in enumerate(itertools.pairwise(factors)):
            for (matrix, whole), from_left in ((pair, True), (pair[::-1], False)):
                if matrix[0] != "M" or not _is_sum(whole[1]) or self._orthogonal_of(matrix[1]) is None:
                    continue
                before = dict(self.used)
                made = self._term_by_term(matrix, whole, from_left)
                if made is not None and weight(made[1]) <= weight(built(pair)):
                    return [*factors[:k], made, *factors[k + 2 :]]
                self.used = before
        return factors

    def _term_by_term(self, matrix: Factor, whole: Factor, from_left: bool) -> Factor | None:
        kind, form = whole
        if kind == ("r" if from_left else "c") or any(a.shape != form.shape for a in form.args):
            return None
        assert isinstance(form, Apply)
        terms, shorter = [], False
        for term in form.args:
            inner = column(term) if kind == "c" else flipped(column(term)) if kind == "r" else chain(term)
            factors = [matrix, *inner] if from_left else [*inner, matrix]
            kept = self._cancelled(factors)
            shorter = shorter or len(kept) < len(factors)
            if not kept:
                return None
            terms.append(built(kept if kind != "r" else flipped(kept)))
        if not shorter or len({t.shape for t in terms}) > 1:
            return None
        return kind, apply(form.op, *terms)

    def _orthogonal_of(self, matrix: Form) -> Assumption | None:
        leaf = matrix.args[0] if isinstance(matrix, Transpose) else matrix
        return self.orthogonal.get(leaf.name) if isinstance(leaf, Name) else None

    def _same_length(self, node: Reduce) -> Form | None:
        """Return Σ (Q x)² as Σ x²: columns that are turned keep their lengths, and so do rows."""
        inner = node.args[0]
        if node.kind != "sum" or node.keepdims or inner.ndim > 2:
            return None
        if not (isinstance(inner, Apply) and inner.op == "power" and inner.args[1] is number(2)):
            return None
        base = inner.args[0]
        if not isinstance(base, Matmul):
            return None
        factors = column(base) if base.ndim == 1 else chain(base)
        for at, axis in ((0, 0), (-1, base.ndim - 1)):
            matrix = factors[at][1]
            fact = self._orthogonal_of(matrix) if factors[at][0] == "M" and axis in node.axes else None
            # Q from the left and Qᵀ from the right have orthonormal columns and rows; the other two where Q is square
            if fact is None or not (_is_square(matrix) or isinstance(matrix, Transpose) == (at == -1)):
                continue
            self.used[fact] = None
            rest = factors[1:] if at == 0 else factors[:-1]
            return reduce_over("sum", apply("power", built(rest), number(2)), node.axes)
        return None

    # --- positive entries ---

    def _of_positive(self, node: Form) -> Form | None:
        if not self.positive or not isinstance(node, Apply) or not node.args:
            return None
        found = self._branch(node) if isinstance(node.op, (Function, Prime)) else self._root_or_logarithm(node)
        if found is None:
            return None
        return found if found.shape == node.shape else broadcast_to(found, node.shape)

    def _branch(self, node: Apply) -> Form | None:
        """Return what a function that is defined case by case is in the case that holds."""
        function = node.op.function if isinstance(node.op, Prime) else node.op
        if not isinstance(function, Function) or function.definition is None or not function.entrywise:
            return None
        found = prime_form(node.op, node.args) if isinstance(node.op, Prime) else definition_of(node)
        if isinstance(node.op, Prime) and not (isinstance(found, Apply) and found.op == "where"):
            inner = self._branch(found) if isinstance(found, Apply) and isinstance(found.op, Function) else None
            return inner
        return self._decided(found)

    def _decided(self, form: Form) -> Form | None:
        while isinstance(form, Apply) and form.op == "where":
            condition = form.args[0]
            if not (isinstance(condition, Apply) and condition.op in ORDERINGS):
                return None
            one, other = condition.args
            grows = condition.op in ("greater", "greater_equal")
            if isinstance(other, Number) and other.value <= 0:
                if not self._is_positive(one):
                    return None
                form = form.args[1 if grows else 2]
            elif isinstance(one, Number) and one.value <= 0:
                if not self._is_positive(other):
                    return None
                form = form.args[2 if grows else 1]
            else:
                return None
            self._note(condition)
            if not (isinstance(form, Apply) and form.op == "where"):
                return form
        return None

    def _root_or_logarithm(self, node: Apply) -> Form | None:
        inner = node.args[0]
        if node.op not in ("sqrt", "log") or not (isinstance(inner, Apply) and inner.op == "power"):
            return None
        base, exponent = inner.args
        if not isinstance(exponent, Number) or not self._is_positive(base):
            return None
        self._note(base)
        if node.op == "log":
            return exponent * apply("log", base)
        half = float(exponent.value) / 2
        return base if half == 1 else base ** number(int(half)) if half.is_integer() else None

    def _note(self, form: Form) -> None:
        for leaf in _leaves(form):
            if leaf.name in self.positive:
                self.used[self.positive[leaf.name]] = None

    def _is_positive(self, form: Form) -> bool:
        """Return True for what is positive because its names are."""
        if isinstance(form, Name):
            return form.name in self.positive
        if isinstance(form, (Number, Filled)):
            return bool(form.value > 0)
        if isinstance(form, (Matmul, Outer)) or form.is_view:
            return all(map(self._is_positive, form.args))
        if isinstance(form, Reduce):
            return self._is_positive(form.args[0])
        if not isinstance(form, Apply):
            return False
        if form.op == "exp":
            return True
        if form.op in ("add", "multiply", "divide", "sqrt"):
            return all(map(self._is_positive, form.args))
        return form.op == "power" and self._is_positive(form.args[0])


def _leaves(form: Form) -> Iterable[Name]:
    return [form] if isinstance(form, Name) else [leaf for a in form.args for leaf in _leaves(a)]


def _factors(node: Form) -> list[Factor]:
    """Return the factors of a product of matrices and 1-D arrays."""
    left, right = node.args
    if isinstance(node, Outer):
        return chain(node)
    first = flipped(column(left)) if left.ndim == 1 else chain(left)
    return [*first, *(column(right) if right.ndim == 1 else chain(right))]


def _is_sum(form: Form) -> bool:
    return isinstance(form, Apply) and form.op in ("add", "subtract")


def _is_square(form: Form) -> bool:
    return form.ndim == 2 and form.shape[0] == form.shape[1]
