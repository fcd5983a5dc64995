"""What the parameters of the layers of ``torch.nn`` are called on a page: the symbols of textbooks, numbered by layer."""

from __future__ import annotations

from collections.abc import Mapping

DEEPEST = 32
"""Most layers of one recurrent object."""

USUAL: Mapping[str, str] = {"weight": "W", "bias": "b"}
"""Symbols of layers that have no row below, as nn.Linear and convolutions."""

CELL: Mapping[str, str] = {"weight_ih": "Wih", "weight_hh": "Whh", "bias_ih": "bih", "bias_hh": "bhh"}

RECURRENT: Mapping[str, str] = {
    f"{slot}_l{level}{theirs}": stem + "{}" + (f"_{level + 1}" if level else "") + ours
    for level in range(DEEPEST)
    for theirs, ours in (("", ""), ("_reverse", "_r"))
    for slot, stem in CELL.items()
}

NORM: Mapping[str, str] = {"weight": "gamma", "bias": "beta", "running_mean": "mu", "running_var": "nu"}

ATTENTION: Mapping[str, str] = {
    "in_proj_weight": "Win",
    "in_proj_bias": "bin",
    "q_proj_weight": "Wq",
    "k_proj_weight": "Wk",
    "v_proj_weight": "Wv",
}

SYMBOLS: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm"), NORM),
    **dict.fromkeys(("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"), NORM),
    "RMSNorm": {"weight": "gamma"},
    "Embedding": {"weight": "E"},
    "EmbeddingBag": {"weight": "E"},
    "PReLU": {"weight": "alpha"},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), RECURRENT),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), CELL),
    "MultiheadAttention": ATTENTION,
    "NonDynamicallyQuantizableLinear": {"weight": "Wo", "bias": "bo"},
}
"""By the class of a layer, what stands before the number of the layer on the page, or has ``{}`` in its place."""


def symbols_for(layer: str) -> Mapping[str, str]:
    """Return the symbols of a layer by the names that it has for its parameters.

    >>> symbols_for("LayerNorm")["weight"], symbols_for("Linear")["weight"]
    ('gamma', 'W')
    """
    return SYMBOLS.get(layer, USUAL)


def numbered(symbol: str, number: int) -> str:
    """Return a symbol with the number of its layer.

    >>> numbered("W", 2), numbered("Wih{}_2", 1)
    ('W2', 'Wih1_2')
    """
    return (symbol if "{}" in symbol else symbol + "{}").format(number)
