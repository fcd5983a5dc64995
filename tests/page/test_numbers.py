"""Numbers in formulas: every printed line is computed again from its text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core import forms
from symback.core.display import to_latex
from symback.core.errors import PrintError, ValueProblem
from symback.page.numerals import Numerals
from symback.page.sheet import sheet_of
from symback.page.substitution import number_line, rounded
from symback.page.typesetting import Typesetter
from tests.support.number_lines import check, equations, sides_of, value_of
from tests.support.printed_networks import DOCUMENT, elements_bce

# --- reading lines of numbers -----------------------------------------------------------------------------------------


def test_the_checker_finds_planted_errors() -> None:
    assert check(r"z = 0.4 \times 3 = 1.2", 4) == 1
    assert check(r"z = 0.41543 \times 0.67316 \approx 0.2797", 4) == 1
    for wrong in (
        r"z = 0.4 \times 3 = 1.3",
        r"z = 0.4 \times 3 \approx 1.2",
        r"z = 0.4154 \times 0.6732 \approx 0.2797",
        r"z = 0.4 - (-3) = -2.6",
        r"z = -\log(0.58457) = 0.5369",
        r"z = -\log(0.5846) \approx 0.5369",
        r"z = \begin{bmatrix} 1 & 2 \end{bmatrix}\, \begin{bmatrix} 3 & 4 \end{bmatrix}^\top = 10",
    ):
        with pytest.raises(AssertionError):
            check(wrong, 4)


# --- the document's network -------------------------------------------------------------------------------------------


def test_the_lines_of_the_document() -> None:
    lines = equations(sb.derive(elements_bce()).sections("entries", DOCUMENT, "staged", numbers=True))
    assert lines[0] == r"z_1 = W_1 x_1 + W_2 x_2 + b_1 = 0.4352 \times 1 + 0.3545 \times 1 - 0.1419 = 0.6478"
    assert lines[2] == r"\sigma_1 = \frac{1}{1 + e^{-z_1}} = \frac{1}{1 + e^{-0.6478}} \approx 0.6565"
    assert (
        r"z_3 = W_5 \sigma_1 + W_6 \sigma_2 + b_3 = -0.1725 \times 0.6565 + 0.1129 \times 0.6732 - 0.3043 \approx -0.3415"
    ) in lines
    assert (
        r"\mathcal{L} = -(y \log \hat{y} + (1 - y) \log (1 - \hat{y})) = -(0 \log(0.41543) + (1 - 0) \log(1 - 0.41543))"
        r" = -\log(0.58457) \approx 0.5369"
    ) in lines


def test_the_gradients_and_updates_of_the_document(golden: Any) -> None:
    d = sb.derive(elements_bce())
    lines = equations(d.sections("entries", DOCUMENT, "staged", numbers=True))
    golden("elements_bce.numbers.latex", "\n".join(lines) + "\n")
    known = {
        "W_5": 0.2727379198,
        "W_6": 0.2796518786,
        "b_3": 0.4154331834,
        "W_1": -0.0161600611,
        "W_2": -0.0161600611,
        "W_3": 0.0103193057,
        "W_4": 0.0103193057,
        "b_1": -0.0161600611,
        "b_2": 0.0103193057,
    }
    after = {
        "W_1": 0.4513600611,
        "W_2": 0.3706600611,
        "W_3": 0.1847806943,
        "W_4": 0.4731806943,
        "W_5": -0.4452379198,
        "W_6": -0.1667518786,
        "b_1": -0.1257399389,
        "b_2": 0.0335806943,
        "b_3": -0.7197331834,
    }
    for name, value in known.items():
        (line,) = [k for k in lines if k.startswith(rf"\frac{{\partial \mathcal{{L}}}}{{\partial {name}}} = ")]
        assert value_of(sides_of(line)[-1][1]) == rounded(value, 4)
    for name, value in after.items():
        (line,) = [k for k in lines if k.startswith(f"{name}(t + 1) =")]
        assert value_of(sides_of(line)[-1][1]) == rounded(value, 4)
        assert rf"{name}(t) - \alpha \frac{{\partial \mathcal{{L}}}}{{\partial {name}(t)}}" in line


@pytest.mark.parametrize("digits", [2, 3, 4, 6, 9])
@pytest.mark.parametrize("view", ["entries", "matrix"])
def test_every_line_of_the_document_is_computed_again(view: str, digits: int) -> None:
    sections = sb.derive(elements_bce()).sections(view, DOCUMENT, "staged", numbers=True, digits=digits)
    assert sum(check(line, digits) for line in equations(sections)) > 12


# --- networks of every kind -------------------------------------------------------------------------------------------


def relu_net() -> sb.Network:
    net = sb.Network()
    x, y = net.input("x", (1, 3), [[0.5, 0.8, 0.2]]), net.input("y", (1, 1), [[1.0]])
    w1, b1 = net.parameter("w1", (3, 2), [[1.0, -1], [0, 2], [1, 0.5]]), net.parameter("b1", (1, 2), [[0.1, 0.2]])
    w2, b2 = net.parameter("w2", (2, 1), [[2.0], [-1]]), net.parameter("b2", (1, 1), [[0.5]])
    a1 = net.define("a1", sb.relu(net.define("z1", x @ w1 + b1)))
    r = net.define("r", sb.relu(net.define("z2", a1 @ w2 + b2)))
    net.define("L", sb.sum((r - y) ** 2) / 2)
    net.learning_rate = 0.1
    return net


def batch_net() -> sb.Network:
    rng = np.random.default_rng(0)
    net = sb.Network()
    X, Y = net.input("X", ("n", 2), rng.normal(size=(3, 2))), net.input("Y", ("n", 2), np.eye(2)[[0, 1, 0]])
    W, b = net.parameter("W", (2, 2), rng.normal(size=(2, 2))), net.parameter("b", (2,), rng.normal(size=2))
    S = net.define("S", sb.softmax(net.define("Z", X @ W + b), axis=1))
    net.assume("one-hot", "Y")
    net.define("L", -sb.mean(sb.sum(Y * sb.log(S), axis=1)))
    return net


def tiny_values() -> sb.Network:
    net = sb.Network()
    x, y = net.input("x", (), 2.5e-5), net.input("y", (), -1e-4)
    w, b = net.parameter("w", (), -0.5), net.parameter("b", (), 1.2345678e-7)
    z = net.define("z", w * x + b)
    net.define("L", (sb.tanh(z) - y) ** 2 + 0.001 * w**2)
    return net


def columns_net() -> sb.Network:
    rng = np.random.default_rng(3)
    net = sb.Network()
    x, y = net.input("x", (3,), rng.normal(size=3)), net.input("y", (2,), rng.normal(size=2))
    W1, b1 = net.parameter("W1", (2, 3), rng.normal(size=(2, 3))), net.parameter("b1", (2,), rng.normal(size=2))
    a = net.define("a", sb.tanh(net.define("z", W1 @ x + b1)))
    net.define("L", sb.mean((a - y) ** 2))
    return net


NETWORKS = {f.__name__: f for f in (relu_net, batch_net, tiny_values, columns_net)}


@pytest.mark.parametrize("view", ["auto", "matrix", "entries", "chain"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_line_is_computed_again(name: str, view: str) -> None:
    d = sb.derive(NETWORKS[name]())
    for digits in (3, 4, 7):
        lines = equations(d.sections(view, numbers=True, digits=digits))
        assert sum(check(line, digits) for line in lines) >= 3


@pytest.mark.parametrize("name", NETWORKS)
def test_the_values_at_the_end_of_the_lines_are_those_of_the_code(name: str) -> None:
    d = sb.derive(NETWORKS[name]())
    run = d.evaluate()
    for of in d.wrt:
        view = "chain" if name == "tiny_values" else "matrix"
        text = d.latex(of, view=view, style="staged", numbers=True)
        flat = (
            text.replace("\\begin{aligned}", "").replace("\\end{aligned}", "").replace("\\\\\n", " ").replace("&=", "=")
        )
        last = value_of(sides_of(flat.replace(r"&\approx", r"\approx"))[-1][1])
        expected = np.vectorize(lambda v: rounded(float(v), 4), otypes=[float])(run.gradients[of])
        np.testing.assert_allclose(np.squeeze(last), np.squeeze(expected), rtol=1e-14)


def test_values_given_in_place_of_those_of_the_network() -> None:
    d = sb.derive(tiny_values())
    text = d.latex("b", style="staged", numbers=True, values={"x": 2.0, "w": 1.0, "y": 0.0, "b": 0.0})
    value = 2 * np.tanh(2.0) * (1 - np.tanh(2.0) ** 2)
    assert text.endswith(f"= {rounded(value, 4)}")
    net = sb.Network()
    x, w = net.input("x"), net.parameter("w")
    net.define("L", (x * w) ** 2)
    with pytest.raises(ValueProblem, match="x"):
        sb.derive(net).latex(numbers=True)
    assert "= 24" in sb.derive(net).latex("w", numbers=True, values={"x": 2, "w": 3})


def test_large_arrays_are_printed_by_their_first_and_last_lines() -> None:
    net = sb.Network()
    x, W = net.input("x", (1, 40), np.ones((1, 40))), net.parameter("W", (40, 30), np.ones((40, 30)))
    net.define("L", sb.sum(sb.sigmoid(net.define("z", x @ W))))
    text = sb.derive(net).latex(view="matrix", numbers=True)
    assert r"\begin{bmatrix} 40 & 40 & 40 & \cdots & 40 \end{bmatrix}" in text and r"(1 \times 30)" in text
    assert r"\approx 0" in sb.derive(net).latex("W[0,0]", numbers=True)


def test_digits_are_checked() -> None:
    with pytest.raises(PrintError, match="digits"):
        sb.derive(tiny_values()).latex(numbers=True, digits=0)


def test_sums_of_paths_and_kinks() -> None:
    net = sb.Network()
    x, w = net.input("x", (), 2.0), net.parameter("w", (), 3.0)
    h = net.define("h", x * w)
    net.define("L", h * h + h)
    lines = equations(sb.derive(net).sections("chain", numbers=True))
    assert any(line.endswith("= 26") for line in lines)
    for line in lines:
        check(line, 4)


def test_the_fewest_digits_are_printed() -> None:
    from symback.core.forms import name

    a, b = name("a"), name("b")
    values = {"a": 0.41543318, "b": 0.67316014}
    line = number_line(a * b, values, frozenset())
    assert str(line.substituted) == "0.41543 * 0.67316" and line.result == 0.2797 and not line.exact
    short = number_line(a * b, {"a": 0.5, "b": 0.25}, frozenset())
    assert short.exact and short.result == 0.125
    typed = number_line(a + b, {"a": 1.23456, "b": 1.0}, frozenset(("a",)))
    assert "1.23456" in str(typed.substituted)
    assert re.search(r"1\.235\b", str(number_line(a + b, {"a": 1.23456, "b": 1.0}, frozenset()).substituted))


def test_a_number_in_front_of_all_entries_stands_in_front_of_their_array() -> None:
    net = sb.parse(
        "y, p = np.array([[0.0], [1.0]]), np.array([[0.5], [0.25]])\n"
        "loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))",
        wrt=["p"],
    )
    text = sb.derive(net).latex("p", view="matrix", numbers=True)
    lines = r"\displaystyle \frac{0}{0.5} - \frac{1 - 0}{1 - 0.5} \\[6pt] \displaystyle \frac{1}{0.25} - \frac{1 - 1}{1 - 0.25}"
    entries = rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"
    assert rf"= -\frac{{1}}{{2}} {entries}" in text
    assert r"\begin{bmatrix} 1 \\ -2 \end{bmatrix}" in text


def test_what_is_rounded_keeps_its_last_zeros_and_what_is_exact_has_none() -> None:
    text = "import numpy as np\nx = np.array([0.5, 2.0, 0.212, 0.1])\nw = np.array([1.0, 1.0, 1.0, 3.0])\n"
    d = sb.derive(sb.parse(text + "a = np.exp(x * w)\nL = np.sum(a * x)\n"))
    exact = {"L": 0.0, "a": [0.5, 0.21196, 2.00004, 0.1 + 0.2], "x": [0.25, 2.0, 1e-7, 1.00001e-7]}
    printed = Numerals(sheet_of(d.record).base, d.network, exact, frozenset(), 4)
    cells = {k: to_latex(printed.printed(printed.values[k])) for k in "ax"}
    assert all(cell in cells["a"] for cell in ("0.5 ", "0.2120 ", "2.000 ", "0.3 "))
    assert all(cell in cells["x"] for cell in ("0.25 ", " 2 ", r" 10^{-7} ", r"1.000 \times 10^{-7} "))
    line = number_line(forms.name("p") * forms.name("q"), {"p": 0.5, "q": 0.42396}, frozenset({"p"}))
    assert [n.value for n in line.substituted.args] == [0.5, 0.424] and line.result == 0.212
    assert (
        to_latex(Typesetter(replace(printed.context, numbers={})).form(line.substituted).whole())
        == r"0.5 \times 0.4240"
    )
    assert forms.number(forms.Rounded(0.5, 4)) is not forms.number(0.5)
    assert forms.number(forms.Rounded(0.5, 4)) is not forms.number(forms.Rounded(0.5, 5))


@pytest.mark.parametrize(
    ("targets", "simplified"),
    [
        ("[0.0, 1.0]", r"-\frac{1}{2}(\log(0.54983) + \log(0.54983))"),
        ("[1.0, 1.0]", r"-\frac{1}{2}(\log(0.4502) + \log(0.5498))"),
    ],
)
def test_a_factor_that_is_a_number_less_itself_leaves_nothing(targets: str, simplified: str) -> None:
    text = f"""
