"""The numbers of a lesson, block by block: each printed line is computed again from its text, each term from its path."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_latex, to_text
from symback.derivation.collapses import collapse
from symback.documents.document import Block, Formula, Paragraph
from symback.documents.lesson import lesson
from symback.documents.plan import Plan
from symback.engine.proving import element_values
from symback.page.numerals import settled
from symback.page.records import sentence_text
from symback.page.sheet import Sheet
from symback.page.words import words
from tests.support.latex_reader import FUNCTIONS, PRIMES, Reader
from tests.support.lesson_texts import NORMALIZED
from tests.support.number_lines import check, value_of

SOFTMAX = """
X = np.array([[1., 0.], [0., 1.], [1., 1.]])
Y = np.array([[1., 0., 0.], [0., 0., 1.], [0., 1., 0.]])
W1 = np.array([[1., -2.], [1., 2.]])
b1 = np.array([0., 1.])
W2 = np.array([[1., 0., -1.], [0., 1., 1.]])
b2 = np.array([0., 0., 1.])
Z1 = X @ W1 + b1
A1 = np.maximum(0, Z1)
Z2 = A1 @ W2 + b2
S = np.exp(Z2) / np.exp(Z2).sum(axis=1, keepdims=True)
L = -np.sum(Y * np.log(S)) / X.shape[0]
"""
SIGMOID = """
x = 1.0
w = 0.5
b = 0.0
y = 0.0
z = w * x + b
y_hat = 1 / (1 + np.exp(-z))
L = -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
"""
ATTENTION = """
X = np.array([[1., 0.], [0., 1.], [1., 1.]])
T = np.array([[0., 2.], [0., 2.], [1., 2.]])
W_Q = np.array([[1., 0.], [1., 1.]])
W_K = np.array([[1., 1.], [0., 1.]])
W_V = np.array([[1., 2.], [-1., 1.]])
Q = X @ W_Q
K = X @ W_K
V = X @ W_V
S = Q @ K.T / np.sqrt(2)
A = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
O = A @ V
L = 0.5 * np.sum((O - T) ** 2)
"""
RECURRENT = """
x = np.array([[0.5, 0.1], [0.2, -0.4], [0.9, 0.3]])
y = np.array([1.0])
Wx = np.array([[0.2, -0.3], [0.4, 0.1]])
Wh = np.array([[0.5, 0.2], [-0.1, 0.3]])
b = np.array([0.0, 0.1])
V = np.array([[0.7], [-0.5]])
h = np.zeros(2)
for t in range(3):
    h = np.tanh(x[t] @ Wx + h @ Wh + b)
