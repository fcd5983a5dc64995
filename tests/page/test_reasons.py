"""Reasons by shapes: their letters are those of the network's equations, and what they claim holds with other lengths."""

from __future__ import annotations

import re

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_text
from symback.core.forms import Form, Matmul
from symback.documents.document import Paragraph
from symback.documents.lesson import Plan, lesson
from symback.networks.axes import Axes
from symback.page.reasons_view import reasons, without_factors
from symback.page.records import sentence_text
from symback.page.sheet import Sheet

SOFTMAX = """
X = np.random.randn({n}, {d}); Y = np.eye({c})[np.random.randint(0, {c}, {n})]
W1 = np.random.randn({d}, {h}); b1 = np.zeros({h}); W2 = np.random.randn({h}, {c}); b2 = np.zeros({c})
Z1 = X @ W1 + b1
A1 = np.maximum(0, Z1)
Z2 = A1 @ W2 + b2
P = np.exp(Z2) / np.exp(Z2).sum(axis=1, keepdims=True)
loss = -np.sum(Y * np.log(P)) / {n}
"""
COLUMNS = """
X = np.random.randn({d}, {n}); Y = np.random.randn({c}, {n})
W1 = np.random.randn({h}, {d}); b1 = np.zeros(({h}, 1)); W2 = np.random.randn({c}, {h})
A1 = np.tanh(W1 @ X + b1)
loss = np.sum((W2 @ A1 - Y)**2)
"""
ATTENTION = """
X = np.random.randn({n}, {d}); Y = np.random.randn({n}, {d})
W_Q = np.random.randn({d}, {h}); W_K = np.random.randn({d}, {h})
S = X @ W_Q @ (X @ W_K).T / np.sqrt({h})
A = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
loss = np.sum((A @ X - Y)**2)
"""
RECURRENT = """
x = np.random.randn({n}, {d}); t = np.random.randn({c})
W = np.random.randn({d}, {h}); U = np.random.randn({h}, {h}); V = np.random.randn({h}, {c})
h = np.zeros({h})
for k in range(2):
    h = np.tanh(x[k] @ W + h @ U)
loss = np.sum((h @ V - t)**2)
"""
TEXTS = {"rows": SOFTMAX, "columns": COLUMNS, "attention": ATTENTION, "recurrent": RECURRENT}


def derived(name: str, **sizes: int) -> sb.Derivation:
    lengths = {"n": 2, "d": 2, "h": 2, "c": 2, **sizes}
    return sb.derive(sb.parse("import numpy as np\n" + TEXTS[name].format(**lengths)))


def said(d: sb.Derivation, language: str = "en") -> list[str]:
    blocks = lesson(d.record, Plan(language=language, numbers=False)).blocks
    return [sentence_text(b.text) for b in blocks if isinstance(b, Paragraph) and b.tone == "note"]


@pytest.mark.parametrize("name", TEXTS)
def test_equal_lengths_do_not_join_axes(name: str) -> None:
    """With every length 2 the classes are those of the network whose lengths all differ."""
    same = Axes(derived(name).network)
    apart = Axes(derived(name, n=5, d=3, h=4, c=7).network)
    assert list(same.members().values()) == list(apart.members().values())


@pytest.mark.parametrize("name", TEXTS)
def test_the_letters_fit_every_product(name: str) -> None:
    """With a prime number for each letter, the product that a reason names has the shape that it names."""
    d = derived(name)
    page = Sheet(d.record)
    primes = dict(zip(page.letters.letters, (3, 5, 7, 11, 13), strict=False))

    def drawn(form: Form) -> np.ndarray:
        return np.zeros([primes[a] if a is not None else 1 for a in page.letters.axes.of_form(form)])

    checked = 0
    for step in d.record.steps:
        for part in step.contributions:
            product = without_factors(part.form)
            found = [r for r in reasons(page, part, page.base) if r.key.startswith("shape")]
            if not found or not isinstance(product, Matmul):
                continue
            left, right = (drawn(a) for a in product.args)
            wanted = tuple(primes[a] if a is not None else 1 for a in page.letters.axes.of(part.of))
            assert (left @ right).shape == wanted
            checked += 1
    assert checked


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", TEXTS)
def test_each_reason_is_given_once(name: str, language: str) -> None:
    notes = said(derived(name), language)
    assert notes and len(notes) == len(set(notes))


