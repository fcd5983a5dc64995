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
from symback.library import clamping
from symback.library.contract import Caller
from symback.library.parameters import ONE_NAME, WITHOUT_EFFECT, of_said_type, pass_over
from symback.library.paths import written
from symback.library.reductions import array
from symback.library.signatures import REQUIRED, UNSAID, Call, Parameter, Signature, bind
from symback.library.values import Prepared


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


def prepared(caller: Caller, name: str, args: list[Any], keywords: dict[str, Any]) -> Prepared:
    """Return the object that a class of ``torch.nn`` makes which is a row of the tables, with its options."""
    row = class_rows()[name.lower()]
    options = of_class_options(caller, row, bind(caller, f"torch.nn.{name}", args, keywords))
    return Prepared(f"tables.{row.name}", options, name)


def call_prepared(caller: Caller, made: Prepared, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Return the result of calling an object of ``torch.nn``, whose options were said when it was made."""
    call = bind(caller, f"torch.nn.{made.kind}.forward", args, keywords)
    operands = [call.given[p.name] for p in call.signature.parameters if p.name in call.given]
    row = ROWS[made.path.removeprefix("tables.")]
    return _applied(caller, row, {**dict(zip(row.argument_names, operands, strict=False)), **made.keywords})


def of_class_options(caller: Caller, row: Function, call: Call) -> dict[str, Any]:
    """Return the options of a class of ``torch.nn`` by the labels of its row; what the row does not know has to be usual."""
    return _labelled(caller, row, call, labels_of(row, call.signature, of_class=True))


_WEIGHTS = ("weight", "pos_weight")
"""Options of losses that are arrays."""

_IGNORED_CLASS = -100
"""The class index that PyTorch leaves out of a loss unless told otherwise; a formula speaks of it where the data have it.
https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"""


def per_channel(slope: Form, x: Form) -> Form:
    """Return the slopes of PReLU as PyTorch means them: one for all entries, or one for each entry of the second axis."""
    return (
        slope
        if slope.shape in ((), (1,)) or slope.ndim > 1 or x.ndim < 3
        else slope[(slice(None), *[None] * (x.ndim - 2))]
    )


def call_row(caller: Caller, row: Function, args: list[Any], keywords: dict[str, Any]) -> Form:
    """Apply a row of the tables to arguments by the row's own labels."""
    return _applied(caller, row, _by_label(caller, row, args, keywords))


def call_bound_row(caller: Caller, row: Function, call: Call) -> Form:
    """Apply a row of the tables to a call that is bound to the signature of its library."""
    given = _labelled(caller, row, call, labels_of(row, call.signature))
    for label in row.argument_names[: row.arguments]:
        if isinstance(given.get(label), (list, tuple)):
            given[label] = array(caller, call, given[label])
    if given.get("axis", 0) is None and call.path.startswith("scipy"):
        if caller.form(given[row.argument_names[0]]).ndim != 1:
            raise ReadError(f"{call.written} with axis=None runs over all axes together; say axis=", caller.line)
        given["axis"] = 0
    if row.one_sided is not None and not call.torch and all(v is None for v in list(given.values())[1:]):
        return array(caller, call, given[row.argument_names[0]])  # np.clip without a bound
    return cast(Form, of_said_type(caller, call, _applied(caller, row, given)))


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


def _labelled(caller: Caller, row: Function, call: Call, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return what a call gives by the labels of the row, with the library's defaults where the row has others."""
    given: dict[str, Any] = {}
    for p in call.signature.parameters:
        label = labels.get(p.name)
        value = call.given.get(p.name, _usual(row, p, label))
        if value is UNSAID:
            continue
        if label is None:
            pass_over(caller, call, p.name, value)
        elif label == "ignore_index" and caller.constant(value) == _IGNORED_CLASS:
            continue
        elif label in given and value is not None:
            raise ReadError(f"{call.written} is given {label} twice", caller.line)
        elif label not in given:
            given[label] = value
    free = {p.name for p in call.signature.parameters}
    for name, value in call.given.items():
        if name not in free:
            pass_over(caller, call, name, value)
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


def _applied(caller: Caller, row: Function, given: dict[str, Any]) -> Form:
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
        given["axis"] = _guessed_axis(caller, row, operands[0])
    parameters = _parameters(caller, row, given)
    if row.one_sided is not None and None in operands:
        return _one_sided(caller, row.one_sided, operands)
    built = [None if v is None and k >= optional else caller.form(v) for k, v in enumerate(operands)]
    if row.takes and built and built[0] is not None:
        caller.logits.append((caller.line, built[0], row.name))
    clamping.note(caller, row, built, parameters)
    if parameters.get("ignore_index") is None and "ignore_index" in row.parameters and built[-1] is not None:
        indices = caller.known(built[-1])
        if indices is not None and np.any(np.asarray(indices) == _IGNORED_CLASS):
            parameters["ignore_index"] = _IGNORED_CLASS
    if row.per_channel and built[0] is not None and built[1] is not None:
        built[1] = per_channel(built[1], built[0])
    try:
        made = (
            row(**dict(zip(names, built, strict=False)), **parameters) if row.signature else row(*built, **parameters)
        )
    except NetworkError as error:
        raise ReadError(str(error), caller.line) from None
    plain, required = forms.without_requirements(made)
    if required:
        caller.requirements.append((plain, required))
    return plain


def _by_label(caller: Caller, row: Function, args: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """Return what a call gives by the labels of the row."""
    aliases = {**row.keywords, "input": row.argument_names[0], "other": row.argument_names[-1]}
    given: dict[str, Any] = {}
    for key, value in keywords.items():
        label = key if key in row.parameters else aliases.get(key, ONE_NAME.get(key, key))
        if label not in WITHOUT_EFFECT or label in row.parameters:
            given[label] = value
    order = row.signature or (*row.argument_names[: row.arguments], *row.parameters)
    if len(args) > len(order):
        raise ReadError(f"{row.name} takes {row.arguments} argument(s), {len(args)} given", caller.line)
    twice = [label for label, _ in zip(order, args, strict=False) if label in given]
    if twice:
        raise ReadError(f"{row.name} is given {twice[0]} twice", caller.line)
    return {**given, **dict(zip(order, args, strict=False))}


def _parameters(caller: Caller, row: Function, given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call of a row, from what is left when its operands are taken."""
    if "reduction" in row.parameters:
        _put_reduction(caller, given)
    names = row.argument_names
    unknown = [k for k, v in given.items() if k not in names and k not in row.parameters and v is not None]
    if unknown:
        hint = nearest(unknown[0], [*row.parameters, *names])
        raise ReadError(f"{row.name} has no parameter {', '.join(unknown)}{hint}", caller.line)
    parameters = {
        k: caller.form(v) if k in _WEIGHTS and v is not None else _parameter(caller, k, v)
        for k, v in given.items()
        if k not in names
    }
    left_over = [k for k in given if k in names]
    if left_over:
        raise ReadError(f"{row.name} is given {left_over[0]} twice", caller.line)
    return parameters


def _guessed_axis(caller: Caller, row: Function, x: Any) -> int:
    """Return the axis that PyTorch takes where a call does not say it; for three axes it would be the first.

    Source: https://docs.pytorch.org/docs/stable/_modules/torch/nn/functional.html#softmax, _get_softmax_dim
    """
    rank = caller.form(x).ndim
    if rank == 3:
        raise ReadError(f"{row.name} of an array with three axes needs dim=", caller.line)
    return 0 if rank < 2 else 1


def _put_reduction(caller: Caller, given: dict[str, Any]) -> None:
    """Write PyTorch's two old options of a loss as its reduction."""
    old = {k: given.pop(k) for k in ("size_average", "reduce") if k in given}
    chosen = {k: caller.constant(v) for k, v in old.items() if v is not None}
    if chosen:
        mean, one = bool(chosen.get("size_average", True)), bool(chosen.get("reduce", True))
        given["reduction"] = "none" if not one else "mean" if mean else "sum"


def _one_sided(caller: Caller, make: Callable[..., Form], operands: list[Any]) -> Form:
    x, *bounds = [None if v is None else caller.form(v) for v in operands]
    low, high = (*bounds, None, None)[:2]
    bound = low if low is not None else high
    try:
        if (
            x is not None and bound is not None and bound.shape and caller.is_torch(x)
        ):  # 1 where it is met, as of a clip
            return forms.where(x < bound if low is not None else x > bound, bound, x)
        return make(x, *bounds)
    except NetworkError as error:
        raise ReadError(str(error), caller.line) from None


def _parameter(caller: Caller, name: str, value: Any) -> Any:
    if name == "axis":
        return caller.integer(value, "an axis")
    if name == "keepdims":
        return bool(value)
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, (tuple, list)):
        return tuple(_parameter(caller, name, v) for v in value)
    found = caller.constant(value)
    if isinstance(found, (bool, int, float)):
        return found
    if found is None or not hasattr(found, "numerator"):
        raise ReadError(f"{name} has to be known from the code", caller.line)
    return float(found)
