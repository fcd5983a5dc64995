"""The short form of what is normalized, its lines and what is said of it: each line and sentence is computed again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_latex
from symback.derivation import compact as compact_module
from symback.derivation.compact import Compact, compact, shortened
from symback.documents.document import Block, Formula, Paragraph
from symback.documents.lesson import lesson
from symback.documents.plan import Plan
from symback.engine.interpreter import evaluate
from symback.page.records import sentence_text
from symback.page.words import words
from symback.run import numeric
from tests.support.lesson_texts import NORMALIZED
from tests.support.number_lines import value_of

ROW = "X = np.array([[-1., 1., 2., 3., 5.], [0., 1., 0., 2., 1.]])\n"
LAYER = (
    "import numpy as np\n"
    + ROW
    + """
t = np.array([[-3., 1., -1., 2., 3.], [1., 0., 0., 0., 1.]])
W = np.eye(5)
gamma = np.array([1., 2., 4., 1., 2.])
beta = np.array([0., 0., 0., 0., 1.])
x = X @ W
mu = x.mean(axis=1, keepdims=True)
var = ((x - mu) ** 2).mean(axis=1, keepdims=True)
x_hat = (x - mu) / np.sqrt(var + EPS)
y = gamma * x_hat + beta
L = 0.5 * np.sum((y - t) ** 2)
"""
).replace("np.eye(5)", str(np.eye(5).tolist()).join(["np.array(", ")"]))
BATCH = """
import numpy as np
X = np.array([[1., 0.], [0., 1.], [1., 1.], [2., 1.]])
t = np.array([[1., 0., 0.], [0., 0., 1.], [0., 1., 0.], [1., 0., 1.]])
W = np.array([[1., 2., -1.], [0.5, -1., 1.]])
gamma = np.array([2., 1., 3.])
beta = np.array([1., 0., 0.])
x = X @ W
mu = x.mean(axis=0)
var = x.var(axis=0)
x_hat = (x - mu) / np.sqrt(var + EPS)
y = gamma * x_hat + beta
L = 0.5 * np.mean((y - t) ** 2)
"""
SHARES = """
import numpy as np
X = np.array([[1., 2.], [3., 1.]])
W = np.array([[1., 0.5, 2.], [2., 1., 0.5]])
E = (X @ W) ** 2 + 1.0
s = E.sum(axis=1, keepdims=True)
P = E / s
L = np.sum(P ** 3)
"""
SOURCES = {
    "layer": LAYER.replace("EPS", "1e-5"),
    "layer exact": LAYER.replace("EPS", "0.0"),
    "batch": BATCH.replace("EPS", "1e-5"),
    "batch exact": BATCH.replace(" + EPS", ""),
    "column": NORMALIZED,
}


def derived(name: str) -> sb.Derivation:
    return sb.derive(sb.parse(SOURCES[name]))


def found_in(name: str) -> tuple[sb.Derivation, Compact]:
    d = derived(name)
    found = compact(d.record, "x")
    assert found is not None
    return d, found


def blocks_of(name: str, **plan: Any) -> tuple[Block, ...]:
    return lesson(derived(name).record, Plan(**plan)).blocks


def said(blocks: tuple[Block, ...]) -> str:
    return " ".join(sentence_text(b.text) for b in blocks if isinstance(b, Paragraph))


def known(d: sb.Derivation, values: Any = None) -> dict[str, Any]:
    run = d.evaluate(values)
    return {**run.values, **{"∂" + k: v for k, v in run.adjoints.items()}}


def drawn(d: sb.Derivation, seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    return {k: generator.uniform(0.3, 2.0, np.shape(v)) for k, v in d.network.values.items()}


@pytest.mark.parametrize("name", SOURCES)
def test_each_line_is_the_one_before_it(name: str) -> None:
    d, found = found_in(name)
    assert found.axis == (1 if name.startswith("layer") else 0)
    assert [n.name for n in found.products] == ["x_hat"] and set(found.statistics) == {"mu", "var"}
    for seed in range(3):
        values = known(d, drawn(d, seed))
        for form in (found.put_in, found.named, found.short):
            again = np.broadcast_to(evaluate(form, values), values["x"].shape)
            np.testing.assert_allclose(again, values["∂x"], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_said_of_the_short_form_is_so(name: str, language: str) -> None:
    d, found = found_in(name)
    table, text = words(language), said(blocks_of(name, language=language))
    for seed in range(3):
        values = known(d, drawn(d, seed))
        scale = np.abs(values["∂x"]).max()
        assert np.abs(values["∂x"].sum(axis=found.axis)).max() < 1e-10 * scale
        along = np.abs((values["∂x"] * values["x_hat"]).sum(axis=found.axis)).max()
        assert (along < 1e-9 * scale) == found.straight
        moved = values["x"] + 3.0
        again = (moved - moved.mean(axis=found.axis, keepdims=True)) / np.sqrt(
            moved.var(axis=found.axis, keepdims=True) + (0 if found.straight else 1e-5)
        )
        np.testing.assert_allclose(again, values["x_hat"], rtol=1e-8, atol=1e-12)
    assert found.straight == (name in ("layer exact", "batch exact", "column"))
    level = table["compact rows" if found.axis else "compact columns"]
    assert level.split("{error}")[1].split("{of}")[0] in text
    assert (table["compact straight"].split("{product}")[1].split("{of}")[0] in text) == found.straight


@pytest.mark.parametrize(("name", "key"), [("layer", "features"), ("batch", "samples"), ("column", "samples")])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_axis_of_the_statistics_is_said(name: str, key: str, language: str) -> None:
    table, text = words(language), said(blocks_of(name, language=language))
    for other in ("features", "samples"):
        assert (table[f"statistics {other}"].rpartition("}")[2] in text) == (other == key)
    d = derived(name)
    before, values = known(d)["x_hat"], {k: np.array(v, float) for k, v in d.network.values.items()}
    values["X"][0] += np.arange(1.0, 1.0 + values["X"].shape[1]) ** 2
    others = np.abs(known(d, values)["x_hat"] - before)[1:].max()
    assert (others > 1e-3) == (key == "samples")


def test_the_terms_in_numbers_make_the_gradient_again() -> None:
    rows = [[to_latex(c) for c in cells] for b in blocks_of("column") if isinstance(b, Formula) for cells in b.rows]
    (k,) = [k for k, cells in enumerate(rows) if cells[1].lstrip("= ").startswith("0.5") and "bmatrix" in cells[1]]
    product, result = (value_of(rows[line][1].partition("=")[2]) for line in (k, k + 1))
    assert product is not None and result is not None
    np.testing.assert_allclose(np.squeeze(product), [0.55, -1.55, 1.4, -0.65, 0.25], rtol=1e-13)
    np.testing.assert_allclose(np.squeeze(result), [0.55, -1.55, 1.4, -0.65, 0.25], rtol=1e-13)


def test_pages_that_do_not_tell_paths_apart_have_no_lines() -> None:
    key = words("en")["compact out"]
    for page in (blocks_of("column", level="brief"), blocks_of("batch", level="brief")):
        assert not any(key in to_latex(c) for b in page if isinstance(b, Formula) for cells in b.rows for c in cells)
    assert key not in derived("batch").latex(view="matrix")


def lefts(blocks: tuple[Block, ...]) -> list[str]:
    return [to_latex(cells[0]) for b in blocks if isinstance(b, Formula) for cells in b.rows if to_latex(cells[0])]


@pytest.mark.parametrize("name", SOURCES)
def test_a_brief_page_has_the_short_form_alone(name: str) -> None:
    d, found = found_in(name)
    statistics = {rf"\frac{{\partial L}}{{\partial {symbol}" for symbol in (r"\mathrm{var}", r"\mu")}
    brief, whole = lefts(blocks_of(name, level="brief")), lefts(blocks_of(name))
    assert any(line.startswith(tuple(statistics)) for line in whole)
    assert not any(line.startswith(tuple(statistics)) for line in brief)
    short = shortened(d.record)
    assert [s.of for s in short.steps] == [s.of for s in d.record.steps if s.of not in found.statistics]
    assert short.by_name()["x"].form is found.short
    for seed in range(3):
        values = drawn(d, seed)
        again, run = numeric.evaluate(short, values), d.evaluate(values)
        for label, gradient in run.gradients.items():
            np.testing.assert_allclose(again.gradients[label], gradient, rtol=1e-8, atol=1e-10)


def test_the_short_form_of_a_brief_page_has_its_three_terms_in_numbers() -> None:
    lines = [
        [to_latex(cells[1]) for cells in b.rows]
        for b in blocks_of("column", level="brief")
        if isinstance(b, Formula) and r"\sqrt{\mathrm{var}}}\left(" in to_latex(b.rows[0][1])
    ]
    ((_, product, result),) = lines
    assert product.count("bmatrix") == 6 and r"\mathbf{1}" not in product
    for side in (product, result):
        value = value_of(side.partition("=")[2])
        assert value is not None
        np.testing.assert_allclose(np.squeeze(value), [0.55, -1.55, 1.4, -0.65, 0.25], rtol=1e-13)


def test_a_statistic_that_is_wanted_stays_on_a_brief_page() -> None:
    record = sb.derive(sb.parse(SOURCES["batch"]), ["W", "var"]).record
    assert "var" in {s.of for s in shortened(record).steps} and "mu" not in {s.of for s in shortened(record).steps}
    plain = sb.derive(sb.parse(SHARES.replace("P = E / s", "P = E"))).record
    assert shortened(plain) is plain


def test_shares_of_a_sum_are_no_normalization() -> None:
    d = sb.derive(sb.parse(SHARES))
    text = said(lesson(d.record, Plan()).blocks)
    assert "normalization" not in text and "adds up to 0: adding" not in text


def test_no_line_without_its_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact_module, "equal_by_definitions", lambda *_: False)
    assert compact(derived("batch").record, "x") is None
