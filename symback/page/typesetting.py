"""Form → display tree, in textbook notation: matrix notation where there is one, index notation where there is not.

The order in which something is written is kept. Products of arrays are juxtaposed (``@``) or joined by ⊙ (entrywise);
a reduction prints as a sum over indices, or as a product with a vector of ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction as Rational
from typing import TypeAlias

import sympy as sp

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
    Under,
    Word,
    is_tall,
    row,
    script,
    separated,
)
from symback.core.errors import PrintError
from symback.core.forms import Form, Function, Prime, Size
from symback.page.notation import PLAIN, Names, Notation, letter, name_symbols, upright

CASES, SUM, BIG, ENTRYWISE, PRODUCT, POWER, ATOM = range(7)
"""How tightly a printed piece holds together, weakest first."""


class NoMatrixNotation(Exception):
    """The form has no matrix notation; it prints in index notation."""


@dataclass(frozen=True)
class Piece:
    """Something typeset, with what its surroundings must know; ``node`` is printed without the sign.

    ``starts`` and ``ends`` are ``"number"``, ``"name"``, ``"long"`` (a word as a name), ``"fraction"``, ``"adjoint"`` (a
    derivative), ``"item"`` (an entry or a slice), ``"bracket"``, ``"function"``, ``"word"`` (a function's name set off by
    itself, as log) or, at the end only, ``"argument"`` (that of log, without brackets).
    """

    node: Node
    level: int = ATOM
    starts: str = "name"
    ends: str = "name"
    negative: bool = False

    def whole(self) -> Node:
        """Return the node with its sign."""
        return row(NEGATIVE, self.node) if self.negative else self.node


@dataclass(frozen=True)
class Place:
    """A position along an axis: ``step * letter + offset``, counted from 0 as code does; no letter: a constant.

    ``more`` holds further terms: letters, as in the ``2 i + k`` of a window, or what prints for a computed position,
    as the ``t_i`` that an array of indices holds. ``digit`` says that the position is one of a merged one: that one,
    its stride, its length, and whether it is the slowest.
    """

    letter: str | None
    step: Rational = Rational(1)
    offset: Rational = Rational(0)
    more: tuple[tuple[str | Node, Rational], ...] = ()
    digit: tuple[Place, int, int, bool] | None = None

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
    def terms(self) -> tuple[tuple[str | Node, Rational], ...]:
        """The letters and computed positions with their steps."""
        return self.more if self.letter is None else ((self.letter, self.step), *self.more)

    def node(self) -> Node:
        """Return the position as it is printed, counted from 1."""
        added = self.offset + 1 - sum((s for _, s in self.terms), Rational(0))
        scale = math.lcm(added.denominator, *(s.denominator for _, s in self.terms))
        shift = int(added * scale)
        if not self.terms:
            return _word(str(shift)) if scale == 1 else _word(f"{shift}/{scale}")
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
                parts += [_word(text), held] if text else [held]
                text = ""
        text += f" {'+' if shift > 0 else '-'} {abs(shift)}" if shift else ""
        whole = row(*parts, _word(text)) if parts and text else row(*parts) if parts else _word(text)
        if scale == 1:
            return whole
        if text.isalnum() and not parts:
            return _word(f"{text}/{scale}")
        return row(_word("("), whole, _word(f")/{scale}")) if parts else _word(f"({text})/{scale}")


def _open_ended(node: Node) -> bool:
    return isinstance(node, Row) and any(isinstance(part, Infix) for part in node.parts)


def computed(node: Node, digit: tuple[Place, int, int, bool] | None = None) -> Place:
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
    expected, last = 1, False
    for place, factor in sorted(found, key=lambda f: f[1]):
        if first is None or place.digit is None or place.digit[0] != first[0]:
            return None
        _, stride, length, last = place.digit
        if not factor == stride == expected:
            return None
        expected *= length
    return first[0] if last and first is not None else None


Places: TypeAlias = "tuple[Place | None, ...]"


def _word(latex: str) -> Symbol:
    return Symbol(latex, latex.replace("-", "−"))


@dataclass(frozen=True, eq=False)
class Context:
    """What one document has settled: symbols of names, which arrays are rows, what is printed for an adjoint.

    ``scalar``: every array has one element. ``rows``: 1-D arrays print as rows. ``leaves`` counts the variables that
    each name depends on; ``adjoints`` overrides the symbol ∂L/∂A of some names, as δ does.
    """

    names: Names
    notation: Notation = PLAIN
    scalar: bool = True
    rows: bool = False
    loss: str = ""
    leaves: Mapping[str, int] = field(default_factory=dict)
    partial: frozenset[tuple[str, str]] = frozenset()
    """Pairs of names of which the first is a formula of the second and of others besides: y(x, v) has a ∂y/∂v."""
    adjoints: Mapping[str, Node] = field(default_factory=dict)
    otherwise: str = "otherwise"
    product: str = "dotted"
    """How two names are multiplied in a scalar network: "dotted", or "juxtaposed" as in W₁x₁."""
    numbers: Mapping[str, Piece] | None = None
    """Values put in for names (the adjoint of z under "∂z"): the line is one of numbers."""
    kronecker: bool = False
    """Print an entry of the identity matrix as δ_ij, where δ stands for nothing else, instead of 1[i = j]."""
    shapes: bool = False
    """Print the shape of each factor of a matrix product under it."""

    def with_adjoints(self, adjoints: Mapping[str, Node]) -> Context:
        return replace(self, adjoints=dict(adjoints))

    def name(self, name: str) -> Node:
        """Return the symbol of a name."""
        return self.names[name] if name in self.names.symbols else upright(name)

    def derivative(self, of: str, by: str, symbol: Node | None = None) -> Node:
        """Return the fraction ∂(of)/∂(by), with d where ``of`` is a function of one variable."""
        kind = self.notation.derivative
        total = kind == "d" or (kind == "auto" and self.leaves.get(of, 2) <= 1 and (of, by) not in self.partial)
        mark = Symbol("d", "d") if total else Symbol(r"\partial ", "∂")
        return Fraction(row(mark, self.name(of)), row(mark, self.name(by) if symbol is None else symbol))

    def adjoint(self, of: str) -> Node:
        """Return what is printed for ∂L/∂(of)."""
        return self.adjoints[of] if of in self.adjoints else self.derivative(self.loss, of)


def context_of(form: Form, notation: Notation = PLAIN, names: Iterable[str] = ()) -> Context:
    """Return the context of a single form, with nothing known but the form itself."""
    nodes = forms.walk(form)
    order = list(names) + [n.name for n in nodes if isinstance(n, forms.Name)]
    order += [n.of for n in nodes if isinstance(n, forms.Adjoint)]
    found = name_symbols([*order, "L"], notation, reserved_symbols([form]))
    return Context(found, notation, scalar=is_scalar([form]), rows=prefers_rows([form]), loss="L")


def one_element(form: Form) -> bool:
    """Say whether an array has exactly one element."""
    return all(s == 1 for s in form.shape)


def is_scalar(found: Iterable[Form]) -> bool:
    """Say whether every array in these forms has one element."""
    return all(one_element(node) for form in found for node in forms.walk(form))


def prefers_rows(found: Iterable[Form]) -> bool:
    """Say whether 1-D arrays are rows: multiplied only from the left, or added to the rows of a batch."""
    left = right = added = False
    for form in found:
        for node in forms.walk(form):
            if isinstance(node, forms.Matmul):
                a, b = node.args
                left = left or (a.ndim == 1 and b.ndim > 1)
                right = right or (b.ndim == 1 and a.ndim > 1)
            elif isinstance(node, forms.Apply) and node.ndim == 2:
                added = added or any(a.ndim == 1 and not one_element(a) for a in node.args)
            elif isinstance(node, forms.Reduce):
                added = added or (node.args[0].ndim == 2 and node.axes == (0,) and not node.keepdims)
            elif isinstance(node, forms.Expand):
                right = right or (node.axes == (1,) and isinstance(node.args[0], forms.Name) and node.args[0].ndim == 1)
    return not right and (left or added)


def reserved_symbols(found: Iterable[Form]) -> list[Node]:
    """Return the symbols of the functions and sizes in these forms; no name may print like them."""
    reserved: dict[Node, None] = {}
    for form in found:
        for node in forms.walk(form):
            if isinstance(node, forms.Apply) and not isinstance(node.op, str):
                op = node.op.function if isinstance(node.op, Prime) else node.op
                reserved[_function_symbol(op)] = None
            for s in node.shape:
                if isinstance(s, sp.Symbol):
                    reserved[size_symbol(s)] = None
            if isinstance(node, forms.SizeOf):
                reserved[size_symbol(node.size)] = None
    return list(reserved)


def _function_symbol(op: Function) -> Symbol:
    if op.name.endswith("'") and isinstance(base := letter(op.name.rstrip("'")), Symbol):
        primes = len(op.name) - len(op.name.rstrip("'"))  # the derivative of an undefined function
        return Symbol(base.latex + "'" * primes, base.text + "′" * primes)
    latex = op.latex or rf"\mathrm{{{op.name}}}"
    if latex == op.name and letter(op.name) is None:
        latex = rf"\mathrm{{{op.name}}}".replace("_", r"\_")
    elif latex == op.name:
        found = letter(op.name)
        if isinstance(found, Symbol):
            return found
    return Symbol(latex, op.text or op.name)


def size_symbol(size: sp.Symbol) -> Node:
    """Return a symbolic size as it is printed."""
    return letter(str(size)) or upright(str(size))


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
            fraction = Fraction(_word(str(size.numerator)), _word(str(size.denominator)))
            return Piece(fraction, POWER, "fraction", "fraction", negative)
        size = size.numerator
    if isinstance(size, float) and size == int(size) and size < 1e16:
        size = int(size)
    text = repr(size)
    if "e" in text:
        digits, exponent = text.split("e")
        power = Script(Symbol("10", "10"), None, _word(str(int(exponent))))
        if digits == "1":
            return Piece(power, POWER, "number", "number", negative)
        return Piece(row(_word(digits), Infix(r"\times", "×"), power), PRODUCT, "number", "number", negative)
    return Piece(_word(text), ATOM, "number", "number", negative)


def decimal_piece(value: forms.Constant) -> Piece:
    """Return a number in a line of numbers: 0.5 stays 0.5.

    >>> from symback.core.display import to_latex
    >>> to_latex(decimal_piece(0.5).whole()), to_latex(decimal_piece(-3e-5).whole())
    ('0.5', '-3 \\\\times 10^{-5}')
    """
    if isinstance(value, float) and abs(value) in _SIMPLE:
        return Piece(_word(repr(abs(value))), ATOM, "number", "number", value < 0)
    return number_piece(value)


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
    if left.node == _word("1") and how != "crossed":
        # Without the factor 1 the sign stands before what is left.
        return negated(right) if negative else right
    if right.node == _word("1") and not right.negative and how in ("juxtaposed", "dotted"):
        return replace(left, negative=negative) if left.level > SUM else left
    # A sum sign reaches to the right, and so does a logarithm: as left factors they are closed.
    left = fenced(left) if left.negative or left.level <= BIG or left.level < level or left.ends == "argument" else left
    right = closed(right, BIG if level == PRODUCT else level)
    if how == "entrywise":
        between: Node = ODOT
    else:
        between = _between(left, right, how)
    if level == PRODUCT and right.level == ENTRYWISE:
        right = fenced(right)
    level = BIG if right.level == BIG else level
    return Piece(row(left.node, between, right.node), level, left.starts, right.ends, negative)


def _named(node: Node) -> Piece:
    """Return a name's symbol; a word as a name keeps its distance from what stands beside it."""
    base = node
    while isinstance(base, (Script, Accent)):
        base = base.base
    kind = "long" if isinstance(base, Word) or (isinstance(base, Symbol) and r"\math" in base.latex) else "name"
    return Piece(node, starts=kind, ends=kind)


