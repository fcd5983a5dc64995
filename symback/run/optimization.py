"""Optimizers with their hyperparameters: the equations that are left of a row, as formulas and as code.

A row of ``symback.functions.optimizers`` states every option; an ``Optimizer`` keeps the equations that its own
hyperparameters need. What is printed and what runs are spelled from the same equations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from symback.core.display import Node, to_latex, to_text
from symback.core.errors import DerivationError, NetworkError, ValueProblem, nearest
from symback.core.forms import (
    ATOM,
    CHOICE,
    Apply,
    Form,
    Function,
    Name,
    Shape,
    Spelled,
    Spelling,
    apply,
    names_in,
    number,
    numpy_text,
    parenthesize,
    size,
    substitute,
)
from symback.core.forms import name as make_name
from symback.core.frozen import frozen
from symback.core.hooks import Hook
from symback.core.operations import ELEMENTARY
from symback.engine.interpreter import evaluate
from symback.functions.optimizers import OPTIMIZERS, SCHEDULES, SHARED, Hyperparameter, Rule
from symback.networks.network import check_name
from symback.run import targets
from symback.run.codegen.program import fresh
from symback.run.codegen.target import ArrayModule
from symback.run.codegen.text import fill_template

PARAMETER, GRADIENT, COUNT, NORM, RATE, CHOSEN_RATE = "w", "g", "t", "norm", "rate", "learning_rate"
_ENTRIES = size("n")


@dataclass(frozen=True)
class Assignment:
    """One line of an update: ``target ← form``. ``kept`` says that the target lives on to the next update."""

    target: str
    form: Form
    kept: bool
    single: bool
    """True for one number that all parameters share, as the rate of a schedule."""


@dataclass(frozen=True)
class Schedule:
    """How the learning rate changes with the number of updates; made by ``schedule``."""

    row: Rule
    hyperparameters: Mapping[str, float | bool]

    def __str__(self) -> str:
        return _call_text("schedule", self.row, self.hyperparameters)

    def rate(self, update: int, learning_rate: float) -> float:
        """Return the learning rate of an update, counted from 1.

        >>> schedule("step", every=10, gamma=0.5).rate(11, 0.1)
        0.05
        """
        [(_, form)] = self.row.equations
        values = {COUNT: update, CHOSEN_RATE: learning_rate, **self.hyperparameters}
        return float(evaluate(form, values, undefined=lambda label, _, args: getattr(math, label)(*args)))


@dataclass(frozen=True)
class Optimizer:
    """An optimizer with its hyperparameters; made by ``optimizer``.

    ``assignments`` are the lines of one update in order; ``state`` are the names that live on between updates, with
    their start.
    """

    row: Rule
    hyperparameters: Mapping[str, float | bool]
    schedule: Schedule | None = None

    @property
    def name(self) -> str:
        """The name of the row."""
        return self.row.name

    @property
    def learning_rate(self) -> float:
        """The learning rate at the start."""
        return float(self.hyperparameters[CHOSEN_RATE])

    @property
    def plain(self) -> bool:
        """True for ``w ← w − η g`` and nothing else."""
        w, g, rate = (make_name(label) for label in (PARAMETER, GRADIENT, CHOSEN_RATE))
        return [a.form for a in self.assignments] == [w - rate * g]

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """The lines of one update, without what these hyperparameters leave out."""
        return _plan(self)

    @cached_property
    def state(self) -> Mapping[str, float]:
        """The names that live on between updates, and the number each starts from."""
        kept = {a.target for a in self.assignments if a.kept}
        start = {
            name: self.hyperparameters[value] if isinstance(value, str) else value
            for name, value in self.row.state.items()
        }
        return frozen({name: float(value) for name, value in start.items() if name in kept})

    @cached_property
    def read(self) -> tuple[Hyperparameter, ...]:
        """The hyperparameters that some line reads, in the order of the row."""
        names = {leaf.name for a in self.assignments for leaf in names_in(a.form)}
        return tuple(h for h in _all_hyperparameters(self) if h.name in names)

    def code(self, target: str = "numpy") -> str:
        """Return the source of a function that makes one update; that for NumPy is what ``train`` runs.

        Raises DerivationError for a target that is not known, or in which arrays cannot be changed in place.
        """
        return _code(self, _library(target))

    def value_of(self, name: str) -> float | bool:
        """Return the value of one of its hyperparameters, or of its schedule's."""
        if name in self.hyperparameters:
            return self.hyperparameters[name]
        assert self.schedule is not None
        return self.schedule.hyperparameters[name]

    def displays(self) -> tuple[tuple[Node, Node], ...]:
        """Return the lines of one update as pairs of display nodes: ``m`` and ``← β₁ m + (1 − β₁) g``."""
        return optimizer_lines(self)

    def update_of(self, name: str, shape: Shape, gradient: Form) -> dict[str, Form]:
        """Return what one update gives to a parameter and its state (``m_w``), each in terms of the names before it."""
        known: dict[Form, Form] = {make_name(GRADIENT): gradient, make_name(PARAMETER): make_name(name, shape)}
        for a in self.assignments:
            if a.kept and not a.single:
                known[make_name(a.target)] = make_name(f"{a.target}_{name}", shape)
        found: dict[str, Form] = {}
        for a in self.assignments:
            form = substitute(a.form, known.get)
            target = known.get(make_name(a.target), make_name(a.target))
            if a.kept or a.target == PARAMETER:
                # the last line that changes a name says all of it
                held = found.pop(str(target), None)
                found[str(target)] = form if held is None else substitute(form, {target: held}.get)
            else:
                known[make_name(a.target)] = form
        return found

    def latex(self) -> str:
        """Return the lines of one update as LaTeX, without delimiters."""
        lines = [f"{to_latex(left)} &{to_latex(right).strip()}" for left, right in self.displays()]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def text(self) -> str:
        """Return the lines of one update as Unicode text."""
        return "\n".join(f"{to_text(left)} {to_text(right).strip()}" for left, right in self.displays())

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def __str__(self) -> str:
        schedule_text = "" if self.schedule is None else f"schedule={self.schedule}"
        return _call_text("optimizer", self.row, self.hyperparameters, schedule_text)

    def __repr__(self) -> str:
        return str(self)


