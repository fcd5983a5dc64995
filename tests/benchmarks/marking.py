"""How long marking takes: ``python tests/benchmarks/marking.py``.

One homework file, changed a little each time so that nothing is remembered, in one process after a first one.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import symback as sb

HOMEWORK = (Path(__file__).parents[2] / "examples" / "homework.py").read_text(encoding="utf-8")


def main() -> None:
    """Print the median time of marking one file."""
    sb.check_text(HOMEWORK)
    times = []
    for k in range(15):
        text = HOMEWORK.replace("0.5", f"0.{k + 11}", 1)
        before = time.perf_counter()
        sb.check_text(text)
        times.append(time.perf_counter() - before)
    print(f"one homework file: {1e3 * statistics.median(times):.0f} ms (limit 500)")


if __name__ == "__main__":
    main()
