r"""The LaTeX of symbols, read for formats that are not LaTeX.

Symbols carry their LaTeX (``\sigma``, ``\mathrm{ReLU}``, a user's own ``W^{[1]}``). ``parse_symbol`` reads the portable
subset of it into a display tree whose symbols are atoms: one character, one command, or one run of letters in one style;
``glyph`` says what an atom looks like, so that a printer needs no knowledge of LaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from symback.core.display import (
    Accent,
    Colored,
    Fence,
    Fraction,
    Gap,
    Node,
    Root,
    Row,
    Script,
    Symbol,
    Under,
    Underbrace,
    Word,
    row,
)
from symback.core.errors import PrintError, nearest
from symback.core.text import printable
from symback.page.notation import GREEK


@dataclass(frozen=True)
class Glyph:
    """What an atom looks like: characters in a style.

    ``style`` is "italic" (a variable), "upright", "bold", "bold italic", "calligraphic", "double-struck", "operator" (the
    name of a function such as log, with space around it) or "sign" (a digit, bracket or sign, never slanted).
    """

    characters: str
    style: str


SIGNS: Mapping[str, str] = {
    "partial": "∂",
    "nabla": "∇",
    "infty": "∞",
    "top": "⊤",
    "bot": "⊥",
    "cdot": "⋅",
    "times": "×",
    "odot": "⊙",
    "otimes": "⊗",
    "oplus": "⊕",
    "circ": "∘",
    "ast": "∗",
    "star": "⋆",
    "bullet": "∙",
    "pm": "±",
    "mp": "∓",
    "div": "÷",
    "leftarrow": "←",
    "rightarrow": "→",
    "to": "→",
    "mapsto": "↦",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "ne": "≠",
    "approx": "≈",
    "equiv": "≡",
    "sim": "∼",
    "propto": "∝",
    "in": "∈",
    "notin": "∉",
    "subset": "⊂",
    "cup": "∪",
    "cap": "∩",
    "forall": "∀",
    "exists": "∃",
    "emptyset": "∅",
    "sum": "∑",
    "prod": "∏",
    "int": "∫",
    "ldots": "…",
    "dots": "…",
    "cdots": "⋯",
    "vdots": "⋮",
    "ddots": "⋱",
    "prime": "′",
    "mid": "∣",
    "vert": "|",
    "lvert": "|",
    "rvert": "|",
    "lVert": "‖",
    "rVert": "‖",
    "Vert": "‖",
    "parallel": "∥",
    "lceil": "⌈",
    "rceil": "⌉",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "langle": "⟨",
    "rangle": "⟩",
    "{": "{",
    "}": "}",
    "_": "_",
    "#": "#",
    "%": "%",
    "$": "$",
    "&": "&",
    "dagger": "†",
    "ddagger": "‡",
    "hbar": "ℏ",
    "ell": "ℓ",
    "Re": "ℜ",
    "Im": "ℑ",
    "|": "‖",
}
"""Commands that print one character."""
LETTERS: Mapping[str, str] = {
    **GREEK,
    "varphi": "φ",
    "phi": "ϕ",
    "vartheta": "ϑ",
    "varrho": "ϱ",
    "varsigma": "ς",
    "varpi": "ϖ",
    "imath": "ı",
    "jmath": "ȷ",
}
"""Commands that print one letter, in italics where it is small."""
OPERATORS = (
    "log",
    "ln",
    "exp",
    "max",
    "min",
    "arg",
    "sup",
    "inf",
    "lim",
    "det",
    "dim",
    "ker",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "arctan",
    "Pr",
    "gcd",
    "deg",
    "sec",
    "csc",
    "cot",
    "arcsin",
    "arccos",
    "coth",
    "bmod",
)
"""Commands that print their own name in upright letters."""
STYLES: Mapping[str, str] = {
    "mathrm": "upright",
    "mathbf": "bold",
    "boldsymbol": "bold italic",
    "mathcal": "calligraphic",
    "mathbb": "double-struck",
    "mathit": "italic",
    "mathsf": "upright",
    "mathtt": "upright",
    "operatorname": "upright",
}
ACCENTS: Mapping[str, str] = {
    "hat": "hat",
    "bar": "bar",
    "tilde": "tilde",
    "vec": "vec",
    "dot": "dot",
    "ddot": "ddot",
    "check": "check",
    "breve": "breve",
    "overline": "overline",
    "underline": "underline",
    "widehat": "widehat",
    "widetilde": "widetilde",
}
_SPACES: Mapping[str, str] = {
    ",": "thin",
    ":": "thin",
    ";": "thin",
    "!": "",
    " ": "thin",
    "quad": "quad",
    "qquad": "quad",
}
_WORDS = ("text", "textrm", "textbf", "mbox")
_STRUCTURES = ("frac", "dfrac", "tfrac", "sqrt", "underbrace", "underset", "textcolor", "left", "right", "mathrm")
_SIZES = ("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle", "textstyle", "limits")
_ESCAPES: Mapping[str, str] = {
    "textbackslash": "\\",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textbar": "|",
    "textless": "<",
    "textgreater": ">",
}
_FENCES: Mapping[tuple[str, str], str] = {
    ("(", ")"): "(",
    ("[", "]"): "[",
    (r"\lvert", r"\rvert"): "|",
    (r"\lVert", r"\rVert"): "‖",
}
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_STYLED = re.compile(r"\\(" + "|".join(STYLES) + r")\{(.*)\}", re.DOTALL)
_DEEPEST = 40


@lru_cache(maxsize=4096)
def parse_symbol(latex: str) -> Node:
    r"""Return the LaTeX of a symbol as a display tree; every Symbol in it is an atom that ``glyph`` knows.

    Raises PrintError for a command outside the portable subset.

    >>> parse_symbol("W^{1}")
    Script(base=Symbol(latex='W', text='W'), below=None, above=Symbol(latex='1', text='1'), primes=0)
    """
    return _Reader(latex).whole()


@lru_cache(maxsize=4096)
def glyph(latex: str) -> Glyph:
    r"""Return what an atom looks like.

    >>> glyph("a"), glyph(r"\sigma").characters, glyph(r"\mathbf{1}").style
    (Glyph(characters='a', style='italic'), 'σ', 'bold')
    """
    styled = _STYLED.fullmatch(latex)
    if styled:
        inner = "".join(_plain(token) for token in _TOKEN.findall(styled.group(2)) if token != "{}")
        style = STYLES[styled.group(1)]
        return Glyph(inner, "bold" if style == "bold italic" and not any(c.isalpha() for c in inner) else style)
    word = latex[1:] if latex.startswith("\\") else ""
    if word in LETTERS:
        return Glyph(LETTERS[word], "sign" if word[0].isupper() else "italic")
    if word in OPERATORS:
        return Glyph("mod" if word == "bmod" else word, "operator")
    if word in SIGNS:
        return Glyph(SIGNS[word], "sign")
    if latex in ("-", "*", "'"):
        return Glyph({"-": "−", "*": "∗", "'": "′"}[latex], "sign")
    return Glyph(latex, "italic" if latex.isalpha() and latex.isascii() else "upright" if latex.isalpha() else "sign")


def _plain(token: str) -> str:
    word = token[1:] if token.startswith("\\") else ""
    if not word:
        return " " if token.isspace() else token
    return (
        LETTERS.get(word)
        or _ESCAPES.get(word)
        or SIGNS.get(word)
        or (" " if word in _SPACES or word.isspace() else word)
    )


class _Reader:
    """A recursive descent over the tokens of one symbol."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens: list[str] = _TOKEN.findall(latex)
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        found = self.parts(end="")
        if self.at < len(self.tokens):
            raise self.refused(f"{self.tokens[self.at]} has no beginning")
        return found

    def refused(self, reason: str) -> PrintError:
        return PrintError(f"the symbol {self.latex!r} can only be printed in LaTeX: {printable(reason)}")

    def peek(self) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def parts(self, end: str) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.refused("it is nested too deeply")
        found: list[Node] = []
        while (token := self.peek()) not in ("", end, "}", r"\right"):
            if token in ("_", "^", "'"):
                found.append(self.scripts(found.pop() if found else Row(())))
            elif token.isdecimal():
                found.append(self.number())
            else:
                found.append(self.one())
        self.depth -= 1
        return row(*found)

    def number(self) -> Node:
        """Return digits, with a decimal point between digits, as one atom."""
        found = self.next()
        while self.at < len(self.tokens) and (
            self.tokens[self.at].isdecimal()
            or (
                self.tokens[self.at] == "."
                and "." not in found
                and "".join(self.tokens[self.at + 1 : self.at + 2]).isdecimal()
            )
        ):
            found += self.tokens[self.at]
            self.at += 1
        return _atom(found)

    def scripts(self, base: Node) -> Node:
        below: Node | None = None
        above: Node | None = None
        primes = 0
        while (token := self.peek()) in ("_", "^", "'") and token:
            self.next()
            if token == "'":
                primes += 1
            elif token == "_":
                if below is not None:
                    raise self.refused("it has two subscripts")
                below = self.argument()
            else:
                if above is not None:
                    raise self.refused("it has two superscripts")
                above = self.argument()
        if isinstance(base, Underbrace) and below is not None and above is None and not primes:
            return Underbrace(base.body, below)
        return Script(base, below, above, primes)

    def argument(self) -> Node:
        if self.peek() in ("", "}", "_", "^", "'", r"\right"):
            raise self.refused("an argument is missing")
        return self.one()

    def braced(self) -> str:
        """Return the text of ``{…}`` as it stands."""
        if self.next() != "{":
            raise self.refused("a brace is missing")
        depth = 1
        found: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            depth += (token == "{") - (token == "}")
            if not depth:
                return "".join(found)
            found.append(token)
        raise self.refused("its braces are not complete")

    def one(self) -> Node:
        token = self.next()
        if token == "{":
            inside = self.parts(end="}")
            if self.next() != "}":
                raise self.refused("its braces are not complete")
            return inside
        if not token.startswith("\\") or len(token) == 1:
            return _atom(token)
        return self.command(" " if token[1:].isspace() else token[1:])  # TeX reads a line break as a space

    def command(self, word: str) -> Node:
        if word in LETTERS or word in SIGNS or word in OPERATORS:
            return _atom("\\" + word)
        if word in _SPACES:
            kind = _SPACES[word]
            return Gap(kind) if kind else Row(())
        if word in STYLES:
            return self.styled(word)
        if word in ACCENTS:
            return Accent(self.argument(), word)
        if word in _WORDS:
            return Word("".join(_plain(token) for token in _TOKEN.findall(self.braced()) if token not in ("{", "}")))
        if word in ("frac", "dfrac", "tfrac"):
            above = self.argument()
            return Fraction(above, self.argument())
        if word == "sqrt" and self.peek() != "[":
            return Root(self.argument())
        if word == "underbrace":
            return Underbrace(self.argument(), Row(()))
        if word == "underset":
            label = self.argument()
            return Under(self.argument(), label)
        if word == "textcolor":
            color = self.braced()
            return Colored(self.argument(), color)
        if word == "left":
            return self.fence()
        if word in _SIZES:
            return Row(())
        known = (*LETTERS, *SIGNS, *OPERATORS, *STYLES, *ACCENTS, *_STRUCTURES, *_WORDS)
        raise self.refused(f"\\{word} is not known{nearest(word, known)}")

    def styled(self, word: str) -> Node:
        inner = self.braced() if self.peek() == "{" else self.next()
        if not inner:
            return Row(())
        if re.search(r"[\^_](?<!\\_)", inner) or re.search(r"\\(?!_|" + "|".join(LETTERS) + r")[A-Za-z]", inner):
            # scripts and structure inside a style: each atom takes the style
            return _restyled(_Reader(inner).whole(), word)
        return Symbol(f"\\{word}{{{inner}}}", glyph(f"\\{word}{{{inner}}}").characters)

    def fence(self) -> Node:
        left = self.next()
        inside = self.parts(end=r"\right")
        if self.next() != r"\right":
            raise self.refused(r"\left has no \right")
        right = self.next()
        kind = _FENCES.get((left, right))
        if kind is not None:
            return Fence(inside, kind)
        return row(
            *(_atom(mark) for mark in (left,) if mark != "."),
            inside,
            *(_atom(mark) for mark in (right,) if mark != "."),
        )


def _atom(latex: str) -> Symbol:
    return Symbol(latex, glyph(latex).characters)


def _restyled(node: Node, style: str) -> Node:
    if isinstance(node, Symbol):
        return Symbol(f"\\{style}{{{node.latex}}}", node.text) if not _STYLED.fullmatch(node.latex) else node
    if isinstance(node, Row):
        return row(*(_restyled(part, style) for part in node.parts))
    if isinstance(node, Script):
        below, above = (None if part is None else _restyled(part, style) for part in (node.below, node.above))
        return Script(_restyled(node.base, style), below, above, node.primes)
    if isinstance(node, Accent):
        return Accent(_restyled(node.base, style), node.kind)
    return node
