"""The tables: every function symback knows, as a row with its definition.

``ROWS`` maps names to rows; ``ALIASES`` maps the names NumPy and PyTorch code uses to rows. A new row is one call
of ``register`` (or one entry in a table of this package); nothing else has to change.
"""

from __future__ import annotations

from symback.errors import NetworkError
from symback.forms import Function
from symback.functions.activations import ACTIVATIONS
from symback.functions.arrays import ARRAYS
from symback.functions.losses import LOSSES
from symback.functions.primitives import PRIMITIVES

ROWS: dict[str, Function] = {}
ALIASES: dict[str, Function] = {}


def register(row: Function) -> Function:
    """Add a row to the tables and return it; raises NetworkError where its name is taken."""
    if row.name in ROWS:
        raise NetworkError(f"there is a function called {row.name!r} already")
    ROWS[row.name] = row
    for alias in row.aliases:
        ALIASES[alias] = row
    return row


for _table in (PRIMITIVES, ACTIVATIONS, LOSSES, ARRAYS):
    for _entry in _table:
        register(_entry)
