r"""Typst: formulas from the display tree, and a whole document, ready for ``symback.documents.formats.pdf``.

The markup is that of Typst 0.14 and later (https://typst.app/docs/reference/math/). Text is only ever written inside
quoted strings, so that no name and no title is read as markup; every formula and picture carries its text for readers
who hear the page, as PDF/UA-1 (ISO 14289-1) asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from unicodedata import category, decomposition, normalize

from symback.core.display import (
    Accent,
    Big,
    Blank,
    Colored,
    Fence,
    Fraction,
    Gap,
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
    is_spacious,
    is_tall,
    row,
    to_latex,
    to_text,
)
from symback.core.errors import PrintError, nearest
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
    leads,
    window_title,
)
from symback.documents.format import Format
from symback.documents.formats.latex import sentence_width
from symback.documents.formats.latex_symbols import Glyph, glyph, parse_symbol
from symback.documents.formats.lines import broken_lines, total_width
from symback.documents.formats.scripts import families, whole_words
from symback.page.picture import CURVES, POINTS, SHADES, Box, Circle, Edge, Label, Picture
from symback.page.records import Sentence, sentence_text

PAGE = 42.0
"""Width of a line of A4 with margins of 2.3 cm at 11 points, in em, with a margin for the estimate of widths."""
WIDE = 64.0
"""The same for paper turned on its side."""
_COLUMN, _INSET = 20.0, 1.3
"""Columns of words are broken into lines of about this width; the space that each column has around it, both in em."""
_FORMULA = 24.0
"""The widest column of formulas in a table that is wider than the page; a formula that is wider is broken at a sign, in em."""
_SMALLEST = 0.7
"""Letters of wide tables are not smaller than this share of the others."""
_TOGETHER = 3
"""So many rows at the end of a table that is torn stay together."""
_TALLEST = 32.0
"""A formula up to this height, in em, is not torn between pages; a page holds about 63."""
COLORS: Mapping[str, str] = {
    "black": "#000000",
    "red": "#c00000",
    "blue": "#0040c0",
    "green": "#007030",
    "gray": "#606060",
    "orange": "#b05000",
    "purple": "#7000a0",
    "violet": "#7000a0",
    "teal": "#006070",
    "brown": "#704020",
    "magenta": "#a00080",
    "cyan": "#006080",
}
"""Names of colors; dark enough on white for the contrast of 4.5 to 1 that WCAG 2.2 asks for."""


# --- formulas ---------------------------------------------------------------------------------------------------------

_ACCENTS: Mapping[str, str] = {
    "hat": "hat",
    "bar": "macron",
    "tilde": "tilde",
    "vec": "arrow",
    "dot": "dot",
    "ddot": "dot.double",
    "check": "caron",
    "breve": "breve",
    "overline": "overline",
    "underline": "underline",
    "widehat": "hat",
    "widetilde": "tilde",
}
_FENCES = {"(": (r"\(", r"\)"), "[": (r"\[", r"\]"), "|": (r"\|", r"\|"), "‖": ("‖", "‖")}
_STYLES: Mapping[str, str] = {
    "upright": "upright({})",
    "bold": "upright(bold({}))",
    "bold italic": "bold({})",
    "calligraphic": "cal({})",
    "double-struck": "bb({})",
    "operator": "op({})",
}
_GAPS = {"space": "", "thin": "thin", "quad": "quad"}
# a slash between two things stands close in LaTeX, where Typst takes it for an operation
_CLASSES: Mapping[str, str] = {"/": 'class("normal",{})', ":": 'class("relation",{})'}


def string(text: str) -> str:
    r"""Return a Typst string; characters that cannot be shown become spaces.

    >>> string('say "$x$"')
    '"say \\"$x$\\""'
    """
    clean = "".join(c if c.isprintable() else " " for c in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def to_typst(node: Node) -> str:
    """Return Typst for math mode, without dollar signs.

    Raises PrintError for a symbol whose LaTeX is beyond the portable subset.

    >>> from symback.core.display import PLUS
    >>> to_typst(row(Fraction(Symbol("a", "a"), Symbol("b", "b")), PLUS, Script(Symbol("w", "w"), Symbol("1", "1"))))
    'frac(a,b)+attach(w,b:1)'
    """
    if isinstance(node, Symbol):
        return _symbol(node)
    if isinstance(node, Infix):
        return _infix(node)
    if isinstance(node, Gap):
        return _GAPS[node.kind]
    if isinstance(node, Word):
        return string(node.string)
    if isinstance(node, Row):
        return _row(node.parts)
    if isinstance(node, Script):
        return _script(node)
    if isinstance(node, Accent):
        if node.kind not in _ACCENTS:
            raise PrintError(f"the accent {node.kind!r} is not known{nearest(node.kind, _ACCENTS)}")
        return f"{_ACCENTS[node.kind]}({_argument(node.base)})"
    if isinstance(node, Fraction):
        return f"frac({_argument(node.above)},{_argument(node.below)})"
    if isinstance(node, Root):
        return f"sqrt({_argument(node.body)})"
    if isinstance(node, Fence):
        left, right = _FENCES[node.kind]
        inside = _glue((left, to_typst(node.body), right))
        return f"lr({inside})" if node.kind in "|‖" or is_tall(node.body) else inside
    if isinstance(node, Big):
        sign = _big(node.sign)
        return sign if node.below is None else f"attach({sign},b:{_argument(node.below)})"
    if isinstance(node, Grid):
        return _grid(node)
    if isinstance(node, Lines):
        return f"mat(delim:#none,row-gap:#0.7em,{';'.join(_cells(cells) for cells in node.rows)})"
    if isinstance(node, Blank):
        return f"blank(#{2 * node.width}em)"
    if isinstance(node, Colored):
        return f"colored(#{string(color(node.color))},{_argument(node.body)})"
    if isinstance(node, Under):
        return f"attach(limits({_argument(node.body)}),b:{_argument(node.label)})"
    return f"underbrace({_argument(node.body)},{_argument(node.label)})"


def color(name: str) -> str:
    """Return the color of a name as #rrggbb; raises PrintError for a name that is not in COLORS."""
    if name not in COLORS:
        raise PrintError(f"the color {name!r} is not known{nearest(name, COLORS)}; known: {', '.join(COLORS)}")
    return COLORS[name]


