"""Forms: immutable, interned trees of array operations, and the operators users write them with.

A Form says what people write and what machines run: ``X @ W + b``, ``a * (1 - a)``, a sum over axis 0.
Every node knows its shape; a size is an ``int`` or a SymPy symbol. Two Forms that are written alike are the same
object, so equality is identity and a traversal can be memoized by the node itself.
"""

from __future__ import annotations

import builtins
import math
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from keyword import iskeyword
from typing import Any, ClassVar, NamedTuple, Self, TypeAlias, cast

import sympy as sp

from symback.core.errors import NetworkError, ShapeError, ValueProblem, nearest
from symback.core.hooks import Hook

Size: TypeAlias = "int | sp.Symbol"
Shape: TypeAlias = "tuple[Size, ...]"
Constant: TypeAlias = "int | float | Fraction"


class Span(NamedTuple):
    """A slice with resolved ends, as in ``start:stop:step``; ``stop`` is exclusive and ``step`` not zero."""

    start: int
    stop: int
    step: int

    @property
    def length(self) -> int:
        return len(range(self.start, self.stop, self.step))


WHOLE = None
Item: TypeAlias = "int | Span | None"
Index: TypeAlias = "tuple[Item, ...]"

_interned: weakref.WeakValueDictionary[tuple[Any, ...], Form] = weakref.WeakValueDictionary()


def size(value: int | str | sp.Symbol) -> Size:
    """Return a size: an int of at least 0, or the positive integer symbol of that name.

    >>> size(3), size("n")
    (3, n)
    """
    if isinstance(value, str):
        if not value.isidentifier() or iskeyword(value):
            raise ShapeError(f"{value!r} is neither a size nor the name of one")
        return sp.Symbol(value, integer=True, positive=True)
    if isinstance(value, sp.Symbol):
        return value
    number = int(value)
    if number != value:
        raise ShapeError(f"a size is a whole number, got {value}")
    if number < 0:
        raise ShapeError(f"a size cannot be negative, got {number}")
    return number


def make_shape(values: Iterable[int | str | sp.Symbol] | int | str | sp.Symbol) -> Shape:
    """Return the shape made of ``values``, each an int, a name or a symbol."""
    if isinstance(values, (int, str, sp.Symbol)):
        return (size(values),)
    return tuple(size(value) for value in values)


def shape_text(shape: Shape) -> str:
    """Return the shape as Python spells it: ``(n, 3)``, ``(2,)``, ``()``."""
    inside = ", ".join(str(s) for s in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def element_count(shape: Shape) -> Any:
    """Return the number of elements, an int or a SymPy product of sizes."""
    count: Any = 1
    for s in shape:
        count = count * s
    return count


@dataclass(frozen=True, eq=False)
class Function:
    """A function known by its definition, or an undefined one: a row of the tables in ``symback.functions``.

    ``definition`` builds a Form from argument Forms and parameters; no row holds a derivative, since every derivative
    is derived from the definition. ``definition`` is None for an undefined function, which stays symbolic.
    """

    name: str
    definition: Callable[..., Form] | None = None
    latex: str = ""
    text: str = ""
    arguments: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)
    entrywise: bool = True
    inline: bool = False
    """True where a call stands for its definition at once (losses, and names that are plain formulas)."""
    elementary: bool = False
    """True for functions that textbooks print inside formulas (abs, maximum): they are not cut out into an equation."""
    aliases: tuple[str, ...] = ()
    kinks: str = ""
    source: str = ""
    title: str = ""
    remarks: Mapping[str, str] = field(default_factory=dict)
    """A remark per language, as the tables print it; the rows of symback have theirs in ``symback.page.words``."""
    defaults: tuple[float | None, ...] = ()
    """Values of trailing arguments that a call may leave out, as the slope of leaky ReLU; None where the definition
    does without the argument, as without a bias."""
    argument_names: tuple[str, ...] = ("x",)
    signature: tuple[str, ...] = ()
    """The order of a positional call, where parameters stand between the arguments."""
    numpy: str = ""
    """NumPy expression of a call, with ``{0}``, ``{1}`` for the arguments; empty where a helper is needed."""
    numpy_helper: str = ""
    math: str = ""
    math_helper: str = ""
    equals: tuple[tuple[str, str], ...] = ()
    """Identities ``(outer, inner)``: this row equals ``outer(inner(x))`` and evaluates it safely."""
    domain: tuple[float, float] = (-3.0, 3.0)
    domains: Mapping[str, str] = field(default_factory=dict)
    """Where the values of an argument must lie, as ``{"target": "probability"}``; the values are looked at, not the form."""
    keywords: Mapping[str, str] = field(default_factory=dict)
    """What libraries call an argument or a parameter, as ``negative_slope`` for alpha."""
    call: Callable[..., Form] | None = None
    """What a call with parameters makes, where that is not simply this function of its arguments: softplus(x, beta) is
    softplus(beta x) / beta."""
    recognized: bool = True
    """False where a formula that equals the row stays as it is written: the row's kinks are not those of the formula, or
    nobody would call it so."""
    reflected: bool = False
    """True where f(−x) = 1 − f(x), as for the sigmoid; a test proves it."""
    library: str = ""
    """A function of an optional library that evaluates the row in array code; the helper is used where it is missing."""
    stated: tuple[str, str] = ("", "")
    """LaTeX and text of a definition that no Form can say, as an integral."""
    shift_invariant: bool = False
    """True where adding one number to all entries along the axis changes nothing, as for softmax; a test proves it."""
    takes: str = ""
    """What a loss takes first, where another thing is easily mistaken for it: "logits" or "log-probabilities"."""
    squashed_by: str = ""
    """The row that makes probabilities of what the loss takes, and must not be applied before it."""
    guesses_axis: bool = False
    """True where PyTorch guesses the axis if a call does not say it: for three axes it is the first."""
    one_sided: Callable[..., Form] | None = None
    """What a call makes that gives None for one of the last two arguments, as a clip with one bound."""
    per_channel: bool = False
    """True where PyTorch takes the last argument as one number per channel, the second axis, as the slope of PReLU."""

    def __call__(self, *arguments: Any, **parameters: Any) -> Form:
        """Apply the function to Forms (or numbers), filling defaults for arguments left out."""
        order = self.signature or self.argument_names
        if len(arguments) > (len(self.signature) or self.arguments):
            raise NetworkError(f"{self.name} takes {self.arguments} argument(s), {len(arguments)} given")
        twice = [label for label in order[: len(arguments)] if label in parameters]
        if twice:
            raise NetworkError(f"{self.name} is given {twice[0]} twice")
        values = {**dict(zip(order, arguments, strict=False)), **parameters}
        given: list[Any] = []
        for position, label in enumerate(self.argument_names[: self.arguments]):
            default = position - (self.arguments - len(self.defaults))
            value = values.pop(label, None)
            if value is None and default < 0:
                count = builtins.sum(1 for k in self.argument_names if k in values) + len(given)
                needed = ", ".join(self.argument_names[: self.arguments - len(self.defaults)])
                raise NetworkError(
                    f"{self.name} takes {self.arguments} argument(s), {count} given"
                    + (f"; it needs {needed}" if self.arguments > 1 else "")
                )
            value = self.defaults[default] if value is None else value
            given.append(None if value is None else as_form(value))
        # an old option of a library that the row does not have may be passed over by None
        values = {k: v for k, v in values.items() if k in self.parameters or v is not None or k not in order}
        unknown = sorted(set(values) - set(self.parameters))
        if unknown:
            hint = nearest(unknown[0], [*self.parameters, *self.argument_names])
            raise NetworkError(f"{self.name} has no parameter {', '.join(unknown)}{hint}")
        filled = {**self.parameters, **values}
        if self.call is not None:
            return self.call(*given, **filled)
        if self.inline:
            assert self.definition is not None
            form = self.definition(*given, **filled)
            return (
                _noted(self, form, dict(zip(self.argument_names, given, strict=False)), filled)
                if self.domains
                else form
            )
        return apply(self, *given, **filled)

    def on_vector(self) -> tuple[Form, Form]:
        """Return a vector x and what the function makes of it along its axis, last by default.

        The vector has the symbolic size n, or four entries where the definition needs the length.
        """
        parameters = {**self.parameters, "axis": -1} if "axis" in self.parameters else dict(self.parameters)
        known = lengths_of_row(self, ((4,),), tuple(sorted(parameters.items())))
        vector = name("x", (4,) if known else (size("n"),))
        assert self.definition is not None
        return vector, self.definition(vector, **parameters)

    @property
    def logarithm_of(self) -> str:
        """The row whose logarithm this one is, as log_softmax is that of softmax; empty for others."""
        return next((inner for outer, inner in self.equals if outer == "log"), "")

    def __repr__(self) -> str:
        return f"<function {self.name}>"

    def __reduce__(self) -> Any:
        return (_function_called, (self.name, self.arguments, self.definition is None))


