"""Values that left the log and may have come back as plain numbers: looked for in the part of the log that the loss needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from symback.core.errors import ReadError
from symback.library.name_words import is_parameter_name
from symback.tracer.choice import Choice
from symback.tracer.instrument import Text
from symback.tracer.log import Leak, Log, Node
from symback.tracer.lowering import Lowering
from symback.tracer.sliced import base_of
from symback.tracer.stated import SIMPLE, WRITTEN, is_stated
from symback.tracer.steps import depending


def check(
    log: Log, lowering: Lowering, choice: Choice, texts: Mapping[str, Text], granted: Collection[str] = ()
) -> None:
    """Refuse a loss that reads numbers which may depend on a parameter by a way that is not recorded.

    Only what came after the first number that depends on a parameter can: leaves that no line states, of a library or read
    from a text, and plain numbers that follow from nothing stated. ``granted`` are names that are data whatever they look like.
    What is only spelled as a parameter, neither updated nor asked for, is no better known than other leaves; then other things
    that are so spelled may be what left.
    """
    loss = choice.loss
    parameters = lowering.parameters & set(choice.parameters)
    known = parameters if choice.is_certain else set()
    reached = parameters | depending(log.nodes[: loss.number + 1], parameters)
    suspects = reached if choice.is_certain else reached | _spelled(log, loss)
    leaks = [k for k in log.leaks if k.moment <= loss.number and any(n in suspects for n in k.nodes)]
    moments = [*(n.number for n in reached if n not in parameters), *(k.moment for k in leaks)]
    first = min(moments, default=loss.number)
    for node in lowering.needed:
        if node in known or node.number < first or (node.name and base_of(node) in granted):
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


def _spelled(log: Log, loss: Node) -> set[Node]:
    """Return what is spelled as a parameter before the loss, and what depends on it."""
    named = {n for nodes in log.named.values() for n in nodes if n.number <= loss.number and n.kind == "f"}
    found = {n for n in named if is_parameter_name(base_of(n), array=bool(n.shape))}
    return found | depending(log.nodes[: loss.number + 1], found)


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
