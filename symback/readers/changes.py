"""What calls that are made for their effect put into an array: ``x.clamp_(0)``, ``np.copyto(x, y)``, ``np.add.at(x, i, v)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.errors import ReadError, ShapeError
from symback.core.forms import Form, Name, filled, shape_text, where
from symback.library import kinds
from symback.library.kinds import as_condition
from symback.library.paths import written
from symback.readers import drawing, library_calls
from symback.readers.asking import Reader
from symback.readers.values import Method

_RESHAPING = frozenset(
    ["t_", "transpose_", "squeeze_", "unsqueeze_", "swapaxes_", "swapdims_", "resize_", "resize", "set_", "as_strided_"]
)
"""Methods that give the object itself another shape."""


def changed(reader: Reader, function: Any, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Return the new entries of an array that a call changes in place; raises ReadError where they cannot be said.

    ``function`` is a method of the array, or a function whose first argument or ``out=`` the array is.
    """
    path = function.name if isinstance(function, Method) else function.path
    name = path.rpartition(".")[2]
    out = keywords.get("out")
    target = function.value if isinstance(function, Method) and out is None else out if out is not None else args[0]
    value = reader.form(target[0] if isinstance(target, tuple) else target)
    rest = args if isinstance(function, Method) else args[1:]
    if out is not None:
        plain = {k: v for k, v in keywords.items() if k not in ("out", "where")}
        result = _fitting(reader, path, reader.form(reader.call(function, args, plain)), value)
        mask = keywords.get("where", True)
        return result if mask is True else where(_as_wide(reader, mask, value), result, value)
    if name in _RESHAPING:
        raise ReadError(
            f"{written(path)} gives the array another shape in place; write x = x.{name.rstrip('_')}(…)", reader.line
        )
    special = _SPECIAL.get(path, _SPECIAL.get(name)) if not path.startswith("torch.nn.init") else None
    if special is not None:
        return special(reader, written(path), value, rest, keywords)
    if drawing.is_random(path):
        return reader.form(drawing.changed(reader, path, None, args, keywords))
    if isinstance(function, Method) and drawing.is_filling(name):
        return reader.form(drawing.changed(reader, name, value, args, keywords))
    if not name.endswith("_"):
        raise ReadError(f"{written(path)} changes its array in a way that cannot be read", reader.line)
    return _fitting(
        reader, path, reader.form(library_calls.call_method(reader, value, name.rstrip("_"), rest, keywords)), value
    )


def _fitting(reader: Reader, path: str, result: Form, value: Form) -> Form:
    """Return a result as it is written into an array: repeated along the axes where it is shorter."""
    if result.shape == value.shape:
        return result
    try:
        return forms.broadcast_to(result, value.shape)
    except ShapeError:
        raise ReadError(
            f"{written(path)} gives shape {shape_text(result.shape)} to an array of {shape_text(value.shape)}",
            reader.line,
        ) from None


def _as_wide(reader: Reader, mask: Any, value: Form) -> Form:
    """Return the condition of ``where=`` over the whole array."""
    form = as_condition(reader.form(mask))
    return form if form.shape == value.shape else forms.broadcast_to(form, value.shape)


def _one(reader: Reader, what: str, rest: list[Any], keywords: Mapping[str, Any], *names: str) -> Any:
    """Return the only argument of a call besides the array, by its place or by one of its names."""
    said = [*rest, *(v for k, v in keywords.items() if k in names)]
    unknown = [k for k in keywords if k not in (*names, "non_blocking")]
    if unknown or len(said) != 1:
        raise ReadError(
            f"{what} with {unknown[0] + '=' if unknown else f'{len(said)} values'} cannot be read", reader.line
        )
    return said[0]


def _fill(reader: Reader, what: str, value: Form, rest: list[Any], keywords: Mapping[str, Any]) -> Form:
    given = reader.form(_one(reader, what, rest, keywords, "value"))
    known = reader.constant(given, data=False) if reader.is_literal(given) else None
    if isinstance(known, (int, float)):
        return filled(known, value.shape)
    return _fitting(reader, what, given, value)


def _zero(reader: Reader, what: str, value: Form, rest: list[Any], keywords: Mapping[str, Any]) -> Form:
    return filled(0, value.shape)


def _copy(reader: Reader, what: str, value: Form, rest: list[Any], keywords: Mapping[str, Any]) -> Form:
    return _fitting(reader, what, reader.form(_one(reader, what, rest, keywords, "src", "other")), value)