optimizer_lines: Hook[[Optimizer], tuple[tuple[Node, Node], ...]] = Hook("optimizer_lines")
"""How the lines of an update are typeset is known to the page."""


def optimizer(name: str, /, *, schedule: Schedule | str | None = None, **hyperparameters: Any) -> Optimizer:
    """Return an optimizer by its name, with its hyperparameters; the defaults are PyTorch's.

    Besides those of its row every optimizer takes ``clip_value``, ``clip_norm`` and ``maximize``; ``schedule`` is made
    by ``symback.schedule``. PyTorch's spellings (``lr``, ``betas``, ``eps``) are understood.

    >>> print(optimizer("sgd", learning_rate=0.1, momentum=0.9).text())
    v ← μ v + g
    θ ← θ − η v
    >>> print(optimizer("sgd", learning_rate=0.1).text())
    θ ← θ − η g

    Raises NetworkError for a name that is not known, ValueProblem for a hyperparameter that is unknown or outside its
    domain.
    """
    found = _row(OPTIMIZERS, name, "optimizer")
    chosen = _scheduled(schedule, {}) if isinstance(schedule, str) else schedule
    if chosen is not None and not isinstance(chosen, Schedule):
        raise ValueProblem(f"in {found.name}: schedule is made by schedule(name, ...), not {type(chosen).__name__}")
    known = (*found.hyperparameters, *(h for shared in SHARED for h in shared.hyperparameters))
    return Optimizer(found, _checked(found, known, hyperparameters), chosen)


def schedule(name: str, /, **hyperparameters: Any) -> Schedule:
    """Return a schedule of the learning rate by its name: constant, step, exponential or cosine.

    ``t`` counts updates; the first one has the learning rate of the optimizer, as in ``torch.optim.lr_scheduler``.

    >>> halved = schedule("exponential", gamma=0.5)
    >>> [halved.rate(t, 1.0) for t in (1, 2, 3)]
    [1.0, 0.5, 0.25]
    """
    return _scheduled(name, hyperparameters)


