"""Derivatives as textbooks write them: in terms of named outputs, by known functions, collapsed where two steps cancel.

Nothing here knows a derivative. ``in_output`` solves a definition for its transcendental part (from a = 1/(1+e^-z)
follows e^-z = (1-a)/a, hence a(1-a)); ``identify`` finds the table's functions in formulas by evaluating both to thirty
digits; ``compose`` multiplies the local derivatives of two equations so that they can cancel.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symback.core.errors import DerivationError, SymbackError
from symback.core.forms import (
    Apply,
    Broadcast,
    Constant,
    Expand,
    Filled,
    Form,
    Function,
    Name,
    Number,
    Prime,
    Reduce,
    SizeOf,
    apply,
    broadcast_to,
    factors,
    name,
    number,
    prime_value,
    product_of,
    rebuild,
    signed_sum,
    substitute,
    walk,
)
from symback.core.operations import CHOICES, FAMILIES, STATED
from symback.engine.calculus import Partial, Term, contribution_terms, hide, partials
from symback.engine.elements import Access, Held, Index, Indicator, Literal, Mark, Opaque, Peak, Select, Total, lower
from symback.engine.exponents import squashed
from symback.engine.identities import signs_out
from symback.engine.interpreter import evaluate, exact_arithmetic
from symback.engine.recognition import leaves_of_forms, recognize
from symback.functions import ROWS, edition

_OPAQUE = (Access, Total, Peak, Opaque, Select, Indicator, Literal)


# --- in terms of the output -------------------------------------------------------------------------------------------


def in_output(coefficient: Any, definition: Any, out: Sequence[Index], output: str) -> Any:
    """Return the coefficient rewritten with entries of ``output`` where that is shorter, else unchanged.

    ``definition`` is the output's entry at ``out``. A generator g (an exponential or a root) is solved from
    y = R(g) where R is a ratio of linear functions of g, and every g in the coefficient is replaced, with its indices
    matched. Rewritings that put anything but the output into a denominator are refused.
    """
    y = Access(output, *out)
    if isinstance(definition, Access) and isinstance(definition.args[0], Held):
        # an entry of the equation's own call is an entry of its output, at any indices
        own = {a: Access(output, *a.indices) for a in coefficient.atoms(Access) if a.args[0] == definition.args[0]}
        return coefficient.xreplace(own)
    if isinstance(definition, sp.log) and isinstance(definition.args[0], sp.Add) and definition.has(Total):
        # from y = log(1 + Σ e^z) follows 1 / (1 + Σ e^z) = e^−y
        factors = sp.Mul.make_args(coefficient)
        if 1 / definition.args[0] in factors:
            exponent = sp.Add(-y, *[f.args[0] for f in factors if isinstance(f, sp.exp)])
            rest = [f for f in factors if f != 1 / definition.args[0] and not isinstance(f, sp.exp)]
            return sp.Mul(*rest, sp.exp(exponent))
    sources = [(definition, y)]
    if isinstance(definition, (sp.log, sp.Add)) and definition.has(sp.log):
        sources.append((sp.exp(definition), sp.exp(y)))
    for source, value_of in sources:
        short = _rewritten(coefficient, source, value_of, out, output)
        if short is not None:
            return short
    return coefficient


def _rewritten(coefficient: Any, definition: Any, y: Any, out: Sequence[Index], output: str) -> Any:
    for generator, exponent_of in _generators(definition):
        g = sp.Dummy("g", positive=True)
        marked = _with_generator(definition, generator, g, exponent_of)
        if marked is None:
            continue
        hidden, back = hide(marked, _OPAQUE)
        power = _common_power(hidden, g)
        if power == 0:
            continue
        root = sp.Dummy("G", positive=True)
        reduced = sp.together(hidden.subs(g, root ** sp.Rational(1, power)) if power != 1 else hidden.subs(g, root))
        numerator, denominator = sp.fraction(sp.powdenest(reduced, force=True))
        equation = (
            sp.Poly(sp.expand(numerator - sp.Dummy("y") * denominator), root)
            if _is_poly(numerator, denominator, root)
            else None
        )
        if equation is None or equation.degree() != 1:
            continue
        value = sp.Symbol("_value", real=True)
        c1 = sp.expand(numerator - value * denominator).coeff(root, 1)
        c0 = sp.expand(numerator - value * denominator).coeff(root, 0)
        solution = (-c0 / c1).xreplace(back).xreplace({value: y})
        rewritten = _replace_generators(coefficient, definition, generator, exponent_of, solution, power, out)
        if rewritten is None:
            continue
        short = tidy(rewritten)
        if _cost(short) < _cost(coefficient) and _denominators_only(short, output):
            return short
    return None


def _is_poly(numerator: Any, denominator: Any, g: Any) -> bool:
    return bool(numerator.is_polynomial(g) and denominator.is_polynomial(g))


def _cost(expression: Any) -> int:
    return sum(1 + isinstance(n, (sp.exp, sp.Pow)) for n in sp.preorder_traversal(hide(expression, _OPAQUE)[0]))


def _denominators_only(expression: Any, output: str) -> bool:
    hidden, back = hide(expression, _OPAQUE)
    _, denominator = sp.fraction(sp.together(hidden))
    if denominator.is_number:
        return True
    return bool(
        not isinstance(denominator, sp.Add)
        and all(
            isinstance(back[s], Literal) or (isinstance(back[s], Access) and back[s].array == output)
            for s in denominator.free_symbols
            if s in back
        )
    )


@lru_cache(maxsize=64)
def _generators(definition: Any) -> list[tuple[Any, Callable[[Any], Any]]]:
    """Return candidates (generator, exponent): how many generators a node is worth, or None."""
    found: list[tuple[Any, Callable[[Any], Any]]] = []
    bases: dict[Any, None] = {}
    for node in _visible(definition):
        if isinstance(node, sp.exp):
            argument = node.args[0]
            base = -argument if argument.could_extract_minus_sign() else argument
            bases.setdefault(base)
    for base in bases:

        def exponent(node: Any, base: Any = base) -> Any:
            if not isinstance(node, sp.exp):
                return None
            ratio = node.args[0] / base
            return ratio if isinstance(ratio, sp.Integer) else None

        found.append((sp.exp(base), exponent))
    for node in _visible(definition):
        if (
            isinstance(node, sp.Pow)
            and isinstance(node.exp, sp.Rational)
            and node.exp.q == 2
            and not node.base.is_number
        ):

            def half(other: Any, base: Any = node.base) -> Any:
                if isinstance(other, sp.Pow) and other.base == base and isinstance(other.exp, sp.Rational):
                    return other.exp * 2
                return None

            found.append((sp.sqrt(node.base), half))
            break
    return found


def _visible(expression: Any) -> list[Any]:
    result: list[Any] = []
    stack = [expression]
    while stack:
        node = stack.pop()
        result.append(node)
        if not isinstance(node, _OPAQUE):
            stack.extend(node.args)
    return result


def _with_generator(expression: Any, generator: Any, g: Any, exponent: Callable[[Any], Any]) -> Any:
    swap: dict[Any, Any] = {}
    for node in _visible(expression):
        count = exponent(node)
        if count is not None:
            swap[node] = g**count
        elif isinstance(node, sp.exp):
            return None
    return _replace_visible(expression, swap)


def _replace_visible(expression: Any, swap: Mapping[Any, Any]) -> Any:
    if expression in swap:
        return swap[expression]
    if isinstance(expression, _OPAQUE) or not expression.args:
        return expression
    return expression.func(*[_replace_visible(a, swap) for a in expression.args])


def _common_power(hidden: Any, g: Any) -> int:
    powers = []
    for node in sp.preorder_traversal(sp.together(hidden)):
        if isinstance(node, sp.Pow) and node.base == g:
            powers.append(int(node.exp))
        elif node == g:
            powers.append(1)
    numerator, denominator = sp.fraction(sp.together(sp.expand(sp.together(hidden))))
    terms = []
    for side in (sp.expand(numerator), sp.expand(denominator)):
        terms += [sp.Poly(side, g).monoms()] if side.is_polynomial(g) else []
    exponents = [m[0] for group in terms for m in group if m[0]]
    return int(sp.igcd(*exponents)) if len(exponents) > 1 else (exponents[0] if exponents else 0)


def _replace_generators(
    coefficient: Any,
    definition: Any,
    generator: Any,
    exponent: Callable[[Any], Any],
    solution: Any,
    power: int,
    out: Sequence[Index],
) -> Any:
    swap: dict[Any, Any] = {}
    root = solution if power == 1 else None
    for node in _visible(coefficient):
        count = exponent(node)
        if count is not None:
            if power != 1 and count % power == 0:
                swap[node] = solution ** (count // power)
            elif root is not None:
                swap[node] = root**count
            else:
                g = solution ** sp.Rational(1, power)
                swap[node] = g**count
        elif isinstance(node, sp.exp):
            moved, count = _matched(generator, node, out), 1
            if moved is None:
                moved, count = _matched(generator, sp.exp(-node.args[0]), out), -1
            if moved is None or count % power:
                return None
            for part in _totals(solution):
                if part.xreplace(moved) != part:
                    return None
            swap[node] = (solution ** (count // power)).xreplace(moved)
    return _replace_visible(coefficient, swap)


def _totals(expression: Any) -> list[Any]:
    return [n for n in _visible(expression) if isinstance(n, (Total, Peak))]


def _matched(generator: Any, node: Any, out: Sequence[Index]) -> dict[Any, Any] | None:
    """Return the index renaming that turns the generator into ``node``, or None."""
    there = [i for a in node.atoms(Access) for i in a.indices]
    here = [i for a in generator.atoms(Access) for i in a.indices]
    if len(generator.atoms(Access)) != 1 or len(there) != len(here):
        return None
    moved = {h: t for h, t in zip(here, there, strict=True) if h != t and isinstance(h, Index)}
    return moved if moved and generator.xreplace(moved) == node else None


def tidy(expression: Any) -> Any:
    """Return the expression cancelled and factored over its entries, with factors like 1 - a rather than -(a - 1)."""
    hidden, back = hide(expression, _OPAQUE)
    flat = sp.cancel(sp.together(sp.powdenest(hidden, force=True)))
    rational = sp.factor(flat)
    if _occurrences(flat) < _occurrences(rational):
        rational = flat
    return upright(rational).xreplace(back)


def factored(expression: Any) -> Any:
    """Return a polynomial as a product where that names fewer entries: 2h(1 − h)² − 2h²(1 − h) is 2h(1 − h)(1 − 2h)."""
    if not isinstance(expression, (sp.Add, sp.Mul)):
        return expression
    hidden, back = hide(expression, _OPAQUE)
    symbols = sorted(hidden.free_symbols, key=str)
    if not symbols or not hidden.is_polynomial(*symbols):
        return expression
    rational = sp.factor(hidden)
    return _turned(rational).xreplace(back) if _occurrences(rational) < _occurrences(hidden) else expression


def _turned(product: Any) -> Any:
    """Return a product with 1 − h for h − 1 where the signs come out even: (h − 1)(2h − 1) is (1 − h)(1 − 2h)."""
    factors = list(sp.Mul.make_args(product))
    places = [k for k, factor in enumerate(factors) if ends_in_minus(factor)]
    for k in places[: len(places) - len(places) % 2]:
        factors[k] = sp.Add(*(-t for t in factors[k].args))
    return upright(sp.Mul(*factors))


def ends_in_minus(factor: Any) -> bool:
    """Return True for a sum like h − 1, which is written 1 − h where its sign can stand elsewhere."""
    if not isinstance(factor, sp.Add):
        return False
    number, rest = factor.as_coeff_Add()
    return bool(number.is_negative) and not rest.could_extract_minus_sign()


def _occurrences(expression: Any) -> int:
    return sum(1 for n in sp.preorder_traversal(expression) if isinstance(n, sp.Symbol))


def upright(product: Any) -> Any:
    """Return a product whose minus sign is taken into a difference: -a(a - 1) becomes a(1 - a)."""
    factors = list(sp.Mul.make_args(product))
    coefficient = factors[0] if factors[0].is_Number else sp.S.One
    if not coefficient.is_negative:
        return product
    for k, factor in enumerate(factors):
        base, power = factor.as_base_exp()
        if isinstance(base, sp.Add) and power == 1 and any(t.could_extract_minus_sign() for t in base.args):
            flipped = sp.Add(*[-t for t in base.args])
            rest = [f for j, f in enumerate(factors) if j not in (0, k)]
            return sp.Mul(-coefficient, *rest, flipped, evaluate=True)
    return product


# --- derivatives of table functions -----------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _prime_template(prime: Prime, order: Constant | None = None) -> tuple[Form, bool]:
    """Return f' as a Form of ``_0``, ``_1``, … and ``_output``, and whether it uses the output.

    ``order`` is the first argument where that is a number, as in J₀(x): what is computed from it is a number as well.
    """
    function = prime.function
    if function.definition is None:
        raise DerivationError(f"{function.name} is undefined, its derivative stays {function.name}'")
    leaves: list[Form] = [name(f"_{k}") for k in range(function.arguments)]
    if order is not None:
        leaves[0] = number(order)
    body = function.definition(*leaves, **function.parameters)
    definition = lower(body)
    found = partials(definition, f"_{prime.position}")
    coefficient = sp.Add(*[p.coefficient for p in found])
    known = {leaf.name: leaf for leaf in [*leaves, name("_output")] if isinstance(leaf, Name)}
    what = f"the derivative of {function.name}"
    coefficient = _with_absolute(coefficient)
    form = recognize([Term(coefficient, (), ())], (), (), known, what)
    # a function of the table comes first: softplus' is sigmoid, which no rewriting in the output evaluates as safely
    named = identified(form, exclude=function)
    named = squashed(form) if named is None else named
    if named is not None:
        return named, False
    short = in_output(coefficient, definition, (), "_output")
    if short is not coefficient:
        return recognize([Term(short, (), ())], (), (), known, what), True
    found_form = recognize([Term(_select_tidy(coefficient), (), ())], (), (), known, what)
    return names_first(substitute(found_form, _inner_prime)), False


def _inner_prime(node: Form) -> Form | None:
    """Return the derivative of a function inside a definition in its own output: σ′(x) as σ(x)(1 − σ(x))."""
    if not (isinstance(node, Apply) and isinstance(node.op, Prime)) or node.op.function.definition is None:
        return None
    args = tuple(substitute(a, _inner_prime) for a in node.args)
    return prime_form(node.op, args, apply(node.op.function, *args))


def names_first(form: Form) -> Form:
    """Return the form with names in front of their products with calls, x σ(x) for σ(x) x, and a − (a − b) as b."""

    def change(node: Form) -> Form | None:
        if (
            isinstance(node, Apply)
            and node.op == "subtract"
            and isinstance(node.args[1], Apply)
            and node.args[1].op == "subtract"
            and node.args[1].args[0] is node.args[0]
            and node.args[1].args[1].shape == node.shape
        ):
            return names_first(node.args[1].args[1])
        if not (isinstance(node, Apply) and node.op == "multiply"):
            return None
        found = [names_first(f) for f in factors(node)]
        return product_of(sorted(found, key=lambda f: not isinstance(f, (Number, Name))))

    return substitute(form, change)


def _with_absolute(coefficient: Any) -> Any:
    """Return the coefficient with u sign(u) written as |u|, where this leaves no sign: of u / (1 + |u|) is 1 / (1 + |u|)²."""
    signs = [n for n in coefficient.atoms(Opaque) if n.op == Prime(ROWS["absolute"], 0)]
    if not signs:
        return coefficient
    swap = {n: Opaque(Mark(ROWS["absolute"]), n.args[1]) / n.args[1] for n in signs}
    short = tidy(coefficient.xreplace(swap))
    _, denominator = sp.fraction(sp.together(hide(short, (Opaque,))[0]))
    divided = any(denominator.has(access) for n in signs for access in n.args[1].atoms(Access))
    return coefficient if divided or _cost(short) >= _cost(coefficient) else short


def _select_tidy(coefficient: Any) -> Any:
    """Return the coefficient tidied where it is a plain rational expression, else as it is."""
    if coefficient.atoms(Select, Indicator, Opaque, sp.exp):
        return coefficient
    short = tidy(coefficient)
    return short if _cost(short) <= _cost(coefficient) else coefficient


def prime_form(prime: Prime, args: tuple[Form, ...], output: Form | None = None) -> Form:
    """Return the derivative of a table function as a Form of its arguments, or of its output where that is shorter.

    >>> prime_form(Prime(ROWS["sigmoid"], 0), (name("z"),), name("a"))
    a * (1 - a)

    Raises DerivationError for an undefined function.
    """
    stated = prime.function.name in STATED
    first = args[0].value if len(args) > 1 and stated and isinstance(args[0], Number) else None
    # SymPy writes a function of a broken order as a formula of others
    template, _ = _prime_template(prime, first if isinstance(first, int) else None)
    shape_source = apply(prime.function, *args)
    y = output if output is not None else shape_source

    def change(node: Form) -> Form | None:
        if isinstance(node, Name) and node.name.startswith("_"):
            if node.name == "_output":
                return y
            return args[int(node.name[1:])]
        return None

    result = substitute(template, change)
    if any(isinstance(a, Number) and a.value == 1 for a in args):
        result = _without_ones(result)
    if stated and len(args) > 1:
        result = substitute(result, _folded)
    if result.shape != shape_source.shape:
        result = broadcast_to(result, shape_source.shape)
    return result


prime_value.plug(prime_form)


def _folded(node: Form) -> Form | None:
    """Return a sum or a product of numbers as the number it is."""
    operation = _OF_NUMBERS.get(node.op) if isinstance(node, Apply) and isinstance(node.op, str) else None
    if operation is None:
        return None
    args = [substitute(a, _folded) for a in node.args]
    if not all(isinstance(a, Number) for a in args) or (node.op == "divide" and args[1].value == 0):  # type: ignore[attr-defined]
        return apply(str(node.op), *args)  # type: ignore[attr-defined]
    found = operation(*(Fraction(a.value) for a in args if isinstance(a, Number)))
    return number(int(found) if found.denominator == 1 else found)


_OF_NUMBERS: dict[str, Callable[..., Fraction]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
}


def _without_ones(form: Form) -> Form:
    """Return the form without factors and divisors 1, as α = 1 leaves them."""

    def change(node: Form) -> Form | None:
        if not (isinstance(node, Apply) and node.op in ("multiply", "divide")):
            return None
        left, right = (_without_ones(a) for a in node.args)
        if isinstance(right, Number) and right.value == 1:
            return left
        if isinstance(left, Number) and left.value == 1 and node.op == "multiply":
            return right
        return apply(node.op, left, right)

    return substitute(form, change)


def uses_output(prime: Prime) -> bool:
    """Return True where f' is written in terms of f, as σ' = σ(1 − σ)."""
    return _prime_template(prime)[1]


# --- identification ---------------------------------------------------------------------------------------------------

_POINTS = ("-3.7", "-1.3", "-0.21", "0.17", "0.9", "2.6", "7.3", "-8.1")
_GLUE = (Apply, Reduce, Expand, Number, SizeOf, Filled, Broadcast)
_DIGITS = 30
# mpmath's own context is one for all threads, and any of them may change its precision in between
_CONTEXT = mpmath.mp.clone()
_CONTEXT.dps = _DIGITS
_PRECISE = exact_arithmetic(_CONTEXT)
_memo: dict[tuple[Form, str, int], Form | None] = {}


def _may_be_a_row(form: Form) -> bool:
    """Return True where a form applies an operation that tells a row of the tables apart."""
    telling = _telling(edition())
    return any(not telling.isdisjoint(_families(node)) for node in _glue_nodes(form) if isinstance(node, Apply))


def _families(node: Apply) -> frozenset[str]:
    """Return the families of operations that one operation is built of."""
    if isinstance(node.op, str):
        whole = node.op == "power" and isinstance(node.args[1], Number) and isinstance(node.args[1].value, int)
        return _ARITHMETIC if whole else FAMILIES[node.op]
    return _built_of(node.op) if isinstance(node.op, Function) and node.op.definition is not None else _NO_FAMILY


_ARITHMETIC = FAMILIES["add"]
_NO_FAMILY: frozenset[str] = frozenset()


@lru_cache(maxsize=512)
def _built_of(row: Function) -> frozenset[str]:
    """Return the families of operations that the definition of a row applies to its arguments."""
    assert row.definition is not None
    for shape in ((), (3,), (2, 3), (2, 3, 4)):
        try:
            body = row.definition(*[name(f"_{k}", shape) for k in range(row.arguments)], **row.parameters)
        except Exception:  # a row along an axis has no meaning for a number; what it then does is its own affair
            continue
        variable = [n for n in walk(body) if isinstance(n, Apply) and any(isinstance(leaf, Name) for leaf in walk(n))]
        return frozenset[str]().union(*map(_families, variable))
    return _NO_FAMILY


@lru_cache(maxsize=8)
def _telling(edition: int) -> frozenset[str]:
    """Return the families that a formula must have one of to be a row: of each row those beyond arithmetic and powers.

    A row that has nothing else is told by its powers, and a polynomial by its arithmetic.
    """
    found: set[str] = set()
    for row in ROWS.values():
        if _is_candidate(row):
            built = _built_of(row)
            found |= built - _ARITHMETIC - FAMILIES["power"] or built - _ARITHMETIC or built
    return frozenset(found)


def _is_candidate(row: Function) -> bool:
    return not row.inline and row.definition is not None and row.recognized


def _glue_nodes(form: Form) -> list[Form]:
    """Return the nodes of ``form`` above anything that is not plain entrywise or reducing arithmetic."""
    seen: dict[Form, None] = {}
    stack = [form]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen[node] = None
        if isinstance(node, _GLUE):
            stack.extend(reversed(node.args))
    return list(seen)


def _argument_candidates(form: Form) -> list[Form]:
    """Return the sub-forms that everything variable in ``form`` passes through, the nearest to the leaves first."""
    nodes = _glue_nodes(form)

    def closed_without(stop: Form) -> bool:
        stack, seen = [form], set()
        while stack:
            node = stack.pop()
            if node is stop or node in seen:
                continue
            seen.add(node)
            if not isinstance(node, _GLUE):
                return False
            stack.extend(node.args)
        return True

    found = [n for n in nodes if n is not form and not isinstance(n, (Number, SizeOf, Filled)) and closed_without(n)]
    order = {node: k for k, node in enumerate(walk(form))}
    return sorted(found, key=lambda n: order[n])


def _points(shape: tuple[int, ...]) -> list[Any]:
    numbers = [_CONTEXT.mpf(p) for p in _POINTS]
    if not shape:
        return numbers
    count = int(np.prod(shape))
    stream = itertools.cycle(numbers)
    arrays = []
    # small arrays are many, so that as many entries are compared as there are points, of both signs
    for shift in range(0, 3 * max(2, -(-2 * len(numbers) // count)), 3):
        flat = [next(stream) * (1 + _CONTEXT.mpf(k + shift) / 7) for k in range(count)]
        array = np.empty(count, dtype=object)
        array[:] = flat
        arrays.append(array.reshape(shape))
    return arrays


def _bounds(form: Form, shape: tuple[int, ...]) -> list[Any]:
    """Return more points for a form with kinks: near 0, far out, and on both sides of every number in it.

    clip(x, 0, 10) is ReLU at all usual points, and it is not ReLU.
    """
    literal: dict[Any, None] = dict.fromkeys(abs(n.value) for n in walk(form) if isinstance(n, Number) and n.value != 0)
    sizes = [_CONTEXT.mpf(v) for v in ("1e-3", "31.7", "1234.5", "1e10")]
    for value in literal:
        exact = _PRECISE.number(value)
        sizes += [exact / 2, exact * 2]
    if not shape:
        return [sign * size for size in sizes for sign in (1, -1)]
    start = _points(shape)[0]
    return [start * size for size in sizes]


def _has_kink(form: Form) -> bool:
    return any(
        isinstance(n, Apply) and (n.op.kinks != "" if isinstance(n.op, Function) else n.op in CHOICES)
        for n in walk(form)
    )


def _values(form: Form, leaf: Name, points: Sequence[Any]) -> list[Any] | None:
    results = []
    for point in points:
        try:
            value = np.asarray(evaluate(form, {leaf.name: point}, {}, _PRECISE), dtype=object)
        except (ArithmeticError, TypeError, ValueError, SymbackError):
            return None
        results.append(value)
    return results


def _rounded(form: Form) -> bool:
    """Tell whether the form holds a constant rounded to a float, as √2 typed out or computed by the code."""
    return any(
        isinstance(n, Number)
        and isinstance(n.value, float)
        and n.value != math.pi
        and len(repr(n.value).strip("0.-")) > 14
        for n in walk(form)
    )


def _same(a: list[Any], b: list[Any], floor: int = 1, digits: int = _DIGITS - 6) -> bool:
    tolerance = _CONTEXT.mpf(10) ** -digits
    for x, y in zip(a, b, strict=True):
        if x.shape != y.shape:
            return False
        for u, v in zip(x.flat, y.flat, strict=True):
            # outside the domain, as of a root, values are complex: there both must be
            if hasattr(u, "_mpc_") != hasattr(v, "_mpc_"):
                return False
            if not abs(u - v) <= tolerance * (floor + abs(v)):
                return False
    return True


def _small(shape: Sequence[Any]) -> tuple[int, ...]:
    lengths = itertools.chain((3, 2, 4, 5), itertools.repeat(6))
    return tuple(1 if s == 1 else next(lengths) for s in shape)


def _row_candidates(
    shape: tuple[int, ...], numbers: Sequence[Any]
) -> list[tuple[Function, tuple[Any, ...], dict[str, Any]]]:
    found: list[tuple[Function, tuple[Any, ...], dict[str, Any]]] = []
    for row in ROWS.values():
        if not _is_candidate(row):
            continue
        if row.entrywise:
            extra = row.arguments - 1
            if extra == 0:
                found.append((row, (), {}))
            elif extra == len(row.defaults) == 1:
                usual = (n for n in row.defaults if n is not None)
                found.extend(
                    (row, (n,), {}) for n in dict.fromkeys((*usual, *(n for n in numbers if n not in (0, 1, -1))))
                )
        elif shape:
            for axis in range(len(shape)):
                if shape[axis] == 1:
                    continue
                if "keepdims" in row.parameters:
                    found.extend((row, (), {"axis": axis, "keepdims": k}) for k in (True, False))
                else:
                    found.append((row, (), {"axis": axis}))
    return found


def _row_body(
    row: Function, argument: Form, extra: tuple[Any, ...], parameters: tuple[tuple[str, Any], ...]
) -> Form | None:
    assert row.definition is not None
    try:
        return row.definition(argument, *[number(n) for n in extra], **dict(parameters))
    except SymbackError:
        return None


@lru_cache(maxsize=2048)
def _row_values(
    row: Function,
    extra: tuple[Any, ...],
    parameters: tuple[tuple[str, Any], ...],
    shape: tuple[int, ...],
    sign: int,
    count: int | None = None,
) -> list[Any] | None:
    """Return the values of a row at the points, or at the first ``count``, with a sign inside."""
    leaf = name("_u", shape)
    body = _row_body(row, leaf if sign > 0 else -leaf, extra, parameters)
    return None if body is None else _values(body, leaf, _points(shape)[:count])


def _same_beyond(form: Form, other: Form | None, leaf: Name, shape: tuple[int, ...]) -> bool:
    """Return True where a form without kinks need not be looked at further, or equals the other at all bounds."""
    if not _has_kink(form):
        return True
    points = _bounds(form, shape)
    mine = _values(form, leaf, points)
    theirs = None if other is None else _values(other, leaf, points)
    return mine is not None and theirs is not None and _same(mine, theirs, floor=0)


def identified(form: Form, exclude: Function | None = None) -> Form | None:
    """Return ``form`` as one call of a table function, where it equals one; else None.

    Both are evaluated to thirty digits at eight points (for functions along an axis, at arrays with at least as many entries).
    """
    if not _may_be_a_row(form):
        return None
    for argument in _argument_candidates(form):
        match = _match(form, argument, exclude)
        if match is not None:
            return match
    return None


def _match(form: Form, argument: Form, exclude: Function | None) -> Form | None:
    along_axis = any(isinstance(n, (Reduce, Expand)) for n in _glue_nodes(form))
    if form.shape != argument.shape and not along_axis:
        return None
    shape = _small(argument.shape) if along_axis else ()
    leaf = name("_u", shape)
    try:
        small = substitute(form, lambda node: leaf if node is argument else None)
    except SymbackError:
        return None
    key = (small, exclude.name if exclude else "", edition())
    if key not in _memo:
        _memo[key] = _search(small, leaf, shape, exclude)
    found = _memo[key]
    if found is None:
        return None
    made = substitute(found, lambda node: argument if node is leaf else None)
    if isinstance(made, Apply) and isinstance(made.args[0], Apply) and made.args[0].op == "negative":
        made = apply(made.op, signs_out(made.args[0]), *made.args[1:], **made.parameters)
    return made if made.shape == form.shape else None


def _search(small: Form, leaf: Name, shape: tuple[int, ...], exclude: Function | None) -> Form | None:
    values = _values(small, leaf, _points(shape))
    if values is None:
        return None
    numbers = [n.value for n in walk(small) if isinstance(n, Number)]
    digits = 13 if _rounded(small) else _DIGITS - 6
    # 1 / (1 + e^z) is σ(−z); elsewhere a sign inside is looked for in derivatives only
    reciprocal = (
        isinstance(small, Apply)
        and small.op in ("divide", "power")
        and not any(isinstance(n, Apply) and not isinstance(n.op, str) for n in walk(small))
    )
    signs = (1, -1) if exclude is not None or reciprocal else (1,)
    for row, extra, parameters in _row_candidates(shape, numbers):
        if row is exclude:
            continue
        if isinstance(small, Apply) and small.op is row:
            continue
        for sign in signs:
            given = tuple(sorted(parameters.items()))
            argument: Form = leaf if sign > 0 else -leaf
            first = _row_values(row, extra, given, shape, sign, 1)  # one point tells most rows apart
            if first is None or not _same(values[:1], first, digits=digits):
                continue
            other = _row_values(row, extra, given, shape, sign)
            if (
                other is not None
                and _same(values, other, digits=digits)
                and _same_beyond(small, _row_body(row, argument, extra, given), leaf, shape)
            ):
                return apply(row, argument, *[number(n) for n in extra], **parameters)
    return None


_MOST_TERMS = 12
"""No row of the tables is a sum of more terms."""


def identify(form: Form) -> Form:
    """Return ``form`` with every part that equals a table function replaced by its call, outermost first."""
    memo: dict[Form, Form] = {}
    lengths = _lengths_of_sums(form)

    def visit(node: Form, inside: bool = False) -> Form:
        """``inside`` tells whether the node begins a sum, which was looked at as a whole."""
        if node in memo:
            return memo[node]
        is_sum = isinstance(node, Apply) and node.op in ("add", "subtract")
        found = None
        if isinstance(node, Apply) and node.op == "log":
            inner = visit(node.args[0])
            if isinstance(inner, Apply) and isinstance(inner.op, Function) and not inner.op.elementary:
                memo[node] = apply("log", inner)
                return memo[node]
        long = lengths.get(node, 1) > _MOST_TERMS
        if (
            isinstance(node, _GLUE)
            and node.args
            and not (isinstance(node, Apply) and isinstance(node.op, Function) and not node.op.elementary)
        ):
            found = None if long else identified(node)
            if found is not None and any(_is_logarithm_of_call(n, visit) for n in _glue_nodes(node)):
                found = None  # what was written as −log σ(x) is that, not softplus(−x)
            if found is None and is_sum and not (inside and long):
                found = _identified_part(node)
            if found is None and isinstance(node, Apply) and node.op == "divide":
                reciprocal = identified(number(1) / node.args[1])
                found = squashed(node) if reciprocal is None else node.args[0] * reciprocal
        if found is not None:
            memo[node] = substitute_arguments(found, visit)
        else:
            memo[node] = substitute_arguments(node, lambda part: visit(part, is_sum))
        return memo[node]

    return visit(form)


def _is_logarithm_of_call(node: Form, visit: Callable[[Form], Form]) -> bool:
    """Return True for the logarithm of what is a function of the tables that needs a name, as σ spelled out."""
    if not (isinstance(node, Apply) and node.op == "log"):
        return False
    inner = visit(node.args[0])
    return isinstance(inner, Apply) and isinstance(inner.op, Function) and not inner.op.elementary


def _lengths_of_sums(form: Form) -> dict[Form, int]:
    """Return how many terms each sum below ``form`` has."""
    found: dict[Form, int] = {}
    for node in walk(form):
        if isinstance(node, Apply) and node.op in ("add", "subtract"):
            found[node] = sum(found.get(a, 1) for a in node.args)
    return found


def with_known_quotients(form: Form) -> Form:
    """Return a derived form with e^z / Σ e^z written as the table's function, whatever else the quotient holds."""

    def change(node: Form) -> Form | None:
        if not (isinstance(node, Apply) and node.op == "divide"):
            return None
        above, below = factors(node.args[0]), factors(node.args[1])
        for k, a in enumerate(above):
            for j, b in enumerate(below):
                if not (_is_exponential(a) and any(_is_exponential(n) for n in _glue_nodes(b))):
                    continue
                found = identified(apply("divide", a, b))
                if found is not None:
                    top = product_of([*above[:k], found, *above[k + 1 :]])
                    rest = [*below[:j], *below[j + 1 :]]
                    return apply("divide", top, product_of(rest)) if rest else top
        return None

    return substitute(form, change)


