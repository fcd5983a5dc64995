"""The pages of whole derivations: target formulas, and every printed line read back and evaluated."""

from __future__ import annotations

import re

import numpy as np
import pytest

from symback.api import derive
from symback.core.display import to_latex
from symback.core.errors import PrintError
from symback.core.forms import Form, Prime, apply, name, number, outer, size, undefined
from symback.derivation.record import Record
from symback.documents.formats import latex
from symback.networks.network import Network
from symback.page import views
from symback.page.context import context_of
from symback.page.form_view import form_display
from symback.page.notation import Notation, choose_notation
from symback.page.records import sentence_text
from symback.page.sheet import Sheet
from tests.support.latex_reader import ReadBackError
from tests.support.page_reader import PageReader
from tests.support.printed_networks import (
    CASES,
    chain,
    neuron_bce,
    relu,
    relu_mse,
    slope,
    square,
    tanh,
    torch_layout,
    two_forward,
    two_layer_sigmoid,
    two_paths,
    values_for,
)
from tests.support.small_networks import record_of

# --- networks, each with the NumPy code that means the same -----------------------------------------------------------


@pytest.mark.parametrize("view", ["chain", "matrix"])
@pytest.mark.parametrize("case", CASES)
def test_every_printed_line_is_true(case: str, view: str) -> None:
    make, forward = CASES[case]
    record = record_of(make())
    values = values_for(record)
    reader = PageReader(record, forward, values)
    found = {s.key: s.displays for s in views.sections(record, view)}
    for key in ("forward", "loss", "local", "staged", "backward", "full"):
        if key == "backward":
            shown = tuple(d for d in found.get(key, ()) if d.of)
            legend = [d for d in found.get(key, ()) if not d.of]
            assert len(legend) == (1 if view == "matrix" and reader.page.errors else 0)
            reader.read(shown) if shown else None
        elif key in found:
            reader.read(found[key])
    for parameter in record.wrt:
        label = re.sub(r"\s", "", to_latex(reader.page.base.adjoint(parameter)))
        expected = slope(forward, record.network.loss, values, parameter)
        found_value = reader.reader.names[label]
        asked = np.squeeze(expected) if reader.page.base.scalar else reader.matrix(expected)
        np.testing.assert_allclose(
            np.squeeze(found_value) if reader.page.base.scalar else found_value,
            asked,
            rtol=1e-6,
            atol=1e-8,
            err_msg=label,
        )
    assert reader.lines > len(record.steps)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (r"a_1^\top \delta_2", r"\delta_2^\top a_1"),
        (r"(a_2 - y)", r"(y - a_2)"),
        (r"\mathbf{1}^\top \delta_2", r"\delta_2"),
        (r"\odot \sigma'(z_2)", r"\odot \sigma(z_2)"),
        (r"\delta_2 W_2^\top", r"1.001 \delta_2 W_2^\top"),
    ],
)
def test_the_reader_of_pages_rejects_planted_errors(wrong: str, right: str) -> None:
    record = record_of(two_layer_sigmoid())
    values = values_for(record)
    reader = PageReader(record, two_forward, values)
    backward = next(s for s in views.sections(record, "matrix") if s.key == "backward")
    planted = 0
    for display in backward.displays[1:]:
        for cells in display.rows:
            for left, cell in zip(cells[::2], cells[1::2], strict=True):
                text = to_latex(cell)
                planted += wrong in text
                try:
                    reader.line(re.sub(r"\s", "", to_latex(left)), text.replace(wrong, right), None)
                except (ReadBackError, ValueError):
                    return
    assert planted == 1
    names = reader.reader.names
    ok = True
    for parameter in record.wrt:
        label = re.sub(r"\s", "", to_latex(reader.page.base.adjoint(parameter)))
        expected = slope(two_forward, "L", values, parameter)
        asked = reader.matrix(expected)
        ok = ok and names[label].shape == asked.shape and np.allclose(names[label], asked, rtol=1e-5, atol=1e-8)
    assert not ok


# --- target formulas --------------------------------------------------------------------------------------------------


def lines(record: Record, view: str, key: str) -> list[str]:
    section = next(s for s in views.sections(record, view) if s.key == key)
    return [
        line
        for d in section.displays
        for line in latex.body(d).splitlines()
        if not line.startswith((r"\begin{al", r"\end{al"))
    ]


