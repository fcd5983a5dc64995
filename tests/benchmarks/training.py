"""Speed of training against PyTorch: ``python tests/benchmarks/training.py`` (half a minute, one thread).

One step is forward, backward and update of 784-256-10 with ReLU and cross-entropy, batch 128. Both libraries run in one
process and in turns, 25 steps at a time; what is printed is the ratio of medians. The exit code is 1 where a limit is
missed.
"""

# ruff: noqa: E402

from __future__ import annotations

import os

# Before NumPy and PyTorch are imported: their matrix products would use all cores, and measure the machine's load.
for _library in ("OPENBLAS", "MKL", "OMP", "VECLIB_MAXIMUM"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch

import symback as sb

STEPS = 25
ROUNDS = 15
LIMIT = 1.5
OPTIMIZERS = {
    "sgd": ("SGD", {"lr": 0.1}),
    "sgd with momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "adam": ("Adam", {"lr": 1e-3}),
    "adamw": ("AdamW", {"lr": 1e-3}),
}


def network(batch: int, sizes: tuple[int, int, int], kind: type) -> tuple[Any, dict[str, np.ndarray]]:
    """Return the derivation and values of the given floating type."""
    net = sb.Network()
    x, y = net.input("x", (batch, sizes[0])), net.input("y", (batch,), integer=True)
    W1, b1 = net.parameter("W1", sizes[:2]), net.parameter("b1", (sizes[1],))
    W2, b2 = net.parameter("W2", sizes[1:]), net.parameter("b2", (sizes[2],))
    a = net.define("a1", sb.relu(x @ W1 + b1))
    net.define("L", sb.cross_entropy(a @ W2 + b2, y))
    rng = np.random.default_rng(0)
    shapes = {"x": (batch, sizes[0]), "W1": sizes[:2], "b1": sizes[1:2], "W2": sizes[1:], "b2": sizes[2:]}
    values = {k: (rng.standard_normal(s) * (1 if k == "x" else 0.05)).astype(kind) for k, s in shapes.items()}
    return sb.derive(net), {**values, "y": rng.integers(0, sizes[2], batch)}


def theirs(values: dict[str, np.ndarray], kind: str, options: dict[str, float], steps: int) -> list[float]:
    """Train with PyTorch and return the losses."""
    x, y = torch.tensor(values["x"]), torch.tensor(values["y"])
    W1, b1, W2, b2 = (torch.tensor(values[k], requires_grad=True) for k in ("W1", "b1", "W2", "b2"))
    made = getattr(torch.optim, kind)([W1, b1, W2, b2], **options)
    losses = []
    for _ in range(steps):
        made.zero_grad()
        loss = torch.nn.functional.cross_entropy(torch.relu(x @ W1 + b1) @ W2 + b2, y)
        loss.backward()
        made.step()
        losses.append(loss.item())
    return losses


def measure(label: str, kind: type) -> bool:
    d, values = network(128, (784, 256, 10), kind)
    torch_name, options = OPTIMIZERS[label]
    chosen = sb.optimizer(label.split()[0], **options)
    losses = sb.train(d, values, chosen, STEPS).losses[:-1]
    np.testing.assert_allclose(
        losses, theirs(values, torch_name, options, STEPS), rtol=1e-8 if kind is np.float64 else 1e-3
    )
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        start = time.perf_counter()
        sb.train(d, values, chosen, STEPS)  # makes one pass more, for the loss at the end
        middle = time.perf_counter()
        theirs(values, torch_name, options, STEPS)
        times[0].append((middle - start) / STEPS)
        times[1].append((time.perf_counter() - middle) / STEPS)
    ours, other = (statistics.median(t) for t in times)
    ratio = ours / other
    good = ratio <= LIMIT
    print(
        f"{label}, {kind.__name__}: {ours * 1e3:.2f} ms a step, PyTorch {other * 1e3:.2f} ms: ratio {ratio:.2f} "
        f"(limit {LIMIT:g}){'' if good else '   MISSED'}"
    )
    return good


def main() -> int:
    torch.set_num_threads(1)
    results = [measure(label, kind) for kind in (np.float64, np.float32) for label in OPTIMIZERS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
