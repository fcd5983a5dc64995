"""The views of one derivation: forward pass, loss, chain rule, matrix form, updates, as displays for any output.

A view only arranges what the record holds; it derives and simplifies nothing.

``chain`` multiplies local derivatives from the loss inwards, in full and step by step; ``matrix`` states the errors δ
and the gradients as matrix products; ``index`` proves each of them in index notation; ``entries`` writes every entry
of every array as a number of its own.
"""

from __future__ import annotations

import itertools
import re
import string
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction as Rational
from string import Formatter
from typing import Any, TypeAlias, TypedDict, Unpack

import numpy as np

from symback.core import forms
from symback.core.display import (
    ARROW,
    COMMA,
    DOT,
    EMPTY,
    EQUALS,
    MINUS,
    NEGATIVE,
    PLUS,
    QUAD,
    SPACE,
    THIN,
    TIMES,
    Accent,
    Fence,
    Fraction,
    Node,
    Row,
    Script,
    Symbol,
    Word,
    latex_lines,
    row,
    separated,
    to_latex,
    to_text,
    width,
)
from symback.core.errors import PrintError, nearest
from symback.core.forms import Adjoint, Apply, Form, Function, Matmul, Name, Number, Prime, form_latex, names_in, walk
from symback.derivation.proofs import Proof, proofs, reasons
from symback.derivation.record import Contribution, Record, Step, derive_record
from symback.derivation.stabilize import stable_forms
from symback.engine.textbook import prime_form
from symback.networks.naming import name_equations
from symback.networks.network import Equation, NamedNetwork, Network, as_value, fit_shape, network_latex
from symback.page.entries import Entries, entries
from symback.page.indexing import proof_rows
from symback.page.notation import (
    PLAIN,
    Notation,
    candidates,
    choose_notation,
    letter,
    name_symbols,
    short_adjoint,
    upright,
    with_layer,
)
from symback.page.numerals import APPROXIMATELY, Numerals
from symback.page.substitution import is_smooth, rounded, scalar_form, unfolded
from symback.page.typesetting import (
    SUM,
    Context,
    NoMatrixNotation,
    Piece,
    Place,
    Places,
    Typesetter,
    closed,
    context_of,
    decimal_piece,
    is_scalar,
    one_element,
    prefers_rows,
    reserved_symbols,
    size_symbol,
    subscripted,
)
from symback.page.words import words
from symback.run.numeric import evaluate
from symback.run.optimization import COUNT, GRADIENT, NORM, PARAMETER, Optimizer, optimizer

VIEWS = ("auto", "chain", "matrix", "index", "entries")
STYLES = ("both", "full", "staged")
_LINE = 38.0
"""Equations share a line up to this width, in em; a page of A4 holds about 44."""
_LETTERS = string.ascii_letters + "\\"
_TABLE = 14
"""Lines of the table of names in one display."""
_SHORT = 7
"""A stage spells its value out up to this number of factors."""
_SETTINGS = 4
"""Hyperparameters on one line."""
_LONG = 24
"""A product of more factors than this uses gradients already stated."""


Sentence: TypeAlias = "tuple[str | Node, ...]"
"""Words with formulas between them."""


def sentence(template: str, **parts: str | Node) -> Sentence:
    """Return a sentence from its template; formulas stay formulas.

    >>> sentence("Used: {name}.", name=Symbol("y", "y"))
    ('Used: ', Symbol(latex='y', text='y'), '.')
    """
    found: list[str | Node] = []
    for text, key, _, _ in Formatter().parse(template):
        if text:
            found.append(text)
        if key is not None:
            found.append(parts[key])
    return tuple(found)


def sentence_text(words_and_formulas: Sentence) -> str:
    """Return a sentence as Unicode text."""
    return "".join(p if isinstance(p, str) else to_text(p) for p in words_and_formulas)


