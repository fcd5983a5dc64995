"""Operations as they print once their operands are pieces; ``by_entries`` says that those are entries, not arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from symback.core import forms
from symback.core.display import (
    COMMA,
    NEGATIVE,
    SPACE,
    Big,
    Fence,
    Fraction,
    Node,
    Row,
    Script,
    Symbol,
    is_tall,
    row,
    script,
    separated,
)
from symback.core.forms import Form, Function, Prime
from symback.page.context import Context
from symback.page.notation import function_symbol
from symback.page.pieces import (
    ATOM,
    BIG,
    ENTRYWISE,
    POWER,
    PRODUCT,
    RELATIONS,
    SUM,
    NoMatrixNotation,
    Piece,
    closed,
    fenced,
    gap_between,
    has_arrays,
    holds_ones,
    is_computed,
    is_count,
    is_simple,
    number_piece,
    one_element,
    times,
)
from symback.page.places import symbol_of

SET_OFF = ("log", "sin", "cos", "tan")
"""Operations whose name stands before the operand without brackets."""
_OPERATORS = (r"\tanh", r"\sinh", r"\cosh", r"\sin", r"\cos", r"\tan")


def product_sign(context: Context, a: Form, b: Form) -> str:
    """Return how two scalars are multiplied here: the ``how`` of ``times``."""
    if context.numbers is not None and one_element(a) and one_element(b):
        return "crossed"
    return context.product if context.scalar else "juxtaposed"


def multiply(context: Context, form: forms.Apply, pieces: list[Piece], by_entries: bool) -> Piece:
    """Return a product, entrywise for arrays."""
    a, b = form.args
    if not by_entries and context.numbers is not None and one_element(a) and one_element(b):
        return times(pieces[0], pieces[1], "crossed")
    if not by_entries and not context.scalar and a.shape and b.shape:
        repeated = form.ndim == 2 and form.shape[0] == 1  # a number is then repeated along the row, see _spread
        small = [one_element(x) and not (repeated and is_computed(x)) for x in (a, b)]
        if small[0] == small[1]:
            if all(holds_ones(p.node) for p in pieces):
                raise NoMatrixNotation  # by entries no number is repeated on either side
            return times(pieces[0], pieces[1], "entrywise")
    both_scalar = by_entries or (one_element(a) and one_element(b))
    left, right = pieces
    if not by_entries and not both_scalar:
        # A product that is one number, as xᵀ w, must not be torn apart by a matrix beside it.
        left, right = (
            fenced(p) if p.level in (ENTRYWISE, PRODUCT) and one_element(f) and has_arrays(f) else p
            for p, f in ((left, a), (right, b))
        )
    if left.level == ENTRYWISE and right.level != ENTRYWISE and not by_entries:
        # A number behind an entrywise product would read as a factor of its last operand, which is the same.
        return times(left, right, "juxtaposed")
    if right.level == ENTRYWISE and left.level > ENTRYWISE and not right.negative:
        # c (A ⊙ B) and (c A) ⊙ B are the same: no brackets.
        left_open = left.ends == "argument" or left.level <= SUM
        if not left_open:
            node = row(left.node, gap_between(left, right, "juxtaposed"), right.node)
            return Piece(node, ENTRYWISE, left.starts, right.ends, left.negative)
    return times(left, right, product_sign(context, a, b) if both_scalar else "juxtaposed")


def divide(
    form: forms.Apply, pieces: list[Piece], by_entries: bool, again: Callable[[forms.Apply], list[Piece]]
) -> Piece:
    """Return a quotient: a fraction, or one over a count before what is divided; ``again`` prints other operands."""
    above, below = pieces
    a, b = form.args
    negative = False
    if above.negative and above.level > SUM:
        above, negative = replace(above, negative=False), True
    if below.negative and below.level > SUM:
        below, negative = replace(below, negative=False), not negative
    array = not by_entries and not one_element(form)
    if array and not one_element(b) and (holds_ones(above.node) or holds_ones(below.node)):
        # (1ᵀ X)/s: what a vector of ones sums over is plainer by entries
        raise NoMatrixNotation
    if (
        above.level == SUM
        and is_tall(above.node)
        and one_element(b)
        and is_simple(b)
        and not isinstance(b, forms.Number)
    ):
        share = Piece(Fraction(symbol_of("1"), below.whole()), POWER, "fraction", "fraction", negative)
        return times(share, above)
    if is_count(b) and (
        array or above.level in (SUM, BIG, ENTRYWISE) or not is_simple(a) or isinstance(above.node, Fraction)
    ):
        factor: Node = symbol_of("1")
        if (
            isinstance(a, forms.Apply)
            and a.op == "multiply"
            and isinstance(a.args[0], forms.Number)
            and isinstance(a.args[0].value, int)
        ):
            factor = symbol_of(str(abs(a.args[0].value)))
            rest = forms.apply("multiply", forms.number(1), a.args[1])
            assert isinstance(rest, forms.Apply)
            above = again(rest)[1]
        share = Piece(Fraction(factor, below.whole()), POWER, "fraction", "fraction", negative)
        if above.level == ENTRYWISE:
            return Piece(row(share.node, SPACE, above.node), ENTRYWISE, "fraction", above.ends, negative)
        return times(share, above)
    if (above.starts == "adjoint" or _begins_with_adjoint(a)) and is_tall(above.node) and above.level >= ENTRYWISE:
        # a derivative is no numerator: 1/√d ∂L/∂S, not a fraction within a fraction
        share = Piece(Fraction(symbol_of("1"), below.whole()), POWER, "fraction", "fraction", negative)
        if by_entries or one_element(b):
            if above.level == ENTRYWISE:
                return Piece(row(share.node, SPACE, above.node), ENTRYWISE, "fraction", above.ends, negative)
            return times(share, above)
        return replace(times(above, replace(share, negative=False), "entrywise"), negative=negative)
    return Piece(Fraction(above.whole(), below.whole()), POWER, "fraction", "fraction", negative)


def _begins_with_adjoint(form: Form) -> bool:
    """Say whether the first factor of a product is a derivative of the loss, turned or not."""
    while isinstance(form, (forms.Matmul, forms.Outer, forms.Transpose)):
        form = form.args[0]
    return isinstance(form, forms.Adjoint)


def power(form: forms.Apply, pieces: list[Piece], by_entries: bool) -> Piece:
    """Return a power; that of an array is marked as taken entry by entry."""
    base = closed(pieces[0], ATOM)
    if isinstance(base.node, Script) and (base.node.above is not None or base.node.primes):
        base = fenced(base)
    if isinstance(base.node, Row) and base.ends == "name":
        base = fenced(base)
    exponent = pieces[1]
    array = not by_entries and not one_element(form)
    if array and not isinstance(form.args[0], (forms.Name, forms.Adjoint, forms.Implicit)):
        raise NoMatrixNotation
    above = exponent.node
    power = form.args[1]
    if isinstance(power, forms.Number) and isinstance(power.value, float) and (2 * power.value) % 2 == 1:
        above = Fraction(symbol_of(str(int(abs(2 * power.value)))), symbol_of("2"))
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
    return Piece(script(base.node, above=above), POWER, base.starts, "bracket" if base.ends == "bracket" else "name")


def _is_operator(form: Form) -> bool:
    """Say whether a form is a call of a function that LaTeX has an operator for, as \\tanh."""
    return isinstance(form, forms.Apply) and isinstance(form.op, Function) and form.op.latex in _OPERATORS


def exponential(context: Context, exponent: Piece, array: bool) -> Piece:
    """Return e to a power, or exp where the exponent stands too tall or ``e`` is a name."""
    if array or is_tall(exponent.node) or "e" in context.names.taken:
        return Piece(row(Symbol(r"\exp", "exp"), Fence(exponent.whole())), ATOM, "function", "bracket")
    if exponent.node == symbol_of("1") and not exponent.negative:
        return Piece(Symbol("e", "e"))
    return Piece(Script(Symbol("e", "e"), None, exponent.whole()), POWER)


def set_off(context: Context, op: str, inside: Piece) -> Piece:
    """Return an operation whose name stands before its operand: log x."""
    if context.numbers is not None:
        return Piece(row(Symbol("\\" + op, op), Fence(inside.whole())), PRODUCT, "word", "bracket")
    alone = inside.level == BIG and isinstance(inside.node, Row) and isinstance(inside.node.parts[0], Big)
    if (not alone and (inside.level < POWER or inside.starts in ("word", "fraction"))) or inside.negative:
        inside = fenced(inside)
    return Piece(row(Symbol("\\" + op, op), SPACE, inside.node), PRODUCT, "word", "argument")


def spelled_out(op: str, pieces: Sequence[Piece]) -> Piece:
    """Return an operation without a notation of its own as a call by its name."""
    head = Symbol(rf"\mathrm{{{op}}}".replace("_", r"\_"), op)
    arguments = separated((p.whole() for p in pieces), row(COMMA, SPACE))
    return Piece(row(head, Fence(arguments)), ATOM, "function", "bracket")


def relation(op: str, pieces: Sequence[Piece]) -> Node:
    """Return a comparison."""
    return row(pieces[0].whole(), RELATIONS[op], pieces[1].whole())


def call(op: Function | Prime, pieces: list[Piece]) -> Piece:
    """Return the call of a function or of its derivative."""
    function = op.function if isinstance(op, Prime) else op
    symbol: Node = function_symbol(function)
    fixed = len(function.defaults)
    inside, subscripts = (pieces[:-fixed], pieces[-fixed:]) if fixed else (pieces, [])
    if function.name == "absolute" and not isinstance(op, Prime):
        return Piece(Fence(pieces[0].whole(), "|"), ATOM, "bracket", "bracket")
    if function.name == "floor" and not isinstance(op, Prime):
        ends = Symbol(r"\lfloor ", "⌊"), Symbol(r"\rfloor ", "⌋")
        return Piece(row(ends[0], pieces[0].whole(), ends[1]), ATOM, "bracket", "bracket")
    if function.name == "log_abs_gamma" and not isinstance(op, Prime):
        gamma = row(Symbol(r"\Gamma", "Γ"), Fence(pieces[0].whole()))
        return Piece(row(Symbol(r"\ln", "ln"), SPACE, Fence(gamma, "|")), PRODUCT, "word", "bracket")
    below = separated((p.whole() for p in subscripts), COMMA) if subscripts else None
    above: Node | None = None
    sole = len(inside) == 1 and isinstance(op, Prime) and op.position == 0
    if function.order and (not isinstance(op, Prime) or op.position == function.variable):
        sole = isinstance(op, Prime)
        first, inside = inside[0].whole(), inside[1:]
        if function.order == "subscript":
            below = first
        elif first != number_piece(0).whole():
            above = Fence(first)
    primes = 0
    if isinstance(op, Prime):
        if sole:
            primes = 1
            if " " in function.text:  # log σ′ would be the logarithm of σ′
                symbol = Fence(symbol)
        else:
            symbol = row(Script(Symbol(r"\partial", "∂"), symbol_of(str(op.position + 1))), SPACE, symbol)
    head = symbol if below is None and above is None and not primes else Script(symbol, below, above, primes)
    arguments = separated((p.whole() for p in inside), row(COMMA, SPACE))
    return Piece(row(head, Fence(arguments)), ATOM, "function", "bracket")
