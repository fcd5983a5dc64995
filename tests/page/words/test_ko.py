"""Korean: plain style, its own terms, and no particle behind a place, since its form depends on the sound before it."""

from __future__ import annotations

import re

import pytest

from symback.page.words.ko import WORDS

SENTENCES = sorted(key for key in WORDS if not key.startswith("remark."))
PARTICLE = re.compile(r"(을|를|은|는|가|와|과|로|으로|나|이나|랑|이랑|며|야|여|라|란|든)|이(?!다|지만|며|고|면)")
"""Endings whose form depends on the last sound of the word before; 이다 may follow any sound."""
PLACE = re.compile(r"\{\w+\}([가-힣]*)")


def wrong_particles(template: str) -> list[str]:
    """Return the particles that stand right behind a place."""
    return [tail for tail in PLACE.findall(template) if PARTICLE.match(tail)]


def test_no_particle_follows_a_symbol() -> None:
    assert {key: found for key, text in WORDS.items() if (found := wrong_particles(text))} == {}


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


def test_sentences_have_no_english_words() -> None:
    found = {key: re.sub(r"\{\w+\}|NumPy|PyTorch|overflow|softmax|keepdims|axis|True", "", WORDS[key]) for key in SENTENCES}
    assert {key: text for key, text in found.items() if re.search(r"[A-Za-z]{2,}", text)} == {}


def test_sentences_are_plain() -> None:
    """Plain style ends in -다."""
    assert {key: text for key, text in WORDS.items() if re.search(r"(습니다|세요|해요|예요|어요)", text)} == {}


def test_remarks_are_sentences_in_plain_style() -> None:
    """Every part of a remark ends in -다; those of optimizers that are another one with a change name it at their end."""
    for key in set(WORDS) - set(SENTENCES):
        text = WORDS[key].rstrip(".")
        assert re.search("[가-힣]", text), key
        parts = re.split(r"[.:] ", text)
        assert all(part.endswith("다") for part in parts) or text.endswith(" Adam"), key


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


def test_the_glossary_is_kept() -> None:
    assert {key: WORDS[key] for key in GLOSSARY} == GLOSSARY


def test_the_glossary_stands_in_the_sentences() -> None:
    everything = " ".join(WORDS.values())
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
