"""How local derivatives multiply out to one short form, line by line.

A record steps over an array S where ∂L/∂S · ∂S/∂Z is shorter than either factor, as softmax before cross-entropy. The
lines here lead there: both derivatives, their product by the chain rule, what cancels, the sums that are left, the fact
that closes them. A function of whole rows, as softmax in front of anything else, has the same lines with ∂L/∂S kept. No
line is known beforehand; each is what the elements of the equations give, and is compared with the one before at random
entries.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import sympy as sp

from symback.core.errors import DerivationError
from symback.core.forms import WHOLE, Apply, Form, Function, adjoint, name
from symback.derivation.proofs import local_term
from symback.derivation.record import Contribution, Record, is_constant
from symback.engine.calculus import Partial, Term, contribution_terms, hide, partials, target_axes
from symback.engine.elements import Access, Digit, Index, Indicator, Opaque, Peak, Select, Total, lower, total
from symback.engine.proving import same_elements
from symback.engine.recognition import leaves_of_forms
from symback.engine.textbook import definition_of, ends_in_minus, granted, in_output, tidy

_ATOMS = (Access, Total, Peak, Opaque, Select, Indicator)


@dataclass(frozen=True)
class Line:
    """One line: Σ over ``summed`` of the product of ``factors``, and the key of the reason why it equals the one before.

    ``ones`` are the sums that a fact says to be 1.
    """

    factors: tuple[Any, ...]
    summed: tuple[Index, ...]
    reason: str
    ones: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Collapse:
    """The way from ∂L/∂S and ∂S/∂Z to their short product.

    ``at`` are the indices of Z, ``inside`` those of S at which the rule reads it: those that S shares with Z are the
    same, the others are summed. ``outer`` is the entry of ∂L/∂S, ``inner`` that of ∂S/∂Z.
    """

    through: str
    middle: str
    of: str
    at: tuple[Index, ...]
    inside: tuple[Any, ...]
    outer: Any
    inner: Any
    summed: tuple[Index, ...]
    lines: tuple[Line, ...]
    leaves: tuple[str, ...]
    quotient: Any = None
    """∂S/∂Z by the quotient rule, over the square of the denominator, where S is a quotient whose both parts read Z."""
    level: bool = False
    """∂S/∂Z adds up to 0 along what S does not share with Z: a change of all these entries alike changes no S."""


def collapse(record: Record, contribution: Contribution) -> Collapse | None:
    """Return the lines of a contribution that steps over one array, or goes through a function of whole rows.

    None for any other, and where its elements do not say the lines.
    """
    known = _known.setdefault(record, {})
    key = (contribution.through, contribution.of, contribution.collapsed)
    if key not in known:
        known[key] = _found(record, contribution)
    return known[key]


_known: weakref.WeakKeyDictionary[Record, dict[tuple[Any, ...], Collapse | None]] = weakref.WeakKeyDictionary()
"""Every view of a page asks again."""


def _found(record: Record, contribution: Contribution) -> Collapse | None:
    rowwise = not contribution.collapsed and _is_rowwise(record.network.equation(contribution.through).form)
    if len(contribution.collapsed) != 1 and not rowwise:
        return None
    try:
        return _collapse(record, contribution, next(iter(contribution.collapsed), contribution.through))
    except DerivationError:
        return None


def _is_rowwise(form: Form) -> bool:
    return isinstance(form, Apply) and isinstance(form.op, Function) and not form.op.entrywise


def _outer(record: Record, through: str, middle: str, at_middle: Sequence[Index]) -> Any:
    """Return the entry of ∂L/∂S that comes through an equation that reads S."""
    outside = record.network.equation(through)
    out = target_axes(outside.shape)
    if outside.name == record.network.loss:
        upstream = sp.S.One
    elif is_constant(given := record.by_name()[outside.name].form):
        upstream = lower(given, out if given.shape else ())
    else:
        upstream = Access("∂" + outside.name, *out)
    found = partials(lower(definition_of(outside.form), out), middle)
    what = f"the derivative of {through} with respect to {middle}"
    return _entry(contribution_terms(found, out, upstream, at_middle, what), at_middle)


def _collapse(record: Record, contribution: Contribution, middle: str) -> Collapse | None:
    network = record.network
    outside, inside = network.equation(contribution.through), network.equation(middle)
    at_middle, at = target_axes(inside.shape), target_axes(network.shape_of(contribution.of))
    what = f"the derivative of {middle} with respect to {contribution.of}"
    squash = definition_of(inside.form)
    stays = middle == contribution.through
    outer = Access("∂" + middle, *at_middle) if stays else _outer(record, outside.name, middle, at_middle)
    definition = lower(squash, at_middle)
    slopes = partials(definition, contribution.of)
    if any(not isinstance(read, Index) and read != 0 for p in slopes for read in p.reads):
        return None  # a part of an array: what stands outside of it has no entry
    local = [
        local_term(
            Partial(in_output(p.coefficient, definition, at_middle, middle), p.summed, p.reads), at_middle, at, what
        )
        for p in slopes
    ]
    if outer is None or not local or any(term.has(Digit) for term in (outer, *local)):
        return None
    pinned = _pinned(local, at_middle)
    local = [_without(term, pinned).xreplace(pinned) for term in local]
    outer, places = outer.xreplace(pinned), tuple(pinned.get(i, i) for i in at_middle)
    unused = {i: sp.S.Zero for i in (*at_middle, *at) if i.size == 1}
    summed = tuple(i for i in at_middle if i not in pinned and i.size != 1)
    facts = {a.name: a.axis for a in contribution.assumptions}
    leaves = {
        **leaves_of_forms([definition_of(outside.form), squash, name(middle, inside.shape)]),
        "∂" + outside.name: adjoint(outside.name, outside.shape),
        **{a.name: name(a.name, network.shape_of(a.name)) for a in contribution.assumptions},
    }
    lines = _lines(outer, local, summed, facts)
    if stays:
        lines[0] = replace(lines[0], reason="collapse local")
    axes = tuple(i for i in at if i.size != 1)
    values = [_closed(line).xreplace(unused) for line in lines]
    values.append(lower(contribution.form, at).xreplace(unused))
    held = {middle: inside.form}
    if not all(same_elements(a, b, axes, leaves, facts, held) for a, b in pairwise(values)):
        return None
    inner = sp.Mul(*_factored(sp.Add(*local)))
    quotient = _by_quotient_rule(definition, contribution.of, at_middle, at, what)
    if quotient is not None:
        quotient = tuple(_without_pinned(part, pinned) for part in quotient)
        sides = ((quotient[0] / quotient[1]).xreplace(unused), inner.xreplace(unused))
        quotient = quotient if same_elements(*sides, (*axes, *summed), leaves, facts, held) else None
    along = [i for i in axes if i not in places]
    level = False
    if summed and len(along) == 1:
        # compared with 1, since nothing is close to 0
        around = tuple(i for i in (*axes, *summed) if i not in along)
        level = same_elements(1 + total(inner, along[0]).xreplace(unused), sp.S.One, around, leaves, facts, held)
    rest = (outer, inner, summed, tuple(lines), tuple(leaves), quotient, level)
    return Collapse(outside.name, middle, contribution.of, at, places, *rest)


def _by_quotient_rule(definition: Any, of: str, at_middle: Sequence[Index], at: Sequence[Index], what: str) -> Any:
    """Return u' v − u v' and v² of an element u/v, both of which read ``of``; None for another element."""
    hidden, back = hide(definition, _ATOMS)
    above, below = (part.xreplace(back) for part in sp.fraction(hidden))
    slopes = [
        sp.Add(*(local_term(p, tuple(at_middle), tuple(at), what) for p in partials(part, of)))
        for part in (above, below)
    ]
    if 0 in slopes:
        return None
    return sp.Add(slopes[0] * below, -above * slopes[1]), below**2


def _without_pinned(expression: Any, pinned: dict[Any, Any]) -> Any:
    """Return a sum without the deltas that set the indices which are the same."""
    return sp.Add(*(_without(t, pinned).xreplace(pinned) for t in sp.Add.make_args(expression)))


def _entry(terms: Sequence[Term], at: Sequence[Index]) -> Any:
    """Return the element at some indices that terms say; None where one is put into a slice or a window."""
    found = []
    for term in terms:
        expression = term.expression
        for index in term.summed:
            expression = total(expression, index)
        for item, place in zip(term.index or (), at, strict=False):
            if item is not WHOLE and not isinstance(item, int):
                return None
            if isinstance(item, int):
                expression = expression * Indicator("delta", place, sp.Integer(item))
        found.append(expression)
    return sp.Add(*found) if found else None


def _deltas(term: Any) -> list[Any]:
    return [f for f in sp.Mul.make_args(term) if isinstance(f, Indicator) and f.relation == "delta"]


def _pinned(terms: Sequence[Any], at_middle: Sequence[Index]) -> dict[Any, Any]:
    """Return the indices of S that every term of ∂S/∂Z sets to one of Z: row i of S reads row i of Z alone."""
    shared = set(_deltas(terms[0])).intersection(*(_deltas(t) for t in terms[1:]))
    return {d.args[1]: d.args[2] for d in shared if d.args[1] in at_middle}


def _without(term: Any, pinned: dict[Any, Any]) -> Any:
    gone = [d for d in _deltas(term) if pinned.get(d.args[1]) == d.args[2]]
    return sp.Mul(*[f for f in sp.Mul.make_args(term) if f not in gone])


def _factored(expression: Any) -> tuple[Any, ...]:
    """Return factors with what all terms share taken out: s_k 1[k = j] - s_k s_j is s_k times 1[k = j] - s_j."""
    hidden, back = hide(expression, _ATOMS)
    if not isinstance(hidden, sp.Add):
        return (expression,)
    content, rest = hidden.primitive()
    whole = sp.factor_terms(rest)
    factors = list(sp.Mul.make_args(whole))
    if content < 0 or (factors[0].is_Number and factors[0] < 0):
        raise DerivationError("a sum with a negative content")
    sums = [f for f in factors if isinstance(f, sp.Add)]
    single = [f for f in factors if not isinstance(f, sp.Add)]
    front = sp.Mul(content, *single).xreplace(back)
    return (*([front] if front != 1 else []), *(f.xreplace(back) for f in sums))


def _positive(expression: Any) -> Any:
    """Return a fraction with 1 - a below where the sign stood there: (y - a)/((a - 1) a) is (a - y)/((1 - a) a)."""
    hidden, back = hide(expression, _ATOMS)
    above, below = sp.fraction(hidden)
    sign = 1
    factors = []
    for factor in sp.Mul.make_args(below):
        flips = ends_in_minus(factor)
        factors.append(sp.expand_mul(-factor) if flips else factor)
        sign = -sign if flips else sign
    if sign < 0:
        parts = list(sp.Mul.make_args(above))
        place = next((k for k, part in enumerate(parts) if isinstance(part, sp.Add)), 0)
        parts[place] = sp.expand_mul(-parts[place])
        above = sp.Mul(*parts)
    return (above / sp.Mul(*factors)).xreplace(back)


def _lines(outer: Any, local: Sequence[Any], summed: Sequence[Index], facts: dict[str, int]) -> list[Line]:
    """Return the lines from both derivatives put in to the short form."""
    over = tuple(summed)
    inner = sp.Mul(*_factored(sp.Add(*local)))
    found = [Line((outer, inner), over, "collapse put in")]
    if not over:
        together = _positive(tidy(outer))
        if any(isinstance(f, sp.Add) for f in sp.Mul.make_args(outer)) and not isinstance(together, sp.Add):
            _appended(found, Line((together, inner), over, "collapse one denominator"))
        return _appended(found, Line(_factored(tidy(outer * inner)), over, "collapse cancels"))
    if not isinstance(outer, sp.Add):
        _appended(found, Line((sp.Mul(outer, inner),), over, "collapse cancels"))
    terms = [term for part in local for term in sp.Add.make_args(sp.expand_mul(tidy(outer * part)))]
    short = sp.Add(*(_summed(term, over) for term in terms))
    _appended(found, Line(_factored(short), (), "collapse only"))
    closed, used = granted(short, facts)
    if not used:
        return found
    ones = tuple(node for node in sp.ordered(short.atoms(Total)) if not closed.has(node))
    return _appended(found, Line(_factored(closed), (), "collapse fact", ones))


def _summed(term: Any, over: tuple[Index, ...]) -> Any:
    """Return the sum of a term over the indices, those that a Kronecker delta fixes first."""
    left = list(over)
    while True:
        for delta in _deltas(term):
            free = next((i for i in delta.args[1:] if i in left), None)
            if free is not None:
                break
        else:
            break
        other = next(i for i in delta.args[1:] if i != free)
        term = sp.Mul(*[f for f in sp.Mul.make_args(term) if f != delta]).xreplace({free: other})
        left.remove(free)
    for index in left:
        term = total(term, index)
    return term


def _appended(lines: list[Line], line: Line) -> list[Line]:
    """Add a line that says something new: fewer entries, or other factors."""
    last = lines[-1]
    if (line.factors, line.summed) == (last.factors, last.summed):
        return lines
    if line.summed and len(line.factors) < len(last.factors) and _entries(line) == _entries(last):
        return lines  # the same product, and nothing cancels in it
    lines.append(line)
    return lines


def _entries(line: Line) -> int:
    """Return how many entries of arrays a line reads."""
    return sum(isinstance(node, Access) for factor in line.factors for node in sp.preorder_traversal(factor))


def _closed(line: Line) -> Any:
    """Return the value of a line as one element."""
    whole = sp.Mul(*line.factors)
    for index in line.summed:
        whole = total(whole, index)
    return whole
