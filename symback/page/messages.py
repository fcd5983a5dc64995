"""What is said about a text, in the language asked for: what was inferred, what was found, what went wrong.

Readers and errors speak the default language, wherever they are. A language has a table of their sentences with places,
``Language.messages``; a sentence that has none there stays as it is. A place ``{name}`` is handed on as it is; after a
colon stands what else it holds:

- ``{why:said}``: words, which are said in the language themselves;
- ``{names:items}``: a list, "a, b and c", of which each item is said;
- ``{rate:number}``: a number;
- ``{at:at}``: a line, or a line of a cell;
- ``{hint:hint}``: " (did you mean 'x'?)", or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter

from symback.page.words import DEFAULT_LANGUAGE, language_called, words

_PLACES = {
    "": r".+?",
    "said": r".+?",
    "items": r".+?",
    "at": r"(?:cell \d+, )?line \d+",
    "number": r"[-+]?\d[\d.e+-]*",
    "hint": r"(?: \(did you mean .+?\?\))?",
}
"""What a place may hold, as a regular expression."""
_WHERE = re.compile(rf"({_PLACES['at']}): ")
"""What a sentence about a line begins with."""
_LONGEST = 20_000
"""Longer sentences hold what somebody else wrote, and stay as they are."""


def translated(message: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Return a sentence of readers and errors in a language; as it is where the language has no words for it.

    >>> translated("parameters: w, b (by their names)", "ko")
    '매개변수: w, b (이름에 따라)'
    >>> translated("nobody has said this")
    'nobody has said this'

    Raises PrintError for an unknown language.
    """
    if language == DEFAULT_LANGUAGE or len(message) > _LONGEST:
        return message
    return _said(message, language) or message


def _said(message: str, language: str) -> str:
    """Return a sentence in a language; "" where it has no words for it, or for one of several sentences in a row."""
    where = _WHERE.match(message)
    if where:
        rest = message[where.end() :]
        return f"{_place(where[1], 'at', language)}: {_said(rest, language) or rest}"
    for pattern, kinds, template in _patterns(language):
        found = pattern.fullmatch(message)
        if found:
            return template.format_map({k: _place(v, kinds[k], language) for k, v in found.groupdict().items()})
    parts = message.split("; ")
    said = [_said(part, language) for part in parts] if len(parts) > 1 else [""]
    return "; ".join(said) if all(said) else ""


def _place(text: str, kind: str, language: str) -> str:
    """Return what stands in a place, in a language."""
    if kind in ("", "number"):
        return text
    if kind == "items":
        return ", ".join(translated(item, language) for item in _items(text))
    if kind == "at":
        numbers = re.findall(r"\d+", text)
        key = "mark line" if len(numbers) == 1 else "mark cell"
        return words(language)[key].format(line=numbers[-1], cell=numbers[0])
    return translated(text, language)


def _items(text: str) -> list[str]:
    """Return the items of a list; a comma in brackets separates none."""
    found, depth = [""], 0
    for piece in re.split(r"(, | and |[(\[{]|[)\]}])", text):
        depth += (piece in ("(", "[", "{")) - (piece in (")", "]", "}"))
        if piece in (", ", " and ") and depth == 0:
            found.append("")
        else:
            found[-1] += piece
    return found


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], Mapping[str, str], str], ...]:
    """Return the sentences of a language with what they match, those that say most first.

    What begins with words says more than what begins with a place.
    """
    messages = language_called(language).messages
    ordered = sorted(messages, key=lambda key: (key.startswith("{"), -sum(map(len, literals(key)))))
    return tuple((*_pattern(key), messages[key]) for key in ordered)


def _pattern(template: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    kinds: dict[str, str] = {}
    found = ""
    for literal, name, kind, _ in Formatter().parse(template):
        found += re.escape(literal)
        if name is not None:
            kinds[name] = kind or ""
            found += f"(?P<{name}>{_PLACES[kind or '']})"
    return re.compile(found, re.DOTALL), kinds


def literals(template: str) -> list[str]:
    """Return the words of a sentence between its places.

    >>> literals("loss: {name} ({why:said})")
    ['loss: ', ' (', ')']
    """
    return [literal for literal, _, _, _ in Formatter().parse(template) if literal]