def _scheduled(name: str, given: Mapping[str, Any]) -> Schedule:
    found = _row(SCHEDULES, name, "schedule")
    return Schedule(found, _checked(found, found.hyperparameters, given))


# --- hyperparameters --------------------------------------------------------------------------------------------------


def _row(table: Mapping[str, Rule], name: str, kind: str) -> Rule:
    label = str(name).lower()
    if label not in table:
        raise NetworkError(
            f"there is no {kind} called {name!r}{nearest(label, table)}; known: {', '.join(sorted(table))}"
        )
    return table[label]


def _checked(found: Rule, known: Sequence[Hyperparameter], given: Mapping[str, Any]) -> Mapping[str, float | bool]:
    """Return a value for every hyperparameter; raises one ValueProblem that lists everything that is wrong."""
    by_name = {h.name: h for h in known}
    values: dict[str, float | bool] = {h.name: h.default for h in known}
    problems: list[str] = []
    for label, value in _spelled_out(found, by_name, given, problems):
        fit = _fitted(by_name[label], value)
        if isinstance(fit, str):
            problems.append(fit)
        else:
            values[label] = fit
    if not problems:
        problems += [f"{a} needs {b}, which is 0" for a, b in found.needs if values[a] and not values[b]]
        problems += [f"{a} does not go with {b}" for a, b in found.excludes if values[a] and values[b]]
    if problems:
        raise ValueProblem(f"in {found.name}: {'; '.join(problems)}")
    return frozen(values)


def _spelled_out(
    found: Rule, known: Mapping[str, Hyperparameter], given: Mapping[str, Any], problems: list[str]
) -> list[tuple[str, Any]]:
    """Return pairs of our own names and values for the names given, which may be PyTorch's."""
    pairs: list[tuple[str, Any]] = []
    for label, value in given.items():
        own = (label,) if label in known else found.keywords.get(label, ())
        if len(own) == 1:
            pairs.append((own[0], value))
        elif own:
            parts = tuple(value) if isinstance(value, (tuple, list)) else ()
            if len(parts) == len(own):
                pairs += zip(own, parts, strict=True)
            else:
                problems.append(f"{label} holds {len(own)} numbers ({', '.join(own)}), not {value!r}")
        else:
            problems.append(
                f"there is no {label}{nearest(label, known) or nearest(label, found.keywords)}; known: {', '.join(known)}"
            )
    twice = sorted({label for label, _ in pairs if [a for a, _ in pairs].count(label) > 1})
    problems += [f"{label} is given twice" for label in twice]
    return pairs


def _fitted(known: Hyperparameter, value: Any) -> float | bool | str:
    """Return the value in its type, or what is wrong with it."""
    if isinstance(known.default, bool):
        if isinstance(value, bool) or (isinstance(value, (int, float)) and value in (0, 1)):
            return bool(value)
        return f"{known.name} is {known.domain}, not {value!r}"
    try:
        if isinstance(value, (bool, str, complex)):
            raise TypeError
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return f"{known.name} is a number, not {value!r}"
    inside = known.low < found if known.open else known.low <= found
    if not (math.isfinite(found) and inside and found < known.below):
        return f"{known.name} is {known.domain}, not {found:g}"
    return int(found) if found == int(found) and isinstance(known.default, int) else found


def _all_hyperparameters(chosen: Optimizer) -> tuple[Hyperparameter, ...]:
    more = [h for shared in SHARED for h in shared.hyperparameters]
    own = chosen.row.hyperparameters
    return (*own, *(() if chosen.schedule is None else chosen.schedule.row.hyperparameters), *more)


def _call_text(function: str, found: Rule, values: Mapping[str, float | bool], more: str = "") -> str:
    defaults = {h.name: h.default for h in found.hyperparameters}
    given = [f"{k}={v!r}" for k, v in values.items() if k == CHOSEN_RATE or v != defaults.get(k, 0)]
    return f"{function}({', '.join([repr(found.name), *given, *([more] if more else [])])})"


