"""Objects: layers of ``torch.nn`` and classes of the text, with their attributes, parameters and forward methods.

A layer is a row of ``LAYERS``: how it is called, which parameters it holds, what it computes. Its parameters get
names when it is first called, so that a page counts them in the order of the forward pass.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from symback.core.errors import NetworkError, ReadError, ShapeError, nearest
from symback.core.forms import (
    Apply,
    Concatenate,
    Expand,
    Filled,
    Form,
    Name,
    element_count,
    expand,
    gather,
    names_in,
    number,
    reduce_over,
    shape_text,
    stack,
    transpose,
    where,
)
from symback.core.forms import name as make_name
from symback.functions import ROWS
from symback.networks import layers
from symback.networks.network import Network
from symback.readers.values import (
    Ancestor,
    Binding,
    Bound,
    Count,
    Definition,
    Helper,
    Instance,
    Library,
    Method,
    Poison,
    Prepared,
    Scope,
)

if TYPE_CHECKING:
    from symback.readers.tracer import Tracer

LARGEST_LAYER = 100_000_000
"""Most entries of one parameter of a layer."""
LONGEST_STEP = 40
"""Most nodes of a layer's result that is written into the next formula instead of being a step of its own."""

Slots = dict[str, tuple[tuple[int, ...], "float | None"]]
"""Shapes of parameters, and the number that fills them at the start (None: they are random)."""


def _none(options: Mapping[str, Any]) -> Slots:
    return {}


@dataclass(frozen=True)
class Layer:
    """A layer of ``torch.nn`` with parameters or a state."""

    options: Mapping[str, Any]
    """Options in the order of a call with their defaults; ``...`` where one has to be given."""
    compute: Callable[..., Any]
    """What it computes, from the reader, the object, and one array or the ``arguments``."""
    slots: Callable[[Mapping[str, Any]], Slots] = _none
    symbols: Mapping[str, str] = field(default_factory=lambda: {"weight": "W", "bias": "b"})
    """What parameters are called on the page, before the number of the layer, or with ``{}`` in its place."""
    state: tuple[str, ...] = ()
    """Slots that are not trained."""
    fixed: tuple[str, ...] = ()
    """Options that have to keep their default."""
    arguments: tuple[str, ...] = ()
    """Arguments of a call where there are several; those left out are None."""


class _Page(Network):
    """A network for the builders of ``symback.networks.layers``, by which an object computes: parameters are the object's own,
    equations are steps of the text."""

    def __init__(self, reader: Tracer, parameters: Mapping[str, Form | None]) -> None:
        super().__init__()
        self.reader = reader
        self.parameters = parameters

    def parameter(self, name: str, shape: Any = None, value: Any = None) -> Any:
        """Return the object's parameter that the builder calls ``name``."""
        return self.parameters[name]

    def input(self, name: str, shape: Any = None, value: Any = None, *, integer: bool = False) -> Any:
        """Return a constant of the layer, as a causal mask."""
        return self.reader.literal(value, torch=True)

    def define(self, name: str, form: Any, *, line: int | None = None) -> Any:
        """Make ``name = form`` a step of the text."""
        self.reader.made(form)
        if not names_in(form) or self.reader.is_literal(form):
            return form
        return self.reader.equation(name, form, local=True)

    def __contains__(self, name: object) -> bool:
        return False


def _number_of(reader: Tracer, layer: Instance) -> str:
    """Return the number of a layer, as the names of its parameters have it on the page; the first call gives it one."""
    symbols = LAYERS[layer.kind].symbols
    slot, symbol = next(iter(symbols.items()))
    if not layer.names:
        reader.layers[symbol] = reader.layers.get(symbol, 0) + 1
        layer.names.update(
            {k: (s if "{}" in s else s + "{}").format(reader.layers[symbol]) for k, s in symbols.items()}
        )
    return layer.names[slot].removeprefix(symbol.partition("{}")[0]).partition("_")[0]


# --- the layers -------------------------------------------------------------------------------------------------------


def _linear_slots(o: Mapping[str, Any]) -> Slots:
    found: Slots = {"weight": ((o["out_features"], o["in_features"]), None)}
    return {**found, "bias": ((o["out_features"],), None)} if o["bias"] else found


def _linear(reader: Tracer, layer: Instance, x: Form) -> Form:
    weight, bias = parameter(reader, layer, "weight"), parameter(reader, layer, "bias")
    assert weight is not None
    product = x @ weight.T
    return product if bias is None else product + bias


