"""Mark typed formulas: read each over the names of a derivation and judge it as a line of code is judged.

The forward pass is a text, or a network that was built; a formula is never executed. It is read anew at every size of the
batch, so that a 1/n that is missing shows, and its derivatives of the loss (δ, dz2) are the true ones.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from symback.core.display import EQUALS, row, to_latex, to_text
from symback.core.errors import ReadError, ShapeError, SymbackError
from symback.core.forms import (
    Apply,
    Form,
    Function,
    Name,
    Prime,
    Size,
    apply,
    names_in,
    relabel,
    shape_text,
    substitute,
    walk,
)
from symback.core.forms import name as make_name
from symback.core.text import printable
from symback.derivation.record import Record
from symback.functions import ROWS
from symback.library.values import Binding
from symback.marking.answers import Answer, parse_answer
from symback.marking.asked import Asked
from symback.marking.claims import Claim, Claims
from symback.marking.judging import SIZES, Find, Follow, Marked, is_data, mark
from symback.marking.reading import BackwardEvaluator, Reading, Source, following, reading
from symback.marking.report import Report, Verdict, Verdicts
from symback.marking.wording import report_of, shown
from symback.networks.network import NamedNetwork
from symback.page import views
from symback.page.context import context_for
from symback.page.form_view import form_display
from symback.page.messages import translated
from symback.page.words import DEFAULT_LANGUAGE, words
from symback.readers.inference import Inference

_UNKNOWN = ("softplus", "gelu", "silu", "tanh")
"""Smooth functions that stand for undefined ones where values are compared."""


class Parse(Protocol):
    """Reads one formula over a reading; ``mend`` undoes a slip where operands do not fit."""

    def __call__(self, text: str, read: Reading, mend: str = "", /) -> Answer: ...


@dataclass(eq=False)
class _Typed:
    """The formulas of one sheet: what was typed, what could not be read, and what was read at the text's own sizes."""

    texts: tuple[str, ...]
    problems: dict[int, SymbackError] = field(default_factory=dict)
    read: dict[int, Answer] = field(default_factory=dict)
    first: bool = True

    def name(self, position: int) -> str:
        """Return the left side as it was typed; a second answer with the same one is told apart."""
        label = _left(self.texts[position])
        before = sum(_left(t) == label for t in self.texts[:position])
        return label if not before else f"{label} ({before + 1})"


def _left(text: str) -> str:
    plain = printable(text)
    found = re.split(r"(?<![<>=!])=(?!=)", plain, maxsplit=1)[0].strip()
    return found[:60]


@dataclass(frozen=True, eq=False)
class _Sheet:
    """What the formulas are marked against: a forward pass, how it is followed and how a formula is read over it."""

    source: Source
    calculated: Source
    """The forward pass with the numbers of the formulas after it."""
    asked: Asked
    follow: Follow
    parse: Parse
    record: Record | None

    def marked(self, typed: _Typed, parse: Parse) -> Marked:
        """Return the formulas judged, as ``parse`` reads them."""
        asked, find = self.asked, _finder(typed, parse)
        return mark(self.calculated, asked.values, asked.shapes, asked.loss, None, asked.seed, self.follow, find)

    def report(self, marked: Marked) -> Report:
        """Return the report on what was judged."""
        return report_of(self.source, marked, self.asked.language, self.asked.title, self.record)