def test_chain_target() -> None:
    assert latex.body(views.step_display(record_of(chain()), "w1")) == "\n".join(
        [
            r"\begin{aligned}",
            r"\frac{\partial E}{\partial w_1} &= \frac{\partial E}{\partial y} \cdot \frac{\partial y}{\partial h} "
            r"\cdot \frac{\partial h}{\partial w_1} \\",
            r"&= (y - t) \cdot f'(h \cdot w_2)\, w_2 \cdot f'(x \cdot w_1)\, x",
            r"\end{aligned}",
        ]
    )


def test_two_layer_target() -> None:
    assert lines(record_of(two_layer_sigmoid()), "matrix", "backward")[1:] == [
        r"\delta_2 &= (a_2 - y) \odot \sigma'(z_2), & \frac{\partial L}{\partial W_2} &= a_1^\top \delta_2, "
        r"& \frac{\partial L}{\partial b_2} &= \mathbf{1}^\top \delta_2",
        r"\delta_1 &= \delta_2 W_2^\top \odot \sigma'(z_1), & \frac{\partial L}{\partial W_1} &= x^\top \delta_1, "
        r"& \frac{\partial L}{\partial b_1} &= \mathbf{1}^\top \delta_1",
    ]


def test_batch_of_one_prints_the_same_rule() -> None:
    assert lines(record_of(two_layer_sigmoid(1, "y_true")), "matrix", "backward") == lines(
        record_of(two_layer_sigmoid()), "matrix", "backward"
    )


def test_staged_lines_use_the_gradient_already_found() -> None:
    shown = lines(record_of(relu_mse()), "chain", "staged")
    assert shown[3:5] == [
        r"\frac{\partial L}{\partial z_1} = \frac{\partial L}{\partial z_2} \cdot \frac{\partial z_2}{\partial h} "
        r"\cdot \frac{\partial h}{\partial z_1} = 2(z_2 - y) \cdot w_2 \cdot \mathrm{ReLU}'(z_1)",
        r"\frac{\partial L}{\partial w_1} = \frac{\partial L}{\partial z_1} \cdot \frac{\partial z_1}{\partial w_1} "
        r"= 2(z_2 - y) \cdot w_2 \cdot \mathrm{ReLU}'(z_1) \cdot x",
    ]


def test_a_collapse_is_a_step_of_its_own() -> None:
    record = record_of(neuron_bce())
    staged = lines(record, "chain", "staged")
    assert staged[0] == (
        r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial \hat{y}} \cdot \frac{\partial \hat{y}}{\partial z} "
        r"= \hat{y} - y"
    )
    local = lines(record, "chain", "local")
    assert r"\frac{\partial \hat{y}}{\partial z} = \sigma'(z) = \hat{y}(1 - \hat{y})" in local
    literal = record_of(neuron_bce(), collapse=False)
    assert lines(literal, "chain", "full")[1].endswith(r"\cdot \sigma'(z) \cdot x")


def test_one_variable_is_derived_with_d() -> None:
    assert (
        latex.body(views.step_display(record_of(square()), "x")).splitlines()[1]
        == r"\frac{dz}{dx} &= \frac{dz}{dy} \cdot \frac{dy}{dx} \\"
    )
    partial = views.step_display(record_of(square()), "x", notation=Notation(derivative="partial"))
    assert r"\frac{\partial z}{\partial x}" in latex.body(partial)
    assert r"\frac{dE}{dw_1}" in latex.body(
        views.step_display(record_of(chain()), "w1", notation=Notation(derivative="d"))
    )


def test_a_direct_derivative_is_told_from_the_whole_one() -> None:
    shown = lines(record_of(two_paths()), "chain", "local")
    assert r"\frac{\partial y(z, a)}{\partial z} &= a" in [line.removesuffix(r" \\") for line in shown]
    assert r"\frac{\partial y}{\partial z}" not in " ".join(shown)


def test_functions_are_stated_once() -> None:
    assert lines(record_of(two_layer_sigmoid()), "matrix", "where") == [
        r"\sigma(x) &= \frac{1}{1 + e^{-x}} \\",
        r"\sigma'(z_l) &= a_l \odot (1 - a_l)",
    ]
    assert (
        lines(record_of(relu_mse()), "chain", "where")[1]
        == r"\mathrm{ReLU}'(x) &= \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}"
    )
    assert not [s for s in views.sections(record_of(chain())) if s.key == "where"]


