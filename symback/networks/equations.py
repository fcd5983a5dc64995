"""From SymPy equations to a network: Symbols, MatrixSymbols, undefined functions, and index notation with Sum.

SymPy reorders what it is given, so products are printed data first, then weight, and sums products first, then bias.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.simplify.fu import TR2

from symback.core.errors import NetworkError, ShapeError, nearest
from symback.core.forms import (
    Apply,
    Form,
    Function,
    Shape,
    Transpose,
    apply,
    concatenate,
    einsum,
    expand,
    eye,
    filled,
    get,
    make_shape,
    matmul,
    number,
    product_of,
    reduce_over,
    reshape,
    shape_text,
    size,
    size_of,
    transpose,
    undefined,
    walk,
)
from symback.core.operations import STATED
from symback.engine.elements import SYMPY_FUNCTIONS
from symback.functions import ROWS
from symback.functions.matrices import MATRIX_FUNCTIONS, kron_of, power_of
from symback.functions.unknown import unknown_function
from symback.networks.composite import multiplied_out
from symback.networks.entries import Entries, Ranges
from symback.networks.folding import folded
from symback.networks.network import LOSSES, Network, check_name
from symback.networks.operators import MatrixFunction
from symback.networks.symbol_names import label_in

_SYMPY_ROWS: dict[type, str] = {SYMPY_FUNCTIONS[label]: label for label in ("tanh", "absolute", "sign", *STATED)}
_SYMPY_ELEMENTARY: dict[type, str] = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos"}


def _in_known_functions(e: Any) -> Iterator[Any]:
    """Yield a SymPy function in exponentials, by sine and cosine, and by functions of the tables, the shortest first."""
    yield e.rewrite(sp.exp)
    yield TR2(e)
    yield e.rewrite(sp.cos)
    yield e.rewrite(sp.sin)
    kinds = [kind for kind in _SYMPY_ROWS if issubclass(kind, sp.Function)]
    yield from sorted(map(e.rewrite, kinds), key=sp.count_ops)


def looks_like_parameter(name: str) -> bool:
    """Return True for the names parameters usually have: w*, W*, b*, theta, gamma, beta."""
    if name.startswith(("w", "W")):
        return True
    if name.startswith(("theta", "gamma", "beta", "θ", "γ", "β")):
        return True
    return name.startswith(("b", "B")) and (len(name) == 1 or not name[1:2].isalpha())


def network(
    equations: Any,
    *,
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    parameters: Sequence[Any] | None = None,
    assume: Any = (),
) -> Network:
    """Return the network of SymPy equations in order, or of one; the last one is the loss, and may be a bare expression.

    Each equation is ``Eq(left, right)`` (or a pair) with a Symbol, a MatrixSymbol or an ``Indexed`` on the left.
    Symbols that no equation defines are leaves; those called w*, W*, b*, theta, gamma, beta (or named in
    ``parameters``) are parameters. ``shapes`` gives the shape of an ``IndexedBase`` made without one; ``assume`` has facts as
    predicates of SymPy, ``sp.Q.orthogonal(Q) & sp.Q.symmetric(P)``, one or a list (see ``Network.assume``). A symbol made
    with ``positive=True`` is positive.

    >>> import sympy as sp
    >>> x, t, w, y, E = sp.symbols("x t w y E")
    >>> network([sp.Eq(y, x*w), sp.Eq(E, (t - y)**2/2)])
    Network(y = x * w; E = 0.5 * (t - y)**2)

    Raises NetworkError where an equation cannot be read, naming it.
    """
    given = [equations] if isinstance(equations, (sp.Basic, sp.MatrixBase)) else list(equations)
    made = _Reader(values or {}, shapes or {}, parameters).read(given)
    for fact in assume if isinstance(assume, (list, tuple)) else (assume,):
        made.assume(fact)
    return made


class _Reader:
    def __init__(self, values: Mapping[str, Any], shapes: Mapping[str, Any], parameters: Sequence[Any] | None) -> None:
        self.net = Network()
        self.values = {self.label(k): v for k, v in values.items()}
        self.shapes = {self.label(k): make_shape(v) for k, v in shapes.items()}
        self.parameters = None if parameters is None else {self.label(p) for p in parameters}
        self.text = ""
        self.read_as: list[str] = []
        """What was inferred, one sentence each."""
        self.scalar_calls: set[Any] = set()
        """Calls of unknown functions of arrays whose value is one number."""
        self.defined: set[str] = set()
        self.constants: set[str] = set()
        """Data that stand in an equation without a name."""
        self.taken: set[str] = set()

    def label(self, symbol: Any) -> str:
        return label_in(self.net, symbol)

    def read(self, equations: list[Any]) -> Network:
        if not equations:
            raise NetworkError("network([...]) needs at least one equation, the loss")
        pairs = list(self._pairs(equations))
        self.defined = {self._left_name(left) for left, _ in pairs}
        self.sizes = set(_sizes_in([side for pair in pairs for side in pair]))
        self.sizes |= {str(s) for shape in self.shapes.values() for s in shape if not isinstance(s, int)}
        self.sizes -= self.defined
        self.taken = self.defined | {str(s) for pair in pairs for side in pair for s in side.free_symbols}
        self.entries = Entries(self, Ranges(self, pairs))
        for left, right in pairs:
            self.text = f"{left} = {right}"
            name = self._left_name(left)
            if isinstance(left, sp.Indexed):
                form = self.entries.equation(left, right)
            else:
                form = self._right_side(left, right, right is pairs[-1][1])
                if isinstance(left, sp.MatrixSymbol) and self.shape_of(left.shape) != form.shape:
                    raise NetworkError(
                        f"in {self.text}: the left side has shape {tuple(left.shape)}, the right side {form.shape}"
                    )
            self.net.define(name, form)
            self.net.symbols.setdefault(name, left.base if isinstance(left, sp.Indexed) else left)
        names = [v.name for v in self.net.variables.values() if v.role == "parameter"]
        if names and self.parameters is None:
            self.read_as.insert(0, f"parameters: {', '.join(names)} (by their names)")
        self.net.choices = tuple(self.read_as)
        for name, symbol in self.net.symbols.items():
            if name in self.net.variables and getattr(symbol, "is_positive", False):
                self.net.grant("positive", name, why="declared")
        unknown = set(self.values) - set(self.net.variables)
        if unknown:
            raise NetworkError(f"values for {', '.join(sorted(unknown))}, which no equation reads")
        return self.net

    def _right_side(self, left: Any, right: Any, last: bool) -> Form:
        """Return a right side, without composite sizes; f(Z) is one number where the left side is one and entries of f would not be."""
        right = folded(multiplied_out(right))
        unknown = sorted((e for e in right.atoms(AppliedUndef) if self._is_of_arrays(e, last)), key=str)
        if not unknown or not isinstance(left, sp.Symbol):
            return self.convert(right)
        try:
            form = self.convert(right)
        except ShapeError:
            pass  # entries of its arguments do not meet
        else:
            if not form.shape:
                return form
        self.scalar_calls = set(unknown)
        form = self.convert(right)
        self.scalar_calls = set()
        if not form.shape:
            calls = ", ".join(map(str, unknown))
            self.read_as.append(f"{calls} is one number, as {left} is; an entrywise function stands in applyfunc")
        return form

    def _is_of_arrays(self, call: Any, last: bool) -> bool:
        return call.func.__name__ not in ROWS and (
            any(getattr(a, "is_Matrix", False) for a in call.args)
            or (last and any(self.convert(a).shape for a in call.args))
        )

    def _pairs(self, equations: list[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield the left and the right side of every equation; one of matrices that are written out is several."""
        for position, equation in enumerate(equations):
            left, right = self._sides(equation, equations if position == len(equations) - 1 else None)
            if isinstance(left, sp.MatrixBase):
                entries = right if isinstance(right, sp.MatrixBase) else _written_out(right)
                if entries is None or entries.shape != left.shape:
                    raise NetworkError(f"{left} = {right}: the two sides are not matrices of one shape, written out")
                yield from zip(left, entries, strict=True)
            else:
                yield left, right

    def _sides(self, equation: Any, whole: Sequence[Any] | None) -> tuple[Any, Any]:
        if isinstance(equation, (tuple, list)) and len(equation) == 2:
            return sp.sympify(equation[0]), sp.sympify(equation[1])
        if isinstance(equation, sp.Equality):
            return equation.lhs, equation.rhs
        if whole is not None and isinstance(equation, (sp.Expr, sp.MatrixExpr, sp.MatrixBase)):
            used = {str(s) for e in whole for s in getattr(e, "free_symbols", ())}
            return sp.Symbol(next(name for name in LOSSES if name not in used)), equation
        raise NetworkError(f"{equation!r} is not an equation; use sympy.Eq(left, right)")

    def _left_name(self, left: Any) -> str:
        if isinstance(left, (sp.Symbol, sp.MatrixSymbol)):
            return self.label(left)
        if isinstance(left, sp.Indexed):
            return self.label(left.base)
        raise NetworkError(f"the left side of an equation is a symbol, not {left}")

    def leaf(self, name: str, shape: Shape) -> Form:
        """Return the Form of a symbol, declaring it where it is new."""
        if name in self.net:
            found = self.net[name]
            if found.shape != shape and shape != ():
                raise NetworkError(f"in {self.text}: {name} has shape {found.shape} elsewhere, here {shape}")
            return found
        if name in self.defined:
            raise NetworkError(f"in {self.text}: {name} is used before its equation; order the equations")
        check_name(name)
        wanted = looks_like_parameter(name) if self.parameters is None else name in self.parameters
        value = self.values.get(name)
        return (self.net.parameter if wanted else self.net.input)(name, self.shapes.get(name, shape), value)

    def leaf_of(self, symbol: Any, shape: Shape) -> tuple[str, Form]:
        """Return the name and the Form of a symbol, an IndexedBase or a MatrixSymbol."""
        label = self.label(symbol)
        self.net.symbols.setdefault(label, symbol)
        return label, self.leaf(label, shape)

    def known_shape(self, base: Any) -> Shape | None:
        """Return the shape that a base has by itself, by ``shapes=`` or by its equation; None where nothing says it."""
        if not isinstance(base, (sp.IndexedBase, sp.MatrixSymbol)):
            return self.shape_of(base.shape)
        label = self.label(base)
        if label in self.net:
            return self.net[label].shape
        if label in self.shapes:
            return self.shapes[label]
        shape = base.shape
        return None if shape is None else self.shape_of(shape)

    def shape_of(self, lengths: Sequence[Any]) -> Shape:
        """Return the shape of a matrix of SymPy; raises NetworkError for a length that is neither a number nor a symbol."""
        found: list[Any] = []
        for length in map(sp.sympify, lengths):
            if not (length.is_Integer or length.is_Symbol):
                raise NetworkError(f"in {self.text}: an axis of length {length} cannot be read; name it by one symbol")
            found.append(int(length) if length.is_Integer else size(str(length)))
        return tuple(found)

    def is_size(self, symbol: Any) -> bool:
        """Return whether a symbol is the length of an axis."""
        return str(symbol) in self.sizes

    def converted(self, e: Any, known: Mapping[Any, Form]) -> Form:
        """Return an expression as a Form, in which some symbols stand for Forms."""
        return _Substituted(self, known).convert(e)

    # --- expressions ---

    def convert(self, e: Any) -> Form:
        """Return a SymPy expression as a Form."""
        read = next((_READ[kind] for kind in type(e).__mro__ if kind in _READ), None)
        if read is None:
            raise NetworkError(f"in {self.text}: {type(e).__name__} {e} has no array operation here")
        return read(self, e)

    def _symbol(self, e: Any) -> Form:
        label = self.label(e)
        self.net.symbols.setdefault(label, e)
        if isinstance(e, sp.MatrixSymbol):
            return self.leaf(label, self.shape_of(e.shape))
        return size_of(size(e.name)) if self.is_size(e) else self.leaf(label, ())

    def _matrix_sum_or_product(self, e: Any) -> Form:
        turned = sp.Transpose(e).doit()
        if _transposes(turned) < _transposes(e):  # SymPy hands transposes on to the factors as they are typed
            form = self.convert(turned)
            return form if form.shape == (1, 1) else transpose(form)
        return self._sum(e) if isinstance(e, sp.MatAdd) else self._matrix_product(e)

    def _rank(self, e: Any) -> tuple[Any, ...]:
        names = sorted(str(s) for s in e.free_symbols)
        parameter = bool(names) and all(
            (looks_like_parameter(n) if self.parameters is None else n in self.parameters) and n not in self.defined
            for n in names
        )
        compound = bool(e.args) and not isinstance(e, (sp.Symbol, sp.MatrixSymbol))
        return (not e.is_number, parameter, compound, sp.default_sort_key(e))

    def _sum(self, e: Any) -> Form:
        if all(term.could_extract_minus_sign() for term in e.args):
            return -self._sum(e.func(*[-term for term in e.args]))

        def key(term: Any) -> tuple[Any, ...]:
            negative = term.could_extract_minus_sign()
            plain = not term.args
            leads = _others_negative(e, term) or (term == 1 and not any(a.is_Atom for a in e.args if a != 1))
            alone = bool(term.is_number and not leads)
            return (negative, alone, plain and not term.is_number, _is_penalty(e, term), self._rank(term))

        result: Form | None = None
        for term in sorted(e.args, key=key):
            negative = term.could_extract_minus_sign()
            plain = -term if negative else term
            form = self.convert(_repeated(plain) if isinstance(e, sp.MatAdd) and len(e.args) > 1 else plain)
            if result is None:
                result = -form if negative else form
            else:
                result = result - form if negative else result + form
        assert result is not None
        return result

    def _scalar_product(self, e: Any) -> Form:
        coefficient, rest = e.as_coeff_Mul()
        factors = list(sp.Mul.make_args(rest))
        above = [f for f in factors if not (f.is_Pow and f.exp.is_number and f.exp.could_extract_minus_sign())]
        below = [1 / f for f in factors if f not in above]
        above.sort(key=self._rank)
        below.sort(key=self._rank)
        negative = coefficient.could_extract_minus_sign()
        coefficient = abs(coefficient)
        forms = [self.convert(f) for f in above]
        if coefficient != 1:
            if isinstance(coefficient, sp.Rational) and not coefficient.is_Integer and not _dyadic(coefficient):
                if coefficient.p != 1 or not forms:
                    forms.insert(0, number(int(coefficient.p)))
                below.insert(0, sp.Integer(coefficient.q))
            else:
                forms.insert(0, self.convert(coefficient))
        result = product_of(forms) if forms else number(1)
        if below:
            result = result / product_of([self.convert(b) for b in below])
        return -result if negative else result

    def _matrix_product(self, e: Any) -> Form:
        coefficient, matrices = e.as_coeff_matrices()
        result: Form | None = None
        rows: Form | None = None  # what a diagonal matrix in front multiplies the rows by
        for m in [m for m in _powers_apart(matrices) if not isinstance(m, sp.Identity)] or matrices[:1]:
            if isinstance(m, sp.DiagMatrix):
                vector = self.convert(m._vector)
                if result is None:
                    rows = vector if rows is None else rows * vector
                else:
                    result = result * transpose(vector)
                continue
            form = self.convert(m)
            form, rows = (form, None) if rows is None else (rows * form, None)
            result = form if result is None else matmul(result, form)
        if result is None:
            assert rows is not None
            result = rows * eye(rows.shape[0])
        if coefficient == 1:
            return result
        if coefficient == -1:
            return -result
        return self.convert(coefficient) * result

    def _trace(self, e: Any) -> Form:
        """Return tr(e): of a sum term by term, tr(PᵀQ) as the sum of P ⊙ Q, which forms no product for its diagonal alone."""
        if isinstance(e, sp.MatAdd):
            terms = [self._trace(term) for term in e.args]
            result = terms[0]
            for term in terms[1:]:
                negative = isinstance(term, Apply) and term.op == "negative"
                result = result - term.args[0] if negative else result + term
            return result
        if isinstance(e, sp.Transpose):
            return self._trace(e.arg)
        if isinstance(e, sp.Identity):
            return self.convert(e.shape[0])
        if isinstance(e, sp.KroneckerProduct):
            return product_of([self._trace(a) for a in e.args])
        if isinstance(e, (sp.MatMul, sp.MatPow)):
            coefficient, matrices = e.as_coeff_matrices() if isinstance(e, sp.MatMul) else (sp.S.One, [e])
            factors = [m for m in _powers_apart(matrices) if not isinstance(m, sp.Identity)]
            if len(factors) > 1:
                found = self._trace_of_product(factors)
            elif factors and factors[0] == e:
                found = einsum([(0, 0)], (), [self.convert(e)])
            else:
                found = self._trace(factors[0] if factors else matrices[0])
            if coefficient == 1:
                return found
            return -found if coefficient == -1 else self.convert(coefficient) * found
        return einsum([(0, 0)], (), [self.convert(e)])

    def _trace_of_product(self, factors: list[Any]) -> Form:
        turns = [factors[k:] + factors[:k] for k in range(len(factors))]
        for turned in turns:
            for k in range(1, len(turned)):
                left, right = (self.convert(sp.MatMul(*part)) for part in (turned[:k], turned[k:]))
                if transpose(left) is right:
                    # a squared norm, as which it was written
                    return apply("sqrt", reduce_over("sum", (left if _is_plain(left) else right) ** 2)) ** 2
        first = self.convert(sp.MatMul(*factors[:-1]))
        return reduce_over("sum", first * _flipped(self.convert(factors[-1])))

    def _explicit(self, e: Any) -> Form:
        """Return a matrix that is written out: what its entries are, side by side."""
        if e.shape == (1, 1):
            return self.convert(e[0, 0])
        if not e.free_symbols and not e.atoms(sp.MatrixSymbol):
            if e.is_square and e == sp.eye(e.rows):
                return eye(e.rows)
            first = e[0, 0]
            if all(entry == first for entry in e) and first.is_Integer:
                return filled(int(first), e.shape)
            return self._constant(np.array(e.evalf().tolist(), dtype=float))
        rows = [concatenate([reshape(self.convert(e[i, j]), (1, 1)) for j in range(e.cols)], 1) for i in range(e.rows)]
        return rows[0] if len(rows) == 1 else concatenate(rows, 0)

    def _constant(self, value: np.ndarray) -> Form:
        """Return data that stand in an equation, under a name of their own."""
        for label, known in self.net.values.items():
            if known.shape == value.shape and np.array_equal(known, value) and label in self.constants:
                return self.net[label]
        label = next(f"C{k}" if k else "C" for k in itertools.count() if (f"C{k}" if k else "C") not in self.taken)
        self.taken.add(label)
        self.constants.add(label)
        return self.net.input(label, value.shape, value)

    def _power(self, e: Any) -> Form:
        if getattr(e.base, "is_Matrix", False):
            return self._matrix_power(e)
        if e.exp == sp.Rational(1, 2):
            base = self.convert(e.base)
            if isinstance(base, Apply) and base.op == "power" and isinstance(e.base, sp.Trace):
                return base.args[0]  # the root of a squared norm is the norm
            return apply("sqrt", base)
        if e.exp.is_number and e.exp.could_extract_minus_sign():
            return number(1) / self.convert(e.base ** (-e.exp))
        return self.convert(e.base) ** self.convert(e.exp)

    def _matrix_power(self, e: Any) -> Form:
        if e.exp.is_Integer and e.exp < 0:
            return power_of(self.convert(e.base), int(e.exp))
        if e.exp.is_Integer and e.exp > 0:
            return self._matrix_product(sp.MatMul(*[e.base] * int(e.exp), evaluate=False))
        raise NetworkError(
            f"in {self.text}: the matrix power {e} cannot be read; for an entrywise one use HadamardPower"
        )

    def _applied(self, e: Any) -> Form:
        variable = sp.Dummy("v", real=True)
        body = e.function(variable)
        argument = self.convert(e.expr)
        if isinstance(body, sp.Function) and body.args == (variable,):
            return self.called(body, [argument])
        inner = _Substituted(self, {variable: argument})
        return inner.convert(body)

    def _function(self, e: Any) -> Form:
        if e in self.scalar_calls:
            label = check_name(e.func.__name__)
            return unknown_function(label, len(e.args))(*map(self.convert, e.args))
        return self.called(e, [self.convert(a) for a in e.args])

    def called(self, e: Any, arguments: list[Form]) -> Form:
        """Return a function of SymPy applied to Forms."""
        kind = type(e)
        if kind in _SYMPY_ELEMENTARY:
            return apply(_SYMPY_ELEMENTARY[kind], *arguments)
        if kind in _SYMPY_ROWS:
            return ROWS[_SYMPY_ROWS[kind]](*arguments)
        name = str(e.func.__name__)
        if name in ROWS:
            return self._row(ROWS[name], arguments, dict(getattr(kind, "options", ())))
        if isinstance(e, AppliedUndef):
            check_name(name)
            return apply(undefined(name, len(arguments)), *arguments)
        for rewritten in _in_known_functions(e):
            # tan by exponentials has the imaginary unit; by sine and cosine it has not
            if rewritten != e and not rewritten.has(kind, sp.I):
                return self.convert(rewritten)
        known = [*(k.__name__ for k in (*_SYMPY_ELEMENTARY, *_SYMPY_ROWS)), "tan", "cot", "sinh", "cosh", *ROWS]
        raise NetworkError(f"in {self.text}: the function {name} is not known{nearest(name, known)}")

    def _row(self, row: Function, arguments: list[Form], options: dict[str, Any]) -> Form:
        """Return a row of the tables; a column of SymPy is a vector, along which functions of vectors work."""
        shape = arguments[0].shape
        if "axis" in row.parameters and len(shape) == 2:
            if "axis" not in options and shape[1] == 1:
                options = {**options, "axis": 0}
            axis = options.get("axis", row.parameters["axis"])
            if isinstance(axis, int) and -2 <= axis < 2 and shape[axis] == 1:
                raise NetworkError(
                    f"in {self.text}: {row.name} runs along axis {axis} of an array of shape {shape_text(shape)}, over one entry"
                )
        return row(*arguments, **options)

    def _extreme(self, e: Any) -> Form:
        row = ROWS["maximum" if isinstance(e, sp.Max) else "minimum"]
        args = sorted(e.args, key=self._rank)
        result = self.convert(args[0])
        for a in args[1:]:
            result = row(result, self.convert(a))
        return result

    def _piecewise(self, e: Any) -> Form:
        pairs = list(e.args)
        value, condition = pairs[-1]
        if condition is not sp.true and condition != True:  # noqa: E712  (SymPy's true)
            raise NetworkError(f"in {self.text}: the last case of a Piecewise must hold otherwise (True)")
        result = self.convert(value)
        for value, condition in reversed(pairs[:-1]):
            result = apply("where", self._relation(condition), self.convert(value), result)
        return result

    def _relation(self, e: Any) -> Form:
        kinds = {
            sp.StrictGreaterThan: "greater",
            sp.StrictLessThan: "less",
            sp.GreaterThan: "greater_equal",
            sp.LessThan: "less_equal",
            sp.Equality: "equal",
            sp.Unequality: "not_equal",
        }
        if type(e) not in kinds:
            raise NetworkError(f"in {self.text}: {e} is not a comparison")
        return apply(kinds[type(e)], self.convert(e.lhs), self.convert(e.rhs))


