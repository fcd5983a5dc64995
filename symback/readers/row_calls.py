"""Calls of the functions in the tables, with arguments spelled as NumPy or PyTorch spell them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from symback.core import forms
from symback.core.errors import NetworkError, ReadError, nearest
from symback.core.forms import Form, Function
from symback.functions import ALIASES, ROWS, edition
from symback.readers.asking import Reader
from symback.readers.paths import IGNORED, written
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
    if row is None:
        raise ReadError(f"nn.{name} is not known{nearest(name, LAYERS)}")
    known = {*row.parameters, *row.argument_names, *row.keywords}
    options = {k: v for k, v in held.items() if k in known and not isinstance(v, dict) and v is not None}
    for label, usual in (
        ("return_indices", False),
        ("label_smoothing", 0.0),
        ("ignore_index", -100),
        ("beta", 1),
        ("threshold", 20),
    ):
        if held.get(label, usual) != usual and label not in known:
            raise ReadError(f"nn.{name} with {label}={held[label]} cannot be read")
    if options.get("ignore_index") == -100:  # what every such object holds
        del options["ignore_index"]
    for label, buffer in held.get("_buffers", {}).items():
        if buffer is not None and label not in row.parameters:
            raise ReadError(f"nn.{name} with a {label} cannot be read")
        if buffer is not None:
            options[label] = reader.literal(np.asarray(buffer.detach()), torch=True)
    return Prepared(f"tables.{row.name}", options)


def prepared_options(name: str, args: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """Return the options that a class of ``torch.nn`` is given, by their names."""
    if args:
        row = class_rows()[name.lower()]
        labels = [*row.argument_names[1:], *row.parameters]
        if row.signature:
            labels = list(row.signature[row.arguments :])
        if len(args) > len(labels) and isinstance(args[-1], bool):
            args = args[:-1]  # inplace
        if len(args) > len(labels):
            raise ReadError(f"nn.{name} takes its options by name")
        return {**dict(zip(labels, args, strict=False)), **keywords}
    return dict(keywords)


_WEIGHTS = ("weight", "pos_weight")
"""Options of losses that are arrays."""

_IGNORED_CLASS = -100
"""The class index that PyTorch leaves out of a loss unless told otherwise; a formula speaks of it where the data have it.
https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"""


def call_row(reader: Reader, row: Function, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Apply a row of the tables to arguments spelled as NumPy or PyTorch spell them."""
    given = _by_label(reader, row, args, keywords)
    names = [*row.argument_names]
    operands: list[Any] = []
    optional = row.arguments - sum(default is None for default in row.defaults)
    for position, label in enumerate(names[: row.arguments]):
        if label in given:
            operands.append(given.pop(label))
        elif row.one_sided is not None or position >= optional:
            operands.append(None)
    parameters = _parameters(reader, row, given)
    if row.one_sided is not None and None in operands:
        return _one_sided(reader, row.one_sided, operands)
    built = [None if v is None and k >= optional else reader.form(v) for k, v in enumerate(operands)]
    if built and built[0] is not None:
        _look_at_first(reader, row, built[0], parameters)
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
        if key not in IGNORED:
            given[key if key in row.parameters else aliases.get(key, key)] = value
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


def _look_at_first(reader: Reader, row: Function, first: Form, parameters: dict[str, Any]) -> None:
    """Remember what a loss takes as logits or probabilities; refuse an axis that PyTorch would guess."""
    if row.takes:
        reader.logits.append((reader.line, first, row.name))
    unsaid = row.guesses_axis and "axis" not in parameters
    if unsaid and first.ndim == 3 and reader.is_torch(first):
        raise ReadError(f"{row.name} of an array with three axes needs dim=", reader.line)


def _put_reduction(reader: Reader, given: dict[str, Any]) -> None:
    """Write PyTorch's two old options of a loss as its reduction."""
    old = {k: given.pop(k) for k in ("size_average", "reduce") if k in given}
    chosen = {k: reader.constant(v) for k, v in old.items() if v is not None}
    if chosen:
        mean, one = bool(chosen.get("size_average", True)), bool(chosen.get("reduce", True))
        given["reduction"] = "none" if not one else "mean" if mean else "sum"


def _one_sided(reader: Reader, make: Callable[..., Form], operands: list[Any]) -> Form:
    try:
        return make(*[None if v is None else reader.form(v) for v in operands])
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
