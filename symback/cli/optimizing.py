"""The options that choose an optimizer, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from symback.cli.options import Finite
from symback.core.errors import ValueProblem

if TYPE_CHECKING:
    from symback.api import Derivation
    from symback.run.optimization import Optimizer, Schedule

_TRUTH = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


def optimizer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose an optimizer."""
    options = [
        click.option(
            "--optimizer", "optimizer_name", metavar="NAME", help="sgd, adam, … (default: the code's own, else sgd)."
        ),
        click.option(
            "--learning-rate",
            "--lr",
            "rate",
            type=Finite(),
            help="Default: that of the code with its own optimizer, else the optimizer's.",
        ),
        click.option(
            "--option", "hyperparameters", metavar="NAME=VALUE", multiple=True, help="A hyperparameter, as beta1=0.8."
        ),
        click.option("--schedule", "plan", metavar="NAME[:K=V,…]", help="Of the learning rate, as cosine:steps=100."),
        click.option("--clip", type=Finite(), metavar="NORM", help="Scale the gradients down to this global norm."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def optimizer_of(
    d: Derivation,
    *,
    optimizer_name: str | None,
    rate: float | None,
    hyperparameters: Sequence[str],
    plan: str | None,
    clip: float | None,
    **_: Any,
) -> Optimizer | None:
    """Return the optimizer that the options and the code ask for; None where neither names one or a learning rate."""
    from symback.run.optimization import optimizer

    found = d.network.optimizer
    asked = optimizer_name is not None or hyperparameters or plan is not None or clip is not None
    if not asked and found is None and rate is None and d.network.learning_rate is None:
        return None
    name, own = ("sgd", {}) if found is None else found
    chosen: dict[str, Any] = dict(own)
    if optimizer_name is not None and optimizer_name.lower() != name:
        name, chosen = optimizer_name, {}
    if rate is None and name == "sgd" and "learning_rate" not in chosen:
        rate = d.network.learning_rate if d.network.learning_rate is not None else _USUAL
    for item in hyperparameters:
        label, value = _setting("--option", item)
        chosen[label] = value
    if rate is not None:
        chosen["learning_rate"] = rate
    if plan is not None:
        chosen["schedule"] = _schedule(plan)
    if clip is not None:
        chosen["clip_norm"] = clip
    return optimizer(name, **chosen)


_USUAL = 0.1
"""The learning rate of gradient descent where nothing says another."""


def _schedule(text: str) -> Schedule:
    from symback.run.optimization import schedule

    name, _sign, rest = text.partition(":")
    return schedule(name.strip(), **dict(_setting("--schedule", item) for item in rest.split(",") if item.strip()))


def _setting(option: str, item: str) -> tuple[str, float | bool]:
    label, sign, spelled = (part.strip() for part in item.partition("="))
    if spelled.lower() in _TRUTH:
        return label, _TRUTH[spelled.lower()]
    try:
        return label, float(spelled)
    except ValueError:
        raise ValueProblem(
            f"{option} {item}: write NAME=NUMBER, as beta1=0.8" if sign else f"{option} {item}: the value is missing"
        ) from None
