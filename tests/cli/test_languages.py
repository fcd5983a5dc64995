"""Commands say everything in the language asked for: what was inferred, what was found, and what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symback.cli import main
from symback.page import messages

TEXT = """\
import numpy as np
x = np.array([[0.2, -0.4]])
W = np.array([[0.1], [-0.5]])
y = np.array([[1.0]])
z = x @ W
loss = np.mean((z - y) ** 2)
"""
TWICE = """\
import torch
import torch.nn.functional as F
X = torch.tensor([[0.2, -0.4]])
W = torch.tensor([[0.1, 0.3], [-0.5, 0.2]], requires_grad=True)
y = torch.tensor([1])
p = torch.softmax(X @ W, dim=1)
loss = F.cross_entropy(p, y)
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "network.py"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def ko(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--lang", "ko"])


@pytest.mark.parametrize("command", ["derive", "run", "code"])
def test_what_was_inferred_is_said_in_the_language(file: str, command: str) -> None:
    said = ko(command, file)
    assert said.exit_code == 0, said.output
    assert (
        "손실: loss (이름에 따라); 매개변수: W (이름에 따라); 데이터: x, y (wrt=, --wrt 옵션으로 바꿀 수 있다)"
        in said.output
    )
    assert "by its name" not in said.output
    plain = CliRunner().invoke(main, [command, file])
    assert "loss: loss (by its name); parameters: W (by their names)" in plain.output and "손실" not in plain.output


def test_a_run_prints_in_the_language(file: str) -> None:
    said = ko("run", file, "--steps", "2", "--optimizer", "sgd")
    for line in ("순전파", "기울기", "기울기가 중앙 차분과 일치한다 (", "2번 갱신한 뒤, 학습률 0.1", "갱신마다의 손실"):
        assert f"\n{line}" in said.output
    assert "Forward" not in said.output and "gradients" not in said.output


def test_findings_are_said_in_the_language(tmp_path: Path) -> None:
    path = tmp_path / "twice.py"
    path.write_text(TWICE, encoding="utf-8")
    said = ko("derive", str(path))
    assert "참고: 7번째 줄: p: 이미 softmax의 출력인데" in said.stderr and "note:" not in said.stderr
    assert "note: line 7: p is a softmax output already" in CliRunner().invoke(main, ["derive", str(path)]).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["derive"], "파일을 주거나, --function 옵션으로 표의 함수를 준다"),
        (["derive", "FILE", "--foo"], "없는 옵션: '--foo'"),
        (["derive", "FILE", "--seed", "x"], "옵션의 값이 잘못되었다: '--seed'. 'x': 정수가 아니다"),
        (["derive", "FILE", "--to", "foo"], "알려지지 않은 형식: 'foo'"),
        (["derive", "FILE", "--loss", "q"], "손실이라고 한 이름이 코드에 없다: q"),
        (["derive", "nowhere.py"], "nowhere.py: 읽을 수 없다. 파일이나 폴더가 없다"),
        (["derive", "nowhere.py", "--execute"], "nowhere.py: 읽을 수 없다. 파일이 없다"),
        (["derive", "FILE", "--verify"], "--verify: 실행하는 파일에 대한 옵션이다"),
        (["derive", "FILE", "--execute", "--seed", "1"], "--seed: 코드에서 정하지 않은 것에 대한 옵션이다"),
        (["table", "activation"], "없는 표: 'activation' (혹시 'activations'?)"),
        (["handout", "FILE"], "필요한 옵션이 없다: '-o'"),
        (["check", "nowhere.py"], "nowhere.py: 읽을 수 없다. 파일이나 폴더가 없다"),
    ],
)
def test_errors_are_said_in_the_language(file: str, arguments: list[str], message: str) -> None:
    said = ko(*(file if a == "FILE" else a for a in arguments))
    assert said.exit_code == 2 and said.stdout == ""
    assert "symback: 오류: " in said.stderr and message in said.stderr, said.stderr
    plain = CliRunner().invoke(main, [file if a == "FILE" else a for a in arguments])
    assert plain.exit_code == 2 and "오류" not in plain.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("w = 2.0\nloss = np.sort(w)", "3번째 줄: np.sort: 읽을 수 없는 방식으로 배열을 바꾼다"),
        ("w = 2.0\nloss = mystery(w)", "3번째 줄: 알려지지 않은 함수: mystery"),
        ("w = 2.0\nloss = (w + 1", "3번째 줄: 파이썬이 아니다: '(' 괄호를 닫지 않았다"),
        (
            "if w = 2.0:\n    pass",
            "2번째 줄: 파이썬이 아니다: 문법에 맞지 않는다. '=' 대신 '==' 또는 ':='를 뜻했을 수 있다",
        ),
        (
            "for k in range(3):\nloss = 2.0",
            "3번째 줄: 파이썬이 아니다: 2번째 줄의 'for' 문 다음에는 들여쓴 문장이 필요하다",
        ),
        (
            "x = np.ones((5, 3))\nW = np.ones((2, 3))\nloss = (x @ W).sum()",
            "4번째 줄: x @ W: 형상 (5, 3), (2, 3)의 행렬은 곱할 수 없다 (3, 2). 둘째 행렬의 전치는 곱할 수 있다",
        ),
        (
            "w = 2.0\nloss = w * len(None)",
            "3번째 줄: Python에서 여기에 TypeError 예외가 일어난다: 'NoneType' 객체: len()을 쓸 수 없다",
        ),
        (
            "w = 2.0\nloss = exec('w')",
            "3번째 줄: 따라가지 않는 함수: exec. 문자열 안의 코드는 실행하지 않는다. 문장을 직접 쓴다",
        ),
    ],
)
def test_what_is_wrong_with_a_text_is_said_in_the_language(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "network.py"
    path.write_text(f"import numpy as np\n{text}\n", encoding="utf-8")
    said = ko("derive", str(path))
    assert said.exit_code == 2 and said.stderr.splitlines()[-1].startswith(f"symback: 오류: {message}"), said.stderr


OWN = """\
import numpy as np
w = np.array([0.5, -0.3])
z = np.array([1.0, 2.0]) @ w
if z > -1:
    z = 2 * z
loss = (z - 1) ** 2
w = w - 0.1 * 2 * np.array([1.0, 2.0]) * (z - 1)
"""


def test_an_execution_is_told_in_the_language(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(OWN, encoding="utf-8")
    said = ko("derive", str(path), "--execute", "--verify")
    assert said.exit_code == 0, said.output
    for words in (
        "한 번 실행한 파일: own.py",
        "손실: loss (이름에 따라)",
        "매개변수: w (코드가 갱신한다)",
        "매개변수를 바꾸어 다시 실행한 손실이 식의 손실과 일치한다",
    ):
        assert words in said.stdout
    assert "참고: 4번째 줄: 이쪽으로 실행된 이유: " in said.stderr and "because" not in said.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "3번째 줄: 파일에서 ZeroDivisionError 예외가 일어났다: 0으로 나눈다"),
        ("w = (1", "파일에서 SyntaxError 예외가 일어났다: '(' 괄호를 닫지 않았다 (own.py, 3번째 줄)"),
        ("y = w * 2", "실행에서 손실로 볼 수 있는 이름의 값을 계산하지 않는다 ("),
    ],
)
def test_errors_of_an_execution_are_said_in_the_language(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.py"
    path.write_text(f"import numpy as np\nw = np.ones(2)\n{text}\n", encoding="utf-8")
    said = ko("derive", str(path), "--execute")
    assert said.exit_code == 2 and said.stderr.splitlines()[-1].startswith(f"symback: 오류: {message}"), said.stderr


def test_what_has_no_words_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.py"
    path.write_text("import numpy as np\nw = 2.0\nloss = np.sort(w)\n", encoding="utf-8")
    monkeypatch.setattr("symback.page.messages._sentences", lambda language, phrases: ())
    monkeypatch.setattr("symback.page.messages._read", messages._read.__wrapped__)
    plain = CliRunner().invoke(main, ["derive", str(path)]).stderr
    korean = plain.replace("symback: ", "symback: 오류: ").replace("line 3", "3번째 줄").replace("note: ", "참고: ")
    assert ko("derive", str(path)).stderr == korean


def test_an_unknown_language_is_refused_in_the_default_one(file: str) -> None:
    said = CliRunner().invoke(main, ["derive", file, "--lang", "kr"])
    assert said.exit_code == 2 and "'kr' is not one of" in said.stderr
