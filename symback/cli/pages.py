"""``symback derive`` and ``symback code``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from symback.cli.optimizing import optimizer_of, optimizer_options
from symback.cli.options import OneOf, derivation_of, page_notation, page_options, said, shared_options
from symback.cli.output import OUTPUT, Output, PlotFile, output_options, plot_option
from symback.cli.tables import function_page
from symback.core.errors import SymbackError
from symback.run import targets

if TYPE_CHECKING:
    from symback.api import Derivation
    from symback.documents.document import Document
    from symback.documents.formats import Contents
    from symback.page.notation import Notation
    from symback.page.records import Display


_OF_A_FUNCTION = ("function", "plot", "lang", *OUTPUT)


def _nothing_else_given() -> None:
    """Refuse options that say how a FILE is read or shown: a function of the tables has none of that."""
    context = click.get_current_context()
    for parameter in context.command.params:
        given = context.get_parameter_source(str(parameter.name)) is click.core.ParameterSource.COMMANDLINE
        if given and parameter.name not in _OF_A_FUNCTION:
            raise click.UsageError(f"{parameter.opts[0]} says something about a FILE; --function takes none.")


def _optional_file(command: click.Command) -> click.Command:
    """Let FILE be left out: the page is then about a function of the tables."""
    for parameter in command.params:
        if parameter.name == "file":
            parameter.required = False
    return command


@_optional_file
@click.command()
@shared_options
@page_options
@optimizer_options
@click.option("--function", metavar="NAME", help="Derive a function of the tables, as sigmoid, instead of a FILE.")
@plot_option("With --function: draw it and its derivative into a file")
@output_options("source", "formula", "document", flavor="jupyter")
def derive(
    file: str | None, out: Output, only: str | None, function: str | None, plot: PlotFile | None, **options: Any
) -> None:
    """Print the derivation: forward pass, loss, chain rule, gradients, updates.

    The default is Unicode text; -o page.tex writes a LaTeX document, --to latex the bare formula.
    """
    if (file is None) == (function is None):
        raise click.UsageError("Give a FILE, or a function of the tables by --function NAME.")
    if function is not None:
        _nothing_else_given()
        function_page(function, options["lang"], out, plot)
        return
    assert file is not None
    d, notation = derivation_of(file, **options)
    if only is not None and out.to.name == "tex":
        raise SymbackError("--only gives one formula, not a document; use --to latex")
    out.write(_contents(d, only, page_notation(notation, **options), options), said(d))


def _contents(d: Derivation, only: str | None, notation: Notation, options: Mapping[str, Any]) -> Contents:
    """Return what a derivation can be written as: all of it, or a single derivative."""
    view, style, language = options["view"], options["style"], options["lang"]
    extras = {key: options[key] for key in ("numbers", "digits", "why", "numbering", "table")}
    extras["shapes"] = options["show_shapes"]
    extras["optimizer"] = optimizer_of(d, **options)
    asked = options["optimizer_name"] is not None or options["rate"] is not None
    extras["update"] = True if options["update"] is None and asked else options["update"]

    def displays() -> tuple[Display, ...]:
        one = "full" if style == "both" else style
        return d.displays(only, view, notation, style=one, language=language, **extras)

    def page() -> Document:
        from symback.documents.document import document_of
        from symback.page.records import Section

        if only is None:
            return d.page(view, notation, options["title"], style, language=language, **extras).document
        return document_of([Section("only", "", displays())], options["title"], language)

    return {"source": d.code, "formula": displays, "document": page}


@click.command()
@shared_options
@optimizer_options
@click.option(
    "--target",
    type=OneOf(targets.names()),
    help="The language (default: python where every value is a single number, else numpy).",
)
@output_options("source", default="py")
def code(file: str, out: Output, target: str | None, **options: Any) -> None:
    """Print the code that computes the loss and the gradients: exactly what runs.

    With --optimizer NAME the function that makes an update follows.
    """
    d, _ = derivation_of(file, **options)
    optimizer = optimizer_of(d, **options) if options["optimizer_name"] is not None else None
    out.write({"source": lambda: d.code(optimizer=optimizer, target=target)}, said(d))
