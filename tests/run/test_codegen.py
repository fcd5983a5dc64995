"""Generated source: what it says, that it parses back to the formula, and that it computes the right numbers."""

from __future__ import annotations

import ast
import itertools
import math
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symback.core.errors import NetworkError, ValueProblem
from symback.core.forms import (
    Form,
    Span,
    adjoint,
    apply,
    as_form,
    broadcast_to,
    concatenate,
    einsum,
    expand,
    filled,
    gather,
    name,
    number,
    numpy_text,
    outer,
    overlap,
    pad,
    put,
    reduce_over,
    reshape,
    scatter,
    transpose,
    undefined,
    where,
    windows,
)
from symback.derivation.record import Record
from symback.engine.interpreter import evaluate
from symback.functions import ROWS
from symback.networks.network import Network
from symback.run.codegen import generate
from symback.run.codegen.program import Line, Program
from symback.run.codegen.target import called_rows, helper_sources, prepared
from symback.run.codegen.text import Names, fill_template, left_to_right, numeric
from symback.run.targets.numpy import TARGET as NUMPY
from symback.run.targets.python import TARGET as PYTHON
from tests.support import needs
from tests.support.places import ROOT
from tests.support.plain import logistic
from tests.support.row_arguments import arguments_at, within
from tests.support.small_networks import differences, layers, one_hot_rows, random_values, record_of, scalar_chain


def run_source(record: Record, values: Mapping[str, Any], **options: Any) -> Any:
    generated = generate(record, **options)
    namespace: dict[str, Any] = {}
    exec(generated.source, namespace)
    return namespace[generated.entry](*(values[a] for a in generated.args))


def lines_of(source: str, *, comments: bool = False) -> list[str]:
    stripped = [line.strip() for line in source.splitlines()]
    return [line if comments else line.split("  #")[0] for line in stripped]


# --- what the source says ---------------------------------------------------------------------------------------------


def test_it_is_the_code_a_student_writes() -> None:
    generated = generate(record_of(layers([2, 8, 1])))
    lines = lines_of(generated.source)
    for expected in [
        "import numpy as np",
        "def gradients(x, y, W1, b1, W2, b2):",
        "n = x.shape[0]",
        "z1 = x @ W1 + b1",
        "a1 = 1 / (1 + np.exp(-z1))",
        "da2 = 2 * (a2 - y) / n",
        "dz2 = da2 * a2 * (1 - a2)",
        "dW2 = a1.T @ dz2",
        "db2 = dz2.sum(axis=0)",
        "dz1 = dz2 @ W2.T * a1 * (1 - a1)",
        "dW1 = x.T @ dz1",
        "return float(L), dW1, db1, dW2, db2",
    ]:
        assert expected in lines
    assert generated.target == "numpy"
    assert generated.outputs == ("W1", "b1", "W2", "b2")
    assert generated.helpers == ()


def test_relu_is_a_mask_and_softmax_is_evaluated_once() -> None:
    generated = generate(record_of(layers([3, 4, 2], hidden="relu", loss="ce")))
    lines = lines_of(generated.source)
    assert "dz1 = dz2 @ W2.T * (z1 > 0)" in lines
    assert "log_a2 = log_softmax(z2, axis=1)" in lines
    assert "a2 = np.exp(log_a2)" in lines
    assert "dz2 = (a2 - y) / n" in lines
    assert generated.helpers == ("log_softmax",)


def test_softmax_without_a_name_is_the_exponential_of_its_logarithm() -> None:
    net = Network()
    X, W, t = net.input("X", ("n", 3)), net.parameter("W", (3, 4)), net.input("t", ("n",), integer=True)
    net.define("z", X @ W)
    net.define("L", ROWS["cross_entropy"](net["z"], t))
    source = generate(record_of(net)).source
    assert source.count("log_softmax(z") == 2  # its definition and one call
    assert "softmax(" not in source.replace("log_softmax(", "").replace("log(softmax(z))", "")
    assert "np.exp(" in source.split("# backward")[1]


