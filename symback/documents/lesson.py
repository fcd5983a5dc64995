"""A derivation as a lesson: the network, forward pass, loss, backward pass and update, with reasons in words.

A lesson only arranges displays of the views under headings, between sentences of ``symback.page.words``; it derives nothing.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from symback.core.display import COMMA, EQUALS, SPACE, TOP, Fence, Grid, Node, Script, Symbol, Word, row, separated
from symback.core.errors import PrintError, SymbackError, ValueProblem, nearest
from symback.core.forms import (
    relabel,
)
from symback.derivation.compact import shortened
from symback.derivation.record import Record, Step
from symback.derivation.windows import without_windows
from symback.documents import gradient_table
from symback.documents.document import Block, Code, Document, Heading, Paragraph, Table, captioned, formula
from symback.documents.explanations import Explanations, legend_key, place_said
from symback.documents.interpretations import Interpretations
from symback.documents.lesson_figures import Figures, is_known
from symback.documents.plan import Plan
from symback.documents.samples import costliest, means_said, rows_said
from symback.page import (
    chain_view,
    definitions_view,
    forward_view,
    index_view,
    matrix_view,
    symbols_view,
    updates_view,
)
from symback.page.collapse_numbers import collapse_numbers
from symback.page.collapse_view import collapse_displays
from symback.page.pieces import decimal_piece
from symback.page.records import Display, Meaning, Sentence, sentence, without_echo
from symback.page.sheet import Extras, Sheet, sheet_of
from symback.page.views import STYLES, sections, step_text
from symback.page.words import row_title, words
from symback.run.check import check_gradients, work_of
from symback.run.codegen import generate
from symback.run.codegen.cells import cells as program_cells
from symback.run.codegen.torch_lines import torch_lines
from symback.run.numeric import evaluate
from symback.run.optimization import Optimizer

LEVELS = ("brief", "standard", "full")
GRAPHS = ("auto", "names", "operations", "none")
LABELS = ("figure", "table", "exercise", "answer", "name", "contents")
"""The words a writer needs itself."""
_NUMBERED_ROLES = ("forward", "loss", "delta", "gradient")
_TONES = {"forward": "remark"}
"""How sentences of the views are said: in the forward pass they say where names come from."""
_ORDER = {"data": 0, "target": 1, "classes": 1, "constant": 1} | dict.fromkeys(
    ("weight", "bias", "kernel", "parameter"), 2
)
"""The order of the table of symbols: data, targets and parameters first, then what is computed."""
_FEW_LAYERS = 8
"""Up to this many layers of one pattern, all are printed."""
_SHORT_CHAIN = 8
"""Up to this many gradients, the chains from the loss are written in full beside the staged ones."""
_GROUP = 3
"""More symbols of one meaning and shape than this are listed as first, …, last."""
_VALUE_ROWS, _VALUE_COLUMNS = 6, 6
"""The largest array that stands inside a table."""
_TALL_COLUMN = 3
"""Most numbers of a column that stands upright inside a table."""
_COMPARED = 400
"""About so many entries of all gradients are compared with differences."""
_WORK = 200_000
"""Above this many products in a forward pass fewer entries are compared, so that the time stays the same."""
_LONGEST_LINES = 2400
"""Lines of PyTorch of more letters are not printed: they would be pages of random numbers."""
_FORMULA_LINES = 5
"""Lines of updates in one display."""


def lesson(record: Record, plan: Plan | None = None, title: str | None = None, lines: bool = True) -> Document:
    """Return the lesson on a derivation as a document; without ``lines``, collapses have their result alone.

    Raises PrintError for an unknown level, view or language, ValueProblem where numbers are wanted and missing.
    """
    plan = plan or Plan()
    if plan.optimizer is not None and plan.optimizer.plain:
        record = replace(record, network=replace(record.network, learning_rate=plan.optimizer.learning_rate))
    if plan.level not in LEVELS:
        raise PrintError(f"there is no level {plan.level!r}{nearest(plan.level, LEVELS)}; known: {', '.join(LEVELS)}")
    if plan.graph not in GRAPHS:
        raise PrintError(
            f"there is no graph of {plan.graph!r}{nearest(plan.graph, GRAPHS)}; known: {', '.join(GRAPHS)}"
        )
    styles = ("auto", *STYLES)
    if plan.style not in styles:
        raise PrintError(f"there is no style {plan.style!r}{nearest(plan.style, styles)}; known: {', '.join(styles)}")
    if plan.numbers is not None:
        return _Lesson(record, plan, plan.numbers, lines).document(title)
    if is_known(record.network, plan.values):
        try:
            return _Lesson(record, plan, True, lines).document(title)
        except (PrintError, ValueProblem):
            pass  # numbers that no page holds: the formulas stand for themselves
    return _Lesson(record, plan, False, lines).document(title)


class _Writing:
    """The blocks of a lesson while it is written, each sentence once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.words = words(plan.language)
        self.said: set[Sentence] = set()
        self.blocks: list[Block] = []
        self.count = 0

    @property
    def brief(self) -> bool:
        return self.plan.level == "brief"

    def heading(self, text: str, level: int = 1) -> None:
        self.blocks.append(Heading((text,), level))

    def kept(self) -> bool:
        """Take back a heading that nothing follows; say whether it stands."""
        if self.blocks and isinstance(self.blocks[-1], Heading):
            self.blocks.pop()
            return False
        return True

    def say(self, key: str, tone: str = "text", /, **parts: str | Node) -> None:
        """Add a sentence of the lesson; a brief one has none."""
        if not self.brief:
            self.state(without_echo(sentence(self.words[key], **parts)), tone)

    def state(self, text: Sentence, tone: str = "text") -> None:
        """Add a sentence that every level needs, once."""
        if text not in self.said:
            self.said.add(text)
            self.blocks.append(Paragraph(text, tone))

    def show(self, display: Display, role: str) -> None:
        for text in display.words:
            self.state(text, _TONES.get(role, "text"))
        self.count += role in _NUMBERED_ROLES
        number = self.count if self.plan.numbered and role in _NUMBERED_ROLES else None
        self.blocks.append(formula(display, role, number))

    def note(self, found: Iterable[Sentence]) -> None:
        """Add reasons, which a brief lesson has none of."""
        for text in () if self.brief else found:
            self.state(text, "note")


