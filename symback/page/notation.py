"""Notation: how names become symbols, and the choices a page makes once.

The map from names to symbols is injective per document: ``w1`` prints w₁ and ``y_hat`` prints ŷ unless that symbol is
taken; then the name is printed as it is spelled, and the page says so.

Two presets follow well-known texts. ``nielsen``: Michael Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2,
http://neuralnetworksanddeeplearning.com/chap2.html: the layer as a superscript (w^l, b^l, z^l, a^l), the cost C, the
error δ^l = ∂C/∂z^l, the rate η. ``ng``: Andrew Ng, *Deep Learning Specialization* (deeplearning.ai, 2017), the course's
"Standard notations for Deep Learning": the layer in square brackets (W^{[l]}, Z^{[l]}, A^{[l]}), the cost J, dW^{[l]} for
∂J/∂W^{[l]}, the rate α. Only the symbols are taken over: which side a weight stands on, and where 1/n goes (the course
keeps it out of dZ), is as the network at hand is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from symback.core.display import (
    Accent,
    Fence,
    Node,
    Row,
    Script,
    Symbol,
    Word,
    row,
    script,
    separated,
    to_latex,
    to_text,
)
from symback.core.errors import PrintError, nearest
from symback.core.forms import Function


@dataclass(frozen=True)
class Notation:
    """The choices of one document.

    ``derivative`` is ``"auto"`` (d for a function of exactly one number), ``"d"`` or ``"partial"``; ``delta`` prints
    the adjoint of a pre-activation as δ in the matrix view; ``learning_rate`` is a name such as ``"eta"``;
    ``symbols`` maps names to the LaTeX that shall be printed for them. Raises PrintError for a choice that is not known.

    >>> import symback as sb
    >>> net = sb.Network()
    >>> L = net.define("L", (net.input("x") * net.parameter("w")) ** 2)
    >>> print(sb.derive(net).latex("w", notation=Notation(symbols={"w": r"\\omega"}), style="staged"))
    \\frac{\\partial L}{\\partial \\omega} = 2 x^2 \\cdot \\omega
    """

    name: str = "plain"
    derivative: str = "auto"
    delta: bool = True
    learning_rate: str = "eta"
    time: bool = False
    """Print updates as W(t+1) = W(t) − η ∂L/∂W(t)."""
    layers: str = "subscript"
    """Where the number behind a name stands: "subscript" W₁, "superscript" W¹ or "bracket" W^{[1]}."""
    bold: bool = False
    """Print vectors and matrices in bold; their entries and numbers stay as they are."""
    activation: str = ""
    """In the entries view, the letter of activations, as "sigma" in σ₁ = 1/(1 + e^{−z₁}); none: their own names."""
    indices: tuple[str, ...] = ("i", "j", "k", "l", "m", "p", "q", "r", "s", "u", "v")
    symbols: Mapping[str, str] = field(default_factory=dict)

    loss: str = ""
    """The LaTeX of the loss where that is free, as "C" or "J"; none: its own name."""
    adjoint: str = "fraction"
    """How ∂L/∂W is printed: as a "fraction", or "short" as dW."""
    heads: Mapping[str, str] = field(default_factory=dict)
    """First letters of names that print as another letter in networks of arrays, as w1 prints W^{[1]}."""

    def __post_init__(self) -> None:
        for given, known in (
            (self.layers, ("subscript", "superscript", "bracket")),
            (self.adjoint, ("fraction", "short")),
        ):
            if given not in known:
                raise PrintError(f"{given!r} is none of {', '.join(map(repr, known))}")
        if self.activation and letter(self.activation) is None:
            raise PrintError(f"activation is one letter or the name of a Greek one, not {self.activation!r}")
        if self.derivative not in ("auto", "d", "partial"):
            raise PrintError(f"derivative is 'auto', 'd' or 'partial', not {self.derivative!r}")
        for name, latex in self.symbols.items():
            check_latex(name, latex)


PLAIN = Notation()
PRESETS: Mapping[str, Notation] = {
    "plain": PLAIN,
    "bold": Notation("bold", bold=True),
    "nielsen": Notation("nielsen", layers="superscript", loss="C", heads={"W": "w", "Z": "z", "A": "a"}),
    "ng": Notation(
        "ng",
        delta=False,
        learning_rate="alpha",
        layers="bracket",
        loss="J",
        adjoint="short",
        heads={"w": "W", "z": "Z", "a": "A", "x": "X", "y": "Y"},
    ),
}


def choose_notation(choice: Notation | str | None = None, symbols: Mapping[str, str] | None = None) -> Notation:
    """Return a preset by its name, or the notation given, with the user's own symbols added.

    >>> choose_notation("plain", {"W1": "W^{[1]}"}).symbols
    {'W1': 'W^{[1]}'}
    """
    if choice is None:
        found = PLAIN
    elif isinstance(choice, Notation):
        found = choice
    elif choice in PRESETS:
        found = PRESETS[choice]
    else:
        raise PrintError(
            f"there is no notation called {choice!r}{nearest(choice, PRESETS)}; known: {', '.join(PRESETS)}"
        )
    return replace(found, symbols={**found.symbols, **symbols}) if symbols else found


def check_latex(name: str, latex: str) -> str:
    """Return the user's own LaTeX for a name if it can stand inside a formula, else raise PrintError."""
    depth = 0
    plain = re.sub(r"\\[\\{}$&#%]", "", latex)
    for char in plain:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            break
    bad = sorted({c for c in plain if c in "$&#%~" or not c.isprintable()})
    unknown = [c for c in re.findall(r"\\([A-Za-z]+)", plain) if c not in _COMMANDS]
    if depth or bad or unknown or not latex.strip() or latex.rstrip().endswith(("^", "_")) or plain.endswith("\\"):
        reason = f"it contains {' '.join(map(repr, bad))}" if bad else "its braces or scripts are not complete"
        if unknown and not bad:
            known = nearest(unknown[0], _COMMANDS)
            reason = f"\\{unknown[0]} is not among the commands that a symbol may hold{known}"
        raise PrintError(f"the symbol {latex!r} for {name} cannot be printed: {reason}")
    return latex


