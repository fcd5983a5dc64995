"""What the targets share: identifiers, call templates, and truth values as numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import sympy as sp

from symback.core.forms import (
    ATOM,
    CHOICE,
    PRODUCT,
    SUM,
    UNARY,
    Adjoint,
    Apply,
    Broadcast,
    Filled,
    Form,
    Function,
    Name,
    Number,
    Reduce,
    Spelled,
    apply,
    filled,
    number,
    parenthesize,
    rebuild,
    substitute,
)
from symback.core.operations import RELATIONS
from symback.core.room import parsed
from symback.functions import ROWS
from symback.run.codegen.program import Program, fresh

_SLOT = re.compile(r"(-?)\{(\d+)\}")


class Names:
    """Identifiers of one generated function: each network name, adjoint and size gets its own."""

    def __init__(self, program: Program, reserved: Iterable[str]) -> None:
        self.taken = set(reserved)
        self._names = {label: fresh(label, self.taken) for label in program.arguments}
        variables = program.record.network.variables
        arrays = [a for a in program.arguments if variables[a].shape and not variables[a].integer]
        self.floating = self._names[arrays[0]] if arrays else ""
        """An array that has the floating type of the data; none where there is no such array."""
        for line in program.lines:
            if isinstance(line.target, Name):
                self._names[line.target.name] = fresh(line.target.name, self.taken)
        targets = [line.target for line in program.lines]
        self._adjoints = {t.of: fresh(f"d{t.of}", self.taken) for t in targets if isinstance(t, Adjoint)}
        self.sizes: dict[sp.Symbol, str] = {}
        for symbol in program.sizes():
            wanted = str(symbol)
            self.sizes[symbol] = fresh(wanted if wanted.isidentifier() else "n", self.taken)

    def name(self, label: str) -> str:
        return self._names[label]

    def adjoint(self, of: str) -> str:
        return self._adjoints[of]

    def size(self, symbol: sp.Symbol) -> str:
        return self.sizes[symbol]

    def leaf(self, leaf: Name | Adjoint) -> str:
        return self.adjoint(leaf.of) if isinstance(leaf, Adjoint) else self.name(leaf.name)


def expand_rows(form: Form, spelled: Callable[[Function], bool]) -> Form:
    """Replace calls of rows that have no spelling by their definitions."""

    def change(node: Form) -> Form | None:
        if isinstance(node, Apply) and isinstance(node.op, Function) and not spelled(node.op):
            assert node.op.definition is not None
            return expand_rows(node.op.definition(*node.args, **node.parameters), spelled)
        if isinstance(node, Apply) and node.op in ROWS:  # an operation that the libraries do not have, as erf
            return apply(ROWS[str(node.op)], *(expand_rows(a, spelled) for a in node.args))
        return None

    return substitute(form, change)


def left_to_right(form: Form) -> Form:
    """Write entrywise products of equal shapes without inner parentheses: ``a * b * c`` for ``a * (b * c)``."""

    def change(node: Form) -> Form | None:
        if not (isinstance(node, Apply) and node.op == "multiply"):
            return None
        left, right = (left_to_right(a) for a in node.args)
        tail: list[Form] = []
        while isinstance(right, Apply) and right.op == "multiply" and right.shape == left.shape == right.args[0].shape:
            tail.append(right.args[1])
            right = right.args[0]
        made = apply("multiply", left, right)
        for factor in reversed(tail):
            made = apply("multiply", made, factor)
        return made

    return substitute(form, change)


def names_used(source: str) -> set[str]:
    """Return the identifiers that Python source reads and nowhere assigns."""
    names = [node for node in ast.walk(parsed(source)) if isinstance(node, ast.Name)]
    assigned = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return {node.id for node in names} - assigned


# --- templates --------------------------------------------------------------------------------------------------------


def in_module(text: str, module: str) -> str:
    """Return a template, or the source of a helper, with the name of the library of arrays put in.

    >>> in_module("{np}.tanh({0})", "jnp")
    'jnp.tanh({0})'
    """
    return text.replace("{np}", module)


def fill_template(template: str, args: Sequence[Spelled], module: str = "np") -> Spelled:
    """Return a row's template filled with spelled arguments, and how tightly the result binds.

    ``module`` is what the code calls its library of arrays.

    >>> fill_template("1 / (1 + {np}.exp(-{0}))", [("a + b", 3)])
    ('1 / (1 + np.exp(-(a + b)))', 4)
    """
    template = in_module(template, module)

    # nobody types a factor 1
    template = re.sub(r"\{(\d+)\} \* ", lambda m: "" if args[int(m[1])][0] in ("1", "1.0") else m[0], template)

    def put_in(found: re.Match[str]) -> str:
        sign, slot = found.group(1), args[int(found.group(2))]
        before = template[: found.start()].rstrip()[-1:]
        after = template[found.end() :].lstrip()[:1]
        opened = before in ("", "(", ",")
        if sign and opened and slot[0].startswith("-") and slot[1] == UNARY:
            return slot[0][1:]
        if sign:
            return sign + parenthesize(slot, UNARY)
        return slot[0] if opened and before and after in (")", ",") else parenthesize(slot, ATOM)

    return _SLOT.sub(put_in, template), _level(_SLOT.sub(r"\1x", template))


def _level(text: str) -> int:
    top = parsed(text, mode="eval").body
    if text.startswith("(") and top.col_offset > 0 and text.endswith(")"):
        return ATOM
    if isinstance(top, ast.BinOp):
        return SUM if isinstance(top.op, (ast.Add, ast.Sub)) else PRODUCT
    if isinstance(top, ast.UnaryOp):
        return UNARY
    return CHOICE if isinstance(top, (ast.IfExp, ast.Compare)) else ATOM


def slots(template: str) -> Mapping[int, int]:
    """Return how often a template uses each argument."""
    found: dict[int, int] = {}
    for match in _SLOT.finditer(template):
        found[int(match.group(2))] = found.get(int(match.group(2)), 0) + 1
    return found


# --- comparisons ------------------------------------------------------------------------------------------------------


def is_comparison(form: Form) -> bool:
    """Tell whether the form is a comparison, which gives truth values."""
    return isinstance(form, Apply) and isinstance(form.op, str) and form.op in RELATIONS


def _one_or_zero(form: Form) -> bool:
    if not (isinstance(form, Apply) and form.op == "where" and is_comparison(form.args[0])):
        return False
    return [a.value if isinstance(a, Number) else None for a in form.args[1:]] == [1, 0]


def numeric(form: Form, truth: bool = False) -> Form:
    """Return an equal form in which True and False appear only where NumPy computes with them as 1 and 0.

    That is in conditions, in quotients and as a factor of floats: ``True + True`` is True in NumPy, and ``-True`` an error. Numbers
    that fill arrays become floats. ``truth`` says that the context takes truth values.
    """
    if isinstance(form, Filled) and form.value not in (0, 1):
        return filled(float(form.value), form.shape)
    if not form.args:
        return form
    if isinstance(form, Broadcast) and isinstance(form.args[0], Number):
        return filled(float(form.args[0].value), form.shape)
    if _one_or_zero(form) and truth:
        return numeric(form.args[0], True)
    if is_comparison(form):
        bare = rebuild(form, tuple(numeric(a) for a in form.args))
        return bare if truth else apply("where", bare, number(1.0), number(0.0))
    if isinstance(form, Apply) and form.op == "where":
        condition, *branches = form.args
        taken = [numeric(b) for b in branches]
        if all(isinstance(b, Number) for b in taken):
            taken = [number(float(b.value)) for b in taken if isinstance(b, Number)]
        return apply("where", numeric(condition, True), *taken)
    if isinstance(form, Apply) and form.op == "multiply":
        left, right = form.args
        made = (numeric(left, truth or _floating(right)), numeric(right, truth or _floating(left)))
        return rebuild(form, made)
    if isinstance(form, Apply) and form.op == "divide":
        return rebuild(form, tuple(numeric(a, True) for a in form.args))
    # The sum of truth values is their number.
    counts = truth and isinstance(form, Reduce) and form.kind == "sum"
    return rebuild(form, tuple(numeric(a, counts) for a in form.args))


def _floating(form: Form) -> bool:
    """Tell whether the value of the form certainly holds floats, so that a truth value times it is a number."""
    if isinstance(form, (Name, Adjoint, Filled)):
        return True
    if isinstance(form, Number):
        return isinstance(form.value, float)
    if is_comparison(form) or _one_or_zero(form):
        return False
    arithmetic = isinstance(form, Apply) and form.op in ("multiply", "negative", "add", "subtract")
    if isinstance(form, Apply) and not arithmetic:
        return True
    return any(_floating(a) for a in form.args)
