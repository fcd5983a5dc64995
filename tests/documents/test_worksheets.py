"""Worksheets: blanks that tell nothing, keys whose numbers are right, numbers that are pleasant."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner, Result

import symback as sb
from symback.cli import main
from symback.core.display import to_text
from symback.core.errors import PrintError
from symback.documents.document import Document, Figure, Formula
from symback.documents.formats import render
from symback.documents.lesson import Plan
from symback.documents.worksheets import BLANKS, pleasant_values, worksheet
from symback.page.picture import Label
from tests.support import needs
from tests.support.campaigns import campaign
from tests.support.places import EXAMPLES, SEEDS
from tests.support.printed_networks import slope
from tests.support.small_networks import derivation
from tests.support.tex import compiled, complaints

RELU = """
x = np.array([[0.5, 0.8]])
y = np.array([[1.0]])
W1 = np.array([[0.1, 0.3], [0.2, 0.4]])
b1 = np.array([0.1, 0.2])
W2 = np.array([[0.5], [0.6]])
b2 = np.array([0.3])
z1 = x @ W1 + b1
a1 = np.maximum(0, z1)
z2 = a1 @ W2 + b2
y_hat = 1 / (1 + np.exp(-z2))
loss = 0.5 * (y - y_hat)**2
"""
CLASSES = """
X = np.array([[2.0, -1.0]])
W = np.array([[0.1, 0.2], [-0.3, 0.4], [0.5, 0.6]])
b = np.zeros(3)
y = np.array([[1.0, 0.0, 0.0]])
z = X @ W.T + b
s = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
loss = -np.mean(np.sum(y * np.log(s), axis=1))
"""


def forward(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The network of RELU, written once more."""
    z1 = values["x"] @ values["W1"] + values["b1"]
    z2 = np.where(z1 > 0, z1, 0) @ values["W2"] + values["b2"]
    return {"z1": z1, "z2": z2, "loss": 0.5 * np.sum((values["y"] - 0.5 * (1 + np.tanh(z2 / 2))) ** 2)}


def text_of(document: Document | None) -> str:
    assert document is not None
    return str(render(document, "txt"))


def answers_in(document: Document | None) -> dict[int, str]:
    assert document is not None
    found = {}
    for block in document.blocks:
        if isinstance(block, Formula) and block.role == "answer":
            for number, line in block.rows:
                found[int(to_text(number).strip("()"))] = to_text(line).strip()
    return found


def test_numbers_are_pleasant() -> None:
    sets = pleasant_values(derivation(RELU).network, 40, seed=5)
    for values in sets:
        found = forward(values)
        assert np.max(np.abs(found["z1"])) <= 3 and np.max(np.abs(found["z2"])) <= 3
        assert np.min(np.abs(found["z1"])) >= 0.1 and np.any(found["z1"] > 0)
        assert set(np.unique(values["y"])) <= {0.0, 1.0}
        for array in values.values():
            for number in array.ravel():
                assert abs(float(f"{number:.2g}") - number) < 1e-15
    keys = {b"".join(v.tobytes() for v in values.values()) for values in sets}
    assert len(keys) == 40


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    plan = Plan(language="ko")
    made = [worksheet(derivation(RELU).record, plan, variants=3, seed=seed) for seed in (1, 1, 2)]
    pages = [(text_of(w.sheet), text_of(w.key)) for w in made]
    assert pages[0] == pages[1] != pages[2]
    assert text_of(made[0].sheet).count("문제지") == 3


def test_one_hot_targets_stay_one_hot() -> None:
    for values in pleasant_values(derivation(CLASSES).network, 10):
        assert np.sum(values["y"]) == 1 and set(np.unique(values["y"])) == {0.0, 1.0}


def test_class_indices_stay_in_range() -> None:
    text = (
        "X = torch.tensor([[2.0, -1.0], [1.0, 0.5]])\nW = torch.zeros(3, 2)\ny = torch.tensor([0, 2])\n"
        "z = X @ W.T\nloss = F.cross_entropy(z, y)\n"
    )
    drawn = pleasant_values(derivation(text).network, 12)
    assert {int(k) for values in drawn for k in values["y"]} == {0, 1, 2}


