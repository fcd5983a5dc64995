"""What SymPy takes apart put together: sums over entries that are written out, and columns read entry by entry.

x₀B₀₀x₀ + x₀B₀₁x₁ + … is Σ_i Σ_j x_i B_ij x_j.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from symback.core.forms import (
    Apply,
    Expand,
    Form,
    Get,
    Matmul,
    Reduce,
    apply,
    get,
    matmul,
    reduce_over,
    substitute,
    transpose,
)


def folded(e: Any) -> Any:
    """Return an equal expression in which terms that differ only in the index of an axis, one for each entry, are a sum.

    >>> x, y = sp.MatrixSymbol("x", 3, 1), sp.MatrixSymbol("y", 3, 1)
    >>> print(folded((x.T * y)[0, 0]))
    Sum(x[i1, 0]*y[i1, 0], (i1, 0, 2))
    """
    if not any(all(i.is_Integer for i in entry.indices) for entry in e.atoms(MatrixElement)):
        return e
    taken = {s.name for s in e.atoms(sp.Symbol)}
    stem = next(
        stem
        for stem in ("i", *(f"i_{k}_" for k in range(len(taken) + 1)))
        if not any(known.startswith(stem) for known in taken)
    )
    return _folded(e, stem)


def _folded(e: Any, stem: str) -> Any:
    if not e.args or isinstance(e, MatrixElement) or not e.has(MatrixElement):
        return e
    made = e.func(*(_folded(a, stem) if isinstance(a, sp.Basic) else a for a in e.args))
    return _terms_folded(made, stem) if isinstance(made, sp.Add) else made


def _terms_folded(e: Any, stem: str) -> Any:
    terms = dict.fromkeys(sp.Add.make_args(e))
    for first in list(terms):
        for second in list(terms):
            if first not in terms or second not in terms or first == second:
                continue
            for letter, body, length in _common(first, second, stem):
                all_terms = [body.xreplace({letter: sp.Integer(k)}) for k in range(length)]
                if len(set(all_terms)) == length and all(t in terms for t in all_terms):
                    for term in all_terms:
                        del terms[term]
                    terms[sp.Sum(body, (letter, 0, length - 1))] = None
                    break
    return sp.Add(*terms)


def _common(first: Any, second: Any, stem: str) -> Iterator[tuple[Any, Any, int]]:
    """Yield the term that two terms are entries 0 and 1 of, and the length of that axis."""
    letter = sp.Symbol(f"{stem}{_depth(first) + 1}", integer=True)
    lengths: set[int] = set()
    body = _unified(first, second, letter, lengths)
    if body is not None and len(lengths) == 1:
        yield letter, body, lengths.pop()


def _unified(first: Any, second: Any, letter: Any, lengths: set[int]) -> Any:
    """Return what both are, with ``letter`` where an index is 0 in the first and 1 in the second; None where they differ."""
    if first == second:
        return first
    if not first.args or type(first) is not type(second) or len(first.args) != len(second.args):
        return None
    if isinstance(first, MatrixElement):
        if first.parent != second.parent:
            return None
        indices = []
        for a, b, length in zip(first.indices, second.indices, first.parent.shape, strict=True):
            if a == b:
                indices.append(a)
            elif (a, b) == (0, 1) and length.is_Integer:
                lengths.add(int(length))
                indices.append(letter)
            else:
                return None
        return MatrixElement(first.parent, *indices)
    if isinstance(first, sp.Sum):
        if [limit[1:] for limit in first.limits] != [limit[1:] for limit in second.limits]:
            return None
        second = second.xreplace({there[0]: here[0] for here, there in zip(first.limits, second.limits, strict=True)})
        body = _unified(first.function, second.function, letter, lengths)
        return None if body is None else sp.Sum(body, *first.limits)
    parts = [_unified(a, b, letter, lengths) for a, b in zip(first.args, second.args, strict=True)]
    return None if any(p is None for p in parts) else first.func(*parts)


def _depth(e: Any) -> int:
    """Return how many sums stand inside one another."""
    return max((_depth(a) for a in e.args), default=0) + isinstance(e, sp.Sum)


def columns_whole(form: Form) -> Form:
    """Return an equal form without entries 0 of axes of length 1: a column that index notation took apart stays whole.

    >>> from symback.core.forms import expand, name
    >>> x = name("x", ("n", 1))
    >>> columns_whole((x**2).sum(axis=0)[0]), columns_whole(expand(name("A", ("m", "n")) @ x[:, 0], (1,)))
    ((x**2).sum(), A @ x)
    >>> columns_whole(expand(x[:, 0], (0,))), columns_whole(expand(x[:, 0], (1,))), columns_whole(expand(x.T[0], (1,)))
    (x.T, x, x)
    """

    def change(node: Form) -> Form | None:
        inner = node.args[0] if node.args else node
        if isinstance(node, Get) and node.index == (0,) and inner.shape == (1,):
            if isinstance(inner, Reduce) and (inner.kind, inner.keepdims) == ("sum", False):
                return reduce_over("sum", columns_whole(inner.args[0]))
            if isinstance(inner, Apply) and isinstance(inner.op, str):
                return columns_whole(apply(inner.op, *(get(a, (0,)) if a.shape == (1,) else a for a in inner.args)))
        if isinstance(node, Expand) and node.ndim == 2 and len(node.axes) == 1:
            dropped = _dropped(inner)
            if dropped is not None:
                whole = columns_whole(inner.args[0])
                return whole if node.axes == (dropped,) else transpose(whole)
        if isinstance(node, Expand) and node.axes == (1,) and isinstance(inner, Matmul) and inner.args[0].ndim == 2:
            matrix, vector = inner.args
            if isinstance(vector, Get) and vector.index == (None, 0) and vector.args[0].shape[1] == 1:
                return matmul(columns_whole(matrix), columns_whole(vector.args[0]))
        return None

    return substitute(form, change)


def _dropped(form: Form) -> int | None:
    """Return the axis of length 1 that an entry or a sum leaves out of a matrix; None for another form."""
    if not (isinstance(form, (Get, Reduce)) and form.args[0].ndim == 2):
        return None
    for axis in (0, 1):
        if form.args[0].shape[axis] == 1:
            picked = isinstance(form, Get) and form.index == ((0, None) if axis == 0 else (None, 0))
            summed = isinstance(form, Reduce) and (form.axes, form.keepdims) == ((axis,), False)
            if picked or summed:
                return axis
    return None
