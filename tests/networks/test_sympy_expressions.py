"""Random losses of SymPy are read right, derived right and closed right, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import NetworkError, SymbackError, ValueProblem
from symback.core.forms import size
from symback.engine.interpreter import evaluate
from symback.networks.composite import multiplied_out
from tests.support.campaigns import campaign
from tests.support.sympy_expressions import KINDS, SIZES, Drawn, d, drawn, n
from tests.support.sympy_values import number, slopes

LENGTHS = {size(label): length for label, length in SIZES.items()}
LARGEST = 1e6
"""Losses above it are drawn again: differences say little of them."""


def reference(given: Drawn, seed: int) -> tuple[float, dict[str, Any]] | None:
    generator = np.random.default_rng(seed + 10**6)
    values: dict[str, Any] = {k: generator.uniform(-0.9, 0.9, shape) for k, shape in given.shapes.items()}
    value = number(given.loss, values | SIZES, given.origins)
    return (value, values) if np.isfinite(value) and abs(value) < LARGEST else None


def faults(given: Drawn, value: float, values: Mapping[str, Any]) -> list[str]:
    """Return where the loss, its gradients or their closed forms are wrong; raises one of our errors where it is refused."""
    net = sb.network([(sp.Symbol("Loss"), given.loss)], shapes=given.bases)
    read = [label for label in net.variables if label in values]
    derivation = sb.derive(net, wrt=read)
    have = derivation.evaluate({label: values[label] for label in read})
    found = [] if np.isclose(have.loss, value, rtol=1e-9, atol=1e-9) else [f"the loss is {have.loss}, not {value}"]
    for label in () if found else read:
        want = slopes(given.loss, {**values, **SIZES}, label, given.origins)
        scale = 1e-3 + np.abs(want).max() + 1e-4 * abs(value)
        if np.abs(have.gradients[label] - want).max() > 1e-5 * scale:
            found.append(f"the gradient of {label} is {have.gradients[label]}, not {want}")
        closed = evaluate(
            derivation.gradient(label, closed=True),
            {**values, **have.values},
            LENGTHS,
        )
        if not np.allclose(closed, have.gradients[label], rtol=1e-7, atol=1e-7 * scale):
            found.append(f"the closed gradient of {label} is {closed}, not {have.gradients[label]}")
    return found


def is_singular(error: SymbackError) -> bool:
    return isinstance(error, ValueProblem) and "ingular" in str(error)


@campaign(2 * len(KINDS), 19 * len(KINDS))
def test_random_losses_are_derived_right(count: int) -> None:
    wrong: list[str] = []
    used: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for seed in range(count):
        given = drawn(seed)
        known = reference(given, seed)
        if known is None:
            continue
        try:
            wrong += [f"{seed}: {fault}, of {given.loss}" for fault in faults(given, *known)]
        except SymbackError as error:
            if is_singular(error):
                continue
            refused.update(dict.fromkeys(given.kinds, 1))
        used.update(dict.fromkeys(given.kinds, 1))
    assert wrong == []
    assert set(used) == set(KINDS)
    print({kind: (used[kind], refused[kind]) for kind in KINDS})
    allowed = {kind: max(1, 0.02 * used[kind]) for kind in KINDS}
    assert {kind: refused[kind] for kind in KINDS if refused[kind] > allowed[kind]} == {}


def test_a_wrong_loss_and_a_wrong_gradient_are_seen() -> None:
    given = next(g for g in map(drawn, range(100)) if "trace" in g.kinds and "a" in g.shapes)
    known = reference(given, 0)
    assert known is not None
    value, values = known
    assert faults(given, value, values) == []
    assert "the loss is" in faults(given, value + 1e-3, values)[0]


def matrix(label: str, *shape: Any) -> Any:
    return sp.MatrixSymbol(label, *shape)


A, B, C, D = matrix("A", n, n), matrix("B", n, d), matrix("C", d, n), matrix("D", d, d)
x, y = matrix("x", n, 1), matrix("y", d, 1)
Z = sp.BlockMatrix([[A, B], [C, D]])
v = sp.BlockMatrix([[x], [y]])
DRAWN = {
    label: np.random.default_rng(ord(label)).normal(size=shape)
    for label, shape in {"A": (3, 3), "B": (3, 2), "C": (2, 3), "D": (2, 2), "x": (3, 1), "y": (2, 1)}.items()
}
COMPOSITE = [
    sp.Trace(Z * Z),
    sp.Trace(Z.T * Z * Z),
    v.T * Z * v,
    (v.T * Z * v)[0, 0],
    sp.Trace((Z + sp.Identity(n + d)) * Z.T),
    sp.Trace((2 * Z - 3 * sp.OneMatrix(n + d, n + d)) * Z),
    sp.Trace(sp.HadamardProduct(Z, Z) * Z),
    sp.Trace(Z.applyfunc(sp.tanh) * Z),
    sp.Trace(sp.BlockDiagMatrix(A, D) ** 2),
    sp.Trace(sp.KroneckerProduct(A, D) * sp.KroneckerProduct(A, D)),
    sp.KroneckerProduct(x.T, y.T) * sp.KroneckerProduct(A, D) * sp.KroneckerProduct(x, y),
    (sp.KroneckerProduct(x.T, y.T) * sp.KroneckerProduct(A, D) * sp.KroneckerProduct(x, y))[0, 0],
    sp.log(sp.Determinant(sp.KroneckerProduct(A * A.T, D * D.T))),
    sp.Trace(sp.KroneckerProduct(A, D) ** 2) + sp.Trace(sp.KroneckerProduct(A, D).T),
    sp.Trace(sp.KroneckerProduct(x, y.T) * C),
    sp.Trace(sp.KroneckerProduct(y.T, x) * C),
    sp.Trace(Z.T),
    sp.Determinant(Z),
    sp.log(sp.Determinant(sp.BlockMatrix([[A, B], [-B.T, D]])) ** 2),
    sp.Determinant(sp.BlockMatrix([[sp.ZeroMatrix(n, n), B], [C, D]])) + sp.Trace(A),
    sp.Determinant(2 * Z.T * Z),
    sp.Determinant(sp.BlockDiagMatrix(A, D, A)),
    sp.Determinant(sp.BlockMatrix([[A, B, A], [C, D, C], [A, B, A * A]])),
    sp.Trace(sp.Inverse(sp.BlockDiagMatrix(A, D))),
    sp.Trace(sp.BlockDiagMatrix(A, D) ** -2),
    sp.Trace(sp.Inverse(Z)),
    v.T * sp.Inverse(Z) * v,
    v.T * sp.Inverse(sp.BlockDiagMatrix(A, D)) * v,
    sp.Trace(Z**-1 * Z.T * Z**-1),
    sp.Trace(sp.Inverse(sp.BlockMatrix([[A, B], [sp.ZeroMatrix(d, n), D]])) * Z),
    sp.Trace(sp.Inverse(sp.BlockMatrix([[sp.ZeroMatrix(n, n), A], [A * A, A]]))),
    sp.Trace(sp.Inverse(sp.BlockMatrix([[A, B, A], [C, D, C], [A, B, A * A]]))),
    sp.Trace(sp.Inverse(Z.T + sp.Identity(n + d))),
    sp.Determinant(sp.Inverse(Z)),
]


@pytest.mark.parametrize("loss", COMPOSITE, ids=str)
def test_matrices_of_composite_sizes_are_multiplied_out(loss: Any) -> None:
    given = Drawn(loss, {k: value.shape for k, value in DRAWN.items()})
    assert faults(given, number(loss, DRAWN | SIZES), DRAWN) == []


def test_what_keeps_a_composite_size_is_refused() -> None:
    ones = sp.OneMatrix(n * d, n * d)
    empty = sp.BlockMatrix([[sp.ZeroMatrix(n, n), B], [C, sp.ZeroMatrix(d, d)]])
    for loss in (sp.Trace(sp.KroneckerProduct(A, D) * ones), sp.Determinant(empty)):
        assert multiplied_out(loss).has(sp.BlockMatrix, sp.KroneckerProduct)
        with pytest.raises(NetworkError, match="numbers for"):
            sb.network(loss)


M, N, w, r = matrix("M", 3, 3), matrix("N", 3, 2), matrix("w", 2, 1), matrix("r", 3, 1)


@pytest.mark.parametrize(
    ("loss", "read"),
    [
        ((r.T * M * r)[0, 0], "(M @ r * r).sum()"),
        (((N * w - r).T * (N * w - r))[0, 0], "((N @ w - r)**2).sum()"),
        ((r.T * r)[0, 0] ** 2, "(r**2).sum()**2"),
        (sp.exp(-(r.T * r)[0, 0]), "np.exp(-(r**2).sum())"),
        (r[0, 0] * 2 + r[1, 0] * 2 + r[2, 0] * 2, "2 * r.sum()"),
        (r[0, 0] + r[1, 0], None),
        (r[0, 0] * 2 + r[1, 0] * 2 + r[2, 0] * 3, None),
        (sum(sp.sin(M[i, i]) for i in range(3)), None),
        (sum(M[i, j] * r[i, 0] for i in range(3) for j in range(3)), None),
    ],
    ids=str,
)
def test_sums_that_are_written_out_are_folded(loss: Any, read: str | None) -> None:
    net = sb.network(loss)
    if read is not None:
        assert str(net.equations[-1].form) == read
    shapes = {"M": (3, 3), "N": (3, 2), "w": (2, 1), "r": (3, 1)}
    values = {label: np.random.default_rng(ord(label)).normal(size=shape) for label, shape in shapes.items()}
    assert faults(Drawn(loss, shapes), number(loss, values), values) == []
