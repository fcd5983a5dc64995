"""What README, CONTRIBUTING and docs show is what happens: blocks run, outputs are the real ones, what is named exists."""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from pkgutil import resolve_name

import click
import pytest

import symback
from symback.api import Derivation
from symback.cli import main
from tests.support import needs
from tests.support.documents import (
    DOCUMENTS,
    Block,
    blocks_of,
    complaints,
    copy_of_the_project,
    headings_of,
    inline_code_of,
    run_shell,
    targets_of,
    with_real_output,
)
from tests.support.places import ROOT

TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in DOCUMENTS}
BLOCKS = [block for document, text in TEXTS.items() for block in blocks_of(document, text)]
README = TEXTS["README.md"]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


# --- blocks ---------------------------------------------------------------------------------------------------------


def needed_extras(block: Block) -> list[str]:
    """Return the extras that a block installs first, where a package of theirs is not there."""
    named = re.findall(r"^pip install 'symback\[(\w+)\]'", block.text, re.MULTILINE)
    return [extra for extra in named if not all(installed(requirement) for requirement in EXTRAS[extra])]


def installed(requirement: str) -> bool:
    try:
        version(re.split(r"[<>=]", requirement)[0])
    except PackageNotFoundError:
        return False
    return True


STALE = "```console\n$ symback derive --function sigmoid\nnothing\n```\n"


def test_update_puts_real_outputs_below_commands(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = copy_of_the_project(tmp_path)
    if request.config.getoption("--update"):
        for document, text in TEXTS.items():
            (ROOT / document).write_text(with_real_output(text, folder), encoding="utf-8", newline="\n")
    (block,) = blocks_of("stale.md", with_real_output(STALE, folder))
    assert complaints(block, folder) == [] != complaints(blocks_of("stale.md", STALE)[0], folder)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_blocks_do_what_they_show(block: Block, tmp_path: Path) -> None:
    for extra in needed_extras(block):
        needs.missing("what this block installs", f"pip install '.[{extra}]'")
    if "import torch" in block.text:
        needs.package("torch")
    assert complaints(block, copy_of_the_project(tmp_path)) == []


PLANTED = """
```console
$ symback table activations sigmoid
Activation functions and their derivatives

Sigmoid
  σ(x) = 1/(1 + e⁻ˣ)
  σ′(x) = σ(x)(1 + σ(x))
  Values between 0 and 1: the probability in binary classification. Nearly flat far from 0.
```

```console
$ symback derive examples/no_such_file.py
```

```sh
symback code examples/chain_rule_lost.py -o there.py
```

```python
import symback as sb
assert sb.derive(sb.read("examples/two_layer_sigmoid.py")).loss == "E"
```

```python examples/square.py
import symback as sb
```

```
neither run nor refused
```

    indented
"""

TOLD = (
    "printed '  σ′(x) = σ(x)(1 − σ(x))', the document shows '  σ′(x) = σ(x)(1 + σ(x))'",
    "cannot be read: No such file or directory', the document shows None",
    "exit code 2",
    "AssertionError",
    "the block is not examples/square.py",
    "a block of the language '' is not run",
    "a block of the language '' is not run",
)


def test_a_planted_wrong_block_is_told(tmp_path: Path) -> None:
    folder = copy_of_the_project(tmp_path)
    found = [complaints(block, folder) for block in blocks_of("planted.md", PLANTED)]
    assert len(found) == len(TOLD)
    for told, expected in zip(found, TOLD, strict=True):
        assert len(told) == 1 and expected in told[0], told


def test_a_block_leaves_nothing_in_the_project(tmp_path: Path) -> None:
    before = sorted(ROOT.iterdir())
    folder = copy_of_the_project(tmp_path)
    assert run_shell("symback derive examples/square.py -o page.tex", folder)[0] == 0
    assert (folder / "page.tex").exists() and sorted(ROOT.iterdir()) == before


# --- what is named in running text exists ---------------------------------------------------------------------------


def commands() -> dict[str, click.Command]:
    assert isinstance(main, click.Group)
    return main.commands


def options_of(command: click.Command) -> set[str]:
    named = {o for p in command.params if isinstance(p, click.Option) for o in (*p.opts, *p.secondary_opts)}
    return named | {"--help", "-h"}


def found(path: str) -> bool:
    """Say whether a dotted path of the package can be imported, or leads to what a module has."""
    try:
        resolve_name(path)
    except (ImportError, AttributeError):
        return False
    return True


def unknown_names(code: str) -> list[str]:
    """Return what a piece of inline code names and the project does not have."""
    known = commands()
    everywhere = set().union(*(options_of(command) for command in known.values())) | {"--version"}
    try:
        words = shlex.split(code)
    except ValueError:
        words = code.split()
    if words and words[0] == "symback" and len(words) > 1 and not words[1].startswith("-"):
        if words[1] not in known:
            return [f"symback {words[1]}"]
        everywhere = options_of(known[words[1]])
    wrong = []
    if words and (words[0] == "symback" or words[0].startswith("-")):
        named = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
        wrong += [word for word in named if word not in everywhere]
    wrong += [f"sb.{n}" for n in re.findall(r"\bsb\.([A-Za-z_]+)", code) if not hasattr(symback, n)]
    wrong += [f"d.{n}" for n in re.findall(r"(?<![\w.])d\.([a-z_]+)", code) if not hasattr(Derivation, n)]
    wrong += [path for path in re.findall(r"(?<![\w/.])symback(?:\.[a-z_]+)+", code) if not found(path)]
    if re.fullmatch(r"(examples|docs|tests|symback|\.ci)/[\w./-]+", code) and not (ROOT / code).exists():
        wrong.append(code)
    return wrong


@pytest.mark.parametrize("document", TEXTS)
def test_names_in_running_text_exist(document: str) -> None:
    assert [name for code in inline_code_of(TEXTS[document]) for name in unknown_names(code)] == []


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("symback derives FILE", ["symback derives"]),
        ("symback table losses --answers both", ["--answers"]),
        ("--no-colapse", ["--no-colapse"]),
        ("sb.trian(d)", ["sb.trian"]),
        ("d.hesian()", ["d.hesian"]),
        ("symback.functions.registre(Function(...))", ["symback.functions.registre"]),
        ("symback.layers", []),
        ("examples/two_layers.py", ["examples/two_layers.py"]),
        ("symback handout FILE -o sheet.pdf --variants 30", []),
    ],
)
def test_a_planted_wrong_name_is_seen(code: str, wrong: list[str]) -> None:
    assert unknown_names(code) == wrong


