"""The derivation as data: the reverse sweep over a network in named form, one Step per variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import sympy as sp

from symback.core.errors import DerivationError, ShapeError
from symback.core.forms import (
    Adjoint,
    Apply,
    Broadcast,
    Concatenate,
    Form,
    Function,
    Implicit,
    Matmul,
    Name,
    Put,
    Reduce,
    Shape,
    Size,
    SizeOf,
    Span,
    adjoint,
    apply,
    broadcast_to,
    concatenate,
    expand,
    filled,
    name,
    names_in,
    needed_lengths,
    number,
    numbered_size,
    rebuild,
    relabel,
    shape_text,
    signed_sum,
    substitute,
    walk,
)
from symback.derivation.collecting import Collector
from symback.derivation.equality import equal_with
from symback.derivation.summands import summands_by_name
from symback.engine.calculus import Partial, Term, contribution_terms, partials, target_axes
from symback.engine.elements import Access, Peak, lower, to_sympy, total
from symback.engine.exponents import grows
from symback.engine.implicit import transposes_inside
from symback.engine.recognition import leaves_of_forms, recognize
from symback.engine.textbook import (
    as_known,
    compose,
    definition_of,
    divides_by,
    factored,
    granted,
    in_output,
    tidy_sum,
    with_known_quotients,
)
from symback.networks.network import Assumption, Equation, NamedNetwork, list_names


@dataclass(frozen=True, eq=False)
class Contribution:
    """What one equation that reads a variable adds to its adjoint.

    ``through`` is the equation's left side, ``upstream`` its adjoint (the number 1 for the loss itself),
    ``local`` the local derivative ∂through/∂of as a Form where it is entrywise (always in a scalar network), else
    None; ``form`` is the contribution, upstream applied to the local derivative. ``collapsed`` names the outputs that
    a collapse steps over: ``("y_hat",)`` in ∂L/∂z through ŷ.
    """

    through: str
    of: str
    upstream: Form
    local: Form | None
    form: Form
    collapsed: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, eq=False)
class Vanishing:
    """A contribution that is 0 by the definition of its variable: ``sum`` is, as Σ (a − μ) where μ is the mean of a."""

    contribution: Contribution
    sum: Form


@dataclass(frozen=True, eq=False)
class Step:
    """∂L/∂(of): the sum of its contributions.

    ``form`` is what runs; its leaves are names and adjoints of variables nearer the loss. ``literal`` holds the
    contributions without any collapse (equal to ``contributions`` where none happened, but for those that vanish).
    ``needed`` is False for a step that the page shows but the collapsed code does not run.
    """

    of: str
    shape: Shape
    form: Form
    contributions: tuple[Contribution, ...]
    literal: tuple[Contribution, ...]
    rules: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    needed: bool = True
    vanishing: tuple[Vanishing, ...] = ()

    @property
    def through(self) -> tuple[str, ...]:
        """The equations that read this variable."""
        return tuple(c.through for c in self.contributions)

    @property
    def element(self) -> Any:
        """One entry as an ordinary SymPy expression; the adjoint ∂L/∂z is written dL_dz."""
        return to_sympy(self.form)

    @property
    def local(self) -> tuple[Form | None, ...]:
        """The local derivative along each contribution."""
        return tuple(c.local for c in self.contributions)


@dataclass(frozen=True, eq=False)
class Record:
    """A whole derivation: the network, and the steps in the order they are computed (from the loss inwards)."""

    network: NamedNetwork
    steps: tuple[Step, ...]
    wrt: tuple[str, ...]
    collapse: bool

    def by_name(self) -> Mapping[str, Step]:
        """Return the steps by the variable they are of."""
        return {s.of: s for s in self.steps}


# --- the reverse sweep ------------------------------------------------------------------------------------------------


def derive_record(named: NamedNetwork, *, collapse: bool = True) -> Record:
    """Return the derivation of ``named``: adjoints from the loss inwards, one Step per variable that needs one."""
    return _Sweep(named, collapse).run()


@dataclass(frozen=True)
class _Template:
    """A derived contribution of one shape of equation: names and sizes are numbered by first appearance."""

    form: Form
    local: Form | None
    facts: tuple[tuple[str, int], ...] = ()


class _Renaming:
    """Names and sizes of some Forms, numbered by first appearance; sizes that an index depends on stay."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.names: dict[str, str] = {}
        self.sizes: dict[Size, Size] = {1: 1, 0: 0}
        self._names_back: dict[str, str] = {}
        self._sizes_back: dict[Size, Size] = {}
        nodes = [node for form in forms for node in walk(form)]
        for node in nodes:
            if node.needs_lengths or (type(node) is Apply and type(node.op) is Function):
                self.sizes.update((needed, needed) for needed in needed_lengths(node))
        for node in nodes:
            if isinstance(node, Name):
                self.names.setdefault(node.name, f"n{len(self.names)}")
            for length in node.shape:
                if length not in self.sizes:
                    self.sizes[length] = numbered_size(len(self.sizes))
            if isinstance(node, SizeOf) and node.size not in self.sizes:
                self.sizes[node.size] = numbered_size(len(self.sizes))

    def there(self, form: Form) -> Form:
        return relabel(form, self.names, self.sizes)

    def back(self, template: Form, out: str) -> Form:
        """Return a template in the names and sizes it was numbered from; ``out`` is its equation's left side."""
        if not self._names_back:
            self._names_back = {v: k for k, v in self.names.items()}
            self._sizes_back = {v: k for k, v in self.sizes.items()}
        return relabel(template, {**self._names_back, "out": out}, self._sizes_back)


