"""The sheet: what one record in one notation and language settles before its first view."""

from __future__ import annotations

import functools
import itertools
import re
import string
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any, TypedDict

from symback.core import forms
from symback.core.display import (
    COMMA,
    EMPTY,
    EQUALS,
    MINUS,
    PLUS,
    SPACE,
    TOP,
    Accent,
    Fence,
    Node,
    Script,
    Symbol,
    row,
    script,
    separated,
    to_latex,
    width,
)
from symback.core.errors import PrintError, nearest
from symback.core.forms import Adjoint, Apply, Form, Function, Matmul, Name, Number, names_in, substitute, walk
from symback.derivation.compact import taken_away
from symback.derivation.record import Record, Step, derive_record
from symback.derivation.shares import is_share
from symback.derivation.statistics import scale_and_shift
from symback.functions import ROWS
from symback.networks.facts import SYMMETRIC
from symback.networks.naming import name_equations
from symback.networks.network import Assumption, Equation, NamedNetwork, as_value, fit_shape
from symback.page import norms
from symback.page.context import Context, context_for
from symback.page.entries import Entries, entries
from symback.page.notation import (
    Notation,
    bold,
    candidates,
    choose_notation,
    letter,
    short_adjoint,
    size_symbol,
    with_layer,
)
from symback.page.numerals import Numerals, settled
from symback.page.pieces import NoMatrixNotation, one_element
from symback.page.places import Place, Places
from symback.page.records import Sentence, sentence
from symback.page.size_letters import SizeLetters, size_letters
from symback.page.substitution import scalar_form, unfolded
from symback.page.time_steps import TimeSteps, time_steps
from symback.page.typesetting import Typesetter
from symback.page.windows import arrangements, kernels
from symback.page.words import DEFAULT_LANGUAGE, words
from symback.run.numeric import evaluate
from symback.run.optimization import Optimizer, optimizer

VIEWS = ("auto", "chain", "matrix", "index", "entries")
_LETTERS = string.ascii_letters + "\\"


class Extras(TypedDict, total=False):
    """What a page may show besides the formulas.

    ``numbers`` puts values into them (``values`` override those of the network), with ``digits`` significant digits;
    ``why`` gives the reasons of the index view in words; ``numbering`` of the entries view is "running" (W₁ … W₆ across
    layers) or "layered"; ``shapes`` stand under the factors of matrix products; ``table`` lists the names first;
    ``optimizer`` makes the updates (default: that of the code, else gradient descent). ``update`` says whether there are
    updates, of all whose gradients are wanted; by default there are those of parameters, with an ``optimizer`` of all.
    ``brief`` leaves out the lines in which derivatives collapse; ``paths`` braces what comes along each of several paths;
    ``short`` names the variables of which the record has the short form of a normalization.
    """

    numbers: bool
    values: Mapping[str, Any] | None
    digits: int
    why: bool
    numbering: str
    shapes: bool
    table: bool
    optimizer: Optimizer | None
    brief: bool
    paths: bool
    short: frozenset[str]
    update: bool | None


_LONGEST_WRITTEN = 34.0
"""What was written stands beside its staged form up to this width, in em."""


