"""What a typed formula may name, in the spelling of the code and of the page, and how a name is read."""

from __future__ import annotations

import re
import unicodedata

from symback.core import forms
from symback.core.display import to_latex
from symback.core.errors import nearest
from symback.core.forms import Apply, Form, Function, adjoint, number, walk
from symback.derivation.record import Record
from symback.functions import ALIASES, ROWS
from symback.marking.answer_tokens import Cursor, Token
from symback.page.notation import GREEK
from symback.page.sheet import Sheet

_GREEK_NAMES = {letter: name for name, letter in GREEK.items()}
STYLES = {
    r"\mathrm",
    r"\mathbf",
    r"\mathit",
    r"\mathcal",
    r"\boldsymbol",
    r"\bm",
    r"\text",
    r"\operatorname",
    r"\mathsf",
    r"\textbf",
    r"\textrm",
    r"\mathbb",
}
"""Commands that change the face of a symbol and not what it names."""
_ACCENTS = {r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde", r"\vec": "vec"}
_COMBINING = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}


def key_of(latex_or_name: str) -> str:
    r"""Return what is left of a symbol without its signs: ``W_1``, ``W^{(1)}`` and ``W1`` are alike, ``\hat{y}`` is yhat."""
    text = unicodedata.normalize("NFD", latex_or_name)
    for mark, word in _COMBINING.items():
        text = text.replace(mark, word)
    text = re.sub(r"\\(?:mathrm|mathbf|mathit|mathcal|boldsymbol|text)\b", "", text)
    text = re.sub(r"\\(hat|bar|tilde|vec)\s*\{([^{}]*)\}", r"\2\1", text)
    text = re.sub(r"\\([A-Za-z]+)", r"\1", text)
    for char, word in _GREEK_NAMES.items():
        text = text.replace(char, word)
    return re.sub(r"[^\w]|_", "", text)


class Known:
    """The names and functions of a derivation, by every spelling of them."""

    def __init__(self, record: Record, page: Sheet) -> None:
        self.record = record
        self.network = record.network
        self.names = self._names(page)
        self.functions = self._functions()

    def _names(self, page: Sheet) -> dict[str, Form]:
        network = self.network
        shapes = {n: network.shape_of(n) for n in (*network.variables, *(e.name for e in network.equations))}
        exact: dict[str, Form] = {}
        loose: dict[str, Form | None] = {}

        def add(key: str, form: Form) -> None:
            if loose.setdefault(key, form) is not form:
                loose[key] = None

        for name, shape in shapes.items():
            exact[name] = forms.name(name, shape)
        for name, shape in shapes.items():
            add(key_of(to_latex(page.base.name(name))), forms.name(name, shape))
        for name, shape in shapes.items():
            loose.setdefault(key_of(name), forms.name(name, shape))
        for name, symbol in page.errors.items():
            add(key_of(to_latex(symbol)), adjoint(name, shapes[name]))
        affine = page.affine
        if affine and not any(key.startswith("delta") for key in exact):
            for name in affine:
                digits = re.search(r"\d+$", name)
                loose.setdefault("delta" + (digits.group() if digits else ""), adjoint(name, shapes[name]))
            if len(affine) == 1:
                loose.setdefault("delta", adjoint(affine[0], shapes[affine[0]]))
        for name, shape in shapes.items():
            if name == network.loss:
                continue
            for spelled in (name, key_of(name), key_of(to_latex(page.base.name(name)))):
                for before in ("d", "grad", f"d{network.loss}d", "dLd", "dlossd", "dldd", "dEd", "dJd"):
                    loose.setdefault(before + key_of(spelled), adjoint(name, shape))
        found = {k: f for k, f in loose.items() if f is not None}
        found.update(exact)
        for size in {s for shape in shapes.values() for s in shape}:
            if not isinstance(size, int):
                found.setdefault(str(size), forms.size_of(size))
        return found

    def _functions(self) -> dict[str, Function | str]:
        found: dict[str, Function | str] = {
            "exp": "exp",
            "log": "log",
            "ln": "log",
            "sqrt": "sqrt",
            "sin": "sin",
            "cos": "cos",
        }
        for name, row in ROWS.items():
            along_an_axis = row.shift_invariant and not row.logarithm_of
            if (row.entrywise or along_an_axis) and not row.inline:
                found.setdefault(name, row)
                found.setdefault(key_of(row.latex), row)
                found.setdefault(key_of(row.text), row)
                found.setdefault(name.replace("_", ""), row)
        for alias, row in ALIASES.items():
            found.setdefault(alias.rpartition(".")[2], row)
        for equation in self.network.equations:
            for node in walk(equation.form):
                if isinstance(node, Apply) and isinstance(node.op, Function) and node.op.definition is None:
                    found[node.op.name] = node.op
        return found

    def rows(self, key: str) -> Form | None:
        """Return the number of rows of the data where the text calls it n and the network has a literal one."""
        if key not in ("n", "N", "m"):
            return None
        for variable in self.network.variables.values():
            if variable.role == "input" and len(variable.shape) > 1 and isinstance(variable.shape[0], int):
                return number(variable.shape[0])
        return None

    def prime_of(self, word: str) -> Function | str | None:
        """Return σ for sigmoid_prime, sigmoid_derivative, d_sigmoid, relu_d and their like."""
        found = re.fullmatch(r"(?:d_?)?(.+?)(?:_(?:prime|deriv|derivative|grad|d|backward))?", word)
        if found is None or found.group(1) == word:
            return None
        return self.function(found.group(1))

    def function(self, word: str) -> Function | str | None:
        """Return the function of this name."""
        return self.functions.get(word)

    def suggested(self) -> set[str]:
        """Return the names that a message proposes."""
        network = self.network
        return {*network.variables, *(e.name for e in network.equations), *(f"d{n}" for n in self.record.by_name())}

    def split(self, text: str) -> list[str]:
        """Return letters side by side as names, where each of them is one."""
        return list(text) if len(text) > 1 and all(c in self.names for c in text) else []


