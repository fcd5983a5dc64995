"""The layers of ``torch.nn``: how each is called, which parameters it holds, what it computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ShapeError
from symback.core.forms import (
    Apply,
    Concatenate,
    Expand,
    Filled,
    Form,
    Name,
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
from symback.functions import ROWS
from symback.library.kinds import as_condition, is_condition
from symback.library.module_symbols import ATTENTION, CELL, DEEPEST, NORM, RECURRENT, symbols_for
from symback.library.row_calls import per_channel
from symback.networks import layers
from symback.networks.network import Network
from symback.readers.asking import Reader
from symback.readers.slots import number_of, parameter
from symback.readers.values import Instance, Layer, Slots


class _Page(Network):
    """A network for the builders of ``symback.networks.layers``, by which an object computes: parameters are the object's own,
    equations are steps of the text."""

    def __init__(self, reader: Reader, parameters: Mapping[str, Form | None]) -> None:
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


# --- the layers -------------------------------------------------------------------------------------------------------


def _linear_slots(o: Mapping[str, Any]) -> Slots:
    found: Slots = {"weight": ((o["out_features"], o["in_features"]), None)}
    return {**found, "bias": ((o["out_features"],), None)} if o["bias"] else found


def _linear(reader: Reader, layer: Instance, x: Form) -> Form:
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
    def compute(reader: Reader, layer: Instance, x: Form) -> Form:
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


def _embedding(reader: Reader, layer: Instance, x: Form) -> Form:
    weight = parameter(reader, layer, "weight")
    assert weight is not None
    return gather(weight, x)


def _layer_norm_slots(o: Mapping[str, Any]) -> Slots:
    shape = _pair(o["normalized_shape"], 1)
    if not o["elementwise_affine"]:
        return {}
    return {"weight": (shape, 1.0), "bias": (shape, 0.0)} if o["bias"] else {"weight": (shape, 1.0)}


def _layer_norm(reader: Reader, layer: Instance, x: Form) -> Form:
    gain, shift = parameter(reader, layer, "weight"), parameter(reader, layer, "bias")
    axes, name = _normalized_axes(layer, x), number_of(reader, layer)
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


def _rms_norm(reader: Reader, layer: Instance, x: Form) -> Form:
    gain = parameter(reader, layer, "weight")
    axes, name = _normalized_axes(layer, x), number_of(reader, layer)
    # torch.finfo(torch.float64).eps, since numbers are evaluated in float64
    small = float(np.finfo(np.float64).eps) if layer.attributes["eps"] is None else layer.attributes["eps"]
    page = _Page(reader, {f"gamma{name}": gain})
    return layers.rms_norm(page, x, axes=axes, eps=small, affine=gain is not None, name=name)


def _batch_norm_slots(o: Mapping[str, Any]) -> Slots:
    shape = (o["num_features"],)
    found: Slots = {"weight": (shape, 1.0)} if o["affine"] else {}
    if o["affine"] and o["bias"]:
        found = {**found, "bias": (shape, 0.0)}
    return {**found, "running_mean": (shape, 0.0), "running_var": (shape, 1.0)} if o["track_running_stats"] else found


def _batch_norm(reader: Reader, layer: Instance, x: Form) -> Form:
    training = layer.training or not layer.attributes["track_running_stats"]
    if x.ndim not in ((4,) if layer.kind.endswith("2d") else (2, 3)):
        raise ShapeError(f"an array of shape {shape_text(x.shape)} has not the axes (batch, channel, …)")
    gain, shift = parameter(reader, layer, "weight"), parameter(reader, layer, "bias")
    if x.ndim == 2 and (gain is None) == (shift is None):
        name = number_of(reader, layer)
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
        gain,
        shift,
        training=training,
        eps=layer.attributes["eps"],
    )


def _dropout(reader: Reader, layer: Instance, x: Form) -> Form:
    if layer.training and layer.attributes["p"]:
        raise _random_zeros(reader, f"nn.{layer.kind}", "p")
    return x


def _random_zeros(reader: Reader, what: str, option: str) -> ReadError:
    return ReadError(
        f"{what} zeroes entries at random in training, which has no formula; call model.eval() before, or use {option}=0",
        reader.line,
    )


# --- recurrent layers and attention, by their builders -------------------------------------------------------------------


def _places(depth: int, both: bool) -> Iterator[tuple[str, str]]:
    """Yield how PyTorch marks each layer and direction, and how a page does."""
    for level in range(depth):
        for back in ("", "_r")[: 1 + both]:
            yield f"l{level}" + ("_reverse" if back else ""), (str(level + 1) if depth > 1 else "") + back


def _recurrent_slots(gates: int) -> Callable[[Mapping[str, Any]], Slots]:
    def slots(o: Mapping[str, Any]) -> Slots:
        if not 1 <= o["num_layers"] <= DEEPEST:
            raise ReadError(f"num_layers is from 1 to {DEEPEST}, got {o['num_layers']}")
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


def _states(reader: Reader, what: str, value: Any, count: int) -> tuple[Form, ...]:
    """Return the states of each layer and direction from one array, as PyTorch stacks them."""
    form = reader.form(value)
    if form.ndim < 2 or form.shape[0] != count:
        raise ShapeError(
            f"the initial state of {what} has shape {shape_text(form.shape)}, its first axis has to be {count}"
        )
    return tuple(form[k] for k in range(count))


def _recurrent(kind: str) -> Callable[[Reader, Instance, Any, Any], Any]:
    def compute(reader: Reader, layer: Instance, input: Any, hx: Any) -> Any:
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


def _time_steps(reader: Reader, x: Form, axis: int) -> Form | list[Form]:
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

    def __init__(self, reader: Reader, parameters: Mapping[str, Form | None], layer: Instance) -> None:
        super().__init__(reader, parameters)
        self.number = number_of(reader, layer)

    def define(self, name: str, form: Any, *, line: int | None = None) -> Any:
        """Make ``name = form`` a step of the text, also of the zeros that a state starts from."""
        label = name if self.number == "1" else f"{name}_{self.number}"
        return (
            self.reader.equation(label, form, local=True) if isinstance(form, Filled) else super().define(label, form)
        )


def _cell(kind: str) -> Callable[[Reader, Instance, Any, Any], Any]:
    def compute(reader: Reader, layer: Instance, input: Any, hx: Any) -> Any:
        o = layer.attributes
        own = {stem: parameter(reader, layer, slot) for slot, stem in CELL.items()}
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
            RECURRENT,
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
            CELL,
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
    reader: Reader,
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
    name = number_of(reader, out)
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


def _mask(reader: Reader, value: Any) -> Form:
    """Return a mask as PyTorch's attention takes it, added to the scores: −∞ where a condition holds."""
    form = reader.form(value)
    if not is_condition(reader, form):
        return form
    if reader.is_literal(form):
        return reader.literal(np.where(reader.known(form), -np.inf, 0.0), torch=True)
    return where(as_condition(form), number(-np.inf), number(0))


