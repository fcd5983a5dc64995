"""Steps of time: layers that use the same weights one after the other, each on a new input, and what is none of this."""

from __future__ import annotations

import pytest

import symback as sb
from symback.documents.document import Paragraph
from symback.documents.lesson import Plan, lesson
from symback.page.records import sentence_text
from symback.page.sheet import sheet_of
from symback.page.time_steps import Place, time_steps

START = """
import numpy as np
x = np.array([[0.5, 0.1], [0.2, -0.4], [0.9, 0.3]]); x1 = x[0]; x2 = x[1]; y = np.array([1.0]); h = np.zeros(2)
Wx = np.array([[0.2, -0.3], [0.4, 0.1]]); Wh = np.array([[0.5, 0.2], [-0.1, 0.3]]); b = np.array([0.0, 0.1])
Wy = np.array([[0.7], [-0.5]]); W2 = np.array([[0.2, 0.4], [-0.3, 0.1]]); U2 = np.array([[0.3, 0.1], [0.2, -0.2]])
"""
LOOP = """
for t in range(3):
    h = np.tanh(x[t] @ Wx + h @ Wh + b)
loss = np.sum((h @ Wy - y)**2)
"""
WRITTEN = """
h1 = np.tanh(x1 @ Wx); h2 = np.tanh(x2 @ Wx + h1 @ Wh)
loss = np.sum((h2 @ Wy - y)**2)
"""
PRODUCTS_FIRST = """
h1 = np.tanh(b + Wx.T @ x[0] + Wh.T @ h); h2 = np.tanh(b + Wx.T @ x[1] + Wh.T @ h1)
y_hat = Wy.T @ h2
loss = np.sum((y_hat - y)**2)
"""
EVERY_STEP = """
loss = 0
for t in range(2):
    h = np.tanh(x[t] @ Wx + h @ Wh)
    o = h @ Wy
    loss = loss + np.sum((o - y)**2)
"""
STACKED = """
g = np.zeros(2)
for t in range(2):
    h = np.tanh(x[t] @ Wx + h @ Wh)
    g = np.tanh(h @ W2 + g @ U2)
loss = np.sum((g @ Wy - y)**2)
"""
TIED = """
a = np.tanh(x @ Wx); loss = np.mean((a @ Wx.T - x)**2)
"""
TWINS = """
a = np.tanh(x1 @ Wx); c = np.tanh(x2 @ Wx); loss = np.sum((a @ Wy - c @ Wy)**2)
"""
REPEATED = """
a = np.tanh(x @ Wx); a2 = np.tanh(a @ Wh); a3 = np.tanh(a2 @ Wh); loss = np.sum((a3 @ Wy - y)**2)
"""


def derived(text: str) -> sb.Derivation:
    return sb.derive(sb.parse(START + text))


def headings(text: str, language: str = "en") -> list[str]:
    blocks = lesson(derived(text).record, Plan(language=language, numbers=False)).blocks
    words = [sentence_text(b.text) for b in blocks if isinstance(b, Paragraph)]
    return [w for w in words if w.endswith(":") and any(k in w for k in ("weighted sum", "activation", "가중합"))]


@pytest.mark.parametrize(("text", "count"), [(LOOP, 3), (WRITTEN, 2), (PRODUCTS_FIRST, 2)])
def test_steps_are_counted_and_what_follows_is_the_output(text: str, count: int) -> None:
    page = sheet_of(derived(text).record)
    assert sorted(page.time.steps.values()) == [*range(1, count + 1)]
    found = headings(text)
    for step in range(1, count + 1):
        assert f"Time step {step}, weighted sum and activation function:" in found
    assert not any("ayer 1" in h or "ayer 2" in h for h in found)
    assert any(h.startswith("Output layer, weighted sum") for h in found) or "y_hat" not in text
    assert any(h.startswith("시점 1의 가중합") for h in headings(text, "ko"))


@pytest.mark.parametrize("text", [TIED, TWINS, REPEATED])
def test_the_same_weight_alone_makes_no_time(text: str) -> None:
    page = sheet_of(derived(text).record)
    assert not page.time.steps and not page.time.initial
    assert not any("ime step" in h for h in headings(text))


def test_outputs_of_every_step_and_layers_above_each_other() -> None:
    found = headings(EVERY_STEP)
    assert [h for h in found if "output layer" in h] == [
        f"Time step {k}, output layer, weighted sum:" for k in (1, 2)
    ], found
    network = derived(STACKED).network
    page = sheet_of(derived(STACKED).record)
    steps = time_steps(network, page.affine)
    states = [steps.places[e.name] for e in network.equations if e.name in steps.steps]
    assert states == [Place(1, 1), Place(2, 1), Place(1, 2), Place(2, 2)]
    assert "Time step 2, layer 2, weighted sum and activation function:" in headings(STACKED)


def test_the_first_state_and_the_rows_are_named() -> None:
    text = " ".join(str(derived(LOOP).handout(numbers=False)).split())
    assert "Rows of x: x₁, x₂, x₃." in text and "h₀ initial state" in text
    assert derived(WRITTEN) and not sheet_of(derived(WRITTEN).record).time.initial
    korean = " ".join(str(derived(LOOP).handout("ko", numbers=False)).split())
    assert "x의 행을 나타내는 기호: x₁, x₂, x₃." in korean and "h₀ 초기 상태" in korean


def test_an_error_goes_back_a_step_through_the_weight_of_the_state() -> None:
    text = " ".join(str(derived(LOOP).handout(numbers=False)).split())
    assert "Back by one time step: the error δ₃ comes back through Wₕ, the same at every step" in text
    assert "Wₓ is used at 3 time steps, for z₁, z₂, z₃." in text
    assert "time step" not in str(derived(REPEATED).handout(numbers=False))


CELL = """
U = np.array([[0.5, 0.2], [-0.1, 0.3]]); c = np.zeros(2)
for t in range(2):
    f = 1 / (1 + np.exp(-(x[t] @ Wx + h @ U)))
    g = np.tanh(x[t] @ Wx + h @ Wh)
    c = f * c + g
    h = np.tanh(c) * f
loss = np.sum((h @ Wy - y)**2)
"""


def test_steps_of_several_sums_are_named_once_and_hand_on_states() -> None:
    page = sheet_of(derived(CELL).record)
    assert page.time.initial == {"h", "c"} and page.time.states == {"c_1", "h_1", "c_2", "h_2"}
    text = " ".join(str(derived(CELL).handout(numbers=False)).split())
    assert text.count("Time step 1:") == text.count("Time step 2:") == 1 and "Time step 1, " not in text
    assert "The errors are the derivatives of the loss with respect to the weighted sums:" in text
    assert "c₁ state 1 × p" in text and "h₀ initial state" in text
    assert "f₁ = σ(x₁ Wₓ + h₀ U) = σ(z₁)" in text and "exp" not in text.split("Time step 1:")[1]
    korean = " ".join(str(derived(CELL).handout("ko", numbers=False)).split())
    assert "오차는 각 가중합에 대한 손실의 편미분이다." in korean and "c₁ 상태" in korean


def test_the_number_of_time_steps_has_the_letter_of_time() -> None:
    text = " ".join(str(derived(LOOP).handout(numbers=False)).split())
    assert "x data T × d" in text and "T = 3" in text
    whole = " ".join(str(derived(REPEATED).handout(numbers=False)).split())
    assert "x data n × d" in whole and "T = " not in whole
