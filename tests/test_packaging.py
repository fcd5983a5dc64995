"""What is given to others: sdist and wheel build, say what they are, hold every file, and work where they are installed."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

import pytest

import symback
from tests.support import needs
from tests.support.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INPUTS = ("pyproject.toml", "README.md", "LICENSE", "symback")
"""What a distribution is made of."""


def wanted_files() -> set[str]:
    """Return the paths of the package's files, as its folder in the sources has them."""
    files = (path for path in (ROOT / "symback").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


@dataclass(frozen=True)
class Built:
    """An sdist, and the wheel that was built from it."""

    sdist: Path
    wheel: Path

    def metadata(self) -> bytes:
        with zipfile.ZipFile(self.wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            return archive.read(name)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build in a copy, with the tools of this interpreter: nothing is downloaded, nothing is left in the sources."""
    for tool in ("build", "setuptools"):
        needs.package(tool)
    folder = tmp_path_factory.mktemp("sources")
    for name in INPUTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    made = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", "made", "."],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert made.returncode == 0, made.stdout.decode()
    (sdist,), (wheel,) = (folder / "made").glob("*.tar.gz"), (folder / "made").glob("*.whl")
    return Built(sdist, wheel)


def test_the_wheel_holds_every_file_of_the_package(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted_files() and "symback/documents/formats/data/math.woff2" in held


def test_the_sdist_holds_every_file_of_the_package_and_what_builds_it(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert held >= wanted_files() | {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO"}


def refused_by_the_index(metadata: bytes) -> list[str]:
    """Return why the index would refuse the metadata: fields that are no fields, licenses and classifiers it does not know."""
    packaging = needs.package("packaging.metadata")
    trove = needs.package("trove_classifiers")
    try:
        found = packaging.Metadata.from_email(metadata, validate=True)
    except packaging.ExceptionGroup as refused:
        return [str(error) for error in refused.exceptions]
    unknown = [c for c in found.classifiers or () if c not in trove.classifiers or c in trove.deprecated_classifiers]
    both = [c for c in found.classifiers or () if c.startswith("License ::") and found.license_expression]
    return [f"unknown classifier: {c}" for c in unknown] + [f"{c} beside a license expression" for c in both]


def test_the_metadata_are_as_the_index_expects(built: Built) -> None:
    metadata = built.metadata()
    assert refused_by_the_index(metadata) == []
    fields: Message = BytesParser().parsebytes(metadata)
    assert fields["Version"] == symback.__version__ and fields["License-Expression"] == "MIT AND OFL-1.1"
    assert fields.get_all("License-File") == ["LICENSE", "symback/documents/formats/data/OFL.txt"]
    assert fields["Author"] and fields["Keywords"] and fields["Description-Content-Type"] == "text/markdown"
    assert "symback derives backpropagation" in str(fields.get_payload())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"License-Expression: MIT AND OFL-1.1", b"License-Expression: free as in beer"),
        (b"Classifier: Topic :: Education", b"Classifier: Topic :: Edukation"),
        (b"Classifier: Typing :: Typed", b"Classifier: License :: OSI Approved :: MIT License"),
        (b"Requires-Python: >=3.11", b"Requires-Python: newer than 3.10"),
    ],
)
def test_a_planted_fault_of_the_metadata_is_seen(built: Built, right: bytes, wrong: bytes) -> None:
    metadata = built.metadata()
    assert right in metadata
    assert refused_by_the_index(metadata.replace(right, wrong)) != []


# --- installed ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it, which finds the dependencies of this one; the folder is not the sources'."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    (packages,) = (folder / "env").glob("lib/python*/site-packages")
    shared = [*site.getsitepackages(), site.getusersitepackages()]
    (packages / "dependencies.pth").write_text("\n".join(shared), encoding="utf-8")
    target = ["--no-deps", "--no-index", "--ignore-installed", str(built.wheel)]
    python = folder / "env" / "bin" / "python"
    made = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", *target],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if b"No module named pip" in made.stdout:
        needs.missing("pip", "python -m ensurepip")
    assert made.returncode == 0, made.stdout.decode()
    shutil.copy(ROOT / "examples" / "two_layer_sigmoid.py", folder)
    return folder


def said(folder: Path, arguments: Sequence[str]) -> str:
    """Run a command of the environment, outside of the sources, and return what it prints."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    command = [str(folder / "env" / "bin" / arguments[0]), *arguments[1:]]
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_package_is_the_one_of_the_wheel(installed: Path) -> None:
    place, version, typed = said(
        installed,
        [
            "python",
            "-c",
            "import symback, importlib.metadata as m, importlib.resources as r\n"
            "print(symback.__file__, m.version('symback'), r.files('symback').joinpath('py.typed').is_file())",
        ],
    ).split()
    assert Path(place).is_relative_to(installed / "env") and version == symback.__version__
    assert typed == "True"


def test_the_installed_command_makes_a_page_with_its_font(installed: Path) -> None:
    said(installed, ["symback", "handout", "two_layer_sigmoid.py", "-o", "lesson.html", "--lang", "ko"])
    page = (installed / "lesson.html").read_text(encoding="utf-8")
    assert "font/woff2;base64," in page and "역전파" in page


def test_the_installed_command_makes_a_pdf(installed: Path) -> None:
    needs.package("typst")
    said(installed, ["symback", "handout", "two_layer_sigmoid.py", "-o", "lesson.pdf", "--pdf-engine", "typst"])
    assert (installed / "lesson.pdf").read_bytes().startswith(b"%PDF-")


# --- what stands at the top -----------------------------------------------------------------------------------------


def test_the_top_level_holds_what_it_should() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        needs.missing("a checkout of git", "git clone")
    top = {line.partition("/")[0] for line in listed.stdout.splitlines()}
    files = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "pyproject.toml"}
    assert {name for name in top if not name.startswith(".")} == files | {"symback", "tests", "examples", "docs"}
