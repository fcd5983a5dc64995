"""Points at which claims are compared with the truth: random values of all inputs, at several sizes of the batch.

Everything is the plain meaning of Forms, one NumPy call per node; generated code takes no part in marking.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symback.core.errors import SymbackError
from symback.core.forms import Apply, Form, Gather, Name, OneHot, names_in, walk
from symback.derivation.record import Record
from symback.engine.interpreter import evaluate
from symback.library.name_words import is_gradient_name
from symback.library.values import Binding
from symback.marking.reading import Reading

TOLERANCE = 1e-6
"""Largest error accepted, relative to the larger of the two numbers."""
POINTS = 4
"""How many points of one size are compared."""
LARGE = 200_000
"""Entries of the inputs from which fewer points are compared, and slips are looked for with fewer rows."""
_TRIALS = 12
_COUNTS = {
    "n",
    "m",
    "N",
    "M",
    "B",
    "batch",
    "batch_size",
    "n_samples",
    "num_samples",
    "num",
    "T",
    "size",
    "num_examples",
}
_TARGETS = ("y", "t", "target", "label", "onehot")


@dataclass(eq=False)
class Point:
    """Values of all versions of a text at one choice of its inputs, and the true adjoints there.

    ``values`` are by key, ``environment`` and ``adjoints`` by the readable names of the derivation.
    """

    reading: Reading
    kind: str
    """``"given"`` for the text's own values, else ``"random"``."""
    values: dict[str, Any]
    environment: dict[str, Any]
    adjoints: dict[str, Any]
    memo: dict[Form, Any] = field(default_factory=dict)

    def value(self, form: Form) -> Any:
        """Return the value of a Form over the versions of the text, or None where it has none."""
        with np.errstate(all="ignore"):
            try:
                return evaluate(form, self.values, memo=self.memo)
            except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError):
                return None

    def expected(self, form: Form, adjoints: Mapping[str, Any]) -> Any:
        """Return the value of a derived Form, given adjoints; None where it has none."""
        environment = {**self.environment, **{f"∂{k}": v for k, v in adjoints.items()}}
        with np.errstate(all="ignore"):
            try:
                return evaluate(form, environment)
            except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError, KeyError):
                return None


def close(claimed: Any, right: Any, tolerance: float = TOLERANCE) -> bool:
    """Return whether two arrays agree entry by entry: relative to the larger, with room for rounding."""
    worst, _ = gap(claimed, right)
    return worst <= tolerance


def gap(claimed: Any, right: Any) -> tuple[float, tuple[int, ...]]:
    """Return the largest relative difference of two arrays of one shape, and where it is."""
    a, b = np.asarray(claimed, dtype=float), np.asarray(right, dtype=float)
    if a.shape != b.shape:
        return np.inf, ()
    if not a.size:
        return 0.0, ()
    if not np.all(np.isfinite(a)):
        at = int(np.argmax(~np.isfinite(a)))
        return np.inf, tuple(int(k) for k in np.unravel_index(at, a.shape))
    size = np.maximum(np.abs(a), np.abs(b))
    # below this, a difference is the rounding of a sum of larger terms
    floor = max(float(np.max(np.abs(b))), 1e-9 * float(np.max(np.abs(a)))) * 1e-4
    with np.errstate(all="ignore"):
        error = np.nan_to_num(np.abs(a - b) / np.maximum(size, max(floor, 1e-9)), nan=np.inf)
    at = int(np.argmax(error))
    return float(error.flat[at]), tuple(int(k) for k in np.unravel_index(at, a.shape))


# --- choosing values --------------------------------------------------------------------------------------------------