def test_assumptions_are_said_beside_the_step() -> None:
    record = record_of(torch_layout())
    said = [sentence_text(w) for w in views.step_display(record, "z").words]
    assert any("each row of y sums to 1" in s for s in said)
    shown = latex.body(views.step_display(record, "z"))
    assert shown.endswith(r"= \frac{1}{n}(\hat{y} - y)")


def test_updates() -> None:
    assert lines(record_of(square()), "chain", "update") == [r"x \leftarrow x - \eta \frac{dz}{dx}"]
    timed = views.sections(record_of(two_layer_sigmoid()), notation=Notation(time=True, learning_rate="alpha"))[-1]
    assert latex.body(timed.displays[0]) == r"W_1(t + 1) = W_1(t) - \alpha \frac{\partial L}{\partial W_1(t)}"


def test_the_learning_rate_avoids_names_in_use() -> None:
    net = Network()
    eta = net.parameter("eta")
    net.define("L", eta**2)
    assert lines(record_of(net), "chain", "update") == [r"\eta \leftarrow \eta - \alpha \frac{dL}{d\eta}"]


def test_delta_is_left_to_the_name_that_has_it() -> None:
    net = Network()
    x, delta = net.input("x", ("n", 2)), net.input("delta", ("n", 1))
    W = net.parameter("W", (2, 1))
    z = net.define("z", x @ W)
    net.define("L", ((z - delta) ** 2).sum())
    shown = lines(record_of(net), "matrix", "backward")
    assert shown == [
        r"\frac{\partial L}{\partial z} = 2(z - \delta)",
        r"\frac{\partial L}{\partial W} &= x^\top \frac{\partial L}{\partial z} \\",
        r"&= 2 x^\top(z - \delta)",
    ]


def test_errors_are_numbered_like_their_layers() -> None:
    def named(*names: str) -> dict[str, str]:
        net = Network()
        a: Form = net.input("x", ("n", 2))
        for k, label in enumerate(names):
            z = net.define(label, a @ net.parameter(f"W{k}", (2, 2)))
            a = net.define(f"a{k}", tanh(z))
        net.define("L", (a**2).sum())
        return {k: to_latex(v) for k, v in Sheet(record_of(net)).errors.items()}

    assert named("z1", "z2") == {"z1": r"\delta_1", "z2": r"\delta_2"}
    assert named("z") == {"z": r"\delta"}
    assert named("u", "v") == {"u": r"\delta_1", "v": r"\delta_2"}


def test_step_text_is_one_line_of_unicode() -> None:
    record = record_of(two_layer_sigmoid())
    shown = [views.step_text(record, s.of) for s in record.steps]
    assert "∂L/∂W₂ = a₁ᵀ δ₂" in shown
    assert "∂L/∂b₁ = 1ᵀ δ₁" in shown
    assert "δ₁ = ∂L/∂a₁ ⊙ σ′(z₁)" in shown
    assert not any("\n" in line for line in shown)


def test_what_does_not_exist_is_refused() -> None:
    record = record_of(square())
    with pytest.raises(PrintError, match="'chain'"):
        views.sections(record, "chian")
    with pytest.raises(PrintError, match="'staged'"):
        views.sections(record, style="stage")
    with pytest.raises(PrintError, match="with respect to q"):
        views.step_display(record, "q")
    with pytest.raises(PrintError, match="language"):
        views.sections(record, language="xx")


def test_a_long_chain_stays_linear() -> None:
    net = Network()
    h: Form = net.input("x")
    for k in range(1, 41):
        h = net.define(f"h{k}", tanh(net.parameter(f"w{k}") * h))
    net.define("L", h**2)
    record = record_of(net)
    sizes = [len(latex.body(views.step_display(record, f"w{k}"))) for k in (1, 20)]
    assert sizes[0] < 1.5 * sizes[1]


