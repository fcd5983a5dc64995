"""What a view makes: displays of formulas with sentences between them, in sections under headings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from string import Formatter
from typing import TypeAlias

from symback.core.display import COMMA, Node, row, to_text, width

_LINE = 38.0
"""Equations share a line up to this width, in em; a page of A4 holds about 44."""

Sentence: TypeAlias = "tuple[str | Node, ...]"
"""Words with formulas between them."""


def sentence(template: str, **parts: str | Node) -> Sentence:
    """Return a sentence from its template; formulas stay formulas.

    >>> from symback.core.display import Symbol
    >>> sentence("Used: {name}.", name=Symbol("y", "y"))
    ('Used: ', Symbol(latex='y', text='y'), '.')
    """
    found: list[str | Node] = []
    for text, key, _, _ in Formatter().parse(template):
        if text:
            found.append(text)
        if key is not None:
            found.append(parts[key])
    return tuple(found)


def without_echo(text: Sentence) -> Sentence:
    """Return a sentence without a name that only repeats the words before it, as 정답 in "the 정답 정답" of a Korean page.

    >>> from symback.core.display import Symbol
    >>> without_echo(sentence("from the target {target}.", target=Symbol("target", "target")))
    ('from the target', '.')
    """
    found: list[str | Node] = []
    for part in text:
        before = found[-1] if found else ""
        if not isinstance(part, str) and isinstance(before, str):
            word = to_text(part)
            if len(word) > 1 and word in before.split()[-2:]:
                found[-1] = before.rstrip()
                continue
        found.append(part)
    return tuple(found)


def sentence_text(words_and_formulas: Sentence) -> str:
    """Return a sentence as Unicode text."""
    return "".join(p if isinstance(p, str) else to_text(p) for p in words_and_formulas)


@dataclass(frozen=True)
class Display:
    """One step on the page: aligned ``rows`` of cells, what they are ``of``, and sentences that go before."""

    rows: tuple[tuple[Node, ...], ...]
    of: tuple[str, ...] = ()
    words: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the derivation with its heading."""

    key: str
    title: str
    displays: tuple[Display, ...]


@dataclass(frozen=True)
class Meaning:
    """What a symbol stands for: its name in the network, the meaning in words, the shape; ``error`` for a δ."""

    name: str
    symbol: Node
    words: str
    shape: Node
    error: bool = False


def side_by_side(cells: Sequence[tuple[str, tuple[Node, Node]]], stacked: bool = False) -> Display:
    """Return equations on one line where they fit, else one below the other."""
    of = tuple(name for name, _ in cells)
    total = sum(width(left) + width(right) + 2.0 for _, (left, right) in cells)
    if stacked or (total > _LINE and len(cells) > 1):
        return Display(tuple(pair for _, pair in cells), of)
    line: list[Node] = []
    for position, (_, (left, right)) in enumerate(cells):
        line += [left, right if position == len(cells) - 1 else row(right, COMMA)]
    return Display((tuple(line),), of)


def once(displays: Iterable[Display]) -> list[Display]:
    """Return the displays, each sentence only before the first one that needs it."""
    said: dict[Sentence, None] = {}
    found = []
    for display in displays:
        found.append(replace(display, words=tuple(s for s in display.words if s not in said)))
        said.update(dict.fromkeys(display.words))
    return found
