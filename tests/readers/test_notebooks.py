"""Notebooks: cells, choices among them, what is ignored, and where errors are said to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import symback as sb
from symback.cli import main


def notebook(*cells: str) -> str:
    """Return the JSON of a notebook; a text that starts with ``#`` and a blank is a Markdown cell."""
    made: list[dict[str, Any]] = []
    for text in cells:
        kind = "markdown" if text.startswith("# ") else "code"
        cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        if kind == "code":
            cell.update(
                execution_count=None, outputs=[{"output_type": "stream", "name": "stdout", "text": ["loss = 3\n"]}]
            )
        made.append(cell)
    return json.dumps(
        {"cells": made, "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}
    )


COURSE = (
    "# Week 3: from one neuron to a network",
    "%matplotlib inline\n%load_ext autoreload\n!pip install -q numpy matplotlib\nimport numpy as np\nimport matplotlib.pyplot as plt",
    "import math, random\nfrom dataclasses import dataclass\nnp.random.seed(0)\nplt.rcParams['figure.figsize'] = (8, 4)",
    "# Activation functions",
    "def sigmoid(z):\n    '''The logistic function.'''\n    return 1 / (1 + np.exp(-z))",
    "zs = np.linspace(-6, 6, 100)\nplt.plot(zs, sigmoid(zs))\nplt.title('sigmoid')\nplt.grid(True)\nplt.show()",
    "def sigmoid_deriv(z):\n    s = sigmoid(z)\n    return s * (1 - s)",
    "print('sigmoid(0) =', sigmoid(0), f'derivative {sigmoid_deriv(0):.3f}')",
    "sigmoid?",
    "%%time\nslow = sum(math.sqrt(k) for k in range(10**6))",
    "%%bash\nls -la | head\nrm -rf nothing",
    "%%html\n<b>not Python</b>",
    "# One neuron",
    "x = 3.5\ny = 0.0\nw = 2.0\nb = 1.0",
    "z = w * x + b\ny_hat = sigmoid(z)\nloss = -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))\nloss",
    "fig, ax = plt.subplots()\nax.scatter([x], [y])\nax.set_xlabel('x'); ax.legend()\nfig.savefig('neuron.png')",
    "dw = (y_hat - y) * x\ndb = y_hat - y\nprint(dw, db)",
    "files = !ls\ncpu = %timeit -o sigmoid(0)",
    "# Data",
    "@dataclass\nclass Split:\n    train: list\n    test: list\n\n    def __len__(self):\n        return len(self.train)",
    "class Plotter:\n    def __init__(self, ax):\n        self.ax = ax\n\n    def show(self, x, y):\n        self.ax.plot(x, y)\n        plt.show()",
    "import pandas as pd\ndf = pd.read_csv('https://example.org/data.csv')\ndf.head()\ndf['a'].hist()",
    "X = np.array([[0.5, -1.0], [1.5, 2.0], [-0.3, 0.8]])\nt = np.array([[1.0], [0.0], [1.0]])",
    "X.shape, t.shape",
    "with open('notes.txt') as f:\n    notes = f.read()",
    "try:\n    import seaborn as sns\n    sns.set()\nexcept ImportError:\n    pass",
    "# Two layers",
    "W1 = np.array([[0.1, 0.2, -0.3], [0.4, -0.5, 0.6]])\nb1 = np.zeros(3)\nW2 = np.array([[0.7], [-0.8], [0.9]])\nb2 = np.zeros(1)",
    "def forward(X):\n    z1 = X @ W1 + b1\n    a1 = np.tanh(z1)\n    z2 = a1 @ W2 + b2\n    return z1, a1, z2",
    "z1, a1, z2 = forward(X)\nprint(z2)",
    "y_pred = sigmoid(z2)\nL = np.mean((y_pred - t)**2)\nprint('L =', L)",
    "plt.imshow(W1); plt.colorbar(); plt.show()",
    "dz2 = 2 * (y_pred - t) / t.size * y_pred * (1 - y_pred)\ndW2 = a1.T @ dz2\ndb2 = dz2.sum(axis=0)",
    "dz1 = dz2 @ W2.T * (1 - a1**2)\ndW1 = X.T @ dz1\ndb1 = dz1.sum(axis=0)",
    "for name, g in [('dW1', dW1), ('dW2', dW2)]:\n    print(name, g)",
    "# Exercise: fill this in",
    "def my_gradient(W):\n    return ___",
    "answer = # your code here",
    "assert np.allclose(dW2.shape, W2.shape)",
    "lr = 0.1\nW1 -= lr * dW1\nb1 -= lr * db1\nW2 -= lr * dW2\nb2 -= lr * db2",
    "from IPython.display import Image, display\ndisplay(Image('net.png'))",
    "random.shuffle([1, 2, 3])\ndel zs",
)
CODE = [c for c in COURSE if not c.startswith("# ")]
NEURON = next(k for k, c in enumerate(CODE, 1) if c.startswith("z = w * x"))
NETWORK = next(k for k, c in enumerate(CODE, 1) if c.startswith("y_pred"))


def test_a_course_of_forty_cells_lists_its_losses() -> None:
    assert len(COURSE) >= 40
    with pytest.raises(sb.ReadError) as caught:
        sb.parse(notebook(*COURSE))
    message = str(caught.value)
    assert "2 cells" in message and "--cell" in message
    assert f"loss (cell {NEURON}, line 3)" in message and f"L (cell {NETWORK}, line 2)" in message


def test_a_course_of_forty_cells_is_read_by_cell() -> None:
    net = sb.parse(notebook(*COURSE), cell=NEURON)
    found = sb.derive(net).evaluate()
    assert found.loss == pytest.approx(8.000335406373212, rel=1e-12)
    assert found.gradients["w"] == pytest.approx(3.4988262745433674, rel=1e-9)
    assert found.gradients["b"] == pytest.approx(0.9996646498695335, rel=1e-9)


def test_the_network_of_the_course_against_its_own_gradients() -> None:
    net = sb.parse(notebook(*COURSE), cell=NETWORK)
    assert [v.name for v in net.variables.values() if v.role == "parameter"] == ["W1", "b1", "W2", "b2"]
    names: dict[str, Any] = {"np": np, "print": lambda *_: None}
    wanted = ("def sigmoid(", "X = ", "W1 = ", "def forward", "z1, a1", "y_pred", "dz2", "dz1")
    exec("\n".join(c for c in CODE if c.startswith(wanted)), names)
    found = sb.derive(net).evaluate()
    assert found.loss == pytest.approx(names["L"], rel=1e-12)
    for name in ("W1", "b1", "W2", "b2"):
        np.testing.assert_allclose(found.gradients[name], names["d" + name], rtol=1e-10)


def test_the_update_belongs_to_the_network_when_its_cells_are_chosen() -> None:
    update = next(k for k, c in enumerate(CODE, 1) if c.startswith("lr = "))
    broken = next(k for k, c in enumerate(CODE, 1) if "your code here" in c)
    net = sb.parse(notebook(*COURSE), cell=f"{NETWORK},{update}")
    assert net.learning_rate == 0.1
    assert f"cell {broken} is not Python and is left out" in net.choices
    with pytest.raises(sb.ReadError, match=rf"cell {broken}, line 1: not Python: invalid syntax"):
        sb.parse(notebook(*COURSE), cell=broken)


def test_cells_before_are_known_and_their_training_is_not_done() -> None:
    text = notebook(
        "import numpy as np\nw = np.array([1.0, 2.0])\nX = np.eye(2)",
        "for k in range(5):\n    L = ((X @ w)**2).sum()\n    w -= 0.1 * 2 * X.T @ (X @ w)",
        "out = X @ w\nloss = (out**3).sum()",
    )
    net = sb.parse(text, cell=3)
    assert net.values["w"].tolist() == [1.0, 2.0] and net.loss == "loss" and net.steps is None
    assert "updates made in cell 2 are left out: parameters have their first values" in net.choices
    first = sb.parse(text, cell=2)
    assert (first.loss, first.steps, first.learning_rate) == ("L", 5, 0.1)


@pytest.mark.parametrize(
    ("choice", "cells"), [(2, [2]), ("2", [2]), ("1,2", [1, 2]), ("1-2", [1, 2]), ([1, 2], [1, 2])]
)
def test_ways_to_choose_cells(choice: Any, cells: list[int]) -> None:
    text = notebook("w = 2.0\nx = 3.0", "loss = (w * x)**2", "loss = w * x")
    assert str(sb.parse(text, cell=choice)) == "Network(loss = (w * x)**2)"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (9, "there is no cell 9; the notebook has code cells 1 to 3"),
        ("0", "no cell 0"),
        ("2-1", "no cell 2-1"),
        ("one", "cell 'one': write a number"),
        ("1;2", "write a number"),
        ([], "no cell is chosen"),
        ("", "write a number"),
        ("99999999999999999999", "write a number"),
    ],
)
def test_cells_that_are_not_there(choice: Any, message: str) -> None:
    with pytest.raises(sb.ReadError, match=message):
        sb.parse(notebook("w = 2.0\nx = 3.0", "loss = (w * x)**2", "loss = w * x"), cell=choice)


