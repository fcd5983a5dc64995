"""The console: text in any encoding, errors as one line, files written whole or not at all."""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata
from typing import Any, NoReturn

import click

from symback.core.errors import SymbackError
from symback.core.files import keeping, write_whole
from symback.core.room import room

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
    """Turns every error raised on purpose into one line on standard error and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with room(), keeping():
                return super().invoke(ctx)
        except SymbackError as error:
            fail(str(error))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            fail(f"the output cannot be written ({error.strerror or error})")
        except RecursionError:
            fail("the network is nested too deeply to be derived")


def fail(message: str) -> NoReturn:
    """End with exit code 2 and one line on standard error."""
    click.echo(f"symback: {message}", err=True)
    sys.exit(2)


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
