"""A small interpreter of Forms: one NumPy call per node. It is the plain meaning of a Form, used to prove and to check.

Arithmetic is NumPy's on whatever the arrays hold: float64 for checks, mpmath numbers (dtype object) for proofs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

from symback.core.errors import ValueProblem
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
    Index,
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
    Size,
    SizeOf,
    Span,
    Transpose,
    Windows,
    prime_value,
    walk,
)
from symback.core.forms import name as make_name


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

FLOATS = Arithmetic(
    lambda value: float(value),
    {
        **_INFIX,
        "exp": np.exp,
        "log": np.log,
        "sqrt": np.sqrt,
        "sin": np.sin,
        "cos": np.cos,
        "erf": np.vectorize(math.erf, otypes=[float]),
    },
)


def _lifted(function: Callable[..., Any]) -> Any:
    return np.frompyfunc(function, 1, 1)


def _exact(value: Constant) -> Any:
    if value == math.pi:
        return +mpmath.pi
    return mpmath.mpf(value) if isinstance(value, float) else mpmath.mpf(value.numerator) / value.denominator


EXACT = Arithmetic(
    _exact,
    {
        **_INFIX,
        "exp": _lifted(mpmath.exp),
        "log": _lifted(mpmath.log),
        "sqrt": _lifted(mpmath.sqrt),
        "sin": _lifted(mpmath.sin),
        "cos": _lifted(mpmath.cos),
        "erf": _lifted(mpmath.erf),
    },
)
"""mpmath numbers in object arrays, at mpmath's current precision."""


def index_of(index: Index) -> tuple[Any, ...]:
    """Return a Form's index as NumPy takes it."""

    def item(entry: Any) -> Any:
        if isinstance(entry, Span):
            return slice(entry.start, entry.stop if entry.stop >= 0 else None, entry.step)
        return slice(None) if entry is None else entry

    return tuple(item(i) for i in index)


def _product(a: Any, b: Any, arithmetic: Arithmetic) -> Any:
    """Return a @ b; of arrays of objects by the arithmetic's own product, whose order matters on a page."""
    if np.asarray(a).dtype != object or arithmetic.functions["multiply"] is _INFIX["multiply"]:
        return a @ b
    left, right = np.asarray(a), np.asarray(b)
    first = left[..., :, None] if right.ndim > 1 else left
    products = arithmetic.functions["multiply"](first, right if right.ndim == 1 else right[..., :, :])
    axis = -2 if right.ndim > 1 else -1
    return np.sum(products, axis=axis)


