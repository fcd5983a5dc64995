"""Index notation on the page: elements, and the proof of each gradient, as display trees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction as Rational
from functools import reduce
from typing import Any, TypeAlias

import sympy as sp

from symback.core.display import (
    COMMA,
    DOT,
    EMPTY,
    EQUALS,
    SPACE,
    THIN,
    Big,
    Fence,
    Fraction,
    Grid,
    Node,
    Root,
    Row,
    Script,
    Symbol,
    Word,
    row,
    script,
    separated,
)
from symback.core.errors import PrintError
from symback.core.forms import Form, Implicit, Name, Prime, Shape, substitute
from symback.core.forms import name as make_name
from symback.derivation.proofs import Proof
from symback.engine.elements import Access, Digit, Held, Index, Indicator, Literal, Opaque, Peak, Select, Total, opened
from symback.engine.recognition import ordered_factors, ordered_terms
from symback.networks.network import NamedNetwork
from symback.page.context import Context
from symback.page.notation import function_symbol, letters_below, light, size_symbol
from symback.page.pieces import (
    ATOM,
    BIG,
    CASES,
    POWER,
    PRODUCT,
    RELATIONS,
    NoMatrixNotation,
    Piece,
    closed,
    fenced,
    indicator,
    negated,
    number_piece,
    plus,
    sum_over,
    times,
)
from symback.page.places import Place, Places, subscripted
from symback.page.typesetting import Typesetter

_TARGET = ("k", "j", "l", "q")
_OUT = ("i", "m", "r", "v")
_INNER = ("p", "s", "t", "u", "h", "g")
_SAME = Symbol("=", "=")
"""Between two letters the sign of equality stands close."""


class Elements:
    """Typesets elements of one network: SymPy expressions over entries of its arrays."""

    def __init__(self, context: Context, network: NamedNetwork, names: tuple[str, ...]) -> None:
        self.context = context
        self.network = network
        self.names = names
        self.calls: dict[Form, Form] = {
            q.form: make_name(q.name, q.shape) for q in network.equations if isinstance(q.form, Implicit)
        }
        self.letters: dict[Index, str] = {}
        self.fixed: dict[Index, int] = {}
        self.leading: tuple[Index, ...] = ()
        self.inner: tuple[str, ...] = _INNER
        """The letters of sums inside, the first free one first."""
        names_here = [*network.variables, *(e.name for e in network.equations)]
        taken = {n for n in names_here if len(n) == 1} | letters_below(names_here)
        sizes = {str(s) for e in network.equations for s in e.shape if not isinstance(s, int)}
        self.free = [c for c in (*_INNER, "a", "c", "d", "e") if c not in taken | sizes]
        self.taken = taken | sizes

    def assign(self, indices: tuple[Index, ...], wanted: tuple[str, ...]) -> None:
        """Give letters to free indices; axes of length 1 get none."""
        long = [i for i in indices if i.size != 1]
        pool = [c for c in wanted if c not in self.taken and c not in self.letters.values()]
        pool += [c for c in self.free if c not in pool]
        for index, letter in zip(long, pool, strict=False):
            self.letters[index] = letter
            if letter in self.free:
                self.free.remove(letter)
        if len(long) > len(pool):
            raise PrintError("a formula with more indices than there are letters has no index notation here")

    def place(self, at: Any, length: Any) -> Place | None:
        """Return the position an access reads along an axis; None for an axis of length 1."""
        if length == 1:
            return None
        if isinstance(at, sp.Integer):
            return Place(None, offset=Rational(int(at)))
        if self.fixed:
            at = at.xreplace({index: sp.Integer(k) for index, k in self.fixed.items()})
            if isinstance(at, sp.Integer):
                return Place(None, offset=Rational(int(at)))
        indices = sorted(at.atoms(Index), key=lambda i: i.number)
        if len(indices) != 1 or at.has(Digit, Access) or indices[0] not in self.letters:
            raise NoMatrixNotation
        index = indices[0]
        start = at.xreplace({index: sp.S.Zero})
        step = at.xreplace({index: sp.S.One}) - start
        return Place(self.letters[index], Rational(int(step)), Rational(int(start)))

    def places(self, indices: tuple[Any, ...], shape: Shape) -> Places:
        """Return the positions of an access."""
        return tuple(self.place(i, s) for i, s in zip(indices, shape, strict=True))

    def entry(self, array: str, indices: tuple[Any, ...]) -> Node:
        """Return an entry of an array, or the derivative of the loss with respect to one."""
        of = array.removeprefix("∂")
        places = self.places(indices, self.network.shape_of(of))
        if array == of:
            return self.context.entry(of, places)
        return self.context.adjoint(of, places)

    def piece(self, e: Any) -> Piece:
        """Return an element as a piece."""
        if isinstance(e, Access) and isinstance(e.args[0], Held):
            form = substitute(e.args[0].form, self.calls.get)
            if isinstance(form, Name):
                return Piece(self.entry(form.name, e.indices))
            piece = Typesetter(self.context).form(form)
            places = self.places(e.indices, form.shape)
            return Piece(
                _entry(piece, places, self.context),
                starts=piece.starts if all(p is None for p in places) else "bracket",
            )
        if isinstance(e, Access):
            kind = "adjoint" if e.array.startswith("∂") else "name"
            return Piece(self.entry(e.array, e.indices), starts=kind, ends=kind)
        if isinstance(e, sp.Rational):
            return number_piece(int(e) if e.is_Integer else Rational(int(e.p), int(e.q)))
        if isinstance(e, Literal):
            return number_piece(e.value)
        if isinstance(e, sp.Symbol):
            return Piece(size_symbol(e))
        if isinstance(e, sp.Add):
            return reduce(plus, (self.piece(t) for t in ordered_terms(e.args, self.names)))
        if isinstance(e, sp.Mul):
            return self._product(e)
        if isinstance(e, Total):
            return self._total(e)
        if isinstance(e, Peak):
            return self._peak(e)
        if isinstance(e, Indicator):
            return self._indicator(e)
        if isinstance(e, Select):
            condition, a, b = e.args
            rows = (
                (self.piece(a).whole(), self._condition(condition)),
                (self.piece(b).whole(), Word(self.context.otherwise)),
            )
            return Piece(Grid(rows, "cases"), CASES)
        if isinstance(e, sp.exp):
            return Piece(Script(Symbol("e", "e"), None, self.piece(e.args[0]).whole()), POWER)
        if isinstance(e, sp.Pow):
            return self._power(e)
        if isinstance(e, Opaque):
            function = e.op.function if isinstance(e.op, Prime) else e.op
            head: Node = function_symbol(function)
            if isinstance(e.op, Prime):
                head = Script(head, primes=1)
            inside = separated([self.piece(a).whole() for a in e.args[1:]], row(COMMA, SPACE))
            return Piece(row(head, Fence(inside)), ATOM, "function", "function")
        if isinstance(e, (sp.log, sp.sin, sp.cos)):
            word = type(e).__name__
            return Piece(row(Symbol(rf"\{word}", word), Fence(self.piece(e.args[0]).whole())), ATOM, "word", "function")
        raise NoMatrixNotation

    def _product(self, e: Any) -> Piece:
        above, below = [], []
        for factor in e.args:
            base, power = factor.as_base_exp()
            if isinstance(power, sp.Rational) and power < 0 and not isinstance(factor, sp.exp):
                below.append(base ** (-power))
            elif isinstance(factor, sp.Rational) and factor.q != 1:
                below.insert(0, sp.Integer(factor.q))
                above.append(sp.Integer(factor.p))
            else:
                above.append(factor)
        negative = False
        numbers = [f for f in above if isinstance(f, (sp.Integer, Literal))]
        rest = [f for f in above if f not in numbers]
        value = sp.Mul(*[f for f in numbers if isinstance(f, sp.Integer)])
        if value < 0:
            negative, value = True, -value
        front = [number_piece(int(value))] if value != 1 else []
        front += [self.piece(f) for f in numbers if isinstance(f, Literal)]
        sizes = [f for f in rest if isinstance(f, sp.Symbol)]
        plain = [f for f in below if isinstance(f, (sp.Integer, sp.Symbol, Literal))]
        divisors = [f for f in below if f not in plain]
        factors = self._ordered([f for f in rest if f not in sizes])
        front += [self.piece(s) for s in sizes]
        # a derivative stands before a fraction, not inside it
        before = [self.piece(f) for f in factors if divisors and _is_adjoint(f)]
        pieces = [self.piece(f) for f in factors if not (divisors and _is_adjoint(f))]
        if divisors:
            pieces = [*before, _fraction(pieces, [self.piece(d) for d in ordered_factors(divisors, self.names)])]
        if plain:
            front = [_fraction(front, [self.piece(d) for d in plain])]
        whole = _product_of([*front, *pieces])
        return negated(whole) if negative else whole

    def _ordered(self, factors: list[Any]) -> list[Any]:
        """Return factors in the usual order; entries in the order of a matrix product where ``leading`` says so."""
        found = ordered_factors(factors, self.names)
        if self.leading and len(found) == 2 and all(isinstance(f, Access) for f in found):
            first = [[self.leading.index(i) for i in f.indices if i in self.leading] for f in found]
            if all(len(k) == 1 for k in first) and first[0] > first[1]:
                found.reverse()
        return found

    def _total(self, e: Any) -> Piece:
        over: list[str] = []
        body = e
        while isinstance(body, Total):
            body, index = opened(body)
            self.assign((index,), self.inner)
            if index in self.letters:
                over.append(self.letters[index])
        return self.summed(tuple(over), self.piece(body))

    def summed(self, letters: tuple[str, ...], body: Piece) -> Piece:
        """Return Σ over ``letters`` of a piece."""
        return sum_over([Symbol(c, c) for c in letters], body) if letters else body

    def _peak(self, e: Any) -> Piece:
        body, index = opened(e)
        self.assign((index,), self.inner)
        below = Symbol(self.letters[index], self.letters[index])
        return Piece(
            row(Big(Symbol(r"\max", "max"), below), SPACE, closed(self.piece(body), PRODUCT).node), BIG, "word"
        )

    def _condition(self, e: Any) -> Node:
        if not isinstance(e, Indicator):
            raise NoMatrixNotation
        parts = list(e.args[1:])
        if any(p.atoms(Index) and not p.has(Access) for p in parts):
            # positions print from 1, also a constant one; the index that runs comes first
            if e.relation == "delta" and parts[0].is_Integer:
                parts.reverse()
            positions = [
                None if p.has(Access) or not (p.is_Integer or p.atoms(Index)) else self.place(p, 0) for p in parts
            ]
        else:
            positions = [None, None]
        sides = [self.piece(p).whole() if at is None else at.node() for p, at in zip(parts, positions, strict=True)]
        short = all(at is None or at.plain for at in positions)
        sign = RELATIONS["equal" if e.relation == "delta" else e.relation]
        return row(sides[0], _SAME if e.relation == "delta" and short else sign, sides[1])

    def _indicator(self, e: Any) -> Piece:
        return replace(indicator(self._condition(e)), starts="item")

    def _power(self, e: Any) -> Piece:
        base, power = e.as_base_exp()
        if isinstance(power, sp.Rational) and power < 0:
            return _fraction([], [self.piece(base ** (-power))])
        if power == sp.Rational(1, 2):
            return Piece(Root(self.piece(base).whole()), POWER, "function", "name")
        inner = closed(self.piece(base), ATOM)
        if (isinstance(inner.node, Script) and inner.node.above is not None) or inner.ends == "function":
            inner = fenced(inner)
        above = self.piece(power).whole()
        if isinstance(power, sp.Rational) and power.q != 1:
            above = Symbol(f"{power.p}/{power.q}", f"{power.p}/{power.q}")
        return Piece(script(inner.node, None, above), POWER, inner.starts)


def _product_of(pieces: Sequence[Piece]) -> Piece:
    return reduce(times, pieces) if pieces else number_piece(1)


def _fraction(above: Sequence[Piece], below: Sequence[Piece]) -> Piece:
    return Piece(Fraction(_product_of(above).whole(), _product_of(below).whole()), PRODUCT, "fraction", "fraction")


def proof_rows(
    context: Context,
    network: NamedNetwork,
    proof: Proof,
    matrix: Context,
    at: tuple[int, ...] | None = None,
) -> Iterator[tuple[Node, ...]]:
    """Yield the lines of a proof: the rule, the local derivative, the sums done, the array formula.

    ``at`` proves a single entry, counted from 0. A line that reads an array in a way that has no subscripts is left
    out; the array formula then stands in index notation.
    """
    setter = Elements(context, network, proof.leaves)
    if at is None:
        wide = sum(i.size != 1 for i in proof.target) > 1
        setter.assign(proof.target, _TARGET if wide else ("j", *_TARGET))
    else:
        setter.fixed = dict(zip(proof.target, at, strict=True))
    setter.assign(proof.out, _OUT)
    places = setter.places(proof.target, network.shape_of(proof.of))
    target = context.entry(proof.of, places)
    left = context.adjoint(proof.of, places)
    lines = [
        _rule(setter, proof, target),
        _written(setter, proof),
        _eliminated(setter, proof),
        _formula(setter, proof, matrix),
    ]
    shown: dict[Any, Node] = {}
    bound = {*setter.free, *_INNER, *(setter.letters[i] for i in proof.summed if i in setter.letters)}
    for line in lines:
        try:
            node = line()
        except (NoMatrixNotation, PrintError):
            continue
        if node is not None:
            shown.setdefault(_said(node, bound, {}), node)
    for k, line_node in enumerate(shown.values()):
        yield (EMPTY if k else left, row(EQUALS, line_node))


def _said(node: Any, bound: Collection[str], letters: dict[str, int]) -> Any:
    """Return what a line says, whatever its sums call their indices and however its products are spaced."""
    if isinstance(node, Row):
        inner = [_said(part, bound, letters) for part in node.parts if part not in (SPACE, THIN, DOT)]
        return tuple(x for part in inner for x in (part if isinstance(part, tuple) else (part,)))
    if isinstance(node, Symbol):
        return letters.setdefault(node.latex, len(letters)) if node.latex in bound else node.latex
    if not is_dataclass(node):
        return tuple(_said(part, bound, letters) for part in node) if isinstance(node, tuple) else node
    found = tuple(_said(getattr(node, part.name), bound, letters) for part in fields(node))
    return frozenset(enumerate((type(node).__name__, *found)))


def _is_adjoint(e: Any) -> bool:
    return isinstance(e, Access) and e.array.startswith("∂")


Line: TypeAlias = "Callable[[], Node | None]"


def _rule(setter: Elements, proof: Proof, target: Node) -> Line:
    """Return the line of the rule: the sum over the output's entries of ∂L/∂Y[out] ∂Y[out]/∂A[target]."""

    def line() -> Node | None:
        context = setter.context
        if proof.through == context.loss:
            return None
        out = context.entry(proof.through, setter.places(proof.out, setter.network.shape_of(proof.through)))
        local = context.derivative(proof.through, proof.of, target)
        assert isinstance(local, Fraction)
        marked = Fraction(renamed(local.above, context.name(proof.through), out), local.below)
        upstream = setter.piece(proof.upstream).node
        return setter.summed(_letters(setter, proof), Piece(row(upstream, SPACE, marked), PRODUCT)).whole()

    return line


