"""What each symbol of a page stands for, and its shape."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from symback.core import forms
from symback.core.display import QUAD, TIMES, Node, Symbol, Word, row, separated, to_latex
from symback.core.forms import Apply, Form, Function, Matmul, Name, names_in, walk
from symback.derivation.statistics import scale_and_shift, statistics
from symback.functions import ROWS
from symback.networks.network import NamedNetwork
from symback.page.notation import size_symbol
from symback.page.paths_view import terms_of
from symback.page.pieces import one_element
from symback.page.records import Display, Meaning, Sentence, sentence
from symback.page.sheet import Sheet, bare_name
from symback.page.windows import is_windows, kernel_of

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
    roles = {**statistic_roles(sheet.network), **attention_roles(sheet.network)}
    found = [
        Meaning(n, sheet.base.name(n), sheet.words[purpose(sheet, n, roles)], _shape_node(sheet, n))
        for n in (*sheet.network.variables, *(e.name for e in sheet.network.equations))
    ]
    if sheet.errors and not sheet.base.scalar:
        found += [Meaning(n, s, sheet.words["error"], _shape_node(sheet, n), True) for n, s in sheet.errors.items()]
    return found


def purpose(sheet: Sheet, name: str, roles: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return what a name is for: a computed name that wears a hat is the prediction."""
    if name in sheet.network.variables:
        found = meaning(sheet, name)
        rescaled = [scale_and_shift(sheet.network, e.name) for e in sheet.network.equations]
        for scale, shift in rescaled:
            if name in (scale, shift):
                return "scale" if name == scale else "shift"
        if name in sheet.time.initial:
            return "initial state"
        if found == "constant":
            return _constant_kind(sheet.network, name)
        return "data target" if found == "target" and _is_read_before_the_loss(sheet.network, name) else found
    if name in roles:
        return roles[name]
    if name in encoded(sheet.network):
        return "encoding"
    return "prediction" if _wears_hat(sheet, name) or _is_compared(sheet, name) else meaning(sheet, name)


def _constant_kind(network: NamedNetwork, name: str) -> str:
    """Return what a number is for: kept in a denominator, or the weight of a term of parameters alone in the loss."""
    if any(isinstance(s.guard, Name) and s.guard.name == name for s in statistics(network).values()):
        return "guard constant"
    trained = {n for n, v in network.variables.items() if n in network.parameters or v.role == "parameter"}
    read = [{n.name for n in names_in(term)} for term, _ in terms_of(network.equation(network.loss).form)]
    holding = [names for names in read if name in names]
    alone = bool(holding) and len(holding) < len(read) and all(len(n) > 1 and n - {name} <= trained for n in holding)
    return "regularization" if alone else "constant"


def _is_read_before_the_loss(network: NamedNetwork, name: str) -> bool:
    return any(n.name == name for e in network.equations if e.name != network.loss for n in names_in(e.form))


def encoded(network: NamedNetwork) -> tuple[str, ...]:
    """Return the computed names that hold class indices as rows of 0 and 1."""
    return tuple(e.name for e in network.equations if isinstance(e.form, forms.OneHot))


def targets(sheet: Sheet) -> list[str]:
    """Return what the loss compares with: variables that it reads as targets, or their one-hot rows."""
    known = encoded(sheet.network)
    return [
        n.name
        for n in names_in(sheet.network.equation(sheet.network.loss).form)
        if n.name in known or (n.name in sheet.network.variables and meaning(sheet, n.name) in ("target", "classes"))
    ]


def _wears_hat(sheet: Sheet, name: str) -> bool:
    """Say whether a name is that of a prediction: ŷ, but not the normalized x̂ of an x that it is computed from."""
    symbol = to_latex(sheet.base.name(name))
    read = (to_latex(sheet.base.name(n.name)) for n in names_in(sheet.network.equation(name).form))
    return symbol.startswith(r"\hat{") and not any(symbol.startswith(rf"\hat{{{base}}}") for base in read)


def _is_compared(sheet: Sheet, name: str) -> bool:
    """Say whether a computed name meets the target: subtracted from it or it from this, or all that the loss reads of it."""
    read = [n.name for n in names_in(sheet.network.equation(sheet.network.loss).form)]
    given = {*sheet.network.variables, *encoded(sheet.network)}
    if targets(sheet) and [n for n in read if n not in given] == [name] and meaning(sheet, name) == "activation":
        return True
    for equation in sheet.network.equations:
        for node in walk(equation.form):
            if isinstance(node, Apply) and node.op == "subtract" and name != sheet.network.loss:
                sides = [bare_name(a) for a in node.args]
                other = sides[1 - sides.index(name)] if name in sides else None
                if other is not None and other in sheet.network.variables and meaning(sheet, other) == "target":
                    return True
    return False


