"""Whole derivations against central differences of plain code, against torch, and against formulas known by heart."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from symback.api import Derivation, derive
from symback.core.errors import DerivationError, NetworkError, ValueProblem
from symback.core.forms import (
    Apply,
    Form,
    Name,
    SizeOf,
    apply,
    broadcast_to,
    concatenate,
    gather,
    name,
    names_in,
    numpy_text,
    pad,
    reshape,
    size,
    undefined,
    walk,
    where,
    windows,
)
from symback.derivation import record as derivation
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from symback.networks.network import Network
from tests.support import needs
from tests.support.campaigns import campaign, tried
from tests.support.derived_networks import LAYOUTS, SMOOTH, bce, ce, examples, told, two_layers
from tests.support.places import ROOT
from tests.support.plain import SPOKEN, sigmoid, softmax
from tests.support.random_forms import SIZES, Growth
from tests.support.small_networks import differences, exp, log, sqrt

Values = dict[str, Any]


def gradients_of(d: Derivation, values: Mapping[str, Any]) -> tuple[float, Values]:
    return d.lambdify()(**values)


def disagreements(
    have: Mapping[str, Any], want: Mapping[str, Any], scale: float = 1.0, tolerance: float = 1e-6
) -> list[str]:
    """Return what is wrong with gradients, compared with differences."""
    found = []
    for key, value in want.items():
        if np.shape(have[key]) != np.shape(value):
            found.append(f"{key}: shape {np.shape(have[key])}, not {np.shape(value)}")
            continue
        size_of_slope = 1 + np.abs(value).max(initial=0)
        if not np.allclose(have[key], value, rtol=tolerance, atol=0.1 * tolerance * size_of_slope * max(1.0, scale)):
            found.append(f"{key}: {have[key]} against {value}")
    return found


def forms(d: Derivation) -> dict[str, str]:
    return {s.of: str(s.form) for s in d.steps}


# --- random formulas against differences of their own NumPy text --------------------------------------------------------


def spoken(text: str) -> Callable[..., float]:
    code = compile(text, "<loss>", "eval")
    sizes = {str(s): k for s, k in SIZES.items()}
    return lambda **values: float(eval(code, {"np": np, **SPOKEN, **sizes, **values}))


@tried(150, 10_000, st.integers(0, 10**6), st.integers(1, 10))
def test_random_formulas_agree_with_differences(seed: int, steps: int) -> None:
    growth = Growth(seed, smooth=True)
    growth.STEPS = SMOOTH
    form, value = growth.grow(steps)
    growth.environment["w"] = growth.numbers.uniform(0.2, 0.9, np.shape(value))
    loss = (form * name("w", form.shape)).sum()
    leaves = names_in(loss)
    known = {s for leaf in leaves for s in leaf.shape}
    # every size is one that an argument has
    assume(all(isinstance(s, int) or s in known for n in walk(loss) for s in n.shape))
    net = Network()
    for leaf in leaves:
        if leaf.name.startswith("i"):
            net.input(leaf.name, leaf.shape, integer=True)
        else:
            (net.input if leaf.name == "w" else net.parameter)(leaf.name, leaf.shape)
    net.define("L", loss)
    wanted = tuple(k for k, v in net.variables.items() if v.role == "parameter")
    values = {leaf.name: growth.environment[leaf.name] for leaf in leaves}
    assume(wanted and max(np.size(v) for v in values.values()) <= 100)
    run = spoken(numpy_text(loss))
    have, gradients = gradients_of(derive(net), values)
    assert have == pytest.approx(run(**values), rel=1e-9, abs=1e-9)
    assert not disagreements(gradients, differences(run, values, wanted, 1e-5), abs(have))


# --- layers in all layouts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_layout_agrees_with_differences(layout: Any) -> None:
    net, code, values = two_layers(*layout)
    wanted = tuple(k for k in values if k not in "xt")
    d = derive(net)
    loss, gradients = gradients_of(d, values)
    assert loss == pytest.approx(code(**values), rel=1e-12)
    want = differences(code, values, wanted)
    assert not disagreements(gradients, want)
    for key in wanted:
        # the formula itself has the shape of its variable, not only the number
        assert d.gradient(key).shape == net.variables[key].shape


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (
            ("row", "n", (2, 3, 1), "1d"),
            {"W2": "h.T @ dz2", "b2": "dz2.sum(axis=0)", "W1": "x.T @ dz1", "h": "dz2 @ W2.T"},
        ),
        (("row", "n", (2, 3, 1), "2d"), {"b2": "dz2.sum(axis=0, keepdims=True)"}),
        (("row", 1, (2, 3, 1), "2d"), {"b1": "dz1.sum(axis=0, keepdims=True)"}),
        (
            ("column", "n", (2, 3, 1), "2d"),
            {"W2": "dz2 @ h.T", "b2": "dz2.sum(axis=1, keepdims=True)", "h": "W2.T @ dz2"},
        ),
        (("torch", "n", (2, 3, 2), "1d"), {"W2": "dz2.T @ h", "b2": "dz2.sum(axis=0)", "h": "dz2 @ W2"}),
        (("row", None, (2, 3, 2), "1d"), {"W2": "np.outer(h, dz2)", "b2": "dz2", "h": "W2 @ dz2"}),
        (("column", None, (2, 3, 2), "1d"), {"W2": "np.outer(dz2, h)", "b2": "dz2", "h": "dz2 @ W2"}),
    ],
    ids=lambda v: str(v) if isinstance(v, tuple) else "",
)
def test_the_formulas_of_a_layout(layout: Any, expected: dict[str, str]) -> None:
    net, _, _ = two_layers(*layout)
    have = forms(derive(net))
    assert {key: have[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("error", "plant"),
    [
        ("lost transpose", lambda g: {**g, "W1": g["W1"].T}),
        ("missing batch sum", lambda g: {**g, "b1": g["b1"] / 3}),
        ("0.1 percent off", lambda g: {**g, "W2": g["W2"] * 1.001}),
        ("wrong sign", lambda g: {**g, "b2": -g["b2"]}),
        ("wrong shape", lambda g: {**g, "b2": g["b2"][None]}),
    ],
)
def test_the_comparison_sees_a_planted_error(error: str, plant: Callable[[Values], Values]) -> None:
    net, code, values = two_layers("row", 3, (3, 3, 3), "1d")
    want = differences(code, values, ("W1", "b1", "W2", "b2"))
    _, gradients = gradients_of(derive(net), values)
    assert not disagreements(gradients, want)
    assert disagreements(plant(dict(gradients)), want), error


# --- random networks against torch ----------------------------------------------------------------------------------------


def torch_pair(seed: int, torch: Any) -> tuple[Network, dict[str, Any], Any]:
    """Return a random network twice: for symback, and as torch's leaves and loss."""
    draw = random.Random(seed)
    numbers = np.random.default_rng(seed)
    functional = torch.nn.functional
    twin = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "softplus": lambda z: functional.softplus(z, threshold=1e9),  # torch's own is approximate beyond 20
    }
    n = draw.choice([1, 2, 3, 5, "n"])
    rows = 4 if n == "n" else n
    layout = draw.choice(["row", "column", "torch", "row vector", "column vector"])
    depth = draw.choice([1, 2, 3])
    dims = [draw.choice([1, 2, 3, 4]) for _ in range(depth + 1)]
    if draw.random() < 0.3:
        dims = [dims[0]] * (depth + 1)
    net = Network()
    tensors: dict[str, Any] = {}

    def leaf(kind: str, label: str, shape: tuple[Any, ...], actual: tuple[int, ...]) -> Any:
        value = numbers.normal(size=actual)
        tensors[label] = torch.tensor(value, requires_grad=kind == "parameter")
        return getattr(net, kind)(label, shape, None if "n" in shape else value)

    def both(width: int) -> tuple[tuple[Any, ...], tuple[int, ...]]:
        if "vector" in layout:
            return (width,), (width,)
        return ((width, n), (width, rows)) if layout == "column" else ((n, width), (rows, width))

    h, th = leaf("input", "x", *both(dims[0])), tensors["x"]
    inline = draw.random() < 0.4
    for k in range(depth):
        a, b = dims[k], dims[k + 1]
        by_rows = layout in ("row", "row vector")
        W = leaf("parameter", f"W{k}", (a, b) if by_rows else (b, a), (a, b) if by_rows else (b, a))
        tW = tensors[f"W{k}"]
        if by_rows:
            z, tz = h @ W, th @ tW
        elif layout == "torch":
            z, tz = h @ W.T, th @ tW.T
        else:
            z, tz = W @ h, tW @ th
        bias = draw.choice(["none", "1d", "2d"])
        if "vector" in layout and bias == "2d":
            bias = "1d"
        if layout == "column" and bias == "1d":
            bias = "2d"
        if bias != "none":
            shape = (b,) if bias == "1d" else (b, 1) if layout == "column" else (1, b)
            z = z + leaf("parameter", f"b{k}", shape, shape)
            tz = tz + tensors[f"b{k}"]
        if not inline:
            z = net.define(f"z{k}", z)
        act = draw.choice([*twin, "none"])
        after = z if act == "none" else ROWS[act](z)
        tz = tz if act == "none" else twin[act](tz)
        if draw.random() < 0.25 and z.shape == h.shape:
            after, tz = after + h, tz + th
        h = after if inline or after is z else net.define(f"a{k}", after)
        th = tz
    axis = 0 if "column" in layout or layout == "row vector" else 1
    actual = tuple(th.shape)
    loss = draw.choice(["mse", "sum", "bce", "ce", "indices", "decay", "l1", "log"])
    if loss in ("ce", "indices") and actual[axis] < 2:
        loss = "mse"

    def target(value: np.ndarray) -> Any:
        tensors["t"] = torch.tensor(value)
        symbolic = any(not isinstance(s, int) for s in h.shape)
        return net.input("t", h.shape, None if symbolic else value)

    if loss in ("mse", "decay"):
        t = target(numbers.normal(size=actual))
        L, tL = ((h - t) ** 2).mean(), ((th - tensors["t"]) ** 2).mean()
        if loss == "decay":
            L, tL = L + 0.01 * (net["W0"] ** 2).sum() / 2, tL + 0.01 * (tensors["W0"] ** 2).sum() / 2
    elif loss == "sum":
        L, tL = (h**2).sum(), (th**2).sum()
    elif loss == "l1":
        t = target(numbers.normal(size=actual))
        L, tL = ROWS["l1"](h, t), (th - tensors["t"]).abs().mean()
    elif loss == "log":
        L, tL = log(1 + (h**2).sum()), torch.log(1 + (th**2).sum())
    elif loss == "bce":
        t = target(numbers.uniform(size=actual))
        p = ROWS["sigmoid"](h)
        if draw.random() < 0.5 and not inline:
            p = net.define("p", p)
        L, tL = ROWS["bce"](p, t), functional.binary_cross_entropy_with_logits(th, tensors["t"])
    elif loss == "indices" and len(actual) == 2 and axis == 1:
        index = numbers.integers(0, actual[1], size=actual[0])
        tensors["t"] = torch.tensor(index)
        t = net.input("t", (n,), None if n == "n" else index, integer=True)
        L, tL = ROWS["cross_entropy"](h, t), functional.cross_entropy(th, tensors["t"])
    elif loss == "indices":
        s = ROWS["log_softmax"](h, axis=axis)
        ts = torch.log_softmax(th, axis)
        L, tL = (-s[0].mean(), -ts[0].mean()) if axis == 0 else (-s[:, 0].mean(), -ts[:, 0].mean())
    else:
        value = numbers.uniform(size=actual)
        if draw.random() < 0.5:
            value = value / value.sum(axis=axis, keepdims=True)
        t = target(value)
        s = ROWS["softmax"](h, axis=axis)
        if draw.random() < 0.5:
            s = net.define("s", s)
        L, tL = -(t * log(s)).sum(), -(tensors["t"] * torch.log_softmax(th, axis)).sum()
    net.define("L", L)
    return net, tensors, tL


