"""Pictures: the right units, weights and values at the right places; nothing covers anything else."""

from __future__ import annotations

import itertools
import json
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_text
from symback.documents.formats.svg import svg
from symback.documents.formats.tikz import PREAMBLE, tikz
from symback.page.diagram import layers_of, network_picture
from symback.page.graph import graph_picture
from symback.page.picture import Edge, Label, Picture, box_of, overlap
from tests.support.browser import run
from tests.support.places import EXAMPLES
from tests.support.small_networks import derivation
from tests.support.tex import compiled, complaints

ROW = """
import numpy as np
x = np.array([[0.5, 0.8, -0.3]])
y = np.array([[1.0]])
W1 = np.array([[0.1, 0.3], [0.2, 0.4], [0.7, -0.6]])
b1 = np.array([0.1, 0.2])
W2 = np.array([[0.5], [0.6]])
b2 = np.array([0.3])
z1 = x @ W1 + b1
a1 = 1 / (1 + np.exp(-z1))
z2 = a1 @ W2 + b2
a2 = 1 / (1 + np.exp(-z2))
loss = 0.5 * (y - a2)**2
"""
TORCH = (
    ROW.replace("np.array([[0.1, 0.3], [0.2, 0.4], [0.7, -0.6]])", "np.array([[0.1, 0.2, 0.7], [0.3, 0.4, -0.6]])")
    .replace("x @ W1", "x @ W1.T")
    .replace("[[0.5], [0.6]]", "[[0.5, 0.6]]")
    .replace("a1 @ W2", "a1 @ W2.T")
)
COLUMN = """
import numpy as np
x = np.array([[0.5], [0.8], [-0.3]])
y = np.array([[1.0]])
W1 = np.array([[0.1, 0.2, 0.7], [0.3, 0.4, -0.6]])
b1 = np.array([[0.1], [0.2]])
W2 = np.array([[0.5, 0.6]])
b2 = np.array([[0.3]])
z1 = W1 @ x + b1
a1 = np.maximum(0, z1)
z2 = W2 @ a1 + b2
a2 = 1 / (1 + np.exp(-z2))
loss = np.sum((y - a2)**2)
"""
LAYOUTS = {"row": ROW, "torch": TORCH, "column": COLUMN}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_edge_carries_the_weight_that_joins_its_two_units(layout: str) -> None:
    d = derivation(LAYOUTS[layout])
    layers = layers_of(d.network)
    assert layers is not None
    assert [(layer.array, layer.units) for layer in layers] == [("x", 3), ("a1", 2), ("a2", 1)]
    base = {k: np.array(v, dtype=float) for k, v in d.network.values.items()}
    namespace: dict[str, np.ndarray] = {}

    def pre_activations(weight: str, index: tuple[int, ...], step: float) -> tuple[np.ndarray, np.ndarray]:
        values = {k: v.copy() for k, v in base.items()}
        values[weight][index] += step
        forward = "\n".join(line for line in LAYOUTS[layout].splitlines() if line.startswith(("z", "a")))
        namespace.update(values, np=np)  # type: ignore[arg-type]
        exec(forward, namespace)
        return namespace["z1" if weight == "W1" else "z2"].ravel(), namespace["x" if weight == "W1" else "a1"].ravel()

    for layer, before in zip(layers[1:], layers, strict=False):
        assert layer.weights is not None and isinstance(before.units, int) and isinstance(layer.units, int)
        for i, j in itertools.product(range(before.units), range(layer.units)):
            index = layer.weights.entry(i, j)
            moved, source = pre_activations(layer.weights.name, index, 1.0)
            still, _ = pre_activations(layer.weights.name, index, 0.0)
            expected = np.zeros_like(still)
            expected[j] = source[i]
            np.testing.assert_allclose(moved - still, expected, atol=1e-12)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_unit_weight_and_bias_is_labelled_once(layout: str) -> None:
    picture = network_picture(derivation(LAYOUTS[layout]).record)
    assert picture is not None
    labels = [to_text(m.body) for m in picture.marks if isinstance(m, Label) and not isinstance(m.body, str)]
    assert len(labels) == len(set(labels)) == 3 + 2 + 1 + 6 + 2 + 2 + 1
    edges = [m for m in picture.marks if isinstance(m, Edge)]
    assert len(edges) == 8
    assert [m.body for m in picture.marks if isinstance(m, Label) and isinstance(m.body, str)] == [
        "input layer",
        "hidden layer",
        "output layer",
    ]


def test_numbering_of_entries_is_that_of_the_entries_view() -> None:
    picture = network_picture(derivation(ROW).record, numbering="running")
    assert picture is not None
    labels = [
        to_text(m.body)
        for m in picture.marks
        if isinstance(m, Label) and m.kind == "weight" and not isinstance(m.body, str)
    ]
    assert sorted(labels) == ["W₁", "W₂", "W₃", "W₄", "W₅", "W₆", "W₇", "W₈"]


