"""What README.md shows is what happens: its Python blocks run, its commands print what stands below them."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[int, str]]:
    """Return the blocks of a language with the lines they start on."""
    return [
        (README.count("\n", 0, match.start()) + 1, match.group(2))
        for match in BLOCK.finditer(README)
        if match.group(1) == language
    ]


def commands() -> list[tuple[int, str, str]]:
    """Return (line, command, shown output) of every ``$ symback …`` in a console block."""
    found = []
    for line, text in blocks("console"):
        for part in re.split(r"^(?=\$ )", text, flags=re.MULTILINE):
            if part.strip():
                command, _, shown = part.removeprefix("$ ").partition("\n")
                found.append((line, command, shown))
    return found


def test_there_is_something_to_run() -> None:
    assert blocks("python") and commands() and blocks("sh")


@pytest.mark.parametrize(("line", "text"), blocks("python"), ids=lambda v: f"line {v}" if isinstance(v, int) else "")
def test_python_blocks_run(line: int, text: str) -> None:
    padded = "\n" * line + text  # a traceback then names the line of the README
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(padded, "README.md", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize(
    ("line", "command", "shown"), commands(), ids=lambda v: v if isinstance(v, str) and len(v) < 60 else ""
)
def test_commands_print_what_is_shown(line: int, command: str, shown: str) -> None:
    words = shlex.split(command)
    assert words[0] == "symback", f"README.md line {line}: only symback commands are checked"
    done = subprocess.run(
        [sys.executable, "-m", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    found = done.stdout.decode("utf-8").splitlines()
    expected = shown.splitlines()
    assert [s.rstrip() for s in found] == [s.rstrip() for s in expected]


def test_files_that_are_named_exist() -> None:
    for name in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"\bexamples/[\w./]+", README):
        assert (ROOT / name.rstrip(".")).exists(), name


def test_the_shell_lines_name_what_the_project_has() -> None:
    extras = re.search(
        r"\[project.optional-dependencies\]\n(.*?)\n\n", (ROOT / "pyproject.toml").read_text(), re.DOTALL
    )
    assert extras is not None
    for _, text in blocks("sh"):
        for names in re.findall(r"\.\[([\w,]+)\]", text):
            for name in names.split(","):
                assert re.search(rf"^{name} = ", extras.group(1), re.MULTILINE), name
