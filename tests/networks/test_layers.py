"""Layers as builders: values and gradients against torch modules in float64, and against differences without torch."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_latex
from symback.derivation import record as derivation
from symback.networks import layers
from tests.support.page_reader import PageReader
from tests.support.places import EXAMPLES
from tests.support.plain import logistic

Values = dict[str, np.ndarray]


def random_values(net: sb.Network, sizes: Mapping[str, int], seed: int = 0) -> Values:
    """Return random values of everything that has none: no parameter at a special place such as 0 or 1."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.standard_normal([s if isinstance(s, int) else sizes[str(s)] for s in v.shape])
        for name, v in net.variables.items()
        if name not in net.values and not v.integer
    }


def with_loss(net: sb.Network, *outputs: Any) -> sb.Network:
    """Add a loss that weighs every entry of the outputs differently, so that no two gradients are alike by chance."""
    total: Any = 0
    for k, y in enumerate(outputs):
        weight = net.input(f"C{k}", y.shape)
        total = total + sb.sum(weight * y + 0.5 * weight * y * y)
    net.define("loss", total)
    return net


def gradients(net: sb.Network, values: Values) -> tuple[float, Values]:
    wrt = [n for n, v in net.variables.items() if not v.integer and n not in net.values and not n.startswith("C")]
    found = sb.derive(net, wrt=wrt).evaluate(values)
    return found.loss, dict(found.gradients)


def torch_loss(outputs: Any, values: Values, torch: Any) -> Any:
    total = 0
    for k, y in enumerate(outputs):
        weight = torch.tensor(values[f"C{k}"])
        total = total + (weight * y + 0.5 * weight * y * y).sum()
    return total


def close(found: Any, expected: Any, message: str = "") -> None:
    expected = np.asarray(expected)
    np.testing.assert_allclose(
        found, expected, rtol=1e-10, atol=1e-10 * (1 + np.abs(expected).max(initial=0)), err_msg=message
    )


def agree(net: sb.Network, values: Values, torch: Any, forward: Callable[[dict[str, Any]], tuple[Any, ...]]) -> None:
    """Assert that the loss and all gradients are torch's; ``forward`` gets the values as tensors by our names."""
    loss, found = gradients(net, values)
    assert found
    tensors = {k: torch.tensor(v, requires_grad=k in found) for k, v in {**net.values, **values}.items()}
    expected = torch_loss(forward(tensors), values, torch)
    expected.backward()
    close(loss, expected.detach().numpy(), "loss")
    for name, gradient in found.items():
        if tensors[name].requires_grad:
            close(gradient, tensors[name].grad.numpy(), name)


def call(torch: Any, module: Any, state: Mapping[str, Any], *args: Any, **options: Any) -> Any:
    """Call a torch module with tensors of ours in the place of its parameters."""
    return torch.func.functional_call(module, dict(state), args, options)


# --- affine maps, residual, embedding, dropout ------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("layout", layers.LAYOUTS)
@pytest.mark.parametrize("activation", [None, "tanh", "relu", "softmax", ("leaky_relu", {"alpha": 0.2})])
def test_linear(layout: str, bias: bool, activation: Any, torch: Any) -> None:
    net = sb.Network()
    column = layout == "column"
    x = net.input("x", (3, "n") if column else ("n", 3))
    with_loss(net, layers.linear(net, x, 4, layout=layout, bias=bias, activation=activation))
    values = random_values(net, {"n": 5})

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        data, weight = (t["x"].T if column else t["x"]), (t["W1"].T if layout == "row" else t["W1"])
        state = {"weight": weight, "bias": t["b1"].reshape(-1)} if bias else {"weight": weight}
        z = call(torch, torch.nn.Linear(3, 4, bias=bias), state, data)
        functions = {"tanh": torch.tanh, "relu": torch.relu, "softmax": lambda v: torch.softmax(v, -1)}
        if activation is not None:
            z = torch.nn.functional.leaky_relu(z, 0.2) if isinstance(activation, tuple) else functions[activation](z)
        return (z.T if column else z,)

    agree(net, values, torch, forward)


@pytest.mark.parametrize("layout", layers.LAYOUTS)
def test_linear_of_one_sample(layout: str, torch: Any) -> None:
    net = sb.Network()
    with_loss(net, layers.linear(net, net.input("x", (3,)), 4, layout=layout, activation="sigmoid"))
    values = random_values(net, {})

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        return (torch.sigmoid((t["x"] @ t["W1"] if layout == "row" else t["W1"] @ t["x"]) + t["b1"]),)

    agree(net, values, torch, forward)


def test_residual(torch: Any) -> None:
    net = sb.Network()
    x = net.input("x", ("n", 3))
    block = layers.residual(net, x, lambda v: layers.linear(net, v, 3, activation="tanh"))
    with_loss(net, layers.residual(net, block, layers.linear(net, block, 3)))
    values = random_values(net, {"n": 4})

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        r = t["x"] + torch.tanh(t["x"] @ t["W1"] + t["b1"])
        return (r + (r @ t["W2"] + t["b2"]),)

    agree(net, values, torch, forward)


def test_embedding(torch: Any) -> None:
    net = sb.Network()
    e = layers.embedding(net, net.input("t", ("n", 4), integer=True), 7, 3)
    with_loss(net, e)
    values = {**random_values(net, {"n": 3}), "t": np.random.default_rng(1).integers(0, 7, (3, 4))}
    agree(net, values, torch, lambda t: (call(torch, torch.nn.Embedding(7, 3), {"weight": t["E1"]}, t["t"]),))


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5])
def test_dropout_with_torchs_own_mask(p: float, torch: Any) -> None:
    net = sb.Network()
    x = net.input("x", ("n", 6))
    with_loss(net, layers.dropout(net, layers.linear(net, x, 5), p))
    values = random_values(net, {"n": 8})
    torch.manual_seed(7)
    values["M1"] = (torch.nn.functional.dropout(torch.ones(8, 5), p) != 0).numpy().astype(float)
    assert (p == 0) == bool(values["M1"].all())

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        t["M1"].requires_grad_(False)
        torch.manual_seed(7)  # so that the module draws the same mask
        return (torch.nn.Dropout(p)(t["x"] @ t["W1"] + t["b1"]),)

    agree(net, values, torch, forward)