def _between(left: Piece, right: Piece, how: str) -> Node:
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


def transposed(piece: Piece) -> Piece:
    """Return the piece with ⊤."""
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


def _is_sum(piece: Piece) -> bool:
    bigs = [p for p in (piece.node.parts if isinstance(piece.node, Row) else ()) if isinstance(p, Big)]
    return all(b.sign == _SUM_SIGN for b in bigs)


def _running(places: Sequence[Place | None], sizes: Sequence[Size], body: Form) -> list[Node]:
    """Return what stands below a sum sign; where the body shifts an index, with the range it runs over."""
    shifts = any(
        isinstance(node, (forms.Get, forms.Put)) and any(isinstance(item, forms.Span) for item in node.index)
        for node in forms.walk(body)
    )
    found: list[Node] = []
    for place, s in zip(places, sizes, strict=True):
        if place is None or place.letter is None:
            continue
        letter_node = _word(place.letter)
        if shifts and isinstance(s, int):
            found.append(row(_word("1"), _AT_LEAST, letter_node, _AT_LEAST, _word(str(s))))
        else:
            found.append(letter_node)
    return found


_SUM_SIGN = Symbol(r"\sum", "Σ")


def _sum_over(letters: Sequence[Node], body: Piece) -> Piece:
    """Return the sum of a piece over indices; a sum of a sum is one sum over all of them."""
    body = closed(body, BIG)
    parts = body.node.parts if isinstance(body.node, Row) else ()
    if parts and isinstance(parts[0], Big) and parts[0].sign == _SUM_SIGN and parts[0].below is not None:
        below = row(separated(letters, COMMA), COMMA, parts[0].below)
        return Piece(row(Big(_SUM_SIGN, below), *parts[1:]), BIG, "word", body.ends)
    return Piece(row(Big(_SUM_SIGN, separated(letters, COMMA)), SPACE, body.node), BIG, "word", body.ends)


