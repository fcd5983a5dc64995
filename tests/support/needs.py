"""What a test needs of the machine: it is given, or the test is skipped with the command that brings it.

Nothing else in the tests skips. A name that is not in ``PACKAGES`` or ``PROGRAMS`` is an error, so that every reason
names its command.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

from symback.documents.formats.engines import engine_called, find_engine, font_remedy, found_engines, lacking
from symback.page.words import DEFAULT_LANGUAGE, language_called

PACKAGES = {
    "torch": "pip install torch --index-url https://download.pytorch.org/whl/cpu",
    "torchvision": "pip install torchvision --index-url https://download.pytorch.org/whl/cpu",
    "transformers": "pip install transformers",
    "timm": "pip install timm",
    "torch_geometric": "pip install torch_geometric",
    "segmentation_models_pytorch": "pip install segmentation-models-pytorch",
    "x_transformers": "pip install x-transformers",
    "scipy": "pip install scipy",
    "matplotlib": "pip install matplotlib",
    "sklearn": "pip install scikit-learn",
    "pandas": "pip install pandas",
    "typst": "pip install typst",
    "math_core": "pip install math-core",
    "nbformat": "pip install nbformat",
    "nbclient": "pip install nbclient",
    "ipykernel": "pip install ipykernel",
    "fontTools": "pip install fonttools",
    "brotli": "pip install brotli",
    "ziamath": "pip install ziamath",
    "markdown_it": "pip install markdown-it-py",
    "axe_core_python": "pip install axe-core-python",
    "packaging": "pip install packaging",
    "build": "pip install build",
    "setuptools": "pip install setuptools",
    "trove_classifiers": "pip install trove-classifiers",
    "mypy": "pip install mypy",
    "pty": "run the tests on Linux or macOS",
}
"""How each Python package comes."""

PROGRAMS = {
    "pdflatex": "apt-get install texlive-latex-recommended texlive-pictures",
    "xelatex": "apt-get install texlive-xetex texlive-pictures",
    "lualatex": "apt-get install texlive-luatex texlive-pictures",
    "latexmk": "apt-get install latexmk texlive-xetex texlive-pictures",
    "kpsewhich": "apt-get install texlive-binaries",
    "pdftotext": "apt-get install poppler-utils",
    "pdffonts": "apt-get install poppler-utils",
    "pdfinfo": "apt-get install poppler-utils",
    "chromium": "apt-get install chromium",
}
"""How each program comes."""

POSIX = "run the tests on Linux or macOS"
COMMANDS = ("pip install ", "apt-get install ", "run the tests on ", "python -m ensurepip", "git clone")
"""How what ends a skip begins."""


def missing(what: str, command: str) -> NoReturn:
    """Skip the test, and say what ends that; a reason without a command is an error."""
    assert any(start in command for start in COMMANDS), f"{what}: {command!r} is no command"
    pytest.skip(f"needs {what}: {command}", allow_module_level=True)


def package(name: str) -> Any:
    """Return a Python package."""
    top = name.partition(".")[0]
    return pytest.importorskip(name, reason=f"needs the package {top}: {PACKAGES[top]}")


def program(name: str) -> str:
    """Return the path of a program."""
    return shutil.which(name) or missing(name, PROGRAMS[name])


def engine(name: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Return where an engine of PDFs is that can print a language."""
    asked, spoken = engine_called(name), language_called(language)
    found = find_engine(asked)
    if found is None:
        missing(name, PROGRAMS.get(name) or PACKAGES[name])
    if lack := lacking(asked, spoken):
        what, _, command = lack.removeprefix("no ").partition("; ")
        missing(f"{what} for {name}", command)
    if asked.is_tex and not prints(asked.program, language):
        missing(f"a font for {spoken.english} in {name}", font_remedy(spoken))
    return found


def writer_of(form: str) -> None:
    """Ask for what writes pages in a format."""
    if form == "pdf" and not found_engines():
        missing("an engine of PDFs", PACKAGES["typst"])
    if form in ("svg", "typ"):
        package("typst")


def posix() -> None:
    """Ask for a system with POSIX's processes, links and permissions."""
    if os.name != "posix":
        missing("POSIX", POSIX)


def full_device() -> Path:
    """Return the device that is always full."""
    path = Path("/dev/full")
    return path if path.is_char_device() else missing("/dev/full", "run the tests on Linux")


def tikz() -> None:
    """Ask for the pictures of TeX."""
    done = subprocess.run([program("kpsewhich"), "tikz.sty"], capture_output=True, timeout=300, check=False)
    if not done.stdout.strip():
        missing("tikz", "apt-get install texlive-pictures")


@cache
def prints(name: str, language: str) -> bool:
    """Say whether a TeX prints the name of a language whose letters not every font has, by letting it do so."""
    spoken = language_called(language)
    if spoken.script is None:
        return True
    preamble = "".join(spoken.script.latex)
    text = f"\\documentclass{{article}}{preamble}\\begin{{document}}{spoken.name}\\end{{document}}\n"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.tex").write_text(text, encoding="utf-8")
        code = subprocess.run(
            [name, "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
            cwd=folder,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        ).returncode
        log = (Path(folder) / "page.log").read_text(encoding="utf-8", errors="replace")
    return code == 0 and not re.search("Missing character", log)
