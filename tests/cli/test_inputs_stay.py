"""No command writes over what it reads, and a closed standard input is one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from symback import cli
from tests.support.places import ROOT

TEXT = "import numpy as np\nw = np.array([1.0, 2.0])\nL = np.sum(w**2)\ndw = 2 * w\n"
COMMANDS = [("code",), ("derive", "--to", "text"), ("check", "--to", "text"), ("handout", "--to", "text")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.py").write_text(TEXT)
    (tmp_path / "symbolic.py").symlink_to("in.py")
    (tmp_path / "hard.py").hardlink_to(tmp_path / "in.py")
    (tmp_path / "values.json").write_text(json.dumps({"w": [1.0, 3.0]}))
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
@pytest.mark.parametrize("source", ["in.py", "symbolic.py"])
@pytest.mark.parametrize("output", ["in.py", "symbolic.py", "hard.py"])
def test_no_command_overwrites_its_input(folder: Path, command: tuple[str, ...], source: str, output: str) -> None:
    name, *options = command
    result = CliRunner().invoke(cli.main, [name, str(folder / source), "-o", str(folder / output), *options])
    assert result.exit_code == 2
    assert "is the input itself, which is never overwritten" in result.stderr
    assert "Traceback" not in result.output
    assert (folder / "in.py").read_text() == TEXT and (folder / "symbolic.py").is_symlink()


def test_values_are_not_overwritten(folder: Path) -> None:
    values = folder / "values.json"
    arguments = ["derive", str(folder / "in.py"), "--values", str(values), "-o", str(values)]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 2 and "never overwritten" in result.stderr
    assert json.loads(values.read_text()) == {"w": [1.0, 3.0]}


def test_other_files_are_written_and_nothing_is_remembered(folder: Path) -> None:
    made = folder / "made.py"
    for _ in range(2):
        assert CliRunner().invoke(cli.main, ["code", str(folder / "in.py"), "-o", str(made)]).exit_code == 0
    assert CliRunner().invoke(cli.main, ["derive", str(made)]).exit_code in (0, 2)
    # what one run reads another may write
    assert CliRunner().invoke(cli.main, ["code", str(folder / "in.py"), "-o", str(made)]).exit_code == 0
    assert "def gradients" in made.read_text()


@pytest.mark.parametrize("command", ["derive", "code", "check", "run"])
def test_closed_standard_input_is_one_line(command: str) -> None:
    closing = (
        f"import os, sys\nos.close(0)\nos.execv(sys.executable, [sys.executable, '-m', 'symback', {command!r}, '-'])"
    )
    found = subprocess.run([sys.executable, "-c", closing], capture_output=True, cwd=ROOT, text=True)
    assert found.returncode == 2
    assert "standard input is closed" in found.stderr
    assert "Traceback" not in found.stderr and len(found.stderr.splitlines()) == 1
