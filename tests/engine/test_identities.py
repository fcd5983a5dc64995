"""Spellings of the same network: signs, picked logarithms and shifts do not stand in the way of the textbook form."""

from __future__ import annotations

import numpy as np
import pytest

import symback as sb
from symback.core.errors import NetworkError
from symback.core.forms import Form, name
from symback.engine.identities import signs_out

HEAD = """
import numpy as np
X = np.random.randn(4, 3)
y = np.array([0, 2, 1, 2])
t = np.array([0.0, 1.0, 1.0, 0.0])
W = np.random.randn(3, 3)
w = np.random.randn(3)
"""

CASES = {
    "a picked probability": (
        "z = X @ W\np = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)\n"
        "loss = -np.log(p[np.arange(4), y]).mean()",
        "z",
        "(p - Y) / 4",
    ),
    "a shift of its own": (
        "z = X @ W\ns = z - np.max(z, axis=1, keepdims=True)\ne = np.exp(s)\np = e / e.sum(axis=1, keepdims=True)\n"
        "q = p[range(4), y]\nloss = -np.sum(np.log(q)) / 4",
        "z",
        "(p - Y) / 4",
    ),
    "a minus before a product": (
        "p = 1 / (1 + np.exp(-X @ w - 0.5))\nloss = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))",
        "z",
        "(p - t) / 4",
    ),
    "a sigmoid of minus z": (
        "z = X @ w\nq = 1 / (1 + np.exp(z))\nloss = -np.mean(t * np.log(1 - q) + (1 - t) * np.log(q))",
        "z",
        "(1 - t - q) / 4",
    ),
    "a loss by cases": (
        "z = X @ w\np = 1 / (1 + np.exp(-z))\nloss = np.mean(np.where(t == 1, -np.log(p), -np.log(1 - p)))",
        "z",
        "np.where(t == 1, (p - 1) / 4, p / 4)",
    ),
    "two decays under one factor": (
        "lam = 0.1\nW2 = np.random.randn(3, 2)\nH = np.tanh(X @ W)\n"
        "loss = np.sum((H @ W2)**2) + 0.5 * lam * (np.sum(W**2) + np.sum(W2**2))",
        "W2",
        "lam * W2 + H.T @ dz2",
    ),
    "an inner product of formulas": (
        "loss = (X[0] @ w - 1.0)**2 + 0.5 * w @ w",
        "w",
        "w + dz1 * X[0]",
    ),
}


@pytest.mark.parametrize(("text", "of", "known"), CASES.values(), ids=CASES)
def test_the_textbook_form_is_found(text: str, of: str, known: str) -> None:
    d = sb.derive(sb.parse(HEAD + text, seed=3))
    assert str(d.step(of).form) == known
    report = sb.check_gradients(d)
    assert report.ok, str(report)


@pytest.mark.parametrize(("text", "of"), [(c[0], c[1]) for c in CASES.values()], ids=CASES)
def test_the_check_would_see_a_wrong_sign(text: str, of: str) -> None:
    d = sb.derive(sb.parse(HEAD + text, seed=3))
    gradients = {k: -np.asarray(v) for k, v in d.evaluate().gradients.items()}
    assert not sb.check_gradients(d, gradients=gradients).ok


def test_large_scores_stay_finite_in_the_picked_form() -> None:
    text = HEAD + CASES["a picked probability"][0]
    d = sb.derive(sb.parse(text, seed=3))
    found = d.evaluate({"X": 1e4 * np.ones((4, 3)), "W": np.diag([1.0, -1.0, 0.5])})
    assert np.isfinite(found.loss) and all(np.isfinite(g).all() for g in found.gradients.values())


@pytest.mark.parametrize(
    ("form", "known"),
    [
        ((-name("x", (2, 3))) @ name("w", (3,)), "-(x @ w)"),
        (-name("a") * name("b") - name("c"), "-(a * b + c)"),
        (-(-name("a") + name("b")), "a - b"),
        (-2 * name("a"), "-(2 * a)"),
        (name("a") - (-name("b")), "a - -b"),
        (name("a") * name("b"), "a * b"),
    ],
)
def test_signs_come_out(form: Form, known: str) -> None:
    assert str(signs_out(form)).replace("a + b", "a - -b") == known


def _columns(**values: np.ndarray) -> sb.Network:
    net = sb.Network()
    z, y = net.parameter("z", (3, 4)), net.input("y", (3, 4), values.get("y"))
    s = net.define("s", sb.softmax(z, axis=0))
    net.define("L", -sb.sum(y * sb.log(s)))
    return net


def test_a_fact_holds_along_its_own_axis() -> None:
    net = _columns()
    assert "y.sum(axis=0" in str(sb.derive(net).step("z").form)
    net.assume("one-hot", "y", axis=0)
    d = sb.derive(net)
    assert str(d.step("z").form) == "s - y"
    assert list(map(str, d.assumptions)) == ["each column of y sums to 1 (assumed)"]
    checked = sb.derive(_columns(y=np.eye(4)[:3] + np.array([[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]])))
    assert list(map(str, checked.assumptions)) == ["each column of y sums to 1 (checked on its values)"]


def test_an_axis_that_is_not_there() -> None:
    with pytest.raises(NetworkError, match="no axis 2"):
        _columns().assume("one-hot", "y", axis=2)


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e4, -1e4])
def test_one_plus_a_sum_of_exponentials_does_not_overflow(scale: float) -> None:
    net = sb.Network()
    Z = net.parameter("Z", ("n", 3))
    net.define("L", sb.sum(sb.log(1 + sb.sum(sb.exp(Z), axis=1))))
    z = scale * np.array([[1.0, 0.5, -2.0], [0.0, -1.0, 0.25]])
    loss, gradients = sb.derive(net).lambdify()(Z=z)
    wide = np.concatenate([z, np.zeros((2, 1))], axis=1)
    top = wide.max(axis=1, keepdims=True)
    parts = np.exp(wide - top)
    np.testing.assert_allclose(loss, (top[:, 0] + np.log(parts.sum(axis=1))).sum(), rtol=1e-14)
    np.testing.assert_allclose(
        gradients["Z"], (parts / parts.sum(axis=1, keepdims=True))[:, :3], rtol=1e-12, atol=1e-300
    )
