"""Layers: builders that add parameters and named equations to a network, so that a page reads like a textbook's.

A builder declares its parameters, defines its equations, each a step of the page, and returns the Form of the result.
None of them knows a backward formula. Names are numbered as they come (``W1``, ``b1``, ``z1``); ``name=`` sets the
number or a word of your own, and ``name=""`` leaves both out.

A weight stands as people write it, which ``layout`` says: ``"row"`` (samples are rows, ``x @ W + b``), ``"torch"``
(samples are rows, weights are stored as PyTorch does, ``x @ W.T + b``), or ``"column"`` (samples are columns,
``W @ x + b``).

>>> from symback import layers
>>> import symback as sb
>>> net = sb.Network()
>>> x, y = net.input("X", ("n", 2)), net.input("Y", ("n", 1))
>>> h = layers.linear(net, x, 3, activation="tanh")
>>> y_hat = layers.linear(net, h, 1)
>>> L = net.define("L", sb.mse(y_hat, y))
>>> net
Network(z1 = X @ W1 + b1; a1 = tanh(z1); z2 = a1 @ W2 + b2; L = ((z2 - Y)**2).mean())
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np

from symback.core.errors import NetworkError, ShapeError, nearest
from symback.core.forms import (
    Form,
    Function,
    Name,
    Size,
    apply,
    as_form,
    concatenate,
    filled,
    gather,
    make_shape,
    number,
    reduce_over,
    reshape,
    shape_text,
    size,
    size_of,
    stack,
    transpose,
)
from symback.functions import ROWS, row_called
from symback.networks.network import Network, Start
from symback.networks.operators import operator

Choice: TypeAlias = "str | tuple[str, Mapping[str, Any]] | Function | Callable[..., Any] | None"
"""A row of the tables by its name, with options as ``("leaky_relu", {"alpha": 0.2})``, or a function of Forms."""

_Builder = TypeVar("_Builder", bound=Callable[..., Any])

LAYOUTS = ("row", "torch", "column")
GATES = {"lstm": ("i", "f", "g", "o"), "gru": ("r", "u", "n")}
"""Gates in the order in which PyTorch stacks their weights (its GRU calls the update gate u z):
https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html, https://pytorch.org/docs/stable/generated/torch.nn.GRU.html"""


# --- names, options, messages -----------------------------------------------------------------------------------------


@contextmanager
def _within(layer: str) -> Iterator[None]:
    """Say in which layer sizes do not fit."""
    try:
        yield
    except ShapeError as error:
        raise ShapeError(f"{layer}: {error}") from None


def _whole(builder: _Builder) -> _Builder:
    """Let a builder that fails leave the network as it was."""

    @wraps(builder)
    def build(net: Network, *args: Any, **options: Any) -> Any:
        with net.whole():
            return builder(net, *args, **options)

    return cast(_Builder, build)


def _tag(net: Network, name: str | None, *stems: str) -> str:
    """Return what stands behind the names of a layer: the next free number, or the user's own number or word."""
    if name is None:
        k = 1
        while any(f"{stem}{k}" in net for stem in stems):
            k += 1
        return str(k)
    text = str(name)
    return text if not text or text[0].isdigit() else f"_{text}"


def _named(net: Network, x: Any, label: str) -> Form:
    """Return ``x`` under a name, so that the equations that follow are short."""
    form = as_form(x)
    return form if isinstance(form, Name) or not form.args else net.define(label, form)


def _width(layer: str, x: Form, axis: int = -1) -> Size:
    if not x.shape:
        raise ShapeError(f"{layer}: {x} is a single number; an array of features is needed")
    return x.shape[axis]


def _check_layout(layer: str, layout: str, known: Sequence[str] = LAYOUTS) -> None:
    if layout not in known:
        raise NetworkError(
            f"{layer}: layout is {' or '.join(map(repr, known))}, not {layout!r}{nearest(str(layout), known)}"
        )


def _rate(layer: str, p: Any) -> float:
    if isinstance(p, bool) or not isinstance(p, (int, float)) or not 0 <= p < 1:
        raise NetworkError(f"{layer}: the rate p is at least 0 and less than 1, got {p!r}")
    return float(p)


def _needed(row: Function) -> int:
    return row.arguments - len(row.defaults)


def activation_names() -> list[str]:
    """Return the names of the rows that an activation may be: functions of one array.

    >>> "relu" in activation_names(), "bce" in activation_names()
    (True, False)
    """
    return [n for n, row in ROWS.items() if _needed(row) == 1 and not row.inline and "reduction" not in row.parameters]


def loss_names() -> list[str]:
    """Return the names of the rows that compare a prediction with a target.

    >>> "bce" in loss_names(), "relu" in loss_names()
    (True, False)
    """
    return [n for n, row in ROWS.items() if "reduction" in row.parameters and _needed(row) == 2]


def _chosen(layer: str, what: str, choice: Choice, known: Sequence[str]) -> tuple[Callable[..., Any] | None, str]:
    """Return the function that a choice names, its options filled in, and the name of its row, if it is one."""
    if choice is None or (isinstance(choice, str) and choice in ("none", "identity")):
        return None, ""
    options: Mapping[str, Any] = {}
    if isinstance(choice, tuple):
        if len(choice) != 2 or not isinstance(choice[1], Mapping):
            raise NetworkError(f"{layer}: {what} with options is written (name, {{option: value}}), got {choice!r}")
        choice, options = choice
    if isinstance(choice, str):
        found = row_called(choice)
        if found is None or found.name not in known:
            raise NetworkError(f"{layer}: there is no {what} called {choice!r}{nearest(choice, known)}")
        choice = found
    row = choice
    if not callable(row):
        raise NetworkError(f"{layer}: {what} is the name of one or a function, not {row!r}")

    def call(*arrays: Form, **more: Any) -> Any:
        try:
            return row(*arrays, **{**options, **more})
        except NetworkError as error:
            raise NetworkError(f"{layer}: {error}") from None

    if isinstance(row, Function):
        return call, row.name
    name = getattr(row, "__name__", "")
    # sb.relu stands for its row; a user's own function may have any name
    return call, name if name in ROWS and row is operator(name) else ""


