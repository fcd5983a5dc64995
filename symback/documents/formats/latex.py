r"""LaTeX: the body of a formula (valid inside ``$$…$$``) and whole documents for pdflatex, xelatex and lualatex."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence

from symback.core.display import Fence, Fraction, Grid, Node, Row, escape_latex, latex_lines, row, to_latex, width
from symback.core.errors import PrintError
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
)
from symback.documents.format import Format
from symback.documents.formats.lines import broken_lines, total_width
from symback.documents.formats.scripts import scripts_for
from symback.documents.formats.tikz import PREAMBLE as PICTURES
from symback.documents.formats.tikz import tikz
from symback.page.notation import GREEK
from symback.page.records import Display, Sentence, sentence_text

PAGE = 42.0
"""Width of a line of the document, in em, with a margin for the estimate."""
LINES = 14
"""Lines of one display, so that a page holds it."""
_LINE, _TALLEST = 466.0, 540.0
"""The width of a line and the height of the tallest picture, in points."""
WIDE = 64.0
"""The same where the paper is turned on its side."""
_PENALTIES = (
    r"\clubpenalty=10000 \widowpenalty=10000 \displaywidowpenalty=10000",
    r"\makeatletter\@beginparpenalty=10000 \makeatother",
)
"""No page ends behind the first line of a paragraph, before its last one, or before a note, a list or a table it leads to."""
_TAGGED = (
    r"\ifdefined\DocumentMetadata\ifdefined\directlua\else\ifdefined\XeTeXversion\else\IfFileExists"
    r"{{phase-II-latex-lab-testphase.ltx}}{{\DocumentMetadata{{lang={language},testphase=phase-II}}}}{{}}\fi\fi\fi"
)
"""Asks LaTeX for a tagged PDF where it can make one.

