"""The networks of five lecture notes, from their own code cells to the notes' numbers and formulas.

Numbers are those the notes print, or were recomputed in float64 by hand-written code; the NumPy cells are also run as
they stand, and the gradients they write by hand are compared with the derived ones.
"""

from __future__ import annotations

import contextlib
import io
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner, Result

import symback as sb
from symback.cli import main
from tests.support import needs
from tests.support.places import EXAMPLES, SEEDS
from tests.support.seed_cells import OPTIONS, START_OF_GUESS, cell

ARGUMENTS = {
    "hidden_relu": ["--loss", "0.5*(y - r2)**2"],
    "outer_dot": ["--loss", "e", "--wrt", "a"],
    "guess": ["--set", f"guess={START_OF_GUESS!r}"],
}


def derived(name: str, **options: Any) -> sb.Derivation:
    return sb.derive(sb.parse(cell(name), **{**OPTIONS.get(name, {}), **options}))


def command(action: str, name: str, *more: str) -> Result:
    result = CliRunner().invoke(main, [action, str(SEEDS / f"{name}.py"), *ARGUMENTS.get(name, []), *more])
    assert result.exit_code == 0, result.output
    return result


def executed(name: str, **names: Any) -> tuple[dict[str, Any], list[str]]:
    """Run a NumPy cell as it stands; return its names and the lines it prints."""
    namespace: dict[str, Any] = {"np": np, **names}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(cell(name), name, "exec"), namespace)
    return namespace, printed.getvalue().splitlines()


def close(found: Any, expected: Any, digits: int | None = None) -> None:
    """Compare at 1e-9 relative, or to printed digits after the point; shapes must agree."""
    assert np.shape(found) == np.shape(expected)
    if digits is None:
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)
    else:
        np.testing.assert_allclose(found, expected, rtol=0, atol=0.5000001 * 10.0**-digits)


def equation_lines(latex: str) -> list[str]:
    """Return the lines of an aligned body without their row ends."""
    return [line.removesuffix(r" \\") for line in latex.splitlines() if not line.startswith(("\\begin", "\\end", "%"))]


# --- chain ------------------------------------------------------------------------------------------------------------


def chain() -> sb.Derivation:
    x, t, w1, w2, h, y, E = sp.symbols("x t w1 w2 h y E")
    f = sp.Function("f")
    net = sb.network([sp.Eq(h, f(x * w1)), sp.Eq(y, f(h * w2)), sp.Eq(E, (t - y) ** 2 / 2)])
    return sb.derive(net, wrt=[w1, w2])


def test_chain_prints_the_factors_from_the_loss_inwards() -> None:
    d = chain()
    assert d.latex("w1") == "\n".join(
        [
            r"\begin{aligned}",
            r"\frac{\partial E}{\partial w_1} &= \frac{\partial E}{\partial y} \cdot \frac{\partial y}{\partial h}"
            r" \cdot \frac{\partial h}{\partial w_1} \\",
            r"&= (y - t) \cdot f'(h \cdot w_2)\, w_2 \cdot f'(x \cdot w_1)\, x",
            r"\end{aligned}",
        ]
    )
    assert d.latex("w2") == "\n".join(
        [
            r"\begin{aligned}",
            r"\frac{\partial E}{\partial w_2} &= \frac{\partial E}{\partial y} \cdot \frac{\partial y}{\partial w_2} \\",
            r"&= (y - t) \cdot f'(h \cdot w_2)\, h",
            r"\end{aligned}",
        ]
    )
    assert [step.of for step in d.steps if step.of in d.wrt] == ["w2", "w1"]


def test_chain_prints_updates_and_has_them_as_forms() -> None:
    d = chain()
    lines = equation_lines(d.latex())
    assert r"w_1 &\leftarrow w_1 - \eta \frac{\partial E}{\partial w_1}" in lines
    assert r"w_2 &\leftarrow w_2 - \eta \frac{\partial E}{\partial w_2}" in lines
    update = d.update("eta")
    assert set(update) == {"w1", "w2"} and "eta" in str(update["w1"])


