r"""LaTeX: the body of a formula (valid inside ``$$…$$``) and a complete document."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence

from symback.display import (
    EMPTY,
    MINUS,
    PLUS,
    QUAD,
    Fence,
    Infix,
    Node,
    Row,
    Symbol,
    escape_latex,
    is_tall,
    latex_lines,
    row,
    to_latex,
    width,
)
from symback.errors import PrintError
from symback.views import Display, Section, Sentence

PAGE = 42.0
"""Width of a line of the document, in em, with a margin for the estimate."""
LINES = 14
"""Lines of one display, so that a page holds it."""


def body(displays: Display | Iterable[Display]) -> str:
    """Return displays as one formula without delimiters: a line, or lines inside ``aligned``."""
    found = [displays] if isinstance(displays, Display) else list(displays)
    rows = [r for display in found for r in display.rows]
    if len(rows) == 1 and len(rows[0]) <= 2:
        return to_latex(row(*rows[0])).strip()
    return "\\begin{aligned}\n" + latex_lines(rows) + "\n\\end{aligned}"


def standalone(sections: Sequence[Section], title: str | None = None) -> str:
    """Return a complete document; pdflatex and xelatex compile it, no line is wider than the page."""
    blocks: list[str] = []
    for section in sections:
        blocks.append(rf"\section*{{{escape_latex(section.title)}}}")
        for display in section.displays:
            before = [sentence(words) for words in display.words]
            # a sentence and the formula it speaks of are one paragraph, which TeX does not tear apart
            introduced = [*before[:-1], f"{before[-1]}\n{_display(display)}"] if before else [_display(display)]
            blocks.extend(introduced)
    text = "\n\n".join(blocks)
    head = escape_latex(title) if title else ""
    return "\n".join([
        r"\documentclass[a4paper,11pt]{article}",
        *_packages(text + head),
        r"\setlength{\parindent}{0pt}",
        r"\setlength{\jot}{6pt}",
        r"\displaywidowpenalty=10000",
        r"\begin{document}",
        *([rf"\begin{{center}}\Large {head}\end{{center}}"] if head else []),
        "",
        text,
        "",
        r"\end{document}",
        "",
    ])


def sentence(words: Sentence) -> str:
    """Return a sentence with its formulas between dollar signs."""
    return "".join(escape_latex(p) if isinstance(p, str) else f"${to_latex(p)}$" for p in words)


def _packages(text: str) -> list[str]:
    found = [r"\usepackage{amsmath}", r"\usepackage[margin=2.3cm]{geometry}"]
    if r"\textcolor" in text:
        found.append(r"\usepackage{xcolor}")
    if r"\resizebox" in text:
        found.append(r"\usepackage{graphicx}")
    beyond = sorted({c for c in text if ord(c) > 127})
    if any(map(_is_korean, beyond)):
        found.append(r"\usepackage{kotex}")
    unknown = [c for c in beyond if not _is_korean(c)]
    if unknown:
        raise PrintError(
            f"a LaTeX document cannot show {' '.join(repr(c) for c in unknown[:8])} in every engine; "
            f"give the name a symbol of its own"
        )
    return found


def _is_korean(char: str) -> bool:
    return unicodedata.name(char, "").startswith(("HANGUL", "CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC"))


# --- lines that fit the page --------------------------------------------------------------------------------------------


def _display(display: Display) -> str:
    rows: list[tuple[Node, ...]] = list(display.rows)
    if max(len(cells) for cells in rows) > 2 and _total(rows) > PAGE:
        rows = [pair for cells in rows for pair in _pairs(cells)]
    if max(len(cells) for cells in rows) <= 2:
        left = max(width(cells[0]) for cells in rows)
        rows = [line for cells in rows for line in _broken(cells, PAGE - left)]
    # TeX never breaks a display between pages; a long one is set as several.
    blocks = [rows[k:k + LINES] for k in range(0, len(rows), LINES)]
    return "\n".join("\\[\n" + _fitted(block) + "\n\\]" for block in blocks)


def _fitted(rows: Sequence[tuple[Node, ...]]) -> str:
    whole = body(Display(tuple(rows)))
    return rf"\resizebox{{\linewidth}}{{!}}{{$\displaystyle {whole}$}}" if _total(rows) > PAGE else whole


def _total(rows: Sequence[Sequence[Node]]) -> float:
    columns = max(len(cells) for cells in rows)
    return sum(
        max((width(cells[k]) for cells in rows if k < len(cells)), default=0.0) + (1.0 if k % 2 == 0 and k else 0.0)
        for k in range(columns)
    )


def _pairs(cells: Sequence[Node]) -> list[tuple[Node, ...]]:
    return [tuple(cells[k:k + 2]) for k in range(0, len(cells), 2)]


def _broken(cells: Sequence[Node], room: float) -> list[tuple[Node, ...]]:
    """Return a line as several, broken before relations and signs where it is too wide."""
    if len(cells) < 2 or width(cells[1]) <= room:
        return [tuple(cells)]
    lines: list[Node] = []
    for group in _before(cells[1], lambda node: isinstance(node, Infix) and node.relation):
        part = row(*group)
        if width(part) <= room:
            lines.append(part)
        else:
            lines.extend(_filled(part, room))
    return [(cells[0], lines[0]), *((EMPTY, line) for line in lines[1:])]


def _before(node: Node, is_break: Callable[[Node], bool]) -> list[list[Node]]:
    """Return the parts of a row in groups, a new one before each part where a line may break."""
    found: list[list[Node]] = [[]]
    for part in node.parts if isinstance(node, Row) else (node,):
        if is_break(part) and found[-1]:
            found.append([])
        found[-1].append(part)
    return found


def _filled(node: Node, room: float) -> list[Node]:
    """Return a long side as lines filled up to the room there is, broken before + and −, else before any sign.

    Brackets longer than a line are opened, so that a line can end inside them.
    """
    parts = [q for p in (node.parts if isinstance(node, Row) else (node,)) for q in _opened(p, room)]
    lines: list[list[Node]] = [[]]

    def add(group: list[Node]) -> None:
        if lines[-1] and width(row(*lines[-1])) + width(row(*group)) > room - 2:
            # A sign at the start of a line keeps the space of a sign between two things.
            lines.append([QUAD, Symbol("{}", "")])
        lines[-1].extend(group)

    for term in _before(row(*parts), lambda part: part in (PLUS, MINUS)):
        if width(row(*term)) <= room - 2:
            add(term)
        else:
            for factor in _before(row(*term), lambda part: isinstance(part, Infix)):
                add(factor)
    return [row(*line) for line in lines]


def _opened(part: Node, room: float) -> list[Node]:
    if isinstance(part, Fence) and part.kind == "(" and width(part) > room - 3:
        left, right = (r"\bigl(", r"\bigr)") if is_tall(part.body) else ("(", ")")
        inner = list(part.body.parts if isinstance(part.body, Row) else (part.body,))
        return [Symbol(left, "("), *(q for p in inner for q in _opened(p, room)), Symbol(right, ")")]
    return [part]
