"""Whole documents compile in pdflatex and xelatex, and no line is lost off the page."""

from __future__ import annotations

import contextlib
import re
import subprocess
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from symback.core.display import EQUALS, PLUS, Fence, Fraction, Symbol, row
from symback.core.errors import PrintError
from symback.core.forms import Form, apply
from symback.documents.document import Document, Paragraph, document_of
from symback.documents.formats import latex
from symback.functions import ROWS
from symback.networks.network import Network
from symback.page import views
from symback.page.notation import choose_notation
from symback.page.records import Display, Section
from tests.support import needs
from tests.support.printed_networks import CASES, two_layer_sigmoid
from tests.support.real_pages import PAGES
from tests.support.small_networks import layers, record_of
from tests.support.tex import compiled, complaints


def standalone(sections: Iterable[Section]) -> str:
    return latex.render(document_of(sections))


ENGINES = ("pdflatex", "xelatex")


def deep_scalar() -> Network:
    net = Network()
    h: Form = net.input("x")
    for k in range(1, 11):
        h = net.define(f"h{k}", ROWS["tanh"](net.parameter(f"w{k}") * h + net.parameter(f"b{k}")))
    net.define("L", (h - net.input("t")) ** 2)
    return net


def korean() -> Network:
    net = Network()
    x, y = net.input("입력", ("n", 2)), net.input("정답", ("n", 1))
    W, b = net.parameter("가중치1", (2, 1)), net.parameter("편향_출력", (1,))
    z = net.define("z", x @ W + b)
    net.define("손실", ((ROWS["sigmoid"](z) - y) ** 2).mean())
    return net


def hostile() -> Network:
    net = Network()
    x, y = net.input("input", ("n", 2)), net.input("end_document", ("n", 1))
    W, under = net.parameter("_W_", (2, 1)), net.parameter("b__", (1,))
    out = net.define("x_", ROWS["relu"](x @ W + under))
    net.define("write18", abs(out - y).sum())
    return net


def wide_loss() -> Network:
    net = Network()
    names = [net.parameter(f"parameter_number_{k}") for k in range(12)]
    total: Form = names[0]
    for k, p in enumerate(names[1:], 1):
        total = total + p**k * apply("exp", p)
    net.define("L", total**2)
    return net


DOCUMENTS: dict[str, Callable[[], Network]] = {
    **{k: make for k, (make, _) in CASES.items()},
    "deep": deep_scalar,
    "korean": korean,
    "hostile": hostile,
    "wide": wide_loss,
    "layers": lambda: layers([4, 3, 3, 2], loss="ce"),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_compile(name: str, engine: str, tmp_path: Path) -> None:
    record = record_of(DOCUMENTS[name]())
    sections = [*views.sections(record, "chain"), *views.sections(record, "matrix")]
    source = latex.render(document_of(sections, "50% of __all__ & more"))
    assert complaints(compiled(source, engine, tmp_path)) == []
    assert (r"\usepackage{kotex}" in source) == (name == "korean")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_log_is_really_read(engine: str, tmp_path: Path) -> None:
    source = standalone([Section("x", "X", (Display(((Symbol("a", "a"),),)),))])
    wide = source.replace("\na\n", "\n" + " + ".join(["a_{1} b_{2}"] * 60) + "\n")
    assert wide != source
    assert complaints(compiled(wide, engine, tmp_path))


def test_bodies_are_whole_formulas() -> None:
    record = record_of(two_layer_sigmoid())
    everything = latex.body([d for s in views.sections(record) for d in s.displays])
    assert everything.startswith("\\begin{aligned}\n") and everything.endswith("\n\\end{aligned}")
    assert "$" not in everything
    assert latex.body(views.step_display(record, "W2")) == r"\frac{\partial L}{\partial W_2} = a_1^\top \delta_2"


FORBIDDEN = (r"\operatorname", r"\bm", r"\mathbb", r"\substack", r"\newcommand", r"\tag", "align*", "|")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_only_portable_commands(name: str) -> None:
    record = record_of(DOCUMENTS[name]())
    for view in ("chain", "matrix"):
        for section in views.sections(record, view):
            for display in section.displays:
                text = latex.body(display)
                assert not [f for f in FORBIDDEN if f in text]
                assert not re.search(r"\\(partial|log|hat|sigma|top|odot|cdot)(?!hat|top)[A-Za-z]", text), text


def test_long_lines_are_broken_and_keep_every_sign() -> None:
    terms = [Fraction(Symbol(f"a_{{{k}}}", "a"), Symbol("b", "b")) for k in range(40)]
    parts: list[object] = [terms[0]]
    for t in terms[1:]:
        parts += [PLUS, t]
    inside = row(*parts)  # type: ignore[arg-type]
    for right in (row(EQUALS, inside), row(EQUALS, Symbol("c", "c"), Fence(inside))):
        source = standalone([Section("x", "X", (Display(((Symbol("L", "L"), right),)),))])
        assert source.count(r"\frac{a_") == 40
        assert source.count("+") == 39
        assert source.count(r"\\") >= 3


def test_letters_no_engine_has_are_refused() -> None:
    net = Network()
    ж = net.parameter("ж")
    net.define("L", ж**2)
    sections = views.sections(record_of(net))
    with pytest.raises(PrintError, match="symbol of its own"):
        standalone(sections)
    own = views.sections(record_of(net), notation=choose_notation("plain", {"ж": "q"}))
    assert "q" in standalone(own)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", PAGES)
def test_every_view_compiles(name: str, engine: str, tmp_path: Path) -> None:
    assert complaints(compiled(standalone(PAGES[name]()), engine, tmp_path)) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("language", "title"), [("en", "Rates & gates_2"), ("ko", "오차 역전파 단계별 풀이")])
def test_the_pdf_says_its_title_and_language(engine: str, language: str, title: str, tmp_path: Path) -> None:
    compiled(latex.render(Document((title,), (Paragraph(("a",)),), language)), engine, tmp_path)
    made = tmp_path / "page.pdf"
    whole = made.read_bytes()
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", whole, re.DOTALL):
        with contextlib.suppress(zlib.error):
            whole += zlib.decompress(packed)
    assert re.search(rb"/Lang ?\(" + language.encode() + rb"\)", whole)
    assert b"/DisplayDocTitle true" in whole
    needs.program("pdfinfo")
    said = subprocess.run(["pdfinfo", "-enc", "UTF-8", str(made)], capture_output=True, encoding="utf-8", check=True)
    assert f"Title:           {title}" in said.stdout
