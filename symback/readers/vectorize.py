"""From one row to all rows: a Form written for one row of an array becomes the Form for every row at once."""

from __future__ import annotations

from collections.abc import Mapping

from symback.core.errors import ReadError
from symback.core.forms import (
    Apply,
    Expand,
    Form,
    Function,
    Get,
    Matmul,
    Name,
    Number,
    OneHot,
    Outer,
    Reduce,
    Transpose,
    apply,
    expand,
    get,
    matmul,
    one_hot,
    reduce_over,
    transpose,
)


def over_rows(form: Form, rows: Mapping[Form, Form]) -> Form:
    """Return ``form`` for every row: ``rows`` maps each placeholder of a row to the array it is a row of.

    The result has one axis more than ``form``, the first, which counts the rows.
    Raises ReadError for a node that has no such form; the caller then unrolls.
    """
    memo: dict[Form, tuple[Form, bool]] = {}

    def visit(node: Form) -> tuple[Form, bool]:
        if node not in memo:
            memo[node] = lifted(node)
        return memo[node]

    def lifted(node: Form) -> tuple[Form, bool]:
        if node in rows:
            return rows[node], True
        parts = [visit(a) for a in node.args]
        if not any(many for _, many in parts):
            return node, False
        return _lift(node, [p for p, _ in parts], [many for _, many in parts]), True

    result, many = visit(form)
    if not many:
        raise ReadError("the expression does not depend on the row")
    return result


def _lift(node: Form, args: list[Form], many: list[bool]) -> Form:
    first = args[0]
    if isinstance(node, Apply):
        if isinstance(node.op, Function) and not node.op.entrywise:
            parameters = dict(node.parameters)
            if parameters.get("axis") is not None:
                parameters["axis"] += 1
            return apply(node.op, *args, **parameters)
        rank = max(a.ndim for a in node.args)
        aligned = [
            expand(a, range(1, 1 + rank - old.ndim)) if is_many else a
            for a, old, is_many in zip(args, node.args, many, strict=True)
        ]
        return apply(node.op, *aligned)
    if isinstance(node, Reduce):
        return reduce_over(node.kind, first, tuple(k + 1 for k in node.axes), node.keepdims)
    if isinstance(node, Get):
        index = tuple(
            slice(None)
            if i is None
            else i
            if isinstance(i, int)
            else slice(i.start, i.stop if i.stop >= 0 else None, i.step)
            for i in node.index
        )
        return get(first, (slice(None), *index))
    if isinstance(node, Expand):
        return expand(first, [k + 1 for k in node.axes])
    if isinstance(node, Transpose):
        return transpose(first, [0, *(k + 1 for k in node.axes)])
    if isinstance(node, OneHot):
        return one_hot(first, node.classes)
    if isinstance(node, Matmul):
        return _lift_product(node, args, many)
    if isinstance(node, (Name, Number, Outer)):
        raise ReadError(f"{node} cannot be written for all rows at once")
    raise ReadError("this expression cannot be written for all rows at once")


def _lift_product(node: Form, args: list[Form], many: list[bool]) -> Form:
    (a, b), (left, right) = args, node.args
    if many == [True, True] and left.ndim == right.ndim == 1:
        return reduce_over("sum", a * b, 1)
    if many == [True, False] and right.ndim <= 2:
        return matmul(a, b)
    if many == [False, True] and right.ndim == 1 and left.ndim <= 2:
        return matmul(b, a.T) if left.ndim == 2 else matmul(b, a)
    raise ReadError("this product cannot be written for all rows at once")
