"""What recording costs: ``python tests/benchmarks/tracing.py``.

A step of 784-256-10 with batch 64 and a backward pass by hand: alone and recorded, in turns, in fresh processes and warm in
one; process CPU time, one thread. And a two-layer file from its text to its network, beyond imports.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

STEP = """
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(64, 784))
Y = np.eye(10)[rng.integers(0, 10, 64)]
W1, b1 = rng.normal(size=(784, 256)) * 0.05, np.zeros(256)
W2, b2 = rng.normal(size=(256, 10)) * 0.05, np.zeros(10)


def step():
    global W1, b1, W2, b2
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2 + b2
    E = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
    S = E / E.sum(axis=1, keepdims=True)
    loss = -np.mean(np.sum(Y * np.log(S), axis=1))
    D2 = (S - Y) / 64
    dW2, db2 = A1.T @ D2, D2.sum(axis=0)
    D1 = (D2 @ W2.T) * (Z1 > 0)
    dW1, db1 = X.T @ D1, D1.sum(axis=0)
    W1 = W1 - 0.1 * dW1
    b1 = b1 - 0.1 * db1
    W2 = W2 - 0.1 * dW2
    b2 = b2 - 0.1 * db2
    return loss
"""
TWO_LAYERS = """
import numpy as np
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
W1, b1, W2, b2 = rng.normal(size=(3, 4)), np.zeros(4), rng.normal(size=(4, 2)), np.zeros(2)
for k in range(100):
    H = np.tanh(X @ W1 + b1)
    P = H @ W2 + b2
    loss = np.mean((P - Y) ** 2)
    D = 2 * (P - Y) / P.size
    DH = D @ W2.T * (1 - H**2)
    W1 -= 0.1 * X.T @ DH; b1 -= 0.1 * DH.sum(0); W2 -= 0.1 * H.T @ D; b2 -= 0.1 * D.sum(0)
"""
FIRST = "import sys, time, numpy as np, tests.benchmarks.tracing as t; print(t.first(sys.argv[1] == 'recorded'))"


def first(recorded: bool) -> float:
    """Return the process CPU time of the first step in this process."""
    step, _ = prepared(recorded)
    before = time.process_time()
    step()
    return time.process_time() - before


def prepared(recorded: bool) -> tuple[Callable[[], object], object]:
    """Return the step, alone or recorded, and what has to be kept."""
    from symback.tracer.running import Run, recording

    names: dict[str, object] = {"__name__": "bench"}
    if not recorded:
        exec(compile(STEP, "step.py", "exec"), names)
        return names["step"], None  # type: ignore[return-value]
    run = Run()
    run.log.to_end = True
    within = contextlib.ExitStack()
    within.enter_context(recording(run))
    exec(run.compiled(STEP, "step.py"), names)
    return names["step"], within  # type: ignore[return-value]


def in_fresh_processes() -> float:
    """Return the ratio of medians of first steps."""
    times: dict[str, list[float]] = {"alone": [], "recorded": []}
    for _ in range(9):
        for kind, kept in times.items():
            done = subprocess.run(
                [sys.executable, "-c", FIRST, kind],
                capture_output=True,
                text=True,
                check=True,
                env=os.environ,
                encoding="utf-8",
            )
            kept.append(float(done.stdout))
    return statistics.median(times["recorded"]) / statistics.median(times["alone"])


def warm() -> float:
    """Return the ratio of medians of further steps in one process."""
    plain, _ = prepared(False)
    step, within = prepared(True)
    times: dict[str, list[float]] = {"alone": [], "recorded": []}
    for _ in range(40):
        for kind, run in (("alone", plain), ("recorded", step)):
            before = time.process_time()
            run()
            times[kind].append(time.process_time() - before)
    assert isinstance(within, contextlib.ExitStack)
    within.close()
    return statistics.median(times["recorded"][5:]) / statistics.median(times["alone"][5:])


def two_layers() -> float:
    """Return the median process CPU time from the text of a two-layer file to its network."""
    from symback.tracer.files import Request, traced

    times = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "two.py"
        path.write_text(TWO_LAYERS, encoding="utf-8")
        for _ in range(9):
            before = time.process_time()
            with contextlib.redirect_stdout(io.StringIO()):
                traced(Request(str(path)))
            times.append(time.process_time() - before)
    return statistics.median(times)


def main() -> None:
    """Print the three numbers with their limits."""
    print(f"first step in a fresh process, recorded against alone: {in_fresh_processes():.2f} (limit 1.5)")
    print(f"warm: {warm():.2f} (limit 3.5)")
    print(f"two-layer file to its network: {1e3 * two_layers():.0f} ms (limit 60)")


if __name__ == "__main__":
    main()