def check_typed(
    answers: Sequence[str],
    source: Source,
    asked: Asked,
    follow: Follow | None = None,
    record: Record | None = None,
    parse: Parse | None = None,
) -> Report:
    """Return the report on typed formulas over the forward pass of ``source``, or over what ``follow`` follows.

    ``record`` is the derivation whose right formulas are shown, and ``parse`` reads one formula, where a text has neither.
    """
    typed = _Typed(tuple(answers))
    calculated = replace(source, parts=(*source.parts, _numbers(answers)), lines=())
    sheet = _Sheet(source, calculated, asked, follow or following(source, asked.seed), parse or _parsed, record)
    marked = sheet.marked(typed, sheet.parse)
    for judged in marked.judged:
        if judged.note == "unjudged":
            position = next(k for k in typed.read if typed.name(k) == judged.claim.name)
            typed.problems[position] = ReadError(_unjudged(typed.read[position]))
    kept = [j for j in marked.judged if j.note != "unjudged"]
    table = words(asked.language)
    report = Report(Verdicts(), language=asked.language, title=asked.title, words=table, typed=True)
    if kept:
        report = sheet.report(replace(marked, judged=kept))
    found = {v.name: v for v in report.verdicts.values()}
    # the forward pass is given: what is wrong in it is no error of an answer
    remarks = tuple(replace(r, is_error=False) for r in report.remarks if r.slip is not None)
    verdicts: dict[str, Verdict] = {}
    for position in range(len(typed.texts)):
        label = typed.name(position)
        verdict = _verdict(sheet, typed, position, found.get(label), marked)
        if verdict is None:
            continue
        key = verdict.variable
        while key in verdicts:
            key = label if key != label else key + "'"
        verdicts[key] = verdict
    return replace(report, verdicts=Verdicts(verdicts), remarks=remarks, choices=(), typed=True)


def _verdict(sheet: _Sheet, typed: _Typed, position: int, found: Verdict | None, marked: Marked) -> Verdict | None:
    """Return the verdict on one formula as a sheet shows it; None where it was neither judged nor refused."""
    text, label, table = typed.texts[position], typed.name(position), words(sheet.asked.language)
    verdict = found
    if position in typed.problems:
        reason = _reason(typed.problems[position], text)
        said = translated(reason, sheet.asked.language)
        verdict = Verdict(label, label, "unread", message=table["mark unread"].format(name=label, error=said))
        if "do not fit" in reason:
            verdict = _mended(sheet, text, label, reason) or verdict
    if verdict is None:
        return None
    answer = typed.read.get(position)
    verdict = _as_on_the_page(replace(verdict, written=text))
    if answer is not None and answer.by and not verdict.ok:
        verdict = _with_local(verdict, marked, answer, table)
    return verdict


def _mended(sheet: _Sheet, text: str, label: str, reason: str) -> Verdict | None:
    """Return the verdict on a formula whose shapes do not fit, where one change makes it right."""
    table = words(sheet.asked.language)
    for slip in ("swapped", "missing_transpose"):

        def read(text: str, read: Reading, slip: str = slip) -> Answer:
            return sheet.parse(text, read, slip)

        one = _Typed((text,))
        found = sheet.marked(one, read)
        if not one.read or not all(j.status == "agrees" and j.note != "unjudged" for j in found.judged):
            continue
        wrong = [replace(j, status="wrong", claim=replace(j.claim, name=label)) for j in found.judged]
        (right,) = sheet.report(replace(found, judged=wrong)).verdicts.values()
        error = translated(reason, sheet.asked.language)
        said = [table["mark misfit"].format(name=label, error=error) + " " + table[f"mark slip {slip}"]]
        said += [table["mark right"].format(right=right.right)] if right.right else []
        return replace(right, status="shape", slip=slip, message="\n".join(said), points=(), factor="")
    return None


def _as_on_the_page(verdict: Verdict) -> Verdict:
    """Return a verdict with the right formula as a page states it: δ₁ = δ₂ W₂ᵀ ⊙ σ′(z₁), not by a line of code before it."""
    if verdict.record is None or not verdict.right:
        return verdict
    try:
        rows = views.step_display(verdict.record, verdict.variable, "matrix").rows
    except SymbackError:
        return verdict
    said = to_text(row(*rows[0])) if len(rows) == 1 else verdict.right
    return replace(verdict, right=said, message=verdict.message.replace(verdict.right, said))


def _reason(error: SymbackError, text: str) -> str:
    """Return what an error says, on one line, without the formula, which stands beside it."""
    said = str(error).removeprefix(f"the answer {text[:80]!r}, ")
    return printable(said)[:400]


def _numbers(answers: Sequence[str]) -> ast.Module:
    """Return the numbers of the formulas as a text that calculates with them: a 3 may be the number of rows."""
    made = [
        ast.Constant(float(n))
        for text in answers
        for n in re.findall(r"(?<![\w.])\d{1,12}(?:\.\d{1,12})?", text[:2000])
    ]
    tree = ast.Module([ast.Expr(ast.BinOp(n, ast.Add(), n)) for n in made], [])
    return ast.fix_missing_locations(tree)


