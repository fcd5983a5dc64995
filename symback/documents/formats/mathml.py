r"""MathML: the display tree as presentation MathML, for pages without scripts.

The elements are those of MathML Core (W3C, https://www.w3.org/TR/mathml-core/), which browsers draw by themselves. The
space between two things follows *The TeXbook*, chapter 18, and is written into the markup, so that browsers with
different operator tables agree. ``STYLE`` holds the few rules a page needs for alignment, blanks and colors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from symback.core.display import (
    FENCE_TEXTS,
    Accent,
    Big,
    Blank,
    Colored,
    Fence,
    Fraction,
    Gap,
    Grid,
    Infix,
    Lines,
    Node,
    Root,
    Row,
    Script,
    Symbol,
    Under,
    Word,
    is_spacious,
    is_tall,
    latex_lines,
    row,
    to_latex,
    to_text,
)
from symback.core.errors import PrintError
from symback.documents.formats.latex_symbols import Glyph, glyph, parse_symbol

STYLE = """\
math mtd{padding:0;text-align:left;text-align:-webkit-left}
mfrac{padding-inline:.12em}
.aligned>mtr>mtd{padding:.38em 0}
.aligned>mtr>mtd:nth-child(odd){text-align:right;text-align:-webkit-right}
.aligned>mtr>mtd:nth-child(odd):not(:first-child){padding-inline-start:2em}
.matrix>mtr>mtd{padding:.12em .4em .26em;text-align:center;text-align:-webkit-center}
.matrix>mtr>mtd:first-child{padding-inline-start:.05em}.matrix>mtr>mtd:last-child{padding-inline-end:.05em}
.matrix[displaystyle]>mtr>mtd{padding-block:.4em}
.cases>mtr>mtd{padding:.2em 0}
.cases>mtr>mtd+mtd{padding-inline-start:1em}
.blank{border-bottom:.06em solid}
.ink-red{color:#b3261e}.ink-blue{color:#1a56c4}.ink-green{color:#1b7a3d}.ink-orange{color:#a85400}.ink-purple{color:#7a35a8}
"""
"""Rules for the classes that the markup carries; colors have enough contrast on white.

Chromium aligns the cells of a formula by its own values of ``text-align`` only; other browsers skip those.
"""

DARK = """\
.ink-red{color:#ff8a80}.ink-blue{color:#8ab4ff}.ink-green{color:#7ddb96}.ink-orange{color:#ffb870}.ink-purple{color:#d0a5ff}
"""
"""The colors on dark ground."""

THIN, MEDIUM, THICK = "0.167em", "0.222em", "0.278em"
"""TeX's three math spaces: 3, 4 and 5 eighteenths of an em."""

_RELATIONS = frozenset("=<>≤≥≠≈≡∼≃≅∈∉←→↔⇒⇐⇔↦∝∣∥⟂≪≫⊂⊆⊃⊇:")
_BINARY = frozenset("+−×·⋅÷⊙⊗⊕⊖∘∗⋆∙•±∓∪∩∧∨∖")
_OPENING, _CLOSING = frozenset("([{⟨⌈⌊"), frozenset(")]}⟩⌉⌋")
_PUNCTUATION = frozenset(",;")
_SIGNS_ABOVE = {  # combining marks print in place in every browser as their spacing forms
    "hat": "^",
    "widehat": "^",
    "bar": "¯",
    "overline": "¯",
    "tilde": "~",
    "widetilde": "~",
    "vec": "→",
    "dot": "˙",
    "ddot": "¨",
    "check": "ˇ",
    "breve": "˘",
}
_SIZED = re.compile(r"\\([bB]ig{1,2})([lr]?)\s*(\\[A-Za-z]+|\\.|.)")
_SIZES = {"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"}


# --- letters of the mathematical alphabets --------------------------------------------------------------------------------

# Unicode, *Mathematical Alphanumeric Symbols* (U+1D400–U+1D7FF): first capital, small letter, digit, Greek of each style.
_ALPHABETS = {
    "italic": ("𝐴", "𝑎", "", "𝛢", "𝛼"),
    "bold": ("𝐀", "𝐚", "𝟎", "𝚨", "𝛂"),
    "bold italic": ("𝑨", "𝒂", "𝟎", "𝜜", "𝜶"),
    "calligraphic": ("𝒜", "𝒶", "", "", ""),
    "double-struck": ("𝔸", "𝕒", "𝟘", "", ""),
}
_ELSEWHERE = {  # letters that had their place in Unicode before
    "italic": {"h": "ℎ"},
    "calligraphic": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "double-struck": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
}
_GREEK_VARIANTS = {"∂": 25, "ϵ": 26, "ϑ": 27, "ϕ": 29, "ϱ": 30, "ϖ": 31}
"""Distance of these from the small alpha of a style; the other small letters follow the order of Greek in Unicode."""


def styled(characters: str, style: str) -> str:
    """Return letters in a mathematical alphabet; characters without such a form stay.

    >>> styled("W1", "bold"), styled("L", "calligraphic")
    ('𝐖𝟏', 'ℒ')
    """
    return "".join(_styled(char, style) for char in characters)


def _styled(char: str, style: str) -> str:
    if style not in _ALPHABETS:
        return char
    capital, small, digit, greek_capital, greek_small = _ALPHABETS[style]
    if char in _ELSEWHERE.get(style, {}):
        return _ELSEWHERE[style][char]
    for first, last, start in (
        ("A", "Z", capital),
        ("a", "z", small),
        ("0", "9", digit),
        ("Α", "Ω", greek_capital),
        ("α", "ω", greek_small),
    ):
        if first <= char <= last and start:
            return chr(ord(start) + ord(char) - ord(first))
    if char in _GREEK_VARIANTS and greek_small:
        return chr(ord(greek_small) + _GREEK_VARIANTS[char])
    return char


# --- items of a row -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Item:
    """One element of a row: its class as TeX has it, and its markup from the space on its left and right."""

    kind: str
    """"ordinary", "function", "binary", "relation", "open", "close", "punctuation", "inner", "gap", or "bracketed": on its
    left like "open", on its right like "close"."""
    markup: Callable[[str, str], str]


def _fixed(kind: str, markup: str) -> _Item:
    return _Item(kind, lambda left, right: markup)


def _sign(kind: str, text: str, attributes: str = "") -> _Item:
    """Return an operator; the space around it goes into its attributes."""
    shown = escape(text)
    return _Item(kind, lambda left, right: f'<mo{attributes} lspace="{left}" rspace="{right}">{shown}</mo>')


def _space(width: str) -> str:
    return f'<mspace width="{width}"/>'


def _atom(latex: str) -> _Item:
    """Return the item of one mark."""
    found: Glyph = glyph(latex)
    text = _clean(found.characters)
    if text == "mod":
        return _sign("binary", text)
    if found.style == "operator":
        return _fixed("function", f"<mi>{escape(text)}</mi>")
    if text in _BINARY:
        return _sign("binary", text, ' largeop="false"' if text in "⊙⊗⊕" else "")
    if text in _RELATIONS:
        return _sign("relation", text)
    if text in _OPENING or latex in (r"\lvert", r"\lVert"):
        return _fixed("open", f'<mo form="prefix" stretchy="false">{escape(text)}</mo>')
    if text in _CLOSING or latex in (r"\rvert", r"\rVert"):
        return _fixed("close", f'<mo form="postfix" stretchy="false">{escape(text)}</mo>')
    if text in _PUNCTUATION:
        return _sign("punctuation", text)
    if text == "′":
        return _fixed("ordinary", '<mo lspace="0" rspace="0">′</mo>')
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return _fixed("ordinary", f"<mn>{styled(text, found.style)}</mn>")
    if text in ("∑", "∏", "∫"):
        return _fixed("function", f'<mo movablelimits="true" lspace="0" rspace="0">{text}</mo>')
    if found.style == "sign" and not text.isalpha() and text not in ("∂", "∇", "∞", "⊤", "⊥", "∅", "ℓ", "ℏ"):
        return _fixed("ordinary", f'<mo stretchy="false" lspace="0" rspace="0">{escape(text)}</mo>')
    if found.style == "italic" and len(text) == 1:
        return _fixed("ordinary", f"<mi>{escape(text)}</mi>")  # a browser sets a single letter in italics itself
    letters = escape(styled(text, found.style))
    upright = len(letters) == 1 and letters == text and text not in ("∂", "ℓ")
    return _fixed("ordinary", f'<mi mathvariant="normal">{letters}</mi>' if upright else f"<mi>{letters}</mi>")


def _symbol(latex: str, small: bool) -> list[_Item]:
    sized = _SIZED.fullmatch(latex.strip())
    if sized:
        bracket = escape(glyph(sized.group(3)).characters)
        size = _SIZES[sized.group(1)]
        form = {"l": ' form="prefix"', "r": ' form="postfix"'}.get(sized.group(2), "")
        kind = {"l": "open", "r": "close"}.get(sized.group(2), "ordinary")
        return [_fixed(kind, f'<mo{form} stretchy="true" minsize="{size}" maxsize="{size}">{bracket}</mo>')]
    node = parse_symbol(latex)
    if isinstance(node, Symbol):
        return [_atom(node.latex)]
    found = _items(node, small)
    return found or [_fixed("ordinary", "")]


def _items(node: Node, small: bool) -> list[_Item]:
    """Return the elements of a node that stand beside each other; ``small`` inside scripts."""
    if isinstance(node, Symbol):
        return _symbol(node.latex, small)
    if isinstance(node, Infix):
        return _infix(node, small)
    if isinstance(node, Gap):
        width = {"space": "", "thin": THIN, "quad": "1em"}[node.kind]
        return [_fixed("gap", _space(width) if width else "")]
    if isinstance(node, Word):
        return [_fixed("ordinary", f"<mtext>{_words(node.string)}</mtext>")]
    if isinstance(node, Row):
        return [item for part in node.parts for item in _items(part, small)]
    if isinstance(node, Script):
        return [_script(node, small)]
    if isinstance(node, Accent):
        return [_accent(node, small)]
    if isinstance(node, Fraction):
        return [_fixed("ordinary", f"<mfrac>{_one(node.above, small)}{_one(node.below, small)}</mfrac>")]
    if isinstance(node, Root):
        return [_fixed("ordinary", f"<msqrt>{_one(node.body, small)}</msqrt>")]
    if isinstance(node, Fence):
        return _fence(node, small)
    if isinstance(node, Big):
        return [_big(node, small)]
    if isinstance(node, Grid):
        return [_grid(node, small)]
    if isinstance(node, Lines):
        return [_fixed("inner", _aligned(node.rows))]
    if isinstance(node, Blank):
        return [_fixed("ordinary", f'<mspace class="blank" width="{2 * node.width}em" height="0.8em" depth="0.2em"/>')]
    if isinstance(node, Colored):
        return [_colored(node, small)]
    if isinstance(node, Under):
        return [_under(node, small)]
    brace = f'<munder>{_one(node.body, small)}<mo stretchy="true">⏟</mo></munder>'
    return [_fixed("inner", f"<munder>{brace}{_one(node.label, True)}</munder>")]


def _clean(text: str, keep: str = "") -> str:
    """Return text with spaces for characters that do not print."""
    return "".join(c if c.isprintable() or c in keep else " " for c in text)


def _words(string: str) -> str:
    """Return text for ``mtext``: browsers drop spaces at its ends, so these do not break."""
    clean = _clean(string)
    inner = clean.strip(" ")
    if not inner:
        return "\xa0" * len(clean)
    left, right = len(clean) - len(clean.lstrip(" ")), len(clean) - len(clean.rstrip(" "))
    return "\xa0" * left + escape(inner) + "\xa0" * right


def _infix(node: Infix, small: bool) -> list[_Item]:
    found = _symbol(node.latex, small)
    if len(found) != 1:
        return found
    return [_Item("relation" if node.relation else "binary", found[0].markup)]


def _script(node: Script, small: bool) -> _Item:
    base = _items(node.base, small)
    kinds = [item.kind for item in base if item.kind != "gap"]
    if len(kinds) > 1 and (kinds[0], kinds[-1]) == ("open", "close"):
        kind = "bracketed"
    else:
        kind = kinds[0] if kinds in (["function"], ["inner"], ["bracketed"]) else "ordinary"
    if node.primes:
        # A prime in a superscript would be raised twice: the fonts of formulas have it raised already.
        primes = f'<mo lspace="0" rspace="0">{"′" * node.primes}</mo>'
        body = f"<mrow>{''.join(_spaced(base, small))}{primes}</mrow>"
    else:
        body = _bound(base, small)
    below = "" if node.below is None else _one(node.below, True)
    above = "" if node.above is None else _one(node.above, True)
    tag = {(True, True): "msubsup", (True, False): "msub", (False, True): "msup"}.get((bool(below), bool(above)))
    return _fixed(kind, f"<{tag}>{body}{below}{above}</{tag}>" if tag else body)


def _accent(node: Accent, small: bool) -> _Item:
    base = _one(node.base, small)
    if node.kind == "underline":
        return _fixed("ordinary", f'<munder>{base}<mo stretchy="true">_</mo></munder>')
    if node.kind not in _SIGNS_ABOVE:
        raise PrintError(f"there is no accent called {node.kind!r} in MathML; known: {', '.join(_SIGNS_ABOVE)}")
    grows = "true" if node.kind in ("overline", "widehat", "widetilde") else "false"
    mark = f'<mo stretchy="{grows}">{_SIGNS_ABOVE[node.kind]}</mo>'
    return _fixed("ordinary", f'<mover accent="true">{base}{mark}</mover>')


def _fence(node: Fence, small: bool) -> list[_Item]:
    left, right = FENCE_TEXTS[node.kind]
    if not is_tall(node.body):
        inside = _items(node.body, small)
        return [
            _fixed("open", f'<mo form="prefix" stretchy="false">{left}</mo>'),
            *inside,
            _fixed("close", f'<mo form="postfix" stretchy="false">{right}</mo>'),
        ]
    return [
        _fixed(
            "inner",
            f'<mrow><mo form="prefix" stretchy="true">{left}</mo>{_one(node.body, small)}'
            f'<mo form="postfix" stretchy="true">{right}</mo></mrow>',
        )
    ]


def _big(node: Big, small: bool) -> _Item:
    found = _symbol(node.sign.latex, small)
    text = re.sub(r"</?m[a-z]+[^>]*>", "", "".join(_spaced(found, small)))  # the sign itself, already escaped
    sign = f'<mo form="prefix" movablelimits="true" lspace="0" rspace="0">{text}</mo>'
    if node.below is None:
        return _fixed("function", sign)
    return _fixed("function", f"<munder>{sign}{_one(node.below, True)}</munder>")


def _table(kind: str, rows: Iterable[Sequence[str]], attributes: str = "") -> str:
    lines = "".join("<mtr>" + "".join(f"<mtd>{cell}</mtd>" for cell in cells) + "</mtr>" for cells in rows)
    return f'<mtable class="{kind}"{attributes}>{lines}</mtable>'


def _grid(node: Grid, small: bool) -> _Item:
    cells = [["".join(_parts(cell, small)) for cell in line] for line in node.rows]
    if node.kind == "cases":
        table = _table("cases", cells, ' columnalign="left left"')
        return _fixed("inner", f'<mrow><mo form="prefix" stretchy="true">{{</mo>{table}</mrow>')
    table = _table("matrix", cells, ' displaystyle="true"') if is_spacious(node) else _table("matrix", cells)
    brackets = ('<mo form="prefix" stretchy="true">[</mo>', '<mo form="postfix" stretchy="true">]</mo>')
    return _fixed("ordinary", f"<mrow>{brackets[0]}{table}{brackets[1]}</mrow>")


def _aligned(rows: Sequence[Sequence[Node]]) -> str:
    columns = max((len(cells) for cells in rows), default=0)
    align = " ".join(("right", "left")[k % 2] for k in range(columns))
    # A relation that begins a right side has something on its left: what stands in the column before it.
    cells = [["".join(_parts(cell, False, follows=k % 2 == 1)) for k, cell in enumerate(line)] for line in rows]
    return _table("aligned", cells, f' displaystyle="true" columnalign="{align}"')


def _colored(node: Colored, small: bool) -> _Item:
    if not re.fullmatch("[A-Za-z]+", node.color):
        raise PrintError(f"{node.color!r} is not the name of a color")
    inside = "".join(_parts(node.body, small))
    return _fixed("ordinary", f'<mrow class="ink-{node.color}" mathcolor="{node.color}">{inside}</mrow>')


def _under(node: Under, small: bool) -> _Item:
    label = _one(node.label, True)
    found = _items(node.body, small)
    kind = found[0].kind if len(found) == 1 else "ordinary"
    if kind in ("relation", "binary"):
        return _Item(kind, lambda left, right: f"<munder>{found[0].markup(left, right)}{label}</munder>")
    return _fixed("ordinary", f"<munder>{_bound(found, small)}{label}</munder>")


# --- spaces ---------------------------------------------------------------------------------------------------------------

_THIN_BETWEEN = {
    ("ordinary", "function"),
    ("function", "ordinary"),
    ("function", "function"),
    ("close", "function"),
    ("function", "inner"),
    ("inner", "function"),
}
"""Classes with a thin space between them in every size (*The TeXbook*, chapter 18; punctuation has its own space)."""
_THIN_BETWEEN_LARGE = {
    ("ordinary", "inner"),
    ("inner", "ordinary"),
    ("close", "inner"),
    ("inner", "open"),
    ("inner", "inner"),
}
"""Classes with a thin space between them outside scripts."""


_NOTHING_BEFORE = ("binary", "function", "relation", "open", "punctuation")
_NOTHING_AFTER = ("relation", "close", "punctuation")


def _settled(items: Sequence[_Item], follows: bool) -> list[str]:
    """Return the classes of the items, a sign such as − made ordinary where it has nothing on one side."""
    kinds = [item.kind for item in items]
    places = [k for k, kind in enumerate(kinds) if kind != "gap"]
    before = "ordinary" if follows else "open"
    for order, place in enumerate(places):
        after = kinds[places[order + 1]] if order + 1 < len(places) else "close"
        if kinds[place] == "binary" and (before in _NOTHING_BEFORE or after in _NOTHING_AFTER):
            kinds[place] = "sign"
        before = "ordinary" if kinds[place] == "sign" else kinds[place]
    return kinds


def _spaced(items: Sequence[_Item], small: bool, follows: bool = False) -> list[str]:
    """Return the markup of items beside each other, with TeX's space between them."""
    kinds = _settled(items, follows)
    found: list[str] = []
    before = "ordinary" if follows else ""
    for item, kind in zip(items, kinds, strict=True):
        if kind == "gap":
            markup = item.markup("0", "0")
        else:
            here = "ordinary" if kind == "sign" else kind
            if (before, here) in _THIN_BETWEEN or (not small and (before, here) in _THIN_BETWEEN_LARGE):
                found.append(_space(THIN))
            left, right = _sides(kind, before, small)
            markup = item.markup(left, right)
            before = "close" if kind == "bracketed" else here
        if markup:
            found.append(markup)
    return found


def _sides(kind: str, before: str, small: bool) -> tuple[str, str]:
    if small or kind == "sign":
        return "0", "0"
    if kind == "binary":
        return MEDIUM, MEDIUM
    if kind == "relation":
        return (THICK if before not in ("", "relation", "open") else "0"), THICK
    if kind == "punctuation":
        return "0", THIN
    return "0", "0"


def _parts(node: Node, small: bool, follows: bool = False) -> list[str]:
    return _spaced(_items(node, small), small, follows)


def _bound(items: Sequence[_Item], small: bool) -> str:
    """Return the items as exactly one element."""
    found = _spaced(items, small)
    return found[0] if len(found) == 1 else f"<mrow>{''.join(found)}</mrow>"


def _one(node: Node, small: bool) -> str:
    return _bound(_items(node, small), small)


# --- whole formulas -------------------------------------------------------------------------------------------------------


def to_mathml(node: Node) -> str:
    r"""Return a formula in the line as one ``math`` element, with its text (``alttext``) and its LaTeX (an annotation).

    Raises PrintError where a symbol holds LaTeX that is not read here.

    >>> to_mathml(Script(Symbol("a", "a"), Symbol("1", "1")))  # doctest: +ELLIPSIS
    '<math alttext="a₁"><semantics><msub><mi>a</mi><mn>1</mn></msub><annotation encoding="application/x-tex">a_1</annot...
    """
    return _math("", _one(node, False), to_text(node), to_latex(node))


def display_to_mathml(rows: Sequence[Sequence[Node]], whole: Sequence[Sequence[Node]] | None = None) -> str:
    r"""Return a display as one ``math`` element: one line, or rows of cells aligned at every second cell.

    ``whole`` are the rows before they were broken into lines that fit; its LaTeX and its text are kept.
    """
    known = rows if whole is None else whole
    if len(rows) == 1 and len(rows[0]) <= 2:
        body = _one(row(*rows[0]), False)
    else:
        body = _aligned(rows)
    if len(known) == 1 and len(known[0]) <= 2:
        tex, text = to_latex(row(*known[0])).strip(), to_text(row(*known[0])).strip()
    else:
        tex = "\\begin{aligned}\n" + latex_lines(known) + "\n\\end{aligned}"
        text = to_text(Lines(tuple(tuple(cells) for cells in known)))
    return _math(' display="block"', body, re.sub(r"\s+", " ", text).strip(), tex)


def _math(attributes: str, body: str, text: str, tex: str) -> str:
    annotation = (
        f'<annotation encoding="application/x-tex">{escape(_clean(tex, keep=chr(10)), quote=False)}</annotation>'
    )
    return f'<math{attributes} alttext="{escape(_clean(text))}"><semantics>{body}{annotation}</semantics></math>'