@dataclass(frozen=True)
class Requirement:
    """A fact about values: ``form``, the argument of a row of the tables, must lie in a domain, as a target in [0, 1].

    Class indices lie below ``classes``; ``ignored`` is an index that stands for no class. Rows of probabilities sum to
    1 along ``axis``.
    """

    function: str
    argument: str
    form: Form
    domain: str
    classes: Size = 0
    ignored: int | None = None
    axis: int = -1

    def bounds(self, count: float) -> tuple[float, float]:
        """Return the least and the greatest value allowed, with ``count`` classes."""
        if self.domain in ("classes", "labels"):
            return (0 if self.domain == "classes" else -1), count - 1
        if self.domain == "sign":
            return -1, 1
        return 0, (1 if self.domain in ("probability", "probabilities") else math.inf)


def _noted(row: Function, form: Form, given: Mapping[str, Any], parameters: Mapping[str, Any]) -> Form:
    """Return the form a row makes of its arguments, with what it requires of them noted on its topmost node.

    ``without_requirements`` takes the notes off again; a form with a note means and prints what it does without.
    """
    scores = given[row.argument_names[0]]
    axis = 1 if scores.ndim > 1 else 0
    classes = scores.shape[axis] if scores.shape else 0
    notes = []
    for label, domain in row.domains.items():
        argument = given[label]
        if argument is None or (domain == "nonnegative" and parameters.get("log_target")):
            continue
        if isinstance(argument, Number):
            _check_constant(Requirement(row.name, label, argument, domain, classes, parameters.get("ignore_index")))
            continue
        if domain == "classes":
            domain = "classes" if argument.ndim < scores.ndim else "probabilities"
        ignored = -1 if domain == "labels" else parameters.get("ignore_index")
        notes.append(Requirement(row.name, label, argument, domain, classes, ignored, axis))
    return cast(Form, type(form)._make(form.args, (*form.data, *notes), form.shape)) if notes else form


def _check_constant(required: Requirement) -> None:
    """Refuse a number in the place of an array that lies outside the domain."""
    assert isinstance(required.form, Number)
    value = float(required.form.value)
    low, high = required.bounds(required.classes if isinstance(required.classes, int) else math.inf)
    if value == required.ignored or (low <= value <= high and (required.domain != "sign" or builtins.abs(value) == 1)):
        return
    allowed = (
        "1 or -1" if required.domain == "sign" else "not negative" if math.isinf(high) else f"between {low} and {high}"
    )
    raise NetworkError(f"in {required.function}: the {required.argument} is {allowed}, not {required.form}")


def without_requirements(form: Form) -> tuple[Form, tuple[Requirement, ...]]:
    """Return a form without the notes of ``Requirement`` on its nodes, and these notes.

    >>> import symback as sb
    >>> form, notes = without_requirements(sb.soft_margin(name("z"), name("y")))
    >>> form, notes[0].form, notes[0].domain
    (softplus(-(y * z)), y, 'sign')
    """
    found: dict[Requirement, None] = {}
    for node in walk(form):
        found.update(dict.fromkeys(d for d in node.data if isinstance(d, Requirement)))
    if not found:
        return form, ()

    def change(node: Form) -> Form | None:
        if not any(isinstance(d, Requirement) for d in node.data):
            return None
        plain = tuple(d for d in node.data if not isinstance(d, Requirement))
        return cast(Form, type(node)._make(tuple(substitute(a, change) for a in node.args), plain, node.shape))

    return substitute(form, change), tuple(found)


@dataclass(frozen=True)
class Prime:
    """The derivative of an entrywise function with respect to its argument at ``position``."""

    function: Function
    position: int

    @property
    def name(self) -> str:
        return self.function.name + "'"


_undefined: dict[tuple[str, int], Function] = {}


def undefined(name: str, arguments: int = 1) -> Function:
    """Return the undefined entrywise function of that name; it stays symbolic and prints ``f'``.

    >>> undefined("f") is undefined("f")
    True
    """
    key = (name, arguments)
    if key not in _undefined:
        _undefined[key] = Function(
            name,
            latex=name,
            text=name,
            arguments=arguments,
            argument_names=tuple(f"x{i}" for i in range(arguments)),
        )
    return _undefined[key]


def _function_called(label: str, arguments: int, is_undefined: bool) -> Function:
    return undefined(label, arguments) if is_undefined else row_named(label)


Operation: TypeAlias = "str | Function | Prime"

row_named: Hook[[str], Function] = Hook("row_named")
"""The row of the tables of that name; KeyError for an unknown one."""
sympy_element: Hook[[Form], Any] = Hook("sympy_element")
"""One entry of a Form as an ordinary SymPy expression."""
form_latex: Hook[[Form], str] = Hook("form_latex")
"""A Form in textbook notation as LaTeX, without delimiters."""
prime_value: Hook[[Prime, tuple[Form, ...], Form | None], Form] = Hook("prime_value")
"""The derivative of a function of the tables at arguments, in its output where that is given and shorter."""


