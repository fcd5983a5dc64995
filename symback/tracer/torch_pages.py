"""The network on which builders of layers write an operation of a log: their equations are parts of its formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symback.core.forms import Form, names_in
from symback.networks.network import Network
from symback.tracer.formulas import Formulas


class Page(Network):
    """A network for the builders of layers: parameters are those of the call, equations are parts of its formula."""

    def __init__(self, lowering: Formulas, own: Mapping[str, Form | None]) -> None:
        super().__init__()
        self.lowering = lowering
        self.own = own

    def parameter(self, label: str, shape: Any = None, value: Any = None) -> Any:
        """Return the operand that the builder calls ``label``."""
        return self.own[label]

    def input(self, label: str, shape: Any = None, value: Any = None, *, integer: bool = False) -> Any:
        """Return a constant of the layer."""
        return self.lowering.literal(value)

    def define(self, label: str, form: Any, *, line: int | None = None) -> Any:
        """Make ``label = form`` a part of the formula."""
        return self.lowering.equation(label, form, local=True) if names_in(form) else form

    def __contains__(self, label: object) -> bool:
        return False
