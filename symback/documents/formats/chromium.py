"""Printing an HTML page to PDF with an installed Chromium, Chrome or Edge."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from symback.core.errors import PrintError, SymbackError
from symback.documents.formats.engines import font_remedy, found_families, run_program
from symback.documents.formats.scripts import languages_in

SECONDS = 120.0
"""How long the browser may take."""
_DATE = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}[+-]\d\d'\d\d'\)")


def print_page(html: str, executable: str, timeout: float = SECONDS) -> bytes:
    """Return an HTML page as an A4 PDF, printed by the browser at ``executable``.

    The browser runs without a window, with a profile of its own that is removed afterwards, and finds no host on the
    network. Dates are left out of the PDF, so that the same page, browser and fonts give the same bytes. Raises
    PrintError where letters have no font, SymbackError where the browser fails or takes too long.
    """
    if sys.platform.startswith("linux") and shutil.which("fc-list"):
        for language in languages_in(html):
            if not found_families(language):
                remedy = font_remedy(language)
                raise PrintError(f"PDF: chromium finds no font with {language.english} letters; {remedy}")
    with tempfile.TemporaryDirectory(prefix="symback-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        page, made = folder / "page.html", folder / "page.pdf"
        page.write_text(html, encoding="utf-8", newline="\n")
        command = [
            executable,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-extensions",
            "--disable-background-networking",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder / 'profile'}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={made}",
            page.as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # the browser's sandbox refuses to start for root
        status = run_program(command, folder, timeout, Path(executable).name)
        try:
            found = made.read_bytes()
        except OSError:
            found = b""
        if not found.startswith(b"%PDF"):
            raise SymbackError(f"PDF: {Path(executable).name} made no page (exit code {status})")
    return _DATE.sub(rb"/\1 (D:19700101000000+00'00')", found)
