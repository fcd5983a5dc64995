"""The kinds of numbers that arrays hold, as NumPy and PyTorch count them: truth values, whole numbers, real numbers.

A kind is ``b``, ``i`` or ``f``, and ``n`` for whole numbers of 8 or 16 bits, whose sums and products wrap around. What a formula
holds follows from what it is made of; where a cast says it, the formula stands inside a ``Typed`` node while the text is read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np

from symback.core.arrays import Einsum, Eye, OneHot, Outer, Put, Triangle
from symback.core.errors import ReadError
from symback.core.forms import (
    Algebra,
    Apply,
    Expand,
    Filled,
    Form,
    Implicit,
    Matmul,
    Name,
    Number,
    Reduce,
    Run,
    SizeOf,
    Spelled,
    Spelling,
    apply,
    equal,
    names_in,
    number,
    substitute,
    walk,
)
from symback.core.operations import RELATIONS
from symback.library.contract import Caller

_WORDS = {"b": "truth values", "i": "whole numbers", "f": "real numbers", "n": "whole numbers of few bits"}
_NARROW = 2
"""Whole numbers of at most so many bytes, twice as many without a sign, wrap around within what texts compute with."""


class Typed(Form):
    """The operand, of which a cast says what kind of numbers it holds; the network that is read has none of these."""

    __slots__ = ()

    @property
    def kind(self) -> str:
        return cast(str, self.data[0])

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return args[0]

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.asarray(args[0]) != 0 if self.kind == "b" and np.ndim(args[0]) else args[0]

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.entry(self.args[0], at)

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form:
        return typed(args[0], self.kind)


def typed(form: Form, kind: str) -> Form:
    """Return a Form as one of that kind of numbers."""
    while isinstance(form, Typed):
        form = form.args[0]
    return Typed._make((form,), (kind,), form.shape)


def real(caller: Caller, form: Form) -> Form:
    """Return a Form as one of real numbers, as a mean of whole numbers is where it is a mean of one."""
    return form if kind_of(caller, form) == "f" else typed(form, "f")


def untyped(form: Form) -> Form:
    """Return a Form without what casts said of its numbers.

    >>> from symback.core.forms import name
    >>> untyped(typed(name("x", (3,)), "i") + 1)
    x + 1
    """
    return substitute(form, lambda node: untyped(node.args[0]) if isinstance(node, Typed) else None)


def bare(form: Form) -> Form:
    """Return what a cast was applied to."""
    return form.args[0] if isinstance(form, Typed) else form


def kind_of_numbers(value: Any) -> str:
    """Return the kind of numbers that data hold; real numbers where they are not known."""
    if value is None:
        return "f"
    numbers = np.asarray(value)
    if numbers.dtype.kind == "b":
        return "b"
    if numbers.dtype.kind not in "iu":
        return "f"
    narrow = _NARROW if numbers.dtype.kind == "i" else 2 * _NARROW
    return "n" if isinstance(value, (np.ndarray, np.generic)) and numbers.dtype.itemsize <= narrow else "i"


def is_whole(form: Form) -> bool:
    """Return whether a Form is a whole number as it stands, also where Python has it as a float, as that of 4 / 2."""
    return isinstance(form, Number) and isinstance(form.value, int)


def kind_of(caller: Caller, form: Form) -> str:
    """Return the kind of numbers that a Form holds."""
    known = caller.kinds
    pending = [form]
    while pending:
        node = pending[-1]
        if node not in known:
            below = _below(caller, node)
            unknown = [child for child in below if child not in known]
            if unknown:
                pending += unknown
                continue
            known[node] = _kind(caller, node, [known[child] for child in below])
        pending.pop()
    return known[form]


def _below(caller: Caller, form: Form) -> tuple[Form, ...]:
    """Return the Forms from which the kind of a Form follows."""
    if isinstance(form, Name):
        meant = caller.bindings[form.name].form
        return () if meant is None else (meant,)
    if isinstance(form, Apply) and form.op == "where":
        return form.args[1:]
    return () if isinstance(form, Typed) else form.args


def _kind(caller: Caller, form: Form, kinds: Sequence[str]) -> str:
    if isinstance(form, Typed):
        return form.kind
    if isinstance(form, Name):
        return kinds[0] if kinds else kind_of_numbers(caller.bindings[form.name].value)
    if isinstance(form, Number):
        return "i" if isinstance(form.value, int) else "f"
    if isinstance(form, SizeOf):
        return "i"
    if isinstance(form, Apply):
        op = form.op if isinstance(form.op, str) else form.op.name
        if op in RELATIONS:
            return "b"
        return joined(form.args[op == "where" :], kinds) if op in _KEEPING else "f"
    if isinstance(form, (Matmul, Outer, Einsum)):
        return joined(form.args, kinds)
    if isinstance(form, Reduce):
        return "f" if form.kind == "mean" else kinds[0] if form.kind in ("max", "min") or kinds[0] == "f" else "i"
    if isinstance(form, Put):
        return (
            kinds[0]
            if not form.value
            else joined(form.args, [kinds[0], "i" if float(form.value).is_integer() else "f"])
        )
    if isinstance(form, (Filled, Eye, Triangle, OneHot, Implicit)) or not kinds:
        return "f"
    return joined(form.args, kinds) if len(kinds) > 1 and not _takes_first(form) else kinds[0]


_KEEPING = frozenset(
    (
        "add",
        "subtract",
        "multiply",
        "negative",
        "power",
        "where",
        "maximum",
        "minimum",
        "absolute",
        "abs",
        "sign",
        "clip",
    )
)
"""Operations whose result has the kind of what they are applied to."""


def _takes_first(form: Form) -> bool:
    """Return whether the later operands of a node are indices."""
    return type(form).__name__ in ("Gather", "Scatter")


def joined(forms: Iterable[Form], kinds: Sequence[str]) -> str:
    """Return the kind of arithmetic on operands of these kinds; a number of Python leaves an array its own kind."""
    found = set(kinds)
    if "f" in found:
        return "f"
    if "n" in found:
        wide = any(k == "i" and not _is_of_python(f) for f, k in zip(forms, kinds, strict=True))
        return "i" if wide else "n"
    return "i" if "i" in found else "b"


def _is_of_python(form: Form) -> bool:
    """Return whether a number takes the type of the array that it meets."""
    while isinstance(form, Expand):
        form = form.args[0]
    return isinstance(form, (Number, SizeOf))


def check_arithmetic(caller: Caller, node: Form) -> None:
    """Refuse arithmetic that is not that of numbers: truth values that are added or multiplied as a matrix, few bits that wrap."""
    if isinstance(node, Apply) and node.op in ("add", "subtract", "multiply", "negative", "power", "absolute"):
        args, sign = node.args, {"add": "+", "subtract": "-", "negative": "-"}.get(str(node.op), "")
    elif isinstance(node, (Matmul, Outer, Einsum)):
        args, sign = node.args, "@"
    else:
        return
    kinds = [kind_of(caller, a) for a in args]
    kind = joined(args, kinds)
    if kind == "n":
        raise ReadError(
            "arithmetic of whole numbers of few bits wraps around, which is not followed; make it astype(float) first",
            caller.line,
        )
    if kind == "i":
        _check_whole(caller, node)
    if caller.trying and any(map(caller.is_torch, args)) and _may_be_refused(node, args, kinds):
        raise ReadError(
            "whether PyTorch takes operands of these types is not followed, and an except depends on it", caller.line
        )
    if kind == "b" and sign:
        raise ReadError(
            f"{sign} of truth values is no arithmetic of numbers; write | or &, or astype(float) first", caller.line
        )


def _may_be_refused(node: Form, args: Sequence[Form], kinds: Sequence[str]) -> bool:
    """Return whether PyTorch may raise an exception for the types of these operands."""
    if isinstance(node, Apply):
        return node.op in ("subtract", "negative") and "b" in kinds
    return len(set(kinds)) > 1


# --- truth values -----------------------------------------------------------------------------------------------------


def is_condition(caller: Caller, form: Form) -> bool:
    """Return whether an array holds truth values."""
    return kind_of(caller, form) == "b"


def is_relation(form: Form) -> bool:
    """Return whether a Form is a comparison, or several that have to hold together."""
    form = bare(form)
    if not isinstance(form, Apply) or not isinstance(form.op, str):
        return False
    return form.op in RELATIONS or (form.op == "multiply" and all(is_relation(a) for a in form.args))


def as_condition(form: Form) -> Form:
    """Return a condition for ``where``, which has 0 and 1 only: numbers say yes where they are not zero."""
    return untyped(form) if _is_zero_or_one(form) else apply("not_equal", form, number(0))


def _is_zero_or_one(form: Form) -> bool:
    form = bare(form)
    while form.shares_memory or isinstance(form, Expand):
        form = bare(form.args[0])
    if not isinstance(form, Apply):
        return False
    if form.op == "subtract":
        return form.args[0] is number(1) and _is_zero_or_one(form.args[1])
    return form.op in RELATIONS or (form.op == "multiply" and all(map(_is_zero_or_one, form.args)))


def as_truth(caller: Caller, form: Form) -> Form:
    """Read ``mask.bool()``."""
    if caller.is_literal(form):
        return caller.literal(np.asarray(caller.known(form)).astype(bool), torch=caller.is_torch(form))
    return form if is_condition(caller, form) else apply("not_equal", form, number(0))


def negated(caller: Caller, form: Form) -> Form:
    """Read ``~mask``."""
    if not is_condition(caller, form):
        raise ReadError("~ is read for conditions only", caller.line)
    if caller.is_literal(form):
        return caller.literal(~np.asarray(caller.known(form), dtype=bool), torch=caller.is_torch(form))
    plain = untyped(form)
    return typed(1 - plain, "b") if isinstance(plain, Apply) else equal(plain, 0)


def together(caller: Caller, op: ast.operator, a: Form, b: Form) -> Form:
    """Read ``&``, ``|`` and ``^`` of truth values."""
    if not (is_condition(caller, a) and is_condition(caller, b)):
        raise ReadError("&, | and ^ are read for conditions only", caller.line)
    if caller.is_literal(a) and caller.is_literal(b):
        known = [np.asarray(caller.known(f), dtype=bool) for f in (a, b)]
        compute = {ast.BitAnd: np.logical_and, ast.BitOr: np.logical_or}.get(type(op), np.logical_xor)
        return caller.literal(compute(*known), torch=caller.is_torch(a))
    a, b = untyped(a), untyped(b)
    if isinstance(op, ast.BitAnd):
        return a * b if is_relation(a) and is_relation(b) else typed(a * b, "b")
    return typed(1 - (1 - a) * (1 - b), "b") if isinstance(op, ast.BitOr) else apply("not_equal", a, b)


def _check_whole(caller: Caller, node: Form) -> None:
    """Refuse arithmetic of whole numbers that is not that of real ones: it overflows, or divides."""
    if isinstance(node, Apply) and node.op == "power" and node.args[0].shape:
        exponent = bare(node.args[1])
        negative = isinstance(exponent, Apply) and exponent.op == "negative"
        if negative or (isinstance(exponent, Number) and exponent.value < 0):
            raise ReadError(
                "whole numbers in an array have no negative powers; make it astype(float) first", caller.line
            )
    held = [caller.bindings[n.name].value for n in names_in(node)]
    types = [v.dtype for v in held if isinstance(v, np.ndarray) and v.dtype.kind in "iu"]
    if not types or len(walk(node)) > _MOST_PARTS or all(v is None for v in held):
        return
    found, known = narrowest(caller, np.result_type(*types)), _as_real(caller, node)
    if known is not None and not fits(known, found):
        raise ReadError(f"whole numbers of {found} wrap around here; make it astype(float) first", caller.line)


def narrowest(caller: Caller, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that whole numbers may have of which it is known that they are at most of ``dtype``."""
    return np.dtype(np.int32) if caller.bits == 32 and dtype == np.int64 else dtype


def _as_real(caller: Caller, node: Form) -> Any:
    """Return what an operation on known whole numbers gives, computed with real ones where those may not wrap."""
    if not isinstance(node, (Apply, Matmul)):
        return caller.known(node)
    operands = [caller.known(a) for a in node.args]
    if any(o is None for o in operands):
        return None
    op = str(node.op) if isinstance(node, Apply) else "matmul"
    return getattr(np, op)(*(np.asarray(o, dtype=float) for o in operands))


def fits(numbers: Any, dtype: np.dtype[Any]) -> bool:
    """Return whether numbers are within what a type of whole numbers holds."""
    found = np.asarray(numbers, dtype=float)
    if not found.size or dtype.kind not in "iu":
        return True
    least, most = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    return bool(found.min() >= least and (found.max() < most or (found.max() == most and most < _EXACT)))


_EXACT = 2.0**53
_MOST_PARTS = 200
"""Longest formula of whole numbers of which it is looked whether they stay within their bits."""


def in_words(kind: str) -> str:
    """Return a kind of numbers in words."""
    return _WORDS[kind]
