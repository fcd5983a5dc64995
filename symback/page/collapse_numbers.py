"""The numbers of a collapse: both derivatives of one sample, and their product, which is its row of the error again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from symback.core.display import COMMA, EQUALS, MINUS, SPACE, TIMES, Fence, Grid, Node, Script, row, separated
from symback.core.errors import PrintError
from symback.core.forms import apply, name
from symback.derivation.collapses import Collapse, collapse
from symback.derivation.record import Step
from symback.engine.elements import Index, Total
from symback.engine.proving import element_values
from symback.page.collapse_view import element_setter, setter_of_sums, with_middle
from symback.page.context import Context
from symback.page.numerals import APPROXIMATELY, Numerals, sides_of_line
from symback.page.pieces import POWER, NoMatrixNotation, closed, decimal_piece
from symback.page.places import symbol_of
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet
from symback.page.substitution import rounded, rounded_array, rounded_entries

_LONGEST = 6
"""The largest matrix of derivatives that is printed."""


def collapse_numbers(sheet: Sheet, context: Context, step: Step) -> list[Display]:
    """Return the numbers behind the lines of a collapse: for the sample with the largest error, or for one entry.

    Nothing without values, on a brief page, and where the matrix of derivatives is too large to read.
    """
    if sheet.numerals is None or sheet.brief or len(step.contributions) != 1:
        return []
    found = collapse(sheet.record, step.contributions[0])
    if found is None or any(v.ndim > 2 for v in map(sheet.numerals.values.get, found.leaves) if v is not None):
        return []
    try:
        if found.summed:
            return _of_rows(sheet, context, found, sheet.numerals)
        return _of_entry(sheet, context, found, sheet.numerals) if step.contributions[0].collapsed else []
    except (NoMatrixNotation, PrintError, KeyError):
        return []


def mean_displays(sheet: Sheet, context: Context, step: Step) -> list[Display]:
    """Return the mean that the entries of a row of shares are compared with, r_i = Σ_k ∂L/∂A_ik A_ik, the form with it, an entry.

    Nothing without values, and where what comes back is not multiplied by shares: positive entries that add up to 1.
    """
    if sheet.numerals is None or sheet.brief or len(step.contributions) != 1:
        return []
    found = collapse(sheet.record, step.contributions[0])
    if found is None or found.middle != found.through or len(found.summed) != 1:
        return []
    sums = list({node for f in found.lines[-1].factors for node in sp.preorder_traversal(f) if isinstance(node, Total)})
    shared = [i for i in found.at if i.size != 1 and i in found.inside]
    share = sheet.numerals.values[found.middle]
    axis = next((k for k, i in enumerate(found.inside) if i in found.summed), None)
    if len(sums) != 1 or len(shared) != 1 or share.ndim != 2 or axis is None:
        return []
    if np.any(share < 0) or not np.allclose(share.sum(axis=axis), 1, rtol=1e-12):
        return []
    try:
        return _mean(sheet, context, found, sums[0], shared[0], sheet.numerals)
    except (NoMatrixNotation, PrintError, KeyError):
        return []


def _mean(
    sheet: Sheet, context: Context, found: Collapse, total: Any, shared: Index, numerals: Numerals
) -> list[Display]:
    """Return r and the short form with it, both proved by the numbers."""
    values = element_values(total, [shared], numerals.values, numerals.sizes)
    middle, above = numerals.values[found.middle], numerals.values["∂" + found.middle]
    along = 1 if found.inside[0] is shared else 0
    means = (above * middle).sum(axis=along)
    again = middle * (above - np.expand_dims(means, along))
    noise = 1e-12 * np.abs(above).max()
    if not np.allclose(values, means, rtol=1e-12, atol=noise) or means.size > _LONGEST:
        return []
    if not np.allclose(again, numerals.values["∂" + found.of], rtol=1e-9, atol=noise):
        return []
    letter = context.names.free([symbol_of("r"), symbol_of("m"), symbol_of("q")])
    setter = element_setter(context, sheet.network, found)
    index = symbol_of(setter.letters[shared])
    mean = Script(letter, index)
    places = setter.places(found.at, sheet.network.shape_of(found.of))
    share, back = context.entry(found.middle, places), context.adjoint(found.middle, places)
    free = setter_of_sums(context, sheet.network, found)
    grid = _grid(np.atleast_2d(rounded_entries(means, numerals.digits)).T)
    rows = (
        (mean, row(EQUALS, free.piece(total).whole())),
        (context.adjoint(found.of, places), row(EQUALS, share, Fence(row(back, MINUS, mean)))),
        (letter, row(EQUALS if np.array_equal(rounded_array(means, numerals.digits), means) else APPROXIMATELY, grid)),
    )
    key = "share mean rows" if along else "share mean columns"
    parts: dict[str, str | Node] = {"mean": mean, "outer": context.adjoint(found.middle), "index": index}
    parts["of"] = context.name(found.of)
    parts |= {"share": context.name(found.middle), "error": context.adjoint(found.of), "entry": back}
    displays = [Display(rows, (found.of,), (sentence(sheet.words[key], **parts),))]
    return displays + _largest_beside_mean(sheet, context, found.of, middle, above, np.expand_dims(means, along))


def _largest_beside_mean(
    sheet: Sheet, context: Context, of: str, share: np.ndarray, back: np.ndarray, mean: np.ndarray
) -> list[Display]:
    """Return the largest entry of a gradient in numbers: its share times the difference of what comes back from the mean."""
    assert sheet.numerals is not None
    gradient, digits = sheet.numerals.values["∂" + of], sheet.numerals.digits
    entry = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.abs(gradient))), gradient.shape))
    arrays = {"share": share, "back": back, "mean": np.broadcast_to(mean, share.shape)}
    values = {key: float(array[entry]) for key, array in arrays.items()}
    product = apply("multiply", name("share"), apply("subtract", name("back"), name("mean")))
    worked_out = rounded(values["share"] * (values["back"] - values["mean"]), digits)
    if not worked_out or worked_out != rounded(float(gradient[entry]), digits):
        return []
    sides = sides_of_line(product, values, frozenset(), digits, replace(context, scalar=True))
    left = context.adjoint(of, sheet.places(of, entry))
    return [Display(((left, row(*sides[:1], *sides[-1:])),), (of,), ((sheet.words["one entry"],),))]


def _of_rows(sheet: Sheet, context: Context, found: Collapse, numerals: Numerals) -> list[Display]:
    """Return the matrix of derivatives of one row, and its product with the row of ∂L/∂S."""
    long = [i for i in found.at if i.size != 1]
    shared = [i for i in long if i in found.inside]
    other = [i for i in long if i not in found.inside]
    if len(shared) > 1 or len(other) != 1 or len(found.summed) != 1:
        return []
    axes = [*shared, *found.summed]
    outer = element_values(found.outer, axes, numerals.values, numerals.sizes)
    inner = element_values(found.inner, [*axes, *other], numerals.values, numerals.sizes)
    if max(inner.shape[-2:]) > _LONGEST:
        return []
    setter = element_setter(context, sheet.network, found)
    if shared:
        chosen = int(np.argmax(np.abs(np.einsum("ik,ikj->ij", outer, inner)).sum(axis=1)))
        outer, inner = outer[chosen], inner[chosen]
        setter.fixed = {shared[0]: chosen}
    shown = _product(outer, inner, numerals.digits)
    if shown is None:
        return []
    left, matrix, result, exact = shown
    summed, along = (symbol_of(setter.letters[i]) for i in (found.summed[0], other[0]))
    local = Script(Fence(with_middle(setter, context, sheet.network, found)), separated((summed, along), COMMA))
    error = Script(Fence(context.adjoint(found.of, setter.places(found.at, sheet.network.shape_of(found.of)))), along)
    product = row(_grid([left]), SPACE, local)
    words = _words(sheet, context, found, chosen + 1 if shared else None, shared)
    equal = np.array_equal(matrix, inner)
    rows = (
        (local, row(EQUALS if equal else APPROXIMATELY, _grid(matrix))),
        (error, row(EQUALS if np.array_equal(left, outer) else APPROXIMATELY, product)),
        (row(), row(EQUALS if exact else APPROXIMATELY, _grid([result]))),
    )
    return [Display(rows, (found.of,), words)]


def _words(
    sheet: Sheet, context: Context, found: Collapse, number: int | None, shared: Sequence[Index]
) -> tuple[Sentence, ...]:
    """Return what the numbers show, and what every row of the matrix of derivatives adds up to."""
    parts: dict[str, str | Node] = {
        "outer": context.adjoint(found.middle),
        "middle": context.name(found.middle),
        "of": context.name(found.of),
        "error": context.adjoint(found.of),
    }
    if number is None:
        key = "collapse numbers"
    else:
        axes = sheet.letters.axes.of(found.of)
        position = next(k for k, i in enumerate(found.at) if i in shared)
        samples = axes[position] in sheet.letters.samples
        key = "collapse numbers sample" if samples else f"collapse numbers {('row', 'column')[position]}"
        parts["number"] = str(number)
    said = [sentence(sheet.words[key], **parts)]
    if found.level:
        said.append(sentence(sheet.words["collapse level"], middle=parts["middle"], of=parts["of"]))
    return tuple(said)


def _product(
    left: np.ndarray, matrix: np.ndarray, digits: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool] | None:
    """Return a row, a matrix and their product with the fewest digits of which the product is that of what is printed."""
    true = left @ matrix
    noise = np.abs(true) < 8 * np.finfo(float).eps * (np.abs(left) @ np.abs(matrix))
    result = rounded_array(np.where(noise, 0.0, true), digits)
    for precision in range(digits, digits + 3):
        shown = rounded_array(left, precision), rounded_array(matrix, precision)
        product = shown[0] @ shown[1]
        if np.array_equal(rounded_array(np.where(noise, 0.0, product), digits), result) and np.all(
            np.abs(product[noise]) < 10.0**-digits * np.max(np.abs(result), initial=0.0)
        ):
            left, matrix = rounded_entries(left, precision), rounded_entries(matrix, precision)
            result = rounded_entries(np.where(noise, 0.0, true), digits)
            return left, matrix, result, bool(np.allclose(product, result.astype(float), rtol=1e-15, atol=0))
    return None


def _of_entry(sheet: Sheet, context: Context, found: Collapse, numerals: Numerals) -> list[Display]:
    """Return the product of both derivatives of the entry with the largest error."""
    axes = [i for i in found.at if i.size != 1]
    if any(i not in found.inside for i in axes):
        return []
    outer = element_values(found.outer, axes, numerals.values, numerals.sizes)
    inner = element_values(found.inner, axes, numerals.values, numerals.sizes)
    product = outer * inner
    if not np.all(np.isfinite(product)) or not np.any(product):
        return []
    entry = np.unravel_index(int(np.argmax(np.abs(product))), product.shape)
    setter = element_setter(context, sheet.network, found)
    setter.fixed = {i: int(k) for i, k in zip(axes, entry, strict=True)}
    left = context.adjoint(found.of, setter.places(found.at, sheet.network.shape_of(found.of)))
    sides = product_line(float(outer[entry]), float(inner[entry]), numerals.digits)
    words = ((sheet.words["one entry"],),) if axes else ()
    return [Display(((left, row(*sides)),), (found.of,), words)]


def product_line(outer: float, inner: float, digits: int) -> list[Node]:
    """Return a product of two numbers and its value, with the fewest digits that reproduce it."""
    result = rounded(outer * inner, digits)
    shown = outer, inner
    for precision in range(digits, 18):
        shown = rounded(outer, precision), rounded(inner, precision)
        if rounded(shown[0] * shown[1], digits) == result:
            break
    factors = [closed(decimal_piece(v), POWER if k else 0) for k, v in enumerate(shown)]
    exact = shown == (outer, inner)
    same = shown[0] * shown[1] == result
    printed = row(factors[0].whole(), TIMES, factors[1].whole())
    return [
        row(EQUALS if exact else APPROXIMATELY, printed),
        row(EQUALS if same else APPROXIMATELY, decimal_piece(result).whole()),
    ]


def _grid(lines: Any) -> Node:
    return Grid(tuple(tuple(decimal_piece(v).whole() for v in line) for line in lines))
