"""Matrices for tests of linear algebra: what each function takes, and what PyTorch has for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import symback as sb
from symback.core.forms import Form
from symback.functions.matrices import MATRIX_FUNCTIONS


def random_matrix(kind: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Return a matrix of a kind: "any", "square" well away from singular, "positive" (definite, symmetric)."""
    rng = np.random.default_rng(seed)
    found = rng.normal(size=shape)
    if kind == "positive":
        return found @ found.T + np.eye(shape[0])
    return found + 2 * np.eye(shape[0]) if kind == "square" else found


@dataclass(frozen=True)
class Case:
    """A function with a kind of argument, shapes to try, how PyTorch spells it, and how Forms do."""

    kind: str
    shapes: tuple[tuple[int, ...], ...]
    torch: Callable[[Any, Any], Any]
    build: Callable[[Form], Form]


_SQUARES = ((3, 3), (4, 4), (1, 1), (2, 2))
_RECTANGLES = ((4, 3), (3, 4), (3, 3), (5, 2))
_TALL = ((4, 3), (3, 3), (5, 2))


def _symmetric(a: Any) -> Any:
    return (a + a.T) / 2


CASES: dict[str, Case] = {
    "inv": Case("square", _SQUARES, lambda t, a: t.linalg.inv(a), sb.inv),
    "pinv": Case("any", _RECTANGLES, lambda t, a: t.linalg.pinv(a), sb.pinv),
    "det": Case("square", _SQUARES, lambda t, a: t.linalg.det(a), sb.det),
    "logdet": Case("positive", _SQUARES, lambda t, a: t.logdet(a), sb.logdet),
    "logabsdet": Case("any", _SQUARES, lambda t, a: t.linalg.slogdet(a)[1], lambda a: sb.slogdet(a)[1]),
    "cholesky": Case("positive", _SQUARES, lambda t, a: t.linalg.cholesky(_symmetric(a)), sb.cholesky),
    "eigvalsh": Case("positive", _SQUARES, lambda t, a: t.linalg.eigvalsh(_symmetric(a)), sb.eigvalsh),
    "eigenvectors": Case(
        "positive",
        _SQUARES,
        lambda t, a: t.linalg.eigh(_symmetric(a))[1] ** 2,
        lambda a: sb.eigh(a)[1] ** 2,
    ),
    "svdvals": Case("any", _RECTANGLES, lambda t, a: t.linalg.svdvals(a), sb.svdvals),
    "left_vectors": Case(
        "any",
        _RECTANGLES,
        lambda t, a: t.linalg.svd(a, full_matrices=False)[0] ** 2,
        lambda a: sb.svd(a)[0] ** 2,
    ),
    "right_vectors": Case(
        "any",
        _RECTANGLES,
        lambda t, a: t.linalg.svd(a, full_matrices=False)[2] ** 2,
        lambda a: sb.svd(a)[2] ** 2,
    ),
    "orthogonal_factor": Case("any", _TALL, lambda t, a: t.linalg.qr(a)[0], lambda a: sb.qr(a)[0]),
    "upper_factor": Case("any", _TALL, lambda t, a: t.linalg.qr(a)[1], lambda a: sb.qr(a)[1]),
    "matrix_exp": Case("any", _SQUARES, lambda t, a: t.linalg.matrix_exp(a), sb.matrix_exp),
    "matrix_power 3": Case("any", _SQUARES, lambda t, a: t.linalg.matrix_power(a, 3), lambda a: sb.matrix_power(a, 3)),
    "matrix_power -2": Case(
        "square", _SQUARES, lambda t, a: t.linalg.matrix_power(a, -2), lambda a: sb.matrix_power(a, -2)
    ),
    "matrix_power 0": Case(
        "any", ((3, 3),), lambda t, a: t.linalg.matrix_power(a, 0) * a, lambda a: sb.matrix_power(a, 0) * a
    ),
    "solve vector": Case(
        "square", _SQUARES, lambda t, a: t.linalg.solve(a, a[:, 0] ** 2), lambda a: sb.solve(a, a[:, 0] ** 2)
    ),
    "solve matrix": Case("square", _SQUARES, lambda t, a: t.linalg.solve(a, a * a), lambda a: sb.solve(a, a * a)),
    "lstsq": Case(
        "any",
        ((4, 3), (5, 2), (3, 3)),
        lambda t, a: t.linalg.pinv(a) @ (a[:, 0] ** 2),
        lambda a: sb.lstsq(a, a[:, 0] ** 2),
    ),
    "norm 2": Case("any", _RECTANGLES, lambda t, a: t.linalg.norm(a, 2), lambda a: sb.norm(a, 2)),
    "norm -2": Case("any", _RECTANGLES, lambda t, a: t.linalg.norm(a, -2), lambda a: sb.norm(a, -2)),
    "norm nuc": Case("any", _RECTANGLES, lambda t, a: t.linalg.norm(a, "nuc"), lambda a: sb.norm(a, "nuc")),
    "norm fro": Case("any", _RECTANGLES, lambda t, a: t.linalg.norm(a, "fro"), lambda a: sb.norm(a, "fro")),
    "norm 1": Case("any", _RECTANGLES, lambda t, a: t.linalg.norm(a, 1), lambda a: sb.norm(a, 1)),
    "norm -1": Case("any", _RECTANGLES, lambda t, a: t.linalg.norm(a, -1), lambda a: sb.norm(a, -1)),
    "norm inf": Case(
        "any", _RECTANGLES, lambda t, a: t.linalg.norm(a, float("inf")), lambda a: sb.norm(a, float("inf"))
    ),
    "norm of a vector, 3": Case("any", ((4,),), lambda t, a: t.linalg.norm(a, 3), lambda a: sb.norm(a, 3)),
    "norm of a vector, inf": Case(
        "any", ((4,),), lambda t, a: t.linalg.norm(a, float("inf")), lambda a: sb.norm(a, float("inf"))
    ),
    "trace": Case("any", _SQUARES, lambda t, a: t.trace(a), sb.trace),
    "kron": Case("any", ((2, 3), (3, 2)), lambda t, a: t.kron(a, a.T.contiguous()), lambda a: sb.kron(a, a.T)),
    "diag of a vector": Case("any", ((4,),), lambda t, a: t.diag(a), sb.diag),
    "diag of a matrix": Case("any", _SQUARES, lambda t, a: t.diag(a), sb.diag),
    "of a formula": Case(
        "any",
        ((3, 5), (4, 4)),
        lambda t, a: t.logdet(a @ a.T + t.eye(a.shape[0], dtype=a.dtype)),
        lambda a: sb.logdet(a @ a.T + sb.matrix_power(a @ a.T, 0)),
    ),
    "one inside the other": Case(
        "positive",
        ((3, 3),),
        lambda t, a: t.linalg.inv(t.linalg.cholesky(_symmetric(a))),
        lambda a: sb.inv(sb.cholesky(a)),
    ),
}
"""Every function of linear algebra; vectors of factors are squared, so that signs do not matter."""

NAMES = sorted(MATRIX_FUNCTIONS)


def network_of(case: Case, shape: tuple[int, ...], seed: int = 0) -> sb.Network:
    """Return the network of a weighted sum of all entries of a case."""
    net = sb.Network()
    a = net.parameter("A", shape, random_matrix(case.kind, shape, seed))
    made = case.build(a)
    weights = np.random.default_rng(seed + 7).normal(size=made.shape)
    net.define("E", (made * net.input("C", made.shape, weights)).sum() if made.shape else made)
    return net
