"""The last line of a gradient: its closed form, in the names that were given.

It stands where the line above it speaks of errors, or of names that were invented. A network of layers, in which a function
is applied to an affine map, has none: there the errors δ are the shorter way to say it. A page with numbers has none.
"""

from __future__ import annotations

from functools import partial

from symback.core import forms
from symback.core.display import COMMA, EMPTY, EQUALS, SPACE, row, separated, width
from symback.core.forms import Adjoint, Apply, Form, Function, Name, names_in, walk
from symback.derivation.closed import Closed, closed_gradient, past_statistics
from symback.derivation.compact import compact
from symback.page.context import Context
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet, bare_name
from symback.page.typesetting import Typesetter

_LINE = 52.0
"""How wide a closed form may be in em: a little more than the text of a page, since the estimate is rather too wide."""
_ENTRIES = 32.0
"""How wide, in em, one of single entries may be in a lesson, where the steps stand above it: longer ones no phone shows."""


def with_closed_form(sheet: Sheet, context: Context, shown: Display, form: Form) -> Display:
    """Return the display of one gradient, ``form``, with its closed form as the last line where that says more."""
    (of,) = shown.of
    found = _closed_form(sheet, of, form) or _past_statistics(sheet, of)
    if found is None:
        return shown
    node, piece = Typesetter(context).equation(partial(context.adjoint, of), found.form)
    last = row(EQUALS, piece.whole())
    taught = sheet.paths or sheet.brief
    if width(last) > (_ENTRIES if taught and node != context.adjoint(of) else _LINE):
        return shown  # what fits no line says less than the steps above
    if any(cell == last for line in shown.rows for cell in line[1:]):
        return shown
    rows = (*shown.rows, (EMPTY if node == shown.rows[0][0] else node, last))
    said = tuple(dict.fromkeys((*shown.words, *_sentences(sheet, context, found))))
    return Display(rows, shown.of, said)


def _closed_form(sheet: Sheet, of: str, form: Form) -> Closed | None:
    if of not in sheet.record.wrt or sheet.numerals is not None or sheet.entries is not None or has_layers(sheet):
        return None
    invented = {e.name for e in sheet.network.equations if e.invented}
    says_less = any(isinstance(n, Adjoint) or (isinstance(n, Name) and n.name in invented) for n in walk(form))
    if says_less:
        return closed_gradient(sheet.record, of)
    granted = {a.name for a in sheet.network.assumptions if a.why in ("assumed", "declared")}
    found = closed_gradient(sheet.record, of) if any(n.name in granted for n in names_in(form)) else None
    return found if found is not None and found.assumptions else None


def _past_statistics(sheet: Sheet, of: str) -> Closed | None:
    """Return a derivative in the adjoints that are no statistics: the three terms of a normalization.

    A lesson has the lines that lead there instead.
    """
    if sheet.numerals is not None or sheet.entries is not None:
        return None
    return None if sheet.paths and compact(sheet.record, of) is not None else past_statistics(sheet.record, of)


def has_layers(sheet: Sheet) -> bool:
    """Return True for a network of layers: a function is applied to an affine map, in a scalar network behind another one."""
    affine = set(sheet.affine)
    for equation in sheet.network.equations:
        applied = [bare_name(a) for a in equation.form.args] if _is_call(equation.form) else []
        if sheet.base.scalar:
            behind = any(equation.name in sheet.ancestors[z] for z in affine)
            if _is_call(equation.form) and behind and sheet.ancestors[equation.name] & affine:
                return True
        elif any(z in affine for z in applied):
            return True
    return False


def _is_call(form: Form) -> bool:
    return isinstance(form, Apply) and isinstance(form.op, Function) and not form.op.elementary


def _sentences(sheet: Sheet, context: Context, found: Closed) -> list[Sentence]:
    """Return what a closed form rests on: the adjoints it keeps, sums that are numbers, facts."""
    said: list[Sentence] = []
    if found.where:
        definitions = [sheet.said_equation(context, leaf, form) for leaf, form in found.where]
        said.append(sentence(sheet.words["closed with"], definitions=separated(definitions, row(COMMA, SPACE))))
    names = {a.name for a in found.assumptions}
    for form, value in found.sums:
        if not (isinstance(form.args[0], Name) and form.args[0].name in names):
            zero = forms.number(value)
            said.append(sentence(sheet.words["closed sum"], sum=sheet.said_equation(context, form, zero)))
    said += [sheet.assumed(a) for a in found.assumptions]
    return said
