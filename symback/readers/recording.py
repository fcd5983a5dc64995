"""Whether PyTorch records gradients: ``torch.no_grad()`` and its kin as contexts, decorators and switches.

What is computed while nothing is recorded lets no gradient through once it is read where gradients are recorded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form, Name, get, names_in
from symback.library.paths import written
from symback.library.values import Binding, Listed, Record
from symback.readers.asking import Reader
from symback.readers.values import Array, Bound, Cell, Helper, Recording


def _spelled(name: str) -> tuple[str, ...]:
    return tuple(f"{module}.{name}" for module in ("torch", "torch.autograd", "torch.autograd.grad_mode"))


_SWITCHES = frozenset((*_spelled("set_grad_enabled"), "torch._C._set_grad_enabled"))
_RECORDS = {
    **dict.fromkeys(_spelled("no_grad"), False),
    **dict.fromkeys(_spelled("inference_mode"), False),
    **dict.fromkeys(_spelled("enable_grad"), True),
}
_ASKS = "torch.is_grad_enabled"


def is_recording(path: str) -> bool:
    """Return whether a function of a library is about the recording of gradients."""
    return path in _RECORDS or path in _SWITCHES or path == _ASKS


def switches(path: str) -> bool:
    """Return whether a function switches the recording as soon as it is called."""
    return path in _SWITCHES


def made(reader: Reader, path: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return what ``torch.no_grad()``, ``torch.set_grad_enabled(False)`` or ``torch.is_grad_enabled()`` answers."""
    if path == _ASKS:
        return not reader.without_gradients
    given = [*args, *keywords.values()]
    if path in _SWITCHES:
        if len(given) != 1:
            raise ReadError(f"{written(path)} needs True or False", reader.line)
        try:
            wanted = reader.truth(given[0])
        except ReadError as error:
            lose(reader, path)
            raise error
        switched = Recording(wanted, [reader.without_gradients], True)
        reader.without_gradients = int(not wanted)
        return switched
    if len(given) == 1 and isinstance(given[0], (Helper, Bound)):  # @torch.no_grad, without parentheses
        return _decorated(reader, Recording(_RECORDS[path]), given[0])
    if not given:
        return Recording(_RECORDS[path])
    if path.endswith("inference_mode") and len(given) == 1:
        return Recording(not reader.truth(given[0]))
    raise ReadError(f"{written(path)} of this cannot be read", reader.line)


def lose(reader: Reader, what: str) -> None:
    """Refuse to compute anything from here on: whether gradients are recorded is not known."""
    reader.lost_recording = ReadError(
        f"{written(what)} on line {reader.line} switches the recording of gradients in a way that is not followed; "
        "write with torch.no_grad():",
        reader.line,
    )


def check(reader: Reader) -> None:
    """Raise where it is not known whether gradients are recorded."""
    if reader.lost_recording is not None:
        raise reader.lost_recording


def enter(reader: Reader, recording: Recording) -> None:
    """Do what ``with torch.no_grad():`` does first."""
    if not recording.at_once:
        recording.before.append(reader.without_gradients)
        reader.without_gradients = int(not recording.records)


def leave(reader: Reader, recording: Recording) -> None:
    """Do what ``with torch.no_grad():`` does last."""
    if not recording.before:
        raise ReadError("this context is left without being entered", reader.line)
    reader.without_gradients = recording.before[-1] if recording.at_once else recording.before.pop()


@contextmanager
def off(reader: Reader) -> Iterator[None]:
    """Record nothing meanwhile."""
    before, reader.without_gradients = reader.without_gradients, 1
    try:
        yield
    finally:
        reader.without_gradients = before


