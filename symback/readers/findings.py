"""What a reader should be told about a text that can be read: old values after an update, shapes and outputs seldom meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from symback.core.forms import Apply, Form, Name, Reduce, element_count, names_in, shape_text, substitute, walk
from symback.core.forms import name as make_name
from symback.functions import ROWS
from symback.library.values import Binding
from symback.networks.network import Finding
from symback.readers.asking import Reader


def stale_values(reader: Reader) -> list[Finding]:
    """Find values of the first forward pass that are read again after the update instead of their new version."""
    bindings = reader.bindings
    found: list[Finding] = []
    back: dict[Form, Form] = {}
    before = {b.form: b for b in bindings.values() if b.form is not None and not b.after}
    fresh: dict[str, Binding] = {}
    read_after: set[str] = set()
    after = [b for b in bindings.values() if b.after]
    for b in after:
        if b.form is not None:
            read_after.update(n.name for n in names_in(b.form))
    read = {n.name for b in bindings.values() if b.form is not None for n in names_in(b.form)}
    moved = {b.updates for b in after if b.updates}
    start = min((u.moment for u in reader.updates), default=len(bindings))
    for b in list(bindings.values())[start:]:
        key = make_name(b.key, b.shape)
        if b.updates is not None:
            origin = bindings[b.updates]
            while origin.updates is not None:
                origin = bindings[origin.updates]
            back[key] = make_name(origin.key, origin.shape)
            continue
        if b.form is None or (b.detached and b.key not in read):  # a number that is only printed
            continue
        for n in names_in(b.form):
            old = bindings[n.name]
            new = fresh.get(n.name)
            if old.form is not None and not old.after and old.leaves & moved and new is not None:
                unused = "is computed and never used" if new.key not in read_after else "holds the new value"
                found.append(
                    Finding(
                        b.line,
                        (new.base, old.base, b.base),
                        f"{b.base} reads {old.base}, which was computed before the update (line {old.line}); "
                        f"{new.base} (line {new.line}) {unused}",
                    )
                )
        if not b.after:
            continue
        same = before.get(substitute(b.form, lambda node: back.get(node)))
        if same is not None and same.leaves & moved:
            back[key] = make_name(same.key, same.shape)
            fresh[same.key] = b
    return found


def surprises(reader: Reader, sliced: Sequence[Binding]) -> list[Finding]:
    """Find formulas that are read as they stand and are seldom meant."""
    bindings = reader.bindings
    found: list[Finding] = []
    seen: set[Form] = set()
    for b in sliced:
        for node in walk(b.form) if b.form is not None else ():
            if node in seen or not isinstance(node, Apply):
                continue
            seen.add(node)
            message = _growing(node) or _lost_axis(node)
            if message:
                names = tuple(bindings[n.name].base for n in names_in(node)) or (b.base,)
                found.append(
                    Finding(
                        b.line,
                        (b.base, *dict.fromkeys(n for n in names if n != b.base)),
                        re.sub(r"#\d+", "", message),
                    )
                )
    needed = {b.key for b in sliced}
    for line, logits, loss in reader.logits:
        kind = ROWS[loss].squashed_by
        form, label = _looked_through(bindings, logits)
        if _is_squashed(bindings, form, kind) and all(n.name in needed for n in names_in(logits)):
            user = next((b.base for b in sliced if b.line == line and b.form is not None), loss)
            shown = label or "the argument"
            again = f"{shown} is a {kind} output already, and {loss} applies {kind} again; give it the value before the {kind}"
            plain = f"{shown} is a softmax output, and {loss} takes logarithms of probabilities; give it a log_softmax"
            found.append(
                Finding(
                    line,
                    (shown, user) if label else (user,),
                    plain if ROWS[loss].takes == "log-probabilities" else again,
                )
            )
    return found


def _looked_through(bindings: Mapping[str, Binding], form: Form) -> tuple[Form, str | None]:
    """Return what a name is computed as, and the first name on the way."""
    label: str | None = None
    while isinstance(form, Name) and bindings[form.name].form is not None:
        binding = bindings[form.name]
        label = label or binding.base
        assert binding.form is not None
        form = binding.form
    return form, label


def _is_squashed(bindings: Mapping[str, Binding], form: Form, kind: str) -> bool:
    """Return whether a Form is softmax or sigmoid, as a function of the tables or written out."""
    if not isinstance(form, Apply):
        return False
    if not isinstance(form.op, str):
        return bool(form.op.name == kind)
    if form.op != "divide":
        return False
    top, bottom = (_looked_through(bindings, a)[0] for a in form.args)
    if kind == "softmax":
        if not isinstance(bottom, Reduce) or bottom.kind != "sum" or not _is_exp(top):
            return False
        return _looked_through(bindings, bottom.args[0])[0] is top
    parts = (
        [_looked_through(bindings, p)[0] for p in bottom.args]
        if isinstance(bottom, Apply) and bottom.op == "add"
        else []
    )
    return any(_is_exp(p) and isinstance(p.args[0], Apply) and p.args[0].op == "negative" for p in parts)


def _is_exp(form: Form) -> bool:
    return isinstance(form, Apply) and form.op == "exp"


def _growing(node: Apply) -> str:
    """Return a warning where (n, 1) and (n,) broadcast to (n, n)."""
    shapes = [a.shape for a in node.args]
    if len({len(s) for s in shapes}) < 2 or any(element_count(s) == element_count(node.shape) for s in shapes):
        return ""
    flat = [s for s in shapes if len(s) == 1]
    column = [s for s in shapes if len(s) == 2 and s[1] == 1]
    if not flat or not column or flat[0][0] != column[0][0]:
        return ""
    return (
        f"{node}: shapes {' and '.join(shape_text(s) for s in shapes)} broadcast to {shape_text(node.shape)}; "
        "was an entry by entry result of the same length meant?"
    )


def _lost_axis(node: Apply) -> str:
    """Return a warning where rows are divided by their sums and the sum has lost its axis."""
    if node.op != "divide":
        return ""
    top, bottom = node.args
    if not isinstance(bottom, Reduce) or bottom.keepdims or bottom.args[0].shape != top.shape or top.ndim < 2:
        return ""
    if bottom.axes == (0,) or not bottom.shape:
        return ""
    return (
        f"the sum over axis {bottom.axes[0]} has shape {shape_text(bottom.shape)} against {shape_text(top.shape)}: "
        "without keepdims=True it is right for a single row only"
    )
