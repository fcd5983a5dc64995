"""A network of single numbers at many points at once: the same formulas on arrays of points, point by point or added up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symback.core.errors import NetworkError
from symback.core.forms import (
    Adjoint,
    Apply,
    Form,
    Name,
    Number,
    Size,
    adjoint,
    broadcast_to,
    name,
    names_in,
    reduce_over,
    shape_text,
    size,
    substitute,
    walk,
)
from symback.derivation.record import Record, derive_record
from symback.networks.network import Equation, NamedNetwork, list_names
from symback.run.codegen import Comment
from symback.run.numeric import Gradients, Value, check_values

REDUCTIONS = ("none", "sum", "mean")
"""What becomes of the values at the points."""


def over_points(record: Record, batch: Collection[str], reduction: str = "mean") -> Record:
    """Return the derivation of the sum, or the mean, of a loss over points.

    The variables in ``batch`` have one number per point. Raises NetworkError where the network does not consist of single
    numbers, for a variable that it does not have, and for another reduction.
    """
    _check(record.network, batch, reduction, ("sum", "mean"))
    network, points = _spread(record.network, batch)
    label = _fresh(f"{network.loss}_{reduction}", {*network.variables, *(e.name for e in network.equations)})
    form = reduce_over(reduction, name(network.loss, points))
    whole = (*network.equations, Equation(label, form, form))
    return derive_record(replace(network, equations=whole, loss=label), collapse=record.collapse)


def at_points(record: Record, batch: Collection[str]) -> Record:
    """Return a derivation with all its formulas on arrays of points; every gradient has one number per point.

    The variables in ``batch`` have one number per point. Raises NetworkError as ``over_points`` does.
    """
    _check(record.network, batch, "none", REDUCTIONS)
    network, points = _spread(record.network, batch)
    leaves: dict[Form, Form] = {
        name(label): name(label, points) for label in (*batch, *_depending(record.network, batch))
    }

    def change(node: Form) -> Form | None:
        return adjoint(node.of, points) if isinstance(node, Adjoint) else leaves.get(node)

    steps = []
    for step in record.steps:
        form = substitute(step.form, change)
        form = form if form.shape == points else broadcast_to(form, points)
        steps.append(replace(step, form=form, shape=points))
    return replace(record, network=network, steps=tuple(steps))


class PointGradients(Gradients):
    """The losses at many points and their gradients there, as a function of values given by name."""

    def _checked(self, values: Mapping[str, Value]) -> tuple[Any, dict[str, Value]]:
        ready = check_values(self.record, values)
        losses, *gradients = self._run(*self._take(ready))
        return losses, dict(zip(self.wrt, gradients, strict=True))


def lambdify(
    record: Record,
    batch: Sequence[str],
    reduction: str = "none",
    *,
    comment: Comment | None = None,
    target: str | None = None,
) -> Gradients:
    """Return ``f(**values) -> (losses, {name: gradients})`` for many points, or the sum or the mean over them."""
    _check(record.network, batch, reduction, REDUCTIONS)
    if reduction == "none":
        return PointGradients(at_points(record, batch), comment, target)
    return Gradients(over_points(record, batch, reduction), None, target)


def _check(network: NamedNetwork, batch: Collection[str], reduction: str, known: Sequence[str]) -> None:
    doing = f"evaluating {network.loss} at many points"
    if reduction not in known:
        raise NetworkError(f"{doing}: there is no reduction {reduction!r}; known: {', '.join(known)}")
    if not batch:
        raise NetworkError(f"{doing}: name the variables that have one number per point")
    unknown = [label for label in batch if label not in network.variables]
    if unknown:
        raise NetworkError(
            f"{doing}: {unknown[0]} is not a variable of the network, which has {list_names(network.variables)}"
        )
    for variable in network.variables.values():
        if variable.shape or variable.integer:
            what = f"has shape {shape_text(variable.shape)}" if variable.shape else "holds class indices"
            raise NetworkError(
                f"{doing}: {variable.name} {what}, and points are for networks of single numbers; "
                "give the data of an array an axis of its own for them"
            )
    for equation in network.equations:
        if not all(isinstance(node, (Name, Number, Apply)) for node in walk(equation.form)):
            raise NetworkError(f"{doing}: {equation.name} = {equation.form} is no formula of single numbers")


def _depending(network: NamedNetwork, batch: Collection[str]) -> list[str]:
    """Return the equations that read points, directly or not."""
    found: list[str] = []
    for equation in network.equations:
        if any(n.name in batch or n.name in found for n in names_in(equation.form)):
            found.append(equation.name)
    return found


def _spread(network: NamedNetwork, batch: Collection[str]) -> tuple[NamedNetwork, tuple[Size, ...]]:
    """Return a network in which some variables have one number per point, and the shape of these."""
    points: tuple[Size, ...] = (size(_fresh("n", {*network.variables, *(e.name for e in network.equations)})),)
    leaves: dict[Form, Form] = {name(label): name(label, points) for label in (*batch, *_depending(network, batch))}
    equations = tuple(
        replace(e, form=substitute(e.form, leaves.get), written=substitute(e.written, leaves.get))
        for e in network.equations
    )
    variables = {k: replace(v, shape=points) if k in batch else v for k, v in network.variables.items()}
    requirements = tuple(replace(r, form=substitute(r.form, leaves.get)) for r in network.requirements)
    values = {k: v for k, v in network.values.items() if k not in batch}
    made = replace(network, variables=variables, equations=equations, requirements=requirements, values=values)
    return made, points


def _fresh(wanted: str, taken: Collection[str]) -> str:
    while wanted in taken:
        wanted += "_"
    return wanted
