"""Run a derivation: the generated source as a function, forward values, updates and gradient descent."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import numpy as np

from symback.codegen import Comment, Generated, default_arguments, generate
from symback.derivation import Record
from symback.errors import ShapeError, ValueProblem, nearest
from symback.forms import Name, OneHot, shape_text, walk
from symback.networks import Assumption, Variable, as_value, fit_shape, list_names

Value = Any
"""A Python float for a variable without axes, else a NumPy array."""

_ONE_HOT_TOLERANCE = 1e-6


@functools.lru_cache(maxsize=256)
def compile_source(source: str, entry: str) -> Callable[..., Any]:
    """Return the function ``entry`` that generated source defines; the same source is compiled once."""
    namespace: dict[str, Any] = {"__name__": "symback.generated"}
    exec(compile(source, "<symback>", "exec"), namespace)
    made: Callable[..., Any] = namespace[entry]
    return made


class Gradients:
    """The loss and its gradients as a function of values given by name.

    Calling it checks names, shapes and types; ``source`` is the code that runs and ``args`` the names it takes. Values
    found in the network stand in for names not given.
    """

    def __init__(self, record: Record, comment: Comment | None = None) -> None:
        self.record = record
        generated = generate(record, comment=comment)
        self.source = generated.source
        self.args = generated.args
        self.wrt = record.wrt
        self._run = compile_source(generated.source, generated.entry)
        self._take = _taker(self.args)
        variables = [record.network.variables[name] for name in self.args]
        arrays = [name for name, variable in zip(self.args, variables, strict=True) if variable.shape]
        self._take_arrays = _taker(arrays)
        # Values of these types, with shapes that were checked before, need no second look.
        self._types = tuple(np.ndarray if variable.shape else float for variable in variables)
        self._double = [np.dtype(np.float64)] * len(arrays)
        self._shapes: set[tuple[Any, ...]] = set() if arrays else {()}
        self._always = bool(_checked_facts(record)) or any(variable.integer for variable in variables)

    def __repr__(self) -> str:
        return f"<gradients of {self.record.network.loss}: f({', '.join(self.args)})>"

    def __call__(self, /, **values: Value) -> tuple[float, dict[str, Value]]:
        try:
            given = self._take(values)
            if len(values) == len(given) and tuple(map(type, given)) == self._types and not self._always:
                arrays = self._take_arrays(values)
                if [a.dtype for a in arrays] == self._double and tuple([a.shape for a in arrays]) in self._shapes:
                    loss, *gradients = self._run(*given)
                    return loss, dict(zip(self.wrt, gradients, strict=True))
        except KeyError:
            pass  # a name is missing: it has a stored value, or the checks below say so
        return self._checked(values)

    def _checked(self, values: Mapping[str, Value]) -> tuple[float, dict[str, Value]]:
        ready = check_values(self.record, values)
        loss, *gradients = self._run(*self._take(ready))
        if len(self._shapes) < 64:
            self._shapes.add(tuple(np.shape(a) for a in self._take_arrays(ready)))
        fitted = {
            name: _fitted(gradient, ready[name]) if name in ready else _plain(gradient)
            for name, gradient in zip(self.wrt, gradients, strict=True)
        }
        return float(loss), fitted


def lambdify(
    record: Record, args: Sequence[Any] | None = None, *, comment: Comment | None = None
) -> Callable[..., Any]:
    """Return the function that computes the loss and its gradients by the record's formulas.

    Without ``args``: ``f(**values) -> (loss, {name: gradient})``, with checked values. With ``args``, a sequence of
    names: ``f(*values) -> (loss, *gradients)``, unchecked, gradients in the order of ``record.wrt``; variables that
    ``args`` leaves out keep the values found in the network. ``comment`` gives the text behind the lines of ``f.source``.
    """
    if args is None:
        return Gradients(record, comment)
    given = args.replace(",", " ").split() if isinstance(args, str) else args
    named = [getattr(a, "name", None) or str(a) for a in given]
    stored = [
        name for name in default_arguments(record) if name not in named and name in record.network.values
    ]
    generated = generate(record, args=[*named, *stored], comment=comment)
    run = compile_source(generated.source, generated.entry)
    if not stored:
        return _labelled(run, generated, tuple(named))
    kept = _stored_values(record, stored)

    def bound(*values: Value) -> Any:
        return run(*values, *kept)

    return _labelled(bound, generated, tuple(named))


def _labelled(run: Callable[..., Any], generated: Generated, args: tuple[str, ...]) -> Callable[..., Any]:
    # The compiled function is shared between records with equal source, whose labels are equal too.
    run.source = generated.source  # type: ignore[attr-defined]
    run.args = args  # type: ignore[attr-defined]
    return run


def _stored_values(record: Record, names: Iterable[str]) -> tuple[Value, ...]:
    values = record.network.values
    return tuple(_plain(np.array(values[name])) for name in names)


# --- checking values --------------------------------------------------------------------------------------------------


def check_values(record: Record, values: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """Return a value for every variable, in the network's own order, ready to run.

    Names not given take the values found in the network. Integers become float64 (class indices stay integers),
    float32 stays; arrays that need no change are not copied. Raises one ValueProblem that lists every unknown, missing
    and misshapen name.
    """
    network = record.network
    given = dict(values or {})
    problems = [
        f"{name} is not a variable of this network{nearest(name, network.variables)}"
        for name in given if name not in network.variables
    ]
    merged: dict[str, Value] = {}
    missing: list[str] = []
    sizes: dict[str, int] = {}
    for name, variable in network.variables.items():
        if name in given:
            raw = given[name]
        elif name in network.values:
            raw = network.values[name]
        else:
            missing.append(name)
            continue
        try:
            merged[name] = _ready(raw, variable)
            fit_shape(name, np.asarray(merged[name]), variable.shape, sizes)
        except (ValueProblem, ShapeError) as error:
            text = str(error)
            problems.append(text if text.startswith(f"{name} ") else f"{name}: {text}")
    if missing:
        shapes = ", ".join(f"{m} {shape_text(network.variables[m].shape)}" for m in missing)
        problems.insert(0, f"{'a value is' if len(missing) == 1 else 'values are'} missing for {shapes}")
    if not problems:
        problems += _class_problems(record, merged, sizes)
    if not problems:
        problems += [p for fact in _checked_facts(record) if (p := _fact_problem(fact, merged))]
    if problems:
        raise ValueProblem("; ".join(problems))
    return merged


def _ready(raw: Value, variable: Variable) -> Value:
    if not variable.shape and not variable.integer and type(raw) in (float, int):
        return float(raw)
    if type(raw) is np.ndarray and raw.dtype.kind == "f" and not variable.integer:
        return raw if raw.ndim else float(raw)
    try:
        array = np.asarray(raw)
        if variable.integer and array.dtype.kind == "f" and np.all(array == np.floor(array)):
            array = array.astype(np.int64)
        array = as_value(array, variable.integer)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueProblem(f"is not an array of real numbers ({error})") from None
    if variable.integer and array.dtype.kind != "i":
        raise ValueProblem("holds class indices, which are integers")
    return _plain(array)


def _plain(value: Value) -> Value:
    """Return a Python float for a value without axes; integers without axes and arrays stay."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind == "f":
        return float(value)
    return value


