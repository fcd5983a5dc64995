"""What one document has settled before its first formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from symback.core import forms
from symback.core.display import Fraction, Node, Symbol, row, to_latex
from symback.core.forms import Form, Prime, names_in
from symback.networks.network import NamedNetwork
from symback.page.notation import (
    PLAIN,
    Names,
    Notation,
    bold,
    function_symbol,
    light,
    name_symbols,
    size_symbol,
    upright,
)
from symback.page.pieces import Piece, one_element
from symback.page.places import Place, Places, subscripted
from symback.page.words import DEFAULT_LANGUAGE, words


@dataclass(frozen=True, eq=False)
class Context:
    """What one document has settled: symbols of names, which arrays are rows, what is printed for an adjoint.

    ``scalar``: every array has one element. ``rows``: 1-D arrays print as rows. ``leaves`` counts the variables that
    each name depends on, those with more than one entry twice; ``adjoints`` overrides the symbol ∂L/∂A of some names, as δ does.
    """

    names: Names
    notation: Notation = PLAIN
    scalar: bool = True
    rows: bool = False
    loss: str = ""
    leaves: Mapping[str, int] = field(default_factory=dict)
    partial: frozenset[tuple[str, str]] = frozenset()
    """Pairs of names of which the first is a formula of the second and of others besides: y(x, v) has a ∂y/∂v."""
    arrays: frozenset[str] = frozenset()
    """Names with more than one entry: their entries are several variables."""
    adjoints: Mapping[str, Node] = field(default_factory=dict)
    otherwise: str = "otherwise"
    product: str = "dotted"
    """How two names are multiplied in a scalar network: "dotted", or "juxtaposed" as in W₁x₁."""
    numbers: Mapping[str, Piece] | None = None
    """Values put in for names (the adjoint of z under "∂z"): the line is one of numbers."""
    kronecker: bool = False
    """Print an entry of the identity matrix as δ_ij, where δ stands for nothing else, instead of 1[i = j]."""
    shapes: bool = False
    """Print the shape of each factor of a matrix product under it."""
    variables: frozenset[str] = frozenset()
    """Names that no equation defines: the sum of the squares of such an array is ‖W‖_F²."""
    norms: bool = False
    """Print every sum of squares as the square of a norm, as in a formula that was written with norms."""

    def with_adjoints(self, adjoints: Mapping[str, Node]) -> Context:
        return replace(self, adjoints=dict(adjoints))

    def name(self, name: str) -> Node:
        """Return the symbol of a name."""
        found = self._plain_name(name)
        return bold(found) if self.is_bold(name) else found

    def _plain_name(self, name: str) -> Node:
        return self.names[name] if name in self.names.symbols else upright(name)

    def is_bold(self, name: str) -> bool:
        """Say whether the symbol of a name is printed in bold."""
        return self.notation.bold and name in self.arrays and name not in self.notation.symbols

    @cached_property
    def taken(self) -> frozenset[str]:
        """The LaTeX of every symbol in use: no entry may print like one of them."""
        return self.names.taken | {to_latex(node) for node in self.adjoints.values()}

    def entry(self, name: str, places: Sequence[Place | None]) -> Node:
        """Return the symbol of the entry of a name at the places."""
        return subscripted(self._plain_name(name) if _is_entry(places) else self.name(name), places, self.taken)

    def derivative(self, of: str, by: str, symbol: Node | None = None) -> Node:
        """Return the fraction ∂(of)/∂(by), with d where ``of`` is a function of one variable."""
        kind = self.notation.derivative
        one = self.leaves.get(of, 2) <= 1 and by not in self.arrays and (of, by) not in self.partial
        total = kind == "d" or (kind == "auto" and one)
        mark = Symbol("d", "d") if total else Symbol(r"\partial ", "∂")
        return Fraction(row(mark, self.name(of)), row(mark, self.name(by) if symbol is None else symbol))

    def adjoint(self, of: str, places: Places = ()) -> Node:
        """Return what is printed for ∂L/∂(of), or for its entry at the places."""
        if of in self.adjoints:
            symbol = self.adjoints[of]
            plain = self.notation.bold and _is_entry(places)
            return subscripted(light(symbol) if plain else symbol, places, self.taken)
        return self.derivative(self.loss, of, self.entry(of, places))


def _is_entry(places: Sequence[Place | None]) -> bool:
    return any(p is not None for p in places)


def context_of(form: Form, notation: Notation = PLAIN, names: Iterable[str] = ()) -> Context:
    """Return the context of a single form, with nothing known but the form itself."""
    nodes = forms.walk(form)
    order = list(names) + [n.name for n in nodes if isinstance(n, forms.Name)]
    order += [n.of for n in nodes if isinstance(n, forms.Adjoint)]
    found = name_symbols([*order, "L"], notation, reserved_symbols([form]))
    return Context(found, notation, scalar=is_scalar([form]), rows=prefers_rows([form]), loss="L")


def is_scalar(found: Iterable[Form]) -> bool:
    """Say whether every array in these forms has one element, and none is a matrix of linear algebra."""
    return all(
        one_element(node) and not isinstance(node, forms.Implicit) for form in found for node in forms.walk(form)
    )


def prefers_rows(found: Iterable[Form]) -> bool:
    """Say whether 1-D arrays are rows: multiplied only from the left, or added to the rows of a batch."""
    left = right = added = False
    for form in found:
        for node in forms.walk(form):
            if isinstance(node, forms.Matmul):
                a, b = node.args
                left = left or (a.ndim == 1 and b.ndim > 1)
                right = right or (b.ndim == 1 and a.ndim > 1)
            elif isinstance(node, forms.Apply) and node.ndim == 2:
                added = added or any(a.ndim == 1 and not one_element(a) for a in node.args)
            elif isinstance(node, forms.Reduce):
                added = added or (node.args[0].ndim == 2 and node.axes == (0,) and not node.keepdims)
            elif isinstance(node, forms.Expand):
                right = right or (node.axes == (1,) and isinstance(node.args[0], forms.Name) and node.args[0].ndim == 1)
    return not right and (left or added)


def reserved_symbols(found: Iterable[Form]) -> list[Node]:
    """Return the symbols of the functions and sizes in these forms; no name may print like them."""
    reserved: dict[Node, None] = {}
    for form in found:
        for node in forms.walk(form):
            if isinstance(node, forms.Apply) and not isinstance(node.op, str):
                op = node.op.function if isinstance(node.op, Prime) else node.op
                reserved[function_symbol(op)] = None
            for s in node.shape:
                if isinstance(s, sp.Symbol):
                    reserved[size_symbol(s)] = None
            if isinstance(node, forms.SizeOf):
                reserved[size_symbol(node.size)] = None
    return list(reserved)


def context_for(network: NamedNetwork, notation: Notation = PLAIN, language: str = DEFAULT_LANGUAGE) -> Context:
    """Return what a document on this network has settled before its first formula."""
    found = [f for e in network.equations for f in (e.form, e.written)]
    found += [forms.name(v.name, v.shape) for v in network.variables.values()]
    names = [*network.variables, *(e.name for e in network.equations)]
    arrays = frozenset(n for n in names if not one_element(forms.name(n, network.shape_of(n))))
    depends: dict[str, frozenset[str]] = {v: frozenset((v,)) for v in network.variables}
    partial = set()
    for equation in network.equations:
        read = names_in(equation.form)
        if len(read) > 1:
            partial |= {(equation.name, n.name) for n in read if n.name not in network.variables}
        depends[equation.name] = frozenset().union(*(depends.get(n.name, frozenset()) for n in read))
    scalar = is_scalar(found)
    reserved = reserved_symbols(found)
    if scalar:
        notation = replace(notation, heads={})
    if network.latex:
        notation = replace(notation, symbols={**network.latex, **notation.symbols})
    if (
        notation.loss
        and network.loss not in notation.symbols
        and notation.loss not in {*names, *notation.symbols.values(), *map(to_latex, reserved)}
    ):
        notation = replace(notation, symbols={**notation.symbols, network.loss: notation.loss})
    return Context(
        names=name_symbols(names, notation, reserved, network.printed),
        notation=notation,
        scalar=scalar,
        rows=prefers_rows(found),
        loss=network.loss,
        leaves={name: sum(1 + (leaf in arrays) for leaf in leaves) for name, leaves in depends.items()},
        arrays=arrays,
        variables=frozenset(network.variables),
        partial=frozenset(partial),
        otherwise=words(language)["otherwise"],
    )
