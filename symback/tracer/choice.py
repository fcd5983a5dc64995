"""Which entry of a log is the loss and which are its parameters: decided after the run, by what was changed and what it is called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.core.forms import shape_text
from symback.library.name_words import (
    LOSS_NAMES,
    SHOWN_LOSS_NAMES,
    WEAK_LOSS_NAMES,
    is_data_name,
    is_gradient_name,
    is_loss_like,
    is_parameter_name,
)
from symback.library.parameter_names import candidates
from symback.library.values import Binding
from symback.networks.network import list_names
from symback.tracer.log import Change, Log, Node, operands
from symback.tracer.steps import ancestors, depending, is_step, is_update, origin

_MOST_VERSIONS = 40
"""Most versions of one number that are looked at, the first and the last so many: a check of gradients makes thousands."""


@dataclass(frozen=True)
class Choice:
    """The loss of a run and its parameters, and why they were taken for them."""

    loss: Node
    why_loss: str
    parameters: tuple[Node, ...]
    why_parameters: str
    is_certain: bool = False
    """True where parameters were updated by the code or asked for, and are not only spelled as such."""
    others: tuple[Node, ...] = ()
    """What would be parameters where nobody had named others: data with names of their own."""


def choose(
    log: Log,
    loss: str | None = None,
    wrt: Sequence[str] | None = None,
    given: tuple[Node, str] | None = None,
    arguments: Sequence[Node] = (),
    torch: Any = None,
) -> Choice:
    """Return the loss and the parameters of a run; ``loss`` and ``wrt`` are names of the code, where they are given.

    ``given`` is the entry that is the loss, and why; ``torch`` what the run did with PyTorch. ``arguments`` are taken for parameters where nothing tells them.

    Raises ReadError where the run computes no loss, or changes nothing and no name tells a parameter.
    """
    if log.unseen:
        raise ReadError(
            "a number is updated here that is not recorded: one of too many in a list, or of an object that hides it; "
            "hold the numbers in an array",
            log.unseen[0].line or None,
        )
    steps = [c for c in log.changes if is_step(c)]
    steps += [Change(origin(c.before), c.after, c.site) for c in steps if origin(c.before) is not c.before]
    told = torch.told() if torch is not None and given is None else None
    if told is not None:
        root, why = told
    elif loss is not None:
        root, why = _given_loss(log, steps, loss)
    else:
        root, why = given or _found_loss(log, steps)
    needed = ancestors(root)
    if wrt is not None:
        return Choice(root, why, tuple(_wanted(log, root, needed, name) for name in wrt), "given", True)
    if torch is not None and log.trained:
        trained, because = torch.trained(root)
        if trained:
            return Choice(root, why, tuple(trained), because, True)
    updated = _updated(steps, needed)
    if updated:
        return Choice(root, why, tuple(updated), "updated by the code", True)
    named, because = _by_names(log, needed, root)
    more = [n for n in arguments if n in needed and n not in named and not is_data_name(n.name)]
    if more and all(n in arguments for n in named):
        named, because = [n for n in arguments if n in named or n in more], "the arguments"
    if not named:
        named, because = [n for n in arguments if n in needed], "the arguments"
    if not named:
        held = sorted({n.name for n in needed if n.name and n.kind == "f" and n is not root})
        raise ReadError(
            "the run changes nothing that the loss depends on, and no name tells a parameter; give wrt= (--wrt)"
            + (f", one or more of {list_names(held)}" if held else "")
        )
    unexplained = [n for n in named if n in log.computed]
    if len(unexplained) == len(named):
        raise ReadError(
            f"{unexplained[0].name} is computed here from numbers that are not recorded; hold what changes in names, lists, "
            f"dictionaries, objects or arrays, or give wrt= (--wrt {unexplained[0].name})",
            unexplained[0].site.line,
        )
    return Choice(root, why, tuple(named), because)


# --- the loss -----------------------------------------------------------------------------------------------------------


def _single(nodes: Iterable[Node]) -> list[Node]:
    return [n for n in nodes if math.prod(n.shape) == 1 and n.kind == "f"]


class _Steps:
    """The steps of a run that change what a loss depends on, from the view of the numbers that may be the loss.

    Such a step changes something that one of them was computed from, after it, and is no part of it: the parts of a running
    total are no steps.
    """

    def __init__(self, steps: Sequence[Change], candidates: Iterable[Node]) -> None:
        self._ancestors: dict[Node, set[Node]] = {}
        of = [(n, self.behind(n)) for n in candidates]
        found = [
            c
            for c in steps
            if any(c.before in needed and c.after not in needed and c.before is not n for n, needed in of)
        ]
        befores = {c.before for c in found}
        below = set[Node]().union(*(needed for _, needed in of))
        dependent = depending(below, befores)
        self.steps = [c for c in found if c.before not in dependent]
        self.befores = {c.before for c in self.steps}
        self.dependent = depending(below, self.befores)
        """What is computed from anything that steps change."""

    def behind(self, node: Node) -> set[Node]:
        """Return what a number was computed from, itself included."""
        if node not in self._ancestors:
            self._ancestors[node] = ancestors(node)
        return self._ancestors[node]

    def is_first(self, node: Node) -> bool:
        """Return whether nothing that a step made is part of a number."""
        needed = self.behind(node)
        return all(c.after not in needed for c in self.steps if c.before in needed)

    def share(self, node: Node) -> int:
        """Return how many of the things that steps change a number depends on."""
        return len(self.behind(node) & self.befores)


def _given_loss(log: Log, steps: Sequence[Change], name: str) -> tuple[Node, str]:
    versions = _single(log.named.get(name, ())) or _single(log.returned.get(name.removesuffix("()"), ()))
    computed = [n for n in versions if n.run is not None]
    if not computed:
        if versions:
            raise ReadError(f"{name} is data of the code, not computed by it; the loss has to be computed")
        if name in log.named:
            shape = shape_text(log.named[name][0].shape)
            raise ReadError(f"{name} is an array of shape {shape}; the loss has to be a single number")
        known = {*log.named, *log.returned}
        raise ReadError(f"there is no {name} in the run to be the loss{nearest(name, known)}")
    return _version(computed, _Steps(steps, _sampled(computed))), "given"


def _found_loss(log: Log, steps: Sequence[Change]) -> tuple[Node, str]:
    groups = [(name, [n for n in versions if n.run is not None]) for name, versions in _called_losses(log)]
    every = _Steps(steps, dict.fromkeys(n for _, versions in groups for n in _sampled(versions)))
    found = []
    for name, versions in groups:
        if versions and (not every.befores or any(map(every.share, _sampled(versions)))):
            found.append((name, _version(versions, every)))
    if not found:
        return _sink(log, steps)
    # what is computed after a step only is the loss of a later one
    found.sort(key=lambda item: not every.is_first(item[1]))
    name, node = found[0]
    for _, larger in found[1:]:
        if node in every.behind(larger) and every.is_first(larger) and _has_more(larger, node, every):
            return larger, f"{name} and more that depends on parameters"
    return node, f"the first of {SHOWN_LOSS_NAMES}" if len(found) > 1 and name in LOSS_NAMES else "by its name"


def _called_losses(log: Log) -> list[tuple[str, list[Node]]]:
    """Return what is called a loss: by names, by functions that return it, and by names that say so only weakly."""
    stored = list(log.stored)
    strong = [n for n in LOSS_NAMES if n not in WEAK_LOSS_NAMES]
    like = [n for n in stored if is_loss_like(n) and n not in LOSS_NAMES and not is_gradient_name(n, stored)]
    groups = [(name, _single(log.named.get(name, ()))) for name in (*strong, *like)]
    groups += [(f"{name}()", _single(nodes)) for name, nodes in log.returned.items() if is_loss_like(name)]
    return groups + [(name, _single(log.named.get(name, ()))) for name in WEAK_LOSS_NAMES]


def _sampled(versions: Sequence[Node]) -> list[Node]:
    """Return versions of a number, of very many the first and the last."""
    return [*versions[:_MOST_VERSIONS], *versions[_MOST_VERSIONS:][-_MOST_VERSIONS:]]


def _has_more(larger: Node, node: Node, every: _Steps) -> bool:
    """Return whether a number depends on parameters by a way that another is no part of."""
    inside = every.behind(node)
    stack, seen = [larger], {larger}
    while stack:
        for other in operands(stack.pop()):
            if other is node or other in seen:
                continue
            if other in every.befores or (other in inside and other in every.dependent):
                return True
            seen.add(other)
            stack.append(other)
    return False


def _version(versions: Sequence[Node], steps: _Steps) -> Node:
    """Return the version of the loss that belongs to the first step: the last that no step is part of.

    It depends on as much as any that the steps change. Of several executions of one statement it is the first, and of the
    parts of a running total the whole.
    """
    sample = _sampled(versions)
    most = max(steps.share(n) for n in sample)
    whole = [n for n in sample if steps.share(n) == most]
    before = [n for n in whole if steps.is_first(n)] or [whole[0]]
    last = before[-1]
    group = [n for n in before if n.site == last.site]
    parts = {n for n in group if any(n is not m and n in steps.behind(m) for m in group)}
    left = [n for n in group if n not in parts] or [last]
    return _continued(left[0] if left[0].path == last.path else last, versions, steps)


def _continued(node: Node, versions: Sequence[Node], steps: _Steps) -> Node:
    """Return the whole of a running total that a version begins, as far as no step is part of it."""
    inside = set(steps.behind(node))
    afters = {c.after: c.before for c in steps.steps}
    for following in versions[versions.index(node) + 1 :]:
        if node not in operands(following):
            break
        stack = [following]
        while stack:
            new = stack.pop()
            if new not in inside:
                inside.add(new)
                stack += operands(new)
        if any(after in inside and before in inside for after, before in afters.items()):
            break
        node = following
    return node


def _sink(log: Log, steps: Sequence[Change]) -> tuple[Node, str]:
    """Return the only single number that depends on everything that is changed and that nothing is computed from."""
    used = {o for n in log.nodes for o in operands(n)} | {d.node for d in log.decisions}
    stored = list(log.stored)
    single = [
        n
        for n in _single(log.nodes)
        if n.run is not None
        and n not in used
        and not (n.name and (is_gradient_name(n.name, stored) or is_parameter_name(n.name, array=False)))
    ]
    single = _sampled(single)
    every = _Steps(steps, single)
    single = [n for n in single if every.share(n) and every.is_first(n)]
    most = max((every.share(n) for n in single), default=0)
    single = [n for n in single if every.share(n) == most]
    sites = {n.site for n in single}
    if len(sites) == 1:
        return single[0], f"the number computed on line {single[0].site.line}"
    names = [n for n in log.named if _single(m for m in log.named[n] if m.run is not None)]
    hint = f": {list_names(names[:12])}" if names else ""
    raise ReadError(
        f"the run computes nothing that is called a loss ({SHOWN_LOSS_NAMES}); give loss= (--loss NAME){hint}"
    )


# --- the parameters -----------------------------------------------------------------------------------------------------


def _updated(steps: Sequence[Change], needed: set[Node]) -> list[Node]:
    """Return what an update changed of what the loss depends on; only what depends on no other such thing."""
    found = dict.fromkeys(
        c.before
        for c in steps
        if c.before in needed
        and c.after not in needed
        and c.before.kind != "b"
        and (is_update(c, needed) or is_parameter_name(c.before.name, array=bool(c.before.shape)))
    )
    if not any(is_update(c, needed) for c in steps if c.before in found):
        return []
    # a view with a name stands for memory that has none
    named = [n for n in found if n.name]
    behind = ancestors(*named) if named else set()
    hidden = {n for n in found if not n.name and n in behind}
    copied = {origin(n) for n in found if origin(n) is not n}
    left = [n for n in found if n not in hidden and n not in copied]
    dependent = depending(needed, left)
    return sorted((n for n in left if n not in dependent), key=lambda n: n.number)


def _wanted(log: Log, root: Node, needed: set[Node], name: str) -> Node:
    held = [n for n in log.named.get(name, ()) if n in needed and n is not root]
    by_item = [n for n in needed if n.name.replace("[", "").replace("]", "") == name]
    if held or by_item:
        return min(held or by_item, key=lambda n: n.number)
    if name in log.named:
        raise ReadError(f"the loss does not depend on {name}")
    known = {n.name for n in needed if n.name}
    raise ReadError(f"there is no {name} in the run{nearest(name, known)}")


def _by_names(log: Log, needed: set[Node], root: Node) -> tuple[list[Node], str]:
    """Return what is spelled as a parameter, by the rules for code that is read."""
    named = sorted((n for n in needed if n.name and n.kind == "f" and n is not root), key=lambda n: n.number)
    dependent = depending(needed, {n for n in named if n.shape})
    outermost = [n for n in named if n not in dependent]
    by_key = {str(n.number): n for n in outermost}
    leaves = [Binding(str(n.number), n.name.partition("[")[0], n.shape, n.site.line, value=n.value) for n in outermost]
    made = [n for n in outermost if n.place and n.shape and not is_data_name(n.name)]
    chosen = candidates(leaves, set(), list(log.stored))
    spelled = [by_key[b.key] for b in chosen.parameters]
    if made:
        both = [n for n in outermost if n in made or n in spelled]
        return both, "attributes that an object was made with"
    return spelled, chosen.why