# --- names to symbols -------------------------------------------------------------------------------------------------

GREEK: Mapping[str, str] = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "ϕ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
_SIGNS = """
    hat bar tilde vec dot ddot acute grave check breve mathring widehat widetilde overline underline
    mathrm mathbf mathit mathcal mathbb mathfrak mathsf mathtt mathscr boldsymbol bm operatorname text textbf textit textrm
    ell hbar imath jmath Re Im aleph partial nabla infty top bot perp cdot times odot otimes oplus ominus circ ast star bullet
    pm mp div leftarrow rightarrow leftrightarrow Leftarrow Rightarrow uparrow downarrow to mapsto leq le geq ge neq ne approx equiv
    sim simeq propto in notin subset cup cap wedge vee neg forall exists emptyset sum prod int ldots dots cdots vdots ddots prime
    mid vert lvert rvert lVert rVert Vert parallel lceil rceil lfloor rfloor langle rangle lbrace rbrace left right bigl bigr big
    frac dfrac tfrac sqrt log ln exp max min sin cos tan sinh cosh tanh arg det dim quad qquad dagger ddagger
    varpi varrho varsigma vartheta overset underset underbrace overbrace textcolor boxed displaystyle
"""
_COMMANDS = frozenset(GREEK) | frozenset(_SIGNS.split())
"""What a symbol of one's own is made of: letters, accents, alphabets, signs, no command that acts on the document."""
_FROM_GREEK = {letter: word for word, letter in GREEK.items()}
_SPELLINGS: Mapping[str, str] = {"lam": "lambda", "eps": "epsilon", "loss": "L", "Loss": "L", "cost": "C", "error": "E"}
"""Words that textbooks write as one letter, where that letter is free."""
_ACCENTS: Mapping[str, str] = {"hat": "hat", "pred": "hat", "bar": "bar", "tilde": "tilde"}
_SILENT = ("true",)
"""Endings that are left out where the bare symbol is free: y_true prints y."""
_NAME = re.compile(r"([^\W\d_]+)(\d*)((?:_[^\W_]+)*)_?")


