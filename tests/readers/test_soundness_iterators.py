"""Iterators, generators, views, remembered results and defaults: each text is right, as CPython says, or refused."""

from __future__ import annotations

import pytest

from tests.support import needs
from tests.support.programs import Program, judged
from tests.support.soundness_iterators import KINDS
from tests.support.soundness_texts import Kind

W = [[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]]

CASES = [
    pytest.param(kind, library, text, id=f"{kind.name}-{library}-{k}")
    for kind in KINDS
    for k, (library, text) in enumerate(kind.texts())
]


@pytest.mark.parametrize(("kind", "library", "text"), CASES)
def test_a_text_is_read_right_or_refused(kind: Kind, library: str, text: str) -> None:
    if library == "torch":
        needs.package("torch")
    verdict = judged(Program(library, {"W": W}, (text,)))
    assert verdict.kind in ({"right"} if kind.must_read else {"right", "refused"}), f"{verdict}\n{text}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_has_several_spellings(kind: Kind) -> None:
    assert len(kind.texts()) >= 4
