"""From SymPy equations to a network: Symbols, MatrixSymbols, undefined functions, and index notation with Sum.

SymPy reorders what it is given, so products are printed data first, then weight, and sums products first, then bias.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.simplify.fu import TR2

from symback.core.errors import NetworkError, nearest
from symback.core.forms import (
    Apply,
    Form,
    Shape,
    apply,
    filled,
    make_shape,
    matmul,
    number,
    product_of,
    reduce_over,
    size,
    size_of,
    transpose,
    undefined,
)
from symback.functions import ROWS
from symback.networks.entries import Entries, Ranges
from symback.networks.network import Network, check_name

_SYMPY_ROWS: dict[type, str] = {
    sp.tanh: "tanh",
    sp.Abs: "absolute",
    sp.sign: "sign",
    sp.erf: "erf",
}
_SYMPY_ELEMENTARY: dict[type, str] = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos"}


def _in_known_functions(e: Any) -> Iterator[Any]:
    """Yield a SymPy function in exponentials, as a quotient of sine and cosine, and in one of them alone."""
    yield e.rewrite(sp.exp)
    yield TR2(e)
    yield e.rewrite(sp.cos)
    yield e.rewrite(sp.sin)


def looks_like_parameter(name: str) -> bool:
    """Return True for the names parameters usually have: w*, W*, b*, theta, gamma, beta."""
    if name.startswith(("w", "W")):
        return True
    if name.startswith(("theta", "gamma", "beta", "θ", "γ", "β")):
        return True
    return name.startswith(("b", "B")) and (len(name) == 1 or not name[1:2].isalpha())


def identifier(name: str) -> str:
    """Return a SymPy symbol's name as a name that code can have: ``lambda`` becomes ``lambda_``, and prints as λ."""
    return check_name(name + "_" if keyword.iskeyword(name) else name)


def network(
    equations: Sequence[Any],
    *,
    values: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    parameters: Sequence[Any] | None = None,
) -> Network:
    """Return the network of an ordered list of SymPy equations; the last one is the loss.

    Each equation is ``Eq(left, right)`` (or a pair) with a Symbol, a MatrixSymbol or an ``Indexed`` on the left.
    Symbols that no equation defines are leaves; those called w*, W*, b*, theta, gamma, beta (or named in
    ``parameters``) are parameters. ``shapes`` gives the shape of an ``IndexedBase`` made without one.

    >>> import sympy as sp
    >>> x, t, w, y, E = sp.symbols("x t w y E")
    >>> network([sp.Eq(y, x*w), sp.Eq(E, (t - y)**2/2)])
    Network(y = x * w; E = 0.5 * (t - y)**2)

    Raises NetworkError where an equation cannot be read, naming it.
    """
    return _Reader(values or {}, shapes or {}, parameters).read(list(equations))