y_hat = h @ V
loss = 0.5 * np.sum((y_hat - y)**2)
"""
RESIDUAL = """
x = np.array([[1., 2.], [0.5, -1.]])
y = np.array([[1.], [0.]])
W = np.array([[0.5, -1.], [0.3, 0.8]])
v = np.array([[1.], [2.]])
z = x @ W
h = np.tanh(z)
r = h + z
y_hat = r @ v
L = 0.5 * np.sum((y_hat - y) ** 2)
"""
OFF = """
x1, x2, t = 1.0, 2.0, 3.0
w1, w2, w3, w4, w5, w6 = 2.0, 0.5, 2.0, -2.0, 1.5, 3.0
b1, b2, b3 = -1.0, 1.0, 0.5
z1 = w1 * x1 + w2 * x2 + b1
h1 = max(0, z1)
z2 = w3 * x1 + w4 * x2 + b2
h2 = max(0, z2)
y_hat = w5 * h1 + w6 * h2 + b3
E = 0.5 * (y_hat - t) ** 2
"""
SOURCES = {
    "softmax": SOFTMAX,
    "sigmoid": SIGMOID,
    "normalized": NORMALIZED,
    "attention": ATTENTION,
    "recurrent": RECURRENT,
    "residual": RESIDUAL,
    "off": OFF,
}


def derived(name: str) -> sb.Derivation:
    return sb.derive(sb.parse("import numpy as np" + SOURCES[name]))


def blocks_of(name: str, **plan: Any) -> tuple[Block, ...]:
    return lesson(derived(name).record, Plan(**plan)).blocks


def said(blocks: tuple[Block, ...]) -> str:
    return " ".join(sentence_text(b.text) for b in blocks if isinstance(b, Paragraph))


def unbraced(latex: str) -> str:
    r"""Return LaTeX without its braces below: \underbrace{a}_{b} is a."""
    while (start := latex.find(r"\underbrace{")) >= 0:
        ends = []
        position = start + len(r"\underbrace")
        for _ in range(2):
            depth = 0
            for k in range(position, len(latex)):
                depth += (latex[k] == "{") - (latex[k] == "}")
                if depth == 0 and latex[k] == "}":
                    break
            ends.append(k)
            position = k + 2
        latex = latex[:start] + latex[start + len(r"\underbrace{") : ends[0]] + latex[ends[1] + 1 :]
    return latex


def equations(blocks: tuple[Block, ...]) -> list[str]:
    """Return the formulas of a lesson as lines; a matrix of derivatives is put in where it stands in a product."""
    found: list[str] = []
    for block in blocks:
        for cells in block.rows if isinstance(block, Formula) else ():
            left, right = (unbraced(to_latex(c)).strip() for c in cells[:2])
            found[len(found) - (not left) :] = [f"{left} {right}" if left else f"{found[-1]} {right}"]
    named: dict[str, str] = {}
    for k, line in enumerate(found):
        matrix = re.match(r"(\\left\(\\frac.*?\\right\)_\{k,j\}) (?:=|\\approx) (\\begin\{bmatrix\}.*)", line)
        if matrix:
            named[matrix[1]] = matrix[2]
        for symbol, value in named.items():
            found[k] = found[k] if matrix else found[k].replace(symbol, value)
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_every_line_of_a_lesson_is_computed_again(name: str) -> None:
    for digits in (3, 4, 6):
        lines = equations(blocks_of(name, digits=digits))
        assert sum(check(line, digits) for line in lines) >= 6


def test_planted_errors_in_the_new_lines_are_seen() -> None:
    lines = equations(blocks_of("softmax"))
    (row,) = [line for line in lines if line.startswith(r"(\delta_{2,3j})_j")]
    (entry,) = [line for line in lines if line.startswith(r"\frac{\partial L}{\partial W_{2,23}}")]
    for line, old, new in ((row, "-1.3621", "-1.3521"), (entry, "-0.17723", "-0.1772"), (entry, "0.5017", "0.5018")):
        assert old in line and check(line, 4)
        with pytest.raises(AssertionError):
            check(line.replace(old, new), 4)


# --- paths ------------------------------------------------------------------------------------------------------------


def braced(name: str) -> list[tuple[str, str]]:
    """Return the left side of each gradient with braces, and its first right side."""
    found = []
    for block in blocks_of(name, numbers=False):
        if isinstance(block, Formula) and r"\underbrace" in to_latex(block.rows[0][1]):
            left, right = (unbraced(to_latex(c)).strip() for c in block.rows[0][:2])
            found.append((left, right.removeprefix("=").strip()))
    return found


@pytest.mark.parametrize(("name", "count"), [("normalized", 1), ("recurrent", 3), ("residual", 1)])
def test_the_terms_under_braces_add_up_to_the_gradient(name: str, count: int) -> None:
    d = derived(name)
    sheet = Sheet(d.record, extras={"brief": True})
    generator = np.random.default_rng(3)
    values = {k: generator.uniform(0.3, 0.9, np.shape(v)) for k, v in d.network.values.items()}
    run = d.evaluate(values)
    names = {to_latex(sheet.base.name(k)): np.atleast_2d(v) for k, v in run.values.items()}
    names |= {to_latex(sheet.with_errors.adjoint(k)): np.atleast_2d(v) for k, v in run.adjoints.items()}
    if name == "recurrent":
        names |= {f"x_{t + 1}": np.atleast_2d(run.values["x"][t]) for t in range(3)}
    reader = Reader(names, FUNCTIONS, PRIMES)
    lines = braced(name)
    assert len(lines) == count
    for left, right in lines:
        found = np.asarray(reader.value(right), float)
        wanted = names[re.sub(r"\s", "", left)] if re.sub(r"\s", "", left) in names else names[left]
        np.testing.assert_allclose(np.squeeze(np.broadcast_to(found, wanted.shape)), np.squeeze(wanted), rtol=1e-9)


def test_a_brief_page_and_formulas_alone_have_no_braces() -> None:
    assert not any(r"\underbrace" in to_latex(c) for c in _cells(blocks_of("normalized", level="brief")))
    assert r"\underbrace" not in derived("normalized").latex(view="matrix")


def _cells(blocks: tuple[Block, ...]) -> list[Any]:
    return [c for b in blocks if isinstance(b, Formula) for cells in b.rows for c in cells]


# --- one entry, names that stay -----------------------------------------------------------------------------------------


def test_rounded_matrices_keep_their_names_and_exact_ones_are_put_in() -> None:
    lines = equations(blocks_of("softmax"))
    (line,) = [k for k in lines if k.startswith(r"\frac{\partial L}{\partial W_2} =")]
    assert r"= A_1^\top \delta_2 = \begin{bmatrix} 1 & 1 & 2 \\ 0 & 3 & 1 \end{bmatrix} \delta_2 \approx" in line
    assert not re.search(r"end\{bmatrix\}\^\\top", " ".join(lines))
    assert any(k.startswith(r"\frac{\partial L}{\partial W_{2,23}} = 0 \times") for k in lines)


def test_what_cancels_is_zero_and_what_is_small_is_not() -> None:
    run = derived("attention").evaluate()
    assert run.adjoints["A"][0, 1] != 0
    lines = equations(blocks_of("attention"))
    (line,) = [k for k in lines if k.startswith(r"\frac{\partial L}{\partial A} =")]
    shown = value_of(line.rpartition(r"\approx")[2])
    assert shown is not None and shown[0, 1] == 0 and shown[0, 0] == 0.61
    small = sb.core.forms.name("a", (2,)) - sb.core.forms.name("b", (2,))
    values = {"a": np.array([1.0, 1e-20]), "b": np.array([1.0 - 2**-53, 0.0])}
    assert settled(small, values["a"] - values["b"], values).tolist() == [0.0, 1e-20]


# --- the collapse -----------------------------------------------------------------------------------------------------


def test_the_row_of_the_largest_error_is_the_one_in_numbers() -> None:
    d = derived("softmax")
    errors = np.abs(d.evaluate().adjoints["Z2"]).sum(axis=1)
    assert f"Sample {int(np.argmax(errors)) + 1} in numbers" in said(blocks_of("softmax"))
    jacobian = next(k for k in equations(blocks_of("softmax")) if k.startswith(r"\left(\frac"))
    value = value_of(jacobian.rpartition(r"\approx")[2])
    s = d.evaluate().values["S"][2]
    assert value is not None
    np.testing.assert_allclose(value, np.diag(s) - np.outer(s, s), rtol=1e-4)


@pytest.mark.parametrize(("name", "of", "share"), [("softmax", "Z2", "S"), ("attention", "S", "A")])
def test_the_quotient_rule_gives_the_matrix_of_derivatives(name: str, of: str, share: str) -> None:
    lines = equations(blocks_of(name))
    (line,) = [k for k in lines if "e^{" in k and "partial" in k and "frac" in k and r"\mathbf{1}[k=j]" in k]
    assert line.index("e^{") < line.rindex(r"\mathbf{1}[k=j]")
    d = derived(name)
    found = collapse(d.record, d.step(of).contributions[0])
    assert found is not None and found.quotient is not None
    z = d.evaluate().values[of]
    e = np.exp(z)
    s = e / e.sum(axis=1, keepdims=True)
    axes = [found.at[0], found.summed[0], found.at[1]]
    above, below = (element_values(part, axes, {of: z, share: s}, {}) for part in found.quotient)
    total = e.sum(axis=1)[:, None, None]
    wanted = np.einsum("ik,kj->ikj", e, np.eye(3)) * total - e[:, :, None] * e[:, None, :]
    np.testing.assert_allclose(np.broadcast_to(above, wanted.shape), wanted, rtol=1e-12, atol=1e-12)
    jacobian = s[:, :, None] * (np.eye(3) - s[:, None, :])
    np.testing.assert_allclose(above / below, jacobian, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_the_short_form_says_is_so(language: str) -> None:
    table, text = words(language), said(blocks_of("softmax", language=language))
    assert table["error signs"] in text and sentence_text(table["error level"].split("}")[1][:8]) in text
    error, target = derived("softmax").evaluate().adjoints["Z2"], derived("softmax").network.values["Y"]
    assert np.all(error[target == 1] < 0) and np.all(error[target == 0] > 0)
    np.testing.assert_allclose(error.sum(axis=1), 0, atol=1e-15)


def test_soft_targets_say_nothing_of_signs_and_sigmoids_nothing_of_classes() -> None:
    soft = "import numpy as np" + SOFTMAX.replace("[1., 0., 0.],", "[.5, .5, 0.],")
    text = said(lesson(sb.derive(sb.parse(soft)).record, Plan()).blocks)
    assert words("en")["error signs"] not in text and "adds up to 0: probability" in text
    assert "Where the activation function is flat" not in text
    text = said(blocks_of("sigmoid"))
    assert (
        "Where the activation function is flat" in text
        and "adds up to 0" not in text
        and "comes from the mean" not in text
    )


def test_the_factor_of_a_sum_is_no_mean() -> None:
    weighted = "import numpy as np" + SOFTMAX.replace(") / X.shape[0]", ") * 0.7")
    text = said(lesson(sb.derive(sb.parse(weighted)).record, Plan()).blocks)
    assert "comes from the mean" not in text and "The factor 0.7 is that of L." in text


def test_a_sum_over_samples_has_a_number_for_each() -> None:
    lines = equations(blocks_of("softmax"))
    (line,) = [k for k in lines if k.startswith("L =") and "0.9059" in k]
    assert r"\frac{0.55144 + 0.75862 + 1.4076}{3}" in line or r"(0.55144 + 0.75862 + 1.4076)" in line
    assert "Of the 3 samples, number 3 adds most to L, since its class got only 0.2447." in said(blocks_of("softmax"))
    run = derived("softmax").evaluate()
    chances = (run.values["S"] * derived("softmax").network.values["Y"]).sum(axis=1)
    assert np.argmin(chances) == np.argmax(-np.log(chances)) == 2 and round(chances[2], 4) == 0.2447


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[1., 0., 0.],", "[.5, .5, 0.],"),
        ("-np.sum(Y * np.log(S))", "np.sum((S - Y) ** 2)"),
        ("Y * np", "2 * Y * S * np"),
    ],
)
def test_a_chance_is_named_only_where_the_loss_is_its_logarithm(old: str, new: str) -> None:
    other = "import numpy as np" + SOFTMAX.replace(old, new)
    assert "its class got only" not in said(lesson(sb.derive(sb.parse(other)).record, Plan()).blocks)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_units_that_are_off_in_one_sample_or_in_all_are_named(language: str) -> None:
    table = words(language)
    off = table["off"].rpartition("}")[2]
    column = table["silent columns"].replace("{unit}", "2").replace("{names}", "∂L/∂W₁")
    text = said(blocks_of("softmax", language=language))
    assert off in text and "Z_{1,12} = −1" in text and column not in text
    run = derived("softmax").evaluate()
    assert np.argwhere(run.values["Z1"] <= 0).tolist() == [[0, 1]] and run.adjoints["Z1"][0, 1] == 0
    dead = sb.derive(
        sb.parse("import numpy as np" + SOFTMAX.replace("b1 = np.array([0., 1.])", "b1 = np.array([0., -9.])"))
    )
    text = said(lesson(dead.record, Plan(language=language)).blocks)
    assert column in text and off not in text
    gradient = dead.evaluate().gradients["W1"]
    assert not np.any(gradient[:, 1]) and np.all(gradient[:, 0])


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_mean_that_shares_are_compared_with_has_a_name(language: str) -> None:
    blocks = blocks_of("attention", language=language)
    key = max(re.split(r"\{\w+\}", words(language)["share mean rows"]), key=len)
    assert key in said(blocks) and key not in said(blocks_of("softmax", language=language))
    run = derived("attention").evaluate()
    A, back = run.values["A"], run.adjoints["A"]
    r = (A * back).sum(axis=1)
    (line,) = [k for k in equations(blocks) if k.startswith(r"r \approx")]
    shown = value_of(line.partition(r"\approx")[2])
    np.testing.assert_allclose(np.squeeze(shown), r, rtol=1e-3)
    np.testing.assert_allclose(run.adjoints["S"], A * (back - r[:, None]), rtol=1e-9, atol=1e-15)
    assert np.array_equal(run.adjoints["S"] < -1e-12, (back < r[:, None] - 1e-12))
    assert any(r"\left(\frac{\partial L}{\partial A_{ij}} - r_i\right)" in k for k in equations(blocks))
    (line,) = [k for k in equations(blocks) if k.startswith(r"\frac{\partial L}{\partial S_{31}} =")]
    factors = [float(k) for k in re.findall(r"\d+\.\d+", line)]
    assert np.argmax(np.abs(run.adjoints["S"])) == 6 and check(line, 4) == 1
    np.testing.assert_allclose(factors, [A[2, 0], back[2, 0], r[2], -run.adjoints["S"][2, 0]], rtol=1e-3)


# --- what is 0, and what things are called ------------------------------------------------------------------------------


def test_parameters_that_stay_are_named_with_their_cause() -> None:
    text = said(blocks_of("off"))
    assert "with respect to w₃, w₄, b₂ is 0: what comes back stops at h₂." in text
    assert "with respect to w₆ is 0, since it is multiplied by h₂, which is 0." in text
    gradients = derived("off").evaluate().gradients
    assert {k for k, v in gradients.items() if v == 0} == {"w3", "w4", "b2", "w6"}
    assert "is 0" not in said(blocks_of("sigmoid"))


def test_the_normalized_input_is_no_prediction() -> None:
    rows = {to_text(m.symbol): m.words for m in _meanings("normalized")}
    assert rows["x̂"] == "normalized values" and rows["y"] == "prediction"
    rows = {to_text(m.symbol): m.words for m in _meanings("softmax")}
    assert rows["S"] == "prediction" and rows["A₁"] == "activation"


def _meanings(name: str) -> list[Any]:
    from symback.page.symbols_view import meanings

    return meanings(Sheet(derived(name).record))


CONVOLUTION = """
import torch
import torch.nn.functional as F
x = torch.tensor([[[[1., 0., 2., 1.], [0., 1., 3., 0.], [2., 1., 0., 1.], [1., 0., 1., 2.]]]])
K = torch.tensor([[[[1., -1.], [0., 2.]]]], requires_grad=True)
w = torch.tensor([[[[1., -1., 0.], [-1., 2., 0.], [0., 0., 1.]]]])
z = F.conv2d(x, K)
a = F.relu(z)
L = torch.sum(w * a)
"""


def test_images_have_numbers_without_their_axes_of_length_one() -> None:
    d = sb.derive(sb.parse(CONVOLUTION))
    blocks = lesson(d.record, Plan()).blocks
    lines = equations(blocks)
    (shown,) = [k for k in lines if k.startswith("z =")]
    value = value_of(shown.partition("=")[2])
    assert value is not None and value.tolist() == [[3, 4, 1], [1, -2, 5], [1, 3, 3]]
    np.testing.assert_array_equal(value, d.evaluate().values["z"].squeeze())
    gradient = next(k for k in lines if re.match(r"\\frac\{\\partial L\}\{\\partial K\} (=|\\approx) \\begin", k))
    found = value_of(re.split(r"=|\\approx", gradient, maxsplit=1)[1])
    np.testing.assert_array_equal(np.squeeze(found), d.evaluate().gradients["K"].squeeze())


CANCELS = """
X = np.array([[1., 6.], [2., 5.]])
y = np.array([0., 1.])
w = np.array([0.3, -0.1])
b = np.array(0.1)
z = X @ w + b
p = 1 / (1 + np.exp(-z))
L = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
"""


def test_a_gradient_that_cancels_is_zero_on_the_whole_page() -> None:
    d = sb.derive(sb.parse("import numpy as np" + CANCELS))
    assert 0 < abs(float(d.evaluate().gradients["b"])) < 1e-15
    text = str(d.handout())
    assert "× 10⁻¹⁷" not in text and "= 0" in text
    assert re.search(r"\bb +0 +0 +< 10⁻⁸", text)


def test_long_lists_of_numbers_are_not_printed_again() -> None:
    rng = np.random.default_rng(5)
    net = sb.Network()
    x, y = net.input("x", (5, 4), rng.normal(size=(5, 4))), net.input("y", (5, 1), (rng.random((5, 1)) > 0.5) * 1.0)
    W, v = net.parameter("W", (4, 3), rng.normal(size=(4, 3))), net.parameter("v", (3, 1), rng.normal(size=(3, 1)))
    h = net.define("h", sb.relu(net.define("z", x @ W)))
    p = net.define("p", sb.sigmoid(net.define("s", h @ v)))
    net.define("L", -sb.mean(y * sb.log(p) + (1 - y) * sb.log(1 - p)))
    d = sb.derive(net)
    lines = equations(lesson(d.record, Plan()).blocks)
    (hidden,) = [k for k in lines if k.startswith("h =")]
    assert hidden.count(r"\begin{bmatrix}") == 1
    (loss,) = [k for k in lines if k.startswith("L =") and r"\approx" in k]
    assert loss.count(r"\log") == 2 and len(re.findall(r"\d\.\d+", loss)) == 6
    for line in lines:
        check(line, 4)


def test_layers_inside_each_other_are_printed_by_their_names() -> None:
    module = """