def test_only_a_notebook_has_cells() -> None:
    with pytest.raises(sb.ReadError, match="only a notebook has cells"):
        sb.parse("loss = 1", cell=1)


def test_a_loss_given_by_name_in_several_cells_is_asked_for_too() -> None:
    text = notebook("w = 2.0", "loss = w**2", "loss = w**3", "other = w**4")
    with pytest.raises(sb.ReadError, match=r"choose one by cell= .*loss \(cell 2, line 1\), loss \(cell 3, line 1\)"):
        sb.parse(text, loss="loss")
    assert str(sb.parse(text, loss="other")) == "Network(other = w**4)"
    assert sb.parse(text, loss="w**5").loss


@pytest.mark.parametrize(
    ("cells", "place", "message"),
    [
        (["import numpy as np", "w = 1.0\ny = np.frobnicate(w)\nloss = y * w"], (2, 2), "np.frobnicate is not known"),
        (["w = 1.0", "# text", "def f(v):\n    return v + unknown", "loss = f(w)"], (2, 2), "unknown is not defined"),
        (["w = 1.0\nx = [1, 2", "loss = w"], (2, 1), "w is not defined.*; cell 1 is not Python and is left out"),
        (["w = 1.0\nx = [1, 2"], (1, 2), "not Python: '\\[' was never closed"),
    ],
)
def test_errors_name_cell_and_line(cells: list[str], place: tuple[int, int], message: str) -> None:
    with pytest.raises(sb.ReadError, match=message) as caught:
        sb.parse(notebook(*cells))
    assert (caught.value.cell, caught.value.line) == place
    assert str(caught.value).startswith(f"cell {place[0]}, line {place[1]}: ")


