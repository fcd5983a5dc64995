"""Linear algebra of both libraries: inverses, determinants, factors, eigenvalues, norms, with their options.

Each takes one matrix. What has no derivative, as a rank or the columns that complete U, is refused where it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symback.core import forms
from symback.core.errors import ReadError
from symback.core.forms import Form, number, shape_text
from symback.functions import matrices
from symback.functions.matrices import MATRIX_FUNCTIONS
from symback.library.contract import Caller
from symback.library.parameters import plain, shown, switch
from symback.library.reductions import array
from symback.library.signatures import Call
from symback.library.values import Poison, Record


def _one(name: str) -> Callable[..., Any]:
    """Return the meaning of a function of one matrix."""

    def build(caller: Caller, call: Call, a: Any, /) -> Form:
        return MATRIX_FUNCTIONS[name](array(caller, call, a))

    return build


def _refused(caller: Caller, what: str) -> Any:
    return Poison(ReadError(what, caller.line))


# --- equations --------------------------------------------------------------------------------------------------------


def _solve(caller: Caller, call: Call, a: Any, b: Any, /, left: Any = True) -> Form:
    first, second = array(caller, call, a), array(caller, call, b)
    solve = MATRIX_FUNCTIONS["solve"]
    if switch(caller, call, "left", left):
        return solve(first, second)
    if second.ndim != 2:
        raise ReadError(f"{call.written} with left=False takes two matrices", caller.line)
    return solve(first.T, second.T).T


def _solve_triangular(
    caller: Caller, call: Call, a: Any, b: Any, /, upper: Any = False, left: Any = True, unitriangular: Any = False
) -> Form:
    """Read ``solve_triangular``, which looks at one triangle of the matrix and takes the other for 0."""
    form = array(caller, call, a)
    if form.ndim != 2:
        raise ReadError(f"{call.written} of an array of shape {shape_text(form.shape)}; it takes a matrix", caller.line)
    rows, columns = form.shape
    alone = switch(caller, call, "unitriangular", unitriangular)
    mask = forms.triangle(rows, columns, -1 if alone else 0)
    kept = form * (mask.T if switch(caller, call, "upper", upper) else mask)
    return _solve(caller, call, kept + forms.eye(rows) if alone else kept, b, left)


def _least_squares(caller: Caller, call: Call, a: Any, b: Any, /) -> tuple[Any, ...]:
    """Read ``lstsq`` of a matrix of full rank, which another one is refused to be when it is run."""
    matrix, target = array(caller, call, a), array(caller, call, b)
    solution = forms.matmul(MATRIX_FUNCTIONS["pinv"](matrix), target)
    rows, columns = matrix.shape
    parts: list[Any] = [solution]
    if not (isinstance(rows, int) and isinstance(columns, int)):
        parts += [_refused(caller, f"the {what} of {call.written} needs numbers for its sizes") for what in _RESTS]
    elif call.torch:  # its usual driver says neither residuals nor singular values
        parts += [forms.filled(0, (0,)), number(min(rows, columns)), forms.filled(0, (0,))]
    else:
        left = (target - matrix @ solution) ** 2
        squares = forms.reduce_over("sum", left, 0, keepdims=left.ndim == 1)
        parts += [squares if rows > columns else forms.filled(0, (0,)), number(min(rows, columns))]
        parts.append(MATRIX_FUNCTIONS["svdvals"](matrix))
    return Record.of(call.name, ("solution", *_RESTS), parts) if call.torch else tuple(parts)


_RESTS = ("residuals", "rank", "singular_values")


_NO_CUT = 1e-12
"""Singular values are taken for 0 below this part of the largest one; a matrix that has such is refused when it is run."""


def _pseudo_inverse(
    caller: Caller, call: Call, a: Any, /, rcond: Any = None, rtol: Any = None, atol: Any = None
) -> Form:
    """Read ``pinv``; a tolerance that cuts nothing off a matrix of full rank has no effect."""
    for name, given in (("rcond", rcond), ("rtol", rtol), ("atol", atol)):
        if given is not None and plain(caller, call, name, given) > (_NO_CUT if name != "atol" else 0):
            raise ReadError(
                f"{call.written} with {name}={shown(given)} takes small singular values for 0, where it has no derivative; "
                f"leave {name} out",
                caller.line,
            )
    return MATRIX_FUNCTIONS["pinv"](array(caller, call, a))


def _power(caller: Caller, call: Call, a: Any, n: Any, /) -> Form:
    return matrices.power_of(array(caller, call, a), caller.integer(n, "the exponent of matrix_power"))


def _chain(caller: Caller, call: Call, given: Any, /) -> Form:
    parts = [array(caller, call, m) for m in caller.items_of(given)]
    if len(parts) < 2:
        raise ReadError(f"{call.written} takes at least two arrays", caller.line)
    result = parts[0]
    for part in parts[1:]:
        result = forms.matmul(result, part)
    return result


# --- factors ----------------------------------------------------------------------------------------------------------


def _sign_and_log(caller: Caller, call: Call, a: Any, /) -> Record:
    form = array(caller, call, a)
    parts = [MATRIX_FUNCTIONS[name](form) for name in ("det_sign", "logabsdet")]
    return Record.of(call.name, ("sign", "logabsdet"), parts)


def _cholesky(caller: Caller, call: Call, a: Any, /, upper: Any = False) -> Form:
    lower = MATRIX_FUNCTIONS["cholesky"](array(caller, call, a))
    return lower.T if switch(caller, call, "upper", upper) else lower


def _eigenvalues(caller: Caller, call: Call, a: Any, /, UPLO: Any = "L") -> Form:
    """Read ``eigvalsh``: of a symmetric matrix both triangles are alike, and another one is refused when it is run."""
    if UPLO not in ("L", "U", "l", "u"):
        raise ReadError(f"{call.written} with UPLO={shown(UPLO)} cannot be read", caller.line)
    return MATRIX_FUNCTIONS["eigvalsh"](array(caller, call, a))


def _eigenvectors(caller: Caller, call: Call, a: Any, /, UPLO: Any = "L") -> Record:
    if UPLO not in ("L", "l"):
        raise ReadError(
            f"{call.written} with UPLO={shown(UPLO)} cannot be read: the signs of eigenvectors depend on it",
            caller.line,
        )
    form = array(caller, call, a)
    parts = [MATRIX_FUNCTIONS[name](form) for name in ("eigvalsh", "eigenvectors")]
    return Record.of(call.name, ("eigenvalues", "eigenvectors"), parts)


def _parts_of(caller: Caller, call: Call, form: Form, full: bool) -> list[Any]:
    """Return U, s and Vᵀ; columns that only complete U or V to a square matrix have no derivative."""
    parts: list[Any] = [MATRIX_FUNCTIONS[name](form) for name in ("left_vectors", "svdvals", "right_vectors")]
    for k, axis in ((0, 0), (2, 1)):
        if full and form.shape[axis] != parts[1].shape[0]:
            parts[k] = _refused(
                caller,
                f"{call.written} with full_matrices=True completes {'U' if k == 0 else 'V'} by columns that have no "
                "derivative; say full_matrices=False",
            )
    return parts


def _svd(caller: Caller, call: Call, a: Any, /, full_matrices: Any = True, compute_uv: Any = True) -> Any:
    form = array(caller, call, a)
    if not switch(caller, call, "compute_uv", compute_uv):
        return MATRIX_FUNCTIONS["svdvals"](form)
    parts = _parts_of(caller, call, form, switch(caller, call, "full_matrices", full_matrices))
    return Record.of(call.name, ("U", "S", "Vh"), parts)


def _old_svd(caller: Caller, call: Call, a: Any, /, some: Any = True, compute_uv: Any = True) -> Record:
    """Read ``torch.svd``, which gives V and not its transpose."""
    if not switch(caller, call, "compute_uv", compute_uv):
        raise ReadError(f"{call.written} with compute_uv=False fills U and V with zeros; take svdvals", caller.line)
    u, s, vh = _parts_of(caller, call, array(caller, call, a), not switch(caller, call, "some", some))
    return Record.of(call.name, ("U", "S", "V"), [u, s, vh.T if isinstance(vh, Form) else vh])


def _qr(caller: Caller, call: Call, a: Any, /, mode: Any = "reduced") -> Any:
    form = array(caller, call, a)
    upper = MATRIX_FUNCTIONS["upper_factor"](form)
    if mode == "r" and not call.torch:
        return upper
    if mode not in ("reduced", "complete") or (mode == "complete" and form.shape[0] != form.shape[1]):
        raise ReadError(
            f"{call.written} with mode={shown(mode)} cannot be read; it is read with 'reduced'", caller.line
        )
    return Record.of(call.name, ("Q", "R"), [MATRIX_FUNCTIONS["orthogonal_factor"](form), upper])


def _old_qr(caller: Caller, call: Call, a: Any, /, some: Any = True) -> Any:
    if not switch(caller, call, "some", some):
        raise ReadError(f"{call.written} with some=False completes Q by columns that have no derivative", caller.line)
    return _qr(caller, call, a)


# --- diagonals --------------------------------------------------------------------------------------------------------


def _along(caller: Caller, call: Call, form: Form, offset: Any, first: Any, second: Any) -> Form:
    """Return a diagonal of the matrices along two axes, as the last axis."""
    shift = caller.integer(offset, "the offset of a diagonal")
    axes = [caller.integer(k, "an axis") for k in (first, second)]
    if form.ndim < 2 or any(not -form.ndim <= k < form.ndim for k in axes):
        raise ReadError(
            f"{call.written}: an array of shape {shape_text(form.shape)} has no diagonal there", caller.line
        )
    row, column = (k % form.ndim for k in axes)
    if row == column:
        raise ReadError(f"{call.written}: a diagonal lies along two different axes", caller.line)
    rows, columns = form.shape[row], form.shape[column]
    if rows != columns or shift:
        if not (isinstance(rows, int) and isinstance(columns, int)):
            raise ReadError(
                f"{call.written} of shape {shape_text(form.shape)} needs numbers for its sizes", caller.line
            )
        down, across = max(-shift, 0), max(shift, 0)
        length = max(min(rows - down, columns - across), 0)
        index: list[Any] = [slice(None)] * form.ndim
        index[row], index[column] = slice(down, down + length), slice(across, across + length)
        ones = forms.expand(forms.eye(length), [k for k in range(form.ndim) if k not in (row, column)])
        masked = forms.reduce_over("sum", forms.get(form, tuple(index)) * ones, column)
        return forms.transpose(
            masked, [*(k for k in range(form.ndim - 1) if k != row - (column < row)), row - (column < row)]
        )
    labels = tuple(row if k == column else k for k in range(form.ndim))
    kept = tuple(k for k in range(form.ndim) if k not in (row, column))
    return forms.einsum([labels], (*kept, row), [form])


def _diagonal(caller: Caller, call: Call, x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, /) -> Form:
    return _along(caller, call, array(caller, call, x), offset, axis1, axis2)


def _diagonal_behind(caller: Caller, call: Call, x: Any, /, offset: Any = 0, dim1: Any = -2, dim2: Any = -1) -> Form:
    return _along(caller, call, array(caller, call, x), offset, dim1, dim2)


def _trace(caller: Caller, call: Call, x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, /) -> Form:
    found = _along(caller, call, array(caller, call, x), offset, axis1, axis2)
    return _summed_diagonal(found)


def _trace_behind(caller: Caller, call: Call, x: Any, /, offset: Any = 0) -> Form:
    return _summed_diagonal(_along(caller, call, array(caller, call, x), offset, -2, -1))


def _summed_diagonal(diagonal: Form) -> Form:
    """Return the sum over the last axis of a diagonal, as one Einstein sum."""
    if not isinstance(diagonal, forms.Einsum):
        return forms.reduce_over("sum", diagonal, -1)
    return forms.einsum(diagonal.labels, diagonal.result[:-1], diagonal.args)


def _kron(caller: Caller, call: Call, a: Any, b: Any, /) -> Form:
    return matrices.kron_of(array(caller, call, a), array(caller, call, b))


LINEAR_ALGEBRA: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("inv", "inverse"), _one("inv")),
    **dict.fromkeys(("pinv", "pinverse"), _pseudo_inverse),
    "det": _one("det"),
    "logdet": _one("logdet"),
    "slogdet": _sign_and_log,
    "solve": _solve,
    "solve_triangular": _solve_triangular,
    "lstsq": _least_squares,
    "matrix_power": _power,
    "matrix_exp": _one("matrix_exp"),
    "multi_dot": _chain,
    "cholesky": _cholesky,
    "eigvalsh": _eigenvalues,
    "eigh": _eigenvectors,
    "svdvals": _one("svdvals"),
    "svd": _svd,
    "qr": _qr,
    "trace": _trace,
    "diagonal": _diagonal,
    "kron": _kron,
}
"""Functions of linear algebra by their last names; most are functions of a module and methods of an array alike."""

LINEAR_ALGEBRA_BY_PATH: dict[str, Callable[..., Any] | None] = {
    **dict.fromkeys(("torch.svd", "torch.Tensor.svd"), _old_svd),
    **dict.fromkeys(("torch.qr", "torch.Tensor.qr"), _old_qr),
    **dict.fromkeys(("torch.linalg.diagonal", "numpy.linalg.diagonal"), _diagonal_behind),
    "numpy.linalg.trace": _trace_behind,
    # PyTorch has these no more
    **dict.fromkeys(("torch.lstsq", "torch.Tensor.lstsq", "torch.solve", "torch.Tensor.solve"), None),
}
"""What those mean that share their last name with another of another meaning."""