def subscripted(node: Node, places: Sequence[Place | None]) -> Node:
    """Return an entry of what ``node`` prints; axes of length 1 carry no index."""
    found = [p for p in places if p is not None]
    if not found:
        return node
    below = _subscript(found)
    if all(p.terms for p in found):
        if isinstance(node, Script) and node.below is not None and node.above is None and not node.primes:
            return Script(node.base, row(node.below, COMMA, below))
        return script(node, below)
    # A constant index in a bare subscript would read as part of a name: (x)_3 is not x_3.
    return Script(node if isinstance(node, Fence) else Fence(node), below)


def _subscript(places: Sequence[Place]) -> Node:
    return separated((p.node() for p in places), EMPTY if all(p.plain for p in places) else COMMA)


# --- the typesetter ---------------------------------------------------------------------------------------------------

_RELATIONS = {
    "greater": Infix(">", ">", True),
    "less": Infix("<", "<", True),
    "greater_equal": Infix(r"\geq", "≥", True),
    "less_equal": Infix(r"\leq", "≤", True),
    "equal": Infix("=", "=", True),
    "not_equal": Infix(r"\neq", "≠", True),
}
_MOVES = (forms.Reshape, forms.Concatenate, forms.Gather, forms.Scatter, forms.Windows, forms.Overlap)
_SET_OFF = {"log": "log", "sin": "sin", "cos": "cos", "tan": "tan"}
_AT_LEAST = Infix(r"\leq", "≤", True)