_templates: dict[tuple[Any, ...], _Template | None] = {}


def clear_templates() -> None:
    """Forget every derived template; results do not depend on what is remembered, and a test says so."""
    _templates.clear()


class _Sweep:
    def __init__(self, named: NamedNetwork, collapse: bool) -> None:
        self.named = named
        self.collapse = collapse
        self.equations = {e.name: e for e in named.equations}
        self.calls: dict[Form, Form] = {
            e.form: name(e.name, e.shape) for e in named.equations if isinstance(e.form, Implicit)
        }
        """What has no formula and a name, as an inverse: derivatives are written in that name."""
        self.facts = {a.name: a for a in named.assumptions if a.kind == "one-hot"}
        self.needed = self._between()
        self.wanted = frozenset(self.needed)
        self.running: dict[str, list[Contribution]] = {n: [] for n in self.needed}
        self.literal: dict[str, list[Contribution]] = {n: [] for n in self.needed}
        self.renamings: dict[Form, _Renaming] = {}
        self.summands: dict[str, dict[str, Form] | None] = {}
        self.adjoints: dict[str, Form] = {}
        self.behind: dict[str, frozenset[str]] = {}

    def _between(self) -> list[str]:
        """Return the variables on a path from something wanted to the loss, in order of computation."""
        reaches: set[str] = {self.named.loss}
        for equation in reversed(self.named.equations):
            if equation.name in reaches:
                reaches.update(n.name for n in names_in(equation.form))
        depends: set[str] = set(self.named.parameters)
        order = [p for p in self.named.variables if p in depends and p in reaches]
        for equation in self.named.equations:
            if equation.name in depends or any(n.name in depends for n in names_in(equation.form)):
                depends.add(equation.name)
                if equation.name in reaches:
                    order.append(equation.name)
        return order

    def run(self) -> Record:
        wanted = self.wanted
        if self.named.loss not in wanted:
            missing = list_names(self.named.parameters)
            raise DerivationError(f"the loss {self.named.loss} does not depend on {missing}")
        steps: list[Step] = []
        for of in self._backwards():
            if of != self.named.loss:
                steps.append(self._step(of))
            if of in self.equations:
                self._spread(self.equations[of])
        return Record(self.named, tuple(steps), self.named.parameters, self.collapse)

    def _backwards(self) -> list[str]:
        """Return the needed names from the loss inwards, each after everything that reads it.

        A path is followed to its end before its neighbor begins, and neighbors come in the order of the forward pass:
        o₁, its weights, o₂, its weights, then what both read.
        """
        place = {n: k for k, n in enumerate(self.needed)}
        reads = {n: self._reads(n) for n in self.needed}
        waiting = Counter(read for found in reads.values() for read in found)
        order: list[str] = []
        ready = [self.named.loss]
        while ready:
            of = ready.pop()
            order.append(of)
            for read in reads[of]:
                waiting[read] -= 1
            ready.extend(sorted((r for r in reads[of] if not waiting[r]), key=lambda r: -place[r]))
        return order

    def _reads(self, of: str) -> list[str]:
        """Return the needed names that the equation of a name reads."""
        equation = self.equations.get(of)
        found = () if equation is None else names_in(equation.form)
        return [n for n in dict.fromkeys(leaf.name for leaf in found) if n in self.wanted]

    def _upstream_first(self, found: list[Contribution]) -> list[Contribution]:
        """Return contributions as they are written: equal paths in the order of the forward pass, else the loss's side first.

        Two paths are equal where their contributions differ in names only, as those of the steps of a recurrent
        network, or where neither passes through the other, as the gates of one step.
        """
        place = {n: k for k, n in enumerate(self.needed)}
        left = sorted(found, key=lambda c: place[c.through])
        shapes = [_skeleton(c.form) for c in left]
        if len(set(shapes)) < 2:
            return left
        later = [
            {d for d in range(len(left)) if shapes[d] != shapes[k] and left[k].through in self._behind(left[d].through)}
            for k in range(len(left))
        ]
        waiting = [len(before) for before in later]
        ready = [k for k, count in enumerate(waiting) if not count]
        order: list[int] = []
        while ready:
            first = heappop(ready)
            order.append(first)
            for k, before in enumerate(later):
                if first in before:
                    waiting[k] -= 1
                    if not waiting[k]:
                        heappush(ready, k)
        return [left[k] for k in order]

    def _behind(self, of: str) -> frozenset[str]:
        """Return the needed names that a name is computed from."""
        if of not in self.behind:
            for label in self.needed:
                read = self._reads(label)
                self.behind[label] = frozenset(read).union(*(self.behind[r] for r in read))
        return self.behind[of]

    # --- one equation ---

    def _spread(self, equation: Equation) -> None:
        """Add what ``equation`` contributes to the adjoint of everything it reads."""
        wanted = self.wanted
        if equation.name != self.named.loss and not self.literal[equation.name]:
            return  # its adjoint is 0: nothing flows further
        live = equation.name == self.named.loss or bool(self.running[equation.name])
        for argument in dict.fromkeys(n.name for n in names_in(equation.form)):
            if argument not in wanted:
                continue
            plain = self._contribution(equation, argument)
            if plain is None:
                continue
            self.literal[argument].append(plain)
            if not live:
                continue
            if not (self.collapse and self._collapsed(equation, argument)):
                self.running[argument].append(plain)

    def _upstream(self, equation: Equation) -> Form:
        return number(1) if equation.name == self.named.loss else adjoint(equation.name, equation.shape)

    def _constant(self, equation: Equation) -> Form | None:
        """Return the adjoint of ``equation`` where it is the same number everywhere: 1 for the loss, 1/n below a mean."""
        if equation.name == self.named.loss:
            return number(1)
        form = self.adjoints.get(equation.name)
        return form if form is not None and is_constant(form) else None

    def _contribution(self, equation: Equation, argument: str) -> Contribution | None:
        constant = self._constant(equation)
        if equation.name not in self.summands:
            self.summands[equation.name] = summands_by_name(equation.form)
        alone = self.summands[equation.name]
        whole = equation.form if alone is None else alone[argument]
        renaming = self.renamings.get(whole)
        if renaming is None:
            renaming = self.renamings[whole] = _Renaming([whole, *(() if constant is None else (constant,))])
        form = renaming.there(whole)
        given = None if constant is None else renaming.there(constant)
        key = ("one", form, renaming.names[argument], given)
        if key not in _templates:
            _templates[key] = _derive_one(form, renaming.names[argument], given)
        template = _templates[key]
        if template is None:
            return None
        # a term of a sum has no name: what the rule writes in the output of the term stands there as the term itself
        own: dict[Form, Form] = {name("out", form.shape): form} if alone is not None else {}
        local, made = (None if f is None else substitute(f, own.get) for f in (template.local, template.form))
        assert made is not None
        return Contribution(
            equation.name,
            argument,
            self._upstream(equation),
            None if local is None else self._in_names(renaming.back(local, equation.name)),
            self._in_names(renaming.back(made, equation.name)),
        )

    def _in_names(self, form: Form) -> Form:
        """Return a derivative with each call that the network has a name for written as that name."""
        return transposes_inside(substitute(form, self.calls.get)) if self.calls else form

    def _collapsed(self, equation: Equation, middle: str) -> bool:
        """Step over ``middle`` where its derivative cancels against that of ``equation``; return True if done."""
        inner = self.equations.get(middle)
        if inner is None or middle == self.named.loss:
            return False
        arguments = [n.name for n in names_in(inner.form) if n.name in self.wanted]
        if not arguments or not _may_collapse(equation.form, inner.form, middle):
            return False
        marker = Name._make((), (middle,), inner.shape)
        constant = self._constant(equation)
        renaming = _Renaming([equation.form, marker, inner.form, *(() if constant is None else (constant,))])
        there = (renaming.there(equation.form), renaming.there(inner.form))
        given = None if constant is None else renaming.there(constant)
        facts = tuple((renaming.names[f], a.axis) for f, a in self.facts.items() if f in renaming.names)
        made: list[tuple[str, _Template]] = []
        for argument in arguments:
            key = ("two", *there, renaming.names[middle], renaming.names[argument], given, facts)
            if key not in _templates:
                _templates[key] = _derive_collapse(
                    there[0], there[1], renaming.names[middle], renaming.names[argument], given, facts
                )
            template = _templates[key]
            if template is None:
                return False
            made.append((argument, template))
        original = {v: k for k, v in renaming.names.items()}
        for argument, template in made:
            used = tuple(self.facts[original[f]]._replace(axis=axis) for f, axis in template.facts)
            self.running[argument].append(
                Contribution(
                    equation.name,
                    argument,
                    self._upstream(equation),
                    None,
                    renaming.back(template.form, equation.name),
                    (middle,),
                    used,
                )
            )
        return True

    # --- one variable ---

    def _step(self, of: str) -> Step:
        shape = self.named.shape_of(of)
        running, literal = self._upstream_first(self.running[of]), self._upstream_first(self.literal[of])
        needed = bool(running)
        vanishing = self._vanishing(of, running)
        gone = {v.contribution for v in vanishing}
        running = [c for c in running if c not in gone]
        form = _summed_forms([c.form for c in (running or literal)], shape)
        if form.shape != shape:
            raise ShapeError(
                f"the gradient of {of} came out with shape {shape_text(form.shape)}, expected {shape_text(shape)}: {form}"
            )
        self.adjoints[of] = form
        assumptions = tuple(dict.fromkeys(a for c in running for a in c.assumptions))
        rules = ["sum of paths"] if len(running) > 1 else []
        rules += ["chain rule" if not c.collapsed else f"collapse over {', '.join(c.collapsed)}" for c in running]
        return Step(
            of,
            shape,
            form,
            tuple(running or literal),
            tuple(literal),
            tuple(dict.fromkeys(rules)),
            assumptions,
            needed or of in self.named.parameters,
            vanishing,
        )

    def _vanishing(self, of: str, running: Sequence[Contribution]) -> tuple[Vanishing, ...]:
        """Return the contributions that are 0 by the definition of a variable as a sum or a mean, each proved; never all."""
        equation = self.equations.get(of)
        if len(running) < 2 or equation is None or not any(isinstance(n, Reduce) for n in walk(equation.form)):
            return ()
        leaf = name(of, equation.shape)
        found = []
        for contribution in running:
            sums = [n for n in walk(contribution.form) if isinstance(n, Reduce) and leaf in names_in(n)]
            if all(any(isinstance(inner, Adjoint) for inner in walk(n)) for n in sums):
                continue
            collector = Collector(definitions={leaf: equation.form})
            if any(t.number for t in collector.terms(contribution.form)) or len(collector.sums) != 1:
                continue
            if equal_with([equation], contribution.form, filled(0, contribution.form.shape)):
                found.append(Vanishing(contribution, _differences_from(leaf, next(iter(collector.sums)))))
        return tuple(found) if len(found) < len(running) else ()


