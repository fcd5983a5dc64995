"""Jacobians of one array with respect to another, and second derivatives of scalar networks.

``jacobian`` carries ∂u[q]/∂z[p] forward through the equations between z and s, one chain-rule sum per equation.
``hessian`` writes the derived gradients as equations and derives them once more, by the same rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symback.core.errors import DerivationError, nearest
from symback.core.forms import (
    Adjoint,
    Apply,
    Form,
    Function,
    Name,
    Prime,
    adjoint,
    apply,
    name,
    names_in,
    reduce_over,
    shape_text,
    substitute,
    undefined,
)
from symback.core.hooks import Hook
from symback.derivation.record import Record, derive_record
from symback.engine.calculus import Term, partials, target_axes
from symback.engine.elements import Digit, Index, Indicator, lower, total
from symback.engine.identities import one_entry_summed
from symback.engine.recognition import leaves_of_forms, recognize
from symback.engine.textbook import as_known, definition_of, in_output, prime_form, tidy_sum, with_known_quotients
from symback.networks.naming import name_equations
from symback.networks.network import NamedNetwork, Network, list_names

Tangent = Callable[[tuple[Any, ...], tuple[Any, ...]], Any]


def jacobian(network: NamedNetwork, of: str, wrt: str) -> Form:
    """Return ∂(of)/∂(wrt) as a Form of shape ``of.shape + wrt.shape``, in named intermediates.

    Raises DerivationError where ``of`` does not depend on ``wrt`` or no array formula can be proved.
    """
    equations = {e.name: e for e in network.equations}
    if of not in equations:
        raise DerivationError(f"the Jacobian of {of}: there is no such equation{nearest(of, equations)}")
    known = {**equations, **network.variables}
    if wrt not in known:
        raise DerivationError(f"the Jacobian with respect to {wrt}: there is no such name{nearest(wrt, known)}")
    path = _between(network, of, wrt)
    if of != wrt and of not in path:
        raise DerivationError(f"{of} does not depend on {wrt}")
    carried: dict[str, Tangent] = {wrt: _identity}
    for label in path:
        carried[label] = _carried(label, equations[label].form, carried)
    rows, columns = target_axes(network.shape_of(of)), target_axes(network.shape_of(wrt))
    element = tidy_sum(carried[of](rows, columns))
    shape = (*network.shape_of(of), *network.shape_of(wrt))
    leaves = leaves_of_forms([equations[n].form for n in path] + [name(n, equations[n].shape) for n in path])
    what = f"the Jacobian of {of} with respect to {wrt}, of shape {shape_text(shape)}"
    return recognize([Term(element, (), (*rows, *columns))], (*rows, *columns), shape, leaves, what)


@lru_cache(maxsize=64)
def jacobian_of_row(row: Function) -> Form:
    """Return ∂s_i/∂x_j of a function of a vector, s = f(x), in the output s where that is shorter.

    >>> from symback.functions import ROWS
    >>> jacobian_of_row(ROWS["softmax"])
    s[:, None] * (np.eye(n) - s)
    """
    vector, body = row.on_vector()
    net = Network()
    x = net.input("x", vector.shape)
    output = net.define("s", body if row.inline else row(x, axis=-1))
    net.define("L", reduce_over("sum", output) if output.shape else output)
    named = name_equations(net, wrt=["x"])
    return with_known_quotients(as_known(jacobian(named, "s", "x"), "s", named.equation("s").form))


def _between(network: NamedNetwork, of: str, wrt: str) -> list[str]:
    depends, order = {wrt}, []
    for equation in network.equations:
        if equation.name != wrt and any(n.name in depends for n in names_in(equation.form)):
            depends.add(equation.name)
            order.append(equation.name)
    reaches = {of}
    for equation in reversed(network.equations):
        if equation.name in reaches:
            reaches.update(n.name for n in names_in(equation.form))
    return [n for n in order if n in reaches]


def _identity(row: tuple[Any, ...], column: tuple[Any, ...]) -> Any:
    return sp.Mul(*[sp.S.One if r == c else Indicator("delta", r, c) for r, c in zip(row, column, strict=True)])


def _carried(label: str, form: Form, carried: Mapping[str, Tangent]) -> Tangent:
    """Return ∂label[row]/∂z[column] = Σ over what the equation reads of its local derivative times theirs."""
    body = definition_of(form)

    def tangent(row: tuple[Any, ...], column: tuple[Any, ...]) -> Any:
        symbols = target_axes(form.shape)
        definition = lower(body, symbols)
        at = dict(zip(symbols, row, strict=True))
        result = sp.S.Zero
        for argument in dict.fromkeys(n.name for n in names_in(form)):
            if argument not in carried:
                continue
            for p in partials(definition, argument):
                coefficient = in_output(p.coefficient, definition, symbols, label).xreplace(at)
                reads = tuple(r.xreplace(at) for r in p.reads)
                result += _summed(coefficient * carried[argument](reads, column), p.summed)
        return result

    return tangent


def _summed(expression: Any, over: tuple[Index, ...]) -> Any:
    left = list(over)
    terms = sp.Add.make_args(sp.expand_mul(expression))
    result = sp.S.Zero
    for term in terms:
        body, rest = term, list(left)
        for factor in sp.Mul.make_args(term):
            if isinstance(factor, Indicator) and factor.relation == "delta":
                a, b = factor.args[1:]
                inner, other = (a, b) if a in rest else (b, a) if b in rest else (None, None)
                if inner is not None and isinstance(other, (Index, Digit, sp.Integer)):
                    body = sp.Mul(*[f for f in sp.Mul.make_args(body) if f != factor]).xreplace({inner: other})
                    rest.remove(inner)
        for index in rest:
            body = total(body, index)
        result += body
    return result


# --- second derivatives -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Hessian:
    """The second derivatives of a scalar network's loss.

    ``records[w]`` derives ∂L/∂w, written as equations, with respect to every parameter; ``forms[v, w]`` is
    ∂²L/∂v∂w in named intermediates and first derivatives.
    """

    network: NamedNetwork
    wrt: tuple[str, ...]
    records: Mapping[str, Record]
    forms: Mapping[tuple[str, str], Form]

    def latex(self, v: str, w: str) -> str:
        """Return ``∂²L/∂v∂w = …`` as LaTeX without delimiters."""
        if (v, w) not in self.forms:
            raise DerivationError(f"there is no second derivative by {v} and {w}; known: {list_names(self.wrt)}")
        return hessian_latex(self, v, w)

    def evaluate(self, values: Mapping[str, Any] | None = None) -> np.ndarray:
        """Return the matrix of second derivatives at ``values`` (default: those found in the network)."""
        return hessian_values(self, values)


hessian_latex: Hook[[Hessian, str, str], str] = Hook("hessian_latex")
"""How a second derivative is typeset is known to the page."""
hessian_values: Hook[[Hessian, Mapping[str, Any] | None], np.ndarray] = Hook("hessian_values")
"""How a record is run is known to the floor above."""


def hessian(record: Record) -> Hessian:
    """Derive the derivatives of a scalar network once more.

    Raises DerivationError for a network with arrays of more than one element.
    """
    network = record.network
    wide = [n for n in record.wrt if any(s != 1 for s in network.shape_of(n))]
    if wide:
        raise DerivationError(
            f"second derivatives are derived for scalar parameters; {wide[0]} has shape "
            f"{shape_text(network.shape_of(wide[0]))}"
        )
    extended, labels = _with_gradients(record)
    firsts = {label: of for of, label in labels.items()}

    def readable(record: Record, form: Form) -> Form:
        """Return a form in the names of the network itself: first derivatives as adjoints, no further names."""
        invented = {e.name: e.form for e in record.network.equations if e.invented}

        def change(node: Form) -> Form | None:
            if isinstance(node, Name) and node.name in firsts:
                return adjoint(firsts[node.name], node.shape)
            return readable(record, invented[node.name]) if isinstance(node, Name) and node.name in invented else None

        return substitute(form, change)

    records: dict[str, Record] = {}
    forms: dict[tuple[str, str], Form] = {}
    for v in record.wrt:
        named = name_equations(
            extended, loss=labels[v], wrt=None if not record.wrt else _reached(extended, labels[v], record.wrt)
        )
        if not named.parameters:
            continue
        records[v] = derive_record(named)
        written_out = expanded(records[v])
        for w in named.parameters:
            forms[v, w] = readable(records[v], written_out[w])
    return Hessian(network, record.wrt, records, forms)


def _reached(net: Network, label: str, wrt: tuple[str, ...]) -> tuple[str, ...]:
    by_name = {e.name: e for e in net.equations}
    seen: set[str] = set()
    stack = [label]
    while stack:
        current = stack.pop()
        if current not in seen:
            seen.add(current)
            if current in by_name:
                stack.extend(n.name for n in names_in(by_name[current].form))
    return tuple(w for w in wrt if w in seen)


def expanded(record: Record, kept: Collection[str] = (), last: str | None = None) -> dict[str, Form]:
    """Return every gradient of a record, up to the ``last`` one, with the adjoints that are not ``kept`` written out."""
    found: dict[str, Form] = {}
    for step in record.steps:
        whole = substitute(step.form, lambda n: found[n.of] if isinstance(n, Adjoint) and n.of not in kept else None)
        found[step.of] = one_entry_summed(whole)
        if step.of == last:
            break
    return found


def _with_gradients(record: Record) -> tuple[Network, dict[str, str]]:
    """Return the network with its gradients as further equations, and their names."""
    network = record.network
    net = Network()
    for variable in network.variables.values():
        declare = net.parameter if variable.name in record.wrt else net.input
        declare(variable.name, variable.shape, network.values.get(variable.name))
    outputs: dict[Form, Form] = {}
    for equation in network.equations:
        leaf = net.define(equation.name, equation.form)
        outputs.setdefault(equation.form, leaf)
    labels: dict[str, str] = {}
    for step in record.steps:
        if not step.needed:
            continue
        label = f"d{step.of}"
        while label in net:
            label += "_"

        def change(node: Form) -> Form | None:
            if isinstance(node, Adjoint):
                return net[labels[node.of]]
            if isinstance(node, Apply) and isinstance(node.op, Prime):
                function = node.op.function
                if function.definition is None:
                    return apply(undefined(function.name + "'", function.arguments), *node.args)
                return prime_form(node.op, node.args, outputs.get(apply(function, *node.args)))
            return None

        net.define(label, substitute(step.form, change))
        labels[step.of] = label
    return net, labels
