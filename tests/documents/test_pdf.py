"""PDFs by every engine: nothing dropped, same bytes, one message where something is missing, no half-written file."""

from __future__ import annotations

import functools
import os
import re
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from symback.cli import main
from symback.core.display import EQUALS, PLUS, Blank, Fraction, Grid, Node, Row, Script, Symbol, Word, row
from symback.core.errors import PrintError, SymbackError
from symback.documents.document import (
    Code,
    Document,
    Exercise,
    Figure,
    Formula,
    Heading,
    Items,
    PageBreak,
    Paragraph,
    Table,
)
from symback.documents.formats import engines, pdf
from symback.documents.formats import typst as writer
from symback.documents.handouts import Handout
from symback.documents.lesson import Plan, lesson
from symback.page.picture import Box, Circle, Edge, Label, Picture
from symback.page.words import languages, words
from tests.support import needs
from tests.support.example_derivations import NAMES, derivation
from tests.support.pdf_text import compact, text_of
from tests.support.places import EXAMPLES, ROOT

typst = needs.package("typst")
TEX = ("latexmk", "xelatex", "lualatex", "pdflatex")


def blocks_of(blocks: Iterable[Any]) -> Iterable[Any]:
    for block in blocks:
        yield block
        if isinstance(block, Exercise):
            yield from blocks_of((*block.question, *block.answer))


def words_of(document: Document) -> Iterable[str]:
    """Yield every piece of text outside formulas."""
    sentences = [document.title]
    for block in blocks_of(document.blocks):
        if isinstance(block, (Heading, Paragraph)):
            sentences.append(block.text)
        elif isinstance(block, Table):
            sentences += [*block.header, *(cell for cells in block.rows for cell in cells), block.caption]
        elif isinstance(block, Items):
            sentences += block.items
        elif isinstance(block, Figure):
            sentences.append(block.caption)
            sentences += [(mark.body,) for mark in block.picture.marks if isinstance(mark, Label)]
    return (piece for sentence in sentences for piece in sentence if isinstance(piece, str))


def leaves(node: Node) -> Iterable[str]:
    """Yield the letters and digits of a formula, in any order."""
    if isinstance(node, Symbol) and node.latex in (r"\top", r"\sum"):
        return  # signs on the page, letters in the text
    if isinstance(node, (Symbol, Word)):
        yield from compact(node.text if isinstance(node, Symbol) else node.string)
        return
    for value in vars(node).values():
        parts = value if isinstance(value, tuple) else (value,)
        for part in parts:
            for inner in part if isinstance(part, tuple) else (part,):
                if hasattr(inner, "__dataclass_fields__"):
                    yield from leaves(inner)


# --- every example ----------------------------------------------------------------------------------------------------


def document_of(name: str, language: str, level: str = "standard") -> Document:
    return lesson(derivation(name).record, Plan(language=language, level=level))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", NAMES)
def test_every_lesson_by_typst(name: str, language: str, tmp_path: Path) -> None:
    document = document_of(name, language)
    made = pdf.render(document, "typst")
    assert made == pdf.render(document, "typst")
    text = text_of(made, tmp_path)
    # a hyphen at the end of a line is Typst's
    plain = text.replace("-", "")
    # the subscript of a formula comes after the words behind it where a line is read by its heights
    bare = re.sub(r"\d", "", plain)
    found = [compact(w).replace("-", "") for w in words_of(document)]
    missing = [w for w in found if w not in plain and (re.search(r"\d", w) or w not in bare)]
    assert missing == []
    assert compact(words(language)["backward"]) in text


def test_a_lost_word_is_seen(tmp_path: Path) -> None:
    document = document_of("two_layer_sigmoid", "ko")
    source = writer.render(document)
    heading = words("ko")["update"]
    assert source.count(heading) >= 1
    text = text_of(pdf.by_typst(source.replace(heading, "")), tmp_path)
    assert any(compact(w) not in text for w in words_of(document))


def test_every_letter_of_every_formula_is_on_the_page(tmp_path: Path) -> None:
    for name in ("two_layer_sigmoid", "module_bce", "softmax_ce"):
        document = document_of(name, "en", "full")
        rows = [r for b in document.blocks if isinstance(b, Formula) for r in b.rows]
        wanted = sorted(c for cells in rows for cell in cells for c in leaves(cell) if c.isalnum())
        bare = Document(("",), tuple(Formula((cells,)) for cells in rows))
        text = text_of(pdf.by_typst(re.sub(r'numbering: "1"', "numbering: none", writer.render(bare))), tmp_path)
        found = sorted(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())
        assert found == wanted, name


