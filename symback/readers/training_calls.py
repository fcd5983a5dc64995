"""What a text says about training in PyTorch's way: on what ``backward()`` is called, and which optimizer steps after it.

These calls decide which result is the loss and which arrays are its parameters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ShapeError, SymbackError
from symback.core.forms import Form, Name, element_count, reduce_over, shape_text
from symback.library.values import Binding
from symback.readers.asking import Reader
from symback.readers.names import located
from symback.readers.values import Optimizer


@dataclass(frozen=True, eq=False)
class BackwardCall:
    """A call of ``backward()``: on what, with which gradient, and where; or why that cannot be read."""

    spelled: str
    line: int
    value: Form | None = None
    gradient: Form | None = None
    inputs: tuple[Form, ...] = ()
    error: SymbackError | None = None


@dataclass(frozen=True, eq=False)
class StepCall:
    """A call of an optimizer's ``step()``."""

    optimizer: Optimizer
    line: int
    spelled: str = ""


TrainingCall = BackwardCall | StepCall


def held_form(reader: Reader, value: Any) -> Form | None:
    """Return the Form that a name or an argument holds, or None where it holds none."""
    if isinstance(value, Form):
        return value
    try:
        return reader.form(value)
    except SymbackError:
        return None


def origin_of(bindings: Mapping[str, Binding], key: str) -> str:
    """Return the key of a parameter before all its updates."""
    while (before := bindings[key].updates) is not None:
        key = before
    return key


def backward_call(reader: Any, call: ast.Call, scope: Any) -> BackwardCall:
    """Read ``loss.backward()`` or ``y.backward(v)``; what cannot be read of it is kept as its error."""
    assert isinstance(call.func, ast.Attribute)
    spelled = ast.unparse(call.func.value)
    try:
        value = reader.form(reader.value(call.func.value, scope))
        keywords = {k.arg: reader.value(k.value, scope) for k in call.keywords if k.arg in ("gradient", "inputs")}
        given = reader.value(call.args[0], scope) if call.args else keywords.get("gradient")
        gradient = None if given is None else reader.form(given)
        inputs = keywords.get("inputs") or ()
        listed = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        return BackwardCall(spelled, reader.line, value, gradient, tuple(reader.form(i) for i in listed))
    except (SymbackError, RecursionError) as problem:
        return BackwardCall(spelled, reader.line, error=located(problem, reader.line))


def calls_of(reader: Any) -> list[TrainingCall]:
    """Return what a reader noted of ``backward()`` and ``step()``, in the order of the text."""
    noted: list[TrainingCall] = list(getattr(reader, "training_calls", ()))
    if noted or reader.backward is None:
        return noted
    value, line = reader.backward
    return [BackwardCall("the loss", line, held_form(reader, value))]


def distinct(calls: Sequence[TrainingCall]) -> list[TrainingCall]:
    """Return the calls in their order, each line of ``backward()`` once: a loop that is written out repeats them."""
    found: list[TrainingCall] = []
    seen: set[tuple[type, int]] = set()
    for call in calls:
        if isinstance(call, BackwardCall) and (type(call), call.line) in seen:
            continue
        seen.add((type(call), call.line))
        found.append(call)
    return found


def losses_of(calls: Sequence[TrainingCall]) -> list[BackwardCall]:
    """Return the calls of ``backward()``, the first of each loss."""
    found: dict[str, BackwardCall] = {}
    for call in distinct(calls):
        if isinstance(call, BackwardCall):
            found.setdefault(call.spelled, call)
    return list(found.values())


def stepped_after(calls: Sequence[TrainingCall], call: BackwardCall) -> list[StepCall]:
    """Return the steps that follow a ``backward()``, up to the next ``backward()`` after the first of them."""
    following = iter(distinct(calls))
    found: list[StepCall] = []
    for one in following:
        if isinstance(one, BackwardCall) and one.line == call.line:
            break
    for one in following:
        if isinstance(one, StepCall):
            found.append(one)
        elif found:
            break
    return found


def parameter_keys(reader: Reader, steps: Sequence[StepCall]) -> set[str]:
    """Return the keys of the parameters that the optimizers of these steps were given; none where one is not a leaf."""
    keys = [_leaf_key(reader, p) for step in steps for p in step.optimizer.parameters]
    return set() if None in keys else {key for key in keys if key is not None}


def _leaf_key(reader: Reader, value: Any) -> str | None:
    """Return the key of the leaf that a value is, under whatever other name it stands in a list or a dictionary."""
    form = held_form(reader, value)
    while isinstance(form, Name):
        key = origin_of(reader.bindings, form.name)
        form = reader.bindings[key].form
        if form is None:
            return key
    return None


def weighted(reader: Reader, call: BackwardCall) -> Form:
    """Return the number whose gradient ``backward()`` computes: with a gradient v given, the sum over ``y * v``."""
    assert call.value is not None
    y, v = call.value, call.gradient
    if v is None:
        if element_count(y.shape) != 1:
            raise ReadError(
                f"backward() is called on {call.spelled} of shape {shape_text(y.shape)}; "
                "without a gradient as its argument it is for a single number only",
                call.line,
            )
        return y
    if v.shape != y.shape:
        raise ShapeError(
            f"line {call.line}: backward() on {call.spelled} of shape {shape_text(y.shape)} "
            f"cannot take a gradient of shape {shape_text(v.shape)}"
        )
    known = reader.constant(v)
    if element_count(y.shape) == 1 and known is not None and np.all(np.asarray(known) == 1):
        return y
    product = y * v
    return reduce_over("sum", product) if product.shape else product


def reached(tree: ast.AST) -> Iterator[ast.Call]:
    """Return the calls of ``backward()`` on a name at the text's own level or in functions that the text calls."""
    functions = {n.name: n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    pending: list[ast.AST] = [tree]
    entered: set[str] = set()
    while pending:
        for node in _own(pending.pop()):
            if not isinstance(node, ast.Call):
                continue
            label = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if label == "backward" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                yield node
            if label in functions and label not in entered:
                entered.add(label)
                pending.append(functions[label])


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Return the nodes below one, without the functions and classes that it defines."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield child
            yield from _own(child)
