"""Pieces of formulas: what is typeset, with what its surroundings must know, and how two of them are put together."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction as Rational

from symback.core import forms
from symback.core.display import (
    COMMA,
    DOT,
    EMPTY,
    MINUS,
    NEGATIVE,
    ODOT,
    ONES,
    PLUS,
    SPACE,
    THIN,
    TIMES,
    TOP,
    Accent,
    Big,
    Fence,
    Fraction,
    Grid,
    Infix,
    Node,
    Root,
    Row,
    Script,
    Symbol,
    Word,
    row,
    script,
    separated,
    to_text,
)
from symback.core.errors import PrintError
from symback.core.forms import Form, Size
from symback.page.notation import size_symbol
from symback.page.places import Place, Places, symbol_of

CASES, SUM, BIG, ENTRYWISE, PRODUCT, POWER, ATOM = range(7)
"""How tightly a printed piece holds together, weakest first."""

RELATIONS = {
    "greater": Infix(">", ">", True),
    "less": Infix("<", "<", True),
    "greater_equal": Infix(r"\geq", "≥", True),
    "less_equal": Infix(r"\leq", "≤", True),
    "equal": Infix("=", "=", True),
    "not_equal": Infix(r"\neq", "≠", True),
}
AT_LEAST = Infix(r"\leq", "≤", True)
_SUM_SIGN = Symbol(r"\sum", "Σ")
_NUMBER = re.compile(r"[-−]?[\d.]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
"""A number as it stands in an array."""


class NoMatrixNotation(Exception):
    """The form has no matrix notation; it prints in index notation."""


@dataclass(frozen=True)
class Piece:
    """Something typeset, with what its surroundings must know; ``node`` is printed without the sign.

    ``starts`` and ``ends`` are ``"number"``, ``"name"``, ``"long"`` (a word as a name), ``"fraction"``, ``"adjoint"`` (a
    derivative), ``"item"`` (an entry or a slice), ``"bracket"``, ``"function"``, ``"word"`` (a function's name set off by
    itself, as log) or, at the end only, ``"argument"`` (that of log, without brackets). ``barred`` is the same as one
    fraction without its sign, for a place before other factors: (Σ …)/m for 1/m Σ ….
    """

    node: Node
    level: int = ATOM
    starts: str = "name"
    ends: str = "name"
    negative: bool = False
    barred: Node | None = None

    def whole(self) -> Node:
        """Return the node with its sign."""
        return row(NEGATIVE, self.node) if self.negative else self.node


# --- numbers ----------------------------------------------------------------------------------------------------------


_SIMPLE = {0.5: Rational(1, 2), 0.25: Rational(1, 4), 0.75: Rational(3, 4), 0.125: Rational(1, 8)}
_READABLE = 10
"""A decimal of more digits than a person types, such as √2, is printed with four significant ones."""


def readable(value: forms.Constant) -> forms.Constant:
    """Return a literal as formulas print it: long decimals rounded to four significant digits."""
    if (
        isinstance(value, float)
        and math.isfinite(value)
        and abs(value) != math.pi
        and sum(c.isdigit() for c in repr(value).split("e")[0].lstrip("-0.")) > _READABLE
    ):
        return float(f"{value:.4g}")
    return value


def number_piece(value: forms.Constant) -> Piece:
    """Return a literal number: 0.5 prints ½, 2.0 prints 2, 3e-5 prints 3 × 10⁻⁵."""
    negative = math.copysign(1, value) < 0
    size = abs(value)
    if size == math.pi:
        return Piece(Symbol(r"\pi", "π"), negative=negative)
    if isinstance(size, float):
        if math.isinf(size):
            return Piece(Symbol(r"\infty", "∞"), negative=negative, starts="number", ends="number")
        if math.isnan(size):
            raise PrintError("a formula holds the number nan")
        size = _SIMPLE.get(size, size)
    if isinstance(size, Rational):
        if size.denominator != 1:
            fraction = Fraction(symbol_of(str(size.numerator)), symbol_of(str(size.denominator)))
            return Piece(fraction, POWER, "fraction", "fraction", negative)
        size = size.numerator
    if isinstance(size, float) and size == int(size) and size < 1e16:
        size = int(size)
    text = repr(size)
    if "e" in text:
        digits, exponent = text.split("e")
        power = Script(Symbol("10", "10"), None, symbol_of(str(int(exponent))))
        if digits == "1":
            return Piece(power, POWER, "number", "number", negative)
        return Piece(row(symbol_of(digits), Infix(r"\times", "×"), power), PRODUCT, "number", "number", negative)
    return Piece(symbol_of(text), ATOM, "number", "number", negative)


def decimal_piece(value: forms.Constant) -> Piece:
    """Return a number in a line of numbers: 0.5 stays 0.5, and what is rounded keeps its last zeros.

    >>> from symback.core.display import to_latex
    >>> to_latex(decimal_piece(0.5).whole()), to_latex(decimal_piece(-3e-5).whole())
    ('0.5', '-3 \\\\times 10^{-5}')
    >>> to_latex(decimal_piece(forms.Rounded(0.5, 4)).whole()), to_latex(decimal_piece(forms.Rounded(-3e-5, 4)).whole())
    ('0.5000', '-3.000 \\\\times 10^{-5}')
    """
    if value == 0:
        value = 0  # the sign of a zero says nothing on a page
    if isinstance(value, forms.Rounded) and math.isfinite(value):
        return _of_digits(value)
    if isinstance(value, float) and abs(value) in _SIMPLE:
        return Piece(symbol_of(repr(abs(value))), ATOM, "number", "number", value < 0)
    return number_piece(value)


def _of_digits(value: forms.Rounded) -> Piece:
    """Return a rounded number with all of its significant digits."""
    digits, exponent = f"{abs(value):.{value.digits - 1}e}".split("e")
    if "e" not in repr(float(value)):
        text = f"{abs(value):.{max(0, value.digits - 1 - int(exponent))}f}"
        return Piece(symbol_of(text), ATOM, "number", "number", value < 0)
    power = Script(Symbol("10", "10"), None, symbol_of(str(int(exponent))))
    return Piece(row(symbol_of(digits), Infix(r"\times", "×"), power), PRODUCT, "number", "number", value < 0)


# --- putting pieces together ------------------------------------------------------------------------------------------


def fenced(piece: Piece) -> Piece:
    """Return the piece in brackets."""
    return Piece(Fence(piece.whole()), ATOM, "bracket", "bracket")


def closed(piece: Piece, least: int) -> Piece:
    """Return the piece, in brackets where it is negative or holds together more weakly than ``least``."""
    return fenced(piece) if piece.negative or piece.level < least else piece


def plus(left: Piece, right: Piece, sign: int = 1) -> Piece:
    """Return left ± right, signs folded."""
    if left.level < SUM or (left.level == BIG and not _is_sum(left)):
        left = fenced(left)
    minus = right.negative != (sign < 0)
    if right.level < SUM or (right.level == SUM and minus):
        right = fenced(right)
        minus = sign < 0
    parts = right.node.parts if isinstance(right.node, Row) else ()
    if right.level == SUM and parts[0] == NEGATIVE:
        # a + (−b + c) is a − b + c.
        return Piece(row(left.whole(), MINUS, *parts[1:]), SUM, left.starts, right.ends)
    node = row(left.whole(), MINUS if minus else PLUS, right.node)
    return Piece(node, SUM, "number" if left.negative else left.starts, right.ends)


def negated(piece: Piece) -> Piece:
    """Return the piece with the other sign; a sum is put in brackets."""
    if piece.level <= SUM:
        piece = fenced(piece)
    return replace(piece, negative=not piece.negative)


def times(left: Piece, right: Piece, how: str = "juxtaposed") -> Piece:
    """Return a product: ``"entrywise"`` (⊙), ``"dotted"`` (a dot between two names), ``"crossed"`` or ``"juxtaposed"``."""
    level = ENTRYWISE if how == "entrywise" else PRODUCT
    negative = left.negative and left.level > SUM
    if negative:
        left = replace(left, negative=False)
    if left.node == symbol_of("1") and how != "crossed":
        # Without the factor 1 the sign stands before what is left.
        return negated(right) if negative else right
    if right.node == symbol_of("1") and not right.negative and how in ("juxtaposed", "dotted"):
        return replace(left, negative=negative) if left.level > SUM else left
    if left.barred is not None:
        left = Piece(left.barred, POWER, "fraction", "fraction", left.negative)
    # A sum sign reaches to the right, and so does a logarithm: as left factors they are closed.
    left = fenced(left) if left.negative or left.level <= BIG or left.level < level or left.ends == "argument" else left
    right = closed(right, BIG if level == PRODUCT else level)
    if how == "entrywise":
        between: Node = ODOT
    else:
        between = gap_between(left, right, how)
    if level == PRODUCT and right.level == ENTRYWISE:
        right = fenced(right)
    level = BIG if right.level == BIG else level
    return Piece(row(left.node, between, right.node), level, left.starts, right.ends, negative)


def gap_between(left: Piece, right: Piece, how: str) -> Node:
    """Return what stands between two factors."""
    if how == "crossed":
        return SPACE if right.starts == "word" else TIMES
    if "adjoint" in (left.ends, right.starts):
        return DOT if how == "dotted" and left.ends != "number" else SPACE
    if right.starts == "number":
        return DOT
    if right.starts in ("word", "fraction") or isinstance(right.node, Big):
        return SPACE
    if right.starts == "function" and left.ends in ("name", "fraction") and _is_word(right.node):
        return THIN
    if left.ends == "number":
        return EMPTY if right.starts == "bracket" else THIN if right.starts == "long" else SPACE
    if left.ends == "fraction":
        return EMPTY if right.starts == "bracket" else SPACE
    if left.ends == "bracket":
        return EMPTY if right.starts == "bracket" else THIN
    if right.starts == "bracket":
        return THIN if left.ends == "long" else EMPTY
    if right.starts == "item":
        return DOT if how == "dotted" else THIN
    if how == "dotted" and left.ends in ("name", "long") and right.starts in ("name", "long"):
        return DOT
    return THIN if "long" in (left.ends, right.starts) else SPACE


def _is_word(node: Node) -> bool:
    """Say whether a call begins with a name of several upright letters, as sign(x)."""
    while isinstance(node, (Row, Script)):
        node = node.parts[0] if isinstance(node, Row) else node.base
    return isinstance(node, Symbol) and node.latex.startswith(r"\mathrm{")


def name_piece(node: Node) -> Piece:
    """Return a name's symbol; a word as a name keeps its distance from what stands beside it."""
    base = node
    while isinstance(base, (Script, Accent)):
        base = base.base
    spelled = isinstance(base, Symbol) and r"\math" in base.latex
    kind = "long" if spelled or isinstance(base, (Word, Row)) else "name"  # du is two letters that are one symbol
    return Piece(node, starts=kind, ends=kind)