def test_samples_are_only_what_does_not_mix() -> None:
    assert any("the samples i are summed" in note for note in said(derived("rows")))
    assert any("shared by all samples: sum over j" in note for note in said(derived("columns")))
    # tokens attend to each other: they are rows, not samples
    attention = said(derived("attention"))
    assert any("the rows are summed" in note for note in attention) and not any("samples" in note for note in attention)


def test_what_is_shared_over_time_is_said() -> None:
    (note,) = [note for note in said(derived("recurrent")) if "Imagine a copy" in note]
    assert "is used at 2 time steps" in note
    assert "경로" not in note
    (korean,) = [note for note in said(derived("recurrent"), "ko") if "사본" in note]
    assert "2개의 시점에서 쓰인다" in korean


def test_the_sizes_of_the_code_are_the_letters() -> None:
    text = """
import numpy as np
n, d = 8, 3
X = np.random.randn(n, d); Y = np.random.randn(n, 2)
W1 = np.random.randn(d, 4); W2 = np.random.randn(4, 2)
A1 = np.tanh(X @ W1)
loss = np.mean((A1 @ W2 - Y)**2)
"""
    d = sb.derive(sb.parse(text))
    assert d.network.sizes == {"n": 8}
    said = " ".join(str(d.handout(numbers=False)).split())
    assert "Letters for the sizes: d = 3, c = 2, h = 4." in said, "what has a name of its own has its number elsewhere"
    assert "A₁ is n × h" in said


def test_a_letter_is_not_that_of_a_name() -> None:
    text = SOFTMAX.replace("b1", "h").replace("b2", "c").format(n=4, d=2, h=3, c=2)
    page = Sheet(sb.derive(sb.parse("import numpy as np\n" + text, wrt=["W1", "h", "W2", "c"])).record)
    shown = {to_text(letter) for letter in page.letters.letters.values()}
    assert not shown & {"h", "c"} and len(shown) == 4


@pytest.mark.parametrize("name", TEXTS)
def test_no_reason_speaks_of_a_sum_with_one_term(name: str) -> None:
    """Whatever has one row adds nothing up, and no reason says otherwise."""
    for note in said(derived(name, n=1 if name != "recurrent" else 2)):
        summed = re.search(r"samples? \w are summed|rows are summed|columns are summed", note)
        middle = re.search(r"so (\S+) must meet \1", note)
        assert bool(summed) == bool(middle)
        assert middle is None or middle.group(1) != "1"
        assert "(1 × 1)" not in note or "adds nothing up" in note


ONE_ROW = """
x = np.array([[0.5, 0.8]]); y = np.array([[1.0]]); W = np.array([[0.1], [0.2]])
b = {bias}
loss = 0.5 * np.sum((x @ W + b - y)**2)
"""
MANY_ROWS = """
x = np.array([[0.5, 0.8], [0.1, 0.2]]); y = np.array({target}); W = np.array({weight})
b = {bias}
loss = 0.5 * np.sum((x @ W + b - y)**2)
"""


@pytest.mark.parametrize("bias", ["np.array([0.3])", "np.array([[0.3]])"])
def test_one_row_is_no_sum_over_several_entries(bias: str) -> None:
    notes = said(sb.derive(sb.parse("import numpy as np" + ONE_ROW.format(bias=bias))))
    assert not any("several entries" in note for note in notes)
    assert any("of which there is one here" in note for note in notes)


@pytest.mark.parametrize(
    ("bias", "weight", "target"),
    [
        ("0.3", "[0.1, 0.2]", "[1.0, 0.0]"),
        ("np.array([0.3])", "[[0.1], [0.2]]", "[[1.0], [0.0]]"),
        ("np.array([[0.3]])", "[[0.1], [0.2]]", "[[1.0], [0.0]]"),
    ],
)
def test_a_bias_of_one_number_is_shared_by_the_samples(bias: str, weight: str, target: str) -> None:
    text = MANY_ROWS.format(bias=bias, weight=weight, target=target)
    d = sb.derive(sb.parse("import numpy as np" + text))
    assert "b is shared by all samples: sum over i." in said(d)
    assert any("모든 표본에 같은 b의 값을 쓰므로" in note for note in said(d, "ko"))


def test_what_every_entry_reads_is_no_array_with_several_readers() -> None:
    text = """
import torch, torch.nn.functional as F
x = torch.randn(1, 1, 3, 3)
K = torch.randn(1, 1, 2, 2, requires_grad=True); c = torch.randn(1, requires_grad=True)
loss = (F.conv2d(x, K, c)**2).sum()
loss.backward()
"""
    notes = said(sb.derive(sb.parse(text)))
    assert "Why a sum: c is used by every entry of z₁, whose parts are added." in notes