def test_the_graph_carries_values_and_their_derivatives() -> None:
    d = sb.derive(
        sb.parse("x = 3.5\ny = 0.0\nw = 2.0\nb = 1.0\nh = x * w\nz = h + b\nL = (z - y)**2 + h\n", wrt=["w", "b"])
    )
    picture = graph_picture(d.record, d.evaluate(), digits=6)
    assert picture is not None
    found = {
        kind: sorted(
            to_text(m.body)
            for m in picture.marks
            if isinstance(m, Label) and m.kind == kind and not isinstance(m.body, str)
        )
        for kind in ("forward", "gradient")
    }
    # h = 7, z = 8, L = 71; dz = 16, dh = 16 by z and 1 directly, dw = 17 * 3.5, db = 16
    assert found["forward"] == sorted(["3.5", "0", "2", "1", "7", "7", "8", "L = 71"])
    assert found["gradient"] == sorted(["59.5", "16", "16", "1", "16", "∂L/∂L = 1"])
    assert "x → h: forward 3.5. w → h: forward 2, back 59.5." in picture.description
    assert picture.description.endswith("L = 71, ∂L/∂L = 1.")


def test_large_and_unusual_networks() -> None:
    wide = sb.derive(
        sb.parse(
            "x = np.zeros((4, 784))\ny = np.zeros((4, 10))\nW1 = np.zeros((784, 256))\nW2 = np.zeros((256, 10))\n"
            "h = np.tanh(x @ W1)\nL = np.mean((h @ W2 - y)**2)\n"
        )
    )
    picture = network_picture(wide.record)
    assert picture is not None
    labels = {to_text(m.body) for m in picture.marks if isinstance(m, Label) and not isinstance(m.body, str)}
    assert {"784×256", "256×10", "4×784"} <= {text.replace(" ", "") for text in labels}
    branching = sb.derive(sb.parse("x = 1.0\nw = 2.0\nh = x * w\nL = np.tanh(h) * h\n"))
    assert network_picture(branching.record) == graph_picture(branching.record)
    chain = "\n".join(["x = np.ones((1, 3))", *(f"W{k} = np.ones((3, 3))" for k in range(1, 41))])
    chain += "\nh0 = x\n" + "\n".join(f"h{k} = np.tanh(h{k - 1} @ W{k})" for k in range(1, 41)) + "\nL = np.sum(h40)\n"
    deep = sb.derive(sb.parse(chain))
    picture = network_picture(deep.record)
    assert picture is not None and picture.width < 900
    assert graph_picture(deep.record) is None


MEASURE = """
<script>
const boxes = [...document.querySelectorAll('text:not(.halo)')].map(t => {
  const b = t.getBBox(); return [t.textContent, t.getAttribute('class'), b.x, b.y, b.x + b.width, b.y + b.height]; });
const svg = document.querySelector('svg').viewBox.baseVal;
document.body.innerHTML = '<pre>' + JSON.stringify({boxes, width: svg.width, height: svg.height}) + '</pre>';
</script>
"""


def measured(picture: Picture, folder: Path) -> dict[str, object]:
    page = folder / "page.html"
    page.write_text(f"<meta charset='utf-8'><body>{svg(picture)}{MEASURE}</body>", encoding="utf-8")
    shown = run(["--dump-dom", page.as_uri()], folder)
    found = re.search(r"<pre>(.*)</pre>", shown, re.DOTALL)
    assert found is not None
    return json.loads(found.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))  # type: ignore[no-any-return]


def covered(boxes: list[list[object]]) -> list[tuple[object, object]]:
    found = []
    for (a, _, *p), (b, _, *q) in itertools.combinations(boxes, 2):
        wide = min(p[2], q[2]) - max(p[0], q[0])  # type: ignore[type-var, operator]
        # the line box of a font is taller than its letters
        high = min(p[3], q[3]) - max(p[1], q[1]) - 3.5  # type: ignore[type-var, operator]
        if wide > 0.8 and high > 0.8:
            found.append((a, b))
    return found


@pytest.mark.parametrize("which", ["row", "wide", "values"])
def test_no_label_covers_another_in_a_browser(which: str, tmp_path: Path) -> None:
    text = ROW
    if which == "wide":
        text = (
            ROW.replace(
                "[[0.1, 0.3], [0.2, 0.4], [0.7, -0.6]]", "[[0.1, 0.3, 1, 1], [0.2, 0.4, 1, 1], [0.7, -0.6, 1, 1]]"
            )
            .replace("[0.1, 0.2]", "[0.1, 0.2, 0.3, 0.4]")
            .replace("[[0.5], [0.6]]", "[[0.5], [0.6], [0.7], [0.8]]")
        )
    d = derivation(text)
    picture = graph_picture(d.record, d.evaluate()) if which == "values" else network_picture(d.record)
    assert picture is not None
    found = measured(picture, tmp_path)
    boxes = found["boxes"]
    assert isinstance(boxes, list) and len(boxes) > 10
    assert covered(boxes) == []
    for text, _, left, top, right, bottom in boxes:
        assert left >= -0.5 and top >= -4 and right <= found["width"] + 0.5 and bottom <= found["height"] + 4, text


