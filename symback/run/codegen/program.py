"""What generated code computes, before it is spelled for a target: an ordered list of lines, each one Form."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import sympy as sp

from symback.core.errors import DerivationError, NetworkError, ValueProblem, nearest
from symback.core.forms import (
    Adjoint,
    Apply,
    Form,
    Function,
    Implicit,
    Matmul,
    Name,
    Prime,
    Reduce,
    adjoint,
    apply,
    equal,
    names_in,
    substitute,
    walk,
)
from symback.core.forms import (
    name as make_name,
)
from symback.derivation.record import Record, Step
from symback.derivation.stabilize import definitions_of, is_finite, stable, stable_forms
from symback.functions import ROWS
from symback.functions.unknown import UnknownFunction, without_value
from symback.networks.network import Equation, check_name, list_names

Comment = Callable[[Step], str]


@dataclass(frozen=True, eq=False)
class Line:
    """``target = form``; ``part`` is "forward", "loss" or "backward".

    The comment on the line is ``comment`` followed by the formula ``meant``, which each target spells.
    """

    target: Name | Adjoint
    form: Form
    part: str
    comment: str = ""
    meant: Form | None = None


@dataclass(frozen=True, eq=False)
class Program:
    """Lines in order of computation; what a line reads is an argument or the target of an earlier line.

    ``arguments`` are the names of leaves, ``loss`` and ``gradients`` are what is returned.
    """

    record: Record
    arguments: tuple[str, ...]
    lines: tuple[Line, ...]
    loss: Name
    gradients: tuple[Adjoint, ...]

    @property
    def scalar(self) -> bool:
        """True where every node is a single number, so that Python floats serve better than arrays."""
        leaves = (self.record.network.variables[a] for a in self.arguments)
        return not any(v.shape or v.integer for v in leaves) and not any(
            node.shape for line in self.lines for node in walk(line.form)
        )

    def sizes(self) -> tuple[sp.Symbol, ...]:
        """Return the symbolic sizes that some line spells out, in order of first use."""
        found: dict[sp.Symbol, None] = {}
        for line in self.lines:
            for node in walk(line.form):
                found.update((s, None) for s in node.lengths_written if not isinstance(s, int))
        return tuple(found)


def build_program(
    record: Record, arguments: Sequence[str] | None = None, comment: Comment | None = None, everything: bool = False
) -> Program:
    """Return the lines that compute the loss and the gradients of ``record.wrt``.

    ``everything`` keeps the lines that those results do not need. Raises ValueProblem for wrong ``arguments`` and for
    an undefined function, which has no values.
    """
    network = record.network
    for label in (*network.variables, *definitions_of(record), *(s.of for s in record.steps)):
        check_name(label)
    definitions = definitions_of(record)
    safe, finite = stable_forms(record), is_finite(record)
    # A call that a name of the network holds already is not evaluated again inside a derivative: a * (1 - a).
    calls = [equation for equation in network.equations if isinstance(equation.form, Apply)]
    outputs: dict[Form, Name] = {equation.form: make_name(equation.name, equation.shape) for equation in calls}
    extremes: dict[Form, Form] = {_name_of(e): e.form for e in network.equations if _is_extreme(e.form)}
    lines = []
    for equation in network.equations:
        part = "loss" if equation.name == network.loss else "forward"
        form = _without_primes(safe.get(equation.name, equation.form), {})
        note = ("evaluated for ", equation.form) if equation.name in safe else ()
        lines.append(Line(make_name(equation.name, equation.shape), form, part, *note))
    for step in record.steps:
        if step.needed or everything:
            form = _without_primes(step.form, outputs)
            if record.collapse:
                form = stable(form, definitions, finite)
            form = _compared_as_computed(form, extremes)
            text = comment(step) if comment is not None else _plain_comment(step)
            lines.append(Line(adjoint(step.of, step.shape), form, "backward", " ".join(text.split())))
    known = record.by_name()
    absent = [label for label in record.wrt if label not in known]
    if absent:
        raise DerivationError(f"the derivation has no step for {list_names(absent)}")
    loss = make_name(network.loss, network.shape_of(network.loss))
    gradients = tuple(adjoint(label, known[label].shape) for label in record.wrt)
    _refuse_undefined(lines)
    found = tuple(lines)
    if not everything:
        found = _needed(found, (loss, *gradients))
        found = _share_exponentials(found)
        found = _needed(found, (loss, *gradients))
        found = _merge_products(found, gradients)
    return Program(record, _arguments(record, arguments), found, loss, gradients)


def _name_of(equation: Equation) -> Name:
    return make_name(equation.name, equation.shape)


def _is_extreme(form: Form) -> bool:
    return isinstance(form, Reduce) and form.kind in ("max", "min")


def _compared_as_computed(form: Form, extremes: Mapping[Form, Form]) -> Form:
    """Compare a formula with the extreme of the very same formula: one that is written otherwise differs in its last digits."""

    def change(node: Form) -> Form | None:
        if not (isinstance(node, Apply) and node.op == "equal") or isinstance(node.args[0], Name):
            return None
        left, right = node.args
        turned = isinstance(right, Apply) and right.op == "negative"
        operand = left.args[0] if turned and isinstance(left, Apply) and left.op == "negative" else left
        for held in names_in(right):
            extreme = extremes.get(held)
            if (
                isinstance(extreme, Reduce)
                and extreme.args[0].shape == left.shape
                and (turned == (operand is not left))
            ):
                again: dict[Form, Form] = {held: extreme.remade((operand,))}
                return equal(left, substitute(right, again.get))
        return None

    return substitute(form, change) if extremes else form


def default_arguments(record: Record) -> tuple[str, ...]:
    """Return the leaves in the order a person writes them: data first, then parameters."""
    variables = record.network.variables.values()
    data = [v.name for v in variables if v.role != "parameter"]
    return (*data, *(v.name for v in variables if v.role == "parameter"))


def _arguments(record: Record, given: Sequence[str] | None) -> tuple[str, ...]:
    known = default_arguments(record)
    if given is None:
        return known
    chosen = tuple(given)
    unknown = [a for a in chosen if a not in known]
    missing = [a for a in known if a not in chosen]
    problems = [f"{a} is not a variable of this network{nearest(a, known)}" for a in unknown]
    if missing:
        problems.append(f"{list_names(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    problems += [f"{a} is given twice" for a in sorted({a for a in chosen if chosen.count(a) > 1})]
    if problems:
        raise ValueProblem(f"arguments {', '.join(chosen) or '(none)'}: {'; '.join(problems)}")
    return chosen


def _plain_comment(step: Step) -> str:
    text = f"∂L/∂{step.of}"
    over = [label for c in step.contributions for label in c.collapsed]
    return f"{text}, the derivative through {list_names(over)} collapsed" if over else text


def _without_primes(form: Form, outputs: Mapping[Form, Name]) -> Form:
    """Replace f'(z) by the derivative of the table's definition, in the output f(z) where a name holds it."""
    if not any(isinstance(node, Apply) and isinstance(node.op, Prime) for node in walk(form)):
        return form
    from symback.engine.textbook import prime_form

    def change(node: Form) -> Form | None:
        if not (isinstance(node, Apply) and isinstance(node.op, Prime)):
            return None
        row = node.op.function
        if row.definition is None:
            return None
        call = apply(row, *node.args, **node.parameters)
        args = tuple(substitute(a, change) for a in node.args)
        found = prime_form(node.op, args, outputs.get(call))
        return substitute(found, lambda inner: None if inner is node else change(inner))

    return substitute(form, change)


def _refuse_undefined(lines: Iterable[Line]) -> None:
    for line in lines:
        for node in walk(line.form):
            if isinstance(node, Implicit) and isinstance(node.function, UnknownFunction):
                raise ValueProblem(f"in {line.target.data[0]}: {without_value(node.function.of)}")
            row = node.op.function if isinstance(node, Apply) and isinstance(node.op, Prime) else None
            if isinstance(node, Apply) and isinstance(node.op, Function):
                row = node.op
            if row is not None and row.definition is None:
                raise ValueProblem(
                    f"in {line.target.data[0]}: {row.name} is an undefined function, so it has no values; "
                    "give it a definition, or use a function of the tables"
                )


def leaves_in(form: Form) -> list[Name | Adjoint]:
    """Return the names and adjoints that ``form`` reads."""
    return [node for node in walk(form) if isinstance(node, (Name, Adjoint))]


def _needed(lines: Sequence[Line], wanted: Iterable[Name | Adjoint]) -> tuple[Line, ...]:
    """Drop the lines that nothing wanted depends on."""
    live = {_key(w) for w in wanted}
    kept: list[Line] = []
    for line in reversed(lines):
        if _key(line.target) in live:
            kept.append(line)
            live.update(_key(leaf) for leaf in leaves_in(line.form))
    return tuple(reversed(kept))


def _key(leaf: Name | Adjoint) -> tuple[type, str]:
    return type(leaf), cast(str, leaf.data[0])


def _share_exponentials(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Where both softmax(z) and log_softmax(z) are needed, evaluate the logarithm once and take its exponential."""
    stated = [(outer, inner, row) for row in ROWS.values() if not row.entrywise for outer, inner in row.equals]
    log_rows = {inner: row for outer, inner, row in stated if outer == "log"}
    nodes = dict.fromkeys(node for line in lines for node in walk(line.form))
    taken = {line.target.data[0] for line in lines} | {node.name for node in nodes if isinstance(node, Name)}
    for node in nodes:
        if not (isinstance(node, Apply) and isinstance(node.op, Function) and node.op.name in log_rows):
            continue
        logarithm = apply(log_rows[node.op.name], *node.args, **node.parameters)
        if logarithm in nodes:
            lines = _shared(lines, node, logarithm, taken)
    return lines


