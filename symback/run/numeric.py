"""Run a derivation: the generated source as a function, checked values, forward values and gradients."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from symback.core.errors import DerivationError, ShapeError, ValueProblem, nearest
from symback.core.forms import Name, Requirement, shape_text
from symback.core.frozen import frozen
from symback.core.room import compiled
from symback.derivation.record import Record
from symback.engine.interpreter import evaluate as evaluate_form
from symback.functions.losses import DOMAINS
from symback.networks.network import Assumption, Variable, as_value, fit_shape, label_of
from symback.run import targets
from symback.run.codegen import Comment, Generated, default_arguments, generate

Value = Any
"""A Python float for a variable without axes, else a NumPy array."""


@functools.lru_cache(maxsize=256)
def compile_source(source: str, entry: str) -> Callable[..., Any]:
    """Return the function ``entry`` that generated source defines; the same source is compiled once."""
    namespace: dict[str, Any] = {"__name__": "symback.generated"}
    exec(compiled(source, "<symback>"), namespace)
    made: Callable[..., Any] = namespace[entry]
    return made


def _loaded(generated: Generated) -> Callable[..., Any]:
    """Return the function that generated code defines; raises DerivationError where this interpreter cannot run it."""
    target = targets.target(generated.target)
    doing = f"running the code of the target {target.name} ({target.title})"
    if not target.runs:
        raise DerivationError(f"{doing}: Python cannot run it; code(target={target.name!r}) gives the source")
    try:
        return compile_source(generated.source, generated.entry)
    except ModuleNotFoundError as error:
        raise DerivationError(f"{doing}: the package {str(error.name).partition('.')[0]} is not installed") from None


def computed(record: Record, run: Callable[..., Any], given: Sequence[Value]) -> Any:
    """Return what generated code computes; raises ValueProblem where linear algebra has no answer, as at a singular matrix."""
    try:
        return run(*given)
    except np.linalg.LinAlgError as error:
        raise ValueProblem(f"{record.network.loss} has no gradient at these values: {error}") from None


class Gradients:
    """The loss and its gradients as a function of values given by name.

    Calling it checks names, shapes and types; ``source`` is the code that runs and ``args`` the names it takes. Values
    found in the network stand in for names not given.
    """

    def __init__(self, record: Record, comment: Comment | None = None, target: str | None = None) -> None:
        self.record = record
        generated = generate(record, comment=comment, target=target)
        self.source = generated.source
        self.args = generated.args
        self.wrt = record.wrt
        self._made_by = generated
        self._ready()
        self._shapes: set[tuple[Any, ...]] = set() if self._arrays else {()}

    def _ready(self) -> None:
        """Compile the source, and look up what is asked for at every call."""
        record = self.record
        self._run = _loaded(self._made_by)
        self._take = _taker(self.args)
        variables = [record.network.variables[name] for name in self.args]
        self._arrays = [name for name, variable in zip(self.args, variables, strict=True) if variable.shape]
        self._take_arrays = _taker(self._arrays)
        # Values of these types, with shapes that were checked before, need no second look.
        self._types = tuple(np.ndarray if variable.shape else float for variable in variables)
        self._plain = [np.dtype(np.int64 if v.integer else np.float64) for v in variables if v.shape]
        self._required = record.network.requirements
        self._always = bool(_checked_facts(record)) or any(
            not isinstance(r.classes, int) or not isinstance(r.form, Name) for r in self._required
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return what is kept in a pickle: the source, and not the function compiled from it."""
        return {k: self.__dict__[k] for k in ("record", "source", "args", "wrt", "_made_by", "_shapes")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._ready()

    def __repr__(self) -> str:
        return f"<gradients of {self.record.network.loss}: f({', '.join(self.args)})>"

    def __call__(self, /, **values: Value) -> tuple[float, dict[str, Value]]:
        try:
            given = self._take(values)
            if len(values) == len(given) and tuple(map(type, given)) == self._types and not self._always:
                arrays = self._take_arrays(values)
                if [a.dtype for a in arrays] == self._plain and tuple([a.shape for a in arrays]) in self._shapes:
                    if self._required:
                        problems = _domain_problems(self._required, values, {})
                        if problems:
                            raise ValueProblem("; ".join(problems))
                    loss, *gradients = computed(self.record, self._run, given)
                    return loss, dict(zip(self.wrt, gradients, strict=True))
        except KeyError:
            pass  # a name is missing: it has a stored value, or the checks below say so
        return self._checked(values)

    def _checked(self, values: Mapping[str, Value]) -> tuple[float, dict[str, Value]]:
        ready = check_values(self.record, values)
        loss, *gradients = computed(self.record, self._run, self._take(ready))
        if len(self._shapes) < 64:
            self._shapes.add(tuple(np.shape(a) for a in self._take_arrays(ready)))
        fitted = {
            name: _fitted(gradient, ready[name]) if name in ready else _plain(gradient)
            for name, gradient in zip(self.wrt, gradients, strict=True)
        }
        return float(loss), fitted


def lambdify(
    record: Record, args: Sequence[Any] | None = None, *, comment: Comment | None = None, target: str | None = None
) -> Callable[..., Any]:
    """Return the function that computes the loss and its gradients by the record's formulas.

    Without ``args``: ``f(**values) -> (loss, {name: gradient})``, with checked values. With ``args``, a sequence of
    names: ``f(*values) -> (loss, *gradients)``, unchecked, gradients in the order of ``record.wrt``; variables that
    ``args`` leaves out keep the values found in the network. ``comment`` gives the text behind the lines of ``f.source``,
    ``target`` the language of the code, as for ``generate``; raises DerivationError for one that does not run here.
    """
    if args is None:
        return Gradients(record, comment, target)
    given = args.replace(",", " ").split() if isinstance(args, str) else args
    named = [getattr(a, "name", None) or str(a) for a in given]
    stored = [name for name in default_arguments(record) if name not in named and name in record.network.values]
    generated = generate(record, args=[*named, *stored], comment=comment, target=target)
    return _positional(generated, tuple(named), _stored_values(record, stored))


class Positional:
    """The loss and its gradients as a function of values in order; ``source`` is the code, ``args`` the names it takes."""

    def __init__(self, generated: Generated, args: tuple[str, ...], kept: tuple[Value, ...]) -> None:
        self.source = generated.source
        self.args = args
        self._made_by = (generated, args, kept)

    def __reduce__(self) -> Any:
        return _positional, self._made_by

    def __repr__(self) -> str:
        return f"<gradients: f({', '.join(self.args)})>"


def _positional(generated: Generated, args: tuple[str, ...], kept: tuple[Value, ...]) -> Callable[..., Any]:
    """Return a function of values in order, those that are kept behind them."""
    run = _loaded(generated)
    if not kept:
        return _made_once(run, generated, args)

    def bound(*values: Value) -> Any:
        return run(*values, *kept)

    return _called(bound, generated, args, kept)


@functools.lru_cache(maxsize=256)
def _made_once(run: Callable[..., Any], generated: Generated, args: tuple[str, ...]) -> Callable[..., Any]:
    """Return the function of compiled source; it is shared between records with equal source."""
    return _called(run, generated, args, ())


def _called(
    run: Callable[..., Any], generated: Generated, args: tuple[str, ...], kept: tuple[Value, ...]
) -> Callable[..., Any]:
    """Return a Positional of a class of its own: a call of it is a call of ``run``, with nothing in between."""
    own = {"__call__": staticmethod(run), "__doc__": _loaded(generated).__doc__, "__module__": __name__}
    made: Callable[..., Any] = type("Positional", (Positional,), own)(generated, args, kept)
    return made


def _stored_values(record: Record, names: Iterable[str]) -> tuple[Value, ...]:
    values = record.network.values
    return tuple(_plain(np.array(values[name])) for name in names)


# --- checking values --------------------------------------------------------------------------------------------------


def check_values(record: Record, values: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """Return a value for every variable, in the network's own order, ready to run.

    Names not given take the values found in the network. Integers become float64 (class indices stay integers),
    float32 stays; arrays that need no change are not copied. Raises one ValueProblem that lists every unknown, missing
    and misshapen name; or, where all fit, every name with a value outside the domain its loss states, as a target of
    1.3 for a binary cross-entropy.
    """
    network = record.network
    given = {label_of(k, network.aliases): v for k, v in (values or {}).items()}
    problems = [
        f"{name} is not a variable of this network{nearest(name, network.variables)}"
        for name in given
        if name not in network.variables
    ]
    merged: dict[str, Value] = {}
    missing: list[str] = []
    sizes: dict[str, int] = {}
    for name, variable in network.variables.items():
        if name in given:
            raw = given[name]
            if name in network.fixed and not np.array_equal(raw, network.values.get(name, raw)):
                problems.append(f"{network.fixed[name]}, and another value would not reach that")
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
        hint = (
            "; initial(seed) of the network draws some for parameters"
            if any(network.variables[m].role == "parameter" for m in missing)
            else ""
        )
        problems.insert(0, f"{'a value is' if len(missing) == 1 else 'values are'} missing for {shapes}{hint}")
    if not problems:
        symbols = {s for variable in network.variables.values() for s in variable.shape if not isinstance(s, int)}
        problems += _domain_problems(
            network.requirements, merged, {s: sizes[str(s)] for s in symbols if str(s) in sizes}
        )
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


_ROW_TOLERANCE = 1e-5
"""How far from 1 the probabilities of one row may sum up; float32 rounds a thousand of them to about 1e-6."""


def _domain_problems(
    requirements: Iterable[Requirement], values: Mapping[str, Value], sizes: Mapping[Any, int]
) -> list[str]:
    """Return what lies outside the domain the tables state for it: a BCE target of 1.3, a class index out of range."""
    found = (_domain_problem(required, values, sizes) for required in requirements)
    return [problem for problem in dict.fromkeys(found) if problem]


def _domain_problem(required: Requirement, values: Mapping[str, Value], sizes: Mapping[Any, int]) -> str:
    form = required.form
    if isinstance(form, Name):
        array = np.asarray(values[form.name])
    else:
        with np.errstate(all="ignore"):
            array = np.asarray(evaluate_form(form, values, sizes))
        if not np.all(np.isfinite(array)):  # the plain meaning of a form overflows where its safe one does not
            return ""
    if not array.size:
        return ""
    count = required.classes if isinstance(required.classes, int) else sizes[required.classes]
    low, high = required.bounds(count)
    wrong = None
    if not (low <= array.min() and array.max() <= high):
        wrong = ~((array >= low) & (array <= high))
    if required.domain == "sign":
        wrong = np.abs(array) != 1 if wrong is None else wrong
    elif required.domain == "classes" and wrong is not None and required.ignored is not None:
        wrong &= array != required.ignored
    elif required.domain == "labels" and wrong is None:
        wrong = np.zeros(array.shape, dtype=bool)
        wrong[..., 1:] = (array[..., 1:] >= 0) & (array[..., :-1] < 0)
    if wrong is not None and wrong.any():
        return _outside(required, array, wrong, count)
    return _sum_problem(required, array) if required.domain == "probabilities" else ""


def _sum_problem(required: Requirement, array: np.ndarray) -> str:
    if required.axis == array.ndim - 1:
        totals = array @ np.ones(array.shape[-1])  # faster than a sum of short rows
    else:
        totals = array.sum(axis=required.axis)
    if totals.min() >= 1 - _ROW_TOLERANCE and totals.max() <= 1 + _ROW_TOLERANCE:
        return ""
    worst = int(np.argmax(np.abs(totals - 1) > _ROW_TOLERANCE))
    at = [str(k) for k in np.unravel_index(worst, totals.shape)]
    place = f"[{', '.join([*at[: required.axis], ':', *at[required.axis :]])}]" if at else ""
    return (
        f"{required.form}{place} sums to {np.ravel(totals)[worst]:.6g}, but the {required.argument} of "
        f"{required.function} is one probability per class, and they sum to 1"
    )


def _outside(required: Requirement, array: np.ndarray, wrong: np.ndarray, count: int) -> str:
    at = np.unravel_index(int(np.argmax(wrong)), array.shape)
    label = str(required.form) if isinstance(required.form, Name) else f"({required.form})"
    place = f" ({label}[{', '.join(map(str, at))}], counted from 0)" if at else ""
    value = f"{array[at]:.6g}" if array.dtype.kind == "f" else str(array[at])
    if required.domain == "classes":
        hint = "; ignore_index=-100 leaves such entries out" if array[at] == -100 and required.ignored is None else ""
        return f"{required.form} holds {value}, but the classes are 0 to {count - 1}{place}{hint}"
    words = DOMAINS["probability" if required.domain == "probabilities" else required.domain]
    return f"{required.form} holds {value}, but the {required.argument} of {required.function} is {words}{place}"


def _checked_facts(record: Record) -> tuple[Assumption, ...]:
    """Return the facts that come from values, from the code or from declarations, not from the caller: values are checked."""
    used = [fact for step in record.steps for fact in step.assumptions]
    used += [fact for fact in record.network.assumptions if fact.why == "declared"]
    return tuple(
        fact for fact in dict.fromkeys(used) if fact.why != "assumed" and fact.name in record.network.variables
    )


def _fact_problem(fact: Assumption, values: Mapping[str, Value]) -> str:
    value = np.asarray(values[fact.name])
    if not fact.broken_by(value):
        return ""
    if fact.kind != "one-hot":
        return f"{fact.name} is {fact.kind} ({fact.why}), but {fact.broken_by(value)}"
    totals = value.sum(axis=fact.axis)
    line = "column" if fact.by_columns else "row"
    row = int(np.argmax(np.abs(totals - 1)))
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
    loss, forward, adjoints = computed(record, run, [ready[name] for name in generated.args])
    found = {name: _plain(value) for name, value in forward.items() if name in _own_names(record)}
    known = {name: _plain(value) for name, value in adjoints.items()}
    gradients = {name: _fitted(known[name], ready[name]) if name in ready else known[name] for name in record.wrt}
    return Evaluation(
        float(loss),
        frozen({**ready, **found}),
        frozen(gradients),
        frozen({**known, **gradients}),
    )


def _own_names(record: Record) -> set[str]:
    return {equation.name for equation in record.network.equations}