def filled(element: sp.Expr, names: Mapping[Any, Any], f: Any, slope: Callable[[Any], Any]) -> sp.Expr:
    """Put expressions for names, and a known function and its derivative for f, into an element."""
    found = element.subs(names)
    found = found.replace(lambda e: isinstance(e, sp.Subs), lambda e: slope(e.point[0]))
    found = found.replace(lambda e: isinstance(e, sp.Derivative), lambda e: slope(e.args[1][0]))
    return found.replace(lambda e: getattr(e.func, "__name__", "") == "f", lambda e: f(*e.args))


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (sp.sin, sp.cos),
        (sp.tanh, lambda u: 1 - sp.tanh(u) ** 2),
        (sp.exp, sp.exp),
    ],
    ids=["sin", "tanh", "exp"],
)
def test_chain_agrees_with_sympy_on_the_substituted_loss(f: Any, slope: Callable[[Any], Any]) -> None:
    x, t, w1, w2 = sp.symbols("x t w1 w2")
    values = {x: 0.7, t: -0.4, w1: 1.3, w2: 0.6}
    hidden = f(x * w1)
    output = f(hidden * w2)
    d = chain()
    for weight in (w1, w2):
        expected = sp.diff((t - output) ** 2 / 2, weight).subs(values)
        element = d.gradient(str(weight)).element
        found = filled(element, {sp.Symbol("y"): output, sp.Symbol("h"): hidden}, f, slope).subs(values)
        assert float(sp.N(found)) == pytest.approx(float(expected), rel=1e-12)


def test_chain_has_no_values_and_says_why() -> None:
    with pytest.raises(sb.SymbackError, match="f is an undefined function"):
        chain().code()


# --- square, numeric_diff ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "loss", "gradient"),
    [
        ("square_1", 9.0, 6.0),
        ("square_2", 18.0, 12.0),
        ("square_3", 9.0, 6.0),
        ("square_4", 18.0, 12.0),
    ],
)
def test_square(name: str, loss: float, gradient: float) -> None:
    d = derived(name)
    found = d.evaluate()
    assert (found.loss, found.gradients["x"]) == (loss, gradient)
    _, printed = executed(name)
    assert [float(line) for line in printed] == [loss, gradient]
    text = command("run", name).stdout
    assert f" = {loss:g}\n" in text and f"/∂x = {gradient:g}\n" in text


def test_square_by_torch_code() -> None:
    found = derived("square_torch").evaluate()
    assert found.loss == 18.0
    close(found.gradients["x"], [12.0])


@pytest.mark.parametrize("name", ["square_2", "square_4"])
def test_square_chains_ordinary_derivatives(name: str) -> None:
    lines = equation_lines(derived(name).latex("x"))
    assert lines[0] == r"\frac{dz}{dx} &= \frac{dz}{dy} \cdot \frac{dy}{dx}"
    assert r"\frac{dy}{dx} &= 2 x" in equation_lines(derived(name).latex())
    assert r"\frac{dz}{dy} &= 2" in equation_lines(derived(name).latex())


def test_numeric_diff_is_derived_and_reproduced() -> None:
    d = derived("numeric_diff")
    assert d.evaluate().gradients["x"] == 6.0
    h = 1e-5
    up, down = (d.evaluate({"x": 3.0 + s}).loss for s in (h, -h))
    assert (up - down) / (2 * h) == 6.000000000039306
    _, printed = executed("numeric_diff")
    assert printed == ["6.000000000039306", "6.0"]
    assert sb.check_gradients(d, step=1e-5).ok