@campaign(160, 4_000)
@pytest.mark.parametrize("part", range(8))
@pytest.mark.parametrize("collapse", [True, False])
def test_random_networks_agree_with_torch(part: int, collapse: bool, count: int) -> None:
    torch = needs.package("torch")
    for seed in range(part, count, 8):
        net, tensors, torch_loss = torch_pair(seed, torch)
        torch_loss.backward()
        d = derive(net, collapse=collapse)
        values = {k: v.detach().numpy() for k, v in tensors.items() if k in d.network.variables}
        loss, gradients = gradients_of(d, values)
        close = 1e-10 if collapse else max(1e-10, literal_error(d, values))
        assert loss == pytest.approx(torch_loss.item(), rel=close, abs=close), seed
        for label, gradient in gradients.items():
            expected = np.zeros(tensors[label].shape) if tensors[label].grad is None else tensors[label].grad.numpy()
            assert np.shape(gradient) == expected.shape, (seed, label)
            np.testing.assert_allclose(gradient, expected, rtol=close, atol=close, err_msg=f"seed {seed}, {label}")


def literal_error(d: Derivation, values: Values) -> float:
    """Return how exact log(1 − p) of the loss can be: p = σ(z) is rounded to 2.2e-16, and so is 1 − p = e⁻ᶻ."""
    *before, loss = d.network.equations
    read = {leaf.name for leaf in names_in(loss.form)}
    found = d.evaluate(values).values
    largest = [
        float(np.max(found[e.name]))
        for e in before
        if e.name in read and isinstance(e.form, Apply) and e.form.op is ROWS["sigmoid"]
    ]
    return max((np.finfo(float).eps / (1 - p) for p in largest), default=0.0)


