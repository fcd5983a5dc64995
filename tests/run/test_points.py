"""Networks of single numbers at many points: every point has the values of a run of its own."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symback as sb
from symback.core.errors import NetworkError, ValueProblem
from symback.run.points import at_points

x, t, w, b, h, y, E = sp.symbols("x t w b h y E")

NETWORKS: list[Any] = [
    (w * x + b - t) ** 2,
    [sp.Eq(h, sp.tanh(x * w)), sp.Eq(y, sb.sigmoid(h * b)), sp.Eq(E, (t - y) ** 2 / 2 + w**2 / 10)],
    [sp.Eq(y, sb.sigmoid(w * x + b)), sp.Eq(E, -t * sp.log(y) - (1 - t) * sp.log(1 - y))],
    sp.Piecewise((w * x, x > t), (b * sp.exp(-x), True)) + w**2,
    sp.Max(w * x, b, t) + sp.Abs(w * t),
    sb.relu(w * x + b) * sp.sin(t) + sp.Min(x, w),
    sp.log(1 + sp.exp(-t * (w * x + b))) + sp.Rational(1, 2) * b**2,
    sp.gamma(2 + w * w) * x + sp.atan(b * t),
    sp.sqrt(w**2 + x**2) / (1 + b**2) + t,
    w**2 * b + x * 0 + 3 * x + t,
]
RANDOM = np.random.default_rng(0)
DATA = {"x": RANDOM.normal(size=9), "t": RANDOM.uniform(0.1, 0.9, 9)}


@pytest.mark.parametrize("net", NETWORKS, ids=str)
@pytest.mark.parametrize("parameters", [(0.7, -0.4), (-1.3, 0.2)])
def test_every_point_has_the_values_of_a_run_of_its_own(net: Any, parameters: tuple[float, float]) -> None:
    d = sb.derive(net, [w, b])
    given = dict(zip(("w", "b"), parameters, strict=True))
    alone = d.lambdify(target="python")
    at_once = d.lambdify(batch=[x, t])
    losses, gradients = at_once(**DATA, **given)
    assert losses.shape == gradients["w"].shape == gradients["b"].shape == (9,)
    runs = [alone(x=float(p), t=float(q), **given) for p, q in zip(DATA["x"], DATA["t"], strict=True)]
    assert np.allclose(losses, [loss for loss, _ in runs], rtol=1e-13, atol=1e-14)
    for label in ("w", "b"):
        assert np.allclose(gradients[label], [g[label] for _, g in runs], rtol=1e-13, atol=1e-14)
    for reduction, combine in (("sum", np.sum), ("mean", np.mean)):
        loss, whole = d.lambdify(batch=[x, t], reduction=reduction)(**DATA, **given)
        assert loss == pytest.approx(combine(losses), rel=1e-12)
        assert all(whole[k] == pytest.approx(combine(gradients[k]), rel=1e-12, abs=1e-13) for k in ("w", "b"))


def test_parameters_may_differ_from_point_to_point() -> None:
    d = sb.derive(sp.sin(w * x) + b, [w, b])
    losses, gradients = d.lambdify(batch=["w"])(w=np.array([0.0, 0.5, 1.0]), x=2.0, b=1.0)
    assert np.allclose(losses, 1 + np.sin([0, 1, 2]))
    assert np.allclose(gradients["w"], 2 * np.cos([0, 1, 2]))
    assert np.array_equal(gradients["b"], np.ones(3))


def test_many_calls_pickles_and_one_name_alone() -> None:
    f = sb.derive(sp.sin(w * x), [w]).lambdify(batch=x)
    for points in (np.array([0.5]), np.arange(4.0), np.arange(4)):
        losses, gradients = pickle.loads(pickle.dumps(f))(w=0.5, x=points)
        assert np.allclose(losses, np.sin(0.5 * points))
        assert np.allclose(gradients["w"], points * np.cos(0.5 * points))
        assert np.allclose(f(w=0.5, x=points)[0], losses)
    assert "return L, dw" in f.source


def test_the_gradients_belong_to_the_caller() -> None:
    f = sb.derive(w * x, [w]).lambdify(batch=[x])
    given = np.array([1.0, 2.0])
    _, gradients = f(w=3.0, x=given)
    gradients["w"][0] = 99.0
    assert given[0] == 1.0


def test_training_over_points() -> None:
    points = np.linspace(-1, 1, 21)
    d = sb.derive((w * x + b - t) ** 2, [w, b])
    history = d.run(200, 0.3, values={"x": points, "t": 3 * points - 2, "w": 0.0, "b": 0.0}, batch=[x, t])
    assert history.parameters["w"] == pytest.approx(3, abs=1e-6)
    assert history.parameters["b"] == pytest.approx(-2, abs=1e-6)


WRONG = [
    ([], "none", "name the variables that have one number per point"),
    (["q"], "none", "q is not a variable of the network"),
    (["x"], "median", "there is no reduction 'median'; known: none, sum, mean"),
]


@pytest.mark.parametrize(("batch", "reduction", "message"), WRONG)
def test_refused(batch: list[str], reduction: str, message: str) -> None:
    net = sb.Network()
    leaf, other = net.parameter("w"), net.input("x")
    net.define("L", leaf * other)
    with pytest.raises(NetworkError, match=message):
        sb.derive(net).lambdify(batch=batch, reduction=reduction)


def test_arrays_are_refused() -> None:
    net = sb.Network()
    leaf, other = net.parameter("w", (3,)), net.input("x", (3,))
    net.define("L", sb.sum(leaf * other))
    with pytest.raises(NetworkError, match=r"w has shape \(3,\), and points are for networks of single numbers"):
        sb.derive(net).lambdify(batch=["x"])
    with pytest.raises(NetworkError, match="takes args or batch, not both"):
        sb.derive(sp.sin(w), [w]).lambdify(["w"], batch=["w"])


def test_points_of_different_number_and_wrong_targets_are_one_message() -> None:
    f = sb.derive(w * x + t, [w]).lambdify(batch=[x, t])
    with pytest.raises(ValueProblem, match=r"t has shape \(3,\), expected \(n,\) with n = 2"):
        f(w=1.0, x=np.arange(2.0), t=np.arange(3.0))
    net = sb.Network()
    z, target = net.parameter("z"), net.input("t")
    net.define("L", sb.bce_with_logits(z, target))
    with pytest.raises(ValueProblem, match=r"t holds 1\.5"):
        sb.derive(net).lambdify(batch=["t"])(z=0.3, t=np.array([0.5, 1.5]))


def test_a_planted_error_is_caught() -> None:
    record = at_points(sb.derive((w * x + b - t) ** 2, [w]).record, ["x", "t"])
    assert [s.shape for s in record.steps if s.of == "w"] == [record.network.variables["x"].shape]
    exact = sb.derive((w * x + b - t) ** 2, [w]).lambdify(batch=[x, t])(**DATA, w=0.7, b=-0.4)[1]["w"]
    wrong = sb.derive((w * x + b + t) ** 2, [w]).lambdify(batch=[x, t])(**DATA, w=0.7, b=-0.4)[1]["w"]
    assert not np.allclose(exact, wrong)