# --- neuron_bce -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["neuron_bce", "neuron_bce_torch"])
@pytest.mark.parametrize("collapse", [True, False])
def test_neuron_bce_numbers(name: str, collapse: bool) -> None:
    d = sb.derive(sb.parse(cell(name)), collapse=collapse)
    found = d.evaluate()
    close(found.values["y_hat"], 0.9996646498695336)
    close(found.loss, 8.000335406373212)
    close(found.gradients["w"], 3.4988262745433674)
    close(found.gradients["b"], 0.9996646498695335)


def test_neuron_bce_agrees_with_the_cell() -> None:
    names, _ = executed("neuron_bce")
    found = derived("neuron_bce").evaluate()
    close(found.gradients["w"], names["dL_dw"])
    close(found.gradients["b"], names["dL_db"])
    close(found.loss, names["loss"])


def test_neuron_bce_staged_lines() -> None:
    d = derived("neuron_bce")
    assert d.latex("z", style="staged") == (
        r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial \hat{y}} \cdot"
        r" \frac{\partial \hat{y}}{\partial z} = \hat{y} - y"
    )
    assert d.latex("w", style="staged") == (
        r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial z} \cdot \frac{\partial z}{\partial w}"
        r" = (\hat{y} - y) \cdot x"
    )
    lines = equation_lines(d.latex())
    assert (
        r"\frac{\partial L}{\partial \hat{y}} &= -\left(\frac{y}{\hat{y}} - \frac{1 - y}{1 - \hat{y}}\right)" in lines
    )
    assert r"\frac{\partial \hat{y}}{\partial z} &= \sigma'(z) = \hat{y}(1 - \hat{y})" in lines
    assert (
        r"\frac{\partial L}{\partial w} &= \frac{\partial L}{\partial \hat{y}} \cdot"
        r" \frac{\partial \hat{y}}{\partial z} \cdot \frac{\partial z}{\partial w}"
    ) in lines


# --- softmax_ce, double_softmax ---------------------------------------------------------------------------------------


def test_softmax_ce() -> None:
    d = derived("softmax_ce")
    found = d.evaluate()
    close(found.values["y_hat"], [[0.27622147, 0.55624174, 0.16753679]], digits=8)
    close(found.loss, 1.2865523010014777)
    close(found.gradients["W"], [[-1.44755706, 0.72377853], [1.11248347, -0.55624174], [0.33507358, -0.16753679]], 8)
    close(found.gradients["b"], [-0.72377853, 0.55624174, 0.16753679], 8)
    names, _ = executed("softmax_ce")
    close(found.gradients["W"], names["dL_dW"])
    close(found.gradients["b"], names["dL_db"][0])  # the cell's db is (1, 3) for a b of (3,)
    line = next(s for s in equation_lines(d.latex()) if s.startswith(r"\delta &=") and "hat" in s)
    assert r"= \hat{y} - \mathbf{e}_1^\top" in line


def test_softmax_ce_warns_of_the_sum_without_keepdims() -> None:
    (finding,) = derived("softmax_ce").findings
    assert "keepdims=True" in finding.message and "(1, 3)" in finding.message
    assert command("derive", "softmax_ce").stderr == f"note: {finding}\n"


def test_double_softmax() -> None:
    d = derived("double_softmax")
    found = d.evaluate()
    close(found.loss, 1.1694341049, digits=10)
    close(
        found.gradients["W"],
        [
            [-0.4277242169, 0.2138621085],
            [0.3627947368, -0.1813973684],
            [0.0649294801, -0.0324647401],
        ],
        digits=10,
    )
    close(found.gradients["b"], [-0.2138621085, 0.1813973684, 0.0324647401], digits=10)


def test_double_softmax_is_a_finding_with_its_line() -> None:
    (finding,) = derived("double_softmax").findings
    text = cell("double_softmax").splitlines()
    assert finding.line is not None and "F.cross_entropy" in text[finding.line - 1]
    assert "y_hat" in finding.names and "softmax" in finding.message
    result = command("derive", "double_softmax")
    assert result.stderr.count("note: ") == 1 and f"line {finding.line}: " in result.stderr


