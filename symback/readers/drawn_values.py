"""What random functions are called with, as plain values where they are known, and what they give back to the text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form, Name, Shape, SizeOf, gather, names_in, shape_text, walk
from symback.engine.interpreter import evaluate
from symback.library.limits import LARGEST_ARRAY
from symback.library.values import Poison
from symback.readers.asking import Reader
from symback.readers.streams import Stream


@dataclass(frozen=True, eq=False)
class Unknown:
    """An array whose numbers are not known."""

    shape: Shape


def plain(reader: Reader, value: Any) -> Any:
    """Return an argument as a plain number, array, list, type or generator; an Unknown where its numbers are not known."""
    if isinstance(value, Poison):
        raise value.error
    if isinstance(value, Form):
        found = number_of(reader, value)
        reader.fix(value, "what is drawn at random")
        return Unknown(value.shape) if found is None else found
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, (list, tuple)):
        return type(value)(plain(reader, v) for v in value) if type(value) in (list, tuple) else [*value]
    return value


def number_of(reader: Reader, form: Form) -> Any:
    """Return the number or array that a Form is, through the equations of the text; None where a leaf has no value."""
    found: dict[str, Any] = {}

    def visit(name: str) -> bool:
        """Find a version whose sources are found, or say that it has none."""
        binding = reader.bindings[name]
        if binding.form is None:
            found[name] = binding.value
        elif any(found[n.name] is None for n in names_in(binding.form)):
            found[name] = None
        else:
            found[name] = _evaluated(binding.form, found)
        return found[name] is not None

    pending = [n.name for n in names_in(form)]
    while pending:
        binding = reader.bindings[pending[-1]]
        below = [n.name for n in names_in(binding.form) if n.name not in found] if binding.form is not None else []
        if below:
            pending += below
        else:
            visit(pending.pop())
    if any(found[n.name] is None for n in names_in(form)):
        return None
    value = _evaluated(form, found)
    if value is None or np.ndim(value):
        return None if value is None else np.asarray(value)
    item = value.item() if isinstance(value, (np.ndarray, np.generic)) else value
    whole = isinstance(item, float) and item.is_integer() and abs(item) < 2**53
    return int(item) if whole else float(item) if isinstance(item, Fraction) else item


def _evaluated(form: Form, values: Mapping[str, Any]) -> Any:
    nodes = walk(form)
    if any(isinstance(n, SizeOf) or any(not isinstance(s, int) for s in n.shape) for n in nodes):
        return None
    if isinstance(form, Name):
        return values[form.name]
    given = {n.name: values[n.name] for n in names_in(form)}
    with np.errstate(all="ignore"):
        try:
            return evaluate(
                form, {k: np.asarray(v, float) if np.asarray(v).dtype.kind == "b" else v for k, v in given.items()}
            )
        except (ArithmeticError, ValueError, TypeError):
            return None


def is_known(value: Any) -> bool:
    """Return whether an argument, and all in it, is known."""
    if isinstance(value, (list, tuple)):
        return all(map(is_known, value))
    return not isinstance(value, Unknown)


def bound(reader: Reader, what: str, names: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by the function's own names: ``"low high=None size=None * dtype"``."""
    positional = names.partition(" * ")[0].split()
    order = [n.partition("=")[0] for n in positional]
    known = [n.partition("=")[0] for n in names.split() if n != "*"]
    if len(args) > len(order):
        raise ReadError(f"{what} takes {len(order)} arguments, {len(args)} given", reader.line)
    given = dict(zip(order, args, strict=False))
    for name, value in keywords.items():
        if name not in known:
            raise ReadError(f"{what} has no option {name}{nearest(name, known)}", reader.line)
        if name in given:
            raise ReadError(f"{what} is given {name} twice", reader.line)
        given[name] = value
    missing = [n for n in positional if "=" not in n and n not in given]
    if missing:
        raise ReadError(f"{what} needs {missing[0]}", reader.line)
    return given


def small(reader: Reader, what: str, shape: Sequence[Any], arrays: Sequence[Any] = ()) -> None:
    """Refuse what would draw too many numbers at once."""
    sizes = [int(s) for s in shape if isinstance(s, int)]
    if any(s < 0 for s in sizes):
        raise ReadError(f"{what}: a size cannot be {min(sizes)}", reader.line)
    entries = max((np.size(a) for a in arrays if isinstance(a, (list, tuple, np.ndarray))), default=1)
    if math.prod(sizes) * max(entries, 1) > LARGEST_ARRAY:
        raise ReadError(f"{what}: an array of shape {shape_text(tuple(shape))} is too large", reader.line)


def attempt(reader: Reader, what: str, draw: Callable[[], Any]) -> Any:
    """Return what the library draws; what it refuses is refused in its own words."""
    try:
        return draw()
    except (TypeError, ValueError, RuntimeError, OverflowError, KeyError, IndexError, AttributeError) as problem:
        text = str(problem).strip().partition("\n")[0] or type(problem).__name__
        raise ReadError(f"{what}: {text}", reader.line) from None


def check_alone(reader: Reader) -> None:
    """Refuse to draw or seed where one row is read for all rows of a comprehension."""
    if reader.draws.together:
        raise ReadError("each row draws numbers of its own, so the rows cannot be read together", reader.line)


def used(reader: Reader, stream: Stream) -> None:
    """Count a draw; raises ReadError where one row is read for all rows of a comprehension."""
    check_alone(reader)
    stream.count += 1


def given_back(
    reader: Reader, stream: Stream, value: Any, shape: Shape, torch: bool = False, trainable: bool = False
) -> Form:
    """Return drawn numbers as an array of the text; a ``value`` without the stream's state is the caller's, not the text's."""
    if stream.state is None:
        foreign(reader, stream)
    array = None if value is None else np.asarray(value)
    return reader.literal(array, shape=shape, torch=torch, trainable=trainable, random=True)


def foreign(reader: Reader, stream: Stream, why: str = "") -> None:
    """Remember that what is drawn on this line are not the numbers that the text draws."""
    reader.draws.foreign[reader.line] = reader.draws.foreign.get(reader.line) or why or stream.why


def taken(reader: Reader, array: Form, order: Any, shape: Shape, axis: int = 0) -> Form:
    """Return entries of an array along an axis, in a known order, or one of which only the shape is known (None)."""
    value = number_of(reader, array) if reader.is_literal(array) else None
    torch = reader.is_torch(array)
    if value is not None and order is not None:
        return reader.literal(np.take(value, order, axis), torch=torch, random=True)
    if reader.is_literal(array):
        return reader.literal(
            None, shape=(*array.shape[:axis], *shape, *array.shape[axis + 1 :]), torch=torch, random=True
        )
    if order is not None and not np.ndim(order):
        return reader.made(array[(slice(None),) * axis + (int(order),)])
    index = reader.literal(None if order is None else np.asarray(order, dtype=np.int64), shape=shape, random=True)
    return reader.made(gather(array, index, axis))