class Typesetter:
    """Typesets forms in one context; holds the index letters in use."""

    def __init__(self, context: Context, indicators: bool = True) -> None:
        self.context = context
        self._indicators = indicators
        used = context.names.taken
        self._letters = [i for i in context.notation.indices if i not in used]
        self._bound: list[str] = []

    # The public two: a form, and an equation.

    def form(self, form: Form, side: str | None = None) -> Piece:
        """Return a form in matrix notation; raises NoMatrixNotation where it has none."""
        if self.context.shapes and self._labelled(form):
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
            if isinstance(form, forms.Apply) and not self._works_along_axis(form):
                return self._visit(form, wanted)
            return self._visit(form, natural) if natural == wanted else self._turned(form, natural)
        return self._visit(form, side)

    def _labelled(self, form: Form) -> bool:
        """Say whether a form is a factor that carries its shape: an array, or the transpose of one."""
        if isinstance(form, (forms.Transpose, forms.Expand)):
            form = form.args[0]
        return isinstance(form, (forms.Name, forms.Adjoint)) and form.ndim in (1, 2)

    def labelled(self, node: Node, form: Form, side: str | None = None) -> Node:
        """Return what stands for a form, with the form's shape under it."""
        shape = form.shape
        if form.ndim == 1:
            shape = (1, *shape) if (side or self._default_side()) == "row" else (*shape, 1)
        sizes = (_word(str(s)) if isinstance(s, int) else size_symbol(s) for s in shape)
        return Under(node, Fence(separated(sizes, TIMES)))

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
        return self._transposed(form)

    def _transposed(self, operand: Form) -> Piece:
        """Return the transpose; that of one number in a line of numbers is the number."""
        piece = self.form(operand)
        return piece if self.context.numbers is not None and one_element(operand) else transposed(piece)

    def equation(self, left: Callable[[Places], Node], form: Form) -> tuple[Node, Piece]:
        """Return both sides of ``left = form``; in index notation where matrix notation has no words for it."""
        shown, (piece,) = self.equations(left, [form])
        return shown, piece

    def equations(self, left: Callable[[Places], Node], sides: Sequence[Form]) -> tuple[Node, list[Piece]]:
        """Return the left side and the pieces of ``left = side = side …``, all of them in one notation."""
        side = self._default_side() if sides[0].ndim == 1 else None
        try:
            return left(()), [self.form(form, side if form.ndim == 1 else None) for form in sides]
        except NoMatrixNotation:
            with self.indices(sides[0].shape) as places:
                return left(places), [self.entry(form, places) for form in sides]

    def hold(self, letters: Iterable[str]) -> None:
        """Keep index letters that the surroundings use."""
        self._bound = [*self._bound, *letters]

    @contextmanager
    def indices(self, sizes: Sequence[Size]) -> Iterator[Places]:
        """Bind one fresh index letter per axis longer than 1."""
        places: list[Place | None] = []
        for s in sizes:
            if s == 1:
                places.append(None)
                continue
            free = [i for i in self._letters if i not in self._bound]
            if not free:
                raise PrintError("no index letter is free for a formula with so many indices")
            self._bound.append(free[0])
            places.append(Place(free[0]))
        try:
            yield tuple(places)
        finally:
            for _ in range(sum(p is not None for p in places)):
                self._bound.pop()

    # Rows and columns.

    def _default_side(self) -> str:
        return "row" if self.context.rows else "column"

    def _works_along_axis(self, form: forms.Apply) -> bool:
        return isinstance(form.op, Function) and not form.op.entrywise

    def _side(self, form: Form) -> str:
        """Return whether a 1-D form is a row or a column by itself."""
        if isinstance(form, forms.Matmul):
            return "column" if form.args[0].ndim > 1 else "row"
        if isinstance(form, forms.Reduce) and form.args[0].ndim == 2:
            return "row" if form.axes == (0,) else "column"
        if isinstance(form, forms.Reshape) and form.args[0].ndim == 2 and _long(form) == _long(form.args[0]):
            return "column" if form.args[0].shape[1] == 1 else "row"
        if isinstance(form, forms.Get) and form.args[0].ndim == 2:
            return "row" if isinstance(form.index[0], int) else "column"
        if isinstance(form, (forms.Get, forms.Reduce)) and form.args[0].ndim == 1:
            return self._side(form.args[0])
        if isinstance(form, forms.Apply):
            if self._works_along_axis(form) and form.args[0].ndim == 2:
                return "column" if form.parameters.get("axis") == 1 else "row"
            sides = [self._side(a) for a in form.args if a.ndim == 1 and not one_element(a)]
            for side in sides:
                if side != self._default_side():
                    return side
        return self._default_side()

    # Matrix notation.

    def _visit(self, form: Form, side: str | None) -> Piece:
        context = self.context
        if isinstance(form, forms.Apply):
            return self._apply(form, None, side)
        leaf = self._leaf(form)
        if leaf is not None:
            return leaf
        if context.scalar or (one_element(form) and not isinstance(form, (forms.Matmul, forms.Transpose))):
            plain = self._one_element(form)
            if plain is not None:
                return plain
        if isinstance(form, forms.Matmul):
            a, b = form.args
            left = self.form(a, "row")
            right = self.form(b, "column")
            return times(left, right, self._how(form, a, b))
        if isinstance(form, forms.Outer):
            return times(self.form(form.args[0], "column"), self.form(form.args[1], "row"))
        if isinstance(form, forms.Transpose):
            return self._transposed(form.args[0])
        if isinstance(form, forms.Reduce):
            return self._reduce(form)
        if isinstance(form, forms.Filled):
            return self._filled(form, side)
        if isinstance(form, forms.Expand):
            if form.ndim > 2:
                raise NoMatrixNotation
            return self.form(form.args[0], "row" if form.axes == (0,) else "column")
        if isinstance(form, forms.Broadcast):
            return self._spread(form.args[0], form, side)
        if isinstance(form, forms.Get):
            return self._get(form)
        if isinstance(form, forms.Put):
            return self._put(form, side)
        if isinstance(form, forms.OneHot):
            return self._one_hot(form)
        if isinstance(form, forms.Reshape) and _long(form) == _long(form.args[0]):
            # Only axes of length 1 come or go, which turns a vector or does nothing.
            return self._squeezed(form)
        if isinstance(form, _MOVES):
            return self._moved(form)
        if isinstance(form, forms.Eye):
            return Piece(_word("I"), ATOM)
        raise NoMatrixNotation

    def _squeezed(self, form: Form) -> Piece:
        operand = form.args[0]
        if operand.ndim == 1 and form.ndim == 2:
            return self.form(operand, "column" if form.shape[1] == 1 else "row")
        if operand.ndim == 2 and form.ndim == 2 and operand.shape != form.shape:
            return self._flipped(operand)
        return self.form(operand)

    def _moved(self, form: Form) -> Piece:
        """Return a reshaped array by that name, and joined ones side by side or above each other."""
        if not isinstance(form, (forms.Reshape, forms.Concatenate)):
            raise NoMatrixNotation
        parts = [(self._leaf(a) or self.form(a)).whole() for a in form.args]
        if isinstance(form, forms.Concatenate):
            if form.axis == 0 and form.ndim == 2:
                return Piece(Grid(tuple((p,) for p in parts)), ATOM, "bracket", "bracket")
            inside = separated(parts, row(COMMA, SPACE))
            return Piece(Fence(inside, "["), ATOM, "bracket", "bracket")
        sizes = (_word(str(s)) if isinstance(s, int) else size_symbol(s) for s in form.shape)
        head = Script(Symbol(r"\mathrm{reshape}", "reshape"), separated(sizes, Infix(r"\times", "×")))
        return Piece(row(head, Fence(parts[0])), ATOM, "function", "bracket")

    def _leaf(self, form: Form) -> Piece | None:
        if self.context.numbers is not None:
            return self._number_leaf(form)
        if isinstance(form, forms.Name):
            return _named(self.context.name(form.name))
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

    def _how(self, form: Form, a: Form, b: Form) -> str:
        """Return how two scalars are multiplied here."""
        if self.context.numbers is not None and one_element(a) and one_element(b):
            return "crossed"
        return self.context.product if self.context.scalar else "juxtaposed"

    def _one_element(self, form: Form) -> Piece | None:
        """Return a form of one element that only moves its operand, which then prints as it is."""
        if isinstance(form, forms.Filled):
            return number_piece(form.value)
        if form.args and all(one_element(a) for a in form.args) and not self._sums_rows(form):
            if isinstance(form, (forms.Matmul, forms.Outer)):
                how = self._how(form, *form.args) if self.context.numbers is not None else "dotted"
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

    def _filled(self, form: forms.Filled, side: str | None) -> Piece:
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

    def _spread(self, operand: Form, target: Form, side: str | None, implicit: bool = False) -> Piece:
        """Return ``operand`` as it meets an array of the target's shape: repeated by a vector of ones."""
        # In a gradient the number that one row sums to is repeated visibly, as the column of a batch would be.
        computed = _is_computed(operand)
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
            piece = self.form(operand, "row")
            return piece if implicit or n == 1 else times(ones(True), piece)
        piece = self.form(operand)
        return piece if implicit or m == 1 else times(piece, ones(False))

    def _reduce(self, form: forms.Reduce) -> Piece:
        operand = form.args[0]
        axes = [k for k in form.axes if operand.shape[k] != 1]
        left_over = [k for k in range(operand.ndim) if k not in axes and operand.shape[k] != 1]
        if self._sums_rows(form) and (left_over or _has_adjoint(operand)):
            piece = self.form(operand)
            return times(ones(False), piece) if form.axes == (0,) else times(piece, ones(True))
        if not axes:
            return self.form(operand)
        if not left_over:
            with self.indices(operand.shape) as places:
                return self._summed(form, self.entry(operand, places), places, operand.shape)
        if operand.ndim != 2 or form.kind != "mean":
            raise NoMatrixNotation
        piece = self.form(operand)
        return times(self._per(form), times(ones(False), piece) if axes == [0] else times(piece, ones(True)))

    def _per(self, form: forms.Reduce) -> Piece:
        """Return one over the number of elements that a mean runs over."""
        count = 1
        symbols: list[Node] = []
        for k in form.axes:
            s = form.args[0].shape[k]
            if isinstance(s, int):
                count *= s
            else:
                symbols.append(size_symbol(s))
        below = separated(([_word(str(count))] if count != 1 or not symbols else []) + symbols, SPACE)
        return Piece(Fraction(_word("1"), below), POWER, "fraction", "fraction")

    def _summed(self, form: forms.Reduce, body: Piece, places: Places, sizes: Sequence[Size]) -> Piece:
        letters = _running(places, sizes, form.args[0])
        if form.kind in ("max", "min"):
            sign = Symbol(rf"\{form.kind}", form.kind)
            body = closed(body, PRODUCT)
            return Piece(row(Big(sign, separated(letters, COMMA)), SPACE, body.node), BIG, "word", body.ends)
        negative = body.negative
        found = _sum_over(letters, replace(body, negative=False))
        found = found if form.kind == "sum" else times(self._per(form), found)
        return negated(found) if negative else found

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
            parts.append(_item_node(item))
        base = self._leaf(operand) or self.form(operand)
        return Piece(Script(Fence(base.whole()), separated(parts, COMMA)), ATOM, "item", "name")

    def _put(self, form: forms.Put, side: str | None) -> Piece:
        if form.ndim > 2 or any(isinstance(item, forms.Span) for item in form.index):
            raise NoMatrixNotation
        found = self.form(form.args[0], "row" if isinstance(form.index[0], int) and form.ndim == 2 else "column")
        found = closed(found, PRODUCT)
        if form.ndim == 1:
            unit = _unit(form.index[0], side == "row")
            return times(found, unit)
        first, second = form.index
        if second is not None and form.shape[1] != 1:
            found = times(found, _unit(second, True))
        if first is not None and form.shape[0] != 1:
            found = (
                times(found, _unit(first, False))
                if one_element(form.args[0]) and form.shape[1] == 1
                else times(_unit(first, False), found)
            )
        return found

    def _one_hot(self, form: forms.OneHot) -> Piece:
        inside = self.form(form.args[0])
        return Piece(row(Symbol(r"\mathrm{onehot}", "onehot"), Fence(inside.whole())), ATOM, "function", "bracket")

    # Operations, in both notations: ``at`` is None for matrix notation, else one place per axis.

    def _operands(self, form: forms.Apply, at: Places | None, side: str | None) -> list[Piece]:
        if at is not None:
            return [self.entry(a, _aligned(at, a)) for a in form.args]
        implicit = form.op == "add"
        if form.op not in ("add", "subtract", "multiply") and any(_repeats(a, form) for a in form.args):
            # A quotient with a repeated column is read off its entries.
            raise NoMatrixNotation
        return [
            self._spread(a, form, side, implicit and isinstance(a, forms.Name))
            if len(form.args) > 1
            else self.form(a, side if a.ndim == 1 else None)
            for a in form.args
        ]

    def _apply(self, form: forms.Apply, at: Places | None, side: str | None) -> Piece:
        op = form.op
        if isinstance(op, Function) and not op.entrywise:
            return self._along_axis(form, op, at)
        pieces = self._operands(form, at, side)
        if not isinstance(op, str):
            return self._call(op, pieces)
        if op in ("add", "subtract"):
            return plus(pieces[0], pieces[1], 1 if op == "add" else -1)
        if op == "negative":
            return negated(pieces[0])
        if op == "multiply":
            return self._multiply(form, pieces, at)
        if op == "divide":
            return self._divide(form, pieces, at)
        if op == "power":
            return self._power(form, pieces, at)
        if op in _RELATIONS:
            condition = self._relation(op, pieces)
            if not self._indicators:
                cases = ((_word("1"), condition), (_word("0"), Word(self.context.otherwise)))
                return Piece(Grid(cases, "cases"), CASES, "bracket", "bracket")
            return self._indicator(condition)
        if op == "where":
            return self._where(form, at, side)
        if op == "exp":
            return self._exponential(pieces[0], at is None and not one_element(form))
        if op == "sqrt":
            return Piece(Root(pieces[0].whole()), POWER, "function", "name")
        if op in _SET_OFF:
            inside = pieces[0]
            if self.context.numbers is not None:
                return Piece(row(Symbol("\\" + op, op), Fence(inside.whole())), PRODUCT, "word", "bracket")
            alone = inside.level == BIG and isinstance(inside.node, Row) and isinstance(inside.node.parts[0], Big)
            if (not alone and (inside.level < POWER or inside.starts in ("word", "fraction"))) or inside.negative:
                inside = fenced(inside)
            return Piece(row(Symbol("\\" + op, op), SPACE, inside.node), PRODUCT, "word", "argument")
        head = Symbol(rf"\mathrm{{{op}}}".replace("_", r"\_"), op)
        inside_node = separated((p.whole() for p in pieces), row(COMMA, SPACE))
        return Piece(row(head, Fence(inside_node)), ATOM, "function", "bracket")

    def _multiply(self, form: forms.Apply, pieces: list[Piece], at: Places | None) -> Piece:
        a, b = form.args
        if at is None and self.context.numbers is not None and one_element(a) and one_element(b):
            return times(pieces[0], pieces[1], "crossed")
        if at is None and not self.context.scalar and a.shape and b.shape:
            repeated = form.ndim == 2 and form.shape[0] == 1  # a number is then repeated along the row, see _spread
            small = [one_element(x) and not (repeated and _is_computed(x)) for x in (a, b)]
            if small[0] == small[1]:
                return times(pieces[0], pieces[1], "entrywise")
        both_scalar = at is not None or (one_element(a) and one_element(b))
        left, right = pieces
        if at is None and not both_scalar:
            # A product that is one number, as xᵀ w, must not be torn apart by a matrix beside it.
            left, right = (
                fenced(p) if p.level in (ENTRYWISE, PRODUCT) and one_element(f) and _has_arrays(f) else p
                for p, f in ((left, a), (right, b))
            )
        if left.level == ENTRYWISE and right.level != ENTRYWISE and at is None:
            # A number behind an entrywise product would read as a factor of its last operand, which is the same.
            return times(left, right, "juxtaposed")
        if right.level == ENTRYWISE and left.level > ENTRYWISE and not right.negative:
            # c (A ⊙ B) and (c A) ⊙ B are the same: no brackets.
            left_open = left.ends == "argument" or left.level <= SUM
            if not left_open:
                node = row(left.node, _between(left, right, "juxtaposed"), right.node)
                return Piece(node, ENTRYWISE, left.starts, right.ends, left.negative)
        return times(left, right, self._how(form, a, b) if both_scalar else "juxtaposed")

    def _divide(self, form: forms.Apply, pieces: list[Piece], at: Places | None) -> Piece:
        above, below = pieces
        a, b = form.args
        negative = False
        if above.negative and above.level > SUM:
            above, negative = replace(above, negative=False), True
        if below.negative and below.level > SUM:
            below, negative = replace(below, negative=False), not negative
        array = at is None and not one_element(form)
        if _is_count(b) and (
            array or above.level in (SUM, BIG, ENTRYWISE) or not _is_simple(a) or isinstance(above.node, Fraction)
        ):
            factor: Node = _word("1")
            if (
                isinstance(a, forms.Apply)
                and a.op == "multiply"
                and isinstance(a.args[0], forms.Number)
                and isinstance(a.args[0].value, int)
            ):
                factor = _word(str(abs(a.args[0].value)))
                rest = forms.apply("multiply", forms.number(1), a.args[1])
                assert isinstance(rest, forms.Apply)
                above = self._operands(rest, at, None)[1]
            share = Piece(Fraction(factor, below.whole()), POWER, "fraction", "fraction", negative)
            if above.level == ENTRYWISE:
                return Piece(row(share.node, SPACE, above.node), ENTRYWISE, "fraction", above.ends, negative)
            return times(share, above)
        return Piece(Fraction(above.whole(), below.whole()), POWER, "fraction", "fraction", negative)

    def _power(self, form: forms.Apply, pieces: list[Piece], at: Places | None) -> Piece:
        base = closed(pieces[0], ATOM)
        if isinstance(base.node, Script) and (base.node.above is not None or base.node.primes):
            base = fenced(base)
        if isinstance(base.node, Row) and base.ends == "name":
            base = fenced(base)
        exponent = pieces[1]
        array = at is None and not one_element(form)
        if array and not isinstance(form.args[0], (forms.Name, forms.Adjoint)):
            raise NoMatrixNotation
        above = exponent.node
        power = form.args[1]
        if isinstance(power, forms.Number) and isinstance(power.value, float) and (2 * power.value) % 2 == 1:
            above = Fraction(_word(str(int(abs(2 * power.value)))), _word("2"))
        if isinstance(above, Fraction) and isinstance(above.above, Symbol) and isinstance(above.below, Symbol):
            above = Symbol(f"{above.above.latex}/{above.below.latex}", f"{above.above.text}/{above.below.text}")
        above = row(NEGATIVE, above) if exponent.negative else above
        if array:
            above = row(Symbol(r"\odot", "⊙"), SPACE, Fence(above) if exponent.negative else above)
        if isinstance(base.node, Row):
            head, last = list(base.node.parts[:-1]), base.node.parts[-1]
            if _is_operator(form.args[0]) and len(head) == 1 and not exponent.negative:
                # tanh²(z), as textbooks write powers of functions with names of their own
                return Piece(row(script(head[0], above=above), last), POWER, base.starts, "bracket")
            # f(z)² : the power stands at the closing bracket.
            return Piece(row(*head, script(last, above=above)), POWER, base.starts, "bracket")
        return Piece(
            script(base.node, above=above), POWER, base.starts, "bracket" if base.ends == "bracket" else "name"
        )

    def _exponential(self, exponent: Piece, array: bool) -> Piece:
        if array or is_tall(exponent.node) or "e" in self.context.names.taken:
            return Piece(row(Symbol(r"\exp", "exp"), Fence(exponent.whole())), ATOM, "function", "bracket")
        return Piece(Script(Symbol("e", "e"), None, exponent.whole()), POWER)

    def _relation(self, op: str, pieces: Sequence[Piece]) -> Node:
        return row(pieces[0].whole(), _RELATIONS[op], pieces[1].whole())

    def _indicator(self, condition: Node) -> Piece:
        return Piece(row(ONES, Fence(condition, "[")), ATOM, "function", "bracket")

    def _condition(self, form: Form, at: Places | None, side: str | None) -> Node:
        if isinstance(form, forms.Apply) and isinstance(form.op, str) and form.op in _RELATIONS:
            return self._relation(form.op, self._operands(form, at, side))
        piece = self.form(form, side) if at is None else self.entry(form, at)
        return row(piece.whole(), _RELATIONS["not_equal"], _word("0"))

    def _where(self, form: forms.Apply, at: Places | None, side: str | None) -> Piece:
        condition, a, b = form.args
        plain = isinstance(a, forms.Number) and isinstance(b, forms.Number) and (a.value, b.value) == (1, 0)
        if self._indicators and plain:
            return self._indicator(self._condition(condition, None if at is None else _aligned(at, condition), side))
        rows: list[tuple[Node, ...]] = []
        rest: Form = form
        while isinstance(rest, forms.Apply) and rest.op == "where":
            condition, value, rest = rest.args
            rows.append(
                (
                    self._case(value, form, at, side).whole(),
                    self._condition(condition, None if at is None else _aligned(at, condition), side),
                )
            )
        if isinstance(rest, forms.Apply) and isinstance(rest.op, str) and rest.op in _RELATIONS:
            # 1 where the comparison holds, else 0: one more case
            rows.append((_word("1"), self._condition(rest, None if at is None else _aligned(at, rest), side)))
            rest = forms.number(0)
        rows.append((self._case(rest, form, at, side).whole(), Word(self.context.otherwise)))
        return Piece(Grid(tuple(rows), "cases"), CASES, "bracket", "bracket")

    def _case(self, value: Form, form: Form, at: Places | None, side: str | None) -> Piece:
        return self._spread(value, form, side) if at is None else self.entry(value, _aligned(at, value))

    def _call(self, op: Function | Prime, pieces: list[Piece]) -> Piece:
        function = op.function if isinstance(op, Prime) else op
        symbol: Node = _function_symbol(function)
        fixed = len(function.defaults)
        inside, subscripts = (pieces[:-fixed], pieces[-fixed:]) if fixed else (pieces, [])
        if function.name == "absolute" and not isinstance(op, Prime):
            return Piece(Fence(pieces[0].whole(), "|"), ATOM, "bracket", "bracket")
        if function.name == "floor" and not isinstance(op, Prime):
            ends = Symbol(r"\lfloor ", "⌊"), Symbol(r"\rfloor ", "⌋")
            return Piece(row(ends[0], pieces[0].whole(), ends[1]), ATOM, "bracket", "bracket")
        below = separated((p.whole() for p in subscripts), COMMA) if subscripts else None
        primes = 0
        if isinstance(op, Prime):
            if len(inside) == 1 and op.position == 0:
                primes = 1
                if " " in function.text:  # log σ′ would be the logarithm of σ′
                    symbol = Fence(symbol)
            else:
                symbol = row(Script(Symbol(r"\partial", "∂"), _word(str(op.position + 1))), SPACE, symbol)
        head = Script(symbol, below, None, primes) if below is not None or primes else symbol
        arguments = separated((p.whole() for p in inside), row(COMMA, SPACE))
        return Piece(row(head, Fence(arguments)), ATOM, "function", "bracket")

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
                node = row(_function_symbol(op), Fence(inside.whole()))
                if at is None:
                    return Piece(node, ATOM, "function", "bracket")
                found = [p for p in at if p is not None]
                if not found:
                    return Piece(node, ATOM, "function", "bracket")
                *head, fence = node.parts if isinstance(node, Row) else (node,)
                return Piece(row(*head, Script(fence, _subscript(found))), ATOM, "function", "bracket")
        if at is None:
            raise NoMatrixNotation
        assert op.definition is not None
        return self.entry(op.definition(*form.args, **form.parameters), at)

    # Index notation.

    def entry(self, form: Form, at: Places) -> Piece:
        """Return the entry of a form at the places given, one per axis (None for an axis of length 1)."""
        if self.context.numbers is not None and any(p is not None for p in at):
            raise NoMatrixNotation
        if isinstance(form, forms.Name):
            return _named(subscripted(self.context.name(form.name), at))
        if isinstance(form, forms.Adjoint):
            own = self.context.adjoints.get(form.of)
            if own is not None:
                return Piece(subscripted(own, at))
            by = subscripted(self.context.name(form.of), at)
            return Piece(self.context.derivative(self.context.loss, form.of, by), POWER, "adjoint", "adjoint")
        leaf = self._leaf(form)
        if leaf is not None:
            return leaf
        if isinstance(form, forms.Apply):
            return self._apply(form, at, None)
        if isinstance(form, forms.Filled):
            return number_piece(form.value)
        if isinstance(form, forms.Reduce):
            return self._reduced_entry(form, at)
        if isinstance(form, forms.Expand):
            return self.entry(form.args[0], tuple(p for k, p in enumerate(at) if k not in form.axes))
        if isinstance(form, forms.Broadcast):
            return self.entry(form.args[0], _aligned(at, form.args[0]))
        if isinstance(form, forms.Transpose):
            inner: list[Place | None] = [None] * form.ndim
            for k, axis in enumerate(form.axes):
                inner[axis] = at[k]
            return self.entry(form.args[0], tuple(inner))
        if isinstance(form, forms.Outer):
            a, b = form.args
            return times(
                self.entry(a, at[:1]), self.entry(b, at[1:]), "dotted" if self.context.scalar else "juxtaposed"
            )
        if isinstance(form, forms.Matmul):
            return self._product_entry(form, at)
        if isinstance(form, forms.Einsum):
            return self._einsum_entry(form, at)
        if isinstance(form, forms.Get):
            return self._get_entry(form, at)
        if isinstance(form, forms.Put):
            return self._put_entry(form, at)
        if isinstance(form, forms.OneHot):
            if form.ndim > 2:  # class indices without matrix notation: one of them has one row
                inside = Fence(self.entry(form.args[0], at[:-1]).whole())
                below = _subscript([p for p in at[-1:] if p is not None])
                return Piece(
                    row(Symbol(r"\mathrm{onehot}", "onehot"), Script(inside, below)), ATOM, "function", "bracket"
                )
            node = self._one_hot(form).node
            assert isinstance(node, Row)
            below = _subscript([p for p in at if p is not None])
            return Piece(row(node.parts[0], Script(node.parts[1], below)), ATOM, "function", "bracket")
        if isinstance(form, _MOVES):
            return self._moved_entry(form, at)
        if isinstance(form, forms.Eye):
            return self._unit_matrix_entry(at)
        raise PrintError(f"no notation for {type(form).__name__} in {form}")

    def _unit_matrix_entry(self, at: Places) -> Piece:
        row_, column = at
        if row_ is None or column is None:
            return number_piece(1)
        if self.context.kronecker:
            return Piece(Script(Symbol(r"\delta", "δ"), row(row_.node(), column.node())))
        return self._indicator(row(row_.node(), _RELATIONS["equal"], column.node()))

    def _moved_entry(self, form: Form, at: Places) -> Piece:
        """Return the entry of an operation that only moves entries: the operand's, where it came from."""
        if isinstance(form, forms.Windows):
            place = combined([(at[form.axis], form.stride), (at[form.axis + 1], form.dilation)])
            return self.entry(form.args[0], (*at[: form.axis], place, *at[form.axis + 2 :]))
        if isinstance(form, forms.Reshape):
            return self.entry(form.args[0], _reshaped_places(form, at))
        if isinstance(form, forms.Concatenate):
            return self._joined_entry(form, at)
        values = form.args[0]
        if isinstance(form, forms.Gather):
            end = form.axis + form.args[1].ndim
            place = computed(self.entry(form.args[1], at[form.axis : end]).whole())
            kept = None if values.shape[form.axis] == 1 else place
            return self.entry(values, (*at[: form.axis], kept, *at[end:]))
        assert isinstance(form, (forms.Scatter, forms.Overlap))
        width = form.args[1].ndim if isinstance(form, forms.Scatter) else 2
        sizes = values.shape[form.axis : form.axis + width]
        with self.indices(sizes) as bound:
            body = self.entry(values, (*at[: form.axis], *bound, *at[form.axis + 1 :]))
            if isinstance(form, forms.Scatter):
                source = self.entry(form.args[1], bound).whole()
            else:
                sliding = combined([(bound[0], form.stride), (bound[1], form.dilation)]) or Place(None)
                source = sliding.node()
            here = at[form.axis]
            if here is not None:
                body = times(closed(body, PRODUCT), self._indicator(row(source, _RELATIONS["equal"], here.node())))
            letters = _running(bound, list(sizes), form)
            return _sum_over(letters, body) if letters else body

    def _joined_entry(self, form: forms.Concatenate, at: Places) -> Piece:
        here = at[form.axis]
        lines: list[tuple[Node, ...]] = []
        start = 0
        for part in form.args:
            length = part.shape[form.axis]
            assert isinstance(length, int) and here is not None
            place = None if length == 1 else here.within(start, 1)
            value = self.entry(part, (*at[: form.axis], place, *at[form.axis + 1 :]))
            lines.append((value.whole(), _inside(here, range(start, start + length))))
            start += length
        return Piece(Grid(tuple(lines), "cases"), CASES, "bracket", "bracket")

    def _reduced_entry(self, form: forms.Reduce, at: Places) -> Piece:
        operand = form.args[0]
        sizes = [operand.shape[k] for k in form.axes]
        with self.indices(sizes) as summed:
            kept = list(at)
            if form.keepdims:
                kept = [p for k, p in enumerate(at) if k not in form.axes]
            new = iter(summed)
            old = iter(kept)
            places = tuple(next(new) if k in form.axes else next(old) for k in range(operand.ndim))
            body = self.entry(operand, places)
            return body if all(p is None for p in summed) else self._summed(form, body, summed, sizes)

    def _product_entry(self, form: forms.Matmul, at: Places) -> Piece:
        a, b = form.args
        if a.ndim <= 2 and b.ndim <= 2:
            try:
                whole = self.form(form)
            except NoMatrixNotation:
                pass
            else:
                return Piece(subscripted(Fence(whole.whole()), at), ATOM, "bracket", "name")
        with self.indices([a.shape[-1]]) as (inner,):
            first = at[len(at) - (b.ndim > 1) - 1 : len(at) - (b.ndim > 1)] if a.ndim > 1 else ()
            last = at[-1:] if b.ndim > 1 else ()
            batch = at[: len(at) - len(first) - len(last)]
            left_batch = _aligned(batch, a, a.ndim - 2) if a.ndim > 2 else ()
            right_batch = _aligned(batch, b, b.ndim - 2) if b.ndim > 2 else ()
            left = self.entry(a, (*left_batch, *first, inner))
            right = self.entry(b, (*right_batch, inner, *last) if b.ndim > 1 else (inner,))
            body = times(left, right)
            if inner is None or inner.letter is None:
                return body
            return _sum_over(_running([inner], [a.shape[-1]], form), body)

    def _einsum_entry(self, form: forms.Einsum, at: Places) -> Piece:
        sizes: dict[int, Size] = {}
        for labels, operand in zip(form.labels, form.args, strict=True):
            for label, s in zip(labels, operand.shape, strict=True):
                sizes[label] = s if sizes.get(label, 1) == 1 else sizes[label]
        summed = [label for label in sizes if label not in form.result]
        with self.indices([sizes[label] for label in summed]) as bound:
            where: dict[int, Place | None] = dict(zip(form.result, at, strict=True))
            where.update(zip(summed, bound, strict=True))
            body: Piece | None = None
            for labels, operand in zip(form.labels, form.args, strict=True):
                places = tuple(where[k] if s != 1 else None for k, s in zip(labels, operand.shape, strict=True))
                factor = self.entry(operand, places)
                body = factor if body is None else times(body, factor)
            assert body is not None
            letters = _running(bound, [sizes[label] for label in summed], form)
            if not letters:
                return body
            return replace(_sum_over(letters, replace(body, negative=False)), negative=body.negative)

    def _get_entry(self, form: forms.Get, at: Places) -> Piece:
        rest = iter(at)
        places: list[Place | None] = []
        for item, s in zip(form.index, form.args[0].shape, strict=True):
            if isinstance(item, int):
                places.append(None if s == 1 else Place(None, Rational(0), Rational(item)))
                continue
            place = next(rest)
            if item is None:
                places.append(place)
            elif place is None:
                # The slice has one element, so its place is its start.
                places.append(None if s == 1 else Place(None, Rational(0), Rational(item.start)))
            else:
                places.append(place.shifted(item.start, item.step))
        return self.entry(form.args[0], tuple(places))

    def _put_entry(self, form: forms.Put, at: Places) -> Piece:
        inner: list[Place | None] = []
        conditions: list[Node] = []
        for item, place, s in zip(form.index, at, form.shape, strict=True):
            if item is None:
                inner.append(place)
                continue
            if place is None:
                if not isinstance(item, int):
                    inner.append(None)
                continue
            if isinstance(item, int):
                conditions.append(row(place.node(), _RELATIONS["equal"], _word(str(item + 1))))
                continue
            found = range(item.start, item.stop, item.step)
            inner.append(None if len(found) == 1 else place.within(item.start, item.step))
            if isinstance(s, int) and sorted(found) == list(range(s)):
                continue
            conditions.append(_inside(place, found))
        value = self.entry(form.args[0], tuple(inner))
        if not conditions:
            return value
        condition = separated(conditions, row(COMMA, SPACE))
        if not form.value and all(isinstance(item, int) or item is None for item in form.index):
            return times(closed(value, PRODUCT), self._indicator(condition))
        return Piece(
            Grid(
                ((value.whole(), condition), (number_piece(form.value or 0).whole(), Word(self.context.otherwise))),
                "cases",
            ),
            CASES,
            "bracket",
            "bracket",
        )


