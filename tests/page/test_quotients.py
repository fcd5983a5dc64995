"""Numbers in one quotient, sums behind what divides them, and norms, read back as numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from tests.support.latex_reader import FUNCTIONS, ReadBackError, Reader, sides

VALUES: dict[str, Any] = {
    "x": np.random.default_rng(0).uniform(0.2, 0.9, (16, 4)),
    "W": np.random.default_rng(1).uniform(0.2, 0.9, (4, 3)),
    "V": np.random.default_rng(2).uniform(0.2, 0.9, (4, 3)),
    "w": np.random.default_rng(3).uniform(0.2, 0.9, (4,)),
    "lam": 0.7,
    "m": 5.0,
}
LOSSES = {
    "0.5 * np.mean(x**2)": r"\frac{1}{128} \sum_{i,j} x_{ij}^2",
    "-np.sum(np.log(x)) / m": r"-\frac{1}{m} \sum_{i,j} \log x_{ij}",
    "np.sum(np.exp(x)) / (3 * m)": r"\frac{1}{3 m} \sum_{i,j} e^{x_{ij}}",
    "0.5 * np.sum(np.exp(x)) / m": r"\frac{1}{2 m} \sum_{i,j} e^{x_{ij}}",
    "lam * np.mean(np.exp(x)) / 2": r"\frac{\lambda}{128} \sum_{i,j} e^{x_{ij}}",
    "0.1 * np.mean(np.exp(x))": r"\frac{0.1}{64} \sum_{i,j} e^{x_{ij}}",
    "0.5 * np.exp(-np.mean(x) / 0.3)": r"\frac{1}{2} \exp\left(-\frac{1}{0.3} \frac{1}{64} \sum_{i,j} x_{ij}\right)",
    "np.sum(np.exp(x)) / np.sum(x)": r"\frac{\sum_{i,j} e^{x_{ij}}}{\sum_{i,j} x_{ij}}",
    "np.sum(x) / m * np.exp(m)": r"\frac{\sum_{i,j} x_{ij}}{m} e^m",
    "np.linalg.norm(w)": r"\lVert w\rVert",
    "np.linalg.norm(W)": r"\lVert W\rVert_F",
    "np.linalg.norm(W - V)**2": r"\lVert W - V\rVert_F^2",
    "np.sum((W - V)**2)": r"\sum_{i,j} (W_{ij} - V_{ij})^2",
    "0.5 * w @ w": r"\frac{1}{2} w^\top w",
    "lam / 2 * (np.sum(W**2) + np.sum(w**2))": r"\frac{\lambda}{2}(\lVert W\rVert_F^2 + \lVert w\rVert^2)",
    "0.5 * lam * (np.sum(W**2) + np.sum(V**2))": r"\frac{\lambda}{2}(\lVert W\rVert_F^2 + \lVert V\rVert_F^2)",
    "m / np.linalg.norm(w) * w @ w": None,
}


def _of(text: str) -> sb.Derivation:
    used = set(re.findall(r"\w+", text))
    values = {k: v for k, v in VALUES.items() if k in used}
    return sb.derive(sb.parse(f"L = {text}", values=values, wrt=[n for n in ("x", "W", "V", "w", "m") if n in used]))


@pytest.mark.parametrize("text", LOSSES)
def test_a_loss_has_its_numbers_in_one_quotient(text: str) -> None:
    derived = _of(text)
    printed = derived.network.equation("L").written
    line = next(line for line in derived.latex().splitlines() if line.startswith("L &="))
    first = sides(line.removesuffix(r" \\"))[1]
    if LOSSES[text] is not None:
        assert first.strip() == LOSSES[text]
    known = {r"\lambda" if k == "lam" else k: _matrix(v) for k, v in VALUES.items()}
    read = float(np.squeeze(Reader(known, FUNCTIONS).value(first)))
    assert read == pytest.approx(float(eval(text, {"np": np, **VALUES})), rel=1e-12) and printed.shape == ()


def _matrix(value: Any) -> Any:
    array = np.asarray(value)
    return array.reshape(-1, 1) if array.ndim == 1 else array


def test_a_direction_is_one_quotient() -> None:
    for text, latex in (
        ("np.linalg.norm(w)", r"\frac{w}{\lVert w\rVert}"),
        ("lam * np.linalg.norm(w)", r"\lambda \frac{w}{\lVert w\rVert}"),
    ):
        assert _of(text).gradient("w", closed=True).latex() == latex


def test_a_trace_of_squares_is_a_norm_and_the_penalty_comes_last() -> None:
    n, d, k = sp.symbols("n d k", integer=True, positive=True)
    A, U, V, lam = (
        sp.MatrixSymbol("A", n, k),
        sp.MatrixSymbol("U", n, d),
        sp.MatrixSymbol("V", d, k),
        sp.Symbol("lambda"),
    )
    R = A - U * V
    loss = sp.Trace(R.T * R) / 2 + lam * sp.Trace(U.T * U) / 2
    printed = sb.derive(sb.network(loss), wrt=[U, V]).latex()
    assert r"\frac{1}{2}\lVert A - U V\rVert_F^2 + \frac{\lambda}{2}\lVert U\rVert_F^2" in printed


def test_the_reader_of_norms_asks_for_an_f() -> None:
    names = {"w": np.ones((3, 1)), "W": np.ones((3, 2))}
    assert Reader(names).value(r"\lVert W\rVert_F^2 + \lVert w\rVert") == pytest.approx(6 + 3**0.5)
    for wrong in (r"\lVert W\rVert", r"\lVert w\rVert_F", r"\lVert w\rVert_1"):
        with pytest.raises(ReadBackError):
            Reader(names).value(wrong)


def test_what_divides_a_derivative_stands_before_it() -> None:
    text = """
mu = a.mean(axis=-1, keepdims=True)
sigma = np.sqrt(((a - mu)**2).mean(axis=-1, keepdims=True) + 0.1)
a_hat = (a - mu) / sigma
L = np.sum(a_hat**3)
"""
    lines = sb.derive(sb.parse(text, shapes={"a": (16, 4)}, wrt=["a"])).text()
    assert "∂L/∂σᵢ = −(1/σᵢ²) Σⱼ ∂L/∂âᵢⱼ (aᵢⱼ − μᵢ)" in lines and "∂L/∂v = 1/(2 σ) ⊙ ∂L/∂σ" in lines
