"""What a lesson says of the rows of its arrays: samples that share a bias, shares that add up to 1, the costliest sample."""

from __future__ import annotations

import numpy as np

from symback.core.forms import Apply, Broadcast, Expand, Form, Name
from symback.functions import ROWS
from symback.page import symbols_view
from symback.page.records import Sentence, sentence
from symback.page.sheet import Sheet


def rows_said(page: Sheet, name: str) -> list[Sentence]:
    """Say what a row is where every layer adds one bias to all of them, and that softmax makes shares of a row."""
    form, axes = page.network.equation(name).form, page.letters.axes.of(name)
    rows_are_samples = form.ndim == 2 and axes[0] in page.letters.samples and form.shape[0] != 1
    found: list[Sentence] = []
    layers = [page.network.equation(n).form for n in page.affine]
    if name in page.affine and rows_are_samples and all(map(_has_bias_of_rows, layers)):
        found.append((page.words["row is sample"],))
    if page.numerals is None or form.ndim != 2 or not isinstance(form, Apply) or form.op is not ROWS["softmax"]:
        return found
    value, argument = page.numerals.values[name], _unspread(form.args[0])
    sums = [bool(np.allclose(value.sum(axis=k), 1, rtol=1e-12)) for k in (1, 0)]
    if isinstance(argument, Name) and any(sums):
        key = "softmax rows" if sums[0] else "softmax columns"
        chances = sums[0] and rows_are_samples and symbols_view.purpose(page, name) == "prediction"
        found.append(
            sentence(page.words["softmax samples" if chances else key], argument=page.base.name(argument.name))
        )
    return found


def costliest(page: Sheet) -> list[Sentence]:
    """Say which sample adds most to the loss, where it is a sum over several."""
    form = page.network.equation(page.network.loss).form
    found = page.numerals.sample_sums(form) if page.numerals is not None and form.ndim == 0 else None
    if found is None:
        return []
    node, sums = found
    axis = page.letters.axes.of_form(node.args[0])[0]
    sizes = np.sort(np.abs(sums))
    alike = bool(np.all(sums >= 0) or np.all(sums <= 0)) and sizes[-1] > sizes[-2] * (1 + 1e-9)
    if not alike or axis not in page.letters.samples:
        return []
    number, loss = str(int(np.argmax(np.abs(sums))) + 1), page.base.name(page.network.loss)
    return [sentence(page.words["loss costliest"], loss=loss, number=number, count=str(sums.size))]


def _unspread(form: Form) -> Form:
    """Return what is repeated or turned to the shape of a form."""
    while isinstance(form, (Broadcast, Expand)):
        form = form.args[0]
    return form


def _has_bias_of_rows(form: Form) -> bool:
    """Say whether a layer adds one row to every row."""
    if form.ndim != 2 or not isinstance(form, Apply) or form.op != "add":
        return False
    return any(a.ndim == 1 or (a.ndim == 2 and a.shape[0] == 1) for a in map(_unspread, form.args))
