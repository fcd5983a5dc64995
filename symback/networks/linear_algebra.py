"""Linear algebra as users write it: on Forms it gives Forms, on SymPy's matrices SymPy's own expressions where there are any.

Each takes one matrix, not a batch of them. What has no derivative (an inverse of a singular matrix, an eigenvector of a repeated
eigenvalue) stops the running code with a message; it never gives nan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import sympy as sp

from symback.core import forms
from symback.core.errors import NetworkError
from symback.core.forms import Form
from symback.functions import matrices
from symback.functions.matrices import MATRIX_FUNCTIONS


def _is_sympy(*values: Any) -> bool:
    return any(isinstance(v, sp.Basic) for v in values) and not any(isinstance(v, Form) for v in values)


def _made(name: str, *arguments: Any) -> Form:
    if _is_sympy(*arguments):
        raise NetworkError(f"SymPy has no expression for {name} of a matrix; build the network with Forms")
    return MATRIX_FUNCTIONS[name](*map(forms.as_form, arguments))


def _either(a: Any, of_sympy: Callable[[Any], Any], of_form: Callable[[Form], Form]) -> Any:
    return of_sympy(a) if _is_sympy(a) else of_form(forms.as_form(a))


@overload
def inv(a: Form) -> Form: ...
@overload
def inv(a: sp.Expr) -> sp.Expr: ...
def inv(a: Any) -> Any:
    """Return A⁻¹, which fulfils A A⁻¹ = I; its differential is −A⁻¹ dA A⁻¹.

    Shapes: (n, n) gives (n, n). Raises ShapeError for anything but one square matrix; the code stops at a singular one.

    >>> A = forms.name("A", (3, 3))
    >>> inv(A), inv(sp.MatrixSymbol("A", 3, 3))
    (np.linalg.inv(A), A**(-1))

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.inv.html
    """
    return _either(a, sp.Inverse, MATRIX_FUNCTIONS["inv"])


@overload
def solve(a: Form, b: Form) -> Form: ...
@overload
def solve(a: sp.Expr, b: sp.Expr) -> sp.Expr: ...
def solve(a: Any, b: Any) -> Any:
    """Return X with A X = B.

    Shapes: (n, n) and (n, k), or (n,), give the shape of ``b``. Raises ShapeError where they do not fit together.

    >>> solve(forms.name("A", (3, 3)), forms.name("b", (3,)))
    np.linalg.solve(A, b)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.solve.html
    """
    return sp.Inverse(a) * b if _is_sympy(a, b) else _made("solve", a, b)


def pinv(a: Any) -> Form:
    """Return the pseudo-inverse A⁺ of a matrix of full rank, by Penrose's four equations.

    Shapes: (m, n) gives (n, m). Raises ShapeError for anything but one matrix; the code stops where the rank is not full.

    >>> pinv(forms.name("A", (4, 3))).shape
    (3, 4)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.pinv.html
    """
    return _made("pinv", a)


def lstsq(a: Any, b: Any) -> Form:
    """Return the x of the smallest ‖A x − b‖: A⁺ b.

    Shapes: (m, n) and (m,) or (m, k) give (n,) or (n, k). Raises ShapeError where they do not fit together.

    >>> lstsq(forms.name("A", (4, 3)), forms.name("b", (4,))).shape
    (3,)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.lstsq.html
    """
    return forms.matmul(pinv(a), forms.as_form(b))


@overload
def det(a: Form) -> Form: ...
@overload
def det(a: sp.Expr) -> sp.Expr: ...
def det(a: Any) -> Any:
    """Return the determinant; its differential is det A · tr(A⁻¹ dA).

    Shapes: (n, n) gives (). Raises ShapeError for anything but one square matrix; the code of a gradient stops at a singular one.

    >>> det(forms.name("A", (3, 3))).shape, det(sp.MatrixSymbol("A", 3, 3))
    ((), Determinant(A))

    Source: Jacobi's formula; J. R. Magnus, H. Neudecker, Matrix Differential Calculus, 3rd ed., section 8.3
    """
    return _either(a, sp.Determinant, MATRIX_FUNCTIONS["det"])


@overload
def logdet(a: Form) -> Form: ...
@overload
def logdet(a: sp.Expr) -> sp.Expr: ...
def logdet(a: Any) -> Any:
    """Return log det A; its differential is tr(A⁻¹ dA). The code stops where the determinant is not positive.

    Shapes: (n, n) gives (). Raises ShapeError for anything but one square matrix.

    >>> logdet(forms.name("A", (3, 3))).shape, logdet(sp.MatrixSymbol("A", 3, 3))
    ((), log(Determinant(A)))

    Source: https://pytorch.org/docs/stable/generated/torch.logdet.html
    """
    return _either(a, lambda m: sp.log(sp.Determinant(m)), MATRIX_FUNCTIONS["logdet"])


def slogdet(a: Any) -> tuple[Form, Form]:
    """Return the sign of the determinant, and log |det A|; the derivative of the sign is 0.

    Shapes: (n, n) gives () twice. Raises ShapeError for anything but one square matrix.

    >>> [part.shape for part in slogdet(forms.name("A", (3, 3)))]
    [(), ()]

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.slogdet.html
    """
    return _made("det_sign", a), _made("logabsdet", a)


@overload
def trace(a: Form) -> Form: ...
@overload
def trace(a: sp.Expr) -> sp.Expr: ...
def trace(a: Any) -> Any:
    """Return Σ_i a[i, i].

    Shapes: (n, n) gives (). Raises ShapeError for anything but one square matrix.

    >>> trace(forms.name("A", (3, 3))).shape, trace(sp.MatrixSymbol("A", 3, 3))
    ((), Trace(A))

    Source: https://numpy.org/doc/stable/reference/generated/numpy.trace.html
    """
    return _either(a, sp.Trace, matrices.trace_of)


@overload
def matrix_power(a: Form, exponent: int) -> Form: ...
@overload
def matrix_power(a: sp.Expr, exponent: int | sp.Expr) -> sp.Expr: ...
def matrix_power(a: Any, exponent: Any) -> Any:
    """Return A @ … @ A; of a negative exponent the power of the inverse.

    Shapes: (n, n) gives (n, n). Raises NetworkError for an exponent that is not a whole number of at most 32.

    >>> matrix_power(forms.name("A", (3, 3)), 2), matrix_power(forms.name("A", (3, 3)), -1)
    (A @ A, np.linalg.inv(A))

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.matrix_power.html
    """
    return _either(a, lambda m: sp.MatPow(m, exponent).doit(), lambda m: matrices.power_of(m, exponent))


def matrix_exp(a: Any) -> Form:
    """Return e^A = Σ Aᵏ / k!; its derivative is a block of a larger exponential.

    Shapes: (n, n) gives (n, n). Raises ShapeError for anything but one square matrix, NetworkError where a gradient through it
    is wanted for a size that is no number.

    >>> matrix_exp(forms.name("A", (3, 3))).shape
    (3, 3)

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.matrix_exp.html
    """
    return _made("matrix_exp", a)


def cholesky(a: Any) -> Form:
    """Return the lower triangle L with L Lᵀ = A, for a symmetric positive definite A.

    Shapes: (n, n) gives (n, n). The gradient is that of the symmetric part, ½(G + Gᵀ); the code stops at another matrix.
    Raises ShapeError for anything but one square matrix.

    >>> cholesky(forms.name("A", (3, 3))).shape
    (3, 3)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.cholesky.html
    """
    return _made("cholesky", a)


def eigvalsh(a: Any) -> Form:
    """Return the eigenvalues of a symmetric matrix in ascending order.

    Shapes: (n, n) gives (n,). The gradient is that of the symmetric part. Raises ShapeError for anything but one square matrix.

    >>> eigvalsh(forms.name("A", (3, 3))).shape
    (3,)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.eigvalsh.html
    """
    return _made("eigvalsh", a)


def eigh(a: Any) -> tuple[Form, Form]:
    """Return the eigenvalues w and the eigenvectors V of a symmetric matrix: A V = V diag(w), Vᵀ V = I.

    Shapes: (n, n) gives (n,) and (n, n). Signs of eigenvectors are those of the library; the code stops where eigenvalues are
    equal and their vectors are differentiated. Raises ShapeError for anything but one square matrix.

    >>> [part.shape for part in eigh(forms.name("A", (3, 3)))]
    [(3,), (3, 3)]

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.eigh.html
    """
    return _made("eigvalsh", a), _made("eigenvectors", a)


def svdvals(a: Any) -> Form:
    """Return the singular values in descending order.

    Shapes: (m, n) gives (min(m, n),). Raises ShapeError where which of two unknown sizes is smaller is not known.

    >>> svdvals(forms.name("A", (4, 3))).shape
    (3,)

    Source: https://pytorch.org/docs/stable/generated/torch.linalg.svdvals.html
    """
    return _made("svdvals", a)


def svd(a: Any) -> tuple[Form, Form, Form]:
    """Return U, s and Vᵀ with A = U diag(s) Vᵀ, as many columns as singular values.

    Shapes: (m, n) gives (m, k), (k,) and (k, n) for k = min(m, n). Signs are those of the library. Raises ShapeError as svdvals.

    >>> [part.shape for part in svd(forms.name("A", (4, 3)))]
    [(4, 3), (3,), (3, 3)]

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.svd.html
    """
    return _made("left_vectors", a), _made("svdvals", a), _made("right_vectors", a)


def qr(a: Any) -> tuple[Form, Form]:
    """Return Q and R with A = Q R, Qᵀ Q = I and R an upper triangle.

    Shapes: (m, n) with m ≥ n gives (m, n) and (n, n). Signs are those of the library. Raises ShapeError for fewer rows.

    >>> [part.shape for part in qr(forms.name("A", (4, 3)))]
    [(4, 3), (3, 3)]

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.qr.html
    """
    return _made("orthogonal_factor", a), _made("upper_factor", a)


def norm(a: Any, ord: Any = None) -> Form:
    """Return the norm of a vector or a matrix: p-norms, "fro", "nuc", 2, 1 and inf, and their opposites.

    Shapes: (n,) or (m, n) gives (). Raises NetworkError for an order that has no derivative, ShapeError for more axes.

    >>> norm(forms.name("A", (4, 3)), "nuc")
    np.linalg.svd(A, compute_uv=False).sum()

    Source: https://numpy.org/doc/stable/reference/generated/numpy.linalg.norm.html
    """
    return matrices.norm_of(forms.as_form(a), ord)


@overload
def kron(a: Form, b: Form) -> Form: ...
@overload
def kron(a: sp.Expr, b: sp.Expr) -> sp.Expr: ...
def kron(a: Any, b: Any) -> Any:
    """Return A ⊗ B, the blocks a[i, j] B.

    Shapes: (m, n) and (p, q) give (m p, n q); vectors give a vector. Raises ShapeError for sizes that are not numbers.

    >>> kron(forms.name("A", (2, 3)), forms.name("B", (4, 5))).shape
    (8, 15)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.kron.html
    """
    return sp.KroneckerProduct(a, b) if _is_sympy(a, b) else matrices.kron_of(forms.as_form(a), forms.as_form(b))


@overload
def diag(a: Form) -> Form: ...
@overload
def diag(a: sp.Expr) -> sp.Expr: ...
def diag(a: Any) -> Any:
    """Return the matrix with a vector on its diagonal, or the diagonal of a square matrix.

    Shapes: (n,) gives (n, n), (n, n) gives (n,). Raises ShapeError for anything else.

    >>> diag(forms.name("x", (3,))).shape, diag(forms.name("A", (3, 3))).shape
    ((3, 3), (3,))

    Source: https://numpy.org/doc/stable/reference/generated/numpy.diag.html
    """
    if _is_sympy(a):
        return sp.DiagMatrix(a) if 1 in a.shape else sp.DiagonalOf(a)
    return matrices.diag_of(forms.as_form(a))


__all__ = [
    "cholesky",
    "det",
    "diag",
    "eigh",
    "eigvalsh",
    "inv",
    "kron",
    "logdet",
    "lstsq",
    "matrix_exp",
    "matrix_power",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "trace",
]
