"""Words: one file per natural language, each a table ``WORDS`` of sentences by key."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import cast

from symback.core.errors import PrintError


def words(language: str = "en") -> Mapping[str, str]:
    """Return the table of a language; raises PrintError where there is none.

    >>> words("en")["otherwise"]
    'otherwise'
    """
    if not (language.isascii() and language.isalpha()):
        raise PrintError(f"{language!r} is not a language code")
    try:
        module = importlib.import_module(f"symback.page.words.{language}")
    except ModuleNotFoundError:
        raise PrintError(f"there are no words for the language {language!r}") from None
    return cast("Mapping[str, str]", module.WORDS)
