"""Mappings that cannot be changed, and can be pickled and copied like any other data."""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

_Value = TypeVar("_Value")


def frozen(entries: Mapping[str, _Value]) -> Mapping[str, _Value]:
    """Return a read-only view of a mapping's entries."""
    return MappingProxyType(dict(entries))


def _reduced(view: Any) -> Any:
    return frozen, (dict(view),)


copyreg.pickle(MappingProxyType, _reduced)
