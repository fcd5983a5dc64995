"""What is known of the operations on numbers, one place per fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

ORDERINGS = ("greater", "less", "greater_equal", "less_equal")
"""Comparisons by size."""
RELATIONS = (*ORDERINGS, "equal", "not_equal")
"""Comparisons: 1 where they hold, else 0."""
CHOICES = frozenset({"where", *RELATIONS})
"""Operations that jump where a condition changes."""
LINEAR = ("add", "subtract", "negative")
"""Operations that are linear in all their operands together."""
ARITHMETIC = (*LINEAR, "multiply", "divide")
"""The four operations and the sign."""
ELEMENTARY = ("exp", "log", "sqrt", "sin", "cos")
"""Functions of one number that NumPy and SymPy have under these names."""


class Stated(NamedTuple):
    """A function of numbers that no formula of simpler ones defines: what SymPy, which has its derivative, and mpmath call it."""

    sympy: str
    mpmath: str
    arguments: int = 1
    options: tuple[tuple[str, int], ...] = ()


STATED: Mapping[str, Stated] = {
    **{op: Stated(op, op) for op in ("erf", "erfc", "erfi", "erfinv")},
    **{op: Stated(op.replace("arc", "a"), op.replace("arc", "a")) for op in ("arctan", "arcsin", "arccos")},
    **{op: Stated(op.replace("arc", "a"), op.replace("arc", "a")) for op in ("arcsinh", "arccosh", "arctanh")},
    "arctan2": Stated("atan2", "atan2", 2),
    "gamma_function": Stated("gamma", "gamma"),
    "log_gamma": Stated("loggamma", "loggamma"),
    "polygamma": Stated("polygamma", "psi", 2),
    "upper_gamma": Stated("uppergamma", "gammainc", 2),
    "bessel_j": Stated("besselj", "besselj", 2),
    "bessel_y": Stated("bessely", "bessely", 2),
    "bessel_i": Stated("besseli", "besseli", 2),
    "bessel_k": Stated("besselk", "besselk", 2),
    "exponential_integral": Stated("Ei", "ei"),
    "generalized_exponential_integral": Stated("expint", "expint", 2),
    "sine_integral": Stated("Si", "si"),
    "cosine_integral": Stated("Ci", "ci"),
    "hyperbolic_sine_integral": Stated("Shi", "shi"),
    "hyperbolic_cosine_integral": Stated("Chi", "chi"),
    "fresnel_s": Stated("fresnels", "fresnels"),
    "fresnel_c": Stated("fresnelc", "fresnelc"),
    "lambert_w": Stated("LambertW", "lambertw"),
    "airy_ai": Stated("airyai", "airyai"),
    "airy_ai_prime": Stated("airyaiprime", "airyai", 1, (("derivative", 1),)),
    "airy_bi": Stated("airybi", "airybi"),
    "airy_bi_prime": Stated("airybiprime", "airybi", 1, (("derivative", 1),)),
    "elliptic_k": Stated("elliptic_k", "ellipk"),
    "elliptic_e": Stated("elliptic_e", "ellipe"),
}
"""Functions that are known by their names: each has the name of the row of the tables that it defines."""

FAMILIES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(ARITHMETIC, frozenset({"arithmetic"})),
    **{op: frozenset({op}) for op in (*ELEMENTARY, *STATED)},
    **dict.fromkeys(("power", "sqrt"), frozenset({"powers"})),
    **dict.fromkeys(("where", *ORDERINGS), frozenset({"choices"})),
    **dict.fromkeys(("equal", "not_equal"), frozenset({"equalities"})),
}
"""Operations that can stand for each other, as a root for a power and a comparison for a choice."""