class Form:
    """One node of an array expression; build Forms with NumPy's operators and the functions of ``symback``.

    ``shape`` is a tuple of ints and symbols, ``args`` the child Forms. Forms are immutable and interned.
    """

    __slots__ = ("__weakref__", "args", "data", "shape")
    __array_ufunc__ = None
    args: tuple[Form, ...]
    data: tuple[Any, ...]
    shape: Shape
    needs_lengths: ClassVar[bool] = False
    """True where the meaning depends on the lengths of axes themselves, as that of a slice does."""

    @classmethod
    def _make(cls, args: tuple[Form, ...], data: tuple[Any, ...], shape: Shape) -> Any:
        key = (cls, args, data, shape)
        found = _interned.get(key)
        if found is None:
            found = object.__new__(cls)
            found.args = args
            found.data = data
            found.shape = shape
            _interned[key] = found
        return found

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        raise TypeError(f"{cls.__name__} nodes are made by functions, not by calling the class")

    def __reduce__(self) -> Any:
        return (_restore, (type(self), self.args, self.data, self.shape))

    def __copy__(self) -> Form:
        return self

    def __deepcopy__(self, memo: Any) -> Form:
        return self

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

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def _sympy_(self) -> Any:
        if self.shape:
            raise TypeError(f"{self} has shape {shape_text(self.shape)}; only a Form of shape () converts to SymPy")
        return sympy_element(self)

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
        return row_named("absolute")(self)

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
    return cast(Form, cls._make(args, data, shape))


class Name(Form):
    """An array known by its name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return cast(str, self.data[0])


class Adjoint(Form):
    """The adjoint ∂L/∂A of the array named ``of``; it has the shape of that array."""

    __slots__ = ()

    @property
    def of(self) -> str:
        return cast(str, self.data[0])


class Number(Form):
    """A literal number, in the user's own spelling (``0.5`` stays 0.5)."""

    __slots__ = ()

    @property
    def value(self) -> Constant:
        return cast(Constant, self.data[1])


class SizeOf(Form):
    """A symbolic size used as a number, as the n of 1/n."""

    __slots__ = ()

    @property
    def size(self) -> sp.Symbol:
        return self.data[0]


class Filled(Form):
    """An array that holds one number everywhere, as np.zeros or np.ones make it."""

    __slots__ = ()

    @property
    def value(self) -> Constant:
        return cast(Constant, self.data[1])


class Apply(Form):
    """An operation: entrywise with NumPy broadcasting, or a row of the tables that works along an axis (softmax)."""

    __slots__ = ()

    @property
    def op(self) -> Operation:
        return cast(Operation, self.data[0])

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.data[1])


class Matmul(Form):
    """The matrix product ``a @ b`` by NumPy's rules for 1-D, 2-D and batched operands."""

    __slots__ = ()


class Outer(Form):
    """The outer product of two 1-D arrays."""

    __slots__ = ()


class Transpose(Form):
    """Axes reordered: axis k of the result is axis ``axes[k]`` of the operand."""

    __slots__ = ()

    @property
    def axes(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[0])


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


class Get(Form):
    """Constant indexing and slicing: one item (an int, a Span, or None for the whole axis) per axis of the operand."""

    __slots__ = ()
    needs_lengths = True

    @property
    def index(self) -> Index:
        return cast(Index, self.data[0])


class Put(Form):
    """The adjoint of ``Get``: zeros of ``shape`` with the operand added at ``index``; padding may be with another number."""

    __slots__ = ()
    needs_lengths = True

    @property
    def index(self) -> Index:
        return cast(Index, self.data[0])

    @property
    def value(self) -> float:
        """The number around the operand."""
        return cast(float, self.data[1]) if len(self.data) > 1 else 0.0


class Expand(Form):
    """Axes of length 1 inserted, as ``a[:, None]`` does; ``axes`` are positions in the result."""

    __slots__ = ()

    @property
    def axes(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[0])


class Broadcast(Form):
    """The operand repeated to ``shape`` by NumPy's rule.

    With the operand's own shape it is the identity, and says that its axes ``shared``, of length 1, are shared by all
    rows of a batch (of one).
    """

    __slots__ = ()

    @property
    def shared(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[0])


class Einsum(Form):
    """An Einstein sum; one tuple of integer labels per operand, one for the result."""

    __slots__ = ()

    @property
    def labels(self) -> tuple[tuple[int, ...], ...]:
        return cast("tuple[tuple[int, ...], ...]", self.data[0])

    @property
    def result(self) -> tuple[int, ...]:
        return cast("tuple[int, ...]", self.data[1])


class Eye(Form):
    """The identity matrix."""

    __slots__ = ()


class Reshape(Form):
    """The same entries in the same order, with axes merged or split."""

    __slots__ = ()
    needs_lengths = True


class _AlongAxis(Form):
    """A move along one axis of the result or the operand."""

    __slots__ = ()

    @property
    def axis(self) -> int:
        return cast(int, self.data[0])


class _Sliding(_AlongAxis):
    """A move between an axis and the windows that slide along it."""

    __slots__ = ()

    @property
    def stride(self) -> int:
        return cast(int, self.data[1])

    @property
    def dilation(self) -> int:
        return cast(int, self.data[2])


class Concatenate(_AlongAxis):
    """Arrays joined along an axis."""

    __slots__ = ()
    needs_lengths = True


class Gather(_AlongAxis):
    """Rows picked by an array of integers: ``np.take(a, index, axis)``; the axis becomes the axes of the index."""

    __slots__ = ()


class Scatter(_AlongAxis):
    """The adjoint of ``Gather``: zeros of ``shape`` with each row added at its index; repeated indices add up."""

    __slots__ = ()


class Windows(_Sliding):
    """Windows sliding along an axis, which becomes two: entry (i, k) is entry ``stride * i + dilation * k``."""

    __slots__ = ()
    needs_lengths = True

    @property
    def size(self) -> int:
        """The length of one window."""
        return cast(int, self.shape[self.axis + 1])


class Overlap(_Sliding):
    """The adjoint of ``Windows``: windows added up where they overlap, in an axis as long as the one they slid along."""

    __slots__ = ()
    needs_lengths = True


class OneHot(Form):
    """Rows of the identity matrix: entry ``[..., j]`` is 1 where the class index equals j, else 0."""

    __slots__ = ()
    needs_lengths = True

    @property
    def classes(self) -> Size:
        return self.shape[-1]


# --- making nodes -----------------------------------------------------------------------------------------------------


