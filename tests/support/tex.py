"""Documents compiled by an installed TeX, and what its log complains of."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from symback.page.words import language_called, languages
from tests.support import needs


def compiled(source: str, engine: str, folder: Path) -> str:
    """Compile a document and return its log; skips where the engine, what it needs for a language or a package it loads is not there."""
    path = needs.engine(engine)
    for code in languages():
        script = language_called(code).script
        if script is not None and set(script.latex) & set(source.splitlines()):
            needs.engine(engine, code)
    if "{tikz}" in source:
        needs.tikz()
    (folder / "page.tex").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [path, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"],
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        env={**os.environ, "max_print_line": "1000"},
        check=False,
    )
    log = (folder / "page.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, "\n".join(line for line in log.splitlines() if line.startswith("!"))
    return log


def complaints(log: str, most: float = 2.0) -> list[str]:
    """Return the letters a log misses, and the lines that stand out by more than some points."""
    found = [line for line in log.splitlines() if "Missing character" in line]
    found += re.findall(r"Overfull .vbox.*", log)
    for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", log):
        if float(points) > most:
            found.append(f"{points}pt too wide")
    return found
