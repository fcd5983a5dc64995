"""What the numbers say: every sentence is read again, and its numbers computed by running the network."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.documents import lesson as lessons
from symback.documents.document import Code, Document, Heading, Paragraph, Table
from symback.documents.lesson import Plan, lesson
from symback.page.records import sentence_text
from symback.page.words import words
from tests.support import needs
from tests.support.lessons import seed

TWO_LAYERS = """
import numpy as np
X = np.array([[1., 0.], [0., 1.], [1., 1.]])
Y = np.array([[1., 0., 0.], [0., 0., 1.], [0., 1., 0.]])
W1 = np.array([[1., -2.], [1., 2.]]); b1 = np.array([0., 1.])
W2 = np.array([[1., 0., -1.], [0., 1., 1.]]); b2 = np.array([0., 0., 1.])
lr = {rate}
Z1 = X @ W1 + b1
A1 = np.maximum(0, Z1)
Z2 = A1 @ W2 + b2
S = np.exp(Z2) / np.exp(Z2).sum(axis=1, keepdims=True)
L = -np.sum(Y * np.log(S)) / 3
dZ2 = (S - Y) / 3
W1 -= lr * X.T @ (dZ2 @ W2.T * (Z1 > 0)); b1 -= lr * (dZ2 @ W2.T * (Z1 > 0)).sum(axis=0)
W2 -= lr * A1.T @ dZ2; b2 -= lr * dZ2.sum(axis=0)
"""
DEAD = """
import numpy as np
X = np.array([[1., 2.], [3., 1.], [2., 2.]])
t = np.array([[1.], [2.], [0.]])
W1 = np.array([[1., -1., 0.5], [0.5, -2., 1.]]); b1 = np.array([0., -1., 0.])
W2 = np.array([[1.], [2.], [-1.]])
H = np.maximum(0, X @ W1 + b1)
L = np.mean((H @ W2 - t)**2)
"""
FLAT = """
import numpy as np
x = np.array([[1., 2.], [0.5, 1.]])
t = np.array([[0.], [1.]])
W = np.array([[3.], [2.5]])
z = x @ W
y = 1 / (1 + np.exp(-z))
L = np.mean((y - t)**2)
"""
NUMBER = r"[−-]?\d+(?:\.\d+)?(?: × 10[⁻⁰¹²³⁴-⁹]+)?|10[⁻⁰¹²³⁴-⁹]+"


def read(text: str) -> sb.Derivation:
    return sb.derive(sb.parse(text))


def number(text: str) -> float:
    raised = text.translate(str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789"))
    raised = re.sub(r" × 10(-?\d+)$", r"e\1", raised)
    return float(re.sub(r"^10(-\d+)$", r"1e\1", raised))


def said(document: Document, language: str = "en") -> list[str]:
    """Return the sentences under the heading on the numbers."""
    title = words(language)["numbers say"]
    (at,) = [k for k, b in enumerate(document.blocks) if isinstance(b, Heading) and b.text == (title,)]
    rest = document.blocks[at + 1 :]
    end = next((k for k, b in enumerate(rest) if isinstance(b, Heading)), len(rest))
    return [sentence_text(b.text) for b in rest[:end] if isinstance(b, Paragraph)]


def pattern(key: str, language: str) -> re.Pattern[str]:
    """Return what finds the parts of a sentence again."""
    text = re.escape(words(language)[key]).replace(r"\{", "{").replace(r"\}", "}")
    seen: set[str] = set()

    def part(match: re.Match[str]) -> str:
        name = match.group(1)
        again = name in seen
        seen.add(name)
        return f"(?P={name})" if again else f"(?P<{name}>.+?)"

    return re.compile(re.sub(r"{(\w+)}", part, text) + "$")


def found(d: sb.Derivation, key: str, language: str = "en") -> dict[str, str] | None:
    """Return the parts of the sentence of a key; None where the lesson does not say it."""
    hits = [
        m
        for text in said(lesson(d.record, Plan(language=language)), language)
        for m in [pattern(key, language).match(text)]
        if m
    ]
    return hits[0].groupdict() if hits else None


def close(printed: str, true: float) -> bool:
    return number(printed) == pytest.approx(true, rel=6e-4)


def entry_of(d: sb.Derivation, symbol: str) -> tuple[str, tuple[int, ...]]:
    """Return the name and the entry that a symbol of the page stands for."""
    from symback.core.display import to_text
    from symback.page.sheet import sheet_of

    page = sheet_of(d.record)
    values = d.evaluate().values
    for name, value in values.items():
        for entry in np.ndindex(np.shape(value)):
            if to_text(page.entry_symbol(name, entry)) == symbol:
                return name, entry
    raise AssertionError(symbol)


def loss_with(d: sb.Derivation, name: str, entry: tuple[int, ...], shift: float) -> float:
    moved = np.array(d.evaluate().values[name], float)
    moved[entry] += shift
    return float(d.evaluate({name: moved}).loss)


CASES = {
    "two layers": lambda: read(TWO_LAYERS.format(rate=0.5)),
    "dead": lambda: read(DEAD),
    "flat": lambda: read(FLAT),
    "sigmoids": lambda: seed("two_layer_sigmoid"),
    "module": lambda: seed("module_bce"),
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", CASES)
def test_the_steepest_entry_does_what_is_said(name: str, language: str) -> None:
    d = CASES[name]()
    run = d.evaluate()
    falls, rises = found(d, "steepest falls", language), found(d, "steepest rises", language)
    assert (falls is None) != (rises is None)
    parts: dict[str, str] = falls or rises or {}
    array, entry = entry_of(d, parts["entry"])
    slope = float(np.asarray(run.gradients[array])[entry])
    largest = max(float(np.abs(g).max()) for g in run.gradients.values())
    assert abs(slope) == largest and (slope < 0) == (falls is not None)
    assert close(parts["derivative"].split(" ≈ ")[1], slope)
    assert int(parts["count"]) == sum(np.size(g) for g in run.gradients.values())
    assert close(parts["change"], abs(slope) * number(parts["step"]))
    change = loss_with(d, array, entry, number(parts["step"])) - float(run.loss)
    assert close(parts["again"], -change if falls else change)


TWO_ALIKE = """
import numpy as np
X = np.array([[1.0, 6.0], [2.0, 5.0]]); y = np.array([0.0, 1.0])
w = np.array([0.3, -0.1]); b = 0.1
p = 1 / (1 + np.exp(-(X @ w + b)))
L = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
"""
"""Both entries of the gradient of w are of one size."""


@pytest.mark.parametrize("language", ["en", "ko"])
def test_of_slopes_of_one_size_none_is_called_the_largest(language: str) -> None:
    d = read(TWO_ALIKE)
    slopes = np.abs(np.asarray(d.evaluate().gradients["w"]))
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-12)
    assert found(d, "steepest falls", language) is None and found(d, "steepest rises", language) is None
    parts = found(d, "steepest tied falls", language) or found(d, "steepest tied rises", language)
    assert parts is not None and close(parts["derivative"].split(" ≈ ")[1].strip("−"), slopes[0])


@pytest.mark.parametrize(("target", "sign"), [("1.0", "="), ("1.0001234567", "≈")])
def test_a_slope_is_equal_to_its_digits_where_only_sums_were_rounded(target: str, sign: str) -> None:
    d = read(f"import numpy as np\nx = 1.4\nt = {target}\nw = 0.5\nb = 0.0\nL = (x * w + b - t)**2")
    parts = found(d, "steepest falls")
    assert parts is not None and parts["derivative"].startswith(f"∂L/∂w {sign} ")
    assert float(np.asarray(d.evaluate().gradients["w"])) != -0.84, "the sums of the machine do round"


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("rate", [0.5, 40.0])
def test_one_update_changes_the_loss_as_said(rate: float, language: str) -> None:
    d = read(TWO_LAYERS.format(rate=rate))
    key, other = ("update falls", "update rises") if rate < 1 else ("update rises", "update falls")
    parts = found(d, key, language)
    assert parts is not None and found(d, other, language) is None
    step = number(parts["rate"].split(" = ")[1])
    run = d.evaluate()
    after = float(d.evaluate({k: np.asarray(run.values[k]) - step * g for k, g in run.gradients.items()}).loss)
    assert step == rate and close(parts["before"], float(run.loss)) and close(parts["after"], after)
    assert close(parts["forecast"], step * sum(float(np.sum(np.square(g))) for g in run.gradients.values()))
    assert (after > run.loss) == (key == "update rises")
    assert "fall" not in parts or close(parts["fall"], float(run.loss) - after)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_unit_that_is_off_for_all_samples_passes_nothing(language: str) -> None:
    d = read(DEAD)
    parts = found(d, "silent", language)
    assert parts is not None and parts["name"] == "H" and parts["count"] == "3"
    unit = int(parts["unit"]) - 1
    run = d.evaluate()
    values = np.asarray(run.values["H"])
    assert not values[:, unit].any() and [k for k in range(3) if not values[:, k].any()] == [unit]
    assert not np.asarray(run.gradients["W1"])[:, unit].any() and run.gradients["b1"][unit] == 0
    assert found(read(TWO_LAYERS.format(rate=0.5)), "silent", language) is None, "off in one sample only"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_saturated_unit_has_the_slope_that_is_said(language: str) -> None:
    d = read(FLAT)
    parts = found(d, "saturated", language)
    assert parts is not None
    array, entry = entry_of(d, parts["unit"])
    y = float(np.asarray(d.evaluate().values[array])[entry])
    assert close(parts["slope"], y * (1 - y)) and y * (1 - y) < 0.05
    symbol, value = parts["argument"].split(" ≈ ")
    argument, place = entry_of(d, symbol)
    assert close(value, float(np.asarray(d.evaluate().values[argument])[place]))
    assert found(seed("two_layer_sigmoid"), "saturated", language) is None


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_single_gradient_is_not_the_largest_of_one(language: str) -> None:
    d = read("import numpy as np\nx = 2.0\nt = 3.0\nw = 0.5\nL = 0.5 * (x * w - t)**2")
    parts = found(d, "slope falls", language)
    assert parts is not None and found(d, "steepest falls", language) is None
    assert close(parts["derivative"].split(" = ")[-1].split(" ≈ ")[-1], -4.0)
    assert close(parts["again"], 2.0 - float(d.evaluate({"w": 0.51}).loss))


def test_many_units_that_are_off_are_counted() -> None:
    d = read(DEAD.replace("b1 = np.array([0., -1., 0.])", "b1 = np.array([-9., -9., -9.])"))
    parts = found(d, "silent many")
    assert parts == {"off": "3", "units": "3", "name": "H", "count": "3"}


@pytest.mark.parametrize("name", ["two layers", "sigmoids"])
def test_the_rule_of_digits_is_stated_once(name: str) -> None:
    text = " ".join(str(CASES[name]().handout()).split())
    assert text.count("printed with 4 significant digits") == 1
    assert "significant digits" not in str(CASES[name]().handout(numbers=False))


def test_the_fall_is_the_difference_of_what_is_printed() -> None:
    parts = found(read(TWO_LAYERS.format(rate=0.5)), "update falls")
    assert parts is not None
    assert float(f"{number(parts['before']) - number(parts['after']):.4g}") == number(parts["fall"])


def test_a_planted_number_is_found() -> None:
    assert not close("0.0003", 0.00031) and close("−0.5017", -0.501679) and number("3.2 × 10⁻⁵") == 3.2e-5


# --- the table and the lines of PyTorch -------------------------------------------------------------------------------


def table_of(document: Document) -> list[list[str]]:
    caption = words(document.language)["table of checks"]
    (table,) = [b for b in document.blocks if isinstance(b, Table) and sentence_text(b.caption).endswith(caption)]
    return [[sentence_text(cell) for cell in cells] for cells in table.rows]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", CASES)
def test_the_table_of_checks_holds(name: str, language: str) -> None:
    d = CASES[name]()
    run = d.evaluate()
    rows = table_of(lesson(d.record, Plan(language=language)))
    listed: dict[str, list[tuple[int, ...]]] = {}
    for symbol, derived, difference, error in rows:
        array, entry = entry_of(d, symbol)
        listed.setdefault(array, []).append(entry)
        assert number(derived) == pytest.approx(float(np.asarray(run.gradients[array])[entry]), rel=5e-6, abs=1e-12)
        central = (loss_with(d, array, entry, 1e-5) - loss_with(d, array, entry, -1e-5)) / 2e-5
        assert number(difference) == pytest.approx(central, rel=2e-5, abs=1e-8)
        assert number(error.removeprefix("< ")) <= 1e-6
    for array, gradient in run.gradients.items():
        steep = np.unravel_index(int(np.argmax(np.abs(gradient))), np.shape(gradient))
        assert {(0,) * np.ndim(gradient), tuple(int(k) for k in steep)} == set(listed[array])


def torch_code(document: Document) -> str:
    (code,) = [b.source for b in document.blocks if isinstance(b, Code) and b.source.startswith("import torch")]
    return code


RECURRENT = """
import numpy as np
x = np.array([[0.5, 0.1], [0.2, -0.4], [0.9, 0.3]]); y = np.array([1.0])
Wx = np.array([[0.2, -0.3], [0.4, 0.1]]); Wh = np.array([[0.5, 0.2], [-0.1, 0.3]]); V = np.array([[0.7], [-0.5]])
h = np.zeros(2)
for t in range(3):
    h = np.tanh(x[t] @ Wx + h @ Wh)
