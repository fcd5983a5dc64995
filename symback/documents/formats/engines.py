"""What makes PDFs on this machine: engines, Korean fonts, and how to install what is missing.

The order of ``ENGINES`` is the order in which ``auto`` tries them.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from symback.core.errors import SymbackError, nearest

KOREAN = (
    "Noto Serif KR",
    "Noto Serif CJK KR",
    "NanumMyeongjo",
    "Nanum Myeongjo",
    "AppleMyungjo",
    "Batang",
    "UnBatang",
    "Baekmuk Batang",
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "NanumGothic",
    "Nanum Gothic",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
)
"""Korean families, serif first: Linux, macOS and Windows each have some of them; the first one found is used."""
KOREAN_REMEDY = (
    "install a Korean font: apt-get install fonts-nanum (Debian, Ubuntu), dnf install google-noto-serif-cjk-fonts (Fedora); "
    "Windows and macOS have one"
)
KOTEX_REMEDY = (
    "install Korean for TeX: apt-get install texlive-lang-korean, or tlmgr install kotex-utf cjk-ko unfonts-core"
)
_SECONDS = 20.0
"""How long an engine may take to say its version."""


@dataclass(frozen=True)
class Engine:
    """A program or package that makes PDFs.

    ``programs`` lists, for each program that it needs, the names it goes by; ``package`` is a Python package instead.
    """

    name: str
    purpose: str
    install: str
    programs: tuple[tuple[str, ...], ...] = ()
    package: str = ""


_CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "brave-browser",
)
_CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "{PROGRAMFILES}/Google/Chrome/Application/chrome.exe",
    "{PROGRAMFILES(X86)}/Google/Chrome/Application/chrome.exe",
    "{LOCALAPPDATA}/Google/Chrome/Application/chrome.exe",
    "{PROGRAMFILES(X86)}/Microsoft/Edge/Application/msedge.exe",
    "{PROGRAMFILES}/Microsoft/Edge/Application/msedge.exe",
)
"""Where macOS and Windows put browsers that are not on the PATH."""

ENGINES = (
    Engine("typst", "PDF without TeX, in milliseconds", "pip install 'symback[pdf]'", package="typst"),
    Engine(
        "latexmk",
        "PDF by TeX: latexmk runs xelatex as often as needed",
        "apt-get install latexmk texlive-xetex texlive-lang-korean",
        (("latexmk",), ("xelatex",)),
    ),
    Engine("xelatex", "PDF by TeX", "apt-get install texlive-xetex texlive-lang-korean", (("xelatex",),)),
    Engine("lualatex", "PDF by TeX", "apt-get install texlive-luatex texlive-lang-korean", (("lualatex",),)),
    Engine("pdflatex", "PDF by TeX", "apt-get install texlive-latex-extra texlive-lang-korean", (("pdflatex",),)),
    Engine(
        "chromium", "PDF by printing the HTML page", "apt-get install chromium, or install Chrome or Edge", (_CHROMIUM,)
    ),
)
NAMES = tuple(engine.name for engine in ENGINES)


@dataclass(frozen=True)
class Package:
    """An optional Python package, what it is for, and how it is installed."""

    name: str
    purpose: str
    install: str


PACKAGES = (
    Package("scipy", "special functions in generated code, sparse Jacobians", "pip install 'symback[scipy]'"),
    Package("matplotlib", "curves of training", "pip install 'symback[plot]'"),
    Package("typst", "PDF without TeX", "pip install 'symback[pdf]'"),
    Package("torch", "gradients of PyTorch to compare with", "pip install 'symback[oracle]'"),
)


def engine_called(name: str) -> Engine:
    """Return an engine by its name; raises SymbackError where there is none of that name.

    >>> engine_called("typst").package
    'typst'
    """
    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise SymbackError(f"there is no PDF engine {name!r}{nearest(name, NAMES)}; known: auto, {', '.join(NAMES)}")


def find_engine(engine: Engine) -> str | None:
    """Return where an engine is (the path of its first program, or the name of its package), or None."""
    if engine.package:
        return engine.package if util.find_spec(engine.package) is not None else None
    found = [find_program(names) for names in engine.programs]
    return found[0] if all(found) else None


def find_program(names: tuple[str, ...]) -> str | None:
    """Return the path of the first program that is found, on the PATH or where systems put browsers."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    if names == _CHROMIUM:
        for place in _CHROMIUM_PLACES:
            spelled = re.sub(r"\{(.*?)\}", lambda m: os.environ.get(m.group(1), "?"), place)
            if os.path.isfile(spelled):
                return str(Path(spelled))
    return None


def found_engines() -> tuple[Engine, ...]:
    """Return the engines that are installed, in the order they are tried."""
    return tuple(engine for engine in ENGINES if find_engine(engine))


def run_program(
    command: Sequence[str], folder: Path, timeout: float, name: str, environment: Mapping[str, str] | None = None
) -> int:
    """Run a program inside a folder, silently, and return its exit code.

    It and what it started are ended where it takes longer than ``timeout`` seconds or the wait is interrupted; raises
    SymbackError where it takes too long or cannot be started.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name == "posix",
        )
    except OSError as error:
        raise SymbackError(f"PDF: {name} cannot be started ({error.strerror or error})") from None
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise SymbackError(f"PDF: {name} took more than {timeout:g} seconds and was ended") from None
    finally:
        if process.poll() is None:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()


def version_of(engine: Engine) -> str:
    """Return the version of an installed engine, "" where it does not say."""
    if engine.package:
        return package_version(engine.package) or ""
    path = find_engine(engine)
    if path is None:
        return ""
    if engine.name == "chromium" and sys.platform == "win32":
        return ""  # browsers of Windows open a window instead of saying their version
    try:
        done = subprocess.run(
            [path, "--version"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    numbers = re.search(r"\d+(?:\.\d+)+[\w.-]*", done.stdout.decode("utf-8", "replace"))
    # TeX programs name the versions of TeX first, their own last: 3.141592653-2.6-1.40.24
    return numbers.group().rpartition("-")[2] if numbers else ""


def package_version(name: str) -> str | None:
    """Return the version of an installed package, or None; the package is not imported."""
    if util.find_spec(name) is None:
        return None
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def korean_families() -> tuple[str, ...]:
    """Return the Korean font families found, of those that pages ask for, best first."""
    families: set[str] = set()
    if util.find_spec("typst") is not None:
        import typst

        families.update(typst.Fonts().families())
    elif path := shutil.which("fc-list"):
        try:
            done = subprocess.run(
                [path, ":lang=ko", "family"],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return ()
        families.update(part.strip() for part in re.split(r"[,\n]", done.stdout.decode("utf-8", "replace")))
    return tuple(family for family in KOREAN if family in families)


def has_kotex() -> bool:
    """Say whether TeX finds kotex, which Korean documents load."""
    path = shutil.which("kpsewhich")
    if path is None:
        return False
    try:
        done = subprocess.run(
            [path, "kotex.sty"], capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return bool(done.stdout.strip())


def has_hangul(text: str) -> bool:
    """Say whether a text has Korean letters.

    >>> has_hangul("순전파"), has_hangul("forward")
    (True, False)
    """
    return any("가" <= c <= "힣" or "ᄀ" <= c <= "ᇿ" or "ㄱ" <= c <= "ㆎ" for c in text)
