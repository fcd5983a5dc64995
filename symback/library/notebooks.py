"""Notebooks: the code cells of an ``.ipynb`` file as one text, in which every line knows its cell."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from symback.core.errors import ReadError, ShapeError, SymbackError

CellChoice = int | str | Iterable[int]
"""One cell, several as text (``"1,3-5"``), or their numbers; code cells count from 1."""

_RUNS_PYTHON = {"time", "timeit", "capture", "prun", "memit", "lprun", "snakeviz"}
"""Cell commands below which the rest of the cell is Python."""
_TIMED = re.compile(r"(?m)^(?P<indent>[ \t]*)%(?:time|prun|memit)[ \t]+(?=[^\s-])")
"""A command in front of a statement that is carried out."""
_COMMAND = re.compile(
    r"(?m)^(?P<indent>[ \t]*)(?:(?P<name>[\w.]+)[ \t]*=[ \t]*[%!](?!=).*|[%!?].*|[\w.*]+\?{1,2}[ \t]*|In \[[^\]\n]*\]:[ \t]*)$"
)


@dataclass(frozen=True)
class Cell:
    """A code cell: its number, its text, and how many lines of code stand before it."""

    number: int
    text: str
    before: int

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1


def without_commands(text: str) -> str:
    """Return a text with notebook commands (``%matplotlib``, ``!pip``, ``np.dot?``) replaced by statements that do nothing.

    What stands behind ``%time`` is a statement of the text, and stays.
    """

    def plain(match: re.Match[str]) -> str:
        return match["indent"] + (f"{match['name']} = get_ipython()" if match["name"] else "pass")

    return _COMMAND.sub(plain, _TIMED.sub(r"\g<indent>", text))


def is_notebook(text: str) -> bool:
    """Return whether a text is the JSON of a notebook and not Python."""
    return text.lstrip()[:1] == "{" and '"cells"' in text and '"nbformat"' in text


def code_cells(text: str) -> tuple[Cell, ...]:
    """Return the code cells of a notebook; raises ReadError where the text is not one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadError(f"not a notebook: the file is not JSON ({str(error)[:80]})") from None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        older = isinstance(found, dict) and "worksheets" in found
        raise ReadError(
            "the notebook has the format before version 4; save it with a newer Jupyter"
            if older
            else "not a notebook: it has no list of cells"
        )
    cells: list[Cell] = []
    before = 0
    for cell in found["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        plain = "".join(str(line) for line in source) if isinstance(source, list) else str(source)
        made = Cell(len(cells) + 1, _python_of(plain), before)
        cells.append(made)
        before += made.lines
    if not any(c.text.strip() for c in cells):
        raise ReadError("the notebook has no code cell")
    return tuple(cells)


def _python_of(text: str) -> str:
    """Return the Python of a cell: nothing where the cell is in another language, as below ``%%bash``."""
    first = text.lstrip().partition("\n")[0]
    command = re.match(r"%%(\w+)", first)
    if command is None:
        return text
    if command[1] not in _RUNS_PYTHON:
        return "\n" * text.count("\n")
    return text.replace(first, "", 1)


def chosen_cells(choice: CellChoice | None, cells: Sequence[Cell]) -> frozenset[int] | None:
    """Return the numbers of the chosen cells, or None where none was chosen.

    >>> sorted(chosen_cells("1,3-4", [Cell(k, "", 0) for k in range(1, 6)]))
    [1, 3, 4]
    """
    if choice is None:
        return None
    items = choice.split(",") if isinstance(choice, str) else [choice] if isinstance(choice, int) else list(choice)
    found: set[int] = set()
    for item in items:
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?", str(item))
        if match is None:
            raise ReadError(f"cell {str(item).strip()!r}: write a number, or several as 1,3-5")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= len(cells):
            raise ReadError(f"there is no cell {match[0].strip()}; the notebook has code cells 1 to {len(cells)}")
        found.update(range(first, last + 1))
    if not found:
        raise ReadError("no cell is chosen")
    return frozenset(found)


def place(line: int, cells: Sequence[Cell]) -> tuple[int, int]:
    """Return the cell and its own line for a line of the whole text."""
    cell = next(c for c in reversed(cells) if c.before < line or c is cells[0])
    return cell.number, line - cell.before


def placed(text: str, cells: Sequence[Cell]) -> str:
    """Return a sentence that names lines of the whole text, with cells and their own lines instead."""

    def say(match: re.Match[str]) -> str:
        return "cell {}, line {}".format(*place(int(match[1]), cells))

    return re.sub(r"\bline ([1-9]\d*)\b", say, text)


def placed_error(error: SymbackError, cells: Sequence[Cell]) -> SymbackError:
    """Return an error that names its cell."""
    message = placed(str(error), cells)
    if isinstance(error, ReadError) and error.line is not None:
        number, line = place(error.line, cells)
        return ReadError(message.removeprefix(f"cell {number}, line {line}: "), line, number)
    return ShapeError(message) if isinstance(error, ShapeError) else ReadError(message)


def trees(cells: Sequence[Cell], parse: Callable[[str], ast.Module]) -> dict[int, ast.Module | ReadError]:
    """Return the syntax tree of every cell by its number, lines counted through all cells, or why there is none."""
    found: dict[int, ast.Module | ReadError] = {}
    for cell in cells:
        if not cell.text.strip():
            found[cell.number] = ast.Module([], [])
            continue
        try:
            tree = parse(cell.text)
        except ReadError as error:
            message = str(error).removeprefix(f"line {error.line}: ")
            found[cell.number] = ReadError(message, error.line or 1, cell.number)
        else:
            found[cell.number] = ast.increment_lineno(tree, cell.before)
    return found


__all__ = [
    "Cell",
    "CellChoice",
    "chosen_cells",
    "code_cells",
    "is_notebook",
    "place",
    "placed",
    "placed_error",
    "trees",
    "without_commands",
]
