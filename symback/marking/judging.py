"""Judge claims: compare each with the truth at random points and several sizes, find where an error enters and which slip it is."""

from __future__ import annotations

import ast
import copy
import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import (
    Adjoint,
    Apply,
    Form,
    Matmul,
    Name,
    Number,
    Outer,
    Prime,
    Reduce,
    Transpose,
    names_in,
    substitute,
    sum_of,
    walk,
)
from symback.core.forms import name as make_name
from symback.derivation.guards import bare_logarithms, without_guards
from symback.derivation.record import Step
from symback.engine.interpreter import evaluate
from symback.library.plain_numbers import is_number
from symback.library.values import Binding
from symback.marking.claims import Claim, Claims, find_claims, find_unnamed, unread_because
from symback.marking.edits import edited
from symback.marking.points import (
    LARGE,
    POINTS,
    TOLERANCE,
    Point,
    begins_as_zeros,
    close,
    entry_count,
    gap,
    literals,
    points_of,
    propagate,
)
from symback.marking.reading import BackwardEvaluator, Reading, Source, followed, following, loss_of, reading
from symback.marking.report import Difference
from symback.marking.slips import mistakes
from symback.readers.inference import Inference
from symback.readers.syntax import as_load

SIZES = (3, 5, 7, 4, 6, 8)
"""Sizes of a batch that are tried in place of the text's own."""
_MOST_MISTAKES = 600
_MOST_REPAIRS = 1500
_MOST_EDITED = 6000


@dataclass(eq=False)
class Judged:
    """What was found about one claim; words are put to it later."""

    claim: Claim
    variable: str
    status: str = "agrees"
    slip: str | None = None
    ratio: float | None = None
    """The constant by which the claim differs, where it does."""
    ratio_text: str = ""
    only: str = ""
    """``"batch 1"`` or ``"this point"`` where it agrees only there, ``"kink"`` where it differs only on one."""
    cause: str | None = None
    """The gradient from which the error comes, where this line follows correctly from it."""
    at: str | None = None
    """The variable at whose step the error enters."""
    through: tuple[str, ...] = ()
    names: tuple[str, str] | None = None
    """What was written, and what is meant, where a wrong name was used."""
    note: str = ""
    """Key of a remark: ``scaled``, ``descent``, ``one row``, ``guard``, ``kink``, ``constant``."""
    shape: tuple[int, ...] | None = None
    right_shape: tuple[int, ...] = ()
    points: tuple[Difference, ...] = ()
    rows: int | None = None
    primed: bool = False
    """True where ``names`` are where a derivative is taken, and where it belongs."""
    fails: bool = False
    """True where the line fails when it runs with another number of rows."""
    edited: int | None = None
    """The line of the slip, where it is another than that of the claim."""


@dataclass(eq=False)
class Trial:
    """The claims of one reading with the points at which they are compared."""

    reading: Reading
    claims: tuple[Claim, ...]
    points: list[Point]
    rows: int | None
    """The size of the batch, where it is another than the text's."""
    original: bool
    own: int | None = None
    """The size of the batch of the text's own data, where another was tried."""
    guarded: Trial | None = None
    """The same without the tiny numbers inside logarithms."""
    depends: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)


@dataclass(eq=False)
class Marked:
    """Everything that was found in one text."""

    reading: Reading
    judged: list[Judged]
    claims: Claims
    rows: tuple[int, ...]
    points: int
    trials: tuple[Trial, ...] = ()
    any_rows: Callable[[], Reading | None] = lambda: None
    """Reads the text for a symbolic number of rows, or for another one; None where the data has no rows."""


# --- the whole --------------------------------------------------------------------------------------------------------


Follow = Callable[[Mapping[str, Any], Mapping[str, Any], bool], BackwardEvaluator]
"""Follows a text with other values and shapes; the last argument is whether to repair lost axes."""
Find = Callable[[BackwardEvaluator, Inference, Binding, bool], tuple[Reading, Claims]]
"""Derives the loss of a followed text and finds the claims; the last argument allows a loss of several elements."""


def mark(
    source: Source,
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    loss: str | None = None,
    given: Mapping[str, str] | None = None,
    seed: int | None = None,
    follow: Follow | None = None,
    find: Find | None = None,
) -> Marked:
    """Read a text and judge every hand-written gradient in it; raises ReadError where the forward pass cannot be read.

    ``follow`` takes the place of reading the text from top to bottom, ``find`` of deriving it and looking for claims in it.
    """
    follow = follow or following(source, seed)
    evaluator = follow(dict(values or {}), whole_sizes(shapes), False)
    inference, root = loss_of(evaluator, source, loss)

    def among_lines(
        evaluator: BackwardEvaluator, inference: Inference, root: Binding, allow_sum: bool
    ) -> tuple[Reading, Claims]:
        return _read(evaluator, inference, root, given, allow_sum)

    look = find or among_lines
    first, claims = look(evaluator, inference, root, False)
    if not claims.found:
        return Marked(first, [], claims, (), 0)
    trials = [_trial(first, claims.found, None, True)]
    wider: Resized | None = None
    if not trials[0].points:
        raise ReadError(f"the loss {root.base} is not finite at any values that were tried, so nothing can be compared")
    for changed in _other_sizes(source, first, claims, values, shapes):
        again = _again(source, follow, changed, root.key, look)
        if again is not None:
            trials.append(again)
            wider = wider or changed
            if len(trials) > 2:
                break
    trials[0].own = _own_rows(trials)
    judged = _judge(source, trials, claims)
    rows = tuple(t.rows for t in trials if t.rows is not None)

    def any_rows() -> Reading | None:
        if wider is None:
            return None
        try:
            again = follow(wider.values, wider.symbolic, wider.repair)
            return look(again, Inference(again, source.tree), again.bindings[root.key], True)[0]
        except (SymbackError, KeyError):
            return trials[1].reading

    return Marked(first, judged, claims, rows, sum(len(t.points) for t in trials), tuple(trials), any_rows)


