"""The derivation as data: the reverse sweep over a network in named form, one Step per variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symback.forms import Form, Shape
from symback.network import Assumption, NamedNetwork


@dataclass(frozen=True, eq=False)
class Contribution:
    """What one equation that reads a variable adds to its adjoint.

    ``through`` is the equation's left side, ``upstream`` its adjoint (the number 1 for the loss itself),
    ``local`` the local derivative ∂through/∂of as a Form where it is entrywise (always in a scalar network), else
    None; ``form`` is the contribution, upstream applied to the local derivative. ``collapsed`` names the outputs that
    a collapse steps over: ``("y_hat",)`` in ∂L/∂z through ŷ.
    """

    through: str
    of: str
    upstream: Form
    local: Form | None
    form: Form
    collapsed: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, eq=False)
class Step:
    """∂L/∂(of): the sum of its contributions.

    ``form`` is what runs; its leaves are names and adjoints of variables nearer the loss. ``literal`` holds the
    contributions without any collapse (equal to ``contributions`` where none happened). ``needed`` is False for a
    step that the page shows but the collapsed code does not run.
    """

    of: str
    shape: Shape
    form: Form
    contributions: tuple[Contribution, ...]
    literal: tuple[Contribution, ...]
    rules: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    needed: bool = True

    @property
    def through(self) -> tuple[str, ...]:
        """The equations that read this variable."""
        return tuple(c.through for c in self.contributions)

    @property
    def local(self) -> tuple[Form | None, ...]:
        """The local derivative along each contribution."""
        return tuple(c.local for c in self.contributions)


@dataclass(frozen=True, eq=False)
class Record:
    """A whole derivation: the network, and the steps in the order they are computed (from the loss inwards)."""

    network: NamedNetwork
    steps: tuple[Step, ...]
    wrt: tuple[str, ...]
    collapse: bool

    def by_name(self) -> Mapping[str, Step]:
        """Return the steps by the variable they are of."""
        return {s.of: s for s in self.steps}
