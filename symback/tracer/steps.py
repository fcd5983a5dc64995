"""What a run changed step by step: which changes are updates of what a loss depends on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from symback.tracer.log import Change, Node, operands

STEPS = ("numpy.add", "numpy.subtract", "torch.Tensor.add", "torch.Tensor.sub")
"""Operations by which an update continues what was there."""
_STEPS_AT = (*STEPS, "numpy.add.at", "numpy.subtract.at")
_PARTS = frozenset(
    (
        "getitem",
        "positions",
        *(f"numpy.ndarray.{n}" for n in ("T", "reshape", "ravel", "transpose", "squeeze", "swapaxes")),
    )
)


def ancestors(*nodes: Node, after: int = -1) -> set[Node]:
    """Return nodes and all that they were computed from, as far as it is younger than ``after``."""
    found = set(nodes)
    stack = list(nodes)
    while stack:
        for other in operands(stack.pop()):
            if other not in found and other.number >= after:
                found.add(other)
                stack.append(other)
    return found


def depending(nodes: Iterable[Node], sources: Collection[Node]) -> set[Node]:
    """Return which of nodes were computed from one of some sources; the sources themselves only where they depend on another."""
    found: set[Node] = set()
    for node in sorted(nodes, key=lambda n: n.number):
        if any(o in sources or o in found for o in operands(node)):
            found.add(node)
    return found


def is_step(change: Change) -> bool:
    """Return whether a change adds something to what was there, or subtracts it, also to a part of it."""
    return added_to(change) is not None


def is_update(change: Change, needed: set[Node]) -> bool:
    """Return whether a step rests on what a loss was computed by, of which ``needed`` are the entries.

    ``w[i] += 1e-5``, with which differences are taken, rests on nothing.
    """
    return any(n.run is not None and n in needed for added in added_to(change) or () for n in ancestors(added))


def rests_on_loss(change: Change, needed: set[Node]) -> bool:
    """Return whether a step rests on what a loss computed from the very thing that is changed, as a gradient does.

    ``needed`` are the entries of the loss. A state that is continued, ``h = h + f(h)``, rests on none of them.
    """
    added = added_to(change)
    if not added:
        return False
    below = depending(needed, {change.before})
    return bool(below) and not below.isdisjoint(ancestors(*added))


def origin(node: Node) -> Node:
    """Return what an entry is a copy of, itself where it is none."""
    while node.path in _COPIES and node.args and isinstance(node.args[0], Node) and node.args[0].shape == node.shape:
        node = node.args[0]
    return node


_COPIES = frozenset(
    (
        *(f"numpy.{n}" for n in ("array", "asarray", "copy", "ascontiguousarray", "float64")),
        "numpy.ndarray.copy",
        "float",
    )
)


def added_to(change: Change) -> list[Node] | None:
    """Return what a step adds or subtracts, beside plain numbers; None where the change is no step."""
    after, before = change.after, change.before
    if after.path in ("put", "setitem"):
        value = after.args[-1]
        if not isinstance(value, Node) or value.path not in STEPS:
            return None
        reads = operands(value)
        left = [n for n in reads if not _is_part_of(n, before)]
        return left if len(left) < len(reads) else None
    reads = operands(after)
    if after.path not in _STEPS_AT or before not in reads:
        return None
    return [n for n in reads if n is not before]


def _is_part_of(node: Node, whole: Node) -> bool:
    """Return whether an entry is a part or a view of another."""
    while node is not whole:
        if node.path not in _PARTS or not isinstance(node.args[0], Node):
            return False
        node = node.args[0]
    return True
