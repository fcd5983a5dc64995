"""A language is one file: written into a copy of the package, it is found everywhere, its remarks too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.additions import ROOT, copied, run_in, said_by

CHANGED = {
    "forward": "順伝播",
    "update": "重みの更新",
    "otherwise": "その他",
    "remark": "備考",
    "remark.relu": "reluは簡単である",
    "remark.radam": "待つAdam",
    "remark.mse": "二乗誤差の平均",
    "mark head ok": "勾配{count}個はすべて正しい",
    "mark agrees": "{name}は正しい。",
}
RECORD = """
from symback.page.language import Needed, Script

LANGUAGE = Language(
    "日本語",
    "Japanese",
    {**WORDS, **CHANGED},
    capitals=False,
    full_stop="。",
    script=Script(
        letters=("HIRAGANA", "KATAKANA"),
        shared=("CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC"),
        families=("Noto Serif JP", "IPAexMincho"),
        page_families=("Noto Serif JP",),
        install="apt-get install fonts-ipaexfont",
        latex=("\\\\usepackage{japanese}",),
        tex={"lualatex": Needed(("japanese.sty",), "apt-get install texlive-lang-japanese")},
        debian="texlive-lang-japanese",
    ),
)
"""
LINE = 'LANGUAGE = Language("English", "English", WORDS)\n'
WRITTEN = """\
import numpy as np
x = np.array([[0.2, -0.4], [0.6, 0.1]])
W = np.array([[0.1], [-0.5]])
y = np.array([[1.0], [0.0]])
z = x @ W
a = np.maximum(z, 0)
loss = np.mean((a - y) ** 2)
da = 2 * (a - y) / a.size
dz = da * (z > 0)
dW = x.T @ dz
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one file more: the English one with some sentences changed."""
    made = copied(tmp_path_factory.mktemp("language"))
    english = (ROOT / "symback" / "page" / "words" / "en.py").read_text(encoding="utf-8")
    assert english.count(LINE) == 1
    text = english.replace(LINE, f"CHANGED = {CHANGED!r}\n{RECORD}")
    (made / "page" / "words" / "ja.py").write_text(text, encoding="utf-8")
    run_in(made, ["-c", ""], {"network.py": WRITTEN})
    return made


def command(package: Path, *arguments: str) -> str:
    code, out, errors = run_in(package, ["-m", "symback", *arguments])
    assert code == 0, errors
    return out


@pytest.mark.parametrize("name", ["derive", "handout", "table", "check"])
def test_every_command_offers_it(package: Path, name: str) -> None:
    assert "[en|ja|ko]" in command(package, name, "--help")
    code, _, errors = run_in(package, ["-m", "symback", name, "relu", "--lang", "jp"])
    assert code == 2 and "'jp' is not one of 'en', 'ja', 'ko'" in errors


def test_pages_are_written_in_it(package: Path) -> None:
    assert "\n順伝播\n" in command(package, "derive", "network.py", "--lang", "ja")
    page = command(package, "handout", "network.py", "--lang", "ja", "--to", "html", "-o", "-")
    assert '<html lang="ja">' in page and "重みの更新" in page
    assert page.index('"Noto Serif JP"') < page.index('"Noto Serif KR"'), "its own fonts come first"
    source = command(package, "handout", "network.py", "--lang", "ja", "--to", "tex", "-o", "-")
    assert r"\usepackage{japanese}" in source and "kotex" not in source
    plain = command(package, "handout", "network.py", "--to", "tex", "-o", "-")
    assert r"\usepackage{japanese}" not in plain
    assert "順伝播" not in command(package, "derive", "network.py")


def test_tables_hold_its_remarks(package: Path) -> None:
    relu = command(package, "table", "activations", "relu", "--lang", "ja", "--to", "md")
    assert "reluは簡単である。" in relu and "備考" in relu
    assert "その他" in command(package, "table", "optimizers", "radam", "--lang", "ja")
    assert "待つAdam。" in command(package, "table", "optimizers", "radam", "--lang", "ja")
    assert "二乗誤差の平均。" in command(package, "table", "losses", "mse", "--lang", "ja")
    assert "正しい" not in relu and "relu" not in command(package, "table", "activations", "tanh", "--lang", "ja")


def test_code_is_marked_in_it(package: Path) -> None:
    said = command(package, "check", "network.py", "--lang", "ja")
    assert "勾配3個はすべて正しい" in said and "dW: は正しい" not in said and "dWは正しい。" in said


API = """
import symback as sb
from symback.core.errors import PrintError
from symback.page.words import languages, missing
assert languages() == ("en", "ja", "ko") and missing("ja") == ()
d = sb.derive(sb.read("network.py"))
print(d.handout("ja").text("txt")[:40])
print(sb.table("activations", ["relu"], "ja").text("txt"))
try:
    sb.table("activations", ["relu"], "jaa")
except PrintError as error:
    print(error)
"""


def test_functions_take_it(package: Path) -> None:
    said = said_by(package, API)
    assert "reluは簡単である。" in said
    assert "there are no words for the language 'jaa' (did you mean 'ja'?); known: en, ja, ko" in said


def test_the_doctor_lists_it(package: Path) -> None:
    found = json.loads(command(package, "doctor", "--json"))
    assert [language["code"] for language in found["languages"]] == ["en", "ja", "ko"]
    (japanese,) = [language for language in found["languages"] if language["code"] == "ja"]
    assert (japanese["name"], japanese["english"], japanese["missing"]) == ("日本語", "Japanese", [])
    lack = japanese["engines"].get("lualatex", "no japanese.sty; apt-get install texlive-lang-japanese")
    assert "japanese.sty" in lack and "texlive-lang-japanese" in lack
    engine = next(e for e in found["engines"] if e["name"] == "xelatex")
    assert engine["install"] == "apt-get install texlive-xetex texlive-lang-japanese texlive-lang-korean"
    assert "  ja         Japanese" in command(package, "doctor")


def test_an_engine_that_cannot_set_it_is_refused(package: Path) -> None:
    code, _, errors = run_in(
        package, ["-m", "symback", "handout", "network.py", "--lang", "ja", "-o", "x.pdf", "--pdf-engine", "lualatex"]
    )
    assert code == 2 and ("has no japanese.sty, which Japanese text needs" in errors or "is not installed" in errors)
    assert "texlive-lang-japanese" in errors and not (package.parent / "x.pdf").exists()


SKELETON = '''\
"""The first words of a language."""

from symback.page.language import Language

LANGUAGE = Language("italiano", "Italian", {"forward": "Passo in avanti", "remark.tanh": "tra −1 e 1"})
'''


def test_what_a_language_lacks_stands_in_the_default_language(package: Path) -> None:
    path = package / "page" / "words" / "it.py"
    path.write_text(SKELETON, encoding="utf-8")
    try:
        said = command(package, "derive", "network.py", "--lang", "it")
        assert "\nPasso in avanti\n" in said and "Backward pass" in said
        assert "Tra −1 e 1." in command(package, "table", "activations", "tanh", "--lang", "it")
        assert "sentences are missing and stand in the default language" in command(package, "doctor")
        found = json.loads(command(package, "doctor", "--json"))
        assert len(next(e for e in found["languages"] if e["code"] == "it")["missing"]) > 200
    finally:
        path.unlink()