def test_shape_errors_name_cell_and_line() -> None:
    text = notebook("import numpy as np\nX = np.ones((3, 4))", "%time\nw = np.ones((2,))\nloss = (X @ w).sum()")
    with pytest.raises(sb.ShapeError, match=r"^cell 2, line 3: in X @ w: shapes \(3, 4\) and \(2,\)"):
        sb.parse(text)


def test_findings_and_choices_name_cell_and_line() -> None:
    text = notebook(
        "import numpy as np",
        "w = np.array([1.0, 2.0])\nX = np.ones((3, 2))\nt = np.ones((3, 1))",
        "y = X @ w\nloss = ((y - t)**2).sum()",
    )
    (finding,) = sb.parse(text).findings
    assert (finding.cell, finding.line) == (3, 2) and str(finding).startswith("cell 3, line 2: ")
    text = notebook("w = 2.0", "x = w * 3\nx = x**2 + x", "loss = x**2")
    assert "x is assigned 2 times: x (cell 2, line 1), x_2 (cell 2, line 2)" in sb.parse(text).choices


def test_source_of_a_cell_may_be_one_text() -> None:
    text = json.dumps({"cells": [{"cell_type": "code", "source": "w = 2.0\nloss = w**2"}], "nbformat": 4})
    assert sb.parse(text).loss == "loss"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"cells": [}, "nbformat"', "not a notebook: the file is not JSON"),
        ('{"cells": 3, "nbformat": 4}', "no list of cells"),
        ('{"cells": [], "nbformat": 4}', "no code cell"),
        ('{"cells": [{"cell_type": "markdown", "source": "a"}, 7], "nbformat": 4}', "no code cell"),
        ('{"cells": [{"cell_type": "code", "source": "a = \\u0000"}], "nbformat": 4}', "null bytes"),
        ('{"worksheets": [{"cells": []}], "nbformat": 3, "cells": 0}', "before version 4"),
        ('{"cells": ' + "[" * 5000 + ', "nbformat"', "not JSON"),
    ],
)
def test_what_is_no_notebook(text: str, message: str) -> None:
    with pytest.raises(sb.ReadError, match=message):
        sb.parse(text)


