"""Pictures: of a network and of its computational graph, laid out once, drawn by any format.

A ``Picture`` is a list of marks in a plane, x to the right and y downwards, in points. Its writers are
``symback.documents.formats.svg`` and ``symback.documents.formats.tikz``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from symback.core import forms
from symback.core.display import (
    COMMA,
    PLUS,
    SPACE,
    TIMES,
    Fence,
    Node,
    Script,
    Symbol,
    Word,
    is_tall,
    row,
    script,
    separated,
    width,
)
from symback.core.errors import PrintError, SymbackError
from symback.core.forms import Form, names_in
from symback.derivation.record import Record
from symback.engine import interpreter
from symback.networks.network import NamedNetwork, fit_shape
from symback.page.notation import Notation, size_symbol
from symback.page.pieces import decimal_piece
from symback.page.sheet import Sheet, sheet_of
from symback.page.substitution import rounded
from symback.page.words import DEFAULT_LANGUAGE, words
from symback.run.numeric import Evaluation


@dataclass(frozen=True)
class Circle:
    """A circle around a neuron or a node of a graph; ``kind`` names its style: "input", "hidden", "output", "loss"."""

    x: float
    y: float
    radius: float
    kind: str = "hidden"


@dataclass(frozen=True)
class Box:
    """A rectangle with rounded corners, given by its center."""

    x: float
    y: float
    width: float
    height: float
    kind: str = "hidden"


@dataclass(frozen=True)
class Edge:
    """A straight line through ``points``, with an arrow head at its end where ``arrow``."""

    points: tuple[tuple[float, float], ...]
    arrow: bool = False
    kind: str = "edge"


@dataclass(frozen=True)
class Label:
    """A formula or words at a point; ``halo`` keeps lines behind it off the letters."""

    x: float
    y: float
    body: Node | str
    anchor: str = "middle"
    """"start", "middle" or "end": which part of the label stands at x."""
    size: float = 10.0
    halo: bool = False
    kind: str = "label"


Mark: TypeAlias = "Circle | Box | Edge | Label"
Segment: TypeAlias = "tuple[tuple[float, float], tuple[float, float], tuple[Node | None, Node | None]]"
"""The ends of a line, and what flows forward and back along it."""


@dataclass(frozen=True)
class Picture:
    """Marks in drawing order inside a box of ``width`` by ``height`` points; ``description`` says what is seen."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    description: str = ""


# --- which layers a network has -----------------------------------------------------------------------------------------

_NEURONS = 8
"""Most neurons in one layer that are drawn as circles."""
_WEIGHTS = 24
"""Most weights that are written on their edges."""
_LAYERS = 6
"""Most layers drawn one by one; of more the first and the last ones are."""
_NODES = 28
"""Most nodes of a computational graph."""
_COVERED = 4.0
"""How much the labels of a computational graph may touch lines and each other before it is drawn wider."""
_ON_EDGE = 3
"""Most numbers on an edge of a computational graph."""
_TALLEST = 640.0
"""The height of a picture that fits a page with its caption, in points."""


@dataclass(frozen=True)
class Weights:
    """The weights into a layer: ``entry(i, j)`` is the index of the one from unit i to unit j."""

    name: str
    transposed: bool
    rank: int

    def entry(self, source: int, target: int) -> tuple[int, ...]:
        """Return the index of one weight in its array."""
        if self.rank == 0:
            return ()
        if self.rank == 1:
            return (source,) if not self.transposed else (target,)
        return (target, source) if self.transposed else (source, target)


@dataclass(frozen=True)
class Layer:
    """One column of a feed-forward network: the array its units are entries of, and how they are reached."""

    array: str
    axis: int | None
    units: forms.Size
    weights: Weights | None = None
    biases: tuple[str, ...] = ()


