"""Whether the numbers of a form stand in front of its products, as a page prints them."""

from __future__ import annotations

from symback.core.forms import Apply, Form, Matmul, Number, Outer, Reduce, SizeOf, Transpose, walk

_LINEAR = (Matmul, Outer, Transpose)


def numbers_lead(form: Form) -> bool:
    """Return True where each product has one number at most, in front, and none stands inside a product of matrices.

    >>> from symback.core.forms import name
    >>> X, z = name("X", (4, 3)), name("z", (4,))
    >>> numbers_lead(2 * (X.T @ z)), numbers_lead(X.T @ (2 * z)), numbers_lead(2 * (0.5 * z))
    (True, False, False)
    """
    return not any(_hides_number(node) for node in walk(form))


def _hides_number(node: Form) -> bool:
    if isinstance(node, _LINEAR) or (isinstance(node, Reduce) and node.kind in ("sum", "mean")):
        return any(_is_multiple(a) for a in node.args)
    if not isinstance(node, Apply) or node.op not in ("multiply", "divide"):
        return False
    first, second = node.args
    if node.op == "multiply":
        return _starts_with_number(second) or (bool(first.shape) and _is_multiple(second))
    plain = isinstance(first, Apply) and (
        first.op == "negative"
        or (first.op == "multiply" and isinstance(first.args[0], Number) and isinstance(first.args[0].value, int))
    )
    return _starts_with_number(first) and not plain  # 2 x / n is (2/n) x


def _is_multiple(form: Form) -> bool:
    """Return True for what starts with a number, or for an array times a name that is one."""
    named = isinstance(form, Apply) and form.op == "multiply" and bool(form.shape) and not form.args[0].shape
    return named or _starts_with_number(form)


def _starts_with_number(form: Form) -> bool:
    if not isinstance(form, Apply):
        return False
    if form.op in ("multiply", "divide"):
        number = form.args[0 if form.op == "multiply" else 1]
        return _is_number(number) or _starts_with_number(form.args[0])
    return bool(form.op == "negative")


def _is_number(form: Form) -> bool:
    if isinstance(form, Apply) and form.op == "multiply":
        return all(map(_is_number, form.args))
    return isinstance(form, (Number, SizeOf))
