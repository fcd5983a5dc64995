"""The proof of a recognized form: form and element are evaluated independently at random entries, and must agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp

from symback.core.forms import (
    Apply,
    Form,
    Gather,
    Implicit,
    Name,
    Prime,
    Scatter,
    Shape,
    Size,
    SizeOf,
    Span,
    apply,
    held_name,
    prime_value,
    substitute,
    undefined,
    walk,
)
from symback.core.forms import name as make_name
from symback.engine.calculus import Lookup, Sliding, Term
from symback.engine.elements import Access, Index, evaluate_element, total
from symback.engine.interpreter import evaluate

Leaves = Mapping[str, Form]
NOTHING: Leaves = MappingProxyType({})

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
    leaves = [make_name(f"_{k}", np.shape(a)) for k, a in enumerate(args)]
    body = prime_value(op, tuple(leaves), None) if isinstance(op, Prime) else op.definition(*leaves)
    return evaluate(body, {leaf.name: a for leaf, a in zip(leaves, args, strict=True)})


def _masked(form: Form) -> Form:
    """Return the form with derivatives of table functions undefined, and calls without a formula as names.

    The proof is about indices, not about them.
    """

    def change(node: Form) -> Form | None:
        if isinstance(node, Implicit):
            return make_name(held_name(node), node.shape)
        if isinstance(node, Apply) and isinstance(node.op, Prime) and not node.op.function.elementary:
            stand_in = Prime(undefined(node.op.function.name, node.op.function.arguments), node.op.position)
            return apply(stand_in, *(substitute(a, change) for a in node.args))
        return None

    return substitute(form, change)


def agrees(
    form: Form, terms: Sequence[Term], axes: Sequence[Index], shape: Shape, leaves: Leaves, held: Leaves = NOTHING
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
    masked = _masked(form)
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

    def values_at(seed: int) -> tuple[np.ndarray, np.ndarray]:
        values = random_values(leaves, sizes, seed)
        for label, bound in looked_up.items():
            values[label] = np.random.default_rng(seed).integers(0, bound, values[label].shape)
        _put_held(values, held, sizes)
        have = np.asarray(evaluate(masked, values, sizes, undefined=undefined_value), dtype=float)
        return have, _value_of_terms(terms, axes, shape, values, sizes)

    return agree_twice(map(values_at, range(1, _TRIES)), 1e-9)


def agree_twice(trials: Iterable[tuple[np.ndarray, np.ndarray]], tolerance: float) -> bool:
    """Return True where two values agree at two of the points that are tried; where the second is not finite, a point proves nothing."""
    agreed = 0
    with np.errstate(all="ignore"):
        for have, want in trials:
            if have.shape != want.shape:
                return False
            if not np.isfinite(want).all():
                continue
            if not np.allclose(have, want, rtol=tolerance, atol=tolerance * (1 + np.abs(want).max(initial=0))):
                return False
            agreed += 1
            if agreed == 2:
                return True
    return False


def _put_held(values: dict[str, np.ndarray], held: Leaves, sizes: Mapping[Any, int]) -> None:
    """Give the leaves in ``held`` the values of the Forms there."""
    for label, definition in held.items():
        values[label] = np.asarray(evaluate(_masked(definition), values, sizes, undefined=undefined_value))


def same_elements(
    first: Any,
    second: Any,
    axes: Sequence[Index],
    leaves: Leaves,
    facts: Mapping[str, int] = MappingProxyType({}),
    held: Leaves = NOTHING,
) -> bool:
    """Return True where two elements are equal at two sets of random entries.

    The entries of ``facts`` add up to 1 along the axis there; the leaves in ``held`` have the values of the Forms there.
    """
    read = {s for e in (first, second) for s in e.free_symbols if isinstance(s, sp.Symbol)}
    shapes = [f.shape for f in leaves.values()] + [(a.size,) for a in axes]
    sizes = sizes_for_proof([*shapes, tuple(sorted(read, key=str))])

    def values_at(seed: int) -> tuple[np.ndarray, np.ndarray]:
        values = random_values(leaves, sizes, seed)
        for label, axis in facts.items():
            values[label] = values[label] / values[label].sum(axis=axis, keepdims=True)
        _put_held(values, held, sizes)
        have, want = (evaluate_element(e, axes, values, sizes, _call_value) for e in (first, second))
        return have, want

    return agree_twice(map(values_at, range(1, _TRIES)), 1e-9)


def element_values(
    expression: Any, axes: Sequence[Index], values: Mapping[str, np.ndarray], sizes: Mapping[Any, int]
) -> np.ndarray:
    """Return the values of an element over axes, at given values of what it reads."""
    return evaluate_element(expression, axes, values, sizes, _call_value)


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
