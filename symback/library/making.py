"""The making of arrays: of the numbers and formulas of a text, filled and counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.errors import ReadError
from symback.core.forms import Form, Name, filled, shape_text
from symback.library.contract import Caller
from symback.library.kinds import as_truth, kind_of
from symback.library.kinds import typed as cast_to
from symback.library.limits import LARGEST_ARRAY, LARGEST_LIST, LARGEST_STACK
from symback.library.parameters import pass_over, shown, switch
from symback.library.paths import kind_of_type, type_name
from symback.library.plain_numbers import numbers
from symback.library.signatures import Call
from symback.library.values import Counting


def sizes_of(caller: Caller, values: Sequence[Any]) -> tuple[Any, ...]:
    """Return a shape from arguments: ``(2, 3)`` or ``2, 3``; a symbolic size stays one."""
    given = values[0] if len(values) == 1 and isinstance(values[0], (tuple, list)) else values
    found: list[Any] = []
    for value in given:
        if isinstance(value, forms.SizeOf):
            found.append(value.size)
            continue
        length = caller.integer(value, "a size")
        if length < 0:
            raise ReadError(f"a size cannot be {length}", caller.line)
        caller.sized(value, length)
        found.append(length)
    count = math.prod(s for s in found if isinstance(s, int))
    if count > LARGEST_ARRAY:
        raise ReadError(f"an array of shape {shape_text(tuple(found))} is too large", caller.line)
    return tuple(found)


def _array(caller: Caller, call: Call) -> Any:
    """Read np.array, torch.tensor, nn.Parameter and their like."""
    given = dict(call.given)
    label = call.signature.parameters[0].name
    if label not in given:
        raise ReadError(f"{call.written} without data cannot be read", caller.line)
    value = given.pop(label)
    said = given.pop("dtype", None)
    kind = _kind(caller, call, said)
    least = caller.integer(given.pop("ndmin", 0), "ndmin")
    trainable = _trains(caller, call, given)
    for name, option in given.items():
        pass_over(caller, call, name, option)
    made = _made_of(caller, call, value, kind, trainable)
    if isinstance(made, Form) and said is not None and kind_of_type(said) == "float" and kind_of(caller, made) != "f":
        made = cast_to(made, "f")
    if isinstance(made, Form) and made.ndim < least:
        return forms.expand(made, range(least - made.ndim))
    return made


def _kind(caller: Caller, call: Call, dtype: Any) -> str:
    """Return the type that a call gives its array: empty for the usual one."""
    if dtype is None:
        return ""
    if not kind_of_type(dtype):
        raise ReadError(f"{call.written} with dtype={shown(dtype)} cannot be read", caller.line)
    return type_name(dtype)


def _trains(caller: Caller, call: Call, given: dict[str, Any]) -> bool:
    """Return whether the array wants gradients: where the call says so, and every nn.Parameter."""
    usual = next((p.default for p in call.signature.parameters if p.name == "requires_grad"), False)
    return switch(caller, call, "requires_grad", given.pop("requires_grad", usual))


def typed(numbers_: Any, kind: str) -> np.ndarray:
    """Return numbers in a type as NumPy converts them: whole numbers are cut toward zero, truth values are 0 or 1."""
    array = np.asarray(numbers_)
    if not kind:
        return array
    if kind_of_type(kind) == "float":
        return array if array.dtype.kind == "f" else array.astype(float)
    target = np.dtype({"long": "int64", "short": "int16", "LongTensor": "int64"}.get(kind, kind))
    return array.astype(target)


def _made_of(caller: Caller, call: Call, value: Any, kind: str, trainable: bool) -> Any:
    """Return the array of what a call is given: data, an array that is there, or a list of formulas."""
    torch, name = call.torch, call.name
    if isinstance(value, Form) and kind_of_type(kind or "float") != "float":
        return _converted(caller, call, value, kind)
    if isinstance(value, Form) and name == "Parameter" and not caller.is_literal(value):
        # it is a leaf, whatever its first numbers were computed from
        return caller.literal(caller.known(value), shape=value.shape, torch=True, trainable=trainable)
    if isinstance(value, Name) and not caller.bindings[value.name].anonymous:
        binding = caller.bindings[value.name]
        if binding.listed and binding.form is not None:  # from here on it has arithmetic
            return caller.equation(binding.base, value, local=True, passing=True)
        if name in ("as_tensor", "asarray", "from_numpy") and caller.is_torch(value):
            return value
        if binding.form is None and (
            name in ("tensor", "from_numpy", "as_tensor", "Tensor", "FloatTensor", "Parameter", "Variable")
            or binding.listed
        ):
            return caller.literal(
                binding.value, shape=value.shape, torch=torch, trainable=trainable, random=binding.random
            )
        return caller.detached(value) if name == "tensor" and caller.is_torch(value) else value
    if isinstance(value, Form):
        binding_ = caller.bindings[value.name] if isinstance(value, Name) else None
        if binding_ is not None:
            binding_.trainable |= trainable
            binding_.torch |= torch
            return value
        if caller.is_literal(value):
            random = any(caller.bindings[n.name].random for n in forms.names_in(value))
            return caller.literal(
                caller.known(value), shape=value.shape, torch=torch, trainable=trainable, random=random
            )
        return value
    if isinstance(value, (list, tuple)) and _holds_forms(value):
        if kind_of_type(kind or "float") != "float":
            raise ReadError(f"{call.written} of formulas with dtype={kind} has no derivative", caller.line)
        return _array_of_forms(caller, value, torch, trainable)
    return caller.literal(typed(_numbers_of(caller, call, value), kind), torch=torch, trainable=trainable)


def _converted(caller: Caller, call: Call, value: Form, kind: str) -> Form:
    """Return an array in a type of whole numbers or truth values: where its numbers are known, or it changes nothing."""
    if kind_of_type(kind) == "bool":
        return as_truth(caller, value)
    known = caller.known(value)
    same = known is not None and np.array_equal(typed(known, kind), np.asarray(known))
    if caller.is_literal(value) or (same and isinstance(value, Name)):
        return caller.literal(typed(known, kind), torch=call.torch)
    raise ReadError(f"{call.written} with dtype={kind} of a computed array has no derivative", caller.line)


def _numbers_of(caller: Caller, call: Call, value: Any) -> np.ndarray:
    if isinstance(value, range):
        value = list(short_items(caller, value))
    if isinstance(value, (bool, int, float)) or hasattr(value, "numerator"):
        return np.array(float(value) if not isinstance(value, (bool, int)) else value)
    array = numbers(list(value)) if isinstance(value, (list, tuple)) else None
    if array is None:
        raise ReadError(f"{call.written} needs rows of numbers of equal length", caller.line)
    return array


def _size(caller: Caller, value: Any) -> Any:
    """Return a size that has a name as the number; any other value as it is."""
    found = caller.constant(value, data=False) if isinstance(value, Form) and not value.shape else None
    return value if found is None else found


def _tensor(caller: Caller, call: Call) -> Any:
    """Read the old ``torch.Tensor``: of sizes an array without values, of data these as real numbers."""
    data = [d.item() if hasattr(d, "item") else d for d in (_size(caller, d) for d in call.given["data"])]
    if data and all(isinstance(a, int) and not isinstance(a, bool) for a in data):
        return caller.literal(None, shape=sizes_of(caller, data), torch=True)
    if len(data) != 1:
        raise ReadError(f"{call.written} takes sizes, or data", caller.line)
    kind = "int64" if call.name == "LongTensor" else ""
    return _made_of(caller, call, data[0], kind, False)


def _holds_forms(values: Sequence[Any], depth: int = 0) -> bool:
    return depth < 16 and any(
        isinstance(v, Form) or (isinstance(v, (list, tuple)) and _holds_forms(v, depth + 1)) for v in values
    )


def _array_of_forms(caller: Caller, values: Sequence[Any], torch: bool, trainable: bool) -> Form:
    """Read ``np.array([x, y])`` of named numbers or rows."""

    def nested(value: Any) -> Form:
        return forms.stack([nested(v) for v in value]) if isinstance(value, (list, tuple)) else caller.form(value)

    if len(values) > LARGEST_STACK:
        raise ReadError(f"an array of {len(values)} formulas is too large", caller.line)
    made = nested(values)
    if caller.is_literal(made):
        return caller.literal(caller.known(made), shape=made.shape, torch=torch, trainable=trainable)
    return caller.detached(made) if torch and caller.is_torch(made) else made


def _is_formula(caller: Caller, value: Any) -> bool:
    """Return whether a number of the text is a formula of the network, or an input that has a name."""
    return (
        isinstance(value, Form) and not value.shape and not caller.is_literal(value) and kind_of(caller, value) == "f"
    )


def _constant_array(value: float | None) -> Callable[..., Any]:
    def build(caller: Caller, call: Call) -> Form:
        given = dict(call.given)
        like = "like" in call.name
        first = given.pop(call.signature.parameters[0].name)
        kind = _kind(caller, call, given.pop("dtype", None))
        shape = sizes_of(caller, first if isinstance(first, (tuple, list)) else [first]) if not like else ()
        if like:
            prototype = caller.form(first)
            shape = prototype.shape
            kind = kind or {"i": "int64", "b": "bool", "n": "int16"}.get(kind_of(caller, prototype), "")
            if given.get("shape") is not None:
                shape = sizes_of(caller, [given.pop("shape")])
        fill = value
        if value is None:
            wanted = given.pop("fill_value")
            if _is_formula(caller, wanted) and not call.torch and not kind:
                for name, option in given.items():
                    pass_over(caller, call, name, option)
                return forms.broadcast_to(wanted, shape)
            fill = caller.constant(wanted, data=False)
            caller.fix(wanted, call.written)
            if not isinstance(fill, (int, float)) and not hasattr(fill, "numerator"):
                raise ReadError(f"{call.written} needs a number known from the code", caller.line)
        trainable = _trains(caller, call, given)
        for name, option in given.items():
            pass_over(caller, call, name, option)
        own = np.array(fill if value is None and not like and isinstance(fill, (bool, int)) else float(fill or 0))
        number = typed(own, kind)
        if all(isinstance(s, int) for s in shape) and (trainable or call.torch or number.dtype == bool):
            return caller.literal(np.full(shape, number), torch=call.torch, trainable=trainable)
        if number.dtype.kind in "iu" and kind and all(isinstance(s, int) for s in shape):
            return caller.literal(np.full(shape, number), torch=call.torch)
        plain = float(number)
        made = filled(int(plain) if plain.is_integer() else plain, shape)
        if number.dtype.kind == "i":
            return cast_to(made, "i")
        return made if shape else cast_to(made, "f")  # an array of no axes holds a real number, not one of Python's

    return build


def _plain_number(caller: Caller, call: Call, name: str, value: Any) -> Any:
    found = caller.constant(value, data=False)
    if isinstance(found, bool) or not (isinstance(found, (int, float)) or hasattr(found, "numerator")):
        raise ReadError(f"{call.written} needs numbers known from the code", caller.line)
    caller.fix(value, call.written)
    return found if isinstance(found, (int, float)) else float(found)


def _taken(caller: Caller, call: Call, names: Sequence[str]) -> tuple[dict[str, Any], str, bool]:
    """Return the numbers a call gives under some names, its type, and whether gradients are wanted; the rest is passed over."""
    given = dict(call.given)
    found = {n: _plain_number(caller, call, n, given.pop(n)) for n in names if given.get(n) is not None}
    kind = _kind(caller, call, given.pop("dtype", None))
    trainable = _trains(caller, call, given)
    for name, option in given.items():
        pass_over(caller, call, name, option)
    return found, kind, trainable


def _identity(caller: Caller, call: Call) -> Form:
    """Read eye and identity, with the number of columns and the diagonal."""
    found, kind, trainable = _taken(caller, call, ("N", "M", "k", "n", "m"))
    rows = int(found.get("N", found.get("n", 0)))
    columns = int(found.get("M", found.get("m", rows)))
    if rows < 0 or columns < 0 or rows * columns > LARGEST_ARRAY:
        raise ReadError(f"{call.written} of this size cannot be read", caller.line)
    made = typed(np.eye(rows, columns, int(found.get("k", 0))), kind)
    return caller.literal(made, torch=call.torch, trainable=trainable)


def _counted(caller: Caller, call: Call) -> Any:
    """Read arange: from start up to, without, its end."""
    first = call.given.get("start_or_stop", call.given.get("end"))
    if isinstance(first, forms.SizeOf) and len(call.given) == 1:
        return Counting(first.size)
    found, kind, trainable = _taken(caller, call, ("start_or_stop", "start", "stop", "end", "step"))
    ends = [found[n] for n in ("start_or_stop", "start", "stop", "end") if n in found]
    start, stop = (0, ends[0]) if len(ends) == 1 else ends
    step = found.get("step", 1)
    length = math.ceil((stop - start) / step) if step else LARGEST_ARRAY + 1
    if length > LARGEST_ARRAY:
        raise ReadError(f"{call.written} of {length} entries is too large", caller.line)
    whole = kind_of_type(kind or "float") == "int"
    if whole and not all(isinstance(v, int) for v in (start, stop, step)):
        raise ReadError(f"{call.written} of fractions with dtype={kind} cannot be read", caller.line)
    return caller.literal(typed(np.arange(start, stop, step), kind), torch=call.torch, trainable=trainable)


def _spaced(caller: Caller, call: Call) -> Form:
    """Read linspace: so many numbers from start to end, the end included unless ``endpoint`` says otherwise."""
    if call.given.get("retstep") is True:
        raise ReadError(f"{call.written} with retstep=True cannot be read", caller.line)
    end = switch(caller, call, "endpoint", call.given.get("endpoint", True))
    rest = {k: v for k, v in call.given.items() if k != "endpoint"}
    found, kind, trainable = _taken(
        caller, Call(call.path, call.signature, rest), ("start", "stop", "end", "num", "steps")
    )
    length = int(found.get("num", found.get("steps", 50)))
    if not 0 <= length <= LARGEST_ARRAY:
        raise ReadError(f"{call.written} of {length} entries cannot be read", caller.line)
    last = found["stop"] if "stop" in found else found["end"]
    made = np.linspace(found["start"], last, length, endpoint=end)
    if kind_of_type(kind or "float") == "int" and not call.torch:  # NumPy rounds down, PyTorch counts in whole numbers
        made = np.floor(made)
    elif kind_of_type(kind or "float") != "float":
        raise ReadError(f"{call.written} with dtype={kind} cannot be read", caller.line)
    return caller.literal(typed(made, kind), torch=call.torch, trainable=trainable)


def uninitialised(caller: Caller, call: Call) -> Form:
    """Read np.empty: an array whose numbers are not known before it is filled."""
    made = _constant_array(0.0)(caller, call)
    if isinstance(made, Name) and np.asarray(caller.bindings[made.name].value).dtype.kind in "iub":
        return made
    return caller.literal(None, shape=made.shape, torch=call.torch)


_LIBRARIES = ("numpy", "torch")

MAKERS: dict[str, Callable[[Caller, Call], Any]] = {
    **dict.fromkeys(
        (
            "numpy.array",
            "numpy.asarray",
            "numpy.asfarray",
            "torch.tensor",
            "torch.as_tensor",
            "torch.asarray",
            "torch.from_numpy",
            "torch.nn.Parameter",
            "torch.autograd.Variable",
        ),
        _array,
    ),
    **{f"torch.{name}": _tensor for name in ("Tensor", "FloatTensor", "DoubleTensor", "LongTensor")},
    **{
        f"{library}.{name}{like}": _constant_array(value)
        for library in _LIBRARIES
        for name, value in (("zeros", 0.0), ("ones", 1.0), ("full", None))
        for like in ("", "_like")
    },
    **{f"{library}.arange": _counted for library in _LIBRARIES},
    **{f"{library}.linspace": _spaced for library in _LIBRARIES},
    **dict.fromkeys(("numpy.eye", "numpy.identity", "torch.eye"), _identity),
}
"""What makes arrays, by path."""


def short_items(caller: Caller, items: Any) -> Any:
    """Return what a loop over ``items`` runs over, where it is not too long."""
    found = caller.items_of(items)
    if len(found) > LARGEST_LIST:
        raise ReadError(f"a list of {len(found)} entries is too long", caller.line)
    return found
