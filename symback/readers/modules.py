"""Objects: layers of ``torch.nn`` and classes of the text, with their attributes and methods.

What a layer of ``torch.nn`` holds and computes is a row of ``torch_layers.LAYERS``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symback.core.errors import NetworkError, ReadError, ShapeError, nearest
from symback.core.forms import Form, Name, shape_text
from symback.library.signatures import bind
from symback.library.values import Count, Library, Poison, Prepared
from symback.readers import class_rules, data_classes, recording
from symback.readers.asking import Reader
from symback.readers.iterators import Iterated
from symback.readers.memory import give_memory, lose_statistics, suspect
from symback.readers.module_walks import WALKS, inside_out, load_state, parameters_in, walk
from symback.readers.names import Refused, described
from symback.readers.plain_values import PythonError
from symback.readers.slots import (
    CONTAINERS,
    leaf_name,
    new_parameter,
    objects,
    registered,
    slot,
    symbols_of,
)
from symback.readers.torch_layers import LAYERS
from symback.readers.torch_random import INNER, fill_layer
from symback.readers.values import Ancestor, Applied, Array, Bound, Cell, Definition, Helper, Instance, Method, Scope

_SAME = {"to", "cuda", "cpu", "float", "double", "half", "type", "share_memory", "compile"}

_KEPT = {
    "apply",
    "load_state_dict",
    "train",
    "eval",
    "requires_grad_",
    "forward",
    "append",
    "extend",
    "keys",
    "values",
    "items",
}


# --- making objects ---------------------------------------------------------------------------------------------------


def is_layer(name: str) -> bool:
    """Return whether ``torch.nn`` has a class of this name that is an object here."""
    return name in LAYERS or name in CONTAINERS


def make_layer(reader: Reader, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Instance:
    """Return the object that ``nn.Linear(2, 3)`` or ``nn.Sequential(...)`` makes."""
    if name in CONTAINERS:
        if keywords:
            raise ReadError(f"nn.{name} with {next(iter(keywords))}= cannot be read", reader.line)
        return registered(reader, Instance(name, attributes=_contents(reader, name, args)))
    layer = LAYERS[name]
    given = {k: v for k, v in keywords.items() if k not in ("device", "dtype")}
    if len(args) > len(layer.options):
        raise ReadError(f"nn.{name} takes {len(layer.options)} options, {len(args)} given", reader.line)
    for label, value in zip(layer.options, args, strict=False):
        if label in given:
            raise ReadError(f"nn.{name} is given {label} twice", reader.line)
        given[label] = value
    unknown = [k for k in given if k not in layer.options]
    if unknown:
        raise ReadError(f"nn.{name} has no option {unknown[0]}{nearest(unknown[0], layer.options)}", reader.line)
    options = {k: _option(reader, name, k, given.get(k, default)) for k, default in layer.options.items()}
    changed = [k for k in layer.fixed if options[k] != layer.options[k]]
    if changed:
        raise ReadError(f"nn.{name} with {changed[0]}={options[changed[0]]} cannot be read", reader.line)
    made = Instance(name, attributes=dict(options), layer=layer)
    for label, (shape, filling) in layer.slots(options).items():
        made.attributes.pop(label, None)  # an option of this name, as bias, says that there is one
        made.attributes[label] = slot(
            reader,
            new_parameter(reader, shape, filling, label, trained=label not in layer.state),
            label not in layer.state,
        )
        if label in layer.state:
            made.buffers[label] = True
    for label in layer.symbols:
        if label not in made.attributes or isinstance(made.attributes[label], bool):
            made.attributes[label] = None
    if name == "MultiheadAttention":
        sizes = {"in_features": options["embed_dim"], "out_features": options["embed_dim"], "bias": options["bias"]}
        made.attributes["out_proj"] = make_layer(reader, INNER, [], sizes)
    fill_layer(reader, made, options, keywords)
    return registered(reader, made)


def _option(reader: Reader, kind: str, label: str, value: Any) -> Any:
    if value is ...:
        raise ReadError(f"nn.{kind} needs {label}", reader.line)
    if isinstance(value, (tuple, list)):
        return tuple(_option(reader, kind, label, v) for v in value)
    if isinstance(value, Form):
        value = reader.constant(value)
        if value is None or np.ndim(value):
            raise ReadError(f"{label} of nn.{kind} has to be known from the code", reader.line)
    if isinstance(value, int) and not isinstance(value, bool) and "dim" not in label and value < 0:
        raise ReadError(f"{label} of nn.{kind} cannot be {value}", reader.line)
    return (
        int(value)
        if isinstance(value, Count)
        else float(value)
        if hasattr(value, "numerator") and not isinstance(value, int)
        else value
    )


def _contents(reader: Reader, name: str, args: Sequence[Any]) -> dict[str, Any]:
    """Return what a container is given, by the names under which it holds it."""
    found = _given_contents(reader, name, args)
    if name not in _OF_PARAMETERS:
        return found
    order = sorted(found) if name == "ParameterDict" and args and type(args[0]) is dict else list(found)
    return {k: _as_parameter(reader, found[k]) for k in order}


_OF_PARAMETERS = ("ParameterList", "ParameterDict")


def _as_parameter(reader: Reader, value: Any) -> Array:
    """Return what a container of parameters holds for a tensor: itself, or a parameter that shows its memory."""
    value = reader.held(value)
    if not isinstance(value, Array):
        raise ReadError("a container of parameters holds tensors", reader.line)
    if value.cell.parameter:
        return value
    form = reader.form(value)
    if not reader.is_literal(form):
        raise ReadError("a container of parameters is given a tensor that is no parameter", reader.line)
    made = Array(Cell(reader.literal(reader.known(form), shape=form.shape, torch=True, trainable=True), parameter=True))
    suspect(value.cell, made.cell)
    return made


def _given_contents(reader: Reader, name: str, args: Sequence[Any]) -> dict[str, Any]:
    if name in ("ModuleDict", "ParameterDict") or (
        name == "Sequential" and len(args) == 1 and isinstance(args[0], dict)
    ):
        given = args[0] if args else {}
        return dict(given) if isinstance(given, dict) else {str(k): v for k, v in given}
    items = list(args)
    if name != "Sequential":
        items = list(reader.items_of(args[0])) if args else []
    return {str(k): v for k, v in enumerate(items)}


_REGISTERS = {"register_buffer", "register_parameter", "add_module", "register_module"}

_OF_MODULES = _SAME | set(WALKS) | _KEPT | _REGISTERS | {"zero_grad", "__call__"}
"""What every ``nn.Module`` has of its own, as ``super()`` reaches it."""


def set_mode(instance: Instance, training: bool) -> None:
    """Switch an object and all in it to training or evaluation."""
    for one in (instance, *(i for _, i in objects(instance))):
        one.training = training


# --- attributes and methods -------------------------------------------------------------------------------------------


def attribute(reader: Reader, holder: Instance, name: str) -> Any:
    """Return ``holder.name``."""
    one = holder.definition.having(name) if holder.definition is not None else None
    if name in holder.attributes and not (one is not None and one.markers.get(name) == "property"):
        value = holder.attributes[name]
        if isinstance(value, Poison):
            raise value.error
        return _as_shown(holder, name, value)
    altered = reader.altered.get(id(holder))
    if altered is not None and (one is None or name in one.attributes):
        raise altered[1]
    if one is not None:
        value = _of_class(reader, holder, one, name)
        if one.markers.get(name) == "cached_property":
            value = holder.attributes[name] = reader.held(value)
        return value
    if name == "__class__" and holder.definition is not None:
        return holder.definition
    if name == "__dict__":
        return class_rules.dictionary(reader, holder)
    if name == "training":
        return holder.training
    if name in _SAME | set(WALKS) | _KEPT | _REGISTERS or (
        name == "zero_grad" and (holder.definition is None or holder.definition.is_module)
    ):
        return Method(holder, name)
    own = holder.definition.having("__getattr__") if holder.definition is not None else None
    if own is not None and "__getattr__" in own.methods and not (name.startswith("__") and name.endswith("__")):
        return call_bound(reader, Bound(holder, own.methods["__getattr__"], own), [name], {})
    if name in _MAKE_ANEW:
        raise Refused(f"{name}() gives {described(holder)} other parameters, which is not followed", reader.line)
    known = {
        *holder.attributes,
        *(m for d in (holder.definition.lineage() if holder.definition else ()) for m in d.methods),
    }
    raise ReadError(f"{described(holder)} has no {name}{nearest(name, known)}", reader.line)


_MAKE_ANEW = ("reset_parameters", "_reset_parameters", "to_empty", "_apply")
"""Methods of layers that give them other parameters."""


def _as_shown(holder: Instance, name: str, value: Any) -> Any:
    """Return an attribute as PyTorch shows it: the sizes of a convolution or a norm are tuples."""
    if holder.layer is None or not isinstance(value, int) or isinstance(value, bool):
        return value
    if name == "normalized_shape":
        return (value,)
    if holder.kind.startswith("Conv") and name in ("kernel_size", "stride", "padding", "dilation"):
        return (value,) * next(int(c) for c in holder.kind if c.isdigit())
    return value


def ancestor_attribute(reader: Reader, holder: Ancestor, name: str) -> Any:
    """Return ``super().name``."""
    instance = holder.instance
    own = instance if isinstance(instance, Definition) else instance.definition
    order = own.lineage() if own is not None else []
    if holder.definition not in order:
        raise ReadError("super() of a class that the object is not of cannot be read", reader.line)
    for one in order[order.index(holder.definition) + 1 :]:
        if name in one.methods or name in one.attributes:
            return _of_class(reader, instance, one, name)
        if name == "__init__" and data_classes.FIELDS in one.attributes and isinstance(instance, Instance):
            return _generated_init(instance, one)
    if name == "__class__":
        raise ReadError("super().__class__ cannot be read", reader.line)
    of_module = own is not None and own.is_module and name in _OF_MODULES
    if isinstance(instance, Instance) and (name == "__setattr__" or of_module):
        return Method(instance, name)
    if name in _OF_OBJECTS:
        return Library(f"object.{name}")
    raise ReadError(f"super().{name} is not in the text, and is not followed", reader.line)


def _generated_init(holder: Instance | None, one: Definition) -> Method:
    """Return the ``__init__`` that ``@dataclass`` makes of the fields of a class, bound to an object where there is one."""

    def run(reader: Reader, args: list[Any], keywords: dict[str, Any]) -> None:
        made, *rest = args if holder is None else [holder, *args]
        if not isinstance(made, Instance):
            raise ReadError(f"{one.name}.__init__ needs an object", reader.line)
        _fill_fields(reader, made, one, rest, keywords)

    return Method(Applied(run, "__init__"), "__call__")


def _fill_fields(
    reader: Reader, made: Instance, one: Definition, args: Sequence[Any], keywords: Mapping[str, Any]
) -> None:
    attributes, passed = data_classes.arguments_of(reader, one, args, keywords)
    for name, value in attributes.items():
        assign(reader, made, name, value, fresh=True)
    after = made.definition.having("__post_init__") if made.definition is not None else None
    if after is not None:
        reader.call(_of_class(reader, made, after, "__post_init__"), list(passed), {})


_OF_OBJECTS = ("__init__", "__init_subclass__")
"""What ``object`` and ``nn.Module`` have of their own, and what does nothing here."""


def _of_class(reader: Reader, holder: Instance | Definition, one: Definition, name: str) -> Any:
    """Return what a class of the text gives an object, or a class derived from it, under a name."""
    if name in one.methods:
        return _method(reader, holder, one, name)
    value = one.attributes[name]
    if isinstance(value, Poison):
        raise value.error
    return Bound(holder, value, one) if isinstance(value, Helper) and isinstance(holder, Instance) else value


def class_attribute(reader: Reader, definition: Definition, name: str) -> Any:
    """Return ``Class.name``: a method without its object, or a plain attribute."""
    one = definition.having(name)
    if one is not None and one.markers.get(name) in ("property", "cached_property"):
        raise ReadError(
            f"the property {name} of the class {definition.name} is not read without an object", reader.line
        )
    if one is not None:
        return _of_class(reader, definition, one, name)
    if name in ("__name__", "__qualname__"):
        return definition.name
    fields = next((d for d in definition.lineage() if data_classes.FIELDS in d.attributes), None)
    if name == "__init__" and fields is not None:
        return _generated_init(None, fields)
    if any(
        isinstance(b, Library) and b.path.endswith("autograd.Function") for d in definition.lineage() for b in d.bases
    ):
        raise ReadError(
            f"{definition.name} is a torch.autograd.Function, which says its own gradient; a custom one cannot be read",
            reader.line,
        )
    return Library(f"object.{name}")


def _method(reader: Reader, holder: Instance | Definition, definition: Definition, name: str) -> Any:
    """Return a method of ``definition`` bound to an object or to its class, or what a property of it gives."""
    marker = definition.markers.get(name)
    own = holder if isinstance(holder, Definition) else holder.definition
    if marker == "classmethod" or name in ("__init_subclass__", "__class_getitem__"):
        first: Any = own
    else:
        first = holder if isinstance(holder, Instance) and marker != "staticmethod" else None
    bound = Bound(first, definition.methods[name], definition)
    return call_bound(reader, bound, [], {}) if marker in ("property", "cached_property") else bound


def call_bound(
    reader: Reader, bound: Bound, args: Sequence[Any], keywords: Mapping[str, Any], opens: bool = False
) -> Any:
    """Follow a method of a class of the text; where it ``opens``, its assignments are equations."""
    first = [] if bound.instance is None else [bound.instance]
    # a copy, so that an object inside another of the same class is not taken for a method that calls itself
    helper = replace(bound.helper)
    owner = (
        bound.instance
        if isinstance(bound.instance, (Instance, Definition))
        else args[0]
        if args and isinstance(args[0], Instance)
        else None
    )
    opens = opens or helper.name in ("forward", "__call__") or reader.is_pass(helper)
    loops, reader.time_loops = reader.time_loops, 0
    reader.frames.append((owner, bound.definition))
    try:
        return reader.call_helper(
            helper, [*first, *args], keywords, open_scope=opens and helper.name != "__init__", passing=passed_on(helper)
        ).value
    finally:
        reader.frames.pop()
        reader.time_loops = loops


def passed_on(helper: Helper) -> frozenset[str]:
    """Return the locals of a method that only carry a result along: its arguments, and names assigned repeatedly."""
    if isinstance(helper.body, ast.expr):
        return frozenset()
    arguments = set(helper.argument_names)
    seen: set[str] = set()
    again: set[str] = set()
    for statement in helper.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                (again if node.id in seen else seen).add(node.id)
    return frozenset(again | (arguments & seen))


def arguments_of(instance: Instance) -> dict[str, Any]:
    """Return the arguments of an object's forward method with their defaults, ``...`` where there is none."""
    for one in instance.definition.lineage() if instance.definition else ():
        forward = one.methods.get("forward")
        if forward is not None:
            named = forward.arguments
            return {
                a.arg: forward.defaults.get(a.arg, ...)
                for a in [*named.posonlyargs, *named.args][1:] + list(named.kwonlyargs)
            }
    return {}


