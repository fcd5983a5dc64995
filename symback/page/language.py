"""A natural language as a record: its sentences, and what its letters need where a page is set.

Each file of ``symback.page.words`` ends in one: ``LANGUAGE = Language(…)``. Its code is the name of the file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Needed:
    """The files of TeX that some letters need in one TeX, and how they are installed."""

    files: tuple[str, ...]
    install: str


@dataclass(frozen=True)
class Script:
    """Letters that not every font has, and what sets them on a page.

    ``letters`` are the beginnings of the Unicode names of its own letters, ``shared`` those of letters of other scripts
    that are set with it. ``families`` are fonts with these letters, best first, of Linux, macOS and Windows; HTML pages
    and pictures ask for ``page_families``, code there for ``typewriter_families`` as well. ``install`` says how a font
    is installed.

    ``latex`` are lines of a preamble that every TeX understands, and ``tex`` says what they need in each of them;
    ``debian`` is the package that brings them to a TeX of Debian.
    """

    letters: tuple[str, ...]
    shared: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    page_families: tuple[str, ...] = ()
    typewriter_families: tuple[str, ...] = ()
    install: str = ""
    latex: tuple[str, ...] = ()
    tex: Mapping[str, Needed] = field(default_factory=dict)
    debian: str = ""
    line_height: float | None = None
    """Of the lines of an HTML page; None for that of other pages."""
    whole_words: bool = False
    """True where a line breaks between words, although it could between letters."""

    def holds(self, text: str) -> bool:
        """Say whether a text has a letter of this script."""
        return any(_is_named(char, self.letters) for char in set(text))

    def sets(self, char: str) -> bool:
        """Say whether what sets this script sets a letter."""
        return _is_named(char, self.letters) or _is_named(char, self.shared)


def _is_named(char: str, beginnings: tuple[str, ...]) -> bool:
    return ord(char) > 127 and unicodedata.name(char, "").startswith(beginnings)


@dataclass(frozen=True)
class Language:
    """A natural language: its own name, its English name, its sentences by key, and its letters.

    What a row of the tables says stands under ``remark.NAME``. ``titles`` are the titles of rows by their names, for
    those that are words and not names; a row holds its English title itself. ``messages`` are what readers and errors say,
    by their own sentences, and ``phrases`` what stands in places of them; ``between`` stands between sentences in a row.
    ``capitals`` is False where a sentence keeps the letter
    it begins with; ``full_stop`` ends it. ``script`` is None for letters that every font has.
    """

    name: str
    english: str
    words: Mapping[str, str]
    capitals: bool = True
    full_stop: str = "."
    script: Script | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    phrases: Mapping[str, str] = field(default_factory=dict)
    between: str = "; "

    def sentence(self, text: str) -> str:
        """Return words as a sentence: with a capital letter where the language has them, and a full stop."""
        text = text.strip()
        first = text[:1].upper() if self.capitals else text[:1]
        return f"{first}{text[1:].rstrip(self.full_stop)}{self.full_stop}" if text else ""