def _unjudged(answer: Answer) -> str:
    return (
        f"∂{answer.of}/∂{answer.by} is marked where it is taken entry by entry, along one path; "
        f"write the derivative of the loss, as d{answer.by} = ..."
    )


def _with_local(verdict: Verdict, marked: Marked, answer: Answer, table: Mapping[str, str]) -> Verdict:
    """Return a verdict about a local derivative with the right one beside it."""
    record = marked.reading.record
    step = record.by_name().get(answer.by)
    local = next((c.local for c in step.contributions if c.through == answer.of), None) if step is not None else None
    if local is None:
        return verdict
    context = context_for(record.network)
    left, right = context.derivative(answer.of, answer.by), form_display(local, context)
    line = row(left, EQUALS, right)
    message = "\n".join((verdict.message, table["mark right"].format(right=to_text(line))))
    return replace(verdict, right=to_text(line), right_latex=to_latex(line), message=message)


# --- a reading with the names of the page -----------------------------------------------------------------------------


def _parsed(text: str, read: Reading, mend: str = "") -> Answer:
    return parse_answer(text, shown(read), mend=mend)


def _finder(typed: _Typed, parse: Parse) -> Find:
    def find(
        evaluator: BackwardEvaluator, inference: Inference, root: Binding, allow_sum: bool
    ) -> tuple[Reading, Claims]:
        indices = inference.indices()
        leaves = [b for b in inference.sliced(root) if b.form is None and b.key not in indices]
        wanted = [b.key for b in leaves if b.trainable or not is_data(b)] or [b.key for b in leaves]
        read = reading(evaluator, inference, root, wanted, allow_sum)
        answers = _answers(typed, read, parse)
        network = read.record.network
        steps = read.record.by_name()
        more = {n for a in answers.values() for n in (a.by or a.of,) if n not in steps}
        if more:
            keys = {key for n in more for key in _leaves_of(read, network, n)}
            # a name between data and loss is reached by way of the data
            read = reading(evaluator, inference, root, [b.key for b in leaves if b.key in {*wanted, *keys}], allow_sum)
        read = _with_page_names(read)
        keys_of = read.keys
        claims = []
        for position, answer in answers.items():
            variable, top = answer.by or answer.of, answer.of if answer.by else None
            form = substitute(
                answer.form, lambda n: make_name(keys_of[n.name], n.shape) if isinstance(n, Name) else None
            )
            claims.append(
                Claim(
                    typed.name(position),
                    keys_of[variable],
                    form,
                    None,
                    None,
                    numerator=None if top is None else keys_of[top],
                    typed=True,
                )
            )
        typed.first = False
        return read, Claims(tuple(claims))

    return find


def _leaves_of(read: Reading, network: NamedNetwork, label: str) -> list[str]:
    """Return the keys of the variables that a name is computed from."""
    if label in network.variables:
        return [read.keys[label]] if label in read.keys else []
    return [key for n in names_in(network.equation(label).form) for key in _leaves_of(read, network, n.name)]


def _answers(typed: _Typed, read: Reading, parse: Parse) -> dict[int, Answer]:
    """Read all formulas at the sizes of a reading; at the first sizes what cannot be read is put aside."""
    found: dict[int, Answer] = {}
    for position, text in enumerate(typed.texts):
        if position in typed.problems:
            continue
        try:
            answer = parse(text, read)
            if answer.of == read.record.network.loss and not answer.by:
                raise ReadError(
                    f"the derivative of {answer.of} with respect to itself is 1; write that of another name"
                )
        except SymbackError as error:
            if typed.first:
                typed.problems[position] = error
            continue
        if typed.first:
            typed.read[position] = answer
        found[position] = answer
    return found


def _with_page_names(read: Reading) -> Reading:
    """Return a reading in which the names that were invented for steps of a formula are versions like those of the text."""
    known = set(read.final.values())
    final = dict(read.final)
    keys = {name: key for key, name in final.items()}
    for equation in read.record.network.equations:
        if equation.name in known:
            continue
        key = f"{equation.name}#page"
        form = substitute(equation.form, lambda n: make_name(keys[n.name], n.shape) if isinstance(n, Name) else None)
        leaves = frozenset[str]().union(*(read.bindings[n.name].leaves for n in names_in(form)))
        read.evaluator.bindings[key] = Binding(key, equation.name, form.shape, None, form, leaves)
        final[key], keys[equation.name] = equation.name, key
    return replace(read, final=final, _keys={})


