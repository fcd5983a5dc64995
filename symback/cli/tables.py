"""``symback table``, and ``symback derive --function``: functions instead of files."""

from __future__ import annotations

from dataclasses import replace

import click

from symback.cli.console import note
from symback.cli.options import language_option
from symback.cli.output import Output, PlotFile, output_options, plot_option
from symback.core.errors import SymbackError

FLAVOR = "github"
"""The Markdown of tables and functions, where none is chosen."""


@click.command()
@click.argument("kind", metavar="activations|losses|optimizers")
@click.argument("rows", nargs=-1, metavar="[NAME]...")
@language_option("The language of the words.")
@plot_option("Draw the functions and their derivatives into a file")
@output_options("document", flavor=FLAVOR)
def table(kind: str, rows: tuple[str, ...], lang: str, plot: PlotFile | None, out: Output) -> None:
    """Print a table: name, formula, derivative and remark of every function, or of those named.

    Every derivative is derived from its definition when the table is printed.
    """
    from symback.documents import tables

    found = tables.table(kind, rows, lang)
    if plot is not None:
        _draw([line.label for line in found.rows], plot, bool(rows))
        if not out.asked:
            return
    layout = "list" if out.to.name == "txt" else "table"
    out.write({"document": lambda: tables.page(found, layout)})


def function_page(name: str, lang: str, out: Output, plot: PlotFile | None) -> None:
    """Write the derivation of one function."""
    from symback.documents import tables
    from symback.page.records import Display

    document = tables.derivation_page(name, lang)
    if plot is not None:
        _draw([name], plot, True)
        if not out.asked:
            return
    if "source" in out.to.writers:
        raise SymbackError("--function gives a page; for code, use symback code FILE")
    rows = tuple(r for block in document.blocks for r in getattr(block, "rows", ()))
    as_a_table = replace(out, defaults={"flavor": FLAVOR})
    as_a_table.write({"formula": lambda: [Display(rows)], "document": lambda: document})


def _draw(names: list[str], plot: PlotFile, asked: bool) -> None:
    """Draw functions into a file; what was not asked for by name and is no function of one number is left out."""
    from symback.core.errors import PrintError
    from symback.documents.plots import graphs
    from symback.documents.tables import graph

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
        note(f"not drawn, since they are no functions of one number: {', '.join(left_out)}")
    plot.write(graphs(found))
