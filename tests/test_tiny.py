"""One of each floor, end to end, in a few seconds: the first thing to run."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

import symback as sb
from symback.cli import main
from symback.core.errors import ReadError, ShapeError
from symback.core.forms import name
from symback.engine.calculus import partials
from symback.engine.elements import fresh, lower
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from tests.support.places import EXAMPLES
from tests.support.small_networks import differences, layers, random_values

TWO_LAYERS = EXAMPLES / "two_layer_sigmoid.py"
"""What a visitor tries first."""


def test_core_knows_shapes_and_prints() -> None:
    X, W = name("X", (4, 3)), name("W", (3, 2))
    assert (X @ W).shape == (4, 2) and str((X @ W).sum(axis=0)) == "(X @ W).sum(axis=0)"
    with pytest.raises(ShapeError):
        W @ X


def test_functions_are_rows_with_definitions() -> None:
    x = name("x")
    value = evaluate(ROWS["sigmoid"](x), {"x": 0.3})
    assert float(value) == pytest.approx(1 / (1 + np.exp(-0.3)), rel=1e-15)
    assert sb.derive_function("sigmoid").text("txt").rstrip().endswith("σ′(x) = σ(x)(1 − σ(x))")


def test_the_engine_differentiates_entry_by_entry() -> None:
    a, b = fresh(4), fresh(2)
    (slope,) = partials(lower(name("X", (4, 3)) @ name("W", (3, 2)), (a, b)), "W")
    assert "X" in str(slope.coefficient) and len(slope.summed) == 1
    net = sb.Network()
    net.define("L", net.parameter("x") ** 2)
    assert sb.derive(net).latex("x") == r"\frac{dL}{dx} = 2 x"


@pytest.mark.parametrize("loss", ["mse", "bce", "ce"])
def test_a_derivation_runs_and_agrees_with_differences(loss: str) -> None:
    d = sb.derive(layers([2, 3, 2], loss=loss))
    values = random_values(d.record)
    values["y"] = np.eye(2)[[0, 1, 1, 0, 1]]
    run = d.lambdify()
    _, gradients = run(**values)
    wanted = differences(lambda **moved: run(**moved)[0], values, d.wrt)
    for label in d.wrt:
        np.testing.assert_allclose(gradients[label], wanted[label], rtol=1e-6, atol=1e-8)


def test_it_trains() -> None:
    history = sb.train(sb.derive(sb.read(TWO_LAYERS)), optimizer="adam", steps=20)
    assert history.losses[-1] < history.losses[0]


def test_a_file_is_read_and_a_bad_one_refused() -> None:
    assert [e.name for e in sb.read(TWO_LAYERS).equations][-1] == "loss"
    with pytest.raises(ReadError, match="line 2"):
        sb.parse("w = 2.0\nloss = lambda * w")


@pytest.mark.parametrize("view", ["chain", "matrix", "index", "entries"])
def test_every_view_is_a_page(view: str) -> None:
    page = sb.derive(sb.read(TWO_LAYERS)).text(view)
    assert "∂L/∂" in page and len(page.splitlines()) > 5


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_handout_in_each_text_format(language: str) -> None:
    handout = sb.derive(sb.read(TWO_LAYERS)).handout(language)
    assert str(handout.text("html")).count("<math") > 30 and r"\documentclass" in str(handout.text("tex"))
    assert ("순전파" in str(handout.text("md"))) == (language == "ko")


def test_a_wrong_gradient_is_marked() -> None:
    report = sb.check_text((EXAMPLES / "homework.py").read_text(encoding="utf-8"))
    assert [v.slip for v in report.verdicts.values() if not v.ok and v.cause is None] == ["wrong_variable"]


@pytest.mark.parametrize("command", ["derive", "code", "run", "check"])
def test_every_command_answers(command: str) -> None:
    file = EXAMPLES / ("homework.py" if command == "check" else "two_layer_sigmoid.py")
    done = CliRunner().invoke(main, [command, str(file)])
    assert done.exit_code == (1 if command == "check" else 0), done.output
    assert len(done.stdout.splitlines()) > 5
