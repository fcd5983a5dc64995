"""The console: text in any encoding, errors as one line, files written whole or not at all."""

from __future__ import annotations

import codecs
import itertools
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from symback.core.errors import SymbackError
from symback.core.files import keeping, write_whole
from symback.core.room import room
from symback.page.messages import translated
from symback.page.words import DEFAULT_LANGUAGE, languages, words

_SPELLED = {
    "−": "-",
    "∂": "d",
    "⊙": "*",
    "·": "*",
    "×": "*",
    "←": "<-",
    "→": "->",
    "Σ": "Sum",
    "′": "'",
    "√": "sqrt",
    "≈": "~",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "∞": "inf",
    "…": "...",
    "ℓ": "l",
    "⋯": "...",
    "≔": ":=",
    "η": "eta",
    "\u0302": "_hat",
    "\u0304": "_bar",
    "\u0303": "_tilde",
}


def _spell(error: UnicodeError) -> tuple[str, int]:
    """Spell characters that a console's encoding lacks: ŷ as y_hat, z₁ as z_1, xᵀ as x^T, σ as sigma."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = []
    for position in range(error.start, error.end):
        before = unicodedata.decomposition(error.object[position - 1]) if position else ""
        found.append(_spelled(error.object[position], before))
    # what is still beyond the encoding becomes a question mark
    return "".join(found).encode(error.encoding, "replace").decode(error.encoding), error.end


def _spelled(char: str, before: str) -> str:
    if char in _SPELLED:
        return _SPELLED[char]
    kind, _sign, _point = unicodedata.decomposition(char).partition(" ")
    if kind in ("<sub>", "<super>"):
        # only the first of several scripts gets its sign: a₁₂ is a_12
        sign = "" if before.startswith(kind) else "_" if kind == "<sub>" else "^"
        return sign + "".join(_SPELLED.get(c, c) for c in unicodedata.normalize("NFKD", char))
    name = unicodedata.name(char, "")
    if name.startswith("GREEK") and " LETTER " in name and " WITH " not in name:
        word = name.rpartition(" LETTER ")[2].removesuffix(" SYMBOL").lower()
        return word.capitalize() if "CAPITAL" in name else word
    plain = unicodedata.normalize("NFKD", char)
    return "".join(_SPELLED.get(c, c) for c in plain) if plain != char else char


codecs.register_error("spell", _spell)


class Commands(click.Group):
    """Turns every error raised on purpose into one line on standard error and exit code 2, in the language asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_ASKED] = _language_of(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with room(), keeping():
                return super().invoke(ctx)
        except click.UsageError as error:
            if asked_language() == DEFAULT_LANGUAGE or error.ctx is None:
                raise
            click.echo(f"{translated(error.ctx.get_usage(), asked_language())}\n", err=True)
            fail(error.format_message())
        except SymbackError as error:
            fail(str(error))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            fail(f"the output cannot be written ({error.strerror or error})")
        except RecursionError:
            fail("the network is nested too deeply to be derived")


_ASKED = "symback.language"


def _language_of(args: Sequence[str]) -> str:
    """Return the language that a command line asks for, before anything else in it is read."""
    found = DEFAULT_LANGUAGE
    for option, value in itertools.zip_longest(args, args[1:], fillvalue=""):
        name, _sign, own = option.partition("=")
        if name == "--lang" and (own or value) in languages():
            found = own or value
    return found


def asked_language() -> str:
    """Return the language that the command line asks for."""
    ctx = click.get_current_context(silent=True)
    return DEFAULT_LANGUAGE if ctx is None else str(ctx.meta.get(_ASKED, DEFAULT_LANGUAGE))


def fail(message: str) -> NoReturn:
    """End with exit code 2 and one line on standard error."""
    complain(message)
    sys.exit(2)


def complain(message: str) -> None:
    """Say on standard error what went wrong."""
    _say("error line", message)


def note(message: str) -> None:
    """Say on standard error what a reader should be told."""
    _say("note line", message)


def _say(key: str, message: str) -> None:
    language = asked_language()
    click.echo(words(language)[key].format(text=translated(message, language)), err=True)


def echo(text: str) -> None:
    """Print a line on standard output."""
    click.echo(text)


def write(output: str | None, text: str | bytes) -> None:
    """Write text or bytes to standard output, or to a file: whole or not at all."""
    if output in (None, "-"):
        click.echo(text, nl=isinstance(text, str) and not text.endswith("\n"))
        return
    assert output is not None
    try:
        write_whole(output, text)
    except SymbackError as error:
        raise SymbackError(f"-o {error}") from None
