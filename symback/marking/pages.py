"""Reports as files: one or many, as text, Markdown, a page of its own, a table for spreadsheets, or data for graders.

What a submission says (names, lines, messages, titles) is shown and never means anything: control characters become
blanks, Markdown and HTML are escaped, and a cell of a table cannot be taken for a formula by a spreadsheet
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from symback.core.errors import SymbackError, nearest
from symback.core.files import write_whole
from symback.core.text import printable
from symback.marking.report import VERSION, Report, Verdict, escaped
from symback.page.words import words

if TYPE_CHECKING:
    from symback.documents.document import Block, Document

COLUMNS = ("file", "gradient", "variable", "status", "slip", "line", "cell", "factor", "message")
"""The header of the CSV; it is the same in every language."""
ENDINGS = {".txt": "text", ".md": "md", ".html": "html", ".csv": "csv", ".json": "json"}
_FORMULA = ("=", "+", "-", "@", "|", "%")


@dataclass(frozen=True)
class Failure:
    """A file that could not be marked, and why."""

    file: str
    message: str


def render(reports: Sequence[Report], to: str, failures: Sequence[Failure] = (), language: str = "en") -> str:
    """Return reports in a format: "text", "md", "html", "csv" or "json"; several, or failures, get a table for all.

    Raises SymbackError for another format.
    """
    if to not in WRITERS:
        raise SymbackError(
            f"the format {to!r} of a report is unknown{nearest(to, WRITERS)}; known: {', '.join(WRITERS)}"
        )
    return WRITERS[to](reports, failures, language)


def save(reports: Sequence[Report], path: str | os.PathLike[str], to: str | None = None) -> Path:
    """Write reports to a file whose ending says the format, whole or not at all."""
    target = Path(path)
    kind = to or format_of(os.fspath(path))
    write_whole(target, render(reports, kind, (), reports[0].language if reports else "en"))
    return target


def format_of(path: str) -> str:
    """Return the format that the ending of a file names.

    >>> format_of("marks.csv")
    'csv'
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise SymbackError(
            f"{path}: the format of {ending or 'no ending'} is unknown; use --to or one of {', '.join(ENDINGS)}"
        )
    return ENDINGS[ending]


# --- tables -----------------------------------------------------------------------------------------------------------


