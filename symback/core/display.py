"""The display tree: what stands on the page, and its LaTeX and Unicode printers. It knows no mathematics.

A node says how things are placed (beside, above, below, in brackets, in a grid), never what they mean.
``to_latex`` writes the subset of LaTeX that pdflatex, KaTeX, MathJax and GitHub all accept; ``to_text`` writes Unicode.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from symback.core.text import columns_of, printable


@dataclass(frozen=True)
class Symbol:
    """One mark with its two spellings, such as ``\\sigma`` and ``σ``."""

    latex: str
    text: str


@dataclass(frozen=True)
class Infix:
    """A sign between two things, with a space on both sides."""

    latex: str
    text: str
    relation: bool = False


@dataclass(frozen=True)
class Gap:
    """Space: ``"space"`` (none in print, where the things are set apart by themselves), ``"thin"`` or ``"quad"``."""

    kind: str = "space"


@dataclass(frozen=True)
class Word:
    """Upright text inside a formula; any string is safe."""

    string: str


@dataclass(frozen=True)
class Row:
    """Things beside each other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Script:
    """A base with a subscript, a superscript, and primes."""

    base: Node
    below: Node | None = None
    above: Node | None = None
    primes: int = 0


@dataclass(frozen=True)
class Accent:
    """A base under an accent: ``hat``, ``bar`` or ``tilde``."""

    base: Node
    kind: str = "hat"


@dataclass(frozen=True)
class Fraction:
    """One thing over another."""

    above: Node
    below: Node


@dataclass(frozen=True)
class Root:
    """A thing under a square root sign."""

    body: Node


@dataclass(frozen=True)
class Fence:
    """A thing in brackets, which grow with it: ``kind`` is ``"("``, ``"["``, ``"|"`` or ``"‖"``."""

    body: Node
    kind: str = "("


@dataclass(frozen=True)
class Big:
    """A big operator with what stands below it, such as a sum sign over i."""

    sign: Symbol
    below: Node | None = None


@dataclass(frozen=True)
class Grid:
    """Rows of cells: ``kind`` is ``"matrix"`` or ``"cases"`` (value, condition)."""

    rows: tuple[tuple[Node, ...], ...]
    kind: str = "matrix"