Lua's needs fonts for it that not every installation has; XeTeX's closes its tags at the page that was the last one in
the run before, which fails where a document has grown, or where latexmk wrote the first auxiliary file.
"""
_MANAGED = r"\ifcsname pdfmanagement_add:nnn\endcsname"
"""Begins what is meant for a LaTeX that writes title and language of a tagged PDF itself."""
_COLUMNS = 10
"""Columns of a matrix that amsmath allows by itself."""
_UNBROKEN = r"\postdisplaypenalty=10000"
"""No page ends behind the formula."""
_TABLE_ROWS = 34
_TABLE_HEIGHT = 30.0
"""Tables of more rows, or higher than so many lines, may be torn between pages."""
_WRAPPED_WIDTH = 13.0
_COLUMN = r">{{\raggedright\arraybackslash}}m{{{:.4g}em}}"
"""A column whose text is broken into lines."""
_FORMULA = 27.0
"""The widest column of formulas in a table that is torn between pages; a formula that is wider is broken at a sign."""
_SIZES = (("", 1.0), (r"\small", 0.914), (r"\footnotesize", 0.845))
"""Sizes of type, and how wide an em of each is."""


def body(displays: Display | Iterable[Display]) -> str:
    """Return displays as one formula without delimiters: a line, or lines inside ``aligned``."""
    found = [displays] if isinstance(displays, Display) else list(displays)
    return aligned([r for display in found for r in display.rows])


def aligned(rows: Sequence[tuple[Node, ...]]) -> str:
    """Return rows of cells as one formula: a line, or lines inside ``aligned``."""
    if len(rows) == 1 and len(rows[0]) <= 2:
        return to_latex(row(*rows[0])).strip()
    return "\\begin{aligned}\n" + latex_lines(rows) + "\n\\end{aligned}"


def render(document: Document, *, fragment: bool = False) -> str:
    """Return a complete document; pdflatex, xelatex and lualatex compile it, no line is wider than the page.

    A ``fragment`` is what stands between ``\\begin{document}`` and ``\\end{document}``, its first line a comment with the
    packages it needs. Raises PrintError for characters that not every engine has.

    >>> from symback.core.display import Symbol
    >>> print(render(Document(("50%",), (Formula(((Symbol("a", "a"),),)),)), fragment=True))
    % packages: \\usepackage{amsmath}
    \\begin{center}\\Large 50\\%\\end{center}
    <BLANKLINE>
    \\[
    a
    \\]
    <BLANKLINE>
    """
    head = [rf"\begin{{center}}\Large {sentence(document.title)}\end{{center}}"] if document.title else []
    if document.subtitle:
        head.append(rf"\begin{{center}}{sentence(document.subtitle)}\end{{center}}")
    text = "\n\n".join([*head, _blocks(document.blocks, document)])
    packages = _packages(text, document.language)
    if fragment:
        needed = [p for p in packages if "geometry" not in p]
        return f"% packages: {' '.join(needed)}\n{text}\n"
    return "\n".join(
        [
            # long tables cannot be tagged yet
            *([] if r"\begin{longtable}" in text else [_TAGGED.format(language=document.language)]),
            r"\documentclass[a4paper,11pt]{article}",
            *(p.replace("[margin", "[landscape,margin") if document.wide else p for p in packages),
            r"\setlength{\parindent}{0pt}",
            r"\setlength{\parskip}{4pt plus 1pt}",
            r"\setlength{\emergencystretch}{3em}",
            r"\setlength{\jot}{6pt}",
            *_PENALTIES,
            *_metadata(document),
            r"\begin{document}",
            "",
            text,
            "",
            r"\end{document}",
            "",
        ]
    )


def _metadata(document: Document) -> list[str]:
    """Return lines that write title and language into the PDF, in the words of each engine."""
    title = sentence_text(document.title) if document.title else ""
    spelled = codecs.BOM_UTF16_BE + title.encode("utf-16-be")
    info = f"/Title <{spelled.hex().upper()}>" if title else ""
    catalog = f"/Lang ({document.language}) /ViewerPreferences << /DisplayDocTitle true >>"
    managed = [rf"\pdfmanagement_add:nnn{{Info}}{{Title}}{{<{spelled.hex().upper()}>}}"] if title else []
    managed.append(r"\pdfmanagement_add:nnn{Catalog/ViewerPreferences}{DisplayDocTitle}{true}")
    spoken = [
        rf"\ifdefined\pdfinfo\pdfinfo{{{info}}}\pdfcatalog{{{catalog}}}\fi",
        rf"\ifdefined\pdfextension\pdfextension info{{{info}}}\pdfextension catalog{{{catalog}}}\fi",
        rf"\ifdefined\XeTeXversion\AtBeginDocument{{\special{{pdf:docinfo << {info} >>}}"
        rf"\special{{pdf:put @catalog << {catalog} >>}}}}\fi",
    ]
    return [
        rf"{_MANAGED}\ExplSyntaxOn {' '.join(managed)} \ExplSyntaxOff\fi",
        *(rf"{_MANAGED}\else{line}\fi" for line in spoken),
    ]


def sentence(words: Sentence) -> str:
    """Return a sentence with its formulas between dollar signs."""
    return "".join(escape_text(p) if isinstance(p, str) else f"${to_latex(p).strip()}$" for p in words)


# --- blocks -------------------------------------------------------------------------------------------------------------


def _blocks(blocks: Sequence[Block], document: Document) -> str:
    """Return blocks as paragraphs; what introduces a block stays on its page, and a note with the formula it speaks of."""
    found: list[str] = []
    joined = False
    kept = leads(blocks)
    for k, block in enumerate(blocks):
        text = _block(block, document)
        following = blocks[k + 1] if k + 1 < len(blocks) else None
        if isinstance(block, Formula) and isinstance(following, Paragraph) and following.tone == "note":
            text = f"{{{_UNBROKEN}\n{text}}}"
        if joined and isinstance(block, Formula):
            # in one paragraph: a formula that begins one begins with an empty line
            found[-1] += "\n" + text
        else:
            found.append(text)
        joined = isinstance(block, Formula) or (isinstance(block, Paragraph) and block.tone != "note")
        if kept[k] and not isinstance(following, Formula):
            found.append(r"\nopagebreak")
            joined = False
    return "\n\n".join(found)


def _block(block: Block, document: Document) -> str:
    if isinstance(block, Heading):
        return rf"\{'sub' * (min(block.level, 3) - 1)}section*{{{sentence(block.text)}}}"
    if isinstance(block, Paragraph):
        text = sentence(block.text)
        if block.tone == "note":
            return rf"\begin{{quote}}{text}\end{{quote}}"
        return rf"{{\small {text}}}" if block.tone == "remark" else text
    if isinstance(block, Formula):
        return _display(block)
    if isinstance(block, Table):
        return _table(block, WIDE if document.wide else PAGE)
    if isinstance(block, Figure):
        caption = (
            [
                r"\par\nopagebreak\smallskip\nopagebreak",
                rf"{{\small\interlinepenalty=10000 {sentence(block.caption)}\par}}",
            ]
            if block.caption
            else []
        )
        return "\n".join([r"\begin{center}", _picture(block), *caption, r"\end{center}"])
    if isinstance(block, Code):
        lines = [_code_line(line) for line in block.source.rstrip("\n").split("\n")]
        return "\n".join([r"{\footnotesize\ttfamily\raggedright", *(rf"{line}\par" for line in lines), "}"])
    if isinstance(block, Items):
        name = "enumerate" if block.numbered else "itemize"
        items = [rf"\item {_shielded(sentence(item))}" for item in block.items]
        return "\n".join([rf"\begin{{{name}}}", *items, rf"\end{{{name}}}"])
    if isinstance(block, Exercise):
        return _exercise(block, document)
    assert isinstance(block, PageBreak)
    return r"\newpage"


def _picture(figure: Figure) -> str:
    """Return a picture that is no taller than a page, its caption included."""
    drawn = tikz(figure.picture)
    shrunk = min(1.0, _LINE / figure.picture.width) * figure.picture.height > _TALLEST
    return rf"\resizebox{{!}}{{{_TALLEST:g}pt}}{{{drawn}}}" if shrunk else drawn


def _exercise(exercise: Exercise, document: Document) -> str:
    label = document.labels.get("exercise", "Exercise")
    parts = [rf"\textbf{{{escape_text(label)} {exercise.number}.}}\quad " + _blocks(exercise.question, document)]
    if exercise.answer:
        answer = escape_text(document.labels.get("answer", "Answer"))
        parts.append(rf"\textit{{{answer}.}}\quad " + _blocks(exercise.answer, document))
    elif exercise.space:
        parts.append(rf"\vspace*{{{exercise.space}\baselineskip}}")
    return "\n\n".join(parts)


def _table(table: Table, room: float = PAGE) -> str:
    letters = table.alignment or "l" * len(table.header)
    natural = _column_widths(table)
    columns = "".join(_COLUMN.format(natural[k]) if k in table.wrapped else letter for k, letter in enumerate(letters))
    lines = [_strut(cells) + " & ".join(sentence(cell) for cell in cells) + r" \\" for cells in table.rows]
    head = _strut(()) + " & ".join(rf"\textbf{{{sentence(cell)}}}" if cell else "" for cell in table.header) + r" \\"
    title = [rf"\textbf{{{sentence(table.caption)}}}\\*[3pt]"] if table.caption else []
    if len(lines) > _TABLE_ROWS or sum(map(_height, table.rows)) > _TABLE_HEIGHT:
        size = ""
        if table.wrapped:
            size, columns = _fixed_columns(table, room)
            # rows of broken text are set apart; the formulas keep their own height
            lines = [" & ".join(map(sentence, cells)) + r" \\\noalign{\vskip5pt}" for cells in table.rows]
        # neither the first nor the last rows stand alone on a page
        for k in {0, len(lines) - 2} - {len(lines) - 1}:
            lines[k] = lines[k].replace(r" \\", r" \\*") if k >= 0 else lines[k]
        above = (
            [rf"\multicolumn{{{len(letters)}}}{{c}}{{{title[0][: title[0].rindex('}')]}}}}}\\*[3pt]"] if title else []
        )
        named = [*above, r"\hline", head, r"\hline\noalign{\vskip4pt}\endfirsthead"] if title else []
        return "\n".join(
            [
                *([f"{{{size}"] if size else []),
                rf"\begin{{longtable}}{{{columns}}}",
                *named,
                r"\hline",
                head,
                r"\hline\noalign{\vskip4pt}\endhead",
                *lines,
                r"\hline",
                r"\end{longtable}" + ("}" if size else ""),
            ]
        )
    grid = "\n".join(
        [rf"\begin{{tabular}}{{{columns}}}", r"\hline", head, r"\hline", *lines, r"\hline", r"\end{tabular}"]
    )
    if _table_width(table) > room:
        grid = _shrunk(r"\linewidth") + f"{{%\n{grid}}}"
    return "\n".join([r"\begin{center}", *title, grid, r"\end{center}"])


def _fixed_columns(table: Table, room: float) -> tuple[str, str]:
    """Return a size of type and columns of fixed width that fit: they need no second run of TeX.

    A formula that is wider than its column is broken at a sign.
    """
    widths = [min(natural, _FORMULA) for natural in _column_widths(table)]
    gaps = 1.2 * len(widths) + 0.5
    size, scale = next(((s, k) for s, k in _SIZES if sum(widths) * k + gaps <= room), _SIZES[-1])
    words = sum(widths[k] for k in table.wrapped)
    shrunk = min(1.0, ((room - gaps) / scale - words) / max(sum(widths) - words, 1.0))
    found = [w if k in table.wrapped else w * shrunk for k, w in enumerate(widths)]
    return size, "".join(_COLUMN.format(w) for w in found)


def _shielded(text: str) -> str:
    """Return text whose first bracket or star no command before it takes for its option."""
    return "{}" + text if text.lstrip()[:1] in ("[", "*") else text


def _strut(cells: Sequence[Sentence]) -> str:
    """Return what keeps the formulas of a table's row off the lines around it."""
    lines = max((_lines(p) for cell in cells for p in cell if not isinstance(p, str)), default=1.0)
    height = 7.0 * lines + (3 if lines > 1 else 2)
    return rf"\rule[-{height - 5:g}pt]{{0pt}}{{{2 * height:g}pt}}"


