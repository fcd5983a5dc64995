"""The computational graph of a network, with the values and derivatives that flow along its edges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from symback.core.display import (
    COMMA,
    EQUALS,
    PLUS,
    SPACE,
    TIMES,
    Fence,
    Node,
    Symbol,
    is_tall,
    row,
    separated,
    to_text,
    width,
)
from symback.core.errors import PrintError, SymbackError
from symback.core.forms import names_in
from symback.derivation.record import Contribution, Record
from symback.engine import interpreter
from symback.networks.network import NamedNetwork, fit_shape
from symback.page.notation import Notation
from symback.page.picture import MARGIN, Box, Edge, Label, Mark, Picture, box_of, moved, overlap
from symback.page.pieces import decimal_piece
from symback.page.sheet import Sheet, sheet_of
from symback.page.substitution import rounded
from symback.page.words import DEFAULT_LANGUAGE
from symback.run.numeric import Evaluation

_NODES = 28
"""Most nodes of a computational graph."""
_COVERED = 4.0
"""How much the labels of a computational graph may touch lines and each other before it is drawn wider."""
_ON_EDGE = 3
"""Most numbers on an edge of a computational graph."""
_TAIL = 34.0
"""How long the arrow behind the loss is."""
_FREE = 3.0
"""How much room a label of a computational graph has around it, in points."""
_HEADS = 9.0
"""How far from each other arrow heads end on one node, in points."""
_TALLEST = 640.0
"""The height of a picture that fits a page with its caption, in points."""
Segment: TypeAlias = "tuple[tuple[float, float], tuple[float, float], tuple[Node | None, Node | None]]"
"""The ends of a line, and what flows forward and back along it."""


def graph_picture(
    record: Record,
    evaluation: Evaluation | None = None,
    notation: Notation | str | None = None,
    language: str = DEFAULT_LANGUAGE,
    digits: int = 4,
    signs: Mapping[str, Node] | None = None,
) -> Picture | None:
    """Return the computational graph: variables and equations as nodes.

    The data flow downwards. With an ``evaluation`` (``d.evaluate()``) each edge carries the value that flows forward on
    its left, and on its right the derivative of the loss that flows back through it; matrices and long vectors are left
    out. Below the loss stand its value and its derivative by itself, 1. ``signs`` are what stands in the nodes of
    operations (see ``gates``); a single number then flows back as what comes from above times the local derivative.

    None where the graph is too large to read. The layout is Sugiyama's layered method (Sugiyama, Tagawa, Toda 1981,
    https://doi.org/10.1109/TSMC.1981.4308636), by the fast-sugiyama package.
    """
    network = record.network
    sheet = sheet_of(record, notation, language)
    names = [*network.variables, *(e.name for e in network.equations)]
    if len(names) > _NODES:
        return None
    wires = _wires(network, names)
    if not wires:
        return None
    nodes = [_node_label(sheet, name) if signs is None else signs.get(name, sheet.base.name(name)) for name in names]
    widths = [max(30.0, 9.5 * width(node) + 16.0) for node in nodes]
    values = _flow(sheet, evaluation, digits, signs is not None) if evaluation is not None else {}
    room = max((6.8 * width(v) for pair in values.values() for v in pair if v is not None), default=0.0)
    # labels of slanted edges stand above and below them, and need no room beside them
    layers = _layered(wires, max(64.0, max(widths) + 14.0, (2 if signs is None else 1) * room + 16.0))
    step = 54.0 if not values else 82.0 if signs is None else 66.0
    if 26.0 + (len(layers.levels) - 1) * step > _TALLEST:
        return None
    flows = _Flows(
        {(names.index(a), names.index(b)): pair for (a, b), pair in values.items() if b},
        values.get((network.loss, "")),
        {names.index(a): pair[1] for (a, b), pair in values.items() if not b and a != network.loss},
    )
    kinds = [_kind_of(network, name) for name in names]
    for stretch in (1.0, 1.2, 1.5, 1.9):
        graph = _drawn(layers, nodes, widths, kinds, flows, (stretch, step))
        if graph.covered < _COVERED:
            break
    marks_left = min(box_of(m)[0] for m in graph.marks if isinstance(m, Label))
    shift = max(0.0, MARGIN - marks_left)
    marks = [moved(m, shift, 0.0) for m in graph.marks]
    right = max(shift + graph.right, *(box_of(m)[2] for m in marks if isinstance(m, Label)))
    return Picture(
        round(right + MARGIN, 2),
        round(graph.bottom + 13.0 + MARGIN, 2),
        tuple(marks),
        _description(sheet, wires, names, flows),
    )


@dataclass(frozen=True)
class _Flows:
    """What flows forward and back along edges, what stands behind the loss, and what comes back to a node in sum."""

    along: Mapping[tuple[int, int], tuple[Node | None, Node | None]]
    behind: tuple[Node | None, Node | None] | None
    sums: Mapping[int, Node | None]


def _description(sheet: Sheet, wires: Sequence[tuple[int, int]], names: Sequence[str], flows: _Flows) -> str:
    """Return the picture in words: every arrow, with what flows along it."""
    said = [sheet.words["graph picture"]]
    for wire in wires:
        ahead, back = (None if node is None else to_text(node) for node in flows.along.get(wire, (None, None)))
        arrow = " → ".join(to_text(sheet.base.name(names[k])) for k in wire)
        flow = [sheet.words["graph forward"].format(value=ahead)] if ahead else []
        flow += [sheet.words["graph back"].format(value=back)] if back else []
        said.append(f"{arrow}: {', '.join(flow)}." if flow else f"{arrow}.")
    if flows.behind is not None:
        said.append(", ".join(to_text(node) for node in flows.behind if node is not None) + ".")
    return " ".join(said)


def _wires(network: NamedNetwork, names: Sequence[str]) -> list[tuple[int, int]]:
    """Return who reads whom, as pairs of numbers of names."""
    number = {name: k for k, name in enumerate(names)}
    return [
        (number[n], number[e.name])
        for e in network.equations
        for n in dict.fromkeys(m.name for m in names_in(e.form))
        if n in number
    ]


def _kind_of(network: NamedNetwork, name: str) -> str:
    if name in network.variables:
        return "parameter" if name in network.parameters else "input"
    return "loss" if name == network.loss else "hidden"


@dataclass(frozen=True)
class _Layers:
    """Where nodes and bends of edges stand; bends have the numbers beyond the nodes."""

    across: Mapping[int, float]
    rank: Mapping[int, float]
    following: Mapping[int, Sequence[int]]

    @property
    def levels(self) -> dict[float, int]:
        """Each rank's place from the top."""
        return {y: k for k, y in enumerate(sorted(set(self.rank.values()), reverse=True))}


