"""Typst formulas say what the display tree says: Typst's own reading of them agrees with an independent converter's."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symback.core.display import (
    ARROW,
    COMMA,
    EQUALS,
    NEGATIVE,
    PLUS,
    QUAD,
    SPACE,
    TIMES,
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
    latex_lines,
    row,
    to_latex,
)
from symback.core.errors import PrintError
from symback.documents.document import Document, Formula, Heading, Paragraph
from symback.documents.formats import latex_symbols
from symback.documents.formats import typst as writer
from symback.page import views
from tests.support import needs
from tests.support.campaigns import tried
from tests.support.example_derivations import NAMES, derivation
from tests.support.printed_networks import CASES
from tests.support.real_pages import PAGES
from tests.support.small_networks import record_of

typst = needs.package("typst")
MATHEMATICS = "\n".join(
    line for line in writer._PREAMBLE.splitlines() if line.startswith(("#let colored", "#let blank"))
)


# --- two readings of one formula --------------------------------------------------------------------------------------


def typst_readings(formulas: list[str]) -> list[str]:
    """Return formulas in Typst as Typst itself writes them in MathML, in one canonical line each."""
    source = "\n\n".join([MATHEMATICS, *(f"$ {formula} $" for formula in formulas)])
    page, warnings = typst.compile_with_warnings(source.encode("utf-8"), format="html")
    assert not [w.message for w in warnings if "HTML" not in w.message and "html" not in w.message]
    found = re.findall(r"<math.*?</math>", page.decode("utf-8"), re.DOTALL)
    assert len(found) == len(formulas)
    return [canonical(ElementTree.fromstring(one)) for one in found]


def latex_readings(formulas: list[str]) -> list[str]:
    """Return formulas in LaTeX as math-core reads them, in the same canonical lines."""
    math_core = needs.package("math_core")
    converter = math_core.LatexToMathML()
    found = []
    for formula in formulas:
        text = converter.convert_with_local_state(formula, displaystyle=True)
        found.append(canonical(ElementTree.fromstring(re.sub(r"&(?!amp;|lt;|gt;|quot;|#)\w+;", "", text))))
    return found


ACCENTS = {
    "\u0302": "hat",
    "^": "hat",
    "ˆ": "hat",
    "ˉ": "bar",
    "\u0304": "bar",
    "¯": "bar",
    "‾": "bar",
    "\u0303": "tilde",
    "~": "tilde",
    "˜": "tilde",
    "∼": "tilde",
    "→": "vec",
    "\u20d7": "vec",
    "⏟": "brace",
    "\u0305": "bar",
}
SAME = {
    "·": "⋅",
    "…": "...",
    "∣": "|",
    "−": "-",
    "Σ": "∑",
    "′": "'",
    "*": "∗",
    "”": '"',
    "\u2061": "",
    "\u2062": "",
    "\u2063": "",
    "\u200b": "",
    "\ufe00": "",
    "\ufe01": "",
    "″": "''",
}


def canonical(element: ElementTree.Element) -> str:
    """Return MathML as one line without looks: fractions, scripts, roots, accents and tables with their parts."""
    tag = element.tag.rpartition("}")[2]
    parts = [canonical(child) for child in element]
    if tag in ("mi", "mn", "mo", "mtext", "ms"):
        text = unicodedata.normalize("NFC", "".join(map(unstyled, "".join(element.itertext()))))
        return "".join(SAME.get(c, c) for c in text if not c.isspace())
    if tag in ("mspace", "annotation", "mphantom"):
        return ""
    if tag == "mfrac":
        return f"frac<{parts[0]}|{parts[1]}>"
    if tag == "msqrt":
        return f"sqrt<{''.join(parts)}>"
    if tag in ("mover", "munder") and parts[1] in ACCENTS:
        return f"{ACCENTS[parts[1]]}<{parts[0]}>"
    if tag in ("msub", "munder"):
        return f"{parts[0]}_<{parts[1]}>"
    if tag in ("msup", "mover"):
        return f"{parts[0]}^<{parts[1]}>"
    if tag in ("msubsup", "munderover"):
        return f"{parts[0]}_<{parts[1]}>^<{parts[2]}>"
    if tag == "mtd":
        return "".join(parts)
    if tag == "mtr":
        return "&".join(parts)
    if tag == "mtable":
        return f"table<{';'.join(parts)}>"
    return "".join(parts)


def unstyled(char: str) -> str:
    """Return a mathematical letter without its style; ϵ and ε, ϕ and φ stay apart."""
    kind, _sign, code = unicodedata.decomposition(char).partition(" ")
    return unstyled(chr(int(code, 16))) if kind == "<font>" else char


def merged(reading: str) -> str:
    """Return a reading with the freedom that MathML has taken out: primes apart, empty bases and empty cells."""
    reading = re.sub(r"\^<('+)>\^<", r"^<\1", reading)
    return re.sub(r"&+(?=[;>])", "", reading)


def agree(formulas: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Return LaTeX, Typst's reading and math-core's where these two differ."""
    ours = typst_readings([t for t, _ in formulas])
    theirs = latex_readings([m for _, m in formulas])
    return [(m, a, b) for (_, m), a, b in zip(formulas, ours, theirs, strict=True) if merged(a) != merged(b)]


