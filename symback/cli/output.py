"""Where a command writes, and in which of the output formats that can hold what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from symback.cli.console import write
from symback.core.errors import SymbackError

if TYPE_CHECKING:
    from symback.documents.format import Format
    from symback.documents.formats import Contents
    from symback.documents.plots import Plot

_OPTIONS = ("flavor", "fragment", "engine")
OUTPUT = ("output", "form", *_OPTIONS)
"""The parameters that ``output_options`` adds."""


class FormatName(click.types.StringParamType):
    """The name of an output format that holds what a command gives; formats are listed when they are asked for."""

    name = "format"

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return the names, as they stand in the help."""
        from symback.documents.formats import names

        return f"[{'|'.join(names(*self.kinds))}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from symback.documents.formats import format_called

        try:
            return format_called(str(value), *self.kinds)
        except SymbackError as error:
            self.fail(str(error), param, ctx)


@dataclass(frozen=True)
class Output:
    """Where a command writes, the format, and the options of that format."""

    path: str | None
    to: Format
    options: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Options for formats that have them, where they are not given."""
    asked: bool = True
    """False where neither -o nor --to was given."""

    def page(self, contents: Contents) -> str | bytes:
        """Return the first of the contents that the format holds, written in it."""
        from symback.documents.formats import written

        return written(contents, self.to, self.options, self.defaults)

    @property
    def is_file(self) -> bool:
        """True where a file is written, not standard output."""
        return self.path not in (None, "-")

    def write(self, contents: Contents, said: str = "") -> None:
        """Write the first of the contents that the format holds.

        What was inferred is ``said`` in a line above it, or on standard error where the format has no such line.
        """
        page = self.page(contents)
        if said and self.to.comment is not None and isinstance(page, str):
            page = f"{self.to.comment}{said}\n{page}"
        elif said:
            click.echo(said, err=True)
        write(self.path, page)


def output_options(
    *kinds: str, required: bool = False, default: str = "txt", flavor: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add -o, --to and the options of formats; the command gets them as one ``out``, an Output.

    ``kinds`` are what the command gives; ``default`` is the format of standard output, ``flavor`` that of
    Markdown where the command gives documents that have one.
    """
    options = [
        click.option(
            "-o", "output", metavar="OUT", required=required, help="Write to OUT (- is standard output), by its ending."
        ),
        click.option("--to", "form", type=FormatName(*kinds), help=f"The format; default by -o, else {default}."),
    ]
    if flavor:
        flavors = click.Choice(["github", "jekyll", "jupyter"])
        options.append(click.option("--flavor", type=flavors, help=f"Of Markdown; default: {flavor}."))
    if "document" in kinds:
        options += [
            click.option("--fragment", is_flag=True, help="Of HTML and LaTeX: only a piece for a page of your own."),
            click.option(
                "--pdf-engine",
                "engine",
                metavar="NAME",
                help="Of PDF: auto, typst, latexmk, xelatex, lualatex, pdflatex or chromium.",
            ),
        ]

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def collected(*args: Any, output: str | None, form: Format | None, **others: Any) -> Any:
            given = {name: others.pop(name, None) for name in _OPTIONS}
            given = {name: value for name, value in given.items() if value}
            to = form or _format_of(output, default, kinds)
            defaults = {"flavor": flavor} if flavor else {}
            out = Output(output, to, given, defaults, asked=output is not None or form is not None)
            return command(*args, out=out, **others)

        for option in reversed(options):
            collected = option(collected)
        return collected

    return decorate


def _format_of(output: str | None, default: str, kinds: tuple[str, ...]) -> Format:
    from symback.documents.formats import format_called, format_of

    if output in (None, "-"):
        return format_called(default)
    assert output is not None
    try:
        return format_of(output, *kinds, option="--to")
    except SymbackError as error:
        raise SymbackError(f"-o {error}") from None


# --- plots ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlotFile:
    """A file that a plot is written to, and its format."""

    path: str
    to: Format

    def write(self, plot: Plot) -> None:
        """Draw the plot into the file."""
        write(self.path, self.to.write("plot", plot))


class PlotPath(click.types.StringParamType):
    """The name of a file whose ending says in which format a plot is drawn; a wrong one is said before the work."""

    name = "plot"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return what may be given, as it stands in the help."""
        from symback.documents.formats import endings

        return f"FILE[{'|'.join(endings('plot'))}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from symback.documents.formats import format_of
        from symback.documents.plots import require_matplotlib

        found = PlotFile(str(value), format_of(value, "plot"))
        require_matplotlib()
        return found


def plot_option(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add --plot; the command gets a PlotFile."""
    return click.option("--plot", type=PlotPath(), help=f"{what} (needs matplotlib).")
