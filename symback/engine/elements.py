"""Index notation: the scalar SymPy expression of one entry of an array.

``lower(form, indices)`` writes the entry of a Form at ``indices`` as a SymPy expression over ``Access`` nodes, sums
(``Total``) and maxima (``Peak``). Bound indices are locally nameless: a bound index is known by its level only, so two
sums that are equal are equal objects, cancel by themselves, and no substitution can capture an index. SymPy's own
``Sum`` does capture (``Sum(W[k,j],(k,0,4)).xreplace({j: k})`` gives ``W[k,k]``), which is why these nodes exist.
"""

from __future__ import annotations

import itertools
import math
import weakref
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
    Broadcast,
    Concatenate,
    Constant,
    Einsum,
    Expand,
    Eye,
    Filled,
    Form,
    Function,
    Gather,
    Get,
    Matmul,
    Name,
    Number,
    OneHot,
    Outer,
    Overlap,
    Prime,
    Put,
    Reduce,
    Reshape,
    Scatter,
    Shape,
    Size,
    SizeOf,
    Span,
    Transpose,
    Windows,
    radix_groups,
    sympy_element,
)

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
    """Return the maximum of ``body`` over ``index``."""
    body = sp.sympify(body)
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
    "erf": sp.erf,
    "where": Select,
}
_RELATIONS = ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal")


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


def _aligned(operand: Form, out: Shape, indices: Sequence[Any]) -> list[Any]:
    tail = list(indices[len(indices) - operand.ndim :]) if operand.ndim else []
    sizes = out[len(out) - operand.ndim :] if operand.ndim else ()
    return [
        sp.S.Zero if have == 1 and want != 1 else index
        for have, want, index in zip(operand.shape, sizes, tail, strict=True)
    ]


def lower(form: Form, indices: Sequence[Any] = ()) -> Any:
    """Return the entry of ``form`` at ``indices`` as a SymPy expression in index notation."""
    at = list(indices)
    if isinstance(form, Name):
        return Access(form.name, *at)
    if isinstance(form, Adjoint):
        return Access("∂" + form.of, *at)
    if isinstance(form, (Number, Filled)):
        return literal(form.value)
    if isinstance(form, SizeOf):
        return form.size
    if isinstance(form, Apply):
        op = form.op
        if isinstance(op, Function) and not op.entrywise:
            assert op.definition is not None
            return lower(op.definition(*form.args, **form.parameters), at)
        args = [lower(a, _aligned(a, form.shape, at)) for a in form.args]
        if isinstance(op, str):
            return Indicator(op, *args) if op in _RELATIONS else _ARITHMETIC[op](*args)
        return Opaque(Mark(op), *args)
    if isinstance(form, Matmul):
        a, b = form.args
        k = fresh(a.shape[-1])
        tail_a = at[-2 if b.ndim > 1 else -1 :][:1] if a.ndim > 1 else []
        tail_b = at[-1:] if b.ndim > 1 else []
        batch = at[: len(at) - len(tail_a) - len(tail_b)]
        shape = form.shape[: len(batch)]

        def lead(operand: Form) -> list[Any]:
            count = max(operand.ndim - 2, 0)
            return [
                sp.S.Zero if have == 1 and want != 1 else index
                for have, want, index in zip(
                    operand.shape[:count], shape[len(shape) - count :], batch[len(batch) - count :], strict=True
                )
            ]

        left = lower(a, [*lead(a), *tail_a, k])
        right = lower(b, [*lead(b), k, *tail_b])
        return total(left * right, k)
    if isinstance(form, Outer):
        return lower(form.args[0], at[:1]) * lower(form.args[1], at[1:])
    if isinstance(form, Transpose):
        inner: list[Any] = [None] * len(at)
        for position, axis in enumerate(form.axes):
            inner[axis] = at[position]
        return lower(form.args[0], inner)
    if isinstance(form, Reduce):
        return _lower_reduce(form, at)
    if isinstance(form, Get):
        rest = iter(at)
        inside = []
        for item in form.index:
            if item is None:
                inside.append(next(rest))
            elif isinstance(item, Span):
                inside.append(item.start + item.step * next(rest))
            else:
                inside.append(sp.Integer(item))
        return lower(form.args[0], inside)
    if isinstance(form, Put):
        return _lower_put(form, at)
    if isinstance(form, Expand):
        return lower(form.args[0], [i for k, i in enumerate(at) if k not in form.axes])
    if isinstance(form, Broadcast):
        operand = form.args[0]
        inside = _aligned(operand, form.shape, at)
        for axis in form.shared:
            inside[axis] = sp.S.Zero
        return lower(operand, inside)
    if isinstance(form, Eye):
        return Indicator("equal", *at)
    if isinstance(form, Reshape):
        return lower(form.args[0], _reshaped(form.args[0].shape, form.shape, at))
    if isinstance(form, Concatenate):
        return _lower_concatenate(form, at)
    if isinstance(form, Gather):
        operand, index_form = form.args
        place = lower(index_form, at[form.axis : form.axis + index_form.ndim])
        return lower(operand, [*at[: form.axis], place, *at[form.axis + index_form.ndim :]])
    if isinstance(form, Scatter):
        values, index_form = form.args
        over = [fresh(s) for s in index_form.shape]
        body = lower(values, [*at[: form.axis], *over, *at[form.axis + 1 :]])
        return _totals(body * Indicator("equal", lower(index_form, over), at[form.axis]), over)
    if isinstance(form, Windows):
        place = form.stride * at[form.axis] + form.dilation * at[form.axis + 1]
        return lower(form.args[0], [*at[: form.axis], place, *at[form.axis + 2 :]])
    if isinstance(form, Overlap):
        i, k = (fresh(s) for s in form.args[0].shape[form.axis : form.axis + 2])
        body = lower(form.args[0], [*at[: form.axis], i, k, *at[form.axis + 1 :]])
        return _totals(body * Indicator("delta", form.stride * i + form.dilation * k, at[form.axis]), [i, k])
    if isinstance(form, OneHot):
        return Indicator("equal", lower(form.args[0], at[:-1]), at[-1])
    if isinstance(form, Einsum):
        letters: dict[int, Any] = dict(zip(form.result, at, strict=True))
        summed = []
        for operand, labels in zip(form.args, form.labels, strict=True):
            for label, length in zip(labels, operand.shape, strict=True):
                if label not in letters:
                    letters[label] = fresh(length)
                    summed.append(letters[label])
        body = sp.Mul(
            *[
                lower(operand, [letters[k] for k in labels])
                for operand, labels in zip(form.args, form.labels, strict=True)
            ]
        )
        for index in summed:
            body = total(body, index)
        return body
    raise DerivationError(f"{form} has no index notation")