class Sampler:
    """Chooses values for the inputs of a reading."""

    def __init__(self, reading: Reading, wanted: Iterable[str]) -> None:
        self.reading = reading
        self.wanted = set(wanted)
        bindings = reading.bindings
        self.indices = reading.inference.indices()
        self.lengths = {s for b in bindings.values() for s in b.shape if isinstance(s, int) and s > 1}
        self.classes = _class_counts(reading)
        self.names = {b.base for b in bindings.values() if not b.anonymous}
        self.sliced = {b.key for b in reading.inference.sliced(reading.root)}
        self.exponents = _plain_numbers(reading)
        self.updated = {u.key for u in reading.evaluator.updates}

    def fixed(self, b: Binding) -> bool:
        """Return whether a number is a constant of the method, not a value that may be another one."""
        if b.value is None:
            return False
        if b.base in self.reading.evaluator.fixed:
            return True
        if b.key in self.wanted:
            return False
        if b.shape == () and (
            b.base in _COUNTS
            or b.key in self.exponents
            or 0 < abs(float(b.value)) <= 1e-3
            or (float(b.value) > 1 and float(b.value) in self.lengths)
        ):
            return True
        if b.key not in self.sliced and is_gradient_name(b.base, self.names - {b.base}):
            return True
        if begins_as_zeros(b) and b.key not in self.updated:
            return True  # terms with it are identically zero
        return b.key not in self.sliced and (b.anonymous or not np.any(np.asarray(b.value, dtype=float)))

    def values(self, style: str, generator: np.random.Generator) -> dict[str, Any]:
        """Return values of all inputs: ``given``, ``near``, ``random`` or ``positive`` ones."""
        found: dict[str, Any] = {}
        for b in self.reading.bindings.values():
            if b.form is not None or b.updates is not None:
                continue
            found[b.key] = self._value(b, style, generator)
        return found

    def _value(self, b: Binding, style: str, generator: np.random.Generator) -> Any:
        shape = tuple(int(s) for s in b.shape)
        given = None if b.value is None else np.asarray(b.value)
        if given is not None and given.dtype.kind not in "iufb":
            return b.value
        if given is not None and given.shape != shape:
            given = None
        if given is not None and b.base in self.reading.evaluator.fixed:
            return given
        if b.key in self.indices:
            classes = self.classes.get(b.key, 2)
            if given is not None and style in ("given", "near"):
                return given
            return generator.permutation(np.arange(int(np.prod(shape, dtype=int))) % classes).reshape(shape)
        if given is not None and (style == "given" or self.fixed(b)):
            return np.asarray(given, dtype=float)
        if style == "near" and given is not None:
            if b.key not in self.wanted:
                return np.asarray(given, dtype=float)
            return np.asarray(given, dtype=float) + 0.3 * generator.standard_normal(shape)
        known = None if b.value is None else np.asarray(b.value, dtype=float)
        if self._is_distribution(b, known, shape):
            return generator.dirichlet(np.full(shape[-1], 2.0), size=shape[:-1])
        if self._is_share(b, known):
            return generator.uniform(0.05, 0.95, shape)
        # sums over many entries stay moderate, so that nothing saturates
        scale = 1 / np.sqrt(max(1.0, max(shape, default=1) / 4))
        if style == "positive":
            return generator.uniform(0.1, 1.2, shape) * scale
        return (0.8 * generator.standard_normal(shape) + (0.1 if style == "random" else 0.0)) * scale

    def _is_distribution(self, b: Binding, known: Any, shape: tuple[int, ...]) -> bool:
        if b.key in self.wanted or not shape or shape[-1] < 2:
            return False
        if known is not None and known.ndim:
            return bool(np.all(known >= 0) and np.allclose(known.sum(axis=-1), 1))
        return len(shape) > 1 and b.base.lower().startswith(_TARGETS)

    def _is_share(self, b: Binding, known: Any) -> bool:
        if b.key in self.wanted:
            return False
        if known is not None:
            return bool(np.all((known == 0) | (known == 1))) or (
                b.base.lower().startswith(_TARGETS) and bool(np.all((known >= 0) & (known <= 1)))
            )
        return b.base.lower().startswith(_TARGETS)


def begins_as_zeros(b: Binding) -> bool:
    """Return whether an input is a state that begins as zeros, not data or a parameter, which may be other ones another time."""
    if b.value is None or not b.shape or b.trainable or b.anonymous or np.any(np.asarray(b.value)):
        return False
    stem = b.base.lower().rstrip("0123456789_")
    return not (
        stem[:1] in "wbvuxyt"
        or stem in ("input", "inputs", "data", "labels", "label", "gamma", "beta", "theta", "params")
        or stem.startswith(_TARGETS)
    )


def _plain_numbers(reading: Reading) -> set[str]:
    """Return the keys of numbers that stand where only a certain number makes sense: exponents, comparisons."""
    found: set[str] = set()
    for b in reading.bindings.values():
        for node in walk(b.form) if b.form is not None else ():
            if isinstance(node, Apply) and node.op == "power":
                found.update(n.name for n in names_in(node.args[1]))
    return found


def _class_counts(reading: Reading) -> dict[str, int]:
    """Return how many classes each array of class indices counts."""
    found: dict[str, int] = {}
    for b in reading.bindings.values():
        for node in walk(b.form) if b.form is not None else ():
            if isinstance(node, (OneHot, Gather)):
                count = node.classes if isinstance(node, OneHot) else node.args[0].shape[node.axis]
                for n in names_in(node.args[-1]):
                    for leaf in reading.bindings[n.name].leaves:
                        if isinstance(count, int):
                            found[leaf] = min(count, found.get(leaf, count))
    return found


# --- evaluating -------------------------------------------------------------------------------------------------------


def point_at(
    reading: Reading, inputs: Mapping[str, Any], kind: str, needed: Iterable[str], generator: np.random.Generator
) -> Point | None:
    """Return the point at ``inputs``, or None where the loss or a derivative is not finite there."""
    values: dict[str, Any] = dict(inputs)
    closure = _needed(reading, needed)
    with np.errstate(all="ignore"):
        memo: dict[Form, Any] = {}
        for b in reading.bindings.values():
            if b.updates is not None:
                before = np.asarray(values[b.updates], dtype=float)
                # after an update a parameter is another array, whatever the rate
                values[b.key] = before + 0.25 * generator.standard_normal(before.shape)
            elif b.form is not None and b.key in closure:
                try:
                    values[b.key] = evaluate(b.form, values, memo=memo)
                except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError):
                    continue
        environment: dict[str, Any] = {
            name: values[key]
            for key, name in reading.final.items()
            if key in values and name in reading.record.network.variables
        }
        try:
            for equation in reading.record.network.equations:
                environment[equation.name] = evaluate(equation.form, environment)
        except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError):
            return None
        loss = np.asarray(environment[reading.record.network.loss])
        if not np.all(np.isfinite(loss)):
            return None
        point = Point(reading, kind, values, environment, {}, memo)
        truth = propagate(point, {})
    if any(v is None or not np.all(np.isfinite(v)) for v in truth.values()):
        return None
    point.adjoints = truth
    point.values.update({f"∂{of}": value for of, value in truth.items()})
    return point