@lru_cache(maxsize=512)
def _definition(function: Function, leaves: tuple[Form, ...], parameters: tuple[tuple[str, Any], ...]) -> Form:
    """Return what a function is defined as, at placeholders; the same one is asked for in every evaluation."""
    assert function.definition is not None
    return function.definition(*leaves, **dict(parameters))


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
    known: Mapping[Any, int] = sizes or {}
    done: dict[Form, Any] = {} if memo is None else memo

    def length(value: Size) -> int:
        if isinstance(value, int):
            return value
        if value not in known:
            raise ValueProblem(f"the size {value} has no value")
        return known[value]

    def apply_op(op: Any, args: tuple[Any, ...], parameters: Mapping[str, Any], forms: tuple[Form, ...]) -> Any:
        if isinstance(op, str):
            return arithmetic.functions[op](*args)
        function: Function = op.function if isinstance(op, Prime) else op
        if call is not None and function.entrywise:
            return call(op, args)
        if function.definition is None:
            if undefined is None:
                raise ValueProblem(f"{function.name} is an undefined function; it has no values")
            return undefined(function.name, (op.position,) if isinstance(op, Prime) else (), args)
        leaves = tuple(_placeholder(k, f) for k, f in enumerate(forms))
        values = {leaf.name: value for leaf, value in zip(leaves, args, strict=True)}
        if isinstance(op, Prime):
            body = prime_value(op, leaves, None)
        else:
            body = _definition(function, leaves, tuple(parameters.items()))
        return evaluate(body, values, known, arithmetic, undefined, call=call)

    for node in walk(form):
        if node in done:
            continue
        args = tuple(done[a] for a in node.args)
        value: Any
        if isinstance(node, Name):
            if node.name not in environment:
                raise ValueProblem(f"{node.name} has no value")
            value = environment[node.name]
        elif isinstance(node, Adjoint):
            value = environment["∂" + node.of]
        elif isinstance(node, Number):
            value = arithmetic.number(node.value)
        elif isinstance(node, SizeOf):
            value = arithmetic.number(length(node.size))
        elif isinstance(node, Filled):
            value = np.full(tuple(map(length, node.shape)), arithmetic.number(node.value))
        elif isinstance(node, Apply):
            value = apply_op(node.op, args, node.parameters, node.args)
        elif isinstance(node, Matmul):
            value = _product(args[0], args[1], arithmetic)
        elif isinstance(node, Outer):
            value = np.outer(args[0], args[1])
        elif isinstance(node, Transpose):
            value = np.transpose(args[0], node.axes)
        elif isinstance(node, Reduce):
            value = getattr(np, node.kind if node.kind != "mean" else "sum")(
                args[0], axis=node.axes, keepdims=node.keepdims
            )
            if node.kind == "mean":
                count = 1
                for k in node.axes:
                    count *= np.shape(args[0])[k]
                value = arithmetic.functions["divide"](value, arithmetic.number(count)) if count != 1 else value
        elif isinstance(node, Get):
            value = np.asarray(args[0])[index_of(node.index)]
        elif isinstance(node, Put):
            value = np.full(tuple(map(length, node.shape)), arithmetic.number(node.value or 0))
            value[index_of(node.index)] = args[0]
        elif isinstance(node, Expand):
            value = np.expand_dims(args[0], node.axes)
        elif isinstance(node, Broadcast):
            value = np.broadcast_to(args[0], tuple(map(length, node.shape)))
        elif isinstance(node, OneHot):
            classes = np.arange(length(node.classes))
            value = (np.asarray(args[0])[..., None] == classes) * 1
        elif isinstance(node, Eye):
            value = np.eye(length(node.shape[0]))
        elif isinstance(node, Reshape):
            value = np.reshape(args[0], tuple(map(length, node.shape)))
        elif isinstance(node, Concatenate):
            value = np.concatenate(args, axis=node.axis)
        elif isinstance(node, Gather):
            value = np.take(args[0], np.asarray(args[1]).astype(int), axis=node.axis)
        elif isinstance(node, Scatter):
            value = np.full(tuple(map(length, node.shape)), arithmetic.number(0))
            before: tuple[Any, ...] = (slice(None),) * node.axis
            np.add.at(value, (*before, np.asarray(args[1]).astype(int)), args[0])
        elif isinstance(node, Windows):
            position, offset = np.ogrid[: node.shape[node.axis], : node.shape[node.axis + 1]]
            value = np.take(args[0], position * node.stride + offset * node.dilation, axis=node.axis)
        elif isinstance(node, Overlap):
            value = np.full(tuple(map(length, node.shape)), arithmetic.number(0))
            count, width = np.shape(args[0])[node.axis : node.axis + 2]
            position, offset = np.ogrid[:count, :width]
            before = (slice(None),) * node.axis
            np.add.at(value, (*before, position * node.stride + offset * node.dilation), args[0])
        elif isinstance(node, Einsum):
            operands: list[Any] = []
            for operand, labels in zip(args, node.labels, strict=True):
                operands += [operand, list(labels)]
            value = np.einsum(*operands, list(node.result))
        else:
            raise TypeError(f"no meaning for {type(node).__name__}")
        done[node] = value
    return done[form]


def _placeholder(position: int, form: Form) -> Name:
    return make_name(f"_argument_{position}", form.shape)
