"""``symback derive`` and ``symback code``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from symback.cli.console import write
from symback.cli.optimizing import optimizer_of, optimizer_options
from symback.cli.options import (
    OneOf,
    derivation_of,
    format_of,
    output_options,
    page_notation,
    page_options,
    said,
    shared_options,
)
from symback.cli.tables import function_page
from symback.core.errors import SymbackError
from symback.run import targets

if TYPE_CHECKING:
    from symback.api import Derivation


def _nothing_else_given() -> None:
    """Refuse options that say how a FILE is read or shown: a function of the tables has none of that."""
    context = click.get_current_context()
    for parameter in context.command.params:
        given = context.get_parameter_source(str(parameter.name)) is click.core.ParameterSource.COMMANDLINE
        if given and parameter.name not in ("function", "plot", "lang", "output", "form"):
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
@click.option(
    "--plot", metavar="OUT", help="With --function: draw it and its derivative into OUT (.svg, .png or .pdf)."
)
@output_options
def derive(file: str, output: str | None, form: str | None, only: str | None, style: str, **options: Any) -> None:
    """Print the derivation: forward pass, loss, chain rule, gradients, updates.

    The default is Unicode text; -o page.tex writes a LaTeX document, --to latex the bare formula.
    """
    named, plot = options.pop("function"), options.pop("plot")
    if (file is None) == (named is None):
        raise click.UsageError("Give a FILE, or a function of the tables by --function NAME.")
    if named is not None:
        _nothing_else_given()
        function_page(named, options["lang"], form, output, plot)
        return
    d, notation = derivation_of(file, **options)
    notation = page_notation(notation, **options)
    extras = {key: options[key] for key in ("numbers", "digits", "why", "numbering", "table")}
    extras["shapes"] = options["show_shapes"]
    extras["optimizer"] = optimizer_of(d, **options)
    kind = format_of(form, output, "text")
    view, language = options["view"], options["lang"]
    head = said(d, comment={"tex": "% ", "latex": "% ", "md": "", "text": "", "py": "# "}[kind])
    one = "full" if style == "both" else style
    if kind == "tex" and only is not None:
        raise SymbackError("--only gives one formula, not a document; use --to latex")
    if kind == "py":
        body = d.code()
    elif kind == "latex":
        body = d.latex(only, view, notation, style=one, language=language, **extras) + "\n"
    elif kind == "tex":
        body = d.tex(view, notation, options["title"], style, language=language, **extras)
    elif only is not None:
        body = _one(d, only, kind, view, notation, one, language, extras)
    elif kind == "md":
        body = d.markdown(view, notation, options["title"], style, language=language, **extras)
    else:
        body = d.text(view, notation, style, language=language, **extras)
    write(output, f"{head}\n{body}" if head else body)


def _one(
    d: Derivation,
    only: str,
    kind: str,
    view: str,
    notation: Any,
    style: str,
    language: str,
    extras: Mapping[str, Any],
) -> str:
    """Return a single derivative as text or Markdown."""
    from symback.documents.document import document_of
    from symback.documents.handouts import render
    from symback.page.records import Section
    from symback.page.views import step_display

    display = step_display(d.record, only, view, notation, style, language, **extras)
    if kind == "md":
        display = replace(display, words=())
    return str(
        render(document_of([Section("only", "", (display,))], language=language), {"text": "txt"}.get(kind, kind))
    )


@click.command()
@shared_options
@optimizer_options
@click.option(
    "--target",
    type=OneOf(targets.names()),
    help="The language (default: python where every value is a single number, else numpy).",
)
@output_options
def code(file: str, output: str | None, form: str | None, target: str | None, **options: Any) -> None:
    """Print the code that computes the loss and the gradients: exactly what runs.

    With --optimizer NAME the function that makes an update follows.
    """
    d, _ = derivation_of(file, **options)
    if format_of(form, output, "py") != "py":
        raise SymbackError("code is Python source; use -o FILE.py, or derive for pages")
    head = said(d, comment="# ")
    chosen = optimizer_of(d, **options) if options["optimizer_name"] is not None else None
    body = d.code(optimizer=chosen, target=target)
    write(output, f"{head}\n{body}" if head else body)