def _fitted(gradient: Value, value: Value) -> Value:
    """Return a gradient in the floating type of its variable."""
    if not isinstance(gradient, np.ndarray) or not gradient.ndim:
        return float(gradient)
    kind = value.dtype if isinstance(value, np.ndarray) and value.dtype.kind == "f" else gradient.dtype
    return gradient if gradient.dtype == kind else gradient.astype(kind)


def _taker(names: Sequence[str]) -> Callable[[Mapping[str, Value]], tuple[Value, ...]]:
    if len(names) == 1:
        only = names[0]
        return lambda values: (values[only],)
    return itemgetter(*names) if names else lambda values: ()


def _class_problems(record: Record, values: Mapping[str, Value], sizes: Mapping[str, int]) -> list[str]:
    """Return what is wrong with class indices: NumPy takes -1 for the last class without a word."""
    problems = []
    seen = set()
    for equation in record.network.equations:
        for node in walk(equation.form):
            if not (isinstance(node, OneHot) and isinstance(node.args[0], Name)):
                continue
            name = node.args[0].name
            count = node.classes if isinstance(node.classes, int) else sizes.get(str(node.classes))
            if name in seen or name not in values or count is None:
                continue
            seen.add(name)
            array = np.asarray(values[name])
            wrong = array[(array < 0) | (array >= count)]
            if wrong.size:
                problems.append(f"{name} holds {wrong.flat[0]}, but the classes are 0 to {count - 1}")
    return problems


