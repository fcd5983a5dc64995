"""``symback doctor``: what this machine has for PDFs, for each language and for optional work, and how to get the rest."""

from __future__ import annotations

import json
from typing import Any

import click

from symback.cli.console import echo


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def doctor(as_json: bool) -> None:
    """List PDF engines, what each lacks for a language, and optional packages, and how to install what is missing."""
    found = examined()
    echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else _text(found))


def examined() -> dict[str, Any]:
    """Return what is installed: engines in the order they are tried, languages, optional packages."""
    import platform

    from symback import __version__
    from symback.documents.formats import formats
    from symback.documents.formats.engines import ENGINES, PACKAGES, find_engine, package_version, version_of
    from symback.page.words import languages

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
                "install": e.install_command,
            }
            for e in ENGINES
        ],
        "languages": [_language(code) for code in languages()],
        "packages": [
            {"name": p.name, "version": package_version(p.name), "purpose": p.purpose, "install": p.install}
            for p in PACKAGES
        ],
    }


def _language(code: str) -> dict[str, Any]:
    """Return what is found of a language: its fonts, and what each engine lacks for it ("" for nothing)."""
    from symback.documents.formats.engines import font_remedy, found_engines, found_families, lacking
    from symback.page.words import language_called, missing

    language = language_called(code)
    return {
        "code": code,
        "name": language.name,
        "english": language.english,
        "missing": list(missing(code)),
        "fonts": None if language.script is None else list(found_families(language)),
        "install": font_remedy(language),
        "engines": {engine.name: lacking(engine, language) for engine in found_engines()},
    }


def _text(found: dict[str, Any]) -> str:
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
    lines += ["", "Languages"]
    for language in found["languages"]:
        lines += _lines_of(language)
    lines += ["", "Optional packages"]
    lines += [_line(package["name"], package["version"], package) for package in found["packages"]]
    return "\n".join(lines)


def _lines_of(language: dict[str, Any]) -> list[str]:
    able = [name for name, lack in language["engines"].items() if not lack]
    lines = [f"  {language['code']:<11}{language['english']:<15}PDF by {', '.join(able) or 'no engine'}"]
    if language["missing"]:
        lines.append(f"    {len(language['missing'])} sentences are missing and stand in the default language")
    if language["fonts"] is not None:
        lines.append(f"    fonts: {', '.join(language['fonts']) or 'none found; ' + language['install']}")
    lines += [f"    {name}: {lack}" for name, lack in language["engines"].items() if lack]
    return lines


def _line(name: str, version: str | None, thing: dict[str, Any]) -> str:
    if version:
        return f"  {name:<11}{version:<15}{thing['purpose']}"
    return f"  {name:<11}{'not found':<15}{thing['purpose']}: {thing['install']}"