@campaign(3, 300)
@pytest.mark.parametrize("which", [("local", "delta", "gradients"), ("numbers",)])
def test_the_key_is_right(which: tuple[str, ...], count: int) -> None:
    d = derivation(RELU)
    made = worksheet(d.record, blank=which, variants=count, seed=7)
    key = text_of(made.key)
    drawn = pleasant_values(d.network, count, seed=7)
    sheets = re.split(r"Sheet \d+", key)[1:]
    assert len(sheets) == count
    for values, page in zip(drawn, sheets, strict=True):
        checked = 0
        for name, symbol in (("W1", "W₁"), ("b1", "b₁"), ("W2", "W₂"), ("b2", "b₂")):
            found = re.findall(rf"∂L/∂{symbol} [=≈] (\[[^\]]*\]|[−\d.]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)\n", page)
            for text in found:
                wanted = slope(forward, "loss", values, name)
                printed = np.array([number(t) for t in re.split(r"[,;]", text.strip("[]"))]).reshape(wanted.shape)
                np.testing.assert_allclose(printed, wanted, rtol=6e-4, atol=1e-9)
                checked += 1
        assert checked >= 4


def number(text: str) -> float:
    text = text.strip().replace("−", "-").replace(" × 10", "e")
    return float(text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))


def test_a_sheet_does_not_tell_its_answers() -> None:
    made = worksheet(derivation(RELU).record, Plan(numbers=True), variants=2, blank=("local", "delta", "gradients"))
    sheet = text_of(made.sheet)
    for number_, line in answers_in(made.key).items():
        side = re.split(r" [=≈] ", line, maxsplit=1)[-1]
        if len(side) > 3 and not side.startswith("["):
            assert side not in sheet, (number_, line)
    assert "Why the transpose" not in sheet
    # the check would see an answer that stands on the sheet
    other = worksheet(derivation(RELU).record, Plan(numbers=True), variants=2, blank=("numbers",))
    assert "a₁ᵀ δ₂" in text_of(other.sheet) and "a₁ᵀ δ₂" not in sheet


@pytest.mark.parametrize("choice", sorted(BLANKS))
def test_each_choice_leaves_something_out_and_the_rest_in(choice: str) -> None:
    d = derivation(RELU)
    made = worksheet(d.record, Plan(numbers=choice == "numbers"), blank=(choice,), answers="both")
    sheet, key = (re.sub(r"\[\d+\]", "", text_of(page)) for page in (made.sheet, made.key))
    assert "____" in sheet and "____" not in key.replace("____ ", "")
    shown = {
        "local": "ŷ ⊙ (1 − ŷ)",
        "delta": "δ₂ W₂ᵀ ⊙ ReLU′(z₁)",
        "gradients": "a₁ᵀ δ₂",
        "forward": "x W₁ + b₁",
        "loss": "½(y − ŷ)²",
        "update": "W₁ − η ∂L/∂W₁",
        "transposes": "a₁ᵀ",
        "numbers": "",
    }
    for other, text in shown.items():
        assert text in key
        if text and other == choice:
            assert text not in sheet
        elif text and choice not in ("transposes",) and (other, choice) not in (("transposes", "gradients"),):
            assert text in sheet, other


def test_where_the_answers_stand() -> None:
    record = derivation(RELU).record
    inline = worksheet(record, answers="inline")
    assert inline.key is None and "____" not in text_of(inline.sheet)
    alone = worksheet(record, answers="none")
    assert alone.key is None and "____" in text_of(alone.sheet)
    key = worksheet(record, answers="key")
    assert key.sheet is None and "a₁ᵀ δ₂" in text_of(key.key)


def test_what_is_unknown_is_refused_with_the_nearest() -> None:
    record = derivation(RELU).record
    with pytest.raises(PrintError, match="did you mean 'delta'"):
        worksheet(record, blank=("detla",))
    with pytest.raises(PrintError, match="did you mean 'none'"):
        worksheet(record, answers="non")
    with pytest.raises(PrintError, match="at least one sheet"):
        worksheet(record, variants=0)


def test_a_network_without_pleasant_numbers_says_so() -> None:
    text = "x = np.array([1.0])\nw = np.array([1.0])\nz = 100 + x @ w\nL = np.maximum(0, z)\n"
    with pytest.raises(PrintError, match="no pleasant numbers were found for sheet 1"):
        worksheet(derivation(text).record, variants=2)


