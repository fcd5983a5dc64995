"""Networks that are printed, each with the NumPy code that means the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import symback as sb
from symback.core.forms import undefined
from symback.derivation.record import Record
from symback.functions import ROWS
from symback.networks.network import Network
from symback.page.notation import choose_notation
from tests.support import plain
from tests.support.small_networks import differences, log

Forward = Callable[[dict[str, Any]], dict[str, Any]]


sigmoid, relu, tanh, softmax = (ROWS[k] for k in ("sigmoid", "relu", "tanh", "softmax"))


def chain() -> Network:
    net = Network()
    x, t = net.input("x"), net.input("t")
    w1, w2 = net.parameter("w1"), net.parameter("w2")
    f = undefined("f")
    h = net.define("h", f(x * w1))
    y = net.define("y", f(h * w2))
    net.define("E", (t - y) ** 2 / 2)
    return net


def square() -> Network:
    net = Network()
    x = net.parameter("x")
    y = net.define("y", x**2)
    net.define("z", 2 * y)
    return net


def neuron_bce() -> Network:
    net = Network()
    x, y = net.input("x"), net.input("y")
    w, b = net.parameter("w"), net.parameter("b")
    z = net.define("z", w * x + b)
    y_hat = net.define("y_hat", sigmoid(z))
    net.define("L", -(y * log(y_hat) + (1 - y) * log(1 - y_hat)))
    return net


def relu_mse() -> Network:
    net = Network()
    x, y = net.input("x", (1,)), net.input("y", (1,))
    w1, b1, w2, b2 = (net.parameter(k, (1,)) for k in ("w1", "b1", "w2", "b2"))
    z1 = net.define("z1", w1 * x + b1)
    h = net.define("h", relu(z1))
    z2 = net.define("z2", w2 * h + b2)
    net.define("L", ((z2 - y) ** 2).mean())
    return net


def fan_out() -> Network:
    net = Network()
    x, t = net.input("x"), net.input("t")
    w, v = net.parameter("w"), net.parameter("v")
    h = net.define("h", tanh(x * w))
    a = net.define("a", h * v - t)
    b = net.define("b", h**2 + 1)
    y = net.define("y", a * b)
    net.define("L", (y - t) ** 2)
    return net


def two_paths() -> Network:
    """A name that reaches an equation directly and through another one: its direct derivative is only a part."""
    net = Network()
    x, w, t = net.input("x"), net.parameter("w"), net.input("t")
    z = net.define("z", x * w)
    a = net.define("a", sigmoid(z))
    y = net.define("y", z * a)
    net.define("L", (y - t) ** 2 + a)
    return net


def two_layer_sigmoid(batch: Any = "n", target: str = "y") -> Network:
    net = Network()
    x, y = net.input("x", (batch, 2)), net.input(target, (batch, 1))
    W1, b1 = net.parameter("W1", (2, 3)), net.parameter("b1", (3,))
    W2, b2 = net.parameter("W2", (3, 1)), net.parameter("b2", (1,))
    z1 = net.define("z1", x @ W1 + b1)
    a1 = net.define("a1", sigmoid(z1))
    z2 = net.define("z2", a1 @ W2 + b2)
    a2 = net.define("a2", sigmoid(z2))
    net.define("L", 0.5 * ((y - a2) ** 2).sum())
    return net


def columns() -> Network:
    net = Network()
    x, y = net.input("x", (3,)), net.input("y", (2,))
    W1, b1 = net.parameter("W1", (4, 3)), net.parameter("b1", (4,))
    W2, b2 = net.parameter("W2", (2, 4)), net.parameter("b2", (2,))
    a = net.define("a", relu(W1 @ x + b1))
    z = net.define("z", W2 @ a + b2)
    net.define("L", ((z - y) ** 2).mean())
    return net


def torch_layout() -> Network:
    net = Network()
    X, y = net.input("X", ("n", 2)), net.input("y", ("n", 3))
    W, b = net.parameter("W", (3, 2)), net.parameter("b", (3,))
    z = net.define("z", X @ W.T + b)
    y_hat = net.define("y_hat", softmax(z, axis=1))
    net.define("loss", -(y * log(y_hat)).sum(axis=1).mean())
    net.assume("one-hot", y)
    return net


def rows_1d() -> Network:
    net = Network()
    x, t = net.input("x", (3,)), net.input("t", (2,))
    W, b = net.parameter("W", (3, 2)), net.parameter("b", (2,))
    z = net.define("z", x @ W + b)
    net.define("L", ((tanh(z) - t) ** 2).sum())
    return net


def residual() -> Network:
    net = Network()
    x, y = net.input("x", ("n", 3)), net.input("y", ("n", 3))
    W1, W2 = net.parameter("W1", (3, 3)), net.parameter("W2", (3, 3))
    h1 = net.define("h1", tanh(x @ W1))
    h2 = net.define("h2", h1 + sigmoid(h1 @ W2))
    net.define("L", ((h2 - y) ** 2).mean() + 0.1 * (W2**2).sum())
    return net


def chain_forward(v: dict[str, Any]) -> dict[str, Any]:
    h = np.sin(v["x"] * v["w1"])
    y = np.sin(h * v["w2"])
    return {"h": h, "y": y, "E": (v["t"] - y) ** 2 / 2}


def square_forward(v: dict[str, Any]) -> dict[str, Any]:
    return {"y": v["x"] ** 2, "z": 2 * v["x"] ** 2}


def neuron_forward(v: dict[str, Any]) -> dict[str, Any]:
    z = v["w"] * v["x"] + v["b"]
    p = plain.logistic(z)
    return {"z": z, "y_hat": p, "L": -(v["y"] * np.log(p) + (1 - v["y"]) * np.log(1 - p))}


def weighted_bce() -> Network:
    """A collapse that is not at the loss: what comes from nearer the loss is multiplied once, not twice."""
    net = Network()
    x, y = net.input("x"), net.input("y")
    w, b = net.parameter("w"), net.parameter("b")
    p = net.define("p", sigmoid(net.define("z", w * x + b)))
    c = net.define("c", -(y * log(p) + (1 - y) * log(1 - p)))
    r = net.define("r", w**2)
    net.define("L", 2 * c * r + r)
    return net


def weighted_forward(v: dict[str, Any]) -> dict[str, Any]:
    z = v["w"] * v["x"] + v["b"]
    p, r = plain.logistic(z), v["w"] ** 2
    c = -(v["y"] * np.log(p) + (1 - v["y"]) * np.log(1 - p))
    return {"z": z, "p": p, "c": c, "r": r, "L": 2 * c * r + r}


def relu_forward(v: dict[str, Any]) -> dict[str, Any]:
    z1 = v["w1"] * v["x"] + v["b1"]
    h = np.maximum(0, z1)
    z2 = v["w2"] * h + v["b2"]
    return {"z1": z1, "h": h, "z2": z2, "L": np.mean((z2 - v["y"]) ** 2)}


def fan_forward(v: dict[str, Any]) -> dict[str, Any]:
    h = np.tanh(v["x"] * v["w"])
    a = h * v["v"] - v["t"]
    b = h**2 + 1
    return {"h": h, "a": a, "b": b, "y": a * b, "L": (a * b - v["t"]) ** 2}


def paths_forward(v: dict[str, Any]) -> dict[str, Any]:
    z = v["x"] * v["w"]
    a = plain.logistic(z)
    return {"z": z, "a": a, "y": z * a, "L": (z * a - v["t"]) ** 2 + a}


def two_forward(v: dict[str, Any]) -> dict[str, Any]:
    z1 = v["x"] @ v["W1"] + v["b1"]
    a1 = plain.logistic(z1)
    z2 = a1 @ v["W2"] + v["b2"]
    a2 = plain.logistic(z2)
    y = v["y"] if "y" in v else v["y_true"]
    return {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "L": 0.5 * np.sum((y - a2) ** 2)}


def columns_forward(v: dict[str, Any]) -> dict[str, Any]:
    z1 = v["W1"] @ v["x"] + v["b1"]
    a = np.maximum(z1, 0)
    z = v["W2"] @ a + v["b2"]
    return {"z1": z1, "a": a, "z": z, "L": np.mean((z - v["y"]) ** 2)}


def torch_forward(v: dict[str, Any]) -> dict[str, Any]:
    z = v["X"] @ v["W"].T + v["b"]
    e = np.exp(z)
    s = e / e.sum(axis=1, keepdims=True)
    return {"z": z, "y_hat": s, "loss": -np.mean(np.sum(v["y"] * np.log(s), axis=1))}


def rows_forward(v: dict[str, Any]) -> dict[str, Any]:
    z = v["x"] @ v["W"] + v["b"]
    return {"z": z, "L": np.sum((np.tanh(z) - v["t"]) ** 2)}


def residual_forward(v: dict[str, Any]) -> dict[str, Any]:
    z1 = v["x"] @ v["W1"]
    h1 = np.tanh(z1)
    z2 = h1 @ v["W2"]
    h2 = h1 + plain.logistic(z2)
    return {
        "z1": z1,
        "h1": h1,
        "z2": z2,
        "a2": plain.logistic(z2),
        "h2": h2,
        "L": np.mean((h2 - v["y"]) ** 2) + 0.1 * np.sum(v["W2"] ** 2),
    }


CASES: dict[str, tuple[Callable[..., Network], Forward]] = {
    "chain": (chain, chain_forward),
    "square": (square, square_forward),
    "neuron_bce": (neuron_bce, neuron_forward),
    "weighted_bce": (weighted_bce, weighted_forward),
    "relu_mse": (relu_mse, relu_forward),
    "fan_out": (fan_out, fan_forward),
    "two_paths": (two_paths, paths_forward),
    "two_layer_sigmoid": (two_layer_sigmoid, two_forward),
    "columns": (columns, columns_forward),
    "torch_layout": (torch_layout, torch_forward),
    "rows_1d": (rows_1d, rows_forward),
    "residual": (residual, residual_forward),
}


def values_for(record: Record, seed: int = 1, batch: int = 4) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    for variable in record.network.variables.values():
        shape = tuple(batch if not isinstance(s, int) else s for s in variable.shape)
        values[variable.name] = rng.uniform(0.2, 1.2, shape) * (
            1.0 if variable.role == "input" else rng.choice([-1, 1], shape)
        )
        if variable.name in {a.name for a in record.network.assumptions}:
            values[variable.name] = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[0])]
    return values


DOCUMENT = replace(choose_notation("plain", {"loss": r"\mathcal{L}"}), activation="sigma", learning_rate="alpha")


def elements_bce() -> sb.Network:
    net = sb.Network()
    x, y = net.input("x", (1, 2), [[1.0, 1.0]]), net.input("y", (1, 1), [[0.0]])
    W1 = net.parameter("W1", (2, 2), [[0.4352, 0.3545], [0.1951, 0.4835]])
    b1 = net.parameter("b1", (2,), [-0.1419, 0.0439])
    W2, b2 = net.parameter("W2", (1, 2), [[-0.1725, 0.1129]]), net.parameter("b2", (1,), [-0.3043])
    z1 = net.define("z1", x @ W1.T + b1)
    a1 = net.define("a1", sb.sigmoid(z1))
    z2 = net.define("z2", a1 @ W2.T + b2)
    net.define("loss", sb.bce(net.define("y_hat", sb.sigmoid(z2)), y))
    net.learning_rate = 1.0
    return net


def slope(forward: Forward, loss: str, values: dict[str, Any], of: str) -> np.ndarray:
    """Return the central differences of one name's value in forward code."""
    return differences(lambda **moved: float(np.squeeze(forward(moved)[loss])), values, (of,))[of]
