"""The Network of a run: equations with the names of its code, the values of its leaves, and what is said of how it was found."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symback.core.errors import NetworkError, ReadError
from symback.core.forms import Form, Gather, Name, OneHot, Requirement, Scatter, names_in, substitute, walk
from symback.core.forms import name as make_name
from symback.library.kinds import untyped
from symback.library.name_words import is_data_name
from symback.networks.network import Finding, Network, check_name, list_names
from symback.tracer.choice import Choice, choose
from symback.tracer.log import Log, Node, operands
from symback.tracer.lowering import Lowering
from symback.tracer.rows import Rows
from symback.tracer.rows import findings as told_of
from symback.tracer.sliced import base_of, title
from symback.tracer.steps import ancestors, depending

_MOST_DATA = 12
_MOST_DECISIONS = 20
"""Most decisions that are told one by one."""
_INLINED = ("numpy.add", "numpy.subtract", "numpy.multiply", "numpy.divide", "numpy.true_divide")
"""Operations by which a running total is continued."""
_LONGEST_WAY = 60
"""Most unnamed operations in a row that stand inside one formula; after them a step gets a name."""


def chosen_network(
    log: Log,
    source: str,
    loss: str | None,
    wrt: Sequence[str] | None,
    given: tuple[Node, str] | None = None,
    arguments: Sequence[Node] = (),
    torch: Any = None,
) -> tuple[Choice, Network, Lowering, dict[str, Node]]:
    """Return the loss and the parameters of a run and what ``network_of`` makes of them.

    ``loss`` and ``wrt`` are names of the code; those of ``wrt`` may be names of the network as well, as b2 for the second of
    two things that the code calls b.
    """
    if wrt is None:
        choice = choose(log, loss, None, given, arguments, torch)
        return choice, *network_of(log, choice, source)
    try:
        usual = choose(log, loss, None, given, arguments, torch)
    except ReadError:
        usual = None
    try:
        choice = choose(log, loss, wrt, given, arguments, torch)
    except ReadError:
        if usual is None:
            raise
        names = network_of(log, usual, source)[2]
        if not all(name in names for name in wrt):
            raise
        choice = Choice(usual.loss, usual.why_loss, tuple(names[name] for name in wrt), "given", True)
    if usual is not None and usual.loss is choice.loss:
        below = depending(ancestors(choice.loss), choice.parameters)
        others = tuple(n for n in usual.parameters if n not in choice.parameters and n not in below)
        try:
            full = replace(choice, others=others)
            return full, *network_of(log, full, source)
        except ReadError:  # what is not asked for need not be understood
            pass
    return choice, *network_of(log, choice, source)


def network_of(
    log: Log, choice: Choice, source: str, rows: Rows | None = None
) -> tuple[Network, Lowering, dict[str, Node]]:
    """Return the Network of a run, how its entries were lowered, and which entry each name of the network is.

    ``source`` says what was run, for the first sentence of the choices; ``rows`` what a second run with more rows tells.
    """
    if choice.loss in choice.parameters:
        raise ReadError(
            "the loss is a number of the code itself: nothing is computed from a parameter",
            choice.loss.site.line or None,
        )
    lowering = Lowering(log, choice.loss, (*choice.parameters, *choice.others), rows)
    lost = [base_of(n) for n in choice.parameters if n not in lowering.parameters]
    if lost and choice.why_parameters == "given":
        raise ReadError(
            f"no gradient of the loss reaches {list_names(lost)}: only whole numbers or what is rounded does"
        )
    lowering.run()
    variables = _variables(lowering, choice.loss)
    final = _final_names(lowering, variables, choice)
    net = Network()
    forms: dict[Form, Form] = {}
    indices = _index_leaves(lowering)
    read = _read_keys(lowering, choice.loss)
    for node in lowering.needed:
        if not {f"v{node.number}", f"n{node.number}"} & read:
            continue
        if node in lowering.parameters:
            key = f"v{node.number}"
            declare = net.input if node in choice.others else net.parameter
            forms[make_name(key, np.shape(lowering.values[node]))] = declare(
                final[key], np.shape(lowering.values[node]), _floats(lowering.values[node])
            )
        elif node in lowering.dependent and isinstance(lowering.forms[node], Form):
            _leaves_into(net, lowering, untyped(lowering.forms[node]), final, forms, indices)
            made = substitute(untyped(lowering.forms[node]), forms.get)
            key = f"n{node.number}"
            if node in variables:
                made = net.define(final[key], made, line=node.site.line or None)
            forms[make_name(key, made.shape)] = made
    net.loss = final[f"n{choice.loss.number}"] if math.prod(choice.loss.shape) == 1 else None
    net.requirements[net.equations[-1].name] = _required(lowering, forms)
    _say(net, lowering, choice, final, source, read)
    if rows is not None:
        net.findings += tuple(told_of(rows))
    names = {final[k]: log.nodes[int(k[1:])] for k in final if k[0] in "vn"}
    return net, lowering, names


def _required(lowering: Lowering, forms: Mapping[Form, Form]) -> tuple[Requirement, ...]:
    """Return what the functions of a network require of its data."""
    said = [r for _, found in lowering.requirements for r in found]
    known = [r for r in said if all(n in forms for n in names_in(untyped(r.form)))]
    return tuple(replace(r, form=substitute(untyped(r.form), forms.get)) for r in known)


def _read_keys(lowering: Lowering, loss: Node) -> set[str]:
    """Return the keys that the formula of the loss reads, also by way of others: what was overwritten is not among them."""
    found = {f"n{loss.number}"}
    stack = [loss]
    while stack:
        form = lowering.forms.get(stack.pop())
        for name in names_in(untyped(form)) if isinstance(form, Form) else ():
            if name.name not in found:
                found.add(name.name)
                if name.name[0] == "n":
                    stack.append(lowering.log.nodes[int(name.name[1:])])
    return found


def _floats(value: Any) -> np.ndarray:
    array = np.asarray(value)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _leaves_into(
    net: Network, lowering: Lowering, form: Form, final: Mapping[str, str], forms: dict[Form, Form], indices: set[str]
) -> None:
    """Declare the data that a formula reads."""
    for leaf in names_in(form):
        binding = lowering.bindings[leaf.name]
        if leaf in forms or binding.form is not None:
            continue
        whole = leaf.name in indices
        value = np.asarray(binding.value)
        made = value.astype(np.int64) if whole else _floats(value)
        forms[leaf] = net.input(final[leaf.name], binding.shape, made, integer=whole)


def _index_leaves(lowering: Lowering) -> set[str]:
    """Return the keys of leaves that are read as indices."""
    return {
        n.name
        for form in lowering.forms.values()
        if isinstance(form, Form)
        for node in walk(form)
        if isinstance(node, (OneHot, Gather, Scatter))
        for n in names_in(node.args[-1])
    }


def _used(lowering: Lowering) -> dict[Node, list[Node]]:
    found: dict[Node, list[Node]] = {}
    for node in lowering.needed:
        if node in lowering.dependent and node not in lowering.parameters:
            for other in operands(node):
                if other in lowering.dependent:
                    found.setdefault(other, []).append(node)
    return found


def _variables(lowering: Lowering, loss: Node) -> set[Node]:
    """Return the entries that become equations: those with a name of their own, but for the parts of a running total."""
    users = _used(lowering)
    repeated = _repeated(lowering)
    found: set[Node] = {loss}
    depth: dict[Node, int] = {}
    for node in lowering.needed:
        if node not in lowering.dependent or node in lowering.parameters or node.kind == "b":
            continue
        if node in lowering.unknown:
            continue
        if not isinstance(lowering.forms[node], Form):
            continue
        if isinstance(lowering.forms[node], Name) and node is not loss:  # a copy, which is written as what it is one of
            depth[node] = depth.get(operands(node)[0], 0) if operands(node) else 0
            continue
        below = max((depth.get(o, 0) for o in operands(node)), default=0)
        if (
            node is loss
            or (node.name and node.own and not _is_part(node, users.get(node, [])))
            or node in repeated
            or below >= _LONGEST_WAY
        ):
            found.add(node)
            depth[node] = 0
        else:
            depth[node] = below + 1
    return found


def _repeated(lowering: Lowering) -> set[Node]:
    """Return results of PyTorch without a name that formulas read more than once, where writing them out is long."""
    counts: dict[Node, int] = {}
    for form in lowering.forms.values():
        if isinstance(form, Form):
            for key, times in _times(untyped(form)).items():
                if key[0] == "n":
                    node = lowering.log.nodes[int(key[1:])]
                    counts[node] = counts.get(node, 0) + times
    return {
        node
        for node, times in counts.items()
        if times > 1 and node.path.startswith("torch") and not node.own and _is_long(lowering.forms[node])
    }


def _times(form: Form) -> dict[str, int]:
    """Return how often a formula reads each name when it is written out."""
    found: dict[Form, dict[str, int]] = {}
    for node in reversed(list(walk(form))):
        if node not in found:
            found[node] = _times_in(node, found)
    return found.get(form) or _times_in(form, found)


def _times_in(form: Form, found: dict[Form, dict[str, int]]) -> dict[str, int]:
    known = found.get(form)
    if known is not None:
        return known
    if isinstance(form, Name):
        return {form.name: 1}
    total: dict[str, int] = {}
    for part in form.args:
        for key, times in _times_in(part, found).items():
            total[key] = total.get(key, 0) + times
    found[form] = total
    return total


def _is_long(form: Form) -> bool:
    return len(walk(form)) > 2


def _is_part(node: Node, users: Sequence[Node]) -> bool:
    """Return whether a named entry is only continued under the same name: ``loss = a; loss += b``."""
    if len(users) != 1 or users[0].path not in _INLINED or base_of(users[0]) != base_of(node):
        return False
    after = users[0]
    return bool(after.args) and after.args[0] is node and after.shape == node.shape and operands(after).count(node) == 1


# --- names ----------------------------------------------------------------------------------------------------------------


def _final_names(lowering: Lowering, variables: set[Node], choice: Choice) -> dict[str, str]:
    """Return a name for every key that stands in the network: the code's own, numbered where it held several things."""
    keyed = {f"v{n.number}": n for n in lowering.parameters} | {f"n{n.number}": n for n in variables}
    read = {n.name for form in lowering.forms.values() if isinstance(form, Form) for n in names_in(untyped(form))}
    spare = {k for k in read if k[0] == "v" and lowering.bindings[k].anonymous}
    keyed |= {k: lowering.log.nodes[int(k[1:])] for k in read if k[0] == "v" and k not in spare}
    groups: dict[str, list[tuple[str, Node]]] = {}
    for key, node in sorted(keyed.items(), key=lambda item: item[1].number):
        base = lowering.bindings[key].base if key in lowering.bindings else base_of(node)
        base = "loss" if node is choice.loss and not node.name else _clean(base or "c")
        groups.setdefault(base, []).append((key, node))
    final: dict[str, str] = {}
    taken: set[str] = set()
    for base, members in sorted(groups.items(), key=lambda item: len(item[1])):
        for (key, _), label in zip(
            members, _labels(base, [n for _, n in members], lowering, taken, set(groups)), strict=True
        ):
            final[key] = label
            taken.add(label)
    literals = sorted((k for k in read if k[0] == "c" or k in spare), key=lambda k: (k[0] == "c", int(k[1:])))
    count = 0
    for key in literals:
        count += 1
        while (label := "c" if len(literals) == 1 and count == 1 else f"c{count}") in taken:
            count += 1
        final[key] = label
        taken.add(label)
    return final