def name(name: str, shape: Shape = ()) -> Name:
    """Return the Form of the array called ``name``."""
    return cast(Name, Name._make((), (name,), shape))


def adjoint(of: str, shape: Shape = ()) -> Adjoint:
    """Return the Form of ∂L/∂(of)."""
    return cast(Adjoint, Adjoint._make((), (of,), shape))


def number(value: Any) -> Number:
    """Return a literal number as a Form."""
    plain: Constant
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
    return cast(Number, Number._make((), (type(plain).__name__, plain, math.copysign(1, plain)), ()))


def size_of(value: Size) -> Form:
    """Return a size as a number: a literal for an int, the symbol otherwise."""
    if isinstance(value, int):
        return number(value)
    return cast(Form, SizeOf._make((), (value,), ()))


def filled(value: Constant, shape: Shape) -> Form:
    """Return the array of ``shape`` that holds ``value`` everywhere."""
    if not shape:
        return number(value)
    plain = number(value).value
    return cast(Form, Filled._make((), (type(plain).__name__, plain), shape))


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


def broadcast_shapes(shapes: Sequence[Shape], doing: str = "broadcasting") -> Shape:
    """Return the common shape of ``shapes`` by NumPy's broadcasting rule.

    Raises ShapeError where two sizes differ and neither is 1; a symbolic size is never 1.
    """
    rank = builtins.max((len(s) for s in shapes), default=0)
    result: list[Size] = []
    for position in range(rank):
        found: Size = 1
        for shape in shapes:
            offset = position - (rank - len(shape))
            if offset < 0 or shape[offset] == 1:
                continue
            if found == 1:
                found = shape[offset]
            elif found != shape[offset]:
                raise ShapeError(
                    f"{doing}: shapes {' and '.join(shape_text(s) for s in shapes)} do not fit together "
                    f"({found} against {shape[offset]})"
                )
        result.append(found)
    return tuple(result)


def apply(op: Operation, *arguments: Form, **parameters: Any) -> Form:
    """Apply an operation; entrywise ones broadcast, the others take the shape their definition gives."""
    label = op if isinstance(op, str) else op.name
    if label == "divide" and isinstance(arguments[1], Number) and arguments[1].value == 0:
        raise ValueProblem(f"in {numpy_text(arguments[0])} / 0: division by zero")
    if isinstance(op, Function) and not op.entrywise:
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
                sign = _INFIX.get(label)
                doing = (
                    f"in {numpy_text(arguments[0])} {sign[0]} {numpy_text(arguments[1])}"
                    if sign and len(arguments) == 2
                    else f"in {label}({', '.join(numpy_text(a) for a in arguments)})"
                )
                raise ShapeError(str(error).replace("broadcasting", doing, 1)) from None
    return cast(Form, Apply._make(arguments, (op, tuple(sorted(parameters.items()))), shape))


def _normal_parameters(op: Function, arguments: tuple[Form, ...], parameters: dict[str, Any]) -> dict[str, Any]:
    axis = parameters.get("axis")
    if axis is None or not arguments:
        return parameters
    return {**parameters, "axis": _axis(int(axis), arguments[0].ndim, f"in {op.name}")}


def _binary(op: str, left: Any, right: Any) -> Form:
    try:
        return apply(op, as_form(left), as_form(right))
    except TypeError:
        if (isinstance(left, Form) and isinstance(right, Form)) or hasattr(left, "dtype") or hasattr(right, "dtype"):
            raise
        # Python then asks the other operand, as its protocol for operators has it
        return cast(Form, NotImplemented)


def _axis(axis: int, rank: int, doing: str) -> int:
    if not -rank <= axis < rank:
        raise ShapeError(f"{doing}: axis {axis} is out of range for an array with {rank} axes")
    return axis % rank


def matmul(a: Any, b: Any) -> Form:
    """Return ``a @ b`` by NumPy's rules."""
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
    return cast(Form, Matmul._make((a, b), (), batch + tail))


def _transpose_hint(a: Shape, b: Shape) -> str:
    if len(b) == 2 and a[-1] == b[1]:
        return "; the transpose of the second operand would fit"
    if len(a) == 2 and a[0] == (b[0] if len(b) == 1 else b[-2]):
        return "; the transpose of the first operand would fit"
    return ""


def dot(a: Any, b: Any) -> Form:
    """Return ``np.dot(a, b)``: a product for numbers, else a matrix product (at most 2 axes)."""
    a, b = as_form(a), as_form(b)
    if not a.shape or not b.shape:
        return apply("multiply", a, b)
    if a.ndim > 2 or b.ndim > 2:
        raise ShapeError(
            f"dot takes arrays of at most 2 axes, got {shape_text(a.shape)} and {shape_text(b.shape)}; use @"
        )
    return matmul(a, b)


def outer(a: Any, b: Any) -> Form:
    """Return ``np.outer(a, b)`` of two 1-D arrays."""
    a, b = as_form(a), as_form(b)
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeError(f"outer takes two 1-D arrays, got shapes {shape_text(a.shape)} and {shape_text(b.shape)}")
    return cast(Form, Outer._make((a, b), (), a.shape + b.shape))


def transpose(operand: Any, axes: Sequence[int] | None = None) -> Form:
    """Return ``a.T``, or the axes in the order given."""
    a = as_form(operand)
    if axes is None:
        order = tuple(reversed(range(a.ndim)))
    else:
        order = tuple(_axis(int(k), a.ndim, "in transpose") for k in axes)
        if sorted(order) != list(range(a.ndim)):
            raise ShapeError(f"transpose needs each of the {a.ndim} axes once, got {tuple(axes)}")
    if order == tuple(range(a.ndim)):
        return a
    if isinstance(a, Transpose):
        return transpose(a.args[0], [a.axes[k] for k in order])
    return cast(Form, Transpose._make((a,), (order,), tuple(a.shape[k] for k in order)))


def reduce_over(kind: str, operand: Any, axis: Any = None, keepdims: bool = False) -> Form:
    """Return the sum, mean, max or min of ``operand`` over ``axis`` (None: all axes)."""
    a = as_form(operand)
    if axis is None:
        axes = tuple(range(a.ndim))
    else:
        given = axis if isinstance(axis, (tuple, list)) else (axis,)
        axes = tuple(sorted(_axis(int(k), a.ndim, f"in {kind} of {numpy_text(a)}") for k in given))
        if len(set(axes)) != len(axes):
            raise ShapeError(f"{kind}: an axis is named twice in {axis}")
    if not axes:
        return a
    if kind in ("max", "min") and any(a.shape[k] == 0 for k in axes):
        raise ShapeError(f"{kind} over an empty axis of {numpy_text(a)}")
    shape = tuple(1 if k in axes else s for k, s in enumerate(a.shape) if keepdims or k not in axes)
    return cast(Form, Reduce._make((a,), (kind, axes, bool(keepdims)), shape))