def _activate(net: Network, layer: str, x: Form, choice: Choice, label: str, axis: int = -1) -> Form:
    function, name = _chosen(layer, "activation", choice, activation_names())
    if function is None:
        return x
    along = {"axis": axis % x.ndim} if name in ROWS and "axis" in ROWS[name].parameters and axis != -1 else {}
    return net.define(label, function(x, **along))


def _weight(net: Network, label: str, fan_in: Size, fan_out: Size, layout: str) -> Form:
    """Declare a weight in its layout and return it as it stands behind the data (``column``: before)."""
    shape = (fan_in, fan_out) if layout == "row" else (fan_out, fan_in)
    made = net.parameter(label, shape)
    net.starts[label] = Start("weight", fan_in, fan_out)
    return made.T if layout == "torch" else made


def _bias(net: Network, label: str, fan_in: Size, width: Size, column: bool = False) -> Form:
    made = net.parameter(label, (width, 1) if column else (width,))
    net.starts[label] = Start("bias", fan_in, width)
    return made


def _constant(net: Network, label: str, shape: Sequence[Size], value: float) -> Form:
    made = net.parameter(label, tuple(shape))
    net.starts[label] = Start("constant", value=value)
    return made


# --- affine maps ------------------------------------------------------------------------------------------------------


@_whole
def linear(
    net: Network,
    x: Any,
    width: int | str,
    *,
    name: str | None = None,
    layout: str = "row",
    bias: bool = True,
    activation: Choice = None,
) -> Form:
    """Add an affine map ``z = x @ W + b`` and, where one is named, its activation ``a``; return the last of them.

    ``x`` has shape (…, d), the result (…, width); in the layout ``"column"`` ``x`` has shape (d, n) or (d,). ``W`` is
    (d, width) in the layout ``"row"``, else (width, d) as in ``torch.nn.Linear``.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> linear(net, net.input("x", (4, "n")), 2, layout="column", activation="relu").shape
    (2, n)
    >>> net
    Network(z1 = W1 @ x + b1; a1 = relu(z1))

    Raises ShapeError for data without an axis of features, NetworkError for an unknown layout or activation.
    """
    tag = _tag(net, name, *("Wz" + ("b" if bias else "") + ("a" if activation else "")))
    layer = f"linear layer {tag.lstrip('_')}".rstrip()
    _check_layout(layer, layout)
    _chosen(layer, "activation", activation, activation_names())
    data = as_form(x)
    column = layout == "column"
    fan_in, fan_out = _width(layer, data, 0 if column else -1), size(width)
    if column and data.ndim > 2:
        raise ShapeError(
            f"{layer}: in the layout 'column' {data} has axes (features, samples), got {shape_text(data.shape)}"
        )
    weight = _weight(net, f"W{tag}", fan_in, fan_out, layout)
    total = weight @ data if column else data @ weight
    if bias:
        total = total + _bias(net, f"b{tag}", fan_in, fan_out, column and data.ndim == 2)
    return _activate(net, layer, net.define(f"z{tag}", total), activation, f"a{tag}", 0 if column else -1)


@_whole
def embedding(net: Network, index: Any, rows: int | str, width: int | str, *, name: str | None = None) -> Form:
    """Add a table ``E`` of shape (rows, width) and pick its rows: ``e = E[index]``, shape (*index.shape, width).

    >>> import symback as sb
    >>> net = sb.Network()
    >>> embedding(net, net.input("t", ("n", 5), integer=True), 100, 8).shape
    (n, 5, 8)
    """
    tag = _tag(net, name, "E", "e")
    table = net.parameter(f"E{tag}", make_shape((rows, width)))
    net.starts[f"E{tag}"] = Start("normal")
    return net.define(f"e{tag}", gather(table, as_form(index)))


@_whole
def residual(net: Network, x: Any, branch: Any, *, name: str | None = None) -> Form:
    """Add ``r = x + branch``; ``branch`` is a Form of the shape of ``x``, or a function that builds one from ``x``.

    The identity shortcut of He et al. 2016, https://arxiv.org/abs/1512.03385, eq. 1.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> r = residual(net, net.input("x", ("n", 4)), lambda x: linear(net, x, 4, activation="relu"))
    >>> net
    Network(z1 = x @ W1 + b1; a1 = relu(z1); r1 = x + a1)
    """
    tag = _tag(net, name, "r")
    data = as_form(x)
    other = as_form(branch(data) if callable(branch) else branch)
    if other.shape != data.shape:
        raise ShapeError(
            f"residual {tag.lstrip('_')}: {data} has shape {shape_text(data.shape)} and the branch {other} "
            f"{shape_text(other.shape)}; bring them to one shape, for example by a linear layer on the shortcut"
        )
    return net.define(f"r{tag}", data + other)


