"""Notebooks are valid, run, and compute what the derivation computes."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import symback as sb
from symback.core.display import EQUALS, Symbol, row
from symback.documents.document import Code, Document, Exercise, Figure, Formula, Heading, PageBreak, Paragraph
from symback.documents.formats import notebook
from symback.documents.lesson import Plan, lesson
from symback.page.picture import Circle, Picture
from symback.page.words import languages
from symback.run.codegen.cells import ROOM, cells
from tests.support import needs
from tests.support.example_derivations import NAMES, derivation

nbformat = needs.package("nbformat")


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "chain"])
def test_every_lesson_is_a_valid_notebook_whose_code_is_right(name: str) -> None:
    d = derivation(name)
    text = notebook.render(lesson(d.record, Plan(language="ko")))
    nbformat.validate(nbformat.reads(text, 4))
    made = json.loads(text)
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    identifiers = [cell["id"] for cell in made["cells"]]
    assert len(set(identifiers)) == len(identifiers) and all(
        re.fullmatch(r"[\w-]{1,64}", i, re.ASCII) for i in identifiers
    )
    code = [source(cell) for cell in made["cells"] if cell["cell_type"] == "code"]
    assert len(code) == 4
    space: dict[str, Any] = {"print": lambda *args, **more: lines.append(" ".join(map(str, args)))}
    lines: list[str] = []
    for one in code:
        exec(compile(one, "cell", "exec"), space)
    expected = d.evaluate({v: space[v] for v in d.network.variables})
    assert space["loss"] == pytest.approx(expected.loss, rel=1e-12)
    for of in d.wrt:
        assert np.allclose(space[f"d{of}"], expected.gradients[of], rtol=1e-12, atol=0)
    differences = [float(line.rpartition(":")[2]) for line in lines if re.match(r"d\w+: ", line)]
    assert len(differences) == len(d.wrt) and max(differences) < 1e-6


@pytest.mark.parametrize("language", languages())
def test_a_notebook_runs_in_a_kernel(language: str) -> None:
    nbclient = needs.package("nbclient")
    needs.package("ipykernel")
    text = notebook.render(lesson(derivation("two_layer_sigmoid").record, Plan(language=language, level="full")))
    book = nbformat.reads(text, 4)
    nbclient.NotebookClient(book, timeout=120).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert outputs and all(output.output_type == "stream" and output.name == "stdout" for output in outputs)
    # the code is shown once, in the cell that runs
    assert text.count("def gradients") == 1


def test_unknown_values_are_drawn() -> None:
    net = sb.Network()
    X, Y = net.input("X", ("n", 2)), net.input("Y", ("n", 3))
    W, b = net.parameter("W", (2, 3)), net.parameter("b", (3,))
    s = net.define("S", sb.softmax(net.define("Z", X @ W + b), axis=1))
    net.define("L", -sb.mean(sb.sum(Y * sb.log(s), axis=1)))
    net.assume("one-hot", Y)
    record = sb.derive(net).record
    made = cells(record)
    space: dict[str, Any] = {"print": lambda *_, **__: None}
    for one in made:
        exec(one, space)
    assert space["X"].shape == (4, 2) and np.array_equal(space["Y"].sum(axis=1), np.ones(4))
    assert space["difference"](2, space["dW"]) < 1e-6
    # a gradient that is one part in a thousand off is seen
    assert space["difference"](2, 1.001 * space["dW"]) > 1e-6
    large = cells(record, {"X": np.ones((ROOM, 2)), "Y": np.ones((ROOM, 3)), "W": np.ones((2, 3)), "b": np.ones(3)})
    assert len(large[0]) < 400 and f"({ROOM}, 2)" in large[0]
    assert cells(record) == made


def test_names_of_the_network_are_left_alone() -> None:
    net = sb.Network()
    total = (net.input("loss") * net.parameter("w") + net.input("dw") + net.input("row") + net.input("np")) ** 2
    net.define("L", total + net.input("gradients") + net.input("difference"))
    record = sb.derive(net).record
    given = {"loss": 2.0, "w": 3.0, "dw": 1.0, "row": 0.5, "np": 0.25, "gradients": 0.125, "difference": 4.0}
    space: dict[str, Any] = {"print": lambda *_, **__: None}
    for one in cells(record, given):
        exec(one, space)
    # L = (2 w + 1 + 1/2 + 1/4)^2 + … at w = 3
    assert space["np"] is np and space["dw_"] == pytest.approx(2 * 7.75 * 2.0)


def test_undefined_functions_have_no_program() -> None:
    text = notebook.render(lesson(derivation("chain").record))
    nbformat.validate(nbformat.reads(text, 4))
    assert all(cell["cell_type"] == "markdown" for cell in json.loads(text)["cells"])


A = Symbol("a", "a")
FIGURE = Figure(Picture(20, 20, (Circle(10, 10, 5),), "a circle [x](y) <b>"))
PARTS = Document(
    ("Title $5",),
    (
        Paragraph(("Below the title.",)),
        Heading(("One",)),
        Heading(("Two",), 2),
        Formula(((A, row(EQUALS, A)),)),
        FIGURE,
        FIGURE,
        Code("print(1)\n"),
        Code("x = 1\n", runs=False),
        Exercise(1, (Paragraph(("Why?",)),), (), 2),
        PageBreak(),
        Heading(("One",)),
    ),
    subtitle=("Subtitle",),
)


def test_parts_are_cells() -> None:
    made = json.loads(notebook.render(PARTS))
    nbformat.validate(nbformat.from_dict(made))
    assert [cell["cell_type"] for cell in made["cells"]] == [
        "markdown",
        "markdown",
        "code",
        "markdown",
        "markdown",
        "markdown",
    ]
    first, second, code, shown, exercise, last = made["cells"]
    assert source(first).splitlines()[0] == "# Title \\$5" and "Below the title." in source(first)
    assert (
        source(second).startswith("## One\n\n### Two")
        and source(code) == "print(1)"
        and source(shown).startswith("```python")
    )
    assert "Why?" in source(exercise) and source(last) == "## One"


def test_pictures_are_attachments() -> None:
    second = json.loads(notebook.render(PARTS))["cells"][1]
    used = re.findall(r"!\[[^\[\]<>]*\]\(attachment:([\w.-]+)\)", source(second))
    assert used == ["figure-1.svg", "figure-2.svg"] == sorted(second["attachments"])
    for bundle in second["attachments"].values():
        picture = base64.b64decode(bundle["image/svg+xml"], validate=True)
        assert ElementTree.fromstring(picture).tag.endswith("svg")


def test_an_edit_keeps_the_names_of_other_cells() -> None:
    before = json.loads(notebook.render(PARTS))["cells"]
    edited = Document(PARTS.title, (*PARTS.blocks[:-1], Heading(("Three",))), subtitle=PARTS.subtitle)
    after = json.loads(notebook.render(edited))["cells"]
    assert [c["id"] for c in before[:-1]] == [c["id"] for c in after[:-1]]
    assert before[-1]["id"] != after[-1]["id"]
    assert notebook.render(PARTS) == notebook.render(PARTS)


def test_an_empty_document() -> None:
    nbformat.validate(nbformat.reads(notebook.render(Document((), ())), 4))
    alone = json.loads(notebook.render(Document(("T",), (Code("x = 1"),))))["cells"]
    assert [cell["cell_type"] for cell in alone] == ["markdown", "code"]
