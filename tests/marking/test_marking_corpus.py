"""Every wrong gradient of the corpus is found and no right one is marked; the texts themselves say which is which."""

from __future__ import annotations

import re

import numpy as np
import pytest

from symback.marking import check_text
from tests.support.marking_corpus import FORWARDS, RIGHT, WRONG, Wrong, text_of, wrong_text


def run(text: str, moved: tuple[str, tuple[int, ...], float] | None = None) -> dict[str, object]:
    """Run a text of the corpus, one entry of one parameter moved after it is first assigned."""
    lines = text.splitlines()
    space: dict[str, object] = {}
    if moved is not None:
        name, index, step = moved
        place = next(k for k, line in enumerate(lines) if line.startswith(f"{name} = "))
        shift = f"{name} = {name} + 0.0\n{name}[{index!r}] += {step!r}" if index else f"{name} = {name} + {step!r}"
        lines.insert(place + 1, shift)
    exec("\n".join(lines), space)
    return space


def variable_of(gradient: str) -> str:
    return re.sub(r"^(d_|grad_|d(?=[A-Za-z]))", "", gradient.replace("delta", "dz"))


def truth(text: str) -> dict[str, bool]:
    """Return, for the gradients of leaves, whether central differences of the text's own loss agree."""
    forward = text.split("\n\n", 1)[0] + "\n"
    base = run(text)
    found = {}
    for gradient in dict.fromkeys(
        re.findall(r"^\s*(d\w+|grad_\w+|delta\d) (?:\+|-)?= ", text.split("\n\n", 1)[1], re.MULTILINE)
    ):
        leaf = variable_of(gradient)
        if not re.search(rf"^{re.escape(leaf)} = (np\.array|-?\d)", forward, re.MULTILINE):
            continue
        value = np.asarray(run(forward)[leaf], dtype=float)
        claimed = np.asarray(base[gradient], dtype=float)
        if claimed.shape != value.shape:
            found[gradient] = False
            continue
        wanted = np.zeros_like(value)
        for index in np.ndindex(*value.shape):
            ends = [float(run(forward, (leaf, index, step))["loss"]) for step in (1e-5, -1e-5)]  # type: ignore[arg-type]
            wanted[index] = (ends[0] - ends[1]) / 2e-5
        found[gradient] = bool(np.allclose(claimed, wanted, rtol=2e-6, atol=1e-9))
    return found


def identifier(case: Wrong) -> str:
    return f"{case.base}-{case.slip}-{case.blamed}"


def test_the_corpus_is_large_enough() -> None:
    assert len(WRONG) >= 60 and len(RIGHT) >= 30
    assert len({case.slip for case in WRONG}) >= 12
    assert {
        "row",
        "column",
        "torch",
        "softmax",
        "batchnorm",
        "layernorm",
        "conv",
        "rnn",
        "attention",
        "residual",
    } <= set(FORWARDS)


@pytest.mark.parametrize("base", FORWARDS)
def test_the_forward_passes_have_right_gradients(base: str) -> None:
    text = text_of(base)
    found = truth(text)
    assert found and all(found.values()), found
    report = check_text(text)
    assert report.ok, str(report)
    assert all(v.status == "agrees" for v in report.verdicts.values())


@pytest.mark.parametrize("name", RIGHT)
def test_right_ones_in_unusual_forms_pass(name: str) -> None:
    text = text_of(*RIGHT[name])
    found = truth(text)
    assert found and all(found.values()), found
    report = check_text(text)
    assert report.ok, str(report)


@pytest.mark.parametrize("case", WRONG, ids=identifier)
def test_wrong_ones_are_found(case: Wrong) -> None:
    text = wrong_text(case)
    report = check_text(text)
    assert not report.ok, str(report)
    verdict = report.verdicts[case.blamed]
    assert verdict.status in ("wrong", "shape", "crash"), str(report)
    line = next(k for k, written in enumerate(text.splitlines(), start=1) if written == case.new.splitlines()[-1])
    assert verdict.line is not None and abs(verdict.line - line) <= 1, (verdict.line, line)
    for gradient, right in _safely(lambda: truth(text)).items():
        found = report.verdicts[gradient]
        # a wrong formula can give the right number at the numbers of the text
        assert (found.status == "agrees") == right or (right and found.only == "this point"), (gradient, str(report))


def _safely(work: object) -> dict[str, bool]:
    try:
        return work()  # type: ignore[operator, no-any-return]
    except ValueError:  # shapes that do not fit: the text cannot be run to its end
        return {}


def test_slips_are_named_right_in_nine_of_ten() -> None:
    named = []
    for case in WRONG:
        verdict = check_text(wrong_text(case)).verdicts[case.blamed]
        named.append((identifier(case), verdict.slip, verdict.slip == case.slip))
    missed = [entry for entry in named if not entry[2]]
    assert len(missed) <= len(WRONG) // 10, missed


def test_forward_and_backward_as_two_texts_of_lines() -> None:
    import symback as sb

    forward = "z = x @ W + b\na = 1 / (1 + np.exp(-z))\nL = np.mean((a - y)**2)\n"
    backward = "da = 2 * (a - y) / a.size\ndz = da * a * (1 - a)\ndW = x.T @ dz\ndb = dz.sum(axis=0)\n"
    shapes = {"x": (4, 3), "W": (3, 2), "b": (2,), "y": (4, 2)}
    assert sb.check_backward(forward, backward, shapes=shapes).ok
    report = sb.check_backward(forward, backward.replace(" / a.size", ""), shapes=shapes)
    assert (report.verdicts["da"].slip, report.verdicts["da"].line) == ("missing_mean", 1)
    assert not sb.check_backward(forward, backward.replace("x.T", "(-x).T"), shapes=shapes).verdicts["W"].ok
