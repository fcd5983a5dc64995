"""The way back to SymPy: derived Forms as expressions and matrix expressions in the caller's own symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sympy as sp

from symback.core.errors import DerivationError
from symback.core.forms import (
    Adjoint,
    Apply,
    Broadcast,
    Expand,
    Eye,
    Filled,
    Form,
    Implicit,
    Matmul,
    Name,
    Note,
    Number,
    Outer,
    Reduce,
    Shape,
    Size,
    SizeOf,
    Transpose,
    held_name,
    names_in,
    note_on,
    numpy_text,
    substitute,
    sympy_element,
    sympy_form,
    walk,
    without_notes,
)
from symback.derivation.closed import closing_of
from symback.derivation.equality import equal_by_definitions
from symback.derivation.terms import weight
from symback.engine.elements import Peak, fresh, lower, ordinary, to_sympy
from symback.networks.network import NamedNetwork


@dataclass(frozen=True)
class Origin(Note):
    """Where a form was derived: its network, whose page settles how it is printed, and the caller's own symbols."""

    network: NamedNetwork = field(compare=False)
    symbols: Mapping[str, Any] = field(compare=False)
    key: tuple[Any, ...] = ()
    """What makes two origins equal."""


def origin_of(network: NamedNetwork, symbols: Mapping[str, Any]) -> Origin:
    """Return the origin of what is derived in a network; equal networks and symbols give equal ones."""
    equations = tuple((e.name, e.form, e.written, e.invented) for e in network.equations)
    variables = tuple((v.name, v.shape, v.role) for v in network.variables.values())
    names = tuple(sorted(symbols.items(), key=lambda item: item[0]))
    return Origin(network, symbols, (network.loss, equations, variables, tuple(network.latex.items()), names))


_LONGEST = 3_000
"""Of how many operations an expression of SymPy may be; in the names that were given, parts that are used twice double."""

# --- entries ----------------------------------------------------------------------------------------------------------


@sympy_element.plug
def element(form: Form) -> Any:
    """Return one entry of a form; that of a derived one speaks of the caller's symbols only."""
    origin = note_on(form, Origin)
    plain = form if origin is None else _in_given_names(form, origin)
    known: Mapping[str, Any] = {} if origin is None else origin.symbols
    if any(isinstance(n, Implicit) for n in walk(plain)):
        _refuse(plain)
        return _Matrices(plain, known).entry(plain)
    return to_sympy(plain, known)


def _in_given_names(form: Form, origin: Origin) -> Form:
    """Return the closed form of a form of names, also one that fits no line; where it has none, with its names put back."""
    plain, network = without_notes(form), origin.network
    closing = closing_of(network)
    found = closing.close(plain)
    if found and not found.assumptions and equal_by_definitions(network, plain, found.form):
        whole = found.form
    else:
        whole = closing.put_back(plain)
    loss = network.equation(network.loss)
    if origin.symbols and loss.name not in origin.symbols:  # an expression that the caller gave no name
        value = closing.put_back(loss.form)
        whole = substitute(whole, lambda n: value if isinstance(n, Name) and n.name == loss.name else None)
    invented = [n.name for n in names_in(plain) if n in closing.invented]
    if invented and weight(whole) > _LONGEST:
        raise DerivationError(
            f"in the names that were given this has {weight(whole):,} operations, too many for one expression; the form itself "
            f"has .latex() and runs as code, in which {', '.join(invented[:3])}{' …' * (len(invented) > 3)} stand for parts of it"
        )
    return whole


# --- matrices ---------------------------------------------------------------------------------------------------------

Value: TypeAlias = Any
"""An expression for a form without axes, a column for one axis, a matrix for two."""


class _NoMatrix(Exception):
    """The form has no matrix expression; its entries have expressions."""


@sympy_form.plug
def matrix_expression(form: Form) -> Value:
    """Return a form as SymPy has it: a matrix expression, or the expression of a number or of an entry of more axes.

    Raises DerivationError, naming it, for what SymPy has no expression for.
    """
    origin = note_on(form, Origin)
    plain = form if origin is None else _in_given_names(form, origin)
    known: Mapping[str, Any] = {} if origin is None else origin.symbols
    _refuse(plain)
    worker = _Matrices(plain, known)
    if plain.ndim > 2 or any(isinstance(s, sp.IndexedBase) for s in worker.symbols.values()):
        return worker.entry(plain)
    return worker.matrix(plain)