def typst_lines(rows: Sequence[Sequence[Node]]) -> str:
    """Return aligned rows of cells, one below the other."""
    return "\\\n".join(_cells(cells) for cells in rows)


def _cells(cells: Sequence[Node]) -> str:
    found = ""
    for position, cell in enumerate(cells):
        if position:
            found += "&" if position % 2 else "&quad "
        found += to_typst(cell)
    return found or '""'


def _argument(node: Node) -> str:
    return to_typst(node) or '""'


def _glue(pieces: Iterable[str]) -> str:
    """Return pieces one after the other, with a space where two would become one word."""
    text = ""
    for piece in pieces:
        if text and piece and _in_word(text[-1]) and _in_word(piece[0]):
            text += " "
        text += piece
    return text


def _row(parts: Sequence[Node]) -> str:
    pieces: list[str] = []
    before: Node | None = None
    for part in parts:
        if isinstance(part, Fraction) and isinstance(before, Fraction):
            pieces.append("thin")  # TeX keeps a space beside fractions, Typst next to none
        pieces.append(to_typst(part))
        before = before if isinstance(part, Gap) and part.kind == "space" else part
    return _glue(pieces)


def _in_word(char: str) -> bool:
    return char.isalnum() or char in "_-." or not char.isascii()


def _escaped(characters: str) -> str:
    return "".join(c if c.isalnum() or not c.isascii() else "\\" + c for c in characters)


def _symbol(symbol: Symbol) -> str:
    if symbol.latex == "{}":
        # an empty thing, so that a sign after it keeps the space of a sign between two things
        return '""'
    read = parse_symbol(symbol.latex)
    return _atom(glyph(read.latex)) if isinstance(read, Symbol) else to_typst(read)


