"""SVG: pictures as vector graphics that browsers, notebooks and Typst draw alike; plots; whole pages, set by Typst."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import NamedTuple

from symback.core.display import (
    FENCE_TEXTS,
    Accent,
    Fence,
    Fraction,
    Gap,
    Infix,
    Node,
    Row,
    Script,
    Symbol,
    Word,
    to_text,
)
from symback.core.errors import PrintError, SymbackError
from symback.documents.document import Document, PageBreak
from symback.documents.format import Format
from symback.documents.formats.latex_symbols import glyph, parse_symbol
from symback.documents.formats.scripts import page_families
from symback.documents.plots import Plot
from symback.page.picture import CURVES, POINTS, SHADES, Box, Circle, Edge, Label, Picture

FORMULAS = (
    "symback math, STIX Two Math, STIX Two Text, Latin Modern Math, New Computer Modern Math, Times New Roman, serif"
)
WORDS = ", ".join((*page_families(), "serif"))
_SHEET = "#set page(width: {width}cm, height: auto, flipped: false, margin: 1cm, numbering: none, fill: white)"
_COMBINING = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_FILLS = {
    "input": "#e8f0fb",
    "hidden": "#f4f4f0",
    "output": "#e6f4e8",
    "loss": "#fbe9e7",
    "parameter": "#fdf5dc",
    **POINTS,
}
_INKS = {"forward": "#1b6e2c", "gradient": "#b3261e", "shape": "#666666", "caption": "#444444"}
_STROKES = {"weight": "#8a8a8a", "edge": "#555555", **CURVES}


def svg(picture: Picture, *, formulas: str = FORMULAS, words: str = WORDS, identifier: str = "") -> str:
    """Return a picture as an ``<svg>`` element that stands alone or inside a page.

    ``formulas`` and ``words`` are the font families of labels (Typst uses only the first that is named), ``identifier``
    makes the names of marks unique where a page has several pictures. Every mark has a class by its kind, so that a
    style sheet can color it; colors of its own are for white paper.
    """
    arrow = f"arrow{identifier}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" viewBox="0 0 {_n(picture.width)} {_n(picture.height)}" '
        f'width="{_n(picture.width)}pt" height="{_n(picture.height)}pt" role="img" color="#222222">',
        f"<title>{escape(picture.description)}</title>",
        f'<defs><marker id="{arrow}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" '
        'orient="auto"><path d="M0.5 0.8 L7.4 4 L0.5 7.2 L2.2 4 z" fill="#555555" class="head"/></marker></defs>',
    ]
    for mark in picture.marks:
        if isinstance(mark, Circle):
            parts.append(
                f'<circle class="{mark.kind}" cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius)}" '
                f'fill="{_FILLS.get(mark.kind, "#ffffff")}" stroke="currentColor" stroke-width="1"/>'
            )
        elif isinstance(mark, Box):
            parts.append(_box(mark))
        elif isinstance(mark, Edge):
            points = " ".join(f"{_n(x)},{_n(y)}" for x, y in mark.points)
            head = f' marker-end="url(#{arrow})"' if mark.arrow else ""
            parts.append(
                f'<polyline class="{mark.kind}" points="{points}" fill="none" '
                f'stroke="{_STROKES.get(mark.kind, "#555555")}" stroke-width="0.8"{head}/>'
            )
        else:
            parts.append(_label(mark, formulas, words))
    return "".join([*parts, "</svg>"])


def _box(box: Box) -> str:
    look = f'rx="4" fill="{_FILLS.get(box.kind, "#ffffff")}" stroke="currentColor" stroke-width="0.9"'
    if box.shade is not None:
        border = 'stroke="#999999" stroke-width="0.4"' if box.kind == "cell" else 'shape-rendering="crispEdges"'
        look = f'fill="{SHADES[box.kind]}" fill-opacity="{_n(box.shade)}" {border}'
    return (
        f'<rect class="{box.kind}" x="{_n(box.x - box.width / 2)}" y="{_n(box.y - box.height / 2)}" '
        f'width="{_n(box.width)}" height="{_n(box.height)}" {look}/>'
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _label(label: Label, formulas: str, words: str) -> str:
    family = words if isinstance(label.body, str) else formulas
    ink = _INKS.get(label.kind, "currentColor")
    place = f'x="{_n(label.x)}" y="{_n(label.y + 0.33 * label.size)}" text-anchor="{label.anchor}"'
    look = f'font-family="{escape(family)}" font-size="{_n(label.size)}"'
    body = escape(label.body) if isinstance(label.body, str) else _tspans(label.body, label.size)
    text = f'<text class="{label.kind}" {place} {look} fill="{ink}">{body}</text>'
    if not label.halo:
        return text
    # drawn twice instead of by paint-order, which some renderers do not know
    behind = (
        f'<text class="halo" aria-hidden="true" {place} {look} fill="#ffffff" stroke="#ffffff" stroke-width="3.2" '
        f'stroke-linejoin="round">{body}</text>'
    )
    return behind + text


def _tspans(node: Node, size: float) -> str:
    """Return a formula as spans of text with raised and lowered scripts."""
    spans: list[str] = []
    height = 0.0
    for text, italic, bold, scale, rise in _runs(node, 1.0, 0.0):
        shift = f' dy="{_n((height - rise) * size)}"' if rise != height else ""
        height = rise
        style = ' font-style="italic"' if italic else ""
        weight = ' font-weight="bold"' if bold else ""
        smaller = f' font-size="{_n(scale * size)}"' if scale != 1.0 else ""
        spans.append(f"<tspan{shift}{style}{weight}{smaller}>{escape(text)}</tspan>")
    return "".join(spans)


class _Run(NamedTuple):
    """A run of text: its letters' scale, and their rise above the line, in em."""

    text: str
    italic: bool
    bold: bool
    scale: float
    rise: float


