"""What each symbol of a page stands for, and its shape."""

from __future__ import annotations

from symback.core import forms
from symback.core.display import QUAD, TIMES, Node, Symbol, Word, row, separated, to_latex
from symback.core.forms import Apply, Function, Matmul, names_in, walk
from symback.page.notation import size_symbol
from symback.page.records import Display, Meaning, Sentence, sentence
from symback.page.sheet import Sheet, bare_name

_TABLE = 14
"""Lines of the table of names in one display."""


def table(sheet: Sheet) -> list[Display]:
    """Return every name with what it is and its shape, and the symbols used beside them."""
    rows = [
        (m.symbol, row(QUAD, Word(m.words)), row(QUAD, m.shape) if isinstance(m.shape, Word) else m.shape)
        for m in meanings(sheet)
    ]
    layout = () if sheet.base.scalar else (_layout(sheet),)
    return [Display(tuple(rows[k : k + _TABLE]), (), layout if not k else ()) for k in range(0, len(rows), _TABLE)]


def _layout(sheet: Sheet) -> Sentence:
    """Return the sentence that every gradient has the shape of its variable."""
    of = next((n for n in sheet.record.wrt if n in sheet.base.arrays), sheet.network.loss)
    return sentence(sheet.words["layout"], gradient=sheet.base.adjoint(of), name=sheet.base.name(of))


def meanings(sheet: Sheet) -> list[Meaning]:
    """Return what every symbol of the page stands for, those of the errors last."""
    found = [
        Meaning(n, sheet.base.name(n), sheet.words[_purpose(sheet, n)], _shape_node(sheet, n))
        for n in (*sheet.network.variables, *(e.name for e in sheet.network.equations))
    ]
    if sheet.errors and not sheet.base.scalar:
        found += [Meaning(n, s, sheet.words["error"], _shape_node(sheet, n), True) for n, s in sheet.errors.items()]
    return found


def _purpose(sheet: Sheet, name: str) -> str:
    """Return what a name is for: a computed name that wears a hat is the prediction."""
    if name in sheet.network.variables:
        return meaning(sheet, name)
    if isinstance(sheet.network.equation(name).form, forms.OneHot):
        return "encoding"
    return "prediction" if to_latex(sheet.base.name(name)).startswith(r"\hat{") else meaning(sheet, name)


def meaning(sheet: Sheet, name: str) -> str:
    """Return what a name is, as a key of the words: "data", "weight", "activation"."""
    variable = sheet.network.variables.get(name)
    if variable is not None:
        if name in sheet.network.parameters or variable.role == "parameter":
            return _parameter_kind(sheet, name)
        if variable.integer:
            return "classes"
        if not variable.shape and any(v.shape for v in sheet.network.variables.values()):
            return "constant"
        reads = names_in(sheet.network.equation(sheet.network.loss).form)
        if any(n.name == name for n in reads):
            return "target"
        # what is only added to weighted sums is a bias, though it is held fixed
        readers = {e.name for e in sheet.network.equations if any(n.name == name for n in names_in(e.form))}
        return "bias" if readers <= set(sheet.affine) and _parameter_kind(sheet, name) == "bias" else "data"
    if name == sheet.network.loss:
        return "loss value"
    if name in sheet.affine:
        return "pre-activation"
    form = sheet.network.equation(name).form
    called = isinstance(form, Apply) and isinstance(form.op, Function) and not form.op.elementary
    return "activation" if called else "value"


def _parameter_kind(sheet: Sheet, name: str) -> str:
    """Return whether a parameter is multiplied with something (weight) or only added (bias)."""
    added = False
    for equation in sheet.network.equations:
        for node in walk(equation.form):
            operands = [bare_name(a) for a in node.args]
            if name in operands and (isinstance(node, (Matmul, forms.Outer)) or getattr(node, "op", "") == "multiply"):
                return "weight"
            # a difference inside the loss makes nothing a bias
            apart = equation.name != sheet.network.loss
            added = added or (apart and name in operands and getattr(node, "op", "") in ("add", "subtract"))
    return "bias" if added else "parameter"


def _shape_node(sheet: Sheet, name: str) -> Node:
    shape = sheet.network.shape_of(name)
    if not shape:
        return Word(sheet.words["number"])
    sizes = [Symbol(str(s), str(s)) if isinstance(s, int) else size_symbol(s) for s in shape]
    return separated(sizes, TIMES)
