"""A small interpreter of Forms: one NumPy call per node. It is the plain meaning of a Form, used to prove and to check.

Arithmetic is NumPy's on whatever the arrays hold: float64 for checks, mpmath numbers (dtype object) for proofs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

from symback.core.errors import ValueProblem
from symback.core.forms import Apply, Constant, Form, Function, Prime, Shape, Size, prime_value, walk
from symback.core.forms import name as make_name
from symback.core.operations import STATED, Stated


@dataclass(frozen=True)
class Arithmetic:
    """How numbers are made and elementary functions evaluated."""

    number: Callable[[Constant], Any]
    functions: Mapping[str, Callable[..., Any]]


def _where(condition: Any, a: Any, b: Any) -> Any:
    return np.where(np.asarray(condition, dtype=bool), a, b)


_INFIX: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negative": lambda a: -a,
    "greater": lambda a, b: np.asarray(a > b) * 1,
    "less": lambda a, b: np.asarray(a < b) * 1,
    "greater_equal": lambda a, b: np.asarray(a >= b) * 1,
    "less_equal": lambda a, b: np.asarray(a <= b) * 1,
    "equal": lambda a, b: np.asarray(a == b) * 1,
    "not_equal": lambda a, b: np.asarray(a != b) * 1,
    "where": _where,
}


def real_part(value: Any, smallest: Any, otherwise: Any) -> Any:
    """Return a complex number as the real number it is but for rounding, or ``otherwise``."""
    return otherwise if abs(value.imag) > smallest * abs(value) else value.real


def _real(context: Any, stated: Stated) -> Any:
    """Return a function of numbers as an operation on arrays of a context's numbers: nan where it is no real number."""
    function, options = getattr(context, stated.mpmath), dict(stated.options)

    def of_one(*arguments: Any) -> Any:
        try:
            value = function(*arguments, **options)
        except (ValueError, ZeroDivisionError):
            return context.nan
        return value if not isinstance(value, context.mpc) else real_part(value, context.eps, context.nan)

    return np.frompyfunc(of_one, stated.arguments, 1)


def _floats(stated: Stated) -> Any:
    made = _real(mpmath.mp, stated)
    return lambda *arguments: np.asarray(made(*arguments)).astype(float)


FLOATS = Arithmetic(
    lambda value: float(value),
    {
        **_INFIX,
        "exp": np.exp,
        "log": np.log,
        "sqrt": np.sqrt,
        "sin": np.sin,
        "cos": np.cos,
        **{op: _floats(stated) for op, stated in STATED.items()},
        "erf": np.vectorize(math.erf, otypes=[float]),
    },
)


_LARGEST_EXPONENT = 1e12
"""The exponent of e beyond which mpmath's numbers, whose exponents are whole numbers of any length, grow without end."""

_LONGEST_PERIODIC = 10_000


def _lifted(function: Callable[..., Any]) -> Any:
    return np.frompyfunc(function, 1, 1)


def exact_arithmetic(context: Any) -> Arithmetic:
    """Return arithmetic on a context's mpmath numbers in object arrays, at its precision."""

    def exact(value: Constant) -> Any:
        if value == math.pi:
            return +context.pi
        return context.mpf(value) if isinstance(value, float) else context.mpf(value.numerator) / value.denominator

    def power(base: Any, exponent: Any) -> Any:
        if abs(exponent) > 4 and abs(base) != 0 and abs(exponent) * abs(context.log(abs(base))) > _LARGEST_EXPONENT:
            raise OverflowError("a power of a power that no memory holds")
        return base**exponent

    def exponential(x: Any) -> Any:
        if abs(x) > _LARGEST_EXPONENT:
            raise OverflowError("an exponential that no memory holds")
        return context.exp(x)

    def periodic(label: str) -> Any:
        function = getattr(context, label)

        def reduced(x: Any) -> Any:
            # as many digits of π are needed as the number has before its point
            if context.mag(x) > _LONGEST_PERIODIC:
                raise OverflowError("an angle that no memory holds the turns of")
            return function(x)

        return _lifted(reduced)

    plain = {label: _lifted(getattr(context, label)) for label in ("log", "sqrt")}
    plain |= {op: _real(context, stated) for op, stated in STATED.items()}
    plain |= {label: periodic(label) for label in ("sin", "cos")}
    raised = {"exp": _lifted(exponential), "power": np.frompyfunc(power, 2, 1)}
    return Arithmetic(exact, {**_INFIX, **plain, **raised})


