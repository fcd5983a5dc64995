"""Gates: functions as ReLU, whose derivative is 1 where they let their argument through and 0 elsewhere."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from symback.core.forms import Apply, Form, Function, Prime, apply, name, number
from symback.derivation.terms import ONE, Powers, Term
from symback.engine.interpreter import evaluate
from symback.engine.textbook import prime_form

_POINTS = (-2.0, -0.3, 0.0, 0.4, 3.0)


@lru_cache(maxsize=256)
def is_gate(function: Function) -> bool:
    """Return whether f′(u) is 1 where u > 0 and else 0, and f(u) is positive exactly there.

    >>> from symback.functions import ROWS
    >>> is_gate(ROWS["relu"]), is_gate(ROWS["leaky_relu"]), is_gate(ROWS["sigmoid"])
    (True, False, False)
    """
    if not function.entrywise or function.definition is None or len(function.argument_names) != 1:
        return False
    u = name("u")
    if prime_form(Prime(function, 0), (u,)) is not apply("greater", u, number(0)):
        return False
    values = [(u_, float(evaluate(apply(function, u), {"u": u_}))) for u_ in _POINTS]
    return all(f == (f if u_ > 0 else 0) and (f > 0) == (u_ > 0) for u_, f in values)


def _gated(base: Form) -> Function | None:
    """Return the gate of which a factor is the derivative."""
    op = base.op if isinstance(base, Apply) else None
    return op.function if isinstance(op, Prime) and isinstance(op.function, Function) and is_gate(op.function) else None


def absorbed(term: Term) -> Term:
    """Return a product without the derivative of a gate beside the gate itself: f(u) f′(u) is f(u), and f′(u)² is f′(u)."""
    return Term(term.number, _absorbed(term.scalars), _absorbed(term.arrays))


def _absorbed(powers: Powers) -> Powers:
    found: dict[Form, Fraction] = dict(powers)
    for base, exponent in powers:
        gate = _gated(base)
        if gate is None or exponent < 1 or exponent.denominator != 1:
            continue
        assert isinstance(base, Apply)
        if found.get(apply(gate, *base.args), Fraction(0)) > 0:
            del found[base]
        else:
            found[base] = ONE
    return tuple(found.items())


def where_open(node: Apply, output: Form | None) -> Form | None:
    """Return the derivative of a gate as the condition that its output, a name, is positive; None for another function."""
    return apply("greater", output, number(0)) if output is not None and _gated(node) is not None else None