# --- relu_mse ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["relu_mse", "relu_mse_torch"])
def test_relu_mse_numbers(name: str) -> None:
    found = derived(name).evaluate()
    assert found.values["z2"] == [12.5] and found.loss == 6.25
    for parameter, gradient in {"w2": 40.0, "b2": 5.0, "w1": 26.25, "b1": 7.5}.items():
        close(found.gradients[parameter], [gradient])


def test_relu_mse_agrees_with_the_cell() -> None:
    names, _ = executed("relu_mse")
    found = derived("relu_mse").evaluate()
    for parameter in ("w1", "b1", "w2", "b2"):
        close(found.gradients[parameter], names[f"dL_d{parameter}"])


def test_relu_mse_chain_rule_lines() -> None:
    d = derived("relu_mse")
    assert equation_lines(d.latex("w1")) == [
        r"\frac{\partial L}{\partial w_1} &= \frac{\partial L}{\partial z_2} \cdot \frac{\partial z_2}{\partial h}"
        r" \cdot \frac{\partial h}{\partial z_1} \cdot \frac{\partial z_1}{\partial w_1}",
        r"&= 2(z_2 - y) \cdot w_2 \cdot \mathrm{ReLU}'(z_1) \cdot x",
    ]
    assert equation_lines(d.latex("w2")) == [
        r"\frac{\partial L}{\partial w_2} &= \frac{\partial L}{\partial z_2} \cdot \frac{\partial z_2}{\partial w_2}",
        r"&= 2(z_2 - y) \cdot h",
    ]
    assert d.latex("z1", style="staged") == (
        r"\frac{\partial L}{\partial z_1} = \frac{\partial L}{\partial z_2} \cdot \frac{\partial z_2}{\partial h}"
        r" \cdot \frac{\partial h}{\partial z_1} = 2(z_2 - y) \cdot w_2 \cdot \mathrm{ReLU}'(z_1)"
    )
    assert d.latex("w1", style="staged") == (
        r"\frac{\partial L}{\partial w_1} = \frac{\partial L}{\partial z_1} \cdot \frac{\partial z_1}{\partial w_1}"
        r" = 2(z_2 - y) \cdot w_2 \cdot \mathrm{ReLU}'(z_1) \cdot x"
    )
    local = equation_lines(d.latex())
    assert r"\frac{\partial L}{\partial z_2} &= 2(z_2 - y)" in local
    assert r"\frac{\partial h}{\partial z_1} &= \mathrm{ReLU}'(z_1)" in local


# --- neuron_update, hidden_relu, guess --------------------------------------------------------------------------------


def test_neuron_update() -> None:
    d = derived("neuron_update")
    assert d.network.learning_rate == 0.1
    history = d.run(1)
    close(history.parameters["W"], [0.20474415, 0.40759064], digits=8)
    names, printed = executed("neuron_update")
    assert printed == ["[0.20474415 0.40759064]"]
    close(history.parameters["W"], names["W"])
    assert "W = [0.2047441488 0.4075906381]" in command("run", "neuron_update").stdout


def test_hidden_relu() -> None:
    d = derived("hidden_relu")
    assert d.wrt == ("W1", "W2")  # the biases are held fixed
    updated = d.update(0.01)
    close(updated["W2"], [[0.5004928], [0.6011264]], digits=8)
    close(updated["W1"], [[0.20044, 0.400528], [0.100704, 0.3008448]], digits=8)
    names, _ = executed("hidden_relu")
    close(updated["W1"], names["W1"])
    close(updated["W2"], names["W2"])
    close(d.evaluate().gradients["W1"], names["grad_W1"])
    text = command("run", "hidden_relu").stdout
    assert text.startswith("loss: loss = 0.5*(y - r2)**2 (given); parameters: W1, W2 (updated by the code)")
    assert "W2 = [[0.5004928]\n        [0.6011264]]" in text


