"""What becomes of each parameter of a library call: it is honoured, without effect on values, or refused by its name.

A meaning (a function of ``operations``, ``reductions`` or ``making``) declares by its own arguments what it honours: those
before its ``/`` are the first parameters of the library's signature in order, the others are options under one name for both
libraries. What it does not honour has to be at its default or stand in ``WITHOUT_EFFECT``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form
from symback.library import kinds
from symback.library.contract import Caller
from symback.library.paths import kind_of_type
from symback.library.signatures import REQUIRED, UNSAID, Call, is_type
from symback.library.values import Library

WITHOUT_EFFECT: Mapping[str, str] = {
    "device": "where an array lies changes no number",
    "layout": "a strided array holds the same numbers",
    "pin_memory": "a kind of memory",
    "non_blocking": "when a copy is made",
    "memory_format": "the order of an array in memory",
    "order": "the order of a new array in memory; functions that rearrange entries honour it",
    "subok": "the class of the result",
    "like": "the class of the result",
    "casting": "which types may be given; types that change numbers are refused by dtype",
    "optimize": "the order of a contraction",
    "copy": "whether memory is shared",
    "inplace": "whether the argument changes too, which whoever follows memory has to know",
    "requires_grad": "whether gradients are recorded",
    "force": "whether a copy is made",
    "_stacklevel": "a line of a warning",
    "sparse": "how a gradient is stored",
    "momentum": "how running statistics move on, which the result of the call does not show",
}
"""Parameters that change no value of the result, with the reason; the parameter sweep executes them."""

NEUTRAL: Mapping[str, Any] = {
    "where": True,
    "keepdims": False,
    **dict.fromkeys(("a_min", "a_max", "min", "max", "rounding_mode"), None),
}
"""Values of parameters without a stated default that say the same as leaving them out."""

ONE_NAME: Mapping[str, str] = {
    "dim": "axis",
    "keepdim": "keepdims",
    "train": "training",
    "p": "p",
}
"""Names of options that say the same, and the one under which meanings have them."""


@cache
def declared(build: Callable[..., Any]) -> tuple[tuple[inspect.Parameter, ...], tuple[str, ...]]:
    """Return the operands of a meaning and the names of its options; the first two arguments are the caller and the call."""
    found = list(inspect.signature(build).parameters.values())[2:]
    operands = tuple(p for p in found if p.kind is p.POSITIONAL_ONLY)
    return operands, tuple(p.name for p in found if p.kind is not p.POSITIONAL_ONLY)


def apply_meaning(caller: Caller, call: Call, build: Callable[..., Any]) -> Any:
    """Return what a meaning makes of a bound call, once every parameter of the call is accounted for."""
    operands, options = declared(build)
    order = [p for p in call.signature.parameters if p.kind in ("positional", "either", "many")]
    taken: list[Any] = []
    for own, theirs in zip(operands, order, strict=False):
        if theirs.name in call.given:
            taken.append(call.given[theirs.name])
        elif own.default is own.empty:
            raise ReadError(f"{call.written} without {theirs.name} cannot be read", caller.line)
        else:
            taken.append(own.default)
    names = {p.name for p in order[: len(operands)]}
    chosen: dict[str, Any] = {}
    for name, value in call.given.items():
        one = ONE_NAME.get(name, name)
        if name in names:
            continue
        if one in options:
            chosen[one] = value
        else:
            pass_over(caller, call, name, value)
    return of_said_type(caller, call, build(caller, call, *taken, **chosen))


def of_said_type(caller: Caller, call: Call, result: Any) -> Any:
    """Return a result as one of real numbers where ``dtype=`` says so."""
    said = call.given.get("dtype")
    if said is None or not isinstance(result, Form) or kind_of_type(said) != "float":
        return result
    return kinds.real(caller, result)


def pass_over(caller: Caller, call: Call, name: str, value: Any) -> None:
    """Return where a parameter that is not honoured changes nothing; raises ReadError, which names it, where it may."""
    if is_default(caller, call, name, value):
        return
    if name == "dtype" or (name == "type" and is_type(value)):
        kind = kind_of_type(value)
        if kind == "float":
            return
        raise ReadError(
            f"{call.written} with {name}={shown(value)} cannot be read: whole numbers and truth values have no derivative",
            caller.line,
        )
    if name in WITHOUT_EFFECT:
        return
    raise ReadError(f"{call.written} with {name}={shown(value)} cannot be read", caller.line)


def is_default(caller: Caller, call: Call, name: str, value: Any) -> bool:
    """Return whether a parameter is given the value that it has when it is left out."""
    default = next((p.default for p in call.signature.parameters if p.name == name), UNSAID)
    found = caller.constant(value, data=False) if isinstance(value, Form) else value
    if default is UNSAID or default is REQUIRED:
        default = NEUTRAL.get(name, UNSAID)
    if isinstance(default, Library) or isinstance(found, Library):
        return isinstance(found, Library) and isinstance(default, Library) and found.path == default.path
    if isinstance(found, Form) or type(found).__name__ == "ndarray" or (isinstance(value, Form) and found is None):
        return False
    if isinstance(found, bool) is not isinstance(default, bool):
        return False
    return bool(found == default)


def shown(value: Any) -> str:
    """Return a value of an option as a message writes it."""
    if isinstance(value, Library):
        return value.path.removeprefix("builtins.")
    text = repr(value)
    return text if len(text) <= 40 else "…"


def axes_of(caller: Caller, value: Any) -> Any:
    """Return an axis, a tuple of axes, or None for all."""
    if value is None:
        return None
    if isinstance(value, (tuple, list)):
        return tuple(caller.integer(v, "an axis") for v in value)
    return caller.integer(value, "an axis")


def switch(caller: Caller, call: Call, name: str, value: Any) -> bool:
    """Return an option that is on or off."""
    found = caller.constant(value, data=False)
    if isinstance(found, (bool, int)):
        return bool(found)
    raise ReadError(f"{name} of {call.written} has to be known from the code", caller.line)


def plain(caller: Caller, call: Call, name: str, value: Any) -> Any:
    """Return an option that is a number."""
    found = caller.constant(value, data=False)
    if isinstance(found, Form) or not hasattr(found, "__float__") or isinstance(found, bool):
        raise ReadError(f"{name} of {call.written} has to be a number known from the code", caller.line)
    caller.fix(value, f"{name} of {call.written}")
    return found
