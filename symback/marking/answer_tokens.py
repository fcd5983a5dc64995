"""A typed formula as tokens, in LaTeX, Unicode or NumPy spelling, and a cursor over them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NamedTuple, NoReturn

from symback.core.errors import ReadError

_LONGEST = 2000


class Token(NamedTuple):
    """A piece of a formula: its kind, how it is spelled, and where it stands."""

    kind: str
    text: str
    at: int


_PATTERN = re.compile(
    r"""(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![^\W\d_]))
    |(?P<plain>\d+\.?\d*)
    |(?P<command>\\(?:[A-Za-z]+|.))
    |(?P<power>\*\*)
    |(?P<relation><=|>=|==|!=|[<>=≤≥≠])
    |(?P<name>[^\W\d_][^\W_]*)
    |(?P<sign>[-+−*/@^_(){}\[\],.'′⊙∘·×∂ᵀ⊤|:&])
    |(?P<space>\s+)
    |(?P<other>.)""",
    re.VERBOSE,
)
_IGNORED = {
    r"\left",
    r"\right",
    r"\,",
    r"\;",
    r"\:",
    r"\!",
    r"\ ",
    r"\quad",
    r"\qquad",
    r"\displaystyle",
    r"\bigl",
    r"\bigr",
    r"\big",
    r"\Big",
    r"\Bigl",
    r"\Bigr",
    r"\limits",
}
_SIGNS = {
    r"\odot": "⊙",
    r"\circ": "⊙",
    r"\cdot": "·",
    r"\times": "·",
    r"\ast": "*",
    r"\top": "⊤",
    r"\intercal": "⊤",
    r"\partial": "∂",
    r"\leq": "<=",
    r"\le": "<=",
    r"\geq": ">=",
    r"\ge": ">=",
    r"\neq": "!=",
    r"\ne": "!=",
    r"\{": "(",
    r"\}": ")",
    r"\lbrack": "[",
    r"\rbrack": "]",
    r"\prime": "'",
    r"\div": "/",
    "−": "-",
    "∘": "⊙",
    "×": "·",
    "ᵀ": "⊤",
    "′": "'",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
}


def _plain(text: str) -> str:
    """Return text with Unicode scripts written out (W₁ as W_1, xᵀ as x^⊤) and accents after their letters."""
    found: list[str] = []
    below = above = False
    for char in unicodedata.normalize("NFC", text):
        decomposed = unicodedata.decomposition(char)
        if char == "ᵀ":
            found.append("^⊤")
            below = above = False
        elif decomposed.startswith("<sub>"):
            found.append(("" if below else "_") + chr(int(decomposed.split()[1], 16)))
            below, above = True, False
        elif decomposed.startswith("<super>"):
            found.append(("" if above else "^") + chr(int(decomposed.split()[1], 16)))
            below, above = False, True
        else:
            found.append(char)
            below = above = False
    return "".join(found)


def tokens_of(text: str) -> list[Token]:
    """Return the pieces of a formula, each sign in one spelling."""
    found = []
    for match in _PATTERN.finditer(_plain(text)):
        kind, piece = str(match.lastgroup), match.group()
        if kind == "space" or piece in _IGNORED or piece == "&":
            continue
        if kind == "plain":
            kind = "number"
        piece = _SIGNS.get(piece, piece)
        if kind in ("command", "sign") and piece in ("<=", ">=", "!="):
            kind = "relation"
        elif kind == "command" and not piece.startswith("\\"):
            kind = "sign"
        found.append(Token(kind, piece, match.start()))
    return found


class Cursor:
    """A formula that is being read from left to right."""

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST:
            raise ReadError(f"the formula has {len(text)} characters; at most {_LONGEST} are read")
        self.text = text
        self.tokens = tokens_of(text)
        self.at = 0

    def refuse(self, message: str) -> NoReturn:
        """Raise ReadError with the place where the cursor stands."""
        place = self.tokens[self.at].at + 1 if self.at < len(self.tokens) else len(self.text) + 1
        raise ReadError(f"the answer {self.text[:80]!r}, at character {place}: {message}")

    def peek(self, ahead: int = 0) -> Token:
        """Return the token at the cursor, or one further on."""
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else Token("end", "", len(self.text))

    def take(self) -> Token:
        """Return the token at the cursor and go on."""
        token = self.peek()
        self.at += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Go on where one of the texts stands here."""
        if self.peek().text in texts and self.peek().kind != "end":
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Go on where the text stands here; refuse the formula where it does not."""
        if not self.accept(text):
            shown = self.peek().text
            self.refuse(f"{text} is expected" + (f", not {shown}" if shown else ", but the formula ends"))

    def literal(self) -> Any:
        """Take the value of an option: an axis, or True, False or None."""
        sign = -1 if self.accept("-") else 1
        token = self.take()
        if token.text in ("True", "False", "None"):
            return {"True": True, "False": False, "None": None}[token.text]
        if token.kind != "number" or not token.text.isdecimal() or len(token.text) > 2:
            self.refuse("an axis is a small integer")
        return sign * int(token.text)
