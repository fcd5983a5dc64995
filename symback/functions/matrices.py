"""Linear algebra: functions known by an equation and a differential, and those that are composed of them.

No row holds a gradient. A differential is a Form linear in dA; it is put back into the linearized equation by
``symback.engine.implicit`` and refused where it does not hold there. Only det and log det, which index notation has no
equation for, state theirs with a source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symback.core.errors import NetworkError, ShapeError
from symback.core.forms import (
    Apply,
    Arguments,
    Form,
    Function,
    Implicit,
    ImplicitFunction,
    Shape,
    Size,
    System,
    apply,
    concatenate,
    einsum,
    expand,
    eye,
    filled,
    get,
    implicit_function_named,
    number,
    numpy_text,
    reduce_over,
    reshape,
    shape_text,
    substitute,
    transpose,
    triangle,
)
from symback.functions import matrix_values as values
from symback.functions.primitives import PRIMITIVES

_NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.linalg.{}.html"
_MAGNUS = "J. R. Magnus, H. Neudecker, Matrix Differential Calculus, 3rd ed., section 8.{}"

# --- shapes -----------------------------------------------------------------------------------------------------------


def _matrix(what: str, a: Form) -> tuple[Size, Size]:
    if a.ndim != 2:
        batch = "; of a batch take one matrix at a time" if a.ndim > 2 else ""
        raise ShapeError(f"in {what}: {numpy_text(a)} has shape {shape_text(a.shape)}; it takes a matrix{batch}")
    rows, columns = a.shape
    return rows, columns


def _square(what: str, a: Form) -> Size:
    rows, columns = _matrix(what, a)
    if rows != columns:
        raise ShapeError(f"in {what}: {numpy_text(a)} has shape {shape_text(a.shape)}; it takes a square matrix")
    return rows


def _squares(what: str) -> Callable[[Form], Shape]:
    """Return the shape of a square matrix, or of a stack of them."""

    def shape(a: Form) -> Shape:
        kind = "matrix" if a.ndim < 2 else "square matrix" if a.shape[-1] != a.shape[-2] else None
        if kind is not None:
            raise ShapeError(f"in {what}: {numpy_text(a)} has shape {shape_text(a.shape)}; it takes a {kind}")
        return a.shape

    return shape


def _number(what: str) -> Callable[[Form], Shape]:
    """Return the shape of a number that a square matrix has; a stack of matrices has as many."""
    return lambda a: _squares(what)(a)[:-2]


def _smaller(what: str, a: Form) -> Size:
    """Return the smaller of the two sizes of a matrix, which has to be known."""
    rows, columns = _matrix(what, a)
    if rows == columns:
        return rows
    if not (isinstance(rows, int) and isinstance(columns, int)):
        raise ShapeError(
            f"in {what}: {numpy_text(a)} has shape {shape_text(a.shape)}, and which of {rows} and {columns} is smaller is "
            "not known; say the sizes as numbers"
        )
    return min(rows, columns)


def _tall(what: str, a: Form) -> Size:
    """Return the number of columns of a matrix that has no fewer rows."""
    columns = _matrix(what, a)[1]
    if _smaller(what, a) != columns:
        raise ShapeError(
            f"in {what}: {numpy_text(a)} has shape {shape_text(a.shape)}, fewer rows than columns, where the factors have no "
            "derivative of this kind; take the transpose"
        )
    return columns


def _solved_shape(a: Form, b: Form) -> Shape:
    stack = _squares("solve")(a)[:-1]
    if b.shape[: len(stack)] != stack or b.ndim not in ((1, 2) if a.ndim == 2 else (a.ndim,)):
        raise ShapeError(
            f"in solve: {numpy_text(a)} of shape {shape_text(a.shape)} and {numpy_text(b)} of shape {shape_text(b.shape)} "
            f"do not fit together"
        )
    return b.shape


# --- parts of formulas ------------------------------------------------------------------------------------------------


def flipped(a: Form) -> Form:
    """Return Aᵀ; of a stack of matrices that of each."""
    return transpose(a, [*range(a.ndim - 2), a.ndim - 1, a.ndim - 2])


def symmetric_part(a: Form) -> Form:
    """Return ½(A + Aᵀ)."""
    return (a + flipped(a)) / 2


def _below(length: Size) -> Form:
    """Return the ones strictly below the diagonal."""
    return triangle(length, length, -1)


def _half_lower(length: Size) -> Form:
    """Return ones strictly below the diagonal and halves on it."""
    return _below(length) + eye(length) / 2


def _scaled_columns(a: Form, w: Form) -> Form:
    """Return A diag(w)."""
    return a * w


def _scaled_rows(w: Form, a: Form) -> Form:
    """Return diag(w) A."""
    return expand(w, [1]) * a


def _diagonal_product(left: Form, d: Form, right: Form) -> Form:
    """Return the diagonal of left · d · right."""
    return reduce_over("sum", (left @ d) * transpose(right), 1)


def _of(label: str, *arguments: Form) -> Form:
    return MATRIX_FUNCTIONS[label](*arguments)


# --- inverses ---------------------------------------------------------------------------------------------------------


def _drawn_square(rng: np.random.Generator) -> Sequence[tuple[np.ndarray, ...]]:
    return [(rng.normal(size=(*stack, 3, 3)) + 3 * np.eye(3),) for stack in ((), (2,))]


def _drawn_systems(rng: np.random.Generator) -> Sequence[tuple[np.ndarray, ...]]:
    (a,), (stack,) = _drawn_square(rng)
    return [(a, rng.normal(size=(3, 2))), (a, rng.normal(size=3)), (stack, rng.normal(size=(2, 3, 2)))]


def _drawn_symmetric(rng: np.random.Generator) -> Sequence[tuple[np.ndarray, ...]]:
    a = rng.normal(size=(4, 4))
    return [(a + a.T,)]


def _drawn_positive(rng: np.random.Generator) -> Sequence[tuple[np.ndarray, ...]]:
    drawn = [rng.normal(size=(*stack, 4, 4)) for stack in ((), (2,))]
    return [(a @ np.swapaxes(a, -1, -2) + np.eye(4),) for a in drawn]


def _drawn_rectangles(rng: np.random.Generator) -> Sequence[tuple[np.ndarray, ...]]:
    return [(rng.normal(size=shape),) for shape in ((4, 3), (3, 4), (3, 3))]


def _drawn_tall(rng: np.random.Generator) -> Sequence[tuple[np.ndarray, ...]]:
    return [(rng.normal(size=shape),) for shape in ((4, 3), (3, 3))]


def _drawn_vectors(rng: np.random.Generator) -> Sequence[tuple[np.ndarray, ...]]:
    return [(rng.normal(size=4),)]


_INVERSE = System(("inv",), lambda args, out: (args[0] @ out[0] - eye(args[0].shape[-1]),), _drawn_square)
_SOLVED = System(("solve",), lambda args, out: (args[0] @ out[0] - args[1],), _drawn_systems)


def _d_solve(args: Arguments, out: Form, position: int, d: Form) -> Form:
    inverse = _of("inv", args[0])
    return inverse @ d if position else -(inverse @ (d @ out))


def _penrose(args: Arguments, out: Arguments) -> tuple[Form, ...]:
    (a,), (p,) = args, out
    return a @ p @ a - a, p @ a @ p - p, transpose(a @ p) - a @ p, transpose(p @ a) - p @ a


def _d_pinv(args: Arguments, out: Form, position: int, d: Form) -> Form:
    a, p = args[0], out
    rows, columns = a.shape
    beside = p @ transpose(p) @ transpose(d) @ (eye(rows) - a @ p)
    return -(p @ d @ p) + beside + (eye(columns) - p @ a) @ transpose(d) @ transpose(p) @ p


_PENROSE = System(("pinv",), _penrose, _drawn_rectangles)

# --- determinants -----------------------------------------------------------------------------------------------------


def _d_log_det(args: Arguments, out: Form, position: int, d: Form) -> Form:
    return reduce_over("sum", flipped(_of("inv", args[0])) * d, [d.ndim - 2, d.ndim - 1])


# --- factors ----------------------------------------------------------------------------------------------------------


def _cholesky_equations(args: Arguments, out: Arguments) -> tuple[Form, ...]:
    [lower] = out
    above = transpose(_below(lower.shape[-1]))
    return lower @ flipped(lower) - symmetric_part(args[0]), lower * above


def _d_cholesky(args: Arguments, out: Form, position: int, d: Form) -> Form:
    inverse = _of("inv", out)
    return out @ (_half_lower(out.shape[-1]) * (inverse @ symmetric_part(d) @ flipped(inverse)))


_CHOLESKY = System(("cholesky",), _cholesky_equations, _drawn_positive, symmetric=True)


def _eigen_equations(args: Arguments, out: Arguments) -> tuple[Form, ...]:
    w, v = out
    length = v.shape[0]
    return symmetric_part(args[0]) @ v - _scaled_columns(v, w), transpose(v) @ v - eye(length)


def _d_eigenvalues(args: Arguments, out: Form, position: int, d: Form) -> Form:
    v = _of("eigenvectors", args[0])
    return _diagonal_product(transpose(v), d, v)


def _d_eigenvectors(args: Arguments, out: Form, position: int, d: Form) -> Form:
    gaps = _of("reciprocal_gaps", _of("eigvalsh", args[0]))
    return out @ (gaps * (transpose(out) @ symmetric_part(d) @ out))


_EIGEN = System(("eigvalsh", "eigenvectors"), _eigen_equations, _drawn_symmetric, symmetric=True)


def _svd_equations(args: Arguments, out: Arguments) -> tuple[Form, ...]:
    s, u, vh = out
    one = eye(s.shape[0])
    return args[0] - _scaled_columns(u, s) @ vh, transpose(u) @ u - one, vh @ transpose(vh) - one


def _d_singular_values(args: Arguments, out: Form, position: int, d: Form) -> Form:
    u, vh = _of("left_vectors", args[0]), _of("right_vectors", args[0])
    return _diagonal_product(transpose(u), d, transpose(vh))


def _between_vectors(a: Form, d: Form) -> tuple[Form, Form, Form, Form, Form]:
    u, s, vh = (_of(label, a) for label in ("left_vectors", "svdvals", "right_vectors"))
    return u, s, vh, _of("reciprocal_gaps", s**2), transpose(u) @ d @ transpose(vh)


def _d_left(args: Arguments, out: Form, position: int, d: Form) -> Form:
    u, s, vh, gaps, p = _between_vectors(args[0], d)
    turned = u @ (gaps * (_scaled_columns(p, s) + _scaled_rows(s, transpose(p))))
    rows, count = u.shape
    if rows == count:
        return turned
    outside = (eye(rows) - u @ transpose(u)) @ d @ transpose(vh)
    return turned + _scaled_columns(outside, _of("nonzero_reciprocal", s))


def _d_right(args: Arguments, out: Form, position: int, d: Form) -> Form:
    u, s, vh, gaps, p = _between_vectors(args[0], d)
    v = transpose(vh)
    turned = v @ (gaps * (_scaled_rows(s, p) + _scaled_columns(transpose(p), s)))
    columns, count = v.shape
    if columns == count:
        return transpose(turned)
    outside = (eye(columns) - v @ vh) @ transpose(d) @ u
    return transpose(turned + _scaled_columns(outside, _of("nonzero_reciprocal", s)))


_SINGULAR = System(("svdvals", "left_vectors", "right_vectors"), _svd_equations, _drawn_rectangles)


def _qr_equations(args: Arguments, out: Arguments) -> tuple[Form, ...]:
    q, r = out
    length = r.shape[0]
    return args[0] - q @ r, transpose(q) @ q - eye(length), r * _below(length)


def _turned(a: Form, d: Form) -> tuple[Form, Form, Form]:
    """Return dA R⁻¹, Q, and dR R⁻¹, an upper triangle."""
    q, r = _of("orthogonal_factor", a), _of("upper_factor", a)
    moved = d @ _of("inv", r)
    inside = transpose(q) @ moved
    return moved, q, (inside + transpose(inside)) * transpose(_half_lower(r.shape[0]))


def _d_orthogonal(args: Arguments, out: Form, position: int, d: Form) -> Form:
    moved, q, upper = _turned(args[0], d)
    return moved - q @ upper


def _d_upper(args: Arguments, out: Form, position: int, d: Form) -> Form:
    return _turned(args[0], d)[2] @ out


_QR = System(("orthogonal_factor", "upper_factor"), _qr_equations, _drawn_tall)


def _gap_equations(args: Arguments, out: Arguments) -> tuple[Form, ...]:
    (w,), (gaps,) = args, out
    one = eye(w.shape[0])
    return (gaps * (w - expand(w, [1]) + one) - (1 - one),)


def _d_gaps(args: Arguments, out: Form, position: int, d: Form) -> Form:
    return -(out * out * (d - expand(d, [1])))


_GAPS = System(("reciprocal_gaps",), _gap_equations, _drawn_vectors)
_RECIPROCAL = System(("nonzero_reciprocal",), lambda args, out: (args[0] * out[0] - 1,), _drawn_vectors)

# --- the exponential --------------------------------------------------------------------------------------------------


def _exponential_along(a: Form, direction: Form) -> Form:
    """Return d e^A in a direction E: the upper right block of the exponential of [[A, E], [0, A]].

    Source: N. J. Higham, Functions of Matrices, SIAM 2008, theorem 3.6 and section 10.6
    """
    length = a.shape[0]
    if not isinstance(length, int):
        raise NetworkError(
            f"the derivative of matrix_exp({numpy_text(a)}) needs a number for the size of the matrix, which is {length}"
        )
    above = concatenate([a, direction], 1)
    below = concatenate([filled(0, a.shape), a], 1)
    whole = _of("matrix_exp", concatenate([above, below], 0))
    return get(whole, (slice(0, length), slice(length, 2 * length)))


# --- the table --------------------------------------------------------------------------------------------------------


def _rows_and_smaller(a: Form) -> Shape:
    return (a.shape[0], _smaller("svd", a)) if a.ndim == 2 else (_matrix("svd", a)[0],)


MATRIX_FUNCTIONS: dict[str, ImplicitFunction] = {
    row.name: row
    for row in (
        ImplicitFunction(
            "inv",
            _squares("inv"),
            lambda args, out, position, d: -(out @ d @ out),
            np.linalg.inv,
            "{np}.linalg.inv({0})",
            _INVERSE,
            title="inverse",
            source=_NUMPY.format("inv"),
            notation="inverse",
        ),
        ImplicitFunction(
            "solve",
            _solved_shape,
            _d_solve,
            np.linalg.solve,
            "{np}.linalg.solve({0}, {1})",
            _SOLVED,
            arguments=("A", "B"),
            title="solution of linear equations",
            source=_NUMPY.format("solve"),
            notation="solved",
        ),
        ImplicitFunction(
            "pinv",
            lambda a: _matrix("pinv", a)[::-1],
            _d_pinv,
            values.pseudo_inverse,
            "pseudo_inverse({0})",
            _PENROSE,
            "pseudo_inverse",
            title="pseudo-inverse",
            source=_NUMPY.format("pinv"),
            notation="pseudo-inverse",
        ),
        ImplicitFunction(
            "det",
            _number("det"),
            lambda args, out, position, d: out * _d_log_det(args, out, position, d),
            np.linalg.det,
            "{np}.linalg.det({0})",
            title="determinant",
            source="Jacobi's formula; " + _MAGNUS.format(3),
            notation="determinant",
        ),
        ImplicitFunction(
            "logdet",
            _number("logdet"),
            _d_log_det,
            values.log_det,
            "log_det({0})",
            helper="log_det",
            title="logarithm of the determinant",
            source="Jacobi's formula; " + _MAGNUS.format(3),
            notation="log determinant",
        ),
        ImplicitFunction(
            "logabsdet",
            _number("slogdet"),
            _d_log_det,
            lambda a: np.linalg.slogdet(a)[1],
            "{np}.linalg.slogdet({0})[1]",
            title="logarithm of the absolute value of the determinant",
            source="Jacobi's formula; " + _MAGNUS.format(3),
            notation="log absolute determinant",
        ),
        ImplicitFunction(
            "det_sign",
            _number("slogdet"),
            None,
            lambda a: np.linalg.slogdet(a)[0],
            "{np}.linalg.slogdet({0})[0]",
            title="sign of the determinant",
            source=_NUMPY.format("slogdet"),
            latex=(r"\mathrm{sign}\det", "sign det"),
        ),
        ImplicitFunction(
            "cholesky",
            _squares("cholesky"),
            _d_cholesky,
            lambda a: np.linalg.cholesky(values.symmetric(a)),
            "{np}.linalg.cholesky(symmetric({0}))",
            _CHOLESKY,
            "symmetric",
            title="Cholesky factor",
            source=_NUMPY.format("cholesky"),
            latex=(r"\mathrm{chol}", "chol"),
        ),
        ImplicitFunction(
            "eigvalsh",
            lambda a: (_square("eigh", a),),
            _d_eigenvalues,
            lambda a: np.linalg.eigvalsh(values.symmetric(a)),
            "{np}.linalg.eigvalsh(symmetric({0}))",
            _EIGEN,
            "symmetric",
            title="eigenvalues of a symmetric matrix",
            source=_NUMPY.format("eigh"),
            latex=(r"\mathrm{eigenvalues}", "eigenvalues"),
        ),
        ImplicitFunction(
            "eigenvectors",
            lambda a: (_square("eigh", a),) * 2,
            _d_eigenvectors,
            lambda a: np.linalg.eigh(values.symmetric(a))[1],
            "{np}.linalg.eigh(symmetric({0}))[1]",
            _EIGEN,
            "symmetric",
            title="eigenvectors of a symmetric matrix",
            source=_NUMPY.format("eigh"),
            latex=(r"\mathrm{eigenvectors}", "eigenvectors"),
        ),
        ImplicitFunction(
            "svdvals",
            lambda a: (_smaller("svd", a),),
            _d_singular_values,
            lambda a: np.linalg.svd(a, compute_uv=False),
            "{np}.linalg.svd({0}, compute_uv=False)",
            _SINGULAR,
            needs_lengths=True,
            title="singular values",
            source=_NUMPY.format("svd"),
            latex=(r"\mathrm{svdvals}", "svdvals"),
        ),
        ImplicitFunction(
            "left_vectors",
            _rows_and_smaller,
            _d_left,
            lambda a: np.linalg.svd(a, full_matrices=False)[0],
            "{np}.linalg.svd({0}, full_matrices=False)[0]",
            _SINGULAR,
            needs_lengths=True,
            title="left singular vectors",
            source=_NUMPY.format("svd"),
            latex=(r"\mathrm{svd}_{U}", "svd_U"),
        ),
        ImplicitFunction(
            "right_vectors",
            lambda a: (_smaller("svd", a), a.shape[-1]),
            _d_right,
            lambda a: np.linalg.svd(a, full_matrices=False)[2],
            "{np}.linalg.svd({0}, full_matrices=False)[2]",
            _SINGULAR,
            needs_lengths=True,
            title="right singular vectors, as rows",
            source=_NUMPY.format("svd"),
            latex=(r"\mathrm{svd}_{V^\top}", "svd_Vᵀ"),
        ),
        ImplicitFunction(
            "orthogonal_factor",
            lambda a: (a.shape[0], _tall("qr", a)) if a.ndim == 2 else (_matrix("qr", a)[0],),
            _d_orthogonal,
            lambda a: np.linalg.qr(a)[0],
            "{np}.linalg.qr({0})[0]",
            _QR,
            needs_lengths=True,
            title="orthogonal factor of QR",
            source=_NUMPY.format("qr"),
            latex=(r"\mathrm{qr}_{Q}", "qr_Q"),
        ),
        ImplicitFunction(
            "upper_factor",
            lambda a: (_tall("qr", a),) * 2,
            _d_upper,
            lambda a: np.linalg.qr(a)[1],
            "{np}.linalg.qr({0})[1]",
            _QR,
            needs_lengths=True,
            title="triangular factor of QR",
            source=_NUMPY.format("qr"),
            latex=(r"\mathrm{qr}_{R}", "qr_R"),
        ),
        ImplicitFunction(
            "reciprocal_gaps",
            lambda w: w.shape * 2,
            _d_gaps,
            values.reciprocal_gaps,
            "reciprocal_gaps({0})",
            _GAPS,
            "reciprocal_gaps",
            arguments=("w",),
            title="a matrix of reciprocal gaps",
            latex=(r"\mathrm{gaps}^{-1}", "gaps⁻¹"),
        ),
        ImplicitFunction(
            "nonzero_reciprocal",
            lambda s: s.shape,
            lambda args, out, position, d: -(out * out * d),
            values.nonzero_reciprocal,
            "nonzero_reciprocal({0})",
            _RECIPROCAL,
            "nonzero_reciprocal",
            arguments=("s",),
            title="reciprocals of singular values",
            latex=(r"\mathrm{reciprocal}", "reciprocal"),
        ),
        ImplicitFunction(
            "matrix_exp",
            lambda a: (_square("matrix_exp", a),) * 2,
            None,
            values.matrix_exp,
            "matrix_exp({0})",
            helper="matrix_exp",
            title="matrix exponential",
            source="N. J. Higham, Functions of Matrices, SIAM 2008, section 10.6",
            notation="exponential",
            along=lambda args, d: _exponential_along(args[0], d),
            adjoint=lambda args, upstream: _exponential_along(transpose(args[0]), upstream),
            needs_lengths=True,
        ),
    )
}
"""Every function that is known by an equation, or by a differential with its source, by name."""


@implicit_function_named.plug
def _implicit_function_named(name: str) -> ImplicitFunction:
    return MATRIX_FUNCTIONS[name]


# --- what is composed of them -----------------------------------------------------------------------------------------

_LARGEST_POWER = 32


def trace_of(a: Form) -> Form:
    """Return Σ_i a[i, i]."""
    _square("trace", a)
    return einsum([(0, 0)], (), [a])


def diagonal_of(a: Form) -> Form:
    """Return the diagonal of a square matrix."""
    _square("diagonal", a)
    return einsum([(0, 0)], (0,), [a])


def diag_of(a: Form) -> Form:
    """Return the matrix with a vector on its diagonal, or the diagonal of a square matrix."""
    if a.ndim == 1:
        return expand(a, [1]) * eye(a.shape[0])
    if a.ndim == 2 and a.shape[0] == a.shape[1]:
        return diagonal_of(a)
    raise ShapeError(f"diag takes a vector or a square matrix, not an array of shape {shape_text(a.shape)}")


def power_of(a: Form, exponent: Any) -> Form:
    """Return A @ … @ A; of a negative exponent the power of the inverse."""
    length = _square("matrix_power", a)
    if isinstance(exponent, bool) or not hasattr(exponent, "__index__"):
        raise NetworkError(f"matrix_power({numpy_text(a)}, {exponent}): the exponent is a whole number")
    count = exponent.__index__()
    if abs(count) > _LARGEST_POWER:
        raise NetworkError(f"matrix_power({numpy_text(a)}, {count}): the exponent is at most {_LARGEST_POWER}")
    base = _of("inv", a) if count < 0 else a
    if not count:
        return eye(length)
    result = base
    for _ in range(abs(count) - 1):
        result = result @ base
    return result


def kron_of(a: Form, b: Form) -> Form:
    """(A ⊗ B)[i p + k, j q + l] = A[i, j] B[k, l] for B of shape (p, q); vectors have one axis each."""
    if a.ndim != b.ndim or a.ndim not in (1, 2):
        raise ShapeError(
            f"in kron: shapes {shape_text(a.shape)} and {shape_text(b.shape)}; it takes two vectors or two matrices"
        )
    if any(not isinstance(s, int) for s in (*a.shape, *b.shape)):
        raise ShapeError(
            f"in kron: shapes {shape_text(a.shape)} and {shape_text(b.shape)}; it needs numbers for its sizes"
        )
    rank = a.ndim
    left, right = tuple(range(rank)), tuple(range(rank, 2 * rank))
    result = tuple(k for pair in zip(left, right, strict=True) for k in pair)
    joined = einsum([left, right], result, [a, b])
    return reshape(joined, [int(x) * int(y) for x, y in zip(a.shape, b.shape, strict=True)])


def norm_of(a: Form, order: Any = None) -> Form:
    """Return the norm of a vector or a matrix, of an order as ``numpy.linalg.norm`` takes it."""
    if a.ndim == 1 or order is None:
        return _vector_norm(a, 2 if order is None else order)
    _matrix("norm", a)
    if order == "fro":
        return _vector_norm(a, 2)
    if order == "nuc":
        return reduce_over("sum", _of("svdvals", a))
    if order in (2, -2):
        return reduce_over("max" if order > 0 else "min", _of("svdvals", a))
    if order in (1, -1, float("inf"), -float("inf")):
        sums = reduce_over("sum", _absolute(a), 0 if abs(order) == 1 else 1)
        return reduce_over("max" if order > 0 else "min", sums)
    raise NetworkError(f"a matrix has no norm of order {order!r}; those of numpy.linalg.norm are known")


def _vector_norm(a: Form, order: Any) -> Form:
    if isinstance(order, str) or order == 0:
        raise NetworkError(f"a vector has no norm of order {order!r} with a derivative")
    if order in (float("inf"), -float("inf")):
        return reduce_over("max" if order > 0 else "min", _absolute(a))
    if order == 1:
        return reduce_over("sum", _absolute(a))
    if order == 2:
        return apply("sqrt", reduce_over("sum", a**2))
    return reduce_over("sum", _absolute(a) ** number(order)) ** number(1 / order)


_ABSOLUTE: Function = next(row for row in PRIMITIVES if row.name == "absolute")


def _absolute(a: Form) -> Form:
    return _ABSOLUTE(a)


def log_determinants(form: Form) -> Form:
    """Return a form with log(det A) as the one function that it is, which neither overflows nor divides by det A."""

    def found(node: Form) -> Form | None:
        inner = node.args[0] if isinstance(node, Apply) and node.op == "log" else None
        if isinstance(inner, Implicit) and inner.function.name == "det":
            return _of("logdet", *(log_determinants(a) for a in inner.args))
        return None

    return substitute(form, found)
