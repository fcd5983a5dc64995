"""What a target is, and the Python function that a program becomes in one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from symback.core.forms import (
    Adjoint,
    Apply,
    Form,
    Function,
    Name,
    Number,
    Shape,
    element_count,
    number,
    numpy_text,
    walk,
)
from symback.run.codegen.program import Program, fresh, leaves_in
from symback.run.codegen.text import Names, expand_rows, left_to_right, numeric

ENTRY = "gradients"
LARGE = 2**18
"""Entries of an array from which generated code frees what it has done with."""


@dataclass(frozen=True)
class ArrayModule:
    """A library of arrays as generated code knows it: its name there, and the line that imports it."""

    name: str
    imported: str


@dataclass(frozen=True, eq=False)
class Target:
    """A language the program can be spelled in; one file of ``symback.run.targets`` defines one.

    ``title`` says what it is in a few words. ``holds`` tells whether it can hold a program, ``why`` says why it cannot;
    ``runs`` tells whether this interpreter can run the source. ``helper`` is the source a table function needs,
    ``spelled`` tells whether the function can be called at all, and ``extras`` are helpers for anything else.
    ``prepare`` changes the program to what the language can say, ``opening`` gives the lines before the first formula,
    ``expression`` spells a line's right side (``returned``: the caller gets that value), ``result`` and ``loss`` a
    value in the return line, and ``head`` the imports of a finished body that calls some rows; ``formula`` spells one
    in a comment. ``updates`` is the library of arrays in which
    an optimizer changes parameters in place; None where that cannot be done.
    """

    name: str
    title: str
    reserved: tuple[str, ...]
    decorator: str
    holds: Callable[[Program], bool]
    why: Callable[[Program], str]
    spelled: Callable[[Function], bool]
    helper: Callable[[Function], str]
    extras: Callable[[Program, str], dict[str, str]]
    prepare: Callable[[Program], Program]
    opening: Callable[[Program, Names], list[str]]
    expression: Callable[[Form, Names, bool], str]
    result: Callable[[str, int], str]
    loss: Callable[[str, int], str]
    head: Callable[[Sequence[Function], str], str]
    formula: Callable[[Form], str] = numpy_text
    updates: ArrayModule | None = None
    runs: bool = True


def prepared(program: Program, target: Target) -> Program:
    """Return the program in the words of the target: unspelled rows expanded, truth values made numbers."""
    outputs = {program.loss, *program.gradients}
    lines = []
    for line in program.lines:
        form = left_to_right(numeric(expand_rows(line.form, target.spelled)))
        if line.target in outputs and isinstance(form, Number):
            form = number(float(form.value))
        lines.append(replace(line, form=form))
    return target.prepare(replace(program, lines=tuple(lines)))


def called_rows(program: Program) -> list[Function]:
    """Return the table functions that the program calls, in order of first use."""
    nodes = (node for line in program.lines for node in walk(line.form))
    return list(dict.fromkeys(n.op for n in nodes if isinstance(n, Apply) and isinstance(n.op, Function)))


def helper_sources(rows: Iterable[Function], target: Target) -> dict[str, str]:
    """Return the sources of the helpers that table functions need, by name."""
    return {row.name: source for row in rows if (source := target.helper(row))}


# --- the function -----------------------------------------------------------------------------------------------------


def python_function(program: Program, target: Target, names: Names, everything: bool) -> str:
    """Return the source of the function that computes the loss and the gradients of a prepared program."""
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
        comment = line.comment if line.meant is None else line.comment + target.formula(line.meant)
        text.append(f"{code}  # {comment}" if comment else code)
        if k in dead:
            text.append(f"    del {', '.join(names.leaf(leaf) for leaf in dead[k])}")
    single = element_count(program.loss.shape) == 1
    first = target.loss(loss, program.loss.ndim) if single else target.result(loss, program.loss.ndim)
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


def update_function(program: Program, names: Names) -> str:
    """Return the source of a function that makes one step of gradient descent by the function of gradients."""
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
