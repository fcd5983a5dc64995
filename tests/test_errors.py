"""Bad input: one clear message that names the line or the name and the shapes, exit code 2, nothing written, nothing run."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symback as sb
from symback import cli
from symback.cli.executing import OWN_FILE
from tests.support.places import SEEDS
from tests.support.seed_cells import NAMES, OPTIONS, cell
from tests.support.work import QUICK, within

NEURON = str(SEEDS / "neuron_bce.py")
TWO_LAYER = str(SEEDS / "two_layer_sigmoid.py")

DATA = "x = np.array([[1.0, 2.0]])\ny = np.array([[1.0]])\nW = np.array([[0.1], [0.2]])\n"
END = "loss = np.mean((z - y)**2)\n"


def refused(*arguments: str, text: str | bytes | None = None) -> str:
    """Run a command that must be refused; return its one message."""
    result = within(4 * QUICK, lambda: CliRunner().invoke(cli.main, list(arguments), input=text))
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    assert result.stdout == "" and "Traceback" not in result.stderr
    # beside an error of a text stands the other way in, once
    said = [line for line in result.stderr.splitlines() if line != f"note: {OWN_FILE}"]
    assert len(said) == 1 and said[0].startswith("symback: ") and result.stderr.count(OWN_FILE) <= 1
    return said[0].removeprefix("symback: ")


# --- source text --------------------------------------------------------------------------------------------------------

BAD_TEXTS: dict[str, tuple[str, list[str]]] = {
    "matrix product": (DATA + "z = x @ W.T\n" + END, ["line 4", "x @ W.T", "(1, 2) and (1, 2)", "transpose"]),
    "broadcast": (
        DATA + "b = np.array([1.0, 2.0, 3.0])\nz = x + b\n" + END,
        ["line 5", "x + b", "(1, 2) and (3,)"],
    ),
    "unknown name": (DATA + "z = x @ WW\n" + END, ["line 4", "WW is not defined", "did you mean 'W'"]),
    "unknown function": (DATA + "z = sigmoidd(x @ W)\n" + END, ["line 4", "sigmoidd", "did you mean 'sigmoid'"]),
    "unknown numpy function": (DATA + "z = np.tahn(x @ W)\n" + END, ["line 4", "np.tahn", "did you mean 'np.ta"]),
    "unknown torch function": (DATA + "z = F.reluu(x @ W)\n" + END, ["line 4", "F.reluu", "did you mean 'F.relu'"]),
    "while": (
        DATA + "z = x @ W\nwhile z.sum() > 0:\n    z = z * 2\n" + END,
        ["line 5", "this condition depends on values"],
    ),
    "match": (DATA + "match x:\n    case 1:\n        z = 3\n" + END, ["line 4", "match is read for plain values"]),
    "data-dependent if": (DATA + "z = x @ W\nif z[0, 0] > 0:\n    z = z * 2\n" + END, ["line 5", "condition"]),
    "vector loss": (DATA + "loss = x * W.T - y\n", ["line 4", "loss has shape (1, 2)", "one element", "np.mean(loss)"]),
    "no loss": (DATA, ["no forward pass"]),
    "several losses": (
        DATA + "p = np.sum(x @ W)\nq = np.mean((x @ W)**2)\n",
        ["no loss found", "p ()", "q ()", "loss="],
    ),
    "no parameters": ("a = 3.0\nc = 2.0\nloss = a*c\n", ["parameters", "wrt=", "a and c"]),
    "huge loop": (DATA + "z = x @ W\nfor i in range(100000):\n    z = z * 1.01\n" + END, ["line 5", "100000", "256"]),
    "empty": ("", ["empty"]),
    "blank": (" \n\t\n", ["empty"]),
    "comment only": ("# nothing\n", ["no forward pass"]),
    "syntax": ("x = = 3\n", ["line 1", "not Python"]),
    "tabs": ("if True:\n\tw = 1.0\n        x = 2\nloss = w\n", ["line 3", "not Python"]),
    "null bytes": ("w = 1.0\0\nloss = w\n", ["null bytes"]),
    "index out of range": ("w = np.array([1.0, 2.0])\nloss = w[5]**2\n", ["line 2", "index 5", "length 2"]),
    "axis out of range": ("w = np.array([1.0, 2.0])\nloss = np.sum(w**2, axis=3)\n", ["line 2", "axis 3"]),
    "ragged": ("w = np.array([[1.0, 2.0], [3.0]])\nloss = np.sum(w)\n", ["line 1", "equal length"]),
    "text as data": ("w = np.array(['a', 'b'])\nloss = np.sum(w)\n", ["line 1"]),
    "complex": ("w = 1j\nloss = w*w\n", ["line 1", "1j", "real"]),
    "nan": ("w = float('nan')\nloss = w**2\n", ["line 1"]),
    "endless recursion": ("def f(x):\n    return f(x)\nw = 1.0\nloss = f(w)\n", ["f calls itself"]),
    "file of values": ("w = np.load('w.npy')\nloss = w**2\n", ["line 1", "np.load"]),
    "name of the machine": ("w = 1.0\n__import__ = 2.0\nloss = w * __import__\n", ["line 2", "__import__"]),
    "large power": ("w = 2.0\nloss = w * 2**10**9\n", ["line 2", "2**1000000000", "too large"]),
    "large number": ("w = 2.0\nk = 10**400\nloss = w * k\n", ["line 2"]),
    "long literal": ("w = 2.0\nloss = w * " + "9" * 5000 + "\n", ["line 2"]),
    "large array": ("w = np.zeros((10**9, 10**9))\nloss = np.sum(w**2)\n", ["line 1", "(1000000000, 1000000000)"]),
    "large range": ("w = np.arange(10**12)\nloss = np.sum(w**2)\n", ["line 1", "1000000000000"]),
    "negative size": ("w = np.zeros((-1, 3))\nloss = np.sum(w**2)\n", ["line 1", "-1"]),
    "many brackets": ("w = 1.0\nloss = " + "(" * 3000 + "w" + ")" * 3000 + "\n", ["nested"]),
    "many signs": ("w = 1.0\nloss = " + "-" * 5000 + "w\n", ["nested too deeply"]),
    "long sum": ("w = 1.0\nloss = " + "+".join(["w"] * 3000) + "\n", ["nested"]),
    "many calls": ("w = 1.0\nloss = " + "np.sin(" * 150 + "w" + ")" * 150 + "\n", ["line 2", "nested too deeply"]),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_a_bad_text_is_one_clear_message(name: str, tmp_path: Path) -> None:
    text, parts = BAD_TEXTS[name]
    file = tmp_path / "cell.py"
    file.write_bytes(text.encode("utf-8"))
    message = refused("derive", str(file), "-o", str(tmp_path / "page.tex"))
    for part in parts:
        assert part in message
    assert len(message) < 500
    assert refused("run", str(file)) == refused("code", "-", text=text) == message
    assert [p.name for p in tmp_path.iterdir()] == ["cell.py"]
    with pytest.raises(sb.SymbackError) as caught:
        sb.derive(sb.parse(text))
    if name not in ("long sum", "many signs"):  # the command looks deeper before it gives up
        assert str(caught.value) == message


def test_nested_loops_are_counted_together() -> None:
    loops = "for i in range(200):\n    for j in range(200):\n        z = z * 1.01\n"
    message = refused("derive", "-", text=DATA + "z = x @ W\n" + loops + END)
    assert "line 5" in message and "together" in message


@pytest.mark.parametrize("statement", ["z = z * 1.01", "z = z + W", "z = np.tanh(z)"])
def test_the_longest_loop_is_still_derived(statement: str) -> None:
    text = f"W = np.array([[0.1], [0.2]])\nz = W\nfor i in range(256):\n    {statement}\nloss = np.mean(z**2)\n"
    for action in ("derive", "run", "code"):
        result = CliRunner().invoke(cli.main, [action, "-"], input=text)
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("w = 1.0\nloss = w / 0\n", "line 2"),
        ("w = 2.0\nloss = w ** (10**400)\n", "line 2"),
        ("w = np.array([np.nan, 1.0])\nloss = np.sum(w**2)\n", "line 1"),
        ("w = 1.0\nwith open('f') as q:\n    z = w * q\nloss = z**2\n", "open on line 2 is not executed"),
    ],
)
def test_the_line_is_named(text: str, line: str) -> None:
    assert line in refused("derive", "-", text=text)


def test_a_loss_without_slope_has_gradient_zero() -> None:
    result = CliRunner().invoke(cli.main, ["derive", "-"], input="w = 1.0\nloss = w > 0\n")
    assert result.exit_code == 0 and "  dL/dw = 0\n" in result.stdout
    result = CliRunner().invoke(cli.main, ["run", "-"], input="w = 1.0\nloss = w > 0\n")
    assert result.exit_code == 0 and "∂loss/∂w = 0\n" in result.stdout


@pytest.mark.parametrize(
    "data", [b"\x00\xff\xfe\x80" * 200, b"\x89PNG\r\n\x1a\n\x00\x00", b"x = '\xbf\xc0'\n", b"\xff\xfew\x00"]
)
def test_binary_and_other_encodings(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "junk.py"
    file.write_bytes(data)
    message = refused("derive", str(file), "-o", str(tmp_path / "page.tex"))
    assert "UTF-8" in message or "null bytes" in message or "not Python" in message
    assert "standard input" in refused("derive", "-", text=data) or "UTF-8" not in message
    assert [p.name for p in tmp_path.iterdir()] == ["junk.py"]


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.py"
    with open(file, "wb") as stream:
        stream.truncate(10**9)
    assert "too long" in refused("derive", str(file))


def test_missing_files_and_directories(tmp_path: Path) -> None:
    missing = refused("derive", str(tmp_path / "no.py"))
    assert "no.py cannot be read" in missing and "No such file" in missing
    assert "cannot be read" in refused("run", str(tmp_path))
    assert "cannot be read" in refused("run", "a\0b") or sys.platform == "win32"


# --- damaged text ---------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"\w+|[^\w\s]+|\s+")


def damaged(text: str, chance: random.Random, pool: list[str]) -> str:
    """Delete, repeat or change a few lines and tokens of a cell."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 3)):
        k = chance.randrange(len(lines))
        kind = chance.random()
        if kind < 0.2 and len(lines) > 2:
            del lines[k]
        elif kind < 0.3:
            lines.insert(k, chance.choice(lines))
        elif tokens := TOKEN.findall(lines[k]):
            tokens[chance.randrange(len(tokens))] = chance.choice(pool) if kind < 0.8 else ""
            lines[k] = "".join(tokens)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_cells_are_derived_or_refused_but_never_crash(seed: int) -> None:
    chance = random.Random(seed)
    pool = [t for name in NAMES for t in TOKEN.findall(re.sub("#.*", "", cell(name))) if t.strip()]
    derived = 0
    for _ in range(40):
        name = chance.choice(NAMES)
        text = damaged(cell(name), chance, pool)
        try:
            d = sb.derive(sb.parse(text, **OPTIONS.get(name, {})))
            assert d.text() and d.latex() and d.tex() and d.code()
            d.evaluate()
            derived += 1
        except sb.SymbackError as error:
            assert 0 < len(str(error)) < 600 and not re.search(r"\w#\d", str(error)), text
    assert 0 < derived < 40


