"""Networks of N-D arrays against torch: values and all gradients, of the generated code and of the steps themselves."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from symback.core import forms
from symback.core.errors import NetworkError, ShapeError, SymbackError
from symback.core.forms import (
    Form,
    einsum,
    equal,
    gather,
    name,
    one_hot,
    pad,
    reshape,
    stack,
    transpose,
    where,
    windows,
)
from symback.derivation import record as derivation
from symback.derivation.record import Record, derive_record
from symback.engine.interpreter import evaluate
from symback.functions import ALIASES, ROWS
from symback.networks.naming import name_equations
from symback.networks.network import Network
from symback.readers import parse
from symback.run.codegen import generate
from symback.run.numeric import lambdify
from tests.support import needs

torch = needs.package("torch")
F = torch.nn.functional

TOLERANCE = 1e-10
BATCH = 3
"""What the symbolic size n stands for."""

sigmoid, tanh, softmax, relu = (ROWS[label] for label in ("sigmoid", "tanh", "softmax", "relu"))


def random_values(net: Network, given: Mapping[str, Any] | None = None, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {v.name: tuple(s if isinstance(s, int) else BATCH for s in v.shape) for v in net.variables.values()}
    return {label: rng.standard_normal(shape) for label, shape in shapes.items()} | dict(given or {})


def steps_evaluated(record: Record, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return forward values, and adjoints under ∂name, by the plain meaning of each Form."""
    sizes = {s: BATCH for v in record.network.variables.values() for s in v.shape if not isinstance(s, int)}
    found = dict(values)
    for equation in record.network.equations:
        found[equation.name] = evaluate(equation.form, found, sizes)
    for step in record.steps:
        found["∂" + step.of] = evaluate(step.form, found, sizes)
    return found


def prove(net: Network, oracle: Callable[..., Any], given: Mapping[str, Any] | None = None) -> Record:
    """Assert that loss and gradients are torch's, by the code and by the steps; return the derivation."""
    named = name_equations(net)
    record = derive_record(named)
    values = {label: value for label, value in random_values(net, given).items() if label in named.variables}
    tensors = {label: torch.tensor(v, requires_grad=label in named.parameters) for label, v in values.items()}
    expected = oracle(**tensors)
    expected.backward()
    loss, gradients = lambdify(record)(**values)
    meant = steps_evaluated(record, values)
    assert loss == pytest.approx(expected.item(), rel=TOLERANCE, abs=TOLERANCE)
    assert float(np.sum(meant[named.loss])) == pytest.approx(expected.item(), rel=TOLERANCE, abs=TOLERANCE)
    for label in named.parameters:
        want = tensors[label].grad
        want = np.zeros(values[label].shape) if want is None else want.numpy()
        for have in (gradients[label], meant["∂" + label]):
            assert np.shape(have) == want.shape
            np.testing.assert_allclose(have, want, rtol=TOLERANCE, atol=TOLERANCE * (1 + np.abs(want).max()))
    return record


# --- attention, recurrence, normalization ------------------------------------------------------------------------------


