"""The tables: every function symback knows, as a row with its definition.

``ROWS`` maps names to rows; ``ALIASES`` maps the names NumPy and PyTorch code uses to rows; ``row_called`` looks in
both. A new row is one call of ``register`` (or one entry in a table of this package); nothing else has to change.
"""

from __future__ import annotations

from symback.core.errors import NetworkError
from symback.core.forms import Function, row_named
from symback.functions.activations import ACTIVATIONS
from symback.functions.arrays import ARRAYS
from symback.functions.losses import LOSSES
from symback.functions.primitives import PRIMITIVES
from symback.functions.special import SPECIAL

ROWS: dict[str, Function] = {}
ALIASES: dict[str, Function] = {}
_changes: list[str] = []


def register(row: Function) -> Function:
    """Add a row to the tables and return it; raises NetworkError where its name is taken."""
    if row.name in ROWS:
        raise NetworkError(f"there is a function called {row.name!r} already")
    ROWS[row.name] = row
    for alias in row.aliases:
        ALIASES[alias] = row
    _changes.append(row.name)
    return row


@row_named.plug
def _row_named(name: str) -> Function:
    return ROWS[name]


def row_called(name: str) -> Function | None:
    """Return the row of a name, or of the bare name of a function of PyTorch; None for an unknown one.

    >>> row_called("log_sigmoid") is row_called("logsigmoid"), row_called("mse_loss"), row_called("sigmod")
    (True, <function mse>, None)
    """
    return ROWS.get(name) or ALIASES.get(name) or ALIASES.get(f"F.{name}") or ALIASES.get(f"torch.{name}")


def unregister(row: Function) -> None:
    """Take a row out of the tables again, with its aliases."""
    if ROWS.get(row.name) is not row:
        raise NetworkError(f"there is no function called {row.name!r} of this definition")
    del ROWS[row.name]
    for alias in [alias for alias, known in ALIASES.items() if known is row]:
        del ALIASES[alias]
    _changes.append(row.name)


def edition() -> int:
    """Return a number that is another one after every change of the tables; what was looked up in them is kept by it."""
    return len(_changes)


for _table in (PRIMITIVES, SPECIAL, ACTIVATIONS, LOSSES, ARRAYS):
    for _entry in _table:
        register(_entry)