def _atom(mark: Glyph) -> str:
    characters = mark.characters
    single = len(characters) == 1
    if mark.style in ("sign", "italic") and (single or characters.replace(".", "").isdecimal()):
        sign = characters if not single or characters.isalnum() else _escaped(characters)
        return _CLASSES[characters].format(sign) if characters in _CLASSES else sign
    if mark.style in ("upright", "operator") and not single:
        return f"op({string(characters)})" if mark.style == "operator" else string(characters)
    return _STYLES.get(mark.style, "italic({})").format(_escaped(characters) if single else string(characters))


def _infix(sign: Infix) -> str:
    mark = glyph(sign.latex)
    if len(mark.characters) == 1:
        return mark.characters if mark.characters in "+=" else _escaped(mark.characters)
    kind = "relation" if sign.relation and sign.latex != r"\bmod" else "binary"
    return f'class("{kind}",{string(mark.characters)})'


def _big(sign: Symbol) -> str:
    mark = glyph(sign.latex)
    return f"op({string(mark.characters)},limits:#true)" if mark.style == "operator" else to_typst(sign)


def _script(node: Script) -> str:
    found = [_argument(node.base)]
    if isinstance(node.base, Symbol) and node.base.latex != "{}":
        read = parse_symbol(node.base.latex)
        if isinstance(read, Row) and read.parts and isinstance(read.parts[-1], Symbol):
            # in \log\sigma the scripts belong to the last letter
            return _glue(
                (to_typst(row(*read.parts[:-1])), _script(Script(read.parts[-1], node.below, node.above, node.primes)))
            )
    if node.below is not None:
        found.append(f"b:{_argument(node.below)}")
    if node.above is not None or node.primes:
        primes = "′" * node.primes
        found.append("t:" + (_glue((primes, "" if node.above is None else to_typst(node.above))) or '""'))
    return f"attach({','.join(found)})" if len(found) > 1 else found[0]


def _grid(grid: Grid) -> str:
    if grid.kind == "cases":
        return f"display(cases({','.join(_glue_cases(cells) for cells in grid.rows)}))"
    if is_spacious(grid):
        lines = (",".join(f"display({to_typst(cell)})" for cell in cells) for cells in grid.rows)
        return 'display(mat(delim:"[",row-gap:#0.7em,' + ";".join(lines) + "))"
    # as in LaTeX, entries are as large in the line as in a display
    return 'display(mat(delim:"[",' + ";".join(",".join(to_typst(cell) for cell in cells) for cells in grid.rows) + "))"


def _glue_cases(cells: Sequence[Node]) -> str:
    return "&quad ".join(_argument(cell) for cell in cells)


# --- documents --------------------------------------------------------------------------------------------------------

_PREAMBLE = r"""
#set page(paper: "a4", margin: 2.3cm, numbering: "1")
#set par(justify: false, leading: 0.75em, spacing: 1.1em)
#set block(spacing: 1.1em)
#show title: set align(center)
#show title: set text(size: 1.15em)
#show heading: set block(above: 1.6em, below: 0.9em, sticky: true)
#show math.equation: set text(font: mathematics)
#show math.equation.where(block: true): set block(above: 1em, below: 1em)
#set math.equation(supplement: none)
#set math.mat(column-gap: 0.9em, row-gap: 0.35em)
#set math.cases(gap: 0.5em)
#show raw: set text(font: typewriter, size: 1em)
#show raw.where(block: true): it => block(width: 100%, breakable: it.lines.len() > 40, fill: luma(246), inset: 8pt, radius: 3pt, text(size: 0.84em, it))
#set table(stroke: none, inset: (x: 7pt, y: 5pt))
#show table.cell.where(y: 0): set text(weight: "bold")
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.caption.where(kind: table): it => block(sticky: true, width: 100%, it)
#show figure: set block(above: 1.4em, below: 1.4em)
#set enum(indent: 0.6em)
#set list(indent: 0.6em)
#let colored(color, body) = text(fill: rgb(color), body)
#let blank(width) = box(width: width, height: 1.4em, stroke: (bottom: 0.5pt), baseline: 0.2em)
#let inline(alt, it) = math.equation(alt: alt, it.body)
#let formula(alt, it, number: none, breakable: false) = {
  show math.equation: set block(breakable: breakable)
  math.equation(
    block: true, alt: alt, numbering: if number == none { none } else { (..) => "(" + number + ")" }, it.body)
}
#let tall(side, alt, it) = {
  show math.equation: set align(side)
  math.equation(block: true, alt: alt, it.body)
}
#let fitted(it) = layout(room => {
  let wide = measure(it).width
  if wide <= room.width { it } else { align(center, scale(room.width / wide * 100%, reflow: true, it)) }
})
#let drawing(width, height, body) = layout(room => {
  let it = block(width: width, height: height, body)
  if width <= room.width { it } else { scale(room.width / width * 100%, reflow: true, it) }
})
#let leading(body) = block(sticky: true, width: 100%, body)
#let remark(body) = block(text(size: 0.92em, fill: luma(60), body))
#let note(body) = block(width: 100%, inset: (left: 10pt, y: 3pt), stroke: (left: 1.5pt + luma(150)), body)
#let space(lines) = block(above: 1.2em, below: 1.4em, breakable: lines > 20, for _ in range(lines) {
  v(1.9em, weak: false)
  line(length: 100%, stroke: 0.4pt + luma(160))
})
""".strip()


