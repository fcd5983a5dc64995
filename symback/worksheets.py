"""Worksheets: a lesson with blanks, the key to it, and sheets with other numbers that are pleasant to work with.

A worksheet is a transformation of the lesson's document: what stands in a blank is what the key shows there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from symback.derivation import Record
from symback.display import (
    EMPTY,
    QUAD,
    TOP,
    Blank,
    Colored,
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
from symback.document import Block, Document, Formula, Heading, PageBreak, Paragraph
from symback.errors import PrintError, SymbackError, nearest
from symback.forms import Apply, Form, Function, OneHot, Prime, apply, names_in, number, walk
from symback.forms import name as make_name
from symback.interpreter import evaluate as evaluate_form
from symback.lesson import Plan, lesson
from symback.networks import NamedNetwork
from symback.numeric import evaluate
from symback.views import page_of, sentence
from symback.words import words

BLANKS: Mapping[str, tuple[str, ...]] = {
    "local": ("local", "definition"), "delta": ("delta",), "gradients": ("gradient", "delta"), "forward": ("forward",),
    "loss": ("loss",), "update": ("update",), "transposes": (), "numbers": (),
}
"""What can be left blank, and the roles of the formulas it is in."""
ANSWERS = ("inline", "none", "key", "both")
DEFAULT = ("local", "delta", "gradients")
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
    record: Record, plan: Plan | None = None, *, blank: Sequence[str] = DEFAULT, answers: str = "both",
    title: str | None = None, variants: int = 1, seed: int = 0, progress: Callable[[int], None] | None = None,
) -> Worksheet:
    """Return a worksheet on a derivation.

    ``blank`` chooses what is left out (keys of ``BLANKS``), ``answers`` whether the answers stand in their places
    ("inline"), nowhere ("none"), only in a key ("key"), or in a key beside the sheet ("both"). ``variants`` makes that
    many sheets with different pleasant numbers, drawn from ``seed``, with one key; ``progress`` is called after each.

    Raises PrintError for unknown choices and where no pleasant numbers are found.
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


def _key(
    answers: Sequence[Sequence[tuple[Node, ...]]], whole: Document, table: Mapping[str, str]
) -> Document:
    blocks: list[Block] = []
    for k, rows in enumerate(answers, start=1):
        blocks.append(Heading((table["sheet"].format(number=k),)))
        blocks.extend(
            Formula(tuple(rows[start:start + _KEY_LINES]), role="answer") for start in range(0, len(rows), _KEY_LINES)
        )
    return replace(whole, blocks=tuple(blocks), program=())


# --- one sheet ----------------------------------------------------------------------------------------------------------


