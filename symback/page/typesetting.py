"""Form → display tree, in textbook notation: matrix notation where there is one, index notation where there is not.

The order in which something is written is kept. Products of arrays are juxtaposed (``@``) or joined by ⊙ (entrywise);
a reduction prints as a sum over indices, or as a product with a vector of ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from symback.core import forms
from symback.core.display import (
    COMMA,
    SPACE,
    TIMES,
    Fence,
    Fraction,
    Grid,
    Infix,
    Node,
    Root,
    Row,
    Script,
    Symbol,
    Under,
    Word,
    row,
    separated,
)
from symback.core.errors import PrintError
from symback.core.forms import Form, Function, Size
from symback.derivation.chains import is_symmetric
from symback.page import index_notation, matrix_calls, norms, quotients
from symback.page.context import Context
from symback.page.notation import function_symbol, size_symbol
from symback.page.operations import (
    SET_OFF,
    call,
    divide,
    exponential,
    multiply,
    power,
    product_sign,
    relation,
    set_off,
    spelled_out,
)
from symback.page.pieces import (
    ATOM,
    CASES,
    POWER,
    PRODUCT,
    RELATIONS,
    NoMatrixNotation,
    Piece,
    closed,
    decimal_piece,
    has_adjoint,
    indicator,
    is_computed,
    item_node,
    long_axes,
    name_piece,
    negated,
    number_piece,
    one_element,
    one_over_count,
    ones,
    plus,
    readable,
    reduced,
    repeats,
    times,
    transposed,
    unit_vector,
)
from symback.page.places import Place, Places, aligned, close, joined, subscript, symbol_of


class Typesetter:
    """Typesets forms in one context; holds the index letters in use."""

    def __init__(self, context: Context, indicators: bool = True) -> None:
        self.context = context
        self._indicators = indicators
        used = context.names.taken | context.names.letters_below
        self._letters = [i for i in context.notation.indices if i not in used]
        self._bound: list[str] = []
        self._sides: dict[Form, str] = {}

    def form(self, form: Form, side: str | None = None) -> Piece:
        """Return a form in matrix notation; raises NoMatrixNotation where it has none."""
        if self.context.shapes and _carries_shape(form):
            bare = Typesetter(replace(self.context, shapes=False), self._indicators)
            bare._bound = self._bound
            piece = bare.form(form, side)
            return replace(piece, node=self.labelled(piece.node, form, side))
        if form.ndim > 2 and not self.context.scalar:
            raise NoMatrixNotation
        if form.ndim == 1 and not one_element(form):
            natural = self._side(form)
            wanted = side or natural
            if isinstance(form, (forms.Filled, forms.Put, forms.Broadcast)):
                return self._visit(form, wanted)
            if isinstance(form, forms.Apply) and not _works_along_axis(form):
                turned = natural != wanted and _is_sum_of_names(form)
                return transposed(self._visit(form, natural)) if turned else self._visit(form, wanted)
            return self._visit(form, natural) if natural == wanted else self._turned(form, natural)
        return self._visit(form, side)

    def whole(self, form: Form) -> Piece:
        """Return a form in matrix notation, a vector as the row or column that vectors of the page are."""
        return self.form(form, self._default_side() if form.ndim == 1 else None)

    def labelled(self, node: Node, form: Form, side: str | None = None) -> Node:
        """Return what stands for a form, with the form's shape under it."""
        shape = form.shape
        if form.ndim == 1:
            shape = (1, *shape) if (side or self._default_side()) == "row" else (*shape, 1)
        sizes = (symbol_of(str(s)) if isinstance(s, int) else size_symbol(s) for s in shape)
        return Under(node, Fence(separated(sizes, TIMES)))

    def equation(self, left: Callable[[Places], Node], form: Form) -> tuple[Node, Piece]:
        """Return both sides of ``left = form``; in index notation where matrix notation has no words for it."""
        shown, (piece,) = self.equations(left, [form])
        return shown, piece

    def equations(self, left: Callable[[Places], Node], sides: Sequence[Form]) -> tuple[Node, list[Piece]]:
        """Return the left side and the pieces of ``left = side = side …``, all of them in one notation."""
        try:
            return left(()), [self.whole(form) for form in sides]
        except NoMatrixNotation:
            with self.indices(sides[0].shape, int(any(map(_runs_over_columns, sides)))) as places:
                return left(places), [self.entry(form, places) for form in sides]

    def entry(self, form: Form, at: Places) -> Piece:
        """Return the entry of a form at the places given, one per axis (None for an axis of length 1)."""
        if isinstance(form, forms.Reduce) and one_element(form):
            found = norms.norm(self, form)
            if found is not None:
                return found
        return index_notation.entry(self, form, at)

    def hold(self, letters: Iterable[str]) -> None:
        """Keep index letters that the surroundings use."""
        self._bound = [*self._bound, *letters]

    @contextmanager
    def indices(self, sizes: Sequence[Size], before: int = 0) -> Iterator[Places]:
        """Bind one fresh index letter per axis longer than 1, and leave those of so many axes ``before`` them to others."""
        places: list[Place | None] = []
        for s in sizes:
            if s == 1:
                places.append(None)
                continue
            free = [i for i in self._letters if i not in self._bound]
            if not free:
                raise PrintError("no index letter is free for a formula with so many indices")
            letter = free[min(before, len(free) - 1)]
            self._bound.append(letter)
            places.append(Place(letter))
        try:
            yield tuple(places)
        finally:
            for _ in range(sum(p is not None for p in places)):
                self._bound.pop()

    # --- rows and columns ---

    def _default_side(self) -> str:
        return "row" if self.context.rows else "column"

    def _side(self, form: Form) -> str:
        """Return whether a 1-D form is a row or a column by itself."""
        if form not in self._sides:
            self._sides[form] = self._found_side(form)
        return self._sides[form]

    def _found_side(self, form: Form) -> str:
        if isinstance(form, forms.Matmul):
            return "column" if form.args[0].ndim > 1 else "row"
        if isinstance(form, forms.Reduce) and form.args[0].ndim == 2:
            return "row" if form.axes == (0,) else "column"
        if isinstance(form, forms.Reshape) and form.args[0].ndim == 2 and long_axes(form) == long_axes(form.args[0]):
            return "column" if form.args[0].shape[1] == 1 else "row"
        if isinstance(form, forms.Get) and form.args[0].ndim == 2:
            return "row" if isinstance(form.index[0], int) else "column"
        if isinstance(form, (forms.Get, forms.Reduce)) and form.args[0].ndim == 1:
            return self._side(form.args[0])
        if isinstance(form, forms.Apply):
            if _works_along_axis(form) and form.args[0].ndim == 2:
                return "column" if form.parameters.get("axis") == 1 else "row"
            sides = [self._side(a) for a in form.args if a.ndim == 1 and not one_element(a)]
            for side in sides:
                if side != self._default_side():
                    return side
        return self._default_side()

    def _turned(self, form: Form, natural: str) -> Piece:
        """Return the transpose of a 1-D form, inside a product where it is one."""
        if isinstance(form, forms.Matmul) and max(a.ndim for a in form.args) == 2:
            a, b = form.args
            if a.ndim == 1:
                return times(self._flipped(b), self.form(a, "column"))
            return times(self.form(b, "row"), self._flipped(a))
        if self._sums_rows(form):
            inside = self._flipped(form.args[0])
            return times(inside, ones(True)) if natural == "row" else times(ones(False), inside)
        return transposed(self._visit(form, natural))

    def _flipped(self, form: Form) -> Piece:
        if isinstance(form, forms.Transpose):
            return self.form(form.args[0])
        return self.form(form) if is_symmetric(form) else self._transposed(form)

    def _transposed(self, operand: Form) -> Piece:
        """Return the transpose; that of one number in a line of numbers is the number."""
        if isinstance(operand, forms.Implicit) and operand.function.notation == "inverse":
            return matrix_calls.inverse(self, operand.args[0], turned=True)
        if is_symmetric(operand):
            return self.form(operand)
        piece = self.form(operand)
        return piece if self.context.numbers is not None and one_element(operand) else transposed(piece)

    # --- matrix notation ---

    def _visit(self, form: Form, side: str | None) -> Piece:
        context = self.context
        if isinstance(form, forms.Apply):
            return self.operation(form, None, side)
        leaf = self.leaf(form)
        if leaf is not None:
            return leaf
        if context.scalar or (one_element(form) and not isinstance(form, (forms.Matmul, forms.Transpose))):
            plain = self._one_element(form)
            if plain is not None:
                return plain
        if isinstance(form, forms.Implicit):
            if matrix_calls.stacked(form):
                raise NoMatrixNotation
            return matrix_calls.call(self, form)
        shown = _MATRIX_NOTATION.get(type(form))
        found = shown(self, form, side) if shown is not None else index_notation.by_name(self, form, None)
        if found is None:
            raise NoMatrixNotation
        return found

    def _matmul(self, form: forms.Matmul, side: str | None) -> Piece:
        a, b = form.args
        return times(self.form(a, "row"), self.form(b, "column"), product_sign(self.context, a, b))

    def _outer(self, form: forms.Outer, side: str | None) -> Piece:
        return times(self.form(form.args[0], "column"), self.form(form.args[1], "row"))

    def _expand(self, form: forms.Expand, side: str | None) -> Piece:
        if form.ndim > 2:
            raise NoMatrixNotation
        return self.form(form.args[0], "row" if form.axes == (0,) else "column")

    def _reshape(self, form: forms.Reshape, side: str | None) -> Piece:
        # where only axes of length 1 come or go, a vector is turned, or nothing is done
        return self._squeezed(form) if long_axes(form) == long_axes(form.args[0]) else self._moved(form)

    def _squeezed(self, form: Form) -> Piece:
        operand = form.args[0]
        if operand.ndim == 1 and form.ndim == 2:
            return self.form(operand, "column" if form.shape[1] == 1 else "row")
        if operand.ndim == 2 and form.ndim == 2 and operand.shape != form.shape:
            return self._flipped(operand)
        return self.form(operand)

    def _moved(self, form: forms.Reshape | forms.Concatenate) -> Piece:
        """Return a reshaped array by that name, and joined ones side by side or above each other."""
        if isinstance(form, forms.Concatenate) and form.axis == 0 and all(map(_is_block_row, form.args)):
            lines = tuple(tuple((self.leaf(a) or self.form(a)).whole() for a in line.args) for line in form.args)
            return Piece(Grid(lines), ATOM, "bracket", "bracket")
        parts = [(self.leaf(a) or self.form(a)).whole() for a in form.args]
        if isinstance(form, forms.Concatenate):
            if form.axis == 0 and form.ndim == 2:
                return Piece(Grid(tuple((p,) for p in parts)), ATOM, "bracket", "bracket")
            inside = separated(parts, row(COMMA, SPACE))
            return Piece(Fence(inside, "["), ATOM, "bracket", "bracket")
        sizes = (symbol_of(str(s)) if isinstance(s, int) else size_symbol(s) for s in form.shape)
        head = Script(Symbol(r"\mathrm{reshape}", "reshape"), separated(sizes, Infix(r"\times", "×")))
        return Piece(row(head, Fence(parts[0])), ATOM, "function", "bracket")

    def leaf(self, form: Form) -> Piece | None:
        """Return a form without operands that prints alike in both notations; None for another one."""
        if self.context.numbers is not None:
            return self._number_leaf(form)
        if isinstance(form, forms.Name):
            return name_piece(self.context.name(form.name))
        if isinstance(form, forms.Adjoint):
            node = self.context.adjoint(form.of)
            return Piece(node, POWER, "adjoint", "adjoint") if isinstance(node, Fraction) else Piece(node)
        if isinstance(form, forms.Number):
            return number_piece(readable(form.value))
        if isinstance(form, forms.SizeOf):
            return Piece(size_symbol(form.size))
        return None

    def _number_leaf(self, form: Form) -> Piece | None:
        assert self.context.numbers is not None
        if isinstance(form, (forms.Name, forms.Adjoint)):
            label = form.name if isinstance(form, forms.Name) else "∂" + form.of
            if label not in self.context.numbers:
                raise NoMatrixNotation
            return self.context.numbers[label]
        if isinstance(form, forms.Number):
            return decimal_piece(form.value)
        if isinstance(form, forms.SizeOf):
            return Piece(size_symbol(form.size))
        return None

    def _one_element(self, form: Form) -> Piece | None:
        """Return a form of one element that only moves its operand, which then prints as it is."""
        if isinstance(form, forms.Filled):
            return number_piece(form.value)
        if form.args and all(one_element(a) for a in form.args) and not self._sums_rows(form):
            if isinstance(form, (forms.Matmul, forms.Outer)):
                how = product_sign(self.context, *form.args) if self.context.numbers is not None else "dotted"
                return times(self.form(form.args[0]), self.form(form.args[1]), how)
            if isinstance(form, (forms.Transpose, forms.Reduce, forms.Expand, forms.Broadcast, forms.Get, forms.Put)):
                return self.form(form.args[0])
            if isinstance(form, forms.Einsum):
                found = self.form(form.args[0])
                for operand in form.args[1:]:
                    found = times(found, self.form(operand), "dotted")
                return found
        return None

    def _sums_rows(self, form: Form) -> bool:
        """Say whether a form prints as a product with a vector of ones: a sum over one axis of a matrix.

        The sum of an adjoint over the one row of its batch stays visible, as the rule that it is.
        """
        if self.context.scalar or not isinstance(form, forms.Reduce) or form.kind != "sum":
            return False
        operand = form.args[0]
        if operand.ndim != 2 or len(form.axes) != 1 or (self.context.numbers is not None and one_element(operand)):
            return False
        return operand.shape[form.axes[0]] != 1 or isinstance(operand, forms.Adjoint)

    def _spread(self, operand: Form, target: Form, side: str | None, implicit: bool = False) -> Piece:
        """Return ``operand`` as it meets an array of the target's shape: repeated by a vector of ones."""
        # In a gradient the number that one row sums to is repeated visibly, as the column of a batch would be.
        computed = is_computed(operand)
        if target.ndim < 2 or (one_element(operand) and not computed) or operand.shape == target.shape:
            if (
                target.ndim == 1
                and not one_element(target)
                and isinstance(target, forms.Broadcast)
                and one_element(operand)
            ):
                return times(self.form(operand), ones(side == "column"))
            if target.ndim == 2 and isinstance(target, forms.Broadcast) and one_element(operand):
                found = self.form(operand)
                n, m = target.shape
                found = times(found, ones(True)) if n != 1 else found
                return times(found, ones(False)) if m != 1 else found
            return self.form(operand, side if operand.ndim == 1 else None)
        n, m = target.shape
        if one_element(operand) and n != 1:
            return self.form(operand)
        if operand.ndim == 1 or (operand.shape[0] == 1 and n != 1):
            if not implicit and _leads_with_number(operand):
                return times(self.form(operand.args[0]), self._spread(operand.args[1], target, side))
            piece = self.form(operand, "row")
            return piece if implicit or n == 1 else times(ones(True), piece)
        piece = self.form(operand)
        return piece if implicit or m == 1 else times(piece, ones(False))

    def _reduce(self, form: forms.Reduce) -> Piece:
        operand = form.args[0]
        axes = [k for k in form.axes if operand.shape[k] != 1]
        left_over = [k for k in range(operand.ndim) if k not in axes and operand.shape[k] != 1]
        if self._sums_rows(form) and (left_over or has_adjoint(operand)):
            piece = self.form(operand)
            return times(ones(False), piece) if form.axes == (0,) else times(piece, ones(True))
        if not axes:
            return self.form(operand)
        if not left_over:
            found = norms.norm(self, form)
            if found is not None:
                return found
            product = _row_by_column(form)
            if product is not None and self.context.numbers is None:
                return self.form(product)
            with self.indices(operand.shape) as places:
                return reduced(form, self.entry(operand, places), places, operand.shape)
        if operand.ndim != 2 or form.kind != "mean":
            raise NoMatrixNotation
        piece = self.form(operand)
        return times(one_over_count(form), times(ones(False), piece) if axes == [0] else times(piece, ones(True)))

    def _get(self, form: forms.Get) -> Piece:
        operand = form.args[0]
        if operand.ndim > 2 and not isinstance(operand, (forms.Name, forms.Adjoint)):
            raise NoMatrixNotation
        taken = [(item, s) for item, s in zip(form.index, operand.shape, strict=True) if not (s == 1 and item == 0)]
        if all(item is None for item, _ in taken):
            return self.form(operand)
        parts: list[Node] = []
        for item, s in zip(form.index, operand.shape, strict=True):
            if s == 1 and (item is None or (item == 0 and len(taken) == 1)):
                continue  # an axis of length 1 carries no index
            parts.append(item_node(item))
        base = self.leaf(operand) or self.form(operand)
        digits = all(isinstance(item, int) and item < 9 for item in form.index)
        below = close(parts) if digits else separated(parts, COMMA)
        if not isinstance(operand, forms.Name):
            return Piece(Script(Fence(base.whole()), below), ATOM, "item", "name")
        if _is_row_of_vectors(base.node, form.index):
            below = parts[0]  # the vectors x_1, x_2, … of a sequence are the rows of x
        whole = joined(base.node, below, self.context.taken)
        apart = isinstance(whole, Script) and isinstance(whole.base, Fence)
        return Piece(whole, ATOM, "item", "name") if apart else name_piece(whole)

    def _put(self, form: forms.Put, side: str | None) -> Piece:
        if form.ndim > 2 or any(isinstance(item, forms.Span) for item in form.index):
            raise NoMatrixNotation
        found = self.form(form.args[0], "row" if isinstance(form.index[0], int) and form.ndim == 2 else "column")
        found = closed(found, PRODUCT)
        if form.ndim == 1:
            unit = unit_vector(form.index[0], side == "row")
            return times(found, unit)
        first, second = form.index
        if second is not None and form.shape[1] != 1:
            found = times(found, unit_vector(second, True))
        if first is not None and form.shape[0] != 1:
            found = (
                times(found, unit_vector(first, False))
                if one_element(form.args[0]) and form.shape[1] == 1
                else times(unit_vector(first, False), found)
            )
        return found

    # --- operations, in both notations: ``at`` is None for matrix notation, else one place per axis ---

    def operation(self, form: forms.Apply, at: Places | None, side: str | None) -> Piece:
        """Return what an operation makes of its operands."""
        op = form.op
        if isinstance(op, Function) and not op.entrywise:
            return self._along_axis(form, op, at)
        if op == "log" and matrix_calls.is_determinant(form.args[0]):
            return matrix_calls.logarithm(self, form.args[0], at)
        if op in ("multiply", "divide"):
            found = quotients.quotient(self, form, at, side)
            if found is not None:
                return found
        if op == "sqrt":
            found = norms.norm(self, form)
            if found is not None:
                return found
        pieces = self._operands(form, at, side)
        if not isinstance(op, str):
            return call(op, pieces)
        if op in ("add", "subtract"):
            return plus(pieces[0], pieces[1], 1 if op == "add" else -1)
        if op == "negative":
            return negated(pieces[0])
        if op == "multiply":
            return multiply(self.context, form, pieces, at is not None)
        if op == "divide":
            return divide(form, pieces, at is not None, lambda other: self._operands(other, at, None))
        if op == "power":
            return power(form, pieces, at is not None)
        if op in RELATIONS:
            condition = relation(op, pieces)
            if not self._indicators:
                cases = ((symbol_of("1"), condition), (symbol_of("0"), Word(self.context.otherwise)))
                return Piece(Grid(cases, "cases"), CASES, "bracket", "bracket")
            return indicator(condition)
        if op == "where":
            return self._where(form, at, side)
        if op == "exp":
            return exponential(self.context, pieces[0], at is None and not one_element(form))
        if op == "sqrt":
            return Piece(Root(pieces[0].whole()), POWER, "function", "name")
        if op in SET_OFF:
            return set_off(self.context, op, pieces[0])
        return spelled_out(op, pieces)

    def _operands(self, form: forms.Apply, at: Places | None, side: str | None) -> list[Piece]:
        if at is not None:
            return [self.entry(a, aligned(at, a)) for a in form.args]
        implicit = form.op == "add"
        if form.op not in ("add", "subtract", "multiply") and any(repeats(a, form) for a in form.args):
            # A quotient with a repeated column is read off its entries.
            raise NoMatrixNotation
        if form.op == "multiply" and any(isinstance(a, forms.Name) and repeats(a, form) for a in form.args):
            raise NoMatrixNotation  # so is a scale per column: y_ij = γ_j x_ij
        return [
            self._spread(a, form, side, implicit and isinstance(a, forms.Name))
            if len(form.args) > 1
            else self.form(a, side if a.ndim == 1 else None)
            for a in form.args
        ]

    def _condition(self, form: Form, at: Places | None, side: str | None) -> Node:
        if isinstance(form, forms.Apply) and isinstance(form.op, str) and form.op in RELATIONS:
            return relation(form.op, self._operands(form, at, side))
        piece = self.form(form, side) if at is None else self.entry(form, at)
        return row(piece.whole(), RELATIONS["not_equal"], symbol_of("0"))

    def _where(self, form: forms.Apply, at: Places | None, side: str | None) -> Piece:
        condition, a, b = form.args
        plain = isinstance(a, forms.Number) and isinstance(b, forms.Number) and (a.value, b.value) == (1, 0)
        if self._indicators and plain:
            return indicator(self._condition(condition, None if at is None else aligned(at, condition), side))
        rows: list[tuple[Node, ...]] = []
        rest: Form = form
        while isinstance(rest, forms.Apply) and rest.op == "where":
            condition, value, rest = rest.args
            rows.append(
                (
                    self._case(value, form, at, side).whole(),
                    self._condition(condition, None if at is None else aligned(at, condition), side),
                )
            )
        if isinstance(rest, forms.Apply) and isinstance(rest.op, str) and rest.op in RELATIONS:
            # 1 where the comparison holds, else 0: one more case
            rows.append((symbol_of("1"), self._condition(rest, None if at is None else aligned(at, rest), side)))
            rest = forms.number(0)
        rows.append((self._case(rest, form, at, side).whole(), Word(self.context.otherwise)))
        return Piece(Grid(tuple(rows), "cases"), CASES, "bracket", "bracket")

    def _case(self, value: Form, form: Form, at: Places | None, side: str | None) -> Piece:
        return self._spread(value, form, side) if at is None else self.entry(value, aligned(at, value))

    def _along_axis(self, form: forms.Apply, op: Function, at: Places | None) -> Piece:
        operand = form.args[0]
        axis = form.parameters.get("axis", -1)
        last = axis in (-1, operand.ndim - 1)
        if (last or operand.ndim < 2) and operand.ndim <= 2:
            try:
                inside = self.form(operand)
            except NoMatrixNotation:
                if at is None:
                    raise
            else:
                node = row(function_symbol(op), Fence(inside.whole()))
                if at is None:
                    return Piece(node, ATOM, "function", "bracket")
                found = [p for p in at if p is not None]
                if not found:
                    return Piece(node, ATOM, "function", "bracket")
                *head, fence = node.parts if isinstance(node, Row) else (node,)
                return Piece(row(*head, Script(fence, subscript(found))), ATOM, "function", "bracket")
        if at is None:
            raise NoMatrixNotation
        assert op.definition is not None
        return self.entry(op.definition(*form.args, **form.parameters), at)