def render(document: Document, settings: str = "") -> str:
    """Return a document as Typst source; the same document gives the same text on every machine.

    ``settings`` are Typst's for the page, ahead of its content.

    Raises PrintError where a formula holds a symbol that only LaTeX can print.

    >>> print(render(Document(("Chain rule",), (Heading(("Loss",)),))).splitlines()[-1])
    #heading(level: 1, "Loss")
    """
    title = sentence_text(document.title)
    others = families(document.language)
    text = ("New Computer Modern", "New Computer Modern Math", *others)
    lines = [
        # PDF/UA-1 wants a title for the window
        f"#set document(title: {string(window_title(document))}, date: none)",
        f"#let mathematics = {_array(('New Computer Modern Math', *others))}",
        f"#let typewriter = {_array(('DejaVu Sans Mono', *others, 'New Computer Modern Math'))}",
        f"#set text(lang: {string(document.language)}, size: 11pt, font: {_array(text)})",
        _PREAMBLE,
        # a word is a box, since Typst breaks lines between any two syllables
        *(rf'#show regex("\S*\p{{{name}}}\S*"): it => box(it)' for name in whole_words(document.language)),
        *(["#set page(flipped: true)"] if document.wide else []),
        *([settings] if settings else []),
        *([f"#title({_sentence(document.title)})"] if title else []),
    ]
    if document.subtitle:
        lines.append(f"#align(center, {_sentence(document.subtitle)})")
    writer = _Writer(document.labels, WIDE if document.wide else PAGE)
    return "\n".join([*lines, *("#" + line for line in writer.lines(document.blocks))]) + "\n"


def _array(items: Iterable[str]) -> str:
    return "(" + "".join(string(item) + ", " for item in items).rstrip() + ")"


def _sentence(words: Sentence) -> str:
    """Return words with their formulas as one Typst expression."""
    pieces = [piece for p in words for piece in (_words(p) if isinstance(p, str) else (_inline(p),))]
    if not pieces:
        return _EMPTY
    return pieces[0] if len(pieces) == 1 else "{" + "; ".join(pieces) + "}"


def _words(text: str) -> list[str]:
    """Return words as strings; small letters and digits off the line are set by Typst, since few fonts of text have them."""
    runs = [(kind, "".join(run)) for kind, run in groupby(text, _off_line)] or [("", text)]
    return [f"{kind}({string(normalize('NFKD', run))})" if kind else string(run) for kind, run in runs]


def _off_line(char: str) -> str:
    kind = {"<sub>": "sub", "<super>": "super"}.get(decomposition(char).partition(" ")[0], "")
    return kind if char > "\xff" and category(char) != "So" else ""


_EMPTY = '""'


def _inline(node: Node) -> str:
    body = to_typst(node)
    return f"inline({string(_spoken(node))}, ${body}$)" if body.strip('"') else _EMPTY


def _spoken(node: Node) -> str:
    """Return what a formula is called for those who hear the page."""
    return to_text(node).strip() or to_latex(node).strip() or "formula"