def _identity(reader: Reader, layer: Instance, x: Form) -> Form:
    return x


def _prelu(reader: Reader, layer: Instance, x: Form) -> Form:
    slope = parameter(reader, layer, "weight")
    assert slope is not None
    return ROWS["prelu"](x, per_channel(slope, x))


def _flatten(reader: Reader, layer: Instance, x: Form) -> Form:
    return ROWS["flatten"](x, start_dim=layer.attributes["start_dim"], end_dim=layer.attributes["end_dim"])


_BATCH_NORM = Layer(
    {"num_features": ..., "eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True, "bias": True},
    _batch_norm,
    _batch_norm_slots,
    NORM,
    ("running_mean", "running_var"),
)

_DROPOUT = Layer({"p": 0.5, "inplace": False}, _dropout)

LAYERS: dict[str, Layer] = {
    "Linear": Layer({"in_features": ..., "out_features": ..., "bias": True}, _linear, _linear_slots),
    "NonDynamicallyQuantizableLinear": Layer(  # what nn.MultiheadAttention holds as out_proj
        {"in_features": ..., "out_features": ..., "bias": True},
        _linear,
        _linear_slots,
        symbols_for("NonDynamicallyQuantizableLinear"),
    ),
    "Conv1d": _convolution(1),
    "Conv2d": _convolution(2),
    "Embedding": Layer(
        {
            "num_embeddings": ...,
            "embedding_dim": ...,
            "padding_idx": None,
            "max_norm": None,
            "norm_type": 2.0,
            "scale_grad_by_freq": False,
            "sparse": False,
            "_weight": None,
            "_freeze": False,
        },
        _embedding,
        lambda o: {"weight": ((o["num_embeddings"], o["embedding_dim"]), None)},
        symbols_for("Embedding"),
        fixed=("padding_idx", "max_norm", "scale_grad_by_freq", "_weight", "_freeze"),
    ),
    "LayerNorm": Layer(
        {"normalized_shape": ..., "eps": 1e-5, "elementwise_affine": True, "bias": True},
        _layer_norm,
        _layer_norm_slots,
        NORM,
    ),
    "RMSNorm": Layer(
        {"normalized_shape": ..., "eps": None, "elementwise_affine": True},
        _rms_norm,
        _rms_norm_slots,
        symbols_for("RMSNorm"),
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
        ATTENTION,
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
        symbols_for("PReLU"),
    ),
    "Identity": Layer({}, _identity),
    "Flatten": Layer({"start_dim": 1, "end_dim": -1}, _flatten),
}
"""Layers that hold something; activations, pooling and losses are rows of the tables, found by the name of their class."""