# --- every node -------------------------------------------------------------------------------------------------------

A, B = Symbol("a", "a"), Symbol("b", "b")
ONE, TWO = Symbol("1", "1"), Symbol("2", "2")
PARTIAL = Symbol(r"\partial ", "∂")
NODES: dict[str, Node] = {
    "fraction": Fraction(row(PARTIAL, A), row(PARTIAL, Script(B, ONE))),
    "sub": Script(A, Symbol("12", "12")),
    "sub and top": Script(A, ONE, TOP),
    "prime": Script(Symbol("f", "f"), primes=1),
    "two primes": row(Script(Symbol("f", "f"), primes=2), Fence(A)),
    "sub and prime": Script(Symbol(r"\sigma", "σ"), ONE, None, 1),
    "sub, prime and above": Script(A, ONE, TOP, 1),
    "spelled prime": Symbol("f'", "f′"),
    "root": Root(row(A, PLUS, B)),
    "hat": Accent(Symbol("y", "y")),
    "bar": Accent(A, "bar"),
    "tilde": Accent(A, "tilde"),
    "round": Fence(row(A, PLUS, B)),
    "tall": Fence(Fraction(A, B)),
    "square": Fence(A, "["),
    "absolute": row(Fence(row(A, Infix("-", "−"), B), "|"), PLUS, ONE),
    "sum": row(Big(Symbol(r"\sum", "Σ"), row(A, COMMA, B)), SPACE, B),
    "bare sum": row(Big(Symbol(r"\sum", "Σ")), SPACE, B),
    "max": row(Big(Symbol(r"\max", "max"), A), SPACE, B),
    "matrix": Grid(((A, row(NEGATIVE, B)), (Row(()), A))),
    "cases": Grid(((A, row(A, Infix(">", ">", True), ONE)), (B, Word("otherwise"))), "cases"),
    "word": row(A, Word('한글 50% of $x$ "y" \\ # _')),
    "colored": Colored(row(A, PLUS, B), "red"),
    "underbrace": Underbrace(row(A, PLUS, B), Word("sum")),
    "under": Under(row(A, SPACE, B), Fence(row(ONE, TIMES, TWO))),
    "log": row(Symbol(r"\log", "log"), SPACE, A),
    "relu": row(Symbol(r"\mathrm{ReLU}", "ReLU"), Fence(A)),
    "log sigma": row(Script(Symbol(r"\log\sigma", "log σ"), ONE), Fence(A)),
    "softplus": Symbol(r"\mathrm{softplus}_{\Sigma}", "softplus_Σ"),
    "underscore": Symbol(r"\mathrm{y\_true}", "y_true"),
    "ones": row(Symbol(r"\mathbf{1}", "1"), Fence(row(A, EQUALS, B), "[")),
    "power of ten": row(Symbol("1.5", "1.5"), TIMES, Script(Symbol("10", "10"), None, Symbol("-4", "−4"))),
    "own": Script(Symbol("W^{[1]}", "W¹"), None, TOP),
    "own greek": Symbol(r"\boldsymbol{\delta}_{12}^{(l)}", "δ"),
    "own fraction": Symbol(r"\frac{\hat{x}}{\sqrt{n}}", "x"),
    "ceiling": row(Symbol(r"\lceil ", "⌈"), A, Symbol("/", "/"), TWO, Symbol(r"\rceil ", "⌉")),
    "modulo": row(Fence(A), Infix(r"\bmod", "mod", True), B),
    "set": row(A, Infix(r"\in", "∈", True), Symbol(r"\{", "{"), ONE, COMMA, TWO, Symbol(r"\}", "}")),
    "update": row(Script(A, ONE), ARROW, A, QUAD, Symbol(r"\ell", "ℓ"), Symbol(r"\infty", "∞")),
    "exotic": row(
        Symbol(";", ";"), Symbol("?", "?"), Symbol("!", "!"), Symbol(":", ":"), Symbol(r"\#", "#"), Symbol("*", "*")
    ),
}


