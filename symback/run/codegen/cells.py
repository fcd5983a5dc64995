"""Cells of a notebook: the values, the generated function, its run, and a check by central differences."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from symback.core.forms import Size
from symback.core.room import parsed
from symback.derivation.record import Record
from symback.networks.facts import FACTS
from symback.networks.network import NamedNetwork, Variable
from symback.run.codegen import Comment, Generated, generate
from symback.run.codegen.program import default_arguments, fresh

ROOM = 4000
"""Entries of values that a cell spells out; more, and unknown values, are drawn at random."""
_WIDTH = 100
_SMALLEST = 4
"""The first symbolic size, where none is known; the next is one more, so that no two are equal."""

_CHECK = """
def {difference}(position, gradient, step=1e-6):
    \"\"\"Return the largest difference of a gradient from central differences of the loss (of at most 50 entries).\"\"\"
    arguments = [{arguments}]
    value = np.array(arguments[position], float)
    worst = 0.0
    for k in np.unique(np.linspace(0, value.size - 1, min(value.size, 50)).astype(int)):
        losses = []
        for sign in (1, -1):
            moved = value.copy()
            moved.flat[k] += sign * step
            arguments[position] = moved if moved.ndim else moved.item()
            losses.append({entry}(*arguments)[0])
        worst = max(worst, abs((losses[0] - losses[1]) / (2 * step) - np.ravel(gradient)[k]))
    return worst


for {row} in {rows}:
    print(f"{{{row}[0]}}: {{{difference}({row}[1], {row}[2]):.1e}}")
""".strip()


def cells(record: Record, values: Mapping[str, Any] | None = None, comment: Comment | None = None) -> tuple[str, ...]:
    """Return source texts that run one after the other: values, function, run, check.

    Values that are not given are the network's own; where one is unknown it is drawn at random, and a symbolic size is
    a small number.

    >>> from symback.derivation.record import derive_record
    >>> from symback.networks.naming import name_equations
    >>> from symback.networks.network import Network
    >>> net = Network()
    >>> _ = net.define("L", (net.input("x") * net.parameter("w")) ** 2)
    >>> print(cells(derive_record(name_equations(net)), {"x": 3.0, "w": 0.5})[0])
    import numpy as np
    <BLANKLINE>
    x = 3.0
    w = 0.5
    """
    network = record.network
    known = {**network.values, **(values or {})}
    variables = default_arguments(record)
    made = generate(record, args=variables, comment=comment)
    taken = {made.entry, *made.helpers, "np", "math", "rng"}
    arguments = tuple(fresh(argument.arg, taken) for argument in _function(made).args.args)
    spelled = _spelled(network, dict(zip(variables, arguments, strict=True)), known)
    loss = fresh("loss", taken)
    gradients = {name: fresh(f"d{name}", taken) for name in record.wrt}
    run = [
        f"{', '.join([loss, *gradients.values()])} = {made.entry}({', '.join(arguments)})",
        f'print("{loss} =", {loss})',
    ]
    for name, label in gradients.items():
        below = r', sep="\n"' if network.variables[name].shape else ""
        run.append(f'print("{label} =", {label}{below})')
    rows = ", ".join(f'("{label}", {variables.index(name)}, {label})' for name, label in gradients.items())
    check = _CHECK.format(
        difference=fresh("difference", taken),
        arguments=", ".join(arguments),
        entry=made.entry,
        row=fresh("row", taken),
        rows=f"[{rows}]",
    )
    return ("import numpy as np\n\n" + "\n".join(spelled), made.source.strip(), "\n".join(run), check)


def _function(made: Generated) -> ast.FunctionDef:
    found = (node for node in parsed(made.source).body if isinstance(node, ast.FunctionDef) and node.name == made.entry)
    return next(found)


def _spelled(network: NamedNetwork, arguments: Mapping[str, str], known: Mapping[str, Any]) -> list[str]:
    """Return assignments of all arguments; unknown ones are drawn in (0.1, 1), where logarithms and roots are defined."""
    small = sum(np.size(known.get(name, 0.0)) for name in arguments) <= ROOM
    if small and all(name in known for name in arguments):
        return [f"{argument} = {_literal(known[name])}" for name, argument in arguments.items()]
    sizes: dict[Size, int] = {}
    for name in arguments:
        sizes.update(zip(network.variables[name].shape, np.shape(known[name]) if name in known else (), strict=False))
    lines = ["rng = np.random.default_rng(0)"]
    for name, argument in arguments.items():
        variable = network.variables[name]
        if name in known and small:
            lines.append(f"{argument} = {_literal(known[name])}")
            continue
        shape = tuple(
            s if isinstance(s, int) else sizes.setdefault(s, network.sizes.get(str(s), _SMALLEST + len(sizes)))
            for s in variable.shape
        )
        lines.append(f"{argument} = {_drawn(network, variable, shape)}")
    return lines


def _drawn(network: NamedNetwork, variable: Variable, shape: tuple[int, ...]) -> str:
    if variable.integer:
        return f"np.zeros({shape}, int)"
    facts = [f for f in network.assumptions if f.name == variable.name]
    if facts and len(shape) == 2:
        axis = facts[0].axis % 2
        count = {"classes": shape[axis], "rows": shape[1 - axis], "turned": "" if axis else ".T"}
        return FACTS[facts[0].kind].code.format(shape=shape, **count)
    return f"rng.uniform(0.1, 1.0, {shape})" if shape else "rng.uniform(0.1, 1.0)"


def _literal(value: Any) -> str:
    array = np.asarray(value)
    if not array.ndim:
        return repr(array.item())
    short = f"np.array({array.tolist()!r})"
    if len(short) <= _WIDTH and array.size:
        return short
    text = np.array2string(
        array, separator=", ", floatmode="unique", threshold=array.size + 1, max_line_width=_WIDTH, prefix="np.array("
    )
    return f"np.array({text})" if array.size else f"np.zeros({array.shape})"