@_whole
def dropout(net: Network, x: Any, p: float = 0.5, *, mask: Any = None, name: str | None = None) -> Form:
    """Add inverted dropout with a given mask: ``x * mask / (1 - p)``, the rate ``p`` being the part that is dropped.

    The mask is an input ``M`` of the shape of ``x``, 1 where an entry stays and 0 where it is dropped, so that every
    run is told its own; or a Form given as ``mask``. Scaling by 1/(1 − p) while training is PyTorch's convention:
    https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> dropout(net, net.input("a", ("n", 4)), 0.2)
    a_tilde
    >>> net
    Network(a_tilde = a * M1 / 0.8)
    """
    tag = _tag(net, name, "M")
    layer = f"dropout {tag.lstrip('_')}".rstrip()
    rate = _rate(layer, p)
    data = as_form(x)
    if mask is None:
        chosen: Form = net.input(f"M{tag}", data.shape)
    else:
        chosen = as_form(mask)
        if chosen.shape != data.shape:
            raise ShapeError(
                f"{layer}: the mask {chosen} has shape {shape_text(chosen.shape)}, {data} has {shape_text(data.shape)}"
            )
    # 1 - p as a reader expects it: 0.8 for p = 0.2, not 0.8000000000000000444
    kept = number(float(f"{1 - rate:.12g}"))
    label = f"{data.name}_tilde" if isinstance(data, Name) else f"x{tag}_tilde"
    form = data * chosen if rate == 0 else data * chosen / kept
    return net.define(label if label not in net else f"x{tag}_tilde", form)


# --- normalization ----------------------------------------------------------------------------------------------------


def _epsilon(layer: str, value: float) -> Form:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise NetworkError(f"{layer}: eps is a number of at least 0, got {value!r}")
    return number(value)


def _scaled(
    net: Network, layer: str, x: Form, tag: str, shape: Sequence[Size], affine: bool, bias: bool = True
) -> Form:
    """Add the gain and shift of a normalized array, over its last axes."""
    if not affine:
        return x
    with _within(layer):
        scaled = _constant(net, f"gamma{tag}", shape, 1.0) * x
        return net.define(f"y{tag}", scaled + _constant(net, f"beta{tag}", shape, 0.0) if bias else scaled)


@_whole
def batch_norm(
    net: Network,
    x: Any,
    *,
    eps: float = 1e-5,
    affine: bool = True,
    statistics: tuple[Any, Any] | None = None,
    training: bool = True,
    name: str | None = None,
) -> Form:
    """Add batch normalization of ``x`` of shape (n, d): mean and variance over the batch, then ``gamma``, ``beta``.

    With ``training=False`` the mean and the variance are given inputs ``mu`` and ``v`` of shape (d,), or the two Forms
    ``statistics``. The variance divides by n, as in Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167,
    algorithm 1; ``eps`` is PyTorch's.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> y = batch_norm(net, net.input("x", ("n", 3)))
    >>> [e.name for e in net.equations]
    ['mu1', 'v1', 'x1_hat', 'y1']

    Raises ShapeError where ``x`` has not two axes.
    """
    tag = _tag(net, name, "gamma", "mu", "v", "y")
    layer = f"batch_norm {tag.lstrip('_')}".rstrip()
    small = _epsilon(layer, eps)
    data = _named(net, x, f"x{tag}")
    if data.ndim != 2:
        raise ShapeError(f"{layer}: {data} has shape {shape_text(data.shape)}; the axes are (batch, features)")
    if training and statistics is None:
        mean: Form = net.define(f"mu{tag}", reduce_over("mean", data, 0))
        variance: Form = net.define(f"v{tag}", reduce_over("mean", (data - mean) ** 2, 0))
    else:
        given = statistics or (net.input(f"mu{tag}", data.shape[1:]), net.input(f"v{tag}", data.shape[1:]))
        mean, variance = (as_form(s) for s in given)
    with _within(layer):
        centered = net.define(f"x{tag}_hat", (data - mean) / apply("sqrt", variance + small))
    return _scaled(net, layer, centered, tag, data.shape[1:], affine)


def _last_axes(layer: str, x: Form, axes: int) -> tuple[int, ...]:
    if isinstance(axes, bool) or not isinstance(axes, int) or not 1 <= axes <= x.ndim:
        raise ShapeError(f"{layer}: {x} of shape {shape_text(x.shape)} has not {axes} last axes to normalize over")
    return tuple(range(x.ndim - axes, x.ndim))


@_whole
def layer_norm(
    net: Network,
    x: Any,
    *,
    axes: int = 1,
    eps: float = 1e-5,
    affine: bool = True,
    bias: bool = True,
    name: str | None = None,
) -> Form:
    """Add layer normalization over the last ``axes`` axes of ``x``: each sample by its own mean and variance.

    Then a gain ``gamma`` and a shift ``beta``, unless ``affine`` or ``bias`` is False.

    Ba, Kiros and Hinton 2016, https://arxiv.org/abs/1607.06450; ``eps`` stands under the root as in
    https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> y = layer_norm(net, net.input("x", ("n", 3)))
    >>> print(net.equations[2].form)
    (x - mu1) / np.sqrt(v1 + 1e-05)
    """
    tag = _tag(net, name, "gamma", "mu", "v", "y")
    layer = f"layer_norm {tag.lstrip('_')}".rstrip()
    small = _epsilon(layer, eps)
    data = _named(net, x, f"x{tag}")
    over = _last_axes(layer, data, axes)
    mean = net.define(f"mu{tag}", reduce_over("mean", data, over, True))
    variance = net.define(f"v{tag}", reduce_over("mean", (data - mean) ** 2, over, True))
    centered = net.define(f"x{tag}_hat", (data - mean) / apply("sqrt", variance + small))
    return _scaled(net, layer, centered, tag, data.shape[-axes:], affine, bias)