# --- details of single formulas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "latex_text"),
    [
        (
            -(name("y") / name("y_hat") - (1 - name("y")) / (1 - name("y_hat"))),
            r"-\left(\frac{y}{\hat{y}} - \frac{1 - y}{1 - \hat{y}}\right)",
        ),
        (relu(name("z")) ** 2, r"\mathrm{ReLU}(z)^2"),
        (name("x") + (-name("y")), "x - y"),
        (name("x") - (-2 * name("y")), "x + 2 y"),
        (name("x") * (-name("w")), "x(-w)"),
        (3e-5 * name("x"), r"3 \times 10^{-5} x"),
        (number(0.5) * (name("g") - 42.0) ** 2, r"\frac{1}{2}(g - 42)^2"),
        (apply(Prime(undefined("f"), 0), name("x")), "f'(x)"),
        (apply(Prime(undefined("f", 2), 1), name("x"), name("y")), r"\partial_2 f(x, y)"),
        (apply("log", name("x")) * name("y"), r"(\log x)\, y"),
        (name("A", (2, 3))[0, 1], "A_{12}"),
        (name("A", (2, 3))[:, 1:], "A_{:,2:3}"),
        (outer(name("x", (2,)), name("d", (3,))), r"x d^\top"),
        (name("X", (size("n"), 3)).mean(), r"\frac{1}{3 n} \sum_{i,j} X_{ij}"),
        (name("x", (3,)).mean(), r"\frac{1}{3} \sum_i x_i"),
        ((name("i", (3,)) * name("j", (3,))).sum(), r"\sum_k i_k j_k"),
        (name("e") * apply("exp", name("x")), r"e \exp(x)"),
    ],
)
def test_formula(form: Form, latex_text: str) -> None:
    assert to_latex(form_display(form, context_of(form))) == latex_text


def test_own_symbols_reach_every_formula() -> None:
    shown = latex.body(
        views.step_display(
            record_of(two_layer_sigmoid()), "W2", notation=choose_notation("plain", {"a1": "a^{[1]}", "W2": "W^{[2]}"})
        )
    )
    assert shown == r"\frac{\partial L}{\partial W^{[2]}} = {a^{[1]}}^\top \delta_2"


def test_a_page_refuses_an_option_that_it_does_not_have() -> None:
    net = Network()
    net.define("L", net.parameter("w") ** 2)
    d = derive(net)
    for page in (d.text, d.latex, d.markdown, d.tex, d.page, d.sections):
        with pytest.raises(TypeError, match=r"a page has no option digit .did you mean 'digits'"):
            page(**{"digit": 3})
        with pytest.raises(TypeError, match="language= takes the language"):
            page(**{"lang": "ko"})


@pytest.mark.parametrize("view", ["matrix", "index"])
def test_no_index_letter_meets_a_subscript(view: str) -> None:
    net = Network()
    first, second = net.parameter("w_i", ("d",)), net.parameter("w_j", ("d",))
    net.define("L", (first * second).sum())
    page = derive(net).text(view)
    assert "L = Σₖ w_{i,k} w_{j,k}" in page
    assert not re.search(r"Σ[ᵢⱼ]|w_\{\w,[ij]\}", page)


def test_responsibilities_of_a_mixture_are_said_to_be_shares() -> None:
    net = Network()
    q, w = net.input("q", ("n", 3)), net.parameter("pi", (3,))
    net.define("L", apply("log", (w * apply("exp", q)).sum(axis=1)).sum())
    page = derive(net, wrt=["q", "pi"]).text()
    said = "The rows of ∂L/∂q are shares that add up to 1: the responsibilities of a mixture."
    assert said in page and "∂L/∂qᵢⱼ = (πⱼ e^qᵢⱼ)/(Σₖ e^qᵢₖ πₖ)" in page
    other = Network()
    z, v = other.input("q", ("n", 3)), other.parameter("pi", (3,))
    other.define("L", (2 * apply("log", (v * apply("exp", z)).sum(axis=1))).sum())
    assert "shares" not in derive(other, wrt=["q"]).text()


def test_a_row_behind_the_ninth_is_no_entry() -> None:
    net = Network()
    x, w, b = net.input("x", (14, 3)), net.parameter("w", (3,)), net.parameter("b", ())
    net.define("L", (x[11] * w).sum() + x[0, 1] * b + (x[1] * w).sum())
    page = derive(net).text()
    assert "∂L/∂b = x₁₂" in page and "x_{12,:}" in page and "x₂" in page
