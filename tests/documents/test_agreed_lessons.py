"""Lessons on networks of several kinds as whole texts: what a page says, in words and formulas, is agreed line by line."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

import symback as sb
from symback.documents.document import Document
from symback.documents.formats import latex, text
from symback.documents.lesson import Plan, lesson
from tests.support.places import CORPUS

NAMES = [path.stem for path in sorted((CORPUS / "lessons").glob("*.py"))]
KOREAN = ["attention_head", "cnn_tiny", "korean_names", "rnn_three_steps"]
LATEX = ["attention_head", "rnn_three_steps"]


@cache
def derived(name: str) -> sb.Derivation:
    source = (CORPUS / "lessons" / f"{name}.py").read_text(encoding="utf-8")
    return sb.derive(sb.parse(source))


@cache
def written(name: str, language: str = "en") -> Document:
    return lesson(derived(name).record, Plan(language=language))


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"lessons/{name}.en.txt", text.render(written(name)))


@pytest.mark.parametrize("name", KOREAN)
def test_a_lesson_in_korean_is_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"lessons/{name}.ko.txt", text.render(written(name, "ko")))


@pytest.mark.parametrize("name", LATEX)
def test_a_lesson_in_latex_is_as_agreed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"lessons/{name}.en.tex", latex.render(written(name)))
