"""The proof of a gradient in index notation: the one rule, applied to one equation, with every sum and delta shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from symback.core.errors import DerivationError
from symback.core.forms import Form, adjoint, name
from symback.derivation.record import Contribution, Record
from symback.engine.calculus import Partial, Term, contribution_terms, partials, target_axes
from symback.engine.elements import Access, Index, Indicator, lower, total
from symback.engine.recognition import leaves_of_forms
from symback.engine.textbook import definition_of, in_output
from symback.networks.network import NamedNetwork


@dataclass(frozen=True, eq=False)
class Proof:
    """What one equation contributes to ∂L/∂A[target], line by line.

    ``out`` and ``target`` index the equation's output and the variable. ``local`` are the terms of ∂Y[out]/∂A[target]
    with the deltas of the output's indices still in place, ``summed`` the indices the rule sums over, and
    ``eliminated`` the terms once those deltas are used. ``form`` is the array formula that was proved equal.
    """

    through: str
    of: str
    out: tuple[Index, ...]
    target: tuple[Index, ...]
    upstream: Any
    local: tuple[Any, ...]
    summed: tuple[Index, ...]
    eliminated: tuple[Term, ...]
    leaves: tuple[str, ...]
    form: Form
    placed: bool = False


def proofs(record: Record, of: str) -> tuple[Proof, ...]:
    """Return the proof of every contribution to ∂L/∂(of), literally (no two equations are collapsed)."""
    step = record.by_name()[of]
    return tuple(_proof(record.network, c) for c in step.literal)


def _proof(network: NamedNetwork, contribution: Contribution) -> Proof:
    equation = network.equation(contribution.through)
    form = definition_of(equation.form)
    out = target_axes(equation.shape)
    target = target_axes(network.shape_of(contribution.of))
    is_loss = equation.name == network.loss
    upstream = sp.S.One if is_loss else Access("∂" + equation.name, *out)
    definition = lower(form, out)
    try:
        found = [
            Partial(in_output(p.coefficient, definition, out, equation.name), p.summed, p.reads)
            for p in partials(definition, contribution.of)
        ]
    except DerivationError:  # a differential that no product of matrices says
        found = []
    what = f"the proof of the gradient of {contribution.of}"
    local = tuple(local_term(p, out, target, what) for p in found)
    try:
        terms = contribution_terms(found, out, upstream, target, what) if found else None
    except DerivationError:  # a row derived part by part: there is no line in which all its deltas are used
        terms = None
    summed = tuple(i for i in out if (i.size != 1 and any(t.has(i) for t in local)) or (not is_loss and i.size != 1))
    leaves = leaves_of_forms([form, name(equation.name, equation.shape), adjoint(equation.name, equation.shape)])
    return Proof(
        equation.name,
        contribution.of,
        out,
        target,
        upstream,
        local,
        summed,
        tuple(_partly(t, out) for t in terms or ()),
        tuple(leaves),
        contribution.form,
        terms is None or any(t.index is not None for t in terms),
    )


def local_term(partial: Partial, out: tuple[Index, ...], target: tuple[Index, ...], what: str) -> Any:
    """Return one term of ∂Y[out]/∂A[target]: inner sums are done, deltas of the output's indices stay."""
    swap: dict[Any, Any] = {}
    deltas = []
    for read, place in zip(partial.reads, target, strict=True):
        if read in partial.summed and read not in swap and read.size == place.size:
            swap[read] = place
        elif not (place.size == 1 and (read == 0 or isinstance(read, Index))):
            deltas.append(Indicator("delta", read, place))
    expression = partial.coefficient.xreplace(swap)
    for index in partial.summed:
        if index not in swap and expression.has(index):
            expression = total(expression, index)
    return sp.Mul(expression, *[d.xreplace(swap) for d in deltas])


def _partly(term: Term, out: tuple[Index, ...]) -> Term:
    """Return the term with inner sums closed; sums over indices of the output keep their letters."""
    expression = term.expression
    for index in term.summed:
        if index not in out:
            expression = total(expression, index)
    return Term(expression, tuple(i for i in term.summed if i in out), term.axes, term.index)