_DECIDING = (
    *("__new__", "__getattribute__", "__setattr__", "__delattr__"),
    *("__get__", "__set__", "__delete__", "__set_name__"),
)
"""Methods by which a class decides what its objects, attributes or subclasses are."""


def instantiate(reader: Reader, definition: Definition, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return a new object of a class of the text, after its ``__init__``."""
    unread = [n for d in definition.lineage() for n in d.methods if n in _DECIDING]
    if unread:
        raise ReadError(f"the class {definition.name} has its own {unread[0]}, which is not followed", reader.line)
    if definition.members is not None:
        return _member(reader, definition, args, keywords)
    left = class_rules.abstract_names(definition)
    if left:
        message = f"Can't instantiate abstract class {definition.name} without an implementation for '{left[0]}'"
        raise PythonError(TypeError, message, reader.line)
    made = registered(reader, Instance(definition.name, definition))
    if data_classes.makes_init(definition):
        _fill_fields(reader, made, definition, args, keywords)
        return made
    for one in definition.lineage():
        if "__init__" in one.methods:
            call_bound(reader, Bound(made, one.methods["__init__"], one), args, keywords)
            break
    else:
        if args or keywords:
            raise ReadError(f"{definition.name} has no __init__ that takes arguments", reader.line)
    return made


def _member(reader: Reader, definition: Definition, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the member of an enumeration that a value belongs to."""
    if not definition.members or len(args) != 1 or keywords:
        raise ReadError(f"the enumeration {definition.name} cannot be called like this here", reader.line)
    for member in definition.members.values():
        if args[0] is member or reader.truth(reader.compared(ast.Eq(), member.attributes["value"], args[0])):
            return member
    raise PythonError(ValueError, f"this is not a valid {definition.name}", reader.line)


def call(
    reader: Reader, instance: Instance, args: Sequence[Any], keywords: Mapping[str, Any], inner: bool = False
) -> Any:
    """Return the result of calling an object: its forward method, or what the layer computes.

    A ``__call__`` of a module's own class comes before its forward method, but for a call that comes from there (``inner``).
    """
    definition = instance.definition
    if definition is not None and definition.is_module and not inner:
        one = definition.having("__call__")
        if one is not None:
            return reader.call(_of_class(reader, instance, one, "__call__"), list(args), dict(keywords))
    own = instance.attributes.get("forward")
    if own is not None and (definition is None or definition.is_module):
        return reader.call(attribute(reader, instance, "forward"), list(args), dict(keywords))
    if definition is not None:
        method = "forward" if definition.is_module else "__call__"
        for one in definition.lineage():
            if method in one.methods:
                return call_bound(reader, Bound(instance, one.methods[method], one), args, keywords)
        if not definition.is_module:
            raise ReadError(f"an object of the class {definition.name} cannot be called", reader.line)
        return _in_order(reader, instance, args, keywords)
    if instance.kind in CONTAINERS:
        given = _given(reader, instance, ("input",), args, keywords)
        return _sequence(reader, list(instance.attributes.values()), given["input"])
    assert instance.layer is not None
    several = instance.layer.arguments
    try:
        if several:
            given = _given(reader, instance, several, args, keywords)
            return _offered(reader, instance.layer.compute(reader, instance, *(given.get(k) for k in several)))
        [x] = map(reader.form, _given(reader, instance, (), args, keywords).values())
        result = reader.step(_offered(reader, instance.layer.compute(reader, instance, x), x))
        if instance.kind.startswith("BatchNorm") and instance.training:
            for label in ("running_mean", "running_var"):
                lose_statistics(reader, instance.attributes.get(label), f"nn.{instance.kind}")
        return result
    except ShapeError as error:
        raise ShapeError(f"nn.{instance.kind}: {error}") from None
    except NetworkError as error:
        raise ReadError(f"nn.{instance.kind}: {error}", reader.line) from None


def _given(
    reader: Reader, instance: Instance, known: Sequence[str], args: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a call gives to the forward method of a layer, by PyTorch's own names: one array where none is known."""
    path = "torch.nn.Linear.forward" if instance.kind == INNER else f"torch.nn.{instance.kind}.forward"
    if instance.kind in CONTAINERS and instance.kind != "Sequential":
        raise ReadError(f"nn.{instance.kind} cannot be called; call what it holds", reader.line)
    call = bind(reader, path, args, keywords)
    ours = known or [p.name for p in call.signature.parameters][:1]
    usual = {p.name: p.default for p in call.signature.parameters}
    for name, value in call.given.items():
        if name not in ours and value is not usual[name]:
            raise ReadError(f"nn.{instance.kind} is called with {name}, which is not followed", reader.line)
    return {k: v for k, v in call.given.items() if k in ours}


def _offered(reader: Reader, result: Any, *given: Any) -> Any:
    """Let the name that the text gives to a result of a layer stand in the place of the layer's own."""
    for part in result if isinstance(result, tuple) else (result,):
        if isinstance(part, Name) and part not in given:
            reader.bindings[part.name].offered = reader.bindings[part.name].form is not None
    return result


def _sequence(reader: Reader, layers: Sequence[Any], x: Any) -> Any:
    for layer in layers:
        x = reader.call(layer, [x], {})
    return x


def _in_order(reader: Reader, instance: Instance, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Apply the layers of a class without ``forward`` one after the other, as they were assigned; the reader says so."""
    layers = {k: v for k, v in instance.attributes.items() if isinstance(v, (Instance, Prepared))}
    if not layers or len(args) != 1 or keywords:
        raise ReadError(f"the class {instance.kind} has no forward method", reader.line)
    note = (
        f"{instance.kind} has no forward method: its layers are applied in the order of __init__, {', '.join(layers)}"
    )
    if note not in reader.notes:
        reader.notes.append(note)
    return _sequence(reader, list(layers.values()), args[0])


def is_method_of(path: str, holder: Any) -> bool:
    """Return whether a path is a method of ``nn.Module``, called by the name of a class with its object first."""
    start, _, name = path.rpartition(".")
    return (
        isinstance(holder, Instance)
        and start.startswith("torch.nn.")
        and start.rpartition(".")[2][:1].isupper()
        and name in {*WALKS, *_KEPT, *_REGISTERS, "zero_grad"} - {"forward"}
    )


def call_method(reader: Reader, holder: Instance, name: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the result of a method that every ``nn.Module`` has."""
    if name in _SAME:
        return holder
    if name == "__setattr__" and len(args) == 2 and isinstance(args[0], str) and not keywords:
        assign(reader, holder, args[0], args[1], fresh=True)
        return None
    if name == "__call__":
        return call(reader, holder, args, keywords, inner=True)
    if name in _REGISTERS:
        given = [*args, *(v for k, v in keywords.items() if k != "persistent")]
        persistent = keywords.get("persistent", given[2] if len(given) > 2 else True)
        if len(given) < 2 or not isinstance(given[0], str) or not given[0]:
            raise ReadError(f"{name} needs a name and a value", reader.line)
        assign(reader, holder, given[0], given[1])
        if name == "register_buffer":
            holder.buffers[given[0]] = reader.truth(persistent)
        return None
    if name == "forward":
        return call(reader, holder, args, keywords, inner=True)
    if name in ("train", "eval"):
        set_mode(holder, name == "train" and (not args or bool(reader.constant(args[0]))))
        return holder
    if name == "requires_grad_":
        wanted = not args or bool(reader.constant(args[0]))
        for _, array in parameters_in(holder):
            leaf = leaf_name(array)
            if leaf is None:
                raise ReadError("requires_grad_() of a module with a computed parameter cannot be read", reader.line)
            recording.want(reader, reader.bindings[leaf.name], wanted)
        return holder
    if name in ("append", "extend") and args:
        for value in [args[0]] if name == "append" else reader.items_of(args[0]):
            made = _as_parameter(reader, value) if holder.kind in _OF_PARAMETERS else reader.held(value)
            holder.attributes[str(len(holder.attributes))] = made
        return holder
    if name == "apply":
        for part in inside_out(holder):
            reader.call(args[0], [part], {})
        return holder
    if name == "state_dict":
        return walk(reader, holder, name, args, keywords)
    if name in WALKS:
        return _one_by_one(holder, lambda: walk(reader, holder, name, args, keywords))
    if name == "load_state_dict":
        return load_state(reader, holder, args, keywords)
    if name in ("keys", "values", "items") and holder.kind in ("ModuleDict", "ParameterDict"):
        return getattr(holder.attributes, name)()
    if name == "zero_grad":
        return None
    raise ReadError(f"the method {name} of {described(holder)} cannot be read", reader.line)


def _one_by_one(holder: Instance, found: Callable[[], Iterable[Any]]) -> Iterated:
    """Return a generator, which begins to look for what it gives when the first item is asked for."""
    return Iterated((item for make in (found,) for item in make()), "generator", near=[holder])


def contained(holder: Instance) -> list[Any] | None:
    """Return what a loop over a container runs over."""
    if holder.kind in ("ModuleDict", "ParameterDict"):
        return list(holder.attributes)
    return list(holder.attributes.values()) if holder.kind in CONTAINERS else None


def item(reader: Reader, holder: Instance, key: Any) -> Any:
    """Return ``holder[key]`` of a container."""
    own = holder.definition.having("__getitem__") if holder.definition is not None else None
    if own is not None:
        return reader.call(_of_class(reader, holder, own, "__getitem__"), [key], {})
    values = list(holder.attributes.values())
    if holder.kind not in CONTAINERS:
        raise ReadError(f"{described(holder)} cannot be indexed", reader.line)
    if isinstance(key, str):
        if key not in holder.attributes:
            raise ReadError(f"there is no {key!r} in nn.{holder.kind}{nearest(key, holder.attributes)}", reader.line)
        return holder.attributes[key]
    if isinstance(key, slice):
        return registered(reader, Instance(holder.kind, attributes={str(k): v for k, v in enumerate(values[key])}))
    at = reader.integer(key, "an index")
    if not -len(values) <= at < len(values):
        raise ReadError(f"index {at} is out of range for {len(values)} layers", reader.line)
    return values[at]


def assign(reader: Reader, holder: Instance, name: str, value: Any, fresh: bool = False) -> None:
    """Do ``holder.name = value``: arrays and parameters get the name of the attribute.

    ``fresh`` is for what a class itself does to an object that the text cannot change (``object.__setattr__``).
    """
    if holder.definition is not None:
        class_rules.check_assignment(reader, holder, holder.definition, name, fresh)
        setter = class_rules.setter_of(reader, holder, holder.definition, name)
        if setter is not None:
            call_bound(reader, setter, [value], {})
            return
    if name == "forward" and holder.definition is None and holder.layer is not None:
        raise ReadError(f"{described(holder)} is given another forward, which cannot be read", reader.line)
    value = reader.held(value)
    old = holder.attributes.get(name)
    if name in symbols_of(holder) and isinstance(value, Array):
        _give_slot(reader, holder, name, value)
        return
    plain = holder.definition is None or holder.definition.is_module
    number = isinstance(value, (int, float)) or hasattr(value, "numerator")
    if isinstance(value, (Form, Array)) or ((number or isinstance(value, list)) and not plain):
        label = name.lstrip("_") if name.startswith("__") else name
        holder.attributes[name] = reader.named(label, value, Scope(open=True)) if label.isidentifier() else value
    else:
        holder.attributes[name] = value
    if isinstance(value, Instance) and old is None and not value.label:
        value.label = name


def assign_to_class(reader: Reader, holder: Definition, name: str, value: Any) -> None:
    """Do ``Class.name = value``: a function is a method from there on, anything else takes the place of one."""
    if name in (*_DECIDING, "__del__", "__bases__", "__slots__", "__class__") or holder.members is not None:
        raise Refused(f"{holder.name}.{name} is given a value, which is not followed", reader.line)
    for label in (name, f"{name}.setter"):
        holder.methods.pop(label, None)
        holder.markers.pop(label, None)
    if isinstance(value, Helper):
        holder.attributes.pop(name, None)
        holder.methods[name] = value
        return
    if isinstance(value, Bound):
        error = ReadError(f"{holder.name}.{name} is given a method of another class, which cannot be read", reader.line)
        holder.attributes[name] = Poison(error)
        raise error
    holder.attributes[name] = reader.held(value)


def _give_slot(reader: Reader, holder: Instance, name: str, value: Array) -> None:
    """Do ``layer.weight = value``: tied to another parameter, or a parameter of new numbers."""
    form = reader.form(value)
    known = reader.bindings[form.name] if isinstance(form, Name) else None
    if known is not None and known.form is None and not known.anonymous and known.trainable:
        holder.attributes[name] = value
        return
    old = holder.attributes.get(name)
    if not isinstance(old, Array):
        raise ReadError(f"{described(holder)} has no {name} to give a value to", reader.line)
    if not reader.is_literal(form):
        raise ReadError(f"{name} is given a value that is not data", reader.line)
    before = leaf_name(old)
    base = reader.bindings[before.name].base if before is not None else name
    shape = tuple(int(s) for s in form.shape)
    made = slot(reader, new_parameter(reader, shape, None, base, True, reader.known(form)))
    suspect(value.cell, made.cell)
    holder.attributes[name] = made


def set_value(reader: Reader, holder: Instance, name: str, value: Any) -> None:
    """Do ``holder.weight.data = value``: the parameter stays, its value changes."""
    old = holder.attributes.get(name)
    if not isinstance(old, Array):
        raise ReadError(f"{described(holder)} has no {name} to give a value to", reader.line)
    form = reader.form(value)
    if not reader.is_literal(form):
        raise ReadError(f"{name} is given a value that is not data", reader.line)
    if form.shape != reader.form(old).shape:
        raise ShapeError(
            f"{name} has shape {shape_text(reader.form(old).shape)}, its data cannot have {shape_text(form.shape)}"
        )
    give_memory(reader, old, value, form, name)


def copied(
    reader: Reader, holder: Instance, copy: Callable[[Any], Any], new: Instance, made: dict[int, Any] | None = None
) -> None:
    """Make ``new`` a copy of an object: parameters are parameters of their own with the same numbers.

    ``made`` holds the copies by the identity of what they are copies of, so that tied parameters stay tied.
    """
    made = {} if made is None else made
    new.attributes, new.buffers = {}, dict(holder.buffers)
    for label, value in holder.attributes.items():
        whole = isinstance(value, Array) and not value.path
        if not whole or id(value.cell) not in made:
            new.attributes[label] = _copied_attribute(reader, holder, copy, label, value)
        else:
            new.attributes[label] = made[id(value.cell)]
        if whole:
            made[id(value.cell)] = new.attributes[label]


def _copied_attribute(reader: Reader, holder: Instance, copy: Callable[[Any], Any], label: str, value: Any) -> Any:
    if isinstance(value, Array) and isinstance(value.cell.content, Poison):
        return Array(Cell(value.cell.content, label=value.cell.label, parameter=value.cell.parameter))
    name = leaf_name(value)
    binding = reader.bindings[name.name] if name is not None else None
    if binding is None or binding.key not in reader.slots:
        new = copy(value)
        if isinstance(value, Array) and isinstance(new, Array):
            new.cell.parameter = value.cell.parameter
        return new
    base = label if label in symbols_of(holder) else binding.base
    shape = tuple(int(s) for s in binding.shape)
    made = new_parameter(reader, shape, None, base, binding.trainable, binding.value, random=binding.random)
    return slot(reader, made, value.cell.parameter)


def truth(reader: Reader, holder: Instance) -> bool:
    """Return whether an object counts as true."""
    for label in ("__bool__", "__len__"):
        for one in holder.definition.lineage() if holder.definition else ():
            if label in one.methods:
                return reader.truth(call_bound(reader, Bound(holder, one.methods[label], one), [], {}))
    return bool(holder.attributes) if holder.kind in CONTAINERS else True


def items_of(reader: Reader, holder: Instance) -> Any:
    """Return what a loop over an object runs over."""
    found = contained(holder)
    if found is not None:
        return found
    for one in holder.definition.lineage() if holder.definition else ():
        if "__iter__" in one.methods:
            class_rules.check_length_methods(reader, holder)
            return reader.items_of(call_bound(reader, Bound(holder, one.methods["__iter__"], one), [], {}))
    raise ReadError(f"{described(holder)} cannot be looped over", reader.line)


def put_item(reader: Reader, holder: Instance, key: Any, value: Any) -> None:
    """Do ``holder[key] = value`` for a container of layers, or as the class of the object says."""
    own = holder.definition.having("__setitem__") if holder.definition is not None else None
    if own is not None:
        reader.call(_of_class(reader, holder, own, "__setitem__"), [key, value], {})
        return
    if holder.kind not in CONTAINERS:
        raise ReadError(f"{described(holder)} cannot be indexed", reader.line)
    label = key if isinstance(key, str) else str(reader.integer(key, "an index") % max(len(holder.attributes), 1))
    holder.attributes[label] = _as_parameter(reader, value) if holder.kind in _OF_PARAMETERS else reader.held(value)
