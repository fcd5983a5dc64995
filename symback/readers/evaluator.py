"""Follow a text statement by statement without running it: names are bound to Forms instead of numbers.

A statement that is not understood poisons the names it assigns and nothing else, so only what the loss needs has to be
understood. No text is ever evaluated: every node of the syntax tree is met by a method below, or it is an error.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from symback.core.errors import ReadError, ShapeError, SymbackError, nearest
from symback.core.forms import (
    Apply,
    Concatenate,
    Expand,
    Form,
    Name,
    Number,
    Requirement,
    Shape,
    SizeOf,
    apply,
    concatenate,
    element_count,
    equal,
    gather,
    get,
    make_shape,
    matmul,
    names_in,
    number,
    one_hot,
    reduce_over,
    shape_text,
    size_of,
    substitute,
    walk,
    where,
)
from symback.core.forms import name as make_name
from symback.core.operations import RELATIONS
from symback.engine.interpreter import evaluate
from symback.networks.network import Finding, check_name
from symback.readers import containers, library, modules, optimizers
from symback.readers.conditions import is_condition
from symback.readers.limits import (
    DEEPEST,
    DEEPEST_FORM,
    EFFORT,
    LARGEST_ARRAY,
    LARGEST_FORM,
    LONGEST_STEP,
    ROUNDS,
    UNROLLED,
)
from symback.readers.names import LOSS_NAMES, Exhausted, describe, is_gradient_name, located
from symback.readers.operations import methods, swapped
from symback.readers.paths import CONSTANTS, PREDEFINED, changes_in_place, module_path
from symback.readers.plain_numbers import PLAIN, folded, is_number, numbers
from symback.readers.row_calls import activation_names
from symback.readers.syntax import as_load, executed, innermost, stored_names, title
from symback.readers.values import (
    Ancestor,
    Binding,
    Bound,
    Count,
    Counting,
    Definition,
    Gradient,
    Helper,
    Instance,
    Leave,
    Library,
    Method,
    Optimizer,
    Poison,
    Prepared,
    RandomSource,
    Returned,
    RowNumber,
    Rows,
    Scheduler,
    Scope,
    Update,
)
from symback.readers.vectorize import over_rows

_OPERATORS: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Pow: ("**", operator.pow),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.MatMult: ("@", matmul),
    ast.BitAnd: ("&", operator.and_),
}

_COMPARISONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}

_COPIES = {"copy", "clone", "deepcopy", "array", "astype"}
"""Functions and methods whose result is the array itself in memory of its own."""

_VIEWS = {
    "ravel",
    "reshape",
    "view",
    "squeeze",
    "unsqueeze",
    "transpose",
    "swapaxes",
    "moveaxis",
    "permute",
    "flatten",
    "expand",
    "expand_as",
    "broadcast_to",
    "asarray",
    "atleast_1d",
    "atleast_2d",
    "diagonal",
    "expand_dims",
    "view_as",
    "t",
    "detach",
    "numpy",
    "from_numpy",
    "as_tensor",
}
"""Functions and methods whose result may show the memory of the array."""


_RATE = re.compile(r"^(lr|eta|alpha|rate|step_?size|learning_?rate|lr_?\d*|.*_(lr|rate))$", re.IGNORECASE)


class Evaluator:
    """Reads one text; ``bindings`` are all versions of all names in the order they were made."""

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        shapes: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> None:
        self.values = dict(values or {})
        self.shapes = {name: make_shape(shape) for name, shape in (shapes or {}).items()}
        self.generator = None if seed is None else np.random.default_rng(seed)
        self.bindings: dict[str, Binding] = {}
        self.updates: list[Update] = []
        self.poisoned: list[tuple[str, int, SymbackError]] = []
        """Names that could not be read: the name, how many versions there were before it, and why."""
        self.calls: list[tuple[str, Any, str | None, int]] = []
        self.backward: tuple[Any, int] | None = None
        self.steps: int | None = None
        self.notes: list[str] = []
        self.logits: list[tuple[int, Form, str]] = []
        self.requirements: list[tuple[Form, tuple[Requirement, ...]]] = []
        """What calls of the tables require of their arguments, by the form of the call."""
        self.overridden: set[str] = set()
        self.globals = Scope(open=True)
        self.line = 0
        self.library_only: set[str] = set()
        self._versions: dict[str, int] = {}
        self._sizes: dict[Form, tuple[int, int]] = {}
        self._depth = 0
        self._effort = 0
        self._rounds = 0
        self._calls: list[Helper] = []
        self._conditional = 0
        self._in_parts = False
        self._loops = 0
        self._without_gradients = 0
        self._scopes: list[Scope] = []
        self.time_loops = 0
        """Loops around the current statement that run over numbers or data, not over layers."""
        self._defining = False
        self._rows_alone = 0
        """How many comprehensions are being read for one row that stands for all."""
        self.instances: list[Instance] = []
        self.slots: dict[str, int] = {}
        """Keys of the parameters that layers made, and how many there were when they were named."""
        self.layers: dict[str, int] = {}
        """How many layers have been called, by what their weight is called."""
        self.cell_steps: dict[Instance, int] = {}
        """How often a recurrent cell has been called: the number of its time step."""
        self.optimizers: list[Optimizer] = []
        self.schedules: dict[Optimizer, dict[str, Any]] = {}
        """The schedule of an optimizer's learning rate, once it is in force."""
        self.clips: dict[str, float] = {}
        self.clip_problems: list[Finding] = []
        self.schedule_problems: list[Finding] = []
        self.frames: list[tuple[Any, Definition]] = []
        """The methods being followed: the object and the class that holds the method."""

    # --- running a text -----------------------------------------------------------------------------------------------

    def run_text(self, tree: ast.Module) -> None:
        """Follow a whole text."""
        for node in tree.body:
            self._effort = self._rounds = 0
            self.run([node], self.globals, whole=True)

    def run_before(self, tree: ast.Module) -> int:
        """Follow a text for what it defines alone: what it trains keeps its first values. Return how many updates it has."""
        before, calls, notes, broken = len(self.updates), len(self.calls), len(self.notes), len(self.poisoned)
        self._defining = True
        try:
            self.run_text(tree)
        finally:
            self._defining = False
        count = len(self.updates) - before
        del self.updates[before:], self.calls[calls:], self.notes[notes:], self.poisoned[broken:]
        self.backward, self.steps, self._in_parts = None, None, False
        return count

    def run(self, body: Sequence[ast.stmt], scope: Scope, whole: bool = False) -> Returned | Leave | None:
        """Follow statements; a signal ends them early. ``whole`` marks a statement of the text's own level."""
        for position, statement in enumerate(body):
            outer, self.line = self.line, getattr(statement, "lineno", self.line)
            try:
                if isinstance(statement, ast.If) and scope is not self.globals:
                    signal = self._branch(statement, body[position + 1 :], scope)
                    if isinstance(signal, Returned):
                        return signal
                else:
                    signal = self.statement(statement, scope)
            except (SymbackError, RecursionError) as error:
                found = located(error, self.line)
                if isinstance(statement, ast.Return) or (isinstance(error, Exhausted) and not whole):
                    raise found if found is not error else error from None
                self._give_up(statement, found, scope)
                signal = None
            finally:
                self.line = outer
            if signal is not None:
                return signal
        return None

    def poison(self, names: Iterable[str], error: SymbackError, scope: Scope) -> None:
        """Bind names to an error that is raised only where one of them is needed."""
        for name in names:
            known = scope.names.get(name)
            if (
                scope.open
                and self._is_override(name)
                and (scope is self.globals or not isinstance(known, (Form, Poison)))
            ):
                scope.names[name] = self.leaf(name, self.line)
                continue
            if isinstance(scope.names.get(name), Helper) and not scope.open:
                continue
            scope.names[name] = Poison(error)
            if scope.open:
                self.poisoned.append((name, len(self.bindings), error))

    def _poison_attributes(self, node: ast.stmt, error: SymbackError, scope: Scope) -> None:
        """Do as ``poison`` does for what the statement assigns to attributes of objects."""
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            return
        for child in ast.walk(node):
            if (
                isinstance(child, ast.Attribute)
                and isinstance(child.ctx, ast.Store)
                and isinstance(child.value, ast.Name)
            ):
                holder = scope.find(child.value.id)
                value = holder.names[child.value.id] if holder else None
                if isinstance(value, Instance):
                    value.attributes[child.attr] = Poison(error)

    def _give_up(self, node: ast.stmt, error: SymbackError, scope: Scope) -> None:
        """Poison everything that a statement which could not be followed may have changed."""
        self.poison(stored_names(node), error, scope)
        self._poison_attributes(node, error, scope)
        for child in executed(node):
            if isinstance(child, ast.Subscript) and isinstance(child.ctx, (ast.Store, ast.Del)):
                self._poison_item(child, error, scope)
            elif isinstance(child, ast.Call):
                self._poison_changed(child, error, scope)

    def _place(self, node: ast.expr, scope: Scope) -> Any:
        """Return what a name, an attribute or an item of one holds, without following a call; else None."""
        if any(
            not isinstance(
                n, (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.UnaryOp, ast.USub, ast.expr_context)
            )
            for n in ast.walk(node)
        ):
            return None
        try:
            return self.value(as_load(node), scope)
        except SymbackError:
            return None

    def _poison_item(self, target: ast.Subscript, error: SymbackError, scope: Scope) -> None:
        held, key = self._place(target.value, scope), self._place(target.slice, scope)
        plain = self.constant(key, data=False) if not isinstance(key, slice) else None
        inside = isinstance(held, list) and isinstance(plain, int) and -len(held) <= plain < len(held)
        if inside or (isinstance(held, dict) and isinstance(plain, (str, int))):
            held[plain] = Poison(error)
        elif isinstance(held, (list, dict, Instance)) or (isinstance(held, Name) and held.shape):
            self._everywhere(held, Poison(error), scope)
        elif isinstance(held, Form):
            whole = self._place(innermost(target), scope)
            if isinstance(whole, (list, dict, Name)):
                self._everywhere(whole, Poison(error), scope)

    def _poison_changed(self, call: ast.Call, error: SymbackError, scope: Scope) -> None:
        """Poison what a call that was not followed would have changed: a list, attributes of an object, arguments."""
        function = call.func
        if isinstance(function, ast.Attribute):
            held = self._place(function.value, scope)
            if function.attr in containers.CHANGES and (
                isinstance(held, (list, dict))
                or (isinstance(held, Instance) and held.definition is None)
                or (isinstance(held, Name) and self.bindings[held.name].sequence)
            ):
                self._everywhere(held, Poison(error), scope)
                return
        method = self._place(function, scope)
        helper = method.helper if isinstance(method, Bound) else method
        if not isinstance(helper, Helper):
            return
        arguments = [a.arg for a in (*helper.arguments.posonlyargs, *helper.arguments.args)]
        if isinstance(method, Bound) and isinstance(method.instance, Instance) and arguments:
            for label in _changed_parts(helper, arguments[0]):
                if label in method.instance.attributes:
                    method.instance.attributes[label] = Poison(error)
            arguments = arguments[1:]
        for label, given in zip(arguments, call.args, strict=False):
            held = self._place(given, scope)
            if isinstance(held, (list, dict)) and _changed_parts(helper, label):
                self._everywhere(held, Poison(error), scope)

    def _everywhere(self, old: Any, new: Any, scope: Scope) -> None:
        """Put ``new`` in the place of an object under all its names, in containers and attributes too."""
        for other in dict.fromkeys([self.globals, *self._scopes, *_chain(scope)]):
            _replace(other.names, old, new)
        for instance in self.instances:
            _replace(instance.attributes, old, new)

    def statement(self, node: ast.stmt, scope: Scope) -> Returned | Leave | None:
        """Follow one statement."""
        method = getattr(self, f"_do_{type(node).__name__.lower()}", None)
        if method is None:
            raise ReadError(f"a {title(node)} statement cannot be part of a forward pass", self.line)
        signal: Returned | Leave | None = method(node, scope)
        return signal

    def _do_pass(self, node: ast.Pass, scope: Scope) -> None:
        return None

    _do_assert = _do_pass

    def _do_nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        scope.outer_names.update(node.names)

    def _do_delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                held = self._container(target.value, self.value(target.value, scope), scope)
                if isinstance(held, (list, dict)):
                    containers.call(self, held, "__delitem__", [self.value(target.slice, scope)], {})
                elif held is not None:
                    raise ReadError(f"del cannot be read for a part of {describe(held)}", self.line)
            elif isinstance(target, ast.Attribute):
                held = self.value(target.value, scope)
                if isinstance(held, Instance):
                    held.attributes.pop(target.attr, None)

    def _do_global(self, node: ast.Global, scope: Scope) -> None:
        if scope is not self.globals:
            scope.global_names.update(node.names)

    def _do_raise(self, node: ast.Raise, scope: Scope) -> None:
        raise ReadError("the code raises an error here", self.line)

    def _do_break(self, node: ast.Break, scope: Scope) -> Leave:
        return Leave(True)

    def _do_continue(self, node: ast.Continue, scope: Scope) -> Leave:
        return Leave(False)

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            if alias.asname:
                scope.names[alias.asname] = Library(module_path(alias.name))
            else:
                root = alias.name.split(".")[0]
                scope.names[root] = Library(module_path(root))

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = module_path(node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self.library_only.add(module)
            else:
                scope.names[alias.asname or alias.name] = Library(f"{module}.{alias.name}")

    def _do_functiondef(self, node: ast.FunctionDef, scope: Scope) -> None:
        scope.names[node.name] = self.helper(node.name, node.args, node.body, scope, node.lineno)

    def _do_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.names[node.name] = modules.define(self, node, scope)

    def _do_return(self, node: ast.Return, scope: Scope) -> Returned:
        if node.value is None:
            return Returned(None)
        name = node.value.id if isinstance(node.value, ast.Name) else None
        return Returned(self.value(node.value, scope), name)

    def _do_with(self, node: ast.With, scope: Scope) -> Returned | Leave | None:
        stops = any(self._stops_gradients(item.context_expr, scope) for item in node.items)
        for item in node.items:
            if item.optional_vars is not None:
                error = ReadError("what a with statement opens cannot be part of a forward pass", self.line)
                self.poison(stored_names(item.optional_vars), error, scope)
        self._without_gradients += stops
        try:
            return self.run(node.body, scope)
        finally:
            self._without_gradients -= stops

    def _stops_gradients(self, node: ast.expr, scope: Scope) -> bool:
        try:
            function = self.value(node.func, scope) if isinstance(node, ast.Call) else None
        except SymbackError:
            return False
        return isinstance(function, Library) and function.path in ("torch.no_grad", "torch.inference_mode")

    def _do_try(self, node: ast.Try, scope: Scope) -> Returned | Leave | None:
        return self.run([*node.body, *node.orelse, *node.finalbody], scope)

    def _do_if(self, node: ast.If, scope: Scope) -> Returned | Leave | None:
        return self.run(node.body if self._decide(node.test, scope) else node.orelse, scope)

    def _branch(self, node: ast.If, rest: Sequence[ast.stmt], scope: Scope) -> Returned | Leave | None:
        """Follow an ``if`` inside a function: where it asks about a number, both ways are kept as ``where``."""
        test = self.value(node.test, scope)
        if not isinstance(test, Form):
            return self.run(node.body if self._truth(test) else node.orelse, scope)
        if test.shape:
            raise ReadError("an if on a whole array is ambiguous; use np.where", self.line)
        results = []
        self._conditional += 1
        if self._conditional > 8:
            raise ReadError("more than 8 conditions inside each other", self.line)
        before = self._contents(scope)
        for way in (node.body, node.orelse):
            trial = Scope(dict(scope.names), scope.parent, scope.open)
            results.append(self.run([*way, *rest], trial))
            if self._contents(scope) != before:
                raise ReadError(
                    "this if decides by a value of the network what a list or an object holds, which cannot be read",
                    self.line,
                )
        self._conditional -= 1
        a, b = results
        if not (isinstance(a, Returned) and isinstance(b, Returned)):
            raise ReadError(
                "this if decides by a value of the network; only both ways returning can be read", self.line
            )
        return Returned(self.made(where(test, self.form(a.value), self.form(b.value))))

    def _contents(self, scope: Scope) -> dict[int, list[tuple[Any, int]]]:
        """Return what all containers and objects within reach hold at the moment, by identity."""
        found: dict[int, list[tuple[Any, int]]] = {}
        stack: list[Any] = [v for s in dict.fromkeys([self.globals, *_chain(scope)]) for v in s.names.values()]
        stack += self.instances
        while stack:
            value = stack.pop()
            held = value.attributes if isinstance(value, Instance) else value
            if id(value) in found or not isinstance(held, (list, dict, tuple)):
                continue
            items = list(held.items()) if isinstance(held, dict) else list(enumerate(held))
            found[id(value)] = [(key, id(item)) for key, item in items]
            stack += [item for _, item in items]
        return found

    def _do_while(self, node: ast.While, scope: Scope) -> Returned | Leave | None:
        before = len(self.updates)
        signal = self.run(node.body, scope)
        if len(self.updates) == before:
            self._give_up(
                node, ReadError("a while loop can be read only where it updates parameters", self.line), scope
            )
        elif before == 0:
            self.steps = None
        return signal if isinstance(signal, Returned) else None

    def _do_for(self, node: ast.For, scope: Scope) -> Returned | Leave | None:
        try:
            items = self.items_of(self.value(node.iter, scope))
        except SymbackError as problem:
            self.poison(stored_names(node.target), located(problem, self.line), scope)
            return self._training_body(node, scope, None)
        if len(items) == 0:
            return None
        over_layers = any(
            isinstance(i, (Instance, Prepared)) for i in (items[0] if isinstance(items[0], tuple) else [items[0]])
        )
        self.time_loops += not over_layers
        try:
            return self._do_rounds(node, items, scope)
        finally:
            self.time_loops -= not over_layers

    def _do_rounds(self, node: ast.For, items: Any, scope: Scope) -> Returned | Leave | None:
        trains = isinstance(items, (range, Rows))
        if trains:
            self._bind_loop(node.target, items[0], scope)
            before = len(self.updates)
            signal = self._training_body(node, scope, items)
            if len(self.updates) > before:
                return signal if isinstance(signal, Returned) else None
            if isinstance(signal, Returned) or (isinstance(signal, Leave) and signal.loop):
                return signal if isinstance(signal, Returned) else None
            items = items[1:]
        if len(items) + trains > UNROLLED:
            error = ReadError(
                f"the loop runs {len(items) + trains} times; a loop without updates is written out at most {UNROLLED} times",
                self.line,
            )
            self._give_up(node, error, scope)
            return None
        for item in items:
            self._rounds += 1
            if self._rounds > ROUNDS:
                error = ReadError(
                    f"loops inside loops run more than {ROUNDS} times together; that is not written out", self.line
                )
                self._give_up(node, error, scope)
                return None
            self._bind_loop(node.target, item, scope)
            signal = self.run(node.body, scope)
            if isinstance(signal, Returned):
                return signal
            if isinstance(signal, Leave) and signal.loop:
                break
        return None

    def _bind_loop(self, target: ast.expr, item: Any, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope.names[target.id] = item
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = self.items_of(item)
            if len(parts) != len(target.elts):
                raise ReadError(f"{len(parts)} values cannot be given to {len(target.elts)} names", self.line)
            for part, value in zip(target.elts, parts, strict=True):
                self._bind_loop(part, value, scope)
        else:
            raise ReadError("a loop variable has to be a name", self.line)

    def _training_body(self, node: ast.For, scope: Scope, items: Sequence[Any] | None) -> Returned | Leave | None:
        """Follow the body once; where it updates parameters it is a training loop, and once is enough."""
        before = len(self.updates)
        self._loops += 1
        try:
            signal = self.run(node.body, scope)
        finally:
            self._loops -= 1
        if len(self.updates) == before:
            if items is None:
                self._give_up(node, ReadError("what this loop runs over is not known", self.line), scope)
            return signal
        line = node.lineno
        names = stored_names(node.target)
        picked = [
            n
            for child in node.body
            for n in ast.walk(child)
            if isinstance(n, ast.Subscript)
            for n in ast.walk(n.slice)
            if isinstance(n, ast.Name) and n.id in names
        ]
        if isinstance(items, Rows) or picked:
            self.notes.append(f"the loop on line {line} takes one part of the data per update; its first pass is read")
            self.steps, self._in_parts = None, True
        elif before == 0 and not self._in_parts:
            self.steps = len(items) * (self.steps or 1) if isinstance(items, range) else None
        return signal

    def items_of(self, value: Any) -> Any:
        """Return what a loop runs over as a sequence."""
        if isinstance(value, Form):
            return self._rows_of(value)
        if isinstance(value, _Zipped) and not value:
            raise ReadError("a loop over an axis of symbolic size cannot be written out", self.line)
        if isinstance(value, (range, list, tuple)):
            return value
        if isinstance(value, dict):
            return list(value)
        found = modules.contained(value) if isinstance(value, Instance) else None
        if found is not None:
            return found
        raise ReadError("a loop can run over range(...), a list, or the rows of an array", self.line)

    def _rows_of(self, form: Form) -> Rows:
        if not form.shape:
            raise ReadError(f"{form} is a single number and cannot be looped over", self.line)
        length = form.shape[0]
        if not isinstance(length, int):
            raise ReadError(f"a loop over an axis of symbolic size {length} cannot be written out", self.line)
        return Rows(self.made(get(form, k)) for k in range(min(length, UNROLLED + 1)))

    # --- assignments --------------------------------------------------------------------------------------------------

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        target = node.targets[0]
        if (
            isinstance(target, (ast.Tuple, ast.List))
            and isinstance(node.value, (ast.Tuple, ast.List))
            and len(target.elts) == len(node.value.elts)
            and any(self._update(t, v, scope) for t, v in zip(target.elts, node.value.elts, strict=True))
        ):
            for part, value in zip(target.elts, node.value.elts, strict=True):
                self._do_assign(ast.Assign([part], value), scope)
            return
        if len(node.targets) == 1 and self._update(target, node.value, scope):
            leaf, rest = self._update(target, node.value, scope) or (None, None)
            assert leaf is not None and rest is not None
            self._updated(leaf, self._rate_of(rest, scope), scope)
            return
        whole = node.value
        left = whole.left if isinstance(whole, ast.BinOp) else None
        if (
            isinstance(whole, ast.BinOp)
            and isinstance(left, ast.Name)
            and isinstance(target, ast.Name)
            and left.id == target.id
            and scope.find(left.id)
        ):
            value = self._accumulated(whole.op, self.value(left, scope), self.value(whole.right, scope))
        else:
            value = self.value(whole, scope)
        shared = (
            self._sharing(whole, scope)
            if scope.open or any(isinstance(t, ast.Attribute) for t in node.targets)
            else None
        )
        for target in node.targets:
            self.assign(target, value, scope)
            if shared is None and len(node.targets) > 1 and isinstance(target, ast.Name):  # a = b = np.zeros(3)
                first = scope.names.get(target.id)
                shared = (first, False) if isinstance(first, Name) and first.shape else None
                continue
            made = scope.names.get(target.id) if isinstance(target, ast.Name) else None
            if isinstance(target, ast.Attribute) and shared is not None:
                made = self._place(target, scope)
            if isinstance(whole, ast.ListComp) and isinstance(made, Name) and scope.open:
                self.bindings[made.name].sequence = True
            if shared is not None and isinstance(made, Name) and made is not shared[0]:
                self.bindings[made.name].shares, self.bindings[made.name].view = shared

    def _sharing(self, node: ast.expr, scope: Scope) -> tuple[Name, bool] | None:
        """Return the array whose memory ``b = a`` or ``b = a[0].T`` shares, and whether it is only a view of it."""
        view = False
        while True:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS:
                library_ = isinstance(self._held(node.func.value, scope), Library)
                if library_ and not node.args:
                    return None
                view, node = True, node.args[0] if library_ else node.func.value
            elif isinstance(node, ast.Subscript) or (
                isinstance(node, ast.Attribute) and node.attr in ("T", "data", "mT")
            ):
                view |= not (isinstance(node, ast.Attribute) and node.attr == "data")
                node = node.value
            else:
                break
        holder = scope.find(node.id) if isinstance(node, ast.Name) else None
        value = holder.names[node.id] if holder is not None and isinstance(node, ast.Name) else None
        return (value, view) if isinstance(value, Name) and value.shape else None

    def _root(self, form: Form) -> tuple[Form, bool]:
        """Return the array whose memory a name shares, itself where it is no other's, and whether as a view."""
        view = False
        while isinstance(form, Name) and self.bindings[form.name].shares is not None:
            binding = self.bindings[form.name]
            assert binding.shares is not None
            form, view = binding.shares, view or binding.view
        return form, view

    def _change(self, name: str, value: Form, scope: Scope) -> None:
        """Give an array that is changed in place its new value, under every name that shares its memory.

        A name that shares only a part of it, or perhaps, cannot be followed and is poisoned.
        """
        holder = scope.find(name)
        old = holder.names[name] if holder is not None else None
        self.bind(name, value, scope)
        if not isinstance(old, Form) or not old.shape:
            return
        self._share(old, scope.names[name], name, scope)

    def _share(self, old: Form, new: Any, name: str, scope: Scope) -> None:
        """Give what shares memory with an array that was changed in place its new value, or poison it."""
        root, view = self._root(old)
        error = ReadError(f"its memory is shared with {name}, which is changed in place on line {self.line}", self.line)

        def poison(label: str) -> Poison:
            return Poison(located(ReadError(f"{label}: {error}".replace(f"line {self.line}: ", ""), self.line), None))

        for other in dict.fromkeys([self.globals, *self._scopes, *_chain(scope)]):
            for label, held in list(other.names.items()):
                if (other is scope and label == name) or not isinstance(held, Form) or held is new:
                    continue
                its_root, its_view = self._root(held)
                if its_root is not root:
                    continue
                if view or its_view or not isinstance(old, Name):
                    other.names[label] = poison(label)
                else:
                    other.names[label] = self.named(label, new, other) if other.open else new
        seen: set[int] = set()
        holders = [
            *(s.names for s in dict.fromkeys([self.globals, *self._scopes, *_chain(scope)])),
            *(i.attributes for i in self.instances),
        ]
        kept = [v for h in holders for v in _inside(h, seen)]
        for held in dict.fromkeys(v for v in kept if isinstance(v, Name) and v is not new and v.shape):
            its_root, its_view = self._root(held)
            if its_root is root:
                whole = not (view or its_view) and isinstance(old, Name)
                self._everywhere(held, new if whole else poison(self.bindings[held.name].base), scope)

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value, scope), scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        if isinstance(node.op, (ast.Sub, ast.Add)):
            leaf = self._leaf_of(node.target, scope)
            if leaf is not None and self._is_update(leaf, node.value, scope):
                self._updated(leaf, self._rate_of(node.value, scope), scope)
                return
        load = ast.copy_location(as_load(node.target), node.target)
        left, right = self.value(load, scope), self.value(node.value, scope)
        if isinstance(left, list):
            left[:] = (
                [*left, *self.items_of(right)] if isinstance(node.op, ast.Add) else self.binary(node.op, left, right)
            )
            return
        value = self._accumulated(node.op, left, right)
        if isinstance(left, Form) and left.shape and isinstance(value, Form) and not self._is_list(left):
            if value.shape != left.shape:
                raise ShapeError(
                    f"an array of shape {shape_text(left.shape)} cannot take a result of shape {shape_text(value.shape)} in place"
                )
            if isinstance(node.target, ast.Name):
                self._change(node.target.id, value, scope)
                return
            self.assign(node.target, value, scope)
            new = self._place(node.target, scope)
            if isinstance(left, Name) and isinstance(new, Form) and new.shape == left.shape and new is not left:
                self._share(left, new, ast.unparse(node.target), scope)
            return
        self.assign(node.target, value, scope)

    def _accumulated(self, op: ast.operator, left: Any, right: Any) -> Any:
        """Return ``left op right`` where the result takes the place of ``left``; a sum does not show its first 0."""
        if isinstance(op, ast.Add) and isinstance(right, Form) and self._starts_at_zero(left):
            return right
        return self.binary(op, left, right)

    def _starts_at_zero(self, value: Any) -> bool:
        """Return whether this is the 0 an accumulation starts from."""
        if isinstance(value, Name):
            binding = self.bindings[value.name]
            return binding.form is None and not value.shape and is_number(binding.value) and binding.value == 0
        return is_number(value) and value == 0

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give ``value`` to a target."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = self.items_of(value)
            if any(isinstance(t, ast.Starred) for t in target.elts) or len(parts) != len(target.elts):
                raise ReadError(f"{len(parts)} values cannot be given to {len(target.elts)} names", self.line)
            for part, item in zip(target.elts, parts, strict=True):
                self.assign(part, item, scope)
        elif isinstance(target, ast.Subscript):
            self._assign_item(target, value, scope)
        elif isinstance(target, ast.Attribute):
            if target.attr == "data" and isinstance(target.value, ast.Attribute):
                self._set_parameter(target.value, value, scope)
                return
            holder = self.value(target.value, scope)
            if isinstance(holder, Instance):
                modules.assign(self, holder, target.attr, value)
            elif target.attr == "requires_grad" and isinstance(holder, Name) and isinstance(value, bool):
                self.bindings[holder.name].trainable = value
            elif target.attr == "data" and isinstance(target.value, ast.Name):
                self.bind(target.value.id, value, scope)
            elif isinstance(holder, Definition):
                holder.attributes[target.attr] = value
        else:
            raise ReadError(f"nothing can be assigned to a {title(target)}", self.line)

    def _set_parameter(self, target: ast.Attribute, value: Any, scope: Scope) -> None:
        """Do ``model.layer.weight.data = value``."""
        holder = self.value(target.value, scope)
        if not isinstance(holder, Instance):
            raise ReadError(f"{describe(holder)} has no {target.attr} that can be given a value", self.line)
        modules.set_value(self, holder, target.attr, value)

    def _assign_item(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        held = self.value(target.value, scope)
        key = self.value(target.slice, scope)
        if isinstance(held, Form) and held.shape and self._is_list(held) and isinstance(key, slice):
            held = self._container(target.value, held, scope)
        if isinstance(held, dict):
            item = self._named_item(key, value, scope) if isinstance(key, str) else value
            containers.call(self, held, "__setitem__", [key, item], {})
        elif isinstance(held, list):
            if isinstance(key, slice):
                held[key] = list(self.items_of(value))
            else:
                containers.call(self, held, "__setitem__", [key, value], {})
        elif isinstance(held, Form) and isinstance(target.value, ast.Name):
            if isinstance(key, Form) and key.shape == held.shape and _is_relation(key):
                self._change(target.value.id, self.made(where(key, self.form(value), held)), scope)
                return
            raise ReadError(
                f"{target.value.id} is changed in place by an indexed assignment, which cannot be read", self.line
            )
        else:
            raise ReadError("an indexed assignment cannot be read here", self.line)

    def _is_list(self, form: Form) -> bool:
        """Return whether a name stands for a Python list of numbers."""
        return isinstance(form, Name) and self.bindings[form.name].sequence

    def _container(self, node: ast.expr, held: Any, scope: Scope) -> Any:
        """Return a list or dictionary that can be changed; a list of numbers, which is read as an array, becomes one again.

        None where ``held`` is no container.
        """
        if isinstance(held, (list, dict)):
            return held
        if not isinstance(held, Name) or not self._is_list(held) or not isinstance(held.shape[0], int):
            return None
        binding = self.bindings[held.name]
        opened: list[Any] = [self.made(get(held, k)) for k in range(held.shape[0])]
        if binding.form is None and binding.value is not None and not held.shape[1:]:
            opened = np.asarray(binding.value).tolist()
        self._everywhere(held, opened, scope)
        return opened

    def _closed(self, held: Any, scope: Scope) -> None:
        """Read a list that holds numbers alone, once it is changed, as the array it stands for."""
        array = numbers(held) if isinstance(held, list) and held and not isinstance(held, Rows) else None
        place = next(
            (s for s in dict.fromkeys([*_chain(scope), self.globals]) if any(v is held for v in s.names.values())), None
        )
        if array is not None and place is not None and place.open:
            label = next(n for n, v in place.names.items() if v is held)
            self._everywhere(
                held, self.leaf(label, self.line, array, sequence=True, local=place is not self.globals), scope
            )

    def _named_item(self, key: str, value: Any, scope: Scope) -> Any:
        return self.named(key, value, scope) if scope.open and key.isidentifier() else value

    def bind(self, name: str, value: Any, scope: Scope) -> None:
        """Give ``name`` a new version."""
        if name in scope.global_names:
            scope = self.globals
        elif name in scope.outer_names and scope.parent is not None:
            scope = scope.parent.find(name) or scope
        known = self.bindings[value.name] if isinstance(value, Name) and scope.open else None
        if (
            known is not None
            and known.copy
            and isinstance(known.form, Name)
            and self.bindings[known.form.name].base == name
        ):
            value = known.form  # x = x.copy()
        scope.names[name] = self.named(name, value, scope) if scope.open else value

    def named(self, name: str, value: Any, scope: Scope) -> Any:
        """Return what ``name`` holds after ``name = value`` in an open scope: an input, an equation, or the value."""
        local = scope is not self.globals
        if isinstance(value, (Count, bool, str)) or value is None:
            return value
        if isinstance(value, Instance):
            value.label = value.label or name
            return value
        if is_number(value):
            return self.leaf(name, self.line, float(value) if isinstance(value, Fraction) else value, local=local)
        if isinstance(value, list) and value and not isinstance(value, Rows):
            array = numbers(value)
            if array is None:
                for k, item in enumerate(value):
                    value[k] = self._list_item(name, k, item, scope)
                return value
            return self.leaf(name, self.line, array, sequence=True, local=local)
        if isinstance(value, Gradient) or not isinstance(value, Form):
            return value
        if isinstance(value, Name) and not self.bindings[value.name].anonymous:
            known = self.bindings[value.name]
            if known.base == name:
                return value
            if known.offered:
                if name not in scope.passing:
                    known.base, known.offered = name, False
                return value
        if self.is_literal(value):
            return self._leaf_from(name, value, local)
        if not names_in(value):
            return value
        return self.equation(name, value, local=local, passing=name in scope.passing and not self.time_loops)

    def step(self, form: Form) -> Form:
        """Return the result of a layer; a large one becomes a step of its own, so that formulas do not grow with depth."""
        self.made(form)
        if self._sizes[form][0] <= LONGEST_STEP or self._rows_alone or not names_in(form) or self.is_literal(form):
            return form
        return self.equation("h", form, local=True, passing=True)

    def _list_item(self, name: str, position: int, item: Any, scope: Scope) -> Any:
        """Return what a list holds at a position: an array written there is an input with the list's name and a number."""
        if scope.open and isinstance(item, Form) and self.is_literal(item) and item.shape:
            note = f"arrays of the list {name} are called {name}_0, {name}_1, …"
            if note not in self.notes:
                self.notes.append(note)
            return self.named(f"{name}_{position}", item, scope)
        return item

    def is_literal(self, form: Form) -> bool:
        """Return whether the Form holds no named array: a literal, or arithmetic on literals."""
        nodes = walk(form)
        if any(isinstance(n, SizeOf) or any(not isinstance(s, int) for s in n.shape) for n in nodes):
            return False
        return all(self.bindings[n.name].anonymous for n in nodes if isinstance(n, Name))

    def _leaf_from(self, name: str, form: Form, local: bool) -> Name:
        sources = [self.bindings[n.name] for n in names_in(form)]
        return self.leaf(
            name,
            self.line,
            self.known(form),
            form.shape,
            local=local,
            trainable=any(s.trainable for s in sources),
            torch=any(s.torch for s in sources),
        )

    # --- versions -----------------------------------------------------------------------------------------------------

    def new_key(self, base: str) -> str:
        """Return the key of a new version of a name."""
        self._versions[base] = self._versions.get(base, 0) + 1
        return f"{base}#{self._versions[base]}"

    def _is_override(self, name: str) -> bool:
        return name in self.values or name in self.shapes

    def leaf(self, name: str, line: int | None, value: Any = None, shape: Shape | None = None, **more: Any) -> Name:
        """Make an input; values and shapes given by the caller replace those of the text."""
        check_name(name)
        anonymous = more.get("anonymous", False)
        if not anonymous:
            if name in self.values:
                value = self.values[name]
                if not is_number(value):
                    value = np.asarray(value)
                shape = None
                self.overridden.add(name)
            if name in self.shapes:
                shape = self.shapes[name]
                self.overridden.add(name)
                if value is not None and not _fits(np.shape(value), shape):
                    if name in self.values:
                        raise ShapeError(
                            f"{name} is given a value of shape {shape_text(np.shape(value))} and the shape {shape_text(shape)}"
                        )
                    value = None
        if shape is None:
            shape = tuple(int(s) for s in np.shape(value))
        key = self.new_key(name)
        self.bindings[key] = Binding(key, name, shape, line, leaves=frozenset([key]), value=value, **more)
        return make_name(key, shape)

    def literal(self, array: Any, *, shape: Shape | None = None, **more: Any) -> Name:
        """Make an array that stands inside a formula without a name."""
        return self.leaf("c", self.line, array, shape, anonymous=True, **more)

    def equation(self, name: str, form: Form, *, local: bool = False, **more: Any) -> Name:
        """Make a new version of ``name`` with an equation."""
        check_name(name)
        sources = [self.bindings[n.name] for n in names_in(form)]
        key = self.new_key(name)
        self.bindings[key] = Binding(
            key,
            name,
            form.shape,
            self.line,
            form,
            frozenset[str]().union(*(s.leaves for s in sources)),
            after=any(s.after for s in sources),
            torch=any(s.torch for s in sources),
            local=local,
            without_gradients=self._without_gradients > 0,
            **more,
        )
        return make_name(key, form.shape)

    def detached(self, form: Form) -> Form:
        """Return a copy of ``form`` that gradients do not pass."""
        if self.is_literal(form) or not names_in(form):
            return form
        base = self.bindings[form.name].base if isinstance(form, Name) else "detached"
        return self.equation(base, form, detached=True)

    def is_torch(self, form: Form) -> bool:
        """Return whether an array comes from PyTorch, whose methods differ here and there."""
        return any(self.bindings[n.name].torch for n in names_in(form))

    # --- updates ------------------------------------------------------------------------------------------------------

    def _leaf_of(self, target: ast.expr, scope: Scope) -> Binding | None:
        """Return the leaf a target names: ``W``, ``W.data``, ``params["W"]``, ``W[:]``."""
        while isinstance(target, ast.Attribute) and target.attr == "data":
            target = target.value
        if not isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)):
            return None
        try:
            value = self.value(as_load(target), scope)
        except SymbackError:
            return None
        if not isinstance(value, Name):
            return None
        binding = self.bindings[value.name]
        return binding if binding.form is None and not binding.anonymous else None

    def _update(self, target: ast.expr, value: ast.expr, scope: Scope) -> tuple[Binding, ast.expr] | None:
        """Return the leaf and what is subtracted where ``target = value`` reads ``p = p - rate * gradient``."""
        if not isinstance(value, ast.BinOp) or not isinstance(value.op, (ast.Sub, ast.Add)):
            return None
        if not isinstance(value.left, (ast.Name, ast.Attribute, ast.Subscript)):
            return None
        leaf = self._leaf_of(target, scope)
        if (
            leaf is None
            or self._leaf_of(value.left, scope) is not leaf
            or not self._is_update(leaf, value.right, scope)
        ):
            return None
        return leaf, value.right

    def _is_update(self, leaf: Binding, rest: ast.expr, scope: Scope) -> bool:
        """Return whether subtracting ``rest`` from a leaf is a step of gradient descent, not arithmetic on data.

        It is where ``rest`` reads a ``.grad`` or a name spelled as a gradient, or where it depends on the leaf and is a
        rate times something: a rate by its name, or any number once a loss has read the leaf.
        """
        names = [n.id for n in ast.walk(rest) if isinstance(n, ast.Name)]
        attributes = [n for n in ast.walk(rest) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
        if any(isinstance(n, ast.Attribute) and n.attr in ("grad", "gradient") for n in ast.walk(rest)):
            return True
        owned = [n.attr for n in attributes if isinstance(self._held(n.value, scope), Instance)]
        known = {b.base for b in self.bindings.values() if not b.anonymous}
        if any(is_gradient_name(n, known) for n in (*names, *owned)):
            return True
        touches = False
        for name in names:
            holder = scope.find(name)
            value = holder.names[name] if holder else None
            if isinstance(value, (Poison, Helper)):
                touches = True
            elif isinstance(value, Form):
                touches |= any(leaf.key in self.bindings[n.name].leaves for n in names_in(value))
        if not touches:
            return False
        if any(_RATE.match(n) for n in (*names, *owned)):
            return True
        used = [b for b in self.bindings.values() if b.form is not None and leaf.key in b.leaves]
        seen = (bool(used) and self._loops > 0) or any(
            b.base in LOSS_NAMES or element_count(b.shape) == 1 for b in used
        )
        return seen and self._rate_of(rest, scope) is not None

    def _held(self, node: ast.expr, scope: Scope) -> Any:
        """Return what a plain name holds, else None."""
        holder = scope.find(node.id) if isinstance(node, ast.Name) else None
        return holder.names[node.id] if holder is not None and isinstance(node, ast.Name) else None

    def _rate_of(self, rest: ast.expr, scope: Scope) -> float | None:
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
            try:
                found = self.constant(self.value(factor, scope), data=False)
            except SymbackError:
                continue
            if is_number(found):
                return abs(float(found))
        return None

    def _updated(self, leaf: Binding, rate: float | None, scope: Scope) -> None:
        """Record an update and bind the name to the parameter after it."""
        self.updates.append(Update(self.line, leaf.key, rate, len(self.bindings)))
        if self._defining:
            return
        old = make_name(leaf.key, leaf.shape)
        key = self.new_key(leaf.base)
        self.bindings[key] = Binding(
            key,
            leaf.base,
            leaf.shape,
            self.line,
            leaves=frozenset([key]),
            after=True,
            updates=leaf.key,
            torch=leaf.torch,
        )
        new = make_name(key, leaf.shape)
        holder: Scope | None = scope
        while holder is not None:
            _replace(holder.names, old, new)
            holder = holder.parent
        _replace(self.globals.names, old, new)
        for instance in self.instances:
            _replace(instance.attributes, old, new)

    # --- statements that are one expression ---------------------------------------------------------------------------

    def _do_expr(self, node: ast.Expr, scope: Scope) -> None:
        call = node.value
        if isinstance(call, (ast.Constant, ast.Name)):
            return
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and self._do_method(call, call.func, scope)
        ):
            return
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "setattr"
            and not scope.find("setattr")
        ):
            self.value(call, scope)
            return
        for inner in [n for n in ast.walk(call) if isinstance(n, ast.Call)]:
            self._remark_call(inner, scope)
        if isinstance(call, ast.Call):
            self._do_effect(call, scope)

    def _do_effect(self, call: ast.Call, scope: Scope) -> None:
        """Follow a call that is made for what it does to an array: ``x.clamp_(0)``, ``np.random.shuffle(x)``, ``out=x``."""
        try:
            function = self.value(call.func, scope)
        except SymbackError as problem:
            if isinstance(call.func, ast.Attribute) and changes_in_place(call.func.attr):
                for held in [self._place(a, scope) for a in call.args[:1]]:
                    if isinstance(held, (list, dict)) or (isinstance(held, Name) and held.shape):
                        self._everywhere(held, Poison(located(problem, self.line)), scope)
            return
        targets = [k.value for k in call.keywords if k.arg == "out"]
        if isinstance(function, Library) and optimizers.is_clipping(function.path):
            try:
                args = [self.value(a, scope) for a in call.args]
                keywords = {k.arg: self.value(k.value, scope) for k in call.keywords if k.arg}
            except SymbackError:
                args, keywords = [], {}
            optimizers.read_clipping(self, function.path, args, keywords)
            return
        if isinstance(function, Method) and isinstance(call.func, ast.Attribute) and isinstance(function.value, Form):
            if changes_in_place(function.name):
                targets.append(call.func.value)
        elif isinstance(function, Library) and changes_in_place(function.path) and call.args:
            targets.append(call.args[0])
        for target in map(innermost, targets):
            if not isinstance(target, ast.Name):
                continue
            try:
                if isinstance(call.func, ast.Attribute) and any(
                    isinstance(n, (ast.Subscript, ast.Lambda)) for n in ast.walk(call.func.value)
                ):
                    raise ReadError(f"a part of {target.id} is changed in place, which cannot be read", self.line)
                result = library.changed(
                    self,
                    function,
                    [self.value(a, scope) for a in call.args],
                    {k.arg: self.value(k.value, scope) for k in call.keywords if k.arg},
                )
            except (SymbackError, TypeError, ValueError, IndexError) as problem:
                error = ReadError(f"{target.id} is changed in place in a way that cannot be read", self.line)
                self.poison(
                    [target.id], located(problem, self.line) if isinstance(problem, ReadError) else error, scope
                )
            else:
                self._change(target.id, result, scope)

    def _do_method(self, call: ast.Call, function: ast.Attribute, scope: Scope) -> bool:
        name = function.attr
        if self._do_object_method(call, function, scope):
            return True
        if name == "backward":
            if self.backward is None and not self.updates:
                self.backward = (self.value(function.value, scope), self.line)
            return True
        if name == "step" and not call.args:
            try:
                holder = self.value(function.value, scope)
            except SymbackError as problem:
                holder = optimizers.unread(self, ast.unparse(function.value), problem)
                if holder is None:
                    raise
            if isinstance(holder, Scheduler) and holder.schedule is not None:
                self.schedules[holder.optimizer] = {"schedule": holder.schedule}
                if self._loops < holder.optimizer.loops:
                    message = "the schedule is stepped once for several updates; training here steps it at every update"
                    self.schedule_problems.append(Finding(self.line, (), message))
            elif isinstance(holder, Scheduler) and holder.problem is not None:
                self.schedule_problems.append(holder.problem)
            if isinstance(holder, Optimizer):
                holder.stepped, holder.loops = True, self._loops
                for leaf in self._optimized(holder):
                    self._updated(leaf, holder.rate, scope)
            return True
        if name == "requires_grad_":
            holder = self.value(function.value, scope)
            if isinstance(holder, Name):
                self.bindings[holder.name].trainable = True
            return True
        if name in ("sub_", "add_", "subtract_") and call.args:
            changed = self._leaf_of(function.value, scope)
            if changed is not None and self._is_update(changed, call.args[0], scope):
                rate = next((k.value for k in call.keywords if k.arg == "alpha"), None)
                found = (
                    self.constant(self.value(rate, scope)) if rate is not None else self._rate_of(call.args[0], scope)
                )
                self._updated(changed, None if found is None else abs(float(found)), scope)
                return True
            return False
        if name in containers.CHANGES:
            held = self.value(function.value, scope)
            changed_ = self._container(function.value, held, scope)
            if changed_ is not None:
                args = self._elements(call.args, scope)
                keywords = {k.arg: self.value(k.value, scope) for k in call.keywords if k.arg}
                if name == "append" and len(args) == 1 and isinstance(changed_, list):
                    label = function.value.id if isinstance(function.value, ast.Name) else ""
                    args = [self._list_item(label, len(changed_), args[0], scope)] if label else args
                containers.call(self, changed_, name, args, keywords)
                if changed_ is not held:
                    self._closed(changed_, scope)
                return True
            return not isinstance(held, (Form, Library, Instance))
        return False

    def _do_object_method(self, call: ast.Call, function: ast.Attribute, scope: Scope) -> bool:
        """Follow a method that is called for what it does: ``model.eval()``, ``net.train(X, y)``, ``nn.init.zeros_(p)``."""
        before = function.value
        is_super = isinstance(before, ast.Call) and isinstance(before.func, ast.Name) and before.func.id == "super"
        if not is_super and any(isinstance(n, ast.Call) for n in ast.walk(before)):
            return False
        try:
            holder = self.value(function.value, scope)
        except SymbackError:
            return False
        if isinstance(holder, Library):
            return changes_in_place(function.attr) and self._fill_parameter(
                call, call.args[0] if call.args else None, scope
            )
        if isinstance(holder, Form):
            return changes_in_place(function.attr) and self._fill_parameter(call, function.value, scope)
        if not isinstance(holder, (Instance, Ancestor)):
            return False
        args = self._elements(call.args, scope)
        keywords = {k.arg: self.value(k.value, scope) for k in call.keywords if k.arg}
        if isinstance(holder, Instance) and function.attr in ("register_buffer", "register_parameter", "add_module"):
            if len(args) > 1 and isinstance(args[0], str) and args[0]:
                modules.assign(self, holder, args[0], args[1])
            return True
        method = self._read_attribute(function, scope)
        if isinstance(method, Bound):
            modules.call_bound(self, method, args, keywords, opens=True)
        else:
            self.call(method, args, keywords)
        return True

    def _fill_parameter(self, call: ast.Call, target: ast.expr | None, scope: Scope) -> bool:
        """Follow ``nn.init.constant_(layer.weight, 0.5)`` and ``layer.weight.data.fill_(0.5)``; other targets are not ours."""
        while isinstance(target, ast.Attribute) and target.attr == "data":
            target = target.value
        if not isinstance(target, ast.Attribute) or not isinstance(self.value(target.value, scope), Instance):
            return False
        leaf = self._leaf_of(target, scope)
        if leaf is not None and any(self._is_update(leaf, a, scope) for a in call.args):
            return False
        function = self.value(call.func, scope)
        args = [self.value(a, scope) for a in call.args]
        if isinstance(function, Method) and function.name == "copy_":
            result = self.form(args[0])
        else:
            result = library.changed(
                self, function, args, {k.arg: self.value(k.value, scope) for k in call.keywords if k.arg}
            )
        if names_in(result) and not self.is_literal(result):
            raise ReadError("a parameter is changed in place in a way that cannot be read", self.line)
        self._set_parameter(target, result, scope)
        return True

    def _optimized(self, optimizer: Optimizer) -> list[Binding]:
        given = [self.bindings[f.name] for f in optimizer.parameters if isinstance(f, Name)]
        leaves = given or [b for b in self.bindings.values() if b.trainable and b.form is None]
        current = {u.key for u in self.updates}
        return [b for b in leaves if b.key not in current and b.updates is None]

    def _remark_call(self, call: ast.Call, scope: Scope) -> None:
        """Follow a call whose result is only shown: where nothing else is the network, it is."""
        if not isinstance(call.func, ast.Name):
            return
        holder = scope.find(call.func.id)
        helper = holder.names[call.func.id] if holder else None
        if not isinstance(helper, Helper):
            return
        try:
            args = [self.value(a, scope) for a in call.args]
            keywords = {k.arg: self.value(k.value, scope) for k in call.keywords if k.arg}
            if args and isinstance(args[0], Helper) and len(args) > 1 and not keywords:
                helper, args = args[0], args[1:]
            returned = self.call_helper(helper, args, keywords, open_scope=True)
            self.calls.append((helper.name, returned.value, returned.name, self.line))
        except (SymbackError, RecursionError) as error:
            self.calls.append((helper.name, Poison(located(error, self.line)), None, self.line))

    # --- expressions --------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression stands for."""
        self._effort += 1
        if self._effort > EFFORT:
            raise Exhausted("this statement takes too many steps to follow", self.line)
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise ReadError(f"nested too deeply to be read (more than {DEEPEST} levels)", self.line)
            method = getattr(self, f"_read_{type(node).__name__.lower()}", None)
            if method is None:
                raise ReadError(f"a {title(node)} cannot be part of a forward pass", self.line)
            return method(node, scope)
        finally:
            self._depth -= 1

    def made(self, form: Form) -> Form:
        """Return ``form`` after checking that it is not absurdly large when written out."""
        for node in walk(form) if form not in self._sizes else ():
            if node not in self._sizes:
                below = [self._sizes[a] for a in node.args]
                self._sizes[node] = (1 + sum(n for n, _ in below), 1 + max((d for _, d in below), default=0))
        parts, depth = self._sizes[form]
        if parts > LARGEST_FORM:
            raise ReadError(f"the formula on this line has more than {LARGEST_FORM} parts when written out", self.line)
        if depth > DEEPEST_FORM:
            raise ReadError(
                f"the formula on this line is nested too deeply (more than {DEEPEST_FORM} levels)", self.line
            )
        count = element_count(form.shape)
        if isinstance(count, int) and count > LARGEST_ARRAY:
            raise ReadError(f"an array of shape {shape_text(form.shape)} is too large", self.line)
        return form

    def form(self, value: Any) -> Form:
        """Return ``value`` as a Form; lists of numbers become arrays."""
        if isinstance(value, Form):
            return value
        if isinstance(value, PLAIN):
            return number(value)
        if isinstance(value, (list, tuple)):
            array = numbers(list(value))
            if array is not None:
                return self.literal(array)
        if isinstance(value, Poison):
            raise value.error
        if isinstance(value, Gradient):
            raise ReadError(f"{value.of}.grad is a gradient and not part of the forward pass", self.line)
        raise ReadError(f"{describe(value)} stands where an array or a number is needed", self.line)

    def constant(self, value: Any, data: bool = True) -> Any:
        """Return the plain number, or other constant, that ``value`` is known to be, else None.

        With ``data=False`` what depends on an equation of the network is not looked at.
        """
        if not isinstance(value, Form):
            return value
        if any(self.bindings[n.name].form is not None for n in names_in(value)) or (value.shape and not data):
            return None
        found = self.known(value)
        if found is None or (np.ndim(found) and not data):
            return None
        if np.ndim(found):
            return np.asarray(found)
        plain = found.item() if isinstance(found, (np.ndarray, np.generic)) else found
        return int(plain) if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53 else plain

    def known(self, form: Form) -> Any:
        """Return the value of a Form over leaves whose values are known, else None."""
        environment: dict[str, Any] = {}
        for leaf in names_in(form):
            binding = self.bindings[leaf.name]
            if binding.value is None or binding.form is not None:
                return None
            environment[leaf.name] = binding.value
        if any(not isinstance(s, int) for n in walk(form) for s in n.shape) or any(
            isinstance(n, SizeOf) for n in walk(form)
        ):
            return None
        if isinstance(form, Name):
            return environment[form.name]
        plain = {k: v.astype(float) if np.asarray(v).dtype.kind == "b" else v for k, v in environment.items()}
        with np.errstate(all="ignore"):
            try:
                found = evaluate(form, plain)
                return np.asarray(found).astype(bool) if form.shape and is_condition(self, form) else found
            except (ArithmeticError, ValueError, TypeError) as error:
                raise ReadError(f"{form} cannot be computed: {error}", self.line) from None

    def integer(self, value: Any, what: str) -> int:
        """Return a whole number that the code fixes."""
        found = self.constant(value)
        if isinstance(found, bool) or not isinstance(found, int):
            raise ReadError(f"{what} has to be a whole number known from the code", self.line)
        return found

    def _truth(self, value: Any) -> bool:
        found = self.constant(value, data=False)
        if isinstance(value, Form) and found is None:
            raise ReadError(
                "this condition depends on values of the network; it has to be known from the code", self.line
            )
        if isinstance(found, (Poison, Gradient)):
            raise found.error if isinstance(found, Poison) else ReadError("a gradient decides here", self.line)
        return bool(found)

    def _decide(self, test: ast.expr, scope: Scope) -> bool:
        value = self.value(test, scope)
        truth = self._truth(value)
        if isinstance(value, Form):
            self.notes.append(f"the condition on line {self.line} is read as {truth}")
        return truth

    def _read_constant(self, node: ast.Constant, scope: Scope) -> Any:
        if isinstance(node.value, int) and node.value.bit_length() > 1000:
            raise ReadError("a number of this length cannot be used", self.line)
        if isinstance(node.value, (int, float, str, type(None), type(...))):
            return node.value
        raise ReadError(f"{node.value!r} is not a real number", self.line)

    def _read_joinedstr(self, node: ast.JoinedStr, scope: Scope) -> str:
        """Return a text such as ``f"layer{k}"`` where its parts are plain; any other is never looked at."""
        found = []
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            if isinstance(part, ast.FormattedValue) and not isinstance(inner, (ast.Name, ast.BinOp, ast.Constant)):
                return ""
            try:
                found.append(self.constant(self.value(inner, scope), data=False))
            except SymbackError:
                return ""
        return "".join(map(str, found)) if all(isinstance(p, (int, str)) for p in found) else ""

    def _read_name(self, node: ast.Name, scope: Scope) -> Any:
        name = node.id
        holder = scope.find(name)
        if holder is not None:
            value = holder.names[name]
            if isinstance(value, Poison):
                raise value.error
            return value
        if self._is_override(name):
            self.globals.names[name] = self.leaf(name, None)
            return self.globals.names[name]
        if name == "__name__":
            return "__main__"
        if name in PREDEFINED:
            return Library(PREDEFINED[name])
        found = library.bare(name, self.library_only)
        if found is not None:
            return Library(found)
        known = {n for s in _chain(scope) for n in s.names}
        raise ReadError(
            f"{name} is not defined{nearest(name, known)}; give its shape or its value if it is data", self.line
        )

    def _read_tuple(self, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
        return tuple(self._elements(node.elts, scope))

    def _read_list(self, node: ast.List, scope: Scope) -> list[Any]:
        return self._elements(node.elts, scope)

    def _elements(self, nodes: Sequence[ast.expr], scope: Scope) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found.extend(self.items_of(self.value(node.value, scope)))
            else:
                found.append(self.value(node, scope))
        return found

    def _read_dict(self, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise ReadError("** in a dictionary cannot be read", self.line)
            label = self.value(key, scope)
            if not isinstance(label, (str, int, tuple)):
                raise ReadError("a dictionary needs plain keys", self.line)
            item = self.value(value, scope)
            found[label] = self._named_item(label, item, scope) if isinstance(label, str) else item
        return found

    def _read_unaryop(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            return not self._truth(value)
        if isinstance(node.op, ast.UAdd):
            return value if is_number(value) else self.form(value)
        if isinstance(node.op, ast.USub):
            return -value if is_number(value) else self.made(-self.form(value))
        if isinstance(value, Form) and _is_relation(value):
            return self.made(1 - value)
        if isinstance(value, Form) and is_condition(self, value):
            known = self.known(value) if self.is_literal(value) else None
            if known is not None:
                return self.literal(~np.asarray(known, dtype=bool), torch=self.is_torch(value))
            return self.made(1 - value if isinstance(value, Apply) else equal(value, 0))
        raise ReadError("~ is read for conditions only", self.line)

    def _read_binop(self, node: ast.BinOp, scope: Scope) -> Any:
        # A long sum is nested to the left; following its spine in a loop keeps a hundred terms from being a hundred levels.
        spine: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            spine.append(left)
            left = left.left
        value = self.value(left, scope)
        for step in reversed(spine):
            value = self.binary(step.op, value, self.value(step.right, scope))
        return value

    def binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        """Return ``left op right``: plain numbers are computed as Python does, everything else becomes a Form."""
        if type(op) not in _OPERATORS:
            raise ReadError(f"the operator {title(op)} cannot be part of a forward pass", self.line)
        sign, compute = _OPERATORS[type(op)]
        if is_number(left) and is_number(right):
            return folded(op, sign, compute, left, right, self.line)
        if isinstance(left, str) or isinstance(right, str):
            return ""
        if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)) and isinstance(op, ast.Add):
            return type(left)([*left, *right])
        for repeated, times in ((left, right), (right, left)):
            if (
                isinstance(repeated, (list, tuple))
                and isinstance(op, ast.Mult)
                and not isinstance(times, (list, tuple))
            ):
                count = self.integer(times, "how often a list is repeated")
                if count * len(repeated) > 100_000:
                    raise ReadError(f"a list of {count * len(repeated)} entries is too long", self.line)
                return type(repeated)(list(repeated) * count)
        if isinstance(op, ast.Add) and all(
            isinstance(v, Name) and self.bindings[v.name].sequence and self.bindings[v.name].form is not None
            for v in (left, right)
        ):
            return self.made(concatenate([left, right]))
        self._no_list_arithmetic(left, right, sign)
        if isinstance(op, (ast.FloorDiv, ast.Mod)):
            a, b = self.constant(left), self.constant(right)
            if is_number(a) and is_number(b):
                return folded(op, sign, compute, a, b, self.line)
            raise ReadError(f"{sign} is read for whole numbers known from the code only", self.line)
        a, b = self.form(left), self.form(right)
        if isinstance(op, ast.BitAnd):
            if not (_is_relation(a) and _is_relation(b)):
                raise ReadError("& is read for conditions only", self.line)
            return self.made(a * b)
        return self.made(compute(a, b))

    def _no_list_arithmetic(self, left: Any, right: Any, sign: str) -> None:
        def is_list(value: Any) -> bool:
            return isinstance(value, Name) and self.bindings[value.name].sequence

        for one, other in ((left, right), (right, left)):
            if is_list(one) and (is_list(other) or not isinstance(other, Form) or not other.shape):
                label = self.bindings[one.name].base
                raise ReadError(
                    f"{label} is a Python list, which has no arithmetic; make it np.array({label})", self.line
                )

    def _read_compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        result: Any = None
        for op, other in zip(node.ops, node.comparators, strict=True):
            right = self.value(other, scope)
            found = self._compare(op, left, right)
            result = found if result is None else self.made(self.form(result) * self.form(found))
            left = right
        return result

    def _compare(self, op: ast.cmpop, left: Any, right: Any) -> Any:
        compute = _COMPARISONS[type(op)]
        if isinstance(op, (ast.Is, ast.IsNot)) or not (isinstance(left, Form) or isinstance(right, Form)):
            try:
                return bool(compute(left, right))
            except TypeError as error:
                raise ReadError(str(error), self.line) from None
        if isinstance(op, (ast.In, ast.NotIn)):
            raise ReadError("'in' is not read for arrays", self.line)
        if left is None or right is None or isinstance(left, str) or isinstance(right, str):
            return isinstance(op, ast.NotEq)
        a, b = self.form(left), self.form(right)
        if isinstance(op, ast.Eq):
            return self.made(equal(a, b))
        if isinstance(op, ast.NotEq):
            return self.made(apply("not_equal", a, b))
        return self.made(compute(a, b))

    def _read_boolop(self, node: ast.BoolOp, scope: Scope) -> Any:
        values = [self.value(v, scope) for v in node.values]
        if any(isinstance(v, Form) for v in values):
            forms = [self.form(v) for v in values]
            if isinstance(node.op, ast.And) and all(_is_relation(f) or isinstance(f, Number) for f in forms):
                product = forms[0]
                for f in forms[1:]:
                    product = self.made(product * f)
                return product
        truths = [self._truth(v) for v in values]
        return all(truths) if isinstance(node.op, ast.And) else any(truths)

    def _read_ifexp(self, node: ast.IfExp, scope: Scope) -> Any:
        test = self.value(node.test, scope)
        if (isinstance(test, Form) and not test.shape and self.constant(test, data=False) is None) or (
            isinstance(test, Form) and _is_relation(test) and not test.shape
        ):
            return self.made(
                where(test, self.form(self.value(node.body, scope)), self.form(self.value(node.orelse, scope)))
            )
        return self.value(node.body if self._truth(test) else node.orelse, scope)

    def _read_lambda(self, node: ast.Lambda, scope: Scope) -> Helper:
        return self.helper("lambda", node.args, node.body, scope, node.lineno)

    def _read_attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        name = node.attr
        if isinstance(value, Library):
            path = f"{value.path}.{name}"
            return CONSTANTS[path] if path in CONSTANTS else Library(path)
        if isinstance(value, Instance):
            return modules.attribute(self, value, name)
        if isinstance(value, Ancestor):
            return modules.ancestor_attribute(self, value, name)
        if isinstance(value, Definition):
            return modules.class_attribute(self, value, name)
        if isinstance(value, Prepared):
            return Method(value, name)
        if name == "grad" and isinstance(value, Form):
            label = self.bindings[value.name].base if isinstance(value, Name) else "it"
            return Gradient(label)
        if isinstance(value, Form):
            if name in ("T", "mT", "H"):
                return self.made(value.T if name == "T" or value.ndim < 3 else swapped(value, -1, -2))
            if name == "shape":
                return self.shape_value(value)
            if name in ("ndim",):
                return Count(value.ndim)
            if name == "data":
                return self.detached(value)
            if name == "size" and not self.is_torch(value):
                return self.count_value(value)
            if name in methods() or changes_in_place(name):
                return Method(value, name)
            if name == "device" or name == "dtype":
                return None
            raise ReadError(f"an array has no {name} that can be read{nearest(name, methods())}", self.line)
        if isinstance(value, (list, dict, RandomSource)):
            return Method(value, name)
        if isinstance(value, tuple) and name == "values" and len(value) == 2:
            return value[0]
        raise ReadError(f"{describe(value)} has no {name} that can be read", self.line)

    def shape_value(self, form: Form) -> tuple[Any, ...]:
        """Return a shape as the code sees it: counts, or symbolic sizes as Forms."""
        return tuple(Count(s) if isinstance(s, int) else size_of(s) for s in form.shape)

    def count_value(self, form: Form) -> Any:
        """Return the number of elements as the code sees it."""
        total: Any = Count(1)
        for item in self.shape_value(form):
            if isinstance(total, int) and isinstance(item, int):
                total = Count(total * item)
            else:
                total = item if isinstance(total, int) and total == 1 else self.form(total) * self.form(item)
        return total

    def _read_slice(self, node: ast.Slice, scope: Scope) -> slice:
        ends = [
            None if end is None else self._optional_integer(self.value(end, scope))
            for end in (node.lower, node.upper, node.step)
        ]
        return slice(*ends)

    def _optional_integer(self, value: Any) -> int | None:
        return None if value is None else self.integer(value, "an end of a slice")

    def _read_subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        value, key = self.value(node.value, scope), self.value(node.slice, scope)
        if isinstance(value, dict):
            key = self.constant(key, data=False)
            if not isinstance(key, (str, int, tuple)) or key not in value:
                raise ReadError(f"there is no {key!r} in this dictionary", self.line)
            if isinstance(value[key], Poison):
                raise value[key].error
            return value[key]
        if isinstance(value, Instance):
            return modules.item(self, value, key)
        if isinstance(value, (list, tuple, range)):
            if isinstance(key, slice):
                return value[key]
            at = self.integer(key, "an index")
            if not -len(value) <= at < len(value):
                raise ReadError(f"index {at} is out of range for {len(value)} values", self.line)
            return value[at]
        if isinstance(value, Form):
            return self._item(value, key)
        raise ReadError(f"{describe(value)} cannot be indexed", self.line)

    def _item(self, form: Form, key: Any) -> Form:
        """Return ``form[key]``: constants and slices, or rows picked by class indices."""
        items = list(key) if isinstance(key, tuple) else [key]
        if isinstance(items[0], RowNumber):
            return self._row_of(form, items[0], tuple(items[1:]))
        plain = [self._index_item(i) for i in items]
        if any(isinstance(i, Form) for i in plain):
            return self.made(self._picked(form, plain))
        form, plain = self._one_of_stack(form, plain)
        return self.made(get(form, tuple(plain)))

    def _one_of_stack(self, form: Form, items: list[Any]) -> tuple[Form, list[Any]]:
        """Return the part that an index picks from stacked arrays, as the last output of an LSTM."""
        stacked = self.bindings[form.name].form if isinstance(form, Name) else form
        if not isinstance(stacked, Concatenate) or any(i is None or i is Ellipsis for i in items):
            return form, items
        axis = stacked.axis
        at = items[axis] if axis < len(items) else None
        if isinstance(at, bool) or not isinstance(at, int) or not -len(stacked.args) <= at < len(stacked.args):
            return form, items
        if not all(isinstance(part, Expand) and part.axes == (axis,) for part in stacked.args):
            return form, items
        return stacked.args[at].args[0], [*items[:axis], *items[axis + 1 :]] or [Ellipsis]

    def _index_item(self, item: Any) -> Any:
        if item is None or item is Ellipsis or isinstance(item, (slice, range, Counting)):
            return item
        if isinstance(item, Form) and item.shape:
            return item
        if isinstance(item, (list, tuple)):
            return self.form(item)
        return self.integer(item, "an index")

    def _picked(self, form: Form, items: list[Any]) -> Form:
        """Return rows, or one entry per row, picked by an integer array."""
        arrays = [k for k, i in enumerate(items) if isinstance(i, Form)]
        if any(_is_relation(items[k]) for k in arrays):
            raise ReadError("entries picked by a condition have no fixed number; use np.where", self.line)
        if len(arrays) == 1 and all(i == slice(None) for k, i in enumerate(items) if k not in arrays):
            axis = arrays[0]
            known = self.known(form) if self.is_literal(form) and axis == 0 else None
            if known is not None and np.ndim(known) == 2 and np.array_equal(known, np.eye(*np.shape(known))):
                return one_hot(items[0], form.shape[1])
            return gather(form, items[axis], axis)
        if (
            len(items) == 2
            and form.ndim == 2
            and isinstance(items[1], Form)
            and items[1].ndim == 1
            and self._counts_rows(items[0], form)
        ):
            return reduce_over("sum", one_hot(items[1], form.shape[1]) * form, 1)
        raise ReadError(
            "this indexing by arrays cannot be read; use class indices as y_hat[np.arange(n), y]", self.line
        )

    def _counts_rows(self, item: Any, form: Form) -> bool:
        if isinstance(item, Counting):
            return item.length == form.shape[0]
        if isinstance(item, range):
            return item == range(form.shape[0]) if isinstance(form.shape[0], int) else False
        if not isinstance(item, Form) or not isinstance(form.shape[0], int):
            return False
        found = self.constant(item)
        return found is not None and np.array_equal(found, np.arange(form.shape[0]))

    # --- comprehensions -----------------------------------------------------------------------------------------------

    def _read_listcomp(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Any:
        if len(node.generators) != 1:
            return self._unrolled(node.elt, node.generators, scope)
        generator = node.generators[0]
        source = None if generator.ifs else self.value(generator.iter, scope)
        arrays: list[Form | RowNumber] = []
        if isinstance(source, Form) and source.shape:
            arrays = [source]
        elif isinstance(source, _Zipped):
            arrays = list(source.arrays)
        elif isinstance(source, Counting):
            arrays = [RowNumber(source.length)]
        if arrays:
            try:
                return self._vectorized(node.elt, generator.target, arrays, scope)
            except ReadError:
                if isinstance(source, Counting):
                    raise
        return self._unrolled(node.elt, node.generators, scope)

    _read_generatorexp = _read_listcomp

    def _vectorized(self, element: ast.expr, target: ast.expr, arrays: list[Form | RowNumber], scope: Scope) -> Form:
        """Return ``[element for row in array]`` for all rows at once."""
        placeholders = [a if isinstance(a, RowNumber) else self._placeholder(a.shape[1:]) for a in arrays]
        inner = Scope({}, scope)
        self._bind_loop(target, placeholders[0] if isinstance(target, ast.Name) else tuple(placeholders), inner)
        first = len(self.bindings)
        self._rows_alone += 1
        try:
            form = self.form(self.value(element, inner))
        finally:
            self._rows_alone -= 1
        # equations that a function made for one row are written out again: every one of them stands for many
        made = [b for b in list(self.bindings.values())[first:] if b.form is not None]
        for b in reversed(made):
            name, meaning = make_name(b.key, b.shape), b.form
            form = substitute(form, lambda node, name=name, meaning=meaning: meaning if node is name else None)  # type: ignore[misc]
            del self.bindings[b.key]
        rows: dict[Form, Form] = {}
        for placeholder, array in zip(placeholders, arrays, strict=True):
            if isinstance(array, RowNumber):
                rows.update(array.rows)
            elif isinstance(placeholder, Form):
                rows[placeholder] = array
        return self.made(over_rows(form, rows))

    def _row_of(self, form: Form, number: RowNumber, rest: tuple[Any, ...]) -> Form:
        """Return ``form[i]`` for the number ``i`` of the row that stands for all."""
        if not form.shape or form.shape[0] != number.length:
            raise ReadError(
                f"{form} of shape {shape_text(form.shape)} has not one entry for each of {number.length} rows",
                self.line,
            )
        row = next((r for r, array in number.rows.items() if array is form), None)
        if row is None:
            row = self._placeholder(form.shape[1:])
            number.rows[row] = form
        return self._item(row, rest) if rest else row

    def _placeholder(self, shape: Shape) -> Name:
        key = self.new_key("row")
        self.bindings[key] = Binding(key, "row", shape, self.line, leaves=frozenset([key]), local=True)
        return make_name(key, shape)

    def _unrolled(self, element: ast.expr, generators: Sequence[ast.comprehension], scope: Scope) -> list[Any]:
        found: list[Any] = []

        def descend(level: int, inner: Scope) -> None:
            if level == len(generators):
                found.append(self.value(element, inner))
                return
            items = self.items_of(self.value(generators[level].iter, inner))
            if len(items) > UNROLLED or len(found) > UNROLLED**2:
                raise ReadError(
                    f"a comprehension over {len(items)} items; at most {UNROLLED} are written out", self.line
                )
            for item in items:
                here = Scope({}, inner)
                self._bind_loop(generators[level].target, item, here)
                if all(self._truth(self.value(test, here)) for test in generators[level].ifs):
                    descend(level + 1, here)

        descend(0, scope)
        return found

    def numbered(self, array: Form) -> Rows:
        """Return ``enumerate(array)``; a comprehension can take all rows at once."""
        length = array.shape[0]
        rows = _Zipped(enumerate(self._rows_of(array))) if isinstance(length, int) else _Zipped()
        rows.arrays = (RowNumber(length), array)
        return rows

    def zipped(self, arguments: Sequence[Any]) -> Rows:
        """Return ``zip(...)``; the arrays are remembered, so that a comprehension can take all rows at once."""
        arrays = bool(arguments) and all(isinstance(a, Form) and a.shape for a in arguments)
        if arrays and len({a.shape[0] for a in arguments}) == 1:
            length = arguments[0].shape[0]
            rows = _Zipped(zip(*map(self._rows_of, arguments), strict=True)) if isinstance(length, int) else _Zipped()
            rows.arrays = tuple(arguments)
            return rows
        return Rows(zip(*(self.items_of(a) for a in arguments), strict=False))

    # --- calls --------------------------------------------------------------------------------------------------------

    def _read_call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.find("super") is None:
            if not self.frames or self.frames[-1][0] is None:
                raise ReadError("super() stands outside a method", self.line)
            return Ancestor(*self.frames[-1])
        if isinstance(node.func, ast.Attribute) and changes_in_place(node.func.attr):
            target = innermost(node.func.value)
            if isinstance(target, ast.Name):
                self._do_effect(node, scope)
                return self.value(target, scope)
        if isinstance(node.func, ast.Attribute) and node.func.attr in containers.CHANGES:
            held = self._place(node.func.value, scope)
            if isinstance(held, Name) and self._is_list(held):
                self._container(node.func.value, held, scope)
        function = self._function(node.func, scope)
        if (
            isinstance(function, Method)
            and isinstance(function.value, (Instance, Prepared))
            and function.name in ("to", "cuda")
        ):
            return function.value  # the device does not matter, and need not be known
        args = self._elements(node.args, scope)
        keywords: dict[str, Any] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise ReadError("** in a call cannot be read", self.line)
            keywords[keyword.arg] = self.value(keyword.value, scope)
        result = self.call(function, args, keywords)
        if (
            keywords.get("inplace") is True
            and isinstance(result, Form)
            and node.args
            and isinstance(node.args[0], ast.Name)
        ):
            self._change(node.args[0].id, result, scope)
        return result

    def _function(self, node: ast.expr, scope: Scope) -> Any:
        """Return what is called; a name that is nothing is an unknown function."""
        if (
            isinstance(node, ast.Name)
            and scope.find(node.id) is None
            and node.id not in PREDEFINED
            and library.bare(node.id, self.library_only) is None
        ):
            helpers = {n for s in _chain(scope) for n, v in s.names.items() if isinstance(v, Helper)}
            known = helpers | library.known_functions()
            raise ReadError(f"the function {node.id} is not known{nearest(node.id, known)}", self.line)
        return self.value(node, scope)

    def call(self, function: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
        """Return the result of a call."""
        if isinstance(function, Helper):
            return self.call_helper(function, args, keywords, open_scope=self.is_pass(function)).value
        try:
            if isinstance(function, Library):
                result = library.call(self, function.path, args, keywords)
            elif isinstance(function, Instance):
                result = modules.call(self, function, args, keywords)
            elif isinstance(function, Definition):
                result = modules.instantiate(self, function, args, keywords)
            elif isinstance(function, Bound):
                result = modules.call_bound(self, function, args, keywords)
            elif isinstance(function, Method) and isinstance(function.value, Instance):
                result = modules.call_method(self, function.value, function.name, args, keywords)
            elif isinstance(function, Prepared):
                result = library.call(self, function.path, args, {**function.keywords, **keywords})
            elif isinstance(function, Method):
                result = library.call_method(self, function.value, function.name, args, keywords)
            else:
                raise ReadError(f"{describe(function)} cannot be called", self.line)
        except (TypeError, ValueError, OverflowError, KeyError, IndexError) as error:
            raise ReadError(f"this call cannot be read: {error}", self.line) from None
        if (
            isinstance(result, Form)
            and _last_name(function) in _COPIES
            and (any(result is a for a in args) or result is getattr(function, "value", None))
        ):
            return self._copy(result)
        return self.made(result) if isinstance(result, Form) else result

    def _copy(self, form: Form) -> Form:
        """Return a copy of an array: the same values, in memory of its own."""
        if not form.shape or self._rows_alone or not names_in(form):
            return form
        if not self.is_literal(form):
            return self.equation("copy", form, local=True, copy=True)
        if not isinstance(form, Name):
            return form
        known = self.bindings[form.name]
        return self.literal(known.value, shape=known.shape, trainable=known.trainable, torch=known.torch)

    def helper(
        self, name: str, arguments: ast.arguments, body: list[ast.stmt] | ast.expr, scope: Scope, line: int
    ) -> Helper:
        """Return a function of the text with its defaults read."""
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults: dict[str, Any] = {}
        pairs = [
            *zip(reversed(positional), reversed(arguments.defaults), strict=False),
            *((a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None),
        ]
        for argument, default in pairs:
            try:
                defaults[argument.arg] = self.value(default, scope)
            except SymbackError as error:
                defaults[argument.arg] = Poison(located(error, self.line))
        return Helper(name, arguments, body, scope, defaults, line)

    def is_pass(self, helper: Helper) -> bool:
        """Return whether a function is a forward pass, whose own names belong on the page, and not a small helper.

        It is one where it has several statements and multiplies matrices or calls other functions of the text or
        activations of a library.
        """
        if isinstance(helper.body, ast.expr) or sum(isinstance(s, ast.Assign) for s in helper.body) < 1:
            return False
        for statement in helper.body:
            for node in ast.walk(statement):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
                    return True
                if isinstance(node, ast.Call) and isinstance(statement, ast.Assign):
                    label = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    if label in ("dot", "matmul", "mm", "linear") or label in activation_names():
                        return True
                    holder = helper.scope.find(label)
                    if isinstance(node.func, ast.Name) and holder and isinstance(holder.names[label], Helper):
                        return True
        return False

    def call_helper(
        self,
        helper: Helper,
        args: Sequence[Any],
        keywords: Mapping[str, Any],
        *,
        open_scope: bool = False,
        passing: frozenset[str] = frozenset(),
    ) -> Returned:
        """Inline a function of the text: bind its arguments, follow its body, return what it returns."""
        if helper in self._calls:
            raise ReadError(f"{helper.name} calls itself, which cannot be written out", self.line)
        if len(self._calls) > 20:
            raise ReadError("functions call each other too deeply to be read", self.line)
        scope = Scope({}, helper.scope, open_scope, passing=passing)
        self._bind_arguments(helper, args, keywords, scope)
        self._calls.append(helper)
        self._scopes.append(scope)
        line = self.line
        try:
            if isinstance(helper.body, ast.expr):
                return Returned(self.value(helper.body, scope))
            signal = self.run(helper.body, scope)
        finally:
            self._calls.pop()
            self._scopes.pop()
            self.line = line
        return signal if isinstance(signal, Returned) else Returned(None)

    def _bind_arguments(self, helper: Helper, args: Sequence[Any], keywords: Mapping[str, Any], scope: Scope) -> None:
        arguments = helper.arguments
        if arguments.vararg or arguments.kwarg:
            raise ReadError(f"{helper.name} takes *args or **kwargs, which cannot be read", self.line)
        positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        known = [*positional, *(a.arg for a in arguments.kwonlyargs)]
        if len(args) > len(positional):
            raise ReadError(f"{helper.name} takes {len(positional)} argument(s), {len(args)} given", self.line)
        given = dict(zip(positional, args, strict=False))
        for name, value in keywords.items():
            if name not in known or name in given:
                raise ReadError(f"{helper.name} cannot take {name}={nearest(name, known)}", self.line)
            given[name] = value
        for name in known:
            if name not in given and name not in helper.defaults:
                raise ReadError(f"{helper.name} needs {name}", self.line)
            value = given.get(name, helper.defaults.get(name))
            literal = (
                scope.open
                and name in given
                and (is_number(value) or (isinstance(value, Form) and self.is_literal(value) and bool(names_in(value))))
            )
            scope.names[name] = self.named(name, value, scope) if literal and not isinstance(value, Count) else value


class _Zipped(Rows):
    """The pairs of ``zip`` over arrays of equal length, and the arrays themselves."""

    arrays: tuple[Form | RowNumber, ...] = ()


def _chain(scope: Scope | None) -> list[Scope]:
    found = []
    while scope is not None:
        found.append(scope)
        scope = scope.parent
    return found


def _replace(names: dict[Any, Any] | list[Any], old: Any, new: Any, seen: set[int] | None = None) -> None:
    """Put ``new`` in the place of an object, in the containers inside as well."""
    seen = set() if seen is None else seen
    seen.add(id(names))
    pairs = list(names.items() if isinstance(names, dict) else enumerate(names))
    for key, value in pairs:
        if value is old:
            names[key] = new
        elif isinstance(value, (dict, list)) and id(value) not in seen:
            _replace(value, old, new, seen)
        elif isinstance(value, tuple) and not hasattr(value, "_fields"):
            parts = list(value)
            _replace(parts, old, new, seen)
            if any(a is not b for a, b in zip(parts, value, strict=True)):
                names[key] = tuple(parts)


def _inside(names: dict[Any, Any] | list[Any] | tuple[Any, ...], seen: set[int]) -> Iterator[Any]:
    """Return all that containers hold, the containers inside them included."""
    seen.add(id(names))
    for value in list(names.values() if isinstance(names, dict) else names):
        yield value
        if isinstance(value, (dict, list, tuple)) and id(value) not in seen:
            yield from _inside(value, seen)


def _changed_parts(helper: Helper, label: str) -> list[str]:
    """Return what a function of the text changes of its argument: attributes, ``""`` for items and entries."""
    found: dict[str, None] = {}

    def changed(target: ast.expr) -> None:
        held = ""
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            held = target.attr if isinstance(target, ast.Attribute) else held
            target = target.value
        if isinstance(target, ast.Name) and target.id == label:
            found.setdefault(held)

    for statement in helper.body if isinstance(helper.body, list) else ():
        for node in ast.walk(statement):
            if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
                changed(node)
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in containers.CHANGES
            ):
                changed(node.func.value)
    return list(found)


def _last_name(function: Any) -> str:
    """Return what a function or method is called, without its module."""
    return (
        str(function.path).rpartition(".")[2]
        if isinstance(function, Library)
        else function.name
        if isinstance(function, Method)
        else ""
    )


def _is_relation(form: Form) -> bool:
    if not isinstance(form, Apply) or not isinstance(form.op, str):
        return False
    if form.op in RELATIONS:
        return True
    return form.op == "multiply" and all(_is_relation(a) for a in form.args)


def _fits(actual: Sequence[int], shape: Shape) -> bool:
    return len(actual) == len(shape) and all(
        not isinstance(s, int) or s == a for a, s in zip(actual, shape, strict=True)
    )
