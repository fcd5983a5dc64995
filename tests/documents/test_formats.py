"""Output formats: each is spelled alike everywhere, and everything a command offers is written on a real input."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Callable
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import get_type_hints
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner, Result

import symback as sb
from symback.cli import main
from symback.cli.output import FormatName, PlotPath
from symback.core.display import Fraction, Grid, Symbol, to_latex
from symback.core.errors import PrintError
from symback.documents import formats
from symback.documents.document import Document, Heading, PageBreak, Paragraph
from symback.documents.format import KINDS, Format
from symback.documents.formats.mathml import to_mathml
from symback.documents.formats.pdf import by_typst
from symback.documents.formats.typst import to_typst
from symback.documents.plan import Plan, PlanOptions
from symback.marking.pages import contents
from symback.marking.report import KINDS as REPORT
from tests.support import needs

EXAMPLES = Path(__file__).parents[2] / "examples"
NET, HOMEWORK = str(EXAMPLES / "two_layer_sigmoid.py"), str(EXAMPLES / "homework.py")
COMMANDS = {
    "derive": ["derive", NET],
    "derive --only": ["derive", NET, "--only", "W1"],
    "derive --function": ["derive", "--function", "tanh"],
    "handout": ["handout", NET],
    "table": ["table", "losses", "mse"],
    "check": ["check", HOMEWORK],
    "code": ["code", NET],
}
"""A real input of every command that writes in formats."""
REFUSED = {("derive --only", "tex"), ("derive --function", "py")}
"""What a command says in words of its own that it does not write."""


def option(command: str, name: str = "--to") -> click.Parameter:
    return next(p for p in main.commands[command].params if name in p.opts)


def offered(command: str) -> tuple[str, ...]:
    kind = option(command).type
    assert isinstance(kind, FormatName)
    return formats.names(*kind.kinds)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def is_notebook(page: bytes) -> bool:
    return json.loads(page)["nbformat"] == 4


def is_table(page: bytes) -> bool:
    rows = list(csv.reader(io.StringIO(page.decode())))
    return len(rows) > 3 and {len(row) for row in rows} == {len(rows[0])}


def is_picture(page: bytes) -> bool:
    return ElementTree.fromstring(page).tag.endswith("}svg")


RIGHT: dict[str, Callable[[bytes], object]] = {
    "csv": is_table,
    "html": lambda page: page.startswith(b"<!DOCTYPE html>") and b"<title></title>" not in page,
    "ipynb": is_notebook,
    "json": json.loads,
    "latex": lambda page: (
        page.count(b"{") == page.count(b"}") and b"\\frac" in page and b"$" not in page and b"\\document" not in page
    ),
    "md": lambda page: page.count(b"$") % 2 == 0 and (b"$" in page or b"```math" in page),
    "pdf": lambda page: page.startswith(b"%PDF"),
    "py": lambda page: ast.parse(page.decode()).body,
    "svg": is_picture,
    "tex": lambda page: page.rstrip().endswith(b"\\end{document}"),
    "typ": lambda page: b"\n#set document(" in b"\n" + page and by_typst(page.decode()).startswith(b"%PDF"),
    "txt": lambda page: "\\" not in page.decode() and len(page) > 20,
}
"""Whether a page is one of its format."""


@pytest.mark.parametrize(("label", "to"), [(label, to) for label in COMMANDS for to in offered(label.split()[0])])
def test_what_a_command_offers_is_written(label: str, to: str, tmp_path: Path) -> None:
    needs.writer_of(to)
    words = COMMANDS[label]
    endings = formats.formats()[to].endings
    out = tmp_path / f"page.{endings[0] if endings else 'x'}"
    done = run(*words, "-o", str(out), *([] if endings else ["--to", to]))
    if (label, to) in REFUSED:
        assert done.exit_code == 2 and done.stderr.count("\n") == 1 and not out.exists()
        return
    assert done.exit_code == (1 if label == "check" else 0), done.output
    page = out.read_bytes()
    assert RIGHT[to](page), (label, to)
    if label != "handout":  # GitHub's pictures lie beside a file, so standard output is only the same without them
        assert run(*words, "--to", to).stdout_bytes.rstrip(b"\n") == page.rstrip(b"\n")


@pytest.mark.parametrize("to", RIGHT)
def test_the_checks_of_pages_reject_another_format(to: str) -> None:
    other = b"\\frac{a}{b} <b>" if to == "txt" else "  z = x · w ⊙ 2\n  ∂L/∂z = 1 is a gradient\n".encode()
    assert not is_right(to, other)


def is_right(to: str, page: bytes) -> bool:
    try:
        return bool(RIGHT[to](page))
    except (ValueError, SyntaxError):
        return False


@pytest.mark.parametrize("label", [label for label in COMMANDS if label != "code"])
def test_text_is_another_name_of_txt_everywhere(label: str) -> None:
    words = [*COMMANDS[label], *(["-o", "-"] if label == "handout" else [])]
    found = {run(*words, "--to", name).stdout for name in ("txt", "text")}
    assert len(found) == 1 and found != {""}


def test_every_command_spells_formats_alike() -> None:
    everything = {name for f in formats.formats().values() for name in (f.name, *f.aliases)}
    asking = set()
    for name, command in main.commands.items():
        for parameter in command.params:
            if isinstance(parameter.type, FormatName):
                asking.add(name)
                listed = "|".join(formats.names(*parameter.type.kinds))
                assert f"--to [{listed}]" in run_help(name)
            if isinstance(parameter.type, click.Choice):  # no command has a list of its own
                assert not everything & set(parameter.type.choices), parameter.name
            if "--plot" in parameter.opts:
                assert isinstance(parameter.type, PlotPath)
    assert asking == {label.split()[0] for label in COMMANDS}


def run_help(command: str) -> str:
    return CliRunner().invoke(main, [command, "--help"], terminal_width=200).stdout


def test_a_format_of_another_kind_is_told_from_an_unknown_one(tmp_path: Path) -> None:
    for words, out, message in (
        (["derive", NET], "d.csv", "csv (a table for spreadsheets) does not hold a page; use --to or one of .html"),
        (["check", HOMEWORK], "c.py", "py (Python source) does not hold a page; use --to or one of .csv, .html"),
        (["derive", NET], "d.docx", "the ending '.docx' is unknown; use --to or one of .html, .ipynb"),
        (["derive", NET], "d", "the ending is missing; use --to or one of .html, .ipynb"),
    ):
        done = run(*words, "-o", str(tmp_path / out))
        assert done.exit_code == 2 and message in done.stderr and list(tmp_path.iterdir()) == []
    report = sb.check_text(Path(HOMEWORK).read_text(encoding="utf-8"))
    with pytest.raises(PrintError, match="flavor is no option of the format csv"):
        report.text("csv", flavor="github")
    with pytest.raises(PrintError, match=r"latex .* does not hold a page; known: csv, html"):
        report.text("latex")


@pytest.mark.parametrize("module", [p.stem for p in Path(str(formats.__file__)).parent.glob("*.py")])
def test_a_declaration_is_what_its_file_says(module: str) -> None:
    """What is read as text is what Python makes of it."""
    loaded = getattr(import_module(f"symback.documents.formats.{module}"), "FORMAT", None)
    if loaded is None:
        assert module not in formats.formats()
        return
    assert isinstance(loaded, Format)
    listed = formats.formats()[loaded.name]
    for field in fields(Format):
        if field.name not in ("writers", "together"):
            assert getattr(listed, field.name) == getattr(loaded, field.name)
    assert listed.writers.keys() == loaded.writers.keys() <= KINDS.keys()
    assert (listed.together is None) == (loaded.together is None)
    for kind, writer in loaded.writers.items():
        for name in ("flavor", "fragment", "engine", "nothing"):
            assert listed.takes(kind, name) == loaded.takes(kind, name)
        assert callable(writer)


def test_commands_give_what_they_say() -> None:
    report = sb.check_text(Path(HOMEWORK).read_text(encoding="utf-8"))
    kind = option("check").type
    assert isinstance(kind, FormatName) and kind.kinds == REPORT == tuple(contents([report]))


def test_every_kind_has_a_format_and_every_format_a_title() -> None:
    for kind in KINDS:
        assert formats.names(kind), kind
    assert list(formats.formats()) == sorted(formats.formats())
    for found in formats.formats().values():
        assert found.title and found.title == found.title.strip(".")


def test_no_sheet_is_lost_in_a_picture() -> None:
    needs.writer_of("svg")
    one = (Heading(("Sheet",)), Paragraph(("One.",)))
    heights = []
    for blocks in (one, (*one, PageBreak(), *one)):
        picture = ElementTree.fromstring(str(formats.render(Document(("A",), blocks), "svg")))
        heights.append(float(picture.get("height", "").removesuffix("pt")))
    assert heights[1] > heights[0] + 20


def test_the_drawing_of_a_network_is_svg_or_tikz() -> None:
    d = sb.derive(sb.read(NET))
    assert str(d.picture()).startswith("<svg") and d.picture() == d._repr_svg_()
    assert r"\begin{tikzpicture}" in str(d.picture("tikz"))
    with pytest.raises(
        PrintError, match=r"html \(a web page\) does not hold the picture of a network; known: svg, tikz"
    ):
        d.picture("html")


def test_a_page_has_a_title_of_its_own_or_its_first_heading() -> None:
    d = sb.derive(sb.read(NET))
    assert "<title>Forward pass</title>" in str(d.page().text("html"))
    assert "<title>Two &lt; three</title>" in str(d.page(title="Two < three").text("html"))
    assert str(d.page().text("txt")) == d.text() and str(d.page().text("tex")) == d.tex()
    assert d.page().formats == formats.names("document")


def test_the_options_of_a_lesson_are_those_of_its_record() -> None:
    hints = get_type_hints(Plan)
    assert get_type_hints(PlanOptions) == {name: hints[name] for name in hints if name not in ("level", "language")}


def test_fractions_in_cells_of_a_matrix_are_as_large_as_in_a_display() -> None:
    def cell(below: str) -> Fraction:
        return Fraction(Symbol("1", "1"), Symbol(below, below))

    formulas = Grid(((cell("0.4502"), Symbol("0", "0")), (Symbol("0", "0"), cell("0.5498"))))
    numbers = Grid(((cell("2"), cell("3")),))
    assert to_latex(formulas).count(r"\displaystyle") == 4 and r"\\[6pt]" in to_latex(formulas)
    assert 'displaystyle="true"' in to_mathml(formulas) and "display(frac" in to_typst(formulas)
    assert r"\displaystyle" not in to_latex(numbers) and 'displaystyle="true"' not in to_mathml(numbers)
    assert "display(frac" not in to_typst(numbers)
