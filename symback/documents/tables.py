"""The tables of functions: name, formula, derivative and remark of every row, each derivative derived when it is asked for.

A table is plain data, rows of display nodes and sentences; ``page`` makes a document of it, which any writer prints.
``derivation_page`` is the derivation of one function, step by step.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from symback.core import forms
from symback.core.display import (
    COMMA,
    DOT,
    EMPTY,
    EQUALS,
    PLUS,
    QUAD,
    SPACE,
    Big,
    Fence,
    Fraction,
    Infix,
    Node,
    Row,
    Script,
    Symbol,
    row,
    separated,
    to_text,
    width,
)
from symback.core.errors import DerivationError, PrintError, SymbackError, nearest
from symback.core.forms import Apply, Form, Function, Name, Prime, apply, names_in, substitute
from symback.derivation.jacobians import expanded, jacobian, jacobian_of_row
from symback.derivation.record import Record, derive_record
from symback.documents.document import Block, Document, Formula, Heading, Paragraph, Table, formula
from symback.documents.plots import Branch, Graph, Kink
from symback.engine.calculus import Term, partials
from symback.engine.elements import lower
from symback.engine.recognition import recognize
from symback.engine.textbook import names_first, prime_form
from symback.functions import ROWS, row_called
from symback.functions.activations import ACTIVATIONS
from symback.functions.losses import LOSSES
from symback.functions.primitives import PRIMITIVES
from symback.networks.naming import name_equations
from symback.networks.network import Equation, NamedNetwork, Network, Variable
from symback.page import chain_view, forward_view, index_view, matrix_view
from symback.page.context import context_for, context_of
from symback.page.definitions_view import kink_sentence
from symback.page.entries import written_out
from symback.page.notation import PLAIN
from symback.page.optimizer_view import optimizer_context, settings, update_lines
from symback.page.places import subscripted
from symback.page.records import Sentence, sentence
from symback.page.sheet import Sheet
from symback.page.typesetting import Typesetter
from symback.page.words import DEFAULT_LANGUAGE, remark, row_title, words
from symback.run.numeric import evaluate
from symback.run.optimization import optimizer

KINDS = ("activations", "losses", "optimizers")


@dataclass(frozen=True)
class FunctionRow:
    """One row of a table: cells of formulas (a cell is one line or several) and a remark.

    ``label`` is the name of the row in code, ``title`` the one that is printed.
    """

    label: str
    title: str
    formula: tuple[Node, ...]
    derivative: tuple[Node, ...]
    remark: Sentence = ()


@dataclass(frozen=True)
class FunctionTable:
    """A whole table in one language."""

    kind: str
    rows: tuple[FunctionRow, ...]
    language: str = DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Combination:
    """An activation and the loss that reads its output, whose derivatives collapse to one short form."""

    label: str
    title: str
    activation: str
    loss: Callable[[Form, Form], Form]
    vector: bool


def _cross_entropy(s: Form, y: Form) -> Form:
    return -forms.reduce_over("sum", y * apply("log", s))


COMBINATIONS: tuple[Combination, ...] = (
    Combination(
        "softmax+cross_entropy",
        "Softmax + CrossEntropy",
        "softmax",
        _cross_entropy,
        True,
    ),
    Combination(
        "sigmoid+bce",
        "Sigmoid + BCE",
        "sigmoid",
        lambda s, y: ROWS["bce"](s, y),
        False,
    ),
)

_LETTERS = {
    "prediction": "y_hat",
    "target": "y",
    "logits": "z",
    "scores": "z",
    "log_probabilities": "ell",
    "variance": "v",
    "first": "x_1",
    "second": "x_2",
    "anchor": "x_a",
    "positive": "x_p",
    "negative": "x_n",
    "margin": "m",
    "eps": "epsilon",
    "low": "a",
    "high": "b",
    "threshold": "t",
    "value": "v",
}
"""The letters that tables print for arguments and options."""


def table(kind: str, rows: Sequence[str] = (), language: str = DEFAULT_LANGUAGE) -> FunctionTable:
    """Return a table: "activations", "losses" or "optimizers", with all rows or the ``rows`` named, in that order.

    >>> [to_text(node) for node in table("activations", ["tanh"]).rows[0].derivative]
    ['tanh′(x) = 1 − tanh²(x)']

    Raises PrintError for an unknown table or row, with the nearest known name.
    """
    if kind not in KINDS:
        raise PrintError(f"there is no table {kind!r}{nearest(kind, KINDS)}; known: {', '.join(KINDS)}")
    words(language)
    known = _rows_of(kind)
    rows = [label if label in known else _row_name(label) for label in rows]
    unknown = [label for label in rows if label not in known]
    if unknown:
        raise PrintError(f"the table of {kind} has no row {unknown[0]!r}{nearest(unknown[0], known)}")
    chosen = list(rows) or list(known)
    return FunctionTable(kind, tuple(known[label](language) for label in chosen), language)


def _rows_of(kind: str) -> dict[str, Callable[[str], FunctionRow]]:
    """Return how each row of a table is made, by its name; rows registered at run time are among them."""
    if kind == "optimizers":
        return _optimizer_rows()
    losses = {r.name for r in LOSSES}
    if kind == "losses":
        return {r.name: _maker(_loss_row, r) for r in ROWS.values() if r.name in losses or _is_loss(r)}
    found = {r.name: _maker(_activation_row, r) for r in ROWS.values() if _is_activation(r)}
    return found | {c.label: _maker(_combination_row, c) for c in COMBINATIONS}


def _row_name(name: str) -> str:
    """Return the name of the row that a name stands for; an unknown one as it is."""
    row = row_called(name)
    return name if row is None else row.name


def _maker(make: Callable[[Any, str], FunctionRow], of: Any) -> Callable[[str], FunctionRow]:
    return lambda language: make(of, language)


def _is_activation(function: Function) -> bool:
    return function in ACTIVATIONS or (
        not function.inline and function.arguments == 1 + len(function.defaults) and function not in PRIMITIVES
    )


def _is_loss(function: Function) -> bool:
    return function.inline and "reduction" in function.parameters


def function_row(name: str, language: str = DEFAULT_LANGUAGE) -> FunctionRow:
    """Return the row of one function, activation or loss, by its name."""
    known = _rows_of("activations") | _rows_of("losses")
    name = _row_name(name)
    if name not in known:
        raise PrintError(f"there is no function {name!r}{nearest(name, known)}")
    return known[name](language)


# --- entrywise functions ------------------------------------------------------------------------------------------------


def _arguments(function: Function) -> list[Name]:
    """Return the arguments as the names that the tables print."""
    labels = [_LETTERS.get(label, label) for label in function.argument_names[: function.arguments]]
    return [forms.name(label) for label in labels]


def _setter(found: Sequence[Form], names: Iterable[str], language: str) -> Typesetter:
    context = context_of(found[0], names=names)
    context = replace(context, otherwise=words(language)["otherwise"], product="juxtaposed")
    return Typesetter(context, indicators=False)


def _equation(setter: Typesetter, left: Form, *right: Form) -> Node:
    return row(setter.form(left).whole(), *(row(EQUALS, setter.form(side).whole()) for side in right))


def _definition(function: Function, arguments: Sequence[Form]) -> Form:
    assert function.definition is not None
    return function.definition(*arguments)


def _activation_row(function: Function, language: str, widest: float | None = None) -> FunctionRow:
    if not function.entrywise:
        return _axis_row(function, language)
    given = _arguments(function)
    call = apply(function, *given)
    setter = _setter([call, _definition(function, given)], [a.name for a in given], language)
    if function.stated[0]:
        formula = row(setter.form(call).whole(), EQUALS, Symbol(*function.stated))
    else:
        formula = _equation(setter, call, _definition(function, given))
    slope = _slope(setter, function, 0, given)
    remark = _remark(function, language)
    if width(slope) <= (_WIDEST if widest is None else widest):
        return FunctionRow(function.name, _title(function, language), (formula,), (slope,), remark)
    # in steps: the parts of the definition, and the derivative of each
    made = _parts_page(function, given, language)
    parts = [
        _line(cells)
        for display in (*forward_view.forward(made), *forward_view.loss(made)[:1])
        for cells in display.rows
    ]
    local = [_line(cells) for display in chain_view.local_derivatives(made) for cells in display.rows]
    chain = chain_view.full_step(made, given[0].name).rows
    local.append(row(chain[0][0], *chain[-1][1:]))
    return FunctionRow(function.name, _title(function, language), (formula, *parts), tuple(local), remark)


def _slope(setter: Typesetter, function: Function, position: int, given: Sequence[Name]) -> Node:
    """Return the derivative by one argument: f′(x), or ∂/∂a where there are others that the call spells out."""
    call = apply(function, *given)
    body = setter.form(prime_form(Prime(function, position), tuple(given), call)).whole()
    if position == 0 and function.arguments == 1 + len(function.defaults):
        return row(setter.form(apply(Prime(function, 0), *given)).whole(), EQUALS, body)
    below = row(Symbol(r"\partial ", "∂"), setter.form(given[position]).whole())
    return row(Fraction(Symbol(r"\partial", "∂"), below), SPACE, setter.form(call).whole(), EQUALS, body)


def _title(function: Function, language: str) -> str:
    """Return the title of a function in a language; its name where it has none."""
    return row_title(function.name, function.title or function.name, language)


def _remark(function: Function, language: str) -> Sentence:
    """Return the remark of a row, and the value chosen at its kinks."""
    said = remark(function.name, function.remarks, language)
    kinks = kink_sentence(function, language)
    return (said, " ", *kinks) if said and kinks else (said, *kinks) if said else kinks


# --- functions along an axis ----------------------------------------------------------------------------------------------

_KRONECKER = Symbol(r"\delta", "δ")


def _axis_row(function: Function, language: str) -> FunctionRow:
    """Return the row of a function of a vector: one entry of it, and the derivative of entry i by entry j."""
    vector, body = function.on_vector()
    if isinstance(vector.shape[0], int):
        # a row that halves its axis needs to know its length
        return _numbered_row(function, language)
    net = Network()
    x = net.input("x", vector.shape)
    output = net.define("s", body if function.inline else function(x, axis=-1))
    net.define("L", forms.reduce_over("sum", output) if output.shape else output)
    named = name_equations(net, wrt=["x"])
    context = replace(context_for(named, language=language), scalar=False, kronecker=True)
    setter = Typesetter(context)
    found = jacobian_of_row(function)
    symbol = context.name("s")
    mark = Symbol(r"\partial ", "∂")
    with setter.indices(body.shape) as at:
        head = subscripted(row(Symbol(function.latex, function.text), Fence(context.name("x"))), at)
        formula = row(subscripted(symbol, at), EQUALS, head, EQUALS, setter.entry(body, at).whole())
        with setter.indices(vector.shape) as by:
            slope = Fraction(row(mark, subscripted(symbol, at)), row(mark, subscripted(context.name("x"), by)))
            derivative = row(slope, EQUALS, setter.entry(found, (*at, *by)).whole())
    return FunctionRow(
        function.name, _title(function, language), (formula,), (derivative,), _remark(function, language)
    )


def _numbered_row(function: Function, language: str) -> FunctionRow:
    """Return the row of a function of four numbers: its first entry, and the derivatives of that."""
    assert function.definition is not None
    labels = [f"x_{k}" for k in range(1, 5)]
    leaves = {label: forms.name(label) for label in labels}
    _, body = function.on_vector()
    entry = lower(written_out(body, {"x": np.array(list(leaves.values()), dtype=object)}, {})[0])
    form = recognize([Term(entry, (), ())], (), (), leaves, function.name)
    setter = _setter([form], ["s_1", *labels], language)
    context = setter.context
    symbols = [context.name(label) for label in labels]
    head = row(Symbol(function.latex, function.text), Fence(separated(symbols, row(COMMA, SPACE))))
    formula = row(context.name("s_1"), EQUALS, Script(head, Symbol("1", "1")), EQUALS, setter.form(form).whole())
    slopes = []
    mark = Symbol(r"\partial ", "∂")
    for label, symbol in zip(labels, symbols, strict=True):
        terms = [Term(p.coefficient, (), ()) for p in partials(entry, label)]
        if terms:
            slope = names_first(_opened(recognize(terms, (), (), leaves, function.name), {}))
            slopes.append(
                row(Fraction(row(mark, context.name("s_1")), row(mark, symbol)), EQUALS, setter.form(slope).whole())
            )
    return FunctionRow(
        function.name, _title(function, language), (formula,), tuple(slopes), _remark(function, language)
    )


# --- losses ---------------------------------------------------------------------------------------------------------------

_SHAPES: tuple[tuple[Any, Any, Any], ...] = (
    ((), (), ()),
    (("n",), ("n",), ("n",)),
    (("n",), ("n",), ()),
    (("m", "n"), ("m", "n"), ("m",)),
)
"""Shapes of the prediction, of what stands between, and of the last argument, the simplest first."""


def _loss_record(function: Function, language: str = DEFAULT_LANGUAGE) -> tuple[Record, list[str]]:
    """Return the derivation of a loss for the simplest shapes it takes, and the names of its arguments."""
    problem: Exception | None = None
    # the mean is a part of the name of a mean squared error
    shapes = _SHAPES[1:] if function.title.startswith("mean") else _SHAPES
    for shape in shapes:
        for symbolic in (True, False):
            try:
                return _loss_network(function, shape, symbolic)
            except (SymbackError, TypeError) as error:
                problem = error
    raise DerivationError(f"{function.name}: no derivation for one example ({problem})")


def _loss_network(function: Function, shapes: tuple[Any, Any, Any], symbolic: bool) -> tuple[Record, list[str]]:
    first, middle, rest = shapes
    net = Network()
    labels = [_LETTERS.get(a, a) for a in function.argument_names[: function.arguments]]
    given: list[Form] = []
    for k, (argument, label) in enumerate(zip(function.argument_names, labels, strict=False)):
        shape = first if k == 0 else rest if k == function.arguments - 1 else middle
        indices = function.domains.get(argument) == "classes" and len(rest) < len(first)
        made = net.parameter(label, shape) if k == 0 else net.input(label, shape, integer=indices)
        given.append(made)
    options: dict[str, Any] = {}
    if symbolic:
        for key, value in function.parameters.items():
            if isinstance(value, float) and value and key in function.parameters:
                options[key] = net.input(_LETTERS.get(key, key))
    form = function(*given, **options)
    if form.shape:
        raise DerivationError(
            f"{function.name} of {forms.shape_text(first)} has the shape {forms.shape_text(form.shape)}"
        )
    net.define("L", form)
    if function.domains.get("target") == "classes" and len(first) == len(rest) == 1:
        net.assume("one-hot", given[1])
    return derive_record(name_equations(net, wrt=labels[:1])), labels


def _loss_row(function: Function, language: str) -> FunctionRow:
    record, labels = _loss_record(function, language)
    formula, derivative = _loss_cells(record, labels[0], language)
    remark = _remark(function, language)
    used = _facts(record, language)
    for part in _rare(record):
        made = _activation_row(part, language)
        formula += made.formula
        derivative += made.derivative if len(derivative) > 1 else ()  # one line has no primes left
    return FunctionRow(function.name, _loss_title(function, language), formula, derivative, (*remark, *used))


def _rare(record: Record) -> list[Function]:
    """Return the functions in a derivation that no reader knows from a textbook, as the positive part with pos'(0) = 1."""
    ops = [node.op for e in record.network.equations for node in forms.walk(e.form) if isinstance(node, Apply)]
    return [f for f in PRIMITIVES if not f.elementary and f in ops]


