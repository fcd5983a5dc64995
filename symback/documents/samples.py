"""What a lesson says of the rows of its arrays: samples that share a bias, shares that add up to 1, means, the costliest sample."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from symback.core.display import COMMA, SPACE, TIMES, Fraction, Node, Symbol, row, separated, to_latex
from symback.core.forms import Apply, Broadcast, Expand, Form, Name, Reduce, names_in, walk
from symback.derivation.statistics import Statistic, scale_and_shift, statistics
from symback.functions import ROWS
from symback.page import symbols_view
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet, bare_name
from symback.page.typesetting import Typesetter


def rows_said(page: Sheet, name: str) -> list[Sentence]:
    """Say what a row is where every layer adds one bias to all of them, and that softmax makes shares of a row."""
    form, axes = page.network.equation(name).form, page.letters.axes.of(name)
    rows_are_samples = form.ndim == 2 and axes[0] in page.letters.samples and form.shape[0] != 1
    found: list[Sentence] = []
    layers = [page.network.equation(n).form for n in page.affine]
    if name in page.affine and rows_are_samples and all(map(_has_bias_of_rows, layers)):
        found.append((page.words["row is sample"],))
    columns_are_samples = form.ndim == 2 and axes[1] in page.letters.samples and form.shape[1] != 1
    if name in page.affine and columns_are_samples and all(map(_has_bias_of_columns, layers)):
        found.append((page.words["column is sample"],))
    if name in symbols_view.encoded(page.network) and form.ndim == 2:
        found.append(sentence(page.words["one-hot rows"], name=page.base.name(name), index=Symbol("i", "i")))
    found += _statistics_said(page, name) + _shift_said(page, name) + _attention_said(page, name)
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
    """Say along which axis mean and variance are taken, at the first of them; what normalized arrays are, and their scale."""
    network, base = page.network, page.base
    known = statistics(network)
    order = [e.name for e in network.equations]
    own = known.get(name)
    for label, result in known.items():
        if result.kind != "normalized" or len(network.shape_of(label)) != 2:
            continue
        of = base.name(result.of)
        samples = [axis in page.letters.samples for axis in page.letters.axes.of(result.of)]
        if name == min(_behind(known, result), key=order.index) and samples == [True, False]:
            names = separated([base.name(n) for n in sorted(result.statistics, key=order.index)], row(COMMA, SPACE))
            key = ("statistics samples", "statistics features")[result.axis]
            return [sentence(page.words[key], statistics=names, of=of)]
        line = ("columns", "rows")[result.axis]
        if own is result and result.guard is not None:
            guard = Typesetter(base).form(result.guard).whole()
            return [sentence(page.words[f"normalized {line} nearly"], of=of, guard=guard)]
        if own is result:
            return [sentence(page.words[f"normalized {line}"], of=of)]
        scale, shift = scale_and_shift(network, name)
        if scale and shift:
            return [sentence(page.words["scaled and shifted"], scale=base.name(scale), shift=base.name(shift))]
    return []


def _attention_said(page: Sheet, name: str) -> list[Sentence]:
    """Say what a row of the scores of an attention head is, and a row of its output."""
    roles = symbols_view.attention_roles(page.network)
    role, index = roles.get(name), Symbol("i", "i")
    if role is not None and role == ("raw scores" if "raw scores" in roles.values() else "scores"):
        return [sentence(page.words["query compared"], index=index, scores=page.base.name(name))]
    if role == "attention output":
        weights = next(page.base.name(n) for n, found in roles.items() if found == "attention weights")
        return [sentence(page.words["values averaged"], index=index, weights=weights)]
    return []


def _shift_said(page: Sheet, name: str) -> list[Sentence]:
    """Say why softmax may be taken of entries that are lowered by the largest of their row."""
    known, network = statistics(page.network), page.network
    form = network.equation(name).form
    if not isinstance(form, Apply) or form.op is not ROWS["softmax"]:
        return []
    of = bare_name(_unspread(form.args[0]))
    powers = [n.name for n in names_in(network.equation(name).written) if n.name not in network.variables]
    for power in powers:
        lowered = [known[n.name] for n in names_in(network.equation(power).form) if n.name in known]
        if of is not None and any(s.kind == "largest" and s.of == of for s in lowered):
            key = f"softmax shift {('columns', 'rows')[lowered[0].axis]}"
            return [sentence(page.words[key], of=page.base.name(of))]
    return []


def _behind(known: Mapping[str, Statistic], result: Statistic) -> list[str]:
    """Return the statistics that what is normalized is computed with: also the variance in a deviation."""
    return [
        n
        for n, s in known.items()
        if s.kind not in ("normalized", "largest") and (s.of, s.axis) == (result.of, result.axis)
    ]


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


def _has_bias_of_columns(form: Form) -> bool:
    """Say whether a layer adds one column to every column."""
    if form.ndim != 2 or not isinstance(form, Apply) or form.op != "add":
        return False
    return any(a.ndim == 2 and a.shape[1] == 1 for a in map(_unspread, form.args))


def _has_bias_of_rows(form: Form) -> bool:
    """Say whether a layer adds one row to every row."""
    if form.ndim != 2 or not isinstance(form, Apply) or form.op != "add":
        return False
    return any(a.ndim == 1 or (a.ndim == 2 and a.shape[0] == 1) for a in map(_unspread, form.args))
