"""Why a gradient looks as it does: shapes in letters, samples that share a bias, paths that are added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from symback.core.display import COMMA, SPACE, Fence, Node, Symbol, row, separated
from symback.core.forms import (
    Adjoint,
    Apply,
    Form,
    Matmul,
    Name,
    Outer,
    Reduce,
    Shape,
    Transpose,
    Windows,
    matmul,
    names_in,
    walk,
)
from symback.derivation.record import Step
from symback.engine.textbook import definition_of
from symback.page.context import Context
from symback.page.pieces import NoMatrixNotation, one_element
from symback.page.records import Sentence, sentence
from symback.page.sheet import Sheet
from symback.page.typesetting import Typesetter


class Part(Protocol):
    """What one equation adds to a gradient: a Contribution, or its Proof."""

    @property
    def through(self) -> str: ...

    @property
    def of(self) -> str: ...

    @property
    def form(self) -> Form: ...


@dataclass(frozen=True)
class Reason:
    """A sentence on a formula; those with one ``key`` say the same of different names."""

    key: str
    text: Sentence
    letters: tuple[Node, ...] = ()
    """The letters of sizes that it uses."""


def reasons(sheet: Sheet, part: Part, context: Context) -> list[Reason]:
    """Return why a contribution looks as it does, where it is printed in ``context``."""
    network = sheet.network
    product = shape_reason(sheet, part, context)
    found = [product] if product is not None else []
    for node in walk(part.form):
        if isinstance(node, Reduce) and node.kind == "sum" and _adds_up(sheet, part, node):
            why = _sum_reason(sheet, part, node)
            found += [] if why is None else [why]
    under = sheet.kernels.get(part.of)
    if under is not None:
        found.append(_said(sheet, "why kernel", part, source=sheet.base.name(under)))
    pooled = network.equation(part.through).form
    if isinstance(pooled, Reduce) and pooled.kind == "max" and isinstance(pooled.args[0], (Name, Windows)):
        found.append(_said(sheet, "why max", part))
    entrywise = isinstance(part.form, Apply) and part.form.op == "multiply" and part.form.ndim > 0
    entrywise = entrywise and network.shape_of(part.of) == network.shape_of(part.through)
    definition = definition_of(network.equation(part.through).form)
    if (
        entrywise
        and not any(isinstance(n, (Matmul, Reduce)) for n in walk(definition))
        and _is_printed(sheet, part.form)
    ):
        found.append(_said(sheet, "why entrywise", part, sign=Symbol(r"\odot", "⊙")))
    return list({reason.text: reason for reason in found}.values())


def legend(sheet: Sheet, letters: Sequence[Node]) -> Sentence | None:
    """Return the sentence that says which numbers the letters stand for; None where they are the network's own."""
    lengths = sheet.letters.legend(letters)
    return None if lengths is None else sentence(sheet.words["size letters"], sizes=lengths)


def paths(sheet: Sheet, step: Step) -> Reason | None:
    """Return the sentence on a gradient that is a sum over several equations; None for one that is not."""
    through = [equation.name for equation in sheet.network.equations if equation.name in step.through]
    if len(through) < 2:
        return None
    shared = step.of in sheet.network.variables and step.of in sheet.record.wrt
    along = [sheet.time.places[name].step for name in through] if shared else []
    stepped = shared and 0 not in along and len(set(along)) == len(along)
    key = "shared steps" if stepped else "shared" if shared else "paths"
    through = through if shared else through[::-1]  # as the terms stand, from the loss inwards
    names = separated([sheet.base.name(name) for name in through], row(COMMA, SPACE))
    text = sentence(sheet.words[key], of=sheet.base.name(step.of), count=str(len(through)), names=names)
    return Reason("shared" if shared else key, text)


def product_of_shapes(sheet: Sheet, product: Form) -> tuple[Node, tuple[Node, ...]] | None:
    """Return a product of two matrices as their shapes, ``(n × c)(c × h)``, with the letters in it."""
    if not isinstance(product, (Matmul, Outer)):
        return None
    shapes = [sheet.letters.of(factor) for factor in product.args]
    if any(factor.ndim != 2 for factor in product.args) or None in shapes:
        return None
    return row(*(Fence(shape) for shape in shapes if shape is not None)), _letters(sheet, product.args)


def without_factors(form: Form) -> Form:
    """Return a form without signs and numbers in front."""
    while isinstance(form, Apply):
        rest = [a for a in form.args if not one_element(a)]
        if form.op == "negative" or (form.op == "divide" and one_element(form.args[1])):
            form = form.args[0]
        elif form.op == "multiply" and len(rest) == 1:
            form = rest[0]
        else:
            break
    return form


