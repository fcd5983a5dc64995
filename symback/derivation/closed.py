"""Closed forms: a gradient in the names that were given, short enough for a line, and proved equal to the staged one.

Invented names are put back, and what that makes is collected (see ``collecting``). What does not fit a line keeps adjoints that
it reads, or the name of a formula that would stand in it twice, each with a definition that fits one; what does not fit even
so has no closed form.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symback.core.forms import (
    Adjoint,
    Apply,
    Form,
    Name,
    Prime,
    Shape,
    apply,
    name,
    names_in,
    substitute,
    walk,
)
from symback.derivation.chains import is_symmetric
from symback.derivation.collecting import Collector
from symback.derivation.equality import equal_by_definitions, read_by
from symback.derivation.gates import where_open
from symback.derivation.granted import Granted
from symback.derivation.jacobians import expanded
from symback.derivation.leading import numbers_lead
from symback.derivation.record import Record
from symback.derivation.terms import weight
from symback.engine.textbook import prime_form
from symback.networks.facts import SYMMETRIC
from symback.networks.folding import columns_whole
from symback.networks.network import Assumption, NamedNetwork

LINE = 60
"""How many nodes fit a line."""
_COMPOUND = 9
"""A part of so many nodes does not stand twice on a line."""
_LONGEST = 300
"""How many nodes are collected: written out, the gradients of many layers are exponentially long."""
_MOST_DEFINITIONS = 8


@dataclass(frozen=True, eq=False)
class Closed:
    """A gradient in closed form: ``form``, in which ``where`` defines the names that it keeps; ``whole`` keeps none.

    ``sums`` are sums that a number stands for, as 0 for Σ (x − μ) where μ is the mean of x; ``assumptions`` are the facts
    that it rests on.
    """

    form: Form
    whole: Form
    where: tuple[tuple[Adjoint | Name, Form], ...] = ()
    sums: tuple[tuple[Form, Fraction], ...] = ()
    assumptions: tuple[Assumption, ...] = ()


def fits(form: Form) -> bool:
    """Return True where a form fits a line, and nothing long stands in it twice.

    >>> X, w, y = name("X", (4, 3)), name("w", (3,)), name("y", (4,))
    >>> fits(X.T @ (X @ w - y)), fits((X @ w - y) ** 2 * (X @ w * 2 - y * y) * (X @ w * 2 - y * y))
    (True, False)
    """
    if weight(form) > LINE:
        return False
    order = walk(form)
    counts = dict.fromkeys(order, 0)
    counts[form] = 1
    for node in reversed(order):
        for operand in node.args:
            counts[operand] += counts[node]
    return all(count < 2 or not node.args or weight(node) < _COMPOUND for node, count in counts.items())


class Closing:
    """What closes the forms of one network: its definitions, and the names that stand for whole formulas."""

    def __init__(self, network: NamedNetwork, kept: str = "") -> None:
        equations = [(name(e.name, e.shape), e) for e in network.equations]
        self.loss = name(network.loss)
        self.invented: dict[Form, Form] = {
            leaf: e.form for leaf, e in equations if (e.invented or leaf is self.loss) and e.name != kept
        }
        is_long = weight(network.equation(network.loss).form) >= _COMPOUND
        self._keeping_loss = Closing(network, network.loss) if is_long and not kept else None
        self.given: dict[Name, Form] = {leaf: e.form for leaf, e in equations if not e.invented}
        self.outputs: dict[Form, Form] = {
            e.form: leaf for leaf, e in equations if not e.invented and e.form.args and e.name != network.loss
        }
        loss = network.equation(network.loss)
        self._named_loss = {loss.form: self.loss} if not loss.invented else {}
        self.facts = {a.name: a for a in network.assumptions if a.kind == "one-hot"}
        self.assumptions = (*network.assumptions, *_symmetric_by_construction(network))
        self._known: dict[Form, Form] = {}

    def put_back(self, form: Form) -> Form:
        """Return a form in the names that were given: invented ones are written out, whole formulas by their names."""
        return substitute(form, self._changed)

    def _changed(self, node: Form) -> Form | None:
        if node in self._known:
            return self._known[node]
        found = self.outputs.get(node)
        if found is None and node in self.invented:
            found = self.outputs.get(self.invented[node]) or self.put_back(self.invented[node])
        if found is None and isinstance(node, Apply) and isinstance(node.op, Prime):
            function = node.op.function
            call = apply(function, *node.args)
            output = self.outputs.get(call) if function.definition is not None else None
            if node.args[0] in self.invented:
                found = where_open(node, self._named_loss.get(call) if output is None else output)
            if found is None and output is not None:
                found = self.put_back(prime_form(node.op, node.args, output))
        if found is not None:
            self._known[node] = found
        return found

    def close(self, staged: Form) -> Closed | None:
        """Return the shortest form of ``staged`` that was found; None where it is too long to be looked at."""
        if weight(staged) > _LONGEST:
            return None
        whole = columns_whole(self.put_back(staged))
        found = self._closed(whole) if weight(whole) <= _LONGEST else None
        if self._keeping_loss is None or self.loss not in names_in(staged):
            return found
        other = self._keeping_loss.close(staged)
        return found if other is None or (found and weight(found.form) <= weight(other.form)) else other

    def _closed(self, whole: Form) -> Closed:
        used: dict[Name, Form] = {}
        best, sums, resting = self._collected(whole, used)
        for leaf, form in reversed(self._products_in(whole)):
            found, sums_there, resting_there = self._collected(whole, {**used, leaf: form})
            if weight(found) < weight(best):
                used[leaf] = form
                best, sums, resting = found, sums_there, resting_there
        read = {form.args[0].name for form in sums if isinstance(form.args[0], Name)}
        facts = [fact for label, fact in self.facts.items() if label in read]
        return Closed(best, best, (), tuple(sums.items()), (*facts, *resting))

    def _collected(
        self, whole: Form, used: Mapping[Name, Form]
    ) -> tuple[Form, dict[Form, Fraction], tuple[Assumption, ...]]:
        """Return what is collected, the sums that are numbers there, and the granted facts that it rests on."""
        axes = {label: fact.axis for label, fact in self.facts.items()}
        collector = Collector(used, self.given, axes)
        form = collector.top(whole)
        known = Granted(self.assumptions)
        while known and (found := known.simplified(form)) is not form:
            collector = Collector(used, self.given, axes)
            collected = collector.top(found)
            if collected is form:
                break
            form = collected
        return form, collector.sums, tuple(known.used)

    def _products_in(self, whole: Form) -> list[tuple[Name, Form]]:
        """Return the given products and quotients of whose factors a form speaks."""
        read = set(names_in(whole))
        found: list[tuple[Name, Form]] = []
        for leaf, form in self.given.items():
            is_product = isinstance(form, Apply) and form.op in ("divide", "multiply")
            if is_product and read & set(names_in(form)):
                opened = form.remade(tuple(self.put_back(a) for a in form.args))
                if weight(opened) < LINE:
                    found.append((leaf, opened))
        return found[-_MOST_DEFINITIONS:]


def _symmetric_by_construction(network: NamedNetwork) -> list[Assumption]:
    """Return what is symmetric by its own equation, as a covariance A Aᵀ + I."""
    granted = {a.name for a in network.assumptions if a.kind in SYMMETRIC}
    found = [e.name for e in network.equations if e.name not in granted and is_symmetric(e.form)]
    return [Assumption("symmetric", label, "by construction", -1) for label in found]


_closings: weakref.WeakKeyDictionary[NamedNetwork, Closing] = weakref.WeakKeyDictionary()


def closing_of(network: NamedNetwork) -> Closing:
    """Return what closes the forms of a network, made once."""
    found = _closings.get(network)
    if found is None:
        found = _closings[network] = Closing(network)
    return found


def closed_form(network: NamedNetwork, staged: Form) -> Closed | None:
    """Return a form of names in the names that were given; None where that does not fit a line, or is not proved."""
    found = closing_of(network).close(staged)
    return found if found is not None and fits(found.form) and _is_proved(network, staged, found) else None


def _is_proved(network: NamedNetwork, staged: Form, found: Closed) -> bool:
    """Return True where a closed form is equal to the staged one, and so is what its definitions make of it."""
    definitions: dict[Form, Form] = dict(found.where)
    forms = dict.fromkeys((found.whole, substitute(found.form, definitions.get)))
    return all(equal_by_definitions(network, staged, form, found.assumptions) for form in forms)


def with_numbers_first(network: NamedNetwork, staged: Form) -> Form:
    """Return a form of names with each number in front of its product, where that is proved; any other one as it is.

    No name is written out: 2 Xᵀ z₁ for Xᵀ(2 z₁), and λ z₃ᵀ U for (λ z₃)ᵀ U.
    """
    if numbers_lead(staged) or weight(staged) > _LONGEST:
        return staged
    found = Collector().top(staged)
    return found if equal_by_definitions(network, staged, found) else staged


_gradients: weakref.WeakKeyDictionary[Record, dict[str, Closed | None]] = weakref.WeakKeyDictionary()


def closed_gradient(record: Record, of: str) -> Closed | None:
    """Return the closed form of ∂L/∂(of), which may keep names and define them; None where none fits a line."""
    known = _gradients.setdefault(record, {})
    if of not in known:
        known[of] = _closed_gradient(record, of)
    return known[of]


def _closed_gradient(record: Record, of: str) -> Closed | None:
    plain = expanded(record, (), of)[of]
    whole = closing_of(record.network).close(plain)
    if whole is None:
        return None
    if fits(whole.form):
        return whole if _is_proved(record.network, plain, whole) else None
    found = None
    shorter = [_keeping(record, of, kept, whole) for kept in _worth_keeping(record, of)]
    shorter += [_with_name(record.network, leaf, plain, whole) for leaf in _used_twice(record.network, plain)]
    for closed in shorter:
        if closed is not None and (found is None or _length(closed) < _length(found)):
            found = closed
    return found if found is not None and _is_proved(record.network, plain, found) else None


_past: weakref.WeakKeyDictionary[Record, dict[str, Closed | None]] = weakref.WeakKeyDictionary()
_MOST_STATISTICS = 8


def past_statistics(record: Record, of: str) -> Closed | None:
    """Return ∂L/∂(of) without the adjoints of statistics that lie on its paths, where that is shorter than they are.

    A statistic has one entry for several of the variable, as its mean, or its variance: batch normalization in the one
    adjoint ∂L/∂x̂. The adjoints that are kept are names. None where there is no such statistic, or no short form.
    """
    known = _past.setdefault(record, {})
    if of not in known:
        known[of] = _past_statistics(record, of)
    return known[of]


def _past_statistics(record: Record, of: str) -> Closed | None:
    opened = statistics_behind(record, of)
    if not opened:
        return None
    step = record.by_name()[of]
    length = weight(step.form) + sum(map(weight, opened.values()))
    plain = substitute(step.form, opening(opened))
    found = closing_of(record.network).close(plain)
    if found is None or not fits(found.form) or weight(found.form) >= length:
        return None
    return found if _is_proved(record.network, plain, found) else None


def statistics_behind(record: Record, of: str) -> dict[str, Form]:
    """Return the adjoints of statistics on the paths of a variable, with their forms; none where all its paths are such."""
    steps = record.by_name()
    step = steps[of]
    opened: dict[str, Form] = {}

    def statistics_in(form: Form) -> list[str]:
        return [n.of for n in walk(form) if isinstance(n, Adjoint) and _is_statistic(n.shape, step.shape)]

    waiting = statistics_in(step.form)
    if all(_is_statistic(n.shape, step.shape) for n in walk(step.form) if isinstance(n, Adjoint)):
        return {}
    while waiting:
        label = waiting.pop()
        if label not in opened:
            opened[label] = steps[label].form
            waiting += statistics_in(opened[label])
        if len(opened) > _MOST_STATISTICS:
            return {}
    return opened


def opening(opened: Mapping[str, Form]) -> Callable[[Form], Form | None]:
    """Return the change that puts forms in place of their adjoints."""

    def change(node: Form) -> Form | None:
        if isinstance(node, Adjoint) and node.of in opened:
            return substitute(opened[node.of], change)
        return None

    return change


def _is_statistic(shape: Shape, whole: Shape) -> bool:
    """Return True for the shape of what has one entry for several of an array."""
    long = [s for s in shape if s != 1]
    rest = [s for s in whole if s != 1]
    if len(long) >= len(rest):
        return False
    for size in long:
        if size not in rest:
            return False
        rest.remove(size)
    return True


def _worth_keeping(record: Record, of: str) -> list[tuple[str, ...]]:
    """Return adjoints of given names that a gradient may keep: each of those it rests on, and those that it reads."""
    invented = {e.name for e in record.network.equations if e.invented}
    steps = record.by_name()
    read: dict[str, None] = {}
    waiting = [of]
    while waiting:
        for node in walk(steps[waiting.pop(0)].form):
            if isinstance(node, Adjoint) and node.of not in read:
                read[node.of] = None
                waiting.append(node.of)
    direct = tuple(n.of for n in walk(steps[of].form) if isinstance(n, Adjoint))
    found = [(label,) for label in read if label not in invented]
    return [*found[:_MOST_DEFINITIONS], *([direct] if len(direct) > 1 and not invented & set(direct) else [])]


def _keeping(record: Record, of: str, kept: Sequence[str], whole: Closed) -> Closed | None:
    """Return ``whole`` with these adjoints kept; None where one of the formulas does not fit a line."""
    staged = expanded(record, kept, of)[of]
    found = closing_of(record.network).close(staged)
    if found is None or not fits(found.form):
        return None
    leaves = [n for n in walk(found.form) if isinstance(n, Adjoint)]
    return _said_with(whole, found, {n: closed_form(record.network, expanded(record, (), n.of)[n.of]) for n in leaves})


def _used_twice(network: NamedNetwork, staged: Form) -> list[Name]:
    """Return invented names of long formulas that stand more than once in a form, if their own names are put back."""
    closing = closing_of(network)
    found: dict[Name, Form] = {}
    for label, form in read_by(network.equations, (staged,)):
        leaf = name(label, form.shape)
        whole = closing.put_back(form)
        if leaf in closing.invented and label != network.loss and _COMPOUND <= weight(whole) <= LINE:
            found[leaf] = whole
    whole = closing.put_back(staged)
    return [leaf for leaf, form in found.items() if form in walk(whole)][-_MOST_DEFINITIONS:]


def _with_name(network: NamedNetwork, leaf: Name, staged: Form, whole: Closed) -> Closed | None:
    """Return ``whole`` with an invented name kept; None where one of the formulas does not fit a line."""
    found = Closing(network, leaf.name).close(staged)
    if found is None or not fits(found.form) or leaf not in walk(found.form):
        return None
    return _said_with(whole, found, {leaf: closed_form(network, closing_of(network).invented[leaf])})


def _said_with(whole: Closed, found: Closed, parts: Mapping[Any, Closed | None]) -> Closed | None:
    """Return ``whole`` as ``found`` says it, in which the names of ``parts`` stay; None where one of them has no short form."""
    known = {leaf: part for leaf, part in parts.items() if part is not None}
    if len(known) < len(parts):
        return None
    where = tuple((leaf, part.form) for leaf, part in known.items())
    used = [whole, found, *known.values()]
    sums = dict(item for part in used for item in part.sums)
    facts = dict.fromkeys(a for part in used for a in part.assumptions)
    return Closed(found.form, whole.form, where, tuple(sums.items()), tuple(facts))


def _length(closed: Closed) -> int:
    return weight(closed.form) + sum(weight(form) for _, form in closed.where)