def _loss_title(function: Function, language: str) -> str:
    """Return the name of a loss's class in PyTorch with what it is, where it has one: MSELoss (mean squared error)."""
    said = _title(function, language)
    known = re.search(r"torch\.nn\.(\w+)\.html", function.source)
    return f"{known.group(1)} ({said})" if known else said


def _loss_cells(
    record: Record, of: str, language: str, open_up: bool = True
) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Return the formula of a loss and its derivative with respect to one name, in the names of its arguments."""
    network = record.network
    context = replace(context_for(network, language=language), kronecker=True, product="juxtaposed")
    setter = Typesetter(context, indicators=True)
    definitions = {e.name: e.form for e in network.equations if e.name != network.loss and (e.invented or open_up)}
    whole = _opened(network.equation(network.loss).form, definitions)
    formulas = [_equation(setter, forms.name(network.loss), whole, *_elementary_opened(whole))]
    found = _opened(expanded(record)[of], definitions)
    shape = network.shape_of(of)
    with setter.indices(shape) as at:
        left = context.derivative(network.loss, of, subscripted(context.name(of), at))
        right = setter.entry(found, at) if shape else setter.form(found)
    derivative = row(left, EQUALS, right.whole())
    if max(map(width, (*formulas, derivative))) <= _WIDEST:
        return tuple(formulas), (derivative,)
    # in steps: the named parts, and each derivative from the one before
    made = Sheet(record, None, language)
    lines = [_line(cells) for display in forward_view.forward(made) for cells in display.rows]
    lines.append(_equation(setter, forms.name(network.loss), network.equation(network.loss).form))
    return tuple(lines), tuple(
        _line(cells) for display in matrix_view.adjoints(made, closes=False) for cells in display.rows
    )


_WIDEST = 36.0
"""Formulas wider than this, in em, are stated in steps."""


def _line(cells: Sequence[Node]) -> Node:
    """Return a row of a display as one formula; equations that share it are set apart."""
    pairs = [row(*cells[k : k + 2]) for k in range(0, len(cells), 2)]
    return separated(pairs, QUAD)


def _opened(form: Form, definitions: Mapping[str, Form]) -> Form:
    """Return a form without invented names and without primes: f′(z) in z."""

    def change(node: Form) -> Form | None:
        if isinstance(node, Name) and node.name in definitions:
            return _opened(definitions[node.name], definitions)
        if isinstance(node, Apply) and isinstance(node.op, Prime) and node.op.function.definition is not None:
            return prime_form(node.op, tuple(_opened(a, definitions) for a in node.args))
        return None

    return substitute(form, change)


def _elementary_opened(form: Form) -> list[Form]:
    """Return the formula with softplus written out, where it stands in it."""

    def change(node: Form) -> Form | None:
        if isinstance(node, Apply) and node.op is ROWS["softplus"]:
            return substitute(_definition(ROWS["softplus"], node.args), lambda inner: None)
        return None

    found = substitute(form, change)
    return [] if found is form else [found]


def _facts(record: Record, language: str) -> Sentence:
    """Return the facts that the derivation of a loss rests on."""
    table_of_words = words(language)
    context = context_for(record.network, language=language)
    found: list[str | Node] = []
    for name in dict.fromkeys(a.name for step in record.steps for a in step.assumptions):
        found += [" ", *sentence(table_of_words["sums to one"], name=subscripted_sum(context.name(name)))]
    return tuple(found)


def subscripted_sum(symbol: Node) -> Node:
    """Return Σ_i y_i = 1 for the symbol y."""
    index = Symbol("i", "i")
    return row(Big(Symbol(r"\sum", "Σ"), index), SPACE, Script(symbol, index), EQUALS, Symbol("1", "1"))


def _combination_row(combination: Combination, language: str) -> FunctionRow:
    record = _combination_record(combination)
    network = record.network
    context = replace(context_for(network, language=language), kronecker=True, product="juxtaposed")
    setter = Typesetter(context)
    first = network.equation("s").form
    whole = network.equation("L").form
    formula = (
        row(_equation(setter, forms.name("s", first.shape), first), COMMA),
        _equation(setter, forms.name("L"), whole),
    )
    shape = network.shape_of("x")
    with setter.indices(shape) as at:
        left = context.derivative("L", "x", subscripted(context.name("x"), at))
        found = expanded(record)["x"]
        right = setter.entry(found, at) if shape else setter.form(found)
    said: Sentence = (remark(combination.label, {}, language), *_facts(record, language))
    return FunctionRow(combination.label, combination.title, formula, (row(left, EQUALS, right.whole()),), said)


def _combination_record(combination: Combination) -> Record:
    net = Network()
    shape: Any = ("n",) if combination.vector else ()
    x, y = net.parameter("x", shape), net.input("y", shape)
    s = net.define("s", ROWS[combination.activation](x))
    net.define("L", combination.loss(s, y))
    if combination.vector:
        net.assume("one-hot", "y")
    return derive_record(name_equations(net, wrt=["x"]))


# --- optimizers -------------------------------------------------------------------------------------------------------------


def _optimizer_rows() -> dict[str, Callable[[str], FunctionRow]]:
    from symback.functions.optimizers import OPTIMIZERS

    found: dict[str, Callable[[str], FunctionRow]] = {}
    for label, rule in OPTIMIZERS.items():
        found[label] = _maker(_optimizer_row, (rule, {}))
        if any(h.name == "momentum" and h.default == 0 for h in rule.hyperparameters):
            found[f"{label}+momentum"] = _maker(_optimizer_row, (rule, {"momentum": 0.9}))
    return found


def _optimizer_row(of: tuple[Any, Mapping[str, float]], language: str) -> FunctionRow:
    """Return the lines of one update, and the hyperparameters with their values."""
    rule, options = of
    chosen = optimizer(rule.name, schedule=None, **options)
    context = optimizer_context(chosen, language=language)
    lines = tuple(row(left, right) for left, right in update_lines(chosen, context))
    values = tuple(row(symbol, EQUALS, value) for symbol, value in settings(chosen, context))
    suffix = "".join(f"+{option}" for option in options)
    shown = row_title(rule.name, rule.title, language) + "".join(f" + {option}" for option in options)
    said = remark(rule.name, rule.remarks, language)
    return FunctionRow(rule.name + suffix, shown, lines, values, (said,) if said else ())


# --- pages ------------------------------------------------------------------------------------------------------------------


def page(found: FunctionTable, layout: str = "table") -> Document:
    """Return a table as a document: one table ("table"), or one part per function ("list")."""
    said = words(found.language)
    head = (said[f"table of {found.kind}"],)
    if layout == "list":
        blocks: list[Block] = []
        for line in found.rows:
            blocks.append(Heading((line.title,)))
            blocks.append(_formulas(line.formula, "definition"))
            blocks.append(_formulas(line.derivative, "local"))
            if line.remark:
                blocks.append(Paragraph(line.remark, "remark"))
        blocks += _legend(found)
        return Document(head, tuple(b for b in blocks if not (isinstance(b, Formula) and not b.rows)), found.language)
    columns = ("update equations", "settings") if found.kind == "optimizers" else ("formula", "derivative")
    header = tuple((said[key],) for key in (f"name of {found.kind}", *columns, "remark"))
    rows: list[tuple[Sentence, ...]] = []
    for line in found.rows:
        # a hyperparameter takes little room: all of them stand in one cell
        slopes = (_listed(line.derivative),) if found.kind == "optimizers" else tuple((n,) for n in line.derivative)
        for k in range(max(len(line.formula), len(slopes))):
            formula: Sentence = (line.formula[k],) if k < len(line.formula) else ()
            slope = slopes[k] if k < len(slopes) else ()
            rows.append(((line.title,), formula, slope, line.remark) if k == 0 else ((), formula, slope, ()))
    return Document(
        head,
        (
            Table(header, tuple(rows), alignment="llll", wrapped=(0, 2, 3) if found.kind == "optimizers" else (0, 3)),
            *_legend(found),
        ),
        found.language,
        wide=True,
    )


def _legend(found: FunctionTable) -> list[Block]:
    """Return what the letters mean that no row explains."""
    if found.kind != "optimizers":
        return []
    letters = {"parameter": Symbol(r"\theta", "θ"), "gradient": Symbol("g", "g"), "count": Symbol("t", "t")}
    return [Paragraph(sentence(words(found.language)["legend of optimizers"], **letters), "note")]


def _formulas(nodes: Sequence[Node], role: str) -> Formula:
    """Return formulas one below the other, aligned at their first equals sign."""
    rows: list[tuple[Node, ...]] = []
    for node in nodes:
        parts = node.parts if isinstance(node, Row) else (node,)
        at = next((k for k, part in enumerate(parts) if isinstance(part, Infix) and part.relation), len(parts))
        rows.append((row(*parts[:at]), row(*parts[at:])) if at < len(parts) else (node,))
    return Formula(tuple(rows), role=role)


def _listed(nodes: Sequence[Node]) -> Sentence:
    found: list[str | Node] = []
    for node in nodes:
        found += [", ", node] if found else [node]
    return tuple(found)


# --- the derivation of one function -----------------------------------------------------------------------------------------

_PARTS = ("u", "v", "w", "p", "q", "r")


def derivation_page(name: str, language: str = DEFAULT_LANGUAGE) -> Document:
    """Return the derivation of one function: its definition, the chain rule on its parts, and the short form.

    >>> [to_text(row(*block.rows[-1])) for block in derivation_page("silu").blocks if isinstance(block, Formula)][-1]
    'SiLU′(x) = σ(x) + x σ(x)(1 − σ(x))'

    Raises PrintError for an unknown name.
    """
    known = {r.name: r for r in ROWS.values() if _is_activation(r) or r in PRIMITIVES or r in ACTIVATIONS}
    losses = {r.name: r for r in ROWS.values() if _is_loss(r)}
    name = _row_name(name)
    if name in losses:
        return _loss_page(losses[name], language)
    if name not in known:
        raise PrintError(f"there is no function {name!r}{nearest(name, [*known, *losses])}")
    function = known[name]
    return _entrywise_page(function, language) if function.entrywise else _axis_page(function, language)


def _entrywise_page(function: Function, language: str) -> Document:
    said = words(language)
    given = _arguments(function)
    stated = _activation_row(function, language, math.inf)
    inner = [_activation_row(f, language) for f in _used(function, given)]
    definitions = [*stated.formula, *(node for line in inner for node in line.formula)]
    blocks: list[Block] = [Heading((said["definition"],)), _formulas(definitions, "definition")]
    made = _parts_page(function, given, language)
    named = made.network
    if len(named.equations) > 1:
        blocks.append(Heading((said["parts"],)))
        blocks += [formula(d, "forward") for d in (*forward_view.forward(made), *forward_view.loss(made)[:1])]
    local = chain_view.local_derivatives(made)
    chains = [chain_view.full_step(made, a.name) for a in given]
    if len(named.equations) > 1:
        blocks.append(Heading((said["local"],)))
        blocks += [formula(d, "local") for d in local]
        if inner:
            blocks.append(_formulas([node for line in inner for node in line.derivative], "local"))
        blocks.append(Heading((said["chain rule"],)))
    else:
        blocks.append(Heading((said["derivative"],)))
        lefts = [
            _formulas([node], "").rows[0][0]
            for node in (*stated.derivative, *_parameter_slopes(function, given, language))
        ]
        if len(lefts) == len(chains):  # the output has no name of its own here
            chains = [
                replace(d, rows=((left, *d.rows[0][1:]), *d.rows[1:]))
                for left, d in zip(lefts, chains, strict=True)
                if d.rows
            ]
    blocks += [formula(d, "gradient") for d in chains if d.rows]
    slopes = [*_multiplied_out(function, given, stated.derivative, language), *stated.derivative]
    blocks = _with_short_form(said, blocks, [*slopes, *_parameter_slopes(function, given, language)])
    if kink_sentence(function, language):
        blocks.append(Paragraph(kink_sentence(function, language)))
    return Document((_title(function, language),), tuple(blocks), language)


def _with_short_form(said: Mapping[str, str], blocks: Sequence[Block], short: Sequence[Node]) -> list[Block]:
    """Return the blocks with the short form after them, unless the derivative is this very formula already."""
    last = _formulas(short, "gradient")
    before = [b for b in blocks if isinstance(b, Formula) and b.role == "gradient"]
    if [_text(cells) for b in before for cells in b.rows] == [_text(cells) for cells in last.rows]:
        return list(blocks)
    return [*blocks, Heading((said["short form"],)), last]


def _text(cells: Sequence[Node]) -> str:
    return to_text(row(*cells)).replace(" ", "")


def _used(function: Function, given: Sequence[Name]) -> list[Function]:
    """Return the functions that a definition or the derivative speaks of, with those that they speak of in turn."""
    found: dict[Function, None] = {}
    call = apply(function, *given)
    stack = [_definition(function, given), prime_form(Prime(function, 0), tuple(given), call)]
    while stack:
        for node in forms.walk(stack.pop()):
            op = node.op if isinstance(node, Apply) else ""
            if isinstance(op, Function) and op is not function and op not in found and op.name not in _PLAIN:
                found[op] = None
                x = [forms.name("x")]
                if op.entrywise and op.arguments == 1:
                    stack += [_definition(op, x), prime_form(Prime(op, 0), tuple(x), apply(op, *x))]
    return [f for f in found if f.entrywise and f.arguments == 1]


_PLAIN = ("absolute", "sign")
"""Functions whose signs everybody knows."""


def _multiplied_out(function: Function, given: Sequence[Name], short: Sequence[Node], language: str) -> list[Node]:
    """Return the derivative as the chain rule leaves it, in the argument alone, where the short form is another."""
    leaves = {a.name: a for a in given}
    slope = lower(_definition(function, given))
    terms = [Term(sp.Add(*[p.coefficient for p in partials(slope, given[0].name)]), (), ())]
    raw = names_first(recognize(terms, (), (), leaves, function.name))
    setter = _setter([apply(function, *given), raw], leaves, language)
    node = _equation(setter, apply(Prime(function, 0), *given), raw)
    return [] if node in short or width(node) > _WIDEST or function.arguments > 1 + len(function.defaults) else [node]


def _parts_page(function: Function, given: Sequence[Name], language: str) -> Sheet:
    """Return the page of the derivation of a definition in parts."""
    made = Sheet(derive_record(_in_parts(function, given)), replace(PLAIN, heads={}), language)
    made.base = replace(made.base, product="juxtaposed")
    return made


def _parameter_slopes(function: Function, given: Sequence[Name], language: str) -> list[Node]:
    """Return the derivatives by the arguments after the first."""
    call = apply(function, *given)
    setter = _setter([call, _definition(function, given)], [a.name for a in given], language)
    return [_slope(setter, function, position, given) for position in range(1, len(given))]


def _in_parts(function: Function, given: Sequence[Name]) -> NamedNetwork:
    """Return the definition as a network: every function inside it, and what it is taken of, is an equation of its own."""
    taken = {a.name for a in given}
    letters = iter([c for c in _PARTS if c not in taken] + [f"u_{k}" for k in range(1, 40)])
    equations: list[Equation] = []
    memo: dict[Form, Form] = {}

    def cut(node: Form, top: bool) -> Form:
        if not isinstance(node, Apply):
            return node
        if node in memo:
            return memo[node]
        calls = not isinstance(node.op, str) or node.op in ("exp", "log", "sqrt", "erf")
        constant = not names_in(node)
        inner = tuple(cut(a, False) for a in node.args)
        if calls and not top and not constant:
            inner = tuple(hold(a) if _is_compound(a) else a for a in inner)
        made = forms.rebuild(node, inner)
        if calls and not top and not constant:
            made = hold(made)
        memo[node] = made
        return made

    def hold(form: Form) -> Form:
        for equation in equations:
            if equation.form is form:
                return forms.name(equation.name)
        label = next(letters)
        equations.append(Equation(label, form, form))
        return forms.name(label)

    output = "y" if "y" not in taken else "f"
    body = cut(_definition(function, given), True)
    equations.append(Equation(output, body, body))
    variables = {a.name: Variable(a.name, (), "parameter") for a in given}
    return NamedNetwork(
        variables=variables,
        equations=tuple(equations),
        loss=output,
        parameters=tuple(variables),
        values={},
        assumptions=(),
        findings=(),
        choices=(),
    )


def _is_compound(form: Form) -> bool:
    """Say whether an argument is more than a name, a number, or one of them with a sign or a factor."""
    if isinstance(form, Apply) and (
        form.op == "negative" or (form.op in ("multiply", "divide") and not names_in(form.args[1]))
    ):
        return _is_compound(form.args[0])
    if isinstance(form, Apply) and form.op == "multiply" and not names_in(form.args[0]):
        return _is_compound(form.args[1])
    return isinstance(form, Apply)


def _axis_page(function: Function, language: str) -> Document:
    said = words(language)
    stated = function_row(function.name, language)
    blocks: list[Block] = [Heading((said["definition"],)), _formulas(stated.formula, "definition")]
    parts = _axis_parts(function)
    if parts is not None:
        context = replace(context_for(parts, language=language), scalar=False, kronecker=True)
        setter = Typesetter(context)
        equations = parts.equations[:-1]
        blocks.append(Heading((said["parts"],)))
        blocks.append(Formula(tuple(_entry_line(setter, e.name, e.form) for e in equations), role="forward"))
        blocks.append(Heading((said["local"],)))
        links = [(e.name, n.name) for e in reversed(equations) for n in dict.fromkeys(names_in(e.form))]
        for of, by in links:
            blocks.append(Formula((_slope_line(setter, _only(parts, of), of, by, parts),), role="local"))
        blocks.append(Heading((said["chain rule"],)))
        last = equations[-1].name
        left, right = _slope_line(setter, parts, last, "x")
        blocks.append(Formula(((left, _chain_of(setter, parts, last)), (EMPTY, right)), role="gradient"))
    blocks.append(Heading((said["short form"],)))
    blocks.append(_formulas(stated.derivative, "gradient"))
    return Document((_title(function, language),), tuple(blocks), language)


def _axis_parts(function: Function) -> NamedNetwork | None:
    """Return the definition on a vector, cut into its parts: the exponentials, their sum, and the quotient."""
    assert function.definition is not None
    x, body = function.on_vector()
    if isinstance(x.shape[0], int):
        return None
    equations: list[Equation] = []
    letters = {"exp": iter(("e", "f")), "sum": iter(("S", "T")), "": iter(("u", "v", "w"))}

    def hold(form: Form, kind: str) -> Form:
        for equation in equations:
            if equation.form is form:
                return forms.name(equation.name, form.shape)
        equations.append(Equation(next(letters[kind]), form, form))
        return forms.name(equations[-1].name, form.shape)

    def cut(node: Form, top: bool) -> Form:
        if not node.args:
            return node
        made = forms.rebuild(node, tuple(cut(a, False) for a in node.args))
        if top:
            return made
        if isinstance(node, forms.Reduce):
            # one number meets a vector without an axis of length 1
            return hold(forms.reduce_over(node.kind, made.args[0], node.axes), "sum")
        if isinstance(node, Apply) and (not isinstance(node.op, str) or node.op in ("exp", "negative")):
            return hold(made, "exp" if node.op == "exp" else "")
        return made

    whole = cut(body, True)
    equations.append(Equation("s", whole, whole))
    total = forms.reduce_over("sum", forms.name("s", whole.shape)) if whole.shape else forms.name("s")
    equations.append(Equation("L", total, total))
    return NamedNetwork(
        variables={"x": Variable("x", x.shape, "parameter")},
        equations=tuple(equations),
        loss="L",
        parameters=("x",),
        values={},
        assumptions=(),
        findings=(),
        choices=(),
    )


def _only(parts: NamedNetwork, of: str) -> NamedNetwork:
    """Return one equation alone: what it reads are variables."""
    equation = parts.equation(of)
    variables = {n.name: Variable(n.name, n.shape, "parameter") for n in names_in(equation.form)}
    return replace(parts, variables=variables, equations=(equation,))


def _entry_line(setter: Typesetter, label: str, form: Form) -> tuple[Node, Node]:
    with setter.indices(form.shape) as at:
        return subscripted(setter.context.name(label), at), row(EQUALS, setter.entry(form, at).whole())


def _slope_line(
    setter: Typesetter, network: NamedNetwork, of: str, by: str, whole: NamedNetwork | None = None
) -> tuple[Node, Node]:
    found = jacobian(network, of, by)
    with setter.indices(network.shape_of(of)) as at, setter.indices(network.shape_of(by)) as to:
        left = _partial(setter, of, at, by, to) if whole is None else _link(setter, whole, of, at, by, to)
        return left, row(EQUALS, setter.entry(found, (*at, *to)).whole())


def _behind(network: NamedNetwork, name: str) -> set[str]:
    """Return the names that a name depends on."""
    if name in network.variables:
        return set()
    read = {n.name for n in names_in(network.equation(name).form)}
    return read.union(*(_behind(network, n) for n in read))


def _link(setter: Typesetter, network: NamedNetwork, of: str, at: Any, by: str, to: Any) -> Node:
    """Return the derivative of one equation by one name that it reads."""
    mark = Symbol(r"\partial ", "∂")
    above = row(mark, subscripted(setter.context.name(of), at))
    read = list(dict.fromkeys(n.name for n in names_in(network.equation(of).form)))
    if any(by in _behind(network, n) for n in read if n != by):
        # by reaches the equation on another path as well: this is the derivative by its own argument
        above = row(above, Fence(separated((setter.context.name(n) for n in read), row(COMMA, SPACE))))
    return Fraction(above, row(mark, subscripted(setter.context.name(by), to)))


def _partial(setter: Typesetter, of: str, at: Any, by: str, to: Any) -> Node:
    mark = Symbol(r"\partial ", "∂")
    above = row(mark, subscripted(setter.context.name(of), at))
    return Fraction(above, row(mark, subscripted(setter.context.name(by), to)))


def _chain_of(setter: Typesetter, parts: NamedNetwork, of: str) -> Node:
    """Return the sum over all paths from an equation to x, each a product of derivatives summed over what lies between."""
    paths: list[list[str]] = []

    def walked(path: list[str]) -> None:
        if path[-1] == "x":
            paths.append(path)
            return
        for leaf in dict.fromkeys(names_in(parts.equation(path[-1]).form)):
            walked([*path, leaf.name])

    walked([of])
    terms: list[Node] = []
    with setter.indices(parts.shape_of(of)) as at, setter.indices(parts.shape_of("x")) as to:
        for path in paths:
            held: list[Any] = []
            nodes: list[Node] = []

            def product(position: int, places: list[Any], path: list[str] = path, nodes: list[Node] = nodes) -> None:
                if position == len(path) - 1:
                    ends = [at, *places, to]
                    letters = [p.node() for place in places for p in place if p is not None]
                    factors = [
                        _link(setter, parts, path[k], ends[k], path[k + 1], ends[k + 1]) for k in range(len(path) - 1)
                    ]
                    if letters:
                        nodes.append(row(Big(Symbol(r"\sum", "Σ"), separated(letters, COMMA)), SPACE))
                    nodes.append(separated(factors, DOT))
                    return
                with setter.indices(parts.shape_of(path[position])) as inner:
                    product(position + 1, [*places, inner])

            product(1, held)
            terms.append(row(*nodes))
    return row(EQUALS, separated(terms, PLUS))


def _loss_page(function: Function, language: str) -> Document:
    said = words(language)
    record, labels = _loss_record(function, language)
    stated = _loss_row(function, language)
    made = Sheet(record, None, language)
    blocks: list[Block] = [Heading((said["definition"],)), _formulas(stated.formula, "definition")]
    if len(record.network.equations) > 1:
        blocks.append(Heading((said["parts"],)))
        blocks += [formula(d, "forward") for d in (*forward_view.forward(made), *forward_view.loss(made)[:1])]
    blocks.append(Heading((said["index"] if record.network.shape_of(labels[0]) else said["derivative"],)))
    displays = [chain_view.full_step(made, labels[0])] if made.base.scalar else index_view.index(made)
    for display in displays:
        blocks += [Paragraph(w) for w in display.words]
        blocks.append(formula(display, "gradient"))
    blocks = _with_short_form(said, blocks, stated.derivative)
    return Document((_loss_title(function, language),), tuple(blocks), language)


# --- graphs -----------------------------------------------------------------------------------------------------------------

_POINTS = 121
_NEAR = 1e-7


def graph(name: str) -> Graph:
    """Return the graph of a function of one number and of its derivative, evaluated by its own generated code.

    Arguments after the first have their usual values, or ½; the target of a loss is 1. Raises PrintError for a function
    of several numbers, and for an unknown name.
    """
    known = {
        r.name: r for r in ROWS.values() if _is_activation(r) or _is_loss(r) or r in ACTIVATIONS or r in PRIMITIVES
    }
    name = _row_name(name)
    if name not in known:
        raise PrintError(f"there is no function {name!r}{nearest(name, known)}")
    function = known[name]
    run = _evaluated(function)
    if run is None:
        raise PrintError(f"{name} is a function of several numbers; a graph shows functions of one number")
    low, high = function.domain
    if (
        function.domains.get("target") == "probability"
        and function.argument_names[0] == "prediction"
        and _is_loss(function)
    ):
        low, high = 0.02, 0.98  # a probability itself
    middle, reach = (low + high) / 2, (high - low) / 2 * (1.5 if low < 0 else 1.0)
    low, high = middle - reach, middle + reach
    kinks = [k for x in _bends(function) if low < x < high for k in [_kink(run, x)] if k is not None]
    ends = [low, *(k.x for k in kinks), high]
    branches = []
    for left, right in itertools.pairwise(ends):
        inside = np.linspace(left, right, _POINTS)
        inside[0] += _NEAR * (left != low)
        inside[-1] -= _NEAR * (right != high)
        values, slopes = run(inside)
        branches.append(Branch(tuple(inside.tolist()), tuple(values.tolist()), tuple(slopes.tolist())))
    symbol = _LETTERS.get(function.argument_names[0], function.argument_names[0])
    variable = to_text(context_of(forms.name(symbol)).name(symbol))
    return Graph(function.title or function.name, variable, tuple(branches), tuple(kinks))


def _evaluated(function: Function) -> Callable[[Any], tuple[Any, Any]] | None:
    """Return values and slopes at an array of numbers, or None for a function of several numbers."""
    if not (function.entrywise or _is_loss(function)) or function.definition is None:
        return None
    try:
        net = Network()
        x = net.parameter("x", ("n",))
        open_ones = function.argument_names[1 : function.arguments - len(function.defaults)]
        rest: list[Form] = [forms.filled(1, x.shape) if _is_loss(function) else forms.number(0.5) for _ in open_ones]
        options = {"reduction": "none"} if _is_loss(function) else {}
        made = net.define("y", function(x, *rest, **options))
        if made.shape != x.shape:
            return None
        net.define("L", forms.reduce_over("sum", made))
        record = derive_record(name_equations(net, wrt=["x"]))
    except SymbackError:
        return None

    def run(points: Any) -> tuple[Any, Any]:
        found = evaluate(record, {"x": np.asarray(points, dtype=float)})
        return np.asarray(found.values["y"]), np.asarray(found.gradients["x"])

    return run


def _bends(function: Function) -> list[float]:
    """Return where a definition may change its formula: 0 and every number in it, with both signs."""
    found = {0.0, 1.0, *(float(v) for v in function.defaults if v is not None), 0.5}
    x = forms.name("x")
    rest = [forms.number(v if v is not None else 0.5) for v in function.defaults]
    given = [x, *[forms.number(0.5)] * (function.arguments - 1 - len(rest)), *rest]
    with contextlib.suppress(SymbackError, TypeError):  # a loss of several arguments has no definition in one number
        found |= {float(n.value) for n in forms.walk(_definition(function, given)) if isinstance(n, forms.Number)}
    return sorted({sign * v for v in found for sign in (1, -1) if abs(v) <= 20})


def _kink(run: Callable[[Any], tuple[Any, Any]], x: float) -> Kink | None:
    values, slopes = run([x - _NEAR, x, x + _NEAR])
    if abs(values[2] - values[0]) < 1e-3 and abs(slopes[2] - slopes[0]) < 1e-3:
        return None
    return Kink(
        x,
        float(values[1]),
        float(slopes[1]),
        (float(values[0]), float(values[2])),
        (float(slopes[0]), float(slopes[2])),
    )