class _Lesson(_Writing):
    """One lesson while it is written."""

    def __init__(self, record: Record, plan: Plan, numbers: bool, lines: bool) -> None:
        super().__init__(plan)
        self.record = record
        extras: Extras = {"digits": plan.digits, "numbering": plan.numbering, "values": plan.values}
        extras["brief"] = plan.level == "brief" or not lines
        extras["paths"] = not extras["brief"]
        if numbers:
            extras["numbers"] = True
        if plan.shapes:
            extras["shapes"] = True
        if plan.optimizer is not None:
            extras["optimizer"] = plan.optimizer
            extras["update"] = None
        # proofs in index notation go equation by equation
        shown = without_windows(record) if plan.level != "full" and plan.view in ("auto", "matrix") else record
        self.page = sheet_of(shown, plan.notation, plan.language, plan.view, extras)
        if plan.level == "brief" and self.page.kind(plan.view) == "matrix":
            steps = shown.by_name()
            self.record = shown = shortened(shown)
            extras["short"] = frozenset(s.of for s in shown.steps if s.form is not steps[s.of].form)
            self.page = sheet_of(shown, plan.notation, plan.language, plan.view, extras)
        self.kind = self.page.kind(plan.view)
        self.network = self.page.network
        self.pattern = None if plan.whole or plan.level == "full" else _pattern(self.page)
        self.figures = Figures(shown, self.page, plan)
        self.why = Explanations(self.page, self.kind == "matrix")
        self.after_symbols = 0

    def document(self, title: str | None) -> Document:
        table = self.words
        if not self.brief:
            if forward_view.forward(self.page) and updates_view.updates(self.page):
                self.say("intro")
            self.heading(table["network"])
            self.network_part()
        parts: list[tuple[str, Callable[[], None]]] = [
            ("forward", self.forward),
            ("loss", self.loss),
            ("backward", self.backward),
            ("update", self.update),
        ]
        steps = 0
        for key, write in parts:
            self.heading(table["step"].format(number=steps + 1, title=table[key]))
            write()
            steps += self.kept()
        if not self.brief:
            self.values()
            self.numbers_say()
            found = self.figures.training()
            if found:
                self.heading(self.words["training title"])
                self.blocks.extend(found)
        if self.plan.level == "full":
            self.proofs()
            self.code()
        self.kept()
        said = self.why.legend()
        if said is not None:
            self.blocks.insert(self.after_symbols, Paragraph(said))
        labels = {key: table[key] for key in LABELS}
        return Document(
            (title or table["lesson title"],),
            captioned(self.blocks, labels),
            self.plan.language,
            labels=labels,
            program=self.program(),
        )

    @property
    def optimizer(self) -> Optimizer | None:
        """The optimizer where it is more than w ← w − η g."""
        found = self.page.optimizer
        return None if found is None or found.plain else found

    def show_all(
        self,
        make: Callable[[Sheet], Iterable[Display]],
        role: str,
        before: Callable[[Display], None] | None = None,
        after: Callable[[Display], None] | None = None,
    ) -> None:
        """Add the displays of the page; of the layers that follow one pattern, the pattern stands for all."""
        pattern = self.pattern
        stated = False
        for display in make(self.page):
            if pattern is not None and display.of and pattern.hidden.issuperset(display.of):
                if not stated:
                    stated = True
                    self.blocks.append(Paragraph(self._pattern_sentence(pattern)))
                    for general in make(pattern.page):
                        if general.of and pattern.shown.issuperset(general.of):
                            self.show(general, role)
                continue
            for text in display.words:
                self.state(text, _TONES.get(role, "text"))
            if before is not None:
                before(display)
            self.show(display, role)
            if after is not None:
                after(display)

    def _pattern_sentence(self, pattern: Pattern) -> Sentence:
        first, last = str(pattern.first), str(pattern.last)
        key = "pattern steps" if self.page.time.steps.keys() & pattern.hidden else "pattern"
        return sentence(self.words[key], first=first, last=last, layer=pattern.letter)

    # --- the network ---

    def network_part(self) -> None:
        numbering = self.plan.numbering if self.page.entries is not None else ""
        self.blocks.extend(self.figures.network(numbering))
        self.symbols()

    def symbols(self) -> None:
        """Add the table of symbols; those of one meaning and shape share a row."""
        meanings = self._meanings()
        scalar = self.page.base.scalar
        groups: list[list[Meaning]] = []
        for meaning in meanings:
            last = groups[-1][-1] if groups else None
            alike = last is not None and self._kind(last) == self._kind(meaning)
            if alike and last is not None and not self._given(last.name) and not self._given(meaning.name):
                groups[-1].append(meaning)
            else:
                groups.append([meaning])
        given = any(self._given(m.name) for m in meanings)
        header = ["symbol", "meaning", *([] if scalar else ["shape"]), *(["given value"] if given else [])]
        rows: list[tuple[Sentence, ...]] = []
        for group in groups:
            first = group[0]
            cells: list[Sentence] = [(_listed([m.symbol for m in group]),), self._meaning_cell(first)]
            if not scalar:
                cells.append(self._shape(first))
            if given:
                cells.append(self._given(first.name) if not first.error else ())
            rows.append(tuple(cells))
        self.blocks.append(
            Table(tuple((self.words[key],) for key in header), tuple(rows), (self.words["symbols"],), "l" * len(header))
        )
        self.after_symbols = len(self.blocks)
        if self.page.numerals is not None:
            self.say("digits", digits=str(self.page.numerals.digits))

    def _shape(self, meaning: Meaning) -> Sentence:
        """Return a shape in letters, so that two lengths that happen to be equal prove nothing; else in numbers."""
        shape = self.network.shape_of(meaning.name)
        if not shape or self.kind != "matrix" or self.page.entries is not None:
            return (meaning.shape.string if isinstance(meaning.shape, Word) else meaning.shape,)
        named, used = self.page.letters.of_name(meaning.name, shape)
        if named is None:
            return (meaning.shape,)
        self.why.letters += used
        return (named,)

    def _meanings(self) -> list[Meaning]:
        """Return what the symbols stand for; a letter stands for the layers that follow one pattern."""
        found = sorted(
            symbols_view.meanings(self.page),
            key=lambda m: 4 if m.error else _ORDER.get(symbols_view.meaning(self.page, m.name), 3),
        )
        pattern = self.pattern
        if pattern is None:
            return found
        shown: list[Meaning] = []
        stated: set[bool] = set()
        for meaning in found:
            if meaning.name not in pattern.hidden:
                shown.append(meaning)
            elif meaning.error not in stated:
                # all symbols of the pattern stand together, the errors after them
                stated.add(meaning.error)
                general = symbols_view.meanings(pattern.page)
                shown.extend(m for m in general if m.name in pattern.shown and m.error == meaning.error)
        return shown

    def _is_general(self, meaning: Meaning) -> bool:
        return self.pattern is not None and meaning.name in self.pattern.shown

    def _kind(self, meaning: Meaning) -> tuple[object, ...]:
        return meaning.words, self._shape(meaning), _stem(meaning.name), self._is_general(meaning)

    def _meaning_cell(self, meaning: Meaning) -> Sentence:
        if self.pattern is None or not self._is_general(meaning):
            return (meaning.words,)
        first, last = str(self.pattern.first), str(self.pattern.last)
        layers = sentence(self.words["pattern rows"], first=first, last=last, layer=self.pattern.letter)
        return (f"{meaning.words} (", *layers, ")")

    def _given(self, name: str) -> Sentence:
        """Return the value of data and parameters, where the page has numbers and it is small."""
        if self.page.numerals is None or name not in self.network.variables:
            return ()
        return self._number(self.page.numerals.values[name])

    def _number(self, value: Any) -> Sentence:
        """Return a small array as it stands in a table: a tall column lies down, as the transpose of a row."""
        assert self.page.numerals is not None
        array = np.asarray(value)
        long = tuple(n for n in array.shape if n != 1) if array.ndim > 2 else array.shape
        rows, columns = (1, 1, *long)[-2:]
        if len(long) > 2 or rows > _VALUE_ROWS or columns > _VALUE_COLUMNS:
            return ()
        printed = self.page.numerals.printed(array)
        if not isinstance(printed, Grid) or len(printed.rows) <= _TALL_COLUMN or len(printed.rows[0]) > 1:
            return (printed,)
        return (Script(Grid((tuple(cell for (cell,) in printed.rows),)), None, TOP),)

    # --- the four steps ---

    def forward(self) -> None:
        definitions = definitions_view.definitions(self.page, self.kind)
        if definitions or forward_view.forward(self.page):
            self.say("forward intro")
        if definitions:
            self.say("definition intro")
            for display in definitions:
                self.show(Display(display.rows[:1], display.of), "definition")
        self.show_all(forward_view.forward, "forward", self._layer_sentence)
        self.blocks.extend(self.figures.attention())

    def _layer_sentence(self, display: Display) -> None:
        """Say which layer a display computes, and what of it."""
        if self.brief or not display.of:
            return
        for text in (text for name in display.of for text in rows_said(self.page, name)):
            self.state(text)
        place = place_said(self.page, display)
        if place is not None:
            self.state(place)

    def loss(self) -> None:
        first, *evaluated = forward_view.loss(self.page)
        symbol = self.page.base.name(self.network.loss)
        target = symbols_view.targets(self.page)
        if self.network.upstream:
            pass  # what is given stands beside the loss
        elif len(target) == 1:
            self.say("loss intro", loss=symbol, target=self.page.base.name(target[0]))
        else:
            self.say("loss alone", loss=symbol)
        self.show(first, "loss")
        for text in () if self.brief else means_said(self.page, first):
            self.state(text)
        for text in () if self.brief else costliest(self.page):
            self.state(text)
        for display in () if self.brief else evaluated:
            self.show(display, "loss")
        self.blocks.extend(self.figures.graph())

    def backward(self) -> None:
        self.say("backward intro")
        primes = [
            Display(d.rows[1:], d.of, d.words)
            for d in definitions_view.definitions(self.page, self.kind)
            if len(d.rows) > 1
        ]
        if primes:
            self.say("prime intro")
            for display in primes:
                self.show(replace(display, words=()), "definition")
            for text in (text for display in primes for text in display.words):
                self.state(text, "remark")
        if self.kind == "index":
            self.show_all(index_view.index, "proof")
        elif self.kind == "matrix":
            self._matrix()
        elif self.page.base.scalar:
            self._chains()
        else:
            self._explained(matrix_view.adjoints, "gradient")

    def _chains(self) -> None:
        """Add local derivatives, then the chain rule: from the loss in full, and step by step."""
        local = chain_view.local_derivatives(self.page)
        said = {line for display in local for line in display.rows}
        style = self.plan.style
        if style == "auto":
            wanted = sum(n in self.network.variables for n in self.page.record.wrt)
            style = "both" if self.plan.level == "full" or (wanted <= _SHORT_CHAIN and not self.brief) else "staged"
        stated: set[Sentence] = set()
        if not self.brief and local:
            self.heading(self.words["local"], 2)
            self.say("local intro")
            self.show_all(chain_view.local_derivatives, "local")
            before = set(self.said)
            self._collapsed()
            stated = self.said - before
        for key, make in (("full", chain_view.full), ("staged", chain_view.staged)):
            if style not in ("both", key):
                continue
            found = make(self.page)
            if not any(set(d.rows) - said for d in found):
                continue
            if not self.brief:
                self.heading(self.words[key], 2)
                self.say(f"{key} intro")
            self.said -= {text for d in found for text in d.words} - stated
            self.show_all(make, "gradient", self._sources if key == "staged" else None)

    def _collapsed(self) -> None:
        """Add how two local derivatives multiply out to a short form, once where several steps do so alike."""
        for step in self.record.steps if self.page.entries is None else self.page.record.steps:
            lines = collapse_displays(self.page, self.page.base, step)
            if lines and step.contributions[0].collapsed:
                lines[0] = replace(lines[0], words=self.page.sentences(step))
                for display in (*lines, *collapse_numbers(self.page, self.page.base, step)):
                    self.show(display, "gradient")
                self.note(self.why.collapsed(step.contributions[0]))
                return

    def _matrix(self) -> None:
        """Add the errors δ with the gradients they give, each with its reason."""
        found = matrix_view.matrix(self.page)
        for display in found:
            if not display.of:
                self.say(legend_key(self.page))
                self.show(display, "legend")
        self._explained(partial(_stated_in_matrices, self.page, [d for d in found if d.of]), "delta")

    def _explained(self, make: Callable[[Sheet], list[Display]], role: str) -> None:
        """Add gradients, each with its reasons behind the last of its lines."""
        last = {name: display.rows for display in make(self.page) for name in display.of}

        def after(display: Display) -> None:
            self.note(self.why.reasons([name for name in display.of if last[name] == display.rows]))

        self.show_all(make, role, self._sources, after)

    def _sources(self, display: Display) -> None:
        """Say where an error comes from, and along which paths."""
        if not self.brief:
            self.note(self.why.paths(display))
            for text in self.why.sources(display):
                self.state(text)

    def update(self) -> None:
        displays = updates_view.updates(self.page)
        if not displays:
            return
        if self.optimizer is not None:
            self.say(
                "update optimizer", title=row_title(self.optimizer.name, self.optimizer.row.title, self.plan.language)
            )
            for display in displays:
                self.show(display, "update")
            return
        rate, given = updates_view.rate_symbol(self.page), self.network.learning_rate
        shown = rate if given is None else row(rate, EQUALS, decimal_piece(given).whole())
        if self.page.optimizer is None or self.page.optimizer.plain:
            self.say("update intro", rate=shown)
        if self.pattern is None and all(len(d.rows) == 1 for d in displays):
            for some in _batches(displays, _FORMULA_LINES):
                joined = Display(tuple(r for d in some for r in d.rows), tuple(n for d in some for n in d.of))
                self.show(joined, "update")
        else:
            self.show_all(updates_view.updates, "update")

    # --- values, proofs, code ---

    def values(self) -> None:
        """Add tables of the values, and what central differences say of the gradients."""
        numerals = self.page.numerals
        if numerals is None:
            if is_known(self.record.network, self.plan.values):
                self.heading(self.words["values title"])
                self._check()
                self.kept()
            return
        self.heading(self.words["values title"])
        base = self.page.base
        hidden = self.pattern.hidden if self.pattern is not None else frozenset()
        forward = [e.name for e in self.network.equations if e.name not in hidden]
        self._table(
            ("symbol", "number column"),
            [((base.name(n),), self._number(numerals.values[n])) for n in forward],
            "values forward",
        )
        rate = self.network.learning_rate if self.optimizer is None else None
        rows: list[tuple[Sentence, ...]] = []
        for name in self.page.record.wrt:
            if name in hidden:
                continue
            gradient = numerals.values["∂" + name]
            cells: list[Sentence] = [(base.name(name),), self._number(gradient)]
            if rate is not None and name in self.network.variables:
                cells.append(self._number(numerals.values[name] - rate * gradient))
            rows.append(tuple(cells))
        several = bool(rows) and all(len(cells) == 3 for cells in rows)
        header = ("parameter", "gradient", *(("updated column",) if several else ()))
        self._table(header, rows, "values updated" if several else "values backward")
        self._check()

    def _table(self, header: Sequence[str], rows: Iterable[tuple[Sentence, ...]], caption: str) -> None:
        full = [cells[: len(header)] for cells in rows if all(cells[: len(header)])]
        if full:
            self.blocks.append(
                Table(
                    tuple((self.words[key],) for key in header), tuple(full), (self.words[caption],), "l" * len(header)
                )
            )

    def _check(self) -> None:
        """State what a comparison with central differences, made now, found."""
        try:
            most = _COMPARED // max(len(self.record.wrt), 1)
            most = max(2, min(most, most * _WORK // max(work_of(self.record, self.plan.values), 1)))
            report = check_gradients(self.record, self.plan.values, entries=most)
        except ValueProblem:
            return  # a network with an unknown function has no values
        power = decimal_piece(report.tolerance).whole()
        if report.ok:
            count = sum(line.checked for line in report.lines)
            if count:
                self.say("check agrees", count=str(count), error=power)
                self._compared()
            return
        wrong = [line.name for line in report.lines if line.problem or line.worst > report.tolerance]
        names = separated([self.page.base.name(n) for n in wrong], row(COMMA, SPACE))
        self.say("check disagrees", names=names, error=power)

    def _compared(self) -> None:
        """Add single entries beside their differences, and lines of PyTorch that confirm the gradients."""
        run = evaluate(self.record, self.plan.values)
        hidden = self.pattern.hidden if self.pattern is not None else frozenset()
        if hidden.issuperset(self.record.wrt):
            return
        which, checks = gradient_table.compared_entries(self.record, run.gradients, self.plan.values, hidden)
        rows = gradient_table.table_rows(self.page, checks)
        if not rows:
            return
        how = sentence(self.words["entries checked"], step=decimal_piece(1e-5).whole())
        self.state((*how, " ", self.words["entries some" if len(rows) < len(checks) else which]))
        self._table(("entry", "derived column", "difference column", "error column"), rows, "table of checks")
        source = torch_lines(self.record, {n: run.values[n] for n in self.record.network.variables})
        if source is not None and len(source) <= _LONGEST_LINES:
            self.say("torch intro")
            self.blocks.append(Code(source + "\n", runs=False))

    def numbers_say(self) -> None:
        """Say what the values mean: which entry is the steepest, what passes no error, what an update does."""
        if not is_known(self.record.network, self.plan.values) or self.record.network.upstream:
            return
        try:
            run = evaluate(self.record, self.plan.values)
        except SymbackError:  # an unknown function has no values
            return
        self.heading(self.words["numbers say"])
        for text in Interpretations(self.record, self.page, run, self.plan.digits).all():
            self.state(text)
        self.kept()

    def proofs(self) -> None:
        """Add the proof of every gradient of arrays in index notation, with the reasons."""
        if self.kind != "matrix" or self.page.base.scalar:
            return
        extras: Extras = {"why": True}
        found = [
            s
            for s in sections(self.record, "index", self.plan.notation, language=self.plan.language, **extras)
            if s.key == "index"
        ]
        for section in found:
            self.heading(section.title)
            for display in section.displays:
                self.blocks.extend(Paragraph(text) for text in display.words)
                self.blocks.append(formula(display, "proof"))

    def code(self) -> None:
        """Add the function that runs; a network with an unknown function has none."""
        try:
            source = generate(self.record, comment=lambda step: _comment(self.record, step)).source
        except ValueProblem:
            return
        self.heading(self.words["code title"])
        self.say("code intro")
        self.blocks.append(Code(source.rstrip() + "\n", runs=False))

    def program(self) -> tuple[Block, ...]:
        """Return the cells of a notebook that compute the formulas; none where a function of the network is not known."""
        try:
            sources = program_cells(self.record, self.plan.values, lambda step: _comment(self.record, step))
        except SymbackError:
            return ()
        return (Heading((self.words["code title"],)), Paragraph((self.words["code intro"],)), *map(Code, sources))


def _stated_in_matrices(page: Sheet, stated: list[Display], wanted: Sheet) -> list[Display]:
    """Return the displays of a page that state gradients; those of ``page`` are known."""
    return stated if wanted is page else [d for d in matrix_view.matrix(wanted) if d.of]


def _comment(record: Record, step: Step) -> str:
    try:
        return step_text(record, step.of)
    except PrintError:  # a formula without textbook notation still runs
        return f"∂{record.network.loss}/∂{step.of}"


# --- deep networks ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Pattern:
    """Layers ``first`` to ``last`` that are alike but for their numbers.

    ``page`` prints the layer of the names ``shown`` with ``letter`` for its number; ``hidden`` names need no lines of
    their own.
    """

    first: int
    last: int
    letter: Node
    page: Sheet
    shown: frozenset[str]
    hidden: frozenset[str]


def _pattern(page: Sheet) -> Pattern | None:
    """Return the longest run of layers that differ in nothing but their numbers; None where all can be printed."""
    if page.entries is not None:
        return None
    names = [*page.network.variables, *(e.name for e in page.network.equations)]
    numbered = {n: (m.group(1), int(m.group(2))) for n in names if (m := _NUMBERED.fullmatch(n))}
    layers: dict[int, list[str]] = {}
    for name, (_, number) in numbered.items():
        layers.setdefault(number, []).append(name)
    alike = {k: _signature(page, k, own, numbered) for k, own in layers.items()}
    best: list[int] = []
    run: list[int] = []
    for number in sorted(layers):
        run = [*run, number] if run and number == run[-1] + 1 and alike[number] == alike[run[-1]] else [number]
        best = run if len(run) > len(best) else best
    if len(best) <= _FEW_LAYERS:
        return None
    # the first and the last layer of the network are always printed
    inner = [k for k in best if min(layers) < k < max(layers)]
    shown = inner[len(inner) // 2]
    letter = page.base.names.free([Symbol("l", "l"), Symbol("k", "k"), Symbol("m", "m")])
    general = _with_letter(page, shown, letter, numbered)
    if general is None:
        return None
    hidden = frozenset(n for k in inner for n in layers[k])
    return Pattern(inner[0], inner[-1], letter, general, frozenset(layers[shown]), hidden)


_NUMBERED = re.compile(r"(.*?[^\d])(\d+)")


def _signature(
    page: Sheet, number: int, own: Sequence[str], numbered: Mapping[str, tuple[str, int]]
) -> tuple[object, ...]:
    """Return what a layer computes and what comes back, its names numbered from its own number."""
    relative = {n: f"{stem}[{k - number}]" for n, (stem, k) in numbered.items()}
    found: list[object] = []
    equations = {e.name: e.form for e in page.network.equations}
    for name in own:
        forms = [equations[name]] if name in equations else []
        forms += [page.steps[name].form] if name in page.steps else []
        found.append((numbered[name][0], page.network.shape_of(name), *(str(relabel(f, relative, {})) for f in forms)))
    return tuple(found)


def _with_letter(page: Sheet, number: int, letter: Node, numbered: Mapping[str, tuple[str, int]]) -> Sheet | None:
    """Return the page with ``letter`` for one number, and letter ± 1 for its neighbours."""
    general = copy.copy(page)
    general.numerals = None

    def changed(symbols: Mapping[str, Node]) -> dict[str, Node] | None:
        found = dict(symbols)
        for name, (_, k) in numbered.items():
            if name in symbols and abs(k - number) <= 1:
                sign = Symbol("-", "−") if k < number else Symbol("+", "+")
                place = letter if k == number else row(letter, sign, Symbol("1", "1"))
                node = _renumbered(symbols[name], str(k), place)
                if node is None:
                    return None
                found[name] = node
        return found

    names, short, errors = changed(page.base.names.symbols), changed(page.base.adjoints), changed(page.errors)
    if names is None or short is None or errors is None:
        return None
    general.errors = errors
    general.base = replace(page.base, names=replace(page.base.names, symbols=names), adjoints=short)
    general.with_errors = general.base.with_adjoints({**short, **errors})
    return general


def _renumbered(symbol: Node, number: str, place: Node) -> Node | None:
    """Return a symbol with something else in the place of its number; None where it has none."""
    digits = Symbol(number, number)
    if isinstance(symbol, Script):
        if symbol.below == digits:
            return replace(symbol, below=place)
        if symbol.above == digits:
            return replace(symbol, above=place)
        if symbol.above == Fence(digits, "["):
            return replace(symbol, above=Fence(place, "["))
    return None


# --- small helpers ------------------------------------------------------------------------------------------------------


def _stem(name: str) -> str:
    return name.rstrip("0123456789").rstrip("_")


def _listed(symbols: Sequence[Node]) -> Node:
    comma = row(COMMA, SPACE)
    if len(symbols) <= _GROUP:
        return separated(symbols, comma)
    return separated([symbols[0], Symbol(r"\ldots", "…"), symbols[-1]], comma)


def _batches(displays: Sequence[Display], lines: int) -> list[list[Display]]:
    """Return displays in groups of at most ``lines`` rows."""
    found: list[list[Display]] = []
    count = 0
    for display in displays:
        if not found or count + len(display.rows) > lines:
            found.append([])
            count = 0
        found[-1].append(display)
        count += len(display.rows)
    return found
