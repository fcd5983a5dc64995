"""``symback check``: mark hand-written gradients."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symback.cli.console import echo, write
from symback.cli.options import _assignment, _file_values, _settings, _size, _standard_input
from symback.errors import SymbackError

if TYPE_CHECKING:
    from symback.marking import Report

WRITERS: dict[str, Callable[[Sequence[Report]], str]] = {
    "text": lambda reports: "\n\n".join(r.to_text() for r in reports) + "\n",
    "md": lambda reports: "\n".join(r.to_markdown() for r in reports),
    "json": lambda reports: json.dumps(
        [r.as_data() for r in reports] if len(reports) != 1 else reports[0].as_data(), ensure_ascii=False, indent=2
    ) + "\n",
}
"""How reports are written, by the name of the format."""
ENDINGS = {".txt": "text", ".md": "md", ".json": "json"}


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--claim", "claims", metavar="NAME=VARIABLE", multiple=True, help="NAME is meant as the gradient of VARIABLE.")
@click.option("--loss", metavar="NAME|EXPRESSION", help="The loss, by name or as an expression of names.")
@click.option("--set", "settings", metavar="NAME=LITERAL", multiple=True, help="Give or replace a value.")
@click.option("--values", "values_file", metavar="FILE", help="Values from a .json or .npz file.")
@click.option("--shape", "shapes", metavar="NAME=n,2", multiple=True, help="The shape of an open name.")
@click.option("--cell", metavar="N", help="The code cell of a notebook, or several: 1,3-5.")
@click.option("--lang", "language", type=click.Choice(["en", "ko"]), default="en", help="The language of the report.")
@click.option("--to", "form", type=click.Choice(sorted(WRITERS)), help="Report format; default by -o, else text.")
@click.option("-o", "output", metavar="OUT", help="Write to OUT (- is standard output).")
def check(
    files: Sequence[str], claims: Sequence[str], settings: Sequence[str], values_file: str | None, shapes: Sequence[str],
    output: str | None, form: str | None, **options: Any,
) -> None:
    """Mark the hand-written gradients in FILE: which are right, where an error enters, and which slip it is.

    Several files give one report each and a line for all. Nothing is executed. The exit code is 1 if something is wrong.
    """
    given = dict(_assignment("--claim", c, "NAME=VARIABLE") for c in claims)
    values: dict[str, Any] = _file_values(values_file) if values_file else {}
    values.update(_settings(settings))
    sizes = {label: tuple(_size(s, f"--shape {label}") for s in spelled.strip("() ").split(",") if s.strip())
             for label, spelled in (_assignment("--shape", item, "NAME=n,2") for item in shapes)}
    kind = _format(form, output)
    reports: list[Report] = []
    failures: list[tuple[str, str]] = []
    with _progress(files) as bar:
        for file in bar:
            try:
                reports.append(_report(file, values, sizes, given, **options))
            except SymbackError as error:
                if len(files) == 1:
                    raise
                failures.append((file, str(error)))
    if reports:
        write(output, WRITERS[kind](reports))
    for file, message in failures:
        click.echo(f"symback: {file}: {message}", err=True)
    if len(files) > 1 and kind == "text":
        right = sum(r.ok for r in reports)
        echo(f"{len(files)} files: {right} right, {len(reports) - right} with errors, {len(failures)} not read")
    sys.exit(2 if failures and not reports else 0 if all(r.ok for r in reports) and not failures else 1)


def _report(file: str, values: Mapping[str, Any], shapes: Mapping[str, Any], claims: Mapping[str, str], **options: Any) -> Report:
    from symback.marking import check_text
    from symback.readers.source import file_text

    text = _standard_input() if file == "-" else file_text(file)
    return check_text(text, values, shapes, claims=claims, title=Path(file).name if file != "-" else "", **options)


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


def _format(form: str | None, output: str | None) -> str:
    if form is not None:
        return form
    if output in (None, "-"):
        return "text"
    assert output is not None
    ending = Path(output).suffix.lower()
    if ending not in ENDINGS:
        raise SymbackError(f"-o {output}: the format of {ending or 'no ending'} is unknown; use --to or one of {', '.join(ENDINGS)}")
    return ENDINGS[ending]
