"""The words: every language has the same sentences with the same places, and Korean particles never follow a place."""

from __future__ import annotations

import re
from string import Formatter

import pytest

import symback
from symback.core.errors import PrintError
from symback.page.words import words

ENGLISH, KOREAN = words("en"), words("ko")
PARTICLE = re.compile(r"(을|를|은|는|가|와|과|로|으로|나|이나|랑|이랑|며|야|여|라|란|든)|이(?!다|지만|며|고|면)")
"""Endings whose form depends on the last sound of the word before; 이다 may follow any sound."""
PLACE = re.compile(r"\{\w+\}([가-힣]*)")


def places(template: str) -> list[str]:
    return sorted(key for _, key, _, _ in Formatter().parse(template) if key is not None)


def wrong_particles(template: str) -> list[str]:
    """Return the particles that stand right behind a place."""
    return [tail for tail in PLACE.findall(template) if PARTICLE.match(tail)]


def test_both_languages_have_the_same_sentences() -> None:
    assert set(ENGLISH) == set(KOREAN)


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_a_sentence_has_the_same_places_in_both_languages(key: str) -> None:
    assert set(places(ENGLISH[key])) == set(places(KOREAN.get(key, "")))
    assert ENGLISH[key].strip() and KOREAN[key].strip()


@pytest.mark.parametrize("key", sorted(KOREAN))
def test_no_particle_follows_a_symbol(key: str) -> None:
    assert wrong_particles(KOREAN[key]) == []


@pytest.mark.parametrize(
    ("template", "particle"),
    [
        ("{name}을 곱한다", "을"),
        ("손실 {loss}는 작다", "는"),
        ("{of}로 나눈다", "로"),
        ("{a}와 {b}의 합", "와"),
        ("{x}이 작다", "이"),
    ],
)
def test_a_planted_particle_is_found(template: str, particle: str) -> None:
    assert wrong_particles(template) == [particle]


@pytest.mark.parametrize(
    "template", ["{name}에 대한 기울기", "{of}의 식은 다음과 같다", "정답 {target} 사이의 오차", "{count}개", "{x}이다"]
)
def test_neutral_phrases_pass(template: str) -> None:
    assert wrong_particles(template) == []


@pytest.mark.parametrize("key", sorted(KOREAN))
def test_korean_is_korean_and_plain(key: str) -> None:
    text = re.sub(r"\{\w+\}|NumPy|overflow|softmax|keepdims|axis|True", "", KOREAN[key])
    assert not re.search(r"[A-Za-z]{2,}", text), "an English word in a Korean sentence"
    assert not re.search(r"(습니다|세요|해요|예요|어요)", text), "plain style ends in -다"


GLOSSARY = {
    "forward": "순전파",
    "loss": "오차 계산",
    "backward": "역전파",
    "update": "가중치 갱신",
    "weight": "가중치",
    "bias": "편향",
    "target": "정답",
    "hidden layer": "은닉층",
    "output layer": "출력층",
    "gradient": "기울기",
    "encoding": "원-핫 인코딩",
    "prediction": "예측값",
}


@pytest.mark.parametrize("key", sorted(GLOSSARY))
def test_the_glossary_is_kept(key: str) -> None:
    assert KOREAN[key] == GLOSSARY[key]


def test_the_glossary_stands_in_the_sentences() -> None:
    everything = " ".join(KOREAN.values())
    for term in (
        "손실 함수",
        "활성화 함수",
        "편미분",
        "연쇄법칙",
        "기울기",
        "도함수",
        "전치",
        "원소별",
        "학습률",
        "매개변수",
    ):
        assert term in everything
    assert "체인 룰" not in everything and "그래디언트" not in everything


def test_an_unknown_language_is_refused() -> None:
    for language in ("xx", "../en", "", "en.py"):
        with pytest.raises(PrintError):
            words(language)


def test_pages_are_written_in_the_language() -> None:
    net = symback.Network()
    x, t, w = net.input("x"), net.input("t"), net.parameter("w")
    y = net.define("y", symback.sigmoid(x * w))
    net.define("L", symback.bce(y, t))
    d = symback.derive(net)
    korean = d.text(language="ko")
    assert korean.splitlines()[0] == "순전파" and "가중치 갱신" in korean and "Forward" not in korean
    assert r"\section*{순전파}" in d.tex(language="ko") and r"\usepackage{kotex}" in d.tex(language="ko")
    assert "## 역전파" in d.markdown(view="matrix", language="ko") or "## 단계별 역전파" in d.markdown(language="ko")
    assert d.latex("w", language="ko") == d.latex("w")
    assert d.text() == d.text(language="en") and not re.search("[가-힣]", d.text())
