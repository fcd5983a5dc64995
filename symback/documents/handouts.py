"""Handouts: a lesson in any format, saved whole or not at all.

``FORMATS`` maps the ending of a file to the module of ``symback.documents.formats`` that writes it; a new format is one line.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from symback.core.errors import PrintError, nearest
from symback.core.files import write_together
from symback.documents.document import Document, Figure
from symback.page.records import sentence_text

FORMATS: Mapping[str, str] = {
    "tex": "latex",
    "html": "html",
    "md": "markdown",
    "ipynb": "notebook",
    "txt": "text",
    "json": "json",
    "pdf": "pdf",
}
"""Endings of files, and the module that writes each."""


@dataclass(frozen=True)
class Handout:
    """A lesson that is ready to be given out; ``document`` is its content as data."""

    document: Document

    def text(self, to: str = "txt", **options: Any) -> str | bytes:
        """Return the handout in a format: "tex", "html", "md", "ipynb", "txt", "json" or "pdf" (bytes).

        Options are those of the format, as ``flavor="github"`` of "md" or ``fragment=True`` of "tex"; one that a format
        does not have is an error.
        """
        return render(self.document, to, **options)

    def save(self, path: str | os.PathLike[str], to: str | None = None, **options: Any) -> Path:
        """Write the handout to a file whose ending picks the format; the file is whole, or what it was before.

        Markdown for GitHub has its pictures in files beside it: ``lesson-1.svg`` of ``lesson.md``.
        """
        write_together(_files(self.document, Path(path), to or ending_of(path), options))
        return Path(path)

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
        kind = to or ending_of(path)
        target = Path(path)
        beside = target.with_name(f"{target.stem}-key{target.suffix}") if self.sheet is not None else target
        pages = [(t, h) for t, h in ((target, self.sheet), (beside, self.key)) if h is not None]
        rendered = [file for place, handout in pages for file in _files(handout.document, place, kind, options)]
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


def _files(document: Document, path: Path, kind: str, options: Mapping[str, Any]) -> list[tuple[Path, str | bytes]]:
    """Return the files of a handout with their content, the page last."""
    from symback.documents.formats import markdown

    pictures: list[tuple[Path, str | bytes]] = []

    def beside(figure: Figure) -> str:
        place = path.with_name(f"{path.stem}-{len(pictures) + 1}.svg")
        pictures.append((place, markdown.drawing(figure)))
        return markdown.link(figure, place.name)

    if kind == "md" and options.get("flavor") == "github":
        options = {"figure": beside, **options}
    page = render(document, kind, **options)
    return [*pictures, (path, page)]


def ending_of(path: str | os.PathLike[str]) -> str:
    """Return the format that a file's ending names; raises PrintError with the known ones.

    >>> ending_of("page.tex")
    'tex'
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    return _known(suffix, f"{os.fspath(path)}: the ending")


def render(document: Document, to: str, **options: Any) -> str | bytes:
    """Return a document in a format; ``options`` are those of the format's ``render``.

    >>> render(Document(("A",), ()), "txt")
    'A\\n'
    """
    write = import_module(f"symback.documents.formats.{FORMATS[_known(to, 'the format')]}").render
    known = list(inspect.signature(write).parameters.values())[1:]
    if not any(p.kind is p.VAR_KEYWORD for p in known):
        for name in options:
            if name not in {p.name for p in known}:
                raise PrintError(f"{name} is no option of the format {to}")
    found: str | bytes = write(document, **options)
    return found


def _known(kind: str, what: str) -> str:
    if kind not in FORMATS:
        hint = f"{what} {kind!r} is unknown{nearest(kind, FORMATS)}" if kind else f"{what} is missing"
        raise PrintError(f"{hint}; known: {', '.join(FORMATS)}")
    return kind