# --- one document with everything -------------------------------------------------------------------------------------

X, W = Symbol("x", "x"), Script(Symbol("W", "W"), Symbol("1", "1"))
PICTURE = Picture(
    220,
    90,
    (
        Circle(20, 45, 15, "input"),
        Box(120, 45, 40, 24),
        Edge(((35, 45), (100, 45)), True, "weight"),
        Label(20, 45, X),
        Label(67, 45, W, halo=True),
        Label(120, 45, "은닉"),
        Label(150, 45, "오른쪽", "start"),
        Edge(((1, 1),), True),
    ),
    "입력과 은닉층",
)
EVERYTHING = Document(
    ("모든 것: 100% & $ # _ { } \\ < > \" ' ~ ^",),
    (
        Heading(("첫째",), 3),
        Paragraph(
            (
                "글 ",
                W,
                "과 식",
            )
        ),
        Paragraph(("덧붙임",), "remark"),
        Paragraph(("알림",), "note"),
        Formula(((X, row(EQUALS, Fraction(W, X), PLUS, Word("한글"))), (Row(()), row(EQUALS, X))), number=7),
        Table((("이름",), ("값",)), (((W,), ("0.5",)), ((Fraction(W, X),), ("일",))), ("표의 설명",), "lr"),
        Figure(PICTURE, ("그림의 설명",)),
        Figure(PICTURE),
        Code('def f(x):\n    return x  # ∂L/∂a₁ᵀ ⊙ δ² 한글 "\\n"\n'),
        Items((("하나",), ("둘 ", X))),
        Items((("셋",),), True),
        Exercise(1, (Paragraph(("구하라",)), Formula(((X, row(EQUALS, Blank(3))),))), (Paragraph(("정답 설명",)),)),
        Exercise(2, (Paragraph(("또 구하라",)),), (), 5),
        PageBreak(),
        Heading(("끝",)),
    ),
    "ko",
    ("부제",),
    {"figure": "그림", "table": "표", "exercise": "문제", "answer": "풀이"},
)


@pytest.mark.parametrize("name", engines.NAMES)
def test_every_engine_prints_everything(name: str, tmp_path: Path) -> None:
    needs.engine(name, "ko")
    made = pdf.render(EVERYTHING, name)
    assert made.startswith(b"%PDF-") and made.rstrip().endswith(b"%%EOF")
    text = text_of(made, tmp_path)
    wanted = (
        "첫째",
        "덧붙임",
        "알림",
        "한글",
        "표의설명",
        "그림의설명",
        "은닉",
        "오른쪽",
        "하나",
        "문제1",
        "정답설명",
        "문제2",
        "또구하라",
        "끝",
    )
    assert [w for w in wanted if w not in text] == []


