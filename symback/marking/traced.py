"""Mark the hand-written gradients of a file that was executed once: their programs in the log against the derived ones."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import substitute
from symback.derivation.guards import bare_logarithms
from symback.derivation.record import Record, derive_record
from symback.documents.formats import latex as latex_format
from symback.engine.interpreter import evaluate
from symback.library.name_words import is_parameter_name
from symback.marking.by_numbers import Compared, judged_by_numbers
from symback.marking.claims import APPROXIMATE, folded, is_spelled_as_gradient
from symback.marking.logged import Gradients, LoggedClaim, variables_of
from symback.marking.points import TOLERANCE, adjoints_in, gap
from symback.marking.replay import Place, Replay, is_coarse, movable, points, shifts_of
from symback.marking.report import Remark, Report, Verdict, Verdicts
from symback.marking.slips import mistakes
from symback.networks.naming import name_equations
from symback.networks.network import Network, list_names
from symback.page import views
from symback.page.messages import translated
from symback.page.words import words
from symback.tracer.choice import Choice, choose
from symback.tracer.files import Request, failure_of, given_loss, run_of
from symback.tracer.log import Log, Node
from symback.tracer.network_of import network_of
from symback.tracer.running import Run, draw_alike
from symback.tracer.sliced import base_of
from symback.tracer.steps import ancestors, depending

_POINTS = 3
_SAME_LOSS = 1e-7
_SAME_RUN = (1e-6, 2e-3)
"""How far the numbers of the second run may be from those of the programs, where all have 64 bits and where some have fewer."""
_MOST_MISTAKES = 400
_SLOPE = 1e-6
"""How far parameters are moved for a difference, where the loss cannot be derived; and how near it has to come."""
_NEAR_SLOPE = 1e-4
_LEFT = "a second run with other parameters gives other numbers than the operations that were recorded"


@dataclass(eq=False)
class Truth:
    """The right gradients: derived where the loss could be derived, else differences of the program of the loss."""

    loss: Node
    parameters: dict[str, Node]
    net: Network | None = None
    names: Mapping[str, Node] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    """The derivation as it is, and where it has tiny numbers in logarithms also without them."""

    def environment(self, place: Place, record: Record) -> dict[str, Any]:
        """Return the values of the names of a derivation at a place."""
        assert self.net is not None
        network = record.network
        found = {k: np.asarray(v) for k, v in network.values.items()}
        found.update(
            {k: place.values[n] for k, n in self.names.items() if k in network.variables and n in place.values}
        )
        with np.errstate(all="ignore"):
            for equation in network.equations:
                found[equation.name] = evaluate(equation.form, found)
        return found

    def fits(self, place: Place) -> bool:
        """Return whether the derivation has the loss that the program has at a place."""
        loss = np.asarray(place.values[self.loss])
        if loss.size != 1 or not np.all(np.isfinite(loss)):
            return False
        if not self.records:
            return True
        record = self.records[0]
        try:
            derived = self.environment(place, record)[record.network.loss]
        except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError):
            return False
        return gap(np.asarray(derived).reshape(()), loss.reshape(()))[0] <= _SAME_LOSS

    def gradients(self, replay: Replay, place: Place) -> list[dict[str, Any]]:
        """Return the right gradients at a place by the names of their variables, one way or another."""
        if self.records:
            return [adjoints_in(r, self.environment(place, r), {}) for r in self.records]
        return [{name: self._slopes(replay, place, node) for name, node in self.parameters.items()}]

    def _slopes(self, replay: Replay, place: Place, node: Node) -> Any:
        value = np.asarray(place.values[node], dtype=np.float64)
        step = _SLOPE * max(float(np.max(np.abs(value), initial=0.0)), 1.0)
        found = np.zeros(value.shape)
        for entry in np.ndindex(value.shape):
            ends = []
            for sign in (1, -1):
                moved = value.copy()
                moved[entry] += sign * step
                at = replay.values({**place.given, node: moved if moved.ndim else np.float64(moved)})
                ends.append(float(np.asarray(at[self.loss]).reshape(())))
            found[entry] = (ends[0] - ends[1]) / (2 * step)
        return found


def truth_of(log: Log, choice: Choice, source: str) -> Truth:
    """Return the right gradients of a run."""
    try:
        net, _, names = network_of(log, choice, source)
        record = derive_record(name_equations(net))
    except (SymbackError, RecursionError):
        return Truth(choice.loss, _named(choice.parameters))
    records = [record]
    bare = [(e, substitute(e.form, bare_logarithms)) for e in record.network.equations]
    if any(form is not e.form for e, form in bare):
        with contextlib.suppress(SymbackError):
            equations = tuple(replace(e, form=form) for e, form in bare)
            records.append(derive_record(replace(record.network, equations=equations)))
    parameters = {v.name: names[v.name] for v in net.variables.values() if v.role == "parameter"}
    return Truth(choice.loss, parameters, net, names, tuple(records))


def _named(parameters: Sequence[Node]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in parameters:
        base = label = base_of(node) or "parameter"
        count = 1
        while label in found:
            count += 1
            label = f"{base}{count}"
        found[label] = node
    return found


# --- one file -----------------------------------------------------------------------------------------------------------


def report_on(
    request: Request, claims: Mapping[str, str] | None, language: str, tell: Callable[[], object] = lambda: None
) -> Report:
    """Execute a file, and return the report on its hand-written gradients; ``tell`` is called when a run begins and ends.

    Raises ReadError where the file fails before it computed anything to compare, or nothing in it is a gradient.
    """
    tell()
    run = _seeded(request)
    tell()
    failure = failure_of(run)
    try:
        choice = _with_claimed(run.log, _chosen(run, request))
        truth = truth_of(run.log, choice, Path(request.path).name)
        found = _claims(run, choice, truth, claims)
    except SymbackError:
        if failure is not None:
            raise failure from run.error
        if run.log.cut:
            raise ReadError(f"the run was ended after {run.log.cut}, before there was a gradient to compare") from None
        raise
    if not found:
        raise failure or ReadError(
            "no hand-written gradient was found in the run: nothing is called one (dW1, grads['W1'], W1_grad), and no update "
            "subtracts one; --claim NAME=VARIABLE says what a name means"
        )
    marking = _Marking(run, request, choice, truth, found, language)
    verdicts = marking.verdicts()
    remarks = []
    if failure is not None:
        message = str(failure).removeprefix(f"line {failure.line}: ")
        remarks.append(Remark(translated(message, language), failure.line))
    unmarked = _unmarked(run.log, truth.loss, found)
    if unmarked:
        message = words(language)["mark unmatched"].format(names=list_names(unmarked))
        remarks.append(Remark(message, is_error=False))
    choices = (f"loss: {base_of(choice.loss) or 'loss'} ({choice.why_loss})",)
    return Report(
        verdicts, tuple(remarks), choices, len(marking.places), marking.rows, language, "", words(language), "file"
    )


def _seeded(request: Request, shifts: Mapping[int, Any] | None = None) -> Run:
    """Run a file with the same random numbers every time, where it leaves them to chance."""
    draw_alike()
    return run_of(request, shifts=dict(shifts or {}))


def _with_claimed(log: Log, choice: Choice) -> Choice:
    """Return a choice whose parameters are also what is called one and has a gradient of its name, although nothing updates it."""
    needed = ancestors(choice.loss)
    below = depending(needed, choice.parameters)
    free = [n for n in needed if n not in below and n not in choice.parameters and n.kind == "f" and n.name]
    above = ancestors(*choice.parameters) if choice.parameters else set()
    called = {
        folded(base_of(n)): n
        for n in free
        if n not in above and is_parameter_name(base_of(n), array=bool(n.shape)) and "[" not in n.name
    }
    found: dict[Node, None] = {}
    for name, nodes in log.named.items():
        node = next((called[v] for v in map(folded, variables_of(name)) if v in called), None)
        if node is None or nodes[-1] in needed or APPROXIMATE.search(name):
            continue
        if any(n in needed and n.run is not None for n in ancestors(nodes[-1])):
            found[node] = None
    return replace(choice, parameters=(*choice.parameters, *found)) if found else choice


def _unmarked(log: Log, loss: Node, found: Sequence[LoggedClaim]) -> list[str]:
    """Return names that are spelled as gradients, are computed from the forward pass, and lead to no gradient that is marked."""
    needed = ancestors(loss)
    used = ancestors(*(c.shown for c in found))
    names = []
    for name, nodes in log.named.items():
        if not is_spelled_as_gradient(name) or needed.intersection(nodes) or used.intersection(nodes):
            continue
        if any(n in needed and n.run is not None for n in ancestors(nodes[0])):
            names.append(name)
    return names


def _chosen(run: Run, request: Request) -> Choice:
    return choose(run.log, request.loss, None, given_loss(run, request), (), run.torch)


def _claims(run: Run, choice: Choice, truth: Truth, given: Mapping[str, str] | None) -> list[LoggedClaim]:
    targets = dict(truth.parameters)
    if truth.records:
        steps = truth.records[0].by_name()
        targets |= {k: n for k, n in truth.names.items() if k in steps and n is not choice.loss}
    gradients = Gradients(run.log, choice.loss, targets, list(truth.parameters.values()))
    found = gradients.find(given)
    names = Counter(c.name for c in found)
    for claim in found:
        if names[claim.name] > 1:
            claim.name = f"{claim.name} ({claim.variable})"
    found = [c for c in found if not (c.target in run.log.trained and c.node is not None and c.node.run is None)]
    ends = ancestors(*(c.shown for c in found if not c.is_inner), *(c.step.after for c in found if c.step is not None))
    return [c for c in found if not c.is_inner or (c.node is not None and c.node in ends)]


class _Marking:
    """The comparison of the claims of one run with the right gradients."""

    def __init__(
        self, run: Run, request: Request, choice: Choice, truth: Truth, claims: Sequence[LoggedClaim], language: str
    ) -> None:
        self.run, self.request, self.choice, self.truth = run, request, choice, truth
        self.claims = list(claims)
        self.language, self.table = language, words(language)
        self.rows: tuple[int, ...] = ()
        self.replay = Replay(run.log, self._wanted())
        self.places = self._places()
        self.right = [truth.gradients(self.replay, p) for p in self.places]
        self.left = self._second_run()
        self.rate = self._rate()

    def _wanted(self) -> set[Node]:
        found = {self.truth.loss, *self.truth.names.values(), *self.truth.parameters.values()}
        for claim in self.claims:
            found.add(claim.shown)
            if claim.step is not None:
                found |= {claim.step.before, claim.step.after}
                found |= {r for r in claim.step.rates if isinstance(r, Node)}
        return found

    def _places(self) -> list[Place]:
        """Return the points at which gradients are compared: the run's own, and others where its programs stay what they are."""
        parameters = list(self.truth.parameters.values())
        own = self.replay.values()
        needed = ancestors(self.truth.loss)
        groups = movable(self.replay, own, parameters, needed)
        found = points(self.replay, groups, parameters, _POINTS, self.truth.fits)
        if len(found) < 2:
            groups = [g for g in groups if g[0] in parameters]
            found = points(self.replay, groups, parameters, _POINTS, self.truth.fits)
        return found

    def _rate(self) -> float | None:
        """Return the number by which gradients that have names become steps, where it is one for all."""
        found: set[float] = set()
        for claim in self.claims:
            if claim.node is None or claim.step is None:
                continue
            numbers = []
            for place in self.places:
                taken, held = _step(claim.step, place, 1.0), np.asarray(place.values[claim.node], dtype=float)
                if taken.shape != held.shape or not np.any(held):
                    return None
                number = float(np.sum(taken * held) / np.sum(held * held))
                if not np.allclose(taken, number * held, rtol=1e-6, atol=1e-9 * float(np.max(np.abs(taken)))):
                    return None
                numbers.append(float(f"{number:.6g}"))
            found.update(numbers)
        return found.pop() if len(found) == 1 else None

    # --- the second run -------------------------------------------------------------------------------------------------

    def _second_run(self) -> dict[str, str]:
        """Run the file again at the first point that is not its own; return which programs do not give its numbers, and why."""
        moved = [p for p in self.places if not p.own]
        everything = dict.fromkeys((c.variable for c in self.claims), _LEFT)
        if not moved:
            return dict.fromkeys(everything, "there is no other point at which the run would take the same way")
        place = moved[0]
        shifts = shifts_of(place, self.places[0].values)
        second = _seeded(self.request, shifts)
        if failure_of(second) is not None and failure_of(self.run) is None:
            return dict.fromkeys(everything, "a second run with other parameters fails")
        log = second.log
        wanted = [n for n in self._wanted() if n.number < len(log.nodes)]
        pairs = {n: log.nodes[n.number] for n in wanted if _is_same(n, log.nodes[n.number])}
        if self.truth.loss not in pairs:
            return everything
        again = Replay(log, list(pairs.values())).values()
        tolerance = _SAME_RUN[is_coarse(self.replay.order)]

        def agrees(node: Node) -> bool:
            return node in pairs and _alike(place.values[node], again[pairs[node]], tolerance)

        if not agrees(self.truth.loss) or not all(map(agrees, self.truth.parameters.values())):
            return everything
        return {c.variable: _LEFT for c in self.claims if not agrees(c.shown)}

    # --- verdicts -------------------------------------------------------------------------------------------------------

    def verdicts(self) -> Verdicts:
        """Return a verdict for each claim; a step on the way is wrong where the right one in its place repairs a gradient."""
        judged = {c: self._judged(c) for c in self.claims}
        wrong = [c for c in self.claims if judged[c].status == "wrong"]
        outer = [c for c in wrong if not c.is_inner]
        repaired = {c: self._repaired_by(c, wrong) for c in wrong if c.is_inner and outer}
        guilty = [c for c, others in repaired.items() if any(not o.is_inner for o in others)]
        found = Verdicts()
        for claim in sorted(self.claims, key=lambda c: (c.shown.site.line, c.shown.number)):
            verdict = judged[claim]
            if claim.is_inner and not verdict.ok and claim not in guilty:
                continue
            causes = [c for c in guilty if claim in repaired[c]]
            if causes:
                verdict = self._follows(verdict, max(causes, key=lambda c: c.shown.number))
            elif verdict.status == "wrong":
                verdict = self._slipped(claim, verdict)
            found[claim.variable] = verdict
        return found

    def _repaired_by(self, claim: LoggedClaim, wrong: Sequence[LoggedClaim]) -> list[LoggedClaim]:
        """Return the wrong claims that are right once the right gradient stands in the place of another."""
        readers = [c for c in wrong if c is not claim and c.node is not None and claim.node in ancestors(c.node)]
        if not readers or claim.node is None:
            return []
        places = []
        for place, ways in zip(self.places, self.right, strict=True):
            right, held = np.asarray(ways[0][claim.variable], dtype=float), np.asarray(place.values[claim.node])
            if right.size != held.size:
                return []
            try:
                values = self.replay.values({**place.given, claim.node: right.reshape(held.shape)})
            except Exception:  # whatever the operations of a library raise
                return []
            places.append(Place(place.given, values, place.own))
        found = []
        for other in readers:
            compared = self._compared(other, lambda place, node=other.node: place.values[node], 0, places)  # type: ignore[misc]
            if compared and all(
                c.claimed.shape == c.right.shape and gap(c.claimed, c.right)[0] <= c.tolerance for c in compared
            ):
                found.append(other)
        return found

    def _follows(self, verdict: Verdict, cause: LoggedClaim) -> Verdict:
        """Return a verdict on a gradient that is wrong since another is."""
        said = self.table["mark wrong"].format(name=verdict.name, place="")
        said += " " + self.table["mark follows"].format(cause=cause.name)
        lines = [said, *([self.table["mark right"].format(right=verdict.right)] if verdict.right else [])]
        return replace(verdict, cause=cause.name, slip=None, message="\n".join(lines))

    def _judged(self, claim: LoggedClaim) -> Verdict:
        node = claim.shown
        line = node.site.line if node.site.file == self.request.path else None
        verdict = Verdict(claim.name, claim.variable, "unread", line=line or None, executed=True)
        right, latex = self._formula(claim.variable)
        verdict = replace(verdict, right=right, right_latex=latex)
        if claim.variable in self.left:
            return self._unread(verdict, self.left[claim.variable])
        first: Verdict | None = None
        for reading in self._readings(claim):
            for way in range(max(len(r) for r in self.right)):
                compared = self._compared(claim, reading, way)
                judged = judged_by_numbers(verdict, compared, self.table) if compared else verdict
                if judged.ok:
                    return judged
                first = first or judged
        assert first is not None
        if claim.node is None and claim.step is not None:
            if not claim.step.is_plain:
                return self._unread(verdict, "it is no plain step against a gradient")
            if not claim.step.is_rated and self.rate is None and (first.ratio or 0) > 0:
                return self._unread(verdict, "nothing tells its rate from other factors; give the gradient a name")
        return first

    def _unread(self, verdict: Verdict, error: str) -> Verdict:
        said = self.table["mark unmarked"].format(name=verdict.name, error=translated(error, self.language))
        return replace(verdict, message=said)

    def _readings(self, claim: LoggedClaim) -> list[Callable[[Place], Any]]:
        """Return the ways to read a claim: what has its name, and what the update makes of it."""
        found: list[Callable[[Place], Any]] = []
        if claim.node is not None:
            found.append(lambda place: place.values[claim.node])  # type: ignore[index]
        step = claim.step
        if step is not None:
            known = (self.rate,) if self.rate and not step.is_rated else step.rates
            for rate in known or ((1.0,) if claim.node is None else ()):
                found.append(lambda place, rate=rate: _step(step, place, rate))  # type: ignore[misc]
        return found

    def _compared(
        self,
        claim: LoggedClaim,
        reading: Callable[[Place], Any],
        way: int,
        places: Sequence[Place] | None = None,
    ) -> list[Compared]:
        found = []
        for place, ways in zip(places or self.places, self.right, strict=True):
            right = ways[min(way, len(ways) - 1)].get(claim.variable)
            if right is None:
                continue
            claimed, right = np.asarray(reading(place), dtype=float), np.asarray(right, dtype=float)
            if claimed.shape != right.shape and _squeezed(claimed) == _squeezed(right):
                claimed = claimed.reshape(right.shape)
            tolerance = TOLERANCE if self.truth.records else _NEAR_SLOPE
            found.append(Compared(claimed, right, None, tolerance, None, place.own))
        return found

    # --- words ----------------------------------------------------------------------------------------------------------

    def _formula(self, variable: str) -> tuple[str, str]:
        """Return the right formula of a gradient as text and as LaTeX; empty where there is none."""
        if not self.truth.records or variable not in self.truth.records[0].by_name():
            return "", ""
        record = self.truth.records[-1]
        try:
            text = views.step_text(record, variable)
            return text, latex_format.body(views.step_display(record, variable, "matrix"))
        except (SymbackError, ValueError, KeyError):
            return "", ""

    def _slipped(self, claim: LoggedClaim, verdict: Verdict) -> Verdict:
        """Return a verdict on a wrong gradient with the slip that gives exactly what was written, where there is one."""
        if verdict.slip == "constant_factor" and verdict.ratio is not None:
            return self._rows_slipped(verdict, verdict.ratio)
        if verdict.status != "wrong" or verdict.slip is not None or not self.truth.records or claim.node is None:
            return verdict
        record = self.truth.records[0]
        step = record.by_name()[claim.variable]
        places = []
        for place, ways in zip(self.places, self.right, strict=True):
            upstream = {f"∂{k}": v for k, v in ways[0].items()}
            places.append(({**self.truth.environment(place, record), **upstream}, place.values[claim.node]))
        for count, (key, form) in enumerate(mistakes(step, record)):
            if count > _MOST_MISTAKES:
                break
            if all(_gives(form, values, claimed) for values, claimed in places):
                factor = ", ".join(f"∂{top}/∂{claim.variable}" for top in step.through[:3])
                return self._with_slip(verdict, key, factor)
        return verdict

    def _rows_slipped(self, verdict: Verdict, ratio: float) -> Verdict:
        """Return a verdict on a wrong constant factor, which may be the number of rows of the data."""
        needed = ancestors(self.truth.loss)
        data = [n for n in needed if n.run is None and n.shape and n not in self.truth.parameters.values()]
        counts = {n.shape[k] for n in data for k in (0, -1) if n.shape[k] > 2}
        for slip, size in (("missing_mean", ratio), ("extra_mean", 1 / ratio if ratio else 0.0)):
            if round(size) in counts and abs(size - round(size)) < 1e-3:
                said = self.table["mark slip constant_factor ratio"].format(ratio=f"{ratio:.6g}")
                better = self.table[f"mark slip {slip}"].format(size=round(size), ratio=round(size))
                return replace(verdict, slip=slip, message=verdict.message.replace(said, better))
        return verdict

    def _with_slip(self, verdict: Verdict, key: str, factor: str) -> Verdict:
        said = self.table[f"mark slip {key}"].format(
            ratio="", size="n", variable=verdict.variable, factor=factor, written="", meant=""
        )
        first, *rest = verdict.message.split("\n")
        return replace(verdict, slip=key, factor=factor, message="\n".join([f"{first} {said}", *rest]))


