"""The functions users write formulas with: on Forms they give Forms, on SymPy expressions SymPy functions.

Every row of the tables is here by its name (``sigmoid``, ``softmax``, ``mse``, …) and by PyTorch's (``logsigmoid``,
``mse_loss``); NumPy's names are here as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy as sp

from symback.core import forms
from symback.core.errors import NetworkError, nearest
from symback.core.forms import Form, Function, apply, as_form
from symback.functions import ALIASES, ROWS, edition, row_called
from symback.functions.losses import DOMAINS

_SYMPY = {
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "sin": sp.sin,
    "cos": sp.cos,
    "tanh": sp.tanh,
    "absolute": sp.Abs,
    "maximum": sp.Max,
    "minimum": sp.Min,
    "sign": sp.sign,
    "erf": sp.erf,
}
ELEMENTARY = ("exp", "log", "sqrt", "sin", "cos")
"""The functions that definitions are made of; no row defines them."""
_SHORT = {"abs": "absolute"}


def _is_sympy(values: tuple[Any, ...]) -> bool:
    return any(isinstance(v, sp.Basic) for v in values) and not any(isinstance(v, Form) for v in values)


@lru_cache(maxsize=256)
def sympy_function(name: str, options: tuple[tuple[str, Any], ...] = ()) -> Any:
    """Return the SymPy Function class of a row; ``sb.network`` reads it back as the row, with these ``options``."""
    return type(name, (sp.Function,), {"__doc__": f"The function {name} of symback's tables.", "options": options})


def _of_symbols(name: str, arguments: tuple[Any, ...], parameters: dict[str, Any]) -> Any:
    """Return a call on SymPy expressions, its arguments and options checked as those of a call on Forms are."""
    row = ROWS.get(name)
    if row is None:
        return sympy_function(name)(*arguments)
    options = tuple(sorted(parameters.items()))
    try:
        hash(options)
    except TypeError:
        raise NetworkError(
            f"an option of {name} is an array, which a SymPy expression cannot hold; build with Forms"
        ) from None
    if row.inline:
        row(
            *[
                forms.name(f"_{k}", ("_m", "_n") if getattr(a, "is_Matrix", False) else ())
                for k, a in enumerate(arguments)
            ],
            **parameters,
        )
    return sympy_function(name, options)(*arguments)


def _entrywise(name: str) -> Callable[..., Any]:
    def function(*arguments: Any, **parameters: Any) -> Any:
        if _is_sympy(arguments):
            row = ROWS.get(name)
            if parameters or (row is not None and row.inline):
                return _of_symbols(name, arguments, parameters)
            made = _SYMPY.get(name) or sympy_function(name)
            if any(getattr(a, "is_Matrix", False) for a in arguments):
                variable = sp.Dummy("v")
                return arguments[0].applyfunc(sp.Lambda(variable, made(variable, *arguments[1:])))
            return made(*arguments)
        if name in ELEMENTARY:
            return apply(name, *[as_form(a) for a in arguments])
        return ROWS[name](*arguments, **parameters)

    row = ROWS.get(name)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _documentation(name, row)
    return function


def _documentation(name: str, row: Function | None) -> str:
    if row is None or row.definition is None:
        return f"Return {name} of a Form, entry by entry, or of a SymPy expression."
    try:
        text = f"{row.title or name}: {row.definition(*[forms.name(a) for a in row.argument_names[: row.arguments]])}"
    except Exception:  # a definition along an axis has no scalar text
        text = row.title or name
    extra = [f"Kinks: {row.kinks}." if row.kinks else "", f"Source: {row.source}" if row.source else ""]
    if row.inline and row.parameters:
        extra.append(f"Options: {', '.join(f'{k}={v!r}' for k, v in row.parameters.items())}.")
    extra += [f"The {argument} is {DOMAINS[domain]}." for argument, domain in row.domains.items()]
    return "\n\n".join([f"Return {text}.", *[e for e in extra if e]])


def public_names() -> dict[str, str]:
    """Return every name that ``operator`` knows, with the name of the function it stands for.

    >>> names = public_names()
    >>> names["relu"], names["mse_loss"], names["abs"]
    ('relu', 'mse', 'absolute')
    """
    short = {alias.rpartition(".")[2] for alias in ALIASES if alias.count(".") < 2}
    found = {name: row.name for name in sorted(short) if (row := row_called(name)) is not None}
    return {**found, **_SHORT, **{name: name for name in (*ROWS, *ELEMENTARY)}}


def operator(name: str) -> Callable[..., Any]:
    """Return the public function of that name; raises NetworkError for an unknown one."""
    return _operator(name, edition())


@lru_cache(maxsize=256)
def _operator(name: str, _edition: int) -> Callable[..., Any]:
    label = _SHORT.get(name, name)
    if label in ROWS or label in ELEMENTARY:
        return _entrywise(label)
    row = row_called(label)
    if row is not None:  # PyTorch's name of a row
        return _operator(row.name, _edition)
    raise NetworkError(f"there is no function {name}{nearest(name, [*ROWS, *ELEMENTARY])}")


def sum(a: Any, axis: Any = None, keepdims: bool = False) -> Form:
    """Return the sum of ``a`` over ``axis`` (None: all axes)."""
    return forms.reduce_over("sum", a, axis, keepdims)


def mean(a: Any, axis: Any = None, keepdims: bool = False) -> Form:
    """Return the mean of ``a`` over ``axis`` (None: all axes)."""
    return forms.reduce_over("mean", a, axis, keepdims)


def max(a: Any, axis: Any = None, keepdims: bool = False) -> Form:
    """Return the maximum of ``a`` over ``axis``; its derivative is shared evenly among ties."""
    return forms.reduce_over("max", a, axis, keepdims)


def min(a: Any, axis: Any = None, keepdims: bool = False) -> Form:
    """Return the minimum of ``a`` over ``axis``; its derivative is shared evenly among ties."""
    return forms.reduce_over("min", a, axis, keepdims)