# --- normalization ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm(affine: bool, training: bool, torch: Any) -> None:
    net = sb.Network()
    x = net.input("x", ("n", 3))
    with_loss(net, layers.batch_norm(net, x, eps=0.01, affine=affine, training=training))
    values = random_values(net, {"n": 6})
    if not training:
        values["v1"] = np.abs(values["v1"]) + 0.1
    module = torch.nn.BatchNorm1d(3, eps=0.01, affine=affine).train(training)

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        state = {"weight": t["gamma1"], "bias": t["beta1"]} if affine else {}
        if not training:
            state |= {"running_mean": t["mu1"], "running_var": t["v1"]}
            # torch takes no gradient through running statistics: here the same formula, which has one
            y = (t["x"] - t["mu1"]) / torch.sqrt(t["v1"] + 0.01)
            y = y * t["gamma1"] + t["beta1"] if affine else y
            close(
                y.detach().numpy(),
                call(torch, module, {k: v.detach() for k, v in state.items()}, t["x"].detach()).numpy(),
            )
            return (y,)
        return (call(torch, module, state, t["x"]),)

    agree(net, values, torch, forward)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("axes", [1, 2])
def test_layer_norm(affine: bool, axes: int, torch: Any) -> None:
    net = sb.Network()
    x = net.input("x", ("n", 3, 4))
    with_loss(net, layers.layer_norm(net, x, axes=axes, eps=0.02, affine=affine))
    values = random_values(net, {"n": 5})
    module = torch.nn.LayerNorm((3, 4)[-axes:], eps=0.02, elementwise_affine=affine)

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        return (call(torch, module, {"weight": t["gamma1"], "bias": t["beta1"]} if affine else {}, t["x"]),)

    agree(net, values, torch, forward)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("axes", [1, 2])
def test_rms_norm(affine: bool, axes: int, torch: Any) -> None:
    net = sb.Network()
    x = net.input("x", ("n", 3, 4))
    with_loss(net, layers.rms_norm(net, x, axes=axes, eps=0.02, affine=affine))
    values = random_values(net, {"n": 5})
    module = torch.nn.RMSNorm((3, 4)[-axes:], eps=0.02, elementwise_affine=affine)
    agree(net, values, torch, lambda t: (call(torch, module, {"weight": t["gamma1"]} if affine else {}, t["x"]),))


# --- attention --------------------------------------------------------------------------------------------------------


def attention_state(t: Mapping[str, Any], torch: Any, layout: str, bias: bool, separate: bool) -> dict[str, Any]:
    """Return our weights as torch.nn.MultiheadAttention stores them."""
    weights = {k: t[f"W{k}1"] if layout == "torch" else t[f"W{k}1"].T for k in "qkvo"}
    state = {"out_proj.weight": weights["o"]}
    if separate:
        state |= {f"{k}_proj_weight": weights[k] for k in "qkv"}
    else:
        state["in_proj_weight"] = torch.cat([weights[k] for k in "qkv"])
    if bias:
        state |= {"in_proj_bias": torch.cat([t[f"b{k}1"] for k in "qkv"]), "out_proj.bias": t["bo1"]}
    return state


@pytest.mark.parametrize("layout", ["row", "torch"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 3])
@pytest.mark.parametrize("causal", [True, False])
def test_self_attention(heads: int, bias: bool, layout: str, causal: bool, torch: Any) -> None:
    net = sb.Network()
    x = net.input("x", ("n", 4, 6))
    with_loss(net, layers.multi_head_attention(net, x, heads=heads, bias=bias, layout=layout, causal=causal))
    values = random_values(net, {"n": 2})
    module = torch.nn.MultiheadAttention(6, heads, bias=bias, batch_first=True)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(4) if causal else None

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        state = attention_state(t, torch, layout, bias, False)
        return (call(torch, module, state, t["x"], t["x"], t["x"], need_weights=False, attn_mask=mask)[0],)

    agree(net, values, torch, forward)


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize("batched", [True, False])
def test_cross_attention_with_a_mask(heads: int, batched: bool, torch: Any) -> None:
    net = sb.Network()
    front: tuple[Any, ...] = ("n",) if batched else ()
    x, k, v = net.input("x", (*front, 3, 4)), net.input("k", (*front, 5, 6)), net.input("v", (*front, 5, 2))
    mask = net.input("M", (3, 5))
    with_loss(net, layers.multi_head_attention(net, x, k, v, heads=heads, mask=mask))
    values = random_values(net, {"n": 2})
    module = torch.nn.MultiheadAttention(4, heads, batch_first=True, kdim=6, vdim=2)

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        state = attention_state(t, torch, "row", True, True)
        return (call(torch, module, state, t["x"], t["k"], t["v"], need_weights=False, attn_mask=t["M"])[0],)

    agree(net, values, torch, forward)


# --- recurrent layers -------------------------------------------------------------------------------------------------


def recurrent_state(
    t: Mapping[str, Any], kind: str, layout: str, bias: bool, depth: int, both: bool, torch: Any
) -> dict[str, Any]:
    """Return our weights as torch's recurrent modules store them: stacked by gate, one pair of biases."""
    state: dict[str, Any] = {}
    gates = layers.GATES.get(kind, ("",))
    for level in range(depth):
        for back in ("", "_r")[: 1 + both]:
            own = (str(level + 1) if depth > 1 else "") + back
            theirs = f"l{level}" + ("_reverse" if back else "")
            if layout == "torch":
                state |= {f"weight_{k}_{theirs}": t[f"W{k}{own}"] for k in ("ih", "hh")}
                if bias:
                    state |= {f"bias_{k}_{theirs}": t[f"b{k}{own}"] for k in ("ih", "hh")}
                continue
            state[f"weight_ih_{theirs}"] = torch.cat([t[f"Wx{g}{own}"].T for g in gates])
            state[f"weight_hh_{theirs}"] = torch.cat([t[f"Wh{g}{own}"].T for g in gates])
            if bias:
                first = [t[f"bxn{own}"] if kind == "gru" and g == "n" else t[f"b{g or 'h'}{own}"] for g in gates]
                second = [t[f"bhn{own}"] if kind == "gru" and g == "n" else torch.zeros_like(first[0]) for g in gates]
                state |= {f"bias_ih_{theirs}": torch.cat(first), f"bias_hh_{theirs}": torch.cat(second)}
    return state