def heads_of(a: Form, heads: int) -> Form:
    batch, time, width = a.shape
    return transpose(reshape(a, (batch, time, heads, int(width) // heads)), (0, 2, 1, 3))


@pytest.mark.parametrize("batch", [2, "n"])
def test_multi_head_attention_with_a_causal_mask(batch: Any) -> None:
    net = Network()
    x, mask = net.input("x", (batch, 5, 6)), net.input("mask", (5, 5))
    W = {label: net.parameter(label, (6, 6)) for label in ("W_q", "W_k", "W_v", "W_o")}
    b = net.parameter("b_o", (6,))
    q, k, v = (net.define(label, heads_of(x @ W[f"W_{label}"], 2)) for label in "qkv")
    scores = net.define("scores", where(equal(mask, 1), q @ transpose(k, (0, 1, 3, 2)) / math.sqrt(3), -1e9))
    p = net.define("p", softmax(scores, axis=-1))
    together = reshape(transpose(p @ v, (0, 2, 1, 3)), (batch, 5, 6))
    y = net.define("y", together @ W["W_o"] + b)
    net.define("L", (y**2).mean())

    def oracle(x: Any, mask: Any, W_q: Any, W_k: Any, W_v: Any, W_o: Any, b_o: Any) -> Any:
        q, k, v = ((x @ W).unflatten(2, (2, 3)).transpose(1, 2) for W in (W_q, W_k, W_v))
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return ((seen.transpose(1, 2).flatten(2) @ W_o + b_o) ** 2).mean()

    record = prove(net, oracle, {"mask": np.tril(np.ones((5, 5)))})
    assert not any("einsum" in str(s.form) for s in record.steps if s.of in ("q", "k", "v", "p"))


def recurrent(cell: str, steps: int, inputs: int = 3, hidden: int = 4) -> Network:
    net = Network()
    gates = {"RNN": 1, "LSTM": 4, "GRU": 3}[cell]
    x = net.input("x", ("n", steps, inputs))
    W, U = net.parameter("W", (gates * hidden, inputs)), net.parameter("U", (gates * hidden, hidden))
    b, c = net.parameter("b", (gates * hidden,)), net.parameter("c", (gates * hidden,))
    h, s = net.parameter("h0", ("n", hidden)), net.parameter("s0", ("n", hidden))

    def part(form: Form, k: int) -> Form:
        return form[:, k * hidden : (k + 1) * hidden]

    for t in range(1, steps + 1):
        z, r = x[:, t - 1] @ W.T + b, h @ U.T + c
        if cell == "RNN":
            h = net.define(f"h{t}", tanh(z + r))
        elif cell == "LSTM":
            gate = net.define(f"g{t}", z + r)
            s = net.define(f"s{t}", sigmoid(part(gate, 1)) * s + sigmoid(part(gate, 0)) * tanh(part(gate, 2)))
            h = net.define(f"h{t}", sigmoid(part(gate, 3)) * tanh(s))
        else:
            z, r = net.define(f"z{t}", z), net.define(f"r{t}", r)
            reset, update = sigmoid(part(z, 0) + part(r, 0)), net.define(f"u{t}", sigmoid(part(z, 1) + part(r, 1)))
            candidate = net.define(f"k{t}", tanh(part(z, 2) + reset * part(r, 2)))
            h = net.define(f"h{t}", (1 - update) * candidate + update * h)
    net.define("L", (h**2).sum() + (s**2).mean() if cell == "LSTM" else (h**2).sum())
    return net


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_recurrent_networks_over_five_steps(cell: str) -> None:
    def oracle(x: Any, W: Any, U: Any, b: Any, c: Any, h0: Any, s0: Any = None) -> Any:
        module = getattr(torch.nn, cell)(3, 4, batch_first=True).double()
        start = (h0[None], s0[None]) if cell == "LSTM" else h0[None]
        weights = dict(zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"), (W, U, b, c), strict=True))
        _, last = torch.func.functional_call(module, weights, (x, start))
        return (last[0] ** 2).sum() + (last[1] ** 2).mean() if cell == "LSTM" else (last**2).sum()

    prove(recurrent(cell, 5), oracle)


@pytest.mark.parametrize("shape", [("n", 3), (4, 3, 5), ("n", 3, 4, 2)])
def test_batch_norm_in_training(shape: Any) -> None:
    net = Network()
    x, w, b, t = net.parameter("x", shape), net.parameter("w", (3,)), net.parameter("b", (3,)), net.input("t", shape)
    y = net.define("y", ROWS["batch_norm"](x, weight=w, bias=b, training=True, eps=0.01))
    net.define("L", ((y - t) ** 2).mean())
    prove(net, lambda x, w, b, t: ((F.batch_norm(x, None, None, w, b, training=True, eps=0.01) - t) ** 2).mean())


def test_batch_norm_with_running_statistics() -> None:
    net = Network()
    x, m, v = net.parameter("x", ("n", 3, 4)), net.input("m", (3,)), net.input("v", (3,))
    net.define("L", (ROWS["batch_norm"](x, m, v) ** 3).sum())
    prove(net, lambda x, m, v: (F.batch_norm(x, m, v) ** 3).sum(), {"v": np.array([0.5, 1.0, 2.0])})
    with pytest.raises(NetworkError, match="training=True"):
        ROWS["batch_norm"](x)


@pytest.mark.parametrize("shape", [(4,), (3, 4)])
def test_layer_norm(shape: tuple[int, ...]) -> None:
    net = Network()
    x, w, b = net.parameter("x", ("n", 3, 4)), net.parameter("w", shape), net.parameter("b", shape)
    t = net.input("t", ("n", 3, 4))
    y = net.define("y", ROWS["layer_norm"](x, shape, w, b))
    net.define("L", (y * t).sum())
    prove(net, lambda x, w, b, t: (F.layer_norm(x, shape, w, b) * t).sum())


# --- convolution and pooling -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2, "padding": 1},
        {"padding": "same", "dilation": 2},
        {"padding": "valid"},
        {"groups": 2},
        {"groups": 4, "stride": 3, "padding": 2, "dilation": 2},
    ],
)
@pytest.mark.parametrize("batch", [2, "n"])
def test_conv1d(options: dict[str, Any], batch: Any) -> None:
    net = Network()
    x, t = net.parameter("x", (batch, 4, 9)), 1.5
    w, b = net.parameter("w", (8, 4 // options.get("groups", 1), 3)), net.parameter("b", (8,))
    net.define("y", ROWS["conv1d"](x, w, b, **options))
    net.define("L", ((net["y"] - t) ** 2).mean())
    prove(net, lambda x, w, b: ((F.conv1d(x, w, b, **options) - t) ** 2).mean())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": (2, 1), "padding": (1, 0)},
        {"padding": "same", "dilation": (1, 2)},
        {"dilation": (2, 1)},
        {"groups": 2, "stride": 2, "padding": 1},
        {"groups": 2, "stride": (1, 3), "padding": (2, 1), "dilation": (2, 1)},
    ],
)
@pytest.mark.parametrize("biased", [True, False])
def test_conv2d(options: dict[str, Any], biased: bool) -> None:
    net = Network()
    x, w = net.parameter("x", ("n", 4, 7, 6)), net.parameter("w", (6, 4 // options.get("groups", 1), 3, 2))
    b = net.parameter("b", (6,)) if biased else None
    net.define("L", (tanh(net.define("y", ROWS["conv2d"](x, w, b, **options))) ** 2).sum())
    prove(net, lambda x, w, b=None: (torch.tanh(F.conv2d(x, w, b, **options)) ** 2).sum())


@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": 1},
        {"kernel_size": 2, "stride": 3, "padding": 1},
    ],
)
@pytest.mark.parametrize("kind", ["max", "avg", "avg without padding", "max dilated"])
def test_pooling(rank: int, options: dict[str, Any], kind: str) -> None:
    more = {"avg without padding": {"count_include_pad": False}, "max dilated": {"dilation": 2}}.get(kind, {})
    label = f"{kind.split()[0]}_pool{rank}d"
    net = Network()
    x = net.parameter("x", ("n", 2, 8, 7)[: rank + 2])
    net.define("y", ROWS[label](x, **options, **more))
    net.define("L", (net["y"] ** 3).sum())
    prove(net, lambda x: (getattr(F, label)(x, **options, **more) ** 3).sum())


def test_pooling_of_negative_numbers_ignores_the_padding() -> None:
    net = Network()
    x = net.parameter("x", (1, 1, 4))
    net.define("L", ROWS["max_pool1d"](x, kernel_size=2, padding=1).sum())
    loss, gradients = lambdify(derive_record(name_equations(net)))(x=-np.array([[[1.0, 2.0, 3.0, 4.0]]]))
    assert loss == -1 - 2 - 4
    np.testing.assert_array_equal(gradients["x"], [[[1, 1, 0, 1]]])


def test_a_small_convolutional_network() -> None:
    net = Network()
    x, t = net.input("x", ("n", 1, 8, 8)), net.input("t", ("n",), integer=True)
    w1, b1 = net.parameter("w1", (3, 1, 3, 3)), net.parameter("b1", (3,))
    w2, b2 = net.parameter("w2", (4, 3, 3, 3)), net.parameter("b2", (4,))
    W, b = net.parameter("W", (5, 16)), net.parameter("b", (5,))
    h = net.define("h1", ROWS["max_pool2d"](relu(ROWS["conv2d"](x, w1, b1, padding=1)), kernel_size=2))
    h = net.define("h2", ROWS["max_pool2d"](relu(ROWS["conv2d"](h, w2, b2, padding=1)), kernel_size=2))
    net.define("z", ROWS["linear"](ROWS["flatten"](h, start_dim=1), W, b))
    net.define("L", ROWS["cross_entropy"](net["z"], t))

    def oracle(x: Any, t: Any, w1: Any, b1: Any, w2: Any, b2: Any, W: Any, b: Any) -> Any:
        h = F.max_pool2d(F.relu(F.conv2d(x, w1, b1, padding=1)), 2)
        h = F.max_pool2d(F.relu(F.conv2d(h, w2, b2, padding=1)), 2)
        return F.cross_entropy(F.linear(h.flatten(1), W, b), t)

    prove(net, oracle, {"t": np.array([4, 0, 2])})


# --- embeddings and picks ----------------------------------------------------------------------------------------------


def test_embedding_with_repeated_indices() -> None:
    net = Network()
    E, i = net.parameter("E", (6, 3)), net.input("i", ("n", 4), integer=True)
    W = net.parameter("W", (3, 2))
    h = net.define("h", ROWS["embedding"](i, E))
    net.define("L", (tanh(h @ W) ** 2).sum())
    at = np.array([[0, 1, 1, 5], [5, 5, 5, 0], [2, 0, 1, 1]])
    record = prove(net, lambda E, i, W: (torch.tanh(F.embedding(i, E) @ W) ** 2).sum(), {"i": at})
    lines = generate(record).source
    assert "h = E[i]" in lines
    assert "dE = scatter(dh, i, 0, (6, 3))" in lines
    gradient = lambdify(record)(**random_values(net, {"i": at}))[1]["E"]
    assert (gradient[[3, 4]] == 0).all() and (gradient[5] != 0).all()


def test_rows_gathered_along_another_axis() -> None:
    net = Network()
    x, i = net.parameter("x", (2, 5, 3)), net.input("i", (4,), integer=True)
    net.define("L", (gather(x, i, 1) ** 3).sum())
    prove(net, lambda x, i: (x[:, i] ** 3).sum(), {"i": np.array([4, 0, 0, 3])})


def test_an_embedding_tied_to_the_output_layer() -> None:
    net = Network()
    E, W = net.parameter("E", (6, 3)), net.parameter("W", (3, 3))
    i, t = net.input("i", ("n",), integer=True), net.input("t", ("n",), integer=True)
    h = net.define("h", tanh(gather(E, i) @ W))
    net.define("z", h @ E.T)
    net.define("L", ROWS["cross_entropy"](net["z"], t))
    given = {"i": np.array([1, 1, 5]), "t": np.array([0, 5, 1])}
    prove(net, lambda E, W, i, t: F.cross_entropy(torch.tanh(E[i] @ W) @ E.T, t), given)


def test_the_entry_of_each_row_at_a_class_index() -> None:
    net = Network()
    z, t = net.parameter("z", ("n", 4)), net.input("t", ("n",), integer=True)
    net.define("L", (ROWS["pick"](tanh(z), t) ** 2).sum())
    at = np.array([3, 0, 3])
    prove(net, lambda z, t: (torch.tanh(z)[torch.arange(3), t] ** 2).sum(), {"t": at})


# --- layers with shared parts ------------------------------------------------------------------------------------------


def test_tied_weights() -> None:
    net = Network()
    x, W, b, c = (
        net.input("x", ("n", 5)),
        net.parameter("W", (5, 3)),
        net.parameter("b", (3,)),
        net.parameter("c", (5,)),
    )
    h = net.define("h", sigmoid(x @ W + b))
    y = net.define("y", h @ W.T + c)
    net.define("L", ((y - x) ** 2).mean())
    prove(net, lambda x, W, b, c: ((torch.sigmoid(x @ W + b) @ W.T + c - x) ** 2).mean())


def test_a_residual_network() -> None:
    net = Network()
    x = net.input("x", ("n", 4))
    h: Form = x
    for k in (1, 2, 3):
        W, V = net.parameter(f"W{k}", (4, 6)), net.parameter(f"V{k}", (6, 4))
        h = net.define(f"h{k}", h + relu(ROWS["layer_norm"](h, (4,)) @ W) @ V)
    net.define("L", (h**2).mean())

    def oracle(x: Any, **weights: Any) -> Any:
        for k in (1, 2, 3):
            x = x + torch.relu(F.layer_norm(x, (4,)) @ weights[f"W{k}"]) @ weights[f"V{k}"]
        return (x**2).mean()

    prove(net, oracle)


# --- ties and edges ----------------------------------------------------------------------------------------------------

TIED = np.array([[1.0, 3, 3, 0], [3, 2, 3, 3], [0, 0, 0, 0]])


@pytest.mark.parametrize("axis", [0, 1, (0, 1)])
@pytest.mark.parametrize("kind", ["max", "min"])
def test_ties_of_a_maximum_share_evenly(axis: Any, kind: str) -> None:
    for keepdims in (False, True):
        net = Network()
        x, g = net.parameter("x", (3, 4)), net.input("g", (3, 4))
        m = net.define("m", getattr(x, kind)(axis=axis, keepdims=keepdims))
        net.define("L", (m * m + m).sum() + (x * g).sum())

        def oracle(x: Any, g: Any, keepdims: bool = keepdims) -> Any:
            m = getattr(torch, f"a{kind}")(x, axis, keepdim=keepdims)
            return (m * m + m).sum() + (x * g).sum()

        prove(net, oracle, {"x": TIED})


def test_entries_at_kinks() -> None:
    net = Network()
    x, y = net.parameter("x", (3, 4)), net.parameter("y", (3, 4))
    parts = [
        relu(x),
        ROWS["absolute"](x),
        ROWS["maximum"](x, y),
        ROWS["minimum"](x, y),
        ROWS["clip"](x, 0, 3),
        ROWS["huber"](x, y, reduction="none"),
        ROWS["leaky_relu"](x),
    ]
    total = parts[0].sum()
    for k, part in enumerate(parts[1:]):
        total = total + (k + 2) * part.sum()
    net.define("L", total)

    def oracle(x: Any, y: Any) -> Any:
        parts = [
            F.relu(x),
            x.abs(),
            torch.maximum(x, y),
            torch.minimum(x, y),
            x.clamp(0, 3),
            F.huber_loss(x, y, reduction="none"),
            F.leaky_relu(x),
        ]
        return sum((k + 1) * part.sum() for k, part in enumerate(parts))

    prove(net, oracle, {"x": TIED, "y": TIED[::-1].copy() - 0.0})


def test_a_maximum_over_padding_of_its_own_size() -> None:
    """A window that holds one true entry only, in a corner, passes everything to it."""
    net = Network()
    x = net.parameter("x", (1, 1, 2, 2))
    net.define("L", (ROWS["max_pool2d"](x, kernel_size=2, stride=1, padding=1) ** 2).sum())
    prove(net, lambda x: (F.max_pool2d(x, 2, 1, 1) ** 2).sum())


# --- rearrangements ----------------------------------------------------------------------------------------------------

X = name("x", (4, 6))
CASES: dict[str, tuple[tuple[Any, ...], Callable[[Form], Form], Callable[[Any], Any]]] = {
    "flatten": ((2, 3, 4), lambda x: reshape(x, (-1,)), lambda x: x.reshape(-1)),
    "merge first": ((2, 3, 4), lambda x: reshape(x, (6, 4)), lambda x: x.reshape(6, 4)),
    "merge last": (("n", 3, 4), lambda x: reshape(x, ("n", 12)), lambda x: x.flatten(1)),
    "split": (("n", 12), lambda x: reshape(x, ("n", 2, 6)), lambda x: x.unflatten(1, (2, 6))),
    "split twice": ((12, 6), lambda x: reshape(x, (3, 4, 2, 3)), lambda x: x.reshape(3, 4, 2, 3)),
    "regroup": ((4, 6), lambda x: reshape(x, (8, 3)), lambda x: x.reshape(8, 3)),
    "regroup coprime": ((4, 6), lambda x: reshape(x, (3, 8)), lambda x: x.reshape(3, 8)),
    "unit axes": ((4, 1, 6), lambda x: reshape(x, (1, 4, 6, 1)), lambda x: x.reshape(1, 4, 6, 1)),
    "split, swap, merge": (
        (4, 6),
        lambda x: reshape(transpose(reshape(x, (4, 2, 3)), (1, 0, 2)), (2, 12)),
        lambda x: x.reshape(4, 2, 3).transpose(0, 1).reshape(2, 12),
    ),
    "flatten of a transpose": ((4, 6), lambda x: reshape(x.T, (24,)), lambda x: x.T.reshape(24)),
    "pad": ((2, 3), lambda x: pad(x, [(1, 0), (2, 1)]), lambda x: F.pad(x, (2, 1, 1, 0))),
    "pad with a number": ((2, 3), lambda x: pad(x, [(0, 1), (2, 0)], 0.5), lambda x: F.pad(x, (2, 0, 0, 1), value=0.5)),
    "pad one axis": (("n", 3), lambda x: pad(x, [(0, 0), (0, 2)]), lambda x: F.pad(x, (0, 2))),
    "negative index": ((4, 6), lambda x: x[-1] * x[-2], lambda x: x[-1] * x[-2]),
    "reversed": ((4, 6), lambda x: x[::-1] * x[:, ::-1], lambda x: x.flip(0) * x.flip(1)),
    "strides": ((4, 6), lambda x: x[1::2, ::3] * x[:3:2, 2::3], lambda x: x[1::2, ::3] * x[:3:2, 2::3]),
    "new axes": (
        (4, 6),
        lambda x: x[:, None, :] - x[None, :, :],
        lambda x: x[:, None, :] - x[None, :, :],
    ),
    "new axis at the end": ((4, 6), lambda x: x[..., None] * x[:, None], lambda x: x[..., None] * x[:, None]),
    "windows": (
        (2, 9),
        lambda x: windows(x, 1, 3, 2, 2),
        lambda x: torch.stack([x[:, 0:5], x[:, 2:7], x[:, 4:9]], 2)[:, ::2],
    ),
    "windows of a reversed slice": (
        (6, 3),
        lambda x: windows(x[4::-1], 0, 2),
        lambda x: x[:5].flip(0).unfold(0, 2, 1).mT,
    ),
    "windows of a reversed slice, its axes exchanged": (
        (6, 3),
        lambda x: windows(x[4::-1].T, 1, 2, 1, 2),
        lambda x: torch.stack([x[:5].flip(0).T[:, :3], x[:5].flip(0).T[:, 2:]], 2),
    ),
    "windows of windows of a slice": (
        (9,),
        lambda x: windows(windows(x[1:8:2], 0, 2), 0, 2),
        lambda x: x[1:8:2].unfold(0, 2, 1).unfold(0, 2, 1).mT,
    ),
    "windows, some left over": ((8,), lambda x: windows(x, 0, 3, 2), lambda x: x.unfold(0, 3, 2)),
    "overlapping windows of windows": (
        (5, 6),
        lambda x: windows(windows(x, 0, 2), 2, 3, 2),
        lambda x: x.unfold(0, 2, 1).transpose(1, 2).unfold(2, 3, 2),
    ),
    "einsum with a trace": ((4, 4), lambda x: einsum([(0, 0)], (), [x]) * x[0], lambda x: torch.einsum("ii", x) * x[0]),
    "einsum, a diagonal": ((4, 4), lambda x: einsum([(0, 0)], (0,), [x]), lambda x: torch.einsum("ii->i", x)),
    "einsum, three operands": (
        (4, 4),
        lambda x: einsum([(0, 1), (1, 2), (0, 2)], (1,), [x, x, x]),
        lambda x: torch.einsum("ij,jk,ik->j", x, x, x),
    ),
    "einsum, an outer product": (
        (3, 2),
        lambda x: einsum([(0, 1), (2, 3)], (0, 3, 2, 1), [x, x]),
        lambda x: torch.einsum("ij,kl->ilkj", x, x),
    ),
    "mean over merged axes": (
        (4, 6),
        lambda x: reshape(x, (2, 2, 6)).mean(axis=1),
        lambda x: x.reshape(2, 2, 6).mean(1),
    ),
}


@pytest.mark.parametrize("label", CASES)
def test_rearrangements(label: str) -> None:
    shape, build, oracle = CASES[label]
    net = Network()
    x, w = net.parameter("x", shape), net.parameter("w", build(name("x", forms.make_shape(shape))).shape)
    made = net.define("y", build(x))
    net.define("L", (w * tanh(made)).sum() + (made**2).mean())
    prove(net, lambda x, w: (w * torch.tanh(oracle(x))).sum() + (oracle(x) ** 2).mean())


def test_rearrangements_inside_one_loss() -> None:
    """Nothing is named by hand: cutting into named form is left to the network."""
    net = Network()
    x, w = net.parameter("x", (2, 3, 4)), net.parameter("w", (12, 2))
    net.define("L", (sigmoid(reshape(x * 2, (2, 12)) @ w) * reshape(x, (2, -1))[:, ::6]).sum())
    prove(net, lambda x, w: (torch.sigmoid((x * 2).reshape(2, 12) @ w) * x.reshape(2, -1)[:, ::6]).sum())


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concatenate_stack_and_split(axis: int) -> None:
    net = Network()
    x, y = net.parameter("x", (2, 4)), net.parameter("y", (2, 4))
    joined = net.define("joined", forms.concatenate([x, y * y, x], axis))
    stacked = net.define("stacked", stack([x, y], axis))
    count = int(joined.shape[axis]) // 2
    first = joined[:count] if axis == 0 else joined[:, :count]
    second = joined[count:] if axis == 0 else joined[:, count:]
    net.define("L", (first * second**2).sum() + (stacked**3).sum())

    def oracle(x: Any, y: Any) -> Any:
        joined = torch.cat([x, y * y, x], axis)
        first, second = joined.split(joined.shape[axis] // 2, axis)
        return (first * second**2).sum() + (torch.stack([x, y], axis) ** 3).sum()

    prove(net, oracle)


def test_concatenation_of_rows_of_length_one() -> None:
    net = Network()
    x, y = net.parameter("x", ("n", 1)), net.parameter("y", ("n", 3))
    W = net.parameter("W", (4, 2))
    net.define("L", (tanh(forms.concatenate([x, y], 1) @ W) ** 2).sum())
    prove(net, lambda x, y, W: (torch.tanh(torch.cat([x, y], 1) @ W) ** 2).sum())


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((2, 3, 4), (4, 5)),
        ((2, 3, 4), (2, 4, 5)),
        ((3, 4), (2, 4, 5)),
        ((2, 1, 3, 4), (5, 4, 2)),
        ((2, 3, 4), (4,)),
        ((4,), (2, 4, 3)),
        ((1, 3, 4), (2, 4, 5)),
        (("n", 2, 3), ("n", 3, 2)),
        (("n", 2, 3), (3, 3)),
        (("n", 3, 3), (3,)),
    ],
)
def test_batched_products(a: Any, b: Any) -> None:
    net = Network()
    left, right = net.parameter("a", a), net.parameter("b", b)
    y = net.define("y", left @ right)
    net.define("L", (tanh(y) * y).sum())
    prove(net, lambda a, b: (torch.tanh(a @ b) * (a @ b)).sum())


# --- random layouts ----------------------------------------------------------------------------------------------------


def random_window_network(draw: random.Random) -> tuple[Network, Callable[..., Any]] | None:
    """Return a convolution or a pooling with random sizes, many of them 1; None where a window does not fit."""
    rank = draw.choice([1, 2])

    def sizes(*options: int) -> tuple[int, ...]:
        return tuple(draw.choice(options) for _ in range(rank))

    space, kernel, stride, padding = sizes(1, 2, 3, 5, 6), sizes(1, 1, 2, 3), sizes(1, 1, 2, 3), sizes(0, 1, 2)
    dilation, groups, batch = sizes(1, 1, 2), draw.choice([1, 1, 2]), draw.choice([1, 2, "n"])
    kind = draw.choice(["conv", "max_pool", "avg_pool"])
    if kind != "conv":
        padding = tuple(min(p, k // 2) for p, k in zip(padding, kernel, strict=True))
    net, label = Network(), f"{kind}{rank}d"
    x = net.parameter("x", (batch, 2 * draw.choice([1, 2]), *space))
    options: dict[str, Any] = {"stride": stride, "padding": padding}
    if kind == "conv":
        outputs = groups * draw.choice([1, 2, 3])
        arrays = [net.parameter("w", (outputs, int(x.shape[1]) // groups, *kernel)), net.parameter("b", (outputs,))]
        options |= {"dilation": dilation, "groups": groups}
    else:
        arrays = []
        options |= {"kernel_size": kernel}
        options |= {"dilation": dilation} if kind == "max_pool" else {"count_include_pad": draw.random() < 0.5}
    if any(d * (k - 1) >= s + p for d, k, s, p in zip(dilation, kernel, space, padding, strict=True)):
        return None  # some window would lie in the padding alone
    y = net.define("y", ROWS[label](x, *arrays, **options))
    net.define("L", (tanh(y) * y).sum())

    def oracle(x: Any, w: Any = None, b: Any = None) -> Any:
        y = getattr(F, label)(x, *(() if w is None else (w, b)), **options)
        return (torch.tanh(y) * y).sum()

    return net, oracle


def random_rearrangement(draw: random.Random) -> tuple[Network, Callable[..., Any]]:
    """Return an array reshaped, transposed and reshaped again, with axes merged and split anyhow."""
    factors = [draw.choice([1, 2, 2, 3]) for _ in range(4)]

    def split() -> tuple[int, ...]:
        rest = draw.sample(factors, len(factors))
        found = []
        while rest:
            count = draw.choice([1, 1, 2])
            found.append(math.prod(rest[:count]))
            rest = rest[count:]
        return tuple(found)

    old, middle, new = split(), split(), split()
    order = draw.sample(range(len(middle)), len(middle))
    net = Network()
    x, w = net.parameter("x", old), net.parameter("w", new)
    y = net.define("y", reshape(transpose(reshape(x, middle), order), new))
    net.define("L", (y * w * y).sum())

    def oracle(x: Any, w: Any) -> Any:
        y = x.reshape(middle).permute(*order).reshape(new)
        return (y * w * y).sum()

    return net, oracle


@pytest.mark.parametrize("seed", range(60))
def test_random_layouts(seed: int) -> None:
    draw = random.Random(seed)
    for found in (random_window_network(draw), random_rearrangement(draw)):
        if found is not None:
            prove(*found)


# --- depth -------------------------------------------------------------------------------------------------------------


def test_blocks_of_attention_share_their_derivation() -> None:
    """Each shape of equation is derived once: two blocks need as many templates as six."""

    def templates(blocks: int) -> int:
        net = Network()
        h = net.input("x", ("n", 5, 8))
        for k in range(1, blocks + 1):
            q, key, v = (heads_of(h @ net.parameter(f"{label}{k}", (8, 8)), 2) for label in "QKV")
            p = net.define(f"p{k}", softmax(q @ transpose(key, (0, 1, 3, 2)) / 2, axis=-1))
            read = reshape(transpose(p @ v, (0, 2, 1, 3)), ("n", 5, 8)) @ net.parameter(f"O{k}", (8, 8))
            h = net.define(f"h{k}", ROWS["layer_norm"](h + read, (8,)))
        net.define("L", (h**2).mean())
        derivation.clear_templates()
        derive_record(name_equations(net))
        return len(derivation._templates)

    assert templates(2) == templates(6)


# --- torch code read ---------------------------------------------------------------------------------------------------

TEXTS: dict[str, tuple[str, dict[str, tuple[int, ...]], int]] = {
    "convolutions": (
        """
import torch
import torch.nn.functional as F
h = F.max_pool2d(F.relu(F.conv2d(x, w1, b1, stride=1, padding=1)), 2)
h = F.avg_pool2d(torch.tanh(F.conv2d(h, w2, None, (1, 2), padding=(1, 0), groups=2)), kernel_size=(2, 1))
h = F.layer_norm(h.flatten(1), (8,), weight=g, bias=c)
z = F.linear(h, W, bias=b)
loss = F.cross_entropy(z, t)
""",
        {
            "x": (3, 2, 4, 4),
            "w1": (4, 2, 3, 3),
            "b1": (4,),
            "w2": (8, 2, 3, 2),
            "g": (8,),
            "c": (8,),
            "W": (5, 8),
            "b": (5,),
            "t": (3,),
        },
        5,
    ),
    "embedding": (
        """
import torch
import torch.nn.functional as F
e = F.embedding(t, E)
y = F.conv1d(e.transpose(1, 2), w, padding='same')
y = F.max_pool1d(y, kernel_size=2)
y = F.batch_norm(y, None, None, g, c, training=True)
loss = (y ** 2 * s).mean()
""",
        {"E": (6, 4), "t": (3, 6), "w": (2, 4, 3), "g": (2,), "c": (2,), "s": (3, 2, 3)},
        6,
    ),
    "pooling by classes": (
        """
import torch
from torch import nn
pool = nn.MaxPool2d(2, stride=1, padding=1)
loss = (pool(x) ** 2).sum() + nn.AvgPool2d(2)(x).sum()
""",
        {"x": (2, 3, 4, 4)},
        1,
    ),
}


@pytest.mark.parametrize("label", TEXTS)
def test_torch_code_is_read(label: str) -> None:
    text, shapes, classes = TEXTS[label]
    rng = np.random.default_rng(0)
    values = {k: rng.integers(0, classes, s) if k == "t" else rng.standard_normal(s) for k, s in shapes.items()}
    wanted = [k for k in shapes if k != "t"]
    net = parse(text, shapes=shapes, wrt=wanted)
    loss, gradients = lambdify(derive_record(name_equations(net, wrt=wanted)))(**values)
    tensors = {k: torch.tensor(v, requires_grad=k != "t") for k, v in values.items()}
    scope: dict[str, Any] = dict(tensors)
    exec(text, scope)
    scope["loss"].backward()
    assert loss == pytest.approx(scope["loss"].item(), rel=TOLERANCE)
    for k in wanted:
        np.testing.assert_allclose(gradients[k], tensors[k].grad.numpy(), rtol=TOLERANCE, atol=TOLERANCE)


def test_options_of_torch_that_are_not_read_say_so() -> None:
    start = "import torch.nn.functional as F\n"
    with pytest.raises(SymbackError, match=r"line 2: .*ceil_mode"):
        parse(start + "loss = F.max_pool1d(x, 2, ceil_mode=True).sum()", shapes={"x": (1, 1, 5)})
    with pytest.raises(SymbackError, match=r"line 2: .*padding_idx"):
        parse(start + "loss = F.embedding(t, E, padding_idx=0).sum()", shapes={"t": (2,), "E": (3, 2)})


# --- the code ----------------------------------------------------------------------------------------------------------


def test_helpers_only_where_used() -> None:
    net = Network()
    x = net.parameter("x", (2, 6))
    net.define("L", (reshape(x, (2, 2, 3)) ** 2).sum())
    assert generate(derive_record(name_equations(net))).helpers == ()
    net = Network()
    x = net.parameter("x", (2, 6))
    net.define("L", (windows(x, 1, 2) ** 2).sum())
    assert generate(derive_record(name_equations(net))).helpers == ("windows", "overlap")


def test_names_of_helpers_are_not_taken() -> None:
    net = Network()
    x, put = net.parameter("windows", (2, 6)), net.parameter("overlap", (2, 5, 2))
    net.define("scatter", windows(x, 1, 2) * put)
    net.define("L", (net["scatter"] ** 2).sum())
    prove(net, lambda windows, overlap: ((windows.unfold(1, 2, 1) * overlap) ** 2).sum())


def test_returned_gradients_are_the_callers() -> None:
    net = Network()
    x, y = net.parameter("x", (2, 6)), net.parameter("y", (2, 2, 3))
    net.define("L", (reshape(x, (2, 2, 3)) * y).sum())
    function = lambdify(derive_record(name_equations(net)))
    values = random_values(net)
    before = {k: v.copy() for k, v in values.items()}
    for gradient in function(**values)[1].values():
        gradient *= 0
    for label, value in before.items():
        np.testing.assert_array_equal(values[label], value)


def test_a_symbolic_batch_runs_at_any_size() -> None:
    net = Network()
    x, w = net.input("x", ("n", 2, 6)), net.parameter("w", (12, 3))
    net.define("L", (tanh(reshape(x, ("n", 12)) @ w) ** 2).sum())
    function = lambdify(derive_record(name_equations(net)))
    for batch in (1, 4):
        values = {"x": np.ones((batch, 2, 6)), "w": np.full((12, 3), 0.1)}
        assert function(**values)[0] == pytest.approx(batch * 3 * math.tanh(1.2) ** 2)


# --- what cannot be done says so ---------------------------------------------------------------------------------------

IMAGE = name("x", (2, 4, 5, 5))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ROWS["conv2d"](IMAGE, name("w", (6, 3, 3, 3))), r"\(2, 4, 5, 5\).*\(6, 3, 3, 3\).*groups=1"),
        (
            lambda: ROWS["conv2d"](name("x", (4, 5, 5)), name("w", (6, 4, 3, 3))),
            r"\(4, 5, 5\); the axes are \(batch, channel",
        ),
        (lambda: ROWS["conv2d"](IMAGE, name("w", (6, 4, 3))), "expected 4 axes"),
        (lambda: ROWS["conv2d"](IMAGE, name("w", (6, 4, 7, 3))), "longer than the axis of 5"),
        (
            lambda: ROWS["conv2d"](IMAGE, name("w", (6, 4, 3, 3)), name("b", (4,))),
            r"expected one value per channel, \(6,\)",
        ),
        (lambda: ROWS["conv2d"](IMAGE, name("w", (6, 4, 3, 3)), padding="same", stride=2), "needs stride 1"),
        (lambda: ROWS["conv2d"](IMAGE, name("w", (6, 4, 3, 3)), stride=(1, 2, 3)), "stride is an integer or 2 of them"),
        (lambda: ROWS["conv2d"](IMAGE, name("w", (6, 4, 3, 3)), padding="full"), "'same', 'valid' or a number"),
        (lambda: ROWS["conv2d"](IMAGE, name("w", (5, 2, 3, 3)), groups=2), "groups=2"),
        (lambda: ROWS["max_pool2d"](IMAGE, kernel_size=2, ceil_mode=True), "ceil_mode"),
        (lambda: ROWS["max_pool2d"](IMAGE), "kernel_size is an integer"),
        (lambda: ROWS["avg_pool2d"](IMAGE, kernel_size=2, padding=2), "more than half"),
        (lambda: ROWS["layer_norm"](IMAGE, (4, 5)), "normalized_shape"),
        (lambda: ROWS["embedding"](name("i", (2,)), name("E", (3,))), r"expected \(rows, width\)"),
        (lambda: ROWS["flatten"](IMAGE, start_dim=3, end_dim=1), "axes 3 to 1"),
        (lambda: ROWS["conv2d"](IMAGE, name("w", (6, 4, 3, 3)), name("b", (6,)), stried=1), "no parameter stried"),
        (lambda: ROWS["conv2d"](IMAGE), "takes 3 argument"),
        (lambda: pad(name("x", (2, 2)), [(1, -1), (0, 0)]), "one pair of widths"),
        (lambda: windows(X, 1, 7), "longer than 6"),
        (lambda: reshape(X, (5, 5)), r"\(4, 6\) cannot take the shape \(5, 5\)"),
    ],
)
def test_messages(build: Callable[[], Form], message: str) -> None:
    with pytest.raises((NetworkError, ShapeError), match=message):
        build()


def test_an_index_array_has_no_gradient() -> None:
    net = Network()
    E, i = net.parameter("E", (6, 3)), net.input("i", (4,), integer=True)
    net.define("L", (gather(E, i) ** 2).sum())
    with pytest.raises(SymbackError, match="class indices"):
        name_equations(net, wrt=["i"])


def test_rows_are_known_by_their_torch_names() -> None:
    for label in (
        "conv1d",
        "conv2d",
        "max_pool1d",
        "max_pool2d",
        "avg_pool1d",
        "avg_pool2d",
        "linear",
        "layer_norm",
        "batch_norm",
        "embedding",
    ):
        assert ALIASES[f"F.{label}"] is ALIASES[f"torch.nn.functional.{label}"] is ROWS[label]
        assert hasattr(F, label)
    assert one_hot(name("i", (2,)), 3).shape == (2, 3)