@dataclass(frozen=True)
class Display:
    """One step on the page: aligned ``rows`` of cells, what they are ``of``, and sentences that go before."""

    rows: tuple[tuple[Node, ...], ...]
    of: tuple[str, ...] = ()
    words: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the derivation with its heading."""

    key: str
    title: str
    displays: tuple[Display, ...]


@dataclass(frozen=True)
class Meaning:
    """What a symbol stands for: its name in the network, the meaning in words, the shape; ``error`` for a δ."""

    name: str
    symbol: Node
    words: str
    shape: Node
    error: bool = False


class Extras(TypedDict, total=False):
    """What a page may show besides the formulas.

    ``numbers`` puts values into them (``values`` override those of the network), with ``digits`` significant digits;
    ``why`` gives the reasons of the index view in words; ``numbering`` of the entries view is "running" (W₁ … W₆ across
    layers) or "layered"; ``shapes`` stand under the factors of matrix products; ``table`` lists the names first;
    ``optimizer`` makes the updates (default: that of the code, else gradient descent).
    """

    numbers: bool
    values: Mapping[str, Any] | None
    digits: int
    why: bool
    numbering: str
    shapes: bool
    table: bool
    optimizer: Optimizer | None


def sections(
    record: Record,
    view: str = "auto",
    notation: Notation | str | None = None,
    style: str = "both",
    language: str = "en",
    **extras: Unpack[Extras],
) -> tuple[Section, ...]:
    """Return the whole derivation in order: forward pass, loss, derivatives, updates."""
    page = page_of(record, notation, language, view, extras)
    kind = page.kind(view)
    if style not in STYLES:
        raise PrintError(f"there is no style {style!r}{nearest(style, STYLES)}; known: {', '.join(STYLES)}")
    found = [("names", page.table())] if extras.get("table") else []
    found += [("forward", page.forward()), ("loss", page.loss()), ("where", page.definitions(kind))]
    if kind == "index":
        found.append(("index", page.index()))
    elif kind == "matrix":
        found.append(("backward", page.matrix()))
    elif page.base.scalar:
        local = page.local_derivatives()
        found.append(("local", local))
        chains = [("full", page.full())] if style != "staged" else []
        chains += [("staged", page.staged())] if style != "full" else []
        # Where every gradient is a local derivative there is no chain to show.
        said = {line for display in local for line in display.rows}
        found += [(key, displays) for key, displays in chains if any(set(d.rows) - said for d in displays)]
    else:
        found.append(("backward", page.adjoints()))
    found.append(("update", page.updates()))
    titles = words(language)
    return tuple(Section(key, titles[key], tuple(displays)) for key, displays in found if displays)


_ENTRY = re.compile(r"\s*(\w+)\s*\[([\d\s,]*)\]\s*")


def entry_of(name: str) -> tuple[str, tuple[int, ...] | None]:
    """Return the array and the entry, counted from 0, that ``W1[0,1]`` names; no entry for a plain name.

    >>> entry_of("W1[0,1]"), entry_of("W1")
    (('W1', (0, 1)), ('W1', None))
    """
    match = _ENTRY.fullmatch(name)
    if match is None:
        return name, None
    return match.group(1), tuple(int(k) for k in match.group(2).split(",") if k.strip())


def step_display(
    record: Record,
    name: str,
    view: str = "auto",
    notation: Notation | str | None = None,
    style: str = "full",
    language: str = "en",
    **extras: Unpack[Extras],
) -> Display:
    """Return the derivative of the loss with respect to ``name``, or to one entry ``name[0,1]``, as one display."""
    array, entry = entry_of(name)
    steps = record.by_name()
    if array not in steps:
        raise PrintError(f"there is no derivative with respect to {array}{nearest(array, steps)}")
    if entry is not None:
        _check_entry(name, entry, record.network.shape_of(array))
    if view == "entries" or (entry is not None and view in ("auto", "chain")):
        if entry is None or not _too_many(record.network):
            return _entry_steps(page_of(record, notation, language, "entries", extras), array, entry, style)
        view = "index"
    page = page_of(record, notation, language, view, extras)
    kind = page.kind(view)
    if entry is not None or kind == "index":
        return page.index_step(array, entry)
    name = array
    if kind == "matrix":
        return page.matrix_step(name)
    if page.base.scalar:
        return page.full_step(name) if style == "full" else page.staged_step(name)
    return page.adjoint_step(name)


def _check_entry(name: str, entry: tuple[int, ...], shape: forms.Shape) -> None:
    fits = len(entry) == len(shape) and all(not isinstance(s, int) or k < s for k, s in zip(entry, shape, strict=False))
    if not fits:
        raise PrintError(f"{name} is not an entry of an array of shape {forms.shape_text(shape)}; entries count from 0")


def _too_many(network: NamedNetwork) -> bool:
    try:
        entries(network)
    except PrintError:
        return True
    return False


def _entry_steps(page: Page, array: str, entry: tuple[int, ...] | None, style: str) -> Display:
    """Return the derivatives of one entry, or of all entries of an array, one below the other."""
    assert page.entries is not None
    found = page.entries.names[array]
    if entry is not None and entry not in found:
        # a symbolic batch is written out by one row
        raise PrintError(f"{array}[{', '.join(map(str, entry))}] is not written out; the batch is shown by one row")
    wanted = [found[entry]] if entry is not None else list(found.values())
    whole = "staged" if style == "staged" or page.numerals is not None else "full"
    displays = _once(page.full_step(n) if whole == "full" else page.staged_step(n) for n in wanted)
    words_before = tuple(dict.fromkeys(s for d in displays for s in d.words))
    return Display(tuple(r for d in displays for r in d.rows), tuple(wanted), words_before)


def step_text(record: Record, name: str, notation: Notation | str | None = None) -> str:
    """Return what the code of a step computes as one line of Unicode: ``∂L/∂W₂ = a₁ᵀ δ₂``."""
    page = page_of(record, notation)
    return page.step_text(name)


def form_display(form: Form, context: Context | None = None) -> Node:
    """Return a form in textbook notation (entries ``r_ij = …`` are printed where matrices have no notation)."""
    setter = Typesetter(context or context_of(form))
    _, piece = setter.equation(lambda places: EMPTY, form)
    return piece.whole()


@form_latex.plug
def _form_latex(form: Form) -> str:
    return to_latex(form_display(form))


def text_of(form: Form, context: Context | None = None) -> str:
    """Return a form as one line of Unicode text.

    >>> from symback.core.forms import name
    >>> text_of(name("x", (2, 3)) @ name("W1", (3, 4)))
    'x W₁'
    """
    return to_text(form_display(form, context))


def network_display(network: Network) -> Display:
    """Return the equations of a network as they were written, before any derivation.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> y = net.define("y", net.parameter("w1") * net.input("x"))
    >>> [to_text(cell) for cell in network_display(net).rows[0]]
    ['y', ' = w₁ · x']
    """
    found = [e.written for e in network.equations]
    leaves = [forms.name(v.name, v.shape) for v in network.variables.values()]
    names = [*network.variables, *(e.name for e in network.equations)]
    symbols = name_symbols(names, PLAIN, reserved_symbols([*found, *leaves]))
    setter = Typesetter(Context(symbols, scalar=is_scalar([*found, *leaves]), rows=prefers_rows(found)))
    rows = []
    for equation in network.equations:
        symbol = symbols[equation.name]

        def left(places: Places, symbol: Node = symbol) -> Node:
            return subscripted(symbol, places)

        shown, piece = setter.equation(left, equation.written)
        rows.append((shown, row(EQUALS, piece.whole())))
    return Display(tuple(rows), tuple(e.name for e in network.equations))


@network_latex.plug
def _network_latex(network: Network) -> str:
    return latex_lines(network_display(network).rows)


_KINK_SIGNS: Mapping[str, Node] = {"±": Symbol(r"\pm ", "±"), "−": NEGATIVE, "=": EQUALS, ",": row(COMMA, SPACE)}


def kink_sentence(function: Function, language: str = "en") -> Sentence:
    """Return the value chosen at a kink as a sentence; what a row says in words stands in English only.

    >>> from symback.functions import ROWS
    >>> sentence_text(kink_sentence(ROWS["relu"]))
    'At the kink: ReLU′(0) = 0.'
    """
    if not ("'" in function.kinks and "=" in function.kinks and " " not in function.kinks.partition("'")[0]):
        return (words(language)["kinks"].format(kinks=function.kinks),) if function.kinks and language == "en" else ()
    symbol = Symbol(function.latex, function.text)
    nodes: list[Node] = []
    for token in re.findall(r"\w+'|[\w.]+|[^\w\s]", function.kinks):
        if token.endswith("'"):
            nodes.append(Script(symbol, primes=1))
        else:
            nodes.append(_KINK_SIGNS.get(token) or letter(token) or Symbol(token, token))
    return sentence(words(language)["kinks"], kinks=row(*nodes))


def context_for(network: NamedNetwork, notation: Notation = PLAIN, language: str = "en") -> Context:
    """Return what a document on this network has settled before its first formula."""
    found = [f for e in network.equations for f in (e.form, e.written)]
    found += [forms.name(v.name, v.shape) for v in network.variables.values()]
    names = [*network.variables, *(e.name for e in network.equations)]
    depends: dict[str, frozenset[str]] = {v: frozenset((v,)) for v in network.variables}
    partial = set()
    for equation in network.equations:
        read = names_in(equation.form)
        if len(read) > 1:
            partial |= {(equation.name, n.name) for n in read if n.name not in network.variables}
        depends[equation.name] = frozenset().union(*(depends.get(n.name, frozenset()) for n in read))
    scalar = is_scalar(found)
    reserved = reserved_symbols(found)
    if scalar:
        notation = replace(notation, heads={})
    if (
        notation.loss
        and network.loss not in notation.symbols
        and notation.loss not in {*names, *notation.symbols.values(), *map(to_latex, reserved)}
    ):
        notation = replace(notation, symbols={**notation.symbols, network.loss: notation.loss})
    return Context(
        names=name_symbols(names, notation, reserved),
        notation=notation,
        scalar=scalar,
        rows=prefers_rows(found),
        loss=network.loss,
        leaves={name: len(leaves) for name, leaves in depends.items()},
        partial=frozenset(partial),
        otherwise=words(language)["otherwise"],
    )


def pre_activations(network: NamedNetwork) -> tuple[str, ...]:
    """Return the outputs of affine equations (a product with a variable of the network, plus a bias), in order."""
    return tuple(e.name for e in network.equations if e.name != network.loss and _is_affine(e.form, network))


def _is_affine(form: Form, network: NamedNetwork) -> bool:
    products = 0
    stack = [form]
    while stack:
        node = stack.pop()
        if isinstance(node, Apply) and node.op in ("add", "subtract", "negative"):
            stack.extend(node.args)
        elif isinstance(node, (Matmul, forms.Outer)) or (
            isinstance(node, Apply) and node.op == "multiply" and any(one_element(a) for a in node.args)
        ):
            factors = [bare_name(a) for a in node.args]
            if any(f is None for f in factors):
                return False
            products += any(f in network.variables for f in factors)
            if not any(f in network.variables for f in factors):
                return False
        elif bare_name(node) is None and not isinstance(node, Number):
            return False
    return products > 0


def bare_name(form: Form) -> str | None:
    """Return the name a form is, through transposes and axes of length 1; None for a formula."""
    while isinstance(form, (forms.Transpose, forms.Expand, forms.Broadcast)):
        form = form.args[0]
    return form.name if isinstance(form, Name) else None


class Page:
    """One record in one notation and language: the displays of each section."""

    def __init__(
        self,
        record: Record,
        notation: Notation | str | None = None,
        language: str = "en",
        view: str = "auto",
        extras: Extras | None = None,
        entries: Entries | None = None,
    ) -> None:
        given: Extras = extras or {}
        self.record = record
        self.network = record.network
        self.language = language
        self.words = words(language)
        self.why = given.get("why", False)
        self.entries = entries
        self.remarks: tuple[Sentence, ...] = ()
        chosen = choose_notation(notation)
        self.base = context_for(record.network, chosen, language)
        if entries is not None:
            self.base = replace(self.base, product="juxtaposed")
        self.spelled = entries is not None and chosen.activation != ""
        self.steps: Mapping[str, Step] = record.by_name()
        self.affine = tuple(n for n in pre_activations(record.network) if n in self.steps)
        self.errors = self._error_symbols()
        short = self._short_adjoints()
        self.base = self.base.with_adjoints(short)
        self.with_errors = self.base.with_adjoints({**short, **self.errors})
        self.readers = self._readers()
        self.ancestors: dict[str, frozenset[str]] = {}
        for equation in self.network.equations:
            read = [n.name for n in names_in(equation.form)]
            self.ancestors[equation.name] = frozenset(read).union(*(self.ancestors.get(n, frozenset()) for n in read))
        self.numerals = self._numerals(view, given) if given.get("numbers") else None
        self.outputs: dict[Form, Form] = {e.form: forms.name(e.name, e.shape) for e in self.network.equations}
        found = record.network.optimizer
        self.optimizer = given.get("optimizer") or (None if found is None else optimizer(found[0], **found[1]))
        if given.get("shapes") and not self.base.scalar:
            self.base = replace(self.base, shapes=True)
            self.with_errors = replace(self.with_errors, shapes=True)

    def _numerals(self, view: str, given: Extras) -> Numerals:
        values = given.get("values")
        run = evaluate(self.record, values)
        known = {**run.values, **{"∂" + name: value for name, value in run.adjoints.items()}}
        typed = frozenset((*self.network.values, *(values or ())))
        return Numerals(self.base, self.network, known, typed, given.get("digits", 4))

    def kind(self, view: str) -> str:
        if view not in VIEWS:
            raise PrintError(f"there is no view {view!r}{nearest(view, VIEWS)}; known: {', '.join(VIEWS)}")
        if view == "entries":
            return "chain"
        return ("chain" if self.base.scalar else "matrix") if view == "auto" else view

    # --- numbers ---

    def _numbered(
        self, cells: tuple[Node, Node], form: Form, spelled: Node | None = None
    ) -> tuple[tuple[Node, ...], ...]:
        """Return the rows of an equation, with its numbers where the page has them."""
        if self.numerals is None:
            return (cells,)
        left, right = cells
        stages = self.numerals.stages(form)
        if spelled is None:
            spelled = self._spelled_out(form)
        if spelled is not None and row(EQUALS, spelled) != right:
            stages = [row(EQUALS, spelled), *stages]
        if self.base.scalar:
            return ((left, row(right, *stages)),)
        return ((left, right), *((EMPTY, stage) for stage in stages))

    def _spelled_out(self, form: Form) -> Node | None:
        """Return the formula that numbers go into, where it is another one than is printed."""
        assert self.numerals is not None
        found = self.numerals.spelled_out(form)
        if found is form or (self.base.scalar and found is scalar_form(form)):
            return None
        try:
            return Typesetter(self.base if self.base.scalar else self.with_errors).form(found).whole()
        except NoMatrixNotation:
            return None

    def _error_symbols(self) -> dict[str, Node]:
        """Return δ for each pre-activation, numbered like its name where those numbers are distinct."""
        if not self.base.notation.delta or any(t.startswith(r"\delta") for t in self.base.names.taken):
            return {}
        delta = Symbol(r"\delta", "δ")
        digits = [re.search(r"(\d+)$", name) for name in self.affine]
        numbers = [m.group(1) for m in digits if m is not None]
        if len(self.affine) == 1 and not numbers:
            return {self.affine[0]: delta}
        layers = self.base.notation.layers
        if (numbers and len(numbers) != len(self.affine)) or (not numbers and self._numbered_otherwise()):
            # a number of its own would contradict the names: δ_Q stands for ∂L/∂Q
            return {n: Script(delta, self.base.name(n)) for n in self.affine}
        if len(set(numbers)) != len(self.affine):
            numbers = [str(k) for k in range(1, len(self.affine) + 1)]
        return {n: with_layer(delta, Symbol(k, k), layers) for n, k in zip(self.affine, numbers, strict=True)}

    def _numbered_otherwise(self) -> bool:
        """Say whether names like z₁ stand for something else than the affine maps."""
        return any(re.fullmatch(r"z_?\d+", e.name) for e in self.network.equations if e.name not in self.affine)

    def _short_adjoints(self) -> dict[str, Node]:
        """Return dW for every name, in a notation that writes derivatives of the loss so."""
        if self.base.notation.adjoint != "short":
            return {}
        taken = self.base.names.taken
        found = {n: short_adjoint(self.base.name(n)) for n in self.steps if n != self.network.loss}
        found = {n: node for n, node in found.items() if to_latex(node) not in taken}
        example = next((n for n in self.record.wrt if n in found), None)
        if example is not None:
            long = self.base.derivative(self.base.loss, example)
            self.remarks = (*self.remarks, sentence(self.words["short for"], short=found[example], long=long))
        return found

    def _readers(self) -> dict[str, list[Step]]:
        """Return the steps that read the adjoint of each name."""
        found: dict[str, list[Step]] = {}
        for step in self.record.steps:
            if step.needed:
                for of in dict.fromkeys(n.of for n in walk(step.form) if isinstance(n, Adjoint)):
                    found.setdefault(of, []).append(step)
        return found

    # --- equations ---

    def _equation(self, context: Context, left: Callable[[Places], Node], sides: Sequence[Form]) -> tuple[Node, Node]:
        """Return the cells of ``left = side = side …``; all in index notation if one of them needs it."""
        setter = Typesetter(context)
        shown, pieces = setter.equations(left, sides)
        if context.shapes and shown == left(()) and sides[0].ndim in (1, 2):
            shown = setter.labelled(shown, sides[0])
        printed = [row(EQUALS, piece.whole()) for piece in pieces]
        return shown, row(*(p for k, p in enumerate(printed) if p not in printed[:k]))

    def formula(self, name: str) -> tuple[Node, Node]:
        """Return the two sides of the equation of a name, as the forward pass prints them."""
        return self._named(self.network.equation(name))

    def _named(self, equation: Equation) -> tuple[Node, Node]:
        known = set(self.base.names.symbols)
        written = {n.name for n in names_in(equation.written)}
        read = {n.name for n in names_in(equation.form)}
        sides = [equation.form]
        if not equation.invented and written != read and written <= known:
            sides = [equation.written, *(sides if read <= known else [])]
        symbol = self.base.name(equation.name)
        if self.spelled:
            sides = [unfolded(side, self.outputs) for side in sides]
        return self._equation(self.base, lambda places: subscripted(symbol, places), sides)

    def _adjoint_symbol(self, context: Context, of: str) -> Callable[[Places], Node]:
        def left(places: Places) -> Node:
            if of in context.adjoints:
                return subscripted(context.adjoints[of], places)
            return context.derivative(context.loss, of, subscripted(context.name(of), places))

        return left

    # --- forward ---

    def forward(self) -> list[Display]:
        """Return the equations up to the loss; an activation stands beside its pre-activation."""
        equations = [e for e in self.network.equations if e.name != self.network.loss]
        found: list[Display] = []
        pending: list[tuple[str, tuple[Node, Node]]] = []
        for equation in equations:
            cells = self._named(equation)
            if self.numerals is not None:
                found.append(Display(self._numbered(cells, equation.form), (equation.name,)))
                continue
            follows = (
                pending
                and {n.name for n in names_in(equation.form)} == {pending[-1][0]}
                and isinstance(equation.form, Apply)
            )
            if pending and not (follows and len(pending) == 1):
                found.append(_side_by_side(pending))
                pending = []
            pending.append((equation.name, cells))
        if pending:
            found.append(_side_by_side(pending))
        invented = [self.base.name(e.name) for e in equations if e.invented]
        sentences: list[Sentence] = list(self.remarks)
        if invented:
            sentences.append(sentence(self.words["invented"], names=separated(invented, row(COMMA, SPACE))))
        for name, symbol, owner in self.base.names.notes:
            sentences.append(sentence(self.words["spelled"], name=upright(name), symbol=symbol, owner=owner))
        if found and sentences:
            found[0] = replace(found[0], words=tuple(sentences))
        return found

    def loss(self) -> list[Display]:
        """Return the loss; and below it every formula that code evaluates in another, equal form."""
        equation = self.network.equation(self.network.loss)
        found = [Display(self._numbered(self._named(equation), equation.form), (equation.name,))]
        for name, form in stable_forms(self.record).items():
            symbol = self.base.name(name)

            def left(places: Places, symbol: Node = symbol) -> Node:
                return subscripted(symbol, places)

            cells = self._equation(self.base, left, [form])
            found.append(Display((cells,), (name,), ((self.words["evaluated"],),)))
        return found

    def definitions(self, kind: str) -> list[Display]:
        """Return what the functions of this network mean, and their derivatives, each stated once."""
        used: dict[Function, None] = {}
        for equation in self.network.equations:
            for node in walk(equation.form):
                if isinstance(node, Apply) and isinstance(node.op, Function) and not node.op.elementary:
                    used[node.op] = None
        for step in self.record.steps:
            for contribution in (*step.contributions, *step.literal):
                for node in walk(contribution.form):
                    if isinstance(node, Apply) and isinstance(node.op, Prime):
                        used[node.op.function] = None
        for function in _speaking_of(used):
            used[function] = None
        known = [f for f in used if f.definition is not None and not (self.spelled and is_smooth(f))]
        return [d for f in known for d in [self._definition(f, kind)] if d is not None]

    def _definition(self, function: Function, kind: str) -> Display | None:
        assert function.definition is not None
        if not function.entrywise:
            return self._row_definition(function)
        arguments = [forms.name(n) for n in (("x",) if function.arguments == 1 else function.argument_names)]
        given = [
            *arguments[: function.arguments - len(function.defaults)],
            *(self._trailing(function) or arguments[function.arguments - len(function.defaults) :]),
        ]
        call = forms.apply(function, *given)
        context = context_of(call, names=[a.name for a in arguments])
        context = replace(context, otherwise=self.base.otherwise)
        setter = Typesetter(context, indicators=False)

        def cells(left: Form, right: Form) -> tuple[Node, Node]:
            return setter.form(left).whole(), row(EQUALS, setter.form(right).whole())

        if function.stated[0]:
            rows: list[tuple[Node, ...]] = [(setter.form(call).whole(), row(EQUALS, Symbol(*function.stated)))]
        else:
            rows = [cells(call, function.definition(*given))]
        prime = Prime(function, 0)
        if self._primes(prime):
            stated = self._prime_in_outputs(prime) if kind == "matrix" else []
            rows += stated or [cells(forms.apply(prime, *given), prime_form(prime, tuple(given), call))]
        said = kink_sentence(function, self.language) if len(rows) > 1 else ()
        sentences = (said,) if said else ()
        return Display(tuple(rows), (function.name,), sentences)

    def _trailing(self, function: Function) -> list[Form]:
        """Return the numbers that calls give for the trailing arguments, if all calls give the same ones."""
        fixed = len(function.defaults)
        calls = [n for e in self.network.equations for n in walk(e.form) if isinstance(n, Apply) and n.op is function]
        found = {c.args[len(c.args) - fixed :] for c in calls} if fixed else set()
        if len(found) == 1:
            (only,) = found
            return list(only) if all(isinstance(a, Number) for a in only) else []
        return []

    def _row_definition(self, function: Function) -> Display | None:
        """Return the definition of a function that works along an axis, for the entry i of a vector."""
        assert function.definition is not None
        vector = forms.name("x", (forms.size("n"),))
        body = function.definition(vector, **{**function.parameters, "axis": -1})
        context = replace(context_of(vector), scalar=False)
        setter = Typesetter(context)
        call = forms.apply(function, vector)
        with setter.indices(body.shape) as places:
            left, right = setter.entry(call, places), setter.entry(body, places)
        return Display(((left.whole(), row(EQUALS, right.whole())),), (function.name,))

    def _primes(self, prime: Prime) -> bool:
        return any(
            isinstance(node, Apply) and node.op == prime
            for step in self.record.steps
            for c in (*step.contributions, *step.literal)
            for f in (c.form, c.local)
            if f is not None
            for node in walk(f)
        )

    def _prime_in_outputs(self, prime: Prime) -> list[tuple[Node, ...]]:
        """Return σ'(z_l) = a_l ⊙ (1 − a_l), one line for all layers where their names agree but for the number."""
        found: list[tuple[str, str, Form]] = []
        for equation in self.network.equations:
            form = equation.form
            if isinstance(form, Apply) and form.op is prime.function and isinstance(form.args[0], Name):
                out = forms.name(equation.name, equation.shape)
                body = prime_form(prime, form.args, out)
                if out not in names_in(body):
                    return []
                found.append((form.args[0].name, equation.name, body))
        calls = sum(
            isinstance(n, Apply) and n.op is prime.function for e in self.network.equations for n in walk(e.form)
        )
        if not found or len(found) != calls:
            return []
        stems = {(re.sub(r"\d+$", "", z), re.sub(r"\d+$", "", a)) for z, a, _ in found}
        numbered = all(
            re.search(r"\d+$", z) and z[len(z.rstrip("0123456789")) :] == a[len(a.rstrip("0123456789")) :]
            for z, a, _ in found
        )
        layer = self.base.names.free([Symbol("l", "l"), Symbol("k", "k"), Symbol("m", "m")])
        context = replace(self.base, shapes=False)
        if len(stems) == 1 and numbered and len(found) > 1:
            z, a, _ = found[0]
            symbols = dict(context.names.symbols)
            for name in (z, a):
                node = symbols[name]
                layers = context.notation.layers
                if not isinstance(node, Script) or (node.above if layers == "subscript" else node.below) is not None:
                    break
                symbols[name] = with_layer(node.base, layer, layers)
            else:
                context = replace(context, names=replace(context.names, symbols=symbols))
                found = found[:1]
        rows: list[tuple[Node, ...]] = []
        for z, _, body in found:
            setter = Typesetter(context)
            call = forms.apply(prime, forms.name(z, body.shape))
            try:
                rows.append((setter.form(call).whole(), row(EQUALS, setter.form(body).whole())))
            except NoMatrixNotation:
                return []
        return rows

    # --- chain rule in scalar networks ---

    def _stops(self) -> set[str]:
        """Return the names whose adjoints are stated on their own: read twice, wanted, sums, or pre-activations."""
        found = set(self.affine) | set(self.record.wrt)
        for step in self.record.steps:
            if len(self.readers.get(step.of, [])) > 1 or len(step.contributions) > 1:
                found.add(step.of)
        return found

    def _count(self, of: str, stops: set[str], memo: dict[str, int]) -> int:
        if of in memo:
            return memo[of]
        if of == self.network.loss:
            return 0
        memo[of] = 1
        if of not in stops:
            memo[of] = sum(1 + self._count(c.through, stops, memo) for c in self.steps[of].contributions)
        return memo[of]

    def _full_stops(self, of: str) -> set[str]:
        """Return where a full product has to stop: where adjoints are stated, once it would grow too long."""
        return set() if self._count(of, set(), {}) <= _LONG else self._stops()

    def _local_symbol(self, of: str, by: str) -> Node:
        """Return ∂(of)/∂(by) of one equation; with its arguments where ``by`` reaches ``of`` by another path as well.

        In L = z a with a = σ(z), ∂L(z, a)/∂z is a, while dL/dz is the sum over both paths.
        """
        read = [n.name for n in names_in(self.network.equation(of).form)]
        if not any(by in self.ancestors.get(n, ()) for n in read if n != by):
            return self.base.derivative(of, by)
        mark = Symbol(r"\partial ", "∂")
        arguments = Fence(separated((self.base.name(n) for n in read), row(COMMA, SPACE)))
        return Fraction(row(mark, self.base.name(of), arguments), row(mark, self.base.name(by)))

    def _links(self, contribution: Contribution) -> list[tuple[str, str]]:
        """Return the pairs (equation, argument) along a contribution, from the loss inwards."""
        order = {e.name: k for k, e in enumerate(self.network.equations)}
        middle = sorted(contribution.collapsed, key=lambda n: -order.get(n, 0))
        names = [contribution.through, *middle, contribution.of]
        return list(itertools.pairwise(names))

    def _fractions(self, of: str, stops: set[str], first: bool = True) -> list[Node]:
        if of == self.network.loss:
            return []
        if of in stops and not first:
            return [self.base.adjoint(of)]
        found = []
        for contribution in self.steps[of].contributions:
            own = [self._local_symbol(y, a) for y, a in self._links(contribution)]
            found.append(self._fractions(contribution.through, stops, False) + own)
        if not found:
            return [self.base.adjoint(of)]
        if len(found) == 1:
            return found[0]
        total = separated((separated(f, DOT) for f in found), PLUS)
        return [total] if first else [Fence(total)]

    def _product(self, of: str, stops: set[str], first: bool = True) -> Form:
        """Return the values along the chain as one formula."""
        if of == self.network.loss:
            return forms.number(1)
        if of in stops and not first:
            return forms.adjoint(of, self.network.shape_of(of))
        total: Form | None = None
        for contribution in self.steps[of].contributions:
            term = contribution.local
            if term is None:
                term = self._whole(contribution, stops)
            else:
                nearer = self._product(contribution.through, stops, False)
                term = term if _is_one(nearer) else nearer if _is_one(term) else forms.apply("multiply", nearer, term)
            total = term if total is None else forms.apply("add", total, term)
        assert total is not None
        return total

    def _whole(self, contribution: Contribution, stops: set[str]) -> Form:
        """Return a contribution that holds what comes from nearer the loss, as the one over a collapse does."""

        def change(node: Form) -> Form | None:
            return self._product(node.of, stops, False) if isinstance(node, Adjoint) else None

        return forms.substitute(contribution.form, change)

    def _values(
        self, of: str, stops: set[str], first: bool = True, literal: bool = False, outputs: bool = False
    ) -> list[Piece]:
        """Return the values along the chain.

        ``literal`` steps over no collapse; it prints derivatives of functions in their outputs, as ``outputs`` does.
        """
        if of == self.network.loss:
            return []
        if of in stops and not first:
            return [Piece(self.base.adjoint(of), starts="adjoint", ends="adjoint")]
        found = []
        step = self.steps[of]
        for contribution in step.literal if literal else step.contributions:
            local = contribution.local
            if local is None:
                factors, local = [], self._whole(contribution, stops)
            else:
                factors = self._values(contribution.through, stops, False, literal, outputs)
            if literal:
                local = next(iter(self._own_output(contribution)), local)
            if outputs or self.spelled:
                local = unfolded(scalar_form(local), self.outputs)
            if not _is_one(local):
                factors = [*factors, Typesetter(self.base).form(local)]
            found.append(factors)
        if not found:
            return [Typesetter(self.base).form(forms.number(0))]
        if len(found) == 1:
            return found[0]
        node = _chained(found[0])
        for factors in found[1:]:
            other = _chained(factors)
            node = replace(
                node, node=row(node.whole(), MINUS if other.negative else PLUS, other.node), level=SUM, negative=False
            )
        return [node]

    def full_step(self, of: str) -> Display:
        """Return the full product from the loss, first as derivatives, then as their values."""
        stops = self._full_stops(of)
        left = self.base.adjoint(of)
        if of == self.network.loss:
            return Display(((left, row(EQUALS, Symbol("1", "1"))),), (of,))
        fractions = separated(self._fractions(of, stops), DOT)
        values = [row(EQUALS, _chained(self._values(of, stops)).whole())]
        on_the_way = self._chain(of, stops)
        if any(c.collapsed for name in on_the_way for c in self.steps[name].contributions):
            values.insert(0, row(EQUALS, _chained(self._values(of, stops, literal=True)).whole()))
        sentences = tuple(dict.fromkeys(s for name in on_the_way for s in self._sentences(self.steps[name])))
        right = values if fractions == left else [row(EQUALS, fractions), *values]
        if self.numerals is not None:
            spelled = row(EQUALS, _chained(self._values(of, stops, outputs=True)).whole())
            right += [node for node in (spelled,) if node not in right]
            right += self.numerals.stages(self._product(of, stops))
        return Display(tuple((EMPTY if k else left, cell) for k, cell in enumerate(right)), (of,), sentences)

    def _chain(self, of: str, stops: set[str]) -> list[str]:
        """Return the names whose steps a full product multiplies, nearest the loss first."""
        found: dict[str, None] = {of: None}
        stack = [of]
        while stack:
            for contribution in self.steps[stack.pop()].contributions:
                nearer = contribution.through
                if nearer != self.network.loss and nearer not in stops and nearer not in found:
                    found[nearer] = None
                    stack.append(nearer)
        return list(reversed(found))

    def full(self) -> list[Display]:
        """Return the full products of every gradient that is wanted, nearest the loss first."""
        return _once(self.full_step(s.of) for s in self.record.steps if s.of in self.record.wrt)

    def staged_step(self, of: str) -> Display:
        """Return one stage: the last adjoint stated, times the derivatives from there."""
        stops = self._stops()
        left = self.base.adjoint(of)
        fractions = separated(self._fractions(of, stops), DOT)
        short = self._count(of, set(), {}) <= _SHORT and self.numerals is None
        through = {n for n in stops if len(self.steps[n].contributions) > 1} if short else stops
        values = _chained(self._values(of, through)).whole()
        shown = [] if fractions == left else [fractions]
        right = row(*(row(EQUALS, part) for part in (*shown, values)))
        if self.numerals is not None:
            spelled = _chained(self._values(of, through, outputs=True)).whole()
            extra = [] if spelled == values else [row(EQUALS, spelled)]
            right = row(right, *extra, *self.numerals.stages(self._product(of, through)))
        return Display(((left, right),), (of,), self._sentences(self.steps[of]))

    def staged(self) -> list[Display]:
        """Return the adjoints one after the other, each from those already found."""
        stops = self._stops()
        return [
            self.staged_step(s.of)
            for s in self.record.steps
            if s.needed and s.of in stops and s.of != self.network.loss
        ]

    def local_derivatives(self) -> list[Display]:
        """Return ∂Y/∂A for every equation Y and every A it reads that a gradient goes through."""
        found: dict[str, list[tuple[Node, ...]]] = {}
        seen: set[tuple[str, str]] = set()
        for step in self.record.steps:
            for contribution in (*step.literal, *step.contributions):
                pair = (contribution.through, contribution.of)
                if pair in seen or contribution.local is None or contribution.collapsed:
                    continue
                seen.add(pair)
                sides = [contribution.local, *self._own_output(contribution)]
                if self.spelled:
                    sides = [unfolded(scalar_form(contribution.local), self.outputs)]
                pieces = [Typesetter(self.base).form(side).whole() for side in sides]
                right = row(*(row(EQUALS, p) for p in pieces))
                found.setdefault(contribution.through, []).append((self._local_symbol(*pair), right))
        order = [e.name for e in reversed(self.network.equations)]
        return [
            _side_by_side([(name, (cells[0], cells[1])) for cells in found[name]], stacked=True)
            for name in order
            if name in found
        ]

    def _own_output(self, contribution: Contribution) -> list[Form]:
        """Return the local derivative in the equation's own output, as ŷ(1 − ŷ) for σ'(z)."""
        local = contribution.local
        if isinstance(local, Apply) and isinstance(local.op, Prime):
            equation = self.network.equation(contribution.through)
            if (
                local.op.function.definition is not None
                and isinstance(equation.form, Apply)
                and equation.form.op is local.op.function
                and equation.form.args == local.args
            ):
                out = forms.name(equation.name, equation.shape)
                body = prime_form(local.op, local.args, out)
                if out in names_in(body):
                    return [body]
        return []

    # --- adjoints of arrays ---

    def adjoint_step(self, of: str) -> Display:
        """Return ∂L/∂(of) from the adjoints nearer the loss, nothing abbreviated."""
        rows = self._numbered(self._adjoint_cells(self.base, of), self.steps[of].form)
        return Display(rows, (of,), self._sentences(self.steps[of]))

    def adjoints(self) -> list[Display]:
        """Return every adjoint from those nearer the loss."""
        return [
            self.adjoint_step(s.of)
            for s in self.record.steps
            if (s.needed or self._shown_anyway(s.of)) and s.of != self.network.loss
        ]

    def _adjoint_cells(self, context: Context, of: str, inlined: Mapping[str, Form] | None = None) -> tuple[Node, Node]:
        step = self.steps[of]
        form = step.form if inlined is None else _inline(step.form, inlined)
        sides = [form]
        if any(c.collapsed for c in step.contributions) and all(not c.collapsed for c in step.literal):
            total = step.literal[0].form
            for contribution in step.literal[1:]:
                total = total + contribution.form
            # A pre-activation's own collapse prints the product that it replaces.
            sides = [total, form] if total is not form else sides
        return self._equation(context, self._adjoint_symbol(context, of), sides)

    def _inlined(self) -> dict[str, Form]:
        """Return the adjoints ∂L/∂a that the matrix view writes inside the one error that reads them, once."""
        found: dict[str, Form] = {}
        for step in self.record.steps:
            if not step.needed or step.of in self.affine or step.of in self.record.wrt or step.of == self.network.loss:
                continue
            readers = self.readers.get(step.of, [])
            if (
                len(readers) == 1
                and readers[0].of in self.affine
                and _occurrences(readers[0].form, step.of) == 1
                and not _numbers_meet(readers[0].form, step)
                and self._is_matrix_notation(step.form)
                and self._is_matrix_notation(readers[0].form)
            ):
                found[step.of] = _inline(step.form, found)
        return found

    def _is_matrix_notation(self, form: Form) -> bool:
        try:
            Typesetter(self.with_errors).form(form)
        except NoMatrixNotation:
            return False
        return True

    def matrix_step(self, of: str) -> Display:
        """Return one line of the matrix view."""
        step = self.steps[of]
        inlined = self._inlined()
        cells = self._adjoint_cells(self.with_errors, of, inlined)
        return Display(self._numbered(cells, _inline(step.form, inlined)), (of,), self._sentences(step))

    def matrix(self) -> list[Display]:
        """Return the legend of δ, then the errors from the loss inwards, each with the gradients it gives."""
        inlined = self._inlined()
        found = self._legend()
        used: set[str] = set()
        for step in self.record.steps:
            of = step.of
            hidden = of in inlined or of == self.network.loss or of in used
            if hidden or (not step.needed and not self._shown_anyway(of)):
                continue
            cells = [(of, self._adjoint_cells(self.with_errors, of, inlined))]
            for other in self.record.steps:
                if (
                    of in self.affine
                    and other.of in self.record.wrt
                    and set(other.through) == {of}
                    and other.of not in self.affine
                ):
                    cells.append((other.of, self._adjoint_cells(self.with_errors, other.of, inlined)))
            used.update(name for name, _ in cells)
            sentences = tuple(s for name, _ in cells for s in self._sentences(self.steps[name]))
            if self.numerals is None:
                found.append(replace(_side_by_side(cells), words=sentences))
                continue
            for k, (name, pair) in enumerate(cells):
                rows = self._numbered(pair, _inline(self.steps[name].form, inlined))
                found.append(Display(rows, (name,), () if k else sentences))
        return found

    # --- names ---

    def table(self) -> list[Display]:
        """Return every name with what it is and its shape, and the symbols used beside them."""
        rows = [
            (m.symbol, row(QUAD, Word(m.words)), row(QUAD, m.shape) if isinstance(m.shape, Word) else m.shape)
            for m in self.meanings()
        ]
        return [Display(tuple(rows[k : k + _TABLE])) for k in range(0, len(rows), _TABLE)]

    def meanings(self) -> list[Meaning]:
        """Return what every symbol of the page stands for, those of the errors last."""
        found = [
            Meaning(n, self.base.name(n), self.words[self._purpose(n)], self._shape_node(n))
            for n in (*self.network.variables, *(e.name for e in self.network.equations))
        ]
        if self.errors and not self.base.scalar:
            found += [Meaning(n, s, self.words["error"], self._shape_node(n), True) for n, s in self.errors.items()]
        return found

    def _purpose(self, name: str) -> str:
        """Return what a name is for: a computed name that wears a hat is the prediction."""
        if name in self.network.variables:
            return self.meaning(name)
        if isinstance(self.network.equation(name).form, forms.OneHot):
            return "encoding"
        return "prediction" if to_latex(self.base.name(name)).startswith(r"\hat{") else self.meaning(name)

    def meaning(self, name: str) -> str:
        """Return what a name is, as a key of the words: "data", "weight", "activation"."""
        variable = self.network.variables.get(name)
        if variable is not None:
            if name in self.network.parameters or variable.role == "parameter":
                return self._parameter_kind(name)
            if variable.integer:
                return "classes"
            reads = names_in(self.network.equation(self.network.loss).form)
            if any(n.name == name for n in reads):
                return "target"
            # what is only added to weighted sums is a bias, though it is held fixed
            readers = {e.name for e in self.network.equations if any(n.name == name for n in names_in(e.form))}
            return "bias" if readers <= set(self.affine) and self._parameter_kind(name) == "bias" else "data"
        if name == self.network.loss:
            return "loss value"
        if name in self.affine:
            return "pre-activation"
        form = self.network.equation(name).form
        called = isinstance(form, Apply) and isinstance(form.op, Function) and not form.op.elementary
        return "activation" if called else "value"

    def _parameter_kind(self, name: str) -> str:
        """Return whether a parameter is multiplied with something (weight) or only added (bias)."""
        added = False
        for equation in self.network.equations:
            for node in walk(equation.form):
                operands = [bare_name(a) for a in node.args]
                if name in operands and (
                    isinstance(node, (Matmul, forms.Outer)) or getattr(node, "op", "") == "multiply"
                ):
                    return "weight"
                # a difference inside the loss makes nothing a bias
                apart = equation.name != self.network.loss
                added = added or (apart and name in operands and getattr(node, "op", "") in ("add", "subtract"))
        return "bias" if added else "parameter"

    def _shape_node(self, name: str) -> Node:
        shape = self.network.shape_of(name)
        if not shape:
            return Word(self.words["number"])
        sizes = [Symbol(str(s), str(s)) if isinstance(s, int) else size_symbol(s) for s in shape]
        return separated(sizes, TIMES)

    # --- index notation ---

    def index_step(self, of: str, entry: tuple[int, ...] | None = None) -> Display:
        """Return the proof of one gradient, as one display."""
        displays = self._index_displays(of, entry)
        words_before = tuple(dict.fromkeys(s for d in displays for s in d.words))
        return Display(tuple(r for d in displays for r in d.rows), (of,), words_before)

    def index(self) -> list[Display]:
        """Return the proof of every adjoint, those nearest the loss first."""
        return [d for s in self.record.steps if s.of != self.network.loss for d in self._index_displays(s.of)]

    def _index_displays(self, of: str, entry: tuple[int, ...] | None = None) -> list[Display]:
        """Return the proof of each contribution; then their sum, and the short form where two derivatives cancel."""
        step = self.steps[of]
        found: list[Display] = []
        all_proofs = proofs(self.record, of)
        for proof in all_proofs:
            rows = list(proof_rows(self.base, self.network, proof, self.base, entry))
            sentences: list[Sentence] = []
            if len(all_proofs) > 1:
                sentences.append(
                    sentence(self.words["part"], of=self.base.name(of), through=self.base.name(proof.through))
                )
                rows = _without_left(rows)
            if self.why:
                sentences += self.reasons(proof)
            found.append(Display(tuple(rows), (of,), tuple(sentences)))
        if entry is None and (len(all_proofs) > 1 or any(c.collapsed for c in step.contributions)):
            cells = self._equation(self.base, self._adjoint_symbol(self.base, of), [step.form])
            before = (
                self._sentences(step)
                if len(all_proofs) == 1
                else ((self.words["sum of parts"],), *self._sentences(step))
            )
            found.append(Display((cells,), (of,), before))
        if entry is None and self.numerals is not None:
            # indices stand for all entries; the numbers stand in the array formula that was proved
            found.append(replace(self.adjoint_step(of), words=()))
        elif entry is not None and self.numerals is not None:
            value = np.asarray(self.numerals.values["∂" + of])[entry]
            digits = decimal_piece(rounded(float(value), self.numerals.digits)).whole()
            left = subscripted(self.base.name(of), [Place(None, offset=Rational(k)) for k in entry])
            symbol = self.base.derivative(self.base.loss, of, left)
            found.append(Display(((symbol, row(APPROXIMATELY, digits)),), (of,)))
        return found

    def reasons(self, proof: Proof) -> list[Sentence]:
        """Return why a contribution looks as it does, in words."""
        sign = Symbol(r"\odot", "⊙")
        return [
            sentence(self.words[key], sign=sign, **{k: self.base.name(n) for k, n in parts.items()})
            for key, parts in reasons(self.network, proof)
        ]

    def _shown_anyway(self, of: str) -> bool:
        """Say whether a step that the code skips is a link of a collapse that the page shows."""
        return any(of in c.collapsed for s in self.record.steps for c in s.contributions)

    def _legend(self) -> list[Display]:
        if not self.errors:
            return []
        stems = {re.sub(r"\d+$", "", name) for name in self.errors}
        symbols = [self.base.name(n) for n in self.errors]
        layer = self.base.names.free([Symbol("l", "l"), Symbol("k", "k"), Symbol("m", "m")])
        if (
            len(self.errors) > 1
            and len(stems) == 1
            and all(isinstance(s, Script) for s in symbols)
            and all(re.search(r"\d+$", n) for n in self.errors)
        ):
            first = symbols[0]
            assert isinstance(first, Script)
            layers = self.base.notation.layers
            left: Node = with_layer(Symbol(r"\delta", "δ"), layer, layers)
            name = next(iter(self.errors))
            right = self.base.derivative(self.base.loss, name, with_layer(first.base, layer, layers))
            return [Display(((left, row(EQUALS, right)),))]
        cells = [(n, (self.errors[n], row(EQUALS, self.base.derivative(self.base.loss, n)))) for n in self.errors]
        return [replace(_side_by_side(cells), of=())]

    def _sentences(self, step: Step) -> tuple[Sentence, ...]:
        found: list[Sentence] = []
        for contribution in step.contributions:
            for middle in contribution.collapsed:
                outer, inner = self.base.name(contribution.through), self.base.name(middle)
                found.append(sentence(self.words["collapse"], outer=outer, inner=inner))
        for assumption in dict.fromkeys((*step.assumptions, *(a for c in step.contributions for a in c.assumptions))):
            template = self.words["one-hot columns" if assumption.by_columns else assumption.kind]
            why = self.words.get(assumption.why, assumption.why)
            found.append(sentence(template, name=self.base.name(assumption.name), why=why))
        return tuple(dict.fromkeys(found))

    def step_text(self, of: str) -> str:
        """Return the step as the code computes it, one line of Unicode."""
        context = self.base if self.base.scalar else self.with_errors
        setter = Typesetter(context)
        left, piece = setter.equation(self._adjoint_symbol(context, of), self.steps[of].form)
        return to_text(row(left, EQUALS, piece.whole()))

    # --- updates ---

    def updates(self) -> list[Display]:
        """Return one gradient-descent update per gradient that is wanted, or the lines of the optimizer for all."""
        if self.optimizer is not None and not self.optimizer.plain:
            return self._optimized(self.optimizer)
        rate = self.rate()
        found = []
        for name in self.record.wrt:
            if name not in self.network.variables:
                continue
            if self.numerals is not None and self.network.learning_rate is not None:
                found.append(Display(self._update_in_numbers(name, rate), (name,)))
                continue
            found.append(Display((self._update(name, rate, self.base.notation.time),), (name,)))
        return found

    def _optimized(self, chosen: Optimizer) -> list[Display]:
        """Return the lines of an optimizer, once for every parameter, and its settings."""
        names = [name for name in self.record.wrt if name in self.network.variables]
        if not names:
            return []
        taken = self.base.names.taken

        def symbol(label: str) -> Node:
            return chosen.symbol(label, self.base.notation, taken)

        parameter = symbol(PARAMETER)
        says = [
            sentence(
                self.words["update rule"],
                parameter=parameter,
                gradient=symbol(GRADIENT),
                names=separated([self.base.name(n) for n in names], row(COMMA, SPACE)),
                derivative=self.base.derivative(self.base.loss, names[0], parameter),
            )
        ]
        read = {leaf.name for a in chosen.assignments for leaf in names_in(a.form)}
        for label, key in ((COUNT, "update count"), (NORM, "update norm")):
            if label in read:
                says.append(sentence(self.words[key], name=symbol(label)))
        for start in sorted(set(chosen.state.values())):
            kept = [symbol(label) for label, value in chosen.state.items() if value == start]
            says.append(
                sentence(
                    self.words["update start"], values=separated([*kept, decimal_piece(start).whole()], row(EQUALS))
                )
            )
        lines = Display(chosen.displays(self.base.notation, taken), tuple(names), tuple(says))
        cells = [row(left, EQUALS, right) for left, right in chosen.settings(self.base.notation, taken)]
        several = [cells[k : k + _SETTINGS] for k in range(0, len(cells), _SETTINGS)]
        rows = tuple((EMPTY, separated(some, row(COMMA, QUAD))) for some in several)
        return [lines, Display(rows, (), (sentence(self.words["update settings"]),))]

    def _update(self, name: str, rate: Node, time: bool) -> tuple[Node, Node]:
        symbol = self.base.name(name)
        if not time:
            gap = THIN if name in self.base.adjoints else SPACE
            return symbol, row(ARROW, symbol, MINUS, rate, gap, self.base.adjoint(name))
        now, then = self._at_time(symbol, ""), self._at_time(symbol, " + 1")
        gradient = self.base.derivative(self.base.loss, name, now)
        return then, row(EQUALS, now, MINUS, rate, SPACE, gradient)

    def _update_in_numbers(self, name: str, rate: Node) -> tuple[tuple[Node, ...], ...]:
        """Return one update with its numbers; the new value is one of a later time, so the time is printed."""
        assert self.numerals is not None and self.network.learning_rate is not None
        shape = self.network.shape_of(name)
        step = forms.apply("multiply", forms.number(self.network.learning_rate), forms.adjoint(name, shape))
        stages = self.numerals.stages(forms.apply("subtract", forms.name(name, shape), step))
        left, right = self._update(name, rate, True)
        if self.base.scalar:
            return ((left, row(right, *stages)),)
        return ((left, right), *((EMPTY, stage) for stage in stages))

    def rate(self) -> Node:
        """Return the symbol of the learning rate."""
        options = [letter(self.base.notation.learning_rate) or upright(self.base.notation.learning_rate)]
        options += [n for n in map(letter, ("eta", "alpha", "lambda", "gamma")) if n is not None]
        return self.base.names.free([*options, upright("rate")])

    def _at_time(self, symbol: Node, later: str) -> Node:
        return row(symbol, Fence(Symbol("t" + later, "t" + later)))