def whole_sizes(shapes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return shapes with symbols replaced by sizes, each symbol by its own."""
    known: dict[str, int] = {}
    found: dict[str, Any] = {}
    whole = {
        s
        for shape in (shapes or {}).values()
        for s in (shape if isinstance(shape, (tuple, list)) else (shape,))
        if isinstance(s, int)
    }
    free = [s for s in SIZES if s not in whole] or list(SIZES)  # a symbol is like no other size
    for label, shape in (shapes or {}).items():
        parts = shape if isinstance(shape, (tuple, list)) else (shape,)
        found[label] = tuple(
            s if isinstance(s, int) else known.setdefault(str(s), free[len(known) % len(free)]) for s in parts
        )
    return found


def _read(
    evaluator: BackwardEvaluator,
    inference: Inference,
    root: Binding,
    given: Mapping[str, str] | None,
    allow_sum: bool = False,
) -> tuple[Reading, Claims]:
    sliced = inference.sliced(root)
    claims = find_claims(evaluator, sliced, root, inference.names_of(root), given)
    wanted = _leaves_for(evaluator, inference, sliced, claims)
    read = reading(evaluator, inference, root, wanted, allow_sum)
    return read, _with_unnamed(read, claims)


def _with_unnamed(read: Reading, claims: Claims) -> Claims:
    """Return the claims with those of what a function of the forward pass was applied to without a name of its own."""
    if not claims.unmatched:
        return claims
    keys = {name: key for key, name in read.final.items()}
    invented: dict[str, tuple[str, str]] = {}
    bindings = dict(read.bindings)
    for equation in read.record.network.equations:
        readers = [e for e in read.record.network.equations if equation.name in {n.name for n in names_in(e.form)}]
        if (
            equation.name in keys
            or len(readers) != 1
            or readers[0].name not in keys
            or not (
                isinstance(readers[0].form, Apply)
                and isinstance(readers[0].form.args[0], Name)
                and readers[0].form.shape == equation.form.shape
            )
        ):
            continue
        key = f"{equation.name}#unnamed"
        result = keys[readers[0].name]
        bindings[key] = Binding(
            key,
            equation.name,
            equation.form.shape,
            read.bindings[result].line,
            make_name(result, readers[0].form.shape),
            read.bindings[result].leaves,
            local=True,
        )
        invented[key] = (result, equation.name)
    found = find_unnamed(claims, bindings, invented)
    if not found:
        return claims
    named = {c.variable for c in found}
    read.evaluator.bindings.update({key: bindings[key] for key in named})
    read.final = {**read.final, **{key: invented[key][1] for key in named}}
    matched = {c.name for c in found}
    together = sorted((*claims.found, *found), key=lambda c: c.line or 0)
    return Claims(tuple(together), tuple(c for c in claims.unmatched if c.name not in matched))


def _leaves_for(
    evaluator: BackwardEvaluator, inference: Inference, sliced: Sequence[Binding], claims: Claims
) -> list[str]:
    """Return the keys of leaves to derive by: those claimed, and for each claimed step on the way one that leads to it."""
    indices = inference.indices()
    leaves = [b for b in sliced if b.form is None and b.key not in indices]
    wanted = [b.key for b in leaves if any(c.variable == b.key for c in claims.found)]
    for claim in claims.found:
        b = evaluator.bindings[claim.variable]
        if b.form is None or b.leaves & set(wanted):
            continue
        among = [leaf for leaf in leaves if leaf.key in b.leaves]
        among.sort(key=lambda leaf: (leaf.shape == (), leaf.anonymous))
        wanted += [leaf.key for leaf in among[:1]]
    if not wanted:
        among = [b for b in leaves if b.shape and not b.anonymous] or leaves
        wanted = [b.key for b in among[:1]]
    return wanted


def _trial(read: Reading, claims: Sequence[Claim], rows: int | None, original: bool, guards: bool = True) -> Trial:
    needed = [c.key for c in claims if c.key] + [n.name for c in claims if c.form is not None for n in names_in(c.form)]
    wanted = [c.variable for c in claims]
    seed = 0 if rows is None else rows
    trial = Trial(read, tuple(claims), points_of(read, wanted, needed, seed), rows, original)
    for claim in claims:
        trial.depends[claim.name, claim.variable] = _closure(read, claim)
    if guards and (bare := _without_guards(read)) is not None:
        trial.guarded = _trial(bare, claims, rows, original, False)
    return trial


def _closure(read: Reading, claim: Claim) -> frozenset[str]:
    """Return the keys of all versions that a claim is computed from."""
    found: set[str] = set()
    stack = [n.name for n in names_in(claim.form)] if claim.form is not None else []
    while stack:
        key = stack.pop()
        if key not in found:
            found.add(key)
            form = read.bindings[key].form
            stack += [n.name for n in names_in(form)] if form is not None else []
    return frozenset(found)


def _without_guards(read: Reading) -> Reading | None:
    """Return the reading without the tiny numbers that keep logarithms from 0, or None where there are none."""
    forward = {b.key for b in read.inference.sliced(read.root)}
    changed: dict[str, Binding] = {}
    for b in read.bindings.values():
        if b.form is None:
            continue
        form = bare_logarithms(b.form) if b.key in forward else without_guards(b.form)
        if form is not b.form:
            changed[b.key] = replace(b, form=form)
    if not changed:
        return None
    evaluator = copy.copy(read.evaluator)
    evaluator.bindings = {k: changed.get(k, b) for k, b in read.evaluator.bindings.items()}
    inference = copy.copy(read.inference)
    inference.evaluator, inference.bindings, inference.choices = evaluator, evaluator.bindings, []
    try:
        bare = reading(evaluator, inference, evaluator.bindings[read.root.key], _parameter_keys(read), False)
        return replace(bare, final={**read.final, **bare.final})
    except SymbackError:
        return None


def plain(read: Reading) -> Reading:
    """Return a reading as a page shows it: without the tiny numbers that guard logarithms."""
    return _without_guards(read) or read


def _parameter_keys(read: Reading) -> list[str]:
    return [read.keys[p] for p in read.record.wrt if p in read.keys]


# --- other sizes of the batch -----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Resized:
    """Data of another size: how many rows, the values to read with, and the shapes."""

    rows: int
    values: dict[str, Any]
    shapes: dict[str, Any]
    symbolic: dict[str, Any]
    """The shapes with a symbol in the place of the number of rows."""
    repair: bool = False


def _parameters_of(read: Reading, sliced: Sequence[Binding], claimed: set[str]) -> set[str]:
    """Return the keys of what the text updates, claims a gradient of, or spells as a parameter."""
    indices = read.inference.indices()
    updated = {u.key for u in read.evaluator.updates}
    return {
        b.key
        for b in sliced
        if b.form is None
        and b.shape
        and b.key not in indices
        and not is_data(b, claimed)
        and (
            b.key in updated
            or b.trainable
            or b.key in claimed
            or b.base[:1] in "wWbB"
            or b.base.startswith(("theta", "gamma", "beta"))
        )
    }


def _other_sizes(
    source: Source, read: Reading, claims: Claims, values: Mapping[str, Any] | None, shapes: Mapping[str, Any] | None
) -> Iterable[Resized]:
    """Return other shapes of the data."""
    sliced = read.inference.sliced(read.root)
    claimed = {c.variable for c in claims.found if c.numerator is None}
    parameters = _parameters_of(read, sliced, claimed)
    data = [
        b for b in sliced if b.form is None and b.shape and not b.anonymous and b.key not in parameters and not b.local
    ]
    lengths = {s for b in read.bindings.values() for s in b.shape if isinstance(s, int)}
    for axis in (0, -1):
        for count in dict.fromkeys(b.shape[axis] for b in data):
            group = [b for b in data if b.shape[axis] == count and (axis == 0 or len(b.shape) == 2)]
            if not isinstance(count, int) or any(is_data(b, claimed) and b not in group for b in data):
                continue  # these are no rows of all the data
            if axis == -1 and count == 1 and not _counts_columns(source.tree):
                continue  # single column vectors, not a batch of one column
            fresh = [s for s in SIZES if s not in lengths][:3] or [max(lengths, default=1) + 1]
            symbol = next(n for n in ("n", "m", "N", "rows") if n not in {b.base for b in read.bindings.values()})

            def resized(size: Any, group: Sequence[Binding] = group, axis: int = axis) -> dict[str, Any]:
                wider = {b.base: (size, *b.shape[1:]) if axis == 0 else (*b.shape[:-1], size) for b in group}
                return {**whole_sizes(shapes), **wider}

            for size in fresh:
                wider = {b.base for b in group}
                counts: dict[str, Any] = {
                    b.base: size
                    for b in read.bindings.values()
                    if b.form is None
                    and b.shape == ()
                    and b.value is not None
                    and count > 1
                    and b.value == count
                    and not b.anonymous
                    and b.base in ("n", "m", "N", "M", "B", "batch", "batch_size", "n_samples", "num_samples")
                }
                kept = {k: v for k, v in (values or {}).items() if k not in wider}
                kept.update(
                    {
                        b.base: np.zeros((size, *b.shape[1:]) if axis == 0 else (*b.shape[:-1], size))
                        for b in group
                        if begins_as_zeros(b)
                    }
                )
                yield Resized(size, {**kept, **counts}, resized(size), resized(symbol))
            if count == 1:
                # a slip of the forward pass itself may only fit when rows and classes are as many
                for size in fresh[:2]:
                    kept = {k: v for k, v in (values or {}).items() if k not in {b.base for b in group}}
                    yield Resized(size, kept, resized(size), resized(symbol), repair=True)


def is_data(b: Binding, claimed: set[str] | None = None) -> bool:
    """Return whether a name is spelled as data or a target."""
    return b.base.lower().rstrip("0123456789_") in (
        "x",
        "y",
        "t",
        "input",
        "inputs",
        "data",
        "target",
        "targets",
        "label",
        "labels",
        "xbatch",
        "ybatch",
    )


def _again(
    source: Source,
    follow: Follow,
    changed: Resized,
    root: str,
    look: Find,
) -> Trial | None:
    """Return the text read once more with data of another size, or None where it does not fit."""
    try:
        evaluator = follow(changed.values, changed.shapes, changed.repair)
        found = evaluator.bindings.get(root)
        if found is None or found.form is None:
            return None
        read, claims = look(evaluator, Inference(evaluator, source.tree), found, True)
        trial = _trial(read, claims.found, changed.rows, False)
    except SymbackError:
        return None
    return trial if trial.points else None


def _counts_columns(tree: ast.AST) -> bool:
    """Return whether a text speaks of several columns: of their number, or of sums over them."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "shape"
            and (isinstance(node.slice, (ast.Constant, ast.UnaryOp)) and ast.unparse(node.slice) in ("1", "-1"))
        ):
            return True
        if isinstance(node, ast.keyword) and node.arg in ("axis", "dim") and ast.unparse(node.value) in ("1", "-1"):
            return True
    return False


