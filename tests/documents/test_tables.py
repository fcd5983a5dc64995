"""The tables of functions and the derivations of single functions, in every format."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import symback as sb
from symback import functions
from symback.cli import main
from symback.core.display import to_latex, to_text, width
from symback.core.errors import PrintError, SymbackError
from symback.core.forms import Function, apply
from symback.documents import tables
from symback.documents.document import Formula, Heading, Table
from symback.documents.formats import render
from symback.documents.formats.latex import sentence
from symback.functions import ROWS
from symback.functions.activations import ACTIVATIONS
from symback.functions.losses import LOSSES
from symback.page.records import sentence_text
from symback.page.words import DEFAULT_LANGUAGE, language_called, languages
from tests.support import needs
from tests.support.tex import compiled, complaints

ACTIVATION_ROWS = ["sigmoid", "softmax", "relu", "leaky_relu", "tanh", "softmax+cross_entropy"]
LOSS_ROWS = ["mse", "l1", "huber", "bce", "bce_with_logits", "cross_entropy"]
"""The rows of the two tables of the lecture notes, in their order."""

NAMES = [r.name for r in ACTIVATIONS] + [r.name for r in LOSSES]


def cells(kind: str, label: str, language: str = "en") -> tuple[str, str]:
    (line,) = tables.table(kind, [label], language).rows
    return "; ".join(to_latex(n) for n in line.formula), "; ".join(to_latex(n) for n in line.derivative)


# --- what stands in them ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "label", "formula", "derivative"),
    [
        ("activations", "sigmoid", r"\sigma(x) = \frac{1}{1 + e^{-x}}", r"\sigma'(x) = \sigma(x)(1 - \sigma(x))"),
        (
            "activations",
            "softmax",
            r"s_i = \mathrm{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
            r"\frac{\partial s_i}{\partial x_j} = s_i(\delta_{ij} - s_j)",
        ),
        (
            "activations",
            "relu",
            r"\mathrm{ReLU}(x) = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
            r"\mathrm{ReLU}'(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
        ),
        (
            "activations",
            "leaky_relu",
            r"\mathrm{LeakyReLU}_\alpha(x) = \begin{cases} x & x > 0 \\ \alpha x & \text{otherwise} \end{cases}",
            r"\mathrm{LeakyReLU}_\alpha'(x) = \begin{cases} 1 & x > 0 \\ \alpha & \text{otherwise} \end{cases}",
        ),
        ("activations", "tanh", r"\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}", r"\tanh'(x) = 1 - \tanh^2(x)"),
        (
            "activations",
            "softmax+cross_entropy",
            r"s = \mathrm{softmax}(x),; L = -\sum_i y_i \log s_i",
            r"\frac{\partial L}{\partial x_i} = s_i - y_i",
        ),
        (
            "activations",
            "sigmoid+bce",
            r"s = \sigma(x),; L = -(y \log s + (1 - y) \log (1 - s))",
            r"\frac{\partial L}{\partial x} = s - y",
        ),
        (
            "activations",
            "silu",
            r"\mathrm{SiLU}(x) = x \sigma(x)",
            r"\mathrm{SiLU}'(x) = \sigma(x) + x \sigma(x)(1 - \sigma(x))",
        ),
        ("activations", "gelu", r"\mathrm{GELU}(x) = x \Phi(x)", r"\mathrm{GELU}'(x) = \Phi(x) + x \varphi(x)"),
        (
            "activations",
            "softsign",
            r"\mathrm{softsign}(x) = \frac{x}{1 + \lvert x\rvert}",
            r"\mathrm{softsign}'(x) = \frac{1}{(\lvert x\rvert + 1)^2}",
        ),
        (
            "losses",
            "mse",
            r"L = \frac{1}{n} \sum_i (\hat{y}_i - y_i)^2",
            r"\frac{\partial L}{\partial \hat{y}_i} = \frac{2}{n}(\hat{y}_i - y_i)",
        ),
        (
            "losses",
            "l1",
            r"L = \frac{1}{n} \sum_i \lvert\hat{y}_i - y_i\rvert",
            r"\frac{\partial L}{\partial \hat{y}_i} = \frac{1}{n}\, \mathrm{sign}(\hat{y}_i - y_i)",
        ),
        (
            "losses",
            "bce",
            r"L = -(y \log \hat{y} + (1 - y) \log (1 - \hat{y}))",
            r"\frac{\partial L}{\partial \hat{y}} = -\left(\frac{y}{\hat{y}} - \frac{1 - y}{1 - \hat{y}}\right)",
        ),
        (
            "losses",
            "bce_with_logits",
            r"L = \mathrm{softplus}(z) - z y = \log (1 + e^z) - z y",
            r"\frac{\partial L}{\partial z} = \sigma(z) - y",
        ),
        (
            "losses",
            "cross_entropy",
            r"L = -\sum_i y_i \log\mathrm{softmax}(z)_i",
            r"\frac{\partial L}{\partial z_i} = \mathrm{softmax}(z)_i - y_i",
        ),
    ],
)
def test_the_lines_of_a_textbook(kind: str, label: str, formula: str, derivative: str) -> None:
    assert cells(kind, label) == (formula, derivative)


def test_the_huber_loss_in_cases() -> None:
    formula, derivative = cells("losses", "huber")
    assert r"\frac{1}{2}(\hat{y} - y)^2 & \lvert\hat{y} - y\rvert \leq \delta" in formula
    assert derivative == (
        r"\frac{\partial L}{\partial \hat{y}} = \begin{cases} \hat{y} - y & \lvert\hat{y} - y\rvert \leq \delta \\ "
        r"\delta\, \mathrm{sign}(\hat{y} - y) & \text{otherwise} \end{cases}"
    )


@pytest.mark.parametrize("kind", tables.KINDS)
@pytest.mark.parametrize("language", languages())
def test_every_row_has_its_cells(kind: str, language: str) -> None:
    found = tables.table(kind, (), language)
    assert len({line.label for line in found.rows}) == len(found.rows) > 10
    for line in found.rows:
        assert line.title and line.formula and line.derivative, line.label
        script = language_called(language).script
        assert not line.remark or script is None or script.holds(sentence_text(line.remark)), line.label
        if language != DEFAULT_LANGUAGE:
            assert not re.search(r"otherwise", "".join(map(to_text, (*line.formula, *line.derivative))))
        for node in (*line.formula, *line.derivative):
            assert width(node) < 60 and "_output" not in to_latex(node)


def test_only_the_collapse_of_softmax_rests_on_a_fact() -> None:
    for label, stated in (("softmax+cross_entropy", True), ("sigmoid+bce", False)):
        (line,) = tables.table("activations", [label]).rows
        assert (r"\sum_i y_i = 1" in sentence(line.remark)) == stated
    (line,) = tables.table("losses", ["cross_entropy"]).rows
    assert r"\sum_i y_i = 1" in sentence(line.remark)


def test_every_activation_and_loss_is_listed() -> None:
    assert {r.name for r in ACTIVATIONS} <= {line.label for line in tables.table("activations").rows}
    assert {r.name for r in LOSSES} == {line.label for line in tables.table("losses").rows}


def test_derivatives_are_derived_when_the_table_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong derivation shows up in the table: nothing is kept as text."""
    row = Function("tripled", lambda x: 3 * x, latex=r"\mathrm{triple}", text="triple", title="Tripled")
    functions.register(row)
    try:
        assert cells("activations", "tripled") == (r"\mathrm{triple}(x) = 3 x", r"\mathrm{triple}'(x) = 3")
    finally:
        functions.unregister(row)
    other = Function(
        "tripled", lambda x: 3 * x + apply("sin", x), latex=r"\mathrm{triple}", text="triple", title="Tripled"
    )
    functions.register(other)
    try:
        assert cells("activations", "tripled")[1] == r"\mathrm{triple}'(x) = \cos x + 3"
    finally:
        functions.unregister(other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["table", "activation"], "there is no table 'activation' (did you mean 'activations'?)"),
        (["table", "activations", "sigmod"], "the table of activations has no row 'sigmod' (did you mean 'sigmoid'?)"),
        (["derive", "--function", "sigmod"], "there is no function 'sigmod' (did you mean 'sigmoid'?)"),
        (["table", "losses", "-o", "x.docx"], "docx"),
        (["table", "activations", "softmax", "--plot", "x.svg"], "softmax is a function of several numbers"),
        (["table", "activations", "--plot", "x.gif"], "x.gif: the ending '.gif' is unknown; use one of .pdf"),
    ],
)
def test_wrong_names_are_one_line(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "--plot" in arguments:
        needs.package("matplotlib")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2 and done.stdout == ""
    assert message in done.stderr and len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_or_a_function() -> None:
    for arguments in (["derive"], ["derive", "x.py", "--function", "sigmoid"]):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == 2 and "Give a FILE, or a function" in done.stderr


def test_options_of_a_file_are_refused_with_a_function() -> None:
    done = CliRunner().invoke(main, ["derive", "--function", "sigmoid", "--loss", "L"])
    assert done.exit_code == 2 and "--loss says something about a FILE" in done.stderr


@pytest.mark.parametrize("form", ["text", "tex", "latex", "md"])
def test_a_function_in_every_format(form: str) -> None:
    done = CliRunner().invoke(main, ["derive", "--function", "tanh", "--to", form, "--lang", "ko"])
    assert done.exit_code == 0, done.output
    assert "tanh" in done.stdout and ("정의" in done.stdout or form == "latex")


# --- goldens and formats --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("ending", ["md", "tex"])
@pytest.mark.parametrize(("kind", "rows"), [("activations", ACTIVATION_ROWS), ("losses", LOSS_ROWS)])
def test_the_two_tables_of_the_lecture_notes(
    golden: Callable[[str, str], None], kind: str, rows: list[str], ending: str, language: str
) -> None:
    done = CliRunner().invoke(main, ["table", kind, *rows, "--lang", language, "--to", ending])
    assert done.exit_code == 0, done.output
    golden(f"table_{kind}.{language}.{ending}", done.output)


@pytest.mark.parametrize("label", ["sigmoid", "softmax", "gelu", "leaky_relu"])
def test_derivations_of_single_functions(golden: Callable[[str, str], None], label: str) -> None:
    golden(f"function_{label}.txt", str(sb.derive_function(label)))


def test_markdown_has_no_bare_bar() -> None:
    for kind in tables.KINDS:
        text = str(render(tables.page(tables.table(kind)), "md", flavor="github"))
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert len(lines) > 10 and {line.count("|") for line in lines} == {5}


def test_same_input_same_bytes() -> None:
    for ending in ("tex", "md", "txt"):
        assert render(tables.page(tables.table("losses")), ending) == render(
            tables.page(tables.table("losses")), ending
        )


@pytest.mark.parametrize(
    ("kind", "language", "engine"),
    [
        ("activations", "en", "pdflatex"),
        ("losses", "ko", "xelatex"),
        ("optimizers", "en", "pdflatex"),
        ("losses", "en", "pdflatex"),
        ("activations", "ko", "xelatex"),
    ],
)
def test_whole_tables_compile_and_fit(kind: str, language: str, engine: str, tmp_path: Path) -> None:
    text = str(render(tables.page(tables.table(kind, (), language)), "tex"))
    assert complaints(compiled(text, engine, tmp_path), 0) == []


def test_small_tables_and_derivations_compile(tmp_path: Path) -> None:
    text = str(render(tables.page(tables.table("losses", LOSS_ROWS, "ko")), "tex"))
    assert complaints(compiled(text, "pdflatex", tmp_path), 0) == []
    shown = [str(sb.derive_function(label).text("tex", fragment=True)).partition("\n")[2] for label in NAMES]
    whole = str(sb.derive_function("sigmoid").text("tex"))
    head = whole.partition(r"\begin{document}")[0]
    text = head + r"\usepackage{graphicx}\begin{document}" + "\n\n".join(shown) + r"\end{document}"
    assert complaints(compiled(text, "pdflatex", tmp_path), 0) == []


def test_the_scan_of_the_log_sees_a_planted_line(tmp_path: Path) -> None:
    text = str(render(tables.page(tables.table("losses", ["mse"])), "tex"))
    wide = text.replace(r"\end{document}", r"\hbox to 20cm{\hss x}\noindent\rule{30cm}{1pt}\end{document}")
    assert complaints(compiled(wide, "pdflatex", tmp_path), 0)


def test_svg_is_a_picture_of_the_table(tmp_path: Path) -> None:
    needs.package("typst")
    target = tmp_path / "table.svg"
    done = CliRunner().invoke(main, ["table", "activations", "sigmoid", "tanh", "-o", str(target)])
    assert done.exit_code == 0, done.output
    root = ElementTree.fromstring(target.read_text(encoding="utf-8"))
    assert root.tag.endswith("svg") and len(list(root.iter())) > 100
    high = float(root.attrib["height"].removesuffix("pt"))
    CliRunner().invoke(main, ["table", "activations", "sigmoid", "tanh", "relu", "elu", "-o", str(target)])
    taller = float(ElementTree.fromstring(target.read_text(encoding="utf-8")).attrib["height"].removesuffix("pt"))
    assert taller > high + 40


# --- derivations of single functions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [*NAMES, "erf", "absolute", "maximum", "clip"])
@pytest.mark.parametrize("language", languages())
def test_every_function_has_its_derivation(label: str, language: str) -> None:
    page = sb.derive_function(label, language)
    assert isinstance(page.document.blocks[0], Heading)
    assert isinstance(page.document.blocks[1], Formula)
    last = [b for b in page.document.blocks if isinstance(b, Formula)][-1]
    assert last.rows
    assert str(page.text("tex")) and str(page.text("md"))


@pytest.mark.parametrize("label", ["leaky_relu", "elu", "celu", "softshrink", "hardtanh", "prelu", "threshold"])
def test_derivatives_by_the_parameters_are_stated(label: str) -> None:
    text = str(sb.derive_function(label))
    function = ROWS[label]
    for argument in function.argument_names[1:]:
        letter = {"alpha": "α", "lambda_": "λ", "low": "a", "high": "b", "threshold": "t", "value": "v"}.get(
            argument, argument
        )
        assert f"∂/∂{letter} " in text


def test_the_chain_of_the_sigmoid() -> None:
    text = str(sb.derive_function("sigmoid"))
    for line in (
        "u = e⁻ˣ",
        "y = 1/(1 + u)",
        "dy/du = −1/(u + 1)²",
        "du/dx = −u",
        "dy/dx = dy/du · du/dx",
        "σ′(x) = e⁻ˣ/(e⁻ˣ + 1)²",
        "σ′(x) = σ(x)(1 − σ(x))",
    ):
        assert line in text


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(PrintError, match="did you mean 'softmax'"):
        sb.derive_function("sofmax")
    with pytest.raises(PrintError, match="did you mean 'optimizers'"):
        sb.table("optimiser")


# --- graphs ---------------------------------------------------------------------------------------------------------------------


def test_graphs_show_kinks_as_they_are() -> None:
    found = tables.graph("relu")
    (kink,) = found.kinks
    assert (
        (kink.x, kink.slope) == (0.0, 0.0)
        and np.allclose(kink.slopes, (0.0, 1.0))
        and np.allclose(kink.values, 0, atol=1e-6)
    )
    assert len(found.branches) == 2 and found.branches[0].x[-1] < 0 < found.branches[1].x[0]
    jumps = tables.graph("hardshrink").kinks
    assert [k.x for k in jumps] == [-0.5, 0.5] and all(abs(k.values[1] - k.values[0]) > 0.4 for k in jumps)
    assert tables.graph("silu").kinks == () and tables.graph("softsign").kinks == ()
    branch = tables.graph("tanh").branches[0]
    assert np.allclose(branch.values, np.tanh(branch.x)) and np.allclose(branch.slopes, 1 / np.cosh(branch.x) ** 2)


def test_plots_are_whole_files_and_repeat(tmp_path: Path) -> None:
    needs.package("matplotlib")
    first, second = tmp_path / "a.svg", tmp_path / "b.svg"
    for target in (first, second):
        done = CliRunner().invoke(main, ["derive", "--function", "relu", "--plot", str(target)])
        assert done.exit_code == 0, done.output
    assert first.read_bytes() == second.read_bytes() and b"<svg" in first.read_bytes()
    done = CliRunner().invoke(main, ["table", "losses", "l1", "huber", "--plot", str(tmp_path / "c.png")])
    assert done.exit_code == 0 and (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = CliRunner().invoke(main, ["table", "activations", "relu", "--plot", str(tmp_path / "a.svg")])
    assert done.exit_code == 2 and "pip install 'symback[plot]'" in done.stderr
    monkeypatch.setitem(sys.modules, "typst", None)
    done = CliRunner().invoke(main, ["table", "activations", "relu", "-o", str(tmp_path / "a.svg")])
    assert done.exit_code == 2 and "pip install 'symback[pdf]'" in done.stderr
    assert list(tmp_path.iterdir()) == []


# --- the numbers behind the formulas --------------------------------------------------------------------------------------------


def value(latex: str, names: dict[str, float]) -> float:
    """Evaluate a small formula of one function by hand-written rules of its own."""
    text = latex.replace(r"\left", "").replace(r"\right", "")
    text = re.sub(r"\\hat\{y\}", "p", text)
    text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    text = re.sub(r"(?<=[\w)])\s*\(", "*(", text.replace(r"\sigma", "S").replace("S(", "S@("))
    text = text.replace("S@*(", "S(").replace("S@(", "S(").replace("^2", "**2")
    scope: dict[str, Any] = {"S": lambda v: 1 / (1 + math.exp(-v)), **names}
    tree = compile(text, "<formula>", "eval")
    assert set(tree.co_names) <= set(scope)
    return float(eval(tree, {"__builtins__": {}}, scope))


@pytest.mark.parametrize(
    ("label", "loss"),
    [
        ("bce", lambda p, y: -(y * math.log(p) + (1 - y) * math.log(1 - p))),
        ("half_squared_error", lambda p, y: (p - y) ** 2 / 2),
    ],
)
def test_printed_derivatives_have_the_right_value(label: str, loss: Callable[[float, float], float]) -> None:
    right = cells("losses", label)[1].partition(" = ")[2]
    p, y, h = 0.37, 0.8, 1e-6
    expected = (loss(p + h, y) - loss(p - h, y)) / (2 * h)
    assert value(right, {"p": p, "y": y}) == pytest.approx(expected, rel=1e-8)
    assert value(right.replace("-", "+", 1), {"p": p, "y": y}) != pytest.approx(expected, rel=1e-3)


def test_a_table_is_a_document_like_any_other() -> None:
    made = sb.table("activations", ["sigmoid", "relu"], "ko")
    (grid,) = made.document.blocks
    assert isinstance(grid, Table) and len(grid.rows) == 2 and len(grid.header) == 4
    assert "<math" in str(made.text("html"))
    with pytest.raises(SymbackError):
        made.text("docx")


def lines(label: str) -> list[str]:
    return [line.strip() for line in str(sb.derive_function(label)).splitlines() if line.strip()]


def test_the_derivative_of_a_function_of_two_words_is_no_function_of_a_derivative() -> None:
    """log σ′(x) would be the logarithm of σ′(x)."""
    for label, text, latex in (
        ("log_sigmoid", "(log σ)′(x) = σ(−x)", r"(\log\sigma)'(x) = \sigma(-x)"),
        ("log_cosh", "(log cosh)′(x) = tanh(x)", r"(\log\cosh)'(x) = \tanh(x)"),
    ):
        (slope,) = tables.function_row(label).derivative
        assert (to_text(slope), to_latex(slope)) == (text, latex)


def test_a_derivation_states_nothing_twice_and_no_letter_without_its_meaning() -> None:
    assert lines("bce")[-2:] == ["Derivative", "∂L/∂ŷ = −(y/ŷ − (1 − y)/(1 − ŷ))"]
    assert "ReLU′(x) = 1[x > 0]" in lines("relu") and not any("dy/dx" in line for line in lines("relu"))
    assert lines("softmin")[6:8] == ["Local derivatives", "∂sᵢ/∂uⱼ = sᵢ(δᵢⱼ − sⱼ)"] and "uᵢ = −xᵢ" in lines("softmin")
    # y = x u reads x besides u, so that its derivative by u is a partial one
    assert "∂y/∂u = x" in lines("gelu") and "dy/du = −1/(u + 1)²" in lines("sigmoid")


def test_a_table_explains_what_no_textbook_knows() -> None:
    (row,) = tables.table("losses", ["triplet_margin"]).rows
    assert re.match(r"pos\(x\) = .*x ≥ 0", to_text(row.formula[-1])) and to_text(row.derivative[-1]).startswith(
        "pos′(x) = "
    )
    (row,) = tables.table("losses", ["margin_ranking"]).rows
    assert to_text(row.formula[-1]).startswith("pos(x) = ") and len(row.derivative) == 1
    for language, said in (("en", "their gradient: g"), ("ko", "그 기울기: g")):
        for layout in ("list", "table"):
            assert said in render(tables.page(tables.table("optimizers", ["adam"], language), layout), "txt")


def test_remarks_use_signs_and_sentences() -> None:
    for kind in tables.KINDS:
        for language in languages():
            capitals = language_called(language).capitals
            for row in tables.table(kind, language=language).rows:
                text = sentence_text(row.remark)
                assert not re.search(r"(?<![\w)])-\d|\w'\(", text), text
                assert not capitals or text[:1] == text[:1].upper(), text


def test_a_row_without_a_remark_is_printed_without_one() -> None:
    row = functions.register(Function("bare", lambda x: x**3, latex=r"\mathrm{bare}", text="bare", title="Bare"))
    try:
        for language in languages():
            (line,) = tables.table("activations", ["bare"], language).rows
            assert line.remark == () and line.derivative
            assert "bare′(x) = 3 x²" in sb.table("activations", ["bare"], language).text("txt")
    finally:
        functions.unregister(row)


def test_rows_are_found_by_their_names_in_pytorch() -> None:
    assert tables.table("losses", ["mse_loss"]).rows == tables.table("losses", ["mse"]).rows
    assert tables.derivation_page("logsigmoid") == tables.derivation_page("log_sigmoid")