def test_hidden_relu_needs_its_loss_to_be_said() -> None:
    result = CliRunner().invoke(main, ["derive", str(SEEDS / "hidden_relu.py")])
    assert result.exit_code == 2 and "no loss found" in result.stderr and "r2" in result.stderr


GUESS_PRINTS = """\
epoch 0 | 예측값: 3.51776248838994 , 손실: 914.1250641357832
epoch 50 | 예측값: 41.80167119839046 , 손실: 0.024280440461652383
epoch 100 | 예측값: 41.998977857939366 , 손실: 6.44922464272799e-07
epoch 150 | 예측값: 41.999994732109585 , 손실: 1.713004283434827e-11
epoch 200 | 예측값: 41.999999972850475 , 손실: 4.549980490536778e-16
epoch 250 | 예측값: 41.99999999986007 , 손실: 1.2086059951568363e-20
epoch 300 | 예측값: 41.999999999999275 , 손실: 3.223348767605472e-25
epoch 350 | 예측값: 41.99999999999997 , 손실: 4.0389678347315804e-28
epoch 400 | 예측값: 41.99999999999997 , 손실: 4.0389678347315804e-28
epoch 450 | 예측값: 41.99999999999997 , 손실: 4.0389678347315804e-28
최종 예측값: 41.99999999999997"""
"""What the note shows below its cell, digit for digit."""


def test_guess_reproduces_every_printed_line() -> None:
    d = derived("guess")
    assert (d.network.steps, d.network.learning_rate) == (500, 0.1)
    whole = d.run()
    assert whole.steps == 500
    lines = []
    for epoch in range(0, 500, 50):
        guess = d.run(epoch + 1).parameters["guess"]
        lines.append(f"epoch {epoch} | 예측값: {guess} , 손실: {whole.losses[epoch]}")
    lines.append(f"최종 예측값: {whole.parameters['guess']}")
    assert "\n".join(lines) == GUESS_PRINTS
    assert whole.parameters["guess"] == 41.99999999999997


def test_guess_is_what_the_cell_prints_from_that_start() -> None:
    numpy = types.SimpleNamespace(random=types.SimpleNamespace(randn=lambda: START_OF_GUESS))
    assert "\n".join(executed("guess", np=numpy)[1]) == GUESS_PRINTS


def test_guess_on_the_command_line() -> None:
    text = command("run", "guess", "--digits", "16").stdout
    assert "steps: 500, learning rate: 0.1 (from the code)" in text.splitlines()[0]
    assert "guess = 41.99999999999997\n" in text
    assert "914.1250641357832\n" in text and "500  4.03896783473158e-28" in text


# --- matrix_relu, training_loop, stale --------------------------------------------------------------------------------

MATRIX_RELU: dict[str, Mapping[str, Any]] = {
    "forward": {"z1": [[0.8, 1.4]], "a1": [[0.8, 1.4]], "z2": [[0.7]], "y_pred": [[0.7]]},
    "gradients": {
        "w2": [[-0.24], [-0.42]],
        "b2": [[-0.3]],
        "w1": [[-0.3, 0.15], [-0.48, 0.24], [-0.12, 0.06]],
        "b1": [[-0.6, 0.3]],
    },
    "updated": {
        "w1": [[1.03, -1.015], [0.048, 1.976], [1.012, 0.494]],
        "b1": [[0.16, 0.17]],
        "w2": [[2.024], [-0.958]],
        "b2": [[0.53]],
    },
    "second": {"z1": [[0.9158, 1.3421]], "a1": [[0.9158, 1.3421]], "z2": [[1.0978474]], "y_pred": [[1.0978474]]},
}
"""Every array the note prints."""


def test_matrix_relu_prints_every_array() -> None:
    d = derived("matrix_relu")
    first = d.evaluate()
    close(first.loss, 0.04500000000000008)
    updated = d.update(0.1)
    second = d.evaluate(updated)
    close(second.loss, 0.004787056843380046)
    found = {"forward": first.values, "gradients": first.gradients, "updated": updated, "second": second.values}
    for part, arrays in MATRIX_RELU.items():
        for name, array in arrays.items():
            close(found[part][name], array)


