"""How a gradient along several paths becomes short: statistics put in, products named, the common factor taken out.

What is normalized reaches the loss through its mean and its variance as well. The lines here lead from the sum of these
paths to the form in one adjoint; each is proved equal to the one before.
"""

from __future__ import annotations

import weakref
from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from symback.core.forms import (
    Adjoint,
    Apply,
    Broadcast,
    Form,
    Name,
    Number,
    Shape,
    broadcast_to,
    filled,
    names_in,
    number,
    reduce_over,
    signed_sum,
    substitute,
    walk,
)
from symback.derivation.closed import closing_of, opening, past_statistics, statistics_behind
from symback.derivation.equality import equal_by_definitions
from symback.derivation.record import Record
from symback.networks.network import NamedNetwork

_LARGEST = 10_000
"""The largest number of entries whose share is told from a decimal."""


@dataclass(frozen=True, eq=False)
class Compact:
    """The lines from a sum of paths to its short form, in order.

    ``put_in`` has no adjoints of the ``statistics``; ``named`` writes each path with ``products``, given names of
    quotients in it; ``short`` has the common factor in front. The statistics are taken along ``axis``.

    ``level`` says that ``short`` adds up to 0 along it, ``straight`` that it does so weighted with the first of
    ``products``.
    """

    of: str
    put_in: Form
    named: Form
    short: Form
    statistics: tuple[str, ...]
    products: tuple[Name, ...]
    axis: int
    level: bool
    straight: bool


_known: weakref.WeakKeyDictionary[Record, dict[str, Compact | None]] = weakref.WeakKeyDictionary()


def compact(record: Record, of: str) -> Compact | None:
    """Return the lines of ∂L/∂(of) past the statistics on its paths; None where there is no short form, or no axis."""
    known = _known.setdefault(record, {})
    if of not in known:
        known[of] = _compact(record, of)
    return known[of]


def _compact(record: Record, of: str) -> Compact | None:
    short = past_statistics(record, of)
    if short is None or short.where or short.assumptions:
        return None
    network, step = record.network, record.by_name()[of]
    opened = statistics_behind(record, of)
    axes = {_missing(network.shape_of(label), step.shape) for label in opened}
    axis = axes.pop() if len(axes) == 1 else None
    if axis is None:
        return None
    change = opening(opened)
    paths = [substitute(_unspread(c.form), change) for c in step.contributions]
    closed = [closing_of(network).close(path) for path in paths]
    if len(paths) < 2 or None in closed:
        return None
    put_in = substitute(step.form, change)
    signed = [_apart(_fractions(c.form, put_in)) for c in closed if c is not None]
    forms = (put_in, signed_sum(signed), _fractions(short.form, put_in))
    lines = [f if f.shape == step.shape else broadcast_to(f, step.shape) for f in forms]
    if not all(equal_by_definitions(network, a, b) for a, b in pairwise(lines)):
        return None
    read = set(names_in(put_in))
    products = tuple(n for n in dict.fromkeys(names_in(lines[1])) if n not in read and n.shape == step.shape)
    whole = lines[2]
    level = _adds_to_nothing(network, whole, axis)
    straight = bool(products) and _adds_to_nothing(network, whole * products[0], axis)
    return Compact(of, *forms, tuple(opened), products, axis, level, straight)


def shortened(record: Record) -> Record:
    """Return a derivation in which what is normalized has its short form alone, without the adjoints of its statistics.

    An adjoint of a statistic stays where it is wanted, or where a form still reads it.
    """
    steps = record.by_name()
    found = {step.of: short for step in record.steps if step.needed and (short := compact(record, step.of))}
    for short in found.values():
        step = steps[short.of]
        (kept, *_) = [c for c in step.contributions if c.through not in short.statistics]
        form = short.short if short.short.shape == step.shape else broadcast_to(short.short, step.shape)
        whole = replace(kept, form=form, local=None)
        steps = {**steps, short.of: replace(step, form=form, contributions=(whole,), literal=(whole,))}
    passed = {label for short in found.values() for label in short.statistics if label not in record.wrt}
    while still := passed & {
        n.of for s in steps.values() if s.of not in passed for n in walk(s.form) if isinstance(n, Adjoint)
    }:
        passed -= still
    return replace(record, steps=tuple(steps[s.of] for s in record.steps if s.of not in passed)) if found else record


_taken: weakref.WeakKeyDictionary[Record, dict[tuple[str, bool], str | None]] = weakref.WeakKeyDictionary()


def taken_away(record: Record, of: str, short: Collection[str] = ()) -> str | None:
    """Return the array to which ``of`` only adds what its statistics take away again, so that ∂L/∂(of) is 0; else None.

    A bias in front of a normalization is such. The record has the short form alone of the arrays named in ``short``.
    """
    known = _taken.setdefault(record, {})
    key = of, bool(short)
    if key not in known:
        known[key] = _taken_away(record, of, short)
    return known[key]


def _taken_away(record: Record, of: str, short: Collection[str]) -> str | None:
    steps, network = record.by_name(), record.network
    step = steps.get(of)
    if step is None or of not in network.variables or len(step.contributions) != 1:
        return None
    through = step.contributions[0].through
    added = network.equation(through).form
    if not isinstance(added, Apply) or added.op not in ("add", "subtract") or through not in steps:
        return None
    found = None if through in short else compact(record, through)
    if found is None and through not in short:
        return None
    whole = steps[through].form if found is None else found.short
    whole = whole if whole.shape == steps[through].shape else broadcast_to(whole, steps[through].shape)
    form = substitute(step.form, lambda n: whole if isinstance(n, Adjoint) and n.of == through else None)
    return through if _is_nothing(network, form) else None


def _unspread(form: Form) -> Form:
    """Return a path without the repetition that its sum with the others does anyway."""
    return form.args[0] if isinstance(form, Broadcast) else form


def _apart(form: Form) -> tuple[int, Form]:
    """Return the sign of a form, and the form without it."""
    return (-1, form.args[0]) if isinstance(form, Apply) and form.op == "negative" else (1, form)


def _fractions(form: Form, put_in: Form) -> Form:
    """Return a form with 1/5 for a share of 0.2 that nobody wrote as a decimal."""
    given = {n.value for n in walk(put_in) if isinstance(n, Number)}

    def change(node: Form) -> Form | None:
        if not isinstance(node, Number) or not isinstance(node.value, float) or node.value in given:
            return None
        exact = Fraction(node.value).limit_denominator(_LARGEST)
        return number(exact) if float(exact) == node.value else None

    return substitute(form, change)


def _adds_to_nothing(network: NamedNetwork, form: Form, axis: int) -> bool:
    return _is_nothing(network, reduce_over("sum", form, (axis,)))


def _is_nothing(network: NamedNetwork, form: Form) -> bool:
    one = filled(1, form.shape)
    # compared with 1, since nothing is close to 0
    return equal_by_definitions(network, one + form, one)


def _missing(shape: Shape, whole: Shape) -> int | None:
    """Return the one axis of an array along which a statistic of it has one entry; None where it is not one axis."""
    padded = shape if len(shape) == len(whole) else (1,) * (len(whole) - len(shape)) + shape
    apart = [k for k, (a, b) in enumerate(zip(padded, whole, strict=False)) if a != b]
    return apart[0] if len(apart) == 1 and padded[apart[0]] == 1 else None
