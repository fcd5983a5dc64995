"""Formulas with numbers in them, as display trees: the numbers put in, what zeros leave of them, the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.display import (
    EMPTY,
    EQUALS,
    ODOT,
    TIMES,
    Fence,
    Grid,
    Infix,
    Node,
    Row,
    Symbol,
    Under,
    row,
    separated,
    width,
)
from symback.core.errors import PrintError, SymbackError
from symback.core.forms import (
    Adjoint,
    Apply,
    Form,
    Function,
    Get,
    Matmul,
    Name,
    Number,
    Reduce,
    SizeOf,
    names_in,
    relabel,
    substitute,
    walk,
)
from symback.engine.interpreter import evaluate
from symback.networks.network import NamedNetwork, Variable
from symback.page.context import Context
from symback.page.entries import written_out
from symback.page.pieces import NoMatrixNotation, Piece, decimal_piece, one_element
from symback.page.places import symbol_of
from symback.page.substitution import (
    exact_value,
    number_line,
    put_in,
    rounded,
    rounded_array,
    rounded_entries,
    scalar_form,
    shown_value,
    unfolded,
)
from symback.page.typesetting import Typesetter

APPROXIMATELY = Infix(r"\approx", "≈", True)
ROWS, COLUMNS = 12, 8
"""The largest array that is printed number by number; of a larger one the first and the last lines are, with its shape."""
_FIRST = 3
"""So many lines stand before the dots in a larger array, and one behind them."""
_ENTRY_BY_ENTRY = 24.0
"""The widest array of formulas, in em."""
_TERMS = 8
_LONG_SUM = 100.0
"""A sum that is written out and longer than this, in em, has one number for each sample instead."""
_LONG, _NEARLY = 15.0, 0.85
"""Lines longer than this, in em, are not printed a second time where that saves less than the rest of this share."""
_AGAIN = 4
"""The numbers of an array of more entries are not printed again as the argument of a function."""
"""A sum over entries is written out up to this number of entries."""

_NOISE = 8
"""Below this many roundings of its largest term a sum is 0."""


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
        self.parts: dict[str, Form] = {}
        self.kept: dict[str, Piece] = {}
        """Numbers that stay in front of an array though they are 1."""

    def spelled_out(self, form: Form, calls: bool = True) -> Form:
        """Return the formula that numbers go into: derivatives of functions in terms of outputs, where they have some.

        In a scalar network ``calls`` are replaced by their definitions as well.
        """
        if self.context.scalar:
            return unfolded(scalar_form(form), self.outputs, calls)
        return unfolded(form, self.outputs, False)

    def stages(self, form: Form, context: Context | None = None) -> list[Node]:
        """Return the sides that follow ``form``: with numbers, with zeros gone, and the value; signs in front.

        Names that stay are printed as in ``context``. Raises PrintError for arrays that no page holds.
        """
        if self.context.scalar:
            values = {k: float(v.item()) for k, v in self.values.items()}
            return sides_of_line(self.spelled_out(form), values, self.typed, self.digits, self.context)
        return self._array(self._with_parts(self.spelled_out(relabel(form, {}, self.sizes))), context or self.context)

    def given(self, label: str, value: float) -> Form:
        """Return a leaf for a number that a person gave and that is no name of the network; it is printed even where it is 1."""
        self.values[label] = np.asarray(value, float)
        self.typed |= {label}
        piece = decimal_piece(value)
        self.kept[label] = replace(piece, node=Row((piece.node,)))
        return forms.name(label)

    def _with_parts(self, form: Form) -> Form:
        """Return a form with a leaf of its own for every part of an array, as x_1, whose numbers are only those of the part."""

        def change(node: Form) -> Form | None:
            if not isinstance(node, Get) or not isinstance(node.args[0], (Name, Adjoint)) or node.ndim > 2:
                return None
            label = f"{_label(node.args[0])}[{node.index}]"
            if label not in self.parts:
                with np.errstate(all="ignore"):
                    self.values[label] = np.asarray(evaluate(node, self.values), float)
                self.parts[label] = node
                if _label(node.args[0]) in self.typed:
                    self.typed |= {label}
            return forms.name(label, node.shape)

        return substitute(form, change)

    def _array(self, form: Form, context: Context) -> list[Node]:
        true = self._true(form)
        if len(_long(true)) > 2:
            return []
        labels = list(dict.fromkeys(label for n in walk(form) if (label := _label(n))))
        if any(v.ndim > 2 for v in (true, *(self.values[label] for label in labels))):
            # more axes than an array of numbers has: the value alone, without the axes of length 1
            near = np.allclose(rounded_array(true, self.digits), true, rtol=1e-14, atol=0)
            exact = near and not _is_large(_flat(true))
            return [row(EQUALS if exact else APPROXIMATELY, self.printed(true))]
        if true.size == 1 and true.ndim == 0:
            written = self._written_out(form)
            if written is None or sum(map(width, written)) > _LONG_SUM:
                # one number for each sample, where there are samples; else what was written out, up to a few lines
                written = self._by_samples(form) or (written if written and len(written) == 1 else None)
            if written is not None:
                return written
        if any(map(_is_large, (true, *(self.values[label] for label in labels)))):
            return [row(APPROXIMATELY, self.printed(true))]  # numbers of which most are left out would prove nothing
        result = rounded_array(true, self.digits)
        shown, precision = self._operands(form, labels, result)
        printed = rounded_entries(true, self.digits)
        if _is_call_of_names(form) and result.size > _AGAIN:
            same = _are_alike(result, true)
            return [row(EQUALS if same else APPROXIMATELY, self._piece(printed).whole())]
        if self._is_crowded(form, labels, shown):
            return self._by_name(form, labels, true, context)
        value = self._piece(printed).whole()
        entries = {k: _shown_entries(self.values[k], k in self.typed, precision) for k in labels}
        numbers = {label: self.kept.get(label) or self._piece(entries[label]) for label in labels}
        exact = exact_value(form, {k: _fractions(v) for k, v in shown.items()})
        same = exact is not None and bool(np.all(np.asarray(exact, dtype=object) == _fractions(result)))
        sign = EQUALS if same else APPROXIMATELY
        if _divides_by_array(form):
            # one array over another would be no notation of matrices: every entry is a fraction of its own
            substituted = self._by_entry(form, entries)
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

    def _true(self, form: Form) -> np.ndarray:
        with np.errstate(all="ignore"):
            return settled(form, evaluate(form, self.values), self.values)

    def is_exact(self, label: str) -> bool:
        """Say whether a value is printed without rounding."""
        value = self.values[label]
        return bool(np.array_equal(_shown(value, label in self.typed, self.digits), value))

    def _is_crowded(self, form: Form, labels: Sequence[str], shown: Mapping[str, np.ndarray]) -> bool:
        """Say whether a line reads better with names: matrices of rounded numbers in a sum, or numbers of many digits."""
        rounded_off = [label for label in labels if self.values[label].size > 1 and not self.is_exact(label)]
        if any(not np.array_equal(_shown(shown[k], False, self.digits + 1), shown[k]) for k in rounded_off):
            return True
        return _adds_up(form) and any(min((1, 1, *self.values[k].shape)[-2:]) > 1 for k in rounded_off)

    def _by_name(self, form: Form, labels: Sequence[str], true: np.ndarray, context: Context) -> list[Node]:
        """Return the sides of a line that keeps the names of rounded arrays: exact ones put in, or its factors, and the value."""
        value = self._piece(rounded_entries(true, self.digits)).whole()
        factors = self._factors(form, true)
        if factors is not None:
            return factors
        if _divides_by_array(form):
            return [row(APPROXIMATELY, value)]
        numbers = {
            label: self._piece(_shown_entries(self.values[label], label in self.typed, self.digits))
            for label in labels
            if self.is_exact(label)
        }
        if not any(self.values[label].size > 1 for label in numbers):
            return [row(APPROXIMATELY, value)]
        names = Typesetter(replace(context, shapes=False))
        kept = {label: n for n in walk(form) if (label := _label(n)) and label not in numbers}
        numbers |= {label: names.form(self.parts.get(label, n)) for label, n in kept.items()}
        try:
            setter = Typesetter(replace(self.context, numbers=numbers))
            _, piece = setter.equation(lambda places: EMPTY, form)
        except NoMatrixNotation:
            return [row(APPROXIMATELY, value)]
        return [row(EQUALS, piece.whole()), row(APPROXIMATELY, value)]

    def _factors(self, form: Form, true: np.ndarray) -> list[Node] | None:
        """Return an entrywise product of two arrays as that of their values, and the value; None for another form."""
        if not isinstance(form, Apply) or form.op != "multiply" or any(a.shape != form.shape for a in form.args):
            return None
        names, result = ["left", "right"], rounded_array(true, self.digits)
        with np.errstate(all="ignore"):
            values = {n: np.asarray(evaluate(a, self.values), float) for n, a in zip(names, form.args, strict=True)}
        product = forms.apply("multiply", *(forms.name(n, v.shape) for n, v in values.items()))
        for precision in (self.digits, self.digits + 1):
            entries = {n: _shown_entries(v, False, precision) for n, v in values.items()}
            shown = {n: v.astype(float) for n, v in entries.items()}
            with np.errstate(all="ignore"):
                again = np.asarray(evaluate(product, shown))
            if np.array_equal(rounded_array(again, self.digits), result):
                break
        else:
            return None
        exact = all(np.array_equal(shown[n], values[n]) for n in names)
        whole = np.array_equal(_fractions(again), _fractions(result)) and np.allclose(again, result, rtol=1e-14, atol=0)
        printed = row(self._piece(entries["left"]).whole(), ODOT, self._piece(entries["right"]).whole())
        return [
            row(EQUALS if exact else APPROXIMATELY, printed),
            row(EQUALS if whole else APPROXIMATELY, self._piece(rounded_entries(true, self.digits)).whole()),
        ]

    def one_entry(self, form: Form) -> tuple[tuple[int, ...], list[Node]] | None:
        """Return the largest entry of a line that keeps names, and its sides in numbers; None where every entry is there."""
        form = self._with_parts(self.spelled_out(relabel(form, {}, self.sizes)))
        if self.context.scalar or not _adds_up(form) or any(not n.of for n in walk(form) if isinstance(n, Adjoint)):
            return None
        labels = list(dict.fromkeys(label for n in walk(form) if (label := _label(n))))
        true = self._true(form)
        if true.ndim > 2 or true.size < 2 or not np.any(true) or any(self.values[k].ndim > 2 for k in labels):
            return None
        if any(map(_is_large, (true, *(self.values[k] for k in labels)))):
            return None
        result = rounded_array(true, self.digits)
        if not self._is_crowded(form, labels, self._operands(form, labels, result)[0]):
            return None
        if self._factors(form, true) is not None:
            return None
        entry = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.abs(true))), true.shape))
        sides = self._entry_line(form, entry)
        return None if sides is None else (entry, sides)

    def _entry_line(self, form: Form, entry: tuple[int, ...]) -> list[Node] | None:
        """Return the sides of one entry in numbers; None where it is a sum of many terms."""
        arrays: dict[str, Any] = {}
        values: dict[str, float] = {}
        for label in dict.fromkeys(label for n in walk(form) if (label := _label(n))):
            value = self.values[label]
            entries = np.empty(value.shape, dtype=object)
            for k, index in enumerate(np.ndindex(*value.shape)):
                own = f"{label.replace('∂', 'adjoint_')}_{k}"
                entries[index] = forms.name(own)
                values[own] = float(value[index])
            arrays[label] = entries
        try:
            written = np.asarray(written_out(form, arrays, self.sizes), dtype=object)[entry]
        except SymbackError:
            return None
        line = unfolded(scalar_form(written), {})
        if len(names_in(line)) > 2 * _TERMS:
            return None
        typed = frozenset(k for k in values if k.rpartition("_")[0] in self.typed)
        sides = sides_of_line(line, values, typed, self.digits, replace(self.context, scalar=True))
        return [*sides[:1], *sides[-1:]] if len(sides) > 1 else None

    def _by_entry(self, form: Form, shown: Mapping[str, np.ndarray]) -> Node | None:
        """Return an array of formulas, each with the numbers of its entry; None where that is too long to read.

        A number in front of all entries stays in front of the array, as in −1/4 [y/a], so that no entry is a fraction
        beside a fraction.
        """
        whole, form = form, _without_number(form)
        arrays: dict[str, Any] = {}
        numbers: dict[str, float] = {}
        for label, value in shown.items():
            entries = np.empty(value.shape, dtype=object)
            for k, index in enumerate(np.ndindex(*value.shape)):
                entry = f"{label.replace('∂', 'adjoint_')}_{k}"
                numbers[entry] = value.item(index)
                entries[index] = forms.name(entry)
            arrays[label] = entries
        try:
            written = np.asarray(written_out(form, arrays, self.sizes), dtype=object)
        except SymbackError:
            return None
        setter = Typesetter(replace(self.context, scalar=True, numbers={}))
        lines = written if written.ndim == 2 else written[None, :] if self.context.rows else written[:, None]
        cells = [[_zero_or(put_in(f, numbers)) for f in line] for line in lines]
        found: Node = Grid(tuple(tuple(setter.form(f).whole() for f in line) for line in cells))
        if whole is not form:
            leaf = forms.name("entries", form.shape)
            numbered = replace(self.context, numbers={leaf.name: Piece(found, starts="item", ends="item")})
            whole = substitute(whole, lambda node: leaf if node is form else None)
            found = Typesetter(numbered).equation(lambda places: EMPTY, whole)[1].whole()
        return found if width(found) <= _ENTRY_BY_ENTRY else None

    def _operands(self, form: Form, labels: list[str], result: np.ndarray) -> tuple[dict[str, np.ndarray], int]:
        """Return the operands with the fewest digits for which the line gives the printed result, and how many digits."""
        shown, precision = dict[str, np.ndarray](), self.digits
        for precision in range(self.digits, 18):
            shown = {k: _shown(self.values[k], k in self.typed, precision) for k in labels}
            with np.errstate(all="ignore"):
                if np.array_equal(rounded_array(np.asarray(evaluate(form, shown)), self.digits), result):
                    break
        return shown, precision

    def printed(self, value: np.ndarray) -> Node:
        """Return an array of at most two axes as it is printed, rounded; of a large one the first and last lines, with its shape."""
        value = _flat(value)
        if not _is_large(value):
            return self._piece(rounded_entries(value, self.digits)).whole()
        lines = value if value.ndim == 2 else value[None, :] if self.context.rows else value[:, None]
        kept = [_kept(length) for length in lines.shape]
        cells = tuple(tuple(self._cell(lines, i, j) for j in kept[1]) for i in kept[0])
        shape = separated([symbol_of(str(length)) for length in lines.shape], TIMES)
        return Under(Grid(cells), Fence(shape))

    def _cell(self, lines: np.ndarray, i: int | None, j: int | None) -> Node:
        """Return a number, or dots in the place of those that are left out."""
        if i is not None and j is not None:
            return decimal_piece(rounded(float(lines[i, j]), self.digits)).whole()
        return _DOTS[i is None, j is None]

    def _piece(self, value: np.ndarray) -> Piece:
        """Return an array of numbers in brackets; an array of one number is that number."""
        if value.size == 1:
            return decimal_piece(value.item())
        if value.ndim == 1:
            value = value[None, :] if self.context.rows else value[:, None]
        rows = tuple(tuple(decimal_piece(v).whole() for v in line) for line in value.tolist())
        return Piece(Grid(rows), starts="item", ends="item")

    def sample_sums(self, form: Form) -> tuple[Form, np.ndarray] | None:
        """Return the sum in a formula of one number, and what each row of what it adds up gives; None for another form.

        Signs and numbers in front of the sum do not count.
        """
        while (inner := _scaled(form)) is not None:
            form = inner
        if (
            not isinstance(form, Reduce)
            or form.kind not in ("sum", "mean")
            or form.shape != ()
            or form.args[0].ndim > 2
        ):
            return None
        with np.errstate(all="ignore"):
            body = np.asarray(evaluate(form.args[0], self.values, self.sizes), float)
        sums = body.reshape(body.shape[0], -1).sum(axis=1) if body.ndim else body
        return (form, sums) if body.ndim and 2 <= sums.size <= _TERMS and np.all(np.isfinite(sums)) else None

    def _by_samples(self, form: Form) -> list[Node] | None:
        """Return the line of a sum over many entries with one number for each row."""
        found = self.sample_sums(form)
        if found is None:
            return None
        node, sums = found
        assert isinstance(node, Reduce)
        factor = float(np.asarray(evaluate(form, self.values)).item()) / float(sums.sum()) if sums.any() else 1.0
        turned = factor < 0 and bool(np.all(sums <= 0))
        names = {f"row_{k}": float(-v if turned else v) for k, v in enumerate(sums)}
        added: Form = forms.name("row_0")
        for name in list(names)[1:]:
            added = forms.apply("add", added, forms.name(name))
        factor = abs(factor) if turned else factor
        count = round(1 / factor) if abs(factor) < 1 else 0
        if count and abs(count * factor - 1) < 1e-12:
            line = forms.apply("divide", added, forms.number(count))
        elif factor == 1:
            line = added
        else:
            line = forms.apply("multiply", forms.number(rounded(factor, 12)), added)
        return sides_of_line(line, names, frozenset(), self.digits, replace(self.context, scalar=True))

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
        return sides_of_line(
            unfolded(scalar_form(written), {}), values, typed, self.digits, replace(self.context, scalar=True)
        )


def settled(form: Form, value: Any, values: Mapping[str, Any]) -> np.ndarray:
    """Return the value of a sum or product with 0 for every entry that is nothing but rounding: its terms cancel."""
    found = np.array(value, dtype=float)
    inner = form
    while isinstance(inner, Apply) and inner.op in ("multiply", "divide", "negative"):
        arrays = [a for a in inner.args if a.shape == found.shape]
        if len(arrays) != 1:
            break
        inner = arrays[0]
    adds = isinstance(inner, Reduce) and inner.kind == "sum"
    cancels = adds or isinstance(inner, Matmul) or (isinstance(inner, Apply) and inner.op in ("add", "subtract"))
    if not cancels or inner.shape != found.shape or not np.all(np.isfinite(found)):
        return found
    with np.errstate(all="ignore"):
        sizes = [np.abs(np.asarray(evaluate(a, values), float)) for a in inner.args]
        if isinstance(inner, Reduce):
            bound = sizes[0].sum(axis=inner.axes).reshape(found.shape)
        else:
            bound = sizes[0] @ sizes[1] if isinstance(inner, Matmul) else sizes[0] + sizes[1]
        own = np.abs(np.asarray(evaluate(inner, values), float))
    noise = (own < _NOISE * np.finfo(float).eps * bound) & (np.shape(bound) == found.shape)
    return np.where(noise, 0.0, found)


def sides_of_line(
    form: Form, values: Mapping[str, float], typed: frozenset[str], digits: int, context: Context
) -> list[Node]:
    """Return the sides of a line of single numbers: the numbers put in, what zeros leave of them, the value."""
    line = number_line(form, values, typed, digits)
    setter = Typesetter(replace(context, numbers={}))
    result = decimal_piece(line.result).whole()
    shown = [setter.form(f).whole() for f in (line.substituted, line.simplified) if f is not None]
    if len(shown) == 2 and width(shown[0]) > _LONG and width(shown[1]) > _NEARLY * width(shown[0]):
        del shown[1]  # a long line again, but for 0 - 1, says nothing new
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


def _shown(value: np.ndarray, typed: bool, precision: int) -> np.ndarray:
    return _shown_entries(value, typed, precision).astype(float)


def _shown_entries(value: np.ndarray, typed: bool, precision: int) -> np.ndarray:
    """Return what is printed of an array; each entry knows whether it is rounded."""
    return np.asarray(np.vectorize(lambda v: shown_value(float(v), typed, precision), otypes=[object])(value))


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


def _zero_or(form: Form) -> Form:
    """Return 0 for a formula of numbers that is 0, else the formula."""
    return forms.number(0) if exact_value(form) == 0 else form


def _label(node: Form) -> str:
    """Return the label of the value of a leaf."""
    return node.name if isinstance(node, Name) else "∂" + node.of if isinstance(node, Adjoint) else ""


def _without_number(form: Form) -> Form:
    """Return what a number stands in front of; the form itself where that is a sign at most.

    >>> y = forms.name("y", (3,))
    >>> _without_number(-(y / y) / 4), _without_number(-(y / y))
    (y / y, -(y / y))
    """
    inner, numbered = form, False
    while (below := _scaled(inner)) is not None:
        inner, numbered = below, numbered or len(inner.args) > 1
    return inner if numbered and inner.shape == form.shape else form


def _scaled(form: Form) -> Form | None:
    """Return what a form is a multiple of, by a sign or a number; None for another form."""
    if not isinstance(form, Apply) or form.op not in ("negative", "multiply", "divide"):
        return None
    others = [a for a in form.args if not isinstance(a, (Number, SizeOf))]
    return others[0] if len(others) == 1 and not (form.op == "divide" and others[0] is form.args[1]) else None


def _is_call_of_names(form: Form) -> bool:
    """Say whether a form is a function of arrays that have lines of their own."""
    called = isinstance(form, Apply) and isinstance(form.op, Function)
    return called and all(isinstance(a, Name) for a in form.args)


def _are_alike(shown: np.ndarray, value: np.ndarray) -> bool:
    """Say whether printed numbers are the values, but for the rounding of sums in the last of all digits."""
    return bool(np.allclose(shown, value, rtol=1e-14, atol=0))


def _divides_by_array(form: Form) -> bool:
    return any(isinstance(n, Apply) and n.op == "divide" and not one_element(n.args[1]) for n in walk(form))


def _adds_up(form: Form) -> bool:
    """Say whether an entry of a form is a sum over entries of what it reads."""
    return any(
        isinstance(n, (Matmul, Reduce)) or (isinstance(n, Apply) and isinstance(n.op, Function) and not n.op.entrywise)
        for n in walk(form)
    )


def _long(value: np.ndarray) -> tuple[int, ...]:
    """Return the lengths of the axes that are longer than 1."""
    return tuple(n for n in value.shape if n != 1)


def _flat(value: np.ndarray) -> np.ndarray:
    """Return an array of more than two axes without those of length 1, where two or fewer are left."""
    return value.reshape(_long(value)) if value.ndim > 2 and len(_long(value)) <= 2 else value


def _is_large(value: np.ndarray) -> bool:
    """Return whether an array is too large to be printed number by number."""
    rows, columns = (1, 1, *value.shape)[-2:]
    return bool(min(rows, columns) > 0 and (max(rows, columns) > ROWS or min(rows, columns) > COLUMNS))


def _kept(length: int) -> list[int | None]:
    """Return the lines that are printed, None for the dots."""
    return [*range(length)] if length <= COLUMNS else [*range(_FIRST), None, length - 1]