def _is_exponential(form: Form) -> bool:
    return isinstance(form, Apply) and form.op == "exp"


def substitute_arguments(node: Form, visit: Callable[[Form], Form]) -> Form:
    """Return ``node`` with ``visit`` applied to each child."""
    return rebuild(node, tuple(visit(a) for a in node.args)) if node.args else node


def _signed_terms(form: Form) -> list[tuple[int, Form]]:
    found: list[tuple[int, Form]] = []
    stack = [(1, form)]
    while stack:
        sign, node = stack.pop()
        if isinstance(node, Apply) and node.op in ("add", "subtract"):
            stack.append((sign if node.op == "add" else -sign, node.args[1]))
            stack.append((sign, node.args[0]))
        else:
            found.append((sign, node))
    return found


def _summed(terms: Sequence[tuple[int, Form]]) -> Form:
    return signed_sum(sorted(terms, key=lambda t: t[0] < 0))


def _identified_part(form: Form) -> Form | None:
    """Identify some of the terms of a sum: max(z, 0) − zy + log(1 + e^{−|z|}) is softplus(z) − zy."""
    terms = _signed_terms(form)
    if len(terms) < 3:
        return None
    groups: dict[frozenset[Form], list[tuple[int, Form]]] = {}
    for sign, term in terms:
        atoms = frozenset(n for n in _glue_nodes(term) if not isinstance(n, _GLUE))
        groups.setdefault(atoms, []).append((sign, term))
    for chosen, group in groups.items():
        if len(chosen) == 1 and 1 < len(group) < len(terms):
            found = identified(_summed(group)) if len(group) <= _MOST_TERMS else None
            if found is not None:
                kept = {term for _, term in group}
                return _summed([(1, found), *(t for t in terms if t[1] not in kept)])
    return None