def layers_of(network: NamedNetwork) -> tuple[Layer, ...] | None:
    """Return the layers of a feed-forward network of dense layers, from the data to the prediction; None for others.

    A network is one where each array before the loss is computed from exactly one array before it, by a product with
    one array of weights or without weights.
    """
    equations = {e.name: e for e in network.equations}
    computed = set(equations)
    loss = equations[network.loss]
    ends = {n.name for n in names_in(loss.form) if n.name in computed}
    while len(ends) == 1 and not equations[next(iter(ends))].shape and _is_summary(equations[next(iter(ends))].form):
        ends = {n.name for n in names_in(equations[next(iter(ends))].form) if n.name in computed}
    if len(ends) != 1:
        return None
    (name,) = ends
    found: list[Layer] = []
    column, rank = False, 0
    while True:
        label, shape = name, network.shape_of(name)
        while name in computed and (source := _source_of(equations[name].form)) is not None:
            if network.shape_of(source) != shape:
                return None
            name = source
        if name not in computed:
            if not found:
                return None
            axis = None if not shape or rank == 0 else 0 if column or len(shape) == 1 else len(shape) - 1
            found.append(Layer(label, axis, 1 if axis is None else shape[axis]))
            return tuple(reversed(found))
        product = _product_of(equations[name].form, network)
        if product is None:
            return None
        name, weights, biases, column = product
        rank = weights.rank
        axis = None if not shape or rank < 2 else 0 if column else len(shape) - 1
        found.append(Layer(label, axis, 1 if axis is None else shape[axis], weights, biases))


def _is_summary(form: Form) -> bool:
    return any(isinstance(node, forms.Reduce) for node in forms.walk(form))


def _source_of(form: Form) -> str | None:
    """Return the array that an activation is applied to: the only name it reads."""
    read = {n.name for n in names_in(form)}
    holds_product = any(isinstance(n, (forms.Matmul, forms.Outer)) for n in forms.walk(form))
    return next(iter(read)) if len(read) == 1 and not holds_product else None


def _product_of(form: Form, network: NamedNetwork) -> tuple[str, Weights, tuple[str, ...], bool] | None:
    """Return source, weights, biases, and whether units run down a column, of a dense layer's formula."""
    while isinstance(form, forms.Apply) and isinstance(form.op, forms.Function) and form.op.entrywise:
        form = form.args[0]
    terms = [form]
    products: list[Form] = []
    biases: list[str] = []
    while terms:
        node = terms.pop(0)
        bare = _bare(node)
        if isinstance(node, forms.Apply) and node.op == "add":
            terms = [*node.args, *terms]
        elif bare is not None:
            biases.append(bare[0])
        elif isinstance(node, (forms.Expand, forms.Broadcast)):
            terms.insert(0, node.args[0])
        elif isinstance(node, forms.Matmul) or (isinstance(node, forms.Apply) and node.op == "multiply"):
            products.append(node)
        else:
            return None
    if len(products) != 1:
        return None
    operands = [_bare(a) for a in products[0].args]
    if len(operands) != 2 or None in operands:
        return None
    (left, left_turned), (right, right_turned) = (o for o in operands if o is not None)
    if isinstance(products[0], forms.Apply) and any(s != 1 for n in (left, right) for s in network.shape_of(n)):
        return None
    weight_first = _is_weight(left, right, network)
    if weight_first is None:
        return None
    weight, source, turned = (left, right, left_turned) if weight_first else (right, left, right_turned)
    rank = len(network.shape_of(weight))
    if rank > 2 or len(network.shape_of(source)) > 2:
        return None
    # W x runs over the columns of W, x W over its rows; a transpose turns this around
    transposed = (not turned if weight_first else turned) if rank == 2 else False
    return source, Weights(weight, transposed, rank), tuple(biases), weight_first and rank == 2


def _is_weight(left: str, right: str, network: NamedNetwork) -> bool | None:
    """Say whether the left factor holds the weights, the right one the units; None where that is not to be seen."""
    variables = network.variables
    if left not in variables or right not in variables:
        return None if left not in variables and right not in variables else left in variables
    found = [n in network.parameters or variables[n].role == "parameter" for n in (left, right)]
    return None if found[0] == found[1] else found[0]


def _bare(form: Form) -> tuple[str, bool] | None:
    turned = False
    while isinstance(form, forms.Transpose):
        turned = not turned
        form = form.args[0]
    return (form.name, turned) if isinstance(form, forms.Name) else None


# --- a network ----------------------------------------------------------------------------------------------------------

_GAP = 120.0
_ROW = 54.0
_RADIUS = 17.0
_CAPTION = 28.0
_MARGIN = 12.0
_COUNTS = 12
"""Up to this many layers a description lists the units of each."""