def shape_reason(sheet: Sheet, part: Part, context: Context) -> Reason | None:
    """Return why the factors of a matrix product stand as they do, by their shapes; None for another form."""
    letters = sheet.letters
    product = _as_printed(without_factors(part.form), letters.rows)
    if not isinstance(product, (Matmul, Outer)) or max(a.ndim for a in product.args) > 2:
        return None
    own = letters.axes.of(part.of)
    shape = letters.shape(own, sheet.network.shape_of(part.of))
    if shape is None or product.shape != sheet.network.shape_of(part.of):
        return None
    plain = [a.args[0] if isinstance(a, Transpose) else a for a in product.args]
    setter = Typesetter(context)
    try:
        shown = {"product": setter.form(product).whole()}
        shown |= {side: setter.form(a).whole() for side, a in zip(("left", "right"), plain, strict=True)}
    except NoMatrixNotation:
        return None
    of = sheet.base.name(part.of)
    if isinstance(product, Outer):
        text = sentence(sheet.words["shape outer"], of=of, shape=shape, **shown)
        return Reason("shape outer", text, _letters(sheet, product.args))
    if letters.axes.of_form(product) != own or product.args[0].ndim == product.args[1].ndim == 1:
        return None
    first, second = (letters.of(a) for a in plain)
    factors = [letters.of(a) for a in product.args]
    if first is None or second is None or None in factors:
        return None
    used = _letters(sheet, product.args)
    shown |= {"of": of, "shape": shape, "first": first, "second": second}
    inner = letters.axes.of_form(product.args[0])[-1]
    turned = tuple(isinstance(a, Transpose) for a in product.args)
    if product.args[0].shape[-1] == 1:
        together = row(*(Fence(factor) for factor in factors if factor is not None))
        return Reason("shape one", sentence(sheet.words["shape one"], factors=together, **shown), used)
    if inner is None:
        return None
    shown["inner"] = letters.letters[inner]
    if not any(turned):
        return Reason("shape meets", sentence(sheet.words["shape meets"], **shown), used)
    index = _index_of_samples(sheet, part.through)
    key = "shape rows" if turned[0] else "shape columns"
    if inner in letters.samples and index is not None:
        key = "shape samples"
        shown["index"] = index
    return Reason(f"{key} {turned}", sentence(sheet.words[key], **shown), used)


def _as_printed(product: Form, rows: bool) -> Form:
    """Return a product with its factors in the order in which they print: a row before its matrix, a column behind it."""
    if isinstance(product, Matmul) and (product.args[0].ndim, product.args[1].ndim) == ((2, 1) if rows else (1, 2)):
        return matmul(*(a.T if a.ndim == 2 else a for a in reversed(product.args)))
    return product


def _is_printed(sheet: Sheet, form: Form) -> bool:
    """Say whether a form prints as a formula of arrays, and not entry by entry."""
    try:
        Typesetter(sheet.base).form(form)
    except NoMatrixNotation:
        return False
    return True


def _index_of_samples(sheet: Sheet, name: str) -> Node | None:
    """Return the index that runs over the samples in the entries of a name, where no name of the page is called so."""
    axes = sheet.letters.axes.of(name)
    for position, axis in enumerate(axes):
        letter = "ij"[position] if position < 2 else ""
        # a loss of one row of samples runs over them by its first letter
        letter = "i" if _is_alone_in_the_loss(sheet, axis) else letter
        if axis in sheet.letters.samples and letter and letter not in sheet.base.names.taken:
            return Symbol(letter, letter)
    return None


def _is_alone_in_the_loss(sheet: Sheet, axis: int | None) -> bool:
    """Say whether all arrays that the loss reads beside numbers vary along one axis alone."""
    read = {n.name for n in names_in(sheet.network.equation(sheet.network.loss).form)}
    varying = [[a for a in sheet.letters.axes.of(name) if a is not None] for name in read]
    return axis is not None and any(varying) and all(axes in ([], [axis]) for axes in varying)


def _letters(sheet: Sheet, found: Sequence[Form]) -> tuple[Node, ...]:
    axes = [axis for form in found for axis in sheet.letters.axes.of_form(form) if axis is not None]
    return tuple(sheet.letters.letters[axis] for axis in dict.fromkeys(axes) if axis in sheet.letters.letters)


def _said(sheet: Sheet, key: str, part: Part, **others: str | Node) -> Reason:
    names = {"of": sheet.base.name(part.of), "through": sheet.base.name(part.through)}
    return Reason(key, sentence(sheet.words[key], **names, **others))


def _sum_reason(sheet: Sheet, part: Part, node: Reduce) -> Reason | None:
    """Return why there is a sum; None for a sum of one term that nobody sees."""
    network = sheet.network
    shape, through = network.shape_of(part.of), network.shape_of(part.through)
    axis = _shared_axis(shape, through, node)
    shared = "" if axis is None or len(through) != 2 else ("rows", "columns")[axis]
    if not _has_terms(node):
        return _said(sheet, f"why one of {shared}", part) if shared else None
    summed = [sheet.letters.axes.of_form(node.args[0])[k] for k in node.axes]
    index = _index_of_samples(sheet, part.through)
    if axis is not None and len(summed) == 1 and summed[0] in sheet.letters.samples and index is not None:
        return _said(sheet, "why sum samples", part, index=index)
    if shared:
        return _said(sheet, f"why sum {shared}", part)
    single = all(length == 1 for length in shape) and not all(length == 1 for length in through)
    return _said(sheet, "why sum of one" if single else "why sum", part)


def _adds_up(sheet: Sheet, part: Part, node: Reduce) -> bool:
    """Say whether a sum is that of the chain rule, over entries of the equation, and not one inside a factor."""
    if part.through == sheet.network.loss:
        return without_factors(part.form) is node
    return any(isinstance(n, Adjoint) for n in walk(node.args[0]))


def _has_terms(node: Reduce) -> bool:
    """Say whether a sum has more than one term."""
    before, after = Counter(node.args[0].shape), Counter(node.shape)
    return any(size != 1 for size in (before - after).elements())


def _shared_axis(shape: Shape, through: Shape, node: Reduce) -> int | None:
    """Return the axis of an equation along which all its entries read the same entries of an array; None where there is none.

    A sum over the one row of a batch of one says so where the lengths do not.
    """
    if len(through) > 2 or len(shape) > len(through):
        return None
    padded = (1,) * (len(through) - len(shape)) + shape
    missing = [k for k, (a, b) in enumerate(zip(padded, through, strict=True)) if a == 1 != b]
    if not missing and len(through) == 2 and node.args[0].shape == through and len(node.axes) == 1:
        missing = [k for k in node.axes if through[k] == 1]
    return missing[0] if len(missing) == 1 else None
