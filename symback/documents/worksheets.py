"""Worksheets: a lesson with blanks, the key to it, and sheets with other numbers that are pleasant to work with.

A worksheet is a transformation of the lesson's document: what stands in a blank is what the key shows there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from symback.core.display import (
    EMPTY,
    QUAD,
    TOP,
    Blank,
    Colored,
    Fraction,
    Gap,
    Grid,
    Infix,
    Node,
    Row,
    Script,
    Symbol,
    Under,
    row,
    width,
)
from symback.core.errors import PrintError, SymbackError, nearest
from symback.core.forms import Adjoint, Apply, Form, Function, Name, OneHot, Prime, apply, names_in, number, walk
from symback.core.forms import name as make_name
from symback.core.operations import ORDERINGS
from symback.derivation.record import Record, derive_record
from symback.documents.document import Block, Document, Figure, Formula, Heading, PageBreak, Paragraph
from symback.documents.lesson import lesson
from symback.documents.plan import Plan
from symback.engine.interpreter import evaluate as evaluate_form
from symback.networks.facts import made_true
from symback.networks.network import NamedNetwork
from symback.page.picture import Box, Label, Mark, Picture
from symback.page.records import sentence
from symback.page.sheet import Extras, pre_activations, sheet_of
from symback.page.words import words
from symback.run.codegen import generate
from symback.run.numeric import evaluate

_SOURCES = ("delta output", "delta hidden", "delta hidden shapes")
"""Sentences on where an error comes from."""
BLANKS: Mapping[str, tuple[str, ...]] = {
    "local": ("local", "definition"),
    "delta": ("delta",),
    "gradients": ("gradient", "delta", "proof"),
    "forward": ("forward",),
    "loss": ("loss",),
    "update": ("update",),
    "transposes": (),
    "numbers": (),
}
"""What can be left blank, and the roles of the formulas it is in."""
ANSWERS = ("inline", "none", "key", "both")
DEFAULT = ("local", "delta", "gradients")
_BACKWARD = ("delta", "gradient", "proof")
_ANSWER_COLOR = "blue"
_WIDEST = 13
"""The widest blank, in units of two em."""
_TRIES = 400
_KEY_LINES = 9


@dataclass(frozen=True)
class Worksheet:
    """The sheet to hand out and the key to it; one of them is None where it is not wanted."""

    sheet: Document | None
    key: Document | None


def worksheet(
    record: Record,
    plan: Plan | None = None,
    *,
    blank: Sequence[str] = DEFAULT,
    answers: str = "both",
    title: str | None = None,
    variants: int = 1,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Worksheet:
    """Return a worksheet on a derivation.

    ``blank`` chooses what is left out (keys of ``BLANKS``), ``answers`` whether the answers stand in their places
    ("inline"), nowhere ("none"), only in a key ("key"), or in a key beside the sheet ("both"). ``variants`` makes that
    many sheets with different pleasant numbers, drawn from ``seed``, with one key; ``progress`` is called after each.

    Where something is left blank, nothing after it that would tell it is on the sheet: no number that follows from it,
    no line in which it is put in. Raises PrintError for unknown choices, where nothing is left blank, and where no
    pleasant numbers are found, ValueProblem where a network has no numbers.
    """
    for item in blank:
        if item not in BLANKS:
            raise PrintError(f"there is no blank {item!r}{nearest(item, BLANKS)}; known: {', '.join(BLANKS)}")
    if answers not in ANSWERS:
        raise PrintError(f"answers are {', '.join(ANSWERS)}, not {answers!r}{nearest(answers, ANSWERS)}")
    if variants < 1:
        raise PrintError(f"at least one sheet is made, not {variants}")
    plan = plan or Plan()
    if "numbers" in blank and plan.numbers is None:
        plan = replace(plan, numbers=True)
    table = words(plan.language)
    sheets: list[_Sheet] = []
    drawn = pleasant_values(record.network, variants, seed) if variants > 1 else [plan.values]
    for values in drawn:
        one = replace(plan, values=values, numbers=True if variants > 1 else plan.numbers)
        sheets.append(_Sheet(record, one, blank, title or table["worksheet title"]))
        if not sheets[-1].answers():
            known = f"choose among {', '.join(BLANKS)}"
            if blank:
                raise PrintError(
                    f"nothing is left blank: this lesson has no formulas for {' or '.join(blank)}; {known}"
                )
            raise PrintError(f"nothing is left blank; {known}")
        if progress is not None:
            progress(len(sheets))
    if answers == "inline":
        return Worksheet(_joined([s.filled() for s in sheets], table), None)
    sheet = None if answers == "key" else _joined([s.empty() for s in sheets], table)
    if answers == "none":
        return Worksheet(sheet, None)
    key_title = (f"{title or table['worksheet title']}: {table['worksheet key']}",)
    if variants == 1:
        return Worksheet(sheet, replace(sheets[0].filled(), title=key_title))
    return Worksheet(sheet, replace(_key([s.answers() for s in sheets], sheets[0].whole, table), title=key_title))


def _joined(documents: Sequence[Document], table: Mapping[str, str]) -> Document:
    """Return several sheets as one document, each on a new page with its number."""
    if len(documents) == 1:
        return documents[0]
    blocks: list[Block] = []
    for k, document in enumerate(documents, start=1):
        if blocks:
            blocks.append(PageBreak())
        blocks.append(Heading((table["sheet"].format(number=k),)))
        blocks.extend(replace(b, level=b.level + 1) if isinstance(b, Heading) else b for b in document.blocks)
    return replace(documents[0], blocks=tuple(blocks))


def _key(answers: Sequence[Sequence[tuple[Node, ...]]], whole: Document, table: Mapping[str, str]) -> Document:
    blocks: list[Block] = []
    for k, rows in enumerate(answers, start=1):
        blocks.append(Heading((table["sheet"].format(number=k),)))
        blocks.extend(
            Formula(tuple(rows[start : start + _KEY_LINES]), role="answer") for start in range(0, len(rows), _KEY_LINES)
        )
    return replace(whole, blocks=tuple(blocks), program=())


# --- one sheet ----------------------------------------------------------------------------------------------------------


class _Sheet:
    """One lesson with its blanks."""

    def __init__(self, record: Record, plan: Plan, blank: Sequence[str], title: str) -> None:
        self.words = words(plan.language)
        self.whole = lesson(record, plan, title, lines=False)  # the lines of a collapse would tell what is asked
        self.blank = tuple(blank)
        self.roles = {role for item in blank for role in BLANKS[item]}
        self.kind = plan.view
        page = sheet_of(record, plan.notation, plan.language)
        symbols = [
            *page.base.names.symbols.values(),
            *page.errors.values(),
            Symbol(r"\partial ", "∂"),
            Symbol(r"\partial", "∂"),
        ]
        self.letters = {s.latex for node in symbols for s in _symbols(node) if not s.text.isdecimal()}
        entries: Extras = {"numbering": plan.numbering, "values": plan.values}
        self.needed = _needed(
            sheet_of(record, plan.notation, plan.language, "entries", entries).record
            if plan.view == "entries"
            else record
        )
        self.asked = frozenset(
            label
            for block in self.whole.blocks
            if isinstance(block, Formula)
            for k, name in enumerate(block.of)
            for label in self._asked(block, k, name)
        )
        self.count = 0
        self.complete = False
        self.found: list[tuple[Node, ...]] = []

    def _asked(self, block: Formula, column: int, name: str) -> Iterator[str]:
        """Yield the value that a blank asks for: a name, or ``∂`` and a name for a derivative of the loss."""
        side_by_side = len(block.of) > 1 and len(block.rows[0]) == 2 * len(block.of)
        left = block.rows[0][2 * column if side_by_side else 0]
        if block.role not in ("local", "definition", "update") and self._is_wanted(block, left):
            yield name if block.role in ("forward", "loss") else "∂" + name

    def empty(self) -> Document:
        """Return the sheet with its blanks, and without what would tell the answers."""
        blocks = self._blocks(_hidden, keep_all=False)
        head: list[Block] = [
            Paragraph((f"{self.words['name line']} ", Blank(6), "    ", f"{self.words['date line']} ", Blank(4))),
            Paragraph(
                sentence(self.words["worksheet intro" if self.count > 1 else "worksheet blank"], last=str(self.count)),
                "remark",
            ),
        ]
        return replace(self.whole, blocks=(*head, *blocks), program=())

    def filled(self) -> Document:
        """Return the sheet with the answers in the places of the blanks."""
        return replace(self.whole, blocks=tuple(self._blocks(_shown, keep_all=True)), program=())

    def answers(self) -> list[tuple[Node, ...]]:
        """Return the answers by number."""
        self._blocks(_shown, keep_all=False)
        return self.found

    def _blocks(self, show: Callable[[Node, int], Node], keep_all: bool) -> list[Block]:
        self.count = 0
        self.found = []
        self.complete = keep_all
        found: list[Block] = []
        for part in _parts(self.whole.blocks):
            told = self._tells(part)
            for k, block in enumerate(part):
                # what the sheet does not have is whole where it stands, without blanks
                if not (told or self._is_hint(part, k)):
                    found.append(self._changed(block, show))
                elif keep_all:
                    found.append(block)
        return [b for b in found if not isinstance(b, Formula) or b.rows]

    def _is_hint(self, part: Sequence[Block], position: int) -> bool:
        """Say whether a block gives an answer away in other words."""
        block = part[position]
        said = part[position - 1] if position and isinstance(block, Formula) else block
        if isinstance(said, Paragraph) and said.text == (self.words["evaluated"],) and self.roles & {"forward", "loss"}:
            return True  # the loss once more, with the prediction written out
        return self._explains(block) or (isinstance(block, Figure) and _has_numbers(block.picture))

    def _explains(self, block: Block) -> bool:
        """Say whether a paragraph puts an answer into words: where transposes and sums stand, what an error is."""
        if not isinstance(block, Paragraph):
            return False
        openings = [self.words[key].partition("{")[0] for key in _SOURCES]
        first = block.text[0] if block.text and isinstance(block.text[0], str) else ""
        told = bool({"delta", "transposes"} & set(self.blank)) and any(first.startswith(o) for o in openings)
        return block.tone == "note" or told

    def _tells(self, part: Sequence[Block]) -> bool:
        """Say whether a part of the lesson tells the answers: tables of values, proofs, code."""
        head = part[0]
        titles = {self.words[key] for key in ("values title", "numbers say", "training title", "code title")}
        if isinstance(head, Heading) and head.text and head.text[0] in titles:
            return True
        return self.kind != "index" and any(isinstance(b, Formula) and b.role == "proof" for b in part)

    def _changed(self, block: Block, show: Callable[[Node, int], Node]) -> Block:
        if isinstance(block, Figure) and show is _hidden and self.roles & {"forward", "loss"}:
            return replace(block, picture=_without_formulas(block.picture))
        if not isinstance(block, Formula):
            return block
        rows: list[tuple[Node, ...]] = []
        group: list[tuple[Node, ...]] = []
        for cells in block.rows:
            if group and not (len(cells) == 2 and cells[0] == EMPTY):
                rows.extend(self._equation(block, group, show))
                group = []
            group.append(cells)
        rows.extend(self._equation(block, group, show))
        return replace(block, rows=tuple(rows))

    def _equation(
        self, block: Formula, group: Sequence[tuple[Node, ...]], show: Callable[[Node, int], Node]
    ) -> list[tuple[Node, ...]]:
        """Return the rows of an equation: its line, and lines that go on from it with an empty left side."""
        first = list(group[0])
        whole = False
        known = not any(self._follows(block, name) for name in block.of)
        for k in range(1, len(first), 2):
            # of a row with an error and its gradients, only what was chosen is blank
            whole = self._is_wanted(block, first[k - 1])
            safe = self._safe(block, first[k], known, True, len(group) == 1)
            first[k] = self._side(block, first[k - 1], first[k], safe, whole, show)
        rows: list[tuple[Node, ...]] = [tuple(first)]
        numeric = [cells for cells in group[1:] if all(self._is_numeric(node) for _, node in _segments(cells[1]))]
        for cells in group[1:]:
            if cells not in numeric or not (whole or "numbers" in self.blank):
                safe = self._safe(block, cells[1], known, False, bool(numeric) and cells is numeric[-1])
                rows.append((EMPTY, self._side(block, group[0][0], cells[1], safe, whole, show)))
            elif cells is numeric[-1]:
                # the numbers put in would tell the values before; what is asked for is the result
                rows.append((EMPTY, self._hide(group[0][0], (), _segments(cells[1]), show)))
            elif self.complete:
                rows.append(cells)
        # a left side whose right sides are all gone says nothing; one on its own line goes on in the first that is left
        left = [cells for cells in rows if len(cells) != 2 or cells[1] != EMPTY]
        if left and len(left[0]) == 2 and left[0][0] == EMPTY:
            left[0] = (group[0][0], left[0][1])
        return left

    def _follows(self, block: Formula, name: str) -> bool:
        """Say whether the numbers of a formula follow from a value that is asked for."""
        labels = {"forward": [name], "loss": [name], "update": ["∂" + name]}.get(block.role, ["∂" + name])
        return any(label in self.asked or self.needed.get(label, frozenset()) & self.asked for label in labels)

    def _safe(self, block: Formula, right: Node, known: bool, start: bool, last: bool) -> list[bool]:
        """Say which sides tell no answer: numbers that follow from none, products of derivatives as such."""
        found: list[bool] = []
        segments = _segments(right)
        backward = block.role in _BACKWARD
        for k, (_, node) in enumerate(segments):
            if self._is_numeric(node):
                final = last and k == len(segments) - 1
                put_in = backward and ("local" in self.blank or "transposes" in self.blank)
                found.append("numbers" in self.blank or (known and (final or not put_in)))
            else:
                # the first side of a matrix formula speaks of σ′, later ones spell it out
                found.append(
                    not (backward and "local" in self.blank)
                    or (start and k == 0 and (block.role == "delta" or _is_chain(node)))
                )
        return found

    def _is_wanted(self, block: Formula, left: Node) -> bool:
        if block.role not in self.roles:
            return False
        if block.role == "definition":
            # what a function is stays; its derivative is asked for
            return any(isinstance(node, Script) and node.primes for node in _nodes(left))
        if block.role != "delta":
            return True
        is_error = not any(s.latex.strip() == r"\partial" for s in _symbols(left))
        return ("delta" in self.blank) if is_error else ("gradients" in self.blank)

    def _side(
        self,
        block: Formula,
        left: Node,
        right: Node,
        safe: Sequence[bool],
        whole: bool,
        show: Callable[[Node, int], Node],
    ) -> Node:
        """Return a right side with its blanks; sides that are not ``safe`` are left out where the sheet is not complete."""
        segments = _segments(right)
        if whole and segments:
            return self._hide(left, (), segments, show)
        kept: list[Node] = []
        for k, ((sign, node), good) in enumerate(zip(segments, safe, strict=True)):
            if good and k and "numbers" in self.blank and self._is_numeric(node):
                # a side that is a number by itself, as dz/db = 1, is a formula
                return self._hide(left, kept, segments[k:], show)
            if good and "transposes" in self.blank and block.role in _BACKWARD:
                node = _mapped(node, lambda part: self._transpose(part, show))
            if good or self.complete:
                kept += [sign, node]
        return row(*kept) if kept else EMPTY

    def _hide(
        self, left: Node, kept: Sequence[Node], asked: Sequence[tuple[Node, Node]], show: Callable[[Node, int], Node]
    ) -> Node:
        (sign, start), *others = asked
        rest = row(start, *(part for pair in others for part in pair))
        self.count += 1
        self.found.append((Symbol(f"({self.count})", f"({self.count})"), row(QUAD, left, sign, rest)))
        return row(*kept, sign, show(rest, self.count))

    def _transpose(self, node: Node, show: Callable[[Node, int], Node]) -> Node | None:
        if not (isinstance(node, Script) and node.above == TOP):
            return None
        self.count += 1
        self.found.append((Symbol(f"({self.count})", f"({self.count})"), row(QUAD, node)))
        return show(node, self.count)

    def _is_numeric(self, node: Node) -> bool:
        found = list(_symbols(node))
        return any(any(c.isdecimal() for c in s.text) for s in found) and not any(
            s.latex in self.letters for s in found
        )


def _needed(record: Record) -> dict[str, frozenset[str]]:
    """Return, for every value and derivative (``∂z``), what it is computed from, at first or second hand."""
    found: dict[str, frozenset[str]] = {}

    def collect(label: str, read: Iterable[str]) -> None:
        found[label] = frozenset(r for name in read for r in (name, *found.get(name, ())))

    for equation in record.network.equations:
        collect(equation.name, {n.name for n in names_in(equation.form)})
    for step in record.steps:
        forms = [c.form for c in (*step.contributions, *step.literal)]
        collect(
            "∂" + step.of,
            {
                n.name if isinstance(n, Name) else "∂" + n.of
                for f in forms
                for n in walk(f)
                if isinstance(n, (Name, Adjoint))
            },
        )
    return found


def _is_chain(node: Node) -> bool:
    """Say whether a side is a product of derivatives that are only named: ∂L/∂y · ∂y/∂w."""
    parts = node.parts if isinstance(node, Row) else (node,)
    factors = [p for p in parts if not isinstance(p, (Infix, Gap))]
    return bool(factors) and all(
        isinstance(p, Fraction) and any(s.latex.strip() in (r"\partial", "d") for s in _symbols(p.above))
        for p in factors
    )


def _has_numbers(picture: Picture) -> bool:
    """Say whether a picture shows what was computed: numbers along arrows, or in cells."""
    return any(
        (isinstance(m, Label) and m.kind in ("forward", "gradient")) or (isinstance(m, Box) and m.shade is not None)
        for m in picture.marks
    )


def _without_formulas(picture: Picture) -> Picture:
    """Return a picture whose labels are names alone: z for z = x w."""

    def bare(mark: Mark) -> Mark:
        if not isinstance(mark, Label) or isinstance(mark.body, str) or not isinstance(mark.body, Row):
            return mark
        sign = next((k for k, p in enumerate(mark.body.parts) if isinstance(p, Infix) and p.relation), None)
        return mark if sign is None else replace(mark, body=row(*mark.body.parts[:sign]))

    return replace(picture, marks=tuple(map(bare, picture.marks)))


def _hidden(node: Node, count: int) -> Node:
    """Return a blank of fitting width with its number; a matrix keeps its frame."""
    label = Symbol(f"({count})", f"({count})")
    if isinstance(node, Grid) and node.kind == "matrix":
        narrow = max(len(cells) for cells in node.rows) > 3
        return Under(Grid(tuple(tuple(Blank(1 if narrow else 2) for _ in cells) for cells in node.rows)), label)
    # handwriting is wider than print
    return Under(Blank(max(1, min(_WIDEST, math.ceil(0.65 * width(node))))), label)


def _shown(node: Node, count: int) -> Node:
    return Under(Colored(node, _ANSWER_COLOR), Symbol(f"({count})", f"({count})"))


def _parts(blocks: Sequence[Block]) -> list[list[Block]]:
    """Return blocks in parts, each with its heading of the first level."""
    found: list[list[Block]] = [[]]
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1 and found[-1]:
            found.append([])
        found[-1].append(block)
    return [part for part in found if part]


def _segments(right: Node) -> list[tuple[Node, Node]]:
    """Return the sides of a chain of relations, each with the sign before it (EMPTY before a first side)."""
    parts = right.parts if isinstance(right, Row) else (right,)
    found: list[tuple[Node, list[Node]]] = []
    for part in parts:
        if isinstance(part, Infix) and part.relation:
            found.append((part, []))
        elif found:
            found[-1][1].append(part)
        elif part != EMPTY:
            found.append((EMPTY, [part]))
    return [(sign, row(*nodes)) for sign, nodes in found if nodes]


def _children(node: Any) -> Iterator[Node]:
    for field in fields(node):
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            for inner in item if isinstance(item, tuple) else (item,):
                if is_dataclass(inner):
                    yield inner  # type: ignore[misc]


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


def _symbols(node: Node) -> Iterator[Symbol]:
    return (n for n in _nodes(node) if isinstance(n, Symbol))


def _mapped_item(item: Any, change: Callable[[Node], Node | None]) -> Any:
    if isinstance(item, tuple):
        return tuple(_mapped(i, change) for i in item)
    return _mapped(item, change) if is_dataclass(item) else item  # type: ignore[arg-type]


def _mapped(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return a display with some of its nodes replaced, from the outside inwards."""
    changed = change(node)
    if changed is not None:
        return changed
    found: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            found[field.name] = tuple(_mapped_item(item, change) for item in value)
        elif is_dataclass(value):
            found[field.name] = _mapped(value, change)  # type: ignore[arg-type]
    return replace(node, **found) if found else node