def _needed(reading: Reading, wanted: Iterable[str]) -> set[str]:
    closure = set(wanted) | {reading.root.key}
    for key in reversed(list(reading.bindings)):
        form = reading.bindings[key].form
        if key in closure and form is not None:
            closure.update(n.name for n in names_in(form))
    return closure


def propagate(point: Point, claimed: Mapping[str, Any]) -> dict[str, Any]:
    """Return all adjoints at a point, each from those nearer the loss; a claimed one is handed on in place of the right one."""
    return adjoints_in(point.reading.record, point.environment, claimed)


def adjoints_in(record: Record, values: Mapping[str, Any], claimed: Mapping[str, Any]) -> dict[str, Any]:
    """Return all adjoints of a derivation at the values of its names, claimed ones handed on in place of the right ones."""
    found: dict[str, Any] = {}
    handed: dict[str, Any] = {}
    environment: dict[str, Any] = dict(values)
    with np.errstate(all="ignore"):
        for step in record.steps:
            try:
                value = evaluate(step.form, environment)
            except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError, KeyError):
                value = None
            found[step.of] = value
            handed[step.of] = claimed.get(step.of, value)
            environment["∂" + step.of] = handed[step.of]
    return found


def points_of(reading: Reading, wanted: Sequence[str], needed: Iterable[str], seed: int = 0) -> list[Point]:
    """Return points at which the derivatives of ``wanted`` (keys) show: finite, and together nonzero where possible."""
    generator = np.random.default_rng(seed)
    sampler = Sampler(reading, wanted)
    needed = list(needed)
    names = [reading.final[k] for k in wanted if k in reading.final]
    found: list[Point] = []
    covered: dict[str, Any] = {}
    complete = all(
        b.value is not None
        for b in reading.bindings.values()
        if b.form is None and b.key in sampler.sliced and b.updates is None
    )
    if complete:
        given = point_at(reading, sampler.values("given", generator), "given", needed, generator)
        if given is not None:
            found.append(given)
    styles = (
        ["random", "random", "near", "random", "positive", "near"]
        if complete
        else ["random", "random", "random", "positive"]
    )
    count = 0
    large = entry_count(reading) > LARGE
    for trial in range(_TRIALS):
        if (count >= POINTS and trial >= 6) or (large and count >= 2):
            break
        point = point_at(reading, sampler.values(styles[trial % len(styles)], generator), "random", needed, generator)
        if point is None:
            continue
        fresh = False
        for name in names:
            shown = np.abs(np.asarray(point.adjoints.get(name, 0.0))) > 0
            before = covered.get(name)
            if before is None or np.any(shown & ~before):
                covered[name] = shown if before is None else before | shown
                fresh = True
        if fresh or count < 2:
            found.append(point)
            count += 1
    return found


def entry_count(reading: Reading) -> int:
    """Return how many entries all inputs of a reading have together."""
    return sum(int(np.prod([int(s) for s in b.shape], dtype=int)) for b in reading.bindings.values() if b.form is None)


# --- what is no error -------------------------------------------------------------------------------------------------


def literals(tree: ast.AST, lines: set[int]) -> set[float]:
    """Return the numbers that a text calculates with, and those spelled on the given lines and in the loops around them."""
    found: set[float] = set()

    def numbers(node: ast.AST) -> Iterable[float]:
        for inner in ast.walk(node):
            if (
                isinstance(inner, ast.Constant)
                and isinstance(inner.value, (int, float))
                and not isinstance(inner.value, bool)
            ):
                yield float(inner.value)

    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            for side in (node.left, node.right):
                if isinstance(side, ast.Constant):
                    found.update(numbers(side))
        elif isinstance(node, (ast.For, ast.comprehension)) and (
            isinstance(node, ast.comprehension) or any(getattr(inner, "lineno", 0) in lines for inner in ast.walk(node))
        ):
            found.update(numbers(node.iter))
        elif isinstance(node, (ast.Assign, ast.AugAssign)) and node.lineno in lines:
            found.update(numbers(node.value))
    return found


__all__ = [
    "LARGE",
    "POINTS",
    "TOLERANCE",
    "Name",
    "Point",
    "Sampler",
    "adjoints_in",
    "begins_as_zeros",
    "close",
    "entry_count",
    "gap",
    "literals",
    "point_at",
    "points_of",
    "propagate",
]
