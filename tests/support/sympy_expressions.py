"""Random losses of SymPy's matrix algebra and index notation, drawn uniformly over the kinds of nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

Shape = tuple[Any, Any]

n, d, k = sp.symbols("n d k", integer=True, positive=True)
SIZES = {"n": 3, "d": 2, "k": 4}
_AXES = (n, d, k)

SMOOTH: tuple[Callable[[Any], Any], ...] = (
    sp.exp,
    sp.sin,
    sp.cos,
    sp.tan,
    sp.sinh,
    sp.cosh,
    sp.tanh,
    sp.atan,
    sp.asinh,
    sp.erf,
    sp.erfc,
    lambda e: sp.log(2 + e**2),
    lambda e: sp.sqrt(1 + e**2),
    lambda e: sp.asin(sp.tanh(e) / 2),
    lambda e: sp.acos(sp.tanh(e) / 2),
    lambda e: sp.atanh(sp.tanh(e) / 2),
    lambda e: sp.acosh(2 + e**2),
    lambda e: sp.gamma(1 + e**2),
    lambda e: sp.loggamma(1 + e**2),
    lambda e: sp.digamma(1 + e**2),
    lambda e: sp.Si(e),
    lambda e: sp.besselj(1, e),
    lambda e: sp.LambertW(1 + e**2),
)
"""Functions with a derivative everywhere; where a function has a domain, its argument is moved into it."""

ELEMENTWISE: tuple[Callable[[Any], Any], ...] = (
    sp.exp,
    sp.sin,
    sp.tanh,
    sp.atan,
    lambda e: e**2,
    lambda e: e**3 - e,
    lambda e: 1 / (1 + sp.exp(-e)),
    lambda e: sp.log(1 + sp.exp(e)),
    lambda e: sp.sqrt(1 + e**2),
    lambda e: sp.Piecewise((e, e > 0), (e / 10, True)),
    lambda e: sp.Max(e, 0),
    lambda e: sp.Abs(e),
)


@dataclass
class Drawn:
    """A loss, its symbols' shapes, from where indices of bases count, and how often each kind of node stands in it."""

    loss: Any
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    bases: dict[str, tuple[Any, ...]] = field(default_factory=dict)


