"""What makes PDFs on this machine: engines, fonts, what TeX needs for a language, and how to install what is missing.

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
from symback.page.language import Language
from symback.page.words import scripted

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

    @property
    def is_tex(self) -> bool:
        """True for an engine that sets LaTeX."""
        return self.program.endswith("latex")

    @property
    def program(self) -> str:
        """The program that sets the page, as latexmk lets xelatex do it; "" for a package."""
        return self.programs[-1][0] if self.programs else ""

    @property
    def install_command(self) -> str:
        """How the engine is installed, with the languages that are written in letters of their own."""
        added = [found.script.debian for found in scripted() if found.script and found.script.debian]
        return " ".join((self.install, *added)) if self.is_tex else self.install


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
        "apt-get install latexmk texlive-xetex",
        (("latexmk",), ("xelatex",)),
    ),
    Engine("xelatex", "PDF by TeX", "apt-get install texlive-xetex", (("xelatex",),)),
    Engine("lualatex", "PDF by TeX", "apt-get install texlive-luatex", (("lualatex",),)),
    Engine("pdflatex", "PDF by TeX", "apt-get install texlive-latex-extra", (("pdflatex",),)),
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
    numbers = re.search(r"\d+(?:\.\d+)+[\w.-]*", _said([path, "--version"]))
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


def found_families(language: Language) -> tuple[str, ...]:
    """Return the fonts found that hold the letters of a language, of those that its pages ask for, best first."""
    if language.script is None:
        return ()
    families: set[str] = set()
    if util.find_spec("typst") is not None:
        import typst

        families.update(typst.Fonts().families())
    elif path := shutil.which("fc-list"):
        families.update(part.strip() for part in re.split(r"[,\n]", _said([path, ":", "family"])))
    return tuple(family for family in language.script.families if family in families)


def lacking(engine: Engine, language: Language) -> str:
    """Return what an installed engine lacks for a language, and how that is installed; "" where it has all it needs.

    Where nothing lists the fonts, or the files of TeX, an engine is taken to have them.
    """
    if language.script is None:
        return ""
    if engine.is_tex:
        lost = lost_files(engine, language)
        return f"no {' and no '.join(lost)}; {tex_remedy(language, engine)}" if lost else ""
    lists_fonts = util.find_spec("typst") is not None or shutil.which("fc-list") is not None
    if found_families(language) or not lists_fonts:
        return ""
    return f"no font with {language.english} letters; {font_remedy(language)}"


def tex_files(engine: Engine, language: Language) -> tuple[str, ...]:
    """Return the files that an engine loads for the letters of a language, beyond those that every TeX has."""
    needed = language.script.tex.get(engine.program) if language.script else None
    return needed.files if needed else ()


def lost_files(engine: Engine, language: Language) -> tuple[str, ...]:
    """Return those of the files that kpsewhich does not find; none where there is no kpsewhich to ask."""
    needed, path = tex_files(engine, language), shutil.which("kpsewhich")
    if not needed or path is None:
        return ()
    found = {Path(line).name for line in _said([path, *needed]).splitlines()}
    return tuple(file for file in needed if file not in found)


def font_remedy(language: Language) -> str:
    """Return how a font with the letters of a language is installed."""
    return f"install a {language.english} font: {language.script.install}" if language.script else ""


def tex_remedy(language: Language, engine: Engine) -> str:
    """Return how what an engine needs for the letters of a language is installed."""
    needed = language.script.tex.get(engine.program) if language.script else None
    return f"install {language.english} for TeX: {needed.install}" if needed else ""


def _said(command: Sequence[str]) -> str:
    """Return what a program prints, "" where it cannot be asked."""
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
