"""Named form: cut compound equations so that each one is an affine map, one function, one formula, or one reduction.

Without this pass gradients of nested code are right and unreadable. What the user named keeps its name; names that are
invented here have roles (z for affine maps, a for activations) and are marked as invented.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symback.core.errors import NetworkError, nearest
from symback.core.forms import (
    Apply,
    Broadcast,
    Form,
    Function,
    Get,
    Implicit,
    Matmul,
    Name,
    Number,
    OneHot,
    Reduce,
    Requirement,
    SizeOf,
    Transpose,
    broadcast_to,
    element_count,
    expand,
    names_in,
    number,
    product_of,
    rebuild,
    reduce_over,
    shape_text,
    size_of,
    substitute,
    walk,
)
from symback.core.forms import (
    name as make_name,
)
from symback.core.operations import LINEAR
from symback.engine.exponents import grows, is_exponential_sum, together
from symback.engine.identities import exponents_signed, picked_logarithms, roots_exact, roots_squared, without_shift
from symback.engine.textbook import identify, with_known_quotients
from symback.functions import ROWS
from symback.functions.matrices import log_determinants
from symback.networks.network import (
    Assumption,
    Equation,
    NamedNetwork,
    Network,
    Variable,
    label_of,
    list_names,
)


def name_equations(net: Network, *, loss: str | None = None, wrt: Sequence[Any] | str | None = None) -> NamedNetwork:
    """Return the slice of ``net`` that the loss needs, in named form, with definitions identified.

    ``loss`` is a name (default: the network's own, else the last equation); ``wrt`` names or Forms (default: all
    parameters). Raises NetworkError where there is no loss, it has more than one element, or a name is unknown.
    """
    if not net.equations:
        raise NetworkError("the network has no equation; define at least the loss")
    label = loss or net.loss or net.equations[-1].name
    by_name = {e.name: e for e in net.equations}
    if label not in by_name:
        known = f"{label} is an input, not an equation" if label in net.variables else f"there is no {label}"
        raise NetworkError(f"the loss: {known}{nearest(label, by_name)}")
    if element_count(by_name[label].shape) != 1:
        raise NetworkError(
            f"the loss {label} = {by_name[label].written} has shape {shape_text(by_name[label].shape)}, more than one "
            f"element; take its sum or its mean"
        )
    needed = _slice(by_name, [label])
    worker = _Naming(net, label)
    equations = [e for e in net.equations if e.name in needed]
    for equation in worker.identified(equations):
        worker.add(equation)
    # what the user named stays on the page even where the identified form no longer reads it
    kept = _slice({e.name: e for e in worker.done}, [e.name for e in worker.done if not e.invented])
    leaves = {v for e in worker.done for v in _names(e.form, e.written) if v in net.variables}
    variables = {k: v for k, v in net.variables.items() if k in leaves}
    parameters = _wanted(net, variables, worker.done, wrt)
    for parameter in parameters:
        if parameter in variables and variables[parameter].integer:
            raise NetworkError(f"{parameter} holds class indices; there is no gradient with respect to it")
        if parameter in net.fixed:
            raise NetworkError(f"{net.fixed[parameter]}, and the gradient with respect to {parameter} would miss that")
    return NamedNetwork(
        variables=variables,
        # What only the page shows, once its reader was identified as a table function, stands as it was written.
        equations=tuple(
            e if e.name in kept else replace(e, form=e.written) for e in worker.done if e.name in kept or not e.invented
        ),
        loss=label,
        parameters=parameters,
        values={k: v for k, v in net.values.items() if k in variables},
        assumptions=_facts(net, worker.done),
        findings=net.findings,
        choices=net.choices,
        steps=net.steps,
        learning_rate=net.learning_rate,
        optimizer=net.optimizer,
        requirements=_requirements(net, needed, variables),
        aliases=net.aliases,
        latex={k: v for k, v in net.latex.items() if k in variables or k in needed},
        printed={k: v for k, v in net.printed.items() if k in variables or k in needed},
        fixed={k: v for k, v in net.fixed.items() if k in variables},
        upstream=net.upstream,
        sizes=net.sizes,
        untrained=frozenset(net.untrained & variables.keys()),
    )


def _requirements(net: Network, needed: set[str], variables: dict[str, Variable]) -> tuple[Requirement, ...]:
    """Return what the values must satisfy, each as a form of variables; what depends on a parameter is left out."""
    meanings: dict[Form, Form] = {make_name(e.name, e.shape): e.form for e in net.equations if e.name in needed}
    found: dict[Requirement, None] = {}
    read = [equation for equation in net.equations if equation.name in needed]
    for equation in read:
        for required in net.requirements.get(equation.name, ()):
            form = required.form
            while any(n in meanings for n in names_in(form)):
                form = substitute(form, lambda node: meanings.get(node))
            # what gradients are wanted for moves; of such a variable single entries can be looked at, not their sums
            moving = (not isinstance(form, Name) or required.domain == "probabilities") and any(
                n.name not in variables or variables[n.name].role != "input" for n in names_in(form)
            )
            if not moving and all(n.name in variables for n in names_in(form)):
                found[replace(required, form=form)] = None
    for equation in read:  # a loss may say more of its indices than that they are classes
        for node in walk(equation.form):
            if isinstance(node, OneHot) and isinstance(node.args[0], Name) and node.args[0].name in variables:
                label = node.args[0]
                if not any(r.form is label and r.domain in ("classes", "labels") for r in found):
                    found[Requirement("one_hot", "index", label, "classes", node.classes)] = None
    return tuple(found)


def _names(*forms: Form) -> list[str]:
    return [n.name for f in forms for n in names_in(f)]


def _slice(by_name: dict[str, Equation], labels: Sequence[str]) -> set[str]:
    needed: set[str] = set()
    stack = [*labels]
    while stack:
        current = stack.pop()
        if current in needed or current not in by_name:
            continue
        needed.add(current)
        stack.extend(_names(by_name[current].form))
    return needed


def _wanted(
    net: Network, variables: dict[str, Variable], equations: Sequence[Equation], wrt: Sequence[Any] | str | None
) -> tuple[str, ...]:
    if wrt is None:
        found = tuple(k for k, v in variables.items() if v.role == "parameter")
        if not found:
            declared = [k for k, v in net.variables.items() if v.role == "parameter"]
            reason = (
                f"the loss does not depend on {list_names(declared)}" if declared else "the network has no parameter"
            )
            raise NetworkError(f"nothing to derive with respect to: {reason}; name variables with wrt=")
        return found
    given: Iterable[Any] = wrt.replace(",", " ").split() if isinstance(wrt, str) else wrt
    if not isinstance(given, (list, tuple)):
        given = list(given) if hasattr(given, "__iter__") else [given]
    labels = []
    known = {**dict.fromkeys(variables, 0), **{e.name: 0 for e in equations}}
    for item in given:
        text = label_of(item, net.aliases)
        if text not in known:
            if text in net.variables or text in {e.name for e in net.equations}:
                raise NetworkError(f"wrt: the loss does not depend on {text}")
            raise NetworkError(f"wrt: there is no {text}{nearest(text, known)}")
        labels.append(text)
    return tuple(dict.fromkeys(labels))


def _facts(net: Network, equations: Sequence[Equation]) -> tuple[Assumption, ...]:
    found = {a.name: a for a in net.assumptions if a.kind == "one-hot"}
    for equation in equations:
        if isinstance(equation.form, OneHot):
            found.setdefault(equation.name, Assumption("one-hot", equation.name, "by construction", -1))
        source = smoothed(equation.form)
        turned = source.axes.index(source.ndim - 1) - source.ndim if isinstance(source, Transpose) else -1
        source = source.args[0] if isinstance(source, Transpose) else source
        if isinstance(source, Name) and source.name in found:
            fact = found[source.name]
            axis = fact.axis if turned == -1 else turned
            if axis == (1 if source.ndim > 1 else 0) - source.ndim:
                found.setdefault(equation.name, Assumption("one-hot", equation.name, fact.why, axis))
    for label, value in net.values.items():
        if label in found or value.dtype.kind != "f" or not (value >= 0).all():
            continue
        tolerance = 1e-6 if value.dtype == np.float32 else 1e-12
        for axis in range(-1, -1 - min(value.ndim, 2), -1):
            if value.shape[axis] > 1 and np.abs(value.sum(axis=axis) - 1).max(initial=0) <= tolerance:
                found[label] = Assumption("one-hot", label, "checked on its values", axis)
                break
    return (*(a for a in net.assumptions if a.kind != "one-hot"), *found.values())


def smoothed(form: Form) -> Form | None:
    """Return y where ``form`` is (1 − ε) y + ε / k for the k classes of y, as label smoothing makes it.

    >>> y = make_name("y", (4, 3))
    >>> smoothed(0.9 * y + number(0.1) / 3), smoothed(0.9 * y + 0.1)
    (y, None)
    """
    if not (isinstance(form, Apply) and form.op == "add"):
        return None
    scaled, share = form.args
    if not (isinstance(scaled, Apply) and scaled.op == "multiply"):
        return None
    kept, source = scaled.args
    if not isinstance(kept, Number):
        return None
    at = 1 if source.ndim > 1 else 0
    length = source.shape[at] if source.shape else 0
    if not (isinstance(share, Apply) and share.op == "divide" and isinstance(share.args[0], Number)):
        return None
    if share.args[1] is not size_of(length):
        return None
    total = float(share.args[0].value)
    return source if abs(float(kept.value) + total - 1) < 1e-12 else None


def _number_apart(product: Matmul) -> tuple[Form | None, Form]:
    """Return the number in front of the factors of a product of arrays, and the product without it."""
    numbers: list[Form] = []
    inner: list[Form] = []
    for operand in product.args:
        while isinstance(operand, Apply) and operand.op == "multiply" and not operand.args[0].shape:
            numbers.append(operand.args[0])
            operand = operand.args[1]
        inner.append(operand)
    return (product_of(numbers), product.remade(tuple(inner))) if numbers else (None, product)


_LONGEST_PRODUCT = 12
"""How many operations a product of variables may have that is derived in one step."""


_HEAD_WEIGHT = re.compile(r"[Ww]_?([qkvQKV]|query|key|value)_?(\d*)")
"""How the weights of queries, keys and values are called."""


_OUTPUT_WEIGHT = re.compile(r"[Ww]_?(o|O|out|output|proj)_?\d*")
"""How the weight behind the heads is called."""


def _is_variance(node: Reduce) -> bool:
    """Say whether entries are means of squared differences, each of a row or a column."""
    square = node.args[0]
    squared = isinstance(square, Apply) and square.op == "power" and square.args[1] == number(2)
    base = square.args[0] if squared else None
    return node.kind == "mean" and node.ndim > 0 and isinstance(base, Apply) and base.op == "subtract"


class _Naming:
    def __init__(self, net: Network, loss: str) -> None:
        self.net = net
        self.loss = loss
        self.taken = set(net.variables) | {e.name for e in net.equations}
        self.done: list[Equation] = []
        self.cuts: dict[Form, Name] = {}
        self.current = ""
        self.summing = {a.name for a in _facts(net, ()) if a.kind == "one-hot"}
        """Targets whose rows sum to 1."""
        self.heads = _head_weights(net.variables)
        self.scored: set[Form] = set()
        """What a softmax is taken of."""
        self.reached: dict[str, int] = {}
        self.products: dict[Form, bool] = {}
        self.layers = 0
        """How many affine maps or activations there are: one alone needs no number."""

    # --- identification ---

    def identified(self, equations: Sequence[Equation]) -> list[Equation]:
        """Return the equations with table functions found, also across statements (m = max z; e = exp(z-m); e/sum e)."""
        definitions: dict[Form, Form] = {}
        probabilities: set[Form] = set()
        result: list[Equation] = []
        for given in equations:
            equation = replace(
                given, form=log_determinants(roots_squared(roots_exact(given.form))), written=roots_exact(given.written)
            )
            signed = exponents_signed(equation.form)
            form = identify(signed)
            if form is signed and not _is_call(form):
                form = self._across(form, definitions)
            form = _whole_exponentials(with_known_quotients(form), definitions)
            form = without_shift(form, definitions)
            form = picked_logarithms(form, definitions, lambda f: f in probabilities or _has_safe_logarithm(f))
            if form is signed:
                form = equation.form
            if _has_safe_logarithm(form):
                probabilities.add(make_name(equation.name, form.shape))
            result.append(
                Equation(equation.name, form, equation.written, equation.invented, equation.line, equation.note)
            )
            products = any(n.is_product for n in walk(form)) and not _is_exponential(form)
            if not _has_call(form) and not products:
                definitions[make_name(equation.name, form.shape)] = form
        nodes = {n for e in result for n in walk(e.form)}
        self.layers = max(sum(n.is_product for n in nodes), sum(map(_is_call, nodes)))
        return result

    def _across(self, form: Form, definitions: dict[Form, Form]) -> Form:
        expanded = form
        for _ in range(4):
            inner = {n for n in names_in(expanded) if n in definitions}
            if not inner:
                return form
            expanded = substitute(expanded, lambda node, inner=inner: definitions[node] if node in inner else None)  # type: ignore[misc]
            if len(walk(expanded)) > 60:
                return form
            found = identify(expanded)
            if _is_call(found) and all(_monomial(a) or self._holds_product(a) for a in found.args):
                return found
        return form

    # --- cutting ---

    def add(self, equation: Equation) -> None:
        self.current = equation.name
        is_loss = equation.name == self.loss
        form = self.visit(equation.form, "loss" if is_loss else "top")
        form = self._shared_bias(form)
        self.done.append(
            Equation(equation.name, form, equation.written, equation.invented, equation.line, equation.note)
        )
        if not is_loss:
            self.cuts.setdefault(form, make_name(equation.name, form.shape))

    def visit(self, node: Form, place: str) -> Form:
        """Return ``node`` as it may stand at ``place``: top, loss, sum, reduced, formula, or atom."""
        if not node.args:
            return node
        if place == "atom":
            return self._atom(node)
        if place in ("top", "loss", "loss sum") and self._is_multilinear(node):
            return node
        if node.is_view:
            return rebuild(node, (self._atom(node.args[0]),))
        if self._is_smoothed(node) and place != "top":
            return self.cut(node, "Y")
        if isinstance(node, OneHot):
            if place == "top":
                return rebuild(node, (self._atom(node.args[0]),))
            return self.cut(node, "Y")
        if (
            isinstance(node, Matmul)
            and place in ("loss", "loss sum")
            and node.ndim == 0
            and any(isinstance(a, Apply) for a in node.args)
        ):
            front, rest = _number_apart(node)
            if front is not None and not any(isinstance(a, Apply) for a in rest.args):
                return self.visit(front * rest, place)  # ½ wᵀ w: (½ w)ᵀ w to Python
            # the inner product of formulas, as y · log p in a loss, is a sum like any other
            return self.visit(reduce_over("sum", node.args[0] * node.args[1]), place)
        if isinstance(node, Matmul) and node.ndim == 0 and place == "formula" and grows(node, {}):
            return self.visit(reduce_over("sum", node.args[0] * node.args[1]), place)
        if node.is_product:
            if place in ("top", "loss", "sum") or (place == "loss sum" and not node.shape):
                return rebuild(node, tuple(self._atom(a) for a in node.args))
            return self.cut(node, "z")
        if isinstance(node, Reduce):
            if place in ("top", "loss", "reduced") or place == "loss sum":
                return rebuild(node, (self.visit(node.args[0], "reduced" if place != "top" else "formula"),))
            if place == "formula" and is_exponential_sum(node):
                # what divides by it, or takes its logarithm, is derived at once: alone it may overflow
                return rebuild(node, (self.visit(node.args[0], "formula"),))
            role = {"mean": "m", "max": "m", "min": "m"}.get(node.kind, "s")
            return self.cut(node, "v" if _is_variance(node) else role)
        if not isinstance(node, Apply):
            return self._array_operation(node, place)
        if isinstance(node.op, Function) and not node.op.elementary:
            if node.op is ROWS["softmax"]:
                self.scored.add(node.args[0])
            if place not in ("top", "loss"):
                return self.cut(node, "ell" if node.op.logarithm_of else "a")
            return rebuild(node, tuple(a if _monomial(a) else self._atom(a) for a in node.args))
        if place not in ("top", "loss", "sum", "loss sum") and _linear_step(node) and self._holds_product(node):
            return self._affine_inside(node, place)
        return rebuild(node, tuple(self.visit(a, self._below(node, a, place)) for a in node.args))

    def _is_multilinear(self, node: Form) -> bool:
        """Say whether a term of the loss is a sum of products of variables, as xᵀ B x or tr(V Uᵀ U Vᵀ): no layer is in it."""
        if isinstance(node, Reduce):
            inner = node.args[0]
            summed = node.kind == "sum" and not node.shape and isinstance(inner, Apply) and inner.op == "multiply"
        else:
            summed = isinstance(node, Matmul) and not node.shape
        if not summed:
            return False
        nodes = walk(node)
        return (
            sum(n.is_product for n in nodes) > isinstance(node, Matmul)
            and len(nodes) <= _LONGEST_PRODUCT
            and all(
                isinstance(n, (Matmul, Transpose)) or n is node or n is node.args[0] or self._is_variable(n)
                for n in nodes
            )
        )

    def _is_variable(self, node: Form) -> bool:
        return isinstance(node, Name) and node.name in self.net.variables

    def _holds_product(self, node: Form) -> bool:
        """Return what ``_has_product`` does; of a long sum, every beginning is asked for."""
        if node not in self.products:
            below = _linear_step(node) and any(self._holds_product(a) for a in node.args)
            self.products[node] = node.is_product or below
        return self.products[node]

    def _array_operation(self, node: Form, place: str) -> Form:
        """Return an operation on arrays, which has an equation of its own, on arrays with names."""
        called = isinstance(node, Implicit) and (place == "loss" or (place != "atom" and not node.shape))
        if place != "top" and not called:
            return self.cut(node, "u")
        args = (self.cut(a, "u") if node.names_operand and _over_slice(a) else self._atom(a) for a in node.args)
        return rebuild(node, tuple(args))

    def _is_smoothed(self, node: Form) -> bool:
        """Return True for a smoothed target: its rows sum to 1 as those of the target do, so it gets a name."""
        source = smoothed(node)
        source = source.args[0] if isinstance(source, Transpose) else source
        return isinstance(source, OneHot) or (isinstance(source, Name) and source.name in self.summing)

    def _below(self, node: Apply, child: Form, place: str) -> str:
        scaled = node.op in ("multiply", "divide") and any(map(_single_number, node.args))
        if place in ("loss", "loss sum") and (scaled or _linear_step(node)):
            return "loss sum"
        if not _linear_step(node):
            return "formula"
        if place in ("top", "sum"):
            return "sum"
        return place if place == "reduced" else "formula"

    def _affine_inside(self, node: Form, place: str) -> Form:
        """Cut the affine part of a sum inside a formula; data that is added or subtracted stays in the formula."""
        if isinstance(node, Apply) and node.op in ("add", "subtract"):
            for k, other in ((1, 0), (0, 1)):
                term = node.args[k]
                if (
                    isinstance(term, Name)
                    and term.name in self.net.variables
                    and (self.net.variables[term.name].role == "input")
                ):
                    inner = self.visit(node.args[other], place)
                    return rebuild(node, (inner, term) if k == 1 else (term, inner))
        return self.cut(node, "z")

    def _atom(self, node: Form) -> Form:
        if not node.args:
            return node
        if node.is_view:
            return rebuild(node, (self._atom(node.args[0]),))
        if isinstance(node, Apply) and isinstance(node.op, Function) and not node.op.elementary:
            return self.cut(node, "ell" if node.op.logarithm_of else "a")
        if isinstance(node, OneHot):
            return self.cut(node, "Y")
        if node.is_product or (node_is_linear(node) and _has_product(node)):
            return self.cut(node, "z")
        if isinstance(node, Apply) and node.op in LINEAR and self._feeds_function(node):
            return self.cut(node, "z")
        return self.cut(node, "z" if node_is_linear(node) else "u")

    def _feeds_function(self, node: Form) -> bool:
        return any(isinstance(a, Apply) and a.op == "multiply" for a in node.args)

    def cut(self, node: Form, role: str) -> Form:
        """Give ``node`` a name of its own and return it; equal parts get one name."""
        form = self._shared_bias(self.visit(node, "top"))
        if isinstance(form, Reduce) and form.keepdims:
            known = self.cuts.get(reduce_over(form.kind, form.args[0], form.axes))
            if known is not None:
                return expand(known, form.axes)
        found = self.cuts.get(form)
        if found is None:
            label = self._head_name(form) or self._attention_name(node, form) or self._invent(role)
            self.taken.add(label)
            found = make_name(label, form.shape)
            self.cuts[form] = found
            self.done.append(Equation(label, form, form, invented=True))
        return found

    def _invent(self, role: str) -> str:
        digits = re.search(r"\d+$", self.current)
        if role == "Y":
            options: Iterable[str] = itertools.chain(("Y", "T", "Y_onehot"), self._numbered(role))
        elif role in ("z", "a"):
            options = self._layer_names(role, digits.group() if digits else "")
        else:
            options = itertools.chain((role,), self._numbered(role))
        return next(o for o in options if o not in self.taken)

    def _head_name(self, form: Form) -> str | None:
        """Return Q, K or V for queries, keys or values that only their weights name, as in softmax(X W_q (X W_k)ᵀ)."""
        if not node_is_linear(form):
            return None
        weights = [n.name for m in walk(form) if isinstance(m, Matmul) for a in m.args for n in _bare_names(a)]
        labels = {label for n in weights if (label := self.heads.get(n)) is not None}
        return next((label for label in labels if label not in self.taken), None) if len(labels) == 1 else None

    def _attention_name(self, node: Form, form: Form) -> str | None:
        """Return S for the scores Q Kᵀ of a head, A for their softmax, and O or H for what that weighs, where it is free."""
        if form.ndim < 2:
            return None
        scores = form
        if node in self.scored and self._compared(form) is not None:
            options: tuple[str, ...] = ("S",)
        elif self._is_attention(form):
            options, scores = ("A",), self._meaning(form.args[0])
        elif isinstance(form, Matmul) and self._is_attention(self._meaning(form.args[0])):
            # with an output projection behind it, what a head puts out is not the output
            options = ("H",) if any(map(_OUTPUT_WEIGHT.fullmatch, self.net.variables)) else ("O", "H")
            scores = self._meaning(self._meaning(form.args[0]).args[0])
        else:
            return None
        number = re.fullmatch(r"[Qq]_?(\d+)", self._compared(scores) or "")
        labels = [letter + (number[1] if number else "") for letter in options]
        return next((label for label in labels if label not in self.taken), None)

    def _compared(self, form: Form) -> str | None:
        """Return the first factor of a product of a computed array and the transpose of another, but for a number."""
        while isinstance(form, Apply) and form.op in ("multiply", "divide"):
            inner = [a for a in form.args if not _constant(a)]
            if len(inner) != 1:
                return None
            form = inner[0]
        if not isinstance(form, Matmul) or form.ndim < 2 or not isinstance(form.args[1], Transpose):
            return None
        first, second = form.args[0], form.args[1].args[0]
        computed = all(isinstance(a, Name) and a.name not in self.net.variables for a in (first, second))
        return first.name if computed and isinstance(first, Name) else None

    def _is_attention(self, form: Form) -> bool:
        """Say whether a form is the softmax of scores."""
        called = isinstance(form, Apply) and form.op is ROWS["softmax"]
        return called and self._compared(self._meaning(form.args[0])) is not None

    def _meaning(self, form: Form) -> Form:
        """Return what a name was given to, else the form."""
        return next((e.form for e in self.done if isinstance(form, Name) and e.name == form.name), form)

    def _numbered(self, role: str) -> Iterable[str]:
        """Return ``u1``, ``u2``, … from the first that may be free: what is taken stays taken."""
        for count in itertools.count(self.reached.get(role, 1)):
            self.reached[role] = count
            yield f"{role}{count}"

    def _layer_names(self, role: str, digits: str) -> Iterable[str]:
        """Return names for an affine map or an activation: the digits of the user's own name, else the next layer."""
        inside = self.current != self.loss
        if role == "z" and inside:
            if digits:
                yield f"z{digits}"
            elif self.layers <= 1:
                yield "z"
        if role == "a":
            last = self.done[-1].name if self.done else ""
            if re.fullmatch(r"z\d+", last):
                yield f"a{last[1:]}"
        for label in self._numbered(role):
            if role == "a" or f"a{label[1:]}" not in self.taken:
                yield label

    def _shared_bias(self, form: Form) -> Form:
        """Mark a parameter whose axis of length 1 is shared by the rows of a product, also of a batch of one."""
        if not (node_is_linear(form) and _has_product(form)):
            return form
        rows = self._batch_axes(form)

        def change(node: Form) -> Form | None:
            if node.is_product:
                return node
            if isinstance(node, Name) and self._is_parameter(node) and node.shape == form.shape:
                shared = tuple(k for k in rows if node.shape[k] == 1)
                return broadcast_to(node, form.shape, shared) if shared else None
            return None

        return substitute(form, change)

    def _batch_axes(self, form: Form) -> tuple[int, ...]:
        """Return the axes of a product that come from data, not from a weight."""
        product = next((n for n in walk(form) if isinstance(n, Matmul) and n.shape == form.shape and n.ndim == 2), None)
        if product is None:
            return ()
        weights = [all(self._is_parameter(n) for n in names_in(a)) for a in product.args]
        return (0,) if weights == [False, True] else (1,) if weights == [True, False] else ()

    def _is_parameter(self, node: Name) -> bool:
        variable = self.net.variables.get(node.name)
        return variable is not None and variable.role == "parameter"