# --- judging ----------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Case:
    """One claim at one point."""

    trial: Trial
    point: Point
    claim: Claim
    claimed: Any
    right: Any
    """The true derivative."""
    expected: Any
    """What follows from the student's own gradients nearer the loss."""
    handed: dict[str, Any]
    """These gradients."""
    _adjoints: dict[str, Any] = field(default_factory=dict)

    def adjoints(self) -> dict[str, Any]:
        """Return all derivatives as they follow from the gradients handed on."""
        if not self._adjoints:
            found = propagate(self.point, self.handed) if self.handed else self.point.adjoints
            self._adjoints.update({**self.point.adjoints, **found, **self.handed})
        return dict(self._adjoints)


def _judge(source: Source, trials: list[Trial], claims: Claims) -> list[Judged]:
    found: dict[tuple[str, str], Judged] = {}
    first = trials[0]
    leaves = {b.base for b in first.reading.inference.sliced(first.reading.root) if b.form is None}
    descending = _descents(source, leaves)
    for claim in first.claims:
        name = first.reading.final.get(claim.variable, claim.variable)
        judged = Judged(claim, name)
        found[claim.name, claim.variable] = judged
        _compare(judged, trials, claim)
    wrong = {k: j for k, j in found.items() if j.status in ("wrong", "shape")}
    # numbers that guard a logarithm would hide what a claim is in proportion to
    trials = [_bare(t) for t in trials]
    light = [t for t in trials if entry_count(t.reading) <= LARGE]
    slips = light if light and not trials[0].reading.summed else trials
    for judged in wrong.values():
        if judged.claim.numerator is None and judged.status == "wrong" and not judged.claim.typed:
            _forgive(judged, found, trials, descending)
    remaining = [j for j in wrong.values() if j.status != "agrees" and j.claim.numerator is None]
    scales = _scales(found, trials) if remaining else {}
    for judged in remaining:
        _explain(judged, found, slips if judged.only != "this point" else trials, scales)
    _by_edit(remaining, source, first)
    for judged in found.values():
        if judged.status in ("crash", "unread"):
            _blame_unread(judged, found, trials[0], source)
    for judged in found.values():
        _weigh_sizes(judged, trials, source)
    return list(found.values())


def _bare(trial: Trial) -> Trial:
    """Return the trial without guards of logarithms, where it has them."""
    if trial.guarded is None or not trial.guarded.points:
        return trial
    return replace(trial.guarded, own=trial.own)


def _of(trial: Trial, claim: Claim) -> Claim | None:
    """Return the same claim in another reading."""
    if trial.original:
        return claim
    return next((c for c in trial.claims if c.name == claim.name and _base(c.variable) == _base(claim.variable)), None)


def _slot(trial: Trial, claim: Claim) -> tuple[str, str]:
    mine = _of(trial, claim) or claim
    return mine.name, mine.variable


def _base(key: str) -> str:
    return key.partition("#")[0]


def _right(trial: Trial, point: Point, claim: Claim) -> Any:
    """Return the true derivative that a claim is about; None where the derivation has none."""
    name = trial.reading.final.get(claim.variable)
    if name is None:
        return None
    if claim.numerator is not None:
        return _local(trial, point, claim, name)
    if name in point.adjoints:
        return point.adjoints[name]
    if name == trial.reading.record.network.loss:
        return 1.0
    binding = trial.reading.bindings[claim.variable]
    if binding.form is None and name not in trial.reading.record.network.variables:
        return np.zeros(tuple(binding.shape))
    return None


def _local(trial: Trial, point: Point, claim: Claim, name: str) -> Any:
    """Return the value of an entrywise local derivative, or None where there is no such array."""
    through = trial.reading.final.get(claim.numerator or "")
    step = trial.reading.record.by_name().get(name)
    among = [c.local for c in step.contributions if c.through == through] if step is not None else []
    if len(among) != 1:
        return None
    local = among[0]
    return None if local is None else point.expected(local, {})


def _compare(judged: Judged, trials: list[Trial], claim: Claim) -> None:
    """Set the status of a claim by comparing it with the truth everywhere."""
    original = trials[0]
    if claim.form is None:
        judged.status = unread_because(claim)
        return
    shape = tuple(int(s) for s in claim.form.shape)
    target = tuple(int(s) for s in original.reading.bindings[claim.variable].shape)
    judged.shape, judged.right_shape = shape, target
    outcomes = [_outcome(trial, claim) for trial in trials]
    status, differences = outcomes[0]
    if status == "unjudged":
        judged.status, judged.note = "agrees", "unjudged"
        return
    judged.status, judged.points = status, differences
    if (
        status == "wrong"
        and original.points
        and original.points[0].kind == "given"
        and _agrees_at(original, claim, original.points[0])
    ):
        judged.only = "this point"
    if status == "agrees":
        if differences:
            judged.note = judged.only = "kink"
            judged.points = differences
        for trial, (other, where) in zip(trials[1:], outcomes[1:], strict=True):
            if other in ("wrong", "shape", "crash"):
                judged.rows = trial.rows
                judged.fails = other == "crash"
                if trial.reading.summed:
                    judged.note = "one row"
                elif judged.status == "agrees":
                    judged.status, judged.only, judged.points = "wrong", "sizes", where
                break


def _agrees_at(trial: Trial, claim: Claim, point: Point) -> bool:
    claimed, right = _claimed(point, claim), _right(trial, point, claim)
    return claimed is not None and right is not None and close(claimed, right)


def _claimed(point: Point, claim: Claim) -> Any:
    value = None if claim.form is None else point.value(claim.form)
    if not claim.step or value is None:
        return value
    right = point.adjoints.get(point.reading.final.get(claim.variable, ""))
    if right is None or np.shape(right) != np.shape(value) or not np.any(right):
        return value
    rate = float(np.sum(np.asarray(value) * right) / np.sum(np.square(right)))
    return value / rate if rate > 0 and close(value, rate * np.asarray(right)) else value


def _outcome(trial: Trial, claim: Claim) -> tuple[str, tuple[Difference, ...]]:
    """Return how a claim fares in one reading, and where it differs."""
    mine = _of(trial, claim)
    if mine is None:
        return "unjudged", ()
    if mine.form is None:
        return unread_because(mine), ()
    status, differences = _outcome_as_written(trial, mine)
    if status in ("wrong",) and trial.guarded is not None:
        bare, _ = _outcome_as_written(trial.guarded, mine)
        if bare == "agrees":
            return "agrees", ()
    return status, differences


def _outcome_as_written(trial: Trial, claim: Claim) -> tuple[str, tuple[Difference, ...]]:
    differences: list[Difference] = []
    kinks: list[Difference] = []
    judged = False
    for point in trial.points:
        claimed, right = _claimed(point, claim), _right(trial, point, claim)
        if claimed is None or right is None:
            continue
        judged = True
        a, b = np.asarray(claimed, dtype=float), np.asarray(right, dtype=float)
        if a.shape != b.shape:
            if claim.numerator is not None:
                if not _broadcasts(a, b):
                    return "unjudged", ()
                a, b = np.broadcast_arrays(a, b)
            elif b.shape == () and a.size == 1:
                a = a.reshape(())  # a number as an array of one entry
            else:
                return "shape", _shape_difference(a, b, trial, point)
        error, entry = gap(a, b)
        if error > TOLERANCE:
            if np.all(np.isfinite(a)):  # the largest difference says most
                entry = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.abs(a - b))), a.shape))
            difference = Difference(entry, float(a[entry]), float(b[entry]), trial.rows, point.kind == "given")
            (kinks if point.kind == "given" else differences).append(difference)
    if not judged:
        return "unjudged", ()
    randoms = [p for p in trial.points if p.kind == "random"]
    if kinks and (not differences and randoms):
        return "agrees", tuple(kinks)
    return ("wrong", tuple(kinks + differences)) if differences or kinks else ("agrees", ())


def _broadcasts(a: Any, b: Any) -> bool:
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return True


def _shape_difference(a: Any, b: Any, trial: Trial, point: Point) -> tuple[Difference, ...]:
    if a.size == b.size and close(a.reshape(b.shape), b):
        return ()
    return ()


# --- what is no error ---------------------------------------------------------------------------------------------------


