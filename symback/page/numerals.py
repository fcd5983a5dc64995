"""Formulas with numbers in them, as display trees: the numbers put in, what zeros leave of them, the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.display import EMPTY, EQUALS, TIMES, Fence, Grid, Infix, Node, Symbol, Under, row, separated, width
from symback.core.errors import PrintError, SymbackError
from symback.core.forms import Adjoint, Apply, Form, Name, relabel, shape_text, walk
from symback.engine.interpreter import evaluate
from symback.networks.network import NamedNetwork, Variable
from symback.page.context import Context
from symback.page.entries import written_out
from symback.page.pieces import NoMatrixNotation, Piece, decimal_piece, one_element
from symback.page.places import symbol_of
from symback.page.substitution import exact_value, number_line, rounded, scalar_form, shown_value, unfolded
from symback.page.typesetting import Typesetter

APPROXIMATELY = Infix(r"\approx", "≈", True)
ROWS, COLUMNS = 12, 8
"""The largest array that is printed number by number; of a larger one the first and the last lines are, with its shape."""
_FIRST = 3
"""So many lines stand before the dots in a larger array, and one behind them."""
_ENTRY_BY_ENTRY = 24.0
"""The widest array of formulas, in em."""
_TERMS = 8
"""A sum over entries is written out up to this number of entries."""


class Numerals:
    """Puts the values of one run into the formulas of one network.

    ``values`` maps names to what they hold, and ``∂z`` to the adjoint of ``z``; ``typed`` names the values that a
    person wrote, which are printed as typed where they are short.
    """

    def __init__(
        self,
        context: Context,
        network: NamedNetwork,
        values: Mapping[str, Any],
        typed: frozenset[str],
        digits: int,
    ) -> None:
        if not 1 <= digits <= 17:
            raise PrintError(f"digits is a number from 1 to 17, not {digits}")
        self.context = context
        self.values = {k: np.asarray(v, dtype=float) for k, v in values.items()}
        self.typed = typed
        self.digits = digits
        self.outputs: dict[Form, Form] = {e.form: forms.name(e.name, e.shape) for e in network.equations}
        self.sizes = _sizes(network.variables, self.values)

    def spelled_out(self, form: Form, calls: bool = True) -> Form:
        """Return the formula that numbers go into: derivatives of functions in terms of outputs, where they have some.

        In a scalar network ``calls`` are replaced by their definitions as well.
        """
        if self.context.scalar:
            return unfolded(scalar_form(form), self.outputs, calls)
        return unfolded(form, self.outputs, False)

    def stages(self, form: Form) -> list[Node]:
        """Return the sides that follow ``form``: with numbers, with zeros gone, and the value; signs in front.

        Raises PrintError for arrays that no page holds.
        """
        if self.context.scalar:
            values = {k: float(v.item()) for k, v in self.values.items()}
            return _line(self.spelled_out(form), values, self.typed, self.digits, self.context)
        return self._array(self.spelled_out(relabel(form, {}, self.sizes)))

    def _array(self, form: Form) -> list[Node]:
        with np.errstate(all="ignore"):
            true = np.asarray(evaluate(form, self.values))
        if true.ndim > 2:
            return []
        labels = list(
            dict.fromkeys(
                n.name if isinstance(n, Name) else "∂" + n.of for n in walk(form) if isinstance(n, (Name, Adjoint))
            )
        )
        for label in labels:
            self._check(label, self.values[label])
        if true.size == 1 and true.ndim == 0:
            written = self._written_out(form)
            if written is not None:
                return written
        if any(map(_is_large, (true, *(self.values[label] for label in labels)))):
            return [row(APPROXIMATELY, self.printed(true))]  # numbers of which most are left out would prove nothing
        result = _rounded(true, self.digits)
        shown = self._operands(form, labels, result)
        value = self._piece(result).whole()
        numbers = {label: self._piece(shown[label]) for label in labels}
        exact = exact_value(form, {k: _fractions(v) for k, v in shown.items()})
        same = exact is not None and bool(np.all(np.asarray(exact, dtype=object) == _fractions(result)))
        sign = EQUALS if same else APPROXIMATELY
        if any(isinstance(n, Apply) and n.op == "divide" and not one_element(n.args[1]) for n in walk(form)):
            # one array over another would be no notation of matrices: every entry is a fraction of its own
            substituted = self._by_entry(form, shown)
            if substituted is None:
                return [row(sign, value)]
        else:
            try:
                setter = Typesetter(replace(self.context, numbers=numbers))
                _, piece = setter.equation(lambda places: EMPTY, form)
            except NoMatrixNotation:
                return [row(sign, value)]
            substituted = piece.whole()
        return [row(sign, value)] if substituted == value else [row(EQUALS, substituted), row(sign, value)]

    def _by_entry(self, form: Form, shown: Mapping[str, np.ndarray]) -> Node | None:
        """Return an array of formulas, each with the numbers of its entry; None where that is too long to read."""
        arrays: dict[str, Any] = {}
        numbers: dict[str, Piece] = {}
        for label, value in shown.items():
            entries = np.empty(value.shape, dtype=object)
            for k, index in enumerate(np.ndindex(*value.shape)):
                entry = f"{label.replace('∂', 'adjoint_')}_{k}"
                numbers[entry] = decimal_piece(_plain(float(value[index])))
                entries[index] = forms.name(entry)
            arrays[label] = entries
        try:
            written = np.asarray(written_out(form, arrays, self.sizes), dtype=object)
        except SymbackError:
            return None
        setter = Typesetter(replace(self.context, scalar=True, numbers=numbers))
        lines = written if written.ndim == 2 else written[None, :] if self.context.rows else written[:, None]
        found = Grid(tuple(tuple(setter.form(f).whole() for f in line) for line in lines))
        return found if width(found) <= _ENTRY_BY_ENTRY else None

    def _check(self, label: str, value: np.ndarray) -> None:
        if value.ndim > 2:
            raise PrintError(f"{label} has shape {shape_text(value.shape)}: numbers are printed for at most two axes")

    def _operands(self, form: Form, labels: list[str], result: np.ndarray) -> dict[str, np.ndarray]:
        """Return the operands with the fewest digits for which the line gives the printed result."""
        shown: dict[str, np.ndarray] = {}
        for precision in range(self.digits, 18):
            shown = {k: _shown(self.values[k], k in self.typed, precision) for k in labels}
            with np.errstate(all="ignore"):
                if np.array_equal(_rounded(np.asarray(evaluate(form, shown)), self.digits), result):
                    break
        return shown

    def printed(self, value: np.ndarray) -> Node:
        """Return an array of at most two axes as it is printed, rounded; of a large one the first and last lines, with its shape."""
        if not _is_large(value):
            return self._piece(_rounded(value, self.digits)).whole()
        lines = value if value.ndim == 2 else value[None, :] if self.context.rows else value[:, None]
        kept = [_kept(length) for length in lines.shape]
        cells = tuple(tuple(self._cell(lines, i, j) for j in kept[1]) for i in kept[0])
        shape = separated([symbol_of(str(length)) for length in lines.shape], TIMES)
        return Under(Grid(cells), Fence(shape))

    def _cell(self, lines: np.ndarray, i: int | None, j: int | None) -> Node:
        """Return a number, or dots in the place of those that are left out."""
        if i is not None and j is not None:
            return decimal_piece(_plain(rounded(float(lines[i, j]), self.digits))).whole()
        return _DOTS[i is None, j is None]

    def _piece(self, value: np.ndarray) -> Piece:
        """Return an array of numbers in brackets; an array of one number is that number."""
        if value.size == 1:
            return decimal_piece(_plain(value.item()))
        if value.ndim == 1:
            value = value[None, :] if self.context.rows else value[:, None]
        rows = tuple(tuple(decimal_piece(_plain(v)).whole() for v in line) for line in value.tolist())
        return Piece(Grid(rows), starts="item", ends="item")

    def _written_out(self, form: Form) -> list[Node] | None:
        """Return the line of a number that is summed from entries, with the sum written out, where it is short."""
        arrays: dict[str, Any] = {}
        values: dict[str, float] = {}
        for node in walk(form):
            if isinstance(node, (Name, Adjoint)):
                label = node.name if isinstance(node, Name) else "∂" + node.of
                value = self.values[label]
                if value.size > _TERMS:
                    return None
                entries = np.empty(value.shape, dtype=object)
                for k, index in enumerate(np.ndindex(*value.shape)):
                    entries[index] = forms.name(f"{label.replace('∂', 'adjoint_')}_{k}")
                    values[f"{label.replace('∂', 'adjoint_')}_{k}"] = float(value[index])
                arrays[label] = entries
        try:
            written = np.asarray(written_out(form, arrays, self.sizes), dtype=object).item()
        except SymbackError:
            return None
        typed = frozenset(k for k in values if k.rpartition("_")[0] in self.typed)
        return _line(unfolded(scalar_form(written), {}), values, typed, self.digits, replace(self.context, scalar=True))


def _line(form: Form, values: Mapping[str, float], typed: frozenset[str], digits: int, context: Context) -> list[Node]:
    """Return the sides of a line of single numbers."""
    line = number_line(form, values, typed, digits)
    setter = Typesetter(replace(context, numbers={}))
    result = decimal_piece(line.result).whole()
    shown = [setter.form(f).whole() for f in (line.substituted, line.simplified) if f is not None]
    shown = [node for k, node in enumerate(shown) if node != result and node not in shown[:k]]
    return [*(row(EQUALS, node) for node in shown), row(EQUALS if line.exact else APPROXIMATELY, result)]


def _sizes(variables: Mapping[str, Variable], values: Mapping[str, np.ndarray]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for variable in variables.values():
        if variable.name in values:
            for s, length in zip(variable.shape, values[variable.name].shape, strict=True):
                if not isinstance(s, int):
                    found[s] = length
    return found


def _rounded(value: np.ndarray, digits: int) -> np.ndarray:
    return np.asarray(np.vectorize(lambda v: rounded(float(v), digits), otypes=[float])(value))


def _shown(value: np.ndarray, typed: bool, precision: int) -> np.ndarray:
    return np.asarray(np.vectorize(lambda v: shown_value(float(v), typed, precision), otypes=[float])(value))


def _fractions(value: np.ndarray) -> Any:
    found = np.empty(np.shape(value), dtype=object)
    for index in np.ndindex(*np.shape(value)):
        found[index] = Fraction(repr(float(value[index])))
    return found


_DOTS = {
    (True, False): Symbol(r"\vdots", "⋮"),
    (False, True): Symbol(r"\cdots", "⋯"),
    (True, True): Symbol(r"\ddots", "⋱"),
}


def _is_large(value: np.ndarray) -> bool:
    """Return whether an array is too large to be printed number by number."""
    rows, columns = (1, 1, *value.shape)[-2:]
    return bool(min(rows, columns) > 0 and (max(rows, columns) > ROWS or min(rows, columns) > COLUMNS))


def _kept(length: int) -> list[int | None]:
    """Return the lines that are printed, None for the dots."""
    return [*range(length)] if length <= COLUMNS else [*range(_FIRST), None, length - 1]


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 1e15 else value