def _speaking_of(used: Iterable[Function]) -> list[Function]:
    """Return the functions that definitions and derivatives speak of, as GELU of Φ and φ, where they need a definition."""
    found: dict[Function, None] = {}
    stack = [f for f in used if f.entrywise]
    while stack:
        function = stack.pop()
        if function.definition is None:
            continue
        arguments = tuple(forms.name(n) for n in function.argument_names[: function.arguments])
        for body in (
            function.definition(*arguments),
            prime_form(Prime(function, 0), arguments, forms.apply(function, *arguments)),
        ):
            for node in walk(body):
                op = node.op if isinstance(node, Apply) else ""
                if (
                    isinstance(op, Function)
                    and op.entrywise
                    and (not op.elementary or op.stated[0])
                    and op not in found
                ):
                    found[op] = None
                    stack.append(op)
    return [f for f in found if f not in used]


def _occurrences(form: Form, of: str) -> int:
    """Return how often an adjoint is written in a form."""
    if isinstance(form, Adjoint):
        return int(form.of == of)
    return sum(_occurrences(a, of) for a in form.args)


def _once(displays: Iterable[Display]) -> list[Display]:
    """Return the displays, each sentence only before the first one that needs it."""
    said: dict[Sentence, None] = {}
    found = []
    for display in displays:
        found.append(replace(display, words=tuple(s for s in display.words if s not in said)))
        said.update(dict.fromkeys(display.words))
    return found


