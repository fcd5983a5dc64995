"""Rewrite Forms into equal ones that floating point evaluates safely; used for code only, never for the page's algebra.

``log(sigmoid(z))`` overflows where ``log_sigmoid(z)`` does not. The identities come from the tables: a row's
``equals`` names what it replaces (``log`` of ``sigmoid``), and a form spelled exactly as a row's definition
(``log(sum(exp(z)))``) is that row. Names are looked through: with ``a = sigmoid(z)``, ``log(a)`` is
``log_sigmoid(z)``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from symback.core.forms import (
    Apply,
    Filled,
    Form,
    Function,
    Holds,
    Name,
    Number,
    OneHot,
    Reduce,
    apply,
    equal,
    number,
    product_of,
    rebuild,
    substitute,
    where,
)
from symback.derivation.record import Record
from symback.engine.exponents import together
from symback.functions import ROWS, edition

Definitions = Mapping[str, Form]


def stable(form: Form, definitions: Definitions | None = None, finite: bool = True) -> Form:
    """Return a form equal to ``form`` in which no logarithm is taken of a squashed value.

    ``definitions`` maps names to the forms they stand for; they are looked through, not substituted elsewhere. Without
    ``finite`` entries may be infinite, as scores behind a mask are: exponents then stay apart, and rows of 1 and 0 choose
    and do not multiply.

    >>> from symback.core.forms import apply, name
    >>> z, y = name("z", (3,)), name("y", (3,))
    >>> a = name("a", (3,))
    >>> stable(y * apply("log", a) + (1 - y) * apply("log", 1 - a), {"a": ROWS["sigmoid"](z)})
    y * log_sigmoid(z) + (1 - y) * log_sigmoid(-z)
    """
    known = definitions or {}
    made = substitute(form, lambda node: _rewrite(node, known, finite))
    return made if finite else substitute(made, lambda node: _chosen(node, known))


def stable_forms(record: Record) -> dict[str, Form]:
    """Return, for each equation that code evaluates otherwise than the page writes it, the form evaluated.

    Empty for a record without collapses: there the literal formulas run.
    """
    if not record.collapse:
        return {}
    definitions, finite = definitions_of(record), is_finite(record)
    changed: dict[str, Form] = {}
    for equation in record.network.equations:
        form = stable(equation.form, definitions, finite)
        if form is not equation.form:
            changed[equation.name] = form
    return changed


def definitions_of(record: Record) -> dict[str, Form]:
    """Return what each name of the network stands for."""
    return {equation.name: equation.form for equation in record.network.equations}


def is_finite(record: Record) -> bool:
    """Return whether no number that is known of a network is infinite."""
    network = record.network
    if any(np.any(np.isinf(v)) for v in network.values.values() if np.asarray(v).dtype.kind == "f"):
        return False
    return not any(_infinite(equation.form) for equation in network.equations)


_infinite = Holds(lambda node: isinstance(node, (Number, Filled)) and math.isinf(node.value))


def _chosen(node: Form, known: Definitions) -> Form | None:
    """Return a product with rows of 1 and 0 as the choice of the other factors: 0 times an infinite entry is 0 there."""
    factors = _factors(node)
    at = next((k for k, factor in enumerate(factors) if _is_one_hot(factor, known)), None)
    if at is None or len(factors) == 1:
        return None
    rest = product_of([*factors[:at], *factors[at + 1 :]])
    return where(equal(factors[at], 1), stable(rest, known, finite=False), number(0))


def _factors(node: Form) -> list[Form]:
    """Return the factors of a product, from left to right."""
    if isinstance(node, Apply) and node.op == "multiply":
        return [factor for side in node.args for factor in _factors(side)]
    return [node]


def _is_one_hot(rows: Form, known: Definitions) -> bool:
    """Return whether a form is rows of 1 and 0 for class indices, or a view of them."""
    return isinstance(_peel(rows, known)[1], OneHot)


def _rewrite(node: Form, known: Definitions, finite: bool) -> Form | None:
    if not isinstance(node, Apply):
        return None
    spelled = _spelled_row(node, known)
    if spelled is not None:
        return spelled
    outer = node.op if isinstance(node.op, str) else node.op.name
    table = _rows_of(outer, edition())
    if table and len(node.args) == 1:
        views, inside = _peel(node.args[0], known)
        safe = _safe(table, inside, known)
        if safe is not None:
            return _viewed(safe, views)
    if not finite or not _grows(node):
        return None  # exponents that are infinite do not cancel; what its names hold is safe by itself
    return together(node, lambda form: _meant(form, known), lambda form: stable(form, known))


_GROWING = frozenset({"exp", "log", "divide", "power", "sqrt"})
_grows = Holds(lambda node: isinstance(node, Apply) and node.op in _GROWING)


def _meant(form: Form, known: Definitions) -> Form:
    """Return what a name stands for."""
    return known.get(form.name, form) if isinstance(form, Name) else form


def _safe(table: Mapping[str, Function], inside: Form, known: Definitions) -> Form | None:
    """Return the logarithm (say) of ``inside`` by a row of ``table``, or None where the tables state none."""
    if isinstance(inside, Apply) and isinstance(inside.op, Function) and inside.op.name in table:
        row = table[inside.op.name]
        return apply(row, *inside.args, **_shared_parameters(row, inside))
    rest = _complement(inside)
    if rest is None:
        return None
    views, squashed = _peel(rest, known)
    if not (isinstance(squashed, Apply) and isinstance(squashed.op, Function)):
        return None
    # where s(−z) = 1 − s(z), the complement is the function of the reflected argument
    if not squashed.op.reflected or squashed.op.name not in table:
        return None
    row = table[squashed.op.name]
    return _viewed(apply(row, *(-a for a in squashed.args), **_shared_parameters(row, squashed)), views)


def _shared_parameters(row: Function, call: Apply) -> dict[str, Any]:
    return {k: v for k, v in call.parameters.items() if k in row.parameters}


def _peel(form: Form, known: Definitions) -> tuple[list[Form], Form]:
    """Return the views (transposes, slices, ...) around a form, outermost first, and the form inside."""
    views: list[Form] = []
    inside = _look_through(form, known)
    while inside.is_view:
        views.append(inside)
        inside = _look_through(inside.args[0], known)
    return views, inside


def _viewed(form: Form, views: list[Form]) -> Form:
    for view in reversed(views):
        form = rebuild(view, (form,))
    return form


def _look_through(form: Form, known: Definitions) -> Form:
    """Replace a name by its form where that is something the identities speak of, or a view of it."""
    while isinstance(form, Name) and form.name in known:
        meant = known[form.name]
        function = isinstance(meant, Apply) and (meant.op == "exp" or isinstance(meant.op, Function))
        if not (
            function or meant.is_view or isinstance(meant, (Name, Reduce, OneHot)) or _complement(meant) is not None
        ):
            return form
        form = meant
    return form


def _complement(form: Form) -> Form | None:
    """Return u where ``form`` is ``1 - u``."""
    if isinstance(form, Apply) and form.op == "subtract":
        one, rest = form.args
        if isinstance(one, Number) and one.value == 1 and rest.shape == form.shape:
            return rest
    return None


def _spelled_row(node: Apply, known: Definitions) -> Form | None:
    """Return the row whose definition is spelled ``log(sum(exp(z)))``-like by ``node``, names looked through."""
    if node.op != "log":
        return None
    total = _look_through(node.args[0], known)
    if not (isinstance(total, Reduce) and total.kind == "sum" and len(total.axes) == 1):
        return None
    grown = _look_through(total.args[0], known)
    if not (isinstance(grown, Apply) and grown.op == "exp"):
        return None
    literal = apply("log", rebuild(total, (grown,)))
    parameters = {"axis": total.axes[0], "keepdims": total.keepdims}
    for row in _totals(edition()):
        if row.definition is not None and row.definition(grown.args[0], **parameters) is literal:
            return apply(row, grown.args[0], **parameters)
    return None


@functools.lru_cache(maxsize=64)
def _rows_of(outer: str, edition_of_rows: int) -> dict[str, Function]:
    """Return the rows that equal ``outer`` of another row, by that row's name, in one edition of the tables."""
    return {inner: row for row in ROWS.values() for applied, inner in row.equals if applied == outer}


@functools.lru_cache(maxsize=4)
def _totals(edition_of_rows: int) -> tuple[Function, ...]:
    """Return the rows that take a total along an axis, as logsumexp does."""
    return tuple(row for row in ROWS.values() if not row.entrywise and set(row.parameters) == {"axis", "keepdims"})