def test_every_node_reads_like_its_latex() -> None:
    assert agree([(writer.to_typst(node), to_latex(node)) for node in NODES.values()]) == []


@pytest.mark.parametrize(
    ("node", "slip"),
    [
        ("fraction", lambda t: t.replace("attach(b,b:1)", "b")),
        ("two primes", lambda t: t.replace("′′", "′")),
        ("sub and top", lambda t: t.replace(",t:⊤", "")),
        ("fraction", lambda t: "frac(" + ",".join(reversed(re.fullmatch(r"frac\((.*?),(.*)\)", t).groups())) + ")"),
        ("matrix", lambda t: t.replace("−", "")),
        ("hat", lambda t: t.replace("hat", "tilde")),
        ("update", lambda t: t.replace("b:1", "t:1")),
    ],
)
def test_a_lost_sign_is_seen(node: str, slip: Callable[[str], str]) -> None:
    right = writer.to_typst(NODES[node])
    assert slip(right) != right
    assert agree([(slip(right), to_latex(NODES[node]))])


def test_lines_and_blanks() -> None:
    rows = ((A, row(EQUALS, B), A, row(EQUALS, ONE)), (Row(()), row(EQUALS, TWO)))
    body = writer.typst_lines(rows)
    assert body == "a&=b&quad a&=1\\\n&=2"
    assert agree([(writer.to_typst(Lines(rows)), to_latex(Lines(rows)))]) == []
    assert writer.to_typst(Blank(3)) == "blank(#6em)"


# --- every example ----------------------------------------------------------------------------------------------------


def shown() -> Iterator[tuple[tuple[Node, ...], ...]]:
    for make, _ in CASES.values():
        for view in ("chain", "matrix"):
            for section in views.sections(record_of(make()), view):
                yield from (display.rows for display in section.displays)
    for page in PAGES.values():
        for section in page():
            yield from (display.rows for display in section.displays)
    for name in NAMES:
        for view in ("auto", "index"):
            for section in derivation(name).sections(view):
                yield from (display.rows for display in section.displays)


def test_every_formula_of_the_examples_reads_like_its_latex() -> None:
    rows = list(dict.fromkeys(shown()))
    assert len(rows) > 300
    pairs = [(writer.typst_lines(r), "\\begin{aligned}" + latex_lines(r) + "\\end{aligned}") for r in rows]
    pairs += [(writer.to_typst(cell), to_latex(cell)) for r in rows for cells in r for cell in cells if cell != Row(())]
    pairs = list(dict.fromkeys(pairs))
    # the table of one line of two sides is no table where Typst sets a single line
    assert [d for d in agree(pairs) if without_tables(d[1]) != without_tables(d[2])] == []


def without_tables(reading: str) -> str:
    return merged(re.sub(r"^table<(.*)>$", r"\1", reading)).replace("&", "")


# --- user symbols -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "latex",
    [
        "W^{[1]}",
        r"w^{(2)}_{12}",
        r"\mathbf{W}",
        r"\boldsymbol{\theta}",
        r"\mathcal{L}",
        r"\hat{y}_{\mathrm{new}}",
        r"\delta^{l+1}_j",
        r"\mathrm{net}_{h1}",
        r"\bar{x}",
        r"\frac{1}{n}",
        r"\sqrt{v}",
        r"\mathbb{R}^n",
        r"x'",
        r"\tilde{\mathbf{x}}",
        r"\left(a\right)",
        r"\sigma_{\text{hid den}}",
        r"\ell",
        r"\lvert x\rvert",
        r"\alpha\beta",
        r"\mathrm{d}t",
        "x_12",
        r"3.25",
        r"a\,b",
        r"\nabla L",
    ],
)
def test_own_symbols_read_like_their_latex(latex: str) -> None:
    assert agree([(writer.to_typst(Symbol(latex, "x")), latex)]) == []


