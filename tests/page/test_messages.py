"""What readers and errors say, in other languages: whole sentences, which are those of the sources, and names left alone."""

from __future__ import annotations

import ast
import errno
import os
import re
from functools import cache
from pathlib import Path
from string import Formatter

import click
import pytest

import symback
from symback.core.errors import PrintError, ReadError
from symback.page import messages
from symback.page.messages import literals, translated
from symback.page.words import DEFAULT_LANGUAGE, language_called, languages
from tests.support.message_templates import filled, said
from tests.support.places import ROOT

SPOKEN = [code for code in languages() if language_called(code).messages]
TABLES = {code: {**language_called(code).messages, **language_called(code).phrases} for code in SPOKEN}
PAIRS = [(code, key) for code in SPOKEN for key in TABLES[code]]
KO = "ko"
TEXTS = sorted((ROOT / "tests" / "seeds").glob("*.py"))


OF_PYTHON = (
    "invalid syntax. Perhaps you forgot a comma? Maybe you meant '==' or ':=' instead of '='?",
    "cannot assign to here. Maybe you meant '==' instead of '='? expression function call literal comparison attribute",
    "expected ':' expected 'except' or 'finally' block",
    "expected an indented block after function definition on class definition statement",
    "unexpected indent unindent does not match any outer indentation level",
    "inconsistent use of tabs and spaces in indentation",
    "was never closed unmatched closing parenthesis ' does not match opening parenthesis '",
    "unterminated string literal unterminated triple-quoted string literal unterminated f-string literal detected at",
    "invalid decimal literal invalid character invalid non-printable character",
    "unexpected character after line continuation character unexpected EOF while parsing too many nested parentheses",
    "positional argument follows keyword argument keyword argument repeated",
    "Missing parentheses in call to Did you mean",
    "leading zeros in decimal integer literals are not permitted use an 0o prefix for octal integers",
    "float division by zero integer division or modulo by zero math domain error object is not callable",
    "list index out of range tuple index out of range string index out of range",
    "not enough values to unpack expected , got too many values to unpack expected",
    "dictionary changed size during iteration Singular matrix Matrix is not positive definite",
)
"""What Python and NumPy say of a text that is not Python or that fails, in one of its versions."""


@cache
def templates() -> list[str]:
    """What the package says, with numbers in the places; and the parts of it that may be sentences of their own."""
    found = []
    for template in [s.template for s in said()]:
        parts = filled(template)[0].split("; ")
        found += ["; ".join(parts[a:b]) for a in range(len(parts)) for b in range(a + 1, len(parts) + 1)]
    return found


def is_a_template(key: str) -> bool:
    """Return whether a sentence of a table is one that the package says as a whole."""
    sentence = messages._Sentence(key, "")
    return any(sentence.match(message) is not None for message in templates())


@cache
def said_in_sources() -> str:
    """All words that the package and its command line library hold in texts, and what the system and Python say."""
    found = [*map(os.strerror, errno.errorcode), *OF_PYTHON]
    for folder in (Path(symback.__file__).parent, Path(click.__file__).parent):
        for path in sorted(folder.rglob("*.py")):
            if path.parent.name == "words" and path.stem != DEFAULT_LANGUAGE:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return "\n".join(found)


def words_of(template: str) -> list[str]:
    """Return the words of a template that have to stand in the sources, without the signs around places."""
    pieces = [re.split(r"[()]|; |, |: ", literal) for literal in literals(template)]
    return [word for piece in pieces for word in (p.strip(" .;,:") for p in piece) if re.search("[a-z]{2}", word)]


def is_said(phrase: str) -> bool:
    """Return whether a phrase stands in a text of the sources, or both parts of it, as where a verb is chosen."""
    said, split = said_in_sources(), phrase.removesuffix("s").split(" ")
    cuts = [(" ".join(split[:k]), " ".join(split[k:])) for k in range(1, len(split))]
    return phrase in said or phrase.removesuffix("s") in said or any(a in said and b in said for a, b in cuts)


@pytest.mark.parametrize(("code", "key"), PAIRS)
def test_what_is_translated_is_said_by_the_sources(code: str, key: str) -> None:
    assert is_a_template(key) or [word for word in words_of(key) if not is_said(word)] == []


def test_a_sentence_that_nobody_says_is_found() -> None:
    key = "the frobnicated {name} is not known"
    assert not is_a_template(key) and [w for w in words_of(key) if not is_said(w)] == ["the frobnicated"]


