"""Formulas in LaTeX as texts to compare: order of summands and of entrywise factors, signs of differences, spaces do not count."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SILENT = (r"\left", r"\right", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\,", r"\!", r"\cdot", "~")
_UPRIGHT = re.compile(r"\\(?:mathrm|text|operatorname|mathbf)\{([^{}]*)\}")
_FUNCTIONS = {r"\sigma", r"\tanh", r"\exp", r"\log", r"\max", r"\sigma'", r"\tanh'", "ReLU", "ReLU'"}
_CASES = re.compile(r"\\begin\{cases\}(.*)\\end\{cases\}")
_ENTRY = re.compile(r"\\sum_\{?[a-z]\b.*_\{?[a-z]|_\{[a-z]{2}\}")
"""A sum over an index of entries, or an entry with two indices: every factor is a number, and numbers commute."""
_OVER = re.compile(r"\\sum_\{?([a-z](?:, ?[a-z])*)")
_BELOW = re.compile(r"_\{[a-z, ]+\}|_[a-z]")
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|ReLU|[A-Za-z]|\d+|\S")


def canonical(latex: str, names: Mapping[str, str] | None = None) -> str:
    r"""Return a formula as a text that is equal for formulas that differ in order of summands, signs and spaces only.

    ``names`` are put in for what stands in the formula. A difference may be turned with the sign before it.

    >>> canonical(r"2 \bigl(U V^{\top} - A\bigr) + \lambda U") == canonical(r"\lambda\, U - 2(A - U V^\top)")
    True
    >>> canonical(r"X^\top (a - b)") == canonical(r"(a - b) X^\top")
    False
    """
    for theirs, ours in (names or {}).items():
        latex = latex.replace(theirs, ours)
    latex = latex.replace(r"^{\top}", r"^\top")
    for silent in _SILENT:
        latex = re.sub(re.escape(silent) + r"(?![A-Za-z])", " ", latex)
    latex = _UPRIGHT.sub(lambda m: "".join(m.group(1).split()), latex)
    cases = _CASES.fullmatch(latex.strip())
    if cases is not None:
        lines = [[canonical(side) for side in line.split("&")] for line in cases[1].split(r"\\")]
        return "cases " + "; ".join(" if ".join(line) for line in lines)
    by_entries = _ENTRY.search(latex) is not None
    worker = _Reader(_TOKEN.findall(_renamed(latex) if by_entries else latex), by_entries)
    return _joined(worker.sum())


class _Reader:
    def __init__(self, tokens: list[str], entries: bool = False) -> None:
        self.tokens = tokens
        self.entries = entries
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def sum(self) -> list[tuple[int, str]]:
        """Return the summands up to a closing bracket, with their signs."""
        found: list[tuple[int, str]] = []
        sign = 1
        while self.peek() in ("+", "-"):
            sign = -sign if self.take() == "-" else sign
        while True:
            own, text = self.product()
            found.append((sign * own, text))
            if self.peek() not in ("+", "-"):
                return found
            sign = 1 if self.take() == "+" else -1

    def product(self) -> tuple[int, str]:
        sign, parts = 1, []
        while self.peek() not in ("", "+", "-", ")", "}"):
            called = bool(parts) and parts[-1] in _FUNCTIONS
            own, text = self.factor(called)
            sign *= own
            parts[len(parts) - called :] = [parts[-1] + text] if called else [text]
        if parts[:1] == ["1"] and len(parts) > 1 and parts[1] != r"\odot":
            parts = parts[1:]
        if self.entries:
            return sign, " ".join(_with_sums_last(parts))
        factors = sorted(" ".join(parts).split(r" \odot "))
        return sign, r" \odot ".join(factors)

    def factor(self, argument: bool = False) -> tuple[int, str]:
        """Return the sign and the text of one factor; the sign of an argument stays inside."""
        token = self.take()
        sign, text = 1, token
        if self.peek() == "'":
            text += self.take()
        if argument and token == "(":
            text = "(" + _joined(self.sum()) + ")"
            self.take()
        elif token in ("(", "{"):
            summands = self.sum()
            self.take()
            raised = self.peek() == "^" and self.tokens[self.at + 1] != r"\top"
            if len(summands) == 1 and token == "(" and self.peek() not in ("^", "_"):
                return summands[0]
            if not raised:
                sign = min(summands, key=lambda s: s[1])[0]
            text = token + _joined([(s * sign, t) for s, t in summands]) + (")" if token == "(" else "}")
        elif token in (r"\frac", r"\sqrt"):
            text = token + "".join(self.argument() for _ in range(2 if token == r"\frac" else 1))
        while self.peek() in ("_", "^"):
            script = self.take()
            text += script + self.argument()
        if text.endswith(r"^{+ \odot 2}"):
            base = text.removesuffix(r"^{+ \odot 2}")
            text = rf"{base} \odot {base}"
        return sign, text

    def argument(self) -> str:
        if self.peek() != "{":
            return "{" + self.take() + "}"
        return self.factor_of_group()

    def factor_of_group(self) -> str:
        self.take()
        summands = self.sum()
        self.take()
        if len(summands) == 1 and summands[0][0] > 0 and " " not in summands[0][1]:
            return "{" + summands[0][1] + "}"
        return "{" + _joined(summands) + "}"


def _renamed(latex: str) -> str:
    """Return a formula with the letters that its sums run over renamed in order of appearance."""
    letters = dict.fromkeys("".join(_OVER.findall(latex)).replace(",", "").replace(" ", ""))
    greek = {letter: chr(ord("α") + k) for k, letter in enumerate(letters)}
    return _BELOW.sub(lambda m: m[0].translate(str.maketrans(greek)), latex)


def _with_sums_last(parts: list[str]) -> list[str]:
    """Return numbers in alphabetical order; what follows a sum sign is summed and stays behind it, in an order of its own."""
    at = next((k for k, part in enumerate(parts) if part.startswith(r"\sum")), len(parts))
    return [*sorted(parts[:at]), *parts[at : at + 1], *sorted(parts[at + 1 :])]


def _joined(summands: list[tuple[int, str]]) -> str:
    ordered = sorted(summands, key=lambda s: s[1])
    return " ".join(("+ " if sign > 0 else "- ") + text for sign, text in ordered)
