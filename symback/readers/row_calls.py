"""Calls of the functions in the tables, with arguments spelled as NumPy or PyTorch spell them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

import numpy as np

from symback.core import forms
from symback.core.errors import NetworkError, ReadError, nearest
from symback.core.forms import Form, Function
from symback.functions import ALIASES, ROWS, edition
from symback.readers import clamping
from symback.readers.asking import Reader
from symback.readers.parameters import ONE_NAME, WITHOUT_EFFECT, of_said_type, pass_over
from symback.readers.paths import written
from symback.readers.reductions import array
from symback.readers.signatures import REQUIRED, UNSAID, Call, Parameter, Signature, bind, signatures
from symback.readers.torch_layers import LAYERS, per_channel
from symback.readers.values import Prepared


def row_of(path: str) -> Function | None:
    """Return the row of the tables that a path names."""
    module, _, name = path.rpartition(".")
    if module == "tables":
        return ROWS[name]
    if module == "builtins":
        return ALIASES.get(name)
    if module == "torch.nn":
        return class_rows().get(name.lower())
    if module == "method":
        return method_rows().get(name)
    return ALIASES.get(path) or ALIASES.get(written(path)) or ALIASES.get("np." + name if module == "numpy" else path)


def class_rows() -> dict[str, Function]:
    """Return the rows by the name of their class in torch.nn: ``BCEWithLogitsLoss`` is bce_with_logits.

    A class whose objects hold a weight is not its function.
    """
    found: dict[str, Function] = {}
    for name, row in ROWS.items():
        if "weight" in row.argument_names or "weight" in row.keywords:
            continue
        plain = name.replace("_", "")
        found[plain] = row
        found[plain + "loss"] = row
    return found


def activation_names() -> frozenset[str]:
    """Return the names under which code calls rows that textbooks cut out into an equation."""
    return _activation_names(edition())


@lru_cache(maxsize=1)
def _activation_names(_edition: int) -> frozenset[str]:
    aliases = {alias.rpartition(".")[2]: row for alias, row in ALIASES.items()}
    return frozenset(name for names in (ROWS, aliases) for name, row in names.items() if not row.elementary)


def method_rows() -> Mapping[str, Function]:
    """Return the rows that are methods of arrays, by name: those with an alias of NumPy or PyTorch."""
    return _method_rows(edition())


@lru_cache(maxsize=1)
def _method_rows(_edition: int) -> Mapping[str, Function]:
    return {a.rpartition(".")[2]: r for a, r in ALIASES.items() if a.startswith(("torch.", "np."))}


def prepared_class(reader: Reader, name: str, held: dict[str, Any]) -> Prepared:
    """Return a live object of ``torch.nn`` that is a row of the tables, with the options it holds."""
    row = class_rows().get(name.lower())
    forms_ = signatures(f"torch.nn.{name}")
    if row is None or not forms_:
        raise ReadError(f"nn.{name} is not known{nearest(name, LAYERS)}")
    given = {p.name: held[p.name] for p in forms_[0].parameters if p.name in held}
    options = _of_class(reader, row, Call(f"torch.nn.{name}", forms_[0], given))
    for label, buffer in held.get("_buffers", {}).items():
        if buffer is not None and label not in row.parameters:
            raise ReadError(f"nn.{name} with a {label} cannot be read")
        if buffer is not None:
            options[label] = reader.literal(np.asarray(buffer.detach()), torch=True)
    return Prepared(f"tables.{row.name}", options, name)


def prepared(reader: Reader, name: str, args: list[Any], keywords: dict[str, Any]) -> Prepared:
    """Return the object that a class of ``torch.nn`` makes which is a row of the tables, with its options."""
    row = class_rows()[name.lower()]
    options = _of_class(reader, row, bind(reader, f"torch.nn.{name}", args, keywords))
    return Prepared(f"tables.{row.name}", options, name)


def call_prepared(reader: Reader, made: Prepared, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Return the result of calling an object of ``torch.nn``, whose options were said when it was made."""
    call = bind(reader, f"torch.nn.{made.kind}.forward", args, keywords)
    operands = [call.given[p.name] for p in call.signature.parameters if p.name in call.given]
    row = ROWS[made.path.removeprefix("tables.")]
    return _applied(reader, row, {**dict(zip(row.argument_names, operands, strict=False)), **made.keywords})


def _of_class(reader: Reader, row: Function, call: Call) -> dict[str, Any]:
    """Return the options of a class of ``torch.nn`` by the labels of its row; what the row does not know has to be usual."""
    return _labelled(reader, row, call, labels_of(row, call.signature, of_class=True))