# --- what other tools get wrong ---------------------------------------------------------------------------------------------


def scalar(build: Callable[..., Form], **values: float) -> tuple[Derivation, float, Values]:
    """Return the derivation of one formula of scalar parameters, its value and its derivatives."""
    net = Network()
    net.define("L", build(*[net.parameter(k) for k in values]))
    d = derive(net)
    return d, *gradients_of(d, values)


def test_weight_decay_is_lambda_times_the_weight() -> None:
    net = Network()
    W, lam = net.parameter("W", (2, 3)), net.input("lam")
    net.define("L", lam / 2 * (W**2).sum())
    value = np.arange(6.0).reshape(2, 3)
    _, gradients = gradients_of(derive(net), {"W": value, "lam": 0.3})
    np.testing.assert_allclose(gradients["W"], 0.3 * value, rtol=1e-15)


def test_log_of_one_plus_a_sum_of_exponentials() -> None:
    net = Network()
    z = net.parameter("z", (3,))
    net.define("L", log(1 + exp(z).sum()))
    at = np.array([0.5, -1.0, 2.0])
    loss, gradients = gradients_of(derive(net), {"z": at})
    assert loss == pytest.approx(np.log(1 + np.exp(at).sum()))
    np.testing.assert_allclose(gradients["z"], np.exp(at) / (1 + np.exp(at).sum()), rtol=1e-14)


