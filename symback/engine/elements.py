"""Index notation: the scalar SymPy expression of one entry of an array.

``lower(form, indices)`` writes the entry of a Form at ``indices`` as a SymPy expression over ``Access`` nodes, sums
(``Total``) and maxima (``Peak``). Bound indices are locally nameless: a bound index is known by its level only, so two
sums that are equal are equal objects, cancel by themselves, and no substitution can capture an index. SymPy's own
``Sum`` does capture (``Sum(W[k,j],(k,0,4)).xreplace({j: k})`` gives ``W[k,k]``), which is why these nodes exist.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.symbol import Str

from symback.core.errors import DerivationError
from symback.core.forms import (
    Adjoint,
    Apply,
    Constant,
    Filled,
    Form,
    Function,
    Implicit,
    Name,
    Number,
    Prime,
    Size,
    Span,
    aligned,
    held_name,
    names_in,
    prime_value,
)
from symback.core.forms import Index as ArrayIndex
from symback.core.forms import name as make_name
from symback.core.operations import RELATIONS, STATED
from symback.engine.interpreter import real_part

_counter = itertools.count()


class _Node(sp.Expr):
    is_commutative = True
    is_real = True

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero


class Index(sp.Expr):
    """A free index; its size is part of what it is."""

    is_commutative = True
    is_integer = True
    is_Atom = True
    is_symbol = False

    number: int
    size: Size

    def __new__(cls, number: int, size: Size) -> Any:
        made: Any = sp.Expr.__new__(cls)
        made.number = number
        made.size = size
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.number, str(self.size))

    def _sympystr(self, printer: Any) -> str:
        return f"i{self.number}"

    def sort_key(self, order: Any = None) -> Any:
        return sp.Integer(self.number).sort_key(order)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.number, self.size)


class Bound(Index):
    """The index bound by the Total or Peak of that level."""

    def _sympystr(self, printer: Any) -> str:
        return f"b{self.number}"


def fresh(size: Size) -> Index:
    """Return a free index that occurs nowhere else."""
    made: Index = Index(next(_counter), size)
    return made


class Access(_Node):
    """One entry of an array: ``Access(Str(name), *indices)``."""

    def __new__(cls, name: Any, *indices: Any) -> Any:
        label = name if isinstance(name, Str) else Str(name)
        return sp.Expr.__new__(cls, label, *[sp.sympify(i) for i in indices])

    @property
    def array(self) -> str:
        return str(self.args[0].name)

    @property
    def indices(self) -> tuple[Any, ...]:
        return tuple(self.args[1:])

    def _sympystr(self, printer: Any) -> str:
        inside = ",".join(printer.doprint(i) for i in self.indices)
        return f"{self.array}[{inside}]" if inside else self.array


class Held(Str):
    """The name of an array that is a call without an entrywise formula, as an inverse, with the call itself."""

    form: Implicit

    def __new__(cls, form: Implicit) -> Any:
        made: Any = Str.__new__(cls, held_name(form))
        made.form = form
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.form,)

    def reads(self, array: str) -> bool:
        """Return whether the call reads an array."""
        return any(leaf.name == array for leaf in names_in(self.form))


def held_forms(expressions: Sequence[Any]) -> dict[str, Form]:
    """Return the calls whose entries stand in the expressions, by the names of their arrays."""
    found: dict[str, Form] = {}
    for expression in expressions:
        for label in sorted(expression.atoms(Held), key=lambda h: str(h.name)):
            found[label.name] = label.form
    return found


class Digit(sp.Expr):
    """``(e // stride) % size``: one index out of a merged one, as a digit in mixed radix."""

    is_commutative = True
    is_integer = True

    def __new__(cls, e: Any, stride: Any, size: Any) -> Any:
        e, stride, size = sp.sympify(e), sp.Integer(int(stride)), sp.Integer(int(size))
        if size == 1:
            return sp.S.Zero
        if isinstance(e, Index) and stride == 1 and e.size == size:
            return e
        parts = mixed_radix(e)
        if parts is not None:
            for index, step in parts:
                if step == stride and index.size == size:
                    return index
            if stride == 1 and math.prod(int(i.size) for i, _ in parts) == size:
                return e
        return sp.Expr.__new__(cls, e, stride, size)

    def _sympystr(self, printer: Any) -> str:
        return f"digit({', '.join(printer.doprint(a) for a in self.args)})"


def mixed_radix(expression: Any) -> list[tuple[Index, int]] | None:
    """Return (index, stride) pairs, slowest first, where the expression counts through their ranges; else None."""
    parts: list[tuple[Index, int]] = []
    for term in sp.Add.make_args(expression):
        stride, index = term.as_coeff_Mul()
        if not isinstance(index, Index) or not isinstance(index.size, int) or not stride.is_Integer:
            return None
        parts.append((index, int(stride)))
    parts.sort(key=lambda part: (-part[1], part[0].size))
    expected = 1
    for index, stride in reversed(parts):
        if stride != expected:
            return None
        expected *= int(index.size)
    return parts


class Literal(_Node):
    """A decimal number as the user typed it; opaque, so that nothing folds or factors it."""

    value: float
    is_Atom = True

    def __new__(cls, value: float) -> Any:
        made: Any = sp.Expr.__new__(cls)
        made.value = float(value)
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.value,)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.value,)

    def _sympystr(self, printer: Any) -> str:
        return repr(self.value)

    def sort_key(self, order: Any = None) -> Any:
        return sp.Float(self.value).sort_key(order)