def _sizes_in(sides: Iterable[Any]) -> Iterator[str]:
    """Yield the names of the symbols that are lengths of axes: of matrices, of IndexedBases, and of the ranges of sums."""
    for side in sides:
        for base in side.atoms(sp.MatrixSymbol, sp.IndexedBase, sp.Identity, sp.OneMatrix, sp.ZeroMatrix):
            for length in base.shape or ():
                yield from map(str, length.free_symbols)
        for found in side.atoms(sp.Sum):
            letters = {limit[0] for limit in found.limits}
            for _, *limits in found.limits:
                for limit in limits:
                    yield from (str(s) for s in limit.free_symbols - letters if s.is_Symbol)


def _written_out(e: Any) -> Any:
    """Return a matrix expression of known sizes as an explicit matrix, else None."""
    return e.as_explicit() if all(s.is_Integer for s in map(sp.sympify, e.shape)) else None


def _transposes(e: Any) -> int:
    """Return how many transposes an expression is written with."""
    return sum(isinstance(node, sp.Transpose) for node in sp.preorder_traversal(e))


def _powers_apart(matrices: Iterable[Any]) -> list[Any]:
    """Return the factors of a matrix product with small powers written out, negative ones as inverses."""
    found: list[Any] = []
    for m in matrices:
        small = isinstance(m, sp.MatPow) and m.exp.is_Integer and 0 < abs(m.exp) <= _LARGEST_POWER
        factor = (sp.Inverse(m.base) if m.exp < 0 else m.base) if small else m
        found += [factor] * abs(int(m.exp)) if small else [m]
    return found