class _Writer:
    """Writes blocks one after the other; a heading is never more than one level below the one before."""

    def __init__(self, labels: Mapping[str, str], room: float) -> None:
        self.labels = labels
        self.room = room
        self.level = 0

    def lines(self, blocks: Sequence[Block]) -> list[str]:
        """Return one expression a block; what introduces a block stays on its page, and a note with the formula it speaks of."""
        found: list[str] = []
        kept = leads(blocks)
        for k, following in enumerate(blocks[1:]):
            note = isinstance(following, Paragraph) and following.tone == "note"
            kept[k] = kept[k] or (note and isinstance(blocks[k], Formula))
        for block, lead in zip(blocks, kept, strict=True):
            found.append(f"leading({self.expression(block)})" if lead else self.expression(block))
        return found

    def blocks(self, blocks: Sequence[Block]) -> str:
        return "{" + "; ".join(self.lines(blocks)) + "}"

    def expression(self, block: Block) -> str:
        if isinstance(block, Heading):
            self.level = max(1, min(block.level, self.level + 1))
            return f"heading(level: {self.level}, {_sentence(block.text)})"
        if isinstance(block, Paragraph):
            kind = block.tone if block.tone in ("remark", "note") else "par"
            return f"{kind}({_sentence(block.text)})"
        if isinstance(block, Formula):
            return _formula(block, self.room)
        if isinstance(block, Table):
            table = self.captioned(_table(block, self.room), block.caption, "table")
            return f"{{ show figure: set block(breakable: true); {table} }}" if _is_long(block) else table
        if isinstance(block, Figure):
            return self.figure(block)
        if isinstance(block, Code):
            return f"raw(block: true, lang: {string(block.language)}, {_source(block.source)})"
        if isinstance(block, Items):
            kind = "enum" if block.numbered else "list"
            return f"{kind}({', '.join(map(_sentence, block.items))})"
        if isinstance(block, Exercise):
            return self.exercise(block)
        assert isinstance(block, PageBreak)
        return "pagebreak(weak: true)"

    def exercise(self, exercise: Exercise) -> str:
        head = f"strong({string(self.labels.get('exercise', 'Exercise') + f' {exercise.number}')})"
        parts = [f"block(sticky: true, above: 1.6em, {head})", *self.lines(exercise.question)]
        if exercise.answer:
            answer = self.labels.get("answer", "Answer")
            parts.append(f"block(sticky: true, strong({string(answer)}))")
            parts.append(f"note({self.blocks(exercise.answer)})")
        elif exercise.space:
            parts.append(f"space({exercise.space})")
        return "{" + "; ".join(parts) + "}"

    def figure(self, figure: Figure) -> str:
        description = figure.description or figure.picture.description or sentence_text(figure.caption)
        description = description.strip() or self.labels.get("figure", "Figure")
        return self.captioned(_picture(figure.picture), figure.caption, "figure", f"alt: {string(description)}, ")

    def captioned(self, body: str, caption: Sentence, kind: str, alt: str = "") -> str:
        of = "table" if kind == "table" else "image"
        below = f"caption: {_sentence(caption)}, " if caption else ""
        # the caption has its number already, which is the same in every format
        return f"figure(kind: {of}, numbering: none, supplement: none, {alt}{below}{body})"


def _source(text: str) -> str:
    lines = ("".join(c if c.isprintable() or c == "\t" else " " for c in line) for line in text.split("\n"))
    return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines).removesuffix("\\n") + '"'


def _formula(formula: Formula, page: float) -> str:
    if not any(to_typst(cell) for cells in formula.rows for cell in cells):
        return _EMPTY
    room = page - (4.0 if formula.number is not None else 0.0)
    rows = broken_lines(formula.rows, room)
    number = "" if formula.number is None else f', number: "{formula.number}"'
    lines = [" ".join(to_text(cell).strip() for cell in cells).strip() for cells in formula.rows]
    alt = string("; ".join(line for line in lines if line) or "formula")
    breakable = ", breakable: true" if sum(max(map(_height, cells), default=0.0) for cells in rows) > _TALLEST else ""
    shown = f"formula({alt}, $ {typst_lines(rows)} ${number}{breakable})"
    return f"fitted({shown})" if total_width(rows) > room else shown


