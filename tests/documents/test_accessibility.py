"""Pages are judged by axe, in a browser: what people with a screen reader, a keyboard or little sight cannot use is found."""

from __future__ import annotations

from pathlib import Path

import pytest

import symback as sb
from symback.documents.formats.html import render
from tests.support import needs
from tests.support.browser import judged
from tests.support.lesson_texts import CLASSES
from tests.support.lessons import made

ATTENTION = """
import numpy as np
X = np.array([[0.5, -0.2, 0.1], [0.3, 0.8, -0.5]])
Y = np.array([[1.0, 0.0], [0.0, 1.0]])
W_Q = np.array([[0.2, -0.1], [0.4, 0.3], [-0.3, 0.5]])
W_K = np.array([[0.1, 0.6], [-0.2, 0.3], [0.5, -0.4]])
W_V = np.array([[0.3, 0.2], [0.1, -0.5], [0.7, 0.4]])
Q, K, V = X @ W_Q, X @ W_K, X @ W_V
S = Q @ K.T / np.sqrt(2)
A = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
L = np.mean((A @ V - Y) ** 2)
"""
SERIOUS = ("serious", "critical")


def handed_out(text: str, **options: str) -> str:
    return render(sb.derive(sb.parse(text)).handout(**options).document)  # type: ignore[arg-type]


def pages() -> dict[str, str]:
    """Return pages that have every kind of block: formulas, notes, tables, graphs, heat maps, curves and code."""
    return {
        "two-layers": render(made("two_layer_sigmoid", "en", "full")),
        "softmax-ko": render(made("softmax_ce", "ko", "full")),
        "attention": handed_out(ATTENTION, graph="operations"),
        "training-ko": handed_out(CLASSES, lang="ko"),
        "brief": render(made("matrix_relu", "en", "brief")),
    }


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)], ids=["phone", "dark"])
def test_axe_finds_nothing_serious(width: int, dark: bool, tmp_path: Path) -> None:
    needs.engine("chromium")
    found = judged(pages(), (width,), tmp_path, dark)
    assert len(found) == 5
    for place, result in found.items():
        assert result["dark"] is dark and result["passed"] >= 15, place
        assert [v for v in result["violations"] if v["impact"] in SERIOUS] == [], place


PLANTED = {
    "html-has-lang": ('<html lang="en"', "<html"),
    "svg-img-alt": ("<figure", '<svg role="img" width="9" height="9"></svg><figure'),
    "color-contrast": ("<p>", '<p style="color:#ddd;background:#eee">'),
}


def test_axe_finds_what_is_planted(tmp_path: Path) -> None:
    needs.engine("chromium")
    page = render(made("two_layer_sigmoid"))
    for old, new in PLANTED.values():
        assert old in page
        page = page.replace(old, new, 1)
    (result,) = judged({"planted": page}, (1280,), tmp_path).values()
    assert set(PLANTED) <= {v["id"] for v in result["violations"] if v["impact"] in SERIOUS}
