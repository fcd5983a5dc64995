"""Handouts: a page in any output format, saved whole or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symback.core.files import write_together
from symback.documents.document import Document
from symback.documents.format import Format
from symback.documents.formats import format_called, format_of, names, render
from symback.page.records import sentence_text


@dataclass(frozen=True)
class Handout:
    """A page that is ready to be given out: a lesson, a derivation, a table; ``document`` is its content as data."""

    document: Document

    def text(self, to: str = "txt", **options: Any) -> str | bytes:
        """Return the handout in one of the ``formats``, as "tex"; as bytes where the format is no text, as "pdf".

        Options are those of the format, as ``flavor="github"`` of "md" or ``fragment=True`` of "tex"; one that a format
        does not have is an error.
        """
        return render(self.document, to, **options)

    def save(self, path: str | os.PathLike[str], to: str | None = None, **options: Any) -> Path:
        """Write the handout to a file whose ending picks the format; the file is whole, or what it was before.

        Markdown for GitHub has its pictures in files beside it: ``lesson-1.svg`` of ``lesson.md``.
        """
        write_together(_format(path, to).files(self.document, Path(path), **options))
        return Path(path)

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of the formats it can be written in."""
        return names("document")

    def __repr__(self) -> str:
        return f"<handout: {sentence_text(self.document.title)}, {len(self.document.blocks)} blocks>"

    def __str__(self) -> str:
        return str(self.text())

    def _repr_html_(self) -> str:
        return str(self.text("html", fragment=True))

    def _repr_markdown_(self) -> str:
        return str(self.text("md"))


@dataclass(frozen=True)
class Worksheets:
    """A worksheet and its key as handouts; one of them is None where it is not wanted."""

    sheet: Handout | None
    key: Handout | None

    def save(self, path: str | os.PathLike[str], to: str | None = None, **options: Any) -> tuple[Path, ...]:
        """Write the sheet to ``path``, and the key beside it as ``name-key.ending``; a key alone goes to ``path``.

        Where one of them cannot be written, the other is not written either.
        """
        chosen = _format(path, to)
        target = Path(path)
        beside = target.with_name(f"{target.stem}-key{target.suffix}") if self.sheet is not None else target
        pages = [(t, h) for t, h in ((target, self.sheet), (beside, self.key)) if h is not None]
        rendered = [file for place, handout in pages for file in chosen.files(handout.document, place, **options)]
        write_together(rendered)
        return tuple(place for place, _ in pages)

    def __repr__(self) -> str:
        return f"<worksheet: {', '.join(map(repr, self._pages()))}>"

    def __str__(self) -> str:
        return "\n".join(map(str, self._pages()))

    def _repr_html_(self) -> str:
        return "\n".join(page._repr_html_() for page in self._pages())

    def _repr_markdown_(self) -> str:
        return "\n".join(page._repr_markdown_() for page in self._pages())

    def _pages(self) -> tuple[Handout, ...]:
        return tuple(page for page in (self.sheet, self.key) if page is not None)


def _format(path: str | os.PathLike[str], to: str | None) -> Format:
    return format_called(to, "document") if to else format_of(path, "document", option="to=")
