"""A real browser for tests: pages are opened at several widths and measured, and what they ask the network for is seen."""

from __future__ import annotations

import html
import http.server
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import needs

MEASURE = """<script>document.fonts.ready.then(() => {
const boxes = [...document.querySelectorAll('.formula>div, .table')].filter(b => b.offsetParent).map(b => ({
  kind: b.className, scroll: b.scrollWidth, client: b.clientWidth, height: b.getBoundingClientRect().height,
  text: (b.querySelector('math') || b).getAttribute('alttext') || ''}));
const inline = [...document.querySelectorAll('h1 math, h2 math, p math, li math, figcaption math')].map(m =>
  ({right: m.getBoundingClientRect().right, text: m.getAttribute('alttext')}));
const probe = document.createElement('p'); probe.innerHTML = '<math><mi>W</mi><mo>∑</mo></math>'; document.body.append(probe);
parent.postMessage(JSON.stringify({page: location.hash.slice(1), boxes, inline,
  scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth,
  fonts: [...document.fonts].map(f => f.family.replaceAll('"', '') + ' ' + f.status),
  probe: probe.firstChild.getBoundingClientRect().width,
  scripts: document.scripts.length, handlers: window.planted || 0}), '*')})</script>"""

OWN = ("google.com", "googleapis.com", "gvt1.com")
"""Where Chromium looks for the time and for updates of its own."""


def run(arguments: list[str], folder: Path) -> str:
    """Run the browser without a window and return what it prints."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [
            needs.engine("chromium"),
            "--headless",
            *root,
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={folder / 'profile'}",
            *arguments,
        ],
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace")


AXE = """<script>{axe}</script><script>document.fonts.ready.then(() => axe.run(document, {{iframes: false}})).then(r =>
parent.postMessage(JSON.stringify({{page: location.hash.slice(1), dark: matchMedia('(prefers-color-scheme: dark)').matches,
  passed: r.passes.length, violations: r.violations.map(v => ({{id: v.id, impact: v.impact,
  at: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))}}))}}), '*'))</script>"""


def judged(
    pages: Mapping[str, str], widths: tuple[int, ...], folder: Path, dark: bool = False
) -> dict[tuple[str, int], dict[str, Any]]:
    """Return what axe finds against people who read a page by other means: rules that it breaks, and how many it keeps."""
    axe = Path(needs.package("axe_core_python").__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    # the blink setting of a dark scheme is 0, that of a light one 1
    scheme = [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    return _answers(pages, widths, folder, AXE.format(axe=axe), scheme)


def measured(pages: Mapping[str, str], widths: tuple[int, ...], folder: Path) -> dict[tuple[str, int], dict[str, Any]]:
    """Return what a browser measures on each page at each width."""
    return _answers(pages, widths, folder, MEASURE, [])


def _answers(
    pages: Mapping[str, str], widths: tuple[int, ...], folder: Path, script: str, options: list[str]
) -> dict[tuple[str, int], dict[str, Any]]:
    """Return what a script says of each page at each width; it is put into copies of the pages."""
    frames = []
    for name, page in pages.items():
        copy = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page).replace(
            "</body>", script + "</body>"
        )
        (folder / f"{name}.html").write_text(copy, encoding="utf-8")
        frames += [
            f'<iframe src="{name}.html#{name}@{w}" width="{w}" height="900" style="border:0"></iframe>' for w in widths
        ]
    receive = (
        "onmessage = e => {const p = document.createElement('pre'); p.textContent = e.data; document.body.append(p)}"
    )
    (folder / "all.html").write_text(
        f"<meta charset=utf-8><body><script>{receive}</script>{''.join(frames)}", encoding="utf-8"
    )
    out = run([*options, "--virtual-time-budget=20000", "--dump-dom", (folder / "all.html").as_uri()], folder)
    found = [json.loads(html.unescape(text)) for text in re.findall("<pre>(.*?)</pre>", out, re.DOTALL)]
    result = {(r["page"].split("@")[0], int(r["page"].split("@")[1])): r for r in found}
    assert set(result) == {(name, width) for name in pages for width in widths}
    return result


def overflowing(result: dict[str, Any]) -> list[str]:
    """Return what stands out of its place on a measured page."""
    found = [
        f"{box['text'][:60]}: {box['scroll']} > {box['client']}"
        for box in result["boxes"]
        if box["scroll"] > box["client"]
    ]
    found += [f"in a sentence: {m['text']}" for m in result["inline"] if m["right"] > result["client"]]
    return found + (
        [f"the page: {result['scroll']} > {result['client']}"] if result["scroll"] > result["client"] else []
    )


@contextmanager
def watched() -> Iterator[tuple[int, list[str]]]:
    """Run a proxy that answers nothing; yield its port and the list of what is asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_GET = do_POST = do_CONNECT = do_HEAD = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def requests_of(page: str, folder: Path) -> list[str]:
    """Return the addresses that a page makes the browser ask for; those that the browser asks by itself are left out."""
    assert not any(host in page for host in OWN)
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    with watched() as (port, asked):
        run(
            [
                f"--proxy-server=http://127.0.0.1:{port}",
                "--proxy-bypass-list=<-loopback>",
                "--virtual-time-budget=5000",
                "--dump-dom",
                path.as_uri(),
            ],
            folder,
        )
    return [address for address in asked if not any(host in address for host in OWN)]