def _differences_from(leaf: Name, total: Form) -> Form:
    """Return Σ (a − μ) for Σ (μ − a), where μ is ``leaf``: both are 0."""
    inner = total.args[0]
    if isinstance(inner, Apply) and inner.op == "subtract" and leaf in names_in(inner.args[0]):
        return rebuild(total, (apply("subtract", inner.args[1], inner.args[0]),))
    return total


def is_constant(form: Form) -> bool:
    """Return True for an adjoint that is the same number everywhere, whatever the values are."""
    return not any(isinstance(n, (Name, Adjoint, Put, Concatenate)) for n in walk(form))


def _skeleton(form: Form) -> tuple[object, ...]:
    """Return what a contribution does, whatever the names and the steps it does it with."""
    return tuple((type(node), getattr(node, "op", None), node.ndim) for node in walk(form))


def _summed_forms(forms: Sequence[Form], shape: Shape) -> Form:
    if not forms:
        return filled(0, shape)
    joined = _joined(forms, shape) if len(forms) > 1 else None
    if joined is not None:
        return joined
    if len(forms) > 1:
        forms = _without_broadcasts(forms, shape)
    negative = [isinstance(f, Apply) and f.op == "negative" for f in forms]
    rest = [(-1, f.args[0]) if minus else (1, f) for f, minus in zip(forms[1:], negative[1:], strict=True)]
    return signed_sum([(1, forms[0]), *rest])


