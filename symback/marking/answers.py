r"""One formula as a student types it, in LaTeX, Unicode or NumPy spelling, read into a Form over a derivation's names.

The text is never executed: it is cut into tokens and read by recursive descent. Names are those of the network, spelled
as in the code (``W1``) or as on the page (``W_1``, ``W^{(1)}``, ``\hat{y}``); ``dW1``, ``dL/dW1``, ``\frac{\partial
L}{\partial W_1}`` and δ are derivatives of the loss. Letters side by side are a product, of matrices where both are
arrays; ⊙ and ``*`` multiply entry by entry. A product side by side binds tighter than ⊙.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symback.core import forms
from symback.core.errors import SymbackError, nearest
from symback.core.forms import Form, Function, apply, names_in, number
from symback.derivation.record import Record
from symback.engine.interpreter import evaluate
from symback.marking.answer_meaning import Meaning, Value
from symback.marking.answer_names import STYLES, Symbols, key_of
from symback.marking.answer_tokens import Token
from symback.page.notation import Notation
from symback.page.sheet import sheet_of

_DEEPEST = 60
_EXPONENT = 64
_RELATIONS = {"<": "less", ">": "greater", "<=": "less_equal", ">=": "greater_equal", "==": "equal", "!=": "not_equal"}


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


class _Parser(Symbols):
    """Reads a formula by recursive descent."""

    def __init__(self, text: str, record: Record, notation: Notation | str | None, mend: str = "") -> None:
        page = sheet_of(record, notation)
        super().__init__(text, record, page)
        self.depth = 0
        # NumPy's rules for arrays of one axis where the text is spelled as code, else rows or columns as on the page
        self.code = bool(re.search(r"@|\.T\b|\bnp\.|axis\s*=|\.sum\b", text))
        self.meaning = Meaning(record.network, page.base, self.code, mend, self.refuse)

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
                self.refuse(f"the left side is to be a derivative, as d{next(iter(self.known.record.wrt), 'W')}")
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
        return Answer(of, self.meaning.shaped(value.form, of, by), self.text, by)

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

    def expression(self) -> Value:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.refuse("the formula is nested too deeply")
        left = self.sum()
        if self.peek().kind == "relation" and self.peek().text != "=":
            op = _RELATIONS[self.take().text]
            left = self.meaning.entrywise(op, left, self.sum())
        self.depth -= 1
        return left

    def sum(self) -> Value:
        negative = False
        while self.peek().text in ("+", "-"):
            negative ^= self.take().text == "-"
        found = self.product()
        if negative:
            found = Value(apply("negative", self.meaning.array(found)))
        while self.peek().text in ("+", "-"):
            op = "add" if self.take().text == "+" else "subtract"
            found = self.meaning.entrywise(op, found, self.product())
        return found

    def product(self) -> Value:
        found = self.chain()
        while True:
            if self.accept("⊙", "*"):
                found = self.meaning.entrywise("multiply", found, self.chain())
            elif self.accept("@"):
                found = self.meaning.matmul(found, self.chain())
            elif self.accept("·"):
                found = self.meaning.dot(found, self.chain())
            else:
                return found

    def chain(self) -> Value:
        """Read factors side by side; a division takes the next factor only."""
        found = self.factor()
        while True:
            if self.accept("/"):
                found = self.meaning.entrywise("divide", found, self.factor())
            elif self._starts_factor():
                found = self.meaning.beside(found, self.factor())
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

    def factor(self) -> Value:
        """Read one factor with what follows it: powers, transposes, methods."""
        if self.accept("-"):
            return Value(apply("negative", self.meaning.array(self.factor())))
        if self.accept("+"):
            return self.factor()
        found = self.atom()
        while True:
            if self.accept("^", "**"):
                found = self.power(found)
            elif self.accept("⊤"):
                found = self.meaning.transposed(found)
            elif self.peek().text == "." and self.peek(1).kind == "name":
                self.take()
                found = self.method(found, self.take().text)
            elif self.peek().text == "'" and self.code is False:
                self.refuse("a prime belongs to a function, as in \\sigma'(z)")
            else:
                return found

    def power(self, base: Value) -> Value:
        braces = self.accept("{")
        if self.accept("⊤") or (self.peek().text == "T" and self.take()):
            if braces:
                self.expect("}")
            return self.meaning.transposed(base)
        exponent = self.expression() if braces else self.factor()
        if braces:
            self.expect("}")
        form = self.meaning.array(exponent)
        if not names_in(form):
            try:
                size = abs(float(evaluate(form, {})))
            except (OverflowError, SymbackError):
                size = float("inf")
            if not size <= _EXPONENT:
                self.refuse("the exponent is too large")
        return Value(apply("power", self.meaning.array(base), form))

    def atom(self) -> Value:
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
                return self.meaning.derived(derivative)
        if token.text in (r"\frac", r"\dfrac", r"\tfrac"):
            self.take()
            above, below = self.argument(), self.argument()
            return self.meaning.entrywise("divide", above, below)
        if token.text == r"\sqrt":
            self.take()
            return Value(apply("sqrt", self.meaning.array(self.argument())))
        if token.text in (r"\sum", "Σ", r"\Sigma"):
            self.refuse("sums over indices are not read; write 1^T X, or sum(X, axis=0)")
        if token.kind in ("name", "command"):
            return self.named()
        self.refuse(f"{token.text} is not understood here" if token.text else "the formula ends too early")

    def argument(self) -> Value:
        """Read the argument of a command: a group in braces, or one token."""
        if self.accept("{"):
            found = self.expression()
            self.expect("}")
            return found
        token = self.peek()
        if token.kind == "number" and len(token.text) > 1 and token.text.isdecimal():
            # \frac12 is one half
            self.tokens[self.at] = Token("number", token.text[1:], token.at + 1)
            return Value(number(int(token.text[0])))
        return self.atom()

    def numeral(self) -> Value:
        token = self.take()
        after = self.peek()
        if token.text == "1" and after.text in ("^", "⊤") and self._is_transpose(1 if after.text == "^" else 0):
            return self.ones()
        if token.text == "1" and after.text == "[":
            return self.atom()
        if len(token.text) > 40:
            self.refuse("the number is too long")
        value = float(token.text)
        return Value(number(int(value) if value == int(value) and abs(value) < 1e15 else value))

    def _is_transpose(self, ahead: int) -> bool:
        token = self.peek(ahead)
        if token.text == "{":
            token = self.peek(ahead + 1)
        return token.text in ("⊤", "T")

    def ones(self) -> Value:
        return Value(number(1), "column")

    def named(self) -> Value:
        start = self.at
        if self.peek().text in STYLES and self.peek(1).text == "{" and self.peek(2).text == "1":
            self.at += 4
            return self.atom() if self.peek().text == "[" else self.ones()
        if self.peek().text in ("np", "numpy", "torch", "F") and self.peek(1).text == ".":
            self.at += 2
            return self.called(self.take().text)
        short = self.short_adjoint()
        if short is not None:
            return self.meaning.leaf(short)
        joined = self.joined()
        if joined is not None and not (self.known.function(joined) and self._is_call(0)):
            return self.meaning.leaf(self.known.names[joined])
        self.at = start
        word = self._word()
        if word is not None and (
            self._is_call(0) or self.peek().text in ("'", "^") or self.known.function(word) in ("log", "exp")
        ):
            return self.called(word)
        self.at = start
        key, _ = self.spelled()
        if key in self.known.names:
            return self.meaning.leaf(self.known.names[key])
        end = self.at
        if key == "e" and self.peek().text == "^":
            self.take()
            return Value(apply("exp", self.meaning.array(self.argument())))
        if key == "pi":
            return Value(number(3.141592653589793))
        self.at = start
        if self.peek().kind == "name" and "_" not in self.peek(1).text:
            pieces = self.known.split(self.peek().text)
            if pieces:
                self.take()
                found = self.meaning.leaf(self.known.names[pieces[0]])
                for piece in pieces[1:]:
                    found = self.meaning.beside(found, self.meaning.leaf(self.known.names[piece]))
                return found
        rows = self.known.rows(key)
        if rows is not None:
            self.at = end
            return Value(rows)
        self.refuse(f"{key} is not a name of this network{nearest(key, self.known.suggested())}")

    def _word(self) -> str | None:
        """Take the name of a function, with what spells its derivative; None where there is none."""
        start = self.at
        token = self.peek()
        if token.text in STYLES:
            key, _ = self.spelled()
            if self.known.function(key):
                return key
            self.at = start
            return None
        text, used = token.text.lstrip("\\"), 1
        best: tuple[str, int] | None = None
        while True:
            if self.known.function(text) or self.known.prime_of(text):
                best = (text, used)
            if self.peek(used).text == "_" and self.peek(used + 1).kind == "name":
                text += "_" + self.peek(used + 1).text
                used += 2
            else:
                break
        if best is None:
            key = key_of(token.text)
            if self.known.function(key):
                best = (key, 1)
        if best is None:
            return None
        self.at += best[1]
        return best[0]

    def _is_call(self, ahead: int) -> bool:
        return self.peek(ahead).text == "("

    def called(self, word: str) -> Value:
        special: Mapping[str, Callable[[list[Value], dict[str, Any]], Value]] = {
            "sum": self.meaning.reduced("sum"),
            "mean": self.meaning.reduced("mean"),
            "dot": lambda a, k: self.meaning.matmul(*_two(self, a)),
            "matmul": lambda a, k: self.meaning.matmul(*_two(self, a)),
            "outer": lambda a, k: self.meaning.outer(*_two(self, a)),
            "multiply": lambda a, k: self.meaning.entrywise("multiply", *_two(self, a)),
            "transpose": lambda a, k: self.meaning.transposed(a[0]),
            "where": lambda a, k: self.meaning.where(a),
            "square": lambda a, k: Value(apply("power", self.meaning.array(a[0]), number(2))),
        }
        if word in special and self._is_call(0):
            arguments, keywords = self.arguments()
            if not arguments:
                self.refuse(f"{word} needs an argument")
            return special[word](arguments, keywords)
        function = self.known.function(word)
        primed = 0
        if function is None:
            function = self.known.prime_of(word)
            primed = 1
        if function is None:
            self.refuse(f"there is no function {word}{nearest(word, self.known.functions)}")
        exponent: Form | None = None
        while True:
            if self.accept("'") or (self.peek().text == "^" and self._is_prime_script()):
                primed += 1
            elif self.accept("^"):
                exponent = self.meaning.array(self.argument())
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
        given = [self.meaning.array(a) for a in arguments]
        try:
            form = self.meaning.applied(function, given, keywords, primed)
        except SymbackError as error:
            self.refuse(str(error))
        return Value(form if exponent is None else apply("power", form, exponent))

    def _is_prime_script(self) -> bool:
        if self.peek(1).text == "'":
            self.at += 2
            return True
        if self.peek(1).text == "{" and self.peek(2).text == "'" and self.peek(3).text == "}":
            self.at += 4
            return True
        return False

    def arguments(self) -> tuple[list[Value], dict[str, Any]]:
        self.expect("(")
        given: list[Value] = []
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

    def method(self, value: Value, name: str) -> Value:
        if name == "T":
            return self.meaning.transposed(value)
        if name in ("sum", "mean", "dot", "transpose", "copy"):
            arguments, keywords = self.arguments()
            if name == "copy":
                return value
            if name == "dot":
                return self.meaning.matmul(value, *arguments[:1])
            if name == "transpose":
                return self.meaning.transposed(value)
            return self.meaning.reduced(name)([value, *arguments], keywords)
        self.refuse(f".{name} is not known; known are .T, .sum(axis=...), .mean(axis=...), .dot(...)")


def _two(parser: _Parser, values: Sequence[Value]) -> Iterable[Value]:
    if len(values) != 2:
        parser.refuse("two arguments are needed")
    return values