_pages: weakref.WeakKeyDictionary[Record, dict[str, Page]] = weakref.WeakKeyDictionary()


def page_of(
    record: Record,
    notation: Notation | str | None = None,
    language: str = "en",
    view: str = "auto",
    extras: Extras | None = None,
) -> Page:
    """Return the page of a record; the one in plain notation is kept, since every line of code asks for it."""
    if view == "entries":
        return entries_page(record, notation, language, extras or {})
    if notation is not None or extras:
        return Page(record, notation, language, view, extras)
    kept = _pages.setdefault(record, {})
    if language not in kept:
        kept[language] = Page(record, None, language)
    return kept[language]


def entries_page(record: Record, notation: Notation | str | None, language: str, extras: Extras) -> Page:
    """Return the page of a network of arrays written out entry by entry."""
    chosen = choose_notation(notation)
    network = record.network
    values = {**network.values, **{k: as_value(v) for k, v in (extras.get("values") or {}).items()}}
    network = replace(network, values=values)
    sizes: dict[str, int] = {}
    for variable in network.variables.values():
        if variable.name in values:
            fit_shape(variable.name, values[variable.name], variable.shape, sizes)
    symbolic = dict.fromkeys(s for v in network.variables.values() for s in v.shape if not isinstance(s, int))
    written = entries(network, extras.get("numbering", "running"), {s: sizes.get(str(s), 1) for s in symbolic})
    symbols = _entry_symbols(network, written, chosen)
    scalars = derive_record(name_equations(written.network), collapse=record.collapse)
    page = Page(
        scalars,
        replace(chosen, layers="subscript", symbols={**chosen.symbols, **symbols}),
        language,
        "entries",
        {**extras, "values": None},
        written,
    )
    unknown = [size_symbol(s) for s in symbolic if str(s) not in sizes]
    if unknown:
        page.remarks += (sentence(page.words["row of batch"], size=separated(unknown, row(COMMA, SPACE))),)
    return page