class _Reader:
    def __init__(self, values: Mapping[str, Any], shapes: Mapping[str, Any], parameters: Sequence[Any] | None) -> None:
        self.net = Network()
        self.values = {str(k): v for k, v in values.items()}
        self.shapes = {str(k): make_shape(v) for k, v in shapes.items()}
        self.parameters = None if parameters is None else {str(p) for p in parameters}
        self.text = ""
        self.defined: set[str] = set()

    def read(self, equations: list[Any]) -> Network:
        if not equations:
            raise NetworkError("network([...]) needs at least one equation, the loss")
        pairs = [self._sides(e) for e in equations]
        self.defined = {self._left_name(left) for left, _ in pairs}
        self.sizes = set(_sizes_in([side for pair in pairs for side in pair]))
        self.sizes |= {str(s) for shape in self.shapes.values() for s in shape if not isinstance(s, int)}
        self.sizes -= self.defined
        self.entries = Entries(self, Ranges(self, pairs))
        for left, right in pairs:
            self.text = f"{left} = {right}"
            name = self._left_name(left)
            if isinstance(left, sp.Indexed):
                form = self.entries.equation(left, right)
            else:
                form = self.convert(right)
                if isinstance(left, sp.MatrixSymbol) and self.shape_of(left.shape) != form.shape:
                    raise NetworkError(
                        f"in {self.text}: the left side has shape {tuple(left.shape)}, the right side {form.shape}"
                    )
            self.net.define(name, form)
            self.net.symbols.setdefault(name, left.base if isinstance(left, sp.Indexed) else left)
        names = [v.name for v in self.net.variables.values() if v.role == "parameter"]
        if names and self.parameters is None:
            self.net.choices = (f"parameters: {', '.join(names)} (by their names)",)
        unknown = set(self.values) - set(self.net.variables)
        if unknown:
            raise NetworkError(f"values for {', '.join(sorted(unknown))}, which no equation reads")
        return self.net

    def _sides(self, equation: Any) -> tuple[Any, Any]:
        if isinstance(equation, (tuple, list)) and len(equation) == 2:
            return sp.sympify(equation[0]), sp.sympify(equation[1])
        if isinstance(equation, sp.Equality):
            return equation.lhs, equation.rhs
        raise NetworkError(f"{equation!r} is not an equation; use sympy.Eq(left, right)")

    def _left_name(self, left: Any) -> str:
        if isinstance(left, (sp.Symbol, sp.MatrixSymbol)):
            return identifier(str(left.name))
        if isinstance(left, sp.Indexed):
            return check_name(str(left.base.label))
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
        label = identifier(str(getattr(symbol, "label", symbol)))
        self.net.symbols.setdefault(label, symbol)
        return label, self.leaf(label, shape)

    def known_shape(self, base: Any) -> Shape | None:
        """Return the shape that a base has by itself, by ``shapes=`` or by its equation; None where nothing says it."""
        label = str(getattr(base, "label", base))
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
        if isinstance(e, (sp.MatrixSymbol, sp.Symbol)):
            self.net.symbols.setdefault(identifier(str(e.name)), e)
        if isinstance(e, sp.MatrixSymbol):
            return self.leaf(identifier(str(e.name)), self.shape_of(e.shape))
        if isinstance(e, sp.Symbol):
            return size_of(size(e.name)) if self.is_size(e) else self.leaf(identifier(str(e.name)), ())
        if isinstance(e, sp.Rational):
            return _rational(e)
        if isinstance(e, sp.Float):
            return number(float(e))
        if isinstance(e, sp.NumberSymbol):
            return number(float(e))
        if isinstance(e, (sp.Add, sp.MatAdd)):
            return self._sum(e)
        if isinstance(e, sp.MatMul):
            return self._matrix_product(e)
        if isinstance(e, sp.HadamardProduct):
            return product_of([self.convert(a) for a in e.args])
        if isinstance(e, sp.Mul):
            return self._scalar_product(e)
        if isinstance(e, (sp.Transpose,)):
            return transpose(self.convert(e.arg))
        if isinstance(e, sp.Trace):
            return self._trace(e.arg)
        if isinstance(e, sp.ZeroMatrix):
            return filled(0, self.shape_of(e.shape))
        if isinstance(e, sp.OneMatrix):
            return filled(1, self.shape_of(e.shape))
        if isinstance(e, sp.HadamardPower):
            return apply("power", self.convert(e.base), self.convert(e.exp))
        if isinstance(e, ElementwiseApplyFunction):
            return self._applied(e)
        if isinstance(e, MatrixElement):
            return self.entries.scalar(e)
        if isinstance(e, sp.Pow):
            return self._power(e)
        if isinstance(e, (sp.Max, sp.Min)):
            return self._extreme(e)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e)
        if isinstance(e, (sp.core.relational.Relational,)):
            return self._relation(e)
        if isinstance(e, sp.Heaviside):
            return apply("greater", self.convert(e.args[0]), number(0))
        if isinstance(e, (sp.Indexed, sp.Sum)):
            return self.entries.scalar(e)
        if isinstance(e, sp.Function):
            return self._function(e)
        raise NetworkError(f"in {self.text}: {type(e).__name__} {e} has no array operation here")

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
            return (negative, bool(term.is_number and not leads), plain and not term.is_number, self._rank(term))

        result: Form | None = None
        for term in sorted(e.args, key=key):
            negative = term.could_extract_minus_sign()
            form = self.convert(-term if negative else term)
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
        for m in matrices:
            form = self.convert(m)
            result = form if result is None else matmul(result, form)
        assert result is not None
        if coefficient == 1:
            return result
        if coefficient == -1:
            return -result
        return self.convert(coefficient) * result

    def _trace(self, e: Any) -> Form:
        """tr(AB) is the sum of A ⊙ Bᵀ: no product is formed for its diagonal alone."""
        if isinstance(e, sp.MatMul) and len(e.as_coeff_matrices()[1]) > 1:
            coefficient, matrices = e.as_coeff_matrices()
            first = self.convert(sp.MatMul(*matrices[:-1]))
            product = reduce_over("sum", first * _flipped(self.convert(matrices[-1])))
            return product if coefficient == 1 else self.convert(coefficient) * product
        raise NetworkError(f"in {self.text}: the trace of {e} is not the trace of a product; write it as a sum")

    def _power(self, e: Any) -> Form:
        if e.exp == sp.Rational(1, 2):
            return apply("sqrt", self.convert(e.base))
        if e.exp.is_number and e.exp.could_extract_minus_sign():
            return number(1) / self.convert(e.base ** (-e.exp))
        if getattr(e.base, "is_Matrix", False):
            raise NetworkError(f"in {self.text}: {e} is a matrix power; for an entrywise one use HadamardPower")
        return self.convert(e.base) ** self.convert(e.exp)

    def _applied(self, e: Any) -> Form:
        variable = sp.Dummy("v", real=True)
        body = e.function(variable)
        argument = self.convert(e.expr)
        if isinstance(body, sp.Function) and body.args == (variable,):
            return self.called(body, [argument])
        inner = _Substituted(self, {variable: argument})
        return inner.convert(body)

    def _function(self, e: Any) -> Form:
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
            return ROWS[name](*arguments, **dict(getattr(kind, "options", ())))
        if isinstance(e, AppliedUndef):
            check_name(name)
            return apply(undefined(name, len(arguments)), *arguments)
        for rewritten in _in_known_functions(e):
            # tan by exponentials has the imaginary unit; by sine and cosine it has not
            if rewritten != e and not rewritten.has(kind, sp.I):
                return self.convert(rewritten)
        known = [*(k.__name__ for k in (*_SYMPY_ELEMENTARY, *_SYMPY_ROWS)), "tan", "cot", "sinh", "cosh", *ROWS]
        raise NetworkError(f"in {self.text}: the function {name} is not known{nearest(name, known)}")

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


def _others_negative(e: Any, term: Any) -> bool:
    return all(other.could_extract_minus_sign() for other in e.args if other is not term)


def _dyadic(value: Any) -> bool:
    return int(value.q) in (2, 4, 8, 16)


def _rational(value: Any) -> Form:
    if value.is_Integer:
        return number(int(value))
    return number(float(value)) if _dyadic(value) else number(Fraction(int(value.p), int(value.q)))
