"""Array code: the program as a NumPy function that a student could have written."""

from __future__ import annotations

import functools
import importlib.util
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from symback.core.errors import ValueProblem
from symback.core.forms import (
    ATOM,
    Adjoint,
    Apply,
    Broadcast,
    Einsum,
    Expand,
    Form,
    Function,
    Get,
    Name,
    Number,
    OneHot,
    Overlap,
    Put,
    Reshape,
    Scatter,
    SizeOf,
    Spelled,
    Spelling,
    Transpose,
    Windows,
    apply,
    names_in,
    numpy_text,
    parenthesize,
    subscripts,
    substitute,
    walk,
)
from symback.core.forms import (
    name as make_name,
)
from symback.functions import ROWS
from symback.run.codegen.program import Line, Program, fresh, occurrences
from symback.run.codegen.text import Names, Target, fill_template, is_comparison

_ONE_HOT = '''\
def one_hot(index, classes, dtype=float):
    """Rows of the identity matrix: 1 at the class index, else 0."""
    return (np.asarray(index)[..., None] == np.arange(classes)).astype(dtype)
'''

_PUT = '''\
def put(values, shape, index):
    """Zeros of a shape, with values added at an index."""
    result = np.zeros(shape)
    result[index] += values
    return result
'''

_PADDED = '''\
def padded(values, shape, index, number):
    """An array of a shape that holds one number, with values at an index."""
    result = np.full(shape, number)
    result[index] = values
    return result
'''

_SCATTER = '''\
def scatter(values, index, axis, shape):
    """Zeros of a shape, with each row of values added at its index along an axis."""
    result = np.zeros(shape)
    np.add.at(result, (slice(None),) * axis + (index,), values)
    return result
'''

_WINDOWS = '''\
def windows(a, axis, size, stride, dilation):
    """Windows that slide along an axis, which becomes two: (position, offset). A view, not a copy."""
    found = np.lib.stride_tricks.sliding_window_view(a, dilation * (size - 1) + 1, axis)
    found = np.moveaxis(found, -1, axis + 1)
    return found[(slice(None),) * axis + (slice(None, None, stride), slice(None, None, dilation))]
'''

_OVERLAP = '''\
def overlap(values, axis, length, stride, dilation):
    """Windows added up where they overlap: their axes (position, offset) become one of a length."""
    before = (slice(None),) * axis
    count, size = values.shape[axis : axis + 2]
    result = np.zeros(values.shape[:axis] + (length,) + values.shape[axis + 2 :])
    for k in range(size):
        start = dilation * k
        result[before + (slice(start, start + stride * count, stride),)] += values[before + (slice(None), k)]
    return result
'''

_HELPERS: dict[str, tuple[str, Callable[[Form], bool]]] = {
    "one_hot": (_ONE_HOT, lambda node: isinstance(node, OneHot)),
    "put": (_PUT, lambda node: isinstance(node, Put) and not node.value),
    "padded": (_PADDED, lambda node: isinstance(node, Put) and bool(node.value)),
    "scatter": (_SCATTER, lambda node: isinstance(node, Scatter)),
    "windows": (_WINDOWS, lambda node: isinstance(node, Windows)),
    "overlap": (_OVERLAP, lambda node: isinstance(node, Overlap)),
}
"""Helper functions by name: the source, and which nodes call it."""

_VIEWS = (Transpose, Get, Expand, Broadcast, Reshape, Windows)


def _extras(program: Program, body: str) -> dict[str, str]:
    nodes = dict.fromkeys(node for line in program.lines for node in walk(line.form))
    return {label: text for label, (text, calls) in _HELPERS.items() if any(calls(node) for node in nodes)}


def _opening(program: Program, names: Names) -> list[str]:
    variables = program.record.network.variables
    lines = []
    if any(_plain_arithmetic(node) for line in program.lines for node in walk(line.form)):
        # Python's own floats raise an error where NumPy's go on with inf or nan.
        numbers = [names.name(a) for a in program.arguments if not variables[a].shape and not variables[a].integer]
        lines += [f"{label} = np.float64({label})" for label in numbers]
    for symbol, label in names.sizes.items():
        owner = next((a for a in program.arguments if symbol in variables[a].shape), None)
        if owner is None:
            raise ValueProblem(f"the size {symbol} stands in a formula, but no argument has an axis of that size")
        lines.append(f"{label} = {names.name(owner)}.shape[{variables[owner].shape.index(symbol)}]")
    return lines


def _plain_arithmetic(node: Form) -> bool:
    """Tell whether Python floats would be divided or raised to a power, which can raise an error."""
    if not (isinstance(node, Apply) and node.op in ("divide", "power")) or any(a.shape for a in node.args):
        return False
    literal = isinstance(node.args[1], (Number, SizeOf)) and node.op == "divide"
    return not literal and any(isinstance(leaf, Name) and not leaf.shape for leaf in walk(node))


def _own(form: Form, args: Sequence[Spelled]) -> Spelled | None:
    if isinstance(form, Apply) and isinstance(form.op, Function) and form.op.numpy:
        return fill_template(form.op.numpy, args)
    if isinstance(form, Apply) and isinstance(form.op, Function):
        row = form.op
        chosen = [f"{key}={value}" for key, value in form.parameters.items() if value != row.parameters.get(key)]
        return f"{row.name}({', '.join([*(a[0] for a in args), *chosen])})", ATOM
    if isinstance(form, Einsum) and _worth_planning(form):
        return f'np.einsum("{subscripts(form)}", {", ".join(a[0] for a in args)}, optimize=True)', ATOM
    return None