BUILDERS: dict[str, Callable[..., layers.Recurrent]] = {"rnn": layers.rnn, "lstm": layers.lstm, "gru": layers.gru}


@pytest.mark.parametrize("kind", BUILDERS)
@pytest.mark.parametrize("layout", ["row", "torch"])
@pytest.mark.parametrize(
    ("depth", "both", "bias", "started"),
    [
        (1, False, True, False),
        (1, False, False, True),
        (2, False, True, True),
        (1, True, True, True),
        (2, True, True, False),
    ],
)
def test_recurrent(kind: str, layout: str, depth: int, both: bool, bias: bool, started: bool, torch: Any) -> None:
    count = depth * (1 + both)
    net = sb.Network()
    x = net.input("x", ("n", 3, 2))
    start: Any = None
    if started:
        h = tuple(net.input(f"start{k}", ("n", 4)) for k in range(count))
        start = h if kind != "lstm" else (h, tuple(net.input(f"cell{k}", ("n", 4)) for k in range(count)))
    got = BUILDERS[kind](net, x, 4, layout=layout, depth=depth, bidirectional=both, bias=bias, initial=start)
    with_loss(net, got.sequence, *got.final, *got.cells)
    values = random_values(net, {"n": 2})
    module = getattr(torch.nn, kind.upper())(2, 4, num_layers=depth, bidirectional=both, bias=bias, batch_first=True)

    def forward(t: dict[str, Any]) -> tuple[Any, ...]:
        state = recurrent_state(t, kind, layout, bias, depth, both, torch)
        before: Any = None
        if started:
            before = torch.stack([t[f"start{k}"] for k in range(count)])
            before = (before, torch.stack([t[f"cell{k}"] for k in range(count)])) if kind == "lstm" else before
        y, last = call(torch, module, state, t["x"], before)
        return (y, *(part for group in (last if kind == "lstm" else (last,)) for part in group))

    agree(net, values, torch, forward)


def test_relu_rnn_of_one_sample_and_time_first(torch: Any) -> None:
    for shape, first in (((3, 2), False), ((3, "n", 2), True)):
        net = sb.Network()
        got = layers.rnn(net, net.input("x", shape), 4, activation="relu", layout="torch", time_first=first)
        with_loss(net, got.sequence, *got.final)
        values = random_values(net, {"n": 2}, seed=3)
        module = torch.nn.RNN(2, 4, nonlinearity="relu")

        def forward(t: dict[str, Any], module: Any = module) -> tuple[Any, ...]:
            y, last = call(torch, module, recurrent_state(t, "rnn", "torch", True, 1, False, torch), t["x"])
            return y, last.squeeze(0)

        agree(net, values, torch, forward)


# --- the oracle sees errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("first", [0, 1])
def test_a_planted_gate_order_is_caught(kind: str, first: int, torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    order = list(layers.GATES[kind])
    order[first], order[first + 1] = order[first + 1], order[first]
    module = getattr(torch.nn, kind.upper())(2, 3, batch_first=True)

    def compare() -> None:
        net = sb.Network()
        with_loss(net, BUILDERS[kind](net, net.input("x", ("n", 2, 2)), 3, layout="torch").sequence)

        def forward(t: dict[str, Any]) -> tuple[Any, ...]:
            return (call(torch, module, recurrent_state(t, kind, "torch", True, 1, False, torch), t["x"])[0],)

        agree(net, random_values(net, {"n": 2}), torch, forward)

    compare()
    monkeypatch.setitem(layers.GATES, kind, tuple(order))
    with pytest.raises(AssertionError):
        compare()


def test_a_planted_transposition_is_caught(torch: Any) -> None:
    net = sb.Network()
    with_loss(net, layers.linear(net, net.input("x", ("n", 3)), 3))  # square, so that every shape fits
    values = random_values(net, {"n": 4})
    with pytest.raises(AssertionError):
        agree(
            net,
            values,
            torch,
            lambda t: (call(torch, torch.nn.Linear(3, 3), {"weight": t["W1"], "bias": t["b1"]}, t["x"]),),
        )
    agree(
        net,
        values,
        torch,
        lambda t: (call(torch, torch.nn.Linear(3, 3), {"weight": t["W1"].T, "bias": t["b1"]}, t["x"]),),
    )


def test_a_planted_mask_and_a_wrong_head_are_caught(torch: Any) -> None:
    net = sb.Network()
    with_loss(net, layers.multi_head_attention(net, net.input("x", ("n", 4, 4)), heads=2, causal=True))
    values = random_values(net, {"n": 2})
    mask = torch.nn.Transformer.generate_square_subsequent_mask(4)

    def forward(heads: int, seen: Any) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
        module = torch.nn.MultiheadAttention(4, heads, batch_first=True)

        def run(t: dict[str, Any]) -> tuple[Any, ...]:
            state = attention_state(t, torch, "row", True, False)
            return (call(torch, module, state, t["x"], t["x"], t["x"], attn_mask=seen)[0],)

        return run

    agree(net, values, torch, forward(2, mask))
    for wrong in (forward(2, None), forward(2, mask.T), forward(1, mask)):
        with pytest.raises(AssertionError):
            agree(net, values, torch, wrong)


# --- without torch ----------------------------------------------------------------------------------------------------


def forward_lstm(v: Values) -> Any:
    h, c = np.zeros((2, 3)), np.zeros((2, 3))
    for t in range(2):
        i, f, g, o = (v["x"][:, t] @ v[f"Wx{k}"] + h @ v[f"Wh{k}"] + v[f"b{k}"] for k in "ifgo")
        c = logistic(f) * c + logistic(i) * np.tanh(g)
        h = logistic(o) * np.tanh(c)
    return h


def forward_gru(v: Values) -> Any:
    h = np.zeros((2, 3))
    for t in range(2):
        x = v["x"][:, t]
        r, u = (logistic(x @ v[f"Wx{k}"] + h @ v[f"Wh{k}"] + v[f"b{k}"]) for k in "ru")
        h = (1 - u) * np.tanh(x @ v["Wxn"] + v["bxn"] + r * (h @ v["Whn"] + v["bhn"])) + u * h
    return h


def forward_rnn(v: Values) -> Any:
    h = np.zeros((2, 3))
    for t in range(2):
        h = np.tanh(v["x"][:, t] @ v["Wx"] + h @ v["Wh"] + v["bh"])
    return h


def forward_attention(v: Values) -> Any:
    out = np.zeros((2, 3, 4), dtype=complex)
    q, k, w = (v["x"] @ v[f"W{s}1"] + v[f"b{s}1"] for s in "qkv")
    for n in range(2):
        for head in (slice(0, 2), slice(2, 4)):
            for i in range(3):
                score = np.array([(q[n, i, head] * k[n, j, head]).sum() / np.sqrt(2) for j in range(i + 1)])
                weight = np.exp(score) / np.exp(score).sum()
                out[n, i, head] = sum(weight[j] * w[n, j, head] for j in range(i + 1))
    return out @ v["Wo1"] + v["bo1"]


def normalized(x: Any, axis: int) -> Any:
    centered = x - x.mean(axis=axis, keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=axis, keepdims=True) + 1e-5)


