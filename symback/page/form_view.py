"""One form, and the equations of a network before any derivation, in textbook notation."""

from __future__ import annotations

from functools import partial

from symback.core import forms
from symback.core.display import EMPTY, EQUALS, Node, latex_lines, row, to_latex, to_text
from symback.core.forms import Form, form_latex, note_on
from symback.derivation.sympy_forms import Origin
from symback.networks.network import Network, network_latex
from symback.page.context import Context, context_for, context_of, is_scalar, prefers_rows, reserved_symbols
from symback.page.notation import PLAIN, name_symbols
from symback.page.places import subscripted
from symback.page.records import Display
from symback.page.typesetting import Typesetter


def form_display(form: Form, context: Context | None = None) -> Node:
    """Return a form in textbook notation (entries ``r_ij = …`` are printed where matrices have no notation)."""
    setter = Typesetter(context or context_of(form))
    _, piece = setter.equation(lambda places: EMPTY, form)
    return piece.whole()


@form_latex.plug
def _form_latex(form: Form) -> str:
    origin = note_on(form, Origin)
    return to_latex(form_display(form, None if origin is None else context_for(origin.network)))


def text_of(form: Form, context: Context | None = None) -> str:
    """Return a form as one line of Unicode text.

    >>> from symback.core.forms import name
    >>> text_of(name("x", (2, 3)) @ name("W1", (3, 4)))
    'x W₁'
    """
    return to_text(form_display(form, context))


def network_display(network: Network) -> Display:
    """Return the equations of a network as they were written, before any derivation.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> y = net.define("y", net.parameter("w1") * net.input("x"))
    >>> [to_text(cell) for cell in network_display(net).rows[0]]
    ['y', ' = w₁ · x']
    """
    found = [e.written for e in network.equations]
    leaves = [forms.name(v.name, v.shape) for v in network.variables.values()]
    names = [*network.variables, *(e.name for e in network.equations)]
    symbols = name_symbols(names, PLAIN, reserved_symbols([*found, *leaves]))
    setter = Typesetter(Context(symbols, scalar=is_scalar([*found, *leaves]), rows=prefers_rows(found)))
    rows = []
    for equation in network.equations:
        shown, piece = setter.equation(partial(subscripted, symbols[equation.name]), equation.written)
        rows.append((shown, row(EQUALS, piece.whole())))
    return Display(tuple(rows), tuple(e.name for e in network.equations))


@network_latex.plug
def _network_latex(network: Network) -> str:
    return latex_lines(network_display(network).rows)
