"""The result of marking as data and as text: one verdict per hand-written gradient, with the right formula beside a wrong one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symback.core.files import write_whole
from symback.core.hooks import Hook
from symback.core.text import printable
from symback.documents.format import Format
from symback.documents.formats import format_called, format_of
from symback.page.words import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from symback.derivation.record import Record

VERSION = 1
"""The version of the JSON."""
KINDS = ("rows", "data", "text", "markdown", "document")
"""What a report can be written as; a format takes the first that it holds."""
STATUSES = ("agrees", "wrong", "shape", "crash", "unread")
"""What a verdict may say: right; wrong values; wrong shape; the line fails when it runs; the line could not be read."""


@dataclass(frozen=True)
class Difference:
    """An entry at which a gradient is wrong, with both numbers; ``rows`` is the size of the batch, None for the code's own."""

    entry: tuple[int, ...]
    claimed: float
    right: float
    rows: int | None = None
    given: bool = False
    """True at the values of the code, False at random ones."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What was found about one hand-written gradient.

    ``status`` is one of ``STATUSES``; ``slip`` is a key of ``symback.marking.slips.SLIPS`` or None. ``factor`` is the factor
    of the chain rule at which the error enters (``∂a₁/∂z₁``), ``cause`` the gradient it comes from where the line itself
    follows correctly, ``ratio`` the constant by which what was written is too large. ``only`` says where alone it agrees:
    ``"batch 1"``, ``"this point"``. ``right`` is the right formula as text, ``right_latex`` as LaTeX; ``record`` is the
    derivation it is a step of. ``executed`` is true where the code was run for this verdict.
    """

    name: str
    variable: str
    status: str
    slip: str | None = None
    factor: str = ""
    line: int | None = None
    cell: int | None = None
    message: str = ""
    points: tuple[Difference, ...] = ()
    only: str = ""
    cause: str | None = None
    ratio: float | None = None
    note: str = ""
    written: str = ""
    right: str = ""
    right_latex: str = ""
    executed: bool = False
    record: Record | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """True where the gradient is right."""
        return self.status == "agrees"

    def as_data(self) -> dict[str, Any]:
        """Return the verdict as plain data for JSON."""
        found = {k: getattr(self, k) for k in self.__dataclass_fields__ if k not in ("points", "record")}
        found["points"] = [
            {
                "entry": list(p.entry),
                "claimed": _plain(p.claimed),
                "right": _plain(p.right),
                "rows": p.rows,
                "given": p.given,
            }
            for p in self.points
        ]
        return found


def _plain(value: float) -> float | str:
    return value if abs(value) < float("inf") else str(value)


@dataclass(frozen=True)
class Remark:
    """Something about the code that is no gradient: an error in the forward pass, a derivative at the wrong argument."""

    message: str
    line: int | None = None
    cell: int | None = None
    slip: str | None = None
    is_error: bool = True


class Verdicts(dict[str, Verdict]):
    """Verdicts by the variable they are about; the name of the gradient, as it was written, finds them as well."""

    def __missing__(self, name: str) -> Verdict:
        for verdict in self.values():
            if verdict.name == name:
                return verdict
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or any(v.name == name for v in self.values())


