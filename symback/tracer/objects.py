"""Arrays and numbers that know what they are in the log: of NumPy's and Python's own types, so that code sees no difference.

Their methods are put into them by ``symback.tracer.methods``.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from symback.tracer.log import CURRENT, Log, Node


class Buffer:
    """The memory of an array: what it holds now, and how often it was written.

    ``whole`` says how the array lies in memory that the node of the buffer has: pointer, shape and strides.
    """

    __slots__ = ("__weakref__", "kept", "log", "node", "version", "whole")

    def __init__(self, log: Log, node: Node, array: np.ndarray) -> None:
        self.log = log
        self.node = node
        self.version = 0
        self.whole = layout_of(array)
        self.kept: list[Node] = []
        """Nodes whose value is this memory itself; it is copied before the memory is written."""

    def about_to_change(self) -> None:
        """Keep the values that nodes have in this memory."""
        for node in self.kept:
            node.value = np.array(node.value)
        self.kept.clear()


def layout_of(array: np.ndarray) -> tuple[Any, ...]:
    """Return how an array lies in memory."""
    return array.__array_interface__["data"][0], array.shape, array.strides, array.dtype


class View:
    """What an array object shows: the memory, the node of what it shows, and how it is made from the array it is a part of."""

    __slots__ = ("buffer", "node", "recipe", "version")

    def __init__(self, buffer: Buffer, node: Node, recipe: tuple[Any, ...] | None) -> None:
        self.buffer = buffer
        self.node = node
        self.version = buffer.version
        self.recipe = recipe
        """Path, function, operands and options that make it; None for the whole of the memory."""


class Array(np.ndarray):
    """An array that is recorded."""

    __slots__ = ("_of",)

    _of: View

    def __array_finalize__(self, made_from: Any) -> None:
        """Leave an array that NumPy makes from this one without a place in the log, until it is given one."""


class Float64(np.float64):
    """A number of NumPy that is recorded."""

    _node: Node | None = None


class Float32(np.float32):
    """A number of NumPy of 32 bits that is recorded."""

    _node: Node | None = None


class Float(float):
    """A number of Python that is recorded."""

    _node: Node | None = None


class Int(int):
    """A whole number of Python that the text later changes by what is computed, as ``bias = 0``."""

    _node: Node | None = None


SCALARS = (Float64, Float32, Float, Int)
PLAIN_TYPES: dict[type, type] = {
    Array: np.ndarray,
    Float64: np.float64,
    Float32: np.float32,
    Float: float,
    Int: int,
}
"""What the type of a recorded object is to the text."""
_SCALAR_OF: dict[type, type] = {np.float64: Float64, np.float32: Float32, float: Float}

_memory: dict[int, tuple[weakref.ref[np.ndarray], Buffer]] = {}
"""The buffers, by the address of the array object that owns the memory; an entry goes with that array."""


def root_of(array: np.ndarray) -> np.ndarray:
    """Return the array that owns the memory of an array."""
    base = array.base
    while isinstance(base, np.ndarray):
        array = base
        base = array.base
    return array


def buffer_of(root: np.ndarray) -> Buffer | None:
    """Return the memory that an array owns, where it is known to the log at hand."""
    entry = _memory.get(id(root))
    if entry is None or entry[1].log is not CURRENT.log or entry[0]() is not root:
        return None
    return entry[1]


def new_buffer(root: np.ndarray, array: np.ndarray, node: Node) -> Buffer:
    """Make the memory of an array known, which holds ``node``."""
    assert CURRENT.log is not None
    buffer = Buffer(CURRENT.log, node, array)
    key = id(root)

    memory = _memory  # held here: names of the module are gone when Python ends

    def forget(gone: weakref.ref[np.ndarray]) -> None:
        held = memory.get(key)
        if held is not None and held[0] is gone:
            del memory[key]

    _memory[key] = (weakref.ref(root, forget), buffer)
    return buffer


def scalar(value: Any, node: Node) -> Any:
    """Return a real number as one that is recorded; other values stay as they are."""
    kind = _SCALAR_OF.get(type(value))
    if kind is None:
        return value
    made = kind(value)
    made._node = node
    return made


def plain(value: Any) -> Any:
    """Return a value as the text's libraries know it, with nothing that is recorded in it."""
    kind = type(value)
    if kind is Array:
        return np.ndarray.view(value, np.ndarray)
    known = PLAIN_TYPES.get(kind)
    if known is not None:
        return known(value)
    if kind is tuple:
        return tuple(map(plain, value))
    if kind is list:
        return list(map(plain, value))
    if kind is dict:
        return {k: plain(v) for k, v in value.items()}
    if kind is slice:
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value
