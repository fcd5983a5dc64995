"""SVG: a whole document as one picture, as high as it has to be; set by Typst, glyphs as outlines."""

from __future__ import annotations

import tempfile
from pathlib import Path

from symback.core.errors import SymbackError
from symback.documents.document import Document
from symback.documents.formats import typst as typst_source

_SHEET = "#set page(width: {width}cm, height: auto, flipped: false, margin: 1cm, numbering: none, fill: white)\n"


def render(document: Document) -> str:
    """Return a document as SVG text; the same document and fonts give the same bytes.

    Raises SymbackError where Typst is not installed or refuses the document.
    """
    try:
        import typst
    except ModuleNotFoundError:
        raise SymbackError("SVG of a document needs Typst; install it with: pip install 'symback[pdf]'") from None
    source = typst_source.render(document)
    head, mark, rest = source.partition("#title(")
    sheet = _SHEET.format(width=30 if document.wide else 21)
    text = f"{head}{sheet}{mark}{rest}" if mark else f"{source}{sheet}"
    with tempfile.TemporaryDirectory(prefix="symback-", ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "page.typ"
        page.write_text(text, encoding="utf-8", newline="\n")
        try:
            made = typst.compile(str(page), root=folder, format="svg")
        except typst.TypstError as error:
            raise SymbackError(f"Typst refuses the page: {str(error).splitlines()[0]}") from None
    whole = made[0] if isinstance(made, list) else made
    if not isinstance(whole, bytes):
        raise SymbackError("Typst gave no picture")
    return whole.decode("utf-8")
