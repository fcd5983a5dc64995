"""Unicode text: headings, sentences, and one formula per line."""

from __future__ import annotations

from collections.abc import Sequence

from symback.display import to_text
from symback.views import Section, sentence_text


def page(sections: Sequence[Section]) -> str:
    """Return a whole derivation as Unicode text."""
    lines: list[str] = []
    for section in sections:
        if lines:
            lines.append("")
        if section.title:
            lines.append(section.title)
        for display in section.displays:
            lines.extend(f"  {sentence_text(words)}" for words in display.words)
            lines.extend("  " + _joined([to_text(cell) for cell in row]) for row in display.rows)
    return "\n".join(lines) + "\n"


def _joined(cells: Sequence[str]) -> str:
    """Return left and right sides joined by one space, equations that share a line by three."""
    pairs = [" ".join(c.strip() for c in cells[k : k + 2] if c.strip()) for k in range(0, len(cells), 2)]
    return "   ".join(p for p in pairs if p)
