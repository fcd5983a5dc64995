"""Speed and memory against hand-written code: ``python tests/benchmarks/speed.py`` (a minute, one thread).

Two things that are compared run in one process and in turns; what is printed is the ratio of medians. The exit code
is 1 where a limit is missed.
"""

# ruff: noqa: B023, E402

from __future__ import annotations

import os

# Before NumPy is imported: its matrix products would use all cores, and measure the machine's load.
for _library in ("OPENBLAS", "MKL", "OMP", "VECLIB_MAXIMUM"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

import functools
import gc
import itertools
import operator
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import sympy as sp

from symback.core.forms import concatenate, reshape, transpose
from symback.derivation.record import derive_record
from symback.functions import ROWS
from symback.networks.naming import name_equations
from symback.networks.network import Network
from symback.run.codegen import generate
from symback.run.numeric import lambdify
from tests.support.small_networks import layers, one_hot_rows, random_values, record_of

Gradient = Callable[..., Any]


def medians(functions: Sequence[Callable[[], Any]], seconds: float = 1.5) -> list[float]:
    """Return the median time of each function, measured in turns."""
    start = time.perf_counter()
    for function in functions:
        function()
    once = (time.perf_counter() - start) / len(functions)
    inner = max(1, int(0.002 / max(once, 1e-7)))
    rounds = max(15, int(seconds / (inner * once * len(functions))))
    times: list[list[float]] = [[] for _ in functions]
    gc.disable()
    try:
        for _ in range(min(rounds, 400)):
            for function, found in zip(functions, times, strict=True):
                start = time.perf_counter()
                for _ in range(inner):
                    function()
                found.append((time.perf_counter() - start) / inner)
    finally:
        gc.enable()
    return [statistics.median(t) for t in times]


# --- arrays: against NumPy code written by hand in the same safe form ------------------------------------------------


def deep_sigmoid(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Any:
    """Three sigmoid layers and a mean squared error."""
    with np.errstate(all="ignore"):
        a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
        a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
        a3 = 1 / (1 + np.exp(-(a2 @ W3 + b3)))
        error = a3 - y
        loss = float((error**2).mean())
        d3 = 2 * error / error.size * a3 * (1 - a3)
        dW3, db3 = a2.T @ d3, d3.sum(axis=0)
        d2 = d3 @ W3.T * a2 * (1 - a2)
        dW2, db2 = a1.T @ d2, d2.sum(axis=0)
        d1 = d2 @ W2.T * a1 * (1 - a1)
        return loss, x.T @ d1, d1.sum(axis=0), dW2, db2, dW3, db3


def relu_classes(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    """One ReLU layer, softmax and cross-entropy."""
    with np.errstate(all="ignore"):
        z1 = x @ W1 + b1
        a1 = np.maximum(z1, 0)
        z2 = a1 @ W2 + b2
        shifted = z2 - z2.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        loss = float(-(y * (shifted - np.log(total))).sum() / len(x))
        d2 = (e / total - y) / len(x)
        dW2, db2 = a1.T @ d2, d2.sum(axis=0)
        d1 = d2 @ W2.T * (z1 > 0)
        return loss, x.T @ d1, d1.sum(axis=0), dW2, db2


def relu_classes_deep(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Any:
    """Two ReLU layers, softmax and cross-entropy."""
    with np.errstate(all="ignore"):
        z1 = x @ W1 + b1
        a1 = np.maximum(z1, 0)
        z2 = a1 @ W2 + b2
        a2 = np.maximum(z2, 0)
        z3 = a2 @ W3 + b3
        shifted = z3 - z3.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        loss = float(-(y * (shifted - np.log(total))).sum() / len(x))
        d3 = (e / total - y) / len(x)
        dW3, db3 = a2.T @ d3, d3.sum(axis=0)
        d2 = d3 @ W3.T * (z2 > 0)
        dW2, db2 = a1.T @ d2, d2.sum(axis=0)
        d1 = d2 @ W2.T * (z1 > 0)
        return loss, x.T @ d1, d1.sum(axis=0), dW2, db2, dW3, db3


def array_case(sizes: list[int], batch: int, hidden: str, loss: str) -> tuple[Gradient, Gradient, dict[str, Any]]:
    record = record_of(layers(sizes, "n", hidden, loss))
    values = random_values(record, batch, spread=0.3)
    if loss == "ce":
        values["y"] = one_hot_rows(batch, sizes[-1])
    return lambdify(record, args=generate(record).args), lambdify(record), values


def agree(first: Any, second: Any) -> None:
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def arrays() -> bool:
    good = True
    for sizes, batch, hidden, loss, hand in [
        ([2, 8, 8, 1], 32, "sigmoid", "mse", deep_sigmoid),
        ([64, 128, 10], 64, "relu", "ce", relu_classes),
        ([784, 256, 10], 128, "relu", "ce", relu_classes),
    ]:
        positional, keyword, values = array_case(sizes, batch, hidden, loss)
        given = list(values.values())
        agree(positional(*given), hand(*given))
        ours, theirs, checked = medians(
            [
                lambda: positional(*given),
                lambda: hand(*given),
                lambda: keyword(**values),
            ]
        )
        label = f"{'-'.join(map(str, sizes))}, batch {batch}"
        good &= line(label, ours, theirs, "hand-written NumPy", 1.10, checked)
    return good


# --- scalars: against sympy.lambdify ---------------------------------------------------------------------------------


def scalar_network(sizes: list[int]) -> tuple[Network, sp.Expr, dict[str, sp.Symbol]]:
    """Return a sigmoid network of single numbers with half a squared error, and its loss as one SymPy expression."""
    net = Network()
    symbols: dict[str, sp.Symbol] = {}

    def leaf(label: str, make: Callable[[str], Any]) -> tuple[Any, sp.Symbol]:
        symbols[label] = sp.Symbol(label)
        return make(label), symbols[label]

    row = [leaf(f"x{k + 1}", net.input) for k in range(sizes[0])]
    t = leaf("t", net.input)
    weights, nodes = itertools.count(1), itertools.count(1)
    for width in sizes[1:]:
        above = []
        for _ in range(width):
            node = next(nodes)
            terms = [(leaf(f"w{next(weights)}", net.parameter), a) for a in row]
            bias = leaf(f"b{node}", net.parameter)
            form, expression = terms[0][0][0] * terms[0][1][0], terms[0][0][1] * terms[0][1][1]
            for weight, a in terms[1:]:
                form, expression = form + weight[0] * a[0], expression + weight[1] * a[1]
            z = net.define(f"z{node}", form + bias[0])
            above.append((net.define(f"a{node}", ROWS["sigmoid"](z)), 1 / (1 + sp.exp(-(expression + bias[1])))))
        row = above
    net.define("L", (row[0][0] - t[0]) ** 2 / 2)
    return net, (row[0][1] - t[1]) ** 2 / 2, symbols


def scalars() -> bool:
    good = True
    for sizes in ([1, 1, 1], [2, 2, 1]):
        net, loss, symbols = scalar_network(sizes)
        record = record_of(net)
        args = generate(record).args
        positional, keyword = lambdify(record, args=args), lambdify(record)
        other = sp.lambdify(
            [symbols[a] for a in args],
            [loss, *(sp.diff(loss, symbols[w]) for w in record.wrt)],
            modules="math",
            cse=True,
        )
        values = {a: 0.1 * (k + 1) for k, a in enumerate(args)}
        given = list(values.values())
        agree(positional(*given), other(*given))
        ours, theirs, checked = medians(
            [
                lambda: positional(*given),
                lambda: other(*given),
                lambda: keyword(**values),
            ]
        )
        good &= line(f"{'-'.join(map(str, sizes))}, single numbers", ours, theirs, "sympy.lambdify", 1.0, checked)
        good &= limit("  checked keyword call: additional µs", (checked - ours) * 1e6, 3.0)
    return good


# --- memory and derivation -------------------------------------------------------------------------------------------


def peak(function: Callable[[], Any]) -> int:
    function()
    gc.collect()
    tracemalloc.start()
    function()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def memory() -> bool:
    positional, _, values = array_case([1024, 1024, 1024, 10], 256, "relu", "ce")
    given = list(values.values())
    agree(positional(*given), relu_classes_deep(*given))
    ours, theirs = peak(lambda: positional(*given)), peak(lambda: relu_classes_deep(*given))
    print(f"peak memory 1024-1024-1024-10, batch 256: {ours / 1e6:.2f} MB, hand-written {theirs / 1e6:.2f} MB")
    return limit("  ratio", ours / theirs, 1.0)


def recurrent(steps: int) -> Network:
    """Return a network that runs over time: h_t = tanh(x_t W + h_{t-1} U + b)."""
    net = Network()
    x, h = net.input("x", ("n", steps, 3)), net.input("h0", ("n", 4))
    W, U, b = net.parameter("W", (3, 4)), net.parameter("U", (4, 4)), net.parameter("b", (4,))
    for t in range(steps):
        h = net.define(f"h{t + 1}", ROWS["tanh"](x[:, t] @ W + h @ U + b))
    net.define("L", (h**2).mean())
    return net


def attention(blocks: int) -> Network:
    """Return blocks of two-headed attention with a residual connection and layer normalization."""
    net = Network()
    h = net.input("x", ("n", 5, 8))
    for k in range(1, blocks + 1):
        *W, out = (net.parameter(f"{label}{k}", (8, 8)) for label in ("Q", "K", "V", "O"))
        q, key, v = (transpose(reshape(h @ w, ("n", 5, 2, 4)), (0, 2, 1, 3)) for w in W)
        p = net.define(f"p{k}", ROWS["softmax"](q @ transpose(key, (0, 1, 3, 2)) / 2, axis=-1))
        read = reshape(transpose(p @ v, (0, 2, 1, 3)), ("n", 5, 8)) @ out
        h = net.define(
            f"h{k}", ROWS["layer_norm"](h + read, (8,), net.parameter(f"g{k}", (8,)), net.parameter(f"c{k}", (8,)))
        )
    net.define("L", (h**2).mean())
    return net


def terms(count: int) -> Network:
    """Return the loss of one sum of so many parameters."""
    net = Network()
    leaves = [net.parameter(f"w{k}", (3,)) for k in range(count)]
    net.define("L", functools.reduce(operator.add, leaves).sum())
    return net


def beside(count: int) -> Network:
    """Return the loss of so many parameters side by side."""
    net = Network()
    joined = net.define("u", concatenate([net.parameter(f"w{k}", (3,)) for k in range(count)]))
    net.define("L", (joined**2).sum())
    return net


def derivation() -> bool:
    good = True
    for label, counts, build in [
        ("layers of linear + sigmoid", (1, 2, 4, 8, 16, 32, 64), lambda count: layers([4] * (count + 1))),
        ("layers of distinct widths", (16, 32, 64), lambda count: layers([5 + k for k in range(count + 1)])),
        ("blocks of attention", (8, 16, 32), attention),
        ("steps of a recurrent network", (16, 32, 64), recurrent),
        ("parameters of one sum", (50, 100, 200), terms),
        ("arrays side by side", (50, 100, 200), beside),
    ]:
        networks = {count: build(count) for count in counts}
        for net in networks.values():
            derive_record(name_equations(net))
        found = medians([lambda net=net: derive_record(name_equations(net)) for net in networks.values()], 4.0)
        for count, seconds in zip(counts, found, strict=True):
            print(f"derivation, {count:2d} {label}, warm: {seconds * 1e3:7.2f} ms")
        if "sigmoid" in label:
            good &= limit("  64 layers: ms", found[-1] * 1e3, 60.0)
        good &= limit(f"  {counts[-1]} per {counts[-2]}", found[-1] / found[-2], 2.6)
    return good


def convolution() -> bool:
    """Compare a small convolutional network with code that lays windows out as columns of one matrix."""
    net, rows = Network(), 32
    x, y = net.input("x", (rows, 3, 32, 32)), net.input("y", (rows, 10))
    w, b, V = net.parameter("w", (16, 3, 3, 3)), net.parameter("b", (16,)), net.parameter("V", (32, 16, 3, 3))
    W = net.parameter("W", (32 * 8 * 8, 10))
    h = net.define("h1", ROWS["max_pool2d"](ROWS["relu"](ROWS["conv2d"](x, w, b, padding=1)), kernel_size=2))
    h = net.define("h2", ROWS["max_pool2d"](ROWS["relu"](ROWS["conv2d"](h, V, padding=1)), kernel_size=2))
    net.define("z", reshape(h, (rows, -1)) @ W)
    net.define("L", ((net["z"] - y) ** 2).mean())
    record = record_of(net)
    given = list(random_values(record).values())
    positional = lambdify(record, args=generate(record).args)
    agree(positional(*given), columns(*given))
    ours, theirs = medians([lambda: positional(*given), lambda: columns(*given)], 4.0)
    return line("two convolutions, batch 32", ours, theirs, "hand-written im2col", 2.0, ours)


def columns(x: Any, y: Any, w: Any, b: Any, V: Any, W: Any) -> Any:
    """Two 3×3 convolutions with ReLU and max pooling, and one linear layer, by matrix products of laid-out windows."""

    def unfold(a: Any) -> Any:
        padded = np.pad(a, ((0, 0), (0, 0), (1, 1), (1, 1)))
        seen = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3))
        return seen.transpose(0, 2, 3, 1, 4, 5).reshape(-1, a.shape[1] * 9)

    def fold(d: Any, shape: Any) -> Any:
        n, c, height, width = shape
        d, result = d.reshape(n, height, width, c, 3, 3), np.zeros((n, c, height + 2, width + 2))
        for i in range(3):
            for j in range(3):
                result[:, :, i : i + height, j : j + width] += d[..., i, j].transpose(0, 3, 1, 2)
        return result[:, :, 1:-1, 1:-1]

    def pool(a: Any) -> Any:
        blocks = a.reshape(*a.shape[:2], a.shape[2] // 2, 2, a.shape[3] // 2, 2)
        return blocks.max(axis=(3, 5)), blocks

    def unpool(d: Any, m: Any, blocks: Any) -> Any:
        hit = blocks == m[:, :, :, None, :, None]
        spread = hit * (d / hit.sum(axis=(3, 5)))[:, :, :, None, :, None]
        return spread.reshape(*m.shape[:2], 2 * m.shape[2], 2 * m.shape[3])

    def images(rows: Any, a: Any) -> Any:
        return rows.reshape(len(a), *a.shape[2:], -1).transpose(0, 3, 1, 2)

    n = len(x)
    c1 = unfold(x)
    z1 = images(c1 @ w.reshape(16, -1).T + b, x)
    h1, blocks1 = pool(np.maximum(z1, 0))
    c2 = unfold(h1)
    z2 = images(c2 @ V.reshape(32, -1).T, h1)
    h2, blocks2 = pool(np.maximum(z2, 0))
    flat = h2.reshape(n, -1)
    z = flat @ W
    dz = 2 * (z - y) / z.size
    d2 = (unpool((dz @ W.T).reshape(h2.shape), h2, blocks2) * (z2 > 0)).transpose(0, 2, 3, 1).reshape(-1, 32)
    dh1 = fold(d2 @ V.reshape(32, -1), h1.shape)
    d1 = (unpool(dh1, h1, blocks1) * (z1 > 0)).transpose(0, 2, 3, 1).reshape(-1, 16)
    return (
        float(((z - y) ** 2).mean()),
        (d1.T @ c1).reshape(w.shape),
        d1.sum(axis=0),
        (d2.T @ c2).reshape(V.shape),
        flat.T @ dz,
    )


def line(label: str, ours: float, theirs: float, what: str, most: float, checked: float) -> bool:
    print(f"{label}: {ours * 1e6:.2f} µs, {what} {theirs * 1e6:.2f} µs, checked call {checked * 1e6:.2f} µs")
    return limit("  ratio", ours / theirs, most)


def limit(label: str, value: float, most: float) -> bool:
    good = value <= most
    print(f"{label} {value:.3f} (limit {most:g}){'' if good else '   MISSED'}")
    return good


def main() -> int:
    results = [part() for part in (arrays, scalars, memory, convolution, derivation)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