def _descents(source: Source, leaves: set[str]) -> set[str]:
    """Return names that are added to a parameter in an update: ``W += rate * dW``."""
    found: set[str] = set()
    for node in ast.walk(source.tree):
        added: ast.expr | None = None
        target: ast.expr | None = None
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            target, added = node.target, node.value
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.BinOp)
            and isinstance(node.value.op, ast.Add)
            and ast.dump(as_load(node.targets[0])) == ast.dump(node.value.left)
        ):
            target, added = node.targets[0], node.value.right
        spelled = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)} if target is not None else set()
        spelled |= {n.attr for n in ast.walk(target) if isinstance(n, ast.Attribute)} if target is not None else set()
        if added is not None and spelled & leaves:
            found.update(n.id for n in ast.walk(added) if isinstance(n, ast.Name))
    return found


def _readers(judged: Judged, found: Mapping[Any, Judged], trial: Trial) -> list[Judged]:
    """Return the other claims that are computed from this one."""
    key = judged.claim.key
    if key is None:
        return []
    return [
        j
        for j in found.values()
        if j is not judged
        and key in trial.depends.get((j.claim.name, j.claim.variable), ())
        and j.claim.numerator is None
    ]


def _forgive(judged: Judged, found: Mapping[Any, Judged], trials: list[Trial], descending: set[str]) -> None:
    """Accept what is a convention: a factor that is applied later, a step of descent instead of a gradient, another name's error."""
    ratio = _constant_ratio(judged, trials, truth=True)
    readers = _readers(judged, found, trials[0])
    right = [r for r in readers if r.status == "agrees" and _compensates(r, found, trials[0])]
    is_leaf = trials[0].reading.bindings[judged.claim.variable].form is None
    if ratio is not None and not is_leaf and right:
        judged.status, judged.note, judged.ratio, judged.only = "agrees", "scaled", ratio[0], ""
        judged.ratio_text = ratio[1]
        return
    if (
        ratio is not None
        and ratio[0] == -1
        and (
            judged.claim.name in descending
            or (not is_leaf and readers and all(_is_descent(r, trials, descending) for r in readers))
        )
    ):
        judged.status, judged.note, judged.ratio, judged.only = "agrees", "descent", -1.0, ""
        return
    if not is_leaf and (judged.claim.loose or (right and all(r.status == "agrees" for r in readers))):
        # another array under this name, such as σ′(z₁) called da1: what is computed with it is right
        judged.status, judged.note, judged.only = "agrees", "unjudged", ""
        return
    if not is_leaf and (right or descending or not readers):
        other = _other_variable(judged, trials, bool(right) or bool(descending))
        if other is not None:
            judged.status, judged.note, judged.at, judged.only = "agrees", "other variable", other, ""


def _compensates(judged: Judged, found: Mapping[Any, Judged], trial: Trial) -> bool:
    """Return whether a right claim is right because it makes up for a factor of what it is computed from."""
    for point in trial.points:
        claimed = _claimed(point, judged.claim)
        handed = _handed(judged, found, trial, point)
        expected = propagate(point, handed).get(judged.variable)
        if (
            claimed is not None
            and expected is not None
            and not (np.shape(claimed) == np.shape(expected) and close(claimed, expected))
        ):
            return True
    return False


def _is_descent(judged: Judged, trials: list[Trial], descending: set[str]) -> bool:
    ratio = _constant_ratio(judged, trials, truth=True)
    return judged.note == "descent" or (ratio is not None and ratio[0] == -1 and judged.claim.name in descending)


def _other_variable(judged: Judged, trials: list[Trial], signed: bool) -> str | None:
    """Return the neighbour of a variable whose derivative a loosely named claim is: ``delta1`` of z1 or of a1."""
    if not judged.claim.name.lower().replace("_", "").strip("0123456789").endswith(
        ("delta", "error", "err", "deltas")
    ) and not (judged.claim.name.lower().startswith(("delta", "err"))):
        return None
    trial = trials[0]
    network = trial.reading.record.network
    near = [e.name for e in network.equations if judged.variable in {n.name for n in names_in(e.form)}]
    near += [n.name for e in network.equations if e.name == judged.variable for n in names_in(e.form)]
    for name in near:
        for sign in (1, -1) if signed else (1,):
            if trial.points and all(
                name in p.adjoints
                and (c := _claimed(p, judged.claim)) is not None
                and np.shape(c) == np.shape(p.adjoints[name])
                and close(sign * np.asarray(c), p.adjoints[name])
                for p in trial.points
            ):
                return name
    return None


# --- why it is wrong ----------------------------------------------------------------------------------------------------


_ACCEPTED = ("scaled", "descent", "other variable", "unjudged")


def _handed(
    judged: Judged, found: Mapping[Any, Judged], trial: Trial, point: Point, but: tuple[str, ...] = _ACCEPTED
) -> dict[str, Any]:
    """Return the student's own gradients that this claim is computed from, by variable, where they are in shape."""
    handed: dict[str, Any] = {}
    mine = trial.depends.get(_slot(trial, judged.claim), frozenset())
    for other in found.values():
        if other is judged or other.claim.numerator is not None or other.note in but:
            continue
        there = _of(trial, other.claim)
        if there is None or there.form is None or there.key is None or there.key not in mine:
            continue
        value = _claimed(point, there)
        target = point.adjoints.get(other.variable)
        if value is None or target is None:
            continue
        value = np.asarray(value, dtype=float)
        if value.shape == np.shape(target):
            handed[other.variable] = value
        elif value.size == np.size(target):
            handed[other.variable] = value.reshape(np.shape(target))
    typed = _of(trial, judged.claim)
    if typed is not None and typed.form is not None:
        # a formula on its own speaks of derivatives nearer the loss by their names: the true ones are meant
        nearer = {n.of for n in walk(typed.form) if isinstance(n, Adjoint)} - {judged.variable}
        handed.update({of: point.adjoints[of] for of in nearer if of in point.adjoints})
    return handed


def _cases(judged: Judged, found: Mapping[Any, Judged], trials: list[Trial]) -> list[_Case]:
    cases = []
    for trial in trials:
        if (trial.reading.summed and judged.note != "one row") or (trial.original and judged.only == "sizes"):
            continue
        claim = _of(trial, judged.claim)
        if claim is None or claim.form is None:
            continue
        for point in trial.points:
            claimed, right = _claimed(point, claim), _right(trial, point, claim)
            if claimed is None or right is None or point.kind == "given":
                continue
            handed = _handed(judged, found, trial, point)
            expected = propagate(point, handed).get(judged.variable) if handed else right
            cases.append(
                _Case(
                    trial,
                    point,
                    claim,
                    np.asarray(claimed, dtype=float),
                    np.asarray(right, dtype=float),
                    None if expected is None else np.asarray(expected, dtype=float),
                    handed,
                )
            )
    return cases


def _explain(
    judged: Judged, found: Mapping[Any, Judged], trials: list[Trial], scales: Mapping[int, set[float]]
) -> None:
    """Find the factor to blame and the slip."""
    cases = _cases(judged, found, trials)
    if judged.only == "sizes":
        judged.rows = judged.rows or next((c.trial.rows for c in cases if c.trial.rows), None)
    cases = [c for c in cases if c.expected is not None]
    if not cases:
        return
    step = trials[0].reading.record.by_name().get(judged.variable)
    judged.at, judged.through = judged.variable, step.through if step is not None else ()
    if judged.status == "wrong" and all(c.claimed.shape == c.expected.shape and _follows(c, scales) for c in cases):
        judged.cause = _nearest_wrong(judged, found, trials[0])
        if judged.cause is not None:
            return
    own = [c for c in cases if c.trial.original]
    attempts = [cases] if judged.only == "sizes" or not own or len(own) == len(cases) else [cases, own]
    # the line may not build on what was written before it
    attempts += [[replace_case(c) for c in some] for some in attempts if any(c.handed for c in some)]
    loose = [c for some in attempts[:1] for c in _with_scaled(judged, found, some)]
    attempts += [loose] if loose else []
    for some in attempts:
        if _by_value(judged, some):
            judged.through = _starts(some[0], judged.variable)
            _without_scale(judged, found, scales, trials[0])
            return
    for some in attempts:
        if (
            _by_mistake(judged, some)
            or _by_repeated_mistake(judged, some)
            or _by_paths(judged, some)
            or _by_array(judged, some)
            or (_by_repair(judged, some) or _by_mistake(judged, some, scaled=True))
        ):
            return


