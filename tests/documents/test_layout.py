"""Where pages end and lines break: what introduces a block stays with it, tables repeat their heads, Korean words stay whole."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from symback.core.display import Symbol
from symback.documents.document import Code, Document, Figure, Formula, Heading, Items, Paragraph, Table, leads
from symback.documents.formats import html, latex, typst
from symback.page.picture import Picture
from tests.support import needs
from tests.support.tex import compiled

A = Formula(((Symbol("a", "a"),),))
SAID, NOTE = Paragraph(("It is:",)), Paragraph(("Since it is so.",), "note")
PICTURE = Figure(Picture(10.0, 10.0, (), "a picture"), ("Figure 1: A picture",))
ROWS = Table((("x",), ("y",)), ((("1",), ("2",)),) * 3, ("Table 1",))
LONG = Table((("x",), ("y",)), ((("1",), ("2",)),) * 60, ("Table 1",))
KOREAN = (
    "활성화 함수가 평평한 곳에서는 도함수가 작아 학습이 멈출 수 있다. 이 손실은 바로 그만큼 가파르므로 두 인수가 서로 지워진다. "
    * 3
)


@pytest.mark.parametrize("following", [A, Items((("one",),)), Code("x = 1"), ROWS, PICTURE])
def test_a_sentence_leads_to_what_it_introduces(following: object) -> None:
    assert leads([SAID, following]) == [True, False]  # type: ignore[list-item]
    assert leads([SAID, SAID, following]) == [True, True, False]  # type: ignore[list-item]
    assert leads([NOTE, following]) == [False, False]  # type: ignore[list-item]
    assert leads([SAID, Heading(("x",)), following]) == [False, False, False]  # type: ignore[list-item]
    assert leads([]) == []


def test_every_writer_keeps_sentences_formulas_and_notes_together() -> None:
    document = Document(("Title",), (SAID, ROWS, SAID, A, A, NOTE, SAID, PICTURE))
    tex = latex.render(document)
    assert tex.count(r"\nopagebreak" + "\n\n") == 2 and r"\par\nopagebreak\smallskip" in tex
    assert "\\]\n{\\postdisplaypenalty=10000\n\\[" in tex, "the second formula has a note below"
    assert r"\@beginparpenalty=10000" in tex and r"\widowpenalty=10000" in tex
    typ = typst.render(document)
    assert typ.count("#leading(par(") == 3 and typ.count("#leading(formula(") == 1
    page = html.render(document)
    for kind in (".formula", ".table", "figure", "pre", "ul", "ol"):
        assert f"p:has(+{kind})" in page
    assert ".note{break-before:avoid}thead{display:table-header-group}" in page


def test_long_tables_repeat_their_heads_and_leave_no_row_alone() -> None:
    document = Document(("Title",), (LONG,))
    tex = latex.render(document)
    table = tex[tex.index(r"\begin{longtable}") :]
    assert table.index("Table 1") < table.index(r"\endfirsthead") < table.index(r"\endhead")
    assert table.count(r"\textbf{x}") == 2 and len(re.findall(r"2 \\\\\*", table)) == 2
    assert "table.header(" in typst.render(document)
    assert r"\DocumentMetadata" not in tex, "LaTeX cannot tag long tables yet"


ON_ONE_PAGE = "\\relax\n\\gdef \\@abspage@last{1}\n"
"""What a shorter document, or latexmk before its first run, leaves beside a text."""


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex"])
@pytest.mark.parametrize("old", [False, True])
def test_documents_are_tagged_where_latex_can_and_compile_where_it_cannot(
    engine: str, old: bool, tmp_path: Path
) -> None:
    needs.engine(engine)
    tex = latex.render(Document(("On tags",), (SAID, A, NOTE, ROWS, SAID, PICTURE) * 8))
    (tmp_path / "page.tex").write_text((r"\let\DocumentMetadata\undefined" if old else "") + tex, encoding="utf-8")
    (tmp_path / "page.aux").write_text(ON_ONE_PAGE, encoding="utf-8")
    command = [needs.program(engine), "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout[-2000:]
    asked = [needs.program("pdfinfo"), "page.pdf"]
    info = subprocess.run(asked, cwd=tmp_path, capture_output=True, check=True).stdout.decode()
    assert "On tags" in info
    can = "tagpdf" in (tmp_path / "page.log").read_text(encoding="utf-8", errors="replace")
    assert bool(re.search(r"Tagged:\s+yes", info)) == (can and not old)
    assert not can or engine == "pdflatex"
    assert int(re.search(r"Pages:\s+(\d+)", info)[1]) > 1
    assert b"/Lang" in (tmp_path / "page.pdf").read_bytes() or b"ObjStm" in (tmp_path / "page.pdf").read_bytes()


def test_xelatex_breaks_korean_lines_between_words(tmp_path: Path) -> None:
    needs.engine("xelatex", "ko")
    document = Document(("낱말",), (Paragraph((KOREAN,)),), "ko")
    pdf = compiled(latex.render(document), "xelatex", tmp_path)
    found = pdf if isinstance(pdf, Path) else tmp_path / "page.pdf"
    text = subprocess.run([needs.program("pdftotext"), "-layout", str(found), "-"], capture_output=True, check=True)
    words = set(KOREAN.split())
    lines = [line.split() for line in text.stdout.decode().splitlines() if line.strip()]
    body = [line for line in lines if len(line) > 3]
    assert len(body) > 2 and all(line[0] in words and line[-1] in words for line in body)


def symbols(rows: int, word: str = "data") -> Document:
    cells = tuple(((Symbol(f"z_{{{k}}}", f"z{k}"),), (word,), ("n × d",)) for k in range(rows))
    table = Table((("symbol",), ("meaning",), ("shape",)), cells, ("Symbols",), "lll")
    return Document(("A table",), (Paragraph(("Before.",)), table))


def test_the_last_rows_of_a_torn_table_stay_together() -> None:
    long = typst.render(symbols(40))
    footer = long[long.index("table.footer(repeat: false") :]
    assert [k for k in range(40) if f"z_({k})" in footer or f'"z{k}"' in footer or f"z_{k}" in footer] == [37, 38, 39]
    assert "table.footer" not in typst.render(symbols(5))


def test_a_word_with_a_hyphen_does_not_make_a_table_small() -> None:
    long = "pre-" * 12 + "activation"
    assert '<table class="n' not in html.render(symbols(3, long))
    assert '<table class="' in html.render(symbols(3, long.replace("-", "")))
