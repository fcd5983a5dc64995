"""The computational graph of operations: +, ×, exp, max as gates, each with its local derivative.

Every operation of an equation becomes an equation of its own, which is derived as any other; the picture is that of this
finer network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from symback.core import forms
from symback.core.display import DOT, MINUS, PLUS, SPACE, TIMES, Fence, Node, Symbol, row, script
from symback.core.forms import Form, name
from symback.derivation.record import Record, derive_record
from symback.networks.network import Equation, NamedNetwork
from symback.page.graph import graph_picture
from symback.page.notation import Notation, function_symbol, upright
from symback.page.picture import Picture
from symback.page.pieces import number_piece
from symback.page.words import DEFAULT_LANGUAGE
from symback.run.numeric import evaluate

_OPERAND = Symbol(r"\cdot", "·")
_SIGNS: Mapping[str, Node] = {"add": PLUS, "subtract": MINUS, "multiply": TIMES, "divide": Symbol(r"\div", "÷")}
_WORDS: Mapping[str, Node] = {
    label: Symbol("\\" + label, label) for label in ("exp", "log", "sin", "cos", "max", "min")
}
_CHAINS = ("add", "multiply")
"""Operations of which several in a row are one gate."""


@dataclass(frozen=True)
class Gates:
    """A network with one operation in an equation: its derivation, and what each operation is called."""

    record: Record
    signs: Mapping[str, Node]


def gates_of(record: Record) -> Gates:
    """Return the derivation of a network operation by operation.

    >>> from symback.networks.network import Network
    >>> from symback.networks.naming import name_equations
    >>> net = Network()
    >>> w, x, t = net.parameter("w"), net.input("x"), net.input("t")
    >>> _ = net.define("E", (w * x - t) ** 2 / 2)
    >>> [str(e.form) for e in gates_of(derive_record(name_equations(net))).record.network.equations]
    ['w * x', 'g1 - t', 'g2**2', 'g3 / 2']
    """
    network = record.network
    worker = _Splitter(network)
    equations = [equation for e in network.equations for equation in worker.split(e)]
    finer = replace(network, equations=tuple(equations))
    return Gates(derive_record(finer, collapse=False), worker.labels)


def gates_picture(
    record: Record,
    values: Mapping[str, Any] | None,
    notation: Notation | str | None = None,
    language: str = DEFAULT_LANGUAGE,
    digits: int = 4,
) -> Picture | None:
    """Return the graph of operations with its numbers; None where it is too large to read.

    In the nodes stand the operations, on the edges the value that flows forward, and what flows back: what comes from
    above times the local derivative. Where a value goes several ways, what comes back is added up beside it.
    """
    gates = gates_of(record)
    return graph_picture(gates.record, evaluate(gates.record, values), notation, language, digits, gates.signs)


class _Splitter:
    def __init__(self, network: NamedNetwork) -> None:
        self.taken = {*network.variables, *(e.name for e in network.equations)}
        self.labels: dict[str, Node] = {}
        self.made: list[Equation] = []
        self.known: dict[Form, Form] = {}

    def split(self, equation: Equation) -> list[Equation]:
        """Return the operations of an equation, the last one under its name."""
        self.made = []
        form = self._with_gates_inside(equation.form)
        self.labels[equation.name] = _label(form)
        return [*self.made, replace(equation, form=form, written=form)]

    def _with_gates_inside(self, form: Form) -> Form:
        """Return an operation of names and numbers: what stands inside it is an equation before it."""
        return forms.rebuild(form, tuple(self._operand(a, form) for a in form.args))

    def _operand(self, form: Form, outer: Form) -> Form:
        if not forms.names_in(form):
            return form
        if isinstance(form, (forms.Name, forms.Adjoint)):
            return form
        if form.is_view or isinstance(form, (forms.Expand, forms.Broadcast, forms.Transpose)):
            return forms.rebuild(form, tuple(self._operand(a, outer) for a in form.args))
        chained = isinstance(form, forms.Apply) and isinstance(outer, forms.Apply)
        if chained and form.op == outer.op and form.op in _CHAINS:  # type: ignore[attr-defined]
            return self._with_gates_inside(form)
        if form not in self.known:
            inner = self._with_gates_inside(form)
            label = self._free()
            self.labels[label] = _label(inner)
            self.made.append(Equation(label, inner, inner, invented=True))
            self.known[form] = name(label, form.shape)
        return self.known[form]

    def _free(self) -> str:
        count = 1
        while f"g{count}" in self.taken:
            count += 1
        self.taken.add(f"g{count}")
        return f"g{count}"


def _label(form: Form) -> Node:
    """Return the sign of an operation; a number that it holds stands in it: (·)², ½ ·, 1 − ·."""
    if isinstance(form, forms.Matmul):
        return DOT
    if isinstance(form, forms.Reduce):
        return Symbol(r"\Sigma", "Σ") if form.kind == "sum" else upright(form.kind)
    if not isinstance(form, forms.Apply):
        return upright(type(form).__name__.lower())
    if not isinstance(form.op, str):
        return function_symbol(form.op) if isinstance(form.op, forms.Function) else upright(form.op.name)
    if form.op == "negative":
        return row(Symbol("-", "−"), _OPERAND)
    if form.op == "sqrt":
        return Symbol(r"\sqrt{\cdot}", "√")
    if form.op in _WORDS:
        return _WORDS[form.op]
    parts = [_part(a) for a in form.args]
    numbers = [p for p in parts if p is not None]
    if form.op == "power":
        return (
            script(Fence(_OPERAND), above=numbers[-1])
            if numbers and parts[1] is not None
            else Symbol("{\\cdot}^{\\cdot}", "·^·")
        )
    if form.op not in _SIGNS:
        return upright(form.op)
    if not numbers:
        return _SIGNS[form.op]
    left, right = (part if part is not None else _OPERAND for part in parts)
    if form.op == "divide" and parts[1] is not None:
        return row(left, Symbol("/", "/"), right)
    if form.op == "multiply":
        return row(numbers[0], SPACE, _OPERAND)
    return row(left, _SIGNS[form.op], right)


def _part(form: Form) -> Node | None:
    """Return a number that is an operand; None for what is computed."""
    inner = form
    while isinstance(inner, (forms.Expand, forms.Broadcast)) and inner.args:
        inner = inner.args[0]
    return number_piece(inner.value).whole() if isinstance(inner, forms.Number) else None