def network_picture(
    record: Record,
    notation: Notation | str | None = None,
    language: str = DEFAULT_LANGUAGE,
    *,
    numbering: str = "",
) -> Picture | None:
    """Return the picture of a feed-forward network: neurons with their weights, or blocks where there are many.

    Weights are labelled as entries of their arrays, or with ``numbering`` "running" or "layered" as the entries view
    numbers them. Networks of another structure are drawn as a graph of their equations; None where even that would
    be too large to read.
    """
    layers = layers_of(record.network)
    if layers is None:
        return graph_picture(record, notation=notation, language=language)
    view = "entries" if numbering else "auto"
    widest = max((layer.units for layer in layers if isinstance(layer.units, int)), default=0)
    small = all(isinstance(layer.units, int) for layer in layers) and widest <= _NEURONS and len(layers) <= _LAYERS
    table = words(language)
    if not small:
        return _blocks(layers, sheet_of(record, notation, language), table)
    if numbering:
        page = sheet_of(record, notation, language, view, {"numbering": numbering})
    else:
        page = sheet_of(record, notation, language)
    return _neurons(layers, page, record.network, table)


def _captions(count: int, table: Mapping[str, str]) -> list[str]:
    if count == 2:
        return [table["input layer"], table["output layer"]]
    hidden = [table["hidden layer"]] * (count - 2)
    if len(hidden) > 1:
        hidden = [f"{text} {k}" for k, text in enumerate(hidden, start=1)]
    return [table["input layer"], *hidden, table["output layer"]]


def _unit_symbol(page: Sheet, layer: Layer, unit: int, network: NamedNetwork) -> Node:
    shape = network.shape_of(layer.array)
    index = tuple(unit if axis == layer.axis else 0 for axis in range(len(shape)))
    # every row of a batch goes through the same units: row i stands for all
    rows = {axis: "i" for axis, size in enumerate(shape) if axis != layer.axis and isinstance(size, int) and size > 1}
    return _entry_symbol(page, layer.array, index, shape, lone=layer.units == 1 and not rows, rows=rows)


def _entry_symbol(
    page: Sheet,
    array: str,
    index: tuple[int, ...],
    shape: forms.Shape,
    lone: bool = False,
    rows: Mapping[int, str] | None = None,
) -> Node:
    if page.entries is not None and index in page.entries.names.get(array, {}):
        return page.base.name(page.entries.names[array][index])
    symbol = page.base.name(array)
    letters = rows or {}
    places = [
        letters.get(axis, str(i + 1))
        for axis, (i, size) in enumerate(zip(index, shape, strict=True))
        if isinstance(size, int) and size != 1
    ]
    if lone or not places:
        return symbol
    text = ("," if any(len(p) > 1 for p in places) else "").join(places)
    below = Symbol(text, text)
    if isinstance(symbol, Script) and symbol.below is not None:
        return Script(symbol.base, row(symbol.below, COMMA, below), symbol.above)
    return script(symbol, below)


def _neurons(layers: tuple[Layer, ...], page: Sheet, network: NamedNetwork, table: Mapping[str, str]) -> Picture:
    counts = [int(layer.units) for layer in layers]
    weights = sum(a * b for a, b in pairwise(counts))
    written = weights <= _WEIGHTS
    for stretch in (1.0, 1.3, 1.7, 2.2):
        gap, pitch = _GAP * stretch, _ROW * stretch**0.7
        left = _MARGIN + 30.0
        top = _MARGIN + (16.0 if any(layer.biases for layer in layers) else 0.0) + _RADIUS
        middle = top + (max(counts) - 1) / 2 * pitch
        height = middle + (max(counts) - 1) / 2 * pitch + _RADIUS + _CAPTION
        places = [
            [(left + _RADIUS + k * gap, middle + (u - (n - 1) / 2) * pitch) for u in range(n)]
            for k, n in enumerate(counts)
        ]
        edges: list[Mark] = []
        wires: list[tuple[tuple[float, float], tuple[float, float], Node]] = []
        for k, layer in enumerate(layers[1:], start=1):
            assert layer.weights is not None
            shape = network.shape_of(layer.weights.name)
            for i, start in enumerate(places[k - 1]):
                for j, end in enumerate(places[k]):
                    a, b = _between(start, end, _RADIUS + 1.5)
                    edges.append(Edge((a, b), arrow=True, kind="weight"))
                    wires.append((a, b, _entry_symbol(page, layer.weights.name, layer.weights.entry(i, j), shape)))
        circles: list[Mark] = []
        labels: list[Mark] = []
        taken: list[tuple[float, float, float, float]] = []
        for k, layer in enumerate(layers):
            kind = "input" if k == 0 else "output" if k == len(layers) - 1 else "hidden"
            for u, (x, y) in enumerate(places[k]):
                circles.append(Circle(x, y, _RADIUS, kind))
                taken.append((x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS))
                labels.append(Label(x, y, _unit_symbol(page, layer, u, network), size=12.0, kind="unit"))
                added = [_bias(page, name, u, network) for name in layer.biases]
                if added:
                    symbol = row(*(part for bias in added for part in (PLUS, bias)))
                    labels.append(Label(x, y - _RADIUS - 8.0, symbol, size=9.0, halo=True, kind="bias"))
                    taken.append(_box_of(labels[-1]))
        found = _placed(wires, taken) if written else []
        if found is not None:
            break
    else:
        found = []  # too dense to write on: the neurons and their edges stand alone
    captions: list[Mark] = []
    for k, text in enumerate(_captions(len(layers), table)):
        x = places[k][0][0]
        captions.append(Label(x, height - 10.0, text, size=10.0, kind="caption"))
    right = max(_box_of(mark)[2] for mark in (*captions, *labels) if isinstance(mark, Label))
    least = min(_box_of(mark)[0] for mark in (*captions, *labels) if isinstance(mark, Label))
    width = max(right, places[-1][0][0] + _RADIUS) + _MARGIN
    marks = (*edges, *circles, *labels, *found, *captions)
    shift = max(0.0, _MARGIN - least)
    picture = Picture(round(width + shift, 2), round(height, 2), tuple(_moved(m, shift, 0.0) for m in marks))
    sizes = " → ".join(map(str, counts))
    return replace(picture, description=table["network picture"].format(sizes=sizes))