@_whole
def rms_norm(
    net: Network, x: Any, *, axes: int = 1, eps: float = 1e-6, affine: bool = True, name: str | None = None
) -> Form:
    """Add normalization by the root of the mean square over the last ``axes`` axes, then a gain ``gamma``.

    Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467, eq. 4; ``eps`` stands under the root, as in
    https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html (whose default is the smallest step of the type).

    >>> import symback as sb
    >>> net = sb.Network()
    >>> y = rms_norm(net, net.input("x", ("n", 3)))
    >>> [e.name for e in net.equations]
    ['q1', 'x1_hat', 'y1']
    """
    tag = _tag(net, name, "gamma", "q", "y")
    layer = f"rms_norm {tag.lstrip('_')}".rstrip()
    small = _epsilon(layer, eps)
    data = _named(net, x, f"x{tag}")
    over = _last_axes(layer, data, axes)
    square = net.define(f"q{tag}", reduce_over("mean", data**2, over, True))
    scaled = net.define(f"x{tag}_hat", data / apply("sqrt", square + small))
    if not affine:
        return scaled
    return net.define(f"y{tag}", _constant(net, f"gamma{tag}", data.shape[-axes:], 1.0) * scaled)


# --- attention --------------------------------------------------------------------------------------------------------


@_whole
def multi_head_attention(
    net: Network,
    query: Any,
    key: Any = None,
    value: Any = None,
    *,
    heads: int = 1,
    causal: bool = False,
    mask: Any = None,
    layout: str = "row",
    bias: bool = True,
    name: str | None = None,
) -> Form:
    """Add multi-head attention and return its output, of the shape of ``query``: (…, length, width).

    Self-attention reads ``query`` alone; cross-attention reads keys, and values (default: the keys), of another
    length. Each head is ``softmax(Q Kᵀ / √d + M) V`` with d = width / heads; heads are joined and multiplied by ``Wo``.
    ``mask`` is added to the scores, −∞ where a key must not be seen, and broadcasts to (…, length, keys), or with
    several heads to (…, heads, length, keys); ``causal`` adds an input ``M`` that hides the keys behind each query, with its value
    where the length is a number.

    Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.2; biases and the additive mask as in
    https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html, which stacks Wq, Wk, Wv.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> multi_head_attention(net, net.input("X", ("n", 5, 8)), heads=2, causal=True).shape
    (n, 5, 8)

    Raises ShapeError where the width cannot be split into heads or the lengths do not fit.
    """
    tag = _tag(net, name, "Wq", "Q", "K", "V", "A", "O", "M")
    layer = f"attention {tag.lstrip('_')}".rstrip()
    _check_layout(layer, layout, LAYOUTS[:2])
    q = _named(net, query, f"X{tag}")
    k = q if key is None else _named(net, key, f"X{tag}_k")
    v = k if value is None else _named(net, value, f"X{tag}_v")
    _check_attention(layer, q, k, v, heads)
    parts = _Heads(net, tag, heads, q.shape[-1], layout, bias)
    with _within(layer):
        queries, keys, values = (parts.split(f"{letter}{tag}", x) for letter, x in (("Q", q), ("K", k), ("V", v)))
        products = parts.ordered(queries, 0, 1) @ parts.ordered(keys, 1, 0)
        scores: Form = net.define(f"S{tag}", products / _root(queries.shape[-1]))
        added = [_causal(net, f"M{tag}", q.shape[-2], k.shape[-2])] if causal else []
        added += [] if mask is None else [as_form(mask)]
        if added:
            scores = net.define(f"S{tag}_tilde", _masked(scores, added))
        weights = net.define(f"A{tag}", ROWS["softmax"](scores, axis=-1))
        joined: Form = net.define(f"H{tag}", weights @ parts.ordered(values, 0, 1))
        if heads > 1:
            back = (*range(joined.ndim - 3), joined.ndim - 2, joined.ndim - 3, joined.ndim - 1)
            joined = net.define(f"C{tag}", reshape(transpose(joined, back), q.shape))
        return parts.projected(f"O{tag}", joined, "o")


def _check_attention(layer: str, q: Form, k: Form, v: Form, heads: Any) -> None:
    for part in (q, k, v):
        if part.ndim < 2 or part.ndim != q.ndim:
            raise ShapeError(f"{layer}: {part} has shape {shape_text(part.shape)}; the axes are (…, length, features)")
    if k.shape[:-1] != v.shape[:-1]:
        raise ShapeError(f"{layer}: keys {shape_text(k.shape)} and values {shape_text(v.shape)} differ in length")
    width = q.shape[-1]
    if isinstance(heads, bool) or not isinstance(heads, int) or heads < 1:
        raise NetworkError(f"{layer}: heads is a whole number of at least 1, got {heads!r}")
    if heads > 1 and (not isinstance(width, int) or width % heads):
        raise ShapeError(f"{layer}: a width of {width} cannot be split into {heads} heads")


def _masked(scores: Form, added: list[Form]) -> Form:
    masked = _sum(scores, *added)
    if masked.shape != scores.shape:
        raise ShapeError(
            f"the mask {added[-1]} of shape {shape_text(added[-1].shape)} does not broadcast to the scores of "
            f"shape {shape_text(scores.shape)}"
        )
    return masked


