"""The words: every language has the same sentences with the same places, and each row that has a remark has it in all."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import symback
from symback.core.errors import PrintError
from symback.documents import tables
from symback.functions import ROWS
from symback.functions.optimizers import OPTIMIZERS
from symback.page.language import Language, Script
from symback.page.words import DEFAULT_LANGUAGE, language_called, languages, missing, remark, scripted, words
from symback.run.optimization import optimizer

KEYS = sorted(language_called(DEFAULT_LANGUAGE).words)
OTHERS = languages()[1:]
ROOT = Path(symback.__file__).parent


def places(template: str) -> set[str]:
    return {key for _, key, _, _ in Formatter().parse(template) if key is not None}


def test_languages_are_the_files_of_the_folder() -> None:
    files = {path.stem for path in (ROOT / "page" / "words").glob("*.py") if path.stem[0] != "_"}
    assert set(languages()) == files and len(languages()) == len(files) >= 2
    assert languages() == (DEFAULT_LANGUAGE, *sorted(files - {DEFAULT_LANGUAGE}))


@pytest.mark.parametrize("code", languages())
def test_every_language_has_the_same_sentences(code: str) -> None:
    assert set(language_called(code).words) == set(KEYS)
    assert missing(code) == ()
    assert language_called(code).name and language_called(code).english


@pytest.mark.parametrize("code", languages())
def test_a_sentence_has_the_same_places_in_every_language(code: str) -> None:
    said = language_called(code).words
    assert [key for key in KEYS if places(said[key]) != places(words()[key])] == []
    assert [key for key in KEYS if not said[key].strip()] == []


def test_every_remark_belongs_to_a_row() -> None:
    rows = {*ROWS, *OPTIMIZERS, *(c.label for c in tables.COMBINATIONS)}
    remarks = {key.removeprefix("remark.") for key in KEYS if key.startswith("remark.")}
    assert len(remarks) > 60 and remarks - rows == set()


def test_no_row_of_symback_holds_a_remark_of_its_own() -> None:
    assert [row.name for row in (*ROWS.values(), *OPTIMIZERS.values()) if row.remarks] == []


def test_a_row_says_its_own_remark_else_that_of_the_language() -> None:
    for code in languages():
        assert remark("sigmoid", {}, code) == words(code)["remark.sigmoid"]
        assert remark("sigmoid", {code: "mine"}, code) == language_called(code).sentence("mine")
        assert remark("sigmoid", {"xx": "mine"}, code) == remark("unheard of", {}, code) == ""


def test_a_sentence_begins_as_the_language_has_it() -> None:
    assert Language("", "", {}).sentence(" relu is so. ") == "Relu is so."
    assert Language("", "", {}, capitals=False).sentence("relu is so") == "relu is so."
    assert Language("", "", {}).sentence(" ") == ""


def test_an_unknown_language_is_refused() -> None:
    for code in ("xx", "../en", "", "en.py"):
        with pytest.raises(PrintError, match=f"known: {', '.join(languages())}"):
            words(code)
    with pytest.raises(PrintError, match=f"did you mean {DEFAULT_LANGUAGE!r}"):
        words(DEFAULT_LANGUAGE + "g")
    with pytest.raises(PrintError, match="no words for the language"):
        symback.table("activations", lang="xx")


def test_a_script_knows_its_letters() -> None:
    for language in scripted():
        assert language.script is not None
        own = language_called(next(c for c in languages() if language_called(c) is language)).words["forward"]
        assert language.script.holds(own) and all(language.script.sets(c) for c in own if ord(c) > 127)
        assert not language.script.holds("forward ∂L/∂a₁ᵀ é") and not language.script.sets("a")
    hangul = Script(letters=("HANGUL",), shared=("CJK UNIFIED",))
    assert hangul.sets("漢") and not hangul.holds("漢")


def test_nothing_else_in_the_package_names_a_language() -> None:
    """No code of a language stands as a text, and no letter of a script, outside its own file."""
    assert named_in("x = 'ko'\ny = ['en']\n# 한글은 여기\n") == ["'ko'", "'en'", "letters of Korean"]
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        if path.parent != ROOT / "page" / "words":
            found[str(path.relative_to(ROOT))] = named_in(path.read_text(encoding="utf-8"))
    assert {path: said for path, said in found.items() if said} == {}


def named_in(source: str) -> list[str]:
    tree = ast.parse(source)
    documents = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, DOCUMENTED) and is_documented(n)}
    texts = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    found = [repr(n.value) for n in texts if n.value in languages() and id(n) not in documents]
    code = re.sub(r'"""[\s\S]*?"""', "", source)  # an example in a docstring may be in any language
    for language in scripted():
        names = (
            language.english,
            language.english.lower(),
            *(f for f in (language.script and language.script.families) or ()),
        )
        if language.script is not None and language.script.holds(code):
            found.append(f"letters of {language.english}")
        found += [f"the name {name}" for name in names if re.search(rf"\b{re.escape(name)}\b", code)]
    return found


DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def is_documented(node: ast.AST) -> bool:
    return bool(node.body) and isinstance(node.body[0], ast.Expr)  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", OTHERS)
def test_pages_are_written_in_the_language(code: str) -> None:
    net = symback.Network()
    x, t, w = net.input("x"), net.input("t"), net.parameter("w")
    y = net.define("y", symback.sigmoid(x * w))
    net.define("L", symback.bce(y, t))
    d = symback.derive(net)
    said, english = language_called(code).words, words()
    page = d.text(language=code)
    assert page.splitlines()[0] == said["forward"] and said["update"] in page and english["forward"] not in page
    assert rf"\section*{{{said['forward']}}}" in d.tex(language=code)
    script = language_called(code).script
    assert script is None or all(line in d.tex(language=code) for line in script.latex)
    assert f"## {said['staged']}" in d.markdown(language=code)
    assert d.latex("w", language=code) == d.latex("w")
    assert d.text() == d.text(language=DEFAULT_LANGUAGE)
    assert not any(language.script and language.script.holds(d.text()) for language in scripted())
    assert not any(line in d.tex() for language in scripted() if language.script for line in language.script.latex)


@pytest.mark.parametrize("code", OTHERS)
def test_the_lines_of_an_optimizer_say_otherwise_in_the_language(code: str) -> None:
    said = words(code)["otherwise"]
    text = symback.table("optimizers", ["radam"], code).text("txt")
    assert said in text and "otherwise" not in text
    net = symback.Network()
    net.define("L", (net.input("x") * net.parameter("w")) ** 2)
    lesson = symback.derive(net).handout(code, optimizer=optimizer("radam")).text("txt")
    assert said in lesson and "otherwise" not in lesson
