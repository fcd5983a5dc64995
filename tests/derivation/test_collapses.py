"""The lines of a collapse: each is read from its LaTeX and has the value of a difference of the executed code."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_latex
from symback.derivation.collapses import collapse
from symback.page.collapse_view import collapse_displays
from symback.page.sheet import Sheet
from tests.support.latex_reader import FUNCTIONS, Reader, sides

SOFTMAX = "S = np.exp(Z) / np.exp(Z).sum(axis={axis}, keepdims=True)\n"
CASES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "mean cross-entropy of rows": (
        SOFTMAX.format(axis=1) + "L = -np.sum(Y * np.log(S)) / len(Z)",
        {"Z": (4, 3), "Y": (4, 3)},
        "Z",
        "Y",
    ),
    "sum over columns": (
        SOFTMAX.format(axis=0) + "L = -np.sum(np.log(S) * Y)",
        {"Z": (3, 4), "Y": (3, 4)},
        "Z",
        "Y:0",
    ),
    "one sample": (
        "S = np.exp(Z) / np.exp(Z).sum()\nL = -np.sum(Y * np.log(S))",
        {"Z": (5,), "Y": (5,)},
        "Z",
        "Y",
    ),
    "weights of samples": (
        SOFTMAX.format(axis=1) + "L = -np.sum(c * np.sum(Y * np.log(S), axis=1))",
        {"Z": (4, 3), "Y": (4, 3), "c": (4,)},
        "Z",
        "Y",
    ),
    "no fact of the targets": (
        SOFTMAX.format(axis=1) + "L = -np.mean(Y * np.log(S))",
        {"Z": (4, 3), "Y": (4, 3)},
        "Z",
        "",
    ),
    "one class": ("S = np.exp(Z) / np.exp(Z).sum()\nL = -np.log(S[1])", {"Z": (4,)}, "Z", ""),
    "sigmoid and its cross-entropy": (
        "S = 1 / (1 + np.exp(-Z))\nL = -np.mean(Y * np.log(S) + (1 - Y) * np.log(1 - S))",
        {"Z": (4, 2), "Y": (4, 2)},
        "Z",
        "",
    ),
    "both in place of their logarithms": (
        "S = np.exp(Z) / np.exp(Z).sum()\nl = np.log(S)\nL = -np.sum(Y * l)",
        {"Z": (4,), "Y": (4,)},
        "Z",
        "Y",
    ),
    "softmax in front of something else": (
        SOFTMAX.format(axis=1) + "L = np.sum((S @ V - T)**2)",
        {"Z": (4, 3), "V": (3, 2), "T": (4, 2)},
        "Z",
        "",
    ),
    "softmax of columns in front of something else": (
        SOFTMAX.format(axis=0) + "L = np.sum((S - T)**4)",
        {"Z": (4, 3), "T": (4, 3)},
        "Z",
        "",
    ),
    "sigmoid divided": (
        "S = 1 / (1 + np.exp(-Z))\nL = np.sum(Y * np.log(S / (1 - S)))",
        {"Z": (4,), "Y": (4,)},
        "Z",
        "",
    ),
}


def values_of(shapes: dict[str, Any], fact: str) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(7)
    found = {k: generator.uniform(0.2, 0.9, s) for k, s in shapes.items()}
    name, _, axis = fact.partition(":")
    if name:
        found[name] = found[name] / found[name].sum(axis=int(axis or -1), keepdims=True)
    return found


def executed(text: str, values: dict[str, np.ndarray]) -> dict[str, Any]:
    scope: dict[str, Any] = {"np": np, **values}
    exec(text, scope)
    return scope


def slope(text: str, values: dict[str, np.ndarray], of: str) -> np.ndarray:
    """Return central differences of the executed text."""
    found = np.zeros_like(values[of])
    for place in np.ndindex(found.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = {**values, of: values[of].copy()}
            moved[of][place] += step
            ends.append(executed(text, moved)["L"])
        found[place] = (ends[0] - ends[1]) / 2e-6
    return found


def derived(case: str) -> sb.Derivation:
    text, shapes, of, fact = CASES[case]
    net = sb.parse(text, shapes=shapes, wrt=[of])
    if fact:
        name, _, axis = fact.partition(":")
        net.assume("one-hot", name, **({"axis": int(axis)} if axis else {}))
    return sb.derive(net)


def printed(d: sb.Derivation) -> list[tuple[list[str], list[str]]]:
    """Return, per step with a collapse, the left sides and the right sides that its lines print."""
    sheet = Sheet(d.record)
    found = []
    for step in d.record.steps:
        displays = collapse_displays(sheet, sheet.base, step)
        if displays:
            rows = displays[-1].rows
            found.append((to_latex(rows[0][0]), [sides(to_latex(cells[1]))[1] for cells in rows[1:]]))
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("case", CASES)
def test_every_line_has_the_value_of_a_difference(case: str) -> None:
    text, shapes, of, fact = CASES[case]
    values = values_of(shapes, fact)
    d = derived(case)
    lines = printed(d)
    assert lines, "nothing collapses"
    base = Sheet(d.record).base
    run = d.evaluate(values)
    names = {to_latex(base.name(k)): np.asarray(v, float) for k, v in run.values.items()}
    names |= {
        to_latex(base.name(k)): np.asarray(v, float) for k, v in executed(text, values).items() if k in run.values
    }
    names |= {to_latex(base.adjoint(k)): np.asarray(v, float) for k, v in run.adjoints.items() if k != of}
    wanted = slope(text, values, of)
    left, rights = lines[-1]
    letters = re.findall(r"[a-z]+", left.rsplit("_", 1)[-1])[-1]
    reader = Reader(names, FUNCTIONS)
    for right in rights:
        found = reader.entries(letters, wanted.shape, right)
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8, err_msg=right)
    assert len(rights) >= 2


@pytest.mark.parametrize(
    ("wrong", "right"), [("- S", "+ S"), (r"\frac{1}{4}", r"\frac{1}{5}"), ("Y_{ij}", "Y_{ij} Y_{ij}")]
)
def test_the_reader_of_lines_sees_an_error(wrong: str, right: str) -> None:
    text, shapes, of, fact = CASES["mean cross-entropy of rows"]
    values = values_of(shapes, fact)
    d = derived("mean cross-entropy of rows")
    scope = executed(text, values)
    (_, rights) = printed(d)[-1]
    planted = [line.replace(wrong, right) for line in rights if wrong in line]
    assert planted
    reader = Reader({k: np.asarray(scope[k], float) for k in ("Z", "Y", "S")}, FUNCTIONS)
    for line in planted:
        found = reader.entries("ij", (4, 3), line)
        assert not np.allclose(found, slope(text, values, of), rtol=1e-6, atol=1e-8)


def test_lines_that_are_not_equal_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    d = derived("mean cross-entropy of rows")
    step = next(s for s in d.record.steps if s.of == "Z")
    assert collapse(d.record, step.contributions[0]) is not None
    monkeypatch.setattr("symback.derivation.collapses.granted", lambda e, facts: (e * 2, {("Y", -1)}))
    again = derived("mean cross-entropy of rows")  # what a record was asked for is kept
    step = next(s for s in again.record.steps if s.of == "Z")
    assert collapse(again.record, step.contributions[0]) is None


def test_a_brief_page_has_the_result_alone() -> None:
    d = derived("mean cross-entropy of rows")
    assert "chain rule" in d.text()
    assert "chain rule" not in d.text(brief=True)
    assert "chain rule" not in str(d.handout(level="brief").text("txt"))


@pytest.mark.parametrize("guard", ["1e-9", "eps"])
@pytest.mark.parametrize(
    ("body", "short"),
    [
        ("S = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)\nL = -np.sum(Y * np.log(S + {}))", "∂L/∂Z ≈ S − Y"),
        (
            "S = 1 / (1 + np.exp(-Z))\nL = -np.sum(Y * np.log(S + {0}) + (1 - Y) * np.log(1 - S + {0}))",
            "∂L/∂Z ≈ S − Y",
        ),
    ],
)
def test_a_guarded_logarithm_collapses_up_to_its_guard(body: str, short: str, guard: str) -> None:
    text = body.format(guard)
    given = {"eps": 1e-9} if guard == "eps" else {}
    shapes = {"Z": (4, 3), "Y": (4, 3), **({"eps": ()} if given else {})}
    net = sb.parse(text, shapes=shapes, values=given, wrt=["Z"])
    net.assume("one-hot", "Y")
    d = sb.derive(net)
    page = d.text(view="matrix")
    assert short in page and "keeps a logarithm or a denominator away from 0" in page
    values = values_of({"Z": (4, 3), "Y": (4, 3)}, "Y")
    exact = d.evaluate({**values, **given}).gradients["Z"]
    scope = executed(text, {**values, **{k: np.asarray(v) for k, v in given.items()}})
    np.testing.assert_allclose(exact, scope["S"] - values["Y"], atol=1e-6)
    assert "keeps a logarithm or a denominator away from 0" not in d.text(view="matrix", brief=True)
    large = sb.derive(sb.parse(body.format("0.1"), shapes={"Z": (4, 3), "Y": (4, 3)}, wrt=["Z"]))
    assert "keeps a logarithm or a denominator away from 0" not in large.text(view="matrix")


FURTHER = {
    "a sum of another length divides": (
        SOFTMAX.format(axis=1) + "c = np.sum(Y * np.log(S), axis=1)\nL = -np.sum(c) / len(X) + np.sum(X)",
        {"Z": ("n", 3), "Y": ("n", 3), "X": ("m", 2)},
    ),
    "a temperature": (
        "S = np.exp(Z / T) / np.exp(Z / T).sum(axis=1, keepdims=True)\nL = -np.mean(np.sum(Y * np.log(S), axis=1))",
        {"Z": ("n", 3), "Y": ("n", 3), "T": ()},
    ),
    "a log-sum-exp that another step reads": (
        "s = np.log(np.sum(w * np.exp(Z), axis=1))\nL = np.sum(s**2)",
        {"Z": ("n", 3), "w": (3,)},
    ),
    "a power of e": ("L = np.sum(np.e**Z) + np.sum(np.exp(0.5)**Z)", {"Z": (3,)}),
}


@pytest.mark.parametrize("case", FURTHER)
@pytest.mark.parametrize("view", ["matrix", "index"])
def test_a_page_stands_and_its_gradient_is_that_of_the_code(case: str, view: str) -> None:
    text, shapes = FURTHER[case]
    d = sb.derive(sb.parse(text, shapes=shapes, wrt=["Z"]))
    assert "shares" not in d.text(view=view)
    generator = np.random.default_rng(3)
    sizes = {"n": 4, "m": 5}
    values = {k: generator.uniform(0.3, 0.9, [sizes.get(s, s) for s in shape]) for k, shape in shapes.items()}
    np.testing.assert_allclose(d.evaluate(values).gradients["Z"], slope(text, values, "Z"), rtol=1e-6, atol=1e-8)
