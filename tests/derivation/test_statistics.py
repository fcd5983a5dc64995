"""Statistics on the paths of a gradient: what vanishes by their definitions, and a derivative without their adjoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.forms import Form, apply, substitute
from symback.derivation import closed, record
from symback.derivation.closed import past_statistics
from symback.derivation.collecting import Collector
from symback.derivation.leading import numbers_lead

LAYER = """
a = x @ W
mu = a.mean(axis=-1, keepdims=True)
sigma = np.sqrt(((a - mu)**2).mean(axis=-1, keepdims=True) + eps)
a_hat = (a - mu) / sigma
loss = np.sum(a_hat**3)
"""
BATCH = """
a = x @ W
mu = a.mean(axis=0)
var = a.var(axis=0)
a_hat = (a - mu) / np.sqrt(var + eps)
loss = np.sum(a_hat**3)
"""
NOT_CENTERED = LAYER.replace("a - mu)**2", "a - 2 * mu)**2")
SUMS = """
E = (x @ W)**2 + 1.0
s = E.sum(axis=1, keepdims=True)
P = E / s
loss = np.sum(P**3)
"""
SHAPES = {"x": (5, 3), "W": (3, 4), "eps": ()}


def _derived(text: str) -> sb.Derivation:
    return sb.derive(sb.parse(text, shapes={k: v for k, v in SHAPES.items() if k in text}, wrt=["W"]))


def _values(text: str) -> dict[str, Any]:
    generator = np.random.default_rng(1)
    known = {k: generator.uniform(-1, 1, shape) if shape else 0.3 for k, shape in SHAPES.items()}
    return {k: v for k, v in known.items() if k in text}


def _differences(text: str, values: dict[str, Any], step: float = 1e-6) -> Any:
    def loss(W: Any) -> float:
        scope = {"np": np, **values, "W": W}
        exec(text, scope)
        return float(scope["loss"])

    found = np.zeros(SHAPES["W"])
    for place in np.ndindex(*SHAPES["W"]):
        moved = np.zeros(SHAPES["W"])
        moved[place] = step
        found[place] = (loss(values["W"] + moved) - loss(values["W"] - moved)) / (2 * step)
    return found


@pytest.mark.parametrize(("text", "through"), [(LAYER, "v"), (BATCH, "var"), (NOT_CENTERED, None), (SUMS, None)])
def test_a_path_that_adds_nothing_is_left_out_with_its_reason(text: str, through: str | None) -> None:
    derived = _derived(text)
    gone = [v for step in derived.steps for v in step.vanishing]
    assert [v.contribution.through for v in gone] == ([] if through is None else [through])
    page = derived.text()
    assert ("adds nothing" in page) == (through is not None)
    if through is not None:
        assert through not in derived.step("mu").through and "by the definition of μ" in page
        assert len(derived.step("mu").literal) == 2
    values = _values(text)
    _, gradients = derived.lambdify()(**values)
    np.testing.assert_allclose(gradients["W"], _differences(text, values), rtol=1e-6, atol=1e-8)


def test_nothing_is_left_out_without_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "equal_with", lambda *_: False)
    assert not any(step.vanishing for step in _derived(LAYER).steps)
    monkeypatch.undo()
    monkeypatch.setattr(Collector, "terms", lambda self, form: (self.sums.setdefault(form, 0), ())[1])
    assert not any(step.vanishing for step in _derived(NOT_CENTERED).steps)


@pytest.mark.parametrize(
    ("text", "of", "printed"),
    [
        (LAYER, "a", "(1/σᵢ)(∂L/∂âᵢⱼ − ¼ âᵢⱼ Σₖ ∂L/∂âᵢₖ âᵢₖ − ¼ Σₖ ∂L/∂âᵢₖ)"),
        (BATCH, "a", "(1/√(varⱼ + ϵ))(∂L/∂âᵢⱼ − ⅕ âᵢⱼ Σₖ ∂L/∂âₖⱼ âₖⱼ − ⅕ Σₖ ∂L/∂âₖⱼ)"),
        (SUMS, "E", None),
    ],
)
def test_a_normalization_is_said_in_the_adjoint_behind_it(text: str, of: str, printed: str | None) -> None:
    derived = _derived(text)
    found = past_statistics(derived.record, of)
    assert found is not None
    if printed is not None:
        assert f"= {printed}" in derived.text() and printed not in derived.text(numbers=True, values=_values(text))


def test_a_wrong_form_past_statistics_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Collector.top
    monkeypatch.setattr(Collector, "top", lambda self, form: original(self, form) * 1.001)
    assert past_statistics(_derived(LAYER).record, "a") is None


def test_without_statistics_nothing_is_said() -> None:
    derived = _derived("a = np.tanh(x @ W)\nb = a * 2 + a\nloss = np.sum(b**3)")
    assert all(past_statistics(derived.record, step.of) is None for step in derived.steps)


# --- numbers in front -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shapes", "of", "latex"),
    [
        ("L = np.linalg.norm(x)", {"x": ("n",)}, "x", r"\frac{1}{\sqrt{s}} x"),
        ("z = X @ w\nL = np.sum((z - 1)**2)", {"X": ("n", 3), "w": (3,)}, "w", r"2 X^\top(z - 1)"),
        (
            "L = np.linalg.norm(Y - X@U@V.T)**2 + lam*np.linalg.norm(U@V.T)**2",
            {"Y": ("n", "q"), "X": ("n", "p"), "U": ("p", "d"), "V": ("q", "d"), "lam": ()},
            "V",
            r"2(z_2 - Y)^\top z_1 + 2 \lambda z_3^\top U",
        ),
    ],
)
def test_the_numbers_of_a_staged_gradient_stand_in_front(
    text: str, shapes: dict[str, Any], of: str, latex: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived = sb.derive(sb.parse(text, shapes=shapes, wrt=[of]))
    assert derived.gradient(of).latex() == latex and numbers_lead(derived.gradient(of))
    again = sb.derive(sb.parse(text, shapes=shapes, wrt=[of]))
    monkeypatch.setattr(closed, "equal_by_definitions", lambda *_: False)
    assert not numbers_lead(again.gradient(of))


WRONG: dict[str, Callable[[Form], Form]] = {
    "a lost number": lambda f: substitute(f, lambda n: n.args[1] if str(n).startswith("2 *") else None),
    "a sign": lambda f: apply("negative", f),
}


@pytest.mark.parametrize("error", WRONG)
def test_a_wrong_collection_is_not_taken(error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Collector.top
    monkeypatch.setattr(Collector, "top", lambda self, form: WRONG[error](original(self, form)))
    derived = sb.derive(sb.parse("z = X @ w\nL = np.sum((z - 1)**2)", shapes={"X": ("n", 3), "w": (3,)}, wrt=["w"]))
    assert not numbers_lead(derived.gradient("w"))
