"""Names of symbols as code can have them; the LaTeX that a symbol came with is kept for the page."""

from __future__ import annotations

import itertools
import keyword
import re
from typing import Any

import sympy as sp

from symback.networks.network import Network, check_name

_ACCENTS = "hat|widehat|tilde|widetilde|bar|overline|dot|ddot|vec|check|breve|acute|grave"
_FONTS = "mathbf|mathrm|mathit|mathcal|mathbb|mathsf|boldsymbol|bm|text|textbf|operatorname"
_IN_LATEX = re.compile(r"[\w\s\\{}^'*+,.()\[\]|-]+")


def identifier(name: str) -> str:
    r"""Return a SymPy symbol's name as a name that code can have: ``lambda`` becomes ``lambda_``, ``\hat{y}`` y_hat.

    >>> [identifier(name) for name in ("w1", "lambda", r"\hat{y}", "W^{[1]}", r"\mathbf{x}_i", r"\theta_1", "z^1")]
    ['w1', 'lambda_', 'y_hat', 'W_1', 'x_i', 'theta_1', 'z_1']

    Raises NetworkError for a name that is neither an identifier nor LaTeX of one symbol.
    """
    if name.isidentifier():
        return check_name(name + "_" if keyword.iskeyword(name) else name)
    if not re.search(r"[\\^{]", name) or not _IN_LATEX.fullmatch(name) or name.count("{") != name.count("}"):
        return check_name(name)
    text = re.sub(rf"\\({_FONTS})\b", "", name)
    text = re.sub(rf"\\({_ACCENTS})\s*(?:\{{([^{{}}]*)\}}|(\w))", r"\2\3_\1", text)
    text = re.sub(r"\W+", "_", re.sub(r"\\([A-Za-z]+)", r" \1 ", text)).strip("_")
    text = re.sub(r"_+", "_", text)
    return check_name(text if not text[:1].isdigit() else f"v_{text}")


def label_in(net: Network, symbol: Any) -> str:
    """Return the name that a symbol has in a network; its LaTeX is kept where code cannot have its own name."""
    text = str(getattr(symbol, "name", symbol))
    if text in net.aliases:
        return net.aliases[text]
    made = identifier(text)
    if made != text:
        taken = set(net.aliases.values())
        made = next(m for m in itertools.chain([made], (f"{made}_{k}" for k in itertools.count(2))) if m not in taken)
        net.aliases[text] = made
        if not text.isidentifier():
            net.latex[made] = sp.latex(sp.Symbol(text))
    return made
