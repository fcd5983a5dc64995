"""What the meaning of a call asks of the reader that follows the text: the protocol between operations and evaluator."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from symback.core.forms import Form, Name, Requirement, Shape
from symback.networks.network import Finding
from symback.readers.values import (
    Binding,
    Definition,
    Helper,
    Instance,
    Leave,
    Optimizer,
    Returned,
    Rows,
    Scope,
    Update,
)


class Reader(Protocol):
    """A text that is being read: its names and notes, and how a value of the text becomes a Form or a number."""

    line: int
    values: dict[str, Any]
    shapes: dict[str, Shape]
    overridden: set[str]
    generator: np.random.Generator | None
    bindings: dict[str, Binding]
    updates: list[Update]
    notes: list[str]
    logits: list[tuple[int, Form, str]]
    requirements: list[tuple[Form, tuple[Requirement, ...]]]
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

    def run(self, body: Sequence[ast.stmt], scope: Scope, whole: bool = False) -> Returned | Leave | None:
        """Follow statements; a signal ends them early."""

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression stands for."""

    def form(self, value: Any) -> Form:
        """Return ``value`` as a Form; lists of numbers become arrays."""

    def made(self, form: Form) -> Form:
        """Return ``form`` after checking that it is not absurdly large when written out."""

    def step(self, form: Form) -> Form:
        """Return the result of a layer; a large one becomes a step of its own."""

    def constant(self, value: Any, data: bool = True) -> Any:
        """Return the plain number, or other constant, that ``value`` is known to be, else None."""

    def known(self, form: Form) -> Any:
        """Return the value of a Form over leaves whose values are known, else None."""

    def integer(self, value: Any, what: str) -> int:
        """Return a whole number that the code fixes."""

    def is_literal(self, form: Form) -> bool:
        """Return whether the Form holds no named array."""

    def is_torch(self, form: Form) -> bool:
        """Return whether an array comes from PyTorch."""

    def shape_value(self, form: Form) -> tuple[Any, ...]:
        """Return a shape as the code sees it: counts, or symbolic sizes as Forms."""

    def count_value(self, form: Form) -> Any:
        """Return the number of elements as the code sees it."""

    def items_of(self, value: Any) -> Any:
        """Return what a loop runs over as a sequence."""

    def numbered(self, array: Form) -> Rows:
        """Return ``enumerate(array)``."""

    def zipped(self, arguments: Sequence[Any]) -> Rows:
        """Return ``zip(...)``."""

    def new_key(self, base: str) -> str:
        """Return the key of a new version of a name."""

    def named(self, name: str, value: Any, scope: Scope) -> Any:
        """Return what ``name`` holds after ``name = value`` in an open scope."""

    def leaf(self, name: str, line: int | None, value: Any = None, shape: Shape | None = None, **more: Any) -> Name:
        """Make an input."""

    def literal(self, array: Any, *, shape: Shape | None = None, **more: Any) -> Name:
        """Make an array that stands inside a formula without a name."""

    def equation(self, name: str, form: Form, *, local: bool = False, **more: Any) -> Name:
        """Make a new version of ``name`` with an equation."""

    def detached(self, form: Form) -> Form:
        """Return a copy of ``form`` that gradients do not pass."""

    def call(self, function: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
        """Return the result of a call."""

    def helper(
        self, name: str, arguments: ast.arguments, body: list[ast.stmt] | ast.expr, scope: Scope, line: int
    ) -> Helper:
        """Return a function of the text with its defaults read."""

    def is_pass(self, helper: Helper) -> bool:
        """Return whether a function is a forward pass, whose own names belong on the page, and not a small helper."""

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
