"""What the parts of the reader ask of each other: the protocol between them and the evaluator."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from symback.core.errors import SymbackError
from symback.core.forms import Form, Name, Shape
from symback.library.contract import Caller
from symback.library.values import Binding, Poison
from symback.networks.network import Finding
from symback.readers.origins import Origins
from symback.readers.streams import Draws
from symback.readers.values import (
    Array,
    Cell,
    Definition,
    Helper,
    Instance,
    Leave,
    Optimizer,
    Raised,
    Returned,
    Scope,
    Update,
)


class Reader(Caller, Protocol):
    """A text that is being read: its names and notes, and how a value of the text becomes a Form or a number."""

    values: dict[str, Any]
    shapes: dict[str, Shape]
    overridden: set[str]
    draws: Draws
    bindings: dict[str, Binding]
    updates: list[Update]
    notes: list[str]
    instances: list[Instance]
    slots: dict[str, int]
    layers: dict[str, int]
    cell_steps: dict[Instance, int]
    frames: list[tuple[Any, Definition]]
    time_loops: int
    optimizers: list[Optimizer]
    schedules: dict[Optimizer, dict[str, Any]]
    clips: dict[str, float]
    clip_problems: list[Finding]
    schedule_problems: list[Finding]
    poisoned: list[tuple[str, int, SymbackError]]
    read_as_numbers: dict[str, str]
    sizes_given: dict[int, dict[str | None, set[int]]]
    calls: list[tuple[str, Any, str | None, int]]
    backward: tuple[Any, int] | None
    training_calls: list[Any]
    origins: Origins
    steps: int | None
    library_only: set[str]
    active: list[Helper]
    scope: Scope
    globals: Scope
    homes: dict[str, Cell]
    labels: list[str]
    handling: list[Raised]
    journal: list[tuple[Cell, Form | Poison, int]] | None
    conditions: int
    abandoned: dict[int, Any] | None
    lost: dict[int, tuple[Any, SymbackError]]
    altered: dict[int, tuple[Any, SymbackError]]
    shapes_of_code: dict[int, Any]
    undecided: list[SymbackError]
    without_gradients: int
    lost_recording: SymbackError | None
    wishes: Any
    rows_alone: int
    rows_born: int
    in_parts: bool
    loops: int
    rounds: int
    writes: int
    defining: bool

    def run(self, body: Sequence[ast.stmt], scope: Scope, whole: bool = False) -> Returned | Leave | None:
        """Follow statements; a signal ends them early."""

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression stands for."""

    def step(self, form: Form) -> Form:
        """Return the result of a layer; a large one becomes a step of its own."""

    def walk(self, value: Any) -> Iterator[Any]:
        """Return an iterator over an array, a loader or an object."""

    def abandon(self, iterator: Any, error: SymbackError) -> None:
        """Give up an iterator, and what the code that it runs may change."""

    def new_key(self, base: str) -> str:
        """Return the key of a new version of a name."""

    def named(self, name: str, value: Any, scope: Scope) -> Any:
        """Return what ``name`` holds after ``name = value`` in an open scope."""

    def leaf(self, name: str, line: int | None, value: Any = None, shape: Shape | None = None, **more: Any) -> Name:
        """Make an input."""

    def held(self, value: Any) -> Any:
        """Return a value as an object that a name, an item or an attribute can hold: an array gets memory of its own."""

    def settle(self, value: Any) -> None:
        """Remember in which memory a parameter lies."""

    def list_item(self, name: str, position: int, item: Any, scope: Scope) -> Any:
        """Return what a list holds at a position."""

    def named_item(self, key: str, value: Any, scope: Scope) -> Any:
        """Return what an item of a dictionary holds."""

    def open_name(self, name: str) -> Any:
        """Return what a name holds that the text leaves open and the caller describes."""

    def is_override(self, name: str) -> bool:
        """Return whether the caller gives a name its value or shape."""

    def version(self, cell: Cell, form: Form, label: str) -> Form:
        """Return the next content of a cell that is called ``label``."""

    def remember(self, cell: Cell) -> None:
        """Keep what a cell holds before it is changed, where the change may have to be taken back."""

    def copied(self, form: Form) -> Form:
        """Return a copy of an array: the same values, in memory of its own."""

    def plain(self, value: Any) -> Any:
        """Return the number that a scalar formula over known numbers is, with Python's own type; else the value itself."""

    def whole_number(self, value: Any) -> int | None:
        """Return the whole number that a counter has come to; None for any other value."""

    def truth(self, value: Any) -> bool:
        """Return whether a value counts as true, where that is known from the code."""

    def binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        """Return ``left op right``."""

    def item(self, value: Any, key: Any) -> Any:
        """Return ``value[key]``."""

    def compared(self, op: ast.cmpop, left: Any, right: Any) -> Any:
        """Return ``left op right`` for a comparison."""

    def attribute(self, value: Any, name: str) -> Any:
        """Return ``value.name``."""

    def hashable(self, value: Any) -> Any:
        """Return a value as the key of a dictionary or a member of a set."""

    def items_of_object(self, value: Instance) -> Any:
        """Return what a loop over an object runs over."""

    def fingerprint(self, scope: Scope) -> Callable[[], bool]:
        """Return a question: whether everything within reach of a scope is still as it is now."""

    def bind(self, name: str, value: Any, scope: Scope) -> None:
        """Give ``name`` a new version."""

    def assign_object(self, name: str, value: Any, scope: Scope) -> None:
        """Give a function, a class or a plain value its name."""

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give ``value`` to a target."""

    def assign_item(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        """Do ``holder[key] = value``."""

    def bind_target(self, target: ast.expr, item: Any, scope: Scope) -> None:
        """Give the variables of a loop or comprehension their next values."""

    def change(self, array: Array, value: Form, label: str = "") -> None:
        """Give an array its new entries in place."""

    def store(self, array: Array, key: Any, value: Form, label: str = "") -> None:
        """Do ``array[key] = value``."""

    def store_condition(self, array: Array, condition: Form, whole: Form, held: Form, label: str) -> None:
        """Do ``array[condition] = whole[condition]``."""

    def poison(self, names: Iterable[str], error: SymbackError, scope: Scope, near: tuple[Any, ...] = ()) -> None:
        """Bind names to an error that is raised only where one of them is needed."""

    def remark(self, call: ast.Call, scope: Scope) -> None:
        """Follow a call whose result is only shown."""

    def is_update(self, leaf: Binding, rest: ast.expr, scope: Scope, subtracts: bool = False) -> bool:
        """Return whether subtracting ``rest`` from a leaf is a step of gradient descent."""

    def gradient_step(self, call: ast.Call, scope: Scope) -> bool:
        """Follow a call that makes gradients or updates; False where it is none."""

    def trains(self, node: ast.For) -> bool:
        """Return whether a loop over a list may be a training loop."""

    def tick(self) -> None:
        """Count one more round of a loop."""

    def call(self, function: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
        """Return the result of a call."""

    def helper(
        self, name: str, arguments: ast.arguments, body: list[ast.stmt] | ast.expr, scope: Scope, line: int
    ) -> Helper:
        """Return a function of the text with its defaults read."""

    def decorated(self, made: Any, decorators: Sequence[ast.expr], scope: Scope) -> Any:
        """Return a function or class after its decorators."""

    def is_pass(self, helper: Helper) -> bool:
        """Return whether a function is a forward pass, whose own names belong on the page, and not a small helper."""

    def handed_outside(self, path: str, values: Sequence[Any]) -> None:
        """Give up what functions of the text may change that a library which is not executed was given."""

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
