r"""TikZ: pictures for LaTeX documents, from the same marks as every other format.

A document that holds one needs ``\usepackage{tikz}`` and ``\usetikzlibrary{arrows.meta}``.
"""

from __future__ import annotations

from symback.core.display import escape_latex, to_latex
from symback.documents.format import Format
from symback.page.picture import CURVES, POINTS, SHADES, Box, Circle, Edge, Label, Picture, color_parts

PREAMBLE = (r"\usepackage{tikz}", r"\usetikzlibrary{arrows.meta}")
"""What the preamble of a document with a picture needs."""

_FILLS = {
    "input": "blue!8",
    "hidden": "black!4",
    "output": "green!10",
    "loss": "red!10",
    "parameter": "yellow!15",
}
_INKS = {"forward": "green!45!black", "gradient": "red!70!black", "shape": "black!60", "caption": "black!75"}
_STROKES = {"weight": "black!45", "edge": "black!65"}
_ANCHORS = {"start": "west", "middle": "center", "end": "east"}


def tikz(picture: Picture) -> str:
    """Return a picture as a ``tikzpicture``, scaled down where it is wider than the line."""
    lines = [
        r"\begin{tikzpicture}[x=1pt,y=-1pt,>={Stealth[length=4pt,width=3.4pt]}]",
        # the canvas keeps the size of the picture whatever its marks cover
        rf"\useasboundingbox (0,0) rectangle ({_n(picture.width)},{_n(picture.height)});",
    ]
    for mark in picture.marks:
        if isinstance(mark, Circle):
            lines.append(
                rf"\draw[fill={_FILLS.get(mark.kind, 'white')}] ({_n(mark.x)},{_n(mark.y)}) circle[radius={_n(mark.radius)}pt];"
            )
        elif isinstance(mark, Box):
            left, top = mark.x - mark.width / 2, mark.y - mark.height / 2
            look = f"rounded corners=3pt,fill={_FILLS.get(mark.kind, 'white')}"
            if mark.shade is not None:
                border = "draw=black!40,line width=0.3pt" if mark.kind == "cell" else "draw=none"
                look = f"{border},fill={_color(SHADES[mark.kind])},fill opacity={_n(mark.shade)}"
            lines.append(
                rf"\draw[{look}] ({_n(left)},{_n(top)}) "
                rf"rectangle ({_n(left + mark.width)},{_n(top + mark.height)});"
            )
        elif isinstance(mark, Edge):
            path = " -- ".join(f"({_n(x)},{_n(y)})" for x, y in mark.points)
            head = ",->" if mark.arrow else ""
            lines.append(rf"\draw[draw={_STROKES.get(mark.kind, 'black!65')},line width=0.6pt{head}] {path};")
        else:
            lines.append(_label(mark))
    lines.append(r"\end{tikzpicture}")
    body = "\n".join(lines)
    return rf"\resizebox{{\ifdim\width>\linewidth\linewidth\else\width\fi}}{{!}}{{{body}}}"


def _color(color: str) -> str:
    """Return a color that xcolor mixes from its parts."""
    red, green, blue = color_parts(color)
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


_FILLS |= {kind: _color(color) for kind, color in POINTS.items()}
_STROKES |= {kind: _color(color) for kind, color in CURVES.items()}


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _label(label: Label) -> str:
    body = escape_latex(label.body) if isinstance(label.body, str) else f"${to_latex(label.body).strip()}$"
    options = [
        f"anchor={_ANCHORS[label.anchor]}",
        "inner sep=0.8pt",
        "outer sep=0pt",
        rf"font=\fontsize{{{_n(label.size)}}}{{{_n(1.2 * label.size)}}}\selectfont",
    ]
    if label.kind in _INKS:
        options.append(f"text={_INKS[label.kind]}")
    if label.halo:
        options.append("fill=white")
    return rf"\node[{','.join(options)}] at ({_n(label.x)},{_n(label.y)}) {{{body}}};"


FORMAT = Format("tikz", "a picture for LaTeX", {"picture": tikz}, ("tikz",))
