"""The number of rows as a letter: what two runs tell is compared with runs of other numbers of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symback as sb
from symback.cli import main
from symback.core.errors import ReadError
from symback.networks.network import Network
from symback.tracer.files import Request
from symback.tracer.process import traced_apart
from tests.tracing.files import FOLDER, SCRIPTS

MOVING = (
    *("deep_scratch/ch05/train_neuralnet", "dataclass_numbers", "tuples_of_layers", "named_tuples", "attention_block"),
    *("batchnorm_dataclass", "layernorm_residual", "dropout_masks", "layer_list", "leaky_inplace", "argparse_mlp"),
    *("adam_minibatch", "momentum_classes", "adagrad_softmax", "weight_decay_while", "loss_after_update"),
    *("closures_nested", "activation_table", "globals_script", "trainer_fit", "einsum_kaiming", "perceptron_margin"),
    *("svm_hinge", "logistic_costs", "linear_regression_scalar", "autoencoder_tied", "skipgram_negative"),
    *("rbf_network", "gaussian_mixture", "neural_ode", "reinforce_bandit", "xor_steps", "planar_dict"),
)
"""Programs whose rows can be repeated."""


def traced(path: Path, batch: str | None = None, *arguments: str) -> Network:
    return traced_apart(Request(path=str(path), arguments=arguments, batch=batch))


@pytest.mark.parametrize("case", [c for c in SCRIPTS if c.name in MOVING], ids=lambda c: c.name)
def test_a_letter_for_the_rows_changes_no_gradient(case: object) -> None:
    plain, rows = traced(FOLDER / case.path), traced(FOLDER / case.path, "n")
    lengths = {str(s) for v in rows.variables.values() if v.role == "input" for s in v.shape}
    assert "n" in lengths
    assert {v.name for v in rows.variables.values() if v.role == "parameter"} == {
        v.name for v in plain.variables.values() if v.role == "parameter"
    }
    one, two = sb.derive(plain).evaluate(), sb.derive(rows).evaluate()
    assert two.loss == pytest.approx(one.loss, rel=1e-12)
    for name, gradient in one.gradients.items():
        np.testing.assert_allclose(two.gradients[name], gradient, rtol=1e-10, atol=1e-14, err_msg=name)


def test_every_program_that_is_named_is_there() -> None:
    assert set(MOVING) <= {c.name for c in SCRIPTS} and len(MOVING) == 33


SIZED = """
import sys
import numpy as np

rng = np.random.default_rng(3)
W = rng.normal(size=(3, 2))
b = rng.normal(size=2)
data = np.random.default_rng(int(sys.argv[1]))
X = data.normal(size=(int(sys.argv[1]), 3))
y = data.integers(0, 2, size=len(X))
{body}
"""

BODIES = {
    "softmax with a count": """
m = X.shape[0]
S = np.exp(X @ W + b)
S /= S.sum(axis=1, keepdims=True)
loss = -np.log(S[np.arange(m), y]).sum() / m
""",
    "variance over n - 1": """
Z = X @ W + b
n_rows = len(Z)
loss = ((Z - Z.mean(axis=0)) ** 2).sum() / (n_rows - 1) + np.var(Z, ddof=1)
""",
    "a factor of Python": """
scale = 1.0 / (2 * len(X))
Z = np.tanh(X @ W + b)
loss = scale * np.sum(Z ** 2)
""",
    "by the number of entries": """
Z = np.tanh(X @ W + b)
loss = np.sum(Z ** 2) / Z.size + 0.1 * np.sum(W * W)
""",
    "by columns": """
A = X.T
Z = W.T @ A + b[:, None]
loss = np.mean(np.log1p(np.exp(Z))) + np.sum(np.ones((1, A.shape[1])) @ Z.T ** 2) / A.shape[1]
""",
    "in place, under a mask": """
Z = X @ W + b
Z[Z < 0] *= 0.2
loss = 0.5 * np.mean(np.sum(Z ** 2, axis=1))
""",
    "pairs of rows": """
Z = X @ W + b
D = Z[:, None, :] - Z[None, :, :]
loss = np.sum(D ** 2) / len(X) ** 2
""",
    "a one-hot table": """
T = np.eye(2)[y]
Z = X @ W + b
P = 1 / (1 + np.exp(-Z))
loss = np.mean(np.sum((P - T) ** 2, axis=1))
""",
    "centred data and a mask of the run": """
X = (X - X.mean(axis=0)) / X.std(axis=0)
keep = rng.random(X.shape) < 0.7
Z = (X * keep) @ W + b
loss = np.abs(Z).sum() / X.shape[0]
""",
    "flattened": """
