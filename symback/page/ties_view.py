"""The entries that share the largest value of a window: their number gets a letter where the gradient is long with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symback.core import forms
from symback.core.display import EQUALS, Node, Symbol, row, width
from symback.core.forms import Apply, Form, Reduce, walk
from symback.page.context import Context
from symback.page.places import Places
from symback.page.records import Display, sentence
from symback.page.sheet import Sheet
from symback.page.typesetting import Typesetter

_LINE = 36.0
"""The widest gradient, in em, in which the number of ties is written out."""
_NAME = "ties"


def with_named_ties(sheet: Sheet, context: Context, of: str, cells: tuple[Node, Node], form: Form) -> list[Display]:
    """Return a gradient with a letter for the number of ties, and below it what the letter stands for.

    Nothing where the gradient fits a line as it is, or has no ties.
    """
    ties = list(dict.fromkeys(node for node in walk(form) if _counts_ties(node)))
    if not sheet.paths or width(cells[1]) <= _LINE or len(ties) != 1:
        return []
    (count,) = ties
    symbol = context.names.free([Symbol(letter, letter) for letter in "NMT"])
    names = replace(context.names, symbols={**context.names.symbols, _NAME: symbol})
    lettered = replace(context, names=names, leaves={**context.leaves, _NAME: count.ndim})
    short = forms.substitute(form, lambda node: forms.name(_NAME, node.shape) if node is count else None)

    def left(places: Places) -> Node:
        return lettered.entry(_NAME, places)

    rows = [_equation(lettered, lambda places: context.adjoint(of, places), short), _equation(lettered, left, count)]
    said = sentence(sheet.words["ties"], count=symbol)
    return [Display((rows[0],), (of,)), Display((rows[1],), (of,), (said,))]


def _equation(context: Context, left: Callable[[Places], Node], form: Form) -> tuple[Node, Node]:
    shown, piece = Typesetter(context).equation(left, form)
    return shown, row(EQUALS, piece.whole())


def _counts_ties(node: Form) -> bool:
    return (
        isinstance(node, Reduce)
        and node.kind == "sum"
        and isinstance(node.args[0], Apply)
        and node.args[0].op == "equal"
    )
