"""Which result of a text is its loss: given, by ``backward()``, by its name, or the only one that depends on every parameter."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from symback.core.errors import ReadError, SymbackError, nearest
from symback.core.forms import Apply, Form, Name, element_count, names_in, shape_text, substitute
from symback.core.forms import name as make_name
from symback.core.room import parsed
from symback.library.name_words import (
    LOSS_NAMES,
    SHOWN_LOSS_NAMES,
    WEAK_LOSS_NAMES,
    is_gradient_name,
    is_loss_like,
    normalized,
)
from symback.library.parameter_names import candidates, drawn_lines, weight_like, with_biases
from symback.library.paths import PREDEFINED
from symback.library.values import Binding, Library, Poison
from symback.networks.network import list_names
from symback.readers import library_calls
from symback.readers.causes import explained, needed_by
from symback.readers.evaluator import Evaluator
from symback.readers.names import located
from symback.readers.slices import index_leaves, inlined_versions, readable_names, slice_of
from symback.readers.slots import model_places
from symback.readers.syntax import stored_names
from symback.readers.training_calls import (
    BackwardCall,
    calls_of,
    losses_of,
    origin_of,
    parameter_keys,
    reached,
    stepped_after,
    weighted,
)
from symback.readers.values import Array, Helper, Returned, Scope

_DERIVATIVE = re.compile(r"backward|grad|deriv|delta|(^|_)d$|^d_|prime|numerical", re.IGNORECASE)
_MOST_TRIED = 8
"""Most versions that are looked at when a loss is chosen among names that speak of one."""


class NoForwardPass(ReadError):
    """A text computes nothing: it only defines what could."""


class LossFinder:
    """Chooses the loss of a followed text."""

    def __init__(self, evaluator: Evaluator, tree: ast.Module, considered: set[str] | None = None) -> None:
        self.evaluator = evaluator
        self.considered = considered
        """Keys of the versions among which the loss is looked for; None: all."""
        self.bindings = evaluator.bindings
        self.tree = tree
        self.call: BackwardCall | None = None
        """The call of ``backward()`` on the loss."""
        self.drawn = drawn_lines(tree)
        self.returned_losses = _returned_losses(tree)
        self.stored = stored_names(tree)
        self.lines: dict[str, int] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.lines.setdefault(node.id, node.lineno)
        self.choices: list[str] = []

    def loss_binding(self, loss: str | None = None) -> Binding:
        """Return the version that is the loss, by the rules of ``network``."""
        with self._explained():
            return self._given_loss(loss) if loss is not None else self._found_loss(None)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SymbackError as error:
            raise explained(self.evaluator, self.tree, error) from None

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

    def _candidates(
        self, sliced: Sequence[Binding], leaves: Sequence[Binding] | None = None
    ) -> tuple[list[Binding], str]:
        """Return the parameters among leaves by the first rule that finds any, and that rule."""
        leaves = [b for b in sliced if b.form is None] if leaves is None else leaves
        updated = {u.key for u in self.evaluator.updates}
        choice = candidates(leaves, updated, self.stored, weight_like(sliced, self.drawn))
        choice = with_biases(choice, sliced)
        found, why = list(choice.parameters), choice.why
        if why == "requires_grad":
            places = model_places(self.evaluator)
            why = "of the model" if all(b.key in places for b in found) else why
        return self._listed(sliced, leaves, found) or (found, why)

    def _listed(
        self, sliced: Sequence[Binding], leaves: Sequence[Binding], found: Sequence[Binding]
    ) -> tuple[list[Binding], str] | None:
        """Return the parameters that the optimizer of the loss was given, where they are not those found without it."""
        calls = calls_of(self.evaluator)
        needed = {b.key for b in sliced}
        mine = [c for c in losses_of(calls) if isinstance(c.value, Name) and c.value.name in needed]
        call = self.call or (mine[-1] if mine else None)
        if call is None:
            return None
        if call.inputs:
            keys = {origin_of(self.bindings, n.name) for form in call.inputs for n in names_in(form)}
            why = f"inputs of backward() on line {call.line}"
        else:
            steps = stepped_after(calls, call)
            keys = parameter_keys(self.evaluator, steps)
            why = ", ".join(dict.fromkeys(f"of {s.spelled}, stepped on line {s.line}" for s in steps))
        listed = [b for b in leaves if b.key in keys]
        listed = [b for b in listed if b.trainable] or listed
        return (listed, why) if listed and set(listed) != set(found) else None

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
        found = [b for b in found if b.base not in WEAK_LOSS_NAMES] or found
        found = [b for b in found if not b.local] or found
        return [b for b in found if not b.without_gradients] or found

    def _forward(self, name: str) -> Binding | None:
        """Return the version of ``name`` at the end of the forward pass."""
        versions = [
            b for b in self.bindings.values() if b.base == name and not b.after and not b.anonymous and not b.detached
        ]
        return next((b for b in reversed(versions) if not b.local), versions[-1] if versions else None)

    def _given_loss(self, loss: str) -> Binding:
        text = normalized(loss.strip())
        call = next((c for c in losses_of(calls_of(self.evaluator)) if c.spelled == text), None)
        if call is not None:
            found = self._of_backward(call)
            self._choose_loss(found, f"given; backward() is called on it, line {call.line}")
            return self._single(found)
        return self._single(self._version(text) if text.isidentifier() else self._expression(text))

    def _version(self, text: str) -> Binding:
        """Return the version of a name that is given as the loss."""
        found = self._forward(text)
        moment = list(self.bindings).index(found.key) if found is not None and found.form is not None else -1
        end = min((u.moment for u in self.evaluator.updates), default=len(self.bindings))
        for name, when, error in reversed(self.evaluator.poisoned):
            if name == text and moment < when and (moment < 0 or when <= end):
                raise error
        if found is not None and found.form is not None:
            return found
        if found is not None:
            raise ReadError(f"{text} is data of the code, not computed by it; the loss has to be computed")
        held = self.evaluator.globals.names.get(text)
        if isinstance(held, Helper):
            return self._function_loss(held)
        later = next((b for b in self.bindings.values() if b.base == text and b.after and b.form is not None), None)
        if later is not None:
            return later
        raise ReadError(f"there is no {text} in the code to be the loss{nearest(text, self._names())}")

    def _names(self) -> set[str]:
        return {b.base for b in self.bindings.values() if not b.anonymous}

    def _function_loss(self, helper: Helper) -> Binding:
        call = next((c for c in self.evaluator.calls if c[0] == helper.name), None)
        if call is None:
            raise ReadError(f"{helper.name} is a function that the code does not call; give the loss as an expression")
        return self._called(call)

    def _holds(self, name: str, version: Binding) -> bool:
        """Return whether a name of the text holds an object whose numbers are those of the forward pass at its end."""
        held = self.evaluator.globals.names.get(name)
        if not isinstance(held, Array) or isinstance(held.cell.content, Poison):
            return False
        form = self.evaluator.form(held)
        return not any(self.bindings[n.name].after for n in names_in(form)) and not version.local

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
            if version is not None and not self._holds(name, version):
                scope.names[name] = make_name(version.key, version.shape)
        self._libraries(tree, scope)
        evaluator.line = 0
        evaluator.fresh_effort()
        try:
            value = evaluator.value(tree.body, scope)
            if isinstance(value, (list, tuple, dict, str)):
                raise ReadError(f"it is a {type(value).__name__.lower()}, not a number")
            form = evaluator.form(value)
            after = [self.bindings[n.name].base for n in names_in(form) if self.bindings[n.name].after]
            if after:
                raise ReadError(f"{after[0]} is computed after the update and cannot be part of the loss")
            if not names_in(form):
                raise ReadError("it reads no name of the code")
        except Exception as error:
            found = explained(evaluator, self.tree, located(error, None))
            message = str(found).replace("line 0: ", "")
            kind = type(found)
            raise kind(f"in the loss {text!r}: {message}") from None
        label = next(n for n in ("loss", "L", "E", "loss_given") if n not in self._names() and n not in self.stored)
        evaluator.line = None  # type: ignore[assignment]
        made = evaluator.equation(label, form)
        self.choices.append(f"loss: {label} = {text} (given)")
        return self.bindings[made.name]

    def _libraries(self, tree: ast.Expression, scope: Scope) -> None:
        """Let the bare names of the expression itself mean functions of the library that the code uses."""
        evaluator = self.evaluator
        roots = {v.path.partition(".")[0] for v in evaluator.globals.names.values() if isinstance(v, Library)}
        module = "torch" if "torch" in roots and "numpy" not in roots else "numpy"
        for node in ast.walk(tree):
            if not isinstance(node, ast.Name) or scope.find(node.id) is not None or node.id in PREDEFINED:
                continue
            path = library_calls.bare(node.id, {module})
            if path is not None and node.id not in evaluator.values and node.id not in evaluator.shapes:
                scope.names[node.id] = Library(path)

    def _found_loss(self, returned: Returned | None) -> Binding:
        if returned is not None:
            return self._single(self._returned(returned))
        calls = calls_of(self.evaluator)
        losses = losses_of(calls)
        if len(losses) > 1:
            listed = ", ".join(f"{c.spelled} (line {c.line})" for c in losses)
            raise ReadError(
                f"backward() is called on {len(losses)} losses: {listed}; choose one by loss= (--loss {losses[0].spelled})"
            )
        if losses:
            binding = self._of_backward(losses[0])
            lines = sorted({c.line for c in calls if isinstance(c, BackwardCall)})
            more = f", the first of lines {list_names(map(str, lines))}" if len(lines) > 1 else ""
            self._choose_loss(binding, f"backward() is called on it, line {losses[0].line}{more}")
            return self._single(binding)
        self._refuse_unreached()
        return self._single(self._named_loss() or self._sink())

    def _of_backward(self, call: BackwardCall) -> Binding:
        """Return the version on which ``backward()`` is called; with a gradient v given, the sum over ``y * v``."""
        if call.error is not None:
            raise needed_by(explained(self.evaluator, self.tree, call.error), call.spelled, call.line)
        form = weighted(self.evaluator, call)
        binding = self.bindings[form.name] if isinstance(form, Name) else None
        if binding is None or binding.form is None:
            if not names_in(form):
                raise ReadError("backward() is called on a number", call.line)
            self.evaluator.line = call.line
            binding = self.bindings[self.evaluator.equation("loss", form).name]
            if call.gradient is not None:
                self.evaluator.notes.append(
                    f"backward() on line {call.line} is given a gradient: the loss is the sum over {call.spelled} times it"
                )
        self.call = call
        return binding

    def _refuse_unreached(self) -> None:
        """Refuse a text that calls ``backward()`` on a name that cannot be read, in a part that could not be followed."""
        held = self.evaluator.globals.names.values()
        if not any(isinstance(v, Library) and v.path.startswith("torch") for v in held):
            return
        for call in reached(self.tree):
            spelled = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            broken = [error for name, _, error in self.evaluator.poisoned if name == spelled]
            if broken:
                raise needed_by(explained(self.evaluator, self.tree, broken[-1]), spelled, call.lineno)

    def _choose_loss(self, binding: Binding, why: str) -> None:
        self.choices.append(f"loss: {binding.base} ({why})")

    def _named_loss(self) -> Binding | None:
        strong = self.losses()
        order = {key: k for k, key in enumerate(self.bindings)}
        broken = [
            (moment, error)
            for name, moment, error in self.evaluator.poisoned
            if name in LOSS_NAMES and (name not in WEAK_LOSS_NAMES or not strong)
        ]
        if broken and not strong:
            raise broken[-1][1]
        if not strong:
            return self._loss_like()
        # E may be a matrix of exponentials and J a Jacobian: of several, one that can be a loss
        single = [b for b in strong if b.form is not None and element_count(b.shape) == 1]
        found = (single or strong)[-1]
        end = min((u.moment for u in self.evaluator.updates), default=None)
        for moment, error in broken:
            if moment > order[found.key] and (end is None or moment <= end):
                raise error
        larger = self._extension(found)
        if larger is not None:
            self._choose_loss(larger, f"{found.base} and more that depends on parameters")
            return larger
        self._choose_loss(found, f"the last assigned of {SHOWN_LOSS_NAMES}" if len(strong) > 1 else "by its name")
        return found

    def _says_loss(self, name: str) -> bool:
        """Return whether a name has a word for a loss in it, or is what a function with such a name returns."""
        return (name in LOSS_NAMES or is_loss_like(name) or name in self.returned_losses) and not self._is_gradient(
            name
        )

    def _extension(self, found: Binding) -> Binding | None:
        """Return the version that adds to a loss something that depends on parameters too: ``total_loss = loss + penalty``."""
        for b in reversed(self._equations()):
            if b is found or b.detached or not self._says_loss(b.base) or b.base in LOSS_NAMES:
                continue
            addends = list(_addends(b.form))
            if not any(isinstance(a, Name) and a.name == found.key for a in addends):
                continue
            rest = {n.name for a in addends for n in names_in(a)} - {found.key}
            leaves = frozenset[str]().union(*(self.bindings[k].leaves for k in rest))
            if leaves & {p.key for p in self._candidates(self.sliced(b))[0]}:
                return b
        return None

    def _loss_like(self) -> Binding | None:
        """Return the last single number whose name speaks of a loss and that depends on a parameter.

        What is computed after the update in a training loop counts where nothing is before it.
        """
        for after in (False, True):
            among = self.considered
            found = [
                b
                for b in self.bindings.values()
                if b.form is not None
                and b.after is after
                and not (b.detached or b.anonymous or b.without_gradients)
                and element_count(b.shape) == 1
                and (among is None or b.key in among)
                and self._says_loss(b.base)
                and (not after or self._in_loop_of_update(b))
            ]
            found = [b for b in found if not b.local] or found
            found = [b for b in found if not re.search("test|val(id)?_|dev_|eval", b.base)] or found
            for b in reversed(found[-_MOST_TRIED:]):
                if self._candidates([self._origin(s) for s in self.sliced(b)])[0]:
                    others = ", ".join(dict.fromkeys(f"{o.base} (line {o.line})" for o in found if o.base != b.base))
                    maker = self.returned_losses.get(b.base)
                    why = "by its name" if is_loss_like(b.base) else f"what the function {maker} returns"
                    self._choose_loss(b, f"{why}; not {others}" if others else why)
                    return b
        return None

    def _origin(self, binding: Binding) -> Binding:
        return self.bindings[origin_of(self.bindings, binding.key)]

    def _in_loop_of_update(self, binding: Binding) -> bool:
        """Return whether all updates before a version stand in one loop with it: its next round begins with what they leave."""
        lines = [b.line for b in (binding, *(b for b in self.sliced(binding) if b.updates is not None))]
        return any(
            all(line is not None and loop.lineno <= line <= (loop.end_lineno or 0) for line in lines)
            for loop in ast.walk(self.tree)
            if isinstance(loop, (ast.For, ast.While))
        )

    def _before_updates(self, binding: Binding) -> Binding:
        """Return a version as it is computed from the parameters before their updates."""
        sliced = self.sliced(binding)
        bindings = dict(self.bindings)
        forms: dict[Form, Form] = {}
        moved: dict[str, None] = {}
        for b in sliced:
            key = make_name(b.key, b.shape)
            if b.updates is not None:
                origin = self._origin(b)
                forms[key] = make_name(origin.key, origin.shape)
                moved[origin.base] = None
            elif b.form is not None:
                form = substitute(b.form, forms.get)
                leaves = frozenset[str]().union(*(bindings[n.name].leaves for n in names_in(form)))
                bindings[b.key] = replace(b, form=form, leaves=leaves, after=False)
        self.evaluator = copy.copy(self.evaluator)
        self.evaluator.bindings = self.bindings = bindings
        self.evaluator.notes = [
            *self.evaluator.notes,
            f"{binding.base} is computed after an update of {list_names(moved)}, and is read with the values before it",
        ]
        return bindings[binding.key]

    def _sink(self) -> Binding:
        """Return the only result that depends on every candidate for a parameter."""
        equations = self._equations()
        read = {n.name for b in self.bindings.values() if b.form is not None for n in names_in(b.form)}
        gradients = {b.base for b in equations if self._is_gradient(b.base)}
        sinks = [
            b for b in equations if b.key not in read and b.base not in gradients and not b.detached and not b.local
        ]
        leaves = [b for b in self.bindings.values() if b.form is None and not b.after and not b.anonymous]
        wanted = {b.key for b in self._candidates(list(self.bindings.values()), leaves)[0]}
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
            raise NoForwardPass("there is no forward pass in this code: no name is computed from inputs")
        candidates = whole or sinks or [b for b in equations if b.base not in gradients][-1:]
        listed = list_names(dict.fromkeys(f"{b.base} {shape_text(b.shape)}" for b in candidates[:8]))
        backward = next((n for n in self.stored if self._is_gradient(n)), None)
        hint = (
            f"; the hand-written gradient starts with {backward} on line {self.lines[backward]}"
            if backward in self.lines
            else ""
        )
        raise ReadError(
            "no loss found: none of the names " + SHOWN_LOSS_NAMES + " is computed and no single result depends on "
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
            broken = [f"; {label} could not be read: {error}" for label, _, error in self.evaluator.poisoned[:1]]
            raise ReadError("".join([f"{name} does not return a result that can be differentiated", *broken]), line)
        if isinstance(value, Name) and self.bindings[value.name].form is not None:
            return self.bindings[value.name]
        label = returned or name
        label = label if label.isidentifier() and label != "lambda" else "loss"
        return self.bindings[self.evaluator.equation(label, value).name]

    def _single(self, binding: Binding) -> Binding:
        assert binding.form is not None
        if binding.after:
            if not self._in_loop_of_update(binding):
                raise ReadError(f"{binding.base} is computed after the parameters were updated", binding.line)
            binding = self._before_updates(binding)
        if element_count(binding.shape) != 1:
            raise ReadError(
                f"{binding.base} has shape {shape_text(binding.shape)}, but a loss has exactly one element; "
                f"give its mean or sum as the loss: np.mean({binding.base})",
                binding.line,
            )
        if not any(c.startswith("loss:") for c in self.choices):
            self.choices.append(f"loss: {binding.base} (given)")
        return binding


def _addends(form: Form | None) -> Iterator[Form]:
    """Return the parts of a sum."""
    if isinstance(form, Apply) and form.op == "add":
        for part in form.args:
            yield from _addends(part)
    elif form is not None:
        yield form


def _returned_losses(tree: ast.AST) -> dict[str, str]:
    """Return the names that hold what a function with the name of a loss returns, with it: ``l`` of ``l = loss(x, y)``."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            function = node.value.func
            label = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if label in LOSS_NAMES or is_loss_like(label):
                found[node.targets[0].id] = label
    return found