def _joined(forms: Sequence[Form], shape: Shape) -> Form | None:
    """Return terms that fill an axis side by side, each zero elsewhere, as one array: [δ_i, δ_f, δ_g, δ_o]; else None."""
    places: dict[int, tuple[int, Form]] = {}
    found: int | None = None
    for form in forms:
        negative = isinstance(form, Apply) and form.op == "negative"
        inner = form.args[0] if negative else form
        if not isinstance(inner, Put) or inner.value or inner.shape != shape:
            return None
        axes = [k for k, item in enumerate(inner.index) if item is not None]
        item = inner.index[axes[0]] if len(axes) == 1 else None
        if item is None or found not in (None, axes[0]) or (isinstance(item, Span) and item.step != 1):
            return None
        found = axes[0]
        if isinstance(item, int) and inner.args[0].ndim != len(shape) - 1:
            return None
        part = inner.args[0] if isinstance(item, Span) else expand(inner.args[0], [found])
        start = item.start if isinstance(item, Span) else item
        if start in places or len(part.shape) != len(shape):
            return None
        places[start] = (int(part.shape[found]), apply("negative", part) if negative else part)
    end, parts = 0, []
    for start, (length, part) in sorted(places.items(), key=lambda p: p[0]):
        if start != end:
            return None
        end += length
        parts.append(part)
    return concatenate(parts, found or 0) if found is not None and end == shape[found] else None


