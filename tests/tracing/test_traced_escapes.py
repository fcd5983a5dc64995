"""Values that leave the record: followed or refused, never silently wrong, without a second run."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest

import symback as sb
from symback.tracer.files import Request, traced
from tests.tracing.escapes import ESCAPES, LEGIT, Escape, derivative, script

STEP = "W -= 0.1 * np.ones_like(W)\n"


def outcome(escape: Escape, second: bool, step: bool, folder: Path) -> str:
    """Return ``refused``, ``right`` or what is wrong with the gradient of an escape; with a step the code updates W."""
    text = script(escape, second)
    assert text.count(STEP) == 1
    path = folder / f"{escape.name}_{second}_{step}.py"
    path.write_text(text if step else text.replace(STEP, ""), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            net = traced(Request(str(path)))
        if "W" not in net.variables or net.variables["W"].role != "parameter":
            return f"the parameters are {net.choices[2]}"
        found = sb.derive(net, wrt=["W"]).evaluate().gradients["W"]
    except sb.SymbackError:
        return "refused"
    wanted = derivative(escape, second)
    return "right" if np.allclose(found, wanted, rtol=1e-6, atol=1e-8) else f"{found} instead of {wanted}"


@pytest.mark.parametrize("step", [True, False], ids=["updated", "only spelled"])
@pytest.mark.parametrize("escape", ESCAPES, ids=lambda e: e.name)
def test_what_leaves_the_record_is_followed_or_refused(escape: Escape, step: bool, tmp_path: Path) -> None:
    told = {second: outcome(escape, second, step, tmp_path) for second in (False, True)}
    assert set(told.values()) <= {"right", "refused"}, told


def test_much_of_it_is_followed(tmp_path: Path) -> None:
    right = [e.name for e in ESCAPES if outcome(e, True, True, tmp_path) == "right"]
    assert len(right) >= 50
    assert len(set(right) & set(LEGIT)) >= 0.8 * len(LEGIT)