_MATRIX_NOTATION: Mapping[type[Form], Callable[[Typesetter, Any, str | None], Piece]] = {
    forms.Matmul: Typesetter._matmul,
    forms.Outer: Typesetter._outer,
    forms.Transpose: lambda setter, form, side: setter._transposed(form.args[0]),
    forms.Reduce: lambda setter, form, side: setter._reduce(form),
    forms.Filled: lambda setter, form, side: _filled(form, side),
    forms.Expand: Typesetter._expand,
    forms.Broadcast: lambda setter, form, side: setter._spread(form.args[0], form, side),
    forms.Get: lambda setter, form, side: setter._get(form),
    forms.Put: lambda setter, form, side: setter._put(form, side),
    forms.Reshape: Typesetter._reshape,
    forms.Concatenate: lambda setter, form, side: setter._moved(form),
    forms.Eye: lambda setter, form, side: Piece(symbol_of("I"), ATOM),
    forms.Triangle: lambda setter, form, side: _triangle(form),
}
"""Operations that matrices have a notation of their own for; others print under their name, or entry by entry."""


def _carries_shape(form: Form) -> bool:
    """Say whether a form is a factor that carries its shape: an array, or the transpose of one."""
    if isinstance(form, (forms.Transpose, forms.Expand)):
        form = form.args[0]
    return isinstance(form, (forms.Name, forms.Adjoint)) and form.ndim in (1, 2)