def _runs(node: Node, scale: float, rise: float) -> list[_Run]:
    """Return a formula as runs of text on one line."""
    if isinstance(node, Symbol):
        return _symbol(node, scale, rise)
    if isinstance(node, Row):
        return [run for part in node.parts for run in _runs(part, scale, rise)]
    if isinstance(node, Script):
        found = _runs(node.base, scale, rise)
        if node.primes:
            found.append(_Run("′" * node.primes, False, False, scale, rise))
        if node.below is not None:
            found += _runs(node.below, scale * 0.72, rise - 0.2 * scale)
        if node.above is not None:
            found += _runs(node.above, scale * 0.72, rise + 0.38 * scale)
        return found
    if isinstance(node, Accent):
        runs = _runs(node.base, scale, rise)
        text = runs[0].text
        return [runs[0]._replace(text=text[:1] + _COMBINING[node.kind] + text[1:]), *runs[1:]]
    if isinstance(node, Fraction):
        return [
            *_runs(node.above, scale, rise),
            _Run("/", False, False, scale, rise),
            *_runs(node.below, scale, rise),
        ]
    if isinstance(node, Fence):
        left, right = FENCE_TEXTS[node.kind]
        return [
            _Run(left, False, False, scale, rise),
            *_runs(node.body, scale, rise),
            _Run(right, False, False, scale, rise),
        ]
    if isinstance(node, (Infix, Gap)):
        return [_Run(to_text(node), False, False, scale, rise)]
    if isinstance(node, Word):
        return [_Run(node.string, False, False, scale, rise)]
    return [_Run(to_text(node), False, False, scale, rise)]


def _symbol(node: Symbol, scale: float, rise: float) -> list[_Run]:
    try:
        read = parse_symbol(node.latex)
    except PrintError:  # beyond the portable subset; a picture still shows its text
        return [_Run(node.text, False, False, scale, rise)]
    if not isinstance(read, Symbol):
        return _runs(read, scale, rise)
    atom = glyph(read.latex)
    return [_Run(atom.characters, "italic" in atom.style, "bold" in atom.style, scale, rise)]


# --- pages and plots ---------------------------------------------------------------------------------------------------


def render(document: Document) -> str:
    """Return a document as SVG text, all of its pages in one; the same document and fonts give the same bytes.

    Raises SymbackError where Typst is not installed or refuses the document.
    """
    from symback.documents.formats import typst as typst_source

    try:
        import typst
    except ModuleNotFoundError:
        raise SymbackError("SVG of a document needs Typst; install it with: pip install 'symback[pdf]'") from None
    whole = replace(document, blocks=tuple(b for b in document.blocks if not isinstance(b, PageBreak)))
    source = typst_source.render(whole, _SHEET.format(width=30 if document.wide else 21))
    with tempfile.TemporaryDirectory(prefix="symback-", ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "page.typ"
        page.write_text(source, encoding="utf-8", newline="\n")
        try:
            made = typst.compile(str(page), root=folder, format="svg")
        except typst.TypstError as error:
            raise SymbackError(f"Typst refuses the page: {str(error).splitlines()[0]}") from None
    if not isinstance(made, bytes):
        raise SymbackError("Typst gave no single picture of the page")
    return made.decode("utf-8")


def plot(drawn: Plot) -> bytes:
    """Return a plot as SVG, without a date."""
    return drawn.saved("svg", {"Date": None, "Creator": None})


FORMAT = Format("svg", "a vector picture", {"document": render, "picture": svg, "plot": plot}, ("svg",))
