"""Products of matrices as chains of factors, in which 1-D arrays are columns and rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from symback.core.forms import (
    Apply,
    Expand,
    Eye,
    Filled,
    Form,
    Implicit,
    Matmul,
    Outer,
    Shape,
    Transpose,
    apply,
    expand,
    eye,
    matmul,
    outer,
    transpose,
    walk,
)

Factor = tuple[str, Form]
"""A factor of a product of matrices: "M" a matrix, "c" a 1-D array as a column, "r" one as a row."""


def chain(form: Form) -> list[Factor]:
    """Return the factors of a matrix."""
    if isinstance(form, Matmul) and form.ndim == 2 and all(a.ndim == 2 for a in form.args):
        return [*chain(form.args[0]), *chain(form.args[1])]
    if isinstance(form, Outer):
        return [*column(form.args[0]), *flipped(column(form.args[1]))]
    if isinstance(form, Expand) and form.ndim == 2 and form.args[0].ndim == 1:
        inner = column(form.args[0])
        return inner if form.axes == (1,) else flipped(inner)
    if isinstance(form, Transpose) and form.ndim == 2:
        inner = chain(form.args[0])
        if len(inner) > 1 or inner[0][0] != "M":
            return flipped(inner)
    return [("M", form)]


def stacked(form: Form) -> list[Factor]:
    """Return the factors of a stack of matrices that is multiplied by matrices from the right."""
    if isinstance(form, Matmul) and form.args[0].ndim > 2 and form.args[1].ndim == 2:
        return [*stacked(form.args[0]), *chain(form.args[1])]
    return [("M", form)]


def column(form: Form) -> list[Factor]:
    """Return the factors of a 1-D array as a column."""
    if isinstance(form, Matmul) and form.ndim == 1:
        a, b = form.args
        return [*chain(a), *column(b)] if a.ndim == 2 else [*flipped(chain(b)), *column(a)]
    return [("c", form)]


def flipped(factors: Sequence[Factor]) -> list[Factor]:
    """Return the factors of the transpose."""
    kinds = {"c": "r", "r": "c", "M": "M"}
    return [(kinds[kind], mirrored(f) if kind == "M" else f) for kind, f in reversed(factors)]


def transposes(form: Form) -> int:
    """Return how many transposes are written in a form."""
    counts: dict[Form, int] = {}
    for node in walk(form):
        counts[node] = isinstance(node, Transpose) + sum(counts[a] for a in node.args)
    return counts[form]


def mirrored(matrix: Form) -> Form:
    """Return the transpose of a matrix: itself where it is symmetric; inside an entrywise product where that takes fewer of them."""
    if is_symmetric(matrix):
        return matrix
    outside = transpose(matrix)
    if isinstance(matrix, Apply) and matrix.op in ("multiply", "divide") and len({a.shape for a in matrix.args}) == 1:
        inside = apply(matrix.op, *(built(flipped(chain(a)), a.shape[::-1]) for a in matrix.args))
        return inside if transposes(inside) < transposes(outside) else outside
    return outside


@lru_cache(maxsize=4096)
def is_symmetric(form: Form) -> bool:
    """Return True for a matrix that is symmetric whatever its names stand for, as X.T @ X and A + A.T.

    >>> from symback.core.forms import name
    >>> X, A = name("X", (4, 3)), name("A", (3, 3))
    >>> is_symmetric(X.T @ X + eye(3)), is_symmetric(A + A.T), is_symmetric(A @ X.T)
    (True, True, False)
    """
    if form.ndim != 2 or form.shape[0] != form.shape[1]:
        return False
    if isinstance(form, Apply) and isinstance(form.op, str):
        a, b = (*form.args, form.args[0])[:2]
        if form.op == "add" and (mirrored(a) is b or mirrored(b) is a):
            return True
        return all(not x.shape or (x.shape == form.shape and is_symmetric(x)) for x in form.args)
    if is_inverse(form):
        return is_symmetric(form.args[0])
    factors = chain(form)
    return isinstance(form, (Eye, Filled)) or (len(factors) > 1 and flipped(factors) == factors)


def is_inverse(form: Form) -> bool:
    """Return True for the inverse of a matrix."""
    return isinstance(form, Implicit) and form.function.notation == "inverse"


def cancel(a: Form, b: Form) -> bool:
    """Return True where the product of two matrices is the identity, as A⁻¹ A and Aᵀ A⁻ᵀ."""
    if isinstance(a, Transpose) and isinstance(b, Transpose):
        return cancel(b.args[0], a.args[0])
    return any(is_inverse(x) and x.args[0] is y for x, y in ((a, b), (b, a)))


def inner_products(factors: list[Factor]) -> tuple[list[list[Factor]], list[Factor]]:
    """Return the products of a row with a column in a chain, which are single numbers, and the rest of the chain."""
    found: list[list[Factor]] = []
    rest: list[Factor] = []
    for kind, f in factors:
        rest.append((kind, f))
        if kind == "c":
            start = next((k for k in range(len(rest) - 2, -1, -1) if rest[k][0] != "M"), None)
            if start is not None and rest[start][0] == "r":
                found.append(rest[start:])
                del rest[start:]
    return found, rest


def shared_first(chains: Sequence[Sequence[Factor]]) -> int:
    """Return how many first factors all chains share; of each chain one factor is left."""
    count = 0
    while count < min(map(len, chains)) - 1 and all(c[count] == chains[0][count] for c in chains):
        count += 1
    return count


def chain_shape(factors: Sequence[Factor]) -> Shape:
    """Return the shape of a product: a row or a column at its end takes an axis away."""
    first, last = factors[0], factors[-1]
    rows = () if first[0] == "r" else first[1].shape[:1]
    return rows + (() if last[0] == "c" else last[1].shape[-1:])


def built(factors: Sequence[Factor], shape: Shape | None = None) -> Form:
    """Return the product of a chain; ``shape`` tells a matrix of one column from a 1-D array."""
    kept: list[Factor] = []
    for kind, f in factors:
        if kind == "M" and kept and kept[-1][0] == "M" and cancel(kept[-1][1], f):
            del kept[-1]
        elif not (kind == "M" and isinstance(f, Eye)):
            kept.append((kind, f))
    if not kept:
        return eye(factors[0][1].shape[0] if factors else cast(Shape, shape)[0])
    junction = next((k for k in range(len(kept) - 1) if kept[k][0] == "c" and kept[k + 1][0] == "r"), None)
    if junction is not None:
        return outer(_vector(kept[: junction + 1]), _vector(flipped(kept[junction + 1 :])))
    if kept[0][0] == "r" and kept[-1][0] == "c":
        return matmul(kept[0][1], _vector(kept[1:]))
    ends = [k for k, (kind, _) in enumerate(kept) if kind == "c"]
    if ends:
        column = _vector(kept[: ends[0] + 1])
        if ends[0] == len(kept) - 1:
            return column if shape is None or len(shape) == 1 else expand(column, (1,))
        return built([("M", expand(column, (1,))), *kept[ends[0] + 1 :]], shape)
    starts = [k for k, (kind, _) in enumerate(kept) if kind == "r"]
    if starts:
        row = _vector(flipped(kept[starts[0] :]))
        if starts[0] == 0:
            return row if shape is None or len(shape) == 1 else expand(row, (0,))
        return built([*kept[: starts[0]], ("M", expand(row, (0,)))], shape)
    result = kept[0][1]
    for _, f in kept[1:]:
        result = matmul(result, f)
    return result


def _vector(factors: Sequence[Factor]) -> Form:
    """Return matrices times a column as a 1-D array."""
    result = factors[-1][1]
    for _, f in reversed(factors[:-1]):
        result = matmul(f, result)
    return result
