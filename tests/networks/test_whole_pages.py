"""The public requests and ten networks of textbooks as whole pages, compiled, and compared line by line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import symback as sb
from tests.support.public_requests import READ, derived
from tests.support.ten_networks import NETWORKS
from tests.support.tex import compiled, complaints


def request_pages() -> dict[str, sb.Derivation]:
    return {f"request {a}, loss {b}": derived((a, b), request) for (a, b), request in READ}


def network_pages() -> dict[str, sb.Derivation]:
    return {k: sb.derive(sb.parse(n.text.strip(), wrt=list(n.wrt) or None)) for k, n in NETWORKS.items()}


MAKERS: dict[str, Callable[[], dict[str, sb.Derivation]]] = {"requests": request_pages, "networks": network_pages}


@pytest.mark.parametrize("kind", MAKERS)
def test_whole_pages_are_as_agreed(kind: str, golden: Callable[[str, str], None]) -> None:
    pages = MAKERS[kind]()
    text = "\n".join(f"=== {title}\n\n{d.text()}" for title, d in pages.items())
    golden(f"pages.{kind}.txt", text)


@pytest.mark.parametrize("kind", MAKERS)
def test_whole_pages_compile(kind: str, tmp_path: Path) -> None:
    heads, bodies = [], []
    for title, d in MAKERS[kind]().items():
        head, _, rest = str(d.page(title=title).text("tex")).partition("\\begin{document}")
        heads.append([line for line in head.splitlines() if not line.startswith("%")])
        bodies.append(rest.rpartition("\\end{document}")[0])
    lines = dict.fromkeys(line for head in heads for line in head)
    whole = "\n".join([*lines, "\\begin{document}", "\n\\clearpage\n".join(bodies), "\\end{document}", ""])
    assert complaints(compiled(whole, "pdflatex", tmp_path)) == []
