"""What is said about a text, in the language asked for: what was inferred, what was found, what went wrong.

Readers and errors speak the default language, wherever they are. A language has a table of their sentences with places,
``Language.messages``; a sentence that has none there stays as it is. Several sentences with "; " between them are said
one by one, unless the table knows them together. A place ``{name}`` is handed on as it is; after a colon stands what
else it holds:

- ``{why:said}``: words, which are said in the language themselves: a sentence, or one of ``Language.phrases``; a single
  word may be a name, and is no phrase;
- ``{kind:term}``: words, and a single one is a phrase too;
- ``{name:word}``: one word;
- ``{names:items}``: a list, "a, b and c" or "a or b", of which each item is said;
- ``{rate:number}``: a number;
- ``{at:at}``: a line, or a line of a cell;
- ``{hint:hint}``: " (did you mean 'x'?)", or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from string import Formatter

from symback.page.words import DEFAULT_LANGUAGE, language_called, words

_PLACES = {
    "": r".+?",
    "said": r".+?",
    "term": r".+?",
    "word": r"[\w-]+",
    "items": r".+?",
    "at": r"(?:cell \d+, )?line \d+",
    "number": r"[-+]?(?:\d[\d.e+-]*|inf|nan)",
    "hint": r"(?: \(did you mean .+?\?\))?",
}
"""What a place may hold, as a regular expression."""
_WHERE = re.compile(rf"({_PLACES['at']}): ")
"""What a sentence about a line begins with."""
_NAMED = re.compile(r"[^\s:;]+: ")
"""What a sentence about a name may begin with."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
"""What somebody else wrote."""
_LONGEST = 20_000
"""Longer sentences hold what somebody else wrote, and stay as they are."""
_BETWEEN = "; "
"""What stands between sentences in a row."""
_DEEPEST = 8
"""So deep do sentences stand in places of others."""
_FIRST_WORD = 10
"""So many letters more says a sentence that begins with words and not with a place."""
_TOGETHER = 6
"""So many parts between such signs can be one sentence, or all of them."""


@dataclass(frozen=True)
class _Sentence:
    """A sentence of a table: ``key`` in the default language, ``said`` in its own, and the words and places of the key."""

    key: str
    said: str

    @cached_property
    def pieces(self) -> tuple[tuple[str, str | None, str], ...]:
        """The words before each place, its name and its kind; the last words have no place."""
        return tuple((words, name, kind or "") for words, name, kind, _ in Formatter().parse(self.key))

    @cached_property
    def weight(self) -> int:
        """How much the sentence says itself."""
        return sum(map(len, literals(self.key)))

    @cached_property
    def rank(self) -> int:
        """By what it is preferred to others: to begin with words says some more."""
        return self.weight + (0 if self.key.startswith("{") else _FIRST_WORD)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The kinds of the places by their names."""
        return {name: kind for _, name, kind in self.pieces if name is not None}

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The places that hold no words."""
        return tuple(name for name, kind in self.kinds.items() if kind == "")

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        pieces = (
            re.escape(words) + (f"(?P<{name}>{_PLACES[kind]})" if name is not None else "")
            for words, name, kind in self.pieces
        )
        return re.compile("".join(pieces), re.DOTALL)

    def match(self, message: str) -> Mapping[str, str] | None:
        """Return what stands in the places, or None where the message is another one."""
        return found.groupdict() if self._may_be(message) and (found := self._expression.fullmatch(message)) else None

    def _may_be(self, message: str) -> bool:
        """Return whether the words stand in a message in their order, which says no quickly."""
        words, name, kind = self.pieces[-1]
        if not message.startswith(self.pieces[0][0]) or (name is None and not message.endswith(words)):
            return False
        at = 0
        for words, name, kind in self.pieces:
            at = message.find(words, at)
            if at < 0:
                return False
            at += len(words) + (name is not None and kind != "hint")
        return True


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


def _said(message: str, language: str, phrases: bool = False) -> str:
    """Return a sentence in a language; "" where it has no words for it. ``phrases``: it may be one as well."""
    found = _read(message, language, phrases)
    return found[1] if found else ""


