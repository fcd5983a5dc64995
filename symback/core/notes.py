"""Notes: what is known of a whole form, on its topmost node behind what the node says of itself.

A form with a note means, and is written in code, what it is without.
"""

from __future__ import annotations

from typing import TypeVar

from symback.core.nodes import Form
from symback.core.walking import substitute, walk


class Note:
    """What may be noted on a form; notes that are equal make forms that are one object."""

    __slots__ = ()


SomeNote = TypeVar("SomeNote", bound=Note)


def noted(form: Form, note: Note) -> Form:
    """Return a form with a note in the place of one of its kind."""
    kept = tuple(d for d in form.data if type(d) is not type(note))
    return type(form)._make(form.args, (*kept, note), form.shape)


def note_on(form: Form, kind: type[SomeNote]) -> SomeNote | None:
    """Return the note of a kind on a form."""
    return next((d for d in form.data if isinstance(d, kind)), None)


def without_notes(form: Form, kind: type[Note] = Note) -> Form:
    """Return a form without the notes on its nodes."""

    def change(node: Form) -> Form | None:
        if not any(isinstance(d, kind) for d in node.data):
            return None
        plain = tuple(d for d in node.data if not isinstance(d, kind))
        return type(node)._make(tuple(substitute(a, change) for a in node.args), plain, node.shape)

    return substitute(form, change) if any(isinstance(d, kind) for n in walk(form) for d in n.data) else form
