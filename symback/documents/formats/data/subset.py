"""Make math.woff2, the math font that HTML pages embed: a subset of STIX Two Math (SIL Open Font License 1.1, OFL.txt).

The font comes with the package ziamath of PyPI. To make the file again, in a scratch environment:

    pip install ziamath==0.13 fonttools==4.68.0 brotli==1.2.1
    python symback/formats/data/subset.py

Kept are the letters of the mathematical alphabets (browsers print ``<mi>x</mi>`` with U+1D465, so the plain letters are
not enough), Greek, digits, the signs of formulas with the larger forms that brackets and sums grow into, and the table
MATH that says where scripts and bars stand. The same font gives the same bytes.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from importlib.util import find_spec
from pathlib import Path

SIGNS = (
    "∂∇∞⊤⊥′″‴…⋯⋮⋱∅∀∃¬∠†‡°‖∣∥⟂+−±∓×÷⋅·∗⊙⊗⊕⊖∘∙•⋆∩∪∧∨∖=<>≤≥≠≈≡∼≃≅∈∉←→↔⇒⇐⇔↦↑↓∝≪≫⊂⊆⊃⊇"
    "⟨⟩⌈⌉⌊⌋∑∏∫⨀⨂⨁√ℓℏıȷℜℑℵ⏞⏟⏜⏝⎴⎵½⅓⅔¼¾¯ˆ˜˙¨ˇ˘‾^~\u0302\u0303\u0304\u0305\u0307\u0308\u030c\u0306\u20d7"
)
TEXT = "“”‘’–—·•…" + "".join(map(chr, range(0xA1, 0x100)))
"""What sentences need besides; their upright letters are those of the text face, STIX Two Text."""
ALPHABETS = re.compile(
    "(MATHEMATICAL )?(ITALIC|BOLD|BOLD ITALIC|SCRIPT|DOUBLE-STRUCK) (CAPITAL|SMALL|DIGIT|PARTIAL|NABLA|EPSILON|THETA|PHI|RHO|PI)"
    "|PLANCK CONSTANT"
)


def characters() -> set[int]:
    """Return the code points of the subset."""
    found = {
        *range(0x20, 0x7F),
        0xA0,
        *map(ord, SIGNS + TEXT),
        *range(0x391, 0x3A2),
        *range(0x3A3, 0x3AA),
        *range(0x3B1, 0x3CA),
        *map(ord, "ϑϕϖϱϵ"),
    }
    for code in (*range(0x2100, 0x2150), *range(0x1D400, 0x1D800)):
        if ALPHABETS.match(unicodedata.name(chr(code), "")):
            found.add(code)
    return found


def make(target: Path) -> None:
    """Write the subset to a file."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    spec = find_spec("ziamath")
    if spec is None or spec.origin is None:
        sys.exit("subset.py needs the package ziamath, which holds the font: pip install ziamath==0.13")
    font = TTFont(Path(spec.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf", recalcTimestamp=False)
    options = subset.Options()
    options.flavor = "woff2"
    options.hinting = False
    options.layout_features = ["flac", "kern"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    options.notdef_outline = True
    options.drop_tables += ["DSIG"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    subset.save_font(font, os.fspath(target), options)


if __name__ == "__main__":
    make(Path(__file__).with_name("math.woff2"))
