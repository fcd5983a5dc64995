"""Conversions between plain values, and the methods of numbers, as CPython has them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.library.limits import LARGEST_INTEGER
from symback.library.values import Exact
from symback.readers.asking import Reader
from symback.readers.plain_operations import check_integer, number_binary
from symback.readers.plain_values import PythonError, as_python, is_real, no_attribute, python_number, type_name, whole

_LONGEST_NUMBER = LARGEST_INTEGER // 4
"""Most characters of a text that is read as a number."""


def whole_number(reader: Reader, value: Any, *base: Any) -> int:
    """Return ``int(value)`` or ``int(text, base)``: toward zero."""
    value = python_number(value)
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER:
            raise ReadError(f"a number of {len(value)} characters is too long", reader.line)
        with as_python(reader.line):
            return check_integer(int(value, *(whole(reader, b, "the base") for b in base)), reader.line)
    if base:
        raise PythonError(TypeError, "int() can't convert non-string with explicit base", reader.line)
    if not is_real(value):
        raise PythonError(
            TypeError, f"int() argument must be a string or a real number, not '{type_name(value)}'", reader.line
        )
    with as_python(reader.line):
        return check_integer(int(value), reader.line)


def real_number(reader: Reader, value: Any) -> float:
    """Return ``float(value)``."""
    value = python_number(value)
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        raise ReadError(f"a number of {len(value)} characters is too long", reader.line)
    if not isinstance(value, str) and not is_real(value):
        message = f"float() argument must be a string or a real number, not '{type_name(value)}'"
        raise PythonError(TypeError, message, reader.line)
    with as_python(reader.line):
        return value if isinstance(value, Exact) else float(value)


def rounded(reader: Reader, value: Any, digits: Any) -> Any:
    """Return ``round(value, digits)``: halves go to the even neighbour."""
    value = python_number(value)
    if not is_real(value):
        raise PythonError(TypeError, f"type {type_name(value)} doesn't define __round__ method", reader.line)
    with as_python(reader.line):
        if digits is None:
            return check_integer(round(value), reader.line)
        places = whole(reader, digits, "the number of digits")
        if abs(places) > 1000:
            raise ReadError("round to so many digits is not followed", reader.line)
        return round(value, places)


def quotient_and_rest(left: Any, right: Any, line: int | None) -> tuple[Any, Any]:
    """Return ``divmod(left, right)``."""
    left, right = python_number(left), python_number(right)
    if not (is_real(left) and is_real(right)):
        kinds = f"unsupported operand type(s) for divmod(): '{type_name(left)}' and '{type_name(right)}'"
        raise PythonError(TypeError, kinds, line)
    with as_python(line):
        return divmod(left, right)


def power(reader: Reader, base: Any, exponent: Any, modulus: Any = None) -> Any:
    """Return ``pow(base, exponent, modulus)`` of plain numbers."""
    values = [python_number(v) for v in (base, exponent, modulus)]
    if not all(v is None or is_real(v) for v in values):
        raise PythonError(TypeError, "unsupported operand type(s) for pow()", reader.line)
    if modulus is None:
        return number_binary(ast.Pow(), values[0], values[1], reader.line)
    with as_python(reader.line):
        return pow(*values)


def spelled_in(name: str) -> Callable[[Reader, Any], str]:
    """Return bin, oct, hex or chr."""
    compute: Callable[[int], str] = {"bin": bin, "oct": oct, "hex": hex, "chr": chr}[name]

    def build(reader: Reader, value: Any) -> str:
        number = whole(reader, value, f"the argument of {name}")
        with as_python(reader.line):
            return compute(number)

    return build


def code_point(reader: Reader, value: Any) -> int:
    """Return ``ord(value)``."""
    if not isinstance(value, str) or len(value) != 1:
        found = f"a text of {len(value)} characters" if isinstance(value, str) else type_name(value)
        raise PythonError(TypeError, f"ord() expected a character, but {found} found", reader.line)
    return ord(value)


# --- methods and attributes of numbers --------------------------------------------------------------------------------

_FLOAT: dict[str, Callable[[float], Any]] = {
    "is_integer": lambda v: v.is_integer(),
    "as_integer_ratio": lambda v: v.as_integer_ratio(),
    "conjugate": lambda v: v,
    "hex": lambda v: v.hex(),
}
_INT: dict[str, Callable[[int], Any]] = {
    "bit_length": lambda v: v.bit_length(),
    "bit_count": lambda v: v.bit_count(),
    "as_integer_ratio": lambda v: v.as_integer_ratio(),
    "conjugate": lambda v: int(v),
}
ATTRIBUTES: dict[str, Callable[[Any], Any]] = {
    "real": lambda v: int(v) if isinstance(v, int) else v,
    "imag": lambda v: 0 if isinstance(v, int) else 0.0,
    "numerator": int,
    "denominator": lambda v: 1,
}
"""Attributes of numbers; the last two are those of whole numbers alone."""
REFUSED = ("to_bytes", "from_bytes", "fromhex")


def methods_of_number(value: Any) -> Mapping[str, Callable[[Any], Any]]:
    """Return the methods of a number that are followed."""
    return _INT if isinstance(value, int) else _FLOAT


def method(reader: Reader, value: Any, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the result of a method of a number."""
    value = python_number(value)
    table = methods_of_number(value)
    if name in REFUSED:
        raise ReadError(f"the method {name} of a number is not followed", reader.line)
    if name not in table:
        raise no_attribute(value, name, reader.line, nearest(name, table))
    if args or keywords:
        raise PythonError(TypeError, f"{type_name(value)}.{name}() takes no arguments", reader.line)
    with as_python(reader.line):
        return table[name](value)