def _totals(body: Any, over: Sequence[Index]) -> Any:
    for index in over:
        body = total(body, index)
    return body


def _reshaped(old: Shape, new: Shape, at: Sequence[Any]) -> list[Any]:
    """Return the old indices of the entry that stands at the new ones."""
    inside: list[Any] = [sp.S.Zero] * len(old)
    for before, after in radix_groups(old, new):
        if len(before) == len(after) == 1:
            inside[before[0]] = at[after[0]]
            continue
        flat: Any = sp.S.Zero
        for axis in after:
            flat = flat * new[axis] + at[axis] if new[axis] != 1 else flat
        flat = sp.expand(flat)
        stride = 1
        for axis in reversed(before):
            length = int(old[axis])
            inside[axis] = Digit(flat, stride, length) if length != 1 else sp.S.Zero
            stride *= length
    return inside


def _lower_concatenate(form: Concatenate, at: list[Any]) -> Any:
    result: Any = sp.S.Zero
    start = 0
    for part in form.args:
        length = part.shape[form.axis]
        assert isinstance(length, int)
        inner = fresh(length) if length != 1 else sp.S.Zero
        body = lower(part, [*at[: form.axis], inner, *at[form.axis + 1 :]])
        body = body * Indicator("delta", start + inner, at[form.axis])
        result += body if length == 1 else total(body, inner)
        start += length
    return result


def _lower_reduce(form: Reduce, at: list[Any]) -> Any:
    operand = form.args[0]
    rest = iter(at)
    inside: list[Any] = []
    over: list[Index] = []
    for axis, length in enumerate(operand.shape):
        if axis in form.axes:
            over.append(fresh(length))
            inside.append(over[-1])
            if form.keepdims:
                next(rest)
        else:
            inside.append(next(rest))
    body = lower(operand, inside)
    if form.kind in ("sum", "mean"):
        for index in over:
            body = total(body, index)
        if form.kind == "mean":
            for index in over:
                body = body / index.size
        return body
    if form.kind == "min":
        body = -body
    for index in over:
        body = peak(body, index)
    return -body if form.kind == "min" else body