class Total(_Node):
    """A sum over a bound index; made by ``total``."""


class Peak(_Node):
    """A maximum over a bound index; made by ``peak``."""


class Select(_Node):
    """``a`` where the condition is 1, else ``b``."""

    def __new__(cls, condition: Any, a: Any, b: Any) -> Any:
        a, b = sp.sympify(a), sp.sympify(b)
        if a == b:
            return a
        return sp.Expr.__new__(cls, condition, a, b)

    def _eval_derivative(self, symbol: Any) -> Any:
        condition, a, b = self.args
        return Select(condition, a.diff(symbol), b.diff(symbol))


class Indicator(_Node):
    """1 where a comparison holds, else 0; its derivative is 0.

    The relation "delta" is equality of an index with another expression that stays in its range: a Kronecker delta.
    """

    def __new__(cls, relation: Any, a: Any, b: Any) -> Any:
        label = relation if isinstance(relation, Str) else Str(relation)
        return sp.Expr.__new__(cls, label, sp.sympify(a), sp.sympify(b))

    @property
    def relation(self) -> str:
        return str(self.args[0].name)


class Mark(sp.Expr):
    """Carries a table function, or a derivative of one, inside an expression."""

    is_Atom = True
    is_commutative = True
    op: Any

    def __new__(cls, op: Any) -> Any:
        made: Any = sp.Expr.__new__(cls)
        made.op = op
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        function = self.op.function if isinstance(self.op, Prime) else self.op
        position = self.op.position if isinstance(self.op, Prime) else -1
        return (function.name, function.definition is None, position)

    def sort_key(self, order: Any = None) -> Any:
        return sp.Symbol(self.op.name).sort_key(order)

    def _sympystr(self, printer: Any) -> str:
        return str(self.op.name)


class Opaque(_Node):
    """An entrywise function that the calculus does not look into: ``Opaque(Mark(f), *arguments)``."""

    @property
    def op(self) -> Any:
        return self.args[0].op

    def _eval_derivative(self, symbol: Any) -> Any:
        if isinstance(self.op, Prime):
            raise DerivationError(f"the derivative of {self.op.name} is a second derivative; it is not derived here")
        result = sp.S.Zero
        for position, argument in enumerate(self.args[1:]):
            inner = argument.diff(symbol)
            if inner != 0:
                result += Opaque(Mark(Prime(self.op, position)), *self.args[1:]) * inner
        return result

    def _sympystr(self, printer: Any) -> str:
        return f"{self.op.name}({', '.join(printer.doprint(a) for a in self.args[1:])})"


def _deepest(expression: Any) -> int:
    return max((b.number for b in expression.atoms(Bound)), default=0)


def _close(kind: type[Any], body: Any, index: Index) -> Any:
    level = 1 + _deepest(body)
    bound = Bound(level, index.size)
    return kind(body.xreplace({index: bound}), bound)


