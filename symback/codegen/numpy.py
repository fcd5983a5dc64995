"""Array code: the program as a NumPy function that a student could have written."""

from __future__ import annotations

from collections.abc import Sequence

from symback.codegen.program import Program
from symback.codegen.text import Names, Target, fill_template
from symback.forms import (
    ATOM,
    Adjoint,
    Apply,
    Broadcast,
    Expand,
    Form,
    Function,
    Get,
    Name,
    Number,
    OneHot,
    Put,
    SizeOf,
    Spelled,
    Spelling,
    Transpose,
    numpy_text,
    parenthesize,
    walk,
)

_ONE_HOT = '''\
def one_hot(index, classes):
    """Rows of the identity matrix: 1 at the class index, else 0."""
    return np.eye(classes)[index]
'''

_PUT = '''\
def put(values, shape, index):
    """Zeros of a shape, with values added at an index."""
    result = np.zeros(shape)
    result[index] += values
    return result
'''

_VIEWS = (Transpose, Get, Expand, Broadcast)


def _extras(program: Program, body: str) -> dict[str, str]:
    nodes = [node for line in program.lines for node in walk(line.form)]
    found = {}
    if any(isinstance(node, OneHot) for node in nodes):
        found["one_hot"] = _ONE_HOT
    if any(isinstance(node, Put) for node in nodes):
        found["put"] = _PUT
    return found


def _opening(program: Program, names: Names) -> list[str]:
    variables = program.record.network.variables
    lines = []
    if any(_plain_arithmetic(node) for line in program.lines for node in walk(line.form)):
        # Python's own floats raise an error where NumPy's go on with inf or nan.
        numbers = [names.name(a) for a in program.arguments if not variables[a].shape and not variables[a].integer]
        lines += [f"{label} = np.float64({label})" for label in numbers]
    for symbol, label in names.sizes.items():
        owner = next(a for a in program.arguments if symbol in variables[a].shape)
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
    return None


def _expression(form: Form, names: Names, returned: bool) -> str:
    spelling = Spelling(name=names.name, adjoint=names.adjoint, size=names.size, own=_own)
    text = numpy_text(form, spelling)
    inner = form
    while isinstance(inner, _VIEWS):
        inner = inner.args[0]
    # A returned array is the caller's to change, so it shares no memory with an argument or another gradient.
    if returned and form.shape and (inner is not form or isinstance(inner, (Name, Adjoint))):
        return f"{parenthesize((text, ATOM), ATOM)}.copy()"
    return text


TARGET = Target(
    name="array",
    reserved=("np", "float", "one_hot", "put"),
    # Saturated exponentials overflow on purpose: 1 / (1 + inf) is 0, as it should be.
    decorator='@np.errstate(all="ignore")\n',
    spelled=lambda row: bool(row.numpy or row.numpy_helper),
    helper=lambda row: "" if row.numpy else row.numpy_helper,
    extras=_extras,
    prepare=lambda program: program,
    opening=_opening,
    expression=_expression,
    result=lambda text, rank: text if rank else f"float({text})",
    loss=lambda text, rank: f"{text}.item()" if rank else f"float({text})",
    head=lambda body: "import numpy as np\n",
)