def _lines(node: Node) -> float:
    """Return how many lines of text a formula is high."""
    if isinstance(node, Grid):
        return len(node.rows) * 1.0 + 0.2
    if isinstance(node, Fraction):
        return 1.8
    parts = node.parts if isinstance(node, Row) else (node.body,) if isinstance(node, Fence) else ()
    return max((_lines(p) for p in parts), default=1.0)


def _table_width(table: Table) -> float:
    return sum(_column_widths(table)) + 1.2 * len(table.header)


def _column_widths(table: Table) -> list[float]:
    rows = [table.header, *table.rows]
    columns = max(len(cells) for cells in rows)
    widths = [max(sentence_width(cells[k]) for cells in rows if k < len(cells)) for k in range(columns)]
    return [min(natural, _WRAPPED_WIDTH) if k in table.wrapped else natural for k, natural in enumerate(widths)]


def _height(cells: Sequence[Sentence]) -> float:
    """Return about how many lines of text a row of a table takes."""
    return max((_lines(p) for cell in cells for p in cell if not isinstance(p, str)), default=1.0) * 1.3


def sentence_width(words: Sentence) -> float:
    """Return an estimate of the width of a sentence on one line, in em."""
    return sum(
        sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.5 for c in p) if isinstance(p, str) else width(p)
        for p in words
    )