def total(body: Any, index: Index) -> Any:
    """Return the sum of ``body`` over ``index``; factors free of the index stand outside."""
    body = sp.sympify(body)
    if not body.has(index):
        return body * index.size
    if isinstance(body, sp.Mul):
        inside = [f for f in body.args if f.has(index)]
        outside = [f for f in body.args if not f.has(index)]
        if outside:
            return sp.Mul(*outside, total(sp.Mul(*inside), index))
    return _close(Total, body, index)


def peak(body: Any, index: Index) -> Any:
    """Return the maximum of ``body`` over ``index``; over a single entry it is that entry."""
    body = sp.sympify(body)
    if index.size == 1:
        return body.xreplace({index: sp.S.Zero})
    return body if not body.has(index) else _close(Peak, body, index)


def opened(node: Any) -> tuple[Any, Index]:
    """Return the body of a Total or Peak with its bound index replaced by a fresh free one, and that index."""
    body, bound = node.args
    index = fresh(bound.size)
    return body.xreplace({bound: index}), index


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negative": lambda a: -a,
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "sin": sp.sin,
    "cos": sp.cos,
    **{op: getattr(sp, stated.sympy) for op, stated in STATED.items()},
    "where": Select,
}


def literal(value: Constant) -> Any:
    """Return a number for the calculus: integers, simple binary fractions and π exact, other decimals opaque."""
    if value == math.pi:
        return sp.pi
    if isinstance(value, int):
        return sp.Integer(value)
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    exact = Fraction(value) if np.isfinite(value) else None
    if exact is not None and exact.denominator <= 16 and abs(exact.numerator) <= 4096:
        return sp.Rational(exact.numerator, exact.denominator)
    return Literal(value) if value > 0 else -Literal(-value)


class _Lowering:
    """The algebra of index notation: an entry is a SymPy expression, a place an expression of indices."""

    zero = sp.S.Zero

    @staticmethod
    def entry(form: Form, at: Sequence[Any]) -> Any:
        return form.entry(at, LOWERING)

    def named(self, form: Name | Adjoint | Implicit, at: Sequence[Any]) -> Any:
        if isinstance(form, Implicit):
            return Access(Held(form), *at)
        return Access("∂" + form.of if isinstance(form, Adjoint) else form.name, *at)

    def number(self, form: Number | Filled) -> Any:
        return literal(form.value)

    def size(self, size: sp.Symbol) -> Any:
        return size

    def operation(self, form: Apply, at: Sequence[Any]) -> Any:
        op = form.op
        if not isinstance(op, str) and not op.entrywise:
            return op.definition(*form.args, **form.parameters).entry(at, self)
        args = [a.entry(aligned(a.shape, form.shape, at, sp.S.Zero), self) for a in form.args]
        if isinstance(op, str):
            return Indicator(op, *args) if op in RELATIONS else _ARITHMETIC[op](*args)
        return Opaque(Mark(op), *args)

    def product(self, form: Form, factors: Sequence[Any]) -> Any:
        return sp.Mul(*factors)

    def reduced(self, form: Form, kind: str, sizes: Sequence[Size], body: Callable[[Sequence[Any]], Any]) -> Any:
        over = [fresh(s) for s in sizes]
        inside = body(over)
        if kind in ("sum", "mean"):
            inside = _totals(inside, over)
            for index in over if kind == "mean" else ():
                inside = inside / index.size
            return inside
        inside = -inside if kind == "min" else inside
        for index in over:
            inside = peak(inside, index)
        return -inside if kind == "min" else inside

    def compared(self, relation: str, left: Any, right: Any) -> Any:
        return Indicator(relation, left, right)

    def where_compared(self, body: Any, source: Any, here: Any, relation: str = "equal") -> Any:
        return body * Indicator(relation, source, here)

    def chosen(
        self,
        form: Form,
        at: Sequence[Any],
        parts: Sequence[tuple[ArrayIndex, Callable[[Sequence[Any]], Any]]],
        otherwise: float | None,
    ) -> Any:
        summands: list[Any] = []
        for index, value in parts:
            inside: list[Any] = []
            over: list[Index] = []
            factors: list[Any] = []
            for item, place in zip(index, at, strict=True):
                if item is None:
                    inside.append(place)
                elif isinstance(item, Span):
                    over.append(fresh(item.length))
                    inside.append(over[-1])
                    factors.append(Indicator("delta", item.start + item.step * over[-1], place))
                else:
                    factors.append(Indicator("delta", sp.Integer(item), place))
            held = sp.Mul(*factors)
            summands.append(_totals(value(inside) * held, over))
            if otherwise:
                summands.append(Select(_totals(held, over), sp.S.Zero, literal(otherwise)))
        return sp.Add(*summands)

    def affine(self, terms: Sequence[tuple[Any, int]], start: int, length: Size) -> Any:
        return sp.Integer(start) + sum((step * place for place, step in terms), sp.S.Zero)

    def digit(self, place: Any, stride: int, length: int, slowest: bool) -> Any:
        return Digit(sp.expand(place), stride, length)

    def looked_up(self, index: Form, at: Sequence[Any], length: Size) -> Any:
        return index.entry(at, self)

    def counted(self, place: Any, start: int) -> Any:
        return place + start