def _entry_symbols(network: NamedNetwork, written: Entries, chosen: Notation) -> dict[str, str]:
    """Return the LaTeX of entries that do not print like their own names: the user's symbols, layers, σ₁."""
    found: dict[str, str] = {}
    layer = {"superscript": r"^{\1}", "bracket": r"^{[\1]}"}.get(chosen.layers)
    for label, latex in written.symbols.items():
        found[label] = latex if layer is None else re.sub(r"\^\{\((\d+)\)\}", layer, latex)
    activation = letter(chosen.activation)
    running = itertools.count(1)
    for equation in network.equations:
        labels = written.names[equation.name]
        call = (
            isinstance(equation.form, Apply)
            and isinstance(equation.form.op, Function)
            and not equation.form.op.elementary
        )
        accented = equation.name in chosen.symbols or any(
            isinstance(node, Accent) for node, _ in candidates(equation.name)[:1]
        )
        if activation is None or not call or accented:
            continue
        for label in labels.values():
            number = next(running)
            scripts = found[label].lstrip(_LETTERS) if label in found else f"_{_braced(number)}"
            found[label] = to_latex(activation) + scripts
    for array, latex in chosen.symbols.items():
        labels = written.names.get(array, {})
        for k, label in enumerate(labels.values(), start=1):
            ending = re.search(r"_(\d+)$", label)
            place = ending.group(1) if ending else str(k)
            found[label] = latex if len(labels) == 1 else f"{{{latex}}}_{_braced(place)}"
    return found