def test_sheets_compile(tmp_path: Path) -> None:
    made = worksheet(derivation(RELU).record, Plan(language="ko"), variants=2, seed=3)
    for document in (made.sheet, made.key):
        assert complaints(compiled(str(render(document, "tex")), "xelatex", tmp_path)) == []


NEURON = SEEDS / "module_bce.py"


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["handout", str(NEURON), *arguments])


def test_the_command_writes_a_sheet_and_its_key(tmp_path: Path) -> None:
    done = command(
        "-o", str(tmp_path / "sheet.md"), "--answers", "both", "--blank", "numbers", "--variants", "2", "--seed", "4"
    )
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sheet-key.md", "sheet.md"]
    again = command(
        "-o", "-", "--to", "md", "--answers", "none", "--blank", "numbers", "--variants", "2", "--seed", "4"
    )
    assert again.stdout.strip() == (tmp_path / "sheet.md").read_text(encoding="utf-8").strip()


def test_standard_output_takes_one_page() -> None:
    done = command("-o", "-", "--answers", "both")
    assert done.exit_code == 2 and "standard output takes one page" in done.output


def test_nothing_is_written_where_a_page_cannot_be_made(tmp_path: Path) -> None:
    target = tmp_path / "sheet.md"
    target.write_text("mine", encoding="utf-8")
    done = command("-o", str(target), "--blank", "nubmers")
    assert done.exit_code == 2 and "did you mean 'numbers'" in done.output
    assert target.read_text(encoding="utf-8") == "mine" and len(list(tmp_path.iterdir())) == 1


def test_worksheets_from_python(tmp_path: Path) -> None:
    made = derivation(RELU).worksheet(lang="ko", blank=["gradients"], variants=2, seed=1)
    places = made.save(tmp_path / "sheet.html")
    assert [p.name for p in places] == ["sheet.html", "sheet-key.html"]
    assert derivation(RELU).worksheet(answers="key").save(tmp_path / "key.txt") == (tmp_path / "key.txt",)


def sides(line: str) -> list[str]:
    """The sides of a line of the key that are more than a name or a plain number, without the left one."""
    found = [side.strip() for side in re.split(r" [=≈←] ", line)[1:]]
    return [side for side in found if len(side) > 5 and not side.startswith(("∂", "δ"))]


@pytest.mark.parametrize("view", ["chain", "matrix", "entries", "index"])
@pytest.mark.parametrize("choice", sorted(BLANKS))
def test_nothing_after_a_blank_tells_what_is_asked(choice: str, view: str) -> None:
    d = sb.derive(sb.read(EXAMPLES / "matrix_relu.py"))
    plan = Plan(view=view, numbers=None if view == "index" else True)
    try:
        sheets = [worksheet(d.record, plan, blank=(choice,), answers=answers) for answers in ("none", "key")]
    except PrintError as error:
        assert choice in str(error) and "nothing is left blank" in str(error)
        return
    sheet = text_of(sheets[0].sheet)
    answers = re.findall(r"(?m)^(.*)\[\d+\]", text_of(sheets[1].key))
    assert answers
    asked = {side for line in answers for side in sides(line) if choice != "numbers" or not re.search("[a-zŷ]", side)}
    # of what is asked for, the sheet has only what it needs for something else: a value, a difference in the loss
    told = {
        side for side in asked if side in sheet and not re.fullmatch(r"[\[\]−\d., ;]+|ŷ − y|0\.7 − 1|2 \(ŷ − y\)", side)
    }
    assert not told


def test_numbers_that_follow_from_a_blank_are_gone() -> None:
    d = sb.derive(sb.read(EXAMPLES / "two_layer_sigmoid.py"))
    errors = text_of(worksheet(d.record, blank=("delta",)).sheet)
    assert "0.05381" not in errors and "0.006567" not in errors and "0.7282" in errors
    gradients = text_of(worksheet(d.record, blank=("gradients",)).sheet)
    assert "0.05381" in gradients and "0.03559" not in gradients
    values = text_of(worksheet(d.record, blank=("forward",)).sheet)
    assert "0.7282" not in values and "0.05381" not in values and "x W₁ + b₁" not in values
    turned = text_of(worksheet(d.record, blank=("transposes",)).sheet)
    assert "ᵀ" not in turned and "0.05381" in turned


