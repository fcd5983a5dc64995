"""``symback check``: mark hand-written gradients and typed formulas."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symback.cli.console import complain
from symback.cli.options import assignment, file_values, language_option, settings_of, shapes_of, standard_input
from symback.cli.output import Output, output_options
from symback.core.errors import ReadError, SymbackError
from symback.core.files import keep
from symback.core.text import printable
from symback.page.messages import translated

if TYPE_CHECKING:
    from symback.marking.report import Report


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--answer",
    "answers",
    metavar="FORMULA",
    multiple=True,
    help=r"Mark a typed formula instead, as 'dW2 = a1^T \delta_2'; may be repeated.",
)
@click.option(
    "--claim", "claims", metavar="NAME=VARIABLE", multiple=True, help="NAME is meant as the gradient of VARIABLE."
)
@click.option("--loss", metavar="NAME|EXPRESSION", help="The loss, by name or as an expression of names.")
@click.option("--set", "settings", metavar="NAME=LITERAL", multiple=True, help="Give or replace a value.")
@click.option("--values", "values_file", metavar="FILE", help="Values from a .json or .npz file.")
@click.option("--shape", "shapes", metavar="NAME=n,2", multiple=True, help="The shape of an open name.")
@click.option("--cell", metavar="N", help="The code cell of a notebook, or several: 1,3-5.")
@click.option("--execute", is_flag=True, help="Execute FILE, with limits, and mark what it computed; it is no sandbox.")
@click.option("--call", metavar="EXPRESSION", help="With --execute: evaluate this after the file.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 3600),
    metavar="SECONDS",
    help="With --execute: how long the file may run, 10 by default.",
)
@language_option("The language of the report.", "language")
@output_options("rows", "data", "text", "markdown", "document")
def check(
    files: Sequence[str],
    answers: Sequence[str],
    claims: Sequence[str],
    settings: Sequence[str],
    values_file: str | None,
    shapes: Sequence[str],
    out: Output,
    language: str,
    **options: Any,
) -> None:
    """Mark the hand-written gradients in FILE: which are right, where an error enters, and which slip it is.

    Several files give one report each and a table for all. Nothing is executed without --execute. The exit code is 1 if
    something is wrong, 2 if a file cannot be read.
    """
    from symback.marking.pages import Failure, contents

    if answers and claims:
        raise click.UsageError("--claim names gradients of the code; with --answer none of them is marked.")
    if answers and options["execute"]:
        raise click.UsageError("--answer is never executed; leave out --execute.")
    if not options["execute"] and (options["call"] or options["seconds"]):
        raise click.UsageError("--call and --seconds belong to --execute.")
    if options["execute"] and (settings or values_file or shapes):
        raise click.UsageError("A file that is executed has its own values; leave out --set, --values and --shape.")
    given = dict(assignment("--claim", c, "NAME=VARIABLE") for c in claims)
    values: dict[str, Any] = file_values(values_file) if values_file else {}
    values.update(settings_of(settings))
    sizes = shapes_of(shapes)
    reports: list[Report] = []
    failures: list[Failure] = []
    titles = dict(zip(files, _titles(files), strict=True))
    with _progress(files) as bar:
        for file in bar:
            try:
                reports.append(_report(file, titles[file], answers, values, sizes, given, language=language, **options))
            except (SymbackError, RecursionError) as error:
                problem = ReadError("nested too deeply to be read") if isinstance(error, RecursionError) else error
                if len(files) == 1:
                    raise problem from None
                failures.append(Failure(titles[file], translated(str(problem), language)))
    out.write(contents(reports, failures, language))
    for failure in failures:
        complain(f"{printable(failure.file)}: {printable(failure.message)}")
    sys.exit(2 if failures else 0 if all(r.ok for r in reports) else 1)


def _report(
    file: str,
    title: str,
    answers: Sequence[str],
    values: Mapping[str, Any],
    shapes: Mapping[str, Any],
    claims: Mapping[str, str],
    execute: bool,
    call: str | None,
    seconds: float | None,
    **options: Any,
) -> Report:
    from symback.marking import check_answer, check_text
    from symback.readers.source import file_text

    keep(file)
    if execute:
        return _executed(file, title, claims, call=call, seconds=seconds, **options)
    text = standard_input() if file == "-" else file_text(file)
    if answers:
        return check_answer(text, answers, values, shapes, title=title, **options)
    return check_text(text, values, shapes, claims=claims, title=title, **options)


def _executed(
    file: str, title: str, claims: Mapping[str, str], *, cell: str | None, seconds: float | None, **options: Any
) -> Report:
    from symback.marking import check_file

    if cell is not None and not cell.isdecimal():
        raise ReadError("--execute runs the cells of a notebook up to one: --cell takes a single number there")
    more: dict[str, Any] = {"cell": None if cell is None else int(cell), "title": title, **options}
    if seconds is not None:
        more["seconds"] = seconds
    if file != "-":
        return check_file(file, claims=claims, **more)
    with tempfile.TemporaryDirectory(prefix="symback-") as folder:
        path = Path(folder, "input.py")
        path.write_text(standard_input(), encoding="utf-8")
        return check_file(path, claims=claims, **more)


def _titles(files: Sequence[str]) -> list[str]:
    """Return the names of files as reports show them: without folders, where that tells them apart."""
    short = ["" if f == "-" else Path(f).name for f in files]
    return [s if short.count(s) == 1 else f for s, f in zip(short, files, strict=True)]


def _progress(files: Sequence[str]) -> Any:
    """Return what to loop over: with a bar on standard error where there are many files and somebody watches."""
    if len(files) > 3 and sys.stderr.isatty():
        return click.progressbar(files, label="checking", file=sys.stderr)
    return _Plain(files)


class _Plain:
    def __init__(self, files: Sequence[str]) -> None:
        self.files = files

    def __enter__(self) -> Sequence[str]:
        return self.files

    def __exit__(self, *_: object) -> None:
        return None
