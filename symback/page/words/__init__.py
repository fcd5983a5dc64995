"""Words: one file per natural language, which ends in its ``LANGUAGE``.

The files of this folder are the registry: the name of a file is the code of its language (as ISO 639 has it), and a
language is loaded when it is used. Files whose names begin with ``_`` hold sentences of a language that has many.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from typing import TYPE_CHECKING

from symback.core.errors import PrintError, nearest

if TYPE_CHECKING:  # the record is loaded with the first language
    from symback.page.language import Language

DEFAULT_LANGUAGE = "en"
"""The language of what is said where none is asked for: of messages, of what readers find, of missing sentences."""


@functools.cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages, the default first.

    >>> languages()[0] == DEFAULT_LANGUAGE
    True
    """
    codes = (found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))
    return tuple(sorted(codes, key=lambda code: (code != DEFAULT_LANGUAGE, code)))


@functools.cache
def language_called(code: str) -> Language:
    """Return a language by its code; raises PrintError where there is none.

    >>> language_called("en").name
    'English'
    """
    if code not in languages():
        known = ", ".join(languages())
        raise PrintError(f"there are no words for the language {code!r}{nearest(code, languages())}; known: {known}")
    found: Language = importlib.import_module(f"{__name__}.{code}").LANGUAGE
    return found


@functools.cache
def words(code: str = DEFAULT_LANGUAGE) -> Mapping[str, str]:
    """Return the sentences of a language by key; one that it lacks stands in the default language.

    >>> words("en")["otherwise"]
    'otherwise'

    Raises PrintError where there is no such language.
    """
    return {**language_called(DEFAULT_LANGUAGE).words, **language_called(code).words}


def missing(code: str) -> tuple[str, ...]:
    """Return the keys of the sentences that a language lacks."""
    return tuple(key for key in language_called(DEFAULT_LANGUAGE).words if key not in language_called(code).words)


def remark(name: str, own: Mapping[str, str], code: str = DEFAULT_LANGUAGE) -> str:
    """Return what the tables say of a row as a sentence: ``own`` remarks by language where it has some; "" for none.

    >>> remark("relu6", {})
    'ReLU that stops at 6.'
    """
    said = own.get(code, "") if own else words(code).get(f"remark.{name}", "")
    return language_called(code).sentence(said)


def row_title(name: str, own: str, code: str = DEFAULT_LANGUAGE) -> str:
    """Return the title of a row of the tables; ``own``, which the row holds, where the language has none.

    >>> row_title("relu", "ReLU", "ko")
    'ReLU'
    """
    return language_called(code).titles.get(name, own)


@functools.cache
def scripted(code: str = DEFAULT_LANGUAGE) -> tuple[Language, ...]:
    """Return the languages whose letters not every font has, the one of the code first.

    >>> all(language.script for language in scripted())
    True
    """
    found = (other for other in sorted(languages(), key=lambda other: other != code))
    return tuple(language for other in found if (language := language_called(other)).script)
