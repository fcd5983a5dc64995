"""Updates of parameters: how a step of gradient descent is told from arithmetic, and what it leaves behind."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from symback.core.errors import SymbackError
from symback.core.forms import Form, Get, Name, element_count, get, names_in
from symback.core.forms import name as make_name
from symback.library.name_words import LOSS_NAMES, is_gradient_name, is_rate_name
from symback.library.plain_numbers import is_number
from symback.library.values import Binding, Listed, Poison
from symback.networks.network import Finding
from symback.readers import optimizers
from symback.readers.asking import Reader
from symback.readers.names import located
from symback.readers.syntax import as_load
from symback.readers.training_calls import BackwardCall, StepCall, backward_call
from symback.readers.values import Array, Cell, Helper, Instance, Optimizer, Scheduler, Scope, Update


@dataclass(frozen=True)
class Place:
    """A parameter that a target names, and the object that holds it."""

    binding: Binding
    held: Any


def looked_at(reader: Reader, node: ast.AST) -> AbstractContextManager[None]:
    """Let an expression be read only to see what it is: what it draws is drawn where it is followed."""
    calls = any(isinstance(n, ast.Call) for n in ast.walk(node))
    return reader.draws.untouched() if calls else nullcontext()


def leaf_of(reader: Reader, target: ast.expr, scope: Scope) -> Place | None:
    """Return the parameter a target names: ``W``, ``W.data``, ``params["W"]``, ``W[:]``, ``w[0]`` of a list of numbers."""
    given = target
    while isinstance(target, ast.Attribute) and target.attr == "data":
        target = target.value
    if not isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)) or not is_still(reader, target, scope):
        return None
    try:
        held = reader.value(as_load(target), scope)
        if isinstance(held, Instance) and target is not given:  # an attribute that the text calls data
            target = given
            held = reader.value(as_load(target), scope)
        owner = reader.value(target.value, scope) if isinstance(target, ast.Subscript) else None
        return _leaf(reader, held, owner)
    except SymbackError:
        return None


def leaf_at(reader: Reader, target: ast.expr, holder: Any, read: Callable[[], Any], scope: Scope) -> Place | None:
    """Return the parameter of a target whose object ``holder`` is known, so that nothing is evaluated again."""
    if not isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)):
        return None
    if isinstance(target, ast.Attribute) and target.attr == "data":
        return _leaf(reader, holder, None) if reader.is_array(holder) else None
    if isinstance(holder, Instance) and holder.definition is not None:
        name = target.attr if isinstance(target, ast.Attribute) else "__getitem__"
        if name not in holder.attributes:
            return None  # a property, or an item by a method of the text: it is read once, where its value is needed
    try:
        return _leaf(reader, read(), holder if isinstance(target, ast.Subscript) else None)
    except SymbackError:
        return None


def is_still(reader: Reader, node: ast.expr, scope: Scope) -> bool:
    """Return whether an expression can be read several times: it calls nothing of the text, and no call changes anything."""
    for part in ast.walk(node):
        if isinstance(part, (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)):
            return False
        if isinstance(part, ast.Call) and not _is_pure(reader, part, scope):
            return False
        if isinstance(part, (ast.Attribute, ast.Subscript)):
            root = part.value
            while isinstance(root, (ast.Attribute, ast.Subscript)):
                root = root.value
            held = place_of(reader, part, scope) if isinstance(root, ast.Name) else None
            if held is _MOVES:
                return False
    return True


_PURE = frozenset(("str", "int", "len", "float", "abs", "min", "max", "repr", "format", "round"))
_PURE_METHODS = frozenset(
    ("format", "join", "get", "detach", "numpy", "item", "cpu", "float", "double", "view", "index")
)


def _is_pure(reader: Reader, call: ast.Call, scope: Scope) -> bool:
    """Return whether a call is of a function of Python, or of a method of its objects, that changes nothing."""
    if isinstance(call.func, ast.Name):
        return call.func.id in _PURE and scope.holder(call.func.id, reader.globals) is None
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _PURE_METHODS:
        return False
    held = place_of(reader, call.func.value, scope)
    return held is not _MOVES and not (isinstance(held, Instance) and held.definition is not None)


_MOVES = object()
"""An attribute or item that a method of the text gives."""


def place_of(reader: Reader, node: ast.expr, scope: Scope) -> Any:
    """Return what a chain of attributes and items holds, ``_MOVES`` where a method of the text gives it, None where it is not known."""
    if isinstance(node, ast.Name):
        return _named(node.id, scope)
    if not isinstance(node, (ast.Attribute, ast.Subscript)):
        return None
    owner = place_of(reader, node.value, scope)
    if owner is None or owner is _MOVES:
        return owner
    if isinstance(owner, Instance) and owner.definition is not None:
        if isinstance(node, ast.Subscript):
            return _MOVES
        if node.attr in owner.attributes:
            return owner.attributes[node.attr]
        one = owner.definition.having(node.attr)
        if one is None or node.attr in one.methods:
            return _MOVES
        return one.attributes[node.attr]
    try:
        if isinstance(node, ast.Attribute):
            return reader.attribute(owner, node.attr)
        if isinstance(owner, dict) and hasattr(owner, "default_factory"):
            return _MOVES
        if isinstance(node.slice, ast.Constant):
            return reader.item(owner, node.slice.value)
    except SymbackError:
        pass
    return None


def _leaf(reader: Reader, held: Any, owner: Any) -> Place | None:
    """Return the parameter that an object is, or that an item of the list ``owner`` is."""
    form = reader.form(held) if reader.is_array(held) else held
    if isinstance(form, Get) and isinstance(owner, Listed):
        origin = owner.form
        held, form = owner, form.args[0] if form.args[0] is origin else form
    if not isinstance(form, Name):
        return None
    binding = reader.bindings[form.name]
    if binding.form is not None or binding.anonymous:
        return None
    return Place(binding, held)


def update_of(reader: Reader, target: ast.expr, value: ast.expr, scope: Scope) -> tuple[Place, ast.expr] | None:
    """Return the parameter and what is subtracted where ``target = value`` reads ``p = p - rate * gradient``."""
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, (ast.Sub, ast.Add)):
        return None
    if not isinstance(value.left, (ast.Name, ast.Attribute, ast.Subscript)):
        return None
    place = leaf_of(reader, target, scope)
    other = leaf_of(reader, value.left, scope) if place is not None else None
    if (
        place is None
        or other is None
        or other.binding is not place.binding
        or not reader.is_update(place.binding, value.right, scope, isinstance(value.op, ast.Sub))
    ):
        return None
    return place, value.right


def is_update(reader: Reader, leaf: Binding, rest: ast.expr, scope: Scope, subtracts: bool = False) -> bool:
    """Return whether subtracting ``rest`` from a leaf is a step of gradient descent, not arithmetic on data.

    It is where ``rest`` reads a ``.grad`` or a name spelled as a gradient, or where it depends on the leaf and is a
    rate times something: a rate by its name, or any number once a loss has read the leaf, or, subtracted, in a loop.
    """
    names = [n.id for n in ast.walk(rest) if isinstance(n, ast.Name)]
    attributes = [n for n in ast.walk(rest) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    if any(isinstance(n, ast.Attribute) and n.attr in ("grad", "gradient") for n in ast.walk(rest)):
        return True
    owned = [n.attr for n in attributes if isinstance(_held(n.value, scope), Instance)]
    keys = [
        n.slice.value
        for n in ast.walk(rest)
        if isinstance(n, ast.Subscript) and isinstance(n.slice, ast.Constant) and isinstance(n.slice.value, str)
    ]
    known = {b.base for b in reader.bindings.values() if not b.anonymous}
    if any(is_gradient_name(n, known) for n in (*names, *owned, *keys)):
        return True
    touches = any(_touches(reader, _named(name, scope), leaf) for name in names)
    touches = touches or any(_touches(reader, _attribute(n, scope), leaf) for n in attributes)
    if not touches:
        return False
    if any(is_rate_name(n) for n in (*names, *owned)):
        return True
    used = [b for b in reader.bindings.values() if b.form is not None and leaf.key in b.leaves]
    in_loop = reader.loops > 0 and (bool(used) or (subtracts and rate_of(reader, rest, scope) is not None))
    seen = in_loop or any(b.base in LOSS_NAMES or element_count(b.shape) == 1 for b in used)
    return seen and (rate_of(reader, rest, scope) is not None or reader.loops > 0)


def _named(name: str, scope: Scope) -> Any:
    holder = scope.find(name)
    return holder.names[name] if holder is not None else None


def _held(node: ast.expr, scope: Scope) -> Any:
    """Return what a plain name holds, else None."""
    return _named(node.id, scope) if isinstance(node, ast.Name) else None


def _attribute(node: ast.Attribute, scope: Scope) -> Any:
    owner = _held(node.value, scope)
    return owner.attributes.get(node.attr) if isinstance(owner, Instance) else None


def _touches(reader: Reader, value: Any, leaf: Binding) -> bool:
    """Return whether a value depends on a leaf, or cannot be known not to."""
    if isinstance(value, (Poison, Helper)):
        return True
    if isinstance(value, Array):
        if isinstance(value.cell.content, Poison):
            return True
        value = reader.form(value)
    if isinstance(value, Listed) and value.form is not None:
        value = value.form
    return isinstance(value, Form) and any(leaf.key in reader.bindings[n.name].leaves for n in names_in(value))


def rate_of(reader: Reader, rest: ast.expr, scope: Scope) -> float | None:
    """Return the scalar constant among the factors of ``rate * gradient``."""
    factors: list[ast.expr] = []
    stack = [rest]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.MatMult)):
            stack += [node.right, node.left]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            stack.append(node.left)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            stack.append(node.operand)
        else:
            factors.append(node)
    if len(factors) < 2:
        return None
    for factor in factors:
        if any(isinstance(n, ast.Call) for n in ast.walk(factor)):
            continue
        try:
            found = reader.constant(reader.value(factor, scope), data=False)
        except SymbackError:
            continue
        if is_number(found):
            return abs(float(found))
    return None


def updated(reader: Reader, place: Place, rate: float | None, target: ast.expr | None, scope: Scope) -> None:
    """Record an update and give the parameter its version after it: in place, or as what ``target`` holds from now on."""
    leaf = place.binding
    reader.updates.append(Update(reader.line, leaf.key, rate, len(reader.bindings)))
    if reader.defining:
        return
    new = _after(reader, leaf)
    if isinstance(place.held, Listed):
        place.held.stands_for(new, get)
    elif isinstance(place.held, Array) and target is None and place.held.path:
        reader.change(place.held, new)  # a part of the memory of another array, which shows the new numbers too
    elif isinstance(place.held, Array) and target is None:
        _put(reader, place.held.cell, new)
    elif target is not None:
        reader.assign(target, reader.held(new), scope)
    else:
        _rebind(reader, leaf, new, scope)


def _after(reader: Reader, leaf: Binding) -> Name:
    key = reader.new_key(leaf.base)
    reader.bindings[key] = Binding(
        key,
        leaf.base,
        leaf.shape,
        reader.line,
        leaves=frozenset([key]),
        after=True,
        updates=leaf.key,
        torch=leaf.torch,
    )
    return make_name(key, leaf.shape)


def _put(reader: Reader, cell: Cell, new: Form) -> None:
    reader.remember(cell)
    cell.content = new
    cell.version += 1
    if isinstance(new, Name):
        reader.homes[new.name] = cell


def _rebind(reader: Reader, leaf: Binding, new: Form, scope: Scope) -> None:
    """Give the name, attribute or item that holds a single number its new version."""
    old = make_name(leaf.key, leaf.shape)
    holders: list[dict[Any, Any]] = [s.names for s in dict.fromkeys([*scope.chain(), reader.globals])]
    holders += [i.attributes for i in reader.instances]
    holders += [v for h in list(holders) for v in h.values() if isinstance(v, dict)]
    for names in holders:
        for label, value in names.items():
            if value is old:
                names[label] = new


# --- calls that update ------------------------------------------------------------------------------------------------

_KEPT = ("zero_grad", "state_dict", "load_state_dict", "add_param_group", "train", "eval", "get_last_lr")


def gradient_step(reader: Reader, call: ast.Call, scope: Scope) -> bool:
    """Follow ``loss.backward()``, ``optimizer.step()``, ``w.sub_(rate * w.grad)``; False where the call is none of these."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    name = function.attr
    if name == "backward":
        return _backward(reader, call, function, scope)
    if name in ("step", *_KEPT):
        return _stepped(reader, call, function, name, scope)
    if name in ("sub_", "add_", "subtract_") and call.args:
        place = leaf_of(reader, function.value, scope)
        if place is not None and reader.is_update(place.binding, call.args[0], scope, name != "add_"):
            rate = next((k.value for k in call.keywords if k.arg == "alpha"), None)
            found = (
                reader.constant(reader.value(rate, scope)) if rate is not None else rate_of(reader, call.args[0], scope)
            )
            updated(reader, place, None if found is None else abs(float(found)), None, scope)
            return True
    return False


