"""Check gradients against central differences of the network as it was written.

The forward pass here is the interpreter's, one NumPy call per node of the user's own equations: it shares neither the
derivation nor the generated source, so an error in either shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symback.core.errors import SymbackError, ValueProblem, nearest
from symback.core.forms import Form, Matmul, Reduce, names_in, shape_text, walk
from symback.core.operations import RELATIONS
from symback.derivation.record import Record
from symback.derivation.stabilize import stable_forms
from symback.engine.interpreter import FLOATS, Arithmetic, evaluate
from symback.networks.network import list_names
from symback.run.numeric import Value, check_values, lambdify

TOLERANCE = 1e-6
"""Largest error accepted, relative to the larger of the two gradients."""

ENTRIES = 200
"""How many entries of one parameter are checked; of larger ones, evenly spread entries stand for all."""

_EXTENDED_WORK = 200_000
"""Number of products in one forward pass up to which long doubles are used; they have no fast matrix product."""


@dataclass(frozen=True, eq=False)
class ParameterCheck:
    """One gradient against differences: ``worst`` is the largest relative error, found at ``entry``.

    ``kinks`` counts entries whose step crosses a kink, where a difference says nothing; ``problem`` is set where the
    gradient cannot be compared at all.
    """

    name: str
    shape: tuple[int, ...]
    checked: int
    entries: int
    worst: float
    entry: tuple[int, ...]
    gradient: float
    difference: float
    kinks: int = 0
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return f"∂L/∂{self.name}: {self.problem}"
        at = f"[{', '.join(map(str, self.entry))}]" if self.entry else ""
        count = f"{self.entries} {'entry' if self.entries == 1 else 'entries'}"
        if self.checked < self.entries:
            count = f"{self.checked} of {count}"
        text = f"∂L/∂{self.name} {shape_text(self.shape)}: {count}, largest relative error {self.worst:.1e}"
        if self.checked:
            text += f" ({self.gradient:.10g} against {self.difference:.10g}{' at ' + at if at else ''})"
        if self.kinks:
            text += f"; at {self.kinks} the step crosses a kink, where differences say nothing"
        return text


@dataclass(frozen=True, eq=False)
class Report:
    """What a check of gradients found; true where everything agrees."""

    lines: tuple[ParameterCheck, ...]
    tolerance: float
    notes: tuple[str, ...] = field(default=())

    @property
    def worst(self) -> float:
        """The largest relative error found."""
        return max((line.worst for line in self.lines), default=0.0)

    @property
    def ok(self) -> bool:
        """True where every gradient was compared and agrees."""
        return all(not line.problem and line.worst <= self.tolerance for line in self.lines)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        verdict = "gradients agree" if self.ok else "GRADIENTS DISAGREE"
        size = f"largest relative error {self.worst:.1e}, tolerance {self.tolerance:.0e}"
        head = f"{verdict} with central differences ({size})"
        if self.lines and all(line.problem for line in self.lines):
            head = "gradients could not be compared with central differences"
        return "\n".join([head, *(f"  {line}" for line in self.lines), *(f"  {note}" for note in self.notes)])


def check_gradients(
    record: Record,
    values: Mapping[str, Value] | None = None,
    step: float = 1e-5,
    *,
    gradients: Mapping[str, Any] | None = None,
    tolerance: float = TOLERANCE,
    entries: int = ENTRIES,
) -> Report:
    """Compare gradients with central differences of the loss as it was written.

    ``step`` is relative to the size of an entry (absolute below 1). ``gradients`` are checked in place of the record's
    own, such as those of hand-written code. A parameter with more than ``entries`` entries is checked at that many.
    """
    if not (step > 0 and math.isfinite(step)):
        raise ValueProblem(f"the step of a difference is a positive number, got {step}")
    ready = check_values(record, values)
    found = lambdify(record)(**ready)[1] if gradients is None else dict(gradients)
    known = {*record.network.variables, *(equation.name for equation in record.network.equations)}
    unknown = [name for name in found if name not in known]
    if unknown:
        raise ValueProblem(
            f"a gradient is given for {list_names(unknown)}, not a name of this network{nearest(unknown[0], known)}"
        )
    forward = _Forward(record, ready)
    lines = []
    for name, gradient in found.items():
        lines.append(_check_one(forward, name, np.asarray(gradient), step, tolerance, entries))
    return Report(tuple(lines), tolerance, tuple(forward.notes))


@dataclass(frozen=True)
class EntryCheck:
    """One entry of a gradient beside the central difference of the loss, which says nothing where it ``crosses`` a kink."""

    name: str
    entry: tuple[int, ...]
    gradient: float
    difference: float
    crosses: bool = False

    @property
    def error(self) -> float:
        """The relative error: the gap over the larger of the two, 0 where both are 0."""
        scale = max(abs(self.gradient), abs(self.difference))
        return abs(self.gradient - self.difference) / scale if scale else 0.0


def check_entries(
    record: Record,
    entries: Sequence[tuple[str, tuple[int, ...]]],
    values: Mapping[str, Value] | None = None,
    step: float = 1e-5,
) -> tuple[EntryCheck, ...]:
    """Return single entries of the gradients with the differences of the loss as it was written, and no others."""
    ready = check_values(record, values)
    gradients = lambdify(record)(**ready)[1]
    forward = _Forward(record, ready)
    found = []
    for name, entry in entries:
        difference, _, crosses = forward.difference(name, entry, step)
        found.append(EntryCheck(name, entry, float(np.asarray(gradients[name])[entry]), difference, crosses))
    return tuple(found)


def losses_at(
    record: Record, changes: Sequence[Mapping[str, Value]], values: Mapping[str, Value] | None = None
) -> tuple[float, ...]:
    """Return the loss as it was written for each set of other values of variables."""
    forward = _Forward(record, check_values(record, values))
    return tuple(forward.loss(change) for change in changes)


def work_of(record: Record, values: Mapping[str, Value] | None = None) -> int:
    """Return how many products of numbers one forward pass takes in its matrix products."""
    ready = check_values(record, values)
    sizes: dict[Any, int] = {}
    for name, variable in record.network.variables.items():
        sizes.update(zip(variable.shape, np.shape(ready[name]), strict=True))
    return _work([equation.form for equation in record.network.equations], sizes)


def _check_one(
    forward: _Forward, name: str, gradient: np.ndarray, step: float, tolerance: float, most: int
) -> ParameterCheck:
    value = forward.value(name)
    count = int(value.size)

    def problem(text: str) -> ParameterCheck:
        return ParameterCheck(name, value.shape, 0, count, math.inf, (), math.nan, math.nan, problem=text)

    if gradient.shape != value.shape:
        return problem(f"has shape {shape_text(gradient.shape)}, its variable has {shape_text(value.shape)}")
    if gradient.dtype.kind not in "fiub" or not np.all(np.isfinite(gradient)):
        return problem("is not finite everywhere")
    results = []
    kinks = 0
    for entry in _entries(value.shape, most):
        numeric, doubt, crosses = forward.difference(name, entry, step)
        results.append((entry, float(gradient[entry]), numeric, doubt, crosses))
    if not all(math.isfinite(r[2]) for r in results):
        return problem("the loss as written is not finite near these values, so there are no differences to compare")
    # Below the noise of a difference an entry cannot be told from zero.
    typical = max((max(abs(g), abs(d)) for _, g, d, _, _ in results), default=0.0)
    typical = max(typical, np.finfo(np.float64).tiny / tolerance**2)
    worst, at, compared = 0.0, 0, 0
    for k, (_, exact, numeric, doubt, crosses) in enumerate(results):
        gap = abs(exact - numeric)
        scale = max(abs(exact), abs(numeric), 1e-3 * typical) or 1.0
        # A difference is uncertain itself; that much is no evidence against the gradient.
        error = gap / scale if gap <= tolerance * scale else max(gap - doubt, 0.0) / scale
        if error > tolerance and crosses:
            kinks += 1
            continue
        compared += 1
        if error > worst or compared == 1:
            worst, at = max(error, worst), k
    if not results:
        return ParameterCheck(name, value.shape, 0, 0, 0.0, (), 0.0, 0.0)
    entry, exact, numeric, _, _ = results[at]
    return ParameterCheck(name, value.shape, compared, count, worst, entry, exact, numeric, kinks)


def _entries(shape: Sequence[int], most: int = ENTRIES) -> Iterator[tuple[int, ...]]:
    count = math.prod(shape)
    stride = max(1, -(-count // most))
    # A stride that shares no factor with the row length visits every row and every column.
    while stride > 1 and any(math.gcd(stride, s) > 1 for s in shape if s > 1):
        stride += 1
    for flat in range(0, count, stride):
        yield tuple(int(k) for k in np.unravel_index(flat, tuple(shape)))


class _Forward:
    """The network as written, evaluated again where one entry of one variable moves."""

    def __init__(self, record: Record, values: Mapping[str, Value]) -> None:
        self.notes: list[str] = []
        network = record.network
        self._loss = network.loss
        self._sizes: dict[Any, int] = {}
        dtype: Any = np.longdouble
        known = set(network.variables)
        equations: list[tuple[str, Form]] = []
        for equation in network.equations:
            readable = {n.name for n in names_in(equation.written)} <= known
            equations.append((equation.name, equation.written if readable else equation.form))
            known.add(equation.name)
        for name, variable in network.variables.items():
            for length, symbol in zip(np.shape(values[name]), variable.shape, strict=True):
                self._sizes[symbol] = length
        if _work([form for _, form in equations], self._sizes) > _EXTENDED_WORK:
            dtype = np.float64
        self.start: dict[str, np.ndarray] = {}
        for name, variable in network.variables.items():
            array = np.asarray(values[name])
            self.start[name] = array if variable.integer else array.astype(dtype)
        self._noise = float(np.finfo(dtype).eps)
        self._dtype = dtype
        self._equations = tuple(equations)
        self._structures: dict[Form, tuple[frozenset[str], tuple[Reduce, ...]]] = {}
        if not np.isfinite(self._run(self.start, None)[0]):
            safe = stable_forms(record)
            if safe:
                self._equations = tuple((e.name, safe.get(e.name, e.form)) for e in network.equations)
                self.notes.append("the loss as written overflows at these values; its stable form was checked instead")
        self._all: dict[str, Any] = {}
        self._run(self.start, None, keep=self._all)

    def _run(
        self, environment: Mapping[str, Any], moved: str | None, keep: dict[str, Any] | None = None
    ) -> tuple[Any, bytes]:
        """Return the loss and a record of which side of each kink the values lie on."""
        sides: list[bytes] = []
        values: dict[str, Any] = {**environment}
        stale: set[str | None] = {moved}
        arithmetic = _watching(sides, self._dtype)
        with np.errstate(all="ignore"):
            for name, form in self._equations:
                if name == moved:
                    continue  # a value on the way, moved away from what its equation gives
                reads, peaks = self._structure(form)
                if moved is not None and not reads & stale:
                    values[name] = self._all[name]
                    continue
                stale.add(name)
                memo: dict[Form, Any] = {}
                values[name] = evaluate(form, values, self._sizes, arithmetic, memo=memo)
                for node in peaks:
                    inside, peak = memo[node.args[0]], memo[node]
                    kept = peak if node.keepdims else np.expand_dims(peak, node.axes)
                    sides.append(np.asarray(inside == kept).tobytes())
        if keep is not None:
            keep.update(values)
        loss = np.asarray(values[self._loss])
        if loss.size != 1:
            raise SymbackError(f"the loss {self._loss} has {loss.size} elements, so it has no gradient")
        return loss.reshape(())[()], b"|".join(sides)

    def _structure(self, form: Form) -> tuple[frozenset[str], tuple[Reduce, ...]]:
        """Return the names that a form reads and the maxima in it; every evaluation asks for them."""
        if form not in self._structures:
            self._structures[form] = (
                frozenset(n.name for n in names_in(form)),
                tuple(n for n in walk(form) if isinstance(n, Reduce) and n.kind in ("max", "min")),
            )
        return self._structures[form]

    def value(self, name: str) -> np.ndarray:
        """Return the value of a variable or of an equation's left side."""
        return np.asarray(self._all[name])

    def loss(self, change: Mapping[str, Any]) -> float:
        """Return the loss where some variables have other values."""
        moved = {name: np.asarray(value).astype(self.start[name].dtype) for name, value in change.items()}
        return float(self._run({**self.start, **moved}, None)[0])

    def _at(self, name: str, entry: tuple[int, ...], shift: float) -> tuple[Any, bytes]:
        moved = self.value(name).copy()
        moved[entry] += shift
        return self._run({**self.start, name: moved}, name)

    def difference(self, name: str, entry: tuple[int, ...], step: float) -> tuple[float, float, bool]:
        """Return the central difference, its own uncertainty, and whether its step crosses a kink."""
        scale = max(1.0, abs(float(self.value(name)[entry])))
        for factor in (1.0, 1e-2):
            size = step * factor * scale
            up, above = self._at(name, entry, size)
            down, below = self._at(name, entry, -size)
            far_up, far_above = self._at(name, entry, 2 * size)
            far_down, far_below = self._at(name, entry, -2 * size)
            near = float((up - down) / (2 * size))
            far = float((far_up - far_down) / (4 * size))
            crosses = len({above, below, far_above, far_below}) > 1
            noise = 8 * self._noise * float(max(abs(up), abs(down))) / size
            if not crosses:
                break
        return near, (0.0 if crosses else abs(far - near)) + noise, crosses


def _work(forms: Sequence[Form], sizes: Mapping[Any, int]) -> int:
    """Return how many products the matrix products of ``forms`` take."""

    def length(size: Any) -> int:
        return size if isinstance(size, int) else sizes.get(size, 1)

    total = 0
    for form in forms:
        for node in walk(form):
            if isinstance(node, Matmul):
                total += math.prod(length(s) for s in node.shape) * length(node.args[0].shape[-1])
    return total


def _watching(sides: list[bytes], dtype: Any) -> Arithmetic:
    """Return the interpreter's arithmetic in ``dtype``; each comparison also notes on which side its operands lie."""

    def watched(label: str) -> Any:
        compare = FLOATS.functions[label]

        def call(a: Any, b: Any) -> Any:
            sides.append(np.sign(np.asarray(a - b)).astype(np.int8).tobytes())
            return compare(a, b)

        return call

    def number(value: Any) -> Any:
        if hasattr(value, "denominator") and value.denominator != 1:
            return dtype(value.numerator) / dtype(value.denominator)
        return dtype(value)

    return Arithmetic(number, {**FLOATS.functions, **{label: watched(label) for label in RELATIONS}})
