"""The lessons on every cell of the lecture notes, made once."""

from __future__ import annotations

from functools import cache

import sympy as sp

import symback as sb
from symback.documents.document import Document
from symback.documents.lesson import Plan, lesson
from tests.support import seed_cells


def chain() -> sb.Derivation:
    x, t, w1, w2, h, y, E = sp.symbols("x t w1 w2 h y E")
    f = sp.Function("f")
    net = sb.network([sp.Eq(h, f(x * w1)), sp.Eq(y, f(h * w2)), sp.Eq(E, (t - y) ** 2 / 2)])
    return sb.derive(net, wrt=[w1, w2])


@cache
def seed(name: str) -> sb.Derivation:
    """Return the derivation of a cell, or of the chain of two factors that is made in SymPy."""
    if name == "chain":
        return chain()
    return seed_cells.derivation(name)


LESSONS = ("chain", *seed_cells.NAMES)


@cache
def made(name: str, language: str = "en", level: str = "standard", numbers: bool | None = None) -> Document:
    return lesson(seed(name).record, Plan(level, language, numbers=numbers))


def deep(layers: int, scalar: bool = False, odd: int = 0) -> sb.Derivation:
    """Return a deep network whose layers are alike but for the activation of one."""
    net = sb.Network()
    a = net.input("x") if scalar else net.input("x", ("n", 8))
    t = net.input("t") if scalar else net.input("t", ("n", 8))
    for k in range(1, layers + 1):
        W, b = (
            (net.parameter(f"W{k}"), net.parameter(f"b{k}"))
            if scalar
            else (net.parameter(f"W{k}", (8, 8)), net.parameter(f"b{k}", (8,)))
        )
        z = net.define(f"z{k}", a * W + b if scalar else a @ W + b)
        a = net.define(f"a{k}", sb.tanh(z) if k == odd else sb.sigmoid(z))
    net.define("L", sb.mean((a - t) ** 2))
    return sb.derive(net)
