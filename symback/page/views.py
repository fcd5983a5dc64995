"""The views of one derivation: forward pass, loss, chain rule, matrix form, updates, as displays for any output.

A view only arranges what the record holds; it derives and simplifies nothing.

``chain`` multiplies local derivatives from the loss inwards, in full and step by step; ``matrix`` states the errors δ
and the gradients as matrix products; ``index`` proves each of them in index notation; ``entries`` writes every entry
of every array as a number of its own.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Unpack

from symback.core import forms
from symback.core.display import EQUALS, row, to_text
from symback.core.errors import PrintError, nearest
from symback.derivation.record import Record
from symback.networks.network import NamedNetwork
from symback.page import chain_view, definitions_view, forward_view, index_view, matrix_view, symbols_view, updates_view
from symback.page.entries import entries
from symback.page.notation import Notation
from symback.page.records import Display, Section, once
from symback.page.sheet import Extras, Sheet, sheet_of
from symback.page.typesetting import Typesetter
from symback.page.words import DEFAULT_LANGUAGE, words

STYLES = ("both", "full", "staged")


def sections(
    record: Record,
    view: str = "auto",
    notation: Notation | str | None = None,
    style: str = "both",
    language: str = DEFAULT_LANGUAGE,
    **extras: Unpack[Extras],
) -> tuple[Section, ...]:
    """Return the whole derivation in order: forward pass, loss, derivatives, updates."""
    sheet = sheet_of(record, notation, language, view, extras)
    kind = sheet.kind(view)
    if style not in STYLES:
        raise PrintError(f"there is no style {style!r}{nearest(style, STYLES)}; known: {', '.join(STYLES)}")
    found = [("names", symbols_view.table(sheet))] if extras.get("table") else []
    found += [
        ("forward", forward_view.forward(sheet)),
        ("loss", forward_view.loss(sheet)),
        ("where", definitions_view.definitions(sheet, kind)),
    ]
    if kind == "index":
        found.append(("index", index_view.index(sheet)))
    elif kind == "matrix":
        found.append(("backward", matrix_view.matrix(sheet)))
    elif sheet.base.scalar:
        local = chain_view.local_derivatives(sheet)
        found.append(("local", local))
        chains = [("full", chain_view.full(sheet))] if style != "staged" else []
        chains += [("staged", chain_view.staged(sheet))] if style != "full" else []
        # Where every gradient is a local derivative there is no chain to show.
        said = {line for display in local for line in display.rows}
        found += [(key, displays) for key, displays in chains if any(set(d.rows) - said for d in displays)]
    else:
        found.append(("backward", matrix_view.adjoints(sheet)))
    found.append(("update", updates_view.updates(sheet)))
    titles = words(language)
    return tuple(Section(key, titles[key], tuple(displays)) for key, displays in found if displays)


_ENTRY = re.compile(r"\s*(\w+)\s*\[([\d\s,]*)\]\s*")


def entry_of(name: str) -> tuple[str, tuple[int, ...] | None]:
    """Return the array and the entry, counted from 0, that ``W1[0,1]`` names; no entry for a plain name.

    >>> entry_of("W1[0,1]"), entry_of("W1")
    (('W1', (0, 1)), ('W1', None))
    """
    match = _ENTRY.fullmatch(name)
    if match is None:
        return name, None
    return match.group(1), tuple(int(k) for k in match.group(2).split(",") if k.strip())


def step_display(
    record: Record,
    name: str,
    view: str = "auto",
    notation: Notation | str | None = None,
    style: str = "full",
    language: str = DEFAULT_LANGUAGE,
    **extras: Unpack[Extras],
) -> Display:
    """Return the derivative of the loss with respect to ``name``, or to one entry ``name[0,1]``, as one display."""
    array, entry = entry_of(name)
    steps = record.by_name()
    if array not in steps:
        raise PrintError(f"there is no derivative with respect to {array}{nearest(array, steps)}")
    if entry is not None:
        _check_entry(name, entry, record.network.shape_of(array))
    if view == "entries" or (entry is not None and view in ("auto", "chain")):
        if entry is None or not _too_many(record.network):
            return _entry_steps(sheet_of(record, notation, language, "entries", extras), array, entry, style)
        view = "index"
    sheet = sheet_of(record, notation, language, view, extras)
    kind = sheet.kind(view)
    if entry is not None or kind == "index":
        return index_view.index_step(sheet, array, entry)
    if kind == "matrix":
        return matrix_view.matrix_step(sheet, array)
    if sheet.base.scalar:
        return chain_view.full_step(sheet, array) if style == "full" else chain_view.staged_step(sheet, array)
    return matrix_view.adjoint_step(sheet, array)


def step_displays(
    record: Record,
    name: str,
    view: str = "auto",
    notation: Notation | str | None = None,
    style: str = "full",
    language: str = DEFAULT_LANGUAGE,
    **extras: Unpack[Extras],
) -> tuple[Display, ...]:
    """Return the derivative of the loss with respect to ``name``: a proof of several parts is one display for each."""
    if view == "index" and name in record.by_name():
        sheet = sheet_of(record, notation, language, view, extras)
        return tuple(index_view.index_displays(sheet, name))
    return (step_display(record, name, view, notation, style, language, **extras),)


def _check_entry(name: str, entry: tuple[int, ...], shape: forms.Shape) -> None:
    fits = len(entry) == len(shape) and all(not isinstance(s, int) or k < s for k, s in zip(entry, shape, strict=False))
    if not fits:
        raise PrintError(f"{name} is not an entry of an array of shape {forms.shape_text(shape)}; entries count from 0")


def _too_many(network: NamedNetwork) -> bool:
    try:
        entries(network)
    except PrintError:
        return True
    return False


def _entry_steps(sheet: Sheet, array: str, entry: tuple[int, ...] | None, style: str) -> Display:
    """Return the derivatives of one entry, or of all entries of an array, one below the other."""
    assert sheet.entries is not None
    found = sheet.entries.names[array]
    if entry is not None and entry not in found:
        # a symbolic batch is written out by one row
        raise PrintError(f"{array}[{', '.join(map(str, entry))}] is not written out; the batch is shown by one row")
    wanted = [found[entry]] if entry is not None else list(found.values())
    whole = "staged" if style == "staged" or sheet.numerals is not None else "full"
    displays = once(
        chain_view.full_step(sheet, n) if whole == "full" else chain_view.staged_step(sheet, n) for n in wanted
    )
    words_before = tuple(dict.fromkeys(s for d in displays for s in d.words))
    return Display(tuple(r for d in displays for r in d.rows), tuple(wanted), words_before)


def step_text(record: Record, name: str, notation: Notation | str | None = None) -> str:
    """Return what the code of a step computes as one line of Unicode: ``∂L/∂W₂ = a₁ᵀ δ₂``."""
    sheet = sheet_of(record, notation)
    context = sheet.base if sheet.base.scalar else sheet.with_errors
    left, piece = Typesetter(context).equation(partial(context.adjoint, name), sheet.steps[name].form)
    return to_text(row(left, EQUALS, piece.whole()))