def test_the_measure_sees_a_label_on_top_of_another(tmp_path: Path) -> None:
    picture = network_picture(derivation(ROW).record)
    assert picture is not None
    label = next(m for m in picture.marks if isinstance(m, Label) and m.kind == "weight")
    planted = Picture(picture.width, picture.height, (*picture.marks, Label(label.x + 3, label.y, "w", kind="weight")))
    assert len(covered(measured(planted, tmp_path)["boxes"])) == 1  # type: ignore[arg-type]


HOSTILE = 'x"><script>alert(1)</script>&\\end{document}$%'


def test_svg_is_xml_whatever_stands_in_it() -> None:
    picture = Picture(100, 50, (Label(50, 25, HOSTILE, halo=True),), HOSTILE)
    root = ET.fromstring(svg(picture))
    texts = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [HOSTILE, HOSTILE]
    assert {e.tag.rpartition("}")[2] for e in root.iter()} == {"svg", "title", "defs", "marker", "path", "text"}


def test_tikz_compiles(tmp_path: Path) -> None:
    d = derivation(ROW)
    pictures = [
        network_picture(d.record),
        graph_picture(d.record, d.evaluate()),
        Picture(100, 50, (Label(50, 25, HOSTILE),)),
    ]
    body = "\n\n".join(r"\noindent" + tikz(p) for p in pictures if p is not None)
    text = "\n".join(
        [r"\documentclass{article}", r"\usepackage{amsmath}", *PREAMBLE, r"\begin{document}", body, r"\end{document}"]
    )
    assert complaints(compiled(text, "pdflatex", tmp_path), 0) == []


def test_the_same_picture_twice() -> None:
    d = derivation(ROW)
    assert svg(network_picture(d.record) or Picture(0, 0, ())) == svg(
        network_picture(derivation(ROW).record) or Picture(0, 0, ())
    )
    again = derivation(ROW)
    assert graph_picture(d.record, d.evaluate()) == graph_picture(again.record, again.evaluate())


def test_the_units_of_a_batch_are_those_of_any_row() -> None:
    text = (
        "X = np.array([[0., 1.], [1., 1.], [1., 0.]])\ny = np.ones((3, 1))\nW1 = np.ones((2, 2))\nW2 = np.ones((2, 1))\n"
        "h = np.tanh(X @ W1)\np = h @ W2\nloss = np.mean((p - y)**2)\n"
    )
    picture = network_picture(sb.derive(sb.parse(text)).record)
    assert picture is not None
    units = [
        to_text(m.body)
        for m in picture.marks
        if isinstance(m, Label) and m.kind == "unit" and not isinstance(m.body, str)
    ]
    assert units == ["Xᵢ₁", "Xᵢ₂", "hᵢ₁", "hᵢ₂", "pᵢ"]


def test_values_stand_on_the_left_of_an_edge_and_derivatives_on_its_right() -> None:
    d = sb.derive(sb.read(EXAMPLES / "matrix_relu.py"))
    picture = graph_picture(d.record, d.evaluate())
    assert picture is not None
    edges = [m for m in picture.marks if isinstance(m, Edge)]
    for label in (m for m in picture.marks if isinstance(m, Label) and m.kind in ("forward", "gradient")):
        side = -1 if label.kind == "forward" else 1
        assert label.anchor == ("end" if side < 0 else "start")
        # it touches its own edge and no other comes between
        assert any(
            min(a[1], b[1]) <= label.y + 7
            and label.y - 7 <= max(a[1], b[1])
            and side * (label.x - (a[0] + (label.y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))) > 0
            for edge in edges
            for a, b in itertools.pairwise(edge.points)
        )


def test_no_two_arrows_end_at_one_place_and_labels_have_room() -> None:
    text = (
        "x1 = np.array([[1.0, 0.0]]); x2 = np.array([[0.0, 1.0]]); y = np.array([[1.0]])\n"
        "U = np.array([[0.5, -0.2], [0.1, 0.3]]); W = np.array([[0.2, 0.4], [-0.1, 0.3]]); V = np.array([[0.7], [-0.5]])\n"
        "h1 = np.tanh(x1 @ U)\nh2 = np.tanh(x2 @ U + h1 @ W)\nloss = 0.5 * np.sum((h2 @ V - y)**2)\n"
    )
    d = sb.derive(sb.parse(text))
    for evaluation in (None, d.evaluate()):
        picture = graph_picture(d.record, evaluation)
        assert picture is not None
        ends = [m.points[-1] for m in picture.marks if isinstance(m, Edge) and m.arrow]
        assert len(ends) > 8
        assert min(math.dist(a, b) for a, b in itertools.combinations(ends, 2)) > 8.0
    labels = [box_of(m) for m in picture.marks if isinstance(m, Label) and m.kind in ("forward", "gradient")]
    for (left, top, right, bottom), other in itertools.combinations(labels, 2):
        assert not overlap((left - 2, top - 2, right + 2, bottom + 2), other)
