"""What a text draws at random: which library a call draws from, and what the reader tells of what it did not follow.

``symback.readers.streams`` holds the generators; each library's functions have a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from symback.core.errors import ReadError
from symback.core.forms import Form
from symback.networks.network import list_names
from symback.readers import numpy_random, python_random, torch_random
from symback.readers.asking import Reader
from symback.readers.streams import PYTHON, TORCH, Draws, Stream
from symback.readers.torch_random import FILLINGS, fill_layer, noticed

__all__ = [
    "Draws",
    "Stream",
    "call",
    "call_method",
    "changed",
    "fill_layer",
    "is_filling",
    "is_random",
    "lose",
    "noticed",
]


def is_random(path: str) -> bool:
    """Return whether a function of a library draws, seeds, or fills an array at random."""
    module = path.rpartition(".")[0]
    return module in ("numpy.random", "random") or torch_random.is_random(path)


def call(reader: Reader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a random function by its full path."""
    module, _, name = path.rpartition(".")
    if module == "numpy.random":
        return numpy_random.call(reader, name, args, keywords)
    if module == "random":
        return python_random.call(reader, name, args, keywords)
    return torch_random.call(reader, path, args, keywords)


def call_method(reader: Reader, stream: Stream, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the result of a method of a generator."""
    if stream.kind == PYTHON:
        return python_random.method(reader, stream, name, args, keywords)
    if stream.kind == TORCH:
        return torch_random.method(reader, stream, name, args, keywords)
    return numpy_random.method(reader, stream, name, args, keywords)


def is_stated(path: str) -> bool:
    """Return whether a function changes a generator, or what one draws, rather than an array of the text."""
    return is_random(path) and not path.startswith("torch.nn.init.")


def is_filling(name: str) -> bool:
    """Return whether a method of an array fills it at random."""
    return name in FILLINGS


def is_reordering(path: str) -> bool:
    """Return whether a function changes the order of its array or list in place."""
    return path in ("numpy.random.shuffle", "random.shuffle")


def changed(reader: Reader, path: str, holder: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return what a random function that works in place makes of its array or list; nothing itself is changed.

    ``holder`` is the generator or the array whose method is called, else None: ``rng.shuffle(x)``, ``W.normal_()``.
    """
    name = path.rpartition(".")[2]
    if isinstance(holder, Stream):
        return call_method(reader, holder, name, args, keywords)
    if isinstance(holder, Form):
        return torch_random.filled(reader, name, holder, args, keywords)
    if not is_random(path):
        raise ReadError(f"{path} does not draw", reader.line)
    return call(reader, path, args, keywords)


def lose(reader: Reader, line: int, why: str, streams: Iterable[Stream] | None = None) -> None:
    """Forget the state of generators, all or some, after something on a line that may have drawn and was not followed."""
    reader.draws.lose(f"{why} (line {line})", streams)


def sentences(reader: Reader, lines: Mapping[str, int | None]) -> list[str]:
    """Return why numbers are not those that the text draws, for names by the lines on which they are made.

    A draw inside a function has a line of its own, which no name has: it is named by that.
    """
    reasons: dict[str, list[str]] = {}
    for name, line in lines.items():
        why = reader.draws.foreign.get(line, "") if line is not None else ""
        if why:
            reasons.setdefault(why, []).append(name)
    if lines:
        for line, why in reader.draws.foreign.items():
            if why and line not in lines.values():
                reasons.setdefault(why, []).append(f"what line {line} draws")
    return [f"{list_names(names)}: not the numbers of the code, since {why}" for why, names in reasons.items()]
