"""From a derivation to source text that runs: the formulas shown, line by line, as a person would type them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from symback.core.errors import DerivationError
from symback.derivation.record import Record
from symback.functions import ROWS, edition
from symback.run import targets
from symback.run.codegen.program import Comment, Program, build_program, default_arguments
from symback.run.codegen.target import (
    ENTRY,
    Target,
    called_rows,
    helper_sources,
    prepared,
    python_function,
    update_function,
)
from symback.run.codegen.text import Names

__all__ = ["Comment", "Generated", "default_arguments", "generate"]


@dataclass(frozen=True)
class Generated:
    """Source text and what it defines.

    The function called ``entry`` takes ``args`` in that order and returns the loss and the gradients of ``outputs``.
    ``target`` is the name of the target, as "numpy" or "python"; ``helpers`` are the functions defined above it.
    """

    source: str
    entry: str
    args: tuple[str, ...]
    outputs: tuple[str, ...]
    target: str
    helpers: tuple[str, ...]


def generate(
    record: Record,
    *,
    args: Sequence[str] | None = None,
    comment: Comment | None = None,
    updates: bool = False,
    everything: bool = False,
    target: str | None = None,
) -> Generated:
    """Return the source of a function that computes the loss and its gradients by the record's formulas.

    ``args`` orders the arguments (default: data, then parameters), ``comment`` gives the text behind each backward
    line, and ``updates`` adds a function that makes one step of gradient descent. With ``everything`` no line is left
    out or merged, and the function returns the loss, then two dicts of all values and all adjoints. ``target`` is one
    of ``symback.run.targets``, by default "python" where every value is a single number, else "numpy".

    Raises DerivationError for a target that is not known, or that cannot hold the program.
    """
    program = build_program(record, args, comment, everything)
    chosen = _target(program, target)
    program = prepared(program, chosen)
    names = Names(program, (ENTRY, "update", *chosen.reserved, *_called_names(chosen, edition())))
    function = python_function(program, chosen, names, everything)
    rows = called_rows(program)
    helpers = helper_sources(rows, chosen) | chosen.extras(program, function)
    parts = [*helpers.values(), function]
    if updates:
        parts.append(update_function(program, names))
    body = "\n\n".join(parts)
    head = chosen.head(rows, body)
    source = f"{head}\n\n{body}" if head else body
    return Generated(source, ENTRY, program.arguments, record.wrt, chosen.name, tuple(helpers))


@functools.lru_cache(maxsize=16)
def _called_names(target: Target, edition: int) -> tuple[str, ...]:
    """Return the names of the table functions that code may call, which nothing else may have."""
    return tuple(row.name for row in ROWS.values() if target.helper(row) or row.library)


def _target(program: Program, wanted: str | None) -> Target:
    """Return the target asked for, or the first of the usual ones that can hold the program."""
    if wanted is None:
        return next(found for found in map(targets.target, targets.USUAL) if found.holds(program))
    found = targets.target(wanted)
    if not found.holds(program):
        raise DerivationError(f"the target {wanted} ({found.title}) cannot hold this network: {found.why(program)}")
    return found