def _head_weights(names: Iterable[str]) -> dict[str, str]:
    """Return the weights of queries, keys and values, where both of the first two are there, with what they make.

    >>> _head_weights(["X", "Wq", "Wk", "W_v"]), _head_weights(["Wq2", "W_k2"]), _head_weights(["Wk", "Wv"])
    ({'Wq': 'Q', 'Wk': 'K', 'W_v': 'V'}, {'Wq2': 'Q2', 'W_k2': 'K2'}, {})
    """
    found = {n: m for n in names if (m := _HEAD_WEIGHT.fullmatch(n))}
    made = {n: (m[1][0].upper(), m[2]) for n, m in found.items()}
    whole = {number for _, number in made.values() if {("Q", number), ("K", number)} <= set(made.values())}
    return {n: letter + number for n, (letter, number) in made.items() if number in whole}


def _bare_names(form: Form) -> tuple[Name, ...]:
    """Return the name that a form is, also of its transpose; none for another form."""
    while isinstance(form, Transpose):
        form = form.args[0]
    return (form,) if isinstance(form, Name) else ()


def _whole_exponentials(form: Form, definitions: Mapping[Form, Form]) -> Form:
    """Return the form with names of exponentials, and of sums of them, replaced where their quotient is what matters."""
    if not any(isinstance(n, Apply) and n.op in ("divide", "log", "power", "sqrt") for n in walk(form)):
        return form
    held = _held_exponentials(form, definitions)
    if not held or all(together(n, lambda m: definitions.get(m, m), lambda m: m) is None for n in walk(form)):
        return form
    while held:
        form = substitute(form, lambda node, held=held: definitions[node] if node in held else None)  # type: ignore[misc]
        held = _held_exponentials(form, definitions)
    return form