def statistic_roles(network: NamedNetwork) -> dict[str, str]:
    """Return what means, variances and what is normalized by them are, as keys of the words."""
    return {
        label: f"largest {('columns', 'rows')[found.axis]}" if found.kind == "largest" else found.kind
        for label, found in statistics(network).items()
        if found.kind != "largest" or len(network.shape_of(found.of)) == 2
    }


def attention_roles(network: NamedNetwork) -> dict[str, str]:
    """Return what the arrays of an attention head are, as keys of the words: A = softmax(Q Kᵀ) weighs V."""
    found: dict[str, str] = {}
    for equation in network.equations:
        form = equation.form
        if not (isinstance(form, Apply) and form.op is ROWS["softmax"] and form.ndim > 1):
            continue
        scores, product = _scores(form.args[0], network)
        outputs = [e for e in network.equations if any(_weighs(n, equation.name) for n in walk(e.form))]
        if product is None or not outputs:
            continue
        queries, keys = (_scaled_name(a, network) for a in product.args)
        if queries is None or keys is None or not isinstance(product.args[1], forms.Transpose):
            continue
        found |= {
            queries: "queries",
            keys: "keys",
            **dict.fromkeys(scores, "scores"),
            **dict.fromkeys(scores[1:] and scores[-1:], "raw scores"),
            equation.name: "attention weights",
        }
        for output in outputs:
            values = next(bare_name(n.args[1]) for n in walk(output.form) if _weighs(n, equation.name))
            found |= {output.name: "attention output"} if output.name != network.loss else {}
            found |= {values: "values"} if values is not None else {}
    return found


def _scores(form: Form, network: NamedNetwork) -> tuple[list[str], Matmul | None]:
    """Return the names on the way from the argument of a softmax to a product of matrices, and the product."""
    names: list[str] = []
    equations = {e.name: e.form for e in network.equations}
    for _ in range(8):
        if isinstance(form, Matmul):
            return names, form
        if isinstance(form, Name):
            if form.name not in equations:
                return names, None
            names.append(form.name)
            form = equations[form.name]
        elif isinstance(form, Apply) and form.op in ("multiply", "divide", "add", "subtract", "where"):
            inner = [a for a in form.args if not one_element(a)]
            # a mask is added or chooses; the scores are what is computed
            computed = [a for a in inner if any(n.name in equations for n in names_in(a))] or inner
            form = computed[0] if computed else form.args[0]
        else:
            return names, None
    return names, None


def _scaled_name(form: Form, network: NamedNetwork) -> str | None:
    """Return the name that a form is but for a number in front, also where that product got a name of its own."""
    while isinstance(form, forms.Transpose) or (isinstance(form, Apply) and form.op in ("multiply", "divide")):
        inner = [a for a in form.args if not one_element(a)]
        if len(inner) != 1:
            return None
        form = inner[0]
    label = bare_name(form)
    made = next((e.form for e in network.equations if e.name == label), None)
    if isinstance(made, Apply) and made.op in ("multiply", "divide") and any(map(one_element, made.args)):
        return _scaled_name(made, network)
    return label


def _weighs(node: Form, weights: str) -> bool:
    return isinstance(node, Matmul) and isinstance(node.args[0], Name) and node.args[0].name == weights


def meaning(sheet: Sheet, name: str) -> str:
    """Return what a name is, as a key of the words: "data", "weight", "activation"."""
    variable = sheet.network.variables.get(name)
    if variable is not None:
        if name in sheet.network.parameters or variable.role == "parameter":
            return "kernel" if name in sheet.kernels else _parameter_kind(sheet, name)
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
    if isinstance(form, forms.Reduce) and form.kind in ("max", "mean") and is_windows(form.args[0], sheet.arranged):
        return "pooled"
    if any(kernel_of(n, sheet.network, sheet.arranged) is not None for n in walk(form)):
        return "feature map"
    called = isinstance(form, Apply) and isinstance(form.op, Function) and not form.op.elementary
    other = "state" if name in sheet.time.states else "value"
    return "activation" if called else sheet.arranged.get(name, (other, ""))[0]


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