_WEIGHTS = ("weight", "pos_weight")
"""Options of losses that are arrays."""

_IGNORED_CLASS = -100
"""The class index that PyTorch leaves out of a loss unless told otherwise; a formula speaks of it where the data have it.
https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"""


def call_row(reader: Reader, row: Function, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Apply a row of the tables to arguments by the row's own labels."""
    return _applied(reader, row, _by_label(reader, row, args, keywords))


def call_bound_row(reader: Reader, row: Function, call: Call) -> Form:
    """Apply a row of the tables to a call that is bound to the signature of its library."""
    given = _labelled(reader, row, call, labels_of(row, call.signature))
    for label in row.argument_names[: row.arguments]:
        if isinstance(given.get(label), (list, tuple)):
            given[label] = array(reader, call, given[label])
    if given.get("axis", 0) is None and call.path.startswith("scipy"):
        if reader.form(given[row.argument_names[0]]).ndim != 1:
            raise ReadError(f"{call.written} with axis=None runs over all axes together; say axis=", reader.line)
        given["axis"] = 0
    if row.one_sided is not None and not call.torch and all(v is None for v in list(given.values())[1:]):
        return array(reader, call, given[row.argument_names[0]])  # np.clip without a bound
    return cast(Form, of_said_type(reader, call, _applied(reader, row, given)))


_OLD = ("size_average", "reduce")
"""Two old options of PyTorch's losses, which say the reduction."""


def labels_of(row: Function, signature: Signature, of_class: bool = False) -> dict[str, str]:
    """Return the labels of a row by the names that a library has for them; the first operands match by their place."""
    own = {*row.argument_names[: row.arguments], *row.parameters, *(_OLD if "reduction" in row.parameters else ())}
    found: dict[str, str] = {}
    for p in signature.parameters:
        one = ONE_NAME.get(p.name, p.name)
        label = row.keywords.get(p.name, p.name if p.name in own else one)
        if label in own:
            found[p.name] = label
    places = [] if of_class else [p.name for p in signature.parameters if p.kind in ("positional", "either")]
    for name, label in zip(places, row.argument_names[: row.arguments], strict=False):
        if name not in found and label not in found.values():
            found[name] = label
    return found


def _labelled(reader: Reader, row: Function, call: Call, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return what a call gives by the labels of the row, with the library's defaults where the row has others."""
    given: dict[str, Any] = {}
    for p in call.signature.parameters:
        label = labels.get(p.name)
        value = call.given.get(p.name, _usual(row, p, label))
        if value is UNSAID:
            continue
        if label is None:
            pass_over(reader, call, p.name, value)
        elif label == "ignore_index" and reader.constant(value) == _IGNORED_CLASS:
            continue
        elif label in given and value is not None:
            raise ReadError(f"{call.written} is given {label} twice", reader.line)
        elif label not in given:
            given[label] = value
    free = {p.name for p in call.signature.parameters}
    for name, value in call.given.items():
        if name not in free:
            pass_over(reader, call, name, value)
    return given


def _usual(row: Function, parameter: Parameter, label: str | None) -> Any:
    """Return the library's default of a parameter where the row's own is another; nothing where they agree."""
    default = parameter.default
    if (
        label is None
        or label not in row.parameters
        or default in (UNSAID, REQUIRED, ())
        or default == row.parameters[label]
    ):
        return UNSAID
    return default if default is not None or label == "axis" else UNSAID


def _applied(reader: Reader, row: Function, given: dict[str, Any]) -> Form:
    """Apply a row of the tables to what a call gives by the row's labels."""
    names = [*row.argument_names]
    operands: list[Any] = []
    optional = row.arguments - sum(default is None for default in row.defaults)
    for position, label in enumerate(names[: row.arguments]):
        if label in given:
            operands.append(given.pop(label))
        elif row.one_sided is not None or position >= optional:
            operands.append(None)
        elif position >= row.arguments - len(row.defaults):
            operands.append(row.defaults[position - row.arguments + len(row.defaults)])
    if given.get("axis", 0) is None:
        given["axis"] = _guessed_axis(reader, row, operands[0])
    parameters = _parameters(reader, row, given)
    if row.one_sided is not None and None in operands:
        return _one_sided(reader, row.one_sided, operands)
    built = [None if v is None and k >= optional else reader.form(v) for k, v in enumerate(operands)]
    if row.takes and built and built[0] is not None:
        reader.logits.append((reader.line, built[0], row.name))
    clamping.note(reader, row, built, parameters)
    if parameters.get("ignore_index") is None and "ignore_index" in row.parameters and built[-1] is not None:
        indices = reader.known(built[-1])
        if indices is not None and np.any(np.asarray(indices) == _IGNORED_CLASS):
            parameters["ignore_index"] = _IGNORED_CLASS
    if row.per_channel and built[0] is not None and built[1] is not None:
        built[1] = per_channel(built[1], built[0])
    try:
        made = (
            row(**dict(zip(names, built, strict=False)), **parameters) if row.signature else row(*built, **parameters)
        )
    except NetworkError as error:
        raise ReadError(str(error), reader.line) from None
    plain, required = forms.without_requirements(made)
    if required:
        reader.requirements.append((plain, required))
    return plain


def _by_label(reader: Reader, row: Function, args: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """Return what a call gives by the labels of the row."""
    aliases = {**row.keywords, "input": row.argument_names[0], "other": row.argument_names[-1]}
    given: dict[str, Any] = {}
    for key, value in keywords.items():
        label = key if key in row.parameters else aliases.get(key, ONE_NAME.get(key, key))
        if label not in WITHOUT_EFFECT or label in row.parameters:
            given[label] = value
    order = row.signature or (*row.argument_names[: row.arguments], *row.parameters)
    if len(args) > len(order):
        raise ReadError(f"{row.name} takes {row.arguments} argument(s), {len(args)} given", reader.line)
    twice = [label for label, _ in zip(order, args, strict=False) if label in given]
    if twice:
        raise ReadError(f"{row.name} is given {twice[0]} twice", reader.line)
    return {**given, **dict(zip(order, args, strict=False))}


def _parameters(reader: Reader, row: Function, given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call of a row, from what is left when its operands are taken."""
    if "reduction" in row.parameters:
        _put_reduction(reader, given)
    names = row.argument_names
    unknown = [k for k, v in given.items() if k not in names and k not in row.parameters and v is not None]
    if unknown:
        hint = nearest(unknown[0], [*row.parameters, *names])
        raise ReadError(f"{row.name} has no parameter {', '.join(unknown)}{hint}", reader.line)
    parameters = {
        k: reader.form(v) if k in _WEIGHTS and v is not None else _parameter(reader, k, v)
        for k, v in given.items()
        if k not in names
    }
    left_over = [k for k in given if k in names]
    if left_over:
        raise ReadError(f"{row.name} is given {left_over[0]} twice", reader.line)
    return parameters


def _guessed_axis(reader: Reader, row: Function, x: Any) -> int:
    """Return the axis that PyTorch takes where a call does not say it; for three axes it would be the first.

    Source: https://docs.pytorch.org/docs/stable/_modules/torch/nn/functional.html#softmax, _get_softmax_dim
    """
    rank = reader.form(x).ndim
    if rank == 3:
        raise ReadError(f"{row.name} of an array with three axes needs dim=", reader.line)
    return 0 if rank < 2 else 1


def _put_reduction(reader: Reader, given: dict[str, Any]) -> None:
    """Write PyTorch's two old options of a loss as its reduction."""
    old = {k: given.pop(k) for k in ("size_average", "reduce") if k in given}
    chosen = {k: reader.constant(v) for k, v in old.items() if v is not None}
    if chosen:
        mean, one = bool(chosen.get("size_average", True)), bool(chosen.get("reduce", True))
        given["reduction"] = "none" if not one else "mean" if mean else "sum"


def _one_sided(reader: Reader, make: Callable[..., Form], operands: list[Any]) -> Form:
    x, *bounds = [None if v is None else reader.form(v) for v in operands]
    low, high = (*bounds, None, None)[:2]
    bound = low if low is not None else high
    try:
        if (
            x is not None and bound is not None and bound.shape and reader.is_torch(x)
        ):  # 1 where it is met, as of a clip
            return forms.where(x < bound if low is not None else x > bound, bound, x)
        return make(x, *bounds)
    except NetworkError as error:
        raise ReadError(str(error), reader.line) from None


def _parameter(reader: Reader, name: str, value: Any) -> Any:
    if name == "axis":
        return reader.integer(value, "an axis")
    if name == "keepdims":
        return bool(value)
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, (tuple, list)):
        return tuple(_parameter(reader, name, v) for v in value)
    found = reader.constant(value)
    if isinstance(found, (bool, int, float)):
        return found
    if found is None or not hasattr(found, "numerator"):
        raise ReadError(f"{name} has to be known from the code", reader.line)
    return float(found)