def _refuse(form: Form) -> None:
    for node in walk(form):
        what = ""
        if isinstance(node, Reduce) and node.kind in ("max", "min"):
            what = f"the {node.kind}imum over an axis, {numpy_text(node)},"
        elif isinstance(node, Adjoint):
            what = f"the adjoint of {node.of}"
        elif isinstance(node, Implicit) and node.function.name not in _MATRIX_FUNCTIONS:
            what = f"the {node.function.title}, {numpy_text(node)},"
        if what:
            raise DerivationError(f"{what} has no expression in SymPy; the form itself has .latex() and runs as code")


@dataclass(frozen=True)
class _Column:
    """A column that is read by one index."""

    matrix: Any
    shape: tuple[Any, ...]

    def __getitem__(self, at: tuple[Any, ...]) -> Any:
        return self.matrix[at[0], 0]


class _Matrices:
    """One form on its way to SymPy: the symbols of its names and sizes, and the values of its nodes."""

    def __init__(self, form: Form, known: Mapping[str, Any]) -> None:
        self.sizes: dict[Any, Any] = {}
        self.symbols: dict[str, Any] = {}
        self.functions = {k: f for k, f in known.items() if isinstance(f, type(sp.Function("f")))}
        self._values: dict[Form, Value] = {}
        leaves = [n for n in walk(form) if isinstance(n, Name)]
        for leaf in leaves:
            own = known.get(leaf.name)
            if isinstance(own, sp.MatrixSymbol):
                own_shape = own.shape if len(leaf.shape) == 2 else own.shape[:1]
                self.sizes.update(
                    {s: o for s, o in zip(leaf.shape, own_shape, strict=False) if isinstance(s, sp.Symbol)}
                )
        for leaf in leaves:
            own = known.get(leaf.name)
            self.symbols[leaf.name] = own if own is not None else self._symbol(leaf)

    def _symbol(self, leaf: Name) -> Any:
        if not leaf.shape:
            return sp.Symbol(leaf.name)
        if leaf.ndim > 2:
            return sp.IndexedBase(leaf.name, shape=tuple(map(self.size, leaf.shape)))
        return sp.MatrixSymbol(leaf.name, *self.rows_and_columns(leaf.shape))

    def size(self, size: Size) -> Any:
        return sp.Integer(size) if isinstance(size, int) else self.sizes.get(size, size)

    def rows_and_columns(self, shape: Shape) -> tuple[Any, Any]:
        """Return the shape of the matrix for a form of that shape: 1-D arrays are columns."""
        return self.size(shape[0]), self.size(shape[1]) if len(shape) == 2 else sp.S.One

    # --- entry by entry ---

    def entry(self, form: Form, at: Sequence[Any] = ()) -> Any:
        """Return the entry of a form at the indices given (default: i, j, …)."""
        own = {
            label: _Column(symbol, symbol.shape[:1]) if self._is_column(form, label) else symbol
            for label, symbol in self.symbols.items()
        }
        for call in walk(form):
            if isinstance(call, Implicit):
                value = self.value(call)
                own[held_name(call)] = _Column(value, value.shape[:1]) if call.ndim == 1 else value
        places = [fresh(s) for s in form.shape]
        element = lower(form, places)
        if element.has(Peak):
            raise DerivationError(f"the maximum over an axis in {numpy_text(form)} has no expression in SymPy")
        found = ordinary(element, {**own, **self.functions}, places)
        letters = [ordinary(p, None, places) for p in places]
        found = found.subs({s: o for s, o in self.sizes.items() if s != o})
        return found.subs(dict(zip(letters, at, strict=True)), simultaneous=True) if at else found

    def _is_column(self, form: Form, label: str) -> bool:
        symbol = self.symbols[label]
        shapes = {n.ndim for n in walk(form) if isinstance(n, Name) and n.name == label}
        return isinstance(symbol, sp.MatrixSymbol) and shapes == {1}

    def by_entries(self, form: Form) -> Value:
        """Return a form as a matrix that is given by its entries."""
        if not form.shape:
            return self.entry(form)
        i, j = sp.Dummy("i", integer=True), sp.Dummy("j", integer=True)
        body = self.entry(form, (i, j)[: form.ndim])
        return sp.FunctionMatrix(*self.rows_and_columns(form.shape), sp.Lambda((i, j), body))

    # --- as matrices ---

    def matrix(self, form: Form) -> Value:
        """Return a form as an expression, a column or a matrix, by its entries where it has no other."""
        try:
            return self.value(form)
        except _NoMatrix:
            return self.by_entries(form)

    def value(self, form: Form) -> Value:
        """Return a form as an expression, a column or a matrix; raises _NoMatrix where it has none."""
        found = self._values.get(form)
        if found is None:
            if form.ndim > 2:
                raise _NoMatrix
            made = _MATRICES.get(type(form))
            if made is None:
                raise _NoMatrix
            found = self._values[form] = made(self, form)
        return found

    def spread(self, form: Form, shape: Shape) -> Value:
        """Return a form as it meets an array of that shape: repeated by ones."""
        value = self.value(form)
        if form.shape == shape:
            return value
        if not form.shape:
            return value * sp.OneMatrix(*self.rows_and_columns(shape)) if shape else value
        if len(shape) != 2:
            raise _NoMatrix
        n, m = map(self.size, shape)
        if form.ndim == 1:
            value = value.T
        rows = 1 if form.ndim == 1 else form.shape[0]
        if rows == 1 and shape[0] != 1:
            value = sp.OneMatrix(n, 1) * value
        if form.shape[-1] == 1 and shape[1] != 1:
            value = value * sp.OneMatrix(1, m)
        return value

    def name(self, form: Name) -> Value:
        symbol = self.symbols[form.name]
        wanted = self.rows_and_columns(form.shape) if form.shape else ()
        if tuple(getattr(symbol, "shape", ())) != wanted:
            raise _NoMatrix
        return symbol

    def number(self, form: Number) -> Value:
        value = form.value
        if isinstance(value, float):
            return sp.pi if value == float(sp.pi) else sp.Float(value)
        return sp.Rational(value.numerator, value.denominator)

    def filled(self, form: Filled) -> Value:
        rows, columns = self.rows_and_columns(form.shape)
        return (
            sp.Rational(str(form.value)) * sp.OneMatrix(rows, columns) if form.value else sp.ZeroMatrix(rows, columns)
        )

    def operation(self, form: Apply) -> Value:
        op, args = form.op, form.args
        if not form.shape:
            return self.entry_of_numbers(form)
        if op == "negative":
            return -self.value(args[0])
        if op in ("add", "subtract"):
            a, b = (self.spread(x, form.shape) for x in args)
            return a + b if op == "add" else a - b
        if op == "multiply":
            numbers = [x for x in args if not x.shape]
            if numbers:
                return self.value(args[0]) * self.value(args[1])
            return sp.HadamardProduct(*(self.spread(x, form.shape) for x in args))
        if op == "divide":
            if not args[1].shape:
                return self.value(args[0]) / self.value(args[1])
            below = sp.HadamardPower(self.spread(args[1], form.shape), -1)
            return (
                self.value(args[0]) * below
                if not args[0].shape
                else sp.HadamardProduct(self.spread(args[0], form.shape), below)
            )
        if op in ("power", "sqrt"):
            exponent = sp.Rational(1, 2) if op == "sqrt" else self.value(args[1])
            if not getattr(exponent, "is_Matrix", False) and args[0].shape == form.shape:
                return sp.HadamardPower(self.value(args[0]), sp.nsimplify(exponent))
        return self.entrywise(form)

    def entrywise(self, form: Apply) -> Value:
        """Return a function of every entry of one array."""
        op = form.op
        arrays = [a for a in form.args if a.shape]
        works = isinstance(op, str) or op.entrywise
        if len(arrays) != 1 or arrays[0].shape != form.shape or not works or op == "where":
            raise _NoMatrix
        x = sp.Dummy("x", real=True)
        slot = Name._make((), ("§",), ())
        body = Apply._make(tuple(slot if a is arrays[0] else a for a in form.args), form.data, ())
        if any(a.args for a in body.args):
            raise _NoMatrix
        numbers = {n.name: self.symbols[n.name] for n in body.args if isinstance(n, Name) and n is not slot}
        made = ordinary(lower(body), {**self.functions, **numbers, "§": x})
        value = self.value(arrays[0])
        if value.shape == (1, 1):  # SymPy would apply the function to the matrix
            return made.subs(x, value[0, 0]) * sp.OneMatrix(1, 1)
        return value.applyfunc(sp.Lambda(x, made))

    def entry_of_numbers(self, form: Apply) -> Value:
        """Return an operation on single numbers."""
        slots = [Name._make((), (f"§{k}",), ()) for k in range(len(form.args))]
        values = {slot.name: self.value(a) for slot, a in zip(slots, form.args, strict=True)}
        dummies = {label: sp.Dummy(label) for label in values}
        made = ordinary(lower(Apply._make(tuple(slots), form.data, ())), {**self.functions, **dummies})
        return made.subs({dummies[label]: value for label, value in values.items()}, simultaneous=True)

    def product(self, form: Matmul) -> Value:
        a, b = form.args
        left, right = self.value(a), self.value(b)
        if a.ndim == b.ndim == 1:
            return sp.Trace(left.T * right)
        return right.T * left if a.ndim == 1 else left * right

    def reduced(self, form: Reduce) -> Value:
        operand = form.args[0]
        count = sp.Mul(*[self.size(operand.shape[k]) for k in form.axes]) if form.kind == "mean" else sp.S.One
        value = self.summed(operand, form) / count
        return value * sp.OneMatrix(1, 1) if form.keepdims and not getattr(value, "is_Matrix", False) else value

    def summed(self, operand: Form, form: Reduce) -> Value:
        if len(form.axes) == operand.ndim:
            if (
                isinstance(operand, Apply)
                and operand.op == "multiply"
                and all(a.shape == operand.shape for a in operand.args)
            ):
                a, b = map(self.value, operand.args)
                return sp.Trace(a.T * b)
            if isinstance(operand, Apply) and operand.op == "power" and _is_two(operand.args[1]):
                value = self.value(operand.args[0])
                return sp.Trace(value.T * value)
            value = self.value(operand)
            return sp.Trace(value * sp.OneMatrix(value.shape[1], value.shape[0]))
        value = self.value(operand)
        if form.axes == (1,):
            return value * sp.OneMatrix(value.shape[1], 1)
        return sp.OneMatrix(1, value.shape[0]) * value if form.keepdims else value.T * sp.OneMatrix(value.shape[0], 1)

    def implicit(self, form: Implicit) -> Value:
        """Return an inverse, a determinant, or what they are made of."""
        return _MATRIX_FUNCTIONS[form.function.name](*map(self.matrix, form.args))

    def expanded(self, form: Expand) -> Value:
        value = self.value(form.args[0])
        if not form.args[0].shape:
            return value * sp.OneMatrix(1, 1)
        return value.T if form.ndim == 2 and form.axes == (0,) else value


