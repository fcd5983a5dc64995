"""Which leaves of a loss are its parameters and which are data, by rules that are said aloud.

In the order of the rules, each only where none before finds any: the list of the optimizer that is stepped after the
``backward()`` in question; ``requires_grad``; what the code updates; what it holds a hand-written gradient for; names.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from symback.core.errors import ReadError
from symback.core.forms import Adjoint, Apply, Broadcast, Expand, Form, Get, Matmul, Name, Transpose, names_in, walk
from symback.library.name_words import GRADIENT_WORDS, is_data_name, is_parameter_name
from symback.library.plain_numbers import is_number
from symback.library.spoken import any_of
from symback.library.values import Binding
from symback.networks.network import list_names

_DRAWS = frozenset(
    [
        "randn",
        "rand",
        "random",
        "random_sample",
        "ranf",
        "normal",
        "uniform",
        "standard_normal",
        "randint",
        "integers",
        "randn_like",
        "rand_like",
        "truncated_normal",
        "xavier_uniform",
        "xavier_normal",
        "xavier_uniform_",
        "xavier_normal_",
        "kaiming_uniform_",
        "kaiming_normal_",
        "normal_",
        "uniform_",
        "gauss",
        "glorot_uniform",
        "he_normal",
    ]
)

_COUNTERS = re.compile(
    r"(^|_)(counts?|counter|steps?|epochs?|iter|iters|iteration|iterations|batch|batches|num|n|i|j|k|done|idx|index|total|sizes?|dim)(_|$)"
)


@dataclass(frozen=True)
class Choice:
    """The parameters of a loss, and why they were taken for parameters."""

    parameters: tuple[Binding, ...]
    why: str


def drawn_lines(tree: ast.AST) -> frozenset[int]:
    """Return the lines of the statements in which an array is drawn at random."""
    found = set()
    for statement in ast.walk(tree):
        if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                label = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if label in _DRAWS:
                    found.add(statement.lineno)
    return frozenset(found)


def live_leaves(sliced: Sequence[Binding]) -> dict[str, frozenset[str]]:
    """Return the leaves that gradients reach from each version of a slice: none through a detached one."""
    found: dict[str, frozenset[str]] = {}
    for b in sliced:
        if b.form is None:
            found[b.key] = frozenset([b.key])
        elif b.detached or (b.without_gradients and not sliced[-1].without_gradients):
            found[b.key] = frozenset()
        else:
            found[b.key] = frozenset[str]().union(*(found.get(n.name, frozenset()) for n in names_in(b.form)))
    return found


def weight_like(sliced: Sequence[Binding], drawn: frozenset[int], parameters: Set[str] = frozenset()) -> set[str]:
    """Return the keys of leaves that look like weights: drawn at random, and multiplied as a matrix into something else.

    A product of two arrays drawn at random says nothing about either, and what is multiplied by a known parameter is data.
    """
    by_key = {b.key: b for b in sliced}
    random = {b.key for b in sliced if b.form is None and b.line in drawn and not is_data_name(b.base)}
    found: set[str] = set()
    for b in sliced:
        for node in walk(b.form) if b.form is not None else ():
            if not isinstance(node, Matmul):
                continue
            for one, other in (node.args, reversed(node.args)):
                leaf = _bare(one)
                if leaf is not None and leaf.name in random and _is_input(other, by_key, random | parameters):
                    found.add(leaf.name)
    return found - parameters


def bias_like(sliced: Sequence[Binding], parameters: Iterable[Binding]) -> set[str]:
    """Return the keys of leaves that are nothing but added, the same to all samples, to products with parameters: c in h V + c.

    An array with a number for each sample, as noise, is none; nor is what is spelled as data or drawn where it is added.
    """
    weights = {b.key for b in parameters}
    leaves = {b.key: b for b in sliced if b.form is None and not b.anonymous and b.shape and b.key not in weights}
    leaves = {k: b for k, b in leaves.items() if not is_data_name(b.base)}
    added: set[str] = set()
    other: set[str] = set()
    for b in sliced:
        if b.form is None:
            continue
        read = Counter(a.name for n in walk(b.form) for a in n.args if isinstance(a, Name))
        sums = Counter[str]()
        for terms in _sums(b.form):
            sides = {side for t in terms for side in _sides_of_weights(t, weights)}
            names = [n for t in terms if (n := _repeated(t)) is not None and n.name in leaves]
            sums.update(n.name for n in names if any(_is_bias_shape(n.shape, side) for side in sides))
        added |= sums.keys()
        other |= {n for n in read if read[n] > sums[n]}
    return added - other


def _sums(form: Form) -> list[list[Form]]:
    """Return the terms of every sum in a form."""
    inner = {a for n in walk(form) if isinstance(n, Apply) and n.op == "add" for a in n.args}
    tops = [n for n in walk(form) if isinstance(n, Apply) and n.op == "add" and n not in inner]
    return [_terms(n) for n in tops]


def _terms(form: Form) -> list[Form]:
    if isinstance(form, Apply) and form.op == "add":
        return [t for a in form.args for t in _terms(a)]
    return [form]


def _repeated(form: Form) -> Name | None:
    """Return the name that a term is, also where it is repeated for every row."""
    while isinstance(form, (Expand, Broadcast)):
        form = form.args[0]
    return form if isinstance(form, Name) and not isinstance(form, Adjoint) else None


def _is_bias_shape(shape: Sequence[object], side: tuple[int, int]) -> bool:
    """Say whether an array has a number for each unit: one row behind X W, and one column behind W X."""
    position, ndim = side
    if len(shape) == 1:
        return position == 1 or ndim == 1
    return len(shape) == 2 and shape[1 - position] == 1


def _sides_of_weights(form: Form, weights: Set[str]) -> list[tuple[int, int]]:
    """Return where parameters of two axes stand in a term that is a product, 0 or 1, each with the axes of the product."""
    if not isinstance(form, Matmul):
        return []
    bare = [(k, a, _bare(a)) for k, a in enumerate(form.args)]
    return [(k, form.ndim) for k, a, n in bare if n is not None and n.name in weights and a.ndim == 2]


def _is_input(form: Form, by_key: Mapping[str, Binding], weights: Set[str]) -> bool:
    """Return whether a factor is what a weight is multiplied into: open data, or computed from several arrays."""
    beside = _bare(form)
    if beside is not None and by_key[beside.name].form is None:
        return beside.name not in weights
    leaves = frozenset[str]().union(*(by_key[n.name].leaves for n in names_in(form) if n.name in by_key))
    return sum(not by_key[k].anonymous for k in leaves if k in by_key) > 1


def _bare(form: Form) -> Name | None:
    """Return the name of which a Form is a transpose, a part or a stretched copy."""
    while isinstance(form, (Transpose, Get, Expand, Broadcast)):
        form = form.args[0]
    return form if isinstance(form, Name) and not isinstance(form, Adjoint) else None


def by_names(leaves: Iterable[Binding]) -> list[Binding]:
    """Return the leaves that are spelled as weights or biases."""
    return [b for b in leaves if is_parameter_name(b.base, array=bool(b.shape)) and not is_counter(b)]


def hand_derived(leaves: Sequence[Binding], stored: Sequence[str]) -> list[Binding]:
    """Return the leaves for which a name is spelled as their gradient: ``dW1``, ``dL_dw``, ``grad_W``, ``가중치_기울기``."""
    whole: list[Binding] = []
    partial: list[Binding] = []
    folded = [s.lower() for s in stored]
    lowered = Counter(base.lower() for base in {b.base for b in leaves})
    for leaf in leaves:
        p = leaf.base
        low = p.lower()
        holding = [s for s in stored if p in s]
        holding_low = [s for s in folded if low in s] if lowered[low] == 1 else []
        if any(_matches(s, p) for s in holding) or any(_matches(s, low) for s in holding_low):
            whole.append(leaf)
        elif any(re.fullmatch(rf"d\w+_?d_?{re.escape(p)}", s) for s in holding):
            partial.append(leaf)
    found = whole or partial
    return [b for b in found if not is_data_name(b.base)] or found


def _matches(stored: str, p: str) -> bool:
    q = re.escape(p)
    return bool(
        re.fullmatch(
            rf"d_?{q}|(grads?|gradient|delta|g)_{q}|{q}_(grad|gradient)|grad{q}|d(L|l|loss|Loss|E|J|C|cost|{any_of('loss')})_?d_?{q}"
            rf"|{q}_?({GRADIENT_WORDS})|({GRADIENT_WORDS})_?{q}",
            stored,
        )
    )


def candidates(
    leaves: Sequence[Binding],
    updated: set[str],
    stored: Sequence[str],
    looks: Set[str] = frozenset(),
    sliced: Sequence[Binding] = (),
) -> Choice:
    """Return the parameters among leaves by the first rule that finds any, and that rule.

    What is spelled as a weight or looks like one stands beside those that only names or gradients by hand tell; what is
    only added to a product with one of these is a bias, whatever its name.
    """
    found = [b for b in leaves if b.trainable]
    if found:
        return Choice(tuple(found), "requires_grad")
    found = [b for b in leaves if b.key in updated]
    if found:
        return Choice(tuple(found), "updated by the code")
    named = [b for b in leaves if not b.anonymous]
    spelled = by_names(named)
    derived = hand_derived(named, stored)
    weights = [b for b in named if b.key in looks]
    if derived:
        extra = [b for b in weights if b not in derived]
        why = "the code has a hand-written gradient for them"
        both = [b for b in named if b in derived or b in extra]
        return Choice(tuple(both), f"{why}, or they are drawn at random and multiplied" if extra else why)
    if spelled or weights:
        both = [b for b in named if b in spelled or b in weights]
        extra = [b for b in weights if b not in spelled]
        why = "by their names" if spelled else "drawn at random and multiplied"
        why = f"{why}, or they are drawn at random and multiplied" if extra and spelled else why
        biases = bias_like(sliced, both)
        if any(b.key in biases for b in named):
            both = [b for b in named if b in both or b.key in biases]
            why = f"{why}, or they are added to a weighted sum"
        return Choice(tuple(both), why)
    if len(named) == 1 and not is_counter(named[0]):
        return Choice(tuple(named), "the only input")
    return Choice((), "")


def is_counter(leaf: Binding) -> bool:
    """Return whether a leaf is a count by its name and value: ``batches_done = 0``, never ``w = 2``."""
    return is_number(leaf.value) and isinstance(leaf.value, int) and bool(_COUNTERS.search(leaf.base))


def refuse_cut(
    sliced: Sequence[Binding],
    parameters: Sequence[Binding],
    live: Mapping[str, frozenset[str]],
    final: Mapping[str, str],
) -> None:
    """Refuse parameters that reach the loss through a copy that stops gradients; the message names them and those that do not."""
    root = sliced[-1]
    wanted = {b.key: final[b.key] for b in parameters}
    for b in sliced:
        stopped = b.detached or (b.without_gradients and not root.without_gradients)
        if not stopped or not b.leaves & wanted.keys():
            continue
        cut = [n for k, n in wanted.items() if k in b.leaves]
        free = [n for k, n in wanted.items() if k not in b.leaves and k in live[root.key]]
        what = "what is detached here" if b.base == "detached" else f"{b.base} is detached from the gradient here but"
        if not b.detached:
            what = (
                "what is computed under no_grad()"
                if b.base == "detached"
                else f"{b.base} is computed under no_grad() but"
            )
        help_ = f"; leave {'it' if len(cut) == 1 else 'them'} out by wrt= (--wrt {','.join(free)})" if free else ""
        raise ReadError(f"{what} depends on {list_names(cut)}; that cannot be derived{help_}", b.line)
