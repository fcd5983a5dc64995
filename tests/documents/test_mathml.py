"""MathML: compared with an independent converter, formula by formula."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from typing import get_args

import pytest

from symback.core import display as tree
from symback.core.display import (
    DOT,
    EQUALS,
    MINUS,
    NEGATIVE,
    ODOT,
    PLUS,
    QUAD,
    THIN,
    TOP,
    Accent,
    Big,
    Blank,
    Colored,
    Fence,
    Fraction,
    Grid,
    Infix,
    Lines,
    Node,
    Root,
    Row,
    Script,
    Symbol,
    Under,
    Underbrace,
    Word,
    row,
    to_latex,
)
from symback.core.errors import PrintError
from symback.documents.formats.mathml import display_to_mathml, styled, to_mathml
from tests.support import needs
from tests.support.real_pages import displays, lesson_formulas

math_core = needs.package("math_core")

# --- both markups as tokens -------------------------------------------------------------------------------------------

INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\ufe00\ufe01"), None)
SAME = {
    "ˆ": "^",
    "‾": "¯",
    "\u0302": "^",
    "\u0304": "¯",
    "˜": "~",
    "\u0303": "~",
    "*": "∗",
    "″": "′′",
    "‴": "′′′",
    "⟂": "⊥",
    "𝜕": "∂",
}


def tokens(element: ET.Element, small: bool = False, first: bool = False) -> list[str]:
    """Return what is read from left to right: letters, signs, and how they are placed.

    A sign is unary where its space says so, or where it is the first of several and says nothing (MathML Core, 3.2.4.2).
    """
    tag = element.tag.rpartition("}")[2]
    children = [child for child in element if child.tag.rpartition("}")[2] not in ("annotation", "annotation-xml")]
    if tag in ("mi", "mn", "mo", "mtext"):
        text = (
            unicodedata.normalize("NFC", "".join(element.itertext()).translate(INVISIBLE)).replace("\xa0", " ").strip()
        )
        text = SAME.get(text, text)
        if not text:
            return []
        if tag == "mi" and len(text) == 1 and text.isalpha() and ord(text) < 0x2000:
            return [f"{'upright' if element.get('mathvariant') == 'normal' else 'italic'} {text}"]
        silent = element.get("lspace") is None and element.get("rspace") is None
        if (
            tag == "mo"
            and text in "+−"
            and not small
            and ((element.get("lspace") == element.get("rspace") == "0") or (first and silent))
        ):
            return [f"unary {text}"]
        return list(text) if set(text) == {"′"} else [text]
    if tag == "mspace":
        return ["blank"] if element.get("class") == "blank" else []
    if tag in ("msub", "msup", "msubsup", "munder"):
        base, *rest = (tokens(child, small if k == 0 else True) for k, child in enumerate(children))
        below = rest[0] if tag != "msup" else []
        above = rest[-1] if tag in ("msup", "msubsup") else []
        primes = [t for t in above if t == "′"]
        above = [t for t in above if t != "′"]
        if below in (["̲"], ["⏟"]):
            return [f"under {below[0]} {{", *base, "}"]
        return [*base, *primes, *(["_{", *below, "}"] if below else []), *(["^{", *above, "}"] if above else [])]
    if tag == "mover":
        base, sign = (tokens(child, small) for child in children)
        return ["over", *sign, "{", *base, "}"]
    inside = [tokens(child, small, k == 0 and len(children) > 1) for k, child in enumerate(children)]
    flat = [token for part in inside for token in part]
    if tag == "mfrac":
        return ["frac{", *inside[0], "}{", *inside[1], "}"]
    if tag in ("msqrt", "mtable", "mtr", "mtd"):
        return [f"{tag}{{", *flat, "}"]
    if element.get("mathcolor") or "color:" in (element.get("style") or ""):
        return ["color{", *flat, "}"]
    assert tag in ("math", "mrow", "semantics", "mstyle", "mpadded"), tag
    return flat


def read(markup: str) -> ET.Element:
    return ET.fromstring(markup.replace("&ApplyFunction;", "\u2061"))


def ours(rows: tuple[tuple[Node, ...], ...]) -> list[str]:
    return tokens(read(display_to_mathml(rows)))


def theirs(rows: tuple[tuple[Node, ...], ...]) -> list[str]:
    single = len(rows) == 1 and len(rows[0]) <= 2
    latex = to_latex(row(*rows[0])).strip() if single else to_latex(Lines(rows))
    return tokens(read(math_core.LatexToMathML().convert_with_local_state(latex, displaystyle=True)))


def differing(rows: tuple[tuple[Node, ...], ...], own: list[str] | None = None) -> str:
    mine, other = own or ours(rows), theirs(rows)
    if mine == other:
        return ""
    at = next((k for k, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), min(len(mine), len(other)))
    return f"{mine[max(0, at - 3) : at + 5]} != {other[max(0, at - 3) : at + 5]} in {to_latex(Lines(rows))}"


def test_every_real_formula_is_as_the_independent_converter_has_it() -> None:
    """All displays of all views, and all that stands in the lessons, in sentences and tables too."""
    found = [*displays(), *lesson_formulas()]
    assert len(found) > 800
    assert [f"{page}: {problem}" for page, rows in found if (problem := differing(rows))][:5] == []


# --- planted errors ---------------------------------------------------------------------------------------------------


def changed(markup: str, pattern: str, by: str) -> str:
    head, between, body = markup.partition("<semantics>")
    found = re.sub(pattern, by, body, count=1)
    assert found != body, "nothing was planted"
    return head + between + found


FORMULA = (
    (
        Script(Symbol(r"\sigma", "σ"), Symbol("1", "1"), TOP, primes=1),
        row(
            EQUALS,
            NEGATIVE,
            Fraction(Symbol("a", "a"), Symbol("b", "b")),
            ODOT,
            Fence(row(Symbol("x", "x"), MINUS, Symbol("y", "y"))),
            PLUS,
            Accent(Symbol("y", "y")),
            DOT,
            Symbol(r"\mathbf{1}", "1"),
            Root(Symbol("c", "c")),
        ),
    ),
)
PLANTED = {
    "a dropped prime": ("′", ""),
    "a lost fraction": ("<mfrac>(.*?)</mfrac>", r"<mrow>\1</mrow>"),
    "a fraction upside down": ("<mfrac>(<mi>.</mi>)(<mi>.</mi>)</mfrac>", r"<mfrac>\2\1</mfrac>"),
    "a sign that becomes another": ("⊙", "×"),
    "a lost subscript": ("<msubsup>(.*?)<mn>1</mn>(.*?)</msubsup>", r"<msup>\1\2</msup>"),
    "a subscript that becomes a superscript": (
        "<msubsup>(.*?)<mn>1</mn>(<mi[^>]*>⊤</mi>)</msubsup>",
        r"<msubsup>\1\2<mn>1</mn></msubsup>",
    ),
    "a bold letter that is not": ("𝟏", "1"),
    "a minus with the wrong space": ('lspace="0" rspace="0">−', 'lspace="0.222em" rspace="0.222em">−'),
    "a lost hat": ("<mover[^>]*>(<mi>y</mi>).*?</mover>", r"\1"),
    "a lost root": ("<msqrt>(.*?)</msqrt>", r"\1"),
    "a lost bracket": (r"<mo[^>]*>\)</mo>", ""),
    "an upright letter": ("<mi>x</mi>", '<mi mathvariant="normal">x</mi>'),
}


@pytest.mark.parametrize("error", PLANTED)
def test_the_comparison_finds_planted_errors(error: str) -> None:
    assert differing(FORMULA) == ""
    wrong = changed(display_to_mathml(FORMULA), *PLANTED[error])
    assert differing(FORMULA, tokens(read(wrong))) != ""


# --- every node -------------------------------------------------------------------------------------------------------

A, B = Symbol("a", "a"), Symbol("b", "b")
NODES: dict[type, Node] = {
    Symbol: A,
    Infix: row(A, Infix(r"\times", "×"), B),
    tree.Gap: row(A, THIN, B, QUAD, A),
    Word: row(A, QUAD, Word("if 은닉층 < b")),
    Row: row(A, B),
    Script: Script(A, B, TOP, 2),
    Accent: row(*(Accent(A, kind) for kind in ("hat", "bar", "tilde"))),
    Fraction: Fraction(A, Fraction(A, B)),
    Root: Root(Fraction(A, B)),
    Fence: row(Fence(A), Fence(Fraction(A, B)), Fence(A, "["), Fence(A, "|")),
    Big: row(Big(Symbol(r"\sum", "Σ"), row(A, Symbol(",", ","), B)), A, PLUS, Big(Symbol(r"\max", "max"), B), A),
    Grid: row(Grid(((A, B), (B, A))), PLUS, Grid(((A, B), (B, Word("otherwise"))), "cases")),
    Lines: Lines(((A, row(EQUALS, B)), (row(), row(EQUALS, NEGATIVE, A)))),
    Blank: row(A, EQUALS, Blank(3)),
    Colored: row(A, PLUS, Colored(row(A, PLUS, B), "red")),
    Underbrace: row(Underbrace(row(A, PLUS, B), Symbol(r"\delta", "δ")), A),
    Under: row(A, Under(EQUALS, Word("(1)")), B),
}


def test_there_is_a_case_of_every_node() -> None:
    assert set(NODES) == set(get_args(tree.Node))


@pytest.mark.parametrize("kind", NODES, ids=lambda kind: kind.__name__)
def test_every_node_prints_as_the_independent_converter_has_it(kind: type) -> None:
    rows = ((NODES[kind],),)
    if kind is Blank:  # the converter draws the line under spaces, which are no tokens
        assert ours(rows) == ["italic a", "=", "blank"]
        assert ET.fromstring(to_mathml(Blank(3))).find(".//mspace").get("width") == "6em"  # type: ignore[union-attr]
    elif kind is Lines:
        assert tokens(read(to_mathml(NODES[kind]))) == theirs(NODES[kind].rows)  # type: ignore[union-attr]
    else:
        assert differing(rows) == ""


def test_brackets_grow_only_around_tall_things() -> None:
    low = to_mathml(Fence(A))
    tall = to_mathml(Fence(Fraction(A, B)))
    assert 'stretchy="false"' in low and 'stretchy="true"' not in low
    assert 'stretchy="true"' in tall and 'stretchy="false"' not in tall
    large = to_mathml(row(Symbol(r"\bigl(", "("), A, Symbol(r"\bigr)", ")")))
    assert large.count('minsize="1.2em" maxsize="1.2em"') == 2


def operators(markup: str) -> list[tuple[str, str, str]]:
    return [(m.text or "", m.get("lspace", ""), m.get("rspace", "")) for m in ET.fromstring(markup).iter("mo")]


def test_spaces_follow_tex() -> None:
    minus = Symbol("-", "−")
    assert operators(to_mathml(row(A, minus, B))) == [("−", "0.222em", "0.222em")]
    assert operators(to_mathml(row(A, EQUALS, minus, B))) == [("=", "0.278em", "0.278em"), ("−", "0", "0")]
    assert operators(to_mathml(row(minus, A)))[0][1:] == ("0", "0")
    assert operators(to_mathml(row(Fence(row(minus, A)))))[1][1:] == ("0", "0")
    assert operators(to_mathml(Script(A, None, row(A, minus, B)))) == [("−", "0", "0")]
    continued = operators(display_to_mathml(((A, row(EQUALS, B)), (row(), row(Symbol("{}", ""), PLUS, B)))))
    assert continued == [("=", "0.278em", "0.278em"), ("+", "0.222em", "0.222em")]
    logarithm = Symbol(r"\log", "log")
    spaces = [space.get("width") for space in ET.fromstring(to_mathml(row(A, logarithm, B))).iter("mspace")]
    assert spaces == ["0.167em", "0.167em"]
    for bracket in (Fence(B), Script(Fence(B), A)):
        assert not list(ET.fromstring(to_mathml(row(logarithm, bracket))).iter("mspace"))
        assert len(list(ET.fromstring(to_mathml(row(bracket, logarithm))).iter("mspace"))) == 1
    for tall in (Fence(Fraction(A, B)), Script(Fence(Fraction(A, B)), A)):
        assert len(list(ET.fromstring(to_mathml(row(logarithm, tall))).iter("mspace"))) == 1


def test_hadamard_is_no_big_operator() -> None:
    sign = ET.fromstring(to_mathml(row(A, ODOT, B))).find(".//mo")
    assert sign is not None and (sign.text, sign.get("largeop")) == ("⊙", "false")


def test_primes_stand_on_the_line() -> None:
    element = ET.fromstring(to_mathml(Script(Symbol("f", "f"), None, None, 2)))
    assert element.find(".//msup") is None
    assert [m.text for m in element.iter("mo")] == ["′′"]


# --- symbols of the user ----------------------------------------------------------------------------------------------

OWN = (
    "W^{[1]}",
    r"\hat{y}_{\mathrm{out}}",
    r"\mathcal{L}",
    r"\boldsymbol{\theta}",
    r"\mathbf{W}^{(2)}_{ij}",
    r"\tilde w",
    "x_12",
    r"\ell",
    r"\Delta w",
    r"\mathrm{net}_{h1}",
    r"\mathbb{R}",
    r"\nabla_{\theta} J",
    r"f''",
    r"\varepsilon",
    r"\bar{x}^2",
    r"\frac{1}{2}w",
)


@pytest.mark.parametrize("latex", OWN)
def test_symbols_of_the_user(latex: str) -> None:
    assert differing(((Symbol(latex, "own"),),)) == ""


@pytest.mark.parametrize(
    "latex", [r"\href{javascript:alert(1)}{x}", r"\input{/etc/passwd}", r"\foo", r"\def\a{b}", "{" * 3000]
)
def test_symbols_that_cannot_be_read_are_refused(latex: str) -> None:
    with pytest.raises(PrintError, match="symbol"):
        to_mathml(Symbol(latex, "x"))


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt;",
    "]]>",
    "<!--",
    "\x00\x1b[31m",
    "a\u202eb",
    "\ud800",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_words_cannot_inject_markup(text: str) -> None:
    element = ET.fromstring(to_mathml(row(Word(text), EQUALS, Word(f" {text} "))))
    assert {e.tag for e in element.iter()} == {"math", "semantics", "mrow", "mtext", "mo", "annotation"}
    shown = "".join(element.find(".//mtext").itertext())  # type: ignore[union-attr]
    assert shown.replace("\xa0", " ") == "".join(c if c.isprintable() else " " for c in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_symbols_cannot_inject_markup(text: str) -> None:
    try:
        markup = to_mathml(Symbol(rf"\mathrm{{{text}}}", text))
    except PrintError:
        return
    allowed = {"math", "semantics", "mrow", "mi", "mo", "mn", "mtext", "mspace", "annotation", "msub", "msup"}
    assert {e.tag for e in ET.fromstring(markup).iter()} <= allowed


def test_a_color_is_a_name() -> None:
    with pytest.raises(PrintError, match="color"):
        to_mathml(Colored(A, 'red"><script>'))


def test_unknown_accents_are_refused() -> None:
    with pytest.raises(PrintError, match="accent"):
        to_mathml(Accent(A, "wavy"))


# --- what a formula keeps ---------------------------------------------------------------------------------------------


def test_every_formula_keeps_its_latex_and_its_text() -> None:
    for _, rows in displays():
        element = ET.fromstring(display_to_mathml(rows))
        annotation = element.find(".//annotation")
        assert annotation is not None and annotation.get("encoding") == "application/x-tex"
        single = len(rows) == 1 and len(rows[0]) <= 2
        assert annotation.text == (to_latex(row(*rows[0])).strip() if single else to_latex(Lines(rows)))
        assert element.get("alttext") and "\\" not in str(element.get("alttext"))


def test_a_broken_display_keeps_the_latex_of_the_whole() -> None:
    whole = ((A, row(EQUALS, B, EQUALS, A)),)
    broken = ((A, row(EQUALS, B)), (row(), row(EQUALS, A)))
    assert "<mtable" in display_to_mathml(broken, whole)
    annotation = ET.fromstring(display_to_mathml(broken, whole)).find(".//annotation")
    assert annotation is not None and annotation.text == "a = b = a"


@pytest.mark.parametrize(
    "style, name",
    [
        ("bold", "BOLD"),
        ("italic", "ITALIC"),
        ("bold italic", "BOLD ITALIC"),
        ("calligraphic", "SCRIPT"),
        ("double-struck", "DOUBLE-STRUCK"),
    ],
)
def test_letters_of_the_mathematical_alphabets(style: str, name: str) -> None:
    """The names that Unicode gives the characters say which letters they are."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    greek = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϕϱϖ" if "BOLD" in name or name == "ITALIC" else ""
    for char in letters + greek + ("0123456789" if name in ("BOLD", "DOUBLE-STRUCK") else ""):
        found = styled(char, style)
        assert len(found) == 1
        assert unicodedata.normalize("NFKC", found) == unicodedata.normalize("NFKC", char)
        label = unicodedata.name(found)
        assert (
            label.startswith((f"MATHEMATICAL {name} ", f"{name} ")) or found == "ℎ" or label.startswith("BLACK-LETTER")
        )
    assert styled("한", style) == "한"
    assert styled("a", "upright") == "a"
