"""What a text calls things, and what messages call them."""

from __future__ import annotations

import re
from typing import Any

from symback.core.errors import ReadError, ShapeError, SymbackError
from symback.library.paths import written
from symback.library.plain_numbers import PLAIN, short
from symback.library.values import Library
from symback.readers.values import Bound, Definition, Gradient, Helper, Instance, Method


def described(holder: Instance) -> str:
    """Return what an object is called in a message."""
    return f"nn.{holder.kind}" if holder.definition is None else f"the class {holder.kind}"


def located(error: BaseException, line: int | None) -> SymbackError:
    """Return the error as one of ours, with its line and in the text's own names."""
    message = re.sub(r"#\d+", "", str(error))
    if isinstance(error, ReadError) and error.line is not None:
        if message == str(error):
            return error
        if isinstance(error, Refused):
            return Refused(message.removeprefix(f"line {error.line}: "), error.line)
        return ReadError(message.removeprefix(f"line {error.line}: "), error.line)
    if isinstance(error, ShapeError):
        return ShapeError(message if message.startswith("line ") or line is None else f"line {line}: {message}")
    if isinstance(error, RecursionError):
        message = "nested too deeply to be read"
    return ReadError(message, line)


class Exhausted(ReadError):
    """One statement of the text takes too many steps; what it was doing is given up as a whole."""


class Refused(ReadError):
    """Nothing is known after this: the statement cannot be given up alone, and the text is refused here."""


def refused(error: SymbackError) -> Refused:
    """Return an error as one after which nothing is known."""
    if isinstance(error, Refused):
        return error
    line = getattr(error, "line", None)
    return Refused(str(error).removeprefix(f"line {line}: "), line)


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
        return "a list" if isinstance(value, list) else f"a {type(value).__name__}"
    if isinstance(value, PLAIN) or value is None:
        return short(value)
    if isinstance(value, str):
        return "a text"
    return "this object"
