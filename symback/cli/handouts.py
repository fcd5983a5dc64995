"""``symback handout``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from symback.cli.console import write
from symback.cli.optimizing import optimizer_of, optimizer_options
from symback.cli.options import derivation_of, formula_options, page_notation, said, shared_options
from symback.core.errors import SymbackError

_MANY = 5


@click.command()
@shared_options
@formula_options
@optimizer_options
@click.option(
    "-o",
    "output",
    metavar="OUT",
    required=True,
    help="Write to OUT (- is standard output); its ending picks the format.",
)
@click.option(
    "--to",
    "form",
    type=click.Choice(["tex", "html", "md", "ipynb", "txt", "json", "pdf"]),
    help="The format, whatever the ending of OUT.",
)
@click.option(
    "--level",
    type=click.Choice(["brief", "standard", "full"]),
    default="standard",
    help="brief: formulas only; full: also proofs in index notation, and code.",
)
@click.option(
    "--all", "whole", is_flag=True, help="Print every layer of a deep network, not one for all that are alike."
)
@click.option(
    "--style", type=click.Choice(["auto", "both", "full", "staged"]), default="auto", help="Of the chain rule."
)
@click.option(
    "--numbers/--no-numbers",
    default=None,
    help="Put the values into the formulas; by default where all are known and fit.",
)
@click.option("--numbered", is_flag=True, help="Number the formulas: (1), (2), ...")
@click.option("--flavor", type=click.Choice(["github", "jekyll", "jupyter"]), help="Of Markdown; default: jupyter.")
@click.option("--fragment", is_flag=True, help="Of LaTeX: only what stands between \\begin and \\end{document}.")
@click.option(
    "--pdf-engine",
    "engine",
    metavar="NAME",
    help="Of PDF: auto, typst, latexmk, xelatex, lualatex, pdflatex or chromium.",
)
@click.option(
    "--answers",
    type=click.Choice(["inline", "none", "key", "both"]),
    help="Make a worksheet: answers in place, none, only a key, or OUT and OUT-key.",
)
@click.option(
    "--blank",
    metavar="WHAT,...",
    help="What a worksheet leaves out: local, delta, gradients, forward, loss, "
    "update, transposes, numbers; default: local,delta,gradients.",
)
@click.option(
    "--variants",
    type=click.IntRange(1, 1000),
    default=1,
    help="That many sheets with other pleasant numbers, drawn from --seed.",
)
def handout(
    file: str,
    output: str,
    form: str | None,
    level: str,
    whole: bool,
    style: str,
    numbers: bool | None,
    numbered: bool,
    flavor: str | None,
    fragment: bool,
    engine: str | None,
    answers: str | None,
    blank: str | None,
    variants: int,
    **options: Any,
) -> None:
    """Write the derivation of FILE as a lesson to hand out: -o lesson.pdf, .html, .tex, .md, .ipynb, .txt or .json.

    The lesson has the network, the forward pass, the loss, the backward pass and the update, with reasons in words
    and, where the values are known, with numbers, which are checked by central differences.
    """
    from symback.documents.handouts import ending_of

    kind = form or ("txt" if output == "-" else ending_of(output))
    d, notation = derivation_of(file, **options)
    notation = page_notation(notation, **options)
    chosen: dict[str, Any] = {
        "lang": options["lang"],
        "level": level,
        "title": options["title"],
        "view": options["view"],
        "notation": notation,
        "style": style,
        "numbers": numbers,
        "digits": options["digits"],
        "numbering": options["numbering"],
        "shapes": options["show_shapes"],
        "whole": whole,
        "numbered": numbered,
        "optimizer": optimizer_of(d, **options),
    }
    head = said(d)
    if head:
        click.echo(head, err=True)
    given = {k: v for k, v in (("flavor", flavor), ("fragment", fragment or None), ("engine", engine)) if v is not None}
    if answers is None and blank is None and variants == 1:
        lesson = d.handout(**chosen)
        if output == "-":
            write(output, lesson.text(kind, **given))
        else:
            lesson.save(output, kind, **given)
        return
    answers = answers or "both"
    if output == "-" and answers == "both":
        raise SymbackError("-o -: standard output takes one page; add --answers none or --answers key")
    wanted = [item.strip() for item in blank.split(",") if item.strip()] if blank is not None else None
    made = _with_progress(
        variants,
        lambda progress: d.worksheet(
            blank=wanted, answers=answers, variants=variants, seed=options["seed"] or 0, progress=progress, **chosen
        ),
    )
    if output == "-":
        page = made.sheet or made.key
        write(output, page.text(kind, **given))
        return
    for place in made.save(output, kind, **given):
        click.echo(f"written: {place}", err=True)


def _with_progress(count: int, work: Callable[[Callable[[int], None] | None], Any]) -> Any:
    """Show a bar for many sheets on a console."""
    if count < _MANY or not sys.stderr.isatty():
        return work(None)
    with click.progressbar(length=count, label="sheets", file=sys.stderr) as bar:
        return work(lambda done: bar.update(1))