def test_a_typst_page_is_tagged_and_closed(tmp_path: Path) -> None:
    made = pdf.render(EVERYTHING, "typst")
    assert b"/MarkInfo" in made and b"/StructTreeRoot" in made and b"pdfuaid" in made
    assert b"/Lang (ko)" in made or b"/Lang(ko)" in made or b"<FEFF006B006F>" in made or b"ko" in made
    assert b"/CreationDate" not in made
    reader = needs.program("pdffonts")
    (tmp_path / "page.pdf").write_bytes(made)
    lines = subprocess.run([reader, "page.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    fonts = [line.split() for line in lines.splitlines()[2:]]
    # embedded, a subset, with the letters for copying
    assert fonts and all(f[-5:-2] == ["yes", "yes", "yes"] for f in fonts)


def test_a_long_formula_stays_on_the_page() -> None:
    terms: list[Node] = [Symbol(f"a_{{{k}}}", "a") for k in range(200)]
    parts = [part for term in terms for part in (PLUS, term)][1:]
    wide = Formula(((X, row(EQUALS, *parts)), (X, row(EQUALS, Word("w" * 200)))))
    tall = Formula(tuple((X, row(EQUALS, Fraction(X, W))) for _ in range(60)))
    made = pdf.render(Document(("t",), (wide, tall)), "typst")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) >= 3


def beyond_the_margins(data: bytes, folder: Path) -> list[str]:
    """Return the words of a PDF that stand less than 2 cm from an edge of the paper, page numbers apart."""
    needs.program("pdftotext")
    (folder / "page.pdf").write_bytes(data)
    done = subprocess.run(["pdftotext", "-bbox", "page.pdf", "-"], cwd=folder, capture_output=True, check=True)
    found = []
    for page in re.findall(r"<page .*?</page>", done.stdout.decode("utf-8"), re.DOTALL):
        width, height = map(float, re.findall(r'(?:width|height)="([\d.]+)"', page)[:2])
        for spelled in re.findall(r"<word [^>]*>", page):
            left, top, right, bottom = map(float, re.findall(r'"(-?[\d.]+)"', spelled))
            number = abs(left + right - width) < 30 and bottom > height - 60
            if not number and (left < 56 or right > width - 56 or top < 40 or bottom > height - 56):
                found.append(spelled)
    return found


def test_wide_things_stay_inside_the_margins(tmp_path: Path) -> None:
    terms: list[Node] = [Symbol(f"a_{{{k}}}", "a") for k in range(90)]
    parts = [part for term in terms for part in (PLUS, term)][1:]
    formulas = [
        Formula(((X, row(EQUALS, *parts)),)),
        Formula(((X, row(EQUALS, *parts)),), number=12),
        Formula(((X, row(EQUALS, Word("w" * 120))),)),
        Formula(((X, row(EQUALS, Grid(tuple(tuple(terms[:20]) for _ in range(3))))),)),
        Formula((tuple(cell for term in terms[:12] for cell in (term, row(EQUALS, X, PLUS, X))),)),
    ]
    words_and_more = ("word " * 60,)
    table = Table(
        (("a",), ("b",), ("c",)), (((row(*parts[:15]),), words_and_more, words_and_more),) * 9, wrapped=(1, 2)
    )
    picture = Figure(Picture(900, 60, (Box(450, 30, 890, 50), Label(850, 30, "far right", "end"))))
    for wide in (False, True):
        made = pdf.render(Document(("t",), (*formulas, table, picture), wide=wide), "typst")
        assert beyond_the_margins(made, tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_lesson_leaves_the_page(name: str, tmp_path: Path) -> None:
    assert beyond_the_margins(pdf.render(document_of(name, "en", "full"), "typst"), tmp_path) == []


def test_a_formula_off_the_page_is_seen(tmp_path: Path) -> None:
    source = writer.render(Document(("t",), (Formula(((Word("w" * 120),),)),)))
    assert beyond_the_margins(pdf.by_typst(source.replace("#fitted(", "#(")), tmp_path)


# --- what goes wrong --------------------------------------------------------------------------------------------------

KOREAN = Document(("역전파",), (Paragraph(("순전파", W)),), "ko")


def failing(run: Any, kind: type[SymbackError] = SymbackError) -> str:
    with pytest.raises(kind) as caught:
        run()
    said = str(caught.value)
    assert "\n" not in said and said.startswith("PDF: ")
    return said


def nothing_installed(monkeypatch: pytest.MonkeyPatch, *kept: str) -> None:
    """Empty the PATH, and hide the package typst unless it is kept."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(engines, "_CHROMIUM_PLACES", ())
    if "typst" not in kept:
        real = engines.util.find_spec
        monkeypatch.setattr(engines.util, "find_spec", lambda name: None if name == "typst" else real(name))


def test_no_engine_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nothing_installed(monkeypatch)
    assert "pip install 'symback[pdf]'" in failing(lambda: pdf.render(KOREAN))
    target = tmp_path / "old.pdf"
    target.write_bytes(b"old")
    with pytest.raises(SymbackError, match="no engine"):
        Handout(KOREAN).save(target)
    assert target.read_bytes() == b"old" and os.listdir(tmp_path) == ["old.pdf"]


@pytest.mark.parametrize("name", engines.NAMES)
def test_a_missing_engine_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_installed(monkeypatch)
    said = failing(lambda: pdf.render(KOREAN, name))
    assert f"{name} is not installed" in said and "symback[pdf]" in said
    assert name in ("typst",) or "apt-get install" in said


def test_an_unknown_engine() -> None:
    with pytest.raises(SymbackError, match="did you mean 'xelatex'"):
        pdf.render(KOREAN, "xelatx")


def without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst, "compile", functools.partial(typst.compile, ignore_system_fonts=True))


def test_korean_without_a_font_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_fonts(monkeypatch)
    said = failing(lambda: pdf.render(KOREAN, "typst"), PrintError)
    assert "fonts-nanum" in said and "역" in said
    assert len(pdf.render(Document(("Backward",), (Paragraph((W,)),)), "typst")) > 1000
    for where in (
        Formula(((Word("한"),),)),
        Code("# 한"),
        Figure(Picture(9, 9, (Label(1, 1, "한"),), "d")),
        Table((("한",),), ()),
    ):
        assert "fonts-nanum" in failing(lambda b=where: pdf.render(Document(("t",), (b,)), "typst"), PrintError)
    target = tmp_path / "page.pdf"
    with pytest.raises(PrintError):
        Handout(KOREAN).save(target, engine="typst")
    assert os.listdir(tmp_path) == []


def test_other_letters_without_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    without_fonts(monkeypatch)
    said = failing(lambda: pdf.render(Document(("t",), (Paragraph(("\U00012000",)),)), "typst"), PrintError)
    assert "a font that has them" in said


def test_the_next_engine_is_tried_where_one_has_no_font(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    needs.engine("xelatex", "ko")
    without_fonts(monkeypatch)
    assert "순전파" in text_of(pdf.render(KOREAN), tmp_path)


def without_luatexko(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let there be these engines, and no luatexko for lualatex."""
    monkeypatch.setattr(pdf, "found_engines", lambda: tuple(map(engines.engine_called, names)))
    monkeypatch.setattr(pdf, "find_engine", lambda engine: "/nowhere/" + engine.name)
    real = pdf.tex_files
    lost = lambda engine, language: tuple(f for f in real(engine, language) if f == "luatexko.sty")  # noqa: E731
    monkeypatch.setattr(pdf, "lost_files", lost)


def test_an_engine_that_can_set_the_language_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_luatexko(monkeypatch, "lualatex", "typst")
    assert "순전파" in text_of(pdf.render(KOREAN), tmp_path)
    assert "has no luatexko.sty, which Korean text needs" in failing(lambda: pdf.render(KOREAN, "lualatex"), PrintError)


def test_what_several_engines_lack_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    without_luatexko(monkeypatch, "lualatex", "typst")
    without_fonts(monkeypatch)
    said = failing(lambda: pdf.render(KOREAN), PrintError)
    assert said.startswith("PDF: no engine that is installed can print this document: lualatex has no luatexko.sty")
    assert "typst finds no font with the letters 역" in said
    assert said.count("apt-get install texlive-luatex") == said.count("apt-get install fonts-nanum") == 1


def test_a_page_without_letters_of_a_language_needs_nothing_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without_luatexko(monkeypatch, "lualatex")
    for language in ("en", "ko"):
        with pytest.raises(SymbackError, match="lualatex cannot be started"):
            pdf.render(Document(("Backward",), (Paragraph((W,)),), language))


def test_a_symbol_that_only_latex_knows_goes_to_tex(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(("t",), (Formula(((Symbol(r"\Bbbk", "k"), row(EQUALS, X)),)),))
    nothing_installed(monkeypatch, "typst")
    assert "can only be printed in LaTeX" in failing_print(lambda: pdf.render(document))


def failing_print(run: Any) -> str:
    with pytest.raises(PrintError) as caught:
        run()
    return str(caught.value)


@pytest.mark.parametrize("name", TEX)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (r"\undefinedcommand", "Undefined control sequence, line 2 of the .tex"),
        ("$x", "line"),
        (r"\input{/nonexistent/file}", "not found"),
        ("한", "finds no font with the letters 한; install Korean for TeX"),
    ],
)
def test_tex_errors_are_one_message(name: str, body: str, said: str) -> None:
    needs.engine(name)
    source = "\\documentclass{article}\\begin{document}\n" + body + "\n\\end{document}"
    message = failing(lambda: pdf.by_tex(source, engines.engine_called(name)))
    assert name in message
    if name == "lualatex" and body == "한":
        return  # its fonts differ by installation
    assert said in message


def test_missing_kotex_is_named() -> None:
    engine = engines.engine_called("xelatex")
    with pytest.raises(PrintError, match="texlive-lang-korean"):
        pdf._judge("! LaTeX Error: File `kotex.sty' not found.\nl.3", 1, engine)
    with pytest.raises(PrintError, match="letters 한"):
        pdf._judge("Missing character: There is no 한 (U+D55C) in font [lmroman10-regular]", 0, engine)
    pdf._judge("all is well", 0, engine)


def test_an_engine_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    needs.posix()
    script, note = tmp_path / "xelatex", tmp_path / "child"
    script.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {note}\nwait\n", encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    engine = engines.Engine("xelatex", "", "", ((str(script),),))
    assert "more than 1 seconds" in failing(lambda: pdf.by_tex("x", engine, 1.0))
    child = int(note.read_text(encoding="utf-8"))
    for _ in range(50):
        if not running(child):
            break
        time.sleep(0.1)
    assert not running(child)


def test_an_interruption_ends_the_engine_and_keeps_the_old_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needs.posix()
    script = tmp_path / "bin" / "xelatex"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    script.chmod(0o755)
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen.wait

    def interrupted(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if process not in started:
            started.append(process)
            raise KeyboardInterrupt
        return real(process, timeout)

    monkeypatch.setattr(engines, "ENGINES", (engines.Engine("xelatex", "", "", ((str(script),),)),))
    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "page.pdf").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        Handout(KOREAN).save(folder / "page.pdf", engine="xelatex")
    assert (folder / "page.pdf").read_bytes() == b"old" and os.listdir(folder) == ["page.pdf"]
    assert started and not running(started[0].pid)


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def test_an_engine_that_makes_nothing(tmp_path: Path) -> None:
    needs.posix()
    script = tmp_path / "xelatex"
    script.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    script.chmod(0o755)
    engine = engines.Engine("xelatex", "", "", ((str(script),),))
    assert "made no page" in failing(lambda: pdf.by_tex("x", engine))
    script.write_text("not a program", encoding="utf-8")
    assert "cannot be started" in failing(lambda: pdf.by_tex("x", engine))


@pytest.mark.parametrize(
    ("said", "runs"),
    [
        ("all is well", 1),
        ("Package longtable Warning: Table widths have changed. Rerun LaTeX.", 2),
        ("LaTeX Warning: Label(s) may have changed. Rerun to get cross-references right.", 2),
    ],
)
def test_tex_runs_again_until_columns_and_references_are_settled(tmp_path: Path, said: str, runs: int) -> None:
    needs.posix()
    script, note = tmp_path / "xelatex", tmp_path / "runs"
    first = f"echo '{said}' > page.log"
    script.write_text(
        f"#!/bin/sh\nif [ -e {note} ]; then : > page.log; else {first}; fi\necho x >> {note}\necho %PDF > page.pdf\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    engine = engines.Engine("xelatex", "", "", ((str(script),),))
    assert pdf.by_tex("x", engine).startswith(b"%PDF")
    assert len(note.read_text(encoding="utf-8").split()) == runs


def test_typst_reads_no_file_of_the_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    for path in ("/etc/hostname", str(secret), "../secret.txt"):
        said = failing(lambda p=path: pdf.by_typst(f'#set document(title: "t")\n#read({writer.string(p)})'))
        assert "typst could not set the document" in said


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_writes_a_pdf(tmp_path: Path) -> None:
    out = tmp_path / "lesson.pdf"
    example = str(EXAMPLES / "two_layer_sigmoid.py")
    done = CliRunner().invoke(main, ["handout", example, "-o", str(out), "--lang", "ko", "--pdf-engine", "typst"])
    assert done.exit_code == 0, done.output
    first = out.read_bytes()
    assert "순전파" in text_of(first, tmp_path)
    failed = CliRunner().invoke(main, ["handout", example, "-o", str(out), "--pdf-engine", "nothing"])
    assert failed.exit_code == 2 and "no PDF engine" in failed.output + (failed.stderr or "")
    assert out.read_bytes() == first


def test_a_pdf_loads_nothing_that_it_does_not_use() -> None:
    script = (
        "import sys\nimport symback as sb\nfrom symback.documents.lesson import Plan, lesson\n"
        "from symback.documents.formats import pdf\n"
        f"d = sb.derive(sb.read({str(EXAMPLES / 'two_layer_sigmoid.py')!r}))\n"
        "pdf.render(lesson(d.record, Plan(language='ko')), 'typst')\n"
        "print({m.partition('.')[0] for m in sys.modules} & {'torch', 'scipy', 'matplotlib', 'IPython'})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "set()\n"
