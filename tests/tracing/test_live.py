"""Functions, objects and blocks are traced from Python: what comes out, and that nothing of the caller's is changed."""

from __future__ import annotations

import copy
import math
import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from tests.tracing.differences import gradient

X = np.random.default_rng(3).normal(size=(6, 3))
Y = np.random.default_rng(4).normal(size=(6, 2))
SCALE = np.array([0.5, 2.0, 1.5])


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def two_layers(W1: Any, b1: Any, W2: Any, x: Any, t: Any) -> Any:
    a = sigmoid(x @ W1 + b1)
    out = a @ W2
    return np.mean((out - t) ** 2)


def with_borders(w: Any, x: Any) -> Any:
    total = 0.0
    for row in np.asarray(x):
        total += math.exp(-float(np.dot(row, np.array(w)))) ** 2
    return total / len(x)


def in_place(w: Any, x: Any) -> Any:
    z = x * w
    z[z < 0] *= 0.1
    z += 1.0
    np.multiply(z, 2.0, out=z)
    return z.sum()


def of_globals(w: Any) -> Any:
    shifted = SCALE * SCALE
    return np.sum(shifted * w**3)


def of_lists(w: Any) -> Any:
    parts = [np.sin(w[k]) * w[k + 1] for k in range(len(w) - 1)]
    return np.stack(parts).sum() + sum(v * v for v in w.tolist())


def branching(w: Any) -> Any:
    return np.sum(w**2) if w[0] > 0 else np.sum(w**3)


CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], str]] = {
    "two layers": (two_layers, (np.full((3, 4), 0.3), np.zeros(4), np.full((4, 2), -0.2), X, Y), "W1"),
    "borders": (with_borders, (np.array([0.3, -0.2, 0.5]), X), "w"),
    "in place": (in_place, (np.array([0.3, -0.2, 0.5]), X), "w"),
    "globals": (of_globals, (np.array([0.3, -0.2, 0.5]),), "w"),
    "lists": (of_lists, (np.array([0.3, -0.2, 0.5, 1.0]),), "w"),
    "a branch": (branching, (np.array([0.3, -0.2]),), "w"),
    "the other branch": (branching, (np.array([-0.3, -0.2]),), "w"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_traced_function_has_the_gradient_of_its_differences(name: str) -> None:
    f, args, wrt = CASES[name]
    net = sb.trace(f, *args, wrt=[wrt])
    found = sb.derive(net).evaluate()
    assert found.loss == pytest.approx(float(f(*args)), rel=1e-12)
    wanted = gradient(lambda w: f(w, *args[1:]), args[0])
    np.testing.assert_allclose(found.gradients[wrt], wanted, rtol=1e-6, atol=1e-9)


def test_the_page_has_the_names_of_the_function() -> None:
    net = sb.trace(two_layers, *CASES["two layers"][1])
    assert str(net) == "Network(a = 1 / (1 + np.exp(-(x @ W1 + b1))); out = a @ W2; two_layers = ((out - t)**2).mean())"
    assert net.choices[0] == "traced: one call of two_layers"
    assert "a₁ = σ(" in str(sb.derive(net)) or "σ" in sb.derive(net).latex() or r"\sigma" in sb.derive(net).latex()


class Net:
    """Two layers that keep what they computed, and can take a step."""

    def __init__(self) -> None:
        draw = np.random.default_rng(0)
        self.W = draw.normal(size=(3, 2))
        self.b = np.zeros(2)
        self.layers = {"scale": np.array([1.0, 2.0])}
        self.rate = 0.1
        self.calls = 0
        self.out: Any = None

    def loss(self, x: Any, t: Any) -> Any:
        self.calls += 1
        self.out = np.tanh(x @ self.W + self.b) * self.layers["scale"]
        return np.mean((self.out - t) ** 2)

    def step(self, x: Any, t: Any) -> Any:
        loss = self.loss(x, t)
        error = 2 * (self.out - t) / t.size * self.layers["scale"] * (1 - (self.out / self.layers["scale"]) ** 2)
        self.W -= self.rate * x.T @ error
        self.b = self.b - self.rate * error.sum(axis=0)
        return loss


def plain_everywhere(value: Any) -> bool:
    """Return whether an object holds arrays and numbers of NumPy's and Python's own types only."""
    if isinstance(value, dict):
        return all(map(plain_everywhere, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(plain_everywhere, value))
    return type(value) in (np.ndarray, np.float64, float, int, str, type(None))


def test_an_object_is_traced_and_is_afterwards_as_after_one_call() -> None:
    net, twin = Net(), Net()
    before = net.W, net.layers["scale"]
    found = sb.trace(net.loss, X, Y)
    twin.loss(X, Y)
    assert {v.name for v in found.variables.values() if v.role == "parameter"} >= {"W", "b"}
    assert (net.W is before[0], net.layers["scale"] is before[1], net.calls) == (True, True, 1)
    assert plain_everywhere(vars(net))
    np.testing.assert_array_equal(net.out, twin.out)
    gradients = sb.derive(found).evaluate().gradients
    for name in ("W", "b"):
        value = getattr(net, name)
        wanted = gradient(lambda w, name=name: _with(net, name, w).loss(X, Y), value)
        np.testing.assert_allclose(gradients[name], wanted, rtol=1e-6, atol=1e-9)


def _with(net: Net, name: str, value: Any) -> Net:
    made = copy.deepcopy(net)
    setattr(made, name, value)
    return made


def test_a_step_is_taken_once_and_its_parameters_are_what_it_changed() -> None:
    net, twin = Net(), Net()
    found = sb.trace(net.step, X, Y)
    twin.step(X, Y)
    assert {v.name for v in found.variables.values() if v.role == "parameter"} == {"W", "b"}
    np.testing.assert_array_equal(net.W, twin.W)
    np.testing.assert_array_equal(net.b, twin.b)
    assert net.calls == 1 and plain_everywhere(vars(net))


def test_random_numbers_go_on_as_after_one_call() -> None:
    def noisy(w: Any) -> Any:
        return np.sum(w**2 * np.random.rand(3)) + w[0] * random.random()

    np.random.seed(1)
    random.seed(1)
    first = float(noisy(np.ones(3)))
    state = np.random.rand(), random.random()
    np.random.seed(1)
    random.seed(1)
    net = sb.trace(noisy, np.ones(3))
    assert sb.derive(net).evaluate().loss == pytest.approx(first, rel=1e-12)
    assert (np.random.rand(), random.random()) == state


def test_arguments_are_left_as_they_are() -> None:
    w, x = np.array([0.3, -0.2, 0.5]), X.copy()
    kept = w.copy(), x.copy()
    sb.trace(in_place, w, x)
    np.testing.assert_array_equal(w, kept[0])
    np.testing.assert_array_equal(x, kept[1])
    assert type(w) is np.ndarray


def test_a_value_that_leaves_and_comes_back_is_found_by_the_second_call() -> None:
    def hidden(w: Any) -> Any:
        twin = pickle.loads(pickle.dumps(w))
        return np.sum(twin**3) + np.sum(w)

    with pytest.raises(sb.ReadError, match="leaves the log and comes back"):
        sb.trace(hidden, np.array([1.0, 2.0]))
    with pytest.raises(sb.ReadError, match="pickle"):
        sb.trace(hidden, np.array([1.0, 2.0]), verify=False)


def test_what_a_function_raises_is_raised() -> None:
    def broken(w: Any) -> Any:
        return np.sum(w) / [0][1]

    with pytest.raises(IndexError):
        sb.trace(broken, np.ones(2))
    assert type(np.ones(2) + 1) is np.ndarray
    assert sb.derive(sb.trace(branching, np.ones(2))).evaluate().loss == 2.0


def test_a_branch_that_a_value_decides_is_told() -> None:
    def kinked(w: Any, x: Any) -> Any:
        z = x @ w
        if z[0] > 0:
            return np.sum(w**2)
        return np.sum(w**3)

    net = sb.trace(kinked, np.array([0.5, 1.0]), np.ones((2, 2)), wrt="w")
    assert [f.message for f in net.findings] == [
        "this way was taken because of a part of an array: 1.5 > 0; the formulas hold as long as it is so"
    ]


def test_the_trace_of_a_matrix_is_still_the_sum_of_its_diagonal() -> None:
    assert sb.trace(sp.MatrixSymbol("A", 3, 3)) == sp.Trace(sp.MatrixSymbol("A", 3, 3))
    net = sb.Network()
    assert sb.trace(net.input("A", (3, 3))).shape == ()
    with pytest.raises(sb.ReadError, match="neither a function nor an object"):
        sb.trace(np.eye(2))  # type: ignore[call-overload]


def test_a_block_is_traced_and_its_names_are_plain_afterwards() -> None:
    w, x = np.array([0.3, -0.2, 0.5]), X
    scale = 0.5
    with sb.tracing() as tape:
        z = x @ w
        a = sigmoid(z) * scale
        loss = np.sum(a**2)
    net = tape.network(wrt="w")
    assert [e.name for e in net.equations] == ["z", "a", "loss"]
    assert (type(w), type(z), type(loss), type(scale)) == (np.ndarray, np.ndarray, np.float64, float)
    wanted = gradient(lambda v: np.sum((sigmoid(x @ v) * 0.5) ** 2), w)
    np.testing.assert_allclose(sb.derive(net).evaluate().gradients["w"], wanted, rtol=1e-6)


def test_a_differentiated_function_follows_its_branches() -> None:
    f = sb.differentiate(branching)
    value, gradients = f(np.array([2.0, 1.0]))
    assert value == 5.0 and gradients["w"].tolist() == [4.0, 2.0]
    value, gradients = f(np.array([-2.0, 1.0]))
    assert value == -7.0 and gradients["w"].tolist() == [12.0, 3.0]
    first = f.derivation
    f(np.array([-3.0, 1.0]))
    assert f.derivation is first
    assert f.latex("w").startswith(r"\frac{\partial")
    assert "w" in f._repr_markdown_()


def test_a_differentiated_function_is_asked_before_it_was_called() -> None:
    @sb.differentiate(wrt="b")
    def product(a: Any, b: Any) -> Any:
        return np.sum(a * b)

    with pytest.raises(sb.DerivationError, match="before the function is called"):
        product.latex()
    value, gradients = product(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert (value, list(gradients)) == (11.0, ["b"])
    assert gradients["b"].tolist() == [1.0, 2.0]
