"""The Network of a loss: its slice, with the names that a page shows, and what is said about how it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.core.forms import Form, eye, names_in, substitute, walk
from symback.core.forms import name as make_name
from symback.library.clamping import clamps
from symback.library.kinds import untyped
from symback.library.values import Binding
from symback.networks.network import Network, list_names
from symback.readers import drawing, optimizers
from symback.readers.evaluator import Evaluator
from symback.readers.filling import fill
from symback.readers.findings import stale_values, surprises
from symback.readers.named_sizes import Sized
from symback.readers.slices import index_leaves, inlined_versions, printed_names, readable_names
from symback.readers.slots import model_places
from symback.readers.training_calls import held_form

_MOST_LISTED = 64
"""Most parameters whose place in the model is said one by one."""
_MOST_DATA = 12
"""Most names of data in one sentence."""


def build(
    evaluator: Evaluator,
    root: Binding,
    sliced: Sequence[Binding],
    wanted: Set[str],
    stored: Sequence[str],
    choices: list[str],
    named: Mapping[str, int],
) -> Network:
    """Return the Network of a slice with these parameters; what is to be said about it joins ``choices``.

    ``named`` has the keys of names that stand for sizes.
    """
    _refuse_changed_leaf(sliced)
    inlined = inlined_versions(evaluator.bindings, sliced, root)
    final = readable_names(sliced, root, inlined, stored)
    sized = Sized(evaluator.bindings, named)
    net, forms = _equations(evaluator, [b for b in sliced if b.key not in named], final, inlined, wanted, sized)
    net.sizes = sized.values
    net.printed = printed_names(sliced, root, inlined, final, wanted)
    net.loss = final[root.key]
    net.fixed = {final[b.key]: evaluator.read_as_numbers[b.key] for b in sliced if b.key in evaluator.read_as_numbers}
    calls = {node for b in sliced if b.form is not None for node in walk(b.form)}
    required = [r for form, found in evaluator.requirements if form in calls for r in found]
    net.requirements[net.loss] = tuple(
        replace(r, form=substitute(sized.form(r.form), forms.get))
        for r in required
        if all(n in forms for n in names_in(sized.form(r.form)))
    )
    _set_training(net, evaluator, wanted, choices)
    problems = optimizers.put_into(net, evaluator, wanted)
    _explain(evaluator, sliced, final, inlined, net, choices)
    clamped = clamps(evaluator, net, forms, sliced, wanted)
    net.choices = tuple(choices)
    net.findings = tuple(
        sorted(
            (*stale_values(evaluator), *surprises(evaluator, sliced), *problems, *clamped), key=lambda f: f.line or 0
        )
    )
    return net


def _refuse_changed_leaf(sliced: Sequence[Binding]) -> None:
    """Refuse a leaf of PyTorch whose numbers before and after a change are both used: autograd adds up both in one ``grad``."""
    for b in sliced:
        if b.renewal is not None and b.form is not None and b.trainable and b.torch:
            raise ReadError(
                f"{b.base} is changed in place without gradients, and the loss uses it before and after; "
                "write the changed tensor under a name of its own",
                b.line,
            )


def _equations(
    evaluator: Evaluator,
    sliced: Sequence[Binding],
    final: Mapping[str, str],
    inlined: Set[str],
    wanted: Set[str],
    sized: Sized,
) -> tuple[Network, dict[Form, Form]]:
    """Return a Network with the leaves and equations of a slice, and what each version is in it."""
    net = Network()
    forms: dict[Form, Form] = {}
    indices = index_leaves(evaluator.bindings)
    for b in sliced:
        shape = sized.shape(b.shape)
        key = make_name(b.key, shape)
        if b.form is not None:
            form = substitute(sized.form(untyped(b.form)), forms.get)
            forms[key] = form if b.key in inlined else net.define(final[b.key], form, line=b.line)
        elif b.anonymous and b.key not in indices and _is_identity(b.value):
            forms[key] = eye(b.shape[0])
        elif b.key in wanted:
            forms[key] = net.parameter(final[b.key], shape, _floats(b))
        else:
            whole = b.key in indices
            forms[key] = net.input(final[b.key], shape, _whole(b) if whole else _floats(b), integer=whole)
            if b.classes is not None and not whole:
                net.grant("one-hot", final[b.key], b.classes, "by construction")
    return net, forms


def _is_identity(value: Any) -> bool:
    """Return whether data inside a formula are an identity matrix, which is then known by its name."""
    return np.ndim(value) == 2 and len(value) > 1 and np.array_equal(value, np.eye(len(value)))


def _set_training(net: Network, evaluator: Evaluator, wanted: Set[str], choices: list[str]) -> None:
    """Give the network the number of steps and the learning rate that its code has for these parameters."""
    net.steps = evaluator.steps
    rates = [u.rate for u in evaluator.updates if u.rate is not None and u.key in wanted]
    if not evaluator.updates:
        rates = [
            o.rate
            for o in evaluator.optimizers
            if o.rate is not None and wanted & {f.name for p in o.parameters for f in names_in_held(evaluator, p)}
        ]
    if rates:
        net.learning_rate = rates[0]
        if any(r != rates[0] for r in rates):
            choices.append(f"learning rate: {rates[0]:g} (the first of several)")


def names_in_held(evaluator: Evaluator, value: Any) -> tuple[Any, ...]:
    """Return the names in what an optimizer was given as one parameter."""
    form = held_form(evaluator, value)
    return () if form is None else tuple(names_in(form))


def data_sentence(sliced: Sequence[Binding], wanted: Set[str], final: Mapping[str, str], looks: Set[str]) -> str | None:
    """Return what was taken for data, and how to change it; a leaf that looks like a weight is marked."""
    leaves = [b for b in sliced if b.form is None and b.key not in wanted and not b.anonymous]
    if not leaves:
        return None
    marked = [b for b in leaves if b.key in looks]
    plain = [final[b.key] for b in leaves if b.key not in looks]
    if len(plain) > _MOST_DATA:
        plain = [*plain[: _MOST_DATA - 2], "…", plain[-1]]
    weights = [f"{final[b.key]} (drawn at random and multiplied as a weight is)" for b in marked]
    return f"data: {', '.join([*weights, *plain])} (change with wrt=, --wrt)"


def _explain(
    evaluator: Evaluator,
    sliced: Sequence[Binding],
    final: Mapping[str, str],
    inlined: Set[str],
    net: Network,
    choices: list[str],
) -> None:
    places = model_places(evaluator)
    named = [f"{final[b.key]} = {places[b.key]}" for b in sliced if b.key in places and final[b.key] != places[b.key]]
    if named:
        shown = named if len(named) <= _MOST_LISTED else [*named[:4], "…", *named[-2:]]
        choices.append(", ".join(shown))
    passing = [
        f"{final[b.key]} = {b.base} of line {b.line}"
        for b in sliced
        if b.passing and b.key not in inlined and final[b.key] != b.base
    ]
    if passing:
        choices.append("steps on the way: " + ", ".join(_shortened(passing)))
    groups: dict[str, list[str]] = {}
    for b in sliced:
        if b.key not in inlined and not b.anonymous and b.key not in places and not b.passing:
            groups.setdefault(b.base, []).append(f"{final[b.key]} (line {b.line})" if b.line else final[b.key])
    choices.extend(
        f"{base} is assigned {len(versions)} times: {', '.join(_shortened(versions))}"
        for base, versions in groups.items()
        if len(versions) > 1
    )
    unnamed = [final[b.key] for b in sliced if b.anonymous]
    if unnamed:
        choices.append(f"{list_names(unnamed)}: arrays written inside a formula")
    _explain_values(evaluator, sliced, final, net, choices)
    if net.steps is not None or net.learning_rate is not None or net.optimizer is not None:
        parts = [
            f"steps: {net.steps}" if net.steps is not None else "",
            optimizers.described(net) if net.optimizer is not None else "",
            f"learning rate: {net.learning_rate:g}" if net.learning_rate is not None else "",
        ]
        choices.append(", ".join(p for p in parts if p) + " (from the code)")
    choices.extend(dict.fromkeys(evaluator.notes))


def _explain_values(
    evaluator: Evaluator, sliced: Sequence[Binding], final: Mapping[str, str], net: Network, choices: list[str]
) -> None:
    """Fill what has no values by the caller's seed, and say which numbers are not those of the code."""
    draws = evaluator.draws
    facts = [(a.kind, a.name, a.axis, a.why) for a in net.assumptions]
    lines = {final[b.key]: b.line for b in sliced if b.form is None}
    filled = fill(net, draws.spare) if draws.spare is not None else []
    missing = [n for n in net.variables if n not in net.values]
    if missing:
        choices.append(f"no values for {list_names(missing)}: the code draws or leaves them; give values or a seed")
    drawn = [n for n in net.variables if n in net.values and (n in filled or lines.get(n) in draws.foreign)]
    if draws.seed is not None:
        net.drawn.update(n for n in drawn if n not in net.fixed)
    for kind, name, axis, why in facts:
        net.grant(kind, name, axis, why)
    inside = [f"what line {k} draws" for k in draws.foreign if k not in lines.values()]
    if draws.seed is not None and (drawn or inside):
        choices.append(f"drawn by the seed {draws.seed}, not by the code: {list_names([*drawn, *inside])}")
    choices.extend(drawing.sentences(evaluator, {n: lines.get(n) for n in (*missing, *drawn)}))


def _shortened(items: list[str]) -> list[str]:
    return items if len(items) <= 6 else [*items[:3], "…", items[-1]]


def _floats(leaf: Binding) -> Any:
    if leaf.value is None:
        return None
    array = np.asarray(leaf.value)
    if array.dtype.kind not in "iufb":
        raise ReadError(f"the value of {leaf.base} is not made of real numbers", leaf.line)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _whole(leaf: Binding) -> Any:
    if leaf.value is None:
        return None
    array = np.asarray(leaf.value)
    if not np.all(array == np.round(array)):
        raise ReadError(f"{leaf.base} is read as class indices but holds fractions", leaf.line)
    return array.astype(np.int64)
