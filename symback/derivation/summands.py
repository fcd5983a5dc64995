"""A formula that is linear at the top, taken apart: each array it reads is derived in the terms that read it alone.

A sum of n parameters, or n arrays side by side, is n small equations and not n derivatives of one long formula.
"""

from __future__ import annotations

from collections.abc import Callable

from symback.core.forms import (
    Apply,
    Concatenate,
    Form,
    Number,
    Reduce,
    broadcast_to,
    concatenate,
    filled,
    names_in,
    rebuild,
    signed_sum,
)

_FEW = 8
"""A formula of so few names is derived as a whole, as it is written."""

Opened = list[tuple[Form, int, Callable[[Form], Form] | None]]


def summands_by_name(form: Form) -> dict[str, Form] | None:
    """Return, for every name that ``form`` reads, the sum of its terms that read it; None for a formula of few names.

    The derivative of ``form`` with respect to a name is that of this sum, which has the shape of ``form``.
    """
    labels = dict.fromkeys(leaf.name for leaf in names_in(form))
    if len(labels) <= _FEW:
        return None
    terms = _terms(form)
    if len(terms) < 2:
        return None
    found: dict[str, list[tuple[int, Form]]] = {label: [] for label in labels}
    for sign, term in terms:
        for leaf in names_in(term):
            found[leaf.name].append((sign, term))
    return {label: signed_sum(own) for label, own in found.items()}


def terms_reading(form: Form, label: str) -> Form:
    """Return the terms of a sum that read a name: the derivative with respect to it is theirs."""
    terms = _terms(form)
    own = [(sign, term) for sign, term in terms if any(leaf.name == label for leaf in names_in(term))]
    return form if len(own) == len(terms) else signed_sum(own)


def _terms(form: Form) -> list[tuple[int, Form]]:
    """Return the signed terms of a formula, each as it stands in the whole: under its sums, beside zeros."""
    found: list[tuple[int, Form]] = []
    stack: list[tuple[Form, int, tuple[Callable[[Form], Form], ...]]] = [(form, 1, ())]
    while stack:
        node, sign, around = stack.pop()
        opened = _opened(node)
        if opened is None:
            term = node
            for wrap in reversed(around):
                term = wrap(term)
            found.append((sign, term))
            continue
        stack.extend(
            (child, sign * own, around if wrap is None else (*around, wrap)) for child, own, wrap in reversed(opened)
        )
    return found


def _opened(node: Form) -> Opened | None:
    """Return the terms of one linear operation, with their signs and what stands around each; None for another one."""
    if isinstance(node, Apply) and node.op in ("add", "subtract"):
        signs = (1, 1 if node.op == "add" else -1)
        return [(a, sign, _spread(a, node)) for a, sign in zip(node.args, signs, strict=True)]
    if isinstance(node, Apply) and node.op == "negative":
        return [(node.args[0], -1, None)]
    if isinstance(node, Apply) and node.op in ("multiply", "divide"):
        at = next((k for k in (1, 0) if isinstance(node.args[k], Number)), None)
        if at is None or (node.op == "divide" and at == 0) or not _is_sum(node.args[1 - at]):
            return None
        return [
            (node.args[1 - at], 1, lambda term: rebuild(node, (term, node.args[1]) if at else (node.args[0], term)))
        ]
    if isinstance(node, Reduce) and node.kind in ("sum", "mean") and _is_sum(node.args[0]):
        return [(node.args[0], 1, lambda term: rebuild(node, (term,)))]
    if isinstance(node, Concatenate):
        return _side_by_side(node)
    return None


def _is_sum(form: Form) -> bool:
    if isinstance(form, Apply) and form.op in ("negative", "multiply", "divide"):
        return any(_is_sum(a) for a in form.args)
    return isinstance(form, (Reduce, Concatenate)) or (isinstance(form, Apply) and form.op in ("add", "subtract"))


def _spread(term: Form, whole: Form) -> Callable[[Form], Form] | None:
    return None if term.shape == whole.shape else lambda inner: broadcast_to(inner, whole.shape)


def _side_by_side(node: Concatenate) -> Opened | None:
    """Return each of the arrays side by side with zeros in place of the others."""
    lengths = [part.shape[node.axis] for part in node.args]
    if not all(isinstance(length, int) for length in lengths):
        return None
    starts = [0]
    for length in lengths:
        starts.append(starts[-1] + int(length))

    def beside(position: int) -> Callable[[Form], Form]:
        def zeros(length: int) -> list[Form]:
            shape = tuple(length if k == node.axis else s for k, s in enumerate(node.shape))
            return [filled(0, shape)] if length else []

        before, after = zeros(starts[position]), zeros(starts[-1] - starts[position + 1])
        return lambda part: concatenate([*before, part, *after], node.axis)

    return [(part, 1, beside(k)) for k, part in enumerate(node.args)]