def _layered(wires: Sequence[tuple[int, int]], spacing: float) -> _Layers:
    from fast_sugiyama import from_edges

    # every name reaches the loss, so the graph is of one piece
    positions, _, _, drawn = from_edges(
        wires, vertex_spacing=spacing, dummy_vertices=True, ranking_type="down", check_layout=False
    )[0]
    following: dict[int, list[int]] = {}
    for a, b in drawn or ():
        following.setdefault(int(a), []).append(int(b))
    return _Layers({int(key): x for key, (x, _) in positions}, {int(key): y for key, (_, y) in positions}, following)


@dataclass(frozen=True)
class _Graph:
    """A drawn graph: its marks, where it ends, and how much its labels cover."""

    marks: tuple[Mark, ...]
    right: float
    bottom: float
    covered: float


def _drawn(
    layers: _Layers,
    nodes: Sequence[Node],
    widths: Sequence[float],
    kinds: Sequence[str],
    flows: _Flows,
    scale: tuple[float, float],
) -> _Graph:
    """Draw a graph: ``scale`` stretches what lies across, and is the distance of levels."""
    stretch, step = scale
    levels, half = layers.levels, {k: w / 2 for k, w in enumerate(widths)}
    left = min(stretch * x - half.get(k, 0.0) for k, x in layers.across.items())
    at = {
        k: (stretch * layers.across[k] - left + MARGIN, MARGIN + 13.0 + levels[y] * step)
        for k, y in layers.rank.items()
    }
    edges: list[Edge] = []
    segments: list[Segment] = []
    paths = [path for k in range(len(nodes)) for path in _paths(k, layers.following, len(nodes))]
    arriving: dict[int, list[int]] = {}
    for path in paths:
        arriving.setdefault(path[-1], []).append(path[-2])
    aims = {end: _aims({k: at[k][0] - at[end][0] for k in sources}, widths[end]) for end, sources in arriving.items()}
    for path in paths:
        k, end = path[0], path[-1]
        points = [at[p] for p in path]
        points[0] = (points[0][0], points[0][1] + 13.0)
        points[-1] = (points[-1][0] + aims[end][path[-2]], points[-1][1] - 14.0)
        edges.append(Edge(tuple(points), arrow=True))
        if (k, end) in flows.along:
            segments.append((points[0], points[1], flows.along[k, end]))
    boxes: list[Mark] = []
    taken = []
    for k, node in enumerate(nodes):
        px, py = at[k]
        boxes += [Box(px, py, widths[k], 26.0, kinds[k]), Label(px, py, node, size=11.0, kind="unit")]
        taken.append((px - widths[k] / 2, py - 13.0, px + widths[k] / 2, py + 13.0))
    totals = [
        Label(at[k][0] + half[k] + 4.0, at[k][1], s, "start", 8.5, True, "gradient") for k, s in flows.sums.items() if s
    ]
    taken += [box_of(total) for total in totals]
    bottom = max(y for _, y in at.values())
    if flows.behind is not None:
        px, py = at[kinds.index("loss")]
        bottom = max(bottom, py + 13.0 + _TAIL)
        edges.append(Edge(((px, py + 13.0), (px, bottom)), arrow=True))
        segments.append(((px, py + 13.0), (px, bottom), flows.behind))
    labels, covered = _flow_labels(segments, [line for edge in edges for line in pairwise(edge.points)], taken)
    right = max(x + half.get(k, 0.0) for k, (x, _) in at.items())
    return _Graph((*edges, *boxes, *totals, *labels), right, bottom, covered)


