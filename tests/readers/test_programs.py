"""Random programs are read right or refused: CPython executes each, and is compared with what the reader says."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

from symback.core.errors import ReadError
from symback.readers import source
from tests.support import needs
from tests.support.campaigns import campaign
from tests.support.programs import (
    Program,
    Verdict,
    every_row,
    judged,
    program_of_row,
    random_program,
    reading,
    row_of,
    shrunk,
    small_failure,
)

FLOOR = 0.1
"""The share of the programs that is read, at least: a reader that refuses everything is never wrong."""


@pytest.mark.parametrize("library", ["numpy", "torch"])
@campaign(250, 25_000)
def test_programs_are_read_right_or_refused(library: str, count: int) -> None:
    if library == "torch":
        needs.package("torch")
    verdicts = {seed: judged(random_program(seed, library)) for seed in range(count)}
    faults = [seed for seed, verdict in verdicts.items() if verdict.is_fault]
    shown = "\n".join(f"seed {seed}: {small_failure(random_program(seed, library))}" for seed in faults[:3])
    assert not faults, f"{len(faults)} of {count} are read wrong: seeds {faults[:50]}\n{shown}"
    kinds = [verdict.kind for verdict in verdicts.values()]
    assert kinds.count("right") >= FLOOR * count, f"only {kinds.count('right')} of {count} are read"
    assert kinds.count("failing") + kinds.count("rough") <= 0.05 * count


@pytest.mark.parametrize("library", ["numpy", "torch"])
@campaign(250, 10_000)
def test_each_row_alone_is_read_right_or_refused(library: str, count: int) -> None:
    if library == "torch":
        needs.package("torch")
    faults = [seed for seed in range(count) if judged(program_of_row(seed, library)).is_fault]
    shown = "\n".join(f"seed {seed}: {small_failure(program_of_row(seed, library))}" for seed in faults[:3])
    assert not faults, f"{len(faults)} of {count} are read wrong: seeds {faults[:50]}\n{shown}"


def test_the_program_of_a_seed_is_always_the_same() -> None:
    texts = [random_program(seed, "numpy").text for seed in range(20)]
    assert texts == [random_program(seed, "numpy").text for seed in range(20)]
    assert len(set(texts)) == 20


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_each_row_of_the_tables_is_in_the_program_of_a_seed(library: str) -> None:
    """The step from seed to seed leaves no row out."""
    found = every_row(library)
    assert {id(row_of(seed, library)) for seed in range(len(found))} == {id(row) for row in found}


# --- the judge is judged ------------------------------------------------------------------------------------------------


def program(*statements: str, library: str = "numpy") -> Program:
    return Program(library, {"W": [[0.5, -0.3, 0.2], [0.1, 0.7, -0.9]]}, statements)


CHANGING = ("a = W * 2", "a += 1", "b = a - 3", "loss = np.sum(a ** 2) + b[0, 0]")


class Misreading(ast.NodeTransformer):
    """A reader's fault, planted into the syntax tree."""


class NoChanges(Misreading):
    """Drop every change in place."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)


class NewArrays(Misreading):
    """Read ``a += b`` as ``a = a + b``, as if nothing else were the same array."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if not isinstance(node.target, ast.Name):
            return node
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        return ast.copy_location(ast.Assign([node.target], value), node)


class NoItems(Misreading):
    """Drop what is assigned to a part of an array."""

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        return ast.copy_location(ast.Pass(), node) if isinstance(node.targets[0], ast.Subscript) else node


class NoElse(Misreading):
    """Drop what follows a loop that ends by itself."""

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        node.orelse = []
        return node


class NoDecorators(Misreading):
    """Drop decorators."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list = []
        return node


class NoOptions(Misreading):
    """Drop the last keyword of every call."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.keywords = node.keywords[:-1]
        return node


class Forwards(Misreading):
    """Read every slice as if its step were one."""

    def visit_Slice(self, node: ast.Slice) -> ast.AST:
        node.step = None
        return node


class NoBreak(Misreading):
    """Read on where a loop ends or goes on early."""

    def visit_Break(self, node: ast.Break) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    visit_Continue = visit_Break  # type: ignore[assignment]


