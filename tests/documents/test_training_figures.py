"""Pictures of training are of what the code does: compared with the executed text, its losses, predictions and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_text
from symback.documents.document import Figure, Heading
from symback.page.picture import Box, Circle, Edge, Label
from tests.support.lesson_texts import CLASSES

LINE = """
import numpy as np
x = np.array([0.0, 1.0, 2.0, 3.0])
y = np.array([1.0, 2.9, 5.2, 6.8])
w = 0.5
b = 0.0
for step in range(40):
    yhat = w * x + b
    L = np.mean((yhat - y)**2)
    w -= 0.1 * np.mean(2 * (yhat - y) * x)
    b -= 0.1 * np.mean(2 * (yhat - y))
"""


def executed(text: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(text, scope)
    return scope


def figures(text: str, **options: Any) -> dict[str, Figure]:
    """Return the pictures below the heading of training, by the first words of their captions."""
    blocks = sb.derive(sb.parse(text)).handout(**options).document.blocks
    start = next((k for k, b in enumerate(blocks) if isinstance(b, Heading) and b.text == ("Training",)), None)
    if start is None:
        return {}
    found = [b for b in blocks[start + 1 :] if isinstance(b, Figure)]
    return {"".join(p for p in f.caption if isinstance(p, str)).split(": ", 1)[1][:14]: f for f in found}


def marks(figure: Figure, kind: type, name: str) -> list[Any]:
    return [m for m in figure.picture.marks if isinstance(m, kind) and m.kind == name]


def test_the_curve_is_that_of_the_executed_text() -> None:
    found = figures(LINE)
    assert len(found) == 3
    text = LINE.replace("    w -=", "    losses.append(L)\n    w -=").replace("for step", "losses = []\nfor step")
    losses = executed(text)["losses"]
    figure = next(iter(found.values()))
    [curve] = marks(figure, Edge, "curve")
    heights = np.array([y for _, y in curve.points])
    assert len(heights) == 41
    # one affine map takes losses to heights
    wanted = np.log10(losses) if max(losses) / min(losses) > 100 else np.array(losses)
    slope, start = np.polyfit(wanted, heights[:-1], 1)
    np.testing.assert_allclose(heights[:-1], slope * wanted + start, atol=0.02)
    assert slope < 0 and f"{losses[0]:.4g}" in figure.description


def test_predictions_before_and_after_are_those_of_the_text() -> None:
    figure = list(figures(LINE).values())[1]
    scope = executed(LINE)
    y, start = scope["y"], 0.5 * scope["x"]
    after = scope["w"] * scope["x"] + scope["b"]
    dots = {kind: np.array([m.y for m in marks(figure, Circle, kind)]) for kind in ("wanted", "before", "after")}
    slope, offset = np.polyfit(y, dots["wanted"], 1)
    np.testing.assert_allclose(dots["before"], slope * start + offset, atol=0.02)
    np.testing.assert_allclose(dots["after"], slope * after + offset, atol=0.02)
    assert f"{np.abs(after - y).mean():.4g}" in figure.description


def test_the_way_over_the_loss_is_that_of_the_weights() -> None:
    figure = list(figures(LINE).values())[-1]
    [path] = marks(figure, Edge, "path")
    scope = executed(
        LINE.replace("    w -=", "    way.append((w, b))\n    w -=").replace("for step", "way = []\nfor step")
    )
    way = np.array([*scope["way"], (scope["w"], scope["b"])])
    points = np.array(path.points)
    moved = np.abs(way[-1] - way[0])
    order = [0, 1] if moved[0] >= moved[1] else [1, 0]
    for k, column in enumerate(order):
        slope, start = np.polyfit(way[:, column], points[:, k], 1)
        np.testing.assert_allclose(points[:, k], slope * way[:, column] + start, atol=0.02)
    shades = np.array([m.shade for m in marks(figure, Box, "level")])
    assert shades.min() == 0 < shades.max() <= 0.75
    assert "the other parameters" not in "".join(p for p in figure.caption if isinstance(p, str))


def test_the_boundary_colors_the_plane_by_the_predicted_class() -> None:
    found = list(figures(CLASSES).values())
    figure = next(f for f in found if marks(f, Box, "first side"))
    scope = executed(CLASSES)
    cells = [m for m in figure.picture.marks if isinstance(m, Box) and m.shade is not None]
    points = {kind: marks(figure, Circle, f"{kind} class") for kind in ("first", "second")}
    assert [len(p) for p in points.values()] == [3, 3]
    # pixels to the units of the data, by the points of both classes in order
    pixels = np.array([(m.x, m.y) for kind in points for m in points[kind]])
    data = np.concatenate([scope["X"][scope["y"][:, 0] == c] for c in (0, 1)])
    maps = [np.polyfit(pixels[:, k], data[:, k], 1) for k in (0, 1)]
    for cell in cells:
        at = np.array([np.polyval(m, v) for m, v in zip(maps, (cell.x, cell.y), strict=True)])
        score = float((at @ scope["W"] + scope["b"]).item())
        if abs(score) > 0.05:
            assert cell.kind == ("second side" if score > 0 else "first side"), at
    assert "6 of 6" in figure.description


@pytest.mark.parametrize(
    "text",
    [
        LINE.replace("range(40)", "range(1)"),
        "x = 1.0\nw = 2.0\nL = (w * x - 1)**2\n",
    ],
    ids=["one update", "no updates"],
)
def test_nothing_is_drawn_where_nothing_is_trained(text: str) -> None:
    assert figures(text) == {}


def test_updates_that_are_too_long_are_drawn_as_a_curve_alone() -> None:
    [(_, figure)] = figures(LINE.replace("0.1 *", "0.3 *")).items()
    assert marks(figure, Edge, "curve") and not marks(figure, Edge, "path")


def test_samples_that_change_each_other_have_no_boundary() -> None:
    text = CLASSES.replace("X @ W + b)", "(X - X.mean(axis=0)) @ W + b)").replace("X.T @", "(X - X.mean(axis=0)).T @")
    found = figures(text)
    assert found and not any(marks(f, Box, "first side") for f in found.values())


def test_brief_lessons_have_no_pictures_and_korean_ones_say_theirs() -> None:
    d = sb.derive(sb.parse(LINE))
    assert not [b for b in d.handout(level="brief").document.blocks if isinstance(b, Figure)]
    captions = [b.caption for b in d.handout(lang="ko").document.blocks if isinstance(b, Figure)]
    said = " ".join("".join(p if isinstance(p, str) else to_text(p) for p in c) for c in captions)
    assert "40번 갱신" in said and "updates" not in said
    labels = [
        m.body
        for b in d.handout(lang="ko").document.blocks
        if isinstance(b, Figure)
        for m in b.picture.marks
        if isinstance(m, Label) and isinstance(m.body, str)
    ]
    assert "갱신 횟수" in labels