@lru_cache(maxsize=2048)
def _read(message: str, language: str, phrases: bool, deep: int = 0) -> _Read | None:
    """Return a message in a language: a sentence, or several in a row; of several ways to read it, the one that says most.

    None where the language lacks words for it, or for one of the sentences; and where it stands too ``deep`` in others.
    """
    if deep > _DEEPEST:
        return None
    where = _WHERE.match(message)
    if where:
        rest = message[where.end() :]
        weight, text = _read(rest, language, phrases, deep + 1) or (0, rest)
        return weight, f"{_place(where[1], 'at', language, deep)[1]}: {text}"
    parts = message.split(_BETWEEN)
    best: list[tuple[int, int, tuple[str, ...]] | None] = [(0, 0, ())]
    for end in range(1, len(parts) + 1):
        ways = []
        for begin in range(max(0, end - _TOGETHER), end):
            before = best[begin]
            found = None if before is None else _sentence(_BETWEEN.join(parts[begin:end]), language, phrases, deep)
            if before is not None and found is not None:
                ways.append((before[0] + found[0], before[1] - 1, (*before[2], found[1])))
        best.append(max(ways, key=lambda way: way[:2], default=None))
    row = best[-1]
    return None if row is None else (row[0], language_called(language).between.join(row[2]))


_Read = tuple[int, str]
"""How much of a message the table says itself, and the message in the language."""


def _sentence(message: str, language: str, phrases: bool, deep: int) -> _Read | None:
    """Return one sentence in a language; what stands in a place is no other sentence behind a sign."""
    ways: list[tuple[int, int, str]] = []
    for sentence in _sentences(language, phrases):
        if ways and sentence.rank + len(message) < ways[0][0]:
            break
        places = sentence.match(message)
        if places is None or any(_BETWEEN in _QUOTED.sub("", places[name]) for name in sentence.plain):
            continue
        read = {name: _place(text, sentence.kinds[name], language, deep + 1) for name, text in places.items()}
        inside = sum(weight for weight, _ in read.values())
        text = sentence.said.format_map({name: said for name, (_, said) in read.items()})
        ways.append((sentence.rank + inside, sentence.weight + inside, text))
    named = _NAMED.match(message)
    rest = _sentence(message[named.end() :], language, phrases, deep + 1) if named and deep < _DEEPEST else None
    if named and rest:
        ways.append((rest[0], rest[0], f"{named[0]}{rest[1]}"))
    return max(ways, key=lambda way: way[0])[1:] if ways else None


def _place(text: str, kind: str, language: str, deep: int) -> _Read:
    """Return what stands in a place, in a language, and how much of it the table says."""
    if kind in ("", "word", "number", "hint"):
        read = _read(text, language, True, deep) if kind == "hint" and text else None
        return read or (0, text)
    if kind == "items":
        found = [(0, i) if i.isidentifier() else _read(i, language, True, deep) or (0, i) for i in _items(text)]
        return sum(weight for weight, _ in found), ", ".join(said for _, said in found)
    if kind == "at":
        numbers = re.findall(r"\d+", text)
        key = "mark line" if len(numbers) == 1 else "mark cell"
        return 0, words(language)[key].format(line=numbers[-1], cell=numbers[0])
    return _read(text, language, kind == "term" or not text.isidentifier(), deep) or (0, text)


def _items(text: str) -> list[str]:
    """Return the items of a list; a comma in brackets separates none."""
    found, depth = [""], 0
    for piece in re.split(r"(, | and | or |[(\[{]|[)\]}])", text):
        depth += (piece in ("(", "[", "{")) - (piece in (")", "]", "}"))
        if piece in (", ", " and ", " or ") and depth == 0:
            found.append("")
        else:
            found[-1] += piece
    return found


@cache
def _sentences(language: str, phrases: bool) -> tuple[_Sentence, ...]:
    """Return the sentences of a language, those that say most first."""
    known = language_called(language)
    table = {**known.messages, **known.phrases} if phrases else known.messages
    found = (_Sentence(key, said) for key, said in table.items())
    return tuple(sorted(found, key=lambda one: -one.rank))


def literals(template: str) -> list[str]:
    """Return the words of a sentence between its places.

    >>> literals("loss: {name} ({why:said})")
    ['loss: ', ' (', ')']
    """
    return [literal for literal, _, _, _ in Formatter().parse(template) if literal]
