"""Live ``nn.Module`` objects: they are looked at, and nothing of them is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from symback.core.errors import ReadError, nearest
from symback.library.row_calls import class_rows, of_class_options
from symback.library.signatures import Call, signatures
from symback.library.values import Library, Poison, Prepared
from symback.readers.asking import Reader
from symback.readers.modules import is_layer
from symback.readers.slots import new_parameter, registered, slot
from symback.readers.torch_layers import LAYERS
from symback.readers.values import Definition, Instance


def is_live(value: Any) -> bool:
    """Return whether ``value`` is an ``nn.Module`` object; PyTorch is not imported to find out."""
    return any(c.__module__ == "torch.nn.modules.module" and c.__name__ == "Module" for c in type(value).__mro__)


def is_own_class(kind: type) -> bool:
    """Return whether a class is a user's own, not one of Python or PyTorch."""
    return kind.__module__.split(".")[0] not in ("builtins", "torch", "abc", "typing")


def live_object(
    reader: Reader, value: Any, definition: Callable[[type], Definition], seen: dict[int, Any] | None = None
) -> Any:
    """Return a live ``nn.Module`` as an object here: its parts and values are looked at, nothing of it is called.

    ``definition`` finds the class of an object by its source.
    """
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    kind = type(value).__name__
    held = vars(value)
    library = type(value).__module__.startswith("torch.nn.")
    if library and not is_layer(kind):
        seen[id(value)] = _prepared_class(reader, kind, held)
        return seen[id(value)]
    layer = LAYERS.get(kind) if library else None
    own = None if library else definition(type(value))
    made = registered(reader, Instance(kind, own, training=bool(held.get("training", True)), layer=layer))
    seen[id(value)] = made
    for label, plain in held.items():
        if not label.startswith("_") and label != "training":
            made.attributes[label] = _live_attribute(reader, label, plain, seen, definition)
    if layer is not None:
        for label, default in layer.options.items():
            # "bias" is an option of the call and a parameter of the object
            if default is not ... and label not in made.attributes and label not in layer.symbols:
                made.attributes[label] = default
        for label in layer.fixed:
            if made.attributes[label] != layer.options[label]:
                raise ReadError(f"nn.{kind} with {label}={made.attributes[label]} cannot be read")
    for group in ("_parameters", "_buffers", "_modules"):
        for label, part in held.get(group, {}).items():
            made.attributes[label] = _live_part(reader, made, label, part, group, seen, definition)
    return made


def _live_part(
    reader: Reader, made: Instance, label: str, part: Any, group: str, seen: dict[int, Any], definition: Any
) -> Any:
    if part is None:
        return None
    if group == "_modules":
        return live_object(reader, part, definition, seen)
    if id(part) not in seen:
        array = np.asarray(part.detach().cpu().numpy())
        if array.dtype.kind not in "iufb":
            raise ReadError(f"{label} of {made.kind} is not made of real numbers")
        own = group == "_parameters"
        if not own:
            made.buffers[label] = True
        trained = own and bool(part.requires_grad)
        if made.definition is not None and label.isidentifier():
            seen[id(part)] = slot(reader, reader.leaf(label, None, array, trainable=trained, torch=True), own)
        else:
            base = label if not label.isdigit() else "weight"
            seen[id(part)] = slot(reader, new_parameter(reader, array.shape, None, base, trained, array), own)
    return seen[id(part)]


def _live_attribute(reader: Reader, label: str, value: Any, seen: dict[int, Any], definition: Any) -> Any:
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    if isinstance(value, (tuple, list)):
        return type(value)(_live_attribute(reader, label, v, seen, definition) for v in value)
    if is_live(value):
        return live_object(reader, value, definition, seen)
    if hasattr(value, "detach") and hasattr(value, "shape"):
        return slot(reader, reader.leaf(label, None, np.asarray(value.detach().cpu().numpy()), torch=True), False)
    if isinstance(value, np.ndarray):
        return slot(reader, reader.leaf(label, None, value), False)
    if callable(value) and getattr(value, "__name__", None):
        module = "torch.nn.functional" if inspect.isfunction(value) and "torch" in value.__module__ else "torch"
        return Library(f"{module}.{value.__name__}")
    return Poison(ReadError(f"the attribute {label} holds a {type(value).__name__}, which cannot be read"))


def _prepared_class(reader: Reader, name: str, held: dict[str, Any]) -> Prepared:
    """Return a live object of ``torch.nn`` that is a row of the tables, with the options it holds."""
    row = class_rows().get(name.lower())
    forms_ = signatures(f"torch.nn.{name}")
    if row is None or not forms_:
        raise ReadError(f"nn.{name} is not known{nearest(name, LAYERS)}")
    given = {p.name: held[p.name] for p in forms_[0].parameters if p.name in held}
    options = of_class_options(reader, row, Call(f"torch.nn.{name}", forms_[0], given))
    for label, buffer in held.get("_buffers", {}).items():
        if buffer is not None and label not in row.parameters:
            raise ReadError(f"nn.{name} with a {label} cannot be read")
        if buffer is not None:
            options[label] = reader.literal(np.asarray(buffer.detach()), torch=True)
    return Prepared(f"tables.{row.name}", options, name)