def _pair(value: Any, rank: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank


def _convolution_slots(rank: int) -> Callable[[Mapping[str, Any]], Slots]:
    def slots(o: Mapping[str, Any]) -> Slots:
        window = _pair(o["kernel_size"], rank)
        if o["groups"] < 1 or o["in_channels"] % o["groups"]:
            raise ReadError(f"{o['in_channels']} channels cannot be split into {o['groups']} groups")
        found: Slots = {"weight": ((o["out_channels"], o["in_channels"] // o["groups"], *window), None)}
        return {**found, "bias": ((o["out_channels"],), None)} if o["bias"] else found

    return slots


def _convolution(rank: int) -> Layer:
    def compute(reader: Tracer, layer: Instance, x: Form) -> Form:
        o = layer.attributes
        return ROWS[f"conv{rank}d"](
            x,
            parameter(reader, layer, "weight"),
            parameter(reader, layer, "bias"),
            **{k: o[k] for k in ("stride", "padding", "dilation", "groups")},
        )

    options = {
        "in_channels": ...,
        "out_channels": ...,
        "kernel_size": ...,
        "stride": 1,
        "padding": 0,
        "dilation": 1,
        "groups": 1,
        "bias": True,
        "padding_mode": "zeros",
    }
    return Layer(options, compute, _convolution_slots(rank), fixed=("padding_mode",))


def _embedding(reader: Tracer, layer: Instance, x: Form) -> Form:
    weight = parameter(reader, layer, "weight")
    assert weight is not None
    return gather(weight, x)


def _layer_norm_slots(o: Mapping[str, Any]) -> Slots:
    shape = _pair(o["normalized_shape"], 1)
    if not o["elementwise_affine"]:
        return {}
    return {"weight": (shape, 1.0), "bias": (shape, 0.0)} if o["bias"] else {"weight": (shape, 1.0)}


def _layer_norm(reader: Tracer, layer: Instance, x: Form) -> Form:
    gain, shift = parameter(reader, layer, "weight"), parameter(reader, layer, "bias")
    axes, name = _normalized_axes(layer, x), _number_of(reader, layer)
    page = _Page(reader, {f"gamma{name}": gain, f"beta{name}": shift})
    return layers.layer_norm(
        page, x, axes=axes, eps=layer.attributes["eps"], affine=gain is not None, bias=shift is not None, name=name
    )


def _normalized_axes(layer: Instance, x: Form) -> int:
    """Return over how many last axes a layer normalizes."""
    shape = _pair(layer.attributes["normalized_shape"], 1)
    if x.shape[-len(shape) :] != shape:
        raise ShapeError(f"normalized_shape {shape_text(shape)} is not the end of the shape {shape_text(x.shape)}")
    return len(shape)


def _rms_norm_slots(o: Mapping[str, Any]) -> Slots:
    return {"weight": (_pair(o["normalized_shape"], 1), 1.0)} if o["elementwise_affine"] else {}


def _rms_norm(reader: Tracer, layer: Instance, x: Form) -> Form:
    gain = parameter(reader, layer, "weight")
    axes, name = _normalized_axes(layer, x), _number_of(reader, layer)
    # torch.finfo(torch.float64).eps, since numbers are evaluated in float64
    small = float(np.finfo(np.float64).eps) if layer.attributes["eps"] is None else layer.attributes["eps"]
    page = _Page(reader, {f"gamma{name}": gain})
    return layers.rms_norm(page, x, axes=axes, eps=small, affine=gain is not None, name=name)


def _batch_norm_slots(o: Mapping[str, Any]) -> Slots:
    shape = (o["num_features"],)
    found: Slots = {"weight": (shape, 1.0), "bias": (shape, 0.0)} if o["affine"] else {}
    return {**found, "running_mean": (shape, 0.0), "running_var": (shape, 1.0)} if o["track_running_stats"] else found


def _batch_norm(reader: Tracer, layer: Instance, x: Form) -> Form:
    training = layer.training or not layer.attributes["track_running_stats"]
    if x.ndim not in ((4,) if layer.kind.endswith("2d") else (2, 3)):
        raise ShapeError(f"an array of shape {shape_text(x.shape)} has not the axes (batch, channel, …)")
    if x.ndim == 2:
        name = _number_of(reader, layer)
        gain, shift = parameter(reader, layer, "weight"), parameter(reader, layer, "bias")
        given = (
            None if training else (parameter(reader, layer, "running_mean"), parameter(reader, layer, "running_var"))
        )
        page = _Page(reader, {f"gamma{name}": gain, f"beta{name}": shift})
        if x.shape[1] != layer.attributes["num_features"]:
            raise ShapeError(
                f"num_features is {layer.attributes['num_features']}, the array has the shape {shape_text(x.shape)}"
            )
        return layers.batch_norm(
            page,
            x,
            eps=layer.attributes["eps"],
            affine=gain is not None,
            training=training,
            statistics=given,
            name=name,
        )
    mean, variance = (None if training else parameter(reader, layer, k) for k in ("running_mean", "running_var"))
    return ROWS["batch_norm"](
        x,
        mean,
        variance,
        parameter(reader, layer, "weight"),
        parameter(reader, layer, "bias"),
        training=training,
        eps=layer.attributes["eps"],
    )


def _dropout(reader: Tracer, layer: Instance, x: Form) -> Form:
    if layer.training and layer.attributes["p"]:
        raise _random_zeros(reader, f"nn.{layer.kind}", "p")
    return x


def _random_zeros(reader: Tracer, what: str, option: str) -> ReadError:
    return ReadError(
        f"{what} zeroes entries at random in training, which has no formula; call model.eval() before, or use {option}=0",
        reader.line,
    )


# --- recurrent layers and attention, by their builders -------------------------------------------------------------------

_DEEPEST = 32
"""Most layers of one recurrent object."""


def _places(depth: int, both: bool) -> Iterator[tuple[str, str]]:
    """Yield how PyTorch marks each layer and direction, and how a page does."""
    for level in range(depth):
        for back in ("", "_r")[: 1 + both]:
            yield f"l{level}" + ("_reverse" if back else ""), (str(level + 1) if depth > 1 else "") + back


_RECURRENT_SYMBOLS = {
    f"{slot}_l{level}{theirs}": stem + "{}" + (f"_{level + 1}" if level else "") + ours
    for level in range(_DEEPEST)
    for theirs, ours in (("", ""), ("_reverse", "_r"))
    for slot, stem in (("weight_ih", "Wih"), ("weight_hh", "Whh"), ("bias_ih", "bih"), ("bias_hh", "bhh"))
}


def _recurrent_slots(gates: int) -> Callable[[Mapping[str, Any]], Slots]:
    def slots(o: Mapping[str, Any]) -> Slots:
        if not 1 <= o["num_layers"] <= _DEEPEST:
            raise ReadError(f"num_layers is from 1 to {_DEEPEST}, got {o['num_layers']}")
        width, found = o["hidden_size"], dict[str, Any]()
        for level in range(o["num_layers"]):
            below = o["input_size"] if level == 0 else width * (2 if o["bidirectional"] else 1)
            for back in ("", "_reverse")[: 1 + bool(o["bidirectional"])]:
                found[f"weight_ih_l{level}{back}"] = ((gates * width, below), None)
                found[f"weight_hh_l{level}{back}"] = ((gates * width, width), None)
                if o["bias"]:
                    found[f"bias_ih_l{level}{back}"] = ((gates * width,), None)
                    found[f"bias_hh_l{level}{back}"] = ((gates * width,), None)
        return found

    return slots


def _states(reader: Tracer, what: str, value: Any, count: int) -> tuple[Form, ...]:
    """Return the states of each layer and direction from one array, as PyTorch stacks them."""
    form = reader.form(value)
    if form.ndim < 2 or form.shape[0] != count:
        raise ShapeError(
            f"the initial state of {what} has shape {shape_text(form.shape)}, its first axis has to be {count}"
        )
    return tuple(form[k] for k in range(count))


def _recurrent(kind: str) -> Callable[[Tracer, Instance, Any, Any], Any]:
    def compute(reader: Tracer, layer: Instance, input: Any, hx: Any) -> Any:
        o = layer.attributes
        depth, both, bias = o["num_layers"], bool(o["bidirectional"]), bool(o["bias"])
        if layer.training and o["dropout"] and depth > 1:
            raise _random_zeros(reader, f"nn.{layer.kind}", "dropout")
        slots = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")[: 4 if bias else 2]
        own = {
            stem + ours: parameter(reader, layer, f"{slot}_{theirs}")
            for theirs, ours in _places(depth, both)
            for slot, stem in zip(slots, ("Wih", "Whh", "bih", "bhh"), strict=False)
        }
        x = reader.form(input)
        initial: Any = None
        if hx is not None:
            parts = list(hx) if kind == "lstm" and isinstance(hx, (tuple, list)) else [hx]
            if len(parts) != (2 if kind == "lstm" else 1):
                raise ReadError("nn.LSTM takes its initial states as a pair (h_0, c_0)", reader.line)
            groups = [_states(reader, f"nn.{layer.kind}", p, depth * (1 + both)) for p in parts]
            initial = tuple(groups) if kind == "lstm" else groups[0]
        more = {"activation": o["nonlinearity"]} if kind == "rnn" else {}
        time = 1 if o["batch_first"] and x.ndim == 3 else 0
        got = _BUILDERS[kind](
            _Recurrent(reader, own, layer),
            _time_steps(reader, x, time),
            o["hidden_size"],
            layout="torch",
            depth=depth,
            bidirectional=both,
            bias=bias,
            initial=initial,
            time_first=time == 0,
            name="",
            **more,
        )
        sequence = stack(got.outputs, time)
        final = stack(got.final, 0)
        return (sequence, (final, stack(got.cells, 0)) if kind == "lstm" else final)

    return compute


def _time_steps(reader: Tracer, x: Form, axis: int) -> Form | list[Form]:
    """Return the arrays that were joined along the time axis, as the outputs of another recurrent layer are."""
    form = reader.bindings[x.name].form if isinstance(x, Name) else x
    if (
        isinstance(form, Concatenate)
        and form.axis == axis
        and all(isinstance(part, Expand) and part.axes == (axis,) for part in form.args)
    ):
        return [part.args[0] for part in form.args]
    return x


class _Recurrent(_Page):
    """Names of a second recurrent layer of a text carry its number: h1_2."""

    def __init__(self, reader: Tracer, parameters: Mapping[str, Form | None], layer: Instance) -> None:
        super().__init__(reader, parameters)
        self.number = _number_of(reader, layer)

    def define(self, name: str, form: Any, *, line: int | None = None) -> Any:
        """Make ``name = form`` a step of the text, also of the zeros that a state starts from."""
        label = name if self.number == "1" else f"{name}_{self.number}"
        return (
            self.reader.equation(label, form, local=True) if isinstance(form, Filled) else super().define(label, form)
        )


def _cell(kind: str) -> Callable[[Tracer, Instance, Any, Any], Any]:
    def compute(reader: Tracer, layer: Instance, input: Any, hx: Any) -> Any:
        o = layer.attributes
        own = {stem: parameter(reader, layer, slot) for slot, stem in _CELL_SYMBOLS.items()}
        bias = own["bih"] is not None
        initial: Any = None
        if hx is not None:
            initial = (
                tuple((reader.form(p),) for p in hx)
                if kind == "lstm" and isinstance(hx, (tuple, list))
                else reader.form(hx)
            )
        reader.cell_steps[layer] = first = reader.cell_steps.get(layer, 0) + 1
        more = {"activation": o["nonlinearity"]} if kind == "rnn" else {}
        got = _BUILDERS[kind](
            _Recurrent(reader, own, layer),
            [reader.form(input)],
            o["hidden_size"],
            layout="torch",
            bias=bias,
            initial=initial,
            name="",
            first=first,
            **more,
        )
        return (got.last, got.cells[0]) if kind == "lstm" else got.last

    return compute


_BUILDERS: dict[str, Callable[..., layers.Recurrent]] = {"rnn": layers.rnn, "lstm": layers.lstm, "gru": layers.gru}
_CELL_SYMBOLS = {"weight_ih": "Wih", "weight_hh": "Whh", "bias_ih": "bih", "bias_hh": "bhh"}


def _recurrent_layers() -> dict[str, Layer]:
    found: dict[str, Layer] = {}
    common = {"bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
    for kind, gates, special, last in (
        ("rnn", 1, {"nonlinearity": "tanh"}, {}),
        ("lstm", 4, {}, {"proj_size": 0}),
        ("gru", 3, {}, {}),
    ):
        sizes = {"input_size": ..., "hidden_size": ...}
        found[kind.upper()] = Layer(
            {**sizes, "num_layers": 1, **special, **common, **last},
            _recurrent(kind),
            _recurrent_slots(gates),
            _RECURRENT_SYMBOLS,
            fixed=tuple(last),
            arguments=("input", "hx"),
        )

        def slots(o: Mapping[str, Any], gates: int = gates) -> Slots:
            rows = gates * o["hidden_size"]
            made: Slots = {"weight_ih": ((rows, o["input_size"]), None), "weight_hh": ((rows, o["hidden_size"]), None)}
            return {**made, "bias_ih": ((rows,), None), "bias_hh": ((rows,), None)} if o["bias"] else made

        found[f"{kind.upper()}Cell"] = Layer(
            {**sizes, "bias": True, **special},
            _cell(kind),
            slots,
            _CELL_SYMBOLS,
            arguments=("input", "hx"),
        )
    return found


def _attention_slots(o: Mapping[str, Any]) -> Slots:
    width, kdim, vdim = o["embed_dim"], o["kdim"] or o["embed_dim"], o["vdim"] or o["embed_dim"]
    found: Slots = {"in_proj_weight": ((3 * width, width), None)}
    if (kdim, vdim) != (width, width):
        found = {f"{k}_proj_weight": ((width, d), None) for k, d in (("q", width), ("k", kdim), ("v", vdim))}
    return {**found, "in_proj_bias": ((3 * width,), 0.0)} if o["bias"] else found


def _attention(
    reader: Tracer,
    layer: Instance,
    query: Any,
    key: Any,
    value: Any,
    key_padding_mask: Any,
    need_weights: Any,
    attn_mask: Any,
    average_attn_weights: Any,
    is_causal: Any,
) -> Any:
    o = layer.attributes
    if layer.training and o["dropout"]:
        raise _random_zeros(reader, "nn.MultiheadAttention", "dropout")
    if o.get("bias_k") is not None or o["add_zero_attn"]:
        raise ReadError("nn.MultiheadAttention with add_bias_kv or add_zero_attn cannot be read", reader.line)
    if is_causal is not None and reader.constant(is_causal) and attn_mask is None:
        raise ReadError("nn.MultiheadAttention needs attn_mask where is_causal=True", reader.line)
    if key is None or value is None:
        raise ReadError("nn.MultiheadAttention is called with query, key and value", reader.line)
    q, k, v = (reader.form(a) for a in (query, key, value))
    width = o["embed_dim"]
    own: dict[str, Form | None] = {}
    whole, shift = parameter(reader, layer, "in_proj_weight"), parameter(reader, layer, "in_proj_bias")
    for n, letter in enumerate("qkv"):
        rows = slice(n * width, (n + 1) * width)
        own[f"W{letter}"] = whole[rows] if whole is not None else parameter(reader, layer, f"{letter}_proj_weight")
        own[f"b{letter}"] = None if shift is None else shift[rows]
    out = o["out_proj"]
    own |= {"Wo": parameter(reader, out, "weight"), "bo": parameter(reader, out, "bias")}
    name = _number_of(reader, out)
    masks = [_mask(reader, attn_mask)] if attn_mask is not None else []
    if key_padding_mask is not None:
        padding = _mask(reader, key_padding_mask)
        front = padding.ndim - 1
        masks.append(expand(padding, [front, front + 1] if o["num_heads"] > 1 else [front]))
    if masks and masks[0].ndim == 3 and attn_mask is not None and o["num_heads"] > 1:
        raise ReadError("attn_mask is read with two axes (length, keys)", reader.line)
    swapped = not o["batch_first"] and q.ndim == 3
    data = [transpose(a, (1, 0, 2)) if swapped else a for a in (q, k, v)]
    if k is q and v is q:
        data[1:] = [data[0], data[0]]
    page = _Attention(reader, {f"{stem}{name}": form for stem, form in own.items()})
    result = layers.multi_head_attention(
        page,
        *data,
        heads=o["num_heads"],
        mask=sum(masks[1:], masks[0]) if masks else None,
        layout="torch",
        bias=shift is not None,
        name=name,
    )
    weights = page.weights
    if need_weights is not None and not reader.constant(need_weights):
        weights = None
    elif o["num_heads"] > 1 and (average_attn_weights is None or reader.constant(average_attn_weights)):
        assert weights is not None
        weights = reduce_over("mean", weights, -3)
    return transpose(result, (1, 0, 2)) if swapped else result, weights


class _Attention(_Page):
    """It keeps the weights of attention, which a call gives back as well."""

    weights: Form | None = None

    def define(self, name: str, form: Any, *, line: int | None = None) -> Any:
        """Make ``name = form`` a step of the text."""
        made = super().define(name, form)
        if isinstance(form, Apply) and form.op is ROWS["softmax"]:
            self.weights = made
        return made


def _mask(reader: Tracer, value: Any) -> Form:
    """Return a mask as PyTorch's attention takes it, added to the scores: −∞ where a condition holds."""
    from symback.readers.library import as_condition, is_condition  # the table of functions asks for layers above

    form = reader.form(value)
    if not is_condition(reader, form):
        return form
    if reader.is_literal(form):
        return reader.literal(np.where(reader.known(form), -np.inf, 0.0), torch=True)
    return where(as_condition(form), number(-np.inf), number(0))


def _identity(reader: Tracer, layer: Instance, x: Form) -> Form:
    return x


def per_channel(slope: Form, x: Form) -> Form:
    """Return the slopes of PReLU as PyTorch means them: one for all entries, or one for each entry of the second axis."""
    return (
        slope
        if slope.shape in ((), (1,)) or slope.ndim > 1 or x.ndim < 3
        else slope[(slice(None), *[None] * (x.ndim - 2))]
    )


def _prelu(reader: Tracer, layer: Instance, x: Form) -> Form:
    slope = parameter(reader, layer, "weight")
    assert slope is not None
    return ROWS["prelu"](x, per_channel(slope, x))


def _flatten(reader: Tracer, layer: Instance, x: Form) -> Form:
    return ROWS["flatten"](x, start_dim=layer.attributes["start_dim"], end_dim=layer.attributes["end_dim"])


_NORM = {"weight": "gamma", "bias": "beta", "running_mean": "mu", "running_var": "nu"}
_BATCH_NORM = Layer(
    {"num_features": ..., "eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True},
    _batch_norm,
    _batch_norm_slots,
    _NORM,
    ("running_mean", "running_var"),
)
_DROPOUT = Layer({"p": 0.5, "inplace": False}, _dropout)

LAYERS: dict[str, Layer] = {
    "Linear": Layer({"in_features": ..., "out_features": ..., "bias": True}, _linear, _linear_slots),
    "NonDynamicallyQuantizableLinear": Layer(  # what nn.MultiheadAttention holds as out_proj
        {"in_features": ..., "out_features": ..., "bias": True},
        _linear,
        _linear_slots,
        {"weight": "Wo", "bias": "bo"},
    ),
    "Conv1d": _convolution(1),
    "Conv2d": _convolution(2),
    "Embedding": Layer(
        {"num_embeddings": ..., "embedding_dim": ..., "padding_idx": None, "max_norm": None},
        _embedding,
        lambda o: {"weight": ((o["num_embeddings"], o["embedding_dim"]), None)},
        {"weight": "E"},
        fixed=("padding_idx", "max_norm"),
    ),
    "LayerNorm": Layer(
        {"normalized_shape": ..., "eps": 1e-5, "elementwise_affine": True, "bias": True},
        _layer_norm,
        _layer_norm_slots,
        _NORM,
    ),
    "RMSNorm": Layer(
        {"normalized_shape": ..., "eps": None, "elementwise_affine": True},
        _rms_norm,
        _rms_norm_slots,
        {"weight": "gamma"},
    ),
    "BatchNorm1d": _BATCH_NORM,
    "BatchNorm2d": _BATCH_NORM,
    **_recurrent_layers(),
    "MultiheadAttention": Layer(
        {
            "embed_dim": ...,
            "num_heads": ...,
            "dropout": 0.0,
            "bias": True,
            "add_bias_kv": False,
            "add_zero_attn": False,
            "kdim": None,
            "vdim": None,
            "batch_first": False,
        },
        _attention,
        _attention_slots,
        {
            "in_proj_weight": "Win",
            "in_proj_bias": "bin",
            "q_proj_weight": "Wq",
            "k_proj_weight": "Wk",
            "v_proj_weight": "Wv",
        },
        fixed=("add_bias_kv", "add_zero_attn"),
        arguments=(
            "query",
            "key",
            "value",
            "key_padding_mask",
            "need_weights",
            "attn_mask",
            "average_attn_weights",
            "is_causal",
        ),
    ),
    **dict.fromkeys(("Dropout", "Dropout1d", "Dropout2d", "AlphaDropout"), _DROPOUT),
    "PReLU": Layer(
        {"num_parameters": 1, "init": 0.25},
        _prelu,
        lambda o: {"weight": ((o["num_parameters"],), float(o["init"]))},
        {"weight": "alpha"},
    ),
    "Identity": Layer({}, _identity),
    "Flatten": Layer({"start_dim": 1, "end_dim": -1}, _flatten),
}
"""Layers that hold something; activations, pooling and losses are rows of the tables, found by the name of their class."""

_CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
_SAME = {"to", "cuda", "cpu", "float", "double", "half", "type", "share_memory", "compile"}
_WALKS = {
    "parameters",
    "named_parameters",
    "children",
    "named_children",
    "modules",
    "named_modules",
    "state_dict",
    "buffers",
}
_KEPT = {"apply", "train", "eval", "requires_grad_", "forward", "append", "extend", "keys", "values", "items"}


# --- making objects ---------------------------------------------------------------------------------------------------


def is_layer(name: str) -> bool:
    """Return whether ``torch.nn`` has a class of this name that is an object here."""
    return name in LAYERS or name in _CONTAINERS


def make_layer(reader: Tracer, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Instance:
    """Return the object that ``nn.Linear(2, 3)`` or ``nn.Sequential(...)`` makes."""
    if name in _CONTAINERS:
        if keywords:
            raise ReadError(f"nn.{name} with {next(iter(keywords))}= cannot be read", reader.line)
        return registered(reader, Instance(name, attributes=_contents(reader, name, args)))
    layer = LAYERS[name]
    given = {k: v for k, v in keywords.items() if k not in ("device", "dtype")}
    if len(args) > len(layer.options):
        raise ReadError(f"nn.{name} takes {len(layer.options)} options, {len(args)} given", reader.line)
    for label, value in zip(layer.options, args, strict=False):
        if label in given:
            raise ReadError(f"nn.{name} is given {label} twice", reader.line)
        given[label] = value
    unknown = [k for k in given if k not in layer.options]
    if unknown:
        raise ReadError(f"nn.{name} has no option {unknown[0]}{nearest(unknown[0], layer.options)}", reader.line)
    options = {k: _option(reader, name, k, given.get(k, default)) for k, default in layer.options.items()}
    changed = [k for k in layer.fixed if options[k] != layer.options[k]]
    if changed:
        raise ReadError(f"nn.{name} with {changed[0]}={options[changed[0]]} cannot be read", reader.line)
    made = Instance(name, attributes=options)
    for slot, (shape, filling) in layer.slots(options).items():
        made.attributes[slot] = _new_parameter(reader, shape, filling, slot, trained=slot not in layer.state)
    for slot in layer.symbols:
        if slot not in made.attributes or isinstance(made.attributes[slot], bool):
            made.attributes[slot] = None
    if name == "MultiheadAttention":
        sizes = {"in_features": options["embed_dim"], "out_features": options["embed_dim"], "bias": options["bias"]}
        made.attributes["out_proj"] = make_layer(reader, "NonDynamicallyQuantizableLinear", [], sizes)
    return registered(reader, made)


def registered(reader: Tracer, instance: Instance) -> Instance:
    """Remember an object, so that its parameters can be told apart by their place in it."""
    reader.instances.append(instance)
    return instance


def _option(reader: Tracer, kind: str, label: str, value: Any) -> Any:
    if value is ...:
        raise ReadError(f"nn.{kind} needs {label}", reader.line)
    if isinstance(value, (tuple, list)):
        return tuple(_option(reader, kind, label, v) for v in value)
    if isinstance(value, Form):
        value = reader.constant(value)
        if value is None or np.ndim(value):
            raise ReadError(f"{label} of nn.{kind} has to be known from the code", reader.line)
    if isinstance(value, int) and not isinstance(value, bool) and "dim" not in label and value < 0:
        raise ReadError(f"{label} of nn.{kind} cannot be {value}", reader.line)
    return (
        int(value)
        if isinstance(value, Count)
        else float(value)
        if hasattr(value, "numerator") and not isinstance(value, int)
        else value
    )


def _contents(reader: Tracer, name: str, args: Sequence[Any]) -> dict[str, Any]:
    if name in ("ModuleDict", "ParameterDict") or (
        name == "Sequential" and len(args) == 1 and isinstance(args[0], dict)
    ):
        given = args[0] if args else {}
        return dict(given) if isinstance(given, dict) else {str(k): v for k, v in given}
    items = list(args)
    if name != "Sequential":
        items = list(reader.items_of(args[0])) if args else []
    return {str(k): v for k, v in enumerate(items)}


def _new_parameter(
    reader: Tracer, shape: tuple[int, ...], filling: float | None, label: str, trained: bool = True, value: Any = None
) -> Name:
    if not all(isinstance(s, int) and not isinstance(s, bool) for s in shape):
        raise ReadError(f"the sizes of a layer have to be whole numbers, got {shape_text(shape)}", reader.line)
    if element_count(shape) > LARGEST_LAYER:
        raise ReadError(f"a parameter of shape {shape_text(shape)} is too large", reader.line)
    if value is None and filling is not None:
        value = np.full(shape, filling)
    if value is None and reader.generator is not None:
        value = reader.generator.standard_normal(shape)
    key = reader._key(label)
    reader.slots[key] = 0
    reader.bindings[key] = Binding(
        key, label, shape, reader.line or None, leaves=frozenset([key]), value=value, trainable=trained, torch=True
    )
    return make_name(key, shape)


# --- parameters -------------------------------------------------------------------------------------------------------


def parameter(reader: Tracer, layer: Instance, slot: str) -> Form | None:
    """Return a parameter of a layer that is being called, under its name on the page: ``W1`` for the first weight."""
    form = layer.attributes.get(slot)
    if isinstance(form, Poison):
        raise form.error
    if not isinstance(form, Form) or not isinstance(form, Name):
        return form
    symbols = LAYERS[layer.kind].symbols
    _number_of(reader, layer)
    binding = reader.bindings[form.name]
    if binding.base in symbols and binding.updates is None:
        binding.base = layer.names[slot]
        reader.slots[binding.key] = 1 + max(reader.slots.values())
        _override(reader, binding)
    return form


def _override(reader: Tracer, binding: Binding) -> None:
    """Give a parameter the value the caller has for it by its name on the page."""
    key = binding.base
    if key in reader.shapes:
        reader.overridden.add(key)
        if reader.shapes[key] != binding.shape:
            raise ShapeError(
                f"{key} has shape {shape_text(binding.shape)} by its layer, it cannot be {shape_text(reader.shapes[key])}"
            )
    if key in reader.values:
        _give(reader, binding, key)


def _give(reader: Tracer, binding: Binding, key: str) -> None:
    array = np.asarray(reader.values[key])
    reader.overridden.add(key)
    if array.shape != binding.shape:
        raise ShapeError(
            f"{key} is given a value of shape {shape_text(array.shape)}, in the model it has {shape_text(binding.shape)}"
        )
    binding.value = array


def give_state(reader: Tracer) -> None:
    """Give parameters the values the caller has for them by their place, as ``state_dict`` spells it: ``layer1.0.weight``."""
    if not any("." in key for key in reader.values):
        return
    for key, place in places(reader, relative=True).items():
        if dotted(place) in reader.values:
            _give(reader, reader.bindings[key], dotted(place))


def _owned(instance: Instance) -> Iterator[tuple[str, Any]]:
    """Return the parts of an object with the path to each: ``[0]`` in a container, else ``.name``."""
    for label, value in instance.attributes.items():
        path = f"[{label}]" if instance.kind in _CONTAINERS and label.isdigit() else f".{label}"
        yield path, value


def places(reader: Tracer, relative: bool = False) -> dict[str, str]:
    """Return where each parameter stands in its model, by its key: ``layer1[0].weight``.

    The name of the model stands before it where there are several, or where nothing else would; not if ``relative``.
    """
    inner = {id(v) for i in reader.instances for _, v in _owned(i) if isinstance(v, Instance)}
    roots = [i for i in reader.instances if id(i) not in inner]
    models = [r for r in roots if r.definition is not None or r.kind in _CONTAINERS]
    found: dict[str, str] = {}

    def visit(instance: Instance, path: str, depth: int) -> None:
        for step, value in _owned(instance):
            if isinstance(value, Instance) and depth < 40:
                visit(value, path + step, depth + 1)
            elif isinstance(value, Name):
                key = value.name
                while (origin := reader.bindings[key].updates) is not None:
                    key = origin
                found.setdefault(key, (path + step).lstrip("."))

    for root in roots:
        alone = len(models) == 1 and root in models and root.definition is not None
        visit(root, "" if relative or alone else root.label, 0)
    return found


def dotted(place: str) -> str:
    """Return a place as ``state_dict`` spells it: ``layer1.0.weight``."""
    return place.replace("[", ".").replace("]", "").lstrip(".")


def parts(instance: Instance, kind: type, prefix: str = "", seen: set[int] | None = None) -> list[tuple[str, Any]]:
    """Return all Names (parameters), or all objects, in an object with their dotted names, each once."""
    seen = set() if seen is None else seen
    found: list[tuple[str, Any]] = []
    for label, value in instance.attributes.items():
        path = f"{prefix}.{label}" if prefix else label
        if isinstance(value, Instance):
            if kind is Instance and id(value) not in seen:
                found.append((path, value))
            if id(value) not in seen:
                seen.add(id(value))
                found += parts(value, kind, path, seen)
        elif isinstance(value, kind) and id(value) not in seen:
            seen.add(id(value))
            found.append((path, value))
    return found


def trained(reader: Tracer, instance: Instance) -> list[tuple[str, Name]]:
    """Return the parameters of an object with their dotted names."""

    def original(name: Name) -> Binding:
        binding = reader.bindings[name.name]
        while binding.updates is not None:
            binding = reader.bindings[binding.updates]
        return binding

    return [(path, name) for path, name in parts(instance, Name) if original(name).trainable]


def set_mode(instance: Instance, training: bool) -> None:
    """Switch an object and all in it to training or evaluation."""
    for one in (instance, *(i for _, i in parts(instance, Instance))):
        one.training = training


# --- attributes and methods -------------------------------------------------------------------------------------------


def attribute(reader: Tracer, holder: Instance, name: str) -> Any:
    """Return ``holder.name``."""
    if name in holder.attributes:
        value = holder.attributes[name]
        if isinstance(value, Poison):
            raise value.error
        return value
    for definition in holder.definition.lineage() if holder.definition else ():
        if name in definition.methods:
            return _method(reader, holder, definition, name)
        if name in definition.attributes:
            value = definition.attributes[name]
            if isinstance(value, Poison):
                raise value.error
            return value
    if name == "training":
        return holder.training
    if name in _SAME | _WALKS | _KEPT or (
        holder.definition is not None and holder.definition.is_module and name == "zero_grad"
    ):
        return Method(holder, name)
    known = {
        *holder.attributes,
        *(m for d in (holder.definition.lineage() if holder.definition else ()) for m in d.methods),
    }
    raise ReadError(f"{described(holder)} has no {name}{nearest(name, known)}", reader.line)


def described(holder: Instance) -> str:
    """Return what an object is called in a message."""
    return f"nn.{holder.kind}" if holder.definition is None else f"the class {holder.kind}"


def ancestor_attribute(reader: Tracer, holder: Ancestor, name: str) -> Any:
    """Return ``super().name``."""
    following = holder.definition.lineage()[1:]
    for definition in following:
        if name in definition.methods:
            return _method(reader, holder.instance, definition, name)
    return Library(f"object.{name}")


def class_attribute(reader: Tracer, definition: Definition, name: str) -> Any:
    """Return ``Class.name``: a method without its object, or a plain attribute."""
    for one in definition.lineage():
        if name in one.methods:
            return Bound(None, one.methods[name], one)
        if name in one.attributes:
            return one.attributes[name]
    return Library(f"object.{name}")


def _method(reader: Tracer, holder: Instance, definition: Definition, name: str) -> Any:
    marker = definition.markers.get(name)
    bound = Bound(
        None if marker == "staticmethod" else definition if marker == "classmethod" else holder,
        definition.methods[name],
        definition,
    )
    return call_bound(reader, bound, [], {}) if marker == "property" else bound


def call_bound(
    reader: Tracer, bound: Bound, args: Sequence[Any], keywords: Mapping[str, Any], opens: bool = False
) -> Any:
    """Follow a method of a class of the text; where it ``opens``, its assignments are equations."""
    first = [] if bound.instance is None else [bound.instance]
    # a copy, so that an object inside another of the same class is not taken for a method that calls itself
    helper = replace(bound.helper)
    owner = (
        bound.instance
        if isinstance(bound.instance, Instance)
        else args[0]
        if args and isinstance(args[0], Instance)
        else None
    )
    opens = opens or helper.name in ("forward", "__call__") or reader._is_pass(helper)
    loops, reader._time_loops = reader._time_loops, 0
    reader.frames.append((owner, bound.definition))
    try:
        return reader.call_helper(
            helper, [*first, *args], keywords, open_scope=opens and helper.name != "__init__", passing=passed_on(helper)
        ).value
    finally:
        reader.frames.pop()
        reader._time_loops = loops


def passed_on(helper: Helper) -> frozenset[str]:
    """Return the locals of a method that only carry a result along: its arguments, and names assigned repeatedly."""
    if isinstance(helper.body, ast.expr):
        return frozenset()
    arguments = {a.arg for a in (*helper.arguments.posonlyargs, *helper.arguments.args, *helper.arguments.kwonlyargs)}
    seen: set[str] = set()
    again: set[str] = set()
    for statement in helper.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                (again if node.id in seen else seen).add(node.id)
    return frozenset(again | (arguments & seen))


def arguments_of(instance: Instance) -> dict[str, Any]:
    """Return the arguments of an object's forward method with their defaults, ``...`` where there is none."""
    for one in instance.definition.lineage() if instance.definition else ():
        forward = one.methods.get("forward")
        if forward is not None:
            named = forward.arguments
            return {
                a.arg: forward.defaults.get(a.arg, ...)
                for a in [*named.posonlyargs, *named.args][1:] + list(named.kwonlyargs)
            }
    return {}


def instantiate(reader: Tracer, definition: Definition, args: Sequence[Any], keywords: Mapping[str, Any]) -> Instance:
    """Return a new object of a class of the text, after its ``__init__``."""
    made = registered(reader, Instance(definition.name, definition))
    for one in definition.lineage():
        if "__init__" in one.methods:
            call_bound(reader, Bound(made, one.methods["__init__"], one), args, keywords)
            break
    else:
        if args or keywords:
            raise ReadError(f"{definition.name} has no __init__ that takes arguments", reader.line)
    return made


def call(reader: Tracer, instance: Instance, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the result of calling an object: its forward method, or what the layer computes."""
    definition = instance.definition
    if definition is not None:
        method = "forward" if definition.is_module else "__call__"
        for one in definition.lineage():
            if method in one.methods:
                return call_bound(reader, Bound(instance, one.methods[method], one), args, keywords)
        if not definition.is_module:
            raise ReadError(f"an object of the class {definition.name} cannot be called", reader.line)
        return _in_order(reader, instance, args, keywords)
    if instance.kind in LAYERS and LAYERS[instance.kind].arguments:
        return _call_with_several(reader, instance, args, keywords)
    given = list(args) + list(keywords.values())
    if len(given) != 1 or any(k not in ("input", "x") for k in keywords):
        raise ReadError(f"nn.{instance.kind} is called with one array", reader.line)
    if instance.kind in _CONTAINERS:
        if instance.kind != "Sequential":
            raise ReadError(f"nn.{instance.kind} cannot be called; call what it holds", reader.line)
        return _sequence(reader, list(instance.attributes.values()), given[0])
    x = reader.form(given[0])
    try:
        result = LAYERS[instance.kind].compute(reader, instance, x)
    except ShapeError as error:
        raise ShapeError(f"nn.{instance.kind}: {error}") from None
    return reader.step(_offered(reader, result, x))


def _offered(reader: Tracer, result: Any, *given: Any) -> Any:
    """Let the name that the text gives to a result of a layer stand in the place of the layer's own."""
    for part in result if isinstance(result, tuple) else (result,):
        if isinstance(part, Name) and part not in given:
            reader.bindings[part.name].offered = reader.bindings[part.name].form is not None
    return result


def _call_with_several(reader: Tracer, instance: Instance, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Call a layer that takes several arguments and may give back several arrays."""
    order = LAYERS[instance.kind].arguments
    unknown = [k for k in keywords if k not in order]
    if unknown:
        raise ReadError(f"nn.{instance.kind} is called without {unknown[0]}{nearest(unknown[0], order)}", reader.line)
    given = {**dict.fromkeys(order), **dict(zip(order, args, strict=False)), **keywords}
    if len(args) > len(order) or any(k in keywords for k in order[: len(args)]) or given[order[0]] is None:
        raise ReadError(f"nn.{instance.kind} is called with {', '.join(order)}", reader.line)
    try:
        return _offered(reader, LAYERS[instance.kind].compute(reader, instance, *given.values()))
    except ShapeError as error:
        raise ShapeError(f"nn.{instance.kind}: {error}") from None
    except NetworkError as error:
        raise ReadError(f"nn.{instance.kind}: {error}", reader.line) from None


def _sequence(reader: Tracer, layers: Sequence[Any], x: Any) -> Any:
    for layer in layers:
        x = reader.call(layer, [x], {})
    return x


def _in_order(reader: Tracer, instance: Instance, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Apply the layers of a class without ``forward`` one after the other, as they were assigned; the reader says so."""
    layers = {k: v for k, v in instance.attributes.items() if isinstance(v, (Instance, Prepared))}
    if not layers or len(args) != 1 or keywords:
        raise ReadError(f"the class {instance.kind} has no forward method", reader.line)
    note = (
        f"{instance.kind} has no forward method: its layers are applied in the order of __init__, {', '.join(layers)}"
    )
    if note not in reader.notes:
        reader.notes.append(note)
    return _sequence(reader, list(layers.values()), args[0])


def call_method(reader: Tracer, holder: Instance, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the result of a method that every ``nn.Module`` has."""
    if name in _SAME:
        return holder
    if name == "forward":
        return call(reader, holder, args, keywords)
    if name in ("train", "eval"):
        set_mode(holder, name == "train" and (not args or bool(reader.constant(args[0]))))
        return holder
    if name == "requires_grad_":
        wanted = not args or bool(reader.constant(args[0]))
        for _, leaf in parts(holder, Name):
            reader.bindings[leaf.name].trainable = wanted
        return holder
    if name in ("append", "extend") and args:
        for value in [args[0]] if name == "append" else reader.items_of(args[0]):
            holder.attributes[str(len(holder.attributes))] = value
        return holder
    if name == "apply":
        for part in (*(i for _, i in reversed(parts(holder, Instance))), holder):
            reader.call(args[0], [part], {})
        return holder
    if name == "parameters":
        return [p for _, p in trained(reader, holder)]
    if name == "named_parameters":
        return list(trained(reader, holder))
    if name in ("children", "values"):
        return [v for v in holder.attributes.values() if isinstance(v, (Instance, Prepared)) or name == "values"]
    if name in ("named_children", "items"):
        return [(k, v) for k, v in holder.attributes.items() if isinstance(v, (Instance, Prepared)) or name == "items"]
    if name == "modules":
        return [holder, *(v for _, v in parts(holder, Instance))]
    if name == "named_modules":
        return [("", holder), *parts(holder, Instance)]
    if name == "keys":
        return list(holder.attributes)
    if name == "state_dict":
        return dict(parts(holder, Name))
    if name == "zero_grad":
        return None
    raise ReadError(f"the method {name} of {described(holder)} cannot be read", reader.line)


def contained(holder: Instance) -> list[Any] | None:
    """Return what a loop over a container runs over."""
    if holder.kind in ("ModuleDict", "ParameterDict"):
        return list(holder.attributes)
    return list(holder.attributes.values()) if holder.kind in _CONTAINERS else None


def item(reader: Tracer, holder: Instance, key: Any) -> Any:
    """Return ``holder[key]`` of a container."""
    values = list(holder.attributes.values())
    if holder.kind not in _CONTAINERS:
        raise ReadError(f"{described(holder)} cannot be indexed", reader.line)
    if isinstance(key, str):
        if key not in holder.attributes:
            raise ReadError(f"there is no {key!r} in nn.{holder.kind}{nearest(key, holder.attributes)}", reader.line)
        return holder.attributes[key]
    if isinstance(key, slice):
        return registered(reader, Instance(holder.kind, attributes={str(k): v for k, v in enumerate(values[key])}))
    at = reader.integer(key, "an index")
    if not -len(values) <= at < len(values):
        raise ReadError(f"index {at} is out of range for {len(values)} layers", reader.line)
    return values[at]


def assign(reader: Tracer, holder: Instance, name: str, value: Any) -> None:
    """Do ``holder.name = value``: arrays and parameters get the name of the attribute."""
    old = holder.attributes.get(name)
    if holder.kind in LAYERS and name in LAYERS[holder.kind].symbols and isinstance(value, Form):
        set_value(reader, holder, name, value)
        return
    plain = holder.definition is None or holder.definition.is_module
    number = isinstance(value, (int, float)) or hasattr(value, "numerator")
    if isinstance(value, Form) or (number and not plain):
        holder.attributes[name] = reader.named(name, value, Scope(open=True)) if name.isidentifier() else value
    elif isinstance(value, list) and not plain:
        holder.attributes[name] = reader.named(name, value, Scope(open=True))
    else:
        holder.attributes[name] = value
    if isinstance(value, Instance) and old is None and not value.label:
        value.label = name


def set_value(reader: Tracer, holder: Instance, name: str, value: Any) -> None:
    """Do ``holder.weight.data = value``: the parameter stays, its value changes."""
    old = holder.attributes.get(name)
    if not isinstance(old, Name):
        raise ReadError(f"{described(holder)} has no {name} to give a value to", reader.line)
    form = reader.form(value)
    before = reader.bindings[old.name]
    if isinstance(form, Name) and not reader.bindings[form.name].anonymous and reader.bindings[form.name].trainable:
        holder.attributes[name] = form  # tied to another parameter
        return
    if not reader.is_literal(form):
        raise ReadError(f"{name} is given a value that is not data", reader.line)
    shape = tuple(int(s) for s in form.shape)
    holder.attributes[name] = _new_parameter(reader, shape, None, before.base, before.trainable, reader.known(form))


def define(reader: Tracer, node: ast.ClassDef, scope: Scope) -> Definition:
    """Return the class of a ``class`` statement."""
    bases: list[Any] = []
    for base in node.bases:
        try:
            bases.append(reader.value(base, scope))
        except Exception as error:  # what it is derived from matters only where a method is missing
            bases.append(Poison(ReadError(str(error))))
    made = Definition(node.name, tuple(bases), node.lineno)
    inside = Scope({}, scope)
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            made.methods[statement.name] = reader._helper(
                statement.name, statement.args, statement.body, scope, statement.lineno
            )
            for decorator in statement.decorator_list:
                if isinstance(decorator, ast.Name) and decorator.id in ("property", "staticmethod", "classmethod"):
                    made.markers[statement.name] = decorator.id
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            reader.run([statement], inside)
    made.attributes.update(inside.names)
    return made


# --- live objects -----------------------------------------------------------------------------------------------------


def is_live(value: Any) -> bool:
    """Return whether ``value`` is an ``nn.Module`` object; PyTorch is not imported to find out."""
    return any(c.__module__ == "torch.nn.modules.module" and c.__name__ == "Module" for c in type(value).__mro__)


def is_own_class(kind: type) -> bool:
    """Return whether a class is a user's own, not one of Python or PyTorch."""
    return kind.__module__.split(".")[0] not in ("builtins", "torch", "abc", "typing")


def live(
    reader: Tracer, value: Any, definition: Callable[[type], Definition], seen: dict[int, Any] | None = None
) -> Any:
    """Return a live ``nn.Module`` as an object here: its parts and values are looked at, nothing of it is called.

    ``definition`` finds the class of an object by its source.
    """
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    kind = type(value).__name__
    held = vars(value)
    library = type(value).__module__.startswith("torch.nn.")
    if library and not is_layer(kind):
        from symback.readers.library import prepared_class  # the table of functions asks for layers above

        seen[id(value)] = prepared_class(reader, kind, held)
        return seen[id(value)]
    made = registered(
        reader, Instance(kind, None if library else definition(type(value)), training=bool(held.get("training", True)))
    )
    seen[id(value)] = made
    for label, plain in held.items():
        if not label.startswith("_") and label != "training":
            made.attributes[label] = _live_attribute(reader, label, plain, seen, definition)
    if library and kind in LAYERS:
        for label, default in LAYERS[kind].options.items():
            # "bias" is an option of the call and a parameter of the object
            if default is not ... and label not in made.attributes and label not in LAYERS[kind].symbols:
                made.attributes[label] = default
        for label in LAYERS[kind].fixed:
            if made.attributes[label] != LAYERS[kind].options[label]:
                raise ReadError(f"nn.{kind} with {label}={made.attributes[label]} cannot be read")
    for group in ("_parameters", "_buffers", "_modules"):
        for label, part in held.get(group, {}).items():
            made.attributes[label] = _live_part(reader, made, label, part, group, seen, definition)
    return made


def _live_part(
    reader: Tracer, made: Instance, label: str, part: Any, group: str, seen: dict[int, Any], definition: Any
) -> Any:
    if part is None:
        return None
    if group == "_modules":
        return live(reader, part, definition, seen)
    if id(part) not in seen:
        array = np.asarray(part.detach().cpu().numpy())
        if array.dtype.kind not in "iufb":
            raise ReadError(f"{label} of {made.kind} is not made of real numbers")
        trained = group == "_parameters" and bool(part.requires_grad)
        if made.definition is not None and label.isidentifier():
            seen[id(part)] = reader.leaf(label, None, array, trainable=trained, torch=True)
        else:
            base = label if not label.isdigit() else "weight"
            seen[id(part)] = _new_parameter(reader, array.shape, None, base, trained, array)
    return seen[id(part)]


def _live_attribute(reader: Tracer, label: str, value: Any, seen: dict[int, Any], definition: Any) -> Any:
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    if isinstance(value, (tuple, list)):
        return type(value)(_live_attribute(reader, label, v, seen, definition) for v in value)
    if is_live(value):
        return live(reader, value, definition, seen)
    if hasattr(value, "detach") and hasattr(value, "shape"):
        return reader.leaf(label, None, np.asarray(value.detach().cpu().numpy()), torch=True)
    if isinstance(value, np.ndarray):
        return reader.leaf(label, None, value)
    if callable(value) and getattr(value, "__name__", None):
        module = "torch.nn.functional" if inspect.isfunction(value) and "torch" in value.__module__ else "torch"
        return Library(f"{module}.{value.__name__}")
    return Poison(ReadError(f"the attribute {label} holds a {type(value).__name__}, which cannot be read"))


__all__ = [
    "LAYERS",
    "ancestor_attribute",
    "arguments_of",
    "assign",
    "attribute",
    "call",
    "call_bound",
    "call_method",
    "class_attribute",
    "contained",
    "define",
    "described",
    "dotted",
    "give_state",
    "instantiate",
    "is_layer",
    "is_live",
    "is_own_class",
    "item",
    "live",
    "make_layer",
    "parameter",
    "parts",
    "places",
    "registered",
    "set_mode",
    "set_value",
    "trained",
]
