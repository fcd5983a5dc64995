"""HTML: a document as one file that needs nothing else: no script, no network, no font of the reader's.

Formulas are MathML in an embedded math font (``data/math.woff2``, a subset of STIX Two Math under the SIL Open Font
License, made by ``data/subset.py``), whose upright letters also set the sentences; pictures are inline SVG. A content security policy inside the page forbids it to
load or run anything. Each formula keeps its LaTeX as an annotation. Formulas too wide for a phone stand in the page
twice, broken into lines for a wide and for a narrow screen, and the style sheet shows one of them.

The page is put together here and not by a template language: it has one shell without a choice in it.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from symback.core.display import EMPTY, QUAD, Node, Row, Word, row, width
from symback.core.errors import PrintError
from symback.documents.document import (
    Block,
    Code,
    Document,
    Exercise,
    Figure,
    Formula,
    Heading,
    Items,
    PageBreak,
    Paragraph,
    Table,
    window_title,
)
from symback.documents.format import Format
from symback.documents.formats.lines import Line, broken_lines, total_width
from symback.documents.formats.mathml import DARK as MATH_DARK
from symback.documents.formats.mathml import STYLE as MATH_STYLE
from symback.documents.formats.mathml import display_to_mathml, to_mathml
from symback.documents.formats.scripts import page_families, typewriter_families
from symback.page.records import Sentence, sentence_text
from symback.page.words import DEFAULT_LANGUAGE, language_called, languages, words

WIDE, NARROW = 45.0, 22.5
"""Room for a display, in em of its font: in a column of 42 rem or on A4 paper, and on a screen of 390 pixels."""
NUMBERED = 3.0
"""Room that an equation number takes, in em."""
INLINE = 14.0
"""Width in em from which a formula in a sentence may be broken into several."""
LINES = 18
"""Lines of one display, so that a printed page holds it."""
SMALLEST = {"wide": 45, "narrow": 60}
"""How far a formula that no break makes fit is scaled down, in percent; beyond that it scrolls in its own box."""

_FAMILIES = {
    "math": '"symback math","STIX Two Math","Latin Modern Math","Cambria Math",${others}math,serif',
    "text": '"symback math","STIX Two Text",Charter,Cambria,Georgia,"Times New Roman","Noto Serif","Liberation Serif",'
    '"DejaVu Serif",${others}serif',
    "code": 'ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",${typewriters}monospace',
}
"""Fonts; ``${others}`` are those with letters that these lack."""
_PAGE = f"""
:root{{color-scheme:light dark;--ink:#1c1c1c;--soft:#5a5a5a;--line:#c9c9c4;--paper:#fff;--tint:#f5f4ef}}
@media screen and (prefers-color-scheme:dark){{:root{{--ink:#e6e4df;--soft:#a8a6a0;--line:#4a4a48;--paper:#17181a;--tint:#222427}}}}
html{{-webkit-text-size-adjust:100%;text-size-adjust:100%}}
body{{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 {_FAMILIES["text"]}}}
main{{max-width:44rem;margin:0 auto;padding:1.5rem 1rem 4rem}}
main.sheet{{max-width:66rem}}
${{lines}}@page{{size:A4;margin:18mm 16mm}}
@media print{{body{{font-size:10.5pt;line-height:1.5}}main{{max-width:none;padding:0}}}}
"""
"""The page around the content: its colors, its width, its paper."""
_PARTS = 3
"""From this number of parts on a page has a table of contents."""
_LARGE = 340.0
"""The width in points beyond which a picture is scrolled on a phone: made smaller, its labels could not be read."""
_CONTENT = f"""
*{{box-sizing:border-box}}
h1,h2,h3,h4,p,li,figcaption,caption{{overflow-wrap:anywhere}}
td,th{{overflow-wrap:break-word}}
${{breaks}}math{{font-family:{_FAMILIES["math"]};font-size:1.05em}}
h1{{font-size:1.6rem;line-height:1.3;margin:0 0 .3em}}
h2{{font-size:1.2rem;margin:2em 0 .6em;padding-bottom:.2em;border-bottom:1px solid var(--line)}}
h3{{font-size:1.02rem;margin:1.6em 0 .4em}}
h4{{font-size:.95rem;color:var(--soft);margin:1.2em 0 .3em}}
p{{margin:.7em 0}}
.anchor{{margin-inline-start:.4em;color:var(--soft);text-decoration:none;opacity:0}}
.anchor::before{{content:"#"}}
h2:hover>.anchor,h3:hover>.anchor,h4:hover>.anchor{{opacity:1}}
.contents ul{{margin:1em 0 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.2em 1.4em;font-size:.92em}}
.contents a{{color:inherit}}
.subtitle{{margin-top:0;color:var(--soft)}}
.note{{padding:.5em .9em;border-left:3px solid var(--line);background:var(--tint)}}
.remark{{color:var(--soft);font-size:.92em}}
.formula{{display:flex;align-items:center;margin:1em 0}}
.formula>div{{flex:1;min-width:0;overflow-x:auto;overflow-y:hidden;padding:.15em 0}}
.number{{flex:none;padding-inline-start:.8em;color:var(--soft)}}
.narrow{{display:none}}
@media screen and (max-width:45rem){{.wide{{display:none}}.narrow{{display:block}}}}
.bound{{white-space:nowrap}}
.table{{overflow-x:auto;margin:1.2em 0}}
table{{border-collapse:collapse;margin:0 auto;min-width:min(16em,100%);max-width:100%}}
caption{{caption-side:top;padding-bottom:.5em;color:var(--soft);font-size:.92em}}
th,td{{padding:.35em .7em;border-bottom:1px solid var(--line);text-align:left;vertical-align:baseline}}
thead th{{border-bottom:2px solid var(--line);font-weight:600;white-space:nowrap}}
.c{{text-align:center}}.r{{text-align:right}}
figure{{margin:1.4em 0;text-align:center}}
figure svg{{max-width:100%;height:auto}}
figcaption{{color:var(--soft);font-size:.92em;margin-top:.4em}}
pre{{margin:1em 0;padding:.8em 1em;overflow-x:auto;background:var(--tint);border:1px solid var(--line);border-radius:4px}}
code{{font:.86rem/1.5 {_FAMILIES["code"]}}}
li{{margin:.25em 0}}
.exercise{{margin:1.6em 0}}
.exercise>h3{{margin-bottom:.3em}}
.answer{{margin:.6em 0;padding:.1em 1em;border-left:3px solid var(--line)}}
.answer>h4{{margin:.5em 0 0}}
.space>div{{height:2.2em;border-bottom:1px dotted var(--line)}}
.break{{border:0;border-top:1px dashed var(--line);margin:3em 0}}
@media screen and (max-width:45rem){{th,td{{padding:.35em .4em}}h1{{font-size:1.4rem}}
.large{{overflow-x:auto}}.large svg{{max-width:none;width:{_LARGE:g}pt}}.large figcaption{{position:sticky;left:0}}}}
@media print{{
h1,h2,h3,h4,${{leads}}{{break-after:avoid}}p{{orphans:2;widows:2}}.note{{break-before:avoid}}thead{{display:table-header-group}}
.formula,figure,tr,.space>div,.note{{break-inside:avoid}}
.formula>div,.table,pre{{overflow:visible}}pre{{white-space:pre-wrap}}
.contents,.anchor{{display:none}}.break{{border:0;margin:0;break-after:page}}}}
"""
"""The content: headings, formulas, tables, pictures, exercises."""
_DARK = f"""
@media screen and (prefers-color-scheme:dark){{
.diagram{{color:#d8d6d0}}.diagram text{{fill:#e6e4df}}.diagram .head{{fill:#a8a6a0}}
.diagram .halo{{fill:var(--paper);stroke:var(--paper)}}.diagram .forward{{fill:#7ddb96}}.diagram .gradient{{fill:#ff8a80}}
.diagram .input{{fill:#22364f}}.diagram .hidden{{fill:#2b2c2f}}.diagram .output{{fill:#1f3b27}}.diagram .loss{{fill:#4a2724}}
.diagram .parameter{{fill:#423a1e}}
{MATH_DARK}}}
"""
"""Colors on dark ground."""
_FRAGMENT = f"""
--soft:#767676;--line:#a8a8a4;--paper:#fff;--tint:transparent;
max-width:44rem;font:1rem/1.6 {_FAMILIES["text"]};
.diagram{{background:#fff;border-radius:4px}}
"""
"""What a piece of a foreign page brings of its own: its text has the color that it finds, pictures have white paper."""
_PARTICLES = re.compile(r"[^\s(\[{<]{1,6}")
"""What follows a formula without a space: a full stop, a bracket, a particle. It stays on the formula's line."""


def render(document: Document, fragment: bool = False) -> str:
    """Return a document as one HTML file; as ``fragment``, as an element to stand inside another page.

    The rules of a fragment reach nothing outside it (by nesting, https://www.w3.org/TR/css-nesting-1/). Raises PrintError
    where a formula holds LaTeX that cannot be shown outside LaTeX.

    >>> from symback.core.display import Symbol
    >>> page = render(Document(("On ", Symbol("x", "x")), (Paragraph(("1 < 2",)),)))
    >>> "<p>1 &lt; 2</p>" in page, "<title>On x</title>" in page, "<script" in page
    (True, True, False)
    """
    language = escape(document.language)
    spoken = document.language if document.language in languages() else DEFAULT_LANGUAGE
    body = _body(document, fragment, spoken)
    if fragment:
        return _clean(
            "\n".join(
                [
                    f'<article class="symback" lang="{language}">',
                    f"<style>{style_sheet(True, spoken)}</style>",
                    *body,
                    "</article>",
                    "",
                ]
            )
        )
    style = style_sheet(False, spoken)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:; base-uri 'none'; form-action 'none'"
    return _clean(
        "\n".join(
            [
                "<!DOCTYPE html>",
                f'<html lang="{language}">',
                "<head>",
                '<meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{escape(window_title(document))}</title>",
                f"<style>{style}</style>",
                "</head>",
                "<body>",
                '<main class="sheet">' if document.wide else "<main>",
                *body,
                "</main>",
                "</body>",
                "</html>",
                "",
            ]
        )
    )


def _body(document: Document, fragment: bool, spoken: str) -> list[str]:
    """Return the elements of a document, its table of contents behind the title of a page of its own."""
    names = _anchors(document.blocks)
    body = [f"<h1>{_sentence(document.title)}</h1>"] if document.title else []
    if document.subtitle:
        body.append(f'<p class="subtitle">{_sentence(document.subtitle)}</p>')
    if not fragment and document.title:
        body.extend(_contents(document, names, words(spoken)["contents"]))
    pictures = itertools.count(1)
    for k, block in enumerate(document.blocks):
        if isinstance(block, Heading) and not fragment:
            body.append(_heading(block, names[k]))
        else:
            body.append(_block(block, document, pictures))
    return body


@cache
def style_sheet(fragment: bool = False, language: str = DEFAULT_LANGUAGE) -> str:
    """Return the style sheet of a page, the math font inside it; of a fragment, with all its rules inside ``.symback``.

    Where fonts of several languages have a letter, those of the ``language`` are asked first.
    """
    data = base64.b64encode(files(__package__).joinpath("data", "math.woff2").read_bytes()).decode()
    font = (
        "/* The math font is a subset of STIX Two Math, Copyright The STIX Fonts Project Authors, "
        "SIL Open Font License 1.1, https://openfontlicense.org */\n"
        f'@font-face{{font-family:"symback math";src:url("data:font/woff2;base64,{data}") format("woff2")}}'
    )
    steps = range(min(SMALLEST.values()), 100, 5)
    scales = "".join(f".s{k}{{font-size:{k / 100:g}em}}" for k in steps)
    narrow = "".join(f".n{k}{{font-size:{k / 100:g}em}}" for k in steps)
    rules = f"{_CONTENT}{MATH_STYLE}{scales}\n@media screen and (max-width:45rem){{{narrow}}}"
    sheet = f"\n{font}\n.symback{{{_FRAGMENT}{rules}}}\n" if fragment else f"\n{font}{_PAGE}{rules}{_DARK}"
    return Template(sheet).substitute(_of_languages(language))


def _of_languages(language: str) -> dict[str, str]:
    """Return what the style sheet says of letters and lines of single languages."""
    scripts = [(code, found.script) for code in languages() if (found := language_called(code)).script]
    return {
        "others": "".join(f'"{family}",' for family in page_families(language)),
        "typewriters": "".join(f'"{family}",' for family in typewriter_families(language)),
        "lines": "".join(f":lang({c}){{line-height:{s.line_height:g}}}\n" for c, s in scripts if s and s.line_height),
        "leads": ",".join(f"p:has(+{kind})" for kind in (".formula", ".table", "figure", "pre", "ul", "ol")),
        "breaks": "".join(f":lang({c}){{word-break:keep-all}}\n" for c, s in scripts if s and s.whole_words),
    }


# --- blocks -----------------------------------------------------------------------------------------------------------


def _block(block: Block, document: Document, pictures: Iterator[int]) -> str:
    if isinstance(block, Heading):
        return _heading(block)
    if isinstance(block, Paragraph):
        tone = "" if block.tone == "text" else f' class="{escape(block.tone)}"'
        return f"<p{tone}>{_sentence(block.text)}</p>"
    if isinstance(block, Formula):
        return _formula(block)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Figure):
        return _figure(block, document, pictures)
    if isinstance(block, Code):
        language = re.sub(r"[^\w-]", "", block.language)
        return f'<pre tabindex="0"><code class="language-{language}">{escape(block.source)}</code></pre>'
    if isinstance(block, Items):
        tag = "ol" if block.numbered else "ul"
        return f"<{tag}>" + "".join(f"<li>{_sentence(item)}</li>" for item in block.items) + f"</{tag}>"
    if isinstance(block, Exercise):
        return _exercise(block, document, pictures)
    if isinstance(block, PageBreak):
        return '<hr class="break">'
    raise PrintError(f"a page cannot show a {type(block).__name__}")


def _heading(block: Heading, name: str = "") -> str:
    """Return a heading; with a name, one that an address can point at."""
    level = min(block.level + 1, 4)
    if not name:
        return f"<h{level}>{_sentence(block.text)}</h{level}>"
    link = f'<a class="anchor" href="#{name}" aria-hidden="true" tabindex="-1"></a>'
    return f'<h{level} id="{name}">{_sentence(block.text)}{link}</h{level}>'


def _anchors(blocks: Sequence[Block]) -> dict[int, str]:
    """Return the names of headings by their positions: their letters and digits, each name once."""
    found: dict[int, str] = {}
    for k, block in enumerate(blocks):
        if isinstance(block, Heading):
            name = "-".join(re.findall(r"\w+", sentence_text(block.text).lower())) or "part"
            taken = set(found.values())
            further = (f"{name}-{i}" for i in itertools.count(2))
            found[k] = next(n for n in itertools.chain((name,), further) if n not in taken)
    return found


def _contents(document: Document, names: Mapping[int, str], label: str) -> list[str]:
    """Return the table of contents of a page with several parts."""
    parts = [(k, b) for k, b in enumerate(document.blocks) if isinstance(b, Heading) and b.level == 1]
    if len(parts) < _PARTS:
        return []
    items = "".join(f'<li><a href="#{names[k]}">{_sentence(b.text)}</a></li>' for k, b in parts)
    return [f'<nav class="contents" aria-label="{escape(label)}"><ul>{items}</ul></nav>']


def _exercise(block: Exercise, document: Document, pictures: Iterator[int]) -> str:
    label = document.labels.get("exercise", "Exercise")
    parts = [f"<h3>{escape(label)} {block.number}</h3>"]
    parts.extend(_block(inner, document, pictures) for inner in block.question)
    if block.answer:
        answer = document.labels.get("answer", "Answer")
        inside = "\n".join(_block(inner, document, pictures) for inner in block.answer)
        parts.append(f'<div class="answer">\n<h4>{escape(answer)}</h4>\n{inside}\n</div>')
    elif block.space:
        parts.append('<div class="space">' + "<div></div>" * block.space + "</div>")
    return '<section class="exercise">\n' + "\n".join(parts) + "\n</section>"


def _figure(block: Figure, document: Document, pictures: Iterator[int]) -> str:
    from symback.documents.formats.svg import svg

    caption = f"<figcaption>{_sentence(block.caption)}</figcaption>" if block.caption else ""
    other = block.description and block.description != block.picture.description
    label = f' aria-label="{escape(block.description)}"' if other else ""
    large = ' class="large" tabindex="0"' if block.picture.width > _LARGE else ""
    words = ", ".join(("symback math", *page_families(document.language), "serif"))
    picture = svg(block.picture, words=words, identifier=str(next(pictures)))
    return f"<figure{large}{label}>{picture}{caption}</figure>"


_ALIGNED = {"c": ' class="c"', "r": ' class="r"'}


def _table(block: Table) -> str:
    def line(tag: str, cells: Sequence[Sentence]) -> str:
        scope = ' scope="col"' if tag == "th" else ""
        opening = [tag + scope + _ALIGNED.get(block.alignment[k : k + 1], "") for k in range(len(cells))]
        return "<tr>" + "".join(f"<{o}>{_sentence(c)}</{tag}>" for o, c in zip(opening, cells, strict=True)) + "</tr>"

    needed = _least_width(block)
    names = [name for name in (_percent("s", WIDE, needed, "wide"), _percent("n", NARROW, needed, "narrow")) if name]
    kind = f' class="{" ".join(names)}"' if names else ""
    caption = f"<caption>{_sentence(block.caption)}</caption>" if block.caption else ""
    head = f"<thead>{line('th', block.header)}</thead>" if block.header else ""
    rows = "\n".join(line("td", cells) for cells in block.rows)
    return f'<div class="table" tabindex="0"><table{kind}>{caption}{head}<tbody>\n{rows}\n</tbody></table></div>'


def _least_width(block: Table) -> float:
    """Return an estimate in em of the width of a table whose sentences are broken at every space and hyphen."""
    columns = max((len(cells) for cells in (block.header, *block.rows)), default=0)
    widths = [0.0] * columns
    for cells in (block.header, *block.rows):
        for k, parts in enumerate(cells):
            words = [word for part in parts if isinstance(part, str) for word in re.split(r"\s+|(?<=-)", part)]
            pieces = [width(Word(word)) for word in words]
            pieces += [max(map(width, _broken(part))) for part in parts if not isinstance(part, str)]
            widths[k] = max(widths[k], *pieces, 0.0)
    return sum(widths) + 0.9 * columns


# --- formulas ---------------------------------------------------------------------------------------------------------


def _formula(block: Formula) -> str:
    """Return a display; where the lines for a wide and for a narrow screen differ, both, of which one is shown."""
    taken = 0.0 if block.number is None else NUMBERED
    number = "" if block.number is None else f'<span class="number">({block.number})</span>'
    found = []
    for start in range(0, len(block.rows), LINES):
        rows = block.rows[start : start + LINES]
        wide, narrow = broken_lines(rows, WIDE - taken), broken_lines(rows, NARROW - taken)
        if wide == narrow and _scale(wide, WIDE - taken, "wide") == _scale(narrow, NARROW - taken, "narrow"):
            inside = _box("", wide, rows, WIDE - taken)
        else:
            inside = _box("wide", wide, rows, WIDE - taken) + _box("narrow", narrow, rows, NARROW - taken)
        last = start + LINES >= len(block.rows)
        found.append(f'<div class="formula">{inside}{number if last else ""}</div>')
    return "\n".join(found)


def _box(kind: str, rows: Sequence[Line], whole: Sequence[Line], room: float) -> str:
    names = [name for name in (kind, _scale(rows, room, kind or "wide")) if name]
    attribute = f' class="{" ".join(names)}"' if names else ""
    scrolls = any(name[1:] == str(SMALLEST[kind or "wide"]) for name in names if name != kind)
    attribute += ' tabindex="0"' if scrolls else ""
    return f"<div{attribute}>{display_to_mathml(rows, whole)}</div>"


def _scale(rows: Sequence[Line], room: float, kind: str) -> str:
    """Return the class that makes rows smaller that are wider than the room there is."""
    return _percent("s", room, total_width(rows), kind)


def _percent(prefix: str, room: float, needed: float, kind: str) -> str:
    wanted = 100 * room / max(needed, room)
    return "" if wanted >= 100 else f"{prefix}{max(SMALLEST[kind], 5 * int(wanted / 5))}"


def _sentence(parts: Sentence) -> str:
    """Return words and formulas; a formula and what follows it without a space stay on one line."""
    found: list[str] = []
    for position, part in enumerate(parts):
        if not isinstance(part, str):
            pieces = _pieces(part)
            after = parts[position + 1] if position + 1 < len(parts) else ""
            bound = _PARTICLES.match(after) if isinstance(after, str) else None
            if bound:
                pieces[-1] = f'<span class="bound">{pieces[-1]}{escape(bound.group())}</span>'
            found.append(" ".join(pieces))  # the space before the sign where no line ends there
            continue
        begin = _PARTICLES.match(part) if position and not isinstance(parts[position - 1], str) else None
        found.append(escape(part[begin.end() :] if begin else part))
    return "".join(found)


def _pieces(node: Node) -> list[str]:
    """Return a formula in a sentence; one that is long as several, between which a line may end."""
    return [to_mathml(part) for part in _broken(node)]


def _broken(node: Node) -> list[Node]:
    if width(node) <= INLINE:
        return [node]
    found = []
    for _, line in broken_lines([(EMPTY, node)], INLINE):
        parts = line.parts if isinstance(line, Row) else (line,)
        found.append(row(*parts[parts[:1] == (QUAD,) :]))  # a new line in a sentence is not indented
    return found


def _clean(page: str) -> str:
    """Return a page with spaces for characters that do not print, such as marks that turn the reading direction."""
    return "".join(c if c.isprintable() or c in "\n\xa0" else " " for c in page)


FORMAT = Format("html", "a web page", {"document": render}, ("html", "htm"))