def csv_of(reports: Sequence[Report], failures: Sequence[Failure] = (), language: str = "en") -> str:
    """Return a table with one line per gradient, per remark, and per file that could not be marked."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for report in reports:
        for v in report.verdicts.values():
            writer.writerow(
                map(
                    _cell,
                    (report.title, v.name, v.variable, v.status, v.slip or "", v.line, v.cell, v.factor, v.message),
                )
            )
        for r in report.remarks:
            status = "error" if r.is_error else "remark"
            writer.writerow(map(_cell, (report.title, "", "", status, r.slip or "", r.line, r.cell, "", r.message)))
    for failure in failures:
        writer.writerow(map(_cell, (failure.file, "", "", "failed", "", None, None, "", failure.message)))
    return stream.getvalue()


def _cell(value: str | int | None) -> str:
    text = "" if value is None else printable(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _summary(
    reports: Sequence[Report], failures: Sequence[Failure], table: Mapping[str, str]
) -> list[tuple[str, str, str, str]]:
    """Return the rows of the table for all files: name, how many are right, how many are not, the first slip."""
    rows = []
    for report in reports:
        right = sum(v.ok for v in report.verdicts.values())
        slip = _first_slip(report)
        rows.append((printable(report.title), str(right), str(len(report.verdicts) - right), slip))
    rows += [(printable(f.file), "", "", f"{table['mark not read']}: {printable(f.message)}") for f in failures]
    return rows


def _first_slip(report: Report) -> str:
    w = report.words
    for verdict in report.verdicts.values():
        if not verdict.ok and verdict.cause is None:
            name = w[f"mark name {verdict.slip}"] if verdict.slip else w["mark status " + verdict.status]
            place = report.where(verdict)
            return f"{printable(verdict.name)}: {name}" + (f" ({place})" if place else "")
    for remark in report.remarks:
        if remark.is_error and remark.slip:
            place = report.where(remark)
            return w[f"mark name {remark.slip}"] + (f" ({place})" if place else "")
    return ""


def _header(table: Mapping[str, str]) -> tuple[str, str, str, str]:
    return table["mark file"], table["mark right count"], table["mark wrong count"], table["mark first slip"]


def _total(reports: Sequence[Report], failures: Sequence[Failure], table: Mapping[str, str]) -> str:
    right = sum(r.ok for r in reports)
    return table["mark files"].format(
        count=len(reports) + len(failures), right=right, wrong=len(reports) - right, failed=len(failures)
    )


def _text(reports: Sequence[Report], failures: Sequence[Failure], language: str) -> str:
    if len(reports) == 1 and not failures:
        return reports[0].to_text() + "\n"
    table = words(language)
    rows = [_header(table), *_summary(reports, failures, table)]
    widths = [max(_width(r[k]) for r in rows) for k in range(3)]
    lines = [
        "  ".join([*(_padded(c, w, k > 0) for k, (c, w) in enumerate(zip(r, widths, strict=False))), r[3]]).rstrip()
        for r in rows
    ]
    return "\n\n".join([*(r.to_text() for r in reports), "\n".join(lines), _total(reports, failures, table)]) + "\n"


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def _padded(text: str, width: int, right: bool) -> str:
    room = " " * (width - _width(text))
    return room + text if right else text + room


def _markdown(reports: Sequence[Report], failures: Sequence[Failure], language: str) -> str:
    if len(reports) == 1 and not failures:
        return reports[0].to_markdown()
    table = words(language)
    rows = ["| " + " | ".join(_header(table)) + " |", "|---|--:|--:|---|"]
    rows += ["| " + " | ".join(map(escaped, row)) + " |" for row in _summary(reports, failures, table)]
    return "\n".join(
        [
            f"# {table['mark report']}\n",
            *rows,
            "",
            _total(reports, failures, table),
            "",
            *(r.to_markdown() for r in reports),
        ]
    )


def _data(reports: Sequence[Report], failures: Sequence[Failure], language: str) -> str:
    if len(reports) == 1 and not failures:
        return reports[0].to_json()
    data = {
        "version": VERSION,
        "reports": [r.as_data() for r in reports],
        "failures": [{"file": f.file, "message": f.message} for f in failures],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


# --- a page -----------------------------------------------------------------------------------------------------------


def html_of(
    reports: Sequence[Report], failures: Sequence[Failure] = (), language: str | None = None, fragment: bool = False
) -> str:
    """Return reports as one HTML file without scripts that loads nothing; as ``fragment``, as part of another page."""
    from symback.documents.formats import html

    return html.render(document_of(reports, failures, language or (reports[0].language if reports else "en")), fragment)


def document_of(reports: Sequence[Report], failures: Sequence[Failure] = (), language: str = "en") -> Document:
    """Return reports as a document for any output format."""
    from symback.documents.document import Document, Heading, Paragraph, Table

    table = words(language)
    if len(reports) == 1 and not failures:
        report = reports[0]
        title = printable(report.title) or table["mark report"]
        return Document((title,), tuple(_blocks(report, 1)), language, subtitle=(report.head(),))
    rows = tuple(tuple((cell,) for cell in row) for row in _summary(reports, failures, table))
    blocks: list[Block] = [
        Paragraph((_total(reports, failures, table),)),
        Table(tuple((c,) for c in _header(table)), rows, alignment="lrrl", wrapped=(0, 3)),
    ]
    for report in reports:
        blocks += [Heading((printable(report.title),), 1), Paragraph((report.head(),)), *_blocks(report, 2)]
    return Document((table["mark report"],), tuple(blocks), language)


def _blocks(report: Report, level: int) -> Iterable[Block]:
    """Return a report: a table of all gradients, then each that is not simply right."""
    from symback.documents.document import Heading, Items, Paragraph, Table

    w = report.words
    if report.verdicts:
        rows = []
        for v in report.verdicts.values():
            slip = w[f"mark name {v.slip}"] if v.slip and not v.ok else ""
            mark = {"agrees": "✓", "unread": "?"}.get(v.status, "✗")
            place = report.where(v) if v.cell is not None or v.line is None else str(v.line)
            verdict = f"{mark}\N{NO-BREAK SPACE}{w['mark status ' + v.status]}"
            rows.append(((printable(v.name),), (place,), (verdict,), (slip,)))
        header = tuple((w[k],) for k in ("mark gradient", "mark line name", "mark verdict", "mark slip"))
        kept = [k for k in range(4) if k != 1 or any(row[1] != ("",) for row in rows)]  # typed formulas have no lines
        yield Table(
            tuple(header[k] for k in kept),
            tuple(tuple(row[k] for k in kept) for row in rows),
            wrapped=(0, len(kept) - 1),
        )
    for v in report.verdicts.values():
        if v.ok and not v.note:
            continue
        place = report.where(v)
        yield Heading((printable(v.name) + (f" ({place})" if place else ""),), level)
        yield from _explained(v, report, level)
    if report.remarks:
        yield Items(
            tuple(((report.where(r) + ": " if report.where(r) else "") + printable(r.message),) for r in report.remarks)
        )
    if report.verdicts:
        yield Paragraph((report.checked(),), "note")


def _explained(verdict: Verdict, report: Report, level: int) -> Iterable[Block]:
    """Return what was written beside the right step and why it is right."""
    from symback.documents.document import Code, Heading, Paragraph

    w = report.words
    if verdict.written:
        yield Paragraph((w["mark written step"] + ":",))
        yield Code(printable(verdict.written), "python", False)
    for line in verdict.message.split("\n"):
        if not verdict.right or verdict.right not in line:
            yield Paragraph((printable(line),))
    if verdict.record is None or verdict.ok:
        if verdict.right and not verdict.ok:
            yield Paragraph((w["mark right"].format(right=verdict.right),))
        return
    for title, formula in _right_steps(verdict, report):
        yield Heading((title,), min(level + 1, 3))
        yield from formula


def _right_steps(verdict: Verdict, report: Report) -> Iterable[tuple[str, list[Block]]]:
    """Return the right step, with the errors it is computed from, and its proof index by index."""
    from symback.core.forms import Adjoint, walk
    from symback.documents.document import Paragraph, formula
    from symback.page.sheet import sheet_of
    from symback.page.views import step_display

    record = verdict.record
    assert record is not None
    steps = record.by_name()
    w = report.words
    names = [verdict.variable]
    if verdict.variable in steps:
        # δ₁ in the formula of a weight is shown as well
        errors = sheet_of(record).errors
        names += [
            n.of
            for n in walk(steps[verdict.variable].form)
            if isinstance(n, Adjoint) and n.of in errors and n.of in steps
        ]
    kinds = [(w["mark right step"], "matrix", "gradient", names), (w["mark index proof"], "index", "proof", names[:1])]
    # a line that only hands an error on needs no proof
    for title, view, role, wanted in kinds[:1] if verdict.cause is not None else kinds:
        blocks: list[Block] = []
        for name in dict.fromkeys(wanted):
            try:
                display = step_display(record, name, view, language=report.language)
            except (SymbackError, ValueError, KeyError):
                continue
            blocks += [Paragraph(sentence) for sentence in display.words]
            blocks.append(formula(display, role))
        if blocks:
            yield title, blocks


Writer = Callable[[Sequence[Report], Sequence[Failure], str], str]
WRITERS: Mapping[str, Writer] = {"text": _text, "md": _markdown, "html": html_of, "csv": csv_of, "json": _data}
"""How reports are written, by the name of the format."""

__all__ = ["ENDINGS", "WRITERS", "Failure", "csv_of", "document_of", "format_of", "html_of", "render", "save"]