_LARGEST_POWER = 32


def _repeated(term: Any) -> Any:
    """Return b for 1 b, a row that is repeated for every row of a batch, or for b 1ᵀ, a column: they are added as they are."""
    if isinstance(term, sp.MatMul) and len(term.args) == 2:
        ones, vector = term.args
        if isinstance(ones, sp.OneMatrix) and ones.shape[1] == 1 and vector.shape[0] == 1:
            return vector
        vector, ones = term.args
        if isinstance(ones, sp.OneMatrix) and ones.shape[0] == 1 and getattr(vector, "shape", (0, 0))[1] == 1:
            return vector
    return term


def _is_plain(form: Form) -> bool:
    return not any(isinstance(node, Transpose) for node in walk(form))


def _diagonal_part(reader: _Reader, e: Any) -> Form:
    form = reader.convert(e.arg)
    return form * eye(form.shape[0])


def _diagonal_of(reader: _Reader, e: Any) -> Form:
    return expand(einsum([(0, 0)], (0,), [reader.convert(e.arg)]), [1])


def _kronecker(reader: _Reader, e: Any) -> Form:
    """(A ⊗ B)[i p + k, j q + l] = A[i, j] B[k, l] for B of shape (p, q)."""
    result = reader.convert(e.args[0])
    for other in e.args[1:]:
        form = reader.convert(other)
        if any(not isinstance(s, int) for s in (*result.shape, *form.shape)):
            raise NetworkError(f"in {reader.text}: the Kronecker product {e} needs numbers for its sizes")
        result = kron_of(result, form)
    return result


