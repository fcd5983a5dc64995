"""The memory that tensors share: what the whole of a storage holds, and what each tensor shows of it."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import torch

from symback.tracer.calls import offsets_of
from symback.tracer.log import Node


class Memory:
    """The storage of tensors: what the whole of it holds now, and how often it was written."""

    __slots__ = ("held", "kept", "layout", "node", "version", "weight")

    def __init__(self, tensor: torch.Tensor, node: Node, storage: Any) -> None:
        self.node = node
        self.version = 0
        self.layout = layout_of(tensor)
        self.kept: list[Node] = []
        """Entries whose value is this memory itself; it is copied before the memory is written."""
        self.weight = torch.multiprocessing.reductions.StorageWeakRef(storage)
        """Keeps the address of the storage from being used again; its numbers are not held."""

    def about_to_change(self) -> None:
        """Keep the values that entries have in this memory."""
        for node in self.kept:
            node.value = np.array(node.value)
        self.kept.clear()


class Shown:
    """What a tensor shows: the memory, its entry, the version of both, and how it is made from the tensor it is a part of."""

    __slots__ = ("count", "memory", "node", "recipe", "tensor", "version")

    def __init__(self, tensor: torch.Tensor, memory: Memory, node: Node, recipe: tuple[Any, ...] | None) -> None:
        self.tensor = weakref.ref(tensor)
        self.memory = memory
        self.node = node
        self.version = memory.version
        self.count: int | None = version_of(tensor)
        self.recipe = recipe


def layout_of(tensor: torch.Tensor) -> tuple[Any, ...]:
    """Return how a tensor lies in its storage."""
    return tensor.storage_offset(), tuple(tensor.shape), tensor.stride(), tensor.dtype


def version_of(tensor: torch.Tensor) -> int:
    """Return how often a tensor was written in place, as PyTorch counts; 0 where it does not count."""
    try:
        return tensor._version
    except RuntimeError:  # made in inference mode
        return 0


def places_in(memory: Memory, tensor: torch.Tensor) -> np.ndarray | None:
    """Return which entries of a memory, counted row by row, a tensor shows; None where it shows them as something else."""
    offset, shape, strides, dtype = memory.layout
    if tensor.dtype != dtype or not tensor.numel():
        return None
    flat = (offset + offsets_of(shape, strides)).reshape(-1)
    mine = int(tensor.storage_offset()) + offsets_of(tuple(tensor.shape), tensor.stride())
    order = np.argsort(flat, kind="stable")
    if not flat.size:
        return None
    places: np.ndarray = order[np.minimum(np.searchsorted(flat, mine, sorter=order), flat.size - 1)]
    return places if np.array_equal(flat[places], mine) else None


class Whole:
    """Stands for the whole of a memory in a recipe."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
