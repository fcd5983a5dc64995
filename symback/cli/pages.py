"""``symback derive`` and ``symback code``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from symback.cli.console import write
from symback.cli.options import derivation_of, format_of, output_options, page_options, said, shared_options
from symback.errors import SymbackError

if TYPE_CHECKING:
    from symback.api import Derivation


@click.command()
@shared_options
@page_options
@output_options
def derive(file: str, output: str | None, form: str | None, only: str | None, style: str, **options: Any) -> None:
    """Print the derivation: forward pass, loss, chain rule, gradients, updates.

    The default is Unicode text; -o page.tex writes a LaTeX document, --to latex the bare formula.
    """
    d, notation = derivation_of(file, **options)
    notation = replace(notation, time=notation.time or options["time"], activation=options["activation"])
    extras = {key: options[key] for key in ("numbers", "digits", "why", "numbering", "table")}
    extras["shapes"] = options["show_shapes"]
    kind = format_of(form, output, "text")
    view = options["view"]
    head = said(d, comment={"tex": "% ", "latex": "% ", "md": "", "text": "", "py": "# "}[kind])
    if kind == "tex":
        body = d.tex(view, notation, options["title"], style, **extras) if only is None else None
        if body is None:
            raise SymbackError("--only gives one formula, not a document; use --to latex")
    elif kind == "latex":
        body = d.latex(only, view, notation, style="full" if style == "both" else style, **extras) + "\n"
    elif kind == "md":
        body = _markdown(d, view, notation, style, only, extras)
    elif kind == "py":
        body = d.code()
    else:
        body = _text(d, view, notation, style, only, extras)
    write(output, f"{head}\n{body}" if head else body)


@click.command()
@shared_options
@output_options
def code(file: str, output: str | None, form: str | None, **options: Any) -> None:
    """Print the NumPy code that computes the loss and the gradients: exactly what runs."""
    d, _ = derivation_of(file, **options)
    if format_of(form, output, "py") != "py":
        raise SymbackError("code is Python source; use -o FILE.py, or derive for pages")
    head = said(d, comment="# ")
    write(output, f"{head}\n{d.code()}" if head else d.code())


def _text(
    d: Derivation, view: str, notation: Any, style: str, only: str | None, extras: Mapping[str, Any],
) -> str:
    from symback.formats.text import page
    from symback.views import Section, step_display

    if only is not None:
        display = step_display(d.record, only, view, notation, "full" if style == "both" else style, **extras)
        return page([Section("only", "", (display,))])
    return page(d.sections(view, notation, style, **extras))


def _markdown(
    d: Derivation, view: str, notation: Any, style: str, only: str | None, extras: Mapping[str, Any],
) -> str:
    from symback.formats.latex import body, sentence

    if only is not None:
        return f"$$\n{d.latex(only, view, notation, style='full' if style == 'both' else style, **extras)}\n$$\n"
    blocks = []
    for section in d.sections(view, notation, style, **extras):
        blocks.append(f"## {section.title}")
        for display in section.displays:
            blocks.extend(sentence(words) for words in display.words)
            blocks.append(f"$$\n{body(display)}\n$$")
    return "\n\n".join(blocks) + "\n"
