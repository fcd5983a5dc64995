"""Lessons: what stands in them, in which order, for whom; the lines of the lecture notes; deep networks in short."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

import symback as sb
from symback.core.display import to_latex, to_text
from symback.core.errors import PrintError, ValueProblem
from symback.documents import lesson as lessons
from symback.documents.document import Code, Document, Figure, Formula, Heading, Paragraph, Table
from symback.documents.formats import render as rendered
from symback.documents.formats.latex import aligned
from symback.documents.formats.scripts import languages_in
from symback.documents.formats.text import render
from symback.documents.lesson import Plan, lesson
from symback.page.picture import Label
from symback.page.records import sentence_text
from symback.page.words import language_called, languages, scripted, words
from symback.run import numeric
from tests.support import seed_cells
from tests.support.lessons import LESSONS, chain, deep, made, seed
from tests.support.number_lines import check, value_of
from tests.support.places import EXAMPLES
from tests.support.printed_networks import DOCUMENT, elements_bce

LANGUAGES = languages()


def headings(document: Document, level: int = 1) -> list[str]:
    return [sentence_text(b.text) for b in document.blocks if isinstance(b, Heading) and b.level == level]


def formulas(document: Document, role: str | None = None) -> list[Formula]:
    return [b for b in document.blocks if isinstance(b, Formula) and role in (None, b.role)]


def equations(document: Document) -> list[str]:
    """Return every equation of a document as one line of LaTeX; stages below each other are joined."""
    found: list[str] = []
    for block in formulas(document):
        for cells in block.rows:
            texts = [to_latex(c).strip() for c in cells]
            if texts[0]:
                found.append(" ".join(texts))
            else:
                found[-1] += " " + " ".join(texts[1:])
    return found


# --- the four steps -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LESSONS)
def test_every_seed_gives_a_lesson_in_four_steps(name: str, language: str) -> None:
    said = words(language)
    forward, *others = (said[key] for key in ("forward", "loss", "backward", "update"))
    for level in lessons.LEVELS:
        document = made(name, language, level)
        wanted = ([forward] if formulas(document, "forward") else []) + others
        steps = [said["step"].format(number=k, title=title) for k, title in enumerate(wanted, start=1)]
        found = headings(document)
        assert [h for h in found if h in steps] == steps[: len(steps) - (not formulas(document, "update"))]
        assert document.language == language and set(document.labels) == set(lessons.LABELS)
        assert languages_in(render(document)) == tuple(s for s in scripted() if s is language_called(language))
        for first, second in itertools.pairwise((*document.blocks, Heading(("end",)))):
            assert not (isinstance(first, Heading) and isinstance(second, Heading) and first.level >= second.level), (
                first
            )


def test_the_two_layer_lesson_in_korean(golden: Any) -> None:
    golden("lesson.two_layer_sigmoid.ko.txt", render(made("two_layer_sigmoid", "ko")))


def test_the_module_lesson_in_english(golden: Any) -> None:
    golden("lesson.module_bce.en.txt", render(made("module_bce", "en")))


def test_levels_differ_in_what_they_say() -> None:
    brief, standard, full = (made("two_layer_sigmoid", "en", level) for level in lessons.LEVELS)
    assert not [b for b in brief.blocks if isinstance(b, (Table, Figure, Code))]
    assert not [b for b in brief.blocks if isinstance(b, Paragraph) and b.tone == "note"]
    # lines of PyTorch confirm the gradients at both levels; the function that runs is for the full one
    counts = [sum(isinstance(b, Code) for b in made_.blocks) for made_ in (brief, standard, full)]
    assert counts == [0, 1, 2] and [b for b in standard.blocks if isinstance(b, Table)] and formulas(full, "proof")
    assert len(brief.blocks) < len(standard.blocks) < len(full.blocks)
    # the same formulas, whatever is said about them
    backward = [f.rows for f in formulas(standard, "delta")]
    assert [f.rows for f in formulas(brief, "delta")] == backward == [f.rows for f in formulas(full, "delta")]


def test_every_formula_has_its_role_and_its_names() -> None:
    roles = {"forward", "loss", "definition", "local", "legend", "delta", "gradient", "proof", "update"}
    for name in ("two_layer_sigmoid", "relu_mse", "softmax_ce"):
        document = made(name, "en", "full", False)
        assert {f.role for f in formulas(document)} <= roles
        network = seed(name).network
        known = {*network.variables, *(e.name for e in network.equations)}
        for found in formulas(document):
            if found.role != "definition":
                assert set(found.of) <= known and (found.of or found.role == "legend")
    delta = formulas(made("two_layer_sigmoid", "en", "standard", False), "delta")
    assert [f.of for f in delta] == [("z2", "W2", "b2"), ("z1", "W1", "b1")]


def test_formulas_are_numbered_on_demand() -> None:
    assert {f.number for f in formulas(made("two_layer_sigmoid"))} == {None}
    document = lesson(seed("two_layer_sigmoid").record, Plan(numbered=True))
    numbers = [f.number for f in formulas(document) if f.number is not None]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 10
    assert {f.role for f in formulas(document) if f.number is not None} == {"forward", "loss", "delta"}
    assert r"\tag{3}" in str(rendered(document, "tex")) and "(3)" in render(document)


def test_the_symbols_are_listed_with_meaning_shape_and_value() -> None:
    (table, *_) = [b for b in made("two_layer_sigmoid", "ko").blocks if isinstance(b, Table)]
    rows = [[sentence_text(cell) for cell in cells] for cells in table.rows]
    assert [sentence_text(h) for h in table.header] == ["기호", "뜻", "형상", "주어진 값"]
    assert ["x", "입력 데이터", "1 × d", "[0.5, 0.8]"] in rows and [
        "W₁",
        "가중치",
        "d × h",
        "[0.1, 0.3; 0.2, 0.4]",
    ] in rows
    assert ["δ₁", "손실의 편미분 (오차)", "1 × h", ""] in rows
    assert rows[0][0] == "x" and rows[1][1] == "정답", "data and target come first"


def test_a_prediction_is_called_so() -> None:
    net = elements_bce()
    text = render(lesson(sb.derive(net).record))
    assert (
        re.search(r"ŷ +prediction", text) and re.search(r"W₂ +weight", text) and re.search(r"z₂ +pre-activation", text)
    )
    net = sb.Network()
    z, t = net.parameter("z", (4, 3)), net.input("t", (4,), integer=True)
    net.define("L", sb.cross_entropy(z, t))
    assert re.search("one-hot encoding", render(lesson(sb.derive(net).record)))


def test_a_network_without_a_forward_pass_has_three_steps() -> None:
    text = render(made("guess"))
    assert "four steps" not in text and "Step 3. Update" in text and re.search(r"guess +parameter", text)
    assert "four steps" in render(made("two_layer_sigmoid"))


def test_reasons_are_true_and_said_once() -> None:
    notes = [
        sentence_text(b.text) for b in made("two_layer_sigmoid").blocks if isinstance(b, Paragraph) and b.tone == "note"
    ]
    # one row of data: nothing is summed, and no sum over samples is claimed
    assert len(notes) == 2 and "the product of this shape is a₁ᵀ δ₂, (h × 1)(1 × 1)" in notes[0]
    assert notes[1] == "b₂ is shared by all rows of z₂: sum over the rows, of which there is one here."
    net = sb.Network()
    x, t = net.input("x", ("n", 3)), net.input("t", ("n", 2))
    W, b = net.parameter("W", (3, 2)), net.parameter("b", (2,))
    net.define("L", sb.sum((net.define("z", x @ W + b) - t) ** 2))
    notes = [
        sentence_text(b.text)
        for b in lesson(sb.derive(net).record).blocks
        if isinstance(b, Paragraph) and b.tone == "note"
    ]
    assert notes == [
        "The gradient has the shape of W, d × c. x is n × d and δ is n × c; the samples i are summed, so n must meet n in "
        "the middle: xᵀ δ.",
        "b is shared by all samples: sum over i.",
    ]


def test_the_source_of_an_error_is_named_only_where_it_holds() -> None:
    def errors(net: sb.Network) -> str:
        return render(lesson(sb.derive(net).record))

    def two(last: Any) -> sb.Network:
        net = sb.Network()
        x, t = net.input("x", ("n", 3)), net.input("t", ("n", 2))
        a = net.define("a1", sb.tanh(net.define("z1", x @ net.parameter("W1", (3, 4)))))
        z = net.define("z2", a @ net.parameter("W2", (4, 2)))
        net.define("L", last(net, z, a, t))
        return net

    plain = errors(two(lambda net, z, a, t: sb.mean((net.define("y", sb.tanh(z)) - t) ** 2)))
    plain = " ".join(plain.split())
    assert "Output layer: the derivative of the loss" in plain
    assert "the error δ₂ comes back through W₂ᵀ: (n × c)(c × h) has the shape of a₁" in plain
    # a1 is read twice: its error does not come through W2 alone
    shared = errors(two(lambda net, z, a, t: sb.mean((net.define("y", sb.tanh(z)) - t) ** 2) + sb.sum(a)))
    assert "comes back through" not in shared and "a₁ reaches the loss by 2 paths, through L, z₂;" in shared
    linear = errors(two(lambda net, z, a, t: sb.mean((z - t) ** 2)))
    assert "Output layer" not in linear and "comes back through W₂ᵀ" in " ".join(linear.split())


# --- numbers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LESSONS)
def test_every_line_of_numbers_can_be_computed_again(name: str) -> None:
    if name == "chain":
        assert not [b for b in made(name).blocks if isinstance(b, Table) and "value" in sentence_text(b.caption)]
        return
    lines = equations(made(name))
    assert sum(check(line, 4) for line in lines if value_of(line) is None) > 0, name


def test_small_numbers_are_never_zero_and_signs_fold() -> None:
    net = sb.Network()
    x, t, w, b = (
        net.input("x", value=2),
        net.input("t", value=0),
        net.parameter("w", value=1e-4),
        net.parameter("b", value=-0.5),
    )
    net.define("L", (net.define("y", w * x + b) - t) ** 2)
    net.learning_rate = 1e-3
    d = sb.derive(net)
    for to in ("txt", "tex", "md"):
        text = str(d.handout().text(to))
        assert "0.000 " not in text and "+ -" not in text and "+ −" not in text and "- -" not in text
    text = str(d.handout().text())
    assert "0.0001 × 2 − 0.5" in text or "10⁻⁴ × 2 − 0.5" in text
    tiny = sb.Network()
    x, w = tiny.input("x", value=2), tiny.parameter("w", value=1e-4)
    tiny.define("L", w * x)
    assert "= 0.0002" in str(sb.derive(tiny).handout().text()) or "2 × 10⁻⁴" in str(sb.derive(tiny).handout().text())


def test_numbers_are_put_in_where_all_are_known() -> None:
    assert any("0.5769" in line for line in equations(made("two_layer_sigmoid")))
    assert not any("0.5769" in line for line in equations(made("two_layer_sigmoid", "en", "standard", False)))
    net = sb.Network()
    x, t, W = net.input("x", ("n", 3)), net.input("t", ("n", 2)), net.parameter("W", (3, 2))
    net.define("L", sb.mean((x @ W - t) ** 2))
    d = sb.derive(net)
    assert "≈" not in str(d.handout())
    with pytest.raises(ValueProblem, match="x"):
        d.handout(numbers=True)
    values = {"x": np.ones((4, 3)), "t": np.zeros((4, 2)), "W": np.full((3, 2), 0.25)}
    assert "0.75" in str(d.handout(values=values))


def test_arrays_of_three_axes_leave_their_numbers_out_and_the_others_stay() -> None:
    chance = np.random.default_rng(0)
    net = sb.Network()
    x, t = net.input("x", (2, 4, 3), chance.normal(size=(2, 4, 3))), net.input("t", (2, 4), chance.normal(size=(2, 4)))
    W = net.parameter("W", (3,), 0.1 * chance.normal(size=3))
    net.define("L", sb.mean((net.define("z", x @ W) - t) ** 2))
    text = str(sb.derive(net).handout())
    assert "central differences of the loss agree" in text and "(3 entries compared" in text
    assert "given value" in text and "z  " in text.split("Values of the forward pass")[1]


@pytest.mark.parametrize(("length", "lies"), [(3, False), (4, True)])
def test_a_tall_column_lies_down_in_a_table(length: int, lies: bool) -> None:
    net = sb.Network()
    x, w = net.input("x", (length, 1), np.ones((length, 1))), net.parameter("w", (length, 1), np.full((length, 1), 0.5))
    net.define("L", sb.sum((x * w) ** 2))
    text = str(rendered(lesson(sb.derive(net).record, Plan()), "md"))
    row, column = " & ".join("1" * length), r" \\ ".join("1" * length)
    printed = (
        rf"\begin{{bmatrix}} {row} \end{{bmatrix}}^\top" if lies else rf"\begin{{bmatrix}} {column} \end{{bmatrix}}"
    )
    assert rf"| ${printed}$ |" in text


def test_large_arrays_leave_the_first_and_the_last_lines_and_the_check() -> None:
    chance = np.random.default_rng(0)
    net = sb.Network()
    x, t = net.input("x", (20, 30), chance.normal(size=(20, 30))), net.input("t", (20, 1), chance.normal(size=(20, 1)))
    W = net.parameter("W", (30, 1), 0.1 * chance.normal(size=(30, 1)))
    net.define("L", sb.mean((net.define("z", x @ W) - t) ** 2))
    text = str(sb.derive(net).handout())
    assert "central differences of the loss agree" in text and "(30 entries compared" in text
    assert "⋮" in text and "30 × 1" in text


def test_an_unknown_function_has_no_values_to_show() -> None:
    document = lesson(chain().record, Plan(values={"x": 1.0, "t": 2.0, "w1": 3.0, "w2": 4.0}, level="full"))
    assert headings(document)[-1] == "Step 4. Update"
    with pytest.raises(ValueProblem, match="undefined function"):
        chain().handout(numbers=True, values={"x": 1.0, "t": 2.0, "w1": 3.0, "w2": 4.0})


def test_the_values_are_those_of_the_run() -> None:
    d = seed("module_bce")
    tables = [b for b in made("module_bce").blocks if isinstance(b, Table)]
    last = tables[-2]
    assert [sentence_text(h) for h in last.header] == ["parameter", "gradient", "after the update"]
    run, after = d.evaluate(), d.update(1.0)
    for name, cells in zip(d.wrt, last.rows, strict=True):
        for array, cell in ((run.gradients[name], cells[1]), (after[name], cells[2])):
            printed = value_of(to_latex(cell[0]))  # type: ignore[arg-type]
            assert printed is not None
            np.testing.assert_allclose(np.squeeze(printed), np.squeeze(array), rtol=6e-4)


def test_a_wrong_gradient_is_said_to_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    from symback.run.check import check_gradients

    def planted(record: Any, values: Any = None, entries: int = 200) -> Any:
        gradients = {k: np.asarray(v) * 1.001 for k, v in numeric.evaluate(record, values).gradients.items()}
        return check_gradients(record, values, gradients=gradients)

    monkeypatch.setattr(lessons, "check_gradients", planted)
    text = render(lesson(seed("two_layer_sigmoid").record))
    assert "disagree with the gradient with respect to W₁, b₁, W₂, b₂" in text and "agree with every" not in text


# --- the lines of the lecture notes -------------------------------------------------------------------------------------

CHAIN_LINES = (
    r"\frac{\partial E}{\partial w_1} &= \frac{\partial E}{\partial y} \cdot \frac{\partial y}{\partial h} "
    r"\cdot \frac{\partial h}{\partial w_1} \\",
    r"&= (y - t) \cdot f'(h \cdot w_2)\, w_2 \cdot f'(x \cdot w_1)\, x",
)

ELEMENT_LINES = (
    r"z_1 = W_1 x_1 + W_2 x_2 + b_1 = 0.4352 \times 1 + 0.3545 \times 1 - 0.1419 = 0.6478",
    r"\sigma_1 = \frac{1}{1 + e^{-z_1}} = \frac{1}{1 + e^{-0.6478}} \approx 0.6565",
    r"z_3 = W_5 \sigma_1 + W_6 \sigma_2 + b_3 = -0.1725 \times 0.6565 + 0.1129 \times 0.6732 - 0.3043 \approx -0.3415",
    r"\mathcal{L} = -(y \log \hat{y} + (1 - y) \log (1 - \hat{y})) = -(0 \log(0.41543) + (1 - 0) \log(1 - 0.41543)) "
    r"= -\log(0.58457) \approx 0.5369",
    r"W_1(t + 1) = W_1(t) - \alpha \frac{\partial \mathcal{L}}{\partial W_1(t)} = 0.4352 - 1 \times (-0.01616) \approx 0.4514",
)

MATRIX_LINES = (
    r"\delta_2 &= (a_2 - y) \odot \sigma'(z_2), & \frac{\partial L}{\partial W_2} &= a_1^\top \delta_2, "
    r"& \frac{\partial L}{\partial b_2} &= \mathbf{1}^\top \delta_2",
    r"\delta_1 &= \delta_2 W_2^\top \odot \sigma'(z_1), & \frac{\partial L}{\partial W_1} &= x^\top \delta_1, "
    r"& \frac{\partial L}{\partial b_1} &= \mathbf{1}^\top \delta_1",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chain_of_the_notes_stands_in_the_handout(language: str) -> None:
    for to in ("tex", "md"):
        text = str(seed("chain").handout(language).text(to))
        for line in CHAIN_LINES:
            assert line in text
    assert "∂E/∂w₁ = ∂E/∂y · ∂y/∂h · ∂h/∂w₁" in str(seed("chain").handout(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_of_the_notes_stand_in_the_handout(language: str) -> None:
    net = elements_bce()
    net.learning_rate = 1.0
    handout = sb.derive(net).handout(language, view="entries", notation=DOCUMENT)
    markdown, tex = str(handout.text("md")), str(handout.text("tex"))
    for line in ELEMENT_LINES:
        # where equations stand below each other their signs are aligned
        assert line in markdown.replace(" &=", " =")
        joined = tex.replace(" &=", " =").replace("&=", "=").replace("&\\approx", r"\approx")
        assert line in re.sub(r" \\\\\s+", " ", joined)
    assert [
        e for e in equations(handout.document) if e.startswith(r"\frac{\partial \mathcal{L}}{\partial W_")
    ].__len__() == 6


def test_the_matrix_form_of_the_notes_stands_in_the_handout() -> None:
    text = "\n".join(aligned(f.rows) for f in formulas(made("two_layer_sigmoid", "ko", "standard", False)))
    for line in MATRIX_LINES:
        assert line in text


def test_staged_and_full_chains_of_the_notes() -> None:
    text = render(made("relu_mse", "ko", "standard", False))
    assert "∂L/∂w₁ = ∂L/∂z₁ · ∂z₁/∂w₁ = 2(z₂ − y) · w₂ · ReLU′(z₁) · x" in text
    assert "∂L/∂w₁ = ∂L/∂z₂ · ∂z₂/∂h · ∂h/∂z₁ · ∂z₁/∂w₁" in text
    staged = render(lesson(seed("relu_mse").record, Plan(style="staged")))
    assert "Chain rule from the loss" not in staged and "step by step" in staged


# --- deep networks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("notation", ["plain", "nielsen", "ng"])
@pytest.mark.parametrize("scalar", [False, True], ids=["arrays", "scalars"])
def test_a_deep_network_is_summarized(scalar: bool, notation: str) -> None:
    d = deep(64, scalar)
    short = lesson(d.record, Plan(notation=notation))
    assert len(formulas(short)) < 30
    text = render(short)
    assert text.count("Layers 2 to 63 all follow one pattern; for layer l:") >= 3
    for name in (n for f in formulas(short) for n in f.of if re.search(r"\d", n)):
        assert int(re.sub(r"\D", "", name)) in (1, 33, 64), "a layer of the pattern has lines of its own"
    whole = lesson(d.record, Plan(notation=notation, whole=True))
    assert len(formulas(whole)) > 64 and "pattern" not in render(whole)


def test_the_pattern_is_what_every_layer_says() -> None:
    d = deep(16)
    short, whole = lesson(d.record, Plan()), lesson(d.record, Plan(whole=True))
    (general,) = [f for f in formulas(short, "delta") if to_latex(f.rows[0][0]) == r"\delta_l"]
    line = aligned(general.rows)
    printed = "\n".join(aligned(f.rows) for f in formulas(whole, "delta"))
    for layer in range(2, 16):
        own = line.replace("{l+1}", f"{{{layer + 1}}}").replace("{l-1}", f"{{{layer - 1}}}")
        own = re.sub(r"_l\b", f"_{{{layer}}}", own)
        assert re.sub(r"_\{(\d)\}", r"_\1", own) in printed, layer


def test_a_layer_that_differs_is_printed() -> None:
    text = render(lesson(deep(30, odd=20).record))
    assert "z₂₀ = a₁₉ W₂₀ + b₂₀" in text and "a₂₀ = tanh(z₂₀)" in text
    assert "Layers 2 to 19" in text


def test_few_layers_are_all_printed() -> None:
    text = render(lesson(deep(6).record))
    assert "pattern" not in text and all(f"z{'₀₁₂₃₄₅₆'[k]} = " in text for k in range(1, 7))


# --- errors, determinism ------------------------------------------------------------------------------------------------


def test_unknown_choices_are_named() -> None:
    d = seed("two_layer_sigmoid")
    for options, said in (
        ({"level": "ful"}, "'full'"),
        ({"view": "matrx"}, "'matrix'"),
        ({"lang": "xx"}, "xx"),
        ({"notation": "nilsen"}, "'nielsen'"),
        ({"style": "stagd"}, "'staged'"),
        ({"numbering": "runing", "view": "entries"}, "running"),
    ):
        with pytest.raises(PrintError, match=re.escape(said)):
            d.handout(**options)  # type: ignore[arg-type]


def test_the_same_network_gives_the_same_bytes() -> None:
    for to in ("tex", "md", "txt", "json"):
        texts = {
            str(rendered(lesson(sb.derive(sb.parse(seed_cells.cell("module_bce"))).record, Plan(language="ko")), to))
            for _ in range(2)
        }
        assert len(texts) == 1


def figures(document: Document) -> list[Figure]:
    return [b for b in document.blocks if isinstance(b, Figure)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_graph_has_values_and_derivatives_on_its_edges(language: str) -> None:
    first, graph = figures(lesson(seed("relu_mse").record, Plan(language=language)))
    table = words(language)
    assert sentence_text(first.caption) == f"{table['figure']} 1: {table['network caption']}"
    assert sentence_text(graph.caption) == f"{table['figure']} 2: {table['graph caption']}. {table['graph values']}"
    labels = {
        kind: {
            to_text(m.body)
            for m in graph.picture.marks
            if isinstance(m, Label) and m.kind == kind and not isinstance(m.body, str)
        }
        for kind in ("forward", "gradient")
    }
    # the notes: x = 3.5, y = 10, z = 8, a prediction of 12.5, and the gradients 26.25, 7.5, 40, 5
    assert labels["forward"] == {"3.5", "2", "1", "8", "1.5", "0.5", "12.5", "10", "L = 6.25"}
    assert labels["gradient"] == {"26.25", "7.5", "40", "5", "∂L/∂L = 1"}


def test_the_graph_of_arrays_says_what_is_left_out() -> None:
    document = lesson(seed("two_layer_sigmoid").record, Plan())
    assert words("en")["graph left out"] in sentence_text(figures(document)[1].caption)
    # without numbers, and in a lesson on every entry by itself, there is no such graph
    for plan in (Plan(numbers=False), Plan(view="entries"), Plan(level="brief")):
        assert len(figures(lesson(seed("two_layer_sigmoid").record, plan))) <= 1


def test_figures_and_tables_are_counted() -> None:
    blocks = lesson(seed("neuron_bce").record, Plan(language="ko")).blocks
    said = [sentence_text(b.caption)[:4] for b in blocks if isinstance(b, (Figure, Table))]
    assert said == ["그림 1", "표 1:", "그림 2", "표 2:", "표 3:", "표 4:"]


def test_an_array_over_an_array_is_an_array_of_fractions() -> None:
    net = sb.read(EXAMPLES / "softmax_ce.py")
    rows = [
        [to_text(cell).strip() for cell in cells]
        for b in lesson(sb.derive(net).record, Plan()).blocks
        if isinstance(b, Formula)
        for cells in b.rows
    ]
    start = rows.index(["∂L/∂ŷ", "= −Y/ŷ"])
    assert rows[start + 1 : start + 3] == [["", "= [−1/0.27622, 0, 0]"], ["", "≈ [−3.620, 0, 0]"]]


def test_conditions_have_no_word_of_another_language() -> None:
    text = str(seed("relu_mse").handout("ko"))
    assert "ReLU′(x) = {1, x > 0; 0, 그 외}" in text and " if " not in text and "otherwise" not in text


def test_a_sentence_stands_directly_above_its_formula_and_the_kink_below() -> None:
    blocks = made("relu_mse").blocks
    (at,) = [k for k, b in enumerate(blocks) if isinstance(b, Paragraph) and b.text == (words("en")["prime intro"],)]
    formula, kink = blocks[at + 1 : at + 3]
    assert isinstance(formula, Formula) and formula.role == "definition"
    assert isinstance(kink, Paragraph) and kink.tone == "remark" and sentence_text(kink.text).startswith("At the kink")


def test_side_notes_are_small_and_reasons_are_not() -> None:
    document = made("module_bce")
    tones = {sentence_text(b.text).split(":")[0]: b.tone for b in document.blocks if isinstance(b, Paragraph)}
    assert (
        tones["Named for the derivation"] == "remark"
        and tones["The derivatives of L and output multiply out to one short form."] == "text"
    )
    assert sum(tone == "note" for tone in tones.values()) == 4
    page, tex, typ = (str(rendered(document, to)) for to in ("html", "tex", "typ"))
    assert re.search(r"\.remark\{[^}]*font-size:\.92em", page) and not re.search(r"\.note\{[^}]*font-size", page)
    assert r"{\small Named for the derivation" in tex and r"\begin{quote}The gradient" in tex
    assert "#let remark(body) = block(text(size: 0.92em" in typ and "note(body) = block(width: 100%" in typ


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (
            "np.mean((X @ W - Y) ** 2)",
            "The factor ⅙ is one over 3 × 2 = 6, the number of values whose mean is taken.",
        ),
        (
            "np.mean(np.sum((X @ W - Y) ** 2, axis=1))",
            "The factor ⅓ is one over 3, the number of values whose mean is taken.",
        ),
        ("0.5 * np.sum((X @ W - Y) ** 2)", ""),
        ("0.5 * np.mean((X @ W - Y) ** 2)", ""),
    ],
)
def test_the_factor_of_a_mean_is_explained(loss: str, said: str) -> None:
    text = "import numpy as np\nX = np.array([[1.0, 0.5], [0.2, -1.0], [2.0, 0.1]])\nY = np.zeros((3, 2))\n"
    d = sb.derive(sb.parse(f"{text}W = np.array([[0.3, 0.1], [-0.2, 0.4]])\nL = {loss}\n"))
    blocks = d.handout().document.blocks
    found = [
        sentence_text(b.text) for b in blocks if isinstance(b, Paragraph) and "whose mean" in sentence_text(b.text)
    ]
    assert found == ([said] if said else [])
