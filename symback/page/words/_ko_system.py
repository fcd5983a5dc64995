"""What the system says of files, and Python of a text that is none, in Korean: see ``symback.page.messages``."""

from __future__ import annotations

FILES = {
    "No such file or directory": "파일이나 폴더가 없다",
    "Is a directory": "폴더이다",
    "Not a directory": "폴더가 아니다",
    "Permission denied": "권한이 없다",
    "Operation not permitted": "허용되지 않은 일이다",
    "File exists": "파일이 이미 있다",
    "File name too long": "파일 이름이 너무 길다",
    "No space left on device": "저장 공간이 남아 있지 않다",
    "Read-only file system": "읽기만 할 수 있는 파일 시스템이다",
    "Too many open files": "열린 파일이 너무 많다",
    "Input/output error": "입출력 오류이다",
    "Bad file descriptor": "닫힌 파일이다",
}
"""What ``os.strerror`` says."""

SYNTAX = {
    "invalid syntax": "문법에 맞지 않는다",
    "invalid syntax. Perhaps you forgot a comma?": "문법에 맞지 않는다. 쉼표가 빠졌을 수 있다",
    "invalid syntax. Maybe you meant '==' or ':=' instead of '='?": "문법에 맞지 않는다. '=' 대신 '==' 또는 ':='를 "
    "뜻했을 수 있다",
    "cannot assign to {what:said} here. Maybe you meant '==' instead of '='?": "여기에는 대입할 수 없다: {what}. '=' 대신 '=='를 "
    "뜻했을 수 있다",
    "cannot assign to {what:said}": "대입할 수 없는 것: {what}",
    "expected ':'": "':' 기호가 빠졌다",
    "expected 'except' or 'finally' block": "'except' 또는 'finally' 블록이 필요하다",
    "expected an indented block after {what:said} on {at:at}": "{at}의 {what} 다음에는 들여쓴 문장이 필요하다",
    "unexpected indent": "여기에서는 들여쓸 수 없다",
    "unindent does not match any outer indentation level": "내어쓴 칸이 바깥의 어떤 들여쓰기와도 맞지 않는다",
    "inconsistent use of tabs and spaces in indentation": "들여쓰기에 탭과 빈칸을 섞어 썼다",
    "'{sign}' was never closed": "'{sign}' 괄호를 닫지 않았다",
    "unmatched '{sign}'": "짝이 없는 괄호: '{sign}'",
    "closing parenthesis '{one}' does not match opening parenthesis '{other}'": "닫는 괄호 '{one}', "
    "여는 괄호 '{other}': 서로 맞지 않는다",
    "closing parenthesis '{one}' does not match opening parenthesis '{other}' on {at:at}": "닫는 괄호 '{one}', "
    "{at}의 여는 괄호 '{other}': 서로 맞지 않는다",
    "unterminated string literal (detected at {at:at})": "문자열이 끝나지 않는다 ({at})",
    "unterminated triple-quoted string literal (detected at {at:at})": "따옴표 세 개로 시작한 문자열이 끝나지 않는다 ({at})",
    "unterminated f-string literal (detected at {at:at})": "f-문자열이 끝나지 않는다 ({at})",
    "invalid decimal literal": "잘못 쓴 수이다",
    "invalid character '{char}' (U+{code})": "쓸 수 없는 문자: '{char}' (U+{code})",
    "invalid non-printable character U+{code}": "보이지 않는 문자가 있다: U+{code}",
    "unexpected character after line continuation character": "줄을 잇는 \\ 기호 뒤에 다른 글자가 있다",
    "unexpected EOF while parsing": "코드가 도중에 끝난다",
    "too many nested parentheses": "괄호가 너무 깊이 겹쳐 있다",
    "positional argument follows keyword argument": "이름을 붙인 인수 뒤에 이름 없는 인수가 있다",
    "keyword argument repeated: {name}": "같은 이름의 인수를 두 번 쓴다: {name}",
    "Missing parentheses in call to '{name}'. Did you mean {call}?": "함수 '{name}': 괄호 없이 불렀다. 다음을 뜻했을 수 있다: {call}",
    "function definition": "함수 정의",
    "class definition": "클래스 정의",
    "'{name:word}' statement": "'{name}' 문",
    "expression": "식",
    "function call": "함수 호출",
    "literal": "리터럴",
    "comparison": "비교",
    "attribute": "속성",
}
"""What Python says of a text that is not Python."""