class Drawing:
    """Draws one loss; matrices have shapes of symbolic sizes, and an axis may have length 1."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator
        self.drawn = Drawn(sp.S.Zero)
        self.letters = iter(sp.symbols("i j l p q r s t u v i1 j1 l1 p1 q1 r1 s1 t1 u1 v1", integer=True))

    def one(self, options: Any) -> Any:
        return options[int(self.generator.integers(len(options)))]

    def number(self) -> Any:
        return self.one((2, -1, sp.Rational(1, 2), 3, sp.Rational(-3, 4)))

    def loss(self, kind: str, depth: int) -> Drawn:
        """Return a loss in which a node of one kind stands, below others up to a depth."""
        self.drawn.loss = self.scalar(depth, kind)
        return self.drawn

    # --- numbers ---

    def scalar(self, depth: int, kind: str | None = None) -> Any:
        if kind is not None and kind in MATRICES:
            outer = self.one(("trace", "dot", "sum of entries"))
            return self._made(SCALARS, outer, depth, kind)
        if kind is None and depth <= 0:
            return self.symbol()
        return self._made(SCALARS, kind or self.one(list(SCALARS)), depth, None)

    def matrix(self, shape: Shape, depth: int, kind: str | None = None) -> Any:
        if kind is not None and not (kind in SQUARE and shape[0] != shape[1]):
            return self._made(MATRICES, kind, depth, None, shape)
        if kind is not None:
            other = self.one(_AXES)
            inner = self.matrix((other, other), depth - 1, kind)
            return self.leaf((shape[0], other)) * inner * self.leaf((other, shape[1]))
        if depth <= 0:
            return self.leaf(shape)
        fitting = [name for name in MATRICES if name not in SQUARE or shape[0] == shape[1]]
        return self._made(MATRICES, self.one(fitting), depth, None, shape)

    def _made(self, table: Any, kind: str, depth: int, below: str | None, *rest: Any) -> Any:
        self.drawn.kinds[kind] += 1
        return table[kind](self, *rest, depth - 1, *(() if table is MATRICES else (below,)))

    def symbol(self) -> Any:
        name = self.one(("a", "b", "c"))
        self.drawn.shapes[name] = ()
        return sp.Symbol(name)

    def leaf(self, shape: Shape) -> Any:
        name = f"{self.one('ABC')}_{''.join(map(str, shape))}"
        self.drawn.shapes[name] = tuple(SIZES.get(str(s), s) for s in shape)
        return sp.MatrixSymbol(name, *shape)

    def axis(self) -> Any:
        return self.one((*_AXES, *_AXES, 1))

    def square(self, depth: int, below: str | None = None) -> Any:
        size = self.one(_AXES)
        return self.matrix((size, size), depth, below)

    def column(self, depth: int, below: str | None = None) -> Any:
        return self.matrix((self.one(_AXES), 1), depth, below)

    # --- index notation ---

    def indexed_sum(self, depth: int, body: Callable[[Any], Any]) -> Any:
        size, letter = self.one(_AXES), next(self.letters)
        first = int(self.generator.integers(2))
        name = f"{self.one('xyz')}_{size}{first}"
        self.drawn.shapes[name], self.drawn.origins[name] = (SIZES[str(size)],), first
        self.drawn.bases[name] = (size,)
        entry = sp.IndexedBase(name)[letter]
        return sp.Sum(body(entry), (letter, first, size - 1 + first))

    def dependent_sum(self, depth: int) -> Any:
        size, outer, inner = self.one(_AXES), next(self.letters), next(self.letters)
        name = f"{self.one('xyz')}_{size}1"
        self.drawn.shapes[name], self.drawn.origins[name] = (SIZES[str(size)],), 1
        self.drawn.bases[name] = (size,)
        base = sp.IndexedBase(name)
        pair = self.one(
            ((base[outer] - base[inner]) ** 2, base[outer] * base[inner], sp.sin(base[outer] - base[inner]))
        )
        return sp.Sum(pair, (inner, outer + 1, size), (outer, 1, size))

    def entries_summed(self, depth: int, below: str | None) -> Any:
        shape = (self.one(_AXES), self.one(_AXES))
        m = self.leaf(shape) if below is None else self.matrix(shape, depth, below)
        i, j = next(self.letters), next(self.letters)
        entry = MatrixElement(m, i, j) if isinstance(m, sp.MatrixSymbol) else m[i, j]
        return sp.Sum(
            self.one((entry**2, self.symbol() * entry, sp.tanh(entry))), (i, 0, shape[0] - 1), (j, 0, shape[1] - 1)
        )

    def one_entry(self, depth: int) -> Any:
        shape = (self.one(_AXES), self.one(_AXES))
        m = self.matrix(shape, depth) if self.generator.integers(2) else self.leaf(shape)
        if not _is_small(m):
            m = self.leaf(shape)
        if m.has(sp.KroneckerProduct):  # which entry the second one is depends on a size
            return m[0, 0]
        return m[int(self.generator.integers(2)), int(self.generator.integers(2))]


def _safe_quotient(draw: Drawing, depth: int, _: str | None) -> Any:
    return draw.scalar(depth) / (1 + draw.scalar(depth - 1) ** 2)


def _written_out(draw: Drawing, depth: int, _: str | None) -> Any:
    made = sp.Matrix(2, 2, [draw.scalar(depth - 1) for _ in range(4)])
    return draw.one((made.trace(), made.det(), (made * made.T)[0, 1], sum(made)))


def _piecewise(draw: Drawing, depth: int, _: str | None) -> Any:
    a, b, c = draw.scalar(depth), draw.scalar(depth - 1), draw.symbol()
    return sp.Piecewise((a, c > sp.Rational(1, 7)), (b, True))


def _well_conditioned(draw: Drawing, m: Any) -> Any:
    """Return 4 I + M for small M: far from singular."""
    return 4 * sp.Identity(m.shape[0]) + m


def _is_small(e: Any) -> bool:
    """Return whether SymPy writes an entry of a matrix out within a moment; it tries to sum what it writes."""
    return sum(1 for _ in sp.preorder_traversal(e)) < 40


def _dot(draw: Drawing, depth: int, below: str | None) -> Any:
    size = draw.one(_AXES)
    left, right = draw.matrix((size, 1), depth, below), draw.matrix((size, 1), depth - 1)
    product = left.T * (left if draw.generator.integers(2) else right)
    return product[0, 0] if _is_small(product) else sp.Trace(product)


SCALARS: dict[str, Callable[[Drawing, int, str | None], Any]] = {
    "sum": lambda draw, depth, _: draw.scalar(depth) + draw.scalar(depth - 1),
    "product": lambda draw, depth, _: draw.scalar(depth) * draw.scalar(depth - 1),
    "quotient": _safe_quotient,
    "power": lambda draw, depth, _: draw.scalar(depth) ** draw.one((2, 3)),
    "function": lambda draw, depth, _: draw.one(SMOOTH)(draw.scalar(depth)),
    "Abs": lambda draw, depth, _: sp.Abs(draw.scalar(depth) - sp.Rational(1, 11)),
    "Max": lambda draw, depth, _: sp.Max(draw.scalar(depth), draw.symbol() / 3 + sp.Rational(1, 13)),
    "Piecewise": _piecewise,
    "trace": lambda draw, depth, below: sp.Trace(draw.square(depth, below)),
    "Determinant": lambda draw, depth, _: sp.Determinant(draw.square(depth)),
    "dot": _dot,
    "sum of entries": lambda draw, depth, below: draw.entries_summed(depth, below),
    "MatrixElement": lambda draw, depth, _: draw.one_entry(depth),
    "Indexed": lambda draw, depth, _: draw.indexed_sum(
        depth, lambda x: draw.one((x**2, draw.symbol() * x, sp.exp(-(x**2)), (draw.symbol() - x) ** 2))
    ),
    "Sum with dependent limits": lambda draw, depth, _: draw.dependent_sum(depth),
    "explicit Matrix": _written_out,
}


def _product(draw: Drawing, shape: Shape, depth: int) -> Any:
    inner = draw.axis()
    return draw.matrix((shape[0], inner), depth) * draw.matrix((inner, shape[1]), depth - 1)


def _blocks(draw: Drawing, shape: Shape, depth: int) -> Any:
    s, t = draw.one(_AXES), draw.one(_AXES)
    left = sp.BlockMatrix([[draw.matrix((shape[0], s), depth - 1), draw.leaf((shape[0], t))]])
    right = sp.BlockMatrix([[draw.leaf((s, shape[1]))], [draw.matrix((t, shape[1]), depth - 1)]])
    return left * right


def _kronecker(draw: Drawing, shape: Shape, depth: int) -> Any:
    """Return (1ᵀ ⊗ A)(1 ⊗ B) in the given shape, with Kronecker products of sizes that are products."""
    s = draw.one(_AXES)
    left = sp.KroneckerProduct(draw.leaf((1, 2)), draw.matrix((shape[0], s), depth - 1))
    right = sp.KroneckerProduct(draw.leaf((2, 1)), draw.leaf((s, shape[1])))
    return left * right


MATRICES: dict[str, Callable[[Drawing, Shape, int], Any]] = {
    "MatrixSymbol": lambda draw, shape, depth: draw.leaf(shape),
    "MatAdd": lambda draw, shape, depth: draw.matrix(shape, depth) + draw.matrix(shape, depth - 1),
    "MatMul": _product,
    "scaled": lambda draw, shape, depth: draw.one((draw.number(), draw.symbol())) * draw.matrix(shape, depth),
    "Transpose": lambda draw, shape, depth: draw.matrix((shape[1], shape[0]), depth).T,
    "HadamardProduct": lambda draw, shape, depth: sp.HadamardProduct(
        draw.matrix(shape, depth), draw.matrix(shape, depth - 1)
    ),
    "HadamardPower": lambda draw, shape, depth: sp.HadamardPower(draw.matrix(shape, depth), draw.one((2, 3))),
    "applyfunc": lambda draw, shape, depth: ElementwiseApplyFunction(
        sp.Lambda(_ENTRY, draw.one(ELEMENTWISE)(_ENTRY)), draw.matrix(shape, depth)
    ),
    "OneMatrix": lambda draw, shape, depth: draw.matrix(shape, depth) + sp.OneMatrix(*shape),
    "ZeroMatrix": lambda draw, shape, depth: (
        sp.BlockMatrix([[draw.matrix(shape, depth), sp.ZeroMatrix(*shape)]])
        * sp.BlockMatrix([[sp.Identity(shape[1])], [draw.leaf((shape[1], shape[1]))]])
    ),
    "BlockMatrix": _blocks,
    "KroneckerProduct": _kronecker,
    "Identity": lambda draw, shape, depth: draw.matrix(shape, depth) - sp.Identity(shape[0]),
    "MatPow": lambda draw, shape, depth: draw.matrix(shape, depth) ** draw.one((2, 3)),
    "Inverse": lambda draw, shape, depth: sp.Inverse(_well_conditioned(draw, draw.matrix(shape, depth))),
    "DiagMatrix": lambda draw, shape, depth: sp.DiagMatrix(draw.matrix((shape[0], 1), depth)),
}
SQUARE = frozenset(("Identity", "MatPow", "Inverse", "DiagMatrix"))
_ENTRY = sp.Symbol("e_ntry", real=True)
KINDS = (*SCALARS, *MATRICES)


def drawn(seed: int) -> Drawn:
    """Return the loss of a seed: one kind of node after the other is sure to stand in it."""
    generator = np.random.default_rng(seed)
    while True:
        try:
            found = Drawing(generator).loss(KINDS[seed % len(KINDS)], int(generator.integers(2, 7)))
        except TypeError:  # SymPy's own, where a matrix of one entry stands beside numbers
            continue
        if found.loss.free_symbols and found.shapes:
            return found
