"""From a derivation to source text that runs: the formulas shown, line by line, as a person would type them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from symback.core.forms import Adjoint, Name, Shape
from symback.derivation.record import Record
from symback.functions import ROWS
from symback.run.codegen import numpy as array_target
from symback.run.codegen import scalar as scalar_target
from symback.run.codegen.program import Comment, Program, build_program, default_arguments, fresh, leaves_in
from symback.run.codegen.text import Names, Target, helper_rows, prepared

__all__ = ["Comment", "Generated", "default_arguments", "generate"]

ENTRY = "gradients"
LARGE = 2**18
"""Entries of an array from which generated code frees what it has done with."""


@dataclass(frozen=True)
class Generated:
    """Source text and what it defines.

    The function called ``entry`` takes ``args`` in that order and returns the loss and the gradients of ``outputs``.
    ``target`` is "array" (NumPy) or "scalar" (Python floats); ``helpers`` are the functions defined above it.
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
) -> Generated:
    """Return the source of a function that computes the loss and its gradients by the record's formulas.

    ``args`` orders the arguments (default: data, then parameters), ``comment`` gives the text behind each backward
    line, and ``updates`` adds a function that makes one step of gradient descent. With ``everything`` no line is left
    out or merged, and the function returns the loss, then two dicts of all values and all adjoints.
    """
    program = build_program(record, args, comment, everything)
    target = scalar_target.TARGET if program.scalar else array_target.TARGET
    program = prepared(program, target)
    called = (row.name for row in ROWS.values() if target.helper(row) or row.library)
    names = Names(program, (ENTRY, "update", *target.reserved, *called))
    function = _function(program, target, names, everything)
    helpers = helper_rows(program, target.helper) | target.extras(program, function)
    parts = [*helpers.values(), function]
    if updates:
        parts.append(_update_function(program, names))
    body = "\n\n".join(parts)
    head = target.head(body)
    source = f"{head}\n\n{body}" if head else body
    return Generated(source, ENTRY, program.arguments, record.wrt, target.name, tuple(helpers))


def _function(program: Program, target: Target, names: Names, everything: bool) -> str:
    returned = set(program.gradients)
    loss = names.leaf(program.loss)
    gradients = [names.leaf(g) for g in program.gradients]
    text = [f"{target.decorator}def {ENTRY}({', '.join(names.name(a) for a in program.arguments)}):"]
    text.append(f'    """Return {", ".join([loss, *gradients])}: the loss and its gradients."""')
    text += [f"    {line}" for line in target.opening(program, names)]
    part = ""
    dead = {} if everything else _dead_after(program)
    for k, line in enumerate(program.lines):
        if line.part != part:
            part = line.part
            text.append(f"    # {part}")
        code = f"    {names.leaf(line.target)} = {target.expression(line.form, names, line.target in returned)}"
        text.append(f"{code}  # {line.comment}" if line.comment else code)
        if k in dead:
            text.append(f"    del {', '.join(names.leaf(leaf) for leaf in dead[k])}")
    first = target.loss(loss, program.loss.ndim)
    if everything:
        text.append(f"    return {first}, {_dict_text(program, names, False)}, {_dict_text(program, names, True)}")
    else:
        rest = [target.result(g, leaf.ndim) for g, leaf in zip(gradients, program.gradients, strict=True)]
        text.append(f"    return {', '.join([first, *rest])}" + ("" if rest else ","))
    return "\n".join(text) + "\n"


def _dead_after(program: Program) -> dict[int, list[Name | Adjoint]]:
    """Return, by position of a line, the arrays that nothing reads after it; empty for networks of ordinary size."""
    variables = program.record.network.variables.values()
    if not any(_known_count(variable.shape) >= LARGE for variable in variables):
        return {}
    last: dict[Name | Adjoint, int] = {}
    for k, line in enumerate(program.lines):
        last[line.target] = k
        last.update((leaf, k) for leaf in leaves_in(line.form) if leaf in last)
    dead: dict[int, list[Name | Adjoint]] = {}
    for leaf, k in last.items():
        if leaf.shape and leaf not in (program.loss, *program.gradients):
            dead.setdefault(k, []).append(leaf)
    return dead


def _known_count(shape: Shape) -> int:
    return math.prod(size for size in shape if isinstance(size, int))


def _dict_text(program: Program, names: Names, adjoints: bool) -> str:
    leaves = [line.target for line in program.lines if isinstance(line.target, Adjoint) == adjoints]
    return "{" + ", ".join(f'"{leaf.data[0]}": {names.leaf(leaf)}' for leaf in leaves) + "}"


def _update_function(program: Program, names: Names) -> str:
    taken = set(names.taken)
    rate = fresh("learning_rate", taken)
    arguments = ", ".join(names.name(a) for a in program.arguments)
    gradients = [names.leaf(g) for g in program.gradients]
    steps = [f"{names.name(g.of)} - {rate} * {text}" for g, text in zip(program.gradients, gradients, strict=True)]
    loss = names.leaf(program.loss)
    return (
        f"def update({arguments}, {rate}):\n"
        f'    """Return the loss and the parameters after one step of gradient descent."""\n'
        f"    {', '.join([loss, *gradients])} = {ENTRY}({arguments})\n"
        f"    return {', '.join([loss, *steps])}\n"
    )
