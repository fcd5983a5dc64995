"""An activation and a loss are one row each, an alias is one word: in a copy of the package, they are found everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.additions import copied, run_in, said_by

ACTIVATION = """\
    Function(
        "squareplus",
        lambda x: (x + apply("sqrt", x * x + number(4))) / 2,
        latex=r"\\mathrm{sqp}",
        text="sqp",
        title="squareplus",
        aliases=_torch("squareplus"),
        source="a test",
    ),
"""

LOSS = """\
    Function(
        "quartic",
        lambda prediction, target, reduction="mean": _reduce((prediction - target) ** 4, reduction),
        latex=r"\\mathrm{quartic}",
        text="quartic",
        title="mean quartic error",
        arguments=2,
        argument_names=_PAIR,
        signature=(*_PAIR, "reduction"),
        parameters={"reduction": "mean"},
        inline=True,
        aliases=("F.quartic_loss",),
        source="a test",
    ),
"""

EDITS = {
    "activations.py": ("ACTIVATIONS: tuple[Function, ...] = (\n", ACTIVATION),
    "losses.py": ("LOSSES: tuple[Function, ...] = (\n", LOSS),
    "primitives.py": ('aliases=("torch.erf",', ' "np.bell_area",'),
}
"""By file of the tables: after which text of it what is written."""

CODE = """\
import numpy as np
import torch.nn.functional as F
x, w, y = np.array([[0.5, -0.3], [0.2, 0.9]]), np.array([[0.4], [-0.7]]), np.array([[0.1], [0.6]])
z = np.bell_area(x @ w)
a = F.squareplus(z)
loss = F.quartic_loss(a, y, reduction="sum")
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with two rows and one alias more."""
    made = copied(tmp_path_factory.mktemp("function"))
    for name, (place, added) in EDITS.items():
        path = made / "functions" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(place) == 1, name
        path.write_text(text.replace(place, place + added), encoding="utf-8")
    return made


def test_they_are_in_the_tables_and_have_pages(package: Path) -> None:
    for arguments, expected in (
        (["table", "activations", "squareplus"], "sqp′(x) = ½(x/√(x² + 4) + 1)"),
        (["table", "activations", "squareplus", "--to", "tex"], r"\mathrm{sqp}"),
        (["table", "losses", "quartic"], "4"),
        (["derive", "--function", "squareplus"], "The short form\n  sqp′(x) = ½(x/√(x² + 4) + 1)"),
    ):
        code, out, errors = run_in(package, ["-m", "symback", *arguments])
        assert code == 0 and expected in out, errors


def test_code_that_calls_them_is_read_run_and_printed(package: Path) -> None:
    code, out, errors = run_in(package, ["-m", "symback", "run", "code.py"], {"code.py": CODE})
    assert code == 0 and "gradients agree with central differences" in out, errors
    code, out, errors = run_in(package, ["-m", "symback", "derive", "code.py"])
    assert code == 0 and "z = erf(" in out and "a = sqp(z)" in out, errors


SCRIPT = """
import symback as sb
from symback import layers
net = sb.mlp([2, 3, 1], hidden="squareplus", output=None, loss="quartic")
d = sb.derive(net)
values = {**net.initial(seed=1), "X": [[0.5, -0.2], [0.1, 0.4], [1.0, 0.3]], "Y": [[0.1], [0.2], [0.3]]}
print(sb.check_gradients(d, values).ok)
print("squareplus" in dir(sb), "quartic" in dir(sb))
print("squareplus" in layers.activation_names(), "quartic" in layers.loss_names())
print(sb.squareplus is not None, "np.sqrt" in d.code())
print(sb.table("losses").text("md").count("quartic") > 0)
"""


def test_they_are_public_and_build_networks(package: Path) -> None:
    assert said_by(package, SCRIPT).split() == ["True"] * 8