def test_log_sum_exp_stays_finite() -> None:
    net = Network()
    z = net.parameter("z", (2, 3))
    net.define("L", log(exp(z).sum(axis=1)).sum())
    at = np.array([[1e4, 0.0, -1e4], [1.0, 2.0, 3.0]])
    loss, gradients = gradients_of(derive(net), {"z": at})
    assert loss == pytest.approx(1e4 + np.log(np.exp(at[1]).sum()))
    np.testing.assert_allclose(gradients["z"], [[1, 0, 0], softmax(at[1])], rtol=1e-14)


def test_a_squared_relu_keeps_its_parentheses() -> None:
    _, loss, gradients = scalar(lambda w: ROWS["relu"](3 * w) ** 2, w=2.0)
    assert loss == 36.0 and gradients["w"] == 36.0
    _, loss, gradients = scalar(lambda w: ROWS["relu"](3 * w) ** 2, w=-2.0)
    assert loss == 0.0 and gradients["w"] == 0.0


def test_a_node_used_twice_adds_its_paths() -> None:
    net = Network()
    x, w = net.input("x"), net.parameter("w")
    h = net.define("h", x * w)
    net.define("L", h * h + h)
    loss, gradients = gradients_of(derive(net), {"x": 2.0, "w": 3.0})
    assert loss == 42.0 and gradients["w"] == 26.0


@pytest.mark.parametrize(
    "build", [lambda z: z * ROWS["sigmoid"](z), lambda z: z / (1 + exp(-z))], ids=["call", "written out"]
)
def test_the_derivative_of_silu(build: Callable[..., Form]) -> None:
    _, _, gradients = scalar(build, z=1.0)
    assert gradients["z"] == pytest.approx(0.9276705118714867, rel=1e-14)


@pytest.mark.parametrize(
    ("build", "slopes"),
    [
        (lambda u: ROWS["relu"](u), [0, 0, 1]),
        (lambda u: ROWS["maximum"](0, u), [0, 0, 1]),
        (lambda u: where(u > 0, u, 0), [0, 0, 1]),
        (abs, [-1, 0, 1]),
        (lambda u: ROWS["clip"](u, -1, 1), [1, 1, 1]),
        (lambda u: ROWS["clip"](u, 0, 1), [0, 1, 1]),
        (lambda u: ROWS["leaky_relu"](u), [0.01, 0.01, 1]),
        (lambda u: ROWS["softplus"](u), [sigmoid(-1.0), 0.5, sigmoid(1.0)]),
        (lambda u: ROWS["maximum"](u, 0) + log(1 + exp(-abs(u))), [sigmoid(-1.0), 0.5, sigmoid(1.0)]),
    ],
)
def test_the_value_at_a_kink(build: Callable[..., Form], slopes: list[float]) -> None:
    net = Network()
    u = net.parameter("u", (3,))
    net.define("L", build(u).sum())
    _, gradients = gradients_of(derive(net), {"u": np.array([-1.0, 0.0, 1.0])})
    np.testing.assert_allclose(gradients["u"], slopes, rtol=1e-14)


def test_a_tie_is_shared_evenly() -> None:
    net = Network()
    u, v, w = (net.parameter(k, (3,)) for k in "uvw")
    net.define("L", ROWS["maximum"](u, v).sum() + ROWS["minimum"](u, v).sum() + w.max() - 2 * w.min())
    at = np.array([1.0, 2.0, 2.0])
    _, gradients = gradients_of(derive(net), {"u": at, "v": np.array([1.0, 3.0, 1.0]), "w": at})
    np.testing.assert_allclose(gradients["u"], [1, 1, 1])
    np.testing.assert_allclose(gradients["v"], [1, 1, 1])
    np.testing.assert_allclose(gradients["w"], [-2, 0.5, 0.5])
    net = Network()
    a = net.parameter("A", (2, 2, 2))
    net.define("L", (a.max(axis=(0, 2)) * np.float64(3)).sum())
    _, gradients = gradients_of(derive(net), {"A": np.ones((2, 2, 2))})
    np.testing.assert_allclose(gradients["A"], np.full((2, 2, 2), 0.75))


