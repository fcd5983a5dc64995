"""An output format as a record: how it is spelled, which endings of files it has, and what it writes how.

Each file of ``symback.documents.formats`` that is a format ends in one: ``FORMAT = Format("org", …)``. It stands there
written out (texts, tuples, and functions of that file by name), so that formats are listed without loading them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, TypeAlias

from symback.core.errors import PrintError

Writer: TypeAlias = Callable[..., str | bytes]
"""Takes the content, and the options of the format by name."""

KINDS: Mapping[str, str] = {
    "document": "a page",
    "formula": "a formula by itself",
    "source": "source code",
    "text": "lines of text",
    "markdown": "Markdown",
    "rows": "rows of cells",
    "data": "data",
    "picture": "the picture of a network",
    "plot": "a plot",
}
"""What can be written: a ``Document``, displays, a text, a text in lines, Markdown, rows of texts, plain data for JSON,
a ``Picture``, a ``Plot``."""


@dataclass(frozen=True)
class Format:
    """One output format.

    ``name`` is how it is spelled everywhere, ``title`` what it is in a few words; ``writers`` has a function for each
    kind of content (keys of ``KINDS``) that the format can hold. ``endings`` are those of its files, without a dot;
    ``aliases`` other names that are understood. ``comment`` begins a line that may stand above the page, None where
    none may. ``together`` returns a document as several files where its pictures lie beside it.
    """

    name: str
    title: str
    writers: Mapping[str, Writer]
    endings: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    comment: str | None = None
    together: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        unknown = self.writers.keys() - KINDS.keys()
        if unknown or not self.writers:
            raise PrintError(f"the format {self.name} writes {', '.join(sorted(unknown)) or 'nothing'}: no such kind")

    def takes(self, kind: str, option: str) -> bool:
        """Say whether an option is one of the format's, for a kind of content."""
        return option in tuple(signature(self.writers[kind]).parameters)[1:]

    def write(self, kind: str, content: Any, **options: Any) -> str | bytes:
        """Return content in this format; raises PrintError for an option that the format does not have."""
        self._check(kind, options)
        return self.writers[kind](content, **options)

    def files(self, document: Any, path: Path, **options: Any) -> list[tuple[Path, str | bytes]]:
        """Return a document as files with their content, the page last; options are those of ``write``."""
        if self.together is None:
            return [(path, self.write("document", document, **options))]
        self._check("document", options)
        return list(self.together(document, path, **options))

    def _check(self, kind: str, options: Iterable[str]) -> None:
        for name in options:
            if not self.takes(kind, name):
                raise PrintError(f"{name} is no option of the format {self.name}")