def test_only_what_is_needed_runs_and_everything_on_request() -> None:
    record = record_of(layers([3, 4, 2], loss="ce"), wrt=["b2"])
    lines = lines_of(generate(record).source)
    assert not any(line.startswith(("dW1", "dz1", "dW2", "da2")) for line in lines)
    loss, values, adjoints = run_source(record, random_values(record) | {"y": one_hot_rows(5, 2)}, everything=True)
    assert set(values) == {"z1", "a1", "z2", "a2", "L"}
    assert {"a2", "z2", "b2"} <= set(adjoints)
    assert isinstance(loss, float)


def test_comments_are_one_line_whatever_they_hold() -> None:
    record = record_of(scalar_chain())
    source = generate(record, comment=lambda step: f"∂L/∂{step.of}\nraise SystemExit\r\x0cimport os").source
    assert "raise SystemExit import os" in source
    assert not any(line.strip().startswith(("raise", "import os")) for line in source.splitlines())
    run_source(record, random_values(record), comment=lambda step: "a\nb")


def test_the_update_function_makes_one_step() -> None:
    record = record_of(layers([2, 3, 1]))
    values = random_values(record)
    generated = generate(record, updates=True)
    namespace: dict[str, Any] = {}
    exec(generated.source, namespace)
    _, dW1, db1, dW2, _ = namespace["gradients"](*(values[a] for a in generated.args))
    _, W1, b1, W2, _ = namespace["update"](*(values[a] for a in generated.args), 0.25)
    np.testing.assert_array_equal(W1, values["W1"] - 0.25 * dW1)
    np.testing.assert_array_equal(b1, values["b1"] - 0.25 * db1)
    np.testing.assert_array_equal(W2, values["W2"] - 0.25 * dW2)


def test_arguments_in_the_order_asked_for() -> None:
    record = record_of(scalar_chain())
    order = ["b2", "w1", "t", "x", "w2", "b1"]
    assert "def gradients(b2, w1, t, x, w2, b1):" in generate(record, args=order).source
    with pytest.raises(
        ValueProblem, match=r"w3 is not a variable of this network; b1 and w2 are missing.*x is given twice"
    ):
        generate(record, args=["x", "x", "t", "w1", "b2", "w3"])


def test_names_that_python_or_the_code_needs_are_renamed() -> None:
    net = Network()
    labels = ["np", "el", "float", "gradients", "update", "dw", "learning_rate", "n"]
    leaves = [net.input(label, ("n", 2)) for label in labels]
    w = net.parameter("w", ("n", 2))
    total: Form = w
    for leaf in leaves:
        total = total * leaf
    net.define("dnp", total)
    net.define("L", net["dnp"].mean())
    record = record_of(net, wrt=["w", "np", "dw"])
    values = random_values(record, batch=3)
    found = run_source(record, values, updates=True)
    product = np.prod([values[label] for label in (*labels, "w")], axis=0)
    assert found[0] == pytest.approx(product.mean())
    for label, gradient in zip(("w", "np", "dw"), found[1:], strict=True):
        np.testing.assert_allclose(gradient, product / values[label] / 6, rtol=1e-12)


def test_identifiers_that_python_takes_for_one_stay_apart() -> None:
    net = Network()
    first, second = net.parameter("\ufb01", (2,)), net.parameter("fi", (2,))
    net.define("L", (first * first * second).sum())
    record = record_of(net)
    loss, dfirst, dsecond = run_source(record, {"\ufb01": np.array([2.0, 3.0]), "fi": np.array([5.0, 7.0])})
    assert loss == 83
    np.testing.assert_array_equal(dfirst, [20, 42])
    np.testing.assert_array_equal(dsecond, [4, 9])


