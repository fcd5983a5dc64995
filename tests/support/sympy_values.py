"""The number that a SymPy expression is, by explicit matrices and sums written out: independent of how it is read."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.slice import MatrixSlice

Values = Mapping[str, Any]


def number(e: Any, values: Values, origins: Mapping[str, int] | None = None) -> float:
    """Return the value of an expression with one entry; ``origins`` says from where the indices of a base count (0 or 1)."""
    found = _value(sp.sympify(e), values, origins or {}, {})
    return float(np.asarray(found, dtype=float).reshape(()))


def slopes(e: Any, values: Values, label: str, origins: Mapping[str, int] | None = None, step: float = 1e-6) -> Any:
    """Return central differences by every entry of one symbol."""
    at = np.asarray(values[label], dtype=float)
    found = np.zeros(at.shape)
    for place in np.ndindex(*at.shape):
        ends = []
        for sign in (1, -1):
            moved = at.copy()
            moved[place] += sign * step
            ends.append(number(e, {**values, label: moved}, origins))
        found[place] = (ends[0] - ends[1]) / (2 * step)
    return found


def _value(e: Any, values: Values, origins: Mapping[str, int], letters: Mapping[Any, int]) -> Any:
    def inner(part: Any) -> Any:
        return _value(part, values, origins, letters)

    if e in letters:
        return letters[e]
    if isinstance(e, (sp.MatrixSymbol, sp.Symbol)):
        return values[str(e.name)]
    if isinstance(e, (sp.Indexed, MatrixElement)):
        base = e.base.label if isinstance(e, sp.Indexed) else e.parent
        array = np.asarray(values[str(base)] if isinstance(base, (sp.Symbol, sp.MatrixSymbol)) else inner(base))
        first = origins.get(str(base), 0)
        places = [np.asarray(inner(sp.sympify(i)), dtype=float).astype(int) - first for i in e.indices]
        assert all(np.all((p >= 0) & (p < n)) for p, n in zip(places, array.shape, strict=True)), f"{e} lies outside"
        return array[tuple(places)]
    if isinstance(e, sp.KroneckerDelta):
        return (np.asarray(inner(e.args[0])) == inner(e.args[1])).astype(float)
    if isinstance(e, AppliedUndef):
        return values[str(e.func)](*[np.asarray(inner(a), dtype=float) for a in e.args])
    if isinstance(e, sp.Sum):
        return _written_out(e.function, list(reversed(e.limits)), values, origins, letters)
    if isinstance(e, sp.MatrixBase):
        return np.array([[float(inner(e[i, j])) for j in range(e.cols)] for i in range(e.rows)])
    if isinstance(e, sp.MatrixExpr):
        return _matrix(e, inner)
    if isinstance(e, (sp.Trace, sp.Determinant)):
        array = inner(e.arg)
        return np.trace(array) if isinstance(e, sp.Trace) else np.linalg.det(array)
    if isinstance(e, sp.Piecewise):
        found = np.nan
        for value, condition in reversed(e.args):
            where = True if condition == True else inner(condition)  # noqa: E712
            found = np.where(np.asarray(where, dtype=bool), inner(value), found)
        return found
    if not e.args:
        return int(e) if e.is_Integer else float(e)
    if isinstance(e, tuple(_ARITHMETIC)):
        return functools.reduce(_ARITHMETIC[type(e)], [np.asarray(inner(a), dtype=float) for a in e.args])
    if isinstance(e, sp.core.relational.Relational):
        return _RELATIONS[type(e)](*map(inner, e.args))
    return _mapped(lambda *parts: e.func(*parts).doit(), e.args, [inner(a) for a in e.args])


_ARITHMETIC: dict[Any, Callable[[Any, Any], Any]] = {
    sp.Add: np.add,
    sp.Mul: np.multiply,
    sp.Pow: np.power,
    sp.Max: np.maximum,
    sp.Min: np.minimum,
}
_RELATIONS: dict[Any, Callable[[Any, Any], Any]] = {
    sp.Gt: np.greater,
    sp.Ge: np.greater_equal,
    sp.Lt: np.less,
    sp.Le: np.less_equal,
    sp.Eq: np.equal,
    sp.Ne: np.not_equal,
}


def _mapped(function: Callable[..., Any], given: Sequence[Any], parts: Sequence[Any]) -> Any:
    """Return a function of SymPy at numbers, entry by entry; what is written as a whole number stays one."""

    def at(*numbers: Any) -> float:
        exact = [a if a.is_Integer else sp.Float(float(x), 17) for a, x in zip(given, numbers, strict=True)]
        return float(function(*exact))

    return np.vectorize(at, otypes=[float])(*parts) if any(np.ndim(p) for p in parts) else at(*parts)


def _written_out(body: Any, limits: Sequence[Any], values: Values, origins: Any, letters: Mapping[Any, int]) -> Any:
    if not limits:
        return _value(body, values, origins, letters)
    letter, low, high = limits[0]
    ends = [_value(sp.sympify(limit), values, origins, letters) for limit in (low, high)]
    if not any(limit.free_symbols & {letter} for bounds in limits[1:] for limit in bounds[1:]) and not any(
        map(np.ndim, ends)
    ):
        # all terms at once: the letter is an axis of its own, in front of those of the letters around it
        axes = sum(1 for found in letters.values() if np.ndim(found))
        places = np.arange(int(ends[0]), int(ends[1]) + 1).reshape(-1, *[1] * axes)
        body_at = np.asarray(_written_out(body, limits[1:], values, origins, {**letters, letter: places}), dtype=float)
        return np.broadcast_to(body_at, np.broadcast_shapes(body_at.shape, places.shape)).sum(axis=0)
    return sum(
        _written_out(body, limits[1:], values, origins, {**letters, letter: k})
        for k in range(int(ends[0]), int(ends[1]) + 1)
    )


def _matrix(e: Any, inner: Callable[[Any], Any]) -> Any:
    """Return a matrix expression as an array."""

    def array(part: Any) -> Any:
        return np.asarray(inner(part), dtype=float)

    if isinstance(e, sp.MatMul):
        found = [array(a) for a in e.args]
        return functools.reduce(lambda a, b: a @ b if a.ndim and b.ndim else a * b, found)
    if isinstance(e, (sp.MatAdd, sp.HadamardProduct)):
        return functools.reduce(np.add if isinstance(e, sp.MatAdd) else np.multiply, [array(a) for a in e.args])
    if isinstance(e, (sp.Transpose, sp.Adjoint)):
        return array(e.arg).T
    if isinstance(e, (sp.MatPow, sp.Inverse)):
        return np.linalg.matrix_power(array(e.base), int(e.exp))
    if isinstance(e, sp.HadamardPower):
        return array(e.base) ** array(e.exp)
    if isinstance(e, sp.KroneckerProduct):
        return functools.reduce(np.kron, [array(a) for a in e.args])
    if isinstance(e, (sp.BlockMatrix, sp.BlockDiagMatrix)):
        return np.block([[array(e.blocks[i, j]) for j in range(e.blocks.cols)] for i in range(e.blocks.rows)])
    if isinstance(e, ElementwiseApplyFunction):
        return np.vectorize(lambda entry: float(e.function(sp.Float(entry, 17))), otypes=[float])(array(e.expr))
    if isinstance(e, sp.DiagMatrix):
        return np.diag(array(e._vector).ravel())
    if isinstance(e, sp.DiagonalMatrix):
        return np.diag(np.diag(array(e.arg)))
    if isinstance(e, sp.DiagonalOf):
        return np.diag(array(e.arg))[:, None]
    if isinstance(e, MatrixSlice):
        return array(e.parent)[slice(*map(int, e.rowslice)), slice(*map(int, e.colslice))]
    rows, columns = (int(inner(sp.sympify(s))) for s in e.shape)
    made = {sp.Identity: np.eye(rows), sp.OneMatrix: np.ones((rows, columns)), sp.ZeroMatrix: np.zeros((rows, columns))}
    return made[type(e)]