def _blocks(reader: _Reader, e: Any) -> Form:
    blocks = e.blocks
    if any(not s.is_Integer for b in blocks for s in b.shape):
        raise NetworkError(f"in {reader.text}: the blocks of {e} need numbers for their sizes")
    rows = [concatenate([reader.convert(blocks[i, j]) for j in range(blocks.cols)], 1) for i in range(blocks.rows)]
    return concatenate(rows, 0)


def _part(reader: _Reader, e: Any) -> Form:
    bounds = [s if all(sp.sympify(v).is_Integer for v in s) else None for s in (e.rowslice, e.colslice)]
    if None in bounds:
        raise NetworkError(f"in {reader.text}: the part {e} needs numbers for its limits")
    return get(reader.convert(e.parent), tuple(slice(*(int(v) for v in s)) for s in bounds if s is not None))


_READ: dict[type, Callable[[_Reader, Any], Form]] = {
    **dict.fromkeys((sp.MatrixSymbol, sp.Symbol), _Reader._symbol),
    sp.Rational: lambda reader, e: _rational(e),
    **dict.fromkeys((sp.Float, sp.NumberSymbol), lambda reader, e: number(float(e))),
    **dict.fromkeys((sp.MatAdd, sp.MatMul), _Reader._matrix_sum_or_product),
    sp.Add: _Reader._sum,
    sp.Mul: _Reader._scalar_product,
    sp.Pow: _Reader._power,
    sp.MatPow: _Reader._matrix_power,
    sp.MatrixBase: _Reader._explicit,
    sp.Transpose: lambda reader, e: transpose(reader.convert(e.arg)),
    sp.Adjoint: lambda reader, e: transpose(reader.convert(e.arg)),
    sp.Trace: lambda reader, e: reader._trace(e.arg),
    sp.Determinant: lambda reader, e: MATRIX_FUNCTIONS["det"](reader.convert(e.arg)),
    sp.HadamardProduct: lambda reader, e: product_of([reader.convert(a) for a in e.args]),
    sp.HadamardPower: lambda reader, e: apply("power", reader.convert(e.base), reader.convert(e.exp)),
    sp.ZeroMatrix: lambda reader, e: filled(0, reader.shape_of(e.shape)),
    sp.OneMatrix: lambda reader, e: filled(1, reader.shape_of(e.shape)),
    sp.Identity: lambda reader, e: eye(reader.shape_of(e.shape)[0]),
    sp.DiagMatrix: lambda reader, e: reader._matrix_product(sp.MatMul(e, evaluate=False)),
    sp.DiagonalMatrix: _diagonal_part,
    sp.DiagonalOf: _diagonal_of,
    sp.KroneckerProduct: _kronecker,
    **dict.fromkeys((sp.BlockMatrix, sp.BlockDiagMatrix), _blocks),
    MatrixSlice: _part,
    DotProduct: lambda reader, e: reduce_over("sum", product_of([reader.convert(a) for a in e.args])),
    ElementwiseApplyFunction: _Reader._applied,
    **dict.fromkeys((MatrixElement, sp.Indexed, sp.Sum), lambda reader, e: reader.entries.scalar(e)),
    **dict.fromkeys((sp.Max, sp.Min), _Reader._extreme),
    sp.Piecewise: _Reader._piecewise,
    sp.core.relational.Relational: _Reader._relation,
    sp.Heaviside: lambda reader, e: apply("greater", reader.convert(e.args[0]), number(0)),
    **dict.fromkeys((sp.Function, MatrixFunction), _Reader._function),
}
"""How each kind of expression is read, by the first of its classes that stands here."""