def test_scalar_names_of_math_functions_are_renamed() -> None:
    net = Network()
    exp, e = net.parameter("exp"), net.parameter("e")
    log = net.define("log", apply("exp", exp * e))
    net.define("L", apply("log", log) * e)
    loss, dexp, de = run_source(record_of(net), {"exp": 0.5, "e": 3.0})
    assert (loss, dexp, de) == pytest.approx((4.5, 9.0, 3.0))


def test_an_undefined_function_has_no_values() -> None:
    net = Network()
    x, w = net.input("x"), net.parameter("w")
    net.define("h", apply(undefined("f"), x * w))
    net.define("L", net["h"] ** 2)
    with pytest.raises(ValueProblem, match="f is an undefined function"):
        generate(record_of(net))


def test_same_bytes_for_every_hash_seed() -> None:
    script = (
        "from tests.support.small_networks import *\nfrom symback.run.codegen import generate\n"
        "print(generate(record_of(layers([3, 4, 2], hidden='relu', loss='ce'))).source)\n"
        "print(generate(record_of(scalar_chain('bce')), updates=True).source)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1


# --- numbers ----------------------------------------------------------------------------------------------------------


def user_loss(kind: str, hidden: str) -> Any:
    act = {"sigmoid": logistic, "relu": lambda z: np.where(z > 0, z, 0.0), "tanh": np.tanh}[hidden]

    def loss(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> float:
        z = act(x @ W1 + b1) @ W2 + b2
        if kind == "ce":
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            return float(-(y * np.log(p)).sum(axis=1).mean())
        p = logistic(z)
        if kind == "bce":
            return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())
        return float(((p - y) ** 2).mean())

    return loss


@pytest.mark.parametrize("collapse", [True, False])
@pytest.mark.parametrize("hidden", ["sigmoid", "relu", "tanh"])
@pytest.mark.parametrize("kind", ["mse", "bce", "ce"])
@pytest.mark.parametrize("batch", [1, 4])
def test_gradients_agree_with_differences_of_plain_code(kind: str, hidden: str, batch: int, collapse: bool) -> None:
    record = record_of(layers([3, 4, 2], batch if batch == 1 else "n", hidden, kind), collapse=collapse)
    values = random_values(record, batch, seed=batch)
    if kind == "ce":
        values["y"] = one_hot_rows(batch, 2)
    loss, *gradients = run_source(record, values)
    plain = user_loss(kind, hidden)
    assert loss == pytest.approx(plain(**values), rel=1e-12)
    expected = differences(plain, values, record.wrt)
    for label, gradient in zip(record.wrt, gradients, strict=True):
        assert gradient.shape == values[label].shape
        np.testing.assert_allclose(gradient, expected[label], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", ["mse", "bce", "ce"])
def test_gradients_agree_with_torch(kind: str) -> None:
    torch = needs.package("torch")
    record = record_of(layers([3, 4, 2], "n", "tanh", kind))
    values = random_values(record, 6, seed=3)
    if kind == "ce":
        values["y"] = one_hot_rows(6, 2)
    loss, *gradients = run_source(record, values)
    tensors = {k: torch.tensor(v, requires_grad=k in record.wrt) for k, v in values.items()}
    z = torch.tanh(tensors["x"] @ tensors["W1"] + tensors["b1"]) @ tensors["W2"] + tensors["b2"]
    losses = {
        "mse": lambda: ((torch.sigmoid(z) - tensors["y"]) ** 2).mean(),
        "bce": lambda: torch.nn.functional.binary_cross_entropy_with_logits(z, tensors["y"]),
        "ce": lambda: -(tensors["y"] * torch.log_softmax(z, 1)).sum(1).mean(),
    }
    expected = losses[kind]()
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    for label, gradient in zip(record.wrt, gradients, strict=True):
        np.testing.assert_allclose(gradient, tensors[label].grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("kind", ["mse", "bce", "ce"])
@pytest.mark.parametrize("size", [40.0, 800.0, 1e4])
def test_large_arguments_give_finite_accurate_results(kind: str, size: float) -> None:
    torch = needs.package("torch")
    record = record_of(layers([1, 2], 4, loss=kind))
    values: dict[str, Any] = {
        "x": np.array([[size], [-size], [size / 3], [0.1]]),
        "W1": np.array([[1.0, -1.0]]),
        "b1": np.array([0.1, 0.3]),
        "y": np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]),
    }
    loss, *gradients = run_source(record, values)
    tensors = {k: torch.tensor(v, requires_grad=k in record.wrt) for k, v in values.items()}
    z = tensors["x"] @ tensors["W1"] + tensors["b1"]
    if kind == "ce":
        expected = -(tensors["y"] * torch.log_softmax(z, 1)).sum(1).mean()
    elif kind == "bce":
        expected = torch.nn.functional.binary_cross_entropy_with_logits(z, tensors["y"])
    else:
        expected = ((torch.sigmoid(z) - tensors["y"]) ** 2).mean()
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    for label, gradient in zip(record.wrt, gradients, strict=True):
        np.testing.assert_allclose(gradient, tensors[label].grad.numpy(), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("z", [-1e4, -800.0, -40.0, 0.0, 40.0, 800.0, 1e4])
@pytest.mark.parametrize("t", [0.0, 1.0])
def test_scalar_code_is_safe(z: float, t: float) -> None:
    record = record_of(scalar_chain("bce"))
    loss, dw1, _, dw2, db2 = run_source(record, {"x": 1.0, "t": t, "w1": 0.0, "b1": 0.0, "w2": 2.0, "b2": z - 1.0})
    truth = np.logaddexp(0, z) - t * z
    s = math.exp(-np.logaddexp(0, -z))
    assert loss == pytest.approx(truth, rel=1e-12)
    assert (dw1, dw2, db2) == pytest.approx(((s - t) * 0.5, (s - t) * 0.5, s - t), rel=1e-12, abs=1e-16)
    assert all(isinstance(v, float) for v in (loss, dw1, dw2, db2))


OUTSIDE = [-math.inf, -1e200, -1.5, -1.0, -0.0, 0.0, 0.5, 2.0, 3.0, 1e200, math.inf, math.nan]


@pytest.mark.parametrize("op", ["exp", "log", "sqrt", "sin", "cos", "divide", "power", "square", "sigmoid", "relu"])
def test_scalar_code_follows_ieee_outside_the_domain(op: str) -> None:
    net = Network()
    a, b = net.parameter("a"), net.input("b")
    if op == "square":
        form = (a + 0 * b) ** 2
    elif op in ("divide", "power"):
        form = apply(op, a, b)
    else:
        form = (ROWS[op](a) if op in ROWS else apply(op, a)) + 0 * b
    net.define("h", form)
    net.define("L", net["h"] * 1)
    record = record_of(net)
    assert generate(record).target == "python"
    for x, y in itertools.product(OUTSIDE, OUTSIDE if op in ("divide", "power") else [1.0]):
        loss, *_ = run_source(record, {"a": x, "b": y})
        with np.errstate(all="ignore"):
            expected = float(evaluate(form, {"a": np.float64(x), "b": np.float64(y)}))
        if op == "relu" and math.isnan(x):
            continue
        assert loss == pytest.approx(expected, rel=1e-12, nan_ok=True), (x, y)


def test_an_array_network_with_numbers_goes_on_where_python_would_raise() -> None:
    net = Network()
    x, w, T = net.input("x", (3,)), net.parameter("w"), net.parameter("T")
    net.define("s", w / T)
    net.define("L", (x * net["s"]).sum() + w**2)
    loss, *gradients = run_source(record_of(net), {"x": np.ones(3), "w": 2.0, "T": 0.0})
    assert loss == math.inf
    assert all(isinstance(g, float) for g in gradients)
    assert run_source(record_of(net), {"x": np.ones(3), "w": 1e200, "T": 1.0})[0] == math.inf


def test_a_loss_of_one_element_is_a_float_whatever_its_rank() -> None:
    net = Network()
    x, w = net.input("x", (1, 2)), net.parameter("w", (2, 1))
    net.define("L", (x @ w) ** 2)
    loss, dw = run_source(record_of(net), {"x": np.array([[1.0, 2.0]]), "w": np.array([[3.0], [4.0]])})
    assert loss == 121 and isinstance(loss, float)
    np.testing.assert_array_equal(dw, [[22.0], [44.0]])


def test_returned_gradients_share_no_memory_with_arguments_or_each_other() -> None:
    net = Network()
    X, W, b, c = (
        net.input("X", (2, 3)),
        net.parameter("W", (2, 3)),
        net.parameter("b", (2, 3)),
        net.parameter("c", (2, 3)),
    )
    net.define("L", (X * W).sum() + (b + c).sum() + (X * transpose(transpose(b))).sum())
    record = record_of(net)
    values = random_values(record)
    before = {k: v.copy() for k, v in values.items()}
    _, *gradients = run_source(record, values)
    for gradient in gradients:
        assert gradient.flags.writeable
        gradient *= 0
    for label, value in before.items():
        np.testing.assert_array_equal(values[label], value)
    for first, second in itertools.combinations(gradients, 2):
        assert not np.shares_memory(first, second)


def test_comparisons_count_as_numbers() -> None:
    net = Network()
    w, x = net.parameter("w", (4,)), net.input("x", (4,))
    mask = net.define("mask", (w > 0) + (x > 0))
    net.define("L", (-(mask - 3) * w).sum() + ROWS["relu"](w).sum())
    values = {"w": np.array([1.0, -1.0, 2.0, -2.0]), "x": np.array([1.0, 1.0, -1.0, -1.0])}
    loss, dw = run_source(record_of(net), values)
    counts = np.array([2.0, 1.0, 1.0, 0.0])
    assert loss == pytest.approx(float(((3 - counts) * values["w"]).sum() + 3))
    np.testing.assert_array_equal(dw, 3 - counts + np.array([1.0, 0, 1, 0]))
    assert dw.dtype == np.float64


def test_slices_class_indices_and_sums() -> None:
    net = Network()
    X, W = net.input("X", (4, 3)), net.parameter("W", (3, 5))
    t = net.input("t", (4,), integer=True)
    z = net.define("z", X @ W)
    net.define("L", ROWS["cross_entropy"](z[:, 1:4], t) + (W[0] ** 2).sum() + W[2, 3])
    record = record_of(net)
    rng = np.random.default_rng(4)
    values = {"X": rng.standard_normal((4, 3)), "W": rng.standard_normal((3, 5)), "t": np.array([0, 2, 1, 2])}

    def plain(X: Any, W: Any, t: Any) -> float:
        z = (X @ W)[:, 1:4]
        logs = np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(4), t.astype(int)].mean() + (W[0] ** 2).sum() + W[2, 3])

    loss, dW = run_source(record, values)
    assert loss == pytest.approx(plain(**values))
    np.testing.assert_allclose(dW, differences(plain, values, ("W",))["W"], rtol=1e-6, atol=1e-8)