def _copyto(reader: Reader, what: str, value: Form, rest: list[Any], keywords: Mapping[str, Any]) -> Form:
    options = dict(keywords)
    mask = options.pop("where", True)
    options.pop("casting", None)
    new = _fitting(reader, what, reader.form(_one(reader, what, rest, options, "src")), value)
    return new if mask is True else where(as_condition(reader.form(mask)), new, value)


def _putmask(reader: Reader, what: str, value: Form, rest: list[Any], keywords: Mapping[str, Any]) -> Form:
    mask, new = _two(reader, what, rest, keywords, ("mask",), ("values", "vals"))
    if mask.shape != value.shape:
        raise ReadError(f"{what} needs a mask of the shape of its array", reader.line)
    if new.shape and (new.shape != value.shape or what.endswith("place")):
        if forms.element_count(new.shape) != 1:
            raise ReadError(f"{what} with several values cannot be read; use np.where", reader.line)
        new = forms.reshape(new, ())
    return where(as_condition(mask), new, value)


def _two(
    reader: Reader,
    what: str,
    rest: list[Any],
    keywords: Mapping[str, Any],
    one: tuple[str, ...],
    other: tuple[str, ...],
) -> tuple[Form, Form]:
    said = dict(enumerate(rest))
    for k, v in keywords.items():
        if k not in (*one, *other):
            raise ReadError(f"{what} with {k}= cannot be read", reader.line)
        said[0 if k in one else 1] = v
    if len(said) != 2:
        raise ReadError(f"{what} needs two values", reader.line)
    return reader.form(said[0]), reader.form(said[1])


def _fill_diagonal(reader: Reader, what: str, value: Form, rest: list[Any], keywords: Mapping[str, Any]) -> Form:
    given = reader.form(
        _one(reader, what, rest, {k: v for k, v in keywords.items() if v is not False}, "val", "fill_value")
    )
    if value.ndim != 2 or not all(isinstance(s, int) for s in value.shape) or given.shape:
        raise ReadError(f"{what} is read for a matrix of known size and one number", reader.line)
    rows, columns = (int(s) for s in value.shape)
    mask = reader.literal(np.eye(rows, columns, dtype=bool) & (np.arange(rows)[:, None] < columns))
    return where(as_condition(mask), given, value)


def _at(sign: str) -> Callable[..., Form]:
    def build(reader: Reader, what: str, value: Form, rest: list[Any], keywords: Mapping[str, Any]) -> Form:
        if keywords or len(rest) != 2:
            raise ReadError(f"{what} needs an index and values", reader.line)
        if isinstance(rest[0], tuple):
            raise ReadError(f"{what} is read for one index per row", reader.line)
        index, rows = reader.form(rest[0]), reader.form(rest[1])
        if index.ndim > 1 or (
            kinds.kind_of(reader, index) != "i" and reader.constant(index) is None and index.shape == ()
        ):
            raise ReadError(f"{what} is read for one index per row", reader.line)
        if kinds.kind_of(reader, index) == "b":
            raise ReadError(f"{what} by a condition cannot be read; write x[condition] {sign}= …", reader.line)
        index = index if index.ndim else forms.expand(index, [0])
        rows = _fitting(reader, what, rows, filled(0, (*index.shape, *value.shape[1:])))
        known = reader.known(index) if reader.is_literal(index) or isinstance(index, Name) else None
        if known is not None and isinstance(value.shape[0], int):
            wrapped = np.where(np.asarray(known) < 0, np.asarray(known) + value.shape[0], known)
            index = index if np.array_equal(wrapped, known) else reader.literal(wrapped)
        added = forms.scatter(rows, index, 0, value.shape)
        if sign == "-":
            return value - added
        zeros = reader.known(value) if not isinstance(value, Name) or reader.bindings[value.name].form is None else None
        return added if zeros is not None and not np.any(np.asarray(zeros)) else value + added

    return build


_SPECIAL: dict[str, Callable[..., Form]] = {
    "fill": _fill,
    "fill_": _fill,
    "zero_": _zero,
    "copy_": _copy,
    "numpy.copyto": _copyto,
    "numpy.putmask": _putmask,
    "numpy.place": _putmask,
    "numpy.fill_diagonal": _fill_diagonal,
    "fill_diagonal_": _fill_diagonal,
    "numpy.add.at": _at("+"),
    "numpy.subtract.at": _at("-"),
}
"""Functions and methods that put something else than their own result into the array."""
