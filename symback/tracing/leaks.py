"""Values that left the log and may have come back as plain numbers: looked for in the part of the log that the loss needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.tracing.instrument import Text
from symback.tracing.log import Leak, Log, Node, operands
from symback.tracing.lowering import Lowering, base_of

_NEAR = 3
"""How many lines a number may stand from the line of the operation that reads it: a statement has several."""


def check(log: Log, lowering: Lowering, loss: Node, texts: Mapping[str, Text], granted: Collection[str] = ()) -> None:
    """Refuse a loss that reads numbers which may depend on a parameter by a way that is not recorded.

    Only values that depend on a parameter count as having left, and only what came afterwards counts as having come back:
    leaves that no line states and plain numbers. ``granted`` are names that are data whatever they look like.
    """
    reached = _reached(log, lowering.parameters, loss.number)
    leaks = [k for k in log.leaks if k.moment <= loss.number and any(n in reached for n in k.nodes)]
    values = [k for k in leaks if not k.text]
    first = min((k.moment for k in values), default=None)
    earliest = min((n.number for n in reached if n not in lowering.parameters), default=None)
    for node in lowering.needed:
        if node in lowering.parameters:
            continue
        name = base_of(node)
        if name and name in granted:
            continue
        if node.path == "text" and earliest is not None and node.number > earliest:
            raise _refused(node, name or "a number read from a text", leaks[0] if leaks else None)
        if first is None or node.number < first:
            continue
        leak = next(k for k in values if k.moment == first)
        if node.run is None and not node.fixed and node.kind == "f":
            raise _refused(node, name or "a number or an array", leak)
        if node.run is not None:
            for value in _plain_numbers((node.args, node.options)):
                if not _is_stated(value, node, texts):
                    raise _refused(node, f"the number {value:.6g}", leak)


def _reached(log: Log, parameters: Iterable[Node], until: int) -> set[Node]:
    """Return every entry up to the loss that depends on a parameter."""
    found = set(parameters)
    for node in log.nodes[: until + 1]:
        if node not in found and any(o in found for o in operands(node)):
            found.add(node)
    return found


def _plain_numbers(value: Any) -> Iterable[float]:
    if isinstance(value, (float, np.floating)):
        yield float(value)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _plain_numbers(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _plain_numbers(item)


def _is_stated(value: float, node: Node, texts: Mapping[str, Text]) -> bool:
    text = texts.get(node.site.file)
    if text is None or value in (0.0, 1.0, -1.0):
        return value in (0.0, 1.0, -1.0)
    lines = range(node.site.line - _NEAR, node.site.line + _NEAR + 1)
    return any(abs(value) in text.constants.get(k, ()) for k in lines)


def _refused(node: Node, what: str, leak: Leak | None) -> ReadError:
    where = f"what depends on a parameter was given to {leak.what} on line {leak.site.line}, " if leak else ""
    return ReadError(
        f"{where or 'a text was read after the parameters were used, '}and {what} may have come back from it as a plain number, "
        "through which no gradient would pass; say that it is data with data= (--data NAME), or have it checked by a second "
        "run (--verify)",
        node.site.line or None,
    )