# --- collapse ---------------------------------------------------------------------------------------------------------


def compose(outer: Sequence[Partial], inner: Callable[[tuple[Any, ...]], list[Partial]]) -> list[Partial]:
    """Return ∂Y/∂z through s: each entry of s that Y reads, times each entry of z that this entry of s reads."""
    found: list[Partial] = []
    for first in outer:
        for second in inner(first.reads):
            coefficient = _by_cases(first.coefficient, second.coefficient)
            found.append(Partial(coefficient, (*first.summed, *second.summed), second.reads))
    return found


def definition_of(form: Form) -> Form:
    """Return a call of a table function as its definition on the same arguments; any other Form as it is."""
    if isinstance(form, Apply) and isinstance(form.op, Function) and form.op.definition is not None:
        return form.op.definition(*form.args, **form.parameters)
    return form


def tidy_sum(expression: Any) -> Any:
    """Return a sum with each term cancelled; factors that all terms share are left to recognition."""
    return sp.Add(*[tidy(t) for t in sp.Add.make_args(sp.expand_mul(expression))])


def as_known(form: Form, label: str, equation: Form) -> Form:
    """Return ``form`` with e^ℓ written as softmax(z) where ℓ = log softmax(z) is the equation of ``label``."""
    if not (isinstance(equation, Apply) and isinstance(equation.op, Function)):
        return form
    if not equation.op.logarithm_of:
        return form
    inner = ROWS[equation.op.logarithm_of]

    def change(node: Form) -> Form | None:
        if (
            isinstance(node, Apply)
            and node.op == "exp"
            and isinstance(node.args[0], Name)
            and (node.args[0].name == label)
        ):
            assert isinstance(equation, Apply)
            return apply(inner, *equation.args, **equation.parameters)
        return None

    return substitute(form, change)