def _worth_planning(form: Einsum) -> bool:
    """Tell whether NumPy should look for matrix products in the sum: its search takes as long as some 4000 products."""
    sizes = {k: n for part, a in zip(form.labels, form.args, strict=True) for k, n in zip(part, a.shape, strict=True)}
    count = math.prod(n if isinstance(n, int) else USUAL for n in sizes.values())
    return len(form.args) > 1 and len(sizes) > len(form.result) and count > 2**12


def _divided_early(form: Form) -> Form:
    """Divide before an array grows: ``dm[:, None] / s * hit`` for ``dm[:, None] * hit / s``."""

    def change(node: Form) -> Form | None:
        if not (isinstance(node, Apply) and node.op == "divide"):
            return None
        above, below = (_divided_early(a) for a in node.args)
        small = isinstance(above, Apply) and above.op == "multiply" and above.args[0].shape == below.shape
        if not small or below.shape == node.shape or not below.shape:
            return None
        return apply("multiply", apply("divide", above.args[0], below), above.args[1])

    return substitute(form, change)


USUAL = 32
"""What an unknown size is taken for where only the effort is concerned."""


def _costly(node: Form) -> bool:
    """Tell whether a call takes long enough that nobody would compute it twice."""
    if not (isinstance(node, Apply) and isinstance(node.op, Function) and node.op.entrywise and node.shape):
        return False
    row = node.op
    return bool(row.library or row.numpy_helper) or any(word in row.numpy for word in ("exp", "log", "tanh"))


def _shared_calls(program: Program) -> Program:
    """Name each costly call that the lines spell more than once: the sigmoid inside SiLU is computed once."""
    taken = {*program.arguments, *(str(line.target.data[0]) for line in program.lines)}
    lines = list(program.lines)
    order = [node for line in lines for node in walk(line.form) if _costly(node)]
    for node in dict.fromkeys(order):
        call = node
        users = [k for k, line in enumerate(lines) if line.form is not call and call in walk(line.form)]
        holder = next((line.target for line in lines if line.form is call), None)
        if holder is not None or sum(occurrences(lines[k].form, call) for k in users) < 2:
            continue
        assert isinstance(call, Apply) and isinstance(call.op, Function)
        read = names_in(call)
        label = fresh(f"{call.op.name}_{read[0].name}" if len(read) == 1 else call.op.name, taken)
        held = make_name(label, call.shape)
        lines[users[0] : users[0]] = [Line(held, call, lines[users[0]].part)]
        swap: dict[Form, Form] = {call: held}
        lines = [line if line.target is held else replace(line, form=substitute(line.form, swap.get)) for line in lines]
    return replace(program, lines=tuple(lines))


def _prepared(program: Program) -> Program:
    """Name each comparison, and each costly call, that would be spelled and computed more than once."""
    program = _shared_calls(program)
    taken = {*program.arguments, *(str(line.target.data[0]) for line in program.lines)}
    lines: list[Line] = []
    for line in program.lines:
        form = _divided_early(line.form)
        counts: dict[Form, int] = {}
        for node in walk(form):
            for child in node.args:
                counts[child] = counts.get(child, 0) + 1
        for node in [n for n, count in counts.items() if count > 1 and is_comparison(n) and n.shape]:
            label = next(k for k in ("hit", *(f"hit{i}" for i in range(2, len(taken) + 3))) if k not in taken)
            taken.add(label)
            held = make_name(label, node.shape)
            lines.append(Line(held, node, line.part))
            form = substitute(form, {node: held}.get)
        lines.append(replace(line, form=form))
    return replace(program, lines=tuple(lines))


def _expression(form: Form, names: Names, returned: bool) -> str:

    def own(node: Form, args: Sequence[Spelled]) -> Spelled | None:
        if isinstance(node, OneHot) and names.floating:
            # ones and zeros of double precision would make all that follows double
            classes = str(node.classes) if isinstance(node.classes, int) else names.size(node.classes)
            return f"one_hot({args[0][0]}, {classes}, {names.floating}.dtype)", ATOM
        return _own(node, args)

    text = numpy_text(form, Spelling(name=names.name, adjoint=names.adjoint, size=names.size, own=own))
    inner = form
    while isinstance(inner, _VIEWS):
        inner = inner.args[0]
    # A returned array is the caller's to change, so it shares no memory with an argument or another gradient.
    if returned and form.shape and (inner is not form or isinstance(inner, (Name, Adjoint))):
        return f"{parenthesize((text, ATOM), ATOM)}.copy()"
    return text


@functools.lru_cache(maxsize=16)
def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _by_library(row: Function) -> bool:
    """Tell whether an optional library that is installed evaluates the row."""
    return bool(row.library) and _installed(row.library.partition(".")[0])


def _head(body: str) -> str:
    """Return the imports: NumPy, and the functions of optional libraries that the code calls."""
    lines = ["import numpy as np"]
    for row in ROWS.values():
        if _by_library(row) and re.search(rf"\b{row.name}\(", body):
            module, _, name = row.library.rpartition(".")
            lines.append(f"from {module} import {name}" + (f" as {row.name}" if name != row.name else ""))
    return "\n".join(lines) + "\n"


TARGET = Target(
    name="array",
    reserved=("np", "float", *_HELPERS),
    # Saturated exponentials overflow on purpose: 1 / (1 + inf) is 0, as it should be.
    decorator='@np.errstate(all="ignore")\n',
    spelled=lambda row: bool(row.numpy or row.numpy_helper),
    helper=lambda row: "" if row.numpy or _by_library(row) else row.numpy_helper,
    extras=_extras,
    prepare=_prepared,
    opening=_opening,
    expression=_expression,
    result=lambda text, rank: text if rank else f"float({text})",
    loss=lambda text, rank: f"{text}.item()" if rank else f"float({text})",
    head=_head,
)
