"""Calls of linear algebra as textbooks print them: A⁻¹, A⁻ᵀ, det A, ln det A, A⁺; others under their names."""

from __future__ import annotations

from typing import Protocol

from symback.core import forms
from symback.core.display import COMMA, SPACE, TOP, Fence, Node, Script, Symbol, row, script, separated
from symback.core.forms import Form
from symback.functions.unknown import UnknownFunction
from symback.page.context import Context
from symback.page.notation import letter, upright
from symback.page.pieces import ATOM, POWER, PRODUCT, NoMatrixNotation, Piece, closed, fenced, times
from symback.page.places import symbol_of


class Setter(Protocol):
    """What a call asks of the typesetter."""

    @property
    def context(self) -> Context: ...

    def form(self, form: Form, side: str | None = None) -> Piece: ...


def call(setter: Setter, form: forms.Implicit) -> Piece:
    """Return a call in matrix notation."""
    function, first = form.function, form.args[0]
    if function.notation == "inverse":
        return inverse(setter, first)
    if function.notation == "solved":
        return times(inverse(setter, first), setter.form(form.args[1], "column"))
    if function.notation == "pseudo-inverse":
        return _raised(setter.form(first), Symbol("+", "+"))
    if function.notation == "exponential":
        if "e" in setter.context.names.taken:
            return Piece(
                row(Symbol(r"\mathrm{expm}", "expm"), Fence(setter.form(first).whole())), ATOM, "function", "bracket"
            )
        return Piece(Script(Symbol("e", "e"), None, setter.form(first).whole()), POWER)
    if function.notation in _DETERMINANTS:
        return _determinant(setter, first, function.notation)
    if form.ndim > 2:
        raise NoMatrixNotation
    inside = separated((setter.form(a).whole() for a in form.args), row(COMMA, SPACE))
    name = _unknown(function) if isinstance(function, UnknownFunction) else Symbol(*function.latex)
    return Piece(row(name, Fence(inside)), ATOM, "function", "bracket")


def _unknown(function: UnknownFunction) -> Node:
    """Return f, ∇f, or ∇₂f where it has several arguments."""
    name = letter(function.of) or upright(function.of)
    if function.position is None:
        return name
    several = len(function.arguments) > 1
    nabla = Symbol(r"\nabla ", "∇")
    return row(script(nabla, symbol_of(str(function.position + 1))) if several else nabla, name)


def inverse(setter: Setter, operand: Form, turned: bool = False) -> Piece:
    """Return A⁻¹, or A⁻ᵀ for the inverse of a transpose and for the transpose of an inverse."""
    if isinstance(operand, forms.Transpose):
        operand, turned = operand.args[0], not turned
    return _raised(setter.form(operand), row(Symbol("-", "−"), TOP) if turned else symbol_of("-1"))


def is_determinant(form: Form) -> bool:
    """Return whether a form is a determinant."""
    return isinstance(form, forms.Implicit) and form.function.notation == "determinant"


def logarithm(setter: Setter, determinant: Form) -> Piece:
    """Return the logarithm of a determinant."""
    return _determinant(setter, determinant.args[0], "log determinant")


def _raised(base: Piece, above: Node) -> Piece:
    base = closed(base, ATOM)
    if isinstance(base.node, Script) and (base.node.above is not None or base.node.primes):
        base = fenced(base)
    return Piece(script(base.node, above=above), POWER, base.starts, "name")


_DETERMINANTS = ("determinant", "log determinant", "log absolute determinant")


def _determinant(setter: Setter, operand: Form, notation: str) -> Piece:
    inside = closed(setter.form(operand), POWER)
    between = () if inside.starts == "bracket" else (SPACE,)
    found = row(Symbol(r"\det", "det"), *between, inside.node)
    if notation == "log absolute determinant":
        return Piece(row(Symbol(r"\ln", "ln"), SPACE, Fence(found, "|")), PRODUCT, "word", "argument")
    if notation == "log determinant":
        found = row(Symbol(r"\ln", "ln"), SPACE, found)
    return Piece(found, PRODUCT, "word", "argument")