import numpy as np
X = np.array([[1.0, 6.0], [2.0, 5.0]]); y = np.array({targets})
w = np.array([0.3, -0.1]); b = 0.1
p = 1 / (1 + np.exp(-(X @ w + b)))
L = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
"""
    page = sb.derive(sb.parse(text)).latex(numbers=True)
    assert simplified in page and r"(1 - 1) \log(0.4" not in page


@pytest.mark.parametrize("rate", ["1", "1.0", "0.5"])
def test_a_learning_rate_is_put_in_before_numbers_and_arrays_alike(rate: str) -> None:
    text = f"""
import numpy as np
x = np.array([[1.0, 2.0]]); t = np.array([[1.0]]); W = np.array([[0.5], [0.25]]); b = np.array([0.125]); lr = {rate}
L = 0.5 * np.sum((x @ W + b - t)**2)
W -= lr * (x.T @ (x @ W + b - t))
b -= lr * (x @ W + b - t).sum(axis=0)
"""
    page = str(sb.derive(sb.parse(text)).handout())
    update = page[page.index("Update") :]
    shown = "1" if float(rate) == 1 else rate
    assert f"] − {shown} [" in update and f"0.125 − {shown} × " in update
    assert "] − [" not in update


def test_values_of_a_function_that_only_sums_round_are_exact() -> None:
    text = """
