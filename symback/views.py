"""The views of one derivation: forward pass, loss, chain rule, matrix form, updates, as displays for any output.

A view only arranges what the record holds; it derives and simplifies nothing.

``chain`` multiplies local derivatives from the loss inwards, in full and step by step; ``matrix`` states the errors δ
and the gradients as matrix products.
"""

from __future__ import annotations

import itertools
import re
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter
from typing import TypeAlias

from symback import forms
from symback.derivation import Contribution, Record, Step
from symback.display import (
    ARROW,
    COMMA,
    DOT,
    EMPTY,
    EQUALS,
    MINUS,
    PLUS,
    SPACE,
    Fence,
    Fraction,
    Node,
    Script,
    Symbol,
    row,
    separated,
    to_text,
    width,
)
from symback.errors import PrintError, nearest
from symback.forms import Adjoint, Apply, Form, Function, Matmul, Name, Number, Prime, names_in, walk
from symback.networks import Equation, NamedNetwork
from symback.notation import PLAIN, Notation, choose_notation, letter, name_symbols, upright
from symback.stabilize import stable_forms
from symback.textbook import prime_form
from symback.typesetting import (
    SUM,
    Context,
    NoMatrixNotation,
    Piece,
    Places,
    Typesetter,
    closed,
    context_of,
    is_scalar,
    one_element,
    prefers_rows,
    reserved_symbols,
    subscripted,
)
from symback.words import words

VIEWS = ("auto", "chain", "matrix")
STYLES = ("both", "full", "staged")
_LINE = 38.0
"""Equations share a line up to this width, in em; a page of A4 holds about 44."""
_SHORT = 7
"""A stage spells its value out up to this number of factors."""
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


def sections(
    record: Record, view: str = "auto", notation: Notation | str | None = None, style: str = "both",
    language: str = "en",
) -> tuple[Section, ...]:
    """Return the whole derivation in order: forward pass, loss, derivatives, updates."""
    page = page_of(record, notation, language)
    kind = page.kind(view)
    if style not in STYLES:
        raise PrintError(f"there is no style {style!r}{nearest(style, STYLES)}; known: {', '.join(STYLES)}")
    found = [("forward", page.forward()), ("loss", page.loss()), ("where", page.definitions(kind))]
    if kind == "matrix":
        found.append(("backward", page.matrix()))
    elif page.base.scalar:
        found.append(("local", page.local_derivatives()))
        if style != "staged":
            found.append(("full", page.full()))
        if style != "full":
            found.append(("staged", page.staged()))
    else:
        found.append(("backward", page.adjoints()))
    found.append(("update", page.updates()))
    titles = words(language)
    return tuple(Section(key, titles[key], tuple(displays)) for key, displays in found if displays)


def step_display(
    record: Record, name: str, view: str = "auto", notation: Notation | str | None = None, style: str = "full",
    language: str = "en",
) -> Display:
    """Return the derivative of the loss with respect to ``name`` as one display."""
    page = page_of(record, notation, language)
    if name not in page.steps:
        raise PrintError(f"there is no derivative with respect to {name}{nearest(name, page.steps)}")
    kind = page.kind(view)
    if kind == "matrix":
        return page.matrix_step(name)
    if page.base.scalar:
        return page.full_step(name) if style == "full" else page.staged_step(name)
    return page.adjoint_step(name)


def step_text(record: Record, name: str, notation: Notation | str | None = None) -> str:
    """Return what the code of a step computes as one line of Unicode: ``∂L/∂W₂ = a₁ᵀ δ₂``."""
    page = page_of(record, notation)
    return page.step_text(name)


def form_display(form: Form, context: Context | None = None) -> Node:
    """Return a form in textbook notation (entries ``r_ij = …`` are printed where matrices have no notation)."""
    setter = Typesetter(context or context_of(form))
    _, piece = setter.equation(lambda places: EMPTY, form)
    return piece.whole()


def text_of(form: Form, context: Context | None = None) -> str:
    """Return a form as one line of Unicode text.

    >>> from symback.forms import name
    >>> text_of(name("x", (2, 3)) @ name("W1", (3, 4)))
    'x W₁'
    """
    return to_text(form_display(form, context))


