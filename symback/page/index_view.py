"""Each gradient proved in index notation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction as Rational
from functools import partial

import numpy as np

from symback.core.display import Fence, Fraction, Node, Row, row, to_latex
from symback.derivation.proofs import Proof, proofs
from symback.derivation.summands import terms_reading
from symback.page.collapse_view import collapse_displays
from symback.page.indexing import proof_rows
from symback.page.matrix_view import adjoint_step, below_lines
from symback.page.numerals import APPROXIMATELY
from symback.page.pieces import NoMatrixNotation, decimal_piece
from symback.page.places import Place
from symback.page.reasons_view import legend, reasons
from symback.page.records import Display, Sentence, sentence
from symback.page.sheet import Sheet
from symback.page.substitution import rounded
from symback.page.typesetting import Typesetter


def index_step(sheet: Sheet, of: str, entry: tuple[int, ...] | None = None) -> Display:
    """Return the proof of one gradient, as one display."""
    displays = index_displays(sheet, of, entry)
    words_before = tuple(dict.fromkeys(s for d in displays for s in d.words))
    return Display(tuple(r for d in displays for r in d.rows), (of,), words_before)


def index_displays(sheet: Sheet, of: str, entry: tuple[int, ...] | None = None) -> list[Display]:
    """Return the proof of one gradient by itself: what the letters in its reasons stand for comes first."""
    found = proof_displays(sheet, of, entry)
    return [replace(found[0], words=(*_said_of_sizes(sheet, (of,)), *found[0].words)), *found[1:]]


def index(sheet: Sheet) -> list[Display]:
    """Return the proof of every adjoint, those nearest the loss first."""
    of = [step.of for step in sheet.record.steps if step.of != sheet.network.loss]
    found = [display for name in of for display in proof_displays(sheet, name)]
    if found:
        found[0] = replace(found[0], words=(*_said_of_sizes(sheet, of), *found[0].words))
    return found


def _said_of_sizes(sheet: Sheet, of: Sequence[str]) -> tuple[Sentence, ...]:
    """Return what the letters of sizes stand for in the reasons of these proofs."""
    if not sheet.why:
        return ()
    parts = [proof for name in of for proof in proofs(sheet.record, name)]
    said = legend(
        sheet, [letter for part in parts for reason in reasons(sheet, part, sheet.base) for letter in reason.letters]
    )
    return () if said is None else (said,)


def proof_displays(sheet: Sheet, of: str, entry: tuple[int, ...] | None = None) -> list[Display]:
    """Return the proof of each contribution; then their sum, and the short form where two derivatives cancel."""
    step = sheet.steps[of]
    found: list[Display] = []
    all_proofs = proofs(sheet.record, of)
    for proof in all_proofs:
        rows = list(proof_rows(sheet.base, sheet.network, proof, sheet.base, entry))
        sentences: list[Sentence] = []
        if len(all_proofs) > 1:
            sentences.append(
                sentence(sheet.words["part"], of=sheet.base.name(of), through=sheet.base.name(proof.through))
            )
            rows = _without_left(rows) if proof.through != sheet.network.loss else _of_terms(sheet, proof, rows)
        if sheet.why:
            sentences += [reason.text for reason in reasons(sheet, proof, sheet.base)]
        found.append(Display(tuple(rows), (of,), tuple(sentences)))
    if entry is None and (len(all_proofs) > 1 or any(c.collapsed for c in step.contributions)):
        cells = sheet.equation(sheet.base, partial(sheet.base.adjoint, of), [step.form])
        before = (
            sheet.sentences(step) if len(all_proofs) == 1 else ((sheet.words["sum of parts"],), *sheet.sentences(step))
        )
        lines = collapse_displays(sheet, sheet.base, step) if len(all_proofs) == 1 else []
        found += below_lines(lines, Display((cells,), (of,), before))
    if entry is None and sheet.numerals is not None:
        # indices stand for all entries; the numbers stand in the array formula that was proved
        found.append(replace(adjoint_step(sheet, of), words=()))
    elif entry is not None and sheet.numerals is not None:
        value = np.asarray(sheet.numerals.values["∂" + of])[entry]
        digits = decimal_piece(rounded(float(value), sheet.numerals.digits)).whole()
        left = sheet.base.entry(of, tuple(Place(None, offset=Rational(k)) for k in entry))
        symbol = sheet.base.derivative(sheet.base.loss, of, left)
        found.append(Display(((symbol, row(APPROXIMATELY, digits)),), (of,)))
    return found


def _of_terms(sheet: Sheet, proof: Proof, rows: Sequence[tuple[Node, ...]]) -> list[tuple[Node, ...]]:
    """Return a chain of equal sides that starts with the derivative of what the loss itself reads of a variable."""
    terms = terms_reading(sheet.network.equation(proof.through).form, proof.of)
    try:
        setter = Typesetter(replace(sheet.base, variables=frozenset()))  # entries are differentiated, not norms
        setter.hold(letter for held in re.findall(r"_\{?([a-z]+)", to_latex(rows[0][0])) for letter in held)
        inside = setter.form(terms).whole()
    except NoMatrixNotation:
        return _without_left(rows)
    first = rows[0][0]
    assert isinstance(first, Fraction) and isinstance(first.above, Row)
    return [(row(Fraction(first.above.parts[0], first.below), Fence(inside)), *rows[0][1:]), *rows[1:]]


def _without_left(rows: Sequence[tuple[Node, ...]]) -> list[tuple[Node, ...]]:
    """Return a chain of equal sides that starts with its first side: what it is a part of has no symbol."""
    if not rows:
        return []
    first = rows[0][1]
    sides = first.parts[1:] if isinstance(first, Row) else (first,)
    if len(rows) == 1:
        return [(row(*sides),)]
    return [(row(*sides), rows[1][1]), *rows[2:]]