def test_commands_in_a_plain_file() -> None:
    text = (
        "%matplotlib inline\n!pip install numpy\n%%time\nw = 3.0\nfiles = !ls\nw?\nloss = w**2 % 7 if False else w**2\n"
    )
    assert str(sb.parse(text)) == "Network(loss = w**2)"


@pytest.mark.parametrize("command", ["%time", "%prun", "%memit", "    %time"])
def test_what_a_command_measures_is_a_statement(command: str) -> None:
    indent = command[: -len(command.lstrip())]
    opened = "if True:\n" if indent else ""
    net = sb.parse(f"w = 3.0\n{opened}{command} loss = w**2\n%time\n%prun -l 3 w = 5.0\n")
    assert net.loss == "loss" and net.values["w"] == 3.0


def test_nothing_of_a_notebook_is_executed(tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    touch = f"open({str(sentinel)!r}, 'w').close()"
    cells = (
        f"!touch {sentinel}\n%run {sentinel}\nimport os, sys\n{touch}",
        f"%%bash\ntouch {sentinel}",
        f"%%python\n{touch}",
        f"%%time\n{touch}",
        f"os.system('touch {sentinel}')\n__import__('os').system('touch {sentinel}')",
        f"exec({touch!r})\neval({touch!r})\nx = eval('3.0')",
        f"class A:\n    {touch}\n    def __del__(self):\n        {touch}",
        f"def f(a={touch}):\n    {touch}\n    return 1\nf()",
        f"@A({touch})\ndef g(): pass",
        f"w = 2.0\nloss = w**2\n{touch}",
        "{}.__class__.__bases__[0].__subclasses__()",
        f"[{touch} for _ in range(3)]\n(lambda: {touch})()",
    )
    assert str(sb.parse(notebook(*cells))) == "Network(loss = w**2)"
    for hostile in ("eval('w')", "w + x", "().__class__.__bases__[0]", "os.system('touch')", "getattr(w, '__class__')"):
        with pytest.raises(sb.ReadError):
            sb.parse(notebook(*cells, f"L = w * {hostile}"), cell=len(cells) + 1)
    assert not sentinel.exists()


# --- files and the command line -----------------------------------------------------------------------------------------


def test_notebook_file(tmp_path: Path) -> None:
    path = tmp_path / "course.ipynb"
    path.write_text(notebook(*COURSE), encoding="utf-8")
    assert sb.read(path, cell=NEURON).loss == "loss"
    result = CliRunner().invoke(main, ["derive", str(path)])
    assert result.exit_code == 2 and f"L (cell {NETWORK}, line 2)" in result.stderr and result.stderr.count("\n") == 1
    result = CliRunner().invoke(main, ["run", str(path), "--cell", str(NEURON)])
    assert result.exit_code == 0, result.output
    assert "8.000335406" in result.stdout
    result = CliRunner().invoke(main, ["code", "-", "--cell", str(NEURON)], input=notebook(*COURSE))
    assert result.exit_code == 0 and "dw = dz * x" in result.stdout
    result = CliRunner().invoke(main, ["derive", str(path), "--cell", "77"])
    assert result.exit_code == 2 and "there is no cell 77" in result.stderr


def test_notebook_with_large_pictures(tmp_path: Path) -> None:
    made = json.loads(notebook("w = 2.0\nloss = w**2"))
    made["cells"][0]["outputs"] = [{"output_type": "display_data", "data": {"image/png": "A" * 9_000_000}}]
    path = tmp_path / "pictures.ipynb"
    path.write_text(json.dumps(made), encoding="utf-8")
    assert sb.read(path).loss == "loss"


def test_symbolic_batch_and_values_reach_the_notebook(tmp_path: Path) -> None:
    path = tmp_path / "one.ipynb"
    path.write_text(
        notebook("import numpy as np", "x = np.ones((1, 2))\nW = np.ones((2, 1))", "L = (x @ W).sum()"),
        encoding="utf-8",
    )
    result = CliRunner().invoke(main, ["derive", str(path), "--batch", "n", "--set", "W=[[3.0], [4.0]]"])
    assert result.exit_code == 0, result.output
