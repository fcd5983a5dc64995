"""The errors that symback raises on purpose; each carries one clear message."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SymbackError(Exception):
    """Base of every error raised on purpose; its text is one sentence for the person who asked.

    >>> import symback as sb
    >>> try:
    ...     sb.optimizer("adamm")
    ... except sb.SymbackError as error:
    ...     print(str(error).partition(";")[0])
    there is no optimizer called 'adamm' (did you mean 'adam'?)
    """


class ShapeError(SymbackError):
    """Two shapes do not fit together.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> try:
    ...     net.input("x", ("n", 3)) @ net.parameter("W", (4, 3))
    ... except sb.ShapeError as error:
    ...     print(error)
    in x @ W: shapes (n, 3) and (4, 3) do not fit (3 against 4); the transpose of the second operand would fit
    """


class ReadError(SymbackError):
    """Source text cannot be read as a forward pass.

    ``line`` is the 1-based line of the text, or of the notebook's ``cell``; None where no line is to blame.

    >>> import symback as sb
    >>> try:
    ...     sb.parse("w = 2.0\\nloss = mystery(w)")
    ... except sb.ReadError as error:
    ...     print(error.line)
    2
    """

    def __init__(self, message: str, line: int | None = None, cell: int | None = None) -> None:
        self.line = line
        self.cell = cell
        where = "" if cell is None else f"cell {cell}, "
        super().__init__(message if line is None else f"{where}line {line}: {message}")


class NetworkError(SymbackError):
    """Equations do not form a network: a name is unknown, defined twice, or there is no loss.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> x = net.input("x")
    >>> try:
    ...     net.input("x")
    ... except sb.NetworkError as error:
    ...     print(type(error).__name__)
    NetworkError
    """


class DerivationError(SymbackError):
    """A derivative, its matrix notation, or code for it cannot be found.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> L = net.define("L", net.parameter("w") ** 2)
    >>> try:
    ...     sb.derive(net).code(target="nunpy")
    ... except sb.DerivationError as error:
    ...     print(str(error).partition(";")[0])
    there is no target called 'nunpy' (did you mean 'numpy'?)
    """


class PrintError(SymbackError):
    """Something cannot be printed in the notation asked for.

    >>> import symback as sb
    >>> try:
    ...     sb.table("activations", ["sigmod"])
    ... except sb.PrintError as error:
    ...     print(type(error).__name__)
    PrintError
    """


class ValueProblem(SymbackError):
    """Values are missing, unknown, of the wrong shape, or outside what a formula allows.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> L = net.define("L", net.parameter("w") * net.input("x"))
    >>> try:
    ...     sb.derive(net).evaluate({"w": 2.0})
    ... except sb.ValueProblem as error:
    ...     print(error)
    a value is missing for x ()
    """


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the known word closest to ``word``, else an empty string."""
    names = sorted(known)
    same = [name for name in names if name.lower() == word.lower()]
    found = same or difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f" (did you mean {found[0]!r}?)" if found else ""