# --- the printed text is the formula ----------------------------------------------------------------------------------

A, B, D = name("A", (3, 4)), name("B", (4, 3)), adjoint("A", (3, 4))
v, w, s, i = name("v", (4,)), name("w", (3,)), name("s", ()), name("i", (4,))


def forms(depth: int) -> st.SearchStrategy[Form]:
    """Random forms of shape (3, 4) or less; no zero is compared or divided by, where rounding alone would decide."""
    leaf: st.SearchStrategy[Form] = st.sampled_from(
        [
            A,
            D,
            transpose(B),
            v,
            s,
            number(2),
            number(-3),
            number(0.5),
            filled(2, (3, 4)),
            broadcast_to(v, (3, 4)),
            expand(w, [1]),
            outer(w, v),
            put(v, (1, None), (3, 4)),
        ]
    )
    if depth == 0:
        return leaf
    inner = forms(depth - 1)
    full = inner.map(lambda f: f if f.shape == (3, 4) else f + A)
    binary = st.sampled_from(["add", "subtract", "multiply"])
    rows = ["sigmoid", "tanh", "relu", "softplus", "log_sigmoid", "absolute"]
    return st.one_of(
        leaf,
        st.builds(apply, binary, inner, inner),
        st.builds(lambda f, g: f / (g * g + 0.5), inner, inner),
        st.builds(lambda f: f > 0.1234, inner),
        st.builds(lambda f, g: (f > 0.1234) * g / ((f > -0.4321).sum(axis=0) + 1), full, inner),
        st.builds(lambda f, g: g / (f > -9.4321).sum(axis=0), full, inner),
        st.builds(lambda f: ROWS["sign"](f - 0.1234) * f, inner),
        st.builds(lambda f: -f, inner),
        st.builds(lambda f, k: f**k, inner, st.sampled_from([2, 3])),
        st.builds(lambda f, g: f @ (B @ g), full, full),
        st.builds(lambda f, g: transpose(transpose(f) @ outer(w, v) @ transpose(g) @ A), full, full).filter(
            lambda f: f.shape == (3, 4)
        ),
        st.builds(lambda f: f - f.mean(axis=1, keepdims=True), full),
        st.builds(lambda f: f.sum(axis=0), full),
        st.builds(lambda f: reduce_over("max", f, 1, True) * f, full),
        st.builds(lambda f: expand(f[1], [0]), full),
        st.builds(lambda f: put(f[:2, 1:3], (Span(1, 3, 1), Span(0, 4, 2)), (3, 4)), full),
        st.builds(lambda r, f: ROWS[r](f), st.sampled_from(rows), inner),
        st.builds(lambda f: ROWS["softmax"](f), full),
        st.builds(lambda c, f, g: where(c > 0.1234, f, g), inner, inner, inner),
        st.builds(lambda f: einsum([(0, 1), (1, 2), (0,)], (0, 2), [f, B, w]) @ A, full),
        st.builds(lambda f: reshape(reshape(f, (2, 6)), (3, 4)), full),
        st.builds(lambda f: concatenate([f[1:], f[:1]], 0), full),
        st.builds(lambda f, k: pad(f[:, 1:3], [(0, 0), (1, 1)], k), full, st.sampled_from([0, 2, -0.5])),
        st.builds(lambda f: windows(f, 1, 2, 1, 2).sum(axis=2) @ f[:2], full),
        st.builds(lambda f, g: overlap(windows(f, 1, 2, 2, 1) * g[:, :2, None], 1, 4, 2, 1), full, full),
        st.builds(lambda f: gather(f, i, 1), full),
        st.builds(lambda f: scatter(f, i, 1, (3, 4)), full),
    )


