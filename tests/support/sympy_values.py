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
        places = [int(inner(sp.sympify(i))) - first for i in e.indices]
        assert all(0 <= p < n for p, n in zip(places, array.shape, strict=True)), f"{e} lies outside"
        return array[tuple(places)]
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
        return next(inner(value) for value, condition in e.args if condition == True or bool(inner(condition)))  # noqa: E712
    if not e.args:
        return float(e)
    return e.func(*[sp.Float(inner(a), 17) if not a.is_Integer else a for a in e.args]).doit()


def _written_out(body: Any, limits: Sequence[Any], values: Values, origins: Any, letters: Mapping[Any, int]) -> Any:
    if not limits:
        return _value(body, values, origins, letters)
    letter, low, high = limits[0]
    ends = [int(_value(sp.sympify(limit), values, origins, letters)) for limit in (low, high)]
    return sum(
        _written_out(body, limits[1:], values, origins, {**letters, letter: k}) for k in range(ends[0], ends[1] + 1)
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
