"""Planes and heat maps: points stand where their numbers are, cells are as dark as their numbers are large."""

from __future__ import annotations

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_text
from symback.page.heat_map import heat_map
from symback.page.picture import Box, Circle, Edge, Label
from symback.page.plane import Plane, around, spans_decades

ATTENTION = """
import numpy as np
X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
W_Q = np.array([[1.0, 0.0], [1.0, 1.0]])
W_K = np.array([[1.0, 1.0], [0.0, 1.0]])
W_V = np.array([[1.0, 2.0], [-1.0, 1.0]])
Q, K, V = X @ W_Q, X @ W_K, X @ W_V
S = Q @ K.T / np.sqrt(2)
A = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
O = A @ V
P = np.exp(O) / np.exp(O).sum(axis=1, keepdims=True)
L = np.sum(P**2)
"""


def test_points_stand_where_their_numbers_are() -> None:
    plane = Plane((0, 10), (-1.0, 3.0), "x", "y", width=100.0, height=80.0)
    x0, y0 = plane.at(0, -1.0)
    x1, y1 = plane.at(10, 3.0)
    assert (x1 - x0, y0 - y1) == (100.0, 80.0)
    assert plane.at(5, 1.0) == ((x0 + x1) / 2, (y0 + y1) / 2)
    plane.dot(2.5, 0.0, "after")
    plane.dot(11.0, 0.0, "after")  # outside
    plane.curve([(0, 0), (4, 1), (4, 9), (6, 1), (7, 2)], "curve")
    picture = plane.picture("said")
    assert [m.x for m in picture.marks if isinstance(m, Circle)] == [x0 + 25.0]
    curves = [m for m in picture.marks if isinstance(m, Edge) and m.kind == "curve"]
    assert [len(c.points) for c in curves] == [2, 2]


def test_numbers_along_an_axis_stand_at_their_place() -> None:
    plane = Plane((0.0, 0.9), (1e-4, 10.0), "x", "y", logarithmic=True)
    for mark in plane.picture("").marks:
        if isinstance(mark, Label) and not isinstance(mark.body, str):
            value = float(
                to_text(mark.body)
                .replace("−", "-")
                .replace(" · 10⁻⁴", "e-4")
                .replace("10⁻⁴", "1e-4")
                .replace("10⁻³", "1e-3")
            )
            along = plane.at(value, 1.0)[0] if mark.anchor == "middle" else plane.at(0.0, value)[1]
            assert (mark.x if mark.anchor == "middle" else mark.y) == pytest.approx(along, abs=0.02)
    assert spans_decades([1e-3, 1.0]) and not spans_decades([0.0, 1.0]) and not spans_decades([0.5, 1.0])
    assert around([2.0, 2.0])[0] < 2.0 < around([2.0, 2.0])[1]


def test_cells_are_as_dark_as_their_numbers() -> None:
    values = np.array([[0.1, 0.9], [0.5, 0.5], [1.0, 0.0]])
    picture = heat_map(values, "query {}", "key {}")
    assert picture is not None
    cells = [m for m in picture.marks if isinstance(m, Box)]
    shades = np.array([c.shade for c in cells], dtype=float)
    np.testing.assert_allclose(shades / shades.max(), values.ravel(), atol=0.002)
    texts = [m.body for m in picture.marks if isinstance(m, Label) and isinstance(m.body, str)]
    assert texts == ["key 1", "key 2", "query 1", "query 2", "query 3"]
    assert heat_map(np.eye(13), "{}", "{}") is None and heat_map(np.zeros((5, 2, 2)), "{}", "{}") is None
    heads = heat_map(np.stack([values[:2], values[1:]]), "{}", "{}")
    assert heads is not None and len([m for m in heads.marks if isinstance(m, Box)]) == 8


def test_the_weights_of_attention_are_found_and_classes_are_not() -> None:
    d = sb.derive(sb.parse(ATTENTION))
    lessons = {language: d.handout(lang=language).document for language in ("en", "ko")}
    for document in lessons.values():
        figure = next(b for b in document.blocks if type(b).__name__ == "Figure" and "0.4011" in b.description)
        assert any(isinstance(m, Box) and m.shade for m in figure.picture.marks)
    assert "query 1: 0.4011, 0.1978, 0.4011." in str([getattr(b, "description", "") for b in lessons["en"].blocks])