# --- text ---------------------------------------------------------------------------------------------------------------

_COMBINING = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}
_SIGNS = {
    "∂": r"\partial",
    "∇": r"\nabla",
    "∑": r"\sum",
    "Σ": r"\Sigma",
    "√": r"\surd",
    "✓": r"\checkmark",
    "✗": r"\times",
    "∞": r"\infty",
    "⊙": r"\odot",
    "⊗": r"\otimes",
    "⊤": r"\top",
    "·": r"\cdot",
    "⋅": r"\cdot",
    "×": r"\times",
    "÷": r"\div",
    "±": r"\pm",
    "−": "-",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "≡": r"\equiv",
    "∈": r"\in",
    "←": r"\leftarrow",
    "→": r"\rightarrow",
    "↔": r"\leftrightarrow",
    "⇒": r"\Rightarrow",
    "′": "'",
    "″": "''",
    "°": r"^{\circ}",
    "½": r"\tfrac{1}{2}",
    "⅓": r"\tfrac{1}{3}",
    "¼": r"\tfrac{1}{4}",
    "¾": r"\tfrac{3}{4}",
    "ℓ": r"\ell",
    "∥": r"\Vert",
    "‖": r"\Vert",
    "⌈": r"\lceil",
    "⌉": r"\rceil",
    "⌊": r"\lfloor",
    "⌋": r"\rfloor",
    "∏": r"\prod",
    **{char: "\\" + word for word, char in GREEK.items()},
    "µ": r"\mu",
}
_TEXT = {
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\ldots{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    "\u00a0": "~",
    "\u2009": r"\,",
    "©": r"\textcopyright{}",
    "«": r"\guillemotleft{}",
    "»": r"\guillemotright{}",
    "•": r"\textbullet{}",
}


def escape_text(string: str) -> str:
    """Return words as LaTeX: signs, Greek letters and scripts as formulas, everything else as it is.

    >>> escape_text("50% of ∂L/∂W₁")
    '50\\\\% of $\\\\partial$L/$\\\\partial$W$_{1}$'
    """
    text = "".join(_apart(char) for char in unicodedata.normalize("NFC", string))
    found = []
    position = 0
    while position < len(text):
        char = text[position]
        position += 1
        if position < len(text) and text[position] in _COMBINING:
            # a letter with an accent of formulas, as x̂ and ŷ
            found.append(rf"$\{_COMBINING[text[position]]}{{{_SIGNS.get(char, escape_latex(char))}}}$")
            position += 1
        elif char in _SIGNS:
            found.append(f"${_SIGNS[char]}$")
        elif char in _TEXT:
            found.append(_TEXT[char])
        else:
            found.append(_script(char) or escape_latex(char))
    return _merged("".join(found))


def _apart(char: str) -> str:
    """Return a letter and the accent of formulas above it, where the fonts of TeX have no letter with it: ŷ, not ñ."""
    if ord(char) <= 0xFF:
        return char
    apart = unicodedata.normalize("NFD", char)
    return apart if len(apart) == 2 and apart[1] in _COMBINING else char


def _merged(text: str) -> str:
    """Join scripts that follow each other: $_{1}$$_{2}$ is $_{12}$."""
    return re.sub(r"(?:\$_\{[^{}]*\}\$){2,}|(?:\$\^\{[^{}]*\}\$){2,}", _joined, text)


def _joined(match: re.Match[str]) -> str:
    sign = match.group(0)[1]
    return f"${sign}{{{''.join(re.findall(r'{([^{}]*)}', match.group(0)))}}}$"


def _script(char: str) -> str:
    """Return a small letter or digit below or above the line as a formula; empty for any other character."""
    kind, _, point = unicodedata.decomposition(char).partition(" ")
    if kind not in ("<sub>", "<super>") or " " in point:
        return ""
    plain = chr(int(point, 16))
    plain = _SIGNS.get(plain, plain)
    return f"${'_' if kind == '<sub>' else '^'}{{{plain}}}$" if plain.isascii() else ""


def _code_line(line: str) -> str:
    """Return a line of source in typewriter letters, its spaces kept and its quotes straight."""
    text = escape_text(line.expandtabs(4)).replace("--", "-{}-").replace("`", r"\textasciigrave{}")
    text = text.replace("'", r"\textquotesingle{}") if "$" not in text else text
    indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" "))
    text = text[indent:].replace("  ", "~~").replace('"', r"\textquotedbl{}")
    return (rf"\hspace*{{{indent * 0.525:.3f}em}}" if indent else "") + (text or r"\strut")


