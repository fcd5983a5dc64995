"""Lessons on networks as users write them, kept whole; and what their sentences rest on, computed again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_text, width
from symback.derivation.compact import taken_away
from symback.derivation.statistics import scale_and_shift, statistics
from symback.derivation.windows import without_windows
from symback.documents.document import Block, Figure, Formula, Paragraph
from symback.documents.formats.text import render
from symback.documents.lesson import lesson
from symback.documents.plan import Plan
from symback.page.records import sentence_text
from symback.page.sheet import sheet_of
from symback.page.words import words
from symback.run.numeric import evaluate
from tests.support.places import NETWORKS

NAMES = sorted(path.stem for path in NETWORKS.glob("*.py"))
KOREAN = ("class_indices", "layer_norm", "lstm", "two_units")
NORM = """
import numpy as np
X = np.array([[1., 2.], [0., -1.], [3., 1.], [-2., 0.5]])
t = np.array([[1., 0.], [0., 2.], [1., 1.], [-1., 0.]])
W = np.array([[1., 0.5], [-0.5, 2.]])
b = np.array(BIAS)
z = X @ W + b
mu = z.mean(axis=AXIS, keepdims=True)
var = VARIANCE
z_hat = (z - mu) / np.sqrt(var + 1e-5)
L = np.sum((z_hat - t) ** 3)
"""
VARIANCE = "((z - mu) ** 2).mean(axis=AXIS, keepdims=True)"


@cache
def derived(name: str) -> sb.Derivation:
    return sb.derive(sb.parse((NETWORKS / f"{name}.py").read_text(encoding="utf-8")))


def blocks_of(d: sb.Derivation, **plan: Any) -> tuple[Block, ...]:
    return lesson(d.record, Plan(**plan)).blocks


def said(blocks: tuple[Block, ...]) -> str:
    return " ".join(sentence_text(b.text) for b in blocks if isinstance(b, Paragraph))


def lines(blocks: tuple[Block, ...]) -> list[str]:
    return [" ".join(to_text(c) for c in row) for b in blocks if isinstance(b, Formula) for row in b.rows]


def norm(axis: int, bias: str = "[0.3, -0.2]", variance: str = VARIANCE) -> sb.Derivation:
    text = NORM.replace("VARIANCE", variance).replace("AXIS", str(axis)).replace("BIAS", bias)
    return sb.derive(sb.parse(text))


def drawn(d: sb.Derivation, seed: int) -> Mapping[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {n: generator.normal(size=v.shape) for n, v in d.network.variables.items()}


# --- whole pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_lesson_is_the_one_that_was_read(name: str, golden: Any) -> None:
    golden(f"network.{name}.en.txt", render(lesson(derived(name).record)))


@pytest.mark.parametrize("name", KOREAN)
def test_the_korean_lesson_is_the_one_that_was_read(name: str, golden: Any) -> None:
    golden(f"network.{name}.ko.txt", render(lesson(derived(name).record, Plan(language="ko"))))


# --- a gradient that is 0 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["brief", "standard"])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("numbers", [False, True])
def test_a_bias_that_the_mean_takes_away_has_gradient_0_and_a_reason(level: str, language: str, numbers: bool) -> None:
    d = norm(0)
    blocks = blocks_of(d, level=level, language=language, numbers=numbers)
    before, after = words(language)["taken away"].split("{of}")
    parts = [p for p in (before + "b" + after).replace("{through}", "z").split("{gradient}") if p]
    assert all(part in said(blocks) for part in parts)
    (place,) = (k for k, line in enumerate(lines(blocks)) if line.startswith("∂L/∂b ") and "←" not in line)
    assert lines(blocks)[place].rstrip().endswith("= 0") and not lines(blocks)[place + 1].startswith(" ")
    for seed in range(3):
        gradients = d.evaluate(drawn(d, seed)).gradients
        assert np.abs(gradients["b"]).max() < 1e-9 * np.abs(gradients["W"]).max()


@pytest.mark.parametrize("case", ["across", "scalar", "elsewhere"])
def test_a_bias_with_a_gradient_is_not_said_to_have_none(case: str) -> None:
    if case == "elsewhere":
        d = sb.derive(
            sb.parse(
                NORM.replace("- t)", "- t + b)")
                .replace("VARIANCE", VARIANCE)
                .replace("AXIS", "0")
                .replace("BIAS", "[1., 2.]")
            )
        )
    else:
        d = norm(1, "0.5" if case == "scalar" else "[0.3, -0.2]")
    zero = np.abs(np.asarray(d.evaluate(drawn(d, 1)).gradients["b"])).max() < 1e-9
    assert zero == (case == "scalar")
    assert (taken_away(d.record, "b") is not None) == zero


# --- means, variances, and what is normalized ---------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1])
def test_statistics_are_what_they_are_called(axis: int) -> None:
    d = norm(axis)
    found = statistics(d.record.network)
    assert {n: (s.kind, s.of, s.axis) for n, s in found.items()} == {
        "mu": ("mean", "z", axis),
        "var": ("variance", "z", axis),
        "z_hat": ("normalized", "z", axis),
    }
    values = d.evaluate(drawn(d, 3)).values
    np.testing.assert_allclose(values["var"], values["z"].var(axis=axis, keepdims=True))
    text = said(blocks_of(d))
    line = ("columns", "rows")[axis]
    assert words("en")[f"normalized {line} nearly"].split("{")[0] in text


@pytest.mark.parametrize(
    "variance", ["((z - mu) ** 2).sum(axis=AXIS, keepdims=True) / 3", "((z + mu) ** 2).mean(axis=AXIS, keepdims=True)"]
)
def test_another_number_is_no_variance(variance: str) -> None:
    found = statistics(norm(0, variance=variance).record.network)
    assert "var" not in found and "z_hat" not in found and found["mu"].kind == "mean"


def test_scale_and_shift_are_told_from_weights() -> None:
    network = derived("batch_norm").record.network
    assert scale_and_shift(network, "y") == ("gamma", "beta")
    assert all(scale_and_shift(network, e.name) == ("", "") for e in network.equations if e.name != "y")


# --- windows ------------------------------------------------------------------------------------------------------------


def test_a_lesson_without_helper_arrays_has_the_same_gradients() -> None:
    d = derived("windows")
    short = without_windows(d.record)
    assert len(short.network.equations) == len(d.record.network.equations) - 4
    assert [e.name for e in short.network.equations if e.invented] == ["u"]
    for seed in range(2):
        values = drawn(d, seed)
        whole, again = evaluate(d.record, values), evaluate(short, values)
        assert whole.loss == again.loss
        for name in d.record.wrt:
            np.testing.assert_allclose(again.gradients[name], whole.gradients[name], rtol=1e-12, atol=1e-12)
    read = {step.of: {c.through for c in step.contributions} for step in short.steps}
    assert read["a"] == {"p"} and read["w"] == {"z"} and read["p"] == {"u"}


@pytest.mark.parametrize("name", ["windows", "batch_norm", "layer_norm", "bias_before_norm"])
def test_no_gradient_is_longer_than_the_steps_to_it(name: str) -> None:
    rows = [row for b in blocks_of(derived(name)) if isinstance(b, Formula) for row in b.rows]
    assert max(width(cell) for row in rows for cell in row) < 36


def test_the_number_of_ties_has_a_letter_where_the_line_is_long() -> None:
    short = sb.derive(
        sb.parse("import numpy as np\nX=np.ones((3, 4))\nW=np.ones((4, 5))\nm=(X @ W).max(axis=1)\nL=np.sum(m**2)")
    )
    table = words("en")["ties"].split("{count}")[1]
    assert table in said(blocks_of(derived("windows"))) and table not in said(blocks_of(short))
    counted = [line for line in lines(blocks_of(derived("windows"))) if line.startswith("N_")]
    assert len(counted) == 1 and "1[a" in counted[0]


# --- steps of time ------------------------------------------------------------------------------------------------------


def test_steps_of_time_are_those_of_the_loop() -> None:
    found = sheet_of(derived("lstm").record).time
    assert found.initial == {"h", "c"}
    assert sorted(found.steps.values()) == [1] * 4 + [2] * 4
    text = said(blocks_of(derived("lstm")))
    assert "Time step 1:" in text and "Time step 2:" in text and "Layer" not in text


@pytest.mark.parametrize("name", [n for n in NAMES if n != "lstm"])
def test_layers_are_no_steps_of_time(name: str) -> None:
    found = sheet_of(derived(name).record).time
    assert not found.steps and not found.initial


def test_weights_used_beside_each_other_are_no_steps_of_time() -> None:
    net = sb.Network()
    W = net.parameter("W", (3, 2))
    a, b = (net.define(f"a{k}", net.input(f"x{k}", (4, 3)) @ W) for k in (1, 2))
    net.define("L", ((a - b) ** 2).sum())
    assert not sheet_of(sb.derive(net).record).time.steps


# --- what names are for -------------------------------------------------------------------------------------------------


def test_what_is_only_added_to_every_row_is_a_bias() -> None:
    assert set(derived("tied").record.wrt) == {"W", "b", "c"}
    text = (NETWORKS / "tied.py").read_text(encoding="utf-8")
    residual = text.replace("H @ W.T + c", "H @ W.T + X").replace("c = np.zeros(6)\n", "")
    assert set(sb.derive(sb.parse(residual)).record.wrt) == {"W", "b"}
    twice = text.replace("H @ W.T + c", "H @ W.T + c - 2 * c")
    assert set(sb.derive(sb.parse(twice)).record.wrt) == {"W", "b"}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_attention_compares_and_averages_is_said_once(language: str) -> None:
    text = (
        "import numpy as np\nX = np.array([[1., 0.], [0., 1.], [1., 1.]])\nT = np.zeros((3, 2))\n"
        "W_Q = np.array([[1., 0.], [1., 1.]])\nW_K = np.array([[1., 1.], [0., 1.]])\nW_V = np.array([[1., 2.], [-1., 1.]])\n"
        "Q = X @ W_Q\nK = X @ W_K\nV = X @ W_V\nS = Q @ K.T / np.sqrt(2)\n"
        "A = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)\nO = A @ V\nL = 0.5 * np.sum((O - T) ** 2)"
    )
    table, found = words(language), said(blocks_of(sb.derive(sb.parse(text)), language=language))
    for key in ("query compared", "values averaged", "values collect"):
        index = "k" if key == "values collect" else "i"
        wanted = table[key].replace("{index}", index).replace("{scores}", "S").replace("{weights}", "A")
        assert found.count(wanted) == 1, key
    assert table["values collect"].replace("{index}", "k") not in said(blocks_of(derived("tied"), language=language))


def test_class_indices_make_a_target_of_their_rows() -> None:
    text = render(lesson(derived("class_indices").record))
    assert "Feed-forward network with 4 → 8 → 3 units" in text
    assert "far the prediction is from the target Y" in text
    assert [line.split()[-3:] for line in text.splitlines() if "class indices" in line] == [["1", "×", "n"]]


# --- the graph ----------------------------------------------------------------------------------------------------------


def test_single_numbers_of_many_names_have_a_graph_of_gates() -> None:
    d = derived("two_units")
    gates, names = words("en")["graph gates"], words("en")["graph values"]

    def captions(**plan: Any) -> str:
        return " ".join(sentence_text(b.caption) for b in blocks_of(d, **plan) if isinstance(b, Figure))

    assert gates in captions() and names not in captions()
    assert gates not in captions(graph="names") and gates not in captions(graph="none")
    small = sb.derive(sb.parse("w, x, t = 0.5, 2.0, 3.0\ny = w * x\nE = 0.5 * (y - t) ** 2"))
    shown = " ".join(sentence_text(b.caption) for b in blocks_of(small) if isinstance(b, Figure))
    assert names in shown and gates not in shown


def test_the_time_of_an_update_is_no_name_of_the_page() -> None:
    d = sb.derive(
        sb.parse("w, x, t, lr = 0.5, 2.0, 3.0, 0.1\ny = w * x\nE = 0.5 * (y - t) ** 2\ndw = (y - t) * x\nw -= lr * dw")
    )
    updates = [line for line in lines(blocks_of(d)) if line.startswith("w(")]
    assert updates and all(line.startswith("w(k + 1)") for line in updates)
    other = sb.derive(
        sb.parse("w, x, y, lr = 0.5, 2.0, 3.0, 0.1\np = w * x\nE = 0.5 * (p - y) ** 2\ndw = (p - y) * x\nw -= lr * dw")
    )
    assert any(line.startswith("w(t + 1)") for line in lines(blocks_of(other)))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_all_columns_of_units_that_are_off_are_named(language: str) -> None:
    text = (
        "import numpy as np\nX = np.array([[1., 2.], [2., 1.]])\nt = np.array([[1.], [0.]])\n"
        "W1 = np.array([[1., -1., -2.], [1., -1., 0.5]])\nW2 = np.array([[1.], [2.], [1.]])\n"
        "H = np.maximum(0, X @ W1)\ny = H @ W2\nL = 0.5 * np.sum((y - t) ** 2)"
    )
    d = sb.derive(sb.parse(text))
    gradient = d.evaluate().gradients["W1"]
    assert [bool(np.any(gradient[:, k])) for k in range(3)] == [True, False, False]
    table = words(language)["silent columns several"]
    assert table.replace("{units}", "2, 3").replace("{names}", "∂L/∂W₁") in said(blocks_of(d, language=language))
