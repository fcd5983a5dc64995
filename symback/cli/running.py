"""``symback run``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from symback.cli.console import asked_language, complain, echo
from symback.cli.optimizing import optimizer_of, optimizer_options
from symback.cli.options import derivation_of, said, shared_options
from symback.cli.output import PlotFile, plot_option
from symback.core.errors import ValueProblem
from symback.page.messages import translated
from symback.page.words import row_title

if TYPE_CHECKING:
    from symback.api import Derivation
    from symback.run.optimization import Optimizer
    from symback.run.training import History

_LONG_RUN = 200
_SHOWN_LOSSES = 20


@click.command()
@shared_options
@click.option(
    "--steps", type=click.IntRange(0, 10_000_000), help="Updates to make (default: the code's own loop, else 1)."
)
@optimizer_options
@click.option("--digits", type=click.IntRange(1, 17), default=10, help="Significant digits to print.")
@plot_option("Draw the loss over the steps into a file")
def run(file: str, steps: int | None, digits: int, plot: PlotFile | None, **options: Any) -> None:
    """Run the derivation: forward values, loss, gradients, a check by differences, and training.

    Plain gradient descent by default; --optimizer adam --steps 1000 trains with another optimizer.
    """
    from symback.core.forms import shape_text
    from symback.run.optimization import optimizer

    d, _ = derivation_of(file, **options)
    chosen = optimizer_of(d, **options) or optimizer("sgd", learning_rate=0.1)
    extra = _rate_said(d, chosen, options["rate"], options["hyperparameters"])
    missing = [v for v in d.network.variables.values() if v.name not in d.network.values]
    if missing:
        listed = ", ".join(f"{v.name} {shape_text(v.shape)}" for v in missing)
        raise ValueProblem(
            f"values are missing for {listed}; give them by --set NAME=LITERAL or --values FILE, or "
            "fill random arrays by --seed 0"
        )
    values = d.evaluate()
    echo(said(d, extra=extra))
    forward = [e.name for e in d.network.equations if e.name != d.loss]
    _block("Forward pass", ((n, values.values[n]) for n in forward if n in values.values), digits)
    _block("Loss", [(d.loss, values.loss)], digits)
    _block("Gradients", ((f"∂{d.loss}/∂{n}", g) for n, g in values.gradients.items()), digits)
    from symback.api import check_gradients

    report = check_gradients(d)
    _said(
        "\n".join([str(report).splitlines()[0], *(f"  {note}" for note in report.notes)]) if report.ok else str(report)
    )
    echo("")
    count = steps if steps is not None else d.network.steps if d.network.steps is not None else 1
    if any(n not in d.network.variables for n in d.wrt):
        sys.exit(0 if report.ok else 1)
    history = _descend(d, count, chosen)
    noun = "step" if history.steps == 1 else "steps"
    by = "" if chosen.plain else f" of {chosen.row.title}"
    _block(
        f"After {history.steps} {noun}{by} with learning rate {chosen.learning_rate:g}",
        history.parameters.items(),
        digits,
    )
    _losses(history.losses, digits)
    if history.stopped:
        complain(f"stopped: {history.stopped}")
    if plot is not None:
        from symback.documents.plots import curves

        plot.write(curves({d.loss: history.losses}))
    sys.exit(0 if report.ok and not history.stopped else 1)


def _rate_said(d: Derivation, chosen: Optimizer, rate: float | None, hyperparameters: Sequence[str]) -> list[str]:
    """Return where the learning rate comes from, if neither the code nor the command line says it."""
    given = rate is not None or any(
        item.partition("=")[0].strip() in ("learning_rate", "lr") for item in hyperparameters
    )
    found = d.network.optimizer
    own = chosen.name == (found[0] if found is not None else "sgd") and d.network.learning_rate is not None
    if given or own or (chosen.name == "sgd" and d.network.learning_rate is not None):
        return []
    why = "the code has none" if chosen.name == "sgd" else f"the default of {chosen.row.title}"
    return [f"learning rate: {chosen.learning_rate:g} ({why})"]


def _descend(d: Derivation, steps: int, chosen: Optimizer) -> History:
    from symback.api import train

    if steps < _LONG_RUN or not sys.stderr.isatty():
        return train(d, None, chosen, steps)
    with click.progressbar(
        length=steps, label=row_title(chosen.name, chosen.row.title, asked_language()), file=sys.stderr
    ) as bar:
        last = 0

        def progress(done: int, of: int, loss: float) -> None:
            nonlocal last
            if done - last >= max(1, of // 200):
                bar.update(done - last)
                last = done

        history = train(d, None, chosen, steps, progress=progress)
        bar.update(history.steps - last)
    return history


def _losses(losses: Sequence[float], digits: int) -> None:
    count = len(losses)
    every = max(1, -(-(count - 1) // _SHOWN_LOSSES))
    shown = sorted({*range(0, count, every), count - 1})
    _said("Loss after each step" if every == 1 else f"Loss after every {every} steps")
    for k in shown:
        echo(f"  {k:>{len(str(count - 1))}}  {losses[k]:.{digits}g}")


def _said(text: str) -> None:
    """Print lines in the language asked for."""
    for line in text.splitlines():
        said = line.lstrip(" ")
        echo(line[: len(line) - len(said)] + translated(said, asked_language()))


def _block(title: str, pairs: Iterable[tuple[str, Any]], digits: int) -> None:
    rows = list(pairs)
    if not rows:
        return
    _said(title)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        text = _value(value, digits)
        indent = " " * (width + 5)
        echo(f"  {name:<{width}} = " + text.replace("\n", "\n" + indent))
    echo("")


def _value(value: Any, digits: int) -> str:
    import numpy as np

    if isinstance(value, float) or np.ndim(value) == 0:
        return f"{float(value):.{digits}g}"
    return np.array2string(np.asarray(value), formatter={"float_kind": lambda v: f"{v:.{digits}g}"}, max_line_width=100)
