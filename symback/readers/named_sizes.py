"""Sizes for which a text has a name: after ``n, d = 8, 3; X = np.random.randn(n, d)`` a mean over the rows is 1/n of a sum.

The name stands for the size where nothing else can be meant: it is bound once, to a whole number; all arrays with an axis of this
length were made by it; it is used for sizes and to divide by; and no operation of the loss depends on how long the axis is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from symback.core.forms import (
    Apply,
    Broadcast,
    Expand,
    Filled,
    Form,
    Matmul,
    Name,
    Number,
    OneHot,
    Outer,
    Reduce,
    Shape,
    Size,
    SizeOf,
    Transpose,
    needed_lengths,
    relabel,
    size,
    size_of,
    substitute,
    walk,
)
from symback.library.kinds import untyped
from symback.library.values import Binding, Count
from symback.readers.asking import Reader

_SYMBOL = re.compile(r"[A-Za-z]\d*")
"""A name that stands in a formula as one symbol."""
_ALONG = (Name, Number, SizeOf, Apply, Reduce, Matmul, Outer, Transpose, Expand, Broadcast, Filled, OneHot)
"""Operations that mean the same for an axis of any length."""


def note(reader: Reader, value: Any, length: int) -> None:
    """Remember by which name an axis of a new array got its length; what a text asked of another array says nothing."""
    if isinstance(value, Count):
        return
    known = reader.bindings[value.name] if isinstance(value, Name) else None
    named = known is not None and not known.anonymous and known.form is None and type(known.value) is int
    label = known.key if known is not None and named else None
    reader.sizes_given.setdefault(length, {}).setdefault(label, set()).add(reader.line)


def named_sizes(reader: Reader, sliced: Sequence[Binding], wanted: Set[str]) -> dict[str, int]:
    """Return the keys of the names that stand for sizes in a slice, and their lengths."""
    formulas = [untyped(b.form) for b in sliced if b.form is not None]
    found: dict[str, int] = {}
    for length, names in reader.sizes_given.items():
        labels = list(names)
        if len(labels) == 1 and labels[0] is not None and length > 1 and labels[0] not in wanted:
            key, lines = labels[0], names[labels[0]]
            if _is_fixed(reader, key) and _made_by(reader, sliced, length, lines) and _fits(formulas, key, length):
                found[key] = length
    return found


def _is_fixed(reader: Reader, key: str) -> bool:
    """Return whether a name is bound once, and is a symbol that no array has."""
    own = reader.bindings[key]
    versions = [b for b in reader.bindings.values() if b.base == own.base]
    symbolic = {str(s) for b in reader.bindings.values() for s in b.shape if not isinstance(s, int)}
    return len(versions) == 1 and not own.trainable and bool(_SYMBOL.fullmatch(own.base)) and own.base not in symbolic


def _made_by(reader: Reader, sliced: Iterable[Binding], length: int, lines: Set[int]) -> bool:
    """Return whether all arrays of the text with an axis of this length were made on these lines."""
    leaves = [b for b in sliced if b.form is None and length in b.shape]
    return bool(leaves) and all(b.line in lines and b.base not in reader.overridden for b in leaves)


def _fits(formulas: Sequence[Form], key: str, length: int) -> bool:
    """Return whether a length counts in a formula, the name only divides, and every operation takes any other length."""
    counts = False
    for form in formulas:
        for node in walk(form):
            lengths = {s for a in (node, *node.args) for s in a.shape}
            if length in lengths and (not isinstance(node, _ALONG) or length in needed_lengths(node)):
                return False
            if isinstance(node, OneHot) and node.classes == length:
                return False
            if isinstance(node, Reduce) and node.kind == "mean":
                counts |= length in (node.args[0].shape[k] for k in node.axes)
        divides = _only_divides(form, key)
        if divides is False:
            return False
        counts |= divides is True
    return counts


def _only_divides(form: Form, key: str) -> bool | None:
    """Return whether a name stands in a formula as a divisor, or as a factor of one, and nowhere else; None where it is not read."""
    order = walk(form)
    readers: dict[Form, list[tuple[Form, int]]] = {}
    for node in order:
        for at, part in enumerate(node.args):
            readers.setdefault(part, []).append((node, at))
    waiting: list[Form] = [node for node in order if isinstance(node, Name) and node.name == key]
    if not waiting:
        return None
    while waiting:
        part = waiting.pop()
        if part is form:
            return False
        for node, at in readers[part]:
            if isinstance(node, Apply) and node.op == "multiply":
                waiting.append(node)
            elif not (isinstance(node, Apply) and node.op == "divide" and at == 1):
                return False
    return True


class Sized:
    """What the versions of a slice are when names stand for sizes."""

    def __init__(self, bindings: Mapping[str, Binding], keys: Mapping[str, int]) -> None:
        self.keys = keys
        self.lengths: dict[Size, Size] = {length: size(bindings[key].base) for key, length in keys.items()}
        self.values = {bindings[key].base: length for key, length in keys.items()}

    def shape(self, shape: Shape) -> Shape:
        """Return a shape with names in the place of lengths."""
        return tuple(self.lengths.get(s, s) for s in shape)

    def form(self, form: Form) -> Form:
        """Return a formula with names in the place of lengths."""
        if not self.keys:
            return form

        def named(node: Form) -> Form | None:
            if isinstance(node, Name) and node.name in self.keys:
                return size_of(self.lengths[self.keys[node.name]])
            return None

        return substitute(relabel(form, {}, self.lengths), named)
