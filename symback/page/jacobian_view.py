"""Second derivatives of the loss, as LaTeX."""

from __future__ import annotations

from symback.core.display import EQUALS, SPACE, Fraction, Symbol, row, script, to_latex
from symback.derivation.jacobians import Hessian, hessian_latex
from symback.page.context import context_for
from symback.page.form_view import form_display


@hessian_latex.plug
def second_derivative(hessian: Hessian, v: str, w: str) -> str:
    """Return ``∂²L/∂v∂w = …`` as LaTeX without delimiters."""
    context = context_for(hessian.network)
    mark = Symbol(r"\partial ", "∂")
    below = (
        row(mark, context.name(v), SPACE, mark, context.name(w))
        if v != w
        else row(mark, script(context.name(v), None, Symbol("2", "2")))
    )
    left = Fraction(row(Symbol(r"\partial^2 ", "∂²"), context.name(hessian.network.loss)), below)
    return to_latex(row(left, EQUALS, form_display(hessian.forms[v, w], context)))
