"""Marking by calling: a backward function of the caller's own that cannot be read, beside differences of its forward function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from symback.core.errors import ReadError, ValueProblem
from symback.core.text import printable
from symback.library.values import Binding
from symback.marking.by_numbers import Compared, judged_by_numbers
from symback.marking.judging import is_data, whole_sizes
from symback.marking.report import Report, Verdict, Verdicts
from symback.page.words import words

_MOST_ENTRIES = 24
"""Entries of one variable that are moved; of larger arrays, these many spread over it."""
_STEP = 1e-3


class Setting(NamedTuple):
    """One point at which a text or a function is run: its values, another number of rows, whether it is the caller's own."""

    values: dict[str, Any]
    rows: int | None
    given: bool


def call_functions(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    values: Mapping[str, Any],
    shapes: Mapping[str, Any] | None,
    cotangent: Any,
    language: str,
    title: str = "",
) -> Report:
    """Return the report on a backward function that cannot be read: both functions are called, they are the caller's own.

    Raises ReadError where the forward function fails at the values it is given, ValueProblem where an input has neither
    value nor shape.
    """
    table = words(language)
    first = _inputs(forward, values, shapes)
    generator = np.random.default_rng(0)
    rows = _rows(first)
    settings = _nearby(first, all(n in values for n in first), rows, generator)
    compared: dict[str, list[Compared]] = {}
    failure: Exception | None = None
    used = 0
    for inputs, count, given in settings:
        try:
            output, cache = _output(forward(**_copied(inputs)))
            shape = np.shape(output)
        except Exception as error:
            if count is None and (given or not used):
                raise ReadError(f"the forward function was called and fails ({_named(error)})") from None
            continue
        upstream = _upstream(shape, cotangent, generator)
        try:
            claimed = _returned(_called(backward, upstream, inputs, cache), list(inputs))
        except ReadError:
            raise
        except Exception as error:
            failure = failure or error
            if count is None:
                compared.clear()
                break  # it fails at the size it was given
            continue
        used += 1
        for name, gradient in claimed.items():
            if inputs[name].dtype.kind in "iub":
                continue
            right, tolerance = _slopes(forward, inputs, name, upstream)
            if np.all(np.isfinite([right[e] for e in tolerance])):
                one = Compared(gradient, right, tuple(tolerance), tolerance, count, given)
                compared.setdefault(name, []).append(one)
    verdicts = {
        name: judged_by_numbers(Verdict(name, name, "unread", executed=True), some, table, rows[0] if rows else None)
        for name, some in compared.items()
    }
    if failure is not None and not compared:
        for name in first:
            said = table["mark crash"].format(name=name, error=_named(failure))
            verdicts[name] = Verdict(name, name, "crash", message=said, executed=True)
    if not verdicts:
        raise ReadError("the functions were called, but no gradient could be compared with finite differences")
    return _report(verdicts, settings, used, language, title, "functions")


def _report(
    verdicts: Mapping[str, Verdict],
    settings: Sequence[Setting],
    points: int,
    language: str,
    title: str,
    executed: str,
    choices: tuple[str, ...] = (),
) -> Report:
    rows = tuple(s.rows for s in settings if s.rows is not None)
    return Report(Verdicts(verdicts), (), choices, points, rows, language, title, words(language), executed=executed)


def _binding(name: str, value: np.ndarray) -> Binding:
    return Binding(name, name, tuple(int(s) for s in value.shape), None, value=value)


def _slope(losses: Sequence[float], step: float) -> tuple[float, float]:
    """Return a derivative from the losses one and two steps to both sides, and how far off it may be.

    Richardson's combination of two central differences; their own difference bounds what a kink nearby does to it.
    """
    near, far = (losses[0] - losses[1]) / (2 * step), (losses[2] - losses[3]) / (4 * step)
    slope = (4 * near - far) / 3
    rounding = 1e-13 * max(1.0, abs(losses[0])) / step
    return slope, 1e-6 * abs(slope) + 0.02 * abs(near - far) + rounding


