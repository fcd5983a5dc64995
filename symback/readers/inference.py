"""What a text leaves unsaid: which name is the loss, which are parameters, and what a reader should be told.

Every choice made here is recorded as a sentence in ``Network.choices``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symback.core.errors import ReadError, nearest
from symback.core.forms import (
    Form,
    Name,
    element_count,
    names_in,
    shape_text,
    substitute,
    walk,
)
from symback.core.forms import (
    name as make_name,
)
from symback.core.room import parsed
from symback.networks.network import Network, list_names
from symback.readers import optimizers
from symback.readers.evaluator import Evaluator
from symback.readers.findings import stale_values, surprises
from symback.readers.names import LOSS_NAMES, is_gradient_name, located
from symback.readers.slices import index_leaves, inlined_versions, readable_names, slice_of
from symback.readers.slots import give_state, model_places
from symback.readers.syntax import stored_names
from symback.readers.values import Binding, Helper, Poison, Returned, Scope

_DATA_NAMES = {"x", "y", "t", "target", "label", "inputs"}
_PARAMETER = re.compile(r"^(w|W|b).*$|^(theta|gamma|beta)\d*$")
_MOST_LISTED = 64
"""Most parameters whose place in the model is said one by one."""
_DERIVATIVE = re.compile(r"backward|grad|deriv|delta|(^|_)d$|^d_|prime|numerical", re.IGNORECASE)


class Inference:
    """Chooses loss and parameters of a followed text and makes its Network."""

    def __init__(self, evaluator: Evaluator, tree: ast.Module, considered: set[str] | None = None) -> None:
        self.evaluator = evaluator
        self.considered = considered
        """Keys of the versions among which the loss is looked for; None: all."""
        self.bindings = evaluator.bindings
        self.stored = stored_names(tree)
        self.lines: dict[str, int] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.lines.setdefault(node.id, node.lineno)
        self.choices: list[str] = []

    def network(self, loss: str | None, wrt: Sequence[str] | None, returned: Returned | None = None) -> Network:
        """Return the Network of the slice that the loss needs."""
        give_state(self.evaluator)
        root = self._given_loss(loss) if loss is not None else self._found_loss(returned)
        sliced = self.sliced(root)
        leaves = [b for b in sliced if b.form is None]
        parameters = self._parameters(leaves, wrt, root)
        self._refuse_cut_gradients(sliced, {b.key for b in parameters}, root)
        return self._build(root, sliced, parameters)

    def loss_binding(self, loss: str | None = None) -> Binding:
        """Return the version that is the loss, by the rules of ``network``."""
        return self._given_loss(loss) if loss is not None else self._found_loss(None)

    def network_of(self, root: Binding, parameters: Sequence[str]) -> tuple[Network, Mapping[str, str]]:
        """Return the Network of a loss and parameters given by their keys, and the readable names of its versions."""
        give_state(self.evaluator)
        sliced = self.sliced(root)
        net = self._build(root, sliced, [b for b in sliced if b.key in set(parameters)])
        return net, self._readable(sliced, root)

    def names_of(self, root: Binding) -> Mapping[str, str]:
        """Return the readable names of the versions that ``root`` is computed from, by their keys."""
        return self._readable(self.sliced(root), root)

    def sliced(self, root: Binding) -> list[Binding]:
        """Return the versions that ``root`` is computed from, itself included, in the order of computation."""
        return slice_of(self.evaluator, root)

    def indices(self) -> set[str]:
        """Return the keys of leaves that are read as class indices, also after they were reshaped or sliced."""
        return index_leaves(self.bindings)

    def _readable(self, sliced: Sequence[Binding], root: Binding) -> dict[str, str]:
        return readable_names(sliced, root, inlined_versions(self.bindings, sliced, root), self.stored)

    # --- the loss -----------------------------------------------------------------------------------------------------

    def _equations(self) -> list[Binding]:
        among = self.considered
        return [
            b
            for b in self.bindings.values()
            if b.form is not None and not b.after and (among is None or b.key in among)
        ]

    def losses(self) -> list[Binding]:
        """Return the versions of names that say they are the loss."""
        found = [b for b in self._equations() if b.base in LOSS_NAMES and not b.detached]
        found = [b for b in found if b.base != "error"] or found
        found = [b for b in found if not b.local] or found
        return [b for b in found if not b.without_gradients] or found

    def _forward(self, name: str) -> Binding | None:
        """Return the version of ``name`` at the end of the forward pass."""
        versions = [
            b for b in self.bindings.values() if b.base == name and not b.after and not b.anonymous and not b.detached
        ]
        return next((b for b in reversed(versions) if not b.local), versions[-1] if versions else None)

    def _given_loss(self, loss: str) -> Binding:
        text = loss.strip()
        if text.isidentifier():
            found = self._forward(text)
            moment = list(self.bindings).index(found.key) if found is not None and found.form is not None else -1
            end = min((u.moment for u in self.evaluator.updates), default=len(self.bindings))
            for name, when, error in reversed(self.evaluator.poisoned):
                if name == text and moment < when and (moment < 0 or when <= end):
                    raise error
            if found is not None and found.form is not None:
                return self._single(found)
            if found is not None:
                raise ReadError(f"{text} is data of the code, not computed by it; the loss has to be computed")
            held = self.evaluator.globals.names.get(text)
            if isinstance(held, Helper):
                return self._function_loss(held)
            later = next((b for b in self.bindings.values() if b.base == text and b.after and b.form is not None), None)
            if later is not None:
                raise ReadError(f"{text} is computed after the parameters were updated", later.line)
            raise ReadError(f"there is no {text} in the code to be the loss{nearest(text, self._names())}")
        return self._single(self._expression(text))

    def _names(self) -> set[str]:
        return {b.base for b in self.bindings.values() if not b.anonymous}

    def _function_loss(self, helper: Helper) -> Binding:
        call = next((c for c in self.evaluator.calls if c[0] == helper.name), None)
        if call is None:
            raise ReadError(f"{helper.name} is a function that the code does not call; give the loss as an expression")
        return self._called(call)

    def _expression(self, text: str) -> Binding:
        """Return the equation of a loss given as an expression over the names of the code."""
        try:
            tree = parsed(text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ReadError(f"the loss {text!r} is neither a name nor an expression") from None
        evaluator = self.evaluator
        scope = Scope({}, evaluator.globals)
        for name in self._names():
            version = self._forward(name)
            if version is not None:
                scope.names[name] = make_name(version.key, version.shape)
        evaluator.library_only |= {"numpy"}
        evaluator.line = 0
        evaluator._effort = 0
        try:
            form = evaluator.form(evaluator.value(tree.body, scope))
            after = [self.bindings[n.name].base for n in names_in(form) if self.bindings[n.name].after]
            if after:
                raise ReadError(f"{after[0]} is computed after the update and cannot be part of the loss")
            if not names_in(form):
                raise ReadError("it reads no name of the code")
        except Exception as error:
            found = located(error, None)
            message = re.sub(r"^line 0: ", "", str(found))
            raise type(found)(f"in the loss {text!r}: {message}") from None
        label = next(n for n in ("loss", "L", "E", "loss_given") if n not in self._names() and n not in self.stored)
        evaluator.line = None  # type: ignore[assignment]
        made = evaluator.equation(label, form)
        self.choices.append(f"loss: {label} = {text} (given)")
        return self.bindings[made.name]

    def _found_loss(self, returned: Returned | None) -> Binding:
        if returned is not None:
            return self._single(self._returned(returned))
        if self.evaluator.backward is not None:
            value, line = self.evaluator.backward
            form = self.evaluator.form(value)
            binding = self.bindings[form.name] if isinstance(form, Name) else None
            if binding is None or binding.form is None:
                if not names_in(form):
                    raise ReadError("backward() is called on a number", line)
                self.evaluator.line = line
                binding = self.bindings[self.evaluator.equation("loss", form).name]
            self._choose_loss(binding, f"backward() is called on it, line {line}")
            return self._single(binding)
        named = self._named_loss()
        if named is not None:
            return self._single(named)
        return self._single(self._sink())

    def _choose_loss(self, binding: Binding, why: str) -> None:
        self.choices.append(f"loss: {binding.base} ({why})")

    def _named_loss(self) -> Binding | None:
        strong = self.losses()
        order = {key: k for k, key in enumerate(self.bindings)}
        broken = [
            (moment, error)
            for name, moment, error in self.evaluator.poisoned
            if name in LOSS_NAMES and (name != "error" or not strong)
        ]
        if broken and not strong:
            raise broken[-1][1]
        if not strong:
            return None
        # E may be a matrix of exponentials and J a Jacobian: of several, one that can be a loss
        single = [b for b in strong if b.form is not None and element_count(b.shape) == 1]
        found = (single or strong)[-1]
        end = min((u.moment for u in self.evaluator.updates), default=None)
        for moment, error in broken:
            if moment > order[found.key] and (end is None or moment <= end):
                raise error
        self._choose_loss(found, f"the last assigned of {', '.join(LOSS_NAMES)}" if len(strong) > 1 else "by its name")
        return found

    def _sink(self) -> Binding:
        """Return the only result that depends on every candidate for a parameter."""
        equations = self._equations()
        read = {n.name for b in self.bindings.values() if b.form is not None for n in names_in(b.form)}
        gradients = {b.base for b in equations if self._is_gradient(b.base)}
        sinks = [
            b for b in equations if b.key not in read and b.base not in gradients and not b.detached and not b.local
        ]
        leaves = [b for b in self.bindings.values() if b.form is None and not b.after and not b.anonymous]
        wanted = {b.key for b in self._candidates(leaves)[0]}
        whole = [b for b in sinks if element_count(b.shape) == 1 and wanted and wanted <= b.leaves]
        if len(whole) == 1:
            self._choose_loss(whole[0], "the only result that depends on every parameter")
            return whole[0]
        if not equations or (not sinks and self.evaluator.calls):
            call = self._only_call()
            if call is not None:
                return self._called(call)
        if not equations:
            if self.evaluator.poisoned:
                name, _, error = self.evaluator.poisoned[-1]
                raise ReadError(f"nothing in the code can be differentiated; {name} could not be read: {error}")
            raise ReadError("there is no forward pass in this code: no name is computed from inputs")
        candidates = whole or sinks or [b for b in equations if b.base not in gradients][-1:]
        listed = list_names(dict.fromkeys(f"{b.base} {shape_text(b.shape)}" for b in candidates[:8]))
        backward = next((n for n in self.stored if self._is_gradient(n)), None)
        hint = (
            f"; the hand-written gradient starts with {backward} on line {self.lines[backward]}"
            if backward in self.lines
            else ""
        )
        raise ReadError(
            "no loss found: none of the names "
            + ", ".join(LOSS_NAMES)
            + " is computed and no single result depends on "
            f"every parameter; say which it is by loss= (--loss), a name or an expression (results: {listed}{hint})"
        )

    def _is_gradient(self, name: str) -> bool:
        return is_gradient_name(name, self._names())

    def _only_call(self) -> tuple[str, Any, str | None, int] | None:
        """Return the first call of a function on values that is not a hand-written derivative."""
        plain = [c for c in self.evaluator.calls if not _DERIVATIVE.search(c[0])]
        preferred = [c for c in plain if c[0] == "forward"] or plain
        if not preferred:
            return None
        good = [c for c in preferred if isinstance(c[1], Form)]
        return (good or preferred)[0]

    def _called(self, call: tuple[str, Any, str | None, int]) -> Binding:
        name, value, returned, line = call
        if isinstance(value, Poison):
            raise value.error
        self.evaluator.line = line
        binding = self._result(value, returned, name, line)
        self._choose_loss(binding, f"what {name} returns, line {line}")
        return binding

    def _returned(self, returned: Returned) -> Binding:
        name = returned.name or "loss"
        binding = self._result(returned.value, returned.name, name, None)
        self._choose_loss(binding, "what the function returns")
        return binding

    def _result(self, value: Any, returned: str | None, name: str, line: int | None) -> Binding:
        if isinstance(value, tuple) and value:
            value = value[0]
        if not isinstance(value, Form) or not names_in(value):
            raise ReadError(f"{name} does not return a result that can be differentiated", line)
        if isinstance(value, Name) and self.bindings[value.name].form is not None:
            return self.bindings[value.name]
        label = returned or name
        label = label if label.isidentifier() and label != "lambda" else "loss"
        return self.bindings[self.evaluator.equation(label, value).name]

    def _single(self, binding: Binding) -> Binding:
        assert binding.form is not None
        if binding.after:
            raise ReadError(f"{binding.base} is computed after the parameters were updated", binding.line)
        if element_count(binding.shape) != 1:
            raise ReadError(
                f"{binding.base} has shape {shape_text(binding.shape)}, but a loss has exactly one element; "
                f"give its mean or sum as the loss: np.mean({binding.base})",
                binding.line,
            )
        if not any(c.startswith("loss:") for c in self.choices):
            self.choices.append(f"loss: {binding.base} (given)")
        return binding

    # --- the slice and its parameters ---------------------------------------------------------------------------------

    def _parameters(self, leaves: list[Binding], wrt: Sequence[str] | None, root: Binding) -> list[Binding]:
        if wrt is not None:
            found = [self._wanted(name, leaves, root) for name in wrt]
            self._choose_parameters(found, "given", root)
            return found
        indices = self.indices()
        found, why = self._candidates([b for b in leaves if b.key not in indices])
        if not found:
            named = [b.base for b in leaves if not b.anonymous]
            raise ReadError(
                f"nothing says which names are parameters; give wrt= (--wrt), one or more of {list_names(named)}"
                if named
                else f"the loss {root.base} depends on no name"
            )
        self._choose_parameters(found, why, root)
        return found

    def _choose_parameters(self, found: list[Binding], why: str, root: Binding) -> None:
        final = self._readable(self.sliced(root), root)
        self.choices.append(f"parameters: {', '.join(final[b.key] for b in found)} ({why})")

    def _wanted(self, name: str, leaves: list[Binding], root: Binding) -> Binding:
        found = next((b for b in leaves if b.base == name), None)
        if found is not None:
            return found
        version = self._forward(name)
        if version is None:
            raise ReadError(f"there is no {name} in the code{nearest(name, self._names())}")
        if version.form is not None:
            raise ReadError(
                f"{name} is computed by the code (line {version.line}); parameters are inputs: "
                f"{list_names([b.base for b in leaves if not b.anonymous])}"
            )
        raise ReadError(f"the loss {root.base} does not depend on {name}")

    def _candidates(self, leaves: list[Binding]) -> tuple[list[Binding], str]:
        """Return the parameters among leaves by the first rule that finds any, and that rule."""
        trainable = [b for b in leaves if b.trainable]
        if trainable:
            places = model_places(self.evaluator)
            return trainable, "of the model" if all(b.key in places for b in trainable) else "requires_grad"
        updated = {u.key for u in self.evaluator.updates}
        found = [b for b in leaves if b.key in updated]
        if found:
            return found, "updated by the code"
        leaves = [b for b in leaves if not b.anonymous]
        found = self._hand_derived(leaves)
        if found:
            return found, "the code has a hand-written gradient for them"
        found = [b for b in leaves if _PARAMETER.match(b.base)]
        if found:
            return found, "by their names"
        if len(leaves) == 1:
            return leaves, "the only input"
        return [], ""

    def _hand_derived(self, leaves: list[Binding]) -> list[Binding]:
        """Return the leaves for which a name is spelled as their gradient: ``dW1``, ``dL_dw``, ``grad_W``."""
        whole: list[Binding] = []
        partial: list[Binding] = []
        exact = self.stored
        folded = [s.lower() for s in self.stored]
        bases = {b.base for b in leaves}
        for leaf in leaves:
            p = leaf.base
            if any(_matches(s, p) for s in exact) or (
                p.lower() not in {o.lower() for o in bases - {p}} and any(_matches(s, p.lower()) for s in folded)
            ):
                whole.append(leaf)
            elif any(re.fullmatch(rf"d\w+_?d_?{re.escape(p)}", s) for s in exact):
                partial.append(leaf)
        found = whole or partial
        return [b for b in found if b.base.lower() not in _DATA_NAMES] or found

    def _refuse_cut_gradients(self, sliced: list[Binding], parameters: set[str], root: Binding) -> None:
        for b in sliced:
            if b.without_gradients and not root.without_gradients and b.leaves & parameters:
                raise ReadError(
                    f"{b.base} is computed under no_grad() but depends on a parameter; that cannot be derived", b.line
                )
            if b.detached and b.leaves & parameters:
                raise ReadError(
                    f"{b.base} is detached from the gradient here but depends on a parameter; that cannot be derived",
                    b.line,
                )

    # --- the network --------------------------------------------------------------------------------------------------

    def _build(self, root: Binding, sliced: list[Binding], parameters: list[Binding]) -> Network:
        evaluator = self.evaluator
        inlined = inlined_versions(self.bindings, sliced, root)
        final = readable_names(sliced, root, inlined, self.stored)
        net = Network()
        forms: dict[Form, Form] = {}
        wanted = {b.key for b in parameters}

        def change(node: Form) -> Form | None:
            return forms.get(node)

        indices = self.indices()
        for b in sliced:
            key = make_name(b.key, b.shape)
            if b.form is None:
                if b.key in wanted:
                    forms[key] = net.parameter(final[b.key], b.shape, _floats(b))
                else:
                    forms[key] = net.input(
                        final[b.key],
                        b.shape,
                        _whole(b) if b.key in indices else _floats(b),
                        integer=b.key in indices,
                    )
                continue
            form = substitute(b.form, change)
            forms[key] = form if b.key in inlined else net.define(final[b.key], form, line=b.line)
        net.loss = final[root.key]
        calls = {node for b in sliced if b.form is not None for node in walk(b.form)}
        required = [r for form, found in evaluator.requirements if form in calls for r in found]
        net.requirements[net.loss] = tuple(
            replace(r, form=substitute(r.form, change)) for r in required if all(n in forms for n in names_in(r.form))
        )
        net.steps = evaluator.steps
        rates = [u.rate for u in evaluator.updates if u.rate is not None and u.key in wanted]
        if not evaluator.updates:
            rates = [
                o.rate
                for o in evaluator.optimizers
                if o.rate is not None and wanted & {f.name for f in o.parameters if isinstance(f, Name)}
            ]
        if rates:
            net.learning_rate = rates[0]
            if any(r != rates[0] for r in rates):
                self.choices.append(f"learning rate: {rates[0]:g} (the first of several)")
        problems = optimizers.put_into(net, evaluator, wanted)
        self._explain(sliced, final, inlined, net)
        net.choices = tuple(self.choices)
        net.findings = tuple(
            sorted((*stale_values(evaluator), *surprises(evaluator, sliced), *problems), key=lambda f: f.line or 0)
        )
        return net

    def _explain(self, sliced: list[Binding], final: Mapping[str, str], inlined: set[str], net: Network) -> None:
        groups: dict[str, list[str]] = {}
        places = model_places(self.evaluator)
        named = [
            f"{final[b.key]} = {places[b.key]}" for b in sliced if b.key in places and final[b.key] != places[b.key]
        ]
        if named:
            shown = named if len(named) <= _MOST_LISTED else [*named[:4], "…", *named[-2:]]
            self.choices.append(", ".join(shown))
        passing = [
            f"{final[b.key]} = {b.base} of line {b.line}"
            for b in sliced
            if b.passing and b.key not in inlined and final[b.key] != b.base
        ]
        if passing:
            shown = passing if len(passing) <= 6 else [*passing[:3], "…", passing[-1]]
            self.choices.append("steps on the way: " + ", ".join(shown))
        for b in sliced:
            if b.key not in inlined and not b.anonymous and b.key not in places and not b.passing:
                groups.setdefault(b.base, []).append(f"{final[b.key]} (line {b.line})" if b.line else final[b.key])
        for base, versions in groups.items():
            if len(versions) > 1:
                shown = versions if len(versions) <= 6 else [*versions[:3], "…", versions[-1]]
                self.choices.append(f"{base} is assigned {len(versions)} times: {', '.join(shown)}")
        unnamed = [final[b.key] for b in sliced if b.anonymous]
        if unnamed:
            self.choices.append(f"{list_names(unnamed)}: arrays written inside a formula")
        missing = [n for n in net.variables if n not in net.values]
        if missing:
            self.choices.append(
                f"no values for {list_names(missing)}: the code draws or leaves them; give values or a seed"
            )
        if net.steps is not None or net.learning_rate is not None or net.optimizer is not None:
            parts = [
                f"steps: {net.steps}" if net.steps is not None else "",
                optimizers.described(net) if net.optimizer is not None else "",
                f"learning rate: {net.learning_rate:g}" if net.learning_rate is not None else "",
            ]
            self.choices.append(", ".join(p for p in parts if p) + " (from the code)")
        self.choices.extend(dict.fromkeys(self.evaluator.notes))


def _matches(stored: str, p: str) -> bool:
    q = re.escape(p)
    return bool(
        re.fullmatch(
            rf"d_?{q}|(grads?|gradient|delta|g)_{q}|{q}_(grad|gradient)|grad{q}|d(L|l|loss|Loss|E|J|C|cost)_?d_?{q}",
            stored,
        )
    )


def _floats(leaf: Binding) -> Any:
    if leaf.value is None:
        return None
    array = np.asarray(leaf.value)
    if array.dtype.kind not in "iufb":
        raise ReadError(f"the value of {leaf.base} is not made of real numbers", leaf.line)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _whole(leaf: Binding) -> Any:
    if leaf.value is None:
        return None
    array = np.asarray(leaf.value)
    if not np.all(array == np.round(array)):
        raise ReadError(f"{leaf.base} is read as class indices but holds fractions", leaf.line)
    return array.astype(np.int64)


def split_names(names: str | Iterable[str] | None) -> list[str] | None:
    """Return names from a list, or from text with commas."""
    if names is None:
        return None
    given = names.split(",") if isinstance(names, str) else [str(n) for n in names]
    return [n.strip() for n in given if n.strip()]


__all__ = ["Inference", "split_names"]
