"""What a lesson says of the rows of its arrays: samples that share a bias, shares that add up to 1, means, the costliest sample."""

from __future__ import annotations

import math

import numpy as np

from symback.core.display import COMMA, SPACE, TIMES, Fraction, Node, Symbol, row, separated, to_latex
from symback.core.forms import Apply, Broadcast, Expand, Form, Name, Reduce, names_in, walk
from symback.derivation.compact import compact
from symback.functions import ROWS
from symback.page import symbols_view
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet

_NEAR = 0.01
"""So near to 1 is the variance of what is normalized, whatever keeps its root away from 0."""


def rows_said(page: Sheet, name: str) -> list[Sentence]:
    """Say what a row is where every layer adds one bias to all of them, and that softmax makes shares of a row."""
    form, axes = page.network.equation(name).form, page.letters.axes.of(name)
    rows_are_samples = form.ndim == 2 and axes[0] in page.letters.samples and form.shape[0] != 1
    found: list[Sentence] = []
    layers = [page.network.equation(n).form for n in page.affine]
    if name in page.affine and rows_are_samples and all(map(_has_bias_of_rows, layers)):
        found.append((page.words["row is sample"],))
    if name in symbols_view.encoded(page.network) and form.ndim == 2:
        found.append(sentence(page.words["one-hot rows"], name=page.base.name(name)))
    found += _statistics_said(page, name)
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


def _statistics_said(page: Sheet, name: str) -> list[Sentence]:
    """Say along which axis mean and variance are taken, at the first of them: over the samples, or within each sample."""
    if page.numerals is None:
        return []
    order = [e.name for e in page.network.equations]
    for step in page.record.steps:
        found = compact(page.record, step.of) if len(step.contributions) > 1 and len(step.shape) == 2 else None
        if found is None or not found.level or not found.products or name not in found.statistics:
            continue
        if name != min(found.statistics, key=order.index):
            continue
        value, axes = page.numerals.values[found.products[0].name], page.letters.axes.of(step.of)
        if not np.allclose(value.mean(axis=found.axis), 0, atol=1e-9) or np.any(
            np.abs(value.var(axis=found.axis) - 1) > _NEAR
        ):
            continue
        samples = [axis in page.letters.samples for axis in axes]
        if samples == [True, False]:
            key = ("statistics samples", "statistics features")[found.axis]
            names = separated([page.base.name(n) for n in sorted(found.statistics, key=order.index)], row(COMMA, SPACE))
            return [sentence(page.words[key], statistics=names, of=page.base.name(step.of))]
    return []


def means_said(page: Sheet, shown: Display) -> list[Sentence]:
    """Say where the factor of a loss comes from: one over the number of values whose mean is taken."""
    printed = "".join(map(to_latex, shown.rows[0]))
    found: dict[Sentence, None] = {}
    for node in walk(page.network.equation(page.network.loss).form):
        if not isinstance(node, Reduce) or node.kind != "mean":
            continue
        lengths = [node.args[0].shape[axis] for axis in node.axes]
        if not all(isinstance(length, int) for length in lengths):
            continue
        many = [int(length) for length in lengths if length != 1]
        factor = Fraction(Symbol("1", "1"), _number(math.prod(many)))
        if not many or to_latex(factor) not in printed:
            continue
        parts: dict[str, str | Node] = {"factor": factor, "count": _number(math.prod(many))}
        if len(many) == 1:
            found[sentence(page.words["loss mean"], **parts)] = None
        else:
            parts["lengths"] = separated([_number(length) for length in many], TIMES)
            found[sentence(page.words["loss mean axes"], **parts)] = None
    return list(found)


def _number(value: int) -> Symbol:
    return Symbol(str(value), str(value))


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
    parts: dict[str, str | Node] = {"loss": loss, "number": number, "count": str(sums.size)}
    chances = _chances(page, node, sums)
    if chances is None:
        return [sentence(page.words["loss costliest"], **parts)]
    assert page.numerals is not None
    parts["chance"] = page.numerals.printed(chances[int(number) - 1])
    return [sentence(page.words["loss costliest class"], **parts)]


def _chances(page: Sheet, summed: Form, sums: np.ndarray) -> np.ndarray | None:
    """Return the probability of the right class of each sample where the loss is made of their logarithms, else None."""
    if page.numerals is None:
        return None
    read = [n.name for n in names_in(summed.args[0])]
    targets = [n for n in read if n in page.network.variables and symbols_view.meaning(page, n) == "target"]
    shares = [n for n in read if n not in page.network.variables]
    if len(targets) != 1 or len(shares) != 1 or len(read) != 2:
        return None
    right, share = page.numerals.values[targets[0]], page.numerals.values[shares[0]]
    form = page.network.equation(shares[0]).form
    if not isinstance(form, Apply) or form.op is not ROWS["softmax"] or share.ndim != 2 or right.shape != share.shape:
        return None
    one_hot = np.all((right == 0) | (right == 1)) and np.all(right.sum(axis=1) == 1)
    if not one_hot or not np.allclose(share.sum(axis=1), 1, rtol=1e-12):
        return None
    found = np.asarray((right * share).sum(axis=1))
    with np.errstate(all="ignore"):
        ratio = sums / np.log(found)
    return found if np.all(np.isfinite(ratio)) and np.allclose(ratio, ratio[0], rtol=1e-9) else None


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
