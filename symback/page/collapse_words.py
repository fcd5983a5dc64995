"""What the short form of a collapse says: prediction minus target, which entries are negative, where its factor comes from."""

from __future__ import annotations

import numpy as np

from symback.core.forms import Apply, Form, Function, Name, Number, Prime, SizeOf, apply, number
from symback.derivation.collapses import collapse
from symback.derivation.record import Contribution
from symback.engine.interpreter import evaluate
from symback.engine.textbook import prime_form
from symback.page.context import Context
from symback.page.pieces import one_element
from symback.page.records import Sentence, sentence
from symback.page.sheet import Sheet, bare_name
from symback.page.symbols_view import encoded, meaning
from symback.page.typesetting import Typesetter

_FAR = 40.0
"""An argument at which an activation function that ever gets flat is flat."""
_FLAT = 1e-9


def collapse_words(sheet: Sheet, context: Context, contribution: Contribution) -> list[Sentence]:
    """Return what a collapsed contribution says, a paragraph each; nothing where it is no difference of a prediction and a target."""
    if len(contribution.collapsed) != 1:
        return []
    middle = contribution.collapsed[0]
    factors, rest = _apart(contribution.form)
    if not isinstance(rest, Apply) or rest.op != "subtract":
        return []
    predicted, target = (bare_name(a) for a in rest.args)
    if predicted != middle or target is None:
        return []
    known = target in sheet.network.variables and meaning(sheet, target) in ("target", "classes")
    if not known and target not in encoded(sheet.network):
        return []
    parts = {
        "error": context.adjoint(contribution.of),
        "prediction": context.name(middle),
        "target": context.name(target),
    }
    found = [sentence(sheet.words["error difference" if factors else "error difference alone"], **parts)]
    collapsed = collapse(sheet.record, contribution)
    if collapsed is not None and collapsed.level and contribution.assumptions:
        if _is_one_hot(sheet, target):
            found.append(sentence(sheet.words["error signs"], **parts))
        found.append(sentence(sheet.words["error level"], **parts))
    if factors:
        factor: Form = number(1)
        for divides, operand in factors:
            factor = apply("divide" if divides else "multiply", factor, operand)
        key = "error mean" if _is_mean(sheet, contribution.of, factors) else "error factor"
        shown = Typesetter(context).form(factor).whole()
        found.append(sentence(sheet.words[key], factor=shown, loss=context.name(sheet.network.loss)))
    said = [tuple(p for text in found for p in (*text, " "))[:-1]]
    if _gets_flat(sheet, middle):
        said.append(sentence(sheet.words["error steep"]))
    return said


def _apart(form: Form) -> tuple[list[tuple[bool, Form]], Form]:
    """Return the positive numbers and sizes in front of a form, each with whether it divides, and what is left."""
    factors: list[tuple[bool, Form]] = []
    while isinstance(form, Apply) and form.op in ("multiply", "divide"):
        counts = [_is_positive(a) for a in form.args]
        if form.op == "multiply" and counts.count(True) == 1:
            factors.append((False, form.args[counts.index(True)]))
            form = form.args[counts.index(False)]
        elif form.op == "divide" and counts == [False, True]:
            factors.append((True, form.args[1]))
            form = form.args[0]
        else:
            break
    return factors, form


def _is_positive(form: Form) -> bool:
    if isinstance(form, Number):
        return form.value > 0
    if isinstance(form, Apply) and form.op in ("multiply", "divide") and one_element(form):
        return all(map(_is_positive, form.args))
    return isinstance(form, SizeOf)


def _is_one_hot(sheet: Sheet, target: str) -> bool:
    """Say whether every entry of a target is 0 or 1, by its making or its values."""
    if target in encoded(sheet.network):
        return True
    value = sheet.network.values.get(target) if sheet.numerals is None else sheet.numerals.values.get(target)
    return value is not None and bool(np.isin(np.asarray(value, float), (0.0, 1.0)).all())


def _is_mean(sheet: Sheet, of: str, factors: list[tuple[bool, Form]]) -> bool:
    """Say whether the factor is one over the number of samples."""
    if any(isinstance(f, SizeOf) and divides for divides, f in factors):
        return True
    axes, shape = sheet.letters.axes.of(of), sheet.network.shape_of(of)
    lengths = [s for axis, s in zip(axes, shape, strict=True) if axis in sheet.letters.samples and isinstance(s, int)]
    value = 1.0
    for divides, operand in factors:
        held = float(np.asarray(evaluate(operand, {})).item())
        value = value / held if divides else value * held
    return any(s > 1 and abs(value * s - 1) < 1e-12 for s in lengths)


def _gets_flat(sheet: Sheet, name: str) -> bool:
    """Say whether the slope of an entrywise function vanishes far out."""
    form = sheet.network.equation(name).form
    if not isinstance(form, Apply) or not isinstance(form.op, Function) or not form.op.entrywise:
        return False
    if form.op.definition is None or len(form.args) != 1 or not isinstance(form.args[0], Name):
        return False
    slope = prime_form(Prime(form.op, form.op.variable), form.args, None)
    with np.errstate(all="ignore"):
        ends = [np.abs(evaluate(slope, {form.args[0].name: np.asarray(z)})) for z in (-_FAR, _FAR)]
    return all(float(np.max(end)) < _FLAT for end in ends)