def letters_below(names: Iterable[str]) -> set[str]:
    """Return the letters that stand as subscripts of names: an index of that letter would be taken for them.

    >>> sorted(letters_below(["w_i", "w_j", "X_ij", "x_in", "d_k", "b1"]))
    ['i', 'j', 'k']
    """
    found = (re.search(r"_([a-z]|[ijkl]{2,3})$", name) for name in names)
    return {letter for match in found if match for letter in match.group(1)}


@dataclass(frozen=True, eq=False)
class Names:
    """The symbols of one document; ``notes`` lists (name, symbol, owner) for names printed as spelled.

    ``owner`` says what has the symbol that such a name would have had.
    """

    symbols: Mapping[str, Node]
    notes: tuple[tuple[str, Node, str], ...]
    taken: frozenset[str]

    @cached_property
    def letters_below(self) -> set[str]:
        """The letters that stand as subscripts of these names."""
        return letters_below(self.symbols)

    def __getitem__(self, name: str) -> Node:
        return self.symbols[name]

    def free(self, candidates: Iterable[Node]) -> Node:
        """Return the first candidate that no name of the document uses (the last one if all are used)."""
        last: Node | None = None
        for last in candidates:
            if to_latex(last) not in self.taken:
                return last
        assert last is not None
        return last


def letter(word: str) -> Node | None:
    """Return the symbol of one letter or one Greek letter's name, else None."""
    decomposed = unicodedata.normalize("NFD", word)
    if len(decomposed) == 2 and decomposed[1] in "\u0302\u0304\u0303" and decomposed[0].isascii():
        kind = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}[decomposed[1]]
        return Accent(Symbol(decomposed[0], decomposed[0]), kind)
    if word in GREEK:
        return Symbol("\\" + word, GREEK[word])
    if word in _FROM_GREEK:
        return Symbol("\\" + _FROM_GREEK[word], word)
    if word == "ell":
        return Symbol(r"\ell", "ℓ")
    if len(word) == 1 and word.isascii() and word.isalpha():
        return Symbol(word, word)
    return None


def upright(word: str) -> Node:
    """Return a word in upright letters: ``\\mathrm`` for ASCII, text for every other alphabet."""
    word = _FROM_GREEK.get(word, word)
    if word.isascii() and word.replace("_", "").isalnum():
        return Symbol(rf"\mathrm{{{word}}}".replace("_", r"\_"), word)
    return Word(word)


_LENGTHS = ("dk", "dv", "dq", "dh")
"""Lengths of keys, values, queries and heads, as papers on attention write them: d_k."""


def _head(word: str) -> Iterator[tuple[Node, int]]:
    """Yield symbols for the first word of a name with their distance from its spelling."""
    found = letter(word)
    if found is not None:
        yield found, 0
        return
    if word in _SPELLINGS:
        spelled = letter(_SPELLINGS[word])
        assert spelled is not None
        yield spelled, 1
    for ending, accent in _ACCENTS.items():
        base = letter(word.removesuffix(ending))
        if word.endswith(ending) and base is not None:
            yield Accent(base, accent), 1
    weight = (
        word[0] in "WUVbw" and 2 <= len(word) <= 3 and (word[1:].islower() or (len(word) == 2 and word[1].isupper()))
    )
    if word.isascii() and word.isalpha() and (weight or word in _LENGTHS):
        yield Script(Symbol(word[0], word[0]), Symbol(word[1:], word[1:])), 1
    yield upright(word), 0


def _part(word: str) -> Node:
    if word.isdigit() and word.isascii():
        return Symbol(word, word)
    if len(word) == 2 and word.isascii() and word.islower():
        return Symbol(word, word)
    return letter(word) or upright(word)