def _is_block_row(form: Form) -> bool:
    """Say whether a form is made of two matrices side by side."""
    return isinstance(form, forms.Concatenate) and form.axis == 1 and form.ndim == 2 and len(form.args) == 2


def row_of_sequence(form: Form, context: Context) -> tuple[str, int] | None:
    """Return the name and the place of a row that prints as one of a sequence of vectors; None for another form."""
    if not isinstance(form, forms.Get) or not isinstance(form.args[0], forms.Name):
        return None
    sequence, first = form.args[0], form.index[0]
    rows = _is_row_of_vectors(context.name(sequence.name), form.index)
    return (sequence.name, first) if rows and isinstance(first, int) else None


def _is_row_of_vectors(node: Node, index: tuple[forms.Item, ...]) -> bool:
    """Return True for one part of an array whose symbol is a small letter, as x: a sequence of vectors, or of their batches.

    Not for the twelfth: x_12 is the entry in row 1 and column 2.
    """
    small = isinstance(node, Symbol) and len(node.text) == 1 and node.text.islower()
    first, *rest = index
    return small and bool(rest) and isinstance(first, int) and first < 9 and all(item is None for item in rest)


def _runs_over_columns(form: Form) -> bool:
    """Return True for a row made of the columns of a matrix, as their means: it has the index j of x_ij."""
    if sum(s != 1 for s in form.shape) != 1:
        return False
    axes = {n.axes for n in forms.walk(form) if isinstance(n, forms.Reduce) and len(long_axes(n.args[0])) == 2}
    return axes == {(0,)} and form.shape[-1] != 1