PLAIN: dict[str, tuple[Callable[[sb.Network], Any], Callable[[Values], Any]]] = {
    "linear": (
        lambda net: layers.linear(net, net.input("x", ("n", 3)), 2, layout="torch", activation="tanh"),
        lambda v: np.tanh(v["x"] @ v["W1"].T + v["b1"]),
    ),
    "column": (
        lambda net: layers.linear(net, net.input("x", (3, "n")), 2, layout="column", activation="softmax"),
        lambda v: np.exp(v["W1"] @ v["x"] + v["b1"]) / np.exp(v["W1"] @ v["x"] + v["b1"]).sum(axis=0),
    ),
    "residual": (
        lambda net: layers.residual(
            net, net.input("x", ("n", 3)), lambda x: layers.linear(net, x, 3, activation="sigmoid")
        ),
        lambda v: v["x"] + logistic(v["x"] @ v["W1"] + v["b1"]),
    ),
    "dropout": (
        lambda net: layers.dropout(net, layers.linear(net, net.input("x", ("n", 3)), 2), 0.25),
        lambda v: (v["x"] @ v["W1"] + v["b1"]) * v["M1"] / 0.75,
    ),
    "batch norm": (
        lambda net: layers.batch_norm(net, net.input("x", ("n", 3))),
        lambda v: v["gamma1"] * normalized(v["x"], 0) + v["beta1"],
    ),
    "layer norm": (
        lambda net: layers.layer_norm(net, net.input("x", ("n", 3))),
        lambda v: v["gamma1"] * normalized(v["x"], 1) + v["beta1"],
    ),
    "rms norm": (
        lambda net: layers.rms_norm(net, net.input("x", ("n", 3))),
        lambda v: v["gamma1"] * v["x"] / np.sqrt((v["x"] ** 2).mean(axis=1, keepdims=True) + 1e-6),
    ),
    "attention": (
        lambda net: layers.multi_head_attention(net, net.input("x", ("n", 3, 4)), heads=2, causal=True),
        forward_attention,
    ),
    "rnn": (lambda net: layers.rnn(net, net.input("x", ("n", 2, 2)), 3).last, forward_rnn),
    "lstm": (lambda net: layers.lstm(net, net.input("x", ("n", 2, 2)), 3).last, forward_lstm),
    "gru": (lambda net: layers.gru(net, net.input("x", ("n", 2, 2)), 3).last, forward_gru),
}


@pytest.mark.parametrize("name", PLAIN)
def test_against_complex_steps_of_a_forward_written_here(name: str) -> None:
    build, forward = PLAIN[name]
    net = sb.Network()
    with_loss(net, build(net))
    values = random_values(net, {"n": 2})
    loss, found = gradients(net, values)

    def value(v: Values) -> Any:
        y = forward(v)
        return (v["C0"] * y + 0.5 * v["C0"] * y * y).sum()

    close(loss, value(values).real)
    for label, gradient in found.items():
        for at in np.ndindex(*values[label].shape):
            moved = {**values, label: values[label].astype(complex)}
            moved[label][at] += 1e-30j
            assert gradient[at] == pytest.approx(value(moved).imag / 1e-30, rel=1e-10, abs=1e-10), (label, at)


def test_embedding_against_differences() -> None:
    net = sb.Network()
    with_loss(net, layers.embedding(net, net.input("t", ("n",), integer=True), 4, 2))
    values = {**random_values(net, {"n": 5}), "t": np.array([2, 0, 2, 2, 1])}
    _, found = gradients(net, values)
    weight = values["C0"] + values["C0"] * values["E1"][values["t"]]
    expected = np.zeros((4, 2))
    for row, index in zip(weight, values["t"], strict=True):
        expected[index] += row
    close(found["E1"], expected)
    assert not found["E1"][3].any()


# --- a network in one line --------------------------------------------------------------------------------------------

DATA = {"X": np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), "Y": np.array([[0.0], [1.0], [1.0], [0.0]])}


