"""Notebooks: a document as JSON of nbformat 4.5, its pictures as attachments, its code in cells that run.

The format: https://nbformat.readthedocs.io/en/latest/format_description.html. Nothing but the standard library writes it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from symback.documents.document import Block, Code, Document, Exercise, Figure, Heading, PageBreak
from symback.documents.format import Format
from symback.documents.formats import markdown

_LONG = 24
"""Blocks of one cell of text; a longer part of the document gets several."""


def render(document: Document) -> str:
    """Return a document as a notebook: a cell a part, then the program; the same document gives the same bytes.

    >>> json.loads(render(Document(("A",), (Heading(("B",)),))))["cells"][0]["source"]
    ['# A']
    """
    counted: dict[str, int] = {}
    cells: list[dict[str, Any]] = []
    head = replace(document, blocks=(), program=())
    blocks = document.blocks
    if document.program and document.program[0] in blocks:
        # the program takes the place of the part of the document that only shows the code
        blocks = blocks[: blocks.index(document.program[0])]
    for part in _parts((*blocks, *document.program)):
        if isinstance(part, Code):
            cells.append(_cell("code", part.source.rstrip("\n"), execution_count=None, outputs=[]))
            continue
        # what stands before the first heading stands below the title
        below_title = not cells and not isinstance(part[0], Heading)
        if not cells and not below_title:
            cells.append(_text_cell(head))
        title, subtitle = (head.title, head.subtitle) if below_title else ((), ())
        cells.append(_text_cell(replace(head, title=title, subtitle=subtitle, blocks=part)))
    if not cells or cells[0]["cell_type"] == "code":
        cells.insert(0, _text_cell(head))
    cells = [cell for cell in cells if cell["cell_type"] == "code" or cell["source"]]
    for cell in cells:
        # an identifier from the content, so that an edited document keeps those of its other cells
        content = hashlib.sha256(json.dumps(cell, sort_keys=True).encode("utf-8")).hexdigest()[:12]
        counted[content] = counted.get(content, 0) + 1
        cell["id"] = content if counted[content] == 1 else f"{content}-{counted[content]}"
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _parts(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...] | Code]:
    """Yield code that runs, and the blocks between, a new part at each heading, exercise and page."""
    part: list[Block] = []
    for block in blocks:
        runs = isinstance(block, Code) and block.runs
        begins = runs or isinstance(block, (Heading, Exercise, PageBreak))
        # a heading below a heading begins no part of its own
        if part and ((begins and (runs or not isinstance(part[-1], Heading))) or len(part) >= _LONG):
            yield tuple(part)
            part = []
        if runs:
            assert isinstance(block, Code)
            yield block
        elif not isinstance(block, PageBreak):
            part.append(block)
    if part:
        yield tuple(part)


def _text_cell(document: Document) -> dict[str, Any]:
    attachments: dict[str, dict[str, str]] = {}

    def attach(figure: Figure) -> str:
        from symback.documents.formats.svg import svg

        name = f"figure-{len(attachments) + 1}.svg"
        picture = svg(figure.picture, identifier=str(len(attachments) + 1))
        attachments[name] = {"image/svg+xml": base64.b64encode(picture.encode("utf-8")).decode("ascii")}
        described = figure.description or figure.picture.description
        plain = "".join(c if c.isalnum() or c in " .,'-" else " " for c in described)
        return f"![{plain}](attachment:{name})"

    text = markdown.render(document, flavor="jupyter", figure=attach)
    return _cell("markdown", text.rstrip("\n"), **({"attachments": attachments} if attachments else {}))


def _cell(kind: str, source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True), **more}


FORMAT = Format("ipynb", "a notebook", {"document": render}, ("ipynb",))
