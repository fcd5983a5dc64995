"""Norms: the root of a sum of squares as ‖x‖, and the sum of the squares of an array that is a variable as ‖W‖_F²."""

from __future__ import annotations

from symback.core import forms
from symback.core.display import Fence, Node, Script
from symback.core.forms import Form
from symback.page.context import Context
from symback.page.index_notation import Setter
from symback.page.pieces import ATOM, POWER, NoMatrixNotation, Piece, long_axes, one_element
from symback.page.places import symbol_of


def norm(setter: Setter, form: Form) -> Piece | None:
    """Return a form that is a norm, or the square of one, as that; None for another form."""
    inside = rooted(form)
    if inside is not None:
        found = _between_bars(setter, inside)
        return None if found is None else Piece(found, ATOM, "bracket", "bracket")
    inside = squared(form)
    if inside is None or not _prints_as_norm(setter.context, inside):
        return None
    found = _between_bars(setter, inside)
    if found is None:
        return None
    base, below = (found.base, found.below) if isinstance(found, Script) else (found, None)
    return Piece(Script(base, below, symbol_of("2")), POWER, "bracket", "bracket")


def rooted(form: Form) -> Form | None:
    """Return the x of √(Σ x²) over all entries of a vector or a matrix; None for another form."""
    return squared(form.args[0]) if isinstance(form, forms.Apply) and form.op == "sqrt" else None


def squared(form: Form) -> Form | None:
    """Return the x of Σ x² over all entries of a vector or a matrix; None for another form."""
    if not isinstance(form, forms.Reduce) or form.kind != "sum" or not one_element(form):
        return None
    square = form.args[0]
    if not isinstance(square, forms.Apply) or one_element(square):
        return None
    inside, other = square.args if len(square.args) == 2 else (square, square)
    is_square = square.op == "power" and isinstance(other, forms.Number) and other.value == 2
    if not (is_square or (square.op == "multiply" and inside is other)):
        return None
    return inside if inside.ndim in (1, 2) and inside.shape == square.shape else None


def holds_squared_norm(form: Form) -> bool:
    """Say whether the square of a norm was written, as one: (√(Σ x²))²."""
    return any(
        isinstance(node, forms.Apply) and node.op == "power" and rooted(node.args[0]) is not None
        for node in forms.walk(form)
    )


def _prints_as_norm(context: Context, inside: Form) -> bool:
    """Say whether a sum of squares is the square of a norm: of a variable, or where the equation was written with norms."""
    return context.norms or (isinstance(inside, forms.Name) and inside.name in context.variables)


def _between_bars(setter: Setter, inside: Form) -> Node | None:
    """Return ‖x‖, or ‖X‖_F of a matrix; None where what is inside has no matrix notation."""
    if setter.context.numbers is not None:
        return None
    try:
        fence = Fence(setter.form(inside).whole(), "‖")
    except NoMatrixNotation:
        return None
    return fence if len(long_axes(inside)) < 2 else Script(fence, symbol_of("F"))
