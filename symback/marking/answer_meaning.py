"""What the signs of a typed formula mean between arrays: rows and columns, products by what they multiply, functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

from symback.core import forms
from symback.core.errors import SymbackError
from symback.core.forms import Form, Function, Prime, apply, as_form
from symback.derivation import jacobians
from symback.networks.network import NamedNetwork
from symback.page.context import Context


class Value(NamedTuple):
    """A part of a formula; ``ones`` is the vector 1 ("column", or "row" once transposed), which sums by a product."""

    form: Form
    ones: str = ""


class Meaning:
    """Makes parts of a formula from parts; what they cannot mean is said to ``refuse``.

    In ``code`` arrays of one axis follow NumPy's rules, else they are rows or columns as on the page. ``mend`` undoes a slip
    where the operands of a product do not fit.
    """

    def __init__(
        self, network: NamedNetwork, notation: Context, code: bool, mend: str, refuse: Callable[[str], NoReturn]
    ) -> None:
        self.network = network
        self.notation = notation
        self.code = code
        self.mend = mend
        self.refuse = refuse

    def array(self, value: Value) -> Form:
        """Return the array of a part, which is not the vector 1."""
        if value.ones:
            self.refuse("the vector 1 stands in a product, as 1^T X")
        return value.form

    def entrywise(self, op: str, left: Value, right: Value) -> Value:
        """Return an operation entry by entry."""
        a, b = self.array(left), self.array(right)
        try:
            return Value(apply(op, a, b))
        except SymbackError as error:
            self.refuse(str(error))

    def beside(self, left: Value, right: Value) -> Value:
        """Return what two factors side by side mean: a product of matrices where both are arrays."""
        if left.ones or right.ones or (left.form.shape and right.form.shape and not self.notation.scalar):
            a, b = left.form, right.form
            if not left.ones and not right.ones and a.ndim == 2 and a.shape == b.shape and a.shape[1] == 1:
                return self.entrywise("multiply", left, right)  # ŷ (1 − ŷ) of columns has no other meaning
            return self.matmul(left, right)
        return self.entrywise("multiply", left, right)

    def dot(self, left: Value, right: Value) -> Value:
        """A dot multiplies numbers; between arrays it is read as a matrix product where that fits, else entry by entry."""
        if left.ones or right.ones:
            return self.matmul(left, right)
        a, b = left.form, right.form
        if self.notation.scalar or not a.shape or not b.shape:
            return self.entrywise("multiply", left, right)
        if a.ndim == 2 and b.ndim == 2 and a.shape[1] == b.shape[0] and a.shape != b.shape:
            return self.matmul(left, right)
        return self.entrywise("multiply", left, right)

    def matmul(self, left: Value, right: Value) -> Value:
        """Return a product of matrices; with the vector 1 it is a sum over rows or columns."""
        if left.ones and right.ones:
            self.refuse("the vector 1 is multiplied with itself")
        try:
            if left.ones:
                if left.ones != "row":
                    self.refuse("the vector 1 stands transposed on the left, as 1^T X")
                return Value(forms.reduce_over("sum", right.form, 0, right.form.ndim > 1 and not self.code))
            if right.ones:
                return Value(
                    forms.reduce_over("sum", left.form, left.form.ndim - 1, left.form.ndim > 1 and not self.code)
                )
            return Value(forms.matmul(left.form, right.form))
        except SymbackError as error:
            for a, b in _mended(left.form, right.form, self.mend):
                try:
                    return Value(forms.matmul(a, b))
                except SymbackError:
                    continue
            self.refuse(str(error))

    def transposed(self, value: Value) -> Value:
        """Return the transpose of a part."""
        if value.ones:
            return Value(value.form, "row" if value.ones == "column" else "column")
        form = value.form
        return Value(forms.transpose(form) if form.ndim > 1 else form)

    def leaf(self, form: Form) -> Value:
        """Return a name; on the page an array of one axis is a row or a column."""
        if self.code or self.notation.scalar or form.ndim != 1:
            return Value(form)
        return Value(forms.expand(form, [0] if self.notation.rows else [1]))

    def derived(self, found: Form | tuple[str, str]) -> Value:
        """Return a derivative that was read: of the loss, or a local one of a number."""
        if not isinstance(found, tuple):
            return self.leaf(found)
        of, by = found
        if self.notation.scalar:
            return Value(forms.reshape(jacobians.jacobian(self.network, of, by), ()))
        if self.network.shape_of(of) or self.network.shape_of(by):
            self.refuse(f"∂{of}/∂{by} is an array of all pairs of entries; write the factor itself")
        return Value(jacobians.jacobian(self.network, of, by))

    def shaped(self, form: Form, of: str, by: str) -> Form:
        """Return the form with the axes of its variable, where it has the same entries in the same order."""
        wanted = self.network.shape_of(by or of)
        if self.code or form.shape == wanted:
            return form
        if [s for s in form.shape if s != 1] == [s for s in wanted if s != 1]:
            return forms.reshape(form, wanted) if form.shape else form
        return form

    def applied(self, function: Function | str, given: list[Form], keywords: Mapping[str, Any], primed: int) -> Form:
        """Return a function, or with ``primed`` its derivative, of what it is given."""
        if isinstance(function, str):
            if len(given) != 1:
                self.refuse(f"{function} takes one argument")
            if primed:
                self.refuse(f"write the derivative of {function} out")
            return apply(function, given[0])
        if primed:
            if not function.entrywise:
                self.refuse(f"{function.name} has no derivative entry by entry; its derivatives form a Jacobian")
            missing = (
                [as_form(v) for v in function.defaults[len(given) - function.arguments :] if v is not None]
                if len(given) < function.arguments
                else []
            )
            return apply(Prime(function, function.variable), *given, *missing)
        return function(*given, **keywords)

    def reduced(self, kind: str) -> Callable[[list[Value], dict[str, Any]], Value]:
        """Return the reading of a sum or mean over an axis."""

        def build(arguments: list[Value], keywords: dict[str, Any]) -> Value:
            form = self.array(arguments[0])
            axis = keywords.get("axis")
            if len(arguments) > 1 and isinstance(arguments[1].form, forms.Number):
                axis = int(arguments[1].form.value)
            try:
                return Value(forms.reduce_over(kind, form, axis, bool(keywords.get("keepdims", False))))
            except SymbackError as error:
                self.refuse(str(error))

        return build

    def outer(self, left: Value, right: Value) -> Value:
        """Return the product of all pairs of entries."""
        try:
            return Value(forms.outer(self.array(left), self.array(right)))
        except SymbackError as error:
            self.refuse(str(error))

    def where(self, arguments: list[Value]) -> Value:
        """Return a choice entry by entry."""
        if len(arguments) != 3:
            self.refuse("where takes a condition and two values")
        try:
            return Value(forms.where(*(self.array(a) for a in arguments)))
        except SymbackError as error:
            self.refuse(str(error))


def _mended(left: Form, right: Form, mend: str) -> list[tuple[Form, Form]]:
    """Return operands of a product after one change that undoes a slip."""
    if mend == "swapped":
        return [(right, left)]
    if mend == "missing_transpose" and left.ndim == right.ndim == 2:
        return [
            (forms.transpose(left), right),
            (left, forms.transpose(right)),
            (forms.transpose(left), forms.transpose(right)),
        ]
    return []
