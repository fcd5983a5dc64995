"""Places: where along an axis an entry stands, and how that prints as a subscript."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction as Rational
from typing import TypeAlias

from symback.core.display import COMMA, Fence, Infix, Node, Row, Script, Symbol, row, script, separated, to_latex
from symback.core.forms import Form


def symbol_of(latex: str) -> Symbol:
    """Return a symbol spelled alike in LaTeX and in text, but for the minus."""
    return Symbol(latex, latex.replace("-", "−"))


@dataclass(frozen=True)
class Place:
    """A position along an axis: ``step * letter + offset``, counted from 0 as code does; no letter: a constant.

    ``more`` holds further terms: letters, as in the ``2 i + k`` of a window, or what prints for a computed position,
    as the ``t_i`` that an array of indices holds. ``digit`` says that the position is one of a merged one.
    """

    letter: str | None
    step: Rational = Rational(1)
    offset: Rational = Rational(0)
    more: tuple[tuple[str | Node, Rational], ...] = ()
    digit: Digit | None = None

    def shifted(self, start: int, step: int) -> Place:
        """Return the position inside the array that the slice ``start::step`` was taken from."""
        return Place(
            self.letter, self.step * step, start + step * self.offset, tuple((k, s * step) for k, s in self.more)
        )

    def within(self, start: int, step: int) -> Place:
        """Return the position inside the slice ``start::step``."""
        more = tuple((k, s / step) for k, s in self.more)
        return Place(self.letter, self.step / step, (self.offset - start) / step, more)

    @property
    def plain(self) -> bool:
        return self.letter is not None and self.step == 1 and self.offset == 0 and not self.more

    @property
    def short(self) -> bool:
        """Whether the position prints as one character."""
        return self.plain or (not self.terms and self.offset.denominator == 1 and 0 <= self.offset < 9)

    @property
    def terms(self) -> tuple[tuple[str | Node, Rational], ...]:
        """The letters and computed positions with their steps."""
        return self.more if self.letter is None else ((self.letter, self.step), *self.more)

    def node(self) -> Node:
        """Return the position as it is printed, counted from 1."""
        added = self.offset + 1 - sum((s for _, s in self.terms), Rational(0))
        scale = math.lcm(added.denominator, *(s.denominator for _, s in self.terms))
        shift = int(added * scale)
        if not self.terms:
            return symbol_of(str(shift)) if scale == 1 else symbol_of(f"{shift}/{scale}")
        parts: list[Node] = []
        text = ""
        for label, s in self.terms:
            count = int(s * scale)
            if text or parts:
                text += " - " if count < 0 else " + "
            elif count < 0:
                text = "-"
            text += "" if abs(count) == 1 else str(abs(count))
            if isinstance(label, str):
                text += label
            else:
                alone = len(self.terms) == 1 and count == 1 and not shift
                held = label if alone or not _open_ended(label) else Fence(label)
                parts += [symbol_of(text), held] if text else [held]
                text = ""
        text += f" {'+' if shift > 0 else '-'} {abs(shift)}" if shift else ""
        whole = row(*parts, symbol_of(text)) if parts and text else row(*parts) if parts else symbol_of(text)
        if scale == 1:
            return whole
        if text.isalnum() and not parts:
            return symbol_of(f"{text}/{scale}")
        return row(symbol_of("("), whole, symbol_of(f")/{scale}")) if parts else symbol_of(f"({text})/{scale}")


@dataclass(frozen=True)
class Digit:
    """One position out of the ``merged`` one of several axes: its stride, its length, and whether it is the slowest."""

    merged: Place
    stride: int
    length: int
    slowest: bool


def _open_ended(node: Node) -> bool:
    return isinstance(node, Row) and any(isinstance(part, Infix) for part in node.parts)


def computed(node: Node, digit: Digit | None = None) -> Place:
    """Return a position that prints as ``node``, which counts from 1."""
    return Place(None, Rational(0), Rational(0), ((node, Rational(1)),), digit)


def combined(parts: Sequence[tuple[Place | None, int]]) -> Place | None:
    """Return the sum of positions times whole numbers; None (an axis of length 1) is position 0."""
    found = [(p, factor) for p, factor in parts if p is not None]
    if not found:
        return None
    merged = _merged(found)
    if merged is not None:
        return merged
    offset = sum((factor * p.offset for p, factor in found), Rational(0))
    terms = tuple((label, s * factor) for p, factor in found for label, s in p.terms)
    if terms and isinstance(terms[0][0], str):
        return Place(terms[0][0], terms[0][1], offset, terms[1:])
    return Place(None, Rational(0), offset, terms)


def _merged(found: Sequence[tuple[Place, int]]) -> Place | None:
    """Return the position that the digits make up again, or None."""
    if len(found) == 1 and found[0][1] == 1:
        return found[0][0]
    first = found[0][0].digit
    expected, slowest = 1, False
    for place, factor in sorted(found, key=lambda f: f[1]):
        digit = place.digit
        if first is None or digit is None or digit.merged != first.merged or not factor == digit.stride == expected:
            return None
        expected *= digit.length
        slowest = digit.slowest
    return first.merged if slowest and first is not None else None


Places: TypeAlias = "tuple[Place | None, ...]"


def aligned(at: Sequence[Place | None], form: Form, rank: int | None = None) -> Places:
    """Return the places of a result's axes as they fall on the axes of an operand, by NumPy's rule."""
    axes = form.shape if rank is None else form.shape[:rank]
    chosen = tuple(at)[len(at) - len(axes) :] if axes else ()
    return tuple(None if s == 1 else p for s, p in zip(axes, chosen, strict=True))


def subscripted(node: Node, places: Sequence[Place | None], taken: Collection[str] | None = None) -> Node:
    """Return an entry of what ``node`` prints; axes of length 1 carry no index.

    ``taken`` holds the LaTeX of every symbol in use: an entry x_3 that would read as one of them is (x)_3. Without
    it a constant index always stands outside of brackets.
    """
    found = [p for p in places if p is not None]
    if not found:
        return node
    return joined(node, subscript(found), () if all(p.terms for p in found) else taken)


def joined(node: Node, below: Node, taken: Collection[str] | None) -> Node:
    """Return ``node`` with one more subscript; outside of brackets where the whole would read as a symbol in ``taken``."""
    if taken is not None and not isinstance(node, Fence):
        if isinstance(node, Script) and node.below is not None and node.above is None and not node.primes:
            whole: Node = Script(node.base, row(node.below, COMMA, below))
        else:
            whole = script(node, below)
        if to_latex(whole) not in taken:
            return whole
    return Script(node if isinstance(node, Fence) else Fence(node), below)


def subscript(places: Sequence[Place]) -> Node:
    """Return places as they stand below an array: letters and digits side by side, anything longer set apart."""
    nodes = [p.node() for p in places]
    return close(nodes) if all(p.short for p in places) else separated(nodes, COMMA)


def close(nodes: Sequence[Node]) -> Node:
    """Return letters and digits side by side; digits that meet are one symbol, as the 12 of B_12."""
    found: list[Node] = []
    for node in nodes:
        last = found[-1] if found else None
        if isinstance(node, Symbol) and isinstance(last, Symbol) and (last.latex + node.latex).isdecimal():
            found[-1] = symbol_of(last.latex + node.latex)
        else:
            found.append(node)
    return row(*found)
