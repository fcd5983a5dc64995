"""The public requests as derivations: each loss as it was written, derived by what was asked."""

from __future__ import annotations

import ast
from typing import Any

import symback as sb
from tests.support.accepted_formulas import REQUESTS, Request
from tests.support.printed_formulas import ASSUMED, COMPUTED

NUMBERED = [(r.number, [q.number for q in REQUESTS[:k]].count(r.number) + 1) for k, r in enumerate(REQUESTS)]
READ = list(zip(NUMBERED, REQUESTS, strict=True))


def last_name(text: str) -> str:
    """Return the name that the last line of a text assigns."""
    statement = ast.parse(text).body[-1]
    assert isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    return statement.targets[0].id


def derived(key: tuple[int, int], request: Request) -> sb.Derivation:
    """Return the derivation of one loss of a request."""
    variables = COMPUTED.get(key, [v for v in request.variables if " " not in v])
    if not request.sympy_or_numpy.startswith("import sympy"):
        return sb.derive(sb.parse(request.sympy_or_numpy, wrt=variables))
    scope: dict[str, Any] = {}
    exec(request.sympy_or_numpy, scope)
    net = sb.network(scope[last_name(request.sympy_or_numpy)])
    for label, fact in ASSUMED.get(key, {}).items():
        net.assume(fact, label)
    return sb.derive(net, wrt=variables)
