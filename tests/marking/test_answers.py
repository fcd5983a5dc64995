"""Formulas typed by students: what pages, texts and code print is read back; what is wrong is told apart; nothing runs."""

from __future__ import annotations

import re

import numpy as np
import pytest

import symback as sb
from symback.core.errors import ReadError
from symback.engine.interpreter import evaluate
from symback.marking.answers import parse_answer
from symback.page.views import step_text
from tests.corpus.answers import RIGHT, TWO_LAYERS, WRONG
from tests.support.places import SEEDS
from tests.support.small_networks import derivation


def numbers(d: sb.Derivation) -> dict[str, np.ndarray]:
    found = d.evaluate()
    return {**found.values, **{"∂" + name: value for name, value in found.adjoints.items()}}


def is_right(d: sb.Derivation, text: str, of: str = "") -> bool:
    answer = parse_answer(text, d.record, of=of)
    known = numbers(d)
    value = np.asarray(evaluate(answer.form, known))
    wanted = np.asarray(known["∂" + answer.of])
    return value.shape == wanted.shape and bool(np.allclose(value, wanted, rtol=1e-12, atol=1e-14))


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
