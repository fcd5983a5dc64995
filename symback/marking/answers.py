r"""One formula as a student types it, in LaTeX, Unicode or NumPy spelling, read into a Form over a derivation's names.

The text is never executed: it is cut into tokens and read by recursive descent. Names are those of the network, spelled
as in the code (``W1``) or as on the page (``W_1``, ``W^{(1)}``, ``\hat{y}``); ``dW1``, ``dL/dW1``, ``\frac{\partial
L}{\partial W_1}`` and δ are derivatives of the loss. Letters side by side are a product, of matrices where both are
arrays; ⊙ and ``*`` multiply entry by entry. A product side by side binds tighter than ⊙.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from symback.core import forms
from symback.core.display import to_latex
from symback.core.errors import ReadError, SymbackError, nearest
from symback.core.forms import Apply, Form, Function, Prime, adjoint, apply, as_form, names_in, number, walk
from symback.derivation import jacobians
from symback.derivation.record import Record
from symback.engine.interpreter import evaluate
from symback.functions import ALIASES, ROWS
from symback.page.notation import GREEK, Notation
from symback.page.sheet import sheet_of

_LONGEST = 2000
_DEEPEST = 60
_EXPONENT = 64
_GREEK_NAMES = {letter: name for name, letter in GREEK.items()}


@dataclass(frozen=True, eq=False)
class Answer:
    """A formula that was read: ``form`` is claimed to be the derivative of the loss with respect to ``of``.

    ``by`` is set where the left side is a local derivative ∂(of)/∂(by). ``text`` is what was typed.
    """

    of: str
    form: Form
    text: str
    by: str = ""


def parse_answer(
    text: str,
    record: Record,
    notation: Notation | str | None = None,
    of: str = "",
    mend: str = "",
) -> Answer:
    r"""Read ``text``, an equation or (with ``of``) its right side.

    >>> import symback as sb
    >>> d = sb.derive(sb.parse("x = 2.0\nt = 1.0\nw = 3.0\ny = x * w\nL = (y - t)**2 / 2"))
    >>> parse_answer(r"\frac{\partial L}{\partial w} = (y - t) \cdot x", d.record).form
    (y - t) * x

    ``mend`` undoes a slip where the operands of a product do not fit: "swapped" or "missing_transpose".

    Raises ReadError with what stands at which place, and the nearest name, where the text cannot be read.
    """
    return _Parser(text, record, notation, mend).answer(of)


# --- tokens -----------------------------------------------------------------------------------------------------------


class _Token(NamedTuple):
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
_RELATIONS = {"<": "less", ">": "greater", "<=": "less_equal", ">=": "greater_equal", "==": "equal", "!=": "not_equal"}
_STYLES = {
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
_ACCENTS = {r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde", r"\vec": "vec"}
_COMBINING = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}
_SCRIPTS = {"₊": "+", "₋": "-"}


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


def _tokens(text: str) -> list[_Token]:
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
        found.append(_Token(kind, piece, match.start()))
    return found


# --- names ------------------------------------------------------------------------------------------------------------


def _key(latex_or_name: str) -> str:
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


class _Value(NamedTuple):
    """A part of a formula; ``ones`` is the vector 1 ("column", or "row" once transposed), which sums by a product."""

    form: Form
    ones: str = ""


class _Parser:
    def __init__(self, text: str, record: Record, notation: Notation | str | None, mend: str = "") -> None:
        if len(text) > _LONGEST:
            raise ReadError(f"the formula has {len(text)} characters; at most {_LONGEST} are read")
        self.text = text
        self.mend = mend
        self.record = record
        self.network = record.network
        self.page = sheet_of(record, notation)
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0
        # NumPy's rules for arrays of one axis where the text is spelled as code, else rows or columns as on the page
        self.code = bool(re.search(r"@|\.T\b|\bnp\.|axis\s*=|\.sum\b", text))
        self.names = self._names()
        self.functions = self._functions()

    # --- what is known ---

    def _names(self) -> dict[str, Form]:
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
            add(_key(to_latex(self.page.base.name(name))), forms.name(name, shape))
        for name, shape in shapes.items():
            loose.setdefault(_key(name), forms.name(name, shape))
        for name, symbol in self.page.errors.items():
            add(_key(to_latex(symbol)), adjoint(name, shapes[name]))
        affine = self.page.affine
        if affine and not any(key.startswith("delta") for key in exact):
            for name in affine:
                digits = re.search(r"\d+$", name)
                loose.setdefault("delta" + (digits.group() if digits else ""), adjoint(name, shapes[name]))
            if len(affine) == 1:
                loose.setdefault("delta", adjoint(affine[0], shapes[affine[0]]))
        for name, shape in shapes.items():
            if name == network.loss:
                continue
            for spelled in (name, _key(name), _key(to_latex(self.page.base.name(name)))):
                for before in ("d", "grad", f"d{network.loss}d", "dLd", "dlossd", "dldd", "dEd", "dJd"):
                    loose.setdefault(before + _key(spelled), adjoint(name, shape))
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
            if (row.entrywise and not row.inline) or name == "softmax":
                found.setdefault(name, row)
                found.setdefault(_key(row.latex), row)
                found.setdefault(_key(row.text), row)
                found.setdefault(name.replace("_", ""), row)
        for alias, row in ALIASES.items():
            found.setdefault(alias.rpartition(".")[2], row)
        for equation in self.network.equations:
            for node in walk(equation.form):
                if isinstance(node, Apply) and isinstance(node.op, Function) and node.op.definition is None:
                    found[node.op.name] = node.op
        return found

    # --- reading ---

    def refuse(self, message: str) -> NoReturn:
        place = self.tokens[self.at].at + 1 if self.at < len(self.tokens) else len(self.text) + 1
        raise ReadError(f"the answer {self.text[:80]!r}, at character {place}: {message}")

    def peek(self, ahead: int = 0) -> _Token:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else _Token("end", "", len(self.text))

    def take(self) -> _Token:
        token = self.peek()
        self.at += 1
        return token

    def accept(self, *texts: str) -> bool:
        if self.peek().text in texts and self.peek().kind != "end":
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            shown = self.peek().text
            self.refuse(f"{text} is expected" + (f", not {shown}" if shown else ", but the formula ends"))

    def answer(self, of: str) -> Answer:
        by = ""
        if self._has_left_side():
            form = self.left_side()
            if isinstance(form, forms.Adjoint):
                found = form.of
            elif isinstance(form, tuple):
                found, by = form
            else:
                self.at = 0
                self.refuse(f"the left side is to be a derivative, as d{next(iter(self.record.wrt), 'W')}")
            if of and found != of:
                self.refuse(f"the derivative with respect to {of} is asked for, not to {found}")
            of = found
            self.expect("=")
        elif not of:
            self.refuse("write an equation, as dW = ...")
        value = self.expression()
        if self.peek().text == "=":
            self.refuse("write one formula, not a chain of equal ones")
        if self.peek().kind != "end":
            self.refuse(f"{self.peek().text} is not understood here")
        if value.ones:
            self.refuse("the vector 1 alone is no derivative")
        return Answer(of, self._shaped(value.form, of, by), self.text, by)

    def _has_left_side(self) -> bool:
        depth = 0
        for token in self.tokens:
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
            if depth == 0 and token.text == "=":
                return True
        return False

    def left_side(self) -> Form | tuple[str, str]:
        found = self.derivative()
        if found is not None:
            return found
        return self.symbol()

    def _shaped(self, form: Form, of: str, by: str) -> Form:
        """Return the form with the axes of its variable, where it has the same entries in the same order."""
        wanted = self.network.shape_of(by or of)
        if self.code or form.shape == wanted:
            return form
        if [s for s in form.shape if s != 1] == [s for s in wanted if s != 1]:
            return forms.reshape(form, wanted) if form.shape else form
        return form

    def expression(self) -> _Value:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.refuse("the formula is nested too deeply")
        left = self.sum()
        if self.peek().kind == "relation" and self.peek().text != "=":
            op = _RELATIONS[self.take().text]
            left = self.entrywise(op, left, self.sum())
        self.depth -= 1
        return left

    def sum(self) -> _Value:
        negative = False
        while self.peek().text in ("+", "-"):
            negative ^= self.take().text == "-"
        found = self.product()
        if negative:
            found = _Value(apply("negative", self.array(found)))
        while self.peek().text in ("+", "-"):
            op = "add" if self.take().text == "+" else "subtract"
            found = self.entrywise(op, found, self.product())
        return found

    def product(self) -> _Value:
        found = self.chain()
        while True:
            if self.accept("⊙", "*"):
                found = self.entrywise("multiply", found, self.chain())
            elif self.accept("@"):
                found = self.matmul(found, self.chain())
            elif self.accept("·"):
                found = self.dot(found, self.chain())
            else:
                return found

    def chain(self) -> _Value:
        """Read factors side by side; a division takes the next factor only."""
        found = self.factor()
        while True:
            if self.accept("/"):
                found = self.entrywise("divide", found, self.factor())
            elif self._starts_factor():
                found = self.beside(found, self.factor())
            else:
                return found

    def _starts_factor(self) -> bool:
        token = self.peek()
        if token.kind in ("number", "name"):
            return True
        if token.kind == "command":
            return token.text not in (r"\end", r"\\")
        before = self.tokens[self.at - 1]
        if token.text == "[" and before.kind == "name" and before.at + len(before.text) == token.at:
            self.refuse(f"single entries, as {before.text}[...], are not read")
        return token.text in ("(", "[", "∂") and token.kind == "sign"

    def factor(self) -> _Value:
        """Read one factor with what follows it: powers, transposes, methods."""
        if self.accept("-"):
            return _Value(apply("negative", self.array(self.factor())))
        if self.accept("+"):
            return self.factor()
        found = self.atom()
        while True:
            if self.accept("^", "**"):
                found = self.power(found)
            elif self.accept("⊤"):
                found = self.transposed(found)
            elif self.peek().text == "." and self.peek(1).kind == "name":
                self.take()
                found = self.method(found, self.take().text)
            elif self.peek().text == "'" and self.code is False:
                self.refuse("a prime belongs to a function, as in \\sigma'(z)")
            else:
                return found

    def power(self, base: _Value) -> _Value:
        braces = self.accept("{")
        if self.accept("⊤") or (self.peek().text == "T" and self.take()):
            if braces:
                self.expect("}")
            return self.transposed(base)
        exponent = self.expression() if braces else self.factor()
        if braces:
            self.expect("}")
        form = self.array(exponent)
        if not names_in(form):
            try:
                size = abs(float(evaluate(form, {})))
            except (OverflowError, SymbackError):
                size = float("inf")
            if not size <= _EXPONENT:
                self.refuse("the exponent is too large")
        return _Value(apply("power", self.array(base), form))

    # --- products by what they multiply ---

    def array(self, value: _Value) -> Form:
        if value.ones:
            self.refuse("the vector 1 stands in a product, as 1^T X")
        return value.form

    def entrywise(self, op: str, left: _Value, right: _Value) -> _Value:
        a, b = self.array(left), self.array(right)
        try:
            return _Value(apply(op, a, b))
        except SymbackError as error:
            self.refuse(str(error))

    def beside(self, left: _Value, right: _Value) -> _Value:
        if left.ones or right.ones or (left.form.shape and right.form.shape and not self.page.base.scalar):
            a, b = left.form, right.form
            if not left.ones and not right.ones and a.ndim == 2 and a.shape == b.shape and a.shape[1] == 1:
                return self.entrywise("multiply", left, right)  # ŷ (1 − ŷ) of columns has no other meaning
            return self.matmul(left, right)
        return self.entrywise("multiply", left, right)

    def dot(self, left: _Value, right: _Value) -> _Value:
        """A dot multiplies numbers; between arrays it is read as a matrix product where that fits, else entry by entry."""
        if left.ones or right.ones:
            return self.matmul(left, right)
        a, b = left.form, right.form
        if self.page.base.scalar or not a.shape or not b.shape:
            return self.entrywise("multiply", left, right)
        if a.ndim == 2 and b.ndim == 2 and a.shape[1] == b.shape[0] and a.shape != b.shape:
            return self.matmul(left, right)
        return self.entrywise("multiply", left, right)

    def matmul(self, left: _Value, right: _Value) -> _Value:
        if left.ones and right.ones:
            self.refuse("the vector 1 is multiplied with itself")
        try:
            if left.ones:
                if left.ones != "row":
                    self.refuse("the vector 1 stands transposed on the left, as 1^T X")
                return _Value(forms.reduce_over("sum", right.form, 0, right.form.ndim > 1 and not self.code))
            if right.ones:
                return _Value(
                    forms.reduce_over("sum", left.form, left.form.ndim - 1, left.form.ndim > 1 and not self.code)
                )
            return _Value(forms.matmul(left.form, right.form))
        except SymbackError as error:
            for a, b in _mended(left.form, right.form, self.mend):
                try:
                    return _Value(forms.matmul(a, b))
                except SymbackError:
                    continue
            self.refuse(str(error))

    def transposed(self, value: _Value) -> _Value:
        if value.ones:
            return _Value(value.form, "row" if value.ones == "column" else "column")
        form = value.form
        return _Value(forms.transpose(form) if form.ndim > 1 else form)

    # --- atoms ---

    def leaf(self, form: Form) -> _Value:
        """Return a name; on the page an array of one axis is a row or a column."""
        if self.code or self.page.base.scalar or form.ndim != 1:
            return _Value(form)
        return _Value(forms.expand(form, [0] if self.page.base.rows else [1]))

    def atom(self) -> _Value:
        token = self.peek()
        if token.kind == "number":
            return self.numeral()
        if token.text in ("(", "["):
            self.take()
            found = self.expression()
            self.expect(")" if token.text == "(" else "]")
            return found
        if token.text == "{":
            self.take()
            found = self.expression()
            self.expect("}")
            return found
        if (
            token.text in (r"\frac", r"\dfrac", r"\tfrac")
            or token.text == "∂"
            or (token.kind == "name" and token.text.startswith("d"))
        ):
            derivative = self.derivative()
            if derivative is not None:
                return self.derived(derivative)
        if token.text in (r"\frac", r"\dfrac", r"\tfrac"):
            self.take()
            above, below = self.argument(), self.argument()
            return self.entrywise("divide", above, below)
        if token.text == r"\sqrt":
            self.take()
            return _Value(apply("sqrt", self.array(self.argument())))
        if token.text in (r"\sum", "Σ", r"\Sigma"):
            self.refuse("sums over indices are not read; write 1^T X, or sum(X, axis=0)")
        if token.kind in ("name", "command"):
            return self.named()
        self.refuse(f"{token.text} is not understood here" if token.text else "the formula ends too early")

    def argument(self) -> _Value:
        """Read the argument of a command: a group in braces, or one token."""
        if self.accept("{"):
            found = self.expression()
            self.expect("}")
            return found
        token = self.peek()
        if token.kind == "number" and len(token.text) > 1 and token.text.isdecimal():
            # \frac12 is one half
            self.tokens[self.at] = _Token("number", token.text[1:], token.at + 1)
            return _Value(number(int(token.text[0])))
        return self.atom()

    def numeral(self) -> _Value:
        token = self.take()
        after = self.peek()
        if token.text == "1" and after.text in ("^", "⊤") and self._is_transpose(1 if after.text == "^" else 0):
            return self.ones()
        if token.text == "1" and after.text == "[":
            return self.atom()
        if len(token.text) > 40:
            self.refuse("the number is too long")
        value = float(token.text)
        return _Value(number(int(value) if value == int(value) and abs(value) < 1e15 else value))

    def _is_transpose(self, ahead: int) -> bool:
        token = self.peek(ahead)
        if token.text == "{":
            token = self.peek(ahead + 1)
        return token.text in ("⊤", "T")

    def ones(self) -> _Value:
        return _Value(number(1), "column")

    def derived(self, found: Form | tuple[str, str]) -> _Value:
        if not isinstance(found, tuple):
            return self.leaf(found)
        of, by = found
        if self.page.base.scalar:
            return _Value(forms.reshape(jacobians.jacobian(self.network, of, by), ()))
        if self.network.shape_of(of) or self.network.shape_of(by):
            self.refuse(f"∂{of}/∂{by} is an array of all pairs of entries; write the factor itself")
        return _Value(jacobians.jacobian(self.network, of, by))

    def derivative(self) -> Form | tuple[str, str] | None:
        r"""Read ``\frac{\partial L}{\partial W}`` or ``dL/dW`` or ``∂L/∂W``; None where there is none."""
        start = self.at
        fraction = self.accept(r"\frac", r"\dfrac", r"\tfrac")
        above = self.differential(fraction)
        if above is not None and (fraction or self.accept("/")):
            below = self.differential(fraction)
            if below is not None:
                if above.name == self.network.loss:
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
            self.tokens[self.at] = _Token("name", token.text[1:], token.at + 1)
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
        if text in _STYLES:
            braces = self.accept("{")
            pieces = []
            while braces and self.peek().text != "}" and self.peek().kind != "end":
                pieces.append(self.take().text)
            if braces:
                self.expect("}")
            base = _key("".join(pieces)) if pieces else _key(self.take().text)
        else:
            base = _key(text)
        return self.scripts(base), base

    def scripts(self, base: str) -> str:
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
        if not self.accept("{"):
            token = self.take()
            return _key(token.text)
        pieces = []
        depth = 1
        while depth and self.peek().kind != "end":
            piece = self.take().text
            depth += {"{": 1, "}": -1}.get(piece, 0)
            pieces.append(piece)
        return _key("".join(pieces))

    def _short_adjoint(self) -> Form | None:
        r"""Take the derivative of the loss spelled as ``d\hat{y}`` or ``\mathrm{d}W``; None where there is none."""
        start = self.at
        if self.peek().text == "d" and "d" not in self.names and self.peek(1).kind in ("name", "command"):
            found = self.differential(False)
            if found is not None:
                return adjoint(found.name, found.shape)
        self.at = start
        return None

    def symbol(self, quiet: bool = False) -> Form:
        start = self.at
        short = self._short_adjoint()
        if short is not None:
            return short
        if self.peek().kind not in ("name", "command"):
            if quiet:
                return number(0)
            self.refuse(f"{self.peek().text or 'the end'} is not a name")
        joined = self._joined()
        if joined is not None:
            return self.names[joined]
        key, _base = self.spelled()
        if key in self.names:
            return self.names[key]
        self.at = start
        if quiet:
            return number(0)
        self.refuse(f"{key} is not a name of this network{nearest(key, self._suggested())}")

    def _joined(self) -> str | None:
        """Take a name that is spelled with underscores, as a_1 or y_hat or dL_dW1."""
        text, used = self.peek().text, 1
        best: tuple[str, int] | None = (text, 1) if text in self.names else None
        while self.peek(used).text == "_" and self.peek(used + 1).kind in ("name", "number"):
            text += "_" + self.peek(used + 1).text
            used += 2
            key = text if text in self.names else _key(text)
            if key in self.names:
                best = (key, used)
        if best is None or self.peek(best[1]).text == "_":
            return None
        self.at += best[1]
        return best[0]

    def _suggested(self) -> set[str]:
        network = self.network
        return {*network.variables, *(e.name for e in network.equations), *(f"d{n}" for n in self.record.by_name())}

    # --- functions ---

    def named(self) -> _Value:
        start = self.at
        if self.peek().text in _STYLES and self.peek(1).text == "{" and self.peek(2).text == "1":
            self.at += 4
            return self.atom() if self.peek().text == "[" else self.ones()
        if self.peek().text in ("np", "numpy", "torch", "F") and self.peek(1).text == ".":
            self.at += 2
            return self.called(self.take().text)
        short = self._short_adjoint()
        if short is not None:
            return self.leaf(short)
        joined = self._joined()
        if joined is not None and not (self._function(joined) and self._is_call(0)):
            return self.leaf(self.names[joined])
        self.at = start
        word = self._word()
        if word is not None and (
            self._is_call(0) or self.peek().text in ("'", "^") or self._function(word) in ("log", "exp")
        ):
            return self.called(word)
        self.at = start
        key, _ = self.spelled()
        if key in self.names:
            return self.leaf(self.names[key])
        end = self.at
        if key == "e" and self.peek().text == "^":
            self.take()
            return _Value(apply("exp", self.array(self.argument())))
        if key == "pi":
            return _Value(number(3.141592653589793))
        self.at = start
        if self.peek().kind == "name" and "_" not in self.peek(1).text:
            pieces = self._split(self.peek().text)
            if pieces:
                self.take()
                found = self.leaf(self.names[pieces[0]])
                for piece in pieces[1:]:
                    found = self.beside(found, self.leaf(self.names[piece]))
                return found
        rows = self._rows(key)
        if rows is not None:
            self.at = end
            return _Value(rows)
        self.refuse(f"{key} is not a name of this network{nearest(key, self._suggested())}")

    def _rows(self, key: str) -> Form | None:
        """Return the number of rows of the data where the text calls it n and the network has a literal one."""
        if key not in ("n", "N", "m"):
            return None
        for variable in self.network.variables.values():
            if variable.role == "input" and len(variable.shape) > 1 and isinstance(variable.shape[0], int):
                return number(variable.shape[0])
        return None

    def _split(self, text: str) -> list[str]:
        """Return letters side by side as names, where each of them is one."""
        return list(text) if len(text) > 1 and all(c in self.names for c in text) else []

    def _word(self) -> str | None:
        """Take the name of a function, with what spells its derivative; None where there is none."""
        start = self.at
        token = self.peek()
        if token.text in _STYLES:
            key, _ = self.spelled()
            if self._function(key):
                return key
            self.at = start
            return None
        text, used = token.text.lstrip("\\"), 1
        best: tuple[str, int] | None = None
        while True:
            if self._function(text) or self._prime_of(text):
                best = (text, used)
            if self.peek(used).text == "_" and self.peek(used + 1).kind == "name":
                text += "_" + self.peek(used + 1).text
                used += 2
            else:
                break
        if best is None:
            key = _key(token.text)
            if self._function(key):
                best = (key, 1)
        if best is None:
            return None
        self.at += best[1]
        return best[0]

    def _function(self, word: str) -> Function | str | None:
        return self.functions.get(word)

    def _prime_of(self, word: str) -> Function | str | None:
        """Return σ for sigmoid_prime, sigmoid_derivative, d_sigmoid, relu_d and their like."""
        found = re.fullmatch(r"(?:d_?)?(.+?)(?:_(?:prime|deriv|derivative|grad|d|backward))?", word)
        if found is None or found.group(1) == word:
            return None
        return self._function(found.group(1))

    def _is_call(self, ahead: int) -> bool:
        return self.peek(ahead).text == "("

    def called(self, word: str) -> _Value:
        special: Mapping[str, Callable[[list[_Value], dict[str, Any]], _Value]] = {
            "sum": self._reduced("sum"),
            "mean": self._reduced("mean"),
            "dot": lambda a, k: self.matmul(*_two(self, a)),
            "matmul": lambda a, k: self.matmul(*_two(self, a)),
            "outer": lambda a, k: self._outer(*_two(self, a)),
            "multiply": lambda a, k: self.entrywise("multiply", *_two(self, a)),
            "transpose": lambda a, k: self.transposed(a[0]),
            "where": lambda a, k: self._where(a),
            "square": lambda a, k: _Value(apply("power", self.array(a[0]), number(2))),
        }
        if word in special and self._is_call(0):
            arguments, keywords = self.arguments()
            if not arguments:
                self.refuse(f"{word} needs an argument")
            return special[word](arguments, keywords)
        function = self._function(word)
        primed = 0
        if function is None:
            function = self._prime_of(word)
            primed = 1
        if function is None:
            self.refuse(f"there is no function {word}{nearest(word, self.functions)}")
        exponent: Form | None = None
        while True:
            if self.accept("'") or (self.peek().text == "^" and self._is_prime_script()):
                primed += 1
            elif self.accept("^"):
                exponent = self.array(self.argument())
            else:
                break
        if primed > 1:
            self.refuse("second derivatives of functions are not read")
        if self._is_call(0):
            arguments, keywords = self.arguments()
            if keywords and not (isinstance(function, Function) and set(keywords) <= set(function.parameters)):
                self.refuse(f"{word} takes no {next(iter(keywords))}")
        else:
            arguments, keywords = [self.factor()], {}
        given = [self.array(a) for a in arguments]
        try:
            form = self._applied(function, given, keywords, primed)
        except SymbackError as error:
            self.refuse(str(error))
        return _Value(form if exponent is None else apply("power", form, exponent))

    def _is_prime_script(self) -> bool:
        if self.peek(1).text == "'":
            self.at += 2
            return True
        if self.peek(1).text == "{" and self.peek(2).text == "'" and self.peek(3).text == "}":
            self.at += 4
            return True
        return False

    def _applied(self, function: Function | str, given: list[Form], keywords: Mapping[str, Any], primed: int) -> Form:
        if isinstance(function, str):
            if len(given) != 1:
                self.refuse(f"{function} takes one argument")
            if primed:
                self.refuse(f"write the derivative of {function} out")
            return apply(function, given[0])
        if primed:
            if not function.entrywise:
                self.refuse(f"{function.name} has no derivative entry by entry; its derivatives form a Jacobian")
            missing = (
                [as_form(v) for v in function.defaults[len(given) - function.arguments :] if v is not None]
                if len(given) < function.arguments
                else []
            )
            return apply(Prime(function, 0), *given, *missing)
        return function(*given, **keywords)

    def arguments(self) -> tuple[list[_Value], dict[str, Any]]:
        self.expect("(")
        given: list[_Value] = []
        keywords: dict[str, Any] = {}
        while not self.accept(")"):
            if self.peek().text in ("axis", "dim", "keepdims", "keepdim") and self.peek(1).text == "=":
                label = {"dim": "axis", "keepdim": "keepdims"}.get(self.peek().text, self.peek().text)
                self.at += 2
                keywords[label] = self.literal()
            else:
                given.append(self.expression())
            if not self.accept(","):
                self.expect(")")
                break
        return given, keywords

    def literal(self) -> Any:
        sign = -1 if self.accept("-") else 1
        token = self.take()
        if token.text in ("True", "False", "None"):
            return {"True": True, "False": False, "None": None}[token.text]
        if token.kind != "number" or not token.text.isdecimal() or len(token.text) > 2:
            self.refuse("an axis is a small integer")
        return sign * int(token.text)

    def _reduced(self, kind: str) -> Callable[[list[_Value], dict[str, Any]], _Value]:
        def build(arguments: list[_Value], keywords: dict[str, Any]) -> _Value:
            form = self.array(arguments[0])
            axis = keywords.get("axis")
            if len(arguments) > 1 and isinstance(arguments[1].form, forms.Number):
                axis = int(arguments[1].form.value)
            try:
                return _Value(forms.reduce_over(kind, form, axis, bool(keywords.get("keepdims", False))))
            except SymbackError as error:
                self.refuse(str(error))

        return build

    def _outer(self, left: _Value, right: _Value) -> _Value:
        try:
            return _Value(forms.outer(self.array(left), self.array(right)))
        except SymbackError as error:
            self.refuse(str(error))

    def _where(self, arguments: list[_Value]) -> _Value:
        if len(arguments) != 3:
            self.refuse("where takes a condition and two values")
        try:
            return _Value(forms.where(*(self.array(a) for a in arguments)))
        except SymbackError as error:
            self.refuse(str(error))

    def method(self, value: _Value, name: str) -> _Value:
        if name == "T":
            return self.transposed(value)
        if name in ("sum", "mean", "dot", "transpose", "copy"):
            arguments, keywords = self.arguments()
            if name == "copy":
                return value
            if name == "dot":
                return self.matmul(value, *arguments[:1])
            if name == "transpose":
                return self.transposed(value)
            return self._reduced(name)([value, *arguments], keywords)
        self.refuse(f".{name} is not known; known are .T, .sum(axis=...), .mean(axis=...), .dot(...)")


def _mended(left: Form, right: Form, mend: str) -> list[tuple[Form, Form]]:
    """Return operands of a product after one change that undoes a slip."""
    if mend == "swapped":
        return [(right, left)]
    if mend == "missing_transpose" and left.ndim == right.ndim == 2:
        return [
            (forms.transpose(left), right),
            (left, forms.transpose(right)),
            (forms.transpose(left), forms.transpose(right)),
        ]
    return []


def _two(parser: _Parser, values: Sequence[_Value]) -> Iterable[_Value]:
    if len(values) != 2:
        parser.refuse("two arguments are needed")
    return values
