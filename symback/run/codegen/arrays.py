"""Array code: the program as a function of arrays that a student could have written, for any library that spells as NumPy does."""

from __future__ import annotations

import functools
import importlib.util
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from symback.core.errors import ValueProblem
from symback.core.forms import (
    ATOM,
    Adjoint,
    Apply,
    Einsum,
    Form,
    Function,
    Implicit,
    Name,
    Number,
    OneHot,
    SizeOf,
    Spelled,
    Spelling,
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
from symback.run.codegen.linear import equations_solved
from symback.run.codegen.program import Line, Program, fresh, occurrences
from symback.run.codegen.target import ArrayModule, Target
from symback.run.codegen.text import Names, fill_template, in_module, is_comparison


@dataclass(frozen=True)
class Library:
    """A library of arrays that spells as NumPy does, and what generated code adds to it.

    ``helpers`` are sources, by name, of functions that no library has: one_hot, put, padded, scatter, windows, overlap.
    ``spellings`` are templates, by name, of rows that the library says otherwise than NumPy. ``scipy`` tells whether
    functions of SciPy take its arrays.
    """

    module: ArrayModule
    helpers: Mapping[str, str]
    spellings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    scipy: bool = False

    @property
    def pi(self) -> str:
        """How the library spells π."""
        return f"{self.module.name}.pi"

    def template(self, row: Function) -> str:
        """Return the template of a call of the row; empty where there is none, or where it says ``np.`` itself."""
        found = self.spellings.get(row.name, row.numpy)
        return found if self._said(found) else ""

    def helper(self, row: Function) -> str:
        """Return the source of the helper the row needs, empty where it needs none."""
        if self.template(row) or self.imports(row) or not self._said(row.numpy_helper):
            return ""
        return in_module(row.numpy_helper, self.module.name)

    def imports(self, row: Function) -> bool:
        """Tell whether a function of an optional library that is installed evaluates the row."""
        return self.scipy and bool(row.library) and _installed(row.library.partition(".")[0])

    def spells(self, row: Function) -> bool:
        """Tell whether code can call the row."""
        return bool(self.template(row) or self.imports(row) or (row.numpy_helper and self._said(row.numpy_helper)))

    def _said(self, text: str) -> bool:
        return self.module.name == "np" or "np." not in text


@functools.lru_cache(maxsize=16)
def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _called_helpers(program: Program) -> set[str]:
    """Return the names of the functions that the spelling of nodes calls and no library has."""
    return {node.helper for line in program.lines for node in walk(line.form)} - {""}


def _absent(program: Program, library: Library) -> list[str]:
    return sorted(_called_helpers(program) - library.helpers.keys())


def _defined(helpers: Mapping[str, str], called: Collection[str]) -> dict[str, str]:
    return {label: text for label, text in helpers.items() if label in called}


def _opening(program: Program, names: Names, module: str) -> list[str]:
    variables = program.record.network.variables
    lines = []
    if any(_plain_arithmetic(node) for line in program.lines for node in walk(line.form)):
        # Python's own floats raise an error where NumPy's go on with inf or nan.
        numbers = [names.name(a) for a in program.arguments if not variables[a].shape and not variables[a].integer]
        lines += [f"{label} = {module}.float64({label})" for label in numbers]
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


def _own(form: Form, args: Sequence[Spelled], library: Library) -> Spelled | None:
    module = library.module.name
    if isinstance(form, Apply) and isinstance(form.op, Function):
        row = form.op
        template = library.template(row)
        if template:
            return fill_template(template, args, module)
        chosen = [f"{key}={value}" for key, value in form.parameters.items() if value != row.parameters.get(key)]
        return f"{row.name}({', '.join([*(a[0] for a in args), *chosen])})", ATOM
    if isinstance(form, Einsum) and _worth_planning(form):
        return f'{module}.einsum("{subscripts(form)}", {", ".join(a[0] for a in args)}, optimize=True)', ATOM
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
    if isinstance(node, Implicit):
        return True
    if not (isinstance(node, Apply) and isinstance(node.op, Function) and node.op.entrywise and node.shape):
        return False
    row = node.op
    return bool(row.library or row.numpy_helper) or any(word in row.numpy for word in ("exp", "log", "tanh"))


def _costly_calls(lines: Sequence[Line]) -> dict[Form, list[int]]:
    """Return the costly calls, in order of appearance, with the lines that spell each as a part."""
    found: dict[Form, list[int]] = {}
    for k, line in enumerate(lines):
        for node in walk(line.form):
            if _costly(node):
                users = found.setdefault(node, [])
                users.extend([] if node is line.form else [k])
    return found


def _read_again(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with a call of linear algebra that an earlier line holds read from that line."""
    held: dict[Form, Form] = {}
    found: list[Line] = []
    for line in lines:
        form = substitute(line.form, held.get) if held else line.form
        found.append(line if form is line.form else replace(line, form=form))
        if isinstance(form, Implicit):
            held[form] = line.target
    return found


def _shared_calls(program: Program) -> Program:
    """Name each costly call that the lines spell more than once: the sigmoid inside SiLU is computed once."""
    taken = {*program.arguments, *(str(line.target.data[0]) for line in program.lines)}
    lines = _read_again(program.lines)
    spelled = _costly_calls(lines)
    held_by = {line.form for line in lines}
    for call in list(spelled):
        users = spelled.get(call, [])
        # a later line that is the call of linear algebra itself reads it as well; earlier ones were read again before
        whole = call in held_by
        if (whole and not isinstance(call, Implicit)) or not users:
            continue
        if len(users) == 1 and occurrences(lines[users[0]].form, call) < 2 and not whole:
            continue
        stem = call.function.name if isinstance(call, Implicit) else str(call.data[0].name)
        read = names_in(call)
        label = fresh(f"{stem}_{read[0].name}" if len(read) == 1 else stem, taken)
        held = make_name(label, call.shape)
        lines[users[0] : users[0]] = [Line(held, call, lines[users[0]].part)]
        swap: dict[Form, Form] = {call: held}
        lines = [line if line.target is held else replace(line, form=substitute(line.form, swap.get)) for line in lines]
        spelled = _costly_calls(lines)
        held_by = {line.form for line in lines}
    return replace(program, lines=tuple(lines))


def _prepared(program: Program) -> Program:
    """Name each comparison, and each costly call, that would be spelled and computed more than once."""
    program = replace(program, lines=tuple(replace(n, form=equations_solved(n.form)) for n in program.lines))
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


def _expression(form: Form, names: Names, returned: bool, library: Library) -> str:

    def own(node: Form, args: Sequence[Spelled]) -> Spelled | None:
        if isinstance(node, OneHot) and names.floating:
            # ones and zeros of double precision would make all that follows double
            classes = str(node.classes) if isinstance(node.classes, int) else names.size(node.classes)
            return f"one_hot({args[0][0]}, {classes}, {names.floating}.dtype)", ATOM
        return _own(node, args, library)

    module, pi = library.module.name, library.pi
    spelling = Spelling(name=names.name, adjoint=names.adjoint, size=names.size, own=own, module=module, pi=pi)
    text = numpy_text(form, spelling)
    inner = form
    while inner.shares_memory:
        inner = inner.args[0]
    # A returned array is the caller's to change, so it shares no memory with an argument or another gradient.
    if returned and form.shape and (inner is not form or isinstance(inner, (Name, Adjoint))):
        return f"{parenthesize((text, ATOM), ATOM)}.copy()"
    return text


def _head(rows: Iterable[Function], library: Library) -> str:
    """Return the imports: the library, and the functions of optional libraries that the code calls."""
    lines = [library.module.imported]
    for row in sorted(filter(library.imports, rows), key=lambda row: row.name):
        module, _, name = row.library.rpartition(".")
        lines.append(f"from {module} import {name}" + (f" as {row.name}" if name != row.name else ""))
    return "\n".join(lines) + "\n"


def array_target(name: str, title: str, library: Library, *, decorator: str = "", in_place: bool = False) -> Target:
    """Return the target that spells a program for a library of arrays.

    ``decorator`` stands on a line before the function; ``in_place`` tells whether the library's arrays can be changed.
    """
    module = library.module.name
    helpers = {label: in_module(source, module) for label, source in library.helpers.items()}
    return Target(
        name=name,
        title=title,
        reserved=(module, "float", *helpers),
        decorator=f"{decorator}\n" if decorator else "",
        holds=lambda program: not _absent(program, library),
        why=lambda program: f"it has no function {', '.join(_absent(program, library))}",
        spelled=library.spells,
        helper=library.helper,
        extras=lambda program, body: _defined(helpers, _called_helpers(program)),
        prepare=_prepared,
        opening=lambda program, names: _opening(program, names, module),
        expression=lambda form, names, returned: _expression(form, names, returned, library),
        result=lambda text, rank: text if rank else f"float({text})",
        loss=lambda text, rank: f"{text}.item()" if rank else f"float({text})",
        head=lambda rows, body: _head(rows, library),
        formula=lambda form: numpy_text(form, Spelling(module=module, pi=library.pi)),
        updates=library.module if in_place else None,
    )
