"""PDF: a document through Typst, an installed TeX, or an installed browser, whichever is found first.

A page with a letter that no font has is never made: Typst checks it as PDF/UA-1 (ISO 14289-1) asks, TeX says it in its
log. Engines run in a folder of their own that is removed afterwards, without a shell and for a limited time.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from symback.core.errors import PrintError, SymbackError
from symback.documents.document import Document
from symback.documents.format import Format
from symback.documents.formats.engines import (
    Engine,
    engine_called,
    find_engine,
    font_remedy,
    found_engines,
    lost_files,
    run_program,
    tex_files,
    tex_remedy,
)
from symback.documents.formats.scripts import languages_in
from symback.documents.plots import Plot
from symback.page.language import Language
from symback.page.words import scripted

SECONDS = 120.0
"""How long an engine may run."""
_RUNS = 4
_ENVIRONMENT = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "10000"}
"""A fixed date, so that the same document gives the same file, and a log that breaks no line."""
_TEX = {
    # without an identifier of its own, a PDF of LuaTeX is the same for the same document
    "latexmk": ("-xelatex", "page.tex"),
    "xelatex": ("page.tex",),
    "pdflatex": ("page.tex",),
    "lualatex": ("-jobname=page", r"\pdfvariable suppressoptionalinfo 512\relax\input{page.tex}"),
}


class MissingGlyphs(PrintError):
    """An engine has no font for some letters of the document: the reason, and how that is mended."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"PDF: {reason}; {remedy}")
        self.reason, self.remedy = reason, remedy


def render(document: Document, engine: str = "auto", timeout: float = SECONDS) -> bytes:
    """Return a document as a PDF.

    ``engine`` is "auto" or one of ``symback.documents.formats.engines.NAMES``; "auto" takes the first one installed that can
    print the document. Raises SymbackError where the engine is missing, fails or takes too long, PrintError where it
    has no font for a letter (the message says what to install) or no way to print a symbol.
    """
    if engine != "auto":
        chosen = engine_called(engine)
        if find_engine(chosen) is None:
            other = "" if chosen.package else "; or, without TeX and browser: pip install 'symback[pdf]'"
            raise SymbackError(f"PDF: {chosen.name} is not installed ({chosen.install_command}{other})")
        return _printed(document, chosen, timeout)
    refused: list[PrintError] = []
    for chosen in found_engines():
        try:
            return _printed(document, chosen, timeout)
        except PrintError as error:
            # another engine may have the font or know the symbol
            refused.append(error)
    if refused:
        raise _together(refused)
    raise SymbackError(
        "PDF: no engine is installed; pip install 'symback[pdf]' brings one that needs no TeX (symback doctor lists all)"
    )


def _together(refused: Sequence[PrintError]) -> PrintError:
    """Return what several engines say as one message: what is missing, and then how it comes, each once."""
    if len({str(error) for error in refused}) == 1:
        return refused[0]
    reasons = dict.fromkeys(getattr(error, "reason", str(error)) for error in refused)
    remedies = dict.fromkeys(error.remedy for error in refused if isinstance(error, MissingGlyphs))
    said = "; ".join((", ".join(reasons), *([" or ".join(remedies)] if remedies else [])))
    return PrintError(f"PDF: no engine that is installed can print this document: {said}")


def _printed(document: Document, engine: Engine, timeout: float) -> bytes:
    if engine.name == "typst":
        return by_typst(_typst_source(document))
    if engine.name == "chromium":
        return _by_chromium(document, engine, timeout)
    return by_tex(_tex_source(document), engine, timeout)


# --- Typst ------------------------------------------------------------------------------------------------------------


def _typst_source(document: Document) -> str:
    from symback.documents.formats import typst

    return typst.render(document)


