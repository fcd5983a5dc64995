"""What can be granted about an array: one row per fact, with how it reads, where it holds, and how such an array is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from sympy.assumptions import AppliedPredicate

from symback.core.errors import NetworkError, nearest

_TOLERANCE = 1e-6
"""How far from a fact the entries of a value may be."""


@dataclass(frozen=True, eq=False)
class Fact:
    """One fact about the entries of an array.

    ``says`` is its sentence, ``broken`` what is said of a value without it; ``made(array, axis)`` is an array with the
    fact, made from a random one, ``holds`` says whether a value has it; ``code`` draws one as NumPy. ``matrix`` is
    "square", "tall" (no more columns than rows) or "" where any array can have the fact. ``predicate`` is the name in
    ``sympy.Q``.
    """

    says: str
    broken: str
    made: Callable[[np.ndarray, int], np.ndarray]
    holds: Callable[[np.ndarray, int], bool]
    code: str
    matrix: str = ""
    predicate: str = ""
    symmetric: bool = False
    """True where a matrix with the fact is its own transpose."""
    example: Callable[[np.ndarray, int], np.ndarray] | None = None
    """What stands for ``made`` where an array is wanted to look at: a row of zeros and a one for any that sums to 1."""

    def drawn(self, array: np.ndarray, axis: int) -> np.ndarray:
        """Return an array with the fact, made from a random one, to look at or to start from."""
        return (self.example or self.made)(array, axis)


def _close(a: np.ndarray, b: Any) -> bool:
    return bool(np.allclose(a, b, 0, _TOLERANCE))


def _is_its_transpose(a: np.ndarray, axis: int) -> bool:
    return bool(np.array_equal(a, a.T))


def _shares(a: np.ndarray, axis: int) -> np.ndarray:
    share = np.abs(a)
    return np.asarray(share / share.sum(axis=axis, keepdims=True))


def _one_hot(a: np.ndarray, axis: int) -> np.ndarray:
    rows = np.moveaxis(np.asarray(a), axis, -1)
    return np.asarray(np.moveaxis(np.eye(rows.shape[-1])[rows.argmax(axis=-1)], -1, axis))


def _sums_to_one(a: np.ndarray, axis: int) -> bool:
    return _close(a.sum(axis=axis), 1)


def _orthogonal(a: np.ndarray, axis: int) -> np.ndarray:
    q, r = np.linalg.qr(a)
    return np.asarray(q * np.sign(np.diag(r)))


FACTS: Mapping[str, Fact] = {
    "one-hot": Fact(
        "each {line} of {name} sums to 1",
        "not every {line} sums to 1",
        _shares,
        _sums_to_one,
        "np.eye({classes})[rng.integers(0, {classes}, {rows})]{turned}",
        example=_one_hot,
    ),
    "symmetric": Fact(
        "{name} is symmetric",
        "its value is another matrix than its transpose",
        lambda a, axis: a + a.T,
        _is_its_transpose,
        "(lambda a: a + a.T)(rng.uniform(0.1, 1.0, {shape}))",
        matrix="square",
        predicate="symmetric",
        symmetric=True,
    ),
    "diagonal": Fact(
        "{name} is diagonal",
        "its value is another matrix than its diagonal",
        lambda a, axis: np.diag(np.diag(a)),
        lambda a, axis: bool(np.array_equal(a, np.diag(np.diag(a)))),
        "np.diag(rng.uniform(0.1, 1.0, {shape}[0]))",
        matrix="square",
        predicate="diagonal",
        symmetric=True,
    ),
    "positive definite": Fact(
        "{name} is symmetric and positive definite",
        "its value is not symmetric, or an eigenvalue is not positive",
        lambda a, axis: a @ a.T + np.eye(len(a)),
        lambda a, axis: _is_its_transpose(a, axis) and bool((np.linalg.eigvalsh(a) > 0).all()),
        "(lambda a: a @ a.T + np.eye(len(a)))(rng.uniform(0.1, 1.0, {shape}))",
        matrix="square",
        predicate="positive_definite",
        symmetric=True,
    ),
    "orthogonal": Fact(
        "{name} is orthogonal",
        "its columns are not orthonormal",
        _orthogonal,
        lambda a, axis: _close(a.T @ a, np.eye(a.shape[1])),
        "np.linalg.qr(rng.standard_normal({shape}))[0]",
        matrix="tall",
        predicate="orthogonal",
    ),
    "positive": Fact(
        "{name} is positive",
        "not every entry of its value is positive",
        lambda a, axis: np.abs(a) + 0.1,
        lambda a, axis: bool((a > 0).all()),
        "rng.uniform(0.1, 1.0, {shape})",
        predicate="positive",
    ),
}
"""What ``net.assume`` grants, by name."""


def made_true(facts: Sequence[tuple[str, int]], array: np.ndarray) -> np.ndarray | None:
    """Return an array for which facts, given with their axes, hold together, made from a random one; None without success.

    >>> made_true([("positive", -1), ("symmetric", -1)], np.array([[1.0, -2.0], [0.5, 3.0]]))
    array([[2.2, 2.7],
           [2.7, 6.2]])
    """
    for kind, axis in sorted(facts, key=lambda fact: fact[0] != "positive"):
        array = np.asarray(FACTS[kind].made(array, axis))
    return array if all(FACTS[kind].holds(array, axis) for kind, axis in facts) else None


ALIASES: Mapping[str, str] = {"probabilities": "one-hot"}
"""Other names of facts: what is used of one-hot rows is that they sum to 1, and so do probabilities."""

SYMMETRIC = tuple(kind for kind, fact in FACTS.items() if fact.symmetric)
"""Facts by which a matrix is its own transpose."""


def kind_of(text: str) -> str:
    """Return the fact of this name; blanks may be dashes.

    >>> kind_of("positive-definite")
    'positive definite'

    Raises NetworkError for another name.
    """
    names = (*FACTS, *ALIASES)
    found = next((name for name in names if name.replace(" ", "-") == str(text).replace(" ", "-")), None)
    if found is None:
        raise NetworkError(
            f"{text!r} is not an assumption{nearest(str(text), names)}; the known ones are {', '.join(map(repr, names))}"
        )
    return ALIASES.get(found, found)


def granted(assumption: Any) -> Iterator[tuple[str, Any]]:
    """Yield the facts of a predicate of SymPy, or of several joined by ``&``, each with what it is about.

    >>> x, P = sp.Symbol("x"), sp.MatrixSymbol("P", 2, 2)
    >>> list(granted(sp.Q.positive(x) & sp.Q.symmetric(P))) == [("positive", x), ("symmetric", P)]
    True

    Raises NetworkError for another predicate.
    """
    if isinstance(assumption, sp.And):
        for part in sorted(assumption.args, key=str):
            yield from granted(part)
        return
    known = {fact.predicate: kind for kind, fact in FACTS.items() if fact.predicate}
    label = str(getattr(assumption.function, "name", "")) if isinstance(assumption, AppliedPredicate) else ""
    if label not in known:
        names = ", ".join(f"Q.{name}" for name in known)
        raise NetworkError(f"{assumption} is not an assumption that is used here; the known ones are {names}")
    for of in assumption.arguments:
        yield known[label], of
