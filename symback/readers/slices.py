"""What a version of a name is computed from, which of these are equations of their own, and what they are called."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from symback.core.forms import Apply, Form, Gather, Name, OneHot, Scatter, names_in, walk
from symback.library.name_words import is_gradient_name
from symback.library.values import Binding
from symback.readers.asking import Reader

_DEEPEST_STEP = 60
"""Deepest nesting of a step that is written into the next formula."""


def slice_of(reader: Reader, root: Binding) -> list[Binding]:
    """Return the versions that ``root`` is computed from, itself included, in the order of computation."""
    needed = _needed(reader.bindings, root)
    while _join_renewals(reader.bindings, needed):
        needed = _needed(reader.bindings, root)
    found = [b for b in reader.bindings.values() if b.key in needed]
    # a layer makes its parameters long before it is called; they stand in the order of the calls
    ranks = reader.slots
    made = [k for k, b in enumerate(found) if b.form is None and b.key in ranks]
    for k, b in zip(made, sorted((found[k] for k in made), key=lambda b: ranks[b.key]), strict=True):
        found[k] = b
    return found


def _needed(bindings: Mapping[str, Binding], root: Binding) -> set[str]:
    """Return the keys of the versions that ``root`` is computed from."""
    needed = {root.key}
    for key in reversed(list(bindings)):
        form = bindings[key].form
        if key in needed and form is not None:
            needed.update(n.name for n in names_in(form))
    return needed


def _join_renewals(bindings: Mapping[str, Binding], needed: Container[str]) -> bool:
    """Make inputs that were changed in place equations of what they were before, where both are needed."""
    older: dict[str, bool] = {}
    """Whether a version before this one is needed, by the keys of renewed inputs."""
    for key, b in bindings.items():
        if b.renewal is not None:
            older[key] = any(n.name in needed or older.get(n.name, False) for n in names_in(b.renewal))
    joined: set[str] = set()
    for key in reversed(older):
        b = bindings[key]
        if older[key] and b.form is None and b.renewal is not None and (key in needed or key in joined):
            b.form, b.value = b.renewal, None
            joined.update((key, *(n.name for n in names_in(b.renewal))))
    if joined:
        for b in bindings.values():
            if b.form is not None:
                b.leaves = frozenset[str]().union(*(bindings[n.name].leaves for n in names_in(b.form)))
    return bool(joined)


def index_leaves(bindings: Mapping[str, Binding]) -> set[str]:
    """Return the keys of leaves that are read as class indices, also after they were reshaped or sliced."""
    return {
        leaf
        for b in bindings.values()
        if b.form is not None
        for node in walk(b.form)
        if isinstance(node, (OneHot, Gather, Scatter))
        for n in names_in(node.args[-1])
        for leaf in bindings[n.name].leaves
    }


def inlined_versions(bindings: Mapping[str, Binding], sliced: Sequence[Binding], root: Binding) -> set[str]:
    """Return the versions that do not become equations: copies without gradient, and parts of a running result.

    ``loss = a; loss += b; loss = loss / n`` is one equation, where nothing else reads the earlier versions.
    """
    known = {b.base for b in bindings.values() if not b.anonymous}
    readers: dict[str, list[Binding]] = {}
    counts: dict[str, int] = {}
    for b in bindings.values():
        if b.form is None or b.after or is_gradient_name(b.base, known):
            continue
        for node in walk(b.form):
            for child in node.args:
                if isinstance(child, Name):
                    counts[child.name] = counts.get(child.name, 0) + 1
        for n in names_in(b.form):
            readers.setdefault(n.name, []).append(b)
    found = {b.key for b in sliced if b.detached or b.copy}
    depths: dict[str, int] = {}
    for b in sliced:
        if b.form is not None:
            depths[b.key] = _depth(b.form, depths)
        following = readers.get(b.key, [])
        if (
            b.passing
            and b is not root
            and len(following) == 1
            and counts.get(b.key, 0) <= 1
            and (depths[b.key] <= _DEEPEST_STEP)
        ):
            found.add(b.key)
            continue
        depths.pop(b.key, None)
        if b.form is None or b is root or len(following) != 1 or counts.get(b.key, 0) != 1:
            continue
        after = following[0]
        first = after.form
        while isinstance(first, Apply) and first.op in ("add", "subtract", "multiply", "divide"):
            first = first.args[0]
        if after.base == b.base and isinstance(first, Name) and first.name == b.key and b.shape == after.shape:
            found.add(b.key)
    return found


def _depth(form: Form, below: Mapping[str, int]) -> int:
    """Return how deep a formula is nested, with the steps that are written into it."""
    found: dict[Form, int] = {}
    for node in walk(form):
        inner = below.get(node.name, 0) if isinstance(node, Name) else 0
        found[node] = 1 + max((found[a] for a in node.args), default=inner)
    return found[form]


def readable_names(
    sliced: Sequence[Binding], root: Binding, inlined: Container[str], stored: Iterable[str]
) -> dict[str, str]:
    """Return a readable name for every version in the slice: the user's own, with a number from the second on.

    What is computed from an input and takes its name is counted from 1: the state ``h`` starts a recurrence whose first
    step is ``h_1``. ``stored`` are all names that the text assigns.
    """
    taken: set[str] = set()
    final: dict[str, str] = {}
    mine = {b.base for b in sliced if not b.anonymous}
    starts = {b.base for b in _first_versions(sliced, inlined) if b.form is None}
    assigned = set(stored)
    steps = 0
    for b in sliced:
        if b.key in inlined:
            final[b.key] = b.base
            continue
        label, k = b.base, 1 if b.base in starts else 2
        if b.passing and b is not root:
            steps += 1
            while (label := f"h{steps}") in mine | assigned | taken:
                steps += 1
        while (
            label in taken
            or (label != b.base and (label in mine or label in assigned))
            or (b.anonymous and label in mine | assigned)
        ):
            label, k = f"{b.base}_{k}", k + 1
        taken.add(label)
        final[b.key] = label
    return final


def printed_names(
    sliced: Sequence[Binding],
    root: Binding,
    inlined: Container[str],
    final: Mapping[str, str],
    parameters: Container[str],
) -> dict[str, str]:
    """Return how the first version of a name prints that holds several: with the number before that of the second.

    An input prints as ``h_0`` before ``h_1``, an equation as ``h_1`` before ``h_2``. Parameters keep their own symbols,
    and so do names whose number is a name of its own; ``parameters`` has keys, ``final`` the names of all versions.
    """
    versions = [b for b in sliced if b.key not in inlined and not b.anonymous and not b.passing]
    used = set(final.values())
    found: dict[str, str] = {}
    for first in _first_versions(sliced, inlined):
        number = 0 if first.form is None else 1
        following = f"{first.base}_{number + 1}"
        numbered = following in (final[b.key] for b in versions if b.base == first.base)
        spelled = {f"{first.base}_{number}", f"{first.base}{number}"}
        if numbered and first.base != root.base and first.key not in parameters and not spelled & used:
            found[final[first.key]] = f"{first.base}_{number}"
    return found


def _first_versions(sliced: Sequence[Binding], inlined: Container[str]) -> list[Binding]:
    """Return the versions in which names of the text are met first, without those that stand in others' formulas."""
    found: dict[str, Binding] = {}
    for b in sliced:
        if b.key not in inlined and not b.anonymous and not b.passing:
            found.setdefault(b.base, b)
    return list(found.values())