def _bias(page: Sheet, name: str, unit: int, network: NamedNetwork) -> Node:
    shape = network.shape_of(name)
    wide = [axis for axis, size in enumerate(shape) if size != 1]
    index = tuple(unit if axis in wide[-1:] else 0 for axis in range(len(shape)))
    return _entry_symbol(page, name, index, shape)


def _blocks(layers: tuple[Layer, ...], page: Sheet, table: Mapping[str, str]) -> Picture:
    network = page.record.network
    shown: list[Layer | None] = list(layers)
    if len(layers) > _LAYERS + 1:
        shown = [*layers[:3], None, *layers[-2:]]
    marks: list[Mark] = []
    x = _MARGIN
    y = 62.0
    captions: list[str | None] = list(_captions(len(layers), table))
    if len(layers) > _LAYERS + 1:
        captions = [*captions[:3], None, *captions[-2:]]
    previous = 0.0
    for k, (layer, caption) in enumerate(zip(shown, captions, strict=True)):
        if layer is None:
            marks.append(Edge(((previous, y), (x + 22.0, y)), arrow=True))
            marks.append(Label(x + 40.0, y, Symbol(r"\cdots", "⋯"), size=14.0))
            x, previous = x + 76.0, x + 56.0
            continue
        symbol = page.base.name(layer.array)
        size = _sizes(network.shape_of(layer.array))
        wide = max(58.0, 11.0 * width(symbol) + 20.0, 8.0 * width(size) + 14.0)
        if k:
            assert layer.weights is not None
            into = page.base.name(layer.weights.name)
            shape = _sizes(network.shape_of(layer.weights.name))
            room = max(64.0, 11.0 * width(into) + 16.0, 8.0 * width(shape) + 14.0)
            marks.append(Edge(((previous, y), (x + room, y)), arrow=True))
            marks.append(Label(x + room / 2 - 3.0, y - 11.0, into, size=11.0, kind="weight"))
            marks.append(Label(x + room / 2 - 3.0, y + 11.0, shape, size=8.0, kind="shape"))
            x += room
        kind = "input" if k == 0 else "output" if k == len(shown) - 1 else "hidden"
        marks.append(Box(x + wide / 2, y, wide, 46.0, kind))
        marks.append(Label(x + wide / 2, y - 8.0, symbol, size=12.0, kind="unit"))
        marks.append(Label(x + wide / 2, y + 11.0, size, size=8.5, kind="shape"))
        if caption:
            marks.append(Label(x + wide / 2, y - 38.0 if k % 2 else y + 38.0, caption, size=9.5, kind="caption"))
        x += wide
        previous = x
    counts = [str(layer.units) for layer in layers]
    units = " → ".join(counts if len(counts) <= _COUNTS else [*counts[:3], "…", *counts[-2:]])
    left = min(0.0, *(_box_of(m)[0] - 4.0 for m in marks if isinstance(m, Label)))
    right = max(x, *(_box_of(m)[2] for m in marks if isinstance(m, Label)))
    return Picture(
        round(right - left + _MARGIN, 2),
        124.0,
        tuple(_moved(m, -left, 0.0) for m in marks),
        table["network picture"].format(sizes=units),
    )