def test_mlp_is_the_network_of_the_textbook() -> None:
    net = sb.mlp([2, 3, 1], hidden="sigmoid", output="sigmoid", loss="bce")
    assert repr(net).startswith(
        "Network(z1 = X @ W1 + b1; a1 = sigmoid(z1); z2 = a1 @ W2 + b2; a2 = sigmoid(z2); loss = "
    )
    d = sb.derive(net)
    assert d.latex("W2") == r"\frac{\partial L}{\partial W_2} = a_1^\top \delta_2"
    assert str(d.step("z2").form) == "(a2 - Y) / n"
    assert d.wrt == ("W1", "b1", "W2", "b2")


def test_mlp_learns_exclusive_or() -> None:
    net = sb.mlp([2, 3, 1])
    history = sb.derive(net).run(2000, 2.0, {**DATA, **net.initial(seed=1)})
    assert history.losses[-1] < 0.02 < history.losses[0]


def torch_mlp(t: Mapping[str, Any], torch: Any, layout: str, hidden: str, output: str | None) -> Any:
    a = t["X"].T if layout == "column" else t["X"]
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "softplus": torch.nn.functional.softplus,
        "softmax": lambda z: torch.softmax(z, -1),
        None: lambda z: z,
    }
    for k in range(1, 4):
        weight = t[f"W{k}"].T if layout == "row" else t[f"W{k}"]
        a = functions[hidden if k < 3 else output](torch.nn.functional.linear(a, weight, t[f"b{k}"].reshape(-1)))
    return a


@pytest.mark.parametrize("layout", layers.LAYOUTS)
@pytest.mark.parametrize(
    ("hidden", "output", "loss", "targets"),
    [
        ("sigmoid", "sigmoid", "bce", None),
        ("relu", None, "mse", None),
        ("tanh", "softplus", "half_squared_error", None),
        ("tanh", "softmax", "cross_entropy", None),
        ("tanh", None, "cross_entropy", None),
        ("tanh", None, "bce_with_logits", None),
        ("relu", "softmax", "cross_entropy", "classes"),
        ("relu", None, "cross_entropy", "classes"),
        ("softplus", None, ("huber", {"delta": 0.3}), None),
        ("sigmoid", None, "l1", None),
    ],
)
def test_mlp_against_torch(
    layout: str, hidden: str, output: str | None, loss: Any, targets: str | None, torch: Any
) -> None:
    net = sb.mlp([2, 4, 3, 3], hidden=hidden, output=output, loss=loss, layout=layout, targets=targets)
    rng = np.random.default_rng(0)
    values = net.initial(seed=3, scheme="torch") | {"X": rng.standard_normal((5, 2))}
    label = loss[0] if isinstance(loss, tuple) else loss
    if targets == "classes":
        values["Y"] = np.array([0, 2, 1, 1, 0])
    elif label == "cross_entropy":
        values["Y"] = np.eye(3)[[0, 2, 1, 1, 0]]
    else:
        values["Y"] = (rng.random((5, 3)) < 0.5).astype(float)
    tensors = {k: torch.tensor(v, requires_grad=k[0] in "Wb") for k, v in values.items()}
    if layout == "column":
        values["X"] = values["X"].T
        values["Y"] = values["Y"] if targets == "classes" else values["Y"].T
        tensors["X"] = tensors["X"].T
    y = torch_mlp(tensors, torch, layout, hidden, output)
    F, target = torch.nn.functional, tensors["Y"]
    expected = {
        "bce": lambda: F.binary_cross_entropy(y, target),
        "mse": lambda: F.mse_loss(y, target),
        "half_squared_error": lambda: 0.5 * ((y - target) ** 2).sum(),
        "bce_with_logits": lambda: F.binary_cross_entropy_with_logits(y, target),
        "huber": lambda: F.huber_loss(y, target, delta=0.3),
        "l1": lambda: F.l1_loss(y, target),
        "cross_entropy": lambda: F.cross_entropy(y.log() if output else y, target),
    }[label]()
    expected.backward()
    found = sb.derive(net).evaluate(values)
    close(found.loss, expected.item())
    for name, gradient in found.gradients.items():
        close(gradient, tensors[name].grad.numpy().reshape(gradient.shape), name)


def test_mlp_of_one_sample_and_other_names() -> None:
    net = sb.mlp(
        [2, 3, 1],
        hidden=[("leaky_relu", {"alpha": 0.1})],
        output=None,
        loss="mse",
        batch=None,
        bias=False,
        names=("x", "t"),
    )
    assert [e.name for e in net.equations] == ["z1", "a1", "z2", "loss"]
    assert net.variables["x"].shape == (2,) and "b1" not in net
    values = {"x": [1.0, -2.0], "t": [0.5], **net.initial()}
    assert sb.check_gradients(sb.derive(net), values).ok