def _written(setter: Elements, proof: Proof) -> Line:
    """Return the same with the local derivative as it is, deltas and all."""

    def line() -> Node:
        if not proof.local:
            raise NoMatrixNotation
        found = sorted((setter.piece(t) for t in proof.local), key=lambda piece: piece.negative)
        inside = reduce(plus, found)
        if proof.through != setter.context.loss:
            inside = times(setter.piece(proof.upstream), inside)
        return setter.summed(_letters(setter, proof), inside).whole()

    return line


def _letters(setter: Elements, proof: Proof) -> tuple[str, ...]:
    return tuple(setter.letters[i] for i in proof.summed)


def _formula(setter: Elements, proof: Proof, matrix: Context) -> Line:
    """Return the entry of the array formula; in index notation where matrices have no words for it."""

    def line() -> Node:
        places = setter.places(proof.target, setter.network.shape_of(proof.of))
        typesetter = Typesetter(matrix)
        typesetter.hold(p.letter for p in places if p is not None and p.letter is not None)
        try:
            return _entry(typesetter.whole(proof.form), places, matrix)
        except NoMatrixNotation:
            return typesetter.entry(proof.form, places).whole()

    return line


def _eliminated(setter: Elements, proof: Proof) -> Line:
    """Return the sums that are left, with the letters they had."""

    def line() -> Node | None:
        if proof.placed:
            return None
        setter.leading = proof.target
        groups: dict[tuple[Index, ...], list[Any]] = {}
        for term in proof.eliminated:
            groups.setdefault(term.summed, []).append(term.expression)
        pieces = []
        for over, terms in groups.items():
            whole = sp.Add(*terms)
            negative = whole.could_extract_minus_sign() and not isinstance(whole, sp.Add)
            letters = tuple(setter.letters[i] for i in over if i in setter.letters)
            piece = setter.summed(letters, setter.piece(-whole if negative else whole))
            pieces.append(replace(piece, negative=True) if negative else piece)
        setter.leading = ()
        pieces.sort(key=lambda p: p.negative)
        return reduce(plus, pieces).whole()

    return line


def _entry(piece: Piece, places: Places, context: Context) -> Node:
    if all(p is None for p in places):
        return piece.whole()
    simple = piece.level == ATOM and not piece.negative and isinstance(piece.node, (Symbol, Script))
    alone = light(piece.node) if context.notation.bold else piece.node
    return subscripted(alone if simple else Fence(piece.whole()), places, context.taken)


def renamed(node: Node, old: Node, new: Node) -> Node:
    """Return a row of nodes with one of them printed as another."""
    if node == old:
        return new
    if isinstance(node, Row):
        return row(*(renamed(p, old, new) for p in node.parts))
    return node