def _sizes(shape: forms.Shape) -> Node:
    sizes = [Symbol(str(s), str(s)) if isinstance(s, int) else size_symbol(s) for s in shape]
    return separated(sizes, TIMES) if sizes else Symbol("1", "1")


# --- the computational graph --------------------------------------------------------------------------------------------


def graph_picture(
    record: Record,
    evaluation: Evaluation | None = None,
    notation: Notation | str | None = None,
    language: str = DEFAULT_LANGUAGE,
    digits: int = 4,
) -> Picture | None:
    """Return the computational graph: variables and equations as nodes.

    The data flow downwards. With an ``evaluation`` (``d.evaluate()``) each edge carries the value that flows forward on
    its left, and on its right the derivative of the loss that flows back through it; matrices and long vectors are left
    out. None where the graph is too large to read. The layout is Sugiyama's layered method (Sugiyama, Tagawa, Toda 1981,
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
    nodes = [_node_label(sheet, name) for name in names]
    widths = [max(30.0, 9.5 * width(node) + 16.0) for node in nodes]
    values = _flow(record, evaluation, digits) if evaluation is not None else {}
    room = max((6.8 * width(v) for pair in values.values() for v in pair if v is not None), default=0.0)
    layers = _layered(wires, max(64.0, max(widths) + 14.0, 2 * room + 16.0))
    step = 82.0 if values else 54.0
    if 26.0 + (len(layers.levels) - 1) * step > _TALLEST:
        return None
    flows = {(names.index(a), names.index(b)): pair for (a, b), pair in values.items()}
    kinds = [_kind_of(network, name) for name in names]
    for stretch in (1.0, 1.2, 1.5, 1.9):
        graph = _drawn(layers, nodes, widths, kinds, flows, (stretch, step))
        if graph.covered < _COVERED:
            break
    marks_left = min(_box_of(m)[0] for m in graph.marks if isinstance(m, Label))
    shift = max(0.0, _MARGIN - marks_left)
    marks = [_moved(m, shift, 0.0) for m in graph.marks]
    right = max(shift + graph.right, *(_box_of(m)[2] for m in marks if isinstance(m, Label)))
    return Picture(
        round(right + _MARGIN, 2),
        round(graph.bottom + 13.0 + _MARGIN, 2),
        tuple(marks),
        words(language)["graph picture"],
    )


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
    flows: Mapping[tuple[int, int], tuple[Node | None, Node | None]],
    scale: tuple[float, float],
) -> _Graph:
    """Draw a graph: ``scale`` stretches what lies across, and is the distance of levels."""
    stretch, step = scale
    levels, half = layers.levels, {k: w / 2 for k, w in enumerate(widths)}
    left = min(stretch * x - half.get(k, 0.0) for k, x in layers.across.items())
    at = {
        k: (stretch * layers.across[k] - left + _MARGIN, _MARGIN + 13.0 + levels[y] * step)
        for k, y in layers.rank.items()
    }
    edges: list[Edge] = []
    segments: list[Segment] = []
    for k in range(len(nodes)):
        for path in _paths(k, layers.following, len(nodes)):
            end = path[-1]
            points = [at[p] for p in path]
            aim = max(-0.35, min(0.35, (points[-2][0] - points[-1][0]) / 200.0)) * widths[end]
            points[0] = (points[0][0], points[0][1] + 13.0)
            points[-1] = (points[-1][0] + aim, points[-1][1] - 14.0)
            edges.append(Edge(tuple(points), arrow=True))
            if (k, end) in flows:
                segments.append((points[0], points[1], flows[k, end]))
    boxes: list[Mark] = []
    taken = []
    for k, node in enumerate(nodes):
        px, py = at[k]
        boxes += [Box(px, py, widths[k], 26.0, kinds[k]), Label(px, py, node, size=11.0, kind="unit")]
        taken.append((px - widths[k] / 2, py - 13.0, px + widths[k] / 2, py + 13.0))
    labels, covered = _flow_labels(segments, [line for edge in edges for line in pairwise(edge.points)], taken)
    right = max(x + half.get(k, 0.0) for k, (x, _) in at.items())
    return _Graph((*edges, *boxes, *labels), right, max(y for _, y in at.values()), covered)


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
    record: Record, evaluation: Evaluation, digits: int
) -> dict[tuple[str, str], tuple[Node | None, Node | None]]:
    """Return, for every edge, what flows forward and what flows back through it."""
    network = record.network
    known: dict[str, Any] = {**evaluation.values, **{"∂" + n: v for n, v in evaluation.adjoints.items()}}
    sizes: dict[str, int] = {}
    for name in network.variables:
        if name in evaluation.values:
            fit_shape(name, np.asarray(evaluation.values[name]), network.shape_of(name), sizes)
    by_size = {s: sizes[str(s)] for e in network.equations for s in e.shape if str(s) in sizes}
    steps = record.by_name()
    found: dict[tuple[str, str], tuple[Node | None, Node | None]] = {}
    for equation in network.equations:
        for name in dict.fromkeys(n.name for n in names_in(equation.form)):
            if name not in evaluation.values:
                continue
            back = None
            contributions = steps[name].literal if name in steps else ()
            through = [c for c in contributions if c.through == equation.name]
            if through and len(contributions) == 1 and name in evaluation.adjoints:
                back = evaluation.adjoints[name]
            elif through:
                try:
                    back = sum(interpreter.evaluate(c.form, known, by_size) for c in through)
                except SymbackError:
                    back = None
            found[name, equation.name] = (
                _number_node(evaluation.values[name], digits),
                None if back is None else _number_node(back, digits),
            )
    return found


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
    texts = [decimal_piece(rounded(float(v), digits) + 0.0).whole() for v in array.ravel()]
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
                left, top, right, bottom = _box_of(label)
                box = (left - 2.0, top, right + 2.0, bottom)
                cost = sum(_overlap(box, other) for other in used) + sum(_crossing(line, box) for line in others)
                cost += 0.02 * abs(t - 0.5)
                if best is None or cost < best[0]:
                    best = (cost, label)
            assert best is not None
            covered += best[0]
            found.append(best[1])
            used.append(_box_of(best[1]))
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


# --- where labels stand -------------------------------------------------------------------------------------------------


def _box_of(label: Mark) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of a label, rather too large."""
    assert isinstance(label, Label)
    body = Word(label.body) if isinstance(label.body, str) else label.body
    wide = width(body) * label.size * (0.85 if isinstance(label.body, str) else 0.8)
    left = label.x - {"start": 0.0, "middle": wide / 2, "end": wide}[label.anchor]
    return left, label.y - 0.62 * label.size, left + wide, label.y + 0.62 * label.size


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _placed(
    wires: Sequence[tuple[tuple[float, float], tuple[float, float], Node]],
    taken: Sequence[tuple[float, float, float, float]],
) -> list[Mark] | None:
    """Return a label on each edge so that none covers another or a neuron; None where there is no room.

    Of the places along an edge that are free, the one farthest from the other edges is taken.
    """
    used = list(taken)
    found: list[Mark] = []
    lines = [(a, b) for a, b, _ in wires]
    for a, b, node in wires:
        best: tuple[float, Label] | None = None
        for t in (0.26, 0.34, 0.42, 0.5, 0.58, 0.66, 0.74, 0.82, 0.18):
            label = Label(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), node, size=9.0, halo=True, kind="weight")
            box = _box_of(label)
            if any(_overlap(box, other) for other in used):
                continue
            nearest = min((_distance((label.x, label.y), c, d) for c, d in lines if (c, d) != (a, b)), default=99.0)
            merit = min(nearest, 14.0) - 3.0 * abs(t - 0.42)
            if best is None or merit > best[0]:
                best = (merit, label)
        if best is None:
            return None
        found.append(best[1])
        used.append(_box_of(best[1]))
    return found


def _distance(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance of a point from a segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy or 1.0)))
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)


def _between(
    start: tuple[float, float], end: tuple[float, float], radius: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the part of a line that is outside the circles at its ends."""
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    return (start[0] + radius * ux, start[1] + radius * uy), (end[0] - radius * ux, end[1] - radius * uy)


def _moved(mark: Mark, dx: float, dy: float) -> Mark:
    if isinstance(mark, Edge):
        return replace(mark, points=tuple((x + dx, y + dy) for x, y in mark.points))
    return replace(mark, x=mark.x + dx, y=mark.y + dy)