def _slice_count(item: Item, length: Size) -> Size:
    return length if item is None else cast(Span, item).length


def get(a: Any, index: Any) -> Form:
    """Return ``a[index]`` for constant ints, slices, ``...`` and ``None``."""
    a = as_form(a)
    items = list(index) if isinstance(index, tuple) else [index]
    plain = [i for i in items if i is not None and i is not Ellipsis]
    text = f"in {numpy_text(a)}[{', '.join(_item_text(i) for i in items)}]"
    if len(plain) > a.ndim:
        raise ShapeError(f"{text}: {len(plain)} indices for an array of shape {shape_text(a.shape)}")
    if builtins.sum(1 for i in items if i is Ellipsis) > 1:
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
        shape = tuple(_slice_count(i, s) for i, s in zip(resolved, a.shape, strict=True) if not isinstance(i, int))
        result = cast(Form, Get._make((a,), (tuple(resolved),), shape))
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


def put(a: Form, index: Index, shape: Shape, value: float = 0.0) -> Form:
    """Return zeros of ``shape``, or another ``value``, with ``a`` at ``index``: the adjoint of ``get``."""
    return cast(Form, Put._make((a,), (index, float(value)) if value else (index,), shape))


def expand(a: Form, axes: Sequence[int]) -> Form:
    """Return ``a`` with axes of length 1 inserted at the positions ``axes`` of the result."""
    if not axes:
        return a
    rest = iter(a.shape)
    shape = tuple(1 if k in axes else next(rest) for k in range(a.ndim + len(axes)))
    return cast(Form, Expand._make((a,), (tuple(sorted(axes)),), shape))


def broadcast_to(a: Form, shape: Shape, shared: tuple[int, ...] = ()) -> Form:
    """Return ``a`` repeated to ``shape``; its axes ``shared`` have one entry for all rows even where there is one row."""
    if broadcast_shapes([a.shape, shape]) != shape:
        raise ShapeError(f"{numpy_text(a)} of shape {shape_text(a.shape)} cannot be repeated to {shape_text(shape)}")
    return cast(Form, Broadcast._make((a,), (shared,), shape))


def einsum(labels: Sequence[tuple[int, ...]], result: tuple[int, ...], operands: Sequence[Form]) -> Form:
    """Return an Einstein sum; equal integer labels are equal indices."""
    sizes: dict[int, Size] = {}
    for operand, letters in zip(operands, labels, strict=True):
        for letter, length in zip(letters, operand.shape, strict=True):
            sizes[letter] = length
    return cast(
        Form,
        Einsum._make(tuple(operands), (tuple(labels), result), tuple(sizes[k] for k in result)),
    )


def one_hot(index: Any, classes: Size) -> Form:
    """Return the one-hot rows of class indices: shape of ``index`` plus one axis of length ``classes``."""
    index = as_form(index)
    return cast(Form, OneHot._make((index,), (), (*index.shape, classes)))


def eye(length: Size) -> Form:
    """Return the identity matrix of that size."""
    return cast(Form, Eye._make((), (), (length, length)))


def reshape(operand: Any, sizes: Sequence[Any]) -> Form:
    """Return the entries of ``operand`` in a new shape; one size may be -1. Symbolic sizes stay axes of their own."""
    a = as_form(operand)
    wanted = [s if isinstance(s, (str, sp.Symbol)) else int(s) for s in sizes]
    if wanted.count(-1) > 1:
        raise ShapeError(f"reshape of {numpy_text(a)}: at most one size is -1, got {tuple(sizes)}")
    known = [size(s) if s != -1 else -1 for s in wanted]
    mine = list(a.shape)
    for s in [k for k in known if not isinstance(k, int)]:
        if s not in mine:
            raise ShapeError(f"reshape of {numpy_text(a)} of shape {shape_text(a.shape)}: it has no axis of size {s}")
        mine.remove(s)
    symbols = [s for s in mine if not isinstance(s, int)]
    whole = math.prod(s for s in mine if isinstance(s, int))
    rest = math.prod(s for s in known if isinstance(s, int) and s != -1)
    if -1 in known:
        if len(symbols) == 1 and rest == whole:
            known[known.index(-1)] = symbols.pop()
        elif not symbols and rest and whole % rest == 0:
            known[known.index(-1)] = whole // rest
        rest = math.prod(s for s in known if isinstance(s, int) and s != -1)
    if symbols or -1 in known or rest != whole:
        raise ShapeError(f"{numpy_text(a)} of shape {shape_text(a.shape)} cannot take the shape {tuple(sizes)}")
    shape = tuple(known)
    if shape == a.shape:
        return a
    radix_groups(a.shape, shape, numpy_text(a))
    return cast(Form, Reshape._make((a,), (), shape))


