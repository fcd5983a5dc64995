"""A document: headings, sentences, formulas, tables, figures and exercises as plain data, for any output format.

A writer in ``symback.formats`` turns a ``Document`` into the text of its format; it adds no word and no formula.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from symback.diagram import Picture
from symback.display import Node
from symback.views import Sentence

VERSION = 1
"""The version of the model, written into its JSON."""


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a part of the document (the title stands above it)."""

    text: Sentence
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several, with formulas in the line; ``tone`` is "text", "remark" or "note"."""

    text: Sentence
    tone: str = "text"


@dataclass(frozen=True)
class Formula:
    """One display: aligned rows of cells, sides alternating right and left; ``number`` as (1) where it has one.

    ``of`` are the names of the network whose formulas these are.
    """

    rows: tuple[tuple[Node, ...], ...]
    number: int | None = None
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of sentences under a header."""

    header: tuple[Sentence, ...]
    rows: tuple[tuple[Sentence, ...], ...]
    caption: Sentence = ()
    alignment: str = ""
    """One letter a column: l, c or r; empty for all l."""


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
    """A whole document in one language ("en", "ko")."""

    title: Sentence
    blocks: tuple[Block, ...]
    language: str = "en"
    subtitle: Sentence = ()
    labels: dict[str, str] = field(default_factory=dict)
    """The words a writer needs itself, in the document's language: "figure", "table", "exercise", "answer", "name"."""
