"""Large arrays are printed by their first and last lines, with dots and the shape; their numbers are those of the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import Grid, Under, to_latex, to_text
from symback.page.sheet import sheet_of


def derivation(rows: int, columns: int) -> sb.Derivation:
    text = f"""
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=({rows}, 3))
W = rng.normal(size=(3, {columns}))
A = np.tanh(X @ W)
L = np.sum(A**2) / {rows}
"""
    return sb.derive(sb.parse(text, wrt="W"))


def printed(value: Any, d: sb.Derivation) -> Any:
    page = sheet_of(d.record, None, "en", "auto", {"numbers": True})
    assert page.numerals is not None
    return page.numerals.printed(np.asarray(value))


@pytest.mark.parametrize(("rows", "columns"), [(24, 2), (2, 24), (13, 13), (9, 9), (200, 100)])
def test_the_first_and_last_lines_are_those_of_the_array(rows: int, columns: int) -> None:
    d = derivation(4, 2)
    value = np.arange(rows * columns).reshape(rows, columns) % 997.0
    node = printed(value, d)
    assert isinstance(node, Under) and isinstance(node.body, Grid)
    cells = [[to_text(cell) for cell in line] for line in node.body.rows]
    kept = [[*range(n)] if n <= 8 else [0, 1, 2, None, n - 1] for n in (rows, columns)]
    for i, line in zip(kept[0], cells, strict=True):
        for j, cell in zip(kept[1], line, strict=True):
            if i is None or j is None:
                assert cell == {(True, False): "⋮", (False, True): "⋯", (True, True): "⋱"}[i is None, j is None]
            else:
                assert float(cell) == value[i, j]
    assert to_text(node).endswith(f"{rows} × {columns}]") or f"{rows} × {columns}" in to_text(node)
    assert r"\vdots" in to_latex(node) or r"\cdots" in to_latex(node)


def test_what_fits_is_printed_whole() -> None:
    d = derivation(4, 2)
    for shape in ((12, 8), (8, 12), (12,), (1, 1)):
        assert not isinstance(printed(np.ones(shape), d), Under)


def test_a_page_of_large_arrays_has_their_numbers() -> None:
    d = derivation(24, 2)
    text = " ".join(str(d.handout()).split())
    A = d.evaluate().values["A"]
    for value in (*A[0], *A[1], *A[2], *A[-1]):
        assert f"{value:.4g}".replace("-", "−") in text
    assert "⋮" in text and "24 × 2" in text
    assert f"{A[7, 0]:.4g}".replace("-", "−") not in text
    gradient = d.evaluate().gradients["W"]
    assert all(f"{v:.4g}".replace("-", "−") in text for v in gradient.ravel())