LOWERING = _Lowering()


def lower(form: Form, indices: Sequence[Any] = ()) -> Any:
    """Return the entry of ``form`` at ``indices`` as a SymPy expression in index notation."""
    return form.entry(indices, LOWERING)


def _totals(body: Any, over: Sequence[Index]) -> Any:
    for index in over:
        body = total(body, index)
    return body


# --- the meaning of an element, by brute force ---------------------------------------------------------------------------


def evaluate_element(
    expression: Any,
    axes: Sequence[Index],
    environment: Mapping[str, np.ndarray],
    sizes: Mapping[Any, int],
    call: Callable[[Any, tuple[Any, ...]], Any],
) -> np.ndarray:
    """Return the array of an element over ``axes``, each index run through its range.

    ``call`` evaluates table functions. This shares nothing with the interpreter of Forms, so that one proves the other.
    """
    worker = _BruteForce(environment, sizes, call)
    for axis in reversed(list(axes)):
        worker.enter(axis)
    value = np.asarray(worker.value(expression), dtype=float)
    return np.broadcast_to(value, tuple(worker.length(a) for a in axes)).copy()


_NUMPY_FUNCTIONS: dict[type, Callable[[Any], Any]] = {
    sp.exp: np.exp,
    sp.log: np.log,
    sp.sin: np.sin,
    sp.cos: np.cos,
    sp.tanh: np.tanh,
    sp.sign: np.sign,
    sp.Abs: np.abs,
}


STATED_KINDS: dict[Any, str] = {getattr(sp, stated.sympy): op for op, stated in STATED.items()}
"""The operations that are known by their names, by what SymPy has in place of them."""


@functools.lru_cache(maxsize=64)
def _stated_values(kind: Callable[..., Any]) -> Any:
    """Return a function of SymPy as an operation on arrays, evaluated as SymPy does; nan where it is no real number."""
    stated = STATED[STATED_KINDS[kind]]
    arguments = sp.symbols(f"_x:{stated.arguments}")
    made = None if stated.options else sp.lambdify(arguments, kind(*arguments), "mpmath")

    def of_one(*numbers: Any) -> float:
        try:
            value = complex(kind(*map(sp.Float, numbers)).evalf() if made is None else made(*numbers))
        except (ValueError, ZeroDivisionError):
            return math.nan
        return float(real_part(value, np.finfo(float).eps, math.nan))

    return np.frompyfunc(of_one, len(arguments), 1)


