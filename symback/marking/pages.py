"""Reports as files: one or many, as text, Markdown, a page of its own, a table for spreadsheets, or data for graders.

What a submission says (names, lines, messages, titles) is shown and never means anything: control characters become
blanks, Markdown and HTML are escaped, and a cell of a table cannot be taken for a formula by a spreadsheet
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symback.core.errors import SymbackError
from symback.core.text import printable
from symback.documents.format import Format
from symback.documents.formats import Contents, format_called, written
from symback.marking.report import KINDS, VERSION, Report, Verdict, escaped, report_written
from symback.page.words import DEFAULT_LANGUAGE, words

if TYPE_CHECKING:
    from symback.documents.document import Block, Document

COLUMNS = ("file", "gradient", "variable", "status", "slip", "line", "cell", "factor", "message")
"""The header of the CSV; it is the same in every language."""


@dataclass(frozen=True)
class Failure:
    """A file that could not be marked, and why."""

    file: str
    message: str


def render(
    reports: Sequence[Report], to: str, failures: Sequence[Failure] = (), language: str | None = None, **options: Any
) -> str | bytes:
    """Return reports in an output format; several, or failures, get a table for all. Options are those of the format.

    Raises PrintError for an unknown format or option.
    """
    return written(contents(reports, failures, language), format_called(to, *KINDS), options)


def contents(reports: Sequence[Report], failures: Sequence[Failure] = (), language: str | None = None) -> Contents:
    """Return what reports can be written as; the language is that of the first report unless it is given."""
    spoken = language or (reports[0].language if reports else DEFAULT_LANGUAGE)
    return {
        "rows": lambda: _rows(reports, failures),
        "data": lambda: _data(reports, failures),
        "text": lambda: _text(reports, failures, spoken),
        "markdown": lambda: _markdown(reports, failures, spoken),
        "document": lambda: document_of(reports, failures, spoken),
    }


@report_written.plug
def _one_written(report: Report, to: Format, options: Mapping[str, Any]) -> str | bytes:
    return written(contents([report]), to, options)


# --- tables -----------------------------------------------------------------------------------------------------------


def _rows(reports: Sequence[Report], failures: Sequence[Failure]) -> Iterator[tuple[str, ...]]:
    """Yield a header, and a line per gradient, per remark, and per file that could not be marked."""
    yield COLUMNS
    for report in reports:
        for v in report.verdicts.values():
            yield _line(report.title, v.name, v.variable, v.status, v.slip, v.line, v.cell, v.factor, v.message)
        for r in report.remarks:
            status = "error" if r.is_error else "remark"
            yield _line(report.title, "", "", status, r.slip, r.line, r.cell, "", r.message)
    for failure in failures:
        yield _line(failure.file, "", "", "failed", "", None, None, "", failure.message)


def _line(*cells: str | int | None) -> tuple[str, ...]:
    return tuple("" if cell is None else printable(str(cell)) for cell in cells)


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


def _data(reports: Sequence[Report], failures: Sequence[Failure]) -> dict[str, Any]:
    if len(reports) == 1 and not failures:
        return reports[0].as_data()
    return {
        "version": VERSION,
        "reports": [r.as_data() for r in reports],
        "failures": [{"file": f.file, "message": f.message} for f in failures],
    }


# --- a page -----------------------------------------------------------------------------------------------------------


def document_of(
    reports: Sequence[Report], failures: Sequence[Failure] = (), language: str = DEFAULT_LANGUAGE
) -> Document:
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


__all__ = ["COLUMNS", "Failure", "contents", "document_of", "render"]
