"""``symback doctor`` tells what is there and how to get the rest."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from symback import __version__
from symback.cli import main
from symback.cli.doctor import examined
from symback.documents.formats import engines
from symback.page.words import language_called, languages


def test_it_lists_every_engine_and_package() -> None:
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 0
    for name in (*engines.NAMES, *(p.name for p in engines.PACKAGES)):
        assert name in done.output
    for code in languages():
        assert re.search(rf"^  {code} +{language_called(code).english} +PDF by", done.output, re.MULTILINE)
    assert __version__ in done.output


def test_json_is_the_same() -> None:
    done = CliRunner().invoke(main, ["doctor", "--json"])
    assert done.exit_code == 0
    found = json.loads(done.output)
    assert [e["name"] for e in found["engines"]] == list(engines.NAMES)
    assert found == examined()
    for engine in found["engines"]:
        assert engine["purpose"] and engine["install"]
        assert bool(engine["found"]) == (engines.find_engine(engines.engine_called(engine["name"])) is not None)


def test_nothing_found_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(engines, "_CHROMIUM_PLACES", ())
    monkeypatch.setattr(engines.util, "find_spec", lambda name: None)
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 0
    assert (
        "no PDF can be written" in done.output
        and "fonts-nanum" in done.output
        and done.output.count("PDF by no engine") == len(languages())
        and "pip install 'symback[pdf]'" in done.output
    )
    assert done.output.count("not found") == len(engines.NAMES) + len(engines.PACKAGES)


def test_programs_that_break_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("cannot run")

    monkeypatch.setattr(engines.subprocess, "run", broken)
    monkeypatch.setattr(engines.util, "find_spec", lambda name: None)
    found = examined()
    assert all(e["version"] == "" for e in found["engines"])
    assert all(not language["fonts"] for language in found["languages"])


def test_it_says_what_an_engine_lacks_for_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """A TeX without luatexko cannot set Korean, English it can; a machine without fonts sets neither Korean by Typst."""
    here = {"kotex.sty", "xetexko.sty"}

    def asked(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        found = [f"/texmf/{name}" for name in command[1:] if name in here]
        return subprocess.CompletedProcess(command, 0, "\n".join(found).encode())

    monkeypatch.setattr(engines.shutil, "which", lambda name: name)
    monkeypatch.setattr(engines.subprocess, "run", asked)
    monkeypatch.setattr(engines.util, "find_spec", lambda name: None)
    english, korean = (next(e for e in examined()["languages"] if e["code"] == code) for code in ("en", "ko"))
    assert set(english["engines"].values()) == {""} and english["fonts"] is None
    said = korean["engines"]
    assert (said["xelatex"], said["latexmk"], said["pdflatex"]) == ("", "", "")
    assert said["lualatex"].startswith("no luatexko.sty; ") and "apt-get install texlive-luatex" in said["lualatex"]
    assert said["chromium"].startswith("no font with Korean letters; ") and "fonts-nanum" in said["chromium"]
    page = CliRunner().invoke(main, ["doctor"]).output
    assert "    lualatex: no luatexko.sty; install Korean for TeX" in page
    assert re.search(r"^  ko +Korean +PDF by latexmk, xelatex, pdflatex$", page, re.MULTILINE)
    here.clear()
    page = CliRunner().invoke(main, ["doctor"]).output
    assert "    pdflatex: no kotex.sty; " in page and "    lualatex: no kotex.sty and no luatexko.sty; " in page
    assert re.search(r"^  ko +Korean +PDF by no engine$", page, re.MULTILINE)


def test_versions_are_the_programs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "pdflatex": b"pdfTeX 3.141592653-2.6-1.40.24 (TeX Live 2022/Debian)\n",
        "chromium": b"Chromium 156.0.8078.79 x\n",
        "latexmk": b"Latexmk, John Collins, 31 Jan. 2024. Version 4.83\n",
    }
    monkeypatch.setattr(engines.shutil, "which", lambda name: name)
    monkeypatch.setattr(
        engines.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, said[command[0]])
    )
    versions = {name: engines.version_of(engines.engine_called(name)) for name in said}
    assert versions == {"pdflatex": "1.40.24", "chromium": "156.0.8078.79", "latexmk": "4.83"}


def test_it_needs_neither_sympy_nor_typst() -> None:
    script = "from symback.cli import main\nmain(['doctor'], standalone_mode=False)\nimport sys\nassert 'sympy' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