# --- pleasant numbers -----------------------------------------------------------------------------------------------------

_LARGEST_SUM = 3.0
_FROM_KINK = 0.1


def pleasant_values(network: NamedNetwork, count: int, seed: int = 0) -> list[dict[str, np.ndarray]]:
    """Return ``count`` sets of values, all different, that are pleasant to compute with by hand.

    Data and weights have at most two significant digits; every pre-activation is between -3 and 3; no argument of a
    function is nearer than 0.1 to one of its kinks, and of each layer of a function that can be flat, as ReLU, at
    least one unit is active. Targets keep their kind: class indices, zeros and ones, rows that sum to 1. The same seed
    gives the same values. Raises PrintError where the network leaves no such numbers, ValueProblem where it has none.
    """
    found: list[dict[str, np.ndarray]] = []
    seen: set[bytes] = set()
    record = derive_record(network)
    # a network with an unknown function has no numbers, whatever is drawn
    generate(record)
    for position in range(count):
        for attempt in range(_TRIES):
            random = np.random.default_rng([seed, position, attempt])
            values = {name: _drawn(network, name, random, 1.0 / (1 + attempt // 80)) for name in network.variables}
            key = b"".join(np.ascontiguousarray(v).tobytes() for v in values.values())
            if key in seen:
                continue
            try:
                pleasant = _is_pleasant(network, values, record)
            except SymbackError:
                continue
            if pleasant:
                seen.add(key)
                found.append(values)
                break
        else:
            raise PrintError(
                f"no pleasant numbers were found for sheet {position + 1}: every draw left a sum beyond "
                f"{_LARGEST_SUM:g}, or an argument within {_FROM_KINK:g} of a kink"
            )
    return found


def _drawn(network: NamedNetwork, name: str, random: np.random.Generator, scale: float) -> np.ndarray:
    """Return pleasant entries for a variable, for which hold what is granted of it."""
    array = _drawn_freely(network, name, random, scale)
    facts = [(a.kind, a.axis) for a in network.assumptions if a.name == name and a.kind != "one-hot"]
    made = made_true(facts, array) if facts else None
    return array if made is None else made


def _drawn_freely(network: NamedNetwork, name: str, random: np.random.Generator, scale: float) -> np.ndarray:
    variable = network.variables[name]
    shape = tuple(s if isinstance(s, int) else network.sizes.get(str(s), 1) for s in variable.shape)
    given = network.values.get(name)
    if variable.integer:
        return random.integers(0, _classes(network, name), size=shape)
    parameter = name in network.parameters or variable.role == "parameter"
    if given is not None and not parameter and np.all(np.isin(given, (0.0, 1.0))):
        if len(shape) > 1 and shape[-1] > 1 and np.all(np.sum(given, axis=-1) == 1):
            return np.eye(shape[-1])[random.integers(0, shape[-1], size=shape[:-1])]
        if _is_target(network, name):
            return random.integers(0, 2, size=shape).astype(float)
    tenths = random.integers(1, 10, size=shape) * random.choice((-1, 1), size=shape)
    if not parameter:
        tenths = np.abs(tenths) if given is None or np.all(given >= 0) else tenths
        return np.asarray(tenths / 10.0)
    return np.asarray(np.round(tenths * scale, 0 if scale == 1.0 else 1) / 10.0)


def _classes(network: NamedNetwork, name: str) -> int:
    for equation in network.equations:
        for node in walk(equation.form):
            if isinstance(node, OneHot) and name in {n.name for n in names_in(node)} and isinstance(node.classes, int):
                return node.classes
    return 2


def _is_target(network: NamedNetwork, name: str) -> bool:
    return any(n.name == name for n in names_in(network.equation(network.loss).form))


def _is_pleasant(network: NamedNetwork, values: Mapping[str, np.ndarray], record: Record) -> bool:
    found = evaluate(record, values).values
    if not all(np.all(np.isfinite(v)) for v in found.values()):
        return False
    if any(np.max(np.abs(found[n])) > _LARGEST_SUM for n in pre_activations(network) if n in found):
        return False
    for equation in network.equations:
        for node in walk(equation.form):
            if (
                isinstance(node, Apply)
                and isinstance(node.op, Function)
                and node.op.definition is not None
                and node.op.entrywise
                and node.op.kinks
                and not _keeps_off(node, found)
            ):
                return False
    return True


def _keeps_off(call: Apply, values: Mapping[str, Any]) -> bool:
    """Say whether all entries keep off the kinks of a function, and some unit of each layer is active."""
    function = call.op
    assert isinstance(function, Function) and function.definition is not None
    arguments = [np.asarray(evaluate_form(a, values), dtype=float) for a in call.args]
    names = [make_name(f"_{k}") for k in range(len(arguments))]
    for index in np.ndindex(*np.broadcast_shapes(*(a.shape for a in arguments))):
        entry = {
            n.name: float(np.broadcast_to(a, np.broadcast_shapes(*(b.shape for b in arguments)))[index])
            for n, a in zip(names, arguments, strict=True)
        }
        for node in walk(function.definition(*names)):
            if isinstance(node, Apply) and node.op in ORDERINGS:
                low, high = (float(evaluate_form(a, entry)) for a in node.args)
                if abs(low - high) < _FROM_KINK:
                    return False
    slope = evaluate_form(
        apply(Prime(function, 0), *(_number_or_array(a, k) for k, a in enumerate(arguments))),
        {f"_{k}": a for k, a in enumerate(arguments)},
    )
    return bool(np.any(np.abs(slope) > 1e-9))


def _number_or_array(value: np.ndarray, position: int) -> Form:
    return number(float(value)) if value.ndim == 0 else make_name(f"_{position}", value.shape)
