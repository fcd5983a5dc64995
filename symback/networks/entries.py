"""Index notation in SymPy's own terms: entries of Indexed and of MatrixSymbols, Sum with any limits, Kronecker's delta.

A letter runs over the axis that it reads. Which numbers it has there, 0 … n−1 or the textbook's 1 … n, is told by the ranges of
the sums: an axis of n entries whose letters reach n counts from 1. Limits that depend on another letter are a sum over
the whole axis of what the comparison of the two letters lets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from symback.core.errors import DerivationError, NetworkError
from symback.core.forms import Form, Shape, Size, size, substitute
from symback.core.forms import name as make_name
from symback.engine.calculus import Term, target_axes
from symback.engine.elements import Access, Index, Indicator, fresh, lower, total
from symback.engine.recognition import recognize
from symback.networks.folding import columns_whole

Bounds = tuple[Any, Any]
"""The least and the greatest number that a letter or an index has."""


class Names(Protocol):
    """What index notation asks of the reader of equations."""

    text: str

    def leaf_of(self, symbol: Any, shape: Shape) -> tuple[str, Form]:
        """Return the name and the Form of a symbol, an IndexedBase or a MatrixSymbol."""

    def known_shape(self, base: Any) -> Shape | None:
        """Return the shape that a base has by itself, by ``shapes=`` or by its equation; None where nothing says it."""

    def convert(self, e: Any) -> Form:
        """Return an expression without letters as a Form."""

    def converted(self, e: Any, known: Mapping[Any, Form]) -> Form:
        """Return an expression as a Form, in which some symbols stand for Forms."""

    def is_size(self, symbol: Any) -> bool:
        """Return whether a symbol is the length of an axis."""


@dataclass
class _Use:
    """What the indices at one position of one base are in all equations: their bounds, and the sizes that letters have there."""

    bounds: list[Bounds] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    by_zero: bool = False
    """True for MatrixSymbols, whose entries SymPy counts from 0 unless a sum runs over 1 … n."""


def is_entry(e: Any) -> bool:
    """Return whether an expression is an entry of an array, in SymPy's own terms."""
    return isinstance(e, (sp.Indexed, MatrixElement))


def base_of(node: Any) -> Any:
    """Return the IndexedBase or the matrix expression of an entry."""
    return node.base if isinstance(node, sp.Indexed) else node.parent


def _label(base: Any) -> str:
    return str(getattr(base, "label", base))


def _plain(e: Any) -> Any:
    """Return an expression of sizes in the symbols that sizes have here."""
    e = sp.sympify(e)
    return sp.expand(e.xreplace({s: size(str(s)) for s in e.free_symbols if isinstance(s, sp.Symbol)}))


class Ranges:
    """From where the indices at each position of each base count, and how long its axes are."""

    def __init__(self, names: Names, pairs: Sequence[tuple[Any, Any]]) -> None:
        self.names = names
        self.uses: dict[tuple[str, int], _Use] = {}
        for left, right in pairs:
            letters: dict[Any, Bounds | None] = {}
            if isinstance(left, sp.Indexed):
                letters = {i: None for i in left.indices if not sp.sympify(i).is_number}
            for node, inside in _entries(right, letters):
                self._note(node, inside)
            for node, inside in _entries(left, letters) if isinstance(left, sp.Indexed) else ():
                self._note(node, inside)

    def _note(self, node: Any, letters: Mapping[Any, Bounds | None]) -> None:
        for position, index in enumerate(node.indices):
            use = self.uses.setdefault(
                (_label(base_of(node)), position), _Use(by_zero=not isinstance(node, sp.Indexed))
            )
            found = _bounds(sp.sympify(index), letters)
            if found is None:
                continue
            (use.constants if sp.sympify(index).is_number else use.bounds).append(found)

    def origin(self, base: Any, position: int) -> int:
        """Return the number of the first entry along an axis of a base: 0, or 1 where its letters run to its length."""
        known = self.names.known_shape(base)
        uses = [(place, use) for (label, place), use in self.uses.items() if label == _label(base)]
        ends = [(place, *ends) for place, use in uses for ends in use.bounds]
        # a column has the index 0 beside those that count
        ends += [(place, *e) for place, use in uses for e in use.constants if known is None or known[place] != 1]
        if any(low == 0 for _, low, _ in ends):
            return 0
        if known is not None:
            return int(any(_plain(known[place]) == high for place, _, high in ends) and known[position] != 1)
        return int(any(low == 1 for _, low, _ in ends) and not any(use.by_zero for _, use in uses))

    def shape(self, base: Any, letters: Mapping[Any, Any] | None = None) -> Shape:
        """Return the shape of a base: its own, or what the ranges of its letters say."""
        known = self.names.known_shape(base)
        if known is not None:
            return known
        rank = 1 + max(position for label, position in self.uses if label == _label(base))
        return tuple(self._length(base, position) for position in range(rank))

    def _length(self, base: Any, position: int) -> Size:
        use = self.uses[_label(base), position]
        origin = self.origin(base, position)
        high = _largest([high for _, high in use.bounds])
        if high is not None and any(low == origin for low, _ in use.bounds):
            length = sp.expand(high + 1 - origin)
            if length.is_Integer or length.is_Symbol:
                return int(length) if length.is_Integer else size(str(length))
        raise NetworkError(
            f"in {self.names.text}: the shape of {_label(base)} is unknown; "
            f"use IndexedBase({_label(base)!r}, shape=...) or shapes="
        )


