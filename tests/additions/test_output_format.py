"""An output format is one file: written into a copy of the package, it is found in every command, listing and message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import needs
from tests.support.additions import ROOT, copied, run_in, said_by

ORG = r'''"""Org mode: headings with stars, formulas in the line or between brackets."""

from __future__ import annotations

from symback.core.display import to_latex
from symback.documents.document import Document, Formula, Heading, Paragraph, Table
from symback.documents.format import Format
from symback.documents.formats.latex import aligned
from symback.page.records import Sentence


def render(document: Document, todo: bool = False) -> str:
    """Return a document as Org text."""
    lines = [f"#+TITLE: {_words(document.title)}"] if document.title else []
    for block in document.blocks:
        if isinstance(block, Heading):
            lines.append(f"{'*' * block.level} {'TODO ' if todo else ''}{_words(block.text)}")
        elif isinstance(block, Paragraph):
            lines.append(_words(block.text))
        elif isinstance(block, Formula):
            lines.append("\\[" + aligned(block.rows) + "\\]")
        elif isinstance(block, Table):
            lines += ["| " + " | ".join(map(_words, cells)) + " |" for cells in (block.header, *block.rows)]
    return "\n".join(lines) + "\n"


def _words(sentence: Sentence) -> str:
    return "".join(p if isinstance(p, str) else f"\\({to_latex(p)}\\)" for p in sentence)


FORMAT = Format("org", "Org mode", {"document": render}, ("org",), comment="# ")
'''
EPS = '''"""Encapsulated PostScript, for plots."""

from symback.documents.format import Format
from symback.documents.plots import Plot


def plot(drawn: Plot) -> bytes:
    """Return a plot as EPS."""
    return drawn.saved("eps", {"Creator": None})


FORMAT = Format("eps", "PostScript", {"plot": plot}, ("eps",))
'''
EVERYWHERE = """
import json
from pathlib import Path
from click.testing import CliRunner
import symback as sb
from symback.cli import main

def run(*words):
    done = CliRunner().invoke(main, words)
    return [done.exit_code, done.stdout, done.stderr]

found = {"help": {c: run(c, "--help")[1] for c in ("derive", "handout", "table", "check", "run", "code")}}
found["doctor"] = run("doctor")[1]
for words in (
    ["derive", "net.py", "--to", "org"], ["derive", "net.py", "-o", "d.org"], ["handout", "net.py", "-o", "h.org"],
    ["handout", "net.py", "-o", "w.org", "--answers", "both"], ["table", "losses", "mse", "-o", "t.org"],
    ["derive", "--function", "tanh", "-o", "f.org"], ["check", "homework.py", "-o", "c.org"],
    ["check", "homework.py", "net.py", "--to", "org"], ["handout", "net.py", "-o", "-", "--to", "org"],
    ["derive", "net.py", "-o", "d.orgg"], ["handout", "net.py", "-o", "d.orgg"], ["table", "losses", "-o", "d.orgg"],
    ["check", "homework.py", "-o", "d.orgg"], ["derive", "net.py", "--to", "or"], ["code", "net.py", "-o", "d.org"],
):
    found[" ".join(words)] = run(*words)
d = sb.derive(sb.read("net.py"))
report = sb.check_text(Path("homework.py").read_text(encoding="utf-8"))
d.page(title="Mine").save("p.org")
d.worksheet().save("s.org", todo=True)
report.save("r.org")
sb.derive_function("tanh").save("g.org")
found["texts"] = [d.handout().text("org"), report.text("org"), sb.table("losses", ["mse"]).text("org")]
try:
    d.handout().text("orf")
except sb.SymbackError as error:
    found["error"] = str(error)
found["files"] = {p.name: p.read_text(encoding="utf-8") for p in sorted(Path(".").glob("*.org"))}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copied(tmp_path_factory.mktemp("format"))
    (made / "documents" / "formats" / "org.py").write_text(ORG, encoding="utf-8")
    (made / "documents" / "formats" / "eps.py").write_text(EPS, encoding="utf-8")
    examples = {"net.py": "two_layer_sigmoid.py", "homework.py": "homework.py"}
    files = {name: (ROOT / "examples" / example).read_text(encoding="utf-8") for name, example in examples.items()}
    run_in(made, ["-c", ""], files)
    return made


