"""From what was found to what is said: verdicts with messages in a teacher's tone, what, where, why, and the right formula."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from symback.core.errors import SymbackError
from symback.core.forms import Adjoint, Form, Name, shape_text
from symback.core.forms import name as make_name
from symback.derivation.record import Record, derive_record
from symback.documents.formats import latex as latex_format
from symback.library.notebooks import place, placed
from symback.marking.claims import is_spelled_as_gradient, refuse_without_claims
from symback.marking.judging import Judged, Marked, plain
from symback.marking.reading import Evaluated, Reading, Source
from symback.marking.report import Difference, Remark, Report, Verdict, Verdicts
from symback.marking.slips import SLIPS
from symback.networks.network import Assumption, list_names
from symback.page import views
from symback.page.context import context_for
from symback.page.form_view import text_of
from symback.page.messages import translated
from symback.page.words import DEFAULT_LANGUAGE, words
from symback.readers.syntax import stored_names

_DERIVATIVE_OF = re.compile(
    r"^(?:d_?|grad_|deriv_|derivative_)?(.+?)_?(?:derivative|deriv|der|prime|grad|gradient|backward|d)?\d*$"
)
_FINDINGS = (
    ("is a softmax output already", "double_softmax"),
    ("computed before the update", "stale"),
    ("without keepdims", "lost_axis"),
    ("broadcast to", "broadcast"),
    ("applies", "double_softmax"),
)
_MOST_SHOWN = 3


def report_of(
    source: Source,
    marked: Marked,
    language: str = DEFAULT_LANGUAGE,
    title: str = "",
    record: Record | None = None,
) -> Report:
    """Return the report on a marked text in a language; ``record`` takes the place of the derivation that is shown."""
    table = words(language)
    book = _Book(source, marked, language, record)
    verdicts = Verdicts()
    for judged in marked.judged:
        if judged.note == "unjudged" or (judged.claim.inner and judged.status == "agrees"):
            continue
        verdict = book.verdict(judged)
        verdicts[_free_key(verdicts, verdict, judged.claim.numerator is None)] = verdict
    remarks = [*book.findings(), *book.derivative_calls(), *book.undefined()]
    if not verdicts and not any(r.is_error for r in remarks):
        inputs = [n for n, v in marked.reading.record.network.variables.items() if not v.integer]
        refuse_without_claims(marked.claims, inputs)
    loose = [c.name for c in marked.claims.unmatched]
    if loose:
        remarks.append(Remark(table["mark unmatched"].format(names=list_names(loose)), is_error=False))
    choices = tuple(placed(c, source.cells) if source.cells else c for c in marked.reading.choices)
    return Report(verdicts, tuple(remarks), choices, marked.points, marked.rows, language, title, table)


def _free_key(verdicts: Mapping[str, Verdict], verdict: Verdict, of_loss: bool) -> str:
    """Return the variable as key; the name of the gradient where the variable has a verdict already, or for a local one."""
    if of_loss and not dict.__contains__(verdicts, verdict.variable):
        return verdict.variable
    key = verdict.name
    while dict.__contains__(verdicts, key):
        key += "'"
    return key


class _Book:
    """Puts words to what was found in one text."""

    def __init__(self, source: Source, marked: Marked, language: str, record: Record | None = None) -> None:
        self.own = record
        self.language = language
        self.source = source
        self.marked = marked
        self.table = words(language)
        self.reading: Reading = marked.reading

    @cached_property
    def record(self) -> Record:
        """The derivation as a page shows it, with its collapses."""
        return shown(self.reading) if self.own is None else self.own

    @cached_property
    def record_of_any_rows(self) -> Record:
        """The same for any number of rows, where the text has one."""
        read = self.marked.any_rows() if self.own is None else None
        return self.record if read is None or read.summed else shown(read)

    def placed(self, line: int | None) -> tuple[int | None, int | None]:
        """Return the cell and the line in it."""
        if line is None or not self.source.cells:
            return None, line
        return place(line, self.source.cells)

    def verdict(self, judged: Judged) -> Verdict:
        claim = judged.claim
        cell, line = self.placed(judged.edited or claim.line)
        variable = judged.variable
        wrong = judged.status != "agrees"
        right, latex = self.right(judged) if wrong and judged.claim.numerator is None else ("", "")
        factor = self.factor(judged) if wrong and judged.cause is None else ""
        if judged.note == "kink":
            slip: str | None = "kink"
        else:
            slip = judged.slip if wrong else None
        return Verdict(
            claim.name,
            variable,
            judged.status,
            slip,
            factor,
            line,
            cell,
            "\n".join(self.message(judged, factor, right)),
            judged.points[:_MOST_SHOWN],
            judged.only if judged.only not in ("sizes",) else "",
            judged.cause,
            judged.ratio,
            judged.note,
            self.source.line(judged.edited or claim.line),
            right,
            latex,
            record=self.beside(judged) if right else None,
        )

    # --- sentences ----------------------------------------------------------------------------------------------------

    def say(self, key: str, **parts: Any) -> str:
        return self.table[key].format(**parts)

    def message(self, judged: Judged, factor: str, right: str) -> list[str]:
        claim = judged.claim
        if judged.status == "agrees":
            said = [self.say("mark agrees", name=claim.name)]
            if judged.note:
                said.append(self.note(judged))
            return [" ".join(said)]
        if judged.status in ("crash", "unread"):
            error = re.sub(r"^(line|cell) [^:]*: ", "", str(claim.error)).replace("\n", " ")
            said = [
                self.say(
                    f"mark {judged.status}",
                    name=claim.name,
                    error=translated(re.sub(r"#\d+", "", error), self.language),
                )
            ]
            if judged.cause:
                said.append(self.say("mark waits", cause=judged.cause))
            elif judged.slip:
                said += self.slip(judged, factor)
        elif judged.status == "shape":
            said = [
                self.say(
                    "mark shape",
                    name=claim.name,
                    shape=shape_text(judged.shape or ()),
                    variable=judged.variable,
                    expected=shape_text(judged.right_shape),
                    place="",
                )
            ]
            said += self.slip(judged, factor)
        else:
            said = [self.say("mark wrong", name=claim.name, place="")]
            if judged.cause:
                said.append(self.say("mark follows", cause=judged.cause))
            else:
                said += self.slip(judged, factor)
            if judged.only == "batch 1":
                said.append(self.say("mark only batch 1"))
            elif judged.only.startswith("batch "):
                said.append(self.say("mark only batch", rows=judged.only.removeprefix("batch ")))
            elif judged.only == "this point":
                said.append(self.say("mark only point"))
        lines = [" ".join(said)]
        if judged.points and judged.status == "wrong" and not judged.cause:
            lines.append(self.difference(judged.points))
        if right:
            lines.append(self.say("mark right", right=right))
        return lines

    def note(self, judged: Judged) -> str:
        key = f"mark note {judged.note}"
        if key not in self.table:
            return ""
        return self.say(key, ratio=judged.ratio_text, variable=judged.variable, other=judged.at)

    def slip(self, judged: Judged, factor: str) -> list[str]:
        said = []
        if judged.slip is not None:
            key = f"mark slip {judged.slip}"
            written, meant = judged.names or ("", "")
            if judged.slip == "constant_factor" and judged.ratio_text:
                key += " ratio"
            if judged.slip == "wrong_variable" and judged.names:
                key += " derivative" if judged.primed else " names"
            if (
                judged.slip in ("missing_two", "missing_half")
                and self.reading.record.network.loss not in judged.through
            ):
                key += " plain"  # it is not the square of the loss that lost it
            if judged.slip == "missing_factor" and judged.names:
                key += " names"
                meant = self.symbol(meant)
            if judged.slip == "bias_shape" and len(judged.right_shape) > len(judged.shape or ()):
                key += " keepdims"
            size = judged.ratio_text.lstrip("-2½").removeprefix("1/").strip("()")
            said.append(
                self.say(
                    key,
                    ratio=judged.ratio_text.strip("()"),
                    variable=self.symbol(judged.at or judged.variable),
                    factor=factor,
                    written=written,
                    meant=meant,
                    size=size or "n",
                )
            )
        if factor and judged.slip not in ("missing_activation", "bias_shape"):
            said.append(self.say("mark enters", factor=factor))
        return said

    def difference(self, points: Sequence[Difference]) -> str:
        point = next((p for p in points if not p.given), points[0])
        where = "mark where given" if point.given else "mark where random" if point.rows is None else "mark where rows"
        key = "mark differs" if point.entry else "mark differs number"
        entry = f"[{', '.join(map(str, point.entry))}]"
        return self.say(
            key,
            entry=entry,
            claimed=_number(point.claimed, point.right),
            correct=_number(point.right, point.claimed),
            where=self.say(where, rows=point.rows),
        )

    # --- formulas -----------------------------------------------------------------------------------------------------

    def symbol(self, label: str) -> str:
        network = self.reading.record.network
        try:
            return text_of(make_name(label, network.shape_of(label)), context_for(network))
        except (SymbackError, KeyError):
            return label

    def factor(self, judged: Judged) -> str:
        """Return the factor of the chain rule at which the error enters: ``∂z₂/∂W₂``."""
        if judged.at is None:
            return ""
        loss = self.reading.record.network.loss
        tops = [self.symbol(t) if t != loss else self.symbol(loss) for t in judged.through] or [self.symbol(loss)]
        return ", ".join(f"∂{top}/∂{self.symbol(judged.at)}" for top in tops[:3])

    def beside(self, judged: Judged) -> Record:
        """Return the derivation in which the right formula stands: for any number of rows where that is the slip."""
        if judged.only == "batch 1" or judged.slip in ("missing_mean", "extra_mean"):
            return self.record_of_any_rows
        return self.record

    def right(self, judged: Judged) -> tuple[str, str]:
        """Return the right formula of a gradient as text and as LaTeX; empty where there is none."""
        record = self.beside(judged)
        if judged.variable not in record.by_name():
            return "", ""
        try:
            text = views.step_text(record, judged.variable)
            latex = latex_format.body(views.step_display(record, judged.variable, "matrix"))
            form = record.by_name()[judged.variable].form
            if isinstance(form, Adjoint) and form.of in record.by_name():
                # another name of the same array: its own formula says more
                text += f", {views.step_text(record, form.of)}"
                latex += rf",\quad {latex_format.body(views.step_display(record, form.of, 'matrix'))}"
        except (SymbackError, ValueError, KeyError):
            return "", ""
        return text, latex

    # --- remarks ------------------------------------------------------------------------------------------------------

    def findings(self) -> Iterable[Remark]:
        """Return what the reader found in the forward pass, as remarks with the slip it is."""
        for finding in self.reading.findings:
            slip = next((s for part, s in _FINDINGS if part in finding.message), None)
            cell, line = self.placed(finding.line)
            message = placed(finding.message, self.source.cells) if self.source.cells else finding.message
            if self.language != DEFAULT_LANGUAGE and slip is not None:  # the reader speaks the default language
                shown = finding.names[1 if slip == "stale" and len(finding.names) > 1 else 0] if finding.names else ""
                message = self.say(f"mark slip {slip}", written=shown)
            else:
                message = translated(message, self.language)
            yield Remark(message, line, cell, slip, slip is not None and SLIPS[slip].is_error)

    def undefined(self) -> Iterable[Remark]:
        """Return names that the code shows as gradients and that are defined nowhere in it: another cell's values."""
        known = {n for t in (*self.source.before, *self.source.parts) for n in stored_names(t)}
        known |= {
            a.arg
            for t in self.source.parts
            for n in ast.walk(t)
            if isinstance(n, ast.arguments)
            for a in (*n.args, *n.posonlyargs, *n.kwonlyargs)
        }
        for tree in self.source.parts:
            for node in ast.walk(tree):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"):
                    continue
                for inner in ast.walk(node):
                    if (
                        isinstance(inner, ast.Name)
                        and inner.id not in known
                        and inner.id not in dir(builtins)
                        and (is_spelled_as_gradient(inner.id) or f"{inner.id}.grad" in ast.unparse(node))
                    ):
                        cell, line = self.placed(inner.lineno)
                        yield Remark(self.say("mark undefined", name=inner.id), line, cell, "stale")

    def derivative_calls(self) -> Iterable[Remark]:
        """Return derivatives evaluated at another argument than the function was: ``g_derivative(x)`` where ``g(y)`` ran."""
        calls = self.reading.evaluator.evaluated
        by_name: dict[str, list[Evaluated]] = {}
        for call in calls:
            by_name.setdefault(call.name, []).append(call)
        seen: set[tuple[str, int]] = set()
        for call in calls:
            match = _DERIVATIVE_OF.match(call.name)
            stem = match[1] if match and match[1] != call.name else None
            if stem is None or stem not in by_name or not call.arguments or (call.name, call.line) in seen:
                continue
            seen.add((call.name, call.line))
            asked = call.arguments[0]
            used = [c for c in by_name[stem] if c.arguments]
            allowed = [v for c in used for v in (c.arguments[0], c.result)]
            if (
                not isinstance(asked, Name)
                or asked.name not in self.reading.final
                or any(_same(asked, v, self.reading) for v in allowed)
            ):
                continue
            meant = next((c.arguments[0] for c in used if isinstance(c.arguments[0], Name)), None)
            if meant is None:
                continue
            cell, line = self.placed(call.line)
            base = self.reading.bindings
            text = self.say(
                "mark derivative call",
                function=call.name,
                written=base[asked.name].base,
                of=stem,
                meant=base[meant.name].base,
            )
            if not isinstance(call.result, Form) or asked.name not in {n.name for n in _names(call.result)}:
                text += " " + self.say("mark derivative constant")
            yield Remark(text, line, cell, "wrong_variable")