def _is_operator(form: Form) -> bool:
    """Say whether a form is a call of a function that LaTeX has an operator for, as \\tanh."""
    return isinstance(form, forms.Apply) and isinstance(form.op, Function) and form.op.latex in _OPERATORS


_OPERATORS = (r"\tanh", r"\sinh", r"\cosh", r"\sin", r"\cos", r"\tan")


def _reshaped_places(form: forms.Reshape, at: Places) -> Places:
    """Return the places of the operand's axes: a split axis reads a sum of letters, a merged one its quotient or rest."""
    old, new = form.args[0].shape, form.shape
    inner: list[Place | None] = [None] * len(old)
    for before, after in forms.radix_groups(old, new):
        if len(before) == len(after) == 1:
            inner[before[0]] = at[after[0]]
            continue
        parts, stride = [], 1
        for axis in reversed(after):
            parts.append((at[axis], stride))
            stride *= int(new[axis])
        flat = combined(parts[::-1])
        stride = 1
        for axis in reversed(before):
            length = int(old[axis])
            if length != 1 and flat is not None:
                whole = stride == 1 and all(old[k] == 1 for k in before if k != axis)
                last = all(old[k] == 1 for k in before if k < axis)
                node = _digit(flat.node(), stride, length, last)
                inner[axis] = flat if whole else computed(node, (flat, stride, length, last))
            stride *= length
    return tuple(inner)


