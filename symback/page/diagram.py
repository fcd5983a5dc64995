"""Pictures of networks: neurons with their weights, or blocks where there are many."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from symback.core import forms
from symback.core.display import (
    COMMA,
    PLUS,
    TIMES,
    Node,
    Script,
    Symbol,
    row,
    script,
    separated,
    width,
)
from symback.core.forms import Form, names_in
from symback.derivation.record import Record
from symback.networks.network import NamedNetwork
from symback.page.graph import graph_picture
from symback.page.notation import Notation, size_symbol
from symback.page.picture import MARGIN, Box, Circle, Edge, Label, Mark, Picture, box_of, moved, overlap
from symback.page.sheet import Sheet, sheet_of
from symback.page.words import DEFAULT_LANGUAGE, words

# --- which layers a network has -----------------------------------------------------------------------------------------

_NEURONS = 8
"""Most neurons in one layer that are drawn as circles."""
_WEIGHTS = 24
"""Most weights that are written on their edges."""
_LAYERS = 6
"""Most layers drawn one by one; of more the first and the last ones are."""


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
    rows = {e.name for e in network.equations if isinstance(e.form, forms.OneHot)}
    ends = {n.name for n in names_in(loss.form) if n.name in computed} - rows
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
    return entry_symbol(page, layer.array, index, shape, lone=layer.units == 1 and not rows, rows=rows)


def entry_symbol(
    page: Sheet,
    array: str,
    index: tuple[int, ...],
    shape: forms.Shape,
    lone: bool = False,
    rows: Mapping[int, str] | None = None,
) -> Node:
    """Return the symbol of an entry of an array; along the axes of ``rows`` the letters given stand for every place.

    With ``lone`` the array has this entry alone, and its own symbol is enough.
    """
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
        left = MARGIN + 30.0
        top = MARGIN + (16.0 if any(layer.biases for layer in layers) else 0.0) + _RADIUS
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
                    wires.append((a, b, entry_symbol(page, layer.weights.name, layer.weights.entry(i, j), shape)))
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
                    taken.append(box_of(labels[-1]))
        found = _placed(wires, taken) if written else []
        if found is not None:
            break
    else:
        found = []  # too dense to write on: the neurons and their edges stand alone
    captions: list[Mark] = []
    for k, text in enumerate(_captions(len(layers), table)):
        x = places[k][0][0]
        captions.append(Label(x, height - 10.0, text, size=10.0, kind="caption"))
    right = max(box_of(mark)[2] for mark in (*captions, *labels) if isinstance(mark, Label))
    least = min(box_of(mark)[0] for mark in (*captions, *labels) if isinstance(mark, Label))
    width = max(right, places[-1][0][0] + _RADIUS) + MARGIN
    marks = (*edges, *circles, *labels, *found, *captions)
    shift = max(0.0, MARGIN - least)
    picture = Picture(round(width + shift, 2), round(height, 2), tuple(moved(m, shift, 0.0) for m in marks))
    sizes = " → ".join(map(str, counts))
    return replace(picture, description=table["network picture"].format(sizes=sizes))


def _bias(page: Sheet, name: str, unit: int, network: NamedNetwork) -> Node:
    shape = network.shape_of(name)
    wide = [axis for axis, size in enumerate(shape) if size != 1]
    index = tuple(unit if axis in wide[-1:] else 0 for axis in range(len(shape)))
    return entry_symbol(page, name, index, shape)


def _blocks(layers: tuple[Layer, ...], page: Sheet, table: Mapping[str, str]) -> Picture:
    network = page.record.network
    shown: list[Layer | None] = list(layers)
    if len(layers) > _LAYERS + 1:
        shown = [*layers[:3], None, *layers[-2:]]
    marks: list[Mark] = []
    x = MARGIN
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
    left = min(0.0, *(box_of(m)[0] - 4.0 for m in marks if isinstance(m, Label)))
    right = max(x, *(box_of(m)[2] for m in marks if isinstance(m, Label)))
    return Picture(
        round(right - left + MARGIN, 2),
        124.0,
        tuple(moved(m, -left, 0.0) for m in marks),
        table["network picture"].format(sizes=units),
    )


def _sizes(shape: forms.Shape) -> Node:
    sizes = [Symbol(str(s), str(s)) if isinstance(s, int) else size_symbol(s) for s in shape]
    return separated(sizes, TIMES) if sizes else Symbol("1", "1")


# --- where labels stand -------------------------------------------------------------------------------------------------


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
            box = box_of(label)
            if any(overlap(box, other) for other in used):
                continue
            nearest = min((_distance((label.x, label.y), c, d) for c, d in lines if (c, d) != (a, b)), default=99.0)
            merit = min(nearest, 14.0) - 3.0 * abs(t - 0.42)
            if best is None or merit > best[0]:
                best = (merit, label)
        if best is None:
            return None
        found.append(best[1])
        used.append(box_of(best[1]))
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