def _shared(lines: tuple[Line, ...], squashed: Apply, logarithm: Form, taken: set[str]) -> tuple[Line, ...]:
    holder = next((line.target for line in lines if line.form is logarithm), None)
    users = [k for k, line in enumerate(lines) if {squashed, logarithm} & set(walk(line.form))]
    result = list(lines)
    if holder is None or lines[users[0]].form is not logarithm:
        named = next((line.target for line in lines if line.form is squashed), squashed.args[0])
        label = named.data[0] if isinstance(named, Name) else "p"
        holder = make_name(fresh(f"log_{label}", taken), squashed.shape)
        result.insert(users[0], Line(holder, logarithm, lines[users[0]].part))
    exponential = apply("exp", holder)
    for k, line in enumerate(result):
        if line.target is holder:
            continue
        form = _swapped(_swapped(line.form, logarithm, holder), squashed, exponential)
        if form is not line.form:
            meant = squashed if line.form is squashed and not line.comment else line.meant
            result[k] = replace(line, form=form, meant=meant)
    return tuple(result)


def _swapped(form: Form, old: Form, new: Form) -> Form:
    return substitute(form, lambda node: new if node is old else None)


def occurrences(form: Form, leaf: Form) -> int:
    """Return how often ``leaf`` is spelled in the text of ``form``."""
    counts: dict[Form, int] = {}
    for node in walk(form):
        counts[node] = 1 if node is leaf else sum(counts[a] for a in node.args)
    return counts[form]


