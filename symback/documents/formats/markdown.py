r"""Markdown in three dialects of mathematics: what GitHub, Jekyll and Jupyter each take.

``github``: formulas in ``math`` fences and between ``$`` and backticks, since GitHub's Markdown eats backslashes between bare dollar
signs (https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions).
``jekyll``: kramdown's ``$$`` for formulas in the line as well (https://kramdown.gettalong.org/syntax.html#math-blocks), front
matter with the title, and ``raw`` around it all, so that Liquid reads no braces. ``jupyter``: ``$`` and ``$$``, as Jupyter, pandoc and Obsidian.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category
from urllib.parse import quote

from symback.core.display import Node, to_latex
from symback.core.errors import PrintError, nearest
from symback.core.text import printable
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
from symback.documents.format import Format
from symback.documents.formats.latex import aligned
from symback.documents.formats.svg import svg
from symback.page.records import Sentence, sentence_text


@dataclass(frozen=True)
class Flavor:
    """How one dialect marks formulas: ``inline`` and ``display`` are put around them."""

    inline: tuple[str, str]
    display: tuple[str, str]
    dollar: str
    """A dollar sign that begins no formula."""


FLAVORS = {
    "github": Flavor(("$`", "`$"), ("```math\n", "\n```"), "<span>$</span>"),
    "jekyll": Flavor(("$$", "$$"), ("$$\n", "\n$$"), r"\$"),
    "jupyter": Flavor(("$", "$"), ("$$\n", "\n$$"), r"\$"),
}


def render(document: Document, *, flavor: str = "jupyter", figure: Callable[[Figure], str] | None = None) -> str:
    """Return a document as Markdown.

    ``figure`` gives the Markdown of a picture; without one it is an SVG inside the text, for GitHub its description
    (GitHub shows pictures that are files; ``Handout.save`` writes them beside the page).

    >>> from symback.core.display import Symbol
    >>> print(render(Document((), (Paragraph(("See ", Symbol("a", "a"), ", $5.")),))), end="")
    See $a$, \\$5.
    """
    if flavor not in FLAVORS:
        raise PrintError(f"there is no flavor {flavor!r}{nearest(flavor, FLAVORS)}; known: {', '.join(FLAVORS)}")
    writer = _Writer(document, flavor, figure)
    head: list[str] = []
    if document.title and flavor != "jekyll":
        head.append(f"# {writer.sentence(document.title)}")
    if document.subtitle:
        head.append(writer.sentence(document.subtitle))
    text = "\n\n".join([*head, *writer.blocks(document.blocks)]) + "\n"
    if flavor != "jekyll":
        return text
    front = [
        "---",
        *([f"title: {writer.front(document.title)}"] if document.title else []),
        f"lang: {document.language}",
    ]
    return "\n".join([*front, "---", "", "{% raw %}", "", text + "{% endraw %}", ""])


_MARKUP = re.compile(r"[\\`*_{}\[\]#|~^]|-(?=-)|(?<=-)-")
"""What Markdown reads as markup anywhere in a line."""
_AT_START = re.compile(r"^(\s*)(?:([-+=:>])|(\d+)([.)]))")
"""What begins a list, a quotation or the underline of a heading."""


class _Writer:
    """One document in one flavor."""

    def __init__(self, document: Document, flavor: str, figure: Callable[[Figure], str] | None) -> None:
        self.document = document
        self.flavor = FLAVORS[flavor]
        self.name = flavor
        self.figure = figure

    def blocks(self, blocks: Sequence[Block]) -> list[str]:
        return [self.block(b) for b in blocks]

    def block(self, block: Block) -> str:
        if isinstance(block, Heading):
            return "#" * min(block.level + 1, 6) + " " + self.sentence(block.text)
        if isinstance(block, Paragraph):
            text = self.sentence(block.text)
            return f"> {text}" if block.tone == "note" else text
        if isinstance(block, Formula):
            before, after = self.flavor.display
            tag = rf" \qquad ({block.number})" if block.number is not None else ""
            return before + _portable(aligned(block.rows)) + tag + after
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Figure):
            return self._picture(block)
        if isinstance(block, Code):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.source)), default=0))
            lines = [printable(line.expandtabs(4)) for line in block.source.rstrip().split("\n")]
            return "\n".join([fence + block.language, *lines, fence])
        if isinstance(block, Items):
            marks = [f"{k}. " if block.numbered else "- " for k in range(1, len(block.items) + 1)]
            return "\n".join(mark + self.sentence(item) for mark, item in zip(marks, block.items, strict=True))
        if isinstance(block, Exercise):
            return self._exercise(block)
        assert isinstance(block, PageBreak)
        return "---"

    def _exercise(self, exercise: Exercise) -> str:
        label = self.text(self.document.labels.get("exercise", "Exercise"))
        parts = [f"**{label} {exercise.number}.**", *self.blocks(exercise.question)]
        if exercise.answer:
            parts += [f"**{self.text(self.document.labels.get('answer', 'Answer'))}.**", *self.blocks(exercise.answer)]
        elif exercise.space:
            # paragraphs of a space that every Markdown keeps
            parts += ["&nbsp;"] * exercise.space
        return "\n\n".join(parts)

    def _table(self, table: Table) -> str:
        marks = {"l": ":--", "c": ":-:", "r": "--:"}
        alignment = table.alignment or "l" * len(table.header)
        lines = [[self.sentence(cell) for cell in cells] for cells in (table.header, *table.rows)]
        lines.insert(1, [marks[a] for a in alignment])
        text = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
        return f"**{self.sentence(table.caption)}**\n\n{text}" if table.caption else text

    def _picture(self, figure: Figure) -> str:
        caption = f"\n\n{self.sentence(figure.caption)}" if figure.caption else ""
        if self.figure is not None:
            return self.figure(figure) + caption
        description = self.text(figure.description or figure.picture.description)
        if self.name == "github":
            # GitHub shows no picture that is part of a page; the description stands for it
            return f"*{description}*" + caption
        data = base64.b64encode(drawing(figure).encode("utf-8")).decode("ascii")
        return f"![{description}](data:image/svg+xml;base64,{data})" + caption

    def sentence(self, words: Sentence) -> str:
        """Return words with formulas between them; no word can become markup."""
        before, after = self.flavor.inline
        found = "".join(self.text(p) if isinstance(p, str) else f"{before}{self._inline(p)}{after}" for p in words)
        if self.name == "jekyll" and found.startswith("$$"):
            return "\\" + found  # a formula at the start of a line would be a display
        return _AT_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", found)

    def _inline(self, node: Node) -> str:
        return re.sub(r"\s+", " ", _portable(to_latex(node).strip()))

    def text(self, string: str) -> str:
        """Return words so that Markdown prints them as they are."""
        clean = printable(string)
        quoted = _MARKUP.sub(lambda m: "\\" + m[0], clean)
        for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("$", self.flavor.dollar)):
            quoted = quoted.replace(char, entity)
        return quoted

    def front(self, words: Sentence) -> str:
        """Return a title for the front matter: quoted, and harmless in a theme that does not escape it."""
        quoted = json.dumps(printable(sentence_text(words)).replace("<", "&lt;"), ensure_ascii=False)
        return quoted.replace("{", "\\u007b").replace("}", "\\u007d")


def drawing(figure: Figure) -> str:
    """Return a figure as an SVG file on white paper, which a page of any color can show."""
    return svg(figure.picture).replace("<defs>", '<rect width="100%" height="100%" fill="#ffffff"/><defs>', 1)


_PLAIN = " .,:;'/()=+-%"
"""Signs that are no markup inside the description of a picture; signs of mathematics beyond ASCII, as arrows, are none."""


def link(figure: Figure, address: str) -> str:
    """Return the Markdown of a figure that lies in a file, its description for those who cannot see it."""
    described = figure.description or figure.picture.description
    plain = "".join(
        c if c.isalnum() or c in _PLAIN or (category(c) == "Sm" and not c.isascii()) else " " for c in described
    )
    return f"![{re.sub(' +', ' ', plain).strip()}]({quote(address)})"


def _portable(latex: str) -> str:
    r"""Return LaTeX without bare bars, which would make a table: ``|`` is ``\vert``, ``\|`` is ``\Vert``."""
    return re.sub(r"(?<!\\)\|", r"\\vert ", latex.replace(r"\|", r"\Vert "))


def unchanged(text: str) -> str:
    """Return Markdown that is written already."""
    return text


def with_pictures(document: Document, path: Path, **options: Any) -> list[tuple[Path, str]]:
    """Return the files of a page, itself the last: for GitHub its pictures lie beside it, as ``page-1.svg``."""
    pictures: list[tuple[Path, str]] = []

    def beside(figure: Figure) -> str:
        place = path.with_name(f"{path.stem}-{len(pictures) + 1}.svg")
        pictures.append((place, drawing(figure)))
        return link(figure, place.name)

    if options.get("flavor") == "github":
        options = {"figure": beside, **options}
    page = render(document, **options)
    return [*pictures, (path, page)]


FORMAT = Format(
    "md",
    "Markdown",
    {"markdown": unchanged, "document": render},
    ("md", "markdown"),
    comment="",
    together=with_pictures,
)