@pytest.fixture(scope="module")
def found(package: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(said_by(package, EVERYWHERE))
    return said


def test_it_is_listed_by_every_command_that_can_write_it(found: dict[str, Any]) -> None:
    for command in ("derive", "handout", "table", "check"):
        assert "|org|" in found["help"][command]
    assert "org" not in found["help"]["code"]
    assert ", org, " in found["doctor"]


def test_the_ending_of_a_file_and_the_name_choose_it(found: dict[str, Any]) -> None:
    files = found["files"]
    assert set(files) == {
        "c.org",
        "d.org",
        "f.org",
        "g.org",
        "h.org",
        "p.org",
        "r.org",
        "s.org",
        "s-key.org",
        "t.org",
    } | {
        "w.org",
        "w-key.org",
    }
    assert files["d.org"] == found["derive net.py --to org"][1] and files["d.org"].startswith("# loss: ")
    assert "* Backward pass\n" in files["d.org"] and "\\[" in files["d.org"]
    assert files["h.org"] == found["handout net.py -o - --to org"][1] == found["texts"][0]
    assert files["p.org"].startswith("#+TITLE: Mine\n* Forward pass\n")
    assert files["f.org"] == files["g.org"] and "tanh" in files["g.org"]
    assert files["c.org"].startswith("#+TITLE: homework.py\n") and "dz1" in files["c.org"] and "dz1" in files["r.org"]
    assert files["t.org"] == found["texts"][2] and "MSE" in files["t.org"]
    assert "* TODO " in files["s.org"] and "* TODO " in files["s-key.org"]  # an option of the new format
    assert found["check homework.py -o c.org"][0] == 1 and "dz1" in found["check homework.py net.py --to org"][1]


def test_messages_name_it(found: dict[str, Any]) -> None:
    for words in ("derive net.py", "handout net.py", "table losses", "check homework.py"):
        code, _, said = found[f"{words} -o d.orgg"]
        assert code == 2 and "did you mean '.org'?" in said and ".md, .org, .pdf" in said
    assert "did you mean 'org'?" in found["derive net.py --to or"][2]
    assert "did you mean 'org'?" in found["error"] and "md, org, pdf" in found["error"]
    assert "org (Org mode) does not hold source code" in found["code net.py -o d.org"][2]


def test_a_format_of_plots_is_offered_where_plots_are(found: dict[str, Any], package: Path) -> None:
    needs.package("matplotlib")
    for command in ("derive", "table", "run"):
        assert "FILE[.eps|.pdf|.png|.svg]" in found["help"][command]
    for words in (["run", "net.py", "--steps", "2"], ["derive", "--function", "relu"], ["table", "losses", "l1"]):
        code, _, said = run_in(package, ["-m", "symback", *words, "--plot", f"{words[0]}.eps"])
        assert code == 0, said
        assert (package.parent / f"{words[0]}.eps").read_bytes().startswith(b"%!PS-Adobe")
    code, _, said = run_in(package, ["-m", "symback", "run", "net.py", "--plot", "x.gif"])
    assert code == 2 and "use one of .eps, .pdf, .png, .svg" in said


def test_listing_loads_no_format(package: Path) -> None:
    script = (
        "import sys\nfrom symback.documents.formats import names\nassert 'org' in names('document')\n"
        "assert not {'sympy', 'numpy'} & sys.modules.keys()\n"
        "print([m for m in sys.modules if m.startswith('symback.documents.formats.')])"
    )
    assert said_by(package, script) == "[]\n"


def test_a_declaration_that_is_not_written_out_is_named(package: Path) -> None:
    wrong = package / "documents" / "formats" / "wrong.py"
    wrong.write_text(
        '"""Wrong."""\n\nNAME = "wr" + "ong"\nFORMAT = Format("wr" + "ong", "", {}, ())\n', encoding="utf-8"
    )
    try:
        code, _, said = run_in(package, ["-m", "symback", "derive", "net.py", "--to", "txt"])
        assert code == 2 and "wrong.py: FORMAT is written out at the end of the file" in said
        wrong.write_text('"""Wrong."""\n\nFORMAT = Format("org", "Again", {"source": str}, ())\n', encoding="utf-8")
        code, _, said = run_in(package, ["-m", "symback", "derive", "net.py", "--to", "txt"])
        assert code == 2 and "wrong.py: the format org is spelled like org" in said
    finally:
        wrong.unlink()


def test_compiled_files_are_found_as_well(package: Path, tmp_path: Path) -> None:
    made = copied(tmp_path)
    folder = made / "documents" / "formats"
    script = (
        "import compileall, pathlib, sys\n"
        f"assert compileall.compile_dir({str(folder)!r}, legacy=True, quiet=1)\n"
        f"for path in pathlib.Path({str(folder)!r}).glob('*.py'): path.unlink()\n"
        "from symback.documents.formats import formats\n"
        "print(*formats())"
    )
    sources = said_by(package, "from symback.documents.formats import formats\nprint(*formats())")
    assert said_by(made, script).split() == [name for name in sources.split() if name not in ("org", "eps")]