def _is_two(form: Form) -> bool:
    return isinstance(form, Number) and form.value == 2


_MATRICES: dict[type, Callable[[_Matrices, Any], Value]] = {
    Name: _Matrices.name,
    Number: _Matrices.number,
    SizeOf: lambda worker, form: worker.size(form.size),
    Filled: _Matrices.filled,
    Eye: lambda worker, form: sp.Identity(worker.size(form.shape[0])),
    Apply: _Matrices.operation,
    Matmul: _Matrices.product,
    Outer: lambda worker, form: worker.value(form.args[0]) * worker.value(form.args[1]).T,
    Transpose: lambda worker, form: worker.value(form.args[0]).T,
    Reduce: _Matrices.reduced,
    Expand: _Matrices.expanded,
    Broadcast: lambda worker, form: worker.spread(form.args[0], form.shape),
    Implicit: _Matrices.implicit,
}
"""How SymPy writes a kind of node; others are given by their entries."""

_MATRIX_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "inv": sp.Inverse,
    "solve": lambda a, b: sp.Inverse(a) * b,
    "det": sp.Determinant,
    "logdet": lambda a: sp.log(sp.Determinant(a)),
    "logabsdet": lambda a: sp.log(sp.Abs(sp.Determinant(a))),
    "det_sign": lambda a: sp.sign(sp.Determinant(a)),
}
"""Functions of linear algebra that SymPy has as well."""