def _row_by_column(form: forms.Reduce) -> Form | None:
    """Return Σ (B x)_i y_i as the product yᵀ B x of a row and a column; None for a sum of anything else."""
    operand = form.args[0]
    if form.kind != "sum" or not isinstance(operand, forms.Apply) or operand.op != "multiply":
        return None
    if any(a.shape != operand.shape for a in operand.args) or len(long_axes(operand)) != 1 or operand.ndim > 2:
        return None
    product = next((a for a in operand.args if isinstance(_untransposed(a), forms.Matmul)), None)
    if product is None:
        return None
    other = operand.args[1] if product is operand.args[0] else operand.args[0]
    if operand.ndim == 1:
        return forms.matmul(product, other) if product.args[0].ndim == 1 else forms.matmul(other, product)
    if operand.shape[0] == 1:  # rows: the product that is written as a column stays one
        turned = product is not _untransposed(product)
        return forms.matmul(other, product.args[0]) if turned else forms.matmul(product, _turned(other))
    return forms.matmul(_turned(other), product)


def _untransposed(form: Form) -> Form:
    return form.args[0] if isinstance(form, forms.Transpose) else form


def _turned(form: Form) -> Form:
    return form.args[0] if isinstance(form, forms.Transpose) else form.T


def _is_sum_of_names(form: forms.Apply) -> bool:
    """Say whether a form is a sum of 1-D arrays by their names, each of which would be transposed when it is turned."""
    return form.op in ("add", "subtract") and all(
        isinstance(a, (forms.Name, forms.Adjoint)) and a.shape == form.shape for a in form.args
    )


def _works_along_axis(form: forms.Apply) -> bool:
    return isinstance(form.op, Function) and not form.op.entrywise


def _leads_with_number(form: Form) -> bool:
    """Return whether a form is a number times an array."""
    return isinstance(form, forms.Apply) and form.op == "multiply" and isinstance(form.args[0], forms.Number)


def _triangle(form: forms.Triangle) -> Piece:
    """Return a lower triangle of ones, with the condition on row i and column j below it."""
    if form.offset not in (0, -1) or form.shape[0] != form.shape[1]:
        raise NoMatrixNotation
    sign = RELATIONS["greater_equal" if form.offset == 0 else "greater"]
    return Piece(Script(Symbol(r"\mathbf{1}", "1"), row(symbol_of("i"), sign, symbol_of("j"))), ATOM)


def _filled(form: forms.Filled, side: str | None) -> Piece:
    if form.value == 0:
        return Piece(Symbol(r"\mathbf{0}", "0"))
    value = number_piece(form.value)
    if form.ndim == 1:
        return times(value, ones(side == "column"))
    n, m = form.shape
    found = value
    if n != 1:
        found = times(found, ones(True))
    if m != 1:
        found = times(found, ones(False))
    return found