def shown(read: Reading) -> Record:
    """Return the derivation as a page shows it: with collapses, rows of a target without values taken to sum to 1."""
    network = plain(read).record.network
    granted = {a.name for a in network.assumptions}
    targets = [
        v.name
        for v in network.variables.values()
        if v.role == "input"
        and len(v.shape) == 2
        and v.shape[1] != 1
        and v.name.lower().startswith(("y", "t", "target", "label"))
        and v.name not in network.values
        and v.name not in granted
    ]
    assumed = tuple(Assumption("one-hot", name, "assumed") for name in targets)
    return derive_record(replace(network, assumptions=(*network.assumptions, *assumed)))


def _names(form: Any) -> list[Name]:
    from symback.core.forms import names_in

    return names_in(form) if isinstance(form, Form) else []


def _same(a: Any, b: Any, reading: Reading) -> bool:
    """Return whether two values are the same array: one name, or names of one formula."""
    if a is b:
        return True

    def meaning(value: Any) -> Any:
        held = reading.bindings.get(value.name) if isinstance(value, Name) else None
        return held.form if held is not None and held.form is not None else value

    return meaning(a) is meaning(b) or meaning(a) is b or meaning(b) is a


def _number(value: float, other: float) -> str:
    """Return a number with as many digits as it takes to tell it from the other one."""
    value = value or 0.0  # no sign before 0
    for digits in range(4, 16):
        text = f"{value:.{digits}g}"
        if text != f"{other:.{digits}g}":
            return text
    return repr(value)


__all__ = ["report_of", "shown"]
