"""Walks over everything that is written: every page in a browser at four widths, every document by every engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from symback.documents.document import Heading
from symback.documents.formats import engines, pdf
from symback.documents.formats.html import render
from symback.documents.lesson import LEVELS
from symback.page.words import languages, words
from tests.support import needs
from tests.support.browser import measured, overflowing
from tests.support.campaigns import campaign
from tests.support.lessons import LESSONS, made
from tests.support.pdf_text import compact, text_of
from tests.support.real_pages import document, pages

WIDTHS = (390, 768, 1280)
NARROW = 320
"""A width at which a formula may scroll in its own place; the page may not."""

AT_ONCE = 8
"""Pages that one start of the browser opens."""

T = TypeVar("T")


def spread(things: Sequence[T], count: int) -> list[T]:
    """Return so many of some things, evenly from the first to the last, or all where there are fewer.

    >>> spread("abcde", 3)
    ['a', 'c', 'e']
    """
    if count >= len(things):
        return list(things)
    return [things[k * (len(things) - 1) // max(count - 1, 1)] for k in range(count)]


@campaign(3, 1_000)
def test_nothing_stands_out_of_a_page_in_a_browser(count: int, tmp_path: Path) -> None:
    needs.engine("chromium")
    lessons = [(name, language, level) for name in LESSONS for language in languages() for level in LEVELS]
    chosen = [
        *((f"page-{name.replace(' ', '-')}", document(name)) for name in spread(list(pages()), count)),
        *((f"lesson-{'-'.join(which)}", made(*which)) for which in spread(lessons, count)),
    ]
    seen = 0
    for k in range(0, len(chosen), AT_ONCE):
        folder = tmp_path / str(k)
        folder.mkdir()
        found = measured({name: render(d) for name, d in chosen[k : k + AT_ONCE]}, (NARROW, *WIDTHS), folder)
        for (name, width), result in found.items():
            standing_out = overflowing(result) if width != NARROW else overflowing({**result, "boxes": []})
            assert standing_out == [], (name, width)
        assert all(result["boxes"] and result["fonts"] == ["symback math loaded"] for result in found.values())
        seen += len(found)
    assert seen == len(chosen) * (1 + len(WIDTHS)) >= 24


@campaign(1, 1_000)
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", engines.NAMES)
def test_every_engine_sets_every_lesson(name: str, language: str, count: int, tmp_path: Path) -> None:
    needs.engine(name, language)
    for lesson in spread(LESSONS, count):
        page = made(lesson, language, "full")
        text = text_of(pdf.render(page, name), tmp_path, "-raw")
        for key in ("backward", "update"):
            assert compact(words(language)[key]) in text, (lesson, key)
        headings = [block.text for block in page.blocks if isinstance(block, Heading)]
        spoken = ["".join(map(str, said)) for said in headings if all(isinstance(part, str) for part in said)]
        assert len(spoken) >= 4  # the network, the loss, backward pass, update; a forward pass where there is one
        for said in spoken:
            assert compact(said) in text, (lesson, said)
