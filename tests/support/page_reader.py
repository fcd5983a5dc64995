"""A reader of whole pages: it computes every side of every printed equation."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from symback.core.display import EMPTY, to_latex
from symback.derivation.record import Record
from symback.page.records import Display
from symback.page.sheet import Sheet
from tests.support.latex_reader import FUNCTIONS, PRIMES, Reader, indices, sides
from tests.support.printed_networks import Forward


def _length(size: Any) -> int:
    return size if isinstance(size, int) else 4


class PageReader:
    """Reads a page line by line as a student would: every side of every equation has to have the same value."""

    def __init__(self, record: Record, forward: Forward, values: dict[str, Any]) -> None:
        self.page = Sheet(record)
        self.rows = self.page.base.rows
        known = {**values, **forward(values)}
        names = self.page.base.names
        self.arrays = {
            re.sub(r"\s", "", to_latex(names[k])): self.matrix(v) for k, v in known.items() if k in names.symbols
        }
        self.reader = Reader(
            self.arrays,
            {**FUNCTIONS, "f": np.sin},
            {**PRIMES, "f": np.cos, r"\mathrm{ReLU}": lambda z: (z > 0) * 1.0},
            {"n": 4},
            scalar=self.page.base.scalar,
        )
        self.lines = 0
        network = record.network
        self.shapes = {
            re.sub(r"\s", "", to_latex(names[label])): np.shape(self.matrix(np.zeros([_length(s) for s in shape])))
            for label, shape in (
                *((v.name, v.shape) for v in network.variables.values()),
                *((e.name, e.shape) for e in network.equations),
            )
            if label in names.symbols
        }

    def matrix(self, value: Any) -> Any:
        array = np.asarray(value, float)
        return (array.reshape(1, -1) if self.rows else array.reshape(-1, 1)) if array.ndim == 1 else array

    def read(self, displays: tuple[Display, ...]) -> None:
        following = [any(cells[2:3] == (EMPTY,) for cells in d.rows) for d in displays]
        for display, collapses, leads in zip(displays, following, [*following[1:], False], strict=True):
            if leads and self.is_jacobian(display):
                continue  # read with the network that has it, in the tests of collapses
            if collapses:
                self.collapse(display)
                continue
            value: Any = None
            last = ""
            for cells in display.rows:
                for left, right in zip(cells[::2], cells[1::2], strict=True):
                    key = re.sub(r"\s", "", to_latex(left))
                    value = self.line(key or last, to_latex(right), value if not key else None)
                    last = key or last
        assert displays

    def is_jacobian(self, display: Display) -> bool:
        """Say whether a display is the derivative of entries by entries, as ∂P_ik/∂Z_ij is, in one line or two."""
        loss = re.escape(to_latex(self.page.base.name(self.page.network.loss)))
        left = to_latex(display.rows[0][0])
        return len(display.rows) <= 2 and bool(re.match(rf"\\frac{{\\partial (?!{loss}}})", left))

    def collapse(self, display: Display) -> None:
        """Read the lines of a collapse but the rule itself: all are one array, which the line below them has to be."""
        of = display.of[0]
        symbol = to_latex(self.page.with_errors.adjoint(of))
        shape = tuple(s for s in self.matrix(self.reader.names[self.symbol(of)]).shape if s != 1)
        letters = self.letters(to_latex(display.rows[0][0]), symbol, len(shape))
        expected: Any = None
        for cells in display.rows[1:]:
            (side,) = sides(to_latex(cells[1]))[1:]
            found = self.reader.entries(letters, shape, side) if letters else np.squeeze(self.reader.value(side))
            np.testing.assert_allclose(
                found, found if expected is None else expected, rtol=1e-9, atol=1e-13, err_msg=side
            )
            expected = found
            self.lines += 1
        key = re.sub(r"\s", "", symbol)
        self.reader.names[key] = np.reshape(expected, self.matrix(self.reader.names[self.symbol(of)]).shape)

    def symbol(self, name: str) -> str:
        return re.sub(r"\s", "", to_latex(self.page.base.name(name)))

    def letters(self, entry: str, symbol: str, count: int) -> str:
        """Return the index letters of an entry of an adjoint, the last ones in its subscript."""
        found = re.findall(r"[a-z]", entry[-count - 2 :])[-count:] if count else []
        assert (len(found) == count and entry != symbol) or not count, entry
        return "".join(found)

    def shape_of(self, key: str) -> tuple[int, ...]:
        """Return the shape of a left side, or of what a derivative is by."""
        found = re.fullmatch(r"\\frac\{\\partial\w+\}\{\\partial(.*)\}", key)
        return self.shapes.get(found.group(1) if found else key, ())

    def entry(self, key: str) -> tuple[str, list[str]]:
        """Return the array of which a left side is an entry, with the letters; a left side without them as it is."""
        derivative = re.fullmatch(r"(\\frac\{\\partial\w+\}\{\\partial)(.*)(\})", key)
        before, text, behind = derivative.groups() if derivative else ("", key, "")
        for name, shape in self.shapes.items():
            letters = indices(text, name)
            if letters and all(map(str.isalpha, letters)) and len(letters) == sum(s != 1 for s in shape):
                return before + name + behind, letters
        return key, []

    def line(self, key: str, right: str, before: Any) -> Any:
        letters: list[str] = []
        if key not in self.reader.names:
            key, letters = self.entry(key)
        expected = before if before is not None else self.reader.names.get(key)
        for side in sides(right)[1:]:
            if letters:
                shape = self.shape_of(key)
                longer = tuple(s for s in shape if s != 1)
                found = np.asarray(self.reader.entries("".join(letters), longer, side)).reshape(shape)
            else:
                found = np.asarray(self.reader.value(side))
            found = found.value if hasattr(found, "value") else found
            if expected is not None:
                np.testing.assert_allclose(
                    np.broadcast_to(found, np.shape(expected)) if np.ndim(expected) == 2 else np.squeeze(found),
                    expected if np.ndim(expected) == 2 else np.squeeze(expected),
                    rtol=1e-9,
                    atol=1e-13,
                    err_msg=f"{key} = {side}",
                )
            else:
                expected = found
            self.lines += 1
        expected = np.asarray(expected)
        shape = self.shape_of(key)
        # one number in front of a vector of ones is that number everywhere
        self.reader.names[key] = np.broadcast_to(expected, shape) if expected.size == 1 and shape else expected
        return expected