# --- the lines that are left ------------------------------------------------------------------------------------------


def _plan(chosen: Optimizer) -> tuple[Assignment, ...]:
    """Return the lines of one update: options decided, zeros folded, what nothing reads left out."""
    values = dict(chosen.hyperparameters)
    lines = [pair for shared in SHARED for pair in shared.equations]
    single = {COUNT, NORM, RATE, *values, *chosen.row.single}
    own = chosen.row.equations
    if chosen.schedule is not None and chosen.schedule.row.equations[0][1] != make_name(CHOSEN_RATE):
        values.update(chosen.schedule.hyperparameters)
        single |= set(chosen.schedule.hyperparameters)
        lines = [*chosen.schedule.row.equations, *lines]
        planned: dict[Form, Form] = {make_name(CHOSEN_RATE): make_name(RATE)}
        own = tuple((target, substitute(form, planned.get)) for target, form in own)
    folded = [(target.name, _folded(form, values)) for target, form in (*lines, *own)]
    folded = _without_copies([(label, form) for label, form in folded if form != make_name(label)], chosen.row.state)
    found = []
    for label, form in _needed(folded, chosen.row.state):
        alone = all(leaf.name in single for leaf in names_in(form)) and label not in (PARAMETER, GRADIENT)
        if alone and label not in chosen.row.state:
            single.add(label)
        found.append(Assignment(label, form, label in chosen.row.state, label in single))
    carried = _carried(folded, chosen.row.state)
    return tuple(replace(a, kept=a.target in carried) for a in found)


def _folded(form: Form, values: Mapping[str, float | bool]) -> Form:
    """Return the form with options decided and hyperparameters that are zero put in and folded; a rate stays."""

    def visit(node: Form) -> Form:
        if isinstance(node, Name) and node.name != CHOSEN_RATE and values.get(node.name, 1) in (0, False):
            return number(0)
        if not isinstance(node, Apply):
            return node
        if node.op == "where":
            condition = node.args[0]
            if isinstance(condition, Name) and condition.name in values:
                return visit(node.args[1] if values[condition.name] else node.args[2])
        args = tuple(visit(a) for a in node.args)
        simpler = _simpler(node.op, args)
        return apply(node.op, *args, **node.parameters) if simpler is None else simpler

    return visit(form)


def _simpler(op: Any, args: tuple[Form, ...]) -> Form | None:
    """Return what an operation on zeros and ones comes to, else None."""
    zero, one = number(0), number(1)
    first, last = args[0], args[-1]
    if op == "add" and zero in args:
        return last if first is zero else first
    if op == "subtract" and last is zero:
        return first
    if op == "subtract" and first is zero:
        return apply("negative", last)
    if op == "multiply" and zero in args:
        return zero
    if op == "multiply" and one in args:
        return last if first is one else first
    if op == "divide" and (first is zero or last is one):
        return first
    if op == "power" and (first is zero or last is one):
        return first  # t, the only exponent that may be 0, counts from 1
    return zero if op in ("negative", "sqrt") and first is zero else None


_Line = tuple[str, Form]


def _without_copies(lines: Sequence[_Line], state: Iterable[str]) -> list[_Line]:
    """Put a name's own form in where a line only copies another name, and no line changes that one later."""
    carried = _carried(lines, state)
    found: list[_Line] = []
    same: dict[Form, Form] = {}
    for position, (label, form) in enumerate(lines):
        form = substitute(form, same.get)
        later = {other for other, _ in lines[position + 1 :]}
        copied = isinstance(form, Name) and form.name not in later and label not in (*carried, PARAMETER, GRADIENT)
        if copied:
            same[make_name(label)] = form
        else:
            found.append((label, form))
    return found


def _carried(lines: Sequence[_Line], state: Iterable[str]) -> set[str]:
    """Return the state whose value from the update before is read by what the parameter depends on."""
    known = set(state)
    carried: set[str] = set()
    while True:
        live = _live(lines, {PARAMETER, *carried})[1]
        if live & known <= carried:
            return carried
        carried |= live & known