loss = 0.5 * np.sum((h @ V - y)**2)
"""


SCALED = """
import numpy as np
Q = np.array([[1., 0.], [1., 1.]]); W = np.array([[1., 1.], [0., 1.]])
A = np.exp(Q @ W / np.sqrt(W.shape[1]))
loss = np.sum(A**2)
"""


@pytest.mark.parametrize("name", [*CASES, "recurrent", "scaled", "relu_mse", "softmax_ce", "neuron_bce"])
def test_pytorch_confirms_the_gradients(name: str) -> None:
    torch = needs.package("torch")
    texts = {"recurrent": RECURRENT, "scaled": SCALED}
    d = read(texts[name]) if name in texts else CASES[name]() if name in CASES else seed(name)
    source = torch_code(lesson(d.record, Plan()))
    scope: dict[str, Any] = {}
    before = torch.get_default_dtype()
    try:
        exec(source.replace("print(", "str("), scope)
    finally:
        torch.set_default_dtype(before)
    run = d.evaluate()
    for array, gradient in run.gradients.items():
        np.testing.assert_allclose(scope[array].grad.numpy(), gradient, rtol=1e-10, atol=1e-14)
    assert source.count(".grad") == len(run.gradients)


def test_lines_that_pytorch_has_no_words_for_are_left_out() -> None:
    net = sb.Network()
    A, w = net.parameter("A", (2, 2), np.eye(2) + 0.1), net.parameter("w", (2,), np.ones(2))
    net.define("L", sb.sum(sb.inv(A) @ w))
    blocks = lesson(sb.derive(net).record, Plan()).blocks
    assert not [b for b in blocks if isinstance(b, Code)]


def test_a_brief_lesson_says_nothing_of_it() -> None:
    blocks = lesson(read(DEAD).record, Plan(level="brief")).blocks
    assert not [b for b in blocks if isinstance(b, (Code, Table))]
    assert lessons.LEVELS[0] == "brief"