def candidates(name: str, choice: Notation | None = None) -> list[tuple[Node, int]]:
    """Return the symbols a name may print as, best first, each with its distance from the spelling."""
    if (
        choice is not None
        and name[:1] in choice.heads
        and (match := _NAME.fullmatch(name))
        and len(match.group(1)) == 1
    ):
        other = candidates(choice.heads[name[0]] + name[1:], replace(choice, heads={}))
        own = candidates(name, replace(choice, heads={}))
        return [*other, *((node, distance + 1) for node, distance in own)]
    layers = "subscript" if choice is None else choice.layers
    match = _NAME.fullmatch(name)
    if match is None or (name.endswith("_") and match.group(3)):
        return []
    head, digits, tail = match.groups()
    if digits and not digits.isascii():
        return []
    parts = [p for p in tail.split("_") if p]
    found: list[tuple[Node, int]] = []
    for base, distance in _head(head):
        distance += name.endswith("_")  # ``x_`` prints as x only where no name is spelled so
        accents = [p for p in parts if p in _ACCENTS]
        plain = [p for p in parts if p not in _ACCENTS]
        if len(accents) == 1 and not isinstance(base, (Script, Word)):
            marked = _numbered(Accent(base, _ACCENTS[accents[0]]), digits, [_part(p) for p in plain], layers)
            found.append((marked, distance + (accents[0] != "hat")))
        if parts and parts[-1] in _SILENT:
            found.append((_numbered(base, digits, [_part(p) for p in parts[:-1]], layers), distance + 1))
        found.append((_numbered(base, digits, [_part(p) for p in parts], layers), distance))
    return found


def _numbered(base: Node, digits: str, parts: list[Node], layers: str) -> Node:
    """Return a symbol with the number behind its name, and with what follows the number as subscripts."""
    number = [Symbol(digits, digits)] if digits else []
    if layers == "subscript" or not number:
        return _subscripted(base, [*number, *parts])
    return with_layer(_subscripted(base, parts), number[0], layers)


def with_layer(base: Node, layer: Node, layers: str) -> Script:
    """Return a symbol with the number of its layer where the notation puts it.

    >>> to_latex(with_layer(Symbol("W", "W"), Symbol("1", "1"), "bracket"))
    'W^{[1]}'
    """
    if layers == "subscript":
        return Script(base, layer)
    above = Fence(layer, "[") if layers == "bracket" else layer
    if isinstance(base, Script):
        return Script(base.base, base.below, above)
    return Script(base, None, above)


def short_adjoint(symbol: Node) -> Node:
    """Return dW for a symbol W, its scripts kept outside."""
    mark = Symbol("d", "d")
    if isinstance(symbol, Script):
        return Script(row(mark, symbol.base), symbol.below, symbol.above)
    if isinstance(symbol, Symbol):
        return Symbol(("d " if symbol.latex.startswith("\\") else "d") + symbol.latex, "d" + symbol.text)
    return row(mark, symbol)


def bold(node: Node) -> Node:
    """Return a symbol in bold, its scripts kept as they are.

    >>> print(to_latex(bold(Script(Symbol("W", "W"), Symbol("1", "1")))))
    \\boldsymbol{W}_1
    """

    def heavier(symbol: Symbol) -> Symbol:
        inner = re.fullmatch(r"\\math(?:rm|it)\{(.*)\}", symbol.latex)
        return Symbol(rf"\boldsymbol{{{symbol.latex}}}" if inner is None else rf"\mathbf{{{inner[1]}}}", symbol.text)

    return _restyled(node, heavier)


def light(node: Node) -> Node:
    """Return a symbol that ``bold`` made bold as it was.

    >>> print(to_latex(light(bold(Symbol(r"\\delta", "δ")))))
    \\delta
    """

    def lighter(symbol: Symbol) -> Symbol:
        inner = re.fullmatch(r"\\(boldsymbol|mathbf)\{(.*)\}", symbol.latex)
        if inner is None:
            return symbol
        return Symbol(inner[2] if inner[1] == "boldsymbol" else rf"\mathrm{{{inner[2]}}}", symbol.text)

    return _restyled(node, lighter)


def _restyled(node: Node, change: Callable[[Symbol], Symbol]) -> Node:
    """Return a node with the symbols of its base changed."""
    if isinstance(node, Row):
        return Row(tuple(_restyled(part, change) for part in node.parts))
    if isinstance(node, Script):
        return Script(_restyled(node.base, change), node.below, node.above, node.primes)
    if isinstance(node, Accent):
        return Accent(_restyled(node.base, change), node.kind)
    return change(node) if isinstance(node, Symbol) else node


def _subscripted(base: Node, parts: list[Node]) -> Node:
    if not parts:
        return base
    below = separated(parts, Symbol(",", ","))
    if isinstance(base, Script):
        assert base.below is not None
        return Script(base.base, row(base.below, Symbol(",", ","), below), base.above)
    return script(base, below)


