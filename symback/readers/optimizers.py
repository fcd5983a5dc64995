"""Optimizers, schedules and clipping as PyTorch code spells them: what they say about training, not about the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import Form, Name
from symback.functions.optimizers import OPTIMIZER_ALIASES, OPTIMIZERS, SCHEDULES, Rule
from symback.networks.network import Finding, Network, list_names
from symback.readers.asking import Reader
from symback.readers.values import Optimizer, Scheduler
from symback.run.optimization import optimizer, schedule

_MODULE, _SCHEDULES = "torch.optim", "torch.optim.lr_scheduler"
_CLIPS = {"clip_grad_norm_": "clip_norm", "clip_grad_norm": "clip_norm", "clip_grad_value_": "clip_value"}
_SPEED = ("foreach", "fused", "capturable", "differentiable", "verbose", "last_epoch")
"""Options that change how fast an update is made, or what it says, and not its result."""


def is_optimizer(path: str) -> bool:
    """Tell whether the path is that of a class of ``torch.optim``."""
    return path.startswith(f"{_MODULE}.") and not is_schedule(path)


def is_schedule(path: str) -> bool:
    """Tell whether the path is that of a class of ``torch.optim.lr_scheduler``."""
    return path.startswith(f"{_SCHEDULES}.")


def is_clipping(path: str) -> bool:
    """Tell whether the path is that of a function that clips gradients."""
    return path.startswith("torch.nn.utils.") and path.rpartition(".")[2] in _CLIPS


def read_optimizer(reader: Reader, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Optimizer:
    """Return the optimizer that a call makes; what cannot be read of it becomes its problem."""
    given = args[0] if args else keywords.get("params", [])
    groups = [g for g in given if isinstance(g, dict)] if isinstance(given, (list, tuple)) else []
    listed = [v for g in groups for v in _several(g.get("params"))] if groups else _several(given)
    made = Optimizer(name, tuple(v for v in listed if isinstance(v, Form)), None)
    reader.optimizers.append(made)
    row = OPTIMIZER_ALIASES.get(f"{_MODULE}.{name}")
    spelled = _options(reader, row, args[1:], {k: v for k, v in keywords.items() if k != "params"})
    if groups and any(set(g) - {"params"} for g in groups):
        made.problem = _problem(
            reader, "the options of single parameter groups are not read; all parameters have those of the optimizer"
        )
    if row is None or row.name not in OPTIMIZERS:
        made.problem = _problem(reader, f"the optimizer {name} is not known; updates here are plain gradient descent")
        rate = spelled.get("lr", spelled.get("0"))
        made.rate = float(rate) if isinstance(rate, (int, float)) and not isinstance(rate, bool) else None
        return made
    unknown = [k for k, v in spelled.items() if v is None]
    known = {k: v for k, v in spelled.items() if v is not None}
    try:
        chosen = optimizer(row.name, **known)
    except SymbackError as error:
        made.problem = _problem(reader, f"{error}; updates here are plain gradient descent")
        return made
    if unknown:
        made.problem = _problem(
            reader, f"{list_names(unknown)} of {name} cannot be read; the default of {row.title} stands for it"
        )
    made.row, made.options = row.name, {k: v for k, v in chosen.hyperparameters.items() if k in _own(row)}
    if not {"lr", "learning_rate"} & set(unknown):
        made.rate = chosen.learning_rate
    return made


def unread(reader: Reader, label: str, error: SymbackError) -> Optimizer | None:
    """Return what stands for an optimizer whose own line could not be read; None where the name does not say it is one."""
    if not re.search("optim|^opt$", label, re.IGNORECASE):
        return None
    message = f"the optimizer {label} cannot be read ({error}); updates here are plain gradient descent"
    made = Optimizer(label, (), None, problem=_problem(reader, message))
    reader.optimizers.append(made)
    return made


def read_schedule(reader: Reader, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Scheduler:
    """Return the schedule that a call makes for an optimizer."""
    holder = args[0] if args else keywords.get("optimizer")
    if not isinstance(holder, Optimizer):
        raise ReadError(f"{name} is a schedule of an optimizer, which cannot be read here", reader.line)
    row = OPTIMIZER_ALIASES.get(f"{_SCHEDULES}.{name}")
    spelled = _options(reader, row, args[1:], {k: v for k, v in keywords.items() if k != "optimizer"})
    if row is None or row.name not in SCHEDULES or None in spelled.values():
        why = "is not known" if row is None else "cannot be read"
        return Scheduler(holder, None, _problem(reader, f"the schedule {name} {why}; the learning rate stays as it is"))
    try:
        return Scheduler(holder, schedule(row.name, **spelled))
    except SymbackError as error:
        return Scheduler(holder, None, _problem(reader, f"{error}; the learning rate stays as it is"))


def read_clipping(reader: Reader, path: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
    """Note that gradients are clipped before the update."""
    own = _CLIPS[path.rpartition(".")[2]]
    bound = reader.constant(args[1] if len(args) > 1 else keywords.get("max_norm", keywords.get("clip_value")))
    kind = reader.constant(args[2] if len(args) > 2 else keywords.get("norm_type", 2)) if own == "clip_norm" else 2
    if not isinstance(bound, (int, float)) or isinstance(bound, bool) or kind != 2:
        reader.clip_problems.append(_problem(reader, "this clipping of gradients cannot be read, and is left out"))
    elif bound > 0:
        reader.clips[own] = float(bound)


def put_into(net: Network, reader: Reader, wanted: Iterable[str]) -> tuple[Finding, ...]:
    """Give the network the optimizer that its code uses, and return what could not be read of it."""
    keys = set(wanted)
    mine = [
        o for o in reader.optimizers if not o.parameters or keys & {p.name for p in o.parameters if isinstance(p, Name)}
    ]
    used = [o for o in mine if o.stepped] or (mine if not reader.updates else [])
    if not used:
        return ()
    first = used[0]
    if first.row:
        clips = {k: v for k, v in reader.clips.items() if first.stepped}
        chosen = optimizer(first.row, **{**first.options, **clips})
        if not chosen.plain or "schedule" in reader.schedules.get(first, {}):
            net.optimizer = first.row, {**first.options, **clips, **reader.schedules.get(first, {})}
        if net.learning_rate is None and first.rate is not None:
            net.learning_rate = first.rate
    return tuple(p for p in (first.problem, *reader.clip_problems, *reader.schedule_problems) if p is not None)


def described(net: Network) -> str:
    """Return the optimizer of the network in words."""
    assert net.optimizer is not None
    name, options = net.optimizer
    row = OPTIMIZERS[name]
    defaults = {h.name: h.default for h in row.hyperparameters}
    parts = [
        f"{k} = {v}" if isinstance(v, bool) else f"{k} = {v:g}"
        for k, v in options.items()
        if k not in ("learning_rate", "schedule") and v != defaults.get(k, 0.0)
    ]
    if "schedule" in options:
        plan = options["schedule"]
        inside = ", ".join(f"{k} = {v:g}" for k, v in plan.hyperparameters.items())
        parts.append(f"{plan.row.title} of the learning rate" + (f" ({inside})" if inside else ""))
    return f"optimizer: {row.title}" + (f" with {', '.join(parts)}" if parts else "")


def _several(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _own(row: Rule) -> set[str]:
    return {h.name for h in row.hyperparameters} | {"maximize"}


def _options(reader: Reader, row: Rule | None, args: Sequence[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return options by name as plain numbers; None for what is not known when the code is read."""
    order = [str(k) for k in range(len(args))] if row is None else list(row.signature)
    named = {**dict(zip(order, args, strict=False)), **{k: v for k, v in keywords.items() if k not in _SPEED}}
    return {k: _plain(reader, v) for k, v in named.items()}


def _plain(reader: Reader, value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        parts = [_plain(reader, v) for v in value]
        return None if None in parts else tuple(parts)
    found = reader.constant(value)
    return found if isinstance(found, (int, float, bool)) else None


def _problem(reader: Reader, message: str) -> Finding:
    return Finding(reader.line, (), message)