def _without_broadcasts(forms: Sequence[Form], shape: Shape) -> list[Form]:
    """Return the terms with explicit repetition left out where another term has the full shape already."""
    full = [not isinstance(f, Broadcast) for f in forms]
    if not any(full):
        return list(forms)
    ordered = [f for f, whole in zip(forms, full, strict=True) if whole]
    return ordered + [f.args[0] for f, whole in zip(forms, full, strict=True) if not whole]


def _out_and_upstream(form: Form, constant: Form | None) -> tuple[tuple[Any, ...], Any, dict[str, Form]]:
    out = target_axes(form.shape)
    if constant is not None:
        return out, lower(constant, out if constant.shape else ()), {}
    return out, Access("∂out", *out), {"∂out": adjoint("out", form.shape)}


def _leaf(form: Form, label: str) -> Name:
    return next(n for n in names_in(form) if n.name == label)


def _derive_one(form: Form, argument: str, constant: Form | None) -> _Template | None:
    """Return the template of one equation; a row along an axis that has none at once is derived part by part."""
    try:
        return _derive_template(form, argument, constant)
    except DerivationError:
        opened = substitute(form, lambda node: definition_of(node) if _works_along_axis(node) else None)
        parts = _parts_of(opened)
        if len(parts) == 1 or (opened is form and not any(_states_adjoint(node) for node in walk(form))):
            raise
    upstream = adjoint("out", form.shape) if constant is None else constant
    if upstream.shape != form.shape:
        upstream = broadcast_to(upstream, form.shape)
    arriving: dict[str, list[Form]] = {"out": [upstream]}
    for label, part in reversed(parts.items()):
        received = arriving.pop(label, None)
        if received is None:
            continue
        held: dict[Form, Form] = {
            adjoint("out", part.shape): _summed_forms(received, part.shape),
            name("out", part.shape): name(label, part.shape),
        }
        for read in dict.fromkeys(n.name for n in names_in(part)):
            found = _derive_template(part, read, None) if read == argument or read in parts else None
            if found is not None:
                arriving.setdefault(read, []).append(substitute(found.form, lambda node, held=held: held.get(node)))  # type: ignore[misc]
    if argument not in arriving:
        return None
    made = _summed_forms(arriving[argument], _leaf(form, argument).shape)
    inner: dict[Form, Form] = {name(label, part.shape): part for label, part in parts.items() if label != "out"}
    while any(leaf in inner for leaf in names_in(made)):
        made = substitute(made, inner.get)
    return _Template(made, None)