def _backward(reader: Reader, call: ast.Call, function: ast.Attribute, scope: Scope) -> bool:
    """Note ``loss.backward()``; False where it is a method of an object of the text."""
    try:
        with looked_at(reader, function.value):
            held = reader.value(function.value, scope)
    except SymbackError:
        held = None
    if held is not None and not reader.is_array(held):
        return False
    if held is None and "torch" not in reader.origins.imported:
        return False  # a method of an object that could not be read
    noted = backward_call(reader, call, scope)
    reader.training_calls.append(noted)
    if reader.backward is None and not reader.updates and noted.value is not None:
        reader.backward = (noted.value, noted.line)
    return True


def _stepped(reader: Reader, call: ast.Call, function: ast.Attribute, name: str, scope: Scope) -> bool:
    if any(isinstance(n, ast.Call) for n in ast.walk(function.value)):
        return False
    try:
        holder = reader.value(function.value, scope)
    except SymbackError as problem:
        holder = optimizers.unread(reader, ast.unparse(function.value), problem)
        if holder is None and name == "step":
            raise
    if not isinstance(holder, (Optimizer, Scheduler)):
        return False
    if name != "step":
        return True
    closures = [*call.args, *(k.value for k in call.keywords if k.arg == "closure")]
    if isinstance(holder, Optimizer) and len(closures) == 1:
        _follow_closure(reader, closures[0], scope)
    if isinstance(holder, Scheduler) and holder.schedule is not None:
        reader.schedules[holder.optimizer] = {"schedule": holder.schedule}
        if reader.loops < holder.optimizer.loops:
            message = "the schedule is stepped once for several updates; training here steps it at every update"
            reader.schedule_problems.append(Finding(reader.line, (), message))
    elif isinstance(holder, Scheduler) and holder.problem is not None:
        reader.schedule_problems.append(holder.problem)
    if isinstance(holder, Optimizer):
        holder.stepped, holder.loops = True, reader.loops
        for leaf in _optimized(reader, holder):
            _step(reader, leaf, holder.rate, scope)
        reader.training_calls.append(StepCall(holder, reader.line, ast.unparse(function.value)))
    return True


