"""Functions of arrays of which nothing is known: L = f(Z) is one number, and its derivative is the array ∇f(Z)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from symback.core.errors import DerivationError, ValueProblem
from symback.core.forms import Form, reduce_over
from symback.core.implicit import Arguments, ImplicitFunction


@dataclass(frozen=True, eq=False)
class UnknownFunction(ImplicitFunction):
    """A function of arrays without a formula, or its gradient in one of them: a shape, and no values."""

    of: str = ""
    """The name of f, also where this is its gradient."""
    position: int | None = None
    """The argument that this is the gradient in; None for f itself."""

    def __reduce__(self) -> Any:
        if self.position is None:
            return (unknown_function, (self.of, len(self.arguments)))
        return (gradient_function, (self.of, len(self.arguments), self.position))


@lru_cache(maxsize=1024)
def unknown_function(name: str, arity: int) -> UnknownFunction:
    """Return f, whose value is one number: df = Σ ∇f(Z) ⊙ dZ, a sum over its arguments.

    >>> from symback.core.nodes import name
    >>> f = unknown_function("f", 1)
    >>> Z = name("Z", (2, 3))
    >>> f(Z), f.differential((Z,), f(Z), 0, name("dZ", (2, 3)))
    (f(Z), (gradient_of_f(Z) * dZ).sum())

    Its gradient has no name for a derivative of its own: a second one raises DerivationError. Neither has a value:
    evaluating one raises ValueProblem.
    """

    def differential(arguments: Arguments, out: Form, position: int, d: Form) -> Form:
        product = gradient_function(name, arity, position)(*arguments) * d
        return reduce_over("sum", product) if product.shape else product

    return UnknownFunction(
        name, lambda *arguments: (), differential, _without_value(name), _spelled(name, arity), **_common(name, arity)
    )


@lru_cache(maxsize=1024)
def gradient_function(name: str, arity: int, position: int) -> UnknownFunction:
    """Return ∇f, the gradient of an unknown function in its argument at ``position``: it has the shape of that argument."""

    def differential(arguments: Arguments, out: Form, at: int, d: Form) -> NoReturn:
        raise DerivationError(f"{name} is an unknown function of arrays; its second derivative has no name here")

    label = f"gradient_of_{name}" if arity == 1 else f"gradient_{position}_of_{name}"
    return UnknownFunction(
        label,
        lambda *arguments: arguments[position].shape,
        differential,
        _without_value(name),
        _spelled(label, arity),
        **_common(name, arity),
        position=position,
    )


def _common(name: str, arity: int) -> dict[str, Any]:
    return {"arguments": tuple(f"A{k}" for k in range(arity)), "title": f"unknown function {name}", "of": name}


def _spelled(label: str, arity: int) -> str:
    return f"{label}({', '.join(f'{{{k}}}' for k in range(arity))})"


def _without_value(name: str) -> Any:
    def value(*arrays: Any) -> NoReturn:
        raise ValueProblem(without_value(name))

    return value


def without_value(name: str) -> str:
    """Return why nothing that holds an unknown function can run, and what does."""
    return (
        f"{name} is an unknown function of arrays, so it has no values; "
        "derive(net, upstream={'Z': 'G'}) takes the gradient in its argument as an array of its own"
    )
