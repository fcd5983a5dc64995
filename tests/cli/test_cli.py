"""The command line: what it prints, where to, and with which exit code."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import symback as sb
from symback import cli
from tests.support import needs
from tests.support.places import ROOT, SEEDS

TWO_LAYER = str(SEEDS / "two_layer_sigmoid.py")
NEURON = str(SEEDS / "neuron_bce.py")
RELU = str(SEEDS / "relu_mse.py")
MATRIX = str(SEEDS / "matrix_relu.py")
GUESS = str(SEEDS / "guess.py")
STALE = str(SEEDS / "stale.py")

SOFTMAX = """
import numpy as np
X = np.array([[2.0, -1.0]])
y = np.random.rand(1, 3)
W = np.random.randn(2, 3)
z = X @ W
e = np.exp(z - np.max(z, axis=1, keepdims=True))
s = e / np.sum(e, axis=1, keepdims=True)
loss = -np.sum(y * np.log(s))
"""


def symback(*arguments: str, text: str | bytes | None = None, code: int = 0) -> Result:
    result = CliRunner().invoke(cli.main, list(arguments), input=text)
    assert result.exit_code == code, (result.exit_code, result.output, result.exception)
    return result


def process(
    *arguments: str, text: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    surroundings |= {"PYTHONIOENCODING": "utf-8", **(environment or {})}
    return subprocess.run(
        [sys.executable, "-m", "symback", *arguments],
        input=text,
        capture_output=True,
        cwd=ROOT,
        env=surroundings,
        timeout=120,
        check=False,
    )


def processes(
    *commands: list[str], environment: dict[str, str]
) -> tuple[list[int], subprocess.CompletedProcess[bytes]]:
    """Run several commands one after the other in one new process; return their exit codes and all their output."""
    probe = (
        "import sys\nfrom symback.cli import main\ncodes = []\n"
        f"for command in {commands!r}:\n"
        "    try:\n        main(command)\n    except SystemExit as done:\n        codes.append(done.code)\n"
        "sys.stdout.flush()\nsys.stderr.write(f'\\n{codes}')\n"
    )
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | environment
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, cwd=ROOT, env=surroundings, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stderr.rsplit(b"\n", 1)[1].decode()), done


def arrays(text: str) -> dict[str, list[np.ndarray]]:
    """Read ``name = value`` blocks of ``symback run`` back as arrays, in order of appearance."""
    found: dict[str, list[np.ndarray]] = {}
    for match in re.finditer(r"^  (\S+) +?= +(\[.*?(?=\n  \S|\n\n|\Z)|\S+)", text, re.MULTILINE | re.DOTALL):
        numbers = re.sub(r"(?<=[\d\]])\s+(?=[-\[\d])", ", ", match.group(2).strip())
        found.setdefault(match.group(1), []).append(np.array(ast.literal_eval(numbers), dtype=float))
    return found


# --- derive -----------------------------------------------------------------------------------------------------------


def test_derive_prints_text_under_headings() -> None:
    lines = symback("derive", TWO_LAYER).stdout.splitlines()
    assert lines[0].startswith("loss: loss (by its name); parameters: W1, b1, W2, b2 (")
    headings = [line for line in lines[1:] if line and not line.startswith(" ")]
    assert headings == ["Forward pass", "Loss", "Functions and their derivatives", "Backward pass", "Update"]
    assert "  δ₁ = δ₂ W₂ᵀ ⊙ σ′(z₁),   ∂L/∂W₁ = xᵀ δ₁,   ∂L/∂b₁ = 1ᵀ δ₁" in lines


def test_derive_to_latex_is_one_formula() -> None:
    text = symback("derive", TWO_LAYER, "--to", "latex").stdout
    first, body = text.split("\n", 1)
    assert first.startswith("% loss: ")
    assert body.startswith("\\begin{aligned}\n") and body.endswith("\\end{aligned}\n")
    assert body.count("{") == body.count("}") and "$" not in body


def test_derive_to_tex_is_a_document() -> None:
    text = symback("derive", TWO_LAYER, "--to", "tex", "--title", "Two layers & more").stdout
    assert text.startswith("% loss: ") and "\\documentclass" in "".join(text.splitlines()[1:3])
    assert text.endswith("\\end{document}\n") and "Two layers \\& more" in text
    assert text.count("\\[\n") == text.count("\n\\]") >= 8


def test_derive_to_markdown() -> None:
    text = symback("derive", TWO_LAYER, "--to", "md").stdout
    assert text.startswith("loss: ") and "\n## Backward pass\n" in text
    assert text.count("$$") % 2 == 0 and text.count("$$") >= 16


def test_derive_to_py_is_the_code() -> None:
    assert symback("derive", TWO_LAYER, "--to", "py").stdout == symback("code", TWO_LAYER).stdout


@pytest.mark.parametrize("ending", ["txt", "tex", "md", "py"])
def test_output_file_picks_the_format(ending: str, tmp_path: Path) -> None:
    out = tmp_path / f"page.{ending}"
    result = symback("derive", TWO_LAYER, "-o", str(out))
    assert result.stdout == ""
    kind = {"txt": "text"}.get(ending, ending)
    expected = symback("derive", TWO_LAYER, "--to", kind).stdout
    assert out.read_bytes() == expected.encode("utf-8")
    assert symback("derive", TWO_LAYER, "--to", kind, "-o", "-").stdout == expected
    assert [p.name for p in tmp_path.iterdir()] == [out.name]


def test_to_overrides_the_ending(tmp_path: Path) -> None:
    out = tmp_path / "page.txt"
    symback("derive", TWO_LAYER, "-o", str(out), "--to", "latex")
    assert out.read_text(encoding="utf-8").splitlines()[1] == "\\begin{aligned}"


def test_only_one_variable() -> None:
    lines = symback("derive", TWO_LAYER, "--only", "W1").stdout.splitlines()
    assert lines[1:] == ["  ∂L/∂W₁ = xᵀ δ₁"]
    text = symback("derive", TWO_LAYER, "--only", "W1", "--to", "latex").stdout
    assert text.splitlines()[1:] == [r"\frac{\partial L}{\partial W_1} = x^\top \delta_1"]
    text = symback("derive", TWO_LAYER, "--only", "W1", "--to", "md").stdout
    assert text.endswith("$$\n\\frac{\\partial L}{\\partial W_1} = x^\\top \\delta_1\n$$\n")
    assert "∂L/∂a₁ = δ₂ W₂ᵀ" in symback("derive", TWO_LAYER, "--only", "a1").stdout


def test_views() -> None:
    chain = symback("derive", NEURON, "--view", "chain").stdout
    assert chain == symback("derive", NEURON).stdout and "Chain rule from the loss" in chain
    matrix = symback("derive", NEURON, "--view", "matrix").stdout
    assert "Chain rule from the loss" not in matrix and "δ = ∂L/∂z" in matrix


@pytest.mark.parametrize("to", ["text", "latex", "tex", "md"])
def test_styles(to: str) -> None:
    full, staged, both = (
        symback("derive", RELU, "--to", to, "--style", style).stdout for style in ("full", "staged", "both")
    )
    assert full != staged
    product = {
        "text": "∂L/∂w₁ = ∂L/∂z₂ · ∂z₂/∂h",
        "md": "L}{\\partial z_2} \\cdot \\frac{\\partial z_2}{\\partial h} \\cdot",
    }
    assert product.get(to, product["md"]) in full
    short = {"text": "∂L/∂w₁ = ∂L/∂z₁ · ∂z₁/∂w₁", "md": "L}{\\partial z_1} \\cdot \\frac{\\partial z_1}{\\partial w_1}"}
    assert short.get(to, short["md"]) in staged and short.get(to, short["md"]) not in full
    if to in ("text", "md", "tex"):
        assert short.get(to, short["md"]) in both and product.get(to, product["md"]) in both


def test_names_as_the_reader_wants_them() -> None:
    text = symback("derive", TWO_LAYER, "--name", "W1=W^{[1]}", "--only", "W1", "--to", "latex").stdout
    assert text.splitlines()[1] == r"\frac{\partial L}{\partial W^{[1]}} = x^\top \delta_1"
    assert symback("derive", TWO_LAYER, "--notation", "plain").stdout == symback("derive", TWO_LAYER).stdout


def test_no_collapse_shows_and_runs_the_literal_formulas() -> None:
    collapsed, literal = symback("derive", NEURON).stdout, symback("derive", NEURON, "--no-collapse").stdout
    assert "∂L/∂z = ∂L/∂ŷ · ∂ŷ/∂z = ŷ − y" in collapsed
    assert "= ŷ − y" not in literal and "σ′(z) · x" in literal
    assert "dz = y_hat - y" in symback("code", NEURON).stdout
    assert "dz = y_hat - y" not in symback("code", NEURON, "--no-collapse").stdout
    saturated = ["--set", "w=20", "--digits", "6"]
    assert "∂loss/∂b = 1\n" in symback("run", NEURON, *saturated).stdout
    assert "∂loss/∂b = nan\n" in symback("run", NEURON, *saturated, "--no-collapse", code=1).stdout


# --- run --------------------------------------------------------------------------------------------------------------


def test_run_prints_forward_loss_gradients_check_update_and_losses() -> None:
    text = symback("run", MATRIX).stdout
    order = [
        "Forward pass\n",
        "\nLoss\n",
        "\nGradients\n",
        "central differences",
        "\nAfter 1 step with",
        "after each step\n",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    found = arrays(text)
    np.testing.assert_allclose(found["z1"][0], [[0.8, 1.4]])
    np.testing.assert_allclose(found["∂loss/∂w1"][0], [[-0.3, 0.15], [-0.48, 0.24], [-0.12, 0.06]])
    np.testing.assert_allclose(found["w1"][0], [[1.03, -1.015], [0.048, 1.976], [1.012, 0.494]])
    assert "gradients agree with central differences" in text


def test_run_says_where_the_rate_comes_from() -> None:
    assert "learning rate: 0.1 (from the code)" in symback("run", MATRIX).stdout.splitlines()[0]
    assert "learning rate: 0.1 (the code has none)" in symback("run", NEURON).stdout.splitlines()[0]
    assert "the code has none" not in symback("run", NEURON, "--lr", "0.5").stdout


def test_steps_rate_and_digits() -> None:
    text = symback("run", NEURON, "--steps", "3", "--lr", "0.5", "--digits", "4").stdout
    assert "After 3 steps with learning rate 0.5\n" in text and "y_hat = 0.9997\n" in text
    w, b, expected = 2.0, 1.0, []
    for _ in range(3):
        slope = 1 / (1 + np.exp(-(3.5 * w + b)))
        w, b = w - 0.5 * slope * 3.5, b - 0.5 * slope
    found = arrays(text)
    expected = [w, b]
    np.testing.assert_allclose([found["w"][0], found["b"][0]], expected, rtol=1e-3)
    losses = re.findall(r"^  (\d+)  (\S+)$", text, re.MULTILINE)
    assert [int(k) for k, _ in losses] == [0, 1, 2, 3]
    assert float(losses[-1][1]) == pytest.approx(np.log1p(np.exp(3.5 * w + b)), rel=1e-3)


def test_zero_steps() -> None:
    text = symback("run", GUESS, "--set", "guess=1", "--steps", "0").stdout
    assert "guess = 1\n" in text and text.endswith("  0  840.5\n")


def test_long_runs_show_a_selection_of_losses() -> None:
    text = symback("run", GUESS, "--set", "guess=1", "--steps", "20000", "--lr", "0.001").stdout
    losses = re.findall(r"^ +(\d+)  (\S+)$", text, re.MULTILINE)
    assert len(losses) <= 22 and losses[0][0] == "0" and losses[-1][0] == "20000"
    for step, loss in losses:
        assert float(loss) == pytest.approx(0.5 * (41 * 0.999 ** int(step)) ** 2, rel=1e-6)


def test_long_runs_show_progress_on_a_terminal() -> None:
    pty = needs.package("pty")

    leader, follower = pty.openpty()
    started = subprocess.Popen(
        [sys.executable, "-m", "symback", "run", GUESS, "--set", "guess=1", "--steps", "3000"],
        stdout=subprocess.PIPE,
        stderr=follower,
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
    )
    os.close(follower)
    with started:
        assert started.stdout is not None
        assert b"After 3000 steps" in started.stdout.read()
        shown = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(leader)
    assert started.returncode == 0 and b"gradient descent" in shown and b"100%" in shown


def test_a_run_that_diverges_says_so() -> None:
    result = symback("run", GUESS, "--set", "guess=1", "--lr", "5", "--steps", "3000", code=1)
    assert "stopped: the loss is inf" in result.stderr and "Traceback" not in result.output


def test_a_gradient_that_fails_the_check_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    from symback import api

    honest = api.check_gradients
    monkeypatch.setattr(
        api,
        "check_gradients",
        lambda d: honest(d, gradients={k: v * 1.001 for k, v in d.evaluate().gradients.items()}),
    )
    assert "W1" in symback("run", TWO_LAYER, code=1).stdout


# --- code -------------------------------------------------------------------------------------------------------------


def function_of(source: str) -> Callable[..., Any]:
    namespace: dict[str, Any] = {}
    exec(compile(source, "printed", "exec"), namespace)
    return namespace["gradients"]  # type: ignore[no-any-return]


def test_printed_code_gives_the_gradients() -> None:
    x, y = np.array([[0.5, 0.8]]), np.array([[1.0]])
    W1, b1 = np.array([[0.1, 0.3], [0.2, 0.4]]), np.array([0.1, 0.2])
    W2, b2 = np.array([[0.5], [0.6]]), np.array([0.3])
    loss, dW1, db1, dW2, db2 = function_of(symback("code", TWO_LAYER).stdout)(x, y, W1, b1, W2, b2)

    def plain() -> float:
        a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
        return float((0.5 * (y - 1 / (1 + np.exp(-(a1 @ W2 + b2)))) ** 2).item())

    assert loss == pytest.approx(plain(), rel=1e-14)
    for array, gradient in ((W1, dW1), (b1, db1), (W2, dW2), (b2, db2)):
        assert gradient.shape == array.shape
        for entry in np.ndindex(array.shape):
            kept = array[entry]
            array[entry] = kept + 1e-5
            up = plain()
            array[entry] = kept - 1e-5
            down = plain()
            array[entry] = kept
            assert gradient[entry] == pytest.approx((up - down) / 2e-5, rel=1e-7, abs=1e-11)


def test_code_names_formulas_and_says_the_choices_first(tmp_path: Path) -> None:
    text = symback("code", TWO_LAYER).stdout
    assert text.startswith("# loss: loss (by its name); parameters: ") and "# ∂L/∂W₂ = a₁ᵀ δ₂" in text
    symback("code", TWO_LAYER, "-o", str(tmp_path / "gradients.py"))
    assert (tmp_path / "gradients.py").read_text(encoding="utf-8") == text


def test_code_is_python_only(tmp_path: Path) -> None:
    assert "does not hold source code; known: py" in symback("code", TWO_LAYER, "--to", "tex", code=2).stderr
    assert (
        "does not hold source code; use --to or one of .py"
        in symback("code", TWO_LAYER, "-o", str(tmp_path / "a.tex"), code=2).stderr
    )
    assert not list(tmp_path.iterdir())


# --- what may be said about the input -----------------------------------------------------------------------------------


def test_loss_by_name_and_by_expression() -> None:
    assert "loss: a2 (given)" in symback("derive", TWO_LAYER, "--loss", "a2").stdout.splitlines()[0]
    text = symback("run", TWO_LAYER, "--loss", "np.sum(W1**2) + loss").stdout
    found = arrays(text)["∂L/∂W1"][0]
    plain = arrays(symback("run", TWO_LAYER).stdout)["∂loss/∂W1"][0]
    np.testing.assert_allclose(found - plain, 2 * np.array([[0.1, 0.3], [0.2, 0.4]]), rtol=1e-8)


def test_with_respect_to_names() -> None:
    text = symback("derive", TWO_LAYER, "--wrt", "W2, x").stdout
    assert "parameters: W2, x (given)" in text.splitlines()[0]
    assert "∂L/∂x = δ₁ W₁ᵀ" in text and "∂L/∂W₁" not in text


def test_set_values(tmp_path: Path) -> None:
    def loss_of(result: Result) -> float:
        return float(arrays(result.stdout)["loss"][0])

    assert loss_of(symback("run", NEURON, "--set", "w=0", "--set", "b=0")) == pytest.approx(np.log(2), rel=1e-9)
    (tmp_path / "v.json").write_text(json.dumps({"w": 0, "b": 0.0}))
    assert loss_of(symback("run", NEURON, "--values", str(tmp_path / "v.json"))) == pytest.approx(np.log(2), rel=1e-9)
    np.savez(tmp_path / "v.npz", w=0.0, b=np.float32(0))
    assert loss_of(symback("run", NEURON, "--values", str(tmp_path / "v.npz"))) == pytest.approx(np.log(2), rel=1e-9)
    # --set is stronger than --values
    both = symback("run", NEURON, "--values", str(tmp_path / "v.npz"), "--set", "b=1")
    assert loss_of(both) == pytest.approx(np.log1p(np.e), rel=1e-9)
    text = symback("run", TWO_LAYER, "--set", "W1=[[0, 0], [0, 0]]", "--set", "b1=[0, 0]").stdout
    np.testing.assert_allclose(arrays(text)["a1"][0], [[0.5, 0.5]])


def test_shape_of_an_open_name() -> None:
    text = "W = np.array([[1.0], [2.0]])\nz = x @ W\nloss = np.mean(z**2)\n"
    assert "x is not defined" in symback("derive", "-", text=text, code=2).stderr
    page = symback("derive", "-", "--shape", "x=n,2", text=text).stdout
    assert "∂L/∂W = xᵀ δ" in page
    gradients = function_of(symback("code", "-", "--shape", "x=(n, 2)", text=text).stdout)
    x, W = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]]), np.array([[1.0], [2.0]])
    loss, dW = gradients(x, W)
    assert loss == pytest.approx(np.mean((x @ W) ** 2))
    np.testing.assert_allclose(dW, x.T @ (2 * (x @ W) / 3))


def test_batch_makes_the_leading_one_symbolic() -> None:
    source = symback("code", TWO_LAYER, "--batch", "n", "--loss", "np.mean(loss)").stdout
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 2)), rng.normal(size=(5, 1))
    W1, b1, W2, b2 = rng.normal(size=(2, 2)), rng.normal(size=2), rng.normal(size=(2, 1)), rng.normal(size=1)
    loss, dW1, db1, dW2, db2 = function_of(source)(x, y, W1, b1, W2, b2)
    a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    assert loss == pytest.approx(np.mean(0.5 * (y - a2) ** 2))
    assert (dW1.shape, db1.shape, dW2.shape, db2.shape) == ((2, 2), (2,), (2, 1), (1,))
    d2 = (a2 - y) * a2 * (1 - a2) / 5
    np.testing.assert_allclose(db2, d2.sum(axis=0))
    np.testing.assert_allclose(db1, (d2 @ W2.T * a1 * (1 - a1)).sum(axis=0))


def test_seed_fills_random_arrays() -> None:
    one, again, other = (symback("run", "-", "--seed", seed, text=SOFTMAX).stdout for seed in ("1", "1", "2"))
    assert one == again and one != other
    error = symback("run", "-", text=SOFTMAX, code=2).stderr
    assert "values are missing for y (1, 3), W (2, 3)" in error and "--seed" in error and "--set" in error


def test_an_assumption_is_granted_and_stated() -> None:
    honest = symback("derive", "-", text=SOFTMAX).stdout
    granted = symback("derive", "-", "--assume", "one-hot:y", text=SOFTMAX).stdout
    assert "s − y" in granted and "each row of y sums to 1 (assumed)" in granted
    assert "= s − y" not in honest and "sums to 1" not in honest


def test_standard_input_is_the_file() -> None:
    text = Path(TWO_LAYER).read_bytes()
    assert symback("derive", "-", text=text).stdout == symback("derive", TWO_LAYER).stdout
    assert symback("derive", "-", text=b"\xef\xbb\xbf" + text).stdout == symback("derive", TWO_LAYER).stdout
    assert symback("derive", "-", text=text.replace(b"\n", b"\r\n")).stdout == symback("derive", TWO_LAYER).stdout


def test_findings_go_to_standard_error() -> None:
    for action in ("derive", "run", "code"):
        result = symback(action, STALE)
        assert result.stderr.startswith("note: line 38: ") and result.stderr.count("\n") == 1
        assert "note:" not in result.stdout


# --- the surroundings ---------------------------------------------------------------------------------------------------


def test_help_loads_neither_sympy_nor_numpy() -> None:
    probe = (
        "import sys\nfrom symback.cli import main\n"
        "try:\n    main({!r})\nexcept SystemExit as done:\n    assert done.code == 0\n"
        "heavy = {{'sympy', 'numpy'}} & set(sys.modules)\nassert not heavy, heavy\n"
    )
    for arguments in (["--help"], ["derive", "--help"], ["run", "-h"], ["--version"]):
        done = subprocess.run(
            [sys.executable, "-c", probe.format(arguments)], capture_output=True, cwd=ROOT, check=False
        )
        assert done.returncode == 0, done.stderr
    assert b"derive" in process("--help").stdout


def test_help_loads_little_of_the_package() -> None:
    probe = (
        "import sys\nfrom symback.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(*sorted(m for m in sys.modules if m.startswith('symback.') and not m.startswith('symback.cli')))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, cwd=ROOT, text=True, check=True)
    loaded = done.stdout.splitlines()[-1].split()
    registries = {"documents", "documents.format", "documents.formats", "page", "page.words", "run", "run.targets"}
    registries |= {"page.messages"}
    beyond = {name.removeprefix("symback.") for name in loaded if not name.startswith("symback.core")}
    assert "symback.core.errors" in loaded and beyond <= registries and len(loaded) <= 14, loaded


def test_help_names_every_command_and_option() -> None:
    text = symback("--help").stdout
    assert all(name in text for name in ("derive", "run", "code", "FILE"))
    text = symback("derive", "--help").stdout
    for option in (
        "--loss",
        "--wrt",
        "--set",
        "--values",
        "--shape",
        "--batch",
        "--seed",
        "--assume",
        "--only",
        "--to",
        "-o",
    ):
        assert option in text


@pytest.mark.parametrize("encoding", ["cp949", "ascii", "cp1252", "cp949:strict"])
def test_consoles_of_any_encoding(encoding: str) -> None:
    codes, done = processes(
        ["derive", NEURON],
        ["run", TWO_LAYER],
        ["code", TWO_LAYER],
        ["derive", "없음.py"],
        environment={"PYTHONIOENCODING": encoding},
    )
    assert codes == [0, 0, 0, 2]
    assert b"Traceback" not in done.stderr and b"symback: " in done.stderr


def test_what_an_encoding_lacks_is_spelled() -> None:
    text = process("derive", NEURON, environment={"PYTHONIOENCODING": "cp949"}).stdout.decode("cp949")
    assert "∂L/∂z = ∂L/∂y_hat · ∂y_hat/∂z = y_hat - y" in text.splitlines()[-7]
    text = process("derive", TWO_LAYER, environment={"PYTHONIOENCODING": "cp1252"}).stdout.decode("cp1252")
    assert "delta_1 = delta_2 W_2^T * sigma'(z_1),   dL/dW_1 = x^T delta_1" in text
    assert "W_1 <- W_1 - eta dL/dW_1" in text and "?" not in text


def test_a_reader_that_stops_early_is_no_error() -> None:
    for arguments in (["derive", TWO_LAYER], ["run", TWO_LAYER]):
        started = subprocess.Popen(
            [sys.executable, "-m", "symback", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        with started:
            assert started.stdout is not None and started.stderr is not None
            started.stdout.close()
            assert started.stderr.read() == b""
        assert started.returncode == 0


def test_a_full_disk_is_one_message() -> None:
    with needs.full_device().open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "symback", "derive", TWO_LAYER],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 2 and b"Traceback" not in done.stderr and b"cannot be written" in done.stderr
    done = process("derive", TWO_LAYER, "-o", "/dev/full", "--to", "tex")
    assert done.returncode == 2 and b"cannot be written" in done.stderr and Path("/dev/full").is_char_device()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "page.tex"
    out.write_text("kept")
    bad = tmp_path / "bad.py"
    bad.write_text("loss = = 1")
    symback("derive", str(bad), "-o", str(out), code=2)
    assert out.read_text() == "kept"

    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        assert "No space left" in symback("derive", TWO_LAYER, "-o", str(out), code=2).stderr
    assert out.read_text() == "kept" and sorted(p.name for p in tmp_path.iterdir()) == ["bad.py", "page.tex"]
    symback("derive", TWO_LAYER, "-o", str(out))
    assert out.read_text(encoding="utf-8").startswith("% loss")


def test_unwritable_places(tmp_path: Path) -> None:
    missing = symback("derive", TWO_LAYER, "-o", str(tmp_path / "no" / "page.tex"), code=2).stderr
    assert "cannot be written (No such file or directory)" in missing and missing.count("\n") == 1
    directory = tmp_path / "page.tex"
    directory.mkdir()
    assert "cannot be written" in symback("derive", TWO_LAYER, "-o", str(directory), code=2).stderr
    assert [p.name for p in tmp_path.iterdir()] == ["page.tex"] and not list(directory.iterdir())


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    needs.posix()
    real, link = tmp_path / "real.tex", tmp_path / "link.tex"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    symback("derive", TWO_LAYER, "-o", str(link))
    assert link.is_symlink() and real.read_text(encoding="utf-8").startswith("% loss")
    assert real.stat().st_mode & 0o777 == 0o640


def test_unknown_endings_are_refused() -> None:
    for out in ("page.docx", "page"):
        error = symback("derive", TWO_LAYER, "-o", out, code=2).stderr
        assert "--to" in error and ".tex" in error and not Path(out).exists()


def test_one_formula_is_no_document() -> None:
    assert "--to latex" in symback("derive", TWO_LAYER, "--only", "W1", "--to", "tex", code=2).stderr


def test_the_same_bytes_for_every_hash_seed() -> None:
    commands = [
        [action, str(SEEDS / f"{name}.py")]
        for action in ("derive", "run", "code")
        for name in ("two_layer_sigmoid", "double_softmax", "softmax_ce", "relu_mse")
    ]
    outputs = set()
    for seed in ("0", "1", "4242"):
        codes, done = processes(*commands, environment={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"})
        assert codes == [0] * len(commands)
        outputs.add((done.stdout, done.stderr))
    assert len(outputs) == 1


def test_the_installed_module_and_the_api_agree() -> None:
    done = process("derive", TWO_LAYER)
    assert done.returncode == 0 and done.stderr == b""
    d = sb.derive(sb.read(TWO_LAYER))
    head, body = done.stdout.decode("utf-8").split("\n", 1)
    assert head == "; ".join(d.choices) and body == str(d)


ROWS = """import numpy as np
X = np.array([[1., 0.], [0., 1.], [1., 1.]])
Y = np.array([[1., 0., 0.], [0., 0., 1.], [0., 1., 0.]])
W = np.array([[1., 0., -1.], [0., 1., 1.]])
S = np.exp(X @ W) / np.exp(X @ W).sum(axis=1, keepdims=True)
L = -np.sum(Y * np.log(S)) / COUNT
"""


@pytest.mark.parametrize("count", ["X.shape[0]", "len(X)", "Y.shape[0]"])
def test_the_number_of_rows_of_data_is_a_letter_where_it_is_asked_for(count: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.py"
    path.write_text(ROWS.replace("COUNT", count), encoding="utf-8")
    plain, lettered = (symback("derive", str(path), "--numbers", *more).stdout for more in ((), ("--batch", "n")))
    assert "⅓" in plain and "1/n" not in plain
    assert "(1/n)(S − Y)" in lettered and "The numbers are those of n = 3." in lettered
    results = [[line for line in page.splitlines() if line.startswith(("  ≈", "  = ["))] for page in (plain, lettered)]
    assert results[0] == results[1] and len(results[0]) > 4


def test_a_mean_of_rows_is_one_over_their_letter_and_what_has_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.py"
    path.write_text(ROWS.replace("np.sum", "np.mean").replace(" / COUNT", ""), encoding="utf-8")
    assert "1/(3 n)" in symback("derive", str(path), "--batch", "n").stdout
    path.write_text(ROWS.replace("COUNT", "X.shape[0]").replace("X @ W", "W.T @ X.T"), encoding="utf-8")
    assert "shapes (n, 3) and (3, n) do not fit" in symback("derive", str(path), "--batch", "n", code=2).output
