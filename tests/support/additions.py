"""A copy of the package to add a thing to, and what a fresh interpreter says of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.places import ROOT


def copied(folder: Path) -> Path:
    """Copy the package into a folder, and return the copy of ``symback``."""
    return Path(shutil.copytree(ROOT / "symback", folder / "symback", ignore=shutil.ignore_patterns("__pycache__")))


def run_in(package: Path, arguments: Sequence[str], files: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run Python with some arguments beside a copy of the package; return the exit code and what it printed.

    ``files`` are written beside the copy first.
    """
    folder = package.parent
    for name, text in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def said_by(package: Path, script: str) -> str:
    """Return what a script prints that is run beside a copy of the package; it must end well."""
    code, out, errors = run_in(package, ["script.py"], {"script.py": script})
    assert code == 0, errors
    return out