@dataclass(frozen=True)
class _Heads:
    """The projections of an attention layer, and its arrays split into heads."""

    net: Network
    tag: str
    heads: int
    width: Size
    layout: str
    bias: bool

    def projected(self, label: str, x: Form, letter: str) -> Form:
        """Name ``x`` times the weight of this letter."""
        product = x @ _weight(self.net, f"W{letter}{self.tag}", x.shape[-1], self.width, self.layout)
        shift = _bias(self.net, f"b{letter}{self.tag}", x.shape[-1], self.width) if self.bias else None
        return self.net.define(label, product if shift is None else product + shift)

    def split(self, label: str, x: Form) -> Form:
        """Name the array whose last axes are (heads, width of a head)."""
        made = self.projected(label, x, label[0].lower())
        if self.heads == 1:
            return made
        assert isinstance(self.width, int)
        return self.net.define(f"{label}_bar", reshape(made, (*made.shape[:-1], self.heads, self.width // self.heads)))

    def ordered(self, x: Form, *last: int) -> Form:
        """Return the axes with (…, heads, length, width of a head), the last two in the order given."""
        rank = x.ndim
        front = tuple(range(rank - 2)) if self.heads == 1 else (*range(rank - 3), rank - 2)
        axes = (rank - 2 if self.heads == 1 else rank - 3, rank - 1)
        return transpose(x, (*front, *(axes[k] for k in last)))


def _root(width: Size) -> Form:
    """Return √width, as a whole number where it is one."""
    if isinstance(width, int) and math.isqrt(width) ** 2 == width:
        return number(math.isqrt(width))
    return apply("sqrt", size_of(width))


def _causal(net: Network, label: str, queries: Size, keys: Size) -> Form:
    value = None
    if isinstance(queries, int) and isinstance(keys, int):
        value = np.triu(np.full((queries, keys), -np.inf), 1)
    return net.input(label, (queries, keys), value)


# --- recurrent layers -------------------------------------------------------------------------------------------------


class Recurrent(NamedTuple):
    """What a recurrent layer gives back.

    ``outputs`` has one Form per time step, of the last layer, both directions side by side, and ``sequence`` all of
    them in one array, time along the axis of the input; ``final`` the last hidden state of every layer and direction, in
    PyTorch's order; ``cells`` the same of the cell states of an LSTM.
    """

    outputs: tuple[Form, ...]
    sequence: Form
    final: tuple[Form, ...]
    cells: tuple[Form, ...] = ()

    @property
    def last(self) -> Form:
        """The output of the last time step."""
        return self.outputs[-1]


@_whole
def rnn(net: Network, x: Any, width: int | str, *, activation: Choice = "tanh", **options: Any) -> Recurrent:
    """Add an Elman network unrolled over time: ``h_t = tanh(x_t Wx + h_{t-1} Wh + bh)``.

    ``x`` has shape (n, time, d), (time, d), or is a list of Forms, one per step; ``width`` is that of the state. Options
    of all recurrent layers: ``initial`` (a Form for h_0, or a pair of tuples of Forms for an LSTM; default: zeros),
    ``depth`` layers on top of each other, ``bidirectional``, ``time_first`` for an ``x`` of shape (time, n, d),
    ``bias``, ``first`` (the number of the first time step), ``name``, and ``layout``: ``"row"`` has one weight per gate (``Wx`` of shape (d, width)), ``"torch"``
    stacks them as PyTorch does (``Wih`` of shape (gates · width, d), two biases).

    >>> import symback as sb
    >>> net = sb.Network()
    >>> states = rnn(net, net.input("X", ("n", 2, 3)), 4)
    >>> [str(e.form) for e in net.equations if e.name in ("s2", "h2")]
    ['x2 @ Wx + h1 @ Wh + bh', 'tanh(s2)']

    Raises ShapeError where the time axis has no known length or a state does not fit.
    """
    _chosen("rnn", "activation", activation, activation_names())

    def step(cell: _Cell, x_t: Form, state: tuple[Form, ...], t: int) -> tuple[Form, ...]:
        if cell.layout == "torch":
            total = _sum(x_t @ cell["Wih"].T, cell.get("bih"), state[0] @ cell["Whh"].T, cell.get("bhh"))
        else:
            total = _sum(x_t @ cell["Wx"], state[0] @ cell["Wh"], cell.get("bh"))
        s = net.define(cell.at("s", t), total)
        return (_activate(net, "rnn", s, activation, cell.at("h", t)),)

    return _unrolled(net, "rnn", x, width, step, ("",), **options)


@_whole
def lstm(net: Network, x: Any, width: int | str, **options: Any) -> Recurrent:
    """Add a long short-term memory unrolled over time; shapes and options as for ``rnn``.

    Input, forget and output gates i, f, o = σ(…), candidate g = tanh(…), each of ``x_t Wx + h_{t-1} Wh + b``; then
    ``c_t = f c_{t-1} + i g`` and ``h_t = o tanh(c_t)``. Hochreiter and Schmidhuber 1997 with the forget gate of Gers et
    al. 2000; gate order of https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> states = lstm(net, net.input("X", ("n", 2, 3)), 4)
    >>> [str(e.form) for e in net.equations if e.name in ("c1", "h1")]
    ['f1 * c0 + i1 * g1', 'o1 * m1']
    """

    def step(cell: _Cell, x_t: Form, state: tuple[Form, ...], t: int) -> tuple[Form, ...]:
        h, c = state
        gate = {
            letter: net.define(cell.at(letter, t), ROWS["tanh" if letter == "g" else "sigmoid"](before))
            for letter, before in _gates(net, cell, x_t, h, t).items()
        }
        new = net.define(cell.at("c", t), gate["f"] * c + gate["i"] * gate["g"])
        return net.define(cell.at("h", t), gate["o"] * net.define(cell.at("m", t), ROWS["tanh"](new))), new

    return _unrolled(net, "lstm", x, width, step, GATES["lstm"], **options)


@_whole
def gru(net: Network, x: Any, width: int | str, **options: Any) -> Recurrent:
    """Add a gated recurrent unit unrolled over time; shapes and options as for ``rnn``.

    Reset gate r and update gate u = σ(…), candidate ``n_t = tanh(x_t Wxn + bxn + r (h_{t-1} Whn + bhn))``, then
    ``h_t = (1 - u) n_t + u h_{t-1}``. Cho et al. 2014, https://arxiv.org/abs/1406.1078, in the form that PyTorch runs,
    the reset after the product: https://pytorch.org/docs/stable/generated/torch.nn.GRU.html.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> states = gru(net, net.input("X", ("n", 1, 3)), 4)
    >>> print(next(e.form for e in net.equations if e.name == "h1"))
    (1 - u1) * n1 + u1 * h0
    """

    def step(cell: _Cell, x_t: Form, state: tuple[Form, ...], t: int) -> tuple[Form, ...]:
        [h] = state
        parts: dict[str, tuple[Form | None, ...]]
        if cell.layout == "torch":
            from_x = net.define(cell.at("s", t, "x"), _sum(x_t @ cell["Wih"].T, cell.get("bih")))
            from_h = net.define(cell.at("s", t, "h"), _sum(h @ cell["Whh"].T, cell.get("bhh")))
            parts = {
                letter: (_part(from_x, k, cell.width), _part(from_h, k, cell.width))
                for k, letter in enumerate(GATES["gru"])
            }
        else:
            parts = {k: (x_t @ cell[f"Wx{k}"], h @ cell[f"Wh{k}"], cell.get(f"b{k}")) for k in ("r", "u")}
            from_x = net.define(cell.at("s", t, "x"), _sum(x_t @ cell["Wxn"], cell.get("bxn")))
            from_h = net.define(cell.at("s", t, "h"), _sum(h @ cell["Whn"], cell.get("bhn")))
            parts["n"] = (from_x, from_h)
        r, u = (
            net.define(cell.at(k, t), ROWS["sigmoid"](net.define(cell.at("s", t, k), _sum(*parts[k]))))
            for k in ("r", "u")
        )
        inside = net.define(cell.at("s", t, "n"), _sum(parts["n"][0], r * parts["n"][1]))
        candidate = net.define(cell.at("n", t), ROWS["tanh"](inside))
        return (net.define(cell.at("h", t), (1 - u) * candidate + u * h),)

    return _unrolled(net, "gru", x, width, step, GATES["gru"], **options)


def _sum(*terms: Form | None) -> Form:
    found = [t for t in terms if t is not None]
    total = found[0]
    for term in found[1:]:
        total = total + term
    return total


def _part(x: Form, k: int, width: Size) -> Form:
    """Return the k-th of the parts of ``width`` columns that stand side by side."""
    if not isinstance(width, int):
        raise ShapeError(f"gates stacked as PyTorch stacks them need a known width, not {width}; use the layout 'row'")
    return x[..., k * width : (k + 1) * width]


class _Cell(dict[str, Form]):
    """The parameters of one layer and direction, and the names of what it computes at each time step."""

    def __init__(self, layout: str, width: Size, mark: str) -> None:
        super().__init__()
        self.layout, self.width, self.mark = layout, width, mark

    def at(self, stem: str, t: int, gate: str = "") -> str:
        """Return the name of ``stem`` at time ``t``: h1, or h1_2 in a second layer."""
        return "_".join(p for p in (f"{stem}{t}", gate, self.mark) if p)


def _gates(net: Network, cell: _Cell, x_t: Form, h: Form, t: int) -> dict[str, Form]:
    """Return the pre-activations of the gates of an LSTM."""
    if cell.layout == "torch":
        s = net.define(cell.at("s", t), _sum(x_t @ cell["Wih"].T, cell.get("bih"), h @ cell["Whh"].T, cell.get("bhh")))
        return {k: net.define(cell.at("s", t, k), _part(s, n, cell.width)) for n, k in enumerate(GATES["lstm"])}
    return {
        k: net.define(cell.at("s", t, k), _sum(x_t @ cell[f"Wx{k}"], h @ cell[f"Wh{k}"], cell.get(f"b{k}")))
        for k in GATES["lstm"]
    }


_Step: TypeAlias = "Callable[[_Cell, Form, tuple[Form, ...], int], tuple[Form, ...]]"


def _unrolled(
    net: Network,
    kind: str,
    x: Any,
    width: int | str,
    step: _Step,
    gates: Sequence[str],
    *,
    initial: Any = None,
    depth: int = 1,
    bidirectional: bool = False,
    time_first: bool = False,
    bias: bool = True,
    layout: str = "row",
    first: int = 1,
    name: str | None = None,
) -> Recurrent:
    states = 2 if kind == "lstm" else 1
    _check_layout(kind, layout, LAYOUTS[:2])
    if isinstance(depth, bool) or not isinstance(depth, int) or depth < 1:
        raise NetworkError(f"{kind}: depth is a whole number of at least 1, got {depth!r}")
    tag = _recurrent_tag(net, kind, name, x)
    inputs = _steps_of(net, kind, x, time_first, tag, first)
    size_ = size(width)
    directions = ("", "r") if bidirectional else ("",)
    count = depth * len(directions)
    start = _initial_states(kind, initial, states, count)
    final: list[tuple[Form, ...]] = []
    for level in range(depth):
        ends: list[list[Form]] = []
        for reverse, direction in enumerate(directions):
            place = level * len(directions) + reverse
            layer_tag = tag + (("_" if tag else "") + str(level + 1) if depth > 1 else "")
            mark = "_".join(p for p in (layer_tag.lstrip("_"), direction) if p)
            cell = _Cell(layout, size_, mark)
            suffix = layer_tag + (f"_{direction}" if direction else "")
            _declare(net, cell, kind, gates, inputs[0].shape[-1], suffix, bias)
            state = _state_before(net, kind, cell, inputs[0], start, place, states)
            found: list[Form] = []
            order = list(enumerate(inputs, first))
            for t, x_t in reversed(order) if reverse else order:
                with _within(f"{kind} at time {t}"):
                    state = step(cell, x_t, state, t)
                found.append(state[0])
            final.append(state)
            ends.append(found[::-1] if reverse else found)
        if len(ends) == 1:
            inputs = ends[0]
        else:
            inputs = [
                net.define("_".join(p for p in (f"H{t}", layer_tag.lstrip("_")) if p), concatenate(list(pair), -1))
                for t, pair in enumerate(zip(*ends, strict=True), first)
            ]
    time = 0 if time_first or inputs[0].ndim == 1 else 1
    whole = net.define("_".join(p for p in ("H", tag.lstrip("_")) if p), stack(inputs, time))
    hidden, cells = ([state[k] for state in final] for k in (0, -1))
    return Recurrent(tuple(inputs), whole, tuple(hidden), tuple(cells) if states == 2 else ())


def _recurrent_tag(net: Network, kind: str, name: str | None, x: Any) -> str:
    """Return "" for the first recurrent layer of a network, then the next number, unless the user named it."""
    if name is not None:
        return _tag(net, name)
    used = [*net.variables, *(e.name for e in net.equations)]
    computed = {"rnn": "sh", "lstm": "shcmifgo", "gru": "shrun"}[kind]
    parameters = "W[xh][ifgorun]?|Wih|Whh|bih|bhh|b[hifgorun]|b[xh]n"
    if not any(re.fullmatch(rf"H|[{computed}]\d+(_[a-z])?|({parameters})(_.*)?", label) for label in used):
        return ""
    k = 2
    while any(re.fullmatch(rf".*_{k}(_.*)?|({parameters}){k}(_.*)?", label) for label in used):
        k += 1
    return str(k)


def _steps_of(net: Network, kind: str, x: Any, time_first: bool, tag: str, first: int) -> list[Form]:
    """Return the input of each time step under a name of its own."""
    if isinstance(x, (list, tuple)):
        given = [as_form(v) for v in x]
        if not given or any(v.shape != given[0].shape or not v.shape for v in given):
            raise ShapeError(f"{kind}: the time steps are Forms of one shape (n, features), at least one")
        return given
    data = as_form(x)
    axis = 0 if time_first or data.ndim == 2 else 1
    if data.ndim not in (2, 3):
        raise ShapeError(
            f"{kind}: {data} has shape {shape_text(data.shape)}; the axes are (batch, time, features) or (time, features)"
        )
    length = data.shape[axis]
    if not isinstance(length, int):
        raise ShapeError(f"{kind}: the time axis of {data} has the symbolic size {length}; unrolling needs a number")
    mark = f"_{tag.lstrip('_')}" if tag else ""
    found: list[Form] = []
    for t in range(length):
        piece = data[t] if axis == 0 else data[:, t]
        label = f"x{first + t}{mark}"
        found.append(net.define(label if label not in net else f"x{first + t}_in{mark}", piece))
    return found


def _initial_states(kind: str, initial: Any, states: int, count: int) -> list[tuple[Form, ...]] | None:
    """Return the states before the first step, per layer and direction, from what the caller gave."""
    if initial is None:
        return None
    parts = list(initial) if states == 2 and isinstance(initial, (tuple, list)) else [initial]
    groups = [tuple(p) if isinstance(p, (tuple, list)) else (p,) for p in parts]
    if len(groups) != states or any(len(g) != count for g in groups):
        wanted = "one Form" if count == 1 else f"{count} Forms, one per layer and direction"
        raise NetworkError(
            f"{kind}: initial is {wanted}"
            + (" for h and as many for c: a pair" if states == 2 else "")
            + f", got {initial!r}"
        )
    return [tuple(as_form(g[k]) for g in groups) for k in range(count)]


def _state_before(
    net: Network, kind: str, cell: _Cell, x_t: Form, start: list[tuple[Form, ...]] | None, place: int, states: int
) -> tuple[Form, ...]:
    shape = (*x_t.shape[:-1], cell.width)
    if start is None:
        return tuple(net.define(cell.at(stem, 0), filled(0, shape)) for stem in ("h", "c")[:states])
    for state in start[place]:
        if state.shape != shape:
            raise ShapeError(
                f"{kind}: the initial state {state} has shape {shape_text(state.shape)}, expected {shape_text(shape)}"
            )
    return start[place]


def _declare(net: Network, cell: _Cell, kind: str, gates: Sequence[str], width: Size, tag: str, bias: bool) -> None:
    """Declare the parameters of one layer and direction."""
    own = cell.width

    def weight(stem: str, fan_in: Size, rows: Size) -> None:
        shape = (rows, fan_in) if cell.layout == "torch" else (fan_in, rows)
        cell[stem] = net.parameter(f"{stem}{tag}", shape)
        net.starts[f"{stem}{tag}"] = Start("weight", fan_in, own, width=own)

    def shift(stem: str, rows: Size) -> None:
        if bias:
            cell[stem] = net.parameter(f"{stem}{tag}", (rows,))
            net.starts[f"{stem}{tag}"] = Start("bias", own, own, width=own)

    if cell.layout == "torch":
        stacked: Any = len(gates) * own
        if not isinstance(stacked, int) and len(gates) > 1:
            raise ShapeError(
                f"{kind}: gates stacked as PyTorch stacks them need a known width, not {own}; use the layout 'row'"
            )
        weight("Wih", width, stacked)
        weight("Whh", own, stacked)
        shift("bih", stacked)
        shift("bhh", stacked)
        return
    for gate in gates:
        weight(f"Wx{gate}", width, own)
        weight(f"Wh{gate}", own, own)
        for stem in ("bxn", "bhn") if kind == "gru" and gate == "n" else (f"b{gate or 'h'}",):
            shift(stem, own)


# --- a whole network --------------------------------------------------------------------------------------------------


def mlp(
    sizes: Sequence[int | str],
    hidden: Any = "sigmoid",
    output: Choice = "sigmoid",
    loss: Choice = "bce",
    *,
    batch: int | str | None = "n",
    layout: str = "row",
    targets: str | None = None,
    bias: bool = True,
    names: tuple[str, str] = ("X", "Y"),
) -> Network:
    """Return a multilayer perceptron with its loss: ``z1``, ``a1``, …, ``loss``, a Network of one line.

    ``sizes`` counts the features of the data, of each hidden layer, and of the output. ``hidden`` and ``output`` are
    activations, ``loss`` a loss, each the name of a row, ``(name, options)`` or a function; ``hidden`` may be a list,
    one per hidden layer, and None is no activation. ``batch`` is the size of the batch (None: one sample, 1-D).
    ``targets`` is ``"classes"`` for class indices, ``"one-hot"`` for rows that sum to 1 (what ``cross_entropy`` takes
    unless told otherwise). ``cross_entropy`` reads the probabilities of an output ``"softmax"``, −mean Σ Y log a, and
    logits where the output is None.

    >>> net = mlp([2, 3, 1], hidden="sigmoid", output="sigmoid", loss="bce")
    >>> [e.name for e in net.equations]
    ['z1', 'a1', 'z2', 'a2', 'loss']
    >>> import symback as sb
    >>> print(sb.derive(net).gradient("W2").shape)
    (3, 1)

    Values to start from are ``net.initial(seed)``. Raises NetworkError for unknown names and for an output that the
    loss applies itself (sigmoid before ``bce_with_logits``), ShapeError for sizes that do not fit.
    """
    widths = _widths(sizes)
    _check_layout("mlp", layout)
    layers = len(widths) - 1
    _check_targets(targets)
    activations = list(hidden) if isinstance(hidden, list) else [hidden] * (layers - 1)
    if len(activations) != layers - 1:
        raise NetworkError(f"mlp: {layers - 1} hidden layer(s) and {len(activations)} activations in {hidden!r}")
    _, output_name = _chosen("mlp", "output activation", output, activation_names())
    function, loss_name = _chosen("mlp", "loss", loss, loss_names())
    if function is None:
        raise NetworkError("mlp needs a loss")
    _check_output(output_name, loss_name, options=isinstance(loss, tuple) and bool(loss[1]))
    targets = "one-hot" if targets is None and loss_name == "cross_entropy" else targets
    net, column = Network(), layout == "column"

    def shape(width: Size) -> tuple[Any, ...]:
        return (width,) if batch is None else (width, batch) if column else (batch, width)

    a: Form = net.input(names[0], shape(widths[0]))
    classes = targets == "classes"
    target = net.input(names[1], (() if batch is None else (batch,)) if classes else shape(widths[-1]), integer=classes)
    for k, width in enumerate(widths[1:], 1):
        activation = output if k == layers else activations[k - 1]
        a = linear(net, a, width, name=str(k), layout=layout, bias=bias, activation=activation)
    if targets == "one-hot":
        net.assume("one-hot", target, axis=0 if column or batch is None else -1)
    with _within(f"mlp: loss {loss_name}".rstrip()):
        net.define("loss", _loss(function, loss_name, output_name, a, target, column and batch is not None, classes))
    return net


def _widths(sizes: Sequence[int | str]) -> list[Size]:
    widths = [size(s) for s in sizes] if isinstance(sizes, (list, tuple)) else []
    if len(widths) < 2 or any(isinstance(s, bool) or s == 0 for s in sizes):
        raise ShapeError(f"mlp: sizes counts features from the data to the output, at least two numbers, got {sizes!r}")
    return widths


def _check_targets(targets: str | None) -> None:
    known = ("classes", "one-hot")
    if targets not in (None, *known):
        raise NetworkError(
            f"mlp: targets is {' or '.join(map(repr, known))}, not {targets!r}{nearest(str(targets), known)}"
        )


def _loss(
    function: Callable[..., Any], loss: str, output: str, a: Form, target: Form, column: bool, classes: bool
) -> Form:
    axis = 0 if column or a.ndim == 1 else -1
    if loss == "cross_entropy" and output == "softmax":
        row = target if not classes else None
        if row is None:
            return ROWS["nll"](apply("log", a.T if column else a), target)
        losses = reduce_over("sum", row * apply("log", a), axis)
        return -reduce_over("mean", losses) if losses.shape else -losses
    if column and loss in ROWS and _along_classes(ROWS[loss], a.T, target if classes else target.T):
        return as_form(function(a.T, target if classes else target.T))
    return as_form(function(a, target))


def _along_classes(row: Function, a: Form, target: Form) -> bool:
    """Return whether a loss sees rows: its result without reduction has lost the axis of the classes."""
    found = row(a, target, reduction="none")
    return found.shape != a.shape


def _check_output(output: str, loss: str, options: bool) -> None:
    """Refuse an output that the loss applies itself, as softmax before the cross-entropy of logits."""
    row = ROWS.get(loss)
    if (
        row is None
        or row.argument_names[:1] != ("logits",)
        or output not in ("sigmoid", "softmax", "log_softmax", "log_sigmoid")
    ):
        return
    if loss == "cross_entropy" and output == "softmax" and not options:
        return  # written with the probabilities: −Σ y log softmax(z)
    probabilities = loss.removesuffix("_with_logits")
    hint = (
        f", or loss={probabilities!r}"
        if probabilities in ROWS and probabilities != loss and output == "sigmoid"
        else ""
    )
    raise NetworkError(
        f"mlp: {loss} takes logits and squashes them itself, so output={output!r} would do it twice; use output=None{hint}"
    )


__all__ = [
    "GATES",
    "LAYOUTS",
    "Recurrent",
    "activation_names",
    "batch_norm",
    "dropout",
    "embedding",
    "gru",
    "layer_norm",
    "linear",
    "loss_names",
    "lstm",
    "mlp",
    "multi_head_attention",
    "residual",
    "rms_norm",
    "rnn",
]
