"""Letters that not every font has: which a text holds, which fonts a page asks for, and what sets them in LaTeX.

What there is to know of a language stands in its file of ``symback.page.words``; here it is only asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from symback.page.language import Language, Script
from symback.page.words import DEFAULT_LANGUAGE, language_called, languages, scripted


def languages_in(text: str) -> tuple[Language, ...]:
    """Return the languages whose own letters a text holds.

    >>> [language.english for language in languages_in("순전파, forward")], languages_in("forward")
    (['Korean'], ())
    """
    return tuple(language for language in scripted() if language.script and language.script.holds(text))


def scripts_for(text: str, code: str = DEFAULT_LANGUAGE) -> tuple[Script, ...]:
    """Return the scripts that set the letters of a text.

    Where several set a letter, one that the text has letters of its own of is taken, then the one of the language of
    the code.
    """
    known = sorted(_scripts(code), key=lambda script: not script.holds(text))
    found: list[Script] = []
    for char in sorted(set(text)):
        if not any(script.sets(char) for script in found):
            found += [script for script in known if script.sets(char)][:1]
    return tuple(found)


def families(code: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """Return all fonts with letters that not every font has, those of the language of the code first."""
    return _distinct(script.families for script in _scripts(code))


def page_families(code: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """Return those of the fonts that HTML pages and pictures ask for."""
    return _distinct(script.page_families for script in _scripts(code))


def typewriter_families(code: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """Return the fonts for code that HTML pages ask for."""
    return _distinct(script.typewriter_families for script in _scripts(code))


def whole_words(code: str) -> tuple[str, ...]:
    """Return the scripts of a language whose lines break between words, by their names in Unicode.

    >>> whole_words("ko"), whole_words("en")
    (('Hangul',), ())
    """
    script = language_called(code).script if code in languages() else None
    return tuple(name.title() for name in script.letters) if script is not None and script.whole_words else ()


def _scripts(code: str) -> tuple[Script, ...]:
    return tuple(language.script for language in scripted(code) if language.script)


def _distinct(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
