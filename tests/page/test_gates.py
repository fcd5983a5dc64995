"""The graph of operations: every gate computes what its sign says, and what flows back is above times local, by differences."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_text
from symback.core.forms import walk
from symback.page.gates import gates_of, gates_picture
from symback.page.picture import Label
from symback.run.numeric import evaluate

UNITS = """
import numpy as np
x1, x2 = 1.0, 0.5
w1, w2, w3, w4, w5, w6 = 2.0, 2.0, 2.0, -12.0, 1.5, 3.0
b1, b2, b3 = -1.0, 1.0, 0.5
z1 = w1*x1 + w2*x2 + b1
h1 = np.maximum(0, z1)
z2 = w3*x1 + w4*x2 + b2
h2 = np.maximum(0, z2)
yhat = w5*h1 + w6*h2 + b3
E = 0.5*(yhat - 3)**2
"""
TEXTS = {
    "two units": UNITS,
    "exp and log": "import numpy as np\nw, x = 0.7, -1.2\nL = np.log(1 + np.exp(-w * x)) + w**2 / 8\n",
    "a fork": "w, x = 0.7, 1.3\nh = w * x\nL = (h - 1)**2 + h * w\n",
    "a quotient": "import numpy as np\na, b, c = 2.0, -3.0, 0.5\nL = np.maximum(a / b, c) - a * b * c + np.sqrt(a)\n",
}


def labels(picture: Any, kind: str) -> list[str]:
    return [
        to_text(m.body)
        for m in picture.marks
        if isinstance(m, Label) and m.kind == kind and not isinstance(m.body, str)
    ]


@pytest.mark.parametrize("kind", TEXTS)
def test_the_operations_are_the_network(kind: str) -> None:
    d = sb.derive(sb.parse(TEXTS[kind]))
    whole, finer = d.evaluate(), evaluate(gates_of(d.record).record)
    assert finer.loss == pytest.approx(whole.loss, rel=1e-14)
    for name in d.wrt:
        np.testing.assert_allclose(finer.gradients[name], whole.gradients[name], rtol=1e-13, atol=1e-15)
    for e in gates_of(d.record).record.network.equations:
        kinds = {getattr(node, "op", type(node)) for node in walk(e.form) if node.args}
        assert len(kinds) == 1, e.form


@pytest.mark.parametrize("kind", TEXTS)
def test_what_flows_back_is_above_times_local(kind: str) -> None:
    """Each product is right, and so is its result: the local derivative is a difference of the gate alone."""
    d = sb.derive(sb.parse(TEXTS[kind]))
    picture = gates_picture(d.record, None, digits=9)
    assert picture is not None
    products = [t for t in labels(picture, "gradient") if "×" in t]
    assert products
    for text in products:
        above, local, result = re.split(" × | = ", text.replace("−", "-").replace("(", "").replace(")", ""))
        assert float(above) * float(local) == pytest.approx(float(result), rel=1e-6, abs=1e-8)


def test_the_page_of_two_units_has_the_numbers_of_the_board() -> None:
    picture = gates_picture(sb.derive(sb.parse(UNITS)).record, None)
    assert picture is not None
    forward, back = labels(picture, "forward"), labels(picture, "gradient")
    assert {"z₁ = 2", "h₁ = 2", "z₂ = −3", "h₂ = 0", "ŷ = 3.5", "E = 0.125"} <= set(forward)
    # w₁, w₂, w₅, w₆: by hand
    assert {"0.75", "0.75 × 0.5 = 0.375", "0.5 × 2 = 1", "0.5 × 0 = 0", "1.5 × 0 = 0", "∂E/∂E = 1"} <= set(back)
    signs = [text.strip() for text in labels(picture, "unit")]
    assert [signs.count(s) for s in ("×", "+", "ReLU")] == [6, 3, 2]
    assert {"· − 3", "(·)²"} <= set(signs)


def test_what_comes_back_several_ways_is_added_up() -> None:
    """h has two consumers: 2 (h − 1) = −0.18 and w = 0.7, together 0.52; w has x · 0.52 and h."""
    picture = gates_picture(sb.derive(sb.parse(TEXTS["a fork"]), wrt="w").record, None)
    assert picture is not None
    back = labels(picture, "gradient")
    assert "0.7 − 0.18 = 0.52" in back or "−0.18 + 0.7 = 0.52" in back, back
    assert any(t.endswith("= 1.586") and "+" in t for t in back), back


def test_the_lesson_has_the_graph_that_was_asked_for() -> None:
    d = sb.derive(sb.parse(UNITS))
    captions = {}
    for graph in ("names", "operations", "none"):
        blocks = d.handout(graph=graph).document.blocks
        headings = [to_text_of(b) for b in blocks]
        figures = [k for k, b in enumerate(blocks) if type(b).__name__ == "Figure"]
        third = next(k for k, text in enumerate(headings) if text.startswith("Step 3"))
        captions[graph] = figures
        assert all(k < third for k in figures)
    assert [len(found) for found in captions.values()] == [1, 2, 1]  # the network stands first in each
    with pytest.raises(sb.errors.PrintError, match="there is no graph of 'gates'"):
        d.handout(graph="gates")


def to_text_of(block: Any) -> str:
    return "".join(p if isinstance(p, str) else to_text(p) for p in getattr(block, "text", ()))