# --- a network in place of a text -------------------------------------------------------------------------------------


def check_network(answers: Sequence[str], record: Record, language: str = DEFAULT_LANGUAGE, title: str = "") -> Report:
    """Return the report on typed formulas over a derivation."""
    network = record.network
    stand_ins = _stand_ins(network)
    sizes: dict[Size, Size] = {}

    def follow(values: Mapping[str, Any], shapes: Mapping[str, Any], repair: bool) -> BackwardEvaluator:
        sizes.clear()
        sizes.update(_sizes(network, values, shapes))
        return _rebuilt(network, values, sizes, stand_ins)

    def parse(text: str, _: Reading, mend: str = "") -> Answer:
        answer = parse_answer(text, record, mend=mend)
        form = substitute(relabel(answer.form, {}, sizes), lambda n: _replaced(n, stand_ins))
        return replace(answer, form=form)

    source = Source((ast.Module([], []),), (), ())
    asked = Asked(network.values, language=language, title=title)
    return check_typed(answers, source, asked, follow, record, parse)


def _stand_ins(network: NamedNetwork) -> dict[str, Function]:
    """Return a smooth function for every undefined one, each another; an answer that is right for any f is right for it."""
    found: dict[str, Function] = {}
    for equation in network.equations:
        for node in walk(equation.form):
            if isinstance(node, Apply) and isinstance(node.op, Function) and node.op.definition is None:
                found.setdefault(node.op.name, ROWS[_UNKNOWN[len(found) % len(_UNKNOWN)]])
    return found


def _sizes(network: NamedNetwork, values: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[Size, Size]:
    """Return numbers for the symbolic sizes of a network, which fit the values and shapes."""
    sizes: dict[Size, Size] = {}
    for label, variable in network.variables.items():
        shape = shapes.get(label, np.shape(values[label]) if label in values else None)
        for size, known in zip(variable.shape, shape or (), strict=False):
            if isinstance(size, int) and size != known:
                raise ShapeError(f"{label} has the shape {shape_text(variable.shape)} in this network")
            if not isinstance(size, int) and sizes.setdefault(size, int(known)) != known:
                raise ShapeError(f"two values of the size {size} do not fit together")
    symbols = dict.fromkeys(s for v in network.variables.values() for s in v.shape if not isinstance(s, int))
    for position, symbol in enumerate(symbols):
        sizes.setdefault(symbol, SIZES[position % len(SIZES)])
    return sizes


def _rebuilt(
    network: NamedNetwork,
    values: Mapping[str, Any],
    sizes: Mapping[Size, Size],
    stand_ins: Mapping[str, Function],
) -> BackwardEvaluator:
    """Return an evaluator that holds a network as if it had been read, with its symbolic sizes as numbers."""
    evaluator = BackwardEvaluator(values, {}, None)
    keys: dict[str, str] = {}
    for label, variable in network.variables.items():
        shape = tuple(int(sizes.get(s, s)) for s in variable.shape)
        value = values.get(label)
        if value is not None and np.shape(value) != shape:
            value = None
        keys[label] = evaluator.leaf(label, None, value, shape, trainable=variable.role == "parameter").name
    for equation in network.equations:
        form = substitute(relabel(equation.form, keys, sizes), lambda n: _replaced(n, stand_ins))
        keys[equation.name] = evaluator.equation(equation.name, form).name
    evaluator.root = keys[network.loss]
    return evaluator


def _replaced(node: Form, stand_ins: Mapping[str, Function]) -> Form | None:
    if not isinstance(node, Apply) or isinstance(node.op, str):
        return None
    function = node.op.function if isinstance(node.op, Prime) else node.op
    if function.definition is not None or function.name not in stand_ins:
        return None
    stand_in = stand_ins[function.name]
    op = Prime(stand_in, node.op.position) if isinstance(node.op, Prime) else stand_in
    return apply(op, *(substitute(a, lambda n: _replaced(n, stand_ins)) for a in node.args))


__all__ = ["check_network", "check_typed"]
