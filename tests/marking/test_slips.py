"""Slips: every wrong backward pass of the corpus is found, blamed on the right line, and named."""

from __future__ import annotations

import pytest

from symback.marking import check_text
from symback.marking.slips import SLIPS
from symback.page.words import languages, words
from tests.corpus.unusual import HIDDEN
from tests.corpus.wrong import WRONG, Wrong
from tests.support.places import CORPUS

AMBIGUOUS = {("embedding", "dE_table")}
"""Found and blamed, but named otherwise: giving rows their last gradient is told as a wrong row."""


def _label(case: Wrong) -> str:
    return f"{case.base}:{case.name}:{case.slip if isinstance(case.slip, str) else case.slip[0]}"


def test_the_corpus_is_large_enough() -> None:
    kinds = {w.slip if isinstance(w.slip, str) else w.slip[0] for w in WRONG}
    assert len(WRONG) >= 60 and len(kinds) >= 12
    assert kinds <= set(SLIPS)


@pytest.mark.parametrize("case", WRONG, ids=[f"{k}-{_label(w)}" for k, w in enumerate(WRONG)])
def test_a_wrong_backward_pass_is_found_and_named(case: Wrong) -> None:
    report = check_text(case.text())
    assert not report.ok
    blamed = [v for v in report.verdicts.values() if not v.ok and v.cause is None]
    verdict = next((v for v in blamed if v.name == case.name), None)
    assert verdict is not None, str(report)
    if case.name in {v.name for v in report.verdicts.values() if v.line == case.line}:
        assert verdict.line == case.line
    if (case.base, case.name) not in AMBIGUOUS or case.slip != "forgotten_path":
        assert verdict.slip in ((case.slip,) if isinstance(case.slip, str) else case.slip), str(report)
    assert verdict.message and verdict.written


@pytest.mark.parametrize("name", HIDDEN)
def test_an_error_that_does_not_show_at_the_values_of_the_code_is_found(name: str) -> None:
    text, gradient, slip = HIDDEN[name]
    report = check_text(text)
    verdict = report.verdicts[gradient]
    assert verdict.status == "wrong", str(report)
    if slip:
        assert verdict.slip == slip, str(report)


def test_an_error_of_one_in_a_hundred_thousand_is_found() -> None:
    text = (CORPUS / "right" / "mlp_rows.py").read_text(encoding="utf-8")
    assert check_text(text).ok
    assert check_text(text.replace("da2 = 2 * (a2", "da2 = 2.00000001 * (a2")).ok
    small = check_text(text.replace("da2 = 2 * (a2", "da2 = 2.00002 * (a2"))
    assert [v.name for v in small.verdicts.values() if not v.ok and v.cause is None] == ["da2"]


def test_only_the_first_wrong_factor_is_blamed() -> None:
    text = (CORPUS / "right" / "mlp_rows.py").read_text(encoding="utf-8")
    report = check_text(text.replace("dz1 = da1 * sigmoid_prime(z1)", "dz1 = da1 * sigmoid_prime(a1)"))
    states = {v.name: (v.status, v.cause) for v in report.verdicts.values()}
    assert states["dz2"] == states["dW2"] == states["da1"] == ("agrees", None)
    assert states["dz1"] == ("wrong", None)
    assert states["dW1"] == states["db1"] == ("wrong", "dz1")
    blamed = report.verdicts["dz1"]
    assert blamed.slip == "wrong_variable" and blamed.factor == "∂a₁/∂z₁"
    assert "σ′(z₁)" in blamed.right and r"\sigma'(z_1)" in blamed.right_latex
    assert "sigmoid_prime(a1)" in blamed.written


@pytest.mark.parametrize("language", languages())
def test_every_slip_has_its_words(language: str) -> None:
    table = words(language)
    assert {f"mark slip {key}" for key in SLIPS} <= set(table)