def _follows(case: _Case, scales: Mapping[int, set[float]]) -> bool:
    """Return whether a claim follows from those it is computed from, up to a factor that this code applies late."""
    return close(case.claimed, case.expected) or any(
        close(case.claimed * scale, case.expected) for scale in scales.get(id(case.trial), ())
    )


def _scales(found: Mapping[Any, Judged], trials: list[Trial]) -> dict[int, set[float]]:
    """Return, per reading, the factors by which steps on the way are larger than derivatives, and which later lines take back."""
    scales: dict[int, set[float]] = {}
    for trial in trials:
        ratios: dict[tuple[str, str], float] = {}
        for judged in found.values():
            claim = _of(trial, judged.claim)
            if judged.claim.numerator is not None or claim is None or claim.form is None:
                continue
            values = []
            for point in trial.points:
                claimed, right = _claimed(point, claim), _right(trial, point, claim)
                if claimed is None or right is None or not np.any(np.asarray(right)):
                    continue
                values.append(
                    _ratio_of(
                        _Case(trial, point, claim, np.asarray(claimed, float), np.asarray(right, float), None, {}),
                        np.asarray(right, float),
                    )
                )
            known = [v for v in values if v is not None]
            if known and len(known) == len(values) and all(abs(v - known[0]) <= 1e-6 * abs(v) for v in known):
                ratios[judged.claim.name, judged.claim.variable] = known[0]
        for judged in found.values():
            mine = ratios.get((judged.claim.name, judged.claim.variable))
            if mine is None or trial.reading.bindings[(_of(trial, judged.claim) or judged.claim).variable].form is None:
                continue
            for reader in _readers(judged, found, trials[0]):
                other = ratios.get((reader.claim.name, reader.claim.variable))
                leaf = trials[0].reading.bindings[reader.claim.variable].form is None
                # what is right itself sets no scale; a sign is taken back only by a line that ends up right
                if (
                    other is not None
                    and leaf
                    and abs(mine - 1) > 1e-6 < abs(mine / other - 1)
                    and (mine / other > 0 or abs(other - 1) <= 1e-6)
                ):
                    scales.setdefault(id(trial), set()).add(mine / other)
    return scales


def replace_case(case: _Case) -> _Case:
    """Return the case measured by the truth alone."""
    return _Case(case.trial, case.point, case.claim, case.claimed, case.right, case.right, {})


def _with_scaled(judged: Judged, found: Mapping[Any, Judged], cases: list[_Case]) -> list[_Case]:
    """Return the cases with what was accepted as scaled handed on as it was written; none where nothing was."""
    made = []
    for case in cases:
        handed = _handed(judged, found, case.trial, case.point, ("descent", "other variable", "unjudged"))
        if handed.keys() == case.handed.keys():
            return []
        expected = propagate(case.point, handed).get(judged.variable)
        if expected is None:
            return []
        made.append(
            _Case(case.trial, case.point, case.claim, case.claimed, case.right, np.asarray(expected, float), handed)
        )
    return made


def _without_scale(judged: Judged, found: Mapping[Any, Judged], scales: Mapping[int, set[float]], trial: Trial) -> None:
    """Name the sign alone where the rest of a factor is applied by later lines."""
    if judged.ratio is None or judged.ratio >= 0 or judged.slip in ("sign", None):
        return
    if any(abs(judged.ratio + scale) < 1e-6 * scale for scale in scales.get(id(trial), ()) if scale > 0) or any(
        abs(judged.ratio - scale) < 1e-6 * abs(scale) for scale in scales.get(id(trial), ()) if scale < 0
    ):
        judged.slip, judged.ratio, judged.ratio_text = "sign", -1.0, "-1"


def _nearest_wrong(judged: Judged, found: Mapping[Any, Judged], trial: Trial) -> str | None:
    mine = trial.depends.get(_slot(trial, judged.claim), frozenset())
    wrong = [j for j in found.values() if j is not judged and j.status not in ("agrees",) and j.claim.key in mine]
    wrong.sort(key=lambda j: j.claim.line or 0)
    return wrong[-1].claim.name if wrong else None


def _ratio_of(case: _Case, right: Any) -> float | None:
    """Return the constant c with claimed = c · right, or None."""
    a, b = case.claimed, right
    if a.shape != b.shape:
        return None
    at = int(np.argmax(np.abs(b))) if b.size else 0
    if not b.size or abs(b.flat[at]) < 1e-12:
        return None
    with np.errstate(all="ignore"):  # a claim may hold what is not finite
        ratio = float(a.flat[at] / b.flat[at])
    return ratio if ratio != 0 and math.isfinite(ratio) and close(a, ratio * b) else None


def _constant_ratio(judged: Judged, trials: list[Trial], truth: bool) -> tuple[float, str, str] | None:
    cases = []
    for trial in trials:
        if trial.reading.summed:
            continue
        claim = _of(trial, judged.claim)
        if claim is None or claim.form is None:
            continue
        for point in trial.points:
            claimed, right = _claimed(point, claim), _right(trial, point, claim)
            if claimed is not None and right is not None and np.any(np.asarray(right)):
                cases.append(
                    _Case(
                        trial,
                        point,
                        claim,
                        np.asarray(claimed, float),
                        np.asarray(right, float),
                        np.asarray(right, float),
                        {},
                    )
                )
    named = _named_ratio(cases)
    if named is not None or not cases:
        return named
    # a factor without a name, the same at all points of one size
    own = [c for c in cases if c.trial is cases[0].trial]
    ratios = [_ratio_of(c, c.right) for c in cases]
    return None if None in ratios else _plain_ratio([r for r in (_ratio_of(c, c.right) for c in own) if r is not None])


def _named_ratio(cases: list[_Case]) -> tuple[float, str, str] | None:
    """Return a constant ratio of all cases with its name and slip; it may depend on the sizes of the arrays alone."""
    ratios: dict[int, tuple[float, Trial]] = {}
    for case in cases:
        if case.expected is None or not np.any(case.expected):
            if np.any(case.claimed):
                return None
            continue
        ratio = _ratio_of(case, case.expected)
        if ratio is None:
            return None
        before = ratios.setdefault(id(case.trial), (ratio, case.trial))
        if abs(before[0] - ratio) > 1e-6 * abs(ratio):
            return None
    if not ratios:
        return None
    values = [r for r, _ in ratios.values()]
    found = [(value, trial) for value, trial in ratios.values()]
    plain = _plain_ratio(values)
    sized = _size_ratio(found)
    if plain is None or sized is None:
        return plain or sized
    # a 2 may be a number or a size: it is a number where more sizes were tried, or where the formulas have a ½ to lose
    by_number = plain[2] in ("sign", "missing_two") or (plain[2] == "missing_half" and _has_half(found[0][1].reading))
    return plain if by_number else sized


def _plain_ratio(values: list[float]) -> tuple[float, str, str] | None:
    first = values[0]
    if any(abs(v - first) > 1e-6 * abs(first) for v in values):
        return None
    if abs(first - 1) < 1e-9:
        return None
    sign, size = math.copysign(1, first), abs(first)
    slip = {1.0: "sign", 0.5: "missing_two", 2.0: "missing_half"}.get(round(size, 9), "constant_factor")
    if sign < 0:
        slip = "sign" if slip == "sign" else slip
    fraction = Fraction(first).limit_denominator(1000)
    shown = str(fraction) if abs(float(fraction) - first) < 1e-9 * size else f"{first:.6g}"
    return round(first, 12), shown, slip


def _has_half(read: Reading) -> bool:
    """Return whether the forward pass multiplies by ½."""
    halves = {0.5, Fraction(1, 2)}
    for equation in read.record.network.equations:
        for node in walk(equation.form):
            if isinstance(node, Number) and node.value in halves:
                return True
            if (
                isinstance(node, Apply)
                and node.op == "divide"
                and isinstance(node.args[1], Number)
                and node.args[1].value == 2
            ):
                return True
    return False