def _held_exponentials(form: Form, definitions: Mapping[Form, Form]) -> set[Form]:
    """Return the names of exponentials in a form that stand in no exponent: what is an exponent is a step of its own.

    A quotient is safe by itself: its name is taken in only below a logarithm, a root, or another quotient.
    """
    found: dict[tuple[Form, bool], None] = {}
    waiting = [(form, False)]
    while waiting:
        node, below = waiting.pop()
        if (node, below) not in found and not (isinstance(node, Apply) and node.op == "exp"):
            found[node, below] = None
            below = below or (isinstance(node, Apply) and node.op in ("divide", "log", "power", "sqrt"))
            waiting += [(part, below) for part in node.args]
    return {
        node
        for node, below in found
        if node in definitions
        and (below or not _is_quotient(definitions[node]))
        and grows(definitions[node], definitions)
    }


def _is_quotient(form: Form) -> bool:
    return isinstance(form, Apply) and form.op == "divide"


def _over_slice(form: Form) -> bool:
    """Return True for a slice or a repeated array, also where its axes were moved since."""
    while form.is_view and not isinstance(form, (Get, Broadcast)):
        form = form.args[0]
    return isinstance(form, (Get, Broadcast))


def _linear_step(node: Form) -> bool:
    """Return True for a sum, a sign, or a product or quotient with a number."""
    return isinstance(node, Apply) and (
        node.op in LINEAR
        or (node.op == "multiply" and any(map(_constant, node.args)))
        or (node.op == "divide" and _constant(node.args[1]))
    )