@pytest.mark.parametrize(("code", "key"), PAIRS)
def test_a_sentence_has_the_places_of_the_original(code: str, key: str) -> None:
    def places(template: str) -> list[str]:
        return sorted(name for _, name, _, _ in Formatter().parse(template) if name is not None)

    kept = [p for p in places(key) if p not in ("again", "once", "second")]
    assert set(kept) <= set(places(TABLES[code][key])) <= set(places(key))
    kinds = {kind for _, name, kind, _ in Formatter().parse(key) if name is not None}
    assert kinds <= {"", "said", "term", "word", "items", "at", "hint", "number"}
    assert not any(kind for _, _, kind, _ in Formatter().parse(TABLES[code][key]))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("loss: loss (by its name)", "손실: loss (이름에 따라)"),
        ("data: x, y (change with wrt=, --wrt)", "데이터: x, y (wrt=, --wrt 옵션으로 바꿀 수 있다)"),
        ("loss: given (given)", "손실: given (지정됨)"),
        ("steps: 500, learning rate: 0.1 (from the code)", "갱신 횟수: 500, 학습률: 0.1 (코드에 있는 값)"),
        ("line 3: the text is empty", "3번째 줄: 텍스트가 비어 있다"),
        ("cell 2, line 3: the text is empty", "셀 2, 3번째 줄: 텍스트가 비어 있다"),
        ("line 3: a sentence of no table", "3번째 줄: a sentence of no table"),
        ("the text is empty; a sentence of no table", "the text is empty; a sentence of no table"),
        ("there is no W3 in the code (did you mean 'W2'?)", "코드에 없는 이름: W3 (혹시 'W2'?)"),
        (
            "Invalid value for '--seed': 'x' is not a valid integer.",
            "옵션의 값이 잘못되었다: '--seed'. 'x': 정수가 아니다",
        ),
        ("executed once: f.py, then g(x, 2)", "한 번 실행한 파일: f.py, 이어서 계산한 식: g(x, 2)"),
        ("loss: s (the number computed on line 3)", "손실: s (3번째 줄에서 계산한 수)"),
        ("loss: f (what f returns)", "손실: f (f의 반환값)"),
        (
            "line 3: this way was taken because of z: 0.3 not > inf; the formulas hold as long as it is so",
            "3번째 줄: 이쪽으로 실행된 이유: z (0.3 > inf: 거짓). 이것이 그대로인 동안에만 식이 성립한다",
        ),
        (
            "line 3: this way was taken because of a part of an array: the whole number of 2.5 is 2; the formulas hold as long "
            "as it is so",
            "3번째 줄: 이쪽으로 실행된 이유: 배열의 일부 (2.5의 버림: 2). 이것이 그대로인 동안에만 식이 성립한다",
        ),
        (
            "k is not computed by anything that is recorded, and may depend on a parameter; what depends on one was given to "
            "the method tobytes of an array on line 3. Say that it is data by data= (--data NAME), or have it checked by a "
            "second run (--verify)",
            "k: 기록된 계산에서 나온 수가 아니며 매개변수에 의존할 수 있다. 매개변수에 의존하는 값을 3번째 줄에서 다음에 넘겼다: 배열의 메서드 tobytes. "
            "데이터이면 data= (--data 이름) 옵션으로 알려 주고, 아니면 두 번째 실행으로 확인한다 (--verify)",
        ),
        ("line 3: the file raised ValueError: a; b", "3번째 줄: 파일에서 ValueError 예외가 일어났다: a; b"),
        ("z is assigned 2 times: z_1 (line 3), z (line 9)", "z: 2번 대입된다: z_1 (3번째 줄), z (9번째 줄)"),
    ],
)
def test_sentences_are_said_in_korean(message: str, said: str) -> None:
    assert translated(message, KO) == said
    assert translated(message) == translated(message, DEFAULT_LANGUAGE) == message


def test_a_name_is_never_taken_for_words() -> None:
    """A name that is spelled like a sentence stays a name."""
    assert translated("parameters: given, Loss (by their names)", KO) == "매개변수: given, Loss (이름에 따라)"
    assert translated("data: data, target, row (change with wrt=, --wrt)", KO).startswith("데이터: data, target, row (")
    assert translated("given and declared: wrt= is lost", KO) == "given and declared: wrt= is lost"
    assert translated("in the loss row: the text is empty", KO) == "손실 row: 텍스트가 비어 있다"
    assert translated("no gradient reaches data and optimizer: data here", KO).endswith(": data, optimizer")
    assert translated("no such sentence {name} {0}", KO) == "no such sentence {name} {0}"
    assert translated("there is no {name} in the code", KO) == "코드에 없는 이름: {name}"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "a value is missing for b (1,); W11 is not a variable of this network (did you mean 'W1'?); y: the text is empty",
            "값이 없는 것: b (1,). W11: 이 신경망의 변수가 아니다 (혹시 'W1'?). y: 텍스트가 비어 있다",
        ),
        (
            "in sum of x: axis 3 is out of range for an array with 2 axes",
            "x의 sum 계산: 축이 2개인 배열에서 3번 축은 범위를 벗어난다",
        ),
        ("a function of rows: the text is empty", "a function of rows: the text is empty"),
        (
            "the loss 'q; r' is neither a name nor an expression",
            "손실 'q; r': 이름도 식도 아니다",
        ),
        ("x holds 3, but the target of hinge is 1 or -1", "x의 값 3: hinge의 정답에는 다음이 필요하다: 1 또는 -1"),
        (
            "mlp: layout is 'row' or 'torch', not 'raw'",
            "mlp: layout의 값은 'row', 'torch' 가운데 하나이어야 하지만 'raw'이다",
        ),
        ("not Python: cannot assign to literal", "파이썬이 아니다: 대입할 수 없는 것: 리터럴"),
    ],
)
def test_of_several_ways_to_read_it_the_one_that_says_most_is_taken(message: str, said: str) -> None:
    assert translated(message, KO) == said


def test_very_long_sentences_stay_as_they_are() -> None:
    message = f"parameters: {', '.join('w' for _ in range(10_000))} (by their names)"
    assert translated(message, KO) == message


@pytest.mark.parametrize(
    "part", ["line 3: ", "x: ", "in the loss a: ", "the text is empty; ", "a is not b, and c has d; "]
)
def test_sentences_inside_each_other_come_to_an_end(part: str) -> None:
    assert translated(part * (15_000 // len(part)) + "the text is empty", KO)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(PrintError, match="no words for the language"):
        translated("the text is empty", "xx")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_whatever_is_inferred_from_the_seeds_is_said_in_korean(path: Path) -> None:
    try:
        network = symback.read(path)
    except ReadError as error:
        assert re.search("[가-힣]", translated(str(error), KO).partition(": ")[2])
        return
    for message in (*network.choices, *map(str, network.findings)):
        if re.fullmatch(r"\S+ = [\w.\[\]]+(, \S+ = [\w.\[\]]+)*", message):
            continue  # W1 = hidden.weight
        assert re.search("[가-힣]", translated(message, KO)), message