def transposed(piece: Piece) -> Piece:
    """Return the piece with ⊤; an array of numbers is printed as it is multiplied."""
    if isinstance(piece.node, Grid) and all(_NUMBER.fullmatch(to_text(c)) for cells in piece.node.rows for c in cells):
        return replace(piece, node=Grid(tuple(zip(*piece.node.rows, strict=True))))
    base = closed(piece, ATOM)
    if isinstance(base.node, Script) and base.node.above is not None:
        if isinstance(base.node.above, Fence) and not base.node.primes:
            # W^{[1]⊤}: the layer in its brackets is no power
            return Piece(replace(base.node, above=row(base.node.above, TOP)), POWER, base.starts, "name")
        base = fenced(base)
    return Piece(script(base.node, above=TOP), POWER, base.starts, "name")


def ones(column: bool) -> Piece:
    """Return the vector of ones."""
    return Piece(ONES) if column else Piece(Script(ONES, None, TOP), POWER)


def unit_vector(item: forms.Item, as_row: bool) -> Piece:
    """Return the unit vector e of an entry."""
    assert isinstance(item, int)
    return Piece(
        Script(Symbol(r"\mathbf{e}", "e"), symbol_of(str(item + 1)), TOP if as_row else None), POWER if as_row else ATOM
    )