class Symbols(Cursor):
    """Reads names, and derivatives of one name with respect to another."""

    def __init__(self, text: str, record: Record, page: Sheet) -> None:
        super().__init__(text)
        self.page = page
        self.known = Known(record, page)

    def derivative(self) -> Form | tuple[str, str] | None:
        r"""Read ``\frac{\partial L}{\partial W}`` or ``dL/dW`` or ``∂L/∂W``; None where there is none."""
        start = self.at
        fraction = self.accept(r"\frac", r"\dfrac", r"\tfrac")
        above = self.differential(fraction)
        if above is not None and (fraction or self.accept("/")):
            below = self.differential(fraction)
            if below is not None:
                if above.name == self.known.network.loss:
                    return adjoint(below.name, below.shape)
                return above.name, below.name
        self.at = start
        return None

    def differential(self, group: bool) -> forms.Name | None:
        """Read ∂W, dW or \\partial W; None for anything else."""
        start = self.at
        braces = group and self.accept("{")
        if group and not braces:
            return None
        token = self.peek()
        if token.text == "∂" or (token.text in ("d",) and token.kind == "name"):
            self.take()
        elif token.text in (r"\mathrm", r"\text") and self.peek(2).text == "d":
            self.at += 4
        elif token.kind == "name" and token.text.startswith("d") and len(token.text) > 1:
            self.tokens[self.at] = Token("name", token.text[1:], token.at + 1)
            try:
                found = self.symbol(quiet=True)
            finally:
                self.tokens[start + bool(braces)] = token
            if isinstance(found, forms.Name) and (not braces or self.accept("}")):
                return found
            self.at = start
            return None
        else:
            self.at = start
            return None
        found = self.symbol(quiet=True)
        if isinstance(found, forms.Name) and (not braces or self.accept("}")):
            return found
        self.at = start
        return None

    def spelled(self) -> tuple[str, str]:
        r"""Read one symbol with its accents and scripts; return its key, and its base without scripts."""
        token = self.take()
        text = token.text
        accent = ""
        if text in _ACCENTS:
            accent = _ACCENTS[text]
            braces = self.accept("{")
            base, inner = self.spelled()
            if braces:
                self.expect("}")
            return self.scripts(base + accent), inner + accent
        if text in STYLES:
            braces = self.accept("{")
            pieces = []
            while braces and self.peek().text != "}" and self.peek().kind != "end":
                pieces.append(self.take().text)
            if braces:
                self.expect("}")
            base = key_of("".join(pieces)) if pieces else key_of(self.take().text)
        else:
            base = key_of(text)
        return self.scripts(base), base

    def scripts(self, base: str) -> str:
        """Read the scripts after a base; return the key of both."""
        found = base
        while True:
            if self.peek().text == "_" or (self.peek().text == "^" and self._is_layer()):
                self.take()
                found += self.index()
            else:
                return found

    def _is_layer(self) -> bool:
        """Say whether a superscript is the number of a layer: in brackets, or a printed symbol's own."""
        if self.peek(1).text == "{" and self.peek(2).text in ("(", "["):
            return True
        return (
            self.page.base.notation.layers == "superscript"
            and self.peek(1).text not in ("⊤", "T")
            and not (self.peek(1).text == "{" and self.peek(2).text in ("⊤", "T"))
        )

    def index(self) -> str:
        """Read one script; return its key."""
        if not self.accept("{"):
            token = self.take()
            return key_of(token.text)
        pieces = []
        depth = 1
        while depth and self.peek().kind != "end":
            piece = self.take().text
            depth += {"{": 1, "}": -1}.get(piece, 0)
            pieces.append(piece)
        return key_of("".join(pieces))

    def short_adjoint(self) -> Form | None:
        r"""Take the derivative of the loss spelled as ``d\hat{y}`` or ``\mathrm{d}W``; None where there is none."""
        start = self.at
        if self.peek().text == "d" and "d" not in self.known.names and self.peek(1).kind in ("name", "command"):
            found = self.differential(False)
            if found is not None:
                return adjoint(found.name, found.shape)
        self.at = start
        return None

    def symbol(self, quiet: bool = False) -> Form:
        """Read a name of the network, or its adjoint; ``quiet``, return 0 where there is none."""
        start = self.at
        short = self.short_adjoint()
        if short is not None:
            return short
        if self.peek().kind not in ("name", "command"):
            if quiet:
                return number(0)
            self.refuse(f"{self.peek().text or 'the end'} is not a name")
        joined = self.joined()
        if joined is not None:
            return self.known.names[joined]
        key, _base = self.spelled()
        if key in self.known.names:
            return self.known.names[key]
        self.at = start
        if quiet:
            return number(0)
        self.refuse(f"{key} is not a name of this network{nearest(key, self.known.suggested())}")

    def joined(self) -> str | None:
        """Take a name that is spelled with underscores, as a_1 or y_hat or dL_dW1."""
        text, used = self.peek().text, 1
        best: tuple[str, int] | None = (text, 1) if text in self.known.names else None
        while self.peek(used).text == "_" and self.peek(used + 1).kind in ("name", "number"):
            text += "_" + self.peek(used + 1).text
            used += 2
            key = text if text in self.known.names else key_of(text)
            if key in self.known.names:
                best = (key, used)
        if best is None or self.peek(best[1]).text == "_":
            return None
        self.at += best[1]
        return best[0]
