"""The lines of an optimizer's update and its hyperparameters, as display trees."""

from __future__ import annotations

import re

from symback.core.display import ARROW, EQUALS, Accent, Node, Symbol, row, to_latex, to_text
from symback.core.forms import names_in, number
from symback.functions.optimizers import SHARED
from symback.page.context import Context
from symback.page.notation import GREEK, Names, Notation, letter, name_symbols, upright
from symback.page.typesetting import Typesetter
from symback.page.words import DEFAULT_LANGUAGE, words
from symback.run.optimization import CHOSEN_RATE, COUNT, GRADIENT, NORM, PARAMETER, RATE, Optimizer, optimizer_lines

_SYMBOLS = {PARAMETER: r"\theta", GRADIENT: "g", COUNT: "t", RATE: r"\eta_t"}
_OTHERS = {
    PARAMETER: (r"\phi", r"\psi"),
    GRADIENT: ("q", "h"),
    COUNT: ("k", "n"),
    "m": ("p", "a"),
    "v": ("r", "c"),
    "u": ("z", "d"),
    "s": ("r", "c"),
    "every": ("p", "k"),
    "alpha": (r"\rho",),
    "momentum": (r"\nu",),
    "weight_decay": (r"\kappa",),
}
"""Letters for names whose own symbol stands for something else in the document."""
_WORDS = {"infty": "∞", "mathrm": "", **GREEK}


def optimizer_context(
    chosen: Optimizer,
    notation: Notation | None = None,
    taken: frozenset[str] = frozenset(),
    language: str = DEFAULT_LANGUAGE,
) -> Context:
    """Return the symbols of an optimizer's lines; one that is taken already gives way to another, or to the name.

    ``taken`` are the symbols (LaTeX) that the document uses already.
    """
    base = notation or Notation()
    eta = letter(base.learning_rate) or letter("eta")
    assert eta is not None
    symbols = {**_SYMBOLS, RATE: f"{to_latex(eta).strip()}_t"}
    for a_row in (chosen.row, *SHARED, *([] if chosen.schedule is None else [chosen.schedule.row])):
        symbols.update(a_row.symbols)
        symbols.update({h.name: h.symbol for h in a_row.hyperparameters if h.symbol})
    symbols[CHOSEN_RATE] = to_latex(eta).strip()
    names = list(
        dict.fromkeys(
            [
                PARAMETER,
                GRADIENT,
                CHOSEN_RATE,
                RATE,
                *(label for a in chosen.assignments for label in (a.target, *(n.name for n in names_in(a.form)))),
            ]
        )
    )
    plain = name_symbols(names, Notation()).symbols
    nodes: dict[str, Node] = {}
    used = set(taken)
    for label in names:
        head, _, accent = label.partition("_")
        choices = [_symbol(symbols[label]) if label in symbols else plain[label]]
        if label == NORM:
            g = nodes[GRADIENT]
            choices = [Symbol(rf"\lVert {to_latex(g)} \rVert", f"‖{to_text(g)}‖")]
        if accent in ("hat", "bar", "tilde") and head in nodes and label not in symbols:
            choices = [Accent(nodes[head], accent)]
        choices += [*map(_symbol, _OTHERS.get(label, ())), upright(label)]
        node = next((n for n in choices if to_latex(n) not in used), choices[-1])
        nodes[label] = node
        used.add(to_latex(node))
    names_of_lines = Names(nodes, (), frozenset(used))
    otherwise = words(language)["otherwise"]
    return Context(names=names_of_lines, notation=base, otherwise=otherwise, product="juxtaposed")


def update_lines(chosen: Optimizer, context: Context) -> tuple[tuple[Node, Node], ...]:
    """Return the lines of one update as pairs of display nodes: ``m`` and ``← β₁ m + (1 − β₁) g``."""
    setter = Typesetter(context)
    found = []
    for a in chosen.assignments:
        _, piece = setter.equation(lambda places: row(), a.form)
        sign = ARROW if a.kept or a.target in (PARAMETER, GRADIENT) else EQUALS
        found.append((context.name(a.target), row(sign, piece.whole())))
    return tuple(found)


@optimizer_lines.plug
def _lines(chosen: Optimizer) -> tuple[tuple[Node, Node], ...]:
    return update_lines(chosen, optimizer_context(chosen))


def settings(chosen: Optimizer, context: Context) -> tuple[tuple[Node, Node], ...]:
    """Return symbol and value of every hyperparameter that is read, as pairs of display nodes."""
    setter = Typesetter(context)
    return tuple((context.name(h.name), _value_node(setter, chosen.value_of(h.name))) for h in chosen.read)


def _symbol(latex: str) -> Symbol:
    """Return a row's own LaTeX as a symbol, with its text read off.

    >>> _symbol(r"\\mu_{t+1}").text, _symbol(r"\\rho_\\infty").text
    ('μ_{t+1}', 'ρ_∞')
    """
    text = re.sub(r"\\([A-Za-z]+) ?", lambda found: _WORDS.get(found.group(1), found.group(1)), latex)
    text = re.sub(r"_(\d)", lambda found: chr(ord("₀") + int(found.group(1))), text)
    for _ in range(2):
        text = re.sub(r"\{(\w*)\}", r"\1", text)
    return Symbol(latex, re.sub(r"_t\b", "ₜ", text))


def _value_node(setter: Typesetter, value: float | bool) -> Node:
    _, piece = setter.equation(lambda places: row(), number(value))
    return piece.whole()
