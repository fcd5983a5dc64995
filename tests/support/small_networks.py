"""Small networks that several test files derive, next to the NumPy forward code that means the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import symback as sb
from symback.core.forms import Form, apply
from symback.derivation.record import Record, derive_record
from symback.functions import ROWS
from symback.networks.naming import name_equations
from symback.networks.network import Network

Values = dict[str, Any]


def record_of(net: Network, *, collapse: bool = True, **options: Any) -> Record:
    return derive_record(name_equations(net, **options), collapse=collapse)


def derivation(text: str) -> sb.Derivation:
    """Return the derivation of code given as text."""
    return sb.derive(sb.parse(text))


def layers(sizes: list[int], batch: Any = "n", hidden: str = "sigmoid", loss: str = "mse") -> Network:
    """Return a network of row-batch layers; ``loss`` is "mse", "bce" (both on a sigmoid) or "ce" (on a softmax)."""
    net = Network()
    x, y = net.input("x", (batch, sizes[0])), net.input("y", (batch, sizes[-1]))
    last = len(sizes) - 1
    a: Form = x
    for k in range(1, last + 1):
        W, b = net.parameter(f"W{k}", (sizes[k - 1], sizes[k])), net.parameter(f"b{k}", (sizes[k],))
        z = net.define(f"z{k}", a @ W + b)
        row = hidden if k < last else "softmax" if loss == "ce" else "sigmoid"
        a = net.define(f"a{k}", ROWS[row](z))
    if loss == "mse":
        net.define("L", ((a - y) ** 2).mean())
    elif loss == "bce":
        net.define("L", -(y * apply("log", a) + (1 - y) * apply("log", 1 - a)).mean())
    else:
        net.assume("one-hot", y)
        net.define("L", -(y * apply("log", a)).sum(axis=1).mean())
    return net


def scalar_chain(loss: str = "half") -> Network:
    """Return x -> sigmoid -> sigmoid on single numbers."""
    net = Network()
    x, t = net.input("x"), net.input("t")
    w1, b1, w2, b2 = (net.parameter(name) for name in ("w1", "b1", "w2", "b2"))
    a1 = net.define("a1", ROWS["sigmoid"](w1 * x + b1))
    a2 = net.define("a2", ROWS["sigmoid"](w2 * a1 + b2))
    if loss == "half":
        net.define("L", (a2 - t) ** 2 / 2)
    else:
        net.define("L", -(t * apply("log", a2) + (1 - t) * apply("log", 1 - a2)))
    return net


def random_values(record: Record, batch: int = 5, seed: int = 0, spread: float = 1.0) -> Values:
    """Return normal random values for every variable; a target of softmax + cross-entropy becomes one-hot."""
    rng = np.random.default_rng(seed)
    values: Values = {}
    for name, variable in record.network.variables.items():
        shape = [size if isinstance(size, int) else batch for size in variable.shape]
        values[name] = rng.standard_normal(shape) * spread if shape else float(rng.standard_normal() * spread)
    return values


def one_hot_rows(rows: int, classes: int, seed: int = 0) -> np.ndarray:
    return np.eye(classes)[np.random.default_rng(seed).integers(0, classes, rows)]


def differences(
    loss: Callable[..., float], values: Mapping[str, Any], names: tuple[str, ...], step: float = 1e-6
) -> Values:
    """Return central differences of plain Python code by each of some names, entry by entry."""
    found: Values = {}
    for name in names:
        start = np.asarray(values[name], dtype=float)
        slopes = np.zeros(start.shape)
        for entry in np.ndindex(start.shape):
            sides = []
            for sign in (1, -1):
                moved = start.copy()
                moved[entry] += sign * step
                sides.append(loss(**{**values, name: moved}))
            slopes[entry] = (sides[0] - sides[1]) / (2 * step)
        found[name] = slopes
    return found


def exp(form: Any) -> Form:
    return apply("exp", form)


def log(form: Any) -> Form:
    return apply("log", form)


def sqrt(form: Any) -> Form:
    return apply("sqrt", form)


def line(value_of_w: float | None = None) -> Network:
    """L = mean((x w - y)^2)"""
    net = Network()
    x, y = net.input("x", (4,), [1.0, 2.0, 3.0, 4.0]), net.input("y", (4,), [2.0, 4.0, 6.0, 8.0])
    w = net.parameter("w", (), value_of_w)
    net.define("L", ((x * w - y) ** 2).mean())
    return net