def _digit(position: Node, stride: int, length: int, last: bool) -> Node:
    """Return one position out of a merged one: both count from 1."""
    if stride != 1:
        quotient = row(Symbol(r"\lceil ", "⌈"), position, Symbol("/", "/"), _word(str(stride)), Symbol(r"\rceil ", "⌉"))
        if last:
            return quotient
        position = quotient
    inside = row(position, _word(" - 1"))
    return row(Symbol("(", "("), inside, Symbol(")", ")"), Infix(r"\bmod", "mod", True), _word(f"{length} + 1"))


def _long(form: Form) -> list[Size]:
    return [s for s in form.shape if s != 1]


def _has_adjoint(form: Form) -> bool:
    return any(isinstance(node, forms.Adjoint) for node in forms.walk(form))


def _is_computed(form: Form) -> bool:
    """Tell whether a form is a number that a gradient computes from one row, as the δ v of the rows of a batch."""
    return form.ndim == 2 and _has_arrays(form) and _has_adjoint(form)


def _has_arrays(form: Form) -> bool:
    return any(not one_element(node) for node in forms.walk(form))


def _repeats(operand: Form, result: Form) -> bool:
    """Say whether rows or columns of an operand are repeated where it meets the result's shape."""
    padded = (1,) * (result.ndim - operand.ndim) + operand.shape
    return result.ndim == 2 and not one_element(operand) and padded != result.shape