def _size_ratio(found: list[tuple[float, Trial]]) -> tuple[float, str, str] | None:
    """Return a ratio that is a number times a size of the data, as n is."""
    tables = [_size_table(trial) for _, trial in found]
    for label in tables[0]:
        for power, slip in ((1, "missing_mean"), (-1, "extra_mean")):
            numbers = []
            for (value, _), table in zip(found, tables, strict=True):
                if label not in table or (table[label] == 1 and len(found) == 1):
                    break
                numbers.append(value / table[label] ** power)
            else:
                first = numbers[0]
                if any(abs(x - first) > 1e-6 * abs(first) for x in numbers):
                    continue
                if len(found) == 1 and (
                    abs(abs(first) - 1) > 1e-9 or (found[0][0] in (2.0, 0.5, -2.0, -0.5) and not label.startswith("n"))
                ):
                    continue
                if round(abs(first), 9) not in (1.0, 2.0, 0.5):
                    continue
                prefix = {1.0: "", 2.0: "2", 0.5: "½"}[round(abs(first), 9)]
                sign = "-" if first < 0 else ""
                shown = label if power == 1 else f"1/{label}"
                return round(found[0][0], 12), f"{sign}{prefix}{shown}", slip
    return None


def _size_table(trial: Trial) -> dict[str, int]:
    """Return sizes that a factor may stand for: the rows of the data, and all entries of the prediction."""
    sliced = trial.reading.inference.sliced(trial.reading.root)
    table: dict[str, int] = {}
    reduced = [
        node.args[0].shape for b in sliced if b.form is not None for node in walk(b.form) if isinstance(node, Reduce)
    ]
    leading = [b.shape[0] for b in sliced if b.form is None and b.shape and not b.anonymous and is_data(b, set())]
    rows = trial.rows if trial.rows is not None else trial.own
    if rows is not None:
        table["n"] = rows
    elif leading:
        table["n"] = int(leading[0])
    for shape in reduced:
        count = int(np.prod([int(s) for s in shape], dtype=int))
        if "n" in table and count == table["n"]:
            continue
        table.setdefault("(number of entries)", count)
        if shape and len(shape) > 1:
            table.setdefault("(number of columns)", int(shape[-1]))
    if "n" not in table and reduced and reduced[0]:
        table["n"] = int(reduced[0][0])
    return table


def _by_value(judged: Judged, cases: list[_Case]) -> bool:
    """Recognize what shows in the numbers alone: a constant factor, a transposed array, a sum that is missing."""
    same = [c for c in cases if c.claimed.shape == c.expected.shape]
    if same and len(same) == len(cases):
        named = _named_ratio(cases)
        if named is not None:
            judged.ratio, judged.ratio_text, judged.slip = named
            return True
        if judged.status == "wrong" and all(
            c.expected.ndim == 2 and c.expected.shape[0] == c.expected.shape[1] and close(c.claimed, c.expected.T)
            for c in cases
        ):
            judged.slip = _transposed_slip(judged, cases[0])
            return True
        return False  # a missing array is looked for after the mistakes of one step
    uneven = [c for c in cases if c.claimed.shape != c.expected.shape]
    if (
        all(
            c.expected.ndim == 2 and c.claimed.shape == c.expected.T.shape and close(c.claimed, c.expected.T)
            for c in uneven
        )
        and uneven[0].expected.shape != uneven[0].claimed.shape
    ):
        judged.slip = _transposed_slip(judged, uneven[0])
        return True
    if _is_outer(uneven[0]) and judged.status == "wrong":
        judged.slip = "outer_for_matmul"
        return True
    if all(_sums_to(c.claimed, c.expected) for c in uneven):
        only = all(c.claimed.size == c.expected.size for c in cases)
        judged.slip = "bias_shape" if only and judged.status == "shape" else "missing_batch_sum"
        return True
    ratio = _summed_ratio(uneven)
    if ratio is not None:
        judged.slip = "missing_batch_sum"
        return True
    if judged.status == "shape" and all(
        c.claimed.size == c.expected.size and close(c.claimed.reshape(c.expected.shape), c.expected) for c in cases
    ):
        judged.slip = "bias_shape" if cases[0].expected.ndim == 1 else "wrong_shape"
        return True
    if any(_is_outer(c) for c in uneven):
        judged.slip = "outer_for_matmul"
        return True
    return False


def _is_outer(case: _Case) -> bool:
    form = _written(case)
    return any(isinstance(n, Outer) for n in walk(form)) if form is not None else False


def _written(case: _Case) -> Form | None:
    """Return the claim's own formula."""
    claim, bindings = case.claim, case.trial.reading.bindings
    return bindings[claim.key].form if claim.key is not None else claim.form


def _transposed_slip(judged: Judged, case: _Case) -> str:
    form = _written(case)
    if isinstance(form, Transpose):
        return "extra_transpose"
    if isinstance(form, Matmul):
        return "swapped"
    return "missing_transpose"


def _sums_to(claimed: Any, right: Any) -> bool:
    """Return whether ``right`` is ``claimed`` summed over some axes, or the same entries in another shape."""
    a, b = np.asarray(claimed), np.asarray(right)
    for axes in ((), *((k,) for k in range(a.ndim)), tuple(range(a.ndim))):
        if len(axes) > a.ndim:
            continue
        total = a.sum(axis=axes, keepdims=True) if axes else a
        if total.size == b.size and close(total.reshape(b.shape), b):
            return True
    return False


def _summed_ratio(cases: list[_Case]) -> float | None:
    """Return a constant by which the claims, once summed over rows, differ from what is right."""
    found: float | None = None
    for case in cases:
        a, b = case.claimed, case.expected
        if a.ndim == 0:
            return None
        total = a.sum(axis=0)
        if total.size != b.size:
            return None
        ratio = _ratio_of(_Case(case.trial, case.point, case.claim, total.reshape(b.shape), b, b, {}), b)
        if ratio is None:
            return None
        found = ratio
    return found


# --- mistaken derivations -----------------------------------------------------------------------------------------------


def _chain(record_steps: Mapping[str, Step], variable: str, handed: Iterable[str]) -> list[str]:
    """Return the steps between a variable and the gradients handed on to it, from the loss inwards."""
    stops = set(handed)
    found: list[str] = []
    stack = [variable]
    while stack:
        name = stack.pop()
        if name in found or name not in record_steps or (name in stops and name != variable):
            continue
        found.append(name)
        stack += [n.of for n in walk(record_steps[name].form) if isinstance(n, Adjoint)]
    order = {name: k for k, name in enumerate(record_steps)}
    return sorted(found, key=lambda n: order[n])


def _by_mistake(judged: Judged, cases: list[_Case], scaled: bool = False) -> bool:
    """Construct mistaken derivations of the step and of the unclaimed steps before it; take the first that fits everywhere."""
    record = cases[0].trial.reading.record
    steps = dict(record.by_name())
    if judged.variable not in steps:
        return False
    chain = _chain(steps, judged.variable, cases[0].handed)
    count = 0
    for of in reversed(chain):
        for slip, form in mistakes(steps[of], record):
            count += 1
            if count > _MOST_MISTAKES:
                return False
            if _fits(cases, of, form, chain, judged.variable, slip, scaled):
                judged.slip, judged.at, judged.through = slip, of, _through(steps[of], slip, form)
                judged.names = _exchanged_argument(steps[of].form, form) if slip == "wrong_variable" else None
                judged.primed = judged.names is not None
                return True
    return False


def _starts(case: _Case, variable: str) -> tuple[str, ...]:
    """Return from where the student came to a variable: the gradients handed on to it, else the loss."""
    record = case.trial.reading.record
    steps = dict(record.by_name())
    if variable not in steps:
        return ()
    reached = [
        n.of
        for name in _chain(steps, variable, case.handed)
        for n in walk(steps[name].form)
        if isinstance(n, Adjoint) and n.of in case.handed
    ]
    return tuple(dict.fromkeys(n for n in reached if n != variable)) or (record.network.loss,)


def _exchanged_argument(right: Form, wrong: Form) -> tuple[str, str] | None:
    """Return the name at which f′ was taken, and the one it belongs at."""

    def places(form: Form) -> list[str]:
        return [
            n.args[0].name
            for n in walk(form)
            if isinstance(n, Apply) and isinstance(n.op, Prime) and isinstance(n.args[0], Name)
        ]

    written = [n for n in places(wrong) if n not in places(right)]
    meant = [n for n in places(right) if n not in places(wrong)]
    return (written[0], meant[0]) if written and meant else None


def _through(step: Step, slip: str, form: Form) -> tuple[str, ...]:
    """Return the equations at which a mistake was made: of a forgotten path, those that were forgotten."""
    parts = step.contributions if slip == "forgotten_path" else ()
    for count in range(1, len(parts)):
        for chosen in itertools.combinations(parts, count):
            if sum_of([c.form for c in chosen]) is form:
                return tuple(c.through for c in parts if c not in chosen)
    return step.through


