"""The versions of dependencies: what the project says is what is installed, and the oldest and newest really work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support import needs
from tests.support.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BOUNDS = {re.split(r"[<>=]", text)[0]: text for text in PROJECT["dependencies"]}

CORE = ("tests/core", "tests/networks", "tests/engine", "tests/derivation", "tests/run", "tests/test_seed_cases.py")
"""The tests that dependencies matter for; the others need the browsers, engines and packages of other tests."""


def oldest(requirement: str) -> str:
    """Return the requirement of the oldest version that is allowed, and of nothing newer."""
    name, lowest = re.fullmatch(r"([\w-]+)>=([\d.]+)(?:,.*)?", requirement).groups()  # type: ignore[union-attr]
    return f"{name}=={lowest}.0" if lowest.count(".") == 1 else f"{name}=={lowest}"


def requirements(extra: str) -> list[str]:
    """Return what an extra asks for, the extras that it takes in included."""
    found: list[str] = []
    for text in PROJECT["optional-dependencies"][extra]:
        inner = re.fullmatch(rf"{PROJECT['name']}\[([\w,-]+)\]", text)
        found += [part for name in inner[1].split(",") for part in requirements(name)] if inner else [text]
    return found


def bounds_told(page: str) -> dict[str, str]:
    """Return the requirements in the table of versions of a document."""
    return {text.split(">=")[0]: text for text in re.findall(r"^\| `([\w-]+>=[\d.,<]+)` \|", page, re.MULTILINE)}


def test_the_documents_say_the_bounds_of_the_project() -> None:
    assert bounds_told((ROOT / "docs" / "python.md").read_text(encoding="utf-8")) == BOUNDS
    assert bounds_told("| `sympy>=1.12` | |\n| numpy |\n") == {"sympy": "sympy>=1.12"}


def test_every_bound_has_an_oldest_version() -> None:
    assert oldest("sympy>=1.13,<2") == "sympy==1.13.0" and oldest("click>=8.2.1") == "click==8.2.1"
    assert {oldest(text).partition("==")[0] for text in BOUNDS.values()} == set(BOUNDS)


def test_an_extra_asks_for_packages_alone() -> None:
    assert {"pytest", "scipy", "typst"} <= {re.split(r"[<>=;\[ ]", text)[0] for text in requirements("test")}
    assert not any(
        text.startswith(PROJECT["name"]) for extra in PROJECT["optional-dependencies"] for text in requirements(extra)
    )


@pytest.mark.parametrize("name", BOUNDS)
def test_what_is_installed_is_within_the_bounds(name: str) -> None:
    packaging = needs.package("packaging.specifiers")
    allowed = packaging.SpecifierSet(BOUNDS[name].removeprefix(name))
    assert allowed.contains(version(name)) and not allowed.contains("0.1")


@pytest.mark.campaign
@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_the_core_passes_with_the_versions(which: str, tmp_path: Path) -> None:
    python = tmp_path / "env" / "bin" / "python"
    wanted = [oldest(text) if which == "oldest" else text for text in BOUNDS.values()]
    # what some tests of the core read LaTeX with comes with the extra of the tests, in whatever version
    tools = [text for text in requirements("test") if not text.startswith(("ipykernel", "nbclient"))]
    for command in (
        [sys.executable, "-m", "venv", str(tmp_path / "env")],
        [str(python), "-m", "pip", "install", "-q", "--upgrade", *wanted, *tools],
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *CORE],
    ):
        # the project itself is found on the path: its examples run as files of their own
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode()[-3000:]