def context_for(network: NamedNetwork, notation: Notation = PLAIN, language: str = "en") -> Context:
    """Return what a document on this network has settled before its first formula."""
    found = [f for e in network.equations for f in (e.form, e.written)]
    found += [forms.name(v.name, v.shape) for v in network.variables.values()]
    names = [*network.variables, *(e.name for e in network.equations)]
    depends: dict[str, frozenset[str]] = {v: frozenset((v,)) for v in network.variables}
    for equation in network.equations:
        read = names_in(equation.form)
        depends[equation.name] = frozenset().union(*(depends.get(n.name, frozenset()) for n in read))
    return Context(
        names=name_symbols(names, notation, reserved_symbols(found)),
        notation=notation,
        scalar=is_scalar(found),
        rows=prefers_rows(found),
        loss=network.loss,
        leaves={name: len(leaves) for name, leaves in depends.items()},
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
            factors = [_bare_name(a) for a in node.args]
            if any(f is None for f in factors):
                return False
            products += any(f in network.variables for f in factors)
            if not any(f in network.variables for f in factors):
                return False
        elif _bare_name(node) is None and not isinstance(node, Number):
            return False
    return products > 0


def _bare_name(form: Form) -> str | None:
    while isinstance(form, (forms.Transpose, forms.Expand, forms.Broadcast)):
        form = form.args[0]
    return form.name if isinstance(form, Name) else None


class Page:
    """One record in one notation and language: the displays of each section."""

    def __init__(self, record: Record, notation: Notation | str | None = None, language: str = "en") -> None:
        self.record = record
        self.network = record.network
        self.words = words(language)
        self.base = context_for(record.network, choose_notation(notation), language)
        self.steps: Mapping[str, Step] = record.by_name()
        self.affine = tuple(n for n in pre_activations(record.network) if n in self.steps)
        self.errors = self._error_symbols()
        self.with_errors = self.base.with_adjoints(self.errors)
        self.readers = self._readers()
        self.ancestors: dict[str, frozenset[str]] = {}
        for equation in self.network.equations:
            read = [n.name for n in names_in(equation.form)]
            self.ancestors[equation.name] = frozenset(read).union(*(self.ancestors.get(n, frozenset()) for n in read))

    def kind(self, view: str) -> str:
        if view not in VIEWS:
            raise PrintError(f"there is no view {view!r}{nearest(view, VIEWS)}; known: {', '.join(VIEWS)}")
        return ("chain" if self.base.scalar else "matrix") if view == "auto" else view

    def _error_symbols(self) -> dict[str, Node]:
        """Return δ for each pre-activation, numbered like its name where those numbers are distinct."""
        if not self.base.notation.delta or any(t.startswith(r"\delta") for t in self.base.names.taken):
            return {}
        delta = Symbol(r"\delta", "δ")
        digits = [re.search(r"(\d+)$", name) for name in self.affine]
        numbers = [m.group(1) for m in digits if m is not None]
        if len(set(numbers)) == len(self.affine):
            return {n: Script(delta, Symbol(k, k)) for n, k in zip(self.affine, numbers, strict=True)}
        if len(self.affine) == 1:
            return {self.affine[0]: delta}
        return {n: Script(delta, Symbol(str(k), str(k))) for k, n in enumerate(self.affine, start=1)}

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
        printed = [row(EQUALS, piece.whole()) for piece in pieces]
        return shown, row(*(p for k, p in enumerate(printed) if p not in printed[:k]))

    def _named(self, equation: Equation) -> tuple[Node, Node]:
        known = set(self.base.names.symbols)
        written = {n.name for n in names_in(equation.written)}
        read = {n.name for n in names_in(equation.form)}
        sides = [equation.form]
        if not equation.invented and written != read and written <= known:
            sides = [equation.written, *(sides if read <= known else [])]
        symbol = self.base.name(equation.name)
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
            follows = pending and {n.name for n in names_in(equation.form)} == {pending[-1][0]} \
                and isinstance(equation.form, Apply)
            if pending and not (follows and len(pending) == 1):
                found.append(_side_by_side(pending))
                pending = []
            pending.append((equation.name, cells))
        if pending:
            found.append(_side_by_side(pending))
        invented = [self.base.name(e.name) for e in equations if e.invented]
        sentences: list[Sentence] = []
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
        found = [Display((self._named(equation),), (equation.name,))]
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
        return [d for f in used if f.definition is not None for d in [self._definition(f, kind)] if d is not None]

    def _definition(self, function: Function, kind: str) -> Display | None:
        assert function.definition is not None
        if not function.entrywise:
            return self._row_definition(function)
        arguments = [forms.name(n) for n in (("x",) if function.arguments == 1 else function.argument_names)]
        given = [*arguments[: function.arguments - len(function.defaults)],
                 *(self._trailing(function) or arguments[function.arguments - len(function.defaults):])]
        call = forms.apply(function, *given)
        context = context_of(call, names=[a.name for a in arguments])
        context = replace(context, otherwise=self.base.otherwise)
        setter = Typesetter(context, indicators=False)

        def cells(left: Form, right: Form) -> tuple[Node, Node]:
            return setter.form(left).whole(), row(EQUALS, setter.form(right).whole())

        rows: list[tuple[Node, ...]] = [cells(call, function.definition(*given))]
        prime = Prime(function, 0)
        if self._primes(prime):
            stated = self._prime_in_outputs(prime) if kind == "matrix" else []
            rows += stated or [cells(forms.apply(prime, *given), prime_form(prime, tuple(given), call))]
        kinks = function.kinks and len(rows) > 1
        sentences = (sentence(self.words["kinks"], kinks=function.kinks),) if kinks else ()
        return Display(tuple(rows), (function.name,), sentences)

    def _trailing(self, function: Function) -> list[Form]:
        """Return the numbers that calls give for the trailing arguments, if all calls give the same ones."""
        fixed = len(function.defaults)
        calls = [n for e in self.network.equations for n in walk(e.form) if isinstance(n, Apply) and n.op is function]
        found = {c.args[len(c.args) - fixed:] for c in calls} if fixed else set()
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
            for step in self.record.steps for c in (*step.contributions, *step.literal)
            for f in (c.form, c.local) if f is not None for node in walk(f)
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
        numbered = all(re.search(r"\d+$", z) and z[len(z.rstrip("0123456789")):] == a[len(a.rstrip("0123456789")):]
                       for z, a, _ in found)
        layer = self.base.names.free([Symbol("l", "l"), Symbol("k", "k"), Symbol("m", "m")])
        context = self.base
        if len(stems) == 1 and numbered and len(found) > 1:
            z, a, _ = found[0]
            symbols = dict(context.names.symbols)
            for name in (z, a):
                node = symbols[name]
                if not isinstance(node, Script) or node.above is not None:
                    break
                symbols[name] = Script(node.base, layer)
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

    def _values(self, of: str, stops: set[str], first: bool = True, literal: bool = False) -> list[Piece]:
        """Return the values along the chain; ``literal`` steps over no collapse and prints functions' outputs."""
        if of == self.network.loss:
            return []
        if of in stops and not first:
            return [Piece(self.base.adjoint(of), starts="adjoint", ends="adjoint")]
        found = []
        step = self.steps[of]
        for contribution in step.literal if literal else step.contributions:
            factors = self._values(contribution.through, stops, False, literal)
            local = contribution.local if contribution.local is not None else contribution.form
            if literal:
                local = next(iter(self._own_output(contribution)), local)
            if not (isinstance(local, (Number, forms.Filled)) and local.value == 1):
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
        short = self._count(of, set(), {}) <= _SHORT
        through = {n for n in stops if len(self.steps[n].contributions) > 1} if short else stops
        values = _chained(self._values(of, through)).whole()
        shown = [] if fractions == left else [fractions]
        right = row(*(row(EQUALS, part) for part in (*shown, values)))
        return Display(((left, right),), (of,), self._sentences(self.steps[of]))

    def staged(self) -> list[Display]:
        """Return the adjoints one after the other, each from those already found."""
        stops = self._stops()
        return [
            self.staged_step(s.of) for s in self.record.steps
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
                pieces = [Typesetter(self.base).form(side).whole() for side in sides]
                right = row(*(row(EQUALS, p) for p in pieces))
                found.setdefault(contribution.through, []).append((self._local_symbol(*pair), right))
        order = [e.name for e in reversed(self.network.equations)]
        return [
            _side_by_side([(name, (cells[0], cells[1])) for cells in found[name]], stacked=True)
            for name in order if name in found
        ]

    def _own_output(self, contribution: Contribution) -> list[Form]:
        """Return the local derivative in the equation's own output, as ŷ(1 − ŷ) for σ'(z)."""
        local = contribution.local
        if isinstance(local, Apply) and isinstance(local.op, Prime):
            equation = self.network.equation(contribution.through)
            if local.op.function.definition is not None and isinstance(equation.form, Apply) \
                    and equation.form.op is local.op.function and equation.form.args == local.args:
                out = forms.name(equation.name, equation.shape)
                body = prime_form(local.op, local.args, out)
                if out in names_in(body):
                    return [body]
        return []

    # --- adjoints of arrays ---

    def adjoint_step(self, of: str) -> Display:
        """Return ∂L/∂(of) from the adjoints nearer the loss, nothing abbreviated."""
        return Display((self._adjoint_cells(self.base, of),), (of,), self._sentences(self.steps[of]))

    def adjoints(self) -> list[Display]:
        """Return every adjoint from those nearer the loss."""
        return [
            self.adjoint_step(s.of) for s in self.record.steps
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
            if len(readers) == 1 and readers[0].of in self.affine and _occurrences(readers[0].form, step.of) == 1 \
                    and self._is_matrix_notation(step.form) and self._is_matrix_notation(readers[0].form):
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
        return Display((self._adjoint_cells(self.with_errors, of, self._inlined()),), (of,), self._sentences(step))

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
                if of in self.affine and other.of in self.record.wrt and set(other.through) == {of} \
                        and other.of not in self.affine:
                    cells.append((other.of, self._adjoint_cells(self.with_errors, other.of, inlined)))
            used.update(name for name, _ in cells)
            sentences = tuple(s for name, _ in cells for s in self._sentences(self.steps[name]))
            found.append(replace(_side_by_side(cells), words=sentences))
        return found

    def _shown_anyway(self, of: str) -> bool:
        """Say whether a step that the code skips is a link of a collapse that the page shows."""
        return any(of in c.collapsed for s in self.record.steps for c in s.contributions)

    def _legend(self) -> list[Display]:
        if not self.errors:
            return []
        stems = {re.sub(r"\d+$", "", name) for name in self.errors}
        symbols = [self.base.name(n) for n in self.errors]
        layer = self.base.names.free([Symbol("l", "l"), Symbol("k", "k"), Symbol("m", "m")])
        if len(self.errors) > 1 and len(stems) == 1 and all(isinstance(s, Script) for s in symbols) \
                and all(re.search(r"\d+$", n) for n in self.errors):
            first = symbols[0]
            assert isinstance(first, Script)
            left: Node = Script(Symbol(r"\delta", "δ"), layer)
            name = next(iter(self.errors))
            right = self.base.derivative(self.base.loss, name, Script(first.base, layer))
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
            template = self.words[assumption.kind]
            found.append(sentence(template, name=self.base.name(assumption.name), why=assumption.why))
        return tuple(dict.fromkeys(found))

    def step_text(self, of: str) -> str:
        """Return the step as the code computes it, one line of Unicode."""
        context = self.base if self.base.scalar else self.with_errors
        setter = Typesetter(context)
        left, piece = setter.equation(self._adjoint_symbol(context, of), self.steps[of].form)
        return to_text(row(left, EQUALS, piece.whole()))

    # --- updates ---

    def updates(self) -> list[Display]:
        """Return one gradient-descent update per gradient that is wanted."""
        rate = self._rate()
        found = []
        for name in self.record.wrt:
            if name not in self.network.variables:
                continue
            symbol = self.base.name(name)
            if self.base.notation.time:
                now, then = self._at_time(symbol, ""), self._at_time(symbol, " + 1")
                gradient = self.base.derivative(self.base.loss, name, now)
                cells = (then, row(EQUALS, now, MINUS, rate, SPACE, gradient))
            else:
                cells = (symbol, row(ARROW, symbol, MINUS, rate, SPACE, self.base.adjoint(name)))
            found.append(Display((cells,), (name,)))
        return found

    def _rate(self) -> Node:
        options = [letter(self.base.notation.learning_rate) or upright(self.base.notation.learning_rate)]
        options += [n for n in map(letter, ("eta", "alpha", "lambda", "gamma")) if n is not None]
        return self.base.names.free([*options, upright("rate")])

    def _at_time(self, symbol: Node, later: str) -> Node:
        return row(symbol, Fence(Symbol("t" + later, "t" + later)))


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


def page_of(record: Record, notation: Notation | str | None = None, language: str = "en") -> Page:
    """Return the page of a record; the one in plain notation is kept, since every line of code asks for it."""
    if notation is not None:
        return Page(record, notation, language)
    kept = _pages.setdefault(record, {})
    if language not in kept:
        kept[language] = Page(record, None, language)
    return kept[language]


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
