"""Documents as data, and their writers: nothing is lost, nothing can be injected, JSON can be read back."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import symback as sb
from symback.core.display import (
    EQUALS,
    PLUS,
    Accent,
    Big,
    Blank,
    Colored,
    Fence,
    Fraction,
    Gap,
    Grid,
    Lines,
    Node,
    Root,
    Script,
    Symbol,
    Under,
    Underbrace,
    Word,
    row,
)
from symback.core.errors import PrintError, ReadError
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
    document_of,
)
from symback.documents.formats import json as json_format
from symback.documents.formats import latex, markdown, text
from symback.documents.formats.json import from_json
from symback.documents.formats.latex import escape_text
from symback.page.picture import Circle, Edge, Label, Picture
from tests.support import needs
from tests.support.tex import compiled, complaints

A, B = Symbol("a", "a"), Symbol(r"\beta", "β")
NODES: tuple[Node, ...] = (
    A,
    row(A, EQUALS, B, PLUS, Word("단어 & more")),
    Script(A, B, Symbol("2", "2"), 1),
    Accent(A, "tilde"),
    Fraction(A, B),
    Root(A),
    Fence(Fraction(A, B), "["),
    Big(Symbol(r"\sum", "Σ"), Symbol("i", "i")),
    Grid(((A, B), (B, A))),
    Lines(((A, B),)),
    Blank(3),
    Grid(((A, Word("b")),), "cases"),
    Colored(A, "red"),
    Underbrace(A, Word("u")),
    Under(A, B),
    Gap("quad"),
)
PICTURE = Picture(
    100, 50, (Circle(20, 20, 8, "input"), Edge(((28, 20), (70, 20)), True), Label(50, 15, A), Label(5, 45, "단")), "two"
)


def everything(title: str = "All blocks", words: str = "words", source: str = "print(1)\n") -> Document:
    """Return a document with every kind of block."""
    return Document(
        (title, " ", A),
        (
            Heading((words,)),
            Heading((words, A), 2),
            Paragraph((words, A, ", ", words)),
            Paragraph((words,), "remark"),
            Paragraph((words, B), "note"),
            Formula(((A, row(EQUALS, B)), (row(), row(EQUALS, A))), 3, ("a",), "forward"),
            Formula(((A,),)),
            Table(((words,), ("b",)), (((A,), (words,)), ((Grid(((A, B), (B, A))),), ())), (words,), "lr"),
            Figure(PICTURE, (words,), words),
            Code(source),
            Items(((words,), (B,)), True),
            Items(((words,),)),
            Exercise(1, (Paragraph((words,)), Formula(((Blank(3),),))), (Paragraph((words,)),)),
            Exercise(2, (Paragraph((words,)),), (), 4),
            PageBreak(),
            Paragraph(("end",)),
        ),
        "ko",
        (words,),
        {"exercise": "문제", "answer": "풀이", "figure": "그림"},
    )


HOSTILE = (
    r"\input{/etc/passwd} \write18{touch x} \end{document}",
    "$$ \\evil $$ & % # _ ^ ~ { } \\",
    "<script>alert('1')</script>",
    "</style><img src=x onerror=alert(1)>",
    "a | b || c",
    "![x](http://evil) [y](javascript:alert(1))",
    "```\n~~~ code\n```",
    "{% include x %} {{ site.secret }} {% endraw %}",
    "- list",
    "1. list",
    "> quote",
    "# heading",
    "=====",
    "---",
    "*b* _i_ `c`",
    "\x00\x07\x1b[31m\u202e",
    "50% of $5 & 3 < 4 > 2 \"quoted\" 'single' 한국어",
    "C:\\new\\table",
    "&amp; &lt;",
    "~~gone~~ ^up^",
)


# --- JSON ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("node", NODES, ids=lambda node: type(node).__name__)
def test_every_node_is_read_back(node: Node) -> None:
    document = Document((node,), (Formula(((node, node),)),))
    assert from_json(json_format.render(document)) == document


def test_every_block_is_read_back() -> None:
    for words in ("words", *HOSTILE):
        document = everything(words, words, words)
        assert from_json(json_format.render(document)) == document
        assert from_json(json_format.render(document)) != replace(document, language="en")


def test_a_whole_handout_is_read_back() -> None:
    net = sb.mlp([2, 3, 1], hidden="tanh", output="sigmoid", loss="bce") if hasattr(sb, "mlp") else None
    if net is None:
        net = sb.Network()
        x, t, W = net.input("x", ("n", 3)), net.input("t", ("n", 2)), net.parameter("W", (3, 2))
        net.define("L", sb.mean((x @ W - t) ** 2))
    found = sb.derive(net).handout("ko", "full")
    again = from_json(str(found.text("json")))
    assert again == found.document
    for to in ("tex", "md", "txt", "json"):
        assert type(found)(again).text(to) == found.text(to)


def test_the_version_is_written() -> None:
    data = json.loads(json_format.render(everything()))
    assert data["symback document"] == 1
    data["symback document"] = 99
    with pytest.raises(ReadError, match="version 99; this symback reads version 1"):
        from_json(json.dumps(data))


def changed(path: str, value: Any) -> str:
    """Return the JSON of a document with one place changed."""
    data = json.loads(json_format.render(Document(("t",), (Formula(((A,),)), Heading(("h",))))))
    place = data["document"]
    *steps, last = path.split(".")
    for step in steps:
        place = place[int(step)] if step.isdigit() else place[step]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("blocks.0.type", "Formla", "'Formula'"),
        ("blocks.1.level", "x", "int"),
        ("blocks.0.rows", "x", "a list"),
        ("blocks.0.rows.0.0", 5, "blocks[0].rows[0][0]"),
        ("blocks.0.evil", 1, "has no 'evil'"),
        ("language", None, "language"),
        ("blocks.0.rows.0.0", {"type": "Document", "title": [], "blocks": []}, "not Document"),
        ("labels", {"a": 1}, "texts"),
        ("blocks.1", {"type": "Heading"}, "needs text"),
        ("blocks.1.level", True, "not bool"),
        ("blocks.0.of", [1], "str"),
    ],
)
def test_damaged_json_is_refused_with_the_place(path: str, value: Any, said: str) -> None:
    with pytest.raises(ReadError) as caught:
        from_json(changed(path, value))
    assert said in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    "data", ["", "{", "[]", "null", '{"symback document": 1}', "[" * 100_000, '{"document": 1, "symback document": 1}']
)
def test_other_json_is_refused(data: str) -> None:
    with pytest.raises(ReadError):
        from_json(data)


def test_a_tower_of_records_is_refused() -> None:
    node: Any = {"type": "Root", "body": {"type": "Symbol", "latex": "a", "text": "a"}}
    for _ in range(450):
        node = {"type": "Root", "body": node}
    data = {"symback document": 1, "document": {"type": "Document", "title": [node], "blocks": []}}
    with pytest.raises(ReadError, match="nested too deeply"):
        from_json(json.dumps(data))


# --- LaTeX --------------------------------------------------------------------------------------------------------------


def test_every_block_is_in_the_latex() -> None:
    source = latex.render(everything())
    for part in (
        r"\section*{words}",
        r"\subsection*{words$a$}",
        "words$a$, words",
        r"\begin{quote}words$\beta$\end{quote}",
        r"\tag{3}",
        r"\begin{tabular}{lr}",
        r"\begin{tikzpicture}",
        r"\begin{enumerate}",
        r"\begin{itemize}",
        r"\textbf{문제 1.}",
        r"\textit{풀이.}",
        r"\vspace*{4\baselineskip}",
        r"\newpage",
        r"\underline{\qquad\qquad\qquad}",
        r"\usepackage{kotex}",
        "print(1)",
    ):
        assert part in source, part


def test_a_fragment_is_the_body() -> None:
    fragment = latex.render(everything(), fragment=True)
    whole = latex.render(everything())
    first, rest = fragment.split("\n", 1)
    assert first.startswith("% packages: ") and r"\usepackage{tikz}" in first and r"\documentclass" not in fragment
    assert rest.strip() in whole


def test_packages_are_asked_for_only_where_needed() -> None:
    plain = latex.render(Document(("T",), (Formula(((A,),)),)))
    assert re.findall(r"\\usepackage(?:\[[^]]*\])?\{(\w+)\}", plain) == ["amsmath", "geometry"]
    korean = latex.render(Document(("제목",), (Formula(((A,),)),)))
    assert r"\usepackage{kotex}" in korean


ENGINES = ("pdflatex", "xelatex", "lualatex")


@pytest.mark.parametrize("engine", ENGINES)
def test_every_block_and_every_node_compile(engine: str, tmp_path: Path) -> None:
    blocks = tuple(Formula(((n, row(EQUALS, n)),)) for n in NODES if not isinstance(n, (Gap,)))
    document = everything()
    source = latex.render(replace(document, blocks=(*document.blocks, *blocks)))
    assert complaints(compiled(source, engine, tmp_path)) == []


def test_hostile_words_are_only_words_in_latex(tmp_path: Path) -> None:
    texts = [h.replace("\u202e", "") for h in HOSTILE]
    blocks = tuple(b for h in texts for b in everything(h, h, h).blocks[:-3])
    for engine in ("pdflatex", "xelatex"):
        folder = tmp_path / engine
        folder.mkdir()
        log = compiled(latex.render(Document((" ".join(texts),), blocks, "ko")), engine, folder)
        assert [c for c in complaints(log) if "Missing" in c] == []
        assert sorted(p.suffix for p in folder.iterdir()) == [".aux", ".log", ".pdf", ".tex"]
        reader = needs.program("pdftotext")
        done = subprocess.run([reader, "-layout", "page.pdf", "-"], cwd=folder, capture_output=True, check=True)
        squeezed = re.sub(r"\s+", "", done.stdout.decode())
        for part in (
            r"\input{/etc/passwd}",
            r"\end{document}",
            "{{site.secret}}",
            "<script>",
            "한국어",
            "50%of$5&3<4>2",
        ):
            assert part in squeezed, part


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("x̂ and W₁₂", r"$\hat{x}$ and W$_{12}$"),
        ("ŷ − y, Ẑ₁, θ̂, a\u0304", r"$\hat{y}$ $-$ y, $\hat{Z}$$_{1}$, $\hat{\theta}$, $\bar{a}$"),
        ("ñ, é, 가", "ñ, é, 가"),
        ("∂L/∂a₁ᵀ", r"$\partial$L/$\partial$a$_{1}$$^{T}$"),
        ("a − b", "a $-$ b"),
        ("naïve", "naïve"),
        ("σ(x)", r"$\sigma$(x)"),
        ("“q”", "``q''"),
    ],
)
def test_signs_in_words_are_formulas_in_latex(words: str, printed: str) -> None:
    assert escape_text(words) == printed


def test_letters_no_engine_has_are_an_error() -> None:
    with pytest.raises(PrintError, match="'ж'"):
        latex.render(Document(("ж",), ()))


def test_a_long_table_goes_over_pages(tmp_path: Path) -> None:
    table = Table((("a",), ("b",)), tuple(((f"row {k}",), (A,)) for k in range(80)), ("many",))
    source = latex.render(Document(("T",), (table,)))
    assert r"\begin{longtable}" in source
    assert complaints(compiled(source, "pdflatex", tmp_path)) == []
    wide = Table((("a",),), (((Grid((tuple(Symbol("123456", "x") for _ in range(30)),)),),),))
    assert complaints(compiled(latex.render(Document(("T",), (wide,))), "pdflatex", tmp_path)) == []


# --- Markdown -----------------------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Collects the tags and the text of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def as_html(source: str) -> Reader:
    """Read Markdown as CommonMark with tables, strikethrough and raw HTML, by markdown-it."""
    markdown_it = needs.package("markdown_it")
    reader, parser = Reader(), markdown_it.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    refused = parser.validateLink
    parser.validateLink = lambda url: refused(url) or url.startswith("data:image/svg+xml;base64,")
    reader.feed(parser.render(source))
    return reader


@pytest.mark.parametrize("flavor", markdown.FLAVORS)
@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_only_words_in_markdown(words: str, flavor: str) -> None:
    document = Document(
        (words,),
        (
            Heading((words,)),
            Paragraph((words,)),
            Paragraph((words,), "note"),
            Items(((words,),)),
            Table(((words,), ("b",)), (((words,), (words,)),), (words,)),
            Exercise(1, (Paragraph((words,)),)),
        ),
        "en",
        (words,),
    )
    source = markdown.render(document, flavor=flavor)
    body = source.split("{% raw %}")[1].split("{% endraw %}")[0] if flavor == "jekyll" else source
    found = as_html(body)
    allowed = {"h1", "h2", "p", "blockquote", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "strong"}
    assert set(found.tags) - allowed - ({"span"} if flavor == "github" else set()) == set()
    clean = "".join(c if c.isprintable() else " " for c in words)
    count = re.sub(r"\s", "", found.words).count(re.sub(r"\s", "", clean))
    assert count >= (8 if flavor == "jekyll" else 9), found.words


def test_a_planted_injection_is_seen() -> None:
    assert (
        "script" in as_html("<script>x</script>").tags and "a" in as_html("[y](x)").tags and "em" in as_html("*x*").tags
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_liquid_reads_nothing_in_jekyll(words: str) -> None:
    source = markdown.render(
        Document((words,), (Paragraph((words,)), Formula(((Script(Symbol("{{a}}", "a"), A),),)))), flavor="jekyll"
    )
    front, rest = source.split("\n---\n", 1)
    # no tag and no output of Liquid but the two that switch it off
    assert re.findall(r"\{%.*?%\}", rest) == ["{% raw %}", "{% endraw %}"]
    assert rest.index("{% raw %}") == 1 and rest.rstrip().endswith("{% endraw %}")
    title = re.search(r"^title: (.*)$", front, re.MULTILINE)
    assert title is not None and "{{" not in title[1] and "{%" not in title[1] and isinstance(json.loads(title[1]), str)


def test_flavors_mark_formulas_in_their_own_way() -> None:
    document = Document(("T",), (Paragraph((A, " costs $5")), Formula(((A, row(EQUALS, B)),), 2)))
    assert markdown.render(document) == "# T\n\n$a$ costs \\$5\n\n$$\na = \\beta \\qquad (2)\n$$\n"
    github = markdown.render(document, flavor="github")
    assert "$`a`$ costs <span>$</span>5" in github and "```math\na = \\beta \\qquad (2)\n```" in github
    jekyll = markdown.render(document, flavor="jekyll")
    assert (
        jekyll.startswith('---\ntitle: "T"\nlang: en\n---\n')
        and "\n\\$$a$$ costs \\$5\n" in jekyll
        and "\n\n$$\na = " in jekyll
    )
    with pytest.raises(PrintError, match="'github'"):
        markdown.render(document, flavor="gihub")


def test_no_bare_bar_in_formulas() -> None:
    bars = row(Fence(A, "|"), PLUS, Symbol(r"|x| \| y \|", "x"))
    source = markdown.render(Document((), (Table((("h",),), (((bars,),),)),)))
    assert r"\lvert a\rvert + \vert x\vert \Vert y \Vert" in re.sub(" +", " ", source)
    assert len(as_html(source).tags) == len(["table", "thead", "tr", "th", "tbody", "tr", "td"])


def test_code_with_fences_stays_code() -> None:
    source = "x = '''\n```\n````\n'''\n"
    found = as_html(markdown.render(Document((), (Code(source),))))
    assert found.tags == ["pre", "code"] and found.words.strip() == source.strip()


def test_figures_are_pictures_or_their_description() -> None:
    document = Document((), (Figure(PICTURE, ("cap",), "two [things]"),))
    assert as_html(markdown.render(document)).tags == ["p", "img", "p"]
    assert as_html(markdown.render(document, flavor="github")).words.split() == ["two", "[things]", "cap"]
    own = markdown.render(document, figure=lambda f: f"![{f.description}](attachment:x.svg)")
    assert "attachment:x.svg" in own


# --- text ---------------------------------------------------------------------------------------------------------------


def test_every_block_is_in_the_text(golden: Any) -> None:
    golden("document.txt", text.render(everything()))


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_in_text_acts_on_a_terminal(words: str) -> None:
    for source in (text.render(everything(words, words, words)), markdown.render(everything(words, words, words))):
        assert all(c.isprintable() or c in "\n\f" for c in source)
    assert re.sub(r"\s", "", "".join(c for c in words if c.isprintable())) in re.sub(
        r"\s", "", text.render(everything(words))
    )


def test_tables_line_up_in_a_terminal() -> None:
    table = Table((("기호",), ("뜻",), ("n",)), ((("W",), ("가중치",), ("1",)), (("b",), ("x",), ("10",))), (), "llr")
    lines = text.render(Document((), (table,))).splitlines()
    assert lines[2:] == ["  W     가중치   1", "  b     x       10"]


def test_sections_become_a_document() -> None:
    net = sb.Network()
    x, w = net.input("x"), net.parameter("w")
    net.define("L", (x * w) ** 2)
    d = sb.derive(net)
    document = document_of(d.sections(), "T")
    assert text.render(replace(document, title=())) == d.text()
    assert markdown.render(document) == d.markdown(title="T") and latex.render(document) == d.tex(title="T")
    assert [b.role for b in document.blocks if isinstance(b, Formula)] == ["loss", "local", "update"]