import numpy as np
X = np.array([[0.5, -0.2], [1.0, 0.3], [-0.4, 0.8], [0.2, 0.6]]); t = np.array([[1.0], [0.0], [1.0], [0.0]])
W = np.array([[0.1, -0.3], [0.4, 0.2]]); b = np.array([0.1, 0.2]); V = np.array([[0.3], [0.7]])
H = np.maximum(0, X @ W + b); y = H @ V
L = 0.5 * np.sum((y - t)**2)
"""
    d = sb.derive(sb.parse(text))
    shown = [[0.07, 0.01], [0.32, 0], [0.38, 0.48], [0.36, 0.26]]
    assert (d.evaluate().values["H"] != shown).any(), "sums of floats are rounded"
    page = " ".join(str(d.handout()).split())
    assert "= [0.07, 0.01; 0.32, 0; 0.38, 0.48; 0.36, 0.26]" in page and "≈ [0.07" not in page


def test_numbers_over_an_array_that_keeps_its_name_are_left_out() -> None:
    text = """
import numpy as np
X = np.array([[1.0, 6.0], [2.0, 5.0], [3.0, 7.0], [4.0, 8.0]]); y = np.array([0.0, 0.0, 1.0, 1.0])
w = np.array([0.3, -0.1])
p = 1 / (1 + np.exp(-(X @ w + 0.1)))
L = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
"""
    line = str(sb.derive(sb.parse(text)).handout()).split("∂L/∂p = ")[1].splitlines()[:2]
    assert line[1].strip().startswith("≈ [0.4547") and "/p" not in line[1]