def _height(node: Node) -> float:
    """Return an estimate of the height of a formula in em, with the space below it."""
    if isinstance(node, (Grid, Lines)):
        return sum(max(map(_height, cells), default=1.4) for cells in node.rows)
    if isinstance(node, Fraction):
        return _height(node.above) + _height(node.below)
    if isinstance(node, Row):
        return max(map(_height, node.parts), default=1.4)
    if isinstance(node, (Fence, Root, Colored)):
        return _height(node.body)
    if isinstance(node, (Underbrace, Under)):
        return _height(node.body) + 1.2
    if isinstance(node, Script):
        return _height(node.base) + 0.2
    return 3.2 if isinstance(node, Big) and node.below is not None else 1.6


def _table(table: Table, room: float) -> str:
    columns = max([len(table.header), *(len(cells) for cells in table.rows)], default=1) or 1
    letters = {"l": "left", "c": "center", "r": "right"}
    sides = [letters.get(letter, "left") for letter in (table.alignment or "").ljust(columns, "l")[:columns]]
    lines = [_line(table.header, sides)] if table.header else []
    rows = [_line(cells, sides) for cells in table.rows]
    header = [f"table.hline(stroke: 0.8pt), table.header({lines[0]}), table.hline(stroke: 0.5pt)"] if lines else []
    if _is_long(table) and len(rows) > 2 * _TOGETHER:
        # the last rows are one group, so that no single row stands on a page of its own
        rows = [*rows[:-_TOGETHER], f"table.footer(repeat: false, {', '.join(rows[-_TOGETHER:])})"]
    body = ", ".join([*header, *rows, "table.hline(stroke: 0.8pt)"])
    align = ", ".join(f"{side} + horizon" for side in sides)
    natural = [
        max((_width(c[k]) for c in (table.header, *table.rows) if k < len(c)), default=0.0) for k in range(columns)
    ]
    wanted = [min(n, _COLUMN) if k in table.wrapped else n for k, n in enumerate(natural)]
    total = sum(wanted) + _INSET * columns
    widths = ["auto"] * columns
    if sum(natural) + _INSET * columns > room:
        # columns of words share what the others leave; where that is too little, all letters are smaller
        wanted = [w if k in table.wrapped else min(w, _FORMULA) for k, w in enumerate(wanted)]
        shared = [k in table.wrapped or natural[k] > _FORMULA for k in range(columns)]
        widths = [f"{w:.1f}fr" if s else "auto" for w, s in zip(wanted, shared, strict=True)]
        total = sum(wanted) + _INSET * columns
    found = f"table(columns: ({', '.join(widths)},), align: ({align},), {body})"
    return f"text(size: {max(room / total, _SMALLEST):.2f}em, {found})" if total > room else found


def _width(cell: Sentence) -> float:
    return sum(sentence_width((part,)) for part in cell)


def _is_long(table: Table) -> bool:
    """Say whether a table may be torn between pages; its header is repeated then."""
    heights = (
        1.0 + max((_height(p) for c in cells for p in c if not isinstance(p, str)), default=1.6) for cells in table.rows
    )
    words = (len(sentence_text(cells[k])) / 12 for cells in table.rows for k in table.wrapped if k < len(cells))
    return sum(heights) + sum(words) > _TALLEST


def _line(cells: Sequence[Sentence], sides: Sequence[str]) -> str:
    filled = [*cells, *[("",)] * (len(sides) - len(cells))]
    return ", ".join(_cell(cell, side) for cell, side in zip(filled, sides, strict=True))


def _cell(cell: Sentence, side: str) -> str:
    """Return a cell; a tall formula that fills it is set at full size, with the room it needs."""
    if len(cell) == 1 and not isinstance(cell[0], str) and is_tall(cell[0]):
        return f"tall({side}, {string(_spoken(cell[0]))}, ${to_typst(cell[0])}$)"
    return _sentence(cell)


# --- pictures ---------------------------------------------------------------------------------------------------------

