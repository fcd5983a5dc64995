"""A row and a word in a row are found by every name code has for them, by definition, and when added while running."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.additions import copied, run_in, said_by

ACTIVATION = """
    Function(
        "squareplus",
        lambda x: (x + apply("sqrt", x ** number(2) + number(4))) / number(2),
        latex=r"\\\\mathrm{squareplus}",
        text="squareplus",
        title="Squareplus",
        aliases=("F.squareplus_act", "torch.squareplus_act"),
        source="https://arxiv.org/abs/2112.11687",
    ),
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with an activation and an alias of sigmoid, one edit each."""
    made = copied(tmp_path_factory.mktemp("function"))

    def edit(name: str, before: str, after: str) -> None:
        path = made / "functions" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, (name, before)
        path.write_text(text.replace(before, after), encoding="utf-8")

    start = "ACTIVATIONS: tuple[Function, ...] = ("
    edit("activations.py", start, start + ACTIVATION.replace("\\\\\\\\", "\\\\"))
    edit("activations.py", '        "torch.sigmoid",\n', '        "torch.sigmoid",\n        "torch.logistic",\n')
    return made


ACTIVATION_CODE = """\
import numpy as np

def act(z):
    return (z + np.sqrt(z ** 2 + 4)) / 2

x = np.array([[0.5, -1.0], [0.3, 0.8]])
W = np.array([[0.4], [0.1]])
y = np.array([[1.0], [0.0]])
z = x @ W
a = act(z)
loss = np.mean((a - y) ** 2)
"""
GRADIENT = """\
da = a - y
dz = da * (1 + z / np.sqrt(z ** 2 + 4)) / 2
dW = x.T @ dz
"""

TORCH_CODE = """\
import torch
import torch.nn.functional as F
x = torch.tensor([[0.5, -1.0], [0.3, 0.8]])
W = torch.tensor([[0.4], [0.1]], requires_grad=True)
y = torch.tensor([[1.0], [0.0]])
z = x @ W
a = {call}
loss = ((a - y) ** 2).mean()
loss.backward()
"""


def test_a_definition_in_numpy_is_recognized(package: Path) -> None:
    script = (
        f"import symback as sb\nd = sb.derive(sb.parse({ACTIVATION_CODE!r}))\nprint(d.network.equation('a').form)\n"
    )
    assert said_by(package, script + "print(sb.check_gradients(d).ok)\n") == "squareplus(z)\nTrue\n"


@pytest.mark.parametrize(
    ("call", "form"),
    [
        ("F.squareplus_act(z)", "squareplus(z)"),
        ("torch.squareplus_act(z)", "squareplus(z)"),
        ("z.squareplus_act()", "squareplus(z)"),
        ("torch.logistic(z)", "sigmoid(z)"),
        ("z.logistic()", "sigmoid(z)"),
    ],
)
def test_code_by_a_library_name_is_read(package: Path, call: str, form: str) -> None:
    script = f"import symback as sb\nnet = sb.parse({TORCH_CODE.format(call=call)!r})\nprint(net.equations[1].form)\n"
    assert said_by(package, script) == f"{form}\n"


PUBLIC = """
import symback as sb
assert {"squareplus", "squareplus_act", "logistic"} <= set(dir(sb))
assert sb.squareplus_act is sb.squareplus and sb.logistic is sb.sigmoid
net = sb.mlp([2, 3, 1], hidden="squareplus", output=None, loss="mse")
values = net.initial(0)
d = sb.derive(net)
import numpy as np
random = np.random.default_rng(1)
data = {"X": random.normal(size=(4, 2)), "Y": random.normal(size=(4, 1))}
assert sb.check_gradients(d, {**values, **data}).ok
assert "squareplus" in d.latex() and "squareplus" in d.text()
print("squareplus" in sb.squareplus.__doc__.lower())
"""


def test_it_is_a_public_function_that_derives_and_runs(package: Path) -> None:
    assert said_by(package, PUBLIC) == "True\n"


FILES = {"network.py": ACTIVATION_CODE, "marked.py": ACTIVATION_CODE + GRADIENT}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["table", "activations", "--to", "md"], "Squareplus"),
        (["derive", "--function", "squareplus"], "squareplus"),
        (["derive", "network.py"], "squareplus"),
        (["code", "network.py"], "np.sqrt"),
        (["check", "marked.py"], "dW"),
    ],
)
def test_the_commands_know_it(package: Path, arguments: list[str], expected: str) -> None:
    code, out, errors = run_in(package, ["-m", "symback", *arguments], FILES)
    assert code == 0, errors
    assert expected in out


RUN_TIME = """
import symback as sb
from symback.core.forms import Function, apply, number
from symback.functions import register, unregister
row = register(Function("cloglog", lambda x: number(1) - apply("exp", -apply("exp", x)), aliases=("torch.cloglog",)))
assert sb.cloglog is not None and "cloglog" in dir(sb)
text = '''
import torch
x = torch.tensor([0.5, 1.0]); w = torch.tensor([0.1, 0.2], requires_grad=True)
a = (x * w).cloglog()
loss = a.sum()
'''
print(sb.parse(text).equations[0].form)
unregister(row)
try:
    sb.parse(text)
except sb.ReadError as error:
    print("cloglog" in str(error))
"""


def test_a_row_registered_while_running_is_read_as_well(package: Path) -> None:
    assert said_by(package, RUN_TIME) == "cloglog(x * w)\nTrue\n"