def _outermost_entries(e: Any, letters: Mapping[Any, Any]) -> Iterator[Any]:
    """Yield the parts of an expression that need index notation: entries, sums, deltas, symbols."""
    if is_entry(e) or isinstance(e, (sp.Sum, sp.KroneckerDelta, sp.Symbol)) or e in letters:
        yield e
        return
    for child in getattr(e, "args", ()):
        if isinstance(child, sp.Basic):
            yield from _outermost_entries(child, letters)


def _entries(e: Any, letters: Mapping[Any, Bounds | None]) -> Iterator[tuple[Any, Mapping[Any, Bounds | None]]]:
    """Yield the entries in an expression with the letters that run there, and their bounds."""
    if isinstance(e, sp.Sum):
        inner = dict(letters)
        for letter, *limits in reversed(e.limits):
            inner[letter] = _range_of(letter, limits, inner)
        yield from _entries(e.function, inner)
        return
    if is_entry(e):
        yield e, letters
    for child in getattr(e, "args", ()):
        if isinstance(child, sp.Basic):
            yield from _entries(child, letters)


def _range_of(letter: Any, limits: Sequence[Any], letters: Mapping[Any, Bounds | None]) -> Bounds | None:
    if len(limits) != 2:
        return None
    low, high = (_bounds(limit, letters) for limit in limits)
    return None if low is None or high is None else (low[0], high[1])


def _bounds(index: Any, letters: Mapping[Any, Bounds | None]) -> Bounds | None:
    """Return the least and the greatest value of a linear expression in letters; None where it is not known."""
    read = [letter for letter in letters if index.has(letter)]
    if any(letters[letter] is None for letter in read) or index.atoms(sp.Indexed, MatrixElement):
        return None
    low = high = index
    for letter in read:
        step = sp.expand(index).coeff(letter)
        first, last = letters[letter]  # type: ignore[misc]
        if not step.is_number or sp.expand(index - step * letter).has(letter):
            return None
        low, high = low.subs(letter, first if step > 0 else last), high.subs(letter, last if step > 0 else first)
    return _plain(low), _plain(high)


def _largest(values: Sequence[Any]) -> Any:
    """Return the largest of expressions that differ by numbers; None where they do not, or there are none."""
    found = None
    for value in values:
        step = sp.S.One if found is None else sp.expand(value - found)
        if not step.is_number:
            return None
        found = value if step > 0 else found
    return found