def _braced(number: int | str) -> str:
    text = str(number)
    return text if len(text) == 1 else f"{{{text}}}"


def _is_one(form: Form) -> bool:
    """Say whether a local derivative is the number 1."""
    while isinstance(form, (forms.Expand, forms.Broadcast)):
        form = form.args[0]
    return isinstance(form, (Number, forms.Filled)) and form.value == 1


def _without_left(rows: Sequence[tuple[Node, ...]]) -> list[tuple[Node, ...]]:
    """Return a chain of equal sides that starts with its first side: what it is a part of has no symbol."""
    if not rows:
        return []
    first = rows[0][1]
    sides = first.parts[1:] if isinstance(first, Row) else (first,)
    if len(rows) == 1:
        return [(row(*sides),)]
    return [(row(*sides), rows[1][1]), *rows[2:]]


def _numbers_meet(form: Form, step: Step) -> bool:
    """Return whether a number in front of a step's form would stand behind a number in ``form``, as 2 · ½."""

    def has_number(node: Form) -> bool:
        return isinstance(node, Apply) and node.op == "multiply" and any(isinstance(a, Number) for a in node.args)

    return has_number(step.form) and any(has_number(node) and _occurrences(node, step.of) for node in forms.walk(form))


def _inline(form: Form, inlined: Mapping[str, Form]) -> Form:
    return forms.substitute(form, lambda node: inlined.get(node.of) if isinstance(node, Adjoint) else None)


