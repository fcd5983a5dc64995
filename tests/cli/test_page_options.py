"""The options of pages on the command line: views, numbers, notation, shapes, the table, the batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symback.cli import main

TWO_LAYERS = """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
x = np.array([[0.5, 0.8]])
y = np.array([[1.0]])
W1 = np.array([[0.2, 0.4], [0.1, 0.3]])
b1 = np.array([0.1, 0.2])
W2 = np.array([[0.5], [0.6]])
b2 = np.array([0.3])
z1 = x @ W1 + b1
a1 = sigmoid(z1)
z2 = a1 @ W2 + b2
y_hat = sigmoid(z2)
loss = np.mean((y_hat - y) ** 2)
"""


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "net.py").write_text(TWO_LAYERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*options: str) -> Result:
        return CliRunner().invoke(main, ["derive", "net.py", *options])

    return call


def test_the_index_view_with_reasons(run: Run) -> None:
    result = run("--view", "index", "--why", "--only", "W1", "--batch", "n")
    assert result.exit_code == 0, result.output
    assert "for one row (n = 1) the sum over the batch has one term" in result.output.splitlines()[0]
    assert "the samples i are summed, so" in " ".join(result.output.split())
    assert "= Σᵢ xᵢₖ ∂L/∂z_{1,ij}" in result.output and "= (xᵀ ∂L/∂z₁)ₖⱼ" in result.output


def test_a_batch_of_a_fixed_size_needs_no_remark(run: Run) -> None:
    assert "for one row" not in run("--batch", "7").output
    assert "for one row" not in run().output


def test_numbers_and_digits(run: Run) -> None:
    entries = run("--view", "entries", "--numbers", "--activation", "sigma", "--digits", "3")
    assert entries.exit_code == 0, entries.output
    assert "z₁ = W₁ x₁ + W₃ x₂ + b₁ = 0.2 × 0.5 + 0.1 × 0.8 + 0.1 = 0.28" in entries.output
    assert "σ₁ = 1/(1 + e^(−z₁)) = 1/(1 + e^(−0.28)) ≈ 0.57" in entries.output
    matrix = run("--numbers", "--view", "matrix", "--set", "x=[[1, 2]]")
    assert "= [1, 2] [0.2, 0.4; 0.1, 0.3] + [0.1, 0.2]" in matrix.output
    assert run("--numbers", "--digits", "99").exit_code == 2


def test_values_that_are_missing_are_named(run: Run, tmp_path: Path) -> None:
    assert run("--numbers", "--batch", "n").exit_code == 0  # the one row there is
    (tmp_path / "net.py").write_text(
        TWO_LAYERS.replace("np.array([[0.5, 0.8]])", "np.random.rand(1, 2)"), encoding="utf-8"
    )
    result = run("--numbers")
    assert result.exit_code == 2 and "x" in result.output and "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
    assert run("--numbers", "--seed", "0").exit_code == 0


def test_one_entry(run: Run) -> None:
    result = run("--only", "W1[0,1]", "--to", "latex", "--style", "staged")
    assert r"\frac{\partial L}{\partial W_2} = " in result.output and result.exit_code == 0
    wrong = run("--only", "W1[5,5]")
    assert wrong.exit_code == 2 and "not an entry of an array of shape (2, 2)" in wrong.output


def test_notation_shapes_table_and_time(run: Run) -> None:
    ng = run("--notation", "ng", "--view", "matrix", "--to", "latex").output
    assert r"dW^{[1]} &= X^\top dZ^{[1]}" in ng
    own = run("--notation", "ng", "--view", "matrix", "--to", "latex", "--name", r"W1=\Theta").output
    assert r"\Theta" in own
    shaped = run("--shapes", "--table", "--only", "W1", "--to", "latex", "--batch", "n").output
    assert r"\underset{(2 \times n)}{x^\top}" in shaped
    assert "W₁ weight   2 × 2" in run("--table").output
    assert "W₁(t + 1) = W₁(t) − η ∂L/∂W₁(t)" in run("--time").output
    wrong = run("--notation", "nilsen")
    assert wrong.exit_code == 2 and "'nielsen'" in wrong.output


def test_a_page_of_every_view_is_written(run: Run, tmp_path: Path) -> None:
    for view in ("chain", "matrix", "index", "entries"):
        result = run("--view", view, "-o", f"{view}.tex", "--table", "--why")
        assert result.exit_code == 0, result.output
        assert (tmp_path / f"{view}.tex").read_text(encoding="utf-8").count(r"\section*") >= 4
        assert "##" in run("--view", view, "--to", "md").output


TURNED = """import numpy as np
Q = np.random.randn(4, 4)
x = np.random.randn(4)
y = np.random.randn(4)
L = 0.5 * np.sum((Q @ x - y)**2)
"""


def test_facts_are_granted_and_updates_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "turned.py"
    path.write_text(TURNED, encoding="utf-8")
    options = ["derive", str(path), "--wrt", "x", "--assume", "orthogonal:Q", "--seed", "1"]
    page = CliRunner().invoke(main, options).stdout
    assert "= x − Qᵀ y" in page and "Used: Q is orthogonal" in page and "Update" not in page
    assert "x ← x − η ∂L/∂x" in CliRunner().invoke(main, [*options, "--update"]).stdout
    assert "x ← " not in CliRunner().invoke(main, [*options, "--no-update", "--optimizer", "adam"]).stdout
