"""Documents in Markdown whose blocks are run: what is in them, and a folder in which their commands run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

from tests.support import needs
from tests.support.places import ROOT

markdown_it = needs.package("markdown_it")

DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
"""What is written for readers; pages that are built from examples have a test of their own."""

SHOWN_INPUTS = ("examples", "docs", "README.md", "LICENSE", "pyproject.toml")
"""What a command in a document may name; it runs in a copy of these."""


@dataclass(frozen=True)
class Block:
    """A block of code: the document, the line it starts on, its language, the file it shows (or ""), and its text."""

    document: str
    line: int
    language: str
    file: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.document}:{self.line}"


def tokens_of(text: str) -> Iterator[Any]:
    """Yield the tokens of a document, those inside of lines too."""
    for token in markdown_it.MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


def blocks_of(document: str, text: str) -> list[Block]:
    """Return the blocks of a document in order; one without a fence has the language ""."""
    found = []
    for token in tokens_of(text):
        if token.type in ("fence", "code_block"):
            language, _, file = token.info.strip().partition(" ")
            line = (token.map or [0])[0] + 1
            found.append(Block(document, line, language, file.strip(), token.content))
    return found


def inline_code_of(text: str) -> list[str]:
    """Return what stands in backticks inside of lines."""
    return [token.content for token in tokens_of(text) if token.type == "code_inline"]


def targets_of(text: str) -> list[str]:
    """Return where links and pictures of a document point to."""
    found = []
    for token in tokens_of(text):
        target = token.attrGet("href") if token.type == "link_open" else token.attrGet("src")
        if token.type in ("link_open", "image"):
            found.append(str(target))
    return found


def headings_of(text: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    tokens = list(tokens_of(text))
    titles = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def copy_of_the_project(folder: Path) -> Path:
    """Copy what a document may name into a folder, with commands that stand in for the installed ones, and return it."""
    for name in SHOWN_INPUTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    commands = folder / "bin"
    commands.mkdir()
    python = shlex.quote(sys.executable)
    stand_ins = {
        "symback": f'exec {python} -m symback "$@"',
        # what the two lines of the README install is installed by .ci/run; here stands what runs the tests
        "pip": '[ "$1" = install ]',
        "python": f"""case "$*" in
"-m venv .venv") mkdir -p .venv && cp -R {shlex.quote(str(commands))} .venv/bin ;;
"-m pytest"*) exec {python} "$@" --version ;;
*) exec {python} "$@" ;;
esac""",
    }
    stand_ins["python3"] = stand_ins["python"]
    for name, script in stand_ins.items():
        path = commands / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which the commands of a document run in a copy of the project."""
    path = os.pathsep.join((str(folder / "bin"), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def run_shell(script: str, folder: Path) -> tuple[int, str]:
    """Run a script in a copy of the project; return its exit code and all that it printed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=environment(folder),
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8")


def console_parts(text: str) -> list[tuple[str, str]]:
    """Return (command, shown output) of every ``$ …`` of a console block."""
    parts = re.split(r"^(?=\$ )", text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"output without a command: {parts[0]!r}"
    split = [part.removeprefix("$ ").partition("\n") for part in parts[1:]]
    return [(command, shown) for command, _, shown in split]


def complaints(block: Block, folder: Path) -> list[str]:
    """Run a block in a copy of the project and return what is not as it says; an empty list where all is."""
    if block.language == "console":
        return [c for command, shown in console_parts(block.text) for c in _console(command, shown, folder)]
    if block.language == "sh":
        code, printed = run_shell(block.text, folder)
        return [f"exit code {code}: {printed}"] if code else []
    if block.language == "python":
        return _python(block, folder)
    return [f"a block of the language {block.language!r} is not run"]


def _lines(printed: str) -> list[str]:
    """Return the lines of an output; how far rounding was off, in the last place, differs between machines."""
    settled = re.sub(r"(largest relative error )[\d.]+e-1\d", r"\1…", printed)
    return [line.rstrip() for line in settled.splitlines()]


def _console(command: str, shown: str, folder: Path) -> list[str]:
    _, printed = run_shell(command, folder)
    for found, expected in zip_longest(_lines(printed), _lines(shown)):
        if found != expected:
            return [f"{command}: printed {found!r}, the document shows {expected!r}"]
    return []


def _python(block: Block, folder: Path) -> list[str]:
    if block.file and block.text.strip() != (ROOT / block.file).read_text(encoding="utf-8").strip():
        return [f"the block is not {block.file}"]
    script = folder / "block.py"
    script.write_text("\n" * block.line + block.text, encoding="utf-8")  # a traceback then names the document's line
    code, printed = run_shell("python block.py", folder)
    return [printed] if code else []


def with_real_output(text: str, folder: Path) -> str:
    """Return a document with what its commands print in a copy of the project put below them."""

    def answered(block: re.Match[str]) -> str:
        commands = [command for command, _ in console_parts(block[1])]
        answers = [f"$ {command}\n{run_shell(command, folder)[1].rstrip()}\n" for command in commands]
        return f"```console\n{''.join(answers)}```"

    return re.sub(r"^```console\n(.*?)^```$", answered, text, flags=re.MULTILINE | re.DOTALL)