def test_hidden_activations_one_by_one_and_own_functions() -> None:
    net = sb.mlp(
        [2, 3, 4, 1], hidden=["relu", lambda z: sb.sin(z)], output=None, loss=lambda y, t: sb.sum((y - t) ** 2)
    )
    assert [str(e.form) for e in net.equations if e.name in ("a1", "a2")] == ["relu(z1)", "np.sin(z2)"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"hidden": "sigmod"},
            r"mlp: there is no activation called 'sigmod' \(did you mean 'sigmoid'\?\)|'sigmod'.*'sigmoid'",
        ),
        ({"output": "softmx"}, "'softmx'.*'softmax'"),
        ({"loss": "bcee"}, "there is no loss called 'bcee' .*'bce'"),
        ({"loss": "relu"}, "no loss called 'relu'"),
        ({"hidden": "bce"}, "no activation called 'bce'"),
        ({"loss": None}, "needs a loss"),
        ({"layout": "rows"}, "'row' or 'torch' or 'column', not 'rows' .*'row'"),
        ({"targets": "class"}, "'classes' or 'one-hot', not 'class'"),
        ({"hidden": ["relu", "relu"]}, "1 hidden layer.* and 2 activations"),
        ({"hidden": ("leaky_relu", 0.2)}, "options is written"),
        ({"hidden": ("leaky_relu", {"slope": 0.2})}, "leaky_relu has no parameter slope"),
        ({"hidden": 3}, "the name of one or a function, not 3"),
        ({"output": "sigmoid", "loss": "bce_with_logits"}, "would do it twice; use output=None, or loss='bce'"),
        ({"output": "sigmoid", "loss": "cross_entropy"}, "would do it twice; use output=None$"),
        (
            {"output": "softmax", "loss": ("cross_entropy", {"label_smoothing": 0.1})},
            "would do it twice; use output=None$",
        ),
    ],
)
def test_mlp_says_what_is_wrong(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(sb.NetworkError, match=message) as caught:
        sb.mlp([2, 3, 1], **arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("sizes", [[2], "2,3", [2, 0, 1], [2, True], [2, -1]])
def test_sizes_of_an_mlp(sizes: Any) -> None:
    with pytest.raises(sb.ShapeError):
        sb.mlp(sizes)


# --- starting values --------------------------------------------------------------------------------------------------


def test_starting_values_follow_their_schemes() -> None:
    net = sb.mlp([300, 200, 100], layout="torch", hidden="relu", output=None, loss="mse")
    glorot, he, default = (net.initial(seed=5, scheme=s) for s in ("glorot", "he", "torch"))
    assert glorot["W1"].shape == (200, 300) and not glorot["b1"].any() and not he["b2"].any()
    assert np.abs(glorot["W1"]).max() == pytest.approx(np.sqrt(6 / 500), rel=1e-3)
    assert he["W1"].std() == pytest.approx(np.sqrt(2 / 300), rel=0.02)
    assert np.abs(default["W1"]).max() == pytest.approx(1 / np.sqrt(300), rel=1e-3)
    assert np.abs(default["b1"]).max() == pytest.approx(1 / np.sqrt(300), rel=0.05)
    assert np.array_equal(net.initial(seed=5)["W2"], glorot["W2"]) and not np.array_equal(
        net.initial(seed=6)["W2"], glorot["W2"]
    )


def test_starting_values_of_other_parameters() -> None:
    net = sb.Network()
    x = net.input("x", ("n", 3, "d"))
    layers.layer_norm(net, x, name="a")
    layers.lstm(net, x, 4)
    v = net.parameter("v", (2, 2), value=np.eye(2))
    with pytest.raises(sb.ValueProblem, match="gamma_a: the size d has no number; give it by sizes="):
        net.initial()
    values = net.initial(scheme="torch", sizes={"d": 50})
    assert values["gamma_a"].tolist() == [1.0] * 50 and not values["beta_a"].any()
    assert np.abs(values["Wxi"]).max() == pytest.approx(0.5, rel=0.05) and values["Wxi"].shape == (50, 4)
    assert values["v"].tolist() == np.eye(2).tolist() and v.shape == (2, 2)
    with pytest.raises(sb.NetworkError, match=r"no scheme 'hee' .*'he'"):
        net.initial(scheme="hee")


# --- names, pages, errors ---------------------------------------------------------------------------------------------


def test_names_are_numbered_as_layers_come_and_stay_free() -> None:
    net = sb.Network()
    x = net.input("x", ("n", 4))
    net.parameter("W1", (4, 4))
    layers.linear(net, x, 4)
    layers.linear(net, x, 4, name="out", activation="relu")
    layers.linear(net, x, 4, name="", bias=False)
    layers.layer_norm(net, x)
    layers.layer_norm(net, x)
    sequence = net.input("s", ("n", 2, 4))
    layers.rnn(net, sequence, 2)
    layers.rnn(net, sequence, 2)
    names = [*net.variables, *(e.name for e in net.equations)]
    for name in ("W2", "z2", "W_out", "z_out", "a_out", "W", "z", "x2_hat", "Wx", "Wx2", "h1", "h1_2"):
        assert name in names
    with pytest.raises(sb.NetworkError, match="W_out is defined twice"):
        layers.linear(net, x, 4, name="out")


PAGES: dict[str, Callable[[sb.Network], Any]] = {
    "batch_norm": lambda net: layers.batch_norm(net, layers.linear(net, net.input("X", ("n", 3)), 2)),
    "layer_norm": lambda net: layers.layer_norm(net, layers.linear(net, net.input("X", ("n", 3)), 2)),
    "attention": lambda net: layers.multi_head_attention(net, net.input("X", ("t", 4))),
    "rnn": lambda net: layers.rnn(net, net.input("X", ("n", 2, 3)), 4).last,
    "lstm": lambda net: layers.lstm(net, net.input("X", ("n", 2, 3)), 4).last,
    "gru": lambda net: layers.gru(net, net.input("X", ("n", 2, 3)), 4).last,
    "dropout": lambda net: layers.dropout(net, layers.linear(net, net.input("X", ("n", 3)), 2, activation="relu"), 0.2),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_have_no_invented_names(name: str) -> None:
    net = sb.Network()
    y = PAGES[name](net)
    net.define("loss", sb.mse(y, net.input("Y", y.shape)))
    d = sb.derive(net)
    assert not [e.name for e in d.network.equations if e.invented]
    assert d.latex()


def test_page_of_batch_norm_is_that_of_its_paper() -> None:
    net = sb.Network()
    y = PAGES["batch_norm"](net)
    net.define("loss", sb.mse(y, net.input("Y", y.shape)))
    d = sb.derive(net)
    gradient = r"\frac{\partial L}{\partial "
    assert d.latex("x1_hat") == rf"{gradient}\hat{{x}}_{{1,ij}}}} = {gradient}y_{{1,ij}}}} \gamma_{{1,j}}"
    assert d.latex("gamma1").splitlines()[1:3] == [
        rf"{gradient}\gamma_1}} &= \mathbf{{1}}^\top \left({gradient}y_1}} \odot \hat{{x}}_1\right) \\",
        r"&= \frac{1}{n} \mathbf{1}^\top((y_1 - Y) \odot \hat{x}_1)",
    ]


def two_steps(net: sb.Network) -> list[Any]:
    return [net.input("x1", ("n", 3)), net.input("x2", ("n", 3))]


MATRIX_PAGES: dict[str, Callable[[sb.Network], Any]] = {
    "attention": lambda net: layers.multi_head_attention(net, net.input("X", (4, 8))),
    "rnn": lambda net: layers.rnn(net, two_steps(net), 4).last,
    "lstm": lambda net: layers.lstm(net, two_steps(net), 4).last,
    "gru": lambda net: layers.gru(net, two_steps(net), 4).last,
    "dropout": lambda net: layers.dropout(net, layers.linear(net, net.input("X", ("n", 3)), 2, activation="tanh"), 0.2),
    "residual": lambda net: layers.residual(
        net, net.input("X", ("n", 3)), lambda x: layers.linear(net, x, 3, layout="torch", activation="tanh")
    ),
}


@pytest.mark.parametrize("name", MATRIX_PAGES)
def test_every_printed_line_of_a_layer_is_true(name: str) -> None:
    net = sb.Network()
    y = MATRIX_PAGES[name](net)
    net.define("loss", sb.mse(y, net.input("Y", y.shape)))
    d = sb.derive(net)
    found = d.evaluate(values := {k: np.abs(v) + 0.1 for k, v in random_values(net, {"n": 4}).items()})
    page = PageReader(d.record, lambda _: dict(found.values), values)
    for section in d.sections():
        if section.key in ("forward", "loss", "backward"):
            page.read(tuple(shown for shown in section.displays if section.key != "backward" or shown.of))
    for parameter in d.wrt:
        label = re.sub(r"\s", "", to_latex(page.page.base.adjoint(parameter)))
        close(page.reader.names[label], page.matrix(found.gradients[parameter]), parameter)
    assert page.lines > len(d.steps)


def test_pages_of_attention_are_those_of_the_textbook() -> None:
    net = sb.Network()
    y = MATRIX_PAGES["attention"](net)
    net.define("loss", sb.sum(y**2))
    d = sb.derive(net)
    assert d.latex("A1") == r"\frac{\partial L}{\partial A_1} = \frac{\partial L}{\partial H_1} V_1^\top"
    assert d.latex("K1").startswith(
        r"\frac{\partial L}{\partial K_1} = \frac{1}{\sqrt{8}}\left(\frac{\partial L}{\partial S_1}"
    ) and d.latex("K1").endswith(r"^\top Q_1")
    assert str(d.step("Q1").form) == "dS1 @ K1 / np.sqrt(8)"


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda n: layers.linear(n, n.input("x"), 2), sb.ShapeError, "linear layer 1: x is a single number"),
        (
            lambda n: layers.linear(n, n.input("x", (2, 3, 4)), 2, layout="column"),
            sb.ShapeError,
            r"linear layer 1: .*\(2, 3, 4\)",
        ),
        (lambda n: layers.linear(n, n.input("x", (2, 3)), 2, layout="col"), sb.NetworkError, "not 'col' .*'column'"),
        (
            lambda n: layers.residual(n, n.input("x", (2, 3)), n.input("y", (2, 4))),
            sb.ShapeError,
            r"residual 1: .*\(2, 4\); bring",
        ),
        (lambda n: layers.dropout(n, n.input("x", (2, 3)), 1.0), sb.NetworkError, "dropout 1: the rate p"),
        (
            lambda n: layers.dropout(n, n.input("x", (2, 3)), 0.5, mask=n.input("m", (3,))),
            sb.ShapeError,
            r"dropout 1: the mask m .*\(3,\)",
        ),
        (
            lambda n: layers.batch_norm(n, n.input("x", (2, 3, 4))),
            sb.ShapeError,
            r"batch_norm 1: .*\(batch, features\)",
        ),
        (
            lambda n: layers.batch_norm(n, n.input("x", (5, 3)), statistics=(n.input("m", (4,)), n.input("s", (3,)))),
            sb.ShapeError,
            "batch_norm 1: .*4",
        ),
        (lambda n: layers.layer_norm(n, n.input("x", (2, 3)), axes=3), sb.ShapeError, "layer_norm 1: .*3 last axes"),
        (lambda n: layers.layer_norm(n, n.input("x", (2, 3)), eps=-1), sb.NetworkError, "eps"),
        (lambda n: layers.rms_norm(n, n.input("x", ()), axes=1), sb.ShapeError, "rms_norm 1"),
        (
            lambda n: layers.multi_head_attention(n, n.input("x", (2, 3)), heads=2),
            sb.ShapeError,
            "attention 1: a width of 3 cannot be split into 2 heads",
        ),
        (lambda n: layers.multi_head_attention(n, n.input("x", (2, 3)), heads=0), sb.NetworkError, "heads"),
        (lambda n: layers.multi_head_attention(n, n.input("x", (3,))), sb.ShapeError, "length, features"),
        (
            lambda n: layers.multi_head_attention(n, n.input("x", (2, 4)), n.input("k", (3, 4)), n.input("v", (5, 4))),
            sb.ShapeError,
            "differ in length",
        ),
        (
            lambda n: layers.multi_head_attention(n, n.input("x", (2, 4)), mask=n.input("m", (3, 3))),
            sb.ShapeError,
            "attention 1: .*m",
        ),
        (
            lambda n: layers.multi_head_attention(n, n.input("x", (2, 4)), layout="column"),
            sb.NetworkError,
            "'row' or 'torch'",
        ),
        (
            lambda n: layers.rnn(n, n.input("x", ("n", "t", 4)), 2),
            sb.ShapeError,
            "rnn: the time axis of x has the symbolic size t",
        ),
        (lambda n: layers.rnn(n, n.input("x", (4,)), 2), sb.ShapeError, "rnn: x has shape"),
        (lambda n: layers.rnn(n, n.input("x", (2, 4)), 2, activation="tan"), sb.NetworkError, "'tan' .*'tanh'"),
        (lambda n: layers.lstm(n, n.input("x", (2, 4)), "h", layout="torch"), sb.ShapeError, "known width, not h"),
        (
            lambda n: layers.lstm(n, n.input("x", (2, 4)), 2, initial=n.input("s", (2,))),
            sb.NetworkError,
            "lstm: initial is one Form for h and as many for c: a pair",
        ),
        (
            lambda n: layers.gru(n, n.input("x", (2, 4)), 2, initial=n.input("s", (3,))),
            sb.ShapeError,
            r"gru: the initial state s has shape \(3,\), expected \(2,\)",
        ),
        (lambda n: layers.gru(n, n.input("x", (2, 4)), 2, depth=0), sb.NetworkError, "gru: depth"),
        (lambda n: layers.rnn(n, [], 2), sb.ShapeError, "rnn: the time steps"),
    ],
)
def test_what_does_not_fit_is_said_with_the_layer(
    build: Callable[[sb.Network], Any], error: type, message: str
) -> None:
    net = sb.Network()
    with pytest.raises(error, match=re.compile(message)) as caught:
        build(net)
    assert "\n" not in str(caught.value)
    assert not net.equations and not any(v.role == "parameter" for v in net.variables.values()) and not net.starts