import torch
from torch import nn
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
x = torch.randn(5, 3)
y = torch.randn(5, 2)
loss = ((model(x) - y) ** 2).mean()
"""
    lines = equations(lesson(sb.derive(sb.parse(module, seed=1)).record, Plan()).blocks)
    (loss,) = [k for k in lines if k.startswith("L =")]
    assert "ReLU" not in loss.partition(r"\approx")[0] and "z_{2,ij}" in loss


def test_pages_of_random_numbers_are_no_lines_of_pytorch() -> None:
    few = "import numpy as np\nx = np.random.randn(3, 2)\nw = np.random.randn(2)\nL = np.sum((x @ w) ** 2)"
    many = few.replace("(3, 2)", "(90, 2)")
    counts = [str(sb.derive(sb.parse(text, seed=1)).handout()).count("import torch") for text in (few, many)]
    assert counts == [1, 0]


def test_a_part_of_an_array_has_only_its_own_numbers() -> None:
    lines = equations(blocks_of("recurrent"))
    (first,) = [k for k in lines if k.startswith("z_1 =") and r"x_1 W_x" in k]
    assert r"= \begin{bmatrix} 0.5 & 0.1 \end{bmatrix}" in first and ",:" not in " ".join(lines)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_rows_and_shares_are_said_where_they_are(language: str) -> None:
    table = words(language)
    text = said(blocks_of("softmax", language=language))
    assert text.count(table["row is sample"]) == 1
    assert table["softmax samples"].split("{argument}")[1] in text
    run = derived("softmax").evaluate()
    np.testing.assert_allclose(run.values["S"].sum(axis=1), 1)
    text = said(blocks_of("attention", language=language))
    assert table["softmax rows"].split("{argument}")[1] in text and table["row is sample"] not in text
    assert table["softmax samples"].split("{argument}")[1] not in text
    assert table["row is sample"] not in said(blocks_of("recurrent", language=language))
