"""Block matrices and Kronecker products of symbolic sizes, multiplied out: no axis is left whose length is a sum or a product.

(A ⊗ B)(C ⊗ D) = AC ⊗ BD, tr(A ⊗ B) = tr A · tr B, and products of block matrices are sums of products of blocks. SymPy writes
an entry of such a product as a sum over a composite index; its range is split as the blocks are, or into two indices.
Source: Magnus and Neudecker, Matrix Differential Calculus, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.blockmatrix import block_collapse
from sympy.matrices.expressions.matexpr import MatrixElement

_BLOCKS = (sp.BlockMatrix, sp.BlockDiagMatrix)
_COMPOSITE = (*_BLOCKS, sp.KroneckerProduct)


def multiplied_out(e: Any) -> Any:
    """Return an equal expression of the blocks and of the factors, where the sizes are symbols; other parts stay.

    >>> n, d = sp.symbols("n d", integer=True, positive=True)
    >>> A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", d, d)
    >>> multiplied_out(sp.Trace(sp.BlockDiagMatrix(A, B)))
    Trace(A) + Trace(B)
    >>> multiplied_out(sp.Trace(sp.KroneckerProduct(A, B) * sp.KroneckerProduct(A, B)))
    Trace(A**2)*Trace(B**2)
    """
    if not (e.has(*_COMPOSITE) or e.has(sp.floor, sp.Mod)):
        return e
    return _visited(e)


def _visited(e: Any) -> Any:
    if not e.args or not (e.has(*_COMPOSITE) or e.has(sp.floor, sp.Mod)):
        return e
    if isinstance(e, sp.Sum):
        return _sum(e)
    if isinstance(e, MatrixElement) and isinstance(e.parent, _BLOCKS):
        return _entry(e)
    if isinstance(e, ElementwiseApplyFunction):
        return _entrywise(lambda part: ElementwiseApplyFunction(e.function, part), _visited(e.expr))
    if isinstance(e, sp.DiagMatrix):
        return sp.DiagMatrix(_visited(e._vector))
    if isinstance(e, sp.MatrixBase):
        return type(e)(*e.shape, [_visited(entry) for entry in e])
    visited = [_visited(a) if isinstance(a, sp.Basic) else a for a in e.args]
    if isinstance(e, sp.KroneckerProduct):
        return _kronecker(visited)
    made = e.func(*visited) if visited != list(e.args) else e
    if isinstance(made, sp.Trace):
        return _trace(made.arg)
    if isinstance(made, sp.Determinant) and isinstance(made.arg, sp.KroneckerProduct):
        return made.doit()
    if isinstance(made, sp.Determinant) and isinstance(made.arg, _BLOCKS) and not _is_numbered(made):
        return _determinant(made.arg)
    if not isinstance(made, sp.MatrixExpr):
        return made
    if isinstance(made, (sp.HadamardProduct, sp.HadamardPower)):
        return _by_blocks(made)
    if made.has(sp.KroneckerProduct):
        made = _factor_by_factor(made)
    if (
        isinstance(made, sp.MatPow)
        and isinstance(made.base, _BLOCKS)
        and made.exp.is_negative
        and not _is_numbered(made)
    ):
        made = sp.MatPow(_inverse(made.base), -made.exp).doit(
            deep=False
        )  # block_collapse loses the power of a diagonal one
    if made.has(*_BLOCKS) and not _is_numbered(made):
        made = block_collapse(_partitioned(made))
    return made


def _is_numbered(e: Any) -> bool:
    """Return whether all blocks have numbers for their sizes: such a matrix is concatenated."""
    return all(s.is_Integer for part in e.atoms(*_BLOCKS) for b in part.blocks for s in b.shape)


def _trace(e: Any) -> Any:
    if isinstance(e, sp.MatAdd):
        return sp.Add(*map(_trace, e.args))
    if isinstance(e, _BLOCKS) and not _is_numbered(e) and e.rowblocksizes == e.colblocksizes:
        return sp.Add(*(_trace(e.blocks[k, k]) for k in range(e.blocks.rows)))
    if isinstance(e, sp.MatMul):
        coefficient, rest = _apart(e)
        if coefficient != 1:
            return coefficient * _trace(rest)
    if isinstance(e, sp.KroneckerProduct):
        return sp.Mul(*map(_trace, e.args))
    return sp.Trace(e)


def _determinant(e: Any) -> Any:
    """Return the determinant of square blocks by Schur complements: det A · det(D − C A⁻¹ B), for an invertible A.

    Source: F. Zhang, The Schur Complement and Its Applications, Springer 2005, theorem 1.1.
    """
    if e.rowblocksizes != e.colblocksizes:
        return sp.Determinant(e)
    blocks = e.blocks.tolist()
    number = sp.S.One
    while blocks:
        pivot = next((k for k in range(len(blocks)) if not blocks[k][k].is_ZeroMatrix), None)
        if pivot is None:
            return number * sp.Determinant(sp.BlockMatrix(blocks)) if len(blocks) > 1 else sp.S.Zero
        first, inverse = blocks[pivot][pivot], sp.Inverse(blocks[pivot][pivot])
        rest = [k for k in range(len(blocks)) if k != pivot]
        number *= sp.Determinant(first).doit()
        blocks = [[_less(blocks[j][k], blocks[j][pivot], inverse, blocks[pivot][k]) for k in rest] for j in rest]
    return number


def _inverse(e: Any) -> Any:
    """Return the inverse of square blocks by Schur complements, the first block that is not 0 inverted before the others.

    Source: F. Zhang, The Schur Complement and Its Applications, Springer 2005, theorem 1.2.
    """
    found = _inverted(e.blocks.tolist()) if e.rowblocksizes == e.colblocksizes else None
    return sp.Inverse(e) if found is None else sp.BlockMatrix(found)


def _inverted(blocks: list[list[Any]]) -> list[list[Any]] | None:
    pivot = next((k for k in range(len(blocks)) if not blocks[k][k].is_ZeroMatrix), None)
    if pivot is None:
        return None
    inverse = sp.Inverse(blocks[pivot][pivot])
    rest = [k for k in range(len(blocks)) if k != pivot]
    if not rest:
        return [[inverse]]
    row, column = blocks[pivot], [line[pivot] for line in blocks]
    inner = _inverted([[_less(blocks[j][k], column[j], inverse, row[k]) for k in rest] for j in rest])
    if inner is None:
        return None
    places = {k: n for n, k in enumerate(rest)}
    found: list[list[Any]] = [[None] * len(blocks) for _ in blocks]
    corner = inverse
    for j in rest:
        found[pivot][j], found[j][pivot] = (sp.ZeroMatrix(*blocks[a][b].shape) for a, b in ((pivot, j), (j, pivot)))
        for k in rest:
            found[j][k] = inner[places[j]][places[k]]
            found[pivot][j] = _less(found[pivot][j], inverse, row[k], inner[places[k]][places[j]])
            found[j][pivot] = _less(found[j][pivot], inner[places[j]][places[k]], column[k], inverse)
            corner = _less(corner, -inverse, row[j], inner[places[j]][places[k]], column[k], inverse)
    found[pivot][pivot] = corner
    return found


def _less(block: Any, *product: Any) -> Any:
    """Return a block less a product, which may be 0."""
    if any(factor.is_ZeroMatrix for factor in product):
        return block
    return sp.MatAdd(block, -sp.MatMul(*product)).doit(deep=False)


def _apart(e: Any) -> tuple[Any, Any]:
    """Return the number in front of a matrix, and the matrix."""
    coefficient, matrix = e.as_coeff_mmul()
    return coefficient, matrix.args[0] if isinstance(matrix, sp.MatMul) and len(matrix.args) == 1 else matrix


def _kronecker(factors: list[Any]) -> Any:
    """Return A ⊗ B with its numbers in front and no factor of one entry; that of a column and a row is their product."""
    numbers: list[Any] = []
    rest: list[Any] = []
    for factor in factors:
        coefficient, matrix = _apart(factor)
        numbers.append(coefficient)
        (numbers if matrix.shape == (1, 1) else rest).append(_trace(matrix) if matrix.shape == (1, 1) else matrix)
    number = sp.Mul(*numbers)
    if not rest:
        return number * sp.OneMatrix(1, 1)
    if len(rest) == 2 and {rest[0].shape[1], rest[1].shape[0]} == {sp.S.One}:
        product = sp.MatMul(*rest)
    elif len(rest) == 2 and {rest[0].shape[0], rest[1].shape[1]} == {sp.S.One}:
        product = sp.MatMul(*reversed(rest))
    else:
        product = rest[0] if len(rest) == 1 else sp.KroneckerProduct(*rest)
    return number * product


def _factor_by_factor(e: Any) -> Any:
    """Return transposes, inverses, powers and products of Kronecker products as such products."""
    if isinstance(e, sp.MatMul):
        coefficient, factors = sp.MatMul(*e.args).doit(deep=False).as_coeff_matrices()
        merged = factors[:1]
        for factor in factors[1:]:
            if not _pairs_up(merged[-1], factor):
                merged.append(factor)
                continue
            pairs = zip(merged[-1].args, factor.args, strict=True)
            number, merged[-1] = _apart(_kronecker([sp.MatMul(a, b) for a, b in pairs]))
            coefficient *= number
        return sp.Mul(coefficient, *merged)
    inner = e.args[0] if e.args else e
    if not isinstance(inner, sp.KroneckerProduct):
        return e
    if isinstance(e, sp.Transpose):
        return _kronecker([sp.Transpose(a).doit() for a in inner.args])
    if isinstance(e, sp.MatPow) and e.exp.is_Integer and all(a.is_square for a in inner.args):
        return _kronecker([sp.MatPow(a, e.exp).doit() for a in inner.args])
    return e


def _pairs_up(left: Any, right: Any) -> bool:
    """Return whether (A ⊗ B)(C ⊗ D) is AC ⊗ BD."""
    return (
        isinstance(left, sp.KroneckerProduct)
        and isinstance(right, sp.KroneckerProduct)
        and len(left.args) == len(right.args)
        and all(a.shape[1] == b.shape[0] for a, b in zip(left.args, right.args, strict=True))
    )


def _entrywise(function: Callable[[Any], Any], e: Any) -> Any:
    if isinstance(e, sp.BlockMatrix) and not _is_numbered(e):
        return sp.BlockMatrix(e.blocks.applyfunc(function))
    return function(e)


def _by_blocks(e: Any) -> Any:
    """Return entrywise products and powers of block matrices block by block, where all are partitioned alike."""
    if isinstance(e, sp.HadamardPower):
        return _entrywise(lambda part: sp.HadamardPower(part, e.exp), e.base)
    grids = [a for a in e.args if isinstance(a, sp.BlockMatrix) and not _is_numbered(a)]
    if not grids:
        return e
    parts = [_as_blocks(a, grids[0]) for a in e.args]
    if any(p is None for p in parts):
        return e
    rows, columns = grids[0].blockshape
    return sp.BlockMatrix(
        [[sp.HadamardProduct(*(p.blocks[r, c] for p in parts)) for c in range(columns)] for r in range(rows)]
    )


def _partitioned(e: Any) -> Any:
    """Return a sum with constants partitioned as the block matrices beside them."""
    if not isinstance(e, sp.MatAdd):
        return e
    grid = next((a for a in e.args if isinstance(a, sp.BlockMatrix)), None)
    if grid is None:
        return e
    parts = [_as_blocks(a, grid) for a in e.args]
    return sp.MatAdd(*(a if p is None else p for a, p in zip(e.args, parts, strict=True)))


def _as_blocks(e: Any, like: Any) -> Any:
    """Return a matrix partitioned like another one; None where it cannot be."""
    if isinstance(e, sp.BlockMatrix):
        same = e.rowblocksizes == like.rowblocksizes and e.colblocksizes == like.colblocksizes
        return e if same else None
    if isinstance(e, sp.MatMul):
        coefficient, rest = _apart(e)
        inner = None if coefficient == 1 else _as_blocks(rest, like)
        return None if inner is None else sp.BlockMatrix(inner.blocks.applyfunc(lambda part: coefficient * part))
    if not isinstance(e, (sp.OneMatrix, sp.ZeroMatrix, sp.Identity)):
        return None
    if isinstance(e, sp.Identity) and like.rowblocksizes != like.colblocksizes:
        return None

    def block(r: int, c: int) -> Any:
        shape = like.rowblocksizes[r], like.colblocksizes[c]
        if isinstance(e, sp.Identity):
            return sp.Identity(shape[0]) if r == c else sp.ZeroMatrix(*shape)
        return type(e)(*shape)

    rows, columns = like.blockshape
    return sp.BlockMatrix([[block(r, c) for c in range(columns)] for r in range(rows)])


# --- sums over a composite index ----------------------------------------------------------------------------------------


def _sum(e: Any) -> Any:
    body, limits = _visited(e.function), list(e.limits)
    for position, (letter, low, high) in enumerate(limits):
        before, after = limits[:position], limits[position + 1 :]
        length = sp.expand(high - low + 1)
        digits = _digits(body, letter, low, length)
        if digits is not None:
            body, made = digits
            return _visited(_summed(body, [*before, *made, *after]))
        parts = _partition(body, letter, low, length)
        if parts is not None:
            return sp.Add(*(_visited(_summed(part, [*before, limit, *after])) for part, limit in parts))
    return _summed(_plain_digits(body, limits), limits)


def _summed(body: Any, limits: list[Any]) -> Any:
    """Return a sum without indices that have one value, as over a block of one row, or under 1[i = 0]."""
    rest = []
    for limit in limits:
        letter, low, high = map(sp.sympify, limit)
        place = low if low == high else _picked(body, letter, low)
        if place is None:
            rest.append(limit)
        else:
            factors = [f for f in sp.Mul.make_args(body) if not _is_delta(f, letter)] if low != high else [body]
            body = sp.Mul(*factors).subs(letter, place)
    return sp.Sum(body, *rest) if rest and body != 0 else body


def _is_delta(factor: Any, letter: Any) -> bool:
    return isinstance(factor, sp.KroneckerDelta) and letter in factor.args[:2]


def _picked(body: Any, letter: Any, low: Any) -> Any:
    """Return the number that 1[i = number] in a body picks, of an axis that has such an entry; else None."""
    factors = sp.Mul.make_args(body)
    places = {a for f in factors if _is_delta(f, letter) for a in f.args[:2] if a != letter}
    if len(places) != 1:
        return None
    (place,) = places
    read = any(f.has(letter) for f in factors if not _is_delta(f, letter))
    return place if place == low or (read and place.is_Integer and low.is_Integer and place > low) else None


def _plain_digits(body: Any, limits: list[Any]) -> Any:
    """Return a body in which i mod n is i, and ⌊i/n⌋ is 0, for an index that runs up to n − 1."""
    changes = {}
    for letter, low, high in limits:
        if low == 0:
            changes[sp.Mod(letter, high + 1)] = letter
            changes[sp.floor(letter / (high + 1))] = sp.S.Zero
    return body.xreplace(changes)


def _entry(e: Any) -> Any:
    """Return an entry of a block matrix as one of a block, where the sizes in front of it are numbers."""
    grid = e.parent
    places = [_block_of(i, sizes) for i, sizes in zip(e.indices, (grid.rowblocksizes, grid.colblocksizes), strict=True)]
    if places == [None, None]:
        return e
    blocks = grid.blocks
    indices = list(e.indices)
    for axis, place in enumerate(places):
        if place is not None:
            k, start = place
            blocks = blocks[k, :] if axis == 0 else blocks[:, k]
            indices[axis] -= start
    inner = _visited(blocks[0, 0]) if blocks.shape == (1, 1) else sp.BlockMatrix(blocks)
    return inner[tuple(indices)]


def _block_of(index: Any, sizes: Any) -> tuple[int, Any] | None:
    """Return the block that an index lies in, and where that starts; None where the sizes do not say it."""
    if len(sizes) == 1:
        return 0, sp.S.Zero
    start = sp.S.Zero
    for k, size in enumerate(sizes):
        if index == start or (index.is_Integer and size.is_Integer and start < index < start + size):
            return k, start
        if not (index.is_Integer and size.is_Integer):
            return None
        start += size
    return None


def _digits(body: Any, letter: Any, low: Any, length: Any) -> tuple[Any, list[Any]] | None:
    """Return a sum over the index i = p·b + q of a Kronecker product as one over p and q; None for another sum."""
    moduli = {m.args[1] for m in body.atoms(sp.Mod) if m.args[0] == letter}
    if low != 0 or len(moduli) != 1:
        return None
    (below,) = moduli
    above = sp.simplify(length / below)
    if not (above.is_Integer or above.is_Symbol):
        return None
    p, q = sp.Dummy("p", integer=True), sp.Dummy("q", integer=True)
    leading = sp.floor(letter / below)
    changes = {sp.Mod(letter, below): q, sp.Mod(leading, above): p if above != 1 else sp.S.Zero, leading: p}
    found = body.xreplace({k: v for k, v in changes.items() if k != leading}).xreplace({leading: p})
    found = found.replace(lambda node: isinstance(node, sp.Mod) and node.args[1] == 1, lambda node: sp.S.Zero)
    if found.has(letter):
        return None
    made = [(q, 0, below - 1)]
    if found.has(p) or above != 1:
        made.append((p, 0, above - 1))
    return found, made


def _partition(body: Any, letter: Any, low: Any, length: Any) -> list[tuple[Any, Any]] | None:
    """Return the summands of a sum whose index runs over an axis of a block matrix, one per block; None for another sum."""
    for entry in body.atoms(MatrixElement):
        grid = entry.parent
        if not isinstance(grid, _BLOCKS) or low != 0:
            continue
        for axis in (0, 1):
            sizes = (grid.rowblocksizes, grid.colblocksizes)[axis]
            if entry.indices[axis] != letter or sp.expand(sum(sizes) - length) != 0 or len(sizes) < 2:
                continue
            found, start = [], sp.S.Zero
            for k, size in enumerate(sizes):
                found.append((_in_block(body, letter, sizes, k, start), (letter, 0, size - 1)))
                start += size
            return found
    return None


def _in_block(body: Any, letter: Any, sizes: Any, k: int, start: Any) -> Any:
    """Return a body for indices in the block ``k`` of an axis, counted from its start."""

    def is_there(node: Any) -> bool:
        if not isinstance(node, MatrixElement) or not isinstance(node.parent, _BLOCKS):
            return False
        grid = node.parent
        return any(
            node.indices[axis] == letter and (grid.rowblocksizes, grid.colblocksizes)[axis] == sizes for axis in (0, 1)
        )

    held: dict[Any, Any] = {}

    def part(node: Any) -> Any:
        grid, blocks = node.parent, node.parent.blocks
        for axis in (0, 1):
            if node.indices[axis] == letter and (grid.rowblocksizes, grid.colblocksizes)[axis] == sizes:
                blocks = blocks[k, :] if axis == 0 else blocks[:, k]
        inner = blocks[0, 0] if blocks.shape == (1, 1) else sp.BlockMatrix(blocks)
        stand_in = sp.Dummy()
        held[stand_in] = inner[node.indices]
        return stand_in

    found = body.replace(is_there, part)
    return found.xreplace({letter: letter + start}).xreplace(held)