def test_every_activation_of_the_tables_can_be_chosen() -> None:
    for name in layers.activation_names():
        net = sb.Network()
        layers.linear(net, net.input("x", ("n", 4)), 4, activation=name)
        assert net.equations[-1].name == "a1", name


def test_depth_derives_nothing_anew() -> None:
    def templates(depth: int) -> int:
        derivation.clear_templates()
        d = sb.derive(sb.mlp([8, *[16] * (depth - 1), 1], hidden="tanh"))
        assert len(d.wrt) == 2 * depth
        return len(derivation._templates)

    assert templates(4) == templates(64)


def test_the_example_runs() -> None:
    path = EXAMPLES / "python" / "mlp.py"
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
    latex, checked, losses, outputs = done.stdout.splitlines()
    assert latex == r"\frac{\partial L}{\partial W_1} = X^\top \delta_1" and checked == "True"
    assert re.fullmatch(r"loss 0\.7\d* -> 0\.00\d*", losses)
    assert np.abs(np.array(outputs.strip("[]").split(), float) - [0, 1, 1, 0]).max() < 0.05


def test_gradients_of_parts_stand_side_by_side() -> None:
    net = sb.Network()
    states = layers.lstm(net, net.input("X", ("n", 2, 3)), 4, layout="torch")
    net.define("loss", sb.sum(states.last**2))
    d = sb.derive(net, wrt=["X", "Wih"])
    assert str(d.step("s1").form) == "np.concatenate([ds1_i, ds1_f, ds1_g, ds1_o], axis=1)"
    assert str(d.step("X").form) == "np.concatenate([dx1[:, None], dx2[:, None]], axis=1)"


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        (((0, 2, 3), (2, 4, 5)), True),
        (((2, 4, 5), (0, 2, -3)), True),
        (((0, 2, 3), (3, 4, 5)), False),
        (((0, 3, 3), (2, 4, 5)), False),
        (((0, 2, 3), (0, 2, 4), (2, 4, 1)), False),
        (((1, 4, 2), (0, 1, 1)), True),
    ],
)
def test_only_parts_that_fill_the_axis_are_joined(parts: tuple[tuple[int, int, int], ...], joined: bool) -> None:
    net = sb.Network()
    w, c = net.parameter("w", (2, 4)), net.input("c", (2, 4))
    y = net.define("y", w**2)
    named = [net.define(f"u{n}", sb.sum(k * y[:, a:b] * c[:, a:b])) for n, (a, b, k) in enumerate(parts)]
    net.define("L", sum(named[1:], named[0]))
    d = sb.derive(net)
    assert ("concatenate" in str(d.step("y").form)) == joined
    values = {"w": np.arange(8.0).reshape(2, 4), "c": np.arange(3.0, 11.0).reshape(2, 4)}
    expected = np.zeros((2, 4))
    for a, b, k in parts:
        expected[:, a:b] += k * values["c"][:, a:b]
    close(d.evaluate(values).gradients["w"], expected * 2 * values["w"])


