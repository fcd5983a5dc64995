"""Marking by running: a text that its user trusts, run by ``trust``, where it cannot be read.

Where the forward pass was read, what the text computes is compared with the derived gradients; else with central
differences of the loss that the text itself computes. Every comparison is at the text's own values and at random ones.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from symback.core.errors import ReadError, SymbackError, ValueProblem
from symback.core.text import printable
from symback.library.name_words import LOSS_NAMES
from symback.library.values import Binding
from symback.marking.asked import Asked
from symback.marking.claims import Variables
from symback.marking.judging import Judged, Marked, is_data, whole_sizes
from symback.marking.points import gap
from symback.marking.reading import Source
from symback.marking.report import Difference, Report, Verdict, Verdicts
from symback.marking.trust import run_texts
from symback.page.messages import translated
from symback.page.words import words

_TOLERANCE = 1e-6
_MOST_ENTRIES = 24
"""Entries of one variable that are moved; of larger arrays, these many spread over it."""
_STEP = 1e-3
_MOST_RUNS = 4000
_MOST_SHOWN = 3


class Compared(NamedTuple):
    """Two arrays that should be alike, at one point."""

    claimed: np.ndarray
    right: np.ndarray
    entries: tuple[tuple[int, ...], ...] | None
    """The entries of ``right`` that are known; None for all."""
    tolerance: Any
    rows: int | None
    given: bool


class Setting(NamedTuple):
    """One point at which a text or a function is run: its values, another number of rows, whether it is the caller's own."""

    values: dict[str, Any]
    rows: int | None
    given: bool


def _code(source: Source, text: str) -> str:
    """Return the Python text to run: that of a notebook without what only a notebook understands."""
    if not source.cells:
        return text
    return "\n".join(ast.unparse(tree) for tree in (*source.before, *source.parts))


# --- where the forward pass was read ----------------------------------------------------------------------------------


def run_unread(report: Report, source: Source, marked: Marked, text: str) -> Report:
    """Return the report with every gradient that could not be read marked by running the text."""
    unread = [j for j in marked.judged if j.status == "unread" and j.claim.numerator is None]
    if not unread:
        return report
    code = _code(source, text)
    settings: list[dict[str, Any]] = [{}]
    points: list[Any] = [None]
    for trial in marked.trials:
        first = trial.reading
        leaves = {
            b.base: b.key
            for b in first.bindings.values()
            if b.form is None and b.updates is None and not b.anonymous and not b.local and b.key == f"{b.base}#1"
        }
        for point in trial.points:
            settings.append(
                {base: np.asarray(point.values[key]) for base, key in leaves.items() if key in point.values}
            )
            points.append((trial, point))
    parameters = {marked.reading.final.get(j.claim.variable, j.variable) for j in marked.judged}
    results = run_texts(code, settings, sorted(parameters), [j.claim.name for j in unread])
    verdicts = dict(report.verdicts)
    count = 0
    for key, verdict in verdicts.items():
        judged = next((j for j in unread if j.claim.name == verdict.name and j.variable == verdict.variable), None)
        if judged is not None:
            verdicts[key], used = _marked(verdict, judged, results, points, report.words)
            count = max(count, used)
    executed = any(v.executed for v in verdicts.values())
    return replace(
        report, verdicts=Verdicts(verdicts), executed="text" if executed else "", points=max(report.points, count)
    )


def _marked(
    verdict: Verdict,
    judged: Judged,
    results: Sequence[Mapping[str, np.ndarray] | ReadError],
    points: Sequence[Any],
    table: Mapping[str, str],
) -> tuple[Verdict, int]:
    compared = []
    for result, at in zip(results[1:], points[1:], strict=True):
        trial, point = at
        loss = trial.reading.root.base
        right = point.adjoints.get(judged.variable)
        if isinstance(result, ReadError) or judged.claim.name not in result or right is None or loss not in result:
            continue
        if not np.allclose(result[loss], point.environment[trial.reading.record.network.loss], rtol=1e-9, atol=1e-12):
            continue  # the text did not take these values
        compared.append(
            Compared(
                result[judged.claim.name], np.asarray(right, float), None, _TOLERANCE, trial.rows, point.kind == "given"
            )
        )
    own = results[0]
    if not compared and isinstance(own, ReadError):
        return _failed(verdict, own, table), 0
    if not compared:
        said = table["mark run lacks"].format(name=verdict.name)
        return replace(verdict, message=f"{verdict.message} {said}", executed=True), 0
    return judged_by_numbers(verdict, compared, table, points[1][0].own if len(points) > 1 else None), len(compared)