def _merge_products(lines: tuple[Line, ...], gradients: Sequence[Adjoint]) -> tuple[Line, ...]:
    """Write ``dz1 = dz2 @ W2.T * a1 * (1 - a1)`` where ``da1 = dz2 @ W2.T`` is read by nothing else.

    That is the textbook's line for an error of a hidden layer, and it lets NumPy multiply in place.
    """
    readers: dict[tuple[type, str], list[int]] = {}
    for k, line in enumerate(lines):
        for leaf in leaves_in(line.form):
            readers.setdefault(_key(leaf), []).append(k)
    result: list[Line | None] = list(lines)
    for k, line in enumerate(lines):
        if not (isinstance(line.target, Adjoint) and isinstance(line.form, Matmul)) or line.target in gradients:
            continue
        places = readers.get(_key(line.target), [])
        reader = result[places[0]] if len(places) == 1 else None
        if reader is None or reader.form is line.target or _leftmost_factor(reader.form) is not line.target:
            continue
        if occurrences(reader.form, line.target) == 1:
            comment = "; ".join(c for c in (line.comment, reader.comment) if c)
            form = _swapped(reader.form, line.target, line.form)
            result[places[0]] = replace(reader, form=form, comment=comment)
            result[k] = None
    return tuple(line for line in result if line is not None)


def _leftmost_factor(form: Form) -> Form:
    while isinstance(form, Apply) and form.op == "multiply":
        form = form.args[0]
    return form


def fresh(wanted: str, taken: set[str]) -> str:
    """Return ``wanted``, with underscores appended until Python takes it for none of ``taken``; it is taken then."""

    def normal(text: str) -> str:
        return unicodedata.normalize("NFKC", text)

    if not wanted.isidentifier():
        raise NetworkError(f"{wanted!r} cannot be a name in code")
    while normal(wanted) in taken or keyword.iskeyword(wanted):
        wanted += "_"
    taken.add(normal(wanted))
    return wanted
