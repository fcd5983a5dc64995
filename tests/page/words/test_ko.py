"""Korean: plain style, its own terms, and no particle behind a place, since its form depends on the sound before it."""

from __future__ import annotations

import re

import pytest

from symback.functions import ROWS
from symback.functions.losses import LOSSES
from symback.functions.optimizers import OPTIMIZERS
from symback.page.words.ko import MESSAGES, PHRASES, TITLES, WORDS

SENTENCES = sorted(key for key in WORDS if not key.startswith("remark."))
PARTICLE = re.compile(r"(을|를|은|는|가|와|과|로|으로|나|이나|랑|이랑|며|야|여|라|란|든)|이(?!다|지만|며|고|면)")
"""Endings whose form depends on the last sound of the word before; 이다 may follow any sound."""
PLACE = re.compile(r"\{\w+\}([가-힣]*)")


def wrong_particles(template: str) -> list[str]:
    """Return the particles that stand right behind a place."""
    return [tail for tail in PLACE.findall(template) if PARTICLE.match(tail)]


def test_no_particle_follows_a_symbol() -> None:
    assert {key: found for key, text in SAID.items() if (found := wrong_particles(text))} == {}


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
    found = {
        key: re.sub(r"\{\w+\}|symback|NumPy|PyTorch|overflow|keepdims|axis|True", "", WORDS[key]) for key in SENTENCES
    }
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


TERMS = {
    "shape": ("형상", r"모양(?<!종 모양)"),
    "factor": ("인수", r"인자"),
    "entry": ("원소", r"성분|요소"),
    "matrix product": ("행렬 곱", r"행렬곱"),
    "entrywise": ("원소별", r"요소별|성분별|원소 별"),
    "share": ("기여", r"몫(?!의 미분법)"),
    "path": ("길", r"경로"),
    "kink": ("꺾이는 점", r"꺾인 ?점|꺾임점"),
    "scalar": ("스칼라", r"^수$"),
    "reason": ("이유", r"까닭"),
    "forward pass": ("순전파", r"순방향 전파|전방향"),
    "backward pass": ("역전파", r"역방향 전파|후방향"),
    "gradient": ("기울기", r"그래디언트|그라디언트|경사(?! 하강법)"),
    "derivative": ("도함수", r"미분값|도함숫값"),
    "chain rule": ("연쇄법칙", r"체인 ?룰|연쇄 법칙|사슬 ?법칙"),
    "parameter": ("매개변수", r"파라미터|모수"),
    "update": ("갱신", r"업데이트|경신"),
    "learning rate": ("학습률", r"학습율|러닝"),
    "transpose": ("전치", r"전치행렬|트랜스포즈"),
    "weight": ("가중치", r"웨이트"),
    "bias": ("편향", r"바이어스"),
    "loss": ("손실", r"로스|비용"),
    "target": ("정답", r"타깃|타겟|목푯?값"),
    "prediction": ("예측값", r"예측치"),
    "softmax": ("소프트맥스", r"(?<![+_a-z])softmax"),
    "sigmoid": ("시그모이드", r"(?<![+_a-z])sigmoid"),
    "cross-entropy": ("교차 엔트로피", r"cross-entropy|크로스 ?엔트로피|교차엔트로피"),
    "slip": ("실수", r"첫 오류"),
    "initial value": ("초깃값", r"초기값|처음 값|시작값"),
    "determinant": ("행렬식", r"디터미넌트"),
    "eigenvalue": ("고윳값", r"고유값"),
    "off-diagonal": ("비대각", r"대각선 밖"),
    "one-hot": ("원-핫", r"원핫|원 핫"),
    "index": ("첨자", r"인덱스|색인"),
    "row": ("행", r"가로줄"),
    "with respect to": ("에 대하여", r"에 대해(?!서)"),
}
"""One word for one thing: the word, and others for it that are not used."""
SAID = {
    **WORDS,
    **MESSAGES,
    **PHRASES,
    **{f"title.{name}": title for name, title in TITLES.items()},
    **{f"row.{row.name}": row.remarks.get("ko", "") for row in (*ROWS.values(), *OPTIMIZERS.values())},
}
"""All that is said in Korean: the sentences, the messages, and the remarks and titles of rows."""


def other_words(text: str) -> list[str]:
    """Return the concepts that a text calls by a word that is not theirs."""
    return [concept for concept, (_, others) in TERMS.items() if re.search(others, text)]


def test_one_thing_has_one_word() -> None:
    assert {key: found for key, text in SAID.items() if (found := other_words(text))} == {}


def test_every_term_is_used_and_none_is_another_ones_word() -> None:
    everything = " ".join(SAID.values())
    assert [concept for concept, (term, _) in TERMS.items() if term not in everything] == []
    assert {concept: found for concept, (term, _) in TERMS.items() if (found := other_words(term))} == {}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("기울기의 모양은 변수의 모양과 같다", "shape"),
        ("다음 인자가 빠졌다", "factor"),
        ("대각 성분", "entry"),
        ("행렬곱은 더한다", "matrix product"),
        ("그 몫을 더한다", "share"),
        ("꺾인 점에서", "kink"),
        ("수", "scalar"),
        ("softmax의 출력", "softmax"),
    ],
)
def test_a_planted_word_is_found(text: str, concept: str) -> None:
    assert other_words(text) == [concept]


def test_the_rows_of_tables_are_titled_in_words() -> None:
    """Every loss has a Korean title, and every title is that of a row."""
    assert [row.name for row in LOSSES if row.name not in TITLES] == []
    assert TITLES.keys() - {*ROWS, *OPTIMIZERS} == set()
    assert [title for title in TITLES.values() if not re.search("[가-힣]", title)] == []


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
    "shape": "형상",
    "number": "스칼라",
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