def _constant(form: Form) -> bool:
    """Return True for a number or a size, and for the root of one, as in Q Kᵀ / √d, or one over it."""
    if isinstance(form, Apply) and (form.op == "sqrt" or (form.op == "divide" and form.args[0] is number(1))):
        return _constant(form.args[-1])
    return isinstance(form, (Number, SizeOf))


def node_is_linear(node: Form) -> bool:
    """Return True for a product of arrays, and for a sum of terms."""
    return node.is_product or _linear_step(node)


def _has_product(node: Form) -> bool:
    if node.is_product:
        return True
    return _linear_step(node) and any(_has_product(a) for a in node.args)


def _is_exponential(form: Form) -> bool:
    return isinstance(form, Apply) and form.op == "exp"


def _monomial(node: Form) -> bool:
    """Return True for a product of names and numbers: it may stand inside a function."""
    if not node.args or _constant(node):
        return True
    if node.is_view:
        return _monomial(node.args[0]) and not node.args[0].args
    return (
        isinstance(node, Apply)
        and node.op in ("multiply", "divide", "negative")
        and all(_monomial(a) for a in node.args)
    )


def _is_call(form: Form) -> bool:
    return isinstance(form, Apply) and isinstance(form.op, Function) and not form.op.elementary


def _single_number(form: Form) -> bool:
    """Return True for a number or a formula of single numbers, as 0.5 λ."""
    return all(not n.shape and not n.is_product and not isinstance(n, Reduce) for n in walk(form))


def _has_safe_logarithm(form: Form) -> bool:
    """Return True for a call of a row whose logarithm is a row of its own, as of softmax and log_softmax."""
    return (
        isinstance(form, Apply)
        and isinstance(form.op, Function)
        and any(row.logarithm_of == form.op.name for row in ROWS.values())
    )


def _has_call(form: Form) -> bool:
    return any(_is_call(n) for n in walk(form))