def _checked_facts(record: Record) -> tuple[Assumption, ...]:
    """Return the facts that were checked on values rather than granted; other values are checked again."""
    facts = {fact.name: fact for step in record.steps for fact in step.assumptions}
    return tuple(
        f for f in facts.values() if f.kind == "one-hot" and "check" in f.why and f.name in record.network.variables
    )


def _fact_problem(fact: Assumption, values: Mapping[str, Value]) -> str:
    rows = np.asarray(values[fact.name])
    totals = rows.sum(axis=fact.axis)
    line = "column" if fact.by_columns else "row"
    with np.errstate(all="ignore"):
        off = np.abs(totals - 1) > _ONE_HOT_TOLERANCE
    if not np.any(off):
        return ""
    row = int(np.argmax(off))
    return (
        f"the formulas hold because each {line} of {fact.name} sums to 1, but {line} {row} of the value given sums to "
        f"{np.ravel(totals)[row]:.6g}; derive again with these values"
    )


# --- evaluating -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One run: the loss, every forward value, the gradients of the parameters and those of all names on the way."""

    loss: float
    values: Mapping[str, Value]
    gradients: Mapping[str, Value]
    adjoints: Mapping[str, Value]

    def __str__(self) -> str:
        lines = [f"{name} = {_value_text(value)}" for name, value in self.values.items()]
        lines += [f"∂L/∂{name} = {_value_text(value)}" for name, value in self.gradients.items()]
        return "\n".join(lines)


def _value_text(value: Value) -> str:
    # Adding 0 turns a negative zero, which says nothing here, into zero.
    return f"{value + 0.0:.10g}" if isinstance(value, float) else np.array2string(np.asarray(value) + 0, precision=8)


def evaluate(record: Record, values: Mapping[str, Value] | None = None) -> Evaluation:
    """Run the formulas once and return all values; ``values`` override those found in the network."""
    ready = check_values(record, values)
    generated = generate(record, everything=True)
    run = compile_source(generated.source, generated.entry)
    loss, forward, adjoints = run(*(ready[name] for name in generated.args))
    found = {name: _plain(value) for name, value in forward.items() if name in _own_names(record)}
    known = {name: _plain(value) for name, value in adjoints.items()}
    gradients = {
        name: _fitted(known[name], ready[name]) if name in ready else known[name] for name in record.wrt
    }
    return Evaluation(float(loss), MappingProxyType({**ready, **found}), MappingProxyType(gradients),
                      MappingProxyType({**known, **gradients}))


def _own_names(record: Record) -> set[str]:
    return {equation.name for equation in record.network.equations}


# --- gradient descent -------------------------------------------------------------------------------------------------


