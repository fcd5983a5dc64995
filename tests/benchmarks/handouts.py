"""How long handouts take beyond their imports: ``python tests/benchmarks/handouts.py``.

Whole processes, since the first page of a process is what somebody waits for; the imports of SymPy and NumPy are timed
in turns with them and subtracted.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
TWO_LAYERS = str(ROOT / "examples" / "two_layer_sigmoid.py")
ENTRIES = str(ROOT / "examples" / "module_bce.py")
IMPORTS = [sys.executable, "-c", "import sympy, numpy"]


def seconds(command: Sequence[str]) -> float:
    """Return how long a process takes."""
    before = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - before


def report(what: str, limit: float | None, arguments: Sequence[str]) -> None:
    """Print the median beyond the imports over seven runs in turns."""
    command = [sys.executable, "-m", "symback", "handout", *arguments]
    seconds(command)
    beyond = [seconds(command) - seconds(IMPORTS) for _ in range(7)]
    ends = "" if limit is None else f" (limit {limit:g})"
    print(f"{what}: {statistics.median(beyond):.2f} s beyond the imports{ends}")


def main() -> None:
    """Print the times of pages and of thirty worksheets with their key."""
    with tempfile.TemporaryDirectory() as folder:
        page = str(Path(folder) / "page")
        report("two layers, HTML", 1.0, [TWO_LAYERS, "-o", f"{page}.html"])
        report(
            "two layers, PDF by Typst, Korean",
            2.0,
            [TWO_LAYERS, "-o", f"{page}.pdf", "--lang", "ko", "--pdf-engine", "typst"],
        )
        report(
            "30 worksheets and their key, PDF",
            None,
            [
                ENTRIES,
                "-o",
                f"{page}.pdf",
                "--view",
                "entries",
                "--blank",
                "numbers",
                "--variants",
                "30",
                "--pdf-engine",
                "typst",
            ],
        )


if __name__ == "__main__":
    main()
