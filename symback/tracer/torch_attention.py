"""Multi-head attention of PyTorch in a log, by its builder: queries, keys, values, weights and output have their names."""

from __future__ import annotations

from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.core.forms import Apply, Form, reduce_over, transpose
from symback.functions import ROWS
from symback.networks import layers
from symback.tracer.formulas import Formulas
from symback.tracer.log import Node
from symback.tracer.torch_pages import Page

_ORDER = (
    *("query", "key", "value", "embed_dim_to_check", "num_heads", "in_proj_weight", "in_proj_bias", "bias_k", "bias_v"),
    *("add_zero_attn", "dropout_p", "out_proj_weight", "out_proj_bias", "training", "key_padding_mask", "need_weights"),
    *(
        "attn_mask",
        "use_separate_proj_weight",
        "q_proj_weight",
        "k_proj_weight",
        "v_proj_weight",
        "static_k",
        "static_v",
    ),
    *("average_attn_weights", "is_causal"),
)
_PLAIN = ("bias_k", "bias_v", "add_zero_attn", "use_separate_proj_weight", "static_k", "static_v")
"""Options that are taken apart by their parts instead."""


class _Attention(Page):
    """It keeps the weights of attention, which a call gives back as well."""

    weights: Form | None = None

    def define(self, label: str, form: Any, *, line: int | None = None) -> Any:
        """Make ``label = form`` a part of the formula."""
        made = super().define(label, form, line=line)
        if isinstance(form, Apply) and form.op is ROWS["softmax"]:
            self.weights = made
        return made


def attention(lowering: Formulas, node: Node) -> Any:
    """Return ``F.multi_head_attention_forward``: its output, and the weights of attention or None."""
    said = {**dict(zip(_ORDER, node.args, strict=False)), **node.options}
    if any(said.get(name) not in (None, False) for name in _PLAIN) or said.get("in_proj_weight") is None:
        raise ReadError("attention with further keys", lowering.line)
    heads, width = int(said["num_heads"]), int(said["embed_dim_to_check"])
    whole, shift = (_form(lowering, said.get(f"in_proj_{k}")) for k in ("weight", "bias"))
    assert whole is not None
    own: dict[str, Form | None] = {}
    name = lowering.numbered("attention")
    for k, letter in enumerate("qkv"):
        rows = slice(k * width, (k + 1) * width)
        own |= {f"W{letter}{name}": whole[rows], f"b{letter}{name}": None if shift is None else shift[rows]}
    own |= {f"{k}o{name}": _form(lowering, said.get(f"out_proj_{v}")) for k, v in (("W", "weight"), ("b", "bias"))}
    same = said["key"] is said["query"] and said["value"] is said["query"]
    data = [_form(lowering, said[k]) for k in ("query", "key", "value")[: 1 if same else 3]]
    swapped = data[0] is not None and data[0].ndim == 3
    page = _Attention(lowering, own)
    result = layers.multi_head_attention(
        page,
        *(transpose(x, (1, 0, 2)) if swapped and x is not None else x for x in data),
        heads=heads,
        mask=_mask(lowering, said, heads),
        layout="torch",
        bias=shift is not None,
        name=name,
    )
    weights = page.weights
    if not said.get("need_weights", True):
        weights = None
    elif heads > 1 and said.get("average_attn_weights", True) and weights is not None:
        weights = reduce_over("mean", weights, -3)
    return transpose(result, (1, 0, 2)) if swapped else result, weights


def _form(lowering: Formulas, value: Any) -> Form | None:
    return None if value is None else lowering.form(lowering.operand(value))


def _mask(lowering: Formulas, said: dict[str, Any], heads: int) -> Form | None:
    """Return what is added to the scores: −∞ where a key must not be seen."""
    found: np.ndarray | None = None
    for key in ("attn_mask", "key_padding_mask"):
        node = said.get(key)
        if node is None:
            continue
        if not isinstance(node, Node) or node in lowering.dependent:
            raise ReadError("a mask that depends on a parameter", lowering.line)
        value = np.asarray(lowering.values[node])
        value = np.where(value, -np.inf, 0.0) if value.dtype.kind == "b" else value.astype(np.float64)
        if key == "key_padding_mask":
            value = value.reshape(-1, 1, 1, value.shape[-1]) if heads > 1 else value.reshape(-1, 1, value.shape[-1])
        elif value.ndim == 3 and heads > 1:
            value = value.reshape(-1, heads, *value.shape[1:])
        found = value if found is None else found + value
    return None if found is None else lowering.literal(found)