def _failed(verdict: Verdict, error: ReadError, table: Mapping[str, str]) -> Verdict:
    said = str(error).partition(": ")[2] if error.line is not None else str(error)
    return replace(
        verdict,
        status="crash",
        line=error.line or verdict.line,
        executed=True,
        message=table["mark crash"].format(name=verdict.name, error=said.removeprefix("the text was run and failed: ")),
    )


def judged_by_numbers(
    verdict: Verdict,
    compared: Sequence[Compared],
    table: Mapping[str, str],
    own_rows: int | None = None,
) -> Verdict:
    """Return the verdict that numbers alone give; ``own_rows`` is the size of the code's own batch."""
    differences: list[Difference] = []
    kinks: list[Difference] = []
    for one in compared:
        claimed, right = one.claimed, one.right
        if claimed.shape != right.shape and claimed.size == right.size == 1:
            claimed = claimed.reshape(right.shape)
        if claimed.shape != right.shape:
            message = table["mark shape"].format(
                name=verdict.name, shape=_shape(claimed), variable=verdict.variable, expected=_shape(right), place=""
            )
            return _said(verdict, "shape", message, (), table)
        entries = list(np.ndindex(right.shape)) if one.entries is None else one.entries
        if one.entries is None:
            error, _ = gap(claimed, right)
            wrong = error > one.tolerance
        else:
            wrong = any(not abs(claimed[e] - right[e]) <= one.tolerance[e] for e in entries)
        if wrong:
            entry = max(entries, key=lambda e: _size(claimed[e] - right[e]))
            found = Difference(tuple(map(int, entry)), float(claimed[entry]), float(right[entry]), one.rows, one.given)
            (kinks if one.given else differences).append(found)
    randoms = any(not c.given for c in compared)
    if not differences and (not kinks or randoms):
        return replace(
            _said(verdict, "agrees", table["mark agrees"].format(name=verdict.name), (), table),
            note="kink" if kinks else verdict.note,
        )
    shown = (*differences, *kinks)[:_MOST_SHOWN]
    only, slip, ratio = "", *_ratio(compared)
    message = table["mark wrong"].format(name=verdict.name, place="")
    if slip is not None:
        key = f"mark slip {slip}" + (" ratio" if slip == "constant_factor" else "")
        message += " " + table[key].format(
            ratio="" if ratio is None else f"{ratio:.6g}",
            size="n",
            variable=verdict.variable,
            factor="",
            written="",
            meant="",
        )
    if own_rows is not None and all(d.rows is not None for d in shown) and any(c.rows is None for c in compared):
        only = f"batch {own_rows}"
        message += " " + table["mark only batch 1" if own_rows == 1 else "mark only batch"].format(rows=own_rows)
    return replace(_said(replace(verdict, only=only), "wrong", message, shown, table), slip=slip, ratio=ratio)


def _ratio(compared: Sequence[Compared]) -> tuple[str | None, float | None]:
    """Return the slip that shows in numbers alone, a constant factor, and the factor."""
    ratios: list[tuple[float, int | None]] = []
    for one in compared:
        claimed, right = one.claimed.reshape(one.right.shape), one.right
        entries = list(one.entries) if one.entries is not None else list(np.ndindex(right.shape))
        largest = max(entries, key=lambda e: _size(right[e]))
        if not right[largest] or not np.isfinite(claimed[largest]):
            return None, None
        ratio = float(claimed[largest] / right[largest])
        size = abs(float(right[largest]))
        if not ratio or any(abs(claimed[e] - ratio * right[e]) > 1e-5 * abs(ratio) * size for e in entries):
            return None, None
        ratios.append((ratio, one.rows))

    def alike(values: Sequence[float]) -> bool:
        return all(abs(v - values[0]) <= 1e-5 * abs(values[0]) for v in values)

    wider = [(r, n) for r, n in ratios if n is not None]
    if len({n for _, n in wider}) > 1:
        for slip, factors in (
            ("missing_mean", [r / n for r, n in wider if n]),
            ("extra_mean", [r * n for r, n in wider if n]),
        ):
            if alike(factors) and abs(factors[0] - 1) < 1e-4:
                return slip, None
    if not alike([r for r, _ in ratios]):
        return None, None
    ratio = round(ratios[0][0], 6)
    return {-1.0: "sign", 0.5: "missing_two", 2.0: "missing_half"}.get(ratio, "constant_factor"), ratio