def _states_adjoint(node: Form) -> bool:
    """Return True for a call whose differential no product of matrices says, so that it states the transpose of it."""
    return isinstance(node, Implicit) and node.function.adjoint is not None


def _works_along_axis(node: Form) -> bool:
    return isinstance(node, Apply) and isinstance(node.op, Function) and not node.op.entrywise


def _parts_of(body: Form) -> dict[str, Form]:
    """Return a definition cut into named parts, each one operation on arrays or a formula; the last is ``out``."""
    parts: dict[str, Form] = {}
    known: dict[Form, Form] = {}
    for node in walk(body):
        made = rebuild(node, tuple(known[a] for a in node.args))
        if node is body or (node.args and not isinstance(node, Apply)):
            label = "out" if node is body else f"part{len(parts)}"
            parts[label] = made
            made = name(label, node.shape)
        known[node] = made
    return parts


def _derive_template(form: Form, argument: str, constant: Form | None) -> _Template | None:
    """Apply the rule to one equation and one array it reads; None where the derivative is 0."""
    what = f"in out = {form}, with respect to {argument}"
    out, upstream, leaves = _out_and_upstream(form, constant)
    target = _leaf(form, argument)
    if isinstance(form, Implicit) and form.function.adjoint is not None and form.args == (target,):
        above = adjoint("out", form.shape) if constant is None else broadcast_to(constant, form.shape)
        return _Template(form.function.adjoint(form.args, above), None)
    # a minus in front stays in front: SymPy would multiply it into every term
    negative = isinstance(form, Apply) and form.op == "negative"
    definition = lower(form.args[0] if negative else form, out)
    # an axis of length 1 that the definition does not use (keepdims) is no index to sum over
    unused = {i: sp.S.Zero for i in out if i.size == 1 and not definition.has(i)}
    upstream = upstream.xreplace(unused)
    held = Access("out", *(unused.get(i, i) for i in out))
    maxima = {} if negative else {definition: held, -definition: -held}
    found = [
        Partial(
            factored(p.coefficient if negative else in_output(p.coefficient, definition, out, "out")), p.summed, p.reads
        )
        for p in partials(definition, argument, maxima)
    ]
    if not found:
        return None
    axes = target_axes(target.shape)
    terms = contribution_terms(found, out, upstream, axes, what)
    leaves = {**leaves, **leaves_of_forms([form]), "out": name("out", form.shape)}
    # whether an entry is the maximum is proved where the output holds it
    holds = {"out": form} if isinstance(definition, Peak) or isinstance(-definition, Peak) else {}
    made = with_known_quotients(recognize(terms, axes, target.shape, leaves, what, negative, holds))
    if isinstance(form, Implicit):
        made = transposes_inside(made)
    local = None
    if _is_local(form, target, found):
        plain = contribution_terms(found, out, sp.S.One, axes, what)
        local = made if upstream == 1 else recognize(plain, axes, target.shape, leaves, what, negative)
    return _Template(made, local)


