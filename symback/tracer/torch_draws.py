"""Functions of PyTorch that draw numbers, recorded by what they do with them: the same draws, and the same state afterwards.

``mode`` is what records, an object of ``symback.tracer.tensors.Tensors``.
"""

from __future__ import annotations

from typing import Any

import torch

from symback.tracer.torch_values import Operation, tensors_in


def initialized(mode: Any, function: Any, args: Any, options: Any) -> Any:
    """Carry out a function that gives a parameter its first numbers."""
    held = []
    for tensor in (*tensors_in(args), *tensors_in(options)):
        known = mode.known.get(id(tensor))
        if known is not None and known.tensor() is tensor:
            known.memory.about_to_change()
            held.append((tensor, known))
    result = function(*args, **options)
    for tensor, known in held:
        mode.anew(tensor, known, known.memory)
    return result


def is_thinned(args: Any) -> bool:
    """Return whether a recurrent layer has dropout between its layers."""
    depth, rate, training = args[5:8] if isinstance(args[3], (list, tuple)) else args[4:7]
    return bool(depth > 1 and rate and training)


def is_dropping(args: Any, options: Any) -> bool:
    """Return whether attention is called with dropout."""
    return bool(args[4] if len(args) > 4 else options.get("dropout_p", 0.0))


def is_thinning(args: Any, options: Any) -> bool:
    """Return whether multi-head attention is called with dropout."""
    rate = args[10] if len(args) > 10 else options.get("dropout_p", 0.0)
    training = args[13] if len(args) > 13 else options.get("training", True)
    return bool(rate and training)


def attended(mode: Any, function: Any, path: str, args: Any, options: Any) -> Any:
    """Record attention whose weights are thinned by its parts: the same draws, and the same state after."""
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")
    said = {**dict(zip(names, args, strict=False)), **options}
    query, key, value, mask = said["query"], said["key"], said["value"], said.get("attn_mask")
    state = torch.get_rng_state()
    result = function(*args, **options)
    after = torch.get_rng_state()
    torch.set_rng_state(state)
    scale = said.get("scale") or query.shape[-1] ** -0.5
    with mode:
        scores = query @ key.transpose(-2, -1) * scale
        if said.get("is_causal"):
            mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
        if mask is not None:
            scores = scores.masked_fill(~mask, float("-inf")) if mask.dtype is torch.bool else scores + mask
        made = torch.dropout(torch.softmax(scores, -1), said["dropout_p"], True) @ value
    same = torch.allclose(made, result, rtol=1e-4, atol=1e-6)
    torch.set_rng_state(after)
    return made if same else mode.recorded(lambda *_, **__: result, path, args, options)


def layered(mode: Any, function: Any, path: str, args: Any) -> Any:
    """Record recurrent layers with dropout between them one by one: the same draws, and the same state after."""
    sizes = None
    if isinstance(args[3], (list, tuple)):
        x, sizes, states, weights, bias, depth, rate, training, both = args
    else:
        x, states, weights, bias, depth, rate, training, both, batch_first = args
    state = torch.get_rng_state()
    result = function(*args)
    after = torch.get_rng_state()
    torch.set_rng_state(state)
    ways, per = 1 + bool(both), (4 if bias else 2) * (1 + bool(both))
    pairs = path == "torch.lstm"
    final: list[Any] = []
    with mode:
        for level in range(depth):
            own = slice(level * ways, (level + 1) * ways)
            held = tuple(s[own] for s in states) if pairs else states[own]
            flat = list(weights[level * per : (level + 1) * per])
            if sizes is None:
                x, *last = function(x, held, flat, bias, 1, 0.0, training, both, batch_first)
            else:
                x, *last = function(x, sizes, held, flat, bias, 1, 0.0, training, both)
            final.append(last)
            if level < depth - 1:
                x = torch.dropout(x, rate, True)
        made = (x, *(torch.cat([f[k] for f in final], 0) for k in range(len(final[0]))))
    same = all(torch.allclose(a, b, rtol=1e-4, atol=1e-6) for a, b in zip(made, result, strict=True))
    torch.set_rng_state(after)
    return made if same else mode.recorded(lambda *_, **__: result, path, args, {})


def thinned(mode: Any, function: Any, args: Any, options: Any) -> Any:
    """Record what multiplies each entry by a drawn number, as dropout does: the same draws, and the same state after."""
    x = args[0] if args else options["input"]
    p = args[1] if len(args) > 1 else options.get("p", 0.5)
    training = args[2] if len(args) > 2 and isinstance(args[2], bool) else options.get("training", True)
    if not training or p == 0:
        result = function(*args, **options)
        if result is not x:
            mode.result("torch.clone", Operation(torch.clone), (x,), {}, (mode.node_of(x),), {}, result)
        return result
    rest = {k: v for k, v in options.items() if k not in ("inplace", "input")}
    state = torch.get_rng_state()
    with torch.no_grad():
        zeros, ones = torch.zeros_like(x), torch.ones_like(x)
        shift = function(zeros, *args[1:], **rest)
        torch.set_rng_state(state)
        mask = function(ones, *args[1:], **rest) - shift
        torch.set_rng_state(state)
    _drawn(mode, mask, "mask")
    with mode:
        made = x.mul_(mask) if options.get("inplace") and not shift.any() else x * mask
        if shift.any():
            _drawn(mode, shift, "shift")
            made = made + shift
    with torch.no_grad():  # for the state of the generator alone
        function(zeros, *args[1:], **rest)
    return made


def _drawn(mode: Any, tensor: torch.Tensor, name: str) -> None:
    """Note a tensor of drawn numbers, with its name."""
    node = mode.leaf(tensor)
    mode.owns(tensor, node, tensor.untyped_storage())
    node.name, node.own = name, False


def with_slopes(mode: Any, function: Any, args: Any, options: Any) -> Any:
    """Record ``rrelu``: entries below zero times slopes that are drawn."""
    x = args[0]
    state = torch.get_rng_state()
    with torch.no_grad():
        function(x, **{**options, "inplace": False})
        after = torch.get_rng_state()
        torch.set_rng_state(state)
        slopes = -function(torch.full_like(x, -1.0), **{**options, "inplace": False})
        # slopes are drawn for entries below zero only
        torch.set_rng_state(state)
        drawn = function(x, **{**options, "inplace": False})
        slopes = torch.where(x < 0, drawn / torch.where(x < 0, x, torch.ones_like(x)), torch.ones_like(x))
        torch.set_rng_state(after)
    _drawn(mode, slopes, "slope")
    with mode:
        return x.mul_(slopes) if options.get("inplace") else x * slopes
