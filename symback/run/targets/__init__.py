"""Targets: the languages code is generated in, one file each, which ends in its ``TARGET``.

The files of this folder are the registry: the name of a file is the name of its target, and a target is loaded when it
is used.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING

from symback.core.errors import DerivationError, nearest

if TYPE_CHECKING:
    from symback.run.codegen.target import Target

USUAL = ("python", "numpy")
"""What is tried, in this order, where no target is asked for."""


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of all targets.

    >>> names()
    ('numpy', 'python')
    """
    return tuple(sorted(found.name for found in pkgutil.iter_modules(__path__)))


@functools.cache
def target(name: str) -> Target:
    """Return a target by its name; raises DerivationError where there is none.

    >>> target("numpy").title
    'arrays of NumPy'
    """
    if name not in names():
        raise DerivationError(
            f"there is no target called {name!r}{nearest(name, names())}; known: {', '.join(names())}"
        )
    found: Target = importlib.import_module(f"{__name__}.{name}").TARGET
    return found
