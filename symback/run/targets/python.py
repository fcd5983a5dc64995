"""Scalar code: the program on Python floats, for networks in which every node is a single number.

Python raises where IEEE arithmetic goes on with an infinity or nan; the helpers restore that, and are called only
where an operation can leave its domain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from symback.core.forms import (
    ATOM,
    CHOICE,
    PRODUCT,
    UNARY,
    Adjoint,
    Apply,
    Form,
    Function,
    Name,
    Number,
    Spelled,
    Spelling,
    number,
    numpy_text,
    parenthesize,
    shape_text,
    substitute,
    walk,
)
from symback.core.forms import (
    name as make_name,
)
from symback.core.operations import ELEMENTARY
from symback.functions import ROWS
from symback.run.codegen.program import Line, Program, fresh
from symback.run.codegen.target import Target
from symback.run.codegen.text import Names, fill_template, names_used, slots
from symback.run.targets.numpy import NUMPY

_HELPERS: dict[str, str] = {
    "safe_exp": '''\
def safe_exp(x):
    """e^x, infinite beyond the largest float."""
    try:
        return exp(x)
    except OverflowError:
        return inf
''',
    "safe_log": '''\
def safe_log(x):
    """log(x), minus infinity at 0 and nan below."""
    if x > 0.0:
        return log(x)
    return -inf if x == 0.0 else nan
''',
    "safe_sqrt": '''\
def safe_sqrt(x):
    """The square root, nan below 0."""
    return nan if x < 0.0 else sqrt(x)
''',
    "safe_sin": '''\
def safe_sin(x):
    """sin(x), nan at infinity."""
    return sin(x) if isfinite(x) else nan
''',
    "safe_cos": '''\
def safe_cos(x):
    """cos(x), nan at infinity."""
    return cos(x) if isfinite(x) else nan
''',
    "divide": '''\
def divide(a, b):
    """a / b, infinite or nan where b is 0."""
    try:
        return a / b
    except ZeroDivisionError:
        return nan if a == 0.0 or a != a else copysign(inf, a) * copysign(1.0, b)
''',
    "power": '''\
def power(a, b):
    """a^b, infinite beyond the largest float and nan for a broken power of a negative number."""
    try:
        return pow(a, b)
    except OverflowError:
        return -inf if a < 0.0 and b % 2.0 == 1.0 else inf
    except ValueError:
        return nan if a else copysign(inf, a) if b % 2.0 == 1.0 else inf
''',
}

_MATH = frozenset(label for label in dir(math) if not label.startswith("_"))
_BUILTINS = ("abs", "float", "max", "min")


def _leaf(form: Form) -> bool:
    if isinstance(form, Apply) and form.op == "negative":
        form = form.args[0]
    return isinstance(form, (Name, Adjoint, Number))


def _prepared(program: Program) -> Program:
    """Write whole numbers as floats, and name each compound argument that would be spelled twice."""
    taken = {*program.arguments, *(str(line.target.data[0]) for line in program.lines)}
    named: dict[Form, Form] = {}
    lines: list[Line] = []
    for line in program.lines:
        form = substitute(_floats(line.form), named.get)
        for argument in _repeated(form):
            # The difference that a squared error squares is needed again by its derivative.
            difference = isinstance(argument, Apply) and argument.op == "subtract"
            temporary = make_name(fresh("error" if difference else "u", taken))
            lines.append(Line(temporary, substitute(argument, named.get), line.part))
            named[argument] = temporary
            form = substitute(form, named.get)
        lines.append(replace(line, form=form))
    return replace(program, lines=tuple(lines))


def _floats(form: Form) -> Form:
    """Write whole numbers as floats: Python computes faster where both operands have one type."""

    def change(node: Form) -> Form | None:
        whole = isinstance(node, Number) and isinstance(node.value, int)
        return number(float(node.value)) if whole and isinstance(node, Number) else None

    return substitute(form, change)


def _repeated(form: Form) -> list[Form]:
    """Return the compound operands that the spelling of ``form`` uses more than once, innermost first."""
    found: dict[Form, None] = {}
    for node in walk(form):
        if not isinstance(node, Apply):
            continue
        if isinstance(node.op, Function):
            found.update((node.args[k], None) for k, count in slots(node.op.math).items() if count > 1)
        elif _is_square(node):
            found[node.args[0]] = None
    return [operand for operand in found if not _leaf(operand)]


def _is_square(node: Apply) -> bool:
    exponent = node.args[-1]
    return node.op == "power" and isinstance(exponent, Number) and exponent.value == 2


def _own(form: Form, args: Sequence[Spelled]) -> Spelled | None:
    if not isinstance(form, Apply):
        return None
    op = form.op
    if isinstance(op, Function):
        return fill_template(op.math, args) if op.math else None
    if op == "where":
        condition, yes, no = (parenthesize(a, CHOICE + 1) for a in args)
        return f"{yes} if {condition} else {no}", CHOICE
    if op in ELEMENTARY:
        return f"safe_{op}({args[0][0]})", ATOM
    if op == "divide":
        below = form.args[1]
        if isinstance(below, Number) and below.value != 0:
            return None
        return f"divide({args[0][0]}, {args[1][0]})", ATOM
    if op == "power":
        if _is_square(form):
            # A product never raises OverflowError, which x**2 does.
            return f"{parenthesize(args[0], UNARY)} * {parenthesize(args[0], UNARY)}", PRODUCT
        return f"power({args[0][0]}, {args[1][0]})", ATOM
    return None


def _expression(form: Form, names: Names, returned: bool) -> str:
    return numpy_text(form, Spelling(name=names.name, adjoint=names.adjoint, size=names.size, own=_own, pi="pi"))


def _imported() -> list[str]:
    """Return the names of ``math`` that some spelling may call."""
    texts = [re.sub(r"\{\d+\}", "x", row.math) or row.math_helper for row in ROWS.values()]
    return sorted(set().union(*(names_used(text) for text in (*texts, *_HELPERS.values(), *ELEMENTARY))) & _MATH)


def _extras(program: Program, body: str) -> dict[str, str]:
    used = names_used(body)
    return {label: text for label, text in _HELPERS.items() if label in used}


def _head(rows: Sequence[Function], body: str) -> str:
    used = sorted(names_used(body) & _MATH)
    return f"from math import {', '.join(used)}\n" if used else ""


def _why(program: Program) -> str:
    """Say which value is not a single number."""
    variables = [program.record.network.variables[a] for a in program.arguments]
    arrays = [f"{v.name} has shape {shape_text(v.shape)}" for v in variables if v.shape]
    indices = [f"{v.name} holds a class index" for v in variables if v.integer]
    found = next(iter([*arrays, *indices]), "a formula makes an array")
    return f"it computes with single numbers, and {found}"


TARGET = Target(
    name="python",
    title="single numbers in plain Python",
    updates=NUMPY,
    holds=lambda program: program.scalar,
    why=_why,
    reserved=(*_imported(), "pi", *_BUILTINS, *_HELPERS),
    decorator="",
    spelled=lambda row: bool(row.math or row.math_helper.startswith("def ")),
    helper=lambda row: "" if row.math else row.math_helper,
    extras=_extras,
    prepare=_prepared,
    opening=lambda program, names: [],
    expression=_expression,
    result=lambda text, rank: text,
    loss=lambda text, rank: text,
    head=_head,
)
