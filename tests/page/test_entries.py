"""Networks written out entry by entry: numbering, names, values, and the derivation of every single entry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_latex
from symback.core.errors import PrintError
from symback.page.entries import entries
from symback.page.notation import Notation, choose_notation
from symback.page.records import sentence_text
from symback.page.sheet import Sheet
from tests.support.printed_networks import elements_bce
from tests.support.small_networks import layers, random_values

SIGMA = replace(choose_notation("plain"), activation="sigma")


def values_of(d: sb.Derivation) -> dict[str, np.ndarray]:
    return {name: np.asarray(value) for name, value in d.network.values.items()}


@pytest.mark.parametrize("numbering", ["running", "layered"])
@pytest.mark.parametrize(("hidden", "loss"), [("sigmoid", "mse"), ("relu", "mse"), ("tanh", "bce"), ("sigmoid", "ce")])
def test_the_scalars_have_the_gradients_of_the_arrays(hidden: str, loss: str, numbering: str) -> None:
    d = sb.derive(layers([2, 3, 2], 2, hidden, loss))
    values = random_values(d.record, 2)
    if loss == "ce":
        values["y"] = np.eye(2)[[1, 0]]
    named = replace(d.network, values={k: np.asarray(v) for k, v in values.items()})
    written = entries(named, numbering)
    scalars = sb.derive(written.network)
    whole, single = d.evaluate(values), scalars.evaluate()
    assert single.loss == pytest.approx(whole.loss, rel=1e-12)
    for array in d.wrt:
        for index, label in written.names[array].items():
            assert single.gradients[label] == pytest.approx(whole.gradients[array][index], rel=1e-9, abs=1e-12)


def test_the_numbering_runs_across_layers() -> None:
    d = sb.derive(elements_bce())
    running = entries(d.network)
    assert [running.name("W1", (0, 1)), running.name("W2", (0, 0)), running.name("b2", (0,))] == ["W_2", "W_5", "b_3"]
    assert running.names["y_hat"] == {(0, 0): "y_hat"}
    layered = entries(d.network, "layered")
    assert layered.symbols[layered.name("W1", (0, 1))] == "w_{12}^{(1)}"
    assert layered.symbols[layered.name("b1", (1,))] == "b_2^{(1)}"
    assert "w₁₂⁽¹⁾ x₂ + b₁⁽¹⁾" in d.text("entries", numbering="layered")
    with pytest.raises(PrintError, match="'running' or 'layered'"):
        entries(d.network, "wild")
    with pytest.raises(PrintError, match="not an entry"):
        running.name("W1", (2, 0))


def test_products_are_juxtaposed_and_activations_named() -> None:
    d = sb.derive(elements_bce())
    plain = d.latex(view="entries", style="staged")
    assert r"z_3 &= W_5 a_1 + W_6 a_2 + b_3" in plain and r"a_1 &= \sigma(z_1)" in plain
    assert (
        r"\frac{\partial L}{\partial W_5} &= \frac{\partial L}{\partial z_3} \cdot \frac{\partial z_3}{\partial W_5}"
        in plain
    )
    named = d.latex(view="entries", notation=SIGMA, style="staged")
    assert r"z_3 &= W_5 \sigma_1 + W_6 \sigma_2 + b_3" in named
    assert r"\sigma_2 &= \frac{1}{1 + e^{-z_2}}" in named and r"\hat{y} &= \frac{1}{1 + e^{-z_3}}" in named
    assert r"\frac{\partial \sigma_2}{\partial z_2} &= \sigma_2(1 - \sigma_2)" in named
    assert r"\sigma(" not in named.replace(r"\log\sigma(", "") and r"\sigma'" not in named
    layered = d.latex(view="entries", notation=SIGMA, numbering="layered")
    assert r"z^{(2)} &= w_{11}^{(2)} \sigma_1^{(1)} + w_{12}^{(2)} \sigma_2^{(1)} + b^{(2)}" in layered
    with pytest.raises(PrintError, match="Greek"):
        Notation(activation="sigmoid")


def test_own_symbols_and_presets_reach_the_entries() -> None:
    d = sb.derive(elements_bce())
    own = choose_notation("plain", {"W1": "V", "loss": r"\mathcal{L}", "y_hat": "p"})
    found = d.latex(view="entries", notation=own)
    assert r"z_1 &= {V}_1 x_1 + {V}_2 x_2 + b_1" in found and r"\frac{\partial \mathcal{L}}{\partial p}" in found
    assert r"w_{11}^{1}" in d.latex(view="entries", notation="nielsen", numbering="layered")
    assert r"w_{11}^{[1]}" in d.latex(view="entries", notation="ng", numbering="layered")
    assert r"W_1 x_1" in d.latex(view="entries", notation="nielsen")


def test_one_entry_and_one_array() -> None:
    d = sb.derive(elements_bce())
    one = d.latex("W1[0,1]", style="staged")
    assert one == (
        r"\frac{\partial L}{\partial W_2} = \frac{\partial L}{\partial z_1} \cdot \frac{\partial z_1}{\partial W_2}"
        r" = (\hat{y} - y) \cdot W_5 \cdot \sigma'(z_1) \cdot x_2"
    )
    assert one == d.latex("W1[0, 1]", "entries", style="staged") != d.latex("W1[1,0]", style="staged")
    array = d.latex("W1", "entries", style="staged")
    assert one.split(" = ")[0] in array and array.count(r"\\") == 3
    for wrong, message in (("W1[2,0]", r"shape \(2, 2\)"), ("W1[0]", r"shape \(2, 2\)")):
        with pytest.raises(PrintError, match=message):
            d.latex(wrong)
    with pytest.raises(sb.DerivationError, match="there is no W3"):
        d.latex("W3[0,0]")


def test_more_than_64_entries_are_refused_with_a_way_out() -> None:
    d = sb.derive(layers([8, 7, 1], 1))
    with pytest.raises(
        PrintError, match=r"entries are too many to write out \(at most 64\); show one: --only 'W1\[0,0\]'"
    ):
        d.latex(view="entries")
    single = d.latex("W1[0,0]")
    assert r"\frac{\partial L}{\partial W_{1,11}} &= \sum" in single
    values = random_values(d.record, 1)
    with_number = d.latex("W1[2,3]", numbers=True, values=values)
    expected = float(f"{d.evaluate(values).gradients['W1'][2, 3]:.3e}")
    assert (
        float(with_number.rpartition(r"\approx ")[2].split("\n")[0].replace(r" \times 10^{", "e").rstrip("} "))
        == expected
    )


def test_a_symbolic_batch_is_shown_by_one_row_and_the_page_says_so() -> None:
    d = sb.derive(layers([2, 2, 1]))
    (forward, *_) = d.sections("entries")
    said = [sentence_text(w) for w in forward.displays[0].words]
    assert any("One row of the batch is written out; with n rows" in s for s in said)
    values = random_values(d.record, 3)
    text = d.text("entries", numbers=True, values=values)
    assert "One row of the batch" not in text and "x₆" in text  # the rows there are, are written out
    gradients = d.evaluate(values).gradients["b2"]
    assert f"{float(f'{gradients.item():.3e}')}".lstrip("-") in text


def test_entries_of_the_chain_agree_with_differences_of_the_code() -> None:
    d = sb.derive(elements_bce())
    values = values_of(d)
    run = d.evaluate()

    def forward(v: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        a1 = 1 / (1 + np.exp(-(v["x"] @ v["W1"].T + v["b1"])))
        p = 1 / (1 + np.exp(-(a1 @ v["W2"].T + v["b2"])))
        return {"loss": -(v["y"] * np.log(p) + (1 - v["y"]) * np.log(1 - p)).sum()}

    for name in d.wrt:
        step = 1e-6
        for index in np.ndindex(*values[name].shape):
            high, low = (({**values, name: values[name] + s * _unit(values[name], index)}) for s in (step, -step))
            slope = (forward(high)["loss"] - forward(low)["loss"]) / (2 * step)
            assert run.gradients[name][index] == pytest.approx(slope, abs=1e-8)


def _unit(array: np.ndarray, index: tuple[int, ...]) -> np.ndarray:
    found = np.zeros_like(array)
    found[index] = 1
    return found


def test_what_has_no_formula_per_entry_is_refused() -> None:
    net = sb.Network()
    x, w = net.input("x", (1, 3)), net.parameter("w", (3, 3))
    net.define("L", sb.max(x @ w))
    with pytest.raises(sb.SymbackError, match="entry by entry"):
        sb.derive(net).latex(view="entries")
    net = sb.Network()
    scores, labels = net.parameter("scores", (2, 3)), net.input("labels", (2,), integer=True)
    net.define("L", sb.cross_entropy(scores, labels, ignore_index=-1))
    with pytest.raises(PrintError, match="labels holds indices; entries are written out where their values are known"):
        sb.derive(net).latex(view="entries")


@pytest.mark.parametrize("known", [False, True])
def test_class_indices_stand_as_rows_of_ones_and_zeros(known: bool) -> None:
    net = sb.Network()
    x, w = net.input("x", (1, 2), [[0.5, -1.0]]), net.parameter("w", (2, 3), [[0.1, 0.2, 0.3], [0.3, 0.1, -0.2]])
    labels = net.input("labels", (1,), [2] if known else None, integer=True)
    net.define("L", sb.cross_entropy(net.define("z", x @ w), labels))
    d = sb.derive(net)
    text = d.text(view="entries")
    assert "L = −(Y₁ ℓ₁ + Y₂ ℓ₂ + Y₃ ℓ₃)" in text and "∂L/∂ℓ₁ = −Y₁" in text
    written = sb.derive(entries(d.network).network)
    values = {k: v for k, v in written.network.values.items() if not k.startswith("Y")} | {
        "Y_1": 0.0,
        "Y_2": 0.0,
        "Y_3": 1.0,
    }
    assert {k: written.network.values.get(k) for k in ("Y_1", "Y_3")} == (
        {"Y_1": 0.0, "Y_3": 1.0} if known else {"Y_1": None, "Y_3": None}
    )
    found = written.evaluate(values).gradients
    want = d.evaluate({"labels": [2]}).gradients["w"]
    assert [found[f"w_{k}"] for k in range(1, 7)] == pytest.approx(list(want.ravel()), rel=1e-12)
    if known:
        assert "0 = −0" not in d.text(view="entries", numbers=True)


def test_the_page_of_entries_keeps_its_own_symbols() -> None:
    d = sb.derive(elements_bce())
    page = Sheet(d.record)
    assert to_latex(page.base.name("W1")) == "W_1"  # the array's own page is another one