def _follow_closure(reader: Reader, given: ast.expr, scope: Scope) -> None:
    """Follow the closure that a step is given; where it cannot be read, its loss is one that cannot."""
    before = len(reader.training_calls)
    try:
        closure = reader.value(given, scope)
        if isinstance(closure, Helper):
            reader.call_helper(closure, [], {}, open_scope=True)
    except (SymbackError, RecursionError) as problem:
        error = located(problem, reader.line)
        if not any(isinstance(c, BackwardCall) for c in reader.training_calls[before:]):
            reader.training_calls.append(BackwardCall(f"of {ast.unparse(given)}", reader.line, error=error))


def _step(reader: Reader, leaf: Binding, rate: float | None, scope: Scope) -> None:
    home = reader.homes.get(leaf.key)
    held = Array(home) if home is not None else None
    updated(reader, Place(leaf, held), rate, None, scope)


def _optimized(reader: Reader, optimizer: Optimizer) -> list[Binding]:
    given = [reader.bindings[f.name] for f in optimizer.parameters if isinstance(f, Name)]
    leaves = given or [b for b in reader.bindings.values() if b.trainable and b.form is None]
    current = {u.key for u in reader.updates}
    return [b for b in leaves if b.key not in current and b.updates is None and not _is_frozen(reader, b)]


def _is_frozen(reader: Reader, leaf: Binding) -> bool:
    """Return whether a leaf is known to want no gradient, so that an optimizer passes over it."""
    home = reader.homes.get(leaf.key)
    return leaf.key in reader.wishes.off or (home is not None and home.parameter and not leaf.trainable)