def test_matrix_relu_agrees_with_the_cell() -> None:
    names, _ = executed("matrix_relu")
    d = derived("matrix_relu")
    updated = d.update(0.1)
    for parameter in ("w1", "b1", "w2", "b2"):
        close(d.evaluate().gradients[parameter], names[f"d{parameter}"])
        close(updated[parameter], names[parameter])
    close(d.evaluate(updated).loss, names["loss_2"].item())


def test_matrix_relu_on_the_command_line() -> None:
    text = command("run", "matrix_relu", "--digits", "16").stdout
    assert "After 1 step with learning rate 0.1" in text and "  1  0.004787056843380046\n" in text
    text = command("run", "matrix_relu").stdout
    for shown in (
        "z2     = [[0.7]]",
        "∂loss/∂b1 = [[-0.6 0.3]]",
        "w2 = [[2.024]\n        [-0.958]]",
        "b1 = [[0.16 0.17]]",
    ):
        assert shown in text


def test_matrix_relu_without_a_loss_takes_the_prediction() -> None:
    d = derived("matrix_relu_forward")
    assert d.loss == "y_pred" and d.evaluate().loss == pytest.approx(0.7, rel=1e-12)


LOOP = [  # ŷ as the note prints it (float32), ŷ and L of each epoch in float64 by the plain loop below
    0.6999999284744263,
    1.0978477001190186,
    0.9676424264907837,
    1.0106127262115479,
    0.9965112209320068,
    1.0011460781097412,
    0.9996234178543091,
    1.0001239776611328,
    0.9999592304229736,
    1.0000131130218506,
]


def plain_loop(epochs: int) -> list[tuple[float, float]]:
    """Train by hand-written NumPy; return ŷ and L of every epoch, and of the forward pass after the last."""
    x, y = np.array([[0.5, 0.8, 0.2]]), 1.0
    w1, b1 = np.array([[1.0, -1.0], [0.0, 2.0], [1.0, 0.5]]), np.array([[0.1, 0.2]])
    w2, b2 = np.array([[2.0], [-1.0]]), np.array([[0.5]])
    found = []
    for _ in range(epochs + 1):
        a1 = np.maximum(x @ w1 + b1, 0)
        prediction = np.maximum(a1 @ w2 + b2, 0)
        found.append((prediction.item(), 0.5 * (prediction.item() - y) ** 2))
        d2 = (prediction - y) * (prediction > 0)
        d1 = d2 @ w2.T * (a1 > 0)
        w1, b1, w2, b2 = w1 - 0.1 * x.T @ d1, b1 - 0.1 * d1, w2 - 0.1 * a1.T @ d2, b2 - 0.1 * d2
    return found


def test_training_loop() -> None:
    d = derived("training_loop")
    assert (d.network.steps, d.network.learning_rate) == (10, 0.1)
    history = d.run()
    expected = plain_loop(10)
    assert len(history.losses) == 11
    for epoch in range(11):
        values = d.run(epoch).parameters
        prediction = d.evaluate(values).values["y_pred"].item()
        assert prediction == pytest.approx(expected[epoch][0], rel=1e-9)
        assert history.losses[epoch] == pytest.approx(expected[epoch][1], rel=1e-6)
        if epoch < 10:
            assert prediction == pytest.approx(LOOP[epoch], rel=2e-6)
    assert expected[9] == (pytest.approx(1.0000133519, abs=6e-11), pytest.approx(8.9136508e-11, rel=1e-7))
    assert expected[10][0] == pytest.approx(0.9999956134, abs=6e-11)


def test_training_loop_on_the_command_line() -> None:
    text = command("run", "training_loop").stdout
    assert "After 10 steps with learning rate 0.1" in text
    assert " 0  0.045\n" in text and " 1  0.004787056843\n" in text and " 9  8.9136508" in text