@settings(max_examples=400, deadline=None)
@given(forms(3))
def test_source_parses_back_to_the_form(form: Form) -> None:
    """The text, read by Python and NumPy, has the value that the interpreter gives to the form."""
    rng = np.random.default_rng(0)
    values = {
        "A": rng.standard_normal((3, 4)),
        "B": rng.standard_normal((4, 3)),
        "v": rng.standard_normal(4),
        "w": rng.standard_normal(3),
        "s": 0.7,
        "i": np.array([2, 0, 2, 3]),
    }
    d = rng.standard_normal((3, 4))
    net = Network()
    for label, value in values.items():
        net.parameter(label, np.shape(value))
    net.define("L", sum((net[label] * 1).sum() for label in values))
    record = record_of(net)
    target = name("out", form.shape)
    program = Program(record, tuple(values), (Line(target, form, "forward"), Line(D, D, "backward")), target, ())
    program = prepared(program, NUMPY)
    names = Names(program, NUMPY.reserved)
    *before, last = [line for line in program.lines if line.target is not D]
    assert last.target is target
    text = NUMPY.expression(last.form, names, False)
    namespace: dict[str, Any] = {"np": np, **values, "dA": d}
    helpers = helper_sources(called_rows(program), NUMPY) | NUMPY.extras(program, text)
    for helper in helpers.values():
        exec(helper, namespace)
    with np.errstate(all="ignore"):
        for line in before:
            namespace[names.leaf(line.target)] = eval(NUMPY.expression(line.form, names, False), namespace)
        found = eval(text, namespace)
        expected = evaluate(form, {**values, "∂A": d})
    assume(np.all(np.isfinite(np.asarray(expected, dtype=float))))  # definitions overflow where safe code does not
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=1e-7, atol=1e-9)


