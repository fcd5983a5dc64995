"""Everything the package can say when something goes wrong is said in each language whose table of sentences is whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symback.page import messages
from tests.support.message_templates import BEHIND, FORMATTED, MAKING, SAYING, SPOKEN, TABLES, Sources, filled, said
from tests.support.places import ROOT

WHOLE = ("ko",)
"""Languages in which nothing may be missing; another one may have sentences for a part, and says the rest in English."""
HINTS = ("", " (did you mean '1999'?)")
EXEMPT = {
    "{shown} {best}; it is called as {names}": "two sentences, which are read one by one",
    "the formulas hold because each column of {name} sums to 1, but row {row} of the value given sums to {totals}; "
    "derive again with these values": "the two words are one",
    "the formulas hold because each row of {name} sums to 1, but column {row} of the value given sums to {totals}; "
    "derive again with these values": "the two words are one",
}
"""What the sources seem to say and nobody reads."""
CODE = re.compile(
    r"'[^']*'|\"[^\"]*\"|--?[a-z-]+|\S*[_=(.)]\S*|pip install \S+|yield from|running statistics|with torch|"
    r"symback (code FILE|doctor)|residual \d+|einsum \d+|cell= |loss= |MB|FILE"
)
"""What is code in any language, and words that stand behind their translation."""


def untold(template: str, code: str) -> str:
    """Return what is wrong with a sentence in a language; "" where nothing is."""
    for hint in HINTS:
        message, places = filled(template, hint)
        text = messages._said(message, code, phrases=True)
        if not text:
            return "has no words"
        if missing := [place for place in places if place not in text]:
            return f"lacks {missing}: {text}"
        if re.search(r"[a-z]{3,} [a-z]{2,}|[a-z]{2,} [a-z]{3,}", CODE.sub("", text)):
            return f"is not said whole: {text}"
    return ""


def test_the_sources_say_much() -> None:
    assert len(said()) > 1200
    assert {s.file.split("/")[1].removesuffix(".py") for s in said()} >= {
        "api",
        "cli",
        "core",
        "networks",
        "readers",
        "run",
        "tracer",
    }


@pytest.mark.parametrize("code", WHOLE)
def test_whatever_the_package_says_is_said_in_the_language(code: str) -> None:
    templates = {s.template: f"{s.file}:{s.line}" for s in said() if s.template not in EXEMPT}
    assert {f"{where} {key}": wrong for key, where in templates.items() if (wrong := untold(key, code))} == {}


def test_what_makes_messages_is_there() -> None:
    sources = Sources(ROOT / "symback")
    made = {name: [f.file for f in sources.functions.get(name, [])] for name in MAKING}
    assert [name for name, place in MAKING.items() if not any(file.endswith(place) for file in made[name])] == []
    assert [name for name in TABLES if name not in sources.constants] == []
    assert [name for name in (*BEHIND, *FORMATTED, *SAYING, *SPOKEN) if name not in sources.calls] == ["BadParameter"]


def test_what_is_exempt_is_said_by_the_sources() -> None:
    assert EXEMPT.keys() - {s.template for s in said()} == set()


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("the frobnicated {name} is lost", "has no words"),
        ("{name} is not finite, and {other} is lost: {why}", "has no words"),
        ("{name} is not a frobnicated one{hint:hint}: {why}", "has no words"),
        ("the file raised ValueError: the frobnicated {name} is lost", "is not said whole"),
    ],
)
def test_a_sentence_without_words_is_seen(template: str, wrong: str) -> None:
    assert untold(template, "ko").startswith(wrong)


SOURCE = """
class SymbackError(Exception): ...
class OwnError(SymbackError): ...

LIMIT = 3
ADVICE = "take another"


def shout(problem, where):
    raise OwnError(f"{where}: {problem}")


def f(name, kind, lines):
    if kind:
        raise OwnError(f"{name!r} is lost{nearest(name, lines)}; {ADVICE}")
    text = "an odd thing" if name else f"more than {LIMIT} things"
    text += " is here"
    if name:
        raise OwnError(text, 3)
    where.choices = (f"{name} is taken", *where.choices)
    where.choices += ("one more is taken",)
    shout("it is " + kind + " on line " + str(3), where=f"the place {name}")
    return OwnError("left " + ("is" if name else "are") + f" on line {lines[0]}")
"""


def test_texts_are_followed_with_and_without_what_may_be_added(tmp_path: Path) -> None:
    package = tmp_path / "symback"
    package.mkdir()
    (package / "a.py").write_text(SOURCE, encoding="utf-8")
    assert {s.template for s in Sources(package).messages()} == {
        "the place {name}",
        "it is {kind} on {at:at}",
        "{name} is lost{hint:hint}; take another",
        "{name} is taken",
        "one more is taken",
        "an odd thing",
        "an odd thing is here",
        "more than {limit} things",
        "more than {limit} things is here",
        "left is on {at:at}",
        "left are on {at:at}",
    }