@pytest.mark.parametrize("name", ["stale", "training_loop"])
def test_stale_value_is_a_finding(name: str) -> None:
    (finding,) = derived(name).findings
    lines = cell(name).splitlines()
    line = next(k for k, text in enumerate(lines, 1) if text.startswith("z2_2"))
    unused = next(k for k, text in enumerate(lines, 1) if text.startswith("a1_2"))
    assert finding.line == line
    assert {"z2_2", "a1", "a1_2"} <= set(finding.names)
    assert "before the update" in finding.message and f"a1_2 (line {unused})" in finding.message
    assert "never used" in finding.message
    assert command("derive", name).stderr == f"note: {finding}\n"


def test_the_right_second_forward_is_no_finding() -> None:
    assert not sb.parse(cell("stale").replace("z2_2 = a1 @", "z2_2 = a1_2 @")).findings
    assert not derived("matrix_relu").findings


# --- two_layer_sigmoid, outer_dot -------------------------------------------------------------------------------------

TWO_LAYER_LINES = [
    r"\delta_2 &= (a_2 - y) \odot \sigma'(z_2), & \frac{\partial L}{\partial W_2} &= a_1^\top \delta_2,"
    r" & \frac{\partial L}{\partial b_2} &= \mathbf{1}^\top \delta_2",
    r"\delta_1 &= \delta_2 W_2^\top \odot \sigma'(z_1), & \frac{\partial L}{\partial W_1} &= x^\top \delta_1,"
    r" & \frac{\partial L}{\partial b_1} &= \mathbf{1}^\top \delta_1",
]


@pytest.mark.parametrize("more", [[], ["--batch", "n", "--loss", "np.sum(loss)"]], ids=["as written", "batch n"])
def test_two_layer_sigmoid_formulas(more: list[str]) -> None:
    lines = equation_lines(command("derive", "two_layer_sigmoid", "--to", "latex", *more).stdout)
    at = lines.index(TWO_LAYER_LINES[0])
    assert lines[at : at + 2] == TWO_LAYER_LINES
    if not more:
        assert equation_lines(derived("two_layer_sigmoid").latex())[at - 1 : at + 1] == lines[at - 1 : at + 1]


def test_two_layer_sigmoid_numbers() -> None:
    d = derived("two_layer_sigmoid")
    found = d.evaluate()
    close(found.values["z1"], [[0.31, 0.67]])
    close(found.values["a1"], [[0.5769, 0.6615]], digits=4)
    close(found.values["z2"], [[0.9853]], digits=4)
    close(found.values["a2"], [[0.7282]], digits=4)
    close(found.loss, 0.0369464815, digits=10)
    close(found.adjoints["z2"], [[-0.0538064466]], digits=10)
    close(found.adjoints["z1"], [[-0.0065667716, -0.0072288981]], digits=10)
    close(found.gradients["W2"], [[-0.0310401460], [-0.0355931344]], digits=10)
    close(found.gradients["W1"], [[-0.0032833858, -0.0036144491], [-0.0052534173, -0.0057831185]], digits=10)
    assert found.gradients["b1"].shape == (2,) and found.gradients["b2"].shape == (1,)
    close(found.gradients["b1"], found.adjoints["z1"].sum(axis=0))
    assert sb.check_gradients(d).ok


def test_outer_dot() -> None:
    d = derived("outer_dot")
    found = d.evaluate()
    assert found.loss == 11.0
    close(found.gradients["a"], [3.0, 4.0])
    assert executed("outer_dot")[1] == ["(2, 3)", "11"]
    # the outer product is outside the slice of e; asked for, it has its shape
    net = sb.parse(cell("outer_dot"), loss="np.sum(c)", wrt=["a", "b"])
    whole = sb.derive(net)
    assert whole.network.shape_of("c") == (2, 3) and whole.evaluate().loss == 180.0
    close(whole.evaluate().gradients["a"], [60.0, 60.0])
    close(whole.evaluate().gradients["b"], [3.0, 3.0, 3.0])