def test_a_matrix_product_on_the_right_of_a_product_keeps_its_parentheses() -> None:
    assert numpy_text(A * (D @ (B @ A))) == "A * (dA @ (B @ A))"
    assert numpy_text(A * ((D @ B) @ A) * D) == "A * (dA @ B @ A) * dA"
    assert numpy_text(left_to_right(A * (D * A))) == "A * dA * A"
    assert numpy_text(left_to_right(A * (D @ B @ A))) == "A * (dA @ B @ A)"
    assert numpy_text(left_to_right(v * (A * D))) == "v * (A * dA)"


def test_truth_values_stay_where_numpy_counts_them() -> None:
    assert numpy_text(numeric(A * (D > 0))) == "A * (dA > 0)"
    assert numpy_text(numeric((A > 0) + (D > 0))) == "np.where(A > 0, 1.0, 0.0) + np.where(dA > 0, 1.0, 0.0)"
    assert numpy_text(numeric(-(A > 0))) == "-np.where(A > 0, 1.0, 0.0)"
    assert numpy_text(numeric(where(A > 0, number(1), number(0)) * D)) == "(A > 0) * dA"
    assert numpy_text(numeric((A > 0) / 2)) == "(A > 0) / 2"
    assert numpy_text(numeric(D / (A > 0).sum(axis=1, keepdims=True))) == "dA / (A > 0).sum(axis=1, keepdims=True)"
    assert numpy_text(numeric((A > 0).sum())) == "np.where(A > 0, 1.0, 0.0).sum()"


