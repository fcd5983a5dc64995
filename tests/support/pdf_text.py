"""The text layer of a PDF."""

from __future__ import annotations

import subprocess
import unicodedata
from pathlib import Path

from tests.support import needs


def text_of(data: bytes, folder: Path, *options: str) -> str:
    """Return the text layer of a PDF, without spaces, compatibility characters spelled out.

    ``options`` are those of pdftotext: "-raw" keeps the order in which the engine wrote.
    """
    reader = needs.program("pdftotext")
    (folder / "page.pdf").write_bytes(data)
    done = subprocess.run([reader, *options, "page.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return compact(done.stdout.decode("utf-8"))


def compact(text: str) -> str:
    """Return a text without spaces, compatibility characters spelled out."""
    return "".join(unicodedata.normalize("NFKC", text).split())