def _lower_put(form: Put, at: list[Any]) -> Any:
    inside: list[Any] = []
    over: list[Index] = []
    factors: list[Any] = []
    for item, place in zip(form.index, at, strict=True):
        if item is None:
            inside.append(place)
        elif isinstance(item, Span):
            index = fresh(item.length)
            over.append(index)
            inside.append(index)
            factors.append(Indicator("delta", item.start + item.step * index, place))
        else:
            factors.append(Indicator("delta", sp.Integer(item), place))
    operand = form.args[0]
    where_ = sp.Mul(*factors)
    body = _totals(lower(operand, inside[len(inside) - operand.ndim :]) * where_, over)
    return body if not form.value else body + Select(_totals(where_, over), sp.S.Zero, literal(form.value))


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
    places: dict[Index, int] = {}
    lengths: list[int] = []

    def length(index: Index) -> int:
        return index.size if isinstance(index.size, int) else sizes[index.size]

    def enter(index: Index) -> None:
        places[index] = len(lengths)
        lengths.append(length(index))

    for axis in reversed(list(axes)):
        enter(axis)

    def visit(node: Any) -> Any:
        if isinstance(node, (Total, Peak)):
            body, index = opened(node)
            enter(index)
            place = places[index]
            value = np.asarray(visit(body))
            value = np.broadcast_to(value, (lengths[place],) + (1,) * place) if value.ndim <= place else value
            result = (
                value.sum(axis=-1 - place, keepdims=True)
                if isinstance(node, Total)
                else value.max(axis=-1 - place, keepdims=True)
            )
            if value.shape[-1 - place] == 1 and lengths[place] != 1 and isinstance(node, Total):
                result = result * lengths[place]
            lengths.pop()
            del places[index]
            return result.reshape(result.shape[-place:] if place else ())
        if isinstance(node, Index):
            place = places[node]
            return np.arange(lengths[place]).reshape((lengths[place],) + (1,) * place)
        if isinstance(node, Digit):
            e, stride, size = node.args
            return visit(e) // int(stride) % int(size)
        if isinstance(node, Access):
            array = environment[node.array]
            places_read = tuple(np.asarray(visit(i)).astype(int) for i in node.indices)
            return array[places_read] if places_read else array
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, sp.Rational):
            return int(node) if isinstance(node, sp.Integer) else float(node)
        if node == sp.pi:
            return math.pi
        if isinstance(node, sp.Symbol):
            return sizes[node]
        if isinstance(node, Select):
            condition, a, b = (visit(x) for x in node.args)
            return np.where(np.asarray(condition) != 0, a, b)
        if isinstance(node, Indicator):
            a, b = visit(node.args[1]), visit(node.args[2])
            return getattr(np, "equal" if node.relation == "delta" else node.relation)(a, b) * 1.0
        if isinstance(node, Opaque):
            return call(node.op, tuple(visit(x) for x in node.args[1:]))
        values = [visit(x) for x in node.args]
        if isinstance(node, sp.Add):
            return sum(values[1:], values[0])
        if isinstance(node, sp.Mul):
            result = values[0]
            for v in values[1:]:
                result = result * v
            return result
        if isinstance(node, sp.Pow):
            return np.asarray(values[0], dtype=float) ** values[1]
        if isinstance(node, sp.Abs):
            return np.abs(values[0])
        simple = {
            sp.exp: np.exp,
            sp.log: np.log,
            sp.sin: np.sin,
            sp.cos: np.cos,
            sp.tanh: np.tanh,
            sp.sign: np.sign,
        }.get(type(node))
        if simple is None:
            raise DerivationError(f"no value for {type(node).__name__} in {node}")
        return simple(values[0])

    value = np.asarray(visit(expression), dtype=float)
    return np.broadcast_to(value, tuple(length(a) for a in axes)).copy()


_callers: weakref.WeakKeyDictionary[Form, Mapping[str, Any]] = weakref.WeakKeyDictionary()


def remember_symbols(form: Form, symbols: Mapping[str, Any]) -> None:
    """Note the caller's own SymPy symbols, which ``to_sympy`` uses for the names in ``form``."""
    if symbols:
        _callers[form] = symbols


@sympy_element.plug
def to_sympy(form: Form) -> Any:
    """Return a Form's entry as an ordinary SymPy expression (at symbolic indices i, j, … where it has axes)."""
    at = [fresh(s) for s in form.shape]
    return ordinary(lower(form, at), _callers.get(form), at)


def ordinary(expression: Any, names: Mapping[str, Any] | None = None, at: Sequence[Index] = ()) -> Any:
    """Return an element with ordinary SymPy nodes: Symbol or Indexed for entries, Sum, Max, Piecewise.

    The indices ``at`` get the first letters i, j, …
    """
    known = names or {}
    letters: dict[Index, sp.Symbol] = {}

    def letter(index: Index) -> sp.Symbol:
        if index not in letters:
            spelled = "ijklmnpqrs"
            count = len(letters)
            letters[index] = sp.Symbol(spelled[count] if count < len(spelled) else f"i{count}", integer=True)
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
            op = node.op
            args = [visit(a) for a in node.args[1:]]
            function = op.function if isinstance(op, Prime) else op
            made = known.get(function.name)
            if made is None or not callable(made):
                made = _sympy_function(function)
            if not isinstance(op, Prime):
                return made(*args)
            slots = [sp.Dummy(f"x{k}") for k in range(len(args))]
            derivative = made(*slots).diff(slots[op.position])
            return derivative.subs(dict(zip(slots, args, strict=True)))
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


def _sympy_function(function: Function) -> Any:
    if function.definition is None:
        return sp.Function(function.name)

    def expanded(*args: Any) -> Any:
        from symback.core.forms import name

        leaves = [name(f"_{k}") for k in range(len(args))]
        assert function.definition is not None
        body = ordinary(lower(function.definition(*leaves)))
        return body.subs({sp.Symbol(f"_{k}"): a for k, a in enumerate(args)}, simultaneous=True)

    return expanded
