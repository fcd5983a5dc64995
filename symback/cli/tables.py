"""``symback table``, and ``symback derive --function``: functions instead of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from symback.cli.console import write
from symback.core.errors import SymbackError

if TYPE_CHECKING:
    from symback.documents.document import Document

FORMATS = ("txt", "md", "tex", "svg", "html", "pdf", "json")


@click.command()
@click.argument("kind", metavar="activations|losses|optimizers")
@click.argument("rows", nargs=-1, metavar="[NAME]...")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", help="The language of the words.")
@click.option("--to", "form", type=click.Choice(FORMATS), help="The format; default by the ending of OUT, else txt.")
@click.option("--flavor", type=click.Choice(["github", "jekyll", "jupyter"]), help="Of Markdown; default: github.")
@click.option("--plot", metavar="FILE", help="Draw the functions and their derivatives into FILE (.svg, .png or .pdf).")
@click.option("-o", "output", metavar="OUT", help="Write to OUT (- is standard output).")
def table(
    kind: str,
    rows: tuple[str, ...],
    lang: str,
    form: str | None,
    flavor: str | None,
    plot: str | None,
    output: str | None,
) -> None:
    """Print a table: name, formula, derivative and remark of every function, or of those named.

    Every derivative is derived from its definition when the table is printed.
    """
    from symback.documents import tables

    found = tables.table(kind, rows, lang)
    if plot is not None:
        _draw([line.label for line in found.rows], plot, bool(rows))
        if output is None and form is None:
            return
    kind_of_page = _format(form, output)
    written = _rendered(tables.page(found, "list" if kind_of_page == "txt" else "table"), kind_of_page, flavor)
    write(output, written)


def function_page(name: str, lang: str, form: str | None, output: str | None, plot: str | None = None) -> None:
    """Write the derivation of one function."""
    from symback.documents import tables

    document = tables.derivation_page(name, lang)
    if plot is not None:
        _draw([name], plot, True)
        if output is None and form is None:
            return
    if form == "latex":
        from symback.documents.formats.latex import body
        from symback.page.records import Display

        rows = tuple(r for block in document.blocks for r in getattr(block, "rows", ()))
        write(output, body([Display(rows)]) + "\n")
        return
    if form == "py":
        raise SymbackError("--function gives a page; for code, use symback code FILE")
    write(output, _rendered(document, "txt" if form == "text" else _format(form, output), None))


def _draw(names: list[str], path: str, asked: bool) -> None:
    """Draw functions into a file; what was not asked for by name and is no function of one number is left out."""
    from symback.core.errors import PrintError
    from symback.documents.formats.curves import curve_format
    from symback.documents.formats.graphs import graphs
    from symback.documents.tables import graph

    kind = curve_format(path)
    found, left_out = [], []
    for name in names:
        try:
            found.append(graph(name))
        except PrintError:
            if asked:
                raise
            left_out.append(name)
    if not found:
        raise SymbackError("--plot: no function of one number is among these")
    if left_out:
        click.echo(f"note: not drawn, since they are no functions of one number: {', '.join(left_out)}", err=True)
    write(path, graphs(found, kind))


def _format(form: str | None, output: str | None) -> str:
    from symback.documents.handouts import ending_of

    if form is not None or output in (None, "-"):
        return form or "txt"
    assert output is not None
    return "svg" if output.lower().endswith(".svg") else ending_of(output)


def _rendered(document: Document, form: str, flavor: str | None) -> str | bytes:
    from symback.documents.handouts import render

    if form == "svg":
        from symback.documents.formats.sheet import render as picture

        return picture(document)
    options: dict[str, Any] = {"flavor": flavor or "github"} if form == "md" else {}
    return render(document, form, **options)