def _is_same(one: Node, two: Node) -> bool:
    return one.path == two.path and one.site.line == two.site.line and tuple(one.shape) == tuple(two.shape)


def _alike(one: Any, two: Any, tolerance: float) -> bool:
    a, b = np.asarray(one), np.asarray(two)
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return False
    difference = np.abs(a.astype(float) - b.astype(float))
    return bool(np.all(difference <= tolerance * max(float(np.max(np.abs(b), initial=0.0)), 1e-12)))


def _step(step: Any, place: Place, rate: Any) -> Any:
    number = place.values[rate] if isinstance(rate, Node) else rate
    taken = np.asarray(place.values[step.before], dtype=float) - np.asarray(place.values[step.after], dtype=float)
    with np.errstate(all="ignore"):
        return taken / np.asarray(number, dtype=float)


def _squeezed(array: np.ndarray) -> tuple[int, ...]:
    return tuple(s for s in array.shape if s != 1)


def _gives(form: Any, values: Mapping[str, Any], claimed: Any) -> bool:
    try:
        with np.errstate(all="ignore"):
            made = evaluate(form, values)
    except (SymbackError, ArithmeticError, ValueError, TypeError, IndexError, KeyError):
        return False
    return np.shape(made) == np.shape(claimed) and gap(made, claimed)[0] <= TOLERANCE


__all__ = ["report_on"]