# --- all cases --------------------------------------------------------------------------------------------------------

CASES = [
    "double_softmax",
    "guess",
    "hidden_relu",
    "matrix_relu",
    "matrix_relu_forward",
    "module_bce",
    "neuron_bce",
    "neuron_bce_torch",
    "neuron_update",
    "numeric_diff",
    "outer_dot",
    "relu_mse",
    "relu_mse_torch",
    "softmax_ce",
    "square_1",
    "square_2",
    "square_3",
    "square_4",
    "square_torch",
    "stale",
    "training_loop",
    "two_layer_sigmoid",
]


def test_every_cell_has_a_case() -> None:
    assert sorted(p.stem for p in SEEDS.glob("*.py")) == CASES


@pytest.mark.parametrize("name", CASES)
def test_the_first_line_says_what_was_chosen(name: str) -> None:
    text = command("derive", name).stdout
    first = text.splitlines()[0]
    assert first.startswith("loss: ") and "parameters: " in first
    assert command("run", name).stdout.splitlines()[0].startswith("loss: ")


@pytest.mark.parametrize("name", CASES)
def test_gradients_agree_with_central_differences(name: str) -> None:
    d = derived(name)
    report = sb.check_gradients(d)
    assert report.ok, str(report)
    wrong = {k: v * 1.001 for k, v in d.evaluate().gradients.items()}
    assert not sb.check_gradients(d, gradients=wrong).ok  # the check sees an error of 0.1 %


@pytest.mark.parametrize("name", CASES)
def test_pages_are_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.txt", command("derive", name).stdout)
    golden(f"{name}.latex", command("derive", name, "--to", "latex").stdout)


@pytest.mark.parametrize("name", ["neuron_bce", "double_softmax", "two_layer_sigmoid"])
def test_code_is_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.code.py", command("code", name).stdout)


def test_the_chain_page_is_as_agreed(golden: Callable[[str, str], None]) -> None:
    golden("chain.txt", str(chain()))
    golden("chain.latex", chain().latex() + "\n")


TORCH_CELLS = {
    "neuron_bce_torch": ["w", "b"],
    "relu_mse_torch": ["w1", "b1", "w2", "b2"],
    "double_softmax": ["W", "b"],
    "square_torch": ["x"],
    "stale": ["W1", "b1", "W2", "b2"],
}


@pytest.mark.parametrize("name", TORCH_CELLS)
def test_torch_cells_agree_with_torch(name: str) -> None:
    torch = needs.package("torch")
    text = cell(name).replace("torch.float32", "torch.float64")
    text = text.split("# 두 번째 순전파")[0]  # what comes after the update reads stale values
    earlier = {"dL_dw1": 0, "dL_db1": 0, "w": types.SimpleNamespace(grad=0)}  # printed from cells before these
    namespace: dict[str, Any] = {"torch": torch, "F": torch.nn.functional, **earlier}
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, name, "exec"), namespace)
    finally:
        torch.set_default_dtype(before)
    found = derived(name).evaluate()
    loss = namespace.get("loss", namespace.get("z"))
    assert found.loss == pytest.approx(loss.item(), rel=1e-12)
    for parameter in TORCH_CELLS[name]:
        np.testing.assert_allclose(
            found.gradients[parameter], namespace[parameter].grad.numpy(), rtol=1e-10, atol=1e-16
        )


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda p: p.stem)
def test_examples_run(path: Path) -> None:
    if "import symback" in path.read_text(encoding="utf-8"):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"__name__": "__main__"})
        assert printed.getvalue()
        return
    more = ARGUMENTS.get(path.stem, [])
    result = CliRunner().invoke(main, ["derive", str(path), *more])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(main, ["run", str(path), *more])
    assert result.exit_code == 0, result.output
