"""``symback doctor``: what this machine has for PDFs, Korean text and optional work, and how to get what is missing."""

from __future__ import annotations

import json
from typing import Any

import click

from symback.cli.console import echo


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def doctor(as_json: bool) -> None:
    """List the PDF engines, Korean fonts and optional packages found, and how to install the others."""
    found = examined()
    echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else _text(found))


def examined() -> dict[str, Any]:
    """Return what is installed: engines in the order they are tried, Korean fonts, optional packages."""
    import platform

    from symback import __version__
    from symback.documents.formats import formats
    from symback.documents.formats.engines import (
        ENGINES,
        PACKAGES,
        find_engine,
        has_kotex,
        korean_families,
        package_version,
        version_of,
    )

    return {
        "symback": __version__,
        "python": platform.python_version(),
        "needed": {name: package_version(name) for name in ("sympy", "numpy", "click")},
        "formats": {name: found.title for name, found in formats().items()},
        "engines": [
            {
                "name": e.name,
                "found": find_engine(e),
                "version": version_of(e),
                "purpose": e.purpose,
                "install": e.install,
            }
            for e in ENGINES
        ],
        "korean fonts": list(korean_families()),
        "kotex": has_kotex(),
        "packages": [
            {"name": p.name, "version": package_version(p.name), "purpose": p.purpose, "install": p.install}
            for p in PACKAGES
        ],
    }


def _text(found: dict[str, Any]) -> str:
    from symback.documents.formats.engines import KOREAN_REMEDY, KOTEX_REMEDY

    needed = ", ".join(f"{name} {version}" for name, version in found["needed"].items())
    lines = [
        f"symback {found['symback']}, Python {found['python']}, {needed}",
        f"output formats: {', '.join(found['formats'])}",
        "",
        "PDF engines, in the order they are tried",
    ]
    for engine in found["engines"]:
        lines.append(_line(engine["name"], engine["found"] and (engine["version"] or "found"), engine))
    if not any(engine["found"] for engine in found["engines"]):
        lines.append("  no PDF can be written until one of them is installed")
    lines += ["", "Korean"]
    fonts = found["korean fonts"]
    lines.append(f"  fonts: {', '.join(fonts)}" if fonts else f"  fonts: none found; {KOREAN_REMEDY}")
    lines.append(
        "  kotex, for Korean in TeX: found"
        if found["kotex"]
        else f"  kotex, for Korean in TeX: not found; {KOTEX_REMEDY}"
    )
    lines += ["", "Optional packages"]
    lines += [_line(package["name"], package["version"], package) for package in found["packages"]]
    return "\n".join(lines)


def _line(name: str, version: str | None, thing: dict[str, Any]) -> str:
    if version:
        return f"  {name:<11}{version:<15}{thing['purpose']}"
    return f"  {name:<11}{'not found':<15}{thing['purpose']}: {thing['install']}"