def test_a_function_of_ones_own_is_called_whatever_its_name() -> None:
    def cross_entropy(p: Any, t: Any) -> Any:
        return sb.sum((p - t) ** 2)

    net = sb.mlp([2, 3], hidden=None, output="softmax", loss=cross_entropy, targets="one-hot")
    assert str(net.equations[-1].form) == "((a1 - Y)**2).sum()"
    assert repr(sb.mlp([2, 3, 1], sb.relu, sb.sigmoid, sb.bce)) == repr(sb.mlp([2, 3, 1], "relu", "sigmoid", "bce"))


def test_smoothed_labels_of_a_network_in_one_line(torch: Any) -> None:
    net = sb.mlp([2, 3, 4], "tanh", None, ("cross_entropy", {"label_smoothing": 0.1}), targets="classes")
    values = {**net.initial(2), "X": np.arange(6.0).reshape(3, 2), "Y": np.array([3, 0, 1])}
    t = {k: torch.tensor(v, requires_grad=k[0] in "Wb") for k, v in values.items()}
    z = torch.tanh(t["X"] @ t["W1"] + t["b1"]) @ t["W2"] + t["b2"]
    expected = torch.nn.functional.cross_entropy(z, t["Y"], label_smoothing=0.1)
    expected.backward()
    found = sb.derive(net).evaluate(values)
    close(found.loss, expected.item())
    close(found.gradients["W1"], t["W1"].grad.numpy())


def test_sizes_are_whole_numbers() -> None:
    with pytest.raises(sb.ShapeError, match=r"a size is a whole number, got 2.5"):
        sb.mlp([2, 2.5, 1], loss="mse")
    assert sb.mlp([2, np.int64(3), 1]).variables["W1"].shape == (2, 3)


def test_rows_may_be_called_as_in_pytorch() -> None:
    first, second = (
        sb.mlp([2, 3, 1], hidden="logsigmoid", loss="mse_loss"),
        sb.mlp([2, 3, 1], hidden="log_sigmoid", loss="mse"),
    )
    assert str(first) == str(second)
