"""Calls of linear algebra as textbooks print them: A⁻¹, A⁻ᵀ, det A, ln det A, A⁺; others under their names."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from symback.core import forms
from symback.core.display import COMMA, SPACE, TOP, Fence, Node, Script, Symbol, row, script, separated
from symback.core.forms import Form, Shape
from symback.functions.unknown import UnknownFunction
from symback.page.context import Context
from symback.page.notation import letter, upright
from symback.page.pieces import (
    ATOM,
    POWER,
    PRODUCT,
    NoMatrixNotation,
    Piece,
    closed,
    fenced,
    name_piece,
    times,
    transposed,
)
from symback.page.places import Places, subscripted, symbol_of


class Setter(Protocol):
    """What a call asks of the typesetter."""

    @property
    def context(self) -> Context: ...

    def form(self, form: Form, side: str | None = None) -> Piece: ...

    def entry(self, form: Form, at: Places) -> Piece: ...

    def indices(self, shape: Shape) -> AbstractContextManager[Places]: ...


def call(setter: Setter, form: forms.Implicit) -> Piece:
    """Return a call in matrix notation."""
    function, first = form.function, form.args[0]
    if function.notation == "inverse":
        return inverse(setter, first)
    if function.notation == "solved":
        return times(inverse(setter, first), _operand(setter, form.args[1], "column"))
    if function.notation == "pseudo-inverse":
        return _raised(_operand(setter, first), Symbol("+", "+"))
    if function.notation == "exponential":
        if "e" in setter.context.names.taken:
            return Piece(
                row(Symbol(r"\mathrm{expm}", "expm"), Fence(_operand(setter, first).whole())),
                ATOM,
                "function",
                "bracket",
            )
        return Piece(Script(Symbol("e", "e"), None, _operand(setter, first).whole()), POWER)
    if function.notation in _DETERMINANTS:
        return _determinant(setter, first, function.notation)
    inside = separated((_operand(setter, a).whole() for a in form.args), row(COMMA, SPACE))
    name = _unknown(function) if isinstance(function, UnknownFunction) else Symbol(*function.latex)
    return Piece(row(name, Fence(inside)), ATOM, "function", "bracket")


def stacked(form: forms.Implicit) -> int:
    """Return the number of axes along which matrices are stacked, of each of which the function is taken."""
    return 0 if isinstance(form.function, UnknownFunction) else max(form.args[0].ndim - 2, 0)


def entry(setter: Setter, form: forms.Implicit, at: Places) -> Piece:
    """Return the entry of a call at the places given: of a stack the entry of the call of one matrix, (A_k⁻¹)_ij."""
    count = stacked(form)
    whole = call(_OneOfStack(setter, at[:count]), form) if count else setter.form(form)
    rest = at[count:]
    if all(place is None for place in rest):
        return whole
    return Piece(subscripted(Fence(whole.whole()), rest), ATOM, "bracket", "name")


@dataclass(frozen=True, eq=False)
class _OneOfStack:
    """Typesets one matrix of each stack, the one at ``at``: A_k for a name A, [a_kij]_ij for what only index notation can say."""

    setter: Setter
    at: Places

    @property
    def context(self) -> Context:
        return self.setter.context

    def form(self, form: Form, side: str | None = None) -> Piece:
        if isinstance(form, forms.Name):
            return name_piece(self.context.entry(form.name, self.at))
        if isinstance(form, forms.Implicit):
            return call(self, form)
        if isinstance(form, forms.Transpose) and form.axes == (*range(len(self.at)), form.ndim - 1, form.ndim - 2):
            return transposed(self.form(form.args[0]))
        raise NoMatrixNotation

    def entry(self, form: Form, at: Places) -> Piece:
        return self.setter.entry(form, (*self.at, *at))

    def indices(self, shape: Shape) -> AbstractContextManager[Places]:
        return self.setter.indices(shape[len(self.at) :])


def _unknown(function: UnknownFunction) -> Node:
    """Return f, ∇f, or ∇₂f where it has several arguments."""
    name = letter(function.of) or upright(function.of)
    if function.position is None:
        return name
    several = len(function.arguments) > 1
    nabla = Symbol(r"\nabla ", "∇")
    return row(script(nabla, symbol_of(str(function.position + 1))) if several else nabla, name)


def _operand(setter: Setter, form: Form, side: str | None = None) -> Piece:
    """Return an operand; what only index notation can say stands in brackets with its indices, [a_i²]_i."""
    try:
        return setter.form(form, side)
    except NoMatrixNotation:
        with setter.indices(form.shape) as places:
            inside = setter.entry(form, places)
            return Piece(subscripted(Fence(inside.whole(), "["), places), ATOM, "bracket", "name")


def inverse(setter: Setter, operand: Form, turned: bool = False) -> Piece:
    """Return A⁻¹, or A⁻ᵀ for the inverse of a transpose and for the transpose of an inverse."""
    if isinstance(operand, forms.Transpose):
        operand, turned = operand.args[0], not turned
    return _raised(_operand(setter, operand), row(Symbol("-", "−"), TOP) if turned else symbol_of("-1"))


def is_determinant(form: Form) -> bool:
    """Return whether a form is a determinant."""
    return isinstance(form, forms.Implicit) and form.function.notation == "determinant"


def logarithm(setter: Setter, determinant: Form, at: Places | None = None) -> Piece:
    """Return the logarithm of a determinant, of one matrix of a stack where places are given."""
    assert isinstance(determinant, forms.Implicit)
    if stacked(determinant):
        if at is None:
            raise NoMatrixNotation
        setter = _OneOfStack(setter, at)
    return _determinant(setter, determinant.args[0], "log determinant")


def _raised(base: Piece, above: Node) -> Piece:
    base = closed(base, ATOM)
    if isinstance(base.node, Script) and (base.node.above is not None or base.node.primes):
        base = fenced(base)
    return Piece(script(base.node, above=above), POWER, base.starts, "name")


_DETERMINANTS = ("determinant", "log determinant", "log absolute determinant")


def _determinant(setter: Setter, operand: Form, notation: str) -> Piece:
    inside = closed(_operand(setter, operand), POWER)
    between = () if inside.starts == "bracket" else (SPACE,)
    found = row(Symbol(r"\det", "det"), *between, inside.node)
    if notation == "log absolute determinant":
        return Piece(row(Symbol(r"\ln", "ln"), SPACE, Fence(found, "|")), PRODUCT, "word", "argument")
    if notation == "log determinant":
        found = row(Symbol(r"\ln", "ln"), SPACE, found)
    return Piece(found, PRODUCT, "word", "argument")