def _by_cases(outer: Any, inner: Any) -> Any:
    """Return the product, multiplied out in each case of ``outer``: what cancels cancels there."""
    cases = [f for f in sp.Mul.make_args(outer) if isinstance(f, Select)]
    if len(cases) != 1:
        return tidy(outer * inner)
    condition, a, b = cases[0].args
    rest = sp.Mul(*[f for f in sp.Mul.make_args(outer) if f is not cases[0]]) * inner
    return Select(condition, _by_cases(a, rest), _by_cases(b, rest))


def divides_by(coefficient: Any, array: str) -> bool:
    """Return True where an entry of ``array`` stands in a denominator of the coefficient."""
    for case in coefficient.atoms(Select):
        if any(divides_by(branch, array) for branch in case.args[1:]):
            return True
    hidden, back = hide(coefficient, (Access, Total, Peak, Opaque, Select, Indicator))
    _, denominator = sp.fraction(sp.together(hidden))
    return any(isinstance(back.get(s), Access) and back[s].array == array for s in denominator.free_symbols)


def granted(expression: Any, facts: Mapping[str, int]) -> tuple[Any, set[tuple[str, int]]]:
    """Return the expression with Σ y over the classes replaced by 1 for every one-hot ``y``, and the facts used.

    ``facts`` maps names to the axis of their classes, counted from the last as -1; each fact used comes back with its axis.
    """
    used: set[tuple[str, int]] = set()
    swap: dict[Any, Any] = {}
    for node in expression.atoms(Total):
        body, bound = node.args
        if not (isinstance(body, Access) and body.array in facts):
            continue
        places = [k - len(body.indices) for k, index in enumerate(body.indices) if index == bound]
        if len(places) == 1 and facts[body.array] == places[0]:
            swap[node] = sp.S.One
            used.add((body.array, places[0]))
    return (expression.xreplace(swap), used) if swap else (expression, used)


__all__ = [
    "Partial",
    "as_known",
    "compose",
    "contribution_terms",
    "definition_of",
    "divides_by",
    "ends_in_minus",
    "factored",
    "granted",
    "identified",
    "identify",
    "in_output",
    "leaves_of_forms",
    "names_first",
    "prime_form",
    "tidy",
    "tidy_sum",
    "upright",
    "uses_output",
    "with_known_quotients",
]