def _clean(name: str) -> str:
    """Return a name as one that a network can have."""
    try:
        return check_name(name)
    except NetworkError:
        made = re.sub(r"\W", "_", name).strip("_") or "u"
        return made if made[0].isalpha() else f"u_{made}"


def _labels(base: str, nodes: Sequence[Node], lowering: Lowering, taken: set[str], bases: set[str]) -> list[str]:
    """Return names for what one name of the code held, in order."""
    indices = [_index(n) for n in nodes]
    if len(nodes) == 1 and indices[0] is None and base not in taken:
        return [base]
    if all(i is not None for i in indices) and len(set(indices)) == len(indices):
        least = min(min(i for i in indices if i is not None), 0)
        numbered = [f"{base}{i - least}" for i in indices if i is not None]
    else:
        first = nodes[0]
        starts = (first.run is None or first not in lowering.dependent) and any(
            n in lowering.dependent and n not in lowering.parameters for n in nodes
        )
        if starts and is_data_name(base) and base not in taken:
            numbered = [base, *(f"{base}{k}" for k in range(1, len(nodes)))]
        else:
            numbered = [f"{base}{k}" for k in range(0 if starts else 1, len(nodes) + (0 if starts else 1))]
    if base[-1:].isdigit() or any(n in taken or (n != base and n in bases) for n in numbered):
        numbered = [f"{base}_{k}" for k in range(1, len(nodes) + 1)]
        while any(n in taken or n in bases for n in numbered):
            numbered = [f"{n}_" for n in numbered]
    return numbered


