"""Follow a text statement by statement without running it: names are bound to Forms and objects instead of numbers.

A statement that is not understood poisons what it may have changed and nothing else, so only what the loss needs has to be
understood. No text is ever evaluated: every node of the syntax tree is met by a function of a table, or it is an error.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from symback.core.errors import ReadError, SymbackError
from symback.core.forms import Apply, Form, Name, Requirement
from symback.library.clamping import Clamped
from symback.library.limits import DEEPEST, EFFORT
from symback.library.values import Binding, Poison
from symback.networks.network import Finding
from symback.readers import (
    abandoning,
    assigning,
    calling,
    command_line,
    comprehensions,
    effects,
    expressions,
    generators,
    loops,
    memory,
    modules,
    outside,
    recording,
    slots,
    statements,
    updating,
)
from symback.readers.losing import is_lost, refuse_lost
from symback.readers.named_sizes import note
from symback.readers.names import Exhausted, Refused, located
from symback.readers.plain_values import PythonError, plain_truth
from symback.readers.streams import Draws
from symback.readers.syntax import executed, leaves, title
from symback.readers.training_calls import TrainingCall
from symback.readers.values import (
    Array,
    Bound,
    Cell,
    Definition,
    Gradient,
    Helper,
    Instance,
    Leave,
    Optimizer,
    Outside,
    Raised,
    Returned,
    Scope,
    Update,
)
from symback.readers.versions import Versions

_COUNTED: dict[Any, Callable[[int, int], bool]] = {
    "greater": operator.gt,
    "less": operator.lt,
    "greater_equal": operator.ge,
    "less_equal": operator.le,
    "equal": operator.eq,
    "not_equal": operator.ne,
}

Signal = Returned | Leave | None


class Evaluator(Versions):
    """Reads one text; ``bindings`` are all versions of all names in the order they were made."""

    sizes_given: dict[int, dict[str | None, set[int]]]
    """The keys of the names by which axes of new arrays got each length (None: a number), and the lines."""

    def __init__(
        self, values: Mapping[str, Any] | None = None, shapes: Mapping[str, Any] | None = None, seed: int | None = None
    ) -> None:
        super().__init__(values, shapes)
        self.sizes_given = {}
        self.draws = Draws(seed)
        self.updates: list[Update] = []
        self.poisoned: list[tuple[str, int, SymbackError]] = []
        """Names that could not be read: the name, how many versions there were before it, and why."""
        self.calls: list[tuple[str, Any, str | None, int]] = []
        self.backward: tuple[Any, int] | None = None
        self.training_calls: list[TrainingCall] = []
        self.steps: int | None = None
        self.logits: list[tuple[int, Form, str]] = []
        self.clamped: list[Clamped] = []
        self.requirements: list[tuple[Form, tuple[Requirement, ...]]] = []
        """What calls of the tables require of their arguments, by the form of the call."""
        self.library_only: set[str] = set()
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
        self.active: list[Helper] = []
        self.scope = self.globals
        """The names of the function that is being followed."""
        self.homes: dict[str, Cell] = {}
        """The memory in which each parameter lies, by its key."""
        self.labels: list[str] = []
        """What the arrays are called that the calls at hand may change in place."""
        self.handling: list[Raised] = []
        self.stopped: Raised | None = None
        """The exception with which the text ends, where it raises one."""
        self.conditions = 0
        self.trying = 0
        """Bodies of try statements with handlers around the current statement."""
        self.abandoned: dict[int, Any] | None = None
        """Iterators that the statement at hand may have taken items of, while they are given up."""
        self.undecided: list[SymbackError] = []
        """Conditions in a loop of which it is not known whether they end it; right where the loop is followed once."""
        self.in_parts = False
        self.loops = 0
        self.rounds = 0
        self.writes = 0
        """How often a list, a dictionary or an object was changed."""
        self.defining = False
        self._depth = self._effort = 0
        self._remarking = -1

    # --- what the meaning of a library function asks -------------------------------------------------------------------

    @property
    def bits(self) -> int:
        """How many bits a whole number of PyTorch or NumPy has here."""
        return self.origins.bits

    def sized(self, value: Any, length: int) -> None:
        """Remember by which value an axis of a new array got its length."""
        note(self, value, length)

    def want_gradient(self, leaf: Name, wanted: bool) -> None:
        """Do ``x.requires_grad_(wanted)``."""
        recording.want(self, self.bindings[leaf.name], wanted)

    # --- running a text -----------------------------------------------------------------------------------------------

    def run_text(self, tree: ast.Module) -> None:
        """Follow a whole text."""
        self.stopped = None
        self.origins.look(tree)
        for node in tree.body:
            if self.stopped is not None:
                return
            self.fresh_effort()
            try:
                self.run([node], self.globals, whole=True)
            except Raised as error:
                effects.give_up(self, node, error, self.globals)
                self.stopped = error if error.stated else None

    def run_before(self, tree: ast.Module) -> int:
        """Follow a text for what it defines alone: what it trains keeps its first values. Return how many updates it has."""
        before, calls, notes, broken = len(self.updates), len(self.calls), len(self.notes), len(self.poisoned)
        noted = len(self.training_calls)
        self.defining = True
        try:
            self.run_text(tree)
        finally:
            self.defining = False
        count = len(self.updates) - before
        del self.updates[before:], self.calls[calls:], self.notes[notes:], self.poisoned[broken:]
        del self.training_calls[noted:]
        self.backward, self.steps, self.in_parts = None, None, False
        return count

    def run(self, body: Sequence[ast.stmt], scope: Scope, whole: bool = False) -> Signal:
        """Follow statements; a signal ends them early. ``whole`` marks a statement of the text's own level."""
        for position, statement in enumerate(body):
            outer, self.line = self.line, getattr(statement, "lineno", self.line)
            try:
                if isinstance(statement, ast.If) and scope is not self.globals:
                    signal = statements.branch(self, statement, body[position + 1 :], scope)
                    if isinstance(signal, Returned):
                        return signal
                else:
                    signal = self.statement(statement, scope)
            except (Raised, Refused):
                raise
            except PythonError as error:
                message = str(error).removeprefix(f"line {error.line}: ")
                raise Raised(message, error.line, error.kind.__name__, stated=False) from None
            except (SymbackError, RecursionError) as error:
                found = located(error, self.line)
                if isinstance(statement, ast.Return) or (isinstance(error, Exhausted) and not whole):
                    raise found if found is not error else error from None
                self._skip(statement, found, scope)
                signal = None
            finally:
                self.line = outer
            if signal is not None:
                return signal
        return None

    def _skip(self, statement: ast.stmt, error: SymbackError, scope: Scope) -> None:
        """Give up a statement; one that decides how the text goes on cannot be given up alone."""
        self._effort += 4 * sum(1 for _ in executed(statement))
        if self._effort > EFFORT:
            raise Exhausted("this statement takes too many steps to follow", self.line)
        if self.trying:  # a handler may catch what happens here, and the rest of the try not be executed
            raise error
        ends, breaks = leaves(statement)
        if ends or breaks:
            if not self.loops:
                raise error
            self.undecided.append(error)
        effects.give_up(self, statement, error, scope)

    def statement(self, node: ast.stmt, scope: Scope) -> Signal:
        """Follow one statement."""
        method = statements.STATEMENTS.get(type(node))
        if method is None:
            raise ReadError(f"a {title(node)} statement cannot be part of a forward pass", self.line)
        return method(self, node, scope)

    def poison(self, names: Iterable[str], error: SymbackError, scope: Scope, near: tuple[Any, ...] = ()) -> None:
        """Bind names to an error that is raised only where one of them is needed."""
        for name in names:
            target = self._holder_of(name, scope)
            known = target.names.get(name)
            if (
                target.open
                and self.is_override(name)
                and (target is self.globals or not isinstance(known, (Form, Array, Poison)))
            ):
                target.names[name] = self.open_name(name)
                continue
            if isinstance(known, Helper) and not target.open:
                continue
            target.names[name] = Poison(error, near)
            if target.open:
                self.poisoned.append((name, len(self.bindings), error))

    # --- names --------------------------------------------------------------------------------------------------------

    def _holder_of(self, name: str, scope: Scope) -> Scope:
        if name in scope.global_names:
            return self.globals
        if name in scope.outer_names and scope.parent is not None:
            return scope.parent.find(name) or scope
        return scope

    def bind(self, name: str, value: Any, scope: Scope) -> None:
        """Give ``name`` a new version."""
        target = self._holder_of(name, scope)
        if target is not scope:
            self.writes += 1
        if isinstance(value, Outside):
            if target.open and self.is_override(name):
                value = self.open_name(name)
            target.names[name] = value
            return
        target.names[name] = self.named(name, value, target) if target.open else self.held(value)
        if target is self.globals:
            command_line.override_attributes(self, name, target.names[name])

    def assign_object(self, name: str, value: Any, scope: Scope) -> None:
        """Give a function, a class or a plain value its name."""
        self._holder_of(name, scope).names[name] = value

    def named_item(self, key: str, value: Any, scope: Scope) -> Any:
        """Return what an item of a dictionary holds: an array gets the name of its key."""
        if scope.open and key.isidentifier() and not isinstance(value, Outside):
            return self.named(key, value, scope)
        return self.held(value)

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give ``value`` to a target."""
        assigning.assign(self, target, value, scope)

    def assign_item(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        """Do ``holder[key] = value``."""
        assigning.assign_item(self, target, value, scope)

    def bind_target(self, target: ast.expr, item: Any, scope: Scope) -> None:
        """Give the variables of a loop or comprehension their next values."""
        assigning.bind_target(self, target, item, scope)

    def named(self, name: str, value: Any, scope: Scope) -> Any:
        """Return what ``name`` holds after ``name = value`` in an open scope, and remember where a parameter lies."""
        made = super().named(name, value, scope)
        self.settle(made)
        return made

    def held(self, value: Any) -> Any:
        """Return a value as an object that a name, an item or an attribute can hold."""
        made = super().held(value)
        self.settle(made)
        return made

    def settle(self, value: Any) -> None:
        """Remember in which memory a parameter lies."""
        if isinstance(value, Array) and not value.path:
            name = getattr(value.cell.content, "name", None)
            if name is not None:
                self.homes.setdefault(name, value.cell)

    def renewed(
        self, source: Binding, label: str, form: Form, value: Any, inputs: Sequence[Binding], local: bool
    ) -> Form:
        """Return an input that takes the place of another one; the parameter of a layer stays one."""
        if source.key in self.slots:
            shape = tuple(int(s) for s in form.shape)
            return slots.new_parameter(self, shape, None, source.base, source.trainable, value)
        if source.trainable and not source.anonymous:
            label = source.base
        return super().renewed(source, label, form, value, inputs, local)

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
            if isinstance(node, (ast.Yield, ast.YieldFrom)):
                raise ReadError(f"a yield cannot be read here; {generators.ADVICE}", self.line)
            method = expressions.EXPRESSIONS.get(type(node))
            if method is None:
                raise ReadError(f"a {title(node)} cannot be part of a forward pass", self.line)
            mark = recording.fresh() if self.without_gradients else None
            found = method(self, node, scope)
        finally:
            self._depth -= 1
        if isinstance(found, Poison):
            raise found.error
        lost = is_lost(self, found) if self.lost else None
        if lost is not None:
            raise lost
        if mark is not None and self.without_gradients and isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
            return recording.computed(self, node, found, mark)
        return found

    def fresh_effort(self) -> None:
        """Begin to count the steps of a new statement."""
        self._effort = self.rounds = self.looked_at = 0

    def tick(self) -> None:
        """Count one more round of a loop."""
        loops.tick(self)

    def form(self, value: Any) -> Form:
        """Return ``value`` as a Form; lists of numbers become arrays."""
        if isinstance(value, Outside):
            raise outside.refusal(value)
        return super().form(value)

    def truth(self, value: Any) -> bool:
        """Return whether a value counts as true, where that is known from the code."""
        if self.is_array(value):
            form = self.form(value)
            found = self.constant(form, data=False)
            if found is None:
                found = self._compared_counters(form)
            if found is None:
                raise ReadError(
                    "this condition depends on values of the network; it has to be known from the code", self.line
                )
            return bool(found)
        if isinstance(value, Poison):
            raise value.error
        if isinstance(value, Gradient):
            raise ReadError("a gradient decides here", self.line)
        if isinstance(value, Outside):
            raise outside.refusal(value)
        if isinstance(value, Instance):
            return modules.truth(self, value)
        found = plain_truth(value, self.line)
        if found is NotImplemented:
            raise ReadError("whether this object is true cannot be read", self.line)
        return bool(found)

    def _compared_counters(self, form: Form) -> bool | None:
        """Return whether a comparison of counters holds; None where one side is none."""
        if not isinstance(form, Apply) or form.op not in _COUNTED:
            whole = self.whole_number(form)
            return None if whole is None else bool(whole)
        left, right = (self.whole_number(a) for a in form.args)
        return None if left is None or right is None else bool(_COUNTED[form.op](left, right))

    def binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        """Return ``left op right``."""
        return expressions.binary(self, op, left, right)

    def item(self, value: Any, key: Any) -> Any:
        """Return ``value[key]``."""
        return expressions.item(self, value, key)

    def compared(self, op: ast.cmpop, left: Any, right: Any) -> Any:
        """Return ``left op right`` for a comparison."""
        return expressions.compared(self, op, left, right)

    def attribute(self, value: Any, name: str) -> Any:
        """Return ``value.name``."""
        return expressions.attribute(self, value, name)

    def hashable(self, value: Any) -> Any:
        """Return a value as the key of a dictionary or a member of a set."""
        return expressions.hashable(self, value)

    def items_of(self, value: Any) -> Any:
        """Return what a loop runs over as a sequence."""
        if isinstance(value, Outside):
            raise outside.refusal(value)
        if isinstance(value, Definition) and value.members:
            return list(value.members.values())
        return comprehensions.items_of(self, value)

    def items_of_object(self, value: Instance) -> Any:
        """Return what a loop over an object runs over."""
        return modules.items_of(self, value)

    def walk(self, value: Any) -> Iterator[Any]:
        """Return an iterator over an array, a loader or an object."""
        if isinstance(value, Outside):
            raise outside.refusal(value)
        if isinstance(value, Definition) and value.members:
            return iter(list(value.members.values()))
        return comprehensions.walk(self, value)

    def abandon(self, iterator: Any, error: SymbackError) -> None:
        """Give up an iterator, and what the code that it runs may change."""
        abandoning.abandon(self, iterator, error)

    def fingerprint(self, scope: Scope) -> Callable[[], bool]:
        """Return a question: whether everything within reach of a scope is still as it is now."""
        kept = [v for s in dict.fromkeys([*scope.chain(), self.globals]) for v in s.names.values()]
        before = comprehensions.fingerprint(kept)
        recorded = self.without_gradients
        return lambda: comprehensions.fingerprint(kept) == before and self.without_gradients == recorded

    # --- changes in place ---------------------------------------------------------------------------------------------

    def change(self, array: Array, value: Form, label: str = "") -> None:
        """Give an array its new entries in place."""
        memory.change(self, array, value, label if self._shows(array, label) else "")

    def store(self, array: Array, key: Any, value: Form, label: str = "") -> None:
        """Do ``array[key] = value``."""
        memory.store_item(self, array, key, value, label if self._shows(array, label) else "")

    def store_condition(self, array: Array, condition: Form, whole: Form, held: Form, label: str) -> None:
        """Do ``array[condition] = whole[condition]``."""
        memory.store_where(self, array, condition, whole, held, label if self._shows(array, label) else "")

    def _shows(self, array: Array, label: str) -> bool:
        """Return whether a change becomes an equation of its own under the name that the code uses."""
        return bool(label) and (self.scope.open or bool(array.cell.label))

    # --- calls --------------------------------------------------------------------------------------------------------

    def call(self, function: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
        """Return the result of a call."""
        if self.lost and not isinstance(function, (Helper, Bound, Definition)):
            refuse_lost(self, [*args, *keywords.values()])
        if self._remarking == len(self.active) and isinstance(function, Helper):
            return self._remarked(function, args, keywords)
        if self._remarking == len(self.active) and isinstance(function, Bound):
            return modules.call_bound(self, function, args, keywords, opens=True)
        return calling.call(self, function, args, keywords)

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
        return calling.call_helper(self, helper, args, keywords, open_scope=open_scope, passing=passing)

    def remark(self, call: ast.Call, scope: Scope) -> None:
        """Follow a call whose result is only shown: where nothing else is the network, it is."""
        outer, self._remarking = self._remarking, len(self.active)
        try:
            self.value(call, scope)
        finally:
            self._remarking = outer

    def _remarked(self, helper: Helper, args: list[Any], keywords: dict[str, Any]) -> Any:
        if args and isinstance(args[0], Helper) and len(args) > 1 and not keywords:
            helper, args = args[0], args[1:]
        line = self.line
        try:
            returned = self.call_helper(helper, args, keywords, open_scope=True)
        except (SymbackError, RecursionError) as error:
            self.calls.append((helper.name, Poison(located(error, line)), None, line))
            raise
        value = self.form(returned.value) if self.is_array(returned.value) else calling.resolved(self, returned.value)
        self.calls.append((helper.name, value, returned.name, line))
        return returned.value

    def helper(
        self, name: str, arguments: ast.arguments, body: list[ast.stmt] | ast.expr, scope: Scope, line: int
    ) -> Helper:
        """Return a function of the text with its defaults read."""
        return calling.make_helper(self, name, arguments, body, scope, line)

    def decorated(self, made: Any, decorators: Sequence[ast.expr], scope: Scope) -> Any:
        """Return a function or class after its decorators."""
        return statements.decorated(self, made, decorators, scope)

    def is_pass(self, helper: Helper) -> bool:
        """Return whether a function is a forward pass, whose own names belong on the page, and not a small helper."""
        return calling.is_pass(helper)

    def handed_outside(self, path: str, values: Sequence[Any]) -> None:
        """Give up what functions of the text may change that a library which is not executed was given."""
        effects.handed_outside(self, path, values)

    # --- updates ------------------------------------------------------------------------------------------------------

    def is_update(self, leaf: Binding, rest: ast.expr, scope: Scope, subtracts: bool = False) -> bool:
        """Return whether subtracting ``rest`` from a leaf is a step of gradient descent."""
        return updating.is_update(self, leaf, rest, scope, subtracts)

    def gradient_step(self, call: ast.Call, scope: Scope) -> bool:
        """Follow a call that makes gradients or updates; False where it is none."""
        return updating.gradient_step(self, call, scope)

    def trains(self, node: ast.For) -> bool:
        """Return whether a loop over a list may be a training loop: its text calls what trains."""
        return any(isinstance(n, ast.Attribute) and n.attr in ("backward", "step", "zero_grad") for n in ast.walk(node))