@pytest.mark.parametrize(
    ("template", "args", "expected"),
    [
        ("1 / (1 + np.exp(-{0}))", [("a + b", 3)], ("1 / (1 + np.exp(-(a + b)))", 4)),
        ("np.tanh({0})", [("a + b", 3)], ("np.tanh(a + b)", 9)),
        ("-np.logaddexp(0, -{0})", [("-a", 5)], ("-np.logaddexp(0, a)", 5)),
        (
            "np.where({0} > 0, {0}, {1} * {0})",
            [("a + b", 3), ("-c", 5)],
            ("np.where((a + b) > 0, a + b, (-c) * (a + b))", 9),
        ),
        ("({0} if {0} > 0.0 else 0.0)", [("a", 9)], ("(a if a > 0.0 else 0.0)", 9)),
        ("{0} if {0} > 0.0 else 0.0", [("a", 9)], ("a if a > 0.0 else 0.0", 0)),
    ],
)
def test_templates(template: str, args: list[tuple[str, int]], expected: tuple[str, int]) -> None:
    assert fill_template(template, args) == expected


@pytest.mark.parametrize("row", [row for row in ROWS.values() if not row.inline], ids=lambda row: row.name)
def test_every_row_prints_code_with_the_value_of_its_definition(row: Any) -> None:
    """Array and scalar spelling of each table function, values and derivatives, against its definition."""
    shape: tuple[int, ...] = (5, 3)
    points = np.array([[-2.6, -1.1, 0.3], [0.7, 1.9, -0.2], [2.2, 0.9, 1.4], [-1.7, 0.1, 2.8], [0.4, -0.6, 1.0]])
    points, numbers = within(row, points), [0.31, 0.77]
    net = Network()
    x, g = net.parameter("x", shape), net.input("g", None)
    net.define("h", row(*arguments_at(row, x, numbers)))
    net.define("L", (net["h"] * g).sum())
    loss, dx = run_source(record_of(net), {"x": points, "g": 0.9})
    call = row(*arguments_at(row, name("x", shape), numbers))
    body = row.definition(*call.args, **call.parameters)

    def plain(x: Any, g: float = 0.9) -> float:
        return float(np.sum(evaluate(body, {"x": x}) * g))

    assert loss == pytest.approx(plain(points), rel=1e-12)
    np.testing.assert_allclose(dx, differences(plain, {"x": points}, ("x",))["x"], rtol=1e-6, atol=1e-8)
    if not row.entrywise:
        return
    net = Network()
    u, g = net.parameter("u"), net.input("g")
    net.define("h", row(*arguments_at(row, u, numbers)))
    net.define("L", net["h"] * g)
    record = record_of(net)
    assert generate(record).target == PYTHON.name
    scalar_body = row.definition(*map(as_form, arguments_at(row, name("u"), numbers)))
    for point in points.flat:
        loss, du = run_source(record, {"u": float(point), "g": 0.9})

        def one(u: Any) -> float:
            return float(evaluate(scalar_body, {"u": u}) * 0.9)

        assert loss == pytest.approx(one(point), rel=1e-12)
        assert du == pytest.approx(float(differences(one, {"u": point}, ("u",))["u"]), rel=1e-6, abs=1e-8)


