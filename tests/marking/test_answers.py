"""Formulas typed by students: what pages, texts and code print is read back; what is wrong is told apart; nothing runs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError
from symback.engine.interpreter import evaluate
from symback.marking.answers import parse_answer
from symback.page.views import step_text

SEEDS = Path(__file__).parents[1] / "seeds"
TWO_LAYERS = """
x = np.array([[0.5, 0.8], [0.1, -0.4], [0.3, 0.9]])
y = np.array([[1.0], [0.0], [1.0]])
W1 = np.array([[0.1, 0.3, 0.5, 0.2], [0.2, 0.4, -0.3, 0.7]])
b1 = np.array([0.1, 0.2, -0.1, 0.3])
W2 = np.array([[0.5], [0.6], [-0.2], [0.9]])
b2 = np.array([0.3])
z1 = x @ W1 + b1
a1 = 1 / (1 + np.exp(-z1))
z2 = a1 @ W2 + b2
y_hat = 1 / (1 + np.exp(-z2))
loss = np.sum((y_hat - y)**2) / 2
"""
COLUMN = """
x = np.array([0.5, 0.8])
y = np.array([1.0, 0.0, 0.2])
W = np.array([[0.1, 0.3], [0.2, 0.4], [0.6, -0.5]])
b = np.array([0.1, 0.2, 0.3])
z = W @ x + b
a = np.tanh(z)
L = np.sum((a - y)**2)
"""
RELU = """
X = np.array([[0.5, 0.8], [0.1, -0.4], [0.3, 0.9]])
Y = np.array([[1.0, 0.5], [0.0, 0.2], [1.0, 0.1]])
W = np.array([[0.1, 0.3], [0.2, -0.4]])
Z = X @ W
A = np.maximum(0, Z)
L = np.mean((A - Y)**2)
"""


def derivation(text: str) -> sb.Derivation:
    return sb.derive(sb.parse(text))


def numbers(d: sb.Derivation) -> dict[str, np.ndarray]:
    found = d.evaluate()
    return {**found.values, **{"∂" + name: value for name, value in found.adjoints.items()}}


def is_right(d: sb.Derivation, text: str, of: str = "") -> bool:
    answer = parse_answer(text, d.record, of=of)
    known = numbers(d)
    value = np.asarray(evaluate(answer.form, known))
    wanted = np.asarray(known["∂" + answer.of])
    return value.shape == wanted.shape and bool(np.allclose(value, wanted, rtol=1e-12, atol=1e-14))


RIGHT = {
    TWO_LAYERS: [
        r"\delta_2 = (\hat{y} - y) \odot \sigma'(z_2)",
        r"\delta_2 = (\hat y-y)\odot\hat y\odot(1-\hat y)",
        r"\frac{\partial L}{\partial W_2} = a_1^\top \delta_2",
        r"dW_2 = a_1^T \delta_2",
        r"\frac{\partial L}{\partial b_2} = \mathbf{1}^\top \delta_2",
        r"\delta_1 = \delta_2 W_2^{\top} \odot \sigma'(z_1)",
        r"\delta_1 = \left(\delta_2 W_2^{T}\right) \odot a_1 \odot (1 - a_1)",
        r"\delta_1 = a_1 \odot (1 - a_1) \odot \delta_2 W_2^{T}",
        r"\frac{\partial L}{\partial W_1} = x^\top \delta_1",
        r"\frac{\partial L}{\partial W_1} = x^\top \left(\left((\hat{y} - y) \odot \sigma'(z_2)\right) W_2^\top \odot \sigma'(z_1)\right)",
        "∂L/∂W₁ = xᵀ δ₁",
        "δ₁ = δ₂ W₂ᵀ ⊙ σ′(z₁)",
        "δ₂ = (ŷ − y) ⊙ ŷ ⊙ (1 − ŷ)",
        "dW2 = a1.T @ dz2",
        "dW2 = np.dot(a1.T, (y_hat - y) * y_hat * (1 - y_hat))",
        "db1 = np.sum(dz1, axis=0)",
        "db1 = dz1.sum(axis=0)",
        "dz1 = dz2 @ W2.T * sigmoid_prime(z1)",
        "dz1 = delta2.dot(W2.T) * sigmoid(z1) * (1 - sigmoid(z1))",
        "dL_dW1 = x.T @ dz1",
        "grad_b1 = 1^T dz1",
        "dW1 = x^T(δ2 W2^T ∘ a1 ∘ (1 - a1))",
        r"dz_1 = \frac{1}{2} \delta_2 W_2^\top \odot \sigma'(z_1) + \frac12 dz_1",
        r"d\hat{y} = \hat{y} - y",
    ],
    COLUMN: [
        r"\delta = 2(a - y) \odot (1 - a^2)",
        r"\delta = 2 (a-y) \odot (1-\tanh^2(z))",
        r"\frac{\partial L}{\partial W} = \delta x^\top",
        "dW = np.outer(dz, x)",
        r"db = \delta",
    ],
    RELU: [
        r"\delta = \frac{1}{3} (A - Y) \odot \mathrm{ReLU}'(Z)",
        r"\delta = \frac{2}{6} (A - Y) \odot \mathbf{1}[Z > 0]",
        r"dW = \frac{1}{n} X^\top ((A - Y) \odot 1[Z > 0])",
        "dW = X.T @ (2 * (A - Y) * (Z > 0)) / 6",
        "dZ = np.where(Z > 0, (A - Y) / 3, 0)",
        "dZ = (A - Y) / 3 * relu_derivative(Z)",
    ],
}
WRONG = {
    TWO_LAYERS: [
        r"\delta_2 = (y - \hat{y}) \odot \sigma'(z_2)",
        r"\delta_2 = (\hat{y} - y) \odot \sigma'(\hat{y})",
        r"\delta_2 = \hat{y} - y",
        "dW2 = 2 a_1^T dz2",
        "db1 = dz1",
        "db1 = np.mean(dz1, axis=0)",
        "dz1 = dz2 @ W2.T",
        "dz1 = dz2 @ W2.T * a1 * (1 + a1)",
    ],
    COLUMN: [r"dW = x^\top \delta", "dW = np.outer(x, dz)", r"\delta = 2(a - y) \odot (1 - z^2)"],
    RELU: [r"dW = X^\top ((A - Y) \odot 1[Z > 0])", r"dW = \frac{1}{n} X^\top (A - Y)"],
}


@pytest.mark.parametrize(("text", "answer"), [(t, a) for t, answers in RIGHT.items() for a in answers])
def test_right_answers_in_many_spellings(text: str, answer: str) -> None:
    assert is_right(derivation(text), answer)


@pytest.mark.parametrize(("text", "answer"), [(t, a) for t, answers in WRONG.items() for a in answers])
def test_wrong_answers_are_wrong(text: str, answer: str) -> None:
    try:
        assert not is_right(derivation(text), answer)
    except ReadError as error:
        assert "shape" in str(error) or "inner" in str(error) or "fit" in str(error)


def printed_answers(latex: str) -> list[str]:
    """Return each right side of a printed step as an answer of its own."""
    body = re.sub(r"\\(begin|end)\{aligned\}", "", latex).replace("&", " ")
    left = body.split("=")[0]
    return [
        f"{left} = {side}"
        for line in body.split(r"\\")
        for side in re.split(r"(?<![<>])=", line)[(0 if line.strip().startswith("=") else 1) :]
        if side.strip()
    ]


SEED_FILES = (
    "neuron_bce",
    "relu_mse",
    "square_torch",
    "neuron_update",
    "matrix_relu",
    "two_layer_sigmoid",
    "softmax_ce",
    "module_bce",
)


@pytest.mark.parametrize("seed", SEED_FILES)
def test_what_the_page_prints_is_read_back(seed: str) -> None:
    d = sb.derive(sb.read(SEEDS / f"{seed}.py"))
    read = 0
    for name in d.wrt:
        for page in (d.latex(name, view="matrix"), d.latex(name), d.latex(name, style="staged")):
            for answer in printed_answers(page):
                assert is_right(d, answer), answer
                read += 1
        line = step_text(d.record, name)
        assert is_right(d, line.split(" = ")[0] + " = " + line.split(" = ")[-1]), line
    assert read >= 2 * len(d.wrt)


@pytest.mark.parametrize("seed", SEED_FILES)
def test_the_lines_of_the_code_are_read_back(seed: str) -> None:
    d = sb.derive(sb.read(SEEDS / f"{seed}.py"))
    lines = [line.split("#")[0].strip() for line in d.code().splitlines() if re.match(r"\s+d\w+ = ", line)]
    assert lines
    for line in lines:
        if "[" in line or "errstate" in line:
            continue
        answer = parse_answer(line, d.record)
        known = numbers(d)
        np.testing.assert_allclose(
            np.reshape(evaluate(answer.form, known), np.shape(known["∂" + answer.of])),
            known["∂" + answer.of],
            rtol=1e-12,
        )


def test_a_right_side_alone_and_a_local_derivative() -> None:
    d = derivation(TWO_LAYERS)
    assert is_right(d, r"a_1^\top \delta_2", of="W2")
    scalar = derivation("x = 2.0\nt = 1.0\nw = 3.0\nh = x * w\ny = np.tanh(h)\nL = (y - t)**2 / 2")
    answer = parse_answer(r"\frac{\partial y}{\partial h} = 1 - y^2", scalar.record)
    assert (answer.of, answer.by) == ("y", "h")
    assert is_right(scalar, "dL/dw = dL/dy * dy/dh * dh/dw")
    assert is_right(scalar, r"\frac{\partial L}{\partial w} = (y - t)(1 - y^2) x")
    assert not is_right(scalar, r"\frac{\partial L}{\partial w} = (y - t)(1 - h^2) x")


def test_undefined_functions_and_equations_of_sympy() -> None:
    import sympy as sp

    x, t, w1, w2, h, y, E = sp.symbols("x t w1 w2 h y E")
    f = sp.Function("f")
    d = sb.derive(sb.network([sp.Eq(h, f(x * w1)), sp.Eq(y, f(h * w2)), sp.Eq(E, (t - y) ** 2 / 2)]), wrt=[w1, w2])
    answer = parse_answer(r"\frac{\partial E}{\partial w_2} = (y - t) \cdot f'(h \cdot w_2)\, h", d.record)
    assert str(answer.form) == "(y - t) * (f'(h * w2) * h)"


HOSTILE = [
    "dW2 = __import__('os').system('touch /tmp/x')",
    "dW2 = (lambda: 1)()",
    "dW2 = ().__class__.__base__",
    "dW2 = open('/etc/passwd')",
    "dW2 = a1.__class__",
    r"dW2 = \input{/etc/passwd}",
    r"dW2 = \write18{ls}",
    "dW2 = 2**10**9",
    "dW2 = " + "(" * 500 + "a1" + ")" * 500,
    "dW2 = " + "a1 + " * 900 + "a1",
    "dW2 = " + "9" * 400,
    "dW2 = a1[0]",
    "dW2 = exec(a1)",
    "dW2 = x for x in y",
    "dW2 = ; import os",
    "dW2 = ",
    "= a1",
    "",
    "dW2",
    "dW2 = a1 = a1",
    "dQ = a1",
    "dW2 = alpha",
    r"dW2 = \sum_i a_i",
    "dW2 = softmaxx(z1)",
    "dW2 = x @ x",
    "dW2 = a1 \x00 b",
]


@pytest.mark.parametrize("answer", HOSTILE)
def test_what_cannot_be_read_is_refused(answer: str) -> None:
    d = derivation(TWO_LAYERS)
    with pytest.raises(ReadError) as error:
        parse_answer(answer, d.record)
    assert "\n" not in str(error.value) and len(str(error.value)) < 400


def test_messages_name_the_place_and_the_nearest_name() -> None:
    d = derivation(TWO_LAYERS)
    with pytest.raises(ReadError, match=r"character 13: yhatt is not a name of this network \(did you mean 'y_hat'"):
        parse_answer("dW2 = dz2 * y_hatt", d.record)
    with pytest.raises(ReadError, match="derivative with respect to W2 is asked for, not to W1"):
        parse_answer("dW1 = a1", d.record, of="W2")
