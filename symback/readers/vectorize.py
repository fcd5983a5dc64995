"""From one row to all rows: a Form written for one row of an array becomes the Form for every row at once."""

from __future__ import annotations

from collections.abc import Mapping

from symback.core.errors import ReadError
from symback.core.forms import Form


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
        made = node.over_rows([p for p, _ in parts], [many for _, many in parts])
        if made is None:
            raise ReadError(f"{node} cannot be written for all rows at once")
        return made, True

    result, many = visit(form)
    if not many:
        raise ReadError("the expression does not depend on the row")
    return result
