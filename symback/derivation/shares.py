"""Shares: quotients that add up to 1 along an axis, as the responsibilities of the components of a mixture."""

from __future__ import annotations

import sympy as sp

from symback.core.forms import Adjoint, Apply, Form, Implicit, walk
from symback.engine.calculus import target_axes
from symback.engine.elements import lower, total
from symback.engine.proving import same_elements
from symback.engine.recognition import leaves_of_forms

_LONGEST = 40
"""How many operations a quotient may have; a longer one is no shape that a reader knows."""


def is_share(form: Form) -> bool:
    """Return True for w_j e^(q_ij) / Σ_k w_k e^(q_ik): exponentials over their sum, whose rows add up to 1.

    That they do is compared at random entries.

    >>> from symback.core.forms import apply, expand, name
    >>> e, w = apply("exp", name("q", ("n", 3))), name("w", (3,))
    >>> is_share(w * e / expand(e @ w, [1])), is_share(w * e / e.sum(axis=1, keepdims=True))
    (True, False)
    """
    if not isinstance(form, Apply) or form.op != "divide" or form.ndim != 2 or len(walk(form)) > _LONGEST:
        return False
    if any(isinstance(node, (Adjoint, Implicit)) for node in walk(form)):
        return False  # a share of what comes from the loss is none
    if not any(isinstance(node, Apply) and node.op == "exp" for node in walk(form.args[0])):
        return False
    row, column = target_axes(form.shape)
    sums = total(lower(form, (row, column)), column)
    return same_elements(sums, sp.S.One, (row,), leaves_of_forms([form]))