def _packages(text: str, language: str) -> list[str]:
    found = [r"\usepackage{amsmath}", r"\usepackage[margin=2.3cm]{geometry}"]
    for mark, package in (
        (r"\textcolor", "xcolor"),
        (r"\resizebox", "graphicx"),
        (r"\begin{longtable}", "longtable"),
        (r"\textquotesingle", "textcomp"),
        (r"\arraybackslash", "array"),
        (r"\checkmark", "amssymb"),
    ):
        if mark in text:
            found.append(rf"\usepackage{{{package}}}")
    if r"\begin{tikzpicture}" in text:
        found.extend(PICTURES)
    grids = re.findall(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", text, re.DOTALL)
    widest = max((line.count("&") + 1 for grid in grids for line in grid.split(r"\\")), default=0)
    if widest > _COLUMNS:
        found.append(rf"\setcounter{{MaxMatrixCols}}{{{widest}}}")
    if r"\textquotedbl" in text:
        found.append(r"\usepackage[T1]{fontenc}")
    scripts = scripts_for(text, language)
    found.extend(line for script in scripts for line in script.latex)
    beyond = sorted({c for c in text if ord(c) > 127})
    unknown = [c for c in beyond if not any(script.sets(c) for script in scripts) and not _is_accented(c)]
    if unknown:
        raise PrintError(
            f"a LaTeX document cannot show {' '.join(repr(c) for c in unknown[:8])} in every engine; "
            f"give the name a symbol of its own"
        )
    return found


def _is_accented(char: str) -> bool:
    """Say whether a character is a letter of Latin-1 or Latin Extended-A, which every engine has."""
    return 0xC0 <= ord(char) < 0x180 and char.isalpha()


# --- lines that fit the page --------------------------------------------------------------------------------------------


def _display(block: Formula) -> str:
    room = PAGE if block.number is None else PAGE - 3
    rows = broken_lines(block.rows, room)
    # TeX never breaks a display between pages; a long one is set as several.
    blocks = [rows[k : k + LINES] for k in range(0, len(rows), LINES)]
    tag = "" if block.number is None else rf" \tag{{{block.number}}}"
    return "\n".join(
        "\\[\n" + _fitted(lines, room) + (tag if k == len(blocks) - 1 else "") + "\n\\]"
        for k, lines in enumerate(blocks)
    )


def _fitted(rows: Sequence[tuple[Node, ...]], room: float) -> str:
    whole = aligned(rows)
    line = r"\linewidth" if room == PAGE else r"0.93\linewidth"
    # the estimate is rather too wide: what fits in truth keeps its size
    return rf"{_shrunk(line)}{{$\displaystyle {whole}$}}" if total_width(rows) > room else whole


def _shrunk(room: str) -> str:
    """Return the beginning of a box that is made smaller where it is wider than ``room``, and never larger."""
    return rf"\resizebox{{\ifdim\width>{room} {room}\else\width\fi}}{{!}}"


FORMAT = Format("tex", "a LaTeX document", {"document": render}, ("tex",), comment="% ")