def indicator(condition: Node) -> Piece:
    """Return 1[condition]: 1 where it holds, else 0."""
    return Piece(row(ONES, Fence(condition, "[")), ATOM, "function", "bracket")


def item_node(item: forms.Item) -> Node:
    """Return what a subscript shows along one axis: a place, a range, or all of it."""
    if item is None:
        return Symbol(":", ":")
    if isinstance(item, int):
        return symbol_of(str(item + 1))
    found = range(item.start, item.stop, item.step)
    ends = f"{found[0] + 1}:{found[-1] + 1}" if found else "1:0"
    return symbol_of(ends if item.step == 1 else f"{ends}:{item.step}")


def holds_ones(node: Node) -> bool:
    """Say whether a vector of ones stands in what is printed; the 1 of an indicator 1[…] is none."""
    if isinstance(node, Row):
        pairs = zip(node.parts, (*node.parts[1:], EMPTY), strict=True)
        return any(
            not (part == ONES and isinstance(after, Fence) and after.kind == "[") and holds_ones(part)
            for part, after in pairs
        )
    if isinstance(node, Script):
        return holds_ones(node.base)
    if isinstance(node, (Fence, Root)):
        return holds_ones(node.body)
    if isinstance(node, Fraction):
        return holds_ones(node.above) or holds_ones(node.below)
    return node == ONES


# --- sums -------------------------------------------------------------------------------------------------------------