def test_every_greek_letter_and_sign_reads_like_its_latex() -> None:
    alone = [f"\\{word}" for word in (*latex_symbols.LETTERS, *latex_symbols.OPERATORS)]
    alone += [f"\\{word}" for word in latex_symbols.SIGNS if word not in ("prime", "hbar", "imath", "jmath", "mid")]
    alone += [rf"\{style}{{{letter}}}" for style in latex_symbols.STYLES for letter in ("A", "x", "Lab")]
    assert agree([(writer.to_typst(Symbol(m, "x")), m) for m in alone]) == []


STYLED = (
    "A",
    "x",
    r"\sigma",
    r"\Sigma",
    r"\partial",
    r"\mathrm{A}",
    r"\mathrm{d}",
    r"\mathrm{ReLU}",
    r"\mathbf{W}",
    r"\mathbf{1}",
    r"\mathbf{ab}",
    r"\boldsymbol{W}",
    r"\boldsymbol{\delta}",
    r"\mathcal{L}",
    r"\mathbb{R}",
    r"\mathit{ab}",
    "1",
    r"\ell",
    r"\mathrm{\sigma}",
    r"\mathcal{LN}",
    r"\log",
)


def test_letters_have_the_style_of_their_latex() -> None:
    math_core = needs.package("math_core")
    converter = math_core.LatexToMathML()
    for latex in STYLED:
        source = f"$ {writer.to_typst(Symbol(latex, 'x'))} $"
        page = typst.compile(source.encode("utf-8"), format="html").decode("utf-8")
        ours = re.search(r"<math.*?</math>", page, re.DOTALL)
        assert ours
        assert looks(ours.group()) == looks(converter.convert_with_local_state(latex, displaystyle=True)), latex


def looks(text: str) -> list[tuple[str, str]]:
    """Return each letter of MathML with its style, which is in the character or, for one letter alone, in the element."""
    found = []
    for leaf in ElementTree.fromstring(text).iter():
        letters = [c for c in (leaf.text or "").strip() if c not in "\ufe00\ufe01"]
        slanted = leaf.tag.rpartition("}")[2] == "mi" and len(letters) == 1 and leaf.get("mathvariant") != "normal"
        for letter in letters:
            name = unicodedata.name(letter)
            style = re.match(r"MATHEMATICAL (.*?) ?(CAPITAL|SMALL|DIGIT|PARTIAL)", name)
            slants = slanted and not unicodedata.decomposition(letter).startswith("<font>")
            found.append((unstyled(letter), style.group(1) if style else "ITALIC" if slants else ""))
    return found


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\foo", r"\\foo is not known"),
        (r"\write18{ls}", "can only be printed in LaTeX"),
        (r"\frac", "an argument is missing"),
        (r"\hatt{y}", r"did you mean '(wide)?hat'"),
        ("a_b_c", "two subscripts"),
        ("a^b^c", "two superscripts"),
        (r"\left(a", "no"),
        (r"\frac{a", "braces"),
        ("{" * 60 + "a" + "}" * 60, "too deeply"),
        (r"\textcolor{nocolor}{a}", "color 'nocolor' is not known"),
    ],
)
def test_other_symbols_are_refused(latex: str, said: str) -> None:
    with pytest.raises(PrintError, match=said):
        writer.to_typst(Symbol(latex, "x"))


@pytest.mark.parametrize("latex", ["^{}", "a^{}", "a_{}", "a_{}^{}", "_b", "{}^a", "a^,", "a'^{}"])
def test_an_empty_place_is_a_formula(latex: str) -> None:
    (found,) = typst_readings([f'"|" {writer.to_typst(latex_symbols.parse_symbol(latex))} "|"'])
    assert found