@dataclass(frozen=True)
class Lines:
    """Lines one below the other; cells alternate between right-aligned and left-aligned."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Blank:
    """An empty place to be filled in, ``width`` quads wide."""

    width: int = 2


@dataclass(frozen=True)
class Colored:
    """A thing in a color."""

    body: Node
    color: str


@dataclass(frozen=True)
class Underbrace:
    """A thing with a brace and a label below."""

    body: Node
    label: Node


@dataclass(frozen=True)
class Under:
    """A thing with a small label below it."""

    body: Node
    label: Node


Node: TypeAlias = (
    Symbol
    | Infix
    | Gap
    | Word
    | Row
    | Script
    | Accent
    | Fraction
    | Root
    | Fence
    | Big
    | Grid
    | Lines
    | Blank
    | Colored
    | Underbrace
    | Under
)

SPACE, THIN, QUAD = Gap(), Gap("thin"), Gap("quad")
EQUALS = Infix("=", "=", relation=True)
ARROW = Infix(r"\leftarrow", "←", relation=True)
PLUS, MINUS = Infix("+", "+"), Infix("-", "−")
DOT, ODOT, TIMES = Infix(r"\cdot", "·"), Infix(r"\odot", "⊙"), Infix(r"\times", "×")
NEGATIVE = Symbol("-", "−")
COMMA = Symbol(",", ",")
TOP = Symbol(r"\top", "T")
ONES = Symbol(r"\mathbf{1}", "1")
EMPTY = Row(())


def row(*parts: Node) -> Node:
    """Return the parts beside each other, nested rows flattened.

    >>> to_latex(row(Symbol("a", "a"), PLUS, Symbol("b", "b")))
    'a + b'
    """
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Row) else (part,))
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def separated(parts: Iterable[Node], between: Node) -> Node:
    """Return the parts beside each other with ``between`` in between."""
    found: list[Node] = []
    for part in parts:
        if found:
            found.append(between)
        found.append(part)
    return row(*found)


def script(base: Node, below: Node | None = None, above: Node | None = None, primes: int = 0) -> Script:
    """Return ``base`` with scripts; a free script place of a Script that stands there already is used."""
    if isinstance(base, Script):
        free_below = below is None or base.below is None
        free_above = above is None or base.above is None
        if free_below and free_above and not base.primes:
            return Script(base.base, base.below or below, base.above or above, primes)
    return Script(base, below, above, primes)


def is_spacious(grid: Grid) -> bool:
    """Say whether cells of a matrix are formulas with fractions, which would be hard to read in the size of a line."""
    return grid.kind == "matrix" and any(_has_long_fraction(cell) for cells in grid.rows for cell in cells)


def _has_long_fraction(node: Node) -> bool:
    if isinstance(node, Row):
        return any(map(_has_long_fraction, node.parts))
    if isinstance(node, (Fence, Colored)):
        return _has_long_fraction(node.body)
    if not isinstance(node, Fraction):
        return False
    return any(not isinstance(part, Symbol) or len(part.text) > 2 for part in (node.above, node.below))


def is_tall(node: Node) -> bool:
    """Say whether brackets around ``node`` have to grow."""
    if isinstance(node, (Fraction, Grid, Big, Underbrace, Lines)):
        return True
    if isinstance(node, Row):
        return any(is_tall(part) for part in node.parts)
    if isinstance(node, (Script, Accent)):
        return is_tall(node.base)
    if isinstance(node, (Fence, Colored, Root)):
        return is_tall(node.body)
    return False


# --- LaTeX ------------------------------------------------------------------------------------------------------------

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}
_COMMAND_AT_END = re.compile(r"\\[A-Za-z]+$")
_ONE_COMMAND = re.compile(r"\\[A-Za-z]+")
_GAPS = {"space": " ", "thin": r"\, ", "quad": r"\quad "}
_FENCES = {"(": ("(", ")"), "[": ("[", "]"), "|": (r"\lvert", r"\rvert"), "‖": (r"\lVert", r"\rVert")}
FENCE_TEXTS = {"(": ("(", ")"), "[": ("[", "]"), "|": ("|", "|"), "‖": ("‖", "‖")}
"""The brackets of each kind of fence as characters."""


def escape_latex(string: str) -> str:
    """Return ``string`` so that LaTeX prints it as it is; control characters become spaces.

    >>> escape_latex("50% of y_true")
    '50\\\\% of y\\\\_true'
    """
    return "".join(_ESCAPES.get(c, c) for c in printable(string))


def glue(pieces: Iterable[str]) -> str:
    """Return LaTeX pieces one after the other, with a space where a command would swallow a letter."""
    text = ""
    for piece in pieces:
        if text and piece[:1].isalpha() and _COMMAND_AT_END.search(text):
            text += " "
        text += piece
    return text


def to_latex(node: Node) -> str:
    """Return LaTeX for math mode, without delimiters."""
    if isinstance(node, Symbol):
        return node.latex
    if isinstance(node, Infix):
        return f" {node.latex} "
    if isinstance(node, Gap):
        return _GAPS[node.kind]
    if isinstance(node, Word):
        return rf"\text{{{escape_latex(node.string)}}}"
    if isinstance(node, Row):
        return glue(to_latex(part) for part in node.parts)
    if isinstance(node, Script):
        return _latex_script(node)
    if isinstance(node, Accent):
        return rf"\{node.kind}{{{to_latex(node.base)}}}"
    if isinstance(node, Fraction):
        return rf"\frac{{{to_latex(node.above)}}}{{{to_latex(node.below)}}}"
    if isinstance(node, Root):
        return rf"\sqrt{{{to_latex(node.body)}}}"
    if isinstance(node, Fence):
        left, right = _FENCES[node.kind]
        grows = is_tall(node.body)
        return glue(((r"\left" if grows else "") + left, to_latex(node.body), (r"\right" if grows else "") + right))
    if isinstance(node, Big):
        return node.sign.latex + ("" if node.below is None else "_" + _latex_argument(to_latex(node.below)))
    if isinstance(node, Grid):
        name = "cases" if node.kind == "cases" else "bmatrix"
        if is_spacious(node):
            # as large as in a display of their own, with a gap between the lines
            shown = [" & ".join(rf"\displaystyle {to_latex(cell).strip()}" for cell in cells) for cells in node.rows]
            return rf"\begin{{{name}}} " + r" \\[6pt] ".join(shown) + rf" \end{{{name}}}"
        lines = r" \\ ".join(" & ".join(to_latex(cell) for cell in cells) for cells in node.rows)
        return rf"\begin{{{name}}} {lines} \end{{{name}}}"
    if isinstance(node, Lines):
        return "\\begin{aligned}\n" + latex_lines(node.rows) + "\n\\end{aligned}"
    if isinstance(node, Blank):
        return r"\underline{" + r"\qquad" * node.width + "}"
    if isinstance(node, Colored):
        return rf"\textcolor{{{node.color}}}{{{to_latex(node.body)}}}"
    if isinstance(node, Under):
        return rf"\underset{{{to_latex(node.label)}}}{{{to_latex(node.body)}}}"
    return rf"\underbrace{{{to_latex(node.body)}}}_{{{to_latex(node.label)}}}"


def latex_lines(rows: Sequence[Sequence[Node]]) -> str:
    """Return rows of cells as the body of an ``aligned`` environment."""
    printed = []
    for cells in rows:
        text = ""
        for position, cell in enumerate(cells):
            if position:
                text += " &" if position % 2 else " & "
            text += to_latex(cell).strip()
        printed.append(text.strip())
    return " \\\\\n".join(printed)


def _latex_argument(text: str) -> str:
    return text if len(text) == 1 or _ONE_COMMAND.fullmatch(text) else f"{{{text}}}"


def _latex_script(node: Script) -> str:
    base = to_latex(node.base)
    # A base that carries scripts of its own (a user's own LaTeX, or a Script whose place is taken) is kept together.
    if ("_" in base or "^" in base) and isinstance(node.base, (Symbol, Script)):
        base = f"{{{base}}}"
    below = "" if node.below is None else "_" + _latex_argument(to_latex(node.below))
    above = "" if node.above is None else "^" + _latex_argument(to_latex(node.above))
    return base + below + "'" * node.primes + above


# --- Unicode text -----------------------------------------------------------------------------------------------------

_SUBSCRIPTS = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_SUPERSCRIPTS = dict(
    zip("0123456789+-−=()Tabcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵀᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
_VULGAR = {
    ("1", "2"): "½",
    ("1", "3"): "⅓",
    ("2", "3"): "⅔",
    ("1", "4"): "¼",
    ("3", "4"): "¾",
    ("1", "5"): "⅕",
    ("1", "6"): "⅙",
    ("1", "8"): "⅛",
}
_COMBINING = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}


def to_text(node: Node) -> str:
    """Return Unicode text: one line, or one line per line of ``Lines``.

    >>> to_text(row(Script(Symbol("a", "a"), Symbol("1", "1"), TOP), SPACE, Script(Symbol("d", "δ"), Symbol("2", "2"))))
    'a₁ᵀ δ₂'
    """
    if isinstance(node, Symbol):
        return node.text
    if isinstance(node, Infix):
        return f" {node.text} "
    if isinstance(node, Gap):
        return {"space": " ", "thin": " ", "quad": "   "}[node.kind]
    if isinstance(node, Word):
        return printable(node.string)
    if isinstance(node, Row):
        return re.sub("(?<! )  (?! )", " ", _text_row(node))
    if isinstance(node, Script):
        return _text_script(node)
    if isinstance(node, Accent):
        return unicodedata.normalize("NFC", to_text(node.base) + _COMBINING[node.kind])
    if isinstance(node, Fraction):
        above, below = to_text(node.above), to_text(node.below)
        if re.match(r"[\d.½⅓⅔¼¾⅕⅙⅛]+\(|[^‖ (]+‖", below):
            below = f"({below})"  # a number beside a bracket is a product: n/2(a + b) would be (n/2)(a + b)
        return _VULGAR.get((above, below)) or f"{_closed(above)}/{_closed(below)}"
    if isinstance(node, Root):
        return f"√({to_text(node.body)})"
    if isinstance(node, Fence):
        left, right = FENCE_TEXTS[node.kind]
        return f"{left}{to_text(node.body)}{right}"
    if isinstance(node, Big):
        if node.below is None:
            return node.sign.text
        below = to_text(node.below)
        small = _small(below.replace(",", "").replace(" ", ""), _SUBSCRIPTS)
        return node.sign.text + (small or f"_{{{below}}}")
    if isinstance(node, Grid):
        return _text_grid(node)
    if isinstance(node, Lines):
        return _text_lines(node.rows)
    if isinstance(node, Blank):
        return "_" * (4 * node.width)
    if isinstance(node, Colored):
        return to_text(node.body)
    if isinstance(node, Under):
        return f"{to_text(node.body)}[{to_text(node.label).strip('()')}]"
    return f"{to_text(node.body)} [{to_text(node.label)}]"


def _text_row(node: Row) -> str:
    pieces: list[str] = []
    for position, part in enumerate(node.parts):
        text = to_text(part)
        # a/b c would read as a/(b c): a fraction with a neighbour stands in brackets, but for derivatives.
        after = node.parts[position + 1] if position + 1 < len(node.parts) else None
        if (
            isinstance(part, Fraction)
            and "/" in text
            and not text.startswith(("∂", "d"))
            and after is not None
            and not isinstance(after, Infix)
            and after != COMMA
        ):
            text = f"({text})"
        pieces.append(text)
    return "".join(pieces)


def _closed(text: str) -> str:
    """Return ``text`` in brackets if something at its top level could be torn apart by a slash beside it."""
    depth = 0
    for position, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and (char == " " or char == "/" or (char == "−" and position == 0)):
            return f"({text})"
    # p(1 − p) is a product: below a slash it would read as the factor p alone
    return f"({text})" if re.search(r"[\w}]\([^()]* [+−] [^()]*\)$", text) else text


def _small(text: str, table: dict[str, str]) -> str | None:
    if text and all(c in table for c in text):
        return "".join(table[c] for c in text)
    return None


def _text_script(node: Script) -> str:
    text = to_text(node.base)
    if node.below is not None:
        below = to_text(node.below)
        # Small letters for one or two; a whole word reads better on the line.
        short = len(below) <= 2 or not below.isalpha()
        text += (_small(below, _SUBSCRIPTS) if short else None) or (f"_{below}" if below.isalnum() else f"_{{{below}}}")
    text += "′" * node.primes
    if node.above is not None:
        above = to_text(node.above)
        bare = above.isalnum() or above.startswith("[")
        text += _small(above.replace(" ", ""), _SUPERSCRIPTS) or (f"^{above}" if bare else f"^({above})")
    return text


def _text_grid(node: Grid) -> str:
    if node.kind != "cases":
        return "[" + "; ".join(", ".join(to_text(cell) for cell in cells) for cells in node.rows) + "]"
    # no word stands between a value and its condition: the text is the same in every language
    return "{" + "; ".join(", ".join(map(to_text, cells)) for cells in node.rows) + "}"


def _text_lines(rows: Sequence[Sequence[Node]]) -> str:
    table = [[to_text(cell).strip() for cell in cells] for cells in rows]
    columns = max((len(cells) for cells in table), default=0)
    widths = [max((columns_of(cells[k]) for cells in table if k < len(cells)), default=0) for k in range(columns)]
    lines = []
    for cells in table:
        parts = []
        for position, cell in enumerate(cells):
            fill = " " * (widths[position] - columns_of(cell))
            parts.append(cell + fill if position % 2 else fill + cell)
            parts.append("   " if position % 2 else " ")
        lines.append("".join(parts).rstrip())
    return "\n".join(lines)


# --- width ------------------------------------------------------------------------------------------------------------


def width(node: Node) -> float:
    """Return an estimate, rather too wide, of the printed width in em.

    >>> width(Symbol("a", "a")) < width(Fence(Symbol("a", "a")))
    True
    """
    if isinstance(node, Symbol):
        return _letters(node.latex)
    if isinstance(node, Infix):
        return 0.9 * (2 if node.relation else 1) * 0.75 + 0.8
    if isinstance(node, Gap):
        return {"space": 0.17, "thin": 0.17, "quad": 1.0}[node.kind]
    if isinstance(node, Word):
        return 0.55 * columns_of(node.string)
    if isinstance(node, Row):
        return sum(width(part) for part in node.parts)
    if isinstance(node, Script):
        scripts = [0.75 * width(part) for part in (node.below, node.above) if part is not None]
        return width(node.base) + max(scripts, default=0.0) + 0.3 * node.primes + 0.1
    if isinstance(node, Accent):
        return width(node.base)
    if isinstance(node, Fraction):
        return max(width(node.above), width(node.below)) + 0.3
    if isinstance(node, Root):
        return width(node.body) + 0.9
    if isinstance(node, Fence):
        return width(node.body) + (1.4 if is_tall(node.body) else 0.85)
    if isinstance(node, Big):
        return max(1.5, 0.0 if node.below is None else 0.75 * width(node.below)) + 0.2
    if isinstance(node, (Grid, Lines)):
        columns = max((len(cells) for cells in node.rows), default=0)
        return 1.5 + sum(
            max((width(cells[k]) for cells in node.rows if k < len(cells)), default=0.0) + 1.0 for k in range(columns)
        )
    if isinstance(node, Blank):
        return 2.0 * node.width
    if isinstance(node, Under):
        return max(width(node.body), 0.7 * width(node.label))
    return width(node.body)


def _letters(latex: str) -> float:
    """Return the width of a symbol from its LaTeX: one letter per command, the letters inside ``\\mathrm{…}``."""
    inner = re.fullmatch(r"\\(?:mathrm|mathit|mathbf|text)\{(.*)\}", latex)
    visible = inner.group(1) if inner else re.sub(r"\\(log|exp|max|min|sin|cos|tanh)\b", r"\1", latex)
    visible = re.sub(r"\\[A-Za-z]+|\\.", "x", visible)
    return sum(
        0.0 if c in "{}_^ " else 0.52 if c in "0123456789" else 1.1 if unicodedata.east_asian_width(c) in "WF" else 0.62
        for c in visible
    )