@dataclass(frozen=True, eq=False)
class Report:
    """The marks of one backward pass; true where everything that was claimed is right."""

    verdicts: Verdicts
    remarks: tuple[Remark, ...] = ()
    choices: tuple[str, ...] = ()
    points: int = 0
    rows: tuple[int, ...] = ()
    language: str = DEFAULT_LANGUAGE
    title: str = ""
    words: Mapping[str, str] = field(default_factory=dict, repr=False)
    executed: str = ""
    """What was run: ``"file"`` (a file, once and once more with other parameters), ``"functions"`` (the caller's own), or nothing."""
    typed: bool = False
    """True for formulas that were typed; there is no line of code then."""

    @property
    def ok(self) -> bool:
        """True where no gradient is wrong or unread and nothing else is wrong."""
        return all(v.ok for v in self.verdicts.values()) and not any(r.is_error for r in self.remarks)

    @property
    def wrong(self) -> tuple[Verdict, ...]:
        """The verdicts that say something is wrong."""
        return tuple(v for v in self.verdicts.values() if v.status in ("wrong", "shape", "crash"))

    def __bool__(self) -> bool:
        return self.ok

    def head(self) -> str:
        """Return one line: how many gradients are wrong."""
        count, wrong = len(self.verdicts), len(self.wrong)
        unread = sum(v.status == "unread" for v in self.verdicts.values())
        if wrong:
            return self.words["mark head wrong"].format(wrong=wrong, count=count)
        if unread:
            return self.words["mark head unmarked" if self.executed == "file" else "mark head unread"].format(
                unread=unread, count=count
            )
        if not self.ok:
            return self.words["mark head findings" if count else "mark head none"]
        return self.words["mark head ok" if count != 1 else "mark head one"].format(count=count)

    def where(self, item: Verdict | Remark) -> str:
        """Return the place of a verdict or remark in words."""
        if item.line is None:
            return ""
        return self.words["mark line" if item.cell is None else "mark cell"].format(line=item.line, cell=item.cell)

    def checked(self) -> str:
        """Return one line: how it was compared."""
        listed = ", ".join(map(str, self.rows))
        rows = self.words["mark checked rows"].format(rows=listed) if self.rows else ""
        key = {"file": "mark ran file", "functions": "mark ran functions"}.get(self.executed, "mark checked")
        return self.words[key].format(points=self.points, rows=rows)

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Return the report as Unicode text: one line per right gradient, a paragraph per wrong one."""
        lines = [f"{printable(self.title)}: {self.head()}" if self.title else self.head()]
        for verdict in self.verdicts.values():
            mark = {"agrees": "✓", "unread": "?"}.get(verdict.status, "✗")
            place = self.where(verdict)
            first, *rest = verdict.message.split("\n")
            if self.typed and not verdict.ok:
                first = f"{printable(verdict.written)}\n      {printable(first)}"
            else:
                first = printable(first)
            lines.append(f"  {mark} {place + ': ' if place else ''}{first}")
            lines += [f"      {printable(line)}" for line in rest]
        for remark in self.remarks:
            place = self.where(remark)
            lines.append(
                f"  {'✗' if remark.is_error else '·'} {place + ': ' if place else ''}{printable(remark.message)}"
            )
        if self.verdicts:
            lines.append(f"  {self.checked()}")
        return "\n".join(lines)

    def to_markdown(self) -> str:
        """Return the report as Markdown: a table of verdicts, then each wrong step with the right one beside it."""
        w = self.words
        blocks = [f"## {escaped(self.title)}\n\n{self.head()}" if self.title else f"**{self.head()}**"]
        rows = [f"| {w['mark gradient']} | {w['mark verdict']} | {w['mark slip']} |", "|---|---|---|"]
        for v in self.verdicts.values():
            slip = w[f"mark name {v.slip}"] if v.slip and not v.ok else ""
            rows.append(f"| `{_code(v.name)}` | {w['mark status ' + v.status]} | {escaped(slip)} |")
        if self.verdicts:
            blocks.append("\n".join(rows))
        for v in self.verdicts.values():
            if v.ok and not v.note:
                continue
            place = self.where(v)
            block = [f"### {escaped(v.name)}" + (f" ({place})" if place else "")]
            if v.written:
                block.append(f"```python\n{printable(v.written).replace('`' * 3, '')}\n```")
            block.append(
                escaped(" ".join(line for line in v.message.split("\n") if v.right not in line or not v.right))
            )
            if v.right_latex and not v.ok:
                block.append(f"$$\n{v.right_latex}\n$$")
            blocks.append("\n\n".join(block))
        if self.remarks:
            blocks.append(
                "\n".join(
                    f"- {self.where(r) + ': ' if self.where(r) else ''}{escaped(r.message)}" for r in self.remarks
                )
            )
        if self.verdicts:
            blocks.append(self.checked())
        return "\n\n".join(blocks) + "\n"

    def as_data(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "version": VERSION,
            "executed": self.executed,
            "title": self.title,
            "ok": self.ok,
            "language": self.language,
            "verdicts": {name: v.as_data() for name, v in self.verdicts.items()},
            "remarks": [
                {"message": r.message, "line": r.line, "cell": r.cell, "slip": r.slip, "error": r.is_error}
                for r in self.remarks
            ],
            "choices": list(self.choices),
            "points": self.points,
            "rows": list(self.rows),
        }

    def to_json(self) -> str:
        """Return the report as JSON for graders."""
        return str(self.text("json"))

    def to_csv(self) -> str:
        """Return the report as a table for spreadsheets: one line per gradient, under a header."""
        return str(self.text("csv"))

    def to_html(self) -> str:
        """Return the report as a page of its own, with the right step and its proof beside each wrong line."""
        return str(self.text("html"))

    def text(self, to: str = "txt", **options: Any) -> str | bytes:
        """Return the report in an output format, as "tex"; as bytes where the format is no text, as "pdf".

        Options are those of the format. Raises PrintError for an unknown format or option.
        """
        return report_written(self, format_called(to, *KINDS), options)

    def save(self, path: str | os.PathLike[str], to: str | None = None, **options: Any) -> Path:
        """Write the report to a file whose ending picks the format, as report.html or marks.csv.

        Raises SymbackError for an unknown ending, or where the file cannot be written; it is whole or not there at all.
        """
        chosen = format_called(to, *KINDS) if to else format_of(path, *KINDS, option="to=")
        write_whole(path, report_written(self, chosen, options))
        return Path(path)

    def _repr_html_(self) -> str:
        return str(self.text("html", fragment=True))

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


report_written: Hook[[Report, Format, Mapping[str, Any]], str | bytes] = Hook("report_written")
"""A report in an output format with options of that format; the pages know how."""


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    text = printable(text)
    for char in "\\`*_{}[]<>#|$":
        text = text.replace(char, f"\\{char}" if char not in "<>" else {"<": "&lt;", ">": "&gt;"}[char])
    return text


def _code(text: str) -> str:
    return printable(text).replace("`", "").replace("|", "\\|")


__all__ = ["STATUSES", "VERSION", "Difference", "Remark", "Report", "Verdict", "Verdicts", "escaped"]
