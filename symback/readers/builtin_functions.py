"""Python's own functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from symback.core import forms
from symback.core.errors import ReadError
from symback.core.forms import Form, reduce_over
from symback.functions import ROWS
from symback.readers import modules
from symback.readers.asking import Reader
from symback.readers.limits import LARGEST_LIST
from symback.readers.making import short_items
from symback.readers.operations import single_item
from symback.readers.values import Count, Counting, Definition, Instance, Library, Prepared, Rows


def _length(reader: Reader, x: Any) -> Any:
    if isinstance(x, Form):
        if not x.shape:
            raise ReadError("a number has no len()", reader.line)
        return reader.shape_value(x)[0]
    if isinstance(x, Instance):
        return Count(len(reader.items_of(x)))
    return Count(len(x))


def _whole(reader: Reader, x: Any) -> Any:
    return math.floor(reader.constant(x))


def _range(reader: Reader, *ends: Any) -> Any:
    if len(ends) == 1 and isinstance(ends[0], forms.SizeOf):
        return Counting(ends[0].size)
    return range(*(reader.integer(e, "an end of range") for e in ends))


def _enumerate(reader: Reader, items: Any, start: Any = 0) -> list[Any]:
    if isinstance(items, Form) and items.shape and start == 0:
        return reader.numbered(items)
    found = reader.items_of(items)
    kind: Any = Rows if isinstance(found, (Rows, range)) else list
    first = reader.integer(start, "start")
    return kind((k + first, v) for k, v in enumerate(found[:LARGEST_LIST]))  # type: ignore[no-any-return]


def _extreme(name: str) -> Callable[..., Any]:
    def build(reader: Reader, *args: Any, **extra: Any) -> Any:
        items = list(short_items(reader, args[0])) if len(args) == 1 else list(args)
        if items and all(isinstance(v, (int, float)) for v in items):
            return (max if name == "maximum" else min)(items)
        total = reader.form(items[0])
        for item in items[1:]:
            total = ROWS[name](total, reader.form(item))
        return total

    return build


def _builtin_sum(reader: Reader, items: Any, start: Any = 0) -> Any:
    if isinstance(items, Form):
        return reduce_over("sum", items, 0)
    values = list(short_items(reader, items))
    if start == 0 and values:
        total = values[0]
        rest = values[1:]
    else:
        total, rest = start, values
    for item in rest:
        plain = isinstance(total, (int, float)) and isinstance(item, (int, float))
        total = total + item if plain else reader.made(reader.form(total) + reader.form(item))
    return total


def _round(reader: Reader, x: Any, digits: Any = None) -> Any:
    """Round a number; what is computed from arrays is refused, since its derivative is 0 wherever it has one."""
    if isinstance(x, Form) and forms.names_in(x):
        raise ReadError("round is a step function; nothing can be learned through it", reader.line)
    try:
        value = float(reader.constant(x))
    except (TypeError, ValueError):
        raise ReadError("round takes a number", reader.line) from None
    return round(value) if digits is None else round(value, int(reader.constant(digits)))


def _float(reader: Reader, x: Any) -> Any:
    if isinstance(x, str) and x.strip().lower().lstrip("+-") in ("inf", "infinity"):
        return -math.inf if x.strip()[0] == "-" else math.inf
    if isinstance(x, (int, float)):
        return float(x)
    return single_item(reader, x)


def _isinstance(reader: Reader, value: Any, kind: Any) -> bool:
    kinds = kind if isinstance(kind, (tuple, list)) else [kind]
    if isinstance(value, (Instance, Prepared)) and all(isinstance(k, (Library, Definition)) for k in kinds):
        own = value.definition.lineage() if isinstance(value, Instance) and value.definition else []
        label = value.kind if isinstance(value, Instance) else value.path.rpartition(".")[2].replace("_", "")
        return any(
            k in own
            if isinstance(k, Definition)
            else k.path.startswith("torch.nn.")
            and not own
            and k.path.rpartition(".")[2].lower() in (label.lower(), "module")
            for k in kinds
        )
    raise ReadError("isinstance cannot be decided here", reader.line)


def _set_attribute(reader: Reader, holder: Any, name: Any, value: Any) -> None:
    if not isinstance(holder, Instance) or not isinstance(name, str) or not name.isidentifier():
        raise ReadError("setattr is read for objects of the text and plain names", reader.line)
    modules.assign(reader, holder, name, value)


def _get_attribute(reader: Reader, holder: Any, name: Any) -> Any:
    if not isinstance(holder, Instance) or not isinstance(name, str) or not name.isidentifier():
        raise ReadError("getattr is read for objects of the text and plain names", reader.line)
    return modules.attribute(reader, holder, name)


def _next(reader: Reader, items: Any) -> Any:
    """Return the first of the items that an iterator has left, which it then has no more."""
    if not isinstance(items, list) or not items:
        raise ReadError("next is read for iter(...) of what the code lists", reader.line)
    return items.pop(0)


BUILTINS: dict[str, Callable[..., Any] | None] = {
    "slice": lambda reader, *ends: slice(
        *(None if e is None else reader.integer(e, "an end of a slice") for e in ends)
    ),
    "range": _range,
    "len": _length,
    "enumerate": _enumerate,
    "zip": lambda reader, *args, **extra: reader.zipped(args),
    "max": _extreme("maximum"),
    "min": _extreme("minimum"),
    "sum": _builtin_sum,
    "abs": None,
    "float": _float,
    "int": _whole,
    "list": lambda reader, *x: list(short_items(reader, x[0])) if x else [],
    "tuple": lambda reader, *x: tuple(short_items(reader, x[0])) if x else (),
    "reversed": lambda reader, x: short_items(reader, x)[::-1],
    "pow": lambda reader, a, b: reader.form(a) ** reader.form(b),
    "dict": lambda reader, **items: dict(items),
    "tqdm": lambda reader, x, **extra: x,
    "trange": _range,
    "print": lambda reader, *x, **extra: None,
    "isinstance": _isinstance,
    "iter": lambda reader, x: list(short_items(reader, x)),
    "next": lambda reader, x, *more: _next(reader, x),
    "setattr": lambda reader, holder, name, value: _set_attribute(reader, holder, name, value),
    "getattr": lambda reader, holder, name, *default: _get_attribute(reader, holder, name),
    "bool": lambda reader, x: bool(reader.constant(x)),
    "round": _round,
}
"""Python's own functions; None stands for a row of the tables."""