def called(reader: Reader, recording: Recording, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the function that ``torch.no_grad()(f)`` makes."""
    if len(args) != 1 or keywords:
        raise ReadError("a context of PyTorch is called with one function", reader.line)
    if recording.at_once:
        reader.without_gradients = recording.before[-1]
    return _decorated(reader, recording, args[0])


def _decorated(reader: Reader, recording: Recording, function: Any) -> Any:
    if isinstance(function, Bound):
        return replace(function, helper=_decorated(reader, recording, function.helper))
    if not isinstance(function, Helper):
        raise ReadError("torch.no_grad() and its kin are read around functions of the text only", reader.line)
    return replace(function, without_gradients=not recording.records)


def method(reader: Reader, recording: Recording, name: str) -> Any:
    """Do what ``context.__enter__()`` and ``context.__exit__(None, None, None)`` do."""
    if name == "__enter__":
        enter(reader, recording)
        return recording
    if name == "__exit__":
        leave(reader, recording)
        return None
    raise ReadError(f"a context of PyTorch has no {name} that can be read", reader.line)


# --- what leaves a place where nothing is recorded --------------------------------------------------------------------


def fresh() -> int:
    """Return a mark: cells made from here on are born after it."""
    return Cell(_NOTHING).born


_NOTHING: Any = None


def would_pass(reader: Reader, form: Form) -> bool:
    """Return whether a formula lets gradients through though it may not."""
    if reader.is_literal(form):
        return False
    bindings = [reader.bindings[n.name] for n in names_in(form) if not reader.is_literal(n)]
    return any(not (b.detached or b.without_gradients) for b in bindings)


def is_kept_back(reader: Reader, form: Form) -> bool:
    """Return whether nothing is recorded now, so that a formula may let no gradient through later."""
    return reader.without_gradients > 0 and would_pass(reader, form)


def as_read(reader: Reader, array: Array, form: Form) -> Form:
    """Return what an array holds as it stands in a formula: detached, or unrecorded, where the array is."""
    if reader.wishes.off:
        note_read(reader, form)
    if array.detached and not (isinstance(form, Name) and reader.bindings[form.name].detached):
        return reader.detached(form)
    held_back = (array.unrecorded or array.cell.unrecorded) and not reader.without_gradients
    return unrecorded(reader, form) if held_back else form


def kept_back(reader: Reader, value: Any) -> Any:
    """Return a view, or a list that stands for an array, as one that is taken while nothing is recorded."""
    if isinstance(value, Array) and value.path and not value.unrecorded:
        return replace(value, unrecorded=True)
    if isinstance(value, Listed):
        origin = value.form
        if origin is not None and would_pass(reader, origin):
            value.stands_for(unrecorded(reader, origin), get)
    return value


def unrecorded(reader: Reader, form: Form) -> Form:
    """Return a copy of a formula that was computed while nothing was recorded."""
    if not would_pass(reader, form):
        return form
    if reader.rows_alone:
        raise ReadError("a row of an array is computed under no_grad(); that is read for all rows at once", reader.line)
    copies: dict[Form, Form] = reader.wishes.copies
    if form not in copies:
        base = reader.bindings[form.name].base if isinstance(form, Name) else "detached"
        copies[form] = reader.equation(base, form, copy=True, without_gradients=True)
    return copies[form]


# --- leaves that do not always want gradients ---------------------------------------------------------------------------


@dataclass
class Wishes:
    """When leaves wanted no gradient: those that want none now, what read them meanwhile, and the times that are over."""

    off: dict[str, int] = field(default_factory=dict)
    """Keys of leaves that want no gradient by a statement, and how many versions there were before it."""
    read: dict[str, set[int]] = field(default_factory=dict)
    """The lines on which such a leaf was read."""
    over: list[tuple[str, int, int]] = field(default_factory=list)
    """Leaves that want gradients again, with the versions between which they did not."""
    used: dict[str, int] = field(default_factory=dict)
    """Leaves that were read while they wanted no gradient, and the line on which they want it again."""
    copies: dict[Form, Form] = field(default_factory=dict)
    """What stands for formulas that were computed while nothing was recorded, where they are read later."""
    rewritten: list[tuple[str, Form | None, int]] = field(default_factory=list)
    """What was changed unrecorded: its key before the change, what it holds after one through ``.data``, and the line."""


def want(reader: Reader, binding: Binding, wanted: bool) -> None:
    """Do ``x.requires_grad_(wanted)``."""
    wishes, key = reader.wishes, binding.key
    if not wanted:
        wishes.off.setdefault(key, len(reader.bindings))
    elif not binding.trainable:
        wishes.over.append((key, wishes.off.pop(key, 0), len(reader.bindings)))
        if wishes.read.pop(key, set()) - {reader.line} and key not in reader.slots:
            wishes.used.setdefault(key, reader.line)
    binding.trainable = wanted


def note_read(reader: Reader, form: Form) -> None:
    """Remember that a leaf is read which wants no gradient."""
    if isinstance(form, Name) and form.name in reader.wishes.off:
        reader.wishes.read.setdefault(form.name, set()).add(reader.line)


def check_change(reader: Reader, array: Array, value: Form) -> str | None:
    """Look at an array that is given a value while nothing is recorded, or through ``.data``.

    PyTorch has it computed from what it was, which is refused, and computes gradients of what used it with its new numbers:
    the key is returned of what may have been used.
    """
    held = array.cell.content
    if not isinstance(held, Form) or not (array.detached or reader.without_gradients):
        return None
    if isinstance(value, Name) and reader.bindings[value.name].after:
        return None  # an update, which ends the forward pass
    leaf = isinstance(held, Name) and reader.bindings[held.name].form is None
    if not leaf and not array.cell.unrecorded and is_recorded(reader, held):
        if isinstance(held, Name):
            reader.wishes.rewritten.append(
                (held.name, value, reader.line)
            )  # what used it is known, and may be all there is
        raise ReadError(
            "a tensor is given other numbers without gradients, and to PyTorch it stays computed from what it was; make a "
            "new tensor, or change a copy, x.detach().clone()",
            reader.line,
        )
    return held.name if isinstance(held, Name) and not reader.training_calls else None


def is_recorded(reader: Reader, form: Form) -> bool:
    """Return whether PyTorch has recorded how a formula is computed from a leaf that wants gradients."""
    waiting, seen = [n.name for n in names_in(form)], set[str]()
    while waiting:
        key = waiting.pop()
        binding = reader.bindings[key]
        if key in seen or binding.detached or binding.without_gradients:
            continue
        seen.add(key)
        if binding.form is None and binding.trainable:
            return True
        waiting += [n.name for n in names_in(binding.form)] if binding.form is not None else []
    return False


def _reads(form: Form, key: str, after: Form) -> bool:
    """Return whether a formula reads a version other than to compute what stands there after it."""
    waiting, seen = [form], {after}
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, Name) and node.name == key:
            return True
        waiting += node.args
    return False


def refuse_unwanted(
    reader: Reader, sliced: Sequence[Binding], parameters: Sequence[Binding], live: Mapping[str, frozenset[str]]
) -> None:
    """Refuse parameters that wanted no gradient where the loss, or a part of it, was computed.

    ``live`` says which leaves gradients reach from each version.
    """
    wishes = reader.wishes
    if not (wishes.off or wishes.over or wishes.rewritten):
        return
    place = {key: at for at, key in enumerate(reader.bindings)}
    wanted = {leaf.key for leaf in parameters if leaf.torch}
    for key, after, line in wishes.rewritten:
        used = [b.form for b in sliced if b.form is not None and live[b.key] & wanted]
        if key in wanted and any(key == n.name for form in used for n in names_in(form)):
            raise ReadError(
                f"{reader.bindings[key].base} is changed in place without gradients, and its gradient is that of its new numbers; "
                "give it them when it is made",
                line,
            )
        if after is not None and any(_reads(form, key, after) for form in used):
            raise ReadError(
                f"{reader.bindings[key].base} is changed through .data after the loss has used it: PyTorch computes the gradient "
                "with the new numbers; write .clone() where it is used",
                line,
            )
    for leaf in parameters:
        if leaf.key in wishes.off:
            raise ReadError(f"{leaf.base} has requires_grad=False, so PyTorch has no gradient for it", leaf.line)
        meanwhile = any(
            start <= place[b.key] < end and leaf.key in {n.name for n in names_in(b.form)}
            for key, start, end in wishes.over
            if key == leaf.key
            for b in sliced
            if b.form is not None
        )
        if meanwhile or leaf.key in wishes.used:
            raise ReadError(
                f"{leaf.base} is used while its requires_grad is False, and later it is True: no gradient passes the first use",
                wishes.used.get(leaf.key, leaf.line),
            )


def computed(reader: Reader, node: ast.expr, value: Any, mark: int) -> Any:
    """Return what an expression stands for that is met while nothing is recorded: its formula may go on as it is."""
    if isinstance(value, Form):
        return value
    return value if isinstance(value, Listed) and not isinstance(node, ast.Call) else escaped(reader, value, mark)


def escaped(reader: Reader, value: Any, mark: int | None = None) -> Any:
    """Return a value that was computed while nothing is recorded as one that lets no gradient through.

    An array with memory of its own is one where it was made after ``mark``; else it is an object that was there before.
    """
    if isinstance(value, Form):
        return reader.held(value) if value.shape or reader.is_torch(value) else value
    if isinstance(value, Array):
        if value.path:
            return kept_back(reader, value)
        if mark is not None and value.cell.born > mark:
            value.cell.unrecorded = True
        return value
    if isinstance(value, Listed):
        if value.form is not None:
            kept_back(reader, value)
        else:
            for k, item in enumerate(value):
                if isinstance(item, (Form, Array, tuple)):
                    value[k] = escaped(reader, item, mark)
        return value
    if isinstance(value, tuple) and any(isinstance(v, (Form, Array, list, tuple)) for v in value):
        parts = [escaped(reader, v, mark) for v in value]
        if isinstance(value, Record):
            return Record.of(value.title, value._fields, parts)
        kind: Any = type(value)
        return kind(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value