class Entries:
    """Reads expressions in index notation as Forms; every Form is proved equal to the entries it was read from."""

    def __init__(self, names: Names, ranges: Ranges) -> None:
        self.names = names
        self.ranges = ranges
        self.parts: dict[Form, Form] = {}
        """What names stand for in the entries that are being read."""

    def scalar(self, e: Any) -> Form:
        """Return a number: a sum over letters, or one entry."""
        return self._read(e, {}, ())

    def equation(self, left: Any, right: Any) -> Form:
        """Return the array of the right side, over the letters of the left one."""
        axes = target_axes(self._shape_of_left(left, right))
        values = {
            letter: axis + self.ranges.origin(left.base, position)
            for position, (letter, axis) in enumerate(zip(left.indices, axes, strict=True))
        }
        return self._read(right, values, axes)

    def _shape_of_left(self, left: Any, right: Any) -> Shape:
        known = self.names.known_shape(left.base)
        found: dict[Any, Size] = {} if known is None else dict(zip(left.indices, known, strict=True))
        for node, _ in _entries(right, {}):
            for position, letter in enumerate(node.indices):
                if letter in left.indices and letter not in found:
                    found[letter] = self.ranges.shape(base_of(node))[position]
        missing = [str(i) for i in left.indices if i not in found]
        if missing:
            raise NetworkError(f"in {self.names.text}: the range of {', '.join(missing)} is unknown; give shapes=")
        return tuple(found[i] for i in left.indices)

    def _read(self, e: Any, values: Mapping[Any, Any], axes: Sequence[Index]) -> Form:
        leaves: dict[str, Form] = {}
        outer, self.parts = self.parts, {}
        expression = self._visit(e, values, leaves)
        what = f"in {self.names.text}"
        shape = tuple(a.size for a in axes)
        try:
            found = recognize([Term(expression, (), tuple(axes))], axes, shape, leaves, what)
            return columns_whole(substitute(found, self.parts.get))
        except DerivationError as error:
            raise NetworkError(f"{what}: no array formula was found for it ({error})") from None
        finally:
            self.parts = outer

    def _visit(self, node: Any, values: Mapping[Any, Any], leaves: dict[str, Form]) -> Any:
        """Return one entry of an expression, where letters have the values given."""
        if node.has(sp.MatrixExpr) and not node.has(sp.Sum, sp.Indexed, MatrixElement):
            label, stands = self._part(node)  # a number that needs no letters: a trace, a determinant
            leaves[label] = stands
            return Access(label)
        if is_entry(node):
            return self._entry(node, values, leaves)
        if isinstance(node, sp.Sum):
            return self._sum(node, values, leaves)
        if isinstance(node, sp.KroneckerDelta):
            first, second = (self._place(a, values) for a in node.args[:2])
            return Indicator("equal", first, second)
        if node in values:
            return values[node]
        if isinstance(node, sp.Symbol):
            if self.names.is_size(node):
                return size(node.name)
            label, form = self.names.leaf_of(node, ())
            leaves[label] = form
            return Access(label)
        if not node.args:
            return node
        if isinstance(node, (sp.Add, sp.Mul, sp.Pow)):
            return node.func(*[self._visit(a, values, leaves) for a in node.args])
        return self._function(node, values, leaves)

    def _function(self, node: Any, values: Mapping[Any, Any], leaves: dict[str, Form]) -> Any:
        """Return a function of entries: what the function is on numbers, with the entries in their place."""
        parts = list(_outermost_entries(node, values))
        numbers = {part: sp.Dummy(real=True) for part in parts}
        forms = {number: make_name(f"_{k}") for k, number in enumerate(numbers.values())}
        made = lower(self.names.converted(node.xreplace(numbers), forms))
        return made.xreplace({Access(forms[numbers[part]].name): self._visit(part, values, leaves) for part in parts})

    def _entry(self, node: Any, values: Mapping[Any, Any], leaves: dict[str, Form]) -> Any:
        base = base_of(node)
        label, leaves_form = self._base(base)
        leaves[label] = leaves_form
        if len(node.indices) != leaves_form.ndim:
            raise NetworkError(
                f"in {self.names.text}: {node} has {len(node.indices)} indices, {label} has {leaves_form.ndim} axes"
            )
        places = [
            self._inside(
                node, position, sp.expand(self._place(index, values, leaves) - self.ranges.origin(base, position))
            )
            for position, index in enumerate(node.indices)
        ]
        return Access(label, *places)

    def _base(self, base: Any) -> tuple[str, Form]:
        if isinstance(base, (sp.IndexedBase, sp.MatrixSymbol)):
            return self.names.leaf_of(base, self.ranges.shape(base))
        return self._part(base)

    def _part(self, e: Any) -> tuple[str, Form]:
        """Return a name that stands for a Form while entries are read."""
        made = self.names.convert(e)
        stands = next((n for n, form in self.parts.items() if form is made), None)
        if stands is None:
            stands = make_name(f"_part{len(self.parts)}", made.shape)
            self.parts[stands] = made
        return str(stands), stands

    def _inside(self, node: Any, position: int, place: Any) -> Any:
        """Return a place along an axis; raises NetworkError where it lies outside."""
        length = self.ranges.shape(base_of(node))[position]
        if place.is_Integer and (place < 0 or (isinstance(length, int) and place >= length)):
            raise NetworkError(f"in {self.names.text}: {node} lies outside its axis of length {length}")
        if isinstance(length, int):
            letters = place.atoms(Index)
            if all(isinstance(i.size, int) for i in letters) and not place.has(Access):
                ends = [
                    sum(
                        ((i.size - 1) * place.coeff(i) if (place.coeff(i) > 0) == up else 0 for i in letters),
                        place.xreplace(dict.fromkeys(letters, sp.S.Zero)),
                    )
                    for up in (False, True)
                ]
                if ends[0] < 0 or ends[1] >= length:
                    raise NetworkError(
                        f"in {self.names.text}: {node} runs from {ends[0]} to {ends[1]}, outside its axis of length {length}"
                    )
        return place

    def _place(self, index: Any, values: Mapping[Any, Any], leaves: dict[str, Form] | None = None) -> Any:
        """Return an index in terms of places along axes; an entry of an array of integers may stand in it."""
        index = sp.sympify(index)
        inner = {node: self._entry(node, values, leaves) for node in index.atoms(sp.Indexed) if leaves is not None}
        return index.xreplace({**inner, **values})

    def _sum(self, node: Any, values: Mapping[Any, Any], leaves: dict[str, Form]) -> Any:
        inner = dict(values)
        over: list[Index] = []
        masks: list[Any] = []
        for letter, *limits in reversed(node.limits):
            if len(limits) != 2:
                raise NetworkError(f"in {self.names.text}: the sum over {letter} has no limits; say ({letter}, 1, n)")
            low, high = (sp.expand(self._place(_plain_limit(limit, inner), inner)) for limit in limits)
            index, first = self._axis_of(node, letter, low, high)
            over.append(index)
            value = index + first
            last = first + index.size - 1
            inner[letter] = value
            if low != first and not self._is_empty_at(node, letter, first, low - 1):
                masks.append(self._mask(letter, "greater_equal", value, low))
            if sp.expand(high - last) != 0 and not self._is_empty_at(node, letter, high + 1, last):
                masks.append(self._mask(letter, "less_equal", value, high))
        body = self._visit(node.function, inner, leaves) * sp.Mul(*masks)
        for index in reversed(over):
            body = total(body, index)
        return body

    def _mask(self, letter: Any, relation: str, value: Any, limit: Any) -> Any:
        """Return 1 where a letter is within a limit that depends on another letter, else 0."""
        if not limit.has(Index):
            raise NetworkError(
                f"in {self.names.text}: the sum over {letter} ends at {limit} within its axis; give numbers for its size by shapes="
            )
        return Indicator(relation, value, limit)

    def _is_empty_at(self, node: Any, letter: Any, low: Any, high: Any) -> bool:
        """Return whether nothing is summed where a letter has a value from ``low`` to ``high``: inner sums run over nothing there."""
        count = sp.expand(high - low + 1)
        if not count.is_Integer or count > _MOST_ENDS:
            return False
        return all(
            any(_is_nothing(a, b, letter, low + k) for a, b in _inner_limits(node, letter)) for k in range(int(count))
        )

    def _axis_of(self, node: Any, letter: Any, low: Any, high: Any) -> tuple[Index, Any]:
        """Return the index of a letter and its first value: its own range, or the axis it reads where that depends on others."""
        count = sp.expand(high - low + 1)
        if not count.has(Index) and not low.has(Index):
            if count.is_Integer and count < 1:
                raise NetworkError(
                    f"in {self.names.text}: the sum over {letter} runs from {low} to {high}: over nothing"
                )
            if count.is_Integer or count.is_Symbol:
                return fresh(int(count) if count.is_Integer else size(str(count))), low
        for entry, _ in _entries(node.function, {}):
            for position, index in enumerate(entry.indices):
                if index == letter:
                    base = base_of(entry)
                    return fresh(self.ranges.shape(base)[position]), sp.Integer(self.ranges.origin(base, position))
        raise NetworkError(f"in {self.names.text}: the range of {letter}, from {low} to {high}, is that of no axis")


_MOST_ENDS = 8
"""At so many values of a letter it is looked whether a sum is empty."""


def _is_nothing(low: Any, high: Any, letter: Any, value: Any) -> bool:
    count = _plain(high - low + 1).subs(_plain(letter) if letter.is_Symbol else letter, value)
    return bool(sp.expand(count).is_number and sp.expand(count) <= 0)


def _inner_limits(e: Any, letter: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the limits of sums in an expression that depend on a letter."""
    for found in e.atoms(sp.Sum):
        for _, *limits in found.limits:
            if len(limits) == 2 and any(limit.has(letter) for limit in limits):
                yield tuple(limits)


def _plain_limit(limit: Any, values: Mapping[Any, Any]) -> Any:
    """Return a limit with sizes as the symbols they are here; letters stay."""
    limit = sp.sympify(limit)
    return limit.xreplace(
        {
            s: size(str(s))
            for s in limit.free_symbols
            if isinstance(s, sp.Symbol) and s not in values and str(s).isidentifier()
        }
    )


__all__ = ["Entries", "Names", "Ranges"]