def _chosen(shape: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    count = int(np.prod(shape, dtype=int))
    at = range(count) if count <= _MOST_ENTRIES else np.unique(np.linspace(0, count - 1, _MOST_ENTRIES).astype(int))
    return [tuple(int(k) for k in np.unravel_index(int(a), shape)) for a in at]


def _nearby(
    first: dict[str, np.ndarray], complete: bool, rows: tuple[int, list[str]] | None, generator: np.random.Generator
) -> list[Setting]:
    """Return the inputs where the caller gave all, two points nearby, and two with more rows of the data."""

    def each(change: Callable[[str, np.ndarray], np.ndarray], values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        return {n: v if v.dtype.kind in "iub" else change(n, v) for n, v in values.items()}

    moved = each(lambda n, v: v + 0.3 * generator.standard_normal(v.shape), first)
    found = [Setting(first, None, True)] if complete else []
    found += [Setting(moved, None, False), Setting(each(lambda n, v: v * 0.7 + 0.1, moved), None, False)]
    if rows is not None:
        count, data = rows
        for more in (count + 2, count + 3):
            chosen = generator.integers(0, count, more)
            found.append(Setting({n: v[chosen] if n in data else v for n, v in moved.items()}, more, False))
    return found


def _upstream(shape: tuple[int, ...], cotangent: Any, generator: np.random.Generator) -> Any:
    """Return what the output is weighted with: the given cotangent, 1 for a single number, else random numbers."""
    upstream: Any = 1.0 if int(np.prod(shape, dtype=int)) == 1 else generator.standard_normal(shape)
    if cotangent is None:
        return upstream
    held = np.asarray(cotangent, dtype=float)
    return np.broadcast_to(held, shape).copy() if held.shape in (shape, ()) else np.ones(shape)


def _slopes(
    forward: Callable[..., Any], inputs: Mapping[str, np.ndarray], name: str, upstream: Any
) -> tuple[np.ndarray, dict[tuple[int, ...], float]]:
    """Return derivatives with respect to an input by differences, NaN where none was taken, and how far off each may be."""
    right, tolerance = np.full(inputs[name].shape, np.nan), dict[tuple[int, ...], float]()
    for entry in _chosen(inputs[name].shape):
        step = _STEP * max(1.0, abs(float(inputs[name][entry])))
        losses = []
        for far in (1, -1, 2, -2):
            nearby = _copied(inputs)
            nearby[name][entry] += far * step
            losses.append(float(np.sum(upstream * np.asarray(_output(forward(**nearby))[0]))))
        right[entry], tolerance[entry] = _slope(losses, step)
    return right, tolerance


def _named(error: Exception) -> str:
    """Return an error of the caller's own code with its kind, on one line."""
    return f"{type(error).__name__}: " + printable(str(error))[:200]


def _inputs(
    forward: Callable[..., Any], values: Mapping[str, Any], shapes: Mapping[str, Any] | None
) -> dict[str, np.ndarray]:
    """Return an array for every input of the forward function; symbols in shapes are sizes."""
    try:
        parameters = list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [
        p.name
        for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        and (p.default is p.empty or p.name in values or p.name in (shapes or {}))
    ]
    names = plain if plain or parameters else [*values, *(n for n in shapes or {} if n not in values)]
    generator = np.random.default_rng(1)
    whole = whole_sizes(shapes)
    found = {}
    for name in names:
        if name in values:
            array = np.asarray(values[name])
            found[name] = array if array.dtype.kind in "iub" and array.ndim else array.astype(float)
        elif name in whole:
            found[name] = generator.standard_normal(whole[name])
        else:
            raise ValueProblem(f"give values= or shapes= for {name}, an input of the forward function")
    return found


def _rows(inputs: Mapping[str, np.ndarray]) -> tuple[int, list[str]] | None:
    """Return how many rows the data have, and which inputs are data: those that are spelled so, else the first."""
    data = [n for n, v in inputs.items() if v.ndim and is_data(_binding(n, v))]
    data = data or [n for n, v in inputs.items() if v.ndim > 1][:1]
    counts = {inputs[n].shape[0] for n in data}
    return (counts.pop(), data) if len(counts) == 1 else None


def _copied(inputs: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return {n: v.copy() for n, v in inputs.items()}


def _output(returned: Any) -> tuple[Any, Any]:
    if isinstance(returned, tuple) and len(returned) == 2:
        return returned
    return returned, None


def _called(backward: Callable[..., Any], upstream: Any, inputs: Mapping[str, np.ndarray], cache: Any) -> Any:
    try:
        labels = list(inspect.signature(backward).parameters)
    except (TypeError, ValueError):
        labels = ["upstream", *inputs]
    given = {n: v for n, v in _copied(inputs).items() if n in labels[1:]}
    if "cache" in labels[1:] or (cache is not None and len(labels) == 2 and not given):
        given[labels[1] if "cache" not in labels else "cache"] = cache
    everything = not given and len(labels) == 2 and cache is None
    return backward(upstream, **(_copied(inputs) if everything else given))


def _returned(value: Any, names: Sequence[str]) -> dict[str, np.ndarray]:
    if isinstance(value, Mapping):
        meant = {str(k): input_of(str(k), list(names)) for k in value}
        unknown = [k for k, n in meant.items() if n is None]
        if unknown:
            raise ReadError(
                f"backward returns a gradient of {unknown[0]}, no input of the forward function ({', '.join(names)})"
            )
        found = {str(meant[str(k)]): v for k, v in value.items()}
    elif isinstance(value, (tuple, list)):
        if len(value) > len(names):
            raise ReadError(f"backward returns {len(value)} gradients for {len(names)} inputs")
        found = dict(zip(names, value, strict=False))
    elif value is not None and len(names) == 1:
        found = {names[0]: value}
    else:
        raise ReadError("backward returns neither a dict of gradients nor a tuple in the order of the inputs")
    return {n: np.asarray(v, dtype=float) for n, v in found.items() if v is not None}


def input_of(key: str, names: list[str]) -> str | None:
    """Return the input that a key of a returned dict means: ``W``, ``dW``, ``grad_W``."""
    for label in (key, key.removeprefix("d"), key.removeprefix("grad_"), key.removesuffix("_grad")):
        if label in names:
            return label
    return None


__all__ = ["call_functions", "input_of"]