def _is_sum(piece: Piece) -> bool:
    bigs = [p for p in (piece.node.parts if isinstance(piece.node, Row) else ()) if isinstance(p, Big)]
    return all(b.sign == _SUM_SIGN for b in bigs)


def running(places: Sequence[Place | None], sizes: Sequence[Size], body: Form) -> list[Node]:
    """Return what stands below a sum sign; where the body shifts an index, with the range it runs over."""
    shifts = any(
        isinstance(node, (forms.Get, forms.Put)) and any(isinstance(item, forms.Span) for item in node.index)
        for node in forms.walk(body)
    )
    found: list[Node] = []
    for place, s in zip(places, sizes, strict=True):
        if place is None or place.letter is None:
            continue
        letter_node = symbol_of(place.letter)
        if shifts and isinstance(s, int):
            found.append(row(symbol_of("1"), AT_LEAST, letter_node, AT_LEAST, symbol_of(str(s))))
        else:
            found.append(letter_node)
    return found


def sum_over(letters: Sequence[Node], body: Piece) -> Piece:
    """Return the sum of a piece over indices; a sum of a sum is one sum over all of them."""
    body = closed(body, BIG)
    parts = body.node.parts if isinstance(body.node, Row) else ()
    if parts and isinstance(parts[0], Big) and parts[0].sign == _SUM_SIGN and parts[0].below is not None:
        below = row(separated(letters, COMMA), COMMA, parts[0].below)
        return Piece(row(Big(_SUM_SIGN, below), *parts[1:]), BIG, "word", body.ends)
    return Piece(row(Big(_SUM_SIGN, separated(letters, COMMA)), SPACE, body.node), BIG, "word", body.ends)


def reduced(form: forms.Reduce, body: Piece, places: Places, sizes: Sequence[Size]) -> Piece:
    """Return a reduction of a piece over the indices of some axes."""
    letters = running(places, sizes, form.args[0])
    if form.kind in ("max", "min"):
        sign = Symbol(rf"\{form.kind}", form.kind)
        body = closed(body, PRODUCT)
        return Piece(row(Big(sign, separated(letters, COMMA)), SPACE, body.node), BIG, "word", body.ends)
    negative = body.negative
    found = sum_over(letters, replace(body, negative=False))
    found = found if form.kind == "sum" else times(one_over_count(form), found)
    return negated(found) if negative else found


def one_over_count(form: forms.Reduce) -> Piece:
    """Return one over the number of elements that a mean runs over."""
    count = 1
    symbols: list[Node] = []
    for k in form.axes:
        s = form.args[0].shape[k]
        if isinstance(s, int):
            count *= s
        else:
            symbols.append(size_symbol(s))
    below = separated(([symbol_of(str(count))] if count != 1 or not symbols else []) + symbols, SPACE)
    return Piece(Fraction(symbol_of("1"), below), POWER, "fraction", "fraction")


# --- what a form asks of its surroundings -----------------------------------------------------------------------------


def one_element(form: Form) -> bool:
    """Say whether an array has exactly one element."""
    return all(s == 1 for s in form.shape)


def long_axes(form: Form) -> list[Size]:
    """Return the sizes of the axes that are longer than 1."""
    return [s for s in form.shape if s != 1]


has_adjoint = forms.Holds(lambda node: isinstance(node, forms.Adjoint))
"""Whether a derivative of the loss is read."""

has_arrays = forms.Holds(lambda node: not one_element(node))
"""Whether an array of more than one element is read."""


def is_computed(form: Form) -> bool:
    """Tell whether a form is a number that a gradient computes from one row, as the δ v of the rows of a batch."""
    return form.ndim == 2 and has_arrays(form) and has_adjoint(form)


def repeats(operand: Form, result: Form) -> bool:
    """Say whether rows or columns of an operand are repeated where it meets the result's shape."""
    padded = (1,) * (result.ndim - operand.ndim) + operand.shape
    return result.ndim == 2 and not one_element(operand) and padded != result.shape


def is_count(form: Form) -> bool:
    """Say whether a form is a number known before the run: literals, sizes, and products of them."""
    if isinstance(form, (forms.Number, forms.SizeOf)):
        return True
    return isinstance(form, forms.Apply) and form.op == "multiply" and all(is_count(a) for a in form.args)


def is_simple(form: Form) -> bool:
    """Say whether a form is short enough to stand above a fraction bar: a name, or a product of names."""
    if isinstance(form, (forms.Name, forms.Adjoint)):
        return True
    if is_count(form):
        return True
    if isinstance(form, forms.Apply) and form.op in ("multiply", "negative"):
        return all(is_simple(a) for a in form.args)
    return False
