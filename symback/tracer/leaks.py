"""Values that left the log and may have come back as plain numbers: looked for in the part of the log that the loss needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.tracer.instrument import Text
from symback.tracer.log import Leak, Log, Node
from symback.tracer.lowering import Lowering
from symback.tracer.sliced import base_of
from symback.tracer.stated import SIMPLE, WRITTEN, is_stated
from symback.tracer.steps import depending


def check(log: Log, lowering: Lowering, loss: Node, texts: Mapping[str, Text], granted: Collection[str] = ()) -> None:
    """Refuse a loss that reads numbers which may depend on a parameter by a way that is not recorded.

    Only what came after the first number that depends on a parameter can: leaves that no line states, of a library or read
    from a text, and plain numbers that follow from nothing stated. ``granted`` are names that are data whatever they look like.
    """
    reached = lowering.parameters | depending(log.nodes[: loss.number + 1], lowering.parameters)
    leaks = [k for k in log.leaks if k.moment <= loss.number and any(n in reached for n in k.nodes)]
    moments = [*(n.number for n in reached if n not in lowering.parameters), *(k.moment for k in leaks)]
    first = min(moments, default=loss.number)
    for node in lowering.needed:
        if node in lowering.parameters or node.number < first or (node.name and base_of(node) in granted):
            continue
        before = [k for k in leaks if k.moment <= node.number]
        leak = before[-1] if before else None
        wanted = WRITTEN if leak else SIMPLE
        if node.run is None:
            if node.fixed < wanted and node.kind == "f":
                raise _refused(node, base_of(node), leak)
            continue
        for value in _plain_numbers((node.args, node.options)):
            if is_stated(value, node.site, texts) < wanted:
                raise _refused(node, f"{value:.6g}", leak)


def _plain_numbers(value: Any) -> Iterable[float]:
    if isinstance(value, (float, np.floating)):
        yield float(value)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _plain_numbers(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _plain_numbers(item)


def _refused(node: Node, name: str, leak: Leak | None) -> ReadError:
    what = f"{name} is" if name else "numbers are read here that are"
    where = f"; what depends on one was given to {leak.what} on line {leak.site.line}" if leak else ""
    return ReadError(
        f"{what} not computed by anything that is recorded, and may depend on a parameter{where}. Say that it is data by "
        "data= (--data NAME), or have it checked by a second run (--verify)",
        node.site.line or None,
    )
