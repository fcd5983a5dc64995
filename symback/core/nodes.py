"""Forms: immutable, interned trees of array operations, and the operators users write them with.

A Form says what people write and machines run: ``X @ W + b``, ``a * (1 - a)``, a sum over axis 0.
Every node knows its shape; a size is an ``int`` or a SymPy symbol. Two Forms that are written alike are the same
object, so equality is identity and a traversal can be memoized by the node itself.

One class per kind of node says all there is to know of it: how it is remade with other operands, how NumPy spells it, its
value over an exchangeable arithmetic, which entries of its operands one of its entries reads, and its form for all rows at
once. What goes over trees of Forms is a fold over these.
"""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar, Protocol, Self, TypeAlias, cast

import numpy as np
import sympy as sp

from symback.core.errors import DerivationError, ShapeError, ValueProblem
from symback.core.hooks import Hook
from symback.core.operations import RELATIONS
from symback.core.shapes import (
    Constant,
    Index,
    Item,
    Shape,
    Size,
    Span,
    aligned,
    axis_within,
    broadcast_shapes,
    shape_text,
)
from symback.core.spelling import (
    ATOM,
    INFIX,
    PLAIN,
    POWER,
    PRODUCT,
    UNARY,
    Spelled,
    Spelling,
    index_text,
    number_text,
    parenthesize,
)

_interned: weakref.WeakValueDictionary[tuple[Any, ...], Any] = weakref.WeakValueDictionary()
_interning = threading.RLock()


class NamedOperation:
    """An operation with a name of its own: a row of the tables, or the derivative of one."""

    name: str
    entrywise: bool = True
    definition: Callable[..., Form] | None = None


Operation: TypeAlias = "str | NamedOperation"

row_named: Hook[[str], Any] = Hook("row_named")
"""The row of the tables of that name; KeyError for an unknown one."""
sympy_element: Hook[[Form], Any] = Hook("sympy_element")
"""One entry of a Form as an ordinary SymPy expression."""
sympy_form: Hook[[Form], Any] = Hook("sympy_form")
"""A Form as a matrix expression of SymPy, or as an expression where it has no axes."""
form_latex: Hook[[Form], str] = Hook("form_latex")
"""A Form in textbook notation as LaTeX, without delimiters."""