def _aims(sources: Mapping[int, float], wide: float) -> dict[int, float]:
    """Return where on the top of a node the edges end that come from so far to its right, counted from its middle.

    They end in the order in which they come, and no two arrow heads lie on each other while there is room.

    >>> _aims({1: -200.0, 2: -190.0, 3: 0.0}, 100.0)
    {1: -35.0, 2: -26.0, 3: 0.0}
    """
    order = sorted(sources, key=lambda k: sources[k])
    wanted = [max(-0.35, min(0.35, sources[k] / 200.0)) * wide for k in order]
    apart = min(_HEADS, 0.8 * wide / max(1, len(order) - 1))
    found: list[float] = []
    for aim in wanted:
        found.append(max(aim, found[-1] + apart) if found else aim)
    # what was pushed past the end of the node goes back, and so does what stands before it
    for k in reversed(range(len(found))):
        limit = 0.4 * wide if k == len(found) - 1 else found[k + 1] - apart
        found[k] = min(found[k], limit)
    return dict(zip(order, found, strict=True))


def _node_label(page: Sheet, name: str) -> Node:
    equation = next((e for e in page.network.equations if e.name == name), None)
    symbol = page.base.name(name)
    if equation is None:
        return symbol
    try:
        cells = page.formula(name)
    except PrintError:
        return symbol
    whole = row(*cells)
    return whole if width(whole) <= 13.0 and not is_tall(whole) else symbol


def _paths(start: int, following: Mapping[int, Sequence[int]], nodes: int) -> Iterator[list[int]]:
    """Yield the ways from a node to the next nodes, through bends (numbers from ``nodes`` on)."""
    for step in following.get(start, ()):
        path = [start, step]
        while path[-1] >= nodes:
            path.append(following[path[-1]][0])
        yield path


def _flow(
    sheet: Sheet, evaluation: Evaluation, digits: int, with_factors: bool
) -> dict[tuple[str, str], tuple[Node | None, Node | None]]:
    """Return, for every edge, what flows forward and what flows back through it; behind the loss, its value and 1."""
    record = sheet.record
    network = record.network
    known: dict[str, Any] = {**evaluation.values, **{"∂" + n: v for n, v in evaluation.adjoints.items()}}
    known["∂" + network.loss] = np.ones_like(evaluation.values[network.loss])
    sizes: dict[str, int] = {}
    for name in network.variables:
        if name in evaluation.values:
            fit_shape(name, np.asarray(evaluation.values[name]), network.shape_of(name), sizes)
    by_size = {s: sizes[str(s)] for e in network.equations for s in e.shape if str(s) in sizes}
    steps = record.by_name()
    returned: dict[str, list[Any]] = {}
    found: dict[tuple[str, str], tuple[Node | None, Node | None]] = {}
    for equation in network.equations:
        for name in dict.fromkeys(n.name for n in names_in(equation.form)):
            if name not in evaluation.values:
                continue
            back: Any = None
            factors: tuple[float, float] | None = None
            contributions = steps[name].literal if name in steps else ()
            through = [c for c in contributions if c.through == equation.name]
            if through and len(contributions) == 1 and name in evaluation.adjoints:
                back = evaluation.adjoints[name]
            elif through:
                try:
                    back = sum(interpreter.evaluate(c.form, known, by_size) for c in through)
                except SymbackError:
                    back = None
            if with_factors and back is not None and np.size(back) == 1:
                ahead = known["∂" + equation.name]
                local = _local(through, known, by_size)
                factors = None if local is None else (float(np.squeeze(ahead)), local)
            shown = _number_node(evaluation.values[name], digits)
            if shown is not None and with_factors and _is_named(network, name):
                shown = row(sheet.base.name(name), EQUALS, shown)
            found[name, equation.name] = (shown, None if back is None else _product(back, factors, digits))
            if with_factors and back is not None and np.size(back) == 1:
                returned.setdefault(name, []).append(back)
    for name, parts in returned.items():
        total = _sum_node([_number_node(part, digits) for part in parts], _number_node(sum(parts), digits))
        if len(parts) > 1 and total is not None:
            found[name, ""] = (None, total)
    value = _number_node(evaluation.values[network.loss], digits)
    if value is not None:
        loss = sheet.base.name(network.loss)
        change = row(Symbol(r"\partial ", "∂"), loss)
        by_itself = row(change, Symbol("/", "/"), change, EQUALS, Symbol("1", "1"))
        found[network.loss, ""] = (row(loss, EQUALS, value), by_itself)
    return found