class Sheet:
    """One record in one notation and language: its symbols, its steps, its numbers; the views are handed it."""

    def __init__(
        self,
        record: Record,
        notation: Notation | str | None = None,
        language: str = DEFAULT_LANGUAGE,
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
        self.brief = given.get("brief", False)
        self.paths = given.get("paths", False)
        self.short = given.get("short", frozenset())
        self.entries = entries
        self.remarks: tuple[Sentence, ...] = ()
        chosen = choose_notation(notation)
        self.base = context_for(record.network, chosen, language)
        if entries is not None:
            self.base = replace(self.base, product="juxtaposed")
        self.spelled = entries is not None and chosen.activation != ""
        self.steps: Mapping[str, Step] = record.by_name()
        self.affine = tuple(n for n in pre_activations(record.network) if n in self.steps)
        self.errors = {n: bold(s) if self.base.is_bold(n) else s for n, s in self._error_symbols().items()}
        short = self._short_adjoints()
        self.base = self.base.with_adjoints(short)
        self.with_errors = self.base.with_adjoints({**short, **self.errors})
        self.readers = self._readers()
        self.ancestors: dict[str, frozenset[str]] = {}
        for equation in self.network.equations:
            read = [n.name for n in names_in(equation.form)]
            self.ancestors[equation.name] = frozenset(read).union(*(self.ancestors.get(n, frozenset()) for n in read))
        self.numerals = self._numerals(given) if given.get("numbers") else None
        self.outputs: dict[Form, Form] = {e.form: forms.name(e.name, e.shape) for e in self.network.equations}
        found = record.network.optimizer
        self.optimizer = given.get("optimizer") or (None if found is None else optimizer(found[0], **found[1]))
        self.update = given.get("update", True if given.get("optimizer") else None)
        if given.get("shapes") and not self.base.scalar:
            self.base = replace(self.base, shapes=True)
            self.with_errors = replace(self.with_errors, shapes=True)

    def _numerals(self, given: Extras) -> Numerals:
        values = given.get("values")
        run = evaluate(self.record, values)
        known = {**run.values, **{"∂" + name: value for name, value in run.adjoints.items()}}
        made = [(e.name, e.form) for e in self.network.equations] + [("∂" + s.of, s.form) for s in self.record.steps]
        known |= {name: settled(form, known[name], known) for name, form in made if name in known}
        typed = frozenset((*self.network.values, *(values or ())))
        return Numerals(self.base, self.network, known, typed, given.get("digits", 4))

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

    @functools.cached_property
    def letters(self) -> SizeLetters:
        """Letters for the sizes of the arrays, for reasons by shapes."""
        return size_letters(self.network, self.base.names, self.base.rows, self.time)

    @functools.cached_property
    def time(self) -> TimeSteps:
        """The time steps of the network, of which most have none."""
        return time_steps(self.network, pre_activations(self.network))

    @functools.cached_property
    def arranged(self) -> dict[str, tuple[str, str]]:
        """The names whose entries are those of another array in other places."""
        return arrangements(self.network)

    @functools.cached_property
    def kernels(self) -> dict[str, str]:
        """The variables that are multiplied with windows, each with the array under the windows."""
        return kernels(self.network, self.arranged)

    def entry_symbol(self, array: str, entry: tuple[int, ...]) -> Node:
        """Return the symbol of one entry of an array, counted from 0; axes of length 1 have no index."""
        if self.entries is not None:
            return self.base.name(self.entries.name(array, entry))
        return self.base.entry(array, self.places(array, entry))

    def places(self, array: str, entry: tuple[int, ...]) -> Places:
        """Return the places of one entry of an array, none along axes of length 1."""
        shape = self.network.shape_of(array)
        return tuple(None if s == 1 else Place(None, offset=Fraction(k)) for k, s in zip(entry, shape, strict=True))

    def entry_derivative(self, array: str, entry: tuple[int, ...]) -> Node:
        """Return the derivative of the loss with respect to one entry of an array."""
        name = array if self.entries is None else self.entries.name(array, entry)
        return self.base.derivative(self.base.loss, name, self.entry_symbol(array, entry))

    def kind(self, view: str) -> str:
        """Return the view that is shown where ``view`` is asked for: "auto" is a chain of numbers, or a matrix view."""
        if view not in VIEWS:
            raise PrintError(f"there is no view {view!r}{nearest(view, VIEWS)}; known: {', '.join(VIEWS)}")
        if view == "entries":
            return "chain"
        return ("chain" if self.base.scalar else "matrix") if view == "auto" else view

    def formula(self, name: str) -> tuple[Node, Node]:
        """Return the two sides of the equation of a name, as the forward pass prints them."""
        equation = self.network.equation(name)
        known = set(self.base.names.symbols)
        written = {n.name for n in names_in(equation.written)}
        read = {n.name for n in names_in(equation.form)}
        sides = [equation.form]
        nested = _layers_inside(equation.written) > max(_layers_inside(equation.form), 1)
        if not equation.invented and written != read and written <= known and not (nested and read <= known):
            sides = [self._recognized(equation), *(sides if read <= known else [])]
        if self.spelled:
            sides = [unfolded(side, self.outputs) for side in sides]
        context = replace(self.base, norms=True) if norms.holds_squared_norm(equation.written) else self.base
        left = partial(self.base.entry, name)
        cells = self.equation(context, left, sides)
        if len(sides) > 1 and equation.written is not equation.form:
            # what was written is left out where it is longer than a line: the equations before say it in stages
            staged = self.equation(context, left, sides[-1:])
            cells = staged if width(cells[1]) - width(staged[1]) > _LONGEST_WRITTEN else cells
        return cells

    def _recognized(self, equation: Equation) -> Form:
        """Return what was written, where it spells out a function, as a call: 1/(1 + exp(−(x w))) as σ(x w)."""
        form, written = equation.form, equation.written
        if (
            not isinstance(form, Apply)
            or not isinstance(form.op, Function)
            or not form.op.entrywise
            or form.op.elementary
        ):
            return written
        inner = next((e for e in self.network.equations if e.name == bare_name(form.args[0])), None)
        if inner is None or not inner.invented or (isinstance(written, Apply) and written.op is form.op):
            return written
        if {n.name for n in names_in(inner.form)} != {n.name for n in names_in(written)}:
            return written
        put_in = inner.form
        return substitute(form, lambda node: put_in if isinstance(node, Name) and node.name == inner.name else None)

    def equation(self, context: Context, left: Callable[[Places], Node], sides: Sequence[Form]) -> tuple[Node, Node]:
        """Return the cells of ``left = side = side …``; all in index notation if one of them needs it."""
        setter = Typesetter(context)
        shown, pieces = setter.equations(left, sides)
        if context.shapes and shown == left(()) and sides[0].ndim in (1, 2):
            shown = setter.labelled(shown, sides[0])
        printed = [row(EQUALS, piece.whole()) for piece in pieces]
        return shown, row(*(p for k, p in enumerate(printed) if p not in printed[:k]))

    def numbered(
        self,
        cells: tuple[Node, Node],
        form: Form,
        spelled: Node | None = None,
        context: Context | None = None,
        whole: Node | None = None,
    ) -> tuple[tuple[Node, ...], ...]:
        """Return the rows of an equation, with its numbers where the page has them, its names as in ``context``.

        The value of an array whose entries the equation states stands beside ``whole``, its name.
        """
        if self.numerals is None:
            return (cells,)
        left, right = cells
        stages = self.numerals.stages(form, context)
        if spelled is None:
            spelled = self.spelled_out(form)
        if spelled is not None and row(EQUALS, spelled) != right:
            stages = [row(EQUALS, spelled), *stages]
        if self.base.scalar:
            return ((left, row(right, *stages)),)
        if form.ndim > 2 and whole is not None and whole != left:
            return ((left, right), *((EMPTY if k else whole, stage) for k, stage in enumerate(stages)))
        return ((left, right), *((EMPTY, stage) for stage in stages))

    def spelled_out(self, form: Form) -> Node | None:
        """Return the formula that numbers go into, where it is another one than is printed."""
        assert self.numerals is not None
        found = self.numerals.spelled_out(form)
        if found is form or (self.base.scalar and found is scalar_form(form)):
            return None
        try:
            return Typesetter(self.base if self.base.scalar else self.with_errors).whole(found).whole()
        except NoMatrixNotation:
            return None

    def sentences(self, step: Step) -> tuple[Sentence, ...]:
        """Return what is said before a step: what cancels in it, and what it assumes."""
        found: list[Sentence] = []
        for contribution in step.contributions:
            for middle in contribution.collapsed:
                outer, inner = self.base.name(contribution.through), self.base.name(middle)
                found.append(sentence(self.words["collapse"], outer=outer, inner=inner))
        for vanishing in step.vanishing:
            through, name = self.base.name(vanishing.contribution.through), self.base.name(step.of)
            zero = self.said_equation(self.base, vanishing.sum, forms.number(0))
            found.append(sentence(self.words["vanishes"], through=through, sum=zero, name=name))
        emptied = taken_away(self.record, step.of, self.short)
        if emptied is not None:
            parts = {"of": self.base.name(step.of), "through": self.base.name(emptied)}
            found.append(sentence(self.words["taken away"], gradient=self.base.adjoint(step.of), **parts))
        if any(a.name == step.of and a.kind in SYMMETRIC for a in self.network.assumptions):
            other = Symbol("G", "G")
            half = row(Symbol(r"\tfrac{1}{2}", "½"), Fence(row(other, PLUS, script(other, above=TOP))))
            found.append(sentence(self.words["entries apart"], name=self.base.name(step.of), half=half, symbol=other))
        if any(a.name == step.of and a.kind == "orthogonal" for a in self.network.assumptions):
            found.append(self._beside_orthogonal(step.of))
        if is_share(step.form):
            found.append(sentence(self.words["responsibilities"], gradient=self.with_errors.adjoint(step.of)))
        facts = dict.fromkeys((*step.assumptions, *(a for c in step.contributions for a in c.assumptions)))
        return tuple(dict.fromkeys((*found, *map(self.assumed, facts))))

    def said_equation(self, context: Context, left: Form, right: Form) -> Node:
        """Return ``left = right`` as a formula in a line of words."""
        setter = Typesetter(context)
        try:
            sides = [setter.form(side).whole() for side in (left, right)]
        except NoMatrixNotation:
            with setter.indices(left.shape) as places:
                right_places = places if right.shape == left.shape else ()
                sides = [setter.entry(left, places).whole(), setter.entry(right, right_places).whole()]
        return row(sides[0], EQUALS, sides[1])

    def assumed(self, assumption: Assumption) -> Sentence:
        """Return what is said of a fact that a formula rests on."""
        shape = self.network.shape_of(assumption.name)
        key = assumption.kind
        if assumption.by_columns:
            key = "one-hot columns"
        elif key == "positive" and not shape:
            key = "positive number"
        parts: dict[str, str | Node] = {"name": self.base.name(assumption.name)}
        if key == "orthogonal":
            leaf = forms.name(assumption.name, shape)
            turned = forms.transpose(leaf)
            products = [(turned, leaf), *([(leaf, turned)] if shape[0] == shape[1] else [])]
            setter = Typesetter(self.base)
            left = [setter.form(forms.matmul(a, b)).whole() for a, b in products]
            key = "orthogonal" if shape[0] == shape[1] else "orthonormal"
            parts["identity"] = row(*(p for n in left for p in (n, EQUALS)), setter.form(forms.eye(shape[1])).whole())
        return sentence(self.words[key], why=self.words.get(assumption.why, assumption.why), **parts)

    def declared(self) -> tuple[Sentence, ...]:
        """Return what the caller's symbols say of themselves, which may have gone into the formulas that came."""
        found = [
            row(self.base.name(a.name), Symbol(" > ", " > "), Symbol("0", "0"))
            for a in self.network.assumptions
            if a.why == "declared" and a.name in self.network.variables
        ]
        said = [sentence(self.words["declared"], conditions=separated(found, row(COMMA, SPACE)))] if found else []
        in_numbers = {} if self.numerals is None else {str(s): length for s, length in self.numerals.sizes.items()}
        others = {label: length for label, length in in_numbers.items() if label not in self.network.sizes}
        for key, sizes in (("sizes", self.network.sizes), ("sizes in numbers", others)):
            lengths = [
                row(size_symbol(forms.size(label)), EQUALS, Symbol(str(length), str(length)))
                for label, length in sizes.items()
            ]
            said += [sentence(self.words[key], sizes=separated(lengths, row(COMMA, SPACE)))] if lengths else []
        return tuple(said)

    def _beside_orthogonal(self, of: str) -> Sentence:
        """Return which gradient is meant, and what it is along matrices that stay orthogonal."""
        name, other = self.base.name(of), Symbol("G", "G")
        inner = row(script(name, above=TOP), SPACE, other, PLUS, script(other, above=TOP), SPACE, name)
        along = row(other, MINUS, Symbol(r"\tfrac{1}{2}", "½"), SPACE, name, SPACE, Fence(inner))
        return sentence(self.words["entries apart orthogonal"], name=name, along=along, symbol=other)

    def is_shown_anyway(self, of: str) -> bool:
        """Say whether a step that the code skips is a link of a collapse that the page shows."""
        return any(of in c.collapsed for s in self.record.steps for c in s.contributions)


_sheets: weakref.WeakKeyDictionary[Record, dict[str, Sheet]] = weakref.WeakKeyDictionary()


def sheet_of(
    record: Record,
    notation: Notation | str | None = None,
    language: str = DEFAULT_LANGUAGE,
    view: str = "auto",
    extras: Extras | None = None,
) -> Sheet:
    """Return the sheet of a record; the one in plain notation is kept, since every line of code asks for it."""
    for option in extras or {}:
        if option not in Extras.__annotations__:
            other = "; language= takes the language" if option == "lang" else nearest(option, Extras.__annotations__)
            raise TypeError(f"a page has no option {option}{other}")
    if view == "entries":
        return _entries_sheet(record, notation, language, extras or {})
    if notation is not None or extras:
        return Sheet(record, notation, language, view, extras)
    kept = _sheets.setdefault(record, {})
    if language not in kept:
        kept[language] = Sheet(record, None, language)
    return kept[language]


def _entries_sheet(record: Record, notation: Notation | str | None, language: str, extras: Extras) -> Sheet:
    """Return the sheet of a network of arrays written out entry by entry."""
    chosen = choose_notation(notation)
    network = record.network
    values = {**network.values, **{k: as_value(v) for k, v in (extras.get("values") or {}).items()}}
    network = replace(network, values=values)
    sizes: dict[str, int] = {}
    for variable in network.variables.values():
        if variable.name in values:
            fit_shape(variable.name, values[variable.name], variable.shape, sizes)
    sizes = {**network.sizes, **sizes}
    symbolic = dict.fromkeys(s for v in network.variables.values() for s in v.shape if not isinstance(s, int))
    written = entries(network, extras.get("numbering", "running"), {s: sizes.get(str(s), 1) for s in symbolic})
    symbols = _entry_symbols(network, written, chosen)
    scalars = derive_record(name_equations(written.network), collapse=record.collapse)
    sheet = Sheet(
        scalars,
        replace(chosen, layers="subscript", symbols={**chosen.symbols, **symbols}),
        language,
        "entries",
        {**extras, "values": None},
        written,
    )
    unknown = [size_symbol(s) for s in symbolic if str(s) not in sizes]
    if unknown:
        sheet.remarks += (sentence(sheet.words["row of batch"], size=separated(unknown, row(COMMA, SPACE))),)
    return sheet


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


def _layers_inside(form: Form) -> int:
    """Return how many layers a formula writes inside each other: products of matrices with functions between them."""
    deepest = max(map(_layers_inside, form.args), default=0)
    if not isinstance(form, Matmul):
        return deepest
    called = [n for a in form.args for n in walk(a) if isinstance(n, Apply) and isinstance(n.op, Function)]
    return 1 + max((_layers_inside(n) for n in called), default=0) if deepest else 1


def pre_activations(network: NamedNetwork) -> tuple[str, ...]:
    """Return the outputs of affine equations (a product with a variable of the network, plus a bias), in order.

    Queries, keys and values are none: what is only multiplied with another computed array is not on its way to an
    activation function. Nor is the mean of data with the weights of an attention head.
    """
    return tuple(
        e.name
        for e in network.equations
        if e.name != network.loss
        and _is_affine(e.form, network)
        and not _only_meets_computed(e.name, network)
        and not _is_mean_of_data(e.form, network)
        and not scale_and_shift(network, e.name)[0]
    )


def _is_mean_of_data(form: Form, network: NamedNetwork) -> bool:
    """Say whether a form weighs data with rows of a softmax, as A X."""
    if not isinstance(form, Matmul):
        return False
    weights, of = map(bare_name, form.args)
    made = next((e.form for e in network.equations if e.name == weights), None)
    shares = isinstance(made, Apply) and made.op is ROWS["softmax"] and made.ndim > 1
    given = network.variables.get(of or "")
    return shares and given is not None and of not in network.parameters and given.role == "input"


def _only_meets_computed(name: str, network: NamedNetwork) -> bool:
    """Say whether a name is read by matrix products with other computed arrays alone."""
    readers = [e.form for e in network.equations if any(n.name == name for n in names_in(e.form))]
    return bool(readers) and all(_meets_computed(form, name, network) for form in readers)


def _meets_computed(form: Form, name: str, network: NamedNetwork) -> bool:
    for node in walk(form):
        if isinstance(node, (Matmul, forms.Outer)) and name in (factors := [bare_name(a) for a in node.args]):
            other = factors[1] if factors[0] == name else factors[0]
            if other is not None and other not in network.variables and other != name:
                return True
    return False


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
            factors = [bare_name(_of_sequence(a)) for a in node.args]
            if any(f is None for f in factors):
                return False
            products += any(f in network.variables for f in factors)
            if not any(f in network.variables for f in factors):
                return False
        elif bare_name(node) is None and not isinstance(node, Number):
            return False
    return products > 0


def _of_sequence(form: Form) -> Form:
    """Return the array of which a form is one part, as the sequence x of its vector x_1."""
    while isinstance(form, (forms.Transpose, forms.Expand)):
        form = form.args[0]
    return form.args[0] if isinstance(form, forms.Get) and any(isinstance(i, int) for i in form.index) else form


def bare_name(form: Form) -> str | None:
    """Return the name a form is, through transposes and axes of length 1; None for a formula."""
    while isinstance(form, (forms.Transpose, forms.Expand, forms.Broadcast)):
        form = form.args[0]
    return form.name if isinstance(form, Name) else None