def test_generated_source_is_plain_python() -> None:
    for record in (record_of(layers([2, 3, 1])), record_of(scalar_chain("bce"))):
        tree = ast.parse(generate(record, updates=True).source)
        assert all(isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)) for node in tree.body)


def test_large_networks_free_what_they_have_done_with() -> None:
    small, large = record_of(layers([4, 8, 2], hidden="relu")), record_of(layers([4, 2**16, 2], hidden="relu"))
    assert "del " not in generate(small).source
    lines = lines_of(generate(large).source)
    assert lines[lines.index("dz1 = dz2 @ W2.T * (z1 > 0)") + 1] == "del z1, dz2"
    assert "del " not in generate(large, everything=True).source
    values = random_values(large, 2)
    loss, *gradients = run_source(large, values)
    assert loss == run_source(large, values, everything=True)[0]
    np.testing.assert_array_equal(gradients[0], run_source(large, values, everything=True)[2]["W1"])


def test_hostile_names_do_not_reach_the_source() -> None:
    record = record_of(scalar_chain())
    hostile = "x; import os"
    variables = {hostile: replace(record.network.variables["x"], name=hostile), **record.network.variables}
    with pytest.raises(NetworkError, match="cannot be a name"):
        generate(replace(record, network=replace(record.network, variables=variables)))
    net = Network()
    x = net.parameter("x", (sp.Symbol("n): import os #", integer=True, positive=True), 2))
    net.define("L", (x**2).mean())
    source = generate(record_of(net)).source
    assert "import os" not in source and "n = x.shape[0]" in source


def test_derivatives_of_names_do_not_become_keywords() -> None:
    net = Network()
    for label in ("el", "ef", "W", "dW"):
        net.parameter(label, (2,))
    net.define("L", (net["el"] * net["ef"] * net["W"] * net["dW"]).sum())
    values = {"el": np.array([2.0, 1]), "ef": np.array([3.0, 1]), "W": np.array([5.0, 1]), "dW": np.array([7.0, 1])}
    loss, *gradients = run_source(record_of(net), values)
    assert loss == 211
    for label, gradient in zip(values, gradients, strict=True):
        assert gradient[0] == 210 / values[label][0]