class _BruteForce:
    """Values of elements: each index that runs is one axis, the innermost first."""

    def __init__(
        self,
        environment: Mapping[str, np.ndarray],
        sizes: Mapping[Any, int],
        call: Callable[[Any, tuple[Any, ...]], Any],
    ) -> None:
        self.environment = environment
        self.sizes = sizes
        self.call = call
        self.places: dict[Index, int] = {}
        self.lengths: list[int] = []

    def length(self, index: Index) -> int:
        return index.size if isinstance(index.size, int) else self.sizes[index.size]

    def enter(self, index: Index) -> None:
        self.places[index] = len(self.lengths)
        self.lengths.append(self.length(index))

    def value(self, node: Any) -> Any:
        found = _VALUES.get(type(node))
        if found is not None:
            return found(self, node)
        if isinstance(node, sp.Rational):
            return int(node) if isinstance(node, sp.Integer) else float(node)
        if isinstance(node, sp.Symbol):
            return self.sizes[node]
        if node == sp.pi:
            return math.pi
        if node is sp.E:
            return math.e
        if type(node) in STATED_KINDS:
            return np.asarray(_stated_values(node.func)(*map(self.value, node.args))).astype(float)
        simple = _NUMPY_FUNCTIONS.get(type(node))
        if simple is None:
            raise DerivationError(f"no value for {type(node).__name__} in {node}")
        return simple(self.value(node.args[0]))

    def _over_index(self, node: Any) -> Any:
        body, index = opened(node)
        self.enter(index)
        place = self.places[index]
        value = np.asarray(self.value(body))
        value = np.broadcast_to(value, (self.lengths[place],) + (1,) * place) if value.ndim <= place else value
        reduce = np.sum if isinstance(node, Total) else np.max
        result = reduce(value, axis=-1 - place, keepdims=True)
        if value.shape[-1 - place] == 1 and self.lengths[place] != 1 and isinstance(node, Total):
            result = result * self.lengths[place]
        self.lengths.pop()
        del self.places[index]
        return result.reshape(result.shape[-place:] if place else ())

    def _index(self, node: Index) -> Any:
        place = self.places[node]
        return np.arange(self.lengths[place]).reshape((self.lengths[place],) + (1,) * place)

    def _digit(self, node: Digit) -> Any:
        e, stride, size = node.args
        return self.value(e) // int(stride) % int(size)

    def _access(self, node: Access) -> Any:
        array = self.environment[node.array]
        read = tuple(np.asarray(self.value(i)).astype(int) for i in node.indices)
        return array[read] if read else array

    def _select(self, node: Select) -> Any:
        condition, a, b = (self.value(x) for x in node.args)
        return np.where(np.asarray(condition) != 0, a, b)

    def _indicator(self, node: Indicator) -> Any:
        a, b = self.value(node.args[1]), self.value(node.args[2])
        return getattr(np, "equal" if node.relation == "delta" else node.relation)(a, b) * 1.0

    def _opaque(self, node: Opaque) -> Any:
        return self.call(node.op, tuple(self.value(x) for x in node.args[1:]))

    def _sum(self, node: Any) -> Any:
        values = [self.value(x) for x in node.args]
        return sum(values[1:], values[0])

    def _product(self, node: Any) -> Any:
        return functools.reduce(operator.mul, [self.value(x) for x in node.args])

    def _power(self, node: Any) -> Any:
        base, exponent = (self.value(x) for x in node.args)
        return np.asarray(base, dtype=float) ** exponent


_VALUES: dict[type, Callable[[_BruteForce, Any], Any]] = {
    Total: _BruteForce._over_index,
    Peak: _BruteForce._over_index,
    Index: _BruteForce._index,
    Bound: _BruteForce._index,
    Digit: _BruteForce._digit,
    Access: _BruteForce._access,
    Literal: lambda worker, node: node.value,
    Select: _BruteForce._select,
    Indicator: _BruteForce._indicator,
    Opaque: _BruteForce._opaque,
    sp.Add: _BruteForce._sum,
    sp.Mul: _BruteForce._product,
    sp.Pow: _BruteForce._power,
}


SYMPY_FUNCTIONS: Mapping[str, Any] = {
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "sin": sp.sin,
    "cos": sp.cos,
    "tanh": sp.tanh,
    "absolute": sp.Abs,
    "maximum": sp.Max,
    "minimum": sp.Min,
    "sign": sp.sign,
    **{op: getattr(sp, stated.sympy) for op, stated in STATED.items()},
}
"""Operations and rows of the tables that SymPy has as well."""


def to_sympy(form: Form, symbols: Mapping[str, Any] | None = None) -> Any:
    """Return a Form's entry as an ordinary SymPy expression (at symbolic indices i, j, … where it has axes).

    ``symbols`` are the caller's own for the names in it.
    """
    at = [fresh(s) for s in form.shape]
    return ordinary(lower(form, at), symbols, at)


