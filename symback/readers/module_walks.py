"""What ``nn.Module`` says of itself: its modules, parameters and buffers, and its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symback.core.errors import ReadError, nearest
from symback.core.forms import Form, Name
from symback.library.values import Poison, Prepared
from symback.readers.asking import Reader
from symback.readers.slots import is_module
from symback.readers.values import Array, Cell, Instance

WALKS = {
    "parameters": ("recurse",),
    "named_parameters": ("prefix", "recurse"),
    "buffers": ("recurse",),
    "named_buffers": ("prefix", "recurse"),
    "children": (),
    "named_children": (),
    "modules": (),
    "named_modules": (),
    "state_dict": (),
}
"""Methods that walk through a module, and which of their arguments are honoured, in their order."""

ONLY_TELL = frozenset(
    (*WALKS, "to", "cuda", "cpu", "float", "double", "half", "type", "share_memory", "compile", "zero_grad")
) | {"keys", "values", "items", "forward"}
"""Methods of a module that change nothing of it."""

_COUNT = "num_batches_tracked"


def modules_in(holder: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield a module and all in it with their dotted names, each once, as ``named_modules()`` does."""
    seen = set() if seen is None else seen
    if id(holder) in seen:
        return
    seen.add(id(holder))
    yield path, holder
    for label, value in children(holder):
        yield from modules_in(value, f"{path}.{label}" if path else label, seen)


def children(holder: Any) -> list[tuple[str, Any]]:
    """Return the modules that a module holds itself."""
    if not isinstance(holder, Instance):
        return []
    return [(k, v) for k, v in holder.attributes.items() if isinstance(v, Prepared) or is_module(v)]


def inside_out(holder: Any) -> Iterator[Any]:
    """Yield a module after all in it, in the order of ``apply``: once for every module that holds it."""
    for value in {id(v): v for _, v in children(holder)}.values():
        yield from inside_out(value)
    yield holder


def parameters_in(holder: Instance, recurse: bool = True, prefix: str = "") -> list[tuple[str, Array]]:
    """Return the parameters of a module with their dotted names, each once."""
    return _arrays_in(holder, recurse, prefix, lambda module, label, value: value.cell.parameter)


def buffers_in(
    holder: Instance, recurse: bool = True, prefix: str = "", lasting: bool = False
) -> list[tuple[str, Array]]:
    """Return the buffers of a module with their dotted names; with ``lasting`` those that its state holds."""

    def wanted(module: Instance, label: str, value: Array) -> bool:
        return label in module.buffers and (module.buffers[label] or not lasting)

    return _arrays_in(holder, recurse, prefix, wanted)


def _arrays_in(holder: Instance, recurse: bool, prefix: str, wanted: Any) -> list[tuple[str, Array]]:
    found: list[tuple[str, Array]] = []
    seen: set[int] = set()
    for path, module in modules_in(holder, prefix) if recurse else [(prefix, holder)]:
        if not isinstance(module, Instance):
            continue
        for label, value in module.attributes.items():
            if isinstance(value, Array) and id(value.cell) not in seen and wanted(module, label, value):
                seen.add(id(value.cell))
                found.append((f"{path}.{label}" if path else label, value))
    return found


def _state(reader: Reader, holder: Instance) -> dict[str, Array]:
    """Return the state of a module in the order of PyTorch: of each module its parameters, then its buffers."""
    found: dict[str, Array] = {}
    for path, module in modules_in(holder):
        if not isinstance(module, Instance):
            continue
        start = f"{path}." if path else ""
        own = [(k, v) for k, v in module.attributes.items() if isinstance(v, Array)]
        found |= {start + k: v for k, v in own if v.cell.parameter}
        found |= {start + k: v for k, v in own if module.buffers.get(k) is True}
        if module.kind.startswith("BatchNorm") and module.attributes.get("track_running_stats"):
            error = ReadError(f"{_COUNT} of nn.{module.kind} is not followed", reader.line)
            found[start + _COUNT] = Array(Cell(Poison(error)))
    return found


def walk(reader: Reader, holder: Instance, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return what a method answers that walks through a module."""
    known = WALKS[name]
    given = {**dict(zip(known, args, strict=False)), **keywords}
    if len(args) > len(known) or any(k not in known for k in given):
        unknown = next((k for k in given if k not in known), "an argument")
        raise ReadError(f"{name}() of a module with {unknown} cannot be read", reader.line)
    recurse, prefix = reader.truth(given.get("recurse", True)), given.get("prefix", "")
    if not isinstance(prefix, str):
        raise ReadError(f"the prefix of {name}() has to be a text", reader.line)
    if name in ("parameters", "named_parameters"):
        pairs = parameters_in(holder, recurse, prefix)
        return [p for _, p in pairs] if name == "parameters" else pairs
    if name in ("buffers", "named_buffers"):
        if any(getattr(m, "kind", "").startswith("BatchNorm") for _, m in modules_in(holder)):
            raise ReadError(f"{name}() of a module with nn.BatchNorm cannot be read", reader.line)
        pairs = buffers_in(holder, recurse, prefix)
        return [p for _, p in pairs] if name == "buffers" else pairs
    if name in ("children", "named_children"):
        once = {id(v): (k, v) for k, v in reversed(children(holder))}
        kept = [pair for pair in children(holder) if once[id(pair[1])] == pair]
        return [v for _, v in kept] if name == "children" else kept
    if name in ("modules", "named_modules"):
        found = list(modules_in(holder))
        return [v for _, v in found] if name == "modules" else found
    return _state(reader, holder)


def of_activation(reader: Reader, holder: Prepared, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return what such a method of a layer without parameters answers."""
    if name == "apply":
        reader.call(args[0], [holder], {})
        return holder
    if (args or keywords) and name != "parameters":
        raise ReadError(f"{name}() of a module with an argument cannot be read", reader.line)
    return {"modules": [holder], "named_modules": [("", holder)], "state_dict": {}}.get(name, [])


def _numbers(reader: Reader, form: Form) -> Any:
    """Return the numbers of an array or of a copy of one, where they are known."""
    while isinstance(form, Name) and (binding := reader.bindings[form.name]).form is not None:
        if not (binding.copy or binding.detached):
            return None
        form = binding.form
    return reader.known(form)


def load_state(reader: Reader, holder: Instance, args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
    """Do ``module.load_state_dict(state)`` where all numbers of the state are known."""
    if len(args) != 1 or keywords or not isinstance(args[0], dict):
        raise ReadError("load_state_dict is read for the state of another module, without options", reader.line)
    own, given = _state(reader, holder), args[0]
    apart = [k for k in (*own, *given) if k not in own or k not in given]
    if apart:
        raise ReadError(f"load_state_dict: {apart[0]} is not in both{nearest(str(apart[0]), own)}", reader.line)
    values: dict[str, Any] = {}
    for key in own:
        if not key.endswith(_COUNT):
            form = reader.form(given[key])
            values[key] = _numbers(reader, form)
            if values[key] is None or form.shape != reader.form(own[key]).shape:
                raise ReadError(f"load_state_dict is read where all numbers are known, {key} has none", reader.line)
    for key, value in values.items():
        target = own[key]
        reader.change(replace(target, detached=True), reader.literal(value, torch=True), target.cell.label)
