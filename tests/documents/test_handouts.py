"""Handouts as people make them: the method, the command, files whole or not at all, pages that compile and can be read."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import symback as sb
from symback.cli import main
from symback.core import files
from symback.core.errors import PrintError, SymbackError
from symback.documents.document import Document, Paragraph
from symback.documents.formats import latex, render
from symback.documents.handouts import Handout
from symback.documents.lesson import Plan, lesson
from symback.page.words import language_called, languages, scripted, words
from tests.support import needs
from tests.support.lessons import LESSONS, made, seed
from tests.support.places import EXAMPLES, ROOT
from tests.support.tex import compiled, complaints
from tests.support.work import QUICK, within

TWO_LAYERS = str(EXAMPLES / "two_layer_sigmoid.py")
MODULE = str(EXAMPLES / "module_bce.py")
TEXTS = ("tex", "md", "txt", "json", "html", "ipynb")


def symback(*words: str) -> Result:
    return CliRunner().invoke(main, ["handout", *words])


# --- the method ---------------------------------------------------------------------------------------------------------


def test_a_handout_is_saved_in_the_format_of_its_ending(tmp_path: Path) -> None:
    d = seed("two_layer_sigmoid")
    handout = d.handout("ko", title="시그모이드 & $5")
    assert isinstance(handout, Handout) and isinstance(handout.document, Document)
    for to in TEXTS:
        path = handout.save(tmp_path / f"lesson.{to}")
        text = path.read_text(encoding="utf-8")
        assert text == handout.text(to) and ("순전파" in text or to == "json")
    assert handout.save(tmp_path / "odd.name", to="md").read_text(encoding="utf-8") == handout.text("md")
    assert str(handout) == handout.text("txt")


def test_notebooks_show_handouts_and_derivations() -> None:
    d = seed("two_layer_sigmoid")
    handout = d.handout()
    assert handout._repr_markdown_() == handout.text("md")
    assert "<math" in handout._repr_html_() and "<script" not in handout._repr_html_()
    shown = d._repr_markdown_()
    assert shown == d.markdown() and "## Backward pass" in shown and shown.count("$$") % 2 == 0


def test_networks_and_pictures_show_themselves() -> None:
    net = sb.parse((EXAMPLES / "two_layer_sigmoid.py").read_text(encoding="utf-8"))
    assert r"z_1 &= x W_1 + b_1 \\" in net._repr_markdown_() and net._repr_markdown_().startswith(
        "$$\n\\begin{aligned}\n"
    )
    assert sb.Network()._repr_markdown_() == ""
    svg = sb.derive(net)._repr_svg_()
    assert svg is not None and svg.lstrip().startswith("<svg") and "W" in svg


def test_an_option_of_another_format_is_an_error() -> None:
    handout = seed("two_layer_sigmoid").handout()
    with pytest.raises(PrintError, match="flavor is no option of the format tex"):
        handout.text("tex", flavor="github")
    with pytest.raises(PrintError, match="'docx' is unknown; known: html, ipynb, json, md, pdf"):
        handout.text("docx")
    with pytest.raises(
        PrintError, match=r"a\.text: the ending '\.text' is unknown \(did you mean '\.txt'\?\); use to= or"
    ):
        handout.save("a.text")
    with pytest.raises(PrintError, match=r"lesson: the ending is missing; use to= or one of \.html, \.ipynb"):
        handout.save("lesson")


def test_a_handout_does_not_change_the_derivation() -> None:
    d = sb.derive(sb.read(TWO_LAYERS))
    before = (d.text(), d.latex(), d.code())
    assert d.handout("ko", "full").text("tex") == d.handout("ko", "full").text("tex")
    assert before == (d.text(), d.latex(), d.code())


def test_descriptions_of_pictures_beside_a_page_keep_their_arrows(tmp_path: Path) -> None:
    for language, words_ in (("en", "with 2 → 2 → 1 units"), ("ko", "노드 수: 2 → 2 → 1.")):
        place = tmp_path / f"page.{language}.md"
        sb.derive(sb.read(TWO_LAYERS)).handout(language).save(str(place), flavor="github")
        described = re.findall(r"!\[(.*?)\]\(", place.read_text(encoding="utf-8"))
        assert any(words_ in text for text in described), described
        assert not any(re.search(r"[\\`*_{}\[\]#|~^<>$&]", text) for text in described)


# --- the command --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", TEXTS)
def test_the_command_writes_every_format(to: str, tmp_path: Path) -> None:
    out = tmp_path / f"lesson.{to}"
    result = symback(TWO_LAYERS, "-o", str(out), "--lang", "ko", "--title", "50% & <b>")
    assert result.exit_code == 0, result.output
    assert result.stdout == "" and result.stderr.startswith("손실: loss (이름에 따라); 매개변수: W1, b1, W2, b2")
    expected = sb.derive(sb.read(TWO_LAYERS)).handout("ko", title="50% & <b>").text(to)
    assert out.read_text(encoding="utf-8") == expected


def test_github_gets_its_pictures_in_files(tmp_path: Path) -> None:
    out = tmp_path / "한글 lesson.md"
    assert symback(TWO_LAYERS, "-o", str(out), "--flavor", "github", "--lang", "ko").exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["한글 lesson-1.svg", "한글 lesson-2.svg", "한글 lesson.md"]
    (address,) = re.findall(r"!\[순방향 신경망[^]]*\]\((.*?)\)", out.read_text(encoding="utf-8"))
    assert unquote(address) == "한글 lesson-1.svg"
    picture = ElementTree.parse(tmp_path / unquote(address)).getroot()
    assert picture.tag.endswith("svg") and picture.find("{*}rect").get("fill") == "#ffffff"  # type: ignore[union-attr]


def test_pages_of_derive_are_in_the_language() -> None:
    for to, word in (("text", "순전파"), ("md", "## 역전파"), ("tex", r"\section*{가중치 갱신}")):
        result = CliRunner().invoke(main, ["derive", TWO_LAYERS, "--lang", "ko", "--to", to])
        assert result.exit_code == 0 and word in result.stdout


def test_standard_output_is_the_handout_alone() -> None:
    result = symback(TWO_LAYERS, "-o", "-", "--lang", "ko")
    assert result.stdout == sb.derive(sb.read(TWO_LAYERS)).handout("ko").text("txt")
    assert symback(TWO_LAYERS, "-o", "-", "--to", "md", "--flavor", "github").stdout.count("```math") > 10


def test_options_reach_the_lesson() -> None:
    def text(*words: str) -> str:
        result = symback(MODULE, "-o", "-", *words)
        assert result.exit_code == 0, result.output
        return result.stdout

    standard = text()
    assert "0.6565" in standard and "0.6565" not in text("--no-numbers") and "0.4154332" in text("--digits", "7")
    assert len(text("--level", "brief")) < len(standard) < len(text("--level", "full"))
    assert "W₅" in text("--view", "entries") and "w₁₂⁽¹⁾" in text("--view", "entries", "--numbering", "layered")
    assert "σ₁ = " in text("--view", "entries", "--activation", "sigma") and "α = 1" in text("--rate-symbol", "alpha")
    assert "W^[1]" in text("--notation", "ng") and "Θ" in text("--name", r"W1=\Theta")
    assert "Chain rule from the loss" not in text("--view", "entries", "--style", "staged")
    assert "Chain rule from the loss" in text("--view", "entries", "--style", "both")
    assert "β₁" in text("--optimizer", "adam") and "Adam" in text("--optimizer", "adam")
    assert "1 row" not in text("--batch", "n") and "n × d" in text("--batch", "n")
    assert r"\begin{document}" not in text("--to", "tex", "--fragment") and "(5)" in text("--numbered")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "x.docx"), "unknown"),
        (("-o", "lesson"), "the ending is missing"),
        ((), "Missing option"),
        (("-o", "x.tex", "--flavor", "github"), "flavor is no option of the format tex"),
        (("-o", "x.md", "--fragment"), "fragment"),
        (("-o", "x.md", "--lang", "fr"), "'fr'"),
        (("-o", "x.md", "--notation", "nilsen"), "'nielsen'"),
        (("-o", "no/folder/x.md"), "no/folder/x.md: cannot be written"),
        (("-o", "x.md", "--name", "Q=q"), "there is no Q"),
        (("-o", "x.md", "--level", "long"), "'long'"),
        (("-o", "x.tex", "--title", "ж"), "'ж'"),
        (("-o", "x.md", "--digits", "0"), "0"),
        (("-o", "x.pdf", "--pdf-engine", "tipst"), "tipst"),
    ],
)
def test_a_wrong_command_is_one_message_and_no_file(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = symback(TWO_LAYERS, *words)
    assert result.exit_code == 2 and said in result.output and "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit) and list(tmp_path.iterdir()) == []


def test_an_existing_file_survives_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "lesson.tex"
    out.write_text("kept", encoding="utf-8")
    assert symback(TWO_LAYERS, "-o", str(out), "--title", "ж").exit_code == 2 and out.read_text() == "kept"

    def full(source: Any, target: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    result = symback(TWO_LAYERS, "-o", str(out))
    assert result.exit_code == 2 and "No space left on device" in result.output
    assert out.read_text() == "kept" and sorted(p.name for p in tmp_path.iterdir()) == ["lesson.tex"]


def test_a_file_that_cannot_be_written_is_untouched(tmp_path: Path) -> None:
    folder = tmp_path / "lesson.md"
    folder.mkdir()
    result = symback(TWO_LAYERS, "-o", str(folder))
    assert result.exit_code == 2 and "cannot be written" in result.output and list(folder.iterdir()) == []


def test_a_full_disk_is_one_message() -> None:
    result = symback(TWO_LAYERS, "-o", str(needs.full_device()), "--to", "md")
    assert result.exit_code == 2 and "cannot be written (No space left on device)" in result.output


def test_an_interruption_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "lesson.md"
    out.write_text("kept", encoding="utf-8")
    script = (
        "import os, signal, sys, symback.documents.formats.markdown as h\n"
        # a process that is started where SIGINT is ignored, as by nohup, ignores it too
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def stop(*a, **k): os.kill(os.getpid(), signal.SIGINT)\n"
        "h.render = stop\n"
        "from symback.cli import main\n"
        f"main(['handout', {TWO_LAYERS!r}, '-o', {str(out)!r}])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode in (1, -signal.SIGINT, 130) and "Traceback" not in done.stderr
    assert out.read_text() == "kept" and sorted(p.name for p in tmp_path.iterdir()) == ["lesson.md"]


@pytest.mark.parametrize("encoding", ["cp949", "ascii", "cp1252"])
def test_consoles_of_any_encoding_show_what_they_can(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "symback", "handout", TWO_LAYERS, "-o", "-", "--lang", "ko"],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # an ASCII console is taken for one of UTF-8
    text = done.stdout.decode("utf-8" if encoding == "ascii" else encoding)
    assert "0.5769" in text and ("순전파" in text) == (encoding != "cp1252")


HOSTILE_NAMES = """
import numpy as np
end_document, input_, script = np.array([[1.0, 2.0]]), np.array([[0.5], [0.25]]), np.array([[1.0]])
가중치_1 = np.array([[0.1], [0.2]])
__evil__ = end_document @ 가중치_1
write18 = (__evil__ - script) ** 2 + 0 * (end_document @ input_)
"""


def test_hostile_names_and_titles_compile(tmp_path: Path) -> None:
    source = tmp_path / "net.py"
    source.write_text(HOSTILE_NAMES.replace("__evil__", "evil_"), encoding="utf-8")
    out = tmp_path / "page.tex"
    title = r"\input{x} $ % & # _ ^ ~ { } \ < > " + '" 한국어 </title><script>alert(1)</script>'
    result = symback(str(source), "-o", str(out), "--loss", "write18", "--wrt", "가중치_1,input_", "--title", title)
    assert result.exit_code == 0, result.output
    assert complaints(compiled(out.read_text(encoding="utf-8"), "xelatex", tmp_path)) == []
    page = tmp_path / "page.html"
    assert (
        symback(str(source), "-o", str(page), "--loss", "write18", "--wrt", "가중치_1", "--title", title).exit_code == 0
    )
    assert "<script" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "latex_name",
    [
        r"\input{/etc/passwd}",
        r"a$b",
        r"x}",
        r"a%b",
        "a&b",
        "a\nb",
        r"\write18{ls}",
        r"\def\x{y}",
        r"\end{document}",
        r"\csname x\endcsname",
    ],
)
def test_symbols_of_the_user_cannot_leave_their_formula(latex_name: str, tmp_path: Path) -> None:
    out = tmp_path / "page.tex"
    result = symback(TWO_LAYERS, "-o", str(out), "--name", f"W1={latex_name}")
    assert result.exit_code == 2 and "cannot be printed" in result.output and not out.exists()


# --- speed and determinism ----------------------------------------------------------------------------------------------


def test_a_handout_is_quick() -> None:
    page = within(QUICK, lambda: sb.derive(sb.read(TWO_LAYERS)).handout("ko").text("html"))
    assert str(page).count("<math") > 30


def test_the_same_file_gives_the_same_bytes_for_every_hash_seed(tmp_path: Path) -> None:
    script = (
        "import sys, hashlib, symback as sb\n"
        f"h = sb.derive(sb.read({MODULE!r})).handout('ko', 'full')\n"
        "print([hashlib.sha256(str(h.text(k)).encode()).hexdigest() for k in ('tex', 'md', 'json', 'html')])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": number},
        ).stdout
        for number in ("0", "1")
    }
    assert len(found) == 1


# --- pages --------------------------------------------------------------------------------------------------------------

CASES = [(name, language) for k, name in enumerate(LESSONS) for language in languages()]


def sheet(name: str, language: str) -> str:
    level = "full" if name in ("two_layer_sigmoid", "relu_mse") else "standard"
    return latex.render(made(name, language, level))


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
@pytest.mark.parametrize("language", languages())
def test_the_handouts_of_all_seeds_compile(language: str, engine: str, tmp_path: Path) -> None:
    """One run of TeX sets the handouts of all seeds behind one another; each was written as a document of its own."""
    bodies = []
    script = language_called(language).script
    needed = script.latex if script else ()
    found = [line for other in scripted() if other.script for line in other.script.latex]
    for name in LESSONS:
        source = sheet(name, language)
        assert r"\documentclass" in "".join(source.splitlines()[:2]) and set(found) & set(source.splitlines()) == set(
            needed
        )
        bodies.append(source.split("\\begin{document}\n")[1].split("\\end{document}")[0])
    preamble = max((sheet(n, language).split("\\begin{document}\n")[0] for n in LESSONS), key=len)
    whole = preamble + "\\begin{document}\n" + "\n\\newpage\n".join(bodies) + "\n\\end{document}\n"
    assert complaints(compiled(whole, engine, tmp_path)) == []
    reader = needs.program("pdftotext")
    shown = subprocess.run([reader, "page.pdf", "-"], cwd=tmp_path, capture_output=True, check=True).stdout.decode()
    for key in ("forward", "loss", "backward", "update", "weight", "bias", "target"):
        assert words(language)[key] in shown, key


@pytest.mark.parametrize("name", ["two_layer_sigmoid", "chain"])
def test_single_handouts_compile_in_lualatex(name: str, tmp_path: Path) -> None:
    assert complaints(compiled(sheet(name, "ko"), "lualatex", tmp_path)) == []


def test_a_planted_overfull_line_is_seen(tmp_path: Path) -> None:
    wide = sheet("chain", "en").replace("E = ", "E = " + " + ".join(["a_{1} b_{2}"] * 60) + " = ")
    assert complaints(compiled(wide, "pdflatex", tmp_path))


def test_the_deep_network_fits_a_few_pages(tmp_path: Path) -> None:
    from tests.support.lessons import deep

    compiled_log = compiled(latex.render(lesson(deep(64).record, Plan(language="ko"))), "pdflatex", tmp_path)
    assert complaints(compiled_log) == []
    match = re.search(r"\((\d+) pages?", compiled_log)
    assert match is not None and int(match[1]) <= 5


# --- examples -----------------------------------------------------------------------------------------------------------

FOLDER = ROOT / "docs" / "pages"


@lru_cache(maxsize=1)
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages_of_the_examples", FOLDER / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_handouts_of_the_examples_are_what_is_built(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = request.config.getoption("--update")
    written = builder().build(FOLDER if update else tmp_path)
    assert len(written) == 12
    files = sorted((FOLDER if update else tmp_path).glob("*.md")) + sorted(
        (FOLDER if update else tmp_path).glob("*.svg")
    )
    assert {p.name for p in files} == {p.name for p in FOLDER.iterdir() if p.suffix in (".md", ".svg")}
    for path in files:
        assert (
            path.read_text(encoding="utf-8").splitlines()
            == (FOLDER / path.name).read_text(encoding="utf-8").splitlines()
        ), path.name


def test_the_pictures_of_pages_are_of_the_pages_as_they_are() -> None:
    pages = builder()
    for picture in pages.PICTURES:
        mark = pages.source_mark(pages.typst_source(picture))
        image = (FOLDER / f"{picture}.png").read_bytes()
        assert image.startswith(b"\x89PNG") and mark in image, f"{picture}: python docs/pages/build.py png"
        assert pages.source_mark(pages.typst_source(picture) + " ") not in image


def test_pictures_of_pages_are_built_as_they_are(tmp_path: Path) -> None:
    needs.package("typst")
    english = next(p for p in builder().PICTURES if p.endswith(".en"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder(), "PICTURES", {english: builder().PICTURES[english]})
        (path,) = builder().build_pictures(tmp_path)
    kept, made = (FOLDER / path.name).read_bytes(), path.read_bytes()
    assert made[:24] == kept[:24] and len(made) > 20_000  # the same kind and size of picture


def test_the_handouts_of_the_examples_compile(tmp_path: Path) -> None:
    for path in builder().build(tmp_path, "tex"):
        folder = tmp_path / path.stem
        folder.mkdir()
        engines = {"every_entry.ko.tex": ("xelatex", "pdflatex"), "chain_rule.en.tex": ("pdflatex",)}
        for engine in engines.get(path.name, ("pdflatex",) if ".ko." in path.name else ()):
            assert complaints(compiled(path.read_text(encoding="utf-8"), engine, folder)) == [], path.name


def test_a_document_of_ones_own_is_a_handout(tmp_path: Path) -> None:
    own = Handout(Document(("Notes",), (Paragraph(("Nothing more.",)),)))
    assert own.save(tmp_path / "x.txt").read_text() == "Notes\n\n  Nothing more.\n"
    assert json.loads(str(own.text("json")))["document"]["title"] == ["Notes"]
    with pytest.raises(SymbackError):
        own.save(tmp_path / "x.unknown")
    assert render(own.document, "txt") == own.text()


def test_objects_show_themselves_in_a_notebook(tmp_path: Path) -> None:
    nbclient = needs.package("nbclient")
    nbformat = needs.package("nbformat")
    shown = {
        "net": {"text/markdown"},
        "d": {"text/markdown", "text/latex", "image/svg+xml"},
        "d.gradient('W1')": {"text/latex"},
        "d.handout(lang='ko')": {"text/html", "text/markdown"},
        "d.worksheet()": {"text/html", "text/markdown"},
        "sb.check_gradients(d)": set(),
        "sb.optimizer('adam')": {"text/latex"},
        "sb.table('losses', ['mse'])": {"text/html"},
    }
    start = f"import symback as sb\nnet = sb.read({TWO_LAYERS!r})\nd = sb.derive(net)"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (start, *shown)])
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    for cell, (source, kinds) in zip(book.cells[1:], shown.items(), strict=True):
        (output,) = cell.outputs
        assert kinds <= set(output["data"]), source
        assert len(output["data"]["text/plain"]) < 1000, source
    assert book.cells[5].outputs[0]["data"]["text/html"].count("<article") == 2
    assert "gradients agree with central differences" in book.cells[6].outputs[0]["data"]["text/plain"]


def test_a_page_and_its_key_are_written_together(tmp_path: Path) -> None:
    made = sb.derive(sb.read(TWO_LAYERS)).worksheet()
    sheet, key = tmp_path / "sheet.md", tmp_path / "sheet-key.md"
    sheet.write_text("kept", encoding="utf-8")
    key.mkdir()
    with pytest.raises(SymbackError, match=r"sheet-key\.md: cannot be written"):
        made.save(sheet)
    assert sheet.read_text(encoding="utf-8") == "kept" and sorted(tmp_path.iterdir()) == [key, sheet]


def test_a_file_that_builds_its_network_by_running_is_refused_with_the_way(tmp_path: Path) -> None:
    out = tmp_path / "lesson.html"
    result = symback(str(EXAMPLES / "chain.py"), "-o", str(out))
    assert result.exit_code == 2 and not out.exists()
    assert "sympy.symbols builds its network by running, and code is only read here" in result.output
    assert "sb.derive(net).handout().save('lesson.html')" in result.output
