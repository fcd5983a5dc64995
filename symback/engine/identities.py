"""Identities between Forms that bring code into the shape its definitions have: signs, picked logarithms, shifts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from symback.core.forms import (
    Apply,
    Form,
    Function,
    Matmul,
    Name,
    Number,
    OneHot,
    Outer,
    Put,
    Reduce,
    Transpose,
    apply,
    matmul,
    number,
    outer,
    reduce_over,
    substitute,
    transpose,
)

_LARGEST_ROOT = 10_000


def exact_root(value: float) -> Form | None:
    """Return √r or 1/√r where that, rounded to a float, is ``value``, for a fraction r of small numbers; else None.

    >>> exact_root(2**0.5), exact_root(0.5**0.5), exact_root(1 / 3**0.5), exact_root(1.5)
    (np.sqrt(2), np.sqrt(1 / 2), 1 / np.sqrt(3), None)
    """
    if not 0 < value < _LARGEST_ROOT or len(repr(value).strip("0.")) < 15:
        return None
    square = Fraction(value * value).limit_denominator(_LARGEST_ROOT)
    if not 0 < square.numerator <= _LARGEST_ROOT:
        return None
    if math.sqrt(square) == value:
        return apply("sqrt", number(square))
    return number(1) / apply("sqrt", number(1 / square)) if 1 / math.sqrt(1 / square) == value else None


def roots_exact(form: Form) -> Form:
    """Return the form with each float that is the root of a small fraction written as that root, √2 for 2**0.5."""

    def change(node: Form) -> Form | None:
        if not isinstance(node, Number) or not isinstance(node.value, float):
            return None
        root = exact_root(abs(node.value))
        return root if root is None or node.value > 0 else apply("negative", root)

    return substitute(form, change)


def roots_squared(form: Form) -> Form:
    """Return the form with (√s)² written as s, where s is a sum of squares or the like: a squared norm has no kink at 0.

    >>> from symback.core.forms import name
    >>> r = name("r", ("n",))
    >>> roots_squared(apply("sqrt", (r**2).sum()) ** 2), roots_squared(apply("sqrt", r) ** 2)
    ((r**2).sum(), np.sqrt(r)**2)
    """

    def change(node: Form) -> Form | None:
        if not (isinstance(node, Apply) and node.op == "power" and node.args[1] is number(2)):
            return None
        root = node.args[0]
        if isinstance(root, Apply) and root.op == "sqrt" and _never_negative(root.args[0]):
            return roots_squared(root.args[0])
        return None

    return substitute(form, change)


def _never_negative(form: Form) -> bool:
    if isinstance(form, Number):
        return form.value >= 0
    if isinstance(form, Reduce) or form.is_view:
        return _never_negative(form.args[0])
    if isinstance(form, Matmul):
        return form.ndim == 0 and form.args[0] is form.args[1]
    if not isinstance(form, Apply):
        return False
    if getattr(form.op, "name", form.op) in ("exp", "sqrt", "absolute"):
        return True
    if form.op == "power":
        above = form.args[1]
        return isinstance(above, Number) and float(above.value) % 2 == 0
    if form.op == "multiply" and form.args[0] is form.args[1]:
        return True
    return form.op in ("add", "multiply", "divide") and all(map(_never_negative, form.args))


def one_entry_summed(form: Form) -> Form:
    """Return the form with each sum over an array of one entry among zeros written as that entry: Σ_i 1[i = 1] is 1.

    >>> from symback.core.forms import put
    >>> one_entry_summed(reduce_over("sum", -put(number(1), (0,), (3,))))
    -1
    """

    def change(node: Form) -> Form | None:
        if not isinstance(node, Reduce) or node.kind != "sum" or node.keepdims:
            return None
        inner = node.args[0]
        negative = isinstance(inner, Apply) and inner.op == "negative"
        inner = inner.args[0] if negative else inner
        if not isinstance(inner, Put) or inner.value or not all(isinstance(i, int) for i in inner.index):
            return None
        if len(node.axes) != inner.ndim:
            return None
        entry = one_entry_summed(inner.args[0])
        return apply("negative", entry) if negative else entry

    return substitute(form, change)


def signs_out(form: Form) -> Form:
    """Return an equal form with its minus in front: ``(-x) @ w - b`` is ``-(x @ w + b)``.

    Python reads ``-x @ w`` as ``(-x) @ w``; people mean −(x w).
    """
    negative, body = _signed(form)
    return apply("negative", body) if negative else body


def _signed(form: Form) -> tuple[bool, Form]:
    if isinstance(form, Number) and form.value < 0:
        return True, number(-form.value)
    if isinstance(form, Apply) and form.op == "negative":
        negative, body = _signed(form.args[0])
        if not negative and isinstance(body, Apply) and body.op in ("add", "subtract"):
            first, a = _signed(body.args[0])
            if first:  # −(−a + b) is a − b
                return False, apply("subtract" if body.op == "add" else "add", a, body.args[1])
        return not negative, body
    if isinstance(form, (Matmul, Outer)) or (isinstance(form, Apply) and form.op in ("multiply", "divide")):
        (first, a), (second, b) = (_signed(x) for x in form.args)
        if not (first or second):
            return False, form
        made = (
            matmul(a, b)
            if isinstance(form, Matmul)
            else outer(a, b)
            if isinstance(form, Outer)
            else apply(form.op, a, b)
        )
        return first != second, made
    if isinstance(form, Transpose):
        negative, body = _signed(form.args[0])
        return negative, transpose(body, form.axes) if negative else form
    if isinstance(form, Apply) and form.op in ("add", "subtract"):
        (first, a), (second, b) = (_signed(x) for x in form.args)
        second = second != (form.op == "subtract")
        if first and second:
            return True, apply("add", a, b)
        if second:
            return False, apply("subtract", a, b)
    return False, form


def exponents_signed(form: Form) -> Form:
    """Return the form with the minus in front of every exponent."""

    def change(node: Form) -> Form | None:
        if isinstance(node, Apply) and node.op == "exp":
            inner = signs_out(exponents_signed(node.args[0]))
            return apply("exp", inner) if inner is not node.args[0] else None
        return None

    return substitute(form, change)


def picked_logarithms(form: Form, definitions: Mapping[Form, Form], is_probability: Callable[[Form], bool]) -> Form:
    """Return the form with log Σ_j y_j p_j as Σ_j y_j log p_j where y is one-hot and p the output of a softmax."""

    def change(node: Form) -> Form | None:
        if not (isinstance(node, Apply) and node.op == "log"):
            return None
        inner = definitions.get(node.args[0], node.args[0])
        if not (isinstance(inner, Reduce) and inner.kind == "sum" and isinstance(inner.args[0], Apply)):
            return None
        product = inner.args[0]
        if product.op != "multiply" or inner.axes != (product.ndim - 1,):
            return None
        sides = sorted(product.args, key=lambda a: not isinstance(a, OneHot))
        if not isinstance(sides[0], OneHot) or not is_probability(sides[1]):
            return None
        return reduce_over("sum", sides[0] * apply("log", sides[1]), inner.axes, inner.keepdims)

    return substitute(form, change)


def without_shift(form: Form, definitions: Mapping[Form, Form]) -> Form:
    """Return softmax(z − c) as softmax(z), where c is the same number all along the axis; so for every such row."""
    if not (isinstance(form, Apply) and isinstance(form.op, Function) and form.op.shift_invariant):
        return form
    argument = form.args[0]
    shifted = definitions.get(argument, argument)
    if not (isinstance(shifted, Apply) and shifted.op == "subtract"):
        return form
    z, c = shifted.args
    axis = int(form.parameters["axis"])
    from_right = shifted.ndim - axis
    constant = c.ndim < from_right or c.shape[c.ndim - from_right] == 1
    if z.shape != shifted.shape or not constant or not isinstance(z, Name):
        return form
    return apply(form.op, z, **form.parameters)