def _said(
    verdict: Verdict, status: str, message: str, points: tuple[Difference, ...], table: Mapping[str, str]
) -> Verdict:
    if points:
        point = points[0]
        where = "mark where given" if point.given else "mark where random" if point.rows is None else "mark where rows"
        key = "mark differs" if point.entry else "mark differs number"
        message += "\n" + table[key].format(
            entry=f"[{', '.join(map(str, point.entry))}]",
            claimed=f"{point.claimed:.6g}",
            correct=f"{point.right:.6g}",
            where=table[where].format(rows=point.rows),
        )
    if status == "agrees":
        verdict = replace(verdict, right="", right_latex="", factor="", record=None)
    if verdict.right and status in ("wrong", "shape"):
        message += "\n" + table["mark right"].format(right=verdict.right)
    return replace(verdict, status=status, message=message, points=points, slip=None, executed=True)


def _shape(array: np.ndarray) -> str:
    return str(tuple(int(s) for s in array.shape))


def _size(value: Any) -> float:
    return abs(float(value)) if np.isfinite(value) else float("inf")


# --- where it was not -------------------------------------------------------------------------------------------------


def run_whole(source: Source, text: str, asked: Asked, because: SymbackError) -> Report:
    """Return the report on a text whose forward pass cannot be read: its gradients against differences of its own loss."""
    table = words(asked.language)
    code = _code(source, text)
    tree = ast.parse(code)
    assigned = _assigned(tree)
    given = dict(asked.values or {})
    own = run_texts(code, [given])[0]
    if isinstance(own, ReadError):
        raise own
    root = _loss(own, asked.loss, because)
    meant = _meant(own, assigned, root, asked.claims)
    if not meant:
        raise ReadError(f"no hand-written gradient was found after the text was run; {because}")
    variables = sorted(set(meant.values()))
    again = run_texts(code, [given], variables, list(meant))[0]
    own = again if not isinstance(again, ReadError) else own
    free = _free(tree, own, assigned, variables)
    data = [n for n in assigned if n in own and n in free and is_data(_binding(n, own[n])) and own[n].ndim]
    counts = {own[n].shape[0] for n in data}
    count = counts.pop() if len(counts) == 1 else None
    settings = _settings(own, given, [n for n in variables if n in free], data, count)
    compared = _differences(code, settings, meant, own, root)
    lines = {n.id: n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    verdicts: dict[str, Verdict] = {}
    for name, variable in meant.items():
        line = lines.get(name) if not source.cells else None
        message = table["mark unread"].format(name=name, error=translated(str(because), asked.language))
        verdict = Verdict(
            name, variable, "unread", line=line, written=source.line(line), executed=True, message=message
        )
        if compared[name]:
            verdict = judged_by_numbers(verdict, compared[name], table, count)
        verdicts[variable if variable not in verdicts else name] = verdict
    choices = (f"loss: {root}",)
    return _report(verdicts, settings, len(settings), asked.language, asked.title, "text", choices)


def _settings(
    own: Mapping[str, np.ndarray],
    given: Mapping[str, Any],
    moved: Sequence[str],
    data: Sequence[str],
    count: int | None,
) -> list[Setting]:
    """Return the text's own values, two points with ``moved`` at random, and two with more rows of the ``data``."""
    generator = np.random.default_rng(0)
    found = [Setting(dict(given), None, True)]
    for _ in range(2):
        nearby = {n: own[n] + 0.3 * generator.standard_normal(own[n].shape) for n in moved}
        found.append(Setting({**given, **nearby}, None, False))
    for more in () if count is None else (count + 2, count + 3):
        chosen = generator.integers(0, count, more)
        found.append(Setting({**found[1].values, **{n: own[n][chosen] for n in data}}, more, False))
    return found


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


def _assigned(tree: ast.Module) -> list[str]:
    """Return the names that the text assigns outside functions and classes, in their order."""
    found: list[str] = []
    stack: list[ast.AST] = list(reversed(tree.body))
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Assign):
            found += [t.id for t in node.targets if isinstance(t, ast.Name)]
        stack.extend(reversed(list(ast.iter_child_nodes(node))))
    return list(dict.fromkeys(found))