def _needed(lines: Sequence[_Line], state: Iterable[str]) -> list[_Line]:
    return _live(lines, {PARAMETER, *_carried(lines, state)})[0]


def _live(lines: Sequence[_Line], wanted: set[str]) -> tuple[list[_Line], set[str]]:
    """Return the lines that the wanted names need, and the names that are read before any line gives them a value."""
    live = set(wanted)
    kept: list[_Line] = []
    for label, form in reversed(lines):
        if label in live:
            live.discard(label)
            live |= {leaf.name for leaf in names_in(form)}
            kept.append((label, form))
    return kept[::-1], live


# --- code -------------------------------------------------------------------------------------------------------------

_RESERVED = (
    "math",
    "parameters",
    "gradients",
    "state",
    "step",
    "start",
    "zip",
    "float",
    "sum",
    "min",
    "max",
    "abs",
)


_LONGEST = 108
"""A line of code keeps its formula as a comment up to this length."""


def _library(target: str) -> ArrayModule:
    """Return the library of arrays in which the code of an optimizer is written for a target."""
    found = targets.target(target)
    if found.updates is None:
        able = ", ".join(name for name in targets.names() if targets.target(name).updates)
        raise DerivationError(
            f"an update changes arrays in place, which the target {target} ({found.title}) cannot; known: {able}"
        )
    return found.updates


def _code(chosen: Optimizer, library: ArrayModule) -> str:
    np = library.name
    taken = {np, *_RESERVED}
    labels: dict[str, str] = {}
    for a in chosen.assignments:
        for label in (a.target, *(leaf.name for leaf in names_in(a.form))):
            if label not in labels:
                labels[label] = fresh(check_name(label), taken)
    singles = {a.target for a in chosen.assignments if a.single} | {h.name for h in chosen.read} | {COUNT, NORM}
    notes = [f"{to_text(left)} {to_text(right).strip()}" for left, right in chosen.displays()]
    spell = _Speller(labels, singles, np)
    arrays = [label for label in chosen.state if label not in singles]
    body: list[str] = []
    for label in chosen.state:
        if label in singles:
            body.append(f'{labels[label]} = state["{label}"]')
    loop: list[str] = []
    normed = False
    for k, a in enumerate(chosen.assignments):
        note = f"  # {notes[k]}"
        if not normed and any(leaf.name == NORM for leaf in names_in(a.form)):
            normed = True
            body.append(f"{labels[NORM]} = math.sqrt(sum(float({np}.vdot(g, g)) for g in gradients))")
        if a.single:
            kept = f' = state["{a.target}"]' if a.kept else ""
            line = f"{labels[a.target]}{kept} = {spell.text(a.form, True)}"
            body.append(line if len(line + note) > _LONGEST else line + note)
        else:
            written = _in_place(a, labels, spell) if a.kept or a.target == PARAMETER else None
            lines = written or [f"{labels[a.target]} = {spell.text(a.form, False)}"]
            loop += [f"{line}{'' if n or len(line + note) > _LONGEST else note}" for n, line in enumerate(lines)]
    options = "".join(f", {labels[h.name]}={chosen.value_of(h.name)!r}" for h in chosen.read)
    walked = [labels.get(PARAMETER, PARAMETER), labels.get(GRADIENT, GRADIENT), *(labels[label] for label in arrays)]
    sources = ["parameters", "gradients", *(f'state["{label}"]' for label in arrays)]
    head = f"def step({COUNT}, parameters, gradients, state{options}):"
    doc = f'    """{chosen.row.title[0].upper()}{chosen.row.title[1:]}: change lists of arrays and their state in place; {COUNT} counts the updates from 1."""'
    text = [head, doc, *(f"    {line}" for line in body)]
    text.append(f"    for {', '.join(walked)} in zip({', '.join(sources)}):")
    text += [f"        {line}" for line in loop]
    starts = ", ".join(
        f'"{label}": {value!r}'
        if label in singles
        else f'"{label}": [{np}.full_like(w, {value!r}) for w in parameters]'
        for label, value in chosen.state.items()
    )
    begin = [
        "def start(parameters):",
        '    """Return the state before the first update."""',
        f"    return {{{starts}}}",
    ]
    source = "\n".join([*begin, "", "", *text]) + "\n"
    imports = [f"import {module}" for module in ("math",) if "math." in source]
    return "\n".join([*imports, *(["", library.imported] if imports else [library.imported]), "", "", source])