class Run(Protocol):
    """One evaluation: what a node asks for besides the values of its operands."""

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The operations on numbers, by name."""

    def number(self, value: Constant) -> Any:
        """Return a literal number."""

    def length(self, size: Size) -> int:
        """Return the length that a size has here."""

    def lengths(self, shape: Shape) -> tuple[int, ...]:
        """Return the lengths of the axes."""

    def named(self, label: str) -> Any:
        """Return the value of a name; the adjoint of ``z`` is ``∂z``."""

    def called(self, node: Apply, args: Sequence[Any]) -> Any:
        """Return the value of a call of an operation with a name of its own."""

    def product(self, a: Any, b: Any) -> Any:
        """Return ``a @ b``."""


class Algebra(Protocol):
    """How entries are put together, as numbers in SymPy, as what stands on a page, or as Forms of single numbers.

    A *place* says where along an axis an entry stands.
    """

    @property
    def zero(self) -> Any:
        """The place on an axis of length 1 that is repeated."""

    def entry(self, form: Form, at: Sequence[Any]) -> Any:
        """Return the entry of an operand at the places given, one per axis."""

    def named(self, form: Any, at: Sequence[Any]) -> Any:
        """Return the entry of an array: of a Name, of an Adjoint, or of a call that has no entrywise formula."""

    def number(self, form: Number | Filled) -> Any:
        """Return a literal number."""

    def size(self, size: sp.Symbol) -> Any:
        """Return a symbolic size as a number."""

    def operation(self, form: Apply, at: Sequence[Any]) -> Any:
        """Return the entry of an operation."""

    def product(self, form: Form, factors: Sequence[Any]) -> Any:
        """Return the product of entries."""

    def reduced(self, form: Form, kind: str, sizes: Sequence[Size], body: Callable[[Sequence[Any]], Any]) -> Any:
        """Return the sum, mean, max or min of ``body`` over all places on axes of the given sizes."""

    def compared(self, relation: str, left: Any, right: Any) -> Any:
        """Return 1 where two places compare so, else 0."""

    def where_compared(self, body: Any, source: Any, here: Any, relation: str = "equal") -> Any:
        """Return ``body`` where two places compare so, else 0; "delta" is equality of an index and where it runs."""

    def chosen(
        self,
        form: Form,
        at: Sequence[Any],
        parts: Sequence[tuple[Index, Callable[[Sequence[Any]], Any]]],
        otherwise: float | None,
    ) -> Any:
        """Return the value of the part in whose index ``at`` lies: its function of the places inside that index.

        ``otherwise`` is the number outside all parts; None where there is nothing outside.
        """

    def affine(self, terms: Sequence[tuple[Any, int]], start: int, length: Size) -> Any:
        """Return the place ``start`` + Σ step · place along an axis of that length."""

    def digit(self, place: Any, stride: int, length: int, slowest: bool) -> Any:
        """Return one place out of a merged one, as a digit in mixed radix."""

    def looked_up(self, index: Form, at: Sequence[Any], length: Size) -> Any:
        """Return the place along an axis of that length that an array of integers holds."""

    def counted(self, place: Any, start: int) -> Any:
        """Return the number of a place, where the first one has the number ``start``."""


class Form:
    """One node of an array expression; build Forms with NumPy's operators and the functions of ``symback``.

    ``shape`` is a tuple of ints and symbols, ``args`` the child Forms. Forms are immutable and interned: two that are
    written alike are one object. Raises ShapeError where shapes do not fit, TypeError where its truth is asked for.

    >>> X, W = name("X", (4, 3)), name("W", (3, 2))
    >>> X @ W + 1, (X @ W).shape, X @ W is X @ W
    (X @ W + 1, (4, 2), True)
    """

    __slots__ = ("__weakref__", "args", "data", "shape")
    __array_ufunc__ = None
    args: tuple[Form, ...]
    data: tuple[Any, ...]
    shape: Shape
    needs_lengths: ClassVar[bool] = False
    """True where the meaning depends on the lengths of axes themselves, as that of a slice does."""
    is_view: ClassVar[bool] = False
    """True where entries are only looked at in another order, or repeated: it stays a part of its formula."""
    is_product: ClassVar[bool] = False
    """True for a product of arrays."""
    names_operand: ClassVar[bool] = False
    """True where a slice or a repeated array as operand gets a name: windows of a slice are no move of one kind."""
    shares_memory: ClassVar[bool] = False
    """True where NumPy answers with a view of the operand's memory."""

    @classmethod
    def _make(cls, args: tuple[Form, ...], data: tuple[Any, ...], shape: Shape) -> Self:
        key = (cls, args, data, shape)
        found: Any = _interned.get(key)
        if found is None:
            # two threads that write the same form alike must get one object, and a whole one
            with _interning:
                found = _interned.get(key)
                if found is None:
                    found = object.__new__(cls)
                    found.args = args
                    found.data = data
                    found.shape = shape
                    _interned[key] = found
        return cast(Self, found)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        raise TypeError(f"{cls.__name__} nodes are made by functions, not by calling the class")

    def __reduce__(self) -> Any:
        return (_restore, (type(self), self.args, self.data, self.shape))

    def __copy__(self) -> Form:
        return self

    def __deepcopy__(self, memo: Any) -> Form:
        return self

    # What a class says of its kind of node.

    def remade(self, args: tuple[Form, ...]) -> Form:
        """Return the node with other operands; its shape is computed anew and checked where it depends on them."""
        return self._make(args, self.data, self.shape)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        """Return the node as NumPy code, with the level at which it binds; ``args`` are its operands, spelled."""
        raise TypeError(f"no NumPy text for {type(self).__name__}")

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        """Return the value of the node where ``args`` are the values of its operands."""
        raise TypeError(f"no meaning for {type(self).__name__}")

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        """Return the entry at the places ``at``, one per axis, in terms of the entries of its operands."""
        raise DerivationError(f"{self} has no index notation")

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        """Return the node for all rows at once; the operands of which ``many`` is true have a first axis more for them.

        None where there is no such Form.
        """
        return None

    @property
    def called(self) -> tuple[str, str] | None:
        """LaTeX and text of the name under which a page shows the operation; None where it shows what it reads."""
        return None

    @property
    def helper(self) -> str:
        """The name of a function that the spelling calls and NumPy does not have; empty where it calls none."""
        return ""

    @property
    def lengths_written(self) -> Shape:
        """The sizes that its spelling says."""
        return ()

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def T(self) -> Form:
        return transpose(self)

    def __bool__(self) -> bool:
        raise TypeError(f"the truth of {self} is not known before it is run; use where(condition, a, b) instead of if")

    def __iter__(self) -> Any:
        raise TypeError(f"{self} cannot be looped over; index it, or sum over an axis")

    def __repr__(self) -> str:
        return numpy_text(self)

    @property
    def element(self) -> Any:
        """One entry as an ordinary SymPy expression: symbols, Indexed and Sum, at indices i, j, … where there are axes."""
        return sympy_element(self)

    def latex(self) -> str:
        """Return the Form in textbook notation as LaTeX, without delimiters."""
        return form_latex(self)

    def to_sympy(self) -> Any:
        """Return the Form as SymPy has it, in the caller's own symbols: a number, or a matrix expression.

        Arrays of one axis are columns, of shape (n, 1). Of an array of more than two axes, or one written with an
        ``IndexedBase``, it is the expression of one entry, as ``element`` is. A derived Form goes back in closed form.

        >>> W = name("W", (3, 2))
        >>> (2 * name("A", (4, 3)) @ W).to_sympy()
        2*A*W

        Raises DerivationError, naming it, for what SymPy has no expression for.
        """
        return sympy_form(self)

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def _latex(self, printer: Any) -> str:
        return self.latex()

    def _sympy_(self) -> Any:
        return self.to_sympy()

    def __add__(self, other: Any) -> Form:
        return _binary("add", self, other)

    def __radd__(self, other: Any) -> Form:
        return _binary("add", other, self)

    def __sub__(self, other: Any) -> Form:
        return _binary("subtract", self, other)

    def __rsub__(self, other: Any) -> Form:
        return _binary("subtract", other, self)

    def __mul__(self, other: Any) -> Form:
        return _binary("multiply", self, other)

    def __rmul__(self, other: Any) -> Form:
        return _binary("multiply", other, self)

    def __truediv__(self, other: Any) -> Form:
        return _binary("divide", self, other)

    def __rtruediv__(self, other: Any) -> Form:
        return _binary("divide", other, self)

    def __pow__(self, other: Any) -> Form:
        return _binary("power", self, other)

    def __rpow__(self, other: Any) -> Form:
        return _binary("power", other, self)

    def __matmul__(self, other: Any) -> Form:
        return matmul(self, as_form(other))

    def __rmatmul__(self, other: Any) -> Form:
        return matmul(as_form(other), self)

    def __neg__(self) -> Form:
        return apply("negative", self)

    def __pos__(self) -> Form:
        return self

    def __abs__(self) -> Form:
        made: Form = row_named("absolute")(self)
        return made

    def __gt__(self, other: Any) -> Form:
        return _binary("greater", self, other)

    def __lt__(self, other: Any) -> Form:
        return _binary("less", self, other)

    def __ge__(self, other: Any) -> Form:
        return _binary("greater_equal", self, other)

    def __le__(self, other: Any) -> Form:
        return _binary("less_equal", self, other)

    def __getitem__(self, index: Any) -> Form:
        return get(self, index)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Form:
        return reduce_over("sum", self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Form:
        return reduce_over("mean", self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Form:
        return reduce_over("max", self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Form:
        return reduce_over("min", self, axis, keepdims)

    def dot(self, other: Any) -> Form:
        return dot(self, other)

    def transpose(self, *axes: int) -> Form:
        return transpose(self, axes or None)


def _restore(cls: type[Form], args: tuple[Form, ...], data: tuple[Any, ...], shape: Shape) -> Form:
    return cls._make(args, data, shape)


class Name(Form):
    """An array known by its name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return cast(str, self.data[0])

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return s.name(self.name), ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return run.named(self.name)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.named(self, at)


class Adjoint(Form):
    """The adjoint ∂L/∂A of the array named ``of``; it has the shape of that array."""

    __slots__ = ()

    @property
    def of(self) -> str:
        return cast(str, self.data[0])

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return s.adjoint(self.of), ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return run.named("∂" + self.of)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.named(self, at)


class Number(Form):
    """A literal number, in the user's own spelling (``0.5`` stays 0.5)."""

    __slots__ = ()

    @property
    def value(self) -> Constant:
        return cast(Constant, self.data[1])

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        value = self.value
        if abs(value) == math.pi:
            return s.pi if value > 0 else f"-{s.pi}", ATOM if value > 0 else UNARY
        if isinstance(value, Fraction):
            return number_text(value), PRODUCT if value > 0 else 3
        return number_text(value), ATOM if value >= 0 else UNARY

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return run.number(self.value)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.number(self)


class SizeOf(Form):
    """A symbolic size used as a number, as the n of 1/n."""

    __slots__ = ()

    @property
    def size(self) -> sp.Symbol:
        return self.data[0]

    @property
    def lengths_written(self) -> Shape:
        return (self.size,)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return s.size(self.size), ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return run.number(run.length(self.size))

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.size(self.size)


class Filled(Form):
    """An array that holds one number everywhere, as np.zeros or np.ones make it."""

    __slots__ = ()

    @property
    def value(self) -> Constant:
        return cast(Constant, self.data[1])

    @property
    def lengths_written(self) -> Shape:
        return self.shape

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        if self.value in (0, 1):
            return f"{s.module}.{'ones' if self.value else 'zeros'}({s.lengths(self.shape)})", ATOM
        return f"{s.module}.full({s.lengths(self.shape)}, {number_text(self.value)})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.full(run.lengths(self.shape), run.number(self.value))

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.number(self)


class Apply(Form):
    """An operation: entrywise with NumPy broadcasting, or a row of the tables that works along an axis (softmax)."""

    __slots__ = ()

    @property
    def op(self) -> Any:
        """The name of one of NumPy's operations, a row of the tables, or the derivative of a row."""
        return self.data[0]

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.data[1])

    def remade(self, args: tuple[Form, ...]) -> Form:
        return apply(self.op, *args, **self.parameters)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        op = self.op
        label = op if isinstance(op, str) else op.name
        if label == "negative":
            inside = parenthesize(args[0], UNARY)
            return (inside[1:] if inside.startswith("-") else f"-{inside}"), UNARY
        if label == "where":
            return f"{s.module}.where({', '.join(a[0] for a in args)})", ATOM
        if isinstance(op, str) and op in INFIX:
            sign, level = INFIX[op]
            if op == "power":
                return f"{parenthesize(args[0], ATOM)}{sign}{parenthesize(args[1], UNARY)}", POWER
            if op in RELATIONS:
                return f"{parenthesize(args[0], 2)} {sign} {parenthesize(args[1], 2)}", level
            right = level if op == "add" else level + 1
            return f"{parenthesize(args[0], level)} {sign} {parenthesize(args[1], right)}", level
        arguments = ", ".join([a[0] for a in args] + [f"{k}={v}" for k, v in self.parameters.items()])
        prefix = f"{s.module}." if isinstance(op, str) else ""
        return f"{prefix}{label}({arguments})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        op = self.data[0]
        return run.functions[op](*args) if type(op) is str else run.called(self, args)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.operation(self, at)

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        if not isinstance(self.op, str) and not self.op.entrywise:
            parameters = self.parameters
            if parameters.get("axis") is not None:
                parameters["axis"] += 1
            return apply(self.op, *args, **parameters)
        rank = max(a.ndim for a in self.args)
        fitted = [
            expand(a, range(1, 1 + rank - old.ndim)) if is_many else a
            for a, old, is_many in zip(args, self.args, many, strict=True)
        ]
        return apply(self.op, *fitted)


class Matmul(Form):
    """The matrix product ``a @ b`` by NumPy's rules for 1-D, 2-D and batched operands."""

    __slots__ = ()
    is_product = True

    def remade(self, args: tuple[Form, ...]) -> Form:
        return matmul(*args)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"{parenthesize(args[0], PRODUCT)} @ {parenthesize(args[1], UNARY)}", PRODUCT

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return run.product(args[0], args[1])

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        a, b = self.args
        last = len(at) - (b.ndim > 1)
        first = last - (a.ndim > 1)
        out = self.shape[:first]

        def batch(operand: Form) -> list[Any]:
            return aligned(operand.shape[:-2], out, at[:first], algebra.zero)

        def body(inner: Sequence[Any]) -> Any:
            left = algebra.entry(a, [*batch(a), *at[first:last], *inner])
            right = algebra.entry(b, [*batch(b), *inner, *at[last:]])
            return algebra.product(self, [left, right])

        return algebra.reduced(self, "sum", a.shape[-1:], body)

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        (a, b), (left, right) = args, self.args
        if all(many) and left.ndim == right.ndim == 1:
            return reduce_over("sum", a * b, 1)
        if many[0] and not many[1] and right.ndim <= 2:
            return matmul(a, b)
        if many[1] and not many[0] and right.ndim == 1 and left.ndim <= 2:
            return matmul(b, a.T) if left.ndim == 2 else matmul(b, a)
        return None


class Transpose(Form):
    """Axes reordered: axis k of the result is axis ``axes[k]`` of the operand."""

    __slots__ = ()
    is_view = shares_memory = True

    @property
    def axes(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[0])

    def remade(self, args: tuple[Form, ...]) -> Form:
        return transpose(args[0], self.axes)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        if self.axes == tuple(reversed(range(self.ndim))):
            return f"{parenthesize(args[0], ATOM)}.T", ATOM
        return f"{s.module}.transpose({args[0][0]}, {self.axes})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.transpose(args[0], self.axes)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        inner: list[Any] = [None] * len(at)
        for position, axis in enumerate(self.axes):
            inner[axis] = at[position]
        return algebra.entry(self.args[0], inner)

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        return transpose(args[0], [0, *(k + 1 for k in self.axes)])


class Reduce(Form):
    """A sum, mean, max or min over some axes."""

    __slots__ = ()

    @property
    def kind(self) -> str:
        return cast(str, self.data[0])

    @property
    def axes(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[1])

    @property
    def keepdims(self) -> bool:
        return cast(bool, self.data[2])

    def remade(self, args: tuple[Form, ...]) -> Form:
        return reduce_over(self.kind, args[0], self.axes, self.keepdims)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        whole = len(self.axes) == self.args[0].ndim
        axis = "" if whole else f"axis={self.axes[0] if len(self.axes) == 1 else self.axes}"
        keep = "keepdims=True" if self.keepdims else ""
        options = ", ".join(t for t in (axis, keep) if t)
        return f"{parenthesize(args[0], ATOM)}.{self.kind}({options})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        kind = self.kind
        value = getattr(np, kind if kind != "mean" else "sum")(args[0], axis=self.axes, keepdims=self.keepdims)
        if kind == "mean":
            shape = np.shape(args[0])
            count = math.prod(shape[k] for k in self.axes)
            value = run.functions["divide"](value, run.number(count)) if count != 1 else value
        return value

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        operand = self.args[0]
        kept = [place for k, place in enumerate(at) if k not in self.axes] if self.keepdims else at

        def body(over: Sequence[Any]) -> Any:
            new, old = iter(over), iter(kept)
            return algebra.entry(operand, [next(new) if k in self.axes else next(old) for k in range(operand.ndim)])

        return algebra.reduced(self, self.kind, [operand.shape[k] for k in self.axes], body)

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        return reduce_over(self.kind, args[0], tuple(k + 1 for k in self.axes), self.keepdims)


class Get(Form):
    """Constant indexing and slicing: one item (an int, a Span, or None for the whole axis) per axis of the operand."""

    __slots__ = ()
    needs_lengths = is_view = shares_memory = True

    @property
    def index(self) -> Index:
        return cast(Index, self.data[0])

    def remade(self, args: tuple[Form, ...]) -> Form:
        return self._make(args, self.data, _sliced(self.index, args[0].shape))

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"{parenthesize(args[0], ATOM)}[{index_text(self.index)}]", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.asarray(args[0])[numpy_index(self.index)]

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        rest = iter(at)
        inside = []
        for item, length in zip(self.index, self.args[0].shape, strict=True):
            if item is None:
                inside.append(next(rest))
            elif isinstance(item, Span):
                inside.append(algebra.affine([(next(rest), item.step)], item.start, length))
            else:
                inside.append(algebra.affine([], item, length))
        return algebra.entry(self.args[0], inside)

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        return get(args[0], (slice(None), *numpy_index(self.index)))


class Expand(Form):
    """Axes of length 1 inserted, as ``a[:, None]`` does; ``axes`` are positions in the result."""

    __slots__ = ()
    is_view = shares_memory = True

    @property
    def axes(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[0])

    def remade(self, args: tuple[Form, ...]) -> Form:
        return expand(args[0], self.axes)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        if not self.args[0].shape:  # a Python float cannot be indexed
            return f"{s.module}.expand_dims({args[0][0]}, {self.axes if self.ndim > 1 else 0})", ATOM
        items = ["None" if k in self.axes else ":" for k in range(self.ndim)]
        while len(items) > 1 and items[-1] == ":":
            items.pop()
        return f"{parenthesize(args[0], ATOM)}[{', '.join(items)}]", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.expand_dims(args[0], self.axes)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.entry(self.args[0], [place for k, place in enumerate(at) if k not in self.axes])

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        return expand(args[0], [k + 1 for k in self.axes])


def name(name: str, shape: Shape = ()) -> Name:
    """Return the Form of the array called ``name``."""
    return Name._make((), (name,), shape)


def adjoint(of: str, shape: Shape = ()) -> Adjoint:
    """Return the Form of ∂L/∂(of)."""
    return Adjoint._make((), (of,), shape)


class Rounded(float):
    """A number of so many significant ``digits`` in the place of another one: its last zeros are printed, as in 0.2120.

    >>> Rounded(0.212, 4), str(number(Rounded(0.212, 4)))
    (0.212, '0.212')
    """

    __slots__ = ("digits",)
    digits: int

    def __new__(cls, value: float, digits: int) -> Rounded:
        made = super().__new__(cls, value)
        made.digits = digits
        return made


def number(value: Any) -> Number:
    """Return a literal number as a Form."""
    plain: Constant
    if isinstance(value, Rounded):
        return Number._make((), (f"{type(value).__name__} {value.digits}", value, math.copysign(1, value)), ())
    if isinstance(value, (bool, int)):
        plain = int(value)
    elif isinstance(value, Fraction):
        plain = int(value) if value.denominator == 1 else value
    else:
        plain = float(value)
    try:
        float(plain)
    except OverflowError:
        raise ValueProblem("a number beyond 1.8e308 is too large") from None
    return Number._make((), (type(plain).__name__, plain, math.copysign(1, plain)), ())


def size_of(value: Size) -> Form:
    """Return a size as a number: a literal for an int, the symbol otherwise."""
    if isinstance(value, int):
        return number(value)
    return SizeOf._make((), (value,), ())


def filled(value: Constant, shape: Shape) -> Form:
    """Return the array of ``shape`` that holds ``value`` everywhere."""
    if not shape:
        return number(value)
    plain = number(value).value
    return Filled._make((), (type(plain).__name__, plain), shape)


def as_form(value: Any) -> Form:
    """Return ``value`` as a Form: Forms stay, Python and NumPy numbers become literals.

    Raises TypeError for anything else, an array included, which has to enter as an input.
    """
    if isinstance(value, Form):
        return value
    if isinstance(value, (bool, int, float, Fraction)):
        return number(value)
    if isinstance(value, sp.Rational):
        return number(Fraction(int(value.p), int(value.q)))
    if isinstance(value, sp.Float):
        return number(float(value))
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return number(value.item())
    raise TypeError(
        f"{'an array' if hasattr(value, 'dtype') else 'a ' + type(value).__name__} cannot enter a formula; declare arrays with net.input(...) or net.parameter(...)"
    )


def apply(op: Operation, *arguments: Form, **parameters: Any) -> Form:
    """Apply an operation; entrywise ones broadcast, the others take the shape their definition gives."""
    label = op if isinstance(op, str) else op.name
    if label == "divide" and isinstance(arguments[1], Number) and arguments[1].value == 0:
        raise ValueProblem(f"in {numpy_text(arguments[0])} / 0: division by zero")
    if isinstance(op, NamedOperation) and not op.entrywise:
        assert op.definition is not None
        parameters = _normal_parameters(op, arguments, parameters)
        shape = op.definition(*arguments, **parameters).shape
    elif len(arguments) == 1:
        shape = arguments[0].shape
    else:
        shapes = [a.shape for a in arguments]
        if all(s == shapes[0] for s in shapes):
            shape = shapes[0]
        else:
            try:
                shape = broadcast_shapes(shapes)
            except ShapeError as error:
                sign = INFIX.get(label)
                doing = (
                    f"in {numpy_text(arguments[0])} {sign[0]} {numpy_text(arguments[1])}"
                    if sign and len(arguments) == 2
                    else f"in {label}({', '.join(numpy_text(a) for a in arguments)})"
                )
                raise ShapeError(str(error).replace("broadcasting", doing, 1)) from None
    return Apply._make(arguments, (op, tuple(sorted(parameters.items()))), shape)


def _normal_parameters(op: NamedOperation, arguments: tuple[Form, ...], parameters: dict[str, Any]) -> dict[str, Any]:
    axis = parameters.get("axis")
    if axis is None or not arguments:
        return parameters
    return {**parameters, "axis": axis_within(int(axis), arguments[0].ndim, f"in {op.name}")}


def _binary(op: str, left: Any, right: Any) -> Form:
    try:
        return apply(op, as_form(left), as_form(right))
    except TypeError:
        if (isinstance(left, Form) and isinstance(right, Form)) or hasattr(left, "dtype") or hasattr(right, "dtype"):
            raise
        # Python then asks the other operand, as its protocol for operators has it
        return cast(Form, NotImplemented)


def matmul(a: Any, b: Any) -> Form:
    """(a @ b)[…, i, j] = Σ_k a[…, i, k] b[…, k, j].

    Shapes: (…, m, k) and (…, k, n) give (…, m, n); a 1-D operand loses its axis again, leading axes broadcast. Raises
    ShapeError where the inner sizes differ, and proposes the transpose that would fit.

    >>> matmul(name("X", (4, 3)), name("W", (3, 2))).shape, matmul(name("x", (3,)), name("W", (3, 2))).shape
    ((4, 2), (2,))

    Source: https://numpy.org/doc/stable/reference/generated/numpy.matmul.html
    """
    a, b = as_form(a), as_form(b)
    if not a.shape or not b.shape:
        raise ShapeError(
            f"in {numpy_text(a)} @ {numpy_text(b)}: a matrix product needs arrays, got shapes "
            f"{shape_text(a.shape)} and {shape_text(b.shape)}; use * for a number"
        )
    inner_a = a.shape[-1]
    inner_b = b.shape[0] if b.ndim == 1 else b.shape[-2]
    if inner_a != inner_b:
        raise ShapeError(
            f"in {numpy_text(a)} @ {numpy_text(b)}: shapes {shape_text(a.shape)} and {shape_text(b.shape)} do not fit "
            f"({inner_a} against {inner_b}){_transpose_hint(a.shape, b.shape)}"
        )
    batch = broadcast_shapes([a.shape[:-2], b.shape[:-2]], f"in {numpy_text(a)} @ {numpy_text(b)}")
    tail: Shape = (a.shape[-2:-1] if a.ndim > 1 else ()) + (b.shape[-1:] if b.ndim > 1 else ())
    return Matmul._make((a, b), (), batch + tail)


def _transpose_hint(a: Shape, b: Shape) -> str:
    if len(b) == 2 and a[-1] == b[1]:
        return "; the transpose of the second operand would fit"
    if len(a) == 2 and a[0] == (b[0] if len(b) == 1 else b[-2]):
        return "; the transpose of the first operand would fit"
    return ""


def dot(a: Any, b: Any) -> Form:
    """Return ``np.dot(a, b)``: the product where one is a number, else ``a @ b``.

    Shapes: those of ``matmul``. Raises ShapeError for an array of more than two axes, which NumPy's dot pairs otherwise
    than its matmul, and where the inner sizes differ.

    >>> dot(name("x", (3,)), name("y", (3,))), dot(2, name("W", (3, 2)))
    (x @ y, 2 * W)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.dot.html
    """
    a, b = as_form(a), as_form(b)
    if not a.shape or not b.shape:
        return apply("multiply", a, b)
    if a.ndim > 2 or b.ndim > 2:
        raise ShapeError(
            f"dot takes arrays of at most 2 axes, got {shape_text(a.shape)} and {shape_text(b.shape)}; use @"
        )
    return matmul(a, b)


def transpose(operand: Any, axes: Sequence[int] | None = None) -> Form:
    """Return ``a.T``, (aᵀ)[i, j] = a[j, i], or the axes in the order given.

    Shapes: axis k of the result is axis ``axes[k]`` of the operand; without ``axes`` all axes are reversed. Raises
    ShapeError where ``axes`` does not name each axis once.

    >>> transpose(name("A", (2, 3, 4))).shape, transpose(name("A", (2, 3, 4)), [0, 2, 1]).shape
    ((4, 3, 2), (2, 4, 3))

    Source: https://numpy.org/doc/stable/reference/generated/numpy.transpose.html
    """
    a = as_form(operand)
    if axes is None:
        order = tuple(reversed(range(a.ndim)))
    else:
        order = tuple(axis_within(int(k), a.ndim, "in transpose") for k in axes)
        if sorted(order) != list(range(a.ndim)):
            raise ShapeError(f"transpose needs each of the {a.ndim} axes once, got {tuple(axes)}")
    if order == tuple(range(a.ndim)):
        return a
    if isinstance(a, Transpose):
        return transpose(a.args[0], [a.axes[k] for k in order])
    return Transpose._make((a,), (order,), tuple(a.shape[k] for k in order))


def reduce_over(kind: str, operand: Any, axis: Any = None, keepdims: bool = False) -> Form:
    """Return the sum, mean, max or min of ``operand`` over ``axis`` (None: all axes)."""
    a = as_form(operand)
    if axis is None:
        axes = tuple(range(a.ndim))
    else:
        given = axis if isinstance(axis, (tuple, list)) else (axis,)
        axes = tuple(sorted(axis_within(int(k), a.ndim, f"in {kind} of {numpy_text(a)}") for k in given))
        if len(set(axes)) != len(axes):
            raise ShapeError(f"{kind}: an axis is named twice in {axis}")
    if not axes:
        return a
    if kind != "sum" and any(a.shape[k] == 0 for k in axes):
        raise ShapeError(
            f"{kind} over an empty axis of {numpy_text(a)}, which has shape {shape_text(a.shape)}: there is no entry"
        )
    shape = tuple(1 if k in axes else s for k, s in enumerate(a.shape) if keepdims or k not in axes)
    return Reduce._make((a,), (kind, axes, bool(keepdims)), shape)


def _sliced(index: Index, shape: Shape) -> Shape:
    """Return the shape of what an index takes out of an array."""
    return tuple(
        length if item is None else item.length
        for item, length in zip(index, shape, strict=True)
        if not isinstance(item, int)
    )


def numpy_index(index: Index) -> tuple[Any, ...]:
    """Return a Form's index as NumPy takes it."""

    def item(entry: Any) -> Any:
        if isinstance(entry, Span):
            return slice(entry.start, entry.stop if entry.stop >= 0 else None, entry.step)
        return slice(None) if entry is None else entry

    return tuple(item(i) for i in index)


def get(a: Any, index: Any) -> Form:
    """Return ``a[index]`` for constant ints, slices, ``...`` and ``None``."""
    a = as_form(a)
    items = list(index) if isinstance(index, tuple) else [index]
    plain = [i for i in items if i is not None and i is not Ellipsis]
    text = f"in {numpy_text(a)}[{', '.join(_item_text(i) for i in items)}]"
    if len(plain) > a.ndim:
        raise ShapeError(f"{text}: {len(plain)} indices for an array of shape {shape_text(a.shape)}")
    if sum(1 for i in items if i is Ellipsis) > 1:
        raise ShapeError(f"{text}: an index holds at most one '...'")
    if not any(i is Ellipsis for i in items):
        items.append(Ellipsis)
    at = next(k for k, i in enumerate(items) if i is Ellipsis)
    items[at : at + 1] = [slice(None)] * (a.ndim - len(plain))
    resolved: list[Item] = []
    new_axes: list[int] = []
    kept = 0
    for item in items:
        if item is None:
            new_axes.append(kept)
            kept += 1
            continue
        found = _resolve(item, a.shape[len(resolved)], text)
        resolved.append(found)
        if not isinstance(found, int):
            kept += 1
    result = a
    if any(i is not None for i in resolved):
        result = Get._make((a,), (tuple(resolved),), _sliced(tuple(resolved), a.shape))
    return expand(result, new_axes)


def _item_text(item: Any) -> str:
    if isinstance(item, slice):
        ends = [
            "" if item.start is None else str(item.start),
            "" if item.stop is None else str(item.stop),
        ]
        return ":".join(ends if item.step is None else [*ends, str(item.step)])
    return "..." if item is Ellipsis else str(item)


def _resolve(item: Any, length: Size, text: str) -> Item:
    if isinstance(item, slice):
        if item == slice(None):
            return None
        if not isinstance(length, int):
            raise ShapeError(f"{text}: a slice of an axis of symbolic size {length} has no known length")
        span = Span(*item.indices(length))
        return None if span == Span(0, length, 1) else span
    if isinstance(item, bool) or not hasattr(item, "__index__"):
        raise ShapeError(f"{text}: only constant integers, slices, None and ... can index a Form")
    at = item.__index__()
    if isinstance(length, int):
        if not -length <= at < length:
            raise ShapeError(f"{text}: index {at} is out of range for an axis of length {length}")
        return int(at % length)
    if at < 0:
        raise ShapeError(f"{text}: a negative index needs a known length, the axis has {length}")
    return int(at)


def expand(a: Form, axes: Sequence[int]) -> Form:
    """Return ``a`` with axes of length 1 inserted at the positions ``axes`` of the result."""
    if not axes:
        return a
    rest = iter(a.shape)
    shape = tuple(1 if k in axes else next(rest) for k in range(a.ndim + len(axes)))
    return Expand._make((a,), (tuple(sorted(axes)),), shape)


# --- text as NumPy spells it ------------------------------------------------------------------------------------------


def numpy_text(form: Form, spelling: Spelling = PLAIN) -> str:
    """Return ``form`` as one NumPy expression, with no parentheses that Python does not need.

    >>> numpy_text(name("a", (2, 3)).T @ name("b", (2, 1)))
    'a.T @ b'
    """
    return _spelled(form, spelling)[0]


def _spelled(form: Form, s: Spelling) -> Spelled:
    args = [_spelled(a, s) for a in form.args]
    return s.own(form, args) or form.spelled(args, s)


# --- functions users write --------------------------------------------------------------------------------------------


def where(condition: Any, a: Any, b: Any) -> Form:
    """Return ``a`` where the condition holds, else ``b``, entry by entry.

    Shapes: the three broadcast; raises ShapeError where they do not. The gradient goes to the operand that was taken; none
    goes to the condition.

    >>> x = name("x", (3,))
    >>> where(x > 0, x, 0)
    np.where(x > 0, x, 0)

    Source: https://numpy.org/doc/stable/reference/generated/numpy.where.html
    """
    return apply("where", as_form(condition), as_form(a), as_form(b))


def equal(a: Any, b: Any) -> Form:
    """Return 1 where ``a`` equals ``b``, else 0, entry by entry; ``==`` between Forms asks whether they are the same Form.

    Shapes: the two broadcast; raises ShapeError where they do not. Its derivative is 0.

    >>> equal(name("k", (3,)), 2)
    k == 2

    Source: https://numpy.org/doc/stable/reference/generated/numpy.equal.html
    """
    return apply("equal", as_form(a), as_form(b))
