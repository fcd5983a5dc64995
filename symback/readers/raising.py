"""Arithmetic that raises an exception where a handler of the text may catch it.

Python's own numbers raise where they are divided by zero, or grow too large; those of NumPy and PyTorch answer with inf or nan.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ValueProblem
from symback.core.forms import Form, SizeOf, names_in, walk
from symback.engine.interpreter import evaluate
from symback.library.limits import DEEPEST_FORM
from symback.readers.asking import Reader
from symback.readers.plain_operations import number_binary
from symback.readers.plain_values import OPERATOR_SIGNS, as_python, is_real, resolved


def check_operator(reader: Reader, op: ast.operator, left: Any, right: Any) -> None:
    """Raise what ``left op right`` of two numbers raises; refuse it where it depends on whose numbers they are."""
    if not reader.trying or not isinstance(op, (ast.Div, ast.Pow)):
        return
    numbers = [resolved(reader, v) for v in (left, right)]
    if all(map(is_real, numbers)):
        number_binary(op, numbers[0], numbers[1], reader.line)
        return
    forms = [reader.form(v) for v in (left, right)]
    if any(f.shape or reader.is_torch(f) for f in forms):
        return
    if isinstance(op, ast.Div):
        raises = _value(reader, forms[1]) == 0
    else:
        base, exponent = (_value(reader, f) for f in forms)
        raises = base is not None and exponent is not None and not _is_finite_power(base, exponent)
    if raises:
        raise ReadError(
            f"whether {OPERATOR_SIGNS[type(op)]} raises an exception here depends on whose numbers these are, "
            "which is not followed",
            reader.line,
        )


def check_math(reader: Reader, name: str, values: Sequence[Any]) -> None:
    """Raise what a function of ``math`` raises for numbers of any library."""
    if not reader.trying or not hasattr(math, name):
        return
    if reader.rows_alone:
        raise ReadError(f"whether math.{name} raises an exception is not read for all rows at once", reader.line)
    numbers = [_value(reader, reader.form(v)) if isinstance(v, Form) else v for v in values]
    if all(map(is_real, numbers)):
        with as_python(reader.line):
            getattr(math, name)(*numbers)


def _is_finite_power(base: float, exponent: float) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.isfinite(np.float64(base) ** np.float64(exponent)))


def _value(reader: Reader, form: Form) -> float | None:
    """Return what a number comes to with the data as they are, through the equations it is made of; None: not known."""
    found: dict[str, Any] = {}
    made_of, waiting = dict[str, Form](), [n.name for n in names_in(form)]
    while waiting:
        key = waiting.pop()
        if key in found:
            continue
        binding = reader.bindings[key]
        found[key] = binding.value
        if binding.form is not None:
            made_of[key] = binding.form
            waiting += [n.name for n in names_in(binding.form)]
        elif binding.value is None:
            return None
    if len(made_of) > DEEPEST_FORM or not _is_of_known_size([form, *made_of.values()]):
        return None
    try:
        with np.errstate(all="ignore"):
            for key in (k for k in reader.bindings if k in made_of):
                found[key] = evaluate(made_of[key], found)
            return float(evaluate(form, found))
    except (ArithmeticError, ValueError, TypeError, ValueProblem):
        return None


def _is_of_known_size(forms: Sequence[Form]) -> bool:
    return all(
        not isinstance(n, SizeOf) and all(isinstance(s, int) for s in n.shape) for form in forms for n in walk(form)
    )