class _Sheet:
    """One lesson with its blanks."""

    def __init__(self, record: Record, plan: Plan, blank: Sequence[str], title: str) -> None:
        self.words = words(plan.language)
        self.whole = lesson(record, plan, title)
        self.blank = tuple(blank)
        self.roles = {role for item in blank for role in BLANKS[item]}
        page = page_of(record, plan.notation, plan.language)
        symbols = [*page.base.names.symbols.values(), *page.errors.values(), Symbol(r"\partial ", "∂"), Symbol(r"\partial", "∂")]
        self.letters = {s.latex for node in symbols for s in _symbols(node) if not s.text.isdecimal()}
        self.count = 0
        self.found: list[tuple[Node, ...]] = []

    def empty(self) -> Document:
        """Return the sheet with its blanks, and without what would tell the answers."""
        blocks = self._blocks(_hidden, keep_all=False)
        head: list[Block] = [
            Paragraph((f"{self.words['name line']} ", Blank(6), "    ", f"{self.words['date line']} ", Blank(4))),
            Paragraph(sentence(self.words["worksheet intro"], last=str(self.count)), "remark"),
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
        found: list[Block] = []
        for part in _parts(self.whole.blocks):
            if keep_all:
                found.extend(self._changed(block, show) for block in part)
            elif not self._tells(part):
                # the reasons say where transposes and sums stand
                found.extend(self._changed(b, show) for b in part if not (isinstance(b, Paragraph) and b.tone == "note"))
        return found

    def _tells(self, part: Sequence[Block]) -> bool:
        """Say whether a part of the lesson tells the answers: tables of values, proofs, code."""
        head = part[0]
        titles = {self.words["values title"], self.words["code title"]}
        if isinstance(head, Heading) and head.text and head.text[0] in titles:
            return True
        return any(isinstance(b, Formula) and b.role == "proof" for b in part)

    def _changed(self, block: Block, show: Callable[[Node, int], Node]) -> Block:
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
        for k in range(1, len(first), 2):
            # of a row with an error and its gradients, only what was chosen is blank
            whole = self._is_wanted(block, first[k - 1])
            first[k] = self._side(first[k - 1], first[k], whole, show)
        rows: list[tuple[Node, ...]] = [tuple(first)]
        numeric = [cells for cells in group[1:] if all(self._is_numeric(node) for _, node in _segments(cells[1]))]
        for cells in group[1:]:
            if cells not in numeric:
                rows.append((EMPTY, self._side(group[0][0], cells[1], whole, show)))
            elif not (whole or "numbers" in self.blank):
                rows.append(cells)
            elif cells is numeric[-1]:
                # the numbers put in would tell the values before; what is asked for is the result
                rows.append((EMPTY, self._hide(group[0][0], _segments(cells[1]), 0, show)))
            elif show is _shown:
                rows.append(cells)
        return rows

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

    def _side(self, left: Node, right: Node, whole: bool, show: Callable[[Node, int], Node]) -> Node:
        segments = _segments(right)
        if not segments:
            return right
        if whole:
            return self._hide(left, segments, 0, show)
        if "numbers" in self.blank:
            # a side that is a number by itself, as dz/db = 1, is a formula
            first = next((k for k, (_, node) in enumerate(segments) if k and self._is_numeric(node)), None)
            if first is not None:
                return self._hide(left, segments, first, show)
        if "transposes" in self.blank:
            return _mapped(right, lambda node: self._transpose(node, show))
        return right

    def _hide(
        self, left: Node, segments: Sequence[tuple[Node, Node]], first: int, show: Callable[[Node, int], Node]
    ) -> Node:
        kept = [part for sign, node in segments[:first] for part in (sign, node)]
        sign, start = segments[first]
        rest = row(start, *(part for pair in segments[first + 1:] for part in pair))
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
        return any(any(c.isdecimal() for c in s.text) for s in found) and not any(s.latex in self.letters for s in found)


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


def _mapped(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return a display with some of its nodes replaced, from the outside inwards."""
    changed = change(node)
    if changed is not None:
        return changed
    found: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            found[field.name] = tuple(
                tuple(_mapped(i, change) for i in item) if isinstance(item, tuple) else
                _mapped(item, change) if is_dataclass(item) else item  # type: ignore[arg-type]
                for item in value
            )
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
    gives the same values. Raises PrintError where the network leaves no such numbers.
    """
    found: list[dict[str, np.ndarray]] = []
    seen: set[bytes] = set()
    record = None
    for position in range(count):
        for attempt in range(_TRIES):
            random = np.random.default_rng([seed, position, attempt])
            values = {name: _drawn(network, name, random, 1.0 / (1 + attempt // 80)) for name in network.variables}
            key = b"".join(np.ascontiguousarray(v).tobytes() for v in values.values())
            if key in seen:
                continue
            try:
                pleasant, record = _is_pleasant(network, values, record)
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
    variable = network.variables[name]
    shape = tuple(s if isinstance(s, int) else 1 for s in variable.shape)
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


def _is_pleasant(
    network: NamedNetwork, values: Mapping[str, np.ndarray], record: Record | None
) -> tuple[bool, Record]:
    from symback.derivation import derive_record
    from symback.views import pre_activations

    record = record or derive_record(network)
    found = evaluate(record, values).values
    if not all(np.all(np.isfinite(v)) for v in found.values()):
        return False, record
    if any(np.max(np.abs(found[n])) > _LARGEST_SUM for n in pre_activations(network) if n in found):
        return False, record
    for equation in network.equations:
        for node in walk(equation.form):
            if isinstance(node, Apply) and isinstance(node.op, Function) and node.op.definition is not None \
                    and node.op.entrywise and node.op.kinks and not _keeps_off(node, found):
                return False, record
    return True, record


def _keeps_off(call: Apply, values: Mapping[str, Any]) -> bool:
    """Say whether all entries keep off the kinks of a function, and some unit of each layer is active."""
    function = call.op
    assert isinstance(function, Function) and function.definition is not None
    arguments = [np.asarray(evaluate_form(a, values), dtype=float) for a in call.args]
    names = [make_name(f"_{k}") for k in range(len(arguments))]
    for index in np.ndindex(*np.broadcast_shapes(*(a.shape for a in arguments))):
        entry = {n.name: float(np.broadcast_to(a, np.broadcast_shapes(*(b.shape for b in arguments)))[index])
                 for n, a in zip(names, arguments, strict=True)}
        for node in walk(function.definition(*names)):
            if isinstance(node, Apply) and node.op in ("greater", "less", "greater_equal", "less_equal"):
                low, high = (float(evaluate_form(a, entry)) for a in node.args)
                if abs(low - high) < _FROM_KINK:
                    return False
    slope = evaluate_form(apply(Prime(function, 0), *(_number_or_array(a, k) for k, a in enumerate(arguments))),
                          {f"_{k}": a for k, a in enumerate(arguments)})
    return bool(np.any(np.abs(slope) > 1e-9))


def _number_or_array(value: np.ndarray, position: int) -> Form:
    return number(float(value)) if value.ndim == 0 else make_name(f"_{position}", value.shape)


