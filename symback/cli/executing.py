"""--execute: FILE is one's own and is executed once, in a process of its own."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from symback.core.errors import ReadError, ValueProblem

if TYPE_CHECKING:
    from symback.networks.network import Network

EXECUTING: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--execute",
        is_flag=True,
        help="Execute FILE, which is your own, once, and derive what its first step computed.",
    ),
    click.option(
        "--call", metavar="EXPRESSION", help="With --execute: evaluate this after the file, as Net(4, 5).loss(x, t)."
    ),
    click.option("--arguments", metavar="TEXT", help="With --execute: the arguments that FILE gets."),
    click.option(
        "--seconds",
        type=click.FloatRange(min=0.1),
        help="With --execute: how long FILE may run (default 60); then its run is ended.",
    ),
    click.option(
        "--data", metavar="NAME", multiple=True, help="With --execute: NAME is data, wherever its numbers came from."
    ),
    click.option(
        "--use-backward",
        metavar="NAME",
        multiple=True,
        help="With --execute: take the backward of this torch.autograd.Function as it is stated.",
    ),
    click.option(
        "--verify", is_flag=True, help="With --execute: run FILE again with other parameters, and compare the loss."
    ),
)
"""The options of an execution."""


@dataclass(frozen=True)
class Executing:
    """What the command line says of an execution."""

    call: str | None
    arguments: str | None
    seconds: float | None
    data: tuple[str, ...]
    verify: bool
    use_backward: tuple[str, ...] = ()


def only_with_execute(options: Mapping[str, Any]) -> None:
    """Refuse options that say something of an execution where there is none."""
    for name, value in options.items():
        if value:
            raise ValueProblem(
                f"{name} says something of a file that is executed; it needs --execute, for a file of your own"
            )


OWN_FILE = "a file of your own can be executed once instead of read: --execute"
"""What is said beside an error about a text that cannot be followed."""


def is_of_the_text(error: ReadError) -> bool:
    """Return whether an error is about what a text does, not about what it is: a file that is no Python cannot run either."""
    return error.line is not None and "not Python" not in str(error)


def executed(
    file: str, asked: Executing, loss: str | None, wrt: str | None, cell: str | None, others: Mapping[str, Any]
) -> Network:
    """Return the network of a FILE that is executed; ``others`` are options that say what a text leaves open."""
    from symback.tracer.files import Request
    from symback.tracer.process import traced_apart

    batch = others.get("--batch")
    if batch is not None and not batch.isidentifier():
        raise ValueProblem(f"--batch {batch}: with --execute, give a letter for the number of rows, as --batch n")
    for name, value in others.items():
        if value and name != "--batch":
            raise ValueProblem(f"{name} says what a text leaves open; a file that is executed has its own values")
    if file == "-":
        raise ValueProblem("--execute needs a FILE; a text from standard input is only read")
    if cell is not None and not cell.isdecimal():
        raise ValueProblem(f"--cell {cell}: with --execute the cells run in their order up to one; give its number")
    names = None if wrt is None else tuple(n.strip() for n in wrt.split(",") if n.strip())
    request = Request(
        path=file,
        arguments=tuple(shlex.split(asked.arguments or "")),
        loss=loss.strip() if loss is not None else None,
        wrt=names,
        call=asked.call,
        cell=None if cell is None else int(cell),
        data=asked.data,
        verify=asked.verify,
        use_backward=asked.use_backward,
        batch=batch,
        seconds=asked.seconds if asked.seconds is not None else 60.0,
    )
    return traced_apart(request)
