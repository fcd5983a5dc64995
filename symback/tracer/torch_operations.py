"""Operations of PyTorch in a log that the table does not have, or has in another way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.core.forms import (
    Filled,
    Form,
    expand,
    filled,
    gather,
    matmul,
    number,
    reshape,
    stack,
    transpose,
    where,
)
from symback.library import calls, indexing
from symback.networks import layers
from symback.tracer.formulas import Formulas
from symback.tracer.log import Node
from symback.tracer.own_operations import contracted
from symback.tracer.torch_attention import attention
from symback.tracer.torch_combined import COMBINED
from symback.tracer.torch_pages import Page


def _reversed(operation: str) -> Callable[[Formulas, Node], Any]:
    """Return the meaning of an operator whose operands stand the other way round, as ``2 - x``."""

    def run(lowering: Formulas, node: Node) -> Any:
        a, b = (lowering.operand(v) for v in node.args)
        return calls.call_function(lowering, f"torch.{operation}", [lowering.form(b), lowering.form(a)], {})

    return run


def _transposed(lowering: Formulas, node: Node) -> Any:
    form = lowering.form(lowering.operand(node.args[0]))
    if form.ndim < 2:
        return form
    order = list(range(form.ndim))
    if node.path.endswith(".T"):
        return transpose(form, tuple(reversed(order)))
    return transpose(form, (*order[:-2], order[-1], order[-2]))


def _same(lowering: Formulas, node: Node) -> Any:
    return lowering.form(lowering.operand(node.args[0]))


def _copied(lowering: Formulas, node: Node) -> Any:
    held, source = (lowering.form(lowering.operand(a)) for a in node.args[:2])
    return indexing.fitted(source, held)


def _filled(lowering: Formulas, node: Node) -> Any:
    value = number(0) if node.path.endswith("zero_") else lowering.form(lowering.operand(node.args[1]))
    return indexing.fitted(value, filled(0, tuple(int(s) for s in np.shape(lowering.values[node]))))


def _expanded(lowering: Formulas, node: Node) -> Any:
    held = lowering.form(lowering.operand(node.args[0]))
    return indexing.fitted(held, filled(0, tuple(int(s) for s in np.shape(lowering.values[node]))))


def _in_shape(lowering: Formulas, node: Node) -> Any:
    held = lowering.form(lowering.operand(node.args[0]))
    shape = tuple(int(s) for s in np.shape(lowering.values[node]))
    return held if held.shape == shape else reshape(held, shape)


def _tensordot(lowering: Formulas, node: Node) -> Any:
    a, b = (lowering.form(lowering.operand(v)) for v in node.args[:2])
    axes = node.args[2] if len(node.args) > 2 else node.options.get("dims", 2)
    return contracted(a, b, node.args[2:4] if len(node.args) > 3 else axes)


def _distances(lowering: Formulas, node: Node) -> Any:
    """Return ``torch.cdist(a, b, p)``: the norms of all differences of rows."""
    a, b = (lowering.form(lowering.operand(v)) for v in node.args[:2])
    p = node.args[2] if len(node.args) > 2 else node.options.get("p", 2.0)
    apart = expand(a, [a.ndim - 1]) - expand(b, [b.ndim - 2])
    return calls.call_function(lowering, "torch.linalg.vector_norm", [apart, p], {"dim": -1})


def _pairs(lowering: Formulas, node: Node) -> Any:
    """Return ``F.pdist(x, p)``: the norms of the differences of all pairs of rows."""
    x = lowering.form(lowering.operand(node.args[0]))
    p = node.args[1] if len(node.args) > 1 else node.options.get("p", 2.0)
    first, second = np.triu_indices(int(x.shape[0]), 1)
    apart = gather(x, lowering.literal(first)) - gather(x, lowering.literal(second))
    return calls.call_function(lowering, "torch.linalg.vector_norm", [apart, p], {"dim": -1})


def _embedded(lowering: Formulas, node: Node) -> Any:
    """Return rows of a table; the row of the padding has no gradient."""
    given = dict(
        zip(("input", "weight", "padding_idx", "max_norm", "norm_type", "scale_grad_by_freq"), node.args, strict=False)
    )
    given |= node.options
    if given.get("max_norm") is not None or given.get("scale_grad_by_freq"):
        which = "max_norm" if given.get("max_norm") is not None else "scale_grad_by_freq"
        raise ReadError(
            f"F.embedding with {which}, whose gradient is not the derivative, cannot be derived", lowering.line
        )
    table = lowering.form(lowering.operand(given["weight"]))
    row = given.get("padding_idx")
    if row is not None and given["weight"] in lowering.dependent:
        row %= int(table.shape[0])
        here = np.zeros((int(table.shape[0]), 1))
        here[row] = 1
        values = np.asarray(lowering.values[given["weight"]])
        table = where(lowering.literal(here) > number(0), lowering.literal(values * here), table)
        lowering.padded[node.site.line, int(row)] = None
    return gather(table, lowering.form(lowering.operand(given["input"])))


def as_stated(lowering: Formulas, node: Node) -> Any:
    """Return a result whose backward is taken as the code states it: constant, but for what that says of its operands."""
    total = lowering.literal(node.options["value"])
    found: Any = total
    for operand, factor, point, entrywise in node.options["parts"]:
        form = lowering.form(lowering.form_of(operand))
        apart = form - lowering.literal(point)
        if entrywise:
            found = found + lowering.literal(factor) * apart
        else:
            flat = reshape(apart, [-1]) if apart.ndim != 1 else apart
            found = found + reshape(matmul(lowering.literal(factor), flat), tuple(np.shape(node.options["value"])))
    return found


# --- recurrent layers, by their builders ------------------------------------------------------------------------------------


_KINDS = {"lstm": "lstm", "gru": "gru", "rnn_tanh": "rnn", "rnn_relu": "rnn"}


def _recurrent(lowering: Formulas, node: Node) -> Any:
    """Return ``torch.lstm`` and its kind: unrolled over time, with a name for each step."""
    path = node.path.rpartition(".")[2]
    kind = _KINDS[path]
    args = list(node.args)
    if len(args) != 9 or isinstance(args[3], (list, tuple)):
        raise ReadError("packed sequences have no row as a recurrent layer", lowering.line)
    x, states, flat, bias, depth, rate, training, both, batch_first = args
    if training and rate and depth > 1:
        raise ReadError(
            "dropout between recurrent layers draws numbers that are not recorded; use dropout=0", lowering.line
        )
    weights = [lowering.form(lowering.operand(w)) for w in flat]
    per = 4 if bias else 2
    places = [(level, back) for level in range(depth) for back in ("", "_r")[: 1 + bool(both)]]
    if len(weights) != per * len(places):
        raise ReadError("a recurrent layer with projections", lowering.line)
    own: dict[str, Form | None] = {}
    for k, (level, back) in enumerate(places):
        mark = (str(level + 1) if depth > 1 else "") + back
        own.update(
            {
                stem + mark: w
                for stem, w in zip(("Wih", "Whh", "bih", "bhh"), weights[per * k : per * (k + 1)], strict=False)
            }
        )
    form = lowering.form(lowering.operand(x))
    held = [lowering.form(lowering.operand(s)) for s in (states if isinstance(states, (tuple, list)) else [states])]
    groups = [tuple(h[k] for k in range(len(places))) for h in held]
    given: Any = tuple(groups) if kind == "lstm" else groups[0]
    if all(isinstance(h, Filled) and not h.value for h in held):
        given = None  # the builder starts from zeros, and names them
    time = 1 if batch_first and form.ndim == 3 else 0
    more = {"activation": path.rpartition("_")[2]} if kind == "rnn" else {}
    builder: Any = {"rnn": layers.rnn, "lstm": layers.lstm, "gru": layers.gru}[kind]
    got = builder(
        Page(lowering, own),
        form,
        int(weights[1].shape[-1]),
        layout="torch",
        depth=depth,
        bidirectional=bool(both),
        bias=bool(bias),
        initial=given,
        time_first=time == 0,
        name="",
        **more,
    )
    found = (stack(got.outputs, time), stack(got.final, 0))
    return (*found, stack(got.cells, 0)) if kind == "lstm" else found


def _cell(lowering: Formulas, node: Node) -> Any:
    """Return one step of a recurrent layer."""
    kind = {"lstm_cell": "lstm", "gru_cell": "gru"}.get(node.path.rpartition(".")[2], "rnn")
    x, states, *weights = node.args
    own = {
        stem: None if w is None else lowering.form(lowering.operand(w))
        for stem, w in zip(("Wih", "Whh", "bih", "bhh"), [*weights, None, None][:4], strict=True)
    }
    held = [lowering.form(lowering.operand(s)) for s in (states if isinstance(states, (tuple, list)) else [states])]
    width = own["Whh"].shape[-1] if own["Whh"] is not None else 0
    more = {"activation": node.path.rpartition("_")[0].rpartition("_")[2]} if kind == "rnn" else {}
    builder: Any = {"rnn": layers.rnn, "lstm": layers.lstm, "gru": layers.gru}[kind]
    got = builder(
        Page(lowering, own),
        [lowering.form(lowering.operand(x))],
        int(width),
        layout="torch",
        bias=own["bih"] is not None,
        initial=tuple((h,) for h in held) if kind == "lstm" else held[0],
        name="",
        **more,
    )
    return (got.last, got.cells[0]) if kind == "lstm" else got.last


# --- normalizations, by their builders --------------------------------------------------------------------------------------


def _affine(lowering: Formulas, node: Node, places: tuple[int, int]) -> tuple[Form | None, Form | None]:
    """Return the gain and the shift of a normalization."""
    found = []
    for place, label in zip(places, ("weight", "bias"), strict=True):
        value = node.args[place] if place < len(node.args) else node.options.get(label)
        found.append(None if value is None else lowering.form(lowering.operand(value)))
    return found[0], found[1]


def _normalized(lowering: Formulas, node: Node) -> Any:
    """Return a normalization over the last axes, or of a batch of vectors, with names for its mean, variance and result."""
    kind = node.path.rpartition(".")[2]
    x = lowering.form(lowering.operand(node.args[0]))
    eps = node.options.get("eps", 1e-5)
    if kind == "layer_norm":
        axes = len(node.args[1] if len(node.args) > 1 else node.options["normalized_shape"])
        gain, shift = _affine(lowering, node, (2, 3))
        options: dict[str, Any] = {"axes": axes, "bias": shift is not None}
        builder: Any = layers.layer_norm
    else:
        training = node.options.get("training", node.args[5] if len(node.args) > 5 else False)
        gain, shift = _affine(lowering, node, (3, 4))
        if x.ndim != 2 or (gain is None) != (shift is None):
            return calls.call_function(
                lowering, node.path, list(lowering.operand(node.args)), lowering.operand(node.options)
            )
        given = None if training else tuple(lowering.form(lowering.operand(a)) for a in node.args[1:3])
        options = {"training": training, "statistics": given}
        builder = layers.batch_norm
    if gain is None and shift is not None:
        raise ReadError("a normalization with a shift and no gain", lowering.line)
    name = lowering.numbered(kind)
    page = Page(lowering, {f"gamma{name}": gain, f"beta{name}": shift})
    return builder(page, x, eps=eps, affine=gain is not None, name=name, **options)


TORCH_OPERATIONS: dict[str, Callable[[Formulas, Node], Any]] = {
    **COMBINED,
    "torch.Tensor.rsub": _reversed("sub"),
    "torch.Tensor.rdiv": _reversed("div"),
    "torch.Tensor.rpow": _reversed("pow"),
    **dict.fromkeys(("torch.Tensor.T", "torch.Tensor.mT", "torch.Tensor.H", "torch.Tensor.mH"), _transposed),
    **dict.fromkeys(("torch.Tensor.real", "torch.Tensor.to_dense", "torch.Tensor.type_as", "torch.Tensor.cpu"), _same),
    **dict.fromkeys(("torch.Tensor.clone", "torch.clone", "torch.Tensor.contiguous"), _same),
    "torch.Tensor.copy_": _copied,
    "torch.Tensor.zero_": _filled,
    "torch.Tensor.fill_": _filled,
    **dict.fromkeys(("torch.Tensor.expand", "torch.Tensor.expand_as", "torch.broadcast_to"), _expanded),
    **dict.fromkeys(("torch.Tensor.unflatten", "torch.unflatten"), _in_shape),
    "torch.tensordot": _tensordot,
    "torch.nn.functional.multi_head_attention_forward": attention,
    "torch.cdist": _distances,
    "torch.nn.functional.pdist": _pairs,
    "torch.nn.functional.embedding": _embedded,
    **dict.fromkeys(("torch.nn.functional.layer_norm", "torch.nn.functional.batch_norm"), _normalized),
    **dict.fromkeys(("torch.lstm", "torch.gru", "torch.rnn_tanh", "torch.rnn_relu"), _recurrent),
    **dict.fromkeys(("torch.lstm_cell", "torch.gru_cell", "torch.rnn_tanh_cell", "torch.rnn_relu_cell"), _cell),
}