def ordinary(expression: Any, names: Mapping[str, Any] | None = None, at: Sequence[Index] = ()) -> Any:
    """Return an element with ordinary SymPy nodes: Symbol or Indexed for entries, Sum, Max, Piecewise.

    The indices ``at`` get the first letters i, j, … that stand for nothing else in it.
    """
    known = names or {}
    letters: dict[Index, sp.Symbol] = {}
    taken = {str(s) for s in expression.free_symbols} | {access.array for access in expression.atoms(Access)}
    taken |= {str(index.size) for index in (*at, *expression.atoms(Index))}
    taken |= {str(s) for label in set(taken) for s in getattr(known.get(label), "free_symbols", ())}
    spelled = itertools.chain("ijklmnpqrs", (f"i{k}" for k in itertools.count()))
    free = (label for label in spelled if label not in taken)

    def letter(index: Index) -> sp.Symbol:
        if index not in letters:
            letters[index] = sp.Symbol(next(free), integer=True)
        return letters[index]

    for index in at:
        letter(index)

    def visit(node: Any) -> Any:
        if isinstance(node, Index):
            return letter(node)
        if isinstance(node, Access):
            found = known.get(node.array)
            if not node.indices:
                return found if found is not None else sp.Symbol(_adjoint_name(node.array))
            at = [visit(i) for i in node.indices]
            if found is not None and hasattr(found, "shape"):
                return found[tuple(at)]
            return sp.IndexedBase(_adjoint_name(node.array))[tuple(at)]
        if isinstance(node, Literal):
            return sp.Float(node.value)
        if isinstance(node, Digit):
            return sp.Mod(sp.floor(visit(node.args[0]) / node.args[1]), node.args[2])
        if isinstance(node, Total):
            body, index = opened(node)
            inner = visit(body)
            return sp.Sum(inner, (letter(index), 0, index.size - 1))
        if isinstance(node, Peak):
            body, index = opened(node)
            return sp.Function("Max")(visit(body), letter(index))
        if isinstance(node, Select):
            condition, a, b = node.args
            return sp.Piecewise((visit(a), _relation(condition, visit)), (visit(b), True))
        if isinstance(node, Indicator):
            return sp.Piecewise((sp.S.One, _relation(node, visit)), (sp.S.Zero, True))
        if isinstance(node, Opaque):
            return _called(node.op, [visit(a) for a in node.args[1:]], known)
        if not node.args:
            return node
        return node.func(*[visit(a) for a in node.args])

    return visit(expression)


def _adjoint_name(array: str) -> str:
    return f"dL_d{array[1:]}" if array.startswith("∂") else array


def _relation(node: Any, visit: Callable[[Any], Any]) -> Any:
    if not isinstance(node, Indicator):
        return sp.Ne(visit(node), 0)
    made = {
        "greater": sp.Gt,
        "less": sp.Lt,
        "greater_equal": sp.Ge,
        "less_equal": sp.Le,
        "equal": sp.Eq,
        "not_equal": sp.Ne,
        "delta": sp.Eq,
    }[node.relation]
    return made(visit(node.args[1]), visit(node.args[2]))


def _called(op: Any, args: Sequence[Any], known: Mapping[str, Any]) -> Any:
    """Return the call of a table function, of an undefined one, or of the derivative of one, on SymPy expressions."""
    function: Function = op.function if isinstance(op, Prime) else op
    if function.definition is None:
        made = known.get(function.name)
        made = made if callable(made) else sp.Function(function.name)
        if not isinstance(op, Prime):
            return made(*args)
        slots = [sp.Dummy(f"x{k}") for k in range(len(args))]
        return made(*slots).diff(slots[op.position]).subs(dict(zip(slots, args, strict=True)))
    if not isinstance(op, Prime) and function.name in SYMPY_FUNCTIONS:
        return SYMPY_FUNCTIONS[function.name](*args)
    leaves = tuple(make_name(f"_{k}") for k in range(len(args)))
    body = ordinary(lower(prime_value(op, leaves, None) if isinstance(op, Prime) else function.definition(*leaves)))
    return body.subs({sp.Symbol(f"_{k}"): a for k, a in enumerate(args)}, simultaneous=True)