@pytest.mark.parametrize("space", ["\n", "\t"])
def test_a_space_of_another_kind_is_a_space(space: str) -> None:
    for spelled in ("a\\ b", r"\text{a\ b}"):
        assert latex_symbols.parse_symbol(spelled.replace(" ", space)) == latex_symbols.parse_symbol(spelled)


@tried(300, 20_000, st.text(alphabet="ab1\\{}_^$&#%~'()[]|,;:.\"- αΣ한\n", max_size=12))
def test_any_latex_is_atoms_or_an_error(latex: str) -> None:
    latex_symbols.parse_symbol.cache_clear()
    try:
        found = latex_symbols.parse_symbol(latex)
    except PrintError as error:
        found, said = Symbol("x", "x"), str(error)
        assert said and "\n" not in said
    for symbol in symbols(found):
        again = latex_symbols.parse_symbol(symbol.latex)
        assert again == symbol or symbol.latex.isspace(), symbol
    # whatever can stand in a formula is a formula of Typst
    typst_readings([f'"|" {writer.to_typst(found)} "|"'])


def symbols(node: Node) -> Iterator[Symbol]:
    if isinstance(node, Symbol):
        yield node
    for value in vars(node).values():
        for part in value if isinstance(value, tuple) else (value,):
            if hasattr(part, "__dataclass_fields__"):
                yield from symbols(part)


# --- text -------------------------------------------------------------------------------------------------------------

HOSTILE = (
    '#import "x": *',
    "] #panic()",
    '"; #read("/etc/hostname"); "',
    "$ x $",
    "\\",
    "*bold* _it_ `raw`",
    "// gone",
    "/* gone */",
    "= Heading",
    "@label <label>",
    "https://example.org",
    "~ --- ... ->",
    "#{",
    "\\u{41}",
    '\\" + "',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_markup(text: str) -> None:
    document = Document(
        (text,), (Heading((text,)), Paragraph((text, Word(text))), Formula(((Word(text), row(EQUALS, A)),)))
    )
    page = typst.compile(writer.render(document).encode("utf-8"), format="html").decode("utf-8")
    body = ElementTree.fromstring(re.sub(r"<!DOCTYPE html>|<meta[^>]*>", "", page))
    words = [" ".join("".join(e.itertext()).split()) for e in body.iter() if e.tag in ("title", "h2")]
    assert words == [" ".join(text.split())] * 2
    paragraph = next(e for e in body.iter() if e.tag == "p" and "math" in [c.tag.rpartition("}")[2] for c in e])
    assert "".join("".join(paragraph.itertext()).split()) == "".join(text.split()) * 2


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_one_string(text: str) -> None:
    found = typst.compile(f"#metadata({writer.string(text)}) <it>".encode(), format="html")
    assert found
    spelled = writer.string(text)
    assert re.fullmatch(r'"(?:[^"\\\n]|\\["\\])*"', spelled)


def test_the_same_document_is_the_same_text() -> None:
    document = Document(("a",), (Formula(tuple((n,) for n in NODES.values())),))
    assert writer.render(document) == writer.render(document)
    assert "date: none" in writer.render(document)


KOREAN = "활성화 함수의 도함수를 원소별로 곱하여 되돌려 보내면 은닉층의 오차에 대하여 첨자에 따라 나타낸다. "


def broken_words(source: str, folder: Path) -> set[str]:
    """Return what a page has between spaces and the ends of lines that is no word of the Korean sentence."""
    place = folder / "page.pdf"
    place.write_bytes(typst.compile(source.encode("utf-8"), format="pdf"))
    command = [needs.program("pdftotext"), "-layout", str(place), "-"]
    said = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8").split()
    return {word for word in said if re.search("[가-힣]", word)} - set(KOREAN.split())


def test_lines_of_korean_end_between_words(tmp_path: Path) -> None:
    source = writer.render(Document((), (Paragraph((KOREAN * 12,)),), "ko"))
    assert broken_words(source, tmp_path) == set()
    rule = re.compile(r"^#show regex\(.*\n", re.MULTILINE)
    assert rule.search(source) and broken_words(rule.sub("", source), tmp_path) != set()
    assert not rule.search(writer.render(Document((), (Paragraph(("word",)),))))
