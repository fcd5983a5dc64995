"""Documents put together from real derivations, for the tests of the writers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from symback.core.display import Node
from symback.core.errors import SymbackError
from symback.documents.document import Block, Document, Exercise, Formula, Heading, Items, Paragraph, Table
from symback.documents.lesson import Plan, lesson
from symback.page import views
from symback.page.records import Section, Sentence
from tests.support.printed_networks import CASES, elements_bce
from tests.support.printed_networks import DOCUMENT as DOCUMENT_NOTATION
from tests.support.seed_cells import NAMES, derivation
from tests.support.small_networks import layers, record_of

Rows = tuple[tuple[Node, ...], ...]
VIEWS: dict[str, dict[str, object]] = {
    "default": {},
    "chain": {"view": "chain"},
    "index": {"view": "index", "why": True},
    "entries": {"view": "entries"},
    "numbers": {"view": "entries", "numbers": True},
    "ng": {"notation": "ng"},
}


@cache
def pages() -> dict[str, tuple[Section, ...]]:
    """Return the sections of every seed and small network in every view that it has."""
    found: dict[str, tuple[Section, ...]] = {}
    for name in NAMES:
        for view, options in VIEWS.items():
            try:
                found[f"{name} {view}"] = tuple(derivation(name).sections(**options))  # type: ignore[arg-type]
            except SymbackError:
                continue  # entries of class indices, say: nothing to print
    for name, (make, _) in CASES.items():
        for view in ("chain", "matrix", "index"):
            found[f"{name} {view}"] = tuple(views.sections(record_of(make()), view))
    found["layers"] = tuple(views.sections(record_of(layers([4, 3, 3, 2], loss="ce")), "matrix"))
    return found


def displays() -> Iterator[tuple[str, Rows]]:
    """Yield every display of those pages once, with the page it is first on."""
    seen: set[Rows] = set()
    for page, sections in pages().items():
        for section in sections:
            for display in section.displays:
                rows = tuple(tuple(cells) for cells in display.rows)
                if rows not in seen:
                    seen.add(rows)
                    yield page, rows


def document(page: str, title: str = "Backpropagation", language: str = "en") -> Document:
    """Return a page as a document: headings, sentences, and formulas of which every third has a number."""
    blocks: list[Block] = []
    count = 0
    for section in pages()[page]:
        blocks.append(Heading((section.title,)))
        for display in section.displays:
            blocks.extend(Paragraph(words) for words in display.words)
            count += 1
            blocks.append(Formula(tuple(tuple(cells) for cells in display.rows), count if count % 3 == 0 else None))
    return Document((title,), tuple(blocks), language)


@cache
def lesson_on(name: str, language: str) -> Document:
    """Return the full lesson on a seed's cell."""
    return lesson(derivation(name).record, Plan(language=language, level="full"))


def sentences(blocks: Iterable[Block]) -> Iterator[Sentence]:
    """Yield every sentence of some blocks."""
    for block in blocks:
        if isinstance(block, (Heading, Paragraph)):
            yield block.text
        elif isinstance(block, Table):
            yield from block.header
            for cells in block.rows:
                yield from cells
            yield block.caption
        elif isinstance(block, Items):
            yield from block.items
        elif isinstance(block, Exercise):
            yield from sentences((*block.question, *block.answer))


def lesson_formulas() -> Iterator[tuple[str, Rows]]:
    """Yield every formula of every seed's lesson once, those inside sentences and tables as one row of one cell."""
    seen: set[Rows] = set()
    for name in NAMES:
        found = lesson_on(name, "en")
        inside: list[Rows] = [
            ((part,),) for text in sentences(found.blocks) for part in text if not isinstance(part, str)
        ]
        for rows in [*(b.rows for b in found.blocks if isinstance(b, Formula)), *inside]:
            if rows not in seen:
                seen.add(rows)
                yield f"lesson on {name}", rows


PAGES: dict[str, Callable[[], tuple[Section, ...]]] = {
    "index": lambda: views.sections(record_of(layers([2, 3, 2], loss="ce")), "index", why=True, table=True),
    "entries": lambda: views.sections(record_of(elements_bce()), "entries", DOCUMENT_NOTATION, "both", numbers=True),
    "matrix in numbers": lambda: views.sections(record_of(elements_bce()), "matrix", numbers=True, digits=6),
    "ng": lambda: views.sections(record_of(layers([2, 3, 2])), "matrix", "ng", shapes=True, table=True),
    "nielsen": lambda: views.sections(record_of(layers([2, 3, 2])), "index", "nielsen", why=True),
}
