"""Linear algebra as NumPy and PyTorch spell it: read as it is executed, by values and gradients; refusals by name."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError, ShapeError
from tests.support import needs
from tests.support.matrix_cases import random_matrix

NUMPY: dict[str, str] = {
    "inv": "np.sum(C * np.linalg.inv(S))",
    "solve": "np.sum(C * np.linalg.solve(S, C))",
    "solve vector": "np.sum(np.linalg.solve(S, C[0]) ** 2)",
    "det": "np.linalg.det(S)",
    "log det": "np.log(np.linalg.det(P))",
    "slogdet": "np.linalg.slogdet(S)[1]",
    "slogdet unpacked": "sign * size",
    "slogdet named": "np.linalg.slogdet(S).logabsdet",
    "pinv": "np.sum(np.linalg.pinv(W) ** 2)",
    "lstsq": "np.sum(np.linalg.lstsq(W.T, C[0], rcond=None)[0] ** 2)",
    "matrix_power": "np.sum(C * np.linalg.matrix_power(S, 3))",
    "negative power": "np.sum(C * np.linalg.matrix_power(S, -2))",
    "cholesky": "np.sum(C * np.linalg.cholesky(P))",
    "cholesky upper": "np.sum(C * np.linalg.cholesky(P, upper=True))",
    "eigvalsh": "np.sum(np.linalg.eigvalsh(P) ** 3)",
    "eigh": "np.sum(w * np.sum(V ** 4, axis=0))",
    "eigh named": "np.sum(np.linalg.eigh(P).eigenvalues ** 2)",
    "svdvals": "np.sum(np.linalg.svd(W, compute_uv=False) ** 3)",
    "svd": "np.sum(U ** 4) + np.sum(s ** 3) + np.sum(Vt ** 4)",
    "singular values of all": "np.sum(np.linalg.svd(W)[1] ** 3)",
    "qr": "np.sum(C * Q ** 2) + np.sum(R ** 2 * C)",
    "R alone": "np.sum(np.linalg.qr(S, mode='r') ** 2 * C)",
    "norm 2": "np.linalg.norm(W, 2)",
    "norm -2": "np.linalg.norm(W, -2)",
    "norm nuc": "np.linalg.norm(W, 'nuc')",
    "norm fro": "np.linalg.norm(W, 'fro')",
    "norm inf": "np.linalg.norm(W, np.inf)",
    "norm of rows": "np.sum(np.linalg.norm(W, 3, axis=1))",
    "norm kept": "np.sum(np.linalg.norm(W, 2, keepdims=True) * W)",
    "matrix_norm": "np.linalg.matrix_norm(W, ord='nuc')",
    "vector_norm": "np.linalg.vector_norm(W, ord=3)",
    "trace": "np.trace(S @ S)",
    "trace beside": "np.trace(W, offset=1)",
    "trace below": "np.trace(S, offset=-1)",
    "diagonal": "np.sum(np.diagonal(S) ** 2)",
    "diagonal beside": "np.sum(S.diagonal(1) ** 2)",
    "diag": "np.sum(C * np.diag(S[0]))",
    "kron": "np.sum(np.kron(S, W) ** 3)",
    "multi_dot": "np.sum(np.linalg.multi_dot([W, S, C]) ** 2)",
    "inv of a stack": "np.sum(np.stack([C, S]) * np.linalg.inv(np.stack([S, P])))",
    "det of a stack": "np.sum(np.linalg.det(np.stack([S, P])) ** 2)",
    "log det of a stack": "np.sum(np.array([0.3, 0.7]) * np.log(np.linalg.det(np.stack([P, P @ P]))))",
    "slogdet of a stack": "np.sum(np.linalg.slogdet(np.stack([S, P]))[1] ** 2)",
    "solve of a stack": "np.sum(np.linalg.solve(np.stack([S, P]), np.stack([C, W.T @ W])) ** 2)",
    "cholesky of a stack": "np.sum(np.stack([C, S]) * np.linalg.cholesky(np.stack([P, P @ P])))",
    "a stack of stacks": "np.sum(np.linalg.inv(np.stack([np.stack([S, P]), np.stack([P, S])])) ** 2)",
    "Gaussians": "np.sum(np.einsum('ki,kij,kj->k', W, np.linalg.inv(np.stack([P, P @ P])), W))",
    "sliding windows": "np.sum(np.lib.stride_tricks.sliding_window_view(S, (2, 3)) ** 3)",
    "sliding windows along an axis": "np.sum(sliding_window_view(S, 2, axis=1) * C[:, :2, None])",
    "sliding windows by axes": "np.sum(sliding_window_view(S, (2, 1), axis=(-1, 0))[..., 0] ** 3)",
    "Gaussian": "0.5 * C[0] @ np.linalg.solve(P, C[0]) + 0.5 * np.linalg.slogdet(P)[1]",
}
BEFORE: dict[str, str] = {
    "slogdet unpacked": "sign, size = np.linalg.slogdet(S)\n",
    "eigh": "w, V = np.linalg.eigh(P)\n",
    "svd": "U, s, Vt = np.linalg.svd(W, full_matrices=False)\n",
    "qr": "Q, R = np.linalg.qr(S)\n",
    "sliding windows along an axis": "from numpy.lib.stride_tricks import sliding_window_view\n",
    "sliding windows by axes": "from numpy.lib.stride_tricks import sliding_window_view\n",
}

TORCH: dict[str, str] = {
    "inv": "(C * torch.linalg.inv(S)).sum()",
    "inverse": "(C * torch.inverse(S)).sum()",
    "method inverse": "(C * S.inverse()).sum()",
    "solve": "(C * torch.linalg.solve(S, C)).sum()",
    "solve right": "(C * torch.linalg.solve(S, C, left=False)).sum()",
    "solve_triangular": "(C * torch.linalg.solve_triangular(S, C, upper=True)).sum()",
    "unitriangular": "(C * torch.linalg.solve_triangular(S, C, upper=False, unitriangular=True)).sum()",
    "det": "torch.det(S)",
    "method det": "S.det()",
    "linalg det": "torch.linalg.det(S)",
    "logdet": "torch.logdet(P)",
    "method logdet": "P.logdet()",
    "slogdet": "torch.linalg.slogdet(S)[1]",
    "slogdet named": "torch.slogdet(S).logabsdet",
    "pinv": "(torch.linalg.pinv(W) ** 2).sum()",
    "pinverse": "(W.pinverse() ** 2).sum()",
    "lstsq": "(torch.linalg.lstsq(W.T, C[:, :1]).solution ** 2).sum()",
    "matrix_power": "(C * torch.linalg.matrix_power(S, -2)).sum()",
    "matrix_exp": "(C * torch.linalg.matrix_exp(S)).sum()",
    "method matrix_exp": "(C * S.matrix_exp()).sum()",
    "cholesky": "(C * torch.linalg.cholesky(P)).sum()",
    "old cholesky": "(C * torch.cholesky(P, upper=True)).sum()",
    "eigvalsh": "(torch.linalg.eigvalsh(P) ** 3).sum()",
    "eigh": "(w * (V ** 4).sum(0)).sum()",
    "svdvals": "(torch.linalg.svdvals(W) ** 3).sum()",
    "svd": "(U ** 4).sum() + (s ** 3).sum() + (Vt ** 4).sum()",
    "old svd": "(torch.svd(W).V ** 4).sum() + torch.svd(W).S[0]",
    "qr": "(C * torch.linalg.qr(S).Q ** 2).sum() + (torch.linalg.qr(S).R ** 2 * C).sum()",
    "norm 2": "torch.linalg.norm(W, 2)",
    "norm nuc": "torch.linalg.matrix_norm(W, 'nuc')",
    "old norm nuc": "torch.norm(W, p='nuc')",
    "vector_norm": "torch.linalg.vector_norm(W, 3)",
    "vector_norm of rows": "torch.linalg.vector_norm(W, ord=3, dim=1).sum()",
    "trace": "torch.trace(S @ S)",
    "diagonal": "(torch.diagonal(S, 1) ** 2).sum()",
    "linalg diagonal": "(torch.linalg.diagonal(S, offset=-1) ** 2).sum()",
    "diagonal of a batch": "(torch.diagonal(torch.stack([S, C]), dim1=-2, dim2=-1) ** 2).sum()",
    "diag": "(C * torch.diag(S[0])).sum()",
    "kron": "(torch.kron(S, W) ** 3).sum()",
    "multi_dot": "(torch.linalg.multi_dot([W, S, C]) ** 2).sum()",
    "inv of a stack": "(torch.stack([C, S]) * torch.linalg.inv(torch.stack([S, P]))).sum()",
    "logdet of a stack": "(torch.logdet(torch.stack([P, P @ P])) ** 2).sum()",
    "solve of a stack": "(torch.linalg.solve(torch.stack([S, P]), torch.stack([C, W.T @ W])) ** 2).sum()",
    "cholesky of a stack": "(torch.stack([C, S]) * torch.linalg.cholesky(torch.stack([P, P @ P]))).sum()",
    "unfold": "(S.unfold(1, 2, 1) ** 3).sum()",
    "unfold by steps": "(torch.cat([S, C], 1).unfold(-1, 3, 2) * W[0]).sum()",
    "Gaussian": "0.5 * C[0] @ torch.linalg.solve(P, C[0]) + 0.5 * torch.logdet(P)",
}
BEFORE_TORCH: dict[str, str] = {
    "eigh": "w, V = torch.linalg.eigh(P)\n",
    "svd": "U, s, Vt = torch.linalg.svd(W, full_matrices=False)\n",
}

VALUES: dict[str, np.ndarray] = {
    "S": random_matrix("square", (3, 3), 1),
    "W": random_matrix("any", (2, 3), 2),
    "A": random_matrix("any", (3, 3), 3),
}
C = random_matrix("any", (3, 3), 4)


def _literal(value: np.ndarray) -> str:
    return repr(value.tolist())


def numpy_text(label: str) -> str:
    given = "".join(f"{k} = np.array({_literal(v)})\n" for k, v in VALUES.items())
    inside = f"C = np.array({_literal(C)})\nP = A @ A.T + np.eye(3)\n"
    return f"import numpy as np\n{given}{inside}{BEFORE.get(label, '')}loss = {NUMPY[label]} + 0.1 * np.sum(A ** 2) + 0.1 * np.sum(S ** 2) + 0.1 * np.sum(W ** 2)\n"


def torch_text(label: str) -> str:
    given = "".join(f"{k} = torch.tensor({_literal(v)}, requires_grad=True)\n" for k, v in VALUES.items())
    inside = f"C = torch.tensor({_literal(C)})\nP = A @ A.T + torch.eye(3)\n"
    return f"import torch\n{given}{inside}{BEFORE_TORCH.get(label, '')}loss = {TORCH[label]} + 0.1 * (A ** 2).sum() + 0.1 * (S ** 2).sum() + 0.1 * (W ** 2).sum()\n"


def executed(text: str, **given: Any) -> Any:
    """Return what the text computes when it runs, with other values for its arrays."""
    lines = [line for line in text.splitlines() if line.partition(" ")[0] not in given]
    space = dict(given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old spellings are read as well
        exec("\n".join(lines), space)
    return space


@pytest.mark.parametrize("label", NUMPY)
def test_numpy_is_read_as_it_is_executed(label: str) -> None:
    text = numpy_text(label)
    loss, gradients = sb.derive(sb.parse(text), wrt=list(VALUES)).lambdify()()
    assert math.isclose(loss, float(executed(text)["loss"]), rel_tol=1e-10)
    for name, value in VALUES.items():
        for entry in np.ndindex(*value.shape):
            ends = []
            for sign in (1, -1):
                moved = value.copy()
                moved[entry] += sign * 1e-5
                ends.append(float(executed(text, **{name: moved})["loss"]))
            difference = (ends[0] - ends[1]) / 2e-5
            assert math.isclose(gradients[name][entry], difference, rel_tol=2e-6, abs_tol=2e-6), (name, entry)


@pytest.mark.parametrize("label", TORCH)
def test_pytorch_is_read_as_it_is_executed(label: str) -> None:
    torch = needs.package("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        text = torch_text(label)
        space = executed(text)
        space["loss"].backward()
    finally:
        torch.set_default_dtype(before)
    loss, gradients = sb.derive(sb.parse(text), wrt=list(VALUES)).lambdify()()
    assert math.isclose(loss, float(space["loss"].detach()), rel_tol=1e-10)
    for name in VALUES:
        want = space[name].grad.numpy()
        assert np.allclose(gradients[name], want, rtol=1e-7, atol=1e-8 * (1 + np.abs(want).max())), name


REFUSED: dict[str, str] = {
    "np.sum(np.linalg.svd(W)[2] ** 2)": "full_matrices=True completes V by columns that have no derivative",
    "np.sum(np.linalg.eigh(P, UPLO='U')[1])": "UPLO='U'",
    "np.sum(np.linalg.pinv(W, rcond=0.1))": "rcond=0.1",
    "np.sum(np.linalg.pinv(W, hermitian=True))": "hermitian=True",
    "np.sum(np.linalg.qr(W.T, mode='complete')[0])": "mode='complete'",
    "np.sum(np.linalg.qr(W)[0])": "fewer rows than columns",
    "np.sum(np.linalg.matrix_power(S, 0.5))": "the exponent of matrix_power",
    "np.linalg.norm(W, 3)": "no norm of order 3",
    "np.linalg.norm(np.stack([S, S]), 'nuc', axis=(1, 2)).sum()": "which are read of one matrix",
    "np.sum(np.linalg.eigvalsh(np.stack([P, P])))": "one matrix at a time",
    "np.linalg.inv(np.stack([W, W])).sum()": "it takes a square matrix",
    "np.linalg.solve(np.stack([P, P]), S).sum()": "do not fit together",
    "np.lib.stride_tricks.sliding_window_view(S, (2, 2), writeable=True).sum()": "leave both out",
    "np.lib.stride_tricks.sliding_window_view(S, 2).sum()": "do not fit an array with 2 axes",
    "np.lib.stride_tricks.sliding_window_view(S, (4, 2)).sum()": "is longer than 3",
    "np.lib.stride_tricks.as_strided(S, (2, 2)).sum()": "as_strided",
    "np.linalg.det(W)": "it takes a square matrix",
    "np.linalg.eigvals(S).sum()": "np.linalg.eigvals is not known",
    "np.linalg.cond(S)": "np.linalg.cond is not known",
    "np.linalg.matrix_rank(S) * S.sum()": "np.linalg.matrix_rank is not known",
    "np.trace(S, axis1=0, axis2=0)": "two different axes",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_cannot_be_read_is_refused_by_its_name(call: str) -> None:
    given = "".join(f"{k} = np.array({_literal(v)})\n" for k, v in VALUES.items())
    text = f"import numpy as np\n{given}P = A @ A.T\nloss = {call}\n"
    with pytest.raises((ReadError, ShapeError)) as caught:
        sb.parse(text)
    assert REFUSED[call] in str(caught.value)
    assert "line 6" in str(caught.value)


def test_a_diagonal_that_is_written_to_is_refused() -> None:
    text = f"import torch\nS = torch.tensor({_literal(VALUES['S'])}, requires_grad=True)\nT = S * 2\nT.diagonal().fill_(0)\nloss = T.sum()\n"
    with pytest.raises(ReadError):
        sb.parse(text)


def test_whole_numbers_become_real_ones() -> None:
    net = sb.parse(
        "import numpy as np\nw = 2.0\nA = np.array([[2, 1], [1, 3]])\nloss = w * np.linalg.det(A) / 2 + np.linalg.inv(A)[0, 0] * w\n"
    )
    loss, _ = sb.derive(net, wrt="w").lambdify()()
    assert math.isclose(loss, 5 + 2 * 0.6)