class _Substituted(_Reader):
    """Converts the body of a lambda: its variable is a Form that is there already."""

    def __init__(self, outer_reader: _Reader, known: Mapping[Any, Form]) -> None:
        self.__dict__.update(outer_reader.__dict__)
        self.known = known

    def convert(self, e: Any) -> Form:
        return self.known[e] if e in self.known else super().convert(e)


def _flipped(form: Form) -> Form:
    """Return the transpose, taken into sums and products of arrays of one shape."""
    if isinstance(form, Apply) and all(a.shape in (form.shape, ()) for a in form.args):
        return apply(form.op, *[_flipped(a) if a.shape else a for a in form.args], **form.parameters)
    return transpose(form)


def _is_penalty(e: Any, term: Any) -> bool:
    """Say whether a term, as λ tr(UᵀU), weighs some of the matrices that another term of the sum reads."""
    own = term.atoms(sp.MatrixSymbol)
    weighed = any(isinstance(f, sp.Symbol) and not f.is_integer for f in sp.Mul.make_args(term))
    return weighed and bool(own) and any(own < other.atoms(sp.MatrixSymbol) for other in e.args)


def _others_negative(e: Any, term: Any) -> bool:
    return all(other.could_extract_minus_sign() for other in e.args if other is not term)


def _dyadic(value: Any) -> bool:
    return int(value.q) in (2, 4, 8, 16)


def _rational(value: Any) -> Form:
    if value.is_Integer:
        return number(int(value))
    return number(float(value)) if _dyadic(value) else number(Fraction(int(value.p), int(value.q)))
