"""The checker of gradients: it passes what is right and rejects planted errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symback.core.errors import ValueProblem
from symback.core.forms import apply, where
from symback.functions import ROWS
from symback.networks.network import Network
from symback.run.check import check_gradients
from symback.run.numeric import lambdify
from tests.support.small_networks import layers, one_hot_rows, random_values, record_of, scalar_chain


@pytest.mark.parametrize("hidden", ["sigmoid", "relu", "tanh", "softplus", "leaky_relu"])
@pytest.mark.parametrize("loss", ["mse", "bce", "ce"])
@pytest.mark.parametrize("collapse", [True, False])
def test_derived_gradients_pass(hidden: str, loss: str, collapse: bool) -> None:
    record = record_of(layers([3, 4, 2], hidden=hidden, loss=loss), collapse=collapse)
    values = random_values(record, seed=2)
    if loss == "ce":
        values["y"] = one_hot_rows(5, 2)
    report = check_gradients(record, values)
    assert report.ok and report, str(report)
    assert report.worst < report.tolerance == 1e-6
    assert [line.name for line in report.lines] == list(record.wrt)
    assert all(line.checked == line.entries for line in report.lines)


Planted = Callable[[dict[str, Any], dict[str, Any]], Any]

PLANTED: dict[str, tuple[str, Planted]] = {
    "0.1 % off": ("W1", lambda g, v: g["W1"] * 1.001),
    "0.1 % off in one entry": ("W1", lambda g, v: g["W1"] + 0.001 * g["W1"] * (np.arange(9).reshape(3, 3) == 4)),
    "wrong sign": ("W2", lambda g, v: -g["W2"]),
    "lost transpose of a square matrix": ("W1", lambda g, v: g["W1"].T),
    "mean over the batch for a sum": ("b1", lambda g, v: g["b1"] / 5),
    "missing batch sum": ("b2", lambda g, v: g["b2"] * np.array([1.0, 0.0, 0.0])),
    "missing entirely": ("b1", lambda g, v: 0 * g["b1"]),
    "weight decay forgotten": ("W2", lambda g, v: g["W2"] - 0.01 * v["W2"]),
    "an entry is nan": ("b1", lambda g, v: g["b1"] * np.array([1.0, np.nan, 1.0])),
    "lost axis": ("b1", lambda g, v: g["b1"][None, :]),
}


@pytest.mark.parametrize("error", PLANTED)
def test_planted_errors_are_rejected(error: str) -> None:
    record = record_of(layers([3, 3, 3], loss="mse"))
    values = random_values(record, seed=1)
    _, gradients = lambdify(record)(**values)
    assert check_gradients(record, values, gradients=gradients).ok
    name, plant = PLANTED[error]
    wrong = {**gradients, name: plant(gradients, values)}
    report = check_gradients(record, values, gradients=wrong)
    assert not report.ok and not report
    assert "GRADIENTS DISAGREE" in str(report)
    assert [line.name for line in report.lines if line.problem or line.worst > report.tolerance] == [name]


def test_scalar_networks_are_checked() -> None:
    for loss in ("half", "bce"):
        record = record_of(scalar_chain(loss))
        values = random_values(record, seed=3)
        assert check_gradients(record, values).ok
        _, gradients = lambdify(record)(**values)
        assert not check_gradients(record, values, gradients={**gradients, "w1": gradients["w1"] * 1.001}).ok


def kinked(w: float) -> Network:
    net = Network()
    x, t = net.input("x", (), 1.0), net.input("t", (), -1.0)
    weight = net.parameter("w", (), w)
    net.define("h", ROWS["relu"](weight * x))
    net.define("L", (net["h"] - t) ** 2)
    return net


def test_a_step_across_a_kink_is_told_and_not_failed() -> None:
    report = check_gradients(record_of(kinked(0.0)))
    assert report.ok
    assert report.lines[0].kinks == 1 and report.lines[0].checked == 0
    assert "crosses a kink" in str(report)
    # Near the kink a smaller step stays on one side, so the gradient is compared after all.
    near = check_gradients(record_of(kinked(5e-6)))
    assert near.ok and near.lines[0].kinks == 0 and near.lines[0].checked == 1
    record = record_of(kinked(5e-6))
    assert not check_gradients(record, gradients={"w": lambdify(record)()[1]["w"] * 1.001}).ok


def test_a_removable_kink_excuses_nothing() -> None:
    """The shift by the largest entry has ties here, and is smooth in the end: the gradient must agree."""
    net = Network()
    z, y = net.parameter("z", (1, 3), np.zeros((1, 3))), net.input("y", (1, 3), np.array([[1.0, 0.0, 0.0]]))
    e = net.define("e", apply("exp", z - z.max(axis=1, keepdims=True)))
    net.define("p", e / e.sum(axis=1, keepdims=True))
    net.define("L", -(y * apply("log", net["p"])).sum())
    record = record_of(net)
    report = check_gradients(record)
    assert report.ok and report.lines[0].checked == 3


def test_kinks_of_maxima_and_conditions_are_noticed() -> None:
    net = Network()
    w = net.parameter("w", (4,), np.array([1.0, 1.0, 1.0, 0.5]))
    net.define("L", w.max() + where(w > 0.5, w, 2 * w).sum())
    report = check_gradients(record_of(net))
    assert report.ok
    assert report.lines[0].kinks == 4


def test_large_parameters_are_sampled_in_every_row_and_column() -> None:
    from symback.run.check import _entries

    entries = list(_entries((60, 50)))
    assert 100 <= len(entries) <= 200
    assert len(set(entries)) == len(entries)
    assert {c for _, c in entries} == set(range(50)) and len({r for r, _ in entries}) == 60
    record = record_of(layers([60, 50, 2]))
    values = random_values(record, spread=0.3)
    report = check_gradients(record, values)
    assert report.ok and report.lines[0].checked < 3000
    assert f"{report.lines[0].checked} of 3000 entries" in str(report)
    _, gradients = lambdify(record)(**values)
    assert not check_gradients(record, values, gradients={**gradients, "W1": gradients["W1"] * 1.001}).ok


def test_overflow_of_the_written_loss_is_said() -> None:
    record = record_of(layers([1, 1], 1, loss="bce"))
    values = {"x": np.array([[300.0]]), "y": np.array([[0.0]]), "W1": np.array([[1.0]]), "b1": np.array([0.5])}
    report = check_gradients(record, values)
    assert report.ok, str(report)
    assert "stable form" in str(report)
    literal = record_of(layers([1, 1], 1, loss="bce"), collapse=False)
    report = check_gradients(literal, values)
    assert not report.ok
    assert "not finite" in str(report)


def test_written_equations_are_what_is_differenced() -> None:
    """The check must not share the code that it checks: a wrong equation form shows."""
    from dataclasses import replace

    record = record_of(layers([2, 2, 1]))
    values = random_values(record)
    equations = tuple(
        replace(e, form=ROWS["tanh"](e.form.args[0])) if e.name == "a1" else e for e in record.network.equations
    )
    wrong = replace(record, network=replace(record.network, equations=equations))
    assert not check_gradients(wrong, values).ok


def test_hand_written_gradients_by_name() -> None:
    record = record_of(kinked(0.7))
    assert check_gradients(record, gradients={"w": 2 * (0.7 + 1)}).ok
    assert not check_gradients(record, gradients={"w": 2 * 0.7 + 1}).ok
    assert check_gradients(record, gradients={"x": 2 * (0.7 + 1) * 0.7}).ok
    with pytest.raises(ValueProblem, match="v, not a name"):
        check_gradients(record, gradients={"v": 1.0})


def test_gradients_of_values_on_the_way() -> None:
    record = record_of(layers([2, 3, 1]), wrt=["z1", "a1", "W2"])
    values = random_values(record)
    report = check_gradients(record, values)
    assert report.ok and [line.name for line in report.lines] == ["z1", "a1", "W2"]
    gradients = lambdify(record)(**values)[1]
    assert not check_gradients(record, values, gradients={"z1": gradients["z1"] * 1.001}).ok


@pytest.mark.parametrize("step", [0.0, -1e-5, math.nan, math.inf])
def test_a_step_is_positive(step: float) -> None:
    with pytest.raises(ValueProblem, match="positive"):
        check_gradients(record_of(kinked(0.7)), step=step)


@pytest.mark.parametrize("step", [1e-3, 1e-4, 1e-6, 1e-7])
def test_other_steps_work_too(step: float) -> None:
    record = record_of(layers([3, 4, 2], loss="bce"))
    values = random_values(record, seed=2)
    assert check_gradients(record, values, step).ok
    _, gradients = lambdify(record)(**values)
    assert not check_gradients(record, values, step, gradients={**gradients, "W1": gradients["W1"] * 1.001}).ok
