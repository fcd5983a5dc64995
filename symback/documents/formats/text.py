"""Unicode text: headings, sentences, and one formula per line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from symback.core.display import to_text
from symback.core.text import columns_of, printable
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
from symback.page.records import Sentence, sentence_text

_INDENT = "  "
_WIDTH = 100


def render(document: Document) -> str:
    """Return a whole document as Unicode text.

    >>> print(render(Document((), (Heading(("Loss",)), Paragraph(("It is small.",))))), end="")
    Loss
      It is small.
    """
    lines: list[str] = []
    for head in (document.title, document.subtitle):
        if head:
            lines += [_plain(head), ""]
    lines += _lines(document.blocks, document)
    return "\n".join(lines).strip("\n") + "\n"


def _lines(blocks: Sequence[Block], document: Document) -> list[str]:
    lines: list[str] = []
    for position, block in enumerate(blocks):
        apart = isinstance(block, (Heading, Table, Code, Figure, Exercise))
        after = position and isinstance(blocks[position - 1], (Table, Code, Figure, Exercise))
        if (apart or after) and lines and lines[-1]:
            heading = isinstance(blocks[position - 1], Heading)
            lines += [] if heading and not isinstance(block, Heading) else [""]
        lines += _block(block, document)
    return lines


def _block(block: Block, document: Document) -> list[str]:
    if isinstance(block, Heading):
        return [_plain(block.text)] if block.level == 1 else [_INDENT + _plain(block.text)]
    if isinstance(block, Paragraph):
        return _wrapped(_plain(block.text), _INDENT)
    if isinstance(block, Formula):
        lines = [_INDENT + _joined([to_text(cell) for cell in row]) for row in block.rows]
        return [*lines[:-1], f"{lines[-1]}   ({block.number})"] if block.number is not None else lines
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figure):
        label = document.labels.get("figure", "Figure")
        caption = _plain(block.caption)
        parts = [caption if caption.startswith(label) else f"{label}: {caption}"] if caption else [label + ":"]
        said = printable(block.description or block.picture.description)
        if caption and said and not caption.endswith("."):
            parts[0] += "."
        return _wrapped(f"[{' '.join([*parts, said]).strip()}]", _INDENT)
    if isinstance(block, Code):
        return [_INDENT + printable(line) if line else "" for line in block.source.rstrip("\n").split("\n")]
    if isinstance(block, Items):
        marks = [f"{k}. " if block.numbered else "- " for k in range(1, len(block.items) + 1)]
        return [
            line
            for mark, item in zip(marks, block.items, strict=True)
            for line in _wrapped(_plain(item), _INDENT + " " * len(mark), _INDENT + mark)
        ]
    if isinstance(block, Exercise):
        label = document.labels.get("exercise", "Exercise")
        lines = [f"{label} {block.number}.", *_lines(block.question, document)]
        if block.answer:
            return [*lines, f"{_INDENT}{document.labels.get('answer', 'Answer')}:", *_lines(block.answer, document)]
        return lines + [""] * block.space
    assert isinstance(block, PageBreak)
    return ["", "\f"]


def _plain(words: Sentence) -> str:
    return printable(sentence_text(words))


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    """Return a sentence as lines; one that fits is left as it is."""
    start = indent if first is None else first
    if columns_of(text) + len(indent) <= _WIDTH + 20:
        return [start + text]
    return textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=indent, break_long_words=False)


def _table(table: Table) -> list[str]:
    cells = [[_plain(cell) for cell in line] for line in (table.header, *table.rows)]
    columns = max(len(line) for line in cells)
    widths = [max(columns_of(line[k]) for line in cells if k < len(line)) for k in range(columns)]
    alignment = table.alignment or "l" * columns

    def padded(text: str, k: int) -> str:
        fill = " " * (widths[k] - columns_of(text))
        return fill + text if alignment[k] == "r" else text + fill

    lines = [_INDENT + "  ".join(padded(text, k) for k, text in enumerate(line)).rstrip() for line in cells]
    rule = _INDENT + "  ".join("─" * w for w in widths)
    caption = [_INDENT + _plain(table.caption)] if table.caption else []
    return [*caption, lines[0], rule, *lines[1:]]


def _joined(cells: Sequence[str]) -> str:
    """Return left and right sides joined by one space, equations that share a line by three."""
    pairs = [" ".join(c.strip() for c in cells[k : k + 2] if c.strip()) for k in range(0, len(cells), 2)]
    return "   ".join(p for p in pairs if p)


def unchanged(text: str) -> str:
    """Return lines that are set already."""
    return text


FORMAT = Format("txt", "Unicode text", {"text": unchanged, "document": render}, ("txt",), aliases=("text",), comment="")
