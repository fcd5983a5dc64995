"""Which arrays of a network are means, variances or largest entries of rows or columns, and which are normalized by them.

What an array is, is proved by its definition at random entries, not read from its name.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symback.core.forms import Apply, Broadcast, Expand, Form, Name, Number, Reduce, name, names_in, reduce_over, walk
from symback.derivation.equality import equal_by_definitions
from symback.networks.network import NamedNetwork

_MOST_EQUATIONS = 200
"""Networks of more equations are not looked through."""


@dataclass(frozen=True)
class Statistic:
    """What the entries of an array say of ``of`` along an axis: of each column of a matrix along 0, of each row along 1.

    ``kind`` is "mean", "variance", "deviation", "largest" or "normalized". A normalized array has the ``statistics`` it
    reads, and the ``guard`` that is added to its variance.
    """

    kind: str
    of: str
    axis: int
    statistics: tuple[str, ...] = ()
    guard: Form | None = None


_known: weakref.WeakKeyDictionary[NamedNetwork, Mapping[str, Statistic]] = weakref.WeakKeyDictionary()


def statistics(network: NamedNetwork) -> Mapping[str, Statistic]:
    """Return the statistics of a network, and what is normalized by them, by their names.

    >>> from symback.networks.network import Network
    >>> from symback.networks.naming import name_equations
    >>> net = Network()
    >>> x, w = net.input("x", (5, 3)), net.parameter("w", (3,))
    >>> m = net.define("m", x.mean(axis=0))
    >>> _ = net.define("L", (w * (x - m) ** 2).sum())
    >>> statistics(name_equations(net))["m"]
    Statistic(kind='mean', of='x', axis=0, statistics=(), guard=None)
    """
    if network not in _known:
        found: dict[str, Statistic] = {}
        for equation in network.equations if len(network.equations) <= _MOST_EQUATIONS else ():
            if equation.name != network.loss:
                statistic = _statistic(network, equation.name, equation.form, found)
                if statistic is not None:
                    found[equation.name] = statistic
        _known[network] = found
    return _known[network]


def _statistic(network: NamedNetwork, label: str, form: Form, found: Mapping[str, Statistic]) -> Statistic | None:
    read = [n.name for n in dict.fromkeys(names_in(form))]
    own = name(label, network.shape_of(label))
    if any(isinstance(node, Reduce) for node in walk(form)):
        for of in (n for n in read if len(network.shape_of(n)) in (1, 2)):
            for kind, axis, definition in _definitions(name(of, network.shape_of(of))):
                if definition.shape == own.shape and equal_by_definitions(network, own, definition):
                    return Statistic(kind, of, axis)
        return None
    known = [found[n] for n in read if n in found]
    root = _root_of(form)
    if root is not None and len(known) == 1 and known[0].kind == "variance":
        guard = _guard(root, found)
        return Statistic("deviation", known[0].of, known[0].axis, guard=guard[0] if guard else None)
    for statistic in known:
        of = statistic.of
        beside = tuple(n for n in read if n in found and (found[n].of, found[n].axis) == (of, statistic.axis))
        kinds = {found[n].kind for n in beside}
        if of in read and own.shape == network.shape_of(of) and "mean" in kinds and kinds & {"variance", "deviation"}:
            one = reduce_over("mean", own, (statistic.axis,))
            if equal_by_definitions(network, one + 1, one * 0 + 1):
                guards = [f for n in beside for f in [found[n].guard] if f is not None] or _guard(form, found)
                return Statistic("normalized", of, statistic.axis, beside, guards[0] if guards else None)
    return None


def scale_and_shift(network: NamedNetwork, label: str) -> tuple[str, str]:
    """Return γ and β where an equation is γ times what is normalized, plus β; else empty names."""
    form, found = network.equation(label).form, statistics(network)
    if not isinstance(form, Apply) or form.op != "add":
        return "", ""
    for product, added in (form.args, reversed(form.args)):
        inner, shift = _bare(product), _bare(added)
        factors = [_bare(a) for a in inner.args] if isinstance(inner, Apply) and inner.op == "multiply" else []
        names = [f.name for f in (*factors, shift) if isinstance(f, Name)]
        normalized = [n for n in names[:2] if n in found and found[n].kind == "normalized"]
        given = [n for n in names if n in network.variables]
        if len(names) == 3 and len(normalized) == 1 and given[-1:] == names[2:] and len(given) == 2:
            return given[0], given[1]
    return "", ""


def _definitions(x: Form) -> Iterator[tuple[str, int, Form]]:
    """Yield each statistic along each axis of an array, with that axis kept and without it."""
    for axis in range(x.ndim):
        if x.shape[axis] == 1:
            continue
        apart = x - reduce_over("mean", x, (axis,), keepdims=True)
        for keeps in (True, False):
            yield "mean", axis, reduce_over("mean", x, (axis,), keepdims=keeps)
            yield "variance", axis, reduce_over("mean", apart**2, (axis,), keepdims=keeps)
            yield "largest", axis, reduce_over("max", x, (axis,), keepdims=keeps)


def _root_of(form: Form) -> Form | None:
    """Return what a square root is taken of."""
    if isinstance(form, Apply) and form.op == "sqrt":
        return form.args[0]
    return None


def _guard(form: Form, found: Mapping[str, Statistic]) -> list[Form]:
    """Return what is added to a variance inside a form."""
    guards: list[Form] = []
    for node in walk(form):
        if isinstance(node, Apply) and node.op == "add":
            for one, other in (node.args, reversed(node.args)):
                bare = _bare(one)
                if isinstance(bare, Name) and bare.name in found and found[bare.name].kind == "variance":
                    guard = _bare(other)
                    guards += [guard] if isinstance(guard, (Name, Number)) else []
    return guards


def _bare(form: Form) -> Form:
    while isinstance(form, (Expand, Broadcast)):
        form = form.args[0]
    return form