def test_a_picture_tells_no_formula_that_is_asked_for() -> None:
    text = "import numpy as np\nX=np.ones((2, 2))\nt=np.ones((2, 2))\nW=np.ones((2, 2))\nz=X @ W\ny=z * X\nL=np.sum((y - t) ** 2)"
    d = sb.derive(sb.parse(text))
    made = worksheet(d.record, blank=("forward",))
    for page, whole in ((made.sheet, False), (made.key, True)):
        assert page is not None
        figure = next(b for b in page.blocks if isinstance(b, Figure))
        labels = [to_text(m.body) for m in figure.picture.marks if isinstance(m, Label) and not isinstance(m.body, str)]
        assert ("z" in labels) is not whole and any("=" in text for text in labels) is whole


def test_a_network_with_an_unknown_function_has_no_other_numbers() -> None:
    x, t, w, y, loss = sp.symbols("x t w y E")
    d = sb.derive(sb.network([sp.Eq(y, sp.Function("f")(x * w)), sp.Eq(loss, (y - t) ** 2)]))
    with pytest.raises(sb.SymbackError, match="f is an undefined function"):
        worksheet(d.record, variants=2)


def test_what_is_not_in_the_lesson_cannot_be_left_blank() -> None:
    d = sb.derive(sb.read(EXAMPLES / "neuron_bce.py"))
    with pytest.raises(PrintError, match="nothing is left blank: this lesson has no formulas for transposes"):
        worksheet(d.record, blank=("transposes",))
    with pytest.raises(PrintError, match="nothing is left blank; choose among local"):
        worksheet(d.record, blank=())


@pytest.mark.parametrize("view", ["chain", "matrix", "entries", "index"])
def test_sheet_and_key_count_the_same_blanks(view: str) -> None:
    for name, level in itertools.product(("module_bce", "matrix_relu"), ("brief", "full")):
        d = sb.derive(sb.read(EXAMPLES / f"{name}.py"))
        for which in (
            ("local", "transposes"),
            ("gradients", "numbers"),
            ("transposes", "numbers"),
            ("delta", "update"),
            tuple(BLANKS),
        ):
            plan = Plan(level=level, view=view, numbers=view != "index")
            try:
                one = worksheet(d.record, plan, blank=which)
            except PrintError as error:
                assert view == "index" and "nothing is left blank" in str(error)
                continue
            counts = [re.findall(r"\[(\d+)\]", text_of(page)) for page in (one.sheet, one.key)]
            assert counts[0] == counts[1] == [str(k) for k in range(1, len(counts[0]) + 1)]
            if view != "index":
                many = worksheet(d.record, plan, blank=which, variants=2, seed=1)
                for page in re.split(r"Sheet \d+", text_of(many.sheet))[1:]:
                    assert re.findall(r"\[(\d+)\]", page) == list(map(str, answers_in(many.key)))


def test_many_sheets_show_progress_on_a_terminal_only(tmp_path: Path) -> None:
    pty = needs.package("pty")
    made = [
        sys.executable,
        "-m",
        "symback",
        "handout",
        str(NEURON),
        "-o",
        str(tmp_path / "sheet.txt"),
        "--variants",
        "6",
    ]
    plain = subprocess.run(made, capture_output=True, text=True, encoding="utf-8", check=True)
    assert "sheets" not in plain.stderr.replace(str(tmp_path), "")
    leader, follower = pty.openpty()
    with subprocess.Popen(made, stdout=subprocess.DEVNULL, stderr=follower) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(leader)
    assert process.returncode == 0 and b"sheets" in shown and b"100%" in shown


@pytest.mark.parametrize("view", ["matrix", "index"])
def test_the_lines_of_a_collapse_do_not_tell_what_is_asked(view: str) -> None:
    d = sb.derive(sb.read(EXAMPLES / "softmax_ce.py"))
    assert "keeps the 1" in str(d.handout(level="standard").text("txt"))
    sheet = d.worksheet("en", ["gradients"], view=view, level="full").sheet
    assert sheet is not None
    assert not any(line in str(sheet.text("txt")) for line in ("both put in", "keeps the 1", "equal factors cancel"))