def by_typst(source: str) -> bytes:
    """Return Typst source as a tagged PDF; the same source and fonts give the same bytes.

    Raises MissingGlyphs where no font has a letter, SymbackError where Typst refuses the source.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="symback-", ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "page.typ"
        page.write_text(source, encoding="utf-8", newline="\n")
        try:
            # a root of its own: nothing else of the machine can be read; PDF/UA-1 refuses letters without a glyph
            made = typst.compile(str(page), root=folder, format="pdf", pdf_standards=["ua-1"])
        except typst.TypstError as error:
            raise _typst_problem(error) from None
    return bytes(made)


def _typst_problem(error: Exception) -> SymbackError:
    said = f"{getattr(error, 'diagnostic', '') or ''}\n{error}"
    missing = "".join(dict.fromkeys(re.findall(r'the text `"(.*?)"` could not be displayed', said)))
    if missing:
        return _missing("typst", missing, font_remedy)
    reasons = re.findall(r"^error: (.*)", said, re.MULTILINE) or [str(error).strip() or "no reason given"]
    return SymbackError(f"PDF: typst could not set the document ({reasons[0]})")


def _missing(engine: str, letters: str, remedy: Callable[[Language], str]) -> MissingGlyphs:
    shown = " ".join(letters[:12]) + (" …" if len(letters) > 12 else "")
    remedies = [remedy(language) for language in languages_in(letters)]
    said = "; ".join(remedies) or "install a font that has them, or give the name a symbol of its own"
    return MissingGlyphs(f"{engine} finds no font with the letters {shown}", said)


def _without(engine: Engine, language: Language, lost: Sequence[str]) -> MissingGlyphs:
    reason = f"{engine.name} has no {' and no '.join(lost)}, which {language.english} text needs"
    return MissingGlyphs(reason, tex_remedy(language, engine))


# --- TeX --------------------------------------------------------------------------------------------------------------


def _tex_source(document: Document) -> str:
    from symback.documents.formats import latex

    return latex.render(document)


def by_tex(source: str, engine: Engine, timeout: float = SECONDS) -> bytes:
    """Return a LaTeX document as a PDF.

    Raises MissingGlyphs where the log tells of missing letters, SymbackError where TeX fails or takes too long.
    """
    path = find_engine(engine)
    if path is None:
        raise SymbackError(f"PDF: {engine.name} is not installed ({engine.install_command})")
    for language in scripted():
        loads = language.script is not None and set(language.script.latex) & set(source.splitlines())
        if loads and (lost := lost_files(engine, language)):
            raise _without(engine, language, lost)
    with tempfile.TemporaryDirectory(prefix="symback-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "page.tex").write_text(source, encoding="utf-8", newline="\n")
        command = [path, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", *_TEX[engine.name]]
        log = ""
        for _ in range(1 if engine.name == "latexmk" else _RUNS):
            status = run_program(command, folder, timeout, engine.name, _ENVIRONMENT)
            log = _text(folder / "page.log")
            _judge(log, status, engine)
            # as longtable says it whose columns are not settled: Rerun LaTeX.
            if not re.search(r"rerun (to get|LaTeX)", log, re.IGNORECASE):
                break
        try:
            return (folder / "page.pdf").read_bytes()
        except OSError:
            raise SymbackError(f"PDF: {engine.name} made no page") from None


def _judge(log: str, status: int, engine: Engine) -> None:
    """Raise what the log of a run tells: an error, or letters that no font has."""
    error = re.search(r"^! (.*)", log, re.MULTILINE)
    for language in scripted():
        if (lost := re.search(r"File `(.*?)' not found", log)) and lost[1] in tex_files(engine, language):
            raise _without(engine, language, (lost[1],))
    letters = "".join(dict.fromkeys(re.findall(r"(?:Missing character: There is no|Unicode character) (.) ", log)))
    if letters:
        raise _missing(engine.name, letters, lambda found: f"{tex_remedy(found, engine)}; {font_remedy(found)}")
    if error or status:
        line = re.search(r"^l\.(\d+)", log, re.MULTILINE)
        where = f", line {line.group(1)} of the .tex" if line else ""
        reason = error.group(1).strip().rstrip(".") if error else f"exit code {status}"
        raise SymbackError(
            f"PDF: {engine.name} could not set the document ({reason}{where}); -o FILE.tex writes its source"
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


# --- browser ----------------------------------------------------------------------------------------------------------


def _by_chromium(document: Document, engine: Engine, timeout: float) -> bytes:
    from symback.documents.formats import chromium, html

    path = find_engine(engine)
    assert path is not None
    return chromium.print_page(html.render(document), path, timeout)


# --- plots ------------------------------------------------------------------------------------------------------------


def plot(drawn: Plot) -> bytes:
    """Return a plot as a PDF without a date."""
    return drawn.saved("pdf", {"CreationDate": None, "Creator": None, "Producer": None})


FORMAT = Format("pdf", "a PDF", {"document": render, "plot": plot}, ("pdf",))