def _chained(factors: Iterable[Piece]) -> Piece:
    """Return local derivatives joined by dots, each one a group of its own."""
    pieces = list(factors)
    if not pieces:
        return Piece(Symbol("1", "1"), starts="number", ends="number")
    if len(pieces) == 1:
        return pieces[0]
    first, *rest = pieces
    negative = first.negative and first.level > SUM
    head = closed(replace(first, negative=False) if negative else first, SUM + 1)
    # A sum sign would reach over the next group.
    nodes = [closed(head, SUM + 2).node, *(closed(p, SUM + 2).node for p in rest)]
    return Piece(separated(nodes, DOT), SUM + 3, head.starts, rest[-1].ends, negative)


def _side_by_side(cells: Sequence[tuple[str, tuple[Node, Node]]], stacked: bool = False) -> Display:
    """Return equations on one line where they fit, else one below the other."""
    of = tuple(name for name, _ in cells)
    total = sum(width(left) + width(right) + 2.0 for _, (left, right) in cells)
    if stacked or (total > _LINE and len(cells) > 1):
        return Display(tuple(pair for _, pair in cells), of)
    line: list[Node] = []
    for position, (_, (left, right)) in enumerate(cells):
        line += [left, right if position == len(cells) - 1 else row(right, COMMA)]
    return Display((tuple(line),), of)