def test_half_each_at_a_tie_of_two() -> None:
    _, _, gradients = scalar(lambda u, v: ROWS["maximum"](u, v), u=2.0, v=2.0)
    assert gradients == {"u": 0.5, "v": 0.5}


def test_the_softmax_jacobian_has_both_terms() -> None:
    net = Network()
    z, c = net.parameter("z", (4,)), net.input("c", (4,))
    s = net.define("s", ROWS["softmax"](z))
    net.define("L", (s * c).sum())
    at, weights = np.array([0.3, -1.0, 2.0, 0.1]), np.array([1.0, -2.0, 0.5, 3.0])
    _, gradients = gradients_of(derive(net), {"z": at, "c": weights})
    p = softmax(at)
    np.testing.assert_allclose(gradients["z"], (np.diag(p) - np.outer(p, p)) @ weights, rtol=1e-13)
    assert not np.allclose(gradients["z"], p * weights)


def test_layer_norm_in_plain_operators() -> None:
    net = Network()
    x, g, b, t = net.parameter("x", (3, 4)), net.parameter("g", (4,)), net.parameter("b", (4,)), net.input("t", (3, 4))
    m = net.define("m", x.mean(axis=1, keepdims=True))
    v = net.define("v", ((x - m) ** 2).mean(axis=1, keepdims=True))
    y = net.define("y", g * (x - m) / sqrt(v + 1e-5) + b)
    net.define("L", ((y - t) ** 2).mean())

    def code(x: Any, g: Any, b: Any, t: Any) -> float:
        m = x.mean(axis=1, keepdims=True)
        v = ((x - m) ** 2).mean(axis=1, keepdims=True)
        return float(((g * (x - m) / np.sqrt(v + 1e-5) + b - t) ** 2).mean())

    rng = np.random.default_rng(0)
    values = {
        "x": rng.standard_normal((3, 4)),
        "g": rng.standard_normal(4),
        "b": rng.standard_normal(4),
        "t": rng.standard_normal((3, 4)),
    }
    loss, gradients = gradients_of(derive(net), values)
    assert loss == pytest.approx(code(**values))
    assert not disagreements(gradients, differences(code, values, ("x", "g", "b")))
    # 1e-5 stays the number the user typed
    assert any("1e-05" in text for text in forms(derive(net)).values())


def test_attention() -> None:
    net = Network()
    X = net.input("X", (4, 3))
    Wq, Wk, Wv = (net.parameter(k, (3, 2)) for k in ("Wq", "Wk", "Wv"))
    net.define("L", ((ROWS["softmax"]((X @ Wq) @ (X @ Wk).T / 2) @ (X @ Wv)) ** 2).sum())

    def code(X: Any, Wq: Any, Wk: Any, Wv: Any) -> float:
        return float(((softmax(X @ Wq @ (X @ Wk).T / 2) @ (X @ Wv)) ** 2).sum())

    rng = np.random.default_rng(0)
    values = {k: rng.standard_normal(s) for k, s in [("X", (4, 3)), ("Wq", (3, 2)), ("Wk", (3, 2)), ("Wv", (3, 2))]}
    _, gradients = gradients_of(derive(net), values)
    assert not disagreements(gradients, differences(code, values, ("Wq", "Wk", "Wv")))


def test_residual_and_shared_weights() -> None:
    net = Network()
    x, W = net.input("x", ("n", 3)), net.parameter("W", (3, 3))
    h = net.define("h", ROWS["tanh"](x @ W) + x)
    net.define("L", ((h @ W + h) ** 2).mean())

    def code(x: Any, W: Any) -> float:
        h = np.tanh(x @ W) + x
        return float(((h @ W + h) ** 2).mean())

    values = {
        "x": np.random.default_rng(0).standard_normal((5, 3)),
        "W": np.random.default_rng(1).standard_normal((3, 3)),
    }
    _, gradients = gradients_of(derive(net), values)
    assert not disagreements(gradients, differences(code, values, ("W",)))