def _inside(place: Place, found: range) -> Node:
    """Return the condition that a place is one of those found, counted from 1."""
    if len(found) == 1:
        return row(place.node(), _RELATIONS["equal"], _word(str(found[0] + 1)))
    if abs(found.step) == 1:
        low, high = min(found) + 1, max(found) + 1
        return row(_word(str(low)), _AT_LEAST, place.node(), _AT_LEAST, _word(str(high)))
    members = separated((_word(str(k + 1)) for k in sorted(found)), row(COMMA, SPACE))
    return row(place.node(), Infix(r"\in", "∈", True), Symbol(r"\{", "{"), members, Symbol(r"\}", "}"))


def _aligned(at: Sequence[Place | None], form: Form, rank: int | None = None) -> Places:
    """Return the places of a result's axes as they fall on the axes of an operand, by NumPy's rule."""
    axes = form.shape if rank is None else form.shape[:rank]
    chosen = tuple(at)[len(at) - len(axes) :] if axes else ()
    return tuple(None if s == 1 else p for s, p in zip(axes, chosen, strict=True))


def _item_node(item: forms.Item) -> Node:
    if item is None:
        return Symbol(":", ":")
    if isinstance(item, int):
        return _word(str(item + 1))
    found = range(item.start, item.stop, item.step)
    ends = f"{found[0] + 1}:{found[-1] + 1}" if found else "1:0"
    return _word(ends if item.step == 1 else f"{ends}:{item.step}")


def _unit(item: forms.Item, as_row: bool) -> Piece:
    assert isinstance(item, int)
    return Piece(
        Script(Symbol(r"\mathbf{e}", "e"), _word(str(item + 1)), TOP if as_row else None), POWER if as_row else ATOM
    )


def _is_count(form: Form) -> bool:
    """Say whether a form is a number known before the run: literals, sizes, and products of them."""
    if isinstance(form, (forms.Number, forms.SizeOf)):
        return True
    return isinstance(form, forms.Apply) and form.op == "multiply" and all(_is_count(a) for a in form.args)


def _is_simple(form: Form) -> bool:
    """Say whether a form is short enough to stand above a fraction bar: a name, or a product of names."""
    if isinstance(form, (forms.Name, forms.Adjoint)):
        return True
    if _is_count(form):
        return True
    if isinstance(form, forms.Apply) and form.op in ("multiply", "negative"):
        return all(_is_simple(a) for a in form.args)
    return False