def _by_paths(judged: Judged, cases: list[_Case]) -> bool:
    """Follow one path at each of several steps and forget the others."""
    steps = dict(cases[0].trial.reading.record.by_name())
    if judged.variable not in steps:
        return False
    chain = _chain(steps, judged.variable, cases[0].handed)
    forks = [of for of in chain if len(steps[of].contributions) > 1][:4]
    for choice in itertools.islice(itertools.product(*([None, *steps[of].contributions] for of in forks)), 200):
        forms = {of: c.form for of, c in zip(forks, choice, strict=True) if c is not None}
        if len(forms) > 1 and _fit_all(cases, forms, chain, judged.variable):
            judged.slip, judged.at = "forgotten_path", list(forms)[-1]
            left = next(c for of, c in zip(forks, choice, strict=True) if of == judged.at and c is not None)
            judged.through = tuple(t for t in steps[judged.at].through if t != left.through)
            return True
    return False


def _by_repeated_mistake(judged: Judged, cases: list[_Case]) -> bool:
    """Make the same mistake at every step of a loop."""
    record = cases[0].trial.reading.record
    steps = dict(record.by_name())
    if judged.variable not in steps:
        return False
    chain = _chain(steps, judged.variable, cases[0].handed)
    if len(chain) < 3:
        return False
    groups: dict[tuple[str, int, int], dict[str, Form]] = {}
    for of in chain:
        by_slip: dict[str, list[Form]] = {}
        for slip, form in mistakes(steps[of], record):
            by_slip.setdefault(slip, []).append(form)
        for slip, forms in by_slip.items():
            for k, form in enumerate(forms[:24]):
                groups.setdefault((slip, len(forms), k), {})[of] = form
    for (slip, _, _), forms_of in list(groups.items())[:_MOST_MISTAKES]:
        if len(forms_of) > 1 and _fit_all(cases, forms_of, chain, judged.variable):
            judged.slip, judged.at = slip, list(forms_of)[-1]
            judged.through = steps[judged.at].through
            return True
    return False


def _fit_all(cases: list[_Case], forms: Mapping[str, Form], chain: list[str], variable: str) -> bool:
    """Return whether several mistaken steps together give the claim at every point of the first reading."""
    tests = [c for c in cases if c.trial is cases[0].trial]
    for case in tests:
        steps = case.trial.reading.record.by_name()
        adjoints = case.adjoints()
        value = None
        for name in chain:
            value = case.point.expected(forms.get(name, steps[name].form), adjoints)
            if value is None:
                return False
            adjoints[name] = value
        if (
            value is None
            or np.shape(value) != case.claimed.shape
            or chain[-1] != variable
            or not close(case.claimed, value)
        ):
            return False
    return bool(tests)


def _by_array(judged: Judged, cases: list[_Case]) -> bool:
    """Find an array of the forward pass that was not multiplied by, or that was too often."""
    tests = [c for c in cases if c.trial is cases[0].trial]
    if any(c.claimed.shape != c.expected.shape for c in tests) or not tests[0].expected.shape:
        return False
    for name, value in tests[0].point.environment.items():
        if (
            not np.shape(value)
            or not _broadcasts(np.asarray(value), tests[0].expected)
            or np.ndim(value) > tests[0].expected.ndim
        ):
            continue
        for power, slip in ((1, "missing_factor"), (-1, "extra_factor")):
            if all(
                np.shape(v := np.asarray(c.point.environment[name], float) ** 1)
                and np.all(v != 0)
                and np.shape(w := c.claimed * v if power == 1 else c.claimed / v) == c.expected.shape
                and close(w, c.expected)
                for c in tests
            ):
                judged.slip, judged.names = slip, (name, name)
                return True
    return False


def _fits(cases: list[_Case], of: str, form: Form, chain: list[str], variable: str, slip: str, scaled: bool) -> bool:
    """Return whether a mistaken formula gives the claim at every point; in other readings the same mistake is made."""
    first = cases[0].trial
    tests = [c for c in cases if c.trial is first]
    ratio: float | None = None
    for case in tests:
        value = _mistaken(case, of, form, chain, variable)
        if value is None:
            return False
        value = np.asarray(value, dtype=float)
        if value.shape != case.claimed.shape:
            return False
        if scaled:
            found = _ratio_of(case, value)
            if found is None or (ratio is not None and abs(found - ratio) > 1e-6 * abs(ratio)):
                return False
            if round(abs(found), 6) not in (1.0, 2.0, 0.5) and round(1 / abs(found), 6) not in _counts(case.trial):
                return False
            ratio = found
        elif not close(case.claimed, value):
            return False
    return bool(tests) and any(np.any(c.claimed) or np.any(c.expected) for c in tests)


def _counts(trial: Trial) -> set[float]:
    return {float(v) for v in _size_table(trial).values()}


def _mistaken(case: _Case, of: str, form: Form, chain: list[str], variable: str) -> Any:
    steps = case.trial.reading.record.by_name()
    adjoints = case.adjoints()
    for name in chain[chain.index(of) :]:
        value = case.point.expected(form if name == of else steps[name].form, adjoints)
        if value is None:
            return None
        adjoints[name] = value
        if name == variable:
            return value
    return adjoints.get(variable)


def _by_repair(judged: Judged, cases: list[_Case]) -> bool:
    """Exchange one name in what was written; where that makes it right, the name was the slip."""
    first = cases[0].trial
    tests = [c for c in cases if c.trial is first]
    form = _inlined(first, cases[0].claim, set(cases[0].handed))
    if form is None or not tests:
        return False
    bindings = first.reading.bindings
    others = [make_name(b.key, b.shape) for b in first.reading.inference.sliced(first.reading.root)]
    others += [
        make_name(c.key, bindings[c.key].shape)
        for c in first.claims
        if c.key is not None and c.key != cases[0].claim.key
    ]
    uneven = tests[0].claimed.shape != tests[0].expected.shape
    count = 0
    for leaf in names_in(form):
        held = bindings[leaf.name]
        origin = _before_updates(bindings, held)
        candidates: list[Form] = [make_name(origin.key, origin.shape)] if origin is not held else []
        versions = [
            b
            for b in bindings.values()
            if b.base == held.base and b.key != held.key and b.shape == held.shape and not b.after
        ]
        candidates += [make_name(b.key, b.shape) for b in versions]
        candidates += [o for o in others if (uneven or o.shape == leaf.shape) and o is not leaf and o not in candidates]
        for other in candidates:
            for part in _parts_with(form, leaf):
                count += 1
                if count > _MOST_REPAIRS:
                    return False
                try:
                    changed = substitute(part, lambda n, leaf=leaf, other=other: other if n is leaf else None)  # type: ignore[misc]
                    repaired = substitute(form, lambda n, part=part, changed=changed: changed if n is part else None)  # type: ignore[misc]
                except (SymbackError, TypeError, ValueError, IndexError, RuntimeError):
                    continue
                if repaired.shape == tests[0].expected.shape and all(
                    (v := c.point.value(repaired)) is not None
                    and np.shape(v) == c.expected.shape
                    and close(v, c.expected)
                    for c in tests
                ):
                    written, meant = held, bindings[other.name]  # type: ignore[attr-defined]
                    judged.slip = _name_slip(first, written, meant, part)
                    judged.names = (_shown(first, written), _shown(first, meant))
                    return True
    return False


def _parts_with(form: Form, leaf: Form) -> list[Form]:
    """Return the subtrees that hold a name, the smallest last."""
    return [n for n in reversed(walk(form)) if any(m is leaf for m in names_in(n))][:40]


def _shown(trial: Trial, b: Binding) -> str:
    return trial.reading.final.get(b.key, b.base)


def _before_updates(bindings: Mapping[str, Binding], b: Binding) -> Binding:
    while b.updates is not None:
        b = bindings[b.updates]
    return b


def _name_slip(trial: Trial, written: Binding, meant: Binding, part: Form) -> str:
    if written.updates is not None:
        return "updated"
    if written.base == meant.base:
        return "stale"
    equations = {e.name: e.form for e in trial.reading.record.network.equations}
    form = equations.get(_shown(trial, written))
    if (
        isinstance(form, Apply)
        and getattr(form.op, "name", "") == "softmax"
        and any(isinstance(n, Apply) and (n.op == "exp" or getattr(n.op, "name", "") == "softmax") for n in walk(part))
    ):
        return "double_softmax"
    return "wrong_variable"


