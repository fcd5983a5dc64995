"""Functions known by an equation: an inverse, a determinant, a Cholesky factor have no entrywise formula.

A ``System`` states the equations F(Y, A) = 0 that its outputs Y fulfil. Each output is a ``ImplicitFunction``: it states a
differential, a Form that is linear in dA and says what dY is. The differential is put back into the linearized equations, and
counts only where they hold then. A function without equations in index notation, as a determinant, states its source instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from symback.core.hooks import Hook
from symback.core.nodes import Algebra, Form, Run, numpy_text
from symback.core.shapes import Shape
from symback.core.spelling import ATOM, Spelled, Spelling
from symback.core.walking import walk

Arguments = tuple[Form, ...]


@dataclass(frozen=True, eq=False)
class System:
    """Defining equations of one or several outputs.

    ``equations`` gives, for arguments and outputs, the Forms that are 0. ``drawn`` gives random arguments, as many sets as
    there are shapes worth a proof; where ``symmetric`` is set, the first argument stands for its symmetric part.
    """

    outputs: tuple[str, ...]
    equations: Callable[[Arguments, Arguments], tuple[Form, ...]]
    drawn: Callable[[np.random.Generator], Sequence[tuple[np.ndarray, ...]]]
    symmetric: bool = False


@dataclass(frozen=True, eq=False)
class ImplicitFunction:
    """One output of a system of equations, or a function whose differential is stated with its source.

    ``differential(arguments, output, position, d)`` is a Form linear in ``d``, the differential of the argument at
    ``position``; it may hold other calls of its own arguments, and ``d`` inside none of them. None where the function is
    constant between its jumps. ``value`` computes it with NumPy, and ``numpy`` is how code says that: an expression with
    ``{0}``, ``{1}`` for the arguments, which may call the function named ``helper``, whose source is in the tables.

    >>> from symback.core.nodes import name
    >>> from symback.functions.matrices import MATRIX_FUNCTIONS
    >>> inv = MATRIX_FUNCTIONS["inv"]
    >>> A = name("A", (3, 3))
    >>> inv.differential((A,), inv(A), 0, name("dA", (3, 3)))
    -(np.linalg.inv(A) @ dA @ np.linalg.inv(A))
    """

    name: str
    shape: Callable[..., Shape]
    differential: Callable[[Arguments, Form, int, Form], Form] | None
    value: Callable[..., Any]
    numpy: str
    system: System | None = None
    helper: str = ""
    arguments: tuple[str, ...] = ("A",)
    title: str = ""
    source: str = ""
    latex: tuple[str, str] = ("", "")
    """LaTeX and text of the name under which a page shows a call."""
    notation: str = ""
    """How a call prints where it has a notation of its own, as "inverse" for a power of −1."""
    along: Callable[[Arguments, Form], Form] | None = None
    """The differential where no product of matrices says it: linear in its last argument, for the first one."""
    adjoint: Callable[[Arguments, Form], Form] | None = None
    """The transpose of that differential, applied to an array that comes from above; a test proves it."""
    needs_lengths: bool = False
    """True where the differential depends on the lengths of the axes, as on which of two is smaller."""

    def __call__(self, *arguments: Form) -> Form:
        kind = _OfLengths if self.needs_lengths else Implicit
        return kind._make(arguments, (self,), self.shape(*arguments))

    def __repr__(self) -> str:
        return f"<implicit function {self.name}>"

    def __reduce__(self) -> Any:
        return (_named, (self.name,))


implicit_function_named: Hook[[str], ImplicitFunction] = Hook("implicit_function_named")
"""The matrix function of that name; KeyError for an unknown one."""


def _named(label: str) -> ImplicitFunction:
    return implicit_function_named(label)


class Implicit(Form):
    """The value of a matrix function at its operands: a leaf of index notation, of which an entry has no formula.

    Its operands are ordinary Forms and it has no options, so that it is known by its function and its operands alone: what
    rewrites Forms may treat it as a name, and find equal calls by identity.
    """

    __slots__ = ()

    @property
    def function(self) -> ImplicitFunction:
        found: ImplicitFunction = self.data[0]
        return found

    @property
    def called(self) -> tuple[str, str] | None:
        return None if self.function.notation else self.function.latex

    @property
    def helper(self) -> str:
        return self.function.helper

    def remade(self, args: tuple[Form, ...]) -> Form:
        return self.function(*args)

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        text = self.function.numpy.replace("{np}", s.module)
        for k, (argument, _) in enumerate(args):
            text = text.replace(f"{{{k}}}", argument)
        return text, ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        arrays = [np.asarray(a) for a in args]
        if any(a.dtype == object for a in arrays):
            raise TypeError(f"no formula says the entries of the {self.function.title}")
        return np.asarray(self.function.value(*(a.astype(float) for a in arrays)))

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        return algebra.named(self, at)


class _OfLengths(Implicit):
    """A call whose differential depends on lengths."""

    __slots__ = ()
    needs_lengths = True


@lru_cache(maxsize=4096)
def held_name(form: Implicit) -> str:
    """Return the name under which index notation holds a call: its text with the shapes of what it reads."""
    leaves = ";".join(f"{leaf}:{leaf.shape}" for leaf in walk(form) if not leaf.args)
    return f"§{numpy_text(form, _TELLING)}|{leaves}"


_TELLING = Spelling(adjoint=lambda of: f"∂{of}")
