"""Guards: the tiny numbers that keep a logarithm or a denominator away from 0, as ε in log(p + ε)."""

from __future__ import annotations

import weakref
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from symback.core.forms import Apply, Form, Name, Number, apply, names_in, substitute, walk
from symback.derivation.record import Record, Step, derive_record
from symback.networks.network import NamedNetwork

_TINY = 1e-4


def without_guards(form: Form, tiny: Collection[str] = ()) -> Form:
    """Return a Form without the tiny numbers, and the names of ``tiny``, that guard a logarithm or a denominator against 0.

    >>> from symback.core.forms import name, apply
    >>> print(without_guards(apply("log", name("p") + 1e-9)))
    np.log(p)
    """

    def change(node: Form) -> Form | None:
        if isinstance(node, Apply) and node.op in ("log", "divide"):
            at = len(node.args) - 1
            bare = _bare(node.args[at], tiny)
            if bare is not node.args[at]:
                return apply(node.op, *node.args[:at], bare)
        return None

    return substitute(form, change)


def bare_logarithms(form: Form) -> Form:
    """Return a form without the tiny numbers inside its logarithms."""

    def change(node: Form) -> Form | None:
        if isinstance(node, Apply) and node.op == "log":
            bare = without_guards(node)
            return bare if bare is not node else None
        return None

    return substitute(form, change)


def _bare(form: Form, tiny: Collection[str]) -> Form:
    if isinstance(form, Apply) and form.op in ("add", "subtract"):
        a, b = form.args
        if _is_tiny(b, tiny):
            return a
        if form.op == "add" and _is_tiny(a, tiny):
            return b
        left = _bare(a, tiny)
        if left is not a:
            return left + b if form.op == "add" else left - b
    return form


def _is_tiny(form: Form, tiny: Collection[str]) -> bool:
    if isinstance(form, Name):
        return form.name in tiny
    return isinstance(form, Number) and 0 < abs(float(form.value)) <= _TINY


_unguarded: weakref.WeakKeyDictionary[Record, Record | None] = weakref.WeakKeyDictionary()


def unguarded_step(record: Record, of: str) -> tuple[Form, Step] | None:
    """Return the guard without which ∂L/∂(of) collapses, and the step it then is; None where there is no such guard."""
    step = record.by_name().get(of)
    if step is None or any(c.collapsed for c in step.contributions) or len(step.literal) != 1:
        return None
    through, tiny = step.literal[0].through, _tiny_names(record.network)
    readers = [e for e in record.network.equations if any(n.name == through for n in names_in(e.form))]
    guards = {g for e in readers for g in _guards(e.form, tiny)}
    bare = _bare_record(record, tiny) if len(guards) == 1 else None
    found = None if bare is None else bare.by_name().get(of)
    if found is None or len(found.contributions) != 1 or not found.contributions[0].collapsed:
        return None
    return guards.pop(), found


def _bare_record(record: Record, tiny: Collection[str]) -> Record | None:
    """Return the derivation of a network without its guards, made once; None where it has none."""
    if record not in _unguarded:
        network = record.network
        equations = tuple(replace(e, form=without_guards(e.form, tiny)) for e in network.equations)
        same = all(a.form is b.form for a, b in zip(equations, network.equations, strict=True))
        _unguarded[record] = None if same else derive_record(replace(network, equations=equations))
    return _unguarded[record]


def _tiny_names(network: NamedNetwork) -> frozenset[str]:
    """Return the single numbers of a network that are given and tiny."""
    return frozenset(
        label
        for label, value in network.values.items()
        if label not in network.parameters and np.ndim(value) == 0 and 0 < abs(float(value)) <= _TINY
    )


def _guards(form: Form, tiny: Collection[str]) -> set[Form]:
    """Return the tiny numbers that are added inside a logarithm or a denominator."""
    found: set[Form] = set()
    for node in walk(form):
        if isinstance(node, Apply) and node.op in ("log", "divide"):
            stack = [node.args[-1]]
            while stack:
                inner = stack.pop()
                if isinstance(inner, Apply) and inner.op in ("add", "subtract"):
                    found.update(a for a in inner.args if _is_tiny(a, tiny))
                    stack.append(inner.args[0])
    return found