_FILLS: Mapping[str, str] = {
    "input": "#e8f0fb",
    "hidden": "#f4f4f0",
    "output": "#e6f4e8",
    "loss": "#fbe9e7",
    "parameter": "#fdf5dc",
    **POINTS,
}
_INKS: Mapping[str, str] = {"forward": "#1b6e2c", "gradient": "#b3261e", "shape": "#595959", "caption": "#444444"}
_STROKES: Mapping[str, str] = {"weight": "#8a8a8a", "edge": "#555555", **CURVES}
_HEAD = (5.0, 2.0)
"""Length and half the width of the head of an arrow, in points."""


def _picture(picture: Picture) -> str:
    """Return a picture drawn by Typst itself, so that its labels are set like every formula of the page."""
    marks = "; ".join(_mark(mark, picture) for mark in picture.marks)
    return f"drawing({_points(picture.width)}, {_points(picture.height)}, {{{marks}}})"


def _points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "pt"


def _mark(mark: Circle | Box | Edge | Label, picture: Picture) -> str:
    if isinstance(mark, Circle):
        shape = f"circle(radius: {_points(mark.radius)}, stroke: 0.7pt, fill: rgb({string(_FILLS.get(mark.kind, '#ffffff'))}))"
        return _placed(mark.x - mark.radius, mark.y - mark.radius, shape)
    if isinstance(mark, Box):
        if mark.shade is not None:
            fill = f"rgb({string(SHADES[mark.kind])}).transparentize({100 - 100 * mark.shade:.1f}%)"
            stroke = '0.3pt + rgb("#999999")' if mark.kind == "cell" else "none"
            look = f"stroke: {stroke}, fill: {fill}"
            shape = f"rect(width: {_points(mark.width)}, height: {_points(mark.height)}, {look})"
            return _placed(mark.x - mark.width / 2, mark.y - mark.height / 2, shape)
        shape = (
            f"rect(width: {_points(mark.width)}, height: {_points(mark.height)}, radius: 3pt, stroke: 0.7pt, "
            f"fill: rgb({string(_FILLS.get(mark.kind, '#ffffff'))}))"
        )
        return _placed(mark.x - mark.width / 2, mark.y - mark.height / 2, shape)
    return _edge(mark) if isinstance(mark, Edge) else _label(mark, picture)


def _placed(x: float, y: float, shape: str) -> str:
    return f"place(top + left, dx: {_points(x)}, dy: {_points(y)}, {shape})"


def _edge(edge: Edge) -> str:
    ink = f"rgb({string(_STROKES.get(edge.kind, '#555555'))})"
    points = list(edge.points)
    if len(points) < 2:
        return "none"
    head = ""
    if edge.arrow:
        (x, y), (before_x, before_y) = points[-1], points[-2]
        length = math.hypot(x - before_x, y - before_y)
        if length:
            along, across = (x - before_x) / length, (y - before_y) / length
            points[-1] = (x - 0.8 * _HEAD[0] * along, y - 0.8 * _HEAD[0] * across)
            corners = [
                (x - _HEAD[0] * along + side * _HEAD[1] * across, y - _HEAD[0] * across - side * _HEAD[1] * along)
                for side in (1, -1)
            ]
            head = "; " + _placed(0, 0, f"polygon(fill: {ink}, {', '.join(map(_point, [(x, y), *corners]))})")
    lines = ", ".join(f"curve.line({_point(point)})" for point in points[1:])
    return _placed(0, 0, f"curve(stroke: 0.7pt + {ink}, curve.move({_point(points[0])}), {lines})") + head


def _point(point: tuple[float, float]) -> str:
    return f"({_points(point[0])}, {_points(point[1])})"


def _label(label: Label, picture: Picture) -> str:
    side, origin = {"start": ("left", 0.0), "end": ("right", picture.width)}.get(
        label.anchor, ("center", picture.width / 2)
    )
    ink = f", fill: rgb({string(_INKS[label.kind])})" if label.kind in _INKS else ""
    body = f"text(size: {_points(label.size)}{ink}, {_sentence((label.body,))})"
    if label.halo:
        body = f"box(fill: white, outset: 0.8pt, {body})"
    shift = f"dx: {_points(label.x - origin)}, dy: {_points(label.y - picture.height / 2)}"
    return f"place({side} + horizon, {shift}, {body})"


FORMAT = Format("typ", "a Typst document", {"document": render}, ("typ",), ("typst",), comment="// ")
