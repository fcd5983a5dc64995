"""HTML pages: well-formed and safe by an independent parser, and looked at by a real browser."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

import symback as sb
from symback.core.display import (
    EQUALS,
    PLUS,
    Blank,
    Colored,
    Fence,
    Grid,
    Infix,
    Node,
    Script,
    Symbol,
    Word,
    row,
    separated,
)
from symback.core.errors import PrintError, SymbackError
from symback.documents import tables
from symback.documents.document import (
    Block,
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
from symback.documents.formats import html as writer
from symback.documents.formats import mathml
from symback.documents.formats.chromium import print_page
from symback.documents.formats.html import render, style_sheet
from symback.documents.formats.latex_symbols import LETTERS, SIGNS
from symback.documents.formats.mathml import styled
from symback.documents.lesson import Plan, lesson
from symback.page.picture import Circle, Label, Picture
from symback.page.words import languages, words
from tests.support import needs
from tests.support.browser import measured, overflowing, requests_of
from tests.support.places import EXAMPLES
from tests.support.real_pages import displays, document, lesson_formulas, lesson_on, pages
from tests.support.seed_cells import cell, derivation
from tests.support.work import QUICK, within

VOID = {"meta", "hr", "br", "wbr", "img", "link"}
MATHML = {
    "math",
    "semantics",
    "annotation",
    "mrow",
    "mi",
    "mo",
    "mn",
    "mtext",
    "mspace",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "mfrac",
    "msqrt",
    "mtable",
    "mtr",
    "mtd",
}
SVG = {"svg", "title", "defs", "marker", "path", "circle", "rect", "polyline", "text", "tspan", "g"}
HTML = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "h1",
    "h2",
    "h3",
    "h4",
    "p",
    "div",
    "span",
    "wbr",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "figcaption",
    "nav",
    "a",
    "pre",
    "code",
    "ul",
    "ol",
    "li",
    "section",
    "hr",
}
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "alttext",
    "display",
    "encoding",
    "mathvariant",
    "lspace",
    "rspace",
    "stretchy",
    "form",
    "movablelimits",
    "largeop",
    "minsize",
    "maxsize",
    "width",
    "height",
    "depth",
    "accent",
    "columnalign",
    "displaystyle",
    "mathcolor",
    "aria-label",
    "aria-hidden",
    "href",
    "scope",
    "tabindex",
    "role",
    "xmlns",
    "viewbox",
    "color",
    "id",
    "refx",
    "refy",
    "markerwidth",
    "markerheight",
    "orient",
    "d",
    "fill",
    "stroke",
    "stroke-width",
    "stroke-linejoin",
    "cx",
    "cy",
    "r",
    "x",
    "y",
    "rx",
    "points",
    "marker-end",
    "text-anchor",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "dy",
}


class Reader(HTMLParser):
    """What an HTML parser sees: elements, whether they close in order, and the text in them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.problems: list[str] = []
        self.feed(page)
        self.close()
        self.problems += [f"{tag} is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if len(dict(attrs)) != len(attrs):
            self.problems.append(f"{tag} has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def handle_comment(self, data: str) -> None:
        self.problems.append("a comment")

    def unknown_decl(self, data: str) -> None:
        self.problems.append("a declaration")


def problems(page: str) -> list[str]:
    """Return what is wrong with a page: markup that is broken, that runs something, or that loads something."""
    reader = Reader(page)
    found = list(reader.problems)
    for tag, attributes in reader.elements:
        if tag not in MATHML | SVG | HTML | {"article"}:
            found.append(f"<{tag}>")
        for name, value in attributes.items():
            if name not in ATTRIBUTES:
                found.append(f"<{tag} {name}>")
            if name == "href" and not str(value).startswith("#"):
                found.append(f"a link to {value}")
            if name == "http-equiv" and value != "Content-Security-Policy":
                found.append(f"http-equiv {value}")
    style = re.sub(r'url\("data:font/woff2;base64,[A-Za-z0-9+/=]+"\)', "", "".join(reader.texts.get("style", [])))
    found += re.findall(r"url\(|@import|expression\(", style)
    return found


A, B = Symbol("a", "a"), Symbol("b", "b")


def everything() -> Document:
    """Return a document with every kind of block."""
    picture = Picture(80, 40, (Circle(20, 20, 10), Label(20, 20, A), Label(60, 20, "은닉층", halo=True)), "two layers")
    inner: tuple[Block, ...] = (Paragraph(("What is ", A, "?")), Formula(((A, row(EQUALS, Blank(2))),)))
    return Document(
        ("역전파 of ", Script(A, B)),
        (
            Heading(("One",)),
            Heading(("Deeper ", A), 2),
            Heading(("Deepest",), 3),
            Paragraph(("Text with ", A, ", and so on.")),
            Paragraph(("A remark.",), "remark"),
            Paragraph(("A note.",), "note"),
            Formula(((A, row(EQUALS, B)),), 1),
            Formula(((A, row(EQUALS, B)), (B, row(EQUALS, Colored(A, "red")))), 2),
            Table((("Name",), (A, " of it")), ((("x",), (B,)), (("y",), ("2",))), ("All of them",), "lr"),
            Figure(picture, ("A net.",), "A picture of it"),
            Code("x = 1 < 2 & 3\n"),
            Items((("first",), (A,))),
            Items((("first",),), True),
            Exercise(1, inner, space=3),
            Exercise(2, inner, (Paragraph(("It is ", B, ".")),)),
            PageBreak(),
            Paragraph(("End.",)),
        ),
        "ko",
        ("A subtitle",),
        {"exercise": "문제", "answer": "풀이"},
    )


def test_every_block_is_there() -> None:
    page = render(everything())
    reader = Reader(page)
    assert problems(page) == []
    assert reader.texts["title"][0] == "역전파 of a_b"
    assert page.startswith('<!DOCTYPE html>\n<html lang="ko">')
    assert [reader.texts[h][0] for h in ("h2", "h4")] == ["One", "Deepest"]
    assert reader.texts["p"][1].startswith("Text with") and reader.texts["code"] == ["x = 1 < 2 & 3\n"]
    assert reader.texts["span"].count("(1)") == 1 and reader.texts["span"].count("(2)") == 1
    assert "문제 1" in reader.texts["h3"] and "풀이" in reader.texts["h4"]
    assert page.count('<div class="space"><div></div><div></div><div></div></div>') == 1
    assert "<th" in page and '<td class="r">' in page and page.count("<li>") == 3
    assert len(reader.texts["svg"]) == 1 and 'aria-label="A picture of it"' in page
    assert '<hr class="break">' in page
    assert set(MATHML) >= {"math"} and "<math" in page


def test_parts_are_found_by_address_and_by_keyboard() -> None:
    """Heads of tables say what they head, headings have addresses, what scrolls can be reached without a mouse."""
    net = sb.Network()
    x, t, w, v = net.input("x", (2, 2)), net.input("t", (2, 1)), net.parameter("W", (2, 2)), net.parameter("V", (2, 1))
    h = net.define("h", sb.sigmoid(x @ w))
    net.define("L", sb.mse(h @ v, t))
    page = render(sb.derive(net).handout("ko").document)
    assert problems(page) == []
    elements = Reader(page).elements
    heads = [a for tag, a in elements if tag == "th"]
    assert heads and all(a.get("scope") == "col" for a in heads)
    headings = [a for tag, a in elements if re.fullmatch("h[2-4]", tag)]
    names = [a["id"] for a in headings]
    assert len(names) > 4 and len(set(names)) == len(names)
    links = [a["href"] for tag, a in elements if tag == "a" and a.get("class") != "anchor"]
    parts = [a["id"] for tag, a in elements if tag == "h2"]
    assert links == [f"#{name}" for name in parts]
    assert any(tag == "nav" and a["aria-label"] == "차례" for tag, a in elements)
    for tag, a in elements:
        kinds = (a.get("class") or "").split()
        if tag == "pre" or "table" in kinds or "large" in kinds:
            assert a.get("tabindex") == "0", (tag, a)
        if a.get("aria-hidden") == "true" and tag == "a":
            assert a.get("tabindex") == "-1"
    # a picture is described once, by its own title
    assert "figure" in {tag for tag, _ in elements} and not any(
        "aria-label" in a for tag, a in elements if tag == "figure"
    )
    assert page.count("<svg") == page.count("<title>") - 1
    small = render(Document(("T",), (Heading(("One",)), Heading(("One",)), Heading(("∂",)))))
    assert re.findall(' id="(.*?)"', small) == ["one", "one-2", "part"] and "<nav" in small
    assert "<nav" not in render(Document(("T",), (Heading(("One",)),)))
    assert " id=" not in render(Document(("T",), (Heading(("One",)),)), fragment=True)


def test_the_parser_sees_planted_problems() -> None:
    page = render(everything())
    for planted in (
        "<script>1</script>",
        '<img src="x">',
        "<p>",
        '<p onclick="f()">x</p>',
        '<a href="http://x">x</a>',
        "<!-- -->",
        "</main>",
        '<style>@import "x"</style>',
        "<style>p{background:url(x)}</style>",
    ):
        assert problems(page.replace("<h2", planted + "<h2", 1)) != [], planted


@pytest.mark.parametrize(
    "name", ["two_layer_sigmoid default", "module_bce numbers", "softmax_ce index", "fan_out chain"]
)
def test_real_pages_are_well_formed(name: str) -> None:
    assert problems(render(document(name))) == []


@pytest.mark.parametrize("language", languages())
def test_lessons_are_well_formed(language: str) -> None:
    found = lesson(derivation("two_layer_sigmoid").record, Plan(language=language))
    page = render(found)
    assert problems(page) == []
    assert f'<html lang="{language}">' in page and page.count("<svg") == sum(
        isinstance(b, Figure) for b in found.blocks
    )
    assert all(words(language)[key] in page for key in ("forward", "backward"))


def test_the_same_document_gives_the_same_bytes() -> None:
    assert render(everything()) == render(everything())


# --- hostile text -----------------------------------------------------------------------------------------------------

HOSTILE = (
    "<script>window.planted=1</script>",
    '"><img src=x onerror="window.planted=1">',
    "</title><script>window.planted=1</script>",
    "</style><script>window.planted=1</script>",
    "--><svg onload=window.planted=1>",
    "&lt;b&gt; &amp; &#60;",
    "' onclick='x",
    "</pre></code>",
    "a\x00b\x1b[31m",
    "left\u202eright\u2066",
    "]]>",
    "\ud800",
    "{{7*7}} ${7*7}",
    "$x$ \\input{/etc/passwd}",
)


def hostile(text: str) -> Document:
    word = row(Word(text), PLUS, A)
    picture = Picture(10, 10, (Label(5, 5, text), Label(5, 5, word)), text)
    return Document(
        (text, word),
        (
            Heading((text,)),
            Paragraph((text, word, text), text),
            Formula(((A, row(EQUALS, word)),)),
            Table(((text,),), (((text, word),),), (text,), text),
            Figure(picture, (text,), text),
            Code(text, text),
            Items(((text,),)),
            Exercise(1, (Paragraph((text,)),), (Paragraph((text,)),)),
        ),
        text,
        (text,),
        {"exercise": text, "answer": text},
    )


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
def test_text_cannot_become_markup(text: str, fragment: bool) -> None:
    page = render(hostile(text), fragment)
    assert problems(page) == []
    shown = "".join(c if c.isprintable() else " " for c in text)
    reader = Reader(page)
    assert reader.texts["h2"] == [shown] and reader.texts["code"] == [shown]
    if not fragment:
        assert reader.texts["title"][0].startswith(shown)
    assert page.encode("utf-8")
    assert not any(not c.isprintable() and c not in "\n\xa0" for c in page)


def test_hostile_pages_run_nothing_in_a_browser(tmp_path: Path) -> None:
    sheets = {f"page{k}": render(hostile(text)) for k, text in enumerate(HOSTILE)}
    sheets["planted"] = sheets["page0"].replace("<h2", "<script>window.planted=1</script><h2", 1)
    found = measured(sheets, (800,), tmp_path)
    assert [k for (k, _), r in found.items() if r["handlers"] or r["scripts"] != 1] == ["planted"]


def test_symbols_that_only_latex_knows_are_refused() -> None:
    with pytest.raises(PrintError, match=r"\\foo"):
        render(Document(("t",), (Formula(((Symbol(r"\foo{x}", "x"),),)),)))


# --- what the page may do ---------------------------------------------------------------------------------------------


def test_the_policy_lets_only_the_pages_own_style_through() -> None:
    page = render(everything())
    style = "".join(Reader(page).texts["style"])
    policy = next(
        a["content"] or "" for t, a in Reader(page).elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert " style=" not in page  # the policy would not let it work


def test_pages_ask_the_network_for_nothing(tmp_path: Path) -> None:
    page = render(everything())
    assert requests_of(page, tmp_path) == []
    planted = page.replace("</main>", '<img src="http://planted.example/x.png"></main>')
    assert requests_of(planted, tmp_path) == []  # the page's own policy keeps even this from being loaded
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", planted)
    assert any("planted.example" in address for address in requests_of(free, tmp_path))


# --- in a browser -----------------------------------------------------------------------------------------------------

PHONE, DESK = 390, 1280
REAL = (
    "two_layer_sigmoid default",
    "module_bce numbers",
    "module_bce entries",
    "softmax_ce index",
    "matrix_relu ng",
    "relu_mse numbers",
    "double_softmax default",
    "chain chain",
    "residual matrix",
    "torch_layout index",
    "layers",
    "hidden_relu index",
)


WORKSHEETS = (
    ("module_bce", "entries", "local gradients numbers"),
    ("matrix_relu", "matrix", "delta gradients transposes numbers"),
    ("softmax_ce", "index", "gradients forward loss"),
)
LESSONS = ("two_layer_sigmoid", "module_bce", "relu_mse", "softmax_ce")


def long_sentence() -> Document:
    """Return a page whose sentences hold formulas that are wider than a phone."""
    total = separated([Script(Symbol("w", "w"), Symbol(str(k), str(k))) for k in range(40)], PLUS)
    return Document(
        ("A long sum ", total),
        (
            Paragraph(("The sum ", total, " is long.")),
            Items((("It is ", total),)),
            Formula(((A, row(EQUALS, total)),), 1),
            Formula(((A, row(EQUALS, Fence(total), Symbol("b", "b"))),)),
        ),
    )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], dict[str, Any]]:
    """Return what a browser measures on real pages and on planted ones."""
    needs.engine("chromium")
    sheets = {name.replace(" ", "-"): render(document(name)) for name in REAL}
    sheets.update(
        {f"{name}-{language}": render(lesson_on(name, language)) for name in LESSONS for language in languages()}
    )
    for name, view, which in WORKSHEETS:
        made = sb.derive(sb.read(EXAMPLES / f"{name}.py")).worksheet("ko", which.split(), view=view, level="full")
        assert made.sheet is not None and made.key is not None
        sheets[f"{name}-{view}-sheet"] = str(made.sheet.text("html"))
        sheets[f"{name}-{view}-key"] = str(made.key.text("html"))
    sheets["everything"] = render(everything())
    sheets["sentence"] = render(long_sentence())
    wide = row(*[Symbol("M", "M")] * 60)
    sheets["planted"] = (
        render(Document(("t",), (Formula(((A, row(EQUALS, wide)),)),))).replace("s60", "s100").replace("s45", "s100")
    )
    font = re.compile(r'url\("data:font/woff2;base64,[^"]*"\)')
    sheets["fontless"] = font.sub('url("data:font/woff2;base64,AAAA")', render(document(REAL[0])))
    return measured(sheets, (PHONE, DESK), tmp_path_factory.mktemp("pages"))


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize(
    "name",
    [
        *(n.replace(" ", "-") for n in REAL),
        *(f"{n}-{language}" for n in LESSONS for language in languages()),
        *(f"{n}-{view}-{page}" for n, view, _ in WORKSHEETS for page in ("sheet", "key")),
        "everything",
        "sentence",
    ],
)
def test_no_formula_is_wider_than_its_place(name: str, width: int, seen: dict[tuple[str, int], dict[str, Any]]) -> None:
    assert overflowing(seen[name, width]) == []
    assert len(seen[name, width]["boxes"]) > 1


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_planted_wide_formula_is_found(width: int, seen: dict[tuple[str, int], dict[str, Any]]) -> None:
    assert overflowing(seen["planted", width]) != []


def test_each_formula_is_shown_once(seen: dict[tuple[str, int], dict[str, Any]]) -> None:
    """A display stands in the page once or, for two widths, twice; of those exactly one is seen."""
    for name in REAL:
        blocks = [b for b in document(name).blocks if isinstance(b, Formula)]
        count = sum(-(-len(b.rows) // writer.LINES) for b in blocks)
        for width in (PHONE, DESK):
            boxes = [b for b in seen[name.replace(" ", "-"), width]["boxes"] if b["kind"] != "table"]
            assert len(boxes) == count
            assert not [b for b in boxes if ("narrow" in b["kind"]) if width == DESK or "wide" in b["kind"]]


def test_the_embedded_font_is_used(seen: dict[tuple[str, int], dict[str, Any]]) -> None:
    name = REAL[0].replace(" ", "-")
    assert seen[name, DESK]["fonts"] == ["symback math loaded"]
    assert seen["fontless", DESK]["fonts"] == ["symback math error"]
    assert abs(seen[name, DESK]["probe"] - seen["fontless", DESK]["probe"]) > 0.5


def test_all_real_formulas_fit_a_phone(tmp_path: Path) -> None:
    """Every formula of every seed, in every view; what no line break can make fit is scaled, and nothing has to scroll."""
    formulas = tuple(Formula(rows) for _, rows in (*displays(), *lesson_formulas()))
    sheets = {f"part{k}": render(Document(("t",), formulas[k : k + 150])) for k in range(0, len(formulas), 150)}
    found = measured(sheets, (PHONE, DESK), tmp_path)
    assert [problem for result in found.values() for problem in overflowing(result)] == []
    smaller = sum(
        "s" in {c[0] for c in box["kind"].split()} for (_, w), r in found.items() for box in r["boxes"] if w == PHONE
    )
    assert smaller < 0.1 * len(formulas)


# --- printing ---------------------------------------------------------------------------------------------------------


def test_a_page_prints_as_pdf(tmp_path: Path) -> None:
    page = render(everything())
    made = print_page(page, needs.engine("chromium"))
    assert made.startswith(b"%PDF") and made == print_page(page, needs.engine("chromium"))
    assert b"/StructTreeRoot" in made  # tagged
    sizes = {tuple(float(v) for v in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]*)\]", made)}
    assert all(abs(s[2] - 595) < 1 and abs(s[3] - 842) < 1 for s in sizes) and sizes

    def count(pdf: bytes) -> int:
        return len(re.findall(rb"/Type /Page\b", pdf))

    assert count(made) == count(print_page(page.replace('<hr class="break">', ""), needs.engine("chromium"))) + 1


def test_a_browser_that_fails_is_one_message(tmp_path: Path) -> None:
    failing = tmp_path / "browser"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o755)
    with pytest.raises(SymbackError, match=r"PDF: browser made no page \(exit code 3\)"):
        print_page("<p>x</p>", str(failing))
    with pytest.raises(SymbackError, match="PDF: nowhere cannot be started"):
        print_page("<p>x</p>", str(tmp_path / "nowhere"))
    failing.write_text("#!/bin/sh\nsleep 30\n")
    with pytest.raises(SymbackError, match=r"took more than 0\.3 seconds"):
        print_page("<p>x</p>", str(failing), timeout=0.3)


# --- colors and the font ----------------------------------------------------------------------------------------------


def luminance(color: str) -> float:
    """Return the relative luminance of a color (WCAG 2.2)."""
    digits = color.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_text_has_contrast_in_light_and_dark() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    sheet = style_sheet()
    grounds = [dict(re.findall(r"--(\w+):(#\w+)", block)) for block in re.findall(r":root\{([^}]*)\}", sheet)]
    assert len(grounds) == 2
    inks = re.findall(r"\.ink-(\w+)\{color:(#\w+)\}", sheet)
    assert len(inks) == 10
    for place, ground in enumerate(grounds):
        colors = [ground["ink"], ground["soft"], *(color for _, color in inks[5 * place : 5 * place + 5])]
        for color in colors:
            assert contrast(color, ground["paper"]) >= 4.5, (color, place)
            assert contrast(color, ground["tint"]) >= 4.5, (color, place)


@cache
def recipe() -> Any:
    path = Path(str(files("symback.documents.formats").joinpath("data", "subset.py")))
    spec = spec_from_file_location("subset", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_font_has_every_character_of_formulas() -> None:
    tools = needs.package("fontTools.ttLib")
    needs.package("brotli")
    font = tools.TTFont(str(files("symback.documents.formats").joinpath("data", "math.woff2")))
    known = set(font.getBestCmap())
    assert recipe().characters() <= known
    signs = "".join([*SIGNS.values(), *LETTERS.values(), *mathml._SIGNS_ABOVE.values()])
    letters = "".join(styled(c, style) for c in (*LETTERS.values(), *"abcXYZ019") for style in mathml._ALPHABETS)
    assert [c for c in signs + letters if ord(c) not in known] == []
    assert "MATH" in font
    assert "SIL Open Font License" in str(font["name"].getName(13, 3, 1)) and "STIX" in str(
        font["name"].getName(0, 3, 1)
    )
    used: dict[str, str] = {}
    for page, rows in (*displays(), *lesson_formulas()):
        for text in re.findall(r"<m(?:i|n|o|text)\b[^>]*>([^<]*)<", writer.display_to_mathml(rows)):
            used.update(dict.fromkeys(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), page))
    assert {c: page for c, page in used.items() if ord(c) not in known and not "가" <= c <= "힣"} == {}
    italics = {chr(0x1D434 + k) for k in range(26)} | {chr(0x1D44E + k) for k in range(26) if k != 7} | {"ℎ"}
    assert {ord(c) for c in italics} <= known  # browsers print <mi>x</mi> with these


def test_the_recipe_makes_the_font(tmp_path: Path) -> None:
    tools = needs.package("fontTools.ttLib")
    needs.package("brotli")
    needs.package("ziamath")
    recipe().make(tmp_path / "made.woff2")
    made, kept = (
        tools.TTFont(str(tmp_path / "made.woff2")),
        tools.TTFont(str(files("symback.documents.formats").joinpath("data", "math.woff2"))),
    )
    assert made.getBestCmap() == kept.getBestCmap()
    assert made.getGlyphOrder() == kept.getGlyphOrder()
    assert made.getTableData("MATH") == kept.getTableData("MATH")


def test_the_license_of_the_font_lies_beside_it() -> None:
    text = files("symback.documents.formats").joinpath("data", "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text and "The STIX Fonts Project Authors" in text


# --- line breaks, scale, speed ----------------------------------------------------------------------------------------


def test_numbers_stand_behind_the_last_part_of_a_long_display() -> None:
    rows = tuple((A, row(EQUALS, Symbol(str(k), str(k)))) for k in range(writer.LINES + 3))
    page = render(Document(("t",), (Formula(rows, 7),)))
    assert page.count('<div class="formula">') == 2 and page.count("(7)</span>") == 1
    assert page.index("(7)</span>") > page.index(f"<mn>{writer.LINES + 2}</mn>")


def test_what_follows_a_formula_stays_on_its_line() -> None:
    page = render(Document(("t",), (Paragraph((A, "에 대한 식 (", B, "), and ", A)),)))
    assert page.count('<span class="bound">') == 2
    text = Reader(page).texts["p"][0]
    assert re.sub(r"(.)\1", r"\1", text).replace(" ", "") == re.sub(r"(.)\1", r"\1", "aa에대한식(bb),andaa")


def test_matrices_wider_than_the_page_are_scaled() -> None:
    def matrix(columns: int) -> Node:
        return Grid((tuple(Symbol("0.1234", "0.1234") for _ in range(columns)),))

    page = render(Document(("t",), (Formula(((A, row(EQUALS, matrix(5))),)), Formula(((A, row(EQUALS, matrix(12))),)))))
    assert re.findall(r'<div class="(wide|narrow)( s\d\d)?">', page) != []
    assert "s60" in page


def test_wide_tables_are_scaled_for_a_phone(tmp_path: Path) -> None:
    def table(columns: int) -> Document:
        value = Grid((tuple(Symbol("0.1234", "0.1234") for _ in range(columns)),))
        return Document(
            ("t",), (Table((("name",), ("what it stands for",), ("value",)), (((A,), ("pre-activation",), (value,)),)),)
        )

    assert '<table class="n' not in render(table(1))
    found = measured({f"columns{k}": render(table(k)) for k in (2, 3, 4, 6)}, (PHONE, DESK), tmp_path)
    assert [problem for result in found.values() for problem in overflowing(result)] == []


def test_the_two_layer_page_is_quick() -> None:
    style_sheet.cache_clear()
    page = within(QUICK, lambda: render(lesson(sb.derive(sb.parse(cell("two_layer_sigmoid"))).record)))
    assert page.count("<math") > 30


def test_a_fragment_keeps_its_rules_inside(tmp_path: Path) -> None:
    sheet = style_sheet(True)
    font, _, rules = sheet.partition(".symback{")
    assert "{" not in font.split("@font-face{", 1)[1].partition("}")[2]
    assert rules.count("{") - rules.count("}") == -1 and "body{" not in rules and ":root" not in rules
    page = f"<!DOCTYPE html><meta charset=utf-8><body><h1>outside</h1>{render(everything(), True)}</body>"
    plain = "<!DOCTYPE html><meta charset=utf-8><body><h1>outside</h1></body>"
    found = measured({"with": page, "without": plain}, (800,), tmp_path)
    assert overflowing(found["with", 800]) == []
    assert found["with", 800]["fonts"] == ["symback math loaded"]


def test_options_and_records_are_left_alone() -> None:
    found = everything()
    before = repr(found)
    render(found)
    assert repr(found) == before
    assert render(replace(found, language="en")) != render(found)
    assert isinstance(Infix("+", "+"), Infix) and pages()


def test_a_formula_broken_in_a_cell_keeps_its_spaces_and_names_stay_whole() -> None:
    page = render(tables.page(tables.table("activations", ["leaky_relu"])))
    assert re.search(r"</math> <math[^>]*alttext=\" ?= ", page)
    assert "td,th{overflow-wrap:break-word}" in style_sheet()
