"""A document: headings, sentences, formulas, tables, figures and exercises as plain data, for any output format.

A writer in ``symback.documents.formats`` turns a ``Document`` into the text of its format; it adds no word and no formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from symback.core.display import Node
from symback.page.picture import Picture
from symback.page.records import Display, Section, Sentence, sentence_text
from symback.page.words import DEFAULT_LANGUAGE

VERSION = 1
"""The version of the model, written into its JSON."""


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a part of the document (the title stands above it)."""

    text: Sentence
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several, with formulas in the line.

    ``tone`` is "text"; "note" for a reason, which stands in a box; or "remark" for what is small, as where a name is from.
    """

    text: Sentence
    tone: str = "text"


@dataclass(frozen=True)
class Formula:
    """One display: aligned rows of cells, sides alternating right and left; ``number`` as (1) where it has one.

    ``of`` are the names of the network whose formulas these are, one per equation where several share a row. ``role``
    says what is stated: "forward", "loss", "definition", "local" (derivatives of one equation), "legend" (what δ
    stands for), "delta" (an error, with the gradients it gives behind it), "gradient", "proof" or "update".
    """

    rows: tuple[tuple[Node, ...], ...]
    number: int | None = None
    of: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True)
class Table:
    """A table of sentences under a header."""

    header: tuple[Sentence, ...]
    rows: tuple[tuple[Sentence, ...], ...]
    caption: Sentence = ()
    alignment: str = ""
    """One letter a column: l, c or r; empty for all l."""
    wrapped: tuple[int, ...] = ()
    """Columns of words, which are broken into lines."""


@dataclass(frozen=True)
class Figure:
    """A picture with its caption; ``description`` is its text for those who cannot see it."""

    picture: Picture
    caption: Sentence = ()
    description: str = ""


@dataclass(frozen=True)
class Code:
    """Source text; ``runs`` where a notebook is to execute it."""

    source: str
    language: str = "python"
    runs: bool = True


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    items: tuple[Sentence, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Exercise:
    """A question with its answer, and the lines of space left to answer it where the answer is not shown."""

    number: int
    question: tuple[Block, ...]
    answer: tuple[Block, ...] = ()
    space: int = 0


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


Block: TypeAlias = "Heading | Paragraph | Formula | Table | Figure | Code | Items | Exercise | PageBreak"


@dataclass(frozen=True)
class Document:
    """A whole document in one language, by its code."""

    title: Sentence
    blocks: tuple[Block, ...]
    language: str = DEFAULT_LANGUAGE
    subtitle: Sentence = ()
    labels: dict[str, str] = field(default_factory=dict)
    """The words a writer needs itself, in the document's language: "figure", "table", "exercise", "answer", "name"."""
    program: tuple[Block, ...] = ()
    """What a notebook has besides: the formulas as code, in cells that run; no other format prints it."""
    wide: bool = False
    """True where paper is turned on its side."""


def window_title(document: Document) -> str:
    """Return what a window that shows the document is called: its title, else its first heading.

    >>> window_title(Document((), (Heading(("Loss",)),)))
    'Loss'
    """
    heading = next((block.text for block in document.blocks if isinstance(block, Heading)), ())
    return sentence_text(document.title) or sentence_text(heading) or "symback"


def formula(display: Display, role: str = "", number: int | None = None) -> Formula:
    """Return the formula of a display; its sentences stay behind.

    >>> from symback.core.display import Symbol
    >>> formula(Display(((Symbol("a", "a"),),), ("a",)), "forward").role
    'forward'
    """
    return Formula(display.rows, number, display.of, role)


def captioned(blocks: Iterable[Block], labels: Mapping[str, str]) -> tuple[Block, ...]:
    """Return blocks whose figures and tables have numbers to speak of in their captions.

    >>> table = Table((("a",),), ((("b",),),), ("Symbols",))
    >>> captioned([table], {"table": "Table"})[0].caption
    ('Table 1: ', 'Symbols')
    """
    found: list[Block] = []
    counts = {"figure": 0, "table": 0}
    for block in blocks:
        if isinstance(block, (Figure, Table)) and block.caption:
            kind = "figure" if isinstance(block, Figure) else "table"
            counts[kind] += 1
            block = replace(block, caption=(f"{labels[kind]} {counts[kind]}: ", *block.caption))
        found.append(block)
    return tuple(found)


def document_of(
    sections: Iterable[Section],
    title: str | None = None,
    language: str = DEFAULT_LANGUAGE,
    labels: dict[str, str] | None = None,
) -> Document:
    """Return the sections of a derivation as a document: a heading each, sentences before their formulas.

    >>> document_of([Section("forward", "Forward pass", ())]).blocks
    (Heading(text=('Forward pass',), level=1),)
    """
    blocks: list[Block] = []
    for section in sections:
        if section.title:
            blocks.append(Heading((section.title,)))
        for display in section.displays:
            blocks.extend(Paragraph(words) for words in display.words)
            blocks.append(formula(display, _ROLES.get(section.key, "")))
    return Document((title,) if title else (), tuple(blocks), language, labels=labels or {})


_ROLES = {
    "forward": "forward",
    "loss": "loss",
    "where": "definition",
    "local": "local",
    "full": "gradient",
    "staged": "gradient",
    "backward": "delta",
    "index": "proof",
    "update": "update",
}
"""The role of the formulas of a section, by the section's key."""


def leads(blocks: Sequence[Block]) -> list[bool]:
    """Say of every block whether it only introduces the next one, from which no page break may part it.

    A sentence above a formula, a list, code, a table or a picture does, and so does one above such a sentence; a note speaks
    of what stands before it.
    """
    found = [False] * (len(blocks) + 1)
    for k in range(len(blocks) - 2, -1, -1):
        block, following = blocks[k], blocks[k + 1]
        if isinstance(block, Paragraph) and block.tone != "note":
            led = isinstance(following, Paragraph) and following.tone != "note" and found[k + 1]
            found[k] = led or isinstance(following, (Formula, Items, Code, Table, Figure))
    return found[: len(blocks)]
