"""``symback handout``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from symback.cli.console import asked_language
from symback.cli.optimizing import optimizer_of, optimizer_options
from symback.cli.options import derivation_of, formula_options, page_notation, said, shared_options
from symback.cli.output import Output, output_options
from symback.core.errors import SymbackError
from symback.page.messages import translated

_MANY = 5
"""From this number of sheets on, a console shows how many are made."""
_PLAN = ("lang", "level", "title", "view", "style", "numbers", "digits", "numbering", "whole", "numbered", "graph")
"""The options that are those of a lesson under their own names."""


@click.command()
@shared_options
@formula_options
@optimizer_options
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
@click.option(
    "--graph",
    type=click.Choice(["auto", "names", "operations", "none"]),
    default="auto",
    help="The nodes of the graph with numbers: names, or operations as gates; by default gates where all are single "
    "numbers of more names than a small graph has.",
)
@click.option("--numbered", is_flag=True, help="Number the formulas: (1), (2), ...")
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
@output_options("document", required=True, flavor="jupyter")
def handout(file: str, out: Output, answers: str | None, blank: str | None, variants: int, **options: Any) -> None:
    """Write the derivation of FILE as a lesson to hand out, in the format of OUT's ending: -o lesson.pdf.

    The lesson has the network, the forward pass, the loss, the backward pass and the update, with reasons in words
    and, where the values are known, with numbers, which are checked by central differences.
    """
    d, notation = derivation_of(file, **options)
    notation = page_notation(notation, **options)
    plan: dict[str, Any] = {name: options[name] for name in _PLAN}
    plan.update(notation=notation, shapes=options["show_shapes"], optimizer=optimizer_of(d, **options))
    if head := said(d):
        click.echo(head, err=True)
    if answers is None and blank is None and variants == 1:
        lesson = d.handout(**plan)
        if out.is_file:
            lesson.save(str(out.path), out.to.name, **out.options)
        else:
            out.write({"document": lambda: lesson.document})
        return
    answers = answers or "both"
    if not out.is_file and answers == "both":
        raise SymbackError("-o -: standard output takes one page; add --answers none or --answers key")
    chosen: dict[str, Any] = {
        "blank": _listed(blank),
        "answers": answers,
        "variants": variants,
        "seed": options["seed"] or 0,
    }
    made = _with_progress(variants, lambda progress: d.worksheet(progress=progress, **chosen, **plan))
    if not out.is_file:
        out.write({"document": lambda: (made.sheet or made.key).document})
        return
    for place in made.save(str(out.path), out.to.name, **out.options):
        click.echo(translated(f"written: {place}", asked_language()), err=True)


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [item.strip() for item in text.split(",") if item.strip()]


def _with_progress(count: int, work: Callable[[Callable[[int], None] | None], Any]) -> Any:
    """Show a bar for many sheets on a console."""
    if count < _MANY or not sys.stderr.isatty():
        return work(None)
    with click.progressbar(length=count, label="sheets", file=sys.stderr) as bar:
        return work(lambda done: bar.update(1))