def with_update(source: str, chosen: Optimizer, target: str = "numpy") -> str:
    """Return the source of a gradient followed by that of an update, with one block of imports."""
    parts = [source, chosen.code(target)]
    imports: set[str] = set()
    bodies = []
    for part in parts:
        lines = part.splitlines()
        head = [k for k, line in enumerate(lines) if line.startswith(("import ", "from "))]
        imports.update(lines[k] for k in head)
        bodies.append("\n".join(lines[head[-1] + 1 if head else 0 :]).strip("\n"))
    standard = sorted(line for line in imports if "math" in line)
    blocks = ["\n".join(standard), "\n".join(sorted(imports - set(standard)))]
    return "\n\n\n".join(["\n\n".join(b for b in blocks if b), *bodies]) + "\n"


@dataclass(frozen=True)
class _Speller:
    """Spells forms as Python: arithmetic of single numbers by ``math``, that of arrays by NumPy."""

    labels: Mapping[str, str]
    singles: set[str]
    module: str

    def text(self, form: Form, single: bool) -> str:
        def shaped(node: Form) -> Form | None:
            if isinstance(node, Name) and node.name not in self.singles:
                return make_name(node.name, (_ENTRIES,))
            return None

        def own(node: Form, args: Sequence[Spelled]) -> Spelled | None:
            return _own(node, args, self.module)

        spelling = Spelling(name=self.labels.__getitem__, own=own, module="math" if single else self.module)
        return numpy_text(form if single else substitute(form, shaped), spelling)


def _own(form: Form, args: Sequence[Spelled], module: str) -> Spelled | None:
    if not isinstance(form, Apply):
        return None
    if isinstance(form.op, Function):
        template = form.op.numpy if form.shape else form.op.math or form.op.numpy
        return fill_template(template, args, module) if template else None
    if form.shape or form.op not in (*ELEMENTARY, "where"):
        return None
    if form.op == "where":  # the branch that is not taken may have no value
        condition, yes, no = (parenthesize(a, CHOICE + 1) for a in args)
        return f"{yes} if {condition} else {no}", CHOICE
    return f"math.{form.op}({args[0][0]})", ATOM


def _in_place(a: Assignment, labels: Mapping[str, str], spell: _Speller) -> list[str]:
    """Return the lines that change an array in place: ``m *= beta1`` and ``m += (1 - beta1) * g``."""
    target, form = make_name(a.target), a.form
    label = labels[a.target]

    def reads(node: Form) -> bool:
        return target in names_in(node)

    def alone(node: Form) -> bool:
        return all(leaf.name in spell.singles for leaf in names_in(node))

    if not (isinstance(form, Apply) and form.op in ("add", "subtract")):
        return [f"{label}[...] = {spell.text(form, False)}"]
    first, rest = form.args
    sign = "+" if form.op == "add" else "-"
    decays = isinstance(rest, Apply) and rest.op == "multiply" and rest.args[1] is target and alone(rest.args[0])
    if first is target and decays:
        return [f"{label} *= {spell.text(apply(form.op, number(1), rest.args[0]), True)}"]
    if first is target:
        return [f"{label} {sign}= {spell.text(rest, False)}"]
    scaled = isinstance(first, Apply) and first.op == "multiply" and first.args[1] is target and alone(first.args[0])
    if scaled and not reads(rest):
        return [f"{label} *= {spell.text(first.args[0], True)}", f"{label} {sign}= {spell.text(rest, False)}"]
    return [f"{label}[...] = {spell.text(form, False)}"]
