"""Small texts of the kinds that a reader misreads in silence, each kind in several spellings.

Every text stands below the leaf ``W`` of two rows and three columns and ends in ``loss``; texts are separated by an
empty line. ``$np`` is the library, and such a text is meant in both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of text: whether it must be read and not only be right or refused, and its texts by library."""

    name: str
    must_read: bool
    both: str = ""
    numpy: str = ""
    torch: str = ""

    def texts(self) -> list[tuple[str, str]]:
        """Return every text with its library."""
        made = [(library, text.replace("$np", short)) for library, short in SHORT.items() for text in split(self.both)]
        return made + [("numpy", text) for text in split(self.numpy)] + [("torch", text) for text in split(self.torch)]


SHORT = {"numpy": "np", "torch": "torch"}


def split(text: str) -> list[str]:
    return [part.strip("\n") + "\n" for part in text.split("\n\n") if part.strip()]