Z = (X @ W + b).T.reshape(2, len(X))
loss = np.sum(Z * Z) / Z.shape[1]
""",
}


@pytest.mark.parametrize("kind", BODIES)
def test_formulas_by_the_letter_are_those_of_other_numbers_of_rows(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "sized.py"
    path.write_text(SIZED.format(body=BODIES[kind]), encoding="utf-8")
    rows = traced(path, "n", "5")
    derived = sb.derive(rows, wrt=["W", "b"])
    for count in ("5", "7", "12"):
        plain = traced(path, None, count)
        wanted = sb.derive(plain, wrt=["W", "b"]).evaluate()
        inputs = [v.name for v in rows.variables.values() if v.role == "input"]
        assert set(inputs) <= set(plain.values), (inputs, list(plain.values))
        found = derived.evaluate({name: plain.values[name] for name in inputs})
        assert found.loss == pytest.approx(wanted.loss, rel=1e-12), count
        for name in ("W", "b"):
            np.testing.assert_allclose(found.gradients[name], wanted.gradients[name], rtol=1e-10, atol=1e-13)


REFUSED = {
    "no axes": ("x = 0.5\nw = 2.0\nloss = (w * x - 1) ** 2\nw = w - 0.1 * 2 * (w * x - 1) * x\n", "have no axes"),
    "a number of rows that is written": (
        "import numpy as np\nX = np.random.randn(6, 3)\ny = np.array([0, 1, 1, 0, 1, 0])\nW = np.random.randn(3, 2)\n"
        "S = np.exp(X @ W)\nS = S / S.sum(axis=1, keepdims=True)\nloss = -np.log(S[np.arange(6), y]).mean()\n",
        "needs known sizes",
    ),
    "a loop over the rows": (
        "import numpy as np\nX = np.random.randn(4, 3)\nw = np.random.randn(3)\nloss = 0.0\nfor x in X:\n"
        "    loss = loss + np.tanh(x @ w) ** 2\n",
        "cannot have more",
    ),
    "a way that depends on the rows": (
        "import numpy as np\nX = np.random.randn(4, 3)\nw = np.random.randn(3)\nz = X @ w\n"
        "loss = np.sum(z ** 2) if len(X) < 6 else np.sum(np.abs(z))\n",
        "cannot have more: line 5: with more rows the code takes other steps",
    ),
    "a parameter of as many rows": (
        "import numpy as np\nX = np.random.randn(4, 3)\nW = np.random.randn(3, 2)\np = np.random.randn(len(X), 1)\n"
        "e = X @ W + p\nloss = np.sum(e ** 2)\nW -= 0.1 * 2 * X.T @ e\np -= 0.2 * e.sum(axis=1, keepdims=True)\n",
        "p, a parameter, changes its shape with the number of rows",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_have_more_rows_is_refused(kind: str, tmp_path: Path) -> None:
    text, said = REFUSED[kind]
    path = tmp_path / "fixed.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReadError) as caught:
        traced(path, "n")
    assert said in str(caught.value)


def test_rows_are_repeated_where_they_come_from_if_that_fits_better(tmp_path: Path) -> None:
    """Repeated where they are read, they would be a number of rows other than k; what was noted then is forgotten."""
    path = tmp_path / "again.py"
    path.write_text(
        "import numpy as np\nX = np.random.randn(6, 3)\ny = np.random.randn(6)\nZ = np.tanh(X)\nw = np.random.randn(3)\n"
        "k, m = X.shape[0], Z.shape[0]\nloss = np.sum(w) * (m - k) + np.sum((Z @ w - y) ** 2) / (2 * m - k)\n"
        "w -= 0.1 * Z.T @ (Z @ w - y)\n",
        encoding="utf-8",
    )
    net = traced(path, "n")
    assert "w.sum() * 0 + " in str(net) and "/ n" in str(net)
    assert {v.name: v.shape for v in net.variables.values()}["y"] == net.variables["Z"].shape[:1]


def test_a_written_number_of_rows_stays_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "written.py"
    path.write_text(
        "import numpy as np\nX = np.random.randn(6, 3)\nw = np.random.randn(3)\nloss = np.sum((X @ w) ** 2) / 6\n"
        "w -= 0.1 * X.T @ (X @ w) / 3\n",
        encoding="utf-8",
    )
    net = traced(path, "n")
    assert "/ 6" in str(net)
    told = [str(f) for f in net.findings]
    assert told == [
        "line 4: the number 6 is written here and does not move with the rows, although there are 6",
    ]


def test_the_command_line_prints_the_letter(tmp_path: Path) -> None:
    path = tmp_path / "sized.py"
    path.write_text(SIZED.format(body=BODIES["softmax with a count"]), encoding="utf-8")
    more = ["--execute", "--arguments", "5"]
    result = CliRunner().invoke(main, ["derive", str(path), *more, "--batch", "n"])
    assert result.exit_code == 0, result.output
    assert "n" in result.stdout and "1/5" not in result.stdout and r"\frac{1}{5}" not in result.stdout
    assert "executed twice, with its rows repeated: sized.py" in result.output
    assert "n is the number of rows (or columns) of X and y" in result.output
    verified = CliRunner().invoke(main, ["derive", str(path), *more, "--batch", "n", "--verify"])
    assert verified.exit_code == 0, verified.output
    assert "a second run with other parameters gave the loss that the formulas give" in verified.output
    refused = CliRunner().invoke(main, ["derive", str(path), *more, "--batch", "7"])
    assert refused.exit_code == 2 and "give a letter for the number of rows, as --batch n" in refused.stderr