# --- hostile text: never executed -----------------------------------------------------------------------------------------

HOSTILE = [
    "import os\nx = os.system('touch {0}')\nw = 1.0\nloss = w * x\n",
    "w = __import__('os').system('touch {0}')\nloss = w**2\n",
    "w = 1.0\nx = open('{0}', 'w').write('a')\nloss = w * x\n",
    "w = 1.0\nx = eval(\"open('{0}', 'w')\")\nloss = w * x\n",
    "exec(\"open('{0}', 'w')\")\nw = 1.0\nx = exec(\"open('{0}', 'w')\")\nloss = w * x\n",
    "w = 1.0\nx = (lambda: open('{0}', 'w'))()\nloss = w * x\n",
    "class A:\n    open('{0}', 'w')\nw = 1.0\nloss = w * A.b\n",
    "w = 1.0\n@open('{0}', 'w')\ndef f(x, y=open('{0}', 'w')):\n    return x\nloss = f(w) * y\n",
    "w = 1.0\nloss = w * np.lib.npyio.open('{0}', 'w')\n",
    "w = 1.0\nloss = w * np.array(open('{0}', 'w'))\n",
    "w = 1.0\nloss = w.__class__.__mro__[1].__subclasses__()\n",
    "w = 1.0\nloss = w * f\"{{open('{0}', 'w')}}\"\n",
    "w = 1.0\nloss = w * [open('{0}', 'w') for i in range(1)][0]\n",
    "w = 1.0\nz = w\nfor i in range(2):\n    z = z * open('{0}', 'w')\nloss = z\n",
    "import pickle\nw = pickle.loads(b\"cos\\nsystem\\n(S'touch {0}'\\ntR.\")\nloss = w**2\n",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_text_is_never_executed(number: int, tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    text = HOSTILE[number].format(sentinel)
    for action in ("derive", "run", "code"):
        refused(action, "-", text=text)
    assert not sentinel.exists()


def test_the_hostile_texts_are_hostile(tmp_path: Path) -> None:
    """Python itself, running them, writes the sentinels that the test above looks for."""
    for number in range(7):
        sentinel = tmp_path / f"sentinel{number}"
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", HOSTILE[number].format(sentinel)], capture_output=True, check=False
        )
        assert sentinel.exists() or sys.platform == "win32", number


def test_hostile_text_outside_the_slice_is_ignored(tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    text = (
        f"import os\nos.system('touch {sentinel}')\nopen('{sentinel}', 'w')\nw = 1.0\nloss = w**2\nprint(exec('1'))\n"
    )
    result = CliRunner().invoke(cli.main, ["run", "-"], input=text)
    assert result.exit_code == 0 and not sentinel.exists()


@pytest.mark.parametrize("option", ["--loss", "--wrt", "--set", "--shape", "--batch", "--assume"])
@pytest.mark.parametrize("value", ["open('{0}', 'w')", "w=open('{0}', 'w')", "one-hot:open('{0}', 'w')"])
def test_hostile_options_are_never_executed(option: str, value: str, tmp_path: Path) -> None:
    sentinel = tmp_path / "sentinel"
    refused("run", NEURON, option, value.format(sentinel))
    assert not sentinel.exists()


def test_hostile_names_do_not_reach_the_code() -> None:
    for label in ("a b", "import", "f()", "x; import os", "__import__", "1x", ""):
        net = sb.Network()
        with pytest.raises(sb.NetworkError, match="cannot be a name"):
            net.input(label)
    with pytest.raises(sb.SymbackError):
        sb.Network().input("x", ("n; import os", 2))


# --- values ---------------------------------------------------------------------------------------------------------------

BAD_OPTIONS: list[tuple[list[str], list[str]]] = [
    (["--set", "w"], ["--set w", "NAME=LITERAL"]),
    (["--set", "w="], ["NAME=LITERAL"]),
    (["--set", "=3"], ["NAME=LITERAL"]),
    (["--set", "w=abc"], ["--set w", "'abc' is not a number"]),
    (["--set", "w=1 +"], ["--set w", "not a number"]),
    (["--set", "w=[[1], [1, 2]]"], ["--set w", "length"]),
    (["--set", "w='text'"], ["--set w", "not a number"]),
    (["--set", "w={1: 2}"], ["--set w", "not a number"]),
    (["--set", "w=None"], ["--set w", "not a number"]),
    (["--set", "w=1j"], ["--set w", "not a number"]),
    (["--set", "w=1e999"], ["--set w", "not finite"]),
    (["--set", "w=" + "9" * 5000], ["--set w", "not a number"]),
    (["--set", "w=" + "[" * 300 + "]" * 300], ["--set w", "not a number"]),
    (["--set", "ww=1"], ["no ww", "did you mean 'w'"]),
    (["--set", "z=1"], ["z is computed by the code on line 29"]),
    (["--set", "w=[1, 2]"], ["line 31", "loss has shape (2,)"]),
    (["--shape", "x"], ["NAME=n,2"]),
    (["--shape", "x="], ["NAME=n,2"]),
    (["--shape", "x=a-b"], ["--shape x=a-b", "'a-b'"]),
    (["--shape", "x=-1"], ["'-1'"]),
    (["--shape", "x=1.5"], ["'1.5'"]),
    (["--shape", "x=lambda"], ["'lambda'"]),
    (["--shape", "x=" + "9" * 30], ["neither a size"]),
    (["--shape", "q=2"], ["there is no q"]),
    (["--shape", "z=2"], ["z is computed by the code"]),
    (["--batch", "n m"], ["--batch n m", "neither a size"]),
    (["--batch", "n"], ["leading 1"]),
    (["--assume", "y"], ["one-hot:NAME"]),
    (["--assume", "true:y"], ["'true' is not an assumption", "one-hot"]),
    (["--assume", "one-hot:yy"], ["no yy"]),
    (["--loss", "lss"], ["no lss", "did you mean 'loss'"]),
    (["--loss", "y_hat +"], ["'y_hat +'", "expression"]),
    (["--loss", "foo(y)"], ["in the loss 'foo(y)'", "foo is not known"]),
    (["--loss", "x"], ["x is data"]),
    (["--loss", "3.0"], ["loss"]),
    (["--wrt", "q"], ["there is no q"]),
    (["--wrt", "z"], ["z is computed by the code"]),
    (["--values", "no.json"], ["--values no.json", "No such file"]),
    (["--values", NEURON], ["not readable"]),
    (["--values", str(SEEDS)], ["--values", "directory"]),
]


@pytest.mark.parametrize(
    ("arguments", "parts"), BAD_OPTIONS, ids=lambda v: " ".join(v)[:40] if isinstance(v, list) else None
)
def test_bad_options(arguments: list[str], parts: list[str]) -> None:
    message = refused("run", NEURON, *arguments)
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--only", "qq"], ["qq"]),
        (["--notation", "nielson"], ["nielson", "plain"]),
        (["--name", "w"], ["NAME=LATEX"]),
        (["--name", "ww=a"], ["no ww", "did you mean 'w'"]),
        (["--name", "w=}{"], ["w"]),
        (["--name", "w=x^"], ["w"]),
    ],
)
def test_bad_page_options(arguments: list[str], parts: list[str]) -> None:
    message = refused("derive", NEURON, *arguments)
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["derive"],
        ["frobnicate", NEURON],
        ["derive", NEURON, "--frobnicate"],
        ["derive", NEURON, "--to", "docx"],
        ["derive", NEURON, "--view", "side"],
        ["run", NEURON, "--steps", "-1"],
        ["run", NEURON, "--lr", "fast"],
        ["run", NEURON, "--lr", "nan"],
        ["run", NEURON, "--lr", "inf"],
        ["run", NEURON, "--digits", "0"],
        ["run", NEURON, "--seed", "x"],
        ["derive", NEURON, NEURON],
    ],
)
def test_a_wrong_command_line_is_exit_code_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 2 and "Usage: " in result.output and "Traceback" not in result.output


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("{", "not readable"),
        ("[1, 2]", "object"),
        ("3", "object"),
        ('{"w": NaN}', "not finite"),
        ('{"w": 1e999}', "not finite"),
        ('{"w": "text"}', "not a number"),
        ('{"w": {"a": 1}}', "not a number"),
        ('{"w": [[1], [1, 2]]}', "length"),
        ('{"w": null}', "not a number"),
        ('{"nope": 1}', "no nope"),
        ("[" * 100000, "not readable"),
    ],
)
def test_damaged_json_values(content: str, part: str, tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    file.write_text(content)
    message = refused("run", NEURON, "--values", str(file))
    assert part in message
    if "nope" not in content:
        assert str(file) in message


def test_damaged_archives(tmp_path: Path) -> None:
    file = tmp_path / "values.npz"
    file.write_text("junk")
    message = refused("run", NEURON, "--values", str(file))
    assert str(file) in message and "archive" in message and "pickle" not in message
    np.savez(file, w=3.0)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert "archive" in refused("run", NEURON, "--values", str(file))
    for k in range(0, len(whole), 7):
        file.write_bytes(whole[:k] + bytes([whole[k] ^ 0xFF]) + whole[k + 1 :])
        result = CliRunner().invoke(cli.main, ["run", NEURON, "--values", str(file)])
        assert result.exit_code in (0, 1, 2) and not isinstance(result.exception, (OSError, ValueError, KeyError)), k
    np.savez(file, w=np.array([print], dtype=object))
    assert str(file) in refused("run", NEURON, "--values", str(file))  # pickled objects are not loaded
    np.savez(file, w=np.array(["text"]))
    assert "w: the value is not a number" in refused("run", NEURON, "--values", str(file))


def test_missing_values_are_listed_before_anything_is_printed() -> None:
    text = "x = np.random.randn(2, 3)\nW = np.random.randn(3, 1)\nloss = np.sum((x @ W)**2)\n"
    message = refused("run", "-", text=text)
    assert "x (2, 3), W (3, 1)" in message and "--set" in message and "--seed" in message
    assert CliRunner().invoke(cli.main, ["derive", "-"], input=text).exit_code == 0


def test_class_indices_outside_the_classes() -> None:
    text = "W = np.array([[1.0, 2.0]])\nt = torch.tensor([7])\nloss = F.cross_entropy(W, t)\n"
    assert "t holds 7, but the classes are 0 to 1" in refused("run", "-", text=text)


def test_misshapen_values() -> None:
    message = refused("run", TWO_LAYER, "--set", "W1=[[1, 2, 3]]")
    assert "line 36" in message and "(1, 2) and (1, 3)" in message


def test_values_that_leave_the_domain_are_said_and_not_blamed_on_the_rate() -> None:
    for text in ("w = -1.0\nloss = np.log(w)\n", "w = 1.0\nx = 0.0\nloss = w / x\n"):
        result = CliRunner().invoke(cli.main, ["run", "-"], input=text)
        assert result.exit_code == 1 and "Warning" not in result.output
        assert "stopped: the loss is" in result.stderr and "learning rate may help" not in result.stderr


# --- the API says the same --------------------------------------------------------------------------------------------------


def test_every_error_raised_on_purpose_is_a_symback_error() -> None:
    for name in ("ShapeError", "ReadError", "NetworkError", "DerivationError", "PrintError", "ValueProblem"):
        assert issubclass(getattr(sb, name), sb.SymbackError)


def test_a_read_error_knows_its_line() -> None:
    with pytest.raises(sb.ReadError) as caught:
        sb.parse(BAD_TEXTS["unknown name"][0])
    assert caught.value.line == 4


def test_all_wrong_values_are_one_error() -> None:
    d = sb.derive(sb.read(TWO_LAYER))
    with pytest.raises(sb.ValueProblem) as caught:
        d.lambdify()(x=np.zeros((1, 3)), W1=np.zeros((3, 2)), w2=1.0, b1="text")
    message = str(caught.value)
    for part in ("x has shape (1, 3), expected (1, 2)", "W1 has shape (3, 2), expected (2, 2)", "w2", "b1"):
        assert part in message


def test_nothing_is_guessed_about_an_unknown_name() -> None:
    d = sb.derive(sb.read(TWO_LAYER))
    for call in (d.step, d.gradient, d.latex):
        with pytest.raises(sb.SymbackError, match="W3"):
            call("W3")
    with pytest.raises(sb.NetworkError):
        sb.derive("not a network")  # type: ignore[arg-type]