def _inlined(trial: Trial, claim: Claim, stops: set[str]) -> Form | None:
    """Return a claim's formula with what it abbreviates written in, other claims and the forward pass excepted."""
    form = trial.reading.bindings[claim.key].form if claim.key is not None else claim.form
    if form is None:
        return None
    keep = {b.key for b in trial.reading.inference.sliced(trial.reading.root)}
    keep |= {
        c.key
        for c in trial.claims
        if c.key is not None and trial.reading.final.get(c.variable) in stops and c.name != claim.name
    }
    for _ in range(12):
        inner = {n: trial.reading.bindings[n.name].form for n in names_in(form) if n.name not in keep}
        inner = {n: f for n, f in inner.items() if f is not None}
        if not inner:
            break
        form = substitute(form, lambda n, inner=inner: inner.get(n))  # type: ignore[misc]
        if len(walk(form)) > 400:
            return None
    return form


def _by_edit(remaining: list[Judged], source: Source, trial: Trial) -> None:
    """Change one line of the text that claims are computed by; where that makes them right, the change says the slip."""
    read = trial.reading
    open_cases = [j for j in remaining if j.slip is None and j.cause is None and j.only != "sizes"]
    points = [p for p in trial.points if p.kind == "random"][:2]
    if not open_cases or not points or source.cells or read.evaluator.explicit is not None:
        return
    forward = {b.key for b in read.inference.sliced(read.root)}
    lines: set[int | None] = {j.claim.line for j in open_cases}
    for judged in open_cases:
        mine = trial.depends.get((judged.claim.name, judged.claim.variable), frozenset())
        lines |= {read.bindings[key].line for key in mine - forward}
    most = max(10, _MOST_EDITED // max(len(read.bindings), 1))
    for slip, line, text in itertools.islice(edited(source, {n for n in lines if n}), most):
        try:
            evaluator = followed(text, {}, {})
            root = evaluator.bindings.get(read.root.key)
            if root is None or root.form is not read.root.form:
                continue
            claims = find_claims(evaluator, Inference(evaluator, text.tree).sliced(root), root, read.final)
        except SymbackError:
            continue
        by_name = {(c.name, c.variable): c for c in claims.found}
        for judged in [j for j in open_cases if j.slip is None]:
            there = by_name.get((judged.claim.name, judged.claim.variable))
            if (
                there is not None
                and there.form is not None
                and all(_edited_value(evaluator, there.form, p, p.adjoints.get(judged.variable)) for p in points)
            ):
                judged.slip, judged.edited = slip, line
        if all(j.slip is not None for j in open_cases):
            return


def _edited_value(evaluator: BackwardEvaluator, form: Form, point: Point, right: Any) -> bool:
    """Return whether a claim of a changed text is right at a point."""
    needed = [n.name for n in names_in(form)]
    order: dict[str, None] = {}
    stack = list(needed)
    while stack:
        key = stack.pop()
        order[key] = None
        inner = evaluator.bindings[key].form
        stack += [n.name for n in names_in(inner) if n.name not in order] if inner is not None else []
    values: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        try:
            for key, b in evaluator.bindings.items():
                if key not in order:
                    continue
                if b.form is None:
                    if key not in point.values:
                        return False
                    values[key] = point.values[key]
                else:
                    values[key] = evaluate(b.form, values)
            value = evaluate(form, values)
        except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError, KeyError):
            return False
    return right is not None and np.shape(value) == np.shape(right) and close(value, right)


# --- crashes, unread lines, sizes -----------------------------------------------------------------------------------------


def _blame_unread(judged: Judged, found: Mapping[Any, Judged], trial: Trial, source: Source) -> None:
    """Say why a line cannot be read or run: another line, or one transpose."""
    claim = judged.claim
    same = [j for j in found.values() if j.claim.error is not None and str(j.claim.error) == str(claim.error)]
    owner = next((j for j in same if _assigns(source.line(claim.line), j.claim.name)), same[0])
    if owner is not judged:
        judged.cause = owner.claim.name
        return
    judged.at = judged.variable
    step = trial.reading.record.by_name().get(judged.variable)
    judged.through = step.through if step is not None else ()
    hint = re.search(r"the transpose of the (first|second) operand", str(claim.error))
    if hint:
        text = source.line(claim.line)
        judged.slip = (
            "extra_transpose"
            if text.count("@") == 1
            and (text.partition("@")[0] if hint[1] == "first" else text.partition("@")[2])
            .strip()
            .split(" ")[0]
            .endswith(".T")
            else "missing_transpose"
        )
    forms = trial.reading.evaluator.crossed.get(claim.name, [])
    for slip, pair, form in forms:
        values = [(p.value(form), p) for p in trial.points]
        for value, point in values:
            right = _right(trial, point, claim)
            if value is None or right is None or np.shape(value) != np.shape(right) or not close(value, right):
                break
        else:
            if values:
                judged.slip = slip
                judged.names = pair if slip == "wrong_variable" else None
                return


def _assigns(line: str, name: str) -> bool:
    """Return whether a line of code gives a name its value."""
    return bool(re.match(rf"(self\.)?{re.escape(name.rpartition('.')[2])}\s*(\[.*\])?\s*[-+*/@]?=", line))


def _weigh_sizes(judged: Judged, trials: list[Trial], source: Source) -> None:
    """Decide what it means that a claim agrees at the text's sizes and at no others."""
    if judged.only != "sizes":
        return
    rows = trials[0].own
    if rows == 1:
        judged.only = "batch 1"
        return
    if rows is None or judged.fails or _is_meant(judged, trials, source, rows):
        judged.status, judged.slip, judged.note, judged.only, judged.cause = (
            "agrees",
            None,
            "one size",
            f"batch {rows}",
            None,
        )
        judged.points = ()
        return
    judged.only = f"batch {rows}"


def _is_meant(judged: Judged, trials: list[Trial], source: Source, rows: int) -> bool:
    """Return whether code that is right for this number of rows alone was written for it: the number is spelled out, or no
    other size or number of the code could be taken for it."""
    read = trials[0].reading
    near = trials[0].depends.get((judged.claim.name, judged.claim.variable), frozenset())
    forward = {b.key for b in read.inference.sliced(read.root)}
    lines = {read.bindings[key].line for key in near - forward} | {judged.claim.line}
    spelled = literals(source.tree, {n for n in lines if n})
    named = {
        float(b.value)
        for b in read.bindings.values()
        if b.key in near | forward and b.form is None and b.shape == () and is_number(b.value)
    }
    if ({float(rows), 1 / rows, 2 / rows, 0.5 / rows, 2.0 * rows} | _sizes_spelled(trials)) & (spelled | named):
        return True
    other = trials[1].reading.bindings if len(trials) > 1 else {}
    same = [b for key, b in read.bindings.items() if key in forward and key in other and other[key].shape == b.shape]
    sizes = {float(s) for b in same for s in (*b.shape, math.prod(int(s) for s in b.shape))}
    return not {float(rows), rows / 2, rows * 2.0} & (sizes | {2.0, 4.0, 1.0})


def _sizes_spelled(trials: Sequence[Trial]) -> set[float]:
    """Return the numbers that stand for a count of entries of the data, as a code with this data may spell it."""
    counts: set[float] = set()
    for other in trials[1:2]:
        for key, b in trials[0].reading.bindings.items():
            there = other.reading.bindings.get(key)
            if there is not None and there.shape != b.shape:
                counts.add(float(math.prod(int(s) for s in b.shape)))
    return {v for c in counts if c for v in (c, 1 / c, 2 / c, 0.5 / c, c / 2, 2 * c)}


def _own_rows(trials: Sequence[Trial]) -> int | None:
    """Return how many rows the text's own data has."""
    other = next((t for t in trials[1:] if t.rows is not None), None)
    if other is None:
        return None
    for key, b in trials[0].reading.bindings.items():
        there = other.reading.bindings.get(key)
        if b.form is None and there is not None and there.shape != b.shape and len(b.shape) == len(there.shape):
            changed = [int(x) for x, y in zip(b.shape, there.shape, strict=True) if x != y]
            if changed:
                return changed[0]
    return None


__all__ = ["POINTS", "Judged", "Marked", "mark", "plain"]
