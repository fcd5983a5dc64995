"""Running a derivation: checked values, stored values, types, evaluation, updates and gradient descent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from symback.core.errors import ValueProblem
from symback.derivation.record import Record
from symback.functions import ROWS
from symback.networks.network import Network
from symback.run import numeric, training
from symback.run.codegen import generate
from tests.support.small_networks import differences, layers, line, one_hot_rows, random_values, record_of, scalar_chain

# --- calling ----------------------------------------------------------------------------------------------------------


def test_keyword_and_positional_calls_agree(record: Record) -> None:
    values = random_values(record)
    f = numeric.lambdify(record)
    order = ["W2", "b1", "x", "y", "b2", "W1"]
    g = numeric.lambdify(record, args=order)
    loss, gradients = f(**values)
    again, *rest = g(*(values[name] for name in order))
    assert loss == again
    assert tuple(gradients) == record.wrt
    for name, gradient in zip(record.wrt, rest, strict=True):
        np.testing.assert_array_equal(gradients[name], gradient)
    assert f.source == generate(record).source
    assert f.args == ("x", "y", "W1", "b1", "W2", "b2")
    assert g.args == tuple(order)
    # The second call with the same shapes skips the checks; the third has another batch.
    assert f(**values)[0] == loss
    assert math.isfinite(f(**random_values(record, batch=9))[0])


def test_one_error_lists_everything_that_is_wrong(record: Record) -> None:
    f = numeric.lambdify(record)
    values: dict[str, Any] = random_values(record)
    del values["b2"]
    values |= {"W11": 1.0, "W1": np.zeros((3, 2)), "y": np.zeros((4, 1)), "b1": ["a", "b", "c"]}
    with pytest.raises(ValueProblem) as caught:
        f(**values)
    text = str(caught.value)
    assert "a value is missing for b2 (1,)" in text
    assert "W11 is not a variable of this network (did you mean 'W1'?)" in text
    assert "W1 has shape (3, 2), expected (2, 3)" in text
    assert "y has shape (4, 1), expected (n, 1) with n = 5" in text
    assert "b1: a value of type <U1 is not a real number or an array of them" in text


def test_checks_hold_after_a_good_call(record: Record) -> None:
    f = numeric.lambdify(record)
    values = random_values(record)
    f(**values)
    f(**values)
    with pytest.raises(ValueProblem, match=r"b1 has shape \(2,\)"):
        f(**{**values, "b1": np.zeros(2)})
    with pytest.raises(ValueProblem, match="extra is not a variable"):
        f(**values, extra=1)
    with pytest.raises(ValueProblem, match="missing"):
        f(**{k: v for k, v in values.items() if k != "x"})
    with pytest.raises(ValueProblem, match="x: a value of type complex128"):
        f(**{**values, "x": np.full((5, 2), 1j)})


def test_stored_values_stand_in() -> None:
    record = record_of(line(0.5))
    loss, gradients = numeric.lambdify(record)()
    assert loss == pytest.approx(np.mean((np.arange(1, 5) * 0.5 - 2 * np.arange(1, 5)) ** 2))
    assert numeric.lambdify(record)(w=2.0)[0] == 0.0
    g = numeric.lambdify(record, args=["w"])
    assert g.args == ("w",)
    assert g(0.5) == (loss, gradients["w"])
    with pytest.raises(ValueProblem, match="a value is missing for w"):
        numeric.lambdify(record_of(line()))()


def test_types_and_shapes_of_gradients(record: Record) -> None:
    f = numeric.lambdify(record)
    values = random_values(record)
    single = {name: value.astype(np.float32) for name, value in values.items()}
    loss, gradients = f(**single)
    assert isinstance(loss, float)
    assert all(g.dtype == np.float32 and g.shape == single[name].shape for name, g in gradients.items())
    exact, expected = f(**values)
    assert loss == pytest.approx(exact, rel=1e-5)
    for name in gradients:
        np.testing.assert_allclose(gradients[name], expected[name], rtol=1e-3, atol=1e-5)
    whole = {name: np.round(value).astype(int) for name, value in values.items()}
    _, gradients = f(**whole)
    assert all(g.dtype == np.float64 for g in gradients.values())
    np.testing.assert_array_equal(gradients["W1"], f(**{k: v.astype(float) for k, v in whole.items()})[1]["W1"])
    lists = {name: value.tolist() for name, value in values.items()}
    assert f(**lists)[0] == exact


def test_single_precision_with_class_indices_and_slices() -> None:
    net = Network()
    X, W, t = net.input("X", ("n", 3)), net.parameter("W", (3, 4)), net.input("t", ("n",), integer=True)
    net.define("z", X @ W)
    net.define("L", ROWS["cross_entropy"](net["z"], t) + (W[0] ** 2).sum())
    f = numeric.lambdify(record_of(net))
    values = {"X": np.eye(3, dtype=np.float32), "W": np.ones((3, 4), np.float32), "t": [0, 3, 1]}
    assert f(**values)[1]["W"].dtype == np.float32
    assert f(**{**values, "t": np.array([0.0, 3.0, 1.0])})[0] == f(**values)[0]
    for wrong, text in (([0, 4, 1], "t holds 4, but the classes are 0 to 3"), ([0, -1, 1], "t holds -1")):
        with pytest.raises(ValueProblem, match=text):
            f(**{**values, "t": wrong})
    with pytest.raises(ValueProblem, match="class indices"):
        f(**{**values, "t": [0.5, 1.0, 2.0]})


def test_inputs_are_not_changed_and_results_are_fresh(record: Record) -> None:
    values = random_values(record)
    before = {name: value.copy() for name, value in values.items()}
    f = numeric.lambdify(record)
    for _ in range(2):
        _, gradients = f(**values)
        for gradient in gradients.values():
            gradient += 1
        for name, value in before.items():
            np.testing.assert_array_equal(values[name], value)
    stored = record_of(line(0.5))
    training.train(stored, None, 0.01, 3)
    assert float(stored.network.values["w"]) == 0.5


def test_numbers_come_back_as_floats() -> None:
    record = record_of(scalar_chain())
    values = {name: np.float64(0.5) for name in record.network.variables}
    for given in (values, dict.fromkeys(values, 1), dict.fromkeys(values, np.array(0.5)), dict.fromkeys(values, 0.5)):
        loss, gradients = numeric.lambdify(record)(**given)
        assert type(loss) is float
        assert all(type(g) is float for g in gradients.values())
    loss, gradients = numeric.lambdify(record_of(line(0.5)))()
    assert type(loss) is float and type(gradients["w"]) is float
    with pytest.raises(ValueProblem, match=r"w1 has shape \(1,\), expected \(\)"):
        numeric.lambdify(record)(**{**values, "w1": np.array([0.5])})


def test_a_fact_checked_on_values_is_checked_on_other_values_too() -> None:
    net = Network()
    net.input("y", (3, 2), np.eye(2)[[0, 1, 1]])
    W = net.parameter("W", (2, 2))
    x = net.input("x", (3, 2))
    net.define("p", ROWS["softmax"](x @ W))
    from symback.core.forms import apply

    net.define("L", -(net["y"] * apply("log", net["p"])).sum(axis=1).mean())
    record = record_of(net)
    assert [fact.why for step in record.steps for fact in step.assumptions] == ["checked on its values"]
    f = numeric.lambdify(record)
    values = {"x": np.ones((3, 2)), "W": np.eye(2)}
    f(**values)
    f(**values, y=one_hot_rows(3, 2, seed=5))
    with pytest.raises(ValueProblem, match=r"row 1 of the value given sums to 0\.7"):
        f(**values, y=np.array([[1.0, 0.0], [0.5, 0.2], [0.0, 1.0]]))


def test_no_warning_escapes() -> None:
    record = record_of(layers([2, 3, 1], loss="bce"))
    values = random_values(record, spread=1e4)
    values["y"] = np.ones((5, 1))
    with np.errstate(all="raise"):
        loss, gradients = numeric.lambdify(record)(**values)
        evaluation = numeric.evaluate(record, values)
    assert math.isfinite(loss) and evaluation.loss == loss
    assert all(np.isfinite(g).all() for g in gradients.values())


def test_source_is_compiled_once() -> None:
    first, second = record_of(scalar_chain()), record_of(scalar_chain())
    args = ["x", "t", "w1", "b1", "w2", "b2"]
    assert numeric.lambdify(first, args) is numeric.lambdify(second, args)


# --- evaluating -------------------------------------------------------------------------------------------------------


def test_evaluate_returns_every_value_and_adjoint(record: Record) -> None:
    values = random_values(record)
    found = numeric.evaluate(record, values)
    z1 = values["x"] @ values["W1"] + values["b1"]
    np.testing.assert_allclose(found.values["z1"], z1)
    a1 = 1 / (1 + np.exp(-z1))
    np.testing.assert_allclose(found.values["a1"], a1)
    assert set(found.values) == {*values, "z1", "a1", "z2", "a2", "L"}
    np.testing.assert_allclose(found.gradients["W2"], a1.T @ found.adjoints["z2"])

    def from_z1(z1: Any) -> float:
        a2 = 1 / (1 + np.exp(-((1 / (1 + np.exp(-z1))) @ values["W2"] + values["b2"])))
        return float(np.mean((a2 - values["y"]) ** 2))

    np.testing.assert_allclose(
        found.adjoints["z1"], differences(from_z1, {"z1": z1}, ("z1",))["z1"], rtol=1e-6, atol=1e-9
    )
    assert found.loss == found.values["L"] == pytest.approx(from_z1(z1))
    text = str(found)
    assert "z1 = " in text and "∂L/∂W1 = " in text