def radix_groups(old: Shape, new: Shape, text: str = "an array") -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the smallest groups of axes with equal numbers of entries: which old axes become which new ones."""
    groups: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    i = j = 0
    while i < len(old) or j < len(new):
        left, right = [i] if i < len(old) else [], [j] if j < len(new) else []
        i, j = i + len(left), j + len(right)
        while True:
            a, b = [old[k] for k in left], [new[k] for k in right]
            if a == b or (all(isinstance(s, int) for s in a + b) and math.prod(map(int, a)) == math.prod(map(int, b))):
                break
            short = all(isinstance(s, int) for s in a + b) and math.prod(map(int, a)) < math.prod(map(int, b))
            if (short or j >= len(new)) and i < len(old):
                left.append(i)
                i += 1
            elif j < len(new):
                right.append(j)
                j += 1
            else:
                raise ShapeError(
                    f"reshape of {text} from {shape_text(old)} to {shape_text(new)} mixes a symbolic size with others"
                )
        groups.append((tuple(left), tuple(right)))
    return groups


def concatenate(parts: Sequence[Any], axis: int = 0) -> Form:
    """Return arrays joined along ``axis``; all other sizes must agree."""
    forms = [as_form(p) for p in parts]
    if not forms:
        raise ShapeError("concatenate needs at least one array")
    where_ = _axis(axis, forms[0].ndim, "in concatenate")
    for form in forms[1:]:
        if form.ndim != forms[0].ndim or any(
            k != where_ and x != y for k, (x, y) in enumerate(zip(form.shape, forms[0].shape, strict=True))
        ):
            raise ShapeError(
                f"in concatenate along axis {where_}: shapes {shape_text(forms[0].shape)} and {shape_text(form.shape)} "
                f"do not fit together"
            )
    lengths = [f.shape[where_] for f in forms]
    if len(forms) == 1:
        return forms[0]
    if not all(isinstance(length, int) for length in lengths):
        raise ShapeError(f"concatenate along an axis of symbolic size ({lengths}) has no known length")
    shape = list(forms[0].shape)
    shape[where_] = builtins.sum(cast(int, length) for length in lengths)
    return cast(Form, Concatenate._make(tuple(forms), (where_,), tuple(shape)))


def stack(parts: Sequence[Any], axis: int = 0) -> Form:
    """Return arrays of one shape joined along a new axis."""
    forms = [as_form(p) for p in parts]
    where_ = _axis(axis, forms[0].ndim + 1, "in stack") if forms else 0
    return concatenate([expand(f, [where_]) for f in forms], where_)


def pad(operand: Any, widths: Sequence[tuple[int, int]], value: float = 0.0) -> Form:
    """Return ``operand`` with zeros, or another ``value``, around it: ``widths`` has (before, after) per axis."""
    a = as_form(operand)
    if len(widths) != a.ndim or any(w < 0 for pair in widths for w in pair):
        raise ShapeError(f"pad of {numpy_text(a)}: one pair of widths per axis is needed, got {list(widths)}")
    if not any(w for pair in widths for w in pair):
        return a
    index: list[Item] = []
    shape: list[Size] = []
    for length, (before, after) in zip(a.shape, widths, strict=True):
        if before == after == 0:
            index.append(WHOLE)
            shape.append(length)
        elif isinstance(length, int):
            index.append(Span(before, before + length, 1))
            shape.append(before + length + after)
        else:
            raise ShapeError(f"pad of {numpy_text(a)}: an axis of symbolic size {length} cannot be padded")
    return put(a, tuple(index), tuple(shape), value)


def gather(operand: Any, index: Any, axis: int = 0) -> Form:
    """Return ``np.take(operand, index, axis)`` for an integer array ``index``."""
    a, at = as_form(operand), as_form(index)
    where_ = _axis(axis, a.ndim, "in an integer-array index")
    shape = a.shape[:where_] + at.shape + a.shape[where_ + 1 :]
    return cast(Form, Gather._make((a, at), (where_,), shape))


def scatter(values: Form, index: Form, axis: int, shape: Shape) -> Form:
    """Return the adjoint of ``gather``: zeros of ``shape``, every row of ``values`` added at its index."""
    return cast(Form, Scatter._make((values, index), (axis,), shape))


def windows(operand: Any, axis: int, size: int, stride: int = 1, dilation: int = 1) -> Form:
    """Return the windows of ``size`` entries that slide along ``axis``: the axis becomes (position, offset)."""
    a = as_form(operand)
    where_ = _axis(axis, a.ndim, "in windows")
    length = a.shape[where_]
    if not isinstance(length, int):
        raise ShapeError(f"windows of {numpy_text(a)}: axis {where_} has the symbolic size {length}")
    if size < 1 or stride < 1 or dilation < 1:
        raise ShapeError(f"windows of {numpy_text(a)}: size, stride and dilation are at least 1")
    count = (length - dilation * (size - 1) - 1) // stride + 1
    if count < 1:
        raise ShapeError(f"windows of {numpy_text(a)}: a window of {dilation * (size - 1) + 1} is longer than {length}")
    shape = (*a.shape[:where_], count, size, *a.shape[where_ + 1 :])
    return cast(Form, Windows._make((a,), (where_, stride, dilation), shape))


def overlap(values: Form, axis: int, length: int, stride: int, dilation: int) -> Form:
    """Return the adjoint of ``windows``: axes (position, offset) added up into one axis of ``length``."""
    shape = (*values.shape[:axis], length, *values.shape[axis + 2 :])
    return cast(Form, Overlap._make((values,), (axis, stride, dilation), shape))


# --- walking ----------------------------------------------------------------------------------------------------------


def walk(form: Form) -> list[Form]:
    """Return every distinct node below ``form``, itself included, children first."""
    seen: set[Form] = set()
    order: list[Form] = []
    stack: list[tuple[Form, bool]] = [(form, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
            continue
        if node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node.args) if child not in seen)
    return order


def names_in(form: Form) -> list[Name]:
    """Return the names that occur in ``form``, in order of first appearance."""
    return [node for node in walk(form) if isinstance(node, Name)]


def rebuild(node: Form, args: tuple[Form, ...]) -> Form:
    """Return ``node`` with other children; shapes are computed anew and checked."""
    if args == node.args:
        return node
    if isinstance(node, Apply):
        return apply(node.op, *args, **node.parameters)
    if isinstance(node, Matmul):
        return matmul(*args)
    if isinstance(node, Outer):
        return outer(*args)
    if isinstance(node, Transpose):
        return transpose(args[0], node.axes)
    if isinstance(node, Reduce):
        return reduce_over(node.kind, args[0], node.axes, node.keepdims)
    if isinstance(node, Get):
        shape = tuple(
            _slice_count(i, s) for i, s in zip(node.index, args[0].shape, strict=True) if not isinstance(i, int)
        )
        return cast(Form, Get._make(args, node.data, shape))
    if isinstance(node, Expand):
        return expand(args[0], node.axes)
    if isinstance(node, Einsum):
        return einsum(node.labels, node.result, args)
    if isinstance(node, Concatenate):
        return concatenate(args, node.axis)
    if isinstance(node, Gather):
        return gather(args[0], args[1], node.axis)
    if isinstance(node, Windows):
        return windows(args[0], node.axis, node.size, node.stride, node.dilation)
    if isinstance(node, (Put, Broadcast, Reshape, Scatter, Overlap)):
        return cast(Form, type(node)._make(args, node.data, node.shape))
    if isinstance(node, OneHot):
        return one_hot(args[0], node.classes)
    return node


def substitute(form: Form, change: Callable[[Form], Form | None]) -> Form:
    """Return ``form`` with every node for which ``change`` returns a Form replaced by it (outermost first)."""
    memo: dict[Form, Form] = {}

    def visit(node: Form) -> Form:
        found = memo.get(node)
        if found is None:
            found = change(node)
            if found is None:
                found = rebuild(node, tuple(visit(a) for a in node.args)) if node.args else node
            memo[node] = found
        return found

    return visit(form)


def _factors(form: Form) -> list[Form]:
    if isinstance(form, Apply) and form.op == "multiply":
        return _factors(form.args[0]) + _factors(form.args[1])
    return [form]


def _folded_quotient(above: Form, below: Form) -> Form:
    """Return above / below with whole numbers cancelled: 2 * x / (2 * n) is x / n."""
    rest = _factors(below)
    whole = [f for f in rest if isinstance(f, Number) and isinstance(f.value, int) and f.value > 0]
    if not whole or len(rest) != len(whole) + builtins.sum(1 for f in rest if isinstance(f, SizeOf)):
        return apply("divide", above, below)
    divisor = math.prod(cast(int, f.value) for f in whole)
    inner = above.args[0] if isinstance(above, Apply) and above.op == "multiply" else above
    body: Form | None = None
    front = 1
    if isinstance(inner, Number) and isinstance(inner.value, int):
        front = inner.value
        body = above.args[1] if isinstance(above, Apply) and above.op == "multiply" else None
    else:
        body = above
    shared = math.gcd(front, divisor)
    front, divisor = front // shared, divisor // shared
    top = number(front) if body is None else body if front == 1 else apply("multiply", number(front), body)
    denominators: list[Form] = ([number(divisor)] if divisor != 1 else []) + [f for f in rest if isinstance(f, SizeOf)]
    for factor in denominators[1:]:
        denominators[0] = apply("multiply", denominators[0], factor)
    return apply("divide", top, denominators[0]) if denominators else top


def relabel(form: Form, names: Mapping[str, str], sizes: Mapping[Size, Size]) -> Form:
    """Return ``form`` with names and sizes replaced all through; a size that becomes an int is folded as a number."""
    memo: dict[Form, Form] = {}

    def shape_of(shape: Shape) -> Shape:
        return tuple(sizes.get(s, s) for s in shape)

    def visit(node: Form) -> Form:
        found = memo.get(node)
        if found is not None:
            return found
        shape = shape_of(node.shape)
        if isinstance(node, Name):
            found = name(names.get(node.name, node.name), shape)
        elif isinstance(node, Adjoint):
            found = adjoint(names.get(node.of, node.of), shape)
        elif isinstance(node, SizeOf):
            found = size_of(sizes.get(node.size, node.size))
        elif isinstance(node, Number):
            found = node
        else:
            args = tuple([visit(a) for a in node.args])
            if isinstance(node, Apply) and node.op == "divide":
                found = _folded_quotient(*args)
            elif isinstance(node, Apply) and node.op == "multiply" and args[0] is number(1):
                found = args[1]
            else:
                found = type(node)._make(args, node.data, shape)
        memo[node] = found
        return found

    return visit(form)


def needed_lengths(node: Form) -> Iterable[Size]:
    """Return the sizes that stay as they are: lengths that the meaning of a node depends on."""
    if node.needs_lengths:
        return (*node.shape, *(s for a in node.args for s in a.shape))
    if isinstance(node, Apply) and isinstance(node.op, Function) and not node.op.entrywise:
        return lengths_of_row(node.op, tuple(a.shape for a in node.args), node.data[1])
    return ()


@lru_cache(maxsize=1024)
def lengths_of_row(row: Function, shapes: tuple[Shape, ...], parameters: tuple[tuple[str, Any], ...]) -> Sequence[Size]:
    """Return the sizes in ``shapes`` that the definition of a row needs.

    They are those of the nodes it is built of; all of them where the definition says something else, or nothing, for
    symbols in place of the others.
    """
    assert row.definition is not None

    def defined(sizes: Mapping[Size, Size]) -> Form:
        leaves = [name(f"_{k}", tuple(sizes.get(s, s) for s in shape)) for k, shape in enumerate(shapes)]
        return row.definition(*leaves, **dict(parameters))  # type: ignore[misc]

    body = defined({})
    needed = dict.fromkeys(s for node in walk(body) for s in needed_lengths(node))
    every = dict.fromkeys(s for shape in shapes for s in shape if s not in (0, 1))
    there = {s: numbered_size(k) for k, s in enumerate(every) if s not in needed}
    try:
        same = relabel(defined(there), {}, {v: k for k, v in there.items()}) is relabel(body, {}, {})
    except Exception:  # a definition may do anything with a length that it does not know
        same = False
    return tuple(needed if same else {**needed, **every})


@lru_cache(maxsize=1024)
def numbered_size(position: int) -> Size:
    """Return the symbolic size that stands for the one at ``position``; the same one every time."""
    return size(f"size{position}")


# --- text as NumPy spells it ------------------------------------------------------------------------------------------

_INFIX: dict[str, tuple[str, int]] = {
    "greater": (">", 1),
    "less": ("<", 1),
    "greater_equal": (">=", 1),
    "less_equal": ("<=", 1),
    "equal": ("==", 1),
    "not_equal": ("!=", 1),
    "add": ("+", 3),
    "subtract": ("-", 3),
    "multiply": ("*", 4),
    "divide": ("/", 4),
    "power": ("**", 6),
}
CHOICE, SUM, PRODUCT, UNARY, POWER, ATOM = 0, 3, 4, 5, 6, 9
Spelled: TypeAlias = "tuple[str, int]"


@dataclass(frozen=True)
class Spelling:
    """How leaves and calls are spelled; the tree's own operators are NumPy's.

    ``own`` may spell a node itself: it gets the node and its spelled operands, each a text with the level at which
    it binds, and returns such a pair, or None for NumPy's spelling.
    """

    name: Callable[[str], str] = str
    adjoint: Callable[[str], str] = lambda of: f"d{of}"
    size: Callable[[sp.Symbol], str] = str
    own: Callable[[Form, Sequence[Spelled]], Spelled | None] = lambda form, args: None
    module: str = "np"
    pi: str = "np.pi"


PLAIN = Spelling()


def _number_text(value: Constant) -> str:
    if isinstance(value, Fraction):
        return f"{value.numerator} / {value.denominator}"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def numpy_text(form: Form, spelling: Spelling = PLAIN) -> str:
    """Return ``form`` as one NumPy expression, with no parentheses that Python does not need.

    >>> numpy_text(name("a", (2, 3)).T @ name("b", (2, 1)))
    'a.T @ b'
    """
    return _spell(form, spelling)[0]


def parenthesize(spelled: Spelled, least: int) -> str:
    """Return the text, in parentheses where it binds less tightly than ``least``."""
    return spelled[0] if spelled[1] >= least else f"({spelled[0]})"


def _axes_text(node: Reduce) -> str:
    whole = len(node.axes) == node.args[0].ndim
    axis = "" if whole else f"axis={node.axes[0] if len(node.axes) == 1 else node.axes}"
    keep = "keepdims=True" if node.keepdims else ""
    return ", ".join(t for t in (axis, keep) if t)


def index_text(index: Index) -> str:
    """Return an index as Python spells it, without brackets; trailing whole axes are left out."""
    items = list(index)
    while len(items) > 1 and items[-1] is None:
        items.pop()
    texts = []
    for item in items:
        if item is None:
            texts.append(":")
        elif isinstance(item, int):
            texts.append(str(item))
        else:
            stop = str(item.stop) if item.stop >= 0 else ""
            texts.append(f"{item.start}:{stop}" + (f":{item.step}" if item.step != 1 else ""))
    return ", ".join(texts)


def _spell(form: Form, s: Spelling) -> tuple[str, int]:
    if isinstance(form, Name):
        return s.name(form.name), ATOM
    if isinstance(form, Adjoint):
        return s.adjoint(form.of), ATOM
    if isinstance(form, Number):
        text = _number_text(form.value)
        if abs(form.value) == math.pi:
            return s.pi if form.value > 0 else f"-{s.pi}", ATOM if form.value > 0 else UNARY
        if isinstance(form.value, Fraction):
            return text, PRODUCT if form.value > 0 else 3
        return text, ATOM if form.value >= 0 else UNARY
    if isinstance(form, SizeOf):
        return s.size(form.size), ATOM
    args = [_spell(a, s) for a in form.args]
    own = s.own(form, args)
    if own is not None:
        return own
    if isinstance(form, Apply):
        return _spell_apply(form, args, s)
    if isinstance(form, Matmul):
        return f"{parenthesize(args[0], PRODUCT)} @ {parenthesize(args[1], UNARY)}", PRODUCT
    if isinstance(form, Transpose):
        if form.axes == tuple(reversed(range(form.ndim))):
            return f"{parenthesize(args[0], ATOM)}.T", ATOM
        return f"{s.module}.transpose({args[0][0]}, {form.axes})", ATOM
    if isinstance(form, Reduce):
        return f"{parenthesize(args[0], ATOM)}.{form.kind}({_axes_text(form)})", ATOM
    if isinstance(form, Get):
        return f"{parenthesize(args[0], ATOM)}[{index_text(form.index)}]", ATOM
    if isinstance(form, Expand) and not form.args[0].shape:  # a Python float cannot be indexed
        return f"{s.module}.expand_dims({args[0][0]}, {form.axes if form.ndim > 1 else 0})", ATOM
    if isinstance(form, Expand):
        items = ["None" if k in form.axes else ":" for k in range(form.ndim)]
        while len(items) > 1 and items[-1] == ":":
            items.pop()
        return f"{parenthesize(args[0], ATOM)}[{', '.join(items)}]", ATOM
    if isinstance(form, Broadcast) and form.shape == form.args[0].shape:
        return args[0]
    if isinstance(form, Reshape) and form.args[0].shape:  # a Python float has no methods of an array
        sizes = ", ".join(str(k) if isinstance(k, int) else s.size(k) for k in form.shape)
        return f"{parenthesize(args[0], ATOM)}.reshape({sizes or '()'})", ATOM
    if isinstance(form, Gather) and form.axis == 0:
        return f"{parenthesize(args[0], ATOM)}[{args[1][0]}]", ATOM
    return _spell_call(form, [a[0] for a in args], s), ATOM


def _spell_call(form: Form, args: Sequence[str], s: Spelling) -> str:
    def shape() -> str:
        inside = ", ".join(str(k) if isinstance(k, int) else s.size(k) for k in form.shape)
        return f"({inside},)" if len(form.shape) == 1 else f"({inside})"

    if isinstance(form, Outer):
        return f"{s.module}.outer({', '.join(args)})"
    if isinstance(form, Filled):
        if form.value in (0, 1):
            return f"{s.module}.{'ones' if form.value else 'zeros'}({shape()})"
        return f"{s.module}.full({shape()}, {_number_text(form.value)})"
    if isinstance(form, Broadcast):
        return f"{s.module}.broadcast_to({args[0]}, {shape()})"
    if isinstance(form, Put):
        called, more = ("put", "") if not form.value else ("padded", f", {_filling(form.value, s)}")
        return f"{called}({args[0]}, {shape()}, {s.module}.s_[{index_text(form.index)}]{more})"
    if isinstance(form, Eye):
        return f"{s.module}.eye({form.shape[0] if isinstance(form.shape[0], int) else s.size(form.shape[0])})"
    if isinstance(form, Reshape):
        return f"{s.module}.reshape({args[0]}, {shape()})"
    if isinstance(form, Concatenate):
        return f"{s.module}.concatenate([{', '.join(args)}], axis={form.axis})"
    if isinstance(form, Gather):
        return f"{s.module}.take({', '.join(args)}, axis={form.axis})"
    if isinstance(form, Scatter):
        return f"scatter({', '.join(args)}, {form.axis}, {shape()})"
    if isinstance(form, Windows):
        return f"windows({args[0]}, {form.axis}, {form.size}, {form.stride}, {form.dilation})"
    if isinstance(form, Overlap):
        return f"overlap({args[0]}, {form.axis}, {form.shape[form.axis]}, {form.stride}, {form.dilation})"
    if isinstance(form, OneHot):
        size_text = str(form.classes) if isinstance(form.classes, int) else s.size(form.classes)
        return f"one_hot({args[0]}, {size_text})"
    if isinstance(form, Einsum):
        return f'{s.module}.einsum("{subscripts(form)}", {", ".join(args)})'
    raise TypeError(f"no NumPy text for {type(form).__name__}")


def subscripts(form: Einsum) -> str:
    """Return the indices of an Einstein sum as np.einsum takes them: ``ab,bc->ac``."""
    labels = dict.fromkeys(k for part in form.labels for k in part)
    letters = dict(zip(labels, "abcdefghijklmnopqrstuvwxyz", strict=False))
    return (
        ",".join("".join(letters[k] for k in part) for part in form.labels)
        + "->"
        + "".join(letters[k] for k in form.result)
    )


def _filling(value: float, s: Spelling) -> str:
    return _number_text(value) if math.isfinite(value) else f"{'-' if value < 0 else ''}{s.module}.inf"


def _spell_apply(form: Apply, args: list[tuple[str, int]], s: Spelling) -> tuple[str, int]:
    op = form.op
    label = op if isinstance(op, str) else op.name
    if label == "negative":
        inside = parenthesize(args[0], UNARY)
        return (inside[1:] if inside.startswith("-") else f"-{inside}"), UNARY
    if label == "where":
        return f"{s.module}.where({', '.join(a[0] for a in args)})", ATOM
    if isinstance(op, str) and op in _INFIX:
        sign, level = _INFIX[op]
        if op == "power":
            return f"{parenthesize(args[0], ATOM)}{sign}{parenthesize(args[1], UNARY)}", POWER
        if level == 1:
            return f"{parenthesize(args[0], 2)} {sign} {parenthesize(args[1], 2)}", level
        right = level if op == "add" else level + 1
        return f"{parenthesize(args[0], level)} {sign} {parenthesize(args[1], right)}", level
    arguments = ", ".join([a[0] for a in args] + [f"{k}={v}" for k, v in form.parameters.items()])
    prefix = f"{s.module}." if isinstance(op, str) else ""
    return f"{prefix}{label}({arguments})", ATOM


# --- functions users write --------------------------------------------------------------------------------------------


def where(condition: Any, a: Any, b: Any) -> Form:
    """Return ``a`` where the condition holds, else ``b``."""
    return apply("where", as_form(condition), as_form(a), as_form(b))


def equal(a: Any, b: Any) -> Form:
    """Return 1 where ``a`` equals ``b``, else 0 (``==`` between Forms asks whether they are the same Form)."""
    return apply("equal", as_form(a), as_form(b))
