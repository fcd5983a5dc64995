"""The numbers of matrix functions, where NumPy has no function of its own or says nothing of what has no derivative.

The sources of these functions stand in generated code as they are here, so that both compute alike.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def symmetric(a: Any) -> Any:
    """The symmetric part of a matrix, which has to be symmetric up to rounding."""
    turned = np.swapaxes(a, -1, -2)
    if np.abs(a - turned).max(initial=0) > 1e-4 * np.abs(a).max(initial=0):
        raise np.linalg.LinAlgError("the matrix is not symmetric; take (A + A.T) / 2")
    return (a + turned) / 2


def log_det(a: Any) -> Any:
    """The logarithm of a determinant, which has to be positive."""
    sign, size = np.linalg.slogdet(a)
    if np.min(sign) <= 0:
        raise np.linalg.LinAlgError("log det: the determinant is not positive; take the second part of slogdet")
    return size


def pseudo_inverse(a: Any) -> Any:
    """The pseudo-inverse of a matrix of full rank; where the rank is lower, it jumps."""
    s = np.linalg.svd(a, compute_uv=False)
    if np.min(s[..., -1] - 1e-12 * s[..., 0]) <= 0:
        raise np.linalg.LinAlgError(
            "pinv: the matrix has not full rank, where its pseudo-inverse jumps and has no derivative"
        )
    return np.linalg.pinv(a)


def reciprocal_gaps(w: Any) -> Any:
    """1 / (w_j - w_i) for i other than j, and 0 for i = j."""
    gaps = w[None, :] - w[:, None] + np.eye(len(w))
    if np.abs(gaps).min(initial=np.inf) <= 1e-12 * np.abs(w).max(initial=0):
        raise np.linalg.LinAlgError("two eigenvalues or singular values are equal: their vectors have no derivative")
    return (1 - np.eye(len(w))) / gaps


def nonzero_reciprocal(s: Any) -> Any:
    """1 / s, where no entry is 0."""
    if np.abs(s).min(initial=np.inf) <= 1e-14 * np.abs(s).max(initial=0):
        raise np.linalg.LinAlgError("a singular value is 0: its vectors have no derivative")
    return 1 / s


def matrix_exp(a: Any) -> Any:
    """Σ aᵏ / k! by scaling and squaring."""
    size = np.abs(a).sum(axis=-1).max(initial=0)
    if not np.isfinite(size):
        raise np.linalg.LinAlgError("matrix_exp: an entry of the matrix is not finite")
    count = max(0, int(np.ceil(np.log2(size))) + 1) if size else 0
    scaled = a / 2.0**count
    term = total = np.eye(a.shape[-1])
    for k in range(1, 19):
        term = term @ scaled / k
        total = total + term
    for _ in range(count):
        total = total @ total
    return total


_VALUES: tuple[Callable[..., Any], ...] = (
    symmetric,
    log_det,
    pseudo_inverse,
    reciprocal_gaps,
    nonzero_reciprocal,
    matrix_exp,
)


def _source_of(function: Callable[..., Any]) -> str:
    text = inspect.getsource(function).replace(": Any", "").replace(" -> Any", "")
    return text.replace("np.", "{np}.")


VALUE_SOURCES: Mapping[str, str] = {function.__name__: _source_of(function) for function in _VALUES}
"""The source of each of these functions, with ``{np}`` for the library of arrays."""
