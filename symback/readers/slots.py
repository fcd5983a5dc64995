"""The parameters of objects: how they are made, what they are called on a page, and where they stand in their model.

A parameter gets its name when its layer is first called, so that a page counts them in the order of the forward pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ShapeError
from symback.core.forms import Form, Name, element_count, shape_text
from symback.core.forms import name as make_name
from symback.library.limits import LARGEST_LAYER
from symback.library.module_symbols import numbered
from symback.library.values import Binding, Library, Poison
from symback.readers.asking import Reader
from symback.readers.values import Array, Cell, Instance

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
"""Objects of ``torch.nn`` that hold others and compute nothing of their own."""


def symbols_of(holder: Instance) -> Mapping[str, str]:
    """Return what the parameters of a layer are called on the page, by their slot; a class of the text has none."""
    return {} if holder.layer is None else holder.layer.symbols


def number_of(reader: Reader, holder: Instance) -> str:
    """Return the number of a layer, as the names of its parameters have it on the page; the first call gives it one."""
    symbols = symbols_of(holder)
    slot, symbol = next(iter(symbols.items()))
    if not holder.names:
        reader.layers[symbol] = reader.layers.get(symbol, 0) + 1
        holder.names.update({k: numbered(s, reader.layers[symbol]) for k, s in symbols.items()})
    return holder.names[slot].removeprefix(symbol.partition("{}")[0]).partition("_")[0]


def registered(reader: Reader, instance: Instance) -> Instance:
    """Remember an object, so that its parameters can be told apart by their place in it."""
    reader.instances.append(instance)
    return instance


def new_parameter(
    reader: Reader,
    shape: tuple[int, ...],
    filling: float | None,
    label: str,
    trained: bool = True,
    value: Any = None,
    random: bool = False,
) -> Name:
    """Make a parameter of an object: given, filled with one number, or drawn where a seed says how."""
    if not all(isinstance(s, int) and not isinstance(s, bool) for s in shape):
        raise ReadError(f"the sizes of a layer have to be whole numbers, got {shape_text(shape)}", reader.line)
    if element_count(shape) > LARGEST_LAYER:
        raise ReadError(f"a parameter of shape {shape_text(shape)} is too large", reader.line)
    if value is None and filling is not None:
        value = np.full(shape, filling)
    if value is None:
        value = reader.draws.parameter(shape)
    key = reader.new_key(label)
    reader.slots[key] = 0
    reader.bindings[key] = Binding(
        key,
        label,
        shape,
        reader.line or None,
        leaves=frozenset([key]),
        value=value,
        trainable=trained,
        torch=True,
        random=random,
    )
    return make_name(key, shape)


def slot(reader: Reader, name: Name, parameter: bool = True) -> Array:
    """Return a parameter, or a buffer, as the object that an attribute holds."""
    base = reader.bindings[name.name].base
    made = Array(Cell(name, label=base, parameter=parameter))
    reader.settle(made)
    return made


def leaf_name(value: Any) -> Name | None:
    """Return the input that an object is, None where it is no array or computed."""
    content = value.cell.content if isinstance(value, Array) and not value.path else None
    return content if isinstance(content, Name) else None


def parameter(reader: Reader, holder: Instance, slot: str) -> Form | None:
    """Return a parameter of a layer that is being called, under its name on the page: ``W1`` for the first weight."""
    held = holder.attributes.get(slot)
    if isinstance(held, Poison):
        raise held.error
    form = reader.form(held) if isinstance(held, Array) else held
    if not isinstance(form, Name):
        return form if isinstance(form, Form) else None
    number_of(reader, holder)
    binding = reader.bindings[form.name]
    if binding.base in symbols_of(holder) and binding.updates is None:
        binding.base = holder.names[slot]
        reader.slots[binding.key] = 1 + max(reader.slots.values())
        _override(reader, binding)
    return form


def _override(reader: Reader, binding: Binding) -> None:
    """Give a parameter the value the caller has for it by its name on the page."""
    key = binding.base
    if key in reader.shapes:
        reader.overridden.add(key)
        if reader.shapes[key] != binding.shape:
            raise ShapeError(
                f"{key} has shape {shape_text(binding.shape)} by its layer, it cannot be {shape_text(reader.shapes[key])}"
            )
    if key in reader.values:
        _give(reader, binding, key)


def _give(reader: Reader, binding: Binding, key: str) -> None:
    array = np.asarray(reader.values[key])
    reader.overridden.add(key)
    if array.shape != binding.shape:
        raise ShapeError(
            f"{key} is given a value of shape {shape_text(array.shape)}, in the model it has {shape_text(binding.shape)}"
        )
    binding.value = array


def give_state(reader: Reader) -> None:
    """Give parameters the values the caller has for them by their place, as ``state_dict`` spells it: ``layer1.0.weight``."""
    if not any("." in key for key in reader.values):
        return
    for key, place in model_places(reader, relative=True).items():
        if dotted(place) in reader.values:
            _give(reader, reader.bindings[key], dotted(place))


def _owned(instance: Instance) -> Iterator[tuple[str, Any]]:
    """Return the parts of an object with the path to each: ``[0]`` in a container, else ``.name``."""
    for label, value in instance.attributes.items():
        path = f"[{label}]" if instance.kind in CONTAINERS and label.isdigit() else f".{label}"
        yield path, value


def model_places(reader: Reader, relative: bool = False) -> dict[str, str]:
    """Return where each parameter stands in its model, by its key: ``layer1[0].weight``.

    The name of the model stands before it where there are several, or where nothing else would; not if ``relative``.
    """
    inner = {id(v) for i in reader.instances for _, v in _owned(i) if isinstance(v, Instance)}
    roots = [i for i in reader.instances if id(i) not in inner]
    models = [r for r in roots if r.definition is not None or r.kind in CONTAINERS]
    found: dict[str, str] = {}

    def visit(instance: Instance, path: str, depth: int) -> None:
        for step, value in _owned(instance):
            if isinstance(value, Instance) and depth < 40:
                visit(value, path + step, depth + 1)
            elif leaf_name(value) is not None:
                key = leaf_name(value).name  # type: ignore[union-attr]
                while (origin := reader.bindings[key].updates) is not None:
                    key = origin
                found.setdefault(key, (path + step).lstrip("."))

    for root in roots:
        alone = len(models) == 1 and root in models and root.definition is not None
        visit(root, "" if relative or alone else root.label, 0)
    return found


def dotted(place: str) -> str:
    """Return a place as ``state_dict`` spells it: ``layer1.0.weight``."""
    return place.replace("[", ".").replace("]", "").lstrip(".")


def is_module(value: Any) -> bool:
    """Return whether a value is an ``nn.Module``: an object of any other class is not seen by the modules that hold it."""
    if not isinstance(value, Instance) or value.definition is None:
        return isinstance(value, Instance)
    bases = [b for d in value.definition.lineage() for b in d.bases]
    return any(isinstance(b, Library) and b.path.startswith("torch.nn") for b in bases) or value.definition.is_module


def objects(instance: Instance, prefix: str = "", seen: set[int] | None = None) -> list[tuple[str, Instance]]:
    """Return all objects in an object with their dotted names, each once."""
    seen = set() if seen is None else seen
    found: list[tuple[str, Instance]] = []
    for label, value in instance.attributes.items():
        if isinstance(value, Instance) and id(value) not in seen:
            seen.add(id(value))
            path = f"{prefix}.{label}" if prefix else label
            found += [(path, value), *objects(value, path, seen)]
    return found


def arrays(instance: Instance) -> list[tuple[str, Array]]:
    """Return all inputs (parameters and buffers) in an object with their dotted names, each once.

    They stand in the order of PyTorch: those of an object itself before those of the objects in it.
    """
    found: list[tuple[str, Array]] = []
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", instance)]
    visited: set[int] = set()
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Instance):
            if id(value) not in visited:
                visited.add(id(value))
                inner = [(f"{path}.{k}" if path else k, v) for k, v in reversed(value.attributes.items())]
                waiting += [item for item in inner if isinstance(item[1], Instance)]
                waiting += [item for item in inner if not isinstance(item[1], Instance)]
        elif leaf_name(value) is not None and id(value.cell) not in seen:
            seen.add(id(value.cell))
            found.append((path, value))
    return found
