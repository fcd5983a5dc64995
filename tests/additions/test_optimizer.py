"""An optimizer is one row: written into a copy of the package, it is listed, printed, run, and read from code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.additions import copied, run_in, said_by

PLACE = "_ROWS: tuple[Rule, ...] = (\n"

ROW = """\
    Rule(
        "signum",
        "signum",
        ((m, momentum * m + (1 - momentum) * g), (w, w - learning_rate * _sign(m))),
        (_rate(1e-2), _fraction("momentum", 0.5, r"\\\\mu")),
        state={"m": 0.0},
        aliases=("torch.optim.Signum", "optim.Signum"),
        keywords={"lr": ("learning_rate",)},
        signature=("learning_rate", "momentum"),
        source="a test",
    ),
""".replace("\\\\", "\\")

CODE = """\
import torch
w = torch.tensor(3.0, requires_grad=True)
optimizer = torch.optim.Signum([w], lr=0.25, momentum=0.0)
for _ in range(3):
    loss = 0.5 * w**2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one row more."""
    made = copied(tmp_path_factory.mktemp("optimizer"))
    table = made / "functions" / "optimizers.py"
    text = table.read_text(encoding="utf-8")
    assert text.count(PLACE) == 1
    table.write_text(text.replace(PLACE, PLACE + ROW), encoding="utf-8")
    return made


def test_it_is_a_row_of_the_table(package: Path) -> None:
    code, out, errors = run_in(package, ["-m", "symback", "table", "optimizers", "signum"])
    assert code == 0, errors
    assert "m ← μ m + (1 − μ) g\n  θ ← θ − η sign(m)\n  η = 0.01\n  μ = ½\n" in out


def test_it_runs_as_it_is_printed(package: Path) -> None:
    script = """
import symback as sb
rule = sb.optimizer("signum", learning_rate=0.25, momentum=0.0)
net = sb.Network()
w = net.parameter("w", value=3.0)
net.define("L", w**2 / 2)
print(rule.text())
print(sb.train(sb.derive(net), optimizer=rule, steps=3).parameters["w"])
"""
    assert said_by(package, script) == "θ ← θ − η sign(g)\n2.25\n"


def test_the_commands_take_it_and_code_may_name_it(package: Path) -> None:
    code, out, errors = run_in(package, ["-m", "symback", "run", "code.py"], {"code.py": CODE})
    assert code == 0, errors
    assert "steps: 3, optimizer: signum" in out and "w = 2.25" in out
    code, out, errors = run_in(package, ["-m", "symback", "run", "code.py", "--optimizer", "signum", "--steps", "1"])
    assert code == 0 and "After 1 step of signum" in out, errors
    code, out, _ = run_in(package, ["-m", "symback", "run", "code.py", "--optimizer", "sigmun"])
    assert code == 2
