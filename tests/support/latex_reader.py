"""A small reader of the LaTeX that textbooks use, written for the tests: it parses a formula and evaluates it.

It shares no code with the printers. Arrays are given as NumPy arrays by the LaTeX of their names; juxtaposition
multiplies matrices, ``\\odot`` entries, ``\\sum_i`` runs over the size of the axes that carry ``i``.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Env = dict[str, int]
Thunk = Callable[[Env], Any]

_TOKEN = re.compile(r"\s+|\\begin\{[a-z]+\}|\\end\{[a-z]+\}|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|.")
_SKIP = {r"\,", r"\quad", r"\left", r"\right", r"\;", r"\ "}
_IS_CONSTANT = re.compile(r"\d+|\d*:\d*(:-?\d+)?").fullmatch
_ENDS = {
    ")",
    "]",
    "}",
    "&",
    r"\\",
    r"\rvert",
    r"\rVert",
    ",",
    r"\end{cases}",
    "=",
    r"\end{bmatrix}",
    ">",
    "<",
    r"\geq",
    r"\leq",
    r"\neq",
    r"\in",
    None,
}


class ReadBackError(Exception):
    """The text is not a formula this reader knows."""


class Ones:
    """A multiple of a vector of ones of the length that fits; as a row or a column."""

    def __init__(self, column: bool, scale: Any = 1.0) -> None:
        self.column = column
        self.scale = scale


class Repeated:
    """A column times a row of ones: NumPy repeats the column by itself; only a product has to know."""

    def __init__(self, column: Any) -> None:
        self.column = column


def multiply(a: Any, b: Any, scalar: bool) -> Any:
    if isinstance(b, Repeated):
        return Repeated(multiply(a, b.column, scalar))
    if isinstance(a, Repeated):
        return multiply(a.column, multiply(Ones(False), b, scalar), scalar)
    if isinstance(a, Ones) and isinstance(b, Ones):
        return Repeated(np.full((1, 1), a.scale * b.scale))
    if isinstance(a, Ones):
        b = np.asarray(b, float)
        if b.size == 1:
            return Ones(a.column, a.scale * b.item())
        if a.column:
            return a.scale * b  # NumPy repeats a row by itself
        return a.scale * b.sum(axis=0, keepdims=True)
    if isinstance(b, Ones):
        a = np.asarray(a, float)
        if a.size == 1:
            return Ones(b.column, a.item() * b.scale)
        if not b.column:
            return Repeated(b.scale * a)
        return b.scale * a.sum(axis=1, keepdims=True)
    a, b = np.asarray(a, float), np.asarray(b, float)
    if scalar or a.ndim < 2 or b.ndim < 2:
        return a * b
    if a.shape[1] == b.shape[0]:
        return a @ b
    if a.size == 1 or b.size == 1:
        return a * b
    raise ReadBackError(f"shapes {a.shape} and {b.shape} do not multiply")


class Reader:
    """Reads formulas over ``names`` (LaTeX → array) and ``functions`` (LaTeX → entrywise callable).

    ``primes`` maps a function's LaTeX to its derivative, ``sizes`` a symbol's LaTeX to an int.
    """

    def __init__(
        self,
        names: Mapping[str, Any],
        functions: Mapping[str, Any] | None = None,
        primes: Mapping[str, Any] | None = None,
        sizes: Mapping[str, int] | None = None,
        scalar: bool = False,
        jacobians: Mapping[tuple[str, str], Any] | None = None,
    ) -> None:
        self.names = {re.sub(r"\s", "", k): np.asarray(v, float) for k, v in names.items()}
        self.functions = dict(functions or {})
        self.primes = dict(primes or {})
        self.sizes = dict(sizes or {})
        self.scalar = scalar
        self.jacobians = dict(jacobians or {})
        self.tokens: list[str] = []
        self.at = 0
        self.bound: list[dict[str, int | None]] = []
        self.stated: set[str] = set()
        """Indices whose range stands below the sum sign."""

    def value(self, latex: str) -> Any:
        """Return the value of one expression."""
        self.tokens = [t for t in _TOKEN.findall(latex) if t.strip() and t not in _SKIP]
        self.at = 0
        self.bound = []
        found = self.sum()
        if self.at != len(self.tokens):
            raise ReadBackError(f"cannot read {' '.join(self.tokens[self.at : self.at + 8])!r} in {latex}")
        result = found({})
        return _plain(result)

    def entries(self, letters: str, shape: tuple[int, ...], latex: str) -> Any:
        """Return the array whose entry at ``letters`` (say ``ij``) is the expression."""
        self.tokens = [t for t in _TOKEN.findall(latex) if t.strip() and t not in _SKIP]
        self.at = 0
        self.bound = [dict(zip(letters, shape, strict=True))]
        found = self.sum()
        if self.at != len(self.tokens):
            raise ReadBackError(f"cannot read {' '.join(self.tokens[self.at : self.at + 8])!r} in {latex}")
        out = np.empty(shape)
        for places in itertools.product(*map(range, shape)):
            out[places] = float(np.squeeze(found(dict(zip(letters, places, strict=True)))))
        return out

    # tokens

    @property
    def next(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, expected: str | None = None) -> str:
        token = self.next
        if token is None or (expected is not None and token != expected):
            raise ReadBackError(f"expected {expected!r}, found {token!r} after {' '.join(self.tokens[: self.at])!r}")
        self.at += 1
        return token

    def raw(self) -> str:
        """Return the text of one argument: a group without its braces, or one token."""
        if self.next != "{":
            return self.take()
        self.take("{")
        depth, text = 1, ""
        while True:
            token = self.take()
            depth += (token == "{") - (token == "}")
            if not depth:
                return text
            if text and token[0].isalpha() and re.search(r"\\[A-Za-z]+$", text):
                text += " "
            text += token

    def group(self) -> Thunk:
        if self.next == "{":
            self.take("{")
            found = self.sum()
            self.take("}")
            return found
        return self.factor()

    # grammar

    def sum(self) -> Thunk:
        negative = self.next == "-"
        if negative:
            self.take()
        first = self.product()
        terms: list[tuple[int, Thunk]] = [(-1 if negative else 1, first)]
        while self.next in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            terms.append((sign, self.product()))

        def run(env: Env) -> Any:
            total: Any = None
            for sign, term in terms:
                value = np.asarray(_plain(term(env)), float) * sign
                total = value if total is None else total + value
            return total

        return run if len(terms) > 1 or negative else first

    def product(self) -> Thunk:
        factors = [self.juxtaposed()]
        while self.next == r"\odot":
            self.take()
            factors.append(self.juxtaposed())
        if len(factors) == 1:
            return factors[0]

        def run(env: Env) -> Any:
            found = np.asarray(_plain(factors[0](env)), float)
            for factor in factors[1:]:
                found = found * np.asarray(_plain(factor(env)), float)
            return found

        return run

    def juxtaposed(self) -> Thunk:
        factors = [self.factor()]
        while self.next not in _ENDS and self.next not in ("+", "-", r"\odot"):
            if self.next in (r"\cdot", r"\times"):
                self.take()
            factors.append(self.factor())
        if len(factors) == 1:
            return factors[0]

        def run(env: Env) -> Any:
            # Numbers and single entries first, so that they scale what is multiplied.
            found = factors[0](env)
            for factor in factors[1:]:
                found = multiply(found, factor(env), self.scalar)
            return found

        return run

    def factor(self) -> Thunk:
        token = self.next
        if token is None or token in _ENDS:
            raise ReadBackError(f"a factor is missing after {' '.join(self.tokens[: self.at])!r}")
        if re.fullmatch(r"\d+(\.\d+)?", token):
            self.take()
            number = float(token)
            return self.scripts(lambda env: np.asarray(number))
        if token == r"\frac":
            start = self.at
            self.take()
            key = r"\frac" + "".join("{" + re.sub(r"\s", "", self.raw()) + "}" for _ in range(2))
            if key in self.names:
                array = self.names[key]
                return self.scripts(lambda env: array)
            entry = self.derivative_entry(start + 1)
            if entry is None:
                entry = self.jacobian_entry(start + 1)
            if entry is not None:
                return self.scripts(entry)
            self.at = start + 1
            above, below = self.group(), self.group()
            return lambda env: _plain(above(env)) / _plain(below(env))
        if token == r"\sqrt":
            self.take()
            inside = self.group()
            return lambda env: np.sqrt(_plain(inside(env)))
        if token == "(":
            return self.scripts(self.parenthesis(), indexed=True)
        if token == r"\lvert":
            self.take()
            inside = self.sum()
            self.take(r"\rvert")
            return self.scripts(lambda env: np.abs(_plain(inside(env))))
        if token == r"\lVert":
            return self.norm()
        if token == r"\begin{cases}":
            return self.cases()
        if token == r"\begin{bmatrix}":
            return self.scripts(self.grid())
        if token == r"\sum" or (token in (r"\max", r"\min") and self.tokens[self.at + 1] == "_"):
            return self.big()
        if token in (r"\log", r"\sin", r"\cos"):
            self.take()
            function = {"log": np.log, "sin": np.sin, "cos": np.cos}[token[1:]]
            inside = self.factor()
            return lambda env: function(_plain(inside(env)))
        if token == r"\exp":
            self.take()
            inside = self.parenthesis()
            return self.scripts(lambda env: np.exp(_plain(inside(env))))
        if token == "e" and "e" not in self.names:
            self.take()
            self.take("^")
            inside = self.group()
            return lambda env: np.exp(_plain(inside(env)))
        if token == r"\mathbf":
            return self.bold()
        return self.symbol()

    def norm(self) -> Thunk:
        """Return ‖x‖ of a vector; of a matrix there must be an F below."""
        self.take(r"\lVert")
        inside = self.sum()
        self.take(r"\rVert")
        of_matrix = self.next == "_"
        if of_matrix:
            self.take()
            if self.raw() != "F":
                raise ReadBackError("a norm of another kind")

        def run(env: Env) -> Any:
            array = np.asarray(_plain(inside(env)), float)
            if not self.bound and (min(array.shape, default=1) > 1) != of_matrix:
                raise ReadBackError(f"a norm {'with' if of_matrix else 'without'} F of an array of shape {array.shape}")
            return np.sqrt(np.sum(array**2))

        return self.scripts(run)

    def derivative_entry(self, start: int) -> Thunk | None:
        """Return an entry of a known derivative, as in ``\\frac{\\partial L}{\\partial y_i}``."""
        self.at = start
        above = re.sub(r"\s", "", self.raw())
        if not above.startswith((r"\partial", "d")):
            return None
        below = self.raw()
        mark = r"\partial" if above.startswith(r"\partial") else "d"
        head = f"\\frac{{{above}}}{{{mark}"
        known = {k[len(head) : -1]: v for k, v in self.names.items() if k.startswith(head)}
        inner = Reader(known)
        inner.tokens = [t for t in _TOKEN.findall(below.removeprefix(mark)) if t.strip()]
        inner.bound = self.bound
        try:
            return inner.symbol()
        except ReadBackError:
            return None

    def jacobian_entry(self, start: int) -> Thunk | None:
        """Return an entry of a known local derivative, as in ``\\frac{\\partial Z_{im}}{\\partial W_{kj}}``."""
        self.at = start
        above, below = (re.sub(r"\s", "", self.raw()) for _ in range(2))
        for (of, by), array in self.jacobians.items():
            letters = []
            for text, name in ((above, of), (below, by)):
                found = re.fullmatch(r"(?:\\partial|d)(.*)", text)
                rest = None if found is None else indices(found.group(1), re.sub(r"\s", "", name))
                if rest is None:
                    break
                letters += rest
            else:
                if all(c in self.known_letters() for c in letters):
                    return self.entry_of(np.asarray(array, float), letters)
        return None

    def parenthesis(self) -> Thunk:
        self.take("(")
        found = self.sum()
        self.take(")")
        return found

    def bold(self) -> Thunk:
        self.take()
        what = self.raw()
        if what == "0":
            return lambda env: np.asarray(0.0)
        if what != "1":
            raise ReadBackError(f"bold {what} has no value here")
        if self.next == "[":
            self.take("[")
            condition = self.condition()
            self.take("]")
            return self.scripts(lambda env: np.asarray(condition(env), float))
        if self.next == "^":
            self.take()
            if self.raw() != r"\top":
                raise ReadBackError("a vector of ones with a power")
            return lambda env: Ones(column=False)
        return lambda env: Ones(column=True)

    def condition(self) -> Thunk:
        parts = [self.sum()]
        relations = []
        while self.next in (">", "<", "=", r"\geq", r"\leq", r"\neq"):
            relations.append(self.take())
            parts.append(self.sum())
        known = {
            ">": np.greater,
            "<": np.less,
            "=": np.isclose,
            r"\geq": np.greater_equal,
            r"\leq": np.less_equal,
            r"\neq": np.not_equal,
        }

        def run(env: Env) -> Any:
            found: Any = np.asarray(True)
            for left, sign, right in zip(parts, relations, parts[1:], strict=False):
                found = found & known[sign](_plain(left(env)), _plain(right(env)))
            return found

        return run

    def cases(self) -> Thunk:
        self.take(r"\begin{cases}")
        rows: list[tuple[Thunk, Thunk | None]] = []
        while True:
            value = self.sum()
            self.take("&")
            if self.next == r"\text":
                self.take()
                self.raw()
                rows.append((value, None))
            else:
                conditions = [self.condition()]
                while self.next == ",":
                    self.take()
                    conditions.append(self.condition())
                rows.append((value, lambda env, c=tuple(conditions): np.logical_and.reduce([x(env) for x in c])))
            if self.next == r"\\":
                self.take()
                continue
            self.take(r"\end{cases}")
            break

        def run(env: Env) -> Any:
            found: Any = np.asarray(np.nan)
            for value, condition in reversed(rows):
                if condition is None:
                    found = value(env)
                    continue
                holds = condition(env)
                if holds.shape == () and not holds:
                    continue
                found = np.where(holds, value(env), found)
            return found

        return run

    def grid(self) -> Thunk:
        self.take(r"\begin{bmatrix}")
        rows: list[list[Thunk]] = [[self.sum()]]
        while self.next != r"\end{bmatrix}":
            if self.take() == "&":
                rows[-1].append(self.sum())
            else:
                rows.append([self.sum()])
        self.take()
        return lambda env: np.array([[float(np.squeeze(cell(env))) for cell in cells] for cells in rows])

    def big(self) -> Thunk:
        kind = self.take()
        self.take("_")
        text = re.sub(r"\s", "", self.raw())
        ranges = {c: (int(low), int(high)) for low, c, high in re.findall(r"(\d+)\\leq([a-z])\\leq(\d+)", text)}
        letters = [c for c in re.sub(r"\d+\\leq([a-z])\\leq\d+", r"\1", text) if c != ","]
        self.bound.append({c: ranges[c][1] if c in ranges else None for c in letters})
        self.stated |= set(ranges)
        body = self.juxtaposed()
        sizes = self.bound.pop()
        if any(s is None for s in sizes.values()):
            raise ReadBackError(f"no array carries the index {letters}")
        reduce = {r"\sum": np.sum, r"\max": np.max, r"\min": np.min}[kind]

        def run(env: Env) -> Any:
            values = []
            for places in itertools.product(*(range(sizes[k] or 0) for k in letters)):
                values.append(np.squeeze(body({**env, **dict(zip(letters, places, strict=True))})))
            return reduce(np.array(values), axis=0)

        return run

    def symbol(self) -> Thunk:
        base = self.take()
        if base in (r"\hat", r"\bar", r"\tilde", r"\mathrm", r"\text", r"\mathit"):
            base = f"{base}{{{self.raw()}}}"
        below = None
        if self.next == "_":
            self.take()
            below = self.raw()
        primes = 0
        while self.next == "'":
            self.take()
            primes += 1
        key = base if below is None else f"{base}_{below if len(below) == 1 else '{' + below + '}'}"
        if (base in self.functions or base in self.primes) and self.next == "(":
            return self.call(base, below, primes)
        if base in self.functions and self.next == "^":
            # tanh²(z) is the square of tanh(z)
            self.take()
            exponent = float(self.raw())
            inner = self.call(base, below, primes)
            return lambda env: np.asarray(_plain(inner(env)), float) ** exponent
        if key in self.names:
            array = self.names[key]
            return self.scripts(lambda env: array)
        if key in self.sizes:
            size = self.sizes[key]
            return self.scripts(lambda env: np.asarray(float(size)))
        if base in self.known_letters() and below is None:
            return lambda env: np.asarray(float(env[base] + 1))
        if below is not None:
            found = self.indexed_name(base, below)
            if found is not None:
                return self.scripts(found)
        raise ReadBackError(f"{key} is not known")

    def known_letters(self) -> set[str]:
        return {letter for scope in self.bound for letter in scope}

    def indexed_name(self, base: str, below: str) -> Thunk | None:
        choices = [(base, below)]
        head, comma, tail = below.rpartition(",")
        if comma:
            choices.append((f"{base}_{head if len(head) == 1 else '{' + head + '}'}", tail))
        for key, letters in choices:
            if key in self.names and all(c in self.known_letters() for c in letters):
                return self.entry_of(self.names[key], list(letters))
        parts = below.split(",")
        for k in range(len(parts)):
            head = ",".join(parts[:k])
            key = base if not k else f"{base}_{head if len(head) == 1 else '{' + head + '}'}"
            letters = self.known_letters()
            rest = parts[k:]
            if key not in self.names or not all(letters & set(re.findall("[a-z]", p)) or _IS_CONSTANT(p) for p in rest):
                continue
            array = self.names[key]
            rank = np.squeeze(array).ndim
            if len(rest) == 1 and rank > 1 and len(rest[0]) == rank:
                rest = list(rest[0])  # B_{12}, B_{1j}
            elif len(rest) == 1 and rank == 2 and rest[0].isdigit():
                rest = [rest[0], ":"]  # x_1: a row of x
            return self.index(lambda env, array=array: array, ",".join(rest))
        return None

    def entry_of(self, array: Any, letters: list[str]) -> Thunk:
        array = np.squeeze(array)
        if array.ndim != len(letters):
            raise ReadBackError(f"{len(letters)} indices for an array with {array.ndim} axes longer than 1")
        for letter, size in zip(letters, array.shape, strict=True):
            self.learn(letter, size)
        return lambda env: array[tuple(env[c] for c in letters)]

    def learn(self, letter: str, size: int) -> None:
        for scope in reversed(self.bound):
            if letter in scope:
                if letter in self.stated:
                    return
                if scope[letter] not in (None, size):
                    raise ReadBackError(f"index {letter} runs over {scope[letter]} and over {size}")
                scope[letter] = size
                return

    def call(self, base: str, below: str | None, primes: int) -> Thunk:
        table = self.primes if primes else self.functions
        if base not in table:
            raise ReadBackError(f"{base} with {primes} primes is not known")
        function = table[base]
        self.take("(")
        arguments = [self.sum()]
        while self.next == ",":
            self.take()
            arguments.append(self.sum())
        self.take(")")
        fixed = [float(below)] if below is not None else []
        return self.scripts(lambda env: function(*[_plain(a(env)) for a in arguments], *fixed), indexed=True)

    def scripts(self, base: Thunk, indexed: bool = False) -> Thunk:
        if self.next == "_" and indexed:
            self.take()
            base = self.index(base, self.raw())
        if self.next == "^":
            self.take()
            text = self.raw()
            if text == r"\top":
                return lambda env: np.transpose(_plain(base(env)))
            if text.startswith(r"\odot"):
                text = text.removeprefix(r"\odot").strip()
            power = Reader(self.names, self.functions, self.primes, self.sizes, self.scalar)
            power.tokens = [t for t in _TOKEN.findall(text) if t.strip()]
            power.bound = self.bound
            if "/" in power.tokens:
                k = power.tokens.index("/")
                sign = -1.0 if power.tokens[0] == "-" else 1.0
                number = sign * float(power.tokens[k - 1]) / float(power.tokens[k + 1])
                return lambda env: _plain(base(env)) ** number
            exponent = power.sum()
            return lambda env: np.asarray(_plain(base(env)), float) ** _plain(exponent(env))
        return base

    def index(self, base: Thunk, text: str) -> Thunk:
        if all(c in self.known_letters() for c in text):
            letters = list(text)
            try:
                whole = np.asarray(_plain(base({})))
            except KeyError:
                raise ReadBackError(f"cannot tell the sizes of ({text})") from None
            shape = np.squeeze(whole).shape
            if len(letters) == whole.ndim == 2 and len(shape) < 2:
                # a column times a row of ones, or a row under a column of ones: one axis is repeated
                for letter, size in zip(letters, whole.shape, strict=True):
                    if size != 1:
                        self.learn(letter, size)
                return lambda env: np.asarray(_plain(base(env)))[
                    tuple(env[c] if s != 1 else 0 for c, s in zip(letters, whole.shape, strict=True))
                ]
            for letter, size in zip(letters, shape, strict=True):
                self.learn(letter, size)
            return lambda env: np.squeeze(base(env))[tuple(env[c] for c in letters)]
        parts = [p.strip() for p in text.split(",")]
        if any(p in self.known_letters() for p in parts):
            shape = np.shape(base({}))
            shape = shape if len(shape) == len(parts) else np.shape(np.squeeze(base({})))
            for part, length in zip(parts, shape, strict=True):
                if part in self.known_letters():
                    self.learn(part, length)

        def place(part: str, env: Env) -> Any:
            if part == ":":
                return slice(None)
            if ":" in part:
                ends = [int(p) for p in part.split(":")]
                step = ends[2] if len(ends) > 2 else 1
                return list(range(ends[0] - 1, ends[1] - 1 + (1 if step > 0 else -1), step))
            match = re.fullmatch(r"(-?\d*)([a-z]?)\s*([+-]\s*\d+)?", part)
            if match is None:
                raise ReadBackError(f"cannot read the index {part}")
            scale, letter, shift = match.groups()
            if not letter:
                return int(scale) - 1
            step = int({"": "1", "-": "-1"}.get(scale, scale))
            return step * (env[letter] + 1) + int((shift or "0").replace(" ", "")) - 1

        def run(env: Env) -> Any:
            array = np.asarray(base(env))
            if array.ndim != len(parts):
                array = np.squeeze(array)
            found = array
            for axis in reversed(range(len(parts))):
                found = np.take(found, place(parts[axis], env), axis=axis) if parts[axis] != ":" else found
            if array.ndim == 2 and found.ndim == 1:
                found = found.reshape(1, -1) if ":" not in parts[0] else found.reshape(-1, 1)
            return found

        return run


def indices(text: str, name: str) -> list[str] | None:
    """Return the index letters behind a name in ``Z_{2,im}``, or None where another name stands there."""
    if text == name:
        return []
    base, _, below = name.partition("_")
    head = f"{base}_{{{below.strip('{}')}," if below else f"{base}_{{"
    if text.startswith(head) and text.endswith("}"):
        return list(text[len(head) : -1])
    if not below and text.startswith(base + "_") and len(text) == len(base) + 2:
        return [text[-1]]
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, Repeated):
        return value.column
    return np.full((1, 1), value.scale) if isinstance(value, Ones) else value


def sides(line: str) -> list[str]:
    """Return the sides of a printed equation, split at ``=`` outside of brackets; alignment marks are dropped."""
    text = line.replace("&", " ") if r"\begin{cases}" not in line else re.sub(r"^([^=]*?)&", r"\1", line)
    parts, depth, start = [], 0, 0
    for position, char in enumerate(text):
        depth += (char in "{([") - (char in "})]")
        if char == "=" and depth == 0 and r"\begin{cases}" not in text[:position]:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return [p.strip().rstrip(",").strip() for p in parts]


def softmax(z: np.ndarray) -> np.ndarray:
    axis = None if z.ndim < 2 or 1 in z.shape else 1
    e = np.exp(z - z.max())
    return e / e.sum(axis=axis, keepdims=axis is not None)


FUNCTIONS = {
    r"\sigma": lambda z: 1 / (1 + np.exp(-z)),
    r"\mathrm{ReLU}": lambda z: np.where(z > 0, z, 0.0),
    r"\tanh": np.tanh,
    r"\mathrm{softplus}": lambda z: np.log(1 + np.exp(z)),
    r"\mathrm{softmax}": softmax,
    r"\mathrm{LeakyReLU}": lambda z, slope: np.where(z > 0, z, slope * z),
    r"\max": np.maximum,
    r"\mathrm{erf}": np.vectorize(math.erf),
    r"\Phi": lambda z: 0.5 * np.vectorize(math.erfc)(-z / math.sqrt(2)),
}


PRIMES = {r"\sigma": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2, r"\tanh": lambda z: 1 - np.tanh(z) ** 2}