def test_slices_overlap_and_add_up() -> None:
    net = Network()
    x = net.parameter("x", (5,))
    net.define("L", (x[1:] * x[:-1]).sum() + 2 * x[::-2].sum() + x[0] * x[-1])

    def code(x: Any) -> float:
        return float((x[1:] * x[:-1]).sum() + 2 * x[::-2].sum() + x[0] * x[-1])

    values = {"x": np.arange(1.0, 6.0)}
    _, gradients = gradients_of(derive(net), values)
    assert not disagreements(gradients, differences(code, values, ("x",)))


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda a, w: concatenate([a, a], 1) * w, lambda a, w: np.concatenate([a, a], 1) * w),
        (lambda a, w: concatenate([a, 2 * a], 1) * w, lambda a, w: np.concatenate([a, 2 * a], 1) * w),
        (
            lambda a, w: windows(a[::-1], 0, 2)[:, :, 0] @ w[:2],
            lambda a, w: np.stack([a[:0:-1, 0], a[1::-1, 0]], 1) @ w[:2],
        ),
        (
            lambda a, w: reshape(broadcast_to(a, (2, 3, 1)), (3, 2)) * w,
            lambda a, w: np.broadcast_to(a, (2, 3, 1)).reshape(3, 2) * w,
        ),
        (lambda a, w: pad(a, [(0, 0), (1, 0)]) * w, lambda a, w: np.pad(a, [(0, 0), (1, 0)]) * w),
        (
            lambda a, w: pad(broadcast_to(a[:1], (2, 1)), [(0, 1), (1, 0)]) * w,
            lambda a, w: np.pad(np.broadcast_to(a[:1], (2, 1)), [(0, 1), (1, 0)]) * w,
        ),
    ],
    ids=[
        "twice in a row",
        "twice, scaled",
        "windows of a slice",
        "repeated and reshaped",
        "padded",
        "repeated and padded",
    ],
)
def test_arrays_set_side_by_side(build: Callable[..., Form], code: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    values = {"a": rng.standard_normal((3, 1)), "w": rng.standard_normal((3, 2))}
    net = Network()
    net.define("L", build(*[net.parameter(k, v.shape) for k, v in values.items()]).sum())
    _, gradients = gradients_of(derive(net), values)
    assert not disagreements(gradients, differences(lambda a, w: float(code(a, w).sum()), values, ("a", "w")))


def test_a_size_that_no_argument_has_is_named() -> None:
    net = Network()
    w = net.parameter("w", (3,))
    net.define("L", (broadcast_to(w, (size("n"), 3)) ** 2).sum())
    with pytest.raises(ValueProblem, match="the size n stands in a formula, but no argument has an axis of that size"):
        derive(net).lambdify()


def test_rows_of_a_slice_are_looked_up() -> None:
    net = Network()
    E, t = net.parameter("E", (5, 2)), net.input("t", ("n",), integer=True)
    net.define("L", (gather(E[2:4], t) ** 2).sum())
    value, index = np.arange(10.0).reshape(5, 2), np.array([0, 1, 1])

    def code(E: Any, t: Any) -> float:
        return float((E[2:4][index] ** 2).sum())

    _, gradients = gradients_of(derive(net), {"E": value, "t": index})
    assert not disagreements(gradients, differences(code, {"E": value, "t": index}, ("E",)))


def test_a_domain_far_from_the_usual_is_derived() -> None:
    net = Network()
    x, y = net.parameter("x", (3,)), net.parameter("y", (3,))
    net.define("L", (x * log(x - 2)).sum() + (sqrt(x - y - 3) * y).sum())

    def code(x: Any, y: Any) -> float:
        return float((x * np.log(x - 2)).sum() + (np.sqrt(x - y - 3) * y).sum())

    values = {"x": np.array([7.0, 8.0, 9.5]), "y": np.array([1.0, 2.0, 0.5])}
    _, gradients = gradients_of(derive(net), values)
    assert not disagreements(gradients, differences(code, values, ("x", "y")))


def test_an_undefined_function_stays_symbolic() -> None:
    net = Network()
    f = undefined("f")
    x, t, w1, w2 = net.input("x"), net.input("t"), net.parameter("w1"), net.parameter("w2")
    h = net.define("h", apply(f, x * w1))
    y = net.define("y", apply(f, h * w2))
    net.define("E", (t - y) ** 2 / 2)
    d = derive(net)
    assert forms(d) == {
        "y": "y - t",
        "w2": "dy * f'(h * w2) * h",
        "h": "dy * f'(h * w2) * w2",
        "w1": "dh * f'(x * w1) * x",
    }
    assert str(d.gradient("w1")) == "(y - t) * f'(h * w2) * w2 * f'(x * w1) * x"


# --- collapses ----------------------------------------------------------------------------------------------------------------


def test_sigmoid_and_bce_collapse_without_any_assumption() -> None:
    d = derive(bce())
    step = d.step("z")
    assert str(step.form) == "(a - y) / n" and step.rules == ("collapse over a",) and step.assumptions == ()
    assert [c.collapsed for c in step.contributions] == [("a",)]
    # the page has the literal factors, the code does not run them
    assert [str(c.form) for c in step.literal] == ["da * sigmoid'(z)"] and not d.step("a").needed
    far = np.array([-1e4, -40.0, 0.0, 40.0, 1e4])
    loss, gradients = gradients_of(d, {"z": far, "y": np.array([1.0, 0.0, 0.3, 1.0, 0.0])})
    np.testing.assert_allclose(gradients["z"], (sigmoid(far) - [1, 0, 0.3, 1, 0]) / 5, rtol=1e-14)
    assert loss == pytest.approx((2e4 + np.log(2)) / 5)


def test_without_collapse_the_literal_formulas_stand() -> None:
    d = derive(bce(), collapse=False)
    assert forms(d)["z"] == "da * sigmoid'(z)" and d.step("a").needed and d.step("z").rules == ("chain rule",)
    values = {"z": np.array([0.3, -2.0]), "y": np.array([1.0, 0.25])}
    _, literal = gradients_of(d, values)
    _, short = gradients_of(derive(bce()), values)
    np.testing.assert_allclose(literal["z"], short["z"], rtol=1e-12)


@pytest.mark.parametrize(
    "build",
    [
        lambda z, y: ROWS["maximum"](z, 0) - z * y + log(1 + exp(-abs(z))),
        lambda z, y: ROWS["relu"](z) - y * z + log(1 + exp(-abs(z))),
        lambda z, y: ROWS["softplus"](z) - y * z,
        lambda z, y: ROWS["bce_with_logits"](z, y, reduction="none"),
    ],
    ids=["maximum", "relu", "softplus", "row"],
)
def test_the_stable_spelling_of_bce_is_sigma_minus_y_also_at_zero(build: Callable[..., Form]) -> None:
    net = Network()
    z, y = net.parameter("z", (4,)), net.input("y", (4,))
    net.define("L", build(z, y).sum())
    at, target = np.array([0.0, 0.0, -1e4, 3.0]), np.array([0.25, 1.0, 0.5, 0.0])
    _, gradients = gradients_of(derive(net), {"z": at, "y": target})
    np.testing.assert_allclose(gradients["z"], sigmoid(at) - target, rtol=1e-14)
    assert gradients["z"][0] == 0.25 and gradients["z"][1] == -0.5


@pytest.mark.parametrize("how", ["assumed", "by construction", "checked on its values"])
def test_softmax_and_cross_entropy_collapse_on_a_stated_fact(how: str) -> None:
    net, y = ce(how)
    step = derive(net).step("z")
    count = "2" if how.startswith("checked") else "n"
    assert str(step.form) == f"(s - {y}) / {count}"
    assert [(a.kind, a.name, a.why) for a in step.assumptions] == [("one-hot", y, how)]
    assert f"each row of {y} sums to 1 ({how})" in map(str, derive(net).assumptions)


def test_without_the_fact_the_honest_form_stands() -> None:
    net, _ = ce("nothing")
    d = derive(net)
    assert forms(d)["z"] == "(y.sum(axis=1, keepdims=True) * s - y) / n" and d.assumptions == ()
    rng = np.random.default_rng(0)
    values = {"z": rng.standard_normal((4, 3)), "y": rng.uniform(size=(4, 3))}

    def code(z: Any, y: Any) -> float:
        return float(-(y * np.log(softmax(z))).sum(axis=1).mean())

    _, gradients = gradients_of(d, values)
    want = differences(code, values, ("z",))
    assert not disagreements(gradients, want)
    # the short form would be wrong for these targets
    assert disagreements({"z": (softmax(values["z"]) - values["y"]) / 4}, want)


def test_a_fact_about_rows_is_not_used_along_columns() -> None:
    net = Network()
    z, y = net.parameter("z", (3, 3)), net.input("y", (3, 3))
    net.assume("one-hot", y)
    s = net.define("s", ROWS["softmax"](z, axis=0))
    net.define("L", -(y * log(s)).sum())
    d = derive(net)
    assert "y.sum(axis=0" in forms(d)["z"] and d.assumptions == ()


def test_log_softmax_collapses_in_class_indices() -> None:
    net = Network()
    x, W, t = net.input("x", ("n", 2)), net.parameter("W", (2, 3)), net.input("t", ("n",), integer=True)
    net.define("L", ROWS["cross_entropy"](x @ W, t))
    d = derive(net)
    assert forms(d)["z1"] == "(softmax(z1, axis=1) - Y) / n"
    assert [a.why for a in d.assumptions] == ["by construction"]


# --- the record ------------------------------------------------------------------------------------------------------------------


def test_steps_run_from_the_loss_inwards() -> None:
    net, _, _ = two_layers("row", "n", (2, 3, 1), "1d")
    d = derive(net)
    seen = {d.loss}
    for step in d.steps:
        assert {c.through for c in step.contributions} <= seen
        assert step.form.shape == step.shape == d.network.shape_of(step.of)
        seen.add(step.of)
    assert d.wrt == ("W1", "b1", "W2", "b2") and set(d.wrt) <= seen


def test_gradients_of_intermediates_are_formulas_of_names() -> None:
    d = derive(bce(), wrt=["z", "a"])
    assert not [n for n in walk(d.gradient("a")) if not isinstance(n, Name) and not n.args and n.shape]
    assert str(d.gradient("z")) == "(a - y) / n"


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda d: d.gradient("zz"), DerivationError, r"there is no zz in this derivation \(did you mean 'z'\?\)"),
        (lambda d: d.step("y"), DerivationError, r"∂L/∂y was not derived; name it: derive\(net, wrt=\['y'\]\)"),
        (lambda d: derive(3), NetworkError, "derive takes a Network, not int"),
    ],
)
def test_a_wrong_question_is_named(ask: Callable[[Derivation], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(derive(bce()))


def test_the_gradient_of_data_is_given_on_request() -> None:
    d = derive(bce())
    values = {"z": np.array([0.5, -1.0]), "y": np.array([0.2, 0.7])}

    def code(z: Any, y: Any) -> float:
        return float(-(y * np.log(sigmoid(z)) + (1 - y) * np.log(1 - sigmoid(z))).mean())

    form = d.gradient("y")
    environment = {**values, "a": sigmoid(values["z"])}
    have = evaluate(form, environment, {size("n"): 2})
    assert form.shape == (size("n"),)
    assert not disagreements({"y": have}, differences(code, values, ("y",)))
    net, _ = ce("by construction")
    with pytest.raises(DerivationError, match="t holds class indices"):
        derive(net).gradient("t")


def test_a_derivative_that_is_zero_has_the_shape_of_its_variable() -> None:
    net = Network()
    w = net.parameter("w", (3,))
    net.define("L", (ROWS["sign"](w) * 2).sum())
    _, gradients = gradients_of(derive(net), {"w": np.ones(3)})
    np.testing.assert_array_equal(gradients["w"], np.zeros(3))


def test_what_cancels_has_gradient_zero() -> None:
    net = Network()
    x, w, b = net.input("x", ("n", 3)), net.parameter("w", (3,)), net.parameter("b", (3,))
    h = net.define("h", ROWS["tanh"](x * w))
    net.define("L", ((h - h) * x).sum() + (b**2).sum())
    _, gradients = gradients_of(derive(net), {"x": np.ones((2, 3)), "w": np.ones(3), "b": np.ones(3)})
    np.testing.assert_array_equal(gradients["w"], np.zeros(3))
    np.testing.assert_array_equal(gradients["b"], np.full(3, 2.0))


# --- the cache changes nothing ---------------------------------------------------------------------------------------------------


def test_an_empty_and_a_full_cache_give_the_same_in_any_order() -> None:
    nets = examples()
    cold = []
    for net in nets:
        derivation.clear_templates()
        cold.append(told(net))
    assert [told(net) for net in nets] == cold
    derivation.clear_templates()
    assert [told(net) for net in reversed(nets)] == cold[::-1]
    assert [told(net) for net in nets] == cold


def test_layers_of_one_kind_are_derived_once() -> None:
    def count(depth: int) -> int:
        derivation.clear_templates()
        net = Network()
        h: Form = net.input("x", ("n", 3))
        for k in range(depth):
            # widths differ: a template has no literal sizes
            W = net.parameter(f"W{k}", (3 + k, 4 + k))
            z = net.define(f"z{k}", h @ W + net.parameter(f"b{k}", (4 + k,)))
            h = net.define(f"a{k}", ROWS["sigmoid"](z))
        net.define("L", (h**2).mean())
        derive(net)
        return len(derivation._templates)

    assert count(3) == count(12)


def test_growth_is_linear_in_depth() -> None:
    def nodes(depth: int) -> int:
        net = Network()
        h: Form = net.input("x", ("n", 3))
        for k in range(depth):
            h = net.define(f"a{k}", ROWS["tanh"](h @ net.parameter(f"W{k}", (3, 3))) + h)
        net.define("L", (h**2).mean())
        return sum(len(walk(s.form)) for s in derive(net).steps)

    a, b, c = nodes(4), nodes(8), nodes(12)
    assert c - b == b - a


SAME = """
import sys
sys.path.insert(0, {root!r})
from symback.api import derive
from tests.support.derived_networks import bce, ce, examples, told
from symback.engine.elements import fresh
nets = examples()
first = [told(net) for net in nets]
code = [derive(net).code() + derive(net).latex() for net in (bce(), ce("assumed")[0], nets[0], nets[3])]
for _ in range(1234):
    fresh(3)
assert [told(net) for net in nets] == first
print("\\n".join(first + code))
"""


def test_the_same_bytes_for_every_hash_seed_and_the_second_time() -> None:
    root = str(ROOT)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SAME.format(root=root)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=root,
        )
        for seed in ("0", "1", "4242")
    ]
    outputs = [process.communicate() for process in started]
    for process, (_, errors) in zip(started, outputs, strict=True):
        assert process.returncode == 0, errors.decode()
    assert len({out for out, _ in outputs}) == 1 and len(outputs[0][0]) > 5000


def test_symbolic_sizes_reach_the_code() -> None:
    net, _, _ = two_layers("row", "n", (2, 3, 1), "1d")
    assert any(isinstance(n, SizeOf) and n.size == size("n") for s in derive(net).steps for n in walk(s.form))
