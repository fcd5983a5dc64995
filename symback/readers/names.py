"""What a text calls things, and what messages call them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from symback.core.errors import ReadError, ShapeError, SymbackError
from symback.readers.paths import written
from symback.readers.plain_numbers import PLAIN, short
from symback.readers.values import Bound, Definition, Gradient, Helper, Instance, Library, Method


def described(holder: Instance) -> str:
    """Return what an object is called in a message."""
    return f"nn.{holder.kind}" if holder.definition is None else f"the class {holder.kind}"


LOSS_NAMES = ("loss", "L", "E", "J", "cost", "error")
"""Names that say they are the loss."""

_GRADIENT = re.compile(r"^(grads?|gradients?|deltas?|nabla)(_?.*)$|^.*_(grads?|gradients?|deltas?)$", re.IGNORECASE)


def is_gradient_name(name: str, known: Iterable[str]) -> bool:
    """Return whether ``name`` is spelled as a gradient: ``dW1``, ``grad_w``, ``delta2``, ``dL_dz``."""
    if _GRADIENT.match(name):
        return True
    match = re.match(r"^d_?(.+)$", name)
    if not match:
        return False
    rest = match.group(1).lower()
    lowered = {k.lower() for k in known}
    return rest in lowered or bool(
        re.match(r"^.*?_?d_?.+$", rest) and any(rest.endswith("d" + k) or rest.endswith("d_" + k) for k in lowered)
    )


def located(error: BaseException, line: int | None) -> SymbackError:
    """Return the error as one of ours, with its line and in the text's own names."""
    message = re.sub(r"#\d+", "", str(error))
    if isinstance(error, ReadError) and error.line is not None:
        if message == str(error):
            return error
        return ReadError(message.removeprefix(f"line {error.line}: "), error.line)
    if isinstance(error, ShapeError):
        return ShapeError(message if message.startswith("line ") or line is None else f"line {line}: {message}")
    if isinstance(error, RecursionError):
        message = "nested too deeply to be read"
    return ReadError(message, line)


class Exhausted(ReadError):
    """One statement of the text takes too many steps; what it was doing is given up as a whole."""


def describe(value: Any) -> str:
    """Return what a value is called in a message."""
    if isinstance(value, Library):
        return written(value.path)
    if isinstance(value, Helper):
        return f"the function {value.name}"
    if isinstance(value, (Method, Bound)):
        return f"the method {value.name if isinstance(value, Method) else value.helper.name}"
    if isinstance(value, Instance):
        return f"an object of {described(value)}"
    if isinstance(value, Definition):
        return f"the class {value.name}"
    if isinstance(value, Gradient):
        return f"{value.of}.grad"
    if isinstance(value, (list, tuple, dict)):
        return f"a {type(value).__name__}"
    if isinstance(value, PLAIN) or value is None:
        return short(value)
    if isinstance(value, str):
        return "a text"
    return "this object"
