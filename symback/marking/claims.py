"""Find the hand-written gradients of a text: which name is meant as the derivative of what, on which line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symback.core.errors import ReadError, ShapeError, SymbackError, nearest
from symback.core.forms import (
    Apply,
    Einsum,
    Expand,
    Form,
    Get,
    Matmul,
    Name,
    Number,
    Outer,
    Put,
    Reduce,
    SizeOf,
    Transpose,
    matmul,
    names_in,
    walk,
)
from symback.core.forms import name as make_name
from symback.library.name_words import LOSS_NAMES
from symback.library.values import Binding, Library, Poison
from symback.marking.reading import BackwardEvaluator
from symback.networks.network import list_names
from symback.readers import memory
from symback.readers.values import Gradient, Instance

APPROXIMATE = re.compile(r"num(eric|erical)?(_|$)|_num|approx|finite|(^|_)fd(_|$)|check", re.IGNORECASE)
"""Gradients found by differences are no hand-written derivatives."""
HOLDER = re.compile(r"^_?(grads?|gradients?|derivatives?|deltas?|d)$|_(grads?|gradients?)$", re.IGNORECASE)
"""Names of dictionaries of gradients."""
LOSSES = ("loss", "l", "e", "j", "cost", "error", "c", "err", "obj", "total_loss")


@dataclass(frozen=True, eq=False)
class Claim:
    """A hand-written derivative: ``name`` on ``line`` says what ∂L/∂(variable) is.

    ``variable`` is a key of the reading (``W1#1``), ``form`` what was written over the versions of the text, ``key`` the
    version that holds it. ``error`` says why it could not be read. ``numerator`` is the key of what is differentiated
    where it is not the loss, as in ``dyhat_dz``.
    """

    name: str
    variable: str
    form: Form | None
    key: str | None
    line: int | None
    error: SymbackError | None = None
    numerator: str | None = None
    loose: bool = False
    """True where the name says little (``d2``, ``error_h``): it is no claim where it fits nothing."""
    step: bool = False
    """True for what an update subtracts from a parameter: a gradient but for a positive factor, the rate."""
    inner: bool = False
    """True for a step on the way inside a backward function, which is told of only where it is wrong."""
    typed: bool = False
    """True for a formula on its own: its left side means what it says, and no later line makes up for it."""


@dataclass(frozen=True, eq=False)
class Claims:
    """All claims of a text, and the names that are spelled as gradients of nothing in the forward pass."""

    found: tuple[Claim, ...]
    unmatched: tuple[Claim, ...] = ()


def folded(text: str) -> str:
    """Return a name without what names of one thing differ by: lines below, and capitals."""
    return text.replace("_", "").lower()


class Variables:
    """The names of the forward pass that a gradient may be of."""

    def __init__(self, sliced: Sequence[Binding], root: Binding, final: Mapping[str, str]) -> None:
        self.root = root
        self.bindings = {b.key: b for b in sliced}
        self.exact: dict[str, list[str]] = {}
        # an array that is filled part by part is meant as it is in the end
        partial = {
            b.form.args[0].name
            for b in sliced
            if isinstance(b.form, Apply)
            and b.form.op == "add"
            and isinstance(b.form.args[0], Name)
            and isinstance(b.form.args[1], Put)
            and self.bindings[b.form.args[0].name].base == b.base
        }
        for b in sliced:
            if b.anonymous or b.key in partial:
                continue
            for label in dict.fromkeys((b.base, final.get(b.key, b.base))):
                self.exact.setdefault(label, []).append(b.key)
        self.folded: dict[str, list[str]] = {}
        for label, keys in self.exact.items():
            self.folded.setdefault(folded(label), []).extend(keys)

    def find(self, spelled: str) -> str | None:
        """Return the key of the only version that ``spelled`` can mean."""
        keys = self.exact.get(spelled) or self.folded.get(folded(spelled)) or []
        keys = list(dict.fromkeys(keys))
        return keys[0] if len(keys) == 1 else None

    def meant(self, key: str) -> str:
        """Return the prediction where a gradient is spelled as that of the target it is compared with: ``dL_dy``."""
        b = self.bindings[key]
        if b.form is not None or b.base not in ("y", "t", "Y", "T") or b.updates is not None or b.trainable:
            return key
        for ending in ("pred", "hat", "p", "out", "prime", "est", "prediction"):
            found = self.folded.get(folded(b.base) + ending, [])
            if len(set(found)) == 1 and self.bindings[found[0]].form is not None:
                return found[0]
        return key

    def is_loss(self, spelled: str) -> bool:
        return bool(spelled) and (
            self.find(spelled) == self.root.key or folded(spelled) in LOSSES or spelled in LOSS_NAMES
        )

    def of(self, name: str) -> tuple[str, str | None] | None:
        """Return the key of the variable and, for a local derivative, of what is differentiated."""
        found = self._of(name)
        if found is None:
            return None
        return self.meant(found[0]), None if found[1] is None else self.meant(found[1])

    def _of(self, name: str) -> tuple[str, str | None] | None:
        for part in spelled_parts(name):
            found = self.find(part)
            if found is not None and found != self.root.key:
                return found, None
        for top, bottom in spelled_quotients(name):
            if self.is_loss(top):
                found = self.find(bottom)
                if found is not None and found != self.root.key:
                    return found, None
            above, below = self.find(top), self.find(bottom)
            if above is not None and below is not None and above != below and below != self.root.key:
                return below, None if above == self.root.key else above
        match = re.match(r"^(?:deltas?|d|err(?:or)?)_?(\w*)$", name, re.IGNORECASE)
        if match:
            for stem in ("z", "Z", "a_in", "u", "net", "h"):
                found = self.find(f"{stem}{match[1]}")
                if found is not None and (match[1] or name.lower().startswith("delta")):
                    return found, None
        return None


def spelled_parts(name: str) -> Iterable[str]:
    """Return what may be the variable in a name: ``W1`` of ``dW1``, ``grad_W1``, ``W1_grad``, ``gW1``."""
    for pattern in (
        r"d_?(.+)",
        r"(?:grads?|gradient|nabla|delta|deriv|derivative)_?(?:of_)?(.+)",
        r"(.+?)_?(?:grads?|gradient|deriv|delta)",
        r"(?:g|D)_?(.+)",
        r"(.+)_bar",
        r"(?:dloss|dL|dJ|dE|dC|dcost)_?(.+)",
        r"adj(?:oint)?_(.+)",
        r"(.+)_adj(?:oint)?",
    ):
        match = re.fullmatch(pattern, name)
        if match:
            yield match[1]


def spelled_quotients(name: str) -> Iterable[tuple[str, str]]:
    """Return the ways to read a name as a quotient: ``dL_dz``, ``dLdz``, ``d_loss_d_W``, ``partial_E_partial_w``."""
    match = re.fullmatch(r"partial_?(.+?)_?partial_?(.+)", name)
    if match:
        yield match[1], match[2]
    if name[:1] in "dD":
        for at in range(1, len(name) - 1):
            if name[at] in "dD" and at + 1 < len(name):
                yield name[1:at].strip("_"), name[at + 1 :].strip("_")
    match = re.fullmatch(r"grad_?(.+?)_(?:wrt_)?(.+)", name)
    if match:
        yield match[1], match[2]


def is_spelled_as_gradient(name: str) -> bool:
    """Return whether a name that matches no variable still looks like a gradient."""
    return bool(
        re.fullmatch(
            r"d[A-Z]\w*|d_\w+|d(L|E|J|C|loss|cost)_?d\w+|grad\w*|\w+_grad|delta\w*|d(w|b|z|a|h|x|y|W)\d*", name
        )
    ) and not (APPROXIMATE.search(name))


def find_claims(
    evaluator: BackwardEvaluator,
    sliced: Sequence[Binding],
    root: Binding,
    final: Mapping[str, str],
    given: Mapping[str, str] | None = None,
) -> Claims:
    """Return the claims of a followed text, in the order of its lines, one for each variable and name.

    ``given`` says what names mean: gradient name → variable. Raises ReadError for a name that is not there.
    """
    variables = Variables(sliced, root, final)
    if evaluator.explicit is not None:
        returned = {c.key for c in evaluator.explicit} | {c.variable for c in evaluator.explicit}
        passed = {b.key for b in sliced}
        between = [
            Claim(b.base, meant[0], make_name(b.key, b.shape), b.key, b.line, inner=True)
            for b in evaluator.bindings.values()
            if b.form is not None
            and b.key not in passed | returned
            and (meant := variables.of(b.base)) is not None
            and meant[1] is None
            and meant[0] not in returned
        ]
        return Claims((*between, *evaluator.explicit))
    forward = {b.key for b in sliced}
    mine: dict[str, tuple[str, str | None]] = {}
    for name, variable in (given or {}).items():
        key = variables.find(variable)
        if key is None:
            raise ReadError(
                f"--claim {name}={variable}: there is no {variable} in the forward pass{nearest(variable, variables.exact)}"
            )
        mine[name] = (key, None)
    last = _last_updates(evaluator)
    found: dict[tuple[str, str | None, str], Claim] = {}
    unmatched: dict[str, Claim] = {}
    seen: set[str] = set()
    order = {key: k for k, key in enumerate(evaluator.bindings)}

    updating = set(_by_updates(evaluator, forward))

    def target(name: str) -> tuple[str, str | None] | None:
        if given and name in mine:
            return mine[name]
        return None if APPROXIMATE.search(name) else variables.of(name)

    crowded = sum(i.definition is not None for i in evaluator.instances) > 1
    for b in evaluator.bindings.values():
        if b.key in forward or b.anonymous or b.updates is not None or b.base == root.base:
            continue
        if crowded and b.key in evaluator.owners:
            continue  # dx of one layer is not dx of another; what objects keep is looked for below
        meant = target(b.base)
        if meant is None:
            if b.form is not None and (is_spelled_as_gradient(b.base) or b.base in updating) and not b.after:
                unmatched[b.base] = Claim(b.base, "", make_name(b.key, b.shape), b.key, b.line)
            continue
        if b.form is None and not (b.base[:1] in "dgD" and meant is not None):
            continue
        seen.add(b.base)
        claim = Claim(b.base, meant[0], make_name(b.key, b.shape), b.key, b.line, None, meant[1])
        slot = (meant[0], meant[1], b.base)
        if slot in found and isinstance(b.form, Apply) and getattr(b.form.op, "name", b.form.op) == "clip":
            continue  # clipped after it was found
        moment = last.get(meant[0])
        late = b.after or (moment is not None and order[b.key] >= moment)
        if slot in found and late:
            continue  # a second round after the update
        found[slot] = replace(claim, loose=True) if re.fullmatch(r"d_?\d+|err(or)?_?\w*", b.base) else claim
    for name, count, error in evaluator.poisoned:
        meant = target(name)
        if meant is None:
            continue
        slot = (meant[0], meant[1], name)
        before = found.get(slot)
        later = (
            before is not None
            and before.key is not None
            and order[before.key] < count
            and _in_shape(evaluator, before)
            and (last.get(meant[0]) is None or count <= last[meant[0]])
        )
        if before is None or later:
            seen.add(name)
            found[slot] = Claim(
                name, meant[0], None, None, getattr(error, "line", None) or _line_in(error), error, meant[1]
            )
    for name, key in _by_updates(evaluator, forward).items():
        if name in unmatched and not any(c.variable == key and c.numerator is None for c in found.values()):
            claim = unmatched.pop(name)
            found[key, None, name] = replace(claim, variable=key)
    for claim in _in_objects(evaluator, variables):
        if claim.key is None or claim.key not in {c.key for c in found.values()}:
            found.setdefault((claim.variable, None, claim.name), claim)
    for leaf, form, line in evaluator.attributes:
        if leaf.name in forward:
            label = f"{final.get(leaf.name, evaluator.bindings[leaf.name].base)}.grad"
            found[leaf.name, None, label] = Claim(label, leaf.name, form, None, line)
    for claim in _in_dictionaries(evaluator, variables):
        if claim.key is None or (claim.key, claim.variable) not in {(c.key, c.variable) for c in found.values()}:
            found.setdefault((claim.variable, None, claim.name), claim)
    for name, held in names_of(evaluator).items():
        # a module or a list of anything under the name of a gradient
        if (
            name not in seen
            and isinstance(held, (Library, list))
            and (meant := target(name)) is not None
            and meant[1] is None
        ):
            value = _as_gradient(evaluator, held)
            if isinstance(value, Poison) and (meant[0], None, name) not in found:
                found[meant[0], None, name] = Claim(name, meant[0], None, None, None, value.error)
    for claim in _in_updates(evaluator, forward, {c.variable for c in found.values()}):
        found[claim.variable, None, claim.name] = claim
    missing = [n for n in mine if n not in seen]
    if missing:
        stored = {b.base for b in evaluator.bindings.values()}
        raise ReadError(
            f"--claim {missing[0]}={(given or {})[missing[0]]}: there is no {missing[0]} in the code{nearest(missing[0], stored)}"
        )
    claims = _without_aliases(evaluator, list(found.values()))
    held = {c.key for c in claims}
    loose = tuple(c for c in unmatched.values() if c.key not in held)
    return Claims(tuple(sorted(claims, key=lambda c: c.line or 0)), loose)


def _in_shape(evaluator: BackwardEvaluator, claim: Claim) -> bool:
    """Return whether what a name held before its line failed had the right shape, so that the failing line is to blame."""
    return claim.form is not None and claim.form.shape == evaluator.bindings[claim.variable].shape


def _line_in(error: BaseException) -> int | None:
    match = re.match(r"line (\d+)", str(error))
    return int(match[1]) if match else None


def _by_updates(evaluator: BackwardEvaluator, forward: set[str]) -> dict[str, str]:
    """Return the names that parameters are updated by, with the keys of the parameters: ``W -= rate * g``."""
    found: dict[str, str] = {}
    bases = {evaluator.bindings[k].base for k in forward}
    for update in evaluator.updates:
        for statement in evaluator.statements.get(update.line, ()):
            names = [n.id for n in ast.walk(statement.value) if isinstance(n, ast.Name)]
            computed = [
                n
                for n in dict.fromkeys(names)
                if n not in bases and any(b.base == n and b.form is not None for b in evaluator.bindings.values())
            ]
            if len(computed) == 1 and update.key in forward:
                found.setdefault(computed[0], update.key)
    return found


def _in_updates(evaluator: BackwardEvaluator, forward: set[str], claimed: set[str]) -> Iterable[Claim]:
    """Return the gradients that stand in an update alone: ``W -= rate * X.T @ dz``."""
    seen: set[str] = set()
    for key, form, line, written in evaluator.steps_taken:
        if key not in forward or key in claimed or key in seen:
            continue
        seen.add(key)
        bare = _without_rate(form, forward, evaluator)
        if (
            not isinstance(bare, Name)
            and all(_is_product(node) for node in walk(bare))
            and not any(n.name == key for n in names_in(bare))
        ):
            yield Claim(written, key, bare, None, line, step=True)


def _is_product(node: Form) -> bool:
    """Return whether a node belongs to a product of arrays, summed or not; a clipped or rescaled step is no plain gradient."""
    if isinstance(node, Apply):
        return node.op in ("multiply", "negative", "subtract", "add") or (
            node.op in ("divide", "power") and not node.args[1].shape
        )
    return isinstance(node, (Name, Number, SizeOf, Matmul, Transpose, Reduce, Outer, Einsum, Expand, Get))


def _without_rate(form: Form, forward: set[str], evaluator: BackwardEvaluator) -> Form:
    """Return a step without its factors that are numbers, the learning rate among them."""

    def is_rate(node: Form) -> bool:
        return (
            not node.shape
            and all(n.name not in forward and evaluator.bindings[n.name].form is None for n in names_in(node))
            and (not isinstance(node, Number) or float(node.value) > 0)
        )

    if isinstance(form, Apply) and form.op == "multiply":
        a, b = form.args
        if is_rate(a) or is_rate(b):
            return _without_rate(b if is_rate(a) else a, forward, evaluator)
    if isinstance(form, Apply) and form.op == "negative":
        return -_without_rate(form.args[0], forward, evaluator)
    if isinstance(form, Matmul):
        a, b = (_without_rate(part, forward, evaluator) for part in form.args)
        return matmul(a, b)
    return form


def _last_updates(evaluator: BackwardEvaluator) -> dict[str, int]:
    """Return how many versions there were when each parameter was first updated."""
    found: dict[str, int] = {}
    for update in evaluator.updates:
        found.setdefault(update.key, update.moment)
    return found


def _without_aliases(evaluator: BackwardEvaluator, claims: list[Claim]) -> list[Claim]:
    """Leave out a claim that only hands on another claim of the same variable: ``W_grad = dW``."""
    keys = {
        (c.variable, c.numerator): {d.key for d in claims if (d.variable, d.numerator) == (c.variable, c.numerator)}
        for c in claims
    }
    kept = []
    for claim in claims:
        form = evaluator.bindings[claim.key].form if claim.key is not None else claim.form
        handed = (
            isinstance(form, Name) and form.name in keys[claim.variable, claim.numerator] and form.name != claim.key
        )
        if not handed:
            kept.append(claim)
    return kept


def _in_objects(evaluator: BackwardEvaluator, variables: Variables) -> Iterable[Claim]:
    """Return the gradients kept beside the parameters of objects: ``self.dW`` beside ``self.W``."""
    for instance in evaluator.instances:
        yield from _in_object(evaluator, instance, variables)


def _in_object(evaluator: BackwardEvaluator, instance: Instance, variables: Variables) -> Iterable[Claim]:
    attributes = {label: memory.shown(v) for label, v in instance.attributes.items()}
    held = {label: v for label, v in attributes.items() if isinstance(v, Name)}
    places = {label: _origin(evaluator, v.name) for label, v in held.items()}
    known = {key for keys in variables.exact.values() for key in keys}
    label = (
        instance.label
        if instance.label.isidentifier() and instance.label != "self"
        else _place_in_list(evaluator, instance)
    )
    prefix = f"{label}." if label else ""
    for label, value in attributes.items():
        if value is None or isinstance(value, (Gradient, Instance)) or APPROXIMATE.search(label):
            continue
        value = _as_gradient(evaluator, value)
        for part in spelled_parts(label):
            owner = next((p for p in places if p == part or folded(p) == folded(part)), None)
            if owner is None or places[owner] not in known or owner == label:
                continue
            if isinstance(value, Poison):
                line = (
                    getattr(value.error, "line", None)
                    or _line_in(value.error)
                    or evaluator.attribute_lines.get((id(instance), label))
                )
                yield Claim(prefix + label, places[owner], None, None, line, value.error)
            elif not isinstance(value, Name) or value.name != places[owner]:
                key = value.name if isinstance(value, Name) else None
                yield Claim(
                    prefix + label,
                    places[owner],
                    value,
                    key,
                    evaluator.bindings[key].line if key else evaluator.attribute_lines.get((id(instance), label)),
                )
            break


def _place_in_list(evaluator: BackwardEvaluator, instance: Instance) -> str:
    """Return where a list holds an object: ``layers[0]``; empty where none does."""
    holders = [evaluator.globals.names, *(i.attributes for i in evaluator.instances)]
    for names in holders:
        for label, held in names.items():
            if isinstance(held, list) and any(v is instance for v in held):
                return f"{label}[{next(k for k, v in enumerate(held) if v is instance)}]"
    return ""


def names_of(evaluator: BackwardEvaluator) -> dict[str, Any]:
    """Return what the names of the text hold, arrays as Forms."""
    return {name: memory.shown(held) for name, held in evaluator.globals.names.items()}


def _containers(evaluator: BackwardEvaluator) -> Iterator[tuple[str, Any]]:
    """Yield what the names of the text and the attributes of its objects hold."""
    yield from evaluator.globals.names.items()
    for instance in evaluator.instances:
        yield from instance.attributes.items()


def _as_gradient(evaluator: BackwardEvaluator, value: Any) -> Form | Poison:
    """Return what stands for a gradient as a Form, or as the reason why it is none."""
    try:
        return value if isinstance(value, Poison) else evaluator.form(value)
    except SymbackError as error:
        return Poison(ReadError(re.sub(r"^line \d+: ", "", str(error))))


def _origin(evaluator: BackwardEvaluator, key: str) -> str:
    while (before := evaluator.bindings[key].updates) is not None:
        key = before
    return key


def _in_dictionaries(evaluator: BackwardEvaluator, variables: Variables) -> Iterable[Claim]:
    """Return gradients kept in a dictionary under the name of their variable: ``grads["W1"]``."""
    holders = [(label, memory.shown(v)) for label, v in _containers(evaluator) if isinstance(v, dict)]
    yield from _in_lists(evaluator, variables)
    for label, held in holders:
        if not HOLDER.search(label):
            continue
        for key, value in held.items():
            variable = variables.find(str(key))
            if variable is None and (meant := variables.of(str(key))) is not None and meant[1] is None:
                variable = meant[0]
            if variable is None or value is None:
                continue
            name = f"{label}[{key!r}]".replace("'", '"')
            value = _as_gradient(evaluator, value)
            if isinstance(value, Poison):
                line = (
                    getattr(value.error, "line", None)
                    or _line_in(value.error)
                    or evaluator.item_lines.get((label, str(key)))
                )
                yield Claim(name, variable, None, None, line, value.error)
            else:
                inner = value.name if isinstance(value, Name) else None
                yield Claim(
                    name,
                    variable,
                    value,
                    inner,
                    evaluator.bindings[inner].line if inner else evaluator.item_lines.get((label, str(key))),
                )


def _in_lists(evaluator: BackwardEvaluator, variables: Variables) -> Iterable[Claim]:
    """Return gradients kept in a list beside the list of their parameters: ``nabla_w[k]`` beside ``weights[k]``."""
    known = {key for keys in variables.exact.values() for key in keys}
    lists = [(label, list(memory.shown(v))) for label, v in _containers(evaluator) if isinstance(v, list)]
    owners = {
        label: held
        for label, held in lists
        if held
        and all(isinstance(v, Name) and _origin(evaluator, v.name) in known for v in held)
        and not is_spelled_as_gradient(label)
    }
    for label, held in lists:
        stems = [part.lower().rstrip("s") for part in spelled_parts(label)]
        match = [
            o
            for o, params in owners.items()
            if len(params) == len(held)
            and label != o
            and any(stem and (o.lower().startswith(stem) or stem.startswith(o.lower().rstrip("s"))) for stem in stems)
        ]
        if len(match) != 1:
            continue
        for k, (value, parameter) in enumerate(zip(held, owners[match[0]], strict=True)):
            name, variable = f"{label}[{k}]", _origin(evaluator, parameter.name)
            value = _as_gradient(evaluator, value)
            if isinstance(value, Poison):
                line = _line_in(value.error) or next(
                    (n for (held_, _), n in reversed(evaluator.item_lines.items()) if held_ == label), None
                )
                yield Claim(name, variable, None, None, line, value.error)
            elif isinstance(value, Form) and not isinstance(value, Gradient):
                inner = (
                    value.name if isinstance(value, Name) and evaluator.bindings[value.name].form is not None else None
                )
                yield Claim(name, variable, value, inner, evaluator.bindings[inner].line if inner else None)


def find_unnamed(
    claims: Claims, bindings: Mapping[str, Binding], invented: Mapping[str, tuple[str, str]]
) -> tuple[Claim, ...]:
    """Return claims of arrays without a name: ``da2`` in ``da2 = dh2 * (1 - h2**2)`` where ``h2 = np.tanh(x @ W + b)``.

    ``invented`` are the keys of what a function was applied to: the key, the key of the result, the name of the derivation.
    """
    by_result = {result: key for key, (result, _) in invented.items()}
    numbers: dict[str, list[str]] = {}
    for key, (result, _) in invented.items():
        numbers.setdefault(_number(bindings[result].base), []).append(key)
    mine = {c.key: c for c in claims.found if c.key is not None and c.numerator is None}
    found = []
    for claim in claims.unmatched:
        form = bindings[claim.key].form if claim.key is not None else None
        if form is None or claim.loose:
            continue
        read = [
            by_result[mine[n.name].variable]
            for n in names_in(form)
            if n.name in mine and mine[n.name].variable in by_result
        ]
        candidates = (
            dict.fromkeys(read) if read else numbers.get(_number(claim.name), []) if _number(claim.name) else []
        )
        fitting = [key for key in candidates if bindings[key].shape == form.shape]
        if len(fitting) == 1:
            found.append(replace(claim, variable=fitting[0]))
    once = [c.variable for c in found]
    return tuple(c for c in found if once.count(c.variable) == 1)


def _number(name: str) -> str:
    match = re.search(r"\d+$", name)
    return match[0] if match else ""


def unread_because(claim: Claim) -> str:
    """Return ``crash`` where the line fails by its shapes, else ``unread``."""
    return "crash" if isinstance(claim.error, ShapeError) else "unread"


def moved(claim: Claim, line: int | None) -> Claim:
    """Return the claim on another line."""
    return replace(claim, line=line)


def refuse_without_claims(claims: Claims, variables: Iterable[str]) -> None:
    """Raise ReadError where a text holds no hand-written gradient."""
    if claims.found:
        return
    hint = (
        f"; {list_names(c.name for c in claims.unmatched)} could not be matched to a name of the forward pass"
        if claims.unmatched
        else ""
    )
    listed = list_names([f"d{v}" for v in list(variables)[:3]] or ["dW1"])
    raise ReadError(
        f"no hand-written gradient was found: names such as {listed} are looked for{hint}; "
        "say which it is by claims= (--claim NAME=VARIABLE)"
    )


__all__ = [
    "Claim",
    "Claims",
    "find_claims",
    "find_unnamed",
    "is_spelled_as_gradient",
    "refuse_without_claims",
    "unread_because",
]