EXACT = exact_arithmetic(mpmath.mp)
"""At mpmath's current precision."""


@lru_cache(maxsize=512)
def _definition(function: Function, leaves: tuple[Form, ...], parameters: tuple[tuple[str, Any], ...]) -> Form:
    """Return what a function is defined as, at placeholders; the same one is asked for in every evaluation."""
    assert function.definition is not None
    return function.definition(*leaves, **dict(parameters))


class _Run:
    """One evaluation, as the nodes ask for it."""

    __slots__ = ("arithmetic", "call", "environment", "functions", "number", "sizes", "undefined")

    def __init__(
        self,
        environment: Mapping[str, Any],
        sizes: Mapping[Any, int],
        arithmetic: Arithmetic,
        undefined: Callable[[str, tuple[int, ...], tuple[Any, ...]], Any] | None,
        call: Callable[[Any, tuple[Any, ...]], Any] | None,
    ) -> None:
        self.environment = environment
        self.sizes = sizes
        self.arithmetic = arithmetic
        self.functions = arithmetic.functions
        self.number = arithmetic.number
        self.undefined = undefined
        self.call = call

    def length(self, size: Size) -> int:
        if isinstance(size, int):
            return size
        if size not in self.sizes:
            raise ValueProblem(f"the size {size} has no value")
        return self.sizes[size]

    def lengths(self, shape: Shape) -> tuple[int, ...]:
        return tuple(map(self.length, shape))

    def named(self, label: str) -> Any:
        if label not in self.environment:
            raise ValueProblem(f"{label} has no value")
        return self.environment[label]

    def product(self, a: Any, b: Any) -> Any:
        """Return a @ b; of arrays of objects by the arithmetic's own product, whose order matters on a page."""
        multiply = self.functions["multiply"]
        if multiply is _INFIX["multiply"] or np.asarray(a).dtype != object:
            return a @ b
        left, right = np.asarray(a), np.asarray(b)
        if right.ndim == 1:
            return np.sum(multiply(left, right), axis=-1)
        rows = right[..., None, :, :] if left.ndim > 1 else right
        return np.sum(multiply(left[..., :, None], rows), axis=-2)

    def called(self, node: Apply, args: Sequence[Any]) -> Any:
        """Return the value of a table function, of an undefined one, or of the derivative of one."""
        op = node.op
        function: Function = op.function if isinstance(op, Prime) else op
        if self.call is not None and function.entrywise:
            return self.call(op, tuple(args))
        if function.definition is None:
            if self.undefined is None:
                raise ValueProblem(f"{function.name} is an undefined function; it has no values")
            return self.undefined(function.name, (op.position,) if isinstance(op, Prime) else (), tuple(args))
        leaves = tuple(make_name(f"_argument_{k}", f.shape) for k, f in enumerate(node.args))
        if isinstance(op, Prime):
            body = prime_value(op, leaves, None)
        else:
            body = _definition(function, leaves, node.data[1])
        values = {leaf.name: value for leaf, value in zip(leaves, args, strict=True)}
        return _valued(body, _Run(values, self.sizes, self.arithmetic, self.undefined, self.call), {})


def _valued(form: Form, run: _Run, done: dict[Form, Any]) -> Any:
    for node in walk(form):
        if node not in done:
            done[node] = node.evaluated([done[a] for a in node.args], run)
    return done[form]


def evaluate(
    form: Form,
    environment: Mapping[str, Any],
    sizes: Mapping[Any, int] | None = None,
    arithmetic: Arithmetic = FLOATS,
    undefined: Callable[[str, tuple[int, ...], tuple[Any, ...]], Any] | None = None,
    memo: dict[Form, Any] | None = None,
    call: Callable[[Any, tuple[Any, ...]], Any] | None = None,
) -> Any:
    """Return the value of ``form`` where ``environment`` maps names to arrays; the adjoint of ``z`` is under ``∂z``.

    ``sizes`` maps symbolic sizes to ints. ``undefined`` evaluates undefined functions: it gets the name, the
    positions differentiated, and the arguments. ``call`` evaluates entrywise table functions in place of their
    definitions. Raises ValueProblem where a name or such a function has no value.
    """
    return _valued(form, _Run(environment, sizes or {}, arithmetic, undefined, call), {} if memo is None else memo)