@pytest.mark.parametrize("document", TEXTS)
def test_links_and_pictures_lead_somewhere(document: str) -> None:
    folder = (ROOT / document).parent
    for target in targets_of(TEXTS[document]):
        if re.match(r"https?:", target):
            continue
        file, _, anchor = target.partition("#")
        path = folder / file if file else ROOT / document
        assert path.exists(), target
        if anchor:
            assert anchor in headings_of(path.read_text(encoding="utf-8")), target


def test_every_document_is_reached_from_the_readme() -> None:
    reached = {(ROOT / target.partition("#")[0]).resolve() for target in targets_of(README)}
    assert [d for d in TEXTS if d != "README.md" and (ROOT / d).resolve() not in reached] == []


def test_the_floors_that_are_told_are_the_folders() -> None:
    told = re.findall(r"^\| `symback/([\w.]+)` \|", TEXTS["docs/architecture.md"], re.MULTILINE)
    folders = {path.parent.name for path in (ROOT / "symback").glob("*/__init__.py")}
    assert set(told) == folders | {"api.py"} and len(told) == len(set(told))


# --- the front page -------------------------------------------------------------------------------------------------


def test_the_front_page_is_short_and_has_a_picture_and_an_example() -> None:
    assert len(README.splitlines()) <= 150
    assert len(TEXTS["CONTRIBUTING.md"].splitlines()) <= 60
    assert any(target.endswith(".png") for target in targets_of(README))
    assert {block.language for block in BLOCKS if block.document == "README.md"} >= {"sh", "console", "python"}


@pytest.mark.parametrize("holds", ["symback run", "-m pytest"])
def test_each_set_up_command_is_one_line_that_the_checks_find(holds: str) -> None:
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv .venv ") and holds in line]
    assert len(lines) == 1
    assert f"command_with '{holds}'" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_each_addition_has_its_row_and_its_test() -> None:
    """The table says where a thing is added; the tests named in it add one of each."""
    rows = re.findall(r"^\| an? .*", TEXTS["CONTRIBUTING.md"], re.MULTILINE)
    named = [re.findall(r"`(tests/additions/test_\w+\.py)`", row) for row in rows]
    edited = [re.findall(r"`(symback/[\w./]+)`", row) for row in rows]
    written = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "additions").glob("test_*.py")}
    assert len(rows) >= 9 and all(len(tests) == 1 for tests in named)
    assert {tests[0] for tests in named} == written
    assert [path for paths in edited for path in paths if not (ROOT / path).exists()] == []


def test_extras_that_are_named_exist() -> None:
    for document, text in TEXTS.items():
        for names in re.findall(r"(?:symback|\.)\[([\w,-]+)\]", text):
            for name in names.split(","):
                assert name in EXTRAS, f"{document}: {name}"
