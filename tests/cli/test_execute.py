"""``--execute``: a file of one's own runs once in a process of its own, and what it computed is derived."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symback import cli
from symback.core.errors import ReadError
from symback.tracer.files import Request
from symback.tracer.process import traced_apart
from tests.support.places import EXAMPLES

TRAINS = """
import sys
import numpy as np
from helper import activation

rng = np.random.default_rng(0)
X, T = rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
W = rng.normal(size=(3, 1))
for step in range(3):
    out = activation(X @ W)
    loss = np.mean((out - T) ** 2)
    print("step", step, sys.argv[1:])
    W -= 0.1 * X.T @ (2 * (out - T) * (1 - out**2)) / len(X)
"""
HELPER = "import numpy as np\n\n\ndef activation(z):\n    return np.tanh(z)\n"


def told(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_text(HELPER, encoding="utf-8")
    path = tmp_path / "train.py"
    path.write_text(TRAINS, encoding="utf-8")
    return path


def test_a_file_is_executed_once_and_its_first_step_is_derived(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "symback", "derive", str(file), "--execute", "--arguments", "--fast 2"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])},
        cwd=file.parent,
        check=True,
    )
    first = done.stdout.splitlines()[0]
    assert (
        first
        == "executed once: train.py; loss: loss (by its name); parameters: W (updated by the code); data: X, T (change with wrt=, --wrt)"
    )
    assert "out = tanh(" in done.stdout and "∂L/∂W" in done.stdout
    assert done.stderr == "step 0 ['--fast', '2']\n"


@pytest.mark.parametrize("command", ["run", "code", "handout"])
def test_every_command_takes_an_executed_file(file: Path, command: str, tmp_path: Path) -> None:
    more = ["-o", str(tmp_path / "page.md")] if command == "handout" else []
    said = told(command, str(file), "--execute", *more)
    assert said.exit_code == 0, said.stderr
    assert "executed once: train.py" in (said.stdout if command != "handout" else said.stdout + said.stderr)
    if command == "run":
        assert "gradients agree with central differences" in said.stdout


def test_a_second_run_verifies_the_formulas(file: Path) -> None:
    said = told("derive", str(file), "--execute", "--verify")
    assert said.exit_code == 0 and "a second run with other parameters gave the loss" in said.stdout.splitlines()[0]


def test_what_leaves_the_record_is_refused_granted_or_found(tmp_path: Path) -> None:
    path = tmp_path / "leak.py"
    path.write_text(
        "import pickle\nimport numpy as np\nw = np.array([1.5, 2.5])\n"
        "twin = pickle.loads(pickle.dumps(w))\nloss = np.sum(twin**2) + np.sum(w)\n",
        encoding="utf-8",
    )
    said = told("derive", str(path), "--execute")
    assert said.exit_code == 2 and "line 4: twin is not computed by anything that is recorded" in said.stderr
    assert told("derive", str(path), "--execute", "--data", "twin").exit_code == 0
    said = told("derive", str(path), "--execute", "--verify")
    assert said.exit_code == 2 and "leaves the log and comes back" in said.stderr


def test_an_exception_of_the_file_is_its_own(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("import numpy as np\n\n\ndef f(w):\n    return w[5]\n\n\nf(np.ones(3))\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "symback", "derive", str(path), "--execute"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])},
        check=False,
    )
    lines = done.stderr.splitlines()
    assert done.returncode == 2 and done.stdout == ""
    assert lines[0] == "Traceback (most recent call last):" and "    return w[5]" in lines
    assert "symback/tracer" not in done.stderr
    assert lines[-2].startswith("IndexError: index 5 is out of bounds")
    assert lines[-1].startswith("symback: line 5: the file raised IndexError: index 5 is out of bounds")


def test_a_run_is_ended_after_its_time_and_leaves_no_process(tmp_path: Path) -> None:
    path = tmp_path / "endless.py"
    text = "import os, time\nimport numpy as np\nopen('pid', 'w').write(str(os.getpid()))\nw = np.ones(3)\n"
    path.write_text(text + "loss = np.sum(w**2)\nwhile True:\n    time.sleep(0.01)\n", encoding="utf-8")
    net = traced_apart(Request(str(path), seconds=1.5))
    assert str(net) == "Network(loss = (w**2).sum())"
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()


def test_a_file_without_a_loss_is_refused_with_its_names(tmp_path: Path) -> None:
    path = tmp_path / "nothing.py"
    path.write_text("import numpy as np\nw = np.ones(3)\nz = w * 2\n", encoding="utf-8")
    with pytest.raises(ReadError, match="computes nothing that is called a loss"):
        traced_apart(Request(str(path)))


def test_a_definition_is_called(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "import numpy as np\n\n\nclass Net:\n    def __init__(self, n):\n        self.w = np.linspace(0, 1, n)\n\n"
        "    def loss(self, x):\n        return np.sum(np.sin(self.w * x))\n",
        encoding="utf-8",
    )
    said = told("derive", str(path), "--execute", "--call", "Net(3).loss(np.array([1.0, 2.0, 3.0]))")
    assert said.exit_code == 0 and "parameters: w (" in said.stdout, said.stderr


def test_cells_of_a_notebook_run_in_their_order(tmp_path: Path) -> None:
    cells = ["%matplotlib inline\nimport numpy as np\nw = np.ones(2)", "loss = np.sum(w**2)", "raise SystemExit(3)"]
    notebook = {"cells": [{"cell_type": "code", "source": c} for c in cells], "nbformat": 4, "metadata": {}}
    path = tmp_path / "steps.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert told("derive", str(path), "--execute", "--cell", "2").exit_code == 0
    assert told("derive", str(path), "--execute").exit_code == 2
    assert "there is no cell 9" in told("derive", str(path), "--execute", "--cell", "9").stderr


@pytest.mark.parametrize(
    "built",
    [
        "net = sb.network([sp.Eq(y, w * x), sp.Eq(E, (y - 1)**2)])",
        "d = sb.derive((w*x - 1)**2, [w])",
        "eqs = [sp.Eq(y, w * x), sp.Eq(E, (y - 1)**2)]",
    ],
)
def test_a_file_that_builds_its_network_is_taken_at_it(tmp_path: Path, built: str) -> None:
    path = tmp_path / "chain.py"
    path.write_text(
        f"import sympy as sp\nimport symback as sb\nx, w, y, E = sp.symbols('x w y E')\n{built}\n", encoding="utf-8"
    )
    said = told("derive", str(path), "--execute")
    assert said.exit_code == 0 and "which builds the network itself" in said.stdout, said.stderr


def test_options_of_an_execution_need_one_and_take_no_others(file: Path) -> None:
    assert "it needs --execute" in told("derive", str(file), "--call", "f()").stderr
    assert "has its own values" in told("derive", str(file), "--execute", "--set", "x=1").stderr
    assert "--execute needs a FILE" in told("derive", "-", "--execute").stderr
    assert "give its number" in told("derive", str(file), "--execute", "--cell", "1,2").stderr


def test_a_text_that_cannot_be_followed_is_told_of_the_other_way(tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_text("import numpy as np\nw = np.ones(3)\nloss = np.sum(np.sort(w))\n", encoding="utf-8")
    said = told("derive", str(path))
    assert said.exit_code == 2 and said.stderr.count("--execute") == 1
    assert "--execute" not in told("derive", str(EXAMPLES / "no_such_file.py")).stderr


@pytest.mark.parametrize(
    ("held", "w", "line", "said"),
    [
        ("from array import array\np = array('d', [0.5])", "p[0]", 5, "a number is updated here that is not recorded"),
        (
            "from collections import UserDict\np = UserDict(w=0.5)",
            "p['w']",
            5,
            "a number is updated here that is not recorded",
        ),
        ("import json\np = json.loads('[0.5]').__iter__", "next(p())", 4, "e is computed here from numbers"),
    ],
)
def test_a_number_that_is_out_of_sight_is_refused(held: str, w: str, line: int, said: str, tmp_path: Path) -> None:
    path = tmp_path / "hidden.py"
    update = f"{w} = {w} - 0.1 * 2 * e * 3.0" if said.startswith("a number") else f"f = {w} - 0.1 * 2 * e"
    path.write_text(
        f"{held}\nfor _ in range(3):\n    e = {w} * 3.0 - 1.0; loss = e ** 2\n    {update}\n",
        encoding="utf-8",
    )
    found = told("derive", str(path), "--execute")
    assert found.exit_code == 2, found.output
    assert said in found.stderr and f"line {line}" in found.stderr


def test_a_run_that_is_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "endless.py"
    path.write_text(
        "import numpy as np\n\nw = np.array([0.5, -0.25])\nx = np.array([1.0, 2.0])\nloss = np.sum((w * x - 1.0) ** 2)\n"
        "w = w - 0.1 * 2 * (w * x - 1.0) * x\nk = 0\nwhile True:\n    k += 1\n",
        encoding="utf-8",
    )
    found = told("derive", str(path), "--execute", "--seconds", "3")
    assert found.exit_code == 0, found.output
    assert "the run was ended after 3 seconds (--seconds)" in found.stderr
    assert "what the code would have computed later is not seen" in found.stderr


def test_what_a_cell_measures_is_executed(tmp_path: Path) -> None:
    path = tmp_path / "measured.ipynb"
    cells = ["import numpy as np\nw = np.array([0.5, -0.25])", "%time loss = np.sum((w * 2.0 - 1.0) ** 2)\n!ls"]
    path.write_text(
        json.dumps({"cells": [{"cell_type": "code", "source": c, "metadata": {}, "outputs": []} for c in cells]}),
        encoding="utf-8",
    )
    found = told("run", str(path), "--execute")
    assert found.exit_code == 0, found.output
    assert "2.25" in found.output


def test_wrt_takes_names_of_the_page_and_keeps_the_other_parameters() -> None:
    found = told("derive", str(EXAMPLES / "layer_classes.py"), "--execute", "--wrt", "b2")
    assert found.exit_code == 0, found.output
    assert "parameters: b2 (given); data: W1, b1, W2, X, Y" in found.output
    refused = told("derive", str(EXAMPLES / "layer_classes.py"), "--execute", "--wrt", "b3")
    assert refused.exit_code == 2 and "there is no b3 in the run" in refused.stderr


def test_numbers_of_a_call_are_what_it_is_computed_from(tmp_path: Path) -> None:
    path = tmp_path / "gates.py"
    path.write_text(
        "class Mul:\n    def forward(self, p, q):\n        self.p, self.q = p, q\n        out = p * q\n        return out\n\n\n"
        "class Add:\n    def forward(self, a, b):\n        out = a + b\n        return out\n",
        encoding="utf-8",
    )
    call = "Mul().forward(Add().forward(2.0, -3.5), 1.1)"
    found = told("run", str(path), "--execute", "--call", call)
    assert found.exit_code == 0, found.output
    assert re.findall(r"∂loss/∂(\w+) += (\S+)", found.stdout) == [("a", "1.1"), ("b", "1.1"), ("q", "-1.5")]


def test_a_run_ends_after_its_first_step_where_the_loss_has_a_forward_pass_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "seldom.py"
    path.write_text(
        "import numpy as np\n\nrng = np.random.default_rng(0)\nX = rng.normal(size=(8, 3))\ny = rng.normal(size=(8, 1))\n"
        "W = rng.normal(size=(3, 1)) / np.sqrt(3)\n\n\ndef loss_of(model):\n    loss = np.mean((X @ model['W'] - y) ** 2)\n"
        "    return loss\n\n\nfor step in range(3000):\n    error = X @ W - y\n    W += -0.05 * X.T @ error / 4\n"
        "    model = {'W': W}\n    if step % 100 == 0:\n        print('after', step, loss_of(model))\n",
        encoding="utf-8",
    )
    found = told("derive", str(path), "--execute")
    assert found.exit_code == 0, found.output
    assert "parameters: W (updated by the code)" in found.output
    done = subprocess.run(
        [sys.executable, "-m", "symback", "derive", str(path), "--execute"], capture_output=True, text=True, check=True
    )
    assert re.findall(r"after (\d+)", done.stderr) == ["0"]
