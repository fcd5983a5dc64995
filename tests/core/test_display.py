"""The display tree prints safe LaTeX and readable Unicode."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symback.core.display import (
    COMMA,
    DOT,
    EQUALS,
    ODOT,
    PLUS,
    QUAD,
    SPACE,
    THIN,
    TOP,
    Accent,
    Big,
    Blank,
    Colored,
    Fence,
    Fraction,
    Grid,
    Lines,
    Node,
    Root,
    Row,
    Script,
    Symbol,
    Underbrace,
    Word,
    escape_latex,
    is_tall,
    row,
    script,
    separated,
    to_latex,
    to_text,
    width,
)

A, B, X = Symbol("a", "a"), Symbol("b", "b"), Symbol("x", "x")
ONE, TWO = Symbol("1", "1"), Symbol("2", "2")
ALPHA, PARTIAL = Symbol(r"\alpha", "α"), Symbol(r"\partial", "∂")


@pytest.mark.parametrize(
    ("node", "latex", "text"),
    [
        (row(A, PLUS, B), "a + b", "a + b"),
        (row(A, DOT, ALPHA), r"a \cdot \alpha", "a · α"),
        (row(ALPHA, X), r"\alpha x", "αx"),
        (Fraction(row(PARTIAL, A), row(PARTIAL, script(X, ONE))), r"\frac{\partial a}{\partial x_1}", "∂a/∂x₁"),
        (script(script(X, ONE), above=TOP), r"x_1^\top", "x₁ᵀ"),
        (row(script(X, above=TOP), A), r"x^\top a", "xᵀa"),
        (script(X, Symbol("12", "12")), "x_{12}", "x₁₂"),
        (script(X, Symbol(r"\mathrm{true}", "true")), r"x_{\mathrm{true}}", "x_true"),
        (Script(Symbol("f", "f"), None, None, 1), "f'", "f′"),
        (Script(Symbol("W^{[1]}", "W¹"), None, TOP), r"{W^{[1]}}^\top", "W¹ᵀ"),
        (Fence(row(A, PLUS, B)), "(a + b)", "(a + b)"),
        (Fence(Fraction(A, B)), r"\left(\frac{a}{b}\right)", "(a/b)"),
        (Fence(A, "|"), r"\lvert a\rvert", "|a|"),
        (row(Fraction(ONE, TWO), Fence(A)), r"\frac{1}{2}(a)", "½(a)"),
        (row(Fraction(ONE, B), Fence(A)), r"\frac{1}{b}(a)", "(1/b)(a)"),
        (Fraction(row(A, PLUS, B), row(TWO, SPACE, X)), r"\frac{a + b}{2 x}", "(a + b)/(2 x)"),
        (Fraction(Fraction(A, B), Fraction(A, B)), r"\frac{\frac{a}{b}}{\frac{a}{b}}", "(a/b)/(a/b)"),
        (row(Big(Symbol(r"\sum", "Σ"), row(A, COMMA, X)), SPACE, B), r"\sum_{a,x} b", "Σₐₓ b"),
        (Root(row(A, PLUS, B)), r"\sqrt{a + b}", "√(a + b)"),
        (Accent(Symbol("y", "y")), r"\hat{y}", "ŷ"),
        (row(Accent(Symbol("y", "y")), THIN, A), r"\hat{y}\, a", "ŷ a"),
        (
            Grid(((A, row(A, PLUS, B)), (B, Word("otherwise"))), "cases"),
            r"\begin{cases} a & a + b \\ b & \text{otherwise} \end{cases}",
            "{a, a + b; b, otherwise}",
        ),
        (Grid(((A, B), (B, A))), r"\begin{bmatrix} a & b \\ b & a \end{bmatrix}", "[a, b; b, a]"),
        (Blank(), r"\underline{\qquad\qquad}", "________"),
        (Colored(A, "red"), r"\textcolor{red}{a}", "a"),
        (Underbrace(A, B), r"\underbrace{a}_{b}", "a [b]"),
        (row(A, QUAD, B), r"a\quad b", "a   b"),
        (separated([A, B, X], ODOT), r"a \odot b \odot x", "a ⊙ b ⊙ x"),
    ],
)
def test_prints(node: Node, latex: str, text: str) -> None:
    assert to_latex(node) == latex
    assert to_text(node) == text


def test_lines_align_and_drop_nothing() -> None:
    lines = Lines(((A, row(EQUALS, B)), (Row(()), row(EQUALS, X, PLUS, A))))
    assert to_latex(lines) == "\\begin{aligned}\na &= b \\\\\n&= x + a\n\\end{aligned}"
    assert to_text(lines).splitlines() == ["a = b", "  = x + a"]


@given(st.text(max_size=30))
def test_any_string_is_safe_as_a_word(string: str) -> None:
    latex = to_latex(Word(string))
    inside = latex.removeprefix(r"\text{").removesuffix("}")
    bare = re.sub(r"\\(?:[\\{}$&#%_]|[a-z]+\{\})", "", inside)
    assert not set(bare) & set("\\{}$&#%_^~|<>\n\r\t")
    assert "\n" not in to_text(Word(string))
    assert len(re.sub(r"\\[a-z]+\{\}|\\.", "x", escape_latex(string))) == len(string)


def test_brackets_grow_only_around_tall_things() -> None:
    assert is_tall(Fence(Fraction(A, B)))
    assert not is_tall(Script(A, Fraction(A, B)))
    assert not is_tall(row(A, PLUS, script(B, above=TWO)))


def test_a_taken_script_place_is_braced() -> None:
    squared = script(X, above=TWO)
    assert to_latex(Script(squared, None, TOP)) == r"{x^2}^\top"
    assert to_latex(script(squared, ONE)) == "x_1^2"


def test_width_grows_with_what_is_printed() -> None:
    small, large = row(A, PLUS, B), row(A, PLUS, B, PLUS, Fraction(row(A, PLUS, X), B))
    assert 0 < width(small) < width(large)
    assert width(Lines(((A, B),))) > width(A)
