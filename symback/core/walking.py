"""Walks over Forms: every node once, with parts replaced, with names and sizes replaced."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import cast
from weakref import WeakKeyDictionary

from symback.core.nodes import Adjoint, Apply, Form, Name, Number, SizeOf, adjoint, apply, name, number, size_of
from symback.core.shapes import Shape, Size


def walk(form: Form) -> list[Form]:
    """Return every distinct node below ``form``, itself included, children first."""
    seen: set[Form] = set()
    order: list[Form] = []
    stack: list[tuple[Form, bool]] = [(form, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
            continue
        if node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node.args) if child not in seen)
    return order


class Holds:
    """Whether a form holds a node of a kind; every node is asked once, however many forms it stands in."""

    def __init__(self, kind: Callable[[Form], bool]) -> None:
        self._kind = kind
        self._known: WeakKeyDictionary[Form, bool] = WeakKeyDictionary()

    def __call__(self, form: Form) -> bool:
        known = self._known
        stack = [form]
        while stack:
            node = stack[-1]
            if node not in known:
                unknown = [child for child in node.args if child not in known]
                if unknown and not self._kind(node):
                    stack += unknown
                    continue
                known[node] = self._kind(node) or any(known[child] for child in node.args)
            stack.pop()
        return known[form]


def names_in(form: Form) -> list[Name]:
    """Return the names that occur in ``form``, in order of first appearance."""
    return [node for node in walk(form) if isinstance(node, Name)]


def rebuild(node: Form, args: tuple[Form, ...]) -> Form:
    """Return ``node`` with other children; shapes are computed anew and checked."""
    return node if args == node.args else node.remade(args)


def substitute(form: Form, change: Callable[[Form], Form | None]) -> Form:
    """Return ``form`` with every node for which ``change`` returns a Form replaced by it (outermost first)."""
    memo: dict[Form, Form] = {}

    def visit(node: Form) -> Form:
        found = memo.get(node)
        if found is None:
            found = change(node)
            if found is None:
                found = rebuild(node, tuple(visit(a) for a in node.args)) if node.args else node
            memo[node] = found
        return found

    return visit(form)


def factors(form: Form) -> list[Form]:
    """Return the factors of a product, those of its factors included; any other Form alone."""
    if isinstance(form, Apply) and form.op == "multiply":
        return factors(form.args[0]) + factors(form.args[1])
    return [form]


def product_of(forms: Sequence[Form]) -> Form:
    """Return the product of forms, in their order."""
    return reduce(lambda a, b: apply("multiply", a, b), forms)


def signed_sum(terms: Sequence[tuple[int, Form]]) -> Form:
    """Return the sum of terms with the signs that stand before them, in their order."""
    sign, first = terms[0]
    result = first if sign > 0 else apply("negative", first)
    for sign, term in terms[1:]:
        result = apply("add" if sign > 0 else "subtract", result, term)
    return result


def sum_of(forms: Sequence[Form]) -> Form:
    """Return the sum of forms, in their order."""
    return signed_sum([(1, form) for form in forms])


def _folded_quotient(above: Form, below: Form) -> Form:
    """Return above / below with whole numbers cancelled: 2 * x / (2 * n) is x / n."""
    rest = factors(below)
    whole = [f for f in rest if isinstance(f, Number) and isinstance(f.value, int) and f.value > 0]
    if not whole or len(rest) != len(whole) + builtins.sum(1 for f in rest if isinstance(f, SizeOf)):
        return apply("divide", above, below)
    divisor = math.prod(cast(int, f.value) for f in whole)
    inner = above.args[0] if isinstance(above, Apply) and above.op == "multiply" else above
    body: Form | None = None
    front = 1
    if isinstance(inner, Number) and isinstance(inner.value, int):
        front = inner.value
        body = above.args[1] if isinstance(above, Apply) and above.op == "multiply" else None
    else:
        body = above
    shared = math.gcd(front, divisor)
    front, divisor = front // shared, divisor // shared
    top = number(front) if body is None else body if front == 1 else apply("multiply", number(front), body)
    denominators: list[Form] = ([number(divisor)] if divisor != 1 else []) + [f for f in rest if isinstance(f, SizeOf)]
    for factor in denominators[1:]:
        denominators[0] = apply("multiply", denominators[0], factor)
    return apply("divide", top, denominators[0]) if denominators else top


def relabel(form: Form, names: Mapping[str, str], sizes: Mapping[Size, Size]) -> Form:
    """Return ``form`` with names and sizes replaced all through; a size that becomes an int is folded as a number."""
    memo: dict[Form, Form] = {}

    def shape_of(shape: Shape) -> Shape:
        return tuple(sizes.get(s, s) for s in shape)

    def visit(node: Form) -> Form:
        found = memo.get(node)
        if found is not None:
            return found
        shape = shape_of(node.shape)
        if isinstance(node, Name):
            found = name(names.get(node.name, node.name), shape)
        elif isinstance(node, Adjoint):
            found = adjoint(names.get(node.of, node.of), shape)
        elif isinstance(node, SizeOf):
            found = size_of(sizes.get(node.size, node.size))
        elif isinstance(node, Number):
            found = node
        else:
            args = tuple([visit(a) for a in node.args])
            if isinstance(node, Apply) and node.op == "divide":
                found = _folded_quotient(*args)
            elif isinstance(node, Apply) and node.op == "multiply" and args[0] is number(1):
                found = args[1]
            else:
                found = type(node)._make(args, node.data, shape)
        memo[node] = found
        return found

    return visit(form)