def literal(name: str) -> Node:
    """Return the name as it is spelled, in upright letters."""
    return upright(name)


def name_symbols(
    names: Iterable[str],
    choice: Notation = PLAIN,
    reserved: Iterable[Node] = (),
    printed: Mapping[str, str] | None = None,
) -> Names:
    """Map names to symbols, injectively; ``reserved`` symbols (functions, sizes) are never given to a name.

    Names that are spelled like their symbol come first, so ``y`` keeps y where ``y_true`` would like it too. What is
    ``printed`` as another name, one that no name has, gets its symbols.

    >>> found = name_symbols(["w1", "y_pred", "y", "y_true"])
    >>> [to_text(found[name]) for name in ("w1", "y_pred", "y_true")]
    ['w₁', 'ŷ', 'y_true']
    """
    order = list(dict.fromkeys(names))
    kept = {to_latex(node): "a function or a size of this network" for node in reserved}
    given: dict[str, Node] = {}
    notes: list[tuple[str, Node, str]] = []

    def take(name: str, node: Node) -> None:
        given[name] = node
        kept[to_latex(node)] = name

    for name in order:
        if name in choice.symbols:
            latex = choice.symbols[name]
            if latex in kept:
                raise PrintError(f"{name} cannot be printed as {latex}: that is already {kept[latex]}")
            take(name, _own_symbol(name, latex))
    refused: dict[str, tuple[str, Node, str]] = {}
    for wanted in (0, 1, 2):
        for name in order:
            if name in given:
                continue
            choices = candidates((printed or {}).get(name, name), choice)
            for node, distance in choices:
                if distance > wanted:
                    break
                latex = to_latex(node)
                if latex not in kept:
                    take(name, node)
                    break
                refused.setdefault(name, (name, node, kept[latex]))
    for name in order:
        if name not in given:
            spelled = literal(name)
            if to_latex(spelled) in kept:
                spelled = Word(name)
            if to_latex(spelled) in kept:
                raise PrintError(f"no symbol is free for the name {name}")
            take(name, spelled)
            if name in refused:
                notes.append(refused[name])
    return Names(given, tuple(notes), frozenset(kept))


_COMBINING = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}


def _accented(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", (match.group(2) or match.group(3)) + _COMBINING[match.group(1)])


def _own_symbol(name: str, latex: str) -> Node:
    """Return the user's own LaTeX as a symbol; its text is read off the LaTeX where that is simple."""
    text = re.sub(r"\\(?:math[a-z]+|boldsymbol|text)\{([^{}\\]*)\}", r"\1", latex)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: GREEK.get(m.group(1), m.group(0)), text)
    text = re.sub(r"\\(hat|bar|tilde)(?:\{(\w)\}|\s+(\w))", _accented, text)
    text = re.sub(r"\\([A-Za-z]+)", r"\1", text)
    text = re.sub(r"_\{?(\d+)\}?", lambda m: to_text(Script(Row(()), Symbol(m.group(1), m.group(1)))), text)
    text = re.sub(
        r"\^\{?(\(?\d+\)?)\}?", lambda m: to_text(Script(Row(()), None, Symbol(m.group(1), m.group(1)))), text
    )
    return Symbol(latex, text.replace("{", "").replace("}", ""))


def function_symbol(op: Function) -> Symbol:
    """Return a function's own symbol: upright letters where it has none."""
    if op.name.endswith("'") and isinstance(base := letter(op.name.rstrip("'")), Symbol):
        primes = len(op.name) - len(op.name.rstrip("'"))  # the derivative of an undefined function
        return Symbol(base.latex + "'" * primes, base.text + "′" * primes)
    latex = op.latex or rf"\mathrm{{{op.name}}}"
    if latex == op.name and letter(op.name) is None:
        latex = rf"\mathrm{{{op.name}}}".replace("_", r"\_")
    elif latex == op.name:
        found = letter(op.name)
        if isinstance(found, Symbol):
            return found
    return Symbol(latex, op.text or op.name)


def size_symbol(size: sp.Symbol) -> Node:
    """Return a symbolic size as it is printed."""
    return letter(str(size)) or upright(str(size))
