"""Operations without a row that can be understood by trying: entries that are moved, picked by their order, or mapped linearly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from symback.core.forms import (
    Form,
    concatenate,
    gather,
    matmul,
    number,
    reshape,
    where,
)
from symback.tracer.formulas import Formulas, is_near
from symback.tracer.log import Node, operands

_SELECTING = frozenset(
    (
        *("numpy.sort", "sort_in_place", "numpy.partition", "partition_in_place", "numpy.maximum.accumulate"),
        *(
            "numpy.minimum.accumulate",
            "numpy.unique",
            "numpy.nanmax",
            "numpy.nanmin",
            "numpy.percentile",
            "numpy.median",
        ),
        *("numpy.quantile", "numpy.amax", "numpy.amin", "numpy.fmax", "numpy.fmin"),
    )
)
"""Operations that answer with entries of what they are given, by their order."""
_SELECTING_OF_TORCH = frozenset(
    (
        *(
            "sort",
            "msort",
            "topk",
            "kthvalue",
            "median",
            "nanmedian",
            "mode",
            "cummax",
            "cummin",
            "max",
            "min",
            "amax",
            "amin",
        ),
        *(f"{kind}_pool{n}d" for kind in ("max", "adaptive_max", "fractional_max") for n in (1, 2, 3)),
        *(f"{kind}_pool{n}d_with_indices" for kind in ("max", "adaptive_max", "fractional_max") for n in (1, 2, 3)),
        *(
            "segment_reduce",
            "scatter_reduce",
            "aminmax",
            "_embedding_bag",
            "_embedding_bag_forward_only",
            "embedding_bag",
        ),
    )
)
"""Functions of PyTorch that answer with entries of what they are given, by their order."""
_MOST_COLUMNS = 512
"""Most entries of an operand whose linear map is found by trying."""
_MOST_CODES = 4_000_000
"""Most entries that are moved by places that are found by trying."""


def by_movement(lowering: Formulas, node: Node) -> Form | None:
    """Return entries of the operands at other places, where the operation only moves them.

    It is carried out on codes in the place of numbers, and on −3 times those: if the result scales likewise and each of
    its entries is a code, it is that entry; where it is 0, it is 0.
    """
    moved = [n for n in dict.fromkeys(operands(node)) if n in lowering.dependent]
    sizes = [int(np.size(lowering.values[n])) for n in moved]
    if node.kind != "f" or not moved or sum(sizes) > _MOST_CODES or any(n.kind == "b" for n in moved):
        return None
    held = {n: lowering.values[n] for n in moved}
    codes = np.random.default_rng(0).permutation(sum(sizes)) * math.pi + math.e
    results = []
    try:
        for scale in (1.0, -3.0):
            start = 0
            for n, size in zip(moved, sizes, strict=True):
                part = codes[start : start + size].reshape(np.shape(held[n])) * scale
                lowering.values[n] = part if np.ndim(held[n]) else float(part)
                start += size
            results.append(np.asarray(lowering.again(node), dtype=np.float64))
    except Exception:  # codes are no numbers that the operation need take
        return None
    finally:
        lowering.values.update(held)
    return _picked(lowering, moved, codes, results[0], results[1])


def _picked(
    lowering: Formulas, moved: Sequence[Node], codes: np.ndarray, once: np.ndarray, scaled: np.ndarray
) -> Form | None:
    if once.shape != scaled.shape or not np.allclose(scaled, -3 * once, rtol=1e-12, atol=0):
        return None
    order = np.argsort(codes)
    at = np.minimum(np.searchsorted(codes, once.reshape(-1), sorter=order), codes.size - 1)
    near = [np.maximum(at - 1, 0), at]
    flat = once.reshape(-1)
    best = np.where(
        np.abs(codes[order[near[0]]] - flat) < np.abs(codes[order[near[1]]] - flat), order[near[0]], order[near[1]]
    )
    zero = flat == 0
    if not np.all(zero | np.isclose(codes[best], flat, rtol=1e-12, atol=0)):
        return None
    places = np.where(zero, 0, best)
    starts = np.cumsum([0, *(int(np.size(lowering.values[n])) for n in moved)])
    taken = [bool(np.any((places >= a) & (places < b) & ~zero)) for a, b in pairwise(starts)]
    if sum(taken) == 1:  # the others are only overwritten
        at_ = taken.index(True)
        places = np.where(zero, 0, places - starts[at_])
        moved = [moved[at_]]
    forms = [lowering.form(lowering.form_of(n)) for n in moved]
    whole = [reshape(f, [-1]) if f.ndim != 1 else f for f in forms]
    source = whole[0] if len(whole) == 1 else concatenate(whole, 0)
    picked = gather(source, lowering.literal(places.reshape(once.shape) if once.ndim else places[:1]), 0)
    if not once.ndim:
        picked = picked[0]
    if np.any(zero):
        mask = lowering.literal((~zero).astype(float).reshape(once.shape))
        return where(mask > number(0), picked, number(0))
    return picked


def _name_of_torch(path: str) -> str:
    """Return the name of a function of PyTorch, also of one of its basic operations, without its overload."""
    if path.startswith("torch.ops."):
        return path.split(".")[3]
    return path.rpartition(".")[2] if path.startswith("torch") else ""


def by_selection(lowering: Formulas, node: Node) -> Form | None:
    """Return entries of the operand that were picked by their order, at the places of this run."""
    name = node.path.removeprefix("numpy.ndarray.") if node.path.startswith("numpy") else _name_of_torch(node.path)
    if node.path not in _SELECTING and name not in _SELECTING_OF_TORCH and name not in ("sort", "partition"):
        return None
    moved = [n for n in dict.fromkeys(operands(node)) if n in lowering.dependent]
    value = np.asarray(lowering.values[node], dtype=np.float64)
    if len(moved) != 1 or moved[0].kind != "f":
        return None
    flat = np.asarray(lowering.values[moved[0]], dtype=np.float64).reshape(-1)
    if np.unique(flat).size != flat.size:
        return None
    order = np.argsort(flat)
    found = order[np.minimum(np.searchsorted(flat, value.reshape(-1), sorter=order), flat.size - 1)]
    if not np.array_equal(flat[found], value.reshape(-1)):
        return None
    form = lowering.form(lowering.form_of(moved[0]))
    lowering.selected.append(node)
    source = reshape(form, [-1]) if form.ndim != 1 else form
    picked = gather(source, lowering.literal(found.reshape(value.shape) if value.ndim else found[:1]), 0)
    return picked if value.ndim else picked[0]


def as_linear(lowering: Formulas, node: Node) -> Form | None:
    """Return an operation that is linear in its one operand as the product with its matrix, found by trying.

    A cumulative sum, a difference, a convolution with data are such operations. Linearity is tried at random points.
    """
    moved = [n for n in dict.fromkeys(operands(node)) if n in lowering.dependent]
    if len(moved) != 1 or moved[0].kind != "f" or node.kind != "f":
        return None
    held = np.asarray(lowering.values[moved[0]], dtype=np.float64)
    size, result = held.size, int(np.size(lowering.values[node]))
    if not held.ndim or size > _MOST_COLUMNS or size * result > _MOST_CODES:
        return None
    draw = np.random.default_rng(1)
    points = draw.standard_normal((2, size))
    try:
        at = [
            _tried(lowering, node, moved[0], p.reshape(held.shape))
            for p in (points[0], points[1], 2 * points[0] - 3 * points[1])
        ]
        if not is_near(2 * at[0] - 3 * at[1], at[2]) or np.any(_tried(lowering, node, moved[0], np.zeros(held.shape))):
            return None
        columns = [_tried(lowering, node, moved[0], e.reshape(held.shape)).reshape(-1) for e in np.eye(size)]
    except Exception:  # the operation need not take such numbers
        return None
    form = lowering.form(lowering.form_of(moved[0]))
    flat = reshape(form, [-1]) if form.ndim != 1 else form
    product = matmul(lowering.literal(np.stack(columns, axis=1)), flat)
    shape = tuple(int(s) for s in np.shape(lowering.values[node]))
    return product[0] if not shape else product if len(shape) == 1 else reshape(product, shape)


def _tried(lowering: Formulas, node: Node, operand: Node, value: np.ndarray) -> np.ndarray:
    """Return what an operation gives where one operand has another value."""
    held = lowering.values[operand]
    lowering.values[operand] = value
    try:
        return np.asarray(lowering.again(node), dtype=np.float64)
    finally:
        lowering.values[operand] = held