def _index(node: Node) -> int | None:
    found = re.fullmatch(r".*\[(-?\d+)\]", node.name)
    return int(found[1]) if found else None


# --- what is said -----------------------------------------------------------------------------------------------------------


def _say(
    net: Network, lowering: Lowering, choice: Choice, final: Mapping[str, str], source: str, read: set[str]
) -> None:
    log = lowering.log
    named = [final[f"v{n.number}"] for n in choice.parameters if n in lowering.parameters]
    parameters = [n for n in named if n in net.variables]
    choices = [
        source,
        f"loss: {net.loss} ({choice.why_loss})"
        if net.loss
        else f"result: {final[f'n{choice.loss.number}']} ({choice.why_loss})",
        f"parameters: {', '.join(parameters)} ({choice.why_parameters})",
    ]
    data = [v for v in net.variables if net.variables[v].role == "input"]
    if data:
        shown = data if len(data) <= _MOST_DATA else [*data[: _MOST_DATA - 2], "…", data[-1]]
        choices.append(f"data: {', '.join(shown)} (change with wrt=, --wrt)")
    titles = {
        name: log.titles[log.nodes[int(k[1:])]]
        for k, name in final.items()
        if k[0] == "v" and log.nodes[int(k[1:])] in log.titles
    }
    net.aliases.update({v: k for k, v in titles.items() if k in net.variables and v not in net})
    placed = [f"{k} = {v}" for k, v in titles.items() if k in net.variables and k != v]
    if placed:
        choices.append(", ".join(placed if len(placed) <= _MOST_DATA else [*placed[:4], "…", *placed[-2:]]))
    net.choices = tuple(choices)
    moment = choice.loss.number
    findings: list[Finding] = []
    for line, what in dict.fromkeys((n.site.line, title(n)) for n in lowering.selected if f"n{n.number}" in read):
        held = f"{what} picks entries by their order in this run; the formulas hold as long as the order does"
        findings.append(Finding(line or None, (), held))
    findings += [Finding(line or None, (), said) for line, said in lowering.told]
    for node in lowering.constant_here:
        findings.append(
            Finding(
                node.site.line or None,
                (),
                f"{_called(node)} is computed from parameters and constant near this point; no gradient passes it",
            )
        )
    decided = _decided(lowering, moment)
    if lowering.log.cut:
        cut = lowering.log.cut
        held = f"the run was ended after {cut}; what the code would have computed later is not seen"
        findings.append(Finding(None, (), held))
    if len(decided) > _MOST_DECISIONS:
        more = len(decided) - _MOST_DECISIONS
        findings.append(Finding(None, (), f"{more} more decisions of this run rest on values of the parameters"))
    for line, name, why in list(decided)[:_MOST_DECISIONS]:
        findings.append(
            Finding(
                line or None,
                (),
                f"this way was taken because of {name}: {why}; the formulas hold as long as it is so",
            )
        )
    net.findings = tuple(sorted(findings, key=lambda f: f.line or 0))


def _decided(lowering: Lowering, moment: int) -> dict[tuple[int, str, str], None]:
    """Return which ways were taken because of values that depend on parameters, up to a moment: line, name and why."""
    decided: dict[tuple[int, str, str], None] = {}
    reached = lowering.parameters | depending(lowering.log.nodes[: moment + 1], lowering.parameters)
    for decision in lowering.log.decisions:
        if decision.moment <= moment and decision.node in reached:
            decided[decision.site.line, _called(decision.node), decision.said] = None
    return decided


def _called(node: Node) -> str:
    return base_of(node) or title(node)