def _sum_node(parts: Sequence[Node | None], total: Node | None) -> Node | None:
    """Return what several edges bring back, added up."""
    if total is None or any(part is None for part in parts):
        return None
    return row(separated([part for part in parts if part is not None], PLUS), EQUALS, total)


def _is_named(network: NamedNetwork, name: str) -> bool:
    """Return whether a name is computed and was given."""
    return name not in network.variables and not network.equation(name).invented


def _local(through: Sequence[Contribution], known: Mapping[str, Any], by_size: Mapping[Any, int]) -> float | None:
    """Return the local derivative of one number by another; None where it has no entrywise formula."""
    forms = [c.local for c in through if c.local is not None]
    if len(forms) < len(through):
        return None
    local = sum(np.asarray(interpreter.evaluate(form, known, by_size), dtype=float) for form in forms)
    return float(np.squeeze(local)) if np.size(local) == 1 else None


def _product(back: Any, factors: tuple[float, float] | None, digits: int) -> Node | None:
    """Return what flows back, as a product with the local derivative where that is not 1 or −1."""
    shown = _number_node(back, digits)
    if shown is None or factors is None or abs(factors[1]) == 1.0 or 0.0 in factors[:1]:
        return shown
    above, local = (_number_node(f, digits) for f in factors)
    assert above is not None and local is not None
    return row(above, TIMES, Fence(local) if factors[1] < 0 else local, EQUALS, shown)


def fits_edge(value: Any) -> bool:
    """Say whether an array is short enough to stand on an edge: a number, or a vector of at most three.

    >>> fits_edge([[0.5, 0.8]]), fits_edge([[1.0, 2.0], [3.0, 4.0]])
    (True, False)
    """
    array = np.squeeze(np.asarray(value, dtype=float))
    return array.ndim <= 1 and array.size <= _ON_EDGE


def _number_node(value: Any, digits: int) -> Node | None:
    array = np.squeeze(np.asarray(value, dtype=float))
    if not fits_edge(array):
        return None
    texts = [decimal_piece(rounded(float(v), digits)).whole() for v in array.ravel()]
    return texts[0] if len(texts) == 1 else Fence(separated(texts, row(COMMA, SPACE)))


def _flow_labels(
    segments: Sequence[Segment],
    lines: Sequence[tuple[tuple[float, float], tuple[float, float]]],
    taken: Sequence[tuple[float, float, float, float]],
) -> tuple[list[Mark], float]:
    """Return the labels of the edges, and how much they cover of each other, of nodes and of other edges.

    What flows forward is always on the left of an edge, what flows back on its right, so that they are told apart
    without colors.
    """
    found: list[Mark] = []
    used = list(taken)
    covered = 0.0
    for start, end, (ahead, back) in segments:
        others = [line for line in lines if line != (start, end)]
        # on a slanted edge, a label is above or below it as well as beside it
        slant = 6.0 * max(-1.0, min(1.0, (end[0] - start[0]) / (end[1] - start[1])))
        for node, kind, side in ((ahead, "forward", -1.0), (back, "gradient", 1.0)):
            if node is None:
                continue
            best: tuple[float, Label] | None = None
            for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
                px, py = start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])
                anchor = "end" if side < 0 else "start"
                label = Label(px + 4.0 * side, py - side * slant, node, anchor, 8.5, True, kind)
                left, top, right, bottom = box_of(label)
                box = (left - 2.0, top, right + 2.0, bottom)
                free = (left - _FREE, top - _FREE, right + _FREE, bottom + _FREE)
                cost = sum(overlap(free, other) for other in used) + sum(_crossing(line, box) for line in others)
                cost += 0.02 * abs(t - 0.5)
                if best is None or cost < best[0]:
                    best = (cost, label)
            assert best is not None
            covered += best[0]
            found.append(best[1])
            used.append(box_of(best[1]))
    return found, covered


def _crossing(line: tuple[tuple[float, float], tuple[float, float]], box: tuple[float, float, float, float]) -> float:
    """Return about how long a line runs through a box."""
    (ax, ay), (bx, by) = line
    length = math.hypot(bx - ax, by - ay)
    count = max(2, int(length / 3.0))
    inside = sum(
        box[0] < ax + k / count * (bx - ax) < box[2] and box[1] < ay + k / count * (by - ay) < box[3]
        for k in range(count + 1)
    )
    return length * inside / count
