"""Whether two forms are equal, every name with the value that its definition gives it: evaluated at random points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from symback.core.forms import (
    Adjoint,
    Form,
    Gather,
    Implicit,
    Name,
    OneHot,
    Scatter,
    SizeOf,
    apply,
    held_name,
    name,
    names_in,
    reduce_over,
    substitute,
    sum_of,
    undefined,
    walk,
)
from symback.engine.interpreter import evaluate
from symback.engine.proving import agree_twice, sizes_for_proof, undefined_value
from symback.functions.unknown import UnknownFunction
from symback.networks.facts import made_true
from symback.networks.network import Assumption, Equation, NamedNetwork

_MOST_ENTRIES = 1_000_000
"""Arrays of more entries are not evaluated for a proof."""
_TRIES = 40


def equal_by_definitions(network: NamedNetwork, a: Form, b: Form, assumptions: Sequence[Assumption] = ()) -> bool:
    """Return True where two forms are equal at two random points, every name with the value that its equation gives it.

    See ``equal_with``.
    """
    return equal_with(network.equations, a, b, assumptions)


def equal_with(definitions: Sequence[Equation], a: Form, b: Form, assumptions: Sequence[Assumption] = ()) -> bool:
    """Return True where two forms are equal at two random points, those names defined that ``definitions`` define.

    Sizes that are not known are all different; what ``assumptions`` say of leaves holds. Points outside the domain of a
    function prove nothing: others are drawn.
    """
    if a.shape != b.shape:
        return False
    a, b = _masked(a), _masked(b)
    equations = [(label, _masked(form)) for label, form in read_by(definitions, (a, b))]
    forms = [a, b, *(form for _, form in equations)]
    nodes = [node for form in forms for node in walk(form)]
    shapes = [*(n.shape for n in nodes), *((n.size,) for n in nodes if isinstance(n, SizeOf))]
    leaves = {n.name: n.shape for n in nodes if isinstance(n, Name)}
    sizes = _tall_sizes(assumptions, leaves, sizes_for_proof(shapes))
    if any(np.prod([s if isinstance(s, int) else sizes[s] for s in shape]) > _MOST_ENTRIES for shape in shapes):
        return False
    bounds = _index_bounds(nodes, sizes)
    granted = {fact.name: [(f.kind, f.axis) for f in assumptions if f.name == fact.name] for fact in assumptions}

    def trials() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for seed in range(_TRIES):
            values = _drawn(nodes, sizes, bounds, seed)
            for label in granted.keys() & values.keys():
                made = made_true(granted[label], values[label])
                if made is None:
                    return  # no array has these facts together
                values[label] = made
            try:
                for label, form in equations:
                    values[label] = np.asarray(evaluate(form, values, sizes, undefined=undefined_value))
                want, have = (np.asarray(evaluate(f, values, sizes, undefined=undefined_value), float) for f in (a, b))
            except np.linalg.LinAlgError:
                continue
            yield have, want

    return agree_twice(trials(), 1e-8)


def _tall_sizes(
    assumptions: Iterable[Assumption], shapes: Mapping[str, Any], sizes: Mapping[Any, int]
) -> dict[Any, int]:
    """Return sizes for which matrices with orthonormal columns have no more columns than rows."""
    found = dict(sizes)
    for fact in assumptions:
        shape = shapes.get(fact.name)
        if fact.kind != "orthogonal" or shape is None:
            continue
        rows, columns = shape
        count = columns if isinstance(columns, int) else found[columns]
        if not isinstance(rows, int) and found[rows] < count:
            found[rows] = count + 1 + max(found.values())
        elif isinstance(rows, int) and not isinstance(columns, int) and count > rows:
            found[columns] = rows
    return found


def _masked(form: Form) -> Form:
    """Return a form with stand-ins for calls that have no value at any entries.

    What is known of symmetric matrices only, as a Cholesky factor, is drawn freely; an unknown function of arrays is any one
    that depends on all their entries.
    """

    def change(node: Form) -> Form | None:
        if not isinstance(node, Implicit):
            return None
        if isinstance(node.function, UnknownFunction):
            return _some_function(node.function, [substitute(a, change) for a in node.args])
        system = node.function.system
        return name(held_name(node), node.shape) if system is not None and system.symmetric else None

    return substitute(form, change)


def _some_function(unknown: UnknownFunction, args: Sequence[Form]) -> Form:
    found = sum_of([reduce_over("sum", apply(undefined(unknown.name, 1), a)) for a in args])
    if unknown.position is None:
        return found
    return apply(undefined(unknown.name, 1), args[unknown.position]) * found


def read_by(definitions: Sequence[Equation], forms: Iterable[Form]) -> list[tuple[str, Form]]:
    """Return the equations that forms rest on, in order."""
    by_name = {e.name: e.form for e in definitions}
    needed: set[str] = set()
    waiting = [n.name for form in forms for n in names_in(form)]
    while waiting:
        label = waiting.pop()
        if label in by_name and label not in needed:
            needed.add(label)
            waiting += [n.name for n in names_in(by_name[label])]
    return [(e.name, e.form) for e in definitions if e.name in needed]


def _index_bounds(nodes: Iterable[Form], sizes: Mapping[Any, int]) -> dict[str, int]:
    """Return the arrays of indices that forms read, each with the length of the axis that it points into."""
    found: dict[str, int] = {}
    for node in nodes:
        if isinstance(node, OneHot):
            index, length = node.args[0], node.classes
        elif isinstance(node, (Gather, Scatter)):
            index, length = node.args[1], (node.args[0] if isinstance(node, Gather) else node).shape[node.axis]
        else:
            continue
        bound = length if isinstance(length, int) else sizes[length]
        for leaf in names_in(index):
            found[leaf.name] = min(bound, found.get(leaf.name, bound))
    return found


def _drawn(
    nodes: Iterable[Form], sizes: Mapping[Any, int], bounds: Mapping[str, int], seed: int
) -> dict[str, np.ndarray]:
    """Return random entries of all leaves: of both signs for every other seed, else positive."""
    generator = np.random.default_rng(seed)
    low = -0.9 if seed % 2 == 0 else 0.2
    found: dict[str, np.ndarray] = {}
    for leaf in nodes:
        if isinstance(leaf, (Name, Adjoint)):
            label = leaf.name if isinstance(leaf, Name) else "∂" + leaf.of
            shape = tuple(s if isinstance(s, int) else sizes[s] for s in leaf.shape)
            if label in bounds:
                found[label] = generator.integers(0, bounds[label], shape)
            elif label not in found:
                found[label] = generator.uniform(low, 0.9, shape)
    return found