def _is_local(form: Form, target: Form, found: Sequence[Partial]) -> bool:
    """Return True where the local derivative is itself an array of the target's shape: entrywise, or one element."""
    if all(s == 1 for s in form.shape):
        return all(s == 1 for s in target.shape)
    return (
        form.shape == target.shape
        and all(not p.summed for p in found)
        and not any(isinstance(n, (Matmul, Reduce)) for n in walk(form))
    )


def _is_logarithm(form: Form) -> bool:
    """Return True for a call of a row that is the logarithm of another, as log_softmax is."""
    return isinstance(form, Apply) and isinstance(form.op, Function) and bool(form.op.logarithm_of)


def _may_collapse(outer: Form, inner: Form, middle: str) -> bool:
    called = isinstance(inner, Apply) and isinstance(inner.op, Function) and inner.op.definition is not None
    if not called and not grows(inner, {}):
        return False
    if _is_logarithm(inner):
        return True
    return any(
        isinstance(node, Apply)
        and node.op in ("log", "divide", "power", "sqrt")
        and any(n.name == middle for n in names_in(node))
        for node in walk(outer)
    )


def _derive_collapse(
    outer: Form,
    inner: Form,
    middle: str,
    argument: str,
    constant: Form | None,
    facts: Sequence[tuple[str, int]],
) -> _Template | None:
    """Apply the rule to two equations at once; None unless their local derivatives cancel."""
    try:
        return _collapse(outer, inner, middle, argument, constant, facts)
    except DerivationError:
        return None


def _collapse(
    outer: Form,
    inner: Form,
    middle: str,
    argument: str,
    constant: Form | None,
    facts: Sequence[tuple[str, int]],
) -> _Template | None:
    what = f"in out = {outer} with {middle} = {inner}, with respect to {argument}"
    out, upstream, leaves = _out_and_upstream(outer, constant)
    first = partials(lower(outer, out), middle)
    squash = definition_of(inner)

    def second(indices: tuple[Any, ...]) -> list[Partial]:
        symbols = target_axes(inner.shape)
        element = lower(squash, symbols)
        replaced = dict(zip(symbols, indices, strict=True))
        return [
            Partial(
                in_output(p.coefficient, element, symbols, middle).xreplace(replaced),
                p.summed,
                tuple(r.xreplace(replaced) for r in p.reads),
            )
            for p in partials(element, argument)
        ]

    found = compose(first, second)
    target = _leaf(inner, argument)
    axes = target_axes(target.shape)
    terms = contribution_terms(found, out, upstream, axes, what)
    used: set[tuple[str, int]] = set()
    granted_terms = []
    for term in terms:
        closed = term.expression
        for index in term.summed:
            closed = total(closed, index)
        closed, facts_used = granted(closed, dict(facts))
        used |= facts_used
        granted_terms.append(Term(closed, (), term.axes, term.index))
    whole = granted_terms
    plain = [t for t in whole if t.index is None]
    if plain:
        short = tidy_sum(sp.Add(*[t.expression for t in plain]))
        whole = [Term(short, (), plain[0].axes), *[t for t in whole if t.index is not None]]
    if any(divides_by(t.expression, middle) for t in whole):
        return None
    if not any(divides_by(p.coefficient, middle) for p in first) and not _is_logarithm(inner):
        return None
    everything = {**leaves, **leaves_of_forms([inner, outer]), middle: name(middle, inner.shape)}
    made = recognize(whole, axes, target.shape, everything, what)
    return _Template(as_known(made, middle, inner), None, tuple(sorted(used)))