class FirstOperand(Misreading):
    """Read ``a or b`` as its first operand."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        return node.values[0]


MISREADINGS = Misreading.__subclasses__()


def plant(monkeypatch: pytest.MonkeyPatch, misreading: type[Misreading]) -> None:
    whole = source.syntax_tree

    def partly(text: str) -> Any:
        return ast.fix_missing_locations(misreading().visit(whole(text)))

    monkeypatch.setattr(source, "syntax_tree", partly)


def test_a_planted_misreading_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(program(*CHANGING)) == Verdict("right")
    plant(monkeypatch, NoChanges)
    verdict = judged(program(*CHANGING))
    assert (verdict.kind, verdict.is_fault) == ("wrong", True)


@pytest.fixture(scope="module")
def every_row_alone() -> list[Program]:
    return [program_of_row(seed, "numpy") for seed in range(len(every_row("numpy")))]


@pytest.mark.parametrize("misreading", MISREADINGS, ids=lambda misreading: misreading.__name__)
def test_a_planted_misreading_is_caught_by_a_row(
    misreading: type[Misreading], every_row_alone: list[Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_touched(made: Program) -> bool:
        tree = ast.parse(made.text)
        before = ast.dump(tree)
        return ast.dump(misreading().visit(tree)) != before

    def is_caught(made: Program) -> bool:
        with monkeypatch.context() as planted:
            plant(planted, misreading)
            return judged(made).kind == "wrong"

    assert any(judged(made).kind == "right" and is_caught(made) for made in every_row_alone if is_touched(made))


def test_what_is_read_rightly_is_right() -> None:
    assert judged(program(*CHANGING)) == Verdict("right")


def slanted(text: str, wrt: list[str]) -> Any:
    """Read with a gradient that is 0.1 percent off in one entry."""
    loss, gradients = reading(text, wrt)
    gradients["W"][1, 2] *= 1.001
    return loss, gradients


def turned(text: str, wrt: list[str]) -> Any:
    """Read with a gradient that is transposed."""
    loss, gradients = reading(text, wrt)
    return loss, {name: gradient.T for name, gradient in gradients.items()}


def silent(text: str, wrt: list[str]) -> Any:
    """Read without gradients."""
    return reading(text, wrt)[0], {}


@pytest.mark.parametrize("read", [slanted, turned, silent])
def test_a_planted_wrong_gradient_is_caught(read: Any) -> None:
    assert judged(program(*CHANGING), read).kind == "wrong"


def refusing(text: str, wrt: list[str]) -> Any:
    raise ReadError("no")


def breaking(text: str, wrt: list[str]) -> Any:
    raise KeyError("inside")


def warning(text: str, wrt: list[str]) -> Any:
    np.log(np.zeros(1))
    return reading(text, wrt)


@pytest.mark.parametrize(
    ("read", "kind"), [(refusing, "refused"), (breaking, "crash"), (warning, "crash"), (reading, "right")]
)
def test_a_refusal_is_no_fault_and_a_crash_is_one(read: Any, kind: str) -> None:
    assert judged(program(*CHANGING), read).kind == kind


@pytest.mark.parametrize(
    ("statements", "kind"),
    [
        (("a = W - 0.5", "loss = np.sum(np.abs(a))"), "rough"),
        (("a = W + missing", "loss = np.sum(a)"), "failing"),
        (("loss = 3.0",), "failing"),
    ],
)
def test_no_verdict_where_there_is_no_derivative_or_no_loss(statements: tuple[str, ...], kind: str) -> None:
    def other(text: str, wrt: list[str]) -> Any:
        return judging_loss(statements), {"W": np.ones((2, 3)) * 1e3}

    assert judged(program(*statements), other).kind == kind


def judging_loss(statements: tuple[str, ...]) -> float:
    names: dict[str, Any] = {"np": np, "W": np.array(program().leaves["W"]), "missing": 0}
    exec("\n".join(statements), names)
    return float(names["loss"])


def test_a_failure_is_made_small() -> None:
    def fails(made: Program) -> bool:
        return "for r in a" in made.text and "r +=" in made.text

    large = program(
        "a = W * 1.0",
        "b = a * 2\nc = b",
        "for r in a:\n    c = c + 1\n    if len(r) > 1:\n        r += 1",
        "loss = np.sum(a) + np.sum(c)",
    )
    small = shrunk(large, fails)
    assert small.statements[0] == "for r in a:\n    if len(r) > 1:\n        r += 1"
    assert len(small.statements) == 2