def _loss(own: Mapping[str, np.ndarray], loss: str | None, because: SymbackError) -> str:
    names = [loss.strip()] if loss is not None else [n for n in LOSS_NAMES if n in own]
    found = [n for n in names if n in own and own[n].size == 1]
    if not found:
        raise ReadError(f"the text was run, but no number is named as the loss (--loss NAME); {because}")
    return found[0]


def _binding(name: str, value: np.ndarray) -> Binding:
    return Binding(name, name, tuple(int(s) for s in value.shape), None, value=value)


def _meant(
    own: Mapping[str, np.ndarray], assigned: Sequence[str], root: str, claims: Mapping[str, str] | None
) -> dict[str, str]:
    """Return the names of gradients with what they are gradients of, by the rules of reading."""
    known = [n for n in assigned if n in own]
    bindings = [_binding(n, own[n]) for n in known]
    variables = Variables(bindings, next((b for b in bindings if b.key == root), _binding(root, own[root])), {})
    found: dict[str, str] = {}
    for name in own:
        if claims is not None and name in claims:
            found[name] = claims[name]
            continue
        meant = variables.of(name)
        if meant is not None and meant[1] is None and meant[0] != name:
            found[name] = meant[0]
    for name, variable in (claims or {}).items():
        if name not in own or variable not in known:
            raise ReadError(
                f"--claim {name}={variable}: the text, once run, has no {variable if name in own else name}"
            )
    return found


def _free(
    tree: ast.Module, own: Mapping[str, np.ndarray], assigned: Sequence[str], variables: Sequence[str]
) -> set[str]:
    """Return names whose first value is computed from no other array: data and parameters."""
    found: set[str] = set()
    seen: set[str] = set()
    arrays = {n for n in assigned if n in own and own[n].ndim}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id not in seen:
                    seen.add(target.id)
                    read = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
                    if not read & arrays:
                        found.add(target.id)
    return found


def _differences(
    code: str,
    points: Sequence[Setting],
    meant: Mapping[str, str],
    own: Mapping[str, np.ndarray],
    root: str,
) -> dict[str, list[Compared]]:
    """Return, for each gradient, what the text says and what differences of its loss say, at every point."""
    variables = sorted(set(meant.values()))
    firsts = run_texts(code, [p.values for p in points], variables, list(meant))
    settings: list[dict[str, Any]] = []
    plan: list[tuple[int, str, tuple[int, ...]]] = []
    for k, ((base, _, _), first) in enumerate(zip(points, firsts, strict=True)):
        if isinstance(first, ReadError):
            continue
        for variable in variables:
            if variable not in first or len(settings) > _MOST_RUNS:
                continue
            value = np.asarray(base.get(variable, first[variable]), float)
            for entry in _chosen(value.shape):
                step = _STEP * max(1.0, abs(float(value[entry])))
                for far in (1, -1, 2, -2):
                    moved = value.copy()
                    moved[entry] += far * step
                    settings.append({**base, variable: moved})
                plan.append((k, variable, entry))
    results = run_texts(code, settings, variables, list(meant))
    slopes: dict[tuple[int, str], dict[tuple[int, ...], tuple[float, float]]] = {}
    for number, (k, variable, entry) in enumerate(plan):
        losses = [
            float(r[root]) if not isinstance(r, ReadError) and root in r else np.nan
            for r in results[4 * number : 4 * number + 4]
        ]
        base, first = points[k].values, firsts[k]
        assert not isinstance(first, ReadError)
        here = float(np.asarray(base.get(variable, first[variable]), float)[entry])
        step = _STEP * max(1.0, abs(here))
        slopes.setdefault((k, variable), {})[entry] = _slope(losses, step)
    compared: dict[str, list[Compared]] = {n: [] for n in meant}
    for name, variable in meant.items():
        for k, (_, rows, given) in enumerate(points):
            first, known = firsts[k], slopes.get((k, variable))
            if isinstance(first, ReadError) or known is None or name not in first:
                continue
            if not all(np.isfinite(s) for s, _ in known.values()):
                continue
            right = np.full(np.shape(first[variable]), np.nan)
            tolerance = {}
            for entry, (slope, allowed) in known.items():
                right[entry] = slope
                tolerance[entry] = allowed
            compared[name].append(Compared(first[name], right, tuple(known), tolerance, rows, given))
    return compared


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


# --- functions of the caller --------------------------------------------------------------------------------------------


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


__all__ = ["Compared", "call_functions", "input_of", "judged_by_numbers", "run_unread", "run_whole"]