def update(record: Record, rate: float | None = None, values: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """Return the parameters after one step of gradient descent, ``w - rate * dL/dw``."""
    step = learning_rate_of(record, rate)
    ready = check_values(record, values)
    _, gradients = Gradients(record)(**ready)
    return {name: _stepped(ready[name], step, gradient) for name, gradient in gradients.items() if name in ready}


def learning_rate_of(record: Record, rate: float | None) -> float:
    """Return ``rate``, or the learning rate found in the code; raises ValueProblem where there is none."""
    found = record.network.learning_rate if rate is None else rate
    if found is None:
        raise ValueProblem("a learning rate is needed; the code this network was read from has none")
    return float(found)


def _stepped(value: Value, rate: float, gradient: Value) -> Value:
    return value - rate * gradient


@dataclass(frozen=True, eq=False)
class History:
    """What gradient descent did.

    ``losses`` holds the loss before each update and, last, the loss after the final one. ``parameters`` are the values
    at the end. ``stopped`` says why the run ended early, and is empty where it did not. ``watched`` holds the values
    that the names asked for had, one for each loss.
    """

    losses: tuple[float, ...]
    parameters: Mapping[str, Value]
    learning_rate: float
    stopped: str = ""
    watched: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """How many updates were made."""
        return max(len(self.losses) - 1, 0)

    def __str__(self) -> str:
        first, last = (f"{loss + 0.0:.10g}" for loss in (self.losses[0], self.losses[-1]))
        text = f"{self.steps} steps with learning rate {self.learning_rate:g}: loss {first} -> {last}"
        return f"{text}\nstopped: {self.stopped}" if self.stopped else text


def run(
    record: Record,
    steps: int | None = None,
    learning_rate: float | None = None,
    values: Mapping[str, Value] | None = None,
    progress: Callable[[int, int, float], None] | None = None,
    watch: Iterable[str] = (),
) -> History:
    """Make ``steps`` updates ``w <- w - learning_rate * dL/dw`` and return what happened.

    Defaults are those of the training loop in the code the network was read from. ``progress(done, steps, loss)`` is
    called before each update. ``watch`` names values to keep at every step, parameters or forward values. At the first
    loss or gradient that is not finite the run stops and says so; what was computed until then is kept.
    """
    count = record.network.steps if steps is None else steps
    if count is None:
        count = 1
    if count < 0:
        raise ValueProblem(f"the number of steps cannot be negative, got {count}")
    rate = learning_rate_of(record, learning_rate)
    ready = check_values(record, values)
    outside = [name for name in record.wrt if name not in ready]
    if outside:
        verb = "is" if len(outside) == 1 else "are"
        raise ValueProblem(f"{list_names(outside)} {verb} computed by the network, and cannot be updated")
    kept: dict[str, list[Value]] = {name: [] for name in watch}
    unknown = [name for name in kept if name not in ready and name not in _own_names(record)]
    if unknown:
        known = {*ready, *_own_names(record)}
        raise ValueProblem(f"there is no {list_names(unknown)} to watch{nearest(unknown[0], known)}")
    compute = _stepper(record, forward=any(name not in ready for name in kept))
    losses: list[float] = []
    stopped = ""
    for done in range(count + 1):
        loss, gradients, forward = compute(ready)
        losses.append(float(loss))
        for name, history in kept.items():
            history.append(_plain(ready[name] if name in ready else forward[name]))
        if not math.isfinite(loss):
            hint = "; a smaller learning rate may help" if done else ""
            stopped = f"the loss is {loss} after {done} updates{hint}"
            break
        if done == count:
            break
        broken = [
            name for name, gradient in zip(record.wrt, gradients, strict=True) if not np.all(np.isfinite(gradient))
        ]
        if broken:
            stopped = f"the gradient of {list_names(broken)} is not finite after {done} updates"
            break
        if progress is not None:
            progress(done, count, losses[-1])
        for name, gradient in zip(record.wrt, gradients, strict=True):
            ready[name] = _stepped(ready[name], rate, _fitted(gradient, ready[name]))
    parameters = {name: ready[name] for name in record.wrt}
    watched = {name: tuple(history) for name, history in kept.items()}
    return History(tuple(losses), MappingProxyType(parameters), rate, stopped, MappingProxyType(watched))


def _stepper(
    record: Record, forward: bool
) -> Callable[[Mapping[str, Value]], tuple[float, Sequence[Value], Mapping[str, Value]]]:
    """Return the function from values to loss, gradients and, where asked for, forward values."""
    generated = generate(record, everything=forward)
    compute = compile_source(generated.source, generated.entry)

    def step(ready: Mapping[str, Value]) -> tuple[float, Sequence[Value], Mapping[str, Value]]:
        found = compute(*(ready[name] for name in generated.args))
        if forward:
            loss, values, adjoints = found
            return loss, [adjoints[name] for name in record.wrt], values
        loss, *gradients = found
        return loss, gradients, {}

    return step
